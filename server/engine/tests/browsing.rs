//! Lists as people look through them, on both databases: found by what they know, page by page in both directions, never another's.

use domain::ids::{EndpointId, InvoiceId, RefundId};
use domain::policy::FeeBearer;
use domain::refund::{Reason, StateName};
use engine::Error;
use engine::browsing::{InvoicesWanted, Narrowing, Place, RefundsWanted};
use engine::invoices::NewInvoice;
use engine::overview::{EXPIRES_SOON, Pile, Proof, Workings};
use engine::refunding::NewRefund;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

/// Searches the caller's refunds; returns the orders of what is found.
async fn found(world: &World, text: &str) -> Vec<String> {
    let narrowing = Narrowing { search: Some(text.to_owned()), ..Narrowing::default() };
    let wanted = RefundsWanted { narrowing, ..RefundsWanted::default() };
    let page = world.engine.browse_refunds(&world.caller, &wanted, Place::Newest, 10).await.expect("a page");
    page.rows.into_iter().map(|refund| refund.order).collect()
}

/// Returns what a pile comes to.
fn sums(pile: &Pile) -> Vec<(&str, &str)> {
    pile.sums.iter().map(|(asset, sum)| (asset.as_str(), sum.as_str())).collect()
}

stories! {
    /// By order, reference, e-mail, amount, address, transaction and id; by a part of none of them.
    async fn a_refund_is_found_by_what_is_known_of_it(world: World) {
        let invoice = world.invoice_for("HA-1", "mara@example.com").await;
        world.pay(&invoice, "150").await;
        let other = world.invoice("HA-2").await;
        world.pay(&other, "160").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let paid = world.refund(&invoice).await;
        let txid = paid.txid.clone().expect("a transaction");
        let invoice_id = invoice.id.to_string();
        for text in ["HA-1", "REFUND-HA-1", "mara@example.com", "Mara@Example.com", "48.897896", PAYERS_ADDRESS, &txid, &paid.id.to_string(), &invoice_id, " HA-1 "] {
            assert_eq!(found(&world, text).await, ["HA-1"], "{text}");
        }
        for text in ["HA-", "mara", "48.89", "nobody@example.com", "0", "' OR 1 = 1 --", "%"] {
            assert_eq!(found(&world, text).await, Vec::<String>::new(), "{text}");
        }
        let everything = found(&world, "").await;
        assert_eq!(everything.len(), 2, "an empty search is none");

        let narrowed = |state: Option<StateName>, reason| RefundsWanted { states: Vec::from_iter(state), reason, ..RefundsWanted::default() };
        let count = async |wanted: RefundsWanted| {
            world.engine.browse_refunds(&world.caller, &wanted, Place::Newest, 10).await.expect("a page").rows.len()
        };
        assert_eq!(count(narrowed(Some(StateName::Paid), None)).await, 1);
        assert_eq!(count(narrowed(Some(StateName::Paid), Some(Reason::Overpaid))).await, 1);
        assert_eq!(count(narrowed(None, Some(Reason::Late))).await, 0);
        let several = |states: &[StateName]| RefundsWanted { states: states.to_vec(), ..RefundsWanted::default() };
        let both = several(&[StateName::Paid, StateName::AwaitingClaim, StateName::Paid]);
        let turn = async |place| world.engine.browse_refunds(&world.caller, &both, place, 1).await.expect("a page");
        let newest = turn(Place::Newest).await;
        let older = turn(Place::OlderThan(newest.rows[0].id)).await;
        assert_eq!([newest.rows[0].order.as_str(), older.rows[0].order.as_str()], ["HA-2", "HA-1"], "sorted together");
        assert!(newest.has_older && older.has_newer && !older.has_older, "one page after the other");
        assert_eq!(count(several(&[StateName::Expired, StateName::OnHold])).await, 0);
        let made = paid.created_at;
        let period = |from, to| RefundsWanted { narrowing: Narrowing { from, to, ..Narrowing::default() }, ..RefundsWanted::default() };
        assert_eq!(count(period(Some(made), None)).await, 2);
        assert_eq!(count(period(None, Some(made))).await, 0);
        let queues = world.engine.refund_queues(&world.caller, None).await.expect("queues");
        assert!(queues.contains(&(StateName::Paid, 1)) && queues.contains(&(StateName::AwaitingClaim, 1)), "{queues:?}");
        let overview = world.engine.overview(&world.caller, None, 30).await.expect("an overview");
        let held: Vec<(&str, &str, u64)> = overview.held.iter().map(|held| (held.asset.as_str(), held.amount.as_str(), held.open)).collect();
        assert_eq!(held, [("USDT-TRON", "58.897896", 1)]);
        assert_eq!(overview.created.values().sum::<u64>(), 2);
        assert_eq!((overview.paid_out, overview.returned_by_day.len()), (1, 0));
        assert!(overview.claimed_within_secs.is_some_and(|secs| secs < 60), "claimed at once: {overview:?}");

        let operator = world.operator().await;
        let holdings = world.engine.holdings(&operator).await.expect("what is held");
        let [(mid, holding)] = Vec::from_iter(holdings).try_into().expect("one MID");
        let held: Vec<(&str, &str)> = holding.held.iter().map(|(asset, amount)| (asset.as_str(), amount.as_str())).collect();
        assert_eq!((mid, holding.open, held), (world.mid, 1, vec![("USDT-TRON", "58.897896")]));
        let refused = world.engine.holdings(&world.person(domain::merchant::Role::Owner).await).await;
        assert!(matches!(refused, Err(engine::Error::Forbidden)), "a merchant's people hear nothing of others: {refused:?}");
    }

    /// By order, even one that looks like an id of ours, amount, transaction, e-mail and address, however explorers and people write them.
    async fn an_invoice_is_found_by_what_is_known_of_it(world: World) {
        let order = Uuid::now_v7().to_string();
        let invoice = world.invoice_for(&order, "Mara@example.com").await;
        world.pay(&invoice, "150").await;
        world.invoice("HA-2").await;
        let rate = Some("0.00034".to_owned());
        let new = NewInvoice { rate, ..world.new_invoice("HA-3", "ETH-ETHEREUM") };
        let based = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
        let found_invoices = async |text: &str| {
            let narrowing = Narrowing { search: Some(text.to_owned()), ..Narrowing::default() };
            let wanted = InvoicesWanted { narrowing, ..InvoicesWanted::default() };
            let page = world.engine.browse_invoices(&world.caller, &wanted, Place::Newest, 10).await.expect("a page");
            page.rows.into_iter().map(|invoice| invoice.reference).collect::<Vec<_>>()
        };
        let txid = world.look(&invoice).await.deposits[0].txid.clone();
        for text in [order.as_str(), "mara@example.com", "MARA@example.com", &txid, &invoice.address, &invoice.id.to_string()] {
            assert_eq!(found_invoices(text).await, [order.as_str()], "{text}");
        }
        assert_eq!(found(&world, &order).await, [order.as_str()]);
        assert_ne!(based.address, based.address.to_ascii_lowercase());
        for text in [based.address.as_str(), &based.address.to_ascii_lowercase(), &based.amount_charged] {
            assert_eq!(found_invoices(text).await, ["HA-3"], "{text}");
        }
        for text in ["HA-", "mara", "7", "0", "%"] {
            assert_eq!(found_invoices(text).await, Vec::<String>::new(), "{text}");
        }
    }

    /// What an overview counts is of its period and of its MID; what nobody claimed is summed as it was given back (P14).
    async fn an_overview_sums_what_became_of_refunds(world: World) {
        let nothing = world.engine.overview(&world.caller, None, 30).await.expect("an overview");
        assert_eq!((nothing.paid_out, nothing.claimed_within_secs, nothing.returned_by_day.len()), (0, None, 0));
        assert_eq!((nothing.claimed, nothing.workings), (vec![0; 7], Workings::default()));
        for (reference, amount) in [("HA-1", "150"), ("HA-2", "110"), ("HA-3", "150")] {
            let invoice = world.invoice(reference).await;
            world.pay(&invoice, amount).await;
            if reference == "HA-3" {
                world.wait("PT2H").await;
                world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
                let release_at = world.refund(&invoice).await.release_at;
                let waiting = world.engine.overview(&world.caller, None, 30).await.expect("an overview");
                let seen = (waiting.next_release, waiting.scheduled, waiting.expiring, waiting.workings.proof);
                assert_eq!(seen, (release_at, 1, Pile::default(), None), "nothing was compared yet");
                assert!(release_at.is_some());
                world.wait("PT72H").await;
                world.settle().await;
            }
        }
        let owner = world.person(domain::merchant::Role::Owner).await;
        let paid = world.engine.overview(&owner, Some(world.mid), 7).await.expect("an overview");
        assert_eq!((paid.paid_out, paid.returned_by_day.len()), (1, 0));
        assert_eq!(paid.claimed, [0, 1, 0, 0, 0, 0, 0], "after two hours: not within one, but within six");
        assert!(paid.claimed_within_secs.is_some_and(|secs| (7200..7260).contains(&secs)), "{paid:?}");
        let operator = world.operator().await;
        world.engine.reconcile_now(&operator).await.expect("compared");
        world.wait("P82D").await;
        let soon = world.engine.overview(&owner, None, 7).await.expect("an overview");
        assert_eq!((soon.expiring.count, sums(&soon.expiring), soon.next_release), (2, vec![("USDT-TRON", "57.795792")], None));
        assert!(soon.expiring.first.is_some_and(|at| at > world.engine.now()));
        assert_eq!((soon.workings.proof, soon.workings.away), (Some(Proof::Held), vec![]));
        let before = world.engine.now().saturating_add(EXPIRES_SOON).expect("an instant");
        let wanted = RefundsWanted { expires_before: Some(before), ..RefundsWanted::default() };
        let listed = world.engine.browse_refunds(&owner, &wanted, Place::Newest, 10).await.expect("a page").rows;
        assert_eq!(listed.iter().map(|refund| refund.order.as_str()).collect::<Vec<_>>(), ["HA-2", "HA-1"]);
        world.wait("P9D").await;
        world.settle().await;
        let lapsed = world.engine.overview(&owner, None, 7).await.expect("an overview");
        let returned: Vec<(&str, &str)> = lapsed.returned.iter().map(|(asset, sum)| (asset.as_str(), sum.as_str())).collect();
        assert_eq!((lapsed.paid_out, lapsed.claimed_within_secs), (0, None));
        assert_eq!(lapsed.returned_by_day.iter().map(|day| day.count).sum::<u64>(), 2);
        assert_eq!(returned, [("USDT-TRON", "57.795792")]);
        let stranger = world.stranger().await;
        for only in [None, Some(world.mid)] {
            let theirs = world.engine.overview(&stranger, only, 90).await.expect("an overview");
            assert_eq!((theirs.paid_out, theirs.claimed_within_secs, theirs.returned_by_day.len()), (0, None, 0));
            assert_eq!((theirs.approvals, theirs.expiring, theirs.held, theirs.workings), Default::default());
        }
        world.policy(|policy| policy.approval_above = Some("USD:10".parse().expect("limits"))).await;
        let invoice = world.invoice("HA-4").await;
        world.pay(&invoice, "101.102104").await;
        let id = RefundId(world.engine.new_id());
        world.engine.create_refund(&world.caller, InvoiceId(invoice.id), NewRefund::default(), id).await.expect("a refund");
        assert_eq!(world.engine.waiting_approvals(&owner).await.expect("a number"), 1);
        assert_eq!(world.engine.waiting_approvals(&stranger).await.expect("a number"), 0);
        let waiting = world.engine.overview(&owner, None, 7).await.expect("an overview").approvals;
        assert_eq!((waiting.count, sums(&waiting).len()), (1, 1));
    }

    /// An overview says whether webhooks are taken and rails answer, to those whose they are.
    async fn an_overview_says_whether_the_work_behind_it_is_done(world: World) {
        let owner = world.person(domain::merchant::Role::Owner).await;
        let stranger = world.stranger().await;
        let operator = world.operator().await;
        let workings = async |caller| world.engine.overview(caller, None, 7).await.expect("an overview").workings;
        let before = workings(&owner).await;
        let id = EndpointId(world.engine.new_id());
        world.engine.add_endpoint(&world.caller, "https://shop.example/hooks", None, id).await.expect("an endpoint");
        for caller in [&owner, &operator, &world.caller] {
            assert_eq!(workings(caller).await.endpoints, before.endpoints.saturating_add(1));
        }
        assert_eq!(workings(&stranger).await.endpoints, 0);
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "150").await;
        assert_eq!(workings(&owner).await.proof, None, "nothing was compared yet");
        world.engine.reconcile_now(&operator).await.expect("compared");
        let fine = workings(&owner).await;
        assert_eq!((fine.proof, fine.compared_at.is_some(), fine.away), (Some(Proof::Held), true, vec![]));
        let other = world.invoice("HA-2").await;
        let reported = world.reported(&other, "w-1", "150", true);
        world.engine.report_deposit(&world.caller, reported).await.expect("a deposit that no rail saw");
        world.engine.reconcile_now(&operator).await.expect("compared");
        assert_eq!(workings(&owner).await.proof, Some(Proof::Short(vec![])), "how much is for the operator");
        let missing = workings(&operator).await.proof;
        assert!(matches!(missing, Some(Proof::Short(short)) if short[0].1 == "150.000000"));
    }

    /// A list of invoices, read in a few questions, says of each what a look at it says.
    async fn a_list_of_invoices_says_what_each_of_them_says(world: World) {
        for (reference, amounts) in [("N-1", vec!["150", "3"]), ("N-2", vec![]), ("N-3", vec!["101.102104"]), ("N-4", vec!["160"])] {
            let invoice = world.invoice(reference).await;
            for amount in amounts {
                world.pay(&invoice, amount).await;
            }
        }
        let page = engine::PageRequest { limit: 3, after: None };
        let listed = world.engine.invoices(&world.caller, engine::invoices::InvoiceFilter::default(), page).await.expect("a page");
        assert_eq!(listed.data.len(), 3);
        for invoice in &listed.data {
            assert_eq!(format!("{invoice:?}"), format!("{:?}", world.look(invoice).await));
        }
        let page = engine::PageRequest { limit: 3, after: listed.next };
        let rest = world.engine.invoices(&world.caller, engine::invoices::InvoiceFilter::default(), page).await.expect("a page");
        assert_eq!(rest.data.iter().map(|invoice| (invoice.deposits.len(), invoice.reference.as_str())).collect::<Vec<_>>(), [(2, "N-1")]);
    }

    /// Pages in both directions lose and repeat nothing, and say whether there is more.
    async fn lists_are_turned_in_both_directions(world: World) {
        for number in 0..5 {
            world.invoice(&format!("N-{number}")).await;
        }
        let wanted = InvoicesWanted::default();
        let turn = async |place| {
            let page = world.engine.browse_invoices(&world.caller, &wanted, place, 2).await.expect("a page");
            let ids: Vec<Uuid> = page.rows.iter().map(|invoice| invoice.id).collect();
            let orders: Vec<String> = page.rows.into_iter().map(|invoice| invoice.reference).collect();
            (orders, ids, page.has_newer, page.has_older)
        };
        let (first, ids, has_newer, has_older) = turn(Place::Newest).await;
        assert_eq!((first, has_newer, has_older), (vec!["N-4".to_owned(), "N-3".to_owned()], false, true));
        let (second, ids, has_newer, has_older) = turn(Place::OlderThan(ids[1])).await;
        assert_eq!((second.as_slice(), has_newer, has_older), (["N-2".to_owned(), "N-1".to_owned()].as_slice(), true, true));
        let (last, last_ids, _, has_older) = turn(Place::OlderThan(ids[1])).await;
        assert_eq!((last, has_older), (vec!["N-0".to_owned()], false));
        let (back, back_ids, has_newer, has_older) = turn(Place::NewerThan(last_ids[0])).await;
        assert_eq!((back, has_newer, has_older), (second, true, true));
        let (start, _, has_newer, _) = turn(Place::NewerThan(back_ids[0])).await;
        assert_eq!((start, has_newer), (vec!["N-4".to_owned(), "N-3".to_owned()], false));
    }

    /// A period's rows are turned by their instants, which the sandbox's clock may have moved apart from their ids.
    async fn a_periods_lists_are_turned_in_both_directions(world: World) {
        let from = world.engine.now();
        let mut made = Vec::new();
        for number in 0..5 {
            made.push(world.invoice(&format!("N-{number}")).await);
            world.wait("P1D").await;
        }
        for invoice in &made {
            world.pay(invoice, "150").await;
        }
        let narrowing = Narrowing { from: Some(from), to: Some(made[4].created_at), ..Narrowing::default() };
        let wanted = InvoicesWanted { narrowing, ..InvoicesWanted::default() };
        let turn = async |place| {
            let page = world.engine.browse_invoices(&world.caller, &wanted, place, 2).await.expect("a page");
            let orders: Vec<String> = page.rows.iter().map(|invoice| invoice.reference.clone()).collect();
            (orders, page.rows.iter().map(|invoice| invoice.id).collect::<Vec<_>>(), page.has_newer, page.has_older)
        };
        let (first, ids, ..) = turn(Place::Newest).await;
        assert_eq!(first, ["N-3", "N-2"], "the newest is of after the period");
        let (second, second_ids, has_newer, has_older) = turn(Place::OlderThan(ids[1])).await;
        assert_eq!((second, has_newer, has_older), (vec!["N-1".to_owned(), "N-0".to_owned()], true, false));
        let (back, _, has_newer, has_older) = turn(Place::NewerThan(second_ids[0])).await;
        assert_eq!((back, has_newer, has_older), (first, false, true));
        let paid = Narrowing { from: Some(world.engine.now().saturating_sub(SignedDuration::from_secs(1)).expect("an instant")), ..Narrowing::default() };
        let refunds = RefundsWanted { narrowing: paid, reason: Some(Reason::Late), ..RefundsWanted::default() };
        let operator = world.operator().await;
        for caller in [&world.caller, &operator] {
            let page = world.engine.browse_refunds(caller, &refunds, Place::Newest, 10).await.expect("a page");
            let orders: Vec<&str> = page.rows.iter().map(|refund| refund.order.as_str()).collect();
            assert_eq!(orders, ["N-4", "N-3", "N-2", "N-1", "N-0"]);
        }
    }

    /// What is another's is neither listed nor found, nor counted.
    async fn nobody_looks_through_anothers_lists(world: World) {
        let invoice = world.invoice_for("HA-1", "mara@example.com").await;
        world.pay(&invoice, "150").await;
        let stranger = world.stranger().await;
        let search = |text: &str| Narrowing { search: Some(text.to_owned()), ..Narrowing::default() };
        let mid = Narrowing { mid: Some(world.mid), ..Narrowing::default() };
        for narrowing in [Narrowing::default(), search("HA-1"), search("mara@example.com"), search("48.897896"), search(&invoice.id.to_string()), mid] {
            let refunds = RefundsWanted { narrowing: narrowing.clone(), ..RefundsWanted::default() };
            let page = world.engine.browse_refunds(&stranger, &refunds, Place::Newest, 10).await.expect("a page");
            assert!(page.rows.is_empty(), "{narrowing:?}");
            let invoices = InvoicesWanted { narrowing: narrowing.clone(), ..InvoicesWanted::default() };
            let page = world.engine.browse_invoices(&stranger, &invoices, Place::Newest, 10).await.expect("a page");
            assert!(page.rows.is_empty(), "{narrowing:?}");
        }
        let queues = world.engine.refund_queues(&stranger, None).await.expect("queues");
        assert!(queues.iter().all(|(_, count)| *count == 0));
        let overview = world.engine.overview(&stranger, None, 30).await.expect("an overview");
        assert!(overview.held.is_empty() && overview.created.is_empty());
        assert!(matches!(world.engine.health(&stranger).await, Err(Error::Forbidden)));
        let operator = world.operator().await;
        let wanted = RefundsWanted { narrowing: search("HA-1"), ..RefundsWanted::default() };
        let all = world.engine.browse_refunds(&operator, &wanted, Place::Newest, 10).await.expect("a page");
        assert_eq!(all.rows.len(), 1, "the operator looks through all");
        assert!(!world.engine.health(&operator).await.expect("health").payouts_stopped);
    }

    /// A quote says what leaves the balance and what is missing; it is nobody else's to see, and holds for a while only (BP-04).
    async fn a_quote_says_what_it_does_to_the_balance(world: World) {
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "101.102104").await;
        let owner = world.person(domain::merchant::Role::Owner).await;
        let id = InvoiceId(invoice.id);
        let all = world.engine.refundable(&owner, id).await.expect("what is refundable");
        assert_eq!((all.amount.as_str(), all.worth.as_deref()), ("101.102104", Some("100.00")));
        let whole = NewRefund { fee_bearer: Some(FeeBearer::Merchant), rate_rule: Some(domain::policy::RateRule::RateThen), ..NewRefund::default() };
        let quoted = RefundId(world.engine.new_id());
        world.engine.preview_refund(&owner, id, whole.clone(), quoted).await.expect("a quote");
        let quote = world.engine.forecast(&owner, quoted).await.expect("the quote");
        assert_eq!(quote.request, whole);
        assert_eq!((quote.leaves.as_str(), quote.balance.as_str()), ("102.352104", "101.102104"));
        assert_eq!((quote.balance_after, quote.missing.as_deref()), (None, Some("1.250000")));
        assert_eq!(quote.approval_above, None);
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.forecast(&stranger, quoted).await, Err(Error::NotFound | Error::Forbidden)));
        assert!(matches!(world.engine.quoted(&stranger, quoted).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.refundable(&stranger, id).await, Err(Error::NotFound)));
        assert_eq!(world.balance("merchant_available").await, "101.102104", "nothing was set aside");
        world.wait("PT16M").await;
        assert!(matches!(world.engine.forecast(&owner, quoted).await, Err(Error::QuoteExpired { .. })));
        assert_eq!(world.engine.quoted(&owner, quoted).await.expect("what was asked for").request, whole);
    }
}

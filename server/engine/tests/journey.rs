//! Whole refunds as stories, each on SQLite and on PostgreSQL.

use domain::ids::{EndpointId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::lifecycle::Refused;
use domain::money::Network;
use domain::policy::{OnLate, OnOver, OnUnder};
use domain::refund::{CancelReason, StateName};
use domain::view::ClaimViewState;
use engine::Error;
use engine::sandbox::SandboxMode;

use crate::claim_codes::{code_in, set_band, with_code};
use crate::emails::{PAYER, emails, overpaid};
use crate::support::sink::{Received, Sink};
use crate::support::smtp::SmtpServer;
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form, instant, tron_address};

stories! {
    /// TX-13: 150.000000 − 101.102104 = 48.897896, claimed, delayed, paid. C1: made without anybody asking, paid to who claims it.
    async fn overpayment_is_split_offered_back_claimed_and_paid(world: World) {
        let invoice = world.invoice("HA-20418").await;
        assert_eq!(invoice.amount_charged, "101.102104");
        world.pay(&invoice, "150.000000").await;

        let invoice = world.look(&invoice).await;
        assert_eq!((invoice.status, invoice.amount_paid.as_str()), (InvoiceStatus::Complete, "150.000000"));
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.reference.as_str(), refund.amount.as_str(), refund.state), ("REFUND-HA-20418", "48.897896", StateName::AwaitingClaim));
        assert_eq!(refund.amount_billed.as_deref(), Some("48.36"));
        assert_eq!(world.balance("merchant_available").await, "101.102104");
        assert_eq!(world.balance("refund_payable").await, "48.897896");

        world.claim(&refund, PAYERS_ADDRESS).await;
        let scheduled = world.refund(&invoice).await;
        assert_eq!(scheduled.release_at, Some(instant("2024-10-17T07:34:09Z")), "CP-09: three days");
        assert_eq!((scheduled.net_amount.as_deref(), scheduled.claim_url), (Some("47.647896"), None));
        world.wait("PT71H59M59S").await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Scheduled);
        world.wait("PT1S").await;
        world.settle().await;

        let paid = world.refund(&invoice).await;
        assert_eq!(paid.state, StateName::Paid);
        assert!(paid.txid.is_some());
        assert_eq!(paid.timeline.iter().map(|entry| entry.state).collect::<Vec<_>>(), [
            StateName::AwaitingClaim,
            StateName::Scheduled,
            StateName::Sending,
            StateName::Paid,
        ]);
        assert_eq!(world.balance("custody").await, "102.352104");
        assert_eq!(world.balance("fee_recovery").await, "1.250000");
        assert_eq!(world.balance("refund_payable").await, "");
        world.assert_books_agree().await;
    }

    /// TX-02, option 3.
    async fn overpayment_is_rejected_whole(world: World) {
        world.policy(|policy| policy.on_over = OnOver::RefundAll).await;
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Canceled);
        assert_eq!(world.refund(&invoice).await.amount, "150.000000");
        assert_eq!(world.balance("merchant_available").await, "");
        world.assert_books_agree().await;
    }

    /// TX-02, TX-03 and TX-04, option 1; CP-02: each category has a switch of its own.
    async fn whatever_comes_is_credited_when_the_policy_says_so(world: World) {
        world.policy(|policy| {
            policy.on_over = OnOver::CreditAll;
            policy.on_under = OnUnder::CreditAll;
            policy.on_late = OnLate::CreditAll;
        })
        .await;
        let (over, under, late) = (world.invoice("over").await, world.invoice("under").await, world.invoice("late").await);
        world.pay(&over, "150").await;
        world.pay(&under, "50").await;
        world.wait("PT20M1S").await;
        world.pay(&late, "101.102104").await;
        for invoice in [&over, &under, &late] {
            let invoice = world.look(invoice).await;
            assert_eq!((invoice.status, invoice.refunds.len()), (InvoiceStatus::Complete, 0), "{}", invoice.reference);
        }
        assert_eq!(world.balance("merchant_available").await, "301.102104");
        world.assert_books_agree().await;
    }

    /// BV-06, and odd case 4: no refund before the payer had the time to top up.
    async fn underpayment_waits_for_the_end_and_is_offered_back(world: World) {
        let invoice = world.invoice("U-1").await;
        world.pay(&invoice, "50").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Processing);
        assert!(world.look(&invoice).await.refunds.is_empty());
        world.wait("PT20M1S").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Underpaid);
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.amount, "50.000000");
        assert_eq!(serde_json::to_value(refund.exceptions).expect("JSON"), serde_json::json!(["under"]));
        world.assert_books_agree().await;
    }

    async fn underpayment_topped_up_in_time_is_clean(world: World) {
        let invoice = world.invoice("U-2").await;
        world.pay(&invoice, "50").await;
        world.wait("PT5M").await;
        world.pay(&invoice, "51.102104").await;
        world.wait("PT30M").await;
        let invoice = world.look(&invoice).await;
        assert_eq!((invoice.status, invoice.refunds.len()), (InvoiceStatus::Complete, 0));
        assert_eq!(world.balance("merchant_available").await, "101.102104");
        world.assert_books_agree().await;
    }

    /// BV-07, TX-04.
    async fn late_payment_is_offered_back(world: World) {
        let invoice = world.invoice("L-1").await;
        world.wait("PT20M1S").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Expired);
        world.pay(&invoice, "101.102104").await;
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.amount.as_str(), world.look(&invoice).await.status), ("101.102104", InvoiceStatus::Expired));
        assert_eq!(world.balance("merchant_available").await, "");
        world.assert_books_agree().await;
    }

    /// Odd case 6; TX-06, C12: the reference comes first, the number of the refund last.
    async fn odd_case_06_a_second_payment_after_the_refund_makes_a_second_refund(world: World) {
        let invoice = world.invoice("P-1").await;
        world.pay(&invoice, "150").await;
        let first = world.refund(&invoice).await;
        world.pay(&invoice, "20").await;
        let second = world.refund(&invoice).await;
        assert_eq!((second.reference.as_str(), second.amount.as_str()), ("REFUND-P-1-2", "20.000000"));
        assert_eq!(world.engine.refund(&world.caller, RefundId(first.id)).await.expect("the first").state, StateName::AwaitingClaim);
        world.assert_books_agree().await;
    }

    /// `REFUND-A-2` is the second refund of order A and the first of order A-2.
    async fn refunds_of_orders_with_like_names_do_not_block_each_other(world: World) {
        let (order, like) = (world.invoice("A").await, world.invoice("A-2").await);
        world.pay(&order, "150").await;
        world.pay(&order, "20").await;
        world.pay(&like, "150").await;
        assert_eq!((world.refund(&order).await.reference, world.refund(&like).await.reference), ("REFUND-A-2".to_owned(), "REFUND-A-2".to_owned()));
        world.assert_books_agree().await;
    }

    async fn a_deposit_that_is_not_final_waits_and_the_same_one_twice_is_one(world: World) {
        let invoice = world.invoice("F-1").await;
        let seen = world.engine.report_deposit(&world.caller, world.reported(&invoice, "d1", "150", false)).await.expect("seen");
        assert_eq!((seen.status.as_str(), world.look(&invoice).await.status), ("seen", InvoiceStatus::Processing));
        assert_eq!(world.balance("custody").await, "");
        for _ in 0..3 {
            world.engine.report_deposit(&world.caller, world.reported(&invoice, "d1", "150", true)).await.expect("final");
        }
        assert_eq!(world.look(&invoice).await.deposits.len(), 1);
        assert_eq!(world.balance("custody").await, "150.000000");
        let other_amount = world.engine.report_deposit(&world.caller, world.reported(&invoice, "d1", "151", true)).await;
        assert!(matches!(other_amount, Err(Error::Invalid(_))), "{other_amount:?}");
        world.assert_books_agree().await;
    }

    /// BV-09, TX-09 (90 days), P14.
    async fn unclaimed_refund_expires_to_the_wallet_of_the_mid(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(uuid::Uuid::now_v7())).await.expect("an endpoint");
        let invoice = world.invoice("E-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.expires_at, Some(instant("2025-01-12T07:34:09Z")), "P90D");
        world.wait("P90D").await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Expired);
        assert_eq!(world.balance("merchant_available").await, "150.000000");
        let late = world.engine.confirm_claim(&claim_token(&refund), &form(PAYERS_ADDRESS), None).await;
        assert!(matches!(late, Err(Error::Refused(Refused::ClaimExpired { .. }))), "{late:?}");
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert!(matches!(page.state, ClaimViewState::Expired { .. }));
        assert_eq!(sink.received().last().map(Received::event).as_deref(), Some("refund.expired"));
        world.assert_books_agree().await;
    }

    /// CP-10 (the link), CP-11 and CP-12 (why), CP-13 (locked), P12.
    async fn odd_case_23_the_payer_cancels_until_the_release_and_not_after(world: World) {
        let (first, second) = (world.invoice("C-1").await, world.invoice("C-2").await);
        let mut links = Vec::new();
        for invoice in [&first, &second] {
            world.pay(invoice, "150").await;
            let token = claim_token(&world.refund(invoice).await);
            let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
            links.push(cancel_token(&world.engine, &token, &viewer).await);
        }
        world.engine.cancel_claim(&links[0], CancelReason::WrongAddress, Some("typed it wrong".to_owned())).await.expect("in time");
        world.engine.cancel_claim(&links[0], CancelReason::WrongAddress, None).await.expect("the second click of a double click");
        let canceled = world.refund(&first).await;
        assert_eq!(canceled.state, StateName::Canceled);
        assert_eq!(canceled.cancel.expect("a cancel").note.as_deref(), Some("typed it wrong"));
        world.wait("PT72H").await;
        let late = world.engine.cancel_claim(&links[1], CancelReason::Other, None).await;
        assert!(matches!(late, Err(Error::Refused(_))), "{late:?}");
        world.settle().await;
        assert_eq!((world.refund(&first).await.state, world.refund(&second).await.state), (StateName::Canceled, StateName::Paid));
        assert_eq!(world.balance("holding").await, "48.897896", "P12: still held for the payer");
        world.assert_books_agree().await;
    }

    /// P13.
    async fn merchant_cancels_before_it_is_sent(world: World) {
        let invoice = world.invoice("M-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let canceled = world.engine.cancel_refund(&world.caller, RefundId(refund.id), CancelReason::Other, None).await.expect("in time");
        assert_eq!(canceled.state, StateName::Canceled);
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert!(matches!(page.state, ClaimViewState::Canceled { .. }));
        let again = world.engine.cancel_refund(&world.caller, RefundId(refund.id), CancelReason::Other, None).await;
        assert!(matches!(again, Err(Error::Refused(Refused::WrongState { .. }))), "{again:?}");
        world.assert_books_agree().await;
    }

    /// Odd case 35: the first commit wins, everybody else sees a masked address.
    async fn odd_case_35_of_64_confirmations_with_64_addresses_one_wins(world: World) {
        let invoice = world.invoice("R-1").await;
        world.pay(&invoice, "150").await;
        let token = claim_token(&world.refund(&invoice).await);
        let mut racers = tokio::task::JoinSet::new();
        for number in 0..64 {
            let (engine, token) = (world.engine.clone(), token.clone());
            racers.spawn(async move {
                let address = tron_address(number);
                (address.clone(), engine.confirm_claim(&token, &form(&address), None).await)
            });
        }
        let results = racers.join_all().await;
        let winners: Vec<&String> = results.iter().filter(|(_, result)| result.is_ok()).map(|(address, _)| address).collect();
        assert_eq!(winners.len(), 1);
        for (address, result) in results.iter().filter(|(address, _)| address != winners[0]) {
            let Err(Error::Refused(Refused::AlreadyClaimed { destination })) = result else { panic!("{address}: {result:?}") };
            assert!(destination.contains('…') && !destination.contains(winners[0].as_str()), "{destination}");
        }
        world.wait("PT72H").await;
        world.settle().await;
        let paid = world.refund(&invoice).await;
        assert_eq!(paid.destination.map(|to| to.address).as_ref(), Some(winners[0]));
        assert_eq!(world.balance("custody").await, "102.352104", "one payout left");
        world.assert_books_agree().await;
    }

    /// Odd case 34: who has the link of another person's refund above the band learns nothing, moves nothing, and is heard of.
    async fn odd_case_34_a_leaked_link_alone_gets_nothing_above_the_band(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_band(&world).await;
        let (invoice, refund) = overpaid(&world, "HA-34", PAYER).await;
        emails(&world, &refund).await;
        let (token, thiefs) = (claim_token(&refund), tron_address(9));
        for code in ["", "000000", "123456"] {
            let tried = world.engine.confirm_claim(&token, &with_code(&thiefs, code), None).await;
            assert!(matches!(tried, Err(Error::Invalid(_))), "{tried:?}");
        }
        // The payer reads where it would have gone, and does nothing with that code.
        emails(&world, &refund).await;
        let warning = server.received(2).remove(1);
        assert!(warning.to == PAYER && !warning.text.contains("TX3sfq…"), "{}", warning.text);
        assert_eq!(world.refund(&invoice).await.state, StateName::AwaitingClaim);

        let asked = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await;
        assert!(matches!(asked, Err(Error::Invalid(_))), "{asked:?}");
        emails(&world, &refund).await;
        let code = code_in(&server.received(3)[2]);
        world.engine.confirm_claim(&token, &with_code(PAYERS_ADDRESS, &code), None).await.expect("the payer's own claim");
        let late = world.engine.confirm_claim(&token, &with_code(&thiefs, &code), None).await;
        assert!(matches!(late, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "{late:?}");
        let notes: Vec<String> = world.refund(&invoice).await.timeline.into_iter().filter_map(|entry| entry.note).collect();
        assert_eq!(notes, ["code_sent", "code_sent", "code_given", "claimed_again"], "both are told of the second address");
        emails(&world, &refund).await;
        assert_eq!(server.received(5)[4].to, PAYER);
        world.wait("PT72H").await;
        world.settle().await;
        let paid = world.refund(&invoice).await;
        assert_eq!((paid.state, paid.destination.map(|to| to.address)), (StateName::Paid, Some(PAYERS_ADDRESS.to_owned())));
        world.assert_books_agree().await;
    }

    async fn a_double_click_confirms_once_and_both_clicks_succeed(world: World) {
        let invoice = world.invoice("D-1").await;
        world.pay(&invoice, "150").await;
        let token = claim_token(&world.refund(&invoice).await);
        let address = form(PAYERS_ADDRESS);
        let clicks = tokio::join!(
            world.engine.confirm_claim(&token, &address, None),
            world.engine.confirm_claim(&token, &address, None)
        );
        assert!(clicks.0.is_ok() && clicks.1.is_ok(), "{clicks:?}");
        assert_eq!(world.refund(&invoice).await.timeline.len(), 2);
    }

    /// TX-08: an address of another network is none, nor is one with a slip of the pen.
    async fn wrong_addresses_change_nothing(world: World) {
        let invoice = world.invoice("W-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        for (address, code) in [
            ("", "empty"),
            ("TX3sfqPXKDjqKguyjgUSzzF965Guq2fvSW", "checksum"),
            ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "other_network"),
            (invoice.address.as_str(), "own_address"),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "token_contract"),
        ] {
            let result = world.engine.confirm_claim(&claim_token(&refund), &form(address), None).await;
            let Err(Error::Invalid(errors)) = result else { panic!("{address}: {result:?}") };
            assert_eq!(errors.0[0].code, code, "{address}");
        }
        let fee_changed = world.engine.confirm_claim(&claim_token(&refund), &form(PAYERS_ADDRESS), Some("1.10")).await;
        assert!(matches!(fee_changed, Err(Error::Invalid(_))), "{fee_changed:?}");
        assert_eq!(world.refund(&invoice).await, refund);
    }

    /// Odd case 37, P11: nothing left, the merchant tries again later.
    async fn odd_case_37_a_payout_that_can_never_be_sent_fails_and_is_retried(world: World) {
        let invoice = world.invoice("X-1").await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Fail).await.expect("a fault");
        world.wait("PT72H").await;
        world.settle().await;
        let failed = world.refund(&invoice).await;
        assert_eq!(failed.state, StateName::PayoutFailed);
        assert_eq!(world.balance("refund_payable").await, "48.897896");
        world.assert_books_agree().await;

        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("no fault");
        world.engine.retry_refund(&world.caller, RefundId(failed.id)).await.expect("a retry");
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        assert_eq!(world.balance("custody").await, "102.352104");
        world.assert_books_agree().await;
    }

    /// Unknown is never failed: the answer is lost, the payment is not made twice.
    async fn a_lost_answer_pays_once(world: World) {
        world.engine.sandbox_rail(Network::Tron, SandboxMode::LostReply).await.expect("a fault");
        let invoice = world.invoice("Y-1").await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        assert_eq!(world.balance("custody").await, "102.352104");
        world.assert_books_agree().await;
    }

    /// A payout that hangs stays on its way however often the engine is started; when the chain goes on, it is paid once.
    async fn a_stuck_payout_survives_restarts_and_is_paid_once(world: World) {
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Stuck).await.expect("a fault");
        let invoice = world.invoice("Z-1").await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let world = world.restart().await;
        world.settle().await;
        let world = world.restart().await;
        let sending = world.refund(&invoice).await;
        assert_eq!(sending.state, StateName::Sending);
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("no fault");
        world.settle().await;
        world.settle().await;
        let paid = world.refund(&invoice).await;
        assert_eq!((paid.state, paid.txid), (StateName::Paid, sending.txid));
        world.assert_books_agree().await;
    }

    /// Promise 10: one notice per step, numbered without a gap, signed, in order, also after the receiver was away.
    async fn webhooks_come_in_order_and_signed_even_after_a_failure(world: World) {
        let sink = Sink::start().await;
        let endpoint = world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(uuid::Uuid::now_v7())).await.expect("an endpoint");
        sink.answer_with(503);
        let invoice = world.invoice("H-1").await;
        world.pay(&invoice, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let away = sink.received().len();
        assert_eq!(away, 2, "one try per line, nothing overtakes");
        sink.answer_with(204);
        world.settle().await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;

        let of_refund: Vec<_> = sink.received()[away..].iter().filter(|hook| hook.event().starts_with("refund.")).cloned().collect();
        let events: Vec<String> = of_refund.iter().map(Received::event).collect();
        assert_eq!(events, ["refund.created", "refund.claim_available", "refund.claimed", "refund.sending", "refund.paid"]);
        let sequences: Vec<i64> = of_refund.iter().filter_map(|hook| hook.json()["sequence"].as_i64()).collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5]);
        let link = of_refund[1].json()["data"]["refund"]["claim_url"].clone();
        assert!(link.as_str().is_some_and(|link| link.contains("/claim/")), "{link}");
        assert!(of_refund.iter().enumerate().all(|(index, hook)| index == 1 || !hook.body.contains("/claim/")));
        for hook in &of_refund {
            assert_eq!(hook.header("webhook-signature"), sign(&endpoint.secret, hook));
        }
    }

    async fn what_was_canceled_before_it_was_sent_is_never_sent(world: World) {
        let invoice = world.invoice("Q-1").await;
        world.pay(&invoice, "150").await;
        let token = claim_token(&world.refund(&invoice).await);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let link = cancel_token(&world.engine, &token, &viewer).await;
        world.engine.cancel_claim(&link, CancelReason::NotRequested, None).await.expect("in time");
        world.wait("P30D").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Canceled);
        assert_eq!(world.balance("custody").await, "150.000000");
        world.assert_books_agree().await;
    }

    /// The whole address and the cancel link are for the browser that confirmed, not for everybody with the link.
    async fn only_the_confirming_browser_sees_the_whole_address(world: World) {
        let invoice = world.invoice("V-1").await;
        world.pay(&invoice, "150").await;
        let token = claim_token(&world.refund(&invoice).await);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let own = format!("{:?}", world.engine.claim_view(&token, Some(&viewer)).await.expect("the page").state);
        let foreign = format!("{:?}", world.engine.claim_view(&token, None).await.expect("the page").state);
        assert!(own.contains(PAYERS_ADDRESS) && own.contains("/cancel/"));
        assert!(!foreign.contains(PAYERS_ADDRESS) && !foreign.contains("/cancel/"), "{foreign}");
    }

    /// API1: somebody else's things are not found, and told apart from nothing.
    async fn another_merchant_finds_nothing(world: World) {
        let invoice = world.invoice("O-1").await;
        world.pay(&invoice, "150").await;
        let refund = RefundId(world.refund(&invoice).await.id);
        let (_, mid) = world.engine.add_mid("Somebody else", "Shop", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key");
        let stranger = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        assert!(matches!(world.engine.refund(&stranger, refund).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.invoice(&stranger, domain::ids::InvoiceId(invoice.id)).await, Err(Error::NotFound)));
        let cancel = world.engine.cancel_refund(&stranger, refund, CancelReason::Other, None).await;
        assert!(matches!(cancel, Err(Error::NotFound)), "{cancel:?}");
        let list = world.engine.refunds(&stranger, engine::refunds::RefundFilter::default(), engine::PageRequest::default()).await;
        assert!(list.expect("a list").data.is_empty());
        let asked = engine::refunds::RefundFilter { mid: Some(world.mid), ..Default::default() };
        assert!(world.engine.refunds(&stranger, asked, engine::PageRequest::default()).await.expect("a list").data.is_empty());
    }

    /// Lists go page by page without losing or repeating anything.
    async fn lists_come_in_pages(world: World) {
        for number in 0..7 {
            world.invoice(&format!("N-{number}")).await;
        }
        let mut references = Vec::new();
        let mut page = engine::PageRequest { limit: 3, after: None };
        loop {
            let part = world.engine.invoices(&world.caller, engine::invoices::InvoiceFilter::default(), page.clone()).await.expect("a page");
            references.extend(part.data.into_iter().map(|invoice| invoice.reference));
            let Some(next) = part.next else { break };
            page.after = Some(next);
        }
        assert_eq!(references, ["N-6", "N-5", "N-4", "N-3", "N-2", "N-1", "N-0"]);
    }
}

/// Signs a webhook as Standard Webhooks 1.0 says, independently of the engine.
fn sign(secret: &str, hook: &Received) -> String {
    use base64::Engine as _;
    use hmac::Mac as _;
    let standard = base64::engine::general_purpose::STANDARD;
    let key = standard.decode(secret.trim_start_matches("whsec_")).expect("base64");
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.{}", hook.header("webhook-id"), hook.header("webhook-timestamp"), hook.body).as_bytes());
    format!("v1,{}", standard.encode(mac.finalize().into_bytes()))
}

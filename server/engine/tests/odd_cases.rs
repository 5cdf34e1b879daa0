//! The odd cases of requirements 3.6 on the way in, each told as a story on SQLite and on PostgreSQL; those on the way out are in `odd_payouts.rs`.
//! Those that a story elsewhere tells are named there.

use domain::claim::ClaimForm;
use domain::destination::Destination;
use domain::ids::{CaseId, InvoiceId, RefundId};
use domain::invoice::{InvoiceStatus, NotDone, Resolution};
use domain::merchant::{Guard, Role};
use domain::money::Network;
use domain::policy::{DestinationSource, LateGrace, OnLate, OnOver, OnUnder, Overrides, RateRule, Tolerance};
use domain::refund::{BlockedBy, CanceledBy, StateName};
use domain::view::{CaseView, InvoiceView, RefundView};
use engine::clock::Clock as _;
use engine::invoices::NewInvoice;
use engine::policies::NewVersion;
use engine::refunding::NewRefund;
use engine::reports::EntryFilter;
use engine::sandbox::SandboxDeposit;
use engine::{Error, PageRequest};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form, tron_address};

async fn pay_in(world: &World, invoice: &InvoiceView, amount: &str, asset: &str) {
    let deposit = SandboxDeposit {
        invoice: InvoiceId(invoice.id),
        amount: amount.to_owned(),
        asset: Some(asset.to_owned()),
        from: None,
        tag: None,
        seen_at: None,
        is_final: true,
    };
    world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
}

/// Pays an invoice on Stellar with a tag that is not the invoice's, and returns the invoice that was paid.
pub async fn pay_with_tag(world: &World, invoice: &InvoiceView, amount: &str, tag: &str) -> InvoiceView {
    let deposit = SandboxDeposit {
        invoice: InvoiceId(invoice.id),
        amount: amount.to_owned(),
        asset: None,
        from: None,
        tag: Some(tag.to_owned()),
        seen_at: None,
        is_final: true,
    };
    let deposit = world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
    world.engine.invoice(&world.caller, InvoiceId(deposit.invoice)).await.expect("an invoice")
}

/// Makes an invoice of 1000 lumens.
pub async fn lumens(world: &World, reference: &str) -> InvoiceView {
    let new = NewInvoice { rate: Some("0.1".to_owned()), ..world.new_invoice(reference, "XLM-STELLAR") };
    world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
}

fn stellar_address() -> String {
    let destination = Destination::of_account(Network::Stellar, [9; 20], None);
    destination.expect("an address").address().to_owned()
}

/// Pays from an address of the payer's choice.
async fn pay_from(world: &World, invoice: &InvoiceView, amount: &str, from: &str) {
    let deposit = SandboxDeposit {
        invoice: InvoiceId(invoice.id),
        amount: amount.to_owned(),
        asset: None,
        from: Some(from.to_owned()),
        tag: None,
        seen_at: None,
        is_final: true,
    };
    world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
}

async fn invoice_with(world: &World, reference: &str, change: impl FnOnce(&mut NewInvoice)) -> InvoiceView {
    let mut new = NewInvoice { rate: Some("0.9890991".to_owned()), ..world.new_invoice(reference, "USDT-TRON") };
    change(&mut new);
    world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
}

pub async fn only_case(world: &World, invoice: &InvoiceView) -> CaseView {
    let mut cases = world.look(invoice).await.cases;
    assert_eq!(cases.len(), 1, "{cases:?}");
    cases.remove(0)
}

async fn again(world: &World, refund: &RefundView) -> RefundView {
    world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund")
}

fn period(text: &str) -> domain::policy::Period {
    text.parse().expect("a period")
}

fn flags(refund: &RefundView) -> String {
    refund.exceptions.to_text()
}

stories! {
    /// On-time money fills the invoice, the late part is surplus; unfilled in time, the late rule judges all of it.
    async fn odd_case_01_part_on_time_part_late(world: World) {
        world.policy(|policy| policy.on_under = OnUnder::Hold).await;
        let filled = world.invoice("O-1").await;
        let unfilled = world.invoice("O-1b").await;
        world.pay(&filled, "101.102104").await;
        world.pay(&unfilled, "60").await;
        world.wait("PT20M1S").await;
        world.pay(&filled, "20").await;
        let surplus = world.refund(&filled).await;
        assert_eq!((surplus.amount.as_str(), flags(&surplus).as_str()), ("20.000000", "over,late,post_resolution"));
        // The 60 waited for a person; the late 41.1 is decided with them.
        let waiting = only_case(&world, &unfilled).await;
        assert_eq!((waiting.state.as_str(), waiting.received.as_str()), ("manual", "60.000000"));
        world.pay(&unfilled, "30").await;
        let waiting = only_case(&world, &unfilled).await;
        assert_eq!((waiting.state.as_str(), waiting.received.as_str()), ("manual", "90.000000"));
        let case = CaseId(waiting.id);
        world.engine.resolve_case(&world.caller, InvoiceId(unfilled.id), case, Resolution::Accept).await.expect("accepted");
        assert_eq!(world.look(&unfilled).await.status, InvoiceStatus::Complete);
        assert_eq!(only_case(&world, &unfilled).await.state, "credited");
        world.assert_books_agree().await;
    }

    /// Late outranks over; with the price unchanged it is accepted and the excess goes back. One refund, both flags.
    async fn odd_case_02_over_and_late(world: World) {
        let refused = world.invoice("O-2").await;
        world.wait("PT21M").await;
        world.pay(&refused, "150").await;
        let all = world.refund(&refused).await;
        assert_eq!((all.amount.as_str(), flags(&all).as_str()), ("150.000000", "over,late"));
        world.policy(|policy| policy.on_late = OnLate::AcceptIfRateWithin).await;
        let accepted = world.invoice("O-2b").await;
        world.wait("PT21M").await;
        world.pay(&accepted, "150").await;
        assert_eq!(world.look(&accepted).await.status, InvoiceStatus::Complete);
        assert_eq!(world.refund(&accepted).await.amount, "48.897896");
        world.assert_books_agree().await;
    }

    /// Several deposits are one sum and one refund.
    async fn odd_case_03_several_deposits(world: World) {
        let invoice = world.invoice("O-3").await;
        for amount in ["30", "40", "50"] {
            world.pay(&invoice, amount).await;
        }
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.amount.as_str(), flags(&refund).as_str()), ("18.897896", "over,multi"));
        assert_eq!(world.look(&invoice).await.refunds.len(), 1);
        world.assert_books_agree().await;
    }

    /// The time to top up: a part payment is not judged before it is over.
    async fn odd_case_04_topped_up_within_the_window(world: World) {
        world.policy(|policy| policy.topup_until = period("P1D")).await;
        let (topped, short) = (world.invoice("O-4").await, world.invoice("O-4b").await);
        world.pay(&topped, "60").await;
        world.pay(&short, "60").await;
        world.wait("PT23H").await;
        assert!(world.look(&topped).await.refunds.is_empty());
        world.pay(&topped, "41.102104").await;
        assert_eq!(world.look(&topped).await.status, InvoiceStatus::Complete);
        world.wait("PT2H").await;
        assert_eq!(world.look(&short).await.status, InvoiceStatus::Underpaid);
        assert_eq!(world.refund(&short).await.amount, "60.000000");
        world.assert_books_agree().await;
    }

    /// A top-up after the refund was made is a case of its own; the merchant can stop the first refund.
    async fn odd_case_05_top_up_after_the_refund_was_made(world: World) {
        let invoice = world.invoice("O-5").await;
        world.pay(&invoice, "60").await;
        world.wait("PT21M").await;
        let first = world.refund(&invoice).await;
        world.pay(&invoice, "41.102104").await;
        let second = world.refund(&invoice).await;
        assert_eq!((second.reference.as_str(), flags(&second).as_str()), ("REFUND-O-5-2", "over,late,post_resolution"));
        assert_eq!(again(&world, &first).await.state, StateName::AwaitingClaim);
        world.assert_books_agree().await;
    }

    /// What is below the floor is kept apart, not offered: P18.
    async fn odd_case_07_dust_is_kept_apart(world: World) {
        world.policy(|policy| policy.claim_floor = "USD:5".parse().expect("limits")).await;
        let (dust, worth_it) = (world.invoice("O-7").await, world.invoice("O-7b").await);
        world.pay(&dust, "104").await;
        world.pay(&worth_it, "107").await;
        let case = only_case(&world, &dust).await;
        assert_eq!((case.state.as_str(), case.residual.as_str(), case.credited.as_str()), ("credited", "2.897896", "101.102104"));
        assert!(world.look(&dust).await.refunds.is_empty());
        assert_eq!(world.balance("residual").await, "2.897896");
        assert_eq!(world.refund(&worth_it).await.amount, "5.897896");
        world.assert_books_agree().await;
    }

    /// A destination that asks nobody falls back to the claim page when the fee leaves nothing.
    async fn odd_case_08_smaller_than_the_fee(world: World) {
        let invoice = invoice_with(&world, "O-8", |new| {
            new.refund_to = Some((PAYERS_ADDRESS.to_owned(), None));
            new.overrides = Some(Overrides { destination_source: Some(DestinationSource::Precommitted), ..Overrides::default() });
        })
        .await;
        world.pay(&invoice, "102").await;
        assert_eq!(world.refund(&invoice).await.state, StateName::AwaitingClaim, "0.897896 is less than the fee of 1.25");
        world.pay(&invoice, "30").await;
        let known = world.refund(&invoice).await;
        assert_eq!((known.state, known.destination.map(|to| to.address)), (StateName::Scheduled, Some(PAYERS_ADDRESS.to_owned())));
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// P02s: money in another asset is no payment. A person gives it back; it cannot be accepted. Odd case 27: each asset has its cap.
    async fn odd_case_13_and_27_another_asset_than_was_asked_for(world: World) {
        let invoice = world.invoice("O-13").await;
        pay_in(&world, &invoice, "80", "USDC-TRON").await;
        let case = only_case(&world, &invoice).await;
        assert_eq!((case.state.as_str(), case.asset.as_str(), case.exceptions.to_text().as_str()), ("manual", "USDC-TRON", "wrong_asset"));
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Pending, "it still wants USDT");
        assert_eq!(world.balance("suspense").await, "80.000000");
        world.pay(&invoice, "101.102104").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Complete);

        let manager = world.person(Role::Manager).await;
        let resolve = async |how| world.engine.resolve_case(&manager, InvoiceId(invoice.id), CaseId(case.id), how).await;
        assert!(matches!(resolve(Resolution::Accept).await, Err(Error::NotDone(NotDone::OtherAsset))));
        resolve(Resolution::Refund).await.expect("given back");
        assert!(matches!(resolve(Resolution::Refund).await, Err(Error::NotDone(NotDone::CaseIsDecided))));
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.asset.as_str(), refund.amount.as_str(), refund.reason.name()), ("USDC-TRON", "80.000000", "wrong_asset"));
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// Risk outranks every other rule: money from a sanctioned address is the operator's to decide, and its payer reads nothing of that.
    async fn money_from_a_listed_address_is_the_operators_to_decide(world: World) {
        world.policy(|policy| policy.destination_source = DestinationSource::SourceAddress).await;
        let listed = tron_address(9);
        world.engine.import_sanctions("ofac", &listed).await.expect("a list");
        let (over, exact) = (world.invoice("S-1").await, world.invoice("S-2").await);
        pay_from(&world, &over, "150", &listed).await;
        pay_from(&world, &exact, "101.102104", &listed).await;
        let case = only_case(&world, &over).await;
        assert_eq!((case.state.as_str(), case.why.as_deref(), case.exceptions.to_text().as_str()), ("manual", Some("risk"), "over,risk"));
        assert_eq!(world.balance("holding").await, "150.000000 + 101.102104");
        let seen = world.engine.pay_page(InvoiceId(over.id), None).await.expect("the payer's page").invoice;
        assert_eq!((seen.status, seen.cases.len(), seen.exceptions.to_text().as_str()), (InvoiceStatus::Processing, 0, "over"));

        let (owner, operator) = (world.person(Role::Owner).await, world.operator().await);
        let refused = world.engine.resolve_case(&owner, InvoiceId(over.id), CaseId(case.id), Resolution::Refund).await;
        assert!(matches!(refused, Err(Error::NotDone(NotDone::OperatorOnly))), "{refused:?}");
        for invoice in [&over, &exact] {
            let case = only_case(&world, invoice).await;
            world.engine.resolve_case(&operator, InvoiceId(invoice.id), CaseId(case.id), Resolution::Refund).await.expect("given back");
        }
        let (over, exact) = (world.refund(&over).await, world.refund(&exact).await);
        assert_eq!((over.state, exact.state), (StateName::AwaitingClaim, StateName::AwaitingClaim), "never back there by itself");
        assert_eq!((over.reason.name(), exact.reason.name()), ("overpaid", "not_accepted"));
        let refused = world.engine.confirm_claim(&claim_token(&over), &form(&listed), None).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        world.claim(&exact, PAYERS_ADDRESS).await;
        world.assert_books_agree().await;
    }

    /// A list that was imported while a payment waited for its blocks counts.
    async fn a_payer_listed_before_the_payment_is_final_is_noticed(world: World) {
        let invoice = world.invoice("S-3").await;
        let deposit = SandboxDeposit {
            invoice: InvoiceId(invoice.id),
            amount: "101.102104".to_owned(),
            asset: None,
            from: Some(tron_address(9)),
            tag: None, seen_at: None,
            is_final: false,
        };
        world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
        world.engine.import_sanctions("ofac", &tron_address(9)).await.expect("a list");
        world.clock.advance(SignedDuration::from_mins(1));
        world.engine.watch(Network::Tron).await.expect("a look");
        assert_eq!(only_case(&world, &invoice).await.why.as_deref(), Some("risk"));
        assert_eq!(world.balance("merchant_available").await, "");
        world.assert_books_agree().await;
    }

    /// Odd case 3: back to the source only where there is one that may be paid.
    async fn money_goes_back_to_the_one_source_it_came_from(world: World) {
        world.policy(|policy| policy.destination_source = DestinationSource::SourceAddress).await;
        let (one, two, ours) = (world.invoice("S-4").await, world.invoice("S-5").await, world.invoice("S-6").await);
        for (invoice, amount, from) in [
            (&one, "60", tron_address(7)),
            (&one, "90", tron_address(7)),
            (&two, "60", tron_address(7)),
            (&two, "90", tron_address(8)),
            (&ours, "150", one.address.clone()),
        ] {
            pay_from(&world, invoice, amount, &from).await;
        }
        let sent = world.refund(&one).await;
        assert_eq!((sent.state, sent.destination.map(|to| to.address)), (StateName::Scheduled, Some(tron_address(7))));
        assert_eq!(world.refund(&two).await.state, StateName::AwaitingClaim, "two payers: nobody knows whose the excess is");
        assert_eq!(world.refund(&ours).await.state, StateName::AwaitingClaim, "a deposit address of ours is nobody's wallet");
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&one).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// What a person gives back of an exact payment was not overpaid.
    async fn an_exact_payment_given_back_says_why(world: World) {
        let operator = world.operator().await;
        world.engine.guard_mid(&operator, world.mid, Guard::Suspended).await.expect("suspended");
        let invoice = world.invoice("N-1").await;
        world.pay(&invoice, "101.102104").await;
        let case = only_case(&world, &invoice).await;
        assert_eq!(case.why.as_deref(), Some("suspended"));
        world.engine.resolve_case(&operator, InvoiceId(invoice.id), CaseId(case.id), Resolution::Refund).await.expect("given back");
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.reason.name(), refund.amount.as_str(), flags(&refund).as_str()), ("not_accepted", "101.102104", ""));
        world.assert_books_agree().await;
    }

    /// P02s: what comes without its tag, or with nobody's, is held apart until a person says which invoice it is for.
    async fn odd_case_14_a_payment_without_its_tag_is_attributed(world: World) {
        let (paid, other, dollars) = (lumens(&world, "O-14").await, lumens(&world, "O-14b").await, world.invoice("O-14c").await);
        assert_eq!(paid.address, other.address);
        assert_ne!(paid.tag, other.tag);
        let account = pay_with_tag(&world, &paid, "1000", "none").await;
        assert!(account.is_for_untagged && account.tag.is_none() && account.address == paid.address);
        assert_eq!((world.look(&paid).await.status, world.balance("suspense").await), (InvoiceStatus::Pending, "1000.0000000".to_owned()));
        let case = only_case(&world, &account).await;
        assert_eq!((case.state.as_str(), case.why.as_deref(), case.exceptions.to_text().as_str()), ("manual", Some("policy"), "missing_tag"));

        let (manager, viewer) = (world.person(Role::Manager).await, world.person(Role::Viewer).await);
        let (from, id) = (InvoiceId(account.id), CaseId(case.id));
        let attribute = async |caller, to: Uuid| world.engine.attribute_case(caller, from, id, InvoiceId(to)).await;
        assert!(matches!(attribute(&viewer, paid.id).await, Err(Error::Forbidden)));
        assert!(matches!(attribute(&manager, dollars.id).await, Err(Error::NotDone(NotDone::OtherAsset))));
        assert!(matches!(attribute(&manager, account.id).await, Err(Error::Invalid(_))));
        assert!(matches!(attribute(&manager, Uuid::now_v7()).await, Err(Error::Invalid(_))));
        let accepted = world.engine.resolve_case(&manager, from, id, Resolution::Accept).await;
        assert!(matches!(accepted, Err(Error::NotDone(NotDone::Untagged))), "{accepted:?}");
        let new = NewRefund { amount: Some("5".to_owned()), ..NewRefund::default() };
        let own = world.engine.create_refund(&world.caller, from, new, RefundId(Uuid::now_v7())).await;
        assert!(matches!(own, Err(Error::InvoiceState { .. })), "{own:?}");
        let settled = attribute(&manager, paid.id).await.expect("attributed");
        assert_eq!((settled.status, settled.deposits.len(), settled.exceptions.to_text().as_str()), (InvoiceStatus::Complete, 1, ""));
        assert_eq!((world.balance("suspense").await, world.balance("merchant_available").await), (String::new(), "1000.0000000".to_owned()));
        assert_eq!(only_case(&world, &account).await.state, "attributed");
        assert!(matches!(attribute(&manager, other.id).await, Err(Error::NotDone(NotDone::CaseIsDecided))));
        world.assert_books_agree().await;
    }

    /// Another tag than anybody's, and more than was asked for: judged as any deposit once its invoice is known. Or all of it goes back.
    async fn odd_case_14_a_payment_with_a_wrong_tag_is_judged_or_given_back(world: World) {
        let other = lumens(&world, "O-14b").await;
        let account = pay_with_tag(&world, &other, "1500", "424242").await;
        let from = InvoiceId(account.id);
        let case = account.cases.last().expect("a case").id;
        world.engine.attribute_case(&world.caller, from, CaseId(case), InvoiceId(other.id)).await.expect("attributed");
        let excess = world.refund(&other).await;
        assert_eq!((excess.amount.as_str(), excess.reason.name()), ("500.0000000", "overpaid"));

        let account = pay_with_tag(&world, &other, "70", "none").await;
        let case = account.cases.last().expect("a case").id;
        world.engine.resolve_case(&world.caller, from, CaseId(case), Resolution::Refund).await.expect("given back");
        let back = world.refund(&account).await;
        assert_eq!((back.amount.as_str(), back.reason.name(), back.amount_billed.as_deref()), ("70.0000000", "missing_tag", None));
        let to = ClaimForm { tag: "none".to_owned(), ..form(&stellar_address()) };
        world.engine.confirm_claim(&claim_token(&back), &to, None).await.expect("a claim");
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &back).await.state, StateName::Paid);
        assert_eq!(world.balance("suspense").await, "");
        let audit = world.engine.verify_audit(None, &[]).await.expect("an audit");
        assert!(audit.ok, "{:?}", audit.broken);
        world.assert_books_agree().await;
    }

    /// A tag is its invoice's for ever, and an account its MID's.
    async fn odd_case_14_tags_and_accounts_are_never_shared(world: World) {
        let old = lumens(&world, "O-14d").await;
        world.wait("P100D").await;
        world.engine.watch(Network::Stellar).await.expect("a look");
        let paid = pay_with_tag(&world, &old, "1000", old.tag.as_deref().expect("a tag")).await;
        assert_eq!((paid.id, paid.exceptions.to_text().as_str()), (old.id, "late"));
        let (_, mid) = world.engine.add_mid("Halden Audio", "Another store", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key");
        let caller = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        let another = World { caller, mid, ..world };
        let theirs = lumens(&another, "O-14e").await;
        assert_ne!(theirs.address, old.address);
        let account = pay_with_tag(&another, &theirs, "5", "none").await;
        assert_eq!((account.mid, account.address), (mid.0, theirs.address));
        assert_eq!(another.balance("suspense").await, "5.0000000");
        another.assert_books_agree().await;
    }

    /// What is in suspense is each payer's own: one payment that vanishes stops its own refund and no other.
    async fn odd_case_16_one_untagged_payment_vanishes(world: World) {
        let invoice = lumens(&world, "O-16f").await;
        pay_with_tag(&world, &invoice, "50", "none").await;
        world.wait("PT1H").await;
        let account = pay_with_tag(&world, &invoice, "60", "none").await;
        let from = InvoiceId(account.id);
        let mut refunds = Vec::new();
        for case in account.cases.iter().rev() {
            world.engine.resolve_case(&world.caller, from, CaseId(case.id), Resolution::Refund).await.expect("given back");
            refunds.push(world.refund(&account).await);
        }
        let states = async || {
            let mut states = Vec::new();
            for refund in &refunds {
                states.push(again(&world, refund).await.state);
            }
            states
        };
        world.engine.sandbox_reorg(Network::Stellar, 60).await.expect("a reorg");
        world.wait("PT11M").await;
        assert_eq!(states().await, [StateName::Canceled, StateName::AwaitingClaim], "the 60 went, the 50 are there");
        assert_eq!((world.balance("suspense").await, world.balance("refund_payable").await), (String::new(), "50.0000000".to_owned()));
        world.engine.sandbox_mine_again(Network::Stellar).await.expect("the blocks");
        world.engine.watch(Network::Stellar).await.expect("a look");
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(states().await, [StateName::AwaitingClaim, StateName::AwaitingClaim]);
        assert_eq!(world.balance("refund_payable").await, "110.0000000");
        world.assert_books_agree().await;
    }

    /// P15: a final payment that vanishes takes its unsent refund and its credit along.
    async fn odd_case_16_deposit_reorged_before_the_refund(world: World) {
        let invoice = world.invoice("O-16").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_reorg(Network::Tron, 5).await.expect("a reorg");
        world.wait("PT11M").await;
        let stopped = again(&world, &refund).await;
        assert_eq!((stopped.state, stopped.cancel.map(|cancel| cancel.by)), (StateName::Canceled, Some(CanceledBy::System)));
        for account in ["custody", "holding", "merchant_available", "refund_payable", "merchant_receivable"] {
            assert_eq!(world.balance(account).await, "", "{account}");
        }
        let again = world.engine.reissue_refund(&world.caller, RefundId(refund.id)).await;
        assert!(again.is_err(), "there is no money behind it: {again:?}");
        world.assert_books_agree().await;
    }

    /// P16: the refund was paid before the payment vanished: the merchant owes it.
    async fn odd_case_17_deposit_reorged_after_the_refund(world: World) {
        world.policy(|policy| policy.security_delay = period("PT0S")).await;
        let invoice = world.invoice("O-17").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.settle().await;
        assert_eq!(again(&world, &refund).await.state, StateName::Paid);
        // Only the payment's block goes; the payout is in a younger one and is mined again.
        world.engine.sandbox_reorg(Network::Tron, 3600).await.expect("a reorg");
        world.wait("PT11M").await;
        world.settle().await;
        world.wait("PT11M").await;
        world.settle().await;
        let refund = again(&world, &refund).await;
        assert_eq!(refund.state, StateName::Paid, "P17 and odd case 18: the same bytes were mined again");
        let states: Vec<StateName> = refund.timeline.iter().map(|entry| entry.state).collect();
        assert_eq!(states.iter().filter(|state| **state == StateName::Sending).count(), 2, "{states:?}");
        assert_eq!(world.balance("merchant_available").await, "");
        assert_eq!(world.balance("merchant_receivable").await, "48.897896");
        world.assert_books_agree().await;
    }

    /// P15 taken back: the same payment in another block is the same payment. Its refund is offered again, the merchant has the price.
    async fn odd_case_16_deposit_mined_again_after_it_vanished(world: World) {
        let (over, exact, held) = (world.invoice("O-16c").await, world.invoice("O-16d").await, world.invoice("O-16e").await);
        world.pay(&over, "150").await;
        world.pay(&exact, "101.102104").await;
        world.policy(|policy| policy.on_over = OnOver::Hold).await;
        world.pay(&held, "150").await;
        let refund = world.refund(&over).await;
        for _ in 0..2 {
            world.engine.sandbox_reorg(Network::Tron, 3600).await.expect("a reorg");
            world.wait("PT11M").await;
            assert_eq!(again(&world, &refund).await.state, StateName::Canceled);
            assert_eq!((world.balance("custody").await, world.balance("merchant_available").await), (String::new(), String::new()));
            world.engine.sandbox_mine_again(Network::Tron).await.expect("the blocks");
            for _ in 0..2 {
                world.engine.watch(Network::Tron).await.expect("a look");
                world.engine.run_due_jobs().await.expect("jobs run");
            }
            assert_eq!(again(&world, &refund).await.state, StateName::AwaitingClaim);
            assert_eq!(world.balance("merchant_available").await, "202.204208");
            assert_eq!((world.balance("holding").await, world.balance("refund_payable").await), ("150.000000".to_owned(), "48.897896".to_owned()));
        }
        assert_eq!((world.look(&over).await.deposits.len(), world.look(&exact).await.status), (1, InvoiceStatus::Complete));
        let cases: Vec<String> = world.look(&held).await.cases.into_iter().map(|case| case.state).collect();
        assert_eq!(cases, ["void", "void", "manual"], "nobody had decided about it, and somebody has to again");
        world.claim(&again(&world, &refund).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &refund).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// Two payments vanish together: each is taken back from where its own money is, for one of them may return alone.
    async fn odd_case_16_a_vanished_payment_leaves_what_waits_beside_it(world: World) {
        world.policy(|policy| policy.on_over = OnOver::Hold).await;
        let invoice = world.invoice("O-16h").await;
        world.pay(&invoice, "101.102104").await;
        world.pay(&invoice, "30").await;
        assert_eq!((world.balance("merchant_available").await, world.balance("holding").await), ("101.102104".to_owned(), "30.000000".to_owned()));
        world.engine.sandbox_reorg(Network::Tron, 3600).await.expect("a reorg");
        world.wait("PT11M").await;
        let of_invoice = EntryFilter { invoice: Some(InvoiceId(invoice.id)), ..EntryFilter::default() };
        let entries = world.engine.entries(&world.caller, of_invoice, PageRequest::default()).await.expect("entries");
        let taken = entries.data.iter().filter(|entry| entry.kind == "deposit_orphaned").flat_map(|entry| &entry.postings);
        let mut taken: Vec<(&str, &str)> = taken.map(|posting| (posting.debit.as_str(), posting.amount.as_str())).collect();
        taken.sort_unstable();
        assert_eq!(taken, [("holding", "30.000000"), ("merchant_available", "101.102104")]);
        world.assert_books_agree().await;
    }

    /// A refund that waited for a second person while its payment was away is not offered by the payment's return: nobody approved it.
    async fn odd_case_16_what_nobody_approved_is_not_offered_by_its_payments_return(world: World) {
        world.policy(|policy| policy.approval_above = Some("USD:20".parse().expect("limits"))).await;
        let invoice = world.invoice("O-16g").await;
        world.pay(&invoice, "101.102104").await;
        let new = NewRefund { amount: Some("50".to_owned()), ..NewRefund::default() };
        let made = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await.expect("a refund");
        assert_eq!(made.state, StateName::AwaitingApproval);
        world.engine.sandbox_reorg(Network::Tron, 3600).await.expect("a reorg");
        world.wait("PT11M").await;
        assert_eq!(again(&world, &made).await.state, StateName::Canceled);
        world.engine.sandbox_mine_again(Network::Tron).await.expect("the blocks");
        world.wait("PT11M").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Canceled);
        assert_eq!(world.balance("merchant_available").await, "101.102104");
        world.assert_books_agree().await;
    }

    /// P16 taken back: what was paid out meanwhile is owed by nobody any more, and not paid again.
    async fn odd_case_17_deposit_mined_again_after_the_refund_was_paid(world: World) {
        world.policy(|policy| policy.security_delay = period("PT0S")).await;
        let invoice = world.invoice("O-17b").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.settle().await;
        world.engine.sandbox_reorg(Network::Tron, 3600).await.expect("a reorg");
        for _ in 0..2 {
            world.wait("PT11M").await;
            world.settle().await;
        }
        assert_eq!((world.balance("merchant_receivable").await, world.balance("custody").await), ("48.897896".to_owned(), "-47.647896".to_owned()));
        world.engine.sandbox_mine_again(Network::Tron).await.expect("the blocks");
        world.engine.watch(Network::Tron).await.expect("a look");
        world.settle().await;
        assert_eq!((world.balance("merchant_receivable").await, world.balance("merchant_available").await), (String::new(), "101.102104".to_owned()));
        assert_eq!((world.look(&invoice).await.refunds.len(), again(&world, &refund).await.state), (1, StateName::Paid));
        let more = NewRefund { amount: Some("101.102105".to_owned()), ..NewRefund::default() };
        let refused = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), more, RefundId(Uuid::now_v7())).await;
        assert!(matches!(refused, Err(Error::ExceedsRefundable { .. })), "{refused:?}");
        world.assert_books_agree().await;
    }

    /// While a payment is in doubt, nothing more is promised of it, and nothing is sent.
    async fn odd_case_16_nothing_new_is_promised_of_money_that_vanished(world: World) {
        let invoice = world.invoice("O-16b").await;
        world.pay(&invoice, "101.102104").await;
        world.engine.sandbox_reorg(Network::Tron, 5).await.expect("a reorg");
        world.wait("PT11M").await;
        let new = NewRefund { amount: Some("5".to_owned()), ..NewRefund::default() };
        let refused = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await;
        assert!(matches!(refused, Err(Error::ExceedsRefundable { .. })), "{refused:?}");
        world.assert_books_agree().await;
    }

    /// Confirmed in the last second wins, whatever the expiry job does; a second later it is over.
    async fn odd_case_22_confirmed_in_the_last_second(world: World) {
        let (kept, lost) = (world.invoice("O-22").await, world.invoice("O-22b").await);
        for invoice in [&kept, &lost] {
            world.pay(invoice, "150").await;
        }
        let (kept, lost) = (world.refund(&kept).await, world.refund(&lost).await);
        world.clock.advance(SignedDuration::from_millis(90 * 86_400_000 - 1));
        world.claim(&kept, PAYERS_ADDRESS).await;
        world.clock.advance(SignedDuration::from_millis(1));
        let late = world.engine.confirm_claim(&claim_token(&lost), &form(PAYERS_ADDRESS), None).await;
        assert!(matches!(late, Err(Error::Refused(domain::lifecycle::Refused::ClaimExpired { .. }))), "{late:?}");
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!((again(&world, &kept).await.state, again(&world, &lost).await.state), (StateName::Scheduled, StateName::Expired));
        world.assert_books_agree().await;
    }

    /// The six rules, at a price of then and now.
    async fn odd_case_29_rate_rules(world: World) {
        let invoice = invoice_with(&world, "O-29", |new| new.rate = Some("1.2".to_owned())).await;
        world.pay(&invoice, &invoice.amount_charged).await;
        // Ten dollars were 8.333334 coins then and are 10.110211 now.
        for (rule, coins) in [
            (RateRule::RateThen, "8.333334"),
            (RateRule::RateNowAtCreate, "10.110211"),
            (RateRule::RateNowAtRelease, "10.110211"),
            (RateRule::MinOf, "8.333334"),
            (RateRule::MaxOf, "10.110211"),
        ] {
            let new = NewRefund {
                amount: Some("10".to_owned()),
                currency: Some("USD".to_owned()),
                rate_rule: Some(rule),
                ..NewRefund::default()
            };
            let made = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await;
            assert_eq!(made.expect("a refund").amount, coins, "{rule}");
        }
        world.assert_books_agree().await;
    }

    /// BV-14, C19: what nobody claimed is credited in the currency the MID settles in, through the clearing account, with its rate.
    async fn odd_case_39_expiry_with_conversion(world: World) {
        let (_, mid) = world.engine.add_mid("Halden Audio", "Settles in euro", Some("EUR".parse().expect("a currency"))).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key");
        let caller = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        let world = World { caller, mid, ..world };
        let invoice = world.invoice("O-39").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.wait("P90D").await;
        let expired = again(&world, &refund).await;
        let conversion = expired.conversion.expect("a conversion");
        assert_eq!((expired.state, conversion.rate.as_str(), conversion.amount.as_str(), conversion.currency.as_str()), (StateName::Expired, "0.92", "44.99", "EUR"));
        assert_eq!(world.balance("merchant_available").await, "44.99 + 101.102104");
        assert_eq!(world.balance("fx_clearing").await, "44.99 + -48.897896");
        world.assert_books_agree().await;
    }

    /// CP1 and row 17: under and late money is accepted at the price of the moment, or given back.
    async fn recalculation_accepts_what_covers_the_price_of_now(world: World) {
        world.policy(|policy| {
            policy.on_under = OnUnder::Recalc;
            policy.on_late = OnLate::Recalc;
        })
        .await;
        // Priced at 0.8: 125 coins. At the price of now, 101.102104 suffice.
        let enough = invoice_with(&world, "R-1", |new| new.rate = Some("0.8".to_owned())).await;
        let short = invoice_with(&world, "R-2", |new| new.rate = Some("0.8".to_owned())).await;
        world.pay(&enough, "110").await;
        world.pay(&short, "100").await;
        world.wait("PT21M").await;
        assert_eq!((world.look(&enough).await.status, world.look(&short).await.status), (InvoiceStatus::Complete, InvoiceStatus::Underpaid));
        assert_eq!((world.refund(&enough).await.amount, world.refund(&short).await.amount), ("8.897896".to_owned(), "100.000000".to_owned()));
        world.assert_books_agree().await;
    }

    /// Rule 1: tolerance in percent and absolute, and a grace by how the invoice was priced (CP6).
    async fn tolerance_and_grace_make_a_payment_exact(world: World) {
        world.policy(|policy| {
            policy.tolerance = Tolerance { percent: "1".parse().expect("a number"), absolute: "USD:2".parse().expect("limits") };
            policy.late_grace = LateGrace { fiat: period("PT10M"), coin: period("PT2H") };
        })
        .await;
        let (a_bit_less, a_bit_more, late) = (world.invoice("T-1").await, world.invoice("T-2").await, world.invoice("T-3").await);
        let in_coins = invoice_with(&world, "T-4", |new| new.charged_amount = Some("50".to_owned())).await;
        world.pay(&a_bit_less, "99.5").await;
        world.pay(&a_bit_more, "103").await;
        assert_eq!((world.look(&a_bit_less).await.status, world.look(&a_bit_more).await.status), (InvoiceStatus::Complete, InvoiceStatus::Complete));
        world.wait("PT29M").await;
        world.pay(&late, "101.102104").await;
        assert_eq!(world.look(&late).await.status, InvoiceStatus::Complete);
        world.wait("PT1H").await;
        world.pay(&in_coins, "50").await;
        assert_eq!(world.look(&in_coins).await.status, InvoiceStatus::Complete);
        assert!(world.look(&a_bit_more).await.refunds.is_empty());
        world.assert_books_agree().await;
    }

    /// Row 18: "I will handle them myself". What comes until then is decided with it.
    async fn a_held_case_is_decided_by_a_person(world: World) {
        world.policy(|policy| policy.on_over = OnOver::Hold).await;
        let invoice = world.invoice("H-1").await;
        world.pay(&invoice, "150").await;
        let case = only_case(&world, &invoice).await;
        assert_eq!((case.state.as_str(), case.why.as_deref()), ("manual", Some("policy")));
        assert_eq!(world.balance("holding").await, "150.000000");
        world.pay(&invoice, "10").await;
        assert_eq!(only_case(&world, &invoice).await.received, "160.000000");
        let viewer = world.person(Role::Viewer).await;
        let (id, case) = (InvoiceId(invoice.id), CaseId(case.id));
        assert!(matches!(world.engine.resolve_case(&viewer, id, case, Resolution::RefundExcess).await, Err(Error::Forbidden)));
        world.engine.resolve_case(&world.caller, id, case, Resolution::RefundExcess).await.expect("decided");
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Complete);
        assert_eq!(world.refund(&invoice).await.amount, "58.897896");
        world.assert_books_agree().await;
    }

    /// Scope: merchant's MID, then asset, then invoice; locked settings are the operator's; a case keeps what judged it.
    async fn policies_have_layers_and_locks(world: World) {
        let mut assets = std::collections::BTreeMap::new();
        assets.insert("USDT-TRON".parse().expect("an asset"), Overrides { on_over: Some(OnOver::RefundAll), ..Overrides::default() });
        let new = NewVersion { overrides: Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() }, assets, effective_at: None, tried_on: None };
        world.engine.write_policy(&world.caller, world.mid, new).await.expect("a version");
        let by_asset = world.invoice("L-1").await;
        let by_invoice = invoice_with(&world, "L-2", |new| {
            new.overrides = Some(Overrides { on_over: Some(OnOver::SettleAndRefundExcess), ..Overrides::default() });
        })
        .await;
        for invoice in [&by_asset, &by_invoice] {
            world.pay(invoice, "150").await;
        }
        assert_eq!((world.refund(&by_asset).await.amount, world.refund(&by_invoice).await.amount), ("150.000000".to_owned(), "48.897896".to_owned()));

        let operator = world.operator().await;
        world.engine.lock_policy(&operator, world.mid, vec!["security_delay".to_owned()]).await.expect("locked");
        let faster = NewVersion { overrides: Overrides { security_delay: Some(period("PT1H")), ..Overrides::default() }, ..NewVersion::default() };
        let refused = world.engine.write_policy(&world.caller, world.mid, faster.clone()).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0[0].field == "security_delay"), "{refused:?}");
        world.engine.write_policy(&operator, world.mid, faster).await.expect("the operator may");
    }

    /// Scheduled activation, and four eyes where a guard is loosened.
    async fn a_policy_is_scheduled_and_a_looser_one_approved(world: World) {
        let (owner, manager) = (world.person(Role::Owner).await, world.person(Role::Manager).await);
        let tomorrow = world.engine.now().saturating_add(SignedDuration::from_hours(24)).expect("tomorrow");
        let later = NewVersion {
            overrides: Overrides { on_over: Some(OnOver::Hold), ..Overrides::default() },
            effective_at: Some(tomorrow),
            ..NewVersion::default()
        };
        world.engine.write_policy(&manager, world.mid, later).await.expect("scheduled");
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.on_over, OnOver::SettleAndRefundExcess);
        world.wait("P1D").await;
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.on_over, OnOver::Hold);

        world.policy(|policy| policy.approval_above = Some("USD:10".parse().expect("limits"))).await;
        let looser = NewVersion { overrides: Overrides { approval_above: Some(None), ..Overrides::default() }, ..NewVersion::default() };
        let draft = world.engine.write_policy(&manager, world.mid, looser).await.expect("a draft");
        assert_eq!(draft.state.name(), "draft");
        let own = world.engine.approve_policy(&manager, world.mid, draft.id).await;
        assert!(matches!(own, Err(Error::Refused(domain::lifecycle::Refused::OwnRequest))), "{own:?}");
        world.engine.approve_policy(&owner, world.mid, draft.id).await.expect("approved");
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.approval_above, None);
    }

    /// A destination gone bad while the refund waited: what is blocked says so once and stays where it is.
    async fn a_blocked_refund_stays_owed(world: World) {
        let invoice = world.invoice("B-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, &tron_address(7)).await;
        let operator = world.operator().await;
        world.engine.stop_payouts(&operator, true).await.expect("stopped");
        world.wait("PT80H").await;
        let waits = again(&world, &refund).await;
        assert_eq!((waits.blocked_by, waits.timeline.len()), (Some(BlockedBy::Maintenance), 3));
        assert_eq!(world.balance("refund_payable").await, "48.897896");
        world.assert_books_agree().await;
    }
}

//! The odd cases of requirements 3.6 on the way in: too much, too little, too late, in parts. Each a story on SQLite and on PostgreSQL. Other coins
//! and tags are told in `odd_coins.rs`, blocks that go away in `odd_chains.rs`, the way out in `odd_payouts.rs`.

use domain::ids::{CaseId, InvoiceId, RefundId};
use domain::invoice::{InvoiceStatus, Resolution};
use domain::merchant::{Guard, Role};
use domain::policy::{DestinationSource, FeeBearer, LateGrace, OnLate, OnOver, OnUnder, Overrides, RateRule, Tolerance};
use domain::refund::{BlockedBy, StateName};
use engine::Error;
use engine::clock::Clock as _;
use engine::refunding::NewRefund;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::support::payments::{again, flags, invoice_with, only_case, pay_from, period};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form, tron_address};

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

    /// A refund whose coins are decided when it is sent takes the price of that day. Without a price it waits, and also while the price makes
    /// it so few coins that the fee eats them; nobody is paid less than they agreed to.
    async fn odd_case_29_the_price_of_the_day_it_is_sent(world: World) {
        let invoice = world.invoice("O-29b").await;
        world.pay(&invoice, &invoice.amount_charged).await;
        let new = NewRefund {
            amount: Some("10".to_owned()),
            currency: Some("USD".to_owned()),
            rate_rule: Some(RateRule::RateNowAtRelease),
            fee_bearer: Some(FeeBearer::Payer),
            ..NewRefund::default()
        };
        let made = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await.expect("a refund");
        assert_eq!(made.amount, "10.110211");
        world.claim(&made, PAYERS_ADDRESS).await;
        let world = world.at_price(None).await;
        world.wait("PT72H").await;
        world.settle().await;
        let waits = again(&world, &made).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::RateUnavailable)));
        // Ten dollars are 1.111112 coins, and the fee is 1.25.
        let world = world.at_price(Some("9")).await;
        world.wait("PT1M").await;
        world.settle().await;
        let waits = again(&world, &made).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::FeeAboveCap)));
        let world = world.at_price(Some("1.25")).await;
        world.wait("PT1M").await;
        world.settle().await;
        let paid = again(&world, &made).await;
        assert_eq!((paid.state, paid.amount.as_str(), paid.net_amount.as_deref()), (StateName::Paid, "8.000000", Some("6.750000")));
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
}

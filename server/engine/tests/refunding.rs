//! Refunds that merchants make: how much, in what, of which invoices, by a quote or at once, as stories on SQLite and on PostgreSQL.

use domain::ids::{InvoiceId, RefundId};
use domain::merchant::{Guard, Role};
use domain::policy::{FeeBearer, RateRule};
use domain::refund::{CancelReason, StateName};
use domain::view::{InvoiceView, RefundView};
use engine::Error;
use engine::callers::Caller;
use engine::refunding::NewRefund;
use uuid::Uuid;

use crate::support::payments::again;
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, instant, tron_address};

/// An invoice that was paid exactly.
pub async fn paid(world: &World, reference: &str) -> InvoiceView {
    let invoice = world.invoice(reference).await;
    world.pay(&invoice, &invoice.amount_charged).await;
    world.look(&invoice).await
}

pub async fn refund(world: &World, caller: &Caller, invoice: &InvoiceView, new: NewRefund) -> Result<RefundView, Error> {
    world.engine.create_refund(caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await
}

pub fn coins(amount: &str) -> NewRefund {
    NewRefund { amount: Some(amount.to_owned()), ..NewRefund::default() }
}

stories! {
    /// BP-01, BP-02, BP-13: nothing is refunded of a paid invoice until the merchant says so. Without `immediate` the merchant's balance is touched when the refund is sent, with it at once.
    async fn a_merchants_refund_takes_the_money_when_it_is_sent_or_at_once(world: World) {
        let invoice = paid(&world, "M-1").await;
        assert!(invoice.refunds.is_empty(), "{:?}", invoice.refunds);
        let later = refund(&world, &world.caller, &invoice, coins("10")).await.expect("a refund");
        assert_eq!((later.state, later.immediate, later.rate_rule), (StateName::AwaitingClaim, false, RateRule::CoinExact));
        assert_eq!(world.balance("merchant_available").await, "101.102104");
        let now = refund(&world, &world.caller, &invoice, NewRefund { immediate: true, ..coins("20") }).await.expect("a refund");
        assert_eq!((now.reference.as_str(), now.immediate), ("REFUND-M-1-2", true));
        assert_eq!(world.balance("merchant_available").await, "81.102104");
        assert_eq!(world.balance("refund_payable").await, "20.000000");

        world.claim(&later, PAYERS_ADDRESS).await;
        world.claim(&now, &tron_address(9)).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!((again(&world, &later).await.state, again(&world, &now).await.state), (StateName::Paid, StateName::Paid));
        assert_eq!(world.balance("merchant_available").await, "71.102104");
        assert_eq!(world.balance("refund_payable").await, "");
        world.assert_books_agree().await;
    }

    /// BP-14, CM-03 and P06, P09: the payer gets all of it, the merchant's fee is set aside and settled.
    async fn a_fee_that_the_merchant_pays_is_not_taken_from_the_refund(world: World) {
        let invoice = paid(&world, "M-2").await;
        let new = NewRefund { fee_bearer: Some(FeeBearer::Merchant), ..coins("50") };
        let made = refund(&world, &world.caller, &invoice, new).await.expect("a refund");
        world.claim(&made, PAYERS_ADDRESS).await;
        assert_eq!(again(&world, &made).await.net_amount.as_deref(), Some("50.000000"));
        world.wait("PT72H").await;
        assert_eq!(world.balance("fee_reserve").await, "1.250000");
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
        assert_eq!((world.balance("fee_reserve").await.as_str(), world.balance("fee_recovery").await.as_str()), ("", "1.250000"));
        assert_eq!(world.balance("merchant_available").await, "49.852104");
        world.assert_books_agree().await;
    }

    /// Odd cases 25 and 26, CM-12: several partials at once never exceed what was paid, and the error says what is left.
    async fn odd_case_25_and_26_several_partials_at_once_stop_at_what_was_paid(world: World) {
        let invoice = paid(&world, "M-3").await;
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (engine, caller, id) = (world.engine.clone(), world.caller.clone(), InvoiceId(invoice.id));
            asked.spawn(async move { engine.create_refund(&caller, id, coins("15"), RefundId(Uuid::now_v7())).await });
        }
        let answers = asked.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 6, "6 x 15 of 101.102104");
        for refused in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(&refused, Error::ExceedsRefundable { refundable, .. } if refundable == "11.102104"), "{refused}");
        }
        let rest = refund(&world, &world.caller, &invoice, NewRefund { rate_rule: Some(RateRule::CoinExact), ..NewRefund::default() });
        assert_eq!(rest.await.expect("the rest").amount, "11.102104");
        let none = refund(&world, &world.caller, &invoice, NewRefund::default()).await;
        assert!(matches!(none, Err(Error::ActiveRefund { .. })));
        world.assert_books_agree().await;
    }

    /// BP-08: an amount of the invoice's currency, and percent.
    async fn amounts_come_in_coins_in_currency_and_in_percent(world: World) {
        let invoice = paid(&world, "M-4").await;
        let priced = NewRefund { amount: Some("25.00".to_owned()), currency: Some("USD".to_owned()), ..NewRefund::default() };
        let quarter = refund(&world, &world.caller, &invoice, priced).await.expect("a refund");
        assert_eq!((quarter.amount.as_str(), quarter.rate_rule), ("25.275526", RateRule::RateNowAtRelease));
        let percent = NewRefund { percent: Some("12.5".to_owned()), rate_rule: Some(RateRule::CoinExact), ..NewRefund::default() };
        assert_eq!(refund(&world, &world.caller, &invoice, percent).await.expect("a refund").amount, "12.637763");
        let wrong = [
            NewRefund { percent: Some("0".to_owned()), ..NewRefund::default() },
            NewRefund { percent: Some("101".to_owned()), ..NewRefund::default() },
            NewRefund { percent: Some("1".to_owned()), ..coins("1") },
            NewRefund { currency: Some("EUR".to_owned()), ..coins("1") },
            coins("0"),
            coins("-1"),
            coins("1.0000001"),
            NewRefund { reference: Some("r".repeat(101)), ..coins("1") },
            NewRefund { address: Some(invoice.address.clone()), ..coins("1") },
            NewRefund { address: Some("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".to_owned()), ..coins("1") },
        ];
        for new in wrong {
            assert!(matches!(refund(&world, &world.caller, &invoice, new.clone()).await, Err(Error::Invalid(_))), "{new:?}");
        }
        assert_eq!(world.look(&invoice).await.refunds.len(), 2);
    }

    /// C10: only what the policy calls refundable, and only for so long.
    async fn only_invoices_in_refundable_states_and_within_the_window_are_refunded(world: World) {
        let open = world.invoice("M-5").await;
        assert!(matches!(refund(&world, &world.caller, &open, coins("1")).await, Err(Error::InvoiceState { .. })));
        let invoice = paid(&world, "M-6").await;
        world.wait("P366D").await;
        assert!(matches!(refund(&world, &world.caller, &invoice, coins("1")).await, Err(Error::InvoiceState { .. })));
    }

    /// A quote holds no money, holds for its time, and makes one refund however often it is confirmed.
    async fn a_quote_is_confirmed_once_and_not_after_its_time(world: World) {
        let invoice = paid(&world, "M-7").await;
        let (first, second) = (RefundId(Uuid::now_v7()), RefundId(Uuid::now_v7()));
        let quote = world.engine.preview_refund(&world.caller, InvoiceId(invoice.id), coins("30"), first).await.expect("a quote");
        assert_eq!((quote.amount.as_str(), quote.net_amount.as_str()), ("30.000000", "28.750000"));
        assert!(world.look(&invoice).await.refunds.is_empty());
        world.engine.preview_refund(&world.caller, InvoiceId(invoice.id), coins("30"), second).await.expect("a quote");
        for _ in 0..2 {
            let made = world.engine.confirm_preview(&world.caller, first).await.expect("the refund");
            assert_eq!((made.id, made.amount.as_str()), (first.0, "30.000000"));
        }
        assert_eq!(world.look(&invoice).await.refunds.len(), 1);
        world.wait("PT15M").await;
        assert!(matches!(world.engine.confirm_preview(&world.caller, second).await, Err(Error::QuoteExpired { .. })));
    }

    /// A quote becomes a refund or is taken back, never both, whoever is first and in whichever process.
    async fn a_quote_is_confirmed_or_withdrawn(world: World) {
        let invoice = paid(&world, "M-7b").await;
        let other = world.beside().await;
        let mut refunds = 0;
        for round in 0..24 {
            let id = RefundId(Uuid::now_v7());
            world.engine.preview_refund(&world.caller, InvoiceId(invoice.id), coins("3"), id).await.expect("a quote");
            let confirm = world.engine.confirm_preview(&world.caller, id);
            let withdraw = other.withdraw_quote(&world.caller, id);
            let (confirmed, withdrawn) = if round % 2 == 0 {
                tokio::join!(confirm, withdraw)
            } else {
                let (withdrawn, confirmed) = tokio::join!(withdraw, confirm);
                (confirmed, withdrawn)
            };
            match (&confirmed, &withdrawn) {
                (Ok(_), Err(Error::Conflict)) => refunds = usize::saturating_add(refunds, 1),
                (Err(Error::QuoteExpired { .. }), Ok(_)) => {}
                both => panic!("{both:?}"),
            }
            assert!(matches!(other.withdraw_quote(&world.caller, id).await, Err(Error::Conflict | Error::QuoteExpired { .. })));
        }
        assert_eq!(world.look(&invoice).await.refunds.len(), refunds);
        world.assert_books_agree().await;
    }

    /// Who asks for all of a payment that is promised already is told to which refund; once that is paid, that nothing is left.
    async fn all_of_a_payment_is_promised_once(world: World) {
        let invoice = paid(&world, "M-19").await;
        let all = NewRefund { rate_rule: Some(RateRule::CoinExact), ..NewRefund::default() };
        let made = refund(&world, &world.caller, &invoice, all.clone()).await.expect("a refund");
        let again_asked = refund(&world, &world.caller, &invoice, all.clone()).await;
        assert!(matches!(&again_asked, Err(Error::ActiveRefund { reference }) if *reference == made.reference), "{again_asked:?}");
        let part = refund(&world, &world.caller, &invoice, coins("1")).await;
        assert!(matches!(part, Err(Error::ExceedsRefundable { .. })), "{part:?}");
        world.claim(&made, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
        let late = refund(&world, &world.caller, &invoice, all).await;
        assert!(matches!(late, Err(Error::ExceedsRefundable { .. })), "{late:?}");
    }

    /// Who runs a MID that the operator suspended promises nobody anything more; the operator can.
    async fn a_suspended_mid_makes_no_refunds(world: World) {
        let (operator, owner, invoice) = (world.operator().await, world.person(Role::Owner).await, paid(&world, "M-20").await);
        let id = RefundId(Uuid::now_v7());
        let quoted = world.engine.preview_refund(&world.caller, InvoiceId(invoice.id), coins("5"), id).await.expect("a quote");
        world.engine.guard_mid(&operator, world.mid, Guard::Suspended).await.expect("suspended");
        for caller in [&world.caller, &owner] {
            let made = refund(&world, caller, &invoice, coins("10")).await;
            assert!(matches!(made, Err(Error::MerchantFrozen)), "{made:?}");
            let confirmed = world.engine.confirm_preview(caller, RefundId(quoted.id)).await;
            assert!(matches!(confirmed, Err(Error::MerchantFrozen)), "{confirmed:?}");
        }
        refund(&world, &operator, &invoice, coins("10")).await.expect("the operator's");
        world.engine.guard_mid(&operator, world.mid, Guard::Open).await.expect("open");
        refund(&world, &world.caller, &invoice, coins("10")).await.expect("a refund");
        world.assert_books_agree().await;
    }

    /// A destination that the merchant gives goes through the same delay, without a link.
    async fn a_merchant_gives_the_destination(world: World) {
        let invoice = paid(&world, "M-24").await;
        let new = NewRefund { address: Some(PAYERS_ADDRESS.to_owned()), ..coins("10") };
        let made = refund(&world, &world.caller, &invoice, new).await.expect("a refund");
        assert_eq!((made.state, made.claim_url.as_deref()), (StateName::Scheduled, None));
        assert_eq!(made.release_at, Some(instant("2024-10-17T07:34:09Z")));
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// Roles are the engine's: whoever sees may not do, and whoever is somebody else's sees nothing.
    async fn roles_are_enforced_by_the_engine(world: World) {
        let invoice = paid(&world, "M-25").await;
        for role in [Role::Support, Role::Viewer] {
            let caller = world.person(role).await;
            assert!(matches!(refund(&world, &caller, &invoice, coins("5")).await, Err(Error::Forbidden)), "{role:?}");
            let policy = world.engine.policy(&caller, world.mid).await.expect("seeing is allowed").policy;
            assert!(matches!(world.engine.set_policy(&caller, world.mid, policy).await, Err(Error::Forbidden)), "{role:?}");
        }
        let manager = world.person(Role::Manager).await;
        let made = refund(&world, &manager, &invoice, coins("5")).await.expect("a refund");
        let stranger = world.stranger().await;
        let id = RefundId(made.id);
        assert!(matches!(world.engine.cancel_refund(&stranger, id, CancelReason::Other, None).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.hold_refund(&stranger, id).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.reissue_refund(&stranger, id).await, Err(Error::NotFound)));
        assert!(matches!(refund(&world, &stranger, &invoice, coins("5")).await, Err(Error::NotFound)));
    }
}

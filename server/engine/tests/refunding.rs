//! Refunds that merchants make, approvals, holds, freezes and everything that happens to a refund after its first way, as stories on
//! SQLite and on PostgreSQL.

use domain::ids::{EndpointId, InvoiceId, RefundId};
use domain::lifecycle::Refused;
use domain::merchant::{Guard, Role};
use domain::money::Network;
use domain::policy::{DestinationSource, FeeBearer, OnExpiry, RateRule, Reopen};
use domain::refund::{BlockedBy, CancelReason, HoldReason, StateName};
use domain::view::{ClaimViewState, InvoiceView, RefundView, Waits};
use engine::Error;
use engine::callers::Caller;
use engine::freezes::SensitiveChange;
use engine::refunding::NewRefund;
use engine::sandbox::SandboxMode;
use uuid::Uuid;

use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form, instant, tron_address};

/// An invoice that was paid exactly.
async fn paid(world: &World, reference: &str) -> InvoiceView {
    let invoice = world.invoice(reference).await;
    world.pay(&invoice, &invoice.amount_charged).await;
    world.look(&invoice).await
}

async fn refund(world: &World, caller: &Caller, invoice: &InvoiceView, new: NewRefund) -> Result<RefundView, Error> {
    world.engine.create_refund(caller, InvoiceId(invoice.id), new, RefundId(Uuid::now_v7())).await
}

fn coins(amount: &str) -> NewRefund {
    NewRefund { amount: Some(amount.to_owned()), ..NewRefund::default() }
}

async fn again(world: &World, refund: &RefundView) -> RefundView {
    world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund")
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
    async fn several_partials_at_once_stop_at_what_was_paid(world: World) {
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

    /// Odd case 32 in reverse, C10: only what the policy calls refundable, and only for so long.
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

    /// Odd case 30: what is held for payers is never used for a merchant's refund; it waits and goes on by itself.
    async fn a_refund_waits_for_the_merchants_own_money(world: World) {
        let invoice = paid(&world, "M-8").await;
        let over = world.invoice("M-9").await;
        world.pay(&over, "190").await;
        let all = NewRefund { rate_rule: Some(RateRule::CoinExact), ..NewRefund::default() };
        let (first, of_over) = (refund(&world, &world.caller, &invoice, all.clone()).await.expect("a refund"), world.refund(&over).await);
        let second = refund(&world, &world.caller, &over, all).await.expect("the rest of the other invoice");
        for (made, number) in [(&first, 1), (&second, 2)] {
            world.claim(made, &tron_address(number)).await;
        }
        world.wait("PT1H").await;
        let third = paid(&world, "M-10").await;
        let bearer = NewRefund { fee_bearer: Some(FeeBearer::Merchant), immediate: true, ..coins("101.102104") };
        let immediate = refund(&world, &world.caller, &third, bearer).await.expect("an immediate refund");
        world.claim(&immediate, &tron_address(3)).await;
        world.wait("PT71H").await;
        world.settle().await;
        assert_eq!((again(&world, &first).await.state, again(&world, &second).await.state), (StateName::Paid, StateName::Paid));
        assert_eq!(world.balance("merchant_available").await, "", "twice 101.102104 were sent, and once set aside");
        world.wait("PT1H").await;
        let waits = again(&world, &immediate).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::InsufficientBalance)));
        assert_eq!(world.balance("refund_payable").await, "190.000000", "what is owed to the other payer is not touched");
        paid(&world, "M-11").await;
        world.settle().await;
        world.settle().await;
        assert_eq!(again(&world, &immediate).await.state, StateName::Paid);
        let more = world.look(&third).await;
        let short = refund(&world, &world.caller, &more, NewRefund { immediate: true, ..coins("1") }).await;
        assert!(matches!(short, Err(Error::ExceedsRefundable { .. })));
        assert_eq!(again(&world, &of_over).await.state, StateName::AwaitingClaim);
        world.assert_books_agree().await;
    }

    /// Four eyes: the sum of a day counts, the maker does not approve, a key never does, and a no needs a reason.
    async fn above_the_limit_a_second_person_decides(world: World) {
        world.policy(|policy| policy.approval_above = Some("USD:50".parse().expect("limits"))).await;
        let (owner, manager, support) = (world.person(Role::Owner).await, world.person(Role::Manager).await, world.person(Role::Support).await);
        let invoice = paid(&world, "M-12").await;
        let small = refund(&world, &manager, &invoice, coins("40")).await.expect("a refund");
        assert_eq!(small.state, StateName::AwaitingClaim, "39.56 USD is below the limit");
        let split = refund(&world, &manager, &invoice, coins("40")).await.expect("a refund");
        assert_eq!((split.state, split.claim_url.as_deref()), (StateName::AwaitingApproval, None), "79.13 USD in a day is above it");

        let id = RefundId(split.id);
        assert!(matches!(world.engine.approve_refund(&manager, id).await, Err(Error::Refused(Refused::OwnRequest))));
        assert!(matches!(world.engine.approve_refund(&world.caller, id).await, Err(Error::Refused(Refused::NotAPerson))));
        assert!(matches!(world.engine.approve_refund(&support, id).await, Err(Error::Forbidden)));
        assert!(matches!(world.engine.decline_refund(&owner, id, "  ").await, Err(Error::Invalid(_))));
        let approved = world.engine.approve_refund(&owner, id).await.expect("approved");
        assert_eq!((approved.state, approved.claim_url.is_some()), (StateName::AwaitingClaim, true));
        assert!(matches!(world.engine.approve_refund(&owner, id).await, Err(Error::Refused(Refused::WrongState { .. }))));

        let third = refund(&world, &manager, &invoice, coins("10")).await.expect("a refund");
        let declined = world.engine.decline_refund(&owner, RefundId(third.id), "the goods came back broken").await.expect("declined");
        assert_eq!((declined.state, declined.decline_reason.as_deref()), (StateName::Declined, Some("the goods came back broken")));
        let rest = NewRefund { rate_rule: Some(RateRule::CoinExact), ..NewRefund::default() };
        assert_eq!(refund(&world, &owner, &invoice, rest).await.expect("what was declined is refundable again").amount, "21.102104");
        world.assert_books_agree().await;
    }

    /// Canceling is no way around the second person, and who approved a refund without an address gets none added behind their back.
    async fn what_nobody_approved_is_never_offered(world: World) {
        world
            .policy(|policy| {
                policy.approval_above = Some("USD:20".parse().expect("limits"));
                policy.destination_source = DestinationSource::Merchant;
            })
            .await;
        let owner = world.person(Role::Owner).await;
        let invoice = paid(&world, "M-15").await;
        let made = refund(&world, &world.caller, &invoice, coins("50")).await.expect("a refund");
        world.engine.cancel_refund(&world.caller, RefundId(made.id), CancelReason::NotRequested, None).await.expect("canceled");
        let offered = world.engine.reissue_refund(&world.caller, RefundId(made.id)).await;
        assert!(matches!(offered, Err(Error::Refused(Refused::NeverApproved))), "{offered:?}");
        assert_eq!(again(&world, &made).await.state, StateName::Canceled);

        let approved = refund(&world, &world.caller, &invoice, coins("50")).await.expect("a refund");
        world.engine.approve_refund(&owner, RefundId(approved.id)).await.expect("approved");
        let directed = world.engine.direct_refund(&world.caller, RefundId(approved.id), &tron_address(3), None).await;
        assert!(matches!(directed, Err(Error::Refused(Refused::ApprovedWithout))), "{directed:?}");
        world.engine.cancel_refund(&world.caller, RefundId(approved.id), CancelReason::NotRequested, None).await.expect("canceled");
        let offered = world.engine.reissue_refund(&world.caller, RefundId(approved.id)).await.expect("it was approved");
        assert_eq!(offered.state, StateName::AwaitingClaim);
        world.assert_books_agree().await;
    }

    /// Many at once are seen as the sum that they are.
    async fn an_amount_split_into_many_at_once_is_still_seen(world: World) {
        world.policy(|policy| policy.approval_above = Some("USD:50".parse().expect("limits"))).await;
        let mut asked = tokio::task::JoinSet::new();
        for number in 0..8 {
            let invoice = paid(&world, &format!("S-{number}")).await;
            let (engine, caller) = (world.engine.clone(), world.caller.clone());
            asked.spawn(async move { engine.create_refund(&caller, InvoiceId(invoice.id), coins("20"), RefundId(Uuid::now_v7())).await });
        }
        let made = asked.join_all().await;
        let alone = made.iter().filter(|made| made.as_ref().is_ok_and(|made| made.state == StateName::AwaitingClaim)).count();
        assert_eq!(alone, 2, "19.79 USD each: the third is above 50");
        assert!(made.iter().all(Result::is_ok), "the others wait for a second person");
    }

    /// Release review: above a limit a person looks before it is sent.
    async fn a_large_refund_is_looked_at_before_it_is_sent(world: World) {
        world.policy(|policy| policy.review_above = Some("USD:40".parse().expect("limits"))).await;
        let manager = world.person(Role::Manager).await;
        let invoice = world.invoice("M-13").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        world.claim(&made, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let held = again(&world, &made).await;
        assert_eq!((held.state, held.hold_reason), (StateName::OnHold, Some(HoldReason::Review)));
        assert!(matches!(world.engine.release_refund(&world.caller, RefundId(made.id)).await, Err(Error::Refused(Refused::NotAPerson))));
        world.engine.release_refund(&manager, RefundId(made.id)).await.expect("let go");
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// A refund on hold is not sent, and its payer can still cancel until it would have been.
    async fn a_refund_on_hold_waits_and_can_be_canceled_by_its_payer(world: World) {
        let invoice = world.invoice("M-14").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        let token = claim_token(&made);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let cancel = cancel_token(&world.engine, &token, &viewer).await;
        world.engine.hold_refund(&world.caller, RefundId(made.id)).await.expect("held");
        world.wait("PT71H").await;
        assert_eq!(again(&world, &made).await.state, StateName::OnHold);
        world.engine.cancel_claim(&cancel, CancelReason::NotRequested, None).await.expect("canceled");
        world.wait("P30D").await;
        assert_eq!(again(&world, &made).await.state, StateName::Canceled);
        world.assert_books_agree().await;
    }

    /// Until it is due its payer is not told that somebody looks at it. Then they are, and are offered nothing that would be too late.
    async fn a_payer_reads_that_a_due_refund_is_being_checked(world: World) {
        let invoice = world.invoice("M-18").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        let token = claim_token(&made);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        world.engine.hold_refund(&world.caller, RefundId(made.id)).await.expect("held");
        let page = async || world.engine.claim_view(&token, Some(&viewer)).await.expect("the page").state;
        let ClaimViewState::Scheduled { waits, cancel_path, .. } = page().await else { panic!("not scheduled") };
        assert!(waits.is_none() && cancel_path.is_some(), "{waits:?}");
        world.wait("PT73H").await;
        let ClaimViewState::Scheduled { waits, cancel_path, .. } = page().await else { panic!("not scheduled") };
        assert_eq!((waits, cancel_path), (Some(Waits::ForACheck), None));
    }

    /// CM-09 and odd case 31: creation and claims go on, sending waits a day; the payer's window is not shortened.
    async fn a_freeze_stops_sending_and_nothing_else(world: World) {
        world.policy(|policy| policy.security_delay = "PT1H".parse().expect("a period")).await;
        world.engine.freeze(world.merchant().await, SensitiveChange::Password).await.expect("frozen");
        let invoice = world.invoice("M-15").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        world.claim(&made, PAYERS_ADDRESS).await;
        world.wait("PT2H").await;
        let waits = again(&world, &made).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::Frozen)));
        let page = world.engine.claim_view(&claim_token(&made), None).await.expect("the page");
        let until = world.engine.now().saturating_add(jiff::SignedDuration::from_hours(22)).expect("an instant");
        assert!(matches!(page.state, ClaimViewState::Scheduled { waits: Some(Waits::UntilThawed(told)), .. } if told == until), "{:?}", page.state);
        world.wait("PT21H59M").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Scheduled, "24 hours are not over");
        world.wait("PT1M").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
    }

    /// The kill switches: one MID, and everything.
    async fn the_operator_stops_a_mid_and_everything(world: World) {
        let operator = world.operator().await;
        let invoice = world.invoice("M-16").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        world.claim(&made, PAYERS_ADDRESS).await;
        assert!(matches!(world.engine.guard_mid(&world.caller, world.mid, Guard::Suspended).await, Err(Error::Forbidden)));
        world.engine.guard_mid(&operator, world.mid, Guard::Suspended).await.expect("suspended");
        world.wait("PT73H").await;
        assert_eq!(again(&world, &made).await.blocked_by, Some(BlockedBy::Suspended));
        let held = world.invoice("M-17").await;
        world.pay(&held, "101.102104").await;
        assert_eq!(world.look(&held).await.cases.first().and_then(|case| case.why.clone()).as_deref(), Some("suspended"));
        world.engine.stop_payouts(&operator, true).await.expect("stopped");
        world.engine.guard_mid(&operator, world.mid, Guard::Open).await.expect("open");
        world.settle().await;
        assert_eq!(again(&world, &made).await.blocked_by, Some(BlockedBy::Maintenance));
        world.engine.stop_payouts(&operator, false).await.expect("going");
        world.settle().await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
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

    /// CP-13, C3 and odd case 24: after the payer's cancel only the merchant offers it again, or only the operator.
    async fn what_the_payer_canceled_is_offered_again_by_a_new_link(world: World) {
        let invoice = world.invoice("M-18").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        let old = claim_token(&made);
        let viewer = world.engine.confirm_claim(&old, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let cancel = cancel_token(&world.engine, &old, &viewer).await;
        world.engine.cancel_claim(&cancel, CancelReason::WrongAddress, None).await.expect("canceled");
        let reissued = world.engine.reissue_refund(&world.caller, RefundId(made.id)).await.expect("offered again");
        assert_eq!(reissued.state, StateName::AwaitingClaim);
        assert!(matches!(world.engine.claim_view(&old, None).await, Err(Error::NotFound)), "the old link is dead");
        world.claim(&reissued, &tron_address(4)).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);

        world.policy(|policy| policy.reopen_after_payer_cancel = Reopen::Admin).await;
        let other = world.invoice("M-19").await;
        world.pay(&other, "150").await;
        let made = world.refund(&other).await;
        let token = claim_token(&made);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let cancel = cancel_token(&world.engine, &token, &viewer).await;
        world.engine.cancel_claim(&cancel, CancelReason::NotRequested, None).await.expect("canceled");
        let refused = world.engine.reissue_refund(&world.caller, RefundId(made.id)).await;
        assert!(matches!(refused, Err(Error::Refused(Refused::OperatorOnly))));
        let operator = world.operator().await;
        assert_eq!(world.engine.reissue_refund(&operator, RefundId(made.id)).await.expect("offered").state, StateName::AwaitingClaim);
        world.assert_books_agree().await;
    }

    /// BV-09 and odd case 40: what nobody claimed goes to the merchant, or stays held; either way it can be offered again.
    async fn what_expired_is_offered_again_from_where_the_money_is(world: World) {
        let credited = world.invoice("M-20").await;
        world.pay(&credited, "150").await;
        let first = world.refund(&credited).await;
        world.policy(|policy| policy.on_expiry = OnExpiry::Hold).await;
        let kept = world.invoice("M-21").await;
        world.pay(&kept, "150").await;
        let second = world.refund(&kept).await;
        world.wait("P90D").await;
        assert_eq!((again(&world, &first).await.state, again(&world, &second).await.state), (StateName::Expired, StateName::Expired));
        assert_eq!(world.balance("merchant_available").await, "251.102104", "twice 101.102104 and one 48.897896");
        assert_eq!(world.balance("holding").await, "48.897896");
        for made in [&first, &second] {
            assert_eq!(world.engine.reissue_refund(&world.caller, RefundId(made.id)).await.expect("offered").state, StateName::AwaitingClaim);
        }
        assert_eq!(world.balance("refund_payable").await, "97.795792");
        assert_eq!(world.balance("merchant_available").await, "202.204208");
        world.assert_books_agree().await;
    }

    /// Odd cases 37 and 21: a payout that failed gets another address by a new link, which lives at least 14 days. C16: how long a link
    /// lives otherwise is the MID's to say.
    async fn a_failed_payout_gets_another_address(world: World) {
        world.policy(|policy| policy.claim_ttl = "P1D".parse().expect("a period")).await;
        let invoice = world.invoice("M-22").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        world.claim(&made, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Fail).await.expect("a fault");
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::PayoutFailed);
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("no fault");
        let offered = world.engine.reissue_refund(&world.caller, RefundId(made.id)).await.expect("offered");
        assert!(offered.expires_at.is_some_and(|at| at >= instant("2024-10-31T07:34:09Z")));
        world.claim(&offered, &tron_address(5)).await;
        world.wait("PT72H").await;
        world.settle().await;
        let paid = again(&world, &made).await;
        assert_eq!((paid.state, paid.destination.map(|to| to.address)), (StateName::Paid, Some(tron_address(5))));
        world.assert_books_agree().await;
    }

    /// CM-02, `destination_source: merchant`: the merchant says later where to, by the rules of the claim page; whoever comes first counts.
    async fn a_merchant_directs_a_refund_in_the_payers_place(world: World) {
        world.policy(|policy| policy.destination_source = DestinationSource::Merchant).await;
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        let (first, second) = (world.invoice("D-1").await, world.invoice("D-2").await);
        for invoice in [&first, &second] {
            world.pay(invoice, "150").await;
        }
        let made = world.refund(&first).await;
        assert_eq!(made.state, StateName::AwaitingClaim, "it waits for the merchant");
        let direct = async |caller: &Caller, refund: &RefundView, address: &str| {
            world.engine.direct_refund(caller, RefundId(refund.id), address, None).await
        };
        let (support, stranger) = (world.person(Role::Support).await, world.stranger().await);
        assert!(matches!(direct(&support, &made, PAYERS_ADDRESS).await, Err(Error::Forbidden)));
        assert!(matches!(direct(&stranger, &made, PAYERS_ADDRESS).await, Err(Error::NotFound)));
        world.engine.import_sanctions("ofac", &tron_address(7)).await.expect("an import");
        for (address, code) in [
            ("TX3sfqPXKDjqKguyjgUSzzF965Guq2fvSW", "checksum"), (first.address.as_str(), "own_address"), (&tron_address(7), "not_accepted"),
        ] {
            let refused = direct(&world.caller, &made, address).await;
            let Err(Error::Invalid(errors)) = refused else { panic!("{address}: {refused:?}") };
            assert_eq!(errors.0.first().map(|error| (error.field.as_str(), error.code.as_str())), Some(("address", code)));
        }

        let directed = direct(&world.caller, &made, PAYERS_ADDRESS).await.expect("directed");
        assert_eq!((directed.state, directed.claim_url.is_none()), (StateName::Scheduled, true));
        direct(&world.caller, &made, PAYERS_ADDRESS).await.expect("the same request again");
        let elsewhere = direct(&world.caller, &made, &tron_address(3)).await;
        assert!(matches!(elsewhere, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "{elsewhere:?}");
        let page = world.engine.claim_view(&claim_token(&made), None).await.expect("the payer's page");
        assert!(matches!(page.state, ClaimViewState::Scheduled { ref to, .. } if !to.is_whole), "{:?}", page.state);
        let by_payer = world.engine.confirm_claim(&claim_token(&made), &form(&tron_address(4)), None).await;
        assert!(matches!(by_payer, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "{by_payer:?}");
        assert_eq!(directed.timeline.last().map(|entry| entry.by.clone()), Some(world.caller.actor.to_string()));

        let claimed = world.refund(&second).await;
        world.claim(&claimed, PAYERS_ADDRESS).await;
        let too_late = direct(&world.caller, &claimed, &tron_address(3)).await;
        assert!(matches!(too_late, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "{too_late:?}");
        world.wait("PT73H").await;
        world.settle().await;
        assert_eq!(again(&world, &made).await.state, StateName::Paid);
        let received = sink.received();
        let told = received.iter().map(Received::json).filter(|body| body["data"]["refund"]["id"] == made.id.to_string());
        let told: Vec<String> = told.map(|body| body["type"].as_str().unwrap_or_default().to_owned()).collect();
        assert_eq!(told, ["refund.created", "refund.claim_available", "refund.claimed", "refund.claimed_again", "refund.sending", "refund.paid"]);
        world.assert_books_agree().await;
    }

    /// Where the policy leaves it to the payer, the merchant's staff cannot send the payer's money elsewhere.
    async fn a_merchant_directs_nothing_that_is_the_payers_to_direct(world: World) {
        let invoice = world.invoice("D-3").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        let refused = world.engine.direct_refund(&world.caller, RefundId(made.id), &tron_address(3), None).await;
        assert!(matches!(refused, Err(Error::Refused(Refused::PayersChoice))), "{refused:?}");
        assert_eq!(again(&world, &made).await.state, StateName::AwaitingClaim);
    }

    /// BP-13, P05: a refund made without `immediate`, canceled and offered again, takes the merchant's money when it is sent and not before.
    async fn a_refund_offered_again_sets_money_aside_as_the_first_time(world: World) {
        let invoice = paid(&world, "R-1").await;
        for (immediate, left) in [(true, "91.102104"), (false, "101.102104")] {
            let made = refund(&world, &world.caller, &invoice, NewRefund { immediate, ..coins("10") }).await.expect("a refund");
            let id = RefundId(made.id);
            let cancel = async || world.engine.cancel_refund(&world.caller, id, CancelReason::Other, None).await.expect("canceled");
            cancel().await;
            assert_eq!(world.balance("merchant_available").await, "101.102104");
            let offered = world.engine.reissue_refund(&world.caller, id).await.expect("offered again");
            assert_eq!((offered.state, offered.immediate), (StateName::AwaitingClaim, immediate));
            assert_eq!(world.balance("merchant_available").await, left);
            if immediate {
                cancel().await;
                continue;
            }
            world.claim(&offered, PAYERS_ADDRESS).await;
            world.wait("PT72H").await;
            world.settle().await;
            assert_eq!(again(&world, &made).await.state, StateName::Paid);
            assert_eq!(world.balance("merchant_available").await, "91.102104");
        }
        world.assert_books_agree().await;
    }

    /// `notify`: whoever writes to the payer, the claim link is in the answer; a payer whom the merchant writes to is not counted as written to.
    async fn a_merchant_may_write_to_the_payer_themselves(world: World) {
        let invoice = paid(&world, "N-1").await;
        for (notify, is_counted) in [(Some(false), false), (Some(true), true), (None, true)] {
            let made = refund(&world, &world.caller, &invoice, NewRefund { notify, ..coins("10") }).await.expect("a refund");
            assert_eq!(made.notify, notify);
            assert!(made.claim_url.is_some());
            world.wait("P60D").await;
            assert_eq!(again(&world, &made).await.last_notification_at.is_some(), is_counted, "{notify:?}");
        }
    }

    /// T−30, −7 and −1 days, each once; and BP-11, written to again by hand.
    async fn the_payer_is_reminded_before_the_link_ends(world: World) {
        let invoice = world.invoice("M-23").await;
        world.pay(&invoice, "150").await;
        let made = world.refund(&invoice).await;
        let reminders = async |world: &World| {
            let timeline = again(world, &made).await.timeline;
            timeline.iter().filter(|entry| entry.note.as_deref() == Some("reminded")).count()
        };
        for (period, count) in [("P59D", 0), ("P1D", 1), ("P22D", 1), ("P1D", 2), ("P6D", 3), ("PT23H", 3)] {
            world.wait(period).await;
            assert_eq!(reminders(&world).await, count, "after another {period}");
        }
        let told = world.engine.notify_payer(&world.caller, RefundId(made.id)).await.expect("told");
        assert_eq!(told.last_notification_at, Some(world.engine.now()));
        world.wait("PT1H").await;
        assert_eq!(again(&world, &made).await.state, StateName::Expired);
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

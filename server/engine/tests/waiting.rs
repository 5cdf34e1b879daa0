//! Refunds that wait: for money, for a second person, for a look at them, or because all that a merchant sends stands still.

use domain::ids::{InvoiceId, RefundId};
use domain::lifecycle::Refused;
use domain::merchant::{Guard, Role};
use domain::policy::{DestinationSource, FeeBearer, RateRule};
use domain::refund::{BlockedBy, CancelReason, HoldReason, StateName};
use domain::view::{ClaimViewState, Waits};
use engine::Error;
use engine::freezes::SensitiveChange;
use engine::refunding::NewRefund;
use uuid::Uuid;

use crate::refunding::{coins, paid, refund};
use crate::support::payments::again;
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form, tron_address};

stories! {
    /// Odd case 30: what is held for payers is never used for a merchant's refund; it waits and goes on by itself.
    async fn odd_case_30_a_refund_waits_for_the_merchants_own_money(world: World) {
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
        // Whoever made the key made what it asks for.
        let key = world.engine.create_key(&owner, world.mid, true, "").await.expect("a key");
        let program = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        let by_key = RefundId(refund(&world, &program, &paid(&world, "M-13k").await, coins("51")).await.expect("a refund").id);
        assert!(matches!(world.engine.approve_refund(&owner, by_key).await, Err(Error::Refused(Refused::OwnRequest))));
        world.engine.revoke_key(&owner, key.id).await.expect("revoked");
        assert!(matches!(world.engine.approve_refund(&owner, by_key).await, Err(Error::Refused(Refused::OwnRequest))));
        world.engine.decline_refund(&manager, by_key, "not this one").await.expect("declined");
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
    async fn odd_case_31_a_freeze_stops_sending_and_nothing_else(world: World) {
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

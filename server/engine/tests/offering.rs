//! What happens to a refund after its first way: offered again, directed in the payer's place, reminded of.

use domain::ids::{EndpointId, RefundId};
use domain::lifecycle::Refused;
use domain::merchant::Role;
use domain::money::Network;
use domain::policy::{DestinationSource, OnExpiry, Reopen};
use domain::refund::{CancelReason, StateName};
use domain::view::{ClaimViewState, RefundView};
use engine::Error;
use engine::callers::Caller;
use engine::refunding::NewRefund;
use engine::sandbox::SandboxMode;
use uuid::Uuid;

use crate::refunding::{coins, paid, refund};
use crate::support::payments::again;
use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form, instant, tron_address};

stories! {
    /// CP-13, C3 and odd case 24: after the payer's cancel only the merchant offers it again, or only the operator.
    async fn odd_case_24_what_the_payer_canceled_is_offered_again_by_a_new_link(world: World) {
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
    async fn odd_case_40_what_expired_is_offered_again_from_where_the_money_is(world: World) {
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
    async fn odd_case_21_and_37_a_failed_payout_gets_another_address(world: World) {
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
}

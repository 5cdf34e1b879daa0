//! A payer's time to cancel is time in which they can: outages and freezes do not shorten it (odd case 23), on both databases.

use domain::claim::{CancelToken, ClaimToken};
use domain::ids::{EndpointId, RefundId};
use domain::merchant::Role;
use domain::refund::{BlockedBy, CancelReason, StateName};
use domain::view::{ClaimViewState, RefundView};
use engine::clock::Clock as _;
use engine::freezes::SensitiveChange;
use engine::{Engine, Error};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, config, form};

stories! {
    /// The only process dies for three hours. Nothing is released before pages are served again; then refunds whose time it cut into wait
    /// three hours longer, on the pages, to the merchant and for the payer, and others do not.
    async fn a_crash_takes_nobodys_time_to_cancel(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        world.policy(|policy| policy.security_delay = "PT2H".parse().expect("a period")).await;
        let manager = world.person(Role::Manager).await;
        let (paid, canceled, held) = (claimed(&world, "O-1").await, claimed(&world, "O-2").await, claimed(&world, "O-3").await);
        world.engine.hold_refund(&manager, id(&held.made)).await.expect("held");
        let began = world.engine.now();
        serve(&world, 60).await;

        world.clock.advance(SignedDuration::from_hours(3));
        let world = world.restart().await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let waits = look(&world, &paid.made).await;
        assert_eq!(waits.state, StateName::Scheduled, "due by the clock, but nobody could cancel");
        world.engine.pages_are_served().await.expect("noted");
        world.engine.run_due_jobs().await.expect("jobs run");

        let until = hours_after(began, 5);
        for refund in [&paid, &canceled, &held] {
            let delayed = look(&world, &refund.made).await;
            assert_eq!(delayed.release_at, Some(until), "two hours of service");
            assert_eq!(delayed.timeline.last().and_then(|entry| entry.note.as_deref()), Some("delayed"));
        }
        let page = world.engine.claim_view(&paid.token, None).await.expect("the page");
        assert!(matches!(page.state, ClaimViewState::Scheduled { release_at, .. } if release_at == until), "{:?}", page.state);
        let told = sink.received().iter().filter(|received| received.event() == "refund.delayed").map(Received::json).collect::<Vec<_>>();
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|body| body["data"]["refund"]["release_at"] == until.to_string()), "{told:?}");
        let later = claimed(&world, "O-4").await;
        assert_eq!(look(&world, &later.made).await.release_at, Some(hours_after(world.engine.now(), 2)), "claimed afterwards");

        serve(&world, 55).await;
        world.engine.cancel_claim(&canceled.cancel, CancelReason::NotRequested, None).await.expect("in time");
        assert_eq!(look(&world, &paid.made).await.state, StateName::Scheduled);
        serve(&world, 10).await;
        let late = world.engine.cancel_claim(&held.cancel, CancelReason::NotRequested, None).await;
        assert!(matches!(late, Err(Error::Refused(_))), "{late:?}");
        world.settle().await;
        assert_eq!(look(&world, &paid.made).await.state, StateName::Paid);
        assert_eq!(look(&world, &held.made).await.state, StateName::OnHold);
        world.assert_books_agree().await;
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }

    /// A payer who comes back before any worker did is not too late either.
    async fn a_payer_cancels_in_the_time_that_an_outage_took(world: World) {
        world.policy(|policy| policy.security_delay = "PT2H".parse().expect("a period")).await;
        let refund = claimed(&world, "O-8").await;
        serve(&world, 60).await;
        world.clock.advance(SignedDuration::from_hours(3));
        let world = world.restart().await;
        world.engine.pages_are_served().await.expect("noted");
        world.engine.cancel_claim(&refund.cancel, CancelReason::NotRequested, None).await.expect("in time");
        assert_eq!(look(&world, &refund.made).await.state, StateName::Canceled);
        world.assert_books_agree().await;
    }

    /// While one of several nodes serves pages there is no outage; and a restart of some minutes is none either.
    async fn one_living_node_is_no_outage_nor_is_a_short_restart(world: World) {
        world.policy(|policy| policy.security_delay = "PT2H".parse().expect("a period")).await;
        let refund = claimed(&world, "O-5").await;
        let release_at = look(&world, &refund.made).await.release_at;
        serve(&world, 30).await;
        let other = world.beside().await;
        for _ in 0..12 {
            world.clock.advance(SignedDuration::from_mins(5));
            other.pages_are_served().await.expect("noted");
        }
        world.engine.pages_are_served().await.expect("noted");
        assert_eq!(look(&world, &refund.made).await.release_at, release_at);
        serve(&world, 30).await;
        world.settle().await;
        assert_eq!(look(&world, &refund.made).await.state, StateName::Paid);
        assert_eq!(look(&world, &refund.made).await.release_at, None);
    }

    /// A sandbox whose clock is moved three days has no outage: it was there all the time.
    async fn moving_the_sandboxs_clock_is_no_outage(world: World) {
        let engine = Engine::open(config(&world.database.url(), None)).await.expect("an engine");
        let world = World { engine, ..world };
        let refund = claimed(&world, "O-6").await;
        world.engine.pages_are_served().await.expect("noted");
        world.wait("PT71H").await;
        world.engine.pages_are_served().await.expect("noted");
        let before = look(&world, &refund.made).await;
        assert_eq!(before.timeline.last().and_then(|entry| entry.note.clone()), None);
        world.wait("PT2H").await;
        assert_ne!(look(&world, &refund.made).await.state, StateName::Scheduled, "released");
    }

    /// The gap is found by several nodes at once, and once.
    async fn a_gap_is_given_back_once_however_many_find_it(world: World) {
        let refund = claimed(&world, "O-7").await;
        let release_at = look(&world, &refund.made).await.release_at.expect("a delay");
        world.engine.pages_are_served().await.expect("noted");
        world.clock.advance(SignedDuration::from_hours(1));
        let nodes = [world.beside().await, world.beside().await, world.engine.clone()];
        let found = nodes.map(|node| tokio::spawn(async move { node.pages_are_served().await }));
        for node in found {
            node.await.expect("no panic").expect("noted");
        }
        world.engine.run_due_jobs().await.expect("jobs run");
        world.engine.pages_are_served().await.expect("noted");
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(look(&world, &refund.made).await.release_at, Some(hours_after(release_at, 1)));
    }

    /// Requirements 3.5: a freeze that begins in the payer's time to cancel stops sending and nothing else.
    async fn a_freeze_never_shortens_the_time_to_cancel(world: World) {
        world.policy(|policy| policy.security_delay = "PT2H".parse().expect("a period")).await;
        let (kept, canceled) = (claimed(&world, "O-8").await, claimed(&world, "O-9").await);
        let release_at = look(&world, &kept.made).await.release_at;
        world.wait("PT1H").await;
        world.engine.freeze(world.merchant().await, SensitiveChange::Email).await.expect("frozen");
        world.wait("PT59M").await;
        world.engine.cancel_claim(&canceled.cancel, CancelReason::WrongAddress, None).await.expect("in time");
        world.wait("PT2M").await;
        let waits = look(&world, &kept.made).await;
        assert_eq!((waits.blocked_by, waits.release_at), (Some(BlockedBy::Frozen), release_at));
        world.wait("PT24H").await;
        world.settle().await;
        assert_eq!(look(&world, &kept.made).await.state, StateName::Paid);
        assert_eq!(look(&world, &canceled.made).await.state, StateName::Canceled);
    }
}

/// A refund that its payer directed.
struct Claimed {
    made: RefundView,
    token: ClaimToken,
    cancel: CancelToken,
}

async fn claimed(world: &World, reference: &str) -> Claimed {
    let invoice = world.invoice(reference).await;
    world.pay(&invoice, "150").await;
    let made = world.refund(&invoice).await;
    let token = claim_token(&made);
    let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a confirmed claim");
    let cancel = cancel_token(&world.engine, &token, &viewer).await;
    Claimed { made, token, cancel }
}

/// Serves pages for some minutes, as a living process does.
async fn serve(world: &World, minutes: u32) {
    world.engine.pages_are_served().await.expect("noted");
    for _ in 0..minutes / 5 {
        world.clock.advance(SignedDuration::from_mins(5));
        world.engine.pages_are_served().await.expect("noted");
        world.engine.run_due_jobs().await.expect("jobs run");
    }
}

fn id(refund: &RefundView) -> RefundId {
    RefundId(refund.id)
}

async fn look(world: &World, refund: &RefundView) -> RefundView {
    world.engine.refund(&world.caller, id(refund)).await.expect("the refund")
}

fn hours_after(instant: Timestamp, hours: i64) -> Timestamp {
    instant.saturating_add(SignedDuration::from_hours(hours)).expect("an instant")
}

//! Steps that are asked for again because their first answer was lost: one request makes its step once, however often it is sent and
//! whatever became of the refund, or the invoice, since.

use domain::ids::{CaseId, InvoiceId, RefundId, RequestId};
use domain::invoice::{InvoiceStatus, NotDone, Resolution};
use domain::lifecycle::Refused;
use domain::merchant::Role;
use domain::money::Network;
use domain::policy::{DestinationSource, OnOver};
use domain::refund::{CancelReason, StateName};
use domain::view::RefundView;
use engine::Error;
use engine::callers::Caller;
use engine::sandbox::SandboxAccount;
use uuid::Uuid;

use crate::support::payments::{lumens, only_case, pay_with_tag};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
enum Step {
    Approve,
    Cancel,
    Decline,
    Direct,
    Hold,
    Notify,
    Reissue,
    Release,
    Retry,
}

async fn ask(world: &World, caller: &Caller, refund: &RefundView, step: Step) -> Result<RefundView, Error> {
    let (engine, id) = (&world.engine, RefundId(refund.id));
    match step {
        Step::Approve => engine.approve_refund(caller, id).await,
        Step::Cancel => engine.cancel_refund(caller, id, CancelReason::Other, None).await,
        Step::Decline => engine.decline_refund(caller, id, "the goods came back broken").await,
        Step::Direct => engine.direct_refund(caller, id, PAYERS_ADDRESS, None).await,
        Step::Hold => engine.hold_refund(caller, id).await,
        Step::Notify => engine.notify_payer(caller, id).await,
        Step::Reissue => engine.reissue_refund(caller, id).await,
        Step::Release => engine.release_refund(caller, id).await,
        Step::Retry => engine.retry_refund(caller, id).await,
    }
}

fn in_a_request(caller: &Caller) -> Caller {
    Caller { request: Some(RequestId(Uuid::now_v7())), ..caller.clone() }
}

/// Sends one request twice at once and a third time later: all three get the same answer, and the refund took one step.
async fn sent_thrice(world: &World, caller: &Caller, refund: &RefundView, step: Step) -> RefundView {
    let caller = in_a_request(caller);
    let steps_before = world.engine.refund(&caller, RefundId(refund.id)).await.expect("the refund").timeline.len();
    let (one, other) = tokio::join!(Box::pin(ask(world, &caller, refund, step)), Box::pin(ask(world, &caller, refund, step)));
    let first = one.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    assert_eq!(other.unwrap_or_else(|error| panic!("{step:?} at once: {error}")), first, "{step:?}");
    assert_eq!(first.timeline.len(), steps_before.saturating_add(1), "{step:?}");
    assert_eq!(
        Box::pin(ask(world, &caller, refund, step)).await.unwrap_or_else(|error| panic!("{step:?} again: {error}")),
        first,
        "{step:?}"
    );
    first
}

/// Overpays an invoice and returns the refund of what was too much.
async fn overpaid(world: &World, reference: &str) -> RefundView {
    let invoice = world.invoice(reference).await;
    world.pay(&invoice, "150").await;
    world.refund(&invoice).await
}

stories! {
    /// Whoever asks, key or person: the repeat gets the first answer, another request the state it finds.
    async fn every_step_is_made_once_for_each_request(world: World) {
        let (key, owner) = (world.caller.clone(), world.person(Role::Owner).await);
        let refund = overpaid(&world, "R-1").await;
        assert_eq!(sent_thrice(&world, &key, &refund, Step::Cancel).await.state, StateName::Canceled);
        let refused = ask(&world, &in_a_request(&key), &refund, Step::Cancel).await;
        assert!(matches!(refused, Err(Error::Refused(Refused::WrongState { .. }))), "{refused:?}");
        let offered = sent_thrice(&world, &key, &refund, Step::Reissue).await;
        assert_eq!(sent_thrice(&world, &key, &refund, Step::Notify).await.state, StateName::AwaitingClaim);

        world.claim(&offered, PAYERS_ADDRESS).await;
        assert_eq!(sent_thrice(&world, &key, &refund, Step::Hold).await.state, StateName::OnHold);
        assert_eq!(sent_thrice(&world, &owner, &refund, Step::Release).await.state, StateName::Scheduled);
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Missing).await.expect("gone");
        world.wait("PT72H").await;
        world.settle().await;
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Ready).await.expect("back");
        assert_eq!(sent_thrice(&world, &key, &refund, Step::Retry).await.state, StateName::Scheduled);
        world.settle().await;
        assert_eq!(world.engine.refund(&key, RefundId(refund.id)).await.expect("the refund").state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// The second person's yes and no, and an address that the merchant gives.
    async fn decisions_and_directions_are_made_once_for_each_request(world: World) {
        world.policy(|policy| {
            policy.approval_above = Some("USD:0".parse().expect("limits"));
            policy.destination_source = DestinationSource::Merchant;
        })
        .await;
        let owner = world.person(Role::Owner).await;
        let invoice = world.invoice("R-2").await;
        world.pay(&invoice, &invoice.amount_charged).await;
        let mut waiting = Vec::new();
        for _ in 0..2 {
            let new = engine::refunding::NewRefund { amount: Some("10".to_owned()), ..Default::default() };
            let id = RefundId(Uuid::now_v7());
            let made = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), new, id).await.expect("a refund");
            assert_eq!(made.state, StateName::AwaitingApproval);
            waiting.push(made);
        }
        assert_eq!(sent_thrice(&world, &owner, &waiting[0], Step::Approve).await.state, StateName::AwaitingClaim);
        assert_eq!(sent_thrice(&world, &owner, &waiting[1], Step::Decline).await.state, StateName::Declined);
        let automatic = overpaid(&world, "R-3").await;
        assert_eq!(sent_thrice(&world, &world.caller, &automatic, Step::Direct).await.state, StateName::Scheduled);
    }

    /// A person's decision about a case: whichever of its kinds, key or person, all three requests get the same invoice.
    async fn a_case_is_decided_once_for_each_request(world: World) {
        world.policy(|policy| policy.on_over = OnOver::Hold).await;
        for (number, how) in [Resolution::Accept, Resolution::RefundExcess, Resolution::Refund].into_iter().enumerate() {
            let invoice = world.invoice(&format!("C-{number}")).await;
            world.pay(&invoice, "150").await;
            let (id, case) = (InvoiceId(invoice.id), CaseId(only_case(&world, &invoice).await.id));
            let caller = in_a_request(&world.caller);
            let resolve = || Box::pin(world.engine.resolve_case(&caller, id, case, how));
            let (one, other) = tokio::join!(resolve(), resolve());
            let decided = one.unwrap_or_else(|error| panic!("{how:?}: {error}"));
            assert_eq!(decided.cases[0].why, None, "{how:?}");
            assert_eq!(other.unwrap_or_else(|error| panic!("{how:?} at once: {error}")), decided, "{how:?}");
            assert_eq!(resolve().await.unwrap_or_else(|error| panic!("{how:?} again: {error}")), decided, "{how:?}");
            let refused = world.engine.resolve_case(&in_a_request(&world.caller), id, case, how).await;
            assert!(matches!(refused, Err(Error::NotDone(NotDone::CaseIsDecided))), "{refused:?}");
        }
        world.assert_books_agree().await;
    }

    /// The same where it is said which invoice a payment is for, also when that invoice took more payments since and after a crash.
    async fn a_payment_is_attributed_once_for_each_request(world: World) {
        let invoice = lumens(&world, "A-1").await;
        let account = pay_with_tag(&world, &invoice, "1000", "none").await;
        let (from, case, to) = (InvoiceId(account.id), CaseId(only_case(&world, &account).await.id), InvoiceId(invoice.id));
        let caller = in_a_request(&world.caller);
        let attribute = || Box::pin(world.engine.attribute_case(&caller, from, case, to));
        let (one, other) = tokio::join!(attribute(), attribute());
        let paid = one.expect("attributed");
        assert_eq!((paid.status, paid.deposits.len()), (InvoiceStatus::Complete, 1));
        assert_eq!(other.expect("at once"), paid);
        assert_eq!(attribute().await.expect("again"), paid);
        let refused = world.engine.attribute_case(&in_a_request(&world.caller), from, case, to).await;
        assert!(matches!(refused, Err(Error::NotDone(NotDone::CaseIsDecided))), "{refused:?}");

        pay_with_tag(&world, &invoice, "7", &invoice.tag.clone().expect("a tag")).await;
        let world = world.restart().await;
        let late = world.engine.attribute_case(&caller, from, case, to).await.expect("done before the crash");
        assert_eq!(late, world.look(&invoice).await);
        assert_eq!(late.deposits.len(), 2);
        world.assert_books_agree().await;
    }

    /// What others did since is not undone by a repeat that comes late, and its answer says how the refund stands now.
    async fn a_late_repeat_undoes_nothing(world: World) {
        let refund = overpaid(&world, "R-4").await;
        let late = in_a_request(&world.caller);
        ask(&world, &late, &refund, Step::Cancel).await.expect("canceled");
        let offered = ask(&world, &in_a_request(&world.caller), &refund, Step::Reissue).await.expect("offered again");
        assert_eq!(ask(&world, &late, &refund, Step::Cancel).await.expect("done before"), offered);
        let world = world.restart().await;
        assert_eq!(ask(&world, &late, &refund, Step::Cancel).await.expect("done before the crash"), offered);
        world.assert_books_agree().await;
    }
}

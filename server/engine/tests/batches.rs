//! Batches: one transaction that pays several refunds. Stories on SQLite and on PostgreSQL; a crash at every point of the way is told in
//! the simulator's `batches.rs`, where processes can die.

use domain::ids::{EndpointId, InvoiceId, RefundId};
use domain::money::Network;
use domain::policy::Policy;
use domain::refund::{CancelReason, StateName};
use domain::view::{InvoiceView, RefundView};
use engine::Error;
use engine::clock::Clock;
use engine::invoices::NewInvoice;
use engine::sandbox::SandboxMode;
use uuid::Uuid;

use crate::support::sink::Sink;
use crate::support::stories;
use crate::support::world::{World, cancel_token, claim_token, form, tron_address};

/// Lets refunds that are sent wait ten minutes for each other.
fn ten_minutes(policy: &mut Policy) {
    policy.batch_window = "PT10M".parse().expect("a period");
}

/// Returns an invoice that 50 too many were paid for, and the refund of them.
async fn overpaid(world: &World, reference: &str) -> (InvoiceView, RefundView) {
    let new = NewInvoice { rate: Some("1".to_owned()), ..world.new_invoice(reference, "USDT-TRON") };
    let invoice = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
    world.pay(&invoice, "150").await;
    let refund = world.refund(&invoice).await;
    (invoice, refund)
}

/// Returns so many refunds that were claimed at the same time, to an address each.
async fn claimed(world: &World, count: u8) -> Vec<RefundView> {
    let mut refunds = Vec::new();
    for number in 0..count {
        let (_, refund) = overpaid(world, &format!("B-{number}")).await;
        world.claim(&refund, &tron_address(number)).await;
        refunds.push(refund);
    }
    refunds
}

async fn again(world: &World, refunds: &[RefundView]) -> Vec<RefundView> {
    let mut now = Vec::new();
    for refund in refunds {
        now.push(world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund"));
    }
    now
}

/// Proves that all refunds are in one state and have one transaction; returns its id.
fn one_transaction(refunds: &[RefundView], state: StateName) -> String {
    let txid = refunds[0].txid.clone().expect("a transaction");
    assert!(refunds.iter().all(|refund| refund.state == state && refund.txid.as_ref() == Some(&txid)), "{refunds:?}");
    txid
}

stories! {
    /// Odd case 7: what is too small to be sent alone is sent with others. Each refund has its own books, all have one transaction.
    async fn three_refunds_are_paid_by_one_transaction(world: World) {
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 3).await;
        world.policy(|_| {}).await;
        let (_, alone) = overpaid(&world, "B-alone").await;
        world.claim(&alone, &tron_address(9)).await;
        world.wait("PT72H").await;
        world.wait("PT599S").await;
        let waiting = again(&world, &refunds).await;
        assert!(waiting.iter().all(|refund| refund.state == StateName::Sending && refund.txid.is_none()), "{waiting:?}");
        assert_eq!(world.balance("payout_in_flight").await, "146.250000", "P07, for each");
        let alone = again(&world, &[alone]).await.remove(0);
        assert_eq!(alone.state, StateName::Paid, "whose policy says nothing of batches waits for nobody");

        world.wait("PT1S").await;
        let txid = one_transaction(&again(&world, &refunds).await, StateName::Sending);
        world.settle().await;
        let paid = again(&world, &refunds).await;
        assert_eq!(one_transaction(&paid, StateName::Paid), txid);
        assert_ne!(alone.txid, Some(txid));
        assert!(paid.iter().all(|refund| refund.net_amount.as_deref() == Some("48.750000")), "what each was told");
        // Four came with 150; four times 48.75 left.
        assert_eq!((world.balance("custody").await, world.balance("payout_in_flight").await), ("405.000000".to_owned(), String::new()));
        world.assert_books_agree().await;
    }

    /// Who cancels in time is not in the batch; an ordered payout that waits for its batch is not stopped any more.
    async fn a_refund_canceled_before_the_window_ends_is_not_in_the_batch(world: World) {
        world.policy(ten_minutes).await;
        let (_, first) = overpaid(&world, "B-1").await;
        world.claim(&first, &tron_address(1)).await;
        let (_, last) = overpaid(&world, "B-2").await;
        let (_, canceled) = overpaid(&world, "B-3").await;
        world.wait("PT5M").await;
        world.claim(&last, &tron_address(2)).await;
        let token = claim_token(&canceled);
        let viewer = world.engine.confirm_claim(&token, &form(&tron_address(3)), None).await.expect("a claim");
        let link = cancel_token(&world.engine, &token, &viewer).await;

        world.wait("PT71H55M").await;
        let stop = world.engine.cancel_refund(&world.caller, RefundId(first.id), CancelReason::Other, None).await;
        assert!(matches!(stop, Err(Error::Refused(_))), "its payout is ordered: {stop:?}");
        world.wait("PT299S").await;
        world.engine.cancel_claim(&link, CancelReason::WrongAddress, None).await.expect("in time");
        world.wait("PT1S").await;
        world.wait("PT5M").await;
        one_transaction(&again(&world, &[first.clone(), last.clone()]).await, StateName::Sending);
        world.settle().await;
        one_transaction(&again(&world, &[first, last]).await, StateName::Paid);
        assert_eq!(again(&world, &[canceled]).await[0].state, StateName::Canceled);
        assert_eq!(world.balance("custody").await, "352.500000");
        world.assert_books_agree().await;
    }

    /// Unknown is never failed, for none of them.
    async fn a_batch_whose_answer_is_lost_is_paid_once(world: World) {
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 3).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::LostReply).await.expect("a fault");
        world.wait("PT72H").await;
        world.wait("PT10M").await;
        let txid = one_transaction(&again(&world, &refunds).await, StateName::Sending);
        let world = world.restart().await;
        world.settle().await;
        assert_eq!(one_transaction(&again(&world, &refunds).await, StateName::Paid), txid);
        assert_eq!(world.balance("custody").await, "303.750000");
        world.assert_books_agree().await;
    }

    /// Odd case 19: the fee of a batch is raised once, for all of it, and each refund's own merchant and payer are told.
    async fn the_raised_fee_of_a_batch_is_told_of_each(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 3).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Stuck).await.expect("stuck");
        world.wait("PT72H").await;
        world.wait("PT10M").await;
        world.settle().await;
        for _ in 0..2 {
            world.wait("PT10M").await;
            world.settle().await;
        }
        one_transaction(&again(&world, &refunds).await, StateName::Sending);
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("no fault");
        world.settle().await;
        let paid = again(&world, &refunds).await;
        one_transaction(&paid, StateName::Paid);
        let raised = |refund: &RefundView| refund.timeline.iter().filter(|entry| entry.note.as_deref() == Some("fee_raised")).count();
        let lines: Vec<usize> = paid.iter().map(raised).collect();
        assert!(lines[0] > 0 && lines == [lines[0]; 3], "{lines:?}");
        let told = sink.received().iter().filter(|received| received.event() == "refund.fee_raised").count();
        assert_eq!(told, lines.iter().sum::<usize>());
        assert_eq!(world.balance("custody").await, "303.750000");
        world.assert_books_agree().await;
    }

    /// Odd case 18: the block of a batch goes away for all that were in it, and the same bytes bring it again (P17).
    async fn odd_case_18_a_batch_is_reorganised_away_and_paid_again_for_all(world: World) {
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 3).await;
        world.wait("PT72H").await;
        world.wait("PT10M").await;
        world.settle().await;
        let txid = one_transaction(&again(&world, &refunds).await, StateName::Paid);
        world.engine.sandbox_reorg(Network::Tron, 60).await.expect("a reorg");
        world.wait("PT20M").await;
        assert_eq!(one_transaction(&again(&world, &refunds).await, StateName::Sending), txid);
        world.assert_books_agree().await;
        world.settle().await;
        let paid = again(&world, &refunds).await;
        assert_eq!(one_transaction(&paid, StateName::Paid), txid);
        assert!(paid.iter().all(|refund| refund.timeline.iter().any(|entry| entry.note.as_deref() == Some("reorged"))));
        assert_eq!(world.balance("custody").await, "303.750000");
        world.assert_books_agree().await;
    }

    /// A batch is rejected as a whole: each refund's money is owed again (P11), and each is tried again with another payout.
    async fn a_batch_that_reverts_fails_for_all_and_is_tried_again(world: World) {
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 3).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Reverts).await.expect("a fault");
        world.wait("PT72H").await;
        world.wait("PT10M").await;
        world.settle().await;
        let failed = again(&world, &refunds).await;
        assert!(failed.iter().all(|refund| refund.state == StateName::PayoutFailed), "{failed:?}");
        assert_eq!((world.balance("refund_payable").await, world.balance("custody").await), ("150.000000".into(), "450.000000".into()));
        world.assert_books_agree().await;

        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("no fault");
        for refund in &failed {
            world.engine.retry_refund(&world.caller, RefundId(refund.id)).await.expect("a retry");
        }
        world.wait("PT1S").await;
        world.wait("PT10M").await;
        world.settle().await;
        one_transaction(&again(&world, &refunds).await, StateName::Paid);
        assert_eq!(world.balance("custody").await, "303.750000");
        world.assert_books_agree().await;
    }

    /// Several processes find at the same moment that the window is over: the rows let one make the batch.
    async fn of_several_processes_one_makes_the_batch(world: World) {
        world.policy(ten_minutes).await;
        let refunds = claimed(&world, 6).await;
        let others = [world.beside().await, world.beside().await];
        world.wait("PT72H").await;
        world.clock.advance(jiff::SignedDuration::from_mins(10));
        let (one, two, three) = tokio::join!(world.engine.run_free_jobs(2), others[0].run_free_jobs(2), others[1].run_free_jobs(2));
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
        world.settle().await;
        one_transaction(&again(&world, &refunds).await, StateName::Paid);
        assert_eq!(world.balance("custody").await, "607.500000", "six times 48.75 left, once");
        world.assert_books_agree().await;
    }
}

//! The odd cases of requirements 3.6 about payments whose blocks go away, and come again. Each a story on SQLite and on PostgreSQL.

use domain::ids::{InvoiceId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::money::Network;
use domain::policy::OnOver;
use domain::refund::{CanceledBy, StateName};
use engine::refunding::NewRefund;
use engine::reports::EntryFilter;
use engine::{Error, PageRequest};
use uuid::Uuid;

use crate::support::payments::{again, period};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

stories! {
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
}

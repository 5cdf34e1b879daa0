//! What needs a word about a refund: why it waits, why it was stopped. Each says where the money is and what happens next.

use domain::refund::{BlockedBy, CanceledBy, HoldReason, StateName};
use domain::view::{CancelView, RefundView};
use jiff::Timestamp;
use leptos::prelude::*;

use super::{cards, explains};
use crate::components::{Note, Shape, staff};

/// The notices above a refund's story. `frozen_until` is when payouts of a merchant that are locked go again.
#[component]
pub(super) fn Banner(refund: RefundView, frozen_until: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    let failed = refund.failure.map(|failure| {
        view! {
            <Note tone="bad" shape=Shape::Alert>
                <b>"The payout failed and nothing left the wallet."</b>
                {format!(" {} The money is still owed to the payer.", cards::failure_sentence(failure))}
            </Note>
        }
    });
    let blocked = refund.blocked_by.map(|reason| {
        let until = frozen_until.filter(|_| reason == BlockedBy::Frozen);
        let until = until.map(|at| view! { " Payouts go again on " {staff(at, now)} " UTC." });
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>"Nothing was sent yet."</b>
                {format!(" {}", blocked_sentence(reason))}
                {until}
            </Note>
        }
    });
    let waits = (refund.state == StateName::AwaitingApproval).then(|| {
        let text = if refund.immediate {
            " The money is set aside in the merchant’s balance until a second person approves or declines it."
        } else {
            " The money is still in the merchant’s balance. A second person has to approve it before the payer hears of it."
        };
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>"Nothing was sent yet."</b>
                {text}
            </Note>
        }
    });
    let held = refund.hold_reason.map(|why| {
        let due = refund.release_at.filter(|at| *at > now).map(|at| view! { " It was due on " {staff(at, now)} " UTC." });
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>"Nothing was sent yet."</b>
                {format!(" {} {}", hold_sentence(why), held_where(refund.immediate, why))}
                {due}
            </Note>
        }
    });
    let declined = refund.decline_reason.clone().map(|reason| {
        view! {
            <Note tone="" shape=Shape::Cross>
                <b>"A second person declined it. Nothing was sent, the money is in the merchant’s balance."</b>
                {format!(" “{reason}”")}
            </Note>
        }
    });
    let expired = refund.expires_at.filter(|_| refund.state == StateName::Expired).map(|at| {
        let money = match &refund.conversion {
            Some(to) => format!(" The merchant’s balance got {} {}, at {} per coin.", to.amount, to.currency, to.rate),
            None => " The money went back to the merchant’s balance, or stays held for the payer where the policy says so.".to_owned(),
        };
        view! {
            <Note tone="" shape=Shape::Clock>
                <b>"Nobody claimed it until " {staff(at, now)} " UTC."</b>
                {money}
            </Note>
        }
    });
    let stopped = refund.cancel.map(|cancel| view! { <Stopped cancel /> });
    let due = refund.release_at.filter(|_| refund.state == StateName::Scheduled && refund.blocked_by.is_none());
    let due = due.map(|at| {
        view! {
            <Note tone="move" shape=Shape::Clock>"Leaves on " {staff(at, now)} " UTC. Until then it can be cancelled."</Note>
        }
    });
    view! { {failed} {blocked} {waits} {held} {declined} {expired} {stopped} {due} }.into_any()
}

#[component]
fn Stopped(cancel: CancelView) -> impl IntoView {
    let who = match cancel.by {
        CanceledBy::Payer => "The payer cancelled. Nothing was sent, the money is held.",
        CanceledBy::Merchant => "Cancelled. Nothing was sent, the money is back in the merchant’s balance.",
        CanceledBy::System => "Stopped by Refundry. Nothing was sent, and the money is gone from the books as it is from the chain.",
    };
    let (reason, more) = explains(cancel.reason);
    let reason = if cancel.by == CanceledBy::System { format!(" {reason}: {more}.") } else { format!(" {reason}.") };
    let note = cancel.note.map(|note| format!(" “{note}”"));
    view! {
        <Note tone="" shape=Shape::Cross>
            <b>{who}</b>
            {reason}
            {note}
        </Note>
    }
    .into_any()
}

/// Returns why a due refund waits and what ends that.
const fn blocked_sentence(reason: BlockedBy) -> &'static str {
    match reason {
        BlockedBy::InsufficientFunds => {
            "The wallet that pays refunds holds too little. It goes out by itself once the operator fills it up."
        }
        BlockedBy::InsufficientBalance => {
            "The merchant’s balance is too small for this refund, or for the fee the merchant pays. It goes out by itself once the balance \
             is enough. What is held for other payers is never used."
        }
        BlockedBy::FeeAboveCap => {
            "The network costs more than the payer was told, or than the policy allows. It goes out by itself when the fee has come down."
        }
        BlockedBy::Maintenance => {
            "Payouts are stopped, or the signer does not sign now. It goes out by itself when the operator lets payouts go."
        }
        BlockedBy::Frozen => "Payouts of this merchant are locked for 24 hours after a security change. It goes out by itself after that.",
        BlockedBy::Suspended => "The operator suspended this MID. It goes out by itself once the MID is opened again.",
        BlockedBy::RateUnavailable => "The price of the day decides the amount, and no rate is known. It goes out by itself once one is.",
        BlockedBy::DepositReorged => {
            "The payment behind it vanished from the chain. It goes out by itself if the payment comes back; else it is stopped."
        }
    }
}

/// Returns why a person looks at a refund.
const fn hold_sentence(why: HoldReason) -> &'static str {
    match why {
        HoldReason::Manual => "Somebody put it on hold.",
        HoldReason::Review => "It is above the amount that the policy wants looked at.",
        HoldReason::Screening => "Its address is on a sanctions list.",
    }
}

/// Returns where the money of a refund on hold is, and who lets it go. `is_reserved` is whether it was set aside.
fn held_where(is_reserved: bool, why: HoldReason) -> String {
    let place = if is_reserved { "is set aside for the payer" } else { "is still in the merchant’s balance" };
    let then = match why {
        HoldReason::Manual | HoldReason::Review => "until a person releases or cancels it",
        HoldReason::Screening => "and only the operator can release it",
    };
    format!("The money {place} {then}.")
}

//! What needs a word about a refund: why it waits, why it was stopped. Each says where the money is and what happens next.

use domain::refund::{BlockedBy, CancelReason, CanceledBy, HoldReason, Reason, StateName};
use domain::view::{CancelView, RefundView};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{Sentence, staff_refund as said};

use super::cards;
use crate::components::{Note, Shape, exact, staff};
use crate::language::{rich, say, staff_language};

/// The notices above a refund's story. `frozen_until` is when payouts of a merchant that are locked go again, `is_kept` whether what nobody
/// claimed stays held for the payer.
#[component]
pub(super) fn Banner(refund: RefundView, frozen_until: Option<Timestamp>, is_kept: bool, now: Timestamp) -> impl IntoView {
    let failed = refund.failure.map(|failure| {
        view! {
            <Note tone="bad" shape=Shape::Alert>
                <b>{say(said::Failed)}</b>
                " "
                {cards::failure_sentence(failure)}
                " "
                {say(said::StillOwed)}
            </Note>
        }
    });
    let blocked = refund.blocked_by.map(|reason| {
        let until = frozen_until.filter(|_| reason == BlockedBy::Frozen);
        let until = until.map(|at| view! { " " {timed(&said::BlockedFrozenUntil { time: "" }, at, now)} });
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>{say(said::NothingSent)}</b>
                " "
                {blocked_sentence(reason)}
                {until}
            </Note>
        }
    });
    let waits = (refund.state == StateName::AwaitingApproval).then(|| {
        let text = if refund.immediate { say(said::WaitsReserved) } else { say(said::Waits) };
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>{say(said::NothingSent)}</b>
                " "
                {text}
            </Note>
        }
    });
    let held = refund.hold_reason.map(|why| {
        let due = refund.release_at.filter(|at| *at > now).map(|at| view! { " " {timed(&said::WasDue { time: "" }, at, now)} });
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>{say(said::NothingSent)}</b>
                " "
                {hold_sentence(why)}
                " "
                {held_where(refund.immediate, why)}
                {due}
            </Note>
        }
    });
    let declined = refund.decline_reason.clone().map(|reason| {
        view! {
            <Note tone="" shape=Shape::Cross>
                <b>{say(said::Declined)}</b>
                " "
                {say(said::Quoted { text: &reason })}
            </Note>
        }
    });
    let expired = refund.expires_at.filter(|_| refund.state == StateName::Expired).map(|at| {
        let money = match &refund.conversion {
            Some(to) => {
                let rate = staff_language().number(&to.rate);
                say(said::ReturnedConverted { amount: &exact(&to.amount, &to.currency), rate: &rate })
            }
            None if is_kept => say(said::Kept),
            None => say(said::Returned),
        };
        view! {
            <Note tone="" shape=Shape::Clock>
                <b>{timed(&said::Unclaimed { time: "" }, at, now)}</b>
                " "
                {money}
            </Note>
        }
    });
    let is_merchants = refund.reason == Reason::Merchant;
    let stopped = refund.cancel.map(|cancel| view! { <Stopped cancel is_merchants /> });
    let due = refund.release_at.filter(|_| refund.state == StateName::Scheduled && refund.blocked_by.is_none());
    let due = due.map(|at| {
        view! {
            <Note tone="move" shape=Shape::Clock>{timed(&said::Leaves { time: "" }, at, now)}</Note>
        }
    });
    view! { {failed} {blocked} {waits} {held} {declined} {expired} {stopped} {due} }.into_any()
}

/// Says a sentence whose only variable is an instant.
fn timed(sentence: &impl Sentence, at: Timestamp, now: Timestamp) -> AnyView {
    rich(sentence, staff_language(), |_, _| staff(at, now).into_any())
}

#[component]
fn Stopped(cancel: CancelView, is_merchants: bool) -> impl IntoView {
    let who = match cancel.by {
        CanceledBy::Payer => say(said::PayerCancelled),
        CanceledBy::Merchant if is_merchants => say(said::MerchantCancelled),
        CanceledBy::Merchant => say(said::MerchantCancelledHeld),
        CanceledBy::System => say(said::RefundryStopped),
    };
    let reason = cancel_sentence(cancel.reason);
    let note = cancel.note.map(|note| view! { " " {say(said::Quoted { text: &note })} });
    view! {
        <Note tone="" shape=Shape::Cross>
            <b>{who}</b>
            " "
            {reason}
            {note}
        </Note>
    }
    .into_any()
}

/// Returns why a refund was stopped.
pub(super) fn cancel_sentence(reason: CancelReason) -> String {
    match reason {
        CancelReason::WrongAddress => say(said::WasWrongAddress),
        CancelReason::NotRequested => say(said::WasNotRequested),
        CancelReason::Other => say(said::WasOther),
        CancelReason::DepositReorged => say(said::WasReorged),
    }
}

/// Returns why a due refund waits and what ends that.
pub(super) fn blocked_sentence(reason: BlockedBy) -> String {
    match reason {
        BlockedBy::InsufficientFunds => say(said::BlockedFunds),
        BlockedBy::InsufficientBalance => say(said::BlockedBalance),
        BlockedBy::FeeAboveCap => say(said::BlockedFee),
        BlockedBy::Maintenance => say(said::BlockedMaintenance),
        BlockedBy::Frozen => say(said::BlockedFrozen),
        BlockedBy::Suspended => say(said::BlockedSuspended),
        BlockedBy::RateUnavailable => say(said::BlockedRate),
        BlockedBy::DepositReorged => say(said::BlockedReorged),
    }
}

/// Returns why a person looks at a refund.
pub(super) fn hold_sentence(why: HoldReason) -> String {
    match why {
        HoldReason::Manual => say(said::HoldManual),
        HoldReason::Review => say(said::HoldReview),
        HoldReason::LinkAlone => say(said::HoldLinkAlone),
        HoldReason::Screening => say(said::HoldScreening),
    }
}

/// Returns where the money of a refund on hold is, and who lets it go. `is_reserved` is whether it was set aside.
fn held_where(is_reserved: bool, why: HoldReason) -> String {
    match (why, is_reserved) {
        (HoldReason::Manual | HoldReason::Review | HoldReason::LinkAlone, true) => say(said::HeldReserved),
        (HoldReason::Manual | HoldReason::Review | HoldReason::LinkAlone, false) => say(said::Held),
        (HoldReason::Screening, true) => say(said::HeldReservedOperator),
        (HoldReason::Screening, false) => say(said::HeldOperator),
    }
}

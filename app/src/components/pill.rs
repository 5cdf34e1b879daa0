//! Status in a word and a colour. Solid dots act or are settled, hollow ones wait.

use domain::invoice::InvoiceStatus;
use domain::refund::{Reason, StateName};
use leptos::prelude::*;
use words::{staff_invoice, staff_refund as said};

use crate::language::say;

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Quiet,
    Good,
    Move,
    Warn,
    Bad,
}

impl Tone {
    /// Returns the CSS class.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Quiet => "",
            Self::Good => "good",
            Self::Move => "move",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A word in a coloured pill.
#[component]
pub(crate) fn Pill(tone: Tone, #[prop(optional)] hollow: bool, #[prop(into)] text: String) -> impl IntoView {
    let class = format!("pill {}{}", tone.class(), if hollow { " hollow" } else { "" });
    view! { <span class=class>{text}</span> }
}

/// Where a refund stands.
#[component]
pub(crate) fn StatePill(state: StateName) -> impl IntoView {
    let (tone, hollow) = match state {
        StateName::AwaitingApproval => (Tone::Warn, false),
        StateName::OnHold => (Tone::Warn, true),
        StateName::AwaitingClaim => (Tone::Quiet, true),
        StateName::Scheduled => (Tone::Move, true),
        StateName::Sending => (Tone::Move, false),
        StateName::PayoutFailed => (Tone::Bad, false),
        StateName::Paid => (Tone::Good, false),
        StateName::Expired | StateName::Canceled | StateName::Declined => (Tone::Quiet, false),
    };
    view! { <Pill tone hollow text=state_title(state) /> }
}

/// Returns a refund's state in words.
pub(crate) fn state_title(state: StateName) -> String {
    match state {
        StateName::AwaitingApproval => say(said::NeedsApproval),
        StateName::AwaitingClaim => say(said::AwaitingClaim),
        StateName::Scheduled => say(said::Scheduled),
        StateName::OnHold => say(said::OnHold),
        StateName::Sending => say(said::Sending),
        StateName::PayoutFailed => say(said::PayoutFailed),
        StateName::Paid => say(said::PaidOut),
        StateName::Expired => say(said::Expired),
        StateName::Canceled => say(said::Cancelled),
        StateName::Declined => say(said::NotApproved),
    }
}

/// Where an invoice stands.
#[component]
pub(crate) fn InvoicePill(status: InvoiceStatus) -> impl IntoView {
    let (tone, hollow) = match status {
        InvoiceStatus::Pending => (Tone::Move, true),
        InvoiceStatus::Processing => (Tone::Move, false),
        InvoiceStatus::Complete => (Tone::Good, false),
        InvoiceStatus::Underpaid => (Tone::Warn, false),
        InvoiceStatus::Expired | InvoiceStatus::Canceled => (Tone::Quiet, false),
    };
    view! { <Pill tone hollow text=invoice_title(status) /> }
}

/// Returns an invoice's status in words.
pub(crate) fn invoice_title(status: InvoiceStatus) -> String {
    match status {
        InvoiceStatus::Pending => say(staff_invoice::Pending),
        InvoiceStatus::Processing => say(staff_invoice::Processing),
        InvoiceStatus::Complete => say(staff_invoice::Complete),
        InvoiceStatus::Underpaid => say(staff_invoice::Underpaid),
        InvoiceStatus::Expired => say(staff_invoice::Expired),
        InvoiceStatus::Canceled => say(staff_invoice::Canceled),
    }
}

/// Returns why a refund exists, in a word.
pub(crate) fn reason_title(reason: Reason) -> String {
    match reason {
        Reason::Overpaid => say(said::Overpaid),
        Reason::Underpaid => say(said::Underpaid),
        Reason::Late => say(said::Late),
        Reason::WrongAsset => say(said::WrongCoin),
        Reason::MissingTag => say(said::NoTag),
        Reason::NotAccepted => say(said::NotAccepted),
        Reason::Merchant => say(said::Merchant),
    }
}

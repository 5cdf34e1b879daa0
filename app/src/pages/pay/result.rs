//! How a payment ended: what came, what of it goes back, and the way there.

use domain::invoice::InvoiceStatus;
use domain::refund::Reason;
use domain::view::{PayRefund, PayView};
use leptos::prelude::*;

use crate::components::{Amount, Icon, Shape, exact};
use crate::pages::claim::Head;
use crate::pages::symbol;

/// How it ended, or will end once the network has confirmed what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Confirming,
    Paid,
    PaidTooMuch,
    TooLittle,
    TooLate,
    NotAccepted,
    NeverPaid,
}

/// Returns how a payment ended; nothing while it can still be made.
pub(super) fn outcome(view: &PayView) -> Option<Outcome> {
    let is_over = view.now > view.invoice.expires_at;
    let is_refunded_for = |reason: Reason| view.refunds.iter().any(|refund| refund.reason == reason);
    match view.invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing if view.seen.is_some() && (view.missing.is_none() || is_over) => {
            Some(Outcome::Confirming)
        }
        InvoiceStatus::Pending | InvoiceStatus::Processing if is_over => Some(Outcome::NeverPaid),
        InvoiceStatus::Pending | InvoiceStatus::Processing => None,
        InvoiceStatus::Complete if is_refunded_for(Reason::Overpaid) => Some(Outcome::PaidTooMuch),
        InvoiceStatus::Complete => Some(Outcome::Paid),
        InvoiceStatus::Underpaid => Some(Outcome::TooLittle),
        InvoiceStatus::Expired if view.seen.is_some() || is_refunded_for(Reason::Late) => Some(Outcome::TooLate),
        InvoiceStatus::Expired => Some(Outcome::NeverPaid),
        InvoiceStatus::Canceled => Some(Outcome::NotAccepted),
    }
}

impl Outcome {
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Self::Confirming => "Your payment is being confirmed",
            Self::Paid => "Paid",
            Self::PaidTooMuch => "Paid. You sent a little extra",
            Self::TooLittle => "The payment was too small",
            Self::TooLate => "The payment arrived too late",
            Self::NotAccepted => "The payment could not be accepted",
            Self::NeverPaid => "The time to pay has ended",
        }
    }

    fn text(self, order: &str, merchant: &str) -> String {
        match self {
            Self::Confirming => "The network is confirming it. You can close this page.".to_owned(),
            Self::Paid => format!("Order {order} is complete."),
            Self::PaidTooMuch => format!("Order {order} is complete. The extra is yours."),
            Self::TooLittle => format!("Order {order} was not completed. All of it is refunded."),
            Self::TooLate => format!("The rate had ended, so order {order} was not completed. All of it is refunded."),
            Self::NotAccepted => format!("{merchant} could not accept it for order {order}. All of it is refunded."),
            Self::NeverPaid => format!("Nothing arrived for order {order}. Do not pay now: ask {merchant} for a new payment page."),
        }
    }

    const fn look(self) -> (&'static str, Shape) {
        match self {
            Self::Confirming => ("move", Shape::Clock),
            Self::Paid | Self::PaidTooMuch => ("good", Shape::Check),
            Self::TooLittle | Self::TooLate | Self::NotAccepted => ("warn", Shape::Warning),
            Self::NeverPaid => ("", Shape::Clock),
        }
    }
}

/// The result, with what was sent, and each refund with its link.
#[component]
pub(super) fn Ended(view: PayView, outcome: Outcome) -> impl IntoView {
    let unit = symbol(&view.invoice.asset);
    let (tone, shape) = outcome.look();
    let text = outcome.text(&view.invoice.reference, &view.merchant);
    let sums = view.seen.clone().map(|seen| {
        view! {
            <div>
                <dl class="sum">
                    <div>
                        <dt>"You sent"</dt>
                        <dd><Amount value=seen unit=unit.clone() /></dd>
                    </div>
                    <div>
                        <dt>"Order price"</dt>
                        <dd><Amount value=view.invoice.amount_charged.clone() unit minus=outcome == Outcome::PaidTooMuch /></dd>
                    </div>
                </dl>
            </div>
        }
    });
    let merchant = view.merchant.clone();
    let refunds = view.refunds.into_iter().map(|refund| view! { <Refund refund merchant=merchant.clone() /> }).collect_view();
    view! {
        <Head tone shape heading=outcome.heading()>{text}</Head>
        {sums}
        {refunds}
    }
    .into_any()
}

#[component]
fn Refund(refund: PayRefund, merchant: String) -> impl IntoView {
    let next = match refund.claim_path {
        Some(path) => view! { <a class="btn primary lg" href=path><Icon shape=Shape::Refund /> "Claim refund now"</a> }.into_any(),
        // Another browser, or it was claimed already: the page is everybody's, the refund is not.
        None => view! { <p class="sm soft">{format!("The link to it is in your email, or comes from {merchant}.")}</p> }.into_any(),
    };
    view! {
        <div class="g3">
            <p class="row sb"><span>"Refund"</span> <b>{exact(&refund.amount, &refund.symbol)}</b></p>
            {next}
        </div>
    }
    .into_any()
}

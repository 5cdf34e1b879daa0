//! How a payment ended: what came, what of it goes back, and the way there.

use domain::invoice::InvoiceStatus;
use domain::language::Language;
use domain::refund::Reason;
use domain::view::{PayRefund, PayView};
use leptos::prelude::*;
use words::{Sentence as _, pay};

use crate::components::{Amount, Icon, Shape, exact_in};
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
    pub(super) fn heading(self, language: Language) -> String {
        match self {
            Self::Confirming => pay::Confirming.to(language),
            Self::Paid => pay::Paid.to(language),
            Self::PaidTooMuch => pay::TooMuch.to(language),
            Self::TooLittle => pay::TooLittle.to(language),
            Self::TooLate => pay::TooLate.to(language),
            Self::NotAccepted => pay::NotAccepted.to(language),
            Self::NeverPaid => pay::NeverPaid.to(language),
        }
    }

    fn text(self, language: Language, order: &str, merchant: &str) -> String {
        match self {
            Self::Confirming => pay::ConfirmingText.to(language),
            Self::Paid => pay::PaidText { order }.to(language),
            Self::PaidTooMuch => pay::TooMuchText { order }.to(language),
            Self::TooLittle => pay::TooLittleText { order }.to(language),
            Self::TooLate => pay::TooLateText { order }.to(language),
            Self::NotAccepted => pay::NotAcceptedText { merchant, order }.to(language),
            Self::NeverPaid => pay::NeverPaidText { merchant, order }.to(language),
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
pub(super) fn Ended(view: PayView, outcome: Outcome, language: Language) -> impl IntoView {
    let unit = symbol(&view.invoice.asset);
    let (tone, shape) = outcome.look();
    let text = outcome.text(language, &view.invoice.reference, &view.merchant);
    let sums = view.seen.clone().map(|seen| {
        view! {
            <div>
                <dl class="sum">
                    <div>
                        <dt>{pay::YouSent.to(language)}</dt>
                        <dd><Amount value=seen unit=unit.clone() language /></dd>
                    </div>
                    <div>
                        <dt>{pay::OrderPrice.to(language)}</dt>
                        <dd><Amount value=view.invoice.amount_charged.clone() unit minus=outcome == Outcome::PaidTooMuch language /></dd>
                    </div>
                </dl>
            </div>
        }
    });
    let merchant = view.merchant.clone();
    let refunds = view.refunds.into_iter().map(|refund| view! { <Refund refund merchant=merchant.clone() language /> }).collect_view();
    view! {
        <Head tone shape heading=outcome.heading(language)>{text}</Head>
        {sums}
        {refunds}
    }
    .into_any()
}

#[component]
fn Refund(refund: PayRefund, merchant: String, language: Language) -> impl IntoView {
    let next = match refund.claim_path {
        Some(path) => {
            view! { <a class="btn primary lg" href=path><Icon shape=Shape::Refund /> {pay::ClaimNow.to(language)}</a> }.into_any()
        }
        // Another browser, or it was claimed already: the page is everybody's, the refund is not.
        None => view! { <p class="sm soft">{pay::LinkElsewhere { merchant: &merchant }.to(language)}</p> }.into_any(),
    };
    view! {
        <div class="g3">
            <p class="row sb"><span>{pay::Refund.to(language)}</span> <b class="amt">{exact_in(language, &refund.amount, &refund.symbol)}</b></p>
            {next}
        </div>
    }
    .into_any()
}

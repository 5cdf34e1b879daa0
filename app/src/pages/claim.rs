//! `/claim/{token}`: where a payer says where their refund goes. The refund's state decides what is shown; a posted form
//! ([`Submitted`] in context) leads to the review, or back to the form with what is wrong.

mod after;
mod open;
mod review;
mod scheduled;
mod words;

use ::words::{Sentence as _, claim, refund as said};
use axum::http::{HeaderName, HeaderValue};
use domain::claim::{ClaimForm, ClaimToken, Claimed, FieldErrors};
use domain::claim_code::Needs;
use domain::language::Language;
use domain::policy::FeeBearer;
use domain::view::{ClaimView, ClaimViewState};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;

use super::{page, param, set_unprocessable};
use crate::components::{Amount, BigAmount, exact_in};
use crate::language::language;
use crate::reply::{Failure, Submitted, set_header};
use crate::session;

pub(super) use after::{Canceled, Copy, Head, Sum, Under};
pub(crate) use words::{refused_address, wrong_destination};

/// The claim page.
#[component]
pub(crate) fn Claim() -> impl IntoView {
    let token = param("token");
    page(async move {
        let engine = expect_context::<Engine>();
        let claim = ClaimToken::from_untrusted(&token);
        let view = engine.claim_view(&claim, session::viewer().as_ref()).await.map_err(Failure::of_payer)?;
        let state = view.state.clone();
        let language = language(view.spoken);
        // The one page of ours that may look through the camera, when its payer says so.
        set_header(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
        );
        Ok(match state {
            ClaimViewState::Open { expires_at, release_at } => open_view(token, view, Dates { expires_at, release_at }, language),
            ClaimViewState::Scheduled { .. }
            | ClaimViewState::Sending { .. }
            | ClaimViewState::Paid { .. }
            | ClaimViewState::Delayed { .. }
            | ClaimViewState::Expired { .. }
            | ClaimViewState::Canceled { .. } => view! { <after::After token view language /> }.into_any(),
        })
    })
}

struct Dates {
    expires_at: Timestamp,
    release_at: Timestamp,
}

fn open_view(token: String, view: ClaimView, Dates { expires_at, release_at }: Dates, language: Language) -> AnyView {
    let Some(submitted) = use_context::<Submitted>() else {
        return view! { <open::Open token view expires_at form=ClaimForm::default() errors=FieldErrors::default() language /> }.into_any();
    };
    let form = ClaimForm {
        address: submitted.value("address").to_owned(),
        tag: submitted.value("tag").to_owned(),
        consent: submitted.value("consent").to_owned(),
        email: submitted.value("email").to_owned(),
        // What was typed wrongly is typed again.
        ..ClaimForm::default()
    };
    let mut submitted = words::found_at_confirmation(submitted, &view, language);
    let needs_code = matches!(view.needs, Needs::Code { .. });
    // Where none is sent any more there is none for this address, unless one was typed.
    let says_one_came =
        submitted.errors.0.iter().any(|error| error.field == "code" && !["too_many", "none_left"].contains(&error.code.as_str()));
    let is_code_out = needs_code && (!submitted.value("code").is_empty() || says_one_came);
    // That a code is on its way is no mistake.
    submitted.errors.0.retain(|error| (error.field.as_str(), error.code.as_str()) != ("code", "sent"));
    let is_about_review = |field: &str| ["checked", "fee", "code"].contains(&field);
    let (review_errors, form_errors): (Vec<_>, Vec<_>) = submitted.errors.0.into_iter().partition(|error| is_about_review(&error.field));
    let read = form.read(view.asset.network, &view.asked);
    let form_errors = match &read {
        Ok(_) => FieldErrors(form_errors),
        Err(mistakes) => words::mistakes(mistakes, &view.asset, language),
    };
    match read {
        Ok(Claimed { destination, .. }) if form_errors.0.is_empty() => {
            if !review_errors.is_empty() {
                set_unprocessable();
            }
            view! { <review::Review token view release_at form destination is_code_out errors=FieldErrors(review_errors) language /> }
                .into_any()
        }
        Ok(_) | Err(_) => {
            set_unprocessable();
            view! { <open::Open token view expires_at form errors=form_errors language /> }.into_any()
        }
    }
}

/// The refund's amount at the top of the sheet.
#[component]
fn Headline(merchant: String, amount: String, symbol: String, language: Language) -> impl IntoView {
    view! {
        <div class="g1">
            <h1 class="eyebrow">{claim::From { merchant: &merchant }.to(language)}</h1>
            <BigAmount value=amount unit=symbol language />
        </div>
    }
    .into_any()
}

/// Refund, fee, and what arrives.
#[component]
fn FeeLines(view: ClaimView, language: Language) -> impl IntoView {
    let symbol = view.asset.id.symbol().to_owned();
    let fee = match view.fee_bearer {
        FeeBearer::Payer => view! {
            <div>
                <dt>{said::Fee.to(language)}</dt>
                <dd><Amount value=view.fee unit=symbol.clone() minus=true language /></dd>
            </div>
        }
        .into_any(),
        FeeBearer::Merchant => view! {
            <div>
                <dt>{said::FeePaidBy { merchant: &view.merchant }.to(language)}</dt>
                <dd><Amount value=view.asset.format_units(0) unit=symbol.clone() language /></dd>
            </div>
        }
        .into_any(),
    };
    view! {
        <dl class="sum">
            <div>
                <dt>{said::Refund.to(language)}</dt>
                <dd><Amount value=view.amount unit=symbol.clone() language /></dd>
            </div>
            {fee}
            {view
                .net
                .map(|net| {
                    view! {
                        <div class="total">
                            <dt>{said::YouReceive.to(language)}</dt>
                            <dd><Amount value=net unit=symbol language /></dd>
                        </div>
                    }
                })}
        </dl>
    }
    .into_any()
}

/// Returns the amount that arrives, in words for titles and buttons.
fn net_in_words(view: &ClaimView, language: Language) -> String {
    exact_in(language, view.net.as_deref().unwrap_or(&view.amount), view.asset.id.symbol())
}

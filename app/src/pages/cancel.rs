//! `/cancel/{token}`: stops a scheduled refund. Looking never cancels: mail scanners open links (CP-10).

use domain::claim::CancelToken;
use domain::language::Language;
use domain::refund::CancelReason;
use domain::view::{ClaimView, ClaimViewState, ShownDestination};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, cancel, claim, payer};

use super::claim::{Canceled, Head, Sum, Under};
use super::{page, param, set_unprocessable};
use crate::components::{CancelReasons, ErrorSummary, Form, Note, Offline, Payer, Shape, When};
use crate::language::{language, rich};
use crate::reply::{Failure, Submitted};
use crate::server_fns::cancel::{CancelClaim, NOTE_CHARS_MAX};

/// The cancel page.
#[component]
pub(crate) fn Cancel() -> impl IntoView {
    let token = param("token");
    page(async move {
        let engine = expect_context::<Engine>();
        let view = engine.cancel_page(&CancelToken::from_untrusted(&token)).await.map_err(Failure::of_payer)?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let language = language(view.spoken);
        Ok(match view.state.clone() {
            ClaimViewState::Scheduled { release_at, can_cancel: true, .. } if super::query("keep").is_some() => {
                view! { <Kept view release_at language /> }.into_any()
            }
            ClaimViewState::Scheduled { to, release_at, can_cancel: true, .. } => {
                view! { <Ask token view to release_at submitted language /> }.into_any()
            }
            ClaimViewState::Canceled { by, at } => {
                let (merchant, brand) = (Some(view.merchant.clone()), view.brand.clone());
                view! {
                    <Payer title=words::refund::CancelledTitle.to(language) merchant brand language=Some(language)>
                        <Canceled view by at language />
                    </Payer>
                }
                .into_any()
            }
            ClaimViewState::Scheduled { release_at, .. } => view! { <TooLate view at=Some(release_at) language /> }.into_any(),
            ClaimViewState::Sending { .. } | ClaimViewState::Paid { .. } | ClaimViewState::Delayed { .. } => {
                view! { <TooLate view at=None language /> }.into_any()
            }
            // A cancel link belongs to a confirmed claim; an open or expired one has nothing to cancel.
            ClaimViewState::Open { .. } | ClaimViewState::Expired { .. } => Failure::NoRefund.into_view(),
        })
    })
}

#[component]
fn Ask(
    token: String,
    view: ClaimView,
    to: ShownDestination,
    release_at: Timestamp,
    submitted: Submitted,
    language: Language,
) -> impl IntoView {
    let submitted = submitted.in_words(|field, _| match field {
        "reason" => Some(cancel::Choose.to(language)),
        "note" => Some(cancel::Shorten { count: &NOTE_CHARS_MAX.to_string() }.to(language)),
        _ => None,
    });
    let title = cancel::Title.to(language);
    let title = if submitted.errors.0.is_empty() {
        title
    } else {
        set_unprocessable();
        payer::Error { text: &title }.to(language)
    };
    let merchant = view.merchant.clone();
    let symbol = view.asset.id.symbol().to_owned();
    let network = view.asset.network.title_for(&symbol);
    // An outage took a part of the time to cancel: when it is sent instead is written down by whoever notices first.
    let scheduled = if view.now < release_at {
        rich(&cancel::Scheduled { time: "" }, language, |_, _| at(release_at, language))
    } else {
        cancel::TimeBack.to(language).into_any()
    };
    let only = cancel::Only { merchant: &merchant }.to(language);
    let after = rich(&cancel::After { only: &only }, language, |_, text| view! { <b>{text}</b> }.into_any());
    let keep = format!("/cancel/{token}?keep=yes");
    view! {
        <Payer title merchant=Some(merchant.clone()) brand=view.brand.clone() language=Some(language)>
            <div class="g1">
                <h1>{cancel::Heading.to(language)}</h1>
                <p class="soft sm">{scheduled}</p>
            </div>
            <div>
                <dl class="kv spread">
                    <dt>{payer::Amount.to(language)}</dt>
                    <dd><Sum value=view.net.unwrap_or(view.amount) symbol language /></dd>
                    <dt>{payer::Network.to(language)}</dt>
                    <dd>{network}</dd>
                    <dt>{payer::Address.to(language)}</dt>
                    <dd class="addr small">{to.address}</dd>
                </dl>
            </div>
            <form class="g5" method="post" action=CancelClaim::url()>
                <input type="hidden" name="token" value=token />
                <ErrorSummary errors=submitted.errors.clone() language />
                <CancelReasons submitted merchant=Some(merchant.clone()) explains=explains(&merchant, language) language />
                <Note tone="warn" shape=Shape::Warning>{after}</Note>
                <div class="g2">
                    <button class="btn danger lg" data-busy=cancel::Cancelling.to(language)>{cancel::Cancel.to(language)}</button>
                    <Offline language />
                    <a class="btn ghost lg" href=keep>{cancel::Keep.to(language)}</a>
                </div>
            </form>
        </Payer>
    }
    .into_any()
}

fn at(instant: Timestamp, language: Language) -> AnyView {
    view! { <When at=instant form=Form::Minute language /> }.into_any()
}

/// Nothing was changed: said to whoever came to cancel and thought better of it.
#[component]
fn Kept(view: ClaimView, release_at: Timestamp, language: Language) -> impl IntoView {
    let text = rich(&cancel::KeptText { time: "" }, language, |_, _| at(release_at, language));
    view! {
        <Payer title=cancel::KeptTitle.to(language) merchant=Some(view.merchant.clone()) brand=view.brand.clone() language=Some(language)>
            <Head tone="good" shape=Shape::Check heading=cancel::Kept.to(language)>{text}</Head>
        </Payer>
    }
    .into_any()
}

fn explains(merchant: &str, language: Language) -> impl Fn(CancelReason) -> (String, String) + use<> {
    let told = cancel::NotRequestedText { merchant }.to(language);
    move |reason| match reason {
        CancelReason::WrongAddress => (cancel::WrongAddress.to(language), cancel::WrongAddressText.to(language)),
        CancelReason::NotRequested => (cancel::NotRequested.to(language), told.clone()),
        // The last is never on the list: the network says it, not a person.
        CancelReason::Other | CancelReason::DepositReorged => (cancel::Other.to(language), cancel::OtherText.to(language)),
    }
}

#[component]
fn TooLate(view: ClaimView, at: Option<Timestamp>, language: Language) -> impl IntoView {
    let (title, merchant, brand) = (cancel::TooLateTitle.to(language), view.merchant.clone(), view.brand.clone());
    let body = match at {
        // It waits for something, and there is nothing to follow yet.
        Some(due) => {
            let text = rich(&cancel::WasDue { time: "" }, language, |_, _| self::at(due, language));
            let contact = cancel::Contact { merchant: &view.merchant, reference: &view.reference }.to(language);
            view! { <Head tone="warn" shape=Shape::Clock heading=title.clone()>{text} " " {contact}</Head> }.into_any()
        }
        None if matches!(view.state, ClaimViewState::Delayed { .. }) => {
            let text = claim::DelayedText { merchant: &view.merchant }.to(language);
            view! { <Head tone="warn" shape=Shape::Warning heading=claim::Delayed.to(language)>{text}</Head> }.into_any()
        }
        None => view! {
            <div>
                <Note tone="warn" shape=Shape::Clock>{cancel::TooLate.to(language)}</Note>
            </div>
            <Under view language />
        }
        .into_any(),
    };
    view! {
        <Payer title merchant=Some(merchant) brand language=Some(language)>
            {body}
        </Payer>
    }
    .into_any()
}

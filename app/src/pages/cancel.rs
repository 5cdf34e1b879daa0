//! `/cancel/{token}`: stops a scheduled refund. Looking never cancels: mail scanners open links (CP-10).

use domain::claim::{CancelToken, FieldErrors};
use domain::refund::CancelReason;
use domain::view::{ClaimView, ClaimViewState, ShownDestination};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::claim::{Canceled, Head, Sum, Under};
use super::{page, param, set_unprocessable};
use crate::components::{CancelReasons, ErrorSummary, Form, Note, Payer, Shape, When, standard};
use crate::reply::{Failure, Submitted};
use crate::server_fns::cancel::CancelClaim;

/// The cancel page.
#[component]
pub(crate) fn Cancel() -> impl IntoView {
    let token = param("token");
    page(async move {
        let engine = expect_context::<Engine>();
        let view = engine.cancel_page(&CancelToken::from_untrusted(&token)).await.map_err(Failure::of_payer)?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        Ok(match view.state.clone() {
            ClaimViewState::Scheduled { release_at, can_cancel: true, .. } if super::query("keep").is_some() => {
                view! { <Kept view release_at /> }.into_any()
            }
            ClaimViewState::Scheduled { to, release_at, can_cancel: true, .. } => {
                view! { <Ask token view to release_at submitted /> }.into_any()
            }
            ClaimViewState::Canceled { by, at } => {
                let (merchant, brand) = (Some(view.merchant.clone()), view.brand.clone());
                view! {
                    <Payer title="Refund cancelled" merchant brand>
                        <Canceled view by at />
                    </Payer>
                }
                .into_any()
            }
            ClaimViewState::Scheduled { release_at, .. } => view! { <TooLate view at=Some(release_at) /> }.into_any(),
            ClaimViewState::Sending { .. } | ClaimViewState::Paid { .. } | ClaimViewState::Delayed { .. } => {
                view! { <TooLate view at=None /> }.into_any()
            }
            // A cancel link belongs to a confirmed claim; an open or expired one has nothing to cancel.
            ClaimViewState::Open { .. } | ClaimViewState::Expired { .. } => Failure::NoRefund.into_view(),
        })
    })
}

#[component]
fn Ask(token: String, view: ClaimView, to: ShownDestination, release_at: Timestamp, submitted: Submitted) -> impl IntoView {
    let FieldErrors(errors) = &submitted.errors;
    let title = if errors.is_empty() { "Cancel your refund" } else { "Error: Cancel your refund" };
    if !errors.is_empty() {
        set_unprocessable();
    }
    let merchant = view.merchant.clone();
    let symbol = view.asset.id.symbol().to_owned();
    let network = match standard(&symbol, view.asset.network) {
        Some(standard) => format!("{} ({standard})", view.asset.network.title()),
        None => view.asset.network.title().to_owned(),
    };
    // An outage took a part of the time to cancel: when it is sent instead is written down by whoever notices first.
    let scheduled = if view.now < release_at {
        view! { "It is scheduled for " <When at=release_at form=Form::Minute /> ". Nothing has been sent yet." }.into_any()
    } else {
        view! { "Nothing has been sent yet. This page could not be reached for a while, so you get that time back." }.into_any()
    };
    let keep = format!("/cancel/{token}?keep=yes");
    view! {
        <Payer title merchant=Some(merchant.clone()) brand=view.brand.clone()>
            <div class="g1">
                <h1>"Cancel this refund?"</h1>
                <p class="soft sm">{scheduled}</p>
            </div>
            <div>
                <dl class="kv spread">
                    <dt>"Amount"</dt>
                    <dd><Sum value=view.net.unwrap_or(view.amount) symbol /></dd>
                    <dt>"Network"</dt>
                    <dd>{network}</dd>
                    <dt>"Address"</dt>
                    <dd class="addr small">{to.address}</dd>
                </dl>
            </div>
            <form class="g5" method="post" action=CancelClaim::url()>
                <input type="hidden" name="token" value=token />
                <ErrorSummary errors=submitted.errors.clone() />
                <CancelReasons submitted note_for=format!("Note for {merchant}") explains=explains(&merchant) />
                <Note tone="warn" shape=Shape::Warning>
                    "After you cancel, this link stops working. " <b>{format!("Only {merchant} can start a new refund.")}</b>
                </Note>
                <div class="g2">
                    <button class="btn danger lg" data-busy="Cancelling…">"Cancel the refund"</button>
                    <a class="btn ghost lg" href=keep>"Keep the refund"</a>
                </div>
            </form>
        </Payer>
    }
    .into_any()
}

/// Nothing was changed: said to whoever came to cancel and thought better of it.
#[component]
fn Kept(view: ClaimView, release_at: Timestamp) -> impl IntoView {
    view! {
        <Payer title="Refund kept" merchant=Some(view.merchant.clone()) brand=view.brand.clone()>
            <Head tone="good" shape=Shape::Check heading="Your refund stays as it is">
                "Nothing was changed. It leaves on " <When at=release_at form=Form::Minute /> ". Until then this link can still cancel it."
            </Head>
        </Payer>
    }
    .into_any()
}

fn explains(merchant: &str) -> impl Fn(CancelReason) -> (String, String) + use<> {
    let told = format!("Someone else used my link. {merchant} is told at once");
    move |reason| {
        let (title, text) = match reason {
            CancelReason::WrongAddress => ("The address is wrong", "I typed or pasted the wrong wallet address"),
            CancelReason::NotRequested => ("I did not request this refund", told.as_str()),
            CancelReason::Other => ("Another reason", "You can add a note on the next line"),
            // Never on the list: the network says it, not a person.
            CancelReason::DepositReorged => ("The payment is gone", "The network undid it"),
        };
        (title.to_owned(), text.to_owned())
    }
}

#[component]
fn TooLate(view: ClaimView, at: Option<Timestamp>) -> impl IntoView {
    let since = at.map(|at| view! { "It was due at " <When at form=Form::Minute /> ". " });
    view! {
        <Payer title="Too late to cancel" merchant=Some(view.merchant.clone()) brand=view.brand.clone()>
            <div>
                <Note tone="warn" shape=Shape::Clock>
                    {since} "The payment was ordered, so it can no longer be cancelled."
                </Note>
            </div>
            <Under view />
        </Payer>
    }
    .into_any()
}

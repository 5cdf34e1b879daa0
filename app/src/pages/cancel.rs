//! `/cancel/{token}`: stops a scheduled refund. Looking never cancels: mail scanners open links (CP-10).

use domain::claim::{CancelToken, FieldErrors};
use domain::refund::CancelReason;
use domain::view::{ClaimView, ClaimViewState, ShownDestination};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::claim::{Canceled, Sum, Under};
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
            ClaimViewState::Scheduled { to, release_at, .. } if view.now < release_at => {
                view! { <Ask token view to release_at submitted /> }.into_any()
            }
            ClaimViewState::Canceled { by, at } => {
                let merchant = Some(view.merchant.clone());
                view! {
                    <Payer title="Refund cancelled" merchant>
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
    view! {
        <Payer title merchant=Some(merchant.clone())>
            <div class="g1">
                <h1>"Cancel this refund?"</h1>
                <p class="soft sm">"It is scheduled for " <When at=release_at form=Form::Minute /> ". Nothing has been sent yet."</p>
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
                <CancelReasons submitted note_for=format!("Note for {merchant}") explains />
                <Note tone="warn" shape=Shape::Warning>
                    "After you cancel, this link stops working. " <b>{format!("Only {merchant} can start a new refund.")}</b>
                </Note>
                <button class="btn danger lg" data-busy="Cancelling…">"Cancel the refund"</button>
            </form>
        </Payer>
    }
    .into_any()
}

const fn explains(reason: CancelReason) -> (&'static str, &'static str) {
    match reason {
        CancelReason::WrongAddress => ("The address is wrong", "I typed or pasted the wrong wallet address"),
        CancelReason::NotRequested => ("I did not request this refund", "Someone else used my link. The shop is told at once"),
        CancelReason::Other => ("Another reason", "You can add a note on the next line"),
        // Never on the list: the network says it, not a person.
        CancelReason::DepositReorged => ("The payment is gone", "The network undid it"),
    }
}

#[component]
fn TooLate(view: ClaimView, at: Option<Timestamp>) -> impl IntoView {
    let since = at.map(|at| view! { "It was due at " <When at form=Form::Minute /> ". " });
    view! {
        <Payer title="Too late to cancel" merchant=Some(view.merchant.clone())>
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

//! What a payer sees once the claim is no longer open, and on the cancel page too.

use domain::refund::CanceledBy;
use domain::view::{ClaimView, ClaimViewState, ShownDestination};
use jiff::Timestamp;
use leptos::prelude::*;

use super::scheduled::Scheduled;
use super::{FeeLines, claim_stage, net_in_words};
use crate::components::{Amount, Form, Icon, Payer, Rail, Shape, Stop, StopState, When, exact};
use crate::islands::Tracker;

/// The view of any state but the open one.
#[component]
pub(super) fn After(token: String, view: ClaimView) -> impl IntoView {
    let stage = claim_stage(&view.state);
    let is_moving = matches!(view.state, ClaimViewState::Scheduled { .. } | ClaimViewState::Sending { .. });
    let (title, body) = sheet(view.clone());
    view! {
        <Payer title merchant=Some(view.merchant)>
            {body}
            {is_moving.then(|| view! { <Tracker token seen=stage /> })}
        </Payer>
    }
    .into_any()
}

fn sheet(view: ClaimView) -> (&'static str, AnyView) {
    match view.state.clone() {
        ClaimViewState::Open { .. } => ("Claim your refund", ().into_any()),
        ClaimViewState::Scheduled { to, confirmed_at, release_at, blocked_by, cancel_path } => {
            let scheduled = Scheduled { to, confirmed_at, release_at, blocked_by, cancel_path };
            if scheduled.to.is_whole {
                ("Refund scheduled", scheduled.for_its_payer(view))
            } else {
                ("This refund has already been claimed", scheduled.for_others(view))
            }
        }
        ClaimViewState::Sending { .. } | ClaimViewState::Paid { .. } => ("Refund sent", view! { <Under view /> }.into_any()),
        ClaimViewState::Delayed { to } => {
            let text = format!(
                "The network did not accept the payment. Nothing was lost: the money is still yours. {} can send it again.",
                view.merchant
            );
            let head = view! { <Head tone="warn" shape=Shape::Warning heading="Your refund is delayed">{text}</Head> };
            ("Your refund is delayed", view! { {head} <Facts view to /> }.into_any())
        }
        ClaimViewState::Expired { expired_at, is_held } => {
            let merchant = view.merchant;
            let money = if is_held { "is still held for you".to_owned() } else { format!("has gone back to {merchant}") };
            let head = view! {
                <Head tone="" shape=Shape::Clock heading="This refund has expired">
                    "It could be claimed until " <When at=expired_at form=Form::Minute />
                    {format!(". The money {money}.")}
                </Head>
            };
            let next = view! {
                <div class="g4">
                    <p>{format!("{merchant} can send you a new link. Give them this reference:")}</p>
                    <Reference reference=view.reference />
                </div>
            };
            ("This refund has expired", view! { {head} {next} }.into_any())
        }
        ClaimViewState::Canceled { by, at } => ("Refund cancelled", view! { <Canceled view by at /> }.into_any()),
    }
}

/// A refund on its way, or arrived.
#[component]
pub(crate) fn Under(view: ClaimView) -> impl IntoView {
    let network = view.asset.network.title();
    let net = net_in_words(&view);
    let (head, to, txid, explorer_url, last) = match view.state.clone() {
        ClaimViewState::Sending { to, txid, explorer_url, fee_raised, confirmations, finality } => {
            let sent = if txid.is_some() { "was sent" } else { "is being sent" };
            let raised = if fee_raised { " The network is slow, so the shop raised the fee; you receive the same." } else { "" };
            let text = format!("{net} {sent} to your address. It arrives when {network} has confirmed it {finality} times.{raised}");
            let head = view! { <Head tone="good" shape=Shape::Plane heading="Your refund is on its way">{text}</Head> };
            let progress = view! {
                <span class="num">{format!("{confirmations} of {finality} confirmations")}</span>
                <progress class="bar move" aria-label="Confirmations" max=finality.to_string() value=confirmations.to_string()></progress>
            };
            (head.into_any(), to, txid, explorer_url, Stop::new(StopState::Now, "Arriving").says(progress))
        }
        ClaimViewState::Paid { to, txid, explorer_url, paid_at, finality } => {
            let text = format!("All {finality} confirmations are in. If your wallet does not show it, search for the transaction ID.");
            let head = view! { <Head tone="good" shape=Shape::Check heading="Your refund has arrived">{text}</Head> };
            let stop = Stop::new(StopState::Done, "Arrived").at(view! { <When at=paid_at form=Form::Short /> });
            (head.into_any(), to, Some(txid), explorer_url, stop.says(format!("{net} received")))
        }
        ClaimViewState::Open { .. }
        | ClaimViewState::Scheduled { .. }
        | ClaimViewState::Delayed { .. }
        | ClaimViewState::Expired { .. }
        | ClaimViewState::Canceled { .. } => return ().into_any(),
    };
    let stops = vec![
        Stop::new(StopState::Done, "Address confirmed").says(whole(to)),
        Stop::new(StopState::Done, "Security delay finished").says("Nobody cancelled"),
        Stop::new(StopState::Done, format!("Sent on {network}")),
        last,
    ];
    view! {
        {head}
        <div>
            <Rail stops />
        </div>
        {txid.map(|txid| view! { <Transaction txid explorer_url /> })}
        <div>
            <FeeLines view />
        </div>
    }
    .into_any()
}

#[component]
fn Transaction(txid: String, explorer_url: Option<String>) -> impl IntoView {
    view! {
        <div class="g3">
            <div class="field">
                <span class="label sm soft">"Transaction ID"</span>
                <div class="row one-line">
                    <span class="addr small">{txid.clone()}</span>
                    <Copy text=txid name="transaction ID" said="Transaction ID copied" />
                </div>
            </div>
            {explorer_url.map(|url| view! { <a href=url class="btn" rel="noopener"><Icon shape=Shape::Open /> "Open explorer"</a> })}
        </div>
    }
    .into_any()
}

/// A refund that was stopped.
#[component]
pub(crate) fn Canceled(view: ClaimView, by: CanceledBy, at: Timestamp) -> impl IntoView {
    let merchant = view.merchant.clone();
    let amount = exact(&view.amount, view.asset.id.symbol());
    let (heading, text) = match by {
        CanceledBy::Payer => {
            ("You cancelled this refund".to_owned(), format!("Nothing was sent. {amount} is still held safely for you by {merchant}."))
        }
        CanceledBy::Merchant => {
            (format!("{merchant} withdrew this refund"), "Nothing was sent. Contact them with this reference.".to_owned())
        }
        CanceledBy::System => (
            "This refund was stopped".to_owned(),
            format!(
                "Nothing was sent. {} undid the payment that this refund was for, so that money is back where it came from. If your wallet \
                 shows something else, contact {merchant} with this reference.",
                view.asset.network.title()
            ),
        ),
    };
    let next = match by {
        CanceledBy::Payer => Some(view! {
            <div class="g1">
                <h2 class="sub-title">"What happens next"</h2>
                <p class="sm soft">
                    {format!("This link cannot be used again. Only {merchant} can start a new refund, so contact them with the reference below.")}
                </p>
            </div>
        }),
        CanceledBy::Merchant | CanceledBy::System => None,
    };
    view! {
        <Head tone="" shape=Shape::Cross heading>{text}</Head>
        <div class="g4">
            {next}
            <dl class="kv spread">
                <dt>"Cancelled"</dt>
                <dd><When at form=Form::Minute /></dd>
            </dl>
            <Reference reference=view.reference />
        </div>
    }
    .into_any()
}

/// Amount, masked address, reference.
#[component]
pub(super) fn Facts(view: ClaimView, to: ShownDestination) -> impl IntoView {
    let symbol = view.asset.id.symbol().to_owned();
    view! {
        <div>
            <dl class="kv spread">
                <dt>"Amount"</dt>
                <dd><Sum value=view.net.unwrap_or(view.amount) symbol /></dd>
                <dt>"To"</dt>
                <dd class="addr">{to.address}</dd>
                <dt>"Reference"</dt>
                <dd class="mono">{view.reference}</dd>
            </dl>
        </div>
    }
    .into_any()
}

/// An amount with its symbol, in lists of facts.
#[component]
pub(crate) fn Sum(value: String, symbol: String) -> impl IntoView {
    view! { <Amount value unit=symbol /> }
}

/// A sheet's badge, heading and first sentences.
#[component]
pub(super) fn Head(tone: &'static str, shape: Shape, #[prop(into)] heading: String, children: Children) -> impl IntoView {
    view! {
        <div class="g4">
            <span class=format!("badge {tone}")><Icon shape large=true /></span>
            <div class="g1">
                <h1>{heading}</h1>
                <p class="soft">{children()}</p>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Reference(reference: String) -> impl IntoView {
    view! {
        <div class="row sb framed">
            <span class="mono">{reference.clone()}</span>
            <Copy text=reference name="reference" said="Reference copied" />
        </div>
    }
    .into_any()
}

/// A button that copies; the browser shows it where copying works.
#[component]
pub(crate) fn Copy(text: String, name: &'static str, said: &'static str) -> impl IntoView {
    view! {
        <button type="button" class="btn ghost sq sm" aria-label=format!("Copy {name}") data-copy=text data-said=said hidden>
            <Icon shape=Shape::Copy />
        </button>
    }
    .into_any()
}

/// Where it goes: the whole address for its payer, masked for others. Addresses stay in one line of their own.
pub(super) fn whole(to: ShownDestination) -> impl IntoView {
    let tag = to.tag.map(|tag| format!(", tag {tag}"));
    view! { "To " <span class="addr">{to.address}</span> {tag} }
}

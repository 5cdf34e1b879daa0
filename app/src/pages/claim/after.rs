//! What a payer sees once the claim is no longer open, and on the cancel page too.

use domain::language::Language;
use domain::money::Network;
use domain::refund::CanceledBy;
use domain::view::{ClaimView, ClaimViewState, ShownDestination};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{Sentence as _, claim, dates, payer, refund as said};

use super::scheduled::Scheduled;
use super::{FeeLines, net_in_words};
use crate::components::{Amount, Follow, Form, Icon, Payer, Rail, Shape, Stop, StopState, When, exact_in};
use crate::language::{rich, staff_language};

/// The view of any state but the open one.
#[component]
pub(super) fn After(token: String, view: ClaimView, language: Language) -> impl IntoView {
    let stage = view.state.stage();
    let is_moving = matches!(view.state, ClaimViewState::Scheduled { .. } | ClaimViewState::Sending { .. });
    let receipt = match &view.state {
        // It names the whole address, so it is for the browser that entered it.
        ClaimViewState::Paid { to, .. } if to.is_whole => Some(view! { <Receipt href=format!("/claim/{token}/receipt") language /> }),
        ClaimViewState::Open { .. }
        | ClaimViewState::Scheduled { .. }
        | ClaimViewState::Sending { .. }
        | ClaimViewState::Paid { .. }
        | ClaimViewState::Delayed { .. }
        | ClaimViewState::Expired { .. }
        | ClaimViewState::Canceled { .. } => None,
    };
    let (title, body) = sheet(&token, view.clone(), language);
    view! {
        <Payer title merchant=Some(view.merchant) brand=view.brand language=Some(language)>
            {body}
            {receipt}
            {is_moving.then(|| view! { <Follow url=format!("/claim/{token}/live") seen=stage now=view.now language /> })}
        </Payer>
    }
    .into_any()
}

fn sheet(token: &str, view: ClaimView, language: Language) -> (String, AnyView) {
    match view.state.clone() {
        ClaimViewState::Open { .. } => (claim::ReviewTitle.to(language), ().into_any()),
        ClaimViewState::Scheduled { to, confirmed_at, release_at, waits, can_cancel, cancel_path } => {
            let scheduled = Scheduled { to, confirmed_at, release_at, waits, can_cancel, cancel_path };
            if scheduled.to.is_whole {
                (claim::ScheduledTitle.to(language), scheduled.for_its_payer(view, language))
            } else {
                (claim::Already.to(language), scheduled.for_others(token, view, language))
            }
        }
        ClaimViewState::Sending { .. } | ClaimViewState::Paid { .. } => {
            (claim::SentTitle.to(language), view! { <Under view language /> }.into_any())
        }
        ClaimViewState::Delayed { to } => {
            let text = claim::DelayedText { merchant: &view.merchant }.to(language);
            let heading = claim::Delayed.to(language);
            let head = view! { <Head tone="warn" shape=Shape::Warning heading=heading.clone()>{text}</Head> };
            (heading, view! { {head} <Facts view to language /> }.into_any())
        }
        ClaimViewState::Expired { expired_at, is_held } => {
            let merchant = view.merchant;
            let shown = |name: &str, text: String| match name {
                "time" => view! { <When at=expired_at form=Form::Minute language /> }.into_any(),
                _ => text.into_any(),
            };
            let text = if is_held {
                rich(&claim::ExpiredHeld { time: "" }, language, shown)
            } else {
                rich(&claim::ExpiredReturned { merchant: &merchant, time: "" }, language, shown)
            };
            let heading = claim::Expired.to(language);
            let head = view! { <Head tone="" shape=Shape::Clock heading=heading.clone()>{text}</Head> };
            let next = view! {
                <div class="g4">
                    <p>{claim::ExpiredNext { merchant: &merchant }.to(language)}</p>
                    <Reference reference=view.reference language />
                </div>
            };
            (heading, view! { {head} {next} }.into_any())
        }
        ClaimViewState::Canceled { by, at } => (said::CancelledTitle.to(language), view! { <Canceled view by at language /> }.into_any()),
    }
}

/// A refund on its way, or arrived.
#[component]
pub(crate) fn Under(view: ClaimView, language: Language) -> impl IntoView {
    let network = view.asset.network.title();
    let net = net_in_words(&view, language);
    let (head, to, confirmed_at, txid, explorer_url, last) = match view.state.clone() {
        ClaimViewState::Sending { to, confirmed_at, txid, explorer_url, fee_raised, confirmations, finality } => {
            let (done, needed) = (confirmations.to_string(), finality.to_string());
            let text = if txid.is_some() {
                said::WasSent { amount: &net, count: &needed, network }.to(language)
            } else {
                said::IsBeingSent { amount: &net, count: &needed, network }.to(language)
            };
            let text = if fee_raised { format!("{text} {}", said::FeeRaised.to(language)) } else { text };
            let head = view! { <Head tone="good" shape=Shape::Plane heading=said::OnItsWay.to(language)>{text}</Head> };
            let left = finality.saturating_sub(confirmations);
            // Before the first one, nobody knows: the network takes it when it takes it.
            let about = (confirmations > 0 && left > 0).then(|| format!(", {}", about_left(view.asset.network, left, language)));
            let progress = view! {
                <span class="num">{said::Confirmations { done: &done, needed: &needed }.to(language)} {about}</span>
                <progress class="bar move" aria-label=said::ConfirmationsLabel.to(language) max=needed.clone() value=done.clone()></progress>
            };
            (head.into_any(), to, confirmed_at, txid, explorer_url, Stop::new(StopState::Now, said::Arriving.to(language)).says(progress))
        }
        ClaimViewState::Paid { to, confirmed_at, txid, explorer_url, paid_at, finality } => {
            let text = said::HasArrivedText { count: &finality.to_string() }.to(language);
            let head = view! { <Head tone="good" shape=Shape::Check heading=said::HasArrived.to(language)>{text}</Head> };
            let stop = Stop::new(StopState::Done, said::Arrived.to(language));
            let stop = stop.at(view! { <When at=paid_at form=Form::Short language /> });
            (head.into_any(), to, confirmed_at, Some(txid), explorer_url, stop.says(said::Received { amount: &net }.to(language)))
        }
        ClaimViewState::Open { .. }
        | ClaimViewState::Scheduled { .. }
        | ClaimViewState::Delayed { .. }
        | ClaimViewState::Expired { .. }
        | ClaimViewState::Canceled { .. } => return ().into_any(),
    };
    let stops = vec![
        Stop::new(StopState::Done, said::AddressConfirmed.to(language))
            .at(view! { <When at=confirmed_at form=Form::Short language /> })
            .says(whole(to, language)),
        Stop::new(StopState::Done, said::DelayOver.to(language)).says(said::NobodyCancelled.to(language)),
        Stop::new(StopState::Done, said::SentOn { network }.to(language)),
        last,
    ];
    view! {
        {head}
        <div>
            <Rail stops language />
        </div>
        {txid.map(|txid| view! { <Transaction txid explorer_url language /> })}
        <div>
            <FeeLines view language />
        </div>
    }
    .into_any()
}

/// Returns about how long a network takes for some more blocks.
fn about_left(network: Network, blocks: u32, language: Language) -> String {
    let secs = u64::from(blocks).saturating_mul(network.block_millis()).div_ceil(1_000);
    if secs < 60 {
        return said::MomentsLeft.to(language);
    }
    said::AboutLeft { time: &dates::duration(language, secs) }.to(language)
}

#[component]
fn Transaction(txid: String, explorer_url: Option<String>, language: Language) -> impl IntoView {
    view! {
        <div class="g3">
            <div class="field">
                <span class="label sm soft">{payer::Txid.to(language)}</span>
                <div class="row one-line">
                    <span class="addr small">{txid.clone()}</span>
                    <Copy text=txid name=payer::Txid.to(language) language />
                </div>
            </div>
            {explorer_url.map(|url| view! { <a href=url class="btn" rel="noopener"><Icon shape=Shape::Open /> {said::OpenExplorer.to(language)}</a> })}
        </div>
    }
    .into_any()
}

/// The signed receipt, to keep.
#[component]
fn Receipt(href: String, language: Language) -> impl IntoView {
    let page = claim::ReceiptPage.to(language);
    let text = rich(&claim::ReceiptText { page: &page }, language, |_, text| view! { <a href="/receipt">{text}</a> }.into_any());
    view! {
        <div class="g3">
            <a class="btn" href=href download="refund-receipt.json"><Icon shape=Shape::Invoice /> {claim::Receipt.to(language)}</a>
            <p class="sm soft">{text}</p>
        </div>
    }
    .into_any()
}

/// A refund that was stopped.
#[component]
pub(crate) fn Canceled(view: ClaimView, by: CanceledBy, at: Timestamp, language: Language) -> impl IntoView {
    let merchant = view.merchant.as_str();
    let amount = exact_in(language, &view.amount, view.asset.id.symbol());
    let (heading, text) = match by {
        CanceledBy::Payer => (said::YouCancelled.to(language), said::YouCancelledText { amount: &amount, merchant }.to(language)),
        CanceledBy::Merchant => (said::Withdrawn { merchant }.to(language), said::WithdrawnText.to(language)),
        CanceledBy::System => {
            (said::Stopped.to(language), said::StoppedText { merchant, network: view.asset.network.title() }.to(language))
        }
    };
    let next = match by {
        CanceledBy::Payer => Some(view! {
            <div class="g1">
                <h2 class="sub-title">{said::Next.to(language)}</h2>
                <p class="sm soft">{said::NextText { merchant }.to(language)}</p>
            </div>
        }),
        CanceledBy::Merchant | CanceledBy::System => None,
    };
    view! {
        <Head tone="" shape=Shape::Cross heading>{text}</Head>
        <div class="g4">
            {next}
            <dl class="kv spread">
                <dt>{said::CancelledAt.to(language)}</dt>
                <dd><When at form=Form::Minute language /></dd>
            </dl>
            <Reference reference=view.reference language />
        </div>
    }
    .into_any()
}

/// Amount, masked address, reference.
#[component]
pub(super) fn Facts(view: ClaimView, to: ShownDestination, language: Language) -> impl IntoView {
    let symbol = view.asset.id.symbol().to_owned();
    view! {
        <div>
            <dl class="kv spread">
                <dt>{payer::Amount.to(language)}</dt>
                <dd><Sum value=view.net.unwrap_or(view.amount) symbol language /></dd>
                <dt>{claim::To.to(language)}</dt>
                <dd class="addr">{to.address}</dd>
                <dt>{payer::Reference.to(language)}</dt>
                <dd class="mono">{view.reference}</dd>
            </dl>
        </div>
    }
    .into_any()
}

/// An amount with its symbol, in lists of facts.
#[component]
pub(crate) fn Sum(value: String, symbol: String, language: Language) -> impl IntoView {
    view! { <Amount value unit=symbol language /> }
}

/// A sheet's badge, heading and first sentences.
#[component]
pub(crate) fn Head(tone: &'static str, shape: Shape, #[prop(into)] heading: String, children: Children) -> impl IntoView {
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
fn Reference(reference: String, language: Language) -> impl IntoView {
    view! {
        <div class="row sb framed">
            <span class="mono">{reference.clone()}</span>
            <Copy text=reference name=payer::Reference.to(language) language />
        </div>
    }
    .into_any()
}

/// A button that copies; the browser shows it where copying works. `name` says what, and a worded one says so to everybody.
#[component]
pub(crate) fn Copy(
    text: String,
    #[prop(into)] name: String,
    #[prop(optional)] is_worded: bool,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let label = payer::Copy { what: &name }.to(language);
    let said = payer::Copied { what: &name }.to(language);
    let refused = payer::CopyRefused.to(language);
    let class = if is_worded { "btn sm" } else { "btn ghost sq sm" };
    let word = is_worded.then(|| payer::CopyWord.to(language));
    view! {
        <button type="button" class=class aria-label=label data-copy=text data-said=said data-refused=refused hidden>
            <Icon shape=Shape::Copy />
            {word}
        </button>
    }
    .into_any()
}

/// Where it goes: the whole address for its payer, masked for others. Addresses stay in one line of their own.
pub(super) fn whole(to: ShownDestination, language: Language) -> AnyView {
    let shown = |name: &str, text: String| match name {
        "address" => view! { <span class="addr">{text}</span> }.into_any(),
        _ => text.into_any(),
    };
    match &to.tag {
        Some(tag) => rich(&said::ToWithTag { address: &to.address, tag }, language, shown),
        None => rich(&said::To { address: &to.address }, language, shown),
    }
}

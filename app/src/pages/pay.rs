//! `/pay/{invoice}`: where to write to (CP-03), then what to pay, where and until when, what came in, and how it ended.

mod result;

use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::language::Language;
use domain::money::Network;
use domain::payment_request::PaymentRequest;
use domain::view::PayView;
use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, pay, payer};

use self::result::{Ended, outcome};
use super::claim::Copy;
use super::{page, param, set_unprocessable, symbol};
use crate::components::{
    Amount, AssetName, BigAmount, Consent, Countdown, EmailField, ErrorSummary, Follow, Form, Icon, Note, Offline, Payer, Pill, Qr, Shape,
    Tone, When, exact_in,
};
use crate::language::{language, rich, staff_language};
use crate::reply::{Failure, Submitted};
use crate::server_fns::pay::AgreeToPay;
use crate::session;

/// The payment page. Anybody who has its address may see it: it holds no secret but in the browser that came before the payment.
#[component]
pub(crate) fn Pay() -> impl IntoView {
    let id = param("invoice");
    page(async move {
        let engine = expect_context::<Engine>();
        let invoice: InvoiceId = id.parse().map_err(|_| Failure::NoPage)?;
        let view = engine.pay_page(invoice, session::payer().as_deref()).await?;
        if let Some(secret) = &view.payer_secret {
            session::keep_payer(&id, secret);
        }
        let stage = engine.pay_stage(invoice).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let language = language(view.spoken);
        let title = title(&view, &submitted, language);
        let (merchant, brand) = (Some(view.merchant.clone()), view.brand.clone());
        let sheet = if view.asks_email && is_open(&view) {
            view! { <Ask view=view.clone() submitted language /> }.into_any()
        } else {
            match outcome(&view) {
                Some(outcome) => view! { <Ended view=view.clone() outcome language /> }.into_any(),
                None if view.is_paid_elsewhere => view! { <Elsewhere view=view.clone() language /> }.into_any(),
                None => view! { <Due view=view.clone() language /> }.into_any(),
            }
        };
        // Money that was seen can still become final, vanish, or be too late.
        Ok(view! {
            <Payer title merchant brand language=Some(language) pays=true>
                {sheet}
                <Follow url=format!("/pay/{id}/live") seen=stage now=view.now language />
            </Payer>
        }
        .into_any())
    })
}

fn title(view: &PayView, submitted: &Submitted, language: Language) -> String {
    if let Some(outcome) = outcome(view) {
        return outcome.heading(language);
    }
    let title = pay::Title { amount: &exact_in(language, &view.invoice.amount_charged, &symbol(&view.invoice.asset)) }.to(language);
    if submitted.errors.0.is_empty() { title } else { payer::Error { text: &title }.to(language) }
}

fn is_open(view: &PayView) -> bool {
    matches!(view.invoice.status, InvoiceStatus::Pending | InvoiceStatus::Processing) && view.now <= view.invoice.expires_at
}

#[component]
fn Order(view: PayView, language: Language) -> impl IntoView {
    let store = Some(view.store).filter(|store| *store != view.merchant);
    view! {
        <div class="row sb nowrap">
            <div class="g1">
                <h1 class="eyebrow">{pay::Order { order: &view.invoice.reference }.to(language)}</h1>
                <BigAmount value=view.invoice.amount_billed unit=view.invoice.billed_currency language />
            </div>
            <p class="sm soft at-end">{view.merchant} {store.map(|store| view! { <br /> {store} })}</p>
        </div>
    }
    .into_any()
}

/// The first screen: nothing is asked that the merchant said already.
#[component]
fn Ask(view: PayView, submitted: Submitted, language: Language) -> impl IntoView {
    if !submitted.errors.0.is_empty() {
        set_unprocessable();
    }
    let submitted = submitted.in_words(|field, code| match (field, code) {
        ("email", _) => Some(payer::EnterEmail.to(language)),
        ("consent", "changed") => Some(payer::AgreeAgain.to(language)),
        ("consent", _) => Some(payer::Agree.to(language)),
        _ => None,
    });
    let error = |field: &str| submitted.error(field);
    let unit = symbol(&view.invoice.asset);
    let network = view.invoice.network;
    view! {
        <Order view=view.clone() language />
        <form class="g5" method="post" action=AgreeToPay::url() novalidate>
            <input type="hidden" name="invoice" value=view.invoice.id.to_string() />
            <input type="hidden" name="language" value=language.name() />
            <ErrorSummary errors=submitted.errors.clone() language />
            <div class="row sb">
                <AssetName symbol=unit.clone() network with_standard=true language />
                <Amount value=view.invoice.amount_charged unit language />
            </div>
            <EmailField
                label=pay::Email.to(language)
                hint=pay::EmailHint.to(language)
                typed=submitted.value("email").to_owned()
                error=error("email")
                language
            />
            <Consent
                merchant=view.merchant.clone()
                brand=view.brand.clone()
                ticked=submitted.value("consent").to_owned()
                error=error("consent")
                language
            />
            <button class="btn primary lg" data-busy=pay::Continuing.to(language)>{pay::Continue.to(language)}</button>
            <Offline language />
        </form>
    }
    .into_any()
}

/// Another system takes the payment: an address here would only lead money to where nobody looks.
#[component]
fn Elsewhere(view: PayView, language: Language) -> impl IntoView {
    let text = pay::Elsewhere { merchant: &view.merchant }.to(language);
    view! {
        <Order view=view.clone() language />
        <div>
            <Note tone="move" shape=Shape::Clock>{text}</Note>
        </div>
    }
    .into_any()
}

/// What is to be paid, or still is.
#[component]
fn Due(view: PayView, language: Language) -> impl IntoView {
    let invoice = view.invoice.clone();
    let unit = symbol(&invoice.asset);
    let due = view.missing.clone().unwrap_or_else(|| invoice.amount_charged.clone());
    let secs = invoice.expires_at.as_second().saturating_sub(view.now.as_second());
    let missing = exact_in(language, &due, &unit);
    let partly = view.seen.clone().map(|seen| {
        let seen = exact_in(language, &seen, &unit);
        let sentence = pay::Partly { left: "", missing: &missing, seen: &seen };
        let sentence = rich(&sentence, language, |name, text| match name {
            "left" => view! { <Countdown secs plain=true language /> }.into_any(),
            _ => view! { <bdi>{text}</bdi> }.into_any(),
        });
        view! { <div><Note tone="move" shape=Shape::Clock>{sentence}</Note></div> }
    });
    let heading = if view.seen.is_some() { pay::StillToPay.to(language) } else { pay::ExactAmount.to(language) };
    let wallet = view.request.link.clone().map(|link| {
        view! { <a class="btn" href=link><Icon shape=Shape::Open /> {pay::OpenWallet.to(language)}</a> }
    });
    let held_until =
        rich(&pay::HeldUntil { time: "" }, language, |_, _| view! { <When at=invoice.expires_at form=Form::Clock language /> }.into_any());
    view! {
        <Order view=view.clone() language />
        <p class="strip">
            <span><Icon shape=Shape::Clock /> {pay::RateHeld.to(language)}</span>
            <Countdown secs language />
        </p>
        {partly}
        <div class="g4">
            <div class="scan-row">
                <Code request=view.request.clone() amount=missing.clone() network=invoice.network language />
                <div class="g3">
                    <AssetName symbol=unit.clone() network=invoice.network language />
                    {only(&unit, invoice.network, language)}
                    {wallet}
                </div>
            </div>
            <div class="field">
                <span class="label">{heading}</span>
                <div class="input big">
                    <span class="fill"><Amount value=due.clone() unit=unit.clone() language /></span>
                    <Copy text=due name=payer::Amount.to(language) is_worded=true language />
                </div>
            </div>
            <div class="field">
                <span class="label">{pay::ToAddress.to(language)}</span>
                <div class="input big">
                    <span class="addr small fill">{invoice.address.clone()}</span>
                    <Copy text=invoice.address.clone() name=payer::Address.to(language) is_worded=true language />
                </div>
                <p class="hint">{pay::AfterFee { amount: &missing }.to(language)}</p>
            </div>
            {invoice.tag.clone().map(|tag| view! { <Tag tag language /> })}
        </div>
        <div class="g1">
            <div class="row" role="status">
                <Pill tone=Tone::Move hollow=true text=pay::Waiting.to(language) />
                <span class="sm soft when-awake">{pay::UpdatesItself.to(language)}</span>
            </div>
            <noscript>
                <p class="sm soft">{held_until} " " {pay::NoScript.to(language)}</p>
            </noscript>
        </div>
    }
    .into_any()
}

fn only(asset: &str, network: Network, language: Language) -> impl IntoView + use<> {
    let network_name = network.title();
    let first = match network.standard_of(asset) {
        Some(standard) => pay::SendOnlyStandard { asset, network: network_name, standard }.to(language),
        None => pay::SendOnly { asset, network: network_name }.to(language),
    };
    view! { <p class="sm"><b>{first}</b> " " {pay::OthersLost.to(language)}</p> }
}

/// What somebody of the shop shows a payer on their own screen: the code, and how long the rate is held. Nothing where nobody would look
/// for the payment, or no more.
#[component]
pub(crate) fn OpenPayment(view: PayView) -> impl IntoView {
    let language = staff_language();
    let PayView { invoice, request, missing, now, .. } = view.clone();
    (is_open(&view) && !view.is_paid_elsewhere && (missing.is_some() || view.seen.is_none())).then(|| {
        let unit = symbol(&invoice.asset);
        let due = missing.unwrap_or_else(|| invoice.amount_charged.clone());
        let amount = exact_in(language, &due, &unit);
        let secs = invoice.expires_at.as_second().saturating_sub(now.as_second());
        let heading = if view.seen.is_some() { pay::StillToPay.to(language) } else { pay::ExactAmount.to(language) };
        view! {
            <div class="body scan-row ruled">
                <Code request amount network=invoice.network language />
                <div class="g3">
                    <p class="row"><span class="soft">{heading}</span> <Amount value=due unit language /></p>
                    <p class="row">
                        <Icon shape=Shape::Clock /> <span class="soft">{pay::RateHeld.to(language)}</span> <Countdown secs language />
                    </p>
                </div>
            </div>
        }
    })
}

#[component]
fn Code(request: PaymentRequest, amount: String, network: Network, language: Language) -> impl IntoView {
    // Without an agreed form of link the code says the address alone: the amount is typed in.
    let label = match &request.link {
        Some(_) => pay::QrPayment { amount: &amount, network: network.title() }.to(language),
        None => pay::QrAddress.to(language),
    };
    view! { <Qr text=request.text label /> }
}

#[component]
fn Tag(tag: String, language: Language) -> impl IntoView {
    view! {
        <div class="field">
            <span class="label">{pay::Tag.to(language)}</span>
            <div class="input big">
                <span class="mono fill">{tag.clone()}</span>
                <Copy text=tag name=payer::Tag.to(language) is_worded=true language />
            </div>
            <p class="hint">{pay::TagHint.to(language)}</p>
        </div>
    }
    .into_any()
}

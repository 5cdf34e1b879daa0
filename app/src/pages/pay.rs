//! `/pay/{invoice}`: where to write to (CP-03), then what to pay, where and until when, what came in, and how it ended.

mod result;

use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::money::Network;
use domain::payment_request::PaymentRequest;
use domain::view::PayView;
use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use self::result::{Ended, outcome};
use super::claim::Copy;
use super::{page, param, set_unprocessable, symbol};
use crate::components::{
    Amount, AssetName, BigAmount, Consent, EmailField, ErrorSummary, Form, Icon, Note, Payer, Pill, Qr, Shape, Tone, When, exact, standard,
};
use crate::islands::Tracker;
use crate::reply::{Failure, Submitted};
use crate::server_fns::pay::AgreeToPay;
use crate::{session, words};

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
        let title = title(&view, &submitted);
        let (merchant, brand) = (Some(view.merchant.clone()), view.brand.clone());
        let sheet = if view.asks_email && is_open(&view) {
            view! { <Ask view=view.clone() submitted /> }.into_any()
        } else {
            match outcome(&view) {
                Some(outcome) => view! { <Ended view=view.clone() outcome /> }.into_any(),
                None => view! { <Due view=view.clone() /> }.into_any(),
            }
        };
        // Money that was seen can still become final, vanish, or be too late.
        Ok(view! {
            <Payer title merchant brand pays=true>
                {sheet}
                <Tracker url=format!("/pay/{id}/live") seen=stage />
            </Payer>
        }
        .into_any())
    })
}

fn title(view: &PayView, submitted: &Submitted) -> String {
    let prefix = if submitted.errors.0.is_empty() { "" } else { "Error: " };
    match outcome(view) {
        Some(outcome) => outcome.heading().to_owned(),
        None => format!("{prefix}Pay {}", exact(&view.invoice.amount_charged, &symbol(&view.invoice.asset))),
    }
}

fn is_open(view: &PayView) -> bool {
    matches!(view.invoice.status, InvoiceStatus::Pending | InvoiceStatus::Processing) && view.now <= view.invoice.expires_at
}

#[component]
fn Order(view: PayView) -> impl IntoView {
    view! {
        <div class="g1">
            <h1 class="eyebrow">{format!("Order {}", view.invoice.reference)}</h1>
            <BigAmount value=view.invoice.amount_billed unit=view.invoice.billed_currency />
        </div>
    }
    .into_any()
}

/// The first screen: nothing is asked that the merchant said already.
#[component]
fn Ask(view: PayView, submitted: Submitted) -> impl IntoView {
    if !submitted.errors.0.is_empty() {
        set_unprocessable();
    }
    let error = |field: &str| submitted.errors.message(field).map(str::to_owned);
    let unit = symbol(&view.invoice.asset);
    let network = view.invoice.network;
    view! {
        <Order view=view.clone() />
        <form class="g5" method="post" action=AgreeToPay::url() novalidate>
            <input type="hidden" name="invoice" value=view.invoice.id.to_string() />
            <ErrorSummary errors=submitted.errors.clone() />
            <div class="row sb">
                <AssetName symbol=unit.clone() network with_standard=true />
                <Amount value=view.invoice.amount_charged unit />
            </div>
            <EmailField
                label="Email"
                hint="If you send too much, too little or too late, the refund link goes to this address."
                typed=submitted.value("email").to_owned()
                error=error("email")
            />
            <Consent purpose="" is_given=submitted.value("consent") == "on" error=error("consent") />
            <button class="btn primary lg" data-busy="Continuing…">"Continue to payment"</button>
        </form>
    }
    .into_any()
}

/// What is to be paid, or still is.
#[component]
fn Due(view: PayView) -> impl IntoView {
    let invoice = view.invoice.clone();
    let unit = symbol(&invoice.asset);
    let due = view.missing.clone().unwrap_or_else(|| invoice.amount_charged.clone());
    let after_fee = format!("Your wallet may add its own network fee. Send {} after that fee.", exact(&due, &unit));
    let secs = invoice.expires_at.as_second().saturating_sub(view.now.as_second());
    let partly = view.seen.clone().map(|seen| {
        let text = format!("{} arrived. Send {} more", exact(&seen, &unit), exact(&due, &unit));
        view! {
            <div>
                <Note tone="move" shape=Shape::Clock>
                    {text} " within " <span class="num" data-left=secs.to_string() data-clock>{words::clock(secs)}</span> "."
                </Note>
            </div>
        }
    });
    let heading = if view.seen.is_some() { "Still to pay" } else { "Exact amount" };
    let wallet = view.request.link.clone().map(|link| view! { <a class="btn" href=link><Icon shape=Shape::Open /> "Open in wallet"</a> });
    view! {
        <Order view=view.clone() />
        <p class="strip">
            <span><Icon shape=Shape::Clock /> "Rate held for"</span>
            <b class="num" role="timer" data-left=secs.to_string() data-clock>{words::clock(secs)}</b>
        </p>
        {partly}
        <div class="g4">
            <div class="scan-row">
                <Code request=view.request.clone() amount=exact(&due, &unit) network=invoice.network />
                <div class="g3">
                    <AssetName symbol=unit.clone() network=invoice.network />
                    {only(&unit, invoice.network)}
                    {wallet}
                </div>
            </div>
            <div class="field">
                <span class="label">{heading}</span>
                <div class="input big">
                    <span class="fill"><Amount value=due.clone() unit=unit.clone() /></span>
                    <Copy text=due name="amount" said="Amount copied" />
                </div>
            </div>
            <div class="field">
                <span class="label">"To this address"</span>
                <div class="input big">
                    <span class="addr small fill">{invoice.address.clone()}</span>
                    <Copy text=invoice.address.clone() name="address" said="Address copied" />
                </div>
                <p class="hint">{after_fee}</p>
            </div>
            {invoice.tag.clone().map(|tag| view! { <Tag tag /> })}
        </div>
        <div class="g1">
            <div class="row" role="status">
                <Pill tone=Tone::Move hollow=true text="Waiting for your payment" />
                <span class="sm soft">"Held until " <When at=invoice.expires_at form=Form::Clock /></span>
            </div>
            <noscript><p class="sm soft">"Load this page again to see whether your payment arrived."</p></noscript>
        </div>
    }
    .into_any()
}

fn only(unit: &str, network: Network) -> impl IntoView + use<> {
    let first = match standard(unit, network) {
        Some(standard) => format!("Send only {unit} on {} ({standard}).", network.title()),
        None => format!("Send only {unit} on {}.", network.title()),
    };
    view! { <p class="sm"><b>{first}</b> " Other coins or networks sent here are lost."</p> }
}

#[component]
fn Code(request: PaymentRequest, amount: String, network: Network) -> impl IntoView {
    // Without an agreed form of link the code says the address alone: the amount is typed in.
    let label = match &request.link {
        Some(_) => format!("QR code of this payment: {amount} on {}, to the address below", network.title()),
        None => "QR code of the address below".to_owned(),
    };
    view! { <Qr text=request.text label /> }
}

#[component]
fn Tag(tag: String) -> impl IntoView {
    view! {
        <div class="field">
            <span class="label">"Memo or tag, needed"</span>
            <div class="input big">
                <span class="mono fill">{tag.clone()}</span>
                <Copy text=tag name="tag" said="Tag copied" />
            </div>
            <p class="hint">"Without it nobody knows what your payment is for."</p>
        </div>
    }
    .into_any()
}

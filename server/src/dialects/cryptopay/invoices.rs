//! Cryptopay's invoices.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::exception::Flag;
use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::refund::StateName;
use domain::view::{InvoiceView, Metadata};
use engine::invoices::{InvoiceFilter, NewInvoice};
use engine::{Engine, Error, PageRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Refusal, answer, network_name, open};
use crate::dialects::number::Number;
use crate::dialects::{Sent, asset_of, by_id, by_reference, once, symbol};
use crate::problem::Problem;

/// How long an invoice is open: ten minutes, as Cryptopay's own in a currency.
const OPEN_SECS: i64 = 600;
/// How many invoices a list has at a time.
const PAGE: u32 = 25;
/// Under what names in our notes its own stand.
const NOTES: [&str; 3] = ["name", "description", "customer_id"];
/// What tells those names from the merchant's.
const NOTE_PREFIX: &str = "cryptopay.";

#[derive(Deserialize)]
struct NewInvoiceBody {
    price_amount: Option<Number>,
    price_currency: Option<String>,
    pay_currency: Option<String>,
    network: Option<String>,
    custom_id: Option<String>,
    customer_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    payer_email: Option<String>,
    success_redirect_url: Option<String>,
    unsuccess_redirect_url: Option<String>,
}

/// `POST /api/invoices`. With `payer_email` its refunds are offered by mail (CP-05). The same `custom_id` again answers the invoice that
/// has it.
pub async fn create(State(engine): State<Engine>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let body: NewInvoiceBody = signed.read()?;
    let required = |field: &str| Problem::field(field, "required", "send it");
    let amount = body.price_amount.as_ref().ok_or_else(|| required("price_amount"))?.decimal();
    let amount = amount.ok_or_else(|| Problem::field("price_amount", "invalid", "write a number above zero"))?;
    let currency = body.price_currency.ok_or_else(|| required("price_currency"))?;
    let coin = body.pay_currency.ok_or_else(|| required("pay_currency"))?;
    let is_meant = |network| body.network.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(network_name(network)));
    let asset = asset_of(&engine, &coin, is_meant).ok_or_else(|| {
        Problem::field("pay_currency", "unknown", "name a coin and its `network` that this installation takes, like USDT and tron")
    })?;
    let mut notes = body.metadata.unwrap_or_default();
    for (name, note) in NOTES.into_iter().zip([body.name, body.description, body.customer_id]) {
        notes.extend(note.map(|note| (format!("{NOTE_PREFIX}{name}"), note)));
    }
    let new = |reference: &str| NewInvoice {
        mid: signed.mid,
        reference: reference.to_owned(),
        amount,
        currency,
        asset: asset.id.to_string(),
        expires_in: Some(OPEN_SECS),
        payer_email: body.payer_email,
        success_redirect_url: body.success_redirect_url,
        unsuccess_redirect_url: body.unsuccess_redirect_url,
        metadata: Some(Metadata(notes)).filter(|notes| !notes.0.is_empty()),
        charged_amount: None,
        rate: None,
        refund_to: None,
        overrides: None,
    };
    let caller = &signed.caller;
    let invoice = match body.custom_id {
        Some(custom_id) => {
            let make = async |id| engine.create_invoice(caller, new(&custom_id), InvoiceId(id)).await;
            match once(&engine, caller, &format!("cryptopay invoice {custom_id}"), make).await {
                Err(Error::Taken { .. }) => by_reference(&engine, caller, signed.mid, &custom_id).await?,
                made => made?,
            }
        }
        // Without a name of the merchant's it is called by its id.
        None => {
            let id = Uuid::now_v7();
            engine.create_invoice(caller, new(&id.to_string()), InvoiceId(id)).await?
        }
    };
    Ok(answer(StatusCode::CREATED, &document(&invoice)))
}

/// `GET /api/invoices/{id}`.
pub async fn show(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok(answer(StatusCode::OK, &document(&by_id(&engine, &signed.caller, signed.mid, id).await?)))
}

/// `GET /api/invoices/custom_id/{custom_id}`.
pub async fn show_named(State(engine): State<Engine>, Path(custom_id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    Ok(answer(StatusCode::OK, &document(&by_reference(&engine, &signed.caller, signed.mid, &custom_id).await?)))
}

#[derive(Deserialize)]
struct Listing {
    starting_after: Option<String>,
}

/// `GET /api/invoices`: newest first, in parts.
pub async fn list(State(engine): State<Engine>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let query: Result<Query<Listing>, _> = Query::try_from_uri(&signed.sent.parts.uri);
    let Query(Listing { starting_after }) = query.map_err(|error| Problem::field("starting_after", "invalid", &error.body_text()))?;
    let filter = InvoiceFilter { mid: Some(signed.mid), ..InvoiceFilter::default() };
    let page = engine.invoices(&signed.caller, filter, PageRequest { limit: PAGE, after: starting_after }).await?;
    let data: Vec<Value> = page.data.iter().map(document).collect();
    Ok(Json(json!({ "data": data, "meta": { "has_more": page.next.is_some() } })).into_response())
}

/// Returns an invoice as these clients read it.
fn document(invoice: &InvoiceView) -> Value {
    let coin = symbol(&invoice.asset);
    let note = |name: &str| invoice.metadata.as_ref().and_then(|notes| notes.0.get(&format!("{NOTE_PREFIX}{name}")));
    let own_notes = invoice.metadata.iter().flat_map(|notes| &notes.0).filter(|(name, _)| !name.starts_with(NOTE_PREFIX));
    let own_notes: BTreeMap<&String, &String> = own_notes.collect();
    let transactions = invoice.deposits.iter().map(|deposit| json!({ "txid": deposit.txid }));
    json!({
        "id": invoice.id,
        "custom_id": invoice.reference,
        "customer_id": note("customer_id"),
        "status": status(invoice),
        "status_context": context(invoice),
        "address": invoice.address,
        "network": network_name(invoice.network),
        "price_amount": invoice.amount_billed,
        "price_currency": invoice.billed_currency,
        "fee": "0.0",
        "fee_currency": invoice.billed_currency,
        "pay_amount": invoice.amount_charged,
        "pay_currency": coin,
        "paid_amount": invoice.amount_paid,
        "exchange": {
            "pair": format!("{coin}{}", invoice.billed_currency), "rate": invoice.exchange_rate,
            "fee": "0.0", "fee_currency": invoice.billed_currency,
        },
        "transactions": transactions.collect::<Vec<_>>(),
        "name": note("name"),
        "description": note("description"),
        "metadata": Some(own_notes).filter(|notes| !notes.is_empty()),
        "payer_email": invoice.payer_email,
        "success_redirect_url": invoice.success_redirect_url,
        "unsuccess_redirect_url": invoice.unsuccess_redirect_url,
        "hosted_page_url": invoice.hosted_page_url,
        "created_at": invoice.created_at.to_string(),
        "expires_at": invoice.expires_at.to_string(),
    })
}

/// Returns where an invoice stands: unresolved is what was paid otherwise than asked and did not become the merchant's, until it is
/// given back.
fn status(invoice: &InvoiceView) -> &'static str {
    let waits = invoice.cases.iter().any(|case| case.state == "manual");
    let is_given_back = invoice.refunds.last().is_some_and(|refund| refund.state == StateName::Paid);
    match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => "new",
        InvoiceStatus::Complete if waits => "unresolved",
        InvoiceStatus::Complete => "completed",
        InvoiceStatus::Underpaid | InvoiceStatus::Canceled if is_given_back => "refunded",
        InvoiceStatus::Underpaid | InvoiceStatus::Canceled => "unresolved",
        InvoiceStatus::Expired if waits => "unresolved",
        InvoiceStatus::Expired => "cancelled",
    }
}

/// Returns in which way the payment differed.
fn context(invoice: &InvoiceView) -> Option<&'static str> {
    match () {
        () if invoice.exceptions.has(Flag::Risk) => Some("illicit_resource"),
        () if invoice.exceptions.has(Flag::Late) => Some("paid_late"),
        () if invoice.exceptions.has(Flag::Over) => Some("overpaid"),
        () if invoice.exceptions.has(Flag::Under) => Some("underpaid"),
        () => None,
    }
}

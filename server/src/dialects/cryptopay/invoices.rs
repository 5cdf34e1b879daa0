//! Cryptopay's invoices.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::ids::InvoiceId;
use domain::view::Metadata;
use engine::invoices::{InvoiceFilter, NewInvoice};
use engine::webhooks::cryptopay::{NOTE_PREFIX, NOTES, invoice_document, network_name};
use engine::{Engine, Error, PageRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Refusal, answer, open};
use crate::dialects::number::Number;
use crate::dialects::{Sent, asset_of, by_id, by_reference, once};
use crate::problem::Problem;

/// How long an invoice is open: ten minutes, as Cryptopay's own in a currency.
const OPEN_SECS: i64 = 600;
/// How many invoices a list has at a time.
const PAGE: u32 = 25;
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
        guid: None,
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
    Ok(answer(StatusCode::CREATED, &invoice_document(&invoice)))
}

/// `GET /api/invoices/{id}`.
pub async fn show(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok(answer(StatusCode::OK, &invoice_document(&by_id(&engine, &signed.caller, signed.mid, id).await?)))
}

/// `GET /api/invoices/custom_id/{custom_id}`.
pub async fn show_named(State(engine): State<Engine>, Path(custom_id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    Ok(answer(StatusCode::OK, &invoice_document(&by_reference(&engine, &signed.caller, signed.mid, &custom_id).await?)))
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
    let data: Vec<Value> = page.data.iter().map(invoice_document).collect();
    Ok(Json(json!({ "data": data, "meta": { "has_more": page.next.is_some() } })).into_response())
}

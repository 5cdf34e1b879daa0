//! BitPay's refunds: made at once or as a preview that is confirmed, found by their id or by the merchant's `guid`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::{InvoiceId, RefundId};
use domain::policy::FeeBearer;
use domain::refund::{CancelReason, StateName};
use domain::view::InvoiceView;
use engine::pairings::Facade;
use engine::quotes::RefundOrQuote;
use engine::refunding::NewRefund;
use engine::refunds::RefundFilter;
use engine::webhooks::bitpay::{Refund, preview_document, refund_document, status_of};
use engine::{Engine, Error, PageRequest};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Call, Reason, Refusal, Signed, Which, open};
use crate::dialects::number::Number;
use crate::dialects::{Sent, by_id};
use crate::problem::Problem;

/// How many refunds are read at a time.
const PAGE: u32 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewRefundBody {
    invoice_id: Option<String>,
    amount: Option<Number>,
    currency: Option<String>,
    #[serde(default)]
    preview: bool,
    #[serde(default)]
    immediate: bool,
    #[serde(default)]
    buyer_pays_refund_fee: bool,
    guid: Option<String>,
    reference: Option<String>,
}

/// `POST /refunds`: a refund, or a preview of one. The same `guid` again answers what was made.
pub async fn create(State(engine): State<Engine>, sent: Sent) -> Response {
    Call::MAKE_REFUND.answer(created(&engine, sent).await)
}

async fn created(engine: &Engine, sent: Sent) -> Result<Refund, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let body: NewRefundBody = signed.read()?;
    let invoice = body.invoice_id.as_deref().ok_or_else(|| Refusal::missing("invoiceId"))?;
    let amount = body.amount.as_ref().ok_or_else(|| Refusal::missing("amount"))?;
    let amount = amount.decimal().ok_or_else(|| Refusal::invalid("amount: write a number above zero"))?;
    let invoice = invoice_of(engine, &signed, invoice).await?;
    if let Some(made) = made(engine, &signed, body.guid.as_deref()).await? {
        return repeated(engine, &signed, &invoice, &amount, body.preview, made).await;
    }
    let id = RefundId(Uuid::now_v7());
    let new = NewRefund {
        amount: Some(amount.clone()),
        currency: Some(body.currency.unwrap_or_else(|| invoice.billed_currency.clone())),
        fee_bearer: Some(if body.buyer_pays_refund_fee { FeeBearer::Payer } else { FeeBearer::Merchant }),
        reference: body.reference,
        guid: body.guid.clone(),
        immediate: body.immediate,
        ..NewRefund::default()
    };
    let of = InvoiceId(invoice.id);
    let outcome = if body.preview {
        engine.preview_refund(&signed.caller, of, new, id).await.map(drop)
    } else {
        engine.create_refund(&signed.caller, of, new, id).await.map(drop)
    };
    match outcome {
        Ok(()) => told(engine, &signed, engine.refund_or_quote(&signed.caller, id).await?).await,
        // The same request at the same moment was first.
        Err(Error::Conflict) => match made(engine, &signed, body.guid.as_deref()).await? {
            Some(made) => repeated(engine, &signed, &invoice, &amount, body.preview, made).await,
            None => Err(Error::Conflict.into()),
        },
        Err(Error::ExceedsRefundable { .. }) if is_promised(engine, &signed, &invoice).await? => {
            Err(Refusal::new(StatusCode::CONFLICT, Reason::ActiveRefund, "Active refund request already exists"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Says whether all that is left of an invoice is promised to refunds that are under way.
async fn is_promised(engine: &Engine, signed: &Signed, invoice: &InvoiceView) -> Result<bool, Error> {
    let left = engine.refundable(&signed.caller, InvoiceId(invoice.id)).await?.amount;
    let is_active = |state| matches!(status_of(state), "created" | "pending" | "failure");
    Ok(left.chars().all(|digit| matches!(digit, '0' | '.')) && invoice.refunds.iter().any(|refund| is_active(refund.state)))
}

async fn invoice_of(engine: &Engine, signed: &Signed, id: &str) -> Result<InvoiceView, Refusal> {
    let id = id.parse().map_err(|_| Refusal::not_found("Invoice"))?;
    match by_id(engine, &signed.caller, signed.mid, id).await {
        Err(Error::NotFound) => Err(Refusal::not_found("Invoice")),
        found => Ok(found?),
    }
}

async fn made(engine: &Engine, signed: &Signed, guid: Option<&str>) -> Result<Option<RefundOrQuote>, Refusal> {
    let Some(guid) = guid else { return Ok(None) };
    match engine.refund_by_guid(&signed.caller, signed.mid, guid.trim()).await {
        Err(Error::NotFound) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Answers what a `guid` made before, when it was the same that is asked for.
async fn repeated(
    engine: &Engine,
    signed: &Signed,
    invoice: &InvoiceView,
    amount: &str,
    preview: bool,
    made: RefundOrQuote,
) -> Result<Refund, Refusal> {
    let (of, asked, was_preview) = match &made {
        // A preview that was confirmed is the refund it became.
        RefundOrQuote::Refund(refund) => (refund.invoice, refund.amount_asked.as_deref(), preview),
        RefundOrQuote::Quote(quote) => (quote.invoice.0, quote.amount_billed.as_deref(), true),
    };
    let value = |text: &str| text.parse::<Decimal>().ok();
    if of != invoice.id || asked.and_then(value) != value(amount) || was_preview != preview {
        return Err(Refusal::invalid("guid: it came with another request before: use a new one, or confirm the preview that has it"));
    }
    told(engine, signed, made).await
}

/// `GET /refunds/{id}`.
pub async fn show(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Response {
    Call::READ_REFUND.answer(shown(&engine, Which::Id(id), sent).await)
}

/// `GET /refunds/guid/{guid}`.
pub async fn show_named(State(engine): State<Engine>, Path(guid): Path<String>, sent: Sent) -> Response {
    Call::READ_REFUND.answer(shown(&engine, Which::Guid(guid), sent).await)
}

async fn shown(engine: &Engine, which: Which, sent: Sent) -> Result<Refund, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let found = find(engine, &signed, which).await?;
    told(engine, &signed, found).await
}

/// Returns what a client means; another MID's is not there.
async fn find(engine: &Engine, signed: &Signed, which: Which) -> Result<RefundOrQuote, Refusal> {
    let found = match which {
        Which::Id(id) => match id.parse() {
            Ok(id) => engine.refund_or_quote(&signed.caller, RefundId(id)).await,
            Err(_) => Err(Error::NotFound),
        },
        Which::Guid(guid) => engine.refund_by_guid(&signed.caller, signed.mid, guid.trim()).await,
    };
    match found {
        Err(Error::NotFound) => Err(Refusal::not_found("Refund")),
        found => Ok(found?),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    invoice_id: Option<String>,
}

/// `GET /refunds?invoiceId=`: an invoice's refunds, newest first. Previews that nobody confirmed are none.
pub async fn list(State(engine): State<Engine>, sent: Sent) -> Response {
    Call::READ_REFUND.answer(listed(&engine, sent).await)
}

async fn listed(engine: &Engine, sent: Sent) -> Result<Vec<Refund>, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let Listing { invoice_id } = signed.query()?;
    let invoice = invoice_of(engine, &signed, &invoice_id.ok_or_else(|| Refusal::missing("invoiceId"))?).await?;
    let url = notification_url(engine, &signed).await?;
    let mut refunds = Vec::new();
    let mut after = None;
    loop {
        let filter = RefundFilter { mid: Some(signed.mid), invoice: Some(InvoiceId(invoice.id)), ..RefundFilter::default() };
        let page = engine.refunds(&signed.caller, filter, PageRequest { limit: PAGE, after }).await?;
        for refund in &page.data {
            refunds.push(refund_document(refund, &invoice, url.clone()).ok_or_else(broken)?.with_token(&signed.token));
        }
        after = page.next;
        if after.is_none() {
            return Ok(refunds);
        }
    }
}

#[derive(Deserialize)]
struct Update {
    status: Option<String>,
}

/// `PUT /refunds/{id}`: `created` confirms a preview, `canceled` takes a refund back.
pub async fn update(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Response {
    Call::CHANGE_REFUND.answer(updated(&engine, Which::Id(id), sent).await)
}

/// `PUT /refunds/guid/{guid}`.
pub async fn update_named(State(engine): State<Engine>, Path(guid): Path<String>, sent: Sent) -> Response {
    Call::CHANGE_REFUND.answer(updated(&engine, Which::Guid(guid), sent).await)
}

async fn updated(engine: &Engine, which: Which, sent: Sent) -> Result<Refund, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let Update { status } = signed.read()?;
    let found = find(engine, &signed, which).await?;
    match status.as_deref() {
        Some("created") => {
            let refund = match found {
                RefundOrQuote::Quote(quote) => engine.confirm_preview(&signed.caller, quote.id).await?,
                RefundOrQuote::Refund(refund) if status_of(refund.state) == "created" => *refund,
                RefundOrQuote::Refund(refund) => {
                    return Err(Refusal::invalid(format!("status: this refund is {} already", status_of(refund.state))));
                }
            };
            told(engine, &signed, RefundOrQuote::Refund(Box::new(refund))).await
        }
        // Both spellings are theirs (C6).
        Some("canceled" | "cancelled") => stopped(engine, &signed, found).await,
        Some(_) => Err(Refusal::invalid("status: choose created or canceled")),
        None => Err(Refusal::missing("status")),
    }
}

/// `DELETE /refunds/{id}`: takes a refund or a preview back.
pub async fn cancel(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Response {
    Call::CANCEL_REFUND.answer(canceled(&engine, Which::Id(id), sent).await)
}

/// `DELETE /refunds/guid/{guid}`.
pub async fn cancel_named(State(engine): State<Engine>, Path(guid): Path<String>, sent: Sent) -> Response {
    Call::CANCEL_REFUND.answer(canceled(&engine, Which::Guid(guid), sent).await)
}

async fn canceled(engine: &Engine, which: Which, sent: Sent) -> Result<Refund, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let found = find(engine, &signed, which).await?;
    stopped(engine, &signed, found).await
}

async fn stopped(engine: &Engine, signed: &Signed, found: RefundOrQuote) -> Result<Refund, Refusal> {
    let stopped = match found {
        RefundOrQuote::Refund(refund) if refund.state == StateName::Canceled => RefundOrQuote::Refund(refund),
        // Theirs are out of the ledger for good; here the dashboard and the API take one back all the same.
        RefundOrQuote::Refund(refund) if refund.reason == domain::refund::Reason::Merchant && refund.immediate => {
            return Err(Refusal::invalid("Immediate refunds cannot be canceled outside of preview state"));
        }
        RefundOrQuote::Refund(refund) => {
            let canceled = engine.cancel_refund(&signed.caller, RefundId(refund.id), CancelReason::Other, None).await?;
            RefundOrQuote::Refund(Box::new(canceled))
        }
        RefundOrQuote::Quote(quote) if quote.expires_at <= engine.now() => RefundOrQuote::Quote(quote),
        RefundOrQuote::Quote(quote) => RefundOrQuote::Quote(Box::new(engine.withdraw_quote(&signed.caller, quote.id).await?)),
    };
    told(engine, signed, stopped).await
}

/// `POST /refunds/{id}/notifications`: writes to the buyer once more (BP-11).
pub async fn notify(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Response {
    match notified(&engine, id, sent).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => Call::MAKE_REFUND.refuse(&refusal),
    }
}

async fn notified(engine: &Engine, id: String, sent: Sent) -> Result<Value, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    match find(engine, &signed, Which::Id(id)).await? {
        RefundOrQuote::Refund(refund) => engine.notify_payer(&signed.caller, RefundId(refund.id)).await?,
        RefundOrQuote::Quote(_) => return Err(Refusal::invalid("status: a preview is told to nobody: confirm it first")),
    };
    Ok(json!({ "status": "success", "data": {} }))
}

/// Returns what was found as these clients read it.
async fn told(engine: &Engine, signed: &Signed, found: RefundOrQuote) -> Result<Refund, Refusal> {
    let url = notification_url(engine, signed).await?;
    let document = match found {
        RefundOrQuote::Refund(refund) => {
            let invoice = engine.invoice(&signed.caller, InvoiceId(refund.invoice)).await?;
            refund_document(&refund, &invoice, url).ok_or_else(broken)?
        }
        RefundOrQuote::Quote(quote) => preview_document(*quote, engine.now(), url).ok_or_else(broken)?,
    };
    Ok(document.with_token(&signed.token))
}

/// Returns where webhooks of this MID go (BP-12).
async fn notification_url(engine: &Engine, signed: &Signed) -> Result<Option<String>, Error> {
    Ok(engine.endpoints(&signed.caller).await?.into_iter().next().map(|endpoint| endpoint.url))
}

/// Says that an amount of a row is no number, which the log then has.
fn broken() -> Refusal {
    Refusal::from(Problem::internal())
}

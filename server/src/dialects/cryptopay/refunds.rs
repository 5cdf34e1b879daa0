//! Cryptopay's refunds of an invoice: all that is refundable, to an address of the merchant's knowledge or by a claim link.
//!
//! C4: without an address Cryptopay's own go to the merchant's crypto account. That is no refund here, where a refund is always the payer's:
//! what is to be the merchant's is credited by the policy (`credit_all`) or by a person who accepts the case, so that nobody's money
//! changes hands for a field that was left out.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{InvoiceId, RefundId};
use domain::policy::RateRule;
use domain::refund::{Reason, StateName};
use domain::view::{InvoiceView, RefundView};
use engine::Engine;
use engine::refunding::NewRefund;
use engine::webhooks::cryptopay::network_name;
use engine::webhooks::symbol;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, Signed, answer, open};
use crate::dialects::{Sent, by_id, once, same_refund};
use crate::problem::Problem;

#[derive(Deserialize)]
struct NewRefundBody {
    address: Option<String>,
}

/// `POST /api/invoices/{id}/refunds`. What the payer is offered already is not offered twice: an address is then said for it, where the
/// MID's policy lets the merchant.
pub async fn create(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let NewRefundBody { address } = signed.read()?;
    let invoice = invoice_of(&engine, &signed, &id).await?;
    let is_offered = |state| state == StateName::AwaitingClaim;
    let offered = invoice.refunds.iter().rev().find(|refund| refund.reason != Reason::Merchant && is_offered(refund.state));
    let refund = match (offered, address) {
        (Some(offered), None) => engine.refund(&signed.caller, RefundId(offered.id)).await?,
        (Some(offered), Some(address)) => engine.direct_refund(&signed.caller, RefundId(offered.id), &address, None).await?,
        (None, address) => {
            let name = same_refund("cryptopay", &invoice, address.as_deref().unwrap_or_default());
            let new = NewRefund { rate_rule: Some(RateRule::CoinExact), address, ..NewRefund::default() };
            let make = async |id| engine.create_refund(&signed.caller, InvoiceId(invoice.id), new, RefundId(id)).await;
            once(&engine, &signed.caller, &name, make).await?
        }
    };
    Ok(answer(StatusCode::CREATED, &document(&refund, &invoice)))
}

/// `GET /api/invoices/{id}/refunds`.
pub async fn list(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let signed = open(&engine, sent).await?;
    let invoice = invoice_of(&engine, &signed, &id).await?;
    let mut refunds = Vec::with_capacity(invoice.refunds.len());
    for refund in &invoice.refunds {
        let refund = engine.refund(&signed.caller, RefundId(refund.id)).await?;
        refunds.push(document(&refund, &invoice));
    }
    Ok(answer(StatusCode::OK, &Value::Array(refunds)))
}

async fn invoice_of(engine: &Engine, signed: &Signed, id: &str) -> Result<InvoiceView, Refusal> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok(by_id(engine, &signed.caller, signed.mid, id).await?)
}

/// Returns a refund as these clients read it.
fn document(refund: &RefundView, invoice: &InvoiceView) -> Value {
    let coin = symbol(&refund.asset);
    json!({
        "id": refund.id,
        "invoice_id": refund.invoice,
        "custom_id": invoice.reference,
        "amount": refund.amount,
        "amount_currency": coin,
        "fee": refund.fee.as_ref().map_or("0.0", |fee| &fee.amount),
        "fee_currency": coin,
        "address": refund.destination.as_ref().map(|to| &to.address),
        "network": network_name(refund.network),
        "txid": refund.txid,
        // Destinations are screened before a refund is sent; there is no score.
        "risk": Value::Null,
        "created_at": refund.created_at.to_string(),
    })
}

//! Txn's API: JSON:API documents with refund links (TX-05 to TX-12). Keys are sent as `Authorization: Bearer`.
//! The documents are those of its webhooks too: [`engine::webhooks::txn`].

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use domain::ids::{InvoiceId, RefundId};
use domain::refund::CancelReason;
use engine::callers::Caller;
use engine::webhooks::txn::{invoice_document, link_status, payment_link};
use engine::{Engine, Error};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::sent_key;
use crate::problem::Problem;

pub(super) const MEDIA_TYPE: &str = "application/vnd.api+json";

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/txn/api/public/v1/invoices/{id}", get(show)),
        ("/compat/txn/api/public/v1/payment_links/{id}", get(link)),
        ("/compat/txn/api/public/v1/payment_links/{id}/expiration", post(expire)),
    ]
}

/// A problem as JSON:API says it.
struct Refusal(Problem);

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(error: T) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let error = json!({ "status": status.as_u16().to_string(), "code": self.0.code().name(), "title": self.0.code().title(), "detail": self.0.detail() });
        document(status, &json!({ "errors": [error] }))
    }
}

fn document(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body.to_string()).into_response()
}

async fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Refusal> {
    sent_key(engine, headers, "Bearer ").await?.ok_or_else(|| Refusal(Problem::unauthorized()))
}

/// Reads an id; what is none is nobody's.
fn known(id: &str) -> Result<Uuid, Refusal> {
    id.parse().map_err(|_| Refusal(Problem::not_found()))
}

/// `GET /invoices/{id}`: the invoice with its refund links.
async fn show(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let invoice = engine.invoice(&caller, InvoiceId(known(&id)?)).await?;
    let mut links = Vec::with_capacity(invoice.refunds.len());
    for refund in &invoice.refunds {
        links.push(engine.refund(&caller, RefundId(refund.id)).await?);
    }
    Ok(document(StatusCode::OK, &invoice_document(&invoice, &links, engine.settings().is_sandbox)))
}

/// `GET /payment_links/{id}`: one refund link.
async fn link(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let refund = engine.refund(&caller, RefundId(known(&id)?)).await?;
    Ok(document(StatusCode::OK, &json!({ "data": payment_link(&refund) })))
}

/// `POST /payment_links/{id}/expiration`: ends a link that nobody claimed (TX3). Its money goes back where it came from (P13).
async fn expire(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let id = RefundId(known(&id)?);
    let refund = engine.refund(&caller, id).await?;
    if link_status(refund.state) != "created" {
        return Err(Error::Refused(domain::lifecycle::Refused::WrongState { state: refund.state.name() }).into());
    }
    let refund = engine.cancel_refund(&caller, id, CancelReason::Other, None).await?;
    Ok(document(StatusCode::OK, &json!({ "data": payment_link(&refund) })))
}

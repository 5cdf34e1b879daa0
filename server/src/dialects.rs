//! Dialects: the APIs of other systems, for merchants whose programs speak them already. Each reads its own paths, fields and
//! signatures, asks the one engine, and answers in its own words. None decides anything and none adds a state (requirements 1.8).

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use domain::ids::{InvoiceId, MidId};
use domain::money::{Asset, Network};
use domain::refund::StateName;
use domain::view::InvoiceView;
use engine::callers::Caller;
use engine::idempotency::Idempotency;
use engine::invoices::InvoiceFilter;
use engine::webhooks::symbol;
use engine::{Engine, Error, PageRequest};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::api::begin;
use crate::problem::{Code, Problem};

mod bitpay;
mod btcpay;
mod cryptomus;
mod cryptopay;
mod number;
mod txn;

/// The dialects' URLs. They let in by their own signatures.
#[must_use]
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    [bitpay::routes(), btcpay::routes(), cryptomus::routes(), cryptopay::routes(), txn::routes()].concat()
}

/// Returns them as a router that says so, in each system's words, where a program calls what is not there.
pub fn router() -> Router<Engine> {
    let router = routes().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    router.method_not_allowed_fallback(unknown).route("/compat/{*path}", any(unknown))
}

/// Says that a call is not among those of its system's that are answered here. Clients that look at the body alone are to see an error.
async fn unknown(method: Method, uri: Uri) -> Response {
    let path = uri.path();
    let message = format!("Refundry does not answer {method} {path}: its README lists the calls that it does");
    let system = path.trim_start_matches("/compat/").split('/').next().unwrap_or_default();
    let body = match system {
        "bitpay" => json!({ "status": "error", "code": "000000", "data": null, "error": message }),
        "cryptomus" | "heleket" => json!({ "state": 1, "message": message }),
        "cryptopay" => json!({ "error": { "code": "not_found", "message": message, "details": [] } }),
        "btcpay" => json!({ "code": "not-found", "message": message }),
        "txn" => json!({ "errors": [{ "status": "404", "code": "not_found", "title": Code::NotFound.title(), "detail": message }] }),
        _ => return Problem::new(StatusCode::NOT_FOUND, Code::NotFound, message).into_response(),
    };
    let media_type = if system == "txn" { txn::MEDIA_TYPE } else { "application/json" };
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, media_type)], body.to_string()).into_response()
}

/// A request as it came, for those that are signed as a whole.
struct Sent {
    parts: Parts,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let unread = |_| Problem::new(StatusCode::BAD_REQUEST, Code::ValidationFailed, "the body could not be read: send it again");
        Ok(Self { parts, body: body.map_err(unread)? })
    }
}

/// Returns the asset of a coin, on a network that `is_meant`; nothing when there is none, or several.
fn asset_of<'a>(engine: &'a Engine, symbol: &str, is_meant: impl Fn(Network) -> bool) -> Option<&'a Asset> {
    let wanted = |asset: &&Asset| asset.id.symbol().eq_ignore_ascii_case(symbol) && is_meant(asset.network);
    let mut found = engine.assets().all().filter(wanted);
    found.next().filter(|_| found.next().is_none())
}

/// Returns what a request for a refund is known by where it has no name: the same again is the same refund, until one ended without
/// being paid.
fn same_refund(dialect: &str, invoice: &InvoiceView, asked: &str) -> String {
    let ended = |state| matches!(state, StateName::Canceled | StateName::Declined | StateName::Expired);
    let ended = invoice.refunds.iter().filter(|refund| ended(refund.state)).count();
    format!("{dialect} refund {} {ended} {asked}", invoice.id)
}

/// Returns a MID's invoice by the merchant's own name for it.
async fn by_reference(engine: &Engine, caller: &Caller, mid: MidId, reference: &str) -> Result<InvoiceView, Error> {
    let filter = InvoiceFilter { mid: Some(mid), reference: Some(reference.to_owned()), ..InvoiceFilter::default() };
    let page = engine.invoices(caller, filter, PageRequest { limit: 1, after: None }).await?;
    page.data.into_iter().next().ok_or(Error::NotFound)
}

/// Returns a MID's invoice by its id; another MID's is not there.
async fn by_id(engine: &Engine, caller: &Caller, mid: MidId, id: Uuid) -> Result<InvoiceView, Error> {
    let invoice = engine.invoice(caller, InvoiceId(id)).await?;
    if invoice.mid == mid.0 { Ok(invoice) } else { Err(Error::NotFound) }
}

/// Makes something once for requests that have no key to be repeated by: the same `name` within a day is the same request.
async fn once<T>(engine: &Engine, caller: &Caller, name: &str, make: impl AsyncFnOnce(Uuid) -> Result<T, Error>) -> Result<T, Error> {
    let hash: [u8; 32] = Sha256::digest(name).into();
    match begin(engine, caller, name, hash).await? {
        // Made under this id: the same again is found, not made.
        Idempotency::Replay { body, .. } => make(body.parse().map_err(|_| Error::Conflict)?).await,
        Idempotency::Fresh(busy) => {
            let made = make(busy.resource).await;
            match made {
                Ok(_) => engine.idempotency_finish(caller, name, 200, &busy.resource.to_string()).await?,
                Err(_) => engine.idempotency_give_up(caller, name, busy).await?,
            }
            made
        }
    }
}

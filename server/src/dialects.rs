//! Dialects: the APIs of other systems, for merchants whose programs speak them already. Each reads its own paths, fields and
//! signatures, asks the one engine, and answers in its own words. None decides anything and none adds a state (requirements 1.8).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::routing::MethodRouter;
use domain::ids::{InvoiceId, MidId};
use domain::money::{Asset, Network};
use domain::refund::StateName;
use domain::view::InvoiceView;
use engine::callers::Caller;
use engine::idempotency::Idempotency;
use engine::invoices::InvoiceFilter;
use engine::webhooks::symbol;
use engine::{Engine, Error, PageRequest};
use sha2::{Digest, Sha256};
use uuid::Uuid;

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
        let unread =
            |_| Problem::new(axum::http::StatusCode::BAD_REQUEST, Code::ValidationFailed, "the body could not be read: send it again");
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
    match engine.idempotency_begin(caller, name, hash).await? {
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

//! Dialects: the APIs of other systems, for merchants whose programs speak them already. Each reads its own paths, fields and
//! signatures, asks the one engine, and answers in its own words. None decides anything and none adds a state (requirements 1.8).

use axum::routing::MethodRouter;
use domain::ids::{InvoiceId, MidId};
use domain::view::InvoiceView;
use engine::callers::Caller;
use engine::idempotency::Idempotency;
use engine::invoices::InvoiceFilter;
use engine::webhooks::symbol;
use engine::{Engine, Error, PageRequest};
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod cryptomus;
mod txn;

/// The dialects' URLs. They let in by their own signatures.
#[must_use]
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    [cryptomus::routes(), txn::routes()].concat()
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
                Ok(_) => engine.idempotency_finish(caller, name, busy.resource, 200, &busy.resource.to_string()).await?,
                Err(_) => engine.idempotency_give_up(caller, name, busy).await?,
            }
            made
        }
    }
}

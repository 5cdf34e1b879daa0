//! The REST API: one file per resource. Handlers translate between JSON and the engine; they decide nothing.

pub mod balances;
pub mod brands;
pub mod cases;
pub mod deposits;
pub mod events;
pub mod invoices;
pub mod ledger;
pub mod merchant_policies;
pub mod mids;
pub mod policies;
pub mod privacy;
pub mod reconciliations;
pub mod refunding;
pub mod refunds;
pub mod sandbox;
pub mod senders;
pub mod simulation;
pub mod sources;
pub mod statements;
pub mod webhook_deliveries;
pub mod webhook_endpoints;

mod destination;
mod extract;
mod idempotency;
mod limits;

pub use destination::Destination;
pub use extract::{Body, Filter, Id, read};
pub use idempotency::{NewId, begin, remember};
pub use limits::{Limits, limit};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::callers::Caller;
use engine::{Engine, Error, Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a handler returns: JSON or a problem.
pub type Answer<T> = Result<axum::Json<T>, Problem>;

/// Part of a list, newest first.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    /// The part.
    pub data: Vec<T>,
    /// Where the next part begins: send it as `after`. Nothing at the end.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Returns a list that is not cut into parts.
    pub const fn whole(data: Vec<T>) -> Self {
        Self { data, next: None }
    }
}

impl<T> From<Page<T>> for List<T> {
    fn from(page: Page<T>) -> Self {
        Self { data: page.data, next: page.next }
    }
}

/// The parts of a list are this long unless asked otherwise.
const LIMIT_DEFAULT: u32 = 25;
const LIMIT_MAX: u32 = 100;

/// Reads `limit` and `after`.
fn page(limit: Option<u32>, after: Option<String>) -> Result<PageRequest, Problem> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::field("limit", "out_of_range", "choose 1 to 100"));
    }
    Ok(PageRequest { limit, after })
}

/// Returns who calls with a key in the `Authorization` header, after `scheme`; nothing without a key that lets in.
///
/// # Errors
/// `Store` when the database fails.
pub async fn sent_key(engine: &Engine, headers: &HeaderMap, scheme: &str) -> Result<Option<Caller>, Error> {
    match headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix(scheme)) {
        Some(secret) => engine.key(secret).await,
        None => Ok(None),
    }
}

/// Finds out who calls, by the key. Handlers take the [`Caller`] as an extension.
pub async fn authenticate(State(engine): State<Engine>, mut request: Request, next: Next) -> Response {
    let caller = match sent_key(&engine, request.headers(), "Bearer ").await {
        Ok(Some(caller)) => caller,
        Ok(None) => return Problem::unauthorized().into_response(),
        Err(error) => return Problem::from(error).into_response(),
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

//! Lists as files: what the dashboard shows, narrowed in the same way, as comma-separated values. They are sent while they are read, however
//! long they are; one that breaks off ends the connection before its time, so that nobody takes it for whole.

use app::reply::Failure;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::ids::RefundId;
use engine::audit::{AuditFilter, AuditView};
use engine::browsing::{InvoicesWanted, ListedInvoice, ListedRefund, Place, RefundsWanted};
use engine::callers::Caller;
use engine::{Engine, PageRequest};
use futures_util::stream;

use crate::csv;
use crate::pages::fail;

/// How many rows are read at once.
const CHUNK: u32 = 500;
/// How many of the audit log.
const AUDIT_CHUNK: u32 = 100;

/// Returns the routes of the files.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/refunds.csv", get(refunds))
        .route("/invoices.csv", get(invoices))
        .route("/audit.csv", get(audit))
        .route("/refunds/{id}/receipt", get(receipt))
        .with_state(engine)
}

/// A list's query: names may be set more than once.
pub type Asked = Query<Vec<(String, String)>>;

/// Returns what a filter is set to; all of it, with commas, where it is set more than once.
pub fn value_of(asked: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> = asked.iter().filter(|(set, _)| set == name).map(|(_, value)| value.as_str()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Returns who takes the file of the list at `path`; the answer for everybody else.
async fn signed_in(engine: &Engine, parts: &Parts, path: &str) -> Result<Caller, Response> {
    match app::caller_of(engine, parts).await {
        Ok(Some(caller)) => Ok(caller),
        Ok(None) => Err(Redirect::to(&format!("/sign-in?next={path}")).into_response()),
        Err(error) => Err(fail(engine.clone(), parts.clone(), error.into()).await),
    }
}

async fn refunds(State(engine): State<Engine>, Query(asked): Asked, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match signed_in(&engine, &parts, "/refunds").await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    match app::refunds_wanted(|name| value_of(&asked, name)) {
        Some(wanted) => file("refunds.csv", csv::record(REFUND), RefundRows { engine, caller, wanted }),
        None => fail(engine, parts, Failure::NoPage).await,
    }
}

/// The signed receipt of a refund that arrived, as its payer has it.
async fn receipt(State(engine): State<Engine>, Path(id): Path<RefundId>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match signed_in(&engine, &parts, &format!("/refunds/{id}")).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    match engine.receipt_of(&caller, id).await {
        Ok(receipt) => ([(header::CONTENT_DISPOSITION, "attachment; filename=\"refund-receipt.json\"")], Json(receipt)).into_response(),
        Err(error) => fail(engine, parts, error.into()).await,
    }
}

async fn invoices(State(engine): State<Engine>, Query(asked): Asked, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match signed_in(&engine, &parts, "/invoices").await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    match app::invoices_wanted(|name| value_of(&asked, name)) {
        Some(wanted) => file("invoices.csv", csv::record(INVOICE), InvoiceRows { engine, caller, wanted }),
        None => fail(engine, parts, Failure::NoPage).await,
    }
}

async fn audit(State(engine): State<Engine>, Query(asked): Asked, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match signed_in(&engine, &parts, "/admin/audit").await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let Some(wanted) = app::audit_wanted(|name| value_of(&asked, name)) else { return fail(engine, parts, Failure::NoPage).await };
    // Whoever may not read the log is told so by a page, not by a file that breaks off.
    if let Err(error) = engine.audit_log(&caller, wanted.clone(), PageRequest { limit: 1, after: None }).await {
        return fail(engine, parts, error.into()).await;
    }
    file("audit.csv", csv::record(AUDIT), AuditRows { engine, caller, wanted })
}

/// Rows that are read a chunk at a time.
trait Rows: Send + Sync + 'static {
    /// Where a chunk begins; the first one by default.
    type Place: Default + Send;

    /// Returns the lines of a chunk, and where the next one begins.
    fn chunk(&self, place: Self::Place) -> impl Future<Output = Result<(String, Option<Self::Place>), engine::Error>> + Send;
}

struct RefundRows {
    engine: Engine,
    caller: Caller,
    wanted: RefundsWanted,
}

impl Rows for RefundRows {
    type Place = Place;

    async fn chunk(&self, place: Place) -> Result<(String, Option<Place>), engine::Error> {
        let found = self.engine.browse_refunds(&self.caller, &self.wanted, place, CHUNK).await?;
        let next = found.rows.last().filter(|_| found.has_older).map(|last| Place::OlderThan(last.id));
        Ok((found.rows.iter().map(refund).collect(), next))
    }
}

struct InvoiceRows {
    engine: Engine,
    caller: Caller,
    wanted: InvoicesWanted,
}

impl Rows for InvoiceRows {
    type Place = Place;

    async fn chunk(&self, place: Place) -> Result<(String, Option<Place>), engine::Error> {
        let found = self.engine.browse_invoices(&self.caller, &self.wanted, place, CHUNK).await?;
        let next = found.rows.last().filter(|_| found.has_older).map(|last| Place::OlderThan(last.id));
        Ok((found.rows.iter().map(invoice).collect(), next))
    }
}

struct AuditRows {
    engine: Engine,
    caller: Caller,
    wanted: AuditFilter,
}

impl Rows for AuditRows {
    /// The row before which it goes on.
    type Place = Option<String>;

    async fn chunk(&self, after: Option<String>) -> Result<(String, Option<Option<String>>), engine::Error> {
        let found = self.engine.audit_log(&self.caller, self.wanted.clone(), PageRequest { limit: AUDIT_CHUNK, after }).await?;
        Ok((found.data.iter().map(deed).collect(), found.next.map(Some)))
    }
}

fn file<R: Rows>(name: &str, heading: String, rows: R) -> Response {
    let text = stream::try_unfold((rows, Some(R::Place::default()), Some(heading)), |(rows, place, heading)| async move {
        let Some(place) = place else { return Ok::<_, engine::Error>(None) };
        let read = rows.chunk(place).await.inspect_err(|error| tracing::error!(%error, "a file broke off"));
        let (lines, next) = read?;
        Ok(Some((heading.unwrap_or_default() + &lines, (rows, next, None))))
    });
    let headers = [
        (header::CONTENT_TYPE, csv::CONTENT_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(text)).into_response()
}

const REFUND: [&str; 14] = [
    "refund",
    "reference",
    "order",
    "mid",
    "state",
    "reason",
    "amount",
    "asset",
    "payer_email",
    "address",
    "txid",
    "created_at",
    "updated_at",
    "invoice",
];

fn refund(refund: &ListedRefund) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        refund.id.to_string(),
        refund.reference.clone(),
        refund.order.clone(),
        refund.mid.to_string(),
        refund.state.to_string(),
        refund.reason.name().to_owned(),
        refund.amount.clone(),
        refund.asset.to_string(),
        text(&refund.payer_email),
        text(&refund.address),
        text(&refund.txid),
        refund.created_at.to_string(),
        refund.updated_at.to_string(),
        refund.invoice.to_string(),
    ];
    csv::record(cells.iter().map(String::as_str))
}

const INVOICE: [&str; 12] =
    ["invoice", "order", "mid", "status", "billed", "currency", "charged", "asset", "paid", "refunded", "payer_email", "created_at"];

fn invoice(invoice: &ListedInvoice) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        invoice.id.to_string(),
        invoice.reference.clone(),
        invoice.mid.to_string(),
        invoice.status.name().to_owned(),
        invoice.billed.clone(),
        invoice.billed_currency.clone(),
        invoice.charged.clone(),
        invoice.asset.to_string(),
        text(&invoice.paid),
        text(&invoice.refunded),
        text(&invoice.payer_email),
        invoice.created_at.to_string(),
    ];
    csv::record(cells.iter().map(String::as_str))
}

const AUDIT: [&str; 9] = ["number", "at", "action", "actor", "who", "subject", "name", "detail", "hash"];

fn deed(row: &AuditView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        row.number.to_string(),
        row.at.to_string(),
        row.action.clone(),
        row.actor.clone(),
        text(&row.who),
        row.subject.to_string(),
        text(&row.subject_name),
        row.detail.to_string(),
        row.hash.clone(),
    ];
    csv::record(cells.iter().map(String::as_str))
}

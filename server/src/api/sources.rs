//! Sources: other systems that tell a MID's deposits, in webhooks that they sign.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::ids::{MidId, SourceId};
use domain::source::{NewsOutcome, SourceKind};
use engine::Engine;
use engine::callers::Caller;
use engine::sources::{NewsView, SourceView};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::idempotency::NewId;
use super::{Answer, Body, Filter, Id, List, page};
use crate::problem::Problem;

/// A new source.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Which system.
    kind: SourceKind,
    /// Whose deposits it tells; the key's own MID unless said.
    mid: Option<Uuid>,
    /// What the other system signs with: Cryptomus's payment API key, NOWPayments' IPN secret key. BTCPay Server takes one of ours: without
    /// it, one is made and shown once.
    secret: Option<String>,
}

/// A source.
#[derive(Serialize, ToSchema)]
pub struct Source {
    /// Its id.
    id: Uuid,
    /// Whose deposits it tells.
    mid: Uuid,
    /// Which system.
    kind: SourceKind,
    /// Where the other system is to post its webhooks.
    url: String,
    /// What the other system is to sign with, when it is ours; shown once, in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// How many webhooks came with another signature; they are not kept. Above nought, compare the secrets.
    forged: u64,
    /// When the last of these came.
    #[schema(value_type = Option<String>)]
    forged_at: Option<Timestamp>,
    /// Since when.
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Source {
    fn from_view(view: SourceView, secret: Option<String>) -> Self {
        let SourceView { id, mid, kind, url, forged, forged_at, created_at } = view;
        Self { id, mid, kind, url, secret, forged, forged_at, created_at }
    }
}

/// Something a source told.
#[derive(Serialize, ToSchema)]
pub struct News {
    /// Its id.
    id: Uuid,
    /// The other system's word for it: `InvoicePaymentSettled`, `paid`, `finished`.
    event: String,
    /// What names the payment; the `external_id` of its deposit.
    payment: Option<String>,
    /// The order it names: an invoice's `reference`.
    reference: Option<String>,
    /// What became of it.
    outcome: NewsOutcome,
    /// Why, and what to do.
    detail: Option<String>,
    /// How often the same came.
    times: u64,
    /// When it came first.
    #[schema(value_type = String)]
    first_at: Timestamp,
    /// When it came last.
    #[schema(value_type = String)]
    last_at: Timestamp,
}

impl From<NewsView> for News {
    fn from(view: NewsView) -> Self {
        let NewsView { id, event, payment, reference, outcome, detail, times, first_at, last_at } = view;
        let detail = detail.map(|why| why.to_string());
        Self { id, event, payment, reference, outcome, detail, times, first_at, last_at }
    }
}

/// Which part of what a source told.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewsWanted {
    /// 1 to 100; 25 unless given.
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Lets another system tell deposits, at the `url` of the answer. A shop that was paid before sends nothing for 24 hours afterwards
#[utoipa::path(post, path = "/api/v1/sources", tag = "Sources", request_body = NewSource,
    responses((status = 201, description = "The source", body = Source)))]
pub async fn create(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    NewId(id): NewId,
    Body(body): Body<NewSource>,
) -> Result<(StatusCode, Json<Source>), Problem> {
    let new = engine.add_source(&caller, body.mid.map(MidId), body.kind, body.secret, SourceId(id)).await?;
    Ok((StatusCode::CREATED, Json(Source::from_view(new.source, new.secret))))
}

/// Returns all sources
#[utoipa::path(get, path = "/api/v1/sources", tag = "Sources",
    responses((status = 200, description = "The sources", body = List<Source>)))]
pub async fn list(State(engine): State<Engine>, Extension(caller): Extension<Caller>) -> Answer<List<Source>> {
    let sources = engine.sources(&caller).await?;
    Ok(Json(List::whole(sources.into_iter().map(|view| Source::from_view(view, None)).collect())))
}

/// Removes a source; what it tells from then on is not heard. The deposits it told stay
#[utoipa::path(delete, path = "/api/v1/sources/{id}", tag = "Sources", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<SourceId>,
) -> Result<StatusCode, Problem> {
    engine.remove_source(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what a source told and what became of it, newest first: why a payment is not there
#[utoipa::path(get, path = "/api/v1/sources/{id}/news", tag = "Sources", params(("id" = Uuid, Path), NewsWanted),
    responses((status = 200, description = "Part of the list", body = List<News>)))]
pub async fn news(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<SourceId>,
    Filter(wanted): Filter<NewsWanted>,
) -> Answer<List<News>> {
    let told = engine.source_news(&caller, id, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(List { data: told.data.into_iter().map(News::from).collect(), next: told.next }))
}

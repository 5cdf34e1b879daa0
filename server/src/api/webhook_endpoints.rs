//! Webhook endpoints: the merchant's URLs that are told what happens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::claim::FieldErrors;
use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{EndpointId, MidId};
use domain::notice::Events;
use domain::view::EndpointTestView;
use engine::Engine;
use engine::callers::Caller;
use engine::endpoints::{EndpointView, Telling};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::idempotency::NewId;
use super::{Answer, Body, Id, List};
use crate::problem::Problem;

/// A new endpoint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// Where events are posted to.
    url: String,
    /// Only events of this MID.
    mid: Option<Uuid>,
    /// In whose words it is told what happens; Refundry's own unless said.
    dialect: Option<Dialect>,
    /// Which signatures of Standard Webhooks it gets; `v1` unless said. Dialects that sign otherwise are signed their own way.
    signing: Option<SignatureScheme>,
    /// Of which events it is told, by their types such as `refund.paid`; of all unless said. All of them are all, those of later versions
    /// too. Only in the dialect `native`: others tell what their systems tell. A subject's `sequence` counts what was not chosen, too.
    events: Option<Vec<String>>,
}

/// Another URL for an endpoint, another dialect, other signatures or events.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovedEndpoint {
    /// Where events are posted to from now on, those that wait too.
    url: String,
    /// In whose words it is told what happens from now on; as before unless said. What waits stays as it was written.
    dialect: Option<Dialect>,
    /// Which signatures of Standard Webhooks it gets from now on; as before unless said.
    signing: Option<SignatureScheme>,
    /// Of which events it is told from now on; as before unless said, and of all after another dialect. What waits is still sent.
    events: Option<Vec<String>>,
}

/// An endpoint.
#[derive(Serialize, ToSchema)]
pub struct Endpoint {
    /// Its id.
    id: Uuid,
    /// Where events are posted to.
    url: String,
    /// Only events of this MID.
    mid: Option<Uuid>,
    /// In whose words it is told what happens.
    dialect: Dialect,
    /// Which signatures of Standard Webhooks it gets.
    signing: SignatureScheme,
    /// Of which events it is told. Another dialect than `native` tells what its system tells, and has none here.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<&'static str>>,
    /// What verifies its `v1a` signatures (Ed25519), `whpk_…`, where it gets such. For 24 hours after a rotation the key before signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// Since when it gets nothing, because it answered 410 (Gone). `enable` ends that, and so does another URL.
    #[schema(value_type = Option<String>)]
    disabled_at: Option<Timestamp>,
    /// What signs its webhooks (Standard Webhooks `v1`); shown once, in the answer to its creation or rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its secret was last replaced. For 24 hours from then on webhooks carry the signatures of the old secret too.
    #[schema(value_type = Option<String>, format = DateTime)]
    rotated_at: Option<Timestamp>,
}

impl Endpoint {
    fn from_view(view: EndpointView, secret: Option<String>) -> Self {
        let EndpointView { id, merchant: _, url, mid, dialect, signing, events, public_key, disabled_at, created_at, rotated_at } = view;
        let events = (dialect == Dialect::Native).then(|| events.names().collect());
        Self { id, url, mid, dialect, signing, events, public_key, disabled_at, secret, created_at, rotated_at }
    }
}

/// Reads a choice of events, where there is one.
fn events(names: Option<Vec<String>>) -> Result<Option<Events>, Problem> {
    let events = names.map(|names| Events::parse(names.iter().map(String::as_str))).transpose();
    Ok(events.map_err(|wrong| engine::Error::Invalid(FieldErrors::one("events", "invalid", wrong.to_string())))?)
}

/// Adds an endpoint and shows its secret, once. A shop that was paid before sends nothing for 24 hours afterwards
#[utoipa::path(post, path = "/api/v1/webhook_endpoints", tag = "Webhooks", request_body = NewEndpoint,
    responses((status = 201, description = "The endpoint", body = Endpoint)))]
pub async fn create(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    NewId(id): NewId,
    Body(body): Body<NewEndpoint>,
) -> Result<(StatusCode, Json<Endpoint>), Problem> {
    let events = events(body.events)?.unwrap_or_default();
    let (dialect, signing) = (body.dialect.unwrap_or(Dialect::Native), body.signing.unwrap_or(SignatureScheme::V1));
    let new = engine.add_endpoint_in(&caller, Telling { dialect, signing, events }, &body.url, body.mid.map(MidId), EndpointId(id)).await?;
    Ok((StatusCode::CREATED, Json(Endpoint::from_view(new.endpoint, Some(new.secret)))))
}

/// Returns all endpoints
#[utoipa::path(get, path = "/api/v1/webhook_endpoints", tag = "Webhooks",
    responses((status = 200, description = "The endpoints", body = List<Endpoint>)))]
pub async fn list(State(engine): State<Engine>, Extension(caller): Extension<Caller>) -> Answer<List<Endpoint>> {
    let endpoints = engine.endpoints(&caller).await?;
    Ok(Json(List::whole(endpoints.into_iter().map(|view| Endpoint::from_view(view, None)).collect())))
}

/// Returns an endpoint
#[utoipa::path(get, path = "/api/v1/webhook_endpoints/{id}", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The endpoint", body = Endpoint)))]
pub async fn show(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<EndpointId>) -> Answer<Endpoint> {
    let found = engine.endpoints(&caller).await?.into_iter().find(|endpoint| endpoint.id == id.0).ok_or_else(Problem::not_found)?;
    Ok(Json(Endpoint::from_view(found, None)))
}

/// Posts an endpoint's events to another URL, those that wait too, or in another dialect, with other signatures, or of other events. A shop that was paid before sends nothing for 24 hours afterwards
#[utoipa::path(put, path = "/api/v1/webhook_endpoints/{id}", tag = "Webhooks", params(("id" = Uuid, Path)), request_body = MovedEndpoint,
    responses((status = 200, description = "The endpoint", body = Endpoint)))]
pub async fn change(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<EndpointId>,
    Body(body): Body<MovedEndpoint>,
) -> Answer<Endpoint> {
    let events = events(body.events)?;
    let mut changed = engine.move_endpoint(&caller, id, &body.url).await?;
    if let Some(dialect) = body.dialect {
        changed = engine.change_dialect(&caller, id, dialect).await?;
    }
    if let Some(signing) = body.signing {
        changed = engine.change_signing(&caller, id, signing).await?;
    }
    if let Some(events) = events {
        changed = engine.choose_events(&caller, id, events).await?;
    }
    Ok(Json(Endpoint::from_view(changed, None)))
}

/// Replaces an endpoint's secret and shows the new one, once. For 24 hours webhooks carry the signatures of both; a shop that was paid
/// before sends nothing meanwhile
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{id}/rotate", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The endpoint", body = Endpoint)))]
pub async fn rotate(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<EndpointId>,
    NewId(secret): NewId,
) -> Answer<Endpoint> {
    let rotated = engine.rotate_endpoint(&caller, id, secret).await?;
    Ok(Json(Endpoint::from_view(rotated.endpoint, Some(rotated.secret))))
}

/// Lets an endpoint that was switched off, because it answered 410 (Gone), get what happens from now on
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{id}/enable", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The endpoint", body = Endpoint)))]
pub async fn enable(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<EndpointId>) -> Answer<Endpoint> {
    Ok(Json(Endpoint::from_view(engine.enable_endpoint(&caller, id).await?, None)))
}

/// Posts a test to an endpoint, once, in its dialect and signed as its webhooks are, and says what it answered
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{id}/test", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "What became of it", body = EndpointTestView)))]
pub async fn test(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<EndpointId>) -> Answer<EndpointTestView> {
    Ok(Json(engine.test_endpoint(&caller, id).await?))
}

/// Removes an endpoint; what was not delivered to it yet is not sent any more
#[utoipa::path(delete, path = "/api/v1/webhook_endpoints/{id}", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<EndpointId>,
) -> Result<StatusCode, Problem> {
    engine.remove_endpoint(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Webhook endpoints: the merchant's URLs that are told what happens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::ids::{EndpointId, MidId};
use engine::Engine;
use engine::callers::Caller;
use engine::endpoints::EndpointView;
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
    /// What signs its webhooks (Standard Webhooks); shown once, in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Since when.
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Endpoint {
    fn from_view(view: EndpointView, secret: Option<String>) -> Self {
        Self { id: view.id, url: view.url, mid: view.mid, secret, created_at: view.created_at }
    }
}

/// Adds an endpoint and shows its secret, once
#[utoipa::path(post, path = "/api/v1/webhook_endpoints", tag = "Webhooks", request_body = NewEndpoint,
    responses((status = 201, description = "The endpoint", body = Endpoint)))]
pub async fn create(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    NewId(id): NewId,
    Body(body): Body<NewEndpoint>,
) -> Result<(StatusCode, Json<Endpoint>), Problem> {
    let new = engine.add_endpoint(&caller, &body.url, body.mid.map(MidId), EndpointId(id)).await?;
    Ok((StatusCode::CREATED, Json(Endpoint::from_view(new.endpoint, Some(new.secret)))))
}

/// Returns all endpoints
#[utoipa::path(get, path = "/api/v1/webhook_endpoints", tag = "Webhooks",
    responses((status = 200, description = "The endpoints", body = List<Endpoint>)))]
pub async fn list(State(engine): State<Engine>, Extension(caller): Extension<Caller>) -> Answer<List<Endpoint>> {
    let endpoints = engine.endpoints(&caller).await?;
    Ok(Json(List::whole(endpoints.into_iter().map(|view| Endpoint::from_view(view, None)).collect())))
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

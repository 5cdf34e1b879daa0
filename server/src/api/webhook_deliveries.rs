//! The log of webhooks: what was sent to the merchant's endpoints, and sending it again.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{DeliveryId, EndpointId, MidId, RefundId};
use domain::view::DeliveryView;
use engine::Engine;
use engine::callers::Caller;
use engine::deliveries::DeliveryFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, Filter, Id, List, page};

/// Which deliveries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesWanted {
    /// Of this MID.
    mid: Option<Uuid>,
    /// To this endpoint.
    endpoint: Option<Uuid>,
    /// About this refund.
    refund: Option<Uuid>,
    /// `pending`, `delivered` or `given_up`.
    status: Option<String>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// A delivery with what is posted.
#[derive(Serialize, ToSchema)]
pub struct WholeDelivery {
    /// It.
    delivery: DeliveryView,
    /// Its body as it would be posted now, without claim links; nothing when no API key is left to sign it with.
    body: Option<String>,
}

/// Lists deliveries of webhooks, newest first
#[utoipa::path(get, path = "/api/v1/webhook_deliveries", tag = "Webhooks", params(DeliveriesWanted),
    responses((status = 200, description = "Part of the list", body = List<DeliveryView>)))]
pub async fn deliveries(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<DeliveriesWanted>,
) -> Answer<List<DeliveryView>> {
    let filter = DeliveryFilter {
        mid: wanted.mid.map(MidId),
        endpoint: wanted.endpoint.map(EndpointId),
        refund: wanted.refund.map(RefundId),
        status: wanted.status,
    };
    let deliveries = engine.webhook_deliveries(&caller, filter, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(deliveries.into()))
}

/// Returns a delivery with its body
#[utoipa::path(get, path = "/api/v1/webhook_deliveries/{id}", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The delivery", body = WholeDelivery)))]
pub async fn delivery(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<DeliveryId>) -> Answer<WholeDelivery> {
    let (delivery, body) = engine.webhook_delivery(&caller, id).await?;
    Ok(Json(WholeDelivery { delivery, body }))
}

/// Sends a webhook that was delivered or given up once more, with the same id; one that waits stays as it is
#[utoipa::path(post, path = "/api/v1/webhook_deliveries/{id}/resend", tag = "Webhooks", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The delivery", body = DeliveryView)))]
pub async fn resend(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<DeliveryId>) -> Answer<DeliveryView> {
    Ok(Json(engine.resend_webhook(&caller, id).await?))
}

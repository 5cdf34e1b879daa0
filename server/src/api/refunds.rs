//! Refunds: money owed back to payers.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::refund::{CancelReason, StateName};
use domain::view::RefundView;
use engine::Engine;
use engine::callers::Caller;
use engine::refunds::RefundFilter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, Body, Destination, Filter, Id, List, page};

/// Which refunds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RefundsWanted {
    /// Of this MID.
    mid: Option<Uuid>,
    /// Of this invoice.
    invoice: Option<Uuid>,
    /// In this state.
    state: Option<StateName>,
    /// With exactly this reference: `REFUND-…`.
    reference: Option<String>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Why a refund is stopped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// From the list.
    reason: CancelReason,
    /// In your own words.
    note: Option<String>,
}

/// Why a refund is not approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    /// For whoever made it: 1 to 500 characters.
    reason: String,
}

/// Lists refunds, newest first
#[utoipa::path(get, path = "/api/v1/refunds", tag = "Refunds", params(RefundsWanted),
    responses((status = 200, description = "Part of the list", body = List<RefundView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<RefundsWanted>,
) -> Answer<List<RefundView>> {
    let filter = RefundFilter {
        mid: wanted.mid.map(MidId),
        invoice: wanted.invoice.map(InvoiceId),
        state: wanted.state,
        reference: wanted.reference,
    };
    let refunds = engine.refunds(&caller, filter, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(refunds.into()))
}

/// Returns a refund with its timeline
#[utoipa::path(get, path = "/api/v1/refunds/{id}", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn show(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.refund(&caller, id).await?))
}

/// Says where a refund goes, in the payer's place, where its policy has `destination_source` on `merchant`. The security delay begins
#[utoipa::path(post, path = "/api/v1/refunds/{id}/destination", tag = "Refunds", request_body = Destination,
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn direct(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RefundId>,
    Body(body): Body<Destination>,
) -> Answer<RefundView> {
    let (address, tag) = body.into_text();
    Ok(Json(engine.direct_refund(&caller, id, &address, tag.as_deref()).await?))
}

/// Stops a refund whose payout is not ordered yet; its money is held for the invoice again
#[utoipa::path(post, path = "/api/v1/refunds/{id}/cancel", tag = "Refunds", request_body = Cancellation,
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn cancel(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RefundId>,
    Body(body): Body<Cancellation>,
) -> Answer<RefundView> {
    Ok(Json(engine.cancel_refund(&caller, id, body.reason, body.note).await?))
}

/// Lets a refund that waits for a second person go on its way. A person does this, never a key, and never who made the refund
#[utoipa::path(post, path = "/api/v1/refunds/{id}/approve", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn approve(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.approve_refund(&caller, id).await?))
}

/// Says no to a refund that waits for a second person. A person does this, never a key
#[utoipa::path(post, path = "/api/v1/refunds/{id}/decline", tag = "Refunds", params(("id" = Uuid, Path)), request_body = Declining,
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn decline(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RefundId>,
    Body(body): Body<Declining>,
) -> Answer<RefundView> {
    Ok(Json(engine.decline_refund(&caller, id, &body.reason).await?))
}

/// Keeps a scheduled refund from being sent until a person lets it go
#[utoipa::path(post, path = "/api/v1/refunds/{id}/hold", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn hold(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.hold_refund(&caller, id).await?))
}

/// Lets a refund on hold go. A person does this, never a key
#[utoipa::path(post, path = "/api/v1/refunds/{id}/release", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn release(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.release_refund(&caller, id).await?))
}

/// Offers a refund again by a new link: one that expired, was canceled, or whose payout failed
#[utoipa::path(post, path = "/api/v1/refunds/{id}/reissue", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn reissue(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.reissue_refund(&caller, id).await?))
}

/// Sends the payer the claim link once more
#[utoipa::path(post, path = "/api/v1/refunds/{id}/notify", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn notify(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.notify_payer(&caller, id).await?))
}

/// Tries a failed payout again
#[utoipa::path(post, path = "/api/v1/refunds/{id}/retry", tag = "Refunds",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund", body = RefundView)))]
pub async fn retry(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.retry_refund(&caller, id).await?))
}

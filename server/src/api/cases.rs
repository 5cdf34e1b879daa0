//! Cases: payments that wait for a person's decision.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{CaseId, InvoiceId};
use domain::invoice::Resolution;
use domain::view::InvoiceView;
use engine::Engine;
use engine::callers::Caller;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body, Id};

/// How a case is decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `accept`: all of it is yours and the invoice is paid; `refund_excess`: the price is yours, the rest goes back; `refund`: all of it
    /// goes back.
    how: Resolution,
}

/// Which invoice a payment without its tag is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// An invoice of the same MID that asks for this asset.
    invoice: Uuid,
}

/// Says which invoice a payment without its tag is for (`missing_tag`); it is judged there as if it had come with it
#[utoipa::path(post, path = "/api/v1/invoices/{id}/cases/{case}/attribute", tag = "Invoices", request_body = Attribution,
    params(("id" = Uuid, Path), ("case" = Uuid, Path)),
    responses((status = 200, description = "The invoice that it pays", body = InvoiceView)))]
pub async fn attribute(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((invoice, case)): Id<(InvoiceId, CaseId)>,
    Body(body): Body<Attribution>,
) -> Answer<InvoiceView> {
    Ok(Json(engine.attribute_case(&caller, invoice, case, InvoiceId(body.invoice)).await?))
}

/// Decides a case that waits for a person (`manual`)
#[utoipa::path(post, path = "/api/v1/invoices/{id}/cases/{case}/resolve", tag = "Invoices", request_body = Decision,
    params(("id" = Uuid, Path), ("case" = Uuid, Path)),
    responses((status = 200, description = "The invoice", body = InvoiceView)))]
pub async fn resolve(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((invoice, case)): Id<(InvoiceId, CaseId)>,
    Body(body): Body<Decision>,
) -> Answer<InvoiceView> {
    Ok(Json(engine.resolve_case(&caller, invoice, case, body.how).await?))
}

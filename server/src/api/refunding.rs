//! Making refunds of paid invoices: at once, or by a quote that is confirmed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::claim::{FieldError, FieldErrors};
use domain::ids::{InvoiceId, RefundId};
use domain::policy::{FeeBearer, RateRule};
use domain::view::{PreviewView, RefundView};
use engine::callers::Caller;
use engine::{Engine, Error};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body, Destination, Id, NewId};
use crate::problem::Problem;

/// A new refund: all that is refundable, unless `amount` or `percent` says less.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// Of which invoice.
    invoice: Uuid,
    /// How much: coins of the invoice's asset, or with `currency` an amount of that.
    amount: Option<String>,
    /// The invoice's currency, when `amount` is in it.
    currency: Option<String>,
    /// How much, in percent of what was paid: `50`. Not together with `amount`.
    percent: Option<String>,
    /// How many coins a priced amount is; as the policy says unless given, and exactly the coins where `amount` is in coins.
    rate_rule: Option<RateRule>,
    /// Who pays the network's fee; as the policy says unless given.
    fee_bearer: Option<FeeBearer>,
    /// Where to, when you know; the payer is asked by a claim link unless given.
    destination: Option<Destination>,
    /// Your name for it: up to 100 characters.
    reference: Option<String>,
    /// Your support's ticket that led to it: up to 100 characters.
    support_request: Option<String>,
    /// Why, for your staff: up to 500 characters.
    reason: Option<String>,
    /// A message for the payer, shown with the claim: up to 500 characters.
    message: Option<String>,
    /// Takes the money out of your balance now, not when it is sent.
    #[serde(default)]
    immediate: bool,
    /// Whether Refundry writes to the payer; as the policy says unless given. The claim link is in the answer either way.
    notify: Option<bool>,
    /// Answers a quote and makes nothing: `POST /refunds/{id}/confirm` with its id makes the refund.
    #[serde(default)]
    preview: bool,
}

/// Makes a refund of a paid invoice, or quotes one
#[utoipa::path(post, path = "/api/v1/refunds", tag = "Refunds", request_body = NewRefund,
    responses((status = 201, description = "The refund", body = RefundView),
        (status = 200, description = "The quote, with `preview`", body = PreviewView)))]
pub async fn create(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    NewId(id): NewId,
    Body(body): Body<NewRefund>,
) -> Result<Response, Problem> {
    let (invoice, is_preview) = (InvoiceId(body.invoice), body.preview);
    let new = requested(body);
    if is_preview {
        return Ok(Json(engine.preview_refund(&caller, invoice, new, RefundId(id)).await.map_err(in_the_body)?).into_response());
    }
    let refund = engine.create_refund(&caller, invoice, new, RefundId(id)).await.map_err(in_the_body)?;
    Ok((StatusCode::CREATED, Json(refund)).into_response())
}

fn requested(body: NewRefund) -> engine::refunding::NewRefund {
    let (address, tag) = body.destination.map(Destination::into_text).unzip();
    engine::refunding::NewRefund {
        amount: body.amount,
        currency: body.currency,
        percent: body.percent,
        rate_rule: body.rate_rule,
        fee_bearer: body.fee_bearer,
        address,
        tag: tag.flatten(),
        reference: body.reference,
        guid: None,
        support_request: body.support_request,
        reason: body.reason,
        message: body.message,
        immediate: body.immediate,
        notify: body.notify,
    }
}

/// Names the destination's fields as the body has them.
fn in_the_body(error: Error) -> Problem {
    let Error::Invalid(FieldErrors(errors)) = error else { return error.into() };
    let renamed = errors.into_iter().map(|error| match error.field.as_str() {
        "address" | "tag" => FieldError { field: format!("destination.{}", error.field), ..error },
        _ => error,
    });
    Problem::invalid(FieldErrors(renamed.collect()))
}

/// Makes the refund of a quote, at the quoted amount; confirming twice makes it once
#[utoipa::path(post, path = "/api/v1/refunds/{id}/confirm", tag = "Refunds", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The refund, with the quote's id", body = RefundView)))]
pub async fn confirm(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<RefundId>) -> Answer<RefundView> {
    Ok(Json(engine.confirm_preview(&caller, id).await?))
}

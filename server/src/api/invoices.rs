//! Invoices: requests for payment.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::ids::{InvoiceId, MidId};
use domain::invoice::InvoiceStatus;
use domain::language::Language;
use domain::policy::Overrides;
use domain::view::{InvoiceView, Metadata};
use engine::Engine;
use engine::callers::Caller;
use engine::invoices::InvoiceFilter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, Body, Destination, Filter, Id, List, NewId, page};
use crate::problem::Problem;

/// A new invoice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvoice {
    /// Of which MID.
    mid: Uuid,
    /// Your name for it: 1 to 128 characters, unique per MID.
    reference: String,
    /// What it asks for, in `currency`: `100.00`.
    amount: String,
    /// ISO 4217: `EUR`.
    currency: String,
    /// What it is paid in: `USDT-TRON`.
    asset: String,
    /// How long a payment is in time; 1200 unless given.
    expires_in: Option<i64>,
    /// Whom to write to.
    payer_email: Option<String>,
    /// Which language the payer reads; as their browser says, else the MID's own, unless given.
    language: Option<Language>,
    /// What it asks for in coins, when you have priced it yourself.
    charged_amount: Option<String>,
    /// The price of one coin in `currency`, instead of the rate source's.
    rate: Option<String>,
    /// Where to send a payer who paid.
    success_redirect_url: Option<String>,
    /// Where to send a payer who did not.
    unsuccess_redirect_url: Option<String>,
    /// Your own notes: a JSON object of strings.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Metadata>,
    /// Where the payer wants a refund, said before anything went wrong.
    refund_to: Option<Destination>,
    /// What the MID's policy says differently for this invoice: any of its settings. Stricter than the MID, never looser.
    #[schema(value_type = Option<Object>, example = json!({ "on_over": "hold" }))]
    policy: Option<Overrides>,
}

/// Which invoices.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InvoicesWanted {
    /// Of this MID.
    mid: Option<Uuid>,
    /// In this status.
    status: Option<InvoiceStatus>,
    /// With exactly this reference.
    reference: Option<String>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Creates an invoice
#[utoipa::path(post, path = "/api/v1/invoices", tag = "Invoices", request_body = NewInvoice,
    responses((status = 201, description = "The invoice", body = InvoiceView)))]
pub async fn create(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    NewId(id): NewId,
    Body(body): Body<NewInvoice>,
) -> Result<(StatusCode, Json<InvoiceView>), Problem> {
    let new = engine::invoices::NewInvoice {
        mid: MidId(body.mid),
        reference: body.reference,
        guid: None,
        amount: body.amount,
        currency: body.currency,
        asset: body.asset,
        expires_in: body.expires_in,
        payer_email: body.payer_email,
        charged_amount: body.charged_amount,
        rate: body.rate,
        success_redirect_url: body.success_redirect_url,
        unsuccess_redirect_url: body.unsuccess_redirect_url,
        metadata: body.metadata,
        refund_to: body.refund_to.map(Destination::into_text),
        overrides: body.policy,
    };
    let invoice = engine.create_invoice(&caller, new, InvoiceId(id)).await?;
    // A crash before this leaves an invoice without: the repeated request says it again.
    if let Some(language) = body.language {
        engine.speak_to_payer(&caller, InvoiceId(id), language).await?;
    }
    Ok((StatusCode::CREATED, Json(invoice)))
}

/// Lists invoices, newest first
#[utoipa::path(get, path = "/api/v1/invoices", tag = "Invoices", params(InvoicesWanted),
    responses((status = 200, description = "Part of the list", body = List<InvoiceView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<InvoicesWanted>,
) -> Answer<List<InvoiceView>> {
    let filter = InvoiceFilter { mid: wanted.mid.map(MidId), status: wanted.status, reference: wanted.reference };
    let invoices = engine.invoices(&caller, filter, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(invoices.into()))
}

/// Returns an invoice with its deposits, cases and refunds
#[utoipa::path(get, path = "/api/v1/invoices/{id}", tag = "Invoices", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The invoice", body = InvoiceView)))]
pub async fn show(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(id): Id<InvoiceId>) -> Answer<InvoiceView> {
    Ok(Json(engine.invoice(&caller, id).await?))
}

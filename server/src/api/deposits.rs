//! Deposits: payments seen on an invoice's address, by Refundry or by the merchant's own watcher.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::ids::{InvoiceId, MidId};
use domain::view::DepositView;
use engine::Engine;
use engine::callers::Caller;
use engine::deposits::DepositFilter;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, Body, Filter, List, page};
use crate::problem::Problem;

/// A deposit that the merchant's own watcher saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedDeposit {
    /// Names the transfer for ever: the same one twice is one deposit.
    external_id: String,
    /// Of which invoice.
    invoice: Uuid,
    /// How much: `150.000000`.
    amount: String,
    /// Of what: `USDT-TRON`.
    asset: String,
    /// Its transaction.
    txid: String,
    /// When the chain took it.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// Whether it cannot be undone any more.
    r#final: bool,
}

/// Which deposits.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DepositsWanted {
    /// Of this invoice.
    invoice: Option<Uuid>,
    /// Of this MID.
    mid: Option<Uuid>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Reports a deposit, or that it is final now
#[utoipa::path(post, path = "/api/v1/deposits", tag = "Deposits", request_body = ReportedDeposit,
    responses((status = 201, description = "The deposit", body = DepositView)))]
pub async fn report(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Body(body): Body<ReportedDeposit>,
) -> Result<(StatusCode, Json<DepositView>), Problem> {
    let reported = engine::deposits::ReportedDeposit {
        external_id: body.external_id,
        invoice: InvoiceId(body.invoice),
        amount: body.amount,
        asset: body.asset,
        txid: body.txid,
        seen_at: body.seen_at,
        is_final: body.r#final,
    };
    Ok((StatusCode::CREATED, Json(engine.report_deposit(&caller, reported).await?)))
}

/// Lists deposits, newest first
#[utoipa::path(get, path = "/api/v1/deposits", tag = "Deposits", params(DepositsWanted),
    responses((status = 200, description = "Part of the list", body = List<DepositView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<DepositsWanted>,
) -> Answer<List<DepositView>> {
    let filter = DepositFilter { invoice: wanted.invoice.map(InvoiceId), mid: wanted.mid.map(MidId) };
    let deposits = engine.deposits(&caller, filter, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(deposits.into()))
}

//! Balances: what each account of a MID holds.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::MidId;
use domain::view::BalanceView;
use engine::Engine;
use engine::callers::Caller;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Answer, Filter, List};

/// Which balances.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BalancesWanted {
    /// Of this MID.
    mid: Option<Uuid>,
}

/// Returns what every account holds, all of them at once
#[utoipa::path(get, path = "/api/v1/balances", tag = "Books", params(BalancesWanted),
    responses((status = 200, description = "The balances", body = List<BalanceView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<BalancesWanted>,
) -> Answer<List<BalanceView>> {
    Ok(Json(List::whole(engine.balances(&caller, wanted.mid.map(MidId)).await?)))
}

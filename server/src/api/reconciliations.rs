//! Reconciliations: the books of each asset beside what its rail holds. For the operator: the assets of all merchants lie together.

use axum::extract::State;
use axum::{Extension, Json};
use domain::money::AssetId;
use domain::view::ReconciliationView;
use engine::Engine;
use engine::callers::Caller;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Answer, Filter, List, page};

/// Which reconciliations.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReconciliationsWanted {
    /// Of this asset.
    #[param(value_type = Option<String>)]
    asset: Option<AssetId>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Lists what the hourly comparisons of books and rails found, newest first; needs a key of the operator
#[utoipa::path(get, path = "/api/v1/reconciliations", tag = "Reconciliations", params(ReconciliationsWanted),
    responses((status = 200, description = "Part of the list", body = List<ReconciliationView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<ReconciliationsWanted>,
) -> Answer<List<ReconciliationView>> {
    Ok(Json(engine.reconciliations(&caller, wanted.asset, page(wanted.limit, wanted.after)?).await?.into()))
}

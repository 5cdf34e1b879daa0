//! The ledger's entries, both sides of each.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::view::EntryView;
use engine::Engine;
use engine::callers::Caller;
use engine::reports::EntryFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Answer, Filter, List, page};

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesWanted {
    /// Of this MID.
    mid: Option<Uuid>,
    /// About this invoice.
    invoice: Option<Uuid>,
    /// About this refund.
    refund: Option<Uuid>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

/// Lists entries, newest first
#[utoipa::path(get, path = "/api/v1/ledger/entries", tag = "Books", params(EntriesWanted),
    responses((status = 200, description = "Part of the list", body = List<EntryView>)))]
pub async fn entries(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<EntriesWanted>,
) -> Answer<List<EntryView>> {
    let filter = EntryFilter { mid: wanted.mid.map(MidId), invoice: wanted.invoice.map(InvoiceId), refund: wanted.refund.map(RefundId) };
    let entries = engine.entries(&caller, filter, page(wanted.limit, wanted.after)?).await?;
    Ok(Json(entries.into()))
}

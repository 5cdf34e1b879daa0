//! Events: what happened, to look up what a webhook told, or would have told.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::MidId;
use domain::notice::Notice;
use domain::view::EventView;
use engine::Engine;
use engine::callers::Caller;
use engine::events::EventFilter;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use uuid::Uuid;

use super::{Answer, Filter, List, page};
use crate::problem::Problem;

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsWanted {
    /// Of this MID.
    mid: Option<Uuid>,
    /// About this invoice. Not together with `refund`.
    invoice: Option<Uuid>,
    /// About this refund.
    refund: Option<Uuid>,
    /// Of this type: `refund.paid`.
    #[param(schema_with = event_types)]
    r#type: Option<String>,
    /// 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the part before.
    after: Option<String>,
}

fn event_types() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Notice::NAMES.iter().copied())).build()
}

/// Lists events, newest first, each as its webhook says it
#[utoipa::path(get, path = "/api/v1/events", tag = "Events", params(EventsWanted),
    responses((status = 200, description = "Part of the list", body = List<EventView>)))]
pub async fn list(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<EventsWanted>,
) -> Answer<List<EventView>> {
    if wanted.invoice.is_some() && wanted.refund.is_some() {
        return Err(Problem::field("refund", "invalid", "ask for an invoice's events or for a refund's, not for both"));
    }
    if wanted.r#type.as_deref().is_some_and(|name| !Notice::NAMES.contains(&name)) {
        return Err(Problem::field("type", "unknown", &format!("choose one of {}", Notice::NAMES.join(", "))));
    }
    let filter = EventFilter { mid: wanted.mid.map(MidId), subject: wanted.invoice.or(wanted.refund), event: wanted.r#type };
    Ok(Json(engine.events(&caller, filter, page(wanted.limit, wanted.after)?).await?.into()))
}

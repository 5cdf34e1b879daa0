//! Simulations: what a draft of a MID's policy would have made of real payments.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::MidId;
use domain::view::SimulationView;
use engine::Engine;
use engine::callers::Caller;
use engine::simulation::Simulation;
use engine::statements::parse_instant;
use serde::Deserialize;
use utoipa::ToSchema;

use super::policies::PolicyBody;
use super::{Answer, Body, Id, page};
use crate::problem::Problem;

/// A draft, and the payments to try it on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"draft": {"on_over": "credit_all", "late_grace": {"fiat": "PT10M", "coin": "PT2H"}, "approval_above": null},
    "from": "2026-06-01", "to": "2026-07-01", "limit": 25}))]
pub struct SimulationWanted {
    /// What the MID itself would say, as it is put to `/mids/{mid}/policy`, without `effective_at` and `tried_on`. What is not said is inherited.
    draft: PolicyBody,
    /// Invoices made from this instant on (their `created_at`); a date stands for its beginning in UTC.
    from: String,
    /// Up to this instant, which is not part of it any more. At most 366 days and 10,000 invoices are tried at once.
    to: String,
    /// How many of the changed invoices to list, 1 to 100; 25 unless given.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Where to go on: the `next` of the page before.
    after: Option<String>,
}

/// Says what a draft would have made of a period's payments: in numbers, in sums, and invoice by invoice where it differs. Writes nothing
#[utoipa::path(post, path = "/api/v1/mids/{mid}/policy/simulate", tag = "Policies", params(("mid" = Uuid, Path)),
    request_body = SimulationWanted, responses((status = 200, description = "What would be different", body = SimulationView)))]
pub async fn simulate(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(body): Body<SimulationWanted>,
) -> Answer<SimulationView> {
    let draft = body.draft.parse("draft")?;
    if draft.tried_on.is_some() {
        return Err(Problem::field("draft.tried_on", "unknown", "`from` and `to` beside the draft say the period: leave it out"));
    }
    if draft.effective_at.is_some() {
        let remedy = "a draft is tried on what was, not from a time on: leave it out";
        return Err(Problem::field("draft.effective_at", "unknown", remedy));
    }
    let what = Simulation {
        draft,
        from: parse_instant("from", &body.from)?,
        to: parse_instant("to", &body.to)?,
        page: page(body.limit, body.after)?,
    };
    Ok(Json(engine.simulate_policy(&caller, mid, what).await?))
}

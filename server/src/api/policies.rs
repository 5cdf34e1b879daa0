//! A MID's policy: what is done with payments that do not match.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::MidId;
use domain::policy::{Policy, PolicyVersion};
use engine::Engine;
use engine::callers::Caller;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body, Id};

/// What a policy says. Every field is required: what is not said is not guessed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({"on_over": "settle_and_refund_excess", "on_under": "refund_all", "on_late": "refund_all",
    "claim_ttl": "P90D", "security_delay": "PT72H", "fee_bearer": "payer"}))]
pub struct PolicyBody(Policy);

/// A MID's policy as it is now.
#[derive(Serialize, ToSchema)]
pub struct PolicyView {
    /// Of which MID.
    mid: Uuid,
    /// Counted from 1 per MID. A refund keeps the version that made it.
    version: u32,
    /// What it says.
    policy: PolicyBody,
    /// Since when.
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl From<PolicyVersion> for PolicyView {
    fn from(version: PolicyVersion) -> Self {
        Self { mid: version.mid.0, version: version.number, policy: PolicyBody(version.policy), created_at: version.created_at }
    }
}

/// Returns the policy
#[utoipa::path(get, path = "/api/v1/mids/{mid}/policy", tag = "Policies", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The policy", body = PolicyView)))]
pub async fn show(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<PolicyView> {
    Ok(Json(engine.policy(&caller, mid).await?.into()))
}

/// Replaces the policy; payments judged before keep the version that judged them
#[utoipa::path(put, path = "/api/v1/mids/{mid}/policy", tag = "Policies", params(("mid" = Uuid, Path)), request_body = PolicyBody,
    responses((status = 200, description = "The policy", body = PolicyView)))]
pub async fn replace(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(PolicyBody(policy)): Body<PolicyBody>,
) -> Answer<PolicyView> {
    Ok(Json(engine.set_policy(&caller, mid, policy).await?.into()))
}

//! A MID's policy: what is done with payments that do not match. It is written in versions; payments judged before keep the
//! settings that judged them.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{MidId, PolicyId};
use domain::policy::{KNOBS, Overrides, Policy};
use domain::view::SimulationView;
use engine::callers::Caller;
use engine::policies::{NewVersion, Version, VersionState};
use engine::statements::parse_instant;
use engine::{Engine, Error};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body, Id, List, read};
use crate::problem::Problem;

/// A MID's policy as it is now.
#[derive(Serialize, ToSchema)]
pub struct PolicyView {
    /// Of which MID.
    mid: Uuid,
    /// Counted from 1 per MID. A refund keeps the version that made it.
    version: u32,
    /// Every setting, with the merchant's and the MID's own over the defaults; for one asset or invoice others may hold.
    #[schema(value_type = Object)]
    policy: Policy,
    /// What the MID itself says, for all assets.
    #[schema(value_type = Object)]
    overrides: Overrides,
    /// What the MID itself says for one asset: settings by asset.
    #[schema(value_type = Object)]
    assets: Value,
    /// The settings that only the operator changes.
    locks: Vec<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// One version of what a MID itself says.
#[derive(Serialize, ToSchema)]
pub struct PolicyVersionView {
    /// Its id.
    id: Uuid,
    /// Of which MID.
    mid: Option<Uuid>,
    /// Counted from 1 per MID.
    version: u32,
    /// `draft` while it waits for a second person, `scheduled`, `active`, `superseded` or `discarded`.
    #[schema(value_type = String)]
    state: VersionState,
    /// What it says, for all assets.
    #[schema(value_type = Object)]
    overrides: Overrides,
    /// What it says for one asset: settings by asset.
    #[schema(value_type = Object)]
    assets: Value,
    /// Who wrote it: `system`, `user:…` or `key:…`.
    author: String,
    /// Who agreed to it, where somebody had to.
    approver: Option<String>,
    /// What it would have made of a period's real payments, tried when it was written, with the newest ten invoices that would stand
    /// elsewhere. Nothing for a MID's first version and for a merchant's own layer.
    simulation: Option<SimulationView>,
    /// Since when it is active, or from when it will be.
    #[schema(value_type = Option<String>, format = DateTime)]
    effective_at: Option<Timestamp>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Version> for PolicyVersionView {
    fn from(version: Version) -> Self {
        Self {
            id: version.id.0,
            mid: version.mid.map(|mid| mid.0),
            version: version.number,
            state: version.state,
            assets: assets(&version),
            overrides: version.overrides,
            author: version.author.to_string(),
            approver: version.approver.map(|approver| approver.to_string()),
            simulation: version.simulation,
            effective_at: version.effective_at,
            created_at: version.created_at,
        }
    }
}

pub(super) fn assets(version: &Version) -> Value {
    let by_asset = version.assets.iter().filter_map(|(asset, overrides)| Some((asset.to_string(), serde_json::to_value(overrides).ok()?)));
    Value::Object(by_asset.collect())
}

/// Any of the settings (`GET /policy/knobs` lists them), `assets` with settings by asset, `effective_at`, and `tried_on` with the period
/// (`from`, `to`) whose payments a MID's version is tried on before it is written: the last 30 days unless said. What is not said is
/// inherited; `null`, where a setting can be null, is said: no limit, whatever the layers below say.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({"on_over": "hold", "security_delay": "PT24H", "assets": {"BTC-BITCOIN": {"fee_cap": "20"}},
    "effective_at": "2030-01-01T00:00:00Z", "tried_on": {"from": "2026-06-01", "to": "2026-07-01"}}))]
pub struct PolicyBody(Map<String, Value>);

impl PolicyBody {
    /// Reads it strictly: a misspelt setting is named, never ignored. `place` is where it stood, and empty for the body itself.
    ///
    /// # Errors
    /// Names the setting that is wrong.
    pub(super) fn parse(self, place: &str) -> Result<NewVersion, Problem> {
        let Self(mut said) = self;
        let inside = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") };
        let assets = said.remove("assets").map(|assets| read(&inside("assets"), assets)).transpose()?.unwrap_or_default();
        let effective_at = said.remove("effective_at").map(|at| read(&inside("effective_at"), at)).transpose()?.flatten();
        let period: Option<Period> = said.remove("tried_on").map(|period| read(&inside("tried_on"), period)).transpose()?;
        let tried_on = period.map(|period| period.parse(&inside("tried_on"))).transpose()?;
        Ok(NewVersion { overrides: read(place, Value::Object(said))?, assets, effective_at, tried_on })
    }
}

/// A period; a date stands for its beginning in UTC.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    from: String,
    to: String,
}

impl Period {
    fn parse(&self, place: &str) -> Result<(Timestamp, Timestamp), Problem> {
        Ok((parse_instant(&format!("{place}.from"), &self.from)?, parse_instant(&format!("{place}.to"), &self.to)?))
    }
}

/// Settings that only the operator changes.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Their names; none unlocks all.
    pub(super) names: Vec<String>,
}

/// A setting in plain words.
#[derive(Serialize, ToSchema)]
pub struct KnobView {
    /// Its name.
    name: &'static str,
    /// What it decides.
    description: &'static str,
    /// What it can be.
    limits: &'static str,
    /// What it is where nobody says otherwise.
    default: Value,
}

/// Lists every setting of a policy: what it decides, what it can be, and its default
#[utoipa::path(get, path = "/api/v1/policy/knobs", tag = "Policies",
    responses((status = 200, description = "All of them", body = List<KnobView>)))]
pub async fn knobs() -> Answer<List<KnobView>> {
    let defaults = serde_json::to_value(Policy::default()).map_err(|_| Problem::internal())?;
    let knob = |knob: &domain::policy::Knob| KnobView {
        name: knob.name,
        description: knob.description,
        limits: knob.limits,
        default: defaults[knob.name].clone(),
    };
    Ok(Json(List::whole(KNOBS.iter().map(knob).collect())))
}

/// Returns the policy
#[utoipa::path(get, path = "/api/v1/mids/{mid}/policy", tag = "Policies", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The policy", body = PolicyView)))]
pub async fn show(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<PolicyView> {
    let effective = engine.policy(&caller, mid).await?;
    let own = engine.policy_versions(&caller, mid).await?.into_iter().find(|version| version.state == VersionState::Active);
    Ok(Json(PolicyView {
        mid: mid.0,
        version: effective.number,
        policy: effective.policy,
        assets: own.as_ref().map_or_else(|| Value::Object(Map::new()), assets),
        overrides: own.map(|own| own.overrides).unwrap_or_default(),
        locks: engine.policy_locks(&caller, mid).await?,
        created_at: effective.created_at,
    }))
}

/// Replaces what the MID itself says by a new version. One that loosens a guard waits as a `draft` for a second person where the MID
/// asks for second persons; payments judged before keep the version that judged them
#[utoipa::path(put, path = "/api/v1/mids/{mid}/policy", tag = "Policies", params(("mid" = Uuid, Path)), request_body = PolicyBody,
    responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn replace(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(body): Body<PolicyBody>,
) -> Answer<PolicyVersionView> {
    Ok(Json(engine.write_policy(&caller, mid, body.parse("")?).await?.into()))
}

/// Says which settings only the operator changes. The operator does this, never a key
#[utoipa::path(put, path = "/api/v1/mids/{mid}/policy/locks", tag = "Policies", params(("mid" = Uuid, Path)), request_body = Locks,
    responses((status = 200, description = "The locks", body = Locks)))]
pub async fn lock(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(body): Body<Locks>,
) -> Answer<Locks> {
    engine.lock_policy(&caller, mid, body.names).await.map_err(|error| by_people("only the operator locks settings", error))?;
    Ok(Json(Locks { names: engine.policy_locks(&caller, mid).await? }))
}

/// Lists the versions of what the MID itself says, newest first
#[utoipa::path(get, path = "/api/v1/mids/{mid}/policy/versions", tag = "Policies", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "All of them", body = List<PolicyVersionView>)))]
pub async fn versions(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
) -> Answer<List<PolicyVersionView>> {
    let versions = engine.policy_versions(&caller, mid).await?;
    Ok(Json(List::whole(versions.into_iter().map(Into::into).collect())))
}

/// Agrees to a draft that somebody else wrote. A person does this, never a key
#[utoipa::path(post, path = "/api/v1/mids/{mid}/policy/versions/{id}/approve", tag = "Policies",
    params(("mid" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn approve(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((mid, id)): Id<(MidId, PolicyId)>,
) -> Answer<PolicyVersionView> {
    let approved = engine.approve_policy(&caller, mid, id).await;
    Ok(Json(approved.map_err(|error| by_people("a person must agree to this version: a key cannot", error))?.into()))
}

/// Gives up a draft or a scheduled version
#[utoipa::path(post, path = "/api/v1/mids/{mid}/policy/versions/{id}/discard", tag = "Policies",
    params(("mid" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn discard(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((mid, id)): Id<(MidId, PolicyId)>,
) -> Answer<PolicyVersionView> {
    Ok(Json(engine.discard_policy(&caller, mid, id).await?.into()))
}

/// Says who may do it when the caller may not.
pub(super) fn by_people(detail: &str, error: Error) -> Problem {
    match error {
        Error::Forbidden => Problem::forbidden(detail),
        error => error.into(),
    }
}

//! A merchant's own layer of settings, which all its MIDs build on. A key of one MID does not reach it; one of the merchant does.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{MerchantId, PolicyId};
use domain::policy::{Overrides, Policy};
use engine::Engine;
use engine::callers::Caller;
use engine::policies::VersionState;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::policies::{Locks, PolicyBody, PolicyVersionView, assets, by_people};
use super::{Answer, Body, Id, List};

/// What a merchant says for all its MIDs.
#[derive(Serialize, ToSchema)]
pub struct MerchantPolicyView {
    /// Whose.
    merchant: Uuid,
    /// Counted from 1 per merchant; nothing while the merchant said nothing.
    version: Option<u32>,
    /// Every setting, with the merchant's over the defaults; for one MID, asset or invoice others may hold.
    #[schema(value_type = Object)]
    policy: Policy,
    /// What the merchant says, for all assets.
    #[schema(value_type = Object)]
    overrides: Overrides,
    /// What the merchant says for one asset: settings by asset.
    #[schema(value_type = Object)]
    assets: Value,
    /// The settings that only the operator changes, here and for every MID.
    locks: Vec<String>,
}

/// Returns what a merchant says for all its MIDs
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/policy", tag = "Merchants", params(("merchant" = Uuid, Path)),
    responses((status = 200, description = "The policy", body = MerchantPolicyView)))]
pub async fn show(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
) -> Answer<MerchantPolicyView> {
    let own = engine.policy_versions(&caller, merchant).await?.into_iter().find(|version| version.state == VersionState::Active);
    Ok(Json(MerchantPolicyView {
        merchant: merchant.0,
        version: own.as_ref().map(|own| own.number),
        policy: engine.merchant_policy(&caller, merchant).await?,
        assets: own.as_ref().map_or_else(|| Value::Object(Map::new()), assets),
        overrides: own.map(|own| own.overrides).unwrap_or_default(),
        locks: engine.policy_locks(&caller, merchant).await?,
    }))
}

/// Replaces what a merchant says for all its MIDs by a new version. One that loosens a guard of any of them waits as a `draft` for a
/// second person where that MID asks for second persons; payments judged before keep the version that judged them
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/policy", tag = "Merchants", params(("merchant" = Uuid, Path)),
    request_body = PolicyBody, responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn replace(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
    Body(body): Body<PolicyBody>,
) -> Answer<PolicyVersionView> {
    Ok(Json(engine.write_policy(&caller, merchant, body.parse("")?).await?.into()))
}

/// Says which settings only the operator changes, for a merchant and all its MIDs. The operator does this, never a key
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/policy/locks", tag = "Merchants", params(("merchant" = Uuid, Path)),
    request_body = Locks, responses((status = 200, description = "The locks", body = Locks)))]
pub async fn lock(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
    Body(body): Body<Locks>,
) -> Answer<Locks> {
    engine.lock_policy(&caller, merchant, body.names).await.map_err(|error| by_people("only the operator locks settings", error))?;
    Ok(Json(Locks { names: engine.policy_locks(&caller, merchant).await? }))
}

/// Lists the versions of what a merchant says for all its MIDs, newest first
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/policy/versions", tag = "Merchants",
    params(("merchant" = Uuid, Path)), responses((status = 200, description = "All of them", body = List<PolicyVersionView>)))]
pub async fn versions(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
) -> Answer<List<PolicyVersionView>> {
    let versions = engine.policy_versions(&caller, merchant).await?;
    Ok(Json(List::whole(versions.into_iter().map(Into::into).collect())))
}

/// Agrees to a draft that somebody else wrote. A person does this, never a key
#[utoipa::path(post, path = "/api/v1/merchants/{merchant}/policy/versions/{id}/approve", tag = "Merchants",
    params(("merchant" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn approve(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((merchant, id)): Id<(MerchantId, PolicyId)>,
) -> Answer<PolicyVersionView> {
    let approved = engine.approve_policy(&caller, merchant, id).await;
    Ok(Json(approved.map_err(|error| by_people("a person must agree to this version: a key cannot", error))?.into()))
}

/// Gives up a draft or a scheduled version
#[utoipa::path(post, path = "/api/v1/merchants/{merchant}/policy/versions/{id}/discard", tag = "Merchants",
    params(("merchant" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, description = "The version", body = PolicyVersionView)))]
pub async fn discard(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id((merchant, id)): Id<(MerchantId, PolicyId)>,
) -> Answer<PolicyVersionView> {
    Ok(Json(engine.discard_policy(&caller, merchant, id).await?.into()))
}

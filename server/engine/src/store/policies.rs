//! Rows of policies: what merchants and MIDs say, in versions, and the settings that come out of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::ids::{MerchantId, MidId, PolicyId};
use domain::merchant::Actor;
use domain::money::AssetId;
use domain::policy::{Overrides, Policy};
use domain::view::SimulationView;
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, count, needed, parsed};
use super::{StoreError, Tx, among, on, one_row};
use crate::policies::{Version, VersionState};

/// Writes down settings with every layer applied. The same settings have one id and one row.
pub(crate) async fn remember(tx: &mut Tx, id: PolicyId, policy: &Policy) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO policies (id, policy) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(id.0)
        .bind(Json(policy.clone()))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Returns the settings of an id that rows name.
pub(crate) async fn settings(tx: &mut Tx, id: PolicyId) -> Result<Policy, StoreError> {
    let row: Option<(Json<Policy>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT policy FROM policies WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    Ok(needed("policies", "row", row)?.0.0)
}

/// Returns which of some MIDs have a version that waits for a second person, and who wrote it.
pub(crate) async fn drafts_of(tx: &mut Tx, mids: &[Uuid]) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(among!(tx, "SELECT mid_id, author FROM policy_versions WHERE state = 'draft' AND mid_id IN (", mids, ") ORDER BY number")?)
}

const COLUMNS: &str = "id, merchant_id, mid_id, number, overrides, asset_overrides, state, author, approver, simulation, effective_at, \
    created_at";

#[derive(FromRow)]
struct VersionRow {
    id: Uuid,
    merchant_id: Uuid,
    mid_id: Option<Uuid>,
    number: i64,
    overrides: Json<Overrides>,
    asset_overrides: Json<BTreeMap<String, Overrides>>,
    state: String,
    author: String,
    approver: Option<String>,
    simulation: Option<Json<SimulationView>>,
    effective_at: Option<At>,
    created_at: At,
}

impl VersionRow {
    fn into_version(self) -> Result<Version, StoreError> {
        let assets = self.asset_overrides.0.into_iter().map(|(asset, layer)| Ok((parsed::<AssetId>("policy_versions", &asset)?, layer)));
        Ok(Version {
            id: PolicyId(self.id),
            merchant: MerchantId(self.merchant_id),
            mid: self.mid_id.map(MidId),
            number: count("policy_versions", self.number)?,
            overrides: self.overrides.0,
            assets: assets.collect::<Result<_, StoreError>>()?,
            state: needed("policy_versions", "state", VersionState::from_name(&self.state))?,
            author: parsed("policy_versions", &self.author)?,
            approver: self.approver.as_deref().map(|approver| parsed("policy_versions", approver)).transpose()?,
            simulation: self.simulation.map(|simulation| simulation.0),
            effective_at: self.effective_at.map(|at| at.0),
            created_at: self.created_at.0,
        })
    }
}

pub(crate) async fn insert(tx: &mut Tx, version: &Version) -> Result<(), StoreError> {
    let assets: BTreeMap<String, Overrides> = version.assets.iter().map(|(asset, layer)| (asset.to_string(), layer.clone())).collect();
    on!(tx, |conn| sqlx::query(
        "INSERT INTO policy_versions (id, merchant_id, mid_id, number, overrides, asset_overrides, state, author, approver, simulation, \
         effective_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    )
    .bind(version.id.0)
    .bind(version.merchant.0)
    .bind(version.mid.map(|mid| mid.0))
    .bind(i64::from(version.number))
    .bind(Json(version.overrides.clone()))
    .bind(Json(assets))
    .bind(version.state.name())
    .bind(version.author.to_string())
    .bind(version.approver.map(|approver| approver.to_string()))
    .bind(version.simulation.clone().map(Json))
    .bind(version.effective_at.map(At))
    .bind(At(version.created_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Moves a version on, if it still stands where `version` was read.
pub(crate) async fn move_on(
    tx: &mut Tx,
    version: &Version,
    to: VersionState,
    approver: Option<Actor>,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE policy_versions SET state = $1, approver = COALESCE($2, approver), effective_at = COALESCE($3, effective_at) \
         WHERE id = $4 AND state = $5"
    )
    .bind(to.name())
    .bind(approver.map(|approver| approver.to_string()))
    .bind(at.map(At))
    .bind(version.id.0)
    .bind(version.state.name())
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Makes a version the active one of its scope; the one before is superseded in the same transaction.
pub(crate) async fn activate(tx: &mut Tx, version: &Version, approver: Option<Actor>, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "UPDATE policy_versions SET state = 'superseded' WHERE merchant_id = $1 AND COALESCE(mid_id, merchant_id) = $2 AND state = 'active'"
    )
    .bind(version.merchant.0)
    .bind(version.mid.map_or(version.merchant.0, |mid| mid.0))
    .execute(conn)
    .await
    .map(drop))?;
    move_on(tx, version, VersionState::Active, approver, Some(now)).await
}

pub(crate) async fn load(tx: &mut Tx, id: PolicyId) -> Result<Option<Version>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM policy_versions WHERE id = $1"));
    let row: Option<VersionRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(VersionRow::into_version).transpose()
}

/// Returns the active versions that a MID's settings come from: the merchant's, when it has one, then the MID's. Without a MID, the
/// merchant's alone.
pub(crate) async fn active(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>) -> Result<Vec<Version>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM policy_versions WHERE merchant_id = $1 AND (mid_id IS NULL OR mid_id = $2) AND state = 'active' \
         ORDER BY CASE WHEN mid_id IS NULL THEN 0 ELSE 1 END"
    ));
    let mid = mid.map_or(Uuid::nil(), |mid| mid.0);
    let rows: Vec<VersionRow> = on!(tx, |conn| sqlx::query_as(sql).bind(merchant.0).bind(mid).fetch_all(conn).await)?;
    rows.into_iter().map(VersionRow::into_version).collect()
}

/// Returns the active versions that some MIDs' settings come from: of each its merchant's, when that has one, then its own.
pub(crate) async fn active_of(tx: &mut Tx, mids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Vec<Version>>>, StoreError> {
    #[derive(FromRow)]
    struct Row {
        of_mid: Uuid,
        #[sqlx(flatten)]
        version: VersionRow,
    }
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("v.{}", column.trim())).collect();
    let select = format!(
        "SELECT m.id AS of_mid, {} FROM mids m JOIN policy_versions v ON v.merchant_id = m.merchant_id \
         AND (v.mid_id IS NULL OR v.mid_id = m.id) AND v.state = 'active' WHERE m.id IN (",
        columns.join(", ")
    );
    let rows: Vec<Row> = among!(tx, select, mids, ") ORDER BY CASE WHEN v.mid_id IS NULL THEN 0 ELSE 1 END")?;
    let mut active: HashMap<Uuid, Vec<Version>> = HashMap::new();
    for row in rows {
        active.entry(row.of_mid).or_default().push(row.version.into_version()?);
    }
    Ok(active.into_iter().map(|(mid, layers)| (mid, Arc::new(layers))).collect())
}

/// Returns all versions of a MID, or of a merchant itself, newest first.
pub(crate) async fn versions(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>) -> Result<Vec<Version>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM policy_versions WHERE merchant_id = $1 AND COALESCE(mid_id, merchant_id) = $2 ORDER BY number DESC"
    ));
    let rows: Vec<VersionRow> =
        on!(tx, |conn| sqlx::query_as(sql).bind(merchant.0).bind(mid.map_or(merchant.0, |mid| mid.0)).fetch_all(conn).await)?;
    rows.into_iter().map(VersionRow::into_version).collect()
}

/// Returns the settings that only the operator may change: a merchant's, and those of one of its MIDs with them.
pub(crate) async fn locks(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT DISTINCT name FROM policy_locks WHERE merchant_id = $1 AND (mid_id IS NULL OR mid_id = $2) ORDER BY name"
    )
    .bind(merchant.0)
    .bind(mid.map_or(Uuid::nil(), |mid| mid.0))
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Replaces the locks of a merchant, or of one of its MIDs.
pub(crate) async fn set_locks(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>, names: &BTreeSet<String>) -> Result<(), StoreError> {
    let mid = mid.map(|mid| mid.0);
    on!(tx, |conn| sqlx::query("DELETE FROM policy_locks WHERE merchant_id = $1 AND COALESCE(mid_id, merchant_id) = $2")
        .bind(merchant.0)
        .bind(mid.unwrap_or(merchant.0))
        .execute(conn)
        .await
        .map(drop))?;
    for name in names {
        on!(tx, |conn| sqlx::query("INSERT INTO policy_locks (merchant_id, mid_id, name) VALUES ($1, $2, $3)")
            .bind(merchant.0)
            .bind(mid)
            .bind(name)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

//! Rows of merchants, MIDs and policies.

use domain::ids::{MerchantId, MidId, PolicyId};
use domain::merchant::{Merchant, Mid, Scope};
use domain::policy::{Policy, PolicyVersion};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, count, needed};
use super::{StoreError, Tx, on};

/// The MIDs a caller may see, as four parameters. [`WITHIN`] reads them as `$1` to `$4`.
#[derive(Clone, Copy)]
pub(crate) struct MidFilter {
    pub(crate) all_merchants: bool,
    pub(crate) merchant: Uuid,
    pub(crate) all_mids: bool,
    pub(crate) mid: Uuid,
}

/// Keeps rows whose `mid_id` lies within a [`MidFilter`].
pub(crate) const WITHIN: &str = "mid_id IN (SELECT id FROM mids WHERE ($1 OR merchant_id = $2) AND ($3 OR id = $4))";

impl MidFilter {
    /// Narrows a caller's scope to one MID when given. Another's MID gives nothing, not an error that tells it exists.
    pub(crate) fn new(scope: Scope, mid: Option<MidId>) -> Self {
        let (all_merchants, merchant) = match scope {
            Scope::Everything | Scope::Mid(_) => (true, Uuid::nil()),
            Scope::Merchant(merchant) => (false, merchant.0),
        };
        let own = match scope {
            Scope::Mid(own) => Some(own),
            Scope::Everything | Scope::Merchant(_) => None,
        };
        match (own, mid) {
            (Some(own), Some(mid)) if own != mid => Self { all_merchants: false, merchant: Uuid::nil(), all_mids: false, mid: Uuid::nil() },
            (Some(mid), _) | (None, Some(mid)) => Self { all_merchants, merchant, all_mids: false, mid: mid.0 },
            (None, None) => Self { all_merchants, merchant, all_mids: true, mid: Uuid::nil() },
        }
    }
}

#[derive(FromRow)]
struct MerchantRow {
    id: Uuid,
    name: String,
    created_at: At,
}

impl From<MerchantRow> for Merchant {
    fn from(row: MerchantRow) -> Self {
        Self { id: MerchantId(row.id), name: row.name, created_at: row.created_at.0 }
    }
}

#[derive(FromRow)]
struct MidRow {
    id: Uuid,
    merchant_id: Uuid,
    name: String,
    created_at: At,
}

impl From<MidRow> for Mid {
    fn from(row: MidRow) -> Self {
        Self { id: MidId(row.id), merchant: MerchantId(row.merchant_id), name: row.name, created_at: row.created_at.0 }
    }
}

pub(crate) async fn insert_merchant(tx: &mut Tx, merchant: &Merchant) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(merchant.id.0)
        .bind(&merchant.name)
        .bind(At(merchant.created_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn merchant(tx: &mut Tx, id: MerchantId) -> Result<Option<Merchant>, StoreError> {
    let row: Option<MerchantRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, name, created_at FROM merchants WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    Ok(row.map(Merchant::from))
}

pub(crate) async fn merchant_by_name(tx: &mut Tx, name: &str) -> Result<Option<Merchant>, StoreError> {
    let row: Option<MerchantRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, name, created_at FROM merchants WHERE name = $1").bind(name).fetch_optional(conn).await)?;
    Ok(row.map(Merchant::from))
}

pub(crate) async fn insert_mid(tx: &mut Tx, mid: &Mid) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO mids (id, merchant_id, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(mid.id.0)
        .bind(mid.merchant.0)
        .bind(&mid.name)
        .bind(At(mid.created_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn mid(tx: &mut Tx, id: MidId) -> Result<Option<Mid>, StoreError> {
    let row: Option<MidRow> = on!(tx, |conn| sqlx::query_as("SELECT id, merchant_id, name, created_at FROM mids WHERE id = $1")
        .bind(id.0)
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(Mid::from))
}

/// Returns the MIDs within a scope, by name.
pub(crate) async fn mids(tx: &mut Tx, within: MidFilter) -> Result<Vec<Mid>, StoreError> {
    let rows: Vec<MidRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, merchant_id, name, created_at FROM mids WHERE ($1 OR merchant_id = $2) AND ($3 OR id = $4) ORDER BY name, id"
    )
    .bind(within.all_merchants)
    .bind(within.merchant)
    .bind(within.all_mids)
    .bind(within.mid)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Mid::from).collect())
}

#[derive(FromRow)]
struct PolicyRow {
    id: Uuid,
    mid_id: Uuid,
    number: i64,
    policy: Json<Policy>,
    created_at: At,
}

impl PolicyRow {
    fn into_version(self) -> Result<PolicyVersion, StoreError> {
        Ok(PolicyVersion {
            id: PolicyId(self.id),
            mid: MidId(self.mid_id),
            number: count("policies", self.number)?,
            policy: self.policy.0,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) async fn insert_policy(tx: &mut Tx, version: &PolicyVersion) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO policies (id, mid_id, number, policy, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(version.id.0)
        .bind(version.mid.0)
        .bind(i64::from(version.number))
        .bind(Json(version.policy.clone()))
        .bind(At(version.created_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Returns a MID's policy as it is now.
pub(crate) async fn policy(tx: &mut Tx, mid: MidId) -> Result<Option<PolicyVersion>, StoreError> {
    let row: Option<PolicyRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, mid_id, number, policy, created_at FROM policies WHERE mid_id = $1 ORDER BY number DESC LIMIT 1"
    )
    .bind(mid.0)
    .fetch_optional(conn)
    .await)?;
    row.map(PolicyRow::into_version).transpose()
}

pub(crate) async fn policy_version(tx: &mut Tx, id: PolicyId) -> Result<Option<PolicyVersion>, StoreError> {
    let row: Option<PolicyRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, mid_id, number, policy, created_at FROM policies WHERE id = $1")
            .bind(id.0)
            .fetch_optional(conn)
            .await)?;
    row.map(PolicyRow::into_version).transpose()
}

/// Returns the merchant of a MID that must exist.
pub(crate) async fn merchant_of(tx: &mut Tx, id: MidId) -> Result<Merchant, StoreError> {
    let mid = needed("mids", "row", mid(tx, id).await?)?;
    needed("merchants", "row", merchant(tx, mid.merchant).await?)
}

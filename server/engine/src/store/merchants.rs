//! Rows of merchants, MIDs, policies, people, keys, sessions and idempotency keys.

use domain::claim::TokenHash;
use domain::ids::{KeyId, MerchantId, MidId, PolicyId, UserId};
use domain::merchant::{Merchant, Mid, Role, Scope, User};
use domain::policy::{Policy, PolicyVersion};
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, count, hash_bytes, needed, parsed};
use super::{StoreError, Tx, on, one_row};

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

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    password_hash: String,
    role: String,
    merchant_id: Option<Uuid>,
}

impl UserRow {
    fn into_user(self) -> Result<(User, String), StoreError> {
        let role: Role = parsed("users", &self.role)?;
        let user = User { id: UserId(self.id), email: self.email, role, merchant: self.merchant_id.map(MerchantId) };
        Ok((user, self.password_hash))
    }
}

pub(crate) async fn insert_user(tx: &mut Tx, user: &User, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO users (id, email, password_hash, role, merchant_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(user.id.0)
    .bind(&user.email)
    .bind(password_hash)
    .bind(user.role.name())
    .bind(user.merchant.map(|merchant| merchant.0))
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Returns a person with their password's hash.
pub(crate) async fn user_by_email(tx: &mut Tx, email: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<UserRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, email, password_hash, role, merchant_id FROM users WHERE email = $1")
            .bind(email)
            .fetch_optional(conn)
            .await)?;
    row.map(UserRow::into_user).transpose()
}

pub(crate) async fn insert_session(
    tx: &mut Tx,
    token: TokenHash,
    user: UserId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash_bytes(token))
        .bind(user.0)
        .bind(At(now))
        .bind(At(expires_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn user_by_session(tx: &mut Tx, token: TokenHash, now: Timestamp) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT u.id, u.email, u.password_hash, u.role, u.merchant_id FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.token_hash = $1 AND s.expires_at > $2"
    )
    .bind(hash_bytes(token))
    .bind(At(now))
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(UserRow::into_user).transpose()?.map(|(user, _)| user))
}

pub(crate) async fn delete_session(tx: &mut Tx, token: TokenHash) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(hash_bytes(token)).execute(conn).await.map(drop))?;
    Ok(())
}

/// Returns how often a sign-in failed in a row, and until when it is locked.
pub(crate) async fn sign_in_failures(tx: &mut Tx, email: &str) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row: Option<(i64, Option<At>)> =
        on!(tx, |conn| sqlx::query_as("SELECT failures, locked_until FROM sign_in_failures WHERE email = $1")
            .bind(email)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map_or((0, None), |(failures, locked_until)| (failures, locked_until.map(|at| at.0))))
}

/// Counts one more failure, so that tries in parallel are all counted.
pub(crate) async fn count_sign_in_failure(tx: &mut Tx, email: &str) -> Result<i64, StoreError> {
    let (failures,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO sign_in_failures (email, failures) VALUES ($1, 1) \
         ON CONFLICT (email) DO UPDATE SET failures = sign_in_failures.failures + 1 RETURNING failures"
    )
    .bind(email)
    .fetch_one(conn)
    .await)?;
    Ok(failures)
}

pub(crate) async fn lock_sign_in(tx: &mut Tx, email: &str, until: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE sign_in_failures SET failures = 0, locked_until = $1 WHERE email = $2")
        .bind(At(until))
        .bind(email)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

pub(crate) async fn forget_sign_in_failures(tx: &mut Tx, email: &str) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sign_in_failures WHERE email = $1").bind(email).execute(conn).await.map(drop))?;
    Ok(())
}

/// An API key's row.
pub(crate) struct ApiKey {
    pub(crate) id: KeyId,
    pub(crate) merchant: MerchantId,
    pub(crate) mid: Option<MidId>,
    pub(crate) can_write: bool,
}

pub(crate) async fn insert_key(tx: &mut Tx, key: &ApiKey, token: TokenHash, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO api_keys (id, token_hash, merchant_id, mid_id, can_write, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(key.id.0)
    .bind(hash_bytes(token))
    .bind(key.merchant.0)
    .bind(key.mid.map(|mid| mid.0))
    .bind(key.can_write)
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

pub(crate) async fn key_by_token(tx: &mut Tx, token: TokenHash) -> Result<Option<ApiKey>, StoreError> {
    let row: Option<(Uuid, Uuid, Option<Uuid>, bool)> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, merchant_id, mid_id, can_write FROM api_keys WHERE token_hash = $1 AND revoked_at IS NULL"
    )
    .bind(hash_bytes(token))
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(|(id, merchant, mid, can_write)| ApiKey { id: KeyId(id), merchant: MerchantId(merchant), mid: mid.map(MidId), can_write }))
}

/// A request that came with an idempotency key.
#[derive(FromRow)]
pub(crate) struct IdempotencyRow {
    pub(crate) request_hash: Vec<u8>,
    pub(crate) resource_id: Uuid,
    pub(crate) status: Option<i64>,
    pub(crate) body: Option<String>,
    pub(crate) created_at: At,
}

pub(crate) async fn idempotency(tx: &mut Tx, key: KeyId, name: &str) -> Result<Option<IdempotencyRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT request_hash, resource_id, status, body, created_at FROM idempotency_keys WHERE key_id = $1 AND name = $2"
    )
    .bind(key.0)
    .bind(name)
    .fetch_optional(conn)
    .await)?)
}

/// Begins a request, in the place of one that began before `forget_before`.
pub(crate) async fn begin_idempotency(
    tx: &mut Tx,
    key: KeyId,
    name: &str,
    request_hash: &[u8],
    resource: Uuid,
    now: Timestamp,
    forget_before: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM idempotency_keys WHERE key_id = $1 AND name = $2 AND created_at < $3")
        .bind(key.0)
        .bind(name)
        .bind(At(forget_before))
        .execute(conn)
        .await
        .map(drop))?;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO idempotency_keys (key_id, name, request_hash, resource_id, created_at) VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(key.0)
    .bind(name)
    .bind(request_hash)
    .bind(resource)
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Stores the answer; the first one stays.
pub(crate) async fn finish_idempotency(tx: &mut Tx, key: KeyId, name: &str, status: u16, body: &str) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE idempotency_keys SET status = $1, body = $2 WHERE key_id = $3 AND name = $4 AND status IS NULL")
        .bind(i64::from(status))
        .bind(body)
        .bind(key.0)
        .bind(name)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn insert_endpoint(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO webhook_endpoints (id, merchant_id, mid_id, url, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(endpoint.id)
        .bind(endpoint.merchant_id)
        .bind(endpoint.mid_id)
        .bind(&endpoint.url)
        .bind(endpoint.created_at)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// A webhook endpoint's row.
#[derive(Clone, FromRow)]
pub(crate) struct Endpoint {
    pub(crate) id: Uuid,
    pub(crate) merchant_id: Uuid,
    pub(crate) mid_id: Option<Uuid>,
    pub(crate) url: String,
    pub(crate) created_at: At,
}

/// Returns the live endpoints of a merchant, oldest first.
pub(crate) async fn endpoints(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<Endpoint>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, merchant_id, mid_id, url, created_at FROM webhook_endpoints WHERE merchant_id = $1 AND removed_at IS NULL ORDER BY id"
    )
    .bind(merchant.0)
    .fetch_all(conn)
    .await)?)
}

/// Ends an endpoint; says whether there was one.
pub(crate) async fn remove_endpoint(tx: &mut Tx, merchant: MerchantId, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET removed_at = $1 WHERE id = $2 AND merchant_id = $3 AND removed_at IS NULL"
    )
    .bind(At(now))
    .bind(id)
    .bind(merchant.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Returns a value of the running system's own settings.
pub(crate) async fn state(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        on!(tx, |conn| sqlx::query_as("SELECT value FROM state WHERE name = $1").bind(name).fetch_optional(conn).await)?;
    Ok(row.map(|(value,)| value))
}

pub(crate) async fn set_state(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Returns the merchant of a MID that must exist.
pub(crate) async fn merchant_of(tx: &mut Tx, id: MidId) -> Result<Merchant, StoreError> {
    let mid = needed("mids", "row", mid(tx, id).await?)?;
    needed("merchants", "row", merchant(tx, mid.merchant).await?)
}

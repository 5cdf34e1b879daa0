//! Rows of idempotency keys.

use domain::ids::KeyId;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::At;
use super::{StoreError, Tx, on, one_row};

/// A request that came with an idempotency key.
#[derive(FromRow)]
pub(crate) struct IdempotencyRow {
    pub(crate) request_hash: Vec<u8>,
    pub(crate) resource_id: Uuid,
    pub(crate) status: Option<i64>,
    /// Sealed.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) created_at: At,
    pub(crate) busy_until: At,
}

pub(crate) async fn load(tx: &mut Tx, key: KeyId, name: &str) -> Result<Option<IdempotencyRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT request_hash, resource_id, status, body, created_at, busy_until FROM idempotency_keys WHERE key_id = $1 AND name = $2"
    )
    .bind(key.0)
    .bind(name)
    .fetch_optional(conn)
    .await)?)
}

/// Forgets a request that began before `forget_before`.
pub(crate) async fn forget(tx: &mut Tx, key: KeyId, name: &str, forget_before: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM idempotency_keys WHERE key_id = $1 AND name = $2 AND created_at < $3")
        .bind(key.0)
        .bind(name)
        .bind(At(forget_before))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Begins a request. `Conflict` when another one with this key did.
pub(crate) async fn begin(
    tx: &mut Tx,
    key: KeyId,
    name: &str,
    request_hash: &[u8],
    resource: Uuid,
    now: Timestamp,
    busy_until: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO idempotency_keys (key_id, name, request_hash, resource_id, created_at, busy_until) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(key.0)
    .bind(name)
    .bind(request_hash)
    .bind(resource)
    .bind(At(now))
    .bind(At(busy_until))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Says until when a request without an answer is being carried out, if it was busy until `before`. `Conflict` when it was not.
pub(crate) async fn keep_busy(tx: &mut Tx, key: KeyId, name: &str, before: Timestamp, until: Timestamp) -> Result<(), StoreError> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE idempotency_keys SET busy_until = $1 WHERE key_id = $2 AND name = $3 AND busy_until = $4 AND status IS NULL"
    )
    .bind(At(until))
    .bind(key.0)
    .bind(name)
    .bind(At(before))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    one_row(rows)
}

/// Stores the answer; the first one stays.
pub(crate) async fn finish(tx: &mut Tx, key: KeyId, name: &str, status: u16, sealed: &[u8]) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE idempotency_keys SET status = $1, body = $2 WHERE key_id = $3 AND name = $4 AND status IS NULL")
        .bind(i64::from(status))
        .bind(sealed)
        .bind(key.0)
        .bind(name)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

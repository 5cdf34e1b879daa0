//! Rows of notices, the endpoints that listen and the deliveries between them: the outbox, filled in the money's own transaction.

use domain::ids::{DeliveryId, MerchantId, MidId, NoticeId};
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::At;
use super::{StoreError, Tx, on, one_row};

/// A notice to write.
pub(crate) struct NewNotice<'n> {
    pub(crate) id: NoticeId,
    pub(crate) mid: MidId,
    pub(crate) subject: Uuid,
    pub(crate) event: &'static str,
    pub(crate) data: &'n serde_json::Value,
    pub(crate) at: Timestamp,
}

/// Appends a notice; returns its place in the subject's sequence, which has no gaps: the number and the row come in one transaction,
/// and two writers of one number conflict.
pub(crate) async fn append(tx: &mut Tx, notice: &NewNotice<'_>) -> Result<i64, StoreError> {
    let (last,): (i64,) = on!(tx, |conn| sqlx::query_as("SELECT COALESCE(MAX(sequence), 0) FROM notices WHERE subject_id = $1")
        .bind(notice.subject)
        .fetch_one(conn)
        .await)?;
    let sequence = last.saturating_add(1);
    on!(tx, |conn| sqlx::query(
        "INSERT INTO notices (id, mid_id, subject_id, sequence, event, data, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(notice.id.0)
    .bind(notice.mid.0)
    .bind(notice.subject)
    .bind(sequence)
    .bind(notice.event)
    .bind(Json(notice.data))
    .bind(At(notice.at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(sequence)
}

/// Queues a notice for an endpoint; says whether it is first in its line (then somebody has to start sending).
///
/// The head of the line is locked: whoever ends it at this moment in another process sees the new one behind it, or we see
/// that it has ended.
pub(crate) async fn queue(
    tx: &mut Tx,
    id: DeliveryId,
    notice: NoticeId,
    endpoint: Uuid,
    subject: Uuid,
    sequence: i64,
) -> Result<bool, StoreError> {
    // SQLite has one writer: nothing moves in between, and there is no such clause.
    let sql = match tx {
        Tx::Sqlite(_) => {
            "SELECT id FROM deliveries WHERE endpoint_id = $1 AND subject_id = $2 AND state = 'pending' ORDER BY sequence LIMIT 1"
        }
        Tx::Postgres(_) => {
            "SELECT id FROM deliveries WHERE endpoint_id = $1 AND subject_id = $2 AND state = 'pending' ORDER BY sequence LIMIT 1 FOR UPDATE"
        }
    };
    let head: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as(sql).bind(endpoint).bind(subject).fetch_optional(conn).await)?;
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO deliveries (id, notice_id, endpoint_id, subject_id, sequence, state, attempts) VALUES ($1, $2, $3, $4, $5, 'pending', 0)"
    )
    .bind(id.0)
    .bind(notice.0)
    .bind(endpoint)
    .bind(subject)
    .bind(sequence)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(head.is_none())
}

pub(crate) async fn insert_endpoint(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO webhook_endpoints (id, merchant_id, mid_id, url, secret_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(endpoint.id)
    .bind(endpoint.merchant_id)
    .bind(endpoint.mid_id)
    .bind(&endpoint.url)
    .bind(endpoint.secret_id)
    .bind(endpoint.created_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Gives an endpoint another secret. `Conflict` when it has another one than `old` by now.
pub(crate) async fn rotate_endpoint(tx: &mut Tx, id: Uuid, old: Uuid, new: Uuid, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET secret_id = $1, old_secret_id = $2, rotated_at = $3 \
         WHERE id = $4 AND secret_id = $2 AND removed_at IS NULL"
    )
    .bind(new)
    .bind(old)
    .bind(At(now))
    .bind(id)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Gives an endpoint another URL. `Conflict` when it has another one than `from` by now.
pub(crate) async fn move_endpoint(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE webhook_endpoints SET url = $1 WHERE id = $2 AND url = $3 AND removed_at IS NULL")
        .bind(to)
        .bind(id)
        .bind(from)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// A webhook endpoint's row.
#[derive(Clone, FromRow)]
pub(crate) struct Endpoint {
    pub(crate) id: Uuid,
    pub(crate) merchant_id: Uuid,
    pub(crate) mid_id: Option<Uuid>,
    pub(crate) url: String,
    pub(crate) secret_id: Uuid,
    pub(crate) rotated_at: Option<At>,
    pub(crate) created_at: At,
}

/// Returns the live endpoints of a merchant, oldest first.
pub(crate) async fn endpoints(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<Endpoint>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, merchant_id, mid_id, url, secret_id, rotated_at, created_at FROM webhook_endpoints \
         WHERE merchant_id = $1 AND removed_at IS NULL ORDER BY id"
    )
    .bind(merchant.0)
    .fetch_all(conn)
    .await)?)
}

/// Returns the endpoints that listen to a MID, oldest first.
pub(crate) async fn listeners(tx: &mut Tx, mid: MidId) -> Result<Vec<Uuid>, StoreError> {
    let rows: Vec<(Uuid,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT e.id FROM webhook_endpoints e JOIN mids m ON m.merchant_id = e.merchant_id \
         WHERE m.id = $1 AND (e.mid_id IS NULL OR e.mid_id = m.id) AND e.removed_at IS NULL ORDER BY e.id"
    )
    .bind(mid.0)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
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

/// A delivery with all that is needed to send it.
#[derive(FromRow)]
pub(crate) struct Delivery {
    pub(crate) mid_id: Uuid,
    pub(crate) notice_id: Uuid,
    pub(crate) endpoint_id: Uuid,
    pub(crate) subject_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) attempts: i64,
    pub(crate) event: String,
    pub(crate) data: Json<serde_json::Value>,
    pub(crate) created_at: At,
    pub(crate) url: String,
    pub(crate) secret_id: Uuid,
    pub(crate) old_secret_id: Option<Uuid>,
    pub(crate) rotated_at: Option<At>,
    pub(crate) endpoint_removed_at: Option<At>,
}

/// Returns a delivery that is still to be made.
pub(crate) async fn pending(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
        "SELECT n.mid_id, d.notice_id, d.endpoint_id, d.subject_id, d.sequence, d.attempts, n.event, n.data, n.created_at, e.url, \
         e.secret_id, e.old_secret_id, e.rotated_at, e.removed_at AS endpoint_removed_at FROM deliveries d JOIN notices n ON n.id = d.notice_id \
         JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE d.id = $1 AND d.state = 'pending'"
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await
    })?)
}

/// How an attempt ended.
pub(crate) struct Attempt<'a> {
    pub(crate) state: &'static str,
    pub(crate) response_status: Option<u16>,
    pub(crate) error: Option<&'a str>,
    pub(crate) at: Timestamp,
}

/// Records an attempt.
pub(crate) async fn record(tx: &mut Tx, id: DeliveryId, attempt: &Attempt<'_>) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE deliveries SET state = $1, attempts = attempts + 1, response_status = $2, error = $3, attempted_at = $4 \
         WHERE id = $5 AND state = 'pending'"
    )
    .bind(attempt.state)
    .bind(attempt.response_status.map(i64::from))
    .bind(attempt.error)
    .bind(At(attempt.at))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Returns the next delivery in a line.
pub(crate) async fn next_in_line(tx: &mut Tx, endpoint: Uuid, subject: Uuid) -> Result<Option<DeliveryId>, StoreError> {
    let row: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT id FROM deliveries WHERE endpoint_id = $1 AND subject_id = $2 AND state = 'pending' ORDER BY sequence LIMIT 1"
    )
    .bind(endpoint)
    .bind(subject)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(|(id,)| DeliveryId(id)))
}

/// A delivery as the log shows it.
#[derive(FromRow)]
pub(crate) struct LogRow {
    pub(crate) id: Uuid,
    pub(crate) event: String,
    pub(crate) sequence: i64,
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) attempts: i64,
    pub(crate) response_status: Option<i64>,
    pub(crate) error: Option<String>,
    pub(crate) created_at: At,
    pub(crate) attempted_at: Option<At>,
}

/// Returns a subject's deliveries, newest first.
pub(crate) async fn log(tx: &mut Tx, subject: Uuid) -> Result<Vec<LogRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT d.id, n.event, d.sequence, e.url, d.state, d.attempts, d.response_status, d.error, n.created_at, d.attempted_at \
         FROM deliveries d JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id \
         WHERE n.subject_id = $1 ORDER BY d.sequence DESC, d.id"
    )
    .bind(subject)
    .fetch_all(conn)
    .await)?)
}

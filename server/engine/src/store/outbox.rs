//! Rows of notices, the endpoints that listen and the deliveries between them: the outbox, filled in the money's own transaction.

use std::collections::BTreeMap;

use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{DeliveryId, InvoiceId, MerchantId, MidId, NoticeId};
use jiff::Timestamp;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::At;
use super::merchants::{MidFilter, WITHIN};
use super::{StoreError, Tx, of_few_lengths, on, one_row};
use crate::webhooks::Picture;

/// A notice to write.
pub(crate) struct NewNotice<'n> {
    pub(crate) id: NoticeId,
    pub(crate) mid: MidId,
    pub(crate) subject: Uuid,
    /// Its place in the subject's sequence.
    pub(crate) sequence: i64,
    pub(crate) event: &'static str,
    pub(crate) data: &'n serde_json::Value,
    pub(crate) picture: Option<&'n Picture>,
    pub(crate) at: Timestamp,
}

/// A notice to send to an endpoint.
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) notice: NoticeId,
    pub(crate) endpoint: Uuid,
    pub(crate) dialect: Dialect,
    pub(crate) subject: Uuid,
    pub(crate) sequence: i64,
}

/// Returns the last number of a subject's sequence; 0 before the first.
pub(crate) async fn last_sequence(tx: &mut Tx, subject: Uuid) -> Result<i64, StoreError> {
    let (last,): (i64,) = on!(tx, |conn| sqlx::query_as("SELECT COALESCE(MAX(sequence), 0) FROM notices WHERE subject_id = $1")
        .bind(subject)
        .fetch_one(conn)
        .await)?;
    Ok(last)
}

/// Appends notices. Sequences have no gaps: numbers and rows come in one transaction, and two writers of one number conflict.
pub(crate) async fn append(tx: &mut Tx, notices: &[NewNotice<'_>]) -> Result<(), StoreError> {
    on!(tx, |conn| {
        let mut sql = QueryBuilder::new("INSERT INTO notices (id, mid_id, subject_id, sequence, event, data, picture, created_at) ");
        sql.push_values(notices, |mut row, notice| {
            row.push_bind(notice.id.0)
                .push_bind(notice.mid.0)
                .push_bind(notice.subject)
                .push_bind(notice.sequence)
                .push_bind(notice.event)
                .push_bind(Json(notice.data))
                .push_bind(notice.picture.map(Json))
                .push_bind(At(notice.at));
        });
        sql.build().execute(conn).await.map(drop)
    })?;
    Ok(())
}

/// Says whether nothing waits in a line, so that somebody has to start sending what comes into it.
///
/// The head of the line is locked: whoever ends it at this moment in another process sees the new one behind it, or we see
/// that it has ended.
pub(crate) async fn is_line_empty(tx: &mut Tx, endpoint: Uuid, subject: Uuid) -> Result<bool, StoreError> {
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
    Ok(head.is_none())
}

/// Queues notices for endpoints.
pub(crate) async fn queue(tx: &mut Tx, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    on!(tx, |conn| {
        let mut sql =
            QueryBuilder::new("INSERT INTO deliveries (id, notice_id, endpoint_id, dialect, subject_id, sequence, state, attempts) ");
        sql.push_values(deliveries, |mut row, delivery| {
            row.push_bind(delivery.id.0)
                .push_bind(delivery.notice.0)
                .push_bind(delivery.endpoint)
                .push_bind(delivery.dialect.name())
                .push_bind(delivery.subject)
                .push_bind(delivery.sequence)
                .push("'pending'")
                .push("0");
        });
        sql.build().execute(conn).await.map(drop)
    })?;
    Ok(())
}

pub(crate) async fn insert_endpoint(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO webhook_endpoints (id, merchant_id, mid_id, invoice_id, url, dialect, signing, secret_id, key_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(endpoint.id)
    .bind(endpoint.merchant_id)
    .bind(endpoint.mid_id)
    .bind(endpoint.invoice_id)
    .bind(&endpoint.url)
    .bind(endpoint.dialect.name())
    .bind(endpoint.signing.name())
    .bind(endpoint.secret_id)
    .bind(endpoint.key_id)
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

/// Gives an endpoint another URL, where it listens again if it did not. `Conflict` when it has another one than `from` by now.
pub(crate) async fn move_endpoint(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET url = $1, disabled_at = NULL WHERE id = $2 AND url = $3 AND removed_at IS NULL"
    )
    .bind(to)
    .bind(id)
    .bind(from)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Switches an endpoint off; returns whose it is, and nothing when it was off already.
pub(crate) async fn disable_endpoint(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<Option<MerchantId>, StoreError> {
    let row: Option<(Uuid,)> = on!(tx, |conn| {
        sqlx::query_as(
        "UPDATE webhook_endpoints SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL AND removed_at IS NULL RETURNING merchant_id"
    )
    .bind(At(now))
    .bind(id)
    .fetch_optional(conn)
    .await
    })?;
    Ok(row.map(|(merchant,)| MerchantId(merchant)))
}

/// Switches an endpoint on again. `Conflict` when it is on by now.
pub(crate) async fn enable_endpoint(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL AND removed_at IS NULL"
    )
    .bind(id)
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
    pub(crate) invoice_id: Option<Uuid>,
    pub(crate) url: String,
    #[sqlx(try_from = "String")]
    pub(crate) dialect: Dialect,
    #[sqlx(try_from = "String")]
    pub(crate) signing: SignatureScheme,
    pub(crate) secret_id: Uuid,
    pub(crate) old_secret_id: Option<Uuid>,
    /// Which API key asked for it.
    pub(crate) key_id: Option<Uuid>,
    pub(crate) rotated_at: Option<At>,
    pub(crate) disabled_at: Option<At>,
    pub(crate) created_at: At,
}

/// Returns the live endpoints of a merchant, oldest first; without those of single invoices.
pub(crate) async fn endpoints(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<Endpoint>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, merchant_id, mid_id, invoice_id, url, dialect, signing, secret_id, old_secret_id, key_id, rotated_at, disabled_at, \
         created_at FROM webhook_endpoints WHERE merchant_id = $1 AND invoice_id IS NULL AND removed_at IS NULL ORDER BY id"
    )
    .bind(merchant.0)
    .fetch_all(conn)
    .await)?)
}

/// Gives an endpoint another dialect: what happens from now on is told in it. `Conflict` when it has another one than `from` by now.
pub(crate) async fn change_dialect(tx: &mut Tx, id: Uuid, from: Dialect, to: Dialect) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE webhook_endpoints SET dialect = $1 WHERE id = $2 AND dialect = $3 AND removed_at IS NULL")
        .bind(to.name())
        .bind(id)
        .bind(from.name())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Gives an endpoint other signatures: what is sent from now on carries them. `Conflict` when it has others than `from` by now.
pub(crate) async fn change_signing(tx: &mut Tx, id: Uuid, from: SignatureScheme, to: SignatureScheme) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE webhook_endpoints SET signing = $1 WHERE id = $2 AND signing = $3 AND removed_at IS NULL")
        .bind(to.name())
        .bind(id)
        .bind(from.name())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// An endpoint that listens.
#[derive(Clone, Copy, FromRow)]
pub(crate) struct Listener {
    pub(crate) id: Uuid,
    #[sqlx(try_from = "String")]
    pub(crate) dialect: Dialect,
}

/// Returns the endpoints that listen to a MID, or to one of its invoices, oldest first.
pub(crate) async fn listeners(tx: &mut Tx, mid: MidId, invoice: Option<InvoiceId>) -> Result<Vec<Listener>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT e.id, e.dialect FROM webhook_endpoints e JOIN mids m ON m.merchant_id = e.merchant_id \
         WHERE m.id = $1 AND e.invoice_id IS NULL AND (e.mid_id IS NULL OR e.mid_id = m.id) AND e.removed_at IS NULL \
         AND e.disabled_at IS NULL UNION ALL \
         SELECT id, dialect FROM webhook_endpoints WHERE invoice_id = $2 AND removed_at IS NULL AND disabled_at IS NULL ORDER BY 1"
    )
    .bind(mid.0)
    .bind(invoice.map(|invoice| invoice.0))
    .fetch_all(conn)
    .await)?)
}

/// Says whether an invoice has an endpoint of its own.
pub(crate) async fn has_own_endpoint(tx: &mut Tx, invoice: InvoiceId) -> Result<bool, StoreError> {
    let found: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as("SELECT id FROM webhook_endpoints WHERE invoice_id = $1")
        .bind(invoice.0)
        .fetch_optional(conn)
        .await)?;
    Ok(found.is_some())
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
#[derive(Clone, FromRow)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) notice_id: Uuid,
    pub(crate) endpoint_id: Uuid,
    pub(crate) subject_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) attempts: i64,
    pub(crate) event: String,
    pub(crate) data: Json<serde_json::Value>,
    pub(crate) picture: Option<Json<Picture>>,
    pub(crate) created_at: At,
    pub(crate) url: String,
    #[sqlx(try_from = "String")]
    pub(crate) dialect: Dialect,
    #[sqlx(try_from = "String")]
    pub(crate) signing: SignatureScheme,
    pub(crate) secret_id: Uuid,
    pub(crate) key_id: Option<Uuid>,
    pub(crate) old_secret_id: Option<Uuid>,
    pub(crate) rotated_at: Option<At>,
    pub(crate) endpoint_removed_at: Option<At>,
    pub(crate) endpoint_disabled_at: Option<At>,
}

/// All that is needed to send a delivery `d` of a notice `n` to an endpoint `e`.
const WHOLE: &str = "SELECT d.id, d.notice_id, d.endpoint_id, d.subject_id, d.sequence, d.attempts, n.event, n.data, n.picture, n.created_at, \
    e.url, d.dialect, e.signing, e.secret_id, e.key_id, e.old_secret_id, e.rotated_at, e.removed_at AS endpoint_removed_at, \
    e.disabled_at AS endpoint_disabled_at \
    FROM deliveries d JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id";

/// Returns those of some deliveries that are still to be made.
pub(crate) async fn pending(tx: &mut Tx, ids: &[DeliveryId]) -> Result<Vec<Delivery>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(tx, |conn| {
        let mut sql = QueryBuilder::new(WHOLE);
        sql.push(" WHERE d.state = 'pending' AND d.id IN (");
        let mut list = sql.separated(", ");
        of_few_lengths(ids).for_each(|id| {
            list.push_bind(id.0);
        });
        sql.push(")").build_query_as().fetch_all(conn).await
    })?)
}

/// Returns one delivery, also when it has ended.
pub(crate) async fn whole(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{WHOLE} WHERE d.id = $1"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?)
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) state: &'static str,
    pub(crate) response_status: Option<u16>,
    pub(crate) answer: Option<String>,
    pub(crate) error: Option<String>,
}

/// Records attempts that ended the same way; returns which it did: not those that have ended already, nor those that a transaction holds
/// which queues something behind them. Waiting for one while holding others could be waited for in turn.
pub(crate) async fn record(tx: &mut Tx, ids: &[Uuid], attempt: &Attempt, at: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    let passing_over = match tx {
        // One writer, and no such clause.
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    };
    let rows: Vec<(Uuid,)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("UPDATE deliveries SET attempts = attempts + 1, state = ");
        sql.push_bind(attempt.state).push(", response_status = ").push_bind(attempt.response_status.map(i64::from));
        sql.push(", answer = ").push_bind(attempt.answer.as_deref());
        sql.push(", error = ").push_bind(attempt.error.as_deref()).push(", attempted_at = ").push_bind(At(at));
        sql.push(" WHERE id IN (SELECT id FROM deliveries WHERE state = 'pending' AND id IN (");
        let mut list = sql.separated(", ");
        of_few_lengths(ids).for_each(|id| {
            list.push_bind(*id);
        });
        sql.push(")").push(passing_over).push(") RETURNING id").build_query_as().fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// One subject's notices to one endpoint.
pub(crate) type Line = (Uuid, Uuid);

/// Returns the next delivery of each line that has one.
pub(crate) async fn next_in_lines(tx: &mut Tx, lines: &[Line]) -> Result<Vec<DeliveryId>, StoreError> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let waiting: Vec<(Uuid, Uuid, i64, Uuid)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT endpoint_id, subject_id, sequence, id FROM deliveries WHERE state = 'pending' AND (");
        let mut each = sql.separated(" OR ");
        for (endpoint, subject) in of_few_lengths(lines) {
            each.push("(endpoint_id = ").push_bind_unseparated(*endpoint);
            each.push_unseparated(" AND subject_id = ").push_bind_unseparated(*subject).push_unseparated(")");
        }
        sql.push(")").build_query_as().fetch_all(conn).await
    })?;
    let mut next: BTreeMap<Line, (i64, Uuid)> = BTreeMap::new();
    for (endpoint, subject, sequence, id) in waiting {
        let first = next.entry((endpoint, subject)).or_insert((sequence, id));
        *first = (*first).min((sequence, id));
    }
    Ok(next.into_values().map(|(_, id)| DeliveryId(id)).collect())
}

/// A notice as it was written.
#[derive(FromRow)]
pub(crate) struct EventRow {
    pub(crate) id: Uuid,
    pub(crate) subject_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) event: String,
    pub(crate) data: Json<serde_json::Value>,
    pub(crate) created_at: At,
}

/// Returns notices within a scope, newest first: about one subject, of one type, where that is said.
pub(crate) async fn events(
    tx: &mut Tx,
    within: MidFilter,
    subject: Option<Uuid>,
    event: Option<&str>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id, subject_id, sequence, event, data, created_at FROM notices WHERE {WITHIN} AND id < $5 AND ($6 OR subject_id = $7) \
         AND ($8 = '' OR event = $8) ORDER BY id DESC LIMIT $9"
    ));
    Ok(on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .bind(before)
        .bind(subject.is_none())
        .bind(subject.unwrap_or_default())
        .bind(event.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

/// A delivery as the log shows it.
#[derive(FromRow)]
pub(crate) struct LogRow {
    pub(crate) id: Uuid,
    pub(crate) event: String,
    pub(crate) sequence: i64,
    pub(crate) endpoint_id: Uuid,
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) attempts: i64,
    pub(crate) response_status: Option<i64>,
    pub(crate) answer: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) created_at: At,
    pub(crate) attempted_at: Option<At>,
}

/// What the log shows of a delivery `d` of a notice `n` at an endpoint `e`.
const LOG: &str = "SELECT d.id, n.event, d.sequence, d.endpoint_id, e.url, d.state, d.attempts, d.response_status, d.answer, d.error, \
    n.created_at, d.attempted_at FROM deliveries d JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id";

/// Returns a subject's deliveries, newest first.
pub(crate) async fn log(tx: &mut Tx, subject: Uuid) -> Result<Vec<LogRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{LOG} WHERE n.subject_id = $1 ORDER BY d.sequence DESC, d.id"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(subject).fetch_all(conn).await)?)
}

/// Returns deliveries within a scope, newest first: to one endpoint, of one subject, in one state, where that is said.
pub(crate) async fn deliveries(
    tx: &mut Tx,
    within: MidFilter,
    endpoint: Option<Uuid>,
    subject: Option<Uuid>,
    state: Option<&str>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<LogRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{LOG} WHERE n.{WITHIN} AND d.id < $5 AND ($6 OR d.subject_id = $7) AND ($8 = '' OR d.state = $8) AND ($9 OR d.endpoint_id = $10) \
         ORDER BY d.id DESC LIMIT $11"
    ));
    Ok(on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .bind(before)
        .bind(subject.is_none())
        .bind(subject.unwrap_or_default())
        .bind(state.unwrap_or_default())
        .bind(endpoint.is_none())
        .bind(endpoint.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

/// Returns one delivery with the MID it is of.
pub(crate) async fn delivery(tx: &mut Tx, id: DeliveryId) -> Result<Option<(MidId, LogRow)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{LOG} WHERE d.id = $1"));
    let row: Option<LogRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    let owner: Option<(Uuid,)> =
        on!(tx, |conn| sqlx::query_as("SELECT n.mid_id FROM deliveries d JOIN notices n ON n.id = d.notice_id WHERE d.id = $1")
            .bind(id.0)
            .fetch_optional(conn)
            .await)?;
    Ok(owner.map(|(mid,)| MidId(mid)).zip(row))
}

/// Lets a delivery that ended be made again, from the first try on. `Conflict` when it has not ended.
pub(crate) async fn reopen(tx: &mut Tx, id: DeliveryId) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE deliveries SET state = 'pending', attempts = 0 WHERE id = $1 AND state <> 'pending'")
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

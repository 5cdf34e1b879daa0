//! Rows of deliveries: notices on their way to endpoints, one line for each subject and endpoint. Queued in the money's own transaction.

use std::collections::{BTreeMap, HashSet};

use domain::dialect::Dialect;
use domain::ids::{DeliveryId, NoticeId};
use jiff::Timestamp;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::At;
use super::endpoints::{self, Endpoint};
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, among, lots, of_few_lengths, on, one_row};
use crate::webhooks::Picture;

/// A notice to send to an endpoint.
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) notice: NoticeId,
    pub(crate) endpoint: Uuid,
    pub(crate) dialect: Dialect,
    pub(crate) subject: Uuid,
    pub(crate) sequence: i64,
}

/// Returns those of some lines in which something waits: nobody has to start sending what comes into these.
///
/// What waits is locked: whoever ends the head of a line at this moment in another process sees the new one behind it, or we see
/// that it has ended.
pub(crate) async fn lines_going(tx: &mut Tx, lines: &[Line]) -> Result<HashSet<Line>, StoreError> {
    // SQLite has one writer: nothing moves in between, and there is no such clause.
    let hold = match tx {
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => " ORDER BY d.id FOR UPDATE OF d",
    };
    let mut going = HashSet::new();
    for lot in lots(lines) {
        let rows: Vec<Line> = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH lines (endpoint_id, subject_id) AS (");
            sql.push_values(lot, |mut row, (endpoint, subject)| {
                row.push_bind(*endpoint).push_bind(*subject);
            });
            sql.push(
                ") SELECT d.endpoint_id, d.subject_id FROM lines l JOIN deliveries d ON d.endpoint_id = l.endpoint_id \
                 AND d.subject_id = l.subject_id WHERE d.state = 'pending'",
            );
            sql.push(hold).build_query_as().fetch_all(conn).await
        })?;
        going.extend(rows);
    }
    Ok(going)
}

/// Queues notices for endpoints.
pub(crate) async fn queue(tx: &mut Tx, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
    for lot in lots(deliveries) {
        on!(tx, |conn| {
            let mut sql =
                QueryBuilder::new("INSERT INTO deliveries (id, notice_id, endpoint_id, dialect, subject_id, sequence, state, attempts) ");
            sql.push_values(lot, |mut row, delivery| {
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
    }
    Ok(())
}

/// A delivery with all that is needed to send it.
#[derive(Clone, FromRow)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) notice_id: Uuid,
    pub(crate) subject_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) attempts: i64,
    pub(crate) event: String,
    pub(crate) data: Json<serde_json::Value>,
    pub(crate) picture: Option<Json<Picture>>,
    pub(crate) created_at: At,
    /// As the endpoint was spoken to when it happened.
    #[sqlx(try_from = "String")]
    pub(crate) dialect: Dialect,
    /// Where to, as it is now.
    #[sqlx(flatten)]
    pub(crate) endpoint: Endpoint,
}

/// Returns the beginning of a question for all that is needed to send a delivery `d` of a notice `n` to an endpoint `e`.
fn whole_rows() -> String {
    format!(
        "SELECT d.id, d.notice_id, d.subject_id, d.sequence, d.attempts, n.event, n.data, n.picture, n.created_at, d.dialect, {} \
         FROM deliveries d JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id",
        endpoints::COLUMNS
    )
}

/// Returns those of some deliveries that are still to be made.
pub(crate) async fn pending(tx: &mut Tx, ids: &[DeliveryId]) -> Result<Vec<Delivery>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(among!(tx, format!("{} WHERE d.state = 'pending' AND d.id IN (", whole_rows()), &ids, ")")?)
}

/// Returns one delivery, also when it has ended.
pub(crate) async fn whole(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{} WHERE d.id = $1", whole_rows()));
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

/// An endpoint, and a subject whose notices it gets one after the other.
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

/// A delivery as the log shows it.
#[derive(FromRow)]
pub(crate) struct LogRow {
    pub(crate) id: Uuid,
    pub(crate) mid_id: Uuid,
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
const LOG: &str = "SELECT d.id, n.mid_id, n.event, d.sequence, d.endpoint_id, e.url, d.state, d.attempts, d.response_status, d.answer, d.error, \
    n.created_at, d.attempted_at FROM deliveries d JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id";

/// Returns a subject's deliveries, newest first.
pub(crate) async fn log(tx: &mut Tx, subject: Uuid) -> Result<Vec<LogRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{LOG} WHERE n.subject_id = $1 ORDER BY d.sequence DESC, d.id"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(subject).fetch_all(conn).await)?)
}

/// Returns deliveries within a scope, newest first: to one endpoint, of one subject, in one state, where that is said.
pub(crate) async fn list(
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
    Ok(on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
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

/// Returns one delivery.
pub(crate) async fn logged(tx: &mut Tx, id: DeliveryId) -> Result<Option<LogRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{LOG} WHERE d.id = $1"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?)
}

/// Lets a delivery that ended be made again, from the first try on. `Conflict` when it has not ended.
pub(crate) async fn reopen(tx: &mut Tx, id: DeliveryId) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE deliveries SET state = 'pending', attempts = 0 WHERE id = $1 AND state <> 'pending'")
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Returns how many deliveries wait, counted up to `most`.
pub(crate) async fn count_pending(tx: &mut Tx, most: u32) -> Result<u64, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'pending' LIMIT {most}) AS waiting"));
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(sql).fetch_one(conn).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

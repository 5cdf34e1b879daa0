//! Rows of notices: what happened, as webhooks and `/events` tell it. Written in the money's own transaction.

use domain::ids::{MidId, NoticeId};
use jiff::Timestamp;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::At;
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, on};
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
    Ok(on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
        .bind(before)
        .bind(subject.is_none())
        .bind(subject.unwrap_or_default())
        .bind(event.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

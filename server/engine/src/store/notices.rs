//! Rows of notices: what happened, as webhooks and `/events` tell it. Written in the money's own transaction.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::ids::{MidId, NoticeId};
use jiff::Timestamp;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::browsing::Narrows;
use super::codec::At;
use super::merchants::{self, MidFilter};
use super::{StoreError, Tx, among, lots, on};
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

/// Returns the last number of some subjects' sequences; those of whom nobody was told have none.
pub(crate) async fn last_sequences(tx: &mut Tx, subjects: &[Uuid]) -> Result<HashMap<Uuid, i64>, StoreError> {
    let select = "SELECT subject_id, MAX(sequence) FROM notices WHERE subject_id IN (";
    let rows: Vec<(Uuid, i64)> = among!(tx, select, subjects, ") GROUP BY subject_id")?;
    Ok(rows.into_iter().collect())
}

/// Appends notices. Sequences have no gaps: numbers and rows come in one transaction, and two writers of one number conflict.
pub(crate) async fn append(tx: &mut Tx, notices: &[NewNotice<'_>]) -> Result<(), StoreError> {
    for lot in lots(notices) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new("INSERT INTO notices (id, mid_id, subject_id, sequence, event, data, picture, created_at) ");
            sql.push_values(lot, |mut row, notice| {
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
    }
    Ok(())
}

/// A notice as it was written.
#[derive(FromRow)]
pub(crate) struct EventRow {
    pub(crate) id: Uuid,
    mid_id: Uuid,
    pub(crate) subject_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) event: String,
    pub(crate) data: Json<serde_json::Value>,
    pub(crate) created_at: At,
}

/// How many MIDs one question asks about.
const MIDS_AT_ONCE: usize = 64;

/// Returns notices within a scope, newest first: about one subject, of one type, where that is said.
pub(crate) async fn events(
    tx: &mut Tx,
    within: MidFilter,
    subject: Option<Uuid>,
    event: Option<&str>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let mids = if within.is_everything() { None } else { Some(merchants::ids(tx, within).await?) };
    // Everything is read in the order of ids. A subject has few notices, all of one MID: whose it is, is seen afterwards.
    let each: Vec<Option<Uuid>> = match &mids {
        Some(mids) if subject.is_none() => mids.iter().copied().map(Some).collect(),
        Some(_) | None => vec![None],
    };
    let mut found = Vec::new();
    for some in each.chunks(MIDS_AT_ONCE) {
        let rows: Vec<EventRow> = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("");
            for (place, mid) in some.iter().enumerate() {
                sql.push(if place == 0 { "" } else { " UNION ALL " });
                select(&mut sql, *mid, subject, event, before);
            }
            // A number of ours, never a text of theirs.
            sql.push(format_args!(" ORDER BY id DESC LIMIT {limit}"));
            sql.build_query_as().fetch_all(conn).await
        })?;
        found.extend(rows);
    }
    found.retain(|row| mids.as_ref().is_none_or(|mids| mids.contains(&row.mid_id)));
    found.sort_by_key(|row| Reverse(row.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Writes which notices of one MID, or of all, are wanted. An index which begins with the MID has them in their order, so conditions are
/// written only where they are asked for, and several MIDs are as many questions whose answers are merged.
fn select<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<Uuid>, subject: Option<Uuid>, event: Option<&str>, before: Uuid) {
    sql.push("SELECT id, mid_id, subject_id, sequence, event, data, created_at FROM notices WHERE id < ");
    DB::id(sql, before);
    for (column, id) in [("mid_id", mid), ("subject_id", subject)] {
        if let Some(id) = id {
            sql.push(format_args!(" AND {column} = "));
            DB::id(sql, id);
        }
    }
    if let Some(event) = event {
        sql.push(" AND event = ");
        DB::text(sql, event);
    }
}

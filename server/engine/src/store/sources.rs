//! Rows of sources, and of what they told.

use domain::ids::{MidId, SourceId};
use domain::source::{NewsOutcome, NewsWhy, SourceKind};
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::At;
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, on};

/// A source's row.
#[derive(Clone, FromRow)]
pub(crate) struct Source {
    pub(crate) id: Uuid,
    pub(crate) mid_id: Uuid,
    #[sqlx(try_from = "String")]
    pub(crate) kind: SourceKind,
    /// What checks its signatures, sealed.
    pub(crate) secret: Vec<u8>,
    /// How much came without its signature.
    pub(crate) forged: i64,
    pub(crate) forged_at: Option<At>,
    pub(crate) created_at: At,
}

const COLUMNS: &str = "id, mid_id, kind, secret, forged, forged_at, created_at";

pub(crate) async fn insert(tx: &mut Tx, source: &Source) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO sources (id, mid_id, kind, secret, forged, created_at) VALUES ($1, $2, $3, $4, 0, $5)")
        .bind(source.id)
        .bind(source.mid_id)
        .bind(source.kind.name())
        .bind(&source.secret)
        .bind(source.created_at)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Returns a source that was not removed.
pub(crate) async fn load(tx: &mut Tx, id: SourceId) -> Result<Option<Source>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sources WHERE id = $1 AND removed_at IS NULL"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?)
}

/// Returns the sources within a scope that were not removed, oldest first.
pub(crate) async fn list(tx: &mut Tx, within: MidFilter) -> Result<Vec<Source>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sources WHERE {WITHIN} AND removed_at IS NULL ORDER BY id"));
    Ok(on!(tx, |conn| bind_within!(sqlx::query_as(sql), within).fetch_all(conn).await)?)
}

/// Ends a source; says whether it was there.
pub(crate) async fn remove(tx: &mut Tx, id: SourceId, mid: MidId, now: Timestamp) -> Result<bool, StoreError> {
    let removed = on!(tx, |conn| sqlx::query("UPDATE sources SET removed_at = $1 WHERE id = $2 AND mid_id = $3 AND removed_at IS NULL")
        .bind(At(now))
        .bind(id.0)
        .bind(mid.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(removed == 1)
}

/// Counts something that came without its signature.
pub(crate) async fn count_forged(tx: &mut Tx, id: SourceId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE sources SET forged = forged + 1, forged_at = $1 WHERE id = $2")
        .bind(At(now))
        .bind(id.0)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Something a source told, and what became of it.
#[derive(Clone, FromRow)]
pub(crate) struct News {
    pub(crate) id: Uuid,
    pub(crate) event: String,
    pub(crate) payment: Option<String>,
    pub(crate) reference: Option<String>,
    #[sqlx(try_from = "String")]
    pub(crate) outcome: NewsOutcome,
    pub(crate) detail: Option<Json<NewsWhy>>,
    /// How often the same came.
    pub(crate) times: i64,
    pub(crate) first_at: At,
    pub(crate) last_at: At,
}

/// Writes down what a source told; the same body again is counted. What was taken once is not called unchanged for having been repeated.
pub(crate) async fn note(tx: &mut Tx, source: SourceId, body_hash: [u8; 32], news: &News) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO source_news (id, source_id, body_hash, event, payment, reference, outcome, detail, times, first_at, last_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9) ON CONFLICT (source_id, body_hash) DO UPDATE SET \
         outcome = CASE WHEN source_news.outcome = 'taken' THEN source_news.outcome ELSE excluded.outcome END, \
         detail = CASE WHEN source_news.outcome = 'taken' THEN source_news.detail ELSE excluded.detail END, \
         times = source_news.times + 1, last_at = excluded.last_at"
    )
    .bind(news.id)
    .bind(source.0)
    .bind(body_hash.to_vec())
    .bind(&news.event)
    .bind(news.payment.as_deref())
    .bind(news.reference.as_deref())
    .bind(news.outcome.name())
    .bind(news.detail.as_ref())
    .bind(news.first_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Returns what a source told, newest first, before the cursor.
pub(crate) async fn news(tx: &mut Tx, source: SourceId, before: Uuid, limit: u32) -> Result<Vec<News>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, event, payment, reference, outcome, detail, times, first_at, last_at FROM source_news \
         WHERE source_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    )
    .bind(source.0)
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await)?)
}

//! Rows of sessions, as the people whose they are see them. What lets in by one is [`super::callers`]'.

use domain::claim::TokenHash;
use domain::ids::{SessionId, UserId};
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, hash_bytes};
use super::{StoreError, Tx, on, one_row};

/// A session that lets in.
#[derive(FromRow)]
struct SessionRow {
    id: Uuid,
    token_hash: Vec<u8>,
    browser: String,
    created_at: At,
    seen_at: At,
}

/// A session that lets in.
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) token: Vec<u8>,
    pub(crate) browser: String,
    pub(crate) created_at: Timestamp,
    pub(crate) seen_at: Timestamp,
}

/// Returns a person's sessions, the one used last first.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<SessionRow> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT id, token_hash, browser, created_at, seen_at FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, id DESC"
    )
    .bind(user.0)
    .bind(At(now))
    .fetch_all(conn)
    .await
    })?;
    let session = |row: SessionRow| Session {
        id: SessionId(row.id),
        token: row.token_hash,
        browser: row.browser,
        created_at: row.created_at.0,
        seen_at: row.seen_at.0,
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Writes down that a session was used.
pub(crate) async fn note_seen(tx: &mut Tx, token: TokenHash, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE sessions SET seen_at = $1 WHERE token_hash = $2")
        .bind(At(now))
        .bind(hash_bytes(token))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Writes down that a session's person proved again to be who they are. `Conflict` when it ended.
pub(crate) async fn note_proof(tx: &mut Tx, user: UserId, token: TokenHash, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE sessions SET proved_at = $1 WHERE token_hash = $2 AND user_id = $3")
        .bind(At(now))
        .bind(hash_bytes(token))
        .bind(user.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Ends one of a person's sessions; says whether there was such a one.
pub(crate) async fn end(tx: &mut Tx, user: UserId, id: SessionId) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

//! Rows of those who asked for a new password, known or not.

use domain::claim::TokenHash;
use domain::email::EmailAddress;
use domain::ids::ResetId;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, hash_bytes, parsed};
use super::{StoreError, Tx, on, one_row};

/// A question to write down.
pub(crate) struct Reset {
    pub(crate) id: ResetId,
    pub(crate) email: EmailAddress,
    pub(crate) expires_at: Timestamp,
}

#[derive(FromRow)]
struct ResetRow {
    id: Uuid,
    email: String,
    expires_at: At,
}

impl ResetRow {
    fn into_reset(self) -> Result<Reset, StoreError> {
        Ok(Reset { id: ResetId(self.id), email: parsed("password_resets", &self.email)?, expires_at: self.expires_at.0 })
    }
}

/// Writes a question down in the place of an older one, which must have been asked before `not_since`; says whether it was.
pub(crate) async fn ask(tx: &mut Tx, reset: &Reset, token: TokenHash, now: Timestamp, not_since: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query(
        "INSERT INTO password_resets (email, id, token_hash, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (email) DO UPDATE SET id = excluded.id, token_hash = excluded.token_hash, asked_at = excluded.asked_at, \
         expires_at = excluded.expires_at WHERE password_resets.asked_at <= $6"
    )
    .bind(reset.email.as_str())
    .bind(reset.id.0)
    .bind(hash_bytes(token))
    .bind(At(now))
    .bind(At(reset.expires_at))
    .bind(At(not_since))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Returns a question that was not answered.
pub(crate) async fn load(tx: &mut Tx, id: ResetId) -> Result<Option<Reset>, StoreError> {
    let row: Option<ResetRow> = on!(tx, |conn| sqlx::query_as("SELECT id, email, expires_at FROM password_resets WHERE id = $1")
        .bind(id.0)
        .fetch_optional(conn)
        .await)?;
    row.map(ResetRow::into_reset).transpose()
}

/// Returns the question that a link belongs to.
pub(crate) async fn by_token(tx: &mut Tx, token: TokenHash) -> Result<Option<Reset>, StoreError> {
    let row: Option<ResetRow> = on!(tx, |conn| sqlx::query_as("SELECT id, email, expires_at FROM password_resets WHERE token_hash = $1")
        .bind(hash_bytes(token))
        .fetch_optional(conn)
        .await)?;
    row.map(ResetRow::into_reset).transpose()
}

/// Ends a question. `Conflict` when it was answered already: a link is used once.
pub(crate) async fn end(tx: &mut Tx, id: ResetId) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("DELETE FROM password_resets WHERE id = $1")
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

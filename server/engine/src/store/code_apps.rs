//! Rows of code apps, recovery codes, and sign-ins that wait for a code.

use domain::claim::TokenHash;
use domain::ids::UserId;
use domain::merchant::User;
use jiff::Timestamp;
use sqlx::FromRow;

use super::callers::{NewSession, UserRow};
use super::codec::{At, hash_bytes};
use super::{StoreError, Tx, on, one_row};

/// A person's code app.
pub(crate) struct CodeApp {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    /// The last step whose code was taken.
    pub(crate) last_step: i64,
    pub(crate) created_at: Timestamp,
}

/// Returns a person's code app; nothing when they have none.
pub(crate) async fn load(tx: &mut Tx, user: UserId) -> Result<Option<CodeApp>, StoreError> {
    let row: Option<(Vec<u8>, i64, At)> =
        on!(tx, |conn| sqlx::query_as("SELECT secret, last_step, created_at FROM code_apps WHERE user_id = $1")
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(|(secret, last_step, created_at)| CodeApp { secret, last_step, created_at: created_at.0 }))
}

/// Turns a code app on. `Conflict` when the person has one.
pub(crate) async fn insert(tx: &mut Tx, user: UserId, app: &CodeApp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "INSERT INTO code_apps (user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO NOTHING"
    )
    .bind(user.0)
    .bind(&app.secret)
    .bind(app.last_step)
    .bind(At(app.created_at))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Turns a code app off, with its recovery codes. `Conflict` when the person has none.
pub(crate) async fn delete(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.0).execute(conn).await.map(drop))?;
    let gone = on!(tx, |conn| sqlx::query("DELETE FROM code_apps WHERE user_id = $1")
        .bind(user.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(gone)
}

/// Takes the code of a step. `Conflict` when it, or a later one, was taken.
pub(crate) async fn take_step(tx: &mut Tx, user: UserId, step: i64) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE code_apps SET last_step = $1 WHERE user_id = $2 AND last_step < $1")
        .bind(step)
        .bind(user.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Gives a person with a code app these recovery codes and no others.
pub(crate) async fn replace_recovery_codes(tx: &mut Tx, user: UserId, codes: &[TokenHash]) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.0).execute(conn).await.map(drop))?;
    for code in codes {
        on!(tx, |conn| sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
            .bind(user.0)
            .bind(hash_bytes(*code))
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Returns how many recovery codes a person has left.
pub(crate) async fn recovery_codes_left(tx: &mut Tx, user: UserId) -> Result<i64, StoreError> {
    let (left,): (i64,) =
        on!(tx, |conn| sqlx::query_as("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1").bind(user.0).fetch_one(conn).await)?;
    Ok(left)
}

/// Says whether a recovery code is a person's and was not used.
pub(crate) async fn has_recovery_code(tx: &mut Tx, user: UserId, code: TokenHash) -> Result<bool, StoreError> {
    let row: Option<(i32,)> = on!(tx, |conn| sqlx::query_as("SELECT 1 FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user.0)
        .bind(hash_bytes(code))
        .fetch_optional(conn)
        .await)?;
    Ok(row.is_some())
}

/// Takes a recovery code. `Conflict` when it was used.
pub(crate) async fn take_recovery_code(tx: &mut Tx, user: UserId, code: TokenHash) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user.0)
        .bind(hash_bytes(code))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Keeps a sign-in until its code comes, `until` at most. Those of the person that waited too long are forgotten.
pub(crate) async fn begin_sign_in(tx: &mut Tx, begun: &NewSession, until: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sign_ins_begun WHERE user_id = $1 AND expires_at <= $2")
        .bind(begun.user.0)
        .bind(At(begun.at))
        .execute(conn)
        .await
        .map(drop))?;
    on!(tx, |conn| sqlx::query("INSERT INTO sign_ins_begun (token_hash, user_id, browser, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash_bytes(begun.token))
        .bind(begun.user.0)
        .bind(&begun.browser)
        .bind(At(until))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct BegunRow {
    #[sqlx(flatten)]
    user: UserRow,
    browser: String,
}

/// Returns whose sign-in waits for its code, and their browser.
pub(crate) async fn sign_in_begun(tx: &mut Tx, token: TokenHash, now: Timestamp) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<BegunRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT u.id, u.email, u.password_hash, u.role, u.merchant_id, s.browser FROM sign_ins_begun s \
         JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.removed_at IS NULL"
    )
    .bind(hash_bytes(token))
    .bind(At(now))
    .fetch_optional(conn)
    .await)?;
    let Some(BegunRow { user, browser }) = row else { return Ok(None) };
    Ok(Some((user.into_user()?.0, browser)))
}

/// Ends a sign-in that waited for its code. `Conflict` when it ended before.
pub(crate) async fn end_sign_in(tx: &mut Tx, token: TokenHash) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("DELETE FROM sign_ins_begun WHERE token_hash = $1")
        .bind(hash_bytes(token))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

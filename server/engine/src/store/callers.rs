//! Rows of people, sessions and keys.

use std::collections::HashMap;

use domain::claim::TokenHash;
use domain::ids::{KeyId, MerchantId, MidId, SessionId, UserId};
use domain::merchant::{Role, User};
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, hash_bytes, parsed};
use super::{StoreError, Tx, among, on, one_row};

#[derive(FromRow)]
pub(crate) struct UserRow {
    id: Uuid,
    email: String,
    password_hash: String,
    role: String,
    merchant_id: Option<Uuid>,
}

impl UserRow {
    pub(crate) fn into_user(self) -> Result<(User, String), StoreError> {
        let role: Role = parsed("users", &self.role)?;
        let user = User { id: UserId(self.id), email: self.email, role, merchant: self.merchant_id.map(MerchantId) };
        Ok((user, self.password_hash))
    }
}

pub(crate) async fn insert_user(tx: &mut Tx, user: &User, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO users (id, email, password_hash, role, merchant_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(user.id.0)
    .bind(&user.email)
    .bind(password_hash)
    .bind(user.role.name())
    .bind(user.merchant.map(|merchant| merchant.0))
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Returns a person who signs in with an e-mail, with their password's hash.
pub(crate) async fn user_by_email(tx: &mut Tx, email: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<UserRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, email, password_hash, role, merchant_id FROM users WHERE email = $1 AND removed_at IS NULL"
    )
    .bind(email)
    .fetch_optional(conn)
    .await)?;
    row.map(UserRow::into_user).transpose()
}

/// A sign-in to write down.
pub(crate) struct NewSession {
    pub(crate) id: SessionId,
    pub(crate) token: TokenHash,
    pub(crate) user: UserId,
    /// In words.
    pub(crate) browser: String,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert_session(tx: &mut Tx, session: &NewSession) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO sessions (token_hash, id, user_id, browser, created_at, seen_at, proved_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $5, $6)"
    )
    .bind(hash_bytes(session.token))
    .bind(session.id.0)
    .bind(session.user.0)
    .bind(&session.browser)
    .bind(At(session.at))
    .bind(At(session.expires_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct SessionUserRow {
    #[sqlx(flatten)]
    user: UserRow,
    name: Option<String>,
    seen_at: At,
    proved_at: At,
}

/// Who a session belongs to.
pub(crate) struct SessionUser {
    pub(crate) user: User,
    /// What they are called.
    pub(crate) name: Option<String>,
    /// When it was last written down that it was used.
    pub(crate) seen_at: Timestamp,
    /// When they last proved to be who they are.
    pub(crate) proved_at: Timestamp,
}

/// Returns who a session belongs to that lets in.
pub(crate) async fn user_by_session(tx: &mut Tx, token: TokenHash, now: Timestamp) -> Result<Option<SessionUser>, StoreError> {
    let row: Option<SessionUserRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT u.id, u.email, u.password_hash, u.role, u.merchant_id, u.name, s.seen_at, s.proved_at FROM sessions s \
         JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.removed_at IS NULL"
    )
    .bind(hash_bytes(token))
    .bind(At(now))
    .fetch_optional(conn)
    .await)?;
    let Some(SessionUserRow { user, name, seen_at, proved_at }) = row else { return Ok(None) };
    Ok(Some(SessionUser { user: user.into_user()?.0, name, seen_at: seen_at.0, proved_at: proved_at.0 }))
}

pub(crate) async fn delete_session(tx: &mut Tx, token: TokenHash) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(hash_bytes(token)).execute(conn).await.map(drop))?;
    Ok(())
}

/// Returns how often a sign-in failed in a row, and until when it is locked.
pub(crate) async fn sign_in_failures(tx: &mut Tx, email: &str) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row: Option<(i64, Option<At>)> =
        on!(tx, |conn| sqlx::query_as("SELECT failures, locked_until FROM sign_in_failures WHERE email = $1")
            .bind(email)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map_or((0, None), |(failures, locked_until)| (failures, locked_until.map(|at| at.0))))
}

/// Counts one more failure, so that tries in parallel are all counted.
pub(crate) async fn count_sign_in_failure(tx: &mut Tx, email: &str) -> Result<i64, StoreError> {
    let (failures,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO sign_in_failures (email, failures) VALUES ($1, 1) \
         ON CONFLICT (email) DO UPDATE SET failures = sign_in_failures.failures + 1 RETURNING failures"
    )
    .bind(email)
    .fetch_one(conn)
    .await)?;
    Ok(failures)
}

pub(crate) async fn lock_sign_in(tx: &mut Tx, email: &str, until: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE sign_in_failures SET failures = 0, locked_until = $1 WHERE email = $2")
        .bind(At(until))
        .bind(email)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

pub(crate) async fn forget_sign_in_failures(tx: &mut Tx, email: &str) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sign_in_failures WHERE email = $1").bind(email).execute(conn).await.map(drop))?;
    Ok(())
}

/// Returns a person, removed or not.
pub(crate) async fn user(tx: &mut Tx, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, email, password_hash, role, merchant_id FROM users WHERE id = $1")
            .bind(id.0)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(UserRow::into_user).transpose()?.map(|(user, _)| user))
}

/// Replaces a password; `before` is the hash it was judged by. `Conflict` when another change was first.
pub(crate) async fn set_password(tx: &mut Tx, id: UserId, before: &str, hash: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
        .bind(hash)
        .bind(id.0)
        .bind(before)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Replaces an e-mail. `Conflict` when it is somebody's already, or the password changed since it was asked for.
pub(crate) async fn set_email(tx: &mut Tx, id: UserId, password_hash: &str, email: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE users SET email = $1 WHERE id = $2 AND password_hash = $3")
        .bind(email)
        .bind(id.0)
        .bind(password_hash)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Ends a person's sessions, but for one, and what they began to sign in.
pub(crate) async fn delete_sessions(tx: &mut Tx, user: UserId, except: Option<TokenHash>) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
        .bind(user.0)
        .bind(except.map(hash_bytes).unwrap_or_default())
        .execute(conn)
        .await
        .map(drop))?;
    on!(tx, |conn| sqlx::query("DELETE FROM sign_ins_begun WHERE user_id = $1").bind(user.0).execute(conn).await.map(drop))?;
    Ok(())
}

/// An API key's row.
#[derive(Clone)]
pub(crate) struct ApiKey {
    pub(crate) id: KeyId,
    /// None for the operator.
    pub(crate) merchant: Option<MerchantId>,
    pub(crate) mid: Option<MidId>,
    /// What its merchant calls it.
    pub(crate) name: Option<String>,
    pub(crate) can_write: bool,
    pub(crate) created_at: Timestamp,
    /// When it was last written down that it was used.
    pub(crate) used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct KeyRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    mid_id: Option<Uuid>,
    name: Option<String>,
    can_write: bool,
    created_at: At,
    used_at: Option<At>,
}

const KEY_COLUMNS: &str = "id, merchant_id, mid_id, name, can_write, created_at, used_at";

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: KeyId(row.id),
            merchant: row.merchant_id.map(MerchantId),
            mid: row.mid_id.map(MidId),
            name: row.name,
            can_write: row.can_write,
            created_at: row.created_at.0,
            used_at: row.used_at.map(|at| at.0),
        }
    }
}

pub(crate) async fn insert_key(tx: &mut Tx, key: &ApiKey, token: TokenHash, made_by: Option<UserId>) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO api_keys (id, token_hash, merchant_id, mid_id, name, can_write, made_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(key.id.0)
    .bind(hash_bytes(token))
    .bind(key.merchant.map(|merchant| merchant.0))
    .bind(key.mid.map(|mid| mid.0))
    .bind(&key.name)
    .bind(key.can_write)
    .bind(made_by.map(|person| person.0))
    .bind(At(key.created_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Returns who made a key, whether it still lets in or not; nothing for one of the command line.
pub(crate) async fn key_maker(tx: &mut Tx, id: KeyId) -> Result<Option<UserId>, StoreError> {
    let row: Option<(Option<Uuid>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT made_by FROM api_keys WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    Ok(row.and_then(|(person,)| person).map(UserId))
}

/// Writes down that a key is used, unless that was written since `not_since`.
pub(crate) async fn note_key_used(tx: &mut Tx, id: KeyId, now: Timestamp, not_since: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE api_keys SET used_at = $1 WHERE id = $2 AND (used_at IS NULL OR used_at <= $3)")
        .bind(At(now))
        .bind(id.0)
        .bind(At(not_since))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends a key; says whether it still let in.
pub(crate) async fn revoke_key(tx: &mut Tx, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query("UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(At(now))
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Returns a key that lets in.
pub(crate) async fn key(tx: &mut Tx, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {KEY_COLUMNS} FROM api_keys WHERE id = $1 AND revoked_at IS NULL"));
    let row: Option<KeyRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    Ok(row.map(ApiKey::from))
}

/// Returns the client id of the program that a key was paired with.
pub(crate) async fn client_of_key(tx: &mut Tx, id: KeyId) -> Result<Option<String>, StoreError> {
    let row: Option<(Option<String>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT client_id FROM api_keys WHERE id = $1 AND revoked_at IS NULL")
            .bind(id.0)
            .fetch_optional(conn)
            .await)?;
    Ok(row.and_then(|(client_id,)| client_id))
}

/// Pairs a key with a program. `Conflict` when it has one, or ended.
pub(crate) async fn pair_key(tx: &mut Tx, id: KeyId, client_id: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE api_keys SET client_id = $1 WHERE id = $2 AND client_id IS NULL AND revoked_at IS NULL")
        .bind(client_id)
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Returns all keys that let in, oldest first.
pub(crate) async fn keys(tx: &mut Tx) -> Result<Vec<ApiKey>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {KEY_COLUMNS} FROM api_keys WHERE revoked_at IS NULL ORDER BY id"));
    let rows: Vec<KeyRow> = on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// Returns the keys of one MID that let in, oldest first.
pub(crate) async fn keys_of_mid(tx: &mut Tx, mid: MidId) -> Result<Vec<ApiKey>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {KEY_COLUMNS} FROM api_keys WHERE mid_id = $1 AND revoked_at IS NULL ORDER BY id"));
    let rows: Vec<KeyRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// Returns the keys behind some tokens that let in.
pub(crate) async fn keys_by_token(tx: &mut Tx, tokens: &[[u8; 32]]) -> Result<HashMap<[u8; 32], ApiKey>, StoreError> {
    #[derive(FromRow)]
    struct Row {
        token_hash: Vec<u8>,
        #[sqlx(flatten)]
        key: KeyRow,
    }
    let tokens: Vec<Vec<u8>> = tokens.iter().map(|token| token.to_vec()).collect();
    let select = format!("SELECT token_hash, {KEY_COLUMNS} FROM api_keys WHERE token_hash IN (");
    let rows: Vec<Row> = among!(tx, select, &tokens, ") AND revoked_at IS NULL")?;
    Ok(rows.into_iter().filter_map(|row| Some((row.token_hash.try_into().ok()?, row.key.into()))).collect())
}

//! Rows of passkeys, and of what their browsers were asked to sign.

use domain::claim::TokenHash;
use domain::ids::{PasskeyId, UserId};
use domain::merchant::User;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::callers::UserRow;
use super::codec::{At, hash_bytes};
use super::{StoreError, Tx, on, one_row};

/// A person's passkey.
pub(crate) struct Passkey {
    pub(crate) id: PasskeyId,
    pub(crate) user: UserId,
    /// As its authenticator knows it.
    pub(crate) credential: Vec<u8>,
    /// As its person calls it.
    pub(crate) name: String,
    /// Its public key, and what never changes about it.
    pub(crate) key: Vec<u8>,
    /// Its signature counter, whether it is backed up, and what else an answer may change.
    pub(crate) state: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct PasskeyRow {
    id: Uuid,
    user_id: Uuid,
    credential: Vec<u8>,
    name: String,
    public_key: Vec<u8>,
    state: Vec<u8>,
    created_at: At,
    used_at: Option<At>,
}

impl From<PasskeyRow> for Passkey {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: PasskeyId(row.id),
            user: UserId(row.user_id),
            credential: row.credential,
            name: row.name,
            key: row.public_key,
            state: row.state,
            created_at: row.created_at.0,
            used_at: row.used_at.map(|at| at.0),
        }
    }
}

/// What a browser's answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new passkey.
    Add,
    /// Signing in.
    SignIn,
    /// Proving that it is still who signed in.
    Prove,
}

impl Purpose {
    /// Returns the name in rows.
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign_in",
            Self::Prove => "prove",
        }
    }
}

/// Returns a person's passkeys, the first one first.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Passkey>, StoreError> {
    let rows: Vec<PasskeyRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, user_id, credential, name, public_key, state, created_at, used_at FROM passkeys WHERE user_id = $1 ORDER BY id"
    )
    .bind(user.0)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Passkey::from).collect())
}

#[derive(FromRow)]
struct OwnedRow {
    #[sqlx(flatten)]
    user: UserRow,
    passkey_id: Uuid,
    name: String,
    public_key: Vec<u8>,
    state: Vec<u8>,
    added_at: At,
    used_at: Option<At>,
}

/// Returns a passkey and whose it is, if they sign in.
pub(crate) async fn by_credential(tx: &mut Tx, credential: &[u8]) -> Result<Option<(Passkey, User)>, StoreError> {
    let row: Option<OwnedRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT u.id, u.email, u.password_hash, u.role, u.merchant_id, p.id AS passkey_id, p.name, p.public_key, p.state, \
         p.created_at AS added_at, p.used_at FROM passkeys p JOIN users u ON u.id = p.user_id \
         WHERE p.credential = $1 AND u.removed_at IS NULL"
    )
    .bind(credential)
    .fetch_optional(conn)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    let user = row.user.into_user()?.0;
    let passkey = Passkey {
        id: PasskeyId(row.passkey_id),
        user: user.id,
        credential: credential.to_vec(),
        name: row.name,
        key: row.public_key,
        state: row.state,
        created_at: row.added_at.0,
        used_at: row.used_at.map(|at| at.0),
    };
    Ok(Some((passkey, user)))
}

/// Adds a passkey. `Conflict` when its credential is somebody's.
pub(crate) async fn insert(tx: &mut Tx, passkey: &Passkey) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "INSERT INTO passkeys (id, user_id, credential, name, public_key, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (credential) DO NOTHING"
    )
    .bind(passkey.id.0)
    .bind(passkey.user.0)
    .bind(&passkey.credential)
    .bind(&passkey.name)
    .bind(&passkey.key)
    .bind(&passkey.state)
    .bind(At(passkey.created_at))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Writes down what an answer changed about a passkey. `Conflict` when another answer was first, or it was removed.
pub(crate) async fn note_use(tx: &mut Tx, passkey: &Passkey, state: &[u8], now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE passkeys SET state = $1, used_at = $2 WHERE id = $3 AND state = $4")
        .bind(state)
        .bind(At(now))
        .bind(passkey.id.0)
        .bind(&passkey.state)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Removes a person's passkey. `Conflict` when they have no such one.
pub(crate) async fn delete(tx: &mut Tx, user: UserId, id: PasskeyId) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("DELETE FROM passkeys WHERE id = $1 AND user_id = $2")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Keeps what a browser was asked, `until` at most, in the place of what it was asked before. What waited too long is forgotten.
pub(crate) async fn ask(
    tx: &mut Tx,
    token: TokenHash,
    purpose: Purpose,
    state: &[u8],
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM passkey_challenges WHERE expires_at <= $1").bind(At(now)).execute(conn).await.map(drop))?;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO passkey_challenges (token_hash, purpose, state, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (token_hash, purpose) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at"
    )
    .bind(hash_bytes(token))
    .bind(purpose.name())
    .bind(state)
    .bind(At(until))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Takes what a browser was asked: whatever its answer is worth, there is no second one.
pub(crate) async fn take(tx: &mut Tx, token: TokenHash, purpose: Purpose, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(Vec<u8>,)> = on!(tx, |conn| sqlx::query_as(
        "DELETE FROM passkey_challenges WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING state"
    )
    .bind(hash_bytes(token))
    .bind(purpose.name())
    .bind(At(now))
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(|(state,)| state))
}

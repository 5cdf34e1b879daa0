//! Rows of people, as those see and change them who answer for them.

use domain::display_name::DisplayName;
use domain::ids::{MerchantId, UserId};
use domain::merchant::Role;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, parsed};
use super::{StoreError, Tx, on, one_row};

/// A person who signs in.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    /// What the others read.
    pub(crate) name: Option<String>,
    pub(crate) role: Role,
    /// Whose staff, with their name; `None` for an operator.
    pub(crate) merchant: Option<(MerchantId, String)>,
    pub(crate) created_at: Timestamp,
    /// To the hour; `None` when they have no session.
    pub(crate) seen_at: Option<Timestamp>,
    pub(crate) has_code_app: bool,
    pub(crate) has_passkey: bool,
}

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    email: String,
    name: Option<String>,
    role: String,
    merchant_id: Option<Uuid>,
    merchant: Option<String>,
    created_at: At,
    seen_at: Option<At>,
    has_code_app: bool,
    has_passkey: bool,
}

impl PersonRow {
    fn into_person(self) -> Result<Person, StoreError> {
        Ok(Person {
            id: UserId(self.id),
            role: parsed("users", &self.role)?,
            email: self.email,
            name: self.name,
            merchant: self.merchant_id.map(MerchantId).zip(self.merchant),
            created_at: self.created_at.0,
            seen_at: self.seen_at.map(|at| at.0),
            has_code_app: self.has_code_app,
            has_passkey: self.has_passkey,
        })
    }
}

/// Returns a merchant's people, or everybody, by merchant and e-mail; operators come last.
pub(crate) async fn list(tx: &mut Tx, merchant: Option<MerchantId>) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<PersonRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT u.id, u.email, u.name, u.role, u.merchant_id, m.name AS merchant, u.created_at, MAX(s.seen_at) AS seen_at, \
         EXISTS (SELECT 1 FROM code_apps c WHERE c.user_id = u.id) AS has_code_app, \
         EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.id) AS has_passkey FROM users u \
         LEFT JOIN merchants m ON m.id = u.merchant_id LEFT JOIN sessions s ON s.user_id = u.id \
         WHERE u.removed_at IS NULL AND (u.merchant_id = $1 OR $2) \
         GROUP BY u.id, u.email, u.name, u.role, u.merchant_id, m.name, u.created_at ORDER BY m.name IS NULL, m.name, u.email"
    )
    .bind(merchant.map(|merchant| merchant.0))
    .bind(merchant.is_none())
    .fetch_all(conn)
    .await)?;
    rows.into_iter().map(PersonRow::into_person).collect()
}

/// Says whether there is anybody who could sign in.
pub(crate) async fn is_any(tx: &mut Tx) -> Result<bool, StoreError> {
    let (is_any,): (bool,) =
        on!(tx, |conn| sqlx::query_as("SELECT EXISTS (SELECT 1 FROM users WHERE removed_at IS NULL)").fetch_one(conn).await)?;
    Ok(is_any)
}

/// Returns how many people own a merchant's account.
pub(crate) async fn owners(tx: &mut Tx, merchant: MerchantId) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        on!(tx, |conn| sqlx::query_as("SELECT COUNT(*) FROM users WHERE merchant_id = $1 AND role = 'owner' AND removed_at IS NULL")
            .bind(merchant.0)
            .fetch_one(conn)
            .await)?;
    Ok(count)
}

/// Returns how many other people own a merchant's account.
pub(crate) async fn other_owners(tx: &mut Tx, merchant: MerchantId, id: UserId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "SELECT COUNT(*) FROM users WHERE merchant_id = $1 AND role = 'owner' AND removed_at IS NULL AND id <> $2"
    )
    .bind(merchant.0)
    .bind(id.0)
    .fetch_one(conn)
    .await)?;
    Ok(count)
}

/// Returns what a person is called.
pub(crate) async fn name(tx: &mut Tx, id: UserId) -> Result<Option<String>, StoreError> {
    let row: Option<(Option<String>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT name FROM users WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    Ok(row.and_then(|(name,)| name))
}

/// Says whether a colleague goes by a name: somebody else of the merchant, or of the operator's people.
pub(crate) async fn is_name_taken(tx: &mut Tx, merchant: Option<MerchantId>, id: UserId, name: &DisplayName) -> Result<bool, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "SELECT COUNT(*) FROM users WHERE LOWER(name) = LOWER($1) AND removed_at IS NULL AND id <> $2 \
         AND (merchant_id = $3 OR (merchant_id IS NULL AND $4))"
    )
    .bind(name.as_str())
    .bind(id.0)
    .bind(merchant.map(|merchant| merchant.0))
    .bind(merchant.is_none())
    .fetch_one(conn)
    .await)?;
    Ok(count > 0)
}

/// Calls a person by another name, or by their e-mail. `Conflict` when a colleague took it at this moment.
pub(crate) async fn set_name(tx: &mut Tx, id: UserId, name: Option<&DisplayName>) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE users SET name = $1 WHERE id = $2 AND removed_at IS NULL")
        .bind(name.map(DisplayName::as_str))
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Gives a person another role. `Conflict` when another change was first.
pub(crate) async fn set_role(tx: &mut Tx, id: UserId, before: Role, role: Role) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE users SET role = $1 WHERE id = $2 AND role = $3 AND removed_at IS NULL")
        .bind(role.name())
        .bind(id.0)
        .bind(before.name())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Removes a person; no password fits them any more. `Conflict` when another change was first.
pub(crate) async fn remove(tx: &mut Tx, id: UserId, before: Role, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE users SET removed_at = $1, password_hash = '' WHERE id = $2 AND role = $3 AND removed_at IS NULL"
    )
    .bind(At(now))
    .bind(id.0)
    .bind(before.name())
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

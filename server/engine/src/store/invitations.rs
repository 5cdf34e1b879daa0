//! Rows of invitations. They hold a keyed hash of each link, never the link.

use domain::claim::TokenHash;
use domain::email::EmailAddress;
use domain::ids::{InvitationId, MerchantId, UserId};
use domain::merchant::Role;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, hash_bytes, parsed};
use super::{StoreError, Tx, on, one_row};

/// An invitation to write down.
pub(crate) struct NewInvitation {
    pub(crate) id: InvitationId,
    pub(crate) token: TokenHash,
    pub(crate) merchant: Option<MerchantId>,
    pub(crate) email: EmailAddress,
    pub(crate) role: Role,
    pub(crate) invited_by: UserId,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, new: &NewInvitation) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO invitations (id, token_hash, merchant_id, email, role, invited_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(new.id.0)
    .bind(hash_bytes(new.token))
    .bind(new.merchant.map(|merchant| merchant.0))
    .bind(new.email.as_str())
    .bind(new.role.name())
    .bind(new.invited_by.0)
    .bind(At(new.at))
    .bind(At(new.expires_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// An invitation that nobody accepted or withdrew; it may be too old.
pub(crate) struct Invitation {
    pub(crate) id: InvitationId,
    pub(crate) merchant: Option<MerchantId>,
    pub(crate) email: EmailAddress,
    pub(crate) role: Role,
    /// What who invited is called.
    pub(crate) invited_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) mailed_at: Option<Timestamp>,
    pub(crate) mail_error: Option<String>,
}

#[derive(FromRow)]
struct InvitationRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    email: String,
    role: String,
    invited_by: String,
    created_at: At,
    expires_at: At,
    mailed_at: Option<At>,
    mail_error: Option<String>,
}

impl InvitationRow {
    fn into_invitation(self) -> Result<Invitation, StoreError> {
        Ok(Invitation {
            id: InvitationId(self.id),
            merchant: self.merchant_id.map(MerchantId),
            email: parsed("invitations", &self.email)?,
            role: parsed("invitations", &self.role)?,
            invited_by: self.invited_by,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            mailed_at: self.mailed_at.map(|at| at.0),
            mail_error: self.mail_error,
        })
    }
}

const OPEN: &str = "SELECT i.id, i.merchant_id, i.email, i.role, COALESCE(u.name, u.email) AS invited_by, i.created_at, i.expires_at, i.mailed_at, i.mail_error \
                    FROM invitations i JOIN users u ON u.id = i.invited_by WHERE i.closed_at IS NULL";

/// Returns an open invitation.
pub(crate) async fn load(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{OPEN} AND i.id = $1"));
    let row: Option<InvitationRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(InvitationRow::into_invitation).transpose()
}

/// Returns the open invitation that a link belongs to.
pub(crate) async fn by_token(tx: &mut Tx, token: TokenHash) -> Result<Option<Invitation>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{OPEN} AND i.token_hash = $1"));
    let row: Option<InvitationRow> = on!(tx, |conn| sqlx::query_as(sql).bind(hash_bytes(token)).fetch_optional(conn).await)?;
    row.map(InvitationRow::into_invitation).transpose()
}

/// Returns the open invitations of a merchant, or of everybody, oldest first.
pub(crate) async fn list(tx: &mut Tx, merchant: Option<MerchantId>) -> Result<Vec<Invitation>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{OPEN} AND (i.merchant_id = $1 OR $2) ORDER BY i.created_at, i.id"));
    let rows: Vec<InvitationRow> =
        on!(tx, |conn| sqlx::query_as(sql).bind(merchant.map(|merchant| merchant.0)).bind(merchant.is_none()).fetch_all(conn).await)?;
    rows.into_iter().map(InvitationRow::into_invitation).collect()
}

/// Closes an invitation; `accepted_by` is who joined. `Conflict` when it was closed already: a link is used once.
pub(crate) async fn close(tx: &mut Tx, id: InvitationId, accepted_by: Option<UserId>, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE invitations SET closed_at = $1, accepted_by = $2 WHERE id = $3 AND closed_at IS NULL")
        .bind(At(now))
        .bind(accepted_by.map(|user| user.0))
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Writes down what became of an invitation's mail.
pub(crate) async fn note_mail(tx: &mut Tx, id: InvitationId, error: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE invitations SET mailed_at = $1, mail_error = $2 WHERE id = $3")
        .bind(error.is_none().then_some(At(now)))
        .bind(error)
        .bind(id.0)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

//! Rows of mails: queued in the money's own transaction, sent later, kept with what became of them.

use domain::email::{Audience, EmailAddress, EmailKind, EmailState};
use domain::ids::{ClaimId, EmailId, MidId, RefundId};
use domain::job::Job;
use domain::refund::Refund;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, count, needed, parsed};
use super::{StoreError, Tx, jobs, on, one_row};

/// A mail to write.
#[derive(Clone)]
pub(crate) struct NewEmail {
    pub(crate) id: EmailId,
    pub(crate) mid: MidId,
    pub(crate) refund: RefundId,
    pub(crate) kind: EmailKind,
    /// Of the refund's version, or of the time that it was asked for again.
    pub(crate) number: i64,
    pub(crate) claim: Option<ClaimId>,
    pub(crate) recipient: EmailAddress,
    pub(crate) at: Timestamp,
}

/// Writes a mail and the job that sends it. `Conflict` when the same was written already.
pub(crate) async fn insert(tx: &mut Tx, email: &NewEmail) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO emails (id, mid_id, refund_id, kind, number, claim_id, recipient, state, attempts, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8)"
    )
    .bind(email.id.0)
    .bind(email.mid.0)
    .bind(email.refund.0)
    .bind(email.kind.name())
    .bind(email.number)
    .bind(email.claim.map(|claim| claim.0))
    .bind(email.recipient.as_str())
    .bind(At(email.at))
    .execute(conn)
    .await
    .map(drop))?;
    jobs::enqueue(tx, Job::Mail(email.id).at(email.at)).await
}

/// Returns whom a mail about a refund goes to; nobody where no address is known.
pub(crate) async fn recipient(tx: &mut Tx, audience: Audience, refund: &Refund) -> Result<Option<EmailAddress>, StoreError> {
    let row: Option<(Option<String>,)> = match audience {
        Audience::Payer => on!(tx, |conn| sqlx::query_as("SELECT payer_email FROM invoices WHERE id = $1")
            .bind(refund.invoice.0)
            .fetch_optional(conn)
            .await)?,
        Audience::Merchant => {
            on!(tx, |conn| sqlx::query_as("SELECT alert_email FROM mids WHERE id = $1").bind(refund.mid.0).fetch_optional(conn).await)?
        }
    };
    // An address of an earlier day that is none by today's rules is written to by nobody.
    Ok(row.and_then(|(address,)| address).and_then(|address| EmailAddress::parse(&address).ok()))
}

/// A mail as it stands.
#[derive(Clone)]
pub(crate) struct Email {
    pub(crate) id: EmailId,
    pub(crate) mid: MidId,
    pub(crate) refund: RefundId,
    pub(crate) kind: EmailKind,
    pub(crate) claim: Option<ClaimId>,
    pub(crate) recipient: EmailAddress,
    pub(crate) state: EmailState,
    pub(crate) attempts: u32,
    pub(crate) error: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) attempted_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct EmailRow {
    id: Uuid,
    mid_id: Uuid,
    refund_id: Uuid,
    kind: String,
    claim_id: Option<Uuid>,
    recipient: String,
    state: String,
    attempts: i64,
    error: Option<String>,
    created_at: At,
    attempted_at: Option<At>,
}

const COLUMNS: &str = "id, mid_id, refund_id, kind, claim_id, recipient, state, attempts, error, created_at, attempted_at";

impl EmailRow {
    fn into_email(self) -> Result<Email, StoreError> {
        Ok(Email {
            id: EmailId(self.id),
            mid: MidId(self.mid_id),
            refund: RefundId(self.refund_id),
            kind: needed("emails", "kind", EmailKind::from_name(&self.kind))?,
            claim: self.claim_id.map(ClaimId),
            recipient: parsed("emails", &self.recipient)?,
            state: needed("emails", "state", EmailState::from_name(&self.state))?,
            attempts: count("emails", self.attempts)?,
            error: self.error,
            created_at: self.created_at.0,
            attempted_at: self.attempted_at.map(|at| at.0),
        })
    }
}

/// Returns a mail.
pub(crate) async fn load(tx: &mut Tx, id: EmailId) -> Result<Option<Email>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM emails WHERE id = $1"));
    let row: Option<EmailRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(EmailRow::into_email).transpose()
}

/// Returns the mails about a refund, oldest first.
pub(crate) async fn of_refund(tx: &mut Tx, refund: RefundId) -> Result<Vec<Email>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM emails WHERE refund_id = $1 ORDER BY created_at, id"));
    let rows: Vec<EmailRow> = on!(tx, |conn| sqlx::query_as(sql).bind(refund.0).fetch_all(conn).await)?;
    rows.into_iter().map(EmailRow::into_email).collect()
}

/// Writes down that a queued mail was tried in vain.
pub(crate) async fn note_attempt(tx: &mut Tx, id: EmailId, error: &str, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE emails SET attempts = attempts + 1, error = $1, attempted_at = $2 WHERE id = $3 AND state = 'queued'"
    )
    .bind(error)
    .bind(At(now))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Ends a mail that is queued, or, when it came back, that was sent. `Conflict` when it ended otherwise since.
pub(crate) async fn end(tx: &mut Tx, id: EmailId, state: EmailState, why: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    // A mail may come back before its sending was written down.
    let sql = "UPDATE emails SET state = $1, error = $2, attempted_at = $3, \
               attempts = CASE WHEN state = 'queued' THEN attempts + 1 ELSE attempts END \
               WHERE id = $4 AND (state = 'queued' OR (state = 'sent' AND $5))";
    one_row(on!(tx, |conn| sqlx::query(sql)
        .bind(state.name())
        .bind(why)
        .bind(At(now))
        .bind(id.0)
        .bind(state == EmailState::Bounced)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

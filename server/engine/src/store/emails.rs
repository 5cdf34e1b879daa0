//! Rows of mails: queued in the money's own transaction, sent later, kept with what became of them.

use std::collections::HashMap;

use domain::email::{Audience, EmailAddress, EmailKind, EmailState};
use domain::ids::{ClaimId, EmailId, InvoiceId, MidId, RefundId};
use domain::job::Job;
use domain::language::{Language, Spoken};
use domain::refund::Refund;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, count, needed, parsed};
use super::{StoreError, Tx, among, jobs, on, one_row};

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
    pub(crate) language: Language,
    pub(crate) at: Timestamp,
}

/// Writes a mail and the job that sends it. `Conflict` when the same was written already.
pub(crate) async fn insert(tx: &mut Tx, email: &NewEmail) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO emails (id, mid_id, refund_id, kind, number, claim_id, recipient, language, state, attempts, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9)"
    )
    .bind(email.id.0)
    .bind(email.mid.0)
    .bind(email.refund.0)
    .bind(email.kind.name())
    .bind(email.number)
    .bind(email.claim.map(|claim| claim.0))
    .bind(email.recipient.as_str())
    .bind(email.language.name())
    .bind(At(email.at))
    .execute(conn)
    .await
    .map(drop))?;
    jobs::enqueue(tx, &[Job::Mail(email.id).at(email.at)]).await
}

/// Whom a mail goes to, and in which language.
pub(crate) struct Reader {
    pub(crate) address: EmailAddress,
    pub(crate) language: Language,
}

/// Returns whom a mail about a refund goes to; nobody where no address is known. The address that came with the invoice goes first: one
/// that was given on the claim page, by whoever held the link, never takes the payer's mails away.
pub(crate) async fn reader(tx: &mut Tx, audience: Audience, refund: &Refund, claim: Option<ClaimId>) -> Result<Option<Reader>, StoreError> {
    let sql = match audience {
        Audience::Payer => {
            "SELECT COALESCE(i.payer_email, c.email), COALESCE(i.language, m.language) FROM invoices i JOIN mids m ON m.id = i.mid_id \
             LEFT JOIN claims c ON c.id = $3 WHERE i.id = $1 AND m.id = $2"
        }
        Audience::Merchant => {
            "SELECT m.alert_email, 'en' FROM invoices i JOIN mids m ON m.id = i.mid_id LEFT JOIN claims c ON c.id = $3 \
             WHERE i.id = $1 AND m.id = $2"
        }
    };
    let row: Option<(Option<String>, Option<String>)> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(refund.invoice.0)
        .bind(refund.mid.0)
        .bind(claim.map(|claim| claim.0))
        .fetch_optional(conn)
        .await)?;
    let (address, language) = needed("invoices", "refund", row)?;
    // An address of an earlier day that is none by today's rules is written to by nobody.
    let address = address.and_then(|address| EmailAddress::parse(&address).ok());
    let language = language.and_then(|language| Language::from_name(&language)).unwrap_or(Language::English);
    Ok(address.map(|address| Reader { address, language }))
}

/// Returns which language an invoice's payer reads, as far as that is known.
pub(crate) async fn spoken(tx: &mut Tx, invoice: InvoiceId) -> Result<Spoken, StoreError> {
    needed("invoices", "language", spoken_of(tx, &[invoice.0]).await?.remove(&invoice.0))
}

/// Does the same for some invoices.
pub(crate) async fn spoken_of(tx: &mut Tx, invoices: &[Uuid]) -> Result<HashMap<Uuid, Spoken>, StoreError> {
    let select = "SELECT i.id, i.language, m.language FROM invoices i JOIN mids m ON m.id = i.mid_id WHERE i.id IN (";
    let rows: Vec<(Uuid, Option<String>, Option<String>)> = among!(tx, select, invoices, ")")?;
    let language = |name: Option<String>| name.and_then(|name| Language::from_name(&name));
    let spoken = |(id, chosen, by_default)| (id, Spoken { chosen: language(chosen), by_default: language(by_default) });
    Ok(rows.into_iter().map(spoken).collect())
}

/// Keeps the language that an invoice's payer reads in.
pub(crate) async fn keep_language(tx: &mut Tx, invoice: InvoiceId, language: Language) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE invoices SET language = $1 WHERE id = $2")
        .bind(language.name())
        .bind(invoice.0)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
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
    pub(crate) language: Language,
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
    language: String,
    state: String,
    attempts: i64,
    error: Option<String>,
    created_at: At,
    attempted_at: Option<At>,
}

const COLUMNS: &str = "id, mid_id, refund_id, kind, claim_id, recipient, language, state, attempts, error, created_at, attempted_at";

impl EmailRow {
    fn into_email(self) -> Result<Email, StoreError> {
        Ok(Email {
            id: EmailId(self.id),
            mid: MidId(self.mid_id),
            refund: RefundId(self.refund_id),
            kind: needed("emails", "kind", EmailKind::from_name(&self.kind))?,
            claim: self.claim_id.map(ClaimId),
            recipient: parsed("emails", &self.recipient)?,
            language: needed("emails", "language", Language::from_name(&self.language))?,
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
    of_refunds(tx, &[refund.0]).await
}

/// Returns the mails about some refunds, oldest first.
pub(crate) async fn of_refunds(tx: &mut Tx, refunds: &[Uuid]) -> Result<Vec<Email>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM emails WHERE refund_id IN (");
    let rows: Vec<EmailRow> = among!(tx, select, refunds, ") ORDER BY created_at, id")?;
    rows.into_iter().map(EmailRow::into_email).collect()
}

/// Returns the last mails of some MIDs that did not arrive, the latest first.
pub(crate) async fn undelivered(tx: &mut Tx, mids: &[Uuid], limit: u32) -> Result<Vec<Email>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM emails WHERE state IN ('refused', 'given_up', 'bounced') AND mid_id IN (");
    let rows: Vec<EmailRow> = among!(tx, select, mids, format!(") ORDER BY attempted_at DESC, id DESC LIMIT {limit}"))?;
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

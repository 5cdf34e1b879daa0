//! Rows of refunds, their history and their claims.

use domain::claim::{Claim, ClaimState, Consent, TokenHash};
use domain::destination::Destination;
use domain::exception::Flags;
use domain::ids::{CaseId, ClaimId, InvoiceId, MidId, PayoutId, RefundId};
use domain::merchant::Actor;
use domain::payout::PayoutFailure;
use domain::policy::FeeBearer;
use domain::refund::{BlockedBy, Cancel, CancelReason, CanceledBy, Directed, Reason, Refund, RefundState, StateName};
use domain::view::TimelineEntry;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, Units, amount, hash_bytes, needed, parsed};
use super::invoices::destination;
use super::merchants::{MidFilter, WITHIN};
use super::{StoreError, Tx, on, one_row};

const COLUMNS: &str = "id, mid_id, invoice_id, case_id, reference, reason, flags, asset, amount, fee_bearer, security_delay, state, claim_id, \
    expires_at, network, address, tag, fee, confirmed_at, release_at, blocked_by, payout_id, txid, failure, canceled_by, cancel_reason, \
    cancel_note, canceled_at, version, created_at, updated_at";

#[derive(FromRow)]
struct RefundRow {
    id: Uuid,
    mid_id: Uuid,
    invoice_id: Uuid,
    case_id: Uuid,
    reference: String,
    reason: String,
    flags: String,
    asset: String,
    amount: Units,
    fee_bearer: String,
    security_delay: String,
    state: String,
    claim_id: Option<Uuid>,
    expires_at: Option<At>,
    network: Option<String>,
    address: Option<String>,
    tag: Option<String>,
    fee: Option<Units>,
    confirmed_at: Option<At>,
    release_at: Option<At>,
    blocked_by: Option<String>,
    payout_id: Option<Uuid>,
    txid: Option<String>,
    failure: Option<String>,
    canceled_by: Option<String>,
    cancel_reason: Option<String>,
    cancel_note: Option<String>,
    canceled_at: Option<At>,
    version: i64,
    created_at: At,
    updated_at: At,
}

impl RefundRow {
    fn into_refund(self) -> Result<Refund, StoreError> {
        let state = self.state()?;
        let reason = Reason::ALL.into_iter().find(|reason| reason.name() == self.reason);
        if self.fee_bearer != "payer" {
            return Err(self.bad("fee_bearer"));
        }
        Ok(Refund {
            id: RefundId(self.id),
            mid: MidId(self.mid_id),
            invoice: InvoiceId(self.invoice_id),
            case: CaseId(self.case_id),
            reason: reason.ok_or_else(|| self.bad("reason"))?,
            flags: Flags::from_text(&self.flags).ok_or_else(|| self.bad("flags"))?,
            amount: amount(self.amount, &self.asset)?,
            fee_bearer: FeeBearer::Payer,
            security_delay: parsed("refunds", &self.security_delay)?,
            state,
            version: self.version,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            reference: self.reference,
        })
    }

    fn state(&self) -> Result<RefundState, StoreError> {
        let bad = |column: &str| self.bad(column);
        Ok(match StateName::from_name(&self.state).ok_or_else(|| bad("state"))? {
            StateName::AwaitingClaim => RefundState::AwaitingClaim {
                claim: ClaimId(self.claim_id.ok_or_else(|| bad("claim_id"))?),
                expires_at: self.expires_at.ok_or_else(|| bad("expires_at"))?.0,
            },
            StateName::Scheduled => RefundState::Scheduled {
                directed: self.directed()?,
                release_at: self.release_at.ok_or_else(|| bad("release_at"))?.0,
                blocked_by: match &self.blocked_by {
                    None => None,
                    Some(name) => Some(BlockedBy::ALL.into_iter().find(|reason| reason.name() == name).ok_or_else(|| bad("blocked_by"))?),
                },
            },
            StateName::Sending => {
                RefundState::Sending { directed: self.directed()?, payout: PayoutId(self.payout_id.ok_or_else(|| bad("payout_id"))?) }
            }
            StateName::PayoutFailed => RefundState::PayoutFailed {
                directed: self.directed()?,
                failure: PayoutFailure::ALL
                    .into_iter()
                    .find(|failure| Some(failure.name()) == self.failure.as_deref())
                    .ok_or_else(|| bad("failure"))?,
            },
            StateName::Paid => RefundState::Paid {
                directed: self.directed()?,
                payout: PayoutId(self.payout_id.ok_or_else(|| bad("payout_id"))?),
                txid: self.txid.clone().ok_or_else(|| bad("txid"))?,
            },
            StateName::Expired => RefundState::Expired { expired_at: self.expires_at.ok_or_else(|| bad("expires_at"))?.0 },
            StateName::Canceled => {
                let by = match self.canceled_by.as_deref() {
                    Some("payer") => CanceledBy::Payer,
                    Some("merchant") => CanceledBy::Merchant,
                    _ => return Err(bad("canceled_by")),
                };
                let reason = self.cancel_reason.as_deref().and_then(CancelReason::from_name).ok_or_else(|| bad("cancel_reason"))?;
                let at = self.canceled_at.ok_or_else(|| bad("canceled_at"))?.0;
                RefundState::Canceled { cancel: Cancel { by, reason, note: self.cancel_note.clone(), at } }
            }
        })
    }

    fn directed(&self) -> Result<Directed, StoreError> {
        let to = match (&self.network, &self.address) {
            (Some(network), Some(address)) => destination(network, address, self.tag.as_deref()),
            _ => None,
        };
        let fee = self.fee.ok_or_else(|| self.bad("fee"))?;
        Ok(Directed {
            claim: ClaimId(self.claim_id.ok_or_else(|| self.bad("claim_id"))?),
            destination: to.ok_or_else(|| self.bad("address"))?,
            fee: amount(fee, &self.asset)?,
            confirmed_at: self.confirmed_at.ok_or_else(|| self.bad("confirmed_at"))?.0,
        })
    }

    fn bad(&self, column: &str) -> StoreError {
        StoreError::Inconsistent { table: "refunds", id: format!("{} {column}", self.id) }
    }
}

/// The columns that a state's facts fill.
#[derive(Default)]
struct Facts<'r> {
    claim: Option<ClaimId>,
    expires_at: Option<Timestamp>,
    directed: Option<&'r Directed>,
    release_at: Option<Timestamp>,
    blocked_by: Option<BlockedBy>,
    payout: Option<PayoutId>,
    txid: Option<&'r str>,
    failure: Option<PayoutFailure>,
    cancel: Option<&'r Cancel>,
}

impl<'r> Facts<'r> {
    fn of(state: &'r RefundState) -> Self {
        let none = Self::default();
        match state {
            RefundState::AwaitingClaim { claim, expires_at } => Self { claim: Some(*claim), expires_at: Some(*expires_at), ..none },
            RefundState::Scheduled { directed, release_at, blocked_by } => {
                Self { directed: Some(directed), release_at: Some(*release_at), blocked_by: *blocked_by, ..none }
            }
            RefundState::Sending { directed, payout } => Self { directed: Some(directed), payout: Some(*payout), ..none },
            RefundState::PayoutFailed { directed, failure } => Self { directed: Some(directed), failure: Some(*failure), ..none },
            RefundState::Paid { directed, payout, txid } => {
                Self { directed: Some(directed), payout: Some(*payout), txid: Some(txid), ..none }
            }
            RefundState::Expired { expired_at } => Self { expires_at: Some(*expired_at), ..none },
            RefundState::Canceled { cancel } => Self { cancel: Some(cancel), ..none },
        }
    }
}

/// Inserts a refund (version 1), or saves its new state if it is still the version before.
pub(crate) async fn save(tx: &mut Tx, refund: &Refund) -> Result<(), StoreError> {
    if refund.version == 1 {
        insert(tx, refund).await?;
    }
    let facts = Facts::of(&refund.state);
    let directed = facts.directed;
    let before = if refund.version == 1 { 1 } else { refund.version.saturating_sub(1) };
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE refunds SET state = $1, claim_id = $2, expires_at = $3, network = $4, address = $5, tag = $6, fee = $7, confirmed_at = $8, \
         release_at = $9, blocked_by = $10, payout_id = $11, txid = $12, failure = $13, canceled_by = $14, cancel_reason = $15, \
         cancel_note = $16, canceled_at = $17, version = $18, updated_at = $19 WHERE id = $20 AND version = $21"
    )
    .bind(refund.state.name().name())
    .bind(facts.claim.or(directed.map(|directed| directed.claim)).map(|claim| claim.0))
    .bind(facts.expires_at.map(At))
    .bind(directed.map(|directed| directed.destination.network().name()))
    .bind(directed.map(|directed| directed.destination.address()))
    .bind(directed.and_then(|directed| directed.destination.tag()).map(ToString::to_string))
    .bind(directed.map(|directed| Units(directed.fee.units)))
    .bind(directed.map(|directed| At(directed.confirmed_at)))
    .bind(facts.release_at.map(At))
    .bind(facts.blocked_by.map(BlockedBy::name))
    .bind(facts.payout.map(|payout| payout.0))
    .bind(facts.txid)
    .bind(facts.failure.map(PayoutFailure::name))
    .bind(facts.cancel.map(|cancel| cancel.by.name()))
    .bind(facts.cancel.map(|cancel| cancel.reason.name()))
    .bind(facts.cancel.and_then(|cancel| cancel.note.as_deref()))
    .bind(facts.cancel.map(|cancel| At(cancel.at)))
    .bind(refund.version)
    .bind(At(refund.updated_at))
    .bind(refund.id.0)
    .bind(before)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

async fn insert(tx: &mut Tx, refund: &Refund) -> Result<(), StoreError> {
    let facts = Facts::of(&refund.state);
    on!(tx, |conn| sqlx::query(
        "INSERT INTO refunds (id, mid_id, invoice_id, case_id, reference, reason, flags, asset, amount, fee_bearer, security_delay, state, \
         claim_id, expires_at, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'payer', $10, $11, $12, $13, $14, $15, $16)"
    )
    .bind(refund.id.0)
    .bind(refund.mid.0)
    .bind(refund.invoice.0)
    .bind(refund.case.0)
    .bind(&refund.reference)
    .bind(refund.reason.name())
    .bind(refund.flags.to_text())
    .bind(refund.amount.asset.as_str())
    .bind(Units(refund.amount.units))
    .bind(refund.security_delay.to_string())
    .bind(refund.state.name().name())
    .bind(facts.claim.map(|claim| claim.0))
    .bind(facts.expires_at.map(At))
    .bind(refund.version)
    .bind(At(refund.created_at))
    .bind(At(refund.updated_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

pub(crate) async fn load(tx: &mut Tx, id: RefundId) -> Result<Option<Refund>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM refunds WHERE id = $1"));
    let row: Option<RefundRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(RefundRow::into_refund).transpose()
}

/// Returns an invoice's refunds, oldest first.
pub(crate) async fn of_invoice(tx: &mut Tx, invoice: InvoiceId) -> Result<Vec<Refund>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM refunds WHERE invoice_id = $1 ORDER BY id"));
    let rows: Vec<RefundRow> = on!(tx, |conn| sqlx::query_as(sql).bind(invoice.0).fetch_all(conn).await)?;
    rows.into_iter().map(RefundRow::into_refund).collect()
}

/// Which refunds a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'f> {
    pub(crate) invoice: Option<InvoiceId>,
    pub(crate) state: Option<StateName>,
    pub(crate) reference: Option<&'f str>,
}

/// Returns refunds, newest first, before the cursor.
pub(crate) async fn list(tx: &mut Tx, within: MidFilter, wanted: &Wanted<'_>, before: Uuid, limit: u32) -> Result<Vec<Refund>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM refunds WHERE {WITHIN} AND id < $5 AND ($6 = '' OR state = $6) AND ($7 OR invoice_id = $8) \
         AND ($9 = '' OR reference = $9) ORDER BY id DESC LIMIT $10"
    ));
    let rows: Vec<RefundRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .bind(before)
        .bind(wanted.state.map_or("", StateName::name))
        .bind(wanted.invoice.is_none())
        .bind(wanted.invoice.map_or(Uuid::nil(), |invoice| invoice.0))
        .bind(wanted.reference.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(RefundRow::into_refund).collect()
}

/// Returns how many refunds stand where.
pub(crate) async fn counts(tx: &mut Tx, within: MidFilter) -> Result<Vec<(StateName, u64)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT state, COUNT(*) FROM refunds WHERE {WITHIN} GROUP BY state"));
    let rows: Vec<(String, i64)> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|(state, count)| {
            let state = needed("refunds", "state", StateName::from_name(&state))?;
            Ok((state, u64::try_from(count).unwrap_or_default()))
        })
        .collect()
}

pub(crate) async fn insert_history(tx: &mut Tx, refund: &Refund, actor: Actor, note: Option<&str>) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO refund_history (refund_id, version, at, state, actor, note) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(refund.id.0)
        .bind(refund.version)
        .bind(At(refund.updated_at))
        .bind(refund.state.name().name())
        .bind(actor.to_string())
        .bind(note)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct HistoryRow {
    at: At,
    state: String,
    actor: String,
    note: Option<String>,
}

pub(crate) async fn history(tx: &mut Tx, refund: RefundId) -> Result<Vec<TimelineEntry>, StoreError> {
    let rows: Vec<HistoryRow> =
        on!(tx, |conn| sqlx::query_as("SELECT at, state, actor, note FROM refund_history WHERE refund_id = $1 ORDER BY version")
            .bind(refund.0)
            .fetch_all(conn)
            .await)?;
    rows.into_iter()
        .map(|row| {
            let state = needed("refund_history", "state", StateName::from_name(&row.state))?;
            Ok(TimelineEntry { at: row.at.0, state, by: row.actor, note: row.note })
        })
        .collect()
}

pub(crate) async fn issue_claim(tx: &mut Tx, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO claims (id, refund_id, state, token_hash, cancel_token_hash, verified_by, created_at) \
         VALUES ($1, $2, 'issued', $3, $4, $5, $6)"
    )
    .bind(claim.id.0)
    .bind(claim.refund.0)
    .bind(hash_bytes(claim.token))
    .bind(hash_bytes(claim.cancel_token))
    .bind(claim.verified_by.name())
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Confirms a claim that is still issued: the first to get here wins.
pub(crate) async fn confirm_claim(
    tx: &mut Tx,
    claim: ClaimId,
    to: &Destination,
    consent: Consent,
    now: Timestamp,
) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE claims SET state = 'confirmed', address = $1, tag = $2, consent_text_version = $3, confirmed_at = $4 \
         WHERE id = $5 AND state = 'issued'"
    )
    .bind(to.address())
    .bind(to.tag().map(ToString::to_string))
    .bind(i64::from(consent.text_version))
    .bind(At(now))
    .bind(claim.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

pub(crate) async fn close_claim(tx: &mut Tx, claim: ClaimId, state: ClaimState) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE claims SET state = $1 WHERE id = $2 AND state IN ('issued', 'confirmed')")
        .bind(state.name())
        .bind(claim.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Which of a claim's links a token is.
#[derive(Clone, Copy)]
pub(crate) enum Link {
    Claim,
    Cancel,
}

/// Returns the claim and refund behind a token.
pub(crate) async fn claim_by_token(tx: &mut Tx, link: Link, token: TokenHash) -> Result<Option<(ClaimId, RefundId)>, StoreError> {
    let sql = match link {
        Link::Claim => "SELECT id, refund_id FROM claims WHERE token_hash = $1",
        Link::Cancel => "SELECT id, refund_id FROM claims WHERE cancel_token_hash = $1",
    };
    let row: Option<(Uuid, Uuid)> = on!(tx, |conn| sqlx::query_as(sql).bind(hash_bytes(token)).fetch_optional(conn).await)?;
    Ok(row.map(|(claim, refund)| (ClaimId(claim), RefundId(refund))))
}

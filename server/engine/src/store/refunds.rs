//! Rows of refunds and their history.

use std::collections::BTreeMap;

use domain::destination::Destination;
use domain::exception::Flags;
use domain::ids::{CaseId, ClaimId, InvoiceId, MidId, PayoutId, PolicyId, RefundId, RequestId};
use domain::merchant::Actor;
use domain::outcome::Outcome;
use domain::payout::PayoutFailure;
use domain::policy::{FeeBearer, RateRule};
use domain::rate::{Fiat, Rate};
use domain::refund::{
    Approval, BlockedBy, Cancel, CancelReason, CanceledBy, Conversion, Directed, Funding, HoldReason, Reason, Refund, RefundState, Request,
    StateName,
};
use domain::view::TimelineEntry;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, Units, amount, count, needed, parsed};
use super::invoices::destination;
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, all_rows, among, lots, on};

const COLUMNS: &str = "id, mid_id, invoice_id, case_id, policy_id, policy_number, reference, reason, flags, asset, amount, priced, \
    priced_currency, rate_rule, fee_bearer, funding, is_reserved, is_reviewed, maker, merchant_reference, guid, support_request, merchant_reason, message, \
    immediate, notify, approval, notified_at, state, claim_id, expires_at, conversion_rate, conversion_amount, conversion_currency, network, address, tag, fee, \
    confirmed_at, release_at, blocked_by, hold_reason, payout_id, txid, failure, canceled_by, cancel_reason, cancel_note, canceled_at, \
    declined_by, decline_reason, version, created_at, updated_at";

/// Those that change in the life of a refund.
const CHANGING: [&str; 31] = [
    "amount",
    "funding",
    "is_reserved",
    "is_reviewed",
    "approval",
    "notified_at",
    "state",
    "claim_id",
    "expires_at",
    "conversion_rate",
    "conversion_amount",
    "conversion_currency",
    "network",
    "address",
    "tag",
    "fee",
    "confirmed_at",
    "release_at",
    "blocked_by",
    "hold_reason",
    "payout_id",
    "txid",
    "failure",
    "canceled_by",
    "cancel_reason",
    "cancel_note",
    "canceled_at",
    "declined_by",
    "decline_reason",
    "version",
    "updated_at",
];

#[derive(FromRow)]
struct RefundRow {
    id: Uuid,
    mid_id: Uuid,
    invoice_id: Uuid,
    case_id: Option<Uuid>,
    policy_id: Uuid,
    policy_number: i64,
    reference: String,
    reason: String,
    flags: String,
    asset: String,
    amount: Units,
    priced: Option<String>,
    priced_currency: Option<String>,
    rate_rule: String,
    fee_bearer: String,
    funding: String,
    is_reserved: bool,
    is_reviewed: bool,
    maker: Option<String>,
    merchant_reference: Option<String>,
    guid: Option<String>,
    support_request: Option<String>,
    merchant_reason: Option<String>,
    message: Option<String>,
    immediate: Option<bool>,
    notify: Option<bool>,
    approval: Option<String>,
    notified_at: Option<At>,
    state: String,
    claim_id: Option<Uuid>,
    expires_at: Option<At>,
    conversion_rate: Option<String>,
    conversion_amount: Option<String>,
    conversion_currency: Option<String>,
    network: Option<String>,
    address: Option<String>,
    tag: Option<String>,
    fee: Option<Units>,
    confirmed_at: Option<At>,
    release_at: Option<At>,
    blocked_by: Option<String>,
    hold_reason: Option<String>,
    payout_id: Option<Uuid>,
    txid: Option<String>,
    failure: Option<String>,
    canceled_by: Option<String>,
    cancel_reason: Option<String>,
    cancel_note: Option<String>,
    canceled_at: Option<At>,
    declined_by: Option<String>,
    decline_reason: Option<String>,
    version: i64,
    created_at: At,
    updated_at: At,
}

impl RefundRow {
    fn into_refund(self) -> Result<Refund, StoreError> {
        let state = self.state()?;
        let bad = |column: &str| self.bad(column);
        Ok(Refund {
            id: RefundId(self.id),
            mid: MidId(self.mid_id),
            invoice: InvoiceId(self.invoice_id),
            case: self.case_id.map(CaseId),
            policy: PolicyId(self.policy_id),
            policy_number: count("refunds", self.policy_number)?,
            reason: Reason::ALL.into_iter().find(|reason| reason.name() == self.reason).ok_or_else(|| bad("reason"))?,
            flags: Flags::from_text(&self.flags).ok_or_else(|| bad("flags"))?,
            amount: amount(self.amount, &self.asset)?,
            priced: fiat(self.priced.as_deref(), self.priced_currency.as_deref())?,
            rate_rule: RateRule::from_name(&self.rate_rule).ok_or_else(|| bad("rate_rule"))?,
            fee_bearer: FeeBearer::from_name(&self.fee_bearer).ok_or_else(|| bad("fee_bearer"))?,
            funding: Funding::ALL.into_iter().find(|funding| funding.name() == self.funding).ok_or_else(|| bad("funding"))?,
            is_reserved: self.is_reserved,
            is_reviewed: self.is_reviewed,
            request: match &self.maker {
                None => None,
                Some(maker) => Some(Request {
                    maker: parsed("refunds", maker)?,
                    reference: self.merchant_reference.clone(),
                    guid: self.guid.clone(),
                    support_request: self.support_request.clone(),
                    reason: self.merchant_reason.clone(),
                    message: self.message.clone(),
                    immediate: self.immediate.ok_or_else(|| bad("immediate"))?,
                    notify: self.notify,
                    approval: self.approval.as_deref().and_then(Approval::from_name).ok_or_else(|| bad("approval"))?,
                }),
            },
            notified_at: self.notified_at.map(|at| at.0),
            state,
            version: self.version,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            reference: self.reference,
        })
    }

    fn state(&self) -> Result<RefundState, StoreError> {
        let bad = |column: &str| self.bad(column);
        let release_at = || Ok::<_, StoreError>(self.release_at.ok_or_else(|| bad("release_at"))?.0);
        Ok(match StateName::from_name(&self.state).ok_or_else(|| bad("state"))? {
            StateName::AwaitingApproval => RefundState::AwaitingApproval {
                destination: match self.address {
                    None => None,
                    Some(_) => Some(self.destination()?),
                },
            },
            StateName::AwaitingClaim => RefundState::AwaitingClaim {
                claim: ClaimId(self.claim_id.ok_or_else(|| bad("claim_id"))?),
                expires_at: self.expires_at.ok_or_else(|| bad("expires_at"))?.0,
            },
            StateName::Scheduled => RefundState::Scheduled {
                directed: self.directed()?,
                release_at: release_at()?,
                blocked_by: match &self.blocked_by {
                    None => None,
                    Some(name) => Some(BlockedBy::from_name(name).ok_or_else(|| bad("blocked_by"))?),
                },
            },
            StateName::OnHold => RefundState::OnHold {
                directed: self.directed()?,
                release_at: release_at()?,
                why: self.hold_reason.as_deref().and_then(HoldReason::from_name).ok_or_else(|| bad("hold_reason"))?,
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
            StateName::Expired => RefundState::Expired {
                expired_at: self.expires_at.ok_or_else(|| bad("expires_at"))?.0,
                conversion: match (&self.conversion_rate, fiat(self.conversion_amount.as_deref(), self.conversion_currency.as_deref())?) {
                    (Some(rate), Some(credited)) => {
                        Some(Conversion { rate: Rate::new(parsed("refunds", rate)?).map_err(|_| bad("conversion_rate"))?, credited })
                    }
                    _ => None,
                },
            },
            StateName::Canceled => {
                let by = CanceledBy::ALL.into_iter().find(|by| Some(by.name()) == self.canceled_by.as_deref());
                let reason = self.cancel_reason.as_deref().and_then(CancelReason::from_name).ok_or_else(|| bad("cancel_reason"))?;
                let at = self.canceled_at.ok_or_else(|| bad("canceled_at"))?.0;
                let by = by.ok_or_else(|| bad("canceled_by"))?;
                RefundState::Canceled { cancel: Cancel { by, reason, note: self.cancel_note.clone(), at } }
            }
            StateName::Declined => RefundState::Declined {
                by: parsed("refunds", self.declined_by.as_deref().ok_or_else(|| bad("declined_by"))?)?,
                reason: self.decline_reason.clone().unwrap_or_default(),
            },
        })
    }

    fn destination(&self) -> Result<Destination, StoreError> {
        let to = match (&self.network, &self.address) {
            (Some(network), Some(address)) => destination(network, address, self.tag.as_deref()),
            _ => None,
        };
        to.ok_or_else(|| self.bad("address"))
    }

    fn directed(&self) -> Result<Directed, StoreError> {
        let fee = self.fee.ok_or_else(|| self.bad("fee"))?;
        Ok(Directed {
            claim: ClaimId(self.claim_id.ok_or_else(|| self.bad("claim_id"))?),
            destination: self.destination()?,
            fee: amount(fee, &self.asset)?,
            confirmed_at: self.confirmed_at.ok_or_else(|| self.bad("confirmed_at"))?.0,
        })
    }

    fn bad(&self, column: &str) -> StoreError {
        StoreError::Inconsistent { table: "refunds", id: format!("{} {column}", self.id) }
    }
}

fn fiat(amount: Option<&str>, currency: Option<&str>) -> Result<Option<Fiat>, StoreError> {
    match (amount, currency) {
        (Some(amount), Some(currency)) => Ok(Some(Fiat { amount: parsed("refunds", amount)?, currency: parsed("refunds", currency)? })),
        _ => Ok(None),
    }
}

/// The columns that a state's facts fill.
#[derive(Default)]
struct Facts<'r> {
    claim: Option<ClaimId>,
    expires_at: Option<Timestamp>,
    conversion: Option<Conversion>,
    destination: Option<&'r Destination>,
    directed: Option<&'r Directed>,
    release_at: Option<Timestamp>,
    blocked_by: Option<BlockedBy>,
    hold_reason: Option<HoldReason>,
    payout: Option<PayoutId>,
    txid: Option<&'r str>,
    failure: Option<PayoutFailure>,
    cancel: Option<&'r Cancel>,
    declined: Option<(Actor, &'r str)>,
}

impl<'r> Facts<'r> {
    fn of(state: &'r RefundState) -> Self {
        let none = Self::default();
        let directed = |directed: &'r Directed| Self {
            claim: Some(directed.claim),
            destination: Some(&directed.destination),
            directed: Some(directed),
            ..Self::default()
        };
        match state {
            RefundState::AwaitingApproval { destination } => Self { destination: destination.as_ref(), ..none },
            RefundState::AwaitingClaim { claim, expires_at } => Self { claim: Some(*claim), expires_at: Some(*expires_at), ..none },
            RefundState::Scheduled { directed: to, release_at, blocked_by } => {
                Self { release_at: Some(*release_at), blocked_by: *blocked_by, ..directed(to) }
            }
            RefundState::OnHold { directed: to, release_at, why } => {
                Self { release_at: Some(*release_at), hold_reason: Some(*why), ..directed(to) }
            }
            RefundState::Sending { directed: to, payout } => Self { payout: Some(*payout), ..directed(to) },
            RefundState::PayoutFailed { directed: to, failure } => Self { failure: Some(*failure), ..directed(to) },
            RefundState::Paid { directed: to, payout, txid } => Self { payout: Some(*payout), txid: Some(txid), ..directed(to) },
            RefundState::Expired { expired_at, conversion } => Self { expires_at: Some(*expired_at), conversion: *conversion, ..none },
            RefundState::Canceled { cancel } => Self { cancel: Some(cancel), ..none },
            RefundState::Declined { by, reason } => Self { declined: Some((*by, reason)), ..none },
        }
    }
}

/// Inserts refunds (version 1), or saves what changes on each if it is still the version before.
pub(crate) async fn save(tx: &mut Tx, refunds: &[&Refund]) -> Result<(), StoreError> {
    for lot in lots(refunds) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new(format!("INSERT INTO refunds ({COLUMNS}) "));
            sql.push_values(lot, |mut row, refund| {
                let (facts, request) = (Facts::of(&refund.state), refund.request.as_ref());
                row.push_bind(refund.id.0)
                    .push_bind(refund.mid.0)
                    .push_bind(refund.invoice.0)
                    .push_bind(refund.case.map(|case| case.0))
                    .push_bind(refund.policy.0)
                    .push_bind(i64::from(refund.policy_number))
                    .push_bind(&refund.reference)
                    .push_bind(refund.reason.name())
                    .push_bind(refund.flags.to_text())
                    .push_bind(refund.amount.asset.as_str())
                    .push_bind(Units(refund.amount.units))
                    .push_bind(refund.priced.map(|priced| priced.amount.to_string()))
                    .push_bind(refund.priced.map(|priced| priced.currency.to_string()))
                    .push_bind(refund.rate_rule.name())
                    .push_bind(refund.fee_bearer.name())
                    .push_bind(refund.funding.name())
                    .push_bind(refund.is_reserved)
                    .push_bind(refund.is_reviewed)
                    .push_bind(request.map(|request| request.maker.to_string()))
                    .push_bind(request.and_then(|request| request.reference.as_deref()))
                    .push_bind(request.and_then(|request| request.guid.as_deref()))
                    .push_bind(request.and_then(|request| request.support_request.as_deref()))
                    .push_bind(request.and_then(|request| request.reason.as_deref()))
                    .push_bind(request.and_then(|request| request.message.as_deref()))
                    .push_bind(request.map(|request| request.immediate))
                    .push_bind(request.and_then(|request| request.notify))
                    .push_bind(request.map(|request| request.approval.name()))
                    .push_bind(refund.notified_at.map(At))
                    .push_bind(refund.state.name().name())
                    .push_bind(facts.claim.map(|claim| claim.0))
                    .push_bind(facts.expires_at.map(At))
                    .push_bind(facts.conversion.map(|conversion| conversion.rate.price().to_string()))
                    .push_bind(facts.conversion.map(|conversion| conversion.credited.amount.to_string()))
                    .push_bind(facts.conversion.map(|conversion| conversion.credited.currency.to_string()))
                    .push_bind(facts.destination.map(|to| to.network().name()))
                    .push_bind(facts.destination.map(Destination::address))
                    .push_bind(facts.destination.and_then(Destination::tag).map(ToString::to_string))
                    .push_bind(facts.directed.map(|directed| Units(directed.fee.units)))
                    .push_bind(facts.directed.map(|directed| At(directed.confirmed_at)))
                    .push_bind(facts.release_at.map(At))
                    .push_bind(facts.blocked_by.map(BlockedBy::name))
                    .push_bind(facts.hold_reason.map(HoldReason::name))
                    .push_bind(facts.payout.map(|payout| payout.0))
                    .push_bind(facts.txid)
                    .push_bind(facts.failure.map(PayoutFailure::name))
                    .push_bind(facts.cancel.map(|cancel| cancel.by.name()))
                    .push_bind(facts.cancel.map(|cancel| cancel.reason.name()))
                    .push_bind(facts.cancel.and_then(|cancel| cancel.note.as_deref()))
                    .push_bind(facts.cancel.map(|cancel| At(cancel.at)))
                    .push_bind(facts.declined.map(|(by, _)| by.to_string()))
                    .push_bind(facts.declined.map(|(_, reason)| reason))
                    .push_bind(refund.version)
                    .push_bind(At(refund.created_at))
                    .push_bind(At(refund.updated_at));
            });
            sql.push(" ON CONFLICT (id) DO UPDATE SET ");
            let mut list = sql.separated(", ");
            for column in CHANGING {
                list.push(format_args!("{column} = excluded.{column}"));
            }
            sql.push(" WHERE refunds.version = excluded.version - 1").build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
}

pub(crate) async fn load(tx: &mut Tx, id: RefundId) -> Result<Option<Refund>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM refunds WHERE id = $1"));
    let row: Option<RefundRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(RefundRow::into_refund).transpose()
}

/// Returns some refunds by their ids.
pub(crate) async fn load_all(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Refund>, StoreError> {
    let rows: Vec<RefundRow> = among!(tx, format!("SELECT {COLUMNS} FROM refunds WHERE id IN ("), ids, ")")?;
    rows.into_iter().map(RefundRow::into_refund).collect()
}

/// Returns a MID's refund by what the merchant's program knows it by.
pub(crate) async fn by_guid(tx: &mut Tx, mid: MidId, guid: &str) -> Result<Option<Refund>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM refunds WHERE mid_id = $1 AND guid = $2"));
    let row: Option<RefundRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(guid).fetch_optional(conn).await)?;
    row.map(RefundRow::into_refund).transpose()
}

/// Returns an invoice's refunds, oldest first.
pub(crate) async fn of_invoice(tx: &mut Tx, invoice: InvoiceId) -> Result<Vec<Refund>, StoreError> {
    of_invoices(tx, &[invoice.0]).await
}

/// Returns the refunds of some invoices, oldest first.
pub(crate) async fn of_invoices(tx: &mut Tx, invoices: &[Uuid]) -> Result<Vec<Refund>, StoreError> {
    let rows: Vec<RefundRow> = among!(tx, format!("SELECT {COLUMNS} FROM refunds WHERE invoice_id IN ("), invoices, ") ORDER BY id")?;
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
    let rows: Vec<RefundRow> = on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
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

/// Returns the refunds whose time to cancel had not ended at an instant.
pub(crate) async fn cancelable_after(tx: &mut Tx, instant: Timestamp) -> Result<Vec<RefundId>, StoreError> {
    let rows: Vec<(Uuid,)> =
        on!(tx, |conn| sqlx::query_as("SELECT id FROM refunds WHERE state IN ('scheduled', 'on_hold') AND release_at > $1")
            .bind(At(instant))
            .fetch_all(conn)
            .await)?;
    Ok(rows.into_iter().map(|(id,)| RefundId(id)).collect())
}

/// Takes down what refunds are from now on, and why. `Conflict` when the same request made a step of one already.
pub(crate) async fn insert_histories(tx: &mut Tx, changed: &[(&Refund, &Outcome)]) -> Result<(), StoreError> {
    for lot in lots(changed) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new("INSERT INTO refund_history (refund_id, version, at, state, actor, note, request_id) ");
            sql.push_values(lot, |mut row, (refund, outcome)| {
                row.push_bind(refund.id.0)
                    .push_bind(refund.version)
                    .push_bind(At(refund.updated_at))
                    .push_bind(refund.state.name().name())
                    .push_bind(outcome.actor.to_string())
                    .push_bind(outcome.note.as_deref())
                    .push_bind(outcome.request.map(|request| request.0));
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Says whether a request made its step of a refund.
pub(crate) async fn is_step_made(tx: &mut Tx, refund: RefundId, request: RequestId) -> Result<bool, StoreError> {
    let row: Option<(i64,)> =
        on!(tx, |conn| sqlx::query_as("SELECT version FROM refund_history WHERE refund_id = $1 AND request_id = $2")
            .bind(refund.0)
            .bind(request.0)
            .fetch_optional(conn)
            .await)?;
    Ok(row.is_some())
}

#[derive(FromRow)]
struct HistoryRow {
    refund_id: Uuid,
    at: At,
    state: String,
    actor: String,
    note: Option<String>,
}

/// Returns a refund's life so far, oldest first.
pub(crate) async fn history(tx: &mut Tx, refund: RefundId) -> Result<Vec<TimelineEntry>, StoreError> {
    Ok(histories(tx, &[refund.0]).await?.remove(&refund).unwrap_or_default())
}

/// Returns the lives of some refunds so far, each oldest first.
pub(crate) async fn histories(tx: &mut Tx, refunds: &[Uuid]) -> Result<BTreeMap<RefundId, Vec<TimelineEntry>>, StoreError> {
    let select = "SELECT refund_id, at, state, actor, note FROM refund_history WHERE refund_id IN (";
    let rows: Vec<HistoryRow> = among!(tx, select, refunds, ") ORDER BY refund_id, version")?;
    let mut histories: BTreeMap<RefundId, Vec<TimelineEntry>> = BTreeMap::new();
    for row in rows {
        let state = needed("refund_history", "state", StateName::from_name(&row.state))?;
        let entry = TimelineEntry { at: row.at.0, state, by: row.actor, note: row.note };
        histories.entry(RefundId(row.refund_id)).or_default().push(entry);
    }
    Ok(histories)
}

//! What became of a merchant's refunds within a period, as sums: what was paid, what came back unclaimed, how soon payers claimed; and
//! whether its endpoints are told.

use std::collections::BTreeMap;

use domain::ids::{MerchantId, MidId};
use domain::ledger::EntryKind;
use domain::money::{Amount, AssetId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::browsing::{Narrows, of_mid};
use super::codec::{At, Units, amount};
use super::{StoreError, Tx, on};
use crate::overview::CLAIMED_WITHIN_SECS;

/// Returns how many refunds of a MID, or of all, were paid for good since an instant, less those that a network undid.
pub(crate) async fn paid_out(tx: &mut Tx, mid: Option<MidId>, from: Timestamp) -> Result<u64, StoreError> {
    let paid = entries(tx, mid, EntryKind::PayoutFinal, from).await?;
    Ok(paid.saturating_sub(entries(tx, mid, EntryKind::PayoutOrphaned, from).await?))
}

async fn entries(tx: &mut Tx, mid: Option<MidId>, kind: EntryKind, from: Timestamp) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT COUNT(*) FROM ledger_entries WHERE ");
        of_kind(&mut sql, mid, kind, from);
        sql.build_query_as().fetch_one(conn).await
    })?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Returns how many refunds of a MID, or of all, nobody claimed in time since an instant, and their sums, by day in UTC and asset (P14).
pub(crate) async fn returned(tx: &mut Tx, mid: Option<MidId>, from: Timestamp) -> Result<Vec<(Date, Amount, u64)>, StoreError> {
    let rows: Vec<(At, String, Units)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT e.at, r.asset, r.amount FROM (SELECT refund_id, at FROM ledger_entries WHERE ");
        of_kind(&mut sql, mid, EntryKind::ClaimExpired, from);
        sql.push(") e JOIN refunds r ON r.id = e.refund_id");
        sql.build_query_as().fetch_all(conn).await
    })?;
    // Sums of what SQLite keeps as texts of digits are ours to make.
    let mut sums: BTreeMap<(Date, AssetId), (u128, u64)> = BTreeMap::new();
    for (at, asset, units) in rows {
        let one = amount(units, &asset)?;
        let (sum, count) = sums.entry((at.0.to_zoned(TimeZone::UTC).date(), one.asset)).or_default();
        (*sum, *count) = (sum.saturating_add(one.units), count.saturating_add(1));
    }
    Ok(sums.into_iter().map(|((day, asset), (units, count))| (day, Amount { units, asset }, count)).collect())
}

fn of_kind<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, kind: EntryKind, from: Timestamp) {
    // Said as the index of what is counted here says it, which is used only then.
    sql.push("kind IN ('payout_final', 'payout_orphaned', 'claim_expired') AND kind = ");
    DB::text(sql, kind.name());
    sql.push(" AND at >= ");
    DB::at(sql, from);
    sql.push(" AND ");
    of_mid(sql, "mid_id", mid);
}

/// How soon payers claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimTimes {
    /// How many took no longer than each of [`CLAIMED_WITHIN_SECS`], and longer than the one before; behind them, how many took longer.
    pub(crate) counts: Vec<u64>,
    /// The median, in seconds; nothing when none was claimed. Of an even number the longer of the two in the middle.
    pub(crate) median_secs: Option<u64>,
}

/// Returns how long payers took from a refund's making to its claim, of the refunds of these MIDs that were made since an instant.
pub(crate) async fn claim_times(tx: &mut Tx, mids: &[Option<MidId>], from: Timestamp) -> Result<ClaimTimes, StoreError> {
    // Instants are columns of different types, and so is their arithmetic.
    let took = match tx {
        Tx::Sqlite(_) => "(confirmed_at - created_at) / 1000000",
        Tx::Postgres(_) => "CAST(FLOOR(EXTRACT(EPOCH FROM confirmed_at - created_at)) AS BIGINT)",
    };
    let steps = CLAIMED_WITHIN_SECS.iter().enumerate();
    let steps = steps.map(|(step, secs)| format!("WHEN {took} <= {secs} THEN {step} ")).collect::<String>();
    let rows: Vec<(i64, i64)> = on!(tx, |conn| {
        let longer = CLAIMED_WITHIN_SECS.len();
        let mut sql = QueryBuilder::new(format!("SELECT CAST(CASE {steps}ELSE {longer} END AS BIGINT), COUNT(*) FROM refunds WHERE "));
        claimed(&mut sql, mids, from);
        sql.push(" GROUP BY 1");
        sql.build_query_as().fetch_all(conn).await
    })?;
    let count_of = |step: usize| {
        let found = rows.iter().find(|(known, _)| usize::try_from(*known) == Ok(step));
        found.and_then(|(_, count)| u64::try_from(*count).ok()).unwrap_or_default()
    };
    let counts: Vec<u64> = (0..=CLAIMED_WITHIN_SECS.len()).map(count_of).collect();
    let all = counts.iter().fold(0_u64, |all, count| all.saturating_add(*count));
    if all == 0 {
        return Ok(ClaimTimes { counts, median_secs: None });
    }
    let middle = all / 2;
    let median: Option<(i64,)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(format!("SELECT {took} FROM refunds WHERE "));
        claimed(&mut sql, mids, from);
        sql.push(format_args!(" ORDER BY 1 LIMIT 1 OFFSET {middle}"));
        sql.build_query_as().fetch_optional(conn).await
    })?;
    Ok(ClaimTimes { counts, median_secs: median.map(|(secs,)| u64::try_from(secs).unwrap_or_default()) })
}

fn claimed<DB: Narrows>(sql: &mut QueryBuilder<DB>, mids: &[Option<MidId>], from: Timestamp) {
    sql.push("confirmed_at IS NOT NULL AND created_at >= ");
    DB::at(sql, from);
    sql.push(" AND ");
    if mids.contains(&None) {
        return of_mid(sql, "mid_id", None);
    }
    // What no row has stands for none of them: an empty list is no SQL.
    sql.push("mid_id IN (");
    DB::id(sql, Uuid::nil());
    for mid in mids.iter().flatten() {
        sql.push(", ");
        DB::id(sql, mid.0);
    }
    sql.push(")");
}

/// How a merchant's endpoints stand, or everybody's. Those of single invoices are not counted: they are many, and end with their invoice.
#[derive(Clone, Copy, Debug, Default, FromRow)]
pub(crate) struct Endpoints {
    /// How many there are.
    pub(crate) all: i64,
    /// How many are switched off.
    pub(crate) disabled: i64,
    /// How many others do not answer, so that their merchant was written to.
    pub(crate) failing: i64,
}

/// Returns how the endpoints stand that are told of a merchant's MIDs, or of one of them; of all merchants' when none is said.
pub(crate) async fn endpoints(tx: &mut Tx, merchant: Option<MerchantId>, only: Option<MidId>) -> Result<Endpoints, StoreError> {
    Ok(on!(tx, |conn| {
        let mut sql = QueryBuilder::new(
            "SELECT COUNT(*) AS \"all\", COUNT(e.disabled_at) AS disabled, \
             COUNT(CASE WHEN e.disabled_at IS NULL THEN e.alerted_at END) AS failing FROM webhook_endpoints e WHERE ",
        );
        listening(&mut sql, merchant, only);
        sql.build_query_as().fetch_one(conn).await
    })?)
}

/// Returns how many webhooks wait for these endpoints, counted up to `most`.
pub(crate) async fn webhooks_waiting(tx: &mut Tx, merchant: Option<MerchantId>, only: Option<MidId>, most: u32) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(
            "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_endpoints e JOIN deliveries d ON d.endpoint_id = e.id AND d.state = 'pending' WHERE ",
        );
        listening(&mut sql, merchant, only);
        sql.push(format_args!(" LIMIT {most}) AS waiting"));
        sql.build_query_as().fetch_one(conn).await
    })?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn listening<DB: Narrows>(sql: &mut QueryBuilder<DB>, merchant: Option<MerchantId>, only: Option<MidId>) {
    // By the index that begins with the merchant.
    sql.push("e.invoice_id IS NULL AND e.removed_at IS NULL AND e.merchant_id ");
    match merchant {
        Some(merchant) => {
            sql.push("= ");
            DB::id(sql, merchant.0);
        }
        None => {
            sql.push("IN (SELECT id FROM merchants)");
        }
    }
    if let Some(only) = only {
        sql.push(" AND (e.mid_id IS NULL OR e.mid_id = ");
        DB::id(sql, only.0);
        sql.push(")");
    }
}

//! What became of a merchant's refunds within a period, as sums: what was paid, what came back unclaimed, how soon payers claimed.

use domain::ids::MidId;
use domain::ledger::EntryKind;
use domain::money::Amount;
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::browsing::{Narrows, of_mid};
use super::codec::{Units, amount};
use super::{StoreError, Tx, on};

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

/// Returns how many refunds of a MID, or of all, nobody claimed in time since an instant, and their sums by asset (P14).
pub(crate) async fn returned(tx: &mut Tx, mid: Option<MidId>, from: Timestamp) -> Result<Vec<(Amount, u64)>, StoreError> {
    let rows: Vec<(String, Units)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT r.asset, r.amount FROM (SELECT refund_id FROM ledger_entries WHERE ");
        of_kind(&mut sql, mid, EntryKind::ClaimExpired, from);
        sql.push(") e JOIN refunds r ON r.id = e.refund_id ORDER BY r.asset");
        sql.build_query_as().fetch_all(conn).await
    })?;
    // Sums of what SQLite keeps as texts of digits are ours to make.
    let mut sums: Vec<(Amount, u64)> = Vec::new();
    for (asset, units) in rows {
        let one = amount(units, &asset)?;
        match sums.last_mut().filter(|(sum, _)| sum.asset == one.asset) {
            Some((sum, count)) => {
                sum.units = sum.units.saturating_add(one.units);
                *count = count.saturating_add(1);
            }
            None => sums.push((one, 1)),
        }
    }
    Ok(sums)
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

/// Returns the median of how long payers took from a refund's making to its claim, in seconds, of the refunds of these MIDs that were made
/// since an instant; nothing when none was claimed. Of an even number the longer of the two in the middle.
pub(crate) async fn claimed_within_secs(tx: &mut Tx, mids: &[Option<MidId>], from: Timestamp) -> Result<Option<u64>, StoreError> {
    // Instants are columns of different types, and so is their arithmetic.
    let took = match tx {
        Tx::Sqlite(_) => "(confirmed_at - created_at) / 1000000",
        Tx::Postgres(_) => "CAST(FLOOR(EXTRACT(EPOCH FROM confirmed_at - created_at)) AS BIGINT)",
    };
    let (count,): (i64,) = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT COUNT(*) FROM refunds WHERE ");
        claimed(&mut sql, mids, from);
        sql.build_query_as().fetch_one(conn).await
    })?;
    let middle = count / 2;
    let median: Option<(i64,)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(format!("SELECT {took} FROM refunds WHERE "));
        claimed(&mut sql, mids, from);
        sql.push(format_args!(" ORDER BY 1 LIMIT 1 OFFSET {middle}"));
        sql.build_query_as().fetch_optional(conn).await
    })?;
    Ok(median.map(|(secs,)| u64::try_from(secs).unwrap_or_default()))
}

fn claimed<DB: Narrows>(sql: &mut QueryBuilder<DB>, mids: &[Option<MidId>], from: Timestamp) {
    sql.push("confirmed_at IS NOT NULL AND created_at >= ");
    DB::at(sql, from);
    sql.push(" AND (1 = 0");
    for mid in mids {
        sql.push(" OR ");
        of_mid(sql, "mid_id", *mid);
    }
    sql.push(")");
}

//! Refunds as lists show them, and how many wait where.

use domain::ids::{MidId, RefundId};
use domain::ledger::Account;
use domain::money::{Amount, AssetId};
use domain::refund::{BlockedBy, Reason, StateName};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{Narrowed, Narrows, Search, Table, Turn, beside, narrowed, nearest, of_mid};
use crate::store::codec::{At, Units, amount, needed};
use crate::store::{StoreError, Tx, on};

/// Which refunds a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) state: Option<StateName>,
    pub(crate) reason: Option<Reason>,
    pub(crate) expires_before: Option<Timestamp>,
    pub(crate) ids: Option<Vec<RefundId>>,
    pub(crate) narrowed: Narrowed,
}

/// A refund as a list shows it.
pub(crate) struct Listed {
    pub(crate) id: Uuid,
    pub(crate) mid: MidId,
    pub(crate) invoice: Uuid,
    pub(crate) invoice_reference: String,
    pub(crate) payer_email: Option<String>,
    pub(crate) reference: String,
    pub(crate) state: StateName,
    pub(crate) blocked_by: Option<BlockedBy>,
    pub(crate) reason: Reason,
    pub(crate) amount: Amount,
    pub(crate) priced: Option<(String, String)>,
    pub(crate) address: Option<String>,
    pub(crate) txid: Option<String>,
    pub(crate) release_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const TABLE: Table = Table { name: "refunds", alias: "r" };

#[derive(FromRow)]
struct Row {
    id: Uuid,
    mid_id: Uuid,
    invoice_id: Uuid,
    invoice_reference: String,
    payer_email: Option<String>,
    reference: String,
    state: String,
    blocked_by: Option<String>,
    reason: String,
    asset: String,
    amount: Units,
    priced: Option<String>,
    priced_currency: Option<String>,
    address: Option<String>,
    txid: Option<String>,
    release_at: Option<At>,
    expires_at: Option<At>,
    created_at: At,
    updated_at: At,
}

impl Row {
    fn into_listed(self) -> Result<Listed, StoreError> {
        let blocked_by = self.blocked_by.as_deref().map(|name| needed("refunds", "blocked_by", BlockedBy::from_name(name))).transpose()?;
        Ok(Listed {
            id: self.id,
            mid: MidId(self.mid_id),
            invoice: self.invoice_id,
            state: needed("refunds", "state", StateName::from_name(&self.state))?,
            reason: needed("refunds", "reason", Reason::ALL.into_iter().find(|reason| reason.name() == self.reason))?,
            amount: amount(self.amount, &self.asset)?,
            priced: self.priced.zip(self.priced_currency),
            invoice_reference: self.invoice_reference,
            payer_email: self.payer_email,
            reference: self.reference,
            blocked_by,
            address: self.address,
            txid: self.txid,
            release_at: self.release_at.map(|at| at.0),
            expires_at: self.expires_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

const SELECT: &str = "SELECT r.id, r.mid_id, r.invoice_id, i.reference AS invoice_reference, i.payer_email, r.reference, r.state, r.blocked_by, \
    r.reason, r.asset, r.amount, r.priced, r.priced_currency, r.address, r.txid, r.release_at, r.expires_at, r.created_at, r.updated_at \
    FROM ";

/// Returns the refunds of a MID, or of all, that lie next to a cursor; the nearest come first.
pub(crate) async fn page(tx: &mut Tx, mid: Option<MidId>, wanted: &Wanted, turn: Turn, limit: u32) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<Row> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(SELECT);
        write(&mut sql, mid, wanted, turn, limit);
        sql.build_query_as().persistent(false).fetch_all(conn).await
    })?;
    rows.into_iter().map(Row::into_listed).collect()
}

fn write<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, wanted: &Wanted, turn: Turn, limit: u32) {
    if let Some(search) = &wanted.narrowed.search {
        // Found first, whatever the planner knows of the tables: what is searched for is rare, and a MID's rows are many.
        sql.push("(");
        found(sql, mid, search);
        sql.push(") AS found CROSS JOIN ");
    }
    sql.push("refunds r JOIN invoices i ON i.id = r.invoice_id WHERE ");
    if wanted.narrowed.search.is_some() {
        sql.push("r.id = found.id AND ");
    }
    beside(sql, TABLE, &wanted.narrowed, turn);
    if mid.is_some() {
        sql.push(" AND ");
        of_mid(sql, "r.mid_id", mid);
    }
    if let Some(state) = wanted.state {
        sql.push(" AND r.state = ");
        DB::text(sql, state.name());
    }
    if let Some(reason) = wanted.reason {
        sql.push(" AND r.reason = ");
        DB::text(sql, reason.name());
    }
    if let Some(before) = wanted.expires_before {
        expiring(sql, "r", before);
    }
    if let Some(ids) = &wanted.ids {
        one_of(sql, "r", ids);
    }
    narrowed(sql, "r", &wanted.narrowed);
    nearest(sql, TABLE, &wanted.narrowed, turn, limit);
}

/// Keeps rows whose link stops working before an instant.
fn expiring<DB: Narrows>(sql: &mut QueryBuilder<DB>, table: &str, before: Timestamp) {
    // Said as the index of what expires says it, which is used only then.
    sql.push(format_args!(" AND {table}.state = 'awaiting_claim' AND {table}.expires_at < "));
    DB::at(sql, before);
}

/// Keeps rows of these ids.
fn one_of<DB: Narrows>(sql: &mut QueryBuilder<DB>, table: &str, ids: &[RefundId]) {
    // What no row has stands for none of them: an empty list is no SQL.
    sql.push(format_args!(" AND {table}.id IN ("));
    DB::id(sql, Uuid::nil());
    for id in ids {
        sql.push(", ");
        DB::id(sql, id.0);
    }
    sql.push(")");
}

/// Writes which refunds a text is of: one question to one index each.
fn found<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, search: &Search) {
    match search {
        Search::Id(id, text) => {
            sql.push("SELECT id FROM refunds WHERE id = ");
            DB::id(sql, *id);
            sql.push(" UNION SELECT id FROM refunds WHERE invoice_id = ");
            DB::id(sql, *id);
            referred_to(sql, mid, text);
        }
        Search::Email(email) => {
            sql.push("SELECT f.id FROM refunds f JOIN invoices fi ON fi.id = f.invoice_id WHERE fi.payer_email IS NOT NULL AND LOWER(fi.payer_email) = ");
            DB::text(sql, email);
            sql.push(" UNION SELECT refund_id FROM claims WHERE email IS NOT NULL AND LOWER(email) = ");
            DB::text(sql, email);
        }
        Search::Text { text, address, amounts } => {
            sql.push("SELECT id FROM refunds WHERE txid = ");
            DB::text(sql, text);
            sql.push(" UNION SELECT id FROM refunds WHERE address = ");
            DB::text(sql, address);
            referred_to(sql, mid, text);
            for (asset, units) in amounts {
                sql.push(" UNION SELECT id FROM refunds WHERE amount = ");
                DB::units(sql, *units);
                sql.push(" AND asset = ");
                DB::text(sql, asset.as_str());
                sql.push(" AND ");
                of_mid(sql, "mid_id", mid);
            }
        }
    }
}

/// Adds the refunds that are called so, or whose orders are.
fn referred_to<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, text: &str) {
    sql.push(" UNION SELECT id FROM refunds WHERE reference = ");
    DB::text(sql, text);
    sql.push(" AND ");
    of_mid(sql, "mid_id", mid);
    sql.push(" UNION SELECT f.id FROM refunds f JOIN invoices fi ON fi.id = f.invoice_id WHERE fi.reference = ");
    DB::text(sql, text);
    sql.push(" AND ");
    of_mid(sql, "fi.mid_id", mid);
}

/// Returns how many refunds of a MID, or of all, are in a state, counted up to `most`: a queue that is longer is only known to be long.
pub(crate) async fn count(tx: &mut Tx, mid: Option<MidId>, state: StateName, most: u32) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM refunds WHERE state = ");
        sql.push_bind(state.name()).push(" AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.push(format_args!(" LIMIT {most}) AS counted"));
        sql.build_query_as().persistent(false).fetch_one(conn).await
    })?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// A refund that waits for somebody: what is owed, and since when it is, or until when it can be claimed.
pub(crate) type Waiting = (Amount, Timestamp);

/// Returns the refunds of a MID, or of all, in a state, oldest first, with when they were made; up to `most`.
pub(crate) async fn waiting(tx: &mut Tx, mid: Option<MidId>, state: StateName, most: u32) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<(String, Units, At)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT asset, amount, created_at FROM refunds WHERE state = ");
        sql.push_bind(state.name()).push(" AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.push(format_args!(" ORDER BY id LIMIT {most}"));
        sql.build_query_as().persistent(false).fetch_all(conn).await
    })?;
    rows.into_iter().map(|(asset, units, at)| Ok((amount(units, &asset)?, at.0))).collect()
}

/// Returns the refunds of a MID, or of all, that wait for a claim until before an instant and no longer, the first to end first, with when
/// they do; up to `most`.
pub(crate) async fn ending(tx: &mut Tx, mid: Option<MidId>, before: Timestamp, most: u32) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<(String, Units, At)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT r.asset, r.amount, r.expires_at FROM refunds r WHERE ");
        of_mid(&mut sql, "r.mid_id", mid);
        expiring(&mut sql, "r", before);
        sql.push(format_args!(" ORDER BY r.expires_at LIMIT {most}"));
        sql.build_query_as().persistent(false).fetch_all(conn).await
    })?;
    rows.into_iter().map(|(asset, units, at)| Ok((amount(units, &asset)?, at.0))).collect()
}

/// Returns how many refunds of a MID, or of all, in an asset are neither paid nor ended, counted up to `most`.
pub(crate) async fn count_open(tx: &mut Tx, mid: Option<MidId>, asset: AssetId, most: u32) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| {
        // Said as the index of what is open says it, which is used only then.
        let mut sql = QueryBuilder::new(
            "SELECT COUNT(*) FROM (SELECT 1 FROM refunds WHERE \
             state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'sending', 'payout_failed') AND asset = ",
        );
        sql.push_bind(asset.as_str().to_owned()).push(" AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.push(format_args!(" LIMIT {most}) AS counted"));
        sql.build_query_as().persistent(false).fetch_one(conn).await
    })?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Returns when the next scheduled refund of a MID, or of all, is due.
pub(crate) async fn next_release(tx: &mut Tx, mid: Option<MidId>) -> Result<Option<Timestamp>, StoreError> {
    let (next,): (Option<At>,) = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT MIN(release_at) FROM refunds WHERE state = 'scheduled' AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.build_query_as().persistent(false).fetch_one(conn).await
    })?;
    Ok(next.map(|at| at.0))
}

/// Returns what a MID, or all, owes payers or has on its way to them.
pub(crate) async fn owed(tx: &mut Tx, mid: Option<MidId>) -> Result<Vec<Amount>, StoreError> {
    let rows: Vec<(String, Units, Units)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT asset, debits, credits FROM balances WHERE account IN (");
        sql.push_bind(Account::RefundPayable.name()).push(", ").push_bind(Account::PayoutInFlight.name()).push(") AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.build_query_as().fetch_all(conn).await
    })?;
    // Both are liabilities: what they hold is credited.
    rows.into_iter().map(|(asset, debits, credits)| amount(Units(credits.0.saturating_sub(debits.0)), &asset)).collect()
}

/// Returns the same of each MID that has any.
pub(crate) async fn owed_by_mid(tx: &mut Tx) -> Result<Vec<(MidId, Amount)>, StoreError> {
    let rows: Vec<(Uuid, String, Units, Units)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("SELECT mid_id, asset, debits, credits FROM balances WHERE account IN (");
        sql.push_bind(Account::RefundPayable.name()).push(", ").push_bind(Account::PayoutInFlight.name()).push(") AND ");
        of_mid(&mut sql, "mid_id", None);
        sql.build_query_as().fetch_all(conn).await
    })?;
    let owed = |(mid, asset, debits, credits): (Uuid, String, Units, Units)| {
        Ok((MidId(mid), amount(Units(credits.0.saturating_sub(debits.0)), &asset)?))
    };
    rows.into_iter().map(owed).collect()
}

/// Returns how many refunds of each MID that has any are neither paid nor ended.
pub(crate) async fn open_by_mid(tx: &mut Tx) -> Result<Vec<(MidId, u64)>, StoreError> {
    // Said as the index of what is open says it, which is used only then.
    let sql = "SELECT mid_id, COUNT(*) FROM refunds WHERE \
               state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'sending', 'payout_failed') GROUP BY mid_id";
    let rows: Vec<(Uuid, i64)> = on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|(mid, count)| (MidId(mid), u64::try_from(count).unwrap_or_default())).collect())
}

/// Returns how many refunds of a MID, or of all, were made since an instant, by day in UTC and reason.
pub(crate) async fn created_per_day(tx: &mut Tx, mid: Option<MidId>, from: Timestamp) -> Result<Vec<(Date, String, u64)>, StoreError> {
    // Instants are columns of different types, and so is their arithmetic.
    let day = match tx {
        Tx::Sqlite(_) => "created_at / 86400000000",
        Tx::Postgres(_) => "CAST(FLOOR(EXTRACT(EPOCH FROM created_at) / 86400) AS BIGINT)",
    };
    let rows: Vec<(i64, String, i64)> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(format!("SELECT {day} AS day, reason, COUNT(*) FROM refunds WHERE created_at >= "));
        sql.push_bind(At(from)).push(" AND ");
        of_mid(&mut sql, "mid_id", mid);
        sql.push(" GROUP BY 1, 2");
        sql.build_query_as().fetch_all(conn).await
    })?;
    let rows = rows.into_iter().map(|(day, reason, count)| {
        let midnight = day.checked_mul(86_400).and_then(|second| Timestamp::from_second(second).ok());
        let date = needed("refunds", "created_at", midnight)?.to_zoned(TimeZone::UTC).date();
        Ok((date, reason, u64::try_from(count).unwrap_or_default()))
    });
    rows.collect()
}

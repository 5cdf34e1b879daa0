//! Rows of statements: the postings of one MID, summed up and one by one.

use domain::ids::MidId;
use domain::money::AssetId;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, Units, needed};
use super::{StoreError, Tx, on};

/// What moved from one account to another in a part of time.
pub(crate) struct Sum {
    pub(crate) part: Part,
    pub(crate) debit_account: String,
    pub(crate) credit_account: String,
    pub(crate) asset: String,
    pub(crate) units: u128,
}

/// Where a posting lies, seen from a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Before,
    Within,
    After,
}

impl Part {
    fn from_row(part: i64) -> Result<Self, StoreError> {
        let found = [(0, Self::Before), (1, Self::Within), (2, Self::After)].into_iter().find(|(number, _)| *number == part);
        needed("ledger_postings", "part", found.map(|(_, part)| part))
    }
}

/// A sum in four groups of digits, the highest first.
type SumInGroups = (i64, String, String, String, i64, i64, i64, i64);

/// Adds up all postings of a MID: before the period, within and after it.
pub(crate) async fn sums(tx: &mut Tx, mid: MidId, from: Timestamp, until: Timestamp) -> Result<Vec<Sum>, StoreError> {
    let sql = |sum: &str| {
        sqlx::AssertSqlSafe(format!(
            "SELECT CAST(CASE WHEN e.at < $2 THEN 0 WHEN e.at < $3 THEN 1 ELSE 2 END AS BIGINT) AS part, p.debit_account, p.credit_account, \
             p.asset, {sum} FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id WHERE e.mid_id = $1 \
             GROUP BY 1, p.debit_account, p.credit_account, p.asset"
        ))
    };
    // SQLite's integers end at 63 bits, so it adds up the 39 digits in four groups, each with room for 900 million postings.
    match tx {
        Tx::Postgres(connection) => {
            let query = sqlx::query_as(sql("SUM(p.amount)")).bind(mid.0).bind(At(from)).bind(At(until));
            let rows: Vec<(i64, String, String, String, Units)> = query.fetch_all(&mut **connection).await?;
            let rows = rows.into_iter().map(|(part, debit_account, credit_account, asset, Units(units))| {
                Ok(Sum { part: Part::from_row(part)?, debit_account, credit_account, asset, units })
            });
            rows.collect()
        }
        Tx::Sqlite(connection) => {
            let groups = [(1, 9), (10, 10), (20, 10), (30, 10)];
            let sum = groups.map(|(first, length)| format!("SUM(CAST(substr(p.amount, {first}, {length}) AS INTEGER))")).join(", ");
            let query = sqlx::query_as(sql(&sum)).bind(mid.0).bind(At(from)).bind(At(until));
            let rows: Vec<SumInGroups> = query.fetch_all(&mut **connection).await?;
            let rows = rows.into_iter().map(|(part, debit_account, credit_account, asset, a, b, c, d)| {
                let units = needed("ledger_postings", "sum", joined([a, b, c, d]))?;
                Ok(Sum { part: Part::from_row(part)?, debit_account, credit_account, asset, units })
            });
            rows.collect()
        }
    }
}

/// Puts sums of groups of ten digits together, the highest first. A sum may be longer than its group.
fn joined(groups: [i64; 4]) -> Option<u128> {
    groups.into_iter().try_fold(0_u128, |sum, group| sum.checked_mul(10_000_000_000)?.checked_add(u128::try_from(group).ok()?))
}

/// Returns the number of the newest entry of a MID, 0 when there is none.
pub(crate) async fn last_entry(tx: &mut Tx, mid: MidId) -> Result<i64, StoreError> {
    let (last,): (i64,) = on!(tx, |conn| sqlx::query_as("SELECT COALESCE(MAX(id), 0) FROM ledger_entries WHERE mid_id = $1")
        .bind(mid.0)
        .fetch_one(conn)
        .await)?;
    Ok(last)
}

/// Which movements are wanted: those of one account in one period, after the ones read before.
pub(crate) struct MovementsOf<'a> {
    pub(crate) mid: MidId,
    pub(crate) account: &'a str,
    pub(crate) asset: AssetId,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) last_entry: i64,
    pub(crate) after: (i64, i64),
}

/// One posting with what it is about.
#[derive(FromRow)]
pub(crate) struct MovementRow {
    pub(crate) id: i64,
    pub(crate) position: i64,
    pub(crate) kind: String,
    pub(crate) at: At,
    pub(crate) invoice_id: Option<Uuid>,
    pub(crate) invoice_reference: Option<String>,
    pub(crate) refund_id: Option<Uuid>,
    pub(crate) refund_reference: Option<String>,
    pub(crate) debit_account: String,
    pub(crate) credit_account: String,
    pub(crate) amount: Units,
}

/// Returns the next movements of an account, oldest first.
pub(crate) async fn movements(tx: &mut Tx, of: &MovementsOf<'_>, limit: u32) -> Result<Vec<MovementRow>, StoreError> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
        "SELECT e.id, p.position, e.kind, e.at, e.invoice_id, i.reference AS invoice_reference, e.refund_id, r.reference AS refund_reference, \
         p.debit_account, p.credit_account, p.amount FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id \
         LEFT JOIN invoices i ON i.id = e.invoice_id LEFT JOIN refunds r ON r.id = e.refund_id \
         WHERE e.mid_id = $1 AND (p.debit_account = $2 OR p.credit_account = $2) AND p.asset = $3 AND e.at >= $4 AND e.at < $5 \
         AND e.id >= $6 AND e.id <= $7 AND (e.id > $6 OR p.position > $8) ORDER BY e.id, p.position LIMIT $9"
    )
    .bind(of.mid.0)
    .bind(of.account)
    .bind(of.asset.as_str())
    .bind(At(of.from))
    .bind(At(of.until))
    .bind(of.after.0)
    .bind(of.last_entry)
    .bind(of.after.1)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await
    })?)
}

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;

    #[test]
    fn groups_of_digits_carry_over() {
        assert_eq!(joined([0, 0, 0, 7]), Some(7));
        assert_eq!(joined([0, 0, 1, 25_000_000_003]), Some(35_000_000_003));
        assert_eq!(joined([99_999_999, 9_999_999_999, 9_999_999_999, 9_999_999_999]), Some(Amount::UNITS_MAX));
        assert_eq!(joined([999_999_999, 0, 0, 0]), None, "more than 128 bits");
        assert_eq!(joined([0, 0, 0, -1]), None);
    }
}

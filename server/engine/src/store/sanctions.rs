//! Rows of sanctions lists.

use domain::money::Network;
use jiff::Timestamp;
use sqlx::FromRow;

use super::codec::At;
use super::{StoreError, Tx, on};

/// An account on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedAccount {
    /// Where; `None` for every EVM chain.
    pub(crate) network: Option<Network>,
    /// The account's address, in the form accounts are compared in.
    pub(crate) address: String,
}

/// A list, as it stands.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ListRow {
    pub(crate) list: String,
    pub(crate) accounts: i64,
    pub(crate) imported_at: At,
}

/// How many rows one statement inserts: both databases take many more values than four times as many.
const ROWS_PER_INSERT: usize = 200;

/// Replaces a list; returns how many accounts were on it before.
pub(crate) async fn replace(tx: &mut Tx, list: &str, accounts: &[ListedAccount], now: Timestamp) -> Result<u64, StoreError> {
    let before = remove(tx, list).await?;
    for accounts in accounts.chunks(ROWS_PER_INSERT) {
        let rows = (0..accounts.len()).map(|row| {
            let first = row.saturating_mul(2).saturating_add(3);
            format!("($1, ${first}, ${}, $2)", first.saturating_add(1))
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        let sql = sqlx::AssertSqlSafe(format!("INSERT INTO sanctioned_accounts (list, network, address, imported_at) VALUES {rows}"));
        on!(tx, |conn| {
            let mut query = sqlx::query(sql).bind(list).bind(At(now));
            for account in accounts {
                query = query.bind(account.network.map(Network::name)).bind(&account.address);
            }
            query.execute(conn).await.map(drop)
        })?;
    }
    Ok(before)
}

/// Removes a list; returns how many accounts were on it.
pub(crate) async fn remove(tx: &mut Tx, list: &str) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| sqlx::query("DELETE FROM sanctioned_accounts WHERE list = $1")
        .bind(list)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Returns the names of the lists that an account is on, in order.
pub(crate) async fn lists_naming(tx: &mut Tx, account: &ListedAccount) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT DISTINCT list FROM sanctioned_accounts WHERE address = $1 AND COALESCE(network, '') = $2 ORDER BY list"
    )
    .bind(&account.address)
    .bind(account.network.map(Network::name).unwrap_or_default())
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(|(list,)| list).collect())
}

/// Returns all lists, in order.
pub(crate) async fn lists(tx: &mut Tx) -> Result<Vec<ListRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT list, COUNT(*) AS accounts, MAX(imported_at) AS imported_at FROM sanctioned_accounts GROUP BY list ORDER BY list"
    )
    .fetch_all(conn)
    .await)?)
}

//! Rows of rails: how far a chain was read, how many addresses were handed out, and the sandbox's own chains.

use domain::money::{AssetId, Network};
use jiff::Timestamp;
use sqlx::FromRow;

use super::codec::{At, Units};
use super::{StoreError, Tx, on};

/// Hands out the next deposit address number of a network. A number is never given twice; one whose invoice was not made is lost.
pub(crate) async fn next_address(tx: &mut Tx, network: Network) -> Result<i64, StoreError> {
    let (next,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO rails (network, next_address) VALUES ($1, 1) \
         ON CONFLICT (network) DO UPDATE SET next_address = rails.next_address + 1 RETURNING next_address"
    )
    .bind(network.name())
    .fetch_one(conn)
    .await)?;
    Ok(next.saturating_sub(1))
}

/// Returns how far a chain was read.
pub(crate) async fn cursor(tx: &mut Tx, network: Network) -> Result<Option<u64>, StoreError> {
    let row: Option<(Option<i64>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT cursor FROM rails WHERE network = $1").bind(network.name()).fetch_optional(conn).await)?;
    Ok(row.and_then(|(cursor,)| cursor).and_then(|cursor| u64::try_from(cursor).ok()))
}

pub(crate) async fn set_cursor(tx: &mut Tx, network: Network, cursor: u64) -> Result<(), StoreError> {
    let cursor = i64::try_from(cursor).map_err(|_| StoreError::Inconsistent { table: "rails", id: "cursor".to_owned() })?;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO rails (network, cursor, next_address) VALUES ($1, $2, 0) ON CONFLICT (network) DO UPDATE SET cursor = excluded.cursor"
    )
    .bind(network.name())
    .bind(cursor)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// A transaction on a sandbox chain.
#[derive(Clone, FromRow)]
pub(crate) struct SandboxTransaction {
    pub(crate) txid: String,
    pub(crate) position: i64,
    pub(crate) asset: String,
    pub(crate) amount: Units,
    pub(crate) address: String,
    pub(crate) tag: Option<String>,
    pub(crate) mined_at: At,
    pub(crate) is_final: bool,
    pub(crate) succeeded: bool,
    pub(crate) is_gone: bool,
}

/// A transaction to put on a sandbox chain.
#[derive(Clone)]
pub(crate) struct NewSandboxTransaction {
    pub(crate) network: Network,
    pub(crate) txid: String,
    pub(crate) kind: &'static str,
    pub(crate) asset: AssetId,
    pub(crate) units: u128,
    pub(crate) address: String,
    pub(crate) tag: Option<String>,
    pub(crate) mined_at: Timestamp,
    pub(crate) is_final: bool,
    pub(crate) succeeded: bool,
}

/// Mines a transaction; one that is there already stays as it is, one whose block went away is mined again.
pub(crate) async fn mine(tx: &mut Tx, new: &NewSandboxTransaction) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO sandbox_transactions (network, txid, position, kind, asset, amount, address, tag, mined_at, is_final, succeeded, is_gone) \
         VALUES ($1, $2, (SELECT COALESCE(MAX(position), 0) + 1 FROM sandbox_transactions WHERE network = $1), $3, $4, $5, $6, $7, $8, $9, $10, \
         $11) ON CONFLICT (network, txid) DO UPDATE SET is_gone = excluded.is_gone, mined_at = excluded.mined_at \
         WHERE sandbox_transactions.is_gone"
    )
    .bind(new.network.name())
    .bind(&new.txid)
    .bind(new.kind)
    .bind(new.asset.as_str())
    .bind(Units(new.units))
    .bind(&new.address)
    .bind(new.tag.as_deref())
    .bind(At(new.mined_at))
    .bind(new.is_final)
    .bind(new.succeeded)
    .bind(false)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

const COLUMNS: &str = "txid, position, asset, amount, address, tag, mined_at, is_final, succeeded, is_gone";

pub(crate) async fn mined(tx: &mut Tx, network: Network, txid: &str) -> Result<Option<SandboxTransaction>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sandbox_transactions WHERE network = $1 AND txid = $2"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(txid).fetch_optional(conn).await)?)
}

/// Takes the blocks since an instant away, with everything in them.
pub(crate) async fn reorganise(tx: &mut Tx, network: Network, since: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| sqlx::query("UPDATE sandbox_transactions SET is_gone = $1, is_final = $2 WHERE network = $3 AND mined_at > $4")
        .bind(true)
        .bind(false)
        .bind(network.name())
        .bind(At(since))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Returns the deposits mined after a position, oldest first.
pub(crate) async fn deposits_after(tx: &mut Tx, network: Network, position: u64) -> Result<Vec<SandboxTransaction>, StoreError> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM sandbox_transactions WHERE network = $1 AND kind = 'deposit' AND NOT is_gone AND position > $2 ORDER BY position"
    ));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(position).fetch_all(conn).await)?)
}

/// Returns the transactions of one kind in an asset on a sandbox chain.
pub(crate) async fn mined_of(tx: &mut Tx, network: Network, kind: &str, asset: AssetId) -> Result<Vec<SandboxTransaction>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sandbox_transactions WHERE network = $1 AND kind = $2 AND asset = $3"));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(kind).bind(asset.as_str()).fetch_all(conn).await)?)
}

/// Returns how many payouts a sandbox chain has mined: its first unused slot.
pub(crate) async fn payouts_mined(tx: &mut Tx, network: Network) -> Result<u64, StoreError> {
    let (count,): (i64,) =
        on!(tx, |conn| sqlx::query_as("SELECT COUNT(*) FROM sandbox_transactions WHERE network = $1 AND kind = 'payout'")
            .bind(network.name())
            .fetch_one(conn)
            .await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

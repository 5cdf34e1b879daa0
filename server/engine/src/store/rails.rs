//! Rows of rails: how far a chain was read, how many addresses were handed out, and the sandbox's own chains.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use domain::money::{AssetId, Network};
use jiff::Timestamp;
use sqlx::FromRow;

use super::codec::{At, Units};
use super::{StoreError, Tx, among, on};

/// Hands out the next deposit address number of a network, and says whether its chain is read. A number is never given twice; one whose invoice
/// was not made is lost.
pub(crate) async fn next_address(tx: &mut Tx, network: Network) -> Result<(i64, bool), StoreError> {
    let (next, cursor): (i64, Option<i64>) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO rails (network, next_address) VALUES ($1, 1) \
         ON CONFLICT (network) DO UPDATE SET next_address = rails.next_address + 1 RETURNING next_address, cursor"
    )
    .bind(network.name())
    .fetch_one(conn)
    .await)?;
    Ok((next.saturating_sub(1), cursor.is_some()))
}

/// Numbers new invoices of a network. The row stays locked until the commit, so numbers become visible in their order: a reader that asks
/// for what came after the last number it saw misses none.
pub(crate) async fn number_invoices(tx: &mut Tx, network: Network, count: u32) -> Result<RangeInclusive<i64>, StoreError> {
    let (last,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO rails (network, next_address, invoices) VALUES ($1, 0, $2) \
         ON CONFLICT (network) DO UPDATE SET invoices = rails.invoices + excluded.invoices RETURNING invoices"
    )
    .bind(network.name())
    .bind(i64::from(count))
    .fetch_one(conn)
    .await)?;
    Ok(last.saturating_sub(i64::from(count)).saturating_add(1)..=last)
}

/// Returns how many times a slot of a network was given to a payout.
pub(crate) async fn turns(tx: &mut Tx, network: Network) -> Result<i64, StoreError> {
    let row: Option<(i64,)> =
        on!(tx, |conn| sqlx::query_as("SELECT turns FROM rails WHERE network = $1").bind(network.name()).fetch_optional(conn).await)?;
    Ok(row.map_or(0, |(turns,)| turns))
}

/// Counts one more and returns the count. The row stays locked until the commit: slots are given one after the other.
pub(crate) async fn next_turn(tx: &mut Tx, network: Network) -> Result<i64, StoreError> {
    let (turns,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO rails (network, next_address, turns) VALUES ($1, 0, 1) \
         ON CONFLICT (network) DO UPDATE SET turns = rails.turns + 1 RETURNING turns"
    )
    .bind(network.name())
    .fetch_one(conn)
    .await)?;
    Ok(turns)
}

/// How far a chain was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) position: u64,
    /// Which block is there, where the rail tells.
    pub(crate) block: Option<String>,
}

/// Returns how far a chain was read.
pub(crate) async fn cursor(tx: &mut Tx, network: Network) -> Result<Option<Cursor>, StoreError> {
    let row: Option<(Option<i64>, Option<String>)> = on!(tx, |conn| sqlx::query_as("SELECT cursor, block FROM rails WHERE network = $1")
        .bind(network.name())
        .fetch_optional(conn)
        .await)?;
    let read = row.and_then(|(position, block)| Some((u64::try_from(position?).ok()?, block)));
    Ok(read.map(|(position, block)| Cursor { position, block }))
}

/// Moves the cursor from where it was read, and says whether it was still there. A process that was slow, or paused for a minute, moves
/// nothing: what others have read meanwhile stays read.
pub(crate) async fn move_cursor(tx: &mut Tx, network: Network, from: Option<&Cursor>, to: &Cursor) -> Result<bool, StoreError> {
    let number = |position: u64| i64::try_from(position).map_err(|_| StoreError::Inconsistent { table: "rails", id: "cursor".to_owned() });
    let (from, position) = (from.map(|from| number(from.position)).transpose()?, number(to.position)?);
    let rows = on!(tx, |conn| sqlx::query(
        "INSERT INTO rails (network, cursor, block, next_address) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (network) DO UPDATE SET cursor = excluded.cursor, block = excluded.block \
         WHERE rails.cursor IS NOT DISTINCT FROM $4"
    )
    .bind(network.name())
    .bind(position)
    .bind(to.block.as_deref())
    .bind(from)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
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
    pub(crate) source: Option<String>,
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
    /// Which of the transaction's transfers, counted from 0.
    pub(crate) output: i64,
    /// The slot a payout uses up.
    pub(crate) slot: Option<i64>,
    pub(crate) kind: &'static str,
    pub(crate) asset: AssetId,
    pub(crate) units: u128,
    pub(crate) address: String,
    pub(crate) tag: Option<String>,
    /// The account it came from; our own for a payout.
    pub(crate) source: Option<String>,
    pub(crate) mined_at: Timestamp,
    pub(crate) is_final: bool,
    pub(crate) succeeded: bool,
}

/// Mines a transaction; one that is there already stays as it is, one whose block went away is mined again.
/// One process after the other: positions have no gap that is filled later, so nobody who reads on from a position misses one.
pub(crate) async fn mine(tx: &mut Tx, new: &NewSandboxTransaction) -> Result<(), StoreError> {
    if let Tx::Postgres(connection) = tx {
        let lock = sqlx::query("SELECT network FROM rails WHERE network = $1 FOR UPDATE").bind(new.network.name());
        lock.execute(&mut **connection).await?;
    }
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO sandbox_transactions (network, txid, output, slot, position, kind, asset, amount, address, tag, source, mined_at, is_final, succeeded, is_gone) \
         VALUES ($1, $2, $13, $14, (SELECT COALESCE(MAX(position), 0) + 1 FROM sandbox_transactions WHERE network = $1), $3, $4, $5, $6, $7, $8, $9, $10, \
         $11, $12) ON CONFLICT (network, txid, output) DO UPDATE SET is_gone = excluded.is_gone, mined_at = excluded.mined_at \
         WHERE sandbox_transactions.is_gone"
    )
    .bind(new.network.name())
    .bind(&new.txid)
    .bind(new.kind)
    .bind(new.asset.as_str())
    .bind(Units(new.units))
    .bind(&new.address)
    .bind(new.tag.as_deref())
    .bind(new.source.as_deref())
    .bind(At(new.mined_at))
    .bind(new.is_final)
    .bind(new.succeeded)
    .bind(false)
    .bind(new.output)
    .bind(new.slot)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

const COLUMNS: &str = "txid, position, asset, amount, address, tag, source, mined_at, is_final, succeeded, is_gone";

/// Returns the first transfer of each of some transactions, where they were mined.
pub(crate) async fn mined(tx: &mut Tx, wanted: &[(Network, String)]) -> Result<HashMap<(Network, String), SandboxTransaction>, StoreError> {
    let mut txids: BTreeMap<Network, Vec<String>> = BTreeMap::new();
    for (network, txid) in wanted {
        txids.entry(*network).or_default().push(txid.clone());
    }
    let mut mined = HashMap::new();
    for (network, txids) in txids {
        mined.extend(mined_on(tx, network, &txids).await?.into_iter().map(|found| ((network, found.txid.clone()), found)));
    }
    Ok(mined)
}

async fn mined_on(tx: &mut Tx, network: Network, txids: &[String]) -> Result<Vec<SandboxTransaction>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM sandbox_transactions WHERE network = '{}' AND output = 0 AND txid IN (", network.name());
    Ok(among!(tx, select, txids, ")")?)
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

/// Takes the deposits that went away into blocks again, as old as they were.
pub(crate) async fn mine_again(tx: &mut Tx, network: Network) -> Result<u64, StoreError> {
    Ok(on!(tx, |conn| sqlx::query("UPDATE sandbox_transactions SET is_gone = $1 WHERE network = $2 AND kind = 'deposit' AND is_gone")
        .bind(false)
        .bind(network.name())
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
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM sandbox_transactions WHERE network = $1 AND kind = $2 AND asset = $3 AND NOT is_gone"
    ));
    Ok(on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(kind).bind(asset.as_str()).fetch_all(conn).await)?)
}

/// Says whether a block of a sandbox chain holds another transaction for a slot.
pub(crate) async fn is_slot_used(tx: &mut Tx, network: Network, slot: i64, txid: &str) -> Result<bool, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT COUNT(*) FROM sandbox_transactions WHERE network = $1 AND slot = $2 AND output = 0 AND txid <> $3 AND NOT is_gone",
        )
        .bind(network.name())
        .bind(slot)
        .bind(txid)
        .fetch_one(conn)
        .await
    })?;
    Ok(count > 0)
}

/// Returns the first slot of a sandbox chain after all that its blocks have used up. Slots may stay empty: here no transaction waits for another.
pub(crate) async fn first_unused_slot(tx: &mut Tx, network: Network) -> Result<u64, StoreError> {
    // The index has the same conditions.
    let (last,): (Option<i64>,) = on!(tx, |conn| {
        sqlx::query_as("SELECT MAX(slot) FROM sandbox_transactions WHERE network = $1 AND slot IS NOT NULL AND output = 0 AND NOT is_gone")
            .bind(network.name())
            .fetch_one(conn)
            .await
    })?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).map_or(0, |last| last.saturating_add(1)))
}

//! Deposits: transfers to watched addresses, found block by block, and where they stand afterwards.
//!
//! A block's hash stands for every block before it. So one hash, of the last block looked at, tells whether the chain has changed behind
//! the cursor; if it has, or after a restart, the blocks that are not final yet are looked at again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;

use alloy_primitives::{Address, B256};
use domain::money::AssetId;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::EvmRail;
use super::arrivals::{Transfer, countable};
use super::node::{BlockName, FullBlock, Header, Log, Node, NodeError, Receipt};
use super::payouts::{TRANSFER_EVENT, depth};
use crate::rails::{DepositStatus, RailError, Scan, SeenDeposit, Watched};

/// How many blocks one look covers when only tokens are watched: one question for all of them.
const BLOCKS_OF_LOGS: u64 = 500;
/// How many it covers when the coin is watched: each block is read whole.
const BLOCKS_READ_WHOLE: u64 = 25;
/// How many addresses one question names; nodes refuse longer ones.
const ADDRESSES_MAX: usize = 500;

/// What is watched, by contract (`None` for the coin) and address.
type Watch<'a> = HashMap<(Option<Address>, Address), &'a Watched>;

/// One look's view of the chain.
struct Look<'a> {
    node: &'a Node,
    watch: Watch<'a>,
    first: u64,
    last: u64,
    head: u64,
}

impl EvmRail {
    pub(super) async fn scan(&self, cursor: Option<u64>, addresses: &[Watched]) -> Result<Scan, RailError> {
        let node = self.node().await?;
        let unreachable = |error: NodeError| error.on(self.network);
        let head = node.head().await.map_err(unreachable)?;
        let Some(cursor) = cursor else {
            self.remember(&head);
            return Ok(Scan { deposits: Vec::new(), cursor: head.number, is_at_head: true });
        };
        let seen = self.last_block_still_there(node, cursor, &head).await?;
        if head.number <= seen {
            // A head below what was seen before is that of a node that is behind.
            return Ok(Scan { deposits: Vec::new(), cursor: seen, is_at_head: seen == head.number });
        }
        let mut watch = Watch::new();
        for watched in addresses {
            watch.insert((self.contract(watched.asset.id)?, self.address(&watched.destination)?), watched);
        }
        let is_coin_watched = watch.keys().any(|(contract, _)| contract.is_none());
        let blocks_max = if is_coin_watched { BLOCKS_READ_WHOLE } else { BLOCKS_OF_LOGS };
        let last = head.number.min(seen.saturating_add(blocks_max));
        // Its hash is taken before its transfers: should it be replaced in between, the next look finds another hash and looks again.
        let top =
            node.header(BlockName::Number(last)).await.map_err(unreachable)?.ok_or_else(|| self.unreachable("the chain got shorter"))?;
        let look = Look { node, watch, first: seen.saturating_add(1), last, head: head.number };
        let mut found = self.token_deposits(&look).await?;
        if is_coin_watched {
            found.extend(self.coin_deposits(&look).await?);
        }
        found.sort_by_key(|(block, _)| *block);
        self.remember(&top);
        Ok(Scan { deposits: found.into_iter().map(|(_, deposit)| deposit).collect(), cursor: last, is_at_head: last == head.number })
    }

    fn remember(&self, block: &Header) {
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some((block.number, block.hash));
    }

    /// Returns the last block that need not be looked at again.
    async fn last_block_still_there(&self, node: &Node, cursor: u64, head: &Header) -> Result<u64, RailError> {
        let checkpoint = *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, hash)) = checkpoint
            && number == cursor
        {
            let block = node.header(BlockName::Number(cursor)).await.map_err(|error| error.on(self.network))?;
            if block.is_some_and(|block| block.hash == hash) {
                return Ok(cursor);
            }
        }
        Ok(cursor.min(head.number).saturating_sub(self.finality))
    }

    async fn token_deposits(&self, look: &Look<'_>) -> Result<Vec<(u64, SeenDeposit)>, RailError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let tokens: Vec<(Address, Address)> = look.watch.keys().filter_map(|(contract, to)| Some(((*contract)?, *to))).collect();
        // By block and place in it: two questions may bring the same event.
        let mut blocks: BTreeMap<u64, BTreeMap<u64, Log>> = BTreeMap::new();
        for some in tokens.chunks(ADDRESSES_MAX) {
            let contracts: BTreeSet<Address> = some.iter().map(|(contract, _)| *contract).collect();
            let receivers: Vec<B256> = some.iter().map(|(_, to)| to.into_word()).collect();
            let filter = json!({
                "fromBlock": BlockName::Number(look.first),
                "toBlock": BlockName::Number(look.last),
                "address": contracts,
                "topics": [TRANSFER_EVENT, null, receivers],
            });
            let logs: Vec<Log> = look.node.call("eth_getLogs", json!([filter])).await.map_err(unreachable)?;
            for log in logs {
                let is_ours = Transfer::read(&log).is_some_and(|transfer| look.watch.contains_key(&(Some(log.address), transfer.to)));
                if is_ours && (look.first..=look.last).contains(&log.block_number) {
                    blocks.entry(log.block_number).or_default().insert(log.log_index, log);
                }
            }
        }
        let mut found = Vec::new();
        for (number, logs) in blocks {
            let header = look.node.header(BlockName::Number(number)).await.map_err(unreachable)?;
            let header = header.ok_or_else(|| self.unreachable("the chain got shorter"))?;
            if logs.values().any(|log| log.block_hash != header.hash) {
                return Err(self.unreachable("the chain changed while it was read"));
            }
            let (block_time, confirmations) = (self.time(&header)?, depth(number, look.head));
            let mut transfers: Vec<Transfer> = logs.values().filter_map(Transfer::read).collect();
            self.measure(look.node, &header, &mut transfers).await?;
            for (place, transfer) in logs.keys().zip(transfers).filter(|(_, transfer)| transfer.units > 0) {
                let Some(watched) = look.watch.get(&(Some(transfer.contract), transfer.to)) else { continue };
                let txid = transfer.txid.to_string();
                let external_id = format!("{txid}:{place}");
                found.push((number, seen(watched, external_id, txid, transfer.from, transfer.units, block_time, confirmations)));
            }
        }
        Ok(found)
    }

    async fn coin_deposits(&self, look: &Look<'_>) -> Result<Vec<(u64, SeenDeposit)>, RailError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let mut found = Vec::new();
        for number in look.first..=look.last {
            let block: Option<FullBlock> =
                look.node.call("eth_getBlockByNumber", json!([BlockName::Number(number), true])).await.map_err(unreachable)?;
            let block = block.filter(|block| block.header.number == number).ok_or_else(|| self.unreachable("the chain got shorter"))?;
            for transaction in &block.transactions {
                let Some(to) = transaction.to else { continue };
                let Some(watched) = look.watch.get(&(None, to)) else { continue };
                let Some(units) = countable(transaction.value) else { continue };
                let txid = transaction.hash.to_string();
                let receipt = look.node.receipt(&txid).await.map_err(unreachable)?;
                let receipt = receipt.ok_or_else(|| self.unreachable("a block's transaction has no receipt yet"))?;
                if receipt.status == 1 && receipt.block_hash == block.header.hash {
                    let block_time = self.time(&block.header)?;
                    let from = Some(transaction.from);
                    found.push((number, seen(watched, txid.clone(), txid, from, units, block_time, depth(number, look.head))));
                }
            }
        }
        Ok(found)
    }

    /// A deposit is gone when the chain has another block where the receipt says, or when the transaction that the chain has there does not
    /// carry it any more. A node that is behind proves neither.
    pub(super) async fn status_of_deposit(&self, deposit: &SeenDeposit) -> Result<DepositStatus, RailError> {
        let node = self.node().await?;
        let unreachable = |error: NodeError| error.on(self.network);
        let contract = self.contract(deposit.asset)?;
        let Some(receipt) = node.receipt(&deposit.txid).await.map_err(unreachable)? else {
            return self.status_without_receipt(node, deposit).await;
        };
        match self.confirmations(node, &receipt).await? {
            Some(confirmations) if receipt.status == 1 && carries(&receipt, contract, deposit) => {
                Ok(DepositStatus::Confirmed(confirmations))
            }
            Some(_) | None => Ok(DepositStatus::Gone),
        }
    }

    /// A missing receipt alone proves nothing: the node, or the one of many that was asked, may be behind, or the transaction waits for
    /// another block after a reorg. It is gone when a block as young as the deposit's own is final and the transaction, asked for last, is
    /// neither in a block nor waiting for one: no block before that final one will ever hold it.
    async fn status_without_receipt(&self, node: &Node, deposit: &SeenDeposit) -> Result<DepositStatus, RailError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let head = node.head().await.map_err(unreachable)?;
        let last_final = head.number.saturating_add(1).saturating_sub(self.finality);
        let last_final = node.header(BlockName::Number(last_final)).await.map_err(unreachable)?;
        let last_final = last_final.ok_or_else(|| self.unreachable("the node has not the blocks below its own head"))?;
        if self.time(&last_final)? < deposit.block_time {
            return Err(self.unreachable("a deposit's transaction has no receipt, and its block could not be final yet"));
        }
        let known: Option<Value> = node.call("eth_getTransactionByHash", json!([deposit.txid])).await.map_err(unreachable)?;
        if known.is_some() {
            return Err(self.unreachable("a deposit's transaction has no receipt, but the node knows it"));
        }
        Ok(DepositStatus::Gone)
    }

    fn time(&self, header: &Header) -> Result<Timestamp, RailError> {
        let time = i64::try_from(header.timestamp).ok().and_then(|second| Timestamp::from_second(second).ok());
        time.ok_or_else(|| self.unreachable("the time of a block makes no sense"))
    }
}

fn seen(
    watched: &Watched,
    external_id: String,
    txid: String,
    from: Option<Address>,
    units: u128,
    block_time: Timestamp,
    confirmations: u32,
) -> SeenDeposit {
    let (address, asset): (String, AssetId) = (watched.destination.address().to_owned(), watched.asset.id);
    let (source, status) = (from.map(|from| from.to_string()), DepositStatus::Confirmed(confirmations));
    SeenDeposit { external_id, txid, address, tag: None, source, asset, units, block_time, status }
}

/// Says whether a receipt holds the deposit. After a reorg the same transaction may come back with its event in another place, or without.
/// What the event says may be more than what arrived.
fn carries(receipt: &Receipt, contract: Option<Address>, deposit: &SeenDeposit) -> bool {
    let Some(contract) = contract else { return deposit.external_id == deposit.txid };
    let is_deposit = |log: &Log| {
        let is_named = deposit.external_id == format!("{}:{}", deposit.txid, log.log_index);
        is_named
            && log.address == contract
            && Transfer::read(log).is_some_and(|told| told.to.to_string() == deposit.address && told.units >= deposit.units)
    };
    receipt.logs.iter().any(is_deposit)
}

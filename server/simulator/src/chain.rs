//! One simulated chain with its hot account and signer: a block a second, slots in order, reorganisations. It lives outside of every
//! process, so it remembers what a crashed one forgot. What engines see of it is [`rail`]'s.

pub mod rail;

use std::collections::{BTreeMap, BTreeSet};

use domain::destination::Destination;
use domain::ids::PayoutId;
use domain::money::{Asset, AssetId, Network};
use engine::rails::{PayoutOrder, SignedPayout};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::mutations::Mutation;
use crate::script::Coin;

/// How a chain, its node or the signer goes wrong, until it heals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainFault {
    /// Transactions are taken, but the answer is lost.
    LostReply,
    /// The node says nothing of use and takes nothing.
    Refuses,
    /// The node says nothing of use and passes the transaction on an hour later.
    Late,
    /// Transactions wait for ever, unless their fee is raised.
    Stuck,
    /// The node does not answer at all.
    Away,
    /// Every other answer comes from a node that is some blocks behind and knows nothing newer.
    Lies,
    /// The hot account holds too little.
    Poor,
    /// The token is paused.
    Paused,
    /// The network costs twice as much.
    Dear,
    /// Transfers get into a block and revert.
    Reverts,
    /// The signer does not answer.
    SignerAway,
    /// The signer refuses, and writes that down.
    SignerDeclines,
}

impl ChainFault {
    /// All faults.
    pub const ALL: [Self; 12] = [
        Self::LostReply,
        Self::Refuses,
        Self::Late,
        Self::Stuck,
        Self::Away,
        Self::Lies,
        Self::Poor,
        Self::Paused,
        Self::Dear,
        Self::Reverts,
        Self::SignerAway,
        Self::SignerDeclines,
    ];
}

/// The block at the epoch.
const FIRST_BLOCK: u64 = 1000;
/// How many blocks a node that lies is behind.
const BLOCKS_BEHIND: u64 = 15;
/// How young a payer's transfer is that is lost: what was final is looked at again ten minutes later, and not after that.
const LOST_WITHIN_BLOCKS: u64 = 500;
/// How often a fee is raised at most.
const RAISED_MAX: u32 = 2;
/// How long a transaction that is passed on late takes: an hour of blocks.
const LATE_BLOCKS: u64 = 3600;

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Waits for a block, this one at the earliest.
    Waiting(u64),
    /// In a block.
    Block(u64),
    /// Forgotten: nobody keeps it.
    Gone,
}

/// What a transaction does.
#[derive(Clone, Debug)]
enum Move {
    Deposit {
        to: Destination,
        units: u128,
    },
    /// To as many payers as a batch has payouts: all of them are paid, or none.
    Payout(Vec<Transfer>),
    /// The operator's own business, which moves nothing of the books'.
    Other,
}

/// One payout of a transaction.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Transfer {
    payout: PayoutId,
    to: Destination,
    units: u128,
}

#[derive(Clone, Debug)]
struct Transaction {
    txid: String,
    what: Move,
    slot: Option<u64>,
    /// How often its fee was raised: in its slot it takes the place of one with a lower fee that waits.
    raised: u32,
    place: Place,
    succeeded: bool,
    spent: u128,
}

/// A transfer to a payer, as the chain knows it.
#[derive(Clone, Debug)]
pub struct PaidOut {
    /// Its transaction.
    pub txid: String,
    /// Which payout its bytes name.
    pub payout: PayoutId,
    /// Of what.
    pub asset: AssetId,
    /// Where to.
    pub to: Destination,
    /// How much arrives.
    pub units: u128,
    /// What the network took for its transaction; of several transfers in one, the first names it.
    pub spent: u128,
    /// Whether it is in a block.
    pub is_mined: bool,
    /// Whether it moved the money there.
    pub succeeded: bool,
}

/// A transfer from a payer, as the chain knows it.
#[derive(Clone, Debug)]
pub struct PaidIn {
    /// Its transaction.
    pub txid: String,
    /// Of what.
    pub asset: AssetId,
    /// Where to.
    pub to: Destination,
    /// How much.
    pub units: u128,
    /// Whether it is in a block.
    pub is_mined: bool,
}

/// One chain.
#[derive(Debug)]
pub struct Chain {
    asset: Asset,
    epoch: Timestamp,
    transactions: Vec<Transaction>,
    faults: BTreeSet<ChainFault>,
    /// The signer's log: what it signed, and what it said it never will.
    signed: BTreeMap<PayoutId, SignedPayout>,
    /// What it signed for a higher fee, by the id of the transaction that waited.
    raised: BTreeMap<String, SignedPayout>,
    declined: BTreeSet<PayoutId>,
    /// Makes ids differ and lies alternate.
    counter: u64,
    mutation: Option<Mutation>,
    /// Transactions that a planted bug lost the record of.
    forgotten: BTreeSet<String>,
}

/// What a payout's bytes say.
#[derive(Serialize, Deserialize)]
struct Wire {
    slot: u64,
    raised: u32,
    pays: Vec<Transfer>,
    /// Tells apart what a planted bug signs twice.
    again: u64,
}

impl Chain {
    /// Returns a chain whose first block is at `epoch`.
    #[must_use]
    pub const fn new(asset: Asset, epoch: Timestamp, mutation: Option<Mutation>) -> Self {
        Self {
            asset,
            epoch,
            transactions: Vec::new(),
            faults: BTreeSet::new(),
            signed: BTreeMap::new(),
            raised: BTreeMap::new(),
            declined: BTreeSet::new(),
            counter: 0,
            mutation,
            forgotten: BTreeSet::new(),
        }
    }

    /// Returns the asset of a coin. Amounts in these worlds stay far below what a 64-bit integer holds: SQLite can add them up.
    #[must_use]
    pub fn asset(coin: Coin) -> Asset {
        let (id, network, decimals, contract, finality, network_fee_units) = match coin {
            Coin::Usdt => ("USDT-TRON", Network::Tron, 6, Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"), 19, 1_250_000),
            Coin::Eth => ("ETH-ETHEREUM", Network::Ethereum, 18, None, 12, 1_000_000_000_000_000),
            Coin::Xrp => ("XRP-XRPL", Network::Xrpl, 6, None, 12, 20_000),
        };
        let id = id.parse().expect("all ids are well formed");
        Asset { id, network, decimals, contract: contract.map(str::to_owned), finality, dust_units: 1, network_fee_units }
    }

    /// Makes the chain go wrong.
    pub fn breaks(&mut self, fault: ChainFault) {
        self.faults.insert(fault);
    }

    /// Makes everything well again.
    pub fn heals(&mut self) {
        self.faults.clear();
    }

    /// Brings the node back, whatever else is wrong.
    pub fn returns(&mut self) {
        self.faults.remove(&ChainFault::Away);
    }

    fn has(&self, fault: ChainFault) -> bool {
        self.faults.contains(&fault)
    }

    fn head(&self, now: Timestamp) -> u64 {
        u64::try_from(now.duration_since(self.epoch).as_secs()).unwrap_or_default().saturating_add(FIRST_BLOCK)
    }

    /// A payer sends money.
    pub fn pay_in(&mut self, to: Destination, units: u128, now: Timestamp) {
        let txid = self.new_txid("deposit");
        let place = Place::Waiting(self.head(now));
        self.transactions.push(Transaction {
            txid,
            what: Move::Deposit { to, units },
            slot: None,
            raised: 0,
            place,
            succeeded: true,
            spent: 0,
        });
        self.mine(now);
    }

    /// The operator uses the next slot by hand.
    pub fn take_slot(&mut self, now: Timestamp) {
        let txid = self.new_txid("other");
        let (slot, place) = (Some(self.next_slot()), Place::Waiting(self.head(now)));
        self.transactions.push(Transaction { txid, what: Move::Other, slot, raised: 0, place, succeeded: true, spent: 0 });
        self.mine(now);
    }

    /// Replaces the newest blocks; what was in them waits again, two blocks at least, or is lost.
    pub fn reorganise(&mut self, depth: u8, loses_deposits: bool, now: Timestamp) {
        self.mine(now);
        let head = self.head(now);
        let kept = head.saturating_sub(u64::from(depth));
        for transaction in &mut self.transactions {
            if matches!(transaction.place, Place::Block(block) if block > kept) {
                let is_lost = loses_deposits && matches!(transaction.what, Move::Deposit { .. });
                transaction.place = if is_lost { Place::Gone } else { Place::Waiting(head.saturating_add(2)) };
            }
        }
    }

    /// Loses the newest transfer of a payer that is in a block of the last minutes: so young that the engine looks at it once more.
    pub fn lose(&mut self, now: Timestamp) {
        self.mine(now);
        let since = self.head(now).saturating_sub(LOST_WITHIN_BLOCKS);
        let is_young = |transaction: &&mut Transaction| matches!((&transaction.what, transaction.place), (Move::Deposit { .. }, Place::Block(block)) if block > since);
        if let Some(lost) = self.transactions.iter_mut().rev().find(is_young) {
            lost.place = Place::Gone;
        }
    }

    /// Puts the transfer of a payer that was lost first into a block again.
    pub fn bring_back(&mut self, now: Timestamp) {
        let head = self.head(now);
        let mut lost = self.transactions.iter_mut().filter(|transaction| matches!(transaction.what, Move::Deposit { .. }));
        if let Some(back) = lost.find(|transaction| transaction.place == Place::Gone) {
            back.place = Place::Waiting(head);
        }
        self.mine(now);
    }

    /// Forgets the payouts that wait for a block.
    pub fn evict(&mut self, now: Timestamp) {
        self.mine(now);
        for transaction in &mut self.transactions {
            if matches!((&transaction.what, transaction.place), (Move::Payout(_), Place::Waiting(_))) {
                transaction.place = Place::Gone;
            }
        }
    }

    /// Puts what waits into blocks: the account's transactions in the order of their slots.
    pub fn mine(&mut self, now: Timestamp) {
        let head = self.head(now);
        let (is_stuck, reverts) = (self.has(ChainFault::Stuck), self.has(ChainFault::Reverts));
        loop {
            let used = self.slots_mined();
            let next = self.transactions.iter_mut().find(|transaction| match (transaction.place, transaction.slot) {
                (Place::Waiting(block), None) => block <= head,
                (Place::Waiting(block), Some(slot)) => block <= head && slot == used && (!is_stuck || transaction.raised > 0),
                (Place::Block(_) | Place::Gone, _) => false,
            });
            let Some(transaction) = next else { return };
            if let Place::Waiting(block) = transaction.place {
                transaction.place = Place::Block(block);
            }
            let is_payout = matches!(transaction.what, Move::Payout(_));
            transaction.succeeded = !(is_payout && reverts);
        }
    }

    /// Returns how many slots are used up by blocks: they go up without a gap.
    fn slots_mined(&self) -> u64 {
        let mined = self.transactions.iter().filter(|transaction| matches!(transaction.place, Place::Block(_)));
        mined.filter_map(|transaction| transaction.slot).max().map_or(0, |slot| slot.saturating_add(1))
    }

    /// Returns the first slot that nothing in a block or waiting for one uses.
    fn next_slot(&self) -> u64 {
        let kept = self.transactions.iter().filter(|transaction| transaction.place != Place::Gone);
        let used: BTreeSet<u64> = kept.filter_map(|transaction| transaction.slot).collect();
        used.into_iter().fold(0, |free, slot| if slot == free { free.saturating_add(1) } else { free })
    }

    fn new_txid(&mut self, kind: &str) -> String {
        self.counter = self.counter.saturating_add(1);
        let network = self.asset.network;
        txid_of(format!("{network} {kind} {}", self.counter).as_bytes())
    }

    /// Signs once per payout, be it alone or with others, and once per slot. It knows what it signed by the first payout's id.
    fn sign(&mut self, orders: &[PayoutOrder], slot: u64) -> Result<SignedPayout, Declined> {
        let Some(first) = orders.first() else { return Err(Declined { slot_is_taken: false }) };
        if self.declined.contains(&first.payout) {
            return Err(Declined { slot_is_taken: false });
        }
        let signs_again = self.mutation.is_some_and(Mutation::signs_again);
        if let Some(signed) = self.signed.get(&first.payout).filter(|_| !signs_again) {
            // The same order gives the same bytes, whatever slot is asked for now.
            return Ok(signed.clone());
        }
        if orders.iter().any(|order| self.signed.contains_key(&order.payout) || self.declined.contains(&order.payout)) && !signs_again {
            self.declined.insert(first.payout);
            return Err(Declined { slot_is_taken: false });
        }
        let is_taken = self.signed.values().any(|signed| signed.slot == slot);
        if (is_taken && !signs_again) || self.has(ChainFault::SignerDeclines) {
            self.declined.extend(orders.iter().map(|order| order.payout));
            return Err(Declined { slot_is_taken: is_taken });
        }
        let slot = if signs_again { self.next_slot() } else { slot };
        let transfer = |order: &PayoutOrder| Transfer { payout: order.payout, to: order.destination.clone(), units: order.net_units };
        let signed = self.bytes(slot, 0, orders.iter().map(transfer).collect());
        self.signed.extend(orders.iter().map(|order| (order.payout, signed.clone())));
        Ok(signed)
    }

    /// Signs what waits once more, for a higher fee: the same bytes each time, at most twice over.
    fn raise(&mut self, waiting: &SignedPayout) -> Option<SignedPayout> {
        if let Some(signed) = self.raised.get(&waiting.txid) {
            return Some(signed.clone());
        }
        let wire: Wire = serde_json::from_slice(&waiting.bytes).ok().filter(|wire: &Wire| wire.raised < RAISED_MAX)?;
        let signed = self.bytes(wire.slot, wire.raised.saturating_add(1), wire.pays);
        self.raised.insert(waiting.txid.clone(), signed.clone());
        Some(signed)
    }

    fn bytes(&mut self, slot: u64, raised: u32, pays: Vec<Transfer>) -> SignedPayout {
        self.counter = self.counter.saturating_add(1);
        let wire = Wire { slot, raised, pays, again: self.counter };
        let bytes = serde_json::to_vec(&wire).expect("a wire is numbers and text");
        SignedPayout { slot, txid: txid_of(&bytes), bytes }
    }

    /// Takes signed bytes in; the same ones twice are one transaction, and a used slot takes no other.
    fn take(&mut self, signed: &SignedPayout, now: Timestamp) -> bool {
        let Ok(wire) = serde_json::from_slice::<Wire>(&signed.bytes) else { return false };
        let delay = if self.has(ChainFault::Late) { LATE_BLOCKS } else { 0 };
        let place = Place::Waiting(self.head(now).saturating_add(delay));
        if let Some(known) = self.transactions.iter_mut().find(|transaction| transaction.txid == signed.txid) {
            if known.place != Place::Gone {
                return true;
            }
            known.place = place;
        } else {
            let fee = (self.asset.network_fee_units / 4).saturating_mul(u128::from(wire.raised.saturating_add(2)));
            let spent = if self.asset.contract.is_none() { fee } else { 0 };
            let what = Move::Payout(wire.pays);
            self.transactions.push(Transaction {
                txid: signed.txid.clone(),
                what,
                slot: Some(wire.slot),
                raised: wire.raised,
                place,
                succeeded: true,
                spent,
            });
        }
        for other in &mut self.transactions {
            let is_cheaper = other.slot == Some(wire.slot) && other.raised < wire.raised && matches!(other.what, Move::Payout(_));
            if is_cheaper && matches!(other.place, Place::Waiting(_)) {
                other.place = Place::Gone;
            }
        }
        let in_the_way =
            self.transactions.iter().any(|other| other.txid != signed.txid && other.slot == Some(wire.slot) && other.place != Place::Gone);
        if in_the_way {
            let new = self.transactions.iter_mut().find(|transaction| transaction.txid == signed.txid);
            if let Some(new) = new {
                new.place = Place::Gone;
            }
            return false;
        }
        self.mine(now);
        true
    }

    /// Pays again for bytes it was given before, as a wallet's own `send` does: a planted bug.
    fn take_as_new(&mut self, signed: &SignedPayout, now: Timestamp) -> bool {
        let Ok(wire) = serde_json::from_slice::<Wire>(&signed.bytes) else { return false };
        let slot = self.next_slot();
        let bytes = self.bytes(slot, wire.raised, wire.pays);
        self.take(&bytes, now)
    }

    /// Returns every transfer to a payer that was ever sent.
    #[must_use]
    pub fn paid_out(&self) -> Vec<PaidOut> {
        let mut out = Vec::new();
        for transaction in &self.transactions {
            let Move::Payout(transfers) = &transaction.what else { continue };
            out.extend(transfers.iter().zip(0_u32..).map(|(transfer, number)| PaidOut {
                txid: transaction.txid.clone(),
                payout: transfer.payout,
                asset: self.asset.id,
                to: transfer.to.clone(),
                units: transfer.units,
                spent: if number == 0 { transaction.spent } else { 0 },
                is_mined: matches!(transaction.place, Place::Block(_)),
                succeeded: transaction.succeeded,
            }));
        }
        out
    }

    /// Returns every transfer from a payer.
    #[must_use]
    pub fn paid_in(&self) -> Vec<PaidIn> {
        let deposits = self.transactions.iter().filter_map(|transaction| match &transaction.what {
            Move::Deposit { to, units } => Some(PaidIn {
                txid: transaction.txid.clone(),
                asset: self.asset.id,
                to: to.clone(),
                units: *units,
                is_mined: matches!(transaction.place, Place::Block(_)),
            }),
            Move::Payout(_) | Move::Other => None,
        });
        deposits.collect()
    }
}

/// The signer's refusal.
struct Declined {
    slot_is_taken: bool,
}

fn txid_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

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
    /// Transactions wait for ever.
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
    Payout {
        payout: PayoutId,
        to: Destination,
        units: u128,
    },
    /// The operator's own business, which moves nothing of the books'.
    Other,
}

#[derive(Clone, Debug)]
struct Transaction {
    txid: String,
    what: Move,
    slot: Option<u64>,
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
    /// What the network took.
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
    payout: PayoutId,
    slot: u64,
    units: u128,
    to: Destination,
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
        };
        let id = id.parse().expect("both ids are well formed");
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
        self.transactions.push(Transaction { txid, what: Move::Deposit { to, units }, slot: None, place, succeeded: true, spent: 0 });
        self.mine(now);
    }

    /// The operator uses the next slot by hand.
    pub fn take_slot(&mut self, now: Timestamp) {
        let txid = self.new_txid("other");
        let (slot, place) = (Some(self.next_slot()), Place::Waiting(self.head(now)));
        self.transactions.push(Transaction { txid, what: Move::Other, slot, place, succeeded: true, spent: 0 });
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

    /// Forgets the payouts that wait for a block.
    pub fn evict(&mut self, now: Timestamp) {
        self.mine(now);
        for transaction in &mut self.transactions {
            if matches!((&transaction.what, transaction.place), (Move::Payout { .. }, Place::Waiting(_))) {
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
                (Place::Waiting(block), Some(slot)) => block <= head && slot == used && !is_stuck,
                (Place::Block(_) | Place::Gone, _) => false,
            });
            let Some(transaction) = next else { return };
            if let Place::Waiting(block) = transaction.place {
                transaction.place = Place::Block(block);
            }
            let is_payout = matches!(transaction.what, Move::Payout { .. });
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

    /// Signs once per payout and once per slot.
    fn sign(&mut self, order: &PayoutOrder, slot: u64) -> Result<SignedPayout, Declined> {
        if self.declined.contains(&order.payout) {
            return Err(Declined { slot_is_taken: false });
        }
        let signs_again = self.mutation.is_some_and(Mutation::signs_again);
        if let Some(signed) = self.signed.get(&order.payout).filter(|_| !signs_again) {
            // The same order gives the same bytes, whatever slot is asked for now.
            return Ok(signed.clone());
        }
        let is_taken = self.signed.values().any(|signed| signed.slot == slot);
        if (is_taken && !signs_again) || self.has(ChainFault::SignerDeclines) {
            self.declined.insert(order.payout);
            return Err(Declined { slot_is_taken: is_taken });
        }
        let slot = if signs_again { self.next_slot() } else { slot };
        let signed = self.bytes(order.payout, slot, order.net_units, &order.destination);
        self.signed.insert(order.payout, signed.clone());
        Ok(signed)
    }

    fn bytes(&mut self, payout: PayoutId, slot: u64, units: u128, to: &Destination) -> SignedPayout {
        self.counter = self.counter.saturating_add(1);
        let wire = Wire { payout, slot, units, to: to.clone(), again: self.counter };
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
            let spent = if self.asset.contract.is_none() { self.asset.network_fee_units / 2 } else { 0 };
            let what = Move::Payout { payout: wire.payout, to: wire.to, units: wire.units };
            self.transactions.push(Transaction { txid: signed.txid.clone(), what, slot: Some(wire.slot), place, succeeded: true, spent });
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
        let bytes = self.bytes(wire.payout, slot, wire.units, &wire.to);
        self.take(&bytes, now)
    }

    /// Returns every transfer to a payer that was ever sent.
    #[must_use]
    pub fn paid_out(&self) -> Vec<PaidOut> {
        let out = self.transactions.iter().filter_map(|transaction| match &transaction.what {
            Move::Payout { payout, to, units } => Some(PaidOut {
                txid: transaction.txid.clone(),
                payout: *payout,
                asset: self.asset.id,
                to: to.clone(),
                units: *units,
                spent: transaction.spent,
                is_mined: matches!(transaction.place, Place::Block(_)),
                succeeded: transaction.succeeded,
            }),
            Move::Deposit { .. } | Move::Other => None,
        });
        out.collect()
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
            Move::Payout { .. } | Move::Other => None,
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

//! A simulated chain as an engine sees it. Each process has a rail of its own, so that its calls can be cut off; the chain is one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::destination::{Destination, uses_tag};
use domain::money::{Amount, Asset, Network};
use domain::payout::PayoutFailure;
use domain::refund::BlockedBy;
use engine::clock::Clock;
use engine::rails::{
    Broadcast, DepositStatus, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, RailError, Scan, SeenDeposit, SignedPayout,
    Watched,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{BLOCKS_BEHIND, Chain, ChainFault, FIRST_BLOCK, Move, Place, Transaction};
use crate::mutations::Mutation;
use crate::power::{Passage, Point, Power};

/// How many payouts one transaction pays at most: few, so that stories reach it.
const PAYOUTS_AT_ONCE: usize = 3;

/// The first address that is an account of invoices with tags: far above those of single invoices.
const SHARED_ACCOUNTS: u32 = 1_000_000;

/// After how long without a block a fee is raised.
const RAISED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// A chain that several processes look at.
pub type SharedChain = Arc<Mutex<Chain>>;

/// One process's way to a chain.
pub struct ChainRail {
    network: Network,
    chain: SharedChain,
    clock: Arc<dyn Clock>,
    power: Arc<Power>,
}

impl ChainRail {
    /// Returns a process's way to a chain.
    #[must_use]
    pub fn new(network: Network, chain: SharedChain, clock: Arc<dyn Clock>, power: Arc<Power>) -> Self {
        Self { network, chain, clock, power }
    }

    fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn away(&self) -> RailError {
        RailError::Unreachable { network: self.network, detail: "the simulated node is away".to_owned() }
    }

    /// Returns the chain with its newest block, unless the node is away, and the height the node knows of.
    fn look(&self) -> Result<(MutexGuard<'_, Chain>, u64), RailError> {
        let now = self.clock.now();
        let mut chain = self.chain();
        chain.mine(now);
        if chain.has(ChainFault::Away) {
            return Err(self.away());
        }
        chain.counter = chain.counter.saturating_add(1);
        let lies = chain.has(ChainFault::Lies) && chain.counter.is_multiple_of(2);
        let head = chain.head(now);
        Ok((chain, if lies { head.saturating_sub(BLOCKS_BEHIND) } else { head }))
    }

    fn account(&self, index: u32) -> [u8; 20] {
        let digest = Sha256::digest(format!("simulated {} {index}", self.network));
        let mut account = [0; 20];
        account.copy_from_slice(&digest[..20]);
        account
    }
}

/// Returns the confirmations of a block as a node with this head counts them; none for a block it does not know yet.
fn confirmations(block: u64, head: u64) -> u32 {
    let above = head.checked_sub(block).map_or(0, |above| above.saturating_add(1));
    u32::try_from(above).unwrap_or(u32::MAX)
}

#[async_trait]
impl Rail for ChainRail {
    fn deposit_address(&self, index: u32) -> Result<Destination, RailError> {
        Destination::of_account(self.network, self.account(index), None).map_err(|error| RailError::Misconfigured {
            network: self.network,
            detail: format!("no address can be made: {}", error.code()),
        })
    }

    fn shared_account(&self, number: u32) -> Result<Option<Destination>, RailError> {
        if uses_tag(self.network) { self.deposit_address(SHARED_ACCOUNTS.saturating_add(number)).map(Some) } else { Ok(None) }
    }

    async fn quote(&self, asset: &Asset) -> Result<Amount, RailError> {
        let (chain, _) = self.look()?;
        let times = if chain.has(ChainFault::Dear) { 2 } else { 1 };
        Ok(asset.units(asset.network_fee_units.saturating_mul(times)))
    }

    async fn next_slot(&self) -> Result<u64, RailError> {
        Ok(self.look()?.0.next_slot())
    }

    async fn preflight(&self, order: &PayoutOrder) -> Result<(), PreflightError> {
        let (chain, _) = self.look()?;
        if chain.has(ChainFault::Dear) && order.fee_units <= chain.asset.network_fee_units {
            return Err(PreflightError::Wait(BlockedBy::FeeAboveCap));
        }
        if chain.has(ChainFault::Paused) {
            return Err(PreflightError::Never(PayoutFailure::TokenPausedOrBlacklisted));
        }
        if chain.has(ChainFault::Poor) {
            return Err(PreflightError::Wait(BlockedBy::InsufficientFunds));
        }
        Ok(())
    }

    fn payouts_at_once(&self) -> usize {
        PAYOUTS_AT_ONCE
    }

    async fn prepare(&self, orders: &[PayoutOrder], slot: u64) -> Result<SignedPayout, PrepareError> {
        let silent = || PrepareError::SignerUnreachable("the simulated signer is away".to_owned());
        if self.power.pass(Point::BeforeCall).await == Passage::Lost || self.chain().has(ChainFault::SignerAway) {
            return Err(silent());
        }
        let signed = {
            let mut chain = self.chain();
            let signed = chain.sign(orders, slot);
            if let (Ok(signed), Some(Mutation::BroadcastBeforeSave)) = (&signed, chain.mutation) {
                let now = self.clock.now();
                chain.take(signed, now);
            }
            signed
        };
        if self.power.pass(Point::AfterCall).await == Passage::Lost {
            return Err(silent());
        }
        let reason = "the simulated signer says no".to_owned();
        signed.map_err(|declined| PrepareError::Declined { reason, slot_is_taken: declined.slot_is_taken })
    }

    fn raises_after(&self) -> Option<SignedDuration> {
        Some(RAISED_AFTER)
    }

    async fn raise(&self, _orders: &[PayoutOrder], waiting: &SignedPayout) -> Result<Option<SignedPayout>, PrepareError> {
        let silent = || PrepareError::SignerUnreachable("the simulated signer is away".to_owned());
        if self.power.pass(Point::BeforeCall).await == Passage::Lost || self.chain().has(ChainFault::SignerAway) {
            return Err(silent());
        }
        let dearer = self.chain().raise(waiting);
        if self.power.pass(Point::AfterCall).await == Passage::Lost { Err(silent()) } else { Ok(dearer) }
    }

    async fn broadcast(&self, signed: &SignedPayout) -> Broadcast {
        let unknown = || Broadcast::Unknown("the simulated answer was lost".to_owned());
        if self.power.pass(Point::BeforeCall).await == Passage::Lost {
            return unknown();
        }
        let was_taken = {
            let now = self.clock.now();
            let mut chain = self.chain();
            chain.mine(now);
            if chain.has(ChainFault::Refuses) || chain.has(ChainFault::Away) {
                return unknown();
            }
            match chain.mutation {
                Some(Mutation::PaysAgainOnEachSend) => chain.take_as_new(signed, now),
                Some(Mutation::NewKeyAfterError) if chain.forgotten.contains(&signed.txid) => chain.take_as_new(signed, now),
                Some(_) | None => chain.take(signed, now),
            }
        };
        let is_silent = self.chain().has(ChainFault::LostReply) || self.chain().has(ChainFault::Late);
        let passage = self.power.pass(Point::AfterCall).await;
        if was_taken && !is_silent && passage == Passage::Through {
            return Broadcast::Accepted;
        }
        let mut chain = self.chain();
        if chain.mutation == Some(Mutation::NewKeyAfterError) {
            chain.forgotten.insert(signed.txid.clone());
        }
        unknown()
    }

    async fn status(&self, signed: &SignedPayout) -> Result<PayoutStatus, RailError> {
        let (chain, head) = self.look()?;
        let finality = u64::from(chain.asset.finality);
        let own = chain.transactions.iter().find(|transaction| transaction.txid == signed.txid);
        if chain.forgotten.contains(&signed.txid) {
            return Ok(PayoutStatus::NotSeen);
        }
        let fails_when_unsure = chain.mutation == Some(Mutation::UnknownIsFailed);
        match own.map(|own| (own.place, own)) {
            Some((Place::Block(block), own)) if block <= head => Ok(PayoutStatus::Mined {
                confirmations: confirmations(block, head),
                succeeded: own.succeeded,
                fee: chain.asset.units(own.spent),
            }),
            _ if fails_when_unsure => Ok(PayoutStatus::Superseded),
            Some((Place::Block(_) | Place::Waiting(_), _)) => Ok(PayoutStatus::Pending),
            Some((Place::Gone, _)) | None => {
                let is_spent = chain.transactions.iter().any(|other| match other.place {
                    Place::Block(block) => other.slot == Some(signed.slot) && u64::from(confirmations(block, head)) >= finality,
                    Place::Waiting(_) | Place::Gone => false,
                });
                Ok(if is_spent { PayoutStatus::Superseded } else { PayoutStatus::NotSeen })
            }
        }
    }

    async fn watch(&self, cursor: Option<u64>, addresses: &[Watched]) -> Result<Scan, RailError> {
        let (chain, head) = self.look()?;
        let Some(cursor) = cursor else { return Ok(Scan { deposits: Vec::new(), cursor: head, is_at_head: true }) };
        // Blocks that could still be replaced are read again.
        let after = cursor.saturating_sub(u64::from(chain.asset.finality));
        let mut deposits: Vec<SeenDeposit> = Vec::new();
        for transaction in &chain.transactions {
            let Some((to, units, block)) = deposit_in_block(transaction) else { continue };
            // An account is watched with whatever tag.
            let is_watched = addresses.iter().any(|watched| watched.destination.account() == to.account());
            if block <= after || block > head || !is_watched {
                continue;
            }
            let seconds = SignedDuration::from_secs(i64::try_from(block.saturating_sub(FIRST_BLOCK)).unwrap_or(i64::MAX));
            deposits.push(SeenDeposit {
                external_id: transaction.txid.clone(),
                txid: transaction.txid.clone(),
                address: to.address().to_owned(),
                tag: to.tag().map(ToString::to_string),
                source: None,
                asset: chain.asset.id,
                units,
                block_time: chain.epoch.saturating_add(seconds).unwrap_or(Timestamp::MAX),
                status: DepositStatus::Confirmed(confirmations(block, head)),
            });
        }
        if chain.mutation == Some(Mutation::NotifiedTwice) {
            let again: Vec<SeenDeposit> =
                deposits.iter().map(|seen| SeenDeposit { external_id: format!("{}:0", seen.txid), ..seen.clone() }).collect();
            deposits.extend(again);
        }
        Ok(Scan { deposits, cursor: head.max(cursor), is_at_head: true })
    }

    async fn deposit_status(&self, deposit: &SeenDeposit) -> Result<DepositStatus, RailError> {
        let (chain, head) = self.look()?;
        let known = chain.transactions.iter().find(|transaction| transaction.txid == deposit.txid);
        Ok(match known.map(|known| known.place) {
            // A node that is behind has not seen the block yet; that is no reason to say it went away.
            Some(Place::Block(block)) => DepositStatus::Confirmed(confirmations(block, head)),
            Some(Place::Waiting(_) | Place::Gone) | None => DepositStatus::Gone,
        })
    }

    fn paying_address(&self) -> Option<String> {
        None
    }

    fn explorer_url(&self, _txid: &str) -> Option<String> {
        None
    }
}

fn deposit_in_block(transaction: &Transaction) -> Option<(&Destination, u128, u64)> {
    match (&transaction.what, transaction.place) {
        (Move::Deposit { to, units }, Place::Block(block)) => Some((to, *units, block)),
        (Move::Deposit { .. } | Move::Payout(_) | Move::Other, _) => None,
    }
}

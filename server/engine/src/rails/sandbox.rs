//! The sandbox rail: a simulated chain per network, with the real network's addresses. Its transactions are rows, so it
//! survives a restart as a chain would. A block a second; what it does wrong is switched on by [`SandboxMode`].

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use domain::destination::{Destination, uses_tag};
use domain::money::{Amount, Asset, AssetId, Network};
use domain::payout::PayoutFailure;
use domain::refund::BlockedBy;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{
    Broadcast, DepositStatus, Holdings, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, RailError, Scan, SeenDeposit,
    SignedPayout, Watched,
};
use crate::clock::Clock;
use crate::store::rails::{self, NewSandboxTransaction, SandboxTransaction};
use crate::store::{Store, StoreError};

/// How many payouts one transaction pays at most, as on networks whose transactions have many recipients.
const PAYOUTS_AT_ONCE: usize = 20;
/// After how long without a block a fee is raised, and how often at most.
const RAISED_AFTER: SignedDuration = SignedDuration::from_mins(10);
const RAISED_MAX: u32 = 3;

/// How a simulated chain behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxMode {
    /// As it should.
    #[default]
    Ok,
    /// Transactions are taken and never get into a block.
    Stuck,
    /// Transfers are refused before they are signed.
    Fail,
    /// Transactions are taken, but the answer is lost.
    LostReply,
    /// Fees are twice what they were.
    Dear,
    /// Transactions get into blocks and move nothing.
    Reverts,
    /// Transactions wait for a block until their fee is raised.
    Slow,
}

impl SandboxMode {
    /// All modes.
    pub const ALL: [Self; 7] = [Self::Ok, Self::Stuck, Self::Fail, Self::LostReply, Self::Dear, Self::Reverts, Self::Slow];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stuck => "stuck",
            Self::Fail => "fail",
            Self::LostReply => "lost_reply",
            Self::Dear => "dear",
            Self::Reverts => "reverts",
            Self::Slow => "slow",
        }
    }

    /// Returns the mode of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What a simulated chain knows of somebody's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxAccount {
    /// It can be paid.
    #[default]
    Ready,
    /// It is not there; a payout makes it, for as much again as it costs otherwise.
    New,
    /// It is not there, or lacks its reserve, and only its owner can change that.
    Missing,
}

impl SandboxAccount {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ready, Self::New, Self::Missing];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::New => "new",
            Self::Missing => "missing",
        }
    }
}

/// Returns the name under which what a chain knows of an account is kept.
pub(crate) fn account_state(destination: &Destination) -> String {
    format!("sandbox_account_{}_{}", destination.network(), destination.account())
}

/// Returns the name under which a network's mode is kept.
pub(crate) fn mode_state(network: Network) -> String {
    format!("sandbox_rail_{network}")
}

/// A simulated chain.
pub struct SandboxRail {
    network: Network,
    store: Store,
    clock: Arc<dyn Clock>,
}

impl SandboxRail {
    /// Returns the simulated chain of a network.
    pub(crate) fn new(network: Network, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { network, store, clock }
    }

    async fn mode(&self) -> Result<SandboxMode, RailError> {
        let mode = self.store.state(&mode_state(self.network)).await.map_err(|error| self.away(&error))?;
        Ok(mode.and_then(|name| SandboxMode::from_name(&name)).unwrap_or_default())
    }

    async fn account_of(&self, destination: &Destination) -> Result<SandboxAccount, RailError> {
        let name = self.store.state(&account_state(destination)).await.map_err(|error| self.away(&error))?;
        Ok(SandboxAccount::ALL.into_iter().find(|account| Some(account.name()) == name.as_deref()).unwrap_or_default())
    }

    /// Returns what it costs to pay an account; nothing when it cannot be paid.
    async fn fee_to(&self, mode: SandboxMode, asset: &Asset, destination: &Destination) -> Result<Option<Amount>, RailError> {
        let fee = fee_units(mode, asset);
        Ok(match self.account_of(destination).await? {
            SandboxAccount::Ready => Some(asset.units(fee)),
            SandboxAccount::New => Some(asset.units(fee.saturating_mul(2))),
            SandboxAccount::Missing => None,
        })
    }

    async fn mined(&self, txid: &str) -> Result<Option<SandboxTransaction>, RailError> {
        self.store.mined(self.network, txid).await.map_err(|error| self.away(&error))
    }

    /// A block a second: counts the seconds since, the transaction's own block included.
    fn confirmations(&self, transaction: &SandboxTransaction) -> u32 {
        if transaction.is_final {
            return u32::MAX;
        }
        let age = self.clock.now().duration_since(transaction.mined_at.0).as_secs();
        u32::try_from(age).unwrap_or_default().saturating_add(1)
    }

    fn away(&self, error: &StoreError) -> RailError {
        RailError::Unreachable { network: self.network, detail: error.to_string() }
    }

    /// Returns the account that payments come from unless they say otherwise: the same one for ever, nobody's on the real network.
    pub(crate) fn payer(network: Network) -> Result<Destination, domain::destination::DestinationError> {
        Destination::of_account(network, account(network, "payer"), None)
    }

    /// Derives an account from a number: another one per network, the same one for ever.
    fn address_of(&self, name: &str) -> Result<Destination, RailError> {
        Destination::of_account(self.network, account(self.network, name), None).map_err(|error| RailError::Misconfigured {
            network: self.network,
            detail: format!("no address can be made: {}", error.code()),
        })
    }
}

fn fee_units(mode: SandboxMode, asset: &Asset) -> u128 {
    match mode {
        SandboxMode::Dear => asset.network_fee_units.saturating_mul(2),
        SandboxMode::Ok | SandboxMode::Stuck | SandboxMode::Fail | SandboxMode::LostReply | SandboxMode::Reverts | SandboxMode::Slow => {
            asset.network_fee_units
        }
    }
}

fn account(network: Network, name: &str) -> [u8; 20] {
    let digest = Sha256::digest(format!("refundry sandbox {network} {name}"));
    let mut account = [0; 20];
    account.copy_from_slice(&digest[..20]);
    account
}

/// What a simulated payout's bytes say.
#[derive(serde::Serialize, serde::Deserialize)]
struct Wire {
    slot: u64,
    /// How often its fee was raised.
    raised: u32,
    pays: Vec<Transfer>,
}

/// One transfer of it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Transfer {
    payout: domain::ids::PayoutId,
    asset: AssetId,
    units: u128,
    to: Destination,
}

/// Returns the bytes of a transaction: always the same ones.
fn signed(wire: &Wire) -> Result<SignedPayout, PrepareError> {
    let bytes = serde_json::to_vec(wire).map_err(|error| PrepareError::SignerUnreachable(error.to_string()))?;
    let txid = HEXLOWER.encode(&Sha256::digest(&bytes));
    Ok(SignedPayout { slot: wire.slot, txid, bytes })
}

#[async_trait]
impl Rail for SandboxRail {
    fn deposit_address(&self, index: u32) -> Result<Destination, RailError> {
        self.address_of(&index.to_string())
    }

    fn shared_account(&self, number: u32) -> Result<Option<Destination>, RailError> {
        uses_tag(self.network).then(|| self.address_of(&format!("account {number}"))).transpose()
    }

    async fn quote(&self, asset: &Asset) -> Result<Amount, RailError> {
        Ok(asset.units(fee_units(self.mode().await?, asset)))
    }

    async fn quote_to(&self, asset: &Asset, destination: &Destination) -> Result<Option<Amount>, RailError> {
        let mode = self.mode().await?;
        self.fee_to(mode, asset, destination).await
    }

    async fn next_slot(&self) -> Result<u64, RailError> {
        let mut tx = self.store.read().await.map_err(|error| self.away(&error))?;
        rails::first_unused_slot(&mut tx, self.network).await.map_err(|error| self.away(&error))
    }

    async fn preflight(&self, order: &PayoutOrder) -> Result<(), PreflightError> {
        let mode = self.mode().await?;
        if mode == SandboxMode::Fail {
            return Err(PreflightError::Never(PayoutFailure::TokenPausedOrBlacklisted));
        }
        match self.fee_to(mode, &order.asset, &order.destination).await? {
            None => Err(PreflightError::Never(PayoutFailure::AccountNotActivated)),
            Some(fee) if order.fee_units < fee.units => Err(PreflightError::Wait(BlockedBy::FeeAboveCap)),
            Some(_) => Ok(()),
        }
    }

    /// Nothing here runs out, and no transaction waits for another.
    fn takes_turns(&self) -> bool {
        false
    }

    fn payouts_at_once(&self) -> usize {
        PAYOUTS_AT_ONCE
    }

    async fn prepare(&self, orders: &[PayoutOrder], slot: u64) -> Result<SignedPayout, PrepareError> {
        let transfer = |order: &PayoutOrder| Transfer {
            payout: order.payout,
            asset: order.asset.id,
            units: order.net_units,
            to: order.destination.clone(),
        };
        signed(&Wire { slot, raised: 0, pays: orders.iter().map(transfer).collect() })
    }

    fn raises_after(&self) -> Option<SignedDuration> {
        Some(RAISED_AFTER)
    }

    async fn raise(&self, _orders: &[PayoutOrder], waiting: &SignedPayout) -> Result<Option<SignedPayout>, PrepareError> {
        let wire: Wire = serde_json::from_slice(&waiting.bytes).map_err(|error| PrepareError::SignerUnreachable(error.to_string()))?;
        if wire.raised >= RAISED_MAX {
            return Ok(None);
        }
        signed(&Wire { raised: wire.raised.saturating_add(1), ..wire }).map(Some)
    }

    async fn broadcast(&self, signed: &SignedPayout) -> Broadcast {
        let mode = match self.mode().await {
            Ok(SandboxMode::Stuck) => return Broadcast::Accepted,
            Ok(mode) => mode,
            Err(error) => return Broadcast::Unknown(error.to_string()),
        };
        let Ok(wire) = serde_json::from_slice::<Wire>(&signed.bytes) else {
            return Broadcast::Unknown("the bytes are not a transaction".to_owned());
        };
        if mode == SandboxMode::Slow && wire.raised == 0 {
            return Broadcast::Accepted;
        }
        let (mined_at, slot) = (self.clock.now(), i64::try_from(wire.slot).unwrap_or(i64::MAX));
        let transfers: Vec<NewSandboxTransaction> = (0..)
            .zip(wire.pays)
            .map(|(output, transfer)| NewSandboxTransaction {
                network: self.network,
                txid: signed.txid.clone(),
                output,
                slot: Some(slot),
                kind: "payout",
                asset: transfer.asset,
                units: transfer.units,
                address: transfer.to.address().to_owned(),
                tag: transfer.to.tag().map(ToString::to_string),
                source: None,
                mined_at,
                is_final: false,
                succeeded: mode != SandboxMode::Reverts,
            })
            .collect();
        let (network, txid) = (self.network, signed.txid.clone());
        let mined = self.store.write(move |tx| {
            Box::pin(async move {
                if rails::is_slot_used(tx, network, slot, &txid).await? {
                    return Ok(false);
                }
                for transfer in &transfers {
                    rails::mine(tx, transfer).await?;
                }
                Ok(true)
            })
        });
        match mined.await {
            Ok(false) => Broadcast::Unknown("another transaction has used its slot".to_owned()),
            Ok(true) if mode == SandboxMode::LostReply => Broadcast::Unknown("the answer was lost".to_owned()),
            Ok(true) => Broadcast::Accepted,
            Err(error) => Broadcast::Unknown(error.to_string()),
        }
    }

    async fn status(&self, signed: &SignedPayout) -> Result<PayoutStatus, RailError> {
        let Some(transaction) = self.mined(&signed.txid).await?.filter(|transaction| !transaction.is_gone) else {
            return Ok(if matches!(self.mode().await?, SandboxMode::Stuck | SandboxMode::Slow) {
                PayoutStatus::Pending
            } else {
                PayoutStatus::NotSeen
            });
        };
        let asset: AssetId = transaction
            .asset
            .parse()
            .map_err(|_| RailError::Unreachable { network: self.network, detail: "a transaction of no asset".to_owned() })?;
        let fee = Amount::zero(asset);
        Ok(PayoutStatus::Mined { confirmations: self.confirmations(&transaction), succeeded: transaction.succeeded, fee })
    }

    async fn watch(&self, cursor: Option<u64>, addresses: &[Watched]) -> Result<Scan, RailError> {
        let after = cursor.unwrap_or_default();
        let mut tx = self.store.read().await.map_err(|error| self.away(&error))?;
        let found = rails::deposits_after(&mut tx, self.network, after).await.map_err(|error| self.away(&error))?;
        drop(tx);
        let mut scan = Scan { cursor: after, deposits: Vec::new(), is_at_head: true };
        if found.is_empty() {
            return Ok(scan);
        }
        let watched: HashSet<_> =
            addresses.iter().map(|watched| (watched.destination.address(), watched.destination.tag().map(ToString::to_string))).collect();
        for transaction in found {
            scan.cursor = u64::try_from(transaction.position).unwrap_or(scan.cursor);
            let is_watched = |tag: Option<String>| watched.contains(&(transaction.address.as_str(), tag));
            if !is_watched(transaction.tag.clone()) && !is_watched(None) {
                continue;
            }
            let Ok(asset) = transaction.asset.parse() else { continue };
            scan.deposits.push(SeenDeposit {
                external_id: transaction.txid.clone(),
                txid: transaction.txid.clone(),
                address: transaction.address.clone(),
                tag: transaction.tag.clone(),
                source: transaction.source.clone(),
                asset,
                units: transaction.amount.0,
                block_time: self.to_outside(transaction.mined_at.0),
                status: DepositStatus::Confirmed(self.confirmations(&transaction)),
            });
        }
        Ok(scan)
    }

    async fn deposit_status(&self, deposit: &SeenDeposit) -> Result<DepositStatus, RailError> {
        Ok(match self.mined(&deposit.txid).await? {
            Some(transaction) if transaction.is_gone => DepositStatus::Gone,
            Some(transaction) => DepositStatus::Confirmed(self.confirmations(&transaction)),
            // What this chain never saw was reported by a merchant's own watcher, who says when it is final.
            None => DepositStatus::Confirmed(0),
        })
    }

    /// One purse for the whole chain. It can pay what it never received (deposits that merchants reported), but not hold less than nothing.
    async fn holdings(&self, asset: &Asset, _: &[Destination]) -> Result<Holdings, RailError> {
        let mut tx = self.store.read().await.map_err(|error| self.away(&error))?;
        let mut sums = [0_u128; 2];
        for (sum, kind) in sums.iter_mut().zip(["deposit", "payout"]) {
            let moved = rails::mined_of(&mut tx, self.network, kind, asset.id).await.map_err(|error| self.away(&error))?;
            let is_final = |transaction: &&SandboxTransaction| transaction.succeeded && self.confirmations(transaction) >= asset.finality;
            *sum = moved.iter().filter(is_final).fold(0_u128, |sum, transaction| sum.saturating_add(transaction.amount.0));
        }
        let [received, paid] = sums;
        Ok(Holdings { hot_units: received.saturating_sub(paid), deposit_units: 0 })
    }

    fn paying_address(&self) -> Option<String> {
        None
    }

    fn explorer_url(&self, _txid: &str) -> Option<String> {
        None
    }
}

impl SandboxRail {
    /// The simulated chain lives on the engine's clock; a rail reports the outside world's.
    fn to_outside(&self, instant: Timestamp) -> Timestamp {
        let ahead = self.clock.in_own_time(instant).duration_since(instant);
        instant.checked_sub(ahead).unwrap_or(instant)
    }
}

//! Rails: how coins really move, one per network. A rail answers questions and carries out one step; it decides nothing
//! about refunds and writes nothing of ours. Every method can be repeated after a crash.

pub mod evm;
pub mod sandbox;

use async_trait::async_trait;
use domain::destination::Destination;
use domain::ids::PayoutId;
use domain::money::{Amount, Asset, AssetId};
use domain::payout::{PayoutFailure, Signed};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// One network's door to the outside.
#[async_trait]
pub trait Rail: Send + Sync {
    /// Returns deposit address number `index`. Pure: the same index gives the same address for ever (BIP-32, watch-only).
    ///
    /// # Errors
    /// `Misconfigured` when the index cannot be derived.
    fn deposit_address(&self, index: u32) -> Result<Destination, RailError>;

    /// Returns shared account number `number`, without a tag, where payments are told apart by tags: then invoices get a tag each on their
    /// MID's account instead of an address each. Pure, as [`Rail::deposit_address`] is.
    ///
    /// # Errors
    /// `Misconfigured` when the number cannot be derived.
    fn shared_account(&self, _number: u32) -> Result<Option<Destination>, RailError> {
        Ok(None)
    }

    /// Returns the EVM chain's number, which payers' wallets are told (EIP-681); nothing for other chains and simulated ones.
    fn chain_id(&self) -> Option<u64> {
        None
    }

    /// Returns what one payout of `asset` costs the payer now, in base units of `asset`.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer.
    async fn quote(&self, asset: &Asset) -> Result<Amount, RailError>;

    /// Returns what one payout of `asset` to this address costs the payer now: more than [`Rail::quote`] where the payout makes the account,
    /// and nothing where no payout can, because its owner has to make it or to fill its reserve first (XRPL, Stellar, Solana's token
    /// accounts). On a network whose addresses need no account it is the quote.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer.
    async fn quote_to(&self, asset: &Asset, _destination: &Destination) -> Result<Option<Amount>, RailError> {
        self.quote(asset).await.map(Some)
    }

    /// Returns the first slot (EVM: nonce) that the chain has not used, pending transactions included.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer.
    async fn next_slot(&self) -> Result<u64, RailError>;

    /// Tries the order against the chain's state without sending anything: balance, gas, paused token, blacklisted address.
    ///
    /// # Errors
    /// `Wait` for what may pass by itself (balance, fee above the quote), `Never` for what will not.
    async fn preflight(&self, order: &PayoutOrder) -> Result<(), PreflightError>;

    /// Does the same beside payouts from the same account that the chain may not show yet: what they will cost is spent already.
    ///
    /// # Errors
    /// As [`Rail::preflight`].
    async fn preflight_beside(&self, order: &PayoutOrder, _under_way: &[UnderWay]) -> Result<(), PreflightError> {
        self.preflight(order).await
    }

    /// Says whether a preflight's answer is worth something only until the next payout is signed: a slot without bytes holds up every later
    /// one, and the signer's limits count what it signed. Then one payout after the other is tried, gets its slot and is signed.
    fn takes_turns(&self) -> bool {
        true
    }

    /// Returns how many payouts one transaction can pay. Only one where a transaction has one recipient (EVM: several would need a contract
    /// of our own, and trust in it).
    fn payouts_at_once(&self) -> usize {
        1
    }

    /// Signs one transaction for the slot that pays all of the orders, or none: one, or up to [`Rail::payouts_at_once`]. It is known by
    /// the first order's payout. The same orders give the same bytes or a refusal, never other bytes.
    ///
    /// # Errors
    /// `Declined` is final for all of them: the signer has written down that it will never sign this. Everything else may be retried.
    async fn prepare(&self, orders: &[PayoutOrder], slot: u64) -> Result<SignedPayout, PrepareError>;

    /// Returns after how long without a block a payout's transaction is replaced by one with a higher fee; `None` where that is not done.
    fn raises_after(&self) -> Option<SignedDuration> {
        None
    }

    /// Signs the orders again, for the slot of the transaction that waits and with a higher fee, so that the network can take only one of the
    /// two. The same transaction that waits gives the same bytes. `None` when the orders allow no more.
    ///
    /// # Errors
    /// `SignerUnreachable`: nothing is declined whose bytes exist.
    async fn raise(&self, _orders: &[PayoutOrder], _waiting: &SignedPayout) -> Result<Option<SignedPayout>, PrepareError> {
        Ok(None)
    }

    /// Hands signed bytes to the network. The answer is a hint; only [`Rail::status`] tells what happened.
    async fn broadcast(&self, signed: &SignedPayout) -> Broadcast;

    /// Returns what the chain knows of a signed payout.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer: nothing is known, nothing may be concluded.
    async fn status(&self, signed: &SignedPayout) -> Result<PayoutStatus, RailError>;

    /// Returns the transfers to `addresses` in blocks after `cursor` (all of them up to the head, or the first part of them,
    /// with a cursor to go on from). `None` starts at the head. A transfer may be returned again: `external_id` tells.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer; the cursor stays where it is.
    async fn watch(&self, cursor: Option<u64>, addresses: &[Watched]) -> Result<Scan, RailError>;

    /// Returns which block the last look ended at, where the chain can be reorganised. It is kept beside the cursor.
    fn last_block(&self) -> Option<BlockMark> {
        None
    }

    /// Takes the next look for one that goes on from this block: the last one looked at, by this or by another process.
    fn go_on_from(&self, _last: Option<BlockMark>) {}

    /// Returns where a transfer seen before stands now.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer.
    async fn deposit_status(&self, deposit: &SeenDeposit) -> Result<DepositStatus, RailError>;

    /// Returns what the rail's accounts hold of an asset, as of the last final block: the account payouts come from, and `deposits`, our
    /// addresses that received some of it.
    ///
    /// # Errors
    /// `Unreachable` when the node does not answer. A rail without an answer of its own gives this one: its books are shown as not
    /// compared, never as right.
    async fn holdings(&self, asset: &Asset, deposits: &[Destination]) -> Result<Holdings, RailError> {
        let detail = format!("it cannot say what it holds of {} on {} deposit addresses", asset.id, deposits.len());
        Err(RailError::Unreachable { network: asset.network, detail })
    }

    /// Returns the address payouts come from, where the network has such. No refund may go there.
    fn paying_address(&self) -> Option<String>;

    /// Returns a link to a transaction for people, when the network has an explorer.
    fn explorer_url(&self, txid: &str) -> Option<String>;
}

/// What a rail's accounts hold of one asset, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// On the account payouts come from.
    pub hot_units: u128,
    /// On deposit addresses.
    pub deposit_units: u128,
}

/// A payout to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutOrder {
    /// Its id: the signer signs one set of bytes for it, ever.
    pub payout: PayoutId,
    /// Of what.
    pub asset: Asset,
    /// What arrives, in base units.
    pub net_units: u128,
    /// What the network may cost at most, in base units of `asset` for a native coin; a token's gas is the operator's.
    pub fee_units: u128,
    /// Where to.
    pub destination: Destination,
}

/// A payout that is neither final nor failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// The slot it uses up, once it has one.
    pub slot: Option<u64>,
    /// Of what.
    pub asset: AssetId,
    /// What arrives, in base units.
    pub net_units: u128,
    /// What the network may cost at most, as in its order.
    pub fee_units: u128,
}

/// Signed bytes, stored before they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPayout {
    /// The slot they use up.
    pub slot: u64,
    /// The transaction id, known before it is sent.
    pub txid: String,
    /// What goes to the network.
    pub bytes: Vec<u8>,
}

impl From<&Signed> for SignedPayout {
    fn from(signed: &Signed) -> Self {
        Self { slot: signed.slot, txid: signed.txid.clone(), bytes: signed.bytes.clone() }
    }
}

/// What the network said to signed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// It took them, now or before.
    Accepted,
    /// It did not say, or said something that proves nothing (time-out, "nonce too low").
    Unknown(String),
}

/// What the chain knows of a signed payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutStatus {
    /// Neither in a block nor waiting for one. Proves nothing: send the same bytes again.
    NotSeen,
    /// Waiting for a block.
    Pending,
    /// In a block.
    Mined {
        /// Its block counts as one.
        confirmations: u32,
        /// Whether the transfer took place; `false` is a revert, which costs the fee.
        succeeded: bool,
        /// What it cost, in base units of the network's own coin.
        fee: Amount,
    },
    /// Another transaction used the slot and is final: these bytes can never be mined.
    Superseded,
}

/// An address to look for deposits on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The address with its tag. Where the network has tags and it has none: the account, with whatever tag.
    pub destination: Destination,
    /// The asset expected there.
    pub asset: Asset,
}

/// A block that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMark {
    /// Where it is: a cursor.
    pub position: u64,
    /// Which one it is: its hash.
    pub name: String,
}

/// What a look at the chain brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The transfers found, oldest first.
    pub deposits: Vec<SeenDeposit>,
    /// Where the next look starts after.
    pub cursor: u64,
    /// Whether that is the head of the chain: nothing more is there to read.
    pub is_at_head: bool,
}

/// A transfer to one of our addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenDeposit {
    /// Names the transfer for ever: `<txid>:<log index>` or `<txid>`.
    pub external_id: String,
    /// Its transaction.
    pub txid: String,
    /// Where it went.
    pub address: String,
    /// The destination tag it carried.
    pub tag: Option<String>,
    /// The account it came from, where the chain tells.
    pub source: Option<String>,
    /// Of what.
    pub asset: AssetId,
    /// How much.
    pub units: u128,
    /// The time of its block, by the chain's clock.
    pub block_time: Timestamp,
    /// Where its block stands now.
    pub status: DepositStatus,
}

/// Where a transfer to us stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositStatus {
    /// In a block with this many confirmations, its own counted.
    Confirmed(u32),
    /// Its block is no longer part of the chain.
    Gone,
}

/// Why a rail could not answer.
#[derive(Debug, Error)]
pub enum RailError {
    /// Nothing is known. Try again.
    #[error("the {network} node does not answer: {detail}")]
    Unreachable {
        /// Which network.
        network: domain::money::Network,
        /// What happened, without secrets.
        detail: String,
    },
    /// The configuration cannot work.
    #[error("the {network} rail is misconfigured: {detail}")]
    Misconfigured {
        /// Which network.
        network: domain::money::Network,
        /// What is wrong and how to put it right.
        detail: String,
    },
}

/// Why an order should not be signed now.
#[derive(Debug, Error)]
pub enum PreflightError {
    /// It may pass later.
    #[error("{0}")]
    Wait(domain::refund::BlockedBy),
    /// It will not: the payout fails with nothing signed.
    #[error("{0}")]
    Never(PayoutFailure),
    /// Nothing is known.
    #[error(transparent)]
    Rail(#[from] RailError),
}

/// Why nothing was signed.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// The signer refused and wrote that down: these bytes will never exist.
    #[error("the signer declined: {reason}")]
    Declined {
        /// Why.
        reason: String,
        /// Whether because it signed another payout for this slot: then the slot is used up, whatever our rows say.
        slot_is_taken: bool,
    },
    /// The signer is away or its answer was lost. Ask again with the same order.
    #[error("the signer does not answer: {0}")]
    SignerUnreachable(String),
    /// Nothing is known.
    #[error(transparent)]
    Rail(#[from] RailError),
}

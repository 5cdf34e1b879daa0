//! Payouts: one movement of coins for one refund. Intent is stored before anything is signed, signed bytes before anything
//! is sent; after that only the chain moves the state (requirements 3.4).

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::ids::{MidId, PayoutId, RefundId};
use crate::lifecycle::Refused;
use crate::money::Amount;
use crate::policy::FeeBearer;

/// One movement of coins for one refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its id: the signer signs one set of bytes for it, ever.
    pub id: PayoutId,
    /// For which refund.
    pub refund: RefundId,
    /// Whose books.
    pub mid: MidId,
    /// What the payer receives.
    pub net: Amount,
    /// What the payer was told the network costs, in the same asset.
    pub fee: Amount,
    /// Who pays that fee.
    pub fee_bearer: FeeBearer,
    /// Whether the network takes its fee in this asset (a native coin) or the operator pays gas in another (a token).
    pub fee_is_in_kind: bool,
    /// Where to.
    pub destination: Destination,
    /// Until when it waits for others that one transaction pays with it, where the network can do that; alone and at once without.
    pub batch_until: Option<Timestamp>,
    /// How often its transaction was replaced by one with a higher fee, in the same slot.
    pub raised: u32,
    /// How often its refund's history tells of that: of several payouts in one transaction each tells it itself, the first at once.
    pub raised_told: u32,
    /// Where it stands.
    pub state: PayoutState,
    /// Grows by one with every change; changes compare it first.
    pub version: i64,
    /// When it was reserved.
    pub created_at: Timestamp,
}

/// Bytes that spend one slot of the hot account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The slot (EVM: nonce).
    pub slot: u64,
    /// The transaction id, known before it is sent.
    pub txid: String,
    /// What goes to the network, always the same.
    pub bytes: Vec<u8>,
    /// Since when they wait for a block: when they were stored, or when the block that held them went away.
    pub at: Timestamp,
}

/// Where a payout stands. All states but `Final` and `Failed` are live: one live payout per refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutState {
    /// Money is set aside; nothing is signed. A crash here leaves intent: sign and go on.
    Reserved,
    /// Signed bytes are stored; nothing was sent as far as we know. A crash here leaves bytes: send them.
    Signed(Signed),
    /// The bytes were handed to the network, which took them or did not say. Only the chain tells.
    Broadcast(Signed),
    /// Final on the chain.
    Final(Signed),
    /// Proven unpaid.
    Failed(PayoutFailure),
}

impl PayoutState {
    /// Returns the name in rows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Signed(_) => "signed",
            Self::Broadcast(_) => "broadcast",
            Self::Final(_) => "final",
            Self::Failed(_) => "failed",
        }
    }

    /// Returns the signed bytes where there are any.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        match self {
            Self::Signed(signed) | Self::Broadcast(signed) | Self::Final(signed) => Some(signed),
            Self::Reserved | Self::Failed(_) => None,
        }
    }
}

impl Payout {
    /// Stores the signed bytes.
    ///
    /// # Errors
    /// `WrongState` unless reserved.
    pub fn sign(self, signed: Signed) -> Result<Self, Refused> {
        match self.state {
            PayoutState::Reserved => Ok(self.into_state(PayoutState::Signed(signed))),
            PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Final(_) | PayoutState::Failed(_) => {
                Err(Refused::WrongState { state: self.state.name() })
            }
        }
    }

    /// Records that the bytes were handed to the network.
    ///
    /// # Errors
    /// `WrongState` unless signed.
    pub fn sent(self) -> Result<Self, Refused> {
        match self.state.clone() {
            PayoutState::Signed(signed) => Ok(self.into_state(PayoutState::Broadcast(signed))),
            PayoutState::Reserved | PayoutState::Broadcast(_) | PayoutState::Final(_) | PayoutState::Failed(_) => {
                Err(Refused::WrongState { state: self.state.name() })
            }
        }
    }

    /// Replaces its transaction by one with a higher fee in the same slot: the network takes one of the two. Both are stored, and either ends it.
    ///
    /// # Errors
    /// `WrongState` unless bytes were handed to the network, or when these are for another slot or the same ones.
    pub fn raise(self, signed: Signed) -> Result<Self, Refused> {
        match &self.state {
            PayoutState::Broadcast(before) if before.slot == signed.slot && before.txid != signed.txid => {
                let raised = self.raised.saturating_add(1);
                Ok(Self { raised, raised_told: raised, ..self.into_state(PayoutState::Signed(signed)) })
            }
            PayoutState::Broadcast(_) | PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Final(_) | PayoutState::Failed(_) => {
                Err(Refused::WrongState { state: self.state.name() })
            }
        }
    }

    /// Takes note that the first payout of its batch replaced the transaction of all of them.
    ///
    /// # Errors
    /// `WrongState` when that is told already, or it is final or failed.
    pub fn raised_along(self) -> Result<Self, Refused> {
        match self.state.clone() {
            state @ (PayoutState::Signed(_) | PayoutState::Broadcast(_)) if self.raised_told < self.raised => {
                let raised_told = self.raised_told.saturating_add(1);
                Ok(Self { raised_told, ..self.into_state(state) })
            }
            PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Final(_) | PayoutState::Failed(_) => {
                Err(Refused::WrongState { state: self.state.name() })
            }
        }
    }

    /// Says which of its transactions the network took, where it had more than one.
    #[must_use]
    pub fn taken_as(self, signed: Signed) -> Self {
        match self.state {
            PayoutState::Signed(_) | PayoutState::Broadcast(_) => Self { state: PayoutState::Broadcast(signed), ..self },
            PayoutState::Reserved | PayoutState::Final(_) | PayoutState::Failed(_) => self,
        }
    }

    /// Records finality.
    ///
    /// # Errors
    /// `WrongState` unless bytes exist that are not final yet.
    pub fn finish(self) -> Result<Self, Refused> {
        match self.state.clone() {
            // The chain may show bytes final that a crash kept us from recording as sent.
            PayoutState::Signed(signed) | PayoutState::Broadcast(signed) => Ok(self.into_state(PayoutState::Final(signed))),
            PayoutState::Reserved | PayoutState::Final(_) | PayoutState::Failed(_) => Err(Refused::WrongState { state: self.state.name() }),
        }
    }

    /// Records that it is proven unpaid: the caller holds the proof (nothing signed and never will be, reverted at final depth, slot spent otherwise).
    ///
    /// # Errors
    /// `WrongState` once final or failed.
    pub fn fail(self, failure: PayoutFailure) -> Result<Self, Refused> {
        match self.state {
            PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) => Ok(self.into_state(PayoutState::Failed(failure))),
            PayoutState::Final(_) | PayoutState::Failed(_) => Err(Refused::WrongState { state: self.state.name() }),
        }
    }

    /// Takes finality back: the block that held it is gone. The same bytes are sent again (odd case 18).
    ///
    /// # Errors
    /// `WrongState` unless final.
    pub fn reopen(self, now: Timestamp) -> Result<Self, Refused> {
        match self.state.clone() {
            PayoutState::Final(signed) => Ok(self.into_state(PayoutState::Broadcast(Signed { at: now, ..signed }))),
            PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Failed(_) => {
                Err(Refused::WrongState { state: self.state.name() })
            }
        }
    }

    fn into_state(self, state: PayoutState) -> Self {
        Self { state, version: self.version.saturating_add(1), ..self }
    }
}

/// Returns one payout's part of what the network took for a transaction that pays `payouts` of them: an equal part each, in whole base
/// units, and what that leaves over to the first. Each part is covered by that payout's own fee, so no payer pays more than was quoted.
#[must_use]
pub fn share_of(spent: Amount, payouts: u32, is_first: bool) -> Amount {
    let payouts = u128::from(payouts.max(1));
    let (part, rest) = (spent.units.checked_div(payouts).unwrap_or_default(), spent.units.checked_rem(payouts).unwrap_or_default());
    Amount { units: if is_first { part.saturating_add(rest) } else { part }, ..spent }
}

/// Why a payout was proven unpaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutFailure {
    /// The token's contract reverted the transfer.
    ContractReverted,
    /// The token is paused, or its issuer blocks the address (odd case 37).
    TokenPausedOrBlacklisted,
    /// The network does not deliver to this address.
    AddressRejected,
    /// The account does not exist, or lacks the reserve that the network asks of accounts (odd case 15).
    AccountNotActivated,
    /// The signer's limits do not allow it.
    SignerDeclined,
    /// Another transaction used the slot.
    Superseded,
}

impl PayoutFailure {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::ContractReverted,
        Self::TokenPausedOrBlacklisted,
        Self::AddressRejected,
        Self::AccountNotActivated,
        Self::SignerDeclined,
        Self::Superseded,
    ];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContractReverted => "contract_reverted",
            Self::TokenPausedOrBlacklisted => "token_paused_or_blacklisted",
            Self::AddressRejected => "address_rejected",
            Self::AccountNotActivated => "account_not_activated",
            Self::SignerDeclined => "signer_declined",
            Self::Superseded => "superseded",
        }
    }

    /// Returns a sentence for staff: what happened and what to do.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::ContractReverted => {
                "The token's contract refused the transfer. Nothing arrived; the money is back in what is owed to the payer."
            }
            Self::TokenPausedOrBlacklisted => {
                "The token is paused, or its issuer blocks this address. Retry later, or ask the payer for another address."
            }
            Self::AddressRejected => "The network does not deliver to this address. Ask the payer for another one.",
            Self::AccountNotActivated => {
                "The account does not exist yet, or lacks its reserve. Ask the payer to activate it and retry, or for another address."
            }
            Self::SignerDeclined => {
                "The signer's limits do not allow this payout. Raise the limit in the signer's configuration, then retry."
            }
            Self::Superseded => {
                "Another transaction used this payout's place on the chain, so it can never be sent. Retry makes a new one."
            }
        }
    }
}

impl fmt::Display for PayoutFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_batch_are_the_whole_cost_and_the_first_pays_what_is_left_over() {
        let spent = |units| Amount { units, asset: "ETH-BASE".parse().expect("an asset") };
        for (units, payouts, first, others) in [(10, 1, 10, 10), (10, 3, 4, 3), (2, 3, 2, 0), (0, 5, 0, 0), (21_000, 20, 1050, 1050)] {
            assert_eq!(share_of(spent(units), payouts, true), spent(first), "{units} for {payouts}");
            assert_eq!(share_of(spent(units), payouts, false), spent(others), "{units} for {payouts}");
            assert_eq!(first + others * u128::from(payouts - 1), units);
        }
    }
}

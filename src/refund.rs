//! The refund: money owed back to a payer, and where it stands. What may happen to it is [`crate::lifecycle::step`]'s.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::exception::Flags;
use crate::ids::{CaseId, ClaimId, InvoiceId, MidId, PayoutId, RefundId};
use crate::money::{Amount, Asset};
use crate::payout::PayoutFailure;
use crate::policy::{FeeBearer, Period};

/// Money owed back to a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id; public, opens nothing.
    pub id: RefundId,
    /// Whose books.
    pub mid: MidId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// From which judgement.
    pub case: CaseId,
    /// `REFUND-<invoice reference>`, with `-2`, `-3` for later ones (TX-06, C12).
    pub reference: String,
    /// Why it exists.
    pub reason: Reason,
    /// In which ways the payment differed.
    pub flags: Flags,
    /// What is owed, fee included. Same asset and network as the payment (TX-08).
    pub amount: Amount,
    /// Who pays the network's fee.
    pub fee_bearer: FeeBearer,
    /// How long it waits after the claim, from the policy version that made it.
    pub security_delay: Period,
    /// Where it stands.
    pub state: RefundState,
    /// Grows by one with every change; changes compare it first.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a refund exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Too much was paid.
    Overpaid,
    /// Too little was paid.
    Underpaid,
    /// It was paid too late.
    Late,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Overpaid, Self::Underpaid, Self::Late];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overpaid => "overpaid",
            Self::Underpaid => "underpaid",
            Self::Late => "late",
        }
    }
}

/// Where a refund stands, with the facts that are true there (`architecture`: one vocabulary for code, rows, API and pages).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The claim link is live.
    AwaitingClaim {
        /// Which claim.
        claim: ClaimId,
        /// Until when it can be claimed, exclusive.
        expires_at: Timestamp,
    },
    /// The destination is frozen; the security delay runs.
    Scheduled {
        /// Where to.
        directed: Directed,
        /// Not sent before; until then the payer can cancel.
        release_at: Timestamp,
        /// Why it waits longer.
        blocked_by: Option<BlockedBy>,
    },
    /// The payout is ordered: the point of no return.
    Sending {
        /// Where to.
        directed: Directed,
        /// By which payout.
        payout: PayoutId,
    },
    /// It is proven that nothing left; the money is owed still.
    PayoutFailed {
        /// Where to.
        directed: Directed,
        /// Why.
        failure: PayoutFailure,
    },
    /// Final on the chain.
    Paid {
        /// Where to.
        directed: Directed,
        /// By which payout.
        payout: PayoutId,
        /// By which transaction.
        txid: String,
    },
    /// Nobody claimed it; the money is the merchant's again.
    Expired {
        /// Until when it could be claimed.
        expired_at: Timestamp,
    },
    /// Stopped.
    Canceled {
        /// By whom and why.
        cancel: Cancel,
    },
}

impl RefundState {
    /// Returns the state's name, without its facts.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::AwaitingClaim { .. } => StateName::AwaitingClaim,
            Self::Scheduled { .. } => StateName::Scheduled,
            Self::Sending { .. } => StateName::Sending,
            Self::PayoutFailed { .. } => StateName::PayoutFailed,
            Self::Paid { .. } => StateName::Paid,
            Self::Expired { .. } => StateName::Expired,
            Self::Canceled { .. } => StateName::Canceled,
        }
    }

    /// Returns where the payer wants the money, once they said so.
    #[must_use]
    pub const fn directed(&self) -> Option<&Directed> {
        match self {
            Self::Scheduled { directed, .. }
            | Self::Sending { directed, .. }
            | Self::PayoutFailed { directed, .. }
            | Self::Paid { directed, .. } => Some(directed),
            Self::AwaitingClaim { .. } | Self::Expired { .. } | Self::Canceled { .. } => None,
        }
    }
}

/// A state's name: one vocabulary for rows, API, webhooks and pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StateName {
    /// The claim link is live.
    AwaitingClaim,
    /// The security delay runs.
    Scheduled,
    /// The payout is ordered.
    Sending,
    /// Proven unpaid.
    PayoutFailed,
    /// Final on the chain.
    Paid,
    /// Back at the merchant.
    Expired,
    /// Stopped.
    Canceled,
}

impl StateName {
    /// All states, in the order of a refund's life.
    pub const ALL: [Self; 7] =
        [Self::AwaitingClaim, Self::Scheduled, Self::Sending, Self::PayoutFailed, Self::Paid, Self::Expired, Self::Canceled];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingClaim => "awaiting_claim",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::PayoutFailed => "payout_failed",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    /// Returns the state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the payer confirmed: where to, at what fee. Frozen; another destination is a new claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directed {
    /// By which claim.
    pub claim: ClaimId,
    /// Where to.
    pub destination: Destination,
    /// What the network costs the payer, in the refund's asset.
    pub fee: Amount,
    /// When it was confirmed.
    pub confirmed_at: Timestamp,
}

/// Why a refund that is due waits. The money stays in what is owed to the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BlockedBy {
    /// The hot account holds too little of the asset or of gas.
    InsufficientFunds,
    /// The network costs more now than the payer was told.
    FeeAboveCap,
    /// The operator's signer does not sign now: it is away, or its limit for the day is used up.
    Maintenance,
}

impl BlockedBy {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::InsufficientFunds, Self::FeeAboveCap, Self::Maintenance];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::FeeAboveCap => "fee_above_cap",
            Self::Maintenance => "maintenance",
        }
    }
}

impl fmt::Display for BlockedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who stopped a refund, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// Who.
    pub by: CanceledBy,
    /// Why, from the page's list.
    pub reason: CancelReason,
    /// In their own words.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Who stopped a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CanceledBy {
    /// The payer. From then on only the merchant can offer it again (CP-13).
    Payer,
    /// The merchant.
    Merchant,
}

impl CanceledBy {
    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Merchant => "merchant",
        }
    }
}

/// Why a refund was stopped (CP-11, CP-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CancelReason {
    /// The address is wrong.
    WrongAddress,
    /// Somebody else asked for it.
    NotRequested,
    /// Another reason, in the note.
    Other,
}

impl CancelReason {
    /// All reasons, in the order of the page.
    pub const ALL: [Self; 3] = [Self::WrongAddress, Self::NotRequested, Self::Other];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongAddress => "wrong_address",
            Self::NotRequested => "not_requested",
            Self::Other => "other",
        }
    }

    /// Returns the reason of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Returns what arrives after the fee.
///
/// # Errors
/// `FeeExceedsAmount` when nothing worth sending is left (odd case 8), `MixedAssets` when the three are not of one asset.
pub fn net_of_fee(amount: Amount, fee: Amount, asset: &Asset) -> Result<Amount, crate::lifecycle::Refused> {
    if fee.asset != amount.asset || asset.id != amount.asset {
        return Err(crate::money::MoneyError::MixedAssets.into());
    }
    amount.minus(fee).ok().filter(|net| net.units > 0 && net.units >= asset.dust_units).ok_or(crate::lifecycle::Refused::FeeExceedsAmount)
}

//! Where a refund stands: its states, and the facts that are true in each.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::ids::{ClaimId, PayoutId};
use crate::merchant::Actor;
use crate::money::Amount;
use crate::names::choices;
use crate::payout::PayoutFailure;
use crate::rate::{Fiat, Rate};

/// Where a refund stands, with the facts that are true there (`architecture`: one vocabulary for code, rows, API and pages).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// A second person must approve it (maker is not checker).
    AwaitingApproval {
        /// Where to, when the merchant said so.
        destination: Option<Destination>,
    },
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
    /// A person looks at it before it is sent.
    OnHold {
        /// Where to.
        directed: Directed,
        /// Not sent before; until then the payer can cancel.
        release_at: Timestamp,
        /// Why.
        why: HoldReason,
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
        /// What the merchant got for it, when the MID settles in a currency (odd case 39).
        conversion: Option<Conversion>,
    },
    /// Stopped.
    Canceled {
        /// By whom and why.
        cancel: Cancel,
    },
    /// The second person said no.
    Declined {
        /// Who.
        by: Actor,
        /// Why.
        reason: String,
    },
}

impl RefundState {
    /// Returns the state's name, without its facts.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::AwaitingApproval { .. } => StateName::AwaitingApproval,
            Self::AwaitingClaim { .. } => StateName::AwaitingClaim,
            Self::Scheduled { .. } => StateName::Scheduled,
            Self::OnHold { .. } => StateName::OnHold,
            Self::Sending { .. } => StateName::Sending,
            Self::PayoutFailed { .. } => StateName::PayoutFailed,
            Self::Paid { .. } => StateName::Paid,
            Self::Expired { .. } => StateName::Expired,
            Self::Canceled { .. } => StateName::Canceled,
            Self::Declined { .. } => StateName::Declined,
        }
    }

    /// Returns where the payer wants the money, once they said so.
    #[must_use]
    pub const fn directed(&self) -> Option<&Directed> {
        match self {
            Self::Scheduled { directed, .. }
            | Self::OnHold { directed, .. }
            | Self::Sending { directed, .. }
            | Self::PayoutFailed { directed, .. }
            | Self::Paid { directed, .. } => Some(directed),
            Self::AwaitingApproval { .. }
            | Self::AwaitingClaim { .. }
            | Self::Expired { .. }
            | Self::Canceled { .. }
            | Self::Declined { .. } => None,
        }
    }

    /// Says whether it is neither paid nor over: its money is promised still.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        match self {
            Self::AwaitingApproval { .. }
            | Self::AwaitingClaim { .. }
            | Self::Scheduled { .. }
            | Self::OnHold { .. }
            | Self::Sending { .. }
            | Self::PayoutFailed { .. } => true,
            Self::Paid { .. } | Self::Expired { .. } | Self::Canceled { .. } | Self::Declined { .. } => false,
        }
    }

    /// Returns its claim, and until when that can be confirmed, while the link is live.
    #[must_use]
    pub const fn offered(&self) -> Option<(ClaimId, Timestamp)> {
        match self {
            Self::AwaitingClaim { claim, expires_at } => Some((*claim, *expires_at)),
            Self::AwaitingApproval { .. }
            | Self::Scheduled { .. }
            | Self::OnHold { .. }
            | Self::Sending { .. }
            | Self::PayoutFailed { .. }
            | Self::Paid { .. }
            | Self::Expired { .. }
            | Self::Canceled { .. }
            | Self::Declined { .. } => None,
        }
    }

    /// Returns where it is going, and before when it is not sent, while nothing is ordered and its payer may still cancel.
    #[must_use]
    pub const fn to_be_sent(&self) -> Option<(&Directed, Timestamp)> {
        match self {
            Self::Scheduled { directed, release_at, .. } | Self::OnHold { directed, release_at, .. } => Some((directed, *release_at)),
            Self::AwaitingApproval { .. }
            | Self::AwaitingClaim { .. }
            | Self::Sending { .. }
            | Self::PayoutFailed { .. }
            | Self::Paid { .. }
            | Self::Expired { .. }
            | Self::Canceled { .. }
            | Self::Declined { .. } => None,
        }
    }

    /// Says whether the payer stopped it as somebody else's doing (CP-11).
    #[must_use]
    pub const fn is_not_requested(&self) -> bool {
        match self {
            Self::Canceled { cancel } => matches!((cancel.by, cancel.reason), (CanceledBy::Payer, CancelReason::NotRequested)),
            Self::AwaitingApproval { .. }
            | Self::AwaitingClaim { .. }
            | Self::Scheduled { .. }
            | Self::OnHold { .. }
            | Self::Sending { .. }
            | Self::PayoutFailed { .. }
            | Self::Paid { .. }
            | Self::Expired { .. }
            | Self::Declined { .. } => false,
        }
    }

    /// Returns why a refund that is due waits.
    #[must_use]
    pub const fn blocked_by(&self) -> Option<BlockedBy> {
        match self {
            Self::Scheduled { blocked_by, .. } => *blocked_by,
            Self::AwaitingApproval { .. }
            | Self::AwaitingClaim { .. }
            | Self::OnHold { .. }
            | Self::Sending { .. }
            | Self::PayoutFailed { .. }
            | Self::Paid { .. }
            | Self::Expired { .. }
            | Self::Canceled { .. }
            | Self::Declined { .. } => None,
        }
    }
}

/// A state's name: one vocabulary for rows, API, webhooks and pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StateName {
    /// A second person must approve it.
    AwaitingApproval,
    /// The claim link is live.
    AwaitingClaim,
    /// The security delay runs.
    Scheduled,
    /// A person looks at it.
    OnHold,
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
    /// Not approved.
    Declined,
}

impl StateName {
    /// All states, in the order of a refund's life.
    pub const ALL: [Self; 10] = [
        Self::AwaitingApproval,
        Self::AwaitingClaim,
        Self::Scheduled,
        Self::OnHold,
        Self::Sending,
        Self::PayoutFailed,
        Self::Paid,
        Self::Expired,
        Self::Canceled,
        Self::Declined,
    ];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::AwaitingClaim => "awaiting_claim",
            Self::Scheduled => "scheduled",
            Self::OnHold => "on_hold",
            Self::Sending => "sending",
            Self::PayoutFailed => "payout_failed",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
            Self::Declined => "declined",
        }
    }

    /// Says whether something is still to happen to it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::AwaitingApproval | Self::AwaitingClaim | Self::Scheduled | Self::OnHold | Self::Sending | Self::PayoutFailed => true,
            Self::Paid | Self::Expired | Self::Canceled | Self::Declined => false,
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

choices! {
    /// Why a refund that is due waits. The money stays where it is.
    BlockedBy {
        /// The hot account holds too little of the asset or of gas.
        InsufficientFunds = "insufficient_funds",
        /// The merchant's balance is too small for a refund of the merchant's own money, or for the fee the merchant pays.
        InsufficientBalance = "insufficient_balance",
        /// The network costs more now than the payer was told, or than the policy allows.
        FeeAboveCap = "fee_above_cap",
        /// The operator's signer does not sign now: it is away, or its limit for the day is used up; or the operator stopped all payouts.
        Maintenance = "maintenance",
        /// A password, key or payout setting of the merchant changed less than 24 hours ago (CM-09).
        Frozen = "frozen",
        /// The operator suspended the MID.
        Suspended = "suspended",
        /// The price of the day decides the amount, and no rate source answers.
        RateUnavailable = "rate_unavailable",
        /// A payment of its invoice vanished from the chain (odd case 16).
        DepositReorged = "deposit_reorged",
    }

    /// Why a person looks at a refund before it is sent.
    HoldReason {
        /// A person said so.
        Manual = "manual",
        /// It is above the policy's `review_above`.
        Review = "review",
        /// It is above the policy's `low_risk_band`, and nothing but the link says that its payer claimed it (odd case 34).
        LinkAlone = "link_alone",
        /// Its destination is on a sanctions list that was imported since.
        Screening = "screening",
    }
}

/// What the merchant got for a refund nobody claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// At which price of a coin.
    pub rate: Rate,
    /// How much, in the currency the MID settles in.
    pub credited: Fiat,
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
    /// Refundry: the payment behind it vanished from the chain.
    System,
}

impl CanceledBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Payer, Self::Merchant, Self::System];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Merchant => "merchant",
            Self::System => "system",
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
    /// The payment behind it vanished from the chain; never chosen on a page.
    DepositReorged,
}

impl CancelReason {
    /// The reasons a person can choose, in the order of the page.
    pub const ALL: [Self; 3] = [Self::WrongAddress, Self::NotRequested, Self::Other];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongAddress => "wrong_address",
            Self::NotRequested => "not_requested",
            Self::Other => "other",
            Self::DepositReorged => "deposit_reorged",
        }
    }

    /// Returns the reason of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::DepositReorged]).find(|reason| reason.name() == name)
    }
}

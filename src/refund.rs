//! The refund: money owed back to a payer, and where it stands. What may happen to it is [`crate::lifecycle::step`]'s.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::destination::Destination;
use crate::exception::Flags;
use crate::ids::{CaseId, ClaimId, InvoiceId, MidId, PayoutId, PolicyId, RefundId};
use crate::ledger::Account;
use crate::lifecycle::Refused;
use crate::merchant::Actor;
use crate::money::{Amount, Asset, MoneyError};
use crate::names::choices;
use crate::payout::PayoutFailure;
use crate::policy::{FeeBearer, Notify, OnExpiry, Policy, RateRule};
use crate::rate::{Fiat, Rate};

/// Money owed back to a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id; public, opens nothing.
    pub id: RefundId,
    /// Whose books.
    pub mid: MidId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// From which judgement; `None` when the merchant made it.
    pub case: Option<CaseId>,
    /// Under which settings it lives: those of the day it was made.
    pub policy: PolicyId,
    /// Which version of the MID's policy that was.
    pub policy_number: u32,
    /// `REFUND-<invoice reference>`, with `-2`, `-3` for later ones (TX-06, C12).
    pub reference: String,
    /// Why it exists.
    pub reason: Reason,
    /// In which ways the payment differed.
    pub flags: Flags,
    /// What is owed. Same asset and network as the payment (TX-08).
    pub amount: Amount,
    /// What it is in the invoice's currency, when the merchant asked for it so.
    pub priced: Option<Fiat>,
    /// How many coins that is.
    pub rate_rule: RateRule,
    /// Who pays the network's fee.
    pub fee_bearer: FeeBearer,
    /// Whose money it is.
    pub funding: Funding,
    /// Whether that money is set aside already. Without `immediate` a merchant's money is set aside when it is sent (BP-13).
    pub is_reserved: bool,
    /// Whether a person looked at it and let it go.
    pub is_reviewed: bool,
    /// What the merchant said when making it.
    pub request: Option<Request>,
    /// When the payer was last written to (BP-11).
    pub notified_at: Option<Timestamp>,
    /// Where it stands.
    pub state: RefundState,
    /// Grows by one with every change; changes compare it first.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whose money a refund is paid from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// The payer's own, held of the invoice's payment.
    Holding,
    /// The payer's own, in an asset the invoice did not ask for.
    Suspense,
    /// The merchant's. Never that of other payers (odd case 30).
    Merchant,
}

impl Funding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Holding, Self::Suspense, Self::Merchant];

    /// Returns the name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holding => "holding",
            Self::Suspense => "suspense",
            Self::Merchant => "merchant",
        }
    }

    /// Returns the account that the money comes from, and goes back to when it is not paid out.
    #[must_use]
    pub const fn account(self, invoice: InvoiceId) -> Account {
        match self {
            Self::Holding => Account::Holding(invoice),
            Self::Suspense => Account::Suspense,
            Self::Merchant => Account::MerchantAvailable,
        }
    }
}

/// What the merchant said when making a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who made it: never the one who approves it.
    pub maker: Actor,
    /// The merchant's own name for it, up to 100 characters (BP-07).
    pub reference: Option<String>,
    /// Why, for the merchant's staff.
    pub reason: Option<String>,
    /// A message for the payer.
    pub message: Option<String>,
    /// Whether the money leaves the merchant's balance when the refund is made or offered again, not when it is sent (BP-13).
    pub immediate: bool,
    /// Whether Refundry writes to the payer; as the policy says when nothing was said.
    pub notify: Option<bool>,
    /// Whether a second person agreed, where one had to.
    pub approval: Approval,
}

choices! {
    /// What a second person has to do with a merchant's refund.
    Approval {
        /// Nothing: it is below the limit, or there is none.
        NotNeeded = "not_needed",
        /// Must approve it: until then nothing is offered, also not after it was canceled.
        Needed = "needed",
        /// Approved it as it was made.
        Given = "given",
    }
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
    /// It was paid in another asset.
    WrongAsset,
    /// It was paid without the tag that says what it is for.
    MissingTag,
    /// It was paid as asked, and a person did not accept it.
    NotAccepted,
    /// The merchant gives it back.
    Merchant,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 7] =
        [Self::Overpaid, Self::Underpaid, Self::Late, Self::WrongAsset, Self::MissingTag, Self::NotAccepted, Self::Merchant];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overpaid => "overpaid",
            Self::Underpaid => "underpaid",
            Self::Late => "late",
            Self::WrongAsset => "wrong_asset",
            Self::MissingTag => "missing_tag",
            Self::NotAccepted => "not_accepted",
            Self::Merchant => "merchant",
        }
    }
}

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

impl Refund {
    /// Says whether Refundry writes to the payer, under the settings that the refund lives by.
    #[must_use]
    pub fn writes_to_payer(&self, policy: &Policy) -> bool {
        let by_policy = match policy.notify {
            Notify::EngineEmail | Notify::Both => true,
            Notify::Merchant | Notify::Nobody => false,
        };
        self.request.as_ref().and_then(|request| request.notify).unwrap_or(by_policy)
    }

    /// Says whether its money becomes the merchant's when nobody claims it; else it stays held for the payer.
    #[must_use]
    pub const fn expires_to_merchant(&self, policy: &Policy) -> bool {
        match (self.funding, policy.on_expiry) {
            (Funding::Merchant, _) | (Funding::Holding, OnExpiry::CreditMerchant) => true,
            (Funding::Holding, OnExpiry::Hold) | (Funding::Suspense, _) => false,
        }
    }

    /// Returns what a second person has to do with it: nothing with what a rule made.
    #[must_use]
    pub fn approval(&self) -> Approval {
        self.request.as_ref().map_or(Approval::NotNeeded, |request| request.approval)
    }

    /// Says whether its money is set aside when it is offered: always, but for one that the merchant made without `immediate` (BP-13).
    #[must_use]
    pub fn is_set_aside_when_offered(&self) -> bool {
        self.request.as_ref().is_none_or(|request| request.immediate)
    }

    /// Returns what arrives: all of it when the merchant pays the fee, else what is left after it.
    ///
    /// # Errors
    /// `FeeExceedsAmount` when nothing worth sending is left (odd case 8), `MixedAssets` when the three are not of one asset.
    pub fn net(&self, fee: Amount, asset: &Asset) -> Result<Amount, Refused> {
        net_of_fee(self.amount, self.fee_bearer, fee, asset)
    }
}

/// Returns what arrives of an amount.
///
/// # Errors
/// As [`Refund::net`].
pub fn net_of_fee(amount: Amount, bearer: FeeBearer, fee: Amount, asset: &Asset) -> Result<Amount, Refused> {
    if fee.asset != amount.asset || asset.id != amount.asset {
        return Err(MoneyError::MixedAssets.into());
    }
    let net = match bearer {
        FeeBearer::Payer => amount.minus(fee).ok(),
        FeeBearer::Merchant => Some(amount),
    };
    net.filter(|net| net.units > 0 && net.units >= asset.dust_units).ok_or(Refused::FeeExceedsAmount)
}

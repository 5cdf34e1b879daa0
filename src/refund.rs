//! The refund: money owed back to a payer, why, and of whose money. What may happen to it is [`crate::lifecycle::step`]'s.

mod mark;
mod state;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exception::Flags;
use crate::ids::{CaseId, InvoiceId, MidId, PolicyId, RefundId};
use crate::ledger::Account;
use crate::lifecycle::Refused;
use crate::merchant::Actor;
use crate::money::{Amount, Asset, MoneyError};
use crate::names::choices;
use crate::policy::{FeeBearer, Notify, OnExpiry, Policy, RateRule};
use crate::rate::Fiat;

pub use mark::Mark;
pub use state::{BlockedBy, Cancel, CancelReason, CanceledBy, Conversion, Directed, HoldReason, RefundState, StateName};

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
    /// What the merchant's program knows it by, unique per MID: asked for again, it is the same refund.
    pub guid: Option<String>,
    /// The ticket of the merchant's support that led to it (BP-04).
    pub support_request: Option<String>,
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

//! The claim page, as its payer may see it.

use jiff::Timestamp;

use super::BrandView;
use crate::claim::Asked;
use crate::claim_code::Needs;
use crate::language::Spoken;
use crate::money::Asset;
use crate::policy::FeeBearer;
use crate::refund::{BlockedBy, CanceledBy, Reason};

/// What the payer's page shows. Made for one visitor: the whole destination and the cancel link are there only for the
/// browser that confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimView {
    /// The merchant's name.
    pub merchant: String,
    /// The order's reference.
    pub order: String,
    /// `REFUND-…`.
    pub reference: String,
    /// Why the refund exists.
    pub reason: Reason,
    /// Whether the order counts as paid (only the extra comes back).
    pub order_is_complete: bool,
    /// What it is made of.
    pub asset: Asset,
    /// What is owed.
    pub amount: String,
    /// What came in.
    pub received: String,
    /// What the order cost, in coins.
    pub price: String,
    /// The network's fee: as confirmed, else as it is now.
    pub fee: String,
    /// Who pays it.
    pub fee_bearer: FeeBearer,
    /// What the merchant says.
    pub message: Option<String>,
    /// What arrives; nothing when the fee eats it up.
    pub net: Option<String>,
    /// How the merchant wants to be recognised.
    pub brand: BrandView,
    /// Which language the payer reads, as far as that is known.
    pub spoken: Spoken,
    /// What the payer is asked beside the address.
    pub asked: Asked,
    /// What the claim needs beside its link.
    pub needs: Needs,
    /// Where the payer is written to, masked.
    pub email: Option<String>,
    /// When this was true.
    pub now: Timestamp,
    /// Where it stands.
    pub state: ClaimViewState,
}

/// Where a refund stands, as its payer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimViewState {
    /// Waits for an address.
    Open {
        /// Until when.
        expires_at: Timestamp,
        /// When it is sent if it is confirmed now.
        release_at: Timestamp,
    },
    /// Confirmed, not sent yet.
    Scheduled {
        /// Where to.
        to: ShownDestination,
        /// When it was confirmed.
        confirmed_at: Timestamp,
        /// When it is sent.
        release_at: Timestamp,
        /// Why it waits longer.
        waits: Option<Waits>,
        /// Whether the payer's time to cancel goes on: it can be longer than until `release_at`, by what an outage took of it.
        can_cancel: bool,
        /// The path of the cancel page, for the browser that confirmed, while there is something to cancel.
        cancel_path: Option<String>,
    },
    /// On its way.
    Sending {
        /// Where to.
        to: ShownDestination,
        /// When that was confirmed.
        confirmed_at: Timestamp,
        /// The transaction, once signed.
        txid: Option<String>,
        /// A link to it.
        explorer_url: Option<String>,
        /// Whether it took the place of one that waited too long, with a higher fee.
        fee_raised: bool,
        /// How many blocks have confirmed it.
        confirmations: u32,
        /// How many are needed.
        finality: u32,
    },
    /// Arrived.
    Paid {
        /// Where to.
        to: ShownDestination,
        /// When that was confirmed.
        confirmed_at: Timestamp,
        /// The transaction.
        txid: String,
        /// A link to it.
        explorer_url: Option<String>,
        /// When it was final.
        paid_at: Timestamp,
        /// How many blocks confirmed it.
        finality: u32,
    },
    /// Nothing left; the merchant tries again.
    Delayed {
        /// Where to.
        to: ShownDestination,
    },
    /// Not claimed in time.
    Expired {
        /// When.
        expired_at: Timestamp,
        /// Whether the money stays held for the payer; else it is the merchant's again.
        is_held: bool,
    },
    /// Stopped.
    Canceled {
        /// By whom.
        by: CanceledBy,
        /// When.
        at: Timestamp,
    },
}

/// Why a refund is not sent although its payer did all that was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Something is missing, or stopped.
    For(BlockedBy),
    /// The merchant's payouts are locked until then (CM-09).
    UntilThawed(Timestamp),
    /// It is due, and a person of the merchant's looks at it first.
    ForACheck,
}

impl ClaimViewState {
    /// Returns how far the refund is, as an opaque text that changes when the payer's page should.
    #[must_use]
    pub fn stage(&self) -> String {
        match self {
            Self::Open { .. } => "open".to_owned(),
            Self::Scheduled { waits, .. } => match waits {
                Some(Waits::For(reason)) => format!("scheduled:{reason}"),
                Some(Waits::UntilThawed(until)) => format!("scheduled:{until}"),
                Some(Waits::ForACheck) => "scheduled:checked".to_owned(),
                None => "scheduled".to_owned(),
            },
            Self::Sending { txid, confirmations, .. } => format!("sending:{confirmations}:{}", txid.is_some()),
            Self::Paid { .. } => "paid".to_owned(),
            Self::Delayed { .. } => "delayed".to_owned(),
            Self::Expired { .. } => "expired".to_owned(),
            Self::Canceled { .. } => "canceled".to_owned(),
        }
    }
}

/// A destination as one visitor may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownDestination {
    /// The whole address, or first and last characters.
    pub address: String,
    /// The tag, only beside a whole address.
    pub tag: Option<String>,
    /// Whether it is whole.
    pub is_whole: bool,
}

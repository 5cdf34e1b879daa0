//! A refund, whole and as lists show it, and the quote it can come from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::email::{EmailKind, EmailState};
use crate::exception::Flags;
use crate::money::Network;
use crate::payout::PayoutFailure;
use crate::policy::{FeeBearer, RateRule};
use crate::refund::{BlockedBy, CancelReason, CanceledBy, HoldReason, Reason, StateName};

views! {
    /// A refund.
    pub struct RefundView {
        /// Its id.
        pub id: Uuid,
        /// Of which MID.
        pub mid: Uuid,
        /// Of which invoice.
        pub invoice: Uuid,
        /// `REFUND-…`.
        pub reference: String,
        /// Where it stands.
        pub state: StateName,
        /// Why it waits although due.
        pub blocked_by: Option<BlockedBy>,
        /// Why it exists.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub reason: Reason,
        /// In which ways the payment differed.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        pub exceptions: Flags,
        /// What is owed, fee included.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// Where the asset lives.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub network: Network,
        /// What the amount is worth at the invoice's rate; nothing when it cannot be said exactly to cents.
        pub amount_billed: Option<String>,
        /// ISO 4217.
        pub billed_currency: String,
        /// The network's fee; known once a claim quoted it.
        pub fee: Option<FeeView>,
        /// What arrives, once the fee is known.
        pub net_amount: Option<String>,
        /// Which version of the MID's policy it lives by.
        pub policy_version: u32,
        /// How the coins were worked out.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub rate_rule: RateRule,
        /// Who pays the network's fee.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub fee_bearer: FeeBearer,
        /// What its maker asked for, in `billed_currency`; nothing for what no merchant made.
        pub amount_asked: Option<String>,
        /// Whether its money is set aside already.
        pub immediate: bool,
        /// Whether Refundry writes to the payer, when its maker said so; as the policy says else.
        pub notify: Option<bool>,
        /// The merchant's own name for it.
        pub merchant_reference: Option<String>,
        /// What the merchant's program knows it by, where it said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub guid: Option<String>,
        /// The ticket of the merchant's support that led to it.
        #[serde(default)]
        pub support_request: Option<String>,
        /// Why, in the words of the merchant's staff.
        pub merchant_reason: Option<String>,
        /// The message for the payer.
        pub message: Option<String>,
        /// Who made it, when it was the merchant: `user:…` or `key:…`.
        pub made_by: Option<String>,
        /// When the payer was last written to.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub last_notification_at: Option<Timestamp>,
        /// The payer's link; only for its creator, only while it can be claimed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub claim_url: Option<String>,
        /// Until when it can be claimed.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub expires_at: Option<Timestamp>,
        /// Not sent before.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub release_at: Option<Timestamp>,
        /// Where to.
        pub destination: Option<DestinationView>,
        /// The payout's transaction, once signed.
        pub txid: Option<String>,
        /// A link to it for people.
        pub explorer_url: Option<String>,
        /// Whether it took the place of one that waited too long, with a higher fee: the payer gets the same.
        pub fee_raised: bool,
        /// Why the payout failed.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub failure: Option<PayoutFailure>,
        /// Why a person looks at it.
        pub hold_reason: Option<HoldReason>,
        /// What the merchant got for it, when it expired and was converted.
        pub conversion: Option<ConversionView>,
        /// Who stopped it.
        pub cancel: Option<CancelView>,
        /// Why it was not approved.
        pub decline_reason: Option<String>,
        /// When it was created.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// When it last changed.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub updated_at: Timestamp,
        /// Its life so far, oldest first.
        pub timeline: Vec<TimelineEntry>,
        /// Which privacy policy its payer agreed to; not in webhooks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub consent: Option<ConsentView>,
        /// Who was written to about it, oldest first; not in webhooks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub emails: Vec<EmailView>,
    }

    /// What a payer agreed to.
    pub struct ConsentView {
        /// Where the privacy policy that they were shown can be read.
        pub url: String,
        /// Which version of it.
        pub version: String,
        /// When they agreed.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
    }

    /// A refund, as lists and invoices show it.
    pub struct RefundSummary {
        /// Its id.
        pub id: Uuid,
        /// Of which MID.
        pub mid: Uuid,
        /// Of which invoice.
        pub invoice: Uuid,
        /// The invoice's reference.
        pub invoice_reference: String,
        /// `REFUND-…`.
        pub reference: String,
        /// Where it stands.
        pub state: StateName,
        /// Why it waits although due.
        pub blocked_by: Option<BlockedBy>,
        /// Why it exists.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub reason: Reason,
        /// What is owed, fee included.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// Where the asset lives.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub network: Network,
        /// When it was created.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// When it last changed.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub updated_at: Timestamp,
    }

    /// The network's fee.
    pub struct FeeView {
        /// Who pays it.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub bearer: FeeBearer,
        /// How much.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// What it is worth in the invoice's currency, at the invoice's rate (BP-10); nothing when the number is too large to be said.
        pub amount_billed: Option<String>,
    }

    /// A quote: what a refund would be.
    pub struct PreviewView {
        /// Its id, and that of the refund once it is confirmed.
        pub id: Uuid,
        /// Of which MID.
        pub mid: Uuid,
        /// Of which invoice.
        pub invoice: Uuid,
        /// How much, fee included.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// What that is in the invoice's currency.
        pub amount_billed: String,
        /// ISO 4217.
        pub billed_currency: String,
        /// The network's fee.
        pub fee: FeeView,
        /// What arrives.
        pub net_amount: String,
        /// How the coins were worked out.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub rate_rule: RateRule,
        /// Until when it holds.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub expires_at: Timestamp,
    }

    /// What the merchant got for a refund nobody claimed.
    pub struct ConversionView {
        /// The price of a coin it was converted at.
        pub rate: String,
        /// How much.
        pub amount: String,
        /// ISO 4217.
        pub currency: String,
    }

    /// Where a refund goes.
    pub struct DestinationView {
        /// The address.
        pub address: String,
        /// The tag, where the network has one.
        pub tag: Option<String>,
    }

    /// Who stopped a refund, and why.
    pub struct CancelView {
        /// Who.
        pub by: CanceledBy,
        /// Why.
        pub reason: CancelReason,
        /// In their own words.
        pub note: Option<String>,
    }

    /// One moment of a refund's life.
    pub struct TimelineEntry {
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
        /// What it was from then on.
        pub state: StateName,
        /// Who did it: `system`, `payer`, `user:…`, `key:…`.
        pub by: String,
        /// A reason or detail.
        pub note: Option<String>,
    }

    /// A mail to the payer or to the merchant.
    pub struct EmailView {
        /// Its id; its Message-ID begins with it.
        pub id: Uuid,
        /// Which mail.
        pub kind: EmailKind,
        /// Where to.
        pub to: String,
        /// What became of it.
        pub state: EmailState,
        /// Why it was not sent or delivered, in the mail server's words.
        pub error: Option<String>,
        /// How often it was tried.
        pub attempts: u32,
        /// When the event happened.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// When it was last tried.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub attempted_at: Option<Timestamp>,
    }
}

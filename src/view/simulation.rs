//! Read models of a simulation: what a draft of a policy would have made of a period's real payments.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::exception::Flags;
use crate::invoice::InvoiceStatus;
use crate::policy::{DestinationSource, FeeBearer, OnExpiry};

views! {
    /// What a draft would have made of the invoices of a period.
    pub struct SimulationView {
        /// Of which MID.
        pub mid: Uuid,
        /// Invoices made from this instant on.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub from: Timestamp,
        /// Up to this instant, which is not part of it any more.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub to: Timestamp,
        /// How many invoices there are.
        pub invoices: u32,
        /// How many of them got a payment that did not match, in life or by the draft.
        pub with_exceptions: u32,
        /// How many would stand where they stand.
        pub unchanged: u32,
        /// How many would stand elsewhere.
        pub changed: u32,
        /// How many of all a person decided about.
        pub decided_by_person: u32,
        /// How many could not be tried and are in no sum: payments that vanished from the chain, assets that are not configured any more.
        pub left_out: u32,
        /// What became of the money, asset by asset.
        pub sums: Vec<SimulatedSumsView>,
        /// The invoices that would stand elsewhere, the newest first: one page of them.
        pub changes: Vec<SimulatedInvoiceView>,
        /// Where the next page begins: send it as `after`. Nothing at the end.
        pub next: Option<String>,
        /// What a simulation says nothing about, in words.
        pub not_simulated: Vec<String>,
    }

    /// The money of one asset, as it went and as the draft would have had it.
    pub struct SimulatedSumsView {
        /// `<SYMBOL>-<NETWORK>`.
        pub asset: String,
        /// As it went.
        pub live: MoneySplitView,
        /// By the draft.
        pub draft: MoneySplitView,
    }

    /// What became of money that came in, in coins. The four together are all that came.
    pub struct MoneySplitView {
        /// Went to the merchant.
        pub credited: String,
        /// Is given back to payers.
        pub refunded: String,
        /// Waits, for more money or for a person.
        pub held: String,
        /// Was too little to be worth a refund.
        pub dust: String,
    }

    /// An invoice that would stand elsewhere.
    pub struct SimulatedInvoiceView {
        /// Its id.
        pub id: Uuid,
        /// The merchant's own name for it.
        pub reference: String,
        /// When it was made.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// Whether a person decided about its money in life. Where the draft leaves the same money to a person, the decision is repeated.
        pub decided_by_person: bool,
        /// What would be different, in words.
        pub differences: Vec<String>,
        /// Where it stands.
        pub live: EndingView,
        /// Where it would stand.
        pub draft: EndingView,
    }

    /// Where an invoice stands.
    pub struct EndingView {
        /// Its status.
        pub status: InvoiceStatus,
        /// In which ways its payments differed.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        pub exceptions: Flags,
        /// What became of the money, asset by asset.
        pub money: Vec<AssetSplitView>,
        /// What is given back, judgement by judgement.
        pub refunds: Vec<SimulatedRefundView>,
        /// Why money waits for a person: `policy`, `risk`, `rate_unavailable` (no source had a price), `suspended`.
        pub waits_for_a_person: Vec<String>,
    }

    /// What became of money of one asset.
    pub struct AssetSplitView {
        /// `<SYMBOL>-<NETWORK>`.
        pub asset: String,
        /// In coins.
        pub split: MoneySplitView,
    }

    /// A refund, and on which terms it is given.
    pub struct SimulatedRefundView {
        /// How much.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// How long it waits after it was confirmed, such as PT72H.
        pub security_delay: String,
        /// Whether its payer can cancel meanwhile.
        pub payer_cancel: bool,
        /// How long its link works, such as P90D.
        pub claim_ttl: String,
        /// What becomes of it when nobody claims it.
        pub on_expiry: OnExpiry,
        /// Who pays the network's fee.
        pub fee_bearer: FeeBearer,
        /// Who says where it goes.
        pub destination_source: DestinationSource,
        /// Whether a person looks at it before it is sent.
        pub needs_review: bool,
    }
}

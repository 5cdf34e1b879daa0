//! An invoice with its payments and what was judged of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RefundSummary;
use crate::exception::Flags;
use crate::invoice::InvoiceStatus;
use crate::money::Network;

views! {
    /// An invoice.
    pub struct InvoiceView {
        /// Its id.
        pub id: Uuid,
        /// Of which MID.
        pub mid: Uuid,
        /// The merchant's own name for it.
        pub reference: String,
        /// What the merchant's program knows it by, where it said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub guid: Option<String>,
        /// Where it stands.
        pub status: InvoiceStatus,
        /// In which ways its payments differed.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        pub exceptions: Flags,
        /// What it asks for, in `billed_currency`.
        pub amount_billed: String,
        /// ISO 4217.
        pub billed_currency: String,
        /// What it asks for, in `asset`.
        pub amount_charged: String,
        /// `<SYMBOL>-<NETWORK>`.
        pub asset: String,
        /// Where the asset lives.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub network: Network,
        /// The price of one coin in `billed_currency`.
        pub exchange_rate: String,
        /// Where to pay.
        pub address: String,
        /// The tag to pay with, where the network has one.
        pub tag: Option<String>,
        /// Whether it asks for nothing, and is there for what comes to your account without a tag, or with one that no invoice has.
        pub is_for_untagged: bool,
        /// What came in for good, in `asset`.
        pub amount_paid: String,
        /// Whom to write to.
        pub payer_email: Option<String>,
        /// The page for the payer.
        pub hosted_page_url: String,
        /// Where to send a payer who paid.
        pub success_redirect_url: Option<String>,
        /// Where to send a payer who did not.
        pub unsuccess_redirect_url: Option<String>,
        /// The merchant's own notes.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
        pub metadata: Option<Metadata>,
        /// Until when a payment is in time.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub expires_at: Timestamp,
        /// When it was made.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// Its payments, oldest first.
        pub deposits: Vec<DepositView>,
        /// What was judged, oldest first; exact payments are not here.
        pub cases: Vec<CaseView>,
        /// Its refunds, oldest first, each with the essentials.
        pub refunds: Vec<RefundSummary>,
    }

    /// One payment.
    pub struct DepositView {
        /// Its id.
        pub id: Uuid,
        /// Of which invoice.
        pub invoice: Uuid,
        /// Names the transfer for ever.
        pub external_id: String,
        /// Its transaction.
        pub txid: String,
        /// How much.
        pub amount: String,
        /// Of what.
        pub asset: String,
        /// When the chain took it.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub seen_at: Timestamp,
        /// `seen`, `final` or `gone`.
        pub status: String,
    }

    /// A payment that a rule or a person judged.
    pub struct CaseView {
        /// Its id.
        pub id: Uuid,
        /// Of which invoice.
        pub invoice: Uuid,
        /// Which of the invoice's judgements.
        pub number: u32,
        /// In which ways the payment differed.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        pub exceptions: Flags,
        /// `manual`, `credited`, `split`, `refunded`, `dust`, `attributed` or `void`.
        pub state: String,
        /// Why a person decides, while one has to.
        pub why: Option<String>,
        /// What came in.
        pub received: String,
        /// What went to the merchant.
        pub credited: String,
        /// What goes back.
        pub refunded: String,
        /// What was too little for a refund.
        pub residual: String,
        /// Of what.
        pub asset: String,
        /// Since when it stands so.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
    }
}

/// The merchant's own notes on an invoice: any JSON object, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(pub std::collections::BTreeMap<String, String>);

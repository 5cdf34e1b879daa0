//! Read models: what the API answers and the pages show. Amounts are exact decimal strings with their asset beside them,
//! instants RFC 3339 UTC.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::brand::Colour;
use crate::claim::Asked;
use crate::email::{EmailKind, EmailState};
use crate::exception::Flags;
use crate::invoice::InvoiceStatus;
use crate::language::Spoken;
use crate::money::{Asset, Network};
use crate::payment_request::PaymentRequest;
use crate::payout::PayoutFailure;
use crate::policy::{FeeBearer, RateRule};
use crate::refund::{BlockedBy, CancelReason, CanceledBy, HoldReason, Reason, StateName};

macro_rules! views {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

mod books;
mod simulation;

pub use self::books::{AccountLineView, MovementView, ReconciliationState, ReconciliationView, StatementView};
pub use self::simulation::{
    AssetSplitView, EndingView, MoneySplitView, SimulatedInvoiceView, SimulatedRefundView, SimulatedSumsView, SimulationView,
};

views! {
    /// An invoice.
    pub struct InvoiceView {
        /// Its id.
        pub id: Uuid,
        /// Of which MID.
        pub mid: Uuid,
        /// The merchant's own name for it.
        pub reference: String,
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
        /// Who was written to about it, oldest first; not in webhooks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub emails: Vec<EmailView>,
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

    /// An entry of the books.
    pub struct EntryView {
        /// Its number; grows.
        pub id: i64,
        /// Which event.
        pub kind: String,
        /// Whose books.
        pub mid: Uuid,
        /// About which invoice.
        pub invoice: Option<Uuid>,
        /// About which deposit.
        pub deposit: Option<Uuid>,
        /// About which refund.
        pub refund: Option<Uuid>,
        /// About which payout.
        pub payout: Option<Uuid>,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
        /// The movements.
        pub postings: Vec<PostingView>,
    }

    /// A movement: the same amount on both sides.
    pub struct PostingView {
        /// Debited.
        pub debit: String,
        /// Credited.
        pub credit: String,
        /// How much.
        pub amount: String,
        /// Of what.
        pub asset: String,
    }

    /// What an account holds.
    pub struct BalanceView {
        /// Of which MID.
        pub mid: Uuid,
        /// Which account.
        pub account: String,
        /// Whose payment it holds, for `holding`.
        pub invoice: Option<Uuid>,
        /// Of what.
        pub asset: String,
        /// In the account's own sense: what an asset holds, what a liability owes. Negative only for gas that the operator's float paid.
        pub balance: String,
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

    /// Something that happened to an invoice or a refund: what native webhooks say.
    pub struct EventView {
        /// Its id; the webhooks that tell it have it as `webhook-id`.
        pub id: Uuid,
        /// What happened: `refund.paid`.
        #[serde(rename = "type")]
        pub event: String,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// Its place among the events of its invoice or refund, from 1 without a gap.
        pub sequence: i64,
        /// What it is about, as it was then.
        pub data: EventData,
    }

    /// What an event is about: one of them.
    pub struct EventData {
        /// The refund. Its claim link is there in `refund.claim_available`, while it can be used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refund: Option<RefundView>,
        /// The invoice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invoice: Option<InvoiceView>,
    }

    /// A webhook sent, or to be sent.
    pub struct DeliveryView {
        /// Its id.
        pub id: Uuid,
        /// Which event.
        pub event: String,
        /// Its place in the subject's sequence.
        pub sequence: i64,
        /// To which endpoint.
        pub endpoint: Uuid,
        /// Where to.
        pub url: String,
        /// `pending`, `delivered` or `given_up`.
        pub status: String,
        /// How often it was tried.
        pub attempts: u32,
        /// The last answer's HTTP status.
        pub response_status: Option<u16>,
        /// How the last answer began, at most 1,024 bytes of it; nothing when there was none.
        pub answer: Option<String>,
        /// What went wrong last.
        pub error: Option<String>,
        /// When the event happened.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// When it was last tried.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub attempted_at: Option<Timestamp>,
    }

    /// What became of a test: a webhook about nothing that happened, posted once.
    pub struct EndpointTestView {
        /// Whether the endpoint took it: it answered 200 to 299.
        pub taken: bool,
        /// The answer's HTTP status; nothing when there was no answer.
        pub response_status: Option<u16>,
        /// How the answer began, at most 1,024 bytes of it.
        pub answer: Option<String>,
        /// What went wrong.
        pub error: Option<String>,
        /// How long it took, in milliseconds.
        pub took_ms: u64,
        /// What was posted.
        pub body: String,
    }
}

/// The merchant's own notes on an invoice: any JSON object, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(pub std::collections::BTreeMap<String, String>);

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
        blocked_by: Option<BlockedBy>,
        /// Whether the payer's time to cancel goes on: it can be longer than until `release_at`, by what an outage took of it.
        can_cancel: bool,
        /// The path of the cancel page, for the browser that confirmed.
        cancel_path: Option<String>,
    },
    /// On its way.
    Sending {
        /// Where to.
        to: ShownDestination,
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

impl ClaimViewState {
    /// Returns how far the refund is, as an opaque text that changes when the payer's page should.
    #[must_use]
    pub fn stage(&self) -> String {
        match self {
            Self::Open { .. } => "open".to_owned(),
            Self::Scheduled { blocked_by, .. } => match blocked_by {
                Some(reason) => format!("scheduled:{reason}"),
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

/// How a merchant wants to be recognised on payers' pages. The name stands where the merchant's is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandView {
    /// The colour of buttons and marks.
    pub colour: Option<Colour>,
    /// The path of the logo.
    pub logo_path: Option<String>,
}

/// What the payment page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayView {
    /// The name payers know the merchant by.
    pub merchant: String,
    /// How the merchant wants to be recognised.
    pub brand: BrandView,
    /// The invoice, without what payers need not know.
    pub invoice: InvoiceView,
    /// The MID's name: which of the merchant's shops asks.
    pub store: String,
    /// Which language the payer reads, as far as that is known.
    pub spoken: Spoken,
    /// Whether the e-mail address and the consent come first (CP-03, CP-04).
    pub asks_email: bool,
    /// The payment as a wallet reads it, of what is still missing.
    pub request: PaymentRequest,
    /// What was seen of the invoice's own asset, final or not; nothing when nothing came.
    pub seen: Option<String>,
    /// What is still missing; nothing when enough came.
    pub missing: Option<String>,
    /// The refunds of it.
    pub refunds: Vec<PayRefund>,
    /// The secret for a browser that has the page open before anybody paid: later, only there is the claim link shown.
    pub payer_secret: Option<String>,
    /// When this was true.
    pub now: Timestamp,
}

/// A refund on the payment page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRefund {
    /// What is owed.
    pub amount: String,
    /// Of what.
    pub symbol: String,
    /// Why.
    pub reason: Reason,
    /// The path of the claim page, for the payer's own browser.
    pub claim_path: Option<String>,
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

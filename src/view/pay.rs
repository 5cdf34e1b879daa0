//! The payment page, as its payer may see it.

use jiff::Timestamp;

use super::InvoiceView;
use crate::brand::Colour;
use crate::language::Spoken;
use crate::payment_request::PaymentRequest;
use crate::privacy::{MerchantsText, PrivacyText};
use crate::refund::Reason;

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
    /// Whether another system takes the payment and tells of it: nobody looks at this invoice's own address.
    pub is_paid_elsewhere: bool,
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

/// How a merchant wants to be recognised on payers' pages. The name stands where the merchant's is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandView {
    /// The colour of buttons and marks.
    pub colour: Option<Colour>,
    /// The path of the logo.
    pub logo_path: Option<String>,
    /// The merchant's own privacy policy; else Refundry's page is what payers agree to.
    pub privacy: Option<MerchantsText>,
}

impl BrandView {
    /// Returns what payers agree to.
    #[must_use]
    pub fn privacy_text(&self) -> PrivacyText {
        self.privacy.as_ref().map_or(PrivacyText::OWN, |text| PrivacyText::Merchants(text.id))
    }
}

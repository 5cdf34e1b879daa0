//! BitPay's refunds, which its webhooks are too, field for field (BP-04 to BP-15).
//!
//! Amounts are JSON numbers, digit for digit. BitPay's webhooks are not signed, and receivers ask again what they say; these are signed as
//! Refundry's own besides.

use domain::notice::Notice;
use domain::policy::{FeeBearer, RateRule};
use domain::refund::{Reason, StateName};
use domain::view::{InvoiceView, RefundView};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::{Exact, Picture, Seal, Webhook, symbol};
use crate::quotes::Quote;

/// The one number of an event that is documented.
const PENDING_CODE: u16 = 7002;

/// Writes a webhook that goes to `url`; `None` when an amount of the picture is no number, or it is about no refund.
pub(super) fn webhook(picture: &Picture, url: &str, seal: &Seal) -> Option<Webhook> {
    let refund = picture.refund()?;
    let data = refund_document(refund, &picture.invoice, Some(url.to_owned()))?;
    // A refund that nobody claimed in time is canceled like one that was stopped; the event tells them apart.
    let word = if refund.state == StateName::Expired { "expired" } else { data.status };
    let event = Event { code: Some(PENDING_CODE).filter(|_| data.status == "pending"), name: format!("refund_{word}") };
    Some(seal.standard(serde_json::to_string(&Body { event, data }).ok()?))
}

/// Says what changes a refund's status.
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::RefundCreated(_)
        | Notice::RefundClaimed(_)
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundReorged(_)
        | Notice::RefundExpired(_)
        | Notice::RefundCanceled(_)
        | Notice::RefundReissued(_)
        | Notice::RefundDeclined(_) => true,
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimedAgain(_)
        | Notice::RefundSending(_)
        | Notice::RefundFeeRaised(_)
        | Notice::RefundBlocked(_)
        | Notice::RefundExpiring(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundApprovalNeeded(_)
        | Notice::RefundUndelivered(_) => false,
    }
}

#[derive(Serialize)]
struct Body {
    event: Event,
    data: Refund,
}

#[derive(Serialize)]
struct Event {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    name: String,
}

/// A refund as BitPay's clients read it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    invoice: Uuid,
    /// The merchant's own ticket where one was named, else what payer and merchant call the refund when they write about it.
    support_request: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    /// Nothing where the invoice's price says nothing of the coin.
    amount: Option<Exact>,
    currency: String,
    transaction_currency: String,
    transaction_amount: Exact,
    transaction_refund_fee: Exact,
    refund_fee: Exact,
    refund_address: Option<String>,
    txid: Option<String>,
    last_refund_notification: Option<String>,
    #[serde(rename = "notificationURL")]
    notification_url: Option<String>,
    immediate: bool,
    buyer_pays_refund_fee: bool,
    preview: bool,
    request_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Refund {
    /// Returns it with the token that its reader calls by.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }
}

/// Returns a refund; `None` when one of its amounts is no number.
#[must_use]
pub fn refund_document(refund: &RefundView, invoice: &InvoiceView, notification_url: Option<String>) -> Option<Refund> {
    let fee = refund.fee.as_ref();
    Some(Refund {
        id: refund.id,
        guid: refund.guid.clone(),
        reference: refund.merchant_reference.clone(),
        invoice: refund.invoice,
        support_request: Some(refund.support_request.clone().unwrap_or_else(|| refund.reference.clone())),
        status: status_of(refund.state),
        r#type: Some(type_of(refund, invoice)),
        amount: refund.amount_asked.as_deref().or(refund.amount_billed.as_deref()).and_then(Exact::parse),
        currency: refund.billed_currency.clone(),
        transaction_currency: symbol(&refund.asset).to_owned(),
        transaction_amount: Exact::parse(&refund.amount)?,
        transaction_refund_fee: fee.map_or(Some(Exact::zero()), |fee| Exact::parse(&fee.amount))?,
        refund_fee: fee.and_then(|fee| fee.amount_billed.as_deref()).map_or(Some(Exact::zero()), Exact::parse)?,
        refund_address: refund.destination.as_ref().map(|to| to.address.clone()),
        txid: refund.txid.clone(),
        last_refund_notification: refund.last_notification_at.map(instant),
        notification_url,
        immediate: refund.immediate,
        buyer_pays_refund_fee: refund.fee_bearer == FeeBearer::Payer,
        preview: false,
        request_date: instant(refund.created_at),
        token: None,
    })
}

/// Returns a quote, which is a preview here; `None` when one of its amounts is no number.
#[must_use]
pub fn preview_document(quote: Quote, now: Timestamp, notification_url: Option<String>) -> Option<Refund> {
    Some(Refund {
        id: quote.id.0,
        guid: quote.request.guid,
        reference: quote.request.reference,
        invoice: quote.invoice.0,
        support_request: quote.request.support_request,
        status: if now < quote.expires_at { "preview" } else { "canceled" },
        r#type: None,
        amount: quote.amount_billed.as_deref().and_then(Exact::parse),
        currency: quote.billed_currency,
        transaction_currency: symbol(&quote.asset).to_owned(),
        transaction_amount: Exact::parse(&quote.amount)?,
        transaction_refund_fee: Exact::parse(&quote.fee.amount)?,
        refund_fee: quote.fee.amount_billed.as_deref().map_or(Some(Exact::zero()), Exact::parse)?,
        refund_address: quote.request.address,
        txid: None,
        last_refund_notification: None,
        notification_url,
        immediate: quote.request.immediate,
        buyer_pays_refund_fee: quote.fee.bearer == FeeBearer::Payer,
        preview: true,
        request_date: instant(quote.created_at),
        token: None,
    })
}

/// Returns where a refund stands (requirements 1.8).
#[must_use]
pub const fn status_of(state: StateName) -> &'static str {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim => "created",
        StateName::Scheduled | StateName::OnHold | StateName::Sending => "pending",
        StateName::Paid => "success",
        StateName::PayoutFailed => "failure",
        StateName::Expired | StateName::Canceled | StateName::Declined => "canceled",
    }
}

/// Returns why a refund exists (BP-06). What was not taken as a payment at all was declined.
fn type_of(refund: &RefundView, invoice: &InvoiceView) -> &'static str {
    match refund.reason {
        Reason::Overpaid => "overpayment",
        Reason::Underpaid => "underpayment",
        Reason::Late | Reason::WrongAsset | Reason::MissingTag | Reason::NotAccepted => "declined",
        Reason::Merchant => {
            let value = |text: &str| text.parse::<Decimal>().unwrap_or_default();
            let is_full = refund.amount_asked.as_deref().is_some_and(|asked| value(asked) >= value(&invoice.amount_billed));
            if !is_full {
                return "partial";
            }
            match refund.rate_rule {
                RateRule::CoinExact | RateRule::RateThen => "full (fixed rate)",
                RateRule::RateNowAtCreate | RateRule::RateNowAtRelease | RateRule::MinOf | RateRule::MaxOf => "full (current rate)",
            }
        }
    }
}

/// Returns an instant to the millisecond, as these clients read it.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

//! BTCPay Server's webhooks (Greenfield): what became of an invoice, and of the payout that claims its refund.
//!
//! A refund is a pull payment there, as the answer to its making says; whoever claims it makes a payout of it. The signature is
//! `sha256=` and the hexadecimal HMAC-SHA256 of the body, under the text of the endpoint's secret. Bodies carry no amounts.

use data_encoding::HEXLOWER;
use domain::exception::Flag;
use domain::invoice::InvoiceStatus;
use domain::notice::Notice;
use domain::refund::StateName;
use domain::view::{InvoiceView, RefundView};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Picture, Seal, Webhook, is_json};
use crate::store::deliveries::Delivery;

/// Writes a webhook.
pub(super) fn webhook(picture: &Picture, delivery: &Delivery, seal: &Seal) -> Webhook {
    let invoice = &picture.invoice;
    let told = picture.refund().map_or_else(|| of_invoice(invoice), |refund| of_refund(invoice, refund));
    let mut body = json!({
        "deliveryId": seal.id,
        "webhookId": delivery.endpoint.id,
        "originalDeliveryId": seal.id,
        "isRedelivery": delivery.attempts > 0,
        "timestamp": delivery.created_at.0.as_second(),
        "storeId": invoice.mid,
    });
    if let (Value::Object(body), Value::Object(told)) = (&mut body, told) {
        body.extend(told);
    }
    let body = body.to_string();
    let mac = Hmac::<Sha256>::new_from_slice(seal.secret().as_bytes()).expect("HMAC takes keys of any length").chain_update(&body);
    let signature = format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
    Webhook { headers: vec![is_json(), ("btcpay-sig", signature)], body }
}

/// Says what changes an invoice's status, or a payout's. A refund that nobody claimed has none.
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::RefundClaimed(_)
        | Notice::RefundSending(_)
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundReorged(_)
        | Notice::RefundCanceled(_) => true,
        Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundCreated(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimedAgain(_)
        | Notice::RefundFeeRaised(_)
        | Notice::RefundBlocked(_)
        | Notice::RefundExpired(_)
        | Notice::RefundReissued(_)
        | Notice::RefundDeclined(_)
        | Notice::RefundExpiring(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundApprovalNeeded(_)
        | Notice::RefundUndelivered(_) => false,
    }
}

fn of_invoice(invoice: &InvoiceView) -> Value {
    let is_overpaid = invoice.exceptions.has(Flag::Over);
    let (event, more) = match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => ("InvoiceProcessing", json!({ "overPaid": is_overpaid })),
        InvoiceStatus::Complete => ("InvoiceSettled", json!({ "manuallyMarked": false, "overPaid": is_overpaid })),
        InvoiceStatus::Underpaid => ("InvoiceExpired", json!({ "partiallyPaid": true })),
        InvoiceStatus::Expired => ("InvoiceExpired", json!({ "partiallyPaid": false })),
        InvoiceStatus::Canceled => ("InvoiceInvalid", json!({ "manuallyMarked": true })),
    };
    let mut metadata: serde_json::Map<String, Value> =
        invoice.metadata.iter().flat_map(|notes| &notes.0).map(|(name, note)| (name.clone(), json!(note))).collect();
    metadata.insert("orderId".to_owned(), json!(invoice.reference));
    let mut told = json!({ "type": event, "invoiceId": invoice.id, "metadata": metadata });
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told
}

fn of_payout(refund: &RefundView) -> Value {
    let (event, state) = match refund.state {
        StateName::AwaitingApproval | StateName::AwaitingClaim => ("PayoutCreated", "AwaitingApproval"),
        StateName::Scheduled => ("PayoutCreated", "AwaitingPayment"),
        StateName::OnHold | StateName::PayoutFailed => ("PayoutUpdated", "AwaitingPayment"),
        StateName::Sending => ("PayoutUpdated", "InProgress"),
        StateName::Paid => ("PayoutUpdated", "Completed"),
        StateName::Expired | StateName::Canceled | StateName::Declined => ("PayoutUpdated", "Cancelled"),
    };
    json!({ "type": event, "payoutId": refund.id, "pullPaymentId": refund.id, "payoutState": state })
}

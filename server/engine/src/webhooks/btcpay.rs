//! BTCPay Server's webhooks (Greenfield): what became of an invoice, and of the payout that claims its refund.
//!
//! A refund is a pull payment there, as the answer to its making says; whoever claims it makes a payout of it. Claims need nobody's
//! approval here, so a payout is created and approved at one moment, which is told once. The signature is `sha256=` and the hexadecimal
//! HMAC-SHA256 of the body, under the text of the endpoint's secret. Bodies carry no amounts and no links.

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

/// Says what changes an invoice's status, a pull payment's or a payout's.
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::RefundCreated(_)
        | Notice::RefundClaimed(_)
        | Notice::RefundSending(_)
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundReorged(_)
        | Notice::RefundExpired(_)
        | Notice::RefundCanceled(_)
        | Notice::RefundDeclined(_)
        | Notice::RefundReissued(_) => true,
        Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimedAgain(_)
        | Notice::RefundFeeRaised(_)
        | Notice::RefundBlocked(_)
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
    let mut told = json!({ "type": event, "invoiceId": invoice.id, "metadata": metadata(invoice) });
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told
}

/// Returns the merchant's notes, with the order where these receivers look for it.
fn metadata(invoice: &InvoiceView) -> Value {
    let notes = invoice.metadata.iter().flat_map(|notes| &notes.0).map(|(name, note)| (name.clone(), json!(note)));
    Value::Object(notes.chain([("orderId".to_owned(), json!(invoice.reference))]).collect())
}

fn of_refund(invoice: &InvoiceView, refund: &RefundView) -> Value {
    let pull_payment = |event: &str| json!({ "type": event, "pullPaymentId": refund.id });
    let payout =
        |event: &str, state: &str| json!({ "type": event, "payoutId": refund.id, "pullPaymentId": refund.id, "payoutState": state });
    match refund.state {
        StateName::AwaitingApproval | StateName::AwaitingClaim if had_ended(refund) => pull_payment("PullPaymentCreated"),
        StateName::AwaitingApproval | StateName::AwaitingClaim => {
            json!({ "type": "InvoiceRefund", "invoiceId": invoice.id, "metadata": metadata(invoice), "pullPaymentId": refund.id })
        }
        StateName::Scheduled => payout("PayoutCreated", "AwaitingPayment"),
        StateName::OnHold | StateName::PayoutFailed => payout("PayoutUpdated", "AwaitingPayment"),
        StateName::Sending => payout("PayoutUpdated", "InProgress"),
        StateName::Paid => payout("PayoutUpdated", "Completed"),
        StateName::Canceled if was_claimed(refund) => payout("PayoutUpdated", "Cancelled"),
        StateName::Expired | StateName::Canceled | StateName::Declined => pull_payment("PullPaymentArchived"),
    }
}

/// Says whether a refund is offered again.
fn had_ended(refund: &RefundView) -> bool {
    let ended = |state| matches!(state, StateName::Expired | StateName::Canceled | StateName::Declined);
    refund.timeline.iter().any(|entry| ended(entry.state))
}

/// Says whether a refund that was canceled had been claimed by then.
fn was_claimed(refund: &RefundView) -> bool {
    let before = refund.timeline.iter().rev().map(|entry| entry.state).find(|state| *state != StateName::Canceled);
    !matches!(before, None | Some(StateName::AwaitingApproval | StateName::AwaitingClaim))
}

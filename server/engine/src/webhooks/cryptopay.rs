//! Cryptopay's invoices, which its callbacks are too: what became of a payment, and whether it was given back.
//!
//! The signature is the hexadecimal HMAC-SHA256 of the body, under the text of the endpoint's secret.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use domain::exception::Flag;
use domain::invoice::InvoiceStatus;
use domain::money::Network;
use domain::notice::Notice;
use domain::refund::StateName;
use domain::view::InvoiceView;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Picture, Seal, Webhook, is_json, symbol};

/// What its invoices have that ours keep among the merchant's notes.
pub const NOTES: [&str; 3] = ["name", "description", "customer_id"];
/// What tells those notes from the merchant's own.
pub const NOTE_PREFIX: &str = "cryptopay.";

/// Writes a callback.
pub(super) fn webhook(picture: &Picture, seal: &Seal) -> Webhook {
    let body = json!({ "type": "Invoice", "event": "status_changed", "data": invoice_document(&picture.invoice) }).to_string();
    let mac = Hmac::<Sha256>::new_from_slice(seal.secret().as_bytes()).expect("HMAC takes keys of any length").chain_update(&body);
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    Webhook { headers: vec![is_json(), ("x-cryptopay-signature", signature)], body }
}

/// Says what changes an invoice's status: refunds do when they arrive.
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::InvoiceHeld(_)
        | Notice::RefundPaid(_)
        | Notice::RefundReorged(_) => true,
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundCreated(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimed(_)
        | Notice::RefundClaimedAgain(_)
        | Notice::RefundSending(_)
        | Notice::RefundFeeRaised(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundBlocked(_)
        | Notice::RefundExpired(_)
        | Notice::RefundCanceled(_)
        | Notice::RefundReissued(_)
        | Notice::RefundDeclined(_)
        | Notice::RefundExpiring(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundApprovalNeeded(_)
        | Notice::RefundUndelivered(_) => false,
    }
}

/// Returns an invoice as Cryptopay's clients read it.
#[must_use]
pub fn invoice_document(invoice: &InvoiceView) -> Value {
    let coin = symbol(&invoice.asset);
    let note = |name: &str| invoice.metadata.as_ref().and_then(|notes| notes.0.get(&format!("{NOTE_PREFIX}{name}")));
    let own_notes = invoice.metadata.iter().flat_map(|notes| &notes.0).filter(|(name, _)| !name.starts_with(NOTE_PREFIX));
    let own_notes: BTreeMap<&String, &String> = own_notes.collect();
    let transactions = invoice.deposits.iter().map(|deposit| json!({ "txid": deposit.txid }));
    json!({
        "id": invoice.id,
        "custom_id": invoice.reference,
        "customer_id": note("customer_id"),
        "status": status(invoice),
        "status_context": context(invoice),
        "address": invoice.address,
        "network": network_name(invoice.network),
        "price_amount": invoice.amount_billed,
        "price_currency": invoice.billed_currency,
        "fee": "0.0",
        "fee_currency": invoice.billed_currency,
        "pay_amount": invoice.amount_charged,
        "pay_currency": coin,
        "paid_amount": invoice.amount_paid,
        "exchange": {
            "pair": format!("{coin}{}", invoice.billed_currency), "rate": invoice.exchange_rate,
            "fee": "0.0", "fee_currency": invoice.billed_currency,
        },
        "transactions": transactions.collect::<Vec<_>>(),
        "name": note("name"),
        "description": note("description"),
        "metadata": Some(own_notes).filter(|notes| !notes.is_empty()),
        "payer_email": invoice.payer_email,
        "success_redirect_url": invoice.success_redirect_url,
        "unsuccess_redirect_url": invoice.unsuccess_redirect_url,
        "hosted_page_url": invoice.hosted_page_url,
        "created_at": invoice.created_at.to_string(),
        "expires_at": invoice.expires_at.to_string(),
    })
}

/// Returns where an invoice stands: unresolved is what was paid otherwise than asked and did not become the merchant's, until it is
/// given back.
fn status(invoice: &InvoiceView) -> &'static str {
    let waits = invoice.cases.iter().any(|case| case.state == "manual");
    let is_given_back = invoice.refunds.last().is_some_and(|refund| refund.state == StateName::Paid);
    match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => "new",
        InvoiceStatus::Complete if waits => "unresolved",
        InvoiceStatus::Complete => "completed",
        InvoiceStatus::Underpaid | InvoiceStatus::Canceled if is_given_back => "refunded",
        InvoiceStatus::Underpaid | InvoiceStatus::Canceled => "unresolved",
        InvoiceStatus::Expired if waits => "unresolved",
        InvoiceStatus::Expired => "cancelled",
    }
}

/// Returns in which way the payment differed.
fn context(invoice: &InvoiceView) -> Option<&'static str> {
    match () {
        () if invoice.exceptions.has(Flag::Risk) => Some("illicit_resource"),
        () if invoice.exceptions.has(Flag::Late) => Some("paid_late"),
        () if invoice.exceptions.has(Flag::Over) => Some("overpaid"),
        () if invoice.exceptions.has(Flag::Under) => Some("underpaid"),
        () => None,
    }
}

/// Returns a network's name among Cryptopay's clients.
#[must_use]
pub const fn network_name(network: Network) -> &'static str {
    match network {
        Network::Bsc => "binance_smart_chain",
        Network::Xrpl => "ripple",
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bitcoin
        | Network::Dogecoin
        | Network::Ethereum
        | Network::Litecoin
        | Network::Optimism
        | Network::Polygon
        | Network::Solana
        | Network::Stellar
        | Network::Ton
        | Network::Tron => network.name(),
    }
}

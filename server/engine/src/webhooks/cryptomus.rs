//! Cryptomus's webhooks, and those of its sister Heleket: where a payment stands, after each change (CM2), in the words of its API.
//!
//! The signature is a field of the body: MD5 over the base64 of the body without it, and an API key of the MID, as its requests are
//! signed. Receivers encode what they read again and compare, so keys keep their order and slashes are escaped, as PHP writes them.

use base64::Engine as _;
use data_encoding::HEXLOWER;
use domain::exception::Flag;
use domain::invoice::InvoiceStatus;
use domain::money::{Network, format_units, parse_units};
use domain::notice::Notice;
use domain::refund::{Reason, StateName};
use domain::view::InvoiceView;
use md5::{Digest, Md5};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use uuid::Uuid;

use super::{Picture, Webhook, is_json, symbol};

/// Writes a webhook, signed with an API key's secret; `None` when an amount of the picture is no number.
pub(super) fn webhook(picture: &Picture, key: &str) -> Option<Webhook> {
    let invoice = &picture.invoice;
    let status = status(invoice);
    let last = invoice.deposits.last();
    let from = last.and_then(|deposit| picture.payers.iter().find(|payer| payer.deposit == deposit.id));
    let payment = Payment {
        kind: "payment",
        uuid: invoice.id,
        order_id: &invoice.reference,
        amount: &invoice.amount_billed,
        payment_amount: &invoice.amount_paid,
        payment_amount_usd: in_dollars(invoice),
        merchant_amount: credited(invoice)?,
        commission: "0",
        is_final: is_final(status),
        status,
        from: from.and_then(|payer| payer.address.as_deref()),
        wallet_address_uuid: None,
        network: network_name(invoice.network),
        currency: &invoice.billed_currency,
        payer_currency: symbol(&invoice.asset),
        additional_data: invoice.metadata.as_ref().and_then(|data| data.0.get("additional_data")).map(String::as_str),
        txid: last.map(|deposit| deposit.txid.as_str()),
    };
    let unsigned = as_php_writes(&serde_json::to_string(&payment).ok()?);
    let body = format!("{},\"sign\":\"{}\"}}", unsigned.strip_suffix('}')?, signature(unsigned.as_bytes(), key));
    Some(Webhook { headers: vec![is_json()], body })
}

/// Says what changes a payment's status. What overpaid comes back without the payment becoming another (requirements 1.8).
pub(super) const fn knows(notice: Notice, reason: Option<Reason>) -> bool {
    match notice {
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_) => true,
        Notice::RefundCreated(_)
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundReorged(_)
        | Notice::RefundReissued(_)
        | Notice::RefundExpired(_)
        | Notice::RefundCanceled(_)
        | Notice::RefundDeclined(_) => matches!(reason, Some(Reason::Merchant)),
        Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimed(_)
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

/// A payment as it is told, in the order of the documentation.
#[derive(Serialize)]
struct Payment<'p> {
    #[serde(rename = "type")]
    kind: &'static str,
    uuid: Uuid,
    order_id: &'p str,
    amount: &'p str,
    payment_amount: &'p str,
    payment_amount_usd: Option<String>,
    merchant_amount: String,
    commission: &'static str,
    is_final: bool,
    status: &'static str,
    from: Option<&'p str>,
    wallet_address_uuid: Option<Uuid>,
    network: &'static str,
    currency: &'p str,
    payer_currency: &'p str,
    additional_data: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    txid: Option<&'p str>,
}

/// Returns what the payments are worth in dollars at the invoice's rate; nothing for an invoice in another currency.
fn in_dollars(invoice: &InvoiceView) -> Option<String> {
    let in_dollars = invoice.billed_currency == "USD";
    let paid = Decimal::from_str_exact(&invoice.amount_paid).ok().filter(|_| in_dollars)?;
    let worth = paid.checked_mul(Decimal::from_str_exact(&invoice.exchange_rate).ok()?)?;
    Some(format!("{:.2}", worth.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)))
}

/// Returns what of the payments the merchant was credited: all but what was judged to be somebody else's, or waits for that.
fn credited(invoice: &InvoiceView) -> Option<String> {
    let decimals = invoice.amount_paid.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let decimals = u8::try_from(decimals).ok()?;
    let units = |text: &str| parse_units(text, decimals).ok();
    let paid = match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => 0,
        InvoiceStatus::Complete | InvoiceStatus::Underpaid | InvoiceStatus::Expired | InvoiceStatus::Canceled => {
            units(&invoice.amount_paid)?
        }
    };
    let own = invoice.cases.iter().filter(|case| case.asset == invoice.asset);
    let credited = own.map(|case| units(&case.received)?.checked_sub(units(&case.credited)?));
    let kept_back = credited.sum::<Option<u128>>()?;
    Some(format_units(paid.saturating_sub(kept_back), decimals))
}

/// Escapes what PHP's `json_encode` with `JSON_UNESCAPED_UNICODE` does and we do not. These characters stand in strings only.
pub(crate) fn as_php_writes(json: &str) -> String {
    json.replace('/', "\\/").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// Returns what a key makes of a body, of a request as of a webhook: MD5 over its base64 and the key, in hexadecimal.
#[must_use]
pub fn signature(body: &[u8], key: &str) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(body);
    HEXLOWER.encode(&Md5::new().chain_update(text).chain_update(key).finalize())
}

/// Returns the one status these clients know: a refund of all of it outranks how it was paid.
#[must_use]
pub fn status(invoice: &InvoiceView) -> &'static str {
    if let Some(refund) = invoice.refunds.iter().rev().find(|refund| refund.reason == Reason::Merchant) {
        return refund_status(refund.state);
    }
    match invoice.status {
        InvoiceStatus::Pending => "check",
        InvoiceStatus::Processing => "confirm_check",
        InvoiceStatus::Complete if invoice.exceptions.has(Flag::Over) => "paid_over",
        InvoiceStatus::Complete => "paid",
        InvoiceStatus::Underpaid => "wrong_amount",
        InvoiceStatus::Expired => "cancel",
        InvoiceStatus::Canceled => "fail",
    }
}

/// Returns how a refund is seen on its payment (requirements 1.8).
#[must_use]
pub const fn refund_status(state: StateName) -> &'static str {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::Scheduled | StateName::OnHold | StateName::Sending => {
            "refund_process"
        }
        StateName::Paid => "refund_paid",
        StateName::PayoutFailed | StateName::Expired | StateName::Canceled | StateName::Declined => "refund_fail",
    }
}

/// Says whether a status is the payment's last.
#[must_use]
pub fn is_final(status: &str) -> bool {
    matches!(status, "paid" | "paid_over" | "wrong_amount" | "cancel" | "fail" | "refund_paid" | "refund_fail")
}

/// Returns a network's name among these clients.
#[must_use]
pub const fn network_name(network: Network) -> &'static str {
    match network {
        Network::Bitcoin => "btc",
        Network::Dogecoin => "doge",
        Network::Ethereum => "eth",
        Network::Litecoin => "ltc",
        Network::Solana => "sol",
        Network::Stellar => "xlm",
        Network::Xrpl => "xrp",
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Optimism
        | Network::Polygon
        | Network::Ton
        | Network::Tron => network.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C9: the values are those of Python's hashlib and base64, not the documentation's. An empty body signs "".
    #[test]
    fn signatures_are_those_of_other_programs() {
        let body =
            br#"{"uuid": "8b03432e-385b-4670-8d06-064591096795", "address": "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", "is_subtract": "true"}"#;
        assert_eq!(signature(body, "rk_key"), "ef5140f4b3712ba72df97cb82c166cc7");
        assert_eq!(signature(b"", "rk_key"), "93d8cf5194831ef709eca4ba3df6fb82");
    }

    /// Whoever decodes and encodes again, as PHP does, gets the same text.
    #[test]
    fn slashes_and_line_separators_are_escaped() {
        assert_eq!(as_php_writes("{\"a\":\"till 4/5\u{2028}é\"}"), "{\"a\":\"till 4\\/5\\u2028é\"}");
    }
}

//! BVNK's webhooks: a refund as a payout with the payment it gives back inside (BV-10 to BV-14), and that payment itself.
//!
//! Amounts are JSON numbers, digit for digit. The signature is the hexadecimal HMAC-SHA256 of the URL's path, the content type and the
//! body, under the text of the endpoint's secret. What is not known is nought where a number is expected: what the payer's own
//! transaction cost, and a fee before the claim.

use data_encoding::HEXLOWER;
use domain::invoice::InvoiceStatus;
use domain::notice::Notice;
use domain::refund::StateName;
use domain::view::{DepositView, InvoiceView, RefundView};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::Serialize;
use sha2::Sha256;
use uuid::Uuid;

use super::txn::chain;
use super::{Exact, Picture, Seal, Webhook, is_json, symbol};

/// Writes a webhook; `None` when an amount of the picture is no number. `offers` says that it is about a link to share.
pub(super) fn webhook(picture: &Picture, offers: bool, seal: &Seal) -> Option<Webhook> {
    let data = match picture.refund() {
        Some(refund) => payout(picture, refund)?,
        None => pay_in(picture)?,
    };
    let event = if offers { "refundInitiated" } else { "statusChanged" };
    let body = serde_json::to_string(&Body { source: "payment", event, data }).ok()?;
    let content_type = is_json();
    let mut mac = Hmac::<Sha256>::new_from_slice(seal.secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{}{}{body}", seal.path, content_type.1).as_bytes());
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    Some(Webhook { headers: vec![content_type, ("x-signature", signature)], body })
}

/// Says what changes a payment's status, or offers a refund.
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimed(_)
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundReorged(_)
        | Notice::RefundExpired(_)
        | Notice::RefundCanceled(_)
        | Notice::RefundDeclined(_) => true,
        Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_)
        | Notice::RefundCreated(_)
        | Notice::RefundClaimedAgain(_)
        | Notice::RefundSending(_)
        | Notice::RefundFeeRaised(_)
        | Notice::RefundBlocked(_)
        | Notice::RefundReissued(_)
        | Notice::RefundExpiring(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundApprovalNeeded(_)
        | Notice::RefundUndelivered(_) => false,
    }
}

#[derive(Serialize)]
struct Body<'p> {
    source: &'static str,
    event: &'static str,
    data: Payment<'p>,
}

/// A payment in or out, key for key as documented.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payment<'p> {
    uuid: Uuid,
    merchant_display_name: &'p str,
    merchant_id: Uuid,
    date_created: i64,
    expiry_date: i64,
    quote_expiry_date: Option<i64>,
    acceptance_expiry_date: Option<i64>,
    quote_status: &'static str,
    reference: &'p str,
    #[serde(rename = "type")]
    direction: &'static str,
    sub_type: &'static str,
    status: &'static str,
    display_currency: Sum<'p>,
    wallet_currency: Sum<'p>,
    paid_currency: Sum<'p>,
    fee_currency: Sum<'p>,
    display_rate: Option<Price<'p>>,
    exchange_rate: Option<Price<'p>>,
    address: Option<Address<'p>>,
    return_url: &'p str,
    redirect_url: &'p str,
    transactions: Vec<Transaction<'p>>,
    refund: Option<Box<Payment<'p>>>,
    refunds: [(); 0],
}

/// An amount as agreed and as it came to be.
#[derive(Serialize)]
struct Sum<'p> {
    currency: Option<&'p str>,
    amount: Exact,
    actual: Exact,
}

#[derive(Clone, Serialize)]
struct Price<'p> {
    base: &'p str,
    counter: &'p str,
    rate: Exact,
}

#[derive(Serialize)]
struct Address<'p> {
    address: &'p str,
    tag: Option<&'p str>,
    protocol: String,
    uri: String,
    alternatives: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transaction<'p> {
    date_created: i64,
    date_confirmed: Option<i64>,
    hash: &'p str,
    amount: Exact,
    risk: Risk,
    network_fee_currency: &'p str,
    network_fee_amount: Exact,
    sources: Vec<&'p str>,
    display_rate: Price<'p>,
    exchange_rate: Price<'p>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Risk {
    level: &'static str,
    resource_name: &'static str,
    resource_category: &'static str,
    alerts: [(); 0],
}

/// Returns a refund: a payout to whoever follows its link.
fn payout<'p>(picture: &'p Picture, refund: &'p RefundView) -> Option<Payment<'p>> {
    let invoice = &picture.invoice;
    let coin = symbol(&refund.asset);
    let is_paid = refund.state == StateName::Paid;
    let if_paid = |amount: &Exact| if is_paid { amount.clone() } else { Exact::zero() };
    let (owed, worth) = (Exact::parse(&refund.amount)?, number_or_nought(refund.amount_billed.as_deref())?);
    let wallet_currency = match &refund.conversion {
        // The merchant got it, in the currency its MID settles in (BV-14).
        Some(conversion) => {
            let credited = Exact::parse(&conversion.amount)?;
            Sum { currency: Some(&conversion.currency), amount: credited.clone(), actual: credited }
        }
        None => Sum { currency: Some(coin), actual: if_paid(&owed), amount: owed },
    };
    let exchange_rate = match &refund.conversion {
        Some(conversion) => Some(Price { base: coin, counter: &conversion.currency, rate: Exact::parse(&conversion.rate)? }),
        None => None,
    };
    let paid_currency = match (&refund.txid, &refund.net_amount) {
        (Some(_), Some(net)) => {
            let net = Exact::parse(net)?;
            Sum { currency: Some(coin), actual: if_paid(&net), amount: net }
        }
        _ => Sum { currency: None, amount: Exact::zero(), actual: Exact::zero() },
    };
    let fee = number_or_nought(refund.fee.as_ref().and_then(|fee| fee.amount_billed.as_deref()))?;
    let until = refund.expires_at.or(refund.release_at).unwrap_or(refund.updated_at);
    Some(Payment {
        uuid: refund.id,
        merchant_display_name: &picture.merchant,
        merchant_id: refund.mid,
        date_created: refund.created_at.as_millisecond(),
        expiry_date: until.as_millisecond(),
        quote_expiry_date: None,
        acceptance_expiry_date: None,
        quote_status: if is_open(refund.state) { "TEMPLATE" } else { "ACCEPTED" },
        reference: &refund.reference,
        direction: "OUT",
        sub_type: "merchantRefund",
        status: refund_status(refund.state),
        display_currency: Sum { currency: Some(&refund.billed_currency), actual: if_paid(&worth), amount: worth },
        wallet_currency,
        paid_currency,
        fee_currency: Sum { currency: Some(&refund.billed_currency), amount: fee.clone(), actual: fee },
        display_rate: None,
        exchange_rate,
        address: refund.destination.as_ref().map(|to| Address {
            address: &to.address,
            tag: to.tag.as_deref(),
            protocol: chain(refund.network).to_uppercase(),
            uri: uri(refund.network, &to.address),
            alternatives: [],
        }),
        return_url: "",
        // The page of the payment holds no secret, and says how far its refund is.
        redirect_url: refund.claim_url.as_deref().unwrap_or(&invoice.hosted_page_url),
        transactions: sent(invoice, refund)?.into_iter().collect(),
        refund: Some(Box::new(pay_in(picture)?)),
        refunds: [],
    })
}

/// Returns the transaction that pays a refund, once it is known.
fn sent<'p>(invoice: &'p InvoiceView, refund: &'p RefundView) -> Option<Option<Transaction<'p>>> {
    let (Some(txid), Some(net)) = (&refund.txid, &refund.net_amount) else { return Some(None) };
    let at = |state| refund.timeline.iter().rev().find(|entry| entry.state == state).map(|entry| entry.at);
    let price = price(invoice)?;
    Some(Some(Transaction {
        date_created: at(StateName::Sending).unwrap_or(refund.updated_at).as_millisecond(),
        date_confirmed: at(StateName::Paid).filter(|_| refund.state == StateName::Paid).map(Timestamp::as_millisecond),
        hash: txid,
        amount: Exact::parse(net)?,
        risk: risk(false),
        network_fee_currency: symbol(&refund.asset),
        network_fee_amount: number_or_nought(refund.fee.as_ref().map(|fee| fee.amount.as_str()))?,
        sources: Vec::new(),
        display_rate: price.clone(),
        exchange_rate: price,
    }))
}

/// Returns an invoice: a payment in.
fn pay_in(picture: &Picture) -> Option<Payment<'_>> {
    let invoice = &picture.invoice;
    let (billed, nothing) = (Exact::parse(&invoice.amount_billed)?, Exact::zero);
    let currency = Some(invoice.billed_currency.as_str());
    let credited = || Sum {
        currency,
        amount: billed.clone(),
        actual: if invoice.status == InvoiceStatus::Complete { billed.clone() } else { nothing() },
    };
    let deposits = invoice.deposits.iter().filter(|deposit| matches!(deposit.status.as_str(), "seen" | "final"));
    let expiry_date = invoice.expires_at.as_millisecond();
    Some(Payment {
        uuid: invoice.id,
        merchant_display_name: &picture.merchant,
        merchant_id: invoice.mid,
        date_created: invoice.created_at.as_millisecond(),
        expiry_date,
        quote_expiry_date: Some(expiry_date),
        acceptance_expiry_date: Some(expiry_date),
        quote_status: "ACCEPTED",
        reference: &invoice.reference,
        direction: "IN",
        sub_type: "merchantPayIn",
        status: invoice_status(invoice.status),
        display_currency: credited(),
        wallet_currency: credited(),
        paid_currency: Sum {
            currency: Some(symbol(&invoice.asset)),
            amount: Exact::parse(&invoice.amount_charged)?,
            actual: Exact::parse(&invoice.amount_paid)?,
        },
        fee_currency: Sum { currency, amount: nothing(), actual: nothing() },
        display_rate: Some(price(invoice)?),
        exchange_rate: Some(price(invoice)?),
        address: Some(Address {
            address: &invoice.address,
            tag: invoice.tag.as_deref(),
            protocol: chain(invoice.network).to_uppercase(),
            uri: uri(invoice.network, &invoice.address),
            alternatives: [],
        }),
        return_url: invoice.success_redirect_url.as_deref().unwrap_or_default(),
        redirect_url: &invoice.hosted_page_url,
        transactions: deposits.map(|deposit| received(picture, deposit)).collect::<Option<_>>()?,
        refund: None,
        refunds: [],
    })
}

fn received<'p>(picture: &'p Picture, deposit: &'p DepositView) -> Option<Transaction<'p>> {
    let payer = picture.payers.iter().find(|payer| payer.deposit == deposit.id);
    let seen_at = deposit.seen_at.as_millisecond();
    let price = price(&picture.invoice)?;
    Some(Transaction {
        date_created: seen_at,
        date_confirmed: Some(seen_at).filter(|_| deposit.status == "final"),
        hash: &deposit.txid,
        amount: Exact::parse(&deposit.amount)?,
        risk: risk(payer.is_some_and(|payer| payer.is_risky)),
        network_fee_currency: symbol(&deposit.asset),
        network_fee_amount: Exact::zero(),
        sources: payer.and_then(|payer| payer.address.as_deref()).into_iter().collect(),
        display_rate: price.clone(),
        exchange_rate: price,
    })
}

const fn risk(is_risky: bool) -> Risk {
    let level = if is_risky { "HIGH" } else { "LOW" };
    Risk { level, resource_name: "UNKNOWN", resource_category: "UNKNOWN", alerts: [] }
}

/// Returns the price of one coin that the invoice was made at.
fn price(invoice: &InvoiceView) -> Option<Price<'_>> {
    let rate = Exact::parse(&invoice.exchange_rate)?;
    Some(Price { base: symbol(&invoice.asset), counter: &invoice.billed_currency, rate })
}

fn number_or_nought(text: Option<&str>) -> Option<Exact> {
    text.map_or_else(|| Some(Exact::zero()), Exact::parse)
}

fn uri(network: domain::money::Network, address: &str) -> String {
    format!("{network}:{address}")
}

const fn is_open(state: StateName) -> bool {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim => true,
        StateName::Scheduled
        | StateName::OnHold
        | StateName::Sending
        | StateName::PayoutFailed
        | StateName::Paid
        | StateName::Expired
        | StateName::Canceled
        | StateName::Declined => false,
    }
}

/// Returns a refund's status (requirements 1.8): after a failed payout it waits again, and nothing is lost (C17).
const fn refund_status(state: StateName) -> &'static str {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::PayoutFailed => "PENDING",
        StateName::Scheduled | StateName::OnHold | StateName::Sending => "PROCESSING",
        StateName::Paid => "COMPLETE",
        StateName::Expired | StateName::Canceled | StateName::Declined => "EXPIRED",
    }
}

/// Returns a payment's status (BV-05 to BV-07).
const fn invoice_status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Pending => "PENDING",
        InvoiceStatus::Processing => "PROCESSING",
        InvoiceStatus::Complete => "COMPLETE",
        InvoiceStatus::Underpaid => "UNDERPAID",
        InvoiceStatus::Expired => "EXPIRED",
        InvoiceStatus::Canceled => "CANCELLED",
    }
}

#[cfg(test)]
mod tests;

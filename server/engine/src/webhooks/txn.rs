//! Txn's documents, which its webhooks are too: the invoice with its refund links, as JSON:API (TX-05 to TX-12).
//!
//! What Refundry has no row for has an id all the same, made from what it belongs to, so that it is the same each time. How Txn signs is
//! not documented; these are signed as Refundry's own.

use domain::exception::Flag;
use domain::invoice::InvoiceStatus;
use domain::money::Network;
use domain::notice::Notice;
use domain::refund::StateName;
use domain::view::{DepositView, InvoiceView, RefundView};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Picture, Seal, Webhook, id_of, symbol};

/// Writes a webhook: the whole invoice, whatever of it changed.
pub(super) fn webhook(picture: &Picture, is_sandbox: bool, seal: &Seal) -> Webhook {
    seal.standard(invoice_document(&picture.invoice, &picture.refunds, is_sandbox).to_string())
}

/// Says what changes the document: a status of the invoice, or of one of its links. What becomes of a payout does not (TX2).
pub(super) const fn knows(notice: Notice) -> bool {
    match notice {
        Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::RefundClaimAvailable(_)
        | Notice::RefundClaimed(_)
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
        | Notice::RefundPaid(_)
        | Notice::RefundPayoutFailed(_)
        | Notice::RefundBlocked(_)
        | Notice::RefundReorged(_)
        | Notice::RefundReissued(_)
        | Notice::RefundExpiring(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundApprovalNeeded(_)
        | Notice::RefundUndelivered(_) => false,
    }
}

/// Returns a whole invoice: the documented one, key for key (TX-11, TX-12). Its links are there as long as they can be claimed.
#[must_use]
pub fn invoice_document(invoice: &InvoiceView, links: &[RefundView], is_sandbox: bool) -> Value {
    let id = |what: &str| id_of(&[b"txn", what.as_bytes(), invoice.id.as_bytes()]);
    let (address, transaction, quote) = (id("address"), id("transaction"), id("quote"));
    let is_credited = invoice.status == InvoiceStatus::Complete;
    let reference_to = |kind: &str, id: Uuid| json!({ "id": id, "type": kind });
    let transactions = if is_credited { vec![reference_to("invoiceTransactions", transaction)] } else { Vec::new() };
    let final_deposits: Vec<&DepositView> = invoice.deposits.iter().filter(|deposit| deposit.status == "final").collect();

    let mut included = vec![json!({
        "attributes": { "createdAt": instant(invoice.created_at), "label": network_title(invoice.network, &invoice.asset), "value": invoice.address },
        "id": address,
        "relationships": { "account": left_out(), "network": left_out() },
        "type": "addresses",
    })];
    included.extend(links.iter().map(payment_link));
    // In the order of the documented one.
    let [credit, booked, quoted] = credit(invoice, transaction, quote);
    included.extend(is_credited.then_some(credit));
    included.extend(final_deposits.iter().map(|deposit| coin_transaction(invoice, deposit)));
    included.extend([booked, quoted].into_iter().filter(|_| is_credited));

    json!({
        "data": {
            "attributes": {
                "amountBilled": invoice.amount_billed,
                "amountCharged": invoice.amount_charged,
                "billedCurrency": invoice.billed_currency,
                "chargedCurrency": symbol(&invoice.asset),
                "createdAt": instant(invoice.created_at),
                "exchangeRate": invoice.exchange_rate,
                "expiresAt": instant(invoice.expires_at),
                "hostedPageUrl": invoice.hosted_page_url,
                "network": network_code(invoice, is_sandbox),
                "networkName": network_title(invoice.network, &invoice.asset),
                "paymentStatus": payment_status(invoice),
                "reference": invoice.reference,
                "status": status(invoice.status),
                "statusContext": context(invoice),
                "successRedirectUrl": invoice.success_redirect_url,
                "unsuccessRedirectUrl": invoice.unsuccess_redirect_url,
            },
            "id": invoice.id,
            "relationships": {
                "address": { "data": reference_to("addresses", address) },
                "coinDeposits": { "data": final_deposits.iter().map(|deposit| reference_to("coinTransactions", deposit.id)).collect::<Vec<_>>() },
                "invoiceTransactions": { "data": transactions },
                "refundLinks": { "data": links.iter().map(|link| reference_to("paymentLinks", link.id)).collect::<Vec<_>>() },
            },
            "type": "invoices",
        },
        "included": included,
        "meta": {},
    })
}

fn left_out() -> Value {
    json!({ "meta": { "included": false } })
}

/// Returns what an accepted payment brought the merchant. Refundry takes no fee of it.
fn credit(invoice: &InvoiceView, transaction: Uuid, quote: Uuid) -> [Value; 3] {
    let account = |what: &str| id_of(&[b"txn account", what.as_bytes(), invoice.mid.as_bytes()]);
    let coin = symbol(&invoice.asset);
    let settled_at = instant(invoice.deposits.last().map_or(invoice.created_at, |deposit| deposit.seen_at));
    [
        json!({
            "attributes": { "transactionFee": "0.00", "transactionFeeCurrency": invoice.billed_currency },
            "id": transaction,
            "relationships": {
                "exchangeQuote": { "data": { "id": quote, "type": "exchangeQuotes" } },
                "invoice": left_out(),
                "txn": { "data": { "id": transaction, "type": "transactions" } },
            },
            "type": "invoiceTransactions",
        }),
        json!({
            "attributes": {
                "amount": invoice.amount_billed,
                "createdAt": settled_at,
                "reference": invoice.reference,
                "simplifiedState": "completed",
                "transactionType": "InvoiceTransaction",
            },
            "id": transaction,
            "relationships": { "account": left_out() },
            "type": "transactions",
        }),
        json!({
            "attributes": {
                "accountChargedId": account(coin),
                "accountReceivedId": account(&invoice.billed_currency),
                "amountCharged": invoice.amount_charged,
                "amountChargedCurrency": coin,
                "amountReceived": invoice.amount_billed,
                "amountReceivedCurrency": invoice.billed_currency,
                "exchangeFee": "0.00",
                "exchangeFeeCurrency": invoice.billed_currency,
                "expiresAt": instant(invoice.expires_at),
                "rate": invoice.exchange_rate,
                "rateCurrency": invoice.billed_currency,
            },
            "id": quote,
            "relationships": { "exchangeOrder": left_out() },
            "type": "exchangeQuotes",
        }),
    ]
}

fn coin_transaction(invoice: &InvoiceView, deposit: &DepositView) -> Value {
    json!({
        "attributes": {
            "accountId": id_of(&[b"txn account", symbol(&deposit.asset).as_bytes(), invoice.mid.as_bytes()]),
            "amount": deposit.amount,
            "createdAt": instant(deposit.seen_at),
            "currencyCode": symbol(&deposit.asset),
            "state": "processed",
            "txHash": deposit.txid,
        },
        "id": deposit.id,
        "relationships": { "address": left_out(), "network": left_out() },
        "type": "coinTransactions",
    })
}

/// Returns a refund as its link (TX-10). The link's secret is told as long as it can be claimed.
#[must_use]
pub fn payment_link(refund: &RefundView) -> Value {
    json!({
        "attributes": {
            "amount": refund.amount,
            "createdAt": instant(refund.created_at),
            "currency": symbol(&refund.asset),
            "expiresAt": refund.expires_at.map(instant),
            "hostedPageUrl": refund.claim_url,
            "paymentType": "Refund",
            "reference": refund.reference,
            "status": link_status(refund.state),
        },
        "id": refund.id,
        "relationships": { "target": left_out() },
        "type": "paymentLinks",
    })
}

/// Returns a link's status: it is over once the payer said where to; what becomes of the payout is another matter (TX2).
#[must_use]
pub const fn link_status(state: StateName) -> &'static str {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim => "created",
        StateName::Scheduled | StateName::OnHold | StateName::Sending | StateName::PayoutFailed | StateName::Paid => "completed",
        StateName::Expired | StateName::Canceled | StateName::Declined => "expired",
    }
}

const fn status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Pending => "pending",
        InvoiceStatus::Processing => "processing",
        InvoiceStatus::Complete => "completed",
        InvoiceStatus::Expired => "expired",
        InvoiceStatus::Underpaid | InvoiceStatus::Canceled => "rejected",
    }
}

fn context(invoice: &InvoiceView) -> &'static str {
    let is_paid = invoice.deposits.iter().any(|deposit| deposit.status == "final");
    match () {
        () if !is_paid => "unpaid",
        () if invoice.exceptions.has(Flag::Over) => "overpaid",
        () if invoice.exceptions.has(Flag::Under) => "underpaid",
        () => "full",
    }
}

fn payment_status(invoice: &InvoiceView) -> &'static str {
    match () {
        () if invoice.deposits.is_empty() => "expecting",
        () if invoice.exceptions.has(Flag::Late) => "late",
        () => "on_time",
    }
}

/// Returns the network with its coin, `trx:usdt`; test networks begin with `t`.
fn network_code(invoice: &InvoiceView, is_sandbox: bool) -> String {
    let test = if is_sandbox { "t" } else { "" };
    format!("{test}{}:{}", chain(invoice.network), symbol(&invoice.asset).to_lowercase())
}

/// Returns the ticker of a network's own coin, which names the network here.
pub(super) const fn chain(network: Network) -> &'static str {
    match network {
        Network::Avalanche => "avax",
        Network::Bitcoin => "btc",
        Network::Bsc => "bnb",
        Network::Dogecoin => "doge",
        Network::Ethereum => "eth",
        Network::Litecoin => "ltc",
        Network::Polygon => "pol",
        Network::Solana => "sol",
        Network::Stellar => "xlm",
        Network::Tron => "trx",
        Network::Xrpl => "xrp",
        Network::Arbitrum | Network::Base | Network::Optimism | Network::Ton => network.name(),
    }
}

/// Returns the network's name with the standard of its tokens, written as here: `Tron (TRC20)`.
fn network_title(network: Network, asset: &str) -> String {
    let title = network.title();
    match network.standard_of(symbol(asset)) {
        Some(standard) => format!("{title} ({})", standard.replace('-', "")),
        None => title.to_owned(),
    }
}

/// Returns an instant to the millisecond, as the documents have it.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

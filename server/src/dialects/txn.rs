//! Txn's API: JSON:API documents with refund links (TX-05 to TX-12). Keys are sent as `Authorization: Bearer`.
//!
//! What Refundry has no row for has an id all the same, made from what it belongs to, so that it is the same each time.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use domain::exception::Flag;
use domain::ids::{InvoiceId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::money::Network;
use domain::refund::{CancelReason, StateName};
use domain::view::{DepositView, InvoiceView, RefundView};
use engine::callers::Caller;
use engine::{Engine, Error};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{id_of, symbol};
use crate::api::sent_key;
use crate::problem::Problem;

const MEDIA_TYPE: &str = "application/vnd.api+json";

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/txn/api/public/v1/invoices/{id}", get(show)),
        ("/compat/txn/api/public/v1/payment_links/{id}", get(link)),
        ("/compat/txn/api/public/v1/payment_links/{id}/expiration", post(expire)),
    ]
}

/// A problem as JSON:API says it.
struct Refusal(Problem);

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(error: T) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let error = json!({ "status": status.as_u16().to_string(), "code": self.0.code().name(), "title": self.0.code().title(), "detail": self.0.detail() });
        document(status, &json!({ "errors": [error] }))
    }
}

fn document(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body.to_string()).into_response()
}

async fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Refusal> {
    sent_key(engine, headers, "Bearer ").await?.ok_or_else(|| Refusal(Problem::unauthorized()))
}

/// `GET /invoices/{id}`: the invoice with its refund links.
async fn show(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<Uuid>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let invoice = engine.invoice(&caller, InvoiceId(id)).await?;
    let mut links = Vec::with_capacity(invoice.refunds.len());
    for refund in &invoice.refunds {
        links.push(engine.refund(&caller, RefundId(refund.id)).await?);
    }
    Ok(document(StatusCode::OK, &invoice_document(&invoice, &links, engine.settings().is_sandbox)))
}

/// `GET /payment_links/{id}`: one refund link.
async fn link(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<Uuid>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let refund = engine.refund(&caller, RefundId(id)).await?;
    Ok(document(StatusCode::OK, &json!({ "data": payment_link(&refund) })))
}

/// `POST /payment_links/{id}/expiration`: ends a link that nobody claimed (TX3). Its money goes back where it came from (P13).
async fn expire(State(engine): State<Engine>, headers: HeaderMap, Path(id): Path<Uuid>) -> Result<Response, Refusal> {
    let caller = caller(&engine, &headers).await?;
    let refund = engine.refund(&caller, RefundId(id)).await?;
    if link_status(refund.state) != "created" {
        return Err(Error::Refused(domain::lifecycle::Refused::WrongState { state: refund.state.name() }).into());
    }
    let refund = engine.cancel_refund(&caller, RefundId(id), CancelReason::Other, None).await?;
    Ok(document(StatusCode::OK, &json!({ "data": payment_link(&refund) })))
}

/// Returns a whole invoice: the seed's document, key for key (TX-11, TX-12).
fn invoice_document(invoice: &InvoiceView, links: &[RefundView], is_sandbox: bool) -> Value {
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
    if is_credited {
        included.extend(credit(invoice, transaction, quote));
    }
    included.extend(final_deposits.iter().map(|deposit| coin_transaction(invoice, deposit)));

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
fn payment_link(refund: &RefundView) -> Value {
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
const fn link_status(state: StateName) -> &'static str {
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
const fn chain(network: Network) -> &'static str {
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

//! BitPay's invoices, as far as their refunds need them. The payer cannot choose a coin afterwards here, so `paymentCurrencies` names one.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::exception::Flag;
use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::money::{Asset, Network};
use domain::view::{InvoiceView, Metadata};
use engine::invoices::{InvoiceFilter, NewInvoice};
use engine::pairings::Facade;
use engine::webhooks::Exact;
use engine::webhooks::bitpay::instant;
use engine::{Engine, Error, PageRequest};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Call, Refusal, Signed, Which, open};
use crate::dialects::number::Number;
use crate::dialects::{Sent, by_id, symbol};

/// How many invoices are read at a time.
const PAGE: u32 = 100;
/// The longest list.
const LISTED_MAX: usize = 1000;
/// How many invoices are looked through for one list.
const LOOKED_AT_MAX: usize = 20_000;
/// How long an invoice is open: a quarter of an hour, as BitPay's own.
const OPEN_SECS: i64 = 900;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewInvoiceBody {
    price: Option<Number>,
    currency: Option<String>,
    order_id: Option<String>,
    guid: Option<String>,
    item_desc: Option<String>,
    pos_data: Option<String>,
    #[serde(rename = "notificationURL")]
    notification_url: Option<String>,
    #[serde(rename = "redirectURL")]
    redirect_url: Option<String>,
    #[serde(rename = "closeURL")]
    close_url: Option<String>,
    buyer: Option<Buyer>,
    buyer_email: Option<String>,
    #[serde(default)]
    payment_currencies: Vec<String>,
}

#[derive(Deserialize)]
struct Buyer {
    email: Option<String>,
}

/// An invoice as these clients read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: Uuid,
    url: String,
    price: Option<Exact>,
    currency: String,
    order_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_desc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pos_data: Option<String>,
    status: &'static str,
    exception_status: Value,
    invoice_time: i64,
    expiration_time: i64,
    current_time: i64,
    transaction_currency: String,
    /// In the coin's smallest unit.
    amount_paid: Option<Exact>,
    display_amount_paid: String,
    payment_totals: BTreeMap<String, Option<Exact>>,
    payment_display_totals: BTreeMap<String, String>,
    transactions: Vec<Transaction>,
    refund_addresses: Vec<Value>,
    refund_address_request_pending: bool,
    buyer_provided_email: Option<String>,
    #[serde(rename = "redirectURL")]
    redirect_url: Option<String>,
    #[serde(rename = "closeURL")]
    close_url: Option<String>,
    token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    txid: String,
    amount: Option<Exact>,
    received_time: String,
}

/// `POST /invoices`. The same `guid` again answers the invoice that it made.
pub async fn create(State(engine): State<Engine>, sent: Sent) -> Response {
    Call::MAKE_INVOICE.answer(created(&engine, sent).await)
}

async fn created(engine: &Engine, sent: Sent) -> Result<Invoice, Refusal> {
    let signed = open(engine, sent, Facade::Pos).await?;
    let body: NewInvoiceBody = signed.read()?;
    let price = body.price.as_ref().ok_or_else(|| Refusal::missing("price"))?;
    let price = price.decimal().ok_or_else(|| Refusal::invalid("price: write a number above zero"))?;
    let currency = body.currency.ok_or_else(|| Refusal::missing("currency"))?;
    let asset = asset(engine, &body.payment_currencies)?.id.to_string();
    let guid = body.guid.map(|guid| guid.trim().to_owned()).filter(|guid| !guid.is_empty());
    if let Some(made) = made(engine, &signed, guid.as_deref()).await? {
        return Ok(document(engine, &signed, &made));
    }
    let reference = body.order_id.or_else(|| guid.clone()).ok_or_else(|| Refusal::missing("orderId"))?;
    if let Some(url) = &body.notification_url {
        let listens = engine.endpoints(&signed.caller).await?;
        if !listens.iter().any(|endpoint| endpoint.url == *url) {
            let remedy = "notificationURL: add it to this MID as a webhook endpoint first: it then gets every change of every invoice";
            return Err(Refusal::invalid(remedy));
        }
    }
    let notes = [("itemDesc", body.item_desc), ("posData", body.pos_data)];
    let notes: BTreeMap<String, String> = notes.into_iter().filter_map(|(name, note)| Some((name.to_owned(), note?))).collect();
    let new = NewInvoice {
        mid: signed.mid,
        reference,
        guid: guid.clone(),
        amount: price,
        currency,
        asset,
        expires_in: Some(OPEN_SECS),
        payer_email: body.buyer.and_then(|buyer| buyer.email).or(body.buyer_email),
        success_redirect_url: body.redirect_url,
        unsuccess_redirect_url: body.close_url,
        metadata: Some(Metadata(notes)).filter(|notes| !notes.0.is_empty()),
        charged_amount: None,
        rate: None,
        refund_to: None,
        overrides: None,
    };
    let refused = match engine.create_invoice(&signed.caller, new, InvoiceId(Uuid::now_v7())).await {
        Ok(invoice) => return Ok(document(engine, &signed, &invoice)),
        Err(refused) => refused,
    };
    // The same request at the same moment was first.
    if let Some(made) = made(engine, &signed, guid.as_deref()).await? {
        return Ok(document(engine, &signed, &made));
    }
    Err(match refused {
        Error::Taken { .. } => Refusal::invalid("orderId: this MID has an invoice with it: choose another"),
        other => other.into(),
    })
}

/// Returns the invoice that a `guid` made before.
async fn made(engine: &Engine, signed: &Signed, guid: Option<&str>) -> Result<Option<InvoiceView>, Error> {
    let Some(guid) = guid else { return Ok(None) };
    match engine.invoice_by_guid(&signed.caller, signed.mid, guid).await {
        Err(Error::NotFound) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Returns the one asset that is meant: by BitPay's code or by ours, or the only one that there is.
fn asset<'a>(engine: &'a Engine, codes: &[String]) -> Result<&'a Asset, Refusal> {
    let known = || engine.assets().all().map(|asset| asset.id.as_str()).collect::<Vec<_>>().join(", ");
    let unclear = || Refusal::invalid(format!("paymentCurrencies: name the one coin to pay in, of {}", known()));
    let is_meant = |asset: &&Asset, code: &str| {
        let (symbol, network) = code.split_once('_').unwrap_or((code, ""));
        asset.id.as_str().eq_ignore_ascii_case(code)
            || (asset.id.symbol().eq_ignore_ascii_case(symbol) && (network.is_empty() || network == suffix(asset.network)))
    };
    let wanted = |asset: &&Asset| codes.iter().any(|code| is_meant(asset, code)) || codes.is_empty();
    let mut found = engine.assets().all().filter(wanted);
    let first = found.next().ok_or_else(unclear)?;
    // A token's plain code means the one on Ethereum, where there are several.
    match (found.next(), codes) {
        (None, _) => Ok(first),
        (Some(_), [code]) => {
            let mut on_ethereum = engine.assets().all().filter(|asset| is_meant(asset, code) && asset.network == Network::Ethereum);
            on_ethereum.next().ok_or_else(unclear)
        }
        (Some(_), _) => Err(unclear()),
    }
}

/// Returns what BitPay's codes of tokens end in for a network.
const fn suffix(network: Network) -> &'static str {
    match network {
        Network::Arbitrum => "arb",
        Network::Base => "base",
        Network::Optimism => "op",
        Network::Polygon => "m",
        Network::Avalanche
        | Network::Bitcoin
        | Network::Bsc
        | Network::Dogecoin
        | Network::Ethereum
        | Network::Litecoin
        | Network::Solana
        | Network::Stellar
        | Network::Ton
        | Network::Tron
        | Network::Xrpl => network.name(),
    }
}

/// Which invoices.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    date_start: Option<String>,
    date_end: Option<String>,
    status: Option<String>,
    order_id: Option<String>,
    guid: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// `GET /invoices?dateStart=&dateEnd=`: a MID's invoices of some days (UTC, both included), newest first; with one `orderId` or `guid`, in
/// one `status`, where that is said.
pub async fn list(State(engine): State<Engine>, sent: Sent) -> Response {
    Call::READ_INVOICE.answer(listed(&engine, sent).await)
}

async fn listed(engine: &Engine, sent: Sent) -> Result<Vec<Invoice>, Refusal> {
    let signed = open(engine, sent, Facade::Merchant).await?;
    let wanted: Listing = signed.query()?;
    let (start, _) = day(wanted.date_start.as_deref(), "dateStart")?;
    let (_, end) = day(wanted.date_end.as_deref(), "dateEnd")?;
    let (limit, mut offset) = (wanted.limit.unwrap_or(LISTED_MAX).min(LISTED_MAX), wanted.offset.unwrap_or(0));
    let is_wanted = |invoice: &InvoiceView| {
        (start..end).contains(&invoice.created_at) && wanted.status.as_deref().is_none_or(|wanted| wanted == status(invoice.status))
    };
    if let Some(guid) = &wanted.guid {
        let made = made(engine, &signed, Some(guid.trim())).await?;
        let one = made.filter(|invoice| is_wanted(invoice) && wanted.order_id.as_ref().is_none_or(|id| *id == invoice.reference));
        return Ok(one.iter().skip(offset).take(limit).map(|invoice| document(engine, &signed, invoice)).collect());
    }
    let mut found = Vec::new();
    // Ids are as old as what they name, but for a sandbox whose clock was moved.
    let mut after = (!engine.settings().is_sandbox).then(|| first_id_at(end).to_string());
    let mut looked_at = 0_usize;
    while found.len() < limit {
        let filter = InvoiceFilter { mid: Some(signed.mid), status: None, reference: wanted.order_id.clone() };
        let page = engine.invoices(&signed.caller, filter, PageRequest { limit: PAGE, after }).await?;
        for invoice in page.data.iter().filter(|invoice| invoice.created_at < end) {
            if invoice.created_at < start || found.len() >= limit {
                return Ok(found);
            }
            if !is_wanted(invoice) {
                continue;
            }
            match offset.checked_sub(1) {
                Some(rest) => offset = rest,
                None => found.push(document(engine, &signed, invoice)),
            }
        }
        looked_at = looked_at.saturating_add(page.data.len());
        if looked_at >= LOOKED_AT_MAX {
            return Err(Refusal::invalid("dateStart: there are too many invoices between these days: ask for fewer days"));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Returns when a day begins and when the next one does.
fn day(text: Option<&str>, field: &str) -> Result<(Timestamp, Timestamp), Refusal> {
    let text = text.ok_or_else(|| Refusal::missing(field))?;
    let begin = |date: Date| date.to_zoned(TimeZone::UTC).map(|begin| begin.timestamp());
    let day = text.parse::<Date>().and_then(|date| Ok((begin(date)?, begin(date.tomorrow()?)?)));
    day.map_err(|_| Refusal::invalid(format!("{field}: write a day, like 2024-10-14")))
}

/// Returns an id that is below all of what is made from an instant on.
fn first_id_at(instant: Timestamp) -> Uuid {
    let millis = u64::try_from(instant.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// `GET /invoices/{id}`.
pub async fn show(State(engine): State<Engine>, Path(id): Path<String>, sent: Sent) -> Response {
    Call::READ_INVOICE.answer(shown(&engine, Which::Id(id), sent).await)
}

/// `GET /invoices/guid/{guid}`.
pub async fn show_named(State(engine): State<Engine>, Path(guid): Path<String>, sent: Sent) -> Response {
    Call::READ_INVOICE.answer(shown(&engine, Which::Guid(guid), sent).await)
}

async fn shown(engine: &Engine, which: Which, sent: Sent) -> Result<Invoice, Refusal> {
    let signed = open(engine, sent, Facade::Pos).await?;
    let found = match which {
        Which::Id(id) => match id.parse() {
            Ok(id) => by_id(engine, &signed.caller, signed.mid, id).await,
            Err(_) => Err(Error::NotFound),
        },
        Which::Guid(guid) => engine.invoice_by_guid(&signed.caller, signed.mid, guid.trim()).await,
    };
    match found {
        Err(Error::NotFound) => Err(Refusal::not_found("Invoice")),
        found => Ok(document(engine, &signed, &found?)),
    }
}

fn document(engine: &Engine, signed: &Signed, invoice: &InvoiceView) -> Invoice {
    let coin = symbol(&invoice.asset);
    let asset = invoice.asset.parse().ok().and_then(|id| engine.assets().get(id));
    let units = |amount: &str| asset.and_then(|asset| asset.parse_amount(amount).ok()).map_or(0, |amount| amount.units).to_string();
    let note = |name| invoice.metadata.as_ref().and_then(|notes| notes.0.get(name)).cloned();
    let transactions = invoice.deposits.iter().filter(|deposit| deposit.asset == invoice.asset).map(|deposit| Transaction {
        txid: deposit.txid.clone(),
        amount: Exact::parse(&deposit.amount),
        received_time: instant(deposit.seen_at),
    });
    Invoice {
        id: invoice.id,
        url: invoice.hosted_page_url.clone(),
        price: Exact::parse(&invoice.amount_billed),
        currency: invoice.billed_currency.clone(),
        order_id: invoice.reference.clone(),
        guid: invoice.guid.clone(),
        item_desc: note("itemDesc"),
        pos_data: note("posData"),
        status: status(invoice.status),
        exception_status: exception(invoice),
        invoice_time: invoice.created_at.as_millisecond(),
        expiration_time: invoice.expires_at.as_millisecond(),
        current_time: Timestamp::as_millisecond(engine.now()),
        transaction_currency: coin.to_owned(),
        amount_paid: Exact::parse(&units(&invoice.amount_paid)),
        display_amount_paid: invoice.amount_paid.clone(),
        payment_totals: BTreeMap::from([(coin.to_owned(), Exact::parse(&units(&invoice.amount_charged)))]),
        payment_display_totals: BTreeMap::from([(coin.to_owned(), invoice.amount_charged.clone())]),
        transactions: transactions.collect(),
        refund_addresses: Vec::new(),
        refund_address_request_pending: false,
        buyer_provided_email: invoice.payer_email.clone(),
        redirect_url: invoice.success_redirect_url.clone(),
        close_url: invoice.unsuccess_redirect_url.clone(),
        token: signed.token.clone(),
    }
}

const fn status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Pending => "new",
        InvoiceStatus::Processing => "paid",
        InvoiceStatus::Complete => "complete",
        // BitPay's underpaid invoices are those that expired with something paid.
        InvoiceStatus::Underpaid | InvoiceStatus::Expired => "expired",
        InvoiceStatus::Canceled => "invalid",
    }
}

/// Returns in which way the payment differed; `false` when it did not.
fn exception(invoice: &InvoiceView) -> Value {
    match () {
        () if invoice.exceptions.has(Flag::Late) => json!("paidLate"),
        () if invoice.exceptions.has(Flag::Over) => json!("paidOver"),
        () if invoice.exceptions.has(Flag::Under) => json!("paidPartial"),
        () => json!(false),
    }
}

//! Cryptomus's API, and that of its sister Heleket, which answers a refund with the refund (CM-01 to CM-13).
//!
//! `merchant` is the MID, `sign` the MD5 of the body in base64 followed by a key of that MID. Bodies are read leniently, as their
//! clients write them: `"true"` is a boolean, and what is not in the body may be in the query.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use base64::Engine as _;
use domain::claim::FieldErrors;
use domain::exception::Flag;
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::money::{Asset, Network};
use domain::policy::{FeeBearer, RateRule};
use domain::refund::{Reason, StateName};
use domain::view::{InvoiceView, Metadata, RefundView};
use engine::callers::Caller;
use engine::invoices::NewInvoice;
use engine::refunding::NewRefund;
use engine::{Engine, Error};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{asset_of, by_id, by_reference, once, same_refund, symbol};

/// The longest `order_id` (CM-04).
const ORDER_ID_CHARS_MAX: usize = 128;
/// The longest `address`, as of the blocked-address refund's.
const ADDRESS_BYTES_MAX: usize = 128;
/// How long a payment is in time unless said: an hour, as Cryptomus's own invoices.
const LIFETIME_SECS: i64 = 3_600;

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/cryptomus/v1/payment", post(create)),
        ("/compat/cryptomus/v1/payment/info", post(info)),
        ("/compat/cryptomus/v1/payment/refund", post(refund)),
        ("/compat/heleket/v1/payment", post(create)),
        ("/compat/heleket/v1/payment/info", post(info)),
        ("/compat/heleket/v1/payment/refund", post(refund_and_tell)),
    ]
}

/// A request whose signature was right.
struct Signed {
    caller: Caller,
    mid: MidId,
    fields: Map<String, Value>,
}

/// Why a request is not carried out.
enum Refusal {
    /// Nobody's signature.
    Unsigned,
    /// One sentence.
    Message(&'static str),
    /// What is wrong with which field.
    Fields(Map<String, Value>),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // All of them are 422 (CM-06, C11); only a wrong signature is told apart.
        let (status, body) = match self {
            Self::Unsigned => (StatusCode::UNAUTHORIZED, json!({ "state": 1, "message": "Invalid sign" })),
            Self::Message(message) => (StatusCode::UNPROCESSABLE_ENTITY, json!({ "state": 1, "message": message })),
            Self::Fields(errors) => (StatusCode::UNPROCESSABLE_ENTITY, json!({ "state": 1, "errors": errors })),
        };
        (status, Json(body)).into_response()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::Message("Payment was not found"),
            Error::Forbidden | Error::Unauthorized => Self::Message("You are forbidden"),
            Error::InvoiceState { .. } => Self::Message("Refunds are made only for completed payments"),
            Error::ExceedsRefundable { .. } => Self::Message("The refund amount should not be more than the amount paid"),
            Error::InsufficientBalance { .. } => Self::Message("Not enough funds"),
            Error::RateUnavailable => Self::Message("The rate is not available: try again"),
            Error::Conflict | Error::StillBusy { .. } | Error::RateLimited { .. } => Self::Message("Try again"),
            Error::Invalid(errors) => Self::Fields(named_here(errors)),
            Error::Taken { field, message } => Self::Fields(named_here(FieldErrors::one(field, "taken", message))),
            Error::Refused(refused) => Self::Fields(named_here(FieldErrors::one("refund", "refused", refused.to_string()))),
            Error::NotDone(refused) => Self::Fields(named_here(FieldErrors::one("payment", "refused", refused.to_string()))),
            Error::QuoteExpired { .. }
            | Error::IdempotencyMismatch
            | Error::SandboxOff
            | Error::EmailOff
            | Error::EmailNotTaken { .. }
            | Error::EmailNotWritten { .. } => Self::Message("Server error"),
            Error::Rail(_) | Error::Store(_) => {
                tracing::error!(%error, "a request in Cryptomus's dialect failed");
                Self::Message("Server error")
            }
        }
    }
}

/// Returns errors under the names that these clients know the fields by.
fn named_here(errors: FieldErrors) -> Map<String, Value> {
    let mut named = Map::new();
    for error in errors.0 {
        let name = match error.field.as_str() {
            "destination.address" => "address",
            "destination.tag" => "memo",
            "reference" => "order_id",
            "expires_in" => "lifetime",
            "asset" => "to_currency",
            "success_redirect_url" => "url_success",
            "unsuccess_redirect_url" => "url_return",
            other => other,
        };
        named.insert(name.to_owned(), json!([error.message]));
    }
    named
}

/// Checks the signature over the bytes as they came: clients differ in how they space JSON.
async fn open(engine: &Engine, headers: &HeaderMap, uri: &Uri, body: &Bytes) -> Result<Signed, Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mid: MidId = header("merchant").and_then(|id| id.parse().ok()).map(MidId).ok_or(Refusal::Unsigned)?;
    let sign = header("sign").unwrap_or_default().to_ascii_lowercase();
    let made_with = |key: &str| bool::from(signature(body, key).as_bytes().ct_eq(sign.as_bytes()));
    let caller = engine.signer(mid, made_with).await?.ok_or(Refusal::Unsigned)?;
    let Query(query): Query<BTreeMap<String, String>> = Query::try_from_uri(uri).unwrap_or_default();
    let mut fields: Map<String, Value> = query.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
    if !body.is_empty() {
        let own: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refusal::Message("The body is not JSON"))?;
        fields.extend(own);
    }
    Ok(Signed { caller, mid, fields })
}

/// Returns what a key makes of a body: MD5 over its base64 and the key, in hexadecimal.
fn signature(body: &[u8], key: &str) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(body);
    let hash = Md5::new().chain_update(text).chain_update(key).finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a client wrote, and what is wrong with it so far.
struct Fields {
    given: Map<String, Value>,
    wrong: Map<String, Value>,
}

impl Fields {
    /// Returns a field as text; a number is taken as it is written.
    fn text(&self, name: &str) -> Option<String> {
        match self.given.get(name)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn required(&mut self, name: &str) -> String {
        let text = self.text(name);
        if text.is_none() {
            self.complain(name, "validation.required");
        }
        text.unwrap_or_default()
    }

    /// Reads a boolean, which clients also write as text or a digit (C7).
    fn required_flag(&mut self, name: &str) -> bool {
        let text = match self.given.get(name) {
            Some(Value::Bool(flag)) => return *flag,
            _ => self.required(name),
        };
        match text.as_str() {
            "true" | "1" => true,
            "false" | "0" | "" => false,
            _ => {
                self.complain(name, "validation.boolean");
                false
            }
        }
    }

    fn complain(&mut self, name: &str, code: &str) {
        self.wrong.insert(name.to_owned(), json!([code]));
    }

    fn check_order_id(&mut self, text: &str) {
        if text.chars().count() > ORDER_ID_CHARS_MAX {
            self.complain("order_id", "validation.max.string");
        } else if !text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')) {
            self.complain("order_id", "validation.alpha_dash");
        }
    }

    fn refuse_if_wrong(&mut self) -> Result<(), Refusal> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refusal::Fields(core::mem::take(&mut self.wrong))) }
    }
}

/// Which invoice is meant: by `uuid`, else by `order_id` (CM-04).
enum Which {
    Id(Uuid),
    OrderId(String),
}

fn which(fields: &mut Fields) -> Option<Which> {
    match (fields.text("uuid"), fields.text("order_id")) {
        (Some(uuid), _) => {
            let id = uuid.parse().ok();
            if id.is_none() {
                fields.complain("uuid", "validation.uuid");
            }
            id.map(Which::Id)
        }
        (None, Some(order_id)) => {
            fields.check_order_id(&order_id);
            Some(Which::OrderId(order_id))
        }
        (None, None) => {
            fields.complain("uuid", "validation.required_without");
            fields.complain("order_id", "validation.required_without");
            None
        }
    }
}

async fn find(engine: &Engine, caller: &Caller, mid: MidId, which: Option<Which>) -> Result<InvoiceView, Error> {
    match which {
        Some(Which::Id(id)) => by_id(engine, caller, mid, id).await,
        Some(Which::OrderId(order_id)) => by_reference(engine, caller, mid, &order_id).await,
        None => Err(Error::NotFound),
    }
}

fn answer(result: &Value) -> Response {
    Json(json!({ "state": 0, "result": result })).into_response()
}

/// `POST /v1/payment`: an invoice. The same `order_id` again answers the invoice that has it.
async fn create(State(engine): State<Engine>, headers: HeaderMap, uri: Uri, body: Bytes) -> Result<Response, Refusal> {
    let Signed { caller, mid, fields } = open(&engine, &headers, &uri, &body).await?;
    let mut fields = Fields { given: fields, wrong: Map::new() };
    let (amount, currency, order_id) = (fields.required("amount"), fields.required("currency"), fields.required("order_id"));
    fields.check_order_id(&order_id);
    let symbol = fields.text("to_currency").unwrap_or_else(|| currency.clone());
    let asset = asset(&engine, &symbol, fields.text("network").as_deref());
    if asset.is_none() {
        fields.complain("to_currency", "name a coin and its network that this installation takes, like USDT and tron");
    }
    let lifetime = fields.text("lifetime").map_or(Ok(LIFETIME_SECS), |text| text.parse());
    if lifetime.is_err() {
        fields.complain("lifetime", "validation.integer");
    }
    if fields.text("url_callback").is_some() {
        fields
            .complain("url_callback", "add the URL to this MID as a webhook endpoint instead: it then gets every change of every payment");
    }
    fields.refuse_if_wrong()?;
    let new = NewInvoice {
        mid,
        reference: order_id.clone(),
        amount,
        currency,
        asset: asset.map(|asset| asset.id.to_string()).unwrap_or_default(),
        expires_in: lifetime.ok(),
        payer_email: fields.text("payer_email"),
        success_redirect_url: fields.text("url_success"),
        unsuccess_redirect_url: fields.text("url_return"),
        metadata: fields.text("additional_data").map(|data| Metadata(BTreeMap::from([("additional_data".to_owned(), data)]))),
        charged_amount: None,
        rate: None,
        refund_to: None,
        overrides: None,
    };
    let make = async |id| engine.create_invoice(&caller, new, InvoiceId(id)).await;
    let invoice = match once(&engine, &caller, &format!("cryptomus payment {order_id}"), make).await {
        Err(Error::Taken { .. }) => by_reference(&engine, &caller, mid, &order_id).await?,
        made => made?,
    };
    Ok(answer(&payment(&engine, &caller, &invoice).await?))
}

/// Returns the asset of a coin and, when it lives on several networks, the network.
fn asset<'a>(engine: &'a Engine, symbol: &str, network: Option<&str>) -> Option<&'a Asset> {
    asset_of(engine, symbol, |on| network.is_none_or(|name| name.eq_ignore_ascii_case(network_name(on))))
}

/// `POST /v1/payment/info`: where an invoice stands.
async fn info(State(engine): State<Engine>, headers: HeaderMap, uri: Uri, body: Bytes) -> Result<Response, Refusal> {
    let Signed { caller, mid, fields } = open(&engine, &headers, &uri, &body).await?;
    let mut fields = Fields { given: fields, wrong: Map::new() };
    let which = which(&mut fields);
    fields.refuse_if_wrong()?;
    let invoice = find(&engine, &caller, mid, which).await?;
    Ok(answer(&payment(&engine, &caller, &invoice).await?))
}

/// `POST /v1/payment/refund`: all that is refundable, to an address the merchant knows (CM-01 to CM-05).
async fn refund(State(engine): State<Engine>, headers: HeaderMap, uri: Uri, body: Bytes) -> Result<Response, Refusal> {
    refunded(&engine, &headers, &uri, &body).await?;
    Ok(answer(&json!([])))
}

/// Heleket's: the same, and the refund is told.
async fn refund_and_tell(State(engine): State<Engine>, headers: HeaderMap, uri: Uri, body: Bytes) -> Result<Response, Refusal> {
    let refund = refunded(&engine, &headers, &uri, &body).await?;
    let address = refund.destination.as_ref().map(|destination| destination.address.as_str());
    Ok(answer(&json!({
        "commission": refund.fee.as_ref().map_or("0", |fee| fee.amount.as_str()),
        "amount": refund.net_amount.as_ref().unwrap_or(&refund.amount),
        "currency": symbol(&refund.asset),
        "txid": refund.txid,
        "network": network_name(refund.network),
        "address": address,
        "status": refund_status(refund.state),
    })))
}

async fn refunded(engine: &Engine, headers: &HeaderMap, uri: &Uri, body: &Bytes) -> Result<RefundView, Refusal> {
    let Signed { caller, mid, fields } = open(engine, headers, uri, body).await?;
    let mut fields = Fields { given: fields, wrong: Map::new() };
    let which = which(&mut fields);
    let address = fields.required("address");
    if address.len() > ADDRESS_BYTES_MAX {
        fields.complain("address", "validation.max.string");
    }
    // Against its name: the merchant pays the fee (C8).
    let merchant_pays = fields.required_flag("is_subtract");
    let tag = fields.text("memo");
    fields.refuse_if_wrong()?;
    let invoice = find(engine, &caller, mid, which).await?;
    if engine.frozen(&caller, mid).await?.is_some() {
        return Err(Refusal::Message("You are forbidden"));
    }
    let name = same_refund("cryptomus", &invoice, &format!("{address} {merchant_pays}"));
    let fee_bearer = Some(if merchant_pays { FeeBearer::Merchant } else { FeeBearer::Payer });
    // The coins that came, whatever they are worth by now.
    let new = NewRefund { rate_rule: Some(RateRule::CoinExact), fee_bearer, address: Some(address), tag, ..NewRefund::default() };
    let make = async |id| engine.create_refund(&caller, InvoiceId(invoice.id), new, RefundId(id)).await;
    Ok(once(engine, &caller, &name, make).await?)
}

/// Returns a payment as these clients read it.
async fn payment(engine: &Engine, caller: &Caller, invoice: &InvoiceView) -> Result<Value, Error> {
    let last = invoice.deposits.last();
    let status = status(invoice);
    let refund = match invoice.refunds.last() {
        Some(refund) => Some(engine.refund(caller, RefundId(refund.id)).await?),
        None => None,
    };
    let paid_out = refund.as_ref().and_then(|refund| refund.txid.as_deref());
    Ok(json!({
        "uuid": invoice.id,
        "order_id": invoice.reference,
        "amount": invoice.amount_billed,
        "currency": invoice.billed_currency,
        "payment_amount": invoice.amount_paid,
        "payer_amount": invoice.amount_charged,
        "payer_currency": symbol(&invoice.asset),
        "network": network_name(invoice.network),
        "address": invoice.address,
        "from": Value::Null,
        "txid": last.map(|deposit| deposit.txid.as_str()),
        "refund_txid": paid_out,
        "payment_status": status,
        "status": status,
        "url": invoice.hosted_page_url,
        "expired_at": invoice.expires_at.as_second(),
        "is_final": is_final(status),
        "additional_data": invoice.metadata.as_ref().and_then(|data| data.0.get("additional_data")),
        "created_at": invoice.created_at.to_string(),
    }))
}

/// Returns the one status these clients know: a refund of all of it outranks how it was paid.
fn status(invoice: &InvoiceView) -> &'static str {
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
fn refund_status(state: StateName) -> &'static str {
    match state {
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::Scheduled | StateName::OnHold | StateName::Sending => {
            "refund_process"
        }
        StateName::Paid => "refund_paid",
        StateName::PayoutFailed | StateName::Expired | StateName::Canceled | StateName::Declined => "refund_fail",
    }
}

fn is_final(status: &str) -> bool {
    matches!(status, "paid" | "paid_over" | "wrong_amount" | "cancel" | "fail" | "refund_paid" | "refund_fail")
}

/// Returns a network's name among these clients.
const fn network_name(network: Network) -> &'static str {
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

    /// The values are those of Python's hashlib and base64. An empty body signs "".
    #[test]
    fn signatures_are_those_of_other_programs() {
        let body =
            br#"{"uuid": "8b03432e-385b-4670-8d06-064591096795", "address": "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", "is_subtract": "true"}"#;
        assert_eq!(signature(body, "rk_key"), "ef5140f4b3712ba72df97cb82c166cc7");
        assert_eq!(signature(b"", "rk_key"), "93d8cf5194831ef709eca4ba3df6fb82");
    }
}

//! Cryptomus's API, and that of its sister Heleket, which answers a refund with the refund (CM-01 to CM-13).
//!
//! `merchant` is the MID, `sign` the MD5 of the body in base64 followed by a key of that MID. Bodies are read leniently, as their
//! clients write them: `"true"` is a boolean, and what is not in the body may be in the query. Numbers are taken digit for digit.
//!
//! The words for where a payment stands are those of its webhooks too: [`engine::webhooks::cryptomus`].

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use domain::claim::FieldErrors;
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::money::Asset;
use domain::policy::{FeeBearer, RateRule};
use domain::view::{InvoiceView, Metadata, RefundView};
use engine::callers::Caller;
use engine::endpoints::LinklessDialect;
use engine::invoices::NewInvoice;
use engine::refunding::NewRefund;
use engine::webhooks::Exact;
use engine::webhooks::cryptomus::{is_final, network_name, refund_status, signature, status};
use engine::{Engine, Error, StoreError};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{asset_of, by_id, by_reference, once, same_refund, symbol};

/// The longest `order_id` (CM-04).
const ORDER_ID_CHARS_MAX: usize = 128;
/// The longest `order_id` of a blocked address (CM3).
const BLOCKED_ORDER_ID_CHARS_MAX: usize = 32;
/// The longest `address`, as of the blocked-address refund's.
const ADDRESS_BYTES_MAX: usize = 128;
/// The shortest `address` of a blocked-address refund.
const ADDRESS_BYTES_MIN: usize = 10;
/// How long a payment is in time unless said: an hour, as Cryptomus's own invoices.
const LIFETIME_SECS: i64 = 3_600;

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/cryptomus/v1/payment", post(create)),
        ("/compat/cryptomus/v1/payment/info", post(info)),
        ("/compat/cryptomus/v1/payment/refund", post(refund)),
        ("/compat/cryptomus/v1/wallet/blocked-address-refund", post(refund_blocked)),
        ("/compat/heleket/v1/payment", post(create)),
        ("/compat/heleket/v1/payment/info", post(info)),
        ("/compat/heleket/v1/payment/refund", post(refund_and_tell)),
        ("/compat/heleket/v1/wallet/blocked-address-refund", post(refund_blocked)),
    ]
}

/// A request whose signature was right.
struct Signed {
    caller: Caller,
    mid: MidId,
    fields: BTreeMap<String, String>,
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
            Error::Forbidden | Error::Unauthorized | Error::MerchantFrozen | Error::ProofNeeded => Self::Message("You are forbidden"),
            Error::InvoiceState { .. } => Self::Message("Refunds are made only for completed payments"),
            Error::ExceedsRefundable { .. } | Error::ActiveRefund { .. } => {
                Self::Message("The refund amount should not be more than the amount paid")
            }
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
            Error::Store(StoreError::Unconfigured(_)) => Self::Message("Undefined merchant wallet"),
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
    let Query(mut fields): Query<BTreeMap<String, String>> = Query::try_from_uri(uri).unwrap_or_default();
    if !body.is_empty() {
        let own: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).map_err(|_| Refusal::Message("The body is not JSON"))?;
        fields.extend(own.into_iter().filter_map(|(name, value)| Some((name, as_text(&value)?))));
    }
    Ok(Signed { caller, mid, fields })
}

/// Returns what a client means by a value, as text; nothing for what has none. A number keeps its digits: it goes through no float.
fn as_text(value: &RawValue) -> Option<String> {
    match value.get() {
        flag @ ("true" | "false") => Some(flag.to_owned()),
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        number => Exact::parse(number).map(|number| number.digits().to_owned()),
    }
}

/// What a client wrote, and what is wrong with it so far.
struct Fields {
    given: BTreeMap<String, String>,
    wrong: Map<String, Value>,
}

impl Fields {
    /// Returns a field; an empty one is none.
    fn text(&self, name: &str) -> Option<String> {
        self.given.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
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
        match self.required(name).as_str() {
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
    let callback = fields.text("url_callback");
    if let Some(Err(_)) = callback.as_deref().map(|url| engine.check_callback(url)) {
        fields.complain("url_callback", "validation.url: use https, without user name and password");
    }
    fields.refuse_if_wrong()?;
    let new = NewInvoice {
        mid,
        reference: order_id.clone(),
        guid: None,
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
    if let Some(url) = callback {
        engine.call_back(&caller, InvoiceId(invoice.id), spoken_at(&uri), &url).await?;
    }
    Ok(answer(&payment(&engine, &caller, &invoice).await?))
}

/// Returns in which sister's words a payment is told.
fn spoken_at(uri: &Uri) -> LinklessDialect {
    if uri.path().starts_with("/compat/heleket/") { LinklessDialect::Heleket } else { LinklessDialect::Cryptomus }
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

/// `POST /v1/wallet/blocked-address-refund`: all that is held of a payment, to an address the merchant knows, once (CM3). Refundry has no
/// static wallets: what is held are payments that wait for a decision and refunds that nobody claimed.
async fn refund_blocked(State(engine): State<Engine>, headers: HeaderMap, uri: Uri, body: Bytes) -> Result<Response, Refusal> {
    let Signed { caller, mid, fields } = open(&engine, &headers, &uri, &body).await?;
    let mut fields = Fields { given: fields, wrong: Map::new() };
    let which = which(&mut fields);
    if matches!(&which, Some(Which::OrderId(id)) if id.chars().count() > BLOCKED_ORDER_ID_CHARS_MAX) {
        fields.complain("order_id", "validation.max.string");
    }
    let address = fields.required("address");
    if !address.is_empty() && !(ADDRESS_BYTES_MIN..=ADDRESS_BYTES_MAX).contains(&address.len()) {
        fields.complain("address", if address.len() < ADDRESS_BYTES_MIN { "validation.min.string" } else { "validation.max.string" });
    }
    let tag = fields.text("memo");
    fields.refuse_if_wrong()?;
    let invoice = match find(&engine, &caller, mid, which).await {
        Err(Error::NotFound) => return Err(Refusal::Message("Not found")),
        found => found?,
    };
    if engine.frozen(&caller, mid).await?.is_some() {
        return Err(Refusal::Message("You are forbidden"));
    }
    let refunds = engine.give_back_to(&caller, InvoiceId(invoice.id), &address, tag.as_deref()).await?;
    if refunds.is_empty() {
        return Err(Refusal::Message(if invoice.refunds.is_empty() { "Not found" } else { "You can withdraw only once" }));
    }
    let of_each = |amount: fn(&RefundView) -> Option<&str>| sum(&engine, &refunds, amount).ok_or(Refusal::Message("Server error"));
    Ok(answer(&json!({
        "commission": of_each(|refund| refund.fee.as_ref().map(|fee| fee.amount.as_str()))?,
        "amount": of_each(|refund| refund.net_amount.as_deref())?,
    })))
}

/// Returns the sum of an amount of some refunds of one payment; what has none counts as nought.
fn sum(engine: &Engine, refunds: &[RefundView], amount: fn(&RefundView) -> Option<&str>) -> Option<String> {
    let asset = engine.assets().all().find(|asset| refunds.iter().all(|refund| asset.id.to_string() == refund.asset))?;
    let units = refunds.iter().filter_map(amount).map(|text| asset.parse_amount(text).ok().map(|amount| amount.units));
    let total = units.collect::<Option<Vec<u128>>>()?.into_iter().try_fold(0_u128, u128::checked_add)?;
    Some(asset.format_units(total))
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

//! Cryptopay's API: invoices with `payer_email`, whose refunds are offered by mail (CP-05, CP-06), and refunds that a merchant asks for.
//!
//! `Authorization: HMAC <MID>:<signature>`: the HMAC-SHA1, by a key of that MID, over method, MD5 of the body, content type, date and path.

use axum::Json;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use base64::Engine as _;
use data_encoding::HEXLOWER;
use domain::ids::MidId;
use engine::Engine;
use engine::callers::Caller;
use engine::clock::{Clock as _, SystemClock};
use hmac::{Hmac, Mac as _};
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use md5::{Digest as _, Md5};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha1::Sha1;

use super::Sent;
use crate::problem::{Code, Problem};
use crate::visitor;

mod invoices;
mod refunds;

/// What its clients' base URL ends in: they sign the path behind it.
const BASE: &str = "/compat/cryptopay";
/// How far a request's date may be from now.
const DATE_TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/cryptopay/api/invoices", get(invoices::list).post(invoices::create)),
        ("/compat/cryptopay/api/invoices/{id}", get(invoices::show)),
        ("/compat/cryptopay/api/invoices/custom_id/{custom_id}", get(invoices::show_named)),
        ("/compat/cryptopay/api/invoices/{id}/refunds", get(refunds::list).post(refunds::create)),
    ]
}

/// A problem as these clients read it.
struct Refusal(Problem);

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(error: T) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let unknown = "the signature, its date or the MID is wrong: sign with a key of the MID, within 15 minutes";
        let (code, message) = match self.0.code() {
            Code::Unauthorized => ("unauthenticated", unknown),
            Code::Forbidden => ("unauthorized", self.0.detail()),
            other => (other.name(), self.0.detail()),
        };
        let body = json!({
            "error": { "code": code, "message": message, "details": [] },
            "meta": { "request_id": visitor::request_id() },
        });
        (self.0.status(), Json(body)).into_response()
    }
}

/// A request whose signature was right.
struct Signed {
    caller: Caller,
    mid: MidId,
    sent: Sent,
}

impl Signed {
    /// Reads the body; none is an empty object.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.sent.body.is_empty() { b"{}" } else { &self.sent.body };
        serde_json::from_slice(body).map_err(|error| Problem::field("body", "invalid", &error.to_string()).into())
    }
}

async fn open(engine: &Engine, sent: Sent) -> Result<Signed, Refusal> {
    let header = |name| sent.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (mid, signature) = header(header::AUTHORIZATION)
        .strip_prefix("HMAC ")
        .and_then(|text| text.trim().split_once(':'))
        .and_then(|(mid, signature)| Some((MidId(mid.parse().ok()?), base64::engine::general_purpose::STANDARD.decode(signature).ok()?)))
        .ok_or_else(Problem::unauthorized)?;
    let date = header(header::DATE);
    let at = DateTimeParser::new().parse_timestamp(date).map_err(|_| Problem::unauthorized())?;
    if SystemClock::default().now_outside().duration_since(at).abs() > DATE_TOLERANCE {
        return Err(Problem::unauthorized().into());
    }
    let (method, content_type) = (sent.parts.method.as_str(), header(header::CONTENT_TYPE));
    let texts = paths(&sent.parts.uri).map(|path| text_to_sign(method, &sent.body, content_type, date, path));
    let is_signed_with = |key: &str| texts.iter().any(|text| keyed(key, text).verify_slice(&signature).is_ok());
    let caller = engine.signer(mid, is_signed_with).await?.ok_or_else(Problem::unauthorized)?;
    Ok(Signed { caller, mid, sent })
}

/// Returns the path as clients sign it: behind the base URL, and whole for those that take all of the URL's.
fn paths(uri: &Uri) -> [&str; 2] {
    let whole = uri.path_and_query().map_or("/", |path| path.as_str());
    [whole.strip_prefix(BASE).unwrap_or(whole), whole]
}

fn text_to_sign(method: &str, body: &[u8], content_type: &str, date: &str, path: &str) -> String {
    // An empty body has no hash.
    let hash = if body.is_empty() { String::new() } else { HEXLOWER.encode(&Md5::digest(body)) };
    [method, &hash, content_type, date, path].join("\n")
}

fn keyed(key: &str, text: &str) -> Hmac<Sha1> {
    Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length").chain_update(text)
}

fn answer(status: StatusCode, data: &Value) -> Response {
    (status, Json(json!({ "data": data }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of Python's hmac and hashlib.
    #[test]
    fn signatures_are_those_of_other_programs() {
        let date = "Tue, 25 Sep 2018 17:41:40 GMT";
        let signature = |method, body: &[u8], path| {
            let text = text_to_sign(method, body, "application/json", date, path);
            base64::engine::general_purpose::STANDARD.encode(keyed("rk_key", &text).finalize().into_bytes())
        };
        let body = br#"{"price_amount":"100","price_currency":"EUR","pay_currency":"BTC"}"#;
        assert_eq!(signature("POST", body, "/api/invoices"), "UvdmzyrchH8bufuJnkX9Jrfo0a4=");
        assert_eq!(signature("GET", b"", "/api/invoices?starting_after=1"), "7OdbBUPqarkij7GZU2LNnacEwN8=");
    }
}

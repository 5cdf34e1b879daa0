//! BitPay's API: refunds of invoices, and the invoices they are of (BP-01 to BP-15).
//!
//! A program is paired once: `POST /tokens` with an API key as the pairing code and its client id, the SIN. From then on it signs each
//! request with a key pair of its own (`X-Identity`, `X-Signature`) and names the pairing by the token it was given. Clients look at the
//! body alone, so statuses are for people and proxies. Amounts are JSON numbers, and go through no float.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use domain::ids::MidId;
use engine::callers::Caller;
use engine::pairings::{Facade, Paired};
use engine::{Engine, Error};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sent;
use crate::problem::{Code, Problem};

mod invoices;
mod refunds;
mod signature;

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/compat/bitpay/tokens", post(pair)),
        ("/compat/bitpay/invoices", get(invoices::list).post(invoices::create)),
        ("/compat/bitpay/invoices/{id}", get(invoices::show)),
        ("/compat/bitpay/invoices/guid/{guid}", get(invoices::show_named)),
        ("/compat/bitpay/refunds", get(refunds::list).post(refunds::create)),
        ("/compat/bitpay/refunds/{id}", get(refunds::show).put(refunds::update).delete(refunds::cancel)),
        ("/compat/bitpay/refunds/guid/{guid}", get(refunds::show_named).put(refunds::update_named).delete(refunds::cancel_named)),
        ("/compat/bitpay/refunds/{id}/notifications", post(refunds::notify)),
    ]
}

/// Why a call is not carried out: the last two digits of its code.
#[derive(Clone, Copy, Debug)]
enum Reason {
    Generic,
    NotFound,
    InvalidParams,
    MissingParams,
    ActiveRefund,
    InvoiceState,
    FeeAboveAmount,
    /// Not the call's fault: a code of its own.
    Server,
}

impl Reason {
    const fn digits(self) -> &'static str {
        match self {
            Self::Generic => "00",
            Self::NotFound => "01",
            Self::InvalidParams => "02",
            Self::MissingParams => "03",
            Self::ActiveRefund => "04",
            Self::InvoiceState => "07",
            Self::FeeAboveAmount => "08",
            Self::Server => "000000",
        }
    }
}

/// Why a call is not carried out.
struct Refusal {
    status: StatusCode,
    reason: Reason,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, reason: Reason, message: impl Into<String>) -> Self {
        Self { status, reason, message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Reason::InvalidParams, message)
    }

    fn missing(field: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Reason::MissingParams, format!("Missing params: {field}"))
    }

    fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, Reason::NotFound, format!("{what} not found"))
    }

    fn unsigned(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Reason::Generic, message)
    }
}

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(error: T) -> Self {
        let problem: Problem = error.into();
        let reason = match problem.code() {
            Code::NotFound => Reason::NotFound,
            Code::ValidationFailed | Code::ExceedsRefundable => Reason::InvalidParams,
            Code::ActiveRefundExists => Reason::ActiveRefund,
            Code::InvoiceState => Reason::InvoiceState,
            Code::FeeExceedsAmount => Reason::FeeAboveAmount,
            Code::Unauthorized
            | Code::Forbidden
            | Code::IdempotencyMismatch
            | Code::Conflict
            | Code::WalletMissing
            | Code::MerchantFrozen
            | Code::InsufficientBalance
            | Code::RateUnavailable
            | Code::QuoteExpired
            | Code::RateLimited => Reason::Generic,
            Code::Maintenance | Code::InternalError => Reason::Server,
        };
        Self::new(problem.status(), reason, problem.detail())
    }
}

/// What a call is about: by its id, or by what the merchant's program knows it by.
enum Which {
    Id(String),
    Guid(String),
}

/// What a call asks for: the first four digits of its error codes, for method and resource.
#[derive(Clone, Copy)]
struct Call(&'static str);

impl Call {
    const MAKE_INVOICE: Self = Self("0101");
    const READ_INVOICE: Self = Self("0201");
    const MAKE_REFUND: Self = Self("0102");
    const READ_REFUND: Self = Self("0202");
    const CHANGE_REFUND: Self = Self("0302");
    const CANCEL_REFUND: Self = Self("0402");
    const MAKE_TOKEN: Self = Self("0100");

    /// Answers what a call came to. Never with `status` beside a list: clients take an empty one for the whole answer then.
    fn answer<T: Serialize>(self, outcome: Result<T, Refusal>) -> Response {
        match outcome.map(|data| serde_json::to_string(&Envelope { data })) {
            Ok(Ok(body)) => (StatusCode::OK, [(CONTENT_TYPE, "application/json")], body).into_response(),
            Ok(Err(_)) => self.refuse(&Refusal::from(Problem::internal())),
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn refuse(self, refusal: &Refusal) -> Response {
        let digits = refusal.reason.digits();
        let code = match refusal.reason {
            Reason::Server => digits.to_owned(),
            Reason::Generic
            | Reason::NotFound
            | Reason::InvalidParams
            | Reason::MissingParams
            | Reason::ActiveRefund
            | Reason::InvoiceState
            | Reason::FeeAboveAmount => format!("{}{digits}", self.0),
        };
        let body = json!({ "status": "error", "code": code, "data": null, "error": refusal.message });
        (refusal.status, Json(body)).into_response()
    }
}

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
}

/// A request of a program that is paired.
struct Signed {
    caller: Caller,
    mid: MidId,
    /// What the program calls by; resources are answered with it, as theirs.
    token: String,
    uri: Uri,
    body: Bytes,
}

impl Signed {
    /// Reads the body.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal::invalid(format!("Invalid params: {error}")))
    }

    /// Reads the query.
    fn query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let query = Query::try_from_uri(&self.uri);
        query.map(|Query(query)| query).map_err(|rejection| Refusal::invalid(rejection.body_text()))
    }
}

#[derive(Deserialize)]
struct Tokened {
    token: Option<String>,
}

/// Lets a request in: by its token, and by its signature unless the token is one for tills and those do (`least`).
async fn open(engine: &Engine, sent: Sent, least: Facade) -> Result<Signed, Refusal> {
    let Sent { parts, body } = sent;
    let query = Query::<Tokened>::try_from_uri(&parts.uri).ok().and_then(|query| query.0.token);
    let token = query.or_else(|| serde_json::from_slice::<Tokened>(&body).ok()?.token).ok_or_else(|| Refusal::missing("token"))?;
    let paired = engine.paired(&token).await?;
    let Paired { caller, mid, facade, client_id } = paired.ok_or_else(|| Refusal::unsigned("Invalid token: pair this client again"))?;
    match (facade, least) {
        (Facade::Pos, Facade::Pos) => {}
        (Facade::Pos, Facade::Merchant) => return Err(Refusal::unsigned("This token is for the facade pos: use one for merchant")),
        (Facade::Merchant, Facade::Merchant | Facade::Pos) => {
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            let message = [engine.settings().public_url.as_bytes(), path.as_bytes(), &body].concat();
            if signer(&parts.headers, &message).is_none_or(|sin| Some(sin) != client_id) {
                return Err(Refusal::unsigned("Invalid signature: sign the URL under public_url and the body, with the paired key"));
            }
        }
    }
    Ok(Signed { caller, mid, token, uri: parts.uri, body })
}

fn signer(headers: &HeaderMap, message: &[u8]) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    signature::signer(header("x-identity")?, header("x-signature")?, message)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pairing {
    /// The client id: its SIN.
    id: Option<String>,
    /// A key of Refundry.
    pairing_code: Option<String>,
    facade: Option<String>,
}

/// `POST /tokens`: pairs a program. The pairing code is an API key, so nobody has to approve it afterwards.
async fn pair(State(engine): State<Engine>, sent: Sent) -> Response {
    Call::MAKE_TOKEN.answer(paired(&engine, sent).await)
}

async fn paired(engine: &Engine, sent: Sent) -> Result<serde_json::Value, Refusal> {
    let Sent { body, .. } = sent;
    let pairing: Pairing = serde_json::from_slice(&body).map_err(|error| Refusal::invalid(format!("Invalid params: {error}")))?;
    let client_id = pairing.id.ok_or_else(|| Refusal::missing("id"))?;
    if !signature::is_sin(&client_id) {
        return Err(Refusal::invalid("id: send the SIN of your public key"));
    }
    let wanted = pairing.facade.as_deref().unwrap_or(Facade::Merchant.name());
    let facade = Facade::ALL.into_iter().find(|facade| facade.name() == wanted);
    let facade = facade.ok_or_else(|| Refusal::invalid("facade: choose merchant or pos"))?;
    let code = pairing.pairing_code.ok_or_else(|| {
        let remedy = "pairingCode: send a key of Refundry (`refundry key create`)";
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, Reason::MissingParams, remedy)
    })?;
    let token = match engine.pair(&code, &client_id, facade).await {
        Err(Error::Unauthorized) => return Err(Refusal::unsigned("pairingCode: this is no key that lets in")),
        paired => paired?,
    };
    let policy = json!({ "policy": "id", "method": "active", "params": [client_id] });
    Ok(json!([{ "token": token, "facade": facade.name(), "policies": [policy] }]))
}

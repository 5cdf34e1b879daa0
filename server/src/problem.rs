//! Errors as callers meet them: RFC 9457 problem details for programs, a short page for browsers. The one place that knows
//! which HTTP status an error of the engine is.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::claim::{FieldError, FieldErrors};
use domain::invoice::NotDone;
use domain::lifecycle::Refused;
use engine::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::assets::asset;
use crate::visitor;

/// What went wrong, as a closed list for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// There is no such thing, or it belongs to somebody else.
    NotFound,
    /// The key or the session is missing or unknown.
    Unauthorized,
    /// The key or the person may not do this.
    Forbidden,
    /// The request is not well-formed; `errors` names the fields.
    ValidationFailed,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// The state does not allow it, or it changed at the same moment.
    Conflict,
    /// The invoice's state does not allow it.
    InvoiceState,
    /// More than is left to refund; `refundable` says how much that is.
    ExceedsRefundable,
    /// All that was paid is promised to a refund that is under way.
    ActiveRefundExists,
    /// The network fee is larger than the refund.
    FeeExceedsAmount,
    /// The coin is not among those that this installation pays in any more.
    WalletMissing,
    /// The merchant's own money is not enough; `available` says how much there is.
    InsufficientBalance,
    /// The operator suspended the MID.
    MerchantFrozen,
    /// No rate is known for the asset and the currency.
    RateUnavailable,
    /// The quote held until a moment that is over.
    QuoteExpired,
    /// Too many tries; wait as `Retry-After` says.
    RateLimited,
    /// Refundry or something it needs is not available at the moment. Try again.
    Maintenance,
    /// A defect in Refundry; its log has the `request_id`.
    InternalError,
}

impl Code {
    /// All codes, in the order of the reference.
    pub const ALL: [Self; 18] = [
        Self::NotFound,
        Self::Unauthorized,
        Self::Forbidden,
        Self::ValidationFailed,
        Self::IdempotencyMismatch,
        Self::Conflict,
        Self::InvoiceState,
        Self::ExceedsRefundable,
        Self::ActiveRefundExists,
        Self::FeeExceedsAmount,
        Self::WalletMissing,
        Self::InsufficientBalance,
        Self::MerchantFrozen,
        Self::RateUnavailable,
        Self::QuoteExpired,
        Self::RateLimited,
        Self::Maintenance,
        Self::InternalError,
    ];

    /// Returns the name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::ValidationFailed => "validation_failed",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::Conflict => "conflict",
            Self::InvoiceState => "invoice_state",
            Self::ExceedsRefundable => "exceeds_refundable",
            Self::ActiveRefundExists => "active_refund_exists",
            Self::FeeExceedsAmount => "fee_exceeds_amount",
            Self::WalletMissing => "wallet_missing",
            Self::InsufficientBalance => "insufficient_balance",
            Self::MerchantFrozen => "merchant_frozen",
            Self::RateUnavailable => "rate_unavailable",
            Self::QuoteExpired => "quote_expired",
            Self::RateLimited => "rate_limited",
            Self::Maintenance => "maintenance",
            Self::InternalError => "internal_error",
        }
    }

    /// Returns the sentence that is the same for every problem of this code.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Unauthorized => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::ValidationFailed => "The request is not valid",
            Self::IdempotencyMismatch => "This idempotency key was used for another request",
            Self::Conflict => "Not possible now",
            Self::InvoiceState => "This invoice cannot be refunded",
            Self::ExceedsRefundable => "More than is left to refund",
            Self::ActiveRefundExists => "A refund is under way",
            Self::WalletMissing => "This coin is not paid in any more",
            Self::MerchantFrozen => "This MID is suspended",
            Self::FeeExceedsAmount => "The network fee is larger than the refund",
            Self::InsufficientBalance => "The balance is not enough",
            Self::RateUnavailable => "No rate is known",
            Self::QuoteExpired => "The quote is over",
            Self::RateLimited => "Too many tries",
            Self::Maintenance => "Not available at the moment",
            Self::InternalError => "Something went wrong on our side",
        }
    }
}

/// What went wrong with one request.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    refundable: Option<String>,
    available: Option<String>,
    retry_after_secs: Option<u64>,
}

/// The body of an error (RFC 9457), served as `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Where the code is explained.
    pub r#type: String,
    /// The same for every problem of this code.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for programs.
    pub code: Code,
    /// What went wrong this time, and what to do about it.
    pub detail: &'a str,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    pub errors: &'a [FieldError],
    /// What can still be refunded, in the invoice's asset; with `exceeds_refundable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refundable: Option<&'a str>,
    /// What the balance holds, in the refund's asset; with `insufficient_balance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<&'a str>,
    /// Finds the request in the log; the same as the header `x-request-id`.
    pub request_id: String,
}

impl Problem {
    /// Makes a problem without field errors.
    pub fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), refundable: None, available: None, retry_after_secs: None }
    }

    /// Nothing is there.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, "there is nothing here: check the address")
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn unauthorized() -> Self {
        let detail = "send a key of yours as `Authorization: Bearer <key>`; `refundry key create` makes one";
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, detail)
    }

    /// Fields are wrong.
    #[must_use]
    pub fn invalid(errors: FieldErrors) -> Self {
        let detail = errors.to_string();
        Self { errors: errors.0, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, Code::ValidationFailed, detail) }
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(field: &str, code: &str, message: &str) -> Self {
        Self::invalid(FieldErrors::one(field, code, message))
    }

    /// Nobody but the operator, or nobody with a key, may do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Code::Forbidden, detail)
    }

    /// A defect of ours. Its cause goes to the log, never to the caller.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "try again; if it happens again, tell the operator the request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalError, detail)
    }

    /// Something needed is away.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self { retry_after_secs: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Maintenance, detail) }
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Returns what went wrong this time.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the fields that are wrong.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    fn json(&self) -> Response {
        let body = ProblemBody {
            r#type: format!("/docs/api#{}", self.code.name()),
            title: self.code.title(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            refundable: self.refundable.as_deref(),
            available: self.available.as_deref(),
            request_id: visitor::request_id(),
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        ([(header::CONTENT_TYPE, "application/problem+json")], text).into_response()
    }

    fn page(&self) -> Response {
        let (title, detail) = (self.code.title(), escape(&self.detail));
        let (style, request) = (asset("refundry.css"), visitor::request_id());
        let mut response = Html(format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
             <meta name=robots content=noindex><title>{title}</title><link rel=stylesheet href=\"{style}\"></head>\
             <body class=pay><header></header><main><div class=sheet><div><h1>{title}</h1><p>{detail}</p></div>\
             <p class=xs>Request {request}</p></div></main></body></html>"
        ))
        .into_response();
        let policy =
            HeaderValue::from_static("default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }
}

/// Escapes text for HTML, inside elements and quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = if visitor::is_browser() { self.page() } else { self.json() };
        *response.status_mut() = self.status;
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        use engine::Error as E;
        let conflict = |detail: String| Self::new(StatusCode::CONFLICT, Code::Conflict, detail);
        match error {
            E::NotFound => Self::not_found(),
            E::Unauthorized => Self::unauthorized(),
            E::Forbidden => Self::forbidden("this key may not do this: use one that may write, of the same merchant"),
            E::ProofNeeded => Self::forbidden(error.to_string()),
            E::Invalid(errors) => Self::invalid(errors),
            E::Refused(refused) => refused.into(),
            E::NotDone(refused) => refused.into(),
            E::InvoiceState { .. } => Self::new(StatusCode::CONFLICT, Code::InvoiceState, error.to_string()),
            E::ExceedsRefundable { ref refundable, .. } => {
                let refundable = Some(refundable.clone());
                Self { refundable, ..Self::new(StatusCode::CONFLICT, Code::ExceedsRefundable, error.to_string()) }
            }
            E::ActiveRefund { .. } => Self::new(StatusCode::CONFLICT, Code::ActiveRefundExists, error.to_string()),
            E::MerchantFrozen => Self::new(StatusCode::FORBIDDEN, Code::MerchantFrozen, error.to_string()),
            E::InsufficientBalance { ref available, .. } => {
                let available = Some(available.clone());
                Self { available, ..Self::new(StatusCode::CONFLICT, Code::InsufficientBalance, error.to_string()) }
            }
            E::QuoteExpired { .. } => Self::new(StatusCode::CONFLICT, Code::QuoteExpired, error.to_string()),
            E::Taken { field, message } => Self { errors: vec![FieldError::new(field, "taken", message.clone())], ..conflict(message) },
            E::Conflict => Self { retry_after_secs: Some(1), ..conflict("it changed at the same moment: try again".to_owned()) },
            E::StillBusy { wait_secs } => Self { retry_after_secs: Some(wait_secs), ..conflict(error.to_string()) },
            E::IdempotencyMismatch => {
                let detail = "the same Idempotency-Key came with another request before: use a new key for a new request";
                Self::new(StatusCode::CONFLICT, Code::IdempotencyMismatch, detail)
            }
            E::RateLimited { wait_secs } => {
                let problem =
                    Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, format!("wait {wait_secs} seconds before the next try"));
                Self { retry_after_secs: Some(wait_secs), ..problem }
            }
            E::RateUnavailable => {
                let detail = "no rate is known for this asset and currency: send `rate` or `charged_amount`";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, Code::RateUnavailable, detail)
            }
            E::SandboxOff => Self::forbidden("this installation moves real money: the sandbox is off (REFUNDRY_SANDBOX)"),
            error @ (E::EmailOff | E::EmailNotTaken { .. } | E::EmailNotWritten { .. }) => {
                tracing::error!(%error, "a mail could not be sent at once");
                Self::unavailable("the mail could not be sent")
            }
            E::Rail(error) => {
                tracing::warn!(%error, "a rail did not answer");
                Self::unavailable("the network does not answer: try again")
            }
            E::Store(StoreError::Lost) => {
                let detail = "the database did not confirm the change, so it may have been made: look, or repeat the request with the same \
                              Idempotency-Key";
                Self::unavailable(detail)
            }
            E::Store(StoreError::Unconfigured(asset)) => {
                tracing::error!(%error, "rows need an asset that is not configured");
                let detail = format!("{asset} is not paid in here any more: ask the operator to add it to [[assets]] again");
                Self::new(StatusCode::CONFLICT, Code::WalletMissing, detail)
            }
            E::Store(error) if error.is_away() => {
                tracing::error!(%error, "the database did not answer");
                Self::unavailable("the database does not answer, and nothing was changed: try again")
            }
            E::Store(error) => {
                tracing::error!(%error, "the database failed");
                Self::internal()
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (status, code) = match &refused {
            Refused::WrongState { .. }
            | Refused::AlreadyClaimed { .. }
            | Refused::ClaimExpired { .. }
            | Refused::TooEarly { .. }
            | Refused::TooLate { .. }
            | Refused::FeeAboveCap
            | Refused::OtherPayout => (StatusCode::CONFLICT, Code::Conflict),
            Refused::PayerCannotCancel
            | Refused::PayersChoice
            | Refused::ApprovedWithout
            | Refused::NeverApproved
            | Refused::OwnRequest
            | Refused::NotAPerson
            | Refused::OperatorOnly => (StatusCode::FORBIDDEN, Code::Forbidden),
            Refused::FeeExceedsAmount => (StatusCode::UNPROCESSABLE_ENTITY, Code::FeeExceedsAmount),
            Refused::OtherNetwork | Refused::Money(_) => (StatusCode::UNPROCESSABLE_ENTITY, Code::ValidationFailed),
        };
        Self::new(status, code, refused.to_string())
    }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let (status, code) = match &refused {
            NotDone::CaseIsDecided | NotDone::OtherAsset | NotDone::Untagged | NotDone::PaymentGone => {
                (StatusCode::CONFLICT, Code::Conflict)
            }
            NotDone::OperatorOnly => (StatusCode::FORBIDDEN, Code::Forbidden),
            NotDone::Money(_) => (StatusCode::UNPROCESSABLE_ENTITY, Code::ValidationFailed),
        };
        Self::new(status, code, refused.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_they_are_named() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).expect("a code"), code.name());
        }
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}

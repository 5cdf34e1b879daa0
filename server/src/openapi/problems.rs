//! Which problems each operation can answer with. The tests hold every answer against this.

use axum::http::StatusCode;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::problem::Code;

/// Adds the problems of an operation to its answers, and the headers that all its answers have.
pub(super) fn describe(method: &str, template: &str, operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    let has_query = operation.parameters.iter().flatten().any(
        |parameter| matches!(parameter, RefOr::T(parameter) if matches!(parameter.parameter_in, utoipa::openapi::path::ParameterIn::Query)),
    );
    for (status, codes) in possible(method, template, has_body, has_query) {
        operation.responses.responses.insert(status.as_str().to_owned(), problem(status, &codes).into());
    }
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        for (name, description) in [
            ("x-request-id", "Finds the request in the log."),
            ("ratelimit", "How many requests the key has left, and in how many seconds it has all of them again; where there is a limit."),
            ("ratelimit-policy", "How many requests a key may save up, and for how many seconds; where there is a limit."),
        ] {
            response.headers.insert(name.to_owned(), header(description, Type::String).into());
        }
    }
}

/// Returns the codes by the status that they come with.
fn possible(method: &str, template: &str, has_body: bool, has_query: bool) -> Vec<(StatusCode, Vec<Code>)> {
    let mut problems = vec![
        (StatusCode::UNAUTHORIZED, vec![Code::Unauthorized]),
        (StatusCode::FORBIDDEN, forbidden(method, template)),
        (StatusCode::NOT_FOUND, vec![Code::NotFound]),
        (StatusCode::TOO_MANY_REQUESTS, vec![Code::RateLimited]),
        (StatusCode::INTERNAL_SERVER_ERROR, vec![Code::InternalError]),
        (StatusCode::SERVICE_UNAVAILABLE, vec![Code::Maintenance]),
    ];
    if has_body {
        problems.push((StatusCode::BAD_REQUEST, vec![Code::ValidationFailed]));
        problems.push((StatusCode::UNSUPPORTED_MEDIA_TYPE, vec![Code::ValidationFailed]));
    }
    if method == "GET" {
        if tells_of_coins(template) {
            problems.push((StatusCode::CONFLICT, vec![Code::WalletMissing]));
        }
        if has_query {
            problems.push((StatusCode::UNPROCESSABLE_ENTITY, vec![Code::ValidationFailed]));
        }
        return problems;
    }
    problems.push((StatusCode::PAYLOAD_TOO_LARGE, vec![Code::ValidationFailed]));
    let (mut conflicts, mut invalid) = (vec![Code::Conflict], vec![Code::ValidationFailed]);
    if method == "POST" {
        conflicts.push(Code::IdempotencyMismatch);
    }
    if template.starts_with("/api/v1/refunds") {
        let refused =
            [Code::InvoiceState, Code::ExceedsRefundable, Code::ActiveRefundExists, Code::InsufficientBalance, Code::QuoteExpired];
        conflicts.extend(refused);
        invalid.push(Code::FeeExceedsAmount);
    }
    if tells_of_coins(template) {
        conflicts.push(Code::WalletMissing);
        invalid.push(Code::RateUnavailable);
    }
    problems.push((StatusCode::CONFLICT, conflicts));
    problems.push((StatusCode::UNPROCESSABLE_ENTITY, invalid));
    problems
}

fn forbidden(method: &str, template: &str) -> Vec<Code> {
    let makes_refunds = method == "POST" && matches!(template, "/api/v1/refunds" | "/api/v1/refunds/{id}/confirm");
    if makes_refunds { vec![Code::Forbidden, Code::MerchantFrozen] } else { vec![Code::Forbidden] }
}

/// Says whether an operation shows or moves amounts of coins.
fn tells_of_coins(template: &str) -> bool {
    let prefixes = ["balances", "deposits", "invoices", "ledger", "reconciliations", "refunds", "sandbox", "statements"]
        .map(|tag| format!("/api/v1/{tag}"));
    prefixes.iter().any(|prefix| template.starts_with(prefix))
}

fn problem(status: StatusCode, codes: &[Code]) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let named: Vec<String> = codes.iter().map(|code| format!("`{}`", code.name())).collect();
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    let response = ResponseBuilder::new()
        .description(named.join(", "))
        .content("application/problem+json", content)
        .extensions(Some(ExtensionsBuilder::new().add("x-codes", names).build()));
    let may_say_when = matches!(status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if may_say_when {
        response.header("retry-after", header("When to try again, in seconds.", Type::Integer)).build()
    } else {
        response.build()
    }
}

fn header(description: &str, kind: Type) -> Header {
    HeaderBuilder::new().schema(Some(Object::with_type(kind))).description(Some(description)).build()
}

//! The OpenAPI document, made from the handlers, and the reference page made from the document.

use std::fmt::Write;

use axum::Json;
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};
use serde_json::Value;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::api::{
    balances, brands, cases, deposits, invoices, ledger, merchant_policies, mids, policies, reconciliations, refunding, refunds, sandbox,
    simulation, statements, webhook_deliveries, webhook_endpoints,
};
use crate::assets::asset;
use crate::problem::{Code, ProblemBody, escape};

/// Everything under `/api/v1`.
#[derive(OpenApi)]
#[openapi(
    info(title = "Refundry", description = "Refunds of crypto payments. Amounts are decimal strings with their asset or currency \
        beside them, times RFC 3339 in UTC, ids UUIDv7. Unknown fields are refused."),
    paths(
        invoices::create, invoices::list, invoices::show,
        deposits::report, deposits::list,
        cases::attribute,
        cases::resolve,
        refunding::create, refunding::confirm,
        refunds::list, refunds::show, refunds::direct, refunds::cancel, refunds::approve, refunds::decline, refunds::hold, refunds::release,
        refunds::reissue, refunds::retry, refunds::notify,
        mids::list, mids::writing, mids::suspend, mids::open,
        brands::show_mid, brands::replace_mid, brands::show_merchant, brands::replace_merchant,
        policies::knobs, policies::show, policies::replace, policies::lock, policies::versions, policies::approve, policies::discard,
        simulation::simulate,
        merchant_policies::show, merchant_policies::replace, merchant_policies::lock, merchant_policies::versions,
        merchant_policies::approve, merchant_policies::discard,
        balances::list, ledger::entries, statements::show, statements::csv, reconciliations::list,
        webhook_endpoints::create, webhook_endpoints::list, webhook_endpoints::change, webhook_endpoints::rotate,
        webhook_endpoints::remove, webhook_endpoints::enable, webhook_endpoints::test,
        webhook_deliveries::deliveries, webhook_deliveries::delivery, webhook_deliveries::resend,
        sandbox::deposit, sandbox::clock, sandbox::rail, sandbox::account,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Everywhere),
)]
pub struct Document;

/// What holds for every operation: the key, the problems, and the idempotency key of every POST.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        document.security = Some(vec![SecurityRequirement::new("key", [""; 0])]);
        for path in document.paths.paths.values_mut() {
            for operation in [&mut path.get, &mut path.post, &mut path.put, &mut path.delete].into_iter().flatten() {
                add_problems(operation);
                name(operation);
            }
            if let Some(post) = &mut path.post {
                post.parameters.get_or_insert_default().push(idempotency_key().into());
            }
        }
    }
}

/// Names an operation `refunds.cancel`: after its tag and its handler, which alone is `list` more than once.
fn name(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next().map(|tag| tag.to_lowercase());
    operation.operation_id = tag.zip(operation.operation_id.take()).map(|(tag, handler)| format!("{tag}.{handler}"));
}

fn add_problems(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new()
        .description("A problem; nothing was changed")
        .content("application/problem+json", content)
        .header("x-request-id", HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).build())
        .build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same key and body get the same answer for 24 hours; another body is refused. An answer with `Retry-After` holds for now \
             only: send the same request with the same key again after that many seconds.",
        ))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

/// Serves the document.
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

/// Serves the reference page.
pub async fn reference() -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let html = serde_json::to_value(Document::openapi()).map(|document| render(&document)).unwrap_or_default();
    ([(header::CONTENT_SECURITY_POLICY, policy), (HeaderName::from_static("x-robots-tag"), "noindex")], Html(html))
}

fn render(document: &Value) -> String {
    let mut body = String::new();
    for (path, operations) in entries(&document["paths"]) {
        for (method, operation) in entries(operations) {
            render_operation(&mut body, &method.to_uppercase(), path, operation);
        }
    }
    body.push_str("<h2>Objects</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let _ = write!(body, "<section id=\"{0}\"><h3>{0}</h3><p>{1}</p>", escape(name), text(&schema["description"]));
        render_fields(&mut body, schema);
        body.push_str("</section>");
    }
    body.push_str("<h2>Problems</h2><dl class=kv>");
    for code in Code::ALL {
        let _ = write!(body, "<dt id=\"{0}\"><code>{0}</code></dt><dd>{1}</dd>", code.name(), code.title());
    }
    body.push_str("</dl>");
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>REST API – Refundry</title><link rel=stylesheet href=\"{}\"></head><body><main class=reference>\
         <h1>REST API</h1><p>{}</p><p>Send a key as <code>Authorization: Bearer &lt;key&gt;</code>. \
         The same as <a href=\"/api/v1/openapi.json\">an OpenAPI document</a>.</p>{body}</main></body></html>",
        asset("refundry.css"),
        text(&document["info"]["description"]),
    )
}

fn render_operation(body: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(body, "<section><h2><code>{method} {}</code></h2><p>{}.</p>", escape(path), text(&operation["summary"]));
    if let Some(parameters) = operation["parameters"].as_array() {
        body.push_str("<dl class=kv>");
        for parameter in parameters {
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let _ = write!(body, "<dt><code>{name}</code> ({place})</dt><dd>{}</dd>", text(&parameter["description"]));
        }
        body.push_str("</dl>");
    }
    let sent = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !sent.is_null() {
        let _ = write!(body, "<p>Send {}.</p>", type_name(sent));
    }
    for (status, response) in entries(&operation["responses"]).filter(|(status, _)| *status != "default") {
        let answered = &response["content"]["application/json"]["schema"];
        let what = if answered.is_null() { text(&response["description"]) } else { type_name(answered) };
        let _ = write!(body, "<p>Answers {status}: {what}.</p>");
    }
    body.push_str("</section>");
}

fn render_fields(body: &mut String, schema: &Value) {
    body.push_str("<dl class=kv>");
    for (name, field) in entries(&schema["properties"]) {
        let _ = write!(body, "<dt><code>{}</code>: {}</dt><dd>{}</dd>", escape(name), type_name(field), text(&field["description"]));
    }
    body.push_str("</dl>");
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|value| format!("<code>{}</code>", text(value))).collect();
        let _ = write!(body, "<p>One of {}.</p>", values.join(", "));
    }
}

/// Returns a schema's type as a link or a word.
fn type_name(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    if let Some(choice) = schema["oneOf"].as_array().and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        return format!("{} or null", type_name(choice));
    }
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Value::String(name) if name == "array" => format!("list of {}", type_name(&schema["items"])),
        Value::String(name) => escape(name),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "object".to_owned(),
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Returns a description as HTML: what stands between backticks is code.
fn text(value: &Value) -> String {
    let escaped = value.as_str().map(escape).unwrap_or_default();
    let mut parts = escaped.split('`');
    let plain = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(plain, |html, (index, part)| if index % 2 == 0 { format!("{html}<code>{part}</code>") } else { html + part })
}

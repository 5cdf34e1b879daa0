//! The OpenAPI document says what the router does, and the answers are what the document says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use server::openapi::Document;
use server::problem::Code;
use server::router;
use utoipa::OpenApi;

use crate::server::TestServer;

/// The document as it is served.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(Document::openapi()).expect("a document"));

/// Holds an answer against the document: fields that are not described, missing or of another type fail the test, and so does a problem
/// with a code that the operation does not list.
pub fn check(method: &Method, path: &str, status: StatusCode, body: &Value) {
    let document = &*DOCUMENT;
    let path = format!("/api/v1{}", path.split('?').next().unwrap_or(path));
    let paths = document["paths"].as_object().expect("paths");
    let Some((template, operations)) = paths.iter().find(|(template, _)| is_at(template, &path)) else { return };
    let response = &operations[method.as_str().to_lowercase()]["responses"][status.as_str()];
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{method} {template} answers {status}, which is not described");
    let has_code = response["x-codes"].as_array().is_none_or(|codes| codes.contains(&body["code"]));
    assert!(has_code, "{method} {template} answers {status} with a code that is not listed: {body}");
    if let Err(reason) = conforms(document, schema, body) {
        panic!("the answer {status} to {method} {template} is not as described: {reason}\n{body}");
    }
}

fn is_at(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let matches = template.split('/').all(|part| parts.next().is_some_and(|found| part.starts_with('{') || part == found));
    matches && parts.next().is_none()
}

/// The part of JSON Schema that the document uses, with unknown properties refused.
pub fn conforms(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/components/schemas/");
        return conforms(document, &document["components"]["schemas"][name], value).map_err(|reason| format!("{name}: {reason}"));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let reasons: Vec<String> = choices.iter().filter_map(|choice| conforms(document, choice, value).err()).collect();
        return if reasons.len() < choices.len() { Ok(()) } else { Err(reasons.join(" | ")) };
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return Err(format!("{value} is none of {values:?}"));
    }
    let is_of = |kind: &str| match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the document has a {other}"),
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::String(kind) => is_of(kind),
        kinds => kinds.as_array().is_some_and(|kinds| kinds.iter().filter_map(Value::as_str).any(is_of)),
    };
    if !fits {
        return Err(format!("{value} is not {}", schema["type"]));
    }
    for item in value.as_array().into_iter().flatten() {
        conforms(document, &schema["items"], item)?;
    }
    let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object()) else { return Ok(()) };
    for (name, field) in fields {
        let property = properties.get(name).ok_or_else(|| format!("{name} is not described"))?;
        conforms(document, property, field).map_err(|reason| format!("{name}: {reason}"))?;
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing: Vec<&str> = required.filter(|name| !fields.contains_key(*name)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("{missing:?} is missing")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_described_and_every_description_has_a_route() {
    let server = TestServer::on_sqlite().await;
    let served: Value = server.anonymous(Method::GET, "/api/v1/openapi.json").send().await.expect("an answer").json().await.expect("JSON");
    let described: BTreeSet<(String, String)> = served["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, operations)| {
            operations.as_object().into_iter().flatten().map(|(method, _)| (path.clone(), method.to_uppercase()))
        })
        .collect();

    let mut routed = BTreeSet::new();
    for (path, _) in router::api() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let url = path.replace("{id}", "1").replace("{mid}", "1").replace("{case}", "1").replace("{merchant}", "1");
            let status = server.anonymous(method.clone(), &url).bearer_auth(&server.key).send().await.expect("an answer").status();
            assert!(!status.is_server_error(), "{method} {path} answers {status}");
            if status != StatusCode::METHOD_NOT_ALLOWED {
                routed.insert((path.to_owned(), method.to_string()));
            }
        }
    }
    assert_eq!(routed, described);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let operations = DOCUMENT["paths"].as_object().expect("paths").values().flat_map(|path| path.as_object().into_iter().flatten());
    let names: Vec<&str> = operations.filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
    assert!(names.contains(&"refunds.cancel"), "{names:?}");
}

/// What is sent as an amount or an asset is told apart from any other text.
#[test]
fn amounts_and_assets_have_a_pattern() {
    let schemas = &DOCUMENT["components"]["schemas"];
    for (schema, field) in [
        ("NewInvoice", "amount"),
        ("NewInvoice", "charged_amount"),
        ("NewRefund", "amount"),
        ("ReportedDeposit", "amount"),
        ("RefundView", "net_amount"),
        ("PostingView", "amount"),
    ] {
        assert_eq!(schemas[schema]["properties"][field]["pattern"], "^(0|[1-9][0-9]*)([.][0-9]+)?$", "{schema}.{field}");
    }
    for schema in ["NewInvoice", "ReportedDeposit", "RefundView", "BalanceView"] {
        assert_eq!(schemas[schema]["properties"]["asset"]["pattern"], "^[A-Z0-9]+-[A-Z0-9]+$", "{schema}");
    }
}

#[test]
fn the_document_lists_every_code() {
    let listed: Vec<&str> =
        DOCUMENT["components"]["schemas"]["Code"]["enum"].as_array().expect("the codes").iter().filter_map(Value::as_str).collect();
    assert_eq!(listed, Code::ALL.map(Code::name));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_page_shows_every_operation_and_loads_nothing_foreign() {
    let server = TestServer::on_sqlite().await;
    let page = server.anonymous(Method::GET, "/docs/api").send().await.expect("an answer").text().await.expect("text");
    for (path, _) in router::api() {
        assert!(page.contains(&format!(" {path}</code>")), "{path} is missing");
    }
    for code in Code::ALL {
        assert!(page.contains(&format!("id=\"{}\"", code.name())), "{} is missing", code.name());
    }
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("href=\"http"), "{page}");
}

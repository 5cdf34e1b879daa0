//! The reference page, made from the OpenAPI document, and what it has in common with the [other](crate::snippets) page for developers.

use std::fmt::Write;

use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};
use serde_json::Value;
use utoipa::OpenApi;

use super::Document;
use crate::assets::asset;
use crate::problem::{Code, escape};

/// Serves the reference page.
pub async fn show() -> impl IntoResponse {
    let document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    let introduction = format!(
        "<p>{}</p><p>Send a key as <code>Authorization: Bearer &lt;key&gt;</code>. The same as \
         <a href=\"/api/v1/openapi.json\">an OpenAPI document</a>. <a href=\"/docs/clients\">Snippets, and how to make a client library</a>.</p>",
        text(&document["info"]["description"]),
    );
    page("REST API", &(introduction + &render(&document)))
}

/// Returns a page for developers, without a script or anything of others.
pub fn page(title: &str, body: &str) -> impl IntoResponse + use<> {
    let policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let html = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title} – Refundry</title><link rel=stylesheet href=\"{}\"></head><body><main class=reference>\
         <h1>{title}</h1>{body}</main></body></html>",
        asset("refundry.css"),
    );
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
    body + "</dl>"
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
        render_example(body, &operation["requestBody"]["content"]["application/json"]["example"]);
    }
    let mut problems = Vec::new();
    for (status, response) in entries(&operation["responses"]) {
        if response["x-codes"].is_array() {
            problems.push(format!("{status}: {}", text(&response["description"])));
        }
        // What every operation may answer is listed once; an example of a refusal is worth showing.
        if response["x-codes"].is_array() && response["content"]["application/problem+json"]["example"].is_null() {
            continue;
        }
        let answered = &response["content"]["application/json"];
        let what = if answered.is_null() { text(&response["description"]) } else { type_name(&answered["schema"]) };
        let _ = write!(body, "<p>Answers {status}: {what}.</p>");
        for (_, content) in entries(&response["content"]) {
            render_example(body, &content["example"]);
        }
    }
    let _ = write!(body, "<p>Problems {}.</p>", problems.join("; "));
    body.push_str("</section>");
}

fn render_example(body: &mut String, example: &Value) {
    let shown = match example {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => serde_json::to_string_pretty(example).unwrap_or_default(),
    };
    // Reached by the keyboard, because it scrolls.
    let _ = write!(body, "<pre tabindex=0><code>{}</code></pre>", escape(&shown));
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

//! The examples of the OpenAPI document: recorded from a running server, held against it, and each as its schema says.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use reqwest::{Method, StatusCode, header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::addresses::tron_address;
use crate::document::{DOCUMENT, conforms};
use crate::server::{TestServer, text, token};

/// What is recorded, as `server/docs/examples.json` has it.
struct Recorder<'s> {
    server: &'s TestServer,
    /// Who asks.
    key: String,
    recorded: Map<String, Value>,
}

impl Recorder<'_> {
    /// Asks for something and records it, as one of the examples of the operation at `template`.
    async fn ask(&mut self, method: Method, template: &str, ids: &[&str], query: &str, body: Option<Value>) -> Value {
        let mut ids = ids.iter();
        let fill = |part: &str| if part.starts_with('{') { (*ids.next().expect("an id")).to_owned() } else { part.to_owned() };
        let path = template.split('/').map(fill).collect::<Vec<_>>().join("/");
        let request = self.server.anonymous(method.clone(), &format!("/api/v1{path}{query}")).bearer_auth(&self.key);
        let request = if let Some(body) = &body { request.json(body) } else { request };
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().to_owned();
        let answered = response.text().await.expect("text");
        let answer: Value = if kind.ends_with("json") { serde_json::from_str(&answered).expect("JSON") } else { json!(answered) };
        let entry = self.recorded.entry(format!("{method} /api/v1{template}")).or_insert_with(|| json!({ "answers": {}, "kinds": {} }));
        // The first answer of a kind is the example.
        if entry["answers"].get(status.as_str()).is_none() && status != StatusCode::NO_CONTENT {
            entry["answers"][status.as_str()] = answer.clone();
            entry["kinds"][status.as_str()] = json!(kind);
        }
        if let Some(body) = body.filter(|_| entry.get("request").is_none()) {
            entry["request"] = body;
        }
        answer
    }

    async fn get(&mut self, template: &str, ids: &[&str], query: &str) -> Value {
        self.ask(Method::GET, template, ids, query, None).await
    }

    async fn post(&mut self, template: &str, ids: &[&str], body: Option<Value>) -> Value {
        self.ask(Method::POST, template, ids, "", body).await
    }

    async fn put(&mut self, template: &str, ids: &[&str], body: Value) -> Value {
        self.ask(Method::PUT, template, ids, "", Some(body)).await
    }
}

/// Asks for everything once, as a merchant's program would.
async fn record(server: &TestServer) -> Value {
    let mut book = Recorder { server, key: server.key.clone(), recorded: Map::new() };
    let mid = server.mid.0.to_string();
    let mids = book.get("/mids", &[], "").await;
    let merchant = text(&mids["data"][0]["merchant"]).to_owned();

    // Paid too much: the rest is offered back, claimed, stopped, offered again.
    let order = json!({
        "mid": mid, "reference": "order-20418", "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991",
        "payer_email": "ada@example.com", "metadata": { "basket": "7", "channel": "web" }, "policy": { "security_delay": "PT96H" },
    });
    let invoice = book.post("/invoices", &[], Some(order)).await;
    let id = text(&invoice["id"]);
    let deposit = json!({ "invoice": id, "amount": "150.000000" });
    book.post("/sandbox/deposits", &[], Some(deposit)).await;
    book.get("/invoices", &[], "?status=complete").await;
    book.get("/invoices/{id}", &[id], "").await;
    book.get("/deposits", &[], &format!("?invoice={id}")).await;
    let refund = server.only_refund(&invoice).await;
    let offered = text(&refund["id"]);
    book.get("/refunds/{id}", &[offered], "").await;
    book.get("/refunds", &[], &format!("?invoice={id}")).await;
    book.get("/events", &[], &format!("?refund={offered}&limit=2")).await;
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    book.post("/refunds/{id}/hold", &[offered], None).await;
    book.post("/refunds/{id}/release", &[offered], None).await;
    book.post("/refunds/{id}/cancel", &[offered], Some(json!({ "reason": "other", "note": "agreed by phone" }))).await;
    book.post("/refunds/{id}/reissue", &[offered], None).await;
    book.post("/refunds/{id}/notify", &[offered], None).await;
    book.post("/refunds/{id}/retry", &[offered], None).await;
    book.post("/refunds/{id}/approve", &[offered], None).await;
    book.post("/refunds/{id}/decline", &[offered], Some(json!({ "reason": "the goods have not come back" }))).await;

    // Paid exactly: what the merchant gives back of its own.
    let paid = server.invoice("order-20419").await;
    let paid_id = text(&paid["id"]);
    let reported = json!({
        "external_id": "watcher-1", "invoice": paid_id, "amount": "101.102104", "asset": "USDT-TRON", "txid": "6f2c", "seen_at": paid["created_at"],
        "final": true,
    });
    book.post("/deposits", &[], Some(reported)).await;
    let part = json!({ "invoice": paid_id, "amount": "10.000000", "reason": "one cable short", "message": "Sorry for the missing cable." });
    book.post("/refunds", &[], Some(part.clone())).await;
    let mut quoted = part.clone();
    quoted["preview"] = json!(true);
    let quote = book.post("/refunds", &[], Some(quoted)).await;
    book.post("/refunds/{id}/confirm", &[text(&quote["id"])], None).await;
    book.post("/refunds", &[], Some(json!({ "invoice": paid_id, "amount": "500.000000" }))).await;
    book.post("/refunds/{id}/destination", &[offered], Some(json!({ "address": tron_address(2) }))).await;

    // What a person decides.
    let policy = json!({ "on_over": "hold", "security_delay": "PT96H", "assets": { "BTC-BITCOIN": { "fee_cap": "20" } } });
    let version = book.put("/mids/{mid}/policy", &[&mid], policy).await;
    book.get("/mids/{mid}/policy", &[&mid], "").await;
    book.get("/mids/{mid}/policy/versions", &[&mid], "").await;
    let version = text(&version["id"]).to_owned();
    book.post("/mids/{mid}/policy/versions/{id}/approve", &[&mid, &version], None).await;
    book.post("/mids/{mid}/policy/versions/{id}/discard", &[&mid, &version], None).await;
    book.put("/mids/{mid}/policy/locks", &[&mid], json!({ "names": ["security_delay"] })).await;
    let draft = json!({ "draft": { "on_over": "credit_all" }, "from": "2026-01-01", "to": "2026-02-01" });
    book.post("/mids/{mid}/policy/simulate", &[&mid], Some(draft)).await;
    let knobs = book.get("/policy/knobs", &[], "").await;
    assert!(knobs["data"].is_array());
    let held = server.invoice("order-20420").await;
    let held_id = text(&held["id"]);
    server.pay(&held, "120.000000", None).await;
    let case = server.get(&format!("/invoices/{held_id}")).await["cases"][0]["id"].clone();
    book.post("/invoices/{id}/cases/{case}/attribute", &[held_id, text(&case)], Some(json!({ "invoice": paid_id }))).await;
    book.post("/invoices/{id}/cases/{case}/resolve", &[held_id, text(&case)], Some(json!({ "how": "refund_excess" }))).await;

    // The shop and its merchant.
    book.put("/mids/{mid}/writing", &[&mid], json!({ "support_email": "help@halden.example", "language": "de" })).await;
    book.post("/mids/{mid}/suspend", &[&mid], None).await;
    book.post("/mids/{mid}/open", &[&mid], None).await;
    let brand = json!({ "name": "Halden Audio", "colour": "#0b5fff" });
    // A key of the merchant reaches what all its shops share.
    book.key = server.engine.add_merchant_key(merchant.parse().expect("an id"), true).await.expect("a key").secret;
    for (of, id) in [("/mids/{mid}", &mid), ("/merchants/{merchant}", &merchant)] {
        book.put(&format!("{of}/brand"), &[id], brand.clone()).await;
        book.get(&format!("{of}/brand"), &[id], "").await;
        let privacy = json!({ "url": "https://halden.example/privacy", "version": "2026-11" });
        book.put(&format!("{of}/privacy"), &[id], privacy).await;
        book.get(&format!("{of}/privacy"), &[id], "").await;
    }
    let sender = json!({ "name": "Halden Audio refunds", "reply_to": "help@halden.example" });
    book.put("/merchants/{merchant}/sender", &[&merchant], sender).await;
    book.get("/merchants/{merchant}/sender", &[&merchant], "").await;
    let layer = "/merchants/{merchant}/policy";
    book.get(layer, &[&merchant], "").await;
    book.put(layer, &[&merchant], json!({ "claim_ttl": "P60D" })).await;
    book.put(&format!("{layer}/locks"), &[&merchant], json!({ "names": [] })).await;
    book.get(&format!("{layer}/versions"), &[&merchant], "").await;
    for step in ["approve", "discard"] {
        book.post(&format!("{layer}/versions/{{id}}/{step}"), &[&merchant, &version], None).await;
    }

    book.key.clone_from(&server.key);

    // The books.
    book.get("/balances", &[], &format!("?mid={mid}")).await;
    book.get("/ledger/entries", &[], "?limit=2").await;
    book.key = server.engine.add_operator_key().await.expect("a key").secret;
    book.get("/reconciliations", &[], "").await;
    book.key.clone_from(&server.key);
    let period = format!("?mid={mid}&from=2026-01-01");
    book.get("/statements", &[], &period).await;
    book.get("/statements.csv", &[], &period).await;

    // Webhooks.
    let endpoint = book.post("/webhook_endpoints", &[], Some(json!({ "url": "https://shop.example/refundry" }))).await;
    let endpoint = text(&endpoint["id"]).to_owned();
    book.get("/webhook_endpoints", &[], "").await;
    book.get("/webhook_endpoints/{id}", &[&endpoint], "").await;
    book.put("/webhook_endpoints/{id}", &[&endpoint], json!({ "url": "https://shop.example/webhooks", "dialect": "native" })).await;
    book.post("/webhook_endpoints/{id}/rotate", &[&endpoint], None).await;
    server.invoice("order-20421").await;
    let last = server.invoice("order-20422").await;
    server.pay(&last, "101.102104", None).await;
    let deliveries = book.get("/webhook_deliveries", &[], "?limit=1").await;
    let delivery = text(&deliveries["data"][0]["id"]);
    book.get("/webhook_deliveries/{id}", &[delivery], "").await;
    book.post("/webhook_deliveries/{id}/resend", &[delivery], None).await;
    book.post("/webhook_endpoints/{id}/test", &[&endpoint], None).await;
    book.post("/webhook_endpoints/{id}/enable", &[&endpoint], None).await;
    book.ask(Method::DELETE, "/webhook_endpoints/{id}", &[&endpoint], "", None).await;

    // Other systems that tell of deposits.
    let source = book.post("/sources", &[], Some(json!({ "kind": "nowpayments", "mid": mid, "secret": "YOUR-IPN-SECRET-KEY" }))).await;
    let source = text(&source["id"]).to_owned();
    book.get("/sources", &[], "").await;
    book.get("/sources/{id}/news", &[&source], "").await;
    book.ask(Method::DELETE, "/sources/{id}", &[&source], "", None).await;

    book.post("/sandbox/rail", &[], Some(json!({ "network": "tron", "mode": "ok" }))).await;
    book.post("/sandbox/account", &[], Some(json!({ "network": "tron", "address": tron_address(3), "state": "new" }))).await;
    book.post("/sandbox/clock", &[], Some(json!({ "advance": "PT1H" }))).await;
    Value::Object(book.recorded)
}

/// Writes the same for what differs from one run to the next: ids in the order of their appearance, instants, and what is made of secrets.
fn settled(value: &Value, ids: &mut BTreeMap<String, usize>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| settled(item, ids)).collect(),
        Value::Object(fields) => {
            let hidden = [
                "secret",
                "address",
                "txid",
                "tag",
                "reference",
                "from",
                "to",
                "hosted_page_url",
                "claim_url",
                "external_id",
                "message",
                "detail",
                "url",
                "body",
                "error",
                "took_ms",
            ];
            let field = |(name, value): (&String, &Value)| {
                let is_hidden = hidden.contains(&name.as_str()) && (value.is_string() || value.is_number());
                (name.clone(), if is_hidden { json!("…") } else { settled(value, ids) })
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::String(text) if text.contains('\n') => json!("a text of several lines"),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => json!("an instant"),
        Value::String(text) => {
            let found = text.rsplit(':').next().filter(|id| id.parse::<Uuid>().is_ok());
            let Some(id) = found else { return value.clone() };
            let next = ids.len();
            json!(text.replace(id, &ids.entry(id.to_owned()).or_insert(next).to_string()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_are_what_a_server_answers() {
    let server = TestServer::on_sqlite().await;
    let now = record(&server).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples.json");
    if std::env::var_os("RECORD_EXAMPLES").is_some() {
        let mut shown = now.clone();
        hide_secrets(&mut shown);
        let text = serde_json::to_string_pretty(&shown).expect("JSON").replace(&server.url, "https://refunds.example");
        std::fs::write(&file, text + "\n").expect("the file is written");
        return;
    }
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("the examples")).expect("JSON");
    let settle = |value: &Value| settled(value, &mut BTreeMap::new());
    for (operation, example) in now.as_object().expect("operations") {
        assert_eq!(
            settle(&recorded[operation]),
            settle(example),
            "{operation}: run this test with RECORD_EXAMPLES=1 and look at the change"
        );
    }
}

/// A secret that was shown once stands in no file.
fn hide_secrets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "secret" => *field = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                    "claim_url" if field.is_string() => *field = json!("https://refunds.example/claim/5Kd3xQm1"),
                    _ => hide_secrets(field),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_has_examples_as_its_schemas_say() {
    for (path, operations) in DOCUMENT["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let asked = &operation["requestBody"]["content"]["application/json"];
            assert!(operation["requestBody"].is_null() || asked["example"].is_object(), "{method} {path} has no example of what to send");
            let mut contents = vec![asked];
            contents.extend(
                operation["responses"]
                    .as_object()
                    .expect("answers")
                    .values()
                    .flat_map(|answer| answer["content"].as_object().into_iter().flat_map(|contents| contents.values())),
            );
            let examples = contents.iter().filter(|content| !content["example"].is_null());
            let answers = contents.iter().skip(1).filter(|content| !content["example"].is_null()).count();
            assert!(answers > 0 || operation["responses"]["204"].is_object(), "{method} {path} has no example of an answer");
            for content in examples {
                if let Err(reason) = conforms(&DOCUMENT, &content["schema"], &content["example"]) {
                    panic!("an example of {method} {path} is not as its schema says: {reason}");
                }
            }
        }
    }
}

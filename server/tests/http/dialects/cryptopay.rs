//! Cryptopay's dialect: signatures, invoices with `payer_email` (CP-05), statuses with their contexts, refunds.

use base64::Engine as _;
use engine::clock::{Clock as _, SystemClock};
use hmac::{Hmac, Mac as _};
use jiff::fmt::rfc2822::DateTimePrinter;
use md5::{Digest as _, Md5};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;

on_both_databases!(
    an_invoice_is_made_with_the_payers_address,
    an_unresolved_invoice_is_refunded_by_mail,
    a_merchants_refund_is_made_once,
    what_is_credited_is_nobodys_refund,
    only_a_fresh_signature_of_the_mid_lets_in,
);

struct Signature {
    mid: String,
    key: String,
    date: String,
    /// What is signed in front of the path.
    base: &'static str,
}

impl Signature {
    fn of(server: &TestServer) -> Self {
        Self { mid: server.mid.0.to_string(), key: server.key.clone(), date: rfc_date(now()), base: "" }
    }
}

fn now() -> jiff::Timestamp {
    SystemClock::default().now_outside()
}

fn rfc_date(at: jiff::Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).expect("a date")
}

async fn send(server: &TestServer, by: &Signature, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let body = body.map(Value::to_string).unwrap_or_default();
    let hash: String = if body.is_empty() { String::new() } else { Md5::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect() };
    let text = [method.as_str(), &hash, "application/json", &by.date, &format!("{}{path}", by.base)].join("\n");
    let mac = Hmac::<Sha1>::new_from_slice(by.key.as_bytes()).expect("a key").chain_update(text).finalize();
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.into_bytes());
    let request = server.anonymous(method, &format!("/compat/cryptopay{path}")).header("content-type", "application/json");
    let request = request.header("date", &by.date).header("authorization", format!("HMAC {}:{signature}", by.mid));
    let answer = request.body(body).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn done(server: &TestServer, method: Method, path: &str, body: Option<&Value>) -> Value {
    let (status, answer) = send(server, &Signature::of(server), method.clone(), path, body).await;
    assert!(status.is_success(), "{method} {path}: {answer}");
    answer["data"].clone()
}

fn order(custom_id: &str) -> Value {
    json!({
        "price_amount": "100.0", "price_currency": "USD", "pay_currency": "USDT", "network": "tron", "custom_id": custom_id,
        "payer_email": "mira@example.com", "metadata": { "till": "4" }, "name": "A speaker", "customer_id": "c-7",
    })
}

/// CP-05.
async fn an_invoice_is_made_with_the_payers_address(server: TestServer) {
    let made = done(&server, Method::POST, "/api/invoices", Some(&order("HA-1"))).await;
    assert_eq!((&made["status"], &made["status_context"], &made["custom_id"]), (&json!("new"), &Value::Null, &json!("HA-1")));
    assert_eq!((&made["price_amount"], &made["pay_currency"], &made["network"]), (&json!("100.00"), &json!("USDT"), &json!("tron")));
    assert_eq!((&made["metadata"], &made["name"], &made["customer_id"]), (&json!({ "till": "4" }), &json!("A speaker"), &json!("c-7")));
    let ours = server.get(&format!("/invoices/{}", text(&made["id"]))).await;
    assert_eq!((&ours["payer_email"], &ours["hosted_page_url"]), (&json!("mira@example.com"), &made["hosted_page_url"]));
    assert_eq!(done(&server, Method::POST, "/api/invoices", Some(&order("HA-1"))).await["id"], made["id"], "the same order");

    let mut unnamed = order("");
    unnamed.as_object_mut().expect("an object").remove("custom_id");
    let unnamed = done(&server, Method::POST, "/api/invoices", Some(&unnamed)).await;
    assert_eq!(unnamed["custom_id"], unnamed["id"]);

    assert_eq!(done(&server, Method::GET, &format!("/api/invoices/{}", text(&made["id"])), None).await, made);
    assert_eq!(done(&server, Method::GET, "/api/invoices/custom_id/HA-1", None).await, made);
    let list = done(&server, Method::GET, "/api/invoices", None).await;
    assert_eq!(list, json!([unnamed, made]));
    let path = format!("/api/invoices?starting_after={}", text(&unnamed["id"]));
    assert_eq!(done(&server, Method::GET, &path, None).await, json!([made]));

    for (field, wrong) in [("payer_email", json!("nobody")), ("price_amount", json!("-1")), ("network", json!("moon"))] {
        let mut body = order("HA-2");
        body[field] = wrong;
        let (status, answer) = send(&server, &Signature::of(&server), Method::POST, "/api/invoices", Some(&body)).await;
        assert_eq!((status, &answer["error"]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("validation_failed")), "{answer}");
        assert!(answer["meta"]["request_id"].is_string(), "{answer}");
    }
}

/// CP-01, CP-06: what was paid otherwise than asked is offered back; asking for it again offers nothing twice.
async fn an_unresolved_invoice_is_refunded_by_mail(server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": "cryptopay" })).await;
    let secret = text(&endpoint["secret"]).to_owned();
    let made = done(&server, Method::POST, "/api/invoices", Some(&order("HA-1"))).await;
    let (path, invoice) = (format!("/api/invoices/{}", text(&made["id"])), json!({ "id": made["id"] }));
    server.pay(&invoice, "60.000000", None).await;
    server.work();
    server.post("/sandbox/clock", &json!({ "advance": "PT2H" })).await;
    let mut unresolved = Value::Null;
    for _ in 0..100 {
        unresolved = done(&server, Method::GET, &path, None).await;
        if unresolved["status"] != "new" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((&unresolved["status"], &unresolved["status_context"]), (&json!("unresolved"), &json!("underpaid")), "{unresolved}");
    assert_eq!((&unresolved["paid_amount"], unresolved["transactions"][0]["txid"].is_string()), (&json!("60.000000"), true));

    let offered = server.only_refund(&invoice).await;
    let refunds = format!("{path}/refunds");
    let asked = done(&server, Method::POST, &refunds, None).await;
    assert_eq!((&asked["id"], &asked["amount"], &asked["txid"]), (&offered["id"], &json!("60.000000"), &Value::Null));
    let fields: Vec<&str> = asked.as_object().expect("an object").keys().map(String::as_str).collect();
    let documented = [
        "address",
        "amount",
        "amount_currency",
        "created_at",
        "custom_id",
        "fee",
        "fee_currency",
        "id",
        "invoice_id",
        "network",
        "risk",
        "txid",
    ];
    assert_eq!(fields, documented, "CP3");
    assert_eq!(done(&server, Method::GET, &refunds, None).await, json!([asked]));
    // Where to is the payer's to say (CP-07), unless the policy says otherwise.
    let body = json!({ "address": tron_address(1) });
    let (status, answer) = send(&server, &Signature::of(&server), Method::POST, &refunds, Some(&body)).await;
    assert_eq!((status, &answer["error"]["code"]), (StatusCode::FORBIDDEN, &json!("unauthorized")), "{answer}");

    let response = server.confirm(&crate::server::token(&offered), &tron_address(1)).await;
    assert!(response.status().is_success());
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    let paid = server.until_state(&offered, "paid").await;
    let told = &done(&server, Method::GET, &refunds, None).await[0];
    assert_eq!((&told["txid"], &told["address"], &told["fee"]), (&paid["txid"], &json!(tron_address(1)), &json!("1.250000")), "CP-09");
    let refunded = done(&server, Method::GET, &path, None).await;
    assert_eq!(refunded["status"], "refunded");
    assert_eq!(called_back(&sink, &secret).await, [unresolved, refunded], "callbacks say the same");
}

/// Returns the invoices that callbacks told, each with a right signature, once the last one was given back.
async fn called_back(sink: &Sink, secret: &str) -> Vec<Value> {
    let read = |(headers, body): (axum::http::HeaderMap, String)| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key").chain_update(&body).finalize();
        let expected: String = mac.into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(headers.get("x-cryptopay-signature").and_then(|value| value.to_str().ok()), Some(expected.as_str()));
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((&body["type"], &body["event"]), (&json!("Invoice"), &json!("status_changed")));
        body["data"].clone()
    };
    let mut told: Vec<Value> = Vec::new();
    for _ in 0..300 {
        told = sink.all().into_iter().map(read).collect();
        if told.last().is_some_and(|invoice| invoice["status"] == "refunded") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    told
}

async fn a_merchants_refund_is_made_once(server: TestServer) {
    let over = server.overpaid("HA-1").await;
    let path = format!("/api/invoices/{}", text(&over["invoice"]));
    let told = done(&server, Method::GET, &path, None).await;
    assert_eq!((&told["status"], &told["status_context"]), (&json!("completed"), &json!("overpaid")));

    let invoice = server.invoice("HA-2").await;
    server.pay(&invoice, "101.102104", None).await;
    let refunds = format!("/api/invoices/{}/refunds", text(&invoice["id"]));
    let body = json!({ "address": tron_address(2) });
    let made = done(&server, Method::POST, &refunds, Some(&body)).await;
    assert_eq!((&made["address"], &made["custom_id"], &made["amount"]), (&json!(tron_address(2)), &json!("HA-2"), &json!("101.102104")));
    assert_eq!(done(&server, Method::POST, &refunds, Some(&body)).await, made, "the same request is the same refund");
    assert_eq!(server.only_refund(&invoice).await["state"], "scheduled");
    let (status, answer) = send(&server, &Signature::of(&server), Method::POST, &refunds, None).await;
    assert_eq!((status, &answer["error"]["code"]), (StatusCode::CONFLICT, &json!("active_refund_exists")), "{answer}");
}

/// C4: whose the money is, is said by name. Where the overage goes to the merchant's own account, the invoice is settled, the account has
/// it, and there is no refund; only asking for one by hand makes one, and it is the payer's.
async fn what_is_credited_is_nobodys_refund(server: TestServer) {
    let path = format!("/mids/{}/policy", server.mid.0);
    let (status, answer) = server.call(Method::PUT, &path, Some(&json!({ "on_over": "credit_all" }))).await;
    assert!(status.is_success(), "{answer}");
    let invoice = server.invoice("HA-1").await;
    server.pay(&invoice, "150.000000", None).await;
    let path = format!("/api/invoices/{}", text(&invoice["id"]));
    let told = done(&server, Method::GET, &path, None).await;
    assert_eq!((&told["status"], &told["status_context"]), (&json!("completed"), &json!("overpaid")));
    assert_eq!(done(&server, Method::GET, &format!("{path}/refunds"), None).await, json!([]));
    let balances = server.get(&format!("/balances?mid={}", server.mid.0)).await;
    let available = balances["data"].as_array().expect("a list").iter().find(|balance| balance["account"] == "merchant_available");
    assert_eq!(available.expect("the merchant's account")["balance"], "150.000000", "{balances}");

    let asked = done(&server, Method::POST, &format!("{path}/refunds"), None).await;
    assert_eq!((&asked["amount"], &asked["address"]), (&json!("150.000000"), &Value::Null));
    let refund = server.only_refund(&invoice).await;
    assert_eq!((&refund["state"], refund["claim_url"].is_string()), (&json!("awaiting_claim"), true), "the payer says where to");
}

async fn only_a_fresh_signature_of_the_mid_lets_in(server: TestServer) {
    let own = || Signature::of(&server);
    let list = async |by: Signature| send(&server, &by, Method::GET, "/api/invoices", None).await.0;
    assert_eq!(list(own()).await, StatusCode::OK);
    assert_eq!(list(Signature { base: "/compat/cryptopay", ..own() }).await, StatusCode::OK, "some sign the whole path");
    let minutes = |minutes| rfc_date(now().checked_add(jiff::SignedDuration::from_mins(minutes)).expect("a date"));
    assert_eq!(list(Signature { date: minutes(-14), ..own() }).await, StatusCode::OK);
    // The sandbox's clock is no reason to refuse.
    server.post("/sandbox/clock", &json!({ "advance": "PT2H" })).await;
    assert_eq!(list(own()).await, StatusCode::OK);

    let (_, foreign) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let foreign_key = server.engine.add_key(foreign, true).await.expect("a key").secret;
    for wrong in [
        Signature { date: minutes(-16), ..own() },
        Signature { date: minutes(16), ..own() },
        Signature { date: "yesterday".to_owned(), ..own() },
        Signature { key: foreign_key.clone(), ..own() },
        Signature { key: "rk_wrong".to_owned(), ..own() },
        Signature { mid: "no id".to_owned(), ..own() },
        Signature { base: "/elsewhere", ..own() },
    ] {
        let (status, answer) = send(&server, &wrong, Method::GET, "/api/invoices", None).await;
        assert_eq!((status, &answer["error"]["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")), "{answer}");
    }
    let invoice = server.invoice("HA-1").await;
    let by_other = Signature { mid: foreign.0.to_string(), key: foreign_key, ..own() };
    for path in [format!("/api/invoices/{}", text(&invoice["id"])), "/api/invoices/custom_id/HA-1".to_owned()] {
        assert_eq!(send(&server, &by_other, Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
    }
}

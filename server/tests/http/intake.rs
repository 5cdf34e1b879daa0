//! Sources over HTTP: made with a key, told by other systems, read by the merchant.

use std::collections::BTreeSet;

use domain::merchant::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::senders::{SECRET, btcpay, btcpay_signature, cryptomus, nowpayments, nowpayments_signature, shuffled, stream};
use crate::server::{TestServer, text};

on_both_databases!(
    another_system_tells_a_deposit,
    what_nobody_signed_changes_nothing,
    what_makes_no_sense_is_refused,
    an_owner_adds_and_removes_a_source_in_the_dashboard,
);

async fn source(server: &TestServer, kind: &str) -> Value {
    server.post("/sources", &json!({ "kind": kind, "secret": SECRET })).await
}

/// Posts a body to a source, with a signature in a header.
async fn tell(server: &TestServer, source: &Value, header: Option<(&str, &str)>, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let path = text(&source["url"]).split_once("/in/").map(|(_, id)| format!("/in/{id}")).expect("a URL");
    let request = server.anonymous(Method::POST, &path).header("content-type", "application/json").body(body);
    let request = if let Some((name, value)) = header { request.header(name, value) } else { request };
    let response = request.send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

async fn another_system_tells_a_deposit(server: TestServer) {
    let now = server.engine.now();
    let sources = [source(&server, "btcpay").await, source(&server, "cryptomus").await, source(&server, "nowpayments").await];
    let invoices = [server.invoice("HA-1").await, server.invoice("HA-2").await, server.invoice("HA-3").await];
    let body = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "101.102104", now).to_string();
    let signed = btcpay_signature(&body);
    assert_eq!(tell(&server, &sources[0], Some(("BTCPay-Sig", &signed)), body).await, (StatusCode::OK, json!({ "outcome": "taken" })));
    let body = cryptomus("paid", "HA-2", "101.102104");
    assert_eq!(tell(&server, &sources[1], None, body).await, (StatusCode::OK, json!({ "outcome": "taken" })));
    let body = nowpayments("finished", "HA-3", "101.102104");
    let signed = nowpayments_signature(&body);
    assert_eq!(
        tell(&server, &sources[2], Some(("x-nowpayments-sig", &signed)), body).await,
        (StatusCode::OK, json!({ "outcome": "taken" }))
    );
    for invoice in &invoices {
        let now = server.get(&format!("/invoices/{}", text(&invoice["id"]))).await;
        assert_eq!((text(&now["status"]), now["deposits"].as_array().map(Vec::len)), ("complete", Some(1)), "{now}");
    }
    let told = server.get(&format!("/sources/{}/news", text(&sources[0]["id"]))).await;
    let first = &told["data"][0];
    assert_eq!((text(&first["outcome"]), text(&first["payment"]), text(&first["reference"])), ("taken", "btcpay:aa-0", "HA-1"));
    assert_eq!(server.get("/sources").await["data"].as_array().map(Vec::len), Some(3));

    let (status, _) = server.call(Method::GET, "/sources/0192f0c1-0000-7000-8000-000000000000/news", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let gone = server.api(Method::DELETE, &format!("/sources/{}", text(&sources[0]["id"]))).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(tell(&server, &sources[0], None, "{}").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/sources").await["data"].as_array().map(Vec::len), Some(2));
}

/// Reliability 12, over HTTP: every third of the signatures that differ from the right one in a single digit is refused, and nothing but the
/// count moves. The ten thousand are the engine's own.
async fn what_nobody_signed_changes_nothing(server: TestServer) {
    let source = source(&server, "btcpay").await;
    let invoice = server.invoice("HA-1").await;
    let body = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", server.engine.now()).to_string();
    let right = btcpay_signature(&body);
    let before = server.snapshot().await;
    let mut forged = BTreeSet::new();
    for place in "sha256=".len()..right.len() {
        for digit in "0123456789abcdef".chars().filter(|digit| !right[place..].starts_with(*digit)) {
            forged.insert(format!("{}{digit}{}", &right[..place], &right[place.saturating_add(1)..]));
        }
    }
    assert_eq!(forged.len(), 960);
    for signature in forged.iter().step_by(3) {
        let (status, problem) = tell(&server, &source, Some(("btcpay-sig", signature)), body.clone()).await;
        assert_eq!((status, text(&problem["code"])), (StatusCode::UNAUTHORIZED, "unauthorized"));
    }
    assert_eq!(server.snapshot().await, before);
    let now = server.get("/sources").await;
    assert_eq!(now["data"][0]["forged"], 320);
    assert_eq!(server.get(&format!("/invoices/{}", text(&invoice["id"]))).await["deposits"], json!([]));
    assert!(!now.to_string().contains(SECRET));
}

async fn what_makes_no_sense_is_refused(server: TestServer) {
    let (signing, inside) = (source(&server, "btcpay").await, source(&server, "cryptomus").await);
    let before = server.snapshot().await;
    for body in ["", "{", "[]", "{}", "null", "{\"type\":1}", "{\"type\":\"a\",\"type\":\"b\"}", "{\"type\":\"InvoicePaymentSettled\"}"] {
        let signature = btcpay_signature(body);
        let (status, problem) = tell(&server, &signing, Some(("btcpay-sig", &signature)), body).await;
        assert_eq!((status, text(&problem["code"])), (StatusCode::BAD_REQUEST, "validation_failed"), "{body}: {problem}");
    }
    for (body, expected) in [
        (b"\xff\xfe".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"sign\":\"".to_vec(), StatusCode::BAD_REQUEST),
        (vec![b'['; 10_000], StatusCode::BAD_REQUEST),
        (vec![b' '; 1_000_000], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(tell(&server, &inside, None, body).await.0, expected);
    }
    assert_eq!(server.snapshot().await, before);
    for (body, field) in [
        (json!({ "kind": "paypal" }), "kind"),
        (json!({ "kind": "nowpayments" }), "secret"),
        (json!({ "kind": "btcpay", "secret": "short" }), "secret"),
        (json!({ "kind": "btcpay", "url": "x" }), "url"),
    ] {
        let (status, problem) = server.call(Method::POST, "/sources", Some(&body)).await;
        assert_eq!((status, text(&problem["errors"][0]["field"])), (StatusCode::UNPROCESSABLE_ENTITY, field), "{problem}");
    }
    // What is ours is told once.
    let made = server.post("/sources", &json!({ "kind": "btcpay" })).await;
    assert_eq!(text(&made["secret"]).len(), 43);
    assert!(server.get("/sources").await["data"].as_array().is_some_and(|all| all.iter().all(|one| one.get("secret").is_none())));
}

async fn an_owner_adds_and_removes_a_source_in_the_dashboard(server: TestServer) {
    let owner = server.person("owner@example.com", Role::Owner).await;
    let manager = server.person("manager@example.com", Role::Manager).await;
    let page = server.page(&owner, "/settings/sources").await;
    assert!(page.contains("No source yet") && page.contains("Add a source"), "{page}");
    let mid = server.mid.0.to_string();
    let fields = [("kind", "nowpayments"), ("mid", mid.as_str()), ("theirs", SECRET)];
    assert_eq!(server.submit(&manager, "/fn/add_source", &fields).await.status(), StatusCode::FORBIDDEN);
    let refused = server.submit(&owner, "/fn/add_source", &[("kind", "nowpayments"), ("mid", &mid), ("theirs", "")]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.text().await.expect("text");
    assert!(refused.contains("Copy the IPN secret key from NOWPayments"), "{refused}");
    assert_eq!(server.submit(&owner, "/fn/add_source", &fields).await.status(), StatusCode::SEE_OTHER);

    let source = server.get("/sources").await["data"][0].clone();
    let body = nowpayments("finished", "HA-9", "101.102104");
    tell(&server, &source, Some(("x-nowpayments-sig", &nowpayments_signature(&body))), body).await;
    let page = server.page(&owner, "/settings/sources").await;
    assert!(page.contains(text(&source["url"])) && page.contains("No invoice of this MID has that reference"), "{page}");
    assert!(!page.contains(SECRET) && !server.page(&manager, "/settings/sources").await.contains("Remove the source"));

    assert_eq!(server.submit(&manager, "/fn/remove_source", &[("id", text(&source["id"]))]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(server.submit(&owner, "/fn/remove_source", &[("id", text(&source["id"]))]).await.status(), StatusCode::SEE_OTHER);
    assert!(server.page(&owner, "/settings/sources").await.contains("No source yet"));
}

/// Leaves of an invoice what is not another one's by nature.
fn ending(invoice: &Value, order: u64) -> Value {
    let pick = |thing: &Value, fields: &[&str]| -> Value {
        let own = |text: &str| text.replace(&format!("{order}p"), "").replace(&format!("HA-{order}"), "HA");
        fields.iter().map(|field| thing[*field].as_str().map_or_else(|| thing[*field].clone(), |text| json!(own(text)))).collect()
    };
    let list = |name: &str, fields: &[&str]| -> Vec<Value> {
        let mut all: Vec<Value> = invoice[name].as_array().into_iter().flatten().map(|thing| pick(thing, fields)).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    json!([
        pick(invoice, &["status", "exceptions", "amount_paid"]),
        list("deposits", &["external_id", "txid", "amount", "status"]),
        list("cases", &["number", "exceptions", "state", "received", "credited", "refunded", "residual"]),
        list("refunds", &["reference", "reason", "amount", "state"]),
    ])
}

/// Reliability 13: what BTCPay tells of an order, in fifty orders of telling, ends the same.
#[tokio::test(flavor = "multi_thread")]
async fn news_in_any_order_end_the_same_on_postgres() {
    const ORDERS: u64 = 50;
    let server = TestServer::on_postgres().await;
    let source = source(&server, "btcpay").await;
    let mut expected = None;
    for order in 0..ORDERS {
        let reference = format!("HA-{order}");
        let invoice = server.invoice(&reference).await;
        let told = stream(&reference, &format!("{order}p"), server.engine.now());
        let told = if order == 0 { told } else { shuffled(&told, order) };
        for body in &told {
            let (status, answer) = tell(&server, &source, Some(("btcpay-sig", &btcpay_signature(body))), body.clone()).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        let ended = ending(&server.get(&format!("/invoices/{}", text(&invoice["id"]))).await, order);
        assert_eq!(*expected.get_or_insert_with(|| ended.clone()), ended, "told as {told:#?}");
    }
    let balances = server.get("/balances").await;
    let of = |account: &str| {
        let found = balances["data"].as_array().into_iter().flatten().find(|balance| balance["account"] == account);
        found.map(|balance| text(&balance["balance"]).to_owned())
    };
    // Fifty times 48.897896, and fifty times the price.
    assert_eq!(
        (of("refund_payable").as_deref(), of("merchant_available").as_deref()),
        (Some("2444.894800"), Some("5055.105200")),
        "{balances}"
    );
    let verified = server.engine.verify_ledger().await.expect("a verification");
    assert!(verified.ok, "{:?}", verified.violations);
}

//! Refunds that a merchant's program makes: in full, in part, by quote, and everything it may not do.

use std::sync::Arc;

use domain::merchant::Guard;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};

on_both_databases!(
    a_paid_invoice_is_refunded_in_parts_until_nothing_is_left,
    a_quote_is_held_to_and_holds_no_money,
    a_quote_is_over_after_its_time,
    a_known_address_is_paid_without_a_claim,
    a_merchant_says_later_where_to,
    a_refund_is_held_canceled_offered_again_and_reminded_of,
    a_wrong_request_names_its_field,
    each_refusal_has_its_code,
    odd_case_32_a_coin_without_a_wallet_is_named_with_its_remedy,
    a_balance_that_is_too_small_is_said,
    a_key_neither_approves_nor_declines_nor_releases,
    sixteen_at_once_with_one_key_make_one_refund,
    sixteen_parts_at_once_are_never_more_than_was_paid,
);

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Creates an invoice and pays exactly what it asks for.
async fn paid(server: &TestServer, reference: &str) -> Value {
    let invoice = server.invoice(reference).await;
    server.pay(&invoice, "101.102104", None).await;
    server.get(&format!("/invoices/{}", text(&invoice["id"]))).await
}

/// Asks for something and returns the problem it meets.
async fn refused(server: &TestServer, path: &str, body: &Value, status: StatusCode, code: &str) -> Value {
    let (found, problem) = server.call(Method::POST, path, Some(body)).await;
    assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{body}: {problem}");
    problem
}

async fn set_policy(server: &TestServer, policy: &Value) {
    let (status, answer) = server.call(Method::PUT, &format!("/mids/{}/policy", server.mid.0), Some(policy)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// Returns an amount in base units.
fn units(value: &Value) -> u64 {
    text(value).replace('.', "").parse().expect("an amount")
}

async fn a_paid_invoice_is_refunded_in_parts_until_nothing_is_left(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let id = &invoice["id"];
    let body = json!({
        "invoice": id, "amount": "10", "reference": "RMA-7", "reason": "one cable short", "message": "Sorry for the missing cable.",
        "notify": false,
    });
    let (status, part) = server.call(Method::POST, "/refunds", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((text(&part["state"]), text(&part["amount"]), text(&part["reason"])), ("awaiting_claim", "10.000000", "merchant"));
    assert_eq!((text(&part["merchant_reference"]), text(&part["rate_rule"])), ("RMA-7", "coin_exact"));
    assert_eq!((&part["notify"], part["claim_url"].is_string()), (&json!(false), true), "the merchant forwards the link");
    assert!(text(&part["made_by"]).starts_with("key:") && part["claim_url"].is_string(), "{part}");

    // The claim page shows what the shop says.
    let page = server.anonymous(Method::GET, &format!("/claim/{}", token(&part))).header("accept", "text/html");
    let page = page.send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("Sorry for the missing cable.") && page.contains(" is refunding order "), "{page}");

    let half = server.post("/refunds", &json!({ "invoice": id, "percent": "50", "rate_rule": "rate_then_fiat" })).await;
    assert_eq!(text(&half["amount"]), "50.551052");
    let priced = json!({ "invoice": id, "amount": "10.00", "currency": "USD", "rate_rule": "rate_then_fiat" });
    assert_eq!(text(&server.post("/refunds", &priced).await["amount"]), "10.110211");
    let rest = server.post("/refunds", &json!({ "invoice": id, "rate_rule": "coin_exact", "fee_bearer": "merchant" })).await;
    assert_eq!(text(&rest["amount"]), "30.440841");
    let problem = refused(&server, "/refunds", &json!({ "invoice": id }), StatusCode::CONFLICT, "active_refund_exists").await;
    assert!(text(&problem["detail"]).contains(text(&rest["reference"])), "{problem}");
    let more = json!({ "invoice": id, "amount": "0.000001" });
    let problem = refused(&server, "/refunds", &more, StatusCode::CONFLICT, "exceeds_refundable").await;
    assert_eq!(text(&problem["refundable"]), "0.000000");

    let page = server.anonymous(Method::GET, &format!("/claim/{}", token(&rest))).header("accept", "text/html");
    let page = page.send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("Network fee, paid by Halden Audio"), "{page}");
    assert_eq!(server.get(&format!("/invoices/{}", text(id))).await["refunds"].as_array().map(Vec::len), Some(4));
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

async fn a_quote_is_held_to_and_holds_no_money(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let body = json!({ "invoice": invoice["id"], "amount": "100", "preview": true });
    let (status, quote) = server.call(Method::POST, "/refunds", Some(&body)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((text(&quote["amount"]), text(&quote["fee"]["amount"])), ("100.000000", "1.250000"));
    assert_eq!((text(&quote["net_amount"]), text(&quote["billed_currency"])), ("98.750000", "USD"));
    assert_eq!(server.get("/refunds").await["data"], json!([]));

    // Nothing is held: another refund may be first, and then the quote asks for too much.
    let confirm = format!("/refunds/{}/confirm", text(&quote["id"]));
    let refund = server.post(&confirm, &json!({})).await;
    assert_eq!((&refund["id"], text(&refund["amount"])), (&quote["id"], "100.000000"));
    assert_eq!(server.post(&confirm, &json!({})).await, refund);
    assert_eq!(server.get("/refunds").await["data"].as_array().map(Vec::len), Some(1));

    let rest = json!({ "invoice": invoice["id"], "amount": "1.1", "fee_bearer": "merchant", "preview": true });
    let quote = server.post("/refunds", &rest).await;
    server.post("/refunds", &json!({ "invoice": invoice["id"], "amount": "1", "fee_bearer": "merchant" })).await;
    let confirm = format!("/refunds/{}/confirm", text(&quote["id"]));
    let problem = refused(&server, &confirm, &json!({}), StatusCode::CONFLICT, "exceeds_refundable").await;
    assert_eq!(text(&problem["refundable"]), "0.102104");
}

async fn a_quote_is_over_after_its_time(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let quote = server.post("/refunds", &json!({ "invoice": invoice["id"], "amount": "100", "preview": true })).await;
    server.post("/sandbox/clock", &json!({ "advance": "PT15M" })).await;
    let confirm = format!("/refunds/{}/confirm", text(&quote["id"]));
    refused(&server, &confirm, &json!({}), StatusCode::CONFLICT, "quote_expired").await;
    let unknown = "/refunds/0198c000-0000-7000-8000-000000000000/confirm";
    refused(&server, unknown, &json!({}), StatusCode::NOT_FOUND, "not_found").await;
}

async fn a_known_address_is_paid_without_a_claim(server: TestServer) {
    server.work();
    let invoice = paid(&server, "HA-1").await;
    let to = json!({ "address": tron_address(1) });
    let body = json!({ "invoice": invoice["id"], "amount": "50", "destination": to, "immediate": true });
    let refund = server.post("/refunds", &body).await;
    assert_eq!((text(&refund["state"]), &refund["immediate"]), ("scheduled", &json!(true)));
    assert_eq!((text(&refund["destination"]["address"]), refund.get("claim_url")), (tron_address(1).as_str(), None));
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    server.until_state(&refund, "paid").await;
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

/// CM-02: only where the policy leaves it to the merchant, and once.
async fn a_merchant_says_later_where_to(server: TestServer) {
    let payers = server.overpaid("HA-1").await;
    set_policy(&server, &json!({ "destination_source": "merchant" })).await;
    let refund = server.overpaid("HA-2").await;
    let path = |refund: &Value| format!("/refunds/{}/destination", text(&refund["id"]));
    let to = json!({ "address": tron_address(1) });
    let problem = refused(&server, &path(&payers), &to, StatusCode::FORBIDDEN, "forbidden").await;
    assert!(text(&problem["detail"]).contains("the payer says where"), "{problem}");
    let problem = refused(&server, &path(&refund), &json!({ "address": "T123" }), UNPROCESSABLE, "validation_failed").await;
    assert_eq!(problem["errors"][0]["field"], "address");
    let directed = server.post(&path(&refund), &to).await;
    assert_eq!((text(&directed["state"]), &directed["destination"]["address"]), ("scheduled", &to["address"]));
    assert_eq!(server.post(&path(&refund), &to).await["state"], "scheduled", "the same again");
    refused(&server, &path(&refund), &json!({ "address": tron_address(2) }), StatusCode::CONFLICT, "conflict").await;
}

async fn a_refund_is_held_canceled_offered_again_and_reminded_of(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let path = |what: &str| format!("/refunds/{}/{what}", text(&refund["id"]));
    assert_eq!(refund["last_notification_at"], Value::Null);
    assert!(server.post(&path("notify"), &json!({})).await["last_notification_at"].is_string());
    refused(&server, &path("hold"), &json!({}), StatusCode::CONFLICT, "conflict").await;

    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    refused(&server, &path("notify"), &json!({}), StatusCode::CONFLICT, "conflict").await;
    let held = server.post(&path("hold"), &json!({})).await;
    assert_eq!((text(&held["state"]), text(&held["hold_reason"])), ("on_hold", "manual"));
    refused(&server, &path("reissue"), &json!({}), StatusCode::CONFLICT, "conflict").await;

    server.post(&path("cancel"), &json!({ "reason": "wrong_address" })).await;
    let offered = server.post(&path("reissue"), &json!({})).await;
    assert_eq!(text(&offered["state"]), "awaiting_claim");
    assert_ne!(token(&offered), token(&refund));
    assert_eq!(server.confirm(&token(&refund), &tron_address(2)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.confirm(&token(&offered), &tron_address(2)).await.status(), StatusCode::OK);
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

async fn a_wrong_request_names_its_field(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let tiny = format!("0.{}1", "0".repeat(30));
    let (long, longer) = ("x".repeat(101), "x".repeat(501));
    let before = server.snapshot().await;
    let cases = [
        (json!({ "amount": "" }), "amount"),
        (json!({ "amount": "-1" }), "amount"),
        (json!({ "amount": "0" }), "amount"),
        (json!({ "amount": tiny }), "amount"),
        (json!({ "amount": "1e3" }), "amount"),
        (json!({ "amount": "1,5" }), "amount"),
        (json!({ "amount": 5 }), "amount"),
        (json!({ "amount": "1", "percent": "5" }), "percent"),
        (json!({ "percent": "0" }), "percent"),
        (json!({ "percent": "-5" }), "percent"),
        (json!({ "percent": "100.01" }), "percent"),
        (json!({ "percent": "half" }), "percent"),
        (json!({ "percent": 50 }), "percent"),
        (json!({ "currency": "USD" }), "amount"),
        (json!({ "amount": "1", "currency": "EUR" }), "currency"),
        (json!({ "amount": "1.001", "currency": "USD" }), "amount"),
        (json!({ "amount": "5", "rate_rule": "best" }), "rate_rule"),
        (json!({ "amount": "5", "fee_bearer": "nobody" }), "fee_bearer"),
        (json!({ "amount": "5", "reference": long }), "reference"),
        (json!({ "amount": "5", "reference": "a\u{7}b" }), "reference"),
        (json!({ "amount": "5", "reason": longer }), "reason"),
        (json!({ "amount": "5", "message": longer }), "message"),
        (json!({ "amount": "5", "message": "a\u{0}b" }), "message"),
        (json!({ "amount": "5", "immediate": "yes" }), "immediate"),
        (json!({ "amount": "5", "destination": { "address": "hello" } }), "destination.address"),
        (json!({ "amount": "5", "destination": { "address": tron_address(1), "tag": 7 } }), "destination.tag"),
        (json!({ "amount": "5", "destination": { "address": tron_address(1), "tag": true } }), "destination.tag"),
        (json!({ "amount": "5", "destination": { "addres": tron_address(1) } }), "destination.addres"),
        (json!({ "amount": "5", "destination": { "address": invoice["address"] } }), "destination.address"),
        (json!({ "amonut": "5" }), "amonut"),
        (json!({ "invoice": "HA-1" }), "invoice"),
    ];
    for (mut body, field) in cases {
        if body.get("invoice").is_none() {
            body["invoice"] = invoice["id"].clone();
        }
        let problem = refused(&server, "/refunds", &body, UNPROCESSABLE, "validation_failed").await;
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let problem = refused(&server, "/refunds", &json!({ "amount": "5" }), UNPROCESSABLE, "validation_failed").await;
    assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("invoice"), &json!("required")));
    assert_eq!(server.snapshot().await, before);

    // What is just within the limits is not refused, and what is empty is none.
    let body = json!({ "invoice": invoice["id"], "amount": "5", "reference": "x".repeat(100), "message": "one\ntwo", "reason": "  " });
    assert_eq!(server.post("/refunds", &body).await["merchant_reason"], Value::Null);
}

/// CM-11, CM-12: what is not paid cannot be refunded, nor more than was.
async fn each_refusal_has_its_code(mut server: TestServer) {
    let unpaid = server.invoice("HA-1").await;
    let conflict = StatusCode::CONFLICT;
    refused(&server, "/refunds", &json!({ "invoice": unpaid["id"] }), conflict, "invoice_state").await;

    let invoice = paid(&server, "HA-2").await;
    let body = json!({ "invoice": invoice["id"], "amount": "101.102105" });
    let problem = refused(&server, "/refunds", &body, conflict, "exceeds_refundable").await;
    assert_eq!(text(&problem["refundable"]), "101.102104");
    let body = json!({ "invoice": invoice["id"], "amount": "1.25" });
    refused(&server, "/refunds", &body, UNPROCESSABLE, "fee_exceeds_amount").await;

    let operator = engine::callers::Caller::operator();
    server.engine.guard_mid(&operator, server.mid, Guard::Suspended).await.expect("suspended");
    refused(&server, "/refunds", &json!({ "invoice": invoice["id"], "amount": "10" }), StatusCode::FORBIDDEN, "merchant_frozen").await;
    server.engine.guard_mid(&operator, server.mid, Guard::Open).await.expect("open");

    let mut new = server.new_invoice("HA-3");
    new["currency"] = json!("SEK");
    let swedish = server.post("/invoices", &new).await;
    server.pay(&swedish, text(&swedish["amount_charged"]), None).await;
    let body = json!({ "invoice": swedish["id"], "rate_rule": "rate_now_at_create" });
    refused(&server, "/refunds", &body, UNPROCESSABLE, "rate_unavailable").await;

    // The window is over.
    server.post("/sandbox/clock", &json!({ "advance": "P366D" })).await;
    refused(&server, "/refunds", &json!({ "invoice": invoice["id"] }), conflict, "invoice_state").await;

    let own = server.key.clone();
    server.key = server.engine.add_key(server.mid, false).await.expect("a key").secret;
    let body = json!({ "invoice": invoice["id"] });
    refused(&server, "/refunds", &body, StatusCode::FORBIDDEN, "forbidden").await;
    let (_, other) = server.engine.add_mid("Another Shop", "Main", None).await.expect("a MID");
    server.key = server.engine.add_key(other, true).await.expect("a key").secret;
    refused(&server, "/refunds", &body, StatusCode::NOT_FOUND, "not_found").await;
    server.key = own;
    assert_eq!(server.get("/refunds").await["data"], json!([]));
}

/// Odd case 32: a coin that the operator's settings have no more. Nothing of it can be shown or moved, and the remedy is named.
async fn odd_case_32_a_coin_without_a_wallet_is_named_with_its_remedy(server: TestServer) {
    let conflict = StatusCode::CONFLICT;
    let gone = paid(&server, "HA-1").await;
    server.execute("UPDATE invoices SET asset = 'USDT-GONE' WHERE reference = 'HA-1'").await;
    let problem = refused(&server, "/refunds", &json!({ "invoice": gone["id"] }), conflict, "wallet_missing").await;
    assert!(text(&problem["detail"]).contains("add it to [[assets]]"), "{problem}");
    let (status, problem) = server.call(Method::GET, &format!("/invoices/{}", text(&gone["id"])), None).await;
    assert_eq!((status, text(&problem["code"])), (conflict, "wallet_missing"), "{problem}");
}

async fn a_balance_that_is_too_small_is_said(server: TestServer) {
    server.work();
    let invoice = paid(&server, "HA-1").await;
    server.post("/sandbox/rail", &json!({ "network": "tron", "mode": "stuck" })).await;
    let to = json!({ "address": tron_address(1) });
    // The fee that the merchant pays is set aside of the balance, but leaves as much of the payment to refund.
    let body = json!({ "invoice": invoice["id"], "amount": "50", "destination": to, "immediate": true, "fee_bearer": "merchant" });
    let refund = server.post("/refunds", &body).await;
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    server.until_state(&refund, "sending").await;
    let all = json!({ "invoice": invoice["id"], "rate_rule": "coin_exact", "immediate": true });
    let problem = refused(&server, "/refunds", &all, StatusCode::CONFLICT, "insufficient_balance").await;
    assert_eq!(text(&problem["available"]), "49.852104");
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

async fn a_key_neither_approves_nor_declines_nor_releases(server: TestServer) {
    set_policy(&server, &json!({ "approval_above": { "USD": "50" } })).await;
    let invoice = paid(&server, "HA-1").await;
    let refund = server.post("/refunds", &json!({ "invoice": invoice["id"], "rate_rule": "coin_exact" })).await;
    assert_eq!((text(&refund["state"]), refund.get("claim_url")), ("awaiting_approval", None));
    let before = server.snapshot().await;
    for (what, body) in [("approve", json!({})), ("decline", json!({ "reason": "no" })), ("release", json!({}))] {
        let path = format!("/refunds/{}/{what}", text(&refund["id"]));
        let problem = refused(&server, &path, &body, StatusCode::FORBIDDEN, "forbidden").await;
        assert!(text(&problem["detail"]).contains("a person must"), "{problem}");
    }
    let path = format!("/refunds/{}/decline", text(&refund["id"]));
    let problem = refused(&server, &path, &json!({}), UNPROCESSABLE, "validation_failed").await;
    assert_eq!(problem["errors"][0]["field"], "reason");
    assert_eq!(server.snapshot().await, before);
}

async fn sixteen_at_once_with_one_key_make_one_refund(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let server = Arc::new(server);
    let body = json!({ "invoice": invoice["id"], "rate_rule": "coin_exact" });
    let post = |server: Arc<TestServer>, body: Value| async move {
        let request = server.api(Method::POST, "/refunds").header("idempotency-key", "one").json(&body);
        let response = request.send().await.expect("an answer");
        (response.status(), response.text().await.expect("text"))
    };
    let attempts: Vec<_> = (0..16).map(|_| tokio::spawn(post(Arc::clone(&server), body.clone()))).collect();
    let mut made = std::collections::BTreeSet::new();
    for attempt in attempts {
        match attempt.await.expect("an answer") {
            (StatusCode::CREATED, body) => _ = made.insert(body),
            // Still being carried out: the caller tries again and gets the stored answer.
            (StatusCode::CONFLICT, body) => assert!(body.contains("\"code\":\"conflict\""), "{body}"),
            (other, body) => panic!("{other}: {body}"),
        }
    }
    assert_eq!(made.len(), 1);
    let (status, again) = post(Arc::clone(&server), body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(made.contains(&again), "{again}");
    assert_eq!(server.get("/refunds").await["data"].as_array().map(Vec::len), Some(1));

    let (status, body) = post(Arc::clone(&server), json!({ "invoice": invoice["id"], "amount": "5" })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("idempotency_mismatch"), "{body}");
}

async fn sixteen_parts_at_once_are_never_more_than_was_paid(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let server = Arc::new(server);
    let attempts: Vec<_> = (0..16)
        .map(|_| {
            let (server, body) = (Arc::clone(&server), json!({ "invoice": invoice["id"], "amount": "10" }));
            tokio::spawn(async move { server.call(Method::POST, "/refunds", Some(&body)).await })
        })
        .collect();
    let mut sum = 0;
    for attempt in attempts {
        let (status, answer) = attempt.await.expect("an answer");
        match status {
            StatusCode::CREATED => sum = u64::saturating_add(sum, units(&answer["amount"])),
            StatusCode::CONFLICT => {
                assert!(["exceeds_refundable", "conflict"].contains(&text(&answer["code"])), "{answer}");
            }
            other => panic!("{other}: {answer}"),
        }
    }
    assert!(sum > 0 && sum <= 101_102_104, "{sum}");
    let listed = server.get(&format!("/refunds?invoice={}&limit=100", text(&invoice["id"]))).await;
    let listed: u64 = listed["data"].as_array().expect("a list").iter().map(|refund| units(&refund["amount"])).sum();
    assert_eq!(sum, listed);
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

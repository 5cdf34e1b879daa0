//! The same POST twice happens once.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::{TestServer, text, token};

on_both_databases!(
    the_same_key_and_body_get_the_same_bytes,
    the_same_key_with_another_body_is_refused,
    sixty_four_at_once_make_one_invoice,
    an_answer_that_was_lost_is_made_again_and_nothing_else,
    a_step_whose_answer_was_lost_is_answered_and_not_made_again,
    a_decision_whose_answer_was_lost_is_answered_and_not_made_again,
    an_unusable_key_is_refused,
);

async fn post(server: &TestServer, key: &str, body: &Value) -> (StatusCode, String) {
    let response = server.api(Method::POST, "/invoices").header("idempotency-key", key).json(body).send().await.expect("an answer");
    (response.status(), response.text().await.expect("text"))
}

async fn the_same_key_and_body_get_the_same_bytes(server: TestServer) {
    let body = server.new_invoice("HA-1");
    let first = post(&server, "one", &body).await;
    assert_eq!(first.0, StatusCode::CREATED);
    let before = server.snapshot().await;
    assert_eq!(post(&server, "one", &body).await, first);

    let wrong = json!({ "mid": server.mid.0 });
    let refusal = post(&server, "two", &wrong).await;
    assert_eq!(refusal.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&server, "two", &wrong).await, refusal);

    let mut after = server.snapshot().await;
    after.insert("idempotency_keys".to_owned(), before["idempotency_keys"]);
    assert_eq!(after, before);
}

async fn the_same_key_with_another_body_is_refused(server: TestServer) {
    post(&server, "one", &server.new_invoice("HA-1")).await;
    let before = server.snapshot().await;
    let (status, body) = post(&server, "one", &server.new_invoice("HA-2")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("\"code\":\"idempotency_mismatch\""), "{body}");
    let elsewhere = server.api(Method::POST, "/deposits").header("idempotency-key", "one").json(&server.new_invoice("HA-1"));
    assert_eq!(elsewhere.send().await.expect("an answer").status(), StatusCode::CONFLICT);
    assert_eq!(server.snapshot().await, before);
}

/// Reliability 9: one thing is made, and each is answered with it, byte for byte.
async fn sixty_four_at_once_make_one_invoice(server: TestServer) {
    let body = server.new_invoice("HA-1");
    let before = server.snapshot().await;
    let server = std::sync::Arc::new(server);
    let tries: Vec<_> = (0..64)
        .map(|_| {
            let (server, body) = (std::sync::Arc::clone(&server), body.clone());
            tokio::spawn(async move { post(&server, "one", &body).await })
        })
        .collect();
    let mut created = std::collections::BTreeSet::new();
    for attempt in tries {
        let (status, body) = attempt.await.expect("an answer");
        assert_eq!(status, StatusCode::CREATED, "those that come too early wait for the first: {body}");
        created.insert(body);
    }
    assert_eq!(created.len(), 1);
    assert_eq!((before["invoices"], server.snapshot().await["invoices"]), (0, 1));
}

/// A process that is killed after the change and before its answer is stored leaves this behind; nobody works at it any more. That one
/// which is really killed does is seen by the soak's `answers`.
async fn lose_answers(server: &TestServer) {
    server.execute("UPDATE idempotency_keys SET status = NULL, body = NULL, busy_until = created_at").await;
}

async fn ask(server: &TestServer, path: &str, body: &Value) -> (StatusCode, Value) {
    let response = server.api(Method::POST, path).header("idempotency-key", path).json(body).send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

async fn an_answer_that_was_lost_is_made_again_and_nothing_else(server: TestServer) {
    let paid = server.invoice("HA-0").await;
    server.pay(&paid, "101.102104", None).await;
    let deposit = json!({
        "external_id": "watcher-1", "invoice": paid["id"], "amount": "1.000000", "asset": "USDT-TRON", "txid": "6f2c",
        "seen_at": paid["created_at"], "final": true,
    });
    for (path, body) in [
        ("/invoices", server.new_invoice("HA-1")),
        ("/refunds", json!({ "invoice": paid["id"], "amount": "2.000000" })),
        ("/deposits", deposit),
        ("/webhook_endpoints", json!({ "url": "https://shop.example/webhooks" })),
    ] {
        let first = ask(&server, path, &body).await;
        assert_eq!(first.0, StatusCode::CREATED, "{path}: {}", first.1);
        let before = server.snapshot().await;
        lose_answers(&server).await;
        let second = ask(&server, path, &body).await;
        assert_eq!(second, first, "{path}");
        assert_eq!(ask(&server, path, &body).await, first, "{path}");
        assert_eq!(server.snapshot().await, before, "{path}");
    }
}

/// What is no new thing but a step of an old one is answered as it was the first time, and not made again; another key is told the state.
async fn a_step_whose_answer_was_lost_is_answered_and_not_made_again(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let id = text(&refund["id"]).to_owned();
    for (step, body) in [("cancel", json!({ "reason": "other" })), ("reissue", json!({})), ("hold", json!({}))] {
        if step == "hold" {
            let offered = server.get(&format!("/refunds/{id}")).await;
            assert!(server.confirm(&token(&offered), "TX3sfqPXKDjqKguyjgUSzzF965Guq2fvSV").await.status().is_success());
        }
        let path = format!("/refunds/{id}/{step}");
        let first = ask(&server, &path, &body).await;
        assert_eq!(first.0, StatusCode::OK, "{step}: {}", first.1);
        let before = server.snapshot().await;
        lose_answers(&server).await;
        assert_eq!(ask(&server, &path, &body).await, first, "{step}");
        assert_eq!(server.snapshot().await, before, "{step}");

        let another = server.api(Method::POST, &path).header("idempotency-key", format!("another {step}")).json(&body);
        let another = another.send().await.expect("an answer");
        assert_eq!(another.status(), StatusCode::CONFLICT, "{step}");
        let problem: Value = another.json().await.expect("JSON");
        assert_eq!(problem["code"], "conflict", "{step}");
    }
}

/// So is a person's decision about a payment.
async fn a_decision_whose_answer_was_lost_is_answered_and_not_made_again(server: TestServer) {
    let mut held = server.new_invoice("HA-1");
    held["policy"] = json!({ "on_over": "hold" });
    let held = server.post("/invoices", &held).await;
    server.pay(&held, "150.000000", None).await;
    let invoice = server.get(&format!("/invoices/{}", text(&held["id"]))).await;
    let resolve = format!("/invoices/{}/cases/{}/resolve", text(&held["id"]), text(&invoice["cases"][0]["id"]));

    let ripples = json!({ "mid": server.mid.0, "reference": "HA-2", "amount": "100.00", "currency": "USD", "asset": "XRP-XRPL" });
    let ripples = server.post("/invoices", &ripples).await;
    let deposit = server.post("/sandbox/deposits", &json!({ "invoice": ripples["id"], "amount": "50", "tag": "none" })).await;
    let account = server.get(&format!("/invoices/{}", text(&deposit["invoice"]))).await;
    let attribute = format!("/invoices/{}/cases/{}/attribute", text(&account["id"]), text(&account["cases"][0]["id"]));

    for (path, body) in [(resolve, json!({ "how": "refund" })), (attribute, json!({ "invoice": ripples["id"] }))] {
        let first = ask(&server, &path, &body).await;
        assert_eq!(first.0, StatusCode::OK, "{path}: {}", first.1);
        let before = server.snapshot().await;
        lose_answers(&server).await;
        assert_eq!(ask(&server, &path, &body).await, first, "{path}");
        assert_eq!(server.snapshot().await, before, "{path}");
        let another = server.api(Method::POST, &path).header("idempotency-key", "another").json(&body).send().await.expect("an answer");
        assert_eq!(another.status(), StatusCode::CONFLICT, "{path}: who decides again is told that it is decided");
        lose_answers(&server).await;
        server.execute("DELETE FROM idempotency_keys WHERE name = 'another'").await;
    }
}

async fn an_unusable_key_is_refused(server: TestServer) {
    let before = server.snapshot().await;
    let (status, body) = post(&server, &"k".repeat(256), &server.new_invoice("HA-1")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("\"field\":\"Idempotency-Key\""), "{body}");
    assert_eq!(server.snapshot().await, before);
}

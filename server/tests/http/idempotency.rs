//! The same POST twice happens once.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::TestServer;

on_both_databases!(
    the_same_key_and_body_get_the_same_bytes,
    the_same_key_with_another_body_is_refused,
    sixty_four_at_once_make_one_invoice,
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
        match status {
            StatusCode::CREATED => _ = created.insert(body),
            // Still being carried out: the caller tries again and gets the stored answer.
            StatusCode::CONFLICT => assert!(body.contains("\"code\":\"conflict\""), "{body}"),
            other => panic!("{other}: {body}"),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!((before["invoices"], server.snapshot().await["invoices"]), (0, 1));
}

async fn an_unusable_key_is_refused(server: TestServer) {
    let before = server.snapshot().await;
    let (status, body) = post(&server, &"k".repeat(256), &server.new_invoice("HA-1")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("\"field\":\"Idempotency-Key\""), "{body}");
    assert_eq!(server.snapshot().await, before);
}

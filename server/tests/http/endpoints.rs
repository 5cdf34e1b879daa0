//! Webhook endpoints: another URL, another secret, and what both do to a shop's payouts (CM-09).

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(
    an_endpoint_gets_another_url,
    an_endpoint_is_told_in_another_dialect,
    an_endpoint_is_told_of_chosen_events,
    a_webhook_is_sent_again,
    a_secret_is_replaced_once_per_idempotency_key
);

const HOOKS: &str = "http://127.0.0.1:9/hooks";

async fn frozen(server: &TestServer) -> Value {
    server.get("/mids").await["data"][0]["frozen"].clone()
}

async fn an_endpoint_gets_another_url(mut server: TestServer) {
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": HOOKS })).await;
    let path = format!("/webhook_endpoints/{}", text(&endpoint["id"]));
    let put = async |server: &TestServer, url: &str| server.call(Method::PUT, &path, Some(&json!({ "url": url }))).await;
    let (status, moved) = put(&server, "http://127.0.0.1:9/elsewhere").await;
    assert_eq!((status, text(&moved["url"]), moved.get("secret")), (StatusCode::OK, "http://127.0.0.1:9/elsewhere", None));
    assert_eq!(frozen(&server).await, Value::Null, "nobody ever paid this shop");

    server.overpaid("HA-1").await;
    let (status, problem) = put(&server, "ftp://shop.example").await;
    assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("url")));
    assert_eq!(frozen(&server).await, Value::Null);
    put(&server, HOOKS).await;
    assert_eq!(frozen(&server).await["why"], "webhook_secret");

    server.key = server.engine.add_key(server.mid, false).await.expect("a key").secret;
    assert_eq!(put(&server, HOOKS).await.0, StatusCode::FORBIDDEN);
}

/// What is not said stays; a name that is not spoken is refused with those that are.
async fn an_endpoint_is_told_in_another_dialect(server: TestServer) {
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": HOOKS })).await;
    assert_eq!(endpoint["dialect"], "native");
    let path = format!("/webhook_endpoints/{}", text(&endpoint["id"]));
    let put = async |body: Value| server.call(Method::PUT, &path, Some(&body)).await;
    assert_eq!(put(json!({ "url": HOOKS, "dialect": "txn" })).await.1["dialect"], "txn");
    assert_eq!(put(json!({ "url": HOOKS })).await.1["dialect"], "txn");
    let (status, problem) = put(json!({ "url": HOOKS, "dialect": "klingon" })).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("dialect")));
    assert!(text(&problem["errors"][0]["message"]).contains("`native`"), "{problem}");
    assert_eq!(server.get("/webhook_endpoints").await["data"][0]["dialect"], "txn");
}

/// Events are chosen by their names; one that there is none of is refused with those there are, and nothing chosen with what to do instead.
async fn an_endpoint_is_told_of_chosen_events(server: TestServer) {
    let create = async |body: Value| server.call(Method::POST, "/webhook_endpoints", Some(&body)).await;
    let (status, endpoint) = create(json!({ "url": HOOKS, "events": ["refund.paid", "refund.created"] })).await;
    assert_eq!((status, &endpoint["events"]), (StatusCode::CREATED, &json!(["refund.created", "refund.paid"])));
    let path = format!("/webhook_endpoints/{}", text(&endpoint["id"]));
    let put = async |body: Value| server.call(Method::PUT, &path, Some(&body)).await;
    assert_eq!(put(json!({ "url": HOOKS })).await.1["events"], json!(["refund.created", "refund.paid"]), "as before");
    assert_eq!(put(json!({ "url": HOOKS, "events": ["refund.paid"] })).await.1["events"], json!(["refund.paid"]));
    for (events, named) in [(json!([]), "remove the endpoint"), (json!(["refund.sent"]), "refund.sending")] {
        let (status, problem) = put(json!({ "url": HOOKS, "events": events })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("events")));
        assert!(text(&problem["errors"][0]["message"]).contains(named), "{problem}");
    }
    let (_, txn) = put(json!({ "url": HOOKS, "dialect": "txn" })).await;
    assert_eq!((&txn["dialect"], txn.get("events")), (&json!("txn"), None), "what Txn tells");
    let (status, problem) = create(json!({ "url": HOOKS, "dialect": "bitpay", "events": ["refund.paid"] })).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("other_dialect")));
    assert_eq!(server.get("/webhook_endpoints").await["data"].as_array().map(Vec::len), Some(1), "nothing was made");
}

/// The log has every delivery; one that ended is made again under the same id, and only by who may change settings.
async fn a_webhook_is_sent_again(mut server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url })).await;
    let secret = text(&endpoint["secret"]).to_owned();
    let refund = server.overpaid("HA-1").await;
    let pending = server.get("/webhook_deliveries?status=pending").await;
    assert!(pending["data"].as_array().is_some_and(|list| list.len() > 2), "{pending}");
    server.work();
    webhooks::until(&sink, "refund.claim_available", &secret).await;
    let of_refund = format!("/webhook_deliveries?refund={}&limit=1", text(&refund["id"]));
    let mut last = server.get(&of_refund).await["data"][0].clone();
    for _ in 0..100 {
        if last["status"] == "delivered" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        last = server.get(&of_refund).await["data"][0].clone();
    }
    assert_eq!((text(&last["event"]), text(&last["status"])), ("refund.claim_available", "delivered"));
    let resend = format!("/webhook_deliveries/{}/resend", text(&last["id"]));
    assert_eq!(server.post(&resend, &json!({})).await["status"], "pending");
    let twice = |sink: &Sink| sink.all().iter().filter(|(_, body)| body.contains("refund.claim_available")).count() == 2;
    for _ in 0..100 {
        if twice(&sink) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let ids: Vec<_> = sink
        .all()
        .iter()
        .filter(|(_, body)| body.contains("refund.claim_available"))
        .map(|(headers, _)| headers["webhook-id"].clone())
        .collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");

    let (status, problem) = server.call(Method::GET, "/webhook_deliveries?status=lost", None).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("status")));
    let (_, foreign) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    server.key = server.engine.add_key(foreign, true).await.expect("a key").secret;
    assert_eq!(server.get("/webhook_deliveries").await["data"], json!([]));
    assert_eq!(server.call(Method::POST, &resend, Some(&json!({}))).await.0, StatusCode::NOT_FOUND);
}

/// A request that is repeated gets the same secret; without a key each request replaces it anew.
async fn a_secret_is_replaced_once_per_idempotency_key(server: TestServer) {
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": HOOKS })).await;
    assert_eq!(endpoint["rotated_at"], Value::Null);
    let path = format!("/webhook_endpoints/{}/rotate", text(&endpoint["id"]));
    let rotate = async || {
        let request = server.api(Method::POST, &path).header("idempotency-key", "one").json(&json!({}));
        request.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let rotated = rotate().await;
    assert!(rotated["secret"].is_string() && rotated["rotated_at"].is_string(), "{rotated}");
    assert_ne!(rotated["secret"], endpoint["secret"]);
    assert_eq!(rotate().await, rotated);
    assert_ne!(server.post(&path, &json!({})).await["secret"], rotated["secret"]);
    let listed = server.get("/webhook_endpoints").await;
    assert_eq!(listed["data"][0].get("secret"), None);
}

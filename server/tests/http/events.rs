//! What happened, asked for later.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(
    events_say_what_webhooks_said,
    events_are_found_by_subject_and_type,
    lists_of_many_refunds_say_what_each_says_alone,
    a_payout_whose_block_is_taken_back_is_told,
);

/// Also without an endpoint; with the claim link only while it can be used, and never for a key that only reads.
async fn events_say_what_webhooks_said(mut server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url })).await;
    server.work();
    let refund = server.overpaid("HA-1").await;
    let sent = webhooks::until(&sink, "refund.claim_available", text(&endpoint["secret"])).await;
    let listed = server.get("/events").await;
    let listed = listed["data"].as_array().expect("a list");
    assert!(sent.iter().all(|event| listed.contains(event)), "{sent:?} are not all in {listed:?}");

    let path = format!("/events?refund={}&type=refund.claim_available", text(&refund["id"]));
    assert_eq!(server.get(&path).await["data"][0]["data"]["refund"]["claim_url"], refund["claim_url"]);
    let writes = std::mem::replace(&mut server.key, server.engine.add_key(server.mid, false).await.expect("a key").secret);
    assert_eq!(server.get(&path).await["data"][0]["data"]["refund"].get("claim_url"), None);
    server.key = writes;
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    assert_eq!(server.get(&path).await["data"][0]["data"]["refund"].get("claim_url"), None);
}

async fn events_are_found_by_subject_and_type(mut server: TestServer) {
    let (first, second) = (server.overpaid("HA-1").await, server.overpaid("HA-2").await);
    let found = async |server: &TestServer, query: &str| {
        let answer = server.get(&format!("/events?{query}")).await;
        let events = answer["data"].as_array().expect("a list").iter();
        events.map(|event| format!("{} {}", event["sequence"], text(&event["type"]))).collect::<Vec<_>>()
    };
    let of_refund = format!("refund={}", text(&first["id"]));
    assert_eq!(found(&server, &of_refund).await, ["2 refund.claim_available", "1 refund.created"]);
    assert_eq!(found(&server, &format!("{of_refund}&limit=1")).await, ["2 refund.claim_available"]);
    let part = server.get(&format!("/events?{of_refund}&limit=1")).await;
    assert_eq!(found(&server, &format!("{of_refund}&after={}", text(&part["next"]))).await, ["1 refund.created"]);
    let of_invoice = found(&server, &format!("invoice={}", text(&second["invoice"]))).await;
    assert!(of_invoice.iter().all(|event| event.contains("invoice.")) && !of_invoice.is_empty(), "{of_invoice:?}");
    assert_eq!(found(&server, "type=refund.created").await.len(), 2);
    assert_eq!(found(&server, &format!("mid={}&type=refund.created", server.mid.0)).await.len(), 2);
    let (status, problem) = server.call(Method::GET, "/events?type=refund.payed", None).await;
    let named = (text(&problem["errors"][0]["field"]), text(&problem["errors"][0]["message"]).contains("refund.paid"));
    assert_eq!((status, named), (StatusCode::UNPROCESSABLE_ENTITY, ("type", true)), "{problem}");
    for query in ["after=x".to_owned(), format!("{of_refund}&invoice={}", text(&first["invoice"]))] {
        let (status, problem) = server.call(Method::GET, &format!("/events?{query}"), None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    }
    let (_, other) = server.engine.add_mid("Another Shop", "Main", None).await.expect("a MID");
    server.key = server.engine.add_key(other, true).await.expect("a key").secret;
    assert_eq!(server.get(&format!("/events?{of_refund}")).await["data"], json!([]));
}

/// A list reads its refunds together; each is the same as asked for alone.
async fn lists_of_many_refunds_say_what_each_says_alone(server: TestServer) {
    for index in 0..5 {
        let refund = server.overpaid(&format!("HA-{index}")).await;
        if index % 2 == 0 {
            assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
        }
    }
    let list = server.get("/refunds").await;
    let list = list["data"].as_array().expect("a list");
    assert_eq!(list.len(), 5);
    for refund in list {
        let alone: Value = server.get(&format!("/refunds/{}", text(&refund["id"]))).await;
        assert_eq!(&alone, refund);
    }
}

async fn a_payout_whose_block_is_taken_back_is_told(server: TestServer) {
    server.work();
    let refund = server.overpaid("HA-1").await;
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    server.until_state(&refund, "paid").await;
    server.post("/sandbox/rail", &json!({ "network": "tron", "mode": "reorg" })).await;
    let path = format!("/events?refund={}&type=refund.reorged", text(&refund["id"]));
    for _ in 0..300 {
        server.post("/sandbox/clock", &json!({ "advance": "PT1M" })).await;
        if server.get(&path).await["data"][0]["sequence"].is_number() {
            return;
        }
    }
    panic!("nobody was told");
}

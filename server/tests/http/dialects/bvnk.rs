//! BVNK's dialect: what a merchant's program hears of a refund, and how it checks that (BV-08 to BV-12).

use std::time::Duration;

use hmac::{Hmac, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};
use crate::sink::Sink;

on_both_databases!(a_refund_is_told_from_its_link_to_its_end);

/// Returns what came, each with a right signature: event, type, status and the link to share.
fn told(sink: &Sink, secret: &str) -> Vec<(String, String, String, String)> {
    let read = |(headers, body): (axum::http::HeaderMap, String)| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(format!("/hooksapplication/json{body}").as_bytes());
        let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(headers.get("x-signature").and_then(|value| value.to_str().ok()), Some(expected.as_str()));
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let data = &body["data"];
        let [event, kind, status, url] =
            [&body["event"], &data["type"], &data["status"], &data["redirectUrl"]].map(|value| text(value).to_owned());
        (event, kind, status, url)
    };
    sink.all().into_iter().map(read).collect()
}

async fn until(sink: &Sink, secret: &str, status: &str, kind: &str) -> Vec<(String, String, String, String)> {
    for _ in 0..300 {
        let found = told(sink, secret);
        if found.iter().any(|one| (one.1.as_str(), one.2.as_str()) == (kind, status)) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{kind} was not told to be {status}: {:?}", told(sink, secret));
}

/// BV-02: nothing goes back to where it came from, the merchant is told a link to hand on. BV-05, BV-08, BV-10: overpaid, claimed, paid. BV-09, BV-11: another one that nobody claims.
async fn a_refund_is_told_from_its_link_to_its_end(server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": "bvnk" })).await;
    let secret = text(&endpoint["secret"]).to_owned();
    server.work();
    let refund = server.overpaid("HA-1").await;
    let first = until(&sink, &secret, "PENDING", "OUT").await;
    let offer = first.iter().find(|one| one.1 == "OUT").expect("an offer");
    assert_eq!((offer.0.as_str(), offer.3.as_str()), ("refundInitiated", text(&refund["claim_url"])));
    until(&sink, &secret, "COMPLETE", "IN").await;

    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    until(&sink, &secret, "PROCESSING", "OUT").await;
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    let all = until(&sink, &secret, "COMPLETE", "OUT").await;
    let of_the_refund: Vec<(&str, &str)> = all.iter().filter(|one| one.1 == "OUT").map(|one| (one.0.as_str(), one.2.as_str())).collect();
    let story = [("refundInitiated", "PENDING"), ("statusChanged", "PROCESSING"), ("statusChanged", "COMPLETE")];
    assert_eq!(of_the_refund, story, "in this order, and nothing else");

    server.overpaid("HA-2").await;
    until(&sink, &secret, "PENDING", "OUT").await;
    server.post("/sandbox/clock", &json!({ "advance": "PT2184H" })).await;
    let last = until(&sink, &secret, "EXPIRED", "OUT").await.pop().expect("a webhook");
    assert_eq!((last.0.as_str(), last.2.as_str()), ("statusChanged", "EXPIRED"));
    assert!(last.3.contains("/pay/"), "a link that opens nothing any more is not told again: {}", last.3);
}

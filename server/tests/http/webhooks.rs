//! Webhooks as a merchant's program reads them: their signatures are checked here by themselves, after the text of Standard Webhooks 1.0.

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::sink::Sink;

/// Waits until an event of this type arrived, then returns all events so far. Each has a valid signature.
pub async fn until(sink: &Sink, event: &str, secret: &str) -> Vec<Value> {
    let events = until_any(sink, secret, |body| body["type"] == event).await;
    for (event, (headers, _)) in events.iter().zip(sink.all()) {
        assert_eq!(event["id"].as_str(), headers.get("webhook-id").and_then(|id| id.to_str().ok()));
    }
    events
}

/// Waits until something arrived that is wanted, then returns all so far. Each has a valid signature.
pub async fn until_any(sink: &Sink, secret: &str, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    for _ in 0..300 {
        let events = verified(sink, secret);
        if events.iter().any(&is_wanted) {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not come: {:?}", verified(sink, secret));
}

fn verified(sink: &Sink, secret: &str) -> Vec<Value> {
    sink.all().iter().map(|(headers, body)| verify(headers, body, secret)).collect()
}

fn verify(headers: &HeaderMap, body: &str, secret: &str) -> Value {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_else(|| panic!("no {name}"));
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert!(header("webhook-signature").split(' ').any(|signature| signature == expected), "the signature of {body} is wrong");
    serde_json::from_str(body).expect("JSON")
}

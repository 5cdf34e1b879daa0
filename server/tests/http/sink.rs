//! A merchant's webhook receiver, which checks signatures by itself, after the text of Standard Webhooks 1.0.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

/// What came in: headers and bodies.
type Received = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver that is listening.
pub struct Sink {
    /// Where it listens.
    pub url: String,
    received: Received,
}

impl Sink {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let received = Received::default();
        let app = Router::new().route("/hooks", post(receive)).with_state(Arc::clone(&received));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, received }
    }

    /// Waits until an event of this type arrived, then returns all events so far. Each has a valid signature.
    pub async fn until(&self, event: &str, secret: &str) -> Vec<Value> {
        for _ in 0..300 {
            let events = self.verified(secret);
            if events.iter().any(|body| body["type"] == event) {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{event} did not come: {:?}", self.verified(secret));
    }

    fn verified(&self, secret: &str) -> Vec<Value> {
        let received = self.received.lock().expect("the list");
        received.iter().map(|(headers, body)| verify(headers, body, secret)).collect()
    }
}

async fn receive(State(received): State<Received>, headers: HeaderMap, body: String) {
    received.lock().expect("the list").push((headers, body));
}

fn verify(headers: &HeaderMap, body: &str, secret: &str) -> Value {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_else(|| panic!("no {name}"));
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert!(header("webhook-signature").split(' ').any(|signature| signature == expected), "the signature of {body} is wrong");
    let event: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(event["id"], header("webhook-id"));
    event
}

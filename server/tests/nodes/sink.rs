//! A merchant's webhook receiver that remembers what came, in the order in which it came.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

/// What came in.
type Received = Arc<Mutex<Vec<Value>>>;

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

    /// Returns everything that came, repeats included.
    pub fn all(&self) -> Vec<Value> {
        self.received.lock().expect("the list").clone()
    }
}

async fn receive(State(received): State<Received>, Json(body): Json<Value>) {
    received.lock().expect("the list").push(body);
}

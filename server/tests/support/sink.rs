//! A merchant's webhook receiver that remembers what came, in the order in which it came.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
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

    /// Returns everything that came, repeats included.
    pub fn all(&self) -> Vec<(HeaderMap, String)> {
        self.received.lock().expect("the list").clone()
    }
}

async fn receive(State(received): State<Received>, headers: HeaderMap, body: String) {
    received.lock().expect("the list").push((headers, body));
}

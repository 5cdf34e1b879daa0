//! Reconciliations over HTTP: for the operator's key, and for no merchant's.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::server::{TestServer, text};
use crate::{document, on_both_databases};

on_both_databases!(only_the_operator_sees_what_the_rails_hold);

async fn only_the_operator_sees_what_the_rails_hold(server: TestServer) {
    server.overpaid("HA-1").await;
    server.work();
    let (status, problem) = server.call(Method::GET, "/reconciliations", None).await;
    assert_eq!((status, text(&problem["code"])), (StatusCode::FORBIDDEN, "forbidden"));

    let key = server.engine.add_operator_key().await.expect("a key").secret;
    let path = "/reconciliations?asset=USDT-TRON";
    for _ in 0..100 {
        let request = server.anonymous(Method::GET, &format!("/api/v1{path}")).bearer_auth(&key);
        let response = request.send().await.expect("an answer");
        let (status, list): (StatusCode, Value) = (response.status(), response.json().await.expect("JSON"));
        document::check(&Method::GET, path, status, &list);
        if let Some(found) = list["data"].as_array().and_then(|data| data.first()) {
            assert_eq!((text(&found["state"]), text(&found["ledger"]), text(&found["rail"])), ("matched", "150.000000", "150.000000"));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the worker compared nothing");
}

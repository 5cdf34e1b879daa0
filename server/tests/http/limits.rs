//! Keys that ask too often.

use std::num::NonZeroU32;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::server::TestServer;

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_often_waits_and_others_do_not() {
    let server = TestServer::on_sqlite().await;
    let url = server.limited(NonZeroU32::MIN).await;
    let other = server.engine.add_key(server.mid, true).await.expect("a key").secret;
    let ask = async |key: &str| Client::new().get(format!("{url}/api/v1/invoices")).bearer_auth(key).send().await.expect("an answer");
    let first = ask(&server.key).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(header(first.headers(), "ratelimit-policy"), "\"key\";q=2;w=2");
    assert_eq!(header(first.headers(), "ratelimit"), "\"key\";r=1;t=1");
    // However slow this machine is, somebody who asks at once again and again is refused at some time.
    let refused = loop {
        let answer = ask(&server.key).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(refused.headers(), "ratelimit"), "\"key\";r=0;t=2");
    let wait: u64 = header(refused.headers(), "retry-after").parse().expect("seconds");
    let problem: Value = refused.json().await.expect("a problem");
    assert_eq!(problem["code"], "rate_limited");
    assert_eq!(ask(&other).await.status(), StatusCode::OK, "each key has its own");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(ask(&server.key).await.status(), StatusCode::OK);
}

//! Requests that other sites make a visitor's browser send, and the headers that keep browsers strict.

use app::server_fns::ALLOWED;
use reqwest::{Method, StatusCode};

use crate::server::{TestServer, form, token};

/// Who sends a request, the headers that say so, and whether that is our own page.
type Sender = (&'static str, Vec<(&'static str, String)>, bool);

/// Everybody who may send a request.
fn senders(own: &str) -> [Sender; 9] {
    let fetch = |site: &str| ("sec-fetch-site", site.to_owned());
    let origin = |origin: &str| ("origin", origin.to_owned());
    [
        ("our page", vec![fetch("same-origin"), origin(own)], true),
        ("our page, without an origin", vec![fetch("same-origin")], true),
        ("our page in a browser without Fetch Metadata", vec![origin(own)], true),
        ("a form that the visitor reloads", vec![fetch("none")], true),
        ("another site", vec![fetch("cross-site"), origin("https://evil.example")], false),
        ("another site that claims our origin", vec![fetch("cross-site"), origin(own)], false),
        ("a sibling domain", vec![fetch("same-site")], false),
        ("a sandboxed frame", vec![origin("null")], false),
        ("nobody", vec![], false),
    ]
}

/// Every address that a form may be sent to.
fn doors(token: &str) -> Vec<String> {
    let functions = ALLOWED.iter().map(|(path, _)| (*path).to_owned());
    functions.chain([format!("/claim/{token}"), "/refunds".to_owned(), "/nothing".to_owned()]).collect()
}

async fn status_of(server: &TestServer, method: &Method, door: &str, headers: &[(&'static str, String)], token: &str) -> StatusCode {
    let request = server.anonymous(method.clone(), door).header("accept", "text/html");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    form(request, &[("token", token)]).send().await.expect("an answer").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_can_send_a_form() {
    let server = TestServer::on_sqlite().await;
    let token = token(&server.overpaid("HA-1").await);
    let before = server.snapshot().await;
    for door in doors(&token) {
        for (sender, headers, _) in senders(&server.url).iter().filter(|(_, _, is_ours)| !is_ours) {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let status = status_of(&server, &method, &door, headers, &token).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {door} from {sender}");
            }
        }
        // GET changes nothing, whoever asks.
        let status = server.anonymous(Method::GET, &format!("{door}?token={token}")).send().await.expect("an answer").status();
        assert!(!status.is_server_error(), "GET {door}: {status}");
    }
    assert_eq!(server.snapshot().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_pages_can() {
    let server = TestServer::on_sqlite().await;
    let token = token(&server.overpaid("HA-1").await);
    for door in doors(&token) {
        for (sender, headers, _) in senders(&server.url).iter().filter(|(_, _, is_ours)| *is_ours) {
            let status = status_of(&server, &Method::POST, &door, headers, &token).await;
            assert!(status != StatusCode::FORBIDDEN && !status.is_server_error(), "{door} from {sender}: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_what_the_api_goes_by_not_the_sender() {
    let server = TestServer::on_sqlite().await;
    for (index, (sender, headers, _)) in senders(&server.url).into_iter().enumerate() {
        let mut request = server.api(Method::POST, "/invoices").json(&server.new_invoice(&format!("HA-{index}")));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::CREATED, "{sender}");
    }
    let without_key = server.anonymous(Method::POST, "/api/v1/invoices").header("sec-fetch-site", "same-origin");
    let response = without_key.json(&server.new_invoice("HA-99")).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_strict_headers() {
    let server = TestServer::on_sqlite().await;
    let token = token(&server.overpaid("HA-1").await);
    let claim = format!("/claim/{token}");
    let style = server::assets::asset("refundry.css");
    let paths = [
        "/",
        "/sign-in",
        "/refunds",
        "/nothing",
        "/help",
        &claim,
        "/claim/unknown",
        "/cancel/unknown",
        "/healthz",
        "/readyz",
        "/docs/api",
        "/api/v1/openapi.json",
        "/api/v1/refunds",
        "/api/v1/nothing",
        "/assets/nothing.css",
        &style,
    ];
    for path in paths {
        for method in [Method::GET, Method::POST] {
            let response = server.anonymous(method.clone(), path).header("accept", "text/html").send().await.expect("an answer");
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{method} {path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{method} {path}: {policy}");
            assert!(
                !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'),
                "{method} {path}: {policy}"
            );
            assert_eq!(header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{method} {path}");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{method} {path}");
            assert!(header("permissions-policy").contains("geolocation=()"), "{method} {path}");
            assert!(!header("x-request-id").is_empty(), "{method} {path}");
            let is_kept = response.status() == StatusCode::OK && path == style;
            let expected = if is_kept { "public, max-age=31536000, immutable" } else { "no-store" };
            assert_eq!(header("cache-control"), expected, "{method} {path}");
            assert_eq!(header("strict-transport-security"), "", "not over plain HTTP: {method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_a_nonce_of_its_own() {
    let server = TestServer::on_sqlite().await;
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let response = server.anonymous(Method::GET, "/sign-in").header("accept", "text/html").send().await.expect("an answer");
        let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_else(|| panic!("no nonce: {policy}"));
        nonces.insert(nonce.to_owned());
    }
    assert_eq!(nonces.len(), 3);
}

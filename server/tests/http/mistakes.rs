//! Requests that are wrong: each has its clear error, and nothing changes.

use axum::Router;
use axum::routing::get;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::security::protect;
use tokio::net::TcpListener;

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, form, text, token};

on_both_databases!(
    a_body_names_the_field_that_is_wrong,
    an_amount_with_one_digit_too_many_is_refused,
    a_body_of_17_kib_is_refused,
    a_wrong_key_is_refused,
    a_key_that_reads_does_not_write,
    what_belongs_to_others_is_not_found,
    unknown_addresses_and_methods_are_said_so,
    lists_are_cut_into_parts,
    a_wrong_address_is_refused,
    an_unknown_token_opens_nothing,
    a_used_claim_link_claims_nothing,
);

/// Sends a body, expects a problem with this status and code, and that nothing was written.
async fn refused(server: &TestServer, method: Method, path: &str, body: Option<&Value>, status: StatusCode, code: &str) -> Value {
    let before = server.snapshot().await;
    let (found, problem) = server.call(method, path, body).await;
    assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{problem}");
    assert_eq!(server.snapshot().await, before);
    problem
}

async fn a_body_names_the_field_that_is_wrong(server: TestServer) {
    let with = |field: &str, value: Value| {
        let mut body = server.new_invoice("HA-1");
        body[field] = value;
        body
    };
    let mut without_asset = server.new_invoice("HA-1");
    without_asset.as_object_mut().expect("an object").remove("asset");
    let cases = [
        (with("amout", json!("1")), "amout"),
        (with("amount", json!(100)), "amount"),
        (with("mid", json!("no id")), "mid"),
        (with("expires_in", json!("soon")), "expires_in"),
        (with("currency", json!("euro")), "currency"),
        (with("asset", json!("USDT-MOON")), "asset"),
        (with("reference", json!("")), "reference"),
        (with("rate", json!("-1")), "rate"),
        (without_asset, "asset"),
    ];
    for (body, field) in cases {
        let problem = refused(&server, Method::POST, "/invoices", Some(&body), StatusCode::UNPROCESSABLE_ENTITY, "validation_failed").await;
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let before = server.snapshot().await;
    let send = |content_type: &'static str, body: &'static str| {
        server.api(Method::POST, "/invoices").header("content-type", content_type).body(body).send()
    };
    assert_eq!(send("application/json", "{\"mid\":").await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    assert_eq!(send("application/json", "{}{}").await.expect("an answer").status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("text/plain", "{}").await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(server.snapshot().await, before);
}

async fn an_amount_with_one_digit_too_many_is_refused(server: TestServer) {
    let invoice = server.invoice("HA-1").await;
    let deposit = json!({ "invoice": invoice["id"], "amount": "150.0000001" });
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let problem = refused(&server, Method::POST, "/sandbox/deposits", Some(&deposit), status, "validation_failed").await;
    assert_eq!(problem["errors"][0]["field"], "amount");
    assert!(problem["errors"][0]["message"].as_str().is_some_and(|message| message.contains("this asset has 6")), "{problem}");
    let mut body = server.new_invoice("HA-2");
    body["amount"] = json!("100.001");
    let problem = refused(&server, Method::POST, "/invoices", Some(&body), status, "validation_failed").await;
    assert_eq!(problem["errors"][0]["field"], "amount");
}

async fn a_body_of_17_kib_is_refused(server: TestServer) {
    let mut body = server.new_invoice("HA-1");
    body["reference"] = json!("x".repeat(17 * 1024));
    refused(&server, Method::POST, "/invoices", Some(&body), StatusCode::PAYLOAD_TOO_LARGE, "validation_failed").await;

    // Without a Content-Length, and to a page.
    let before = server.snapshot().await;
    let streamed = reqwest::Body::from(body.to_string());
    let request = server.anonymous(Method::POST, "/fn/confirm_claim").header("sec-fetch-site", "same-origin").header("accept", "text/html");
    let response = request.header("transfer-encoding", "chunked").body(streamed).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(response.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    assert_eq!(server.snapshot().await, before);
}

async fn a_wrong_key_is_refused(server: TestServer) {
    let before = server.snapshot().await;
    let attempts = [
        None,
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(format!("Basic {}", server.key)),
        Some(server.key.clone()),
    ];
    for authorization in attempts {
        for (method, path) in [(Method::GET, "/api/v1/refunds"), (Method::POST, "/api/v1/invoices")] {
            let mut request = server.anonymous(method, path).json(&server.new_invoice("HA-1"));
            if let Some(value) = &authorization {
                request = request.header("authorization", value);
            }
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{authorization:?}");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            let problem: Value = response.json().await.expect("JSON");
            assert_eq!(problem["code"], "unauthorized");
        }
    }
    assert_eq!(server.snapshot().await, before);
}

async fn a_key_that_reads_does_not_write(mut server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    server.key = server.engine.add_key(server.mid, false).await.expect("a key").secret;
    let cancel = format!("/refunds/{}/cancel", refund["id"].as_str().expect("an id"));
    let mid = server.mid.0;
    let policy = server.get(&format!("/mids/{mid}/policy")).await["policy"].clone();
    for (method, path, body) in [
        (Method::POST, "/invoices", server.new_invoice("HA-2")),
        (Method::POST, &cancel, json!({ "reason": "other" })),
        (Method::PUT, &format!("/mids/{mid}/policy"), policy),
        (Method::POST, "/webhook_endpoints", json!({ "url": "http://127.0.0.1:9/" })),
        (Method::POST, "/sandbox/clock", json!({ "advance": "PT72H" })),
        (Method::POST, "/sandbox/rail", json!({ "network": "tron", "mode": "fail" })),
        (Method::POST, "/sandbox/deposits", json!({ "invoice": refund["invoice"], "amount": "1" })),
    ] {
        refused(&server, method, path, Some(&body), StatusCode::FORBIDDEN, "forbidden").await;
    }
    assert_eq!(server.get("/refunds").await["data"].as_array().map(Vec::len), Some(1));
}

async fn what_belongs_to_others_is_not_found(mut server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let (_, other) = server.engine.add_mid("Another Shop", "Main", None).await.expect("a MID");
    server.key = server.engine.add_key(other, true).await.expect("a key").secret;
    let (refund_id, invoice_id) = (refund["id"].as_str().expect("an id"), refund["invoice"].as_str().expect("an id"));
    for path in [format!("/refunds/{refund_id}"), format!("/invoices/{invoice_id}"), format!("/mids/{}/policy", server.mid.0)] {
        refused(&server, Method::GET, &path, None, StatusCode::NOT_FOUND, "not_found").await;
    }
    let cancel = json!({ "reason": "other" });
    refused(&server, Method::POST, &format!("/refunds/{refund_id}/cancel"), Some(&cancel), StatusCode::NOT_FOUND, "not_found").await;
    refused(&server, Method::POST, "/invoices", Some(&server.new_invoice("HA-2")), StatusCode::NOT_FOUND, "not_found").await;
    for path in ["/refunds", "/invoices", "/deposits", "/ledger/entries", "/balances", "/webhook_endpoints"] {
        assert_eq!(server.get(path).await["data"], json!([]), "{path}");
    }
}

async fn unknown_addresses_and_methods_are_said_so(server: TestServer) {
    for (method, path, status) in [
        (Method::GET, "/api/v1/nothing", StatusCode::NOT_FOUND),
        (Method::POST, "/api/v1/nothing/at/all", StatusCode::NOT_FOUND),
        (Method::GET, "/api/v2/invoices", StatusCode::NOT_FOUND),
        (Method::DELETE, "/api/v1/invoices", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let response = server.anonymous(method, path).bearer_auth(&server.key).send().await.expect("an answer");
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    for id in ["no-id", "0198c000-0000-7000-8000-000000000000"] {
        refused(&server, Method::GET, &format!("/refunds/{id}"), None, StatusCode::NOT_FOUND, "not_found").await;
    }
}

async fn lists_are_cut_into_parts(server: TestServer) {
    for index in 0..5 {
        server.invoice(&format!("HA-{index}")).await;
    }
    let mut references = Vec::new();
    let mut path = "/invoices?limit=2".to_owned();
    loop {
        let part = server.get(&path).await;
        references.extend(part["data"].as_array().expect("a list").iter().map(|invoice| invoice["reference"].to_string()));
        let Some(next) = part["next"].as_str() else { break };
        path = format!("/invoices?limit=2&after={next}");
    }
    assert_eq!(references, ["\"HA-4\"", "\"HA-3\"", "\"HA-2\"", "\"HA-1\"", "\"HA-0\""]);
    let filtered = server.get("/invoices?reference=HA-3&status=pending").await;
    assert_eq!(filtered["data"].as_array().map(Vec::len), Some(1));
    for (query, field) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("limit=many", "limit"), ("after=x", "after"), ("state=pending", "state")]
    {
        let path = format!("/invoices?{query}");
        let problem = refused(&server, Method::GET, &path, None, StatusCode::UNPROCESSABLE_ENTITY, "validation_failed").await;
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn a_crash_tells_nothing_about_itself() {
    async fn crash() -> &'static str {
        panic!("the password is swordfish")
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app = protect(Router::new().route("/api/v1/crash", get(crash)).route("/crash", get(crash)), &url);
    tokio::spawn(async move { axum::serve(listener, app).await });
    for (path, kind) in [("/api/v1/crash", "application/problem+json"), ("/crash", "text/html; charset=utf-8")] {
        let request = reqwest::Client::new().get(format!("{url}{path}")).header("accept", "text/html");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], kind);
        let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        let body = response.text().await.expect("text");
        assert!(body.contains(&id) && !body.contains("swordfish"), "{body}");
    }
}

async fn a_wrong_address_is_refused(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let before = server.snapshot().await;
    let mistyped = tron_address(1).replacen('T', "U", 1);
    for address in ["", "hello", &mistyped, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"] {
        let response = server.confirm(&token(&refund), address).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{address}");
    }
    let page = server.anonymous(Method::POST, &format!("/claim/{}", token(&refund))).header("sec-fetch-site", "same-origin");
    let page = form(page.header("accept", "text/html"), &[("address", &mistyped), ("consent", "1")]).send().await.expect("an answer");
    assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().await.expect("text").contains("Error: "));
    assert_eq!(server.snapshot().await, before);
}

async fn an_unknown_token_opens_nothing(server: TestServer) {
    let before = server.snapshot().await;
    assert_eq!(server.confirm("unknown", &tron_address(1)).await.status(), StatusCode::NOT_FOUND);
    for path in ["/claim/unknown", "/cancel/unknown"] {
        let response = server.anonymous(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(server.snapshot().await, before);
}

/// Odd case 34: a second address changes nothing and is told, once.
async fn a_used_claim_link_claims_nothing(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    let claimed = server.get(&format!("/refunds/{}", text(&refund["id"]))).await;
    for address in [tron_address(2), tron_address(3)] {
        let response = server.confirm(&token(&refund), &address).await;
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let body = response.text().await.expect("text");
        assert!(!body.contains(&tron_address(1)), "the whole address is nobody else's business: {body}");
    }
    let now = server.get(&format!("/refunds/{}", text(&refund["id"]))).await;
    assert_eq!(
        (&now["state"], &now["destination"], &now["release_at"]),
        (&claimed["state"], &claimed["destination"], &claimed["release_at"])
    );
    let lines = |refund: &serde_json::Value| refund["timeline"].as_array().expect("a timeline").len();
    assert_eq!(lines(&now).checked_sub(lines(&claimed)), Some(1), "{now}");
}

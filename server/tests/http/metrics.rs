//! `/metrics` as Prometheus reads it: its own parser takes it, its numbers move, it tells nobody's secrets and lets nobody fill its memory.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::clients::run_on;
use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;

on_both_databases!(
    numbers_move_with_a_refund,
    nobodys_secrets_are_told,
    made_up_paths_and_methods_add_nothing,
    told_elsewhere_they_are_not_told_here,
    what_nobody_can_know_is_left_out,
);

/// Samples by name and labels, as Prometheus's own library reads them.
type Samples = BTreeMap<String, f64>;

async fn scrape(url: &str) -> (String, Samples) {
    let response = reqwest::get(format!("{url}/metrics")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let told = response.text().await.expect("text");
    let mut samples = Samples::new();
    for sample in run_on("parse_metrics.py", &[], &told).as_array().expect("samples") {
        let labels = sample[1].as_object().expect("labels").iter().map(|(name, value)| format!("{name}={}", text(value)));
        let key = format!("{} {}", text(&sample[0]), labels.collect::<Vec<_>>().join(" "));
        let is_new = samples.insert(key.trim_end().to_owned(), sample[2].as_f64().expect("a number")).is_none();
        assert!(is_new, "{sample} is there twice");
    }
    (told, samples)
}

fn of(samples: &Samples, key: &str) -> f64 {
    *samples.get(key).unwrap_or_else(|| panic!("no {key} in {samples:#?}"))
}

/// What an operator sets alarms on, before, during and after a refund.
async fn numbers_move_with_a_refund(server: TestServer) {
    let (url, _) = server.with_metrics(false).await;
    let sink = Sink::start().await;
    server.post("/webhook_endpoints", &json!({ "url": sink.url })).await;
    let (_, before) = scrape(&url).await;
    assert_eq!(of(&before, "refundry_refunds_open state=awaiting_claim"), 0.0);
    assert_eq!(of(&before, "refundry_held_coins asset=USDT-TRON"), 0.0);
    assert_eq!(of(&before, "refundry_events_total type=refund.created"), 0.0);
    assert_eq!(of(&before, "refundry_webhooks_waiting"), 0.0);
    assert_eq!(of(&before, "refundry_mids_frozen"), 0.0);
    assert_eq!(of(&before, "refundry_database_up"), 1.0);
    assert_eq!(of(&before, &format!("refundry_build_info version={}", env!("CARGO_PKG_VERSION"))), 1.0);
    let secs_before = of(&before, "process_start_time_seconds");
    assert!(secs_before > 1.7e9 && of(&before, "process_resident_memory_bytes") > 1e6 && of(&before, "process_open_fds") > 3.0);

    server.overpaid("HA-1").await;
    server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": "txn" })).await;
    let (_, same) = scrape(&url).await;
    assert_eq!(of(&same, "refundry_refunds_open state=awaiting_claim"), 0.0, "the database is not asked again so soon");
    assert_eq!(of(&same, "refundry_events_total type=refund.created"), 1.0, "what this process did is");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (_, made) = scrape(&url).await;
    assert_eq!(of(&made, "refundry_refunds_open state=awaiting_claim"), 1.0);
    assert_eq!(of(&made, "refundry_held_coins asset=USDT-TRON"), 48.897_896);
    assert_eq!(of(&made, "refundry_mids_frozen"), 1.0, "a new webhook: payouts stand still for a day (CM-09)");
    assert!(of(&made, "refundry_webhooks_waiting") >= 3.0 && of(&made, "refundry_jobs_due kind=deliver") >= 1.0, "{made:#?}");
    assert!(of(&made, "refundry_jobs_oldest_due_age_seconds kind=deliver") >= 5.0);

    server.work();
    for _ in 0..100 {
        if sink.all().len() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (_, after) = scrape(&url).await;
    assert_eq!((of(&after, "refundry_webhooks_waiting"), of(&after, "refundry_jobs_due kind=deliver")), (0.0, 0.0));
    assert!(of(&after, "refundry_webhook_posts_total outcome=taken") >= 3.0);
    assert_eq!(of(&after, "refundry_webhook_posts_total outcome=not_taken"), 0.0);
    assert!(of(&after, "refundry_chain_last_look_timestamp_seconds network=tron") >= secs_before);
    assert!(of(&after, "refundry_chain_block network=tron") >= 1.0);
    assert_eq!(of(&after, "refundry_http_requests_total method=GET route=/metrics status=2xx"), 3.0, "this one is not answered yet");
    assert_eq!(of(&after, "refundry_http_request_duration_seconds_count method=GET route=/metrics"), 3.0);
    let operator = server.person("admin@example.com", domain::merchant::Role::Admin).await;
    let operator = server.engine.session(&operator).await.expect("a look-up").expect("the operator");
    server.engine.stop_payouts(&operator, true).await.expect("stopped");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(of(&scrape(&url).await.1, "refundry_payouts_stopped"), 1.0);
}

/// Reliability 41: what is secret, or somebody's, is in no number, name or label.
async fn nobodys_secrets_are_told(server: TestServer) {
    let (url, _) = server.with_metrics(false).await;
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": format!("{}/canary-path", sink.url) })).await;
    let mut new = server.new_invoice("HA-CANARY");
    new["payer_email"] = json!("canary@payer.example");
    let invoice = server.post("/invoices", &new).await;
    server.pay(&invoice, "150.000000", None).await;
    let refund = server.only_refund(&invoice).await;
    let link = text(&refund["claim_url"]).rsplit('/').next().expect("a token").to_owned();
    let http = reqwest::Client::new();
    for path in [
        format!("/claim/{link}"),
        format!("/claim/{link}x"),
        format!("/api/v1/refunds/{}", text(&refund["id"])),
        format!("/pay/{}", text(&invoice["id"])),
        "/canary-path?canary=1".to_owned(),
    ] {
        http.get(format!("{url}{path}")).bearer_auth(&server.key).send().await.expect("an answer");
    }
    let (told, samples) = scrape(&url).await;
    assert_eq!(of(&samples, "refundry_http_requests_total method=GET route=/claim/{token} status=2xx"), 1.0, "a pattern, no path");
    assert_eq!(of(&samples, "refundry_http_requests_total method=GET route=/api/v1/refunds/{id} status=2xx"), 1.0);
    let secrets = [
        link.as_str(),
        server.key.as_str(),
        text(&endpoint["secret"]),
        text(&refund["id"]),
        text(&invoice["id"]),
        text(&invoice["address"]),
        "canary",
        "CANARY",
        "Halden",
        "EU store",
        "127.0.0.1",
    ];
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
    let mid = server.mid.0.to_string();
    assert!(!told.contains(&mid) && !told.contains(&mid.replace('-', "")));
}

/// A visitor makes up neither routes nor methods: however much is asked, there are no more series.
async fn made_up_paths_and_methods_add_nothing(server: TestServer) {
    let (url, _) = server.with_metrics(false).await;
    let http = reqwest::Client::new();
    let ask = async |number: usize| {
        let method = Method::from_bytes(format!("MADEUP{number}").as_bytes()).expect("a method");
        for (method, path) in
            [(Method::GET, format!("/x{number}")), (Method::GET, format!("/claim/{number}")), (method, "/healthz".to_owned())]
        {
            http.request(method, format!("{url}{path}")).send().await.expect("an answer");
        }
    };
    ask(0).await;
    let known = scrape(&url).await.1.keys().filter(|key| key.starts_with("refundry_")).count();
    for number in 1..20 {
        ask(number).await;
    }
    let (_, samples) = scrape(&url).await;
    let others = of(&samples, "refundry_http_requests_total method=GET route=other status=4xx");
    assert_eq!(others, 20.0);
    let more = samples.keys().filter(|key| key.starts_with("refundry_")).count();
    // The first answer to /metrics itself came after the first count; too many wrong links are told to wait.
    assert!(more <= known.saturating_add(20), "{known} to {more}");
    assert!(samples.keys().all(|key| !key.contains("MADEUP")));
}

/// With an address of their own, the door that everybody reaches knows no metrics.
async fn told_elsewhere_they_are_not_told_here(server: TestServer) {
    let (url, aside) = server.with_metrics(true).await;
    let here = reqwest::get(format!("{url}/metrics")).await.expect("an answer");
    assert_eq!(here.status(), StatusCode::NOT_FOUND);
    assert!(!here.text().await.expect("text").contains("refundry_"));
    let (_, samples) = scrape(&aside).await;
    assert_eq!(of(&samples, "refundry_http_requests_total method=GET route=other status=4xx"), 1.0, "they count what is asked there");
    let other = reqwest::get(format!("{aside}/api/v1/refunds")).await.expect("an answer");
    assert_eq!(other.status(), StatusCode::NOT_FOUND, "nothing else is answered there");
}

/// Without an answer of the database there is one of the process: an alarm sees which of the two is gone.
async fn what_nobody_can_know_is_left_out(server: TestServer) {
    let (url, _) = server.with_metrics(false).await;
    server.execute("ALTER TABLE payouts RENAME TO payouts_gone").await;
    let (_, samples) = scrape(&url).await;
    assert_eq!(of(&samples, "refundry_database_up"), 0.0);
    assert!(!samples.keys().any(|key| key.starts_with("refundry_refunds_open")));
    assert!(samples.contains_key("refundry_events_total type=refund.paid"));
}

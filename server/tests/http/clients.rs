//! Other people's programs, as they are published: the SDK that Cryptomus gives its merchants, and the libraries that verify webhooks after
//! Standard Webhooks, of PyPI and of npm. `scripts/ensure-python-clients.sh` and `scripts/ensure-node-modules.sh` install them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::http::HeaderMap;
use reqwest::Method;
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(
    cryptomus_own_sdk_pays_and_refunds,
    the_standard_library_verifies_every_signature,
    the_public_key_alone_verifies_a_signature
);

/// Runs a program of `end2end/clients` and returns what it prints.
fn run(program: &str, arguments: &[&str]) -> Value {
    run_on(program, arguments, "")
}

/// Runs one that reads its standard input, too.
pub fn run_on(program: &str, arguments: &[&str], input: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/clients");
    let (runs, is_missing) = if program.ends_with(".py") {
        (folder.join("venv/bin/python"), "python: run scripts/ensure-python-clients.sh first")
    } else {
        ("node".into(), "node: install Debian's nodejs")
    };
    let mut command = Command::new(runs);
    command.arg(folder.join(program)).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program_runs = command.spawn().expect(is_missing);
    program_runs.stdin.take().expect("a pipe").write_all(input.as_bytes()).ok();
    let output = program_runs.wait_with_output().expect("its output");
    let (answer, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{program} printed {answer:?} and {errors}"))
}

/// CM-01 to CM-07: made, asked about and refunded by Cryptomus's own code, with another base URL and nothing else.
async fn cryptomus_own_sdk_pays_and_refunds(server: TestServer) {
    let (url, mid) = (format!("{}/compat/cryptomus/", server.url), server.mid.0.to_string());
    let ask = |path: &str, body: &Value| run("cryptomus_client.py", &[&url, &mid, &server.key, path, &body.to_string()]);
    let order = json!({ "amount": "100", "currency": "USD", "order_id": "HA-1", "to_currency": "USDT", "network": "tron" });
    let payment = ask("v1/payment", &order)["result"].clone();
    assert_eq!(payment["payment_status"], "check", "{payment}");
    let refund = json!({ "order_id": "HA-1", "address": tron_address(1), "is_subtract": true });
    let early = ask("v1/payment/refund", &refund);
    assert_eq!(early["raised"], "('Refunds are made only for completed payments', 422)");
    server.pay(&json!({ "id": payment["uuid"] }), text(&payment["payer_amount"]), None).await;
    assert_eq!(ask("v1/payment/info", &json!({ "order_id": "HA-1" }))["result"]["payment_status"], "paid");
    assert_eq!(ask("v1/payment/refund", &refund), json!({ "result": [] }));
    assert_eq!(ask("v1/payment/info", &json!({ "uuid": payment["uuid"] }))["result"]["status"], "refund_process");

    // CM3: what waits for a decision, to an address of the merchant's knowledge.
    let policy = json!({ "on_over": "hold", "destination_source": "merchant" });
    let (status, answer) = server.call(Method::PUT, &format!("/mids/{}/policy", server.mid), Some(&policy)).await;
    assert!(status.is_success(), "{answer}");
    let held = server.invoice("HA-2").await;
    server.pay(&held, "150.000000", None).await;
    let blocked = json!({ "order_id": "HA-2", "address": tron_address(2) });
    let given = ask("v1/wallet/blocked-address-refund", &blocked)["result"].clone();
    assert_eq!(given, json!({ "commission": "1.250000", "amount": "148.750000" }));
    assert_eq!(ask("v1/wallet/blocked-address-refund", &blocked)["raised"], "('You can withdraw only once', 422)");
    let unknown = json!({ "order_id": "HA-9", "address": tron_address(1), "is_subtract": true });
    assert_eq!(ask("v1/payment/refund", &unknown)["raised"], "('Payment was not found', 422)");
}

/// Refundry's own webhooks and those in Txn's words are signed as Standard Webhooks 1.0 says, also while two secrets sign.
async fn the_standard_library_verifies_every_signature(server: TestServer) {
    for dialect in ["native", "txn"] {
        let sink = Sink::start().await;
        let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": dialect })).await;
        let rotated = server.post(&format!("/webhook_endpoints/{}/rotate", text(&endpoint["id"])), &json!({})).await;
        server.work();
        server.overpaid(&format!("HA-{dialect}")).await;
        webhooks::until_any(&sink, text(&rotated["secret"]), |_| sink.all().len() >= 2).await;
        for (headers, body) in sink.all() {
            let received = received(&headers, &body);
            for secret in [&endpoint["secret"], &rotated["secret"]] {
                for library in ["verify_webhook.py", "verify_webhook.mjs"] {
                    let event = run(library, &[text(secret), &received]);
                    assert_eq!(event, serde_json::from_str::<Value>(&body).expect("JSON"), "{library}");
                }
            }
            let tampered = self::received(&headers, &body.replace("USDT", "USDC"));
            let raised = run("verify_webhook.mjs", &[text(&rotated["secret"]), &tampered]);
            assert_eq!(raised["raised"], "No matching signature found");
        }
    }
}

/// Standard Webhooks 1.0, `v1a`: an endpoint that chose it is told a public key, and needs nothing else, also while two keys sign. `both`
/// adds the signature of the secret.
async fn the_public_key_alone_verifies_a_signature(server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url, "signing": "v1a" })).await;
    let (path, first) = (format!("/webhook_endpoints/{}", text(&endpoint["id"])), text(&endpoint["public_key"]));
    let rotated = server.post(&format!("{path}/rotate"), &json!({})).await;
    let second = text(&rotated["public_key"]);
    assert!(first.starts_with("whpk_") && second.starts_with("whpk_") && first != second, "{endpoint} {rotated}");
    server.work();
    server.overpaid("HA-1").await;
    until_received(&sink, 2).await;
    for (headers, body) in sink.all() {
        let signatures = headers["webhook-signature"].to_str().expect("text");
        assert!(signatures.split(' ').all(|signature| signature.starts_with("v1a,")), "{signatures}");
        for key in [first, second] {
            let event = run("verify_v1a.mjs", &[key, &received(&headers, &body)]);
            assert_eq!(event, serde_json::from_str::<Value>(&body).expect("JSON"));
        }
        let tampered = run("verify_v1a.mjs", &[first, &received(&headers, &body.replace("\"type\"", "\"tipo\""))]);
        assert_eq!(tampered["raised"], "no signature is right");
    }
    let known = sink.all().len();
    let both = server.call(Method::PUT, &path, Some(&json!({ "url": sink.url, "signing": "both" }))).await.1;
    assert_eq!((&both["signing"], &both["public_key"]), (&json!("both"), &rotated["public_key"]));
    server.overpaid("HA-2").await;
    until_received(&sink, known.saturating_add(2)).await;
    let (headers, body) = sink.all().pop().expect("a webhook");
    let event = serde_json::from_str::<Value>(&body).expect("JSON");
    assert_eq!(run("verify_v1a.mjs", &[second, &received(&headers, &body)]), event);
    for library in ["verify_webhook.py", "verify_webhook.mjs"] {
        assert_eq!(run(library, &[text(&rotated["secret"]), &received(&headers, &body)]), event, "{library}");
    }
    let v1 = server.call(Method::PUT, &path, Some(&json!({ "url": sink.url, "signing": "v1" }))).await.1;
    assert_eq!(v1.get("public_key"), None);
}

/// Returns a webhook as those programs want it.
fn received(headers: &HeaderMap, body: &str) -> String {
    let headers: BTreeMap<&str, &str> = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    json!({ "headers": headers, "body": body }).to_string()
}

async fn until_received(sink: &Sink, count: usize) {
    for _ in 0..300 {
        if sink.all().len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("only {} of {count} came", sink.all().len());
}

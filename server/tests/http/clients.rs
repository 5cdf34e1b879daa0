//! Other people's programs, as they are published: the SDK that Cryptomus gives its merchants, and the library that verifies webhooks
//! after Standard Webhooks. `scripts/ensure-python-clients.sh` installs them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(cryptomus_own_sdk_pays_and_refunds, the_standard_library_verifies_every_signature);

/// Runs a program of `end2end/clients` and returns what it prints.
fn run(program: &str, arguments: &[&str]) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/clients");
    let output = Command::new(folder.join("venv/bin/python")).arg(folder.join(program)).args(arguments).output();
    let output = output.expect("python: run scripts/ensure-python-clients.sh first");
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
            let headers: BTreeMap<&str, &str> =
                headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
            let received = json!({ "headers": headers, "body": body }).to_string();
            for secret in [&endpoint["secret"], &rotated["secret"]] {
                let event = run("verify_webhook.py", &[text(secret), &received]);
                assert_eq!(event, serde_json::from_str::<Value>(&body).expect("JSON"));
            }
        }
    }
}

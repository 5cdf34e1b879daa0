//! Schemathesis asks everything that the OpenAPI document allows, and everything that it forbids, of a running server: no failure of ours,
//! every answer as described, nothing wrong taken. `scripts/ensure-python-clients.sh` installs it.

use std::path::Path;
use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::addresses::tron_address;
use crate::server::{TestServer, text, token};

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() {
    let server = TestServer::on_sqlite().await;
    let merchant = text(&server.get("/mids").await["data"][0]["merchant"]).to_owned();
    let key = server.engine.add_merchant_key(merchant.parse().expect("an id"), true).await.expect("a key").secret;
    server.post("/webhook_endpoints", &json!({ "url": "http://127.0.0.1:9/" })).await;
    // One refund that can be claimed, one that waits out its delay, and a payment that waits for a person.
    let offered = server.overpaid("HA-1").await;
    let scheduled = server.overpaid("HA-2").await;
    assert_eq!(server.confirm(&token(&scheduled), &tron_address(1)).await.status(), StatusCode::OK);
    let (status, _) = server.call(Method::PUT, &format!("/mids/{}/policy", server.mid.0), Some(&json!({ "on_over": "hold" }))).await;
    assert_eq!(status, StatusCode::OK);
    let held = server.invoice("HA-3").await;
    server.pay(&held, "150.000000", None).await;
    let case = server.get(&format!("/invoices/{}", text(&held["id"]))).await["cases"][0]["id"].clone();
    let delivery = server.get("/webhook_deliveries?limit=1").await["data"][0]["id"].clone();
    server.work();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/clients");
    let mut command = Command::new(folder.join("venv/bin/schemathesis"));
    command.arg("--config-file").arg(folder.join("schemathesis.toml")).arg("run").arg(format!("{}/api/v1/openapi.json", server.url));
    command.current_dir(std::env::temp_dir()).env("NO_COLOR", "1").env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("KEY", key).env("MERCHANT", merchant).env("MID", server.mid.0.to_string());
    for (name, id) in
        [("INVOICE", &held["id"]), ("CASE", &case), ("REFUND", &offered["id"]), ("SCHEDULED", &scheduled["id"]), ("DELIVERY", &delivery)]
    {
        command.env(name, text(id));
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ran");
    let output = output.expect("schemathesis: run scripts/ensure-python-clients.sh first");
    let (report, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{report}\n{errors}");
    assert!(report.contains("passed"), "{report}");
    let found = server.engine.verify_ledger().await.expect("a proof");
    assert!(found.ok, "{:?}", found.violations);
}

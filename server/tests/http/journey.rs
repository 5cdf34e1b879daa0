//! Whole refunds, as a merchant's program and a payer live through them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(
    an_overpaid_invoice_is_paid_back_on_the_chain,
    each_policy_decides_each_scenario,
    an_unclaimed_refund_goes_back_to_the_merchant,
    a_canceled_refund_is_held_again,
    a_failed_payout_is_tried_again,
    a_deposit_reported_twice_is_one,
);

/// Returns what the MID's accounts hold, those that hold nothing left out.
async fn balances(server: &TestServer) -> Vec<(String, String)> {
    let list = server.get("/balances").await;
    let mut held: Vec<(String, String)> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|balance| (text(&balance["account"]).to_owned(), text(&balance["balance"]).to_owned()))
        .filter(|(_, balance)| balance.chars().any(|digit| ('1'..='9').contains(&digit)))
        .collect();
    held.sort();
    held
}

fn held(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(account, balance)| ((*account).to_owned(), (*balance).to_owned())).collect()
}

async fn proves_its_books(server: &TestServer) {
    let found = server.engine.verify_ledger().await.expect("a proof");
    assert!(found.ok && found.entries > 0, "{:?}", found.violations);
}

/// BP-06, BP-09, BP-10, BP-15: the refund says when it was asked for, what it and its fee are in both currencies, and by which transaction
/// it was paid, once it was.
async fn an_overpaid_invoice_is_paid_back_on_the_chain(server: TestServer) {
    server.work();
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url })).await;
    let secret = text(&endpoint["secret"]);
    assert_eq!(server.get("/webhook_endpoints").await["data"][0].get("secret"), None);

    // TX-13: 150.000000 paid for 101.102104.
    let invoice = server.invoice("HA-20418").await;
    assert_eq!((text(&invoice["amount_charged"]), text(&invoice["status"])), ("101.102104", "pending"));
    server.pay(&invoice, "150.000000", None).await;
    let refund = server.only_refund(&invoice).await;
    assert_eq!((text(&refund["amount"]), text(&refund["state"]), text(&refund["reason"])), ("48.897896", "awaiting_claim", "overpaid"));
    assert_eq!((text(&refund["amount_billed"]), text(&refund["billed_currency"]), text(&refund["asset"])), ("48.36", "USD", "USDT-TRON"));
    assert!(refund["created_at"].is_string() && refund["txid"].is_null(), "{refund}");
    assert_eq!(
        balances(&server).await,
        held(&[("custody", "150.000000"), ("merchant_available", "101.102104"), ("refund_payable", "48.897896")])
    );

    // The merchant forwards the link of this webhook; one that is told after the claim carries no link any more.
    webhooks::until(&sink, "refund.claim_available", secret).await;
    let response = server.confirm(&token(&refund), &tron_address(1)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let scheduled = server.until_state(&refund, "scheduled").await;
    assert_eq!(scheduled.get("claim_url"), None);
    assert_eq!((text(&scheduled["fee"]["amount"]), text(&scheduled["net_amount"])), ("1.250000", "47.647896"));
    assert_eq!(text(&scheduled["fee"]["amount_billed"]), "1.24");

    server.post("/sandbox/clock", &json!({ "advance": "PT71H" })).await;
    assert_eq!(server.get(&format!("/refunds/{}", text(&refund["id"]))).await["state"], "scheduled");
    server.post("/sandbox/clock", &json!({ "advance": "PT1H" })).await;
    let paid = server.until_state(&refund, "paid").await;
    assert!(paid["txid"].is_string());
    let states: Vec<&str> = paid["timeline"].as_array().expect("a list").iter().map(|entry| text(&entry["state"])).collect();
    assert_eq!(states, ["awaiting_claim", "scheduled", "sending", "paid"]);

    let events = webhooks::until(&sink, "refund.paid", secret).await;
    let about_refund: Vec<&Value> = events.iter().filter(|event| event["data"]["refund"].is_object()).collect();
    let kinds: Vec<&str> = about_refund.iter().map(|event| text(&event["type"])).collect();
    assert_eq!(kinds, ["refund.created", "refund.claim_available", "refund.claimed", "refund.sending", "refund.paid"]);
    let sequence: Vec<i64> = about_refund.iter().filter_map(|event| event["sequence"].as_i64()).collect();
    assert_eq!(sequence, [1, 2, 3, 4, 5]);
    let with_link: Vec<&str> =
        about_refund.iter().filter(|event| event["data"]["refund"]["claim_url"].is_string()).map(|event| text(&event["type"])).collect();
    assert_eq!(with_link, ["refund.claim_available"]);

    let entries = server.get(&format!("/ledger/entries?refund={}", text(&refund["id"]))).await;
    assert!(entries["data"].as_array().is_some_and(|entries| entries.len() >= 3), "{entries}");
    proves_its_books(&server).await;
}

/// What is refunded and what the merchant keeps, per scenario and policy (TX-02 to TX-04, BV-05 to BV-07); nobody has to ask for it (BP-03,
/// BV-01).
async fn each_policy_decides_each_scenario(server: TestServer) {
    let mid = server.mid.0;
    let base = server.get(&format!("/mids/{mid}/policy")).await["policy"].clone();
    let cases = [
        ("over", "on_over", "credit_all", "150.000000", None, "complete"),
        ("over", "on_over", "settle_and_refund_excess", "150.000000", Some("48.897896"), "complete"),
        ("over", "on_over", "refund_all", "150.000000", Some("150.000000"), "canceled"),
        ("under", "on_under", "credit_all", "60.000000", None, "complete"),
        ("under", "on_under", "refund_all", "60.000000", Some("60.000000"), "underpaid"),
        ("late", "on_late", "credit_all", "101.102104", None, "complete"),
        ("late", "on_late", "refund_all", "101.102104", Some("101.102104"), "expired"),
    ];
    for (index, (scenario, setting, choice, paid, refunded, status)) in cases.into_iter().enumerate() {
        let mut policy = base.clone();
        policy[setting] = json!(choice);
        let (answer, _) = server.call(Method::PUT, &format!("/mids/{mid}/policy"), Some(&policy)).await;
        assert_eq!(answer, StatusCode::OK);

        let invoice = server.invoice(&format!("HA-{index}")).await;
        if scenario == "late" {
            server.post("/sandbox/clock", &json!({ "advance": "PT21M" })).await;
        }
        server.pay(&invoice, paid, None).await;
        if scenario == "under" {
            // Too little is only known once nothing more can come.
            server.post("/sandbox/clock", &json!({ "advance": "PT21M" })).await;
        }
        let invoice = server.get(&format!("/invoices/{}", text(&invoice["id"]))).await;
        let refunds: Vec<&str> = invoice["refunds"].as_array().expect("a list").iter().map(|refund| text(&refund["amount"])).collect();
        assert_eq!(refunds, refunded.into_iter().collect::<Vec<_>>(), "{scenario} with {choice}: {invoice}");
        assert_eq!(invoice["status"], status, "{scenario} with {choice}");
        assert!(invoice["exceptions"].as_array().is_some_and(|flags| flags.contains(&json!(scenario))), "{invoice}");
    }
    proves_its_books(&server).await;
}

async fn an_unclaimed_refund_goes_back_to_the_merchant(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    server.post("/sandbox/clock", &json!({ "advance": "P90D" })).await;
    let expired = server.get(&format!("/refunds/{}", text(&refund["id"]))).await;
    assert_eq!(expired["state"], "expired");
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::CONFLICT);
    assert_eq!(balances(&server).await, held(&[("custody", "150.000000"), ("merchant_available", "150.000000")]));
    proves_its_books(&server).await;
}

async fn a_canceled_refund_is_held_again(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    server.confirm(&token(&refund), &tron_address(1)).await;
    let path = format!("/refunds/{}/cancel", text(&refund["id"]));
    let canceled = server.post(&path, &json!({ "reason": "other", "note": "paid out in the shop" })).await;
    assert_eq!((text(&canceled["state"]), text(&canceled["cancel"]["by"])), ("canceled", "merchant"));
    assert_eq!(canceled["cancel"]["note"], "paid out in the shop");
    let (status, problem) = server.call(Method::POST, &path, Some(&json!({ "reason": "other" }))).await;
    assert_eq!((status, text(&problem["code"])), (StatusCode::CONFLICT, "conflict"));
    let (status, _) = server.call(Method::POST, &format!("/refunds/{}/retry", text(&refund["id"])), None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let expected = held(&[("custody", "150.000000"), ("holding", "48.897896"), ("merchant_available", "101.102104")]);
    assert_eq!(balances(&server).await, expected);
    proves_its_books(&server).await;
}

async fn a_failed_payout_is_tried_again(server: TestServer) {
    server.work();
    let refund = server.overpaid("HA-1").await;
    server.confirm(&token(&refund), &tron_address(1)).await;
    server.post("/sandbox/rail", &json!({ "network": "tron", "mode": "fail" })).await;
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    let failed = server.until_state(&refund, "payout_failed").await;
    assert!(failed["failure"].is_string(), "{failed}");
    server.post("/sandbox/rail", &json!({ "network": "tron", "mode": "ok" })).await;
    server.post(&format!("/refunds/{}/retry", text(&refund["id"])), &json!({})).await;
    server.until_state(&refund, "paid").await;
    proves_its_books(&server).await;
}

async fn a_deposit_reported_twice_is_one(server: TestServer) {
    let invoice = server.invoice("HA-1").await;
    let seen_at = invoice["created_at"].clone();
    let report = |is_final: bool| {
        json!({
            "external_id": "watcher-1", "invoice": invoice["id"], "amount": "150.000000", "asset": "USDT-TRON", "txid": "f00d",
            "seen_at": seen_at, "final": is_final,
        })
    };
    let seen = server.post("/deposits", &report(false)).await;
    assert_eq!(seen["status"], "seen");
    let last = server.post("/deposits", &report(true)).await;
    assert_eq!((&last["id"], text(&last["status"])), (&seen["id"], "final"));
    assert_eq!(server.post("/deposits", &report(true)).await, last);
    let deposits = server.get(&format!("/deposits?invoice={}", text(&invoice["id"]))).await;
    assert_eq!(deposits["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(text(&server.only_refund(&invoice).await["amount"]), "48.897896");
    proves_its_books(&server).await;
}

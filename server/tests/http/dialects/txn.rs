//! Txn's dialect: the documents of its invoice-refunds page, key for key (TX-05 to TX-13).

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::json_keys::keys;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};
use crate::sink::Sink;
use crate::webhooks;

on_both_databases!(
    the_invoice_is_the_documented_one_key_for_key,
    a_link_is_claimed_or_ended,
    only_a_key_reads_it,
    what_is_no_id_is_not_found,
    webhooks_are_the_invoice_with_its_links,
);

/// The invoice payload of "Invoice refunds", Txn's documentation.
const DOCUMENTED: &str = include_str!("txn-invoice.json");

async fn call(server: &TestServer, method: Method, path: &str, key: &str) -> (StatusCode, Value) {
    let request = server.anonymous(method, &format!("/compat/txn/api/public/v1{path}")).bearer_auth(key);
    let answer = request.header("content-type", "application/vnd.api+json").send().await.expect("an answer");
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/vnd.api+json", "{path}");
    (status, answer.json().await.expect("JSON"))
}

/// What is no id is nobody's, and is said as JSON:API, too.
async fn what_is_no_id_is_not_found(server: TestServer) {
    for (method, path) in [
        (Method::GET, "/invoices/HA-1"),
        (Method::GET, "/payment_links/1"),
        (Method::POST, "/payment_links/x/expiration"),
        (Method::GET, "/payment_links"),
        (Method::DELETE, "/invoices/HA-1"),
    ] {
        let (status, document) = call(&server, method, path, &server.key).await;
        assert_eq!((status, &document["errors"][0]["status"]), (StatusCode::NOT_FOUND, &json!("404")), "{path}: {document}");
    }
}

async fn get(server: &TestServer, path: &str) -> Value {
    let (status, document) = call(server, Method::GET, path, &server.key).await;
    assert_eq!(status, StatusCode::OK, "{path}: {document}");
    document
}

/// Returns every path of a document with the type that stands there. What is included is told apart by its type, lists by their first.
fn shape(document: &Value) -> BTreeMap<String, &'static str> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, &'static str>) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        found.insert(path.to_owned(), kind);
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| walk(&format!("{path}.{name}"), member, found)),
            Value::Array(members) => members.iter().for_each(|member| {
                let name = if path == ".included" { text(&member["type"]) } else { "" };
                walk(&format!("{path}[{name}]"), member, found);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = BTreeMap::new();
    walk("", document, &mut found);
    found
}

fn included<'a>(document: &'a Value, kind: &str) -> &'a Value {
    let all = document["included"].as_array().expect("a list");
    &all.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("no {kind} in {document}"))["attributes"]
}

/// TX-10, TX-11, TX-12 and TX-13: the worked example, from 150.000000 USDT for 101.102104; C14: `on_time`, as there.
async fn the_invoice_is_the_documented_one_key_for_key(server: TestServer) {
    let documented: Value = serde_json::from_str(DOCUMENTED).expect("JSON");
    let reference = text(&documented["data"]["attributes"]["reference"]);
    let refund = server.overpaid(reference).await;
    let document = get(&server, &format!("/invoices/{}", text(&refund["invoice"]))).await;
    assert_eq!(shape(&document), shape(&documented));
    let path = format!("/compat/txn/api/public/v1/invoices/{}", text(&refund["invoice"]));
    let raw = server.anonymous(Method::GET, &path).bearer_auth(&server.key).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(keys(&raw), keys(DOCUMENTED), "in the documented order");

    // What must be the same but for times and ids.
    let same = |found: &Value, expected: &Value, names: &[&str]| {
        for name in names {
            assert_eq!(found[name], expected[name], "{name}");
        }
    };
    let names = ["amountBilled", "amountCharged", "billedCurrency", "chargedCurrency", "exchangeRate", "network", "networkName"];
    same(&document["data"]["attributes"], &documented["data"]["attributes"], &names);
    let names = ["paymentStatus", "reference", "status", "statusContext", "successRedirectUrl", "unsuccessRedirectUrl"];
    same(&document["data"]["attributes"], &documented["data"]["attributes"], &names);
    let link = ["amount", "currency", "paymentType", "reference", "status"];
    same(included(&document, "paymentLinks"), included(&documented, "paymentLinks"), &link);
    let coins = ["amount", "currencyCode", "state"];
    same(included(&document, "coinTransactions"), included(&documented, "coinTransactions"), &coins);
    let quote = ["amountCharged", "amountChargedCurrency", "amountReceivedCurrency", "rate", "rateCurrency"];
    same(included(&document, "exchangeQuotes"), included(&documented, "exchangeQuotes"), &quote);

    // TX-09: ninety days. TX-07, C21: the link opens the claim page, and its secret is not the refund's id.
    let link = included(&document, "paymentLinks");
    assert_eq!(link["hostedPageUrl"], refund["claim_url"]);
    assert!(!text(&link["hostedPageUrl"]).contains(text(&refund["id"])));
    let at = |name: &str| text(&link[name]).parse::<jiff::Timestamp>().expect("an instant");
    assert_eq!(at("expiresAt").duration_since(at("createdAt")).as_hours(), 24 * 90);
}

/// TX2: claimed is completed, whatever becomes of the payout. TX3: only what nobody claimed can be ended.
async fn a_link_is_claimed_or_ended(server: TestServer) {
    let (claimed, ended) = (server.overpaid("HA-1").await, server.overpaid("HA-2").await);
    let path = |refund: &Value| format!("/payment_links/{}", text(&refund["id"]));
    let status = async |refund: &Value| get(&server, &path(refund)).await["data"]["attributes"]["status"].clone();
    assert_eq!(status(&claimed).await, "created");
    assert!(server.confirm(&token(&claimed), &tron_address(1)).await.status().is_success());
    assert_eq!(status(&claimed).await, "completed");

    let (code, document) = call(&server, Method::POST, &format!("{}/expiration", path(&claimed)), &server.key).await;
    assert_eq!((code, &document["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("conflict")), "{document}");
    let (code, document) = call(&server, Method::POST, &format!("{}/expiration", path(&ended)), &server.key).await;
    assert_eq!((code, &document["data"]["attributes"]["status"]), (StatusCode::OK, &json!("expired")), "{document}");
    assert_eq!(document["data"]["attributes"]["hostedPageUrl"], Value::Null, "the link opens nothing any more");
    assert_eq!(server.get(&format!("/refunds/{}", text(&ended["id"]))).await["state"], "canceled");
}

async fn only_a_key_reads_it(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let path = format!("/invoices/{}", text(&refund["invoice"]));
    let (status, document) = call(&server, Method::GET, &path, "rk_wrong").await;
    assert_eq!((status, &document["errors"][0]["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")));
    let (_, foreign) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let foreign = server.engine.add_key(foreign, true).await.expect("a key").secret;
    let (status, document) = call(&server, Method::GET, &path, &foreign).await;
    assert_eq!((status, &document["errors"][0]["status"]), (StatusCode::NOT_FOUND, &json!("404")));
}

/// TX-05: an endpoint gets the whole document, with the link to share, at each change of the invoice or of a link; TX2: not of a payout.
async fn webhooks_are_the_invoice_with_its_links(server: TestServer) {
    let sink = Sink::start().await;
    let endpoint = server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": "txn" })).await;
    assert_eq!(endpoint["dialect"], "txn");
    let secret = text(&endpoint["secret"]).to_owned();
    server.work();
    let documented: Value = serde_json::from_str(DOCUMENTED).expect("JSON");
    let refund = server.overpaid(text(&documented["data"]["attributes"]["reference"])).await;
    let link_is = |status: &'static str| {
        move |document: &Value| {
            let links = document["included"].as_array().expect("a list").iter().filter(|one| one["type"] == "paymentLinks");
            links.map(|link| &link["attributes"]["status"]).any(|found| found == status)
        }
    };
    let told = webhooks::until_any(&sink, &secret, link_is("created")).await;
    let offered = told.iter().find(|document| link_is("created")(document)).expect("one with a link");
    assert_eq!(shape(offered), shape(&documented));
    assert_eq!(included(offered, "paymentLinks")["hostedPageUrl"], refund["claim_url"]);

    assert!(server.confirm(&token(&refund), &tron_address(1)).await.status().is_success());
    webhooks::until_any(&sink, &secret, link_is("completed")).await;
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    server.until_state(&refund, "paid").await;
    // What is told next shows that nothing of the payout was.
    let before = sink.all().len();
    let other = server.overpaid("HA-2").await;
    let of_other = |document: &Value| document["data"]["id"] == other["invoice"];
    webhooks::until_any(&sink, &secret, of_other).await;
    assert!(sink.all().iter().skip(before).all(|(_, body)| of_other(&serde_json::from_str(body).expect("JSON"))));
}

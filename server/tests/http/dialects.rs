//! Dialects: other systems' APIs, spoken as their clients speak them.

mod bitpay;
mod btcpay;
mod bvnk;
mod cryptomus;
mod cryptopay;
mod txn;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::TestServer;

on_both_databases!(what_is_not_there_is_an_error_in_each_systems_words);

/// Clients that look at the body alone see an error where they call what Refundry does not answer, and are told what they called.
async fn what_is_not_there_is_an_error_in_each_systems_words(server: TestServer) {
    let ask = async |method: Method, path: &str| -> Value {
        let answer = server.anonymous(method, path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        answer.json().await.expect("JSON")
    };
    let said =
        |method: &str, path: &str| json!(format!("Refundry does not answer {method} {path}: its README lists the calls that it does"));
    let bills = ask(Method::GET, "/compat/bitpay/bills").await;
    assert_eq!((&bills["status"], &bills["code"], &bills["data"]), (&json!("error"), &json!("000000"), &Value::Null));
    assert_eq!(bills["error"], said("GET", "/compat/bitpay/bills"));
    assert_eq!(
        ask(Method::GET, "/compat/cryptomus/v1/payment").await,
        json!({ "state": 1, "message": said("GET", "/compat/cryptomus/v1/payment") })
    );
    assert_eq!(ask(Method::POST, "/compat/heleket/v1/payout").await["state"], 1);
    assert_eq!(ask(Method::PUT, "/compat/cryptopay/api/invoices").await["error"]["message"], said("PUT", "/compat/cryptopay/api/invoices"));
    assert_eq!(ask(Method::GET, "/compat/btcpay/api/v1/stores").await["code"], "not-found");
    assert_eq!(ask(Method::GET, "/compat/txn/api/public/v1/invoices").await["errors"][0]["status"], "404");
    assert_eq!(ask(Method::GET, "/compat/coinbase/charges").await["code"], "not_found");
}

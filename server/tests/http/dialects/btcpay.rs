//! BTCPay's dialect: an invoice's refund in its five variants, each a pull payment.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::{TestServer, text};

on_both_databases!(each_variant_is_a_pull_payment, each_refusal_is_told_as_greenfield_does, only_a_key_of_the_store_lets_in);

async fn send(server: &TestServer, authorization: &str, store: &str, invoice: &Value, body: &Value) -> (StatusCode, Value) {
    let path = format!("/compat/btcpay/api/v1/stores/{store}/invoices/{}/refund", text(&invoice["id"]));
    let request = server.anonymous(Method::POST, &path).header("content-type", "application/json");
    let answer = request.header("authorization", authorization).body(body.to_string()).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn refund(server: &TestServer, invoice: &Value, body: Value) -> (StatusCode, Value) {
    send(server, &format!("token {}", server.key), &server.mid.0.to_string(), invoice, &body).await
}

async fn pull_payment(server: &TestServer, invoice: &Value, body: Value) -> Value {
    let (status, answer) = refund(server, invoice, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

async fn paid(server: &TestServer, reference: &str) -> Value {
    let invoice = server.invoice(reference).await;
    server.pay(&invoice, "101.102104", None).await;
    invoice
}

async fn each_variant_is_a_pull_payment(server: TestServer) {
    // A sandbox dollar is a sandbox USDT today; the invoices were priced at 0.9890991.
    let cases = [
        (json!({ "refundVariant": "RateThen" }), ("101.102104", "USDT"), "101.102104"),
        (json!({ "refundVariant": "RateThen", "subtractPercentage": "2.5" }), ("98.574551", "USDT"), "98.574551"),
        (json!({ "refundVariant": "CurrentRate" }), ("100.000000", "USDT"), "100.000000"),
        (json!({ "refundVariant": "Fiat" }), ("100.00", "USD"), "100.000000"),
        (json!({ "refundVariant": "Fiat", "subtractPercentage": 0.01 }), ("99.99", "USD"), "99.990000"),
        (json!({ "refundVariant": "Custom", "customAmount": "5.00", "customCurrency": "USD" }), ("5.00", "USD"), "5.000000"),
        (json!({ "refundVariant": "Custom", "customAmount": 7.5, "customCurrency": "USDT" }), ("7.500000", "USDT"), "7.500000"),
        (
            json!({ "refundVariant": "Custom", "customAmount": "10", "customCurrency": "USDT", "subtractPercentage": "50" }),
            ("5.000000", "USDT"),
            "5.000000",
        ),
    ];
    for (number, (mut body, (amount, currency), coins)) in cases.into_iter().enumerate() {
        let invoice = paid(&server, &format!("HA-{number}")).await;
        body["name"] = json!("RMA 7");
        body["description"] = json!("Sorry!");
        body["payoutMethodId"] = json!("USDT-CHAIN");
        // Its name before version 2: some clients send both.
        body["paymentMethod"] = json!("USDT");
        let pulled = pull_payment(&server, &invoice, body.clone()).await;
        assert_eq!((&pulled["amount"], &pulled["currency"]), (&json!(amount), &json!(currency)), "{body}");
        assert_eq!((&pulled["name"], &pulled["description"]), (&json!("RMA 7"), &json!("Sorry!")));
        assert_eq!((&pulled["archived"], pulled["expiresAt"].is_i64()), (&json!(false), true), "{pulled}");
        let made = server.only_refund(&invoice).await;
        assert_eq!((&made["id"], &made["amount"], &made["claim_url"]), (&pulled["id"], &json!(coins), &pulled["viewLink"]), "{body}");
        assert_eq!(pull_payment(&server, &invoice, body).await, pulled, "the same request is the same refund");
    }

    // What was paid too much is on offer already: nobody is offered it twice.
    let offered = server.overpaid("HA-over").await;
    let invoice = json!({ "id": offered["invoice"] });
    let pulled = pull_payment(&server, &invoice, json!({ "refundVariant": "OverpaidAmount" })).await;
    assert_eq!((&pulled["id"], &pulled["amount"]), (&offered["id"], &json!("48.897896")));
    assert_eq!(pulled["viewLink"], offered["claim_url"]);
    // Where the policy kept it for the merchant, it is given back.
    let path = format!("/mids/{}/policy", server.mid.0);
    let (status, answer) = server.call(Method::PUT, &path, Some(&json!({ "on_over": "credit_all" }))).await;
    assert!(status.is_success(), "{answer}");
    let kept = server.invoice("HA-kept").await;
    server.pay(&kept, "150.000000", None).await;
    let pulled = pull_payment(&server, &kept, json!({ "refundVariant": "OverpaidAmount" })).await;
    assert_eq!((&pulled["amount"], &server.only_refund(&kept).await["amount"]), (&json!("48.897896"), &json!("48.897896")));
}

async fn each_refusal_is_told_as_greenfield_does(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    for (body, path) in [
        (json!({}), "RefundVariant"),
        (json!({ "refundVariant": "OverpaidAmount" }), "RefundVariant"),
        (json!({ "refundVariant": "Custom" }), "CustomAmount"),
        (json!({ "refundVariant": "Custom", "customAmount": "-1", "customCurrency": "USD" }), "CustomAmount"),
        (json!({ "refundVariant": "Custom", "customAmount": "1.001", "customCurrency": "USD" }), "CustomAmount"),
        (json!({ "refundVariant": "Custom", "customAmount": "1" }), "CustomCurrency"),
        (json!({ "refundVariant": "Custom", "customAmount": "1", "customCurrency": "EUR" }), "CustomCurrency"),
        (json!({ "refundVariant": "RateThen", "subtractPercentage": "100" }), "SubtractPercentage"),
        (json!({ "refundVariant": "RateThen", "payoutMethodId": "BTC-LN" }), "PayoutMethodId"),
        (json!({ "refundVariant": "RateThen", "paymentMethod": "BTC-LN" }), "PayoutMethodId"),
        (json!({ "refundVariant": "RateThen", "customAmount": "1" }), "CustomAmount"),
        (json!({ "refundVariant": "Fiat", "customCurrency": "USD" }), "CustomCurrency"),
        (json!({ "refundVariant": "RateThen", "name": "n".repeat(101) }), "Name"),
        (json!({ "refundVariant": "RateThen", "description": "d".repeat(501) }), "Description"),
    ] {
        let (status, answer) = refund(&server, &invoice, body.clone()).await;
        assert_eq!((status, &answer[0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(path)), "{body}: {answer}");
    }
    let open = server.invoice("HA-2").await;
    let all = json!({ "refundVariant": "RateThen" });
    let (status, answer) = refund(&server, &open, all.clone()).await;
    assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &json!("non-refundable")), "{answer}");
    let (status, answer) = refund(&server, &json!({ "id": "none" }), all.clone()).await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("invoice-not-found")));
    let more = json!({ "refundVariant": "Custom", "customAmount": "101.102105", "customCurrency": "USDT" });
    assert_eq!(refund(&server, &invoice, more).await.1["code"], "overdraft");
    assert_eq!(server.get("/refunds").await["data"], json!([]), "nothing of that did anything");
}

async fn only_a_key_of_the_store_lets_in(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let (body, store) = (json!({ "refundVariant": "RateThen" }), server.mid.0.to_string());
    for authorization in ["token rk_wrong", "", &format!("Bearer {}", server.key)] {
        let (status, answer) = send(&server, authorization, &store, &invoice, &body).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")), "{authorization}");
    }
    let reader = server.engine.add_key(server.mid, false).await.expect("a key").secret;
    let (status, answer) = send(&server, &format!("token {reader}"), &store, &invoice, &body).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("missing-permission")));
    assert_eq!(answer["missingPermission"], "btcpay.store.cancreatenonapprovedpullpayments");
    let (_, other) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let foreign = server.engine.add_key(other, true).await.expect("a key").secret;
    for store in [store, other.0.to_string()] {
        let (status, _) = send(&server, &format!("token {foreign}"), &store, &invoice, &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{store}");
    }
}

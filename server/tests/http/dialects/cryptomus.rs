//! Cryptomus's dialect: its paths, signatures and sentences (CM-01 to CM-13).

use base64::Engine as _;
use domain::merchant::Guard;
use md5::{Digest, Md5};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text};
use crate::sink::Sink;

on_both_databases!(
    a_payment_is_made_paid_and_refunded,
    each_refusal_has_its_sentence,
    only_a_key_of_the_mid_signs,
    clients_write_flags_in_many_ways,
    numbers_keep_their_digits,
    what_is_held_goes_back_to_an_address_once,
    each_change_is_told_to_the_payments_own_url,
);

/// Posts what a client posts, signed with a key of the MID, and returns the answer.
async fn call(server: &TestServer, path: &str, body: &Value) -> (StatusCode, Value) {
    send(server, &server.mid.0.to_string(), &server.key, path, &body.to_string()).await
}

async fn send(server: &TestServer, merchant: &str, key: &str, path: &str, body: &str) -> (StatusCode, Value) {
    let text = base64::engine::general_purpose::STANDARD.encode(body);
    let sign: String = Md5::digest(format!("{text}{key}")).iter().map(|byte| format!("{byte:02x}")).collect();
    let request = server.anonymous(Method::POST, &format!("/compat/{path}"));
    let request = request.header("merchant", merchant).header("sign", sign).header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn done(server: &TestServer, path: &str, body: &Value) -> Value {
    let (status, answer) = call(server, path, body).await;
    assert_eq!((status, &answer["state"]), (StatusCode::OK, &json!(0)), "{path}: {answer}");
    answer["result"].clone()
}

/// Returns the whole body of a refusal, which is always 422 (CM-06, C11).
async fn refused(server: &TestServer, path: &str, body: &Value) -> Value {
    let (status, answer) = call(server, path, body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {answer}");
    answer
}

async fn status(server: &TestServer, order: &str) -> Value {
    done(server, "cryptomus/v1/payment/info", &json!({ "order_id": order })).await["payment_status"].clone()
}

/// CM-01, CM-03, CM-04, CM-05: from the payment to the refund's last status, in both sisters' words.
async fn a_payment_is_made_paid_and_refunded(server: TestServer) {
    let order = json!({
        "amount": "100", "currency": "USD", "order_id": "HA-1", "to_currency": "USDT", "network": "tron", "lifetime": 1200,
        "additional_data": "till 4", "subtract": 0,
    });
    let payment = done(&server, "cryptomus/v1/payment", &order).await;
    assert_eq!((&payment["payment_status"], &payment["is_final"]), (&json!("check"), &json!(false)), "{payment}");
    assert_eq!(
        (&payment["payer_currency"], &payment["network"], &payment["additional_data"]),
        (&json!("USDT"), &json!("tron"), &json!("till 4"))
    );
    assert!(text(&payment["url"]).contains("/pay/"), "{payment}");
    assert_eq!(done(&server, "cryptomus/v1/payment", &order).await["uuid"], payment["uuid"], "the same order is the same payment");

    let invoice = json!({ "id": payment["uuid"] });
    server.pay(&invoice, text(&payment["payer_amount"]), None).await;
    assert_eq!(status(&server, "HA-1").await, "paid");

    // C8: `is_subtract` says that the merchant pays the network's fee, here from what another order brought.
    let other = server.invoice("HA-2").await;
    server.pay(&other, "101.102104", None).await;
    let address = tron_address(1);
    let refund = json!({ "uuid": payment["uuid"], "order_id": "another", "address": address, "is_subtract": "true" });
    assert_eq!(done(&server, "cryptomus/v1/payment/refund", &refund).await, json!([]), "no id");
    assert_eq!(done(&server, "cryptomus/v1/payment/refund", &refund).await, json!([]), "the same request is the same refund");
    let made = server.only_refund(&invoice).await;
    assert_eq!((text(&made["state"]), text(&made["fee"]["bearer"])), ("scheduled", "merchant"));
    assert_eq!((&made["net_amount"], &made["amount"]), (&payment["payer_amount"], &payment["payer_amount"]));
    assert_eq!(status(&server, "HA-1").await, "refund_process");

    server.work();
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    let paid = server.until_state(&made, "paid").await;
    let told = done(&server, "cryptomus/v1/payment/info", &json!({ "uuid": payment["uuid"] })).await;
    assert_eq!((&told["status"], &told["is_final"], &told["refund_txid"]), (&json!("refund_paid"), &json!(true), &paid["txid"]));
    let again = done(&server, "heleket/v1/payment/refund", &refund).await;
    assert_eq!((&again["status"], &again["txid"], &again["address"]), (&json!("refund_paid"), &paid["txid"], &json!(address)));
}

async fn each_refusal_has_its_sentence(server: TestServer) {
    const REFUND: &str = "cryptomus/v1/payment/refund";
    let to = |which: Value| {
        let mut body = json!({ "address": tron_address(2), "is_subtract": true });
        body.as_object_mut().expect("an object").extend(which.as_object().expect("an object").clone());
        body
    };
    let sentence = |message: &str| json!({ "state": 1, "message": message });

    let unknown = json!({ "uuid": "8b03432e-385b-4670-8d06-064591096795" });
    assert_eq!(refused(&server, REFUND, &to(unknown)).await, sentence("Payment was not found"), "CM-07");
    let neither = json!({ "state": 1, "errors": { "uuid": ["validation.required_without"], "order_id": ["validation.required_without"] } });
    assert_eq!(refused(&server, REFUND, &to(json!({}))).await, neither, "CM-08");

    let open = server.invoice("HA-1").await;
    let open = to(json!({ "uuid": open["id"] }));
    assert_eq!(refused(&server, REFUND, &open).await, sentence("Refunds are made only for completed payments"), "CM-11");

    let invoice = server.invoice("HA-2").await;
    server.pay(&invoice, "101.102104", None).await;
    let paid = json!({ "order_id": "HA-2" });
    done(&server, REFUND, &to(paid.clone())).await;
    let other = json!({ "order_id": "HA-2", "address": tron_address(3), "is_subtract": true });
    let more = sentence("The refund amount should not be more than the amount paid");
    assert_eq!(refused(&server, REFUND, &other).await, more, "CM-12");

    let wrong = refused(&server, REFUND, &json!({ "order_id": "HA 2!", "is_subtract": "perhaps" })).await;
    let errors = json!({
        "order_id": ["validation.alpha_dash"], "address": ["validation.required"], "is_subtract": ["validation.boolean"],
    });
    assert_eq!(wrong, json!({ "state": 1, "errors": errors }));
    let unrefunded = server.invoice("HA-3").await;
    server.pay(&unrefunded, "101.102104", None).await;
    let elsewhere = refused(&server, REFUND, &json!({ "order_id": "HA-3", "address": "0x00", "is_subtract": "1" })).await;
    assert_eq!(elsewhere["errors"]["address"], json!(["This does not look like a wallet address."]));

    let operator = engine::callers::Caller::operator();
    let caller = server.engine.key(&server.key).await.expect("a look-up").expect("the key");
    let merchant = server.engine.mids(&caller).await.expect("the MIDs")[0].merchant;
    server.engine.freeze(merchant, engine::freezes::SensitiveChange::Password).await.expect("frozen");
    assert_eq!(refused(&server, REFUND, &to(paid.clone())).await, sentence("You are forbidden"), "CM-09");
    server.engine.lift_freeze(&operator, merchant).await.expect("lifted");
    done(&server, REFUND, &to(paid)).await;
    server.engine.guard_mid(&operator, server.mid, Guard::Suspended).await.expect("suspended");
    let third = to(json!({ "order_id": "HA-3" }));
    assert_eq!(refused(&server, REFUND, &third).await, sentence("You are forbidden"), "CM-09");
    server.engine.guard_mid(&operator, server.mid, Guard::Open).await.expect("open");
    // The operator's settings have the coin no more.
    server.execute("UPDATE invoices SET asset = 'USDT-GONE' WHERE reference = 'HA-3'").await;
    assert_eq!(refused(&server, REFUND, &third).await, sentence("Undefined merchant wallet"), "CM-10");
}

async fn only_a_key_of_the_mid_signs(server: TestServer) {
    let (mid, body) = (server.mid.0.to_string(), json!({ "order_id": "HA-1" }).to_string());
    server.invoice("HA-1").await;
    let info = async |merchant: &str, key: &str| send(&server, merchant, key, "cryptomus/v1/payment/info", &body).await;
    assert_eq!(info(&mid, &server.key).await.0, StatusCode::OK);
    let second = server.engine.add_key(server.mid, false).await.expect("a key");
    assert_eq!(info(&mid, &second.secret).await.0, StatusCode::OK, "clients differ in which of their keys signs");

    let (_, foreign) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let foreign_key = server.engine.add_key(foreign, true).await.expect("a key").secret;
    for (merchant, key) in [(mid.as_str(), foreign_key.as_str()), (mid.as_str(), "rk_wrong"), ("no id", server.key.as_str())] {
        let (status, answer) = info(merchant, key).await;
        assert_eq!((status, answer), (StatusCode::UNAUTHORIZED, json!({ "state": 1, "message": "Invalid sign" })));
    }
    let (status, answer) = info(&foreign.0.to_string(), &foreign_key).await;
    assert_eq!((status, &answer["message"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("Payment was not found")));

    // A key that only reads refunds nothing.
    let refund = json!({ "order_id": "HA-1", "address": tron_address(1), "is_subtract": true }).to_string();
    let (_, answer) = send(&server, &mid, &second.secret, "cryptomus/v1/payment/refund", &refund).await;
    assert_eq!(answer["message"], "You are forbidden");
    server.engine.revoke_key(&engine::callers::Caller::operator(), second.id).await.expect("revoked");
    assert_eq!(info(&mid, &second.secret).await.0, StatusCode::UNAUTHORIZED);
}

/// C7: booleans as text and digits; fields in the query, where the body does not have them.
async fn clients_write_flags_in_many_ways(server: TestServer) {
    for (number, flag) in [json!(true), json!("true"), json!("1"), json!(1)].into_iter().enumerate() {
        let invoice = server.invoice(&format!("HA-{number}")).await;
        server.pay(&invoice, "101.102104", None).await;
        let body = json!({ "uuid": invoice["id"], "address": tron_address(4), "is_subtract": flag });
        done(&server, "cryptomus/v1/payment/refund", &body).await;
        assert_eq!(server.only_refund(&invoice).await["fee"]["bearer"], "merchant", "{flag}");
    }
    let invoice = server.invoice("HA-9").await;
    server.pay(&invoice, "101.102104", None).await;
    let query = format!("cryptomus/v1/payment/refund?order_id=HA-9&address={}&is_subtract=0", tron_address(5));
    let (status, answer) = send(&server, &server.mid.0.to_string(), &server.key, &query, "").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(server.only_refund(&invoice).await["fee"]["bearer"], "payer");
}

/// C20: an amount written as a number has all the digits that it was written with, where a float would keep seventeen.
async fn numbers_keep_their_digits(server: TestServer) {
    let (mid, body) =
        (server.mid.0.to_string(), r#"{"amount":1e2,"currency":"USD","order_id":12345678901234567890123,"to_currency":"USDT"}"#);
    let (status, answer) = send(&server, &mid, &server.key, "cryptomus/v1/payment", body).await;
    assert_eq!((status, &answer["result"]["order_id"]), (StatusCode::OK, &json!("12345678901234567890123")), "{answer}");
    assert_eq!(answer["result"]["amount"], "100.00");
}

/// CM3: a payment that waits for a decision is given back whole; where the payer says where to, nothing is decided.
async fn what_is_held_goes_back_to_an_address_once(server: TestServer) {
    const BLOCKED: &str = "cryptomus/v1/wallet/blocked-address-refund";
    let policy = async |destination: &str| {
        let body = json!({ "on_over": "hold", "destination_source": destination });
        let (status, answer) = server.call(Method::PUT, &format!("/mids/{}/policy", server.mid), Some(&body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    };
    policy("payer_claim").await;
    let invoice = server.invoice("HA-1").await;
    server.pay(&invoice, "150.000000", None).await;
    let to = |order: &str| json!({ "order_id": order, "address": tron_address(1) });
    assert!(refused(&server, BLOCKED, &to("HA-1")).await["errors"]["refund"].is_array());
    assert_eq!(server.get("/invoices").await["data"][0]["cases"][0]["state"], "manual", "nothing was decided");

    policy("merchant").await;
    let invoice = server.invoice("HA-2").await;
    server.pay(&invoice, "150.000000", None).await;
    let wrong = refused(&server, BLOCKED, &json!({ "order_id": "x".repeat(33), "address": "short" })).await;
    assert_eq!(wrong["errors"], json!({ "order_id": ["validation.max.string"], "address": ["validation.min.string"] }));
    let given = done(&server, BLOCKED, &to("HA-2")).await;
    let refund = server.only_refund(&invoice).await;
    assert_eq!((text(&refund["state"]), text(&refund["amount"])), ("scheduled", "150.000000"));
    assert_eq!((&given["amount"], &given["commission"]), (&refund["net_amount"], &refund["fee"]["amount"]));
    let sentence = |message: &str| json!({ "state": 1, "message": message });
    assert_eq!(refused(&server, BLOCKED, &to("HA-2")).await, sentence("You can withdraw only once"));
    assert_eq!(refused(&server, BLOCKED, &to("HA-9")).await, sentence("Not found"));
    server.invoice("HA-3").await;
    assert_eq!(refused(&server, BLOCKED, &to("HA-3")).await, sentence("Not found"), "nothing is held of it");
}

/// CM2: a payment's own URL hears of each change of its status, of nothing else, signed with the key that named it.
async fn each_change_is_told_to_the_payments_own_url(server: TestServer) {
    let sink = Sink::start().await;
    server.work();
    let order = |callback: &str| {
        json!({
            "amount": "100", "currency": "USD", "order_id": "HA-1", "to_currency": "USDT", "network": "tron",
            "url_callback": callback, "additional_data": "till 4/5",
        })
    };
    let wrong = refused(&server, "heleket/v1/payment", &order("ftp://shop.example")).await;
    assert!(text(&wrong["errors"]["url_callback"][0]).starts_with("validation.url"), "{wrong}");
    let payment = done(&server, "heleket/v1/payment", &order(&sink.url)).await;
    done(&server, "heleket/v1/payment", &order("http://127.0.0.1:9/second")).await;
    let other = server.invoice("HA-2").await;
    server.pay(&other, "101.102104", None).await;
    server.pay(&json!({ "id": payment["uuid"] }), text(&payment["payer_amount"]), None).await;
    let paid = told(&server, &sink, "paid").await;
    assert_eq!(paid["payment_amount"], payment["payer_amount"]);
    assert_eq!((&paid["merchant_amount"], &paid["payment_amount_usd"]), (&payment["payer_amount"], &json!("100.00")));
    assert_eq!((&paid["uuid"], &paid["is_final"], &paid["additional_data"]), (&payment["uuid"], &json!(true), &json!("till 4/5")));
    assert!(paid["txid"].is_string() && paid["from"].is_string() && paid["wallet_address_uuid"].is_null(), "{paid}");

    let refund = json!({ "uuid": payment["uuid"], "address": tron_address(1), "is_subtract": false });
    done(&server, "heleket/v1/payment/refund", &refund).await;
    told(&server, &sink, "refund_process").await;
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    told(&server, &sink, "refund_paid").await;
    let statuses: Vec<Value> = sink.all().iter().map(|(_, body)| verified(&server.key, body)["status"].clone()).collect();
    assert_eq!(statuses, ["paid", "refund_process", "refund_paid"], "seen and paid at one moment is told once");
    assert_eq!(server.get("/webhook_endpoints").await["data"], json!([]), "a payment's own URL is no endpoint of the shop");
}

/// Waits until a status was told, and returns what was.
async fn told(server: &TestServer, sink: &Sink, status: &str) -> Value {
    for _ in 0..300 {
        let bodies = sink.all().into_iter().map(|(_, body)| verified(&server.key, &body));
        if let Some(found) = bodies.into_iter().find(|body| body["status"] == status) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{status} was not told: {:?}", sink.all());
}

/// Checks the signature as PHP programs do: over what they would encode again without `sign`.
fn verified(key: &str, body: &str) -> Value {
    let (before, sign) = body.rsplit_once(",\"sign\":\"").expect("a signature at the end");
    assert!(!body.replace("\\/", "").contains('/'), "PHP escapes slashes: {body}");
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{before}}}"));
    let expected: String = Md5::digest(format!("{text}{key}")).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sign.trim_end_matches("\"}"), expected, "{body}");
    serde_json::from_str(body).expect("JSON")
}

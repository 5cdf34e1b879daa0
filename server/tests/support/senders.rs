//! What BTCPay Server, Cryptomus and NOWPayments send, and how they sign it.

use base64::Engine as _;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

/// What all of them sign with in these tests.
pub const SECRET: &str = "vrNk2pXo5tQ8wLz1";

/// Returns BTCPay's webhook about a payment.
pub fn btcpay(event: &str, order: &str, payment: &str, value: &str, received: Timestamp) -> Value {
    json!({
        "deliveryId": "A", "webhookId": "W", "originalDeliveryId": "A", "isRedelivery": false, "type": event,
        "timestamp": received.as_second(), "storeId": "S", "invoiceId": "I", "metadata": { "orderId": order },
        "afterExpiration": false, "paymentMethodId": "USDT-TRON",
        "payment": { "id": payment, "receivedDate": received.as_second(), "value": value, "fee": "0.0", "destination": "T" },
    })
}

/// Signs as BTCPay does.
pub fn btcpay_signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    format!("sha256={}", hexadecimal(&mac.finalize().into_bytes()))
}

/// Returns Cryptomus's webhook about a payment, with its signature, as PHP writes it.
pub fn cryptomus(status: &str, order: &str, paid: &str) -> String {
    let is_final = matches!(status, "paid" | "paid_over" | "wrong_amount");
    let unsigned = format!(
        "{{\"type\":\"payment\",\"uuid\":\"8b03432e-385b-4670-8d06-064591096795\",\"order_id\":\"{order}\",\"amount\":\"100.00\",\
         \"payment_amount\":\"{paid}\",\"is_final\":{is_final},\"status\":\"{status}\",\"from\":null,\"network\":\"tron\",\"currency\":\"USD\",\
         \"payer_currency\":\"USDT\",\"additional_data\":\"till 4\\/5 é\",\"txid\":\"6f0d9c8374db57cac0d806251473de754f361c83a03cd805f74aa9da3193486b\"}}"
    );
    let text = base64::engine::general_purpose::STANDARD.encode(&unsigned);
    let sign = hexadecimal(&Md5::new().chain_update(text).chain_update(SECRET).finalize());
    format!("{},\"sign\":\"{sign}\"}}", unsigned.trim_end_matches('}'))
}

/// Returns NOWPayments' notification about a payment; its keys stand in order already.
pub fn nowpayments(status: &str, order: &str, paid: &str) -> String {
    format!(
        "{{\"actually_paid\":{paid},\"order_id\":\"{order}\",\"pay_amount\":101.102104,\"pay_currency\":\"usdttrc20\",\
         \"payment_id\":5077125051,\"payment_status\":\"{status}\",\"price_amount\":100,\"price_currency\":\"usd\"}}"
    )
}

/// Signs as NOWPayments does.
pub fn nowpayments_signature(body: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    hexadecimal(&mac.finalize().into_bytes())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What BTCPay tells in the life of one order, in the order it happened: three payments that only together are more than 101.102104, and
/// one that another transaction replaced. `name` names the order's payments.
pub fn stream(order: &str, name: &str, received: Timestamp) -> Vec<String> {
    let payment = |event: &str, number: u8, value: &str| btcpay(event, order, &format!("{name}{number}-0"), value, received);
    let whole = |event: &str| {
        let mut body = payment(event, 0, "0");
        for field in ["payment", "paymentMethodId"] {
            body.as_object_mut().expect("an object").remove(field);
        }
        body
    };
    let mut replaced = payment("InvoiceReceivedPayment", 4, "20");
    replaced["payment"]["status"] = json!("Invalid");
    let mut lightning = payment("InvoicePaymentSettled", 5, "10");
    lightning["paymentMethodId"] = json!("BTC-LN");
    let events = [
        whole("InvoiceCreated"),
        payment("InvoiceReceivedPayment", 1, "50"),
        payment("InvoiceReceivedPayment", 4, "20"),
        payment("InvoiceReceivedPayment", 2, "49.5"),
        replaced,
        payment("InvoicePaymentSettled", 1, "50"),
        payment("InvoiceReceivedPayment", 3, "50.5"),
        whole("InvoiceProcessing"),
        payment("InvoicePaymentSettled", 2, "49.5"),
        lightning,
        payment("InvoicePaymentSettled", 3, "50.5"),
        whole("InvoiceSettled"),
    ];
    events.into_iter().map(|event| event.to_string()).collect()
}

/// Returns things in another order, some of them more than once; the same from the same seed (SplitMix64).
pub fn shuffled<T: Clone>(things: &[T], seed: u64) -> Vec<T> {
    let mut state = seed;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)).checked_rem(u64::try_from(limit).expect("a small number")).expect("a limit above nought"))
            .expect("below the limit")
    };
    let mut all = things.to_vec();
    for _ in 0..below(5) {
        let again = all[below(things.len())].clone();
        all.push(again);
    }
    for place in (1..all.len()).rev() {
        all.swap(place, below(place.saturating_add(1)));
    }
    all
}

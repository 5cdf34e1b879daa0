//! Signatures, words and coins. The signatures are those of Node's and Python's own libraries, made as the senders' documentation shows.

mod orders;
#[path = "../../../tests/support/senders.rs"]
mod senders;

use proptest::prelude::*;
use senders::{btcpay, btcpay_signature, cryptomus, nowpayments, nowpayments_signature};

use super::*;

const SECRET: &str = "0123456789abcdef";

fn json(body: &str) -> Json {
    Json::parse(body.as_bytes()).unwrap_or_else(|| panic!("{body} is no JSON"))
}

fn asset(id: &str, network: Network, contract: Option<&str>) -> Asset {
    let id = id.parse().expect("an id");
    Asset { id, network, decimals: 18, contract: contract.map(str::to_owned), finality: 1, dust_units: 0, network_fee_units: 0 }
}

#[test]
fn btcpay_signs_the_bytes_it_sends() {
    let body = br#"{"type":"InvoicePaymentSettled","value":"0.1"}"#;
    let signature = "sha256=9ea055e2bb37eb56d76bd448d89fb2ad39acafa31173be2d011a1a0d439d6f9e";
    assert!(btcpay::is_signed(Some(signature), body, SECRET));
    assert!(!btcpay::is_signed(Some(signature), br#"{"type":"InvoicePaymentSettled", "value":"0.1"}"#, SECRET));
    for header in [None, Some(""), Some("sha256="), signature.strip_prefix("sha256="), signature.strip_suffix('e'), Some("sha256=é")] {
        assert!(!btcpay::is_signed(header, body, SECRET), "{header:?}");
    }
    assert!(!btcpay::is_signed(Some(signature), body, "0123456789abcdeF"));
}

#[test]
fn cryptomus_signs_what_php_writes() {
    let signed =
        r#"{"type":"payment","order_id":"HA 1","url":"https:\/\/a.b\/c","name":"Zoë","n":1.10,"sign":"a939512c1f97af340cb9a877e4201ece"}"#;
    assert!(cryptomus::is_signed(json(signed), SECRET));
    // However it is spaced and escaped on the way, and wherever the signature stands.
    let spaced = r#"{ "sign":"A939512C1F97AF340CB9A877E4201ECE", "type":"payment","order_id":"HA 1","url":"https://a.b/c","name":"Zo\u00eb","n":1.10}"#;
    assert!(cryptomus::is_signed(json(spaced), SECRET));
    assert!(!cryptomus::is_signed(json(&signed.replace("1.10", "1.1")), SECRET));
    assert!(!cryptomus::is_signed(json(signed).without("sign"), SECRET));
    assert!(!cryptomus::is_signed(json(signed), "0123456789abcdeF"));
}

#[test]
fn nowpayments_signs_what_it_sends_sorted() {
    let body = r#"{"payment_id":5,"actually_paid":0.1,"fee":{"z":1,"currency":"btc"},"order_id":"HA-1","order_description":"a/b ë"}"#;
    let signature = "f11f9d1671efb0d64830a5fae9a678f92a750be6439a94f77319cea30c1bc127\
        b726e4b5d40331c28edb0b13cf322728460b572023376a4b93da009ef1ae9f22";
    assert!(nowpayments::is_signed(Some(signature), json(body), SECRET));
    assert!(nowpayments::is_signed(Some(signature), json(body).sorted(), SECRET));
    assert!(!nowpayments::is_signed(Some(signature), json(&body.replace("0.1", "0.2")), SECRET));
    assert!(!nowpayments::is_signed(None, json(body), SECRET));
    assert!(!nowpayments::is_signed(Some(signature), json(body), "0123456789abcdeF"));
}

/// Returns a body with another byte, before `end`.
fn another_byte(body: &[u8], end: usize, number: usize) -> Vec<u8> {
    let mut other = body.to_vec();
    let bits = u8::try_from(number % 127).unwrap_or_default().saturating_add(1);
    if let Some(byte) = other.get_mut(number.wrapping_mul(31).checked_rem(end).unwrap_or_default()) {
        *byte ^= bits;
    }
    other
}

/// Returns a signature in hexadecimal with another digit.
fn another_digit(signature: &str, number: usize) -> String {
    let place = number.checked_rem(signature.len()).unwrap_or_default();
    let digit = |letter: char| {
        let value = letter.to_digit(16).unwrap_or_default();
        let step = u32::try_from(number % 15).unwrap_or_default().saturating_add(1);
        char::from_digit(value.saturating_add(step) % 16, 16).unwrap_or(letter)
    };
    signature.chars().enumerate().map(|(at, letter)| if at == place { digit(letter) } else { letter }).collect()
}

/// Reliability 12: for each sender ten thousand signatures with another digit and ten thousand bodies with another byte. Nothing of it
/// passes, and nothing panics.
#[test]
fn ten_thousand_forgeries_of_each_sender_pass_nowhere() {
    for number in 0..10_000_usize {
        let order = format!("HA-{number}");
        let body = btcpay("InvoicePaymentSettled", &order, "aa-0", "150", Timestamp::UNIX_EPOCH).to_string();
        let right = btcpay_signature(&body);
        assert!(btcpay::is_signed(Some(&right), body.as_bytes(), senders::SECRET), "{body}");
        let wrong = format!("sha256={}", another_digit(right.trim_start_matches("sha256="), number));
        assert!(!btcpay::is_signed(Some(&wrong), body.as_bytes(), senders::SECRET), "{wrong}");
        assert!(!btcpay::is_signed(Some(&right), &another_byte(body.as_bytes(), body.len(), number), senders::SECRET), "{number}");

        let body = nowpayments("finished", &order, "150");
        let right = nowpayments_signature(&body);
        let wrong = another_digit(&right, number);
        assert!(!nowpayments::is_signed(Some(&wrong), json(&body), senders::SECRET), "{wrong}");
        if let Some(other) = Json::parse(&another_byte(body.as_bytes(), body.len(), number)) {
            assert!(!nowpayments::is_signed(Some(&right), other, senders::SECRET), "{number}");
        }

        let body = cryptomus("paid", &order, "150");
        let (before, sign) = body.split_once("\"sign\":\"").unwrap_or_else(|| panic!("{body} is not signed"));
        let wrong = format!("{before}\"sign\":\"{}\"}}", another_digit(sign.trim_end_matches("\"}"), number));
        assert!(!cryptomus::is_signed(json(&wrong), senders::SECRET), "{wrong}");
        if let Some(other) = Json::parse(&another_byte(body.as_bytes(), before.len(), number)) {
            assert!(!cryptomus::is_signed(other, senders::SECRET), "{number}");
        }
    }
}

#[test]
fn a_coin_is_one_asset_or_none() {
    let (btc, usdt) = (asset("BTC-BITCOIN", Network::Bitcoin, None), asset("USDT-TRON", Network::Tron, Some("TR7")));
    let (eth, on_arbitrum) = (asset("ETH-ETHEREUM", Network::Ethereum, None), asset("ETH-ARBITRUM", Network::Arbitrum, None));
    let usdc = asset("USDC-ETHEREUM", Network::Ethereum, Some("0xA0b8"));
    for method in ["BTC", "BTC-CHAIN", "BTC-BITCOIN"] {
        assert!(btcpay::means(method, &btc), "{method}");
    }
    assert!(btcpay::means("USDT-TRON", &usdt));
    for (method, asset) in [("BTC-LN", &btc), ("BTC-LightningNetwork", &btc), ("USDT-CHAIN", &usdt), ("ETH", &on_arbitrum), ("LTC", &btc)] {
        assert!(!btcpay::means(method, asset), "{method}");
    }
    assert!(cryptomus::means("USDT", Some("tron"), &usdt) && cryptomus::means("BTC", Some("btc"), &btc));
    for (coin, network) in [("USDT", Some("eth")), ("USDT", None), ("USDC", Some("tron"))] {
        assert!(!cryptomus::means(coin, network, &usdt), "{coin} {network:?}");
    }
    for (code, asset) in
        [("usdttrc20", &usdt), ("btc", &btc), ("eth", &eth), ("etharb", &on_arbitrum), ("usdc", &usdc), ("usdcerc20", &usdc)]
    {
        assert!(nowpayments::means(code, asset), "{code}");
    }
    for (code, asset) in [("usdt", &usdt), ("usdterc20", &usdt), ("eth", &on_arbitrum), ("btcbsc", &btc), ("usdcbsc", &usdc)] {
        assert!(!nowpayments::means(code, asset), "{code}");
    }
}

#[test]
fn sums_are_read_digit_for_digit() {
    let body = r#"{"payment_id":5,"payment_status":"finished","actually_paid":0.100000000000000001,"pay_currency":"eth","order_id":7}"#;
    let told = nowpayments::read(&json(body)).expect("news");
    assert_eq!(told.payment.expect("a payment").amount, "0.100000000000000001");
    assert_eq!(told.reference.as_deref(), Some("7"));
}

/// Something like what a sender sends, and what nobody sends.
fn body() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("{\"id\":\"t-0\",\"value\":\"1\",\"receivedDate\":9999999999999}".to_owned()),
        Just("{\"orderId\":\"HA-1\"}".to_owned()),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,12})?",
        "\\PC{0,12}".prop_map(|text| format!("{text:?}")),
        prop::sample::select(vec![
            "InvoicePaymentSettled",
            "InvoiceReceivedPayment",
            "paid",
            "confirming",
            "finished",
            "payment",
            "BTC",
            "btc"
        ])
        .prop_map(|word| format!("\"{word}\"")),
    ];
    let key = prop::sample::select(vec![
        "type",
        "status",
        "payment_status",
        "payment",
        "payment_id",
        "uuid",
        "metadata",
        "order_id",
        "paymentMethodId",
        "payment_amount",
        "actually_paid",
        "payer_currency",
        "pay_currency",
        "network",
        "is_final",
        "txid",
        "sign",
    ]);
    prop::collection::vec((key, value), 0..14)
        .prop_map(|members| members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(","))
        .prop_map(|members| format!("{{{members}}}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever comes is read or refused; what is read as a payment has a sum above nothing but digits.
    #[test]
    fn whatever_comes_is_read_or_refused(body in prop_oneof![4 => body(), 1 => "\\PC{0,60}"], cut in 0_usize..200) {
        for body in [body.as_bytes(), body.as_bytes().get(..cut).unwrap_or_default()] {
            let Some(json) = Json::parse(body) else { continue };
            prop_assert_eq!(Json::parse(json.to_string().as_bytes()), Some(json.clone()));
            for told in [btcpay::read(&json), cryptomus::read(&json), nowpayments::read(&json)] {
                let Some(payment) = told.ok().and_then(|told| told.payment) else { continue };
                prop_assert!(payment.amount.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            }
            for secret in ["", SECRET] {
                prop_assert!(!btcpay::is_signed(Some("sha256=00"), body, secret));
                prop_assert!(!cryptomus::is_signed(json.clone(), secret));
                prop_assert!(!nowpayments::is_signed(Some("00"), json.clone(), secret));
            }
        }
    }
}

/// What a sender sends is read whole, and no part of it is.
#[test]
fn what_a_sender_sends_is_read_whole_or_not_at_all() {
    let btcpay = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", Timestamp::UNIX_EPOCH).to_string();
    let (cryptomus, nowpayments) = (cryptomus("paid", "HA-1", "150"), nowpayments("finished", "HA-1", "150"));
    assert!(btcpay::is_signed(Some(&btcpay_signature(&btcpay)), btcpay.as_bytes(), senders::SECRET));
    assert!(cryptomus::is_signed(json(&cryptomus), senders::SECRET));
    assert!(nowpayments::is_signed(Some(&nowpayments_signature(&nowpayments)), json(&nowpayments), senders::SECRET));
    let read = |told: Result<Told, _>| told.expect("news").payment.expect("a payment");
    for payment in
        [read(btcpay::read(&json(&btcpay))), read(cryptomus::read(&json(&cryptomus))), read(nowpayments::read(&json(&nowpayments)))]
    {
        assert_eq!((payment.amount.as_str(), payment.state), ("150", DepositState::Final), "{}", payment.name);
    }
    for body in [btcpay, cryptomus, nowpayments] {
        for end in (0..body.len()).filter(|end| body.is_char_boundary(*end)) {
            assert_eq!(Json::parse(&body.as_bytes()[..end]), None, "{}", &body[..end]);
        }
    }
}

//! The seed's two webhooks, leaf for leaf.

use domain::dialect::SignatureScheme;
use domain::exception::Flags;
use domain::money::Network;
use domain::policy::{FeeBearer, RateRule};
use domain::refund::Reason;
use domain::view::{ConversionView, FeeView};
use proptest::prelude::*;
use serde_json::Value;

#[path = "../../../../tests/support/json_keys.rs"]
mod json_keys;

use self::json_keys::keys;
use super::super::Payer;
use super::*;

/// "Refund Payments" of Layer1's documentation: its two examples.
const INITIATED: &str = include_str!("refund-initiated.json");
const EXPIRED: &str = include_str!("status-changed.json");

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("an instant")
}

/// What the examples tell of: 0.00579 ETH asked for 10 EUR, 0.02 paid, 0.01421 owed.
fn picture() -> Picture {
    let (invoice, refund, deposit) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let mid = Uuid::from_u128(4);
    Picture {
        invoice: InvoiceView {
            id: invoice,
            mid,
            reference: "reference".to_owned(),
            guid: None,
            status: InvoiceStatus::Complete,
            exceptions: Flags::default(),
            amount_billed: "10.00".to_owned(),
            billed_currency: "EUR".to_owned(),
            amount_charged: "0.005790000000000000".to_owned(),
            asset: "ETH-ETHEREUM".to_owned(),
            network: Network::Ethereum,
            exchange_rate: "1727.071668".to_owned(),
            address: "0x434c932fc5e324204c80c1fb15f3a7XXXXX".to_owned(),
            tag: None,
            is_for_untagged: false,
            amount_paid: "0.020000000000000000".to_owned(),
            payer_email: None,
            hosted_page_url: "https://pay.sandbox.bvnk.com/payin?uuid=309d82fd-e1d4-4354-9015-XXXXXXXXXX".to_owned(),
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            expires_at: at(1_689_265_526_000),
            created_at: at(1_689_264_326_000),
            deposits: vec![DepositView {
                id: deposit,
                invoice,
                external_id: "1".to_owned(),
                txid: "0x034612080ab226a5c3254b521f30dafd7df30dd1c1fc35723cf6XXXXX".to_owned(),
                amount: "0.020000000000000000".to_owned(),
                asset: "ETH-ETHEREUM".to_owned(),
                seen_at: at(1_689_264_367_000),
                status: "final".to_owned(),
            }],
            cases: Vec::new(),
            refunds: Vec::new(),
        },
        refunds: vec![RefundView {
            id: refund,
            mid,
            invoice,
            reference: "REFUND-XXXXX".to_owned(),
            state: StateName::AwaitingClaim,
            blocked_by: None,
            reason: Reason::Overpaid,
            exceptions: Flags::default(),
            amount: "0.014210000000000000".to_owned(),
            asset: "ETH-ETHEREUM".to_owned(),
            network: Network::Ethereum,
            amount_billed: Some("24.58".to_owned()),
            billed_currency: "EUR".to_owned(),
            fee: Some(FeeView {
                bearer: FeeBearer::Payer,
                amount: "0.000283717000000000".to_owned(),
                asset: "ETH-ETHEREUM".to_owned(),
                amount_billed: Some("0.49".to_owned()),
            }),
            net_amount: None,
            policy_version: 1,
            rate_rule: RateRule::CoinExact,
            fee_bearer: FeeBearer::Payer,
            amount_asked: None,
            immediate: true,
            notify: None,
            merchant_reference: None,
            guid: None,
            support_request: None,
            merchant_reason: None,
            message: None,
            made_by: None,
            last_notification_at: None,
            claim_url: Some("https://pay.sandbox.bvnk.com/payout?uuid=9485895b-c4a3-4885-bcdc-XXXXXXXXXX".to_owned()),
            expires_at: Some(at(1_689_869_237_804)),
            release_at: None,
            destination: None,
            txid: None,
            explorer_url: None,
            fee_raised: false,
            failure: None,
            hold_reason: None,
            conversion: None,
            cancel: None,
            decline_reason: None,
            created_at: at(1_689_264_437_804),
            updated_at: at(1_689_264_437_804),
            timeline: Vec::new(),
            consent: None,
            emails: Vec::new(),
        }],
        about: Some(refund),
        payers: vec![Payer { deposit, address: Some("0x4b8b57aa7a92ea959c92aa32a72bbXXXXX3".to_owned()), is_risky: false }],
        merchant: "Merchant Name".to_owned(),
    }
}

fn seal() -> Seal {
    Seal {
        id: Uuid::from_u128(5),
        at: at(0),
        scheme: SignatureScheme::V1,
        secrets: vec![b"secret".to_vec()],
        seeds: Vec::new(),
        path: "/hooks/bvnk".to_owned(),
    }
}

fn body(picture: &Picture, offers: bool) -> String {
    webhook(picture, offers, &seal()).expect("a webhook").body
}

/// Returns where two documents differ. Keys that one lacks differ.
fn differences(path: &str, expected: &Value, found: &Value) -> Vec<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let keys: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
            let inner = |key: &String| match (expected.get(key), found.get(key)) {
                (Some(expected), Some(found)) => differences(&format!("{path}.{key}"), expected, found),
                _ => vec![format!("{path}.{key} is not in both")],
            };
            keys.into_iter().flat_map(inner).collect()
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).flat_map(|(expected, found)| differences(&format!("{path}[]"), expected, found)).collect()
        }
        _ if expected == found => Vec::new(),
        _ => vec![path.to_owned()],
    }
}

/// BV-10, BV-12, BV-13, BV-14, and C15 in its spelling: the documented refund is told key for key and number for number. What differs: ids, what BVNK
/// charges and we do not, a second rate and times that we do not keep.
#[test]
fn a_refund_is_initiated_as_documented() {
    let body = body(&picture(), true);
    assert!(body.starts_with("{\"source\":\"payment\",\"event\":\"refundInitiated\",\"data\":{\"uuid\":"), "{body}");
    assert_eq!(keys(&body), keys(INITIATED), "in the documented order");
    let (expected, found): (Value, Value) = (serde_json::from_str(INITIATED).expect("JSON"), serde_json::from_str(&body).expect("JSON"));
    assert_eq!(
        differences("", &expected, &found),
        [
            ".data.merchantId",
            ".data.refund.acceptanceExpiryDate",
            ".data.refund.address.uri",
            ".data.refund.displayRate.rate",
            ".data.refund.feeCurrency.actual",
            ".data.refund.feeCurrency.amount",
            ".data.refund.merchantId",
            ".data.refund.transactions[].dateConfirmed",
            ".data.refund.transactions[].displayRate.rate",
            ".data.refund.transactions[].networkFeeAmount",
            ".data.refund.uuid",
            ".data.uuid",
        ]
    );
}

/// BV-09, BV-11, BV-14: nobody claimed it; the merchant got it in the wallet's currency, at the price of that day.
#[test]
fn a_refund_expires_as_documented() {
    let mut picture = picture();
    let refund = picture.refunds.first_mut().expect("a refund");
    refund.state = StateName::Expired;
    refund.created_at = at(1_689_264_438_000);
    refund.expires_at = Some(at(1_689_264_510_403));
    refund.conversion =
        Some(ConversionView { rate: "1653.7602177875".to_owned(), amount: "23.49968".to_owned(), currency: "EUR".to_owned() });
    let (expected, found): (Value, Value) =
        (serde_json::from_str(EXPIRED).expect("JSON"), serde_json::from_str(&body(&picture, false)).expect("JSON"));
    let found = differences("", &expected, &found);
    let of_the_refund: Vec<&String> = found.iter().filter(|path| !path.starts_with(".data.refund.")).collect();
    // It offered no quote to accept.
    assert_eq!(of_the_refund, [".data.acceptanceExpiryDate", ".data.merchantId", ".data.quoteExpiryDate", ".data.uuid"]);
    assert!(!found.iter().any(|path| path.ends_with("is not in both")), "{found:?}");
}

/// Every state has its word (C17: after a failed payout it is PENDING again; C18: what nobody got is EXPIRED), and the payment itself is told without a refund inside.
#[test]
fn statuses_follow_the_refund_and_the_payment() {
    let mut picture = picture();
    let status = |picture: &Picture| {
        let body: Value = serde_json::from_str(&body(picture, false)).expect("JSON");
        body["data"]["status"].as_str().map(str::to_owned).expect("a status")
    };
    for (state, word) in [
        (StateName::AwaitingClaim, "PENDING"),
        (StateName::Scheduled, "PROCESSING"),
        (StateName::Sending, "PROCESSING"),
        (StateName::PayoutFailed, "PENDING"),
        (StateName::Paid, "COMPLETE"),
        (StateName::Canceled, "EXPIRED"),
    ] {
        picture.refunds.first_mut().expect("a refund").state = state;
        assert_eq!(status(&picture), word, "{state}");
    }
    picture.about = None;
    for (state, word) in [(InvoiceStatus::Processing, "PROCESSING"), (InvoiceStatus::Underpaid, "UNDERPAID")] {
        picture.invoice.status = state;
        assert_eq!(status(&picture), word);
    }
    let body: Value = serde_json::from_str(&body(&picture, false)).expect("JSON");
    assert_eq!((&body["data"]["type"], &body["data"]["refund"]), (&Value::from("IN"), &Value::Null));
}

#[test]
fn the_signature_covers_path_type_and_body() {
    let webhook = webhook(&picture(), true, &seal()).expect("a webhook");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_c2VjcmV0").expect("a key");
    mac.update(b"/hooks/bvnk");
    mac.update(b"application/json");
    mac.update(webhook.body.as_bytes());
    let expected = HEXLOWER.encode(&mac.finalize().into_bytes());
    assert_eq!(webhook.headers, [("content-type", "application/json".to_owned()), ("x-signature", expected)]);
}

proptest! {
    /// C20: every digit of 18 decimals stands in the body as it does in the books.
    #[test]
    fn amounts_are_told_to_the_last_digit(units in any::<u128>()) {
        let mut picture = picture();
        let amount = domain::money::format_units(units, 18);
        picture.refunds.first_mut().expect("a refund").amount.clone_from(&amount);
        let digits = if amount.contains('.') { amount.trim_end_matches('0').trim_end_matches('.') } else { &amount };
        let wanted = format!("\"walletCurrency\":{{\"currency\":\"ETH\",\"amount\":{digits},\"actual\":0}}");
        prop_assert!(body(&picture, true).contains(&wanted));
    }
}

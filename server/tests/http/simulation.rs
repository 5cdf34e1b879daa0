//! Simulations and merchants' policies over HTTP: what a draft would have done, and what a merchant says for all its MIDs.

use domain::merchant::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::{TestServer, text};

on_both_databases!(
    a_draft_is_tried_and_nothing_is_written,
    a_wrong_draft_or_period_is_named,
    another_merchants_mid_is_not_found,
    a_merchants_key_speaks_for_all_its_mids,
    a_limit_is_undone_by_null_and_inherited_by_silence,
);

const INVALID: (StatusCode, &str) = (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");

fn simulate(server: &TestServer) -> String {
    format!("/mids/{}/policy/simulate", server.mid.0)
}

fn wanted(server: &TestServer, draft: &Value) -> Value {
    let now = server.engine.now();
    let day = jiff::SignedDuration::from_hours(24);
    let (from, to) = (now.checked_sub(day).expect("yesterday"), now.checked_add(day).expect("tomorrow"));
    json!({ "draft": draft, "from": from.to_string(), "to": to.to_string() })
}

async fn expect(server: &TestServer, method: Method, path: &str, body: &Value, expected: (StatusCode, &str)) -> Value {
    let (status, answer) = server.call(method, path, Some(body)).await;
    assert_eq!((status, answer["code"].as_str().unwrap_or_default()), expected, "{path} {body}: {answer}");
    answer
}

/// TX-02, all three options on the example's own payment: 150 for an invoice of 101.102104.
async fn a_draft_is_tried_and_nothing_is_written(server: TestServer) {
    for number in 0..3 {
        let invoice = server.invoice(&format!("HS-{number}")).await;
        server.pay(&invoice, "150.000000", None).await;
    }
    let before = server.snapshot().await;
    for (on_over, credited, refunded, changed) in [
        ("credit_all", "450.000000", "0.000000", 3),
        ("settle_and_refund_excess", "303.306312", "146.693688", 0),
        ("refund_all", "0.000000", "450.000000", 3),
    ] {
        let view = server.post(&simulate(&server), &wanted(&server, &json!({ "on_over": on_over }))).await;
        assert_eq!((&view["invoices"], &view["with_exceptions"], &view["changed"]), (&json!(3), &json!(3), &json!(changed)), "{view}");
        let sums = &view["sums"][0];
        assert_eq!((text(&sums["live"]["credited"]), text(&sums["live"]["refunded"])), ("303.306312", "146.693688"));
        assert_eq!((text(&sums["draft"]["credited"]), text(&sums["draft"]["refunded"])), (credited, refunded));
    }
    let mut first = wanted(&server, &json!({ "on_over": "credit_all" }));
    first["limit"] = json!(2);
    let page = server.post(&simulate(&server), &first).await;
    assert_eq!((page["changes"].as_array().map(Vec::len), text(&page["changes"][0]["reference"])), (Some(2), "HS-2"));
    assert_eq!(text(&page["changes"][0]["live"]["refunds"][0]["security_delay"]), "PT72H");
    first["after"] = page["next"].clone();
    let page = server.post(&simulate(&server), &first).await;
    assert_eq!((text(&page["changes"][0]["reference"]), &page["next"], &page["changed"]), ("HS-0", &Value::Null, &json!(3)));
    assert_eq!(server.snapshot().await, before);
}

async fn a_wrong_draft_or_period_is_named(server: TestServer) {
    let path = simulate(&server);
    let before = server.snapshot().await;
    let with = |field: &str, value: Value| {
        let mut body = wanted(&server, &json!({ "on_over": "hold" }));
        body[field] = value;
        body
    };
    let mut without_period = with("limit", json!(1));
    without_period.as_object_mut().expect("an object").remove("from");
    for (body, field) in [
        (with("draft", json!({ "on_ovr": "hold" })), "draft.on_ovr"),
        (with("draft", json!({ "on_over": "keep" })), "draft.on_over"),
        (with("draft", json!({ "on_over": null })), "draft.on_over"),
        (with("draft", json!({ "fee_cap": "0" })), "draft.fee_cap"),
        (with("draft", json!({ "assets": { "USDT-TRON": { "on_ovr": "hold" } } })), "draft.assets.USDT-TRON.on_ovr"),
        (with("draft", json!({ "assets": { "USDT-MOON": {} } })), "draft.assets.USDT-MOON"),
        (with("draft", json!({ "effective_at": "2030-01-01T00:00:00Z" })), "draft.effective_at"),
        (with("draft", json!([])), "draft"),
        (with("drafts", json!({})), "drafts"),
        (with("from", json!("yesterday")), "from"),
        (with("from", json!("2001-01-01")), "from"),
        (with("to", json!("2001-01-01")), "to"),
        (with("limit", json!(101)), "limit"),
        (with("after", json!("next")), "after"),
        (without_period, "from"),
    ] {
        let problem = expect(&server, Method::POST, &path, &body, INVALID).await;
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    assert_eq!(server.snapshot().await, before);
}

async fn another_merchants_mid_is_not_found(server: TestServer) {
    let (merchant, mid) = server.engine.add_mid("Somebody else", "Shop", None).await.expect("a MID");
    let before = server.snapshot().await;
    let not_found = (StatusCode::NOT_FOUND, "not_found");
    let body = wanted(&server, &json!({}));
    expect(&server, Method::POST, &format!("/mids/{}/policy/simulate", mid.0), &body, not_found).await;
    let theirs = format!("/merchants/{}/policy", merchant.0);
    expect(&server, Method::PUT, &theirs, &json!({ "on_over": "hold" }), not_found).await;
    assert_eq!(server.call(Method::GET, &theirs, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.snapshot().await, before);
}

async fn a_merchants_key_speaks_for_all_its_mids(mut server: TestServer) {
    let merchant = text(&server.get("/mids").await["data"][0]["merchant"]).to_owned();
    let path = format!("/merchants/{merchant}/policy");
    // One shop's key says nothing for the others.
    expect(&server, Method::PUT, &path, &json!({ "on_over": "hold" }), (StatusCode::NOT_FOUND, "not_found")).await;
    let (_, other) = server.engine.add_mid("Halden Audio", "US store", None).await.expect("a MID");
    server.key = server.engine.add_merchant_key(merchant.parse().expect("an id"), true).await.expect("a key").secret;
    let nothing = server.get(&path).await;
    assert_eq!(
        (&nothing["version"], &nothing["overrides"], text(&nothing["policy"]["on_over"])),
        (&Value::Null, &json!({}), "settle_and_refund_excess")
    );

    let ok = (StatusCode::OK, "");
    let body = json!({ "on_over": "hold", "approval_above": { "USD": "50" }, "assets": { "USDT-TRON": { "fee_bearer": "merchant" } } });
    let version = expect(&server, Method::PUT, &path, &body, ok).await;
    assert_eq!((&version["mid"], &version["version"], text(&version["state"])), (&Value::Null, &json!(1), "active"));
    let said = server.get(&path).await;
    assert_eq!((&said["version"], &said["overrides"]["on_over"], &said["assets"]), (&json!(1), &json!("hold"), &body["assets"]));
    for mid in [server.mid, other] {
        assert_eq!(text(&server.get(&format!("/mids/{}/policy", mid.0)).await["policy"]["on_over"]), "hold");
    }
    // A looser one waits for a person, whom no key replaces.
    let draft = expect(&server, Method::PUT, &path, &json!({ "on_over": "hold" }), ok).await;
    assert_eq!(text(&draft["state"]), "draft");
    let forbidden = (StatusCode::FORBIDDEN, "forbidden");
    let one = format!("{path}/versions/{}", text(&draft["id"]));
    let problem = expect(&server, Method::POST, &format!("{one}/approve"), &json!({}), forbidden).await;
    assert!(text(&problem["detail"]).contains("a person must"), "{problem}");
    let session = server.person("owner@example.com", Role::Owner).await;
    let owner = server.engine.session(&session).await.expect("a look-up").expect("the session");
    let level: domain::ids::MerchantId = merchant.parse().expect("an id");
    server.engine.approve_policy(&owner, level, text(&draft["id"]).parse().expect("an id")).await.expect("an approval");
    expect(&server, Method::POST, &format!("{one}/discard"), &json!({}), (StatusCode::CONFLICT, "conflict")).await;
    let versions = server.get(&format!("{path}/versions")).await;
    assert_eq!((text(&versions["data"][0]["state"]), text(&versions["data"][1]["state"])), ("active", "superseded"));

    expect(&server, Method::PUT, &format!("{path}/locks"), &json!({ "names": ["claim_ttl"] }), forbidden).await;
    let session = server.person("operator@example.com", Role::Admin).await;
    let operator = server.engine.session(&session).await.expect("a look-up").expect("the session");
    server.engine.lock_policy(&operator, level, vec!["claim_ttl".to_owned()]).await.expect("a lock");
    assert_eq!(server.get(&path).await["locks"], json!(["claim_ttl"]));
    let of_mid = format!("/mids/{}/policy", other.0);
    assert_eq!(server.get(&of_mid).await["locks"], json!(["claim_ttl"]));
    let problem = expect(&server, Method::PUT, &of_mid, &json!({ "claim_ttl": "P30D" }), INVALID).await;
    assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("claim_ttl"), &json!("locked")));
}

async fn a_limit_is_undone_by_null_and_inherited_by_silence(mut server: TestServer) {
    let merchant = text(&server.get("/mids").await["data"][0]["merchant"]).parse().expect("an id");
    server.key = server.engine.add_merchant_key(merchant, true).await.expect("a key").secret;
    let ok = (StatusCode::OK, "");
    expect(&server, Method::PUT, &format!("/merchants/{}/policy", merchant.0), &json!({ "review_above": { "USD": "50" } }), ok).await;
    let path = format!("/mids/{}/policy", server.mid.0);
    expect(&server, Method::PUT, &path, &json!({ "on_over": "hold" }), ok).await;
    assert_eq!(server.get(&path).await["policy"]["review_above"], json!({ "USD": "50" }));
    let version = expect(&server, Method::PUT, &path, &json!({ "review_above": null }), ok).await;
    assert_eq!(version["overrides"], json!({ "review_above": null }));
    let policy = server.get(&path).await;
    assert_eq!((&policy["policy"]["review_above"], &policy["overrides"]), (&Value::Null, &json!({ "review_above": null })));
    let problem = expect(&server, Method::PUT, &path, &json!({ "on_over": null }), INVALID).await;
    assert_eq!(problem["errors"][0]["field"], "on_over");
}

//! Policies and cases over HTTP: what a MID says, who may say it, and what is left to a person.

use domain::ids::MidId;
use domain::merchant::{Guard, Role, Scope};
use engine::callers::Caller;
use engine::freezes::SensitiveChange;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text};

on_both_databases!(
    a_policy_says_some_and_inherits_the_rest,
    a_wrong_setting_is_named,
    a_version_is_scheduled_and_given_up,
    what_loosens_a_guard_waits_for_a_person,
    what_the_operator_keeps_is_locked,
    an_invoice_has_settings_of_its_own,
    a_case_waits_for_a_decision,
    mids_say_whether_they_work,
);

async fn call(server: &TestServer, method: Method, path: &str, body: &Value, expected: (StatusCode, &str)) -> Value {
    let (status, answer) = server.call(method, path, Some(body)).await;
    let code = answer["code"].as_str().unwrap_or_default();
    assert_eq!((status, code), expected, "{path} {body}: {answer}");
    answer
}

fn policy_of(server: &TestServer) -> String {
    format!("/mids/{}/policy", server.mid.0)
}

const OK: (StatusCode, &str) = (StatusCode::OK, "");
const INVALID: (StatusCode, &str) = (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");
const FORBIDDEN: (StatusCode, &str) = (StatusCode::FORBIDDEN, "forbidden");
const CONFLICT: (StatusCode, &str) = (StatusCode::CONFLICT, "conflict");

async fn operator(server: &TestServer) -> Caller {
    let session = server.person("operator@example.com", Role::Admin).await;
    let caller = server.engine.session(&session).await.expect("a look-up").expect("the session");
    assert_eq!(caller.scope, Scope::Everything);
    caller
}

async fn a_policy_says_some_and_inherits_the_rest(server: TestServer) {
    let path = policy_of(&server);
    let body = json!({ "on_over": "hold", "assets": { "USDT-TRON": { "fee_bearer": "merchant" } } });
    let version = call(&server, Method::PUT, &path, &body, OK).await;
    assert_eq!((text(&version["state"]), &version["version"], text(&version["effective_at"]).is_empty()), ("active", &json!(2), false));
    let policy = server.get(&path).await;
    assert_eq!((&policy["version"], &policy["overrides"]), (&json!(2), &json!({ "on_over": "hold" })));
    assert_eq!(policy["assets"], json!({ "USDT-TRON": { "fee_bearer": "merchant" } }));
    assert_eq!((text(&policy["policy"]["on_over"]), text(&policy["policy"]["on_under"])), ("hold", "refund_all"));
    assert_eq!((text(&policy["policy"]["fee_bearer"]), &policy["locks"]), ("payer", &json!([])));

    // What is not said again is inherited again.
    call(&server, Method::PUT, &path, &json!({ "claim_ttl": "P30D" }), OK).await;
    let policy = server.get(&path).await;
    assert_eq!((text(&policy["policy"]["on_over"]), &policy["assets"]), ("settle_and_refund_excess", &json!({})));

    let knobs = server.get("/policy/knobs").await;
    let knobs = knobs["data"].as_array().expect("a list");
    assert_eq!(knobs.len(), policy["policy"].as_object().expect("the settings").len());
    let delay = knobs.iter().find(|knob| knob["name"] == "security_delay").expect("the delay");
    assert_eq!(text(&delay["default"]), "PT72H");
    assert!(knobs.iter().all(|knob| text(&knob["description"]).ends_with('.') && !text(&knob["limits"]).is_empty()));
}

async fn a_wrong_setting_is_named(server: TestServer) {
    let path = policy_of(&server);
    let before = server.snapshot().await;
    let cases = [
        (json!({ "on_ovr": "hold" }), "on_ovr"),
        (json!({ "on_over": "keep" }), "on_over"),
        (json!({ "security_delay": "three days" }), "security_delay"),
        (json!({ "security_delay": "P31D" }), "security_delay"),
        (json!({ "claim_ttl": "-P1D" }), "claim_ttl"),
        (json!({ "reminders": [1, 7] }), "reminders"),
        (json!({ "reminders": "7" }), "reminders"),
        (json!({ "tolerance": { "percent": "51" } }), "tolerance.percent"),
        (json!({ "late_grace": { "fiat": "PT1M" } }), "late_grace.coin"),
        (json!({ "approval_above": { "EUR": "-1" } }), "approval_above"),
        (json!({ "assets": { "USDT-TRON": { "on_ovr": "hold" } } }), "assets.USDT-TRON.on_ovr"),
        (json!({ "assets": { "USDT-TRON": { "fee_cap": "0" } } }), "assets.USDT-TRON.fee_cap"),
        (json!({ "assets": { "USDT-MOON": {} } }), "assets.USDT-MOON"),
        (json!({ "assets": [] }), "assets"),
        (json!({ "effective_at": "tomorrow" }), "effective_at"),
        (json!({ "effective_at": "2001-01-01T00:00:00Z" }), "effective_at"),
    ];
    for (body, field) in cases {
        let problem = call(&server, Method::PUT, &path, &body, INVALID).await;
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    call(&server, Method::PUT, &path, &json!([]), INVALID).await;
    assert_eq!(server.snapshot().await, before);
}

async fn a_version_is_scheduled_and_given_up(server: TestServer) {
    let path = policy_of(&server);
    let in_an_hour = server.engine.now().checked_add(jiff::SignedDuration::from_hours(1)).expect("an instant").to_string();
    let body = json!({ "on_over": "credit_all", "effective_at": in_an_hour });
    let scheduled = call(&server, Method::PUT, &path, &body, OK).await;
    assert_eq!(text(&scheduled["state"]), "scheduled");
    let discard = format!("{path}/versions/{}/discard", text(&scheduled["id"]));
    assert_eq!(text(&server.post(&discard, &json!({})).await["state"]), "discarded");
    call(&server, Method::POST, &discard, &json!({}), CONFLICT).await;

    call(&server, Method::PUT, &path, &body, OK).await;
    assert_eq!(text(&server.get(&path).await["policy"]["on_over"]), "settle_and_refund_excess");
    server.post("/sandbox/clock", &json!({ "advance": "PT1H" })).await;
    assert_eq!(text(&server.get(&path).await["policy"]["on_over"]), "credit_all");
    let versions = server.get(&format!("{path}/versions")).await;
    let states: Vec<(i64, &str)> = versions["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|version| (version["version"].as_i64().unwrap_or_default(), text(&version["state"])))
        .collect();
    assert_eq!(states, [(3, "active"), (2, "discarded"), (1, "superseded")]);
}

async fn what_loosens_a_guard_waits_for_a_person(server: TestServer) {
    let path = policy_of(&server);
    call(&server, Method::PUT, &path, &json!({ "approval_above": { "USD": "50" } }), OK).await;
    let looser = json!({ "approval_above": { "USD": "500" } });
    let draft = call(&server, Method::PUT, &path, &looser, OK).await;
    assert_eq!(text(&draft["state"]), "draft");
    assert_eq!(server.get(&path).await["policy"]["approval_above"], json!({ "USD": "50" }));
    let approve = format!("{path}/versions/{}/approve", text(&draft["id"]));
    let problem = call(&server, Method::POST, &approve, &json!({}), FORBIDDEN).await;
    assert!(text(&problem["detail"]).contains("a person must"), "{problem}");

    let session = server.person("owner@example.com", Role::Owner).await;
    let owner = server.engine.session(&session).await.expect("a look-up").expect("the session");
    let id = text(&draft["id"]).parse().expect("an id");
    server.engine.approve_policy(&owner, server.mid, id).await.expect("an approval");
    assert_eq!(server.get(&path).await["policy"]["approval_above"], json!({ "USD": "500" }));
    let unknown = format!("{path}/versions/0198c000-0000-7000-8000-000000000000/discard");
    call(&server, Method::POST, &unknown, &json!({}), (StatusCode::NOT_FOUND, "not_found")).await;
}

/// BV-04: what the operator keeps to itself, the merchant has to ask for.
async fn what_the_operator_keeps_is_locked(server: TestServer) {
    let path = policy_of(&server);
    let locks = format!("{path}/locks");
    call(&server, Method::PUT, &locks, &json!({ "names": ["security_delay"] }), FORBIDDEN).await;
    let operator = operator(&server).await;
    server.engine.lock_policy(&operator, server.mid, vec!["security_delay".to_owned()]).await.expect("a lock");
    assert_eq!(server.get(&path).await["locks"], json!(["security_delay"]));
    let problem = call(&server, Method::PUT, &path, &json!({ "security_delay": "P5D" }), INVALID).await;
    assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("security_delay"), &json!("locked")));
    call(&server, Method::PUT, &path, &json!({ "on_over": "hold" }), OK).await;
}

async fn an_invoice_has_settings_of_its_own(server: TestServer) {
    let mut new = server.new_invoice("HA-1");
    new["policy"] = json!({ "on_over": "refund_all" });
    new["refund_to"] = json!({ "address": tron_address(1) });
    let invoice = server.post("/invoices", &new).await;
    server.pay(&invoice, "150.000000", None).await;
    assert_eq!(text(&server.only_refund(&invoice).await["amount"]), "150.000000");

    for (field, value, named) in [
        ("policy", json!({ "on_ovr": "hold" }), "policy.on_ovr"),
        ("policy", json!({ "claim_ttl": "P9999D" }), "policy.claim_ttl"),
        ("policy", json!("hold"), "policy"),
        ("refund_to", json!({ "address": "hello" }), "refund_to"),
        ("refund_to", json!("hello"), "refund_to"),
    ] {
        let mut new = server.new_invoice("HA-2");
        new[field] = value;
        let problem = call(&server, Method::POST, "/invoices", &new, INVALID).await;
        assert_eq!(problem["errors"][0]["field"], named, "{problem}");
    }
}

async fn a_case_waits_for_a_decision(server: TestServer) {
    call(&server, Method::PUT, &policy_of(&server), &json!({ "on_over": "hold" }), OK).await;
    let mut cases = Vec::new();
    for (index, (how, credited, refunded)) in
        [("accept", "150.000000", None), ("refund_excess", "101.102104", Some("48.897896")), ("refund", "0.000000", Some("150.000000"))]
            .into_iter()
            .enumerate()
    {
        let invoice = server.invoice(&format!("HA-{index}")).await;
        server.pay(&invoice, "150.000000", None).await;
        let path = format!("/invoices/{}", text(&invoice["id"]));
        let case = server.get(&path).await["cases"][0].clone();
        assert_eq!((text(&case["state"]), text(&case["why"]), text(&case["received"])), ("manual", "policy", "150.000000"));
        let resolve = format!("{path}/cases/{}/resolve", text(&case["id"]));
        let problem = call(&server, Method::POST, &resolve, &json!({ "how": "maybe" }), INVALID).await;
        assert_eq!(problem["errors"][0]["field"], "how");
        let decided = call(&server, Method::POST, &resolve, &json!({ "how": how }), OK).await;
        assert_eq!((text(&decided["cases"][0]["credited"]), &decided["cases"][0]["why"]), (credited, &Value::Null), "{decided}");
        assert_eq!(decided["refunds"][0]["amount"].as_str(), refunded, "{decided}");
        call(&server, Method::POST, &resolve, &json!({ "how": how }), CONFLICT).await;
        cases.push((path, case["id"].clone()));
    }
    // A case belongs to its invoice.
    let foreign = format!("{}/cases/{}/resolve", cases[0].0, text(&cases[1].1));
    call(&server, Method::POST, &foreign, &json!({ "how": "accept" }), (StatusCode::NOT_FOUND, "not_found")).await;
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}

async fn mids_say_whether_they_work(server: TestServer) {
    let mid = |list: Value| list["data"][0].clone();
    let open = mid(server.get("/mids").await);
    assert_eq!((text(&open["name"]), text(&open["guard"]), &open["frozen"]), ("EU store", "open", &Value::Null));
    let id = text(&open["id"]);
    for what in ["suspend", "open"] {
        let problem = call(&server, Method::POST, &format!("/mids/{id}/{what}"), &json!({}), FORBIDDEN).await;
        assert!(text(&problem["detail"]).contains("only the operator"), "{problem}");
    }
    let operator = operator(&server).await;
    let parsed: MidId = id.parse().expect("an id");
    server.engine.guard_mid(&operator, parsed, Guard::Suspended).await.expect("a suspension");
    let merchant = text(&open["merchant"]).parse().expect("an id");
    server.engine.freeze(merchant, SensitiveChange::PayoutWallet).await.expect("a freeze");
    let stopped = mid(server.get("/mids").await);
    assert_eq!((text(&stopped["guard"]), text(&stopped["frozen"]["why"])), ("suspended", "payout_wallet"));

    // Suspended: nothing is decided by rule, and only the operator decides.
    let invoice = server.invoice("HA-1").await;
    server.pay(&invoice, "150.000000", None).await;
    let path = format!("/invoices/{}", text(&invoice["id"]));
    let case = server.get(&path).await["cases"][0].clone();
    assert_eq!(text(&case["why"]), "suspended");
    let resolve = format!("{path}/cases/{}/resolve", text(&case["id"]));
    call(&server, Method::POST, &resolve, &json!({ "how": "accept" }), FORBIDDEN).await;
}

//! The dashboard's forms: what staff do with refunds and cases, and what each role may not.

use domain::ids::{InvoiceId, RefundId};
use domain::merchant::Role;
use engine::refunding::NewRefund;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};

on_both_databases!(
    a_second_person_approves_what_a_key_made,
    a_second_person_declines_with_a_reason,
    nobody_approves_their_own_refund,
    staff_hold_release_remind_and_offer_again,
    a_manager_decides_a_case_and_support_does_not,
    a_policy_is_read_in_the_language_it_is_shown_in,
    a_mistake_in_a_new_refund_is_said_in_the_language_of_the_page,
);

async fn set_policy(server: &TestServer, policy: Value) {
    let (status, answer) = server.call(Method::PUT, &format!("/mids/{}/policy", server.mid.0), Some(&policy)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// Pays an invoice and makes a refund of it that waits for a second person.
async fn waiting(server: &TestServer, reference: &str) -> Value {
    set_policy(server, json!({ "approval_above": { "USD": "50" } })).await;
    let invoice = paid(server, reference).await;
    server.post("/refunds", &json!({ "invoice": invoice["id"], "rate_rule": "coin_exact" })).await
}

async fn paid(server: &TestServer, reference: &str) -> Value {
    let invoice = server.invoice(reference).await;
    server.pay(&invoice, "101.102104", None).await;
    invoice
}

async fn now(server: &TestServer, refund: &Value) -> Value {
    server.get(&format!("/refunds/{}", text(&refund["id"]))).await
}

async fn a_second_person_approves_what_a_key_made(server: TestServer) {
    let refund = waiting(&server, "HA-1").await;
    let (id, page) = (text(&refund["id"]), format!("/refunds/{}", text(&refund["id"])));
    let support = server.person("support@example.com", Role::Support).await;
    let seen = server.page(&support, &page).await;
    assert!(seen.contains("Needs approval") && seen.contains("You can see this but not change it."), "{seen}");
    for action in ["approve_refund", "hold_refund", "release_refund", "reissue_refund", "retry_refund"] {
        let refused = server.submit(&support, &format!("/fn/{action}"), &[("id", id)]).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{action}");
    }
    assert_eq!(server.submit("nobody", "/fn/approve_refund", &[("id", id)]).await.headers()["location"], "/sign-in");
    assert_eq!(text(&now(&server, &refund).await["state"]), "awaiting_approval");

    let manager = server.person("manager@example.com", Role::Manager).await;
    let seen = server.page(&manager, &page).await;
    assert!(seen.contains("Approve") && seen.contains("Decline") && seen.contains("A second person has to approve it"), "{seen}");
    let approved = server.submit(&manager, "/fn/approve_refund", &[("id", id)]).await;
    assert_eq!((approved.status(), approved.headers()["location"].to_str().ok()), (StatusCode::SEE_OTHER, Some(page.as_str())));
    assert_eq!(text(&now(&server, &refund).await["state"]), "awaiting_claim");
    // The second click shows what the first did; somebody else reads who was first.
    assert_eq!(server.submit(&manager, "/fn/approve_refund", &[("id", id)]).await.status(), StatusCode::SEE_OTHER);
    let late = server.person("late@example.com", Role::Manager).await;
    let refused = server.submit(&late, "/fn/approve_refund", &[("id", id)]).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let page = refused.text().await.expect("a page");
    assert!(page.contains("By manager@example.com: Awaiting claim"), "{page}");
}

async fn a_second_person_declines_with_a_reason(server: TestServer) {
    let refund = waiting(&server, "HA-1").await;
    let id = text(&refund["id"]);
    let manager = server.person("manager@example.com", Role::Manager).await;
    for (why, message) in [("  ", "Say why, for whoever created it"), (&"x".repeat(501), "Shorten the reason to 500 characters")] {
        let refused = server.submit(&manager, "/fn/decline_refund", &[("id", id), ("why", why)]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.expect("text");
        assert!(page.contains(message), "{page}");
    }
    let declined = server.submit(&manager, "/fn/decline_refund", &[("id", id), ("why", "<b>the order was kept</b>")]).await;
    assert_eq!(declined.status(), StatusCode::SEE_OTHER);
    let refund = now(&server, &refund).await;
    assert_eq!((text(&refund["state"]), text(&refund["decline_reason"])), ("declined", "<b>the order was kept</b>"));
    let seen = server.page(&manager, &format!("/refunds/{id}")).await;
    assert!(seen.contains("Not approved") && seen.contains("&lt;b&gt;the order was kept"), "{seen}");
    assert!(!seen.contains("<b>the order was kept"), "{seen}");
}

async fn nobody_approves_their_own_refund(server: TestServer) {
    set_policy(&server, json!({ "approval_above": { "USD": "50" } })).await;
    let invoice = paid(&server, "HA-1").await;
    let session = server.person("manager@example.com", Role::Manager).await;
    let manager = server.engine.session(&session).await.expect("a look-up").expect("the session");
    let invoice = InvoiceId(text(&invoice["id"]).parse().expect("an id"));
    let made = server.engine.create_refund(&manager, invoice, NewRefund::default(), RefundId(Uuid::now_v7())).await.expect("a refund");
    let id = made.id.to_string();
    let seen = server.page(&session, &format!("/refunds/{id}")).await;
    assert!(seen.contains("someone else has to approve it") && !seen.contains("/fn/approve_refund"), "{seen}");
    let refused = server.submit(&session, "/fn/approve_refund", &[("id", &id)]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await.expect("text");
    assert!(page.contains("You created this refund, so someone else has to approve it. Nothing was done."), "{page}");
}

async fn staff_hold_release_remind_and_offer_again(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let id = text(&refund["id"]);
    let manager = server.person("manager@example.com", Role::Manager).await;
    let act = async |action: &str, expected: &str| {
        let done = server.submit(&manager, &format!("/fn/{action}"), &[("id", id)]).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{action}");
        let refund = now(&server, &refund).await;
        assert_eq!(text(&refund["state"]), expected, "{action}");
        refund
    };
    assert!(act("notify_payer", "awaiting_claim").await["last_notification_at"].is_string());
    server.confirm(&token(&refund), &tron_address(1)).await;
    act("hold_refund", "on_hold").await;
    let seen = server.page(&manager, &format!("/refunds/{id}")).await;
    assert!(seen.contains("Somebody put it on hold.") && seen.contains("/fn/release_refund"), "{seen}");
    act("release_refund", "scheduled").await;
    let canceled = server.submit(&manager, "/fn/cancel_refund", &[("id", id), ("reason", "wrong_address")]).await;
    assert_eq!(canceled.status(), StatusCode::SEE_OTHER);
    act("reissue_refund", "awaiting_claim").await;
}

async fn a_manager_decides_a_case_and_support_does_not(server: TestServer) {
    set_policy(&server, json!({ "on_over": "hold" })).await;
    let invoice = server.invoice("HA-1").await;
    server.pay(&invoice, "150.000000", None).await;
    let path = format!("/invoices/{}", text(&invoice["id"]));
    let case = server.get(&path).await["cases"][0].clone();
    let fields = |how: &'static str| [("invoice", text(&invoice["id"])), ("case", text(&case["id"])), ("how", how)];

    let support = server.person("support@example.com", Role::Support).await;
    let seen = server.page(&support, &path).await;
    assert!(seen.contains("The money is held.") && !seen.contains("/fn/resolve_case"), "{seen}");
    assert_eq!(server.submit(&support, "/fn/resolve_case", &fields("accept")).await.status(), StatusCode::FORBIDDEN);

    let manager = server.person("manager@example.com", Role::Manager).await;
    assert!(server.page(&manager, &path).await.contains("Refund the extra"));
    let unchosen = server.submit(&manager, "/fn/resolve_case", &fields("")).await;
    assert_eq!(unchosen.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unchosen.text().await.expect("text").contains("Choose what happens"));
    let decided = server.submit(&manager, "/fn/resolve_case", &fields("refund_excess")).await;
    assert_eq!((decided.status(), decided.headers()["location"].to_str().ok()), (StatusCode::SEE_OTHER, Some(path.as_str())));
    assert_eq!(text(&server.only_refund(&invoice).await["amount"]), "48.897896");
    let again = server.submit(&manager, "/fn/resolve_case", &fields("accept")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let seen = server.page(&manager, &path).await;
    assert!(seen.contains("Price kept, rest refunded"), "{seen}");
}

/// Returns a session whose browser was told to speak a language.
fn speaking(session: &str, language: &str) -> String {
    format!("{session}; language={language}")
}

async fn a_policy_is_read_in_the_language_it_is_shown_in(server: TestServer) {
    let manager = speaking(&server.person("manager@example.com", Role::Manager).await, "de");
    let mid = server.mid.to_string();
    let api = format!("/mids/{mid}/policy");
    let version = server.get(&api).await["version"].to_string();
    let seen = server.page(&manager, &format!("/policies/{mid}")).await;
    for said in ["Erstattungsrichtlinie, ", "Überzahlt: Was soll geschehen?", "value=\"hours\" selected>Stunden"] {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    let fields = |delay: &'static str, cap: &'static str| {
        [("security_delay", delay), ("security_delay-unit", "hours"), ("fee_cap", cap), ("late_rate_drift", "1,5")]
    };
    let write = async |fields: &[(&str, &str)]| {
        let fields = [&[("mid", mid.as_str()), ("from_version", version.as_str())][..], fields].concat();
        server.submit(&manager, "/fn/write_policy", &fields).await
    };
    let wrong = write(&fields("bald", "700")).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = wrong.text().await.expect("text");
    // Both mistakes at once.
    for said in ["Geben Sie 0 bis 30 Tage ein", "value=\"bald\"", "Geben Sie mehr als 0, bis zu 100 Prozent ein", "value=\"700\""] {
        assert!(wrong.contains(said), "{said}: {wrong}");
    }
    assert_eq!(write(&fields("96", "12,5")).await.status(), StatusCode::SEE_OTHER);
    let policy = server.get(&api).await["policy"].clone();
    assert_eq!((text(&policy["security_delay"]), text(&policy["fee_cap"])), ("PT96H", "12.5"), "{policy}");
    assert_eq!(text(&policy["late_rate_drift"]), "1.5");
}

async fn a_mistake_in_a_new_refund_is_said_in_the_language_of_the_page(server: TestServer) {
    let invoice = paid(&server, "HA-1").await;
    let manager = server.person("manager@example.com", Role::Manager).await;
    let form = |amount: &'static str, address: &'static str| {
        [("invoice", text(&invoice["id"])), ("how", "part"), ("amount", amount), ("fee", "payer"), ("to", "address"), ("address", address)]
    };
    let bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    for (language, amount, address, said) in [
        ("de", "5.123", bitcoin, "Zu viele Nachkommastellen: Möglich sind 2"),
        ("fr", "5,12", bitcoin, "Utilisez des chiffres et un point, par exemple 12.50"),
        ("es", "5.12", bitcoin, "Esta es una dirección de Bitcoin."),
        ("en", "5000", bitcoin, "The most you can refund is "),
        ("de", "5.12", "", "Geben Sie die Adresse ein"),
    ] {
        let wrong = server.submit(&speaking(&manager, language), "/fn/preview_refund", &form(amount, address)).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let wrong = wrong.text().await.expect("text");
        assert!(wrong.contains(said) && wrong.contains(&format!("lang=\"{language}\"")), "{said}: {wrong}");
    }
}

//! The dashboard's lists: one action on many refunds, files of what was ticked, and streams that tell an open page that it is out of date.

use domain::merchant::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::{TestServer, text};

on_both_databases!(
    many_are_cancelled_a_batch_at_a_time,
    what_was_ticked_is_approved_and_the_rest_named,
    a_role_does_to_many_what_it_may_do_to_one,
    a_stream_tells_that_a_page_is_out_of_date,
    nobody_follows_what_they_may_not_see,
);

/// Returns the value of a hidden field, as the browser would send it back.
fn field(page: &str, name: &str) -> String {
    let found = page.split("<input").find(|input| input.contains(&format!("name=\"{name}\""))).unwrap_or_else(|| panic!("{name}: {page}"));
    let value = found.split_once("value=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value);
    value.replace("&amp;", "&")
}

async fn state(server: &TestServer, refund: &Value) -> String {
    text(&server.get(&format!("/refunds/{}", text(&refund["id"]))).await["state"]).to_owned()
}

/// All that match are more than a batch: the form of what came of the first one goes on with the next, and ends with a sum.
async fn many_are_cancelled_a_batch_at_a_time(server: TestServer) {
    let mut refunds = Vec::new();
    for number in 0..22 {
        refunds.push(server.overpaid(&format!("HA-{number}")).await);
    }
    let manager = server.person("manager@example.com", Role::Manager).await;
    let newest = text(&refunds[21]["id"]).to_owned();
    // Made after the list was looked at: not meant.
    let later = server.overpaid("HA-later").await;
    let query = format!("all=on&status=awaiting_claim&upto={newest}");
    let before = server.page(&manager, &format!("/refunds/selected?action=cancel&{query}")).await;
    assert!(before.contains("Cancel refunds: 22 refunds") && before.contains("1,075.753712 USDT"), "{before}");
    assert_eq!(state(&server, &refunds[0]).await, "awaiting_claim", "looking at it does nothing");

    let (of, so_far) = (field(&before, "of"), field(&before, "so_far"));
    let unfounded = server.submit(&manager, "/fn/cancel_refunds", &[("of", &of), ("so_far", &so_far)]).await;
    assert_eq!(unfounded.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let unfounded = unfounded.text().await.expect("text");
    assert!(unfounded.contains("Choose why you are cancelling"), "{unfounded}");
    let send = async |of: &str, so_far: &str| {
        let fields = [("of", of), ("so_far", so_far), ("reason", "not_requested"), ("note", "by <b>mistake</b>")];
        let answer = server.submit(&manager, "/fn/cancel_refunds", &fields).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.expect("text")
    };
    let first = send(&of, &so_far).await;
    assert!(first.contains("20 of 22: 20 cancelled") && first.contains("2 are left as they are until you go on."), "{first}");
    assert_eq!(field(&first, "reason"), "not_requested");
    let last = send(&field(&first, "of"), &field(&first, "so_far")).await;
    assert!(last.contains("22 cancelled") && !last.contains("data-goes-on"), "{last}");
    // The first form once more, as a second click would send it: nothing is left that it could be done to.
    let again = send(&of, &so_far).await;
    assert!(again.contains("0 cancelled") && !again.contains("data-goes-on"), "{again}");
    for refund in &refunds {
        assert_eq!(state(&server, refund).await, "canceled");
    }
    assert_eq!(state(&server, &later).await, "awaiting_claim");
    let one = server.get(&format!("/refunds/{newest}")).await;
    assert_eq!((text(&one["cancel"]["reason"]), text(&one["cancel"]["note"])), ("not_requested", "by <b>mistake</b>"));
}

/// What a colleague made is approved; their own is named with the reason; what stands elsewhere is left as it is.
async fn what_was_ticked_is_approved_and_the_rest_named(server: TestServer) {
    let policy = json!({ "approval_above": { "USD": "10" } });
    server.call(Method::PUT, &format!("/mids/{}/policy", server.mid.0), Some(&policy)).await;
    let open = server.overpaid("HA-open").await;
    let mut invoices = Vec::new();
    for reference in ["HA-theirs", "HA-own"] {
        let invoice = server.invoice(reference).await;
        server.pay(&invoice, "101.102104", None).await;
        invoices.push(invoice);
    }
    let theirs = server.post("/refunds", &json!({ "invoice": invoices[0]["id"], "rate_rule": "coin_exact" })).await;
    let session = server.person("manager@example.com", Role::Manager).await;
    let manager = server.engine.session(&session).await.expect("a look-up").expect("the session");
    let invoice = domain::ids::InvoiceId(text(&invoices[1]["id"]).parse().expect("an id"));
    let id = domain::ids::RefundId(server.engine.new_id());
    let own = server.engine.create_refund(&manager, invoice, engine::refunding::NewRefund::default(), id).await.expect("a refund");

    let ticked = format!("id={}&id={}&id={}", text(&open["id"]), text(&theirs["id"]), own.id);
    let list = server.page(&session, "/refunds").await;
    assert!(list.contains("Select REFUND-HA-own") && list.contains("All that match"), "{list}");
    let before = server.page(&session, &format!("/refunds/selected?action=approve&{ticked}")).await;
    assert!(before.contains("Approve refunds: 2 refunds") && before.contains("1 of the selected refunds stands"), "{before}");
    let fields = [("of", field(&before, "of")), ("so_far", field(&before, "so_far"))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let done = server.submit(&session, "/fn/approve_refunds", &fields).await.text().await.expect("text");
    assert!(done.contains("1 approved, 1 could not be") && done.contains("1 stood where this cannot be done"), "{done}");
    assert!(done.contains(&format!("/refunds/{}", own.id)) && done.contains("You created this refund, so someone else has to"), "{done}");
    assert_eq!(state(&server, &theirs).await, "awaiting_claim");
    let nothing = server.page(&session, "/refunds/selected?action=approve").await;
    assert!(nothing.contains("Nothing is selected"), "{nothing}");

    let file = server.page(&session, &format!("/refunds.csv?{ticked}")).await;
    assert_eq!(file.lines().count(), 4, "{file}");
    assert_eq!(server.page(&session, &format!("/refunds.csv?id={}", own.id)).await.lines().count(), 2);
}

async fn a_role_does_to_many_what_it_may_do_to_one(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let support = server.person("support@example.com", Role::Support).await;
    let viewer = server.person("viewer@example.com", Role::Viewer).await;
    let of = format!("id={}", text(&refund["id"]));
    for (session, actions) in
        [(&support, vec!["approve_refunds"]), (&viewer, vec!["approve_refunds", "notify_payers", "retry_refunds", "cancel_refunds"])]
    {
        for action in actions {
            let fields = [("of", of.as_str()), ("so_far", "1 0 0 0 "), ("reason", "not_requested")];
            let refused = server.submit(session, &format!("/fn/{action}"), &fields).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{action}");
        }
    }
    assert!(!server.page(&viewer, "/refunds").await.contains("role=\"toolbar\""));
    assert_eq!(state(&server, &refund).await, "awaiting_claim");
}

/// Asks for a stream; returns its status and how far it says its page is.
async fn hear(server: &TestServer, session: &str, path: &str) -> (StatusCode, Option<String>) {
    let request = server.anonymous(Method::GET, path).header("cookie", format!("session={session}"));
    let mut answer = request.send().await.expect("an answer");
    let status = answer.status();
    if status != StatusCode::OK {
        return (status, None);
    }
    let event = answer.chunk().await.expect("an event").expect("an event");
    let event = String::from_utf8(event.to_vec()).expect("text");
    (status, event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned))
}

/// Returns the stream a page follows, and how far what it shows is.
fn followed(page: &str) -> (String, String) {
    let attribute = |name: &str| page.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
    let (url, seen) = (attribute("data-live").expect("a stream"), attribute("data-seen").expect("a stage"));
    (url.replace("&amp;", "&"), seen.to_owned())
}

async fn a_stream_tells_that_a_page_is_out_of_date(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let manager = server.person("manager@example.com", Role::Manager).await;
    let detail = format!("/refunds/{}", text(&refund["id"]));
    let invoice = format!("/invoices/{}", text(&refund["invoice"]));
    let operator = server.person("operator@example.com", Role::Admin).await;
    let of_manager = ["/refunds", "/refunds?status=awaiting_claim&q=HA-1", "/invoices?status=complete", &detail, &invoice];
    let mut before = Vec::new();
    for (path, who) in of_manager.into_iter().map(|path| (path, &manager)).chain([("/admin/health", &operator)]) {
        let (url, seen) = followed(&server.page(who, path).await);
        assert_eq!(hear(&server, who, &url).await, (StatusCode::OK, Some(seen.clone())), "{path}");
        before.push((path, who, url, seen));
    }
    server.submit(&manager, "/fn/cancel_refund", &[("id", text(&refund["id"])), ("reason", "not_requested")]).await;
    for (path, who, url, seen) in before {
        let (_, now) = hear(&server, who, &url).await;
        // The invoice's own row says what is still promised back, too.
        assert_ne!(now, Some(seen), "{path}");
        assert_eq!(now, Some(followed(&server.page(who, path).await).1), "{path}");
    }
}

async fn nobody_follows_what_they_may_not_see(server: TestServer) {
    let refund = server.overpaid("HA-1").await;
    let manager = server.person("manager@example.com", Role::Manager).await;
    let (other, _) = server.engine.add_mid("Another shop", "Their store", None).await.expect("a MID");
    server.engine.add_user("stranger@example.com", Role::Owner, Some(other), "a long password").await.expect("a person");
    let stranger = server.engine.sign_in("stranger@example.com", "a long password").await.expect("a session").session;
    let detail = format!("/live/refunds/{}", text(&refund["id"]));
    let invoice = format!("/live/invoices/{}", text(&refund["invoice"]));
    for path in [&detail, &invoice] {
        assert_eq!(hear(&server, &stranger, path).await, (StatusCode::NOT_FOUND, None), "{path}");
    }
    for path in ["/live/refunds", "/live/refunds?q=HA-1", "/live/invoices"] {
        let before = hear(&server, &stranger, path).await;
        assert_eq!(before.0, StatusCode::OK);
        server.overpaid(&format!("HA-{}", path.len())).await;
        assert_eq!(hear(&server, &stranger, path).await, before, "{path}: what others do is not heard");
    }
    for session in [&stranger, &manager] {
        assert_eq!(hear(&server, session, "/live/health").await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(hear(&server, "nobody", "/live/refunds").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(hear(&server, &manager, "/live/everything").await.0, StatusCode::NOT_FOUND);
    server.engine.sign_out(&manager).await.expect("signed out");
    assert_eq!(hear(&server, &manager, &detail).await.0, StatusCode::UNAUTHORIZED);
}

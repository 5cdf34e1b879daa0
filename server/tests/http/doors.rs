//! Who may do what: every server function, page and operation, with every role, with a session that was left open, with nobody signed in and
//! with another merchant's ids. All are taken from what is registered and routed, so a new one fails until it has its line here.

use app::Site;
use app::server_fns::{ALLOWED, Door};
use domain::ids::EndpointId;
use domain::merchant::{Right, Role};
use engine::callers::Caller;
use leptos_axum::generate_route_list;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::document::DOCUMENT;
use crate::server::{TestServer, text};

const ROLES: [Role; 5] = [Role::Admin, Role::Owner, Role::Manager, Role::Support, Role::Viewer];
/// Operations that write nothing although they post: a key that only reads may ask them.
const READ_BY_POSTING: [&str; 1] = ["/api/v1/mids/{mid}/policy/simulate"];
/// What a session that was left open may still do: it shows something, repeats what was decided, or stops money.
const NEEDS_NO_PROOF: [&str; 6] =
    ["/fn/guard_mid", "/fn/resend_webhook", "/fn/send_test_mail", "/fn/skip_setup_step", "/fn/stop_payouts", "/fn/test_endpoint"];

/// What acts on refunds chosen in a list, where nothing of another merchant's is: it does nothing then, and says so.
const CHOOSES_FROM_A_LIST: [&str; 4] = ["/fn/approve_refunds", "/fn/cancel_refunds", "/fn/notify_payers", "/fn/retry_refunds"];

/// A merchant's things, by their ids.
#[derive(Clone, Default)]
struct Things {
    merchant: String,
    mid: String,
    invoice: String,
    refund: String,
    endpoint: String,
    key: String,
    person: String,
    invitation: String,
    session: String,
}

/// Whose page it is, and where one of a merchant's is.
enum Page {
    /// It asks for no session.
    Everybodys(String),
    /// Everybody's of the merchant who is signed in, and the operator's.
    Staffs(String),
    /// Only with a right.
    With(Right, String),
}

/// A merchant with somebody of every role, and its things.
struct World {
    server: TestServer,
    /// Sessions by role.
    people: Vec<(Role, String)>,
    things: Things,
    /// The session of another merchant's owner.
    stranger: String,
    /// Another merchant's key.
    strangers_key: String,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::on_sqlite().await;
        let mut people = Vec::new();
        for role in ROLES {
            people.push((role, server.person(&format!("{}@example.com", role.name()), role).await));
        }
        let refund = server.overpaid("HA-1").await;
        let key = server.engine.key(&server.key).await.expect("a look-up").expect("the key");
        let endpoint = EndpointId(server.engine.new_id());
        server.engine.add_endpoint(&key, "https://shop.example/hooks", None, endpoint).await.expect("an endpoint");
        let session = session_of(&people, Role::Owner).to_owned();
        let owner = server.engine.session(&session).await.expect("a look-up").expect("the owner");
        let things = Things {
            merchant: server.engine.mids(&owner).await.expect("MIDs")[0].merchant.0.to_string(),
            mid: server.mid.0.to_string(),
            invoice: text(&refund["invoice"]).to_owned(),
            refund: text(&refund["id"]).to_owned(),
            endpoint: endpoint.0.to_string(),
            key: server.engine.create_key(&owner, server.mid, false, "").await.expect("a key").id.0.to_string(),
            person: person(&server, &owner, "viewer@example.com").await,
            invitation: server.engine.invite(&owner, "jo@example.com", Role::Viewer).await.expect("invited").id.0.to_string(),
            session: server.engine.sessions(&owner, &session).await.expect("sessions")[0].id.to_string(),
        };
        let (merchant, mid) = server.engine.add_mid("Somebody else", "Shop", None).await.expect("a MID");
        server.engine.add_user("stranger@example.com", Role::Owner, Some(merchant), "a long password").await.expect("a person");
        let stranger = server.engine.sign_in("stranger@example.com", "a long password").await.expect("a session").session;
        let strangers_key = server.engine.add_key(mid, true).await.expect("a key").secret;
        Self { server, people, things, stranger, strangers_key }
    }

    async fn call(&self, session: &str, path: &str, things: &Things) -> Response {
        let fields = fields(path, things);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.server.submit(session, path, &fields).await
    }

    async fn show(&self, session: &str, url: &str) -> Response {
        let request = self.server.anonymous(Method::GET, url).header("accept", "text/html").header("cookie", format!("session={session}"));
        request.send().await.expect("an answer")
    }
}

fn session_of(people: &[(Role, String)], role: Role) -> &str {
    people.iter().find(|(known, _)| *known == role).map(|(_, session)| session.as_str()).expect("somebody of every role")
}

async fn person(server: &TestServer, asks: &Caller, email: &str) -> String {
    let people = server.engine.people(asks).await.expect("people");
    people.iter().find(|person| person.email == email).expect("the person").id.to_string()
}

/// What a form sends that would be carried out for whoever may call the function, if the things are theirs.
fn fields(path: &str, things: &Things) -> Vec<(&'static str, String)> {
    let id = |id: &String| vec![("id", id.clone())];
    let word = |name: &'static str, value: &str| (name, value.to_owned());
    let mid = ("mid", things.mid.clone());
    let nothing = || Uuid::nil().to_string();
    match path {
        "/fn/accept_invitation" | "/fn/set_forgotten_password" => vec![word("token", "none"), word("password", "a long password")],
        "/fn/add_endpoint" => vec![word("url", "https://eve.example/hooks"), mid],
        "/fn/add_source" => vec![word("kind", "btcpay"), mid],
        "/fn/agree_to_pay" => vec![("invoice", things.invoice.clone())],
        "/fn/approve_refunds" | "/fn/notify_payers" | "/fn/retry_refunds" => selection(things),
        "/fn/cancel_refunds" => [selection(things), vec![word("reason", "wrong_address")]].concat(),
        "/fn/approve_policy" | "/fn/discard_policy" => vec![mid, ("version", nothing())],
        "/fn/approve_refund" | "/fn/hold_refund" | "/fn/release_refund" | "/fn/reissue_refund" | "/fn/notify_payer"
        | "/fn/retry_refund" => id(&things.refund),
        "/fn/ask_password_reset" => vec![word("email", "nobody@example.com")],
        "/fn/cancel_claim" | "/fn/confirm_claim" | "/fn/email_cancel_link" => vec![word("token", "none"), word("reason", "changed_mind")],
        "/fn/cancel_refund" => [id(&things.refund), vec![word("reason", "wrong_address")]].concat(),
        "/fn/change_brand" => vec![mid, word("name", "Eve"), word("colour", "#0b4a43")],
        "/fn/change_email" => vec![word("email", "eve@example.com"), word("password", "not the password")],
        "/fn/change_endpoint" => [id(&things.endpoint), vec![word("dialect", "bitpay")]].concat(),
        "/fn/change_name" => vec![word("called", "Eve")],
        "/fn/change_password" => vec![word("old_password", "not the password"), word("new_password", "another long password")],
        "/fn/add_mid" => vec![word("merchant", "Eve"), word("name", "Eve's own")],
        "/fn/change_privacy" => vec![mid, word("privacy_url", "https://eve.example/privacy"), word("privacy_version", "1")],
        "/fn/change_role" => [id(&things.person), vec![word("role", "manager")]].concat(),
        "/fn/change_sender" => vec![word("name", "Eve"), word("reply_to", "eve@example.com")],
        "/fn/change_writing" => vec![mid, word("alert_email", "eve@example.com"), word("language", "en")],
        "/fn/check_receipt" => vec![word("receipt", "{}")],
        "/fn/choose_events" => [id(&things.endpoint), vec![word("events[0]", "refund.paid")]].concat(),
        "/fn/create_key" => vec![mid, word("name", "Shop"), word("can_write", "on")],
        "/fn/create_refund" => vec![("invoice", things.invoice.clone()), ("quote", nothing())],
        "/fn/preview_refund" => vec![("invoice", things.invoice.clone())],
        "/fn/decline_refund" => [id(&things.refund), vec![word("why", "no")]].concat(),
        "/fn/enable_endpoint" | "/fn/remove_endpoint" | "/fn/rotate_endpoint" | "/fn/test_endpoint" => id(&things.endpoint),
        "/fn/begin_code_app" | "/fn/end_other_sessions" | "/fn/renew_recovery_codes" | "/fn/sign_out" | "/fn/turn_off_code_app" => {
            Vec::new()
        }
        "/fn/begin_passkey" | "/fn/begin_passkey_proof" | "/fn/begin_passkey_sign_in" => Vec::new(),
        "/fn/add_passkey" | "/fn/prove_passkey" | "/fn/sign_in_passkey" => vec![word("name", "Phone"), word("credential", "{}")],
        "/fn/end_session" => id(&things.session),
        "/fn/guard_mid" => vec![mid, word("guard", "suspended")],
        "/fn/invite_owner" => vec![("merchant", things.merchant.clone()), word("email", "eve@example.com")],
        "/fn/invite_person" => vec![word("email", "eve@example.com"), word("role", "viewer")],
        "/fn/lift_freeze" => vec![("merchant", things.merchant.clone())],
        "/fn/move_clock" => vec![("invoice", things.invoice.clone()), word("by", "PT1S")],
        "/fn/move_endpoint" => [id(&things.endpoint), vec![word("to", "https://eve.example/hooks")]].concat(),
        "/fn/prove" => vec![word("password", "not the password")],
        "/fn/remove_person" => id(&things.person),
        "/fn/remove_passkey" | "/fn/remove_source" => id(&nothing()),
        "/fn/resend_webhook" => [id(&nothing()), vec![("endpoint", things.endpoint.clone())]].concat(),
        "/fn/resolve_case" => vec![("invoice", things.invoice.clone()), ("case", nothing()), word("how", "refund")],
        "/fn/revoke_key" => id(&things.key),
        "/fn/sign_in" => vec![word("email", "nobody@example.com"), word("password", "a long password")],
        "/fn/sign_in_code" | "/fn/turn_on_code_app" => vec![word("secret", "none"), word("code", "000000")],
        "/fn/simulate_payment" => vec![("invoice", things.invoice.clone()), word("scenario", "exact")],
        "/fn/send_test_mail" => Vec::new(),
        "/fn/skip_setup_step" => vec![word("step", "webhook")],
        "/fn/stop_payouts" => vec![word("stopped", "true")],
        "/fn/try_policy" => vec![mid],
        "/fn/withdraw_invitation" => id(&things.invitation),
        "/fn/write_policy" => vec![mid, word("from_version", "1"), word("claim_ttl", "30 days")],
        path => panic!("{path} has no line here: say what its form sends"),
    }
}

/// One refund, chosen in the list.
fn selection(things: &Things) -> Vec<(&'static str, String)> {
    vec![("of", format!("id={}", things.refund)), ("so_far", "1 0 0 0 ".to_owned())]
}

/// Whose page is at a path.
fn page(path: &str, things: &Things) -> Page {
    let (staffs, everybodys) = (|url: &str| Page::Staffs(url.to_owned()), |url: &str| Page::Everybodys(url.to_owned()));
    match path {
        "/receipt" | "/privacy" | "/help" | "/sign-in" | "/sign-in/code" | "/reset" => everybodys(path),
        "/claim/{token}" | "/cancel/{token}" | "/invite/{token}" | "/reset/{token}" => everybodys(&path.replace("{token}", "none")),
        "/pay/{invoice}" => everybodys(&path.replace("{invoice}", &things.invoice)),
        "/" | "/prove" | "/refunds" | "/invoices" | "/policies" | "/admin/audit" => staffs(path),
        "/settings/webhooks" | "/settings/sources" | "/settings/keys" | "/settings/brand" | "/settings/email" | "/settings/security" => {
            staffs(path)
        }
        "/refunds/{id}" => staffs(&path.replace("{id}", &things.refund)),
        "/invoices/{id}" => staffs(&path.replace("{id}", &things.invoice)),
        "/invoices/{id}/mails" => Page::With(Right::MoveMoney, path.replace("{id}", &things.invoice)),
        "/policies/{mid}" => staffs(&path.replace("{mid}", &things.mid)),
        "/policies/{mid}/{asset}" => staffs(&path.replace("{mid}", &things.mid).replace("{asset}", "USDT-TRON")),
        "/settings/webhooks/{id}" => staffs(&path.replace("{id}", &things.endpoint)),
        "/refunds/selected" => Page::With(Right::MoveMoney, format!("{path}?action=cancel&all=yes")),
        "/refunds/new" => Page::With(Right::MoveMoney, format!("{path}?invoice={}", things.invoice)),
        "/settings/team" => Page::With(Right::ChangeSettings, path.to_owned()),
        "/admin/mids" | "/admin/health" => Page::With(Right::Operate, path.to_owned()),
        path => panic!("{path} has no line here: say whose page it is"),
    }
}

const fn right(door: Door) -> Option<Right> {
    match door {
        Door::Open | Door::Token | Door::SignedIn => None,
        Door::WritesToPayers => Some(Right::WriteToPayers),
        Door::MovesMoney => Some(Right::MoveMoney),
        Door::Approves => Some(Right::Approve),
        Door::ChangesSettings => Some(Right::ChangeSettings),
        Door::ChangesPolicy => Some(Right::ChangePolicy),
        Door::Operates => Some(Right::Operate),
    }
}

fn leads_to(response: &Response, page: &str) -> bool {
    let location = response.headers().get("location").and_then(|value| value.to_str().ok());
    response.status() == StatusCode::SEE_OTHER && location.is_some_and(|location| location.split('?').next() == Some(page))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_refuses_who_may_not_call_it() {
    let world = World::new().await;
    let before = world.server.snapshot().await;
    let mut wrong = Vec::new();
    for (path, door) in ALLOWED {
        if matches!(door, Door::Open | Door::Token) {
            continue;
        }
        let answer = world.call("nobody", path, &world.things).await;
        if !leads_to(&answer, "/sign-in") {
            wrong.push(format!("{path} by nobody: {}", answer.status()));
        }
        let Some(right) = right(door) else { continue };
        for (role, session) in world.people.iter().filter(|(role, _)| !role.may(right)) {
            let answer = world.call(session, path, &world.things).await;
            if answer.status() != StatusCode::FORBIDDEN {
                wrong.push(format!("{path} by {}: {}", role.name(), answer.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.server.snapshot().await, before, "something was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_keeps_its_things_from_other_merchants() {
    let world = World::new().await;
    let before = world.server.snapshot().await;
    let (mut wrong, nobodys) = (Vec::new(), Things::default());
    for (path, door) in ALLOWED {
        let takes_ids = fields(path, &world.things) != fields(path, &nobodys);
        // The clock of the sandbox is everybody's; the invoice is the page to go back to.
        if !takes_ids || matches!(door, Door::Open | Door::Token) || path == "/fn/move_clock" {
            continue;
        }
        let answer = world.call(&world.stranger, path, &world.things).await;
        let expected = if CHOOSES_FROM_A_LIST.contains(&path) {
            StatusCode::OK
        } else if door == Door::Operates {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::NOT_FOUND
        };
        if answer.status() != expected {
            wrong.push(format!("{path}: {}", answer.status()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.server.snapshot().await, before, "something was written");
}

/// Step-up: what a thief would do first at a browser that was left open.
#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_with_a_guarded_right_asks_a_session_that_was_left_open() {
    let world = World::new().await;
    world.server.execute("UPDATE sessions SET proved_at = proved_at - 600000000").await;
    let before = world.server.snapshot().await;
    let mut wrong = Vec::new();
    for (path, door) in ALLOWED {
        if !right(door).is_some_and(Right::needs_proof) || NEEDS_NO_PROOF.contains(&path) {
            continue;
        }
        let role = if door == Door::Operates { Role::Admin } else { Role::Owner };
        let answer = world.call(session_of(&world.people, role), path, &world.things).await;
        let status = answer.status();
        if held_by(answer).await.is_none() {
            wrong.push(format!("{path}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.server.snapshot().await, before, "something was written");
    let session = session_of(&world.people, Role::Owner);
    let proven = world.server.submit(session, "/fn/prove", &[("password", "a long password"), ("next", "//evil.example")]).await;
    assert!(leads_to(&proven, "/refunds"), "never to another site: {:?}", proven.headers().get("location"));
    assert_eq!(world.call(session, "/fn/create_key", &world.things).await.status(), StatusCode::OK, "asked once");
}

/// What was typed is not lost to a session that was left open: it is done once, by who sent it, once they proved that it is still them.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_waits_for_the_proof_and_is_done_then() {
    let world = World::new().await;
    let leave_open = async || world.server.execute("UPDATE sessions SET proved_at = proved_at - 600000000").await;
    let (owner, viewer) = (session_of(&world.people, Role::Owner), session_of(&world.people, Role::Viewer));
    let prove = async |session: &str, password: &str, held: &str| {
        let fields = [("password", password), ("next", "/settings/keys"), ("held", held)];
        world.server.submit(session, "/fn/prove", &fields).await
    };
    let keys = async || world.server.snapshot().await["api_keys"];
    leave_open().await;
    let before = keys().await;
    let held = held_by(world.call(owner, "/fn/create_key", &world.things).await).await.expect("a form that waits");
    assert!(!held.contains("can_write") && !held.contains(&world.things.mid), "sealed: {held}");

    let wrong = prove(owner, "not the password", &held).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(held_by(wrong).await.as_deref(), Some(held.as_str()), "it goes on waiting");
    let other = prove(&world.stranger, "a long password", &held).await;
    assert!(leads_to(&other, "/settings/keys"), "another session opens nothing: {}", other.status());
    assert!(leads_to(&prove(viewer, "a long password", &held).await, "/settings/keys"));
    assert_eq!(keys().await, before, "nothing was done");
    let done = prove(owner, "a long password", &held).await;
    assert_eq!(done.status(), StatusCode::OK);
    assert!(done.text().await.expect("a page").contains("Shown once"), "the new key is shown");
    assert_eq!(keys().await, before + 1);

    leave_open().await;
    let fields = [("kind", "btcpay"), ("mid", world.things.mid.as_str()), ("secret", "known to two")];
    let secret = world.server.submit(owner, "/fn/add_source", &fields).await;
    assert!(leads_to(&secret, "/prove"), "a secret never waits: {}", secret.status());
}

/// Returns the form that waits, sealed, in a page that asks for a proof; nothing on other pages.
async fn held_by(answer: Response) -> Option<String> {
    let page = answer.text().await.expect("a page");
    let (_, rest) = page.split_once("Is it still you?")?.1.split_once("name=\"held\" value=\"")?;
    rest.split('"').next().filter(|held| !held.is_empty()).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_shown_to_whom_it_is_for() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    let files = ["/refunds.csv", "/invoices.csv", "/audit.csv"].map(|path| (path.to_owned(), Page::Staffs(path.to_owned())));
    let pages = generate_route_list(Site).into_iter().map(|route| {
        let page = page(route.path(), &world.things);
        (route.path().to_owned(), page)
    });
    for (path, page) in pages.collect::<Vec<_>>().into_iter().chain(files) {
        let (is_for, url): (Box<dyn Fn(Role) -> bool>, String) = match page {
            Page::Everybodys(url) => {
                let status = world.show("nobody", &url).await.status();
                if status.is_redirection() || status.is_server_error() {
                    wrong.push(format!("{path} to everybody: {status}"));
                }
                continue;
            }
            Page::Staffs(url) => (Box::new(|_| true), url),
            Page::With(right, url) => (Box::new(move |role| role.may(right)), url),
        };
        let answer = world.show("nobody", &url).await;
        if !leads_to(&answer, "/sign-in") {
            wrong.push(format!("{path} to nobody: {}", answer.status()));
        }
        for (role, session) in &world.people {
            let answer = world.show(session, &url).await;
            // Who has one MID goes from the list straight to it.
            let (status, leads_on) = (answer.status(), leads_to(&answer, &format!("{path}/{}", world.things.mid)));
            if (status == StatusCode::OK || leads_on) != is_for(*role) || status.is_server_error() {
                wrong.push(format!("{path} to {}: {status}", role.name()));
            }
        }
        let status = world.show(&world.stranger, &url).await.status();
        let is_ours = path.contains('{') || url.contains(&world.things.invoice);
        if is_ours && status != StatusCode::NOT_FOUND {
            wrong.push(format!("{path} to another merchant: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where one of the merchant's things is in the API.
fn url_of(path: &str, things: &Things) -> String {
    let id = match path.split('/').nth(3) {
        Some("invoices") => &things.invoice,
        Some("refunds") => &things.refund,
        Some("webhook_endpoints") => &things.endpoint,
        _ => &things.key,
    };
    let parts = [("{mid}", &things.mid), ("{merchant}", &things.merchant), ("{case}", &things.key), ("{id}", id)];
    parts.into_iter().fold(path.to_owned(), |url, (name, value)| url.replace(name, value))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_whose_key_does_not_open_it() {
    let world = World::new().await;
    let reading = world.server.engine.add_key(world.server.mid, false).await.expect("a key").secret;
    let owner = session_of(&world.people, Role::Owner);
    let before = world.server.snapshot().await;
    let mut wrong = Vec::new();
    for (path, operations) in DOCUMENT["paths"].as_object().expect("paths") {
        for (name, operation) in operations.as_object().expect("operations") {
            let method: Method = name.to_uppercase().parse().expect("a method");
            let (url, is_read) = (url_of(path, &world.things), method == Method::GET);
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            let body = if example.is_object() { example.clone() } else { json!({}) };
            let ask = |key: Option<&str>| {
                let request = world.server.anonymous(method.clone(), &url).header("cookie", format!("session={owner}"));
                let request = if is_read { request } else { request.json::<Value>(&body) };
                if let Some(key) = key { request.bearer_auth(key) } else { request }
            };
            let mut judge = |who: &str, status: StatusCode, is_right: bool| {
                if !is_right {
                    wrong.push(format!("{method} {path} by {who}: {status}"));
                }
            };
            let status = ask(None).send().await.expect("an answer").status();
            judge("a session without a key", status, status == StatusCode::UNAUTHORIZED);
            if path.contains('{') {
                let status = ask(Some(&world.strangers_key)).send().await.expect("an answer").status();
                judge("another merchant's key", status, if is_read { status == StatusCode::NOT_FOUND } else { status.is_client_error() });
            }
            if !is_read && !READ_BY_POSTING.contains(&path.as_str()) {
                let status = ask(Some(&reading)).send().await.expect("an answer").status();
                judge("a key that only reads", status, status.is_client_error());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.server.snapshot().await, before, "something was written");
}

//! The pages over HTTP: renders `app`'s site, and answers its forms. Files come from [`crate::assets`].

use app::reply::{Failure, Reply, ReplySlot, Submitted, WantsPage};
use app::server_fns::ALLOWED;
use app::{Assets, Site, leading_to, session_of};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Form, FromRequest, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::claim::{ClaimToken, FieldErrors};
use engine::Engine;
use engine::held_forms::HeldForm;
use leptos::nonce::use_nonce;
use leptos::prelude::{expect_context, provide_context};
use leptos_axum::{ResponseOptions, generate_route_list};
use serde::Deserialize;
use tower_http::compression::CompressionLayer;
use uuid::Uuid;

use crate::assets::{asset, inlined};
use crate::security::BODY_BYTES_MAX;

/// Where the form of an open claim is posted: never a query string, because a recovery phrase typed by mistake must not land in a URL.
const CLAIM: &str = "/claim/{token}";
/// What payers open first, on slow phones: sent compressed. An attacker who measures compressed answers (BREACH) must put guesses of their
/// own beside a secret: nothing of a query is shown on these pages, and what a form brings came from our own pages only (`security`).
/// Staff's pages are not compressed: they show what was searched for.
const COMPRESSED: [&str; 3] = [CLAIM, "/cancel/{token}", "/pay/{invoice}"];

/// Returns the routes of all pages and server functions. Anything else is a page too: not found.
pub fn routes(engine: Engine) -> Router {
    let mut router = Router::new()
        .route("/fn/{name}", post(call))
        .route("/claim/{token}/receipt", get(receipt))
        .route("/receipt/key", get(receipt_key))
        .route("/brand/{owner}/{version}", get(logo));
    for page in generate_route_list(Site) {
        let methods = if page.path() == CLAIM { get(show).post(review) } else { get(show) };
        let is_compressed = COMPRESSED.contains(&page.path());
        router = router.route(page.path(), if is_compressed { methods.layer(CompressionLayer::new()) } else { methods });
    }
    router.fallback(show).with_state(engine)
}

async fn show(State(engine): State<Engine>, request: Request) -> Response {
    render(engine, request, None).await
}

/// The form of an open claim, with the names of its fields.
#[derive(Deserialize)]
struct ClaimFields {
    #[serde(default)]
    address: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    no_tag: String,
    #[serde(default)]
    consent: String,
    #[serde(default)]
    email: String,
}

/// Shows what was typed for review, or the form again with what is wrong. Changes nothing.
async fn review(State(engine): State<Engine>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = Form::<ClaimFields>::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let reply = match read {
        Ok(Form(fields)) => Reply::Form { page: parts.uri.path().to_owned(), submitted: submitted(fields) },
        Err(_) => Reply::Failed(Failure::Unreadable),
    };
    answer(engine, parts, reply).await
}

fn submitted(fields: ClaimFields) -> Submitted {
    let uses_none = fields.no_tag == "on" && fields.tag.trim().is_empty();
    let tag = if uses_none { "none".to_owned() } else { fields.tag };
    let values = vec![("address", fields.address), ("tag", tag), ("consent", fields.consent), ("email", fields.email)];
    Submitted { values, errors: FieldErrors::default() }
}

/// Answers with the page of what failed.
pub async fn fail(engine: Engine, parts: Parts, failure: Failure) -> Response {
    answer(engine, parts, Reply::Failed(failure)).await
}

/// Says that there were too many wrong links.
pub async fn too_many(engine: Engine, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    answer(engine, parts, Reply::Failed(Failure::TooMany)).await
}

/// The signed receipt of a refund that arrived, as a file to keep.
async fn receipt(State(engine): State<Engine>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match engine.receipt(&ClaimToken::from_untrusted(&token), app::viewer_of(&parts).as_ref()).await {
        Ok(receipt) => ([(header::CONTENT_DISPOSITION, "attachment; filename=\"refund-receipt.json\"")], Json(receipt)).into_response(),
        Err(error) => answer(engine, parts, Reply::Failed(Failure::of_payer(error))).await,
    }
}

/// The public key that receipts are signed with.
async fn receipt_key(State(engine): State<Engine>) -> Response {
    Json(serde_json::json!({ "algorithm": "Ed25519", "key": engine.receipt_key() })).into_response()
}

/// A merchant's logo. Its path changes with it, so browsers may keep it.
async fn logo(State(engine): State<Engine>, Path((owner, _)): Path<(Uuid, i64)>) -> Response {
    match engine.logo(owner).await {
        Ok(logo) => {
            let headers =
                [(header::CONTENT_TYPE, logo.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
            (headers, logo.bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What no form that waits for a proof is kept with, not even sealed.
const SECRETS: [&str; 6] = ["code", "credential", "new_password", "old_password", "password", "secret"];
/// The longest form that waits: sealed, it comes back with the proof, in a form of its own.
const HELD_BYTES_MAX: usize = BODY_BYTES_MAX / 2;

/// Calls a server function. Browsers get a redirect or a page, programs JSON. Who has to prove first who they are is asked, and what they
/// sent is done then.
async fn call(State(engine): State<Engine>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return answer(engine, parts, Reply::Failed(Failure::Unreadable)).await;
    };
    let (answered, reply) = call_once(&engine, parts.clone(), body.clone()).await;
    match reply {
        Some(Reply::Prove { next }) => match hold(&engine, &parts, &body) {
            Some(held) => answer(engine, parts, Reply::Form { page: leading_to("/prove", &next), submitted: holding(held) }).await,
            None => answered,
        },
        Some(Reply::Again(HeldForm { path, body })) => {
            parts.uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
            let (answered, reply) = call_once(&engine, parts.clone(), body.into()).await;
            finish(engine, parts, answered, reply).await
        }
        reply => finish(engine, parts, answered, reply).await,
    }
}

/// Answers a browser's form: by where to go, by a page, or by what keeps it from one.
async fn finish(engine: Engine, asked: Parts, answered: Response, reply: Option<Reply>) -> Response {
    if !WantsPage::of(&asked).0 || answered.status().is_redirection() {
        return answered;
    }
    // Without a reply the function was not even called: its arguments could not be read.
    answer(engine, asked, reply.unwrap_or(Reply::Failed(Failure::Unreadable))).await
}

/// Seals a browser's form, unless it is too long or has a secret in it.
fn hold(engine: &Engine, asked: &Parts, body: &Bytes) -> Option<String> {
    let mut names = form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
    if !WantsPage::of(asked).0 || body.len() > HELD_BYTES_MAX || names.any(|name| SECRETS.contains(&name.as_ref())) {
        return None;
    }
    let form = HeldForm { path: asked.uri.path().to_owned(), body: String::from_utf8(body.to_vec()).ok()? };
    Some(engine.hold_form(&session_of(engine, asked)?, form))
}

fn holding(held: String) -> Submitted {
    Submitted { values: vec![("held", held)], errors: FieldErrors::default() }
}

async fn call_once(engine: &Engine, mut parts: Parts, body: Bytes) -> (Response, Option<Reply>) {
    if !ALLOWED.iter().any(|(path, _)| *path == parts.uri.path()) {
        return (StatusCode::NOT_FOUND.into_response(), Some(Reply::Failed(Failure::NoPage)));
    }
    let wants_page = WantsPage::of(&parts);
    // With these, Leptos would send browsers back to the Referer and put errors into its URL. Here each function says where to go.
    parts.headers.remove(header::REFERER);
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));

    let slot = ReplySlot::default();
    let context = {
        let (engine, slot) = (engine.clone(), slot.clone());
        move || {
            provide_context(engine.clone());
            provide_context(slot.clone());
            provide_context(wants_page);
        }
    };
    let request = Request::from_parts(parts, Body::from(body));
    let answered = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    (answered, slot.take())
}

/// Answers a form with a page.
async fn answer(engine: Engine, mut parts: Parts, reply: Reply) -> Response {
    parts.method = Method::GET;
    if let Reply::Form { page, .. } = &reply {
        parts.uri = page.parse().unwrap_or_else(|_| Uri::from_static("/"));
    }
    render(engine, Request::from_parts(parts, Body::empty()), Some(reply)).await
}

async fn render(engine: Engine, request: Request, reply: Option<Reply>) -> Response {
    let context = move || {
        provide_context(engine.clone());
        provide_context(files());
        match &reply {
            Some(Reply::Form { submitted, .. }) => provide_context(submitted.clone()),
            Some(Reply::Failed(failure)) => provide_context(*failure),
            Some(Reply::Prove { .. } | Reply::Again(_)) | None => {}
        }
        set_policy();
    };
    leptos_axum::render_app_async_with_context(context, Site)(request).await
}

fn files() -> Assets {
    Assets {
        css: asset("refundry.css"),
        style: || inlined("refundry.css"),
        start_js: asset("start.js"),
        icon: asset("favicon.svg"),
        font: asset("inter-latin.woff2"),
    }
}

/// Allows a page what it needs and nothing else. The nonce is for the few lines of script in which Leptos hands data over.
fn set_policy() {
    let nonce = use_nonce().map(|nonce| format!("'nonce-{nonce}' ")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' {nonce}'wasm-unsafe-eval'; style-src 'self' {nonce}; connect-src 'self'; img-src 'self' data:; \
         font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        expect_context::<ResponseOptions>().insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_registered_server_function_is_allowed_and_posts() {
        let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (path, method.to_string())).collect();
        let allowed: BTreeSet<_> = ALLOWED.iter().map(|(path, _)| (*path, Method::POST.to_string())).collect();
        assert_eq!(registered, allowed);
    }

    #[test]
    fn the_tick_box_says_that_a_wallet_uses_no_tag() {
        let fields = |tag: &str, no_tag: &str| ClaimFields {
            address: String::new(),
            tag: tag.to_owned(),
            no_tag: no_tag.to_owned(),
            consent: String::new(),
            email: String::new(),
        };
        assert_eq!(submitted(fields(" ", "on")).value("tag"), "none");
        assert_eq!(submitted(fields("", "")).value("tag"), "");
        assert_eq!(submitted(fields("7", "on")).value("tag"), "7");
    }
}

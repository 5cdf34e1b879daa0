//! `Idempotency-Key`: a POST that is sent again gets the answer it got before, byte for byte, and happens once.

use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::RequestId;
use engine::callers::Caller;
use engine::idempotency::Idempotency;
use engine::{Engine, Error};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::problem::Problem;
use crate::security::BODY_BYTES_MAX;

/// The longest key.
const KEY_BYTES_MAX: usize = 255;
/// The longest answer to a POST.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// How long to wait for the answer to a request that came at the same moment: longer than any takes where nothing is wrong.
const ANSWERED_SOON: Duration = Duration::from_secs(10);
/// How often to look for it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// The id of what a POST makes: the same for the same idempotency key, also after a crash between making and answering.
#[derive(Clone, Copy)]
pub struct NewId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for NewId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_else(|| Self(Uuid::now_v7())))
    }
}

/// Answers a repeated POST from memory and remembers the answer to a new one.
pub async fn remember(State(engine): State<Engine>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let Some(key) = request.headers().get("idempotency-key").cloned() else { return next.run(request).await };
    handle(&engine, &key, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn handle(engine: &Engine, key: &HeaderValue, request: Request, next: Next) -> Result<Response, Problem> {
    let is_usable = |key: &&str| !key.is_empty() && key.len() <= KEY_BYTES_MAX;
    let Some(key) = key.to_str().ok().filter(is_usable) else {
        return Err(Problem::field("Idempotency-Key", "invalid", "use 1 to 255 printable ASCII characters, such as a UUID"));
    };
    let Some(caller) = request.extensions().get::<Caller>().cloned() else { return Err(Problem::unauthorized()) };
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Problem::internal())?;
    let busy = match begin(engine, &caller, key, hash(&parts, &body)).await? {
        Idempotency::Replay { status, body } => return Ok(replay(status, body)),
        Idempotency::Fresh(busy) => busy,
    };
    parts.extensions.insert(NewId(busy.resource));
    parts.extensions.insert(Caller { request: Some(RequestId(busy.resource)), ..caller.clone() });
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // "Try again" and a failure of ours are no answers: the caller sends the same key again, and what is made has the same id.
    if response.status().is_server_error() || response.headers().contains_key(header::RETRY_AFTER) {
        engine.idempotency_give_up(&caller, key, busy).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.map_err(|_| Problem::internal())?;
    let text = String::from_utf8_lossy(&body);
    engine.idempotency_finish(&caller, key, parts.status.as_u16(), &text).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Begins a request that has a name. Of several that come at once the first is carried out, and the others wait a while for its answer.
///
/// # Errors
/// Those of [`Engine::idempotency_begin`].
pub async fn begin(engine: &Engine, caller: &Caller, name: &str, hash: [u8; 32]) -> Result<Idempotency, Error> {
    let since = Instant::now();
    loop {
        match engine.idempotency_begin(caller, name, hash).await {
            Err(Error::StillBusy { .. }) if since.elapsed() < ANSWERED_SOON => tokio::time::sleep(LOOK_AGAIN_AFTER).await,
            begun => return begun,
        }
    }
}

/// Returns what makes two requests the same: the path and every byte of the body. The lengths keep the parts apart.
fn hash(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let path = parts.uri.path();
    let mut hasher = Sha256::new();
    hasher.update(path.len().to_be_bytes());
    hasher.update(path);
    hasher.update(body);
    hasher.finalize().into()
}

fn replay(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_problem = status.is_client_error() || status.is_server_error();
    let content_type = if is_problem { "application/problem+json" } else { "application/json" };
    (status, [(header::CONTENT_TYPE, content_type), (header::HeaderName::from_static("idempotency-replayed"), "true")], body)
        .into_response()
}

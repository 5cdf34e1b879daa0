//! `/in/{source}`: where other systems tell of deposits. It lets in by their signatures, which the engine checks over the body as it came.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use domain::ids::SourceId;
use domain::source::NewsOutcome;
use engine::Engine;
use engine::intake::NotHeard;
use serde::Serialize;

use crate::api::Id;
use crate::problem::{Code, Problem};

/// What a sender is told. None of them reads it; whoever looks at their log does.
#[derive(Serialize)]
struct Heard {
    outcome: NewsOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Its one URL.
pub fn routes() -> Router<Engine> {
    let hear: MethodRouter<Engine> = post(hear);
    Router::new().route("/in/{source}", hear)
}

async fn hear(State(engine): State<Engine>, Id(id): Id<SourceId>, headers: HeaderMap, body: Bytes) -> Result<Json<Heard>, Problem> {
    match engine.hear(id, &headers, &body).await {
        Ok(answer) => Ok(Json(Heard { outcome: answer.outcome, detail: answer.detail.map(|why| why.to_string()) })),
        Err(error @ NotHeard::Forged) => Err(Problem::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, error.to_string())),
        Err(error @ NotHeard::Malformed(_)) => Err(Problem::new(StatusCode::BAD_REQUEST, Code::ValidationFailed, error.to_string())),
        Err(NotHeard::Failed(error)) => Err(error.into()),
    }
}

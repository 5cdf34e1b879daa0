//! Examples: a request and its answers for each operation, as a test recorded them from a running server. The test fails when the server
//! answers otherwise by now; with `RECORD_EXAMPLES` set it writes `server/docs/examples.json` anew.

use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// What was recorded: by method and path `{request?, answers: {status: body}}`.
const RECORDED: &str = include_str!("../../docs/examples.json");

/// Reads them.
pub(super) fn recorded() -> Value {
    serde_json::from_str(RECORDED).expect("the recorded examples are JSON, as a test makes sure")
}

/// Adds what was recorded of one operation to it.
pub(super) fn add(recorded: &Value, operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(content) = body.content.get_mut("application/json")
    {
        put(&recorded["request"], content);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        for (_, content) in response.content.iter_mut().filter(|(kind, _)| recorded["kinds"][status] == **kind) {
            put(&recorded["answers"][status], content);
        }
    }
}

fn put(example: &Value, content: &mut RefOr<Content>) {
    if let RefOr::T(content) = content
        && !example.is_null()
    {
        content.example = Some(example.clone());
    }
}

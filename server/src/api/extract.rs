//! How requests are read: strictly, so that a misspelt field is an error that names it and never a silent default.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use domain::claim::FieldErrors;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            let detail = "send JSON with `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::ValidationFailed, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| malformed("the body could not be read: send it again"))?;
        // serde takes a list for a struct, too: its values for the fields, in their order. Here fields have names.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(wrong_field(".", "invalid type: a list, expected an object"));
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let cause = error.into_inner();
            if cause.is_data() { wrong_field(&path, &cause.to_string()) } else { malformed(&format!("the body is not JSON: {cause}")) }
        })?;
        json.end().map_err(|error| malformed(&format!("the body is not JSON: {error}")))?;
        Ok(Self(value))
    }
}

/// The query parameters.
pub struct Filter<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Filter<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(value) = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            // "Failed to deserialize query string: <field>: <reason>", or no field for one that is unknown.
            let text = rejection.body_text();
            let reason = text.split_once(": ").map_or(text.as_str(), |(_, reason)| reason);
            let (path, reason) = reason.split_once(": ").unwrap_or((".", reason));
            wrong_field(path, reason)
        })?;
        Ok(Self(value))
    }
}

/// The id in the path. Text that is no id names nothing, so it is not found.
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(id))
    }
}

/// Reads a part of a body that was taken out of it; `field` is where it stood, and empty for the body itself.
///
/// # Errors
/// Names the field that is wrong, as [`Body`] does.
pub fn read<T: DeserializeOwned>(field: &str, part: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(part).map_err(|error| {
        let inside = error.path().to_string();
        let path = [field, inside.as_str()].into_iter().filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join(".");
        wrong_field(&path, &error.into_inner().to_string())
    })
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, Code::ValidationFailed, detail)
}

/// Names the field that could not be read. serde knows it by its path, or quotes it when it is unknown or missing.
fn wrong_field(path: &str, reason: &str) -> Problem {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let quoted = reason.split('`').nth(1).unwrap_or_default();
    let (code, name) = match () {
        () if reason.starts_with("unknown field") => ("unknown", quoted),
        () if reason.starts_with("missing field") => ("required", quoted),
        () => ("invalid", path),
    };
    // The path of a field that is unknown or missing inside another ends at the other, or at the field itself.
    let parent = path.trim_matches('.');
    let parent = match parent.rsplit_once('.') {
        Some((other, field)) if field == name => other,
        None if parent == name => "",
        Some(_) | None => parent,
    };
    let is_nested = code != "invalid" && !parent.is_empty();
    let field = if is_nested { format!("{parent}.{name}") } else { name.to_owned() };
    Problem::invalid(FieldErrors::one(&field, code, reason))
}

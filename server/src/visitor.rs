//! What an answer must know of its request, wherever in the server it is made: the request's id and who reads it.

use std::future::Future;

use uuid::Uuid;

#[derive(Clone, Copy)]
struct Visitor {
    request: Uuid,
    is_browser: bool,
}

tokio::task_local! {
    static VISITOR: Visitor;
}

/// Runs the handling of one request.
pub async fn scope<F: Future>(request: Uuid, is_browser: bool, handling: F) -> F::Output {
    VISITOR.scope(Visitor { request, is_browser }, handling).await
}

/// Returns the id of the request being handled, as the header `x-request-id` has it.
pub fn request_id() -> String {
    VISITOR.try_with(|visitor| visitor.request.to_string()).unwrap_or_default()
}

/// Says whether a person reads the answer in a browser, rather than a program.
pub fn is_browser() -> bool {
    VISITOR.try_with(|visitor| visitor.is_browser).unwrap_or(false)
}

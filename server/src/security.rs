//! What holds for every request, whatever its URL: an id, a size limit, a time limit, no requests forged from other sites,
//! no details of a crash, and the headers that keep browsers strict.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::visitor;

/// The largest request body, in bytes. The longest legitimate one is an invoice with all its fields.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long one request may take, its body included.
const REQUEST_SECS_MAX: Duration = Duration::from_secs(30);
/// What programs ask: authorised by keys and signatures that no browser sends by itself.
const APIS: [&str; 3] = ["/api/v1/", "/compat/", "/in/"];

/// Where this installation is reached, as browsers see it.
#[derive(Clone)]
struct Site {
    origin: String,
    is_https: bool,
}

/// Wraps all routes.
pub fn protect(router: Router, public_url: &str) -> Router {
    let site = Site { origin: public_url.trim_end_matches('/').to_owned(), is_https: public_url.starts_with("https://") };
    router.layer(CatchPanicLayer::custom(|_| Problem::internal().into_response())).layer(middleware::from_fn_with_state(site, guard))
}

async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    let is_browser = is_browser(&request);
    let span = tracing::info_span!("request", %id, method = %request.method(), path = loggable(request.uri().path()));
    let handling = async {
        let answering = async {
            match admit(&site, request).await {
                Ok(request) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        };
        let mut response = match tokio::time::timeout(REQUEST_SECS_MAX, answering).await {
            Ok(response) => response,
            Err(_) => Problem::unavailable("this took too long and was stopped: try again").into_response(),
        };
        set_headers(response.headers_mut(), &site, id);
        tracing::info!(status = response.status().as_u16(), "answered");
        response
    };
    visitor::scope(id, is_browser, handling.instrument(span)).await
}

/// Lets a request in: whole, small enough and not sent by another site.
async fn admit(site: &Site, request: Request) -> Result<Request, Problem> {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(request);
    }
    if !is_for_programs(&request) && !is_from_own_pages(site, request.headers()) {
        let detail = "the request came from another site: open the page here and try again";
        return Err(Problem::new(StatusCode::FORBIDDEN, Code::Forbidden, detail));
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| too_large())?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn too_large() -> Problem {
    let detail = format!("the request's body is larger than {BODY_BYTES_MAX} bytes: send less");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Code::ValidationFailed, detail)
}

/// Says whether one of our own pages sent this (Fetch Metadata; `Origin` where a browser does not send it). Absent is no.
fn is_from_own_pages(site: &Site, headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(sender) => sender == "same-origin" || sender == "none",
        None => headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == site.origin.as_bytes()),
    }
}

fn is_for_programs(request: &Request) -> bool {
    APIS.iter().any(|prefix| request.uri().path().starts_with(prefix))
}

fn is_browser(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    !is_for_programs(request) && accept.contains("text/html")
}

/// Returns a path as the log may have it: links are secrets.
fn loggable(path: &str) -> &str {
    for prefix in ["/claim/", "/cancel/", "/invite/", "/reset/"] {
        if path.starts_with(prefix) {
            return prefix;
        }
    }
    path
}

/// Sets what every answer carries. What a page or a file has set for itself stays.
fn set_headers(headers: &mut HeaderMap, site: &Site, id: Uuid) {
    let strict: [(HeaderName, &'static str); 8] = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not no-referrer: a form that posts without JavaScript would then send `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in strict {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if site.is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let site = Site { origin: "https://refunds.example".to_owned(), is_https: true };
        let admits = |pairs: &[(&'static str, &'static str)]| is_from_own_pages(&site, &headers(pairs));
        assert!(admits(&[("sec-fetch-site", "same-origin")]));
        assert!(admits(&[("sec-fetch-site", "none")]));
        assert!(admits(&[("origin", "https://refunds.example")]));
        assert!(!admits(&[]));
        assert!(!admits(&[("sec-fetch-site", "cross-site"), ("origin", "https://refunds.example")]));
        assert!(!admits(&[("sec-fetch-site", "same-site")]));
        assert!(!admits(&[("origin", "null")]));
        assert!(!admits(&[("origin", "https://refunds.example.evil.example")]));
        assert!(!admits(&[("referer", "https://refunds.example/")]));
    }

    #[test]
    fn browsers_are_told_to_stay_on_https_where_it_is_used() {
        for (is_https, expected) in [(true, Some("max-age=31536000; includeSubDomains")), (false, None)] {
            let mut headers = HeaderMap::new();
            set_headers(&mut headers, &Site { origin: String::new(), is_https }, Uuid::nil());
            let found = headers.get(header::STRICT_TRANSPORT_SECURITY).and_then(|value| value.to_str().ok());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_a_page_says_of_itself_stays() {
        let mut headers = headers(&[("content-security-policy", "default-src 'none'; style-src 'self'"), ("cache-control", "public")]);
        set_headers(&mut headers, &Site { origin: String::new(), is_https: false }, Uuid::nil());
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; style-src 'self'");
        assert_eq!(headers[header::CACHE_CONTROL], "public");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn the_log_has_no_links() {
        assert_eq!(loggable("/claim/5Kd3"), "/claim/");
        assert_eq!(loggable("/cancel/5Kd3"), "/cancel/");
        assert_eq!(loggable("/invite/5Kd3"), "/invite/");
        assert_eq!(loggable("/reset/5Kd3"), "/reset/");
        assert_eq!(loggable("/api/v1/refunds"), "/api/v1/refunds");
    }
}

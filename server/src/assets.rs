//! The browser's files, embedded in the program: style sheet, fonts, icon, scripts, wasm. Their names carry a hash of their
//! content, so browsers may keep them for ever. `cargo xtask bundle` makes them; a development build reads them from target/site.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// Where all files are served. The style sheet and the start script find the others relative to themselves.
const FOLDER: &str = "/assets";

/// Returns the routes of the browser's files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(&format!("{FOLDER}/{{file}}"), get(serve))
}

/// Returns the URL of a file by its logical name: `refundry.css`, `start.js`, `favicon.svg`. Before the first
/// `cargo xtask bundle` that is the plain name, which is served as not found.
pub fn asset(logical: &str) -> String {
    let manifest = manifest();
    let file = entries(&manifest).find(|(name, _)| *name == logical).map_or(logical, |(_, file)| file);
    format!("{FOLDER}/{file}")
}

/// Returns a style sheet by its logical name, to stand in a page: with the URLs of its fonts as they are seen from there.
pub fn inlined(logical: &str) -> String {
    let manifest = manifest();
    let file = entries(&manifest).find(|(name, _)| *name == logical).and_then(|(_, file)| Site::get(file));
    file.map(|file| String::from_utf8_lossy(&file.data).replace("url(", &format!("url({FOLDER}/"))).unwrap_or_default()
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(content_type) = content_type(&file) else { return StatusCode::NOT_FOUND.into_response() };
    if !entries(&manifest()).any(|(_, listed)| listed == file) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((encoding, content)) = best(&file, accepted) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = content.into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Returns the smallest form of a file that the browser accepts.
fn best(file: &str, accepted: &str) -> Option<(Option<&'static str>, Cow<'static, [u8]>)> {
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts(accepted, encoding)
            && let Some(compressed) = Site::get(&format!("{file}.{ending}"))
        {
            return Some((Some(encoding), compressed.data));
        }
    }
    Site::get(file).map(|plain| (None, plain.data))
}

/// Says whether an Accept-Encoding header (RFC 9110, 12.5.3) names this encoding and does not refuse it by `q=0`.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_named && !parts.any(|part| matches!(part.to_ascii_lowercase().as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(file: &str) -> Option<&'static str> {
    let (_, ending) = file.rsplit_once('.')?;
    Some(match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn manifest() -> String {
    Site::get("manifest.txt").map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// Reads the manifest's lines "logical name, file name"; a line that starts with # is a comment.
fn entries(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    manifest.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_files_and_skips_its_first_line() {
        let manifest = "# inputs abc\nstart.js start.0123.js\nrefundry.css refundry.4567.css\n";
        let names: Vec<_> = entries(manifest).collect();
        assert_eq!(names, [("start.js", "start.0123.js"), ("refundry.css", "refundry.4567.css")]);
    }

    #[test]
    fn a_refused_encoding_is_not_sent() {
        assert!(accepts("gzip, deflate, BR;q=0.5", "br"));
        assert!(accepts("gzip;q=1.0", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[tokio::test]
    async fn nothing_but_listed_files_is_served() {
        for file in ["manifest.txt", "../Cargo.toml", "start.js.br", "none.css", ""] {
            let answer = serve(Path(file.to_owned()), HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{file}");
        }
    }

    #[tokio::test]
    async fn a_listed_file_is_kept_for_ever_in_the_encoding_asked_for() {
        let manifest = manifest();
        for (logical, file) in entries(&manifest) {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
            let answer = serve(Path(file.to_owned()), headers).await;
            assert_eq!(answer.status(), StatusCode::OK, "{logical}");
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
            assert_eq!(answer.headers()[header::VARY], "accept-encoding");
            let encoding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(encoding.is_none(), logical.ends_with(".woff2"), "{logical}");
            assert_eq!(asset(logical), format!("/assets/{file}"));
        }
    }
}

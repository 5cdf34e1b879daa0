//! Who is asking: the session cookie of staff, the viewer cookie of the browser that confirmed a claim.

use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use domain::claim::ViewerToken;
use domain::language::Language;
use domain::merchant::Right;
use engine::Engine;
use engine::callers::Caller;
use leptos::prelude::*;

use crate::reply::{Failure, set_header};

const VIEWER_COOKIE: &str = "viewer";
const BEGUN_COOKIE: &str = "sign-in";
const LANGUAGE_COOKIE: &str = "language";
const PAYER_COOKIE: &str = "payer";

/// Returns who is signed in, by the session that a request brings along.
///
/// # Errors
/// `Store` when the database fails.
pub async fn caller_of(engine: &Engine, parts: &Parts) -> Result<Option<Caller>, engine::Error> {
    match session_of(engine, parts) {
        Some(secret) => engine.session(&secret).await,
        None => Ok(None),
    }
}

/// Returns the secret of the session that a request brings along, which may be over.
#[must_use]
pub fn session_of(engine: &Engine, parts: &Parts) -> Option<String> {
    cookie_of(parts, session_cookie(engine.settings().public_url.starts_with("https://")))
}

/// Returns who is signed in.
pub(crate) async fn caller() -> Result<Caller, Failure> {
    let engine = expect_context::<Engine>();
    let secret = session_secret().ok_or(Failure::SignIn)?;
    engine.session(&secret).await?.ok_or(Failure::SignIn)
}

/// Returns who is signed in, and the secret of their session.
pub(crate) async fn signed_in() -> Result<(Caller, String), Failure> {
    Ok((caller().await?, session_secret().ok_or(Failure::SignIn)?))
}

/// Returns who is signed in, if their role has a right: for what the engine asks nobody about.
pub(crate) async fn caller_with(right: Right) -> Result<Caller, Failure> {
    let caller = caller().await?;
    if caller.may(right) { Ok(caller) } else { Err(Failure::Forbidden) }
}

/// Returns the secret of the visitor's session, which may be over.
pub(crate) fn session_secret() -> Option<String> {
    cookie(session_cookie(is_https()))
}

/// Keeps a new session in the browser.
pub(crate) fn start_session(secret: &str) {
    set_cookie(session_cookie(is_https()), secret, "/", "Lax", "");
}

/// Makes the browser forget its session.
pub(crate) fn end_session() {
    set_cookie(session_cookie(is_https()), "", "/", "Lax", "; Max-Age=0");
}

/// Keeps in the browser that a code is still to come.
pub(crate) fn begin_sign_in(secret: &str) {
    set_cookie(BEGUN_COOKIE, secret, "/", "Strict", "; Max-Age=300");
}

/// Returns the secret of a sign-in whose code is still to come.
pub(crate) fn sign_in_begun() -> Option<String> {
    cookie(BEGUN_COOKIE)
}

/// Makes the browser forget the sign-in that it began.
pub(crate) fn forget_sign_in() {
    set_cookie(BEGUN_COOKIE, "", "/", "Strict", "; Max-Age=0");
}

/// Returns the token that shows a whole destination again.
pub(crate) fn viewer() -> Option<ViewerToken> {
    cookie(VIEWER_COOKIE).map(|value| ViewerToken::from_untrusted(&value))
}

/// Keeps a viewer token beside the claim it belongs to: one browser may confirm several.
pub(crate) fn keep_viewer(claim: &str, viewer: &ViewerToken) {
    set_cookie(VIEWER_COOKIE, viewer.expose(), &format!("/claim/{claim}"), "Strict", "; Max-Age=31536000");
}

/// Returns the secret of the browser that had a payment page open before anybody paid.
pub(crate) fn payer() -> Option<String> {
    cookie(PAYER_COOKIE)
}

/// Keeps that secret beside the payment page it belongs to. The page is opened from the shop's own site, so it is not `Strict`.
pub(crate) fn keep_payer(invoice: &str, secret: &str) {
    set_cookie(PAYER_COOKIE, secret, &format!("/pay/{invoice}"), "Lax", "; Max-Age=31536000");
}

/// Returns the language that the browser of a request was last spoken to in by choice.
pub(crate) fn language_of(parts: &Parts) -> Option<Language> {
    cookie_of(parts, LANGUAGE_COOKIE).and_then(|name| Language::from_name(&name))
}

/// Keeps the language that was chosen.
pub(crate) fn keep_language(language: Language) {
    set_cookie(LANGUAGE_COOKIE, language.name(), "/", "Lax", "; Max-Age=31536000");
}

/// A `__Host-` cookie cannot be planted by a neighbouring subdomain or over plain HTTP; browsers accept it only with TLS.
const fn session_cookie(is_https: bool) -> &'static str {
    if is_https { "__Host-session" } else { "session" }
}

fn is_https() -> bool {
    expect_context::<Engine>().settings().public_url.starts_with("https://")
}

/// Returns the viewer token that a request brings along.
#[must_use]
pub fn viewer_of(parts: &Parts) -> Option<ViewerToken> {
    cookie_of(parts, VIEWER_COOKIE).map(|value| ViewerToken::from_untrusted(&value))
}

fn cookie(name: &str) -> Option<String> {
    cookie_of(&use_context::<Parts>()?, name)
}

fn cookie_of(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(header::COOKIE);
    headers.iter().filter_map(|value| value.to_str().ok()).find_map(|value| find_cookie(value, name))
}

fn find_cookie(header: &str, name: &str) -> Option<String> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).find(|value| !value.is_empty())
}

fn set_cookie(name: &str, value: &str, path: &str, same_site: &str, rest: &str) {
    let secure = if is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite={same_site}{secure}{rest}");
    // A value that is no header came from a link that opens nothing: it gets no cookie.
    if let Ok(value) = HeaderValue::from_str(&text) {
        set_header(header::SET_COOKIE, value);
    }
}

/// Returns a path of ours to go to after signing in; anything that could leave the site becomes the start page.
pub(crate) fn safe_next(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.?=&%".contains(&byte));
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { "/refunds" }
}

/// Returns the URL of `page` that leads to `next` afterwards.
#[must_use]
pub fn leading_to(page: &str, next: &str) -> String {
    let next = safe_next(next).replace('%', "%25").replace('&', "%26").replace('?', "%3F").replace('=', "%3D");
    format!("{page}?next={next}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_next() {
        for next in ["/refunds/0198", "/refunds?status=paid&after=abc", "/invoices"] {
            assert_eq!(safe_next(next), next);
        }
        for next in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "refunds",
            "/a\r\nb",
        ] {
            assert_eq!(safe_next(next), "/refunds", "{next:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        assert_eq!(find_cookie("a=1; session=x=y; b=2", "session").as_deref(), Some("x=y"));
        assert_eq!(find_cookie("__Host-session=x", "session"), None);
        assert_eq!(find_cookie("session=", "session"), None);
    }
}

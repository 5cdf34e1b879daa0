//! Which browser somebody signs in with, in words that they recognise. Only for them to read: nothing is decided by it.

use axum::http::header;
use axum::http::request::Parts;
use engine::callers::UNKNOWN_BROWSER;
use leptos::prelude::use_context;
use words::staff_security;

use crate::language::say;

/// Browsers by what stands in their `User-Agent`. Each claims to be those below it, too.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems in the same way.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Returns the browser that a request came from.
pub(crate) fn browser() -> String {
    let parts = use_context::<Parts>();
    let named = parts.as_ref().and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok());
    in_words(named.unwrap_or_default())
}

fn in_words(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name);
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => UNKNOWN_BROWSER.to_owned(),
    }
}

/// Says which browser it was, as [`browser`] named it.
pub(crate) fn said(named: &str) -> String {
    match named.split_once(" on ") {
        Some((browser, system)) => say(staff_security::BrowserOn { browser, system }),
        None if named == UNKNOWN_BROWSER => say(staff_security::UnknownBrowser),
        None => named.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_by_what_they_are_not_by_what_they_claim() {
        let like = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(), "Firefox on Linux"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {like} Chrome/140.0 Safari/537.36 Edg/140.0"), "Edge on Windows"),
            (format!("Mozilla/5.0 (Linux; Android 10; K) {like} Chrome/140.0 Mobile Safari/537.36"), "Chrome on Android"),
            (format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {like} Version/18.0 Safari/605.1.15"), "Safari on macOS"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {like} CriOS/140.0 Safari/604.1"), "Chrome on iPhone"),
            ("curl/8.0".to_owned(), UNKNOWN_BROWSER),
            (String::new(), UNKNOWN_BROWSER),
        ] {
            assert_eq!(in_words(&user_agent), words);
        }
    }
}

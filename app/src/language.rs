//! Which language a payer's page speaks, and sentences that show some of their words in an element of their own.

use axum::http::header;
use axum::http::request::Parts;
use domain::language::{Language, Spoken};
use leptos::prelude::*;
use words::{Part, Sentence, best_for};

use crate::session;

/// Returns the language of this visitor: as the link says, as was chosen in this browser, as is known of the payer, as the browser likes
/// best, as the MID speaks, else English.
pub(crate) fn language(spoken: Spoken) -> Language {
    let Some(parts) = use_context::<Parts>() else { return spoken.best() };
    let wish = || parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(best_for);
    asked(&parts).or_else(session::language).or(spoken.chosen).or_else(wish).or(spoken.by_default).unwrap_or(Language::English)
}

/// Keeps the language that the link asks for, so that the next page speaks it too.
pub(crate) fn keep_asked_language() {
    if let Some(language) = use_context::<Parts>().and_then(|parts| asked(&parts)) {
        session::keep_language(language);
    }
}

/// Reads `?lang=de`.
fn asked(parts: &Parts) -> Option<Language> {
    let pairs = parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| *name == "lang").find_map(|(_, value)| Language::from_name(value))
}

/// Renders a sentence; `shown` says how a variable looks.
pub(crate) fn rich(sentence: &impl Sentence, language: Language, shown: impl Fn(&'static str, String) -> AnyView) -> AnyView {
    let parts = sentence.parts(language).into_iter().map(|part| match part {
        Part::Text(text) => text.into_any(),
        Part::Variable { name, text } => shown(name, text),
    });
    parts.collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_say_the_language() {
        let of = |uri: &str| asked(&axum::http::Request::get(uri).body(()).expect("a request").into_parts().0);
        assert_eq!(of("/pay/1?lang=de"), Some(Language::German));
        assert_eq!(of("/pay/1?a=b&lang=ar"), Some(Language::Arabic));
        assert_eq!(of("/pay/1?lang=xx"), None);
        assert_eq!(of("/pay/1"), None);
    }
}

//! Which language a page speaks, and sentences that show some of their words in an element of their own.

use axum::http::request::Parts;
use axum::http::{Uri, header};
use domain::language::{Language, Spoken};
use leptos::prelude::*;
use words::{Part, Sentence, best_for, staff_frame};

use crate::session;

/// Returns the language of this visitor: as the link says, as was chosen in this browser, as is known of the payer, as the browser likes
/// best, as the MID speaks, else English.
pub(crate) fn language(spoken: Spoken) -> Language {
    let said = with_context(|parts: &Parts| {
        let wish = || parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(best_for);
        asked(parts).or_else(|| session::language_of(parts)).or(spoken.chosen).or_else(wish).or(spoken.by_default)
    });
    said.map_or_else(|| spoken.best(), |language| language.unwrap_or(Language::English))
}

/// Returns the language of whoever works here: as the link says, as was chosen in this browser, as the browser likes best, else English.
pub(crate) fn staff_language() -> Language {
    language(Spoken::default())
}

/// Says a sentence in the language of whoever works here.
pub(crate) fn say(sentence: impl Sentence) -> String {
    sentence.to(staff_language())
}

/// Says things one after the other, in the language of whoever works here: `1 BTC and 2 ETH`.
pub(crate) fn say_all(things: impl IntoIterator<Item = String>) -> String {
    things.into_iter().reduce(|first, second| say(staff_frame::And { first: &first, second: &second })).unwrap_or_default()
}

/// Keeps the language that the link asks for, so that the next page speaks it too.
pub(crate) fn keep_asked_language() {
    if let Some(language) = with_context(asked).flatten() {
        session::keep_language(language);
    }
}

/// Returns the address of the page that is shown, to which `lang=de` can be added: `/refunds?status=paid&`. Nothing where a form was sent to,
/// which is no page.
pub(crate) fn this_page() -> Option<String> {
    with_context(|parts: &Parts| page_of(&parts.uri)).flatten()
}

fn page_of(uri: &Uri) -> Option<String> {
    let query = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let query: String = query.map(|pair| format!("{pair}&")).collect();
    (!uri.path().starts_with("/fn/")).then(|| format!("{}?{query}", uri.path()))
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

/// Renders a sentence of which only the variables are seen: the rest is for those who hear it.
pub(crate) fn heard(sentence: &impl Sentence, language: Language) -> AnyView {
    let parts = sentence.parts(language).into_iter().map(|part| match part {
        Part::Text(text) => view! { <span class="vh">{text}</span> }.into_any(),
        Part::Variable { text, .. } => text.into_any(),
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

    #[test]
    fn another_language_is_asked_for_on_the_same_page() {
        let of = |uri: &'static str| page_of(&Uri::from_static(uri));
        assert_eq!(of("/refunds").as_deref(), Some("/refunds?"));
        assert_eq!(of("/refunds?status=paid&lang=de&q=a").as_deref(), Some("/refunds?status=paid&q=a&"));
        assert_eq!(of("/fn/sign_out"), None);
    }
}

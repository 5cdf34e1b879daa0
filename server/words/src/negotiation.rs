//! Which language a visitor is spoken to in.

use domain::language::Language;

/// Returns the language that a browser's `Accept-Language` header asks for first among ours; `None` when it asks for none.
///
/// Regional tags find their language (`de-AT` is German), and what cannot be read is passed over (RFC 4647, lookup).
#[must_use]
pub fn best_for(accept_language: &str) -> Option<Language> {
    let asked = accept_language::parse(accept_language);
    asked.iter().find_map(|tag| Language::from_name(&tag.split('-').next().unwrap_or_default().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_answered_in_the_language_it_likes_best() {
        assert_eq!(best_for("de-AT,de;q=0.9,en;q=0.5"), Some(Language::German));
        assert_eq!(best_for("ar-EG"), Some(Language::Arabic));
        assert_eq!(best_for("nl,fr;q=0.3"), Some(Language::French));
        assert_eq!(best_for("en;q=0.2, es;q=0.8"), Some(Language::Spanish));
    }

    #[test]
    fn an_unknown_or_broken_wish_is_no_wish() {
        assert_eq!(best_for("nl-NL"), None);
        assert_eq!(best_for(""), None);
        assert_eq!(best_for("'; drop table"), None);
    }
}

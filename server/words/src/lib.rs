//! What payers and staff are told, in their own language.
//!
//! Every message of `messages/<language>/<file>.ftl` ([Fluent](https://projectfluent.org)) is a type here, in a module named
//! for its file: `claim.ftl`'s `review-button` is [`claim`]`::ReviewButton`. A variable is a field, so none can be forgotten; a
//! message that one language lacks fails the build (`build.rs`).
//!
//! ```
//! use domain::language::Language;
//! use words::{Sentence as _, time};
//!
//! assert_eq!(time::Days { count: 1 }.to(Language::English), "1 day");
//! assert_eq!(time::Days { count: 2 }.to(Language::German), "2 Tage");
//! ```
//!
//! Whole sentences only: no page and no mail joins fragments. Where part of a sentence looks different (a date in bold, an
//! amount that always runs from left to right), [`Sentence::parts`] says which part is which variable.

mod bundle;
pub mod dates;
mod negotiation;

pub use negotiation::best_for;

use domain::language::Language;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// What a variable holds.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A number that the language may choose a plural by.
    Number(u64),
    /// Text that is put in as it is.
    Text(&'a str),
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the language says.
    Text(String),
    /// What a variable says.
    Variable {
        /// The variable's name in the message file, without `$`.
        name: &'static str,
        /// What it holds.
        text: String,
    },
}

/// A message with all that it needs.
pub trait Sentence {
    /// The message: `file/id`.
    const KEY: &'static str;

    /// Returns the variables by name.
    fn values(&self) -> Vec<(&'static str, Value<'_>)>;

    /// Returns the sentence as plain text. In Arabic, variables stand between isolating marks (UAX 9), so that an amount or a
    /// name in Latin letters does not turn its neighbours around.
    fn to(&self, language: Language) -> String {
        bundle::say(language, Self::KEY, &self.values())
    }

    /// Returns the sentence in pieces, for a page that shows some of its variables in an element of their own. Without
    /// isolating marks: the element isolates.
    fn parts(&self, language: Language) -> Vec<Part> {
        bundle::pieces(language, Self::KEY, &self.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_can_be_taken_apart_in_its_own_order() {
        let date = time::Weekday { day: "22", month: "November", weekday: "Sonntag" };
        let variable = |name, text: &str| Part::Variable { name, text: text.to_owned() };
        let text = |text: &str| Part::Text(text.to_owned());
        let german = [variable("weekday", "Sonntag"), text(", "), variable("day", "22"), text(". "), variable("month", "November")];
        assert_eq!(date.parts(Language::German), german);
    }

    #[test]
    fn arabic_isolates_what_may_run_the_other_way() {
        let clock = time::Minute { clock: "07:36", day: "X" };
        assert_eq!(clock.to(Language::Arabic), "\u{2068}X\u{2069}، \u{2068}07:36\u{2069}");
        assert!(clock.parts(Language::Arabic).iter().all(|part| !format!("{part:?}").contains("2068")), "the page's elements isolate");
        assert_eq!(clock.to(Language::English), "X, 07:36");
    }

    #[test]
    fn plurals_follow_the_language() {
        let said: Vec<String> =
            [1, 2, 5, 11, 100].map(|count| time::Days { count }.to(Language::Arabic).replace(['\u{2068}', '\u{2069}'], "")).into();
        assert_eq!(said, ["يوم واحد", "يومان", "5 أيام", "11 يومًا", "100 يوم"]);
    }

    #[test]
    fn a_variable_cannot_forge_the_marks_between_pieces() {
        let date = time::Minute { clock: "\u{F8F0}0\u{F8F1}", day: "X" };
        let whole: String = date
            .parts(Language::English)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) | Part::Variable { text, .. } => text,
            })
            .collect();
        assert_eq!(whole, "X, \u{F8F0}0\u{F8F1}");
    }
}

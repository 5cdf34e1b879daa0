//! The message files as Fluent bundles, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::{Part, Value};

type Bundle = FluentBundle<FluentResource>;

/// One bundle per language and file: ids are unique within a file only.
static BUNDLES: LazyLock<HashMap<(Language, &'static str), Bundle>> = LazyLock::new(|| {
    let read = |&(tag, file, text): &(&str, &'static str, &str)| {
        let language = Language::from_name(tag).expect("build.rs and the domain know the same languages");
        ((language, file), bundle(language, text))
    };
    crate::SOURCES.iter().map(read).collect()
});

fn bundle(language: Language, text: &str) -> Bundle {
    let tag = language.name().parse().expect("our tags are BCP 47");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(language.direction() == "rtl");
    let resource = FluentResource::try_new(text.to_owned()).expect("build.rs has read it");
    bundle.add_resource(resource).expect("build.rs refuses a message that stands twice");
    bundle
}

/// Returns a message with its variables filled in.
pub(crate) fn say(language: Language, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    let (file, id) = key.split_once('/').expect("build.rs writes file/id");
    let bundle = BUNDLES.get(&(language, file)).expect("build.rs wrote every file for every language");
    let pattern = bundle.get_message(id).and_then(|message| message.value()).expect("build.rs refuses a missing message");
    let arguments: FluentArgs<'_> = values
        .iter()
        .map(|(name, value)| match *value {
            Value::Number(number) => (*name, FluentValue::from(number)),
            Value::Text(text) => (*name, FluentValue::from(text)),
        })
        .collect();
    let mut mistakes = Vec::new();
    let said = bundle.format_pattern(pattern, Some(&arguments), &mut mistakes).into_owned();
    debug_assert!(mistakes.is_empty(), "{key} in {language}: {mistakes:?}");
    said
}

/// Around a variable while a sentence is taken apart: private-use letters that no text of a payer or merchant keeps.
const OPEN: char = '\u{F8F0}';
const CLOSE: char = '\u{F8F1}';
/// Fluent's isolating marks (UAX 9).
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Returns a message in pieces: what the language says and what its text variables say, in the language's order.
pub(crate) fn pieces(language: Language, key: &str, values: &[(&'static str, Value<'_>)]) -> Vec<Part> {
    let marked: Vec<Option<String>> = values
        .iter()
        .enumerate()
        .map(|(place, (_, value))| match value {
            Value::Number(_) => None,
            Value::Text(_) => Some(format!("{OPEN}{place}{CLOSE}")),
        })
        .collect();
    let placeholders: Vec<(&'static str, Value<'_>)> =
        values.iter().zip(&marked).map(|((name, value), mark)| (*name, mark.as_deref().map_or(*value, Value::Text))).collect();
    let said = say(language, key, &placeholders);
    let mut parts = Vec::new();
    let mut rest = said.as_str();
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((place, following)) = after.split_once(CLOSE) else {
            break;
        };
        push_text(&mut parts, before);
        let known = place.parse::<usize>().ok().and_then(|place| values.get(place));
        if let Some((name, Value::Text(text))) = known {
            parts.push(Part::Variable { name, text: (*text).to_owned() });
        }
        rest = following;
    }
    push_text(&mut parts, rest);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    let text: String = text.chars().filter(|letter| !ISOLATES.contains(letter)).collect();
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
}

//! Amounts: every digit, exactly as the server has it. Digits nobody reads first are dimmed, never dropped.

use domain::language::Language;
use leptos::prelude::*;

use crate::language::staff_language;

/// An amount in running text and tables.
#[component]
pub(crate) fn Amount(
    /// The exact decimal.
    #[prop(into)]
    value: String,
    /// The symbol behind it, where it is not clear from its place.
    #[prop(into, optional)]
    unit: String,
    /// Whether it is taken away.
    #[prop(optional)]
    minus: bool,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let digits = Digits::of(&value, language);
    let whole = if minus { format!("\u{2212}{}", digits.whole) } else { digits.whole };
    view! {
        <span class="amt">
            {whole}
            <span class="f">{text(digits.bright)} {dim(digits.dim)}</span>
            {(!unit.is_empty()).then(|| view! { " " <span class="u">{unit}</span> })}
        </span>
    }
    .into_any()
}

/// The amount a page is about.
#[component]
pub(crate) fn BigAmount(
    #[prop(into)] value: String,
    #[prop(into)] unit: String,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let digits = Digits::of(&value, language);
    view! {
        <p class="amount">
            {digits.whole + &digits.bright} {dim(digits.dim)} " " <small>{unit}</small>
        </p>
    }
    .into_any()
}

/// Leptos writes an empty text as a space.
fn text(digits: String) -> Option<String> {
    Some(digits).filter(|digits| !digits.is_empty())
}

fn dim(digits: String) -> Option<impl IntoView> {
    (!digits.is_empty()).then(|| view! { <i>{digits}</i> })
}

/// Returns an amount with its unit for titles and buttons of staff: `1,204.500000 USDT`.
pub(crate) fn exact(value: &str, unit: &str) -> String {
    exact_in(staff_language(), value, unit)
}

/// Returns an amount with its unit as a language's readers write it: `1.204,500000 USDT`.
pub(crate) fn exact_in(language: Language, value: &str, unit: &str) -> String {
    let Digits { whole, bright, dim } = Digits::of(value, language);
    format!("{whole}{bright}{dim} {unit}")
}

/// A decimal, split for reading. The three parts together are the whole number.
#[derive(Debug, PartialEq, Eq)]
struct Digits {
    /// Before the point, with thousands separated.
    whole: String,
    /// The point and the digits people read.
    bright: String,
    /// The digits behind them.
    dim: String,
}

/// Assets up to this many decimals show all of them; with more, trailing zeros are left out down to six.
const DECIMALS_ALWAYS_SHOWN: usize = 8;

/// So few decimals are all read, zeros or not: `100.00 EUR`.
const FIAT_DECIMALS: usize = 2;

impl Digits {
    fn of(value: &str, language: Language) -> Self {
        let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
        let fraction = if fraction.len() > DECIMALS_ALWAYS_SHOWN { trim_zeros(fraction, 6) } else { fraction };
        let is_zero = |digits: &str| digits.bytes().all(|digit| digit == b'0');
        let bright = if fraction.len() <= FIAT_DECIMALS {
            fraction.len()
        } else if is_zero(fraction) {
            0
        } else if is_zero(whole) {
            let zeros = fraction.bytes().take_while(|digit| *digit == b'0').count();
            zeros.saturating_add(4).min(fraction.len())
        } else {
            fraction.len().min(2)
        };
        let (bright, dim) = fraction.split_at(bright);
        let (_, mark) = language.number_marks();
        let point = |digits: &str| if digits.is_empty() { String::new() } else { format!("{mark}{digits}") };
        let dim = if bright.is_empty() { point(dim) } else { dim.to_owned() };
        Self { whole: language.number(whole), bright: point(bright), dim }
    }
}

fn trim_zeros(fraction: &str, keep: usize) -> &str {
    let trimmed = fraction.trim_end_matches('0').len().max(keep);
    fraction.get(..trimmed).unwrap_or(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: &str) -> (String, String, String) {
        let Digits { whole, bright, dim } = Digits::of(value, Language::English);
        (whole, bright, dim)
    }

    #[test]
    fn digits_are_dimmed_never_dropped() {
        let expect = |value: &str, whole: &str, bright: &str, dim: &str| {
            assert_eq!(parts(value), (whole.to_owned(), bright.to_owned(), dim.to_owned()), "{value}");
        };
        expect("48.897896", "48", ".89", "7896");
        expect("150.000000", "150", "", ".000000");
        expect("1204.500000", "1,204", ".50", "0000");
        expect("0.00295617", "0", ".002956", "17");
        expect("0.02000000", "0", ".02000", "000");
        expect("0.000001", "0", ".000001", "");
        expect("0.318204771000000000", "0", ".3182", "04771");
        expect("1.000000000000000000", "1", "", ".000000");
        expect("0.014210000000000001", "0", ".01421", "0000000000001");
        expect("1234567.89", "1,234,567", ".89", "");
        expect("100.00", "100", ".00", "");
        expect("7", "7", "", "");
    }

    #[test]
    fn a_text_has_every_digit() {
        assert_eq!(exact("1204.500000", "USDT"), "1,204.500000 USDT");
        assert_eq!(exact_in(Language::German, "1204.500000", "USDT"), "1.204,500000 USDT");
    }
}

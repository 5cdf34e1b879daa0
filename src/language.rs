//! The languages payers are spoken to in. What is said in them is the server's (`server/words`).

use crate::names::choices;

choices! {
    /// A language of the payer's pages and e-mails, named by its BCP 47 tag.
    Language {
        /// English: what is spoken when nothing better is known.
        English = "en",
        /// Spanish.
        Spanish = "es",
        /// German.
        German = "de",
        /// French.
        French = "fr",
        /// Arabic.
        Arabic = "ar",
    }
}

/// What is known, before they say so, of the language a payer reads in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// What they read last, or what the merchant said of them.
    pub chosen: Option<Language>,
    /// What the MID speaks to payers of whom nothing is known.
    pub by_default: Option<Language>,
}

impl Spoken {
    /// Returns the language to write in when nobody is there to be asked.
    #[must_use]
    pub fn best(self) -> Language {
        self.chosen.or(self.by_default).unwrap_or(Language::English)
    }
}

impl Language {
    /// Returns the name its speakers call it by.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Arabic => "العربية",
        }
    }

    /// Returns what stands between thousands, and before the decimals, where the language's readers write numbers (Unicode CLDR 48; Arabic
    /// with the digits 0 to 9).
    #[must_use]
    pub const fn number_marks(self) -> (char, char) {
        match self {
            Self::English | Self::Arabic => (',', '.'),
            Self::Spanish | Self::German => ('.', ','),
            Self::French => ('\u{202f}', ','),
        }
    }

    /// Writes an exact decimal number as the language's readers do, with every digit: `1204.500000` is `1.204,500000` in German.
    #[must_use]
    pub fn number(self, exact: &str) -> String {
        let (thousands, point) = self.number_marks();
        let (whole, fraction) = exact.split_once('.').unwrap_or((exact, ""));
        let mut written = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
                written.push(thousands);
            }
            written.push(digit);
        }
        if !fraction.is_empty() {
            written.push(point);
            written.push_str(fraction);
        }
        written
    }

    /// Returns the value of HTML's `dir`: which way its lines run.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::Spanish | Self::German | Self::French => "ltr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit_in_every_language() {
        let of = |language: Language| language.number("1204567.500000");
        assert_eq!(of(Language::English), "1,204,567.500000");
        assert_eq!(of(Language::German), "1.204.567,500000");
        assert_eq!(of(Language::French), "1\u{202f}204\u{202f}567,500000");
        for language in Language::ALL.iter().copied() {
            let (thousands, point) = language.number_marks();
            assert_eq!(of(language).replace(thousands, "").replace(point, "."), "1204567.500000");
            assert_eq!(language.number("7"), "7");
        }
    }
}

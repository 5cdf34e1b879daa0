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

    /// Returns the value of HTML's `dir`: which way its lines run.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::Spanish | Self::German | Self::French => "ltr",
        }
    }
}

//! What payers agree to: Refundry's own page about privacy, or a merchant's policy, each in one of its versions (CP-04, CP-08).

use core::fmt;

use crate::ids::PrivacyTextId;

/// Where Refundry's own text stands.
pub const OWN_PATH: &str = "/privacy";
/// The longest link to a merchant's text.
pub const URL_CHARS_MAX: usize = 500;
/// The longest name of one of its versions.
pub const VERSION_CHARS_MAX: usize = 20;

/// A text that payers agree to. Its name stands in the tick box that was shown, and so says what was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyText {
    /// Refundry's own page.
    Own {
        /// Which of its versions.
        version: u32,
    },
    /// A merchant's, in one version.
    Merchants(PrivacyTextId),
}

impl PrivacyText {
    /// Refundry's own page as it is now: a change of meaning is a new version.
    pub const OWN: Self = Self::Own { version: 1 };
}

impl Default for PrivacyText {
    fn default() -> Self {
        Self::OWN
    }
}

impl fmt::Display for PrivacyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own { version } => version.fmt(f),
            Self::Merchants(id) => id.fmt(f),
        }
    }
}

/// A merchant's privacy policy in one version: an id stands for this link and this version for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantsText {
    /// Its id.
    pub id: PrivacyTextId,
    /// Where it can be read.
    pub url: String,
    /// What the merchant calls the version.
    pub version: String,
}

/// Says whether a merchant can call a version so: 1 to 20 letters, digits, dots, dashes and underscores.
#[must_use]
pub fn is_version(text: &str) -> bool {
    (1..=VERSION_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_short_word() {
        for fine in ["1", "2026-11", "v2.1_final", "12345678901234567890"] {
            assert!(is_version(fine), "{fine}");
        }
        for wrong in ["", " ", "2026 11", "ä", "a\n", "<b>", "123456789012345678901"] {
            assert!(!is_version(wrong), "{wrong:?}");
        }
    }
}

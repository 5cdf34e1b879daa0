//! Display names: what a merchant is called in mails, and a person in timelines. Neither looks like an address or turns text around.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// The longest name: mail programs show less.
pub const DISPLAY_NAME_CHARS_MAX: usize = 64;

/// A name that can stand before an address in a header, and does not look like another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = NotADisplayName;

    fn from_str(text: &str) -> Result<Self, NotADisplayName> {
        let text = text.trim();
        let has_room = (1..=DISPLAY_NAME_CHARS_MAX).contains(&text.chars().count());
        if has_room && !text.contains(is_unfit) { Ok(Self(text.to_owned())) } else { Err(NotADisplayName) }
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says whether a character would end a header, turn what follows around, or make the name an address.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '@' | '<' | '>' | '"' | '\\')
}

/// Not a name that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("use 1 to {DISPLAY_NAME_CHARS_MAX} characters on one line, without @, <, >, \\ and \"")]
pub struct NotADisplayName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_one_header_and_is_no_address() {
        for fine in ["Halden Audio", " H\u{e4}lden & Sons, Ltd. ", "متجر هالدن", &"a".repeat(64)] {
            assert_eq!(fine.parse::<DisplayName>().map(|name| name.to_string()), Ok(fine.trim().to_owned()));
        }
        let long = "a".repeat(65);
        for wrong in [
            "",
            "  ",
            "a\r\nBcc: eve@example.com",
            "a\nb",
            "a\u{0}",
            "pay@halden.example",
            "Halden <x>",
            "\u{202e}oiduA",
            "a\u{2028}b",
            "\"",
            &long,
        ] {
            assert_eq!(wrong.parse::<DisplayName>(), Err(NotADisplayName), "{wrong:?}");
        }
    }
}

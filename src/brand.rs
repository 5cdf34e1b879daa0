//! A merchant's look on payers' pages: one colour, which must be readable (WCAG 2.2, 1.4.3), and a small logo.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The largest logo, in bytes.
pub const LOGO_BYTES_MAX: usize = 8192;

/// A colour that white text can be read on, and that can itself be read on white: at least 4.5 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

const WHITE: [u8; 3] = [255; 3];
/// The surface of the dark scheme.
const DARK: [u8; 3] = [0x14, 0x1b, 0x1c];
/// By how much a colour is moved towards black or white to become readable, in parts of 64.
const STEPS: u8 = 64;

impl Colour {
    /// Returns it for pages on a dark ground: lighter, until it can be read there.
    #[must_use]
    pub fn on_dark(self) -> Self {
        Self(nearest(self.0, WHITE, DARK))
    }
}

/// Why a colour was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ColourError {
    /// Not `#` and six digits.
    #[error("write a colour as # and six hexadecimal digits, such as #0b4f4a")]
    Form,
    /// White text on it is hard to read.
    #[error("white text on this colour is hard to read (less than 4.5 to 1): {nearest} is the nearest that works")]
    TooLight {
        /// The nearest darker one that is not.
        nearest: Colour,
    },
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(ColourError::Form)?;
        let [_, red, green, blue] = number.to_be_bytes();
        let colour = [red, green, blue];
        if is_readable(colour, WHITE) {
            Ok(Self(colour))
        } else {
            Err(ColourError::TooLight { nearest: Self(nearest(colour, [0; 3], WHITE)) })
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Returns the first mixture of a colour with more and more of `towards` that can be read on `ground`.
fn nearest(colour: [u8; 3], towards: [u8; 3], ground: [u8; 3]) -> [u8; 3] {
    (0..STEPS).map(|part| mixed(colour, towards, part)).find(|mixture| is_readable(*mixture, ground)).unwrap_or(towards)
}

fn mixed(colour: [u8; 3], towards: [u8; 3], part: u8) -> [u8; 3] {
    let channel = |from: u8, to: u8| {
        let kept = u16::from(from).saturating_mul(u16::from(STEPS.saturating_sub(part)));
        let added = u16::from(to).saturating_mul(u16::from(part));
        kept.saturating_add(added).checked_div(u16::from(STEPS)).and_then(|part| u8::try_from(part).ok()).unwrap_or(u8::MAX)
    };
    let ([r, g, b], [tr, tg, tb]) = (colour, towards);
    [channel(r, tr), channel(g, tg), channel(b, tb)]
}

#[expect(clippy::float_arithmetic, reason = "WCAG defines contrast in real numbers; nothing here is money")]
fn is_readable(colour: [u8; 3], ground: [u8; 3]) -> bool {
    let (one, other) = (luminance(colour) + 0.05, luminance(ground) + 0.05);
    one.max(other) / one.min(other) >= 4.5
}

/// WCAG 2.2's relative luminance.
#[expect(clippy::float_arithmetic, reason = "WCAG defines contrast in real numbers; nothing here is money")]
fn luminance([red, green, blue]: [u8; 3]) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// Returns the media type of a logo, told by its first bytes: PNG or WebP. Nothing else is shown: an SVG could carry a script.
#[must_use]
pub fn logo_type(bytes: &[u8]) -> Option<&'static str> {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        _ if is_webp => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_refused_when_white_text_on_it_is_hard_to_read() {
        assert_eq!("#0B4F4A".parse::<Colour>().map(|colour| colour.to_string()).as_deref(), Ok("#0b4f4a"));
        // 4.54 and 4.48 to 1: the greys on both sides of WCAG's line.
        assert!("#767676".parse::<Colour>().is_ok());
        assert!(matches!("#777777".parse::<Colour>(), Err(ColourError::TooLight { .. })));
        for text in ["", "0b4f4a", "#0b4f4", "#0b4f4g", "#0b4f4a ", "red", "#ff0"] {
            assert_eq!(text.parse::<Colour>(), Err(ColourError::Form), "{text:?}");
        }
    }

    #[test]
    fn the_colour_that_is_suggested_instead_works() {
        let refused = "#ffd400".parse::<Colour>().expect_err("yellow");
        let ColourError::TooLight { nearest } = refused else { panic!("{refused}") };
        let suggested = nearest.to_string();
        assert!(refused.to_string().contains(&suggested), "{refused}");
        assert!(suggested.parse::<Colour>().is_ok(), "{suggested}");
    }

    #[test]
    fn on_a_dark_ground_every_colour_becomes_readable() {
        for text in ["#000000", "#0b4f4a", "#00008b", "#b00020", "#767676"] {
            let colour: Colour = text.parse().expect("a colour");
            assert!(is_readable(colour.on_dark().0, DARK), "{text}");
        }
    }

    #[test]
    fn a_logo_is_a_png_or_a_webp_by_its_bytes() {
        assert_eq!(logo_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(logo_type(b"RIFF\x10\0\0\0WEBPVP8 "), Some("image/webp"));
        for bytes in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"GIF89a", b"\xff\xd8\xff", b"", b"RIFF\x10\0\0\0WAVE"] {
            assert_eq!(logo_type(bytes), None);
        }
    }
}

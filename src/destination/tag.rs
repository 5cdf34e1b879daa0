//! Tags: the number or text beside an address by which an exchange tells its customers apart. Each network has its own kind.

use core::fmt;

use super::{DestinationError, secret};
use crate::money::Network;

/// The word for "my wallet does not use a tag".
pub(super) const NO_TAG: &str = "none";

/// The longest text memo of a Stellar transaction (CAP-0001, `MEMO_TEXT`).
const STELLAR_TEXT_BYTES_MAX: u8 = 28;
/// The longest TON comment that fits one cell: 127 bytes, of which four say that it is a comment (TEP-0074).
const TON_COMMENT_BYTES_MAX: u8 = 123;
/// The digits of `u32::MAX`.
const XRPL_DIGITS_MAX: u8 = 10;

/// What tells the owners of one address apart. Written as [`Destination::parse`](super::Destination::parse) takes it.
///
/// A Stellar tag of digits is a memo id: that is what exchanges hand out and what a muxed address (SEP-23) holds; the same digits as
/// a text memo would be another memo. Digits that no id can hold, with a zero in front or above `u64::MAX`, are text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// XRP Ledger: a destination tag. Stellar: a memo id.
    Number(u64),
    /// Stellar: a text memo. TON: a comment.
    Text(String),
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What a network takes for a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagRule {
    /// Whether only digits are one: phones then show their number pad.
    pub is_number: bool,
    /// The longest one, in characters.
    pub chars_max: u8,
}

/// Returns what addresses of this network come with beside them; `None` where there is no such thing.
#[must_use]
pub const fn tag_rule(network: Network) -> Option<TagRule> {
    match network {
        Network::Xrpl => Some(TagRule { is_number: true, chars_max: XRPL_DIGITS_MAX }),
        Network::Stellar => Some(TagRule { is_number: false, chars_max: STELLAR_TEXT_BYTES_MAX }),
        Network::Ton => Some(TagRule { is_number: false, chars_max: TON_COMMENT_BYTES_MAX }),
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bitcoin
        | Network::Bsc
        | Network::Dogecoin
        | Network::Ethereum
        | Network::Litecoin
        | Network::Optimism
        | Network::Polygon
        | Network::Solana
        | Network::Tron => None,
    }
}

/// Says whether addresses of this network come with a memo or tag.
#[must_use]
pub const fn uses_tag(network: Network) -> bool {
    tag_rule(network).is_some()
}

/// What an address or a payer says about the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// That there is none.
    Without,
    /// This one.
    This(Tag),
}

impl Said {
    /// Parses what was typed beside an address: nothing, `none`, or a tag of the network.
    pub(super) fn parse(network: Network, text: Option<&str>) -> Result<Self, DestinationError> {
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(Self::Nothing);
        }
        if text.eq_ignore_ascii_case(NO_TAG) {
            return Ok(Self::Without);
        }
        if secret::opens_wallet(text) {
            return Err(DestinationError::TagSecret);
        }
        let invalid = DestinationError::TagInvalid;
        let Some(rule) = tag_rule(network) else { return Err(invalid) };
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if rule.is_number {
            let number: Option<u32> = text.parse().ok().filter(|_| is_digits);
            return number.map(|number| Self::This(Tag::Number(number.into()))).ok_or(invalid);
        }
        // What cannot be seen cannot be compared: look-alikes and invisible characters are no part of any tag that is handed out.
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if text.len() > usize::from(rule.chars_max) || !is_visible {
            return Err(invalid);
        }
        let is_id = network == Network::Stellar && is_digits && (text == "0" || !text.starts_with('0'));
        let id = text.parse().ok().filter(|_| is_id);
        Ok(Self::This(id.map_or_else(|| Tag::Text(text.to_owned()), Tag::Number)))
    }

    /// Returns the tag that the address (`self`) and its owner agree on; one of them must say something.
    pub(super) fn agree(self, beside: Self) -> Result<Option<Tag>, DestinationError> {
        let said = match (self, beside) {
            (said, Self::Nothing) | (Self::Nothing, said) => said,
            (inside, beside) if inside == beside => inside,
            (Self::Without | Self::This(_), Self::Without | Self::This(_)) => return Err(DestinationError::TagContradicts),
        };
        match said {
            Self::Nothing => Err(DestinationError::TagMissing),
            Self::Without => Ok(None),
            Self::This(tag) => Ok(Some(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(network: Network, text: &str) -> Result<Said, DestinationError> {
        Said::parse(network, Some(text))
    }

    fn number(number: u64) -> Result<Said, DestinationError> {
        Ok(Said::This(Tag::Number(number)))
    }

    fn text(text: &str) -> Result<Said, DestinationError> {
        Ok(Said::This(Tag::Text(text.to_owned())))
    }

    #[test]
    fn nothing_and_none_are_heard_on_every_network() {
        for network in Network::ALL {
            assert_eq!(Said::parse(network, None), Ok(Said::Nothing));
            assert_eq!(parse(network, " "), Ok(Said::Nothing));
            assert_eq!(parse(network, "None"), Ok(Said::Without));
            assert_eq!(uses_tag(network), parse(network, "7").is_ok(), "{network}");
        }
    }

    #[test]
    fn an_xrpl_tag_is_a_number_of_32_bits() {
        for (typed, expected) in [(" 7 ", 7), ("0", 0), ("4294967295", u64::from(u32::MAX)), ("007", 7)] {
            assert_eq!(parse(Network::Xrpl, typed), number(expected), "{typed}");
        }
        for typed in ["4294967296", "+1", "-1", "1.0", "1e3", "0x1", "١٢", "memo", "1 2"] {
            assert_eq!(parse(Network::Xrpl, typed), Err(DestinationError::TagInvalid), "{typed}");
        }
    }

    #[test]
    fn a_stellar_memo_is_an_id_where_it_can_be_one_and_else_a_text() {
        for id in [0, 7, 1_234_567_890, u64::MAX] {
            assert_eq!(parse(Network::Stellar, &id.to_string()), number(id));
        }
        for typed in ["007", "00", "18446744073709551616", "order 7", "+1", "-1", "1.0", "A-1", &"x".repeat(28)] {
            assert_eq!(parse(Network::Stellar, typed), text(typed), "{typed}");
        }
        for typed in ["x".repeat(29), "9".repeat(29), "caf\u{e9}".to_owned(), "a\u{200b}b".to_owned(), "a\nb".to_owned()] {
            assert_eq!(parse(Network::Stellar, &typed), Err(DestinationError::TagInvalid), "{typed:?}");
        }
    }

    #[test]
    fn a_ton_comment_is_text_even_when_it_is_digits() {
        for typed in ["7", "007", "payment:123", &"y".repeat(123)] {
            assert_eq!(parse(Network::Ton, typed), text(typed), "{typed}");
        }
        assert_eq!(parse(Network::Ton, &"y".repeat(124)), Err(DestinationError::TagInvalid));
        assert_eq!(parse(Network::Ton, "\u{43f}\u{430}"), Err(DestinationError::TagInvalid));
    }

    #[test]
    fn what_opens_a_wallet_is_no_tag() {
        let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        for network in Network::ALL {
            assert_eq!(parse(network, phrase), Err(DestinationError::TagSecret), "{network}");
        }
    }

    #[test]
    fn a_tag_is_written_as_it_is_parsed() {
        for (network, typed) in [
            (Network::Xrpl, "12345"),
            (Network::Stellar, "18446744073709551615"),
            (Network::Stellar, "18446744073709551616"),
            (Network::Stellar, "007"),
            (Network::Ton, "007"),
        ] {
            let Ok(Said::This(tag)) = parse(network, typed) else { panic!("{typed} is a tag on {network}") };
            assert_eq!(tag.to_string(), typed);
        }
    }
}

//! XRP Ledger addresses: classic ones (`r…`) with a tag beside them, and X-addresses (XLS-5) with the tag inside.

use bs58::Alphabet;

use super::tag::{Said, Tag};
use super::{DestinationError, base58, is_nobody};

/// The version of a classic address.
pub(super) const CLASSIC_VERSION: u8 = 0x00;

/// The characters of an X-address.
const X_ADDRESS_CHARS: u8 = 47;

/// What X-addresses start with on the main net, and what on the test network.
const MAIN_NET: [u8; 2] = [0x05, 0x44];
const TEST_NETWORK: [u8; 2] = [0x04, 0x93];

/// Returns the classic address, and what an X-address says about the tag.
pub(super) fn parse(text: &str) -> Result<(String, Said), DestinationError> {
    let payload = base58::decode_checked(text, Alphabet::RIPPLE);
    if let Some([CLASSIC_VERSION, account @ ..]) = payload.as_deref()
        && account.len() == 20
    {
        return if is_nobody(account) { Err(DestinationError::NotAnAddress) } else { Ok((text.to_owned(), Said::Nothing)) };
    }
    if let Some((MAIN_NET, account, tag)) = payload.as_deref().and_then(split_x_address) {
        let classic: Vec<u8> = core::iter::once(CLASSIC_VERSION).chain(account.iter().copied()).collect();
        return if is_nobody(account) {
            Err(DestinationError::NotAnAddress)
        } else {
            Ok((base58::encode_checked(&classic, Alphabet::RIPPLE), tag))
        };
    }
    Err(if payload.is_some() { DestinationError::NotAnAddress } else { refusal(text) })
}

/// Says whether this is an X-address of the test network.
pub(super) fn is_test_network(text: &str) -> bool {
    let payload = base58::decode_checked(text, Alphabet::RIPPLE);
    payload.as_deref().and_then(split_x_address).is_some_and(|(network, ..)| network == TEST_NETWORK)
}

/// Splits network, account and tag (XLS-5): 2 bytes, 20 bytes, one flag, the tag in 8 bytes of which the upper 4 are reserved.
fn split_x_address(payload: &[u8]) -> Option<([u8; 2], &[u8], Said)> {
    let (network, rest) = payload.split_first_chunk::<2>()?;
    let (account, rest) = rest.split_first_chunk::<20>()?;
    let [flag, tag @ ..] = rest else { return None };
    let tag = u64::from_le_bytes(tag.try_into().ok()?);
    let tag = match (flag, u32::try_from(tag)) {
        (0, Ok(0)) => Said::Without,
        (1, Ok(tag)) => Said::This(Tag::Number(tag.into())),
        (_, _) => return None,
    };
    Some((*network, account, tag))
}

fn refusal(text: &str) -> DestinationError {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain && text.starts_with('X') && text.len() != usize::from(X_ADDRESS_CHARS) {
        return DestinationError::Length { expected: X_ADDRESS_CHARS, found: text.len() };
    }
    let is_mistyped = text.starts_with('X') || text.starts_with('r') && (24..=36).contains(&text.len());
    if is_plain && is_mistyped { DestinationError::Checksum } else { DestinationError::NotAnAddress }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_classic_addresses() {
        for address in ["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"] {
            assert_eq!(parse(address), Ok((address.to_owned(), Said::Nothing)));
        }
    }

    /// Vectors of the XRP Ledger's own address codec.
    #[test]
    fn reads_the_tag_inside_an_x_address() {
        for (text, classic, tag) in [
            ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Said::Without),
            ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", Said::This(Tag::Number(1))),
            ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", Said::This(Tag::Number(0))),
            (
                "XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi",
                "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf",
                Said::This(Tag::Number(u32::MAX.into())),
            ),
        ] {
            assert_eq!(parse(text), Ok((classic.to_owned(), tag)), "{text}");
        }
        assert!(is_test_network("T7oKJ3q7s94kDH6tpkBowhetT1JKfcfdSCmAXbS75iATyLD"));
    }

    #[test]
    fn refuses_reserved_flags_and_tags() {
        let x_address = |flag: u8, tag: u64| {
            let payload: Vec<u8> = MAIN_NET.into_iter().chain([7; 20]).chain([flag]).chain(tag.to_le_bytes()).collect();
            parse(&base58::encode_checked(&payload, Alphabet::RIPPLE)).map(|(_, tag)| tag)
        };
        assert_eq!(x_address(1, 7), Ok(Said::This(Tag::Number(7))));
        for (flag, tag) in [(0, 7), (2, 7), (1, 1 << 32), (255, 0)] {
            assert_eq!(x_address(flag, tag), Err(DestinationError::NotAnAddress), "{flag} {tag}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(parse("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyT"), Err(DestinationError::Checksum));
        assert_eq!(parse("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTO"), Err(DestinationError::Checksum));
        let short = &"X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ"[..46];
        assert_eq!(parse(short), Err(DestinationError::Length { expected: 47, found: 46 }));
        assert_eq!(parse("rrrrrrrrrrrrrrrrrrrrrhoLvTp"), Err(DestinationError::NotAnAddress), "nobody's");
        assert_eq!(parse("rrrr"), Err(DestinationError::NotAnAddress));
    }
}

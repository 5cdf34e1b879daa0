//! Stellar addresses (SEP-23): accounts (`G…`) with a memo beside them, and muxed accounts (`M…`) with the memo id inside.

use data_encoding::BASE32_NOPAD;

use super::tag::{Said, Tag};
use super::{DestinationError, is_nobody, xmodem};

/// The characters of an account and of a muxed account.
const ACCOUNT_CHARS: u8 = 56;
const MUXED_CHARS: u8 = 69;

/// The version bytes of both, which make their first letters.
const ACCOUNT: u8 = 6 << 3;
const MUXED: u8 = 12 << 3;

/// Returns the account's address, and what a muxed one says about the memo. Contracts (`C…`) and all else that is written like an address
/// cannot take a payment.
pub(super) fn parse(text: &str) -> Result<(String, Said), DestinationError> {
    let payload = decode(text);
    match payload.as_deref() {
        Some([ACCOUNT, account @ ..]) if account.len() == 32 && !is_nobody(account) => Ok((text.to_owned(), Said::Nothing)),
        Some([MUXED, muxed @ ..]) => match muxed.split_first_chunk::<32>() {
            Some((account, id)) if !is_nobody(account) => {
                let id = id.try_into().map(u64::from_be_bytes).map_err(|_| DestinationError::NotAnAddress)?;
                Ok((from_account(*account), Said::This(Tag::Number(id))))
            }
            Some(_) | None => Err(DestinationError::NotAnAddress),
        },
        Some(_) => Err(DestinationError::NotAnAddress),
        None => Err(refusal(text)),
    }
}

/// Returns the address of an account's public key.
pub(super) fn from_account(account: [u8; 32]) -> String {
    let payload = [&[ACCOUNT], account.as_slice()].concat();
    let checksum = xmodem(&payload).to_le_bytes();
    BASE32_NOPAD.encode(&[payload.as_slice(), &checksum].concat())
}

/// Returns version and payload; `None` when the checksum is wrong, or the text is not the only one for its bytes.
fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > usize::from(MUXED_CHARS) {
        return None;
    }
    let mut bytes = BASE32_NOPAD.decode(text.as_bytes()).ok()?;
    let checksum = bytes.split_off(bytes.len().checked_sub(2)?);
    (checksum == xmodem(&bytes).to_le_bytes()).then_some(bytes)
}

fn refusal(text: &str) -> DestinationError {
    let expected = match text.bytes().next() {
        Some(b'G' | b'g') => ACCOUNT_CHARS,
        Some(b'M' | b'm') => MUXED_CHARS,
        Some(_) | None => return DestinationError::NotAnAddress,
    };
    // Words begin with these letters too.
    if text.len() < 40 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return DestinationError::NotAnAddress;
    }
    if text.len() != usize::from(expected) {
        return DestinationError::Length { expected, found: text.len() };
    }
    DestinationError::Checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The account of SEP-23's vectors.
    const ADDRESS: &str = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";

    #[test]
    fn reads_the_vectors_of_sep_23() {
        assert_eq!(parse(ADDRESS), Ok((ADDRESS.to_owned(), Said::Nothing)));
        for (text, id) in [
            ("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ", 0),
            ("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAE2JUG6", 1234),
            ("MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK", 9_223_372_036_854_775_808),
        ] {
            assert_eq!(parse(text), Ok((ADDRESS.to_owned(), Said::This(Tag::Number(id)))), "{text}");
        }
    }

    /// The invalid vectors of SEP-23: wrong length, unused bits, wrong version, wrong checksum; and what is not an account.
    #[test]
    fn refuses_the_invalid_vectors() {
        for text in [
            "GAAAAAAAACGC6",
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUR",
            "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZA",
            "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUACUSI",
            "G47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVP2I",
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLKA",
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAAV75I",
            "M47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ",
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUK===",
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUO",
            "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse(&from_account([0; 32])), Err(DestinationError::NotAnAddress), "nobody's");
    }

    #[test]
    fn says_what_is_wrong() {
        let length = |expected, found| Err(DestinationError::Length { expected, found });
        assert_eq!(parse(&ADDRESS[..55]), length(56, 55));
        assert_eq!(parse(&format!("M{}", &ADDRESS[1..])), length(69, 56));
        assert_eq!(parse(&ADDRESS.to_ascii_lowercase()), Err(DestinationError::Checksum));
        assert_eq!(parse("Good morning"), Err(DestinationError::NotAnAddress));
        assert_eq!(parse("GAlice"), Err(DestinationError::NotAnAddress));
    }
}

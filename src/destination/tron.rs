//! Tron addresses: base58 with a checksum, 34 characters that start with T.

use bs58::Alphabet;

use super::{DestinationError, base58, is_nobody};

/// The characters of an address.
const ADDRESS_CHARS: u8 = 34;

/// The byte every main net account starts with.
pub(super) const VERSION: u8 = 0x41;

/// Returns the address.
pub(super) fn parse(text: &str) -> Result<String, DestinationError> {
    let payload = base58::decode_checked(text, Alphabet::BITCOIN);
    if let Some([VERSION, account @ ..]) = payload.as_deref()
        && account.len() == 20
    {
        return if is_nobody(account) { Err(DestinationError::NotAnAddress) } else { Ok(text.to_owned()) };
    }
    if !text.starts_with(['T', 't']) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(DestinationError::NotAnAddress);
    }
    if text.len() != usize::from(ADDRESS_CHARS) {
        return Err(DestinationError::Length { expected: ADDRESS_CHARS, found: text.len() });
    }
    Err(DestinationError::Checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_published_addresses() {
        for address in ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm"] {
            assert_eq!(parse(address).as_deref(), Ok(address));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let length = |found| Err(DestinationError::Length { expected: 34, found });
        assert_eq!(parse("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaq"), length(33));
        assert_eq!(parse("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqmm"), length(35));
        // Look-alikes that base58 leaves out, and a slipped shift key.
        for text in ["TDD97yguPESTpcrJMqU6h2ozZbibv4VaqO", "TDD97yguPESTpcrJMqU6h2ozZblbv4Vaqm", "tdd97yguPESTpcrJMqU6h2ozZbibv4Vaqm"] {
            assert_eq!(parse(text), Err(DestinationError::Checksum), "{text}");
        }
        assert_eq!(parse("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"), Err(DestinationError::NotAnAddress), "nobody's");
    }
}

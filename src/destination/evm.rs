//! EVM addresses: `0x` and 40 hex digits, whose case is a checksum (EIP-55). One format for Ethereum, Base and many others.

use data_encoding::HEXLOWER;
use sha3::{Digest, Keccak256};

use super::DestinationError;

/// The characters of an address.
const ADDRESS_CHARS: u8 = 42;

/// Returns the address with its EIP-55 checksum. In mixed case the checksum must be right; in one case there is none to check.
pub(super) fn parse(text: &str) -> Result<String, DestinationError> {
    let Some(digits) = digits(text) else { return Err(refusal(text)) };
    if digits.bytes().all(|digit| digit == b'0') {
        return Err(DestinationError::NotAnAddress);
    }
    let checked = checksummed(digits);
    if checked != text && !is_one_case(digits) {
        return Err(DestinationError::Checksum);
    }
    Ok(checked)
}

/// Returns the 40 hex digits of a text that has the form of an address, whatever their case.
pub(super) fn digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x")?;
    (text.len() == usize::from(ADDRESS_CHARS) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(digits)
}

/// Returns the checksummed address of an account.
pub(super) fn from_account(account: [u8; 20]) -> String {
    checksummed(&HEXLOWER.encode(&account))
}

fn is_one_case(digits: &str) -> bool {
    !digits.bytes().any(|digit| digit.is_ascii_lowercase()) || !digits.bytes().any(|digit| digit.is_ascii_uppercase())
}

/// Writes a letter in upper case where the hash of the lower-case digits has a nibble of 8 or more (EIP-55).
fn checksummed(digits: &str) -> String {
    let lower = digits.to_ascii_lowercase();
    let hash = Keccak256::digest(&lower);
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let digits = lower.chars().zip(nibbles).map(|(digit, nibble)| if nibble >= 8 { digit.to_ascii_uppercase() } else { digit });
    "0x".chars().chain(digits).collect()
}

fn refusal(text: &str) -> DestinationError {
    let is_prefixed = text.starts_with("0x") || text.starts_with("0X");
    let lacks_prefix = text.len() == 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) || !(is_prefixed || lacks_prefix) {
        return DestinationError::NotAnAddress;
    }
    if text.len() != usize::from(ADDRESS_CHARS) {
        return DestinationError::Length { expected: ADDRESS_CHARS, found: text.len() };
    }
    DestinationError::Checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of EIP-55.
    const ADDRESSES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn reads_the_vectors_in_any_single_case() {
        for address in ADDRESSES {
            assert_eq!(parse(address).as_deref(), Ok(address));
            assert_eq!(parse(&address.to_ascii_lowercase()).as_deref(), Ok(address));
            assert_eq!(parse(&format!("0x{}", address[2..].to_ascii_uppercase())).as_deref(), Ok(address));
        }
    }

    #[test]
    fn refuses_every_flipped_case_of_a_mixed_one() {
        for address in &ADDRESSES[4..] {
            for (at, letter) in address.char_indices().skip(2).filter(|(_, letter)| letter.is_ascii_alphabetic()) {
                let flipped = if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
                let text = format!("{}{flipped}{}", &address[..at], &address[at..][1..]);
                assert_eq!(parse(&text), Err(DestinationError::Checksum), "{text}");
            }
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let length = |found| Err(DestinationError::Length { expected: 42, found });
        let address = ADDRESSES[4];
        assert_eq!(parse(&address[..41]), length(41));
        assert_eq!(parse(&format!("{address}0")), length(43));
        assert_eq!(parse(&address[2..]), length(40));
        assert_eq!(parse(&address.replace("0x", "0X")), Err(DestinationError::Checksum));
        assert_eq!(parse(&address.replace("6053", "6O53")), Err(DestinationError::Checksum));
        assert_eq!(parse("0x0000000000000000000000000000000000000000"), Err(DestinationError::NotAnAddress));
        assert_eq!(parse("vitalik.eth"), Err(DestinationError::NotAnAddress));
    }
}

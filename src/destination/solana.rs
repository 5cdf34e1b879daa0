//! Solana addresses: 32 bytes in base58, a wallet's public key or an address that a program controls. There is no checksum.

use bs58::Alphabet;

use super::{DestinationError, base58};

/// Fewest and most characters of 32 bytes.
const CHARS: core::ops::RangeInclusive<usize> = 32..=44;

/// Programs, system accounts and the wrapped coin, which people copy out of explorers: nobody gets money out of them.
const NOBODYS: [&str; 8] = [
    "11111111111111111111111111111111",
    "1nc1nerator11111111111111111111111111111111",
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
    "Stake11111111111111111111111111111111111111",
    "Vote111111111111111111111111111111111111111",
    "So11111111111111111111111111111111111111112",
];

/// Returns the address.
pub(super) fn parse(text: &str) -> Result<String, DestinationError> {
    let bytes = base58::decode(text, Alphabet::BITCOIN);
    if bytes.as_ref().is_some_and(|bytes| bytes.len() == 32) {
        let is_nobodys = NOBODYS.contains(&text) || text.starts_with("Sysvar");
        return if is_nobodys { Err(DestinationError::NotAnAddress) } else { Ok(text.to_owned()) };
    }
    let is_near = CHARS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Err(if is_near { DestinationError::Checksum } else { DestinationError::NotAnAddress })
}

/// Returns the address of a public key.
pub(super) fn from_account(account: [u8; 32]) -> String {
    bs58::encode(account).into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses in the documentation of Solana and of its exchanges.
    #[test]
    fn reads_published_addresses() {
        for address in [
            "9WzDXwBbmkg8ZTbNMqUxvQRAyrZ8DsGYdAVoxKPPQmMx",
            "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA",
            "7UX2i7SucgLMQcfZ75s3VXmZZY4YRUyJN9X1RgfMoDUi",
        ] {
            assert_eq!(parse(address).as_deref(), Ok(address));
        }
        assert_eq!(parse(&from_account([7; 32])), Ok(from_account([7; 32])));
    }

    #[test]
    fn refuses_programs_and_the_incinerator() {
        let clock = "SysvarC1ock11111111111111111111111111111111";
        for text in NOBODYS.into_iter().chain([clock]) {
            assert_eq!(base58::decode(text, Alphabet::BITCOIN).map(|bytes| bytes.len()), Some(32), "{text}");
            assert_eq!(parse(text), Err(DestinationError::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        // A look-alike that base58 leaves out, and 33 and 24 bytes.
        for text in [
            "9WzDXwBbmkg8ZTbNMqUxvQRAyrZ8DsGYdAVoxKPPQmM0",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        ] {
            assert_eq!(parse(text), Err(DestinationError::Checksum), "{text}");
        }
        assert_eq!(parse("toly.sol"), Err(DestinationError::NotAnAddress));
        assert_eq!(parse(&"1".repeat(45)), Err(DestinationError::NotAnAddress));
    }
}

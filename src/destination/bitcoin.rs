//! Bitcoin main net addresses: base58 (`1…`, `3…`), SegWit (`bc1q…`, BIP-173) and Taproot (`bc1p…`, BIP-350 and BIP-341).

use bech32::{Fe32, hrp, segwit};
use bs58::Alphabet;

use super::{DestinationError, base58, is_nobody};

/// Versions of pay-to-public-key-hash and pay-to-script-hash.
const VERSIONS: [u8; 2] = [0x00, 0x05];

/// Returns the address; bech32 in lower case.
pub(super) fn parse(text: &str) -> Result<String, DestinationError> {
    if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("bc1")) {
        return parse_bech32(text);
    }
    let payload = base58::decode_checked(text, Alphabet::BITCOIN);
    if let Some([version, hash @ ..]) = payload.as_deref()
        && VERSIONS.contains(version)
        && hash.len() == 20
        && !is_nobody(hash)
    {
        return Ok(text.to_owned());
    }
    let is_mistyped = payload.is_none()
        && text.starts_with(['1', '3'])
        && (25..=36).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Err(if is_mistyped { DestinationError::Checksum } else { DestinationError::NotAnAddress })
}

/// Returns the pay-to-witness-public-key-hash address of a key hash (BIP-173).
pub(super) fn from_account(account: [u8; 20]) -> Result<String, DestinationError> {
    bech32::segwit::encode_v0(bech32::hrp::BC, &account).map_err(|_| DestinationError::NotAnAddress)
}

fn parse_bech32(text: &str) -> Result<String, DestinationError> {
    let Ok((prefix, version, program)) = segwit::decode(text) else { return Err(bech32_refusal(text)) };
    // Of later versions, and of version 1 with another length, nobody can say who may spend.
    let is_spendable = match version {
        Fe32::Q => program.len() == 20 || program.len() == 32,
        Fe32::P => program.len() == 32,
        _ => false,
    };
    if prefix != hrp::BC || !is_spendable || is_nobody(&program) {
        return Err(DestinationError::NotAnAddress);
    }
    Ok(text.to_ascii_lowercase())
}

fn bech32_refusal(text: &str) -> DestinationError {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return DestinationError::NotAnAddress;
    }
    let is_taproot = text.get(3..4).is_some_and(|version| version.eq_ignore_ascii_case("p"));
    let expected: u8 = if is_taproot || text.len() > 52 { 62 } else { 42 };
    if text.len() != usize::from(expected) {
        return DestinationError::Length { expected, found: text.len() };
    }
    DestinationError::Checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_published_addresses() {
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            assert_eq!(parse(address).as_deref(), Ok(address));
        }
        let upper = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
        assert_eq!(parse(upper), Ok(upper.to_ascii_lowercase()));
    }

    /// The valid vectors of BIP-350 that no wallet uses, its invalid ones, and burnt money.
    #[test]
    fn refuses_what_nobody_can_spend() {
        for text in [
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            "BC1SW50QGDZ25J",
            "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
            "bc1pfeessrawgf",
            "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
            "1111111111111111111114oLvT2",
        ] {
            assert_eq!(parse(text), Err(DestinationError::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn tells_bech32_from_bech32m() {
        for text in [
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
            "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
            "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
        ] {
            assert_eq!(parse(text), Err(DestinationError::Checksum), "{text}");
        }
    }

    #[test]
    fn says_how_long_it_should_be() {
        for (text, expected) in [
            ("bc1pw5dgrnzv", 62),
            ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", 62),
            ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", 62),
            ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", 42),
            ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5md", 42),
            ("bc1gmk9yu", 42),
        ] {
            assert_eq!(parse(text), Err(DestinationError::Length { expected, found: text.len() }), "{text}");
        }
    }

    /// BIP-173's checksum lets a `q` in before a final `p`; the length does not.
    #[test]
    fn refuses_an_inserted_q() {
        let address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
        for at in 4..=address.len() {
            let (before, behind) = address.split_at(at);
            assert!(parse(&format!("{before}q{behind}")).is_err());
        }
    }
}

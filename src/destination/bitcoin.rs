//! Bitcoin main net addresses, and those of the chains made from it: base58 (Bitcoin `1…`, `3…`), SegWit (`bc1q…`, BIP-173) and Taproot
//! (`bc1p…`, BIP-350 and BIP-341).

use bech32::{Fe32, Hrp, hrp, segwit};
use bs58::Alphabet;

use super::{DestinationError, base58, is_nobody};

/// How a chain writes its addresses.
pub(super) struct Format {
    /// What bech32 ones start with, where the chain has them.
    prefix: Option<Hrp>,
    /// Versions of pay-to-public-key-hash and pay-to-script-hash in base58.
    versions: [u8; 2],
    /// The letters that base58 ones start with.
    starts: &'static [char],
    /// How many characters every base58 one has, where that is so.
    base58_chars: Option<u8>,
}

/// Bitcoin.
pub(super) const BITCOIN: Format = Format { prefix: Some(hrp::BC), versions: [0x00, 0x05], starts: &['1', '3'], base58_chars: None };

/// Litecoin. Its old `3…` addresses are Bitcoin's too: money for them may mean either chain, so they are Bitcoin's alone here.
pub(super) const LITECOIN: Format =
    Format { prefix: Some(Hrp::parse_unchecked("ltc")), versions: [0x30, 0x32], starts: &['L', 'M'], base58_chars: Some(34) };

/// Dogecoin.
pub(super) const DOGECOIN: Format = Format { prefix: None, versions: [0x1e, 0x16], starts: &['D', '9', 'A'], base58_chars: Some(34) };

/// Returns the address; bech32 in lower case.
pub(super) fn parse(format: &Format, text: &str) -> Result<String, DestinationError> {
    if let Some(prefix) = format.prefix.filter(|prefix| starts_with(*prefix, text)) {
        return parse_bech32(prefix, text);
    }
    let payload = base58::decode_checked(text, Alphabet::BITCOIN);
    if let Some([version, hash @ ..]) = payload.as_deref()
        && format.versions.contains(version)
        && hash.len() == 20
        && !is_nobody(hash)
    {
        return Ok(text.to_owned());
    }
    let is_mistyped = payload.is_none()
        && text.starts_with(format.starts)
        && (25..=36).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Err(match format.base58_chars {
        _ if !is_mistyped => DestinationError::NotAnAddress,
        Some(expected) if text.len() != usize::from(expected) => DestinationError::Length { expected, found: text.len() },
        Some(_) | None => DestinationError::Checksum,
    })
}

/// Returns the address of a key hash: pay to witness public key hash (BIP-173), or to public key hash where the chain has no SegWit.
pub(super) fn from_account(format: &Format, account: [u8; 20]) -> Result<String, DestinationError> {
    match format.prefix {
        Some(prefix) => segwit::encode_v0(prefix, &account).map_err(|_| DestinationError::NotAnAddress),
        None => Ok(base58::encode_checked(&[&format.versions[..1], account.as_slice()].concat(), Alphabet::BITCOIN)),
    }
}

/// Says whether a text begins with a prefix and bech32's separator, in either case.
fn starts_with(prefix: Hrp, text: &str) -> bool {
    let chars = prefix.as_str().len();
    text.get(..chars).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_str()))
        && text.get(chars..).is_some_and(|rest| rest.starts_with('1'))
}

fn parse_bech32(prefix: Hrp, text: &str) -> Result<String, DestinationError> {
    let Ok((found, version, program)) = segwit::decode(text) else { return Err(bech32_refusal(prefix, text)) };
    // Of later versions, and of version 1 with another length, nobody can say who may spend.
    let is_spendable = match version {
        Fe32::Q => program.len() == 20 || program.len() == 32,
        Fe32::P => program.len() == 32,
        _ => false,
    };
    if found != prefix || !is_spendable || is_nobody(&program) {
        return Err(DestinationError::NotAnAddress);
    }
    Ok(text.to_ascii_lowercase())
}

fn bech32_refusal(prefix: Hrp, text: &str) -> DestinationError {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return DestinationError::NotAnAddress;
    }
    let prefix_chars = prefix.as_str().len();
    // Prefix and separator, version, 32 or 52 characters of program, 6 of checksum.
    let (short, long) = if prefix_chars == 2 { (42, 62) } else { (43, 63) };
    let is_taproot = text.get(prefix_chars..).and_then(|rest| rest.get(1..2)).is_some_and(|version| version.eq_ignore_ascii_case("p"));
    let expected: u8 = if is_taproot || text.len() > 52 { long } else { short };
    if text.len() != usize::from(expected) {
        return DestinationError::Length { expected, found: text.len() };
    }
    DestinationError::Checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, DestinationError> {
        super::parse(&BITCOIN, text)
    }

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

    #[test]
    fn reads_litecoin_and_dogecoin() {
        for (format, address) in [
            (&LITECOIN, "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
            (&LITECOIN, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
            (&LITECOIN, "MVcg9uEvtWuP5N6V48EHfEtbz48qR8TKZ9"),
            (&DOGECOIN, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
            (&DOGECOIN, "A7JjzK9k9x5b2MkkQzqt91WZsuu7wTu6iS"),
        ] {
            assert_eq!(super::parse(format, address).as_deref(), Ok(address));
        }
        let upper = "LTC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KGMN4N9";
        assert_eq!(super::parse(&LITECOIN, upper), Ok(upper.to_ascii_lowercase()));
        let ours = from_account(&DOGECOIN, [7; 20]).expect("an address");
        assert!(ours.starts_with('D') && super::parse(&DOGECOIN, &ours).as_ref() == Ok(&ours), "{ours}");
    }

    #[test]
    fn keeps_the_chains_apart() {
        for text in
            ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"]
        {
            assert_eq!(super::parse(&LITECOIN, text), Err(DestinationError::NotAnAddress), "{text}");
        }
        assert_eq!(super::parse(&DOGECOIN, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"), Err(DestinationError::NotAnAddress));
        assert_eq!(parse("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"), Err(DestinationError::NotAnAddress));
    }

    #[test]
    fn says_how_long_the_others_should_be() {
        let length = |expected, found| Err(DestinationError::Length { expected, found });
        assert_eq!(super::parse(&LITECOIN, "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n"), length(43, 42));
        assert_eq!(super::parse(&DOGECOIN, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7"), length(34, 33));
        assert_eq!(super::parse(&LITECOIN, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH8"), Err(DestinationError::Checksum));
        assert_eq!(super::parse(&DOGECOIN, "Aardvark"), Err(DestinationError::NotAnAddress));
    }
}

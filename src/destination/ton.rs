//! TON addresses (TEP-0002): user-friendly ones (`UQ…`, `EQ…`) with a checksum, and raw ones (`0:…`) without.
//!
//! The flag that says whether money for an account that does not exist comes back (bounceable, `EQ…`) is how its owner wants to be paid,
//! not who it is. It stays as it was typed, because payers compare what is shown with their wallet; [`account`] leaves it out.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::{DestinationError, is_nobody, xmodem};

/// The characters of a user-friendly address.
const ADDRESS_CHARS: u8 = 48;

/// The first byte of an address whose money comes back, and of one whose money does not.
const BOUNCEABLE: u8 = 0x11;
const NON_BOUNCEABLE: u8 = 0x51;
/// Added to the first byte of an address that is for the test network only.
const TEST_NETWORK: u8 = 0x80;

/// The chain of accounts, and that of validators. There are no others.
const WORKCHAINS: [i8; 2] = [0, -1];

/// A parsed address.
struct Parsed {
    first: u8,
    workchain: i8,
    account: [u8; 32],
}

/// Returns the address, user-friendly and fit for URLs. A raw one becomes non-bounceable: a wallet that is not active yet still gets the money.
pub(super) fn parse(text: &str) -> Result<String, DestinationError> {
    let Some(parsed) = decode(text).or_else(|| decode_raw(text)) else { return Err(refusal(text)) };
    let is_main_net = matches!(parsed.first, BOUNCEABLE | NON_BOUNCEABLE);
    if !is_main_net || !WORKCHAINS.contains(&parsed.workchain) || is_nobody(&parsed.account) {
        return Err(DestinationError::NotAnAddress);
    }
    Ok(encode(&parsed))
}

/// Returns the address of an account on the main chain.
pub(super) fn from_account(account: [u8; 32]) -> String {
    encode(&Parsed { first: NON_BOUNCEABLE, workchain: 0, account })
}

/// Returns the one form in which accounts are compared.
pub(super) fn account(address: &str) -> String {
    decode(address).map_or_else(|| address.to_owned(), |parsed| encode(&Parsed { first: NON_BOUNCEABLE, ..parsed }))
}

/// Says whether this is a raw address: right or wrong, it has no checksum.
pub(super) fn is_raw(text: &str) -> bool {
    decode_raw(text).is_some()
}

/// Says whether this is an address of the test network.
pub(super) fn is_test_network(text: &str) -> bool {
    decode(text).is_some_and(|parsed| matches!(parsed.first ^ TEST_NETWORK, BOUNCEABLE | NON_BOUNCEABLE))
}

/// Reads first byte, workchain, account and checksum, in either alphabet of base64 (RFC 4648).
fn decode(text: &str) -> Option<Parsed> {
    if text.len() != usize::from(ADDRESS_CHARS) {
        return None;
    }
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).or_else(|_| BASE64_NOPAD.decode(text.as_bytes())).ok()?;
    let ([first, workchain], rest) = bytes.split_first_chunk()?;
    let (account, checksum) = rest.split_first_chunk()?;
    let is_right = xmodem(&bytes[..34]).to_be_bytes().as_slice() == checksum;
    is_right.then(|| Parsed { first: *first, workchain: i8::from_be_bytes([*workchain]), account: *account })
}

fn decode_raw(text: &str) -> Option<Parsed> {
    let (workchain, digits) = text.split_once(':')?;
    let workchain = WORKCHAINS.into_iter().find(|known| known.to_string() == workchain)?;
    let account = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?.try_into().ok()?;
    Some(Parsed { first: NON_BOUNCEABLE, workchain, account })
}

fn encode(parsed: &Parsed) -> String {
    let payload = [&[parsed.first], parsed.workchain.to_be_bytes().as_slice(), &parsed.account].concat();
    let checksum = xmodem(&payload).to_be_bytes();
    BASE64URL_NOPAD.encode(&[payload.as_slice(), &checksum].concat())
}

fn refusal(text: &str) -> DestinationError {
    let is_base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/'));
    let is_one_of_ours = ["EQ", "UQ", "Ef", "Uf"].iter().any(|start| text.get(..2).is_some_and(|first| first.eq_ignore_ascii_case(start)));
    if !is_base64 || !is_one_of_ours || text.len() < 40 || decode(text).is_some() {
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

    /// The forms of one account in TON's documentation.
    const BOUNCING: &str = "EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF";
    const SETTLING: &str = "UQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPuwA";
    const RAW: &str = "0:ca6e321c7cce9ecedf0a8ca2492ec8592494aa5fb5ce0387dff96ef6af982a3e";

    #[test]
    fn reads_the_documented_forms() {
        assert_eq!(parse(BOUNCING).as_deref(), Ok(BOUNCING));
        assert_eq!(parse(SETTLING).as_deref(), Ok(SETTLING));
        assert_eq!(parse("EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff+W72r5gqPrHF").as_deref(), Ok(BOUNCING));
        assert_eq!(parse(RAW).as_deref(), Ok(SETTLING));
        assert_eq!(parse(&RAW.to_ascii_uppercase()).as_deref(), Ok(SETTLING));
        let validators = "-1:fcb91a3a3816d0f7b8c2c76108b8a9bc5a6b7a55bd79f8ab101c52db29232260";
        assert!(parse(validators).is_ok_and(|address| address.starts_with("Uf_8uRo6OBbQ97jCx2EIuKm8Wmt6Vb15-KsQHFLbKSMiY")));
        assert!(is_raw(RAW) && !is_raw(BOUNCING));
    }

    #[test]
    fn one_account_has_one_form_to_compare() {
        assert_eq!(account(BOUNCING), SETTLING);
        assert_eq!(account(SETTLING), SETTLING);
    }

    #[test]
    fn knows_the_test_network() {
        for text in [
            "kQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPgpP",
            "0QDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPleK",
            "kf/8uRo6OBbQ97jCx2EIuKm8Wmt6Vb15+KsQHFLbKSMiYIny",
        ] {
            assert_eq!(parse(text), Err(DestinationError::NotAnAddress), "{text}");
            assert!(is_test_network(text));
        }
        assert!(!is_test_network(BOUNCING));
    }

    #[test]
    fn refuses_what_is_no_account() {
        for text in [
            "EQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAM9c",
            "1:ca6e321c7cce9ecedf0a8ca2492ec8592494aa5fb5ce0387dff96ef6af982a3e",
            "0:ca6e321c7cce9ecedf0a8ca2492ec8592494aa5fb5ce0387dff96ef6af982a",
            "0:",
            "example.ton",
        ] {
            assert_eq!(parse(text), Err(DestinationError::NotAnAddress), "{text}");
        }
        let other_workchain = encode(&Parsed { first: BOUNCEABLE, workchain: 1, account: [7; 32] });
        let other_flag = encode(&Parsed { first: 0x31, workchain: 0, account: [7; 32] });
        assert_eq!(parse(&other_workchain), Err(DestinationError::NotAnAddress));
        assert_eq!(parse(&other_flag), Err(DestinationError::NotAnAddress));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(parse(&BOUNCING[..47]), Err(DestinationError::Length { expected: 48, found: 47 }));
        assert_eq!(parse(&BOUNCING.replace("-W72", "+X72")), Err(DestinationError::Checksum));
        assert_eq!(parse(&BOUNCING.to_ascii_lowercase()), Err(DestinationError::Checksum));
    }
}

//! Recognises the addresses of other networks, to tell a payer what they pasted. Claims only what the text itself shows.

use bs58::Alphabet;

use super::{base58, evm, xrpl};
use crate::money::Network;

const BITCOIN: &str = "Bitcoin";
const BITCOIN_TEST: &str = "Bitcoin test network";
const EVM: &str = "Ethereum-style";
const TRON: &str = "Tron";
const XRPL: &str = "XRP Ledger";
const XRPL_TEST: &str = "XRP Ledger test network";

/// What bech32 addresses (and Lightning invoices) start with.
const BECH32_PREFIXES: [(&str, &str); 8] = [
    ("bc", BITCOIN),
    ("tb", BITCOIN_TEST),
    ("bcrt", BITCOIN_TEST),
    ("ltc", "Litecoin"),
    ("lnurl", "Lightning"),
    ("addr", "Cardano"),
    ("cosmos", "Cosmos"),
    ("thor", "THORChain"),
];

/// First bytes of base58 addresses with 20 bytes behind.
const BASE58_VERSIONS: [(u8, &str); 11] = [
    (0x00, BITCOIN),
    (0x05, BITCOIN),
    (0x6f, BITCOIN_TEST),
    (0xc4, BITCOIN_TEST),
    (0x41, TRON),
    (0x30, "Litecoin"),
    (0x32, "Litecoin"),
    (0x1e, "Dogecoin"),
    (0x16, "Dogecoin"),
    (0x4c, "Dash"),
    (0x10, "Dash"),
];

/// Returns what [`recognise`] calls a network's own addresses.
pub(super) const fn family(network: Network) -> &'static str {
    match network {
        Network::Bitcoin => BITCOIN,
        Network::Ethereum | Network::Base => EVM,
        Network::Tron => TRON,
        Network::Xrpl => XRPL,
    }
}

/// Returns the network whose address a text is, as people call it.
pub(super) fn recognise(text: &str) -> Option<&'static str> {
    if evm::digits(text).is_some() {
        return Some(EVM);
    }
    if xrpl::parse(text).is_ok() {
        return Some(XRPL);
    }
    if xrpl::is_test_network(text) {
        return Some(XRPL_TEST);
    }
    by_version(text).or_else(|| by_prefix(text)).or_else(|| by_shape(text))
}

fn by_version(text: &str) -> Option<&'static str> {
    let payload = base58::decode_checked(text, Alphabet::BITCOIN)?;
    let (found, _) = payload.split_first().filter(|(_, hash)| hash.len() == 20)?;
    BASE58_VERSIONS.iter().find(|(version, _)| version == found).map(|(_, name)| *name)
}

/// Reads the part before the last `1`. A wrong checksum does not matter: it is no address of another network either.
fn by_prefix(text: &str) -> Option<&'static str> {
    if text.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("bitcoincash:")) {
        return Some("Bitcoin Cash");
    }
    let (prefix, data) = text.rsplit_once('1')?;
    if data.len() < 20 || !data.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let prefix = prefix.to_ascii_lowercase();
    // A Lightning invoice (BOLT-11) has its amount in the prefix.
    if prefix.starts_with("lnbc") {
        return Some("Lightning");
    }
    BECH32_PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, name)| *name)
}

/// Formats whose checksum we do not know how to read, or that have none, but whose alphabet and length are their own.
fn by_shape(text: &str) -> Option<&'static str> {
    let is_base32 = || text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let is_base64url = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let bytes = || base58::decode(text, Alphabet::BITCOIN).map(|bytes| bytes.len());
    match text.len() {
        56 if text.starts_with('G') && is_base32() => Some("Stellar"),
        48 if (text.starts_with("EQ") || text.starts_with("UQ")) && is_base64url() => Some("TON"),
        95 if text.starts_with(['4', '8']) && bytes().is_some() => Some("Monero"),
        32..=44 if bytes() == Some(32) => Some("Solana"),
        _ => None,
    }
}

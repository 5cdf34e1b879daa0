//! Recognises the addresses of other networks, to tell a payer what they pasted. Claims only what the text itself shows.

use core::fmt;

use bs58::Alphabet;

use super::{base58, evm, stellar, ton, xrpl};
use crate::money::Network;

/// Whose address a text is. Printed as people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Foreign {
    /// One of the many networks that write addresses as Ethereum does.
    EthereumStyle,
    /// The XRP Ledger's.
    Xrpl,
    /// That of the network with this name.
    Named(&'static str),
    /// That of a test network of the network with this name: no money is there.
    TestOf(&'static str),
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EthereumStyle => f.write_str("Ethereum-style"),
            Self::Xrpl => f.write_str("XRP Ledger"),
            Self::Named(name) => f.write_str(name),
            Self::TestOf(name) => write!(f, "{name} test network"),
        }
    }
}

const BITCOIN: Foreign = Foreign::Named("Bitcoin");
const BITCOIN_TEST: Foreign = Foreign::TestOf("Bitcoin");
const DOGECOIN: Foreign = Foreign::Named("Dogecoin");
const DOGECOIN_TEST: Foreign = Foreign::TestOf("Dogecoin");
const EVM: Foreign = Foreign::EthereumStyle;
const LITECOIN: Foreign = Foreign::Named("Litecoin");
const LITECOIN_TEST: Foreign = Foreign::TestOf("Litecoin");
const SOLANA: Foreign = Foreign::Named("Solana");
const STELLAR: Foreign = Foreign::Named("Stellar");
const TON: Foreign = Foreign::Named("TON");
const TON_TEST: Foreign = Foreign::TestOf("TON");
const TRON: Foreign = Foreign::Named("Tron");
const XRPL: Foreign = Foreign::Xrpl;
const XRPL_TEST: Foreign = Foreign::TestOf("XRP Ledger");

/// What bech32 addresses (and Lightning invoices) start with.
const BECH32_PREFIXES: [(&str, Foreign); 10] = [
    ("bc", BITCOIN),
    ("tb", BITCOIN_TEST),
    ("bcrt", BITCOIN_TEST),
    ("ltc", LITECOIN),
    ("tltc", LITECOIN_TEST),
    // MimbleWimble extension blocks: another kind of transaction.
    ("ltcmweb", Foreign::Named("Litecoin MWEB")),
    ("lnurl", Foreign::Named("Lightning")),
    ("addr", Foreign::Named("Cardano")),
    ("cosmos", Foreign::Named("Cosmos")),
    ("thor", Foreign::Named("THORChain")),
];

/// First bytes of base58 addresses with 20 bytes behind.
const BASE58_VERSIONS: [(u8, Foreign); 13] = [
    (0x00, BITCOIN),
    (0x05, BITCOIN),
    (0x6f, BITCOIN_TEST),
    (0xc4, BITCOIN_TEST),
    (0x41, TRON),
    (0x30, LITECOIN),
    (0x32, LITECOIN),
    (0x3a, LITECOIN_TEST),
    (0x1e, DOGECOIN),
    (0x16, DOGECOIN),
    (0x71, DOGECOIN_TEST),
    (0x4c, Foreign::Named("Dash")),
    (0x10, Foreign::Named("Dash")),
];

/// Returns what [`recognise`] calls a network's own addresses.
pub(super) const fn family(network: Network) -> Foreign {
    match network {
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Ethereum
        | Network::Optimism
        | Network::Polygon => EVM,
        Network::Bitcoin => BITCOIN,
        Network::Dogecoin => DOGECOIN,
        Network::Litecoin => LITECOIN,
        Network::Solana => SOLANA,
        Network::Stellar => STELLAR,
        Network::Ton => TON,
        Network::Tron => TRON,
        Network::Xrpl => XRPL,
    }
}

/// Returns the network whose address a text is.
pub(super) fn recognise(text: &str) -> Option<Foreign> {
    if evm::digits(text).is_some() {
        return Some(EVM);
    }
    if xrpl::parse(text).is_ok() {
        return Some(XRPL);
    }
    if xrpl::is_test_network(text) {
        return Some(XRPL_TEST);
    }
    if stellar::parse(text).is_ok() {
        return Some(STELLAR);
    }
    if ton::parse(text).is_ok() {
        return Some(TON);
    }
    if ton::is_test_network(text) {
        return Some(TON_TEST);
    }
    by_version(text).or_else(|| by_prefix(text)).or_else(|| by_shape(text))
}

fn by_version(text: &str) -> Option<Foreign> {
    let payload = base58::decode_checked(text, Alphabet::BITCOIN)?;
    let (found, _) = payload.split_first().filter(|(_, hash)| hash.len() == 20)?;
    BASE58_VERSIONS.iter().find(|(version, _)| version == found).map(|(_, name)| *name)
}

/// Reads the part before the last `1`. A wrong checksum does not matter: it is no address of another network either.
fn by_prefix(text: &str) -> Option<Foreign> {
    if text.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("bitcoincash:")) {
        return Some(Foreign::Named("Bitcoin Cash"));
    }
    let (prefix, data) = text.rsplit_once('1')?;
    if data.len() < 20 || !data.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let prefix = prefix.to_ascii_lowercase();
    // A Lightning invoice (BOLT-11) has its amount in the prefix.
    if prefix.starts_with("lnbc") {
        return Some(Foreign::Named("Lightning"));
    }
    BECH32_PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, name)| *name)
}

/// Formats whose checksum we do not know how to read, or that have none, but whose alphabet and length are their own.
fn by_shape(text: &str) -> Option<Foreign> {
    let is_base32 = || text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let is_base64url = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let bytes = || base58::decode(text, Alphabet::BITCOIN).map(|bytes| bytes.len());
    match text.len() {
        56 if text.starts_with('G') && is_base32() => Some(STELLAR),
        48 if (text.starts_with("EQ") || text.starts_with("UQ")) && is_base64url() => Some(TON),
        95 if text.starts_with(['4', '8']) && bytes().is_some() => Some(Foreign::Named("Monero")),
        32..=44 if bytes() == Some(32) => Some(SOLANA),
        _ => None,
    }
}

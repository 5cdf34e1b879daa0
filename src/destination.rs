//! Destinations: an address (and tag) that is right for its network, or the reason why not.
//! The browser and the server call the same [`Destination::parse`]; what a chain knows of the address is not asked here.

mod base58;
mod bitcoin;
mod error;
mod evm;
mod foreign;
mod secret;
mod solana;
mod stellar;
mod tag;
mod ton;
mod tron;
mod xrpl;

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

pub use self::error::{DestinationError, has_one_length};
pub use self::foreign::Foreign;
pub use self::secret::opens_wallet;
use self::tag::{NO_TAG, Said};
pub use self::tag::{Tag, TagRule, tag_rule, uses_tag};
use crate::money::Network;

/// The longest text judged, in bytes: room for a recovery phrase of 24 words, and little enough that a pasted book costs nothing.
const TEXT_BYTES_MAX: usize = 512;

/// An address, and a tag where the network has one, checked for its network and written the one canonical way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    network: Network,
    address: String,
    tag: Option<Tag>,
}

impl Destination {
    /// Parses what a payer typed. Space around it is dropped, EVM addresses become EIP-55, bech32 lower case, X-addresses and muxed accounts an
    /// address and its tag.
    ///
    /// `tag` is one of the network's (see [`Tag`]), or `none` for "my wallet does not use one"; empty counts as not given.
    ///
    /// # Errors
    /// The first of: empty, a secret, another network's, mistyped, tag missing or wrong. Nothing of the text is kept in the error.
    pub fn parse(network: Network, address: &str, tag: Option<&str>) -> Result<Self, DestinationError> {
        let (address, inside) = canonical(network, address)?;
        let beside = Said::parse(network, tag)?;
        let tag = if uses_tag(network) { inside.agree(beside)? } else { None };
        Ok(Self { network, address, tag })
    }

    /// Returns the account that an address of any form is of, as [`Self::account`] would; a tag, inside or beside it, does not matter.
    ///
    /// # Errors
    /// As [`Self::parse`], without those about tags.
    pub fn account_of(network: Network, address: &str) -> Result<String, DestinationError> {
        canonical(network, address).map(|(address, _)| account(network, &address))
    }

    /// Returns the address of a 20-byte account in the network's usual form (Bitcoin: pay to witness public key hash). Networks whose accounts
    /// have 32 bytes (Solana, Stellar, TON) get that of its SHA-256, an account of nobody, for simulation. A `tag` of `None` says that none is used.
    ///
    /// # Errors
    /// `NotAnAddress` for an account that is nobody's, `TagInvalid` for a tag where the network has none.
    pub fn of_account(network: Network, account: [u8; 20], tag: Option<u32>) -> Result<Self, DestinationError> {
        let versioned = |version: u8, alphabet| base58::encode_checked(&[&[version], account.as_slice()].concat(), alphabet);
        let wide = || Sha256::digest(account).into();
        let text = match network {
            Network::Arbitrum
            | Network::Avalanche
            | Network::Base
            | Network::Bsc
            | Network::Ethereum
            | Network::Optimism
            | Network::Polygon => evm::from_account(account),
            Network::Bitcoin => bitcoin::from_account(&bitcoin::BITCOIN, account)?,
            Network::Dogecoin => bitcoin::from_account(&bitcoin::DOGECOIN, account)?,
            Network::Litecoin => bitcoin::from_account(&bitcoin::LITECOIN, account)?,
            Network::Solana => solana::from_account(wide()),
            Network::Stellar => stellar::from_account(wide()),
            Network::Ton => ton::from_account(wide()),
            Network::Tron => versioned(tron::VERSION, bs58::Alphabet::BITCOIN),
            Network::Xrpl => versioned(xrpl::CLASSIC_VERSION, bs58::Alphabet::RIPPLE),
        };
        let tag = tag.map_or_else(|| NO_TAG.to_owned(), |tag| tag.to_string());
        Self::parse(network, &text, Some(&tag))
    }

    /// Says whether an address was typed without a checksum: an EVM address in one case only, a raw TON address, any Solana address. It parses,
    /// but a typing mistake in it cannot be seen.
    ///
    /// Asked of the typed text, because most parsed addresses have their checksum.
    #[must_use]
    pub fn is_unchecked(network: Network, typed: &str) -> bool {
        let typed = typed.trim();
        let is_one_case = || evm::parse(typed).is_ok_and(|checked| checked != typed);
        let is_solana = || solana::parse(typed).is_ok();
        (network.is_evm() && is_one_case())
            || (network == Network::Ton && ton::is_raw(typed))
            || (network == Network::Solana && is_solana())
    }

    /// Returns the network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Returns the whole canonical address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the tag. `None` on a network with tags means that its owner said they use none.
    #[must_use]
    pub const fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// Returns the tag as [`Self::parse`] takes it: the tag, `none`, or nothing on a network without tags. Store and send this one.
    #[must_use]
    pub fn tag_text(&self) -> Option<String> {
        uses_tag(self.network).then(|| self.tag.as_ref().map_or_else(|| NO_TAG.to_owned(), Tag::to_string))
    }

    /// Returns the account's address in the one form it is compared in, whatever form its owner uses: TON writes one account in two ways,
    /// every other network in one, which is the canonical address.
    #[must_use]
    pub fn account(&self) -> String {
        account(self.network, &self.address)
    }

    /// Returns the first and last six characters, `TDD97y…v4Vaqm`: enough to recognise, not enough to know.
    #[must_use]
    pub fn masked(&self) -> String {
        let (first, rest) = self.address.split_at(6);
        let (_, last) = rest.split_at(rest.len().saturating_sub(6));
        format!("{first}…{last}")
    }

    /// Returns the address in groups of four characters, for comparing by eye.
    #[must_use]
    pub fn chunks(&self) -> Vec<&str> {
        let end = self.address.len();
        (0..end).step_by(4).map(|start| &self.address[start..end.min(start.saturating_add(4))]).collect()
    }

    /// Refuses an address that is nobody's wallet: ours, or an asset's contract.
    ///
    /// # Errors
    /// `OwnAddress` or `TokenContract`.
    pub fn refuse_forbidden(&self, forbidden: &Forbidden<'_>) -> Result<(), DestinationError> {
        if self.is_among(forbidden.own) {
            return Err(DestinationError::OwnAddress);
        }
        if self.is_among(forbidden.contracts) {
            return Err(DestinationError::TokenContract);
        }
        Ok(())
    }

    /// Compares canonical forms, whatever the case or form of `addresses`; tags do not count, since one account carries many.
    fn is_among(&self, addresses: &[String]) -> bool {
        let own = self.account();
        addresses.iter().any(|text| canonical(self.network, text).is_ok_and(|(address, _)| account(self.network, &address) == own))
    }
}

/// Addresses of the refund's network that money must never be sent to.
#[derive(Clone, Copy, Debug)]
pub struct Forbidden<'a> {
    /// Deposit addresses and the hot account.
    pub own: &'a [String],
    /// Contracts of the assets we know.
    pub contracts: &'a [String],
}

/// How many characters addresses of a network have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characters {
    /// So many.
    Exactly(u8),
    /// The one number or the other.
    Either(u8, u8),
    /// Any number from the first to the second.
    Between(u8, u8),
}

/// Returns how many characters addresses of a network have.
#[must_use]
pub const fn characters(network: Network) -> Characters {
    match network {
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Ethereum
        | Network::Optimism
        | Network::Polygon => Characters::Exactly(42),
        Network::Bitcoin => Characters::Between(26, 62),
        Network::Dogecoin | Network::Tron => Characters::Exactly(34),
        Network::Litecoin => Characters::Between(34, 63),
        Network::Solana => Characters::Between(32, 44),
        Network::Stellar => Characters::Either(56, 69),
        Network::Ton => Characters::Exactly(48),
        Network::Xrpl => Characters::Between(25, 47),
    }
}

/// Returns how addresses of a network begin, one way or another; nothing where they begin anyhow.
#[must_use]
pub const fn starts_with(network: Network) -> &'static [&'static str] {
    match network {
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Ethereum
        | Network::Optimism
        | Network::Polygon => &["0x"],
        Network::Bitcoin => &["bc1", "1", "3"],
        Network::Dogecoin => &["D", "9", "A"],
        Network::Litecoin => &["ltc1", "L", "M"],
        Network::Solana => &[],
        Network::Stellar => &["G", "M"],
        Network::Ton => &["UQ", "EQ"],
        Network::Tron => &["T"],
        Network::Xrpl => &["r", "X"],
    }
}

/// Returns the form in which a canonical address is compared with others.
fn account(network: Network, address: &str) -> String {
    if network == Network::Ton { ton::account(address) } else { address.to_owned() }
}

/// Returns the canonical address in a text, and what the address itself says about its tag.
fn canonical(network: Network, text: &str) -> Result<(String, Said), DestinationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DestinationError::Empty);
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(DestinationError::NotAnAddress);
    }
    if secret::is_recovery_phrase(text) {
        return Err(DestinationError::RecoveryPhrase);
    }
    if secret::is_key_file(text) {
        return Err(DestinationError::PrivateKey);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(with_stray_characters(network, text));
    }
    let refused = match of_network(network, text) {
        Ok(judged) => return Ok(judged),
        Err(refused) => refused,
    };
    if secret::is_private_key(text) {
        return Err(DestinationError::PrivateKey);
    }
    match foreign::recognise(text) {
        Some(found) if found != foreign::family(network) => Err(DestinationError::OtherNetwork { found }),
        Some(_) | None => Err(refused),
    }
}

fn of_network(network: Network, text: &str) -> Result<(String, Said), DestinationError> {
    let address = match network {
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Ethereum
        | Network::Optimism
        | Network::Polygon => evm::parse(text),
        Network::Bitcoin => bitcoin::parse(&bitcoin::BITCOIN, text),
        Network::Dogecoin => bitcoin::parse(&bitcoin::DOGECOIN, text),
        Network::Litecoin => bitcoin::parse(&bitcoin::LITECOIN, text),
        Network::Solana => solana::parse(text),
        Network::Stellar => return stellar::parse(text),
        Network::Ton => ton::parse(text),
        Network::Tron => tron::parse(text),
        Network::Xrpl => return xrpl::parse(text),
    };
    address.map(|address| (address, Said::Nothing))
}

/// A right address with spaces or invisible characters inside was copied badly; anything else is no address. Neither is repaired for the payer.
fn with_stray_characters(network: Network, text: &str) -> DestinationError {
    let visible: String = text.chars().filter(char::is_ascii_graphic).collect();
    match of_network(network, &visible) {
        Ok(_) => DestinationError::Checksum,
        Err(_) => DestinationError::NotAnAddress,
    }
}

/// Says whether an account number is all zeros: nobody holds its key, money sent there is burnt.
fn is_nobody(account: &[u8]) -> bool {
    account.iter().all(|byte| *byte == 0)
}

/// CRC-16/XMODEM, the checksum of Stellar's and TON's addresses. Without a table: addresses are short, and the browser loads this.
fn xmodem(bytes: &[u8]) -> u16 {
    const CRC: crc::Crc<u16, crc::NoTable> = crc::Crc::<u16, crc::NoTable>::new(&crc::CRC_16_XMODEM);
    CRC.checksum(bytes)
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Destination({} {})", self.network, self.masked())
    }
}

/// The shape on the wire and in rows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    network: Network,
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { network: self.network, address: self.address.clone(), tag: self.tag_text() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::parse(wire.network, &wire.address, wire.tag.as_deref()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;

//! Why a destination was refused: a code for programs, a fragment for logs, and the words a payer reads.

use thiserror::Error;

use super::foreign::Foreign;
use super::starts_with;
use super::tag::tag_rule;
use crate::money::Network;

/// Why a destination was refused. Carries nothing of what was typed, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DestinationError {
    /// Nothing was typed.
    #[error("enter the address to send the refund to")]
    Empty,
    /// An address of another network.
    #[error("this is a {found} address: use one of the refund's network")]
    OtherNetwork {
        /// The other network.
        found: Foreign,
    },
    /// The right form, but not an address: a character is wrong.
    #[error("the address has a typing mistake: copy it again")]
    Checksum,
    /// The right beginning, but too short or too long.
    #[error("the address has {found} characters instead of {expected}: copy it again")]
    Length {
        /// How many it should have.
        expected: u8,
        /// How many it has.
        found: usize,
    },
    /// Words that open a wallet (BIP-39).
    #[error("this looks like a recovery phrase: never share it, enter an address")]
    RecoveryPhrase,
    /// A key that opens a wallet.
    #[error("this looks like a private key: never share it, enter an address")]
    PrivateKey,
    /// None of the above, or an address whose key nobody holds.
    #[error("this is not a wallet address: copy one from a wallet")]
    NotAnAddress,
    /// The network has tags and nothing was said about it.
    #[error("the tag is missing: enter it, or `none`")]
    TagMissing,
    /// Not one of the network's tags, or a tag where there are none.
    #[error("the tag does not fit the address: copy it again, or leave it out")]
    TagInvalid,
    /// Another tag than the one inside the address, or one beside an address that says it has none.
    #[error("the address holds another tag than the one beside it: leave the tag out, or copy both again")]
    TagContradicts,
    /// Words or a key that open a wallet, in the place of the tag.
    #[error("the tag looks like the key of a wallet: never share it, enter the tag")]
    TagSecret,
    /// One of our own addresses.
    #[error("this is an address of the refund engine: use one of your own wallet")]
    OwnAddress,
    /// An asset's contract.
    #[error("this is a token contract: use an address of your own wallet")]
    TokenContract,
}

impl DestinationError {
    /// Returns the code programs see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::OtherNetwork { .. } => "other_network",
            Self::Checksum => "checksum",
            Self::Length { .. } => "length",
            Self::RecoveryPhrase => "recovery_phrase",
            Self::PrivateKey => "private_key",
            Self::NotAnAddress => "not_an_address",
            Self::TagMissing => "tag_missing",
            Self::TagInvalid => "tag_invalid",
            Self::TagContradicts => "tag_contradicts",
            Self::TagSecret => "tag_secret",
            Self::OwnAddress => "own_address",
            Self::TokenContract => "token_contract",
        }
    }

    /// Returns the form field at fault: `address` or `tag`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TagMissing | Self::TagInvalid | Self::TagContradicts | Self::TagSecret => "tag",
            Self::Empty
            | Self::OtherNetwork { .. }
            | Self::Checksum
            | Self::Length { .. }
            | Self::RecoveryPhrase
            | Self::PrivateKey
            | Self::NotAnAddress
            | Self::OwnAddress
            | Self::TokenContract => "address",
        }
    }

    /// Says whether what was typed opens a wallet: clear the field at once, send and keep nothing.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::RecoveryPhrase | Self::PrivateKey | Self::TagSecret)
    }

    /// Returns the sentences a program's user reads, for a refund of `symbol` on `network`. Pages say it in their own languages.
    #[must_use]
    pub fn message(&self, network: Network, symbol: &str) -> String {
        let title = network.title();
        match self {
            Self::Empty => "Enter the address to send the refund to".to_owned(),
            Self::OtherNetwork { found } => {
                let found = found.to_string();
                let article = article(&found);
                let needed = match starts_with(network) {
                    [] => format!("{} {title} address", self::article(title)),
                    [only] => format!("an address that starts with {only}"),
                    [others @ .., last] => format!("an address that starts with {} or {last}", others.join(", ")),
                };
                format!(
                    "This is {article} {found} address. This refund is {symbol} on {title}, so it needs {needed}. \
                     {symbol} sent to {article} {found} address cannot be recovered."
                )
            }
            Self::Checksum => "This address has a typing mistake. Copy it again from your wallet.".to_owned(),
            Self::Length { expected, found } => {
                let kind = if has_one_length(network) { "" } else { " of this kind" };
                let article = capital_article(title);
                format!("{article} {title} address{kind} has {expected} characters. This one has {found}.")
            }
            Self::RecoveryPhrase => "That looks like a recovery phrase. Never share it. We did not store it.".to_owned(),
            Self::PrivateKey => "That looks like a private key. Never share it. We did not store it.".to_owned(),
            Self::NotAnAddress => "This does not look like a wallet address.".to_owned(),
            Self::TagMissing => "Enter the memo or tag, or choose that your wallet does not use one".to_owned(),
            Self::TagInvalid => match tag_in_words(network) {
                Some(words) => format!("This tag does not fit the address. Copy both again from your wallet. {words}"),
                None => format!("{title} addresses have no memo or tag. Leave it empty."),
            },
            Self::TagContradicts => "This address has its own tag inside, and it is not the one you entered. Leave the tag empty, \
                                     or copy both again from your wallet."
                .to_owned(),
            Self::TagSecret => "That looks like the key of a wallet, not a tag. Never share it. We did not store it.".to_owned(),
            Self::OwnAddress => "This is the address you paid to. Use an address from your own wallet.".to_owned(),
            Self::TokenContract => {
                format!("This is the {symbol} contract, not a wallet. Money sent there cannot be recovered.")
            }
        }
    }
}

/// Returns what a network's tags are made of.
fn tag_in_words(network: Network) -> Option<String> {
    let rule = tag_rule(network)?;
    Some(if rule.is_number {
        "A tag has digits only.".to_owned()
    } else {
        format!("A memo has up to {} letters, digits and signs.", rule.chars_max)
    })
}

/// Says whether every address of the network is equally long.
#[must_use]
pub const fn has_one_length(network: Network) -> bool {
    match network {
        Network::Arbitrum
        | Network::Avalanche
        | Network::Base
        | Network::Bsc
        | Network::Dogecoin
        | Network::Ethereum
        | Network::Optimism
        | Network::Polygon
        | Network::Ton
        | Network::Tron => true,
        Network::Bitcoin | Network::Litecoin | Network::Solana | Network::Stellar | Network::Xrpl => false,
    }
}

/// Returns `an` before a vowel sound ("an Ethereum", "an XRP Ledger"), else `a`.
fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'O', 'X']) { "an" } else { "a" }
}

fn capital_article(name: &str) -> &'static str {
    if article(name) == "an" { "An" } else { "A" }
}

//! The sentences of the address field, in the payer's language. The server fills them in; the browser picks one and knows no other
//! language, so that none is loaded with the field.

use domain::destination::{DestinationError, Foreign};
use serde::{Deserialize, Serialize};

/// Stands in a sentence where the number of characters that an address should have is filled in.
pub const EXPECTED: &str = "{expected}";
/// Stands in a sentence where the number of characters that were typed is filled in.
pub const FOUND: &str = "{found}";
/// Stands in a sentence where the name of another network is filled in.
pub const NETWORK: &str = "{network}";

/// What the field for a refund's address says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressWords {
    /// Above the field.
    pub label: String,
    /// Under the label.
    pub hint: String,
    /// Under a right address.
    pub valid: String,
    /// Under a right address that fits other networks too.
    pub look_alike: Option<String>,
    /// Nothing was typed.
    pub empty: String,
    /// A character is wrong.
    pub checksum: String,
    /// Too long or too short, with [`EXPECTED`] and [`FOUND`].
    pub length: String,
    /// Words that open a wallet.
    pub recovery_phrase: String,
    /// A key that opens a wallet.
    pub private_key: String,
    /// No address at all.
    pub not_an_address: String,
    /// An Ethereum-style address.
    pub ethereum_style: String,
    /// An address of the XRP Ledger.
    pub xrpl: String,
    /// An address of another network, with [`NETWORK`].
    pub named: String,
    /// An address of a test network, with [`NETWORK`].
    pub test_of: String,
    /// A payment link for another network, with [`NETWORK`].
    pub link_for: String,
    /// Said before a mistake to those who do not see its colour: `Error: `.
    pub error: String,
    /// The button that pastes.
    pub paste: String,
    /// The browser does not let the page paste.
    pub paste_refused: String,
    /// The button that empties the field.
    pub clear: String,
    /// The button that scans.
    pub scan: String,
    /// Above the camera's picture.
    pub scan_title: String,
    /// The button that ends scanning.
    pub scan_stop: String,
    /// The browser does not let the page see.
    pub scan_refused: String,
}

impl AddressWords {
    /// Returns what is wrong with an address; nothing when it is not about what the address looks like: its tag, or whose it is.
    #[must_use]
    pub fn of(&self, error: &DestinationError) -> Option<String> {
        Some(match error {
            DestinationError::Empty => self.empty.clone(),
            DestinationError::OtherNetwork { found } => match found {
                Foreign::EthereumStyle => self.ethereum_style.clone(),
                Foreign::Xrpl => self.xrpl.clone(),
                Foreign::Named(name) => self.named.replace(NETWORK, name),
                Foreign::TestOf(name) => self.test_of.replace(NETWORK, name),
            },
            DestinationError::Checksum => self.checksum.clone(),
            DestinationError::Length { expected, found } => {
                self.length.replace(EXPECTED, &expected.to_string()).replace(FOUND, &found.to_string())
            }
            DestinationError::RecoveryPhrase => self.recovery_phrase.clone(),
            DestinationError::PrivateKey => self.private_key.clone(),
            DestinationError::NotAnAddress => self.not_an_address.clone(),
            DestinationError::TagMissing
            | DestinationError::TagInvalid
            | DestinationError::TagContradicts
            | DestinationError::TagSecret
            | DestinationError::OwnAddress
            | DestinationError::TokenContract => return None,
        })
    }
}

//! Sources: other systems that tell a MID what was paid, in webhooks that they sign. How each is read is the engine's.

use serde::{Deserialize, Serialize};

use crate::money::AssetId;
use crate::names::choices;

choices! {
    /// In whose words a source speaks, and how it signs.
    SourceKind {
        /// BTCPay Server: `BTCPay-Sig`, HMAC-SHA256 of the body.
        Btcpay = "btcpay",
        /// Cryptomus: `sign` in the body, MD5 over the base64 of the rest and the payment API key.
        Cryptomus = "cryptomus",
        /// NOWPayments: `x-nowpayments-sig`, HMAC-SHA512 of the body with its keys sorted.
        Nowpayments = "nowpayments",
    }

    /// What became of something that a source told.
    NewsOutcome {
        /// A deposit is known from it, or moved on.
        Taken = "taken",
        /// It was known already, or something later was.
        Unchanged = "unchanged",
        /// It tells of no payment.
        Ignored = "ignored",
        /// No invoice of the MID has that reference.
        NotOurs = "not_ours",
        /// It cannot be what it says; why stands beside it.
        Refused = "refused",
    }
}

/// Why something that a source told did not become a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NewsWhy {
    /// It is about no order.
    #[error("it names no order: let the other system know the invoice's reference as its order id")]
    NoOrder,
    /// It is about an order that nobody knows here.
    #[error("no invoice of this MID has that reference")]
    NoInvoice,
    /// It is about another coin than the invoice asks for, or another network.
    #[error("this invoice is paid in {charged}, and this is {coin}: give it back where it came")]
    OtherCoin {
        /// What the invoice asks for.
        charged: AssetId,
        /// What came, in the other system's words.
        coin: String,
    },
    /// It says something else of a payment that was final before.
    #[error("this payment was told as final before, and differently: compare it with the other system")]
    Contradicts,
    /// What it tells cannot be, in the words that the API says so with.
    #[error("{0}")]
    Impossible(String),
}

/// A row has a name that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown name {0}")]
pub struct UnknownName(String);

impl TryFrom<String> for SourceKind {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Self, UnknownName> {
        Self::from_name(&name).ok_or(UnknownName(name))
    }
}

impl TryFrom<String> for NewsOutcome {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Self, UnknownName> {
        Self::from_name(&name).ok_or(UnknownName(name))
    }
}

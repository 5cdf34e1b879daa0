//! Sources: other systems that tell a MID what was paid, in webhooks that they sign. How each is read is the engine's.

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

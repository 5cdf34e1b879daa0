//! Dialects: in whose words a webhook endpoint is told what happens, and how that is signed. How each says it is the engine's.

use crate::names::choices;

choices! {
    /// In whose words an endpoint's webhooks are written.
    Dialect {
        /// Refundry's own.
        Native = "native",
        /// Cryptomus's: where a payment stands, signed with an API key of its MID (CM-01 to CM-13).
        Cryptomus = "cryptomus",
        /// Heleket's, which are Cryptomus's.
        Heleket = "heleket",
        /// Txn's: the invoice as a JSON:API document with its refund links (TX-05 to TX-12).
        Txn = "txn",
        /// BVNK's: a refund as a payout with the payment it gives back (BV-10 to BV-14).
        Bvnk = "bvnk",
        /// BitPay's: the refund (BP-04 to BP-15).
        Bitpay = "bitpay",
        /// Cryptopay's: the invoice, with what became of its payment.
        Cryptopay = "cryptopay",
        /// BTCPay Server's: the invoice, and the payout that claims its refund.
        Btcpay = "btcpay",
    }

    /// Which signatures of Standard Webhooks 1.0 an endpoint's webhooks carry. Dialects that are signed otherwise carry their own.
    SignatureScheme {
        /// `v1`: HMAC-SHA256, under a secret that both sides know.
        V1 = "v1",
        /// `v1a`: Ed25519, by a key of which the receiver knows the public half only.
        V1a = "v1a",
        /// Both, for receivers on their way from one to the other.
        Both = "both",
    }
}

/// A row names a dialect that this program does not speak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect {0}")]
pub struct UnknownDialect(String);

impl TryFrom<String> for Dialect {
    type Error = UnknownDialect;

    fn try_from(name: String) -> Result<Self, UnknownDialect> {
        Self::from_name(&name).ok_or(UnknownDialect(name))
    }
}

impl SignatureScheme {
    /// Says whether a shared secret signs.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        match self {
            Self::V1 | Self::Both => true,
            Self::V1a => false,
        }
    }

    /// Says whether a key signs whose public half is for everybody.
    #[must_use]
    pub const fn has_key(self) -> bool {
        match self {
            Self::V1a | Self::Both => true,
            Self::V1 => false,
        }
    }
}

/// A row names signatures that this program does not make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown signatures {0}")]
pub struct UnknownScheme(String);

impl TryFrom<String> for SignatureScheme {
    type Error = UnknownScheme;

    fn try_from(name: String) -> Result<Self, UnknownScheme> {
        Self::from_name(&name).ok_or(UnknownScheme(name))
    }
}

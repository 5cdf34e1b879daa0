//! Dialects: in whose words a webhook endpoint is told what happens. How each says it is the engine's.

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

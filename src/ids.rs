//! Typed ids. A `RefundId` cannot be handed over where an `InvoiceId` is meant. Minting (UUIDv7) is the engine's.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A business that takes payments.
    MerchantId,
    /// A merchant id in the trade's sense: one shop of a merchant, with its own policy and balances.
    MidId,
    /// A request for payment.
    InvoiceId,
    /// One payment seen on an invoice's address.
    DepositId,
    /// One judgement of an invoice whose payment did not match.
    CaseId,
    /// Money owed back to a payer.
    RefundId,
    /// One link that lets a payer direct a refund.
    ClaimId,
    /// One code that was mailed to a payer who claims.
    ClaimCodeId,
    /// One movement of coins for one refund.
    PayoutId,
    /// One version of a MID's policy.
    PolicyId,
    /// A person who signs in.
    UserId,
    /// An API key.
    KeyId,
    /// A merchant's URL that receives webhooks.
    EndpointId,
    /// One request with an idempotency key, however often it is sent.
    RequestId,
    /// Another system that tells a MID's deposits.
    SourceId,
    /// Something a merchant is told.
    NoticeId,
    /// One sending of a notice to an endpoint.
    DeliveryId,
    /// One mail to a payer or a merchant.
    EmailId,
    /// A link by which a person joins.
    InvitationId,
    /// A link by which a person who forgot theirs sets a new password.
    ResetId,
    /// One sign-in, until it ends.
    SessionId,
    /// A key pair by which a person signs in.
    PasskeyId,
    /// A merchant's privacy policy in one of its versions.
    PrivacyTextId,
}

//! Why a use case could not be carried out. The domain's refusals go through as they are; `server` alone knows HTTP.

use domain::claim::{FieldError, FieldErrors};
use domain::invoice::NotDone;
use domain::lifecycle::Refused;
use domain::money::{AssetId, MoneyError};
use jiff::Timestamp;
use thiserror::Error;

use crate::rails::RailError;
use crate::store::StoreError;

/// Why a use case could not be carried out. Nothing was changed, unless it says that this is unknown.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such thing, or it is somebody else's.
    #[error("not found")]
    NotFound,
    /// The caller may not do this.
    #[error("this role or key may not do that")]
    Forbidden,
    /// The caller is not known.
    #[error("the e-mail or password is wrong")]
    Unauthorized,
    /// The person behind a session has to prove again who they are.
    #[error("give your password again first: this session has been open for a while")]
    ProofNeeded,
    /// Too many tries.
    #[error("too many attempts: wait {wait_secs} seconds")]
    RateLimited {
        /// How long to wait.
        wait_secs: u64,
    },
    /// Fields are wrong.
    #[error("{0}")]
    Invalid(FieldErrors),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The invoice's state does not allow it.
    #[error("{detail}")]
    InvoiceState {
        /// What does not fit.
        detail: String,
    },
    /// More than is left to refund.
    #[error("only {refundable} {asset} can still be refunded")]
    ExceedsRefundable {
        /// What is left, in coins.
        refundable: String,
        /// Of what.
        asset: AssetId,
    },
    /// The merchant's own money is not enough.
    #[error("only {available} {asset} of your balance is available: refund less, or without `immediate`")]
    InsufficientBalance {
        /// What there is.
        available: String,
        /// Of what.
        asset: AssetId,
    },
    /// All that was paid is promised already.
    #[error("all of this payment is promised to {reference}, which is under way: cancel that one first, or wait for it")]
    ActiveRefund {
        /// The refund that it is promised to; the newest of several.
        reference: String,
    },
    /// The operator suspended the MID.
    #[error("this MID is suspended: ask the operator to open it; what its payers are owed stays owed")]
    MerchantFrozen,
    /// The quote is too old.
    #[error("this quote held until {expired_at}: ask for another one")]
    QuoteExpired {
        /// Until when.
        expired_at: Timestamp,
    },
    /// What an invoice's rules refuse.
    #[error(transparent)]
    NotDone(#[from] NotDone),
    /// Others kept changing it.
    #[error("somebody else is changing this: try again")]
    Conflict,
    /// The first request with this idempotency key has no answer yet.
    #[error("the first request with this idempotency key is still being carried out: send it again in {wait_secs} seconds")]
    StillBusy {
        /// After how many seconds it has an answer, or is taken up again.
        wait_secs: u64,
    },
    /// A name is in use.
    #[error("{field}: {message}")]
    Taken {
        /// Which field.
        field: &'static str,
        /// What to do.
        message: String,
    },
    /// An idempotency key came with another request before.
    #[error("this idempotency key was used for another request")]
    IdempotencyMismatch,
    /// No price is known.
    #[error("no exchange rate is known for this asset and currency: send `rate`, or configure one")]
    RateUnavailable,
    /// No mail server is set.
    #[error("e-mail is off: set smtp_url and mail_from, as refundry.sample.toml describes")]
    EmailOff,
    /// The mail server did not take a mail.
    #[error("the mail server did not take it: {words}")]
    EmailNotTaken {
        /// In its own words.
        words: String,
    },
    /// A mail could not be put together.
    #[error("failed to write an e-mail: {detail}")]
    EmailNotWritten {
        /// Why.
        detail: String,
    },
    /// Only in the sandbox.
    #[error("this works in the sandbox only")]
    SandboxOff,
    /// A chain does not answer.
    #[error(transparent)]
    Rail(#[from] RailError),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Broken(_)
            | StoreError::Inconsistent { .. }
            | StoreError::Unconfigured(_)
            | StoreError::Lost
            | StoreError::Away
            | StoreError::Migrate(_)
            | StoreError::Unreleased
            | StoreError::Database(_) => Self::Store(error),
        }
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<MoneyError> for Error {
    fn from(error: MoneyError) -> Self {
        Self::Refused(Refused::Money(error))
    }
}

impl Error {
    /// Returns an error about one field.
    pub(crate) fn field(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, code, message))
    }

    /// Returns what is wrong with an address as an error about the field it was given in.
    pub(crate) fn about(self, field: &str) -> Self {
        match self {
            Self::Invalid(errors) => {
                Self::Invalid(FieldErrors(errors.0.into_iter().map(|error| FieldError { field: field.to_owned(), ..error }).collect()))
            }
            other => other,
        }
    }
}

/// How often a use case loads and steps again when others were first.
pub(crate) const TRIES_MAX: u32 = 16;

/// Runs a use case again while others were first. `Conflict` after all tries.
macro_rules! retrying {
    ($attempt:expr) => {{
        let mut tries = 1;
        loop {
            match $attempt.await {
                Err($crate::Error::Conflict) if tries < $crate::error::TRIES_MAX => tries = u32::saturating_add(tries, 1),
                result => break result,
            }
        }
    }};
}
pub(crate) use retrying;

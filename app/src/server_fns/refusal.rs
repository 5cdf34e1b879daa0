//! What the engine refuses, in the words of staff. Each says that nothing was done, and what to do.

use domain::claim::{FieldError, FieldErrors};
use domain::invoice::NotDone;
use domain::lifecycle::Refused;
use engine::Error;
use words::staff_refusal as said;

use crate::components::exact;
use crate::language::say;
use crate::reply::{Failure, Submitted, ask_for_proof, failed, form_again, go_to};

/// Why a form of staff was not carried out.
pub(crate) enum Problem {
    /// Its page is shown again, with these words.
    Fields(FieldErrors),
    /// Its page is out of date or not theirs.
    Failed(Failure),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl From<Error> for Problem {
    /// What belongs to no field is said of the `action`.
    fn from(error: Error) -> Self {
        match (sentence(&error), error) {
            (Some(sentence), _) => Self::Fields(FieldErrors::one("action", "refused", sentence)),
            (None, Error::Invalid(errors)) => Self::Fields(errors),
            (None, Error::Taken { field, message }) => Self::Fields(FieldErrors::one(field, "taken", message)),
            (None, error) => Self::Failed(error.into()),
        }
    }
}

/// Says what the engine found wrong with fields at those of the form that stand for them.
pub(super) fn at_fields(error: Error, field: impl Fn(&str) -> &'static str) -> Problem {
    match error {
        Error::Invalid(FieldErrors(errors)) => {
            let moved = errors.into_iter().map(|error| FieldError { field: field(&error.field).to_owned(), ..error });
            Problem::Fields(FieldErrors(moved.collect()))
        }
        error => error.into(),
    }
}

/// Goes to `page` when it was done; else shows it again with what was typed and what is wrong, or says what failed.
pub(super) fn answer(page: String, values: Vec<(&'static str, String)>, done: Result<(), Problem>) {
    match done {
        Ok(()) => go_to(&page),
        Err(Problem::Fields(errors)) => form_again(page, Submitted { values, errors }),
        Err(Problem::Failed(Failure::Prove)) => ask_for_proof(&page),
        Err(Problem::Failed(failure)) => failed(failure),
    }
}

/// Returns a sentence for a page that stays open; nothing when the page itself is out of date or may not be seen.
pub(super) fn sentence(error: &Error) -> Option<String> {
    let text = match error {
        Error::Refused(Refused::OwnRequest) => say(said::OwnRequest),
        Error::Refused(Refused::OperatorOnly) => say(said::OperatorOnly),
        Error::Refused(Refused::FeeExceedsAmount) => say(said::FeeExceeds),
        Error::Refused(Refused::FeeAboveCap) => say(said::FeeAboveCap),
        Error::ExceedsRefundable { refundable, asset } => say(said::ExceedsRefundable { amount: &exact(refundable, asset.symbol()) }),
        Error::ActiveRefund { reference } => say(said::ActiveRefund { reference }),
        Error::MerchantFrozen => say(said::Frozen),
        Error::InsufficientBalance { available, asset } => say(said::Insufficient { amount: &exact(available, asset.symbol()) }),
        Error::NotDone(NotDone::OtherAsset) => say(said::OtherAsset),
        Error::NotDone(NotDone::CaseIsDecided) => say(said::Decided),
        Error::NotDone(NotDone::Untagged) => say(said::Untagged),
        Error::NotDone(NotDone::PaymentGone) => say(said::PaymentGone),
        Error::RateLimited { wait_secs } => say(said::MomentAgo { minutes: wait_secs.div_ceil(60) }),
        Error::Rail(_) => say(said::NetworkAway),
        Error::Refused(_)
        | Error::NotDone(_)
        | Error::NotFound
        | Error::Forbidden
        | Error::Unauthorized
        | Error::ProofNeeded
        | Error::Invalid(_)
        | Error::InvoiceState { .. }
        | Error::QuoteExpired { .. }
        | Error::Conflict
        | Error::StillBusy { .. }
        | Error::Taken { .. }
        | Error::IdempotencyMismatch
        | Error::RateUnavailable
        | Error::SandboxOff
        | Error::EmailOff
        | Error::EmailNotTaken { .. }
        | Error::EmailNotWritten { .. }
        | Error::Store(_) => return None,
    };
    Some(text)
}

//! What the engine refuses, in the words of staff. Each says that nothing was done, and what to do.

use domain::claim::FieldErrors;
use domain::invoice::NotDone;
use domain::lifecycle::Refused;
use engine::Error;

use crate::reply::{Failure, Submitted, ask_for_proof, failed, form_again, go_to};

/// Why a form of staff was not carried out.
pub(super) enum Problem {
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
        Error::Refused(Refused::OwnRequest) => "You created this refund, so someone else has to approve it. Nothing was done.".to_owned(),
        Error::Refused(Refused::OperatorOnly) => {
            "The payer cancelled this refund, so only the operator can offer it again. Nothing was done.".to_owned()
        }
        Error::Refused(Refused::FeeExceedsAmount) => {
            "The network fee is larger than the refund. Nothing was done. Try again when the fee is lower.".to_owned()
        }
        Error::Refused(Refused::FeeAboveCap) => {
            "The network fee is too high for this refund right now. Nothing was done. Try again when it is lower.".to_owned()
        }
        Error::ExceedsRefundable { refundable, asset } => {
            format!("Only {refundable} {} of this payment can still be refunded. Nothing was done.", asset.symbol())
        }
        Error::ActiveRefund { reference } => {
            format!("All of this payment is promised to {reference}. Nothing was done. Cancel that refund first.")
        }
        Error::MerchantFrozen => "The operator has suspended this store, so no refund can be made now. Nothing was done.".to_owned(),
        Error::InsufficientBalance { available, asset } => {
            format!("Your balance has {available} {}, which is less than this refund. Nothing was done.", asset.symbol())
        }
        Error::NotDone(NotDone::OtherAsset) => {
            "This money is another coin than the invoice asks for. It can be refunded, not accepted. Nothing was done.".to_owned()
        }
        Error::NotDone(NotDone::CaseIsDecided) => "Somebody decided this case already. Nothing was done.".to_owned(),
        Error::NotDone(NotDone::Untagged) => {
            "Nobody knows what this payment is for. It can be refunded, or attributed to its invoice. Nothing was done.".to_owned()
        }
        Error::NotDone(NotDone::PaymentGone) => "This payment vanished from the chain. Nothing was done.".to_owned(),
        Error::RateLimited { wait_secs } => {
            format!("This was done a moment ago. Nothing was done now. Try again in {} minutes.", wait_secs.div_ceil(60))
        }
        Error::Rail(_) => "The network does not answer. Nothing was done. Try again in a minute.".to_owned(),
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

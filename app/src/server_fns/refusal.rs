//! What the engine refuses, in the words of staff. Each says that nothing was done, and what to do.

use domain::invoice::NotDone;
use domain::lifecycle::Refused;
use engine::Error;

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
        Error::Rail(_) => "The network does not answer. Nothing was done. Try again in a minute.".to_owned(),
        Error::Refused(_)
        | Error::NotDone(_)
        | Error::NotFound
        | Error::Forbidden
        | Error::Unauthorized
        | Error::RateLimited { .. }
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

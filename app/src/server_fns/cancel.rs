//! The payer's cancel link: stops a scheduled refund until the moment it is sent (CP-10 to CP-13).

use domain::claim::{CancelToken, FieldErrors};
use domain::refund::CancelReason;
use engine::{Engine, Error};
use leptos::prelude::*;

use crate::reply::{Failure, Submitted, failed, form_again, go_to};

/// The longest note, in characters.
pub(crate) const NOTE_CHARS_MAX: usize = 500;

/// Stops the refund of a cancel link and shows what became of it.
#[server(prefix = "/fn", endpoint = "cancel_claim")]
pub async fn cancel_claim(
    /// The cancel link's secret.
    token: String,
    /// Why, from the page's list.
    #[server(default)]
    reason: String,
    /// In their own words.
    #[server(default)]
    note: String,
) -> Result<(), ServerFnError> {
    let page = format!("/cancel/{token}");
    let (reason, note) = match parse(&reason, &note) {
        Ok(parsed) => parsed,
        Err(errors) => {
            form_again(page, Submitted { values: vec![("reason", reason), ("note", note)], errors });
            return Ok(());
        }
    };
    let engine = expect_context::<Engine>();
    match engine.cancel_claim(&CancelToken::from_untrusted(&token), reason, note).await {
        // Too late, or done by a double click: the page says which.
        Ok(()) | Err(Error::Refused(_)) => go_to(&page),
        Err(Error::Invalid(errors)) => form_again(page, Submitted { values: vec![("reason", reason.name().to_owned())], errors }),
        Err(error) => failed(Failure::of_payer(error)),
    }
    Ok(())
}

/// Reads why somebody stops a refund.
///
/// # Errors
/// `reason` when none was chosen, `note` when it is too long.
pub(crate) fn parse(reason: &str, note: &str) -> Result<(CancelReason, Option<String>), FieldErrors> {
    let Some(reason) = CancelReason::from_name(reason) else {
        return Err(FieldErrors::one("reason", "required", "Choose why you are cancelling"));
    };
    let note = note.trim();
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(FieldErrors::one("note", "too_long", format!("Shorten the note to {NOTE_CHARS_MAX} characters")));
    }
    Ok((reason, Some(note.to_owned()).filter(|note| !note.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_must_be_chosen_and_a_note_kept_short() {
        assert_eq!(parse("wrong_address", "  "), Ok((CancelReason::WrongAddress, None)));
        assert_eq!(parse("other", " typo "), Ok((CancelReason::Other, Some("typo".to_owned()))));
        assert_eq!(parse("", "x").expect_err("no reason").message("reason"), Some("Choose why you are cancelling"));
        assert!(parse("other", &"ä".repeat(500)).is_ok());
        assert!(parse("other", &"ä".repeat(501)).expect_err("too long").message("note").is_some());
    }
}

//! The first screen of a payment: where to write to, and the consent to it (CP-03, CP-04).

use domain::ids::InvoiceId;
use domain::language::Language;
use engine::{Engine, Error};
use leptos::prelude::*;

use crate::reply::{Failure, Submitted, failed, form_again, go_to};

/// Keeps where a payer is written to when the payment does not match, and shows where to pay.
#[server(prefix = "/fn", endpoint = "agree_to_pay")]
pub async fn agree_to_pay(
    /// Which invoice.
    invoice: String,
    /// Where to write to.
    #[server(default)]
    email: String,
    /// The name of the privacy text that was agreed to.
    #[server(default)]
    consent: String,
    /// Which language the page spoke.
    #[server(default)]
    language: String,
) -> Result<(), ServerFnError> {
    let Ok(id) = invoice.parse::<InvoiceId>() else {
        failed(Failure::NoPage);
        return Ok(());
    };
    let page = format!("/pay/{id}");
    let engine = expect_context::<Engine>();
    match engine.agree_at_payment(id, &email, &consent).await {
        Ok(()) => {
            if let Some(language) = Language::from_name(&language)
                && let Err(error) = engine.remember_payers_language(id, language).await
            {
                tracing::warn!(invoice.id = %id, %error, "the payer's language was not kept");
            }
            go_to(&page);
        }
        Err(Error::Invalid(errors)) => form_again(page, Submitted { values: vec![("email", email), ("consent", consent)], errors }),
        Err(error) => failed(error.into()),
    }
    Ok(())
}

//! What staff decide about a payment that waits for a person. The engine checks that it is theirs to decide.

use domain::claim::FieldErrors;
use domain::ids::{CaseId, InvoiceId};
use domain::invoice::Resolution;
use engine::{Engine, Error};
use leptos::prelude::*;

use super::refusal;
use crate::reply::{Failure, Submitted, failed, form_again, go_to};
use crate::session::caller;

/// Decides a case of an invoice.
#[server(prefix = "/fn", endpoint = "resolve_case")]
pub async fn resolve_case(
    /// Of which invoice.
    invoice: String,
    /// Which case.
    case: String,
    /// How, from the page's list.
    #[server(default)]
    how: String,
) -> Result<(), ServerFnError> {
    let page = format!("/invoices/{invoice}");
    match resolve_as_caller(&invoice, &case, &how).await {
        Ok(()) => go_to(&page),
        Err(Problem::Fields(errors)) => form_again(page, Submitted { values: vec![("how", how)], errors }),
        Err(Problem::Failed(failure)) => failed(failure),
    }
    Ok(())
}

enum Problem {
    Fields(FieldErrors),
    Failed(Failure),
}

async fn resolve_as_caller(invoice: &str, case: &str, how: &str) -> Result<(), Problem> {
    let invoice: InvoiceId = invoice.parse().map_err(|_| Problem::Failed(Failure::NoPage))?;
    let case: CaseId = case.parse().map_err(|_| Problem::Failed(Failure::NoPage))?;
    let caller = caller().await.map_err(Problem::Failed)?;
    let how = Resolution::from_name(how).ok_or_else(|| Problem::Fields(FieldErrors::one("how", "required", "Choose what happens")))?;
    let resolved = expect_context::<Engine>().resolve_case(&caller, invoice, case, how).await;
    resolved.map(drop).map_err(|error| match (refusal::sentence(&error), error) {
        (Some(sentence), _) => Problem::Fields(FieldErrors::one("how", "refused", sentence)),
        (None, Error::Invalid(errors)) => Problem::Fields(errors),
        (None, error) => Problem::Failed(error.into()),
    })
}

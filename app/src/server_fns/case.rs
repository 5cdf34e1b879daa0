//! What staff decide about a payment that waits for a person. The engine checks that it is theirs to decide.

use domain::claim::FieldErrors;
use domain::ids::{CaseId, InvoiceId};
use domain::invoice::Resolution;
use engine::Engine;
use leptos::prelude::*;
use words::staff_invoice;

use super::refusal::{self, Problem};
use crate::language::say;
use crate::reply::Failure;
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
    let resolved = resolve_as_caller(&invoice, &case, &how).await;
    refusal::answer(page, vec![("how", how)], resolved);
    Ok(())
}

async fn resolve_as_caller(invoice: &str, case: &str, how: &str) -> Result<(), Problem> {
    let invoice: InvoiceId = invoice.parse().map_err(|_| Failure::NoPage)?;
    let case: CaseId = case.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let how = Resolution::from_name(how).ok_or_else(|| FieldErrors::one("how", "required", say(staff_invoice::Choose)))?;
    let resolved = expect_context::<Engine>().resolve_case(&caller, invoice, case, how).await;
    resolved.map(drop).map_err(|error| match refusal::sentence(&error) {
        Some(sentence) => FieldErrors::one("how", "refused", sentence).into(),
        None => error.into(),
    })
}

//! What staff may do with a refund. The engine checks that it is theirs and that their role moves money.

use domain::ids::RefundId;
use engine::{Engine, Error};
use leptos::prelude::*;

use super::cancel;
use crate::reply::{Failure, Submitted, failed, form_again, go_to};
use crate::session::caller;

/// Stops a refund that was not sent.
#[server(prefix = "/fn", endpoint = "cancel_refund")]
pub async fn cancel_refund(
    /// Which refund.
    id: String,
    /// Why, from the page's list.
    #[server(default)]
    reason: String,
    /// In their own words.
    #[server(default)]
    note: String,
) -> Result<(), ServerFnError> {
    let page = format!("/refunds/{id}");
    let again = |errors| form_again(page.clone(), Submitted { values: vec![("reason", reason.clone()), ("note", note.clone())], errors });
    let (why, words) = match cancel::parse(&reason, &note) {
        Ok(parsed) => parsed,
        Err(errors) => {
            again(errors);
            return Ok(());
        }
    };
    match cancel_as_caller(&id, why, words).await {
        Ok(()) => go_to(&page),
        Err(Problem::Fields(errors)) => again(errors),
        Err(Problem::Failed(failure)) => failed(failure),
    }
    Ok(())
}

/// Orders the payout of a refund whose payout failed once more.
#[server(prefix = "/fn", endpoint = "retry_refund")]
pub async fn retry_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    match retry_as_caller(&id).await {
        Ok(()) => go_to(&format!("/refunds/{id}")),
        Err(failure) => failed(failure),
    }
    Ok(())
}

enum Problem {
    Fields(domain::claim::FieldErrors),
    Failed(Failure),
}

async fn cancel_as_caller(id: &str, reason: domain::refund::CancelReason, note: Option<String>) -> Result<(), Problem> {
    let id: RefundId = id.parse().map_err(|_| Problem::Failed(Failure::NoPage))?;
    let caller = caller().await.map_err(Problem::Failed)?;
    match expect_context::<Engine>().cancel_refund(&caller, id, reason, note).await {
        Ok(_) => Ok(()),
        Err(Error::Invalid(errors)) => Err(Problem::Fields(errors)),
        Err(error) => Err(Problem::Failed(error.into())),
    }
}

async fn retry_as_caller(id: &str) -> Result<(), Failure> {
    let id: RefundId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().retry_refund(&caller, id).await?;
    Ok(())
}

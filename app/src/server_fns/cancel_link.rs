//! The cancel link once more, by e-mail, for a payer who finds their refund claimed (design 5.3).

use domain::claim::ClaimToken;
use engine::{Engine, Error};
use leptos::prelude::*;

use crate::reply::{Failure, failed, go_to};

/// Writes the cancel link of a scheduled refund to its payer again. Whoever holds the claim link may ask, so the answer is the same whether
/// somebody was written to, was a moment ago, or cannot be.
#[server(prefix = "/fn", endpoint = "email_cancel_link")]
pub async fn email_cancel_link(
    /// The claim link's secret.
    token: String,
) -> Result<(), ServerFnError> {
    let engine = expect_context::<Engine>();
    match engine.email_cancel_link_again(&ClaimToken::from_untrusted(&token)).await {
        Ok(_) | Err(Error::RateLimited { .. } | Error::Refused(_)) => go_to(&format!("/claim/{token}?mailed=yes")),
        Err(error) => failed(Failure::of_payer(error)),
    }
    Ok(())
}

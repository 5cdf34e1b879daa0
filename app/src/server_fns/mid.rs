//! What only the operator does: add a shop, stop one or everybody's payouts, end a freeze. The engine refuses everybody else.

use domain::claim::FieldErrors;
use domain::ids::{MerchantId, MidId};
use domain::merchant::Guard;
use domain::rate::Currency;
use engine::Engine;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::{Failure, go_to};
use crate::session::caller;

/// Adds a MID, and its merchant when there is none of that name.
#[server(prefix = "/fn", endpoint = "add_mid")]
pub async fn add_mid(
    /// The name payers know the business by.
    #[server(default)]
    merchant: String,
    /// The name staff know the shop by.
    #[server(default)]
    name: String,
    /// What it is credited in for refunds nobody claimed; empty for their own coins.
    #[server(default)]
    settles_in: String,
) -> Result<(), ServerFnError> {
    match make_mid(&merchant, &name, &settles_in).await {
        Ok(mid) => go_to(&format!("/admin/mids?q={mid}")),
        Err(problem) => {
            let values = vec![("merchant", merchant), ("name", name), ("settles_in", settles_in)];
            answer("/admin/mids".to_owned(), values, Err(problem));
        }
    }
    Ok(())
}

/// Suspends a MID or opens it again.
#[server(prefix = "/fn", endpoint = "guard_mid")]
pub async fn guard_mid(
    /// Which MID.
    mid: String,
    /// `open` or `suspended`.
    guard: String,
) -> Result<(), ServerFnError> {
    answer("/admin/mids".to_owned(), Vec::new(), set_guard(&mid, &guard).await);
    Ok(())
}

/// Stops every payout that is not ordered yet, or lets them go again.
#[server(prefix = "/fn", endpoint = "stop_payouts")]
pub async fn stop_payouts(
    /// `true` to stop them.
    stopped: String,
) -> Result<(), ServerFnError> {
    answer("/admin/health".to_owned(), Vec::new(), set_stopped(stopped == "true").await);
    Ok(())
}

/// Ends the freeze of a merchant's payouts before its time.
#[server(prefix = "/fn", endpoint = "lift_freeze")]
pub async fn lift_freeze(
    /// Which merchant.
    merchant: String,
) -> Result<(), ServerFnError> {
    answer("/admin/mids".to_owned(), Vec::new(), end_freeze(&merchant).await);
    Ok(())
}

async fn make_mid(merchant: &str, name: &str, settles_in: &str) -> Result<MidId, Problem> {
    let caller = caller().await?;
    let currency = Some(settles_in.trim().to_ascii_uppercase()).filter(|code| !code.is_empty()).map(|code| code.parse::<Currency>());
    let wrong = |_| FieldErrors::one("settles_in", "invalid", "use a currency's code, such as EUR");
    let currency = currency.transpose().map_err(wrong)?;
    let (_, mid) = expect_context::<Engine>().add_mid_as(&caller, merchant, name, currency).await?;
    Ok(mid)
}

async fn set_guard(mid: &str, guard: &str) -> Result<(), Problem> {
    let mid: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
    let guard = Guard::from_name(guard).ok_or(Failure::Unreadable)?;
    let caller = caller().await?;
    expect_context::<Engine>().guard_mid(&caller, mid, guard).await?;
    Ok(())
}

async fn set_stopped(is_stopped: bool) -> Result<(), Problem> {
    let caller = caller().await?;
    expect_context::<Engine>().stop_payouts(&caller, is_stopped).await?;
    Ok(())
}

async fn end_freeze(merchant: &str) -> Result<(), Problem> {
    let merchant: MerchantId = merchant.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().lift_freeze(&caller, merchant).await?;
    Ok(())
}

//! What only the operator does: stop a shop or everybody's payouts, end a freeze. The engine refuses everybody else.

use domain::ids::{MerchantId, MidId};
use domain::merchant::Guard;
use engine::Engine;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::Failure;
use crate::session::caller;

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

//! What only the operator does: add a shop and invite its owner, stop one or everybody's payouts, end a freeze. The engine refuses everybody else.

use domain::claim::FieldErrors;
use domain::ids::{MerchantId, MidId};
use domain::merchant::Guard;
use domain::rate::Currency;
use engine::Engine;
use engine::invitations::Invited;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::{Failure, go_to, tell_once};
use crate::session::caller;

const PAGE: &str = "/admin/mids";

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
        Ok(mid) => go_to(&format!("{PAGE}?q={mid}")),
        Err(problem) => {
            let values = vec![("merchant", merchant), ("name", name), ("settles_in", settles_in)];
            answer(PAGE.to_owned(), values, Err(problem));
        }
    }
    Ok(())
}

/// Invites the first owner of a merchant's account and shows the link, once.
#[server(prefix = "/fn", endpoint = "invite_owner")]
pub async fn invite_owner(
    /// Of which merchant.
    merchant: String,
    /// Whom.
    #[server(default)]
    email: String,
) -> Result<(), ServerFnError> {
    match ask_in(&merchant, &email).await {
        Ok(Invited { url, is_mailed, .. }) => {
            let mailed = if is_mailed { "yes" } else { "" };
            tell_once(PAGE.to_owned(), vec![("invited", email), ("link", url), ("mailed", mailed.to_owned())]);
        }
        Err(problem) => answer(PAGE.to_owned(), vec![("owner_of", merchant), ("email", email)], Err(problem)),
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
    answer(PAGE.to_owned(), Vec::new(), set_guard(&mid, &guard).await);
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
    answer(PAGE.to_owned(), Vec::new(), end_freeze(&merchant).await);
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

async fn ask_in(merchant: &str, email: &str) -> Result<Invited, Problem> {
    let merchant: MerchantId = merchant.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    Ok(expect_context::<Engine>().invite_owner(&caller, merchant, email).await?)
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

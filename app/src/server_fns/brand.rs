//! How a merchant and its MIDs look to payers. The engine checks that they are the caller's.

use domain::ids::MidId;
use domain::merchant::Scope;
use engine::Engine;
use engine::brands::NewBrand;
use engine::callers::Caller;
use engine::policies::Level;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::Failure;
use crate::session::caller;

/// Says how the merchant, or one of its MIDs, looks to payers.
#[server(prefix = "/fn", endpoint = "change_brand")]
pub async fn change_brand(
    /// Which MID; the merchant itself without one.
    #[server(default)]
    mid: String,
    /// The name payers read.
    #[server(default)]
    name: String,
    /// The colour of buttons.
    #[server(default)]
    colour: String,
    /// A new logo, in base64; empty to keep the one there is.
    #[server(default)]
    logo: String,
    /// `on` to take the logo away.
    #[server(default)]
    without_logo: String,
) -> Result<(), ServerFnError> {
    let changed = brand(&mid, &name, &colour, &logo, without_logo == "on").await;
    answer(page(&mid), vec![("name", name), ("colour", colour)], changed);
    Ok(())
}

/// Returns the page of a MID's settings, or of the merchant's.
pub(super) fn page(mid: &str) -> String {
    if mid.is_empty() { "/settings/brand".to_owned() } else { format!("/settings/brand?mid={mid}") }
}

/// Returns whose settings a form is about.
pub(crate) fn level(caller: &Caller, mid: &str) -> Result<Level, Failure> {
    match (mid, caller.scope) {
        ("", Scope::Merchant(merchant)) => Ok(merchant.into()),
        ("", Scope::Everything | Scope::Mid(_)) => Err(Failure::NoPage),
        (mid, _) => Ok(mid.parse::<MidId>().map_err(|_| Failure::NoPage)?.into()),
    }
}

async fn brand(mid: &str, name: &str, colour: &str, logo: &str, without_logo: bool) -> Result<(), Problem> {
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let level = level(&caller, mid)?;
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let before = engine.brand(&caller, level).await?;
    let owner = match level {
        Level::Merchant(merchant) => merchant.0,
        Level::Mid(mid) => mid.0,
    };
    let logo = match (filled(logo), before.logo_url) {
        (Some(chosen), _) => Some(chosen),
        (None, Some(_)) if !without_logo => Some(NewBrand::encoded(&engine.logo(owner).await?.bytes)),
        (None, Some(_) | None) => None,
    };
    engine.set_brand(&caller, level, NewBrand { name: filled(name), colour: filled(colour), logo }).await?;
    Ok(())
}

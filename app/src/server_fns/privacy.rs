//! Which privacy policy the payers of a merchant, or of one of its MIDs, agree to. The engine checks that they are the caller's.

use engine::Engine;
use engine::privacy::NewPrivacy;
use leptos::prelude::*;

use super::brand::{level, page};
use super::refusal::{Problem, answer, at_fields};
use crate::session::caller;

/// Says which privacy policy payers agree to from now on.
#[server(prefix = "/fn", endpoint = "change_privacy")]
pub async fn change_privacy(
    /// Which MID; the merchant itself without one.
    #[server(default)]
    mid: String,
    /// Where it can be read; empty for none of its own.
    #[server(default)]
    privacy_url: String,
    /// Which version of it that is.
    #[server(default)]
    privacy_version: String,
) -> Result<(), ServerFnError> {
    let changed = change(&mid, &privacy_url, &privacy_version).await;
    answer(page(&mid), vec![("privacy_url", privacy_url), ("privacy_version", privacy_version)], changed);
    Ok(())
}

async fn change(mid: &str, url: &str, version: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let new = NewPrivacy { url: Some(url.to_owned()), version: Some(version.to_owned()) };
    let changed = expect_context::<Engine>().set_privacy(&caller, level(&caller, mid)?, new).await;
    // Their page has other fields beside them.
    changed.map(drop).map_err(|error| at_fields(error, |field| if field == "url" { "privacy_url" } else { "privacy_version" }))
}

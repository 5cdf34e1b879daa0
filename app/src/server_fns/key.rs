//! API keys of a merchant. The engine checks that they are the caller's and that their role may change them.

use domain::claim::FieldErrors;
use domain::ids::{KeyId, MidId};
use engine::Engine;
use leptos::prelude::*;
use words::staff_settings;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::reply::{Failure, tell_once};
use crate::session::caller;

const PAGE: &str = "/settings/keys";

/// Makes a key for a MID and tells its secret, once.
#[server(prefix = "/fn", endpoint = "create_key")]
pub async fn create_key(
    /// For which MID.
    #[server(default)]
    mid: String,
    /// What it is called; after what it may do without a name.
    #[server(default)]
    name: String,
    /// `on` for a key that may create and change.
    #[server(default)]
    can_write: String,
) -> Result<(), ServerFnError> {
    match create(&mid, &name, can_write == "on").await {
        Ok(secret) => tell_once(PAGE.to_owned(), vec![("secret", secret)]),
        Err(problem) => answer(PAGE.to_owned(), vec![("mid", mid), ("name", name), ("can_write", can_write)], Err(problem)),
    }
    Ok(())
}

/// Ends a key at once.
#[server(prefix = "/fn", endpoint = "revoke_key")]
pub async fn revoke_key(
    /// Which key.
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), revoke(&id).await);
    Ok(())
}

async fn create(mid: &str, name: &str, can_write: bool) -> Result<String, Problem> {
    let caller = caller().await?;
    let mid: MidId = mid.parse().map_err(|_| FieldErrors::one("mid", "required", say(staff_settings::ChooseMid)))?;
    Ok(expect_context::<Engine>().create_key(&caller, mid, can_write, name).await?.secret)
}

async fn revoke(id: &str) -> Result<(), Problem> {
    let id: KeyId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().revoke_key(&caller, id).await?;
    Ok(())
}

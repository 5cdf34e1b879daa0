//! Sources of a merchant: other systems that tell its deposits. The engine checks that they are the caller's and that their role may
//! change them.

use domain::claim::FieldErrors;
use domain::ids::{MidId, SourceId};
use domain::source::SourceKind;
use engine::Engine;
use leptos::prelude::*;
use words::{staff_settings, staff_sources as said};

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::reply::{Failure, tell_once};
use crate::session::caller;

const PAGE: &str = "/settings/sources";

/// Lets another system tell a MID's deposits, and tells what it is to sign with when that is ours, once.
#[server(prefix = "/fn", endpoint = "add_source")]
pub async fn add_source(
    /// Which system.
    #[server(default)]
    kind: String,
    /// Whose deposits.
    #[server(default)]
    mid: String,
    /// What the other system signs with; never shown again.
    #[server(default)]
    theirs: String,
) -> Result<(), ServerFnError> {
    match add(&kind, &mid, theirs.trim()).await {
        Ok(Some(secret)) => tell_once(PAGE.to_owned(), vec![("secret", secret)]),
        Ok(None) => answer(PAGE.to_owned(), Vec::new(), Ok(())),
        Err(problem) => answer(PAGE.to_owned(), vec![("kind", kind), ("mid", mid)], Err(problem)),
    }
    Ok(())
}

/// Ends a source.
#[server(prefix = "/fn", endpoint = "remove_source")]
pub async fn remove_source(
    /// Which source.
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), remove(&id).await);
    Ok(())
}

async fn add(kind: &str, mid: &str, theirs: &str) -> Result<Option<String>, Problem> {
    let caller = caller().await?;
    let kind = SourceKind::from_name(kind).ok_or_else(|| FieldErrors::one("kind", "required", say(said::ChooseSystem)))?;
    let mid: MidId = mid.parse().map_err(|_| FieldErrors::one("mid", "required", say(staff_settings::ChooseMid)))?;
    let theirs = Some(theirs.to_owned()).filter(|secret| !secret.is_empty());
    let engine = expect_context::<Engine>();
    let new = engine.add_source(&caller, Some(mid), kind, theirs, SourceId(engine.new_id())).await?;
    Ok(new.secret)
}

async fn remove(id: &str) -> Result<(), Problem> {
    let id: SourceId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().remove_source(&caller, id).await?;
    Ok(())
}

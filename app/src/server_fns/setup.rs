//! A merchant's first steps.

use engine::Engine;
use engine::setup::SetupStep;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::Failure;
use crate::session::caller;

/// Sets a step aside: it is not shown any more.
#[server(prefix = "/fn", endpoint = "skip_setup_step")]
pub async fn skip_setup_step(
    /// Which one.
    #[server(default)]
    step: String,
) -> Result<(), ServerFnError> {
    answer("/".to_owned(), Vec::new(), skip(&step).await);
    Ok(())
}

async fn skip(step: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let step = SetupStep::from_name(step).ok_or(Failure::Unreadable)?;
    Ok(expect_context::<Engine>().skip_setup_step(&caller, step).await?)
}

//! The caller's code app, turned on and off.

use engine::Engine;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::tell_once;
use crate::session::{caller, signed_in};

const PAGE: &str = "/settings/security";

/// Shows a new secret for the caller's app. Nothing is kept until a code of it comes.
#[server(prefix = "/fn", endpoint = "begin_code_app")]
pub async fn begin_code_app() -> Result<(), ServerFnError> {
    match begin().await {
        Ok(secret) => tell_once(PAGE.to_owned(), vec![("code_secret", secret)]),
        Err(problem) => answer(PAGE.to_owned(), Vec::new(), Err(problem)),
    }
    Ok(())
}

/// Turns the app on and shows the recovery codes, once.
#[server(prefix = "/fn", endpoint = "turn_on_code_app")]
pub async fn turn_on_code_app(
    /// What the app was told.
    #[server(default)]
    secret: String,
    /// What it shows.
    #[server(default)]
    code: String,
) -> Result<(), ServerFnError> {
    match turn_on(&secret, &code).await {
        Ok(codes) => tell_once(PAGE.to_owned(), vec![("recovery_codes", codes.join(" "))]),
        Err(problem) => answer(PAGE.to_owned(), vec![("code_secret", secret)], Err(problem)),
    }
    Ok(())
}

/// Makes new recovery codes and shows them, once.
#[server(prefix = "/fn", endpoint = "renew_recovery_codes")]
pub async fn renew_recovery_codes() -> Result<(), ServerFnError> {
    match renew().await {
        Ok(codes) => tell_once(PAGE.to_owned(), vec![("recovery_codes", codes.join(" "))]),
        Err(problem) => answer(PAGE.to_owned(), Vec::new(), Err(problem)),
    }
    Ok(())
}

/// Turns the app off.
#[server(prefix = "/fn", endpoint = "turn_off_code_app")]
pub async fn turn_off_code_app() -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), turn_off().await);
    Ok(())
}

async fn begin() -> Result<String, Problem> {
    let caller = caller().await?;
    Ok(expect_context::<Engine>().new_code_app(&caller)?.secret)
}

async fn turn_on(secret: &str, code: &str) -> Result<Vec<String>, Problem> {
    let (caller, session) = signed_in().await?;
    Ok(expect_context::<Engine>().turn_on_code_app(&caller, &session, secret, code).await?)
}

async fn renew() -> Result<Vec<String>, Problem> {
    let caller = caller().await?;
    Ok(expect_context::<Engine>().renew_recovery_codes(&caller).await?)
}

async fn turn_off() -> Result<(), Problem> {
    let caller = caller().await?;
    Ok(expect_context::<Engine>().turn_off_code_app(&caller).await?)
}

//! What people change about how they sign in. The engine asks for their password first.

use domain::claim::FieldErrors;
use domain::ids::SessionId;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_security;

use super::refusal::{Problem, answer, at_fields};
use crate::language::say;
use crate::reply::Failure;
use crate::session::{caller, signed_in};

const PAGE: &str = "/settings/security";

/// Changes the caller's password. Their other sessions end.
#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(
    /// The one until now.
    #[server(default)]
    old_password: String,
    /// The one from now on.
    #[server(default)]
    new_password: String,
) -> Result<(), ServerFnError> {
    let changed = password(&old_password, &new_password).await;
    let page = if changed.is_ok() { format!("{PAGE}?changed=password") } else { PAGE.to_owned() };
    answer(page, Vec::new(), changed);
    Ok(())
}

/// Says what the caller is called.
#[server(prefix = "/fn", endpoint = "change_name")]
pub async fn change_name(
    /// From now on; empty for the e-mail.
    #[server(default)]
    called: String,
) -> Result<(), ServerFnError> {
    let changed = rename(&called).await;
    let page = if changed.is_ok() { format!("{PAGE}?changed=name") } else { PAGE.to_owned() };
    answer(page, vec![("called", called)], changed);
    Ok(())
}

/// Changes the e-mail the caller signs in with.
#[server(prefix = "/fn", endpoint = "change_email")]
pub async fn change_email(
    /// The new one.
    #[server(default)]
    email: String,
    /// Their password, as the proof.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let changed = address(&email, &password).await;
    let page = if changed.is_ok() { format!("{PAGE}?changed=email") } else { PAGE.to_owned() };
    answer(page, vec![("email", email)], changed);
    Ok(())
}

/// Signs the caller out of one place.
#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(
    /// Which session.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), sign_out_of(&id).await);
    Ok(())
}

/// Signs the caller out everywhere but here.
#[server(prefix = "/fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), sign_out_elsewhere().await);
    Ok(())
}

async fn sign_out_of(id: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let id: SessionId = id.parse().map_err(|_| Failure::NoPage)?;
    expect_context::<Engine>().end_session(&caller, id).await?;
    Ok(())
}

async fn sign_out_elsewhere() -> Result<(), Problem> {
    let (caller, session) = signed_in().await?;
    expect_context::<Engine>().end_other_sessions(&caller, &session).await?;
    Ok(())
}

async fn rename(name: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    // The page has another field of this name: what a passkey is called.
    expect_context::<Engine>().rename(&caller, name).await.map_err(|error| at_fields(error, |_| "called"))
}

async fn password(old: &str, new: &str) -> Result<(), Problem> {
    let (caller, session) = signed_in().await?;
    let changed = expect_context::<Engine>().change_password(&caller, &session, old, new).await;
    changed.map_err(|error| named(error, "old_password", |field| if field == "password" { "new_password" } else { "old_password" }))
}

async fn address(email: &str, password: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let changed = expect_context::<Engine>().change_email(&caller, password, email).await;
    changed.map_err(|error| named(error, "password", |field| if field == "password" { "password" } else { "email" }))
}

/// Names the fields as the form has them; a pause after too many wrong passwords is said of `proof`.
fn named(error: Error, proof: &str, field: impl Fn(&str) -> &'static str) -> Problem {
    match error {
        Error::RateLimited { wait_secs } => {
            let said = say(staff_security::Wait { minutes: &wait_secs.div_ceil(60).max(1).to_string() });
            Problem::Fields(FieldErrors::one(proof, "rate_limited", said))
        }
        error => at_fields(error, field),
    }
}

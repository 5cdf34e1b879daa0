//! Signing in and out.

use domain::claim::FieldErrors;
use engine::{Engine, Error};
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::{Failure, Submitted, failed, form_again, go_to};
use crate::{device, session};

/// Starts a session. Says the same for a wrong e-mail address and a wrong password.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(
    /// Who.
    #[server(default)]
    email: String,
    /// The proof.
    #[server(default)]
    password: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    match expect_context::<Engine>().sign_in_from(email.trim(), &password, &device::browser()).await {
        Ok(signed_in) => {
            session::start_session(&signed_in.session);
            go_to(session::safe_next(&next));
        }
        Err(error) => match refusal(error) {
            Ok(message) => {
                let errors = FieldErrors::one("password", "wrong", message);
                form_again("/sign-in".to_owned(), Submitted { values: vec![("email", email), ("next", next)], errors });
            }
            Err(failure) => failed(failure),
        },
    }
    Ok(())
}

fn refusal(error: Error) -> Result<String, Failure> {
    match error {
        Error::Unauthorized => Ok("The email or password is wrong.".to_owned()),
        Error::RateLimited { wait_secs } => {
            let minutes = wait_secs.div_ceil(60).max(1);
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            Ok(format!("Too many attempts. Wait {minutes} {unit}, then try again."))
        }
        error => Err(error.into()),
    }
}

/// Proves that it is still who signed in, and leads back to what needed that.
#[server(prefix = "/fn", endpoint = "prove")]
pub async fn prove(
    /// The proof.
    #[server(default)]
    password: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let proven = prove_by(&password).await;
    let page = if proven.is_ok() { session::safe_next(&next).to_owned() } else { session::leading_to("/prove", &next) };
    answer(page, Vec::new(), proven);
    Ok(())
}

async fn prove_by(password: &str) -> Result<(), Problem> {
    let caller = session::caller().await?;
    let secret = session::session_secret().ok_or(Failure::SignIn)?;
    let proven = expect_context::<Engine>().prove_session(&caller, &secret, password).await;
    proven.map_err(|error| match error {
        Error::Invalid(_) => FieldErrors::one("password", "wrong", "This is not your password.").into(),
        Error::RateLimited { .. } => refusal(error).map_or_else(Problem::from, |said| FieldErrors::one("password", "wrong", said).into()),
        // It ended at this moment.
        Error::Conflict => Failure::SignIn.into(),
        error => error.into(),
    })
}

/// Ends the session, here and on the server.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ServerFnError> {
    if let Some(secret) = session::session_secret()
        && let Err(error) = expect_context::<Engine>().sign_out(&secret).await
    {
        failed(error.into());
        return Ok(());
    }
    session::end_session();
    go_to("/sign-in");
    Ok(())
}

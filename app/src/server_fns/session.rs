//! Signing in and out.

use domain::claim::FieldErrors;
use engine::code_apps::Begun;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_sign_in as said;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::reply::{Failure, Submitted, failed, form_again, go_to, post_again};
use crate::{device, session};

/// Where the code is given.
const CODE_PAGE: &str = "/sign-in/code";

/// Starts a session, or asks for a code. Says the same for a wrong e-mail address and a wrong password.
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
    match expect_context::<Engine>().begin_sign_in(email.trim(), &password, &device::browser()).await {
        Ok(Begun::Done(signed_in)) => {
            session::start_session(&signed_in.session);
            go_to(session::safe_next(&next));
        }
        Ok(Begun::CodeNeeded { secret }) => {
            session::begin_sign_in(&secret);
            go_to(&session::leading_to(CODE_PAGE, &next));
        }
        Err(error) => match refusal(&email, error).await {
            Ok(message) => {
                let errors = FieldErrors::one("password", "wrong", message);
                form_again("/sign-in".to_owned(), Submitted { values: vec![("email", email), ("next", next)], errors });
            }
            Err(failure) => failed(failure),
        },
    }
    Ok(())
}

/// Ends a sign-in whose password was right with a code.
#[server(prefix = "/fn", endpoint = "sign_in_code")]
pub async fn sign_in_code(
    /// Of the app, or a recovery code.
    #[server(default)]
    code: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let done = finish(&code).await;
    let page = if done.is_ok() { session::safe_next(&next).to_owned() } else { session::leading_to(CODE_PAGE, &next) };
    answer(page, Vec::new(), done);
    Ok(())
}

async fn finish(code: &str) -> Result<(), Problem> {
    let secret = session::sign_in_begun().ok_or(Failure::SignIn)?;
    match expect_context::<Engine>().finish_sign_in(&secret, code).await {
        Ok(signed_in) => {
            session::forget_sign_in();
            session::start_session(&signed_in.session);
            Ok(())
        }
        // It waited too long: from the beginning.
        Err(Error::NotFound) => Err(Failure::SignIn.into()),
        Err(error) => Err(of_proof(error, "code", say(said::WrongCode))),
    }
}

/// Says what is wrong with a password or code in its field.
fn of_proof(error: Error, field: &str, wrong: String) -> Problem {
    match error {
        Error::Invalid(_) => FieldErrors::one(field, "wrong", wrong).into(),
        Error::RateLimited { .. } => pause(error).map_or_else(Problem::from, |said| FieldErrors::one(field, "wrong", said).into()),
        error => error.into(),
    }
}

/// Says why nobody was signed in, and how often it can be tried: the same whether or not somebody has the e-mail.
async fn refusal(email: &str, error: Error) -> Result<String, Failure> {
    let Error::Unauthorized = error else { return pause(error) };
    let wrong = say(said::WrongEmailOrPassword);
    match expect_context::<Engine>().sign_in_tries_left(email).await {
        Ok(left) => Ok(format!("{wrong} {}", say(said::TriesLeft { count: left.unsigned_abs() }))),
        // That was the last one.
        Err(error) => pause(error).map(|pause| format!("{wrong} {pause}")),
    }
}

/// Says how long who tried too often waits.
fn pause(error: Error) -> Result<String, Failure> {
    match error {
        Error::RateLimited { wait_secs } => Ok(say(said::Pause { minutes: wait_secs.div_ceil(60).max(1) })),
        error => Err(error.into()),
    }
}

/// Proves that it is still who signed in, and goes on with what needed that.
#[server(prefix = "/fn", endpoint = "prove")]
pub async fn prove(
    /// The proof.
    #[server(default)]
    password: String,
    /// Where to go then.
    #[server(default)]
    next: String,
    /// The form that waits for the proof, sealed.
    #[server(default)]
    held: String,
) -> Result<(), ServerFnError> {
    go_on(&next, held, prove_by(&password).await);
    Ok(())
}

/// Goes on after a proof with the form that waited for it, or to the page that asked for it; else asks again.
pub(super) fn go_on(next: &str, held: String, proven: Result<(), Problem>) {
    let waits = || expect_context::<Engine>().held_form(&session::session_secret()?, &held);
    match proven.is_ok().then(waits).flatten() {
        Some(form) => post_again(form),
        None => {
            let page = if proven.is_ok() { session::safe_next(next).to_owned() } else { session::leading_to("/prove", next) };
            answer(page, vec![("held", held)], proven);
        }
    }
}

async fn prove_by(password: &str) -> Result<(), Problem> {
    let (caller, secret) = session::signed_in().await?;
    let proven = expect_context::<Engine>().prove_session(&caller, &secret, password).await;
    match proven {
        Ok(()) => Ok(()),
        // The session ended at this moment, or the code was taken.
        Err(Error::Conflict) => Err(Failure::SignIn.into()),
        Err(Error::Invalid(errors)) if errors.message("code").is_some() => Err(of_proof(errors.into(), "password", say(said::WrongCode))),
        Err(error) => Err(of_proof(error, "password", say(said::WrongPassword))),
    }
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

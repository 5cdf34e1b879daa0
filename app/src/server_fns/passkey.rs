//! Passkeys: what a browser is asked, and what its passkey answers. A page's script asks first and posts the answer with the page's form.

use domain::claim::FieldErrors;
use domain::ids::PasskeyId;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_sign_in as said;

use super::refusal::{Problem, answer};
use super::session::go_on;
use crate::device;
use crate::language::say;
use crate::reply::Failure;
use crate::session::{self, signed_in};

const PAGE: &str = "/settings/security";
const SIGN_IN: &str = "/sign-in";

/// Returns what the caller's browser is asked for a new passkey.
#[server(prefix = "/fn", endpoint = "begin_passkey")]
pub async fn begin_passkey() -> Result<String, ServerFnError> {
    Ok(asked(PAGE, begin().await))
}

/// Adds the passkey that the caller's browser made.
#[server(prefix = "/fn", endpoint = "add_passkey")]
pub async fn add_passkey(
    /// What its person will know it by.
    #[server(default)]
    name: String,
    /// What it answered.
    #[server(default)]
    credential: String,
) -> Result<(), ServerFnError> {
    let added = add(&name, &credential).await;
    let page = if added.is_ok() { format!("{PAGE}?changed=passkey") } else { PAGE.to_owned() };
    answer(page, vec![("name", name)], added);
    Ok(())
}

/// Removes one of the caller's passkeys.
#[server(prefix = "/fn", endpoint = "remove_passkey")]
pub async fn remove_passkey(
    /// Which one.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), remove(&id).await);
    Ok(())
}

/// Returns what a browser is asked for a passkey of anybody.
#[server(prefix = "/fn", endpoint = "begin_passkey_sign_in")]
pub async fn begin_passkey_sign_in() -> Result<String, ServerFnError> {
    let begun = expect_context::<Engine>().begin_passkey_sign_in().await;
    let begun = begun.map(|begun| {
        session::begin_sign_in(&begun.secret);
        begun.options
    });
    Ok(asked(SIGN_IN, begun.map_err(Problem::from)))
}

/// Signs in whose passkey answered.
#[server(prefix = "/fn", endpoint = "sign_in_passkey")]
pub async fn sign_in_passkey(
    /// What it answered.
    #[server(default)]
    credential: String,
    /// Where to go then.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let done = sign_in(&credential).await;
    let page = if done.is_ok() { session::safe_next(&next) } else { SIGN_IN };
    answer(page.to_owned(), vec![("next", next.clone())], done);
    Ok(())
}

/// Returns what the caller's browser is asked for one of their passkeys.
#[server(prefix = "/fn", endpoint = "begin_passkey_proof")]
pub async fn begin_passkey_proof() -> Result<String, ServerFnError> {
    Ok(asked("/prove", begin_proof().await))
}

/// Proves by a passkey that it is still who signed in, and goes on with what needed that.
#[server(prefix = "/fn", endpoint = "prove_passkey")]
pub async fn prove_passkey(
    /// What it answered.
    #[server(default)]
    credential: String,
    /// Where to go then.
    #[server(default)]
    next: String,
    /// The form that waits for the proof, sealed.
    #[server(default)]
    held: String,
) -> Result<(), ServerFnError> {
    go_on(&next, held, prove(&credential).await);
    Ok(())
}

/// Hands over what to ask; else says what keeps the page from it.
fn asked(page: &str, asked: Result<String, Problem>) -> String {
    match asked {
        Ok(options) => options,
        Err(problem) => {
            answer(page.to_owned(), Vec::new(), Err(problem));
            String::new()
        }
    }
}

async fn begin() -> Result<String, Problem> {
    let (caller, session) = signed_in().await?;
    Ok(expect_context::<Engine>().begin_passkey(&caller, &session).await?)
}

async fn add(name: &str, credential: &str) -> Result<(), Problem> {
    let (caller, session) = signed_in().await?;
    Ok(expect_context::<Engine>().add_passkey(&caller, &session, name, credential).await?)
}

async fn remove(id: &str) -> Result<(), Problem> {
    let (caller, session) = signed_in().await?;
    let id: PasskeyId = id.parse().map_err(|_| Failure::NoPage)?;
    Ok(expect_context::<Engine>().remove_passkey(&caller, &session, id).await?)
}

async fn sign_in(credential: &str) -> Result<(), Problem> {
    let secret = session::sign_in_begun().ok_or_else(|| FieldErrors::one("passkey", "wrong", say(said::PasskeyNotTaken)))?;
    let signed_in = expect_context::<Engine>().sign_in_by_passkey(&secret, credential, &device::browser()).await?;
    session::forget_sign_in();
    session::start_session(&signed_in.session);
    Ok(())
}

async fn begin_proof() -> Result<String, Problem> {
    let (caller, session) = signed_in().await?;
    Ok(expect_context::<Engine>().begin_passkey_proof(&caller, &session).await?)
}

async fn prove(credential: &str) -> Result<(), Problem> {
    let (caller, session) = signed_in().await?;
    match expect_context::<Engine>().prove_by_passkey(&caller, &session, credential).await {
        Ok(()) => Ok(()),
        // The session ended at this moment, or another answer was taken.
        Err(Error::Conflict) => Err(Failure::SignIn.into()),
        Err(error) => Err(error.into()),
    }
}

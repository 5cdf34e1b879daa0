//! Joining by an invitation's link.

use domain::claim::FieldErrors;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_sign_in as said;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::{device, session};

/// Adds the person whose link it is, with the password they chose, and signs them in.
#[server(prefix = "/fn", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    /// The link's secret.
    #[server(default)]
    token: String,
    /// What the others read; the e-mail without one.
    #[server(default)]
    name: String,
    /// From now on theirs.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let joined = join(&token, &name, &password).await;
    let page = if joined.is_ok() { "/".to_owned() } else { format!("/invite/{token}") };
    answer(page, vec![("name", name)], joined);
    Ok(())
}

async fn join(token: &str, name: &str, password: &str) -> Result<(), Problem> {
    match expect_context::<Engine>().accept_invitation(token, name, password, &device::browser()).await {
        Ok(signed_in) => {
            session::start_session(&signed_in.session);
            Ok(())
        }
        // The one field of the form is where it is said.
        Err(Error::Taken { .. }) => Err(FieldErrors::one("password", "taken", say(said::SignsInAlready)).into()),
        Err(error) => Err(error.into()),
    }
}

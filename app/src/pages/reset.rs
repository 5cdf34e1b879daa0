//! `/reset`: a new password for who forgot theirs. What is said never tells whether somebody signs in with an e-mail.

use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::gate::Gate;
use super::invite::closed;
use super::{page, param, query};
use crate::components::{Done, PasswordField, TextField};
use crate::reply::Submitted;
use crate::server_fns::reset::{AskPasswordReset, SetForgottenPassword};

/// Asks for the e-mail.
#[component]
pub(crate) fn Reset() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.error("email");
    let is_wrong = error.is_some();
    let body = if !expect_context::<Engine>().settings().writes_email {
        view! {
            <p>"This installation sends no email. Whoever runs it gives you a new password:"</p>
            <p class="mono sm wrap">"refundry user password --email YOU --password-stdin"</p>
        }
        .into_any()
    } else if query("asked").is_some() && !is_wrong {
        view! {
            <Done>"If somebody signs in with this email, a link is on its way. It works once, for one hour."</Done>
            <p class="sm soft">"Nothing came? Look in the spam folder, check the address, and try again after 5 minutes."</p>
        }
        .into_any()
    } else {
        view! {
            <form class="g4" method="post" action=AskPasswordReset::url()>
                <TextField
                    id="email"
                    label="Email"
                    kind="email"
                    autocomplete="username"
                    hint="We send a link by which you choose a new password."
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error
                />
                <button class="btn primary lg" data-busy="Sending…">"Send the link"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <Gate heading="Forgot your password?" is_wrong>
            {body}
            <p class="sm"><a href="/sign-in">"Back to sign in"</a></p>
        </Gate>
    }
}

/// Asks for the new password.
#[component]
pub(crate) fn NewPassword() -> impl IntoView {
    page(async move {
        let token = param("token");
        match expect_context::<Engine>().password_reset(&token).await {
            Ok(()) => Ok(form(token)),
            Err(Error::NotFound) => Ok(closed(
                "This link does not work",
                "It was used, a later one took its place, or it is older than an hour. Ask for another one on the sign-in page.",
            )),
            Err(error) => Err(error.into()),
        }
    })
}

fn form(token: String) -> AnyView {
    let error = use_context::<Submitted>().unwrap_or_default().error("password");
    let about = "It signs you out everywhere and locks payouts for a day.";
    view! {
        <Gate heading="Choose a new password" about is_wrong=error.is_some()>
            <form class="g4" method="post" action=SetForgottenPassword::url()>
                <input type="hidden" name="token" value=token />
                <PasswordField id="password" label="New password" is_new=true error />
                <button class="btn primary lg" data-busy="Changing…">"Change password"</button>
            </form>
        </Gate>
    }
    .into_any()
}

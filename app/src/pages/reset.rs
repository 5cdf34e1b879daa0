//! `/reset`: a new password for who forgot theirs. What is said never tells whether somebody signs in with an e-mail.

use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::invite::closed;
use super::{page, param, query, set_unprocessable};
use crate::components::{Note, Payer, Shape, TextField};
use crate::reply::Submitted;
use crate::server_fns::reset::{AskPasswordReset, SetForgottenPassword};

/// Asks for the e-mail.
#[component]
pub(crate) fn Reset() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.errors.message("email").map(str::to_owned);
    if error.is_some() {
        set_unprocessable();
    }
    let title = if error.is_some() { "Error: Forgot your password?" } else { "Forgot your password?" };
    let body = if !expect_context::<Engine>().settings().writes_email {
        view! {
            <p>"This installation sends no email. Whoever runs it gives you a new password:"</p>
            <p class="mono sm wrap">"refundry user password --email YOU --password-stdin"</p>
        }
        .into_any()
    } else if query("asked").is_some() && error.is_none() {
        view! {
            <div role="status">
                <Note tone="good" shape=Shape::Check>
                    "If somebody signs in with this email, a link is on its way. It works once, for one hour."
                </Note>
            </div>
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
        <Payer title centred=true>
            <div class="g5">
                <h1>"Forgot your password?"</h1>
                {body}
                <p class="sm"><a href="/sign-in">"Back to sign in"</a></p>
            </div>
        </Payer>
    }
    .into_any()
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
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.errors.message("password").map(str::to_owned);
    if error.is_some() {
        set_unprocessable();
    }
    let title = if error.is_some() { "Error: Choose a new password" } else { "Choose a new password" };
    view! {
        <Payer title centred=true>
            <div class="g5">
                <div class="g1">
                    <h1>"Choose a new password"</h1>
                    <p class="sm soft">"It signs you out everywhere and locks payouts for a day."</p>
                </div>
                <form class="g4" method="post" action=SetForgottenPassword::url()>
                    <input type="hidden" name="token" value=token />
                    <TextField
                        id="password"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 10 characters."
                        value=""
                        error
                    />
                    <button class="btn primary lg" data-busy="Changing…">"Change password"</button>
                </form>
            </div>
        </Payer>
    }
    .into_any()
}

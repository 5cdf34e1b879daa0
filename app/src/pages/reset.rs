//! `/reset`: a new password for who forgot theirs. What is said never tells whether somebody signs in with an e-mail.

use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_people, staff_sign_in as said};

use super::gate::Gate;
use super::invite::closed;
use super::{page, param, query};
use crate::components::{Done, PasswordField, TextField};
use crate::language::say;
use crate::reply::Submitted;
use crate::server_fns::reset::{AskPasswordReset, SetForgottenPassword};

/// Asks for the e-mail.
#[component]
pub(crate) fn Reset() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let submitted = submitted.in_words(|field, code| match (field, code) {
        ("email", "invalid") => Some(say(payer::EnterEmail)),
        _ => None,
    });
    let error = submitted.error("email");
    let is_wrong = error.is_some();
    let body = if !expect_context::<Engine>().settings().writes_email {
        view! {
            <p>{say(said::NoEmail)}</p>
            <p class="mono sm wrap">"refundry user password --email YOU --password-stdin"</p>
        }
        .into_any()
    } else if query("asked").is_some() && !is_wrong {
        view! {
            <Done>{say(said::ResetAsked)}</Done>
            <p class="sm soft">{say(said::NothingCame)}</p>
        }
        .into_any()
    } else {
        view! {
            <form class="g4" method="post" action=AskPasswordReset::url()>
                <TextField
                    id="email"
                    label=say(staff_people::Email)
                    kind="email"
                    autocomplete="username"
                    hint=say(said::ResetHint)
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error
                />
                <button class="btn primary lg" data-busy=say(said::Sending)>{say(said::SendLink)}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <Gate heading=say(said::Forgot) is_wrong>
            {body}
            <p class="sm"><a href="/sign-in">{say(said::Back)}</a></p>
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
            Err(Error::NotFound) => Ok(closed(say(said::ResetClosed), say(said::ResetClosedText))),
            Err(error) => Err(error.into()),
        }
    })
}

fn form(token: String) -> AnyView {
    let error = use_context::<Submitted>().unwrap_or_default().in_words(wrong_password).error("password");
    view! {
        <Gate heading=say(said::ChooseNew) about=say(said::ChooseNewText) is_wrong=error.is_some()>
            <form class="g4" method="post" action=SetForgottenPassword::url()>
                <input type="hidden" name="token" value=token />
                <PasswordField id="password" label=say(staff_people::NewPassword) is_new=true error />
                <button class="btn primary lg" data-busy=say(staff_people::Changing)>{say(staff_people::ChangePassword)}</button>
            </form>
        </Gate>
    }
    .into_any()
}

/// Says what is wrong with a password that somebody chose.
pub(super) fn wrong_password(_: &str, code: &str) -> Option<String> {
    match code {
        "too_short" => Some(say(staff_people::TooShort)),
        "invalid" => Some(say(staff_people::Unusable)),
        _ => None,
    }
}

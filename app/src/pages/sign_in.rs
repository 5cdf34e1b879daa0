//! `/sign-in` and `/sign-in/code`: the pages of the dashboard that need no session.

use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_people, staff_sign_in as said};

use super::gate::Gate;
use super::{page, query};
use crate::components::{CodeField, Done, Note, PasskeyForm, PasswordField, Shape, TextField};
use crate::language::say;
use crate::reply::Submitted;
use crate::server_fns::passkey::{BeginPasskeySignIn, SignInPasskey};
use crate::server_fns::session::{SignIn as SignInForm, SignInCode as CodeForm};
use crate::session;

/// Asks for a passkey, or e-mail address and password.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    page(async move {
        // The page itself needs no database.
        let engine = expect_context::<Engine>();
        let is_new = !engine.has_people().await.unwrap_or(true);
        // Who signed out brings none along.
        let has_ended = match session::session_secret() {
            Some(secret) => matches!(engine.session(&secret).await, Ok(None)),
            None => false,
        };
        Ok(view! { <Form is_new has_ended /> }.into_any())
    })
}

#[component]
fn Form(is_new: bool, has_ended: bool) -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let submitted = submitted.in_words(|field, code| match (field, code) {
        ("passkey", "wrong") => Some(say(said::PasskeyNotTaken)),
        _ => None,
    });
    let error = submitted.error("password");
    let is_wrong = submitted.is_again(&["password", "passkey"]);
    let next = query("next").unwrap_or_else(|| submitted.value("next").to_owned());
    let next = session::safe_next(&next).to_owned();
    let changed = query("changed").filter(|_| !is_wrong).map(|_| view! { <Done>{say(said::PasswordChanged)}</Done> });
    let has_passkeys = expect_context::<Engine>().has_passkeys();
    let goes_to = next.clone();
    let passkey = has_passkeys.then(|| {
        let (action, begin) = (SignInPasskey::url(), BeginPasskeySignIn::url());
        view! {
            <PasskeyForm action begin button=say(said::ByPasskey) error=submitted.error("passkey")>
                <input type="hidden" name="next" value=goes_to />
            </PasskeyForm>
            <p class="sm soft ctr when-awake">{say(said::OrPassword)}</p>
        }
    });
    let email = submitted.value("email").to_owned();
    view! {
        <Gate heading=say(said::Heading) is_wrong>
            {changed}
            {(has_ended && !is_wrong).then(|| view! { <Note tone="warn" shape=Shape::Clock>{say(said::SessionEnded)}</Note> })}
            {is_new
                .then(|| {
                    view! { <Note tone="warn" shape=Shape::Alert>{say(said::NobodyYet { command: "refundry user add" })}</Note> }
                })}
            {passkey}
            <form class="g4" method="post" action=SignInForm::url()>
                <input type="hidden" name="next" value=next />
                <TextField id="email" label=say(staff_people::Email) kind="email" autocomplete="username" maxlength=254 value=email required=true error=None />
                <PasswordField id="password" label=say(staff_people::Password) error />
                <button class=if has_passkeys { "btn lg" } else { "btn primary lg" } data-busy=say(said::SigningIn)>{say(said::SignIn)}</button>
            </form>
            <p class="sm"><a href="/reset">{say(said::Forgot)}</a></p>
        </Gate>
    }
}

/// Asks who has a code app for a code. Until then there is no session.
#[component]
pub(crate) fn SignInCode() -> impl IntoView {
    let error = use_context::<Submitted>().unwrap_or_default().error("code");
    let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
    view! {
        <Gate heading=say(said::EnterCode) is_wrong=error.is_some()>
            <form class="g4" method="post" action=CodeForm::url()>
                <input type="hidden" name="next" value=next />
                <CodeField id="code" label=say(staff_people::Code) error />
                <button class="btn primary lg" data-busy=say(said::SigningIn)>{say(said::SignIn)}</button>
            </form>
            <p class="sm"><a href="/sign-in">{say(said::Back)}</a></p>
        </Gate>
    }
}

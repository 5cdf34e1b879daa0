//! `/sign-in` and `/sign-in/code`: the pages of the dashboard that need no session.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::gate::Gate;
use super::query;
use crate::components::{CodeField, Done, PasswordField, TextField};
use crate::reply::Submitted;
use crate::server_fns::session::{SignIn as SignInForm, SignInCode as CodeForm};
use crate::session;

/// Asks for e-mail address and password.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.error("password");
    let is_wrong = error.is_some();
    let next = query("next").unwrap_or_else(|| submitted.value("next").to_owned());
    let next = session::safe_next(&next).to_owned();
    let changed = query("changed").filter(|_| !is_wrong).map(|_| view! { <Done>"Your password is changed. Sign in with it."</Done> });
    let email = submitted.value("email").to_owned();
    view! {
        <Gate heading="Sign in to Refundry" is_wrong>
            {changed}
            <form class="g4" method="post" action=SignInForm::url()>
                <input type="hidden" name="next" value=next />
                <TextField id="email" label="Email" kind="email" autocomplete="username" maxlength=254 value=email required=true error=None />
                <PasswordField id="password" label="Password" error />
                <button class="btn primary lg" data-busy="Signing in…">"Sign in"</button>
            </form>
            <p class="sm"><a href="/reset">"Forgot your password?"</a></p>
        </Gate>
    }
}

/// Asks who has a code app for a code. Until then there is no session.
#[component]
pub(crate) fn SignInCode() -> impl IntoView {
    let error = use_context::<Submitted>().unwrap_or_default().error("code");
    let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
    view! {
        <Gate heading="Enter your code" is_wrong=error.is_some()>
            <form class="g4" method="post" action=CodeForm::url()>
                <input type="hidden" name="next" value=next />
                <CodeField id="code" label="Code" error />
                <button class="btn primary lg" data-busy="Signing in…">"Sign in"</button>
            </form>
            <p class="sm"><a href="/sign-in">"Back to sign in"</a></p>
        </Gate>
    }
}

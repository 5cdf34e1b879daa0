//! `/sign-in` and `/sign-in/code`: the pages of the dashboard that need no session.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{query, set_unprocessable};
use crate::components::{FieldMessage, Note, Payer, Shape, TextField};
use crate::reply::Submitted;
use crate::server_fns::session::{SignIn as SignInForm, SignInCode as CodeForm};
use crate::session;

/// Asks for e-mail address and password.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let message = submitted.errors.message("password").map(str::to_owned);
    let is_wrong = message.is_some();
    if is_wrong {
        set_unprocessable();
    }
    let next = query("next").unwrap_or_else(|| submitted.value("next").to_owned());
    let changed = query("changed").filter(|_| !is_wrong).map(|_| {
        view! {
            <div role="status">
                <Note tone="good" shape=Shape::Check>"Your password is changed. Sign in with it."</Note>
            </div>
        }
    });
    let title = if is_wrong { "Error: Sign in" } else { "Sign in" };
    view! {
        <Payer title centred=true>
            <div class="g5">
                <h1>"Sign in to Refundry"</h1>
                {changed}
                <form class="g4" method="post" action=SignInForm::url()>
                    <input type="hidden" name="next" value=session::safe_next(&next).to_owned() />
                    <div class="field">
                        <label for="email">"Email"</label>
                        <input
                            class="input big"
                            id="email"
                            name="email"
                            type="email"
                            autocomplete="username"
                            required
                            value=submitted.value("email").to_owned()
                        />
                    </div>
                    <div class="field">
                        <label for="password">"Password"</label>
                        <input
                            class="input big"
                            id="password"
                            name="password"
                            type="password"
                            autocomplete="current-password"
                            required
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby=is_wrong.then_some("password-msg")
                            autofocus=is_wrong
                        />
                        <FieldMessage id="password-msg" message />
                    </div>
                    <button class="btn primary lg" data-busy="Signing in…">"Sign in"</button>
                </form>
                <p class="sm"><a href="/reset">"Forgot your password?"</a></p>
            </div>
        </Payer>
    }
    .into_any()
}

/// Asks who has a code app for a code. Until then there is no session.
#[component]
pub(crate) fn SignInCode() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.errors.message("code").map(str::to_owned);
    if error.is_some() {
        set_unprocessable();
    }
    let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
    let title = if error.is_some() { "Error: Enter your code" } else { "Enter your code" };
    view! {
        <Payer title centred=true>
            <div class="g5">
                <h1>"Enter your code"</h1>
                <form class="g4" method="post" action=CodeForm::url()>
                    <input type="hidden" name="next" value=next />
                    <TextField
                        id="code"
                        label="Code"
                        hint="The six digits that your app shows, or one of your recovery codes."
                        autocomplete="one-time-code"
                        maxlength=40
                        value=""
                        error
                    />
                    <button class="btn primary lg" data-busy="Signing in…">"Sign in"</button>
                </form>
                <p class="sm"><a href="/sign-in">"Back to sign in"</a></p>
            </div>
        </Payer>
    }
    .into_any()
}

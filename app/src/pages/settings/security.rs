//! `/settings/security`: how people sign in. Both changes are ones that a thief would make, so they lock payouts for a while (CM-09).

use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Settings, Tab, frozen_until};
use crate::components::{Note, Shape, TextField};
use crate::pages::{page, query};
use crate::reply::Submitted;
use crate::server_fns::account::{ChangeEmail, ChangePassword};
use crate::session::caller;

/// The page.
#[component]
pub(crate) fn Security() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let done = match query("changed").as_deref().filter(|_| submitted.errors.0.is_empty()) {
            Some("password") => Some("Your password is changed. You are signed out everywhere else."),
            Some("email") => Some("Your email is changed. Sign in with it from now on."),
            Some(_) | None => None,
        };
        let done = done.map(|text| {
            view! {
                <div role="status">
                    <Note tone="good" shape=Shape::Check>{text}</Note>
                </div>
            }
        });
        let now = engine.now();
        let email = caller.email.clone().unwrap_or_default();
        Ok(view! {
            <Settings tab=Tab::Security caller frozen_until submitted=submitted.clone() now>
                {done} <Password submitted=submitted.clone() /> <Email current=email submitted />
            </Settings>
        }
        .into_any())
    })
}

#[component]
fn Password(submitted: Submitted) -> impl IntoView {
    let error = |field: &str| submitted.errors.message(field).map(str::to_owned);
    view! {
        <section class="card">
            <header>
                <h2>"Password"</h2>
                <p>"Changing it signs you out everywhere else and locks payouts for a day."</p>
            </header>
            <form class="body g4" method="post" action=ChangePassword::url()>
                <TextField
                    id="old_password"
                    label="Your password now"
                    kind="password"
                    autocomplete="current-password"
                    value=""
                    error=error("old_password")
                />
                <TextField
                    id="new_password"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 10 characters."
                    value=""
                    error=error("new_password")
                />
                <span><button class="btn primary" data-busy="Changing…">"Change password"</button></span>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Email(current: String, submitted: Submitted) -> impl IntoView {
    let error = |field: &str| submitted.errors.message(field).map(str::to_owned);
    view! {
        <section class="card">
            <header>
                <h2>"Email"</h2>
                <p>{format!("You sign in with {current}. Changing it locks payouts for a day.")}</p>
            </header>
            <form class="body g4" method="post" action=ChangeEmail::url()>
                <TextField
                    id="email"
                    label="New email"
                    kind="email"
                    autocomplete="username"
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error=error("email")
                />
                <TextField
                    id="password"
                    label="Your password"
                    kind="password"
                    autocomplete="current-password"
                    value=""
                    error=error("password")
                />
                <span><button class="btn primary" data-busy="Changing…">"Change email"</button></span>
            </form>
        </section>
    }
    .into_any()
}

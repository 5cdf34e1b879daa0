//! `/settings/security`: how people sign in, and where they are signed in. Another password or e-mail is what a thief would want, so
//! changing them locks payouts for a while (CM-09).

use engine::Engine;
use engine::sessions::SessionView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Settings, Tab, frozen_until};
use crate::components::{Head, Note, Shape, Table, TextField, staff};
use crate::pages::{page, query};
use crate::reply::Submitted;
use crate::server_fns::account::{ChangeEmail, ChangePassword, EndOtherSessions, EndSession};
use crate::session::{caller, session_secret};

/// The page.
#[component]
pub(crate) fn Security() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let sessions = engine.sessions(&caller, &session_secret().unwrap_or_default()).await?;
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
                {done} <Password submitted=submitted.clone() /> <Email current=email submitted /> <Sessions sessions now />
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

const SESSIONS: &[Head] = &[Head::Words("Browser"), Head::Words("Signed in"), Head::Words("Last used"), Head::Unseen("Action")];

#[component]
fn Sessions(sessions: Vec<SessionView>, now: Timestamp) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.is_this);
    let rows = sessions.into_iter().map(|session| {
        let action = if session.is_this {
            view! { <span class="pill good">"This one"</span> }.into_any()
        } else {
            let label = format!("Sign out of {}", session.browser);
            view! {
                <form method="post" action=EndSession::url()>
                    <input type="hidden" name="id" value=session.id.to_string() />
                    <button class="btn sm ghost" aria-label=label data-busy="Signing out…">"Sign out"</button>
                </form>
            }
            .into_any()
        };
        view! {
            <tr>
                <td class="semi">{session.browser}</td>
                <td class="nw soft r2">{staff(session.created_at, now)}</td>
                <td class="nw soft hide">{staff(session.seen_at, now)}</td>
                <td class="act">{action}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let all = has_others.then(|| {
        view! {
            <form class="body" method="post" action=EndOtherSessions::url()>
                <button class="btn" data-busy="Signing out…">"Sign out everywhere else"</button>
            </form>
        }
    });
    view! {
        <section class="card">
            <header>
                <h2>"Sessions"</h2>
                <p>"Where you are signed in, in UTC. Use is noted once an hour. A session ends by itself after 12 hours."</p>
            </header>
            <Table label="Sessions" caption="Your sessions, the one used last first" heads=SESSIONS>{rows}</Table>
            {all}
        </section>
    }
    .into_any()
}

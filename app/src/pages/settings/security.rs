//! `/settings/security`: how people sign in, and where they are signed in. Another password or e-mail is what a thief would want, so
//! changing them locks payouts for a while (CM-09).

use engine::Engine;
use engine::code_apps::{CodeAppView, NewCodeApp};
use engine::passkeys::{PASSKEY_NAME_CHARS_MAX, PasskeyView};
use engine::sessions::SessionView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Card, Settings, Tab, frozen_until};
use crate::components::{Done, Head, PasskeyForm, PasswordField, Qr, Table, TextField, staff};
use crate::pages::{page, query};
use crate::reply::Submitted;
use crate::server_fns::account::{ChangeEmail, ChangePassword, EndOtherSessions, EndSession};
use crate::server_fns::code_app::{BeginCodeApp, RenewRecoveryCodes, TurnOffCodeApp, TurnOnCodeApp};
use crate::server_fns::passkey::{AddPasskey, BeginPasskey, RemovePasskey};
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
        let app = engine.code_app(&caller).await?;
        let passkeys = engine.passkeys(&caller).await?;
        let closed_at = (!engine.has_passkeys()).then(|| engine.settings().public_url.clone());
        let secret = submitted.value("code_secret");
        let shown = if secret.is_empty() { None } else { engine.shown_code_app(&caller, secret).ok() };
        let done = match query("changed").as_deref().filter(|_| submitted.errors.0.is_empty()) {
            Some("password") => Some("Your password is changed. You are signed out everywhere else."),
            Some("passkey") => Some("Your passkey is added. It signs you in from now on."),
            Some("email") => Some("Your email is changed. Sign in with it from now on."),
            Some(_) | None => None,
        };
        let done = done.map(|text| view! { <Done>{text}</Done> });
        let now = engine.now();
        let email = caller.email.clone().unwrap_or_default();
        Ok(view! {
            <Settings tab=Tab::Security caller frozen_until submitted=submitted.clone() now>
                {done} <Passkeys passkeys closed_at submitted=submitted.clone() now /> <CodeApp app shown submitted=submitted.clone() now />
                <Password submitted=submitted.clone() /> <Email current=email submitted /> <Sessions sessions now />
            </Settings>
        }
        .into_any())
    })
}

const PASSKEYS: &[Head] = &[Head::Words("Passkey"), Head::Words("Added"), Head::Words("Last used"), Head::Unseen("Action")];

/// The passkeys, and a new one; `closed_at` is where browsers know none.
#[component]
fn Passkeys(passkeys: Vec<PasskeyView>, closed_at: Option<String>, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let rows = passkeys.into_iter().map(|passkey| {
        let used = passkey.used_at.map_or_else(|| "Not yet".into_any(), |at| staff(at, now).into_any());
        view! {
            <tr>
                <td class="semi wrap">{passkey.name.clone()}</td>
                <td class="nw soft r2">{staff(passkey.created_at, now)}</td>
                <td class="nw soft hide">{used}</td>
                <td class="act">
                    <details class="confirm" name="passkey">
                        <summary class="btn sm ghost danger-quiet" aria-label=format!("Remove {}", passkey.name)>"Remove"</summary>
                        <form class="g2" method="post" action=RemovePasskey::url()>
                            <input type="hidden" name="id" value=passkey.id.to_string() />
                            <p class="sm soft">
                                "It signs you in no more, you are signed out everywhere else, and payouts are locked for a day."
                            </p>
                            <span><button class="btn sm danger" data-busy="Removing…">"Remove the passkey"</button></span>
                        </form>
                    </details>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let table = (!rows.is_empty()).then(|| {
        view! { <Table label="Passkeys" caption="Your passkeys, the first one first" heads=PASSKEYS>{rows}</Table> }
    });
    let add = match closed_at {
        Some(url) => view! {
            <p class="body sm soft">
                {format!("Browsers allow passkeys only by HTTPS at a host with a name. This installation is reached at {url}: ")}
                "whoever runs it sets public_url."
            </p>
        }
        .into_any(),
        None => view! {
            <div class="body">
                <PasskeyForm
                    action=AddPasskey::url()
                    begin=BeginPasskey::url()
                    makes=true
                    button="Add passkey"
                    class="btn"
                    error=submitted.error("passkey")
                >
                    <TextField
                        id="name"
                        label="Name"
                        hint="What you will know it by, such as Phone."
                        maxlength=PASSKEY_NAME_CHARS_MAX
                        required=true
                        value=submitted.value("name").to_owned()
                        error=submitted.error("name")
                    />
                </PasskeyForm>
                <noscript>
                    <p class="sm soft">"Adding one takes a script in your browser."</p>
                </noscript>
            </div>
        }
        .into_any(),
    };
    view! {
        <Card title="Passkeys" about="A passkey signs you in without password and code. Adding or removing one locks payouts for a day.">
            {table}
            {add}
        </Card>
    }
    .into_any()
}

#[component]
fn Password(submitted: Submitted) -> impl IntoView {
    view! {
        <Card title="Password" about="Changing it signs you out everywhere else and locks payouts for a day.">
            <form class="body g4" method="post" action=ChangePassword::url()>
                <PasswordField id="old_password" label="Your password now" error=submitted.error("old_password") />
                <PasswordField id="new_password" label="New password" is_new=true error=submitted.error("new_password") />
                <span><button class="btn primary" data-busy="Changing…">"Change password"</button></span>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Email(current: String, submitted: Submitted) -> impl IntoView {
    view! {
        <Card title="Email" about=format!("You sign in with {current}. Changing it locks payouts for a day.")>
            <form class="body g4" method="post" action=ChangeEmail::url()>
                <TextField
                    id="email"
                    label="New email"
                    kind="email"
                    autocomplete="username"
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error=submitted.error("email")
                />
                <PasswordField id="password" label="Your password" error=submitted.error("password") />
                <span><button class="btn primary" data-busy="Changing…">"Change email"</button></span>
            </form>
        </Card>
    }
    .into_any()
}

/// The code app: set up, on with its recovery codes shown once, or on.
#[component]
fn CodeApp(app: Option<CodeAppView>, shown: Option<NewCodeApp>, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let error = submitted.error("code");
    let codes: Vec<String> = submitted.value("recovery_codes").split_whitespace().map(str::to_owned).collect();
    let told = (!codes.is_empty()).then(|| {
        let lines = codes.iter().map(|code| view! { <li class="mono">{code.clone()}</li> }).collect_view();
        view! {
            <div class="body g3" role="status">
                <div class="row sb">
                    <h3 class="sm">"Recovery codes"</h3>
                    <span class="pill warn">"Shown once"</span>
                </div>
                <ul class="g1">{lines}</ul>
                <p class="sm soft">"Keep them where your phone is not. Each signs you in once when you have no app."</p>
            </div>
        }
    });
    let body = match (app, shown) {
        (Some(app), _) => view! {
            <div class="body g3">
                <p class="sm">
                    "On since "{staff(app.created_at, now)}". "{format!("{} recovery codes are left.", app.recovery_codes_left)}
                </p>
                <details class="confirm" name="code-app">
                    <summary class="btn">"New recovery codes"</summary>
                    <form class="g2" method="post" action=RenewRecoveryCodes::url()>
                        <p class="sm soft">"The ones you have work no more. Payouts are locked for a day."</p>
                        <span><button class="btn primary" data-busy="Making new ones…">"Make new ones"</button></span>
                    </form>
                </details>
                <details class="confirm" name="code-app">
                    <summary class="btn danger-quiet">"Turn the code app off"</summary>
                    <form class="g2" method="post" action=TurnOffCodeApp::url()>
                        <p class="sm soft">"Your password alone signs you in then. Payouts are locked for a day."</p>
                        <span><button class="btn danger" data-busy="Turning off…">"Turn it off"</button></span>
                    </form>
                </details>
            </div>
        }
        .into_any(),
        (None, Some(new)) => view! {
            <form class="body g4" method="post" action=TurnOnCodeApp::url()>
                <input type="hidden" name="secret" value=new.secret.clone() />
                <p class="sm">"Scan this with your app, or type the key into it. Then enter the code that it shows."</p>
                <Qr text=new.url label="Key for your code app" />
                <p class="mono sm wrap">{new.secret}</p>
                <TextField id="code" label="Code" autocomplete="one-time-code" maxlength=40 value="" error />
                <span><button class="btn primary" data-busy="Turning on…">"Turn on"</button></span>
            </form>
        }
        .into_any(),
        (None, None) => view! {
            <form class="body" method="post" action=BeginCodeApp::url()>
                <button class="btn" data-busy="Setting up…">"Set up a code app"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <Card title="Code app" about="A code beside your password keeps out who only knows that. Changing it locks payouts for a day.">
            {told}
            {body}
        </Card>
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
        <Card title="Sessions" about="Where you are signed in, in UTC. Use is noted once an hour. A session ends by itself after 12 hours.">
            <Table label="Sessions" caption="Your sessions, the one used last first" heads=SESSIONS>{rows}</Table>
            {all}
        </Card>
    }
    .into_any()
}

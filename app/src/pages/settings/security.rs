//! `/settings/security`: how people sign in, and where they are signed in. Another password or e-mail is what a thief would want, so
//! changing them locks payouts for a while (CM-09).

use domain::display_name::DISPLAY_NAME_CHARS_MAX;
use engine::Engine;
use engine::code_apps::{CodeAppView, NewCodeApp};
use engine::passkeys::{PASSKEY_NAME_CHARS_MAX, PasskeyView};
use engine::sessions::SessionView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_people, staff_security as said, staff_settings};

use super::brand::shown;
use super::{Card, Settings, Tab, frozen_until, timed};
use crate::components::{Done, Head, PasskeyForm, PasswordField, Qr, Table, TextField, staff};
use crate::device;
use crate::language::say;
use crate::pages::invite::wrong_name;
use crate::pages::reset::wrong_password;
use crate::pages::{page, query};
use crate::reply::Submitted;
use crate::server_fns::account::{ChangeEmail, ChangeName, ChangePassword, EndOtherSessions, EndSession};
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
        let submitted = use_context::<Submitted>().unwrap_or_default().in_words(wrong);
        let app = engine.code_app(&caller).await?;
        let passkeys = engine.passkeys(&caller).await?;
        let closed_at = (!engine.has_passkeys()).then(|| engine.settings().public_url.clone());
        let secret = submitted.value("code_secret");
        let shown = if secret.is_empty() { None } else { engine.shown_code_app(&caller, secret).ok() };
        let done = match query("changed").as_deref().filter(|_| submitted.errors.0.is_empty()) {
            Some("password") => Some(say(said::PasswordChanged)),
            Some("passkey") => Some(say(said::PasskeyAdded)),
            Some("email") => Some(say(said::EmailChanged)),
            Some("name") => Some(say(said::NameChanged)),
            Some(_) | None => None,
        };
        let done = done.map(|text| view! { <Done>{text}</Done> });
        let now = engine.now();
        let (email, name) = (caller.email.clone().unwrap_or_default(), caller.name.clone());
        Ok(view! {
            <Settings tab=Tab::Security caller frozen_until submitted=submitted.clone() now>
                {done} <Name current=name submitted=submitted.clone() /> <Passkeys passkeys closed_at submitted=submitted.clone() now /> <CodeApp app shown submitted=submitted.clone() now />
                <Password submitted=submitted.clone() /> <Email current=email submitted /> <Sessions sessions now />
            </Settings>
        }
        .into_any())
    })
}

/// Says what is wrong with a change of how somebody signs in.
fn wrong(field: &str, code: &str) -> Option<String> {
    match (field, code) {
        ("old_password" | "password", "wrong") => Some(say(said::WrongPassword)),
        ("new_password", "unchanged") => Some(say(said::SamePassword)),
        ("new_password", _) => wrong_password(field, code),
        ("email", "invalid") => Some(say(payer::EnterEmail)),
        ("email", "unchanged") => Some(say(said::SameEmail)),
        ("email", "taken") => Some(say(staff_people::EmailTaken)),
        ("name", "invalid") => Some(say(said::WrongName)),
        ("passkey", "wrong") => Some(say(said::PasskeyWrong)),
        ("passkey", "taken") => Some(say(said::PasskeyTaken)),
        ("passkey", "too_many") => Some(say(said::PasskeyTooMany)),
        ("passkey", "unavailable") => Some(say(said::PasskeysUnavailable { url: &expect_context::<Engine>().settings().public_url })),
        ("code", "taken") => Some(say(said::AppTaken)),
        ("code", _) => Some(say(said::WrongCode)),
        _ => wrong_name(field, code),
    }
}

/// What the others read.
#[component]
fn Name(current: Option<String>, submitted: Submitted) -> impl IntoView {
    let is_again = submitted.is_again(&["called"]);
    view! {
        <Card title=say(staff_people::Name) about=say(staff_people::NameText)>
            <form class="body g4" method="post" action=ChangeName::url()>
                <TextField
                    id="called"
                    label=say(staff_people::Name)
                    autocomplete="name"
                    maxlength=DISPLAY_NAME_CHARS_MAX
                    hint=say(staff_people::NameHint)
                    value=shown(&submitted, is_again, "called", current)
                    error=submitted.error("called")
                />
                <span><button class="btn primary" data-busy=say(staff_people::Changing)>{say(said::ChangeName)}</button></span>
            </form>
        </Card>
    }
    .into_any()
}

/// The passkeys, and a new one; `closed_at` is where browsers know none.
#[component]
fn Passkeys(passkeys: Vec<PasskeyView>, closed_at: Option<String>, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let rows = passkeys.into_iter().map(|passkey| {
        let used = passkey.used_at.map_or_else(|| say(said::NotYet).into_any(), |at| staff(at, now).into_any());
        view! {
            <tr>
                <td class="semi wrap">{passkey.name.clone()}</td>
                <td class="nw soft r2">{staff(passkey.created_at, now)}</td>
                <td class="nw soft hide">{used}</td>
                <td class="act">
                    <details class="confirm" name="passkey">
                        <summary class="btn sm ghost danger-quiet" aria-label=say(staff_settings::RemoveNamed { name: &passkey.name })>{say(staff_settings::Remove)}</summary>
                        <form class="g2" method="post" action=RemovePasskey::url()>
                            <input type="hidden" name="id" value=passkey.id.to_string() />
                            <p class="sm soft">
                                {say(said::RemovePasskeyText)}
                            </p>
                            <span><button class="btn sm danger" data-busy=say(staff_settings::Removing)>{say(said::RemovePasskey)}</button></span>
                        </form>
                    </details>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let table = (!rows.is_empty()).then(|| {
        let heads = [
            Head::Words(say(said::Passkey)),
            Head::Words(say(said::Added)),
            Head::Words(say(said::LastUsed)),
            Head::Unseen(say(staff_settings::Action)),
        ];
        view! { <Table label=say(said::Passkeys) caption=say(said::PasskeysOldest) heads>{rows}</Table> }
    });
    let add = match closed_at {
        Some(url) => view! {
            <p class="body sm soft">{say(said::PasskeysClosed { url: &url })}</p>
        }
        .into_any(),
        None => view! {
            <div class="body">
                <PasskeyForm
                    action=AddPasskey::url()
                    begin=BeginPasskey::url()
                    makes=true
                    button=say(said::AddPasskey)
                    class="btn"
                    error=submitted.error("passkey")
                >
                    <TextField
                        id="name"
                        label=say(said::Name)
                        hint=say(said::NameHint)
                        maxlength=PASSKEY_NAME_CHARS_MAX
                        required=true
                        value=submitted.value("name").to_owned()
                        error=submitted.error("name")
                    />
                </PasskeyForm>
                <noscript>
                    <p class="sm soft">{say(said::ScriptsNeeded)}</p>
                </noscript>
            </div>
        }
        .into_any(),
    };
    view! {
        <Card title=say(said::Passkeys) about=say(said::PasskeysText)>
            {table}
            {add}
        </Card>
    }
    .into_any()
}

#[component]
fn Password(submitted: Submitted) -> impl IntoView {
    view! {
        <Card title=say(staff_people::Password) about=say(said::PasswordText)>
            <form class="body g4" method="post" action=ChangePassword::url()>
                <PasswordField id="old_password" label=say(said::PasswordNow) error=submitted.error("old_password") />
                <PasswordField id="new_password" label=say(staff_people::NewPassword) is_new=true error=submitted.error("new_password") />
                <span><button class="btn primary" data-busy=say(staff_people::Changing)>{say(staff_people::ChangePassword)}</button></span>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Email(current: String, submitted: Submitted) -> impl IntoView {
    view! {
        <Card title=say(staff_people::Email) about=say(said::EmailText { email: &current })>
            <form class="body g4" method="post" action=ChangeEmail::url()>
                <TextField
                    id="email"
                    label=say(said::NewEmail)
                    kind="email"
                    autocomplete="username"
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error=submitted.error("email")
                />
                <PasswordField id="password" label=say(staff_people::YourPassword) error=submitted.error("password") />
                <span><button class="btn primary" data-busy=say(staff_people::Changing)>{say(said::ChangeEmail)}</button></span>
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
                    <h3 class="sm">{say(said::RecoveryCodes)}</h3>
                    <span class="pill warn">{say(staff_settings::ShownOnce)}</span>
                </div>
                <ul class="g1">{lines}</ul>
                <p class="sm soft">{say(said::RecoveryCodesText)}</p>
            </div>
        }
    });
    let body = match (app, shown) {
        (Some(app), _) => view! {
            <div class="body g3">
                <p class="sm">
                    {timed(&said::AppOnSince { since: "" }, app.created_at, now)}
                    " "
                    {say(said::CodesLeft { count: app.recovery_codes_left.unsigned_abs() })}
                </p>
                <details class="confirm" name="code-app">
                    <summary class="btn">{say(said::NewCodes)}</summary>
                    <form class="g2" method="post" action=RenewRecoveryCodes::url()>
                        <p class="sm soft">{say(said::NewCodesText)}</p>
                        <span><button class="btn primary" data-busy=say(said::MakingCodes)>{say(said::MakeCodes)}</button></span>
                    </form>
                </details>
                <details class="confirm" name="code-app">
                    <summary class="btn danger-quiet">{say(said::AppOff)}</summary>
                    <form class="g2" method="post" action=TurnOffCodeApp::url()>
                        <p class="sm soft">{say(said::AppOffText)}</p>
                        <span><button class="btn danger" data-busy=say(said::TurningOff)>{say(said::TurnOff)}</button></span>
                    </form>
                </details>
            </div>
        }
        .into_any(),
        (None, Some(new)) => view! {
            <form class="body g4" method="post" action=TurnOnCodeApp::url()>
                <input type="hidden" name="secret" value=new.secret.clone() />
                <p class="sm">{say(said::Scan)}</p>
                <Qr text=new.url label=say(said::AppKey) />
                <p class="mono sm wrap">{new.secret}</p>
                <TextField id="code" label=say(staff_people::Code) autocomplete="one-time-code" maxlength=40 value="" error />
                <span><button class="btn primary" data-busy=say(said::TurningOn)>{say(said::TurnOn)}</button></span>
            </form>
        }
        .into_any(),
        (None, None) => view! {
            <form class="body" method="post" action=BeginCodeApp::url()>
                <button class="btn" data-busy=say(said::SettingUp)>{say(said::SetUp)}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <Card title=say(said::App) about=say(said::AppText)>
            {told}
            {body}
        </Card>
    }
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<SessionView>, now: Timestamp) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.is_this);
    let rows = sessions.into_iter().map(|session| {
        let browser = device::said(&session.browser);
        let action = if session.is_this {
            view! { <span class="pill good">{say(said::ThisOne)}</span> }.into_any()
        } else {
            let label = say(said::SignOutOf { browser: &browser });
            view! {
                <form method="post" action=EndSession::url()>
                    <input type="hidden" name="id" value=session.id.to_string() />
                    <button class="btn sm ghost" aria-label=label data-busy=say(said::SigningOut)>{say(said::SignOut)}</button>
                </form>
            }
            .into_any()
        };
        view! {
            <tr>
                <td class="semi">{browser}</td>
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
                <button class="btn" data-busy=say(said::SigningOut)>{say(said::SignOutElsewhere)}</button>
            </form>
        }
    });
    let heads = [
        Head::Words(say(said::Browser)),
        Head::Words(say(said::SignedIn)),
        Head::Words(say(said::LastUsed)),
        Head::Unseen(say(staff_settings::Action)),
    ];
    view! {
        <Card title=say(said::Sessions) about=say(said::SessionsText)>
            <Table label=say(said::Sessions) caption=say(said::SessionsNewest) heads>{rows}</Table>
            {all}
        </Card>
    }
    .into_any()
}

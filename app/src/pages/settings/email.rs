//! `/settings/email`: from whom payers read the merchant's mails, where its people are written to, and whether mails go out at all.

use domain::display_name::DISPLAY_NAME_CHARS_MAX;
use domain::email::{EmailAddress, EmailState};
use domain::language::Language;
use domain::merchant::{Mid, Right, Scope};
use domain::view::EmailView;
use engine::Engine;
use engine::senders::{SenderSettings, TestMailView};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;
use words::{payer, staff_email as said, staff_settings};

use super::brand::shown;
use super::{Card, Settings, Tab, Whose, chosen_mid, frozen_until, timed};
use crate::components::{Head, Icon, Note, Pill, Shape, StaffOnly, Table, TextField, Tone, staff};
use crate::language::say;
use crate::pages::{mail_fate, mail_title, page};
use crate::reply::Submitted;
use crate::server_fns::email::{ChangeSender, ChangeWriting, SendTestMail};
use crate::session::caller;

/// The page: of the merchant, or of the MID that the URL names.
#[component]
pub(crate) fn Email() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default().in_words(wrong);
        let mid = chosen_mid(&caller, &mids)?;
        let may_change = caller.may(Right::ChangeSettings);
        let from = engine.mails_from().cloned();
        let now = engine.now();
        let sender = match caller.scope {
            Scope::Merchant(merchant) if mid.is_none() => Some(engine.sender(&caller, merchant).await?),
            Scope::Merchant(_) | Scope::Everything | Scope::Mid(_) => None,
        };
        let has_own = matches!(caller.scope, Scope::Merchant(_));
        // What is everybody's stands beside the merchant's own, and for the operator, who has none, beside each MID's.
        let of_all = if mid.is_none() || !has_own {
            let test = engine.test_mail(&caller).await?;
            let undelivered = engine.undelivered_mails(&caller).await?;
            let to = caller.email.clone().filter(|_| may_change);
            Some(view! {
                <Server from=from.clone() is_operator=!has_own to test now />
                <Undelivered undelivered is_on=from.is_some() now />
            })
        } else {
            None
        };
        let sender = sender.map(|sender| view! { <Sender sender from mids=mids.clone() submitted=submitted.clone() may_change /> });
        let chosen = mid.as_ref().map(|mid| mid.id.to_string()).unwrap_or_default();
        let writing = mid.map(|mid| view! { <Writing mid submitted=submitted.clone() may_change /> });
        let denied = (!may_change).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Email caller frozen_until submitted now>
                <Whose page="/settings/email" mids chosen has_own />
                {sender} {writing} {of_all} {denied}
            </Settings>
        }
        .into_any())
    })
}

/// Says what is wrong with a sender, or with where people are written to.
fn wrong(field: &str, code: &str) -> Option<String> {
    match (field, code) {
        ("name", "invalid") => Some(say(said::WrongName { most: &DISPLAY_NAME_CHARS_MAX.to_string() })),
        ("reply_to" | "alert_email" | "support_email", "invalid") => Some(say(payer::EnterEmail)),
        ("action", "no_address") => Some(say(said::NoAddress)),
        _ => None,
    }
}

/// The name and the address for answers.
#[component]
fn Sender(sender: SenderSettings, from: Option<EmailAddress>, mids: Vec<Mid>, submitted: Submitted, may_change: bool) -> impl IntoView {
    let SenderSettings { name, reply_to, default_name } = sender;
    let is_again = submitted.is_again(&["name", "reply_to"]);
    let seen = from.map(|from| {
        let name = name.clone().unwrap_or_else(|| default_name.clone());
        view! {
            <dl class="kv">
                <dt>{say(said::Seen)}</dt>
                <dd><b>{name}</b> " " <span class="mono wrap">{format!("<{from}>")}</span></dd>
            </dl>
        }
    });
    let own = mids.into_iter().filter_map(|mid| {
        let address = mid.writing.support_email?;
        let url = format!("/settings/email?mid={}", mid.id);
        Some(view! { <li class="wrap"><a href=url>{mid.name}</a> ": " {address.to_string()}</li> })
    });
    let own: Vec<_> = own.collect();
    let own = (!own.is_empty()).then(|| {
        view! {
            <div class="sm soft">
                <p>{say(said::OwnAnswers)}</p>
                <ul class="plain">{own}</ul>
            </div>
        }
    });
    let save = may_change.then(|| {
        view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SaveSender)}</button></span> }
    });
    view! {
        <Card title=say(said::Sender) about=say(said::SenderText)>
            <form class="body g4" method="post" action=ChangeSender::url()>
                {seen}
                <TextField
                    id="name"
                    label=say(said::Name)
                    maxlength=DISPLAY_NAME_CHARS_MAX
                    hint=say(said::NameHint { name: &default_name })
                    value=shown(&submitted, is_again, "name", name)
                    error=submitted.error("name")
                />
                <TextField
                    id="reply_to"
                    label=say(said::Answers)
                    kind="email"
                    maxlength=254
                    hint=say(said::ReplyHint)
                    value=shown(&submitted, is_again, "reply_to", reply_to.map(|address| address.to_string()))
                    error=submitted.error("reply_to")
                />
                {own} {save}
            </form>
        </Card>
    }
    .into_any()
}

/// Where the people of a MID are alerted, where its payers answer to, and in which language they are written to.
#[component]
fn Writing(mid: Mid, submitted: Submitted, may_change: bool) -> impl IntoView {
    let is_again = submitted.is_again(&["alert_email", "support_email"]);
    let writing = mid.writing;
    let chosen = shown(&submitted, is_again, "language", writing.language.map(|language| language.name().to_owned()));
    let languages = Language::ALL.iter().copied().map(|language| {
        view! { <option value=language.name() lang=language.name() selected=chosen == language.name()>{language.own_name()}</option> }
    });
    let languages = languages.collect_view();
    view! {
        <Card title=say(said::Email) about=say(said::EmailText)>
            <form class="body g4" method="post" action=ChangeWriting::url()>
                <input type="hidden" name="mid" value=mid.id.to_string() />
                <TextField
                    id="alert_email"
                    label=say(said::Alerts)
                    kind="email"
                    maxlength=254
                    hint=say(said::AlertsHint)
                    value=shown(&submitted, is_again, "alert_email", writing.alert_email.map(|email| email.to_string()))
                    error=submitted.error("alert_email")
                />
                <TextField
                    id="support_email"
                    label=say(said::Answers)
                    kind="email"
                    maxlength=254
                    hint=say(said::AnswersHint)
                    value=shown(&submitted, is_again, "support_email", writing.support_email.map(|email| email.to_string()))
                    error=submitted.error("support_email")
                />
                <div class="field">
                    <label for="language">{say(said::Language)}</label>
                    <select class="input" id="language" name="language">
                        <option value="">{say(said::LanguageDefault)}</option>
                        {languages}
                    </select>
                </div>
                {may_change.then(|| view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SaveEmail)}</button></span> })}
            </form>
        </Card>
    }
    .into_any()
}

/// Whether mails go out, from which address, and a test.
#[component]
fn Server(from: Option<EmailAddress>, is_operator: bool, to: Option<String>, test: Option<TestMailView>, now: Timestamp) -> impl IntoView {
    let is_on = from.is_some();
    let body = match from {
        Some(from) => view! {
            <dl class="kv">
                <dt>{say(said::From)}</dt>
                <dd class="mono wrap">{from.to_string()}</dd>
            </dl>
        }
        .into_any(),
        None => view! {
            <Note tone="warn" shape=Shape::Warning>
                <b>{say(said::NoServer)} ". "</b>
                {say(said::NoServerText)}
                " "
                {if is_operator { say(said::SetServer) } else { say(said::AskOperator) }}
            </Note>
        }
        .into_any(),
    };
    let waits = test.as_ref().is_some_and(|test| test.state == EmailState::Queued);
    let send = to.filter(|_| is_on && !waits).map(|to| {
        view! {
            <form class="g2" method="post" action=SendTestMail::url()>
                <p class="sm soft">{say(said::TryText { email: &to })}</p>
                <span>
                    <button class="btn" data-busy=say(staff_settings::Sending)><Icon shape=Shape::Plane /> {say(said::Try)}</button>
                </span>
            </form>
        }
    });
    let test = test.map(|test| view! { <Tested test now /> });
    view! {
        <Card title=say(said::Server) about=say(said::ServerText)>
            <div class="body g4">{body} {test} {send}</div>
        </Card>
    }
    .into_any()
}

/// What became of the last test.
#[component]
fn Tested(test: TestMailView, now: Timestamp) -> impl IntoView {
    let (tone, hollow, state) = mail_fate(test.state);
    let text = match test.state {
        EmailState::Sent => say(said::TestSent),
        EmailState::Queued => say(said::TestWaiting),
        EmailState::Refused | EmailState::GivenUp | EmailState::Bounced | EmailState::Obsolete => say(said::TestRefused),
    };
    let at = test.attempted_at.unwrap_or(test.asked_at);
    let answer = test.error.map(|words| {
        view! {
            <dt>{say(said::ServerSaid)}</dt>
            <dd class="mono sm wrap">{words}</dd>
        }
    });
    view! {
        <div class="g2" role="status">
            <dl class="kv">
                <dt>{say(said::LastTest)}</dt>
                <dd class="row"><Pill tone hollow text=state /> <span class="num">{timed(&staff_settings::Instant { time: "" }, at, now)}</span></dd>
                <dt>{say(said::To)}</dt>
                <dd class="wrap">{test.to}</dd>
                {answer}
            </dl>
            <p class="sm soft">{text}</p>
        </div>
    }
    .into_any()
}

/// The last mails to payers and people that did not arrive.
#[component]
fn Undelivered(undelivered: Vec<(Uuid, EmailView)>, is_on: bool, now: Timestamp) -> impl IntoView {
    let body = if undelivered.is_empty() {
        let none = if is_on { say(said::AllArrived) } else { say(said::NoneSent) };
        view! { <p class="body sm soft">{none}</p> }.into_any()
    } else {
        let rows = undelivered.into_iter().map(move |(refund, email)| {
            let (tone, hollow, state): (Tone, bool, String) = mail_fate(email.state);
            view! {
                <tr>
                    <td><a href=format!("/refunds/{refund}")>{mail_title(email.kind)}</a> <span class="sub wrap">{email.to}</span></td>
                    <td class="num nw hide">{staff(email.attempted_at.unwrap_or(email.created_at), now)}</td>
                    <td class="r2"><Pill tone hollow text=state /> <span class="sub">{email.error}</span></td>
                </tr>
            }
        });
        let heads = [Head::Words(say(said::Mail)), Head::Words(say(said::Time)), Head::Words(say(said::Answered))];
        view! { <Table label=say(said::Undelivered) caption=say(said::Newest) heads>{rows.collect_view()}</Table> }.into_any()
    };
    view! {
        <Card title=say(said::Undelivered) about=say(said::UndeliveredText)>
            {body}
        </Card>
    }
    .into_any()
}

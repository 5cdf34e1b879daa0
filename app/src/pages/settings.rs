//! `/settings/…`: what a merchant's staff sets up: webhooks, sources of deposits, keys, how they sign in, how payers see them and are
//! written to.

mod brand;
mod email;
mod endpoint;
mod keys;
mod privacy;
mod security;
mod sources;
mod team;
mod webhooks;

use domain::ids::MidId;
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::callers::Caller;
use jiff::Timestamp;
use leptos::prelude::*;
use words::{Sentence, payer, staff_settings as said};

use super::{query, set_unprocessable};
use crate::components::{Note, Refusal, Section, Shape, Staff, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::claim::Copy;
use crate::reply::{Failure, Submitted};

pub(crate) use brand::Brand;
pub(crate) use email::Email;
pub(crate) use endpoint::{WebhookEndpoint, fault, may_resend, resend, response};
pub(crate) use keys::Keys;
pub(crate) use security::Security;
pub(crate) use sources::Sources;
pub(crate) use team::Team;
pub(crate) use webhooks::Webhooks;

/// One page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Webhooks,
    Sources,
    Keys,
    Team,
    Brand,
    Email,
    Security,
}

impl Tab {
    const ALL: [Self; 7] = [Self::Webhooks, Self::Sources, Self::Keys, Self::Team, Self::Brand, Self::Email, Self::Security];

    fn title_and_url(self) -> (String, &'static str) {
        match self {
            Self::Webhooks => (say(said::Webhooks), "/settings/webhooks"),
            Self::Sources => (say(said::Sources), "/settings/sources"),
            Self::Keys => (say(said::Keys), "/settings/keys"),
            Self::Team => (say(said::Team), "/settings/team"),
            Self::Brand => (say(said::Brand), "/settings/brand"),
            Self::Email => (say(said::Email), "/settings/email"),
            Self::Security => (say(said::Security), "/settings/security"),
        }
    }

    /// Says whether a caller has anything to see there: people are those's who answer for them.
    fn is_for(self, caller: &Caller) -> bool {
        match self {
            Self::Team => caller.may(Right::ChangeSettings),
            Self::Webhooks | Self::Sources | Self::Keys | Self::Brand | Self::Email | Self::Security => true,
        }
    }
}

/// The frame of all settings: their own navigation, what the last change met with, and until when payouts stand still.
#[component]
fn Settings(
    tab: Tab,
    caller: Caller,
    frozen_until: Option<Timestamp>,
    submitted: Submitted,
    now: Timestamp,
    children: Children,
) -> impl IntoView {
    let (page, _) = tab.title_and_url();
    let title = say(said::Title { page: &page });
    let title = if submitted.errors.0.is_empty() {
        title
    } else {
        set_unprocessable();
        say(payer::Error { text: &title })
    };
    let (settings, _) = Section::Settings.title_and_url();
    let entries = Tab::ALL.into_iter().filter(|entry| entry.is_for(&caller)).map(|entry| {
        let (title, url) = entry.title_and_url();
        view! { <a href=url aria-current=(entry == tab).then_some("page")>{title}</a> }
    });
    let entries = entries.collect_view();
    // What the operator has in the navigation itself is here on phones, where that has no room. Others read their own merchant's log here.
    let entry = |section: Section, class: &'static str| {
        let (title, url) = section.title_and_url();
        view! { <a class=class href=url>{title}</a> }
    };
    let more = if caller.may(Right::Operate) {
        Section::OPERATORS.map(|section| entry(section, "only-m")).collect_view().into_any()
    } else {
        entry(Section::Audit, "").into_any()
    };
    view! {
        <Staff title section=Section::Settings caller>
            <div class="head"><h1>{settings.clone()}</h1></div>
            <div class="set">
                <nav class="subnav" aria-label=settings>{entries} {more}</nav>
                <div class="g5"><Refusal submitted /> <Locked frozen_until now /> {children()}</div>
            </div>
        </Staff>
    }
    .into_any()
}

/// Says until when a merchant's payouts stand still, while they do.
#[component]
pub(crate) fn Locked(frozen_until: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    frozen_until.map(|until| {
        view! {
            <Note tone="warn" shape=Shape::Lock>
                <b>{timed(&said::LockedUntil { until: "" }, until, now)} " "</b>
                {say(said::LockedWhy)}
            </Note>
        }
    })
}

/// Renders a sentence about a time of the past or future.
fn timed(sentence: &impl Sentence, at: Timestamp, now: Timestamp) -> AnyView {
    rich(sentence, staff_language(), |_, _| staff(at, now).into_any())
}

/// Returns until when the payouts of the caller's merchant stand still.
pub(crate) async fn frozen_until(engine: &Engine, caller: &Caller, mids: &[Mid]) -> Result<Option<Timestamp>, Failure> {
    match mids.first() {
        // The operator has no merchant of their own.
        Some(mid) if !caller.may(Right::Operate) => Ok(engine.frozen(caller, mid.id).await?.map(|(until, _)| until)),
        Some(_) | None => Ok(None),
    }
}

/// Returns the MID that the URL names; none for the merchant itself. The operator has no merchant: one is always chosen.
fn chosen_mid(caller: &Caller, mids: &[Mid]) -> Result<Option<Mid>, Failure> {
    match query("mid").filter(|asked| !asked.is_empty()) {
        None if caller.scope == Scope::Everything => Ok(mids.first().cloned()),
        None => Ok(None),
        Some(asked) => {
            let id: MidId = asked.parse().map_err(|_| Failure::NoPage)?;
            Ok(Some(mids.iter().find(|mid| mid.id == id).cloned().ok_or(Failure::NoPage)?))
        }
    }
}

/// The choice between the merchant and its MIDs.
#[component]
fn Whose(page: &'static str, mids: Vec<Mid>, chosen: String, has_own: bool) -> impl IntoView {
    let own = has_own.then(|| view! { <a href=page aria-current=chosen.is_empty().then_some("page")>{say(said::AllMids)}</a> });
    let entries = mids.into_iter().map(|mid| {
        let id = mid.id.to_string();
        let current = (id == chosen).then_some("page");
        view! { <a href=format!("{page}?mid={id}") aria-current=current>{mid.name}</a> }
    });
    view! { <nav class="tabs" aria-label=say(said::Whose)>{own} {entries.collect_view()}</nav> }.into_any()
}

/// The choice of a MID, or of all of them where that is a choice.
#[component]
fn MidChoice(mids: Vec<Mid>, chosen: String, #[prop(optional)] or_all: bool) -> impl IntoView {
    let choices = mids.into_iter().map(|mid| {
        let MidId(id) = mid.id;
        let id = id.to_string();
        view! { <option value=id.clone() selected=id == chosen>{mid.name}</option> }
    });
    view! {
        <div class="field">
            <label for="mid">{say(said::Mid)}</label>
            <select class="input" id="mid" name="mid">
                {or_all.then(|| view! { <option value="">{say(said::AllMids)}</option> })}
                {choices.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// A part of a page, and what it is about.
#[component]
fn Card(#[prop(into)] title: String, #[prop(optional, into)] about: String, children: Children) -> impl IntoView {
    let about = (!about.is_empty()).then(|| view! { <p>{about}</p> });
    view! {
        <section class="card">
            <header>
                <h2>{title}</h2>
                {about}
            </header>
            {children()}
        </section>
    }
    .into_any()
}

/// A secret that is shown this once.
#[component]
pub(crate) fn Secret(#[prop(into)] title: String, #[prop(into)] name: String, secret: String, children: Children) -> impl IntoView {
    view! {
        <section class="card" role="status">
            <div class="body g3">
                <div class="row sb">
                    <h2 class="sm">{title}</h2>
                    <span class="pill warn">{say(said::ShownOnce)}</span>
                </div>
                <div class="input">
                    <span class="mono fill wrap">{secret.clone()}</span>
                    <Copy text=secret name />
                </div>
                <p class="sm soft">{children()}</p>
            </div>
        </section>
    }
    .into_any()
}

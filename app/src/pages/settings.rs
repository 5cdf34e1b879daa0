//! `/settings/…`: what a merchant's staff sets up: webhooks, sources of deposits, keys, how they sign in, how payers see them.

mod brand;
mod endpoint;
mod keys;
mod security;
mod sources;
mod team;
mod webhooks;

use domain::ids::MidId;
use domain::merchant::{Mid, Right};
use engine::Engine;
use engine::callers::Caller;
use jiff::Timestamp;
use leptos::prelude::*;

use super::set_unprocessable;
use crate::components::{Note, Refusal, Section, Shape, Staff, staff};
use crate::pages::claim::Copy;
use crate::reply::{Failure, Submitted};

pub(crate) use brand::Brand;
pub(crate) use endpoint::{WebhookEndpoint, response};
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
    Security,
}

impl Tab {
    const ALL: [Self; 6] = [Self::Webhooks, Self::Sources, Self::Keys, Self::Team, Self::Brand, Self::Security];

    const fn title_and_url(self) -> (&'static str, &'static str) {
        match self {
            Self::Webhooks => ("Webhooks", "/settings/webhooks"),
            Self::Sources => ("Sources", "/settings/sources"),
            Self::Keys => ("API keys", "/settings/keys"),
            Self::Team => ("Team", "/settings/team"),
            Self::Brand => ("Brand and email", "/settings/brand"),
            Self::Security => ("Security", "/settings/security"),
        }
    }

    /// Says whether a caller has anything to see there: people are those's who answer for them.
    fn is_for(self, caller: &Caller) -> bool {
        match self {
            Self::Team => caller.may(Right::ChangeSettings),
            Self::Webhooks | Self::Sources | Self::Keys | Self::Brand | Self::Security => true,
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
    let (title, _) = tab.title_and_url();
    let is_wrong = !submitted.errors.0.is_empty();
    if is_wrong {
        set_unprocessable();
    }
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
    let frozen = frozen_until.map(|until| {
        view! {
            <Note tone="warn" shape=Shape::Lock>
                <b>"Payouts are locked until " {staff(until, now)} " UTC. "</b>
                "Something changed that a thief would change first. Claims still come in and wait; nothing is lost. Refunds resume by themselves."
            </Note>
        }
    });
    view! {
        <Staff title=if is_wrong { format!("Error: {title} settings") } else { format!("{title} settings") } section=Section::Settings caller>
            <div class="head"><h1>"Settings"</h1></div>
            <div class="set">
                <nav class="subnav" aria-label="Settings">{entries} {more}</nav>
                <div class="g5"><Refusal submitted /> {frozen} {children()}</div>
            </div>
        </Staff>
    }
    .into_any()
}

/// Returns until when the payouts of the caller's merchant stand still.
async fn frozen_until(engine: &Engine, caller: &Caller, mids: &[Mid]) -> Result<Option<Timestamp>, Failure> {
    match mids.first() {
        // The operator has no merchant of their own.
        Some(mid) if !caller.may(Right::Operate) => Ok(engine.frozen(caller, mid.id).await?.map(|(until, _)| until)),
        Some(_) | None => Ok(None),
    }
}

/// The choice of a MID; `all` is what none of them means, where that is a choice.
#[component]
fn MidChoice(mids: Vec<Mid>, chosen: String, #[prop(optional)] all: Option<&'static str>) -> impl IntoView {
    let choices = mids.into_iter().map(|mid| {
        let MidId(id) = mid.id;
        let id = id.to_string();
        view! { <option value=id.clone() selected=id == chosen>{mid.name}</option> }
    });
    view! {
        <div class="field">
            <label for="mid">"MID"</label>
            <select class="input" id="mid" name="mid">
                {all.map(|title| view! { <option value="">{title}</option> })}
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
fn Secret(#[prop(into)] title: String, name: &'static str, secret: String, children: Children) -> impl IntoView {
    view! {
        <section class="card" role="status">
            <div class="body g3">
                <div class="row sb">
                    <h2 class="sm">{title}</h2>
                    <span class="pill warn">"Shown once"</span>
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

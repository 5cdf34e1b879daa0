//! The versions of what a MID says itself, newest first, each with what it says differently from the one before; and what can be decided
//! about one that is not live.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::MidId;
use domain::merchant::{Actor, Right};
use domain::money::AssetId;
use domain::policy::{Overrides, Policy};
use domain::view::SimulationView;
use engine::callers::Caller;
use engine::policies::{Version, VersionState};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::staff_policy;

use super::assets::{asset_name, said};
use super::settings;
use super::simulator::outcome;
use crate::components::{Icon, Pill, Shape, Tone, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::refund::People;
use crate::server_fns::policy::{ApprovePolicy, DiscardPolicy};

/// How many versions are shown.
const SHOWN: usize = 20;

/// All of them.
#[component]
pub(super) fn History(mid: MidId, versions: Vec<Version>, people: People, caller: Caller, now: Timestamp) -> impl IntoView {
    let mut rows = Vec::new();
    for (index, version) in versions.iter().enumerate().take(SHOWN) {
        // What a version changes is said against what was in force when it was written: given-up ones are nobody's measure.
        let was_in_force = |older: &&Version| matches!(older.state, VersionState::Active | VersionState::Superseded);
        let before = versions.iter().skip(index.saturating_add(1)).find(was_in_force);
        rows.push(entry(mid, version, before, &people, &caller, now));
    }
    view! {
        <section class="card" id="versions">
            <header>
                <h2>{say(staff_policy::History)}</h2>
                <span class="end sm soft">{say(staff_policy::TimesInUtc)}</span>
            </header>
            <ul>{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn entry(mid: MidId, version: &Version, before: Option<&Version>, people: &People, caller: &Caller, now: Timestamp) -> AnyView {
    let (tone, hollow, title) = match version.state {
        VersionState::Draft => (Tone::Warn, false, say(staff_policy::Waits)),
        VersionState::Scheduled => (Tone::Move, true, say(staff_policy::Scheduled)),
        VersionState::Active => (Tone::Good, false, say(staff_policy::Live)),
        VersionState::Superseded => (Tone::Quiet, false, say(staff_policy::Replaced)),
        VersionState::Discarded => (Tone::Quiet, true, say(staff_policy::GivenUp)),
    };
    let language = staff_language();
    let written_at = |_: &str, _: String| staff(version.created_at, now).into_any();
    let written = || match version.author {
        author if author == caller.actor => rich(&staff_policy::ByYou { time: "" }, language, written_at),
        Actor::User(_) => match people.get(&version.author.to_string()) {
            Some(who) => rich(&staff_policy::ByPerson { who, time: "" }, language, |name, text| match name {
                "time" => written_at(name, text),
                _ => text.into_any(),
            }),
            None => rich(&staff_policy::ByAColleague { time: "" }, language, written_at),
        },
        Actor::Key(_) => rich(&staff_policy::ByAKey { time: "" }, language, written_at),
        Actor::System | Actor::Payer => rich(&staff_policy::ByRefundry { time: "" }, language, written_at),
    };
    let written = match version.effective_at {
        None => written(),
        Some(at) => rich(&staff_policy::AndLiveFrom { written: "", time: "" }, language, |name, _| match name {
            "written" => written(),
            _ => staff(at, now).into_any(),
        }),
    };
    let own = |version: &Version| Policy::default().with(&version.overrides);
    let (old, new) = (before.map(own).unwrap_or_default(), own(version));
    let differences = settings::all().map(|setting| {
        let (old, new) = ((setting.shown)(&old), (setting.shown)(&new));
        (old != new).then(|| difference(&(setting.title)(), &setting.said(&old), &setting.said(&new)))
    });
    let differences: Vec<AnyView> = differences.flatten().chain(of_assets(before, version)).collect();
    let differs = differences.is_empty().then(|| view! { <p class="sm soft">{say(staff_policy::SaysNothing)}</p> });
    view! {
        <li class="body g2 entry" id=format!("version-{}", version.number)>
            <div class="row">
                <b class="semi">{say(staff_policy::Version { number: &version.number.to_string() })}</b>
                <Pill tone hollow text=title />
                <span class="sm soft">{written}</span>
            </div>
            {differs}
            <ul class="sm g1">{differences.collect_view()}</ul>
            {version.simulation.as_ref().map(|simulation| tried(simulation, now))}
            <Decisions mid version=version.clone() caller=caller.clone() />
        </li>
    }
    .into_any()
}

/// Says that a setting was one thing and is another.
fn difference(setting: &str, old: &str, new: &str) -> AnyView {
    let language = staff_language();
    let to = if language.direction() == "rtl" { "←" } else { "→" };
    let shown = |name: &str, text: String| match name {
        "old" => view! { <span class="soft">{text}</span> }.into_any(),
        "to" => view! { <span aria-hidden="true">{to}</span> <span class="vh">{say(staff_policy::To)}</span> }.into_any(),
        "new" => view! { <b>{text}</b> }.into_any(),
        _ => text.into_any(),
    };
    let sentence = staff_policy::Differs { new, old, setting, to };
    view! { <li>{rich(&sentence, language, shown)}</li> }.into_any()
}

/// Says what is different for single assets: what one does not say of itself is as for all.
fn of_assets(before: Option<&Version>, version: &Version) -> Vec<AnyView> {
    let (nothing, none) = (BTreeMap::new(), Overrides::default());
    let old = before.map_or(&nothing, |before| &before.assets);
    let named: BTreeSet<&AssetId> = old.keys().chain(version.assets.keys()).collect();
    let mut differences = Vec::new();
    for asset in named {
        let (old, new) = (said(old.get(asset).unwrap_or(&none)), said(version.assets.get(asset).unwrap_or(&none)));
        for setting in settings::all() {
            let of = |said: &[(&settings::Setting, String)]| {
                let value = said.iter().find(|(known, _)| known.name == setting.name).map(|(_, value)| value.clone());
                value.unwrap_or_else(|| say(staff_policy::AsForAll))
            };
            let (old, new) = (of(&old), of(&new));
            if old != new {
                let title = say(staff_policy::SettingOf { asset: &asset_name(*asset), setting: &(setting.title)() });
                differences.push(difference(&title, &old, &new));
            }
        }
    }
    differences
}

/// What the version would have made of real payments, as it was tried when it was written.
fn tried(simulation: &SimulationView, now: Timestamp) -> AnyView {
    let language = staff_language();
    let shown = |name: &str, text: String| match name {
        "from" => staff(simulation.from, now).into_any(),
        "to" => staff(simulation.to, now).into_any(),
        _ => text.into_any(),
    };
    let (from, to, count) = ("", "", simulation.invoices.into());
    let found = match (simulation.invoices, simulation.changed) {
        (0, _) => rich(&staff_policy::TriedNone { from, to }, language, shown),
        (_, 0) => rich(&staff_policy::TriedSame { from, to, count }, language, shown),
        (_, changed) => rich(&staff_policy::TriedDiffers { from, to, count, changed: &changed.to_string() }, language, shown),
    };
    if simulation.changed == 0 {
        return view! { <p class="sm soft">{found}</p> }.into_any();
    }
    view! {
        <details class="sm">
            <summary>{found}</summary>
            <div class="g3">
                {outcome(simulation.clone())}
            </div>
        </details>
    }
    .into_any()
}

/// What can be done about a version that is not live.
#[component]
fn Decisions(mid: MidId, version: Version, caller: Caller) -> impl IntoView {
    let is_draft = version.state == VersionState::Draft;
    let can_discard = matches!(version.state, VersionState::Draft | VersionState::Scheduled) && caller.may(Right::ChangePolicy);
    let is_own = version.author == caller.actor;
    let can_approve = is_draft && !is_own && caller.may(Right::Approve);
    let id = version.id.to_string();
    let hidden = move || {
        let id = id.clone();
        view! { <input type="hidden" name="mid" value=mid.to_string() /> <input type="hidden" name="version" value=id /> }
    };
    let discard = can_discard.then(|| {
        view! {
            <form method="post" action=DiscardPolicy::url()>
                {hidden()}
                <button class="btn sm danger-quiet" data-busy=say(staff_policy::GivingUp)>{say(staff_policy::GiveUp)}</button>
            </form>
        }
    });
    let approve = can_approve.then(|| {
        view! {
            <form method="post" action=ApprovePolicy::url()>
                {hidden()}
                <button class="btn sm primary" data-busy=say(staff_policy::Agreeing)>
                    <Icon shape=Shape::Check /> {say(staff_policy::Agree)}
                </button>
            </form>
        }
    });
    let waits = (is_draft && is_own).then(|| view! { <p class="sm soft">{say(staff_policy::SomeoneElse)}</p> });
    (can_discard || can_approve || waits.is_some()).then(|| view! { <div class="row">{discard} {approve} {waits}</div> })
}

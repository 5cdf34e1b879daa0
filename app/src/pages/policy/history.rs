//! The versions of what a MID says itself, newest first, each with what it says differently from the one before; and what can be decided
//! about one that is not live.

use domain::ids::MidId;
use domain::merchant::{Actor, Right};
use domain::policy::Policy;
use domain::view::SimulationView;
use engine::callers::Caller;
use engine::policies::{Version, VersionState};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::settings;
use super::simulator::{counted, outcome};
use crate::components::{Icon, Pill, Shape, Tone, staff};
use crate::server_fns::policy::{ApprovePolicy, DiscardPolicy};

/// How many versions are shown.
const SHOWN: usize = 20;

/// All of them.
#[component]
pub(super) fn History(mid: MidId, versions: Vec<Version>, caller: Caller, now: Timestamp) -> impl IntoView {
    let mut rows = Vec::new();
    for (index, version) in versions.iter().enumerate().take(SHOWN) {
        // What a version changes is said against what was in force when it was written: given-up ones are nobody's measure.
        let was_in_force = |older: &&Version| matches!(older.state, VersionState::Active | VersionState::Superseded);
        let before = versions.iter().skip(index.saturating_add(1)).find(was_in_force);
        rows.push(entry(mid, version, before, &caller, now));
    }
    view! {
        <section class="card">
            <header>
                <h2>"History"</h2>
                <span class="end sm soft">"Times in UTC"</span>
            </header>
            <ul>{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn entry(mid: MidId, version: &Version, before: Option<&Version>, caller: &Caller, now: Timestamp) -> AnyView {
    let (tone, hollow, title) = match version.state {
        VersionState::Draft => (Tone::Warn, false, "Waits for a second person"),
        VersionState::Scheduled => (Tone::Move, true, "Scheduled"),
        VersionState::Active => (Tone::Good, false, "Live"),
        VersionState::Superseded => (Tone::Quiet, false, "Replaced"),
        VersionState::Discarded => (Tone::Quiet, true, "Given up"),
    };
    let who = match version.author {
        author if author == caller.actor => "you",
        Actor::User(_) => "a colleague",
        Actor::Key(_) => "an API key",
        Actor::System | Actor::Payer => "Refundry",
    };
    let from = version.effective_at.map(|at| view! { ", live from " {staff(at, now)} });
    let own = |version: &Version| Policy::default().with(&version.overrides);
    let (old, new) = (before.map(own).unwrap_or_default(), own(version));
    let differences = settings::all().filter_map(|setting| {
        let (old, new) = ((setting.shown)(&old), (setting.shown)(&new));
        (old != new).then(|| {
            view! {
                <li>
                    {setting.title} ": " <span class="soft">{setting.said(&old)}</span> " " <span aria-hidden="true">"→"</span> <span class="vh">"to"</span> " "
                    <b>{setting.said(&new)}</b>
                </li>
            }
        })
    });
    let differences = differences.collect_view();
    let differs = if differences.is_empty() { "Says nothing different from the version before." } else { "" };
    view! {
        <li class="body g2 entry">
            <div class="row">
                <b class="semi">{format!("Version {}", version.number)}</b>
                <Pill tone hollow text=title />
                <span class="sm soft">"By " {who} ", " {staff(version.created_at, now)} {from}</span>
            </div>
            <p class="sm soft">{differs}</p>
            <ul class="sm g1">{differences}</ul>
            {version.simulation.as_ref().map(|simulation| tried(simulation, now))}
            <Decisions mid version=version.clone() caller=caller.clone() />
        </li>
    }
    .into_any()
}

/// What the version would have made of real payments, as it was tried when it was written.
fn tried(simulation: &SimulationView, now: Timestamp) -> AnyView {
    let period = view! { "Tried on payments of " {staff(simulation.from, now)} " to " {staff(simulation.to, now)} ": " };
    let found = match (simulation.invoices, simulation.changed) {
        (0, _) => "there were none.".to_owned(),
        (_, 0) => format!("all {} would stand where they stand.", counted(simulation.invoices, "invoice", "invoices")),
        (all, changed) => format!("{changed} of {} would stand elsewhere.", counted(all, "invoice", "invoices")),
    };
    if simulation.changed == 0 {
        return view! { <p class="sm soft">{period} {found}</p> }.into_any();
    }
    view! {
        <details class="sm">
            <summary>{period} {found}</summary>
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
                <button class="btn sm danger-quiet" data-busy="Giving up…">"Give up"</button>
            </form>
        }
    });
    let approve = can_approve.then(|| {
        view! {
            <form method="post" action=ApprovePolicy::url()>
                {hidden()}
                <button class="btn sm primary" data-busy="Agreeing…"><Icon shape=Shape::Check /> "Agree to it"</button>
            </form>
        }
    });
    let waits =
        (is_draft && is_own).then(|| view! { <p class="sm soft">"You wrote this version, so someone else has to agree to it."</p> });
    (can_discard || can_approve || waits.is_some()).then(|| view! { <div class="row">{discard} {approve} {waits}</div> })
}

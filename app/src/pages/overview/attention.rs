//! What somebody has to do, each with the way to do it; and whether the work behind the refunds is done.

use domain::merchant::Mid;
use domain::refund::StateName;
use engine::overview::{Overview as Found, Pile, Proof, Workings};
use jiff::Timestamp;
use leptos::prelude::*;
use words::staff_overview as said;

use super::amounts;
use crate::components::{Icon, Shape, staff};
use crate::language::{rich, say, say_all, staff_language};
use crate::pages::filters::Filters;
use crate::pages::refunds::{EXPIRES, counted, ends_soon};

/// The card.
#[component]
pub(super) fn Attention(found: Found, policies: Vec<Mid>, filters: Filters, is_operator: bool, now: Timestamp) -> impl IntoView {
    let Found { approvals, failures, holds, expiring, scheduled, next_release, workings, .. } = found;
    let shown = |pile: &Pile| counted(pile.count);
    let list = |state: StateName| filters.with("status", state.name());
    let drafts = u64::try_from(policies.len()).unwrap_or(u64::MAX);
    let waiting = [&approvals, &failures, &holds, &expiring].into_iter().fold(drafts, |sum, pile| sum.saturating_add(pile.count));
    let tasks = [
        (approvals.count > 0).then(|| Task {
            tone: "warn",
            shape: Shape::Check,
            title: say(said::Approvals { count: approvals.count, shown: &shown(&approvals) }),
            sums: since(&approvals, now),
            text: say(said::ApprovalsText),
            way: Some((list(StateName::AwaitingApproval).url("/refunds"), say(said::Review))),
        }),
        (failures.count > 0).then(|| Task {
            tone: "bad",
            shape: Shape::Alert,
            title: say(said::Failures { count: failures.count, shown: &shown(&failures) }),
            sums: since(&failures, now),
            text: say(said::FailuresText),
            way: Some((list(StateName::PayoutFailed).url("/refunds"), say(said::Retry))),
        }),
        (holds.count > 0).then(|| Task {
            tone: "warn",
            shape: Shape::Clock,
            title: say(said::Holds { count: holds.count, shown: &shown(&holds) }),
            sums: since(&holds, now),
            text: say(said::HoldsText),
            way: Some((list(StateName::OnHold).url("/refunds"), say(said::Look))),
        }),
        policies.first().map(|first| Task {
            tone: "warn",
            shape: Shape::Sliders,
            title: say(said::PolicyWaits),
            sums: None,
            text: say(said::PolicyWaitsText { mids: &say_all(policies.iter().map(|mid| mid.name.clone())) }),
            way: Some((
                if policies.len() == 1 { format!("/policies/{}#versions", first.id) } else { "/policies".to_owned() },
                say(said::Review),
            )),
        }),
        (expiring.count > 0).then(|| Task {
            tone: "warn",
            shape: Shape::Clock,
            title: say(said::Expiring { count: expiring.count, shown: &shown(&expiring) }),
            sums: summed(&expiring, |amounts| rich(&said::SumsEnding { amounts, time: "" }, staff_language(), times(&expiring, now))),
            text: say(said::ExpiringText),
            way: Some((list(StateName::AwaitingClaim).with(EXPIRES, &ends_soon(now)).url("/refunds"), say(said::Remind))),
        }),
    ];
    let broken = broken(&workings, is_operator);
    let is_calm = waiting == 0 && broken.is_empty();
    let tasks = tasks.into_iter().flatten().chain(broken).map(Task::view).collect_view();
    let calm = is_calm.then(|| {
        let (count, shown) = (scheduled, counted(scheduled));
        let scheduled = (count > 0).then(|| match next_release {
            Some(at) => rich(&said::ScheduledNext { count, shown: &shown, time: "" }, staff_language(), |name, text| match name {
                "time" => staff(at, now).into_any(),
                _ => text.into_any(),
            }),
            None => say(said::Scheduled { count, shown: &shown }).into_any(),
        });
        view! { <p class="body sm soft">{say(said::Calm)} " " {scheduled}</p> }
    });
    let badge = (waiting > 0).then(|| view! { <span class="count warn">{counted(waiting)}</span> });
    view! {
        <section class="card">
            <header><h2>{say(said::Attention)}</h2> {badge}</header>
            <ul>{tasks}</ul>
            {calm}
            {done(&workings, now)}
        </section>
    }
    .into_any()
}

/// Something to do.
struct Task {
    tone: &'static str,
    shape: Shape,
    title: String,
    /// What it comes to.
    sums: Option<AnyView>,
    text: String,
    /// Where it is done, and what that is called; nothing where others do it.
    way: Option<(String, String)>,
}

impl Task {
    fn view(self) -> AnyView {
        let Self { tone, shape, title, sums, text, way } = self;
        let (title, action) = match way {
            None => (view! { <span class="semi">{title}</span> }.into_any(), None),
            Some((url, action)) => {
                let label = say(said::ActionFor { action: &action, task: &title });
                let button = view! { <a href=url.clone() class="btn sm" aria-label=label>{action}</a> };
                (view! { <a href=url class="semi plain-link">{title}</a> }.into_any(), Some(button))
            }
        };
        view! {
            <li class="row task">
                <span class=format!("tone {tone}")><Icon shape /></span>
                <span class="fill">
                    {title}
                    {sums.map(|sums| view! { <span class="sm block num">{sums}</span> })}
                    <span class="soft sm block">{text}</span>
                </span>
                {action}
            </li>
        }
        .into_any()
    }
}

/// Says what refunds come to, and since when the first of them waits.
fn since(pile: &Pile, now: Timestamp) -> Option<AnyView> {
    summed(pile, |amounts| rich(&said::SumsSince { amounts, time: "" }, staff_language(), times(pile, now)))
}

fn summed(pile: &Pile, sentence: impl FnOnce(&str) -> AnyView) -> Option<AnyView> {
    (!pile.sums.is_empty()).then(|| sentence(&amounts(&pile.sums)))
}

/// Shows the instant of a pile where a sentence has it.
fn times(pile: &Pile, now: Timestamp) -> impl Fn(&'static str, String) -> AnyView {
    let first = pile.first;
    move |name, text| match (name, first) {
        ("time", Some(at)) => staff(at, now).into_any(),
        _ => text.into_any(),
    }
}

/// Returns what of the work behind the refunds is not done, with the way to mend it.
fn broken(workings: &Workings, is_operator: bool) -> Vec<Task> {
    let Workings { endpoints_disabled: off, endpoints_failing: failing, away, proof, .. } = workings;
    let webhooks = || Some(("/settings/webhooks".to_owned(), say(said::Look)));
    // Who does not run the installation is told, and can do nothing about it.
    let health = || is_operator.then(|| ("/admin/health".to_owned(), say(said::Look)));
    let task = |tone, title, text, way| Task { tone, shape: Shape::Alert, title, sums: None, text, way };
    let is_short = matches!(proof, Some(Proof::Short(_)));
    let networks = say_all(away.iter().map(|network| network.title().to_owned()));
    let tasks = [
        (*off > 0).then(|| task("bad", say(said::EndpointsOff { count: *off }), say(said::EndpointsOffText), webhooks())),
        (*failing > 0).then(|| task("bad", say(said::EndpointsFailing { count: *failing }), say(said::EndpointsFailingText), webhooks())),
        (!away.is_empty()).then(|| task("warn", say(said::RailsAway { networks: &networks }), say(said::RailsAwayText), health())),
        is_short.then(|| {
            let text = if is_operator { say(said::BooksShortText) } else { say(said::BooksShortElsewhere) };
            task("bad", say(said::BooksShort), text, health())
        }),
    ];
    tasks.into_iter().flatten().collect()
}

/// Says what of the work behind the refunds is done.
fn done(workings: &Workings, now: Timestamp) -> Option<AnyView> {
    let Workings { endpoints, endpoints_disabled, endpoints_failing, webhooks_waiting, away, compared_at, proof } = workings;
    let is_told = *endpoints > 0 && *endpoints_disabled == 0 && *endpoints_failing == 0;
    let webhooks = is_told.then(|| match *webhooks_waiting {
        0 => view! { <li>{say(said::WebhooksDelivered)}</li> }.into_any(),
        count => {
            let text = say(said::WebhooksWait { count, shown: &counted(count) });
            view! { <li><a href="/settings/webhooks">{text}</a></li> }.into_any()
        }
    });
    let rails = (compared_at.is_some() && away.is_empty()).then(|| view! { <li>{say(said::RailsInSync)}</li> });
    let books = compared_at.filter(|_| *proof == Some(Proof::Held)).map(|at| {
        let sentence = rich(&said::LedgerBalanced { time: "" }, staff_language(), |_, _| staff(at, now).into_any());
        view! { <li>{sentence}</li> }
    });
    (webhooks.is_some() || rails.is_some() || books.is_some()).then(|| {
        view! {
            <footer class="row nowrap sm soft">
                <Icon shape=Shape::Check />
                <ul class="row dotted">{webhooks} {rails} {books}</ul>
            </footer>
        }
        .into_any()
    })
}

//! `/refunds/selected`: one action on the refunds that were selected in the list: what it would do before anything is done, how far it is,
//! and what came of it. Works without scripts; with them a long one goes on by itself.

use std::collections::BTreeMap;

use domain::money::AssetId;
use engine::Engine;
use engine::browsing::{Browsed, ListedRefund, Place, RefundsWanted};
use engine::callers::Caller;
use leptos::prelude::*;
use uuid::Uuid;
use words::{staff_refund, staff_refunds as said};

use super::filters::Filters;
use super::refunds::{RefundTable, SELECTED, wanted};
use super::{page, query, set_unprocessable};
use crate::components::{CancelReasons, ErrorSummary, Icon, Note, Section, Shape, Staff, exact};
use crate::language::say;
use crate::pages::refund::{explains, in_words};
use crate::reply::{Failure, Submitted};
use crate::server_fns::bulk::{Bulk, Progress, REFUSED_MAX};
use crate::session::caller;

/// Where the page is.
pub(crate) const PATH: &str = "/refunds/selected";
/// The most refunds that one action is done to.
const MOST: u32 = 1000;
/// How many of them are shown.
const SHOWN: usize = 25;

/// Which refunds were selected: those that were ticked, or all that the list's filters match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) wanted: RefundsWanted,
    /// Where they begin: what was made after the list was looked at is not meant.
    pub(crate) begins: Place,
    filters: Filters,
}

impl Selection {
    /// Reads a selection from its query; nothing when it is none.
    pub(crate) fn of_query(query: &str) -> Option<Self> {
        Self::of(Filters::of_query(&SELECTED, query))
    }

    fn of(filters: Filters) -> Option<Self> {
        let is_all = filters.get("all").is_some();
        let filters = if is_all { filters.without("id") } else { Filters::default().with("id", filters.get("id")?) };
        let begins = match filters.get("upto").map(str::parse::<Uuid>).transpose().ok()? {
            // The newest that was seen is among them.
            Some(newest) => Place::OlderThan(Uuid::from_u128(newest.as_u128().saturating_add(1))),
            None => Place::Newest,
        };
        Some(Self { wanted: wanted(&filters)?, begins, filters })
    }
}

/// The page.
#[component]
pub(crate) fn Selected() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let name = query("action").unwrap_or_default();
        let bulk = Bulk::ALL.into_iter().find(|bulk| bulk.name() == name).ok_or(Failure::NoPage)?;
        if !caller.may(bulk.right()) {
            return Err(Failure::Forbidden);
        }
        let submitted = in_words(use_context::<Submitted>().unwrap_or_default());
        let selection = Selection::of(Filters::read(&SELECTED));
        let progress = Progress::read(submitted.value("so_far")).filter(|_| submitted.errors.0.is_empty());
        let body = match (selection, progress) {
            (None, _) => view! { <Nothing /> }.into_any(),
            (Some(selection), Some(progress)) => view! { <Course bulk selection progress submitted /> }.into_any(),
            (Some(selection), None) => {
                let found = engine.browse_refunds(&caller, &selection.wanted, selection.begins, MOST).await?;
                let mids = engine.mids(&caller).await?;
                let now = engine.now();
                let fitting = found.rows.iter().filter(|refund| bulk.fits(refund.state)).take(SHOWN).cloned().collect();
                let table = view! { <RefundTable refunds=fitting mids now caption=say(said::ToBeDone) /> }.into_any();
                view! { <Before bulk selection found submitted table /> }.into_any()
            }
        };
        Ok(framed(caller, bulk, body))
    })
}

fn framed(caller: Caller, bulk: Bulk, body: AnyView) -> AnyView {
    let title = title(bulk);
    view! {
        <Staff title=title.clone() section=Section::Refunds caller here=title>
            {body}
        </Staff>
    }
    .into_any()
}

/// Returns what an action on many is called.
fn title(bulk: Bulk) -> String {
    match bulk {
        Bulk::Approve => say(said::ApproveTitle),
        Bulk::Notify => say(said::RemindTitle),
        Bulk::Retry => say(said::RetryTitle),
        Bulk::Cancel => say(said::Cancel),
    }
}

/// Returns what its button says.
fn button(bulk: Bulk, count: u64) -> String {
    match bulk {
        Bulk::Approve => say(said::ApproveButton { count }),
        Bulk::Notify => say(said::RemindButton { count }),
        Bulk::Retry => say(said::RetryButton { count }),
        Bulk::Cancel => say(said::CancelButton { count }),
    }
}

/// Returns what its button says once it was pressed.
fn busy(bulk: Bulk) -> String {
    match bulk {
        Bulk::Approve => say(staff_refund::Approving),
        Bulk::Notify => say(staff_refund::Writing),
        Bulk::Retry => say(staff_refund::Ordering),
        Bulk::Cancel => say(staff_refund::Cancelling),
    }
}

/// Returns what happens then, and where the money is.
fn then(bulk: Bulk) -> String {
    match bulk {
        Bulk::Approve => say(said::ApproveThen),
        Bulk::Notify => say(said::RemindThen),
        Bulk::Retry => say(said::RetryThen),
        Bulk::Cancel => say(said::CancelThen),
    }
}

/// Returns to how many it was done, and to how many it could not be.
fn sentence(bulk: Bulk, done: u64, refused: usize) -> String {
    let (count, refused) = (&*done.to_string(), &*refused.to_string());
    match (bulk, refused) {
        (Bulk::Approve, "0") => say(said::ApproveDone { count }),
        (Bulk::Approve, refused) => say(said::ApproveSome { count, refused }),
        (Bulk::Notify, "0") => say(said::RemindDone { count }),
        (Bulk::Notify, refused) => say(said::RemindSome { count, refused }),
        (Bulk::Retry, "0") => say(said::RetryDone { count }),
        (Bulk::Retry, refused) => say(said::RetrySome { count, refused }),
        (Bulk::Cancel, "0") => say(said::CancelDone { count }),
        (Bulk::Cancel, refused) => say(said::CancelSome { count, refused }),
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <section class="card" aria-label=say(said::NothingLabel)>
            <div class="empty">
                <span class="badge"><Icon shape=Shape::Check large=true /></span>
                <h1>{say(said::Nothing)}</h1>
                <p>{say(said::NothingText)}</p>
                <a href="/refunds" class="btn">{say(said::ToRefunds)}</a>
            </div>
        </section>
    }
    .into_any()
}

/// What would be done, to which refunds: nothing is done yet.
#[component]
fn Before(bulk: Bulk, selection: Selection, found: Browsed<ListedRefund>, submitted: Submitted, table: AnyView) -> impl IntoView {
    if !submitted.errors.0.is_empty() {
        set_unprocessable();
    }
    let (fitting, others): (Vec<&ListedRefund>, Vec<&ListedRefund>) = found.rows.iter().partition(|refund| bulk.fits(refund.state));
    let counted = |count: usize| u64::try_from(count).unwrap_or_default();
    let count = counted(fitting.len());
    let left_out = (!others.is_empty()).then(|| say(said::LeftOut { count: counted(others.len()) }));
    let more = found.has_older.then(|| say(said::More { most: &MOST.to_string() }));
    let unseen = fitting.len().saturating_sub(SHOWN);
    let unseen = (unseen > 0).then(|| view! { <footer>{say(said::Unseen { count: &unseen.to_string() })}</footer> });
    let progress = Progress { of: counted(found.rows.len()), ..Progress::default() };
    let reasons = (bulk == Bulk::Cancel).then(|| view! { <CancelReasons submitted=submitted.clone() merchant=None explains /> });
    let class = if bulk == Bulk::Cancel { "btn danger" } else { "btn primary" };
    let form = (count > 0).then(|| {
        view! {
            <form class="body g4" method="post" action=bulk.url()>
                <State selection progress />
                {reasons}
                <span class="row">
                    <button class=class data-busy=busy(bulk)>{button(bulk, count)}</button>
                    <a href="/refunds" class="btn ghost">{say(said::NotNow)}</a>
                </span>
            </form>
        }
    });
    let table = (count > 0).then(|| view! { <section class="card">{table} {unseen}</section> });
    view! {
        <div class="head"><h1>{say(said::Heading { count, title: &title(bulk) })}</h1></div>
        <ErrorSummary errors=submitted.errors.clone() />
        <section class="card">
            <header>
                <h2><bdi>{sums(&fitting)}</bdi></h2>
                <p>{then(bulk)}</p>
            </header>
            {left_out.map(|text| view! { <p class="body sm soft">{text}</p> })}
            {more.map(|text| view! { <p class="body sm soft">{text}</p> })}
            {form}
        </section>
        {table}
    }
    .into_any()
}

/// Returns what refunds are worth, asset by asset: never one sum of different things.
fn sums(refunds: &[&ListedRefund]) -> String {
    let engine = expect_context::<Engine>();
    let mut sums: BTreeMap<AssetId, u128> = BTreeMap::new();
    for refund in refunds {
        let units = engine.assets().get(refund.asset).and_then(|asset| asset.parse_amount(&refund.amount).ok());
        let sum = sums.entry(refund.asset).or_default();
        *sum = sum.saturating_add(units.map_or(0, |amount| amount.units));
    }
    let texts = sums.into_iter().filter_map(|(id, units)| Some(exact(&engine.assets().get(id)?.format_units(units), id.symbol())));
    let text = texts.collect::<Vec<_>>().join(" + ");
    if text.is_empty() { say(said::NothingToDo) } else { text }
}

/// What the next batch needs to know.
#[component]
fn State(selection: Selection, progress: Progress) -> impl IntoView {
    view! {
        <input type="hidden" name="of" value=selection.filters.query() />
        <input type="hidden" name="so_far" value=progress.write() />
    }
}

/// How far it is, or what came of it.
#[component]
fn Course(bulk: Bulk, selection: Selection, progress: Progress, submitted: Submitted) -> impl IntoView {
    let is_over = progress.is_over();
    let Progress { of, looked_at, done, skipped, ref refused, .. } = progress;
    let could_not = refused.len();
    let untouched = of.saturating_sub(looked_at);
    let sentence = sentence(bulk, done, could_not);
    let skipped = (skipped > 0).then(|| view! { <p class="sm soft">{say(said::Skipped { count: &skipped.to_string() })}</p> });
    let stopped = (is_over && could_not >= REFUSED_MAX && untouched > 0).then(|| {
        let text = say(said::Stopped { most: &REFUSED_MAX.to_string(), untouched: &untouched.to_string() });
        view! { <Note tone="warn" shape=Shape::Alert>{text}</Note> }
    });
    let rows = refused.iter().map(|(id, reference, why)| {
        view! {
            <li class="row task">
                <span class="tone bad"><Icon shape=Shape::Alert /></span>
                <span class="fill">
                    <a href=format!("/refunds/{id}") class="semi plain-link num">{reference.clone()}</a>
                    <span class="soft sm block">{why.clone()}</span>
                </span>
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = (could_not > 0).then(|| {
        view! {
            <section class="card">
                <header><h2>{say(said::Refused)}</h2></header>
                <ul>{rows}</ul>
            </section>
        }
    });
    let head = if is_over { sentence } else { say(said::SoFar { looked: &looked_at.to_string(), all: &of.to_string(), done: &sentence }) };
    let next = if is_over {
        view! { <span><a href="/refunds" class="btn primary">{say(said::Back)}</a></span> }.into_any()
    } else {
        let (reason, note) = (submitted.value("reason").to_owned(), submitted.value("note").to_owned());
        let why = (bulk == Bulk::Cancel).then(|| {
            view! {
                <input type="hidden" name="reason" value=reason />
                <input type="hidden" name="note" value=note />
            }
        });
        view! {
            <form class="row" method="post" action=bulk.url() data-goes-on="">
                <State selection progress=progress.clone() />
                {why}
                <button class="btn primary" data-busy=busy(bulk)>{say(said::GoOn)}</button>
                <a href="/refunds" class="btn">{say(said::StopHere)}</a>
                <span class="sm soft">{say(said::Untouched { count: &untouched.to_string() })}</span>
            </form>
        }
        .into_any()
    };
    view! {
        <div class="head"><h1>{title(bulk)}</h1></div>
        <section class="card">
            <div class="body g3" role="status">
                <p class="semi">{head}</p>
                <progress class="bar" max=of.to_string() value=looked_at.to_string() aria-label=say(said::HowFar)></progress>
                {skipped} {stopped} {next}
            </div>
        </section>
        {list}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ticked_is_meant_unless_all_is() {
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let ticked = Selection::of_query(&format!("id={first}&id={second}&status=paid")).expect("a selection");
        assert_eq!(ticked.wanted.ids.map(|ids| ids.len()), Some(2));
        assert_eq!((ticked.wanted.states, ticked.begins), (Vec::new(), Place::Newest));
        assert_eq!(ticked.filters.query(), format!("id={first}%2C{second}"));
        let all = Selection::of_query(&format!("id={first}&all=on&status=paid&upto={second}")).expect("a selection");
        assert_eq!((all.wanted.ids, all.begins), (None, Place::OlderThan(Uuid::from_u128(3))));
        assert_eq!(all.wanted.states, [domain::refund::StateName::Paid]);
        assert_eq!(Selection::of_query(&all.filters.query()).map(|again| again.begins), Some(all.begins));
        for query in ["", "status=paid", "id=", "id=everything", "all=on&upto=now", "all=on&status=lost"] {
            assert_eq!(Selection::of_query(query), None, "{query}");
        }
    }
}

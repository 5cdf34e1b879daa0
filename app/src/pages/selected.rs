//! `/refunds/selected`: one action on the refunds that were selected in the list: what it would do before anything is done, how far it is,
//! and what came of it. Works without scripts; with them a long one goes on by itself.

use std::collections::BTreeMap;

use domain::money::AssetId;
use engine::Engine;
use engine::browsing::{Browsed, ListedRefund, Place, RefundsWanted};
use engine::callers::Caller;
use leptos::prelude::*;
use uuid::Uuid;

use super::filters::Filters;
use super::refunds::{RefundTable, SELECTED, wanted};
use super::{page, query, set_unprocessable};
use crate::components::{CancelReasons, ErrorSummary, Icon, Note, Section, Shape, Staff, exact};
use crate::pages::refund::explains;
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
        let submitted = use_context::<Submitted>().unwrap_or_default();
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
                let table = view! { <RefundTable refunds=fitting mids now caption="The refunds it is done to, newest first" /> }.into_any();
                view! { <Before bulk selection found submitted table /> }.into_any()
            }
        };
        Ok(framed(caller, bulk, body))
    })
}

fn framed(caller: Caller, bulk: Bulk, body: AnyView) -> AnyView {
    let title = words(bulk).title;
    view! {
        <Staff title section=Section::Refunds caller here=title>
            {body}
        </Staff>
    }
    .into_any()
}

/// What an action on many is called.
struct Words {
    title: &'static str,
    button: &'static str,
    busy: &'static str,
    done: &'static str,
    /// What happens then, and where the money is.
    then: &'static str,
}

const fn words(bulk: Bulk) -> Words {
    match bulk {
        Bulk::Approve => Words {
            title: "Approve refunds",
            button: "Approve",
            busy: "Approving…",
            done: "approved",
            then: "Each goes on its way: to its payer’s claim link, or into its security delay. Those you created yourself are left out.",
        },
        Bulk::Notify => Words {
            title: "Remind payers",
            button: "Remind",
            busy: "Writing…",
            done: "written to",
            then: "Each payer gets the claim link once more. No money moves.",
        },
        Bulk::Retry => Words {
            title: "Retry payouts",
            button: "Retry",
            busy: "Ordering…",
            done: "ordered again",
            then: "Each payout that failed is ordered once more. Nothing left the wallet for them before.",
        },
        Bulk::Cancel => Words {
            title: "Cancel refunds",
            button: "Cancel",
            busy: "Cancelling…",
            done: "cancelled",
            then: "Nothing is sent. The money goes back to where it came from and the payers’ links stop working.",
        },
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <section class="card" aria-label="Nothing selected">
            <div class="empty">
                <span class="badge"><Icon shape=Shape::Check large=true /></span>
                <h1>"Nothing is selected"</h1>
                <p>"Tick refunds in the list, or choose all that match its filters. Nothing was done."</p>
                <a href="/refunds" class="btn">"Go to refunds"</a>
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
    let words = words(bulk);
    let (fitting, others): (Vec<&ListedRefund>, Vec<&ListedRefund>) = found.rows.iter().partition(|refund| bulk.fits(refund.state));
    let count = fitting.len();
    let left_out = match others.len() {
        0 => None,
        1 => Some("1 of the selected refunds stands where this cannot be done and is left out.".to_owned()),
        several => Some(format!("{several} of the selected refunds stand where this cannot be done and are left out.")),
    };
    let more = found.has_older.then(|| format!("More than {MOST} match. This is about the newest {MOST}; come back for the rest."));
    let unseen = count.saturating_sub(SHOWN);
    let unseen = (unseen > 0).then(|| view! { <footer>{format!("And {unseen} more.")}</footer> });
    let progress = Progress { of: u64::try_from(found.rows.len()).unwrap_or_default(), ..Progress::default() };
    let reasons = (bulk == Bulk::Cancel).then(|| {
        view! {
            <CancelReasons submitted=submitted.clone() merchant=None explains=|reason| {
                let (title, text) = explains(reason);
                (title.to_owned(), text.to_owned())
            } />
        }
    });
    let button = if bulk == Bulk::Cancel { "btn danger" } else { "btn primary" };
    let form = (count > 0).then(|| {
        view! {
            <form class="body g4" method="post" action=bulk.url()>
                <State selection progress />
                {reasons}
                <span class="row">
                    <button class=button data-busy=words.busy>{format!("{} {}", words.button, counted(count))}</button>
                    <a href="/refunds" class="btn ghost">"Not now"</a>
                </span>
            </form>
        }
    });
    let table = (count > 0).then(|| view! { <section class="card">{table} {unseen}</section> });
    view! {
        <div class="head"><h1>{format!("{}: {}", words.title, counted(count))}</h1></div>
        <ErrorSummary errors=submitted.errors.clone() />
        <section class="card">
            <header>
                <h2>{sums(&fitting)}</h2>
                <p>{words.then}</p>
            </header>
            {left_out.map(|text| view! { <p class="body sm soft">{text}</p> })}
            {more.map(|text| view! { <p class="body sm soft">{text}</p> })}
            {form}
        </section>
        {table}
    }
    .into_any()
}

fn counted(count: usize) -> String {
    if count == 1 { "1 refund".to_owned() } else { format!("{count} refunds") }
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
    if text.is_empty() { "Nothing to do".to_owned() } else { text }
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
    let words = words(bulk);
    let is_over = progress.is_over();
    let Progress { of, looked_at, done, skipped, ref refused, .. } = progress;
    let could_not = refused.len();
    let untouched = of.saturating_sub(looked_at);
    let sentence = match could_not {
        0 => format!("{done} {}", words.done),
        several => format!("{done} {}, {several} could not be", words.done),
    };
    let skipped = (skipped > 0)
        .then(|| view! { <p class="sm soft">{format!("{skipped} stood where this cannot be done and were left as they are.")}</p> });
    let stopped = (is_over && could_not >= REFUSED_MAX && untouched > 0).then(|| {
        let text = format!("Stopped after {REFUSED_MAX} that could not be done: look at the reasons first. {untouched} were not touched.");
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
                <header><h2>"Could not be done"</h2></header>
                <ul>{rows}</ul>
            </section>
        }
    });
    let head = if is_over { sentence.clone() } else { format!("{looked_at} of {of}: {sentence}") };
    let next = if is_over {
        view! { <span><a href="/refunds" class="btn primary">"Back to refunds"</a></span> }.into_any()
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
                <button class="btn primary" data-busy=words.busy>"Go on"</button>
                <a href="/refunds" class="btn">"Stop here"</a>
                <span class="sm soft">{format!("{untouched} are left as they are until you go on.")}</span>
            </form>
        }
        .into_any()
    };
    view! {
        <div class="head"><h1>{words.title}</h1></div>
        <section class="card">
            <div class="body g3" role="status">
                <p class="semi">{head}</p>
                <progress class="bar" max=of.to_string() value=looked_at.to_string() aria-label="How far it is"></progress>
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
        assert_eq!((ticked.wanted.state, ticked.begins), (None, Place::Newest));
        assert_eq!(ticked.filters.query(), format!("id={first}%2C{second}"));
        let all = Selection::of_query(&format!("id={first}&all=on&status=paid&upto={second}")).expect("a selection");
        assert_eq!((all.wanted.ids, all.begins), (None, Place::OlderThan(Uuid::from_u128(3))));
        assert_eq!(all.wanted.state, Some(domain::refund::StateName::Paid));
        assert_eq!(Selection::of_query(&all.filters.query()).map(|again| again.begins), Some(all.begins));
        for query in ["", "status=paid", "id=", "id=everything", "all=on&upto=now", "all=on&status=lost"] {
            assert_eq!(Selection::of_query(query), None, "{query}");
        }
    }
}

//! What a list is narrowed by, above it: a chip for each filter says what it is set to and opens to be set. One form, sent as the list's URL;
//! it works without scripts.

use domain::merchant::Mid;
use domain::money::Asset;
use domain::refund::StateName;
use engine::Engine;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use leptos::prelude::*;
use words::{payer, staff_overview, staff_refunds as said};

use super::filters::{Choice, Days, Filters};
use crate::components::{Icon, Shape, StatePill, state_title};
use crate::language::say;

/// Periods that are a click away, in days up to today.
const PERIODS: [u16; 3] = [7, 30, 90];

/// A search field, what `children` adds, and the filters of every list at `path`. A tab that is chosen stays.
#[component]
pub(crate) fn FilterBar(
    path: &'static str,
    filters: Filters,
    mids: Vec<Mid>,
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let set = |name: &str| filters.get(name).map(str::to_owned);
    let mids: Vec<Choice> = mids.into_iter().map(|mid| (mid.id.to_string(), mid.name)).collect();
    let mids = (mids.len() > 1).then(|| {
        view! { <Choose path filters=filters.clone() name="mid" title=say(said::Mid) all=say(said::AllMids) choices=mids /> }
    });
    view! {
        <form class="row filters" role="search" action=path>
            <div class="input">
                <span class="faint"><Icon shape=Shape::Search /></span>
                <input type="search" name="q" aria-label=label placeholder=hint maxlength="200" value=set("q") />
            </div>
            <Period path filters=filters.clone() />
            {children.map(|children| children())} {mids}
            <Choose path filters=filters.clone() name="asset" title=say(said::Asset) all=say(said::AllAssets) choices=assets() />
            <button class="btn sm">{say(said::Show)}</button>
            {filters.has_more_than("status").then(|| view! { <a href=path class="btn sm ghost">{say(said::Clear)}</a> })}
        </form>
    }
    .into_any()
}

/// Returns the assets to choose from.
fn assets() -> Vec<Choice> {
    let engine = expect_context::<Engine>();
    let title = |asset: &Asset| say(payer::AssetOn { asset: asset.id.symbol(), network: asset.network.title() });
    engine.assets().all().map(|asset| (asset.id.to_string(), title(asset))).collect()
}

/// A filter. `current` is what it is set to, in words; `cleared` the list without it.
#[component]
fn Chip(#[prop(into)] title: String, current: Option<String>, cleared: String, children: Children) -> impl IntoView {
    let is_on = current.is_some();
    let class = if is_on { "chip on" } else { "chip" };
    let clear = is_on.then(|| view! { <a href=cleared class="btn sm ghost" data-clears>{say(said::Clear)}</a> });
    view! {
        <details class="filter" name="filter">
            <summary class=class>
                {(!is_on).then(|| view! { <Icon shape=Shape::Plus /> })} {title} " "
                {current.map(|current| view! { <b class="ellipsis">{current}</b> })}
            </summary>
            <div class="pop">
                <div class="g2">{children()}</div>
                <footer>{clear} <button class="btn sm primary">{say(said::Show)}</button></footer>
            </div>
        </details>
    }
    .into_any()
}

/// A filter of which one can be chosen; `all` is what none of them means.
#[component]
pub(crate) fn Choose(
    path: &'static str,
    filters: Filters,
    name: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] all: String,
    choices: Vec<Choice>,
) -> impl IntoView {
    let chosen = filters.get(name).unwrap_or_default().to_owned();
    let current = choices.iter().find(|(value, _)| *value == chosen).map(|(_, title)| title.clone());
    let options = std::iter::once((String::new(), all)).chain(choices).map(|(value, title)| {
        let checked = value == chosen;
        view! { <label class="check"><input type="radio" name=name value=value checked=checked /> <span>{title}</span></label> }
    });
    let options = options.collect_view();
    view! { <Chip title current cleared=filters.without(name).url(path)>{options}</Chip> }
}

/// The states of refunds, several of which can be chosen, with how many stand there.
#[component]
pub(crate) fn States(
    path: &'static str,
    filters: Filters,
    chosen: Vec<StateName>,
    count: impl Fn(StateName) -> Option<String>,
) -> impl IntoView {
    let current = match chosen.as_slice() {
        [] => None,
        [one] => Some(state_title(*one)),
        several => Some(say(said::Chosen { count: &several.len().to_string() })),
    };
    let options = StateName::ALL.map(|state| {
        let checked = chosen.contains(&state);
        view! {
            <label class="check">
                <input type="checkbox" name="status" value=state.name() checked=checked />
                <StatePill state />
                <span class="push soft sm num">{count(state)}</span>
            </label>
        }
    });
    let options = options.into_iter().collect_view();
    view! { <Chip title=say(said::Status) current cleared=filters.without("status").url(path)>{options}</Chip> }
}

/// The first and the last day, and usual periods as links.
#[component]
fn Period(path: &'static str, filters: Filters) -> impl IntoView {
    let now = expect_context::<Engine>().now();
    let last = |days: u16| say(staff_overview::LastDays { count: days.into() });
    let usual = PERIODS.map(|days| (days, first_of(now, days)));
    let current = match (filters.get("from"), filters.get("to")) {
        (None, None) => None,
        (Some(from), None) => {
            let usual = usual.iter().find(|(_, day)| day == from).map(|(days, _)| last(*days));
            Some(usual.unwrap_or_else(|| format!("{from} –")))
        }
        (from, to) => Some(format!("{} – {}", from.unwrap_or_default(), to.unwrap_or_default())),
    };
    let links = usual.map(|(days, day)| {
        let url = filters.without("to").with("from", &day).url(path);
        view! { <a href=url class="btn sm">{last(days)}</a> }
    });
    let links = links.into_iter().collect_view();
    let cleared = filters.without("from").without("to").url(path);
    view! {
        <Chip title=say(staff_overview::Period) current cleared>
            <span class="row">{links}</span>
            <Days filters />
        </Chip>
    }
}

/// Returns the first of the last days up to today in UTC, as a URL has it.
fn first_of(now: Timestamp, days: u16) -> String {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.saturating_sub(i64::from(days.saturating_sub(1)).days()).to_string()
}

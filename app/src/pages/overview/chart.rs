//! What happened per day, as bars on top of each other: drawn on the server as SVG, with the same numbers as a table beneath.

use domain::refund::Reason;
use engine::overview::Overview as Found;
use jiff::civil::Date;
use leptos::prelude::*;
use words::{dates, staff_overview as said};

use super::amounts;
use crate::components::{Head, Scroll, Table, reason_title};
use crate::language::{say, staff_language};

/// The reasons that are told apart; the rest is one.
const SHOWN: [(&str, &[Reason]); 5] = [
    ("overpaid", &[Reason::Overpaid]),
    ("underpaid", &[Reason::Underpaid]),
    ("late", &[Reason::Late]),
    ("merchant", &[Reason::Merchant]),
    ("other", &[Reason::WrongAsset, Reason::MissingTag, Reason::NotAccepted]),
];

/// What is drawn, in the picture's own units: a day's place, its bar, and how high all of it is.
const DAY_WIDTH: u64 = 21;
const BAR_WIDTH: u64 = 13;
const LEFT: u64 = 30;
const HEIGHT: u64 = 120;
const FLOOR: u64 = 140;

/// Refunds made, by why they exist.
#[component]
pub(super) fn Made(found: Found) -> impl IntoView {
    let days: Vec<(Date, Vec<u64>)> = found.days.iter().map(|day| (*day, of_day(&found, *day))).collect();
    let all = days.iter().fold(0_u64, |all, (_, counts)| all.saturating_add(sum(counts)));
    let period = u64::try_from(days.len()).unwrap_or_default();
    if all == 0 {
        return view! {
            <section class="card">
                <header><h2>{say(said::Made)}</h2></header>
                <p class="body sm soft">{say(said::MadeNone { days: period })}</p>
            </section>
        }
        .into_any();
    }
    let legend = SHOWN.iter().enumerate().map(|(index, (name, _))| {
        let count = days.iter().fold(0_u64, |all, (_, counts)| all.saturating_add(counts.get(index).copied().unwrap_or_default()));
        (count > 0).then(|| view! { <span class="row"><i class=format!("swatch {name}")></i> {title(name)} " " <b class="num">{count.to_string()}</b></span> })
    });
    let legend = legend.collect_view();
    let label = say(said::Chart { all: &all.to_string(), days: &period.to_string(), most: &most(&days).to_string() });
    let rows = days.iter().rev().filter(|(_, counts)| sum(counts) > 0).map(|(day, counts)| {
        let cells = counts.iter().map(|count| view! { <td class="r num">{count.to_string()}</td> });
        view! { <tr><td class="nw">{dates::date(staff_language(), *day)}</td> {cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    let heads: Vec<_> = std::iter::once(Head::Words(say(said::Day))).chain(SHOWN.map(|(name, _)| Head::Numbers(title(name)))).collect();
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Made)}</h2>
                <span class="end soft sm">{say(said::MadeSome { count: &all.to_string(), days: period })}</span>
            </header>
            <div class="body g3">
                <div class="row sm legend">{legend}</div>
                <Scroll label=say(said::PerDay)>{bars(&SHOWN.map(|(name, _)| name), &days, label)}</Scroll>
                <details>
                    <summary class="sm">{say(said::AsTable)}</summary>
                    <Table label=say(said::TableLabel) heads keeps_columns=true>{rows}</Table>
                </details>
            </div>
        </section>
    }
    .into_any()
}

/// Refunds that nobody claimed in time, and what of them went back to the merchant.
#[component]
pub(super) fn Returned(found: Found) -> impl IntoView {
    let period = u64::try_from(found.days.len()).unwrap_or_default();
    let count_of = |day: &Date| found.returned_by_day.iter().find(|returned| returned.day == *day).map_or(0, |returned| returned.count);
    let days: Vec<(Date, Vec<u64>)> = found.days.iter().map(|day| (*day, vec![count_of(day)])).collect();
    let count = found.returned_by_day.iter().fold(0_u64, |all, returned| all.saturating_add(returned.count));
    if count == 0 {
        return view! {
            <section class="card">
                <header><h2>{say(said::Returned)}</h2></header>
                <p class="body sm soft">{say(said::ReturnedNone { days: period })}</p>
            </section>
        }
        .into_any();
    }
    let sentence = say(said::ReturnedSome { count, amounts: &amounts(&found.returned) });
    let label = say(said::ReturnedChart { all: &count.to_string(), days: &period.to_string(), most: &most(&days).to_string() });
    let rows = found.returned_by_day.iter().rev().map(|returned| {
        view! {
            <tr>
                <td class="nw">{dates::date(staff_language(), returned.day)}</td>
                <td class="r num">{returned.count.to_string()}</td>
                <td class="r num">{amounts(&returned.sums)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let heads = [Head::Words(say(said::Day)), Head::Numbers(say(said::Refunds)), Head::Numbers(say(said::ReturnedHead))];
    view! {
        <section class="card">
            <header><h2>{say(said::Returned)}</h2></header>
            <div class="body g3">
                <p class="sm">{sentence}</p>
                <Scroll label=say(said::ReturnedPerDay)>{bars(&["returned"], &days, label)}</Scroll>
                <details>
                    <summary class="sm">{say(said::AsTable)}</summary>
                    <Table label=say(said::ReturnedLabel) heads keeps_columns=true>{rows}</Table>
                </details>
            </div>
        </section>
    }
    .into_any()
}

/// Draws days beside each other, each with its counts on top of each other; `parts` says how each of them looks.
fn bars(parts: &[&'static str], days: &[(Date, Vec<u64>)], label: String) -> AnyView {
    let most = most(days);
    let bars = days.iter().enumerate().map(|(index, (_, counts))| bar(parts, index, counts, most)).collect_view();
    let labels = days.iter().enumerate().step_by(7).map(|(index, (day, _))| {
        let x = place(index).saturating_add(BAR_WIDTH / 2);
        view! { <text x=x.to_string() y="158" text-anchor="middle">{dates::day_and_month(staff_language(), *day)}</text> }
    });
    let labels = labels.collect_view();
    let width = place(days.len());
    view! {
        <svg class="chart" viewBox=format!("0 0 {width} 164") role="img" aria-label=label>
            <path class="axis" d=format!("M{LEFT} {FLOOR}.5H{width}M{LEFT} {}.5H{width}", FLOOR.saturating_sub(HEIGHT)) />
            <text x="22" y="144" text-anchor="end">"0"</text>
            <text x="22" y="24" text-anchor="end">{most.to_string()}</text>
            {bars}
            {labels}
        </svg>
    }
    .into_any()
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count))
}

/// Returns what happened on the busiest day; at least one, which everything is measured by.
fn most(days: &[(Date, Vec<u64>)]) -> u64 {
    days.iter().map(|(_, counts)| sum(counts)).max().unwrap_or(1).max(1)
}

fn of_day(found: &Found, day: Date) -> Vec<u64> {
    let of = |reasons: &[Reason]| {
        let counts = reasons.iter().filter_map(|reason| found.created.get(&(day, reason.name())));
        counts.fold(0_u64, |sum, count| sum.saturating_add(*count))
    };
    SHOWN.iter().map(|(_, reasons)| of(reasons)).collect()
}

fn title(name: &str) -> String {
    match SHOWN.iter().find(|(known, _)| *known == name) {
        Some((_, [only])) => reason_title(*only),
        Some(_) | None => say(said::Other),
    }
}

/// Returns where a day's bar begins.
fn place(index: usize) -> u64 {
    LEFT.saturating_add(u64::try_from(index).unwrap_or_default().saturating_mul(DAY_WIDTH))
}

/// Draws one day: its parts on top of each other.
fn bar(parts: &[&'static str], index: usize, counts: &[u64], most: u64) -> AnyView {
    let height = |count: u64| count.saturating_mul(HEIGHT).checked_div(most).unwrap_or_default();
    let mut below = 0_u64;
    let parts: Vec<_> = parts
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(name, count)| {
            let (from, to) = (height(below), height(below.saturating_add(*count)));
            below = below.saturating_add(*count);
            // A line of ground between two parts, as long as there is room for one.
            let tall = to.saturating_sub(from).saturating_sub(1).max(1);
            let y = FLOOR.saturating_sub(to);
            view! { <rect class=*name x=place(index).to_string() y=y.to_string() width=BAR_WIDTH.to_string() height=tall.to_string() rx="2" /> }
        })
        .collect();
    parts.collect_view().into_any()
}

//! Shares of a whole, as bars in a table: the numbers stand beside them, on paper too.

use engine::overview::CLAIMED_WITHIN_SECS;
use leptos::prelude::*;
use words::staff_overview as said;

use crate::components::{Head, Table};
use crate::durations::{DAY_SECS, HOUR_SECS};
use crate::language::{say, staff_language};

/// A bar as long as a part is of the whole.
#[component]
pub(super) fn Share(part: u64, of: u64) -> impl IntoView {
    let width = part.saturating_mul(100).checked_div(of).unwrap_or_default();
    view! {
        <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="all" width="100" height="4" />
            <rect width=width.to_string() height="4" />
        </svg>
    }
    .into_any()
}

/// How soon refunds of the period were claimed.
#[component]
pub(super) fn Claimed(
    /// How many within each time, and behind them how many later.
    counts: Vec<u64>,
    days: u16,
) -> impl IntoView {
    let all = counts.iter().fold(0_u64, |all, count| all.saturating_add(*count));
    let days = days.into();
    if all == 0 {
        return view! {
            <section class="card">
                <header><h2>{say(said::Claimed)}</h2></header>
                <p class="body sm soft">{say(said::ClaimedNone { days })}</p>
            </section>
        }
        .into_any();
    }
    let mut so_far = 0_u64;
    let rows = counts.iter().enumerate().map(|(step, count)| {
        so_far = so_far.saturating_add(*count);
        view! {
            <tr>
                <td class="nw">{within(step)}</td>
                <td class="r num">{count.to_string()}</td>
                <td class="r num">{percent(*count, all)} <Share part=*count of=all /></td>
                <td class="r num">{percent(so_far, all)}</td>
            </tr>
        }
    });
    let rows: Vec<_> = rows.collect();
    let heads = [
        Head::Words(say(said::ClaimedAfter)),
        Head::Numbers(say(said::Refunds)),
        Head::Numbers(say(said::Share)),
        Head::Numbers(say(said::SoFar)),
    ];
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Claimed)}</h2>
                <span class="end soft sm">{say(said::ClaimedOf { count: all, days: &say(said::InDays { count: days }) })}</span>
            </header>
            <Table label=say(said::ClaimedLabel) heads keeps_columns=true>{rows}</Table>
        </section>
    }
    .into_any()
}

/// Names a step of [`CLAIMED_WITHIN_SECS`].
fn within(step: usize) -> String {
    match CLAIMED_WITHIN_SECS.get(step).copied() {
        Some(secs) if secs <= DAY_SECS => say(said::WithinHours { count: secs / HOUR_SECS }),
        Some(secs) => say(said::WithinDays { count: secs / DAY_SECS }),
        None => say(said::Later),
    }
}

/// Writes a share to the tenth of a percent: `48.4 %`.
fn percent(part: u64, of: u64) -> String {
    let tenths = part.saturating_mul(1000).checked_div(of).unwrap_or_default();
    let number = staff_language().number(&format!("{}.{}", tenths / 10, tenths % 10));
    format!("{number}\u{202f}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_to_the_tenth() {
        assert_eq!(
            (percent(1, 3).as_str(), percent(3, 3).as_str(), percent(0, 3).as_str()),
            ("33.3\u{202f}%", "100.0\u{202f}%", "0.0\u{202f}%")
        );
    }

    #[test]
    fn every_step_has_its_name() {
        let names: Vec<String> = (0..=CLAIMED_WITHIN_SECS.len()).map(within).collect();
        assert_eq!(names, ["1 hour", "6 hours", "24 hours", "3 days", "7 days", "30 days", "Longer"]);
    }
}

//! How long is left, counted down in the browser by the engine's clock; without scripts it stands as it was when the page was made.

use domain::language::Language;
use leptos::prelude::*;
use words::{Sentence as _, time};

use crate::durations::{DAY_SECS, HOUR_SECS, HOURS_UP_TO_SECS, clock};

/// The longest that is counted down by the day: beyond, the page says a date.
const DAYS_MAX: u64 = 7;
/// When those who hear the page are told, in minutes before the end, and at no other time.
const TOLD_AT_MINUTES: [u64; 3] = [10, 5, 1];

/// What is left of so many seconds. `plain` is for one inside a sentence: it is no timer of its own and tells nobody.
#[component]
pub(crate) fn Countdown(secs: i64, #[prop(optional)] urgent: bool, #[prop(optional)] plain: bool, language: Language) -> impl IntoView {
    let (days, hours) = templates(secs, language);
    let told_at = TOLD_AT_MINUTES.map(|count| time::Left { time: &time::Minutes { count }.to(language) }.to(language)).join("|");
    let class = if urgent { "num tone" } else { "num" };
    view! {
        <b class=class role=(!plain).then_some("timer") data-left=secs.to_string() data-days=days data-hours=hours>
            {left(secs, language)}
        </b>
        {(!plain).then(|| view! { <span class="vh" role="status" data-told-at=told_at></span> })}
    }
    .into_any()
}

/// Returns what is left: `19:42` in the last hour, `31 h 12 min` below two days, then `2 days 23 h 58 min`.
fn left(secs: i64, language: Language) -> String {
    let secs = u64::try_from(secs).unwrap_or_default();
    let minutes = (secs / 60 % 60).to_string();
    match secs {
        0..HOUR_SECS => clock(secs),
        HOUR_SECS..HOURS_UP_TO_SECS => time::HoursAndMinutes { hours: &(secs / HOUR_SECS).to_string(), minutes: &minutes }.to(language),
        HOURS_UP_TO_SECS.. => {
            let hours = (secs % DAY_SECS / HOUR_SECS).to_string();
            time::DaysHoursMinutes { days: secs / DAY_SECS, hours: &hours, minutes: &minutes }.to(language)
        }
    }
}

/// Returns the sentences that the browser fills in: one for each number of days, and that of hours.
fn templates(secs: i64, language: Language) -> (String, String) {
    let days = (u64::try_from(secs).unwrap_or_default() / DAY_SECS).min(DAYS_MAX);
    let of_days = (1..=days).map(|days| time::DaysHoursMinutes { days, hours: "{h}", minutes: "{m}" }.to(language));
    (of_days.collect::<Vec<_>>().join("|"), time::HoursAndMinutes { hours: "{h}", minutes: "{m}" }.to(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_reads_like_the_design() {
        let english = |secs| left(secs, Language::English);
        assert_eq!(english(3 * 86_400 - 120), "2 days 23 h 58 min");
        assert_eq!(english(31 * 3600 + 12 * 60), "31 h 12 min");
        assert_eq!((english(19 * 60 + 42).as_str(), english(-5).as_str()), ("19:42", "0:00"));
        assert_eq!(left(2 * 86_400, Language::German), "2 Tage 0 Std. 0 Min.");
    }

    #[test]
    fn the_browser_gets_a_sentence_for_each_day() {
        let (days, hours) = templates(3 * 86_400 - 1, Language::English);
        assert_eq!((days.as_str(), hours.as_str()), ("1 day {h} h {m} min|2 days {h} h {m} min", "{h} h {m} min"));
    }
}

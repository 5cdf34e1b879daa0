//! Dates and durations as each language writes them. Times are shown on 24 hours.

use domain::language::Language;
use jiff::civil::{Date, DateTime};

use crate::{Part, Sentence, time};

const MINUTE_SECS: u64 = 60;
const HOUR_SECS: u64 = 3_600;
const DAY_SECS: u64 = 86_400;

/// Returns a day with its weekday and year: `Wed 17 Feb 2027`.
#[must_use]
pub fn day(language: Language, at: DateTime) -> String {
    let (weekday, day, month, year) = pieces(language, at, Width::Short);
    unmarked(&time::Day { day: &day, month: &month, weekday: &weekday, year: &year }, language)
}

/// Returns a day of the coming week or so, in full words: `Sunday 22 November`.
#[must_use]
pub fn weekday(language: Language, at: DateTime) -> String {
    let (weekday, day, month, _) = pieces(language, at, Width::Full);
    unmarked(&time::Weekday { day: &day, month: &month, weekday: &weekday }, language)
}

/// Returns a day and its time: `Wed 17 Feb 2027, 07:36`.
#[must_use]
pub fn minute(language: Language, at: DateTime) -> String {
    time::Minute { clock: &clock(at), day: &day(language, at) }.to(language)
}

/// Returns a day without its weekday: `17 Feb`.
#[must_use]
pub fn day_and_month(language: Language, on: Date) -> String {
    let (_, day, month, _) = pieces(language, on.into(), Width::Short);
    unmarked(&time::DayAndMonth { day: &day, month: &month }, language)
}

/// Returns a day with its year: `17 Feb 2027`.
#[must_use]
pub fn date(language: Language, on: Date) -> String {
    let (_, day, month, year) = pieces(language, on.into(), Width::Short);
    unmarked(&time::Date { day: &day, month: &month, year: &year }, language)
}

/// Returns a day, as one of the others writes it, and its time, where there is little room: `17 Feb, 07:36`.
#[must_use]
pub fn short(language: Language, day: &str, at: DateTime) -> String {
    time::Short { clock: &clock(at), day }.to(language)
}

/// Says a date without isolating marks. It has no letter of its own beside its variables, so within another sentence's marks its own would hide
/// which way it runs (UAX 9, P2), and an Arabic day would stand behind its month.
fn unmarked(date: &impl Sentence, language: Language) -> String {
    let parts = date.parts(language).into_iter().map(|part| match part {
        Part::Text(text) | Part::Variable { text, .. } => text,
    });
    parts.collect()
}

/// Returns the time of day: `07:36`.
#[must_use]
pub fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// Returns how long something lasts in its two largest units, rounded down: `2 days 23 h`, `31 h 12 min`, `12 min`.
///
/// Under 48 hours it is told in hours (DESIGN 5.1); under a minute it is "less than a minute".
#[must_use]
pub fn duration(language: Language, secs: u64) -> String {
    let (days, hours, minutes) = (secs / DAY_SECS, secs / HOUR_SECS, secs / MINUTE_SECS);
    match (days, hours, minutes) {
        (0, 0, 0) => time::LessThanAMinute.to(language),
        (0, 0, minutes) => time::Minutes { count: minutes }.to(language),
        (0 | 1, hours, minutes) => time::HoursAndMinutes { hours: &hours.to_string(), minutes: &(minutes % 60).to_string() }.to(language),
        (days, hours, _) => time::DaysAndHours { days, hours: &(hours % 24).to_string() }.to(language),
    }
}

#[derive(Clone, Copy)]
enum Width {
    Short,
    Full,
}

/// Returns weekday, day, month and year as the language names them.
fn pieces(language: Language, at: DateTime, width: Width) -> (String, String, String, String) {
    let weekday = u64::from(at.weekday().to_monday_one_offset().unsigned_abs());
    let month = u64::from(at.month().unsigned_abs());
    let (weekday, month) = match width {
        Width::Short => (time::WeekdayShort { weekday }.to(language), time::MonthShort { month }.to(language)),
        Width::Full => (time::WeekdayFull { weekday }.to(language), time::MonthFull { month }.to(language)),
    };
    (weekday, at.day().to_string(), month, at.year().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().expect("a date")
    }

    #[test]
    fn dates_read_as_each_language_writes_them() {
        let instant = at("2027-02-17T07:36:00");
        let read: Vec<String> = Language::ALL.iter().map(|language| minute(*language, instant)).collect();
        assert_eq!(
            read.iter().map(|date| date.replace(['\u{2068}', '\u{2069}'], "")).collect::<Vec<_>>(),
            [
                "Wed 17 Feb 2027, 07:36",
                "mié 17 feb 2027, 07:36",
                "Mi. 17. Feb. 2027, 07:36 Uhr",
                "mer. 17 févr. 2027 à 07:36",
                "الأربعاء 17 فبراير 2027، 07:36",
            ]
        );
        let on = instant.date();
        assert_eq!(day_and_month(Language::Arabic, on), "17 فبراير", "an Arabic date begins with its day");
        assert_eq!(short(Language::English, &day_and_month(Language::English, on), instant), "17 Feb, 07:36");
        assert_eq!(short(Language::German, &date(Language::German, on), instant), "17. Feb. 2027, 07:36");
        assert_eq!(weekday(Language::English, at("2026-11-22T14:32:00")), "Sunday 22 November");
        assert_eq!(weekday(Language::German, at("2026-11-22T14:32:00")), "Sonntag, 22. November");
        assert_eq!(weekday(Language::Spanish, at("2026-11-22T14:32:00")), "domingo 22 de noviembre");
    }

    #[test]
    fn durations_read_like_the_design() {
        assert_eq!(duration(Language::English, 3 * 86_400 - 120), "2 days 23 h");
        assert_eq!(duration(Language::English, 31 * 3600 + 12 * 60), "31 h 12 min");
        assert_eq!(duration(Language::English, 48 * 3600), "2 days 0 h");
        assert_eq!(duration(Language::English, 12 * 60 + 59), "12 min");
        assert_eq!(duration(Language::English, 59), "less than a minute");
        assert_eq!(duration(Language::German, 2 * 86_400 + 3600), "2 Tage 1 Std.");
    }
}

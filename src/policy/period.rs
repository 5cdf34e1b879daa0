//! Lengths of time as ISO 8601 writes them, calendar-true.

use core::fmt;
use core::str::FromStr;

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::choices;

choices! {
    /// What lengths of time are counted in.
    Unit {
        /// Of the calendar.
        Years = "years",
        /// Of the calendar: three of them are not 90 days.
        Months = "months",
        /// Seven days.
        Weeks = "weeks",
        /// Of the calendar in UTC, which has no other.
        Days = "days",
        /// Sixty minutes.
        Hours = "hours",
        /// Sixty seconds.
        Minutes = "minutes",
        /// Of the clock.
        Seconds = "seconds",
    }
}

/// A length of time as ISO 8601 writes it, calendar-true: `P3M` after 14 October is 14 January (requirements C13).
#[derive(Clone, Copy)]
pub struct Period(Span);

impl Period {
    /// Returns no time at all.
    #[must_use]
    pub fn none() -> Self {
        Self(Span::new())
    }

    /// Returns a period of whole minutes.
    #[must_use]
    pub fn minutes(minutes: i64) -> Self {
        Self(Span::new().minutes(minutes))
    }

    /// Returns a period of whole hours.
    #[must_use]
    pub fn hours(hours: i32) -> Self {
        Self(Span::new().hours(hours))
    }

    /// Returns a period of whole days.
    #[must_use]
    pub fn days(days: i32) -> Self {
        Self(Span::new().days(days))
    }

    /// Returns so many of one unit; nothing when nobody can wait that long.
    #[must_use]
    pub fn of(count: u32, unit: Unit) -> Option<Self> {
        let (none, count) = (Span::new(), i64::from(count));
        let span = match unit {
            Unit::Years => none.try_years(count),
            Unit::Months => none.try_months(count),
            Unit::Weeks => none.try_weeks(count),
            Unit::Days => none.try_days(count),
            Unit::Hours => none.try_hours(count),
            Unit::Minutes => none.try_minutes(count),
            Unit::Seconds => none.try_seconds(count),
        };
        span.ok().map(Self)
    }

    /// Returns how many of which units it is, the largest first: nothing is turned into another unit, because a month is no number of
    /// days. Nothing where that is not all of it.
    #[must_use]
    pub fn parts(self) -> Option<Vec<(u32, Unit)>> {
        let count = |unit| match unit {
            Unit::Years => i64::from(self.0.get_years()),
            Unit::Months => i64::from(self.0.get_months()),
            Unit::Weeks => i64::from(self.0.get_weeks()),
            Unit::Days => i64::from(self.0.get_days()),
            Unit::Hours => i64::from(self.0.get_hours()),
            Unit::Minutes => self.0.get_minutes(),
            Unit::Seconds => self.0.get_seconds(),
        };
        let is_whole = self.0.get_milliseconds() == 0 && self.0.get_microseconds() == 0 && self.0.get_nanoseconds() == 0;
        let parts = Unit::ALL.iter().map(|unit| u32::try_from(count(*unit)).map(|count| (count, *unit)));
        let parts: Vec<_> = parts.collect::<Result<_, _>>().ok().filter(|_| is_whole)?;
        Some(parts.into_iter().filter(|(count, _)| *count > 0).collect())
    }

    /// Returns the instant this long after `start`, counted in UTC; the last instant there is when it lies beyond.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.to_zoned(TimeZone::UTC).checked_add(self.0).map_or(Timestamp::MAX, |end| end.timestamp())
    }

    /// Says whether the period is from `min` to `max` days long.
    pub(crate) fn is_within_days(self, min: i32, max: i32) -> bool {
        let start = Timestamp::UNIX_EPOCH;
        !self.0.is_negative() && self.after(start) >= Self::days(min).after(start) && self.after(start) <= Self::days(max).after(start)
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.0.fieldwise() == other.0.fieldwise()
    }
}

impl Eq for Period {}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Period {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("write a length of time as P90D, P3M or PT72H"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_own_units() {
        let parts = |text: &str| text.parse::<Period>().expect("a period").parts();
        assert_eq!(parts("P3M"), Some(vec![(3, Unit::Months)]));
        assert_eq!(parts("P90D"), Some(vec![(90, Unit::Days)]));
        assert_eq!(parts("P1DT12H"), Some(vec![(1, Unit::Days), (12, Unit::Hours)]));
        assert_eq!(parts("PT0S"), Some(vec![]));
        assert_eq!((parts("PT0.5S"), parts("-PT1H")), (None, None));
        for (unit, text) in Unit::ALL.iter().zip(["P3Y", "P3M", "P3W", "P3D", "PT3H", "PT3M", "PT3S"]) {
            assert_eq!(Period::of(3, *unit), text.parse().ok());
        }
        assert_eq!(Period::of(u32::MAX, Unit::Years), None);
    }

    #[test]
    fn months_are_calendar_true() {
        let start: Timestamp = "2024-10-14T07:36:00Z".parse().expect("an instant");
        let after = |text: &str| text.parse::<Period>().expect("a period").after(start).to_string();
        assert_eq!(after("P3M"), "2025-01-14T07:36:00Z");
        assert_eq!(after("P90D"), "2025-01-12T07:36:00Z");
        assert_eq!(after("PT72H"), "2024-10-17T07:36:00Z");
    }
}

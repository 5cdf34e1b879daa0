//! Lengths of time as ISO 8601 writes them, calendar-true.

use core::fmt;
use core::str::FromStr;

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    fn months_are_calendar_true() {
        let start: Timestamp = "2024-10-14T07:36:00Z".parse().expect("an instant");
        let after = |text: &str| text.parse::<Period>().expect("a period").after(start).to_string();
        assert_eq!(after("P3M"), "2025-01-14T07:36:00Z");
        assert_eq!(after("P90D"), "2025-01-12T07:36:00Z");
        assert_eq!(after("PT72H"), "2024-10-17T07:36:00Z");
    }
}

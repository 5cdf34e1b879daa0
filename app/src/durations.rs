//! How long is left, the same on the server and in the browser: the words around are the page's.

#[cfg(feature = "ssr")]
use words::time;

#[cfg(feature = "ssr")]
use crate::language::say;

/// An hour, in seconds.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub(crate) const HOUR_SECS: u64 = 3600;
/// A day, in seconds.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub(crate) const DAY_SECS: u64 = 86_400;
/// Below this much, in seconds, it is told in hours.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub(crate) const HOURS_UP_TO_SECS: u64 = 2 * DAY_SECS;

/// Returns how long is left to the second, for the last hour: `19:42`.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub(crate) fn clock(secs: u64) -> String {
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// Returns how long is left for staff, in its largest units: `89 days`, `31 h 12 min`, `12 min`.
#[cfg(feature = "ssr")]
pub(crate) fn left(secs: i64) -> String {
    let minutes = u64::try_from(secs).unwrap_or_default() / 60;
    let (hours, days) = (minutes / 60, minutes / 1440);
    match (days, hours, minutes) {
        (0, 0, 0) => say(time::LessThanAMinute),
        (0, 0, count) => say(time::Minutes { count }),
        (0 | 1, hours, minutes) => say(time::HoursAndMinutes { hours: &hours.to_string(), minutes: &(minutes % 60).to_string() }),
        (count, _, _) => say(time::Days { count }),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_the_design() {
        assert_eq!(left(89 * 86_400 + 5), "89 days");
        assert_eq!(left(31 * 3600 + 12 * 60), "31 h 12 min");
        assert_eq!(left(48 * 3600), "2 days");
        assert_eq!(left(12 * 60 + 59), "12 min");
        assert_eq!(left(59), "less than a minute");
        assert_eq!(left(-5), "less than a minute");
    }

    #[test]
    fn the_last_hour_reads_like_a_clock() {
        assert_eq!((clock(19 * 60 + 42).as_str(), clock(9).as_str(), clock(0).as_str()), ("19:42", "0:09", "0:00"));
    }
}

//! Words for durations, the same on the server and in the browser.

/// Returns how long is left, in its largest units: `89 days`, `31 h 12 min`, `12 min`.
#[cfg_attr(not(any(feature = "ssr", feature = "hydrate")), expect(dead_code, reason = "only pages and the browser show durations"))]
pub(crate) fn left(secs: i64) -> String {
    let minutes = secs.max(0) / 60;
    let (hours, days) = (minutes / 60, minutes / 1440);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0 | 1, hours, minutes) => format!("{hours} h {} min", minutes % 60),
        (days, _, _) => format!("{days} days"),
    }
}

/// Returns how long is left to the minute: `2 days 23 h 58 min`.
#[cfg_attr(not(any(feature = "ssr", feature = "hydrate")), expect(dead_code, reason = "only pages and the browser show durations"))]
pub(crate) fn left_to_the_minute(secs: i64) -> String {
    let minutes = secs.max(0) / 60;
    let days = minutes / 1440;
    let day_word = if days == 1 { "day" } else { "days" };
    match days {
        0 => left(secs),
        days => format!("{days} {day_word} {} h {} min", minutes / 60 % 24, minutes % 60),
    }
}

/// Returns how long is left to the second, for the last hour: `19:42`.
#[cfg_attr(not(any(feature = "ssr", feature = "hydrate")), expect(dead_code, reason = "only pages and the browser show durations"))]
pub(crate) fn clock(secs: i64) -> String {
    let secs = secs.max(0);
    match secs / 3600 {
        0 => format!("{}:{:02}", secs / 60, secs % 60),
        hours => format!("{hours}:{:02}:{:02}", secs / 60 % 60, secs % 60),
    }
}

#[cfg(test)]
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
        assert_eq!(left_to_the_minute(3 * 86_400 - 120), "2 days 23 h 58 min");
        assert_eq!(left_to_the_minute(25 * 3600), "1 day 1 h 0 min");
        assert_eq!(left_to_the_minute(3600), "1 h 0 min");
        assert_eq!((clock(19 * 60 + 42).as_str(), clock(9).as_str(), clock(-1).as_str()), ("19:42", "0:09", "0:00"));
        assert_eq!(clock(3600 + 61), "1:01:01");
    }
}

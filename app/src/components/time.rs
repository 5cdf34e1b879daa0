//! Instants: UTC from the server; where `data-local` is set, the browser shows the visitor's own time instead.

use domain::language::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use words::dates;

/// How much of an instant is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `Wed 17 Feb 2027`
    Day,
    /// `Sunday 22 November`
    Weekday,
    /// `14:32 UTC`
    Clock,
    /// `19 Nov, 14:32`
    Short,
    /// `Wed 17 Feb 2027, 07:36 UTC`
    Minute,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::Clock => "clock",
            Self::Short => "short",
            Self::Minute => "minute",
        }
    }

    const fn pattern(self) -> &'static str {
        match self {
            Self::Day => "%a %-d %b %Y",
            Self::Weekday => "%A %-d %B",
            Self::Clock => "%H:%M UTC",
            Self::Short => "%-d %b, %H:%M",
            Self::Minute => "%a %-d %b %Y, %H:%M UTC",
        }
    }

    /// Returns the instant as a language writes it, in UTC.
    fn write_in(self, language: Language, at: Timestamp) -> String {
        let utc = at.to_zoned(TimeZone::UTC).datetime();
        match self {
            Self::Day => dates::day(language, utc),
            Self::Weekday => dates::weekday(language, utc),
            Self::Clock => format!("{} UTC", dates::clock(utc)),
            Self::Short if language == Language::English => self.write(at),
            Self::Short => dates::minute(language, utc),
            Self::Minute => format!("{} UTC", dates::minute(language, utc)),
        }
    }

    /// Returns the instant in this form, in UTC.
    pub(crate) fn write(self, at: Timestamp) -> String {
        at.to_zoned(TimeZone::UTC).strftime(self.pattern()).to_string()
    }
}

/// An instant for payers, shown in their own time zone where scripts run.
#[component]
pub(crate) fn When(at: Timestamp, form: Form, #[prop(default = Language::English)] language: Language) -> impl IntoView {
    view! {
        <time datetime=at.to_string() data-local=form.name()>
            {form.write_in(language, at)}
        </time>
    }
    .into_any()
}

/// Returns an instant for staff, in UTC: `19 Nov, 14:32`, with the year when it is another than this one.
pub(crate) fn staff(at: Timestamp, now: Timestamp) -> impl IntoView {
    let year = |instant: Timestamp| instant.to_zoned(TimeZone::UTC).year();
    let pattern = if year(at) == year(now) { "%-d %b, %H:%M" } else { "%-d %b %Y, %H:%M" };
    view! { <time datetime=at.to_string()>{at.to_zoned(TimeZone::UTC).strftime(pattern).to_string()}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_like_the_design() {
        let at: Timestamp = "2027-02-17T07:36:00Z".parse().expect("an instant");
        assert_eq!(Form::Day.write(at), "Wed 17 Feb 2027");
        assert_eq!(Form::Weekday.write(at), "Wednesday 17 February");
        assert_eq!(Form::Minute.write(at), "Wed 17 Feb 2027, 07:36 UTC");
        assert_eq!(Form::Short.write(at), "17 Feb, 07:36");
        for form in [Form::Day, Form::Weekday, Form::Clock, Form::Short, Form::Minute] {
            assert_eq!(form.write_in(Language::English, at), form.write(at), "{form:?}");
        }
        assert_eq!(
            Form::Minute.write_in(Language::German, at),
            format!("{} UTC", dates::minute(Language::German, "2027-02-17T07:36:00".parse().expect("a date")))
        );
    }
}

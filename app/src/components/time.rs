//! Instants: UTC from the server; where `data-local` is set, the browser shows the visitor's own time instead.

use domain::language::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use words::dates;

use crate::language::staff_language;

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

    /// Returns the instant as a language writes it, in UTC.
    fn write_in(self, language: Language, at: Timestamp) -> String {
        let utc = at.to_zoned(TimeZone::UTC).datetime();
        match self {
            Self::Day => dates::day(language, utc),
            Self::Weekday => dates::weekday(language, utc),
            Self::Clock => format!("{} UTC", dates::clock(utc)),
            Self::Short => dates::short(language, &dates::day_and_month(language, utc.date()), utc),
            Self::Minute => format!("{} UTC", dates::minute(language, utc)),
        }
    }
}

/// An instant for payers, shown in their own time zone where scripts run.
#[component]
pub(crate) fn When(at: Timestamp, form: Form, #[prop(default = staff_language())] language: Language) -> impl IntoView {
    view! {
        <time datetime=at.to_string() data-local=form.name()>
            {form.write_in(language, at)}
        </time>
    }
    .into_any()
}

/// Returns an instant for staff, in UTC: `19 Nov, 14:32`, with the year when it is another than this one.
pub(crate) fn staff(at: Timestamp, now: Timestamp) -> impl IntoView {
    let (language, utc) = (staff_language(), at.to_zoned(TimeZone::UTC).datetime());
    let is_this_year = utc.year() == now.to_zoned(TimeZone::UTC).year();
    let day = if is_this_year { dates::day_and_month(language, utc.date()) } else { dates::date(language, utc.date()) };
    view! { <time datetime=at.to_string()>{dates::short(language, &day, utc)}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_like_the_design() {
        let at: Timestamp = "2027-02-17T07:36:00Z".parse().expect("an instant");
        let english = |form: Form| form.write_in(Language::English, at);
        assert_eq!(english(Form::Day), "Wed 17 Feb 2027");
        assert_eq!(english(Form::Weekday), "Wednesday 17 February");
        assert_eq!(english(Form::Clock), "07:36 UTC");
        assert_eq!(english(Form::Minute), "Wed 17 Feb 2027, 07:36 UTC");
        assert_eq!(english(Form::Short), "17 Feb, 07:36");
        assert_eq!(Form::Short.write_in(Language::German, at), "17. Feb., 07:36");
        assert_eq!(Form::Minute.write_in(Language::German, at), "Mi. 17. Feb. 2027, 07:36 Uhr UTC");
    }
}

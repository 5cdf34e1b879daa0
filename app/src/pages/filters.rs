//! What a list is narrowed by, as it stands in the URL: read from there, shown above the list, and kept in every link to another page of it.

use domain::ids::MidId;
use domain::merchant::Mid;
use domain::money::AssetId;
use engine::browsing::{Browsed, Narrowing, Place};
use engine::statements::parse_instant;
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use uuid::Uuid;
use words::staff_refunds as said;

use super::query;
use crate::components::{Icon, Shape};
use crate::language::say;
use crate::live::{FOLDER, Following, stage};

/// A filter in a list's URL: its name and what it is set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filters(Vec<(&'static str, String)>);

impl Filters {
    /// Reads the filters of these names that are set in the page's URL. One that is set more than once is set to all of it, with commas.
    pub(crate) fn read(names: &[&'static str]) -> Self {
        Self::of(names, |name| use_query_map().with_untracked(|query| query.get_all(name)).map(|values| values.join(",")))
    }

    /// Reads the filters of these names from a query as a URL has it.
    pub(crate) fn of_query(names: &[&'static str], query: &str) -> Self {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self::of(names, |name| {
            let values: Vec<&str> = pairs.iter().filter(|(set, _)| set == name).map(|(_, value)| value.as_str()).collect();
            (!values.is_empty()).then(|| values.join(","))
        })
    }

    /// Returns them as a URL has them.
    pub(crate) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// Reads the filters of these names that are set.
    pub(crate) fn of(names: &[&'static str], value: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &'static str| Some((name, value(name).filter(|value| !value.is_empty())?));
        Self(names.iter().filter_map(|name| set(name)).collect())
    }

    /// Returns what a filter is set to; nothing when it is not.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(set, _)| *set == name).map(|(_, value)| value.as_str())
    }

    /// Returns what is set, name by name.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Returns these filters without one.
    pub(crate) fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(set, _)| *set != name).cloned().collect())
    }

    /// Returns these filters with one set to something else.
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut with = self.without(name);
        with.0.push((name, value.to_owned()));
        with
    }

    /// Says whether a filter besides `name` is set.
    pub(crate) fn has_more_than(&self, name: &str) -> bool {
        self.0.iter().any(|(set, _)| *set != name)
    }

    /// Returns the URL of the list at `path` with these filters.
    pub(crate) fn url(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// Reads what every list can be narrowed by. What cannot be read narrows nothing down to nothing: it finds no row.
    pub(crate) fn narrowing(&self) -> Option<Narrowing> {
        let read = |name: &str| self.get(name);
        Some(Narrowing {
            mid: read("mid").map(str::parse::<MidId>).transpose().ok()?,
            asset: read("asset").map(str::parse::<AssetId>).transpose().ok()?,
            from: read("from").map(|day| parse_instant("from", day)).transpose().ok()?,
            to: self.end_of_day("to")?,
            search: read("q").map(str::to_owned),
        })
    }

    /// Reads a last day, which is part of the period: its end in UTC. The inner nothing is a filter that is not set.
    pub(crate) fn end_of_day(&self, name: &str) -> Option<Option<Timestamp>> {
        let Some(day) = self.get(name) else { return Some(None) };
        let begins = parse_instant(name, day).ok()?;
        Some(Some(begins.checked_add(SignedDuration::from_hours(24)).ok()?))
    }
}

/// Returns which page of a list the URL asks for; the newest rows when that cannot be read.
pub(crate) fn place() -> Place {
    place_of(query)
}

/// Returns which page of a list these values ask for; the newest rows when that cannot be read.
pub(crate) fn place_of(value: impl Fn(&str) -> Option<String>) -> Place {
    let row = |name: &str| value(name).and_then(|id| id.parse::<Uuid>().ok());
    match (row("older"), row("newer")) {
        (Some(id), _) => Place::OlderThan(id),
        (None, Some(id)) => Place::NewerThan(id),
        (None, None) => Place::Newest,
    }
}

/// Returns the stream that the list named `list` follows, on the page that is shown.
pub(crate) fn following<T: std::fmt::Debug>(list: &str, filters: &Filters, found: &Browsed<T>) -> Following {
    let filters = match place() {
        Place::Newest => filters.clone(),
        Place::OlderThan(id) => filters.with("older", &id.to_string()),
        Place::NewerThan(id) => filters.with("newer", &id.to_string()),
    };
    Following { url: filters.url(&format!("{FOLDER}/{list}")), seen: stage(&found.rows) }
}

/// The choice of the MID that the page at `path` is about, for the navigation; nothing for staff of one.
pub(crate) fn mid_switch(path: &'static str, filters: &Filters, mids: &[Mid]) -> AnyView {
    if mids.len() < 2 {
        return ().into_any();
    }
    let chosen = filters.get("mid").map(str::to_owned);
    let current = mids.iter().find(|mid| Some(mid.id.to_string()) == chosen).map_or_else(|| say(said::AllMids), |mid| mid.name.clone());
    let link = |id: Option<String>, name: String| {
        let is_current = id == chosen;
        let url = id.map_or_else(|| filters.without("mid"), |id| filters.with("mid", &id)).url(path);
        view! { <li><a href=url aria-current=is_current.then_some("true")>{name}</a></li> }
    };
    let links = std::iter::once(link(None, say(said::AllMids)));
    let links: Vec<_> = links.chain(mids.iter().map(|mid| link(Some(mid.id.to_string()), mid.name.clone()))).collect();
    view! {
        <details class="languages switch-mid">
            <summary class="btn"><span class="soft regular">{say(said::Mid)}</span> <span class="ellipsis">{current}</span></summary>
            <ul>{links}</ul>
        </details>
    }
    .into_any()
}

/// The ways to newer and older rows.
#[component]
pub(crate) fn Turns(path: &'static str, filters: Filters, newer: Option<Uuid>, older: Option<Uuid>) -> impl IntoView {
    let link = |name: &'static str, id: Uuid| filters.with(name, &id.to_string()).url(path);
    (newer.is_some() || older.is_some()).then(|| {
        let newer =
            newer.map(|id| view! { <a class="btn sm" href=link("newer", id) rel="prev"><Icon shape=Shape::Back /> {say(said::Newer)}</a> });
        let older = older.map(
            |id| view! { <a class="btn sm" href=link("older", id) rel="next">{say(said::Older)} " " <Icon shape=Shape::Forward /></a> },
        );
        view! {
            <footer>
                <span class="row push">{newer} {older}</span>
            </footer>
        }
    })
}

/// Returns the rows that the ways to newer and older ones begin at.
pub(crate) fn turns<T>(found: &Browsed<T>, id: impl Fn(&T) -> Uuid) -> (Option<Uuid>, Option<Uuid>) {
    let newer = found.rows.first().filter(|_| found.has_newer).map(&id);
    let older = found.rows.last().filter(|_| found.has_older).map(&id);
    (newer, older)
}

/// Something a filter can be set to: its name in the URL and in words.
pub(crate) type Choice = (String, String);

/// A filter's choices; `all` is what none of them means.
#[component]
pub(crate) fn Select(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] all: String,
    choices: Vec<Choice>,
    chosen: Option<String>,
) -> impl IntoView {
    let options = choices.into_iter().map(|(value, title)| {
        let is_chosen = chosen.as_deref() == Some(value.as_str());
        view! { <option value=value selected=is_chosen>{title}</option> }
    });
    view! {
        <select class="input" name=name aria-label=label>
            <option value="">{all}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

/// The first and the last day of a list.
#[component]
pub(crate) fn Days(filters: Filters) -> impl IntoView {
    let set = |name: &str| filters.get(name).unwrap_or_default().to_owned();
    view! {
        <Day name="from" label=say(said::From) value=set("from") />
        <Day name="to" label=say(said::To) value=set("to") />
    }
}

/// A day that a list is narrowed by.
#[component]
pub(crate) fn Day(name: &'static str, #[prop(into)] label: String, value: String) -> impl IntoView {
    view! { <label class="row day"><span class="soft sm">{label}</span> <input class="input" type="date" name=name value=value /></label> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_in_the_url_whatever_they_say() {
        let filters = Filters(vec![("q", "mara+1@example.com".to_owned()), ("status", "paid".to_owned())]);
        assert_eq!(filters.url("/refunds"), "/refunds?q=mara%2B1%40example.com&status=paid");
        assert_eq!(filters.without("q").url("/refunds"), "/refunds?status=paid");
        assert_eq!(filters.with("status", "expired").without("q").url("/refunds"), "/refunds?status=expired");
        assert_eq!(Filters::default().url("/refunds"), "/refunds");
        assert_eq!(Filters(vec![("q", "ä&=#?/ ".to_owned())]).url("/"), "/?q=%C3%A4%26%3D%23%3F%2F+");
        assert!(filters.has_more_than("status") && !filters.without("q").has_more_than("status"));
    }

    #[test]
    fn the_last_day_is_part_of_a_period() {
        let filters = Filters(vec![("from", "2026-11-01".to_owned()), ("to", "2026-11-02".to_owned())]);
        let narrowing = filters.narrowing().expect("a period");
        assert_eq!(narrowing.from.expect("a beginning").to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(narrowing.to.expect("an end").to_string(), "2026-11-03T00:00:00Z");
        assert_eq!(Filters(vec![("from", "yesterday".to_owned())]).narrowing(), None);
        assert_eq!(Filters(vec![("mid", "EU store".to_owned())]).narrowing(), None);
    }
}

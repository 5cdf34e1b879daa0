//! The one place that touches the browser: clipboard, dates, the page's forms. Everything here adds to pages that work without.

use leptos::ev;
use leptos::prelude::{document, event_target, set_interval, set_timeout, window, window_event_listener};
use std::cell::Cell;
use std::time::Duration;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::js_sys::{Date, Function, Object, Reflect};
use web_sys::{Element, EventSource, HtmlElement, HtmlFormElement, HtmlInputElement, MessageEvent};

use crate::durations::{DAY_SECS, HOUR_SECS, HOURS_UP_TO_SECS, clock};

/// Says whether the browser lets pages read the clipboard. It does so in secure contexts only.
pub(crate) fn can_paste() -> bool {
    has_clipboard("readText")
}

fn has_clipboard(method: &str) -> bool {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    clipboard.is_object() && Reflect::has(&clipboard, &method.into()).unwrap_or(false)
}

/// Reads the clipboard; `done` gets its text, or nothing when the browser refuses.
pub(crate) fn paste(done: impl Fn(Option<String>) + Clone + 'static) {
    let refused = done.clone();
    let on_text = Closure::once_into_js(move |text: JsValue| done(text.as_string()));
    let on_refusal = Closure::once_into_js(move |_: JsValue| refused(None));
    let reading = window().navigator().clipboard().read_text();
    call_then(&reading, &on_text, &on_refusal);
}

/// Calls a promise's `then`. The callbacks free themselves when called.
fn call_then(promise: &JsValue, on_success: &JsValue, on_failure: &JsValue) {
    let then: Function = Reflect::get(promise, &"then".into()).unwrap_throw().unchecked_into();
    then.call2(promise, on_success, on_failure).unwrap_throw();
}

/// Fills a field of the page in.
pub(crate) fn fill(id: &str, text: &str) {
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.inspect(|field| field.set_value(text));
}

/// Loads the page again.
pub(crate) fn reload() {
    // Refused only while the page is already being left.
    let _ = window().location().reload();
}

/// Loads the page again, unless that would leave the visitor with the browser's own page about a lost connection.
fn reload_online() {
    if is_online() {
        reload();
    }
}

fn is_online() -> bool {
    window().navigator().on_line()
}

/// How often the page is loaded again where events do not come through.
const RELOAD_EVERY: Duration = Duration::from_secs(15);

/// Loads the page again once `url` tells another stage than `seen`. The browser connects again by itself when the server closes; where it
/// gives up, because something between the two lets no stream through, the page is loaded again now and then. It is loaded again once: more news
/// while it waits for the server would only break that off.
pub(crate) fn track(url: &str, seen: String) {
    let Ok(source) = EventSource::new(url) else {
        set_interval(reload_online, RELOAD_EVERY);
        return;
    };
    let told = source.clone();
    let on_stage = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if event.data().as_string().is_some_and(|stage| stage != seen) {
            told.close();
            reload();
        }
    });
    source.set_onmessage(Some(on_stage.as_ref().unchecked_ref()));
    let given_up = source.clone();
    let on_error = Closure::<dyn Fn()>::new(move || {
        if given_up.ready_state() == EventSource::CLOSED {
            set_interval(reload_online, RELOAD_EVERY);
        }
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    // They live as long as the page.
    on_stage.forget();
    on_error.forget();
}

/// Adds what a page has no use for without scripts: local times, countdowns, copy buttons, forms that say they are busy, how old the page is.
pub(crate) fn add_touches() {
    show_local_times();
    start_countdowns();
    wire_copy_buttons();
    wire_forms();
    say_when_offline();
}

fn elements(selector: &str) -> impl Iterator<Item = HtmlElement> {
    let list = document().query_selector_all(selector).unwrap_throw();
    (0..list.length()).filter_map(move |index| list.item(index)).filter_map(|node| node.dyn_into().ok())
}

fn data(element: &Element, name: &str) -> Option<String> {
    element.get_attribute(name).filter(|value| !value.is_empty())
}

/// `<time datetime data-local="…">` shows the visitor's own time zone instead of UTC.
fn show_local_times() {
    // The page's language, in the order of day and month that its own words use.
    let locale = match document().document_element().and_then(|root| root.get_attribute("lang")) {
        Some(language) if language != "en" => format!("{language}-u-nu-latn"),
        _ => "en-GB".to_owned(),
    };
    for element in elements("time[data-local]") {
        let (Some(instant), Some(form)) = (data(&element, "datetime"), data(&element, "data-local")) else { continue };
        let date = Date::new(&instant.into());
        let Some(local) = date.to_locale_string(&locale, &date_options(&form)).as_string() else { continue };
        // "Wed, 17 Feb 2027, 07:36": the server writes no comma after the day of the week.
        let has_weekday = locale == "en-GB" && form != "clock" && form != "short";
        let local = if has_weekday { local.replacen(", ", " ", 1) } else { local };
        element.set_text_content(Some(&local));
    }
}

fn date_options(form: &str) -> JsValue {
    // On 24 hours in every language, as the server writes it.
    const CLOCK: [(&str, &str); 3] = [("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
    const DATE: [(&str, &str); 4] = [("weekday", "short"), ("day", "numeric"), ("month", "short"), ("year", "numeric")];
    const ZONE: [(&str, &str); 1] = [("timeZoneName", "short")];
    let options = Object::new();
    let parts: Vec<(&str, &str)> = match form {
        "day" => DATE.to_vec(),
        "weekday" => vec![("weekday", "long"), ("day", "numeric"), ("month", "long")],
        "clock" => [&CLOCK[..], &ZONE].concat(),
        "short" => [&[("day", "numeric"), ("month", "short")][..], &CLOCK].concat(),
        _ => [&DATE[..], &CLOCK, &ZONE].concat(),
    };
    for (name, value) in parts {
        Reflect::set(&options, &name.into(), &value.into()).unwrap_throw();
    }
    options.into()
}

/// `[data-left]` counts down from the seconds that were left when the page was made: the engine's clock decides, not the visitor's.
/// `data-hours` is the sentence with hours, `data-days` those with one, two, … days. What stands beside it with `data-told-at` is told to
/// those who hear the page, each sentence once.
fn start_countdowns() {
    let began = now_secs();
    for element in elements("[data-left]") {
        let Some(left) = data(&element, "data-left").and_then(|secs| secs.parse::<i64>().ok()) else { continue };
        let (days, hours) = (data(&element, "data-days").unwrap_or_default(), data(&element, "data-hours").unwrap_or_default());
        let teller = element.next_element_sibling().filter(|beside| beside.has_attribute("data-told-at"));
        let before = Cell::new(left);
        let tick = move || {
            let left = left.saturating_sub(now_secs().saturating_sub(began));
            if let Some(text) = left_in_words(u64::try_from(left).unwrap_or_default(), &days, &hours) {
                element.set_text_content(Some(&text));
            }
            if let Some(teller) = &teller {
                tell(teller, before.replace(left), left);
            }
        };
        set_interval(tick, Duration::from_secs(1));
    }
}

/// Fills the page's sentences in; nothing when it has none for so long.
fn left_in_words(secs: u64, days: &str, hours: &str) -> Option<String> {
    let fill = |sentence: &str, hours: u64| sentence.replace("{h}", &hours.to_string()).replace("{m}", &(secs / 60 % 60).to_string());
    if secs < HOUR_SECS {
        return Some(clock(secs));
    }
    if secs < HOURS_UP_TO_SECS {
        return Some(fill(hours, secs / HOUR_SECS));
    }
    let day = usize::try_from(secs / DAY_SECS).ok()?.checked_sub(1)?;
    days.split('|').nth(day).filter(|sentence| !sentence.is_empty()).map(|sentence| fill(sentence, secs % DAY_SECS / HOUR_SECS))
}

/// Tells how long is left when 10, 5 and 1 minutes are: a clock that speaks every second tells nobody anything.
fn tell(teller: &Element, before: i64, left: i64) {
    const TOLD_AT_SECS: [i64; 3] = [600, 300, 60];
    let sentences = data(teller, "data-told-at").unwrap_or_default();
    for (at, sentence) in TOLD_AT_SECS.iter().zip(sentences.split('|')) {
        if before > *at && left <= *at {
            teller.set_text_content(Some(sentence));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::float_arithmetic,
    reason = "JavaScript counts milliseconds in floats; nothing here is money"
)]
fn now_secs() -> i64 {
    (Date::now() / 1000.0) as i64
}

/// `<button hidden data-copy="…">` is shown where copying works, and says so when it has.
fn wire_copy_buttons() {
    if !has_clipboard("writeText") {
        return;
    }
    for button in elements("button[data-copy]") {
        button.set_hidden(false);
    }
    window_event_listener(ev::click, |event| {
        let Some(button) = event_target::<Element>(&event).closest("button[data-copy]").ok().flatten() else { return };
        let Some(text) = data(&button, "data-copy") else { return };
        let said = data(&button, "data-said").unwrap_or_else(|| "Copied".to_owned());
        let on_success = Closure::once_into_js(move |_: JsValue| toast(&said));
        let refused = data(&button, "data-refused").unwrap_or_else(|| "Your browser did not allow copying".to_owned());
        let on_failure = Closure::once_into_js(move |_: JsValue| toast(&refused));
        call_then(&window().navigator().clipboard().write_text(&text), &on_success, &on_failure);
    });
}

fn toast(text: &str) {
    let Some(toast) = elements("#toast").next() else { return };
    toast.set_text_content(Some(text));
    toast.set_hidden(false);
    set_timeout(move || toast.set_hidden(true), Duration::from_secs(5));
}

/// A form that was sent says so and is not sent twice. Offline a form that has a word for that says it and is not sent; any other is left to
/// the browser, which has one.
fn wire_forms() {
    window_event_listener(ev::submit, |event| {
        let form: HtmlFormElement = event_target(&event);
        if form.method() != "post" {
            return;
        }
        if form.has_attribute("data-sent") {
            event.prevent_default();
            return;
        }
        let offline = form.query_selector("[data-offline]").ok().flatten().and_then(|notice| notice.dyn_into::<HtmlElement>().ok());
        if let Some(notice) = offline.filter(|_| !is_online()) {
            event.prevent_default();
            notice.set_hidden(false);
            return;
        }
        form.set_attribute("data-sent", "").unwrap_throw();
        let Some(button) = event.submitter() else { return };
        // `disabled` would take the button out of the form's data and lose the keyboard's place.
        button.set_attribute("aria-disabled", "true").unwrap_throw();
        if let Some(busy) = data(&button, "data-busy") {
            button.set_text_content(Some(&busy));
        }
    });
    // The back button may bring back a page frozen in its busy state, and with an old state of the refund.
    window_event_listener(ev::pageshow, |event| {
        if event.persisted() {
            reload();
        }
    });
}

/// `[data-stale]` is shown as long as there is no connection.
fn say_when_offline() {
    let say = || elements("[data-stale]").for_each(|notice| notice.set_hidden(is_online()));
    say();
    window_event_listener(ev::online, move |_| say());
    window_event_listener(ev::offline, move |_| say());
}

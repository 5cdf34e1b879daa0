//! The address field: judges what is typed with the same [`Destination::parse`] as the server, before anything is sent.

mod words;

use domain::destination::{self, Destination};
use domain::money::Network;
use domain::payment_link::PaymentLink;
use leptos::attr::custom::custom_attribute;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;

pub use self::words::{AddressWords, EXPECTED, FOUND, NETWORK};
use crate::icon::{Icon, Shape};

/// What is said under the field.
#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    Unsaid,
    Right,
    Wrong(String),
}

impl Verdict {
    fn of(network: Network, words: &AddressWords, typed: &str) -> Self {
        if typed.trim().is_empty() {
            return Self::Unsaid;
        }
        if let Some(other) = PaymentLink::read(typed).and_then(|link| link.other_than(network)) {
            return Self::Wrong(words.link_for.replace(NETWORK, other));
        }
        // The tag has a field of its own; here only the address is judged.
        let tag = destination::uses_tag(network).then_some("none");
        let wrong = Destination::parse(network, typed, tag).err().and_then(|error| words.of(&error));
        wrong.map_or(Self::Right, Self::Wrong)
    }
}

/// Returns the warning when the text opens a wallet. It must leave the field at once.
fn secret(network: Network, words: &AddressWords, typed: &str) -> Option<String> {
    let error = Destination::parse(network, typed, None).err()?;
    if error.is_secret() { words.of(&error) } else { None }
}

/// Returns the address of a payment link for this network, whose tag goes to the field beside; any other text as it is.
fn address_in(network: Network, text: String) -> String {
    let Some(link) = PaymentLink::read(&text).filter(|link| link.other_than(network).is_none()) else { return text };
    #[cfg(feature = "hydrate")]
    link.tag().inspect(|tag| crate::browser::fill("tag", tag));
    link.address().to_owned()
}

/// Says whether a text may be the rest of a phrase whose beginning was just taken out of the field: it is no reason to drop the warning.
fn may_be_rest(text: &str) -> bool {
    const ADDRESS_CHARS_MIN: usize = 25;
    let text = text.trim();
    text.len() < ADDRESS_CHARS_MIN || text.contains(char::is_whitespace)
}

/// The field for a wallet's address, with its label, hint and verdict. `error` is what the server said about `typed`.
#[island]
pub fn AddressField(network: Network, words: AddressWords, typed: String, error: Option<String>) -> impl IntoView {
    let verdict = RwSignal::new(error.map_or_else(|| Verdict::of(network, &words, &typed), Verdict::Wrong));
    let is_filled = RwSignal::new(!typed.is_empty());
    let can_paste = RwSignal::new(false);
    let is_warned = StoredValue::new(false);
    let field = NodeRef::<html::Textarea>::new();

    let AddressWords { label, hint, paste: paste_label, clear, scan, scan_title, scan_stop, scan_refused, .. } = words.clone();
    let words = StoredValue::new(words);
    let judge = move |text: &str| words.with_value(|words| Verdict::of(network, words, text));
    let judge_current = move || {
        let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        let keeps_warning = is_warned.get_value() && may_be_rest(&text);
        if !text.trim().is_empty() && !keeps_warning {
            verdict.set(judge(&text));
        }
    };
    let mut judge_later = leptos::leptos_dom::helpers::debounce(std::time::Duration::from_millis(400), move |()| judge_current());
    // Takes a payment link apart and a secret away. Says whether there is something left to judge.
    let tidy = move || {
        let Some(field) = field.get_untracked() else { return false };
        let typed = field.value();
        let text = address_in(network, typed.clone());
        if text != typed {
            field.set_value(&text);
        }
        if let Some(warning) = words.with_value(|words| secret(network, words, &text)) {
            field.set_value("");
            is_filled.set(false);
            is_warned.set_value(true);
            verdict.set(Verdict::Wrong(warning));
            return false;
        }
        is_filled.set(!text.is_empty());
        if text.trim().is_empty() && !is_warned.get_value() {
            verdict.set(Verdict::Unsaid);
        }
        true
    };
    let on_input = move |_| {
        if tidy() {
            judge_later(());
        }
    };
    #[cfg(feature = "hydrate")]
    Effect::new({
        let typed = typed.clone();
        move |_| {
            can_paste.set(crate::browser::can_paste());
            // What was typed while this script was on its way.
            if field.get_untracked().is_some_and(|field| field.value() != typed) && tidy() {
                judge_current();
            }
        }
    });
    let fill = move |text: String| {
        let Some(field) = field.get_untracked() else { return };
        let warning = words.with_value(|words| secret(network, words, &text));
        let kept = if warning.is_some() { String::new() } else { address_in(network, text) };
        field.set_value(&kept);
        is_filled.set(!kept.is_empty());
        verdict.set(warning.map_or_else(|| judge(&kept), Verdict::Wrong));
        // Whoever pressed the button is at the field next.
        let _ = field.focus();
    };
    let paste = move |_| {
        #[cfg(feature = "hydrate")]
        crate::browser::paste(move |text| match text {
            Some(text) => fill(text.trim().to_owned()),
            None => verdict.set(Verdict::Wrong(words.with_value(|words| words.paste_refused.clone()))),
        });
    };

    view! {
        <div class="field">
            <label for="address">{label}</label>
            <p class="hint" id="address-hint">{hint}</p>
            <textarea
                node_ref=field
                class="input addr"
                class:valid=move || matches!(verdict.get(), Verdict::Right)
                id="address"
                name="address"
                rows="2"
                dir="ltr"
                autocomplete="off"
                autocapitalize="off"
                {..custom_attribute("autocorrect", "off")}
                spellcheck="false"
                enterkeyhint="next"
                maxlength="512"
                aria-describedby="address-hint address-msg"
                aria-invalid=move || matches!(verdict.get(), Verdict::Wrong(_)).then_some("true")
                on:input=on_input
            >
                {escape(&typed)}
            </textarea>
            <div id="address-msg" class="says" aria-live="polite">
                {move || words.with_value(|words| said(verdict.get(), words))}
            </div>
            <div class="pair">
                <button type="button" class="btn" hidden=move || !can_paste.get() || is_filled.get() on:click=paste>
                    <Icon shape=Shape::Clipboard />
                    {paste_label}
                </button>
                <button type="button" class="btn" hidden=move || !can_paste.get() || !is_filled.get() on:click=move |_| fill(String::new())>
                    {clear}
                </button>
                // Woken up by start.js, which loads scan.js when it is pressed.
                <button
                    type="button"
                    class="btn"
                    hidden
                    data-scan="address"
                    data-title=scan_title
                    data-stop=scan_stop
                    data-refused=scan_refused
                >
                    <Icon shape=Shape::Scan />
                    {scan}
                </button>
            </div>
            <p class="hint" id="address-scan" role="status"></p>
        </div>
    }
}

fn said(verdict: Verdict, words: &AddressWords) -> impl IntoView + use<> {
    match verdict {
        Verdict::Unsaid => None,
        Verdict::Right => Some(Either::Left(view! {
            <p class="ok">
                <Icon shape=Shape::Check />
                <span>{words.valid.clone()}</span>
            </p>
            {words.look_alike.clone().map(|note| view! { <p class="hint">{note}</p> })}
        })),
        Verdict::Wrong(message) => Some(Either::Right(view! {
            <p class="err">
                <Icon shape=Shape::Alert />
                <span><span class="vh">{words.error.clone()}</span>{message}</span>
            </p>
        })),
    }
}

/// Escapes text for a textarea, which Leptos writes as it is: without this, `</textarea>` in what was typed would end the field.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each sentence says its own name.
    fn words() -> AddressWords {
        let said = |name: &str| name.to_owned();
        AddressWords {
            label: said("label"),
            hint: said("hint"),
            valid: said("valid"),
            look_alike: None,
            empty: said("empty"),
            checksum: said("checksum"),
            length: format!("{FOUND} of {EXPECTED}"),
            recovery_phrase: said("recovery phrase"),
            private_key: said("private key"),
            not_an_address: said("not an address"),
            ethereum_style: said("Ethereum"),
            xrpl: said("XRP Ledger"),
            named: format!("of {NETWORK}"),
            test_of: format!("test of {NETWORK}"),
            link_for: format!("link for {NETWORK}"),
            error: said("Error: "),
            paste: said("paste"),
            paste_refused: said("paste refused"),
            clear: said("clear"),
            scan: said("scan"),
            scan_title: said("scan title"),
            scan_stop: said("scan stop"),
            scan_refused: said("scan refused"),
        }
    }

    #[test]
    fn a_right_address_is_praised_and_a_wrong_one_explained() {
        let of = |text| Verdict::of(Network::Tron, &words(), text);
        let wrong = |text| match of(text) {
            Verdict::Wrong(message) => message,
            Verdict::Right | Verdict::Unsaid => String::new(),
        };
        assert!(of("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm") == Verdict::Right);
        assert_eq!(wrong("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn"), "checksum");
        assert_eq!(wrong("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaq"), "33 of 34");
        assert_eq!(wrong("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), "of Bitcoin");
        assert_eq!(wrong("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"), "test of Bitcoin");
        assert_eq!(wrong("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4?amount=1"), "link for Bitcoin");
        assert!(of("  ") == Verdict::Unsaid);
    }

    #[test]
    fn of_a_payment_link_only_the_address_stays_where_it_is_for_this_network() {
        let kept = |network, text: &str| address_in(network, text.to_owned());
        let tron = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
        assert_eq!(kept(Network::Tron, &format!("tron:{tron}?amount=5")), tron);
        assert_eq!(kept(Network::Bitcoin, &format!("tron:{tron}?amount=5")), format!("tron:{tron}?amount=5"));
        assert_eq!(kept(Network::Tron, "hello"), "hello");
    }

    #[test]
    fn an_address_with_a_tag_field_is_judged_without_its_tag() {
        let verdict = Verdict::of(Network::Xrpl, &words(), "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
        assert!(verdict == Verdict::Right);
    }

    #[test]
    fn a_recovery_phrase_is_a_secret_and_an_address_is_not() {
        let phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        assert_eq!(secret(Network::Tron, &words(), phrase).as_deref(), Some("recovery phrase"));
        assert!(secret(Network::Tron, &words(), "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm").is_none());
    }

    #[test]
    fn the_rest_of_a_phrase_keeps_the_warning_and_an_address_ends_it() {
        assert!(may_be_rest("ut"));
        assert!(may_be_rest("abandon abandon abandon abandon about"));
        assert!(!may_be_rest("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm"));
    }

    #[test]
    fn typed_markup_stays_text() {
        assert_eq!(escape("</textarea>&"), "&lt;/textarea>&amp;");
    }
}

//! The address field: judges what is typed with the same [`Destination::parse`] as the server, before anything is sent.

use domain::destination::{self, Destination};
use domain::money::Network;
use leptos::attr::custom::custom_attribute;
use leptos::either::Either;
use leptos::html;
use leptos::prelude::*;

use crate::icon::{Icon, Shape};

/// What is said under the field.
#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    Unsaid,
    Right { praise: String, note: Option<String> },
    Wrong(String),
}

impl Verdict {
    fn of(network: Network, symbol: &str, typed: &str) -> Self {
        if typed.trim().is_empty() {
            return Self::Unsaid;
        }
        // The tag has a field of its own; here only the address is judged.
        let tag = destination::uses_tag(network).then_some("none");
        match Destination::parse(network, typed, tag) {
            Ok(destination) => Self::Right { praise: destination.praise(), note: destination.warning(symbol) },
            Err(error) if error.field() == "tag" => Self::Right { praise: format!("Valid {} address", network.title()), note: None },
            Err(error) => Self::Wrong(error.message(network, symbol)),
        }
    }
}

/// Returns the warning when the text opens a wallet. It must leave the field at once.
fn secret(network: Network, symbol: &str, typed: &str) -> Option<String> {
    let error = Destination::parse(network, typed, None).err()?;
    error.is_secret().then(|| error.message(network, symbol))
}

/// Says whether a text may be the rest of a phrase whose beginning was just taken out of the field: it is no reason to drop the warning.
fn may_be_rest(text: &str) -> bool {
    const ADDRESS_CHARS_MIN: usize = 25;
    let text = text.trim();
    text.len() < ADDRESS_CHARS_MIN || text.contains(char::is_whitespace)
}

/// The field for a wallet's address, with its label, hint and verdict. `error` is what the server said about `typed`.
#[island]
pub fn AddressField(network: Network, symbol: String, typed: String, error: Option<String>) -> impl IntoView {
    let verdict = RwSignal::new(error.map_or_else(|| Verdict::of(network, &symbol, &typed), Verdict::Wrong));
    let is_filled = RwSignal::new(!typed.is_empty());
    let can_paste = RwSignal::new(false);
    let is_warned = StoredValue::new(false);
    let field = NodeRef::<html::Textarea>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| can_paste.set(crate::browser::can_paste()));

    let label = format!("Your {symbol} address on {}", network.title());
    let hint = destination::hint(network, &symbol);
    let symbol = StoredValue::new(symbol);
    let judge = move |text: &str| symbol.with_value(|symbol| Verdict::of(network, symbol, text));
    let judge_current = move || {
        let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        let keeps_warning = is_warned.get_value() && may_be_rest(&text);
        if !text.trim().is_empty() && !keeps_warning {
            verdict.set(judge(&text));
        }
    };
    let mut judge_later = leptos::leptos_dom::helpers::debounce(std::time::Duration::from_millis(400), move |()| judge_current());
    let on_input = move |_| {
        let Some(field) = field.get_untracked() else { return };
        let text = field.value();
        if let Some(warning) = symbol.with_value(|symbol| secret(network, symbol, &text)) {
            field.set_value("");
            is_filled.set(false);
            is_warned.set_value(true);
            verdict.set(Verdict::Wrong(warning));
            return;
        }
        is_filled.set(!text.is_empty());
        if text.trim().is_empty() && !is_warned.get_value() {
            verdict.set(Verdict::Unsaid);
        }
        judge_later(());
    };
    let fill = move |text: String| {
        let Some(field) = field.get_untracked() else { return };
        let warning = symbol.with_value(|symbol| secret(network, symbol, &text));
        let kept = if warning.is_some() { String::new() } else { text };
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
            None => verdict.set(Verdict::Wrong("Your browser did not allow pasting. Hold the field and choose Paste.".to_owned())),
        });
    };

    view! {
        <div class="field">
            <label for="address">{label}</label>
            <p class="hint" id="address-hint">{hint}</p>
            <textarea
                node_ref=field
                class="input addr"
                class:valid=move || matches!(verdict.get(), Verdict::Right { .. })
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
                {move || said(verdict.get())}
            </div>
            <div class="pair">
                <button type="button" class="btn" hidden=move || !can_paste.get() || is_filled.get() on:click=paste>
                    <Icon shape=Shape::Clipboard />
                    "Paste"
                </button>
                <button type="button" class="btn" hidden=move || !can_paste.get() || !is_filled.get() on:click=move |_| fill(String::new())>
                    "Clear"
                </button>
                // Woken up by start.js, which loads scan.js when it is pressed.
                <button
                    type="button"
                    class="btn"
                    hidden
                    data-scan="address"
                    data-title="Scan the QR code of your address"
                    data-stop="Stop scanning"
                    data-refused="Allow the camera to scan, or paste the address."
                >
                    <Icon shape=Shape::Scan />
                    "Scan QR"
                </button>
            </div>
            <p class="hint" id="address-scan" role="status"></p>
        </div>
    }
}

fn said(verdict: Verdict) -> impl IntoView {
    match verdict {
        Verdict::Unsaid => None,
        Verdict::Right { praise, note } => Some(Either::Left(view! {
            <p class="ok">
                <Icon shape=Shape::Check />
                <span>{praise}</span>
            </p>
            {note.map(|note| view! { <p class="hint">{note}</p> })}
        })),
        Verdict::Wrong(message) => Some(Either::Right(view! {
            <p class="err">
                <Icon shape=Shape::Alert />
                <span><span class="vh">"Error: "</span>{message}</span>
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

    #[test]
    fn a_right_address_is_praised_and_a_wrong_one_explained() {
        let of = |text| Verdict::of(Network::Tron, "USDT", text);
        assert!(
            matches!(of("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm"), Verdict::Right { praise, note: None } if praise == "Valid Tron address")
        );
        assert!(matches!(of("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn"), Verdict::Wrong(message) if message.contains("typing mistake")));
        assert!(of("  ") == Verdict::Unsaid);
    }

    #[test]
    fn an_address_with_a_tag_field_is_judged_without_its_tag() {
        let verdict = Verdict::of(Network::Xrpl, "XRP", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
        assert!(matches!(verdict, Verdict::Right { .. }));
    }

    #[test]
    fn a_recovery_phrase_is_a_secret_and_an_address_is_not() {
        let phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        assert!(secret(Network::Tron, "USDT", phrase).is_some_and(|warning| warning.contains("recovery phrase")));
        assert!(secret(Network::Tron, "USDT", "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm").is_none());
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

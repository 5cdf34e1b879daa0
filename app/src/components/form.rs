//! Forms: a summary of what is wrong above, the same words at the field.

use domain::claim::FieldErrors;
use domain::language::Language;
use domain::privacy::{MerchantsText, OWN_PATH};
use domain::refund::CancelReason;
use domain::view::BrandView;
use leptos::prelude::*;
use words::{Sentence as _, cancel, payer, staff_form};

use super::{Icon, Shape};
use crate::language::{heard, rich, say, staff_language};
use crate::reply::Submitted;
use crate::server_fns::cancel::NOTE_CHARS_MAX;

/// What is wrong, above a form that was sent: takes the focus, links to each field. The field's id is its name.
#[component]
pub(crate) fn ErrorSummary(errors: FieldErrors, #[prop(default = staff_language())] language: Language) -> impl IntoView {
    let links = errors.0.into_iter().map(|error| {
        let first_sentence = sentence(error.message.split_once(". ").map_or(error.message.as_str(), |(first, _)| first));
        view! {
            <li>
                <a href=format!("#{}", error.field)>{first_sentence}</a>
            </li>
        }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| {
        view! {
            <div class="errors" tabindex="-1" autofocus>
                <div role="alert" class="g1">
                    <h2>{payer::Problem.to(language)}</h2>
                    <ul class="g1">{links}</ul>
                </div>
            </div>
        }
    })
}

/// Begins with a capital: the engine's messages are fragments for programs and people alike.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// What is wrong with one field, for its `aria-describedby`.
#[component]
pub(crate) fn FieldMessage(
    #[prop(into)] id: String,
    message: Option<String>,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    message.map(|message| {
        // "Error:" is for those who do not see the colour.
        let said = heard(&payer::Error { text: &sentence(&message) }, language);
        view! {
            <p class="err" id=id>
                <Icon shape=Shape::Alert />
                <span>{said}</span>
            </p>
        }
    })
}

/// A line of text with its label, what it is for, and what is wrong with it. Its id is its name.
#[component]
pub(crate) fn TextField(
    id: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(into)] value: String,
    error: Option<String>,
    /// The input's type, where it is not text.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// The id of a `datalist` that the browser proposes.
    #[prop(optional)]
    list: Option<&'static str>,
    #[prop(default = 200)] maxlength: usize,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let is_wrong = error.is_some();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                class="input"
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                list=list
                maxlength=maxlength.to_string()
                value=value
                required=required
                autofocus=is_wrong
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=format!("{id}-hint {id}-msg")
            />
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            <FieldMessage id=format!("{id}-msg") message=error />
        </div>
    }
    .into_any()
}

/// A password: the one that somebody has, or one that they choose.
#[component]
pub(crate) fn PasswordField(
    id: &'static str,
    #[prop(into)] label: String,
    /// Whether they choose it.
    #[prop(optional)]
    is_new: bool,
    error: Option<String>,
) -> impl IntoView {
    let (autocomplete, hint) = if is_new { ("new-password", say(staff_form::PasswordHint)) } else { ("current-password", String::new()) };
    view! { <TextField id label hint kind="password" autocomplete value="" required=true error /> }
}

/// A code of somebody's app, or one of their recovery codes.
#[component]
pub(crate) fn CodeField(id: &'static str, #[prop(into)] label: String, error: Option<String>) -> impl IntoView {
    let hint = say(staff_form::CodeHint);
    view! { <TextField id label hint autocomplete="one-time-code" maxlength=40 value="" required=true error /> }
}

/// Where a payer is written to.
#[component]
pub(crate) fn EmailField(
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    typed: String,
    error: Option<String>,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let is_wrong = error.is_some();
    view! {
        <div class="field">
            <label for="email">{label}</label>
            <p class="hint" id="email-hint">{hint}</p>
            <input
                class="input big"
                id="email"
                name="email"
                type="email"
                autocomplete="email"
                maxlength="254"
                value=typed
                aria-invalid=is_wrong.then_some("true")
                aria-describedby="email-hint email-msg"
            />
            <FieldMessage id="email-msg" message=error language />
        </div>
    }
    .into_any()
}

/// The tick box under the privacy policy (CP-04, CP-08), Refundry's or the merchant's own. Ticked, it names the text that was shown: what
/// was `ticked` before under another one is not ticked any more. At a claim it says what the address is for, too.
#[component]
pub(crate) fn Consent(
    #[prop(optional)] to_refund: bool,
    merchant: String,
    brand: BrandView,
    ticked: String,
    error: Option<String>,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let is_missing = error.is_some();
    let text = brand.privacy_text().to_string();
    let (policy, url) = match brand.privacy {
        Some(MerchantsText { url, version, .. }) => (payer::PrivacyPolicyOf { merchant: &merchant, version: &version }.to(language), url),
        None => (payer::PrivacyPolicy.to(language), OWN_PATH.to_owned()),
    };
    let link = |_: &str, text: String| view! { <a href=url.clone() target="_blank" rel="noopener noreferrer">{text}</a> }.into_any();
    let said = if to_refund {
        rich(&payer::ConsentToRefund { policy: &policy }, language, link)
    } else {
        rich(&payer::Consent { policy: &policy }, language, link)
    };
    view! {
        <div class="field">
            <label class="check">
                <input
                    type="checkbox"
                    id="consent"
                    name="consent"
                    checked=ticked == text
                    value=text
                    aria-invalid=is_missing.then_some("true")
                    aria-describedby=is_missing.then_some("consent-msg")
                />
                <span>{said}</span>
            </label>
            <FieldMessage id="consent-msg" message=error language />
        </div>
    }
    .into_any()
}

/// A text area with text in it.
#[component]
pub(crate) fn TextArea(id: &'static str, #[prop(into)] text: String, maxlength: usize, described_by: &'static str) -> impl IntoView {
    // Leptos writes a textarea's text as it is; without this, `</textarea>` in it would end the field.
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <textarea class="input" id=id name=id dir="auto" maxlength=maxlength.to_string() aria-describedby=described_by>
            {escaped}
        </textarea>
    }
    .into_any()
}

/// Why a refund is stopped: the choices and a note. Nothing is chosen beforehand.
#[component]
pub(crate) fn CancelReasons(
    submitted: Submitted,
    /// Whom the note is for, where that is not clear.
    #[prop(optional_no_strip)]
    merchant: Option<String>,
    explains: impl Fn(CancelReason) -> (String, String),
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let chosen = submitted.value("reason").to_owned();
    let choices = CancelReason::ALL.into_iter().enumerate().map(|(index, reason)| {
        let (title, text) = explains(reason);
        view! {
            <label class="choice">
                <input type="radio" name="reason" id=(index == 0).then_some("reason") value=reason.name() checked=chosen == reason.name() />
                <span>
                    <b>{title}</b>
                    <span>{text}</span>
                </span>
            </label>
        }
    });
    let choices = choices.collect_view();
    let message = |field: &str| submitted.error(field);
    let optional = cancel::Optional.to(language);
    let shown = |name: &str, text: String| match name {
        "optional" => view! { <span class="soft regular">{text}</span> }.into_any(),
        _ => text.into_any(),
    };
    let label = match &merchant {
        Some(merchant) => rich(&cancel::NoteFor { merchant, optional: &optional }, language, shown),
        None => rich(&cancel::Note { optional: &optional }, language, shown),
    };
    view! {
        <fieldset class="field">
            <legend>{cancel::Why.to(language)}</legend>
            <FieldMessage id="reason-msg" message=message("reason") language />
            {choices}
        </fieldset>
        <div class="field">
            <label for="note">{label}</label>
            <TextArea id="note" text=submitted.value("note") maxlength=NOTE_CHARS_MAX described_by="note-hint" />
            <p class="hint" id="note-hint">{cancel::NoteHint { count: &NOTE_CHARS_MAX.to_string() }.to(language)}</p>
            <FieldMessage id="note-msg" message=message("note") language />
        </div>
    }
    .into_any()
}

/// What a payer's form says when there is no connection to send it over; the browser shows it. `says` is for what it says of more than that.
#[component]
pub(crate) fn Offline(#[prop(optional_no_strip)] says: Option<String>, language: Language) -> impl IntoView {
    let says = says.unwrap_or_else(|| payer::Offline.to(language));
    view! { <p class="err" role="alert" data-offline hidden>{says}</p> }.into_any()
}

/// Why the last action was refused, where that belongs to no field. Says that nothing was done.
#[component]
pub(crate) fn Refusal(submitted: Submitted) -> impl IntoView {
    submitted.error("action").map(|message| {
        view! {
            <div role="alert">
                <Note tone="bad" shape=Shape::Alert>{message}</Note>
            </div>
        }
    })
}

/// What was done, for who just did it.
#[component]
pub(crate) fn Done(children: Children) -> impl IntoView {
    view! {
        <div role="status">
            <Note tone="good" shape=Shape::Check>{children()}</Note>
        </div>
    }
}

/// A box that explains, warns or reports.
#[component]
pub(crate) fn Note(#[prop(into)] tone: String, shape: Shape, children: Children) -> impl IntoView {
    view! {
        <div class=format!("notice {tone}")>
            <Icon shape />
            <div>{children()}</div>
        </div>
    }
    .into_any()
}

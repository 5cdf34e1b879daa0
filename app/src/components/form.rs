//! Forms: a summary of what is wrong above, the same words at the field.

use domain::claim::FieldErrors;
use domain::refund::CancelReason;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::reply::Submitted;
use crate::server_fns::cancel::NOTE_CHARS_MAX;

/// What is wrong, above a form that was sent: takes the focus, links to each field. The field's id is its name.
#[component]
pub(crate) fn ErrorSummary(errors: FieldErrors) -> impl IntoView {
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
                    <h2>"There is a problem"</h2>
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
pub(crate) fn FieldMessage(id: &'static str, message: Option<String>) -> impl IntoView {
    message.map(|message| {
        view! {
            <p class="err" id=id>
                <Icon shape=Shape::Alert />
                <span>
                    <span class="vh">"Error: "</span>
                    {sentence(&message)}
                </span>
            </p>
        }
    })
}

/// Where a payer is written to.
#[component]
pub(crate) fn EmailField(label: &'static str, hint: &'static str, typed: String, error: Option<String>) -> impl IntoView {
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
            <FieldMessage id="email-msg" message=error />
        </div>
    }
    .into_any()
}

/// The tick box under the privacy policy (CP-04, CP-08). `purpose` says what the data is for, in a sentence of its own.
#[component]
pub(crate) fn Consent(purpose: &'static str, is_given: bool, error: Option<String>) -> impl IntoView {
    let is_missing = error.is_some();
    view! {
        <div class="field">
            <label class="check">
                <input
                    type="checkbox"
                    id="consent"
                    name="consent"
                    value="on"
                    checked=is_given
                    aria-invalid=is_missing.then_some("true")
                    aria-describedby=is_missing.then_some("consent-msg")
                />
                <span>"I agree to the " <a href="/privacy" target="_blank" rel="noopener">"privacy policy"</a> "." {purpose}</span>
            </label>
            <FieldMessage id="consent-msg" message=error />
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
        <textarea class="input" id=id name=id maxlength=maxlength.to_string() aria-describedby=described_by>
            {escaped}
        </textarea>
    }
    .into_any()
}

/// Why a refund is stopped: the choices and a note. Nothing is chosen beforehand.
#[component]
pub(crate) fn CancelReasons(
    submitted: Submitted,
    #[prop(into)] note_for: String,
    explains: impl Fn(CancelReason) -> (String, String),
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
    let message = |field: &str| submitted.errors.message(field).map(str::to_owned);
    view! {
        <fieldset class="field">
            <legend>"Why are you cancelling?"</legend>
            <FieldMessage id="reason-msg" message=message("reason") />
            {choices}
        </fieldset>
        <div class="field">
            <label for="note">{note_for} " " <span class="soft regular">"(optional)"</span></label>
            <TextArea id="note" text=submitted.value("note") maxlength=NOTE_CHARS_MAX described_by="note-hint" />
            <p class="hint" id="note-hint">
                {format!("Up to {NOTE_CHARS_MAX} characters. Do not write passwords or recovery phrases.")}
            </p>
            <FieldMessage id="note-msg" message=message("note") />
        </div>
    }
    .into_any()
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

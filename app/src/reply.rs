//! Answers to forms: go to another page, show the same form again with what is wrong, or say what failed.
//!
//! Leptos would send browsers back to the `Referer` with the error in the URL; here every server function answers explicitly.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use domain::claim::FieldErrors;
use engine::held_forms::HeldForm;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::session::leading_to;

/// A form as it was posted, and what is wrong with it. A page that finds one in context shows its form again.
#[derive(Clone, Debug, Default)]
pub struct Submitted {
    /// Names and what was typed.
    pub values: Vec<(&'static str, String)>,
    /// What is wrong with it, as far as is known.
    pub errors: FieldErrors,
}

impl Submitted {
    /// Says what is wrong in other words: `words` knows them by field and code.
    pub(crate) fn in_words(mut self, words: impl Fn(&str, &str) -> Option<String>) -> Self {
        for error in &mut self.errors.0 {
            if let Some(said) = words(&error.field, &error.code) {
                error.message = said;
            }
        }
        self
    }

    /// Returns what was typed into a field.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        self.values.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value)
    }

    /// Returns what is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.message(field).map(str::to_owned)
    }

    /// Says whether something is wrong with a form that has these fields: it is shown again as it was typed.
    #[must_use]
    pub fn is_again(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.errors.message(field).is_some())
    }
}

/// What a server function wants shown instead of a redirect.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The form again, on the page at this path.
    Form {
        /// The page.
        page: String,
        /// The form.
        submitted: Submitted,
    },
    /// What failed.
    Failed(Failure),
    /// The page that asks who it still is: what was posted is done once that is proven.
    Prove {
        /// Where to go back to, for who proves it without what was posted.
        next: String,
    },
    /// A form that was posted before, once more: its person has proven who they are.
    Again(HeldForm),
}

/// Where a server function leaves its [`Reply`]; the HTTP layer provides one per request and renders what it finds.
#[derive(Clone, Debug, Default)]
pub struct ReplySlot(Arc<Mutex<Option<Reply>>>);

impl ReplySlot {
    /// Takes the reply out.
    #[must_use]
    pub fn take(&self) -> Option<Reply> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, reply: Reply) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }
}

/// Whether the caller of a server function is a browser's form, rather than a program that wants JSON.
#[derive(Clone, Copy, Debug)]
pub struct WantsPage(pub bool);

impl WantsPage {
    /// Reads it from the request's Accept header.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self(accept.contains("text/html"))
    }
}

/// Shows the form again, on the page at `page`.
pub(crate) fn form_again(page: String, submitted: Submitted) {
    leave(Reply::Form { page, submitted }, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Shows a page with something that is told once and not kept, such as a new key.
pub(crate) fn tell_once(page: String, values: Vec<(&'static str, String)>) {
    leave(Reply::Form { page, submitted: Submitted { values, errors: FieldErrors::default() } }, StatusCode::OK);
}

/// Says what failed.
pub(crate) fn failed(failure: Failure) {
    let status = failure.status();
    match failure {
        Failure::SignIn => go_to("/sign-in"),
        Failure::Prove => ask_for_proof(""),
        failure => {
            retry_later(failure);
            leave(Reply::Failed(failure), status);
        }
    }
}

/// Asks who it still is, and keeps what was posted until that is proven.
pub(crate) fn ask_for_proof(next: &str) {
    leave(Reply::Prove { next: next.to_owned() }, StatusCode::SEE_OTHER);
    go_to(&leading_to("/prove", next));
}

/// Does what was posted before its person had to prove who they are.
pub(crate) fn post_again(form: HeldForm) {
    leave(Reply::Again(form), StatusCode::OK);
}

/// Says when to come back, to programs and load balancers.
pub(crate) fn retry_later(failure: Failure) {
    let secs = match failure {
        Failure::Away => "5",
        // As the page says: a quarter of an hour.
        Failure::TooMany => "900",
        Failure::SignIn
        | Failure::Prove
        | Failure::NoPage
        | Failure::NoRefund
        | Failure::Forbidden
        | Failure::Changed
        | Failure::Unreadable
        | Failure::Ours => return,
    };
    set_header(header::RETRY_AFTER, HeaderValue::from_static(secs));
}

fn leave(reply: Reply, status: StatusCode) {
    set_status(status);
    if let Some(slot) = use_context::<ReplySlot>() {
        slot.put(reply);
    }
}

/// Sends the browser to a page of ours, which it asks for with GET.
pub(crate) fn go_to(path: &str) {
    let Ok(location) = HeaderValue::from_str(path) else {
        set_status(StatusCode::BAD_REQUEST);
        return;
    };
    set_header(header::LOCATION, location);
    set_status(StatusCode::SEE_OTHER);
}

/// Sets the answer's status.
pub(crate) fn set_status(status: StatusCode) {
    expect_context::<ResponseOptions>().set_status(status);
}

/// Adds a header to the answer.
pub(crate) fn set_header(name: header::HeaderName, value: HeaderValue) {
    expect_context::<ResponseOptions>().append_header(name, value);
}

/// Why a page or a form could not be dealt with. Says nothing that its visitor must not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in.
    SignIn,
    /// They have to prove again who they are.
    Prove,
    /// No such page, or not theirs to know of.
    NoPage,
    /// No such claim or cancel link, or it was revoked: never told apart.
    NoRefund,
    /// Their role may not do it.
    Forbidden,
    /// The state does not allow it any more.
    Changed,
    /// The form was not filled in on our page.
    Unreadable,
    /// Too many links that open nothing, from one address.
    TooMany,
    /// The database or a network is away for the moment.
    Away,
    /// Our fault; logged.
    Ours,
}

impl Failure {
    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::SignIn | Self::Prove => StatusCode::SEE_OTHER,
            Self::NoPage | Self::NoRefund => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Changed => StatusCode::CONFLICT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ours => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

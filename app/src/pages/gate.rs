//! The frame of pages in front of the dashboard: a heading, what it is about, and one form, whose mistake is in the title too.

use leptos::prelude::*;
use words::payer;

use super::set_unprocessable;
use crate::components::Payer;
use crate::language::say;

/// The page.
#[component]
pub(super) fn Gate(
    #[prop(into)] heading: String,
    /// What it is about, in a line or two.
    #[prop(optional, into)]
    about: String,
    /// Whether the form was sent and something is wrong with it.
    #[prop(optional)]
    is_wrong: bool,
    children: Children,
) -> impl IntoView {
    if is_wrong {
        set_unprocessable();
    }
    let title = if is_wrong { say(payer::Error { text: &heading }) } else { heading.clone() };
    let about = (!about.is_empty()).then(|| view! { <p class="sm soft">{about}</p> });
    view! {
        <Payer title centred=true keeps_query=true>
            <div class="g5">
                <div class="g1">
                    <h1>{heading}</h1>
                    {about}
                </div>
                {children()}
            </div>
        </Payer>
    }
    .into_any()
}

/// The email that somebody signs in with, where it is known: password managers want to see it beside a password.
#[component]
pub(super) fn KnownEmail(#[prop(into)] label: String, email: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for="email">{label}</label>
            <input class="input" id="email" type="email" autocomplete="username" readonly value=email />
        </div>
    }
    .into_any()
}

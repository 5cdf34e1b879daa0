//! A payer's page that follows something on its way.

use domain::language::Language;
use jiff::Timestamp;
use leptos::prelude::*;
use words::payer;

use super::{Form, When};
use crate::islands::Tracker;
use crate::language::rich;

/// Loads the page again when `url` tells another stage than `seen`, the one it shows; without a connection it says how old that is.
#[component]
pub(crate) fn Follow(url: String, seen: String, now: Timestamp, language: Language) -> impl IntoView {
    let stale = rich(&payer::Stale { time: "" }, language, |_, _| view! { <When at=now form=Form::Clock language /> }.into_any());
    view! {
        <Tracker url seen />
        <p class="notice toast" role="status" data-stale hidden>
            <span>{stale}</span>
        </p>
    }
    .into_any()
}

//! Wide tables: they scroll within their card, also by keyboard.

use leptos::prelude::*;

/// The frame around a table.
#[component]
pub(crate) fn Scroll(label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            {children()}
        </div>
    }
    .into_any()
}

//! What stands where a list has nothing to show: that it is empty, and what would bring something into it.

use leptos::prelude::*;

use super::{Icon, Shape};

/// Says that there is nothing, and in its children why, and what to do.
#[component]
pub(crate) fn Empty(
    shape: Shape,
    #[prop(into)] title: String,
    /// Whether that is as it should be.
    #[prop(optional)]
    is_good: bool,
    /// Whether it stands below a heading of its own.
    #[prop(optional)]
    is_part: bool,
    children: Children,
) -> impl IntoView {
    let title = if is_part { view! { <h3>{title}</h3> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    view! {
        <div class="empty">
            <span class=if is_good { "badge good" } else { "badge" }>
                <Icon shape large=true />
            </span>
            {title}
            {children()}
        </div>
    }
    .into_any()
}

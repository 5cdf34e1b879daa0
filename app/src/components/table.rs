//! Tables: they scroll within their card, also by keyboard; the caption is for those who do not see them.

use leptos::prelude::*;

/// The frame around a table.
#[component]
pub(crate) fn Scroll(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            {children()}
        </div>
    }
    .into_any()
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Words, from the line's start.
    Words(String),
    /// Numbers and times, to the line's end.
    Numbers(String),
    /// Heard only: what stands there speaks for itself.
    Unseen(String),
}

/// A table whose rows become items of a list where there is no room for columns, unless its numbers mean nothing without their heads.
#[component]
pub(crate) fn Table(
    #[prop(into)] label: String,
    #[prop(optional, into)] caption: Option<String>,
    #[prop(into)] heads: Vec<Head>,
    /// Whether amounts stand one below the other by their decimal points.
    #[prop(optional)]
    of_amounts: bool,
    /// Whether columns stay columns, and are scrolled.
    #[prop(optional)]
    keeps_columns: bool,
    children: Children,
) -> impl IntoView {
    let heads = heads.into_iter().map(|head| match head {
        Head::Words(title) => view! { <th scope="col">{title}</th> }.into_any(),
        Head::Numbers(title) => view! { <th scope="col" class="r">{title}</th> }.into_any(),
        Head::Unseen(title) => view! { <th scope="col"><span class="vh">{title}</span></th> }.into_any(),
    });
    let caption = caption.unwrap_or_else(|| label.clone());
    let class = match (keeps_columns, of_amounts) {
        (true, true) => "tbl fractions",
        (true, false) => "tbl",
        (false, true) => "tbl stack fractions",
        (false, false) => "tbl stack",
    };
    view! {
        <Scroll label>
            <table class=class>
                <caption class="vh">{caption}</caption>
                <thead>
                    <tr>{heads.collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

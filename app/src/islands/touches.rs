//! Small touches to a whole page, one island for all: see `browser::add_touches`.

use leptos::prelude::*;

/// Wakes up the page's times, countdowns, copy buttons and forms. Shows nothing itself.
#[island]
pub fn Touches() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| crate::browser::add_touches());
}

//! The tracker of something under way: listens to how far it is and loads the page again when that changed.

use leptos::prelude::*;

/// Watches what `url` tells (server-sent events). `seen` is the stage that the page shows. Shows nothing itself.
#[island]
pub fn Tracker(url: String, seen: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| crate::browser::track(&url, seen.clone()));
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, seen);
}

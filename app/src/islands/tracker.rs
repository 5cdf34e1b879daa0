//! The tracker of a refund under way: asks the server how far it is and loads the page again when that changed.

use leptos::prelude::*;

/// Watches the refund behind a claim link. `seen` is the stage that the page shows. Shows nothing itself.
#[island]
pub fn Tracker(token: String, seen: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let (token, seen) = (token.clone(), seen.clone());
        let ask = move || {
            let (token, seen) = (token.clone(), seen.clone());
            leptos::task::spawn_local(async move {
                // Unreachable for a moment: asked again in 5 seconds.
                if crate::server_fns::claim::claim_stage(token).await.is_ok_and(|stage| stage != seen) {
                    crate::browser::reload();
                }
            });
        };
        set_interval(ask, std::time::Duration::from_secs(5));
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (token, seen);
}

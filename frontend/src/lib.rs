//! The browser's entry point: the bundle's start script calls [`hydrate`] once, then wakes up each island of the page.

// Named so that the linker keeps the islands, which the page calls by name.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Prepares Leptos for the islands of a page that the server has rendered.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

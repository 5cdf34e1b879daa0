//! Refundry's pages. The server renders them whole and they work as they are: links and plain forms. [`islands`] is what
//! the browser adds on top; it is the only part compiled for the browser, besides the server functions that islands call.

// A view's type holds the types of all its parts. Components erase theirs (`into_any`); a page's own markup still nests deep.
#![recursion_limit = "256"]
#![expect(clippy::needless_pass_by_value, reason = "components own their props")]

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
mod device;
mod durations;
mod icon;
pub mod islands;
#[cfg(feature = "ssr")]
mod language;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod reply;
pub mod server_fns;
#[cfg(feature = "ssr")]
mod session;
#[cfg(feature = "ssr")]
mod site;

#[cfg(feature = "ssr")]
pub use pages::{audit_wanted, invoices_wanted, refunds_wanted};
#[cfg(feature = "ssr")]
pub use session::{caller_of, leading_to, session_of, viewer_of};
#[cfg(feature = "ssr")]
pub use site::{Assets, Site};

//! Islands: what the browser adds to pages that work without it.

mod address_field;
mod touches;
mod tracker;

pub use address_field::{AddressField, AddressWords, EXPECTED, FOUND, NETWORK};
pub use touches::Touches;
pub use tracker::Tracker;

//! Islands: what the browser adds to pages that work without it.

mod address_field;
mod touches;
mod tracker;

pub use address_field::AddressField;
pub use touches::Touches;
pub use tracker::Tracker;

//! Where ids and secrets come from: the one place that mints them.

use uuid::Uuid;

/// Mints ids.
pub trait Ids: Send + Sync {
    /// Mints an id that sorts by the time it was made (UUIDv7, RFC 9562).
    fn mint(&self) -> Uuid;
}

/// Ids from the operating system's clock and randomness.
#[derive(Debug)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn mint(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Returns 32 bytes from the operating system.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done then.
#[must_use]
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

//! Patience: an endpoint that failed last time has few posts under way at once, so that one that does not answer never fills the lane
//! of all others. Kept in memory: each process learns for itself, and forgets it with the first success.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// How many posts to an endpoint that failed last time are under way at once.
const FAILING_AT_ONCE_MAX: usize = 8;

/// What is known of the endpoints that are posted to, or that failed last time.
#[derive(Clone, Default)]
pub(crate) struct Patience(Arc<Mutex<HashMap<Uuid, Tried>>>);

#[derive(Default)]
struct Tried {
    under_way: usize,
    has_failed: bool,
}

impl Patience {
    /// Lets a post to an endpoint begin; nothing when it has to wait for others.
    pub(super) fn turn(&self, endpoint: Uuid) -> Option<Turn> {
        self.with(|known| {
            let tried = known.entry(endpoint).or_default();
            if tried.has_failed && tried.under_way >= FAILING_AT_ONCE_MAX {
                return None;
            }
            tried.under_way = tried.under_way.saturating_add(1);
            Some(Turn { patience: self.clone(), endpoint, has_failed: true })
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut HashMap<Uuid, Tried>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A post under way. One that is dropped, because it took too long or never ended, has failed.
pub(super) struct Turn {
    patience: Patience,
    endpoint: Uuid,
    has_failed: bool,
}

impl Turn {
    /// Ends it: the endpoint took what was posted.
    pub(super) fn ended_well(mut self) {
        self.has_failed = false;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.patience.with(|known| {
            let Some(tried) = known.get_mut(&self.endpoint) else { return };
            tried.under_way = tried.under_way.saturating_sub(1);
            tried.has_failed = self.has_failed;
            if tried.under_way == 0 && !tried.has_failed {
                known.remove(&self.endpoint);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_failed_gets_few_turns_until_it_answers() {
        let (patience, endpoint) = (Patience::default(), Uuid::from_u128(1));
        let unknown: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint)).collect();
        assert_eq!(unknown.len(), 64, "one that never failed has no limit");
        drop(unknown);
        let failing: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint)).collect();
        assert_eq!(failing.len(), FAILING_AT_ONCE_MAX);
        assert!(patience.turn(Uuid::from_u128(2)).is_some(), "others are not held up");
        drop(failing);
        patience.turn(endpoint).expect("a turn").ended_well();
        let again: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint)).collect();
        assert_eq!(again.len(), 64);
    }
}

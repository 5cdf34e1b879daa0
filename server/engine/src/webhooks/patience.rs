//! Patience: endpoints that do not answer never fill the lane of those that do. Kept in memory: each process learns for itself, and forgets
//! with the first success.
//!
//! - An endpoint that failed last time is *doubtful*. It has few posts under way at once, and all doubtful ones together have few.
//! - A post that takes longer than most is *slow* and steps aside: its place in the lane goes to another. Only so many can stand aside, so
//!   connections and memory are bounded.
//!
//! So a thousand endpoints that die in one moment are found out beside the lane within seconds, and from then on wait for each other only.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How many posts to an endpoint that failed last time are under way at once.
const FAILING_AT_ONCE_MAX: usize = 8;
/// How many posts to all endpoints that failed last time are under way at once.
const DOUBTFUL_AT_ONCE_MAX: usize = 128;
/// How long most endpoints take at most.
const SLOW_AFTER: Duration = Duration::from_millis(250);
/// How many slow posts stand aside at most; further ones keep their place in the lane.
const ASIDE_MAX: usize = 448;

/// What is known of the endpoints that are posted to, or that failed last time.
#[derive(Clone, Default)]
pub(crate) struct Patience(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    endpoints: HashMap<Uuid, Tried>,
    /// When the posts under way began, in their order.
    began: BTreeMap<u64, Instant>,
    posts: u64,
    doubtful: usize,
}

#[derive(Default)]
struct Tried {
    under_way: usize,
    has_failed: bool,
}

impl Patience {
    /// Lets a post to an endpoint begin, one that is known to have failed before or not; nothing when it has to wait for others.
    pub(super) fn turn(&self, endpoint: Uuid, is_known_to_fail: bool) -> Option<Turn> {
        self.with(|known| {
            let tried = known.endpoints.entry(endpoint).or_default();
            let is_doubtful = tried.has_failed || is_known_to_fail;
            if is_doubtful && (tried.under_way >= FAILING_AT_ONCE_MAX || known.doubtful >= DOUBTFUL_AT_ONCE_MAX) {
                if tried.under_way == 0 && !tried.has_failed {
                    known.endpoints.remove(&endpoint);
                }
                return None;
            }
            tried.under_way = tried.under_way.saturating_add(1);
            known.doubtful = known.doubtful.saturating_add(usize::from(is_doubtful));
            known.posts = known.posts.wrapping_add(1);
            known.began.insert(known.posts, Instant::now());
            Some(Turn { patience: self.clone(), endpoint, number: known.posts, is_doubtful, has_failed: true })
        })
    }

    /// Returns how many posts stand aside and need no place in the lane.
    pub(crate) fn aside(&self) -> usize {
        self.with(|known| known.began.values().take(ASIDE_MAX).take_while(|began| began.elapsed() >= SLOW_AFTER).count())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Known) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A post under way. One that is dropped, because it took too long or never ended, has failed.
pub(super) struct Turn {
    patience: Patience,
    endpoint: Uuid,
    number: u64,
    is_doubtful: bool,
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
            known.began.remove(&self.number);
            known.doubtful = known.doubtful.saturating_sub(usize::from(self.is_doubtful));
            let Some(tried) = known.endpoints.get_mut(&self.endpoint) else { return };
            tried.under_way = tried.under_way.saturating_sub(1);
            tried.has_failed = self.has_failed;
            if tried.under_way == 0 && !tried.has_failed {
                known.endpoints.remove(&self.endpoint);
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
        let unknown: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint, false)).collect();
        assert_eq!(unknown.len(), 64, "one that never failed has no limit");
        drop(unknown);
        let failing: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint, false)).collect();
        assert_eq!(failing.len(), FAILING_AT_ONCE_MAX);
        assert!(patience.turn(Uuid::from_u128(2), false).is_some(), "others are not held up");
        drop(failing);
        patience.turn(endpoint, false).expect("a turn").ended_well();
        let again: Vec<_> = (0..64).filter_map(|_| patience.turn(endpoint, false)).collect();
        assert_eq!(again.len(), 64);
    }

    /// A process that just started knows of them by their rows.
    #[test]
    fn all_that_failed_together_get_few_turns() {
        let patience = Patience::default();
        let failing: Vec<_> = (0..1000).filter_map(|number| patience.turn(Uuid::from_u128(number), true)).collect();
        assert_eq!(failing.len(), DOUBTFUL_AT_ONCE_MAX);
        assert_eq!(patience.with(|known| known.endpoints.len()), DOUBTFUL_AT_ONCE_MAX, "nothing is kept of those that wait");
        let well = patience.turn(Uuid::from_u128(5000), false);
        assert!(well.is_some(), "others are not held up");
        drop(failing);
        assert!(patience.turn(Uuid::from_u128(1), true).is_some(), "its turn came");
    }

    #[test]
    fn slow_posts_stand_aside_up_to_a_limit() {
        let patience = Patience::default();
        let posts: Vec<_> = (0..600).filter_map(|number| patience.turn(Uuid::from_u128(number), false)).collect();
        assert_eq!((posts.len(), patience.aside()), (600, 0), "none is slow yet");
        std::thread::sleep(SLOW_AFTER);
        let quick = patience.turn(Uuid::from_u128(5000), false);
        assert_eq!(patience.aside(), ASIDE_MAX);
        drop(posts);
        assert_eq!(patience.aside(), 0, "the quick one needs its place");
        drop(quick);
    }
}

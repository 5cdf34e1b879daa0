//! The clock, passed in. Nothing else in the engine asks the operating system for the time.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns now, cut to microseconds: what both databases keep.
    fn now(&self) -> Timestamp;

    /// Returns now in the outside world, where people sit: moving the sandbox's clock signs nobody out.
    fn now_outside(&self) -> Timestamp;

    /// Returns an instant of the outside world (a block's time) as this clock would have shown it.
    fn in_own_time(&self, instant: Timestamp) -> Timestamp;

    /// Moves the clock forward, where it can be moved.
    fn advance(&self, by: SignedDuration);

    /// Runs ahead of the outside world by this much, as all processes do in a sandbox whose clock one of them moved; never runs back. Says
    /// whether it is a clock that follows.
    fn follow(&self, _ahead_micros: i64) -> bool {
        false
    }
}

/// The operating system's clock. In the sandbox it can be moved forward: then it runs ahead of the outside world by that much.
#[derive(Debug, Default)]
pub struct SystemClock {
    ahead_micros: AtomicI64,
}

impl SystemClock {
    /// Returns a clock that runs ahead by what an earlier process had moved it.
    #[must_use]
    pub const fn ahead_by(micros: i64) -> Self {
        Self { ahead_micros: AtomicI64::new(micros) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.in_own_time(self.now_outside())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn now_outside(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn in_own_time(&self, instant: Timestamp) -> Timestamp {
        let micros = instant.as_microsecond().saturating_add(self.ahead_micros.load(Ordering::Relaxed));
        Timestamp::from_microsecond(micros).unwrap_or(instant)
    }

    fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.ahead_micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn follow(&self, ahead_micros: i64) -> bool {
        self.ahead_micros.fetch_max(ahead_micros, Ordering::Relaxed);
        true
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct TestClock {
    now_micros: AtomicI64,
}

impl TestClock {
    /// Returns a clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now_micros: AtomicI64::new(now.as_microsecond()) }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_micros.load(Ordering::Relaxed)).unwrap_or(Timestamp::MAX)
    }

    fn now_outside(&self) -> Timestamp {
        self.now()
    }

    fn in_own_time(&self, instant: Timestamp) -> Timestamp {
        instant
    }

    fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.now_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

//! Tally: what this process did since it started, counted for an operator's alarms. Kept in memory: nothing is decided by it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::money::Network;
use jiff::Timestamp;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Something happened to an invoice or a refund: the event's type on the wire.
    Event(&'static str),
    /// A webhook was posted: what came of it.
    Webhook(Fate),
    /// A mail was handed over: what the mail server said.
    Mail(Fate),
    /// A job of a kind failed, and is tried again.
    JobFailed(&'static str),
    /// A chain was looked at in vain.
    LookFailed(Network),
}

/// What the other side did with what it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It took it.
    Taken,
    /// It did not, and is tried again if there is a try left.
    NotTaken,
}

/// The counts of a process.
#[derive(Default)]
pub(crate) struct Tally(Mutex<Counts>);

/// The counts as they stand.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// How often each thing happened; what never did is left out.
    pub counted: BTreeMap<Counted, u64>,
    /// When this process last read a chain, by the operating system's clock.
    pub looked_at: BTreeMap<Network, Timestamp>,
}

impl Tally {
    pub(crate) fn count(&self, what: Counted) {
        self.with(|counts| {
            let count = counts.counted.entry(what).or_default();
            *count = count.saturating_add(1);
        });
    }

    pub(crate) fn looked_at(&self, network: Network, at: Timestamp) {
        self.with(|counts| {
            counts.looked_at.insert(network, at);
        });
    }

    pub(crate) fn read(&self) -> Counts {
        self.with(|counts| counts.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Counts) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counts {
    /// Returns how often something happened.
    #[must_use]
    pub fn of(&self, what: Counted) -> u64 {
        self.counted.get(&what).copied().unwrap_or_default()
    }
}

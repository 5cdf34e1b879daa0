//! What the engine reaches beyond its own code, where it should be another than the usual: ids, chains, merchants' servers, the
//! way to its rows. Programs leave all of it as it is; the simulator puts its own world here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::delivery::DeliveryFault;
use domain::email::EmailAddress;
use domain::money::Network;
use thiserror::Error;

use crate::ids::{Ids, SystemIds};
use crate::rails::Rail;
use crate::store::StoreError;

/// How many callers share one commit at most.
const CALLERS_MAX: usize = 128;

/// What the engine reaches beyond its own code.
#[derive(Clone)]
pub struct Outside {
    /// Where ids come from.
    pub ids: Arc<dyn Ids>,
    /// Chains that no settings describe.
    pub rails: BTreeMap<Network, Arc<dyn Rail>>,
    /// Another way to merchants' servers than HTTP.
    pub post: Option<Arc<dyn Post>>,
    /// Another mail server than the one of the settings.
    pub mail: Option<Arc<dyn MailServer>>,
    /// What stands between the engine and its rows.
    pub gate: Option<Arc<dyn WriteGate>>,
    /// How callers share commits.
    pub sharing: Arc<Sharing>,
}

impl Default for Outside {
    fn default() -> Self {
        Self { ids: Arc::new(SystemIds), rails: BTreeMap::new(), post: None, mail: None, gate: None, sharing: Arc::default() }
    }
}

/// How many callers share one durable commit at most, and how many did: what a benchmark turns down and reads. No setting: there is no
/// installation that a commit for each caller would serve better.
#[derive(Debug)]
pub struct Sharing {
    callers_max: usize,
    commits: AtomicU64,
    callers: AtomicU64,
}

impl Default for Sharing {
    fn default() -> Self {
        Self::up_to(CALLERS_MAX)
    }
}

impl Sharing {
    /// Lets so many callers share a commit; at least one.
    #[must_use]
    pub fn up_to(callers_max: usize) -> Self {
        Self { callers_max: callers_max.max(1), commits: AtomicU64::new(0), callers: AtomicU64::new(0) }
    }

    /// Returns how many commits there were, and how many callers had a part in them.
    #[must_use]
    pub fn counted(&self) -> (u64, u64) {
        (self.commits.load(Ordering::Relaxed), self.callers.load(Ordering::Relaxed))
    }

    pub(crate) const fn callers_max(&self) -> usize {
        self.callers_max
    }

    pub(crate) fn count(&self, callers: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.callers.fetch_add(u64::try_from(callers).unwrap_or_default(), Ordering::Relaxed);
    }
}

/// What a merchant's server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Its `Retry-After`, as it stood there.
    pub retry_after: Option<String>,
    /// How its body began.
    pub body: String,
}

impl Answered {
    /// Returns an answer without a body.
    #[must_use]
    pub fn with(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// The way to merchants' servers.
#[async_trait]
pub trait Post: Send + Sync {
    /// Posts once.
    ///
    /// # Errors
    /// What went wrong, for the delivery log.
    async fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: String) -> Result<Answered, DeliveryFault>;
}

/// From whom and to whom a mail is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where the mail comes from, and where it goes back to.
    pub from: EmailAddress,
    /// Whom it is for.
    pub to: EmailAddress,
}

/// Why a mail server did not take a mail, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotTaken {
    /// It may take it later; or it did, and its answer was lost.
    #[error("{0}")]
    ForNow(String),
    /// It never will.
    #[error("{0}")]
    ForGood(String),
}

/// The way to a mail server.
#[async_trait]
pub trait MailServer: Send + Sync {
    /// Hands a message over. The same message may be handed over again: its Message-ID tells.
    ///
    /// # Errors
    /// [`NotTaken`], also when it is unknown.
    async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotTaken>;

    /// Says whether the server answers and lets us in.
    ///
    /// # Errors
    /// What went wrong, without the password.
    async fn greet(&self) -> Result<(), NotTaken>;
}

/// Stands on both sides of every write, as a network to the database does. One that never answers is a process that died there.
#[async_trait]
pub trait WriteGate: Send + Sync {
    /// Lets a write through to the database.
    ///
    /// # Errors
    /// What the caller hears instead; nothing is written.
    async fn before(&self) -> Result<(), StoreError>;

    /// Lets the answer of a committed write through to its caller.
    ///
    /// # Errors
    /// What the caller hears instead; it is written.
    async fn after(&self) -> Result<(), StoreError>;
}

//! What the engine reaches beyond its own code, where it should be another than the usual: ids, chains, merchants' servers, the
//! way to its rows. Programs leave all of it as it is; the simulator puts its own world here.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::money::Network;

use crate::ids::{Ids, SystemIds};
use crate::rails::Rail;
use crate::store::StoreError;

/// What the engine reaches beyond its own code.
#[derive(Clone)]
pub struct Outside {
    /// Where ids come from.
    pub ids: Arc<dyn Ids>,
    /// Chains that no settings describe.
    pub rails: BTreeMap<Network, Arc<dyn Rail>>,
    /// Another way to merchants' servers than HTTP.
    pub post: Option<Arc<dyn Post>>,
    /// What stands between the engine and its rows.
    pub gate: Option<Arc<dyn WriteGate>>,
}

impl Default for Outside {
    fn default() -> Self {
        Self { ids: Arc::new(SystemIds), rails: BTreeMap::new(), post: None, gate: None }
    }
}

/// The way to merchants' servers.
#[async_trait]
pub trait Post: Send + Sync {
    /// Posts once. `Ok` is the HTTP status, `Err` what went wrong, without the URL.
    ///
    /// # Errors
    /// What went wrong, in words for the delivery log.
    async fn post(&self, url: &str, headers: [(&'static str, String); 3], body: String) -> Result<u16, String>;
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

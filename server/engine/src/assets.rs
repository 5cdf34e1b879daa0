//! The assets of this installation.

use std::collections::BTreeMap;

use domain::money::{Asset, AssetId, Network};

/// The configured assets.
#[derive(Debug, Default)]
pub struct Assets(BTreeMap<AssetId, Asset>);

impl Assets {
    /// Takes the configured list; a later one of the same id replaces an earlier one.
    #[must_use]
    pub fn new(assets: Vec<Asset>) -> Self {
        Self(assets.into_iter().map(|asset| (asset.id, asset)).collect())
    }

    /// Returns an asset.
    #[must_use]
    pub fn get(&self, id: AssetId) -> Option<&Asset> {
        self.0.get(&id)
    }

    /// Returns all assets, by id.
    pub fn all(&self) -> impl Iterator<Item = &Asset> {
        self.0.values()
    }

    /// Returns the token contracts of a network: no destination for anybody.
    pub(crate) fn contracts(&self, network: Network) -> Vec<String> {
        self.all().filter(|asset| asset.network == network).filter_map(|asset| asset.contract.clone()).collect()
    }
}

//! The assets of this installation, and what fiat they are worth.

use std::collections::BTreeMap;

use domain::money::{Asset, AssetId, Network};
use domain::rate::{Currency, Rate};

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

/// A fixed price: of one coin of `symbol`, in `currency`.
#[derive(Clone, Debug)]
pub struct FixedRate {
    /// The coin's symbol, such as `USDT`.
    pub symbol: String,
    /// The currency.
    pub currency: Currency,
    /// The price.
    pub rate: Rate,
}

/// Looks up the price of an asset.
pub(crate) fn rate_of(rates: &[FixedRate], asset: AssetId, currency: Currency) -> Option<Rate> {
    rates.iter().find(|fixed| fixed.symbol == asset.symbol() && fixed.currency == currency).map(|fixed| fixed.rate)
}

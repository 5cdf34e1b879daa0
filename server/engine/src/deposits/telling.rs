//! Who tells of a network's deposits: Refundry reads the chain itself, or other systems tell. Here alone is decided which.
//!
//! Where others tell, they alone do: a payment that came by two ways, under two names, would be two deposits. So a network stays what it was
//! when its first deposit was booked.

use domain::money::{Asset, AssetId, Network};
use serde::Deserialize;

use crate::Engine;
use crate::store::{Store, StoreError, Tx, invoices, state};

/// Who tells of a network's deposits: `deposits` of its `[[rails]]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Telling {
    /// Refundry reads the chain, and takes nobody's word.
    #[default]
    Watched,
    /// Sources and `POST /deposits` tell; the chain is read for payouts only.
    Told,
}

impl Telling {
    /// Returns the name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Told => "told",
        }
    }
}

impl Engine {
    /// Says whether others may tell of deposits on a network: the operator left that to them, or the chain is made up.
    pub(crate) fn takes_word_of(&self, network: Network) -> bool {
        self.is_told(network) || self.is_simulated(network)
    }

    /// Says whether only others tell of deposits on a network, and its chain is not read for them.
    pub(crate) fn is_told(&self, network: Network) -> bool {
        self.0.rails.contains_key(&network) && !self.0.watching.contains_key(&network)
    }
}

/// Keeps who tells of a network's deposits. Once one is booked it stays so: then another setting changes nothing, and the one in force is
/// returned.
pub(crate) async fn keep(store: &Store, network: Network, telling: Telling, assets: &[Asset]) -> Result<Option<String>, StoreError> {
    let name = format!("deposits on {network}");
    let assets: Vec<_> = assets.iter().filter(|asset| asset.network == network).map(|asset| asset.id).collect();
    let keep = store.write(move |tx| {
        Box::pin(async move {
            let kept = state::keep(tx, &name, telling.name()).await?;
            if kept == telling.name() {
                return Ok(None);
            }
            if is_any_booked(tx, &assets).await? {
                return Ok(Some(kept));
            }
            state::set(tx, &name, telling.name()).await?;
            Ok(None)
        })
    });
    keep.await
}

async fn is_any_booked(tx: &mut Tx, assets: &[AssetId]) -> Result<bool, StoreError> {
    for asset in assets {
        if invoices::has_deposit_of(tx, *asset).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

//! How layers of settings come together, and what a new one changes of the policies below it.

use std::collections::BTreeSet;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MerchantId, MidId};
use domain::merchant::Mid;
use domain::money::AssetId;
use domain::policy::{Overrides, Policy};

use super::Version;
use crate::Error;
use crate::store::{StoreError, Tx, policies as rows};

/// A level, with the MIDs whose policy it is part of.
pub(crate) struct Whose {
    pub(crate) merchant: MerchantId,
    pub(crate) mid: Option<MidId>,
    pub(super) mids: Vec<Mid>,
}

/// What a new version changes for one MID.
pub(super) struct Change {
    locks: Vec<String>,
    before: Vec<Version>,
    after: Vec<Version>,
}

impl Change {
    /// Returns the policy before and after: for all assets, then for each that a layer names.
    fn policies(&self) -> impl Iterator<Item = (Policy, Policy)> {
        let named: BTreeSet<AssetId> = self.before.iter().chain(&self.after).flat_map(|layer| layer.assets.keys().copied()).collect();
        let assets = core::iter::once(None).chain(named.into_iter().map(Some));
        assets.map(|asset| (layered(&self.before, asset, None), layered(&self.after, asset, None)))
    }

    pub(super) fn touched(&self) -> BTreeSet<&'static str> {
        self.policies().flat_map(|(before, after)| before.differences(&after)).collect()
    }

    pub(super) fn loosens_a_guard(&self) -> bool {
        self.policies().any(|(before, after)| before.approval_above.is_some() && before.is_loosened_by(&after))
    }
}

/// Returns what a new version changes for each MID of its level.
pub(super) async fn changes(tx: &mut Tx, whose: &Whose, version: &Version) -> Result<Vec<Change>, StoreError> {
    let mut changes = Vec::with_capacity(whose.mids.len());
    // A merchant's layer is also weighed by itself: what is locked in it holds for MIDs to come.
    let own = whose.mid.is_none().then_some(None);
    for mid in whose.mids.iter().map(|mid| Some(mid.id)).chain(own) {
        let before = rows::active(tx, whose.merchant, mid).await?;
        let locks = rows::locks(tx, whose.merchant, mid).await?;
        changes.push(Change { locks, after: with_layer(before.clone(), version.clone()), before });
    }
    Ok(changes)
}

/// Refuses a change of what the operator keeps, for whichever MID.
pub(super) fn refuse_locked(changes: &[Change]) -> Result<(), Error> {
    let locked = |change: &Change| {
        let touched = change.touched();
        change.locks.iter().filter_map(|lock| touched.get(lock.as_str()).copied()).collect::<Vec<_>>()
    };
    let mut errors = FieldErrors::default();
    for name in changes.iter().flat_map(locked).collect::<BTreeSet<_>>() {
        errors.push(FieldError::new(name, "locked", "the operator keeps this setting: ask them to change it"));
    }
    Ok(errors.into_result()?)
}

/// Returns the settings below a MID's own layer.
pub(crate) fn before_mid(layers: &[Version]) -> Policy {
    layers.iter().filter(|layer| layer.mid.is_none()).fold(Policy::default(), |policy, layer| policy.with(&layer.overrides))
}

/// Applies every layer: merchant, MID (each for all assets, then for this one), invoice.
pub(crate) fn layered(layers: &[Version], asset: Option<AssetId>, own: Option<&Overrides>) -> Policy {
    let mut policy = Policy::default();
    for layer in layers {
        policy = policy.with(&layer.overrides);
        if let Some(overrides) = asset.and_then(|asset| layer.assets.get(&asset)) {
            policy = policy.with(overrides);
        }
    }
    match own {
        Some(own) => policy.with(own),
        None => policy,
    }
}

/// Returns layers with a new version in the place of the one of its level. A merchant's lies below all others.
pub(crate) fn with_layer(mut layers: Vec<Version>, new: Version) -> Vec<Version> {
    match layers.iter_mut().find(|layer| layer.mid == new.mid) {
        Some(layer) => *layer = new,
        None => layers.insert(0, new),
    }
    layers
}

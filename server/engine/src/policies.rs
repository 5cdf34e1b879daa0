//! Policies: who says what, in versions. A MID's settings are the defaults with the merchant's layer over them, then the MID's,
//! each with its layer for the asset, then the invoice's own. Here they are read; `versions` writes them.

mod layers;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use domain::claim::{FieldError, FieldErrors};
use domain::exception::in_time_until;
use domain::ids::{InvoiceId, MerchantId, MidId, PolicyId};
use domain::invoice::Invoice;
use domain::merchant::{Actor, Mid, Right, Scope};
use domain::money::AssetId;
use domain::policy::{Overrides, Policy, PolicyVersion};
use domain::view::SimulationView;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::callers::Caller;
use crate::store::codec::needed;
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, Tx, merchants, policies as rows};
use crate::{Engine, Error};

use layers::Whose;
pub(crate) use layers::{before_mid, layered, with_layer};
pub use versions::{NewVersion, may_begin_at};

/// Whose layer of settings is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A merchant's: all its MIDs build on it.
    Merchant(MerchantId),
    /// One MID's own.
    Mid(MidId),
}

impl From<MerchantId> for Level {
    fn from(merchant: MerchantId) -> Self {
        Self::Merchant(merchant)
    }
}

impl From<MidId> for Level {
    fn from(mid: MidId) -> Self {
        Self::Mid(mid)
    }
}

/// What a merchant, or one of its MIDs, says differently from the layers below it: one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: PolicyId,
    /// Of which merchant.
    pub merchant: MerchantId,
    /// Of which MID; `None` for the merchant's own layer, which all its MIDs build on.
    pub mid: Option<MidId>,
    /// Counted from 1 per scope.
    pub number: u32,
    /// What it says for all assets.
    pub overrides: Overrides,
    /// What it says for one asset.
    pub assets: BTreeMap<AssetId, Overrides>,
    /// Where it stands.
    pub state: VersionState,
    /// Who wrote it.
    pub author: Actor,
    /// Who agreed to it, where somebody had to.
    pub approver: Option<Actor>,
    /// What it would have made of a period's real payments, with the newest invoices that would stand elsewhere; tried when it was written.
    /// Nothing for a merchant's own layer, which is tried MID by MID.
    pub simulation: Option<SimulationView>,
    /// Since when it is active, or from when it will be.
    pub effective_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Where a version stands (requirements 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Waits for a second person, because it loosens a guard.
    Draft,
    /// Becomes active at its time.
    Scheduled,
    /// In force.
    Active,
    /// Another one is in force.
    Superseded,
    /// Given up.
    Discarded,
}

impl VersionState {
    const ALL: [Self; 5] = [Self::Draft, Self::Scheduled, Self::Active, Self::Superseded, Self::Discarded];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Superseded => "superseded",
            Self::Discarded => "discarded",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Engine {
    /// Returns a MID's policy as it is now, every layer of merchant and MID applied.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn policy(&self, caller: &Caller, mid: MidId) -> Result<PolicyVersion, Error> {
        let mid = self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(effective(&mut tx, &mid, None, None).await?)
    }

    /// Returns the policy that judges what is paid for an invoice next, from when on that is late, and until when the rest of a part payment
    /// may come.
    ///
    /// # Errors
    /// `NotFound` when the invoice is not the caller's.
    pub async fn judging(&self, caller: &Caller, invoice: InvoiceId) -> Result<(PolicyVersion, Timestamp, Timestamp), Error> {
        let invoice = self.own_invoice(caller, invoice).await?;
        let mid = self.own_mid(caller, invoice.mid).await?;
        let version = self.policy_for(&mid, &invoice).await?;
        let late_after = in_time_until(&invoice, &[], &version.policy);
        let rest_until = late_after.max(version.policy.topup_until.after(invoice.expires_at));
        Ok((version, late_after, rest_until))
    }

    /// Returns a MID's policy as it would be for an asset if the MID said nothing of that asset alone: what it says is told from this.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's, or the asset is not configured.
    pub async fn policy_below_asset(&self, caller: &Caller, mid: MidId, asset: AssetId) -> Result<Policy, Error> {
        self.assets().get(asset).ok_or(Error::NotFound)?;
        let mid = self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        let mut layers = rows::active(&mut tx, mid.merchant, Some(mid.id)).await?;
        for layer in layers.iter_mut().filter(|layer| layer.mid.is_some()) {
            layer.assets.remove(&asset);
        }
        Ok(layered(&layers, Some(asset), None))
    }

    /// Returns what a merchant's MIDs build on as it is now: the defaults with the merchant's layer over them.
    ///
    /// # Errors
    /// `NotFound` when the merchant is not the caller's.
    pub async fn merchant_policy(&self, caller: &Caller, merchant: MerchantId) -> Result<Policy, Error> {
        let versions = self.policy_versions(caller, merchant).await?;
        let active = versions.into_iter().find(|version| version.state == VersionState::Active);
        Ok(active.map_or_else(Policy::default, |own| Policy::default().with(&own.overrides)))
    }

    /// Returns all versions of a level's own layer, newest first.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn policy_versions(&self, caller: &Caller, level: impl Into<Level>) -> Result<Vec<Version>, Error> {
        let whose = self.own_level(caller, level.into()).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::versions(&mut tx, whose.merchant, whose.mid).await?)
    }

    /// Returns the MIDs whose policy waits for this person: somebody else wrote a version that loosens a guard.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn policies_to_approve(&self, caller: &Caller) -> Result<Vec<Mid>, Error> {
        if !caller.may(Right::Approve) {
            return Ok(Vec::new());
        }
        let mut mids = self.mids(caller).await?;
        let mut tx = self.store().read().await?;
        let drafts = rows::drafts_of(&mut tx, &mids.iter().map(|mid| mid.id.0).collect::<Vec<_>>()).await?;
        let own = caller.actor.to_string();
        mids.retain(|mid| drafts.iter().any(|(of, author)| *of == mid.id.0 && *author != own));
        Ok(mids)
    }

    /// Returns which settings of a level only the operator may change. What is locked for a merchant is locked for its MIDs.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn policy_locks(&self, caller: &Caller, level: impl Into<Level>) -> Result<Vec<String>, Error> {
        let whose = self.own_level(caller, level.into()).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::locks(&mut tx, whose.merchant, whose.mid).await?)
    }

    /// Checks what an invoice says differently: it may not loosen what the operator keeps.
    pub(crate) async fn check_overrides(&self, caller: &Caller, mid: MidId, asset: AssetId, own: Option<&Overrides>) -> Result<(), Error> {
        let Some(own) = own else { return Ok(()) };
        let owner = self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        let before = effective(&mut tx, &owner, Some(asset), None).await?.policy;
        drop(tx);
        let locks = self.policy_locks(caller, mid).await?;
        let after = before.clone().with(own);
        let mut errors = FieldErrors::default();
        if let Err(wrong) = after.check() {
            errors.0.extend(wrong.within("policy").0);
        }
        for name in before.differences(&after).into_iter().filter(|name| locks.iter().any(|lock| lock == name)) {
            errors.push(FieldError::new(&format!("policy.{name}"), "locked", "the operator keeps this setting: ask them to change it"));
        }
        if before.approval_above.is_some() && before.is_loosened_by(&after) {
            errors.push(FieldError::new(
                "policy",
                "loosened",
                "an invoice may be stricter than its MID, not looser: change the MID's policy",
            ));
        }
        Ok(errors.into_result()?)
    }

    /// Returns what a level is made of; somebody else's is not found.
    pub(crate) async fn own_level(&self, caller: &Caller, level: Level) -> Result<Whose, Error> {
        match level {
            Level::Mid(mid) => {
                let mid = self.own_mid(caller, mid).await?;
                Ok(Whose { merchant: mid.merchant, mid: Some(mid.id), mids: vec![mid] })
            }
            Level::Merchant(merchant) => {
                let is_own = match caller.scope {
                    Scope::Everything => true,
                    Scope::Merchant(own) => own == merchant,
                    // One shop's key says nothing for the others.
                    Scope::Mid(_) => false,
                };
                let mut tx = self.store().read().await?;
                if !is_own || merchants::merchant(&mut tx, merchant).await?.is_none() {
                    return Err(Error::NotFound);
                }
                let mids = merchants::mids(&mut tx, MidFilter::new(Scope::Merchant(merchant), None)).await?;
                Ok(Whose { merchant, mid: None, mids })
            }
        }
    }

    /// Returns the policy as it is now for an invoice of a MID, and writes its settings down if they are new: what is decided by them
    /// refers to them for ever.
    pub(crate) async fn policy_for(&self, mid: &Mid, invoice: &Invoice) -> Result<PolicyVersion, Error> {
        let layers = self.store().policies(mid.id).await?;
        let version = effective_of(&layers, mid, Some(invoice.charged.asset), invoice.overrides.as_ref())?;
        if self.0.known_policies.get(version.id).is_none() {
            let (id, policy) = (version.id, version.policy.clone());
            self.store().write(move |tx| Box::pin(async move { rows::remember(tx, id, &policy).await })).await?;
            self.0.known_policies.insert(version.id, Arc::new(version.policy.clone()));
        }
        Ok(version)
    }

    /// Returns the settings that a case or a refund refers to.
    pub(crate) async fn settings_of(&self, id: PolicyId) -> Result<Arc<Policy>, StoreError> {
        if let Some(known) = self.0.known_policies.get(id) {
            return Ok(known);
        }
        let mut tx = self.store().read().await?;
        let settings = Arc::new(rows::settings(&mut tx, id).await?);
        self.0.known_policies.insert(id, Arc::clone(&settings));
        Ok(settings)
    }
}

/// How many settings are kept in memory. An invoice may have its own.
const KNOWN_MAX: usize = 1000;

/// Settings that are known to be written down, so that they are neither written again for every payment nor read again for every step. What
/// an id names never changes.
#[derive(Debug, Default)]
pub(crate) struct KnownPolicies(Mutex<HashMap<PolicyId, Arc<Policy>>>);

impl KnownPolicies {
    fn get(&self, id: PolicyId) -> Option<Arc<Policy>> {
        self.0.lock().ok()?.get(&id).cloned()
    }

    fn insert(&self, id: PolicyId, policy: Arc<Policy>) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(id, policy);
        }
    }
}

/// Returns the policy of a MID as it is now, for an asset and an invoice.
async fn effective(tx: &mut Tx, mid: &Mid, asset: Option<AssetId>, own: Option<&Overrides>) -> Result<PolicyVersion, StoreError> {
    effective_of(&rows::active(tx, mid.merchant, Some(mid.id)).await?, mid, asset, own)
}

fn effective_of(layers: &[Version], mid: &Mid, asset: Option<AssetId>, own: Option<&Overrides>) -> Result<PolicyVersion, StoreError> {
    let policy = layered(layers, asset, own);
    let newest = needed("policy_versions", "active version of a MID", layers.last().filter(|layer| layer.mid.is_some()))?;
    Ok(PolicyVersion {
        id: id_of(&policy)?,
        mid: mid.id,
        number: newest.number,
        created_at: newest.effective_at.unwrap_or(newest.created_at),
        policy,
    })
}

/// Names settings by their hash.
pub(crate) fn id_of(policy: &Policy) -> Result<PolicyId, StoreError> {
    let text = serde_json::to_string(policy).map_err(|_| StoreError::Inconsistent { table: "policies", id: "text".to_owned() })?;
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Ok(PolicyId(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}

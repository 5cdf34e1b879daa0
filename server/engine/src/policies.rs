//! Policies: who says what, in versions. A MID's settings are the defaults with the merchant's layer over them, then the MID's,
//! each with its layer for the asset, then the invoice's own.

use std::collections::BTreeMap;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MerchantId, MidId, PolicyId};
use domain::invoice::Invoice;
use domain::job::Job;
use domain::merchant::{Actor, Mid, Right};
use domain::money::AssetId;
use domain::policy::{KNOBS, Overrides, Policy, PolicyVersion};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::needed;
use crate::store::{StoreError, Tx, jobs, merchants, policies as rows};
use crate::worker::Done;
use crate::{Engine, Error};

/// How far ahead a version can be scheduled.
const SCHEDULED_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 365);

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

/// What a MID's policy shall say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVersion {
    /// For all assets.
    pub overrides: Overrides,
    /// For one asset.
    pub assets: BTreeMap<AssetId, Overrides>,
    /// From when; at once when left out.
    pub effective_at: Option<Timestamp>,
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

    /// Returns all versions of a MID's own layer, newest first.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn policy_versions(&self, caller: &Caller, mid: MidId) -> Result<Vec<Version>, Error> {
        let mid = self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::versions(&mut tx, mid.merchant, Some(mid.id)).await?)
    }

    /// Returns which of a MID's settings only the operator may change.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn policy_locks(&self, caller: &Caller, mid: MidId) -> Result<Vec<String>, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::locks(&mut tx, mid).await?)
    }

    /// Makes a whole policy the MID's: every setting is said, for all assets. Active at once.
    ///
    /// # Errors
    /// As [`Engine::write_policy`].
    pub async fn set_policy(&self, caller: &Caller, mid: MidId, policy: Policy) -> Result<PolicyVersion, Error> {
        let text = serde_json::to_value(&policy).and_then(serde_json::from_value::<Overrides>);
        let overrides = text.map_err(|error| Error::field("policy", "invalid", error.to_string()))?;
        self.write_policy(caller, mid, NewVersion { overrides, ..NewVersion::default() }).await?;
        self.policy(caller, mid).await
    }

    /// Makes a new version of a MID's layer. What was judged before keeps the settings that judged it.
    ///
    /// It is active at once or at its time; one that loosens a guard (a shorter delay, a higher limit) waits as a draft for a
    /// second person, where a MID has a limit that asks for second persons at all.
    ///
    /// # Errors
    /// `Invalid` for settings outside their limits or locked by the operator, `Forbidden`, `NotFound`.
    pub async fn write_policy(&self, caller: &Caller, mid: MidId, new: NewVersion) -> Result<Version, Error> {
        caller.require(Right::ChangePolicy)?;
        retrying!(self.try_write_policy(caller, mid, &new))
    }

    async fn try_write_policy(&self, caller: &Caller, mid: MidId, new: &NewVersion) -> Result<Version, Error> {
        let mid = self.own_mid(caller, mid).await?;
        let now = self.now();
        if new.effective_at.is_some_and(|at| at < now || at.duration_since(now) > SCHEDULED_AHEAD_MAX) {
            return Err(Error::field("effective_at", "out_of_range", "choose a time within the next year, or leave it out"));
        }
        let mut tx = self.store().read().await?;
        let locks = rows::locks(&mut tx, mid.id).await?;
        let before = effective(&mut tx, &mid, None, None).await?.policy;
        let numbered = rows::versions(&mut tx, mid.merchant, Some(mid.id)).await?;
        let layers = rows::active(&mut tx, &mid).await?;
        drop(tx);
        self.check_layers(&layers, new, &locks, caller, &before)?;
        let after = before_mid(&layers).with(&new.overrides);
        let needs_second = before.approval_above.is_some() && before.is_loosened_by(&after);
        let state = match (needs_second, new.effective_at) {
            (true, _) => VersionState::Draft,
            (false, Some(_)) => VersionState::Scheduled,
            (false, None) => VersionState::Draft,
        };
        let version = Version {
            id: PolicyId(self.mint()),
            merchant: mid.merchant,
            mid: Some(mid.id),
            number: numbered.first().map_or(1, |newest| newest.number.saturating_add(1)),
            overrides: new.overrides.clone(),
            assets: new.assets.clone(),
            state,
            author: caller.actor,
            approver: None,
            effective_at: new.effective_at,
            created_at: now,
        };
        let (row, is_active_now) = (version.clone(), !needs_second && new.effective_at.is_none());
        let detail = json!({ "mid": mid.id, "number": version.number, "says": version.overrides, "assets": version.assets });
        let record = deed(caller, &version, now, "policy.changed", detail);
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    rows::insert(tx, &row).await?;
                    audit::append(tx, &record).await?;
                    match row.effective_at.filter(|_| row.state == VersionState::Scheduled) {
                        Some(at) => jobs::enqueue(tx, Job::ActivatePolicy(row.id).at(at)).await,
                        None if is_active_now => rows::activate(tx, &row, None, now).await,
                        None => Ok(()),
                    }
                })
            })
            .await?;
        self.wake_worker();
        Ok(if is_active_now { Version { state: VersionState::Active, effective_at: Some(now), ..version } } else { version })
    }

    /// Checks what a new version says, for every asset it names, and that it touches nothing the operator locked.
    fn check_layers(&self, layers: &[Version], new: &NewVersion, locks: &[String], caller: &Caller, before: &Policy) -> Result<(), Error> {
        let mut errors = FieldErrors::default();
        let base = before_mid(layers).with(&new.overrides);
        if let Err(wrong) = base.check() {
            errors.0.extend(wrong.0);
        }
        for (asset, layer) in &new.assets {
            if self.assets().get(*asset).is_none() {
                errors.push(FieldError::new(&format!("assets.{asset}"), "unknown", "this asset is not configured"));
            }
            if let Err(wrong) = base.clone().with(layer).check() {
                errors.0.extend(wrong.0.into_iter().map(|error| FieldError { field: format!("assets.{asset}.{}", error.field), ..error }));
            }
        }
        if !caller.may(Right::Operate) {
            let changed = before.differences(&base);
            let touched = changed.into_iter().chain(new.assets.values().flat_map(Overrides::names));
            for name in touched.filter(|name| locks.iter().any(|lock| lock == name)) {
                errors.push(FieldError::new(name, "locked", "the operator keeps this setting: ask them to change it"));
            }
        }
        Ok(errors.into_result()?)
    }

    /// Checks what an invoice says differently: it may not loosen what the operator keeps.
    pub(crate) async fn check_overrides(&self, caller: &Caller, mid: MidId, own: Option<&Overrides>) -> Result<(), Error> {
        let Some(own) = own else { return Ok(()) };
        let before = self.policy(caller, mid).await?.policy;
        let locks = self.policy_locks(caller, mid).await?;
        let after = before.clone().with(own);
        let mut errors = FieldErrors::default();
        if let Err(wrong) = after.check() {
            errors.0.extend(wrong.0.into_iter().map(|error| FieldError { field: format!("policy.{}", error.field), ..error }));
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

    /// Agrees to a draft that another person wrote: it becomes active, or is scheduled for its time.
    ///
    /// # Errors
    /// `Refused` with `OwnRequest` for its author and `WrongState` unless it is a draft, `Forbidden`, `NotFound`.
    pub async fn approve_policy(&self, caller: &Caller, mid: MidId, id: PolicyId) -> Result<Version, Error> {
        caller.require(Right::Approve)?;
        let version = self.own_version(caller, mid, id).await?;
        if version.author == caller.actor {
            return Err(Error::Refused(domain::lifecycle::Refused::OwnRequest));
        }
        if version.state != VersionState::Draft {
            return Err(Error::Refused(domain::lifecycle::Refused::WrongState { state: version.state.name() }));
        }
        let (now, actor) = (self.now(), caller.actor);
        let record = deed(caller, &version, now, "policy.approved", json!({ "number": version.number }));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                audit::append(tx, &record).await?;
                match version.effective_at.filter(|at| *at > now) {
                    Some(at) => {
                        rows::move_on(tx, &version, VersionState::Scheduled, Some(actor), None).await?;
                        jobs::enqueue(tx, Job::ActivatePolicy(version.id).at(at)).await
                    }
                    None => rows::activate(tx, &version, Some(actor), now).await,
                }
            })
        });
        write.await?;
        self.own_version(caller, mid, id).await
    }

    /// Gives up a draft or a scheduled version.
    ///
    /// # Errors
    /// `Refused` with `WrongState` once it was active, `Forbidden`, `NotFound`.
    pub async fn discard_policy(&self, caller: &Caller, mid: MidId, id: PolicyId) -> Result<Version, Error> {
        caller.require(Right::ChangePolicy)?;
        let version = self.own_version(caller, mid, id).await?;
        match version.state {
            VersionState::Draft | VersionState::Scheduled => {}
            VersionState::Active | VersionState::Superseded | VersionState::Discarded => {
                return Err(Error::Refused(domain::lifecycle::Refused::WrongState { state: version.state.name() }));
            }
        }
        let record = deed(caller, &version, self.now(), "policy.discarded", json!({ "number": version.number }));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::move_on(tx, &version, VersionState::Discarded, None, None).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.own_version(caller, mid, id).await
    }

    /// Says which of a MID's settings only the operator may change.
    ///
    /// # Errors
    /// `Invalid` for a setting there is not, `Forbidden`, `NotFound`.
    pub async fn lock_policy(&self, caller: &Caller, mid: MidId, names: Vec<String>) -> Result<(), Error> {
        caller.require(Right::Operate)?;
        let owner = self.own_mid(caller, mid).await?.merchant;
        if let Some(unknown) = names.iter().find(|name| KNOBS.iter().all(|knob| knob.name != *name)) {
            return Err(Error::field("names", "unknown", format!("there is no setting {unknown}")));
        }
        let record = AuditRecord {
            merchant: Some(owner),
            at: self.now(),
            actor: Some(caller.actor),
            action: "policy.locked".to_owned(),
            subject: mid.0,
            detail: json!({ "names": names }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::set_locks(tx, mid, &names).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Makes a scheduled version the active one.
    pub(crate) async fn activate_policy(&self, id: PolicyId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let version = needed("policy_versions", "job", rows::load(&mut tx, id).await?)?;
        drop(tx);
        let now = self.now();
        match (version.state, version.effective_at) {
            (VersionState::Scheduled, Some(at)) if now < at => return Ok(Done::Again { at }),
            (VersionState::Scheduled, _) => {}
            (VersionState::Draft | VersionState::Active | VersionState::Superseded | VersionState::Discarded, _) => {
                return Ok(Done::Finished);
            }
        }
        self.store().write(move |tx| Box::pin(async move { rows::activate(tx, &version, None, now).await })).await?;
        Ok(Done::Finished)
    }

    async fn own_version(&self, caller: &Caller, mid: MidId, id: PolicyId) -> Result<Version, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        rows::load(&mut tx, id).await?.filter(|version| version.mid == Some(mid)).ok_or(Error::NotFound)
    }

    /// Returns the policy as it is now for an invoice, and writes its settings down if they are new: what is decided by them refers
    /// to them for ever.
    pub(crate) async fn policy_for(&self, invoice: &Invoice) -> Result<PolicyVersion, Error> {
        let mut tx = self.store().read().await?;
        let mid = needed("mids", "invoice", merchants::mid(&mut tx, invoice.mid).await?)?;
        let version = effective(&mut tx, &mid, Some(invoice.charged.asset), invoice.overrides.as_ref()).await?;
        drop(tx);
        if !self.0.known_policies.contains(version.id) {
            let (id, policy) = (version.id, version.policy.clone());
            self.store().write(move |tx| Box::pin(async move { rows::remember(tx, id, &policy).await })).await?;
            self.0.known_policies.insert(version.id);
        }
        Ok(version)
    }
}

/// Settings that are known to be written down, so that they are not written again for every payment.
#[derive(Debug, Default)]
pub(crate) struct KnownPolicies(std::sync::Mutex<std::collections::HashSet<PolicyId>>);

impl KnownPolicies {
    fn contains(&self, id: PolicyId) -> bool {
        self.0.lock().is_ok_and(|known| known.contains(&id))
    }

    fn insert(&self, id: PolicyId) {
        if let Ok(mut known) = self.0.lock() {
            known.insert(id);
        }
    }
}

/// Returns the settings below a MID's own layer.
fn before_mid(layers: &[Version]) -> Policy {
    layers.iter().filter(|layer| layer.mid.is_none()).fold(Policy::default(), |policy, layer| policy.with(&layer.overrides))
}

/// Applies every layer: merchant, MID (each for all assets, then for this one), invoice.
async fn effective(tx: &mut Tx, mid: &Mid, asset: Option<AssetId>, own: Option<&Overrides>) -> Result<PolicyVersion, StoreError> {
    let layers = rows::active(tx, mid).await?;
    let mut policy = Policy::default();
    for layer in &layers {
        policy = policy.with(&layer.overrides);
        if let Some(overrides) = asset.and_then(|asset| layer.assets.get(&asset)) {
            policy = policy.with(overrides);
        }
    }
    if let Some(own) = own {
        policy = policy.with(own);
    }
    let newest = needed("policy_versions", "active version of a MID", layers.last().filter(|layer| layer.mid.is_some()))?;
    Ok(PolicyVersion {
        id: id_of(&policy)?,
        mid: mid.id,
        number: newest.number,
        created_at: newest.effective_at.unwrap_or(newest.created_at),
        policy,
    })
}

fn deed(caller: &Caller, version: &Version, at: Timestamp, action: &str, detail: serde_json::Value) -> AuditRecord {
    let (merchant, actor) = (Some(version.merchant), Some(caller.actor));
    AuditRecord { merchant, at, actor, action: action.to_owned(), subject: version.id.0, detail }
}

/// Names settings by their hash.
fn id_of(policy: &Policy) -> Result<PolicyId, StoreError> {
    let text = serde_json::to_string(policy).map_err(|_| StoreError::Inconsistent { table: "policies", id: "text".to_owned() })?;
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Ok(PolicyId(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}

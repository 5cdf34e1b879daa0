//! Policies: who says what, in versions. A MID's settings are the defaults with the merchant's layer over them, then the MID's,
//! each with its layer for the asset, then the invoice's own.

mod layers;

use std::collections::{BTreeMap, BTreeSet};

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MerchantId, MidId, PolicyId};
use domain::invoice::Invoice;
use domain::job::Job;
use domain::merchant::{Actor, Mid, Right, Scope};
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
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, Tx, jobs, merchants, policies as rows};
use crate::worker::Done;
use crate::{Engine, Error};

use layers::{Change, Whose, changes, refuse_locked};
pub(crate) use layers::{before_mid, layered, with_layer};

/// How far ahead a version can be scheduled.
const SCHEDULED_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 365);

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

/// What a layer shall say: all that it says differently from the layers below it.
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

    /// Returns which settings of a level only the operator may change. What is locked for a merchant is locked for its MIDs.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn policy_locks(&self, caller: &Caller, level: impl Into<Level>) -> Result<Vec<String>, Error> {
        let whose = self.own_level(caller, level.into()).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::locks(&mut tx, whose.merchant, whose.mid).await?)
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

    /// Makes a new version of a layer, a MID's or a merchant's. What was judged before keeps the settings that judged it.
    ///
    /// It is active at once or at its time; one that loosens a guard (a shorter delay, a higher limit) of any MID, for any asset, waits
    /// as a draft for a second person, where that MID has a limit that asks for second persons at all.
    ///
    /// # Errors
    /// `Invalid` for settings outside their limits or locked by the operator, `Forbidden`, `NotFound`.
    pub async fn write_policy(&self, caller: &Caller, level: impl Into<Level>, new: NewVersion) -> Result<Version, Error> {
        caller.require(Right::ChangePolicy)?;
        let level = level.into();
        retrying!(self.try_write_policy(caller, level, &new))
    }

    async fn try_write_policy(&self, caller: &Caller, level: Level, new: &NewVersion) -> Result<Version, Error> {
        let whose = self.own_level(caller, level).await?;
        let now = self.now();
        if new.effective_at.is_some_and(|at| at < now || at.duration_since(now) > SCHEDULED_AHEAD_MAX) {
            return Err(Error::field("effective_at", "out_of_range", "choose a time within the next year, or leave it out"));
        }
        let mut tx = self.store().read().await?;
        let numbered = rows::versions(&mut tx, whose.merchant, whose.mid).await?;
        let mut version = Version {
            id: PolicyId(self.mint()),
            merchant: whose.merchant,
            mid: whose.mid,
            number: numbered.first().map_or(1, |newest| newest.number.saturating_add(1)),
            overrides: new.overrides.clone(),
            assets: new.assets.clone(),
            state: VersionState::Draft,
            author: caller.actor,
            approver: None,
            effective_at: new.effective_at,
            created_at: now,
        };
        let changes = changes(&mut tx, &whose, &version).await?;
        let base = match level {
            Level::Merchant(_) => Policy::default(),
            Level::Mid(mid) => before_mid(&rows::active(&mut tx, whose.merchant, Some(mid)).await?),
        };
        drop(tx);
        self.check_draft(base, new)?;
        if !caller.may(Right::Operate) {
            refuse_locked(&changes)?;
        }
        let needs_second = changes.iter().any(Change::loosens_a_guard);
        if !needs_second && new.effective_at.is_some() {
            version.state = VersionState::Scheduled;
        }
        let (row, is_active_now) = (version.clone(), !needs_second && new.effective_at.is_none());
        let detail = json!({ "mid": version.mid, "number": version.number, "says": version.overrides, "assets": version.assets });
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

    /// Checks the limits of what a new version says over the settings below it, for every asset it names.
    pub(crate) fn check_draft(&self, below: Policy, new: &NewVersion) -> Result<(), Error> {
        let mut errors = FieldErrors::default();
        let base = below.with(&new.overrides);
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
        Ok(errors.into_result()?)
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
    pub async fn approve_policy(&self, caller: &Caller, level: impl Into<Level>, id: PolicyId) -> Result<Version, Error> {
        caller.require(Right::Approve)?;
        let level = level.into();
        let version = self.own_version(caller, level, id).await?;
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
        self.own_version(caller, level, id).await
    }

    /// Gives up a draft or a scheduled version.
    ///
    /// # Errors
    /// `Refused` with `WrongState` once it was active, `Forbidden`, `NotFound`.
    pub async fn discard_policy(&self, caller: &Caller, level: impl Into<Level>, id: PolicyId) -> Result<Version, Error> {
        caller.require(Right::ChangePolicy)?;
        let level = level.into();
        let version = self.own_version(caller, level, id).await?;
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
        self.own_version(caller, level, id).await
    }

    /// Says which settings only the operator may change, of a MID or of a merchant and all its MIDs.
    ///
    /// # Errors
    /// `Invalid` for a setting there is not, `Forbidden`, `NotFound`.
    pub async fn lock_policy(&self, caller: &Caller, level: impl Into<Level>, names: Vec<String>) -> Result<(), Error> {
        caller.require(Right::Operate)?;
        let whose = self.own_level(caller, level.into()).await?;
        if let Some(unknown) = names.iter().find(|name| KNOBS.iter().all(|knob| knob.name != *name)) {
            return Err(Error::field("names", "unknown", format!("there is no setting {unknown}")));
        }
        let names: BTreeSet<String> = names.into_iter().collect();
        let record = AuditRecord {
            merchant: Some(whose.merchant),
            at: self.now(),
            actor: Some(caller.actor),
            action: "policy.locked".to_owned(),
            subject: whose.mid.map_or(whose.merchant.0, |mid| mid.0),
            detail: json!({ "names": names }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::set_locks(tx, whose.merchant, whose.mid, &names).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Makes a scheduled version the active one. It was weighed when it was written: what was tightened since, it does not loosen without
    /// a second person either, and becomes a draft.
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
        let mut tx = self.store().read().await?;
        let mids = match version.mid {
            Some(mid) => merchants::mid(&mut tx, mid).await?.into_iter().collect(),
            None => merchants::mids(&mut tx, MidFilter::new(Scope::Merchant(version.merchant), None)).await?,
        };
        let whose = Whose { merchant: version.merchant, mid: version.mid, mids };
        let loosens = changes(&mut tx, &whose, &version).await?.iter().any(Change::loosens_a_guard);
        drop(tx);
        if !loosens || version.approver.is_some() {
            self.store().write(move |tx| Box::pin(async move { rows::activate(tx, &version, None, now).await })).await?;
            return Ok(Done::Finished);
        }
        let record = AuditRecord {
            merchant: Some(version.merchant),
            at: now,
            actor: Some(Actor::System),
            action: "policy.waits".to_owned(),
            subject: version.id.0,
            detail: json!({ "number": version.number, "why": "it loosens a guard that was tightened since it was scheduled" }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::move_on(tx, &version, VersionState::Draft, None, None).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        Ok(Done::Finished)
    }

    async fn own_version(&self, caller: &Caller, level: Level, id: PolicyId) -> Result<Version, Error> {
        let whose = self.own_level(caller, level).await?;
        let mut tx = self.store().read().await?;
        let version = rows::load(&mut tx, id).await?;
        version.filter(|version| version.merchant == whose.merchant && version.mid == whose.mid).ok_or(Error::NotFound)
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

/// Returns the policy of a MID as it is now, for an asset and an invoice.
async fn effective(tx: &mut Tx, mid: &Mid, asset: Option<AssetId>, own: Option<&Overrides>) -> Result<PolicyVersion, StoreError> {
    let layers = rows::active(tx, mid.merchant, Some(mid.id)).await?;
    let policy = layered(&layers, asset, own);
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
pub(crate) fn id_of(policy: &Policy) -> Result<PolicyId, StoreError> {
    let text = serde_json::to_string(policy).map_err(|_| StoreError::Inconsistent { table: "policies", id: "text".to_owned() })?;
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Ok(PolicyId(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}

//! Versions of a policy's layers: written, agreed to by a second person, scheduled, active, given up.

use std::collections::{BTreeMap, BTreeSet};

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MidId, PolicyId};
use domain::job::Job;
use domain::merchant::{Actor, Right, Scope};
use domain::money::AssetId;
use domain::policy::{KNOBS, Overrides, Policy, PolicyVersion};
use domain::view::SimulationView;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::layers::{Change, Whose, before_mid, changes, refuse_locked};
use super::{Level, Version, VersionState};
use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::error::retrying;
use crate::simulation::Simulation;
use crate::store::codec::needed;
use crate::store::jobs::Lane;
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, Tx, callers, jobs, merchants, policies as rows};
use crate::worker::Done;
use crate::{Engine, Error, PageRequest};

/// How far ahead a version can be scheduled.
const SCHEDULED_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 365);

/// On how much of the past a version is tried when nobody says.
const TRIED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How many of the invoices that would stand elsewhere are kept with it.
const LISTED: u32 = 10;

/// Says whether a version that is written now can be in force from an instant on.
#[must_use]
pub fn may_begin_at(at: Timestamp, now: Timestamp) -> bool {
    at >= now && at.duration_since(now) <= SCHEDULED_AHEAD_MAX
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
    /// Which period's payments it is tried on before it is written, from one instant up to, not including, another: the last 30 days when
    /// left out, or as much of them as can be tried at once. Only for a MID's layer.
    pub tried_on: Option<(Timestamp, Timestamp)>,
}

impl Engine {
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
        if new.effective_at.is_some_and(|at| !may_begin_at(at, now)) {
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
            simulation: None,
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
        version.simulation = match level {
            Level::Mid(mid) => Some(self.tried(caller, mid, new, now).await?),
            Level::Merchant(_) if new.tried_on.is_some() => {
                return Err(Error::field("tried_on", "unknown", "a merchant's layer is tried on each of its MIDs: leave it out"));
            }
            Level::Merchant(_) => None,
        };
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
                        Some(at) => jobs::enqueue(tx, &[Job::ActivatePolicy(row.id).at(at)]).await,
                        None if is_active_now => rows::activate(tx, &row, None, now).await,
                        None => Ok(()),
                    }
                })
            })
            .await?;
        self.wake_worker(Lane::Money);
        Ok(if is_active_now { Version { state: VersionState::Active, effective_at: Some(now), ..version } } else { version })
    }

    /// Says what a new version would have made of real payments (requirements 3.5: the replay is stored with the version).
    async fn tried(&self, caller: &Caller, mid: MidId, new: &NewVersion, now: Timestamp) -> Result<SimulationView, Error> {
        let (mut from, to) = new.tried_on.unwrap_or((now.checked_sub(TRIED).unwrap_or(Timestamp::UNIX_EPOCH), now));
        loop {
            let page = PageRequest { limit: LISTED, after: None };
            let tried = self.simulate_policy(caller, mid, Simulation { draft: new.clone(), from, to, page }).await;
            let half = to.duration_since(from).checked_div(2).and_then(|half| to.checked_sub(half).ok());
            match (tried, half) {
                // Nobody chose this period: the newest part of it that is not too much.
                (Err(Error::Invalid(errors)), Some(half)) if new.tried_on.is_none() && errors.message("to").is_some() && half > from => {
                    from = half;
                }
                (Err(Error::Invalid(errors)), _) => return Err(Error::Invalid(errors.within("tried_on"))),
                (tried, _) => return tried,
            }
        }
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
                errors.0.extend(wrong.within(&format!("assets.{asset}")).0);
            }
        }
        Ok(errors.into_result()?)
    }

    /// Agrees to a draft that another person wrote: it becomes active, or is scheduled for its time.
    ///
    /// # Errors
    /// `Refused` with `OwnRequest` for its author and `WrongState` unless it is a draft, `Invalid` when the operator locked what it
    /// changes since it was written, `Forbidden`, `NotFound`.
    pub async fn approve_policy(&self, caller: &Caller, level: impl Into<Level>, id: PolicyId) -> Result<Version, Error> {
        caller.require(Right::Approve)?;
        let level = level.into();
        let version = self.own_version(caller, level, id).await?;
        self.require_another(caller, version.author).await?;
        if version.state != VersionState::Draft {
            return Err(Error::Refused(domain::lifecycle::Refused::WrongState { state: version.state.name() }));
        }
        let whose = self.own_level(caller, level).await?;
        let mut tx = self.store().read().await?;
        if !caller.may(Right::Operate) && !is_operator(&mut tx, version.author).await? {
            refuse_locked(&changes(&mut tx, &whose, &version).await?)?;
        }
        drop(tx);
        let (now, actor) = (self.now(), caller.actor);
        let record = deed(caller, &version, now, "policy.approved", json!({ "number": version.number }));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                audit::append(tx, &record).await?;
                match version.effective_at.filter(|at| *at > now) {
                    Some(at) => {
                        rows::move_on(tx, &version, VersionState::Scheduled, Some(actor), None).await?;
                        jobs::enqueue(tx, &[Job::ActivatePolicy(version.id).at(at)]).await
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
    /// a second person either, nor does it change what the operator locked since. It becomes a draft then.
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
        let Some(why) = self.why_it_waits(&version).await? else {
            self.store().write(move |tx| Box::pin(async move { rows::activate(tx, &version, None, now).await })).await?;
            return Ok(Done::Finished);
        };
        let record = AuditRecord {
            merchant: Some(version.merchant),
            at: now,
            actor: Some(Actor::System),
            action: "policy.waits".to_owned(),
            subject: version.id.0,
            detail: json!({ "number": version.number, "why": why }),
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

    /// Says why a scheduled version needs somebody to look at it again before it becomes active; `None` when it does not.
    async fn why_it_waits(&self, version: &Version) -> Result<Option<&'static str>, Error> {
        let mut tx = self.store().read().await?;
        let mids = match version.mid {
            Some(mid) => merchants::mid(&mut tx, mid).await?.into_iter().collect(),
            None => merchants::mids(&mut tx, MidFilter::new(Scope::Merchant(version.merchant), None)).await?,
        };
        let whose = Whose { merchant: version.merchant, mid: version.mid, mids };
        let changes = changes(&mut tx, &whose, version).await?;
        if version.approver.is_none() && changes.iter().any(Change::loosens_a_guard) {
            return Ok(Some("it loosens a guard that was tightened since it was scheduled"));
        }
        if refuse_locked(&changes).is_ok() {
            return Ok(None);
        }
        for person in core::iter::once(version.author).chain(version.approver) {
            if is_operator(&mut tx, person).await? {
                return Ok(None);
            }
        }
        Ok(Some("it changes what the operator locked since it was scheduled"))
    }

    async fn own_version(&self, caller: &Caller, level: Level, id: PolicyId) -> Result<Version, Error> {
        let whose = self.own_level(caller, level).await?;
        let mut tx = self.store().read().await?;
        let version = rows::load(&mut tx, id).await?;
        version.filter(|version| version.merchant == whose.merchant && version.mid == whose.mid).ok_or(Error::NotFound)
    }
}

/// Says whether somebody may do what only the operator may: the locks are theirs.
async fn is_operator(tx: &mut Tx, actor: Actor) -> Result<bool, StoreError> {
    let Actor::User(id) = actor else { return Ok(false) };
    Ok(callers::user(tx, id).await?.is_some_and(|user| user.role.may(Right::Operate)))
}

fn deed(caller: &Caller, version: &Version, at: Timestamp, action: &str, detail: serde_json::Value) -> AuditRecord {
    let (merchant, actor) = (Some(version.merchant), Some(caller.actor));
    AuditRecord { merchant, at, actor, action: action.to_owned(), subject: version.id.0, detail }
}

//! A MID's policy: tried on real payments, written in versions, agreed to by a second person. The engine checks that it is the caller's.

use std::collections::BTreeMap;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MidId, PolicyId};
use domain::lifecycle::Refused;
use domain::money::AssetId;
use domain::policy::{Overrides, Policy};
use engine::policies::{NewVersion, Version, VersionState, may_begin_at};
use engine::{Engine, Error};
use jiff::Timestamp;
use leptos::prelude::*;
use words::staff_policy;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::pages::{policy_settings, typed_setting};
use crate::reply::{Failure, tell_once};
use crate::session::caller;

/// Says of the form that it is tried, not saved.
pub(crate) const TRIED: &str = "tried";

/// Shows what the draft in the form would have made of real payments. Changes nothing.
#[server(prefix = "/fn", endpoint = "try_policy")]
pub async fn try_policy(
    /// Of which MID.
    mid: String,
    /// For which asset alone; for all when empty.
    #[server(default)]
    asset: String,
    /// Every field of the form, by the name of its setting.
    #[server(flatten)]
    typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = page_of(&mid, &asset);
    let mut values = values(&typed);
    match draft(&mid, &asset, in_form(&values)).await {
        Ok(_) => {
            values.push((TRIED, "on".to_owned()));
            tell_once(page, values);
        }
        Err(problem) => answer(page, values, Err(problem)),
    }
    Ok(())
}

/// Makes a new version of a MID's policy.
#[server(prefix = "/fn", endpoint = "write_policy")]
pub async fn write_policy(
    /// Of which MID.
    mid: String,
    /// The number of the version that the form was filled in from: a form on an older one is shown again.
    #[server(default)]
    from_version: String,
    /// From when, in UTC; at once when empty.
    #[server(default)]
    effective_at: String,
    /// For which asset alone; for all when empty.
    #[server(default)]
    asset: String,
    /// Whether the asset follows the policy for all assets again, whatever the other fields say.
    #[server(default)]
    as_for_all: bool,
    /// Every field of the form, by the name of its setting.
    #[server(flatten)]
    typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = page_of(&mid, &asset);
    let mut values = values(&typed);
    values.push(("effective_at", effective_at.clone()));
    let new = match as_for_all {
        true => unsaid(&mid, &asset).await,
        false => draft(&mid, &asset, in_form(&values)).await,
    };
    match write(&mid, &from_version, effective_at.trim(), new, &asset).await {
        Ok(state) => answer(format!("{page}?saved={}", state.name()), Vec::new(), Ok(())),
        Err(problem) => answer(page, values, Err(problem)),
    }
    Ok(())
}

/// Agrees to a version that somebody else wrote.
#[server(prefix = "/fn", endpoint = "approve_policy")]
pub async fn approve_policy(
    /// Of which MID.
    mid: String,
    /// Which version.
    version: String,
) -> Result<(), ServerFnError> {
    answer(format!("/policies/{mid}"), Vec::new(), decide(&mid, &version, true).await);
    Ok(())
}

/// Gives up a version that is not in force.
#[server(prefix = "/fn", endpoint = "discard_policy")]
pub async fn discard_policy(
    /// Of which MID.
    mid: String,
    /// Which version.
    version: String,
) -> Result<(), ServerFnError> {
    answer(format!("/policies/{mid}"), Vec::new(), decide(&mid, &version, false).await);
    Ok(())
}

/// Returns where a policy is written, for all assets or for one alone.
pub(crate) fn page_of(mid: &str, asset: &str) -> String {
    if asset.is_empty() { format!("/policies/{mid}") } else { format!("/policies/{mid}/{asset}") }
}

/// Finds settings in a form by their names.
fn in_form<'f>(values: &'f [(&'static str, String)]) -> impl Fn(&str) -> Option<String> + 'f {
    |name| values.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
}

fn values(typed: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let of = |name: &str| typed.get(name).cloned();
    policy_settings().filter_map(|setting| Some((setting.name, typed_setting(setting, of)?))).collect()
}

/// Reads what the form says differently from the policy as it is; what cannot be read is as it was.
fn changes(policy: &Policy, typed: impl Fn(&str) -> Option<String>) -> (Overrides, FieldErrors) {
    let mut errors = FieldErrors::default();
    let (mut policy, mut changes) = (policy.clone(), Overrides::default());
    for setting in policy_settings() {
        let Some(text) = typed(setting.name) else { continue };
        if text == (setting.shown)(&policy) {
            continue;
        }
        match (setting.read)(&policy, &text) {
            Some(read) => {
                let after = policy.clone().with(&read);
                if after != policy {
                    policy = after;
                    changes = changes.with(read);
                }
            }
            None => errors.push(FieldError::new(setting.name, "invalid", (setting.remedy)())),
        }
    }
    (changes, errors)
}

/// Reads the policy that the form asks for.
///
/// # Errors
/// Names every field that cannot be read or is outside its limits, in the order of the page.
fn wanted(policy: &Policy, typed: impl Fn(&str) -> Option<String>) -> Result<Policy, FieldErrors> {
    let (changes, mut errors) = changes(policy, typed);
    let wanted = policy.clone().with(&changes);
    if let Err(wrong) = wanted.check() {
        errors.0.extend(in_the_form(wrong, "").0);
    }
    let place = |error: &FieldError| policy_settings().position(|setting| setting.name == error.field);
    errors.0.sort_by_key(place);
    errors.into_result().map(|()| wanted)
}

/// What a MID says itself, and what its policy is for the assets that a form is about.
pub(crate) struct Said {
    /// For which asset alone.
    pub(crate) asset: Option<AssetId>,
    /// As it is for these assets.
    pub(crate) policy: Policy,
    /// As it would be if nothing were said of the asset alone; the same for all assets.
    pub(crate) below: Policy,
    /// The version in force.
    own: Option<Version>,
}

impl Said {
    /// Reads it; an asset that is not configured has no page.
    pub(crate) async fn read(mid: MidId, asset: &str) -> Result<Self, Failure> {
        let (engine, caller) = (expect_context::<Engine>(), caller().await?);
        let own = engine.policy_versions(&caller, mid).await?.into_iter().find(|version| version.state == VersionState::Active);
        if asset.is_empty() {
            let policy = engine.policy(&caller, mid).await?.policy;
            return Ok(Self { asset: None, below: policy.clone(), policy, own });
        }
        let asset: AssetId = asset.parse().map_err(|_| Failure::NoPage)?;
        let below = engine.policy_below_asset(&caller, mid, asset).await?;
        let layer = own.as_ref().and_then(|own| own.assets.get(&asset));
        let policy = layer.map_or_else(|| below.clone(), |layer| below.clone().with(layer));
        Ok(Self { asset: Some(asset), policy, below, own })
    }

    /// Returns the version that makes the policy `wanted` for these assets: what the MID says itself, with what is different.
    fn version(self, wanted: &Policy) -> NewVersion {
        let (mut overrides, mut assets) = self.own.map(|own| (own.overrides, own.assets)).unwrap_or_default();
        match self.asset {
            None => overrides = overrides.with(self.policy.layer_to(wanted)),
            Some(asset) => {
                let layer = self.below.layer_to(wanted);
                if layer == Overrides::default() {
                    assets.remove(&asset);
                } else {
                    assets.insert(asset, layer);
                }
            }
        }
        NewVersion { overrides, assets, effective_at: None, tried_on: None }
    }
}

/// Returns the version that the form asks for.
pub(crate) async fn draft(mid: &str, asset: &str, typed: impl Fn(&str) -> Option<String>) -> Result<NewVersion, Problem> {
    let said = Said::read(mid.parse().map_err(|_| Failure::NoPage)?, asset).await?;
    let wanted = wanted(&said.policy, typed)?;
    Ok(said.version(&wanted))
}

/// Returns the version that says nothing of an asset alone.
async fn unsaid(mid: &str, asset: &str) -> Result<NewVersion, Problem> {
    let said = Said::read(mid.parse().map_err(|_| Failure::NoPage)?, asset).await?;
    let below = said.below.clone();
    Ok(said.version(&below))
}

async fn write(
    mid: &str,
    from_version: &str,
    effective_at: &str,
    new: Result<NewVersion, Problem>,
    asset: &str,
) -> Result<VersionState, Problem> {
    let when = begin(effective_at);
    let (new, effective_at) = match (new, when) {
        (Err(Problem::Fields(mut errors)), Err(late)) => {
            errors.push(late);
            return Err(errors.into());
        }
        (new, when) => (new?, when.map_err(|late| FieldErrors(vec![late]))?),
    };
    let id: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    if engine.policy(&caller, id).await?.number.to_string() != from_version {
        return Err(FieldErrors::one("action", "conflict", say(staff_policy::Meanwhile)).into());
    }
    match engine.write_policy(&caller, id, NewVersion { effective_at, ..new }).await {
        Ok(version) => Ok(version.state),
        Err(Error::Invalid(errors)) => Err(in_the_form(errors, asset).into()),
        Err(error) => Err(error.into()),
    }
}

/// Reads from when a version shall be in force: at once when nothing is said.
fn begin(effective_at: &str) -> Result<Option<Timestamp>, FieldError> {
    if effective_at.is_empty() {
        return Ok(None);
    }
    // What the browser's own field of date and time writes.
    let written = if effective_at.ends_with('Z') { effective_at.to_owned() } else { format!("{effective_at}:00Z") };
    let at = written.parse().map_err(|_| FieldError::new("effective_at", "invalid", say(staff_policy::WriteTime)))?;
    if !may_begin_at(at, expect_context::<Engine>().now()) {
        return Err(FieldError::new("effective_at", "out_of_range", say(staff_policy::WithinAYear)));
    }
    Ok(Some(at))
}

/// Says what the engine refuses of the fields as the form has them. It names the domain's settings: `tolerance.percent`, or the whole one,
/// within `assets.USDT-TRON` where it is about an asset alone.
fn in_the_form(FieldErrors(errors): FieldErrors, asset: &str) -> FieldErrors {
    let within = format!("assets.{asset}.");
    let said = errors.into_iter().map(|error| {
        let name = error.field.strip_prefix(&within).unwrap_or(&error.field).replace('.', "_");
        let Some(setting) = policy_settings().find(|setting| setting.name == name || setting.knob == name) else {
            return error;
        };
        let message = match error.code.as_str() {
            "locked" => say(staff_policy::Keeps),
            "out_of_range" => (setting.remedy)(),
            _ => error.message,
        };
        FieldError { field: setting.name.to_owned(), code: error.code, message }
    });
    FieldErrors(said.collect())
}

async fn decide(mid: &str, version: &str, is_approved: bool) -> Result<(), Problem> {
    let (mid, version): (MidId, PolicyId) = (mid.parse().map_err(|_| Failure::NoPage)?, version.parse().map_err(|_| Failure::NoPage)?);
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let decided =
        if is_approved { engine.approve_policy(&caller, mid, version).await } else { engine.discard_policy(&caller, mid, version).await };
    match decided {
        Ok(_) => Ok(()),
        Err(Error::Refused(Refused::OwnRequest)) => Err(FieldErrors::one("action", "own", say(staff_policy::OwnVersion)).into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use domain::policy::{OnOver, Period};

    use super::*;

    #[test]
    fn only_what_is_different_is_said() {
        let policy = Policy::default();
        let typed = |name: &str| match name {
            "on_over" => Some("credit_all".to_owned()),
            "on_under" => Some("refund_all".to_owned()),
            "claim_ttl" => Some("30 days".to_owned()),
            "late_grace_fiat" => Some("10 minutes".to_owned()),
            "late_grace_coin" => Some("2 hours".to_owned()),
            _ => None,
        };
        let (said, errors) = changes(&policy, typed);
        assert_eq!(errors, FieldErrors::default());
        assert_eq!(said.names(), ["on_over", "late_grace", "claim_ttl"]);
        let after = policy.with(&said);
        assert_eq!((after.on_over, after.claim_ttl), (OnOver::CreditAll, Period::days(30)));
        assert_eq!((after.late_grace.fiat, after.late_grace.coin), (Period::minutes(10), Period::hours(2)));
    }

    #[test]
    fn an_asset_says_only_what_is_different_for_it() {
        let asset: AssetId = "USDT-TRON".parse().expect("an asset");
        let below = Policy { claim_ttl: Period::days(30), ..Policy::default() };
        let said = || Said { asset: Some(asset), policy: below.clone(), below: below.clone(), own: None };
        let wanted = Policy { on_over: OnOver::CreditAll, ..below.clone() };
        let version = said().version(&wanted);
        assert_eq!(version.overrides, Overrides::default(), "nothing is said of other assets");
        assert_eq!(version.assets[&asset].names(), ["on_over"]);
        assert!(said().version(&below).assets.is_empty(), "what is as for all assets is not said");
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once_and_in_order() {
        let typed = |name: &str| match name {
            "claim_ttl" => Some("soon days".to_owned()),
            "security_delay" => Some("31 days".to_owned()),
            "tolerance_percent" => Some("51".to_owned()),
            "late_grace_coin" => Some("8 days".to_owned()),
            "approval_above" => Some("EUR 1.005".to_owned()),
            _ => None,
        };
        let wrong = wanted(&Policy::default(), typed).expect_err("mistakes");
        let fields: Vec<&str> = wrong.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["tolerance_percent", "late_grace_coin", "approval_above", "claim_ttl", "security_delay"]);
        assert_eq!(wrong.message("claim_ttl"), Some("Enter 1 to 365 days"));
        assert_eq!(wrong.message("security_delay"), Some("Enter 0 to 30 days"));
    }
}

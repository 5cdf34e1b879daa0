//! A MID's policy: tried on real payments, written in versions, agreed to by a second person. The engine checks that it is the caller's.

use std::collections::BTreeMap;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MidId, PolicyId};
use domain::lifecycle::Refused;
use domain::policy::{Overrides, Policy};
use engine::policies::{NewVersion, VersionState};
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_policy;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::pages::policy_settings;
use crate::reply::{Failure, tell_once};
use crate::session::caller;

/// Says of the form that it is tried, not saved.
pub(crate) const TRIED: &str = "tried";

/// Shows what the draft in the form would have made of real payments. Changes nothing.
#[server(prefix = "/fn", endpoint = "try_policy")]
pub async fn try_policy(
    /// Of which MID.
    mid: String,
    /// Every field of the form, by the name of its setting.
    #[server(flatten)]
    typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = format!("/policies/{mid}");
    let mut values = values(&typed);
    match draft(&mid, &typed).await {
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
    /// Every field of the form, by the name of its setting.
    #[server(flatten)]
    typed: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let page = format!("/policies/{mid}");
    let mut values = values(&typed);
    values.push(("effective_at", effective_at.clone()));
    match write(&mid, &from_version, effective_at.trim(), &typed).await {
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

fn values(typed: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    policy_settings().filter_map(|setting| Some((setting.name, typed.get(setting.name)?.clone()))).collect()
}

/// Reads what the form says differently from the policy as it is.
///
/// # Errors
/// Names every field that cannot be read.
pub(crate) fn changes(policy: &Policy, typed: impl Fn(&str) -> Option<String>) -> Result<Overrides, FieldErrors> {
    let mut errors = FieldErrors::default();
    let (mut policy, mut changes) = (policy.clone(), Overrides::default());
    for setting in policy_settings() {
        let Some(text) = typed(setting.name).map(|text| text.trim().to_owned()) else { continue };
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
    errors.into_result().map(|()| changes)
}

/// Returns the version that the form asks for: what the MID says itself, with what is different in the form.
async fn draft(mid: &str, typed: &BTreeMap<String, String>) -> Result<NewVersion, Problem> {
    let id: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let policy = engine.policy(&caller, id).await?.policy;
    let changes = changes(&policy, |name| typed.get(name).cloned())?;
    policy.with(&changes).check().map_err(in_the_form)?;
    let own = engine.policy_versions(&caller, id).await?.into_iter().find(|version| version.state == VersionState::Active);
    let (overrides, assets) = own.map(|own| (own.overrides, own.assets)).unwrap_or_default();
    Ok(NewVersion { overrides: overrides.with(changes), assets, effective_at: None, tried_on: None })
}

async fn write(mid: &str, from_version: &str, effective_at: &str, typed: &BTreeMap<String, String>) -> Result<VersionState, Problem> {
    let new = draft(mid, typed).await?;
    let id: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    if engine.policy(&caller, id).await?.number.to_string() != from_version {
        return Err(FieldErrors::one("action", "conflict", say(staff_policy::Meanwhile)).into());
    }
    let effective_at = match effective_at {
        "" => None,
        // What the browser's own field of date and time writes.
        text => {
            let written = if text.ends_with('Z') { text.to_owned() } else { format!("{text}:00Z") };
            let at = written.parse().map_err(|_| FieldErrors::one("effective_at", "invalid", say(staff_policy::WriteTime)))?;
            Some(at)
        }
    };
    match engine.write_policy(&caller, id, NewVersion { effective_at, ..new }).await {
        Ok(version) => Ok(version.state),
        Err(Error::Invalid(errors)) => Err(in_the_form(errors).into()),
        Err(error) => Err(error.into()),
    }
}

/// Says what the engine refuses of the fields as the form has them. It names the domain's settings: `tolerance.percent`, or the whole one.
fn in_the_form(FieldErrors(errors): FieldErrors) -> FieldErrors {
    let said = errors.into_iter().map(|error| {
        let name = error.field.replace('.', "_");
        let Some(setting) = policy_settings().find(|setting| setting.name == name || setting.knob == name) else {
            let is_late = (name.as_str(), error.code.as_str()) == ("effective_at", "out_of_range");
            return if is_late { FieldError { message: say(staff_policy::WithinAYear), ..error } } else { error };
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
            "claim_ttl" => Some(" 30 days ".to_owned()),
            "late_grace_fiat" => Some("10 minutes".to_owned()),
            "late_grace_coin" => Some("2 hours".to_owned()),
            _ => None,
        };
        let said = changes(&policy, typed).expect("changes");
        assert_eq!(said.names(), ["on_over", "late_grace", "claim_ttl"]);
        let after = policy.with(&said);
        assert_eq!((after.on_over, after.claim_ttl), (OnOver::CreditAll, Period::days(30)));
        assert_eq!((after.late_grace.fiat, after.late_grace.coin), (Period::minutes(10), Period::hours(2)));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let wrong = changes(&Policy::default(), |name| (name == "claim_ttl").then(|| "soon".to_owned())).expect_err("no time");
        assert_eq!(wrong.message("claim_ttl"), Some("Write 1 to 365 days, such as P90D"));
    }
}

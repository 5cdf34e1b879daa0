//! Webhook endpoints of a merchant. The engine checks that they are the caller's and that their role may change them.

use domain::claim::FieldErrors;
use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{EndpointId, MidId};
use engine::Engine;
use leptos::prelude::*;

use super::refusal::{Problem, answer};
use crate::reply::{Failure, tell_once};
use crate::session::caller;

const PAGE: &str = "/settings/webhooks";

/// Adds an endpoint and tells its secret, once.
#[server(prefix = "/fn", endpoint = "add_endpoint")]
pub async fn add_endpoint(
    /// Where to.
    #[server(default)]
    url: String,
    /// Only this MID's events; all of the merchant's without one.
    #[server(default)]
    mid: String,
    /// In whose words; Refundry's own without one.
    #[server(default)]
    dialect: String,
) -> Result<(), ServerFnError> {
    match add(url.trim(), &mid, &dialect).await {
        Ok(told) => tell_once(PAGE.to_owned(), told),
        Err(problem) => answer(PAGE.to_owned(), vec![("url", url), ("mid", mid), ("dialect", dialect)], Err(problem)),
    }
    Ok(())
}

/// Replaces an endpoint's secret and tells the new one, once.
#[server(prefix = "/fn", endpoint = "rotate_endpoint")]
pub async fn rotate_endpoint(
    /// Which endpoint.
    id: String,
    /// When it was last rotated, as the page showed it: a form that is sent twice rotates once.
    #[server(default)]
    rotated_at: String,
) -> Result<(), ServerFnError> {
    match rotate(&id, &rotated_at).await {
        Ok(told) => tell_once(PAGE.to_owned(), told),
        Err(problem) => answer(PAGE.to_owned(), Vec::new(), Err(problem)),
    }
    Ok(())
}

/// Lets an endpoint's webhooks go somewhere else.
#[server(prefix = "/fn", endpoint = "move_endpoint")]
pub async fn move_endpoint(
    /// Which endpoint.
    id: String,
    /// Where to from now on.
    #[server(default)]
    to: String,
) -> Result<(), ServerFnError> {
    let moved = relocate(&id, to.trim()).await;
    answer(PAGE.to_owned(), vec![("moved", id), ("to", to)], moved);
    Ok(())
}

/// Ends an endpoint.
#[server(prefix = "/fn", endpoint = "remove_endpoint")]
pub async fn remove_endpoint(
    /// Which endpoint.
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), remove(&id).await);
    Ok(())
}

async fn add(url: &str, mid: &str, dialect: &str) -> Result<Vec<(&'static str, String)>, Problem> {
    let mid: Option<MidId> = Some(mid).filter(|mid| !mid.is_empty()).map(str::parse).transpose().map_err(|_| Failure::NoPage)?;
    let dialect = if dialect.is_empty() { Dialect::Native } else { Dialect::from_name(dialect).ok_or(Failure::NoPage)? };
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let is_there = |endpoint: &engine::endpoints::EndpointView| endpoint.url == url && endpoint.mid == mid.map(|mid| mid.0);
    if engine.endpoints(&caller).await?.iter().any(is_there) {
        return Err(FieldErrors::one("url", "taken", "This URL gets these webhooks already").into());
    }
    let new = engine.add_endpoint_in(&caller, dialect, SignatureScheme::V1, url, mid, EndpointId(engine.new_id())).await?;
    Ok(vec![("secret", new.secret), ("secret_of", new.endpoint.url)])
}

async fn rotate(id: &str, rotated_at: &str) -> Result<Vec<(&'static str, String)>, Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let found = engine.endpoints(&caller).await?.into_iter().find(|endpoint| endpoint.id == id.0).ok_or(Failure::NoPage)?;
    if found.rotated_at.map(|at| at.to_string()).unwrap_or_default() != rotated_at {
        let said = "This secret was replaced meanwhile. Nothing was done.";
        return Err(FieldErrors::one("action", "conflict", said).into());
    }
    let new = engine.rotate_endpoint(&caller, id, engine.new_id()).await?;
    Ok(vec![("secret", new.secret), ("secret_of", new.endpoint.url)])
}

async fn relocate(id: &str, to: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let moved = expect_context::<Engine>().move_endpoint(&caller, id, to).await;
    moved.map(drop).map_err(|error| match error {
        // The page has another field of this name: where a new endpoint listens.
        engine::Error::Invalid(FieldErrors(errors)) => {
            let renamed = errors.into_iter().map(|error| domain::claim::FieldError { field: "to".to_owned(), ..error });
            Problem::Fields(FieldErrors(renamed.collect()))
        }
        error => error.into(),
    })
}

async fn remove(id: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().remove_endpoint(&caller, id).await?;
    Ok(())
}

//! Webhook endpoints of a merchant. The engine checks that they are the caller's and that their role may change them.

use domain::claim::FieldErrors;
use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{DeliveryId, EndpointId, MidId, RefundId};
use domain::merchant::Scope;
use domain::notice::{Events, NoEvents};
use engine::Engine;
use engine::endpoints::Telling;
use leptos::prelude::*;
use words::staff_webhooks as said;

use super::refusal::{Problem, answer, at_fields};
use crate::language::say;
use crate::pages::fault;
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

/// Tells an endpoint in another dialect, or with other signatures, from now on.
#[server(prefix = "/fn", endpoint = "change_endpoint")]
pub async fn change_endpoint(
    /// Which endpoint.
    id: String,
    /// In whose words; as before without one.
    #[server(default)]
    dialect: String,
    /// Which signatures; as before without one.
    #[server(default)]
    signing: String,
) -> Result<(), ServerFnError> {
    let changed = change(&id, &dialect, &signing).await;
    answer(page_of(&id), Vec::new(), changed);
    Ok(())
}

/// Tells an endpoint of other events from now on.
#[server(prefix = "/fn", endpoint = "choose_events")]
pub async fn choose_events(
    /// Which endpoint.
    id: String,
    /// The types of those that are ticked.
    #[server(default)]
    events: Vec<String>,
) -> Result<(), ServerFnError> {
    let chosen = choose(&id, &events).await;
    answer(page_of(&id), Vec::new(), chosen);
    Ok(())
}

/// Lets an endpoint that answered 410 get what happens from now on.
#[server(prefix = "/fn", endpoint = "enable_endpoint")]
pub async fn enable_endpoint(
    /// Which endpoint.
    id: String,
) -> Result<(), ServerFnError> {
    answer(page_of(&id), Vec::new(), enable(&id).await);
    Ok(())
}

/// Posts a test to an endpoint and shows what it answered.
#[server(prefix = "/fn", endpoint = "test_endpoint")]
pub async fn test_endpoint(
    /// Which endpoint.
    id: String,
) -> Result<(), ServerFnError> {
    match test(&id).await {
        Ok(told) => tell_once(page_of(&id), told),
        Err(problem) => answer(page_of(&id), Vec::new(), Err(problem)),
    }
    Ok(())
}

/// Sends a webhook that ended once more.
#[server(prefix = "/fn", endpoint = "resend_webhook")]
pub async fn resend_webhook(
    /// Which delivery.
    id: String,
    /// To which endpoint, whose page is shown then.
    endpoint: String,
    /// About which refund, when it was sent again from there: its page is shown then.
    #[server(default)]
    refund: String,
) -> Result<(), ServerFnError> {
    let page = refund.parse::<RefundId>().map_or_else(|_| page_of(&endpoint), |id| format!("/refunds/{id}"));
    answer(page, Vec::new(), resend(&id).await);
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
    if caller.scope == Scope::Everything {
        return Err(engine::Error::Forbidden.into());
    }
    let is_there = |endpoint: &engine::endpoints::EndpointView| endpoint.url == url && endpoint.mid == mid.map(|mid| mid.0);
    if engine.endpoints(&caller).await?.iter().any(is_there) {
        return Err(FieldErrors::one("url", "taken", say(said::UrlTaken)).into());
    }
    let new = engine.add_endpoint_in(&caller, Telling { dialect, ..Telling::default() }, url, mid, EndpointId(engine.new_id())).await?;
    Ok(vec![("secret", new.secret), ("secret_of", new.endpoint.url)])
}

async fn rotate(id: &str, rotated_at: &str) -> Result<Vec<(&'static str, String)>, Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    let found = engine.endpoints(&caller).await?.into_iter().find(|endpoint| endpoint.id == id.0).ok_or(Failure::NoPage)?;
    if found.rotated_at.map(|at| at.to_string()).unwrap_or_default() != rotated_at {
        return Err(FieldErrors::one("action", "conflict", say(said::ReplacedMeanwhile)).into());
    }
    let new = engine.rotate_endpoint(&caller, id, engine.new_id()).await?;
    Ok(vec![("secret", new.secret), ("secret_of", new.endpoint.url)])
}

async fn relocate(id: &str, to: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let moved = expect_context::<Engine>().move_endpoint(&caller, id, to).await;
    // The page has another field of this name: where a new endpoint listens.
    moved.map(drop).map_err(|error| at_fields(error, |_| "to"))
}

/// Returns the page of an endpoint; of all of them when the id is none.
fn page_of(id: &str) -> String {
    id.parse::<EndpointId>().map_or_else(|_| PAGE.to_owned(), |id| format!("{PAGE}/{}", id.0))
}

async fn change(id: &str, dialect: &str, signing: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    if !dialect.is_empty() {
        engine.change_dialect(&caller, id, Dialect::from_name(dialect).ok_or(Failure::NoPage)?).await?;
    }
    if !signing.is_empty() {
        engine.change_signing(&caller, id, SignatureScheme::from_name(signing).ok_or(Failure::NoPage)?).await?;
    }
    Ok(())
}

async fn choose(id: &str, events: &[String]) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let engine = expect_context::<Engine>();
    // Whose it is goes first: what is wrong with a form tells nobody whether there is such an endpoint.
    engine.endpoint(&caller, id).await?;
    let events = Events::parse(events.iter().map(String::as_str)).map_err(|wrong| match wrong {
        NoEvents::Empty => Problem::Fields(FieldErrors::one("events", "required", say(said::NoEvents))),
        NoEvents::Unknown(_) => Failure::NoPage.into(),
    })?;
    engine.choose_events(&caller, id, events).await.map(drop).map_err(|error| at_fields(error, |_| "events"))
}

async fn enable(id: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().enable_endpoint(&caller, id).await?;
    Ok(())
}

async fn test(id: &str) -> Result<Vec<(&'static str, String)>, Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let tested = expect_context::<Engine>().test_endpoint(&caller, id).await;
    // There is no field for the dialect beside the button.
    let tested = tested.map_err(|error| at_fields(error, |_| "action"))?;
    let (millis, status) = (tested.took_ms.to_string(), tested.response_status.map(|status| status.to_string()).unwrap_or_default());
    let outcome = match fault(tested.error.as_deref()) {
        Some(error) => say(said::TestedError { error: &error, millis: &millis }),
        None => say(said::TestedStatus { status: &status, millis: &millis }),
    };
    Ok(vec![("tested", outcome), ("taken", tested.taken.to_string()), ("answer", tested.answer.unwrap_or_default())])
}

async fn resend(id: &str) -> Result<(), Problem> {
    let id: DeliveryId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().resend_webhook(&caller, id).await?;
    Ok(())
}

async fn remove(id: &str) -> Result<(), Problem> {
    let id: EndpointId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    expect_context::<Engine>().remove_endpoint(&caller, id).await?;
    Ok(())
}

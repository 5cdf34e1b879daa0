//! What staff may do with a refund. The engine checks that it is theirs and that their role may do it.

use domain::claim::FieldErrors;
use domain::ids::RefundId;
use domain::view::RefundView;
use engine::callers::Caller;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_refund;

use super::cancel;
use super::refusal::{self, Problem};
use crate::components::state_title;
use crate::language::say;
use crate::pages::by;
use crate::reply::{Failure, Submitted, form_again};
use crate::session::caller;

/// Stops a refund that was not sent.
#[server(prefix = "/fn", endpoint = "cancel_refund")]
pub async fn cancel_refund(
    /// Which refund.
    id: String,
    /// Why, from the page's list.
    #[server(default)]
    reason: String,
    /// In their own words.
    #[server(default)]
    note: String,
) -> Result<(), ServerFnError> {
    let values = vec![("reason", reason.clone()), ("note", note.clone())];
    let (why, words) = match cancel::parse(&reason, &note) {
        Ok(parsed) => parsed,
        Err(errors) => {
            form_again(format!("/refunds/{id}"), Submitted { values, errors });
            return Ok(());
        }
    };
    let cancel = move |engine: Engine, caller: Caller, id| async move { engine.cancel_refund(&caller, id, why, words).await };
    answer(&id, values, done(&id, cancel).await).await;
    Ok(())
}

/// Lets a refund of somebody else's making go on its way.
#[server(prefix = "/fn", endpoint = "approve_refund")]
pub async fn approve_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let approve = move |engine: Engine, caller: Caller, id| async move { engine.approve_refund(&caller, id).await };
    answer(&id, Vec::new(), done(&id, approve).await).await;
    Ok(())
}

/// Says no to a refund that waits for approval.
#[server(prefix = "/fn", endpoint = "decline_refund")]
pub async fn decline_refund(
    /// Which refund.
    id: String,
    /// Why, for whoever made it.
    #[server(default)]
    why: String,
) -> Result<(), ServerFnError> {
    let reason = why.clone();
    let decline = move |engine: Engine, caller: Caller, id| async move { engine.decline_refund(&caller, id, &reason).await };
    let declined = done(&id, decline).await.map_err(|problem| match problem {
        // The form tells its field from the reasons for cancelling.
        Problem::Fields(FieldErrors(errors)) => {
            let renamed = errors.into_iter().map(|error| match error.field.as_str() {
                "reason" => domain::claim::FieldError::new("why", &error.code, say(staff_refund::WhyNotNeeded)),
                "note" => domain::claim::FieldError::new("why", &error.code, say(staff_refund::WhyNotShorter)),
                _ => error,
            });
            Problem::Fields(FieldErrors(renamed.collect()))
        }
        Problem::Failed(failure) => Problem::Failed(failure),
    });
    answer(&id, vec![("why", why)], declined).await;
    Ok(())
}

/// Keeps a scheduled refund from being sent.
#[server(prefix = "/fn", endpoint = "hold_refund")]
pub async fn hold_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let hold = move |engine: Engine, caller: Caller, id| async move { engine.hold_refund(&caller, id).await };
    answer(&id, Vec::new(), done(&id, hold).await).await;
    Ok(())
}

/// Lets a refund on hold go.
#[server(prefix = "/fn", endpoint = "release_refund")]
pub async fn release_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let release = move |engine: Engine, caller: Caller, id| async move { engine.release_refund(&caller, id).await };
    answer(&id, Vec::new(), done(&id, release).await).await;
    Ok(())
}

/// Offers a refund again by a new link.
#[server(prefix = "/fn", endpoint = "reissue_refund")]
pub async fn reissue_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let reissue = move |engine: Engine, caller: Caller, id| async move { engine.reissue_refund(&caller, id).await };
    answer(&id, Vec::new(), done(&id, reissue).await).await;
    Ok(())
}

/// Sends the payer the claim link once more.
#[server(prefix = "/fn", endpoint = "notify_payer")]
pub async fn notify_payer(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let notify = move |engine: Engine, caller: Caller, id| async move { engine.notify_payer(&caller, id).await };
    answer(&id, Vec::new(), done(&id, notify).await).await;
    Ok(())
}

/// Orders the payout of a refund whose payout failed once more.
#[server(prefix = "/fn", endpoint = "retry_refund")]
pub async fn retry_refund(
    /// Which refund.
    id: String,
) -> Result<(), ServerFnError> {
    let retry = move |engine: Engine, caller: Caller, id| async move { engine.retry_refund(&caller, id).await };
    answer(&id, Vec::new(), done(&id, retry).await).await;
    Ok(())
}

/// Does something to a refund as whoever is signed in.
async fn done<F>(id: &str, act: impl FnOnce(Engine, Caller, RefundId) -> F) -> Result<(), Problem>
where
    F: Future<Output = Result<RefundView, Error>>,
{
    let id: RefundId = id.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    act(expect_context::<Engine>(), caller, id).await?;
    Ok(())
}

/// What a form is told of a refund that somebody else changed first.
pub(crate) const CHANGED: &str = "changed";

/// Shows the refund as it is now, with who changed it when that was somebody else; the form again with what is wrong, or what failed.
async fn answer(id: &str, values: Vec<(&'static str, String)>, done: Result<(), Problem>) {
    let done = match done {
        Err(Problem::Failed(Failure::Changed)) => changed(id).await,
        done => done,
    };
    refusal::answer(format!("/refunds/{id}"), values, done);
}

/// Says who changed a refund last, and where it stands since. Whoever did so themselves, by the first click of two, sees what came of it.
async fn changed(id: &str) -> Result<(), Problem> {
    let (id, caller, engine) = (id.parse().map_err(|_| Failure::NoPage)?, caller().await?, expect_context::<Engine>());
    let refund = engine.refund(&caller, id).await?;
    let Some(last) = refund.timeline.last() else { return Err(Failure::Changed.into()) };
    if last.by == caller.actor.to_string() {
        return Ok(());
    }
    let people = engine.people_named(&caller, std::iter::once(last.by.as_str())).await?;
    let said = staff_refund::ChangedMeanwhile { who: &by(&last.by, &people), state: &state_title(last.state) };
    Err(FieldErrors::one("action", CHANGED, say(said)).into())
}

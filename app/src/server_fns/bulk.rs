//! One action on many refunds, a batch a request: each refund is one ordinary call of the engine, which checks whose it is and what may
//! happen to it. What was done and what could not be is counted in the form, so nothing is kept between two batches.

use domain::claim::FieldErrors;
use domain::ids::RefundId;
use domain::merchant::Right;
use domain::refund::{CancelReason, StateName};
use engine::browsing::{ListedRefund, Place};
use engine::callers::Caller;
use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;
use words::staff_refusal;

use super::cancel;
use super::refusal::{Problem, answer, sentence};
use crate::language::say;
use crate::pages::selected::{PATH, Selection};
use crate::reply::{Failure, tell_once};
use crate::session::caller;

/// How many refunds one request deals with: few enough that it ends long before browsers and proxies lose patience.
const BATCH: u32 = 20;
/// After how many that could not be done the rest is left alone: somebody should look first.
pub(crate) const REFUSED_MAX: usize = 50;

/// What can be done to many refunds at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    Approve,
    Notify,
    Retry,
    Cancel,
}

impl Bulk {
    /// All of them, the dangerous one last.
    pub(crate) const ALL: [Self; 4] = [Self::Approve, Self::Notify, Self::Retry, Self::Cancel];

    /// Returns its name in URLs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Notify => "notify",
            Self::Retry => "retry",
            Self::Cancel => "cancel",
        }
    }

    /// Returns the right it needs.
    pub(crate) const fn right(self) -> Right {
        match self {
            Self::Approve => Right::Approve,
            Self::Notify => Right::WriteToPayers,
            Self::Retry | Self::Cancel => Right::MoveMoney,
        }
    }

    /// Returns where its form is posted.
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Approve => ApproveRefunds::url(),
            Self::Notify => NotifyPayers::url(),
            Self::Retry => RetryRefunds::url(),
            Self::Cancel => CancelRefunds::url(),
        }
    }

    /// Says whether a refund stands where this can happen to it.
    pub(crate) const fn fits(self, state: StateName) -> bool {
        match self {
            Self::Approve => matches!(state, StateName::AwaitingApproval),
            Self::Notify => matches!(state, StateName::AwaitingClaim),
            Self::Retry => matches!(state, StateName::PayoutFailed),
            Self::Cancel => match state {
                StateName::AwaitingApproval
                | StateName::AwaitingClaim
                | StateName::Scheduled
                | StateName::OnHold
                | StateName::PayoutFailed => true,
                StateName::Sending | StateName::Paid | StateName::Expired | StateName::Canceled | StateName::Declined => false,
            },
        }
    }
}

/// Lets the refunds of a selection go on their way that others made.
#[server(prefix = "/fn", endpoint = "approve_refunds")]
pub async fn approve_refunds(
    /// Which refunds, as the list's query.
    of: String,
    /// How far it is.
    #[server(default)]
    so_far: String,
) -> Result<(), ServerFnError> {
    let done = go_on(Bulk::Approve, &of, &so_far, None).await;
    show(Bulk::Approve, of, Vec::new(), done);
    Ok(())
}

/// Sends the payers of a selection their claim links once more.
#[server(prefix = "/fn", endpoint = "notify_payers")]
pub async fn notify_payers(
    /// Which refunds, as the list's query.
    of: String,
    /// How far it is.
    #[server(default)]
    so_far: String,
) -> Result<(), ServerFnError> {
    let done = go_on(Bulk::Notify, &of, &so_far, None).await;
    show(Bulk::Notify, of, Vec::new(), done);
    Ok(())
}

/// Orders the failed payouts of a selection once more.
#[server(prefix = "/fn", endpoint = "retry_refunds")]
pub async fn retry_refunds(
    /// Which refunds, as the list's query.
    of: String,
    /// How far it is.
    #[server(default)]
    so_far: String,
) -> Result<(), ServerFnError> {
    let done = go_on(Bulk::Retry, &of, &so_far, None).await;
    show(Bulk::Retry, of, Vec::new(), done);
    Ok(())
}

/// Stops the refunds of a selection that were not sent.
#[server(prefix = "/fn", endpoint = "cancel_refunds")]
pub async fn cancel_refunds(
    /// Which refunds, as the list's query.
    of: String,
    /// How far it is.
    #[server(default)]
    so_far: String,
    /// Why, from the page's list.
    #[server(default)]
    reason: String,
    /// In their own words.
    #[server(default)]
    note: String,
) -> Result<(), ServerFnError> {
    let done = match cancel::parse(&reason, &note) {
        Ok(why) => go_on(Bulk::Cancel, &of, &so_far, Some(why)).await,
        Err(errors) => Err(errors.into()),
    };
    show(Bulk::Cancel, of, vec![("reason", reason), ("note", note)], done);
    Ok(())
}

/// How far an action on many refunds is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many it was to be when it began.
    pub(crate) of: u64,
    /// How many were looked at.
    pub(crate) looked_at: u64,
    /// How many it was done to.
    pub(crate) done: u64,
    /// How many stood where it cannot be done.
    pub(crate) skipped: u64,
    /// Which is the last that was looked at.
    pub(crate) last: Option<Uuid>,
    /// Which it could not be done to: id, reference, why.
    pub(crate) refused: Vec<(Uuid, String, String)>,
}

impl Progress {
    /// Says whether there is nothing left to do, or too much went wrong to go on.
    pub(crate) fn is_over(&self) -> bool {
        self.looked_at >= self.of || self.refused.len() >= REFUSED_MAX
    }

    /// Returns it as a form has it.
    pub(crate) fn write(&self) -> String {
        let Self { of, looked_at, done, skipped, last, refused } = self;
        let last = last.map(|id| id.to_string()).unwrap_or_default();
        let heading = format!("{of} {looked_at} {done} {skipped} {last}");
        let refused = refused.iter().map(|(id, reference, why)| format!("\n{id}\t{reference}\t{why}"));
        std::iter::once(heading).chain(refused).collect()
    }

    /// Reads what [`Self::write`] wrote; nothing when it is something else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // A browser sends line breaks as CR LF.
        let mut lines = text.lines();
        let mut words = lines.next()?.split(' ');
        let mut number = || words.next()?.parse::<u64>().ok();
        let (of, looked_at, done, skipped) = (number()?, number()?, number()?, number()?);
        let last = match words.next()? {
            "" => None,
            id => Some(id.parse().ok()?),
        };
        let refused = lines.map(|line| {
            let mut parts = line.splitn(3, '\t');
            Some((parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?.to_owned()))
        });
        Some(Self { of, looked_at, done, skipped, last, refused: refused.collect::<Option<_>>()? })
    }
}

/// Deals with the next batch of a selection.
async fn go_on(bulk: Bulk, of: &str, so_far: &str, why: Option<(CancelReason, Option<String>)>) -> Result<Progress, Problem> {
    let (engine, caller) = (expect_context::<Engine>(), caller().await?);
    // Also where none of them would be asked about in the end.
    caller.require(bulk.right())?;
    let selection = Selection::of_query(of).ok_or(Failure::Unreadable)?;
    let mut progress = Progress::read(so_far).ok_or(Failure::Unreadable)?;
    let place = progress.last.map_or(selection.begins, Place::OlderThan);
    let left = u32::try_from(progress.of.saturating_sub(progress.looked_at)).unwrap_or(BATCH).min(BATCH);
    let found = engine.browse_refunds(&caller, &selection.wanted, place, left).await?;
    if found.rows.len() < usize::try_from(left).unwrap_or(usize::MAX) {
        // Some moved on and match no more: what is here is all that is left.
        progress.of = progress.looked_at.saturating_add(u64::try_from(found.rows.len()).unwrap_or_default());
    }
    for refund in found.rows {
        if progress.is_over() {
            break;
        }
        progress.last = Some(refund.id);
        progress.looked_at = progress.looked_at.saturating_add(1);
        if !bulk.fits(refund.state) {
            progress.skipped = progress.skipped.saturating_add(1);
            continue;
        }
        match act(&engine, &caller, bulk, RefundId(refund.id), why.clone()).await {
            Ok(()) => progress.done = progress.done.saturating_add(1),
            // Ten minutes went by. What was done already is skipped when they are back.
            Err(error @ Error::ProofNeeded) => return Err(error.into()),
            Err(error) => progress.refused.push(refused(&refund, error)),
        }
    }
    Ok(progress)
}

async fn act(engine: &Engine, caller: &Caller, bulk: Bulk, id: RefundId, why: Option<(CancelReason, Option<String>)>) -> Result<(), Error> {
    match (bulk, why) {
        (Bulk::Approve, _) => engine.approve_refund(caller, id).await.map(drop),
        (Bulk::Notify, _) => engine.notify_payer(caller, id).await.map(drop),
        (Bulk::Retry, _) => engine.retry_refund(caller, id).await.map(drop),
        (Bulk::Cancel, Some((reason, note))) => engine.cancel_refund(caller, id, reason, note).await.map(drop),
        (Bulk::Cancel, None) => Err(Error::Invalid(FieldErrors::one("reason", "required", "choose why"))),
    }
}

/// Returns which refund it is and why it could not be done. Never says failed of what is unknown.
fn refused(refund: &ListedRefund, error: Error) -> (Uuid, String, String) {
    let why = sentence(&error).unwrap_or_else(|| match Failure::from(error) {
        Failure::SignIn | Failure::Prove => say(staff_refusal::SignedOut),
        Failure::Forbidden => say(staff_refusal::NotYourRole),
        Failure::NoPage | Failure::NoRefund | Failure::Unreadable => say(staff_refusal::NotThere),
        Failure::Changed => say(staff_refusal::MovedOn),
        Failure::TooMany => say(staff_refusal::TooMuch),
        Failure::Away | Failure::Ours => say(staff_refusal::Unknown),
    });
    (refund.id, refund.reference.clone(), why)
}

/// Shows how far it is, or the form again with what is wrong.
fn show(bulk: Bulk, of: String, typed: Vec<(&'static str, String)>, done: Result<Progress, Problem>) {
    let page = if of.is_empty() { format!("{PATH}?action={}", bulk.name()) } else { format!("{PATH}?action={}&{of}", bulk.name()) };
    match done {
        Ok(progress) => tell_once(page, [typed, vec![("so_far", progress.write())]].concat()),
        Err(problem) => answer(page, typed, Err(problem)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_survives_a_form() {
        let id = Uuid::from_u128(7);
        let refused = vec![(id, "REFUND-HA 1".to_owned(), "Your balance has 0.1 USDT.".to_owned())];
        let progress = Progress { of: 31, looked_at: 20, done: 18, skipped: 1, last: Some(id), refused };
        assert_eq!(Progress::read(&progress.write()), Some(progress.clone()));
        assert_eq!(Progress::read(&progress.write().replace('\n', "\r\n")), Some(progress));
        let begins = Progress { of: 3, ..Progress::default() };
        assert_eq!(Progress::read(&begins.write()), Some(begins));
        for text in ["", "1 2 3", "1 2 3 4 x", "1 2 3 4 \nnobody"] {
            assert_eq!(Progress::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn it_ends_when_all_were_looked_at_or_too_many_refused() {
        let looked_at =
            |looked_at, refused| Progress { of: 100, looked_at, refused: vec![Default::default(); refused], ..Progress::default() };
        assert!(!looked_at(99, 0).is_over() && looked_at(100, 0).is_over());
        assert!(!looked_at(60, REFUSED_MAX - 1).is_over() && looked_at(60, REFUSED_MAX).is_over());
    }

    #[test]
    fn nothing_is_done_to_what_is_over() {
        for state in [StateName::Paid, StateName::Sending, StateName::Declined, StateName::Canceled] {
            assert!(!Bulk::ALL.iter().any(|bulk| bulk.fits(state)), "{state:?}");
        }
    }
}

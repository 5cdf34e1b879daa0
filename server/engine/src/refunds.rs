//! Refunds as the merchant handles them: look, stop, try again.

use domain::claim::ClaimToken;
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::lifecycle::{Event, step};
use domain::merchant::Actor;
use domain::refund::{CancelReason, CanceledBy, Refund, RefundState, StateName};
use domain::view::{DeliveryView, RefundView};

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, outbox, refunds as rows};
use crate::{Engine, Error, Page, PageRequest};

/// The longest note on a cancellation.
const NOTE_CHARS_MAX: usize = 500;

/// Which refunds are wanted.
#[derive(Clone, Debug, Default)]
pub struct RefundFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// Of one invoice.
    pub invoice: Option<InvoiceId>,
    /// In one state.
    pub state: Option<StateName>,
    /// Of one reference.
    pub reference: Option<String>,
}

impl Engine {
    /// Returns a refund, with its claim link while it can be claimed.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        let refund = self.own_refund(caller, id).await?;
        self.refund_view(caller, &refund).await
    }

    /// Returns refunds, newest first.
    ///
    /// # Errors
    /// `Invalid` for a bad limit or cursor.
    pub async fn refunds(&self, caller: &Caller, filter: RefundFilter, page: PageRequest) -> Result<Page<RefundView>, Error> {
        let within = MidFilter::new(caller.scope, filter.mid);
        let wanted = rows::Wanted { invoice: filter.invoice, state: filter.state, reference: filter.reference.as_deref() };
        let mut tx = self.store().read().await?;
        let found = rows::list(&mut tx, within, &wanted, page.before_id()?, page.limit()?).await?;
        drop(tx);
        let mut views = Vec::with_capacity(found.len());
        for refund in &found {
            views.push(self.refund_view(caller, refund).await?);
        }
        Ok(page.page(views, |refund| refund.id.to_string()))
    }

    /// Returns how many of the caller's refunds stand where.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn refund_counts(&self, caller: &Caller) -> Result<Vec<(StateName, u64)>, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::counts(&mut tx, MidFilter::new(caller.scope, None)).await?)
    }

    /// Stops a refund that was not sent yet. The money goes back where it came from (P13).
    ///
    /// # Errors
    /// `Refused` when it is too late, `Forbidden`, `NotFound`.
    pub async fn cancel_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        reason: CancelReason,
        note: Option<String>,
    ) -> Result<RefundView, Error> {
        caller.require_write()?;
        let note = check_note(note)?;
        self.own_refund(caller, id).await?;
        let event = |_: &Refund| Ok(Event::Canceled { by: CanceledBy::Merchant, reason, note: note.clone() });
        retrying!(self.step_refund(id, caller.actor, &event))?;
        self.refund(caller, id).await
    }

    /// Tries a failed payout again.
    ///
    /// # Errors
    /// `Refused` unless the payout failed, `Forbidden`, `NotFound`.
    pub async fn retry_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require_write()?;
        self.own_refund(caller, id).await?;
        retrying!(self.step_refund(id, caller.actor, &|_: &Refund| Ok(Event::Retried)))?;
        self.refund(caller, id).await
    }

    /// Returns what was sent to the merchant's endpoints about a refund, newest first.
    ///
    /// # Errors
    /// `NotFound` when the refund is not the caller's.
    pub async fn deliveries(&self, caller: &Caller, id: RefundId) -> Result<Vec<DeliveryView>, Error> {
        self.own_refund(caller, id).await?;
        let mut tx = self.store().read().await?;
        let log = outbox::log(&mut tx, id.0).await?;
        let view = |row: outbox::LogRow| DeliveryView {
            id: row.id,
            event: row.event,
            sequence: row.sequence,
            url: row.url,
            status: row.state,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            response_status: row.response_status.and_then(|status| u16::try_from(status).ok()),
            error: row.error,
            created_at: row.created_at.0,
            attempted_at: row.attempted_at.map(|at| at.0),
        };
        Ok(log.into_iter().map(view).collect())
    }

    /// Gives an unclaimed refund back to the merchant.
    pub(crate) async fn expire_claim(&self, id: RefundId) -> Result<(), Error> {
        retrying!(self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::ClaimLapsed)))
    }

    /// Loads a refund, asks the domain what the event changes, commits. `Conflict` when another event was first.
    pub(crate) async fn step_refund(
        &self,
        id: RefundId,
        actor: Actor,
        event: &(impl Fn(&Refund) -> Result<Event, Error> + Sync),
    ) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let refund = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let event = event(&refund)?;
        let outcome = step(refund, event, actor, self.now())?;
        match self.commit(outcome).await {
            // Whether it was committed is unknown: the next look tells, and a step that was made refuses to be made again.
            Err(StoreError::Lost) => Err(Error::Conflict),
            result => Ok(result?),
        }
    }

    async fn own_refund(&self, caller: &Caller, id: RefundId) -> Result<Refund, Error> {
        let mut tx = self.store().read().await?;
        let refund = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.own_mid(caller, refund.mid).await?;
        Ok(refund)
    }

    async fn refund_view(&self, caller: &Caller, refund: &Refund) -> Result<RefundView, Error> {
        let views = self.views();
        let mut tx = self.store().read().await?;
        let mut view = views.refund(&mut tx, refund).await?;
        if caller.may_write() {
            view.claim_url = self.claim_url(refund);
        }
        Ok(view)
    }

    /// Returns the payer's link while it can be claimed.
    pub(crate) fn claim_url(&self, refund: &Refund) -> Option<String> {
        match &refund.state {
            RefundState::AwaitingClaim { claim, expires_at } if self.now() < *expires_at => {
                Some(self.views().claim_url(&ClaimToken::derive(self.master_key(), *claim)))
            }
            RefundState::AwaitingClaim { .. }
            | RefundState::Scheduled { .. }
            | RefundState::Sending { .. }
            | RefundState::PayoutFailed { .. }
            | RefundState::Paid { .. }
            | RefundState::Expired { .. }
            | RefundState::Canceled { .. } => None,
        }
    }
}

/// Trims a note; an empty one is none.
pub(crate) fn check_note(note: Option<String>) -> Result<Option<String>, Error> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(Error::field("note", "too_long", format!("use at most {NOTE_CHARS_MAX} characters")));
    }
    Ok(note)
}

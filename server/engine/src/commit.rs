//! The only writer of money: turns an [`Outcome`] into rows, all or nothing.
//!
//! One transaction holds the state by compare-and-swap, the books, the history, the notices with their numbers, the
//! jobs and the audit log. A crash before the commit leaves nothing of it; after the commit, all of it.

use std::sync::Arc;

use domain::claim::ClaimState;
use domain::ids::{DeliveryId, MidId, NoticeId};
use domain::job::Job;
use domain::notice::{Notice, NoticeSubject};
use domain::outcome::{ClaimChange, Outcome};
use domain::payout::{Payout, PayoutFailure, PayoutState};
use domain::refund::Refund;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Engine;
use crate::audit;
use crate::ids::Ids;
use crate::releases;
use crate::store::codec::needed;
use crate::store::{StoreError, Tx, invoices, jobs, ledger, outbox, payouts, refunds};
use crate::views::Views;

impl Engine {
    /// Commits an outcome; afterwards the worker knows that there may be something to do.
    ///
    /// # Errors
    /// `Conflict` when another event was first: load and step again. `Lost` when it is unknown: load and see.
    pub(crate) async fn commit(&self, outcome: Outcome) -> Result<(), StoreError> {
        let (views, ids, now) = (self.views(), Arc::clone(&self.0.ids), self.now());
        let has_jobs = !outcome.jobs.is_empty() || !outcome.notices.is_empty();
        let refund = outcome.refund.clone();
        let mid = mid_of(&outcome);
        match self.store().write_for(mid, move |tx| Box::pin(async move { apply(tx, &outcome, &views, ids.as_ref(), now).await })).await {
            // Who cancels must not be told that it is canceled already when that was their own doing.
            Err(StoreError::Lost) if self.is_written(refund).await => {}
            written => written?,
        }
        if has_jobs {
            self.wake_worker();
        }
        Ok(())
    }
}

impl Engine {
    /// Says whether a refund's row is exactly what a commit without an answer was to make it. Anything else proves nothing.
    async fn is_written(&self, refund: Option<Refund>) -> bool {
        let Some(refund) = refund else { return false };
        let Ok(mut tx) = self.store().read().await else { return false };
        matches!(refunds::load(&mut tx, refund.id).await, Ok(Some(stored)) if stored == refund)
    }
}

/// Returns whose books and rows an outcome changes. A new invoice changes nobody's: it only adds to a network's.
fn mid_of(outcome: &Outcome) -> Option<MidId> {
    let refund = outcome.refund.as_ref().map(|refund| refund.mid);
    let payout = outcome.payout.as_ref().map(|payout| payout.mid);
    let invoice = outcome.invoice.as_ref().filter(|invoice| invoice.version > 1).map(|invoice| invoice.mid);
    refund.or(payout).or(invoice)
}

async fn apply(tx: &mut Tx, outcome: &Outcome, views: &Views, ids: &dyn Ids, now: Timestamp) -> Result<(), StoreError> {
    if let Some(invoice) = &outcome.invoice {
        if invoice.version == 1 {
            invoices::insert(tx, invoice).await?;
        } else {
            invoices::update(tx, invoice).await?;
        }
        for deposit in &outcome.deposits {
            invoices::save_deposit(tx, invoice.mid, deposit).await?;
        }
        if let Some(heard) = &outcome.heard {
            invoices::histories::append(tx, invoice, heard).await?;
        }
    }
    if let Some(attributed) = &outcome.attributed {
        invoices::update(tx, &attributed.from).await?;
        invoices::save_case(tx, &attributed.case).await?;
    }
    if let Some(case) = &outcome.case {
        invoices::save_case(tx, case).await?;
    }
    if let Some(refund) = &outcome.refund {
        refunds::save(tx, refund).await?;
        refunds::insert_history(tx, refund, outcome.actor, outcome.note.as_deref()).await?;
    }
    match &outcome.claim {
        None => {}
        Some(ClaimChange::Issue(claim)) => refunds::issue_claim(tx, claim, now).await?,
        Some(ClaimChange::Direct { claim, destination }) => refunds::direct_claim(tx, claim, destination, now).await?,
        Some(ClaimChange::Replace { old, new }) => {
            refunds::close_claim(tx, *old, ClaimState::Void).await?;
            refunds::issue_claim(tx, new, now).await?;
        }
        Some(ClaimChange::Confirm { claim, destination, consent }) => {
            refunds::confirm_claim(tx, *claim, destination, *consent, now).await?;
        }
        Some(ClaimChange::Tell { claim, destination }) => refunds::tell_claim(tx, *claim, destination, now).await?,
        Some(ClaimChange::Close { claim, state }) => refunds::close_claim(tx, *claim, *state).await?,
    }
    if let Some(payout) = &outcome.payout {
        // The point of no return: who stopped money since this was decided was told that it stands still.
        if payout.version == 1 && !releases::is_open(tx, payout.mid, now).await? {
            return Err(StoreError::Conflict);
        }
        payouts::save(tx, payout).await?;
        if is_proven_unsigned(payout) {
            payouts::return_slot(tx, payout.id).await?;
        }
    }
    if let Some(given) = &outcome.given {
        refunds::count_given_back(tx, given, now).await?;
    }
    for change in &outcome.caps {
        invoices::move_cap(tx, *change).await?;
    }
    for entry in &outcome.entries {
        ledger::append(tx, entry).await?;
    }
    let mut telling = Telling::default();
    for notice in &outcome.notices {
        publish(tx, *notice, outcome, &mut telling, views, ids, now).await?;
    }
    for due in &outcome.jobs {
        jobs::enqueue(tx, *due).await?;
    }
    // Last: from here to the commit, other processes wait for the merchant's chain.
    audit::append_outcome(tx, outcome, now).await
}

/// Says whether a failed payout's slot may be given to another: nothing was signed for it and the signer never will.
fn is_proven_unsigned(payout: &Payout) -> bool {
    match payout.state {
        PayoutState::Failed(failure) => match failure {
            PayoutFailure::SignerDeclined
            | PayoutFailure::TokenPausedOrBlacklisted
            | PayoutFailure::AddressRejected
            | PayoutFailure::AccountNotActivated => true,
            PayoutFailure::ContractReverted | PayoutFailure::Superseded => false,
        },
        PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Final(_) => false,
    }
}

/// What the notices of one outcome have in common: what their subjects look like now, and who listens.
#[derive(Default)]
struct Telling {
    subjects: Vec<(NoticeSubject, Uuid, MidId, Value)>,
    listeners: Option<Vec<Uuid>>,
}

/// Writes a notice with what its subject looks like now, and queues it for every endpoint that listens.
async fn publish(
    tx: &mut Tx,
    notice: Notice,
    outcome: &Outcome,
    telling: &mut Telling,
    views: &Views,
    ids: &dyn Ids,
    now: Timestamp,
) -> Result<(), StoreError> {
    let about = notice.subject();
    if !telling.subjects.iter().any(|(known, ..)| *known == about) {
        let (subject, mid, data) = match about {
            NoticeSubject::Invoice(id) => {
                let invoice = needed("invoices", "notice", outcome.invoice.as_ref().filter(|invoice| invoice.id == id))?;
                (id.0, invoice.mid, json!({ "invoice": views.invoice(tx, invoice).await? }))
            }
            NoticeSubject::Refund(id) => {
                let refund = needed("refunds", "notice", outcome.refund.as_ref().filter(|refund| refund.id == id))?;
                (id.0, refund.mid, json!({ "refund": views.refund(tx, refund).await? }))
            }
        };
        telling.subjects.push((about, subject, mid, data));
    }
    let known = telling.subjects.iter().find(|(known, ..)| *known == about);
    let (_, subject, mid, data) = needed("notices", "subject", known)?;
    let id = NoticeId(ids.mint());
    let new = outbox::NewNotice { id, mid: *mid, subject: *subject, event: notice.name(), data, at: now };
    let sequence = outbox::append(tx, &new).await?;
    // An outcome is one MID's, so its listeners are asked for once.
    let listeners = match telling.listeners.take() {
        Some(listeners) => listeners,
        None => outbox::listeners(tx, *mid).await?,
    };
    for endpoint in &listeners {
        let delivery = DeliveryId(ids.mint());
        if outbox::queue(tx, delivery, id, *endpoint, *subject, sequence).await? {
            jobs::enqueue(tx, Job::Deliver(delivery).at(now)).await?;
        }
    }
    telling.listeners = Some(listeners);
    Ok(())
}

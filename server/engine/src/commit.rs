//! The only writer of money: turns an [`Outcome`] into rows, all or nothing.
//!
//! One transaction holds the state by compare-and-swap, the books, the history, the notices with their numbers, the
//! jobs and the audit log. A crash before the commit leaves nothing of it; after the commit, all of it.

use std::sync::Arc;

use domain::claim::ClaimState;
use domain::dialect::Dialect;
use domain::email::{self, EmailKind};
use domain::ids::{DeliveryId, EmailId, MidId, NoticeId};
use domain::job::{DueJob, Job};
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
use crate::store::jobs::Lane;
use crate::store::{
    StoreError, Tx, claims, deliveries, emails, endpoints, given_back, invoices, jobs, ledger, notices, payouts, previews, refunds,
};
use crate::views::Views;
use crate::webhooks::{self, Picture};

impl Engine {
    /// Commits an outcome; afterwards the worker knows that there may be something to do.
    ///
    /// # Errors
    /// `Conflict` when another event was first: load and step again. `Lost` when it is unknown: load and see.
    pub(crate) async fn commit(&self, outcome: Outcome) -> Result<(), StoreError> {
        let (views, ids, now) = (self.views(), Arc::clone(&self.0.ids), self.now());
        let is_work_due = outcome.jobs.iter().any(|job| job.due_at <= now);
        let (is_anybody_told, is_anybody_written_to) = (!outcome.notices.is_empty(), !outcome.emails.is_empty());
        let refund = outcome.refund.clone();
        let mid = mid_of(&outcome);
        match self.store().write_for(mid, move |tx| Box::pin(async move { apply(tx, &outcome, &views, ids.as_ref(), now).await })).await {
            // Who cancels must not be told that it is canceled already when that was their own doing.
            Err(StoreError::Lost) if self.is_written(refund).await => {}
            written => written?,
        }
        if is_work_due {
            self.wake_worker(Lane::Money);
        }
        if is_anybody_told {
            self.wake_worker(Lane::Deliveries);
        }
        if is_anybody_written_to {
            self.wake_worker(Lane::Mail);
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
            invoices::histories::append(tx, invoice, heard, outcome.request).await?;
        }
    }
    if let Some(attributed) = &outcome.attributed {
        invoices::update(tx, &attributed.from).await?;
        invoices::save_case(tx, &attributed.case).await?;
    }
    if let Some(case) = &outcome.case {
        invoices::save_case(tx, case).await?;
    }
    if let Some(quote) = outcome.quote {
        previews::end(tx, quote, now).await?;
    }
    if let Some(refund) = &outcome.refund {
        refunds::save(tx, refund).await?;
        refunds::insert_history(tx, refund, outcome).await?;
    }
    match &outcome.claim {
        None => {}
        Some(ClaimChange::Issue(claim)) => claims::issue(tx, claim, now).await?,
        Some(ClaimChange::Direct { claim, destination }) => claims::direct(tx, claim, destination, now).await?,
        Some(ClaimChange::Replace { old, new }) => {
            claims::close(tx, *old, ClaimState::Void).await?;
            claims::issue(tx, new, now).await?;
        }
        Some(ClaimChange::Confirm { claim, destination, consent, email }) => {
            claims::confirm(tx, *claim, destination, *consent, email.as_deref(), now).await?;
        }
        Some(ClaimChange::Tell { claim, destination }) => claims::tell(tx, *claim, destination, now).await?,
        Some(ClaimChange::Close { claim, state }) => claims::close(tx, *claim, *state).await?,
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
        given_back::count(tx, given, now).await?;
    }
    invoices::move_caps(tx, &outcome.caps).await?;
    ledger::append(tx, &outcome.entries).await?;
    let mut due = publish(tx, outcome, views, ids, now).await?;
    if let Some(ended) = &outcome.email_ended {
        emails::end(tx, ended.id, ended.state, Some(&ended.why), now).await?;
    }
    for kind in outcome.emails.iter().filter(|_| views.writes_email) {
        write_to(tx, *kind, outcome, ids, now).await?;
    }
    due.extend(&outcome.jobs);
    jobs::enqueue(tx, &due).await?;
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

/// What a notice is about, as it looks now.
struct Subject {
    about: NoticeSubject,
    id: Uuid,
    mid: MidId,
    data: Value,
    /// What is around it, where an endpoint is told in another system's words.
    picture: Option<Picture>,
    /// The number of its last notice.
    sequence: i64,
    /// Whether nobody was told of it before.
    is_new: bool,
}

/// Writes an outcome's notices with what their subjects look like now, queues them for every endpoint that listens, and returns the jobs of
/// the lines that were empty.
async fn publish(tx: &mut Tx, outcome: &Outcome, views: &Views, ids: &dyn Ids, now: Timestamp) -> Result<Vec<DueJob>, StoreError> {
    let mut subjects: Vec<Subject> = Vec::new();
    for notice in &outcome.notices {
        if !subjects.iter().any(|known| known.about == notice.subject()) {
            subjects.push(subject_of(tx, notice.subject(), outcome, views).await?);
        }
    }
    // An outcome is one MID's, so its listeners are asked for once.
    let Some(mid) = subjects.first().map(|subject| subject.mid) else { return Ok(Vec::new()) };
    let reason = outcome.refund.as_ref().map(|refund| refund.reason);
    let invoice = outcome.refund.as_ref().map(|refund| refund.invoice).or(outcome.invoice.as_ref().map(|invoice| invoice.id));
    let listeners = endpoints::listeners(tx, mid, invoice).await?;
    for subject in &mut subjects {
        let needs_picture = |notice: &Notice| {
            listeners.iter().any(|listener| listener.dialect != Dialect::Native && webhooks::knows(listener.dialect, *notice, reason))
        };
        if outcome.notices.iter().filter(|notice| notice.subject() == subject.about).any(needs_picture) {
            subject.picture = Some(picture_of(tx, subject.about, outcome, views).await?);
        }
    }
    let mut due = Vec::new();
    let (mut notices, mut deliveries) = (Vec::new(), Vec::new());
    for subject in &subjects {
        let mut sequence = subject.sequence;
        let own: Vec<Notice> = outcome.notices.iter().copied().filter(|notice| notice.subject() == subject.about).collect();
        let first_new = deliveries.len();
        for (place, notice) in own.iter().enumerate() {
            sequence = sequence.saturating_add(1);
            let (id, event) = (NoticeId(ids.mint()), notice.name());
            let picture = subject.picture.as_ref();
            notices.push(notices::NewNotice { id, mid, subject: subject.id, sequence, event, data: &subject.data, picture, at: now });
            let is_told = |listener: &&endpoints::Listener| {
                let knows = |notice: &Notice| webhooks::knows(listener.dialect, *notice, reason);
                // Other systems tell where something stands, so of what happens at one moment they tell once.
                knows(notice) && (listener.dialect == Dialect::Native || !own.iter().skip(place.saturating_add(1)).any(knows))
            };
            deliveries.extend(listeners.iter().filter(is_told).map(|listener| deliveries::NewDelivery {
                id: DeliveryId(ids.mint()),
                notice: id,
                endpoint: listener.id,
                dialect: listener.dialect,
                subject: subject.id,
                sequence,
            }));
        }
        let new = deliveries.get(first_new..).unwrap_or_default();
        for listener in &listeners {
            let Some(first) = new.iter().find(|delivery| delivery.endpoint == listener.id) else { continue };
            if subject.is_new || deliveries::is_line_empty(tx, listener.id, subject.id).await? {
                due.push(Job::Deliver(first.id).at(now));
            }
        }
    }
    notices::append(tx, &notices).await?;
    deliveries::queue(tx, &deliveries).await?;
    Ok(due)
}

async fn subject_of(tx: &mut Tx, about: NoticeSubject, outcome: &Outcome, views: &Views) -> Result<Subject, StoreError> {
    let (id, mid, data, is_new) = match about {
        NoticeSubject::Invoice(id) => {
            let invoice = needed("invoices", "notice", outcome.invoice.as_ref().filter(|invoice| invoice.id == id))?;
            (id.0, invoice.mid, json!({ "invoice": views.invoice(tx, invoice).await? }), invoice.version == 1)
        }
        NoticeSubject::Refund(id) => {
            let refund = needed("refunds", "notice", outcome.refund.as_ref().filter(|refund| refund.id == id))?;
            let known = outcome.invoice.as_ref().filter(|invoice| invoice.id == refund.invoice);
            let view = match known {
                Some(invoice) => views.refund_of(tx, refund, invoice).await?,
                None => views.refund(tx, refund).await?,
            };
            (id.0, refund.mid, json!({ "refund": view }), refund.version == 1)
        }
    };
    let sequence = if is_new { 0 } else { notices::last_sequence(tx, id).await? };
    Ok(Subject { about, id, mid, data, picture: None, sequence, is_new })
}

async fn picture_of(tx: &mut Tx, about: NoticeSubject, outcome: &Outcome, views: &Views) -> Result<Picture, StoreError> {
    let (invoice, refund) = match about {
        NoticeSubject::Invoice(id) => (id, None),
        NoticeSubject::Refund(id) => (needed("refunds", "notice", outcome.refund.as_ref())?.invoice, Some(id)),
    };
    match outcome.invoice.as_ref().filter(|known| known.id == invoice) {
        Some(known) => Picture::of(tx, views, known, refund).await,
        None => {
            let invoice = needed("invoices", "notice", invoices::load(tx, invoice).await?)?;
            Picture::of(tx, views, &invoice, refund).await
        }
    }
}

/// Queues a mail, unless there is nobody to write to. Its unique key is the refund's version: the same event never writes twice.
async fn write_to(tx: &mut Tx, kind: EmailKind, outcome: &Outcome, ids: &dyn Ids, now: Timestamp) -> Result<(), StoreError> {
    let refund = needed("refunds", "email", outcome.refund.as_ref())?;
    let claim = email::claim_of(outcome);
    let Some(reader) = emails::reader(tx, kind.audience(), refund, claim).await? else { return Ok(()) };
    let id = EmailId(ids.mint());
    let email = emails::NewEmail {
        id,
        mid: refund.mid,
        refund: refund.id,
        kind,
        number: refund.version,
        claim,
        recipient: reader.address,
        language: reader.language,
        at: now,
    };
    emails::insert(tx, &email).await
}

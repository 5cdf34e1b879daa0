//! The only writer of money: turns [`Outcome`]s into rows, each all or nothing.
//!
//! One transaction holds the state by compare-and-swap, the books, the history, the notices with their numbers, the
//! jobs and the audit log. A crash before the commit leaves nothing of it; after the commit, all of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::claim::ClaimState;
use domain::dialect::Dialect;
use domain::email::{self, EmailKind};
use domain::ids::{DeliveryId, EmailId, InvoiceId, MidId, NoticeId};
use domain::invoice::Invoice;
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
use crate::store::endpoints::Listener;
use crate::store::jobs::Lane;
use crate::store::{
    Clerk, Decided, StoreError, Tx, Work, claim_codes, claims, deliveries, emails, endpoints, given_back, invoices, jobs, ledger, notices,
    payouts, previews, refunds,
};
use crate::tally::Counted;
use crate::views::Views;
use crate::webhooks::{self, Picture};

impl Engine {
    /// Commits an outcome; afterwards the worker knows that there may be something to do.
    ///
    /// # Errors
    /// `Conflict` when another event was first: load and step again. `Lost` when it is unknown: load and see.
    pub(crate) async fn commit(&self, outcome: Outcome) -> Result<(), StoreError> {
        let at = self.now();
        let is_work_due = outcome.jobs.iter().any(|job| job.due_at <= at);
        let (is_anybody_told, is_anybody_written_to) = (!outcome.notices.is_empty(), !outcome.emails.is_empty());
        let refund = outcome.refund.clone();
        let events: Vec<&'static str> = outcome.notices.iter().map(|notice| notice.name()).collect();
        let desk = Arc::new(Desk { views: self.views(), ids: Arc::clone(&self.0.ids) });
        let mid = mid_of(&outcome);
        // In boxes: whoever commits would have room for an outcome once more at every step of the way.
        match Box::pin(self.store().write_down(mid, Box::new(Decided { at, outcome }), desk)).await {
            // Who cancels must not be told that it is canceled already when that was their own doing.
            Err(StoreError::Lost) if self.is_written(refund).await => {}
            written => written?,
        }
        for event in events {
            self.0.tally.count(Counted::Event(event));
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

/// Where outcomes become rows.
struct Desk {
    views: Views,
    ids: Arc<dyn Ids>,
}

impl Clerk for Desk {
    fn write<'t>(&'t self, tx: &'t mut Tx, decided: &'t [Decided]) -> Work<'t, ()> {
        Box::pin(self.apply(tx, decided))
    }
}

impl Desk {
    /// Writes outcomes of different invoices and refunds table by table, each table's rows at once.
    async fn apply(&self, tx: &mut Tx, decided: &[Decided]) -> Result<(), StoreError> {
        let outcomes = || decided.iter().map(|decided| &decided.outcome);
        let (new, known): (Vec<&Invoice>, Vec<&Invoice>) =
            outcomes().filter_map(|outcome| outcome.invoice.as_ref()).partition(|invoice| invoice.version == 1);
        let left = outcomes().filter_map(|outcome| outcome.attributed.as_ref());
        invoices::insert(tx, &new).await?;
        invoices::update(tx, &known.into_iter().chain(left.clone().map(|left| &left.from)).collect::<Vec<_>>()).await?;
        let deposits = outcomes().filter_map(|outcome| outcome.invoice.as_ref().map(|invoice| (invoice.mid, &outcome.deposits)));
        let deposits: Vec<_> = deposits.flat_map(|(mid, deposits)| deposits.iter().map(move |deposit| (mid, deposit))).collect();
        invoices::save_deposits(tx, &deposits).await?;
        let heard = outcomes().filter_map(|outcome| Some((outcome.invoice.as_ref()?, outcome.heard.as_ref()?, outcome.request)));
        invoices::histories::append(tx, &heard.collect::<Vec<_>>()).await?;
        let cases = outcomes().filter_map(|outcome| outcome.case.as_ref()).chain(left.map(|left| &left.case));
        invoices::save_cases(tx, &cases.collect::<Vec<_>>()).await?;
        for Decided { at, outcome } in decided {
            if let Some(quote) = outcome.quote {
                previews::end(tx, quote, *at).await?;
            }
        }
        let changed: Vec<_> = outcomes().filter_map(|outcome| outcome.refund.as_ref().map(|refund| (refund, outcome))).collect();
        refunds::save(tx, &changed.iter().map(|(refund, _)| *refund).collect::<Vec<_>>()).await?;
        refunds::insert_histories(tx, &changed).await?;
        change_claims(tx, decided).await?;
        order(tx, decided).await?;
        for Decided { at, outcome } in decided {
            if let Some(given) = &outcome.given {
                given_back::count(tx, given, *at).await?;
            }
        }
        invoices::move_caps(tx, &outcomes().flat_map(|outcome| outcome.caps.iter().copied()).collect::<Vec<_>>()).await?;
        ledger::append(tx, &outcomes().flat_map(|outcome| &outcome.entries).collect::<Vec<_>>()).await?;
        let mut due = self.publish(tx, decided).await?;
        for Decided { at, outcome } in decided {
            if let Some(ended) = &outcome.email_ended {
                emails::end(tx, ended.id, ended.state, Some(&ended.why), *at).await?;
            }
            for kind in outcome.emails.iter().filter(|_| self.views.writes_email) {
                self.write_to(tx, *kind, outcome, *at).await?;
            }
        }
        due.extend(outcomes().flat_map(|outcome| &outcome.jobs));
        jobs::enqueue(tx, &due).await?;
        // Last: from here to the commit, other processes wait for the merchants' chains.
        audit::append_outcomes(tx, decided).await
    }
}

/// Issues, confirms and closes claims.
async fn change_claims(tx: &mut Tx, decided: &[Decided]) -> Result<(), StoreError> {
    let (mut issued, mut confirmed) = (Vec::new(), Vec::new());
    for Decided { at, outcome } in decided {
        match &outcome.claim {
            None => {}
            Some(ClaimChange::Issue(claim)) => issued.push((claim, *at)),
            Some(ClaimChange::Direct { claim, destination }) => claims::direct(tx, claim, destination, *at).await?,
            Some(ClaimChange::Replace { old, new }) => {
                claims::close(tx, *old, ClaimState::Void).await?;
                issued.push((new, *at));
            }
            Some(ClaimChange::SendCode(code)) => claim_codes::insert(tx, code, *at).await?,
            Some(ClaimChange::Confirm { claim, proof, destination, consent, email }) => {
                let (to, email) = (destination, email.as_deref());
                confirmed.push(claims::Confirmed { claim: *claim, proof: *proof, to, consent: *consent, email, at: *at });
            }
            Some(ClaimChange::Tell { claim, destination }) => claims::tell(tx, *claim, destination, *at).await?,
            Some(ClaimChange::Close { claim, state }) => claims::close(tx, *claim, *state).await?,
        }
    }
    claims::issue(tx, &issued).await?;
    claims::confirm(tx, &confirmed).await
}

/// Orders payouts, and writes down how far those under way have come.
async fn order(tx: &mut Tx, decided: &[Decided]) -> Result<(), StoreError> {
    let dated = || decided.iter().filter_map(|decided| decided.outcome.payout.as_ref().map(|payout| (payout, decided.at)));
    // The point of no return: who stopped money since this was decided was told that it stands still.
    if !releases::are_open(tx, &dated().filter(|(payout, _)| payout.version == 1).map(|(payout, at)| (payout.mid, at)).collect()).await? {
        return Err(StoreError::Conflict);
    }
    let payouts: Vec<&Payout> = dated().map(|(payout, _)| payout).collect();
    payouts::save(tx, &payouts).await?;
    for payout in payouts.into_iter().filter(|payout| is_proven_unsigned(payout)) {
        payouts::return_slot(tx, payout.id).await?;
    }
    Ok(())
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
struct Subject<'o> {
    about: NoticeSubject,
    id: Uuid,
    mid: MidId,
    /// Of which invoice, or the one that it is.
    invoice: InvoiceId,
    data: Value,
    /// Whether nobody was told of it before.
    is_new: bool,
    outcome: &'o Outcome,
    at: Timestamp,
}

impl Subject<'_> {
    /// What happened to it, in this order.
    fn notices(&self) -> impl Iterator<Item = Notice> {
        self.outcome.notices.iter().copied().filter(|notice| notice.subject() == self.about)
    }
}

impl Desk {
    /// Writes outcomes' notices with what their subjects look like now, queues them for every endpoint that listens, and returns the jobs of
    /// the lines that were empty.
    async fn publish(&self, tx: &mut Tx, decided: &[Decided]) -> Result<Vec<DueJob>, StoreError> {
        let subjects = self.subjects_of(tx, decided).await?;
        let invoices: BTreeSet<(MidId, InvoiceId)> = subjects.iter().map(|subject| (subject.mid, subject.invoice)).collect();
        let mut listeners: HashMap<InvoiceId, Vec<Listener>> = HashMap::new();
        for listener in endpoints::listeners(tx, &Vec::from_iter(invoices)).await? {
            listeners.entry(InvoiceId(listener.invoice_id)).or_default().push(listener);
        }
        let told_before: Vec<&Subject<'_>> = subjects.iter().filter(|subject| !subject.is_new).collect();
        let sequences = notices::last_sequences(tx, &told_before.iter().map(|subject| subject.id).collect::<Vec<_>>()).await?;
        let lines = told_before.iter().flat_map(|subject| {
            let listening = listeners.get(&subject.invoice).into_iter().flatten();
            listening.map(|listener| (listener.id, subject.id))
        });
        let going = deliveries::lines_going(tx, &lines.collect::<Vec<_>>()).await?;
        let mut pictures = Vec::with_capacity(subjects.len());
        for subject in &subjects {
            let reason = subject.outcome.refund.as_ref().map(|refund| refund.reason);
            let speaks_otherwise =
                |listener: &Listener, notice| listener.dialect != Dialect::Native && webhooks::tells(listener, notice, reason);
            let mut listening = listeners.get(&subject.invoice).into_iter().flatten();
            let needs_one = listening.any(|listener| subject.notices().any(|notice| speaks_otherwise(listener, notice)));
            pictures.push(if needs_one { Some(self.picture_of(tx, subject).await?) } else { None });
        }
        let mut due = Vec::new();
        let (mut notices, mut deliveries) = (Vec::new(), Vec::new());
        for (subject, picture) in subjects.iter().zip(&pictures) {
            let listeners = listeners.get(&subject.invoice).map(Vec::as_slice).unwrap_or_default();
            let reason = subject.outcome.refund.as_ref().map(|refund| refund.reason);
            let mut sequence = sequences.get(&subject.id).copied().unwrap_or_default();
            let own: Vec<Notice> = subject.notices().collect();
            let first_new = deliveries.len();
            for (place, notice) in own.iter().enumerate() {
                sequence = sequence.saturating_add(1);
                let (id, event) = (NoticeId(self.ids.mint()), notice.name());
                let (mid, data, at, picture) = (subject.mid, &subject.data, subject.at, picture.as_ref());
                notices.push(notices::NewNotice { id, mid, subject: subject.id, sequence, event, data, picture, at });
                let is_told = |listener: &&Listener| {
                    let tells = |notice: &Notice| webhooks::tells(listener, *notice, reason);
                    // Other systems tell where something stands, so of what happens at one moment they tell once.
                    tells(notice) && (listener.dialect == Dialect::Native || !own.iter().skip(place.saturating_add(1)).any(tells))
                };
                deliveries.extend(listeners.iter().filter(is_told).map(|listener| deliveries::NewDelivery {
                    id: DeliveryId(self.ids.mint()),
                    notice: id,
                    endpoint: listener.id,
                    dialect: listener.dialect,
                    subject: subject.id,
                    sequence,
                }));
            }
            let new = deliveries.get(first_new..).unwrap_or_default();
            for listener in listeners.iter().filter(|listener| !going.contains(&(listener.id, subject.id))) {
                if let Some(first) = new.iter().find(|delivery| delivery.endpoint == listener.id) {
                    due.push(Job::Deliver(first.id).at(subject.at));
                }
            }
        }
        notices::append(tx, &notices).await?;
        deliveries::queue(tx, &deliveries).await?;
        Ok(due)
    }

    /// Returns what outcomes' notices are about.
    async fn subjects_of<'o>(&self, tx: &mut Tx, decided: &'o [Decided]) -> Result<Vec<Subject<'o>>, StoreError> {
        let (mut told, mut of_invoices, mut of_refunds, mut known) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
        for Decided { at, outcome } in decided {
            let mut own: Vec<NoticeSubject> = Vec::new();
            for about in outcome.notices.iter().map(|notice| notice.subject()) {
                if own.contains(&about) {
                    continue;
                }
                own.push(about);
                match about {
                    NoticeSubject::Invoice(id) => {
                        let invoice = needed("invoices", "notice", outcome.invoice.as_ref().filter(|invoice| invoice.id == id))?;
                        of_invoices.push(invoice.clone());
                    }
                    NoticeSubject::Refund(id) => {
                        let refund = needed("refunds", "notice", outcome.refund.as_ref().filter(|refund| refund.id == id))?;
                        known.extend(outcome.invoice.iter().map(|invoice| (invoice.id, invoice.clone())));
                        of_refunds.push(refund.clone());
                    }
                }
                told.push((about, outcome, *at));
            }
        }
        let mut invoice_views = self.views.invoices(tx, &of_invoices).await?.into_iter().zip(of_invoices);
        let mut refund_views = self.views.refunds_of(tx, &of_refunds, known).await?.into_iter().zip(of_refunds);
        let mut subjects = Vec::with_capacity(told.len());
        for (about, outcome, at) in told {
            subjects.push(match about {
                NoticeSubject::Invoice(id) => {
                    let (view, invoice) = needed("invoices", "notice", invoice_views.next())?;
                    let (mid, is_new) = (invoice.mid, invoice.version == 1);
                    Subject { about, id: id.0, mid, invoice: id, data: json!({ "invoice": view }), is_new, outcome, at }
                }
                NoticeSubject::Refund(id) => {
                    let (view, refund) = needed("refunds", "notice", refund_views.next())?;
                    let (mid, invoice, is_new) = (refund.mid, refund.invoice, refund.version == 1);
                    Subject { about, id: id.0, mid, invoice, data: json!({ "refund": view }), is_new, outcome, at }
                }
            });
        }
        Ok(subjects)
    }

    async fn picture_of(&self, tx: &mut Tx, subject: &Subject<'_>) -> Result<Picture, StoreError> {
        let refund = match subject.about {
            NoticeSubject::Invoice(_) => None,
            NoticeSubject::Refund(id) => Some(id),
        };
        match subject.outcome.invoice.as_ref().filter(|known| known.id == subject.invoice) {
            Some(known) => Picture::of(tx, &self.views, known, refund).await,
            None => {
                let invoice = needed("invoices", "notice", invoices::load(tx, subject.invoice).await?)?;
                Picture::of(tx, &self.views, &invoice, refund).await
            }
        }
    }

    /// Queues a mail, unless there is nobody to write to. Its unique key is the refund's version: the same event never writes twice.
    async fn write_to(&self, tx: &mut Tx, kind: EmailKind, outcome: &Outcome, at: Timestamp) -> Result<(), StoreError> {
        let refund = needed("refunds", "email", outcome.refund.as_ref())?;
        let claim = email::claim_of(outcome);
        let Some(reader) = emails::reader(tx, kind.audience(), refund, claim).await? else { return Ok(()) };
        let email = emails::NewEmail {
            id: EmailId(self.ids.mint()),
            mid: refund.mid,
            refund: refund.id,
            kind,
            number: refund.version,
            claim,
            recipient: reader.address,
            language: reader.language,
            at,
        };
        emails::insert(tx, &email).await
    }
}

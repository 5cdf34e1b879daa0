//! Refunds as the merchant handles them: look, stop, try again.

use std::collections::BTreeMap;

use domain::claim::{ClaimToken, VerifiedBy};
use domain::email::{Audience, EmailKind};
use domain::ids::{InvoiceId, MidId, RefundId, RequestId};
use domain::lifecycle::{Event, Known, Opening, Refused, step};
use domain::merchant::{Actor, Right};
use domain::outcome::Outcome;
use domain::rate::Fiat;
use domain::refund::{CancelReason, CanceledBy, Conversion, HoldReason, Refund, RefundState, StateName};
use domain::view::{DeliveryView, EmailView, RefundView};

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::needed;
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, Tx, deliveries, emails, invoices, ledger, merchants, refunds as rows};
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

    /// Returns what the network would take now for a refund that nobody claimed yet, and what its payer would receive of it then; nothing
    /// for other refunds, and where the network does not answer.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn expected_fee(&self, caller: &Caller, id: RefundId) -> Result<Option<(String, Option<String>)>, Error> {
        let refund = self.own_refund(caller, id).await?;
        let asset = self.assets().get(refund.amount.asset).cloned().ok_or(Error::NotFound)?;
        if !matches!(refund.state.name(), StateName::AwaitingApproval | StateName::AwaitingClaim) || refund.state.directed().is_some() {
            return Ok(None);
        }
        let Ok(fee) = self.rail(asset.network)?.quote(&asset).await else { return Ok(None) };
        let net = refund.net(fee, &asset).ok().map(|net| asset.format_units(net.units));
        Ok(Some((asset.format_units(fee.units), net)))
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
        let Page { data, next } = page.page(found, |refund| refund.id.to_string());
        Ok(Page { data: self.refund_views(&mut tx, caller, &data).await?, next })
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
        caller.require(Right::MoveMoney)?;
        let note = check_note(note)?;
        self.own_refund(caller, id).await?;
        let event = |_: &Refund| Ok(Event::Canceled { by: CanceledBy::Merchant, reason, note: note.clone() });
        self.step_asked(caller, id, &event).await?;
        self.refund(caller, id).await
    }

    /// Lets a refund of somebody else's making go on its way (maker is not checker).
    ///
    /// # Errors
    /// `Refused` for its maker, for a key and unless it waits for approval; `Forbidden`, `NotFound`.
    pub async fn approve_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        self.require_person(caller, Right::Approve)?;
        let refund = self.own_refund(caller, id).await?;
        let views = self.views();
        let asset = views.asset(refund.amount.asset)?;
        if let (RefundState::AwaitingApproval { .. }, Some(request)) = (&refund.state, &refund.request) {
            self.require_another(caller, request.maker).await?;
        }
        let known = match &refund.state {
            RefundState::AwaitingApproval { destination: Some(destination) } => {
                let fee = self.fee_to(destination, asset).await?;
                Some(Known { destination: destination.clone(), fee, verified_by: VerifiedBy::Merchant })
            }
            _ => None,
        };
        let opening = Opening { claim: self.new_claim(), known, asset: asset.clone() };
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Approved(opening.clone()))).await?;
        self.refund(caller, id).await
    }

    /// Says no to a refund that waits for approval.
    ///
    /// # Errors
    /// `Invalid` without a reason, `Refused` unless it waits for approval; `Forbidden`, `NotFound`.
    pub async fn decline_refund(&self, caller: &Caller, id: RefundId, reason: &str) -> Result<RefundView, Error> {
        self.require_person(caller, Right::Approve)?;
        self.own_refund(caller, id).await?;
        let reason =
            check_note(Some(reason.to_owned()))?.ok_or_else(|| Error::field("reason", "required", "say why, for whoever made it"))?;
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Declined { reason: reason.clone() })).await?;
        self.refund(caller, id).await
    }

    /// Keeps a scheduled refund from being sent until a person lets it go.
    ///
    /// # Errors
    /// `Refused` unless it is scheduled; `Forbidden`, `NotFound`.
    pub async fn hold_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        self.own_refund(caller, id).await?;
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Held(HoldReason::Manual))).await?;
        self.refund(caller, id).await
    }

    /// Lets a refund on hold go. One whose destination a sanctions list names only the operator lets go.
    ///
    /// # Errors
    /// `Refused` unless it is on hold; `Forbidden`, `NotFound`.
    pub async fn release_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        self.require_person(caller, Right::Approve)?;
        let refund = self.own_refund(caller, id).await?;
        if matches!(refund.state, RefundState::OnHold { why: HoldReason::Screening, .. }) {
            caller.require(Right::Operate)?;
        }
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::HoldReleased)).await?;
        self.refund(caller, id).await
    }

    /// Offers a refund again by a new link: one that expired, was canceled, or whose payout failed (CP-13).
    ///
    /// # Errors
    /// `Refused` where the policy lets only the operator, or the state does not allow it; `ExceedsRefundable`,
    /// `InsufficientBalance` when the money went to the merchant and on; `Forbidden`, `NotFound`.
    pub async fn reissue_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        let refund = self.own_refund(caller, id).await?;
        let is_ended = matches!(refund.state, RefundState::Expired { .. } | RefundState::Canceled { .. });
        if is_ended {
            let checked = self.require_money_for(&refund).await;
            self.unless_made(caller, id, checked).await?;
        }
        let claim = self.new_claim();
        let by_operator = caller.may(Right::Operate);
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Reissued { claim, by_operator })).await?;
        self.refund(caller, id).await
    }

    /// Writes to the payer again (BP-11): the claim link goes out once more.
    ///
    /// # Errors
    /// `Refused` unless it can be claimed, `RateLimited` within minutes of the last such mail; `Forbidden`, `NotFound`.
    pub async fn notify_payer(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::WriteToPayers)?;
        self.own_refund(caller, id).await?;
        let with_link = |email: &EmailView| matches!(email.kind, EmailKind::Claim | EmailKind::Expiring);
        let last = self.email_views(id).await?.iter().filter(|email| with_link(email)).map(|email| email.created_at).max();
        self.unless_made(caller, id, self.not_too_soon(last)).await?;
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Notified)).await?;
        self.refund(caller, id).await
    }

    /// Refuses what the cap or the merchant's balance has no money for any more.
    pub(crate) async fn require_money_for(&self, refund: &Refund) -> Result<(), Error> {
        let views = self.views();
        let asset = views.asset(refund.amount.asset)?;
        let mut tx = self.store().read().await?;
        let left = invoices::cap(&mut tx, refund.invoice, asset.id).await?.left();
        let account = refund.funding.account(refund.invoice);
        let balance = ledger::balance(&mut tx, refund.mid, account, asset.id).await?;
        if left < refund.amount.units {
            return Err(Error::ExceedsRefundable { refundable: asset.format_units(left), asset: asset.id });
        }
        if refund.is_set_aside_when_offered() && balance < refund.amount.units {
            return Err(Error::InsufficientBalance { available: asset.format_units(balance), asset: asset.id });
        }
        Ok(())
    }

    /// Refuses keys with the reason, and people without the right.
    fn require_person(&self, caller: &Caller, right: Right) -> Result<(), Error> {
        if caller.role.is_none() { Err(Error::Refused(Refused::NotAPerson)) } else { caller.require(right) }
    }

    /// Tries a failed payout again.
    ///
    /// # Errors
    /// `Refused` unless the payout failed, `Forbidden`, `NotFound`.
    pub async fn retry_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        self.own_refund(caller, id).await?;
        self.step_asked(caller, id, &|_: &Refund| Ok(Event::Retried)).await?;
        self.refund(caller, id).await
    }

    /// Returns what was sent to the merchant's endpoints about a refund, newest first.
    ///
    /// # Errors
    /// `NotFound` when the refund is not the caller's.
    pub async fn deliveries(&self, caller: &Caller, id: RefundId) -> Result<Vec<DeliveryView>, Error> {
        self.own_refund(caller, id).await?;
        let mut tx = self.store().read().await?;
        let log = deliveries::log(&mut tx, id.0).await?;
        Ok(log.into_iter().map(DeliveryView::from).collect())
    }

    /// Gives an unclaimed refund back to the merchant, in the currency the MID settles in when it has one (BV-14).
    pub(crate) async fn expire_claim(&self, id: RefundId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let refund = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let mid = needed("mids", "refund", merchants::mid(&mut tx, refund.mid).await?)?;
        drop(tx);
        let conversion = match mid.settles_in {
            None => None,
            Some(currency) => {
                let views = self.views();
                // Without a price it stays owed and is looked at again.
                let rate = self.rate(refund.amount.asset, currency).await?.rate;
                let worth = rate.worth(refund.amount, views.asset(refund.amount.asset)?).ok_or(Error::RateUnavailable)?;
                Some(Conversion { rate, credited: Fiat { amount: worth, currency } })
            }
        };
        retrying!(self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::ClaimLapsed { conversion })))
    }

    /// Reminds the payer that a claim link ends soon.
    pub(crate) async fn remind(&self, id: RefundId) -> Result<(), Error> {
        retrying!(self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::Reminded)))
    }

    /// Makes a step that a caller asks for, once for each request: a repeat, whose first answer was lost, finds it made and changes nothing,
    /// whatever became of the refund since.
    pub(crate) async fn step_asked(
        &self,
        caller: &Caller,
        id: RefundId,
        event: &(impl Fn(&Refund) -> Result<Event, Error> + Sync),
    ) -> Result<(), Error> {
        retrying!(Box::pin(self.step_in(caller.request, id, caller.actor, event)))
    }

    /// Takes a refusal back when the caller's own request made the step before, or meanwhile: what refuses then is its own doing.
    async fn unless_made(&self, caller: &Caller, id: RefundId, checked: Result<(), Error>) -> Result<(), Error> {
        let (Err(_), Some(request)) = (&checked, caller.request) else { return checked };
        let mut tx = self.store().read().await?;
        if rows::is_step_made(&mut tx, id, request).await? { Ok(()) } else { checked }
    }

    /// Loads a refund, asks the domain what the event changes, commits. `Conflict` when another event was first.
    pub(crate) async fn step_refund(
        &self,
        id: RefundId,
        actor: Actor,
        event: &(impl Fn(&Refund) -> Result<Event, Error> + Sync),
    ) -> Result<(), Error> {
        Box::pin(self.step_in(None, id, actor, event)).await
    }

    async fn step_in(
        &self,
        request: Option<RequestId>,
        id: RefundId,
        actor: Actor,
        event: &(impl Fn(&Refund) -> Result<Event, Error> + Sync),
    ) -> Result<(), Error> {
        let refund = self.store().refund(id).await?.ok_or(Error::NotFound)?;
        // Asked after the refund was read: what the same request does at this moment is seen here, or conflicts at the commit.
        if let Some(request) = request {
            let mut tx = self.store().read().await?;
            if rows::is_step_made(&mut tx, id, request).await? {
                return Ok(());
            }
        }
        let policy = self.settings_of(refund.policy).await?;
        let event = event(&refund)?;
        let outcome = Outcome { request, ..step(refund, event, &policy, actor, self.now())? };
        match self.commit(outcome).await {
            // Whether it was committed is unknown: the next look tells, and a step that was made refuses to be made again.
            Err(StoreError::Lost) => Err(Error::Conflict),
            result => Ok(result?),
        }
    }

    pub(crate) async fn own_refund(&self, caller: &Caller, id: RefundId) -> Result<Refund, Error> {
        let refund = self.store().refund(id).await?.ok_or(Error::NotFound)?;
        self.own_mid(caller, refund.mid).await?;
        Ok(refund)
    }

    async fn refund_view(&self, caller: &Caller, refund: &Refund) -> Result<RefundView, Error> {
        let mut tx = self.store().read().await?;
        let views = self.refund_views(&mut tx, caller, std::slice::from_ref(refund)).await?;
        Ok(needed("refunds", "view", views.into_iter().next())?)
    }

    /// Returns refunds as their merchant sees them, with as many questions to the database as for one.
    async fn refund_views(&self, tx: &mut Tx, caller: &Caller, refunds: &[Refund]) -> Result<Vec<RefundView>, Error> {
        let mut views = self.views().refunds(tx, refunds).await?;
        self.add_consents(tx, &mut views, refunds).await?;
        let mut mails: BTreeMap<RefundId, Vec<EmailView>> = BTreeMap::new();
        for email in emails::of_refunds(tx, &refunds.iter().map(|refund| refund.id.0).collect::<Vec<_>>()).await? {
            mails.entry(email.refund).or_default().push(email.into());
        }
        for (view, refund) in views.iter_mut().zip(refunds) {
            view.emails = mails.remove(&refund.id).unwrap_or_default();
            let to_payer = view.emails.iter().filter(|email| email.kind.audience() == Audience::Payer);
            view.last_notification_at = to_payer.map(|email| email.created_at).chain(view.last_notification_at).max();
            if caller.may(Right::MoveMoney) {
                view.claim_url = self.claim_url(refund);
            }
        }
        Ok(views)
    }

    /// Returns the payer's link while it can be claimed.
    pub(crate) fn claim_url(&self, refund: &Refund) -> Option<String> {
        let (claim, _) = refund.state.offered().filter(|(_, expires_at)| self.now() < *expires_at)?;
        Some(self.views().claim_url(&ClaimToken::derive(self.master_key(), claim)))
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

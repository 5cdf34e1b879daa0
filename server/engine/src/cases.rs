//! Cases: payments that a person decides about, and money that vanished from the chain after it was final.

use domain::exception::ExceptionCase;
use domain::ids::{CaseId, DepositId, InvoiceId};
use domain::invoice::{Deposit, DepositState, Event, Invoice, NotDone, Resolution};
use domain::ledger::{Account, entries::TakenBack};
use domain::lifecycle;
use domain::merchant::{Actor, Right};
use domain::money::Amount;
use domain::policy::Why;
use domain::refund::{CancelReason, CanceledBy, Funding, Refund, RefundState, StateName};
use domain::view::InvoiceView;

use crate::callers::Caller;
use crate::deposits::as_seen;
use crate::error::retrying;
use crate::rails::DepositStatus;
use crate::store::codec::needed;
use crate::store::{Tx, invoices as rows, ledger, refunds};
use crate::worker::Done;
use crate::{Engine, Error};

impl Engine {
    /// Decides a case that waits for a person. About money that may come from a sanctioned address only the operator decides.
    ///
    /// # Errors
    /// `NotDone` when it was decided already or the resolution does not fit, `Forbidden`, `NotFound`.
    pub async fn resolve_case(&self, caller: &Caller, invoice: InvoiceId, case: CaseId, how: Resolution) -> Result<InvoiceView, Error> {
        caller.require(Right::MoveMoney)?;
        self.own_invoice(caller, invoice).await?;
        let mut tx = self.store().read().await?;
        rows::load_case(&mut tx, case).await?.filter(|found| found.invoice == invoice).ok_or(Error::NotFound)?;
        drop(tx);
        retrying!(self.try_resolve(caller, invoice, case, how))?;
        self.invoice(caller, invoice).await
    }

    async fn try_resolve(&self, caller: &Caller, invoice: InvoiceId, case: CaseId, how: Resolution) -> Result<(), Error> {
        // Read again for each try: what came in meanwhile is decided with it.
        let mut tx = self.store().read().await?;
        let case = rows::load_case(&mut tx, case).await?.ok_or(Error::NotFound)?;
        drop(tx);
        may_decide(caller, &case)?;
        let by = caller.actor;
        self.decide_invoice(caller, invoice, |_, _| Ok(Event::Resolved { case: case.clone(), how, by })).await
    }

    /// Says which invoice a payment without its tag is for; it is judged there as if it had come with it. Both are of one MID.
    ///
    /// # Errors
    /// `NotDone` when its case was decided already or the invoice asks for another asset, `Invalid` for an invoice that is none to pay,
    /// `Forbidden`, `NotFound`.
    pub async fn attribute_case(&self, caller: &Caller, invoice: InvoiceId, case: CaseId, to: InvoiceId) -> Result<InvoiceView, Error> {
        caller.require(Right::MoveMoney)?;
        let from = self.own_invoice(caller, invoice).await?;
        let target = self.own_invoice(caller, to).await.map_err(|error| match error {
            Error::NotFound => Error::field("invoice", "unknown", "name an invoice of yours"),
            other => other,
        })?;
        if !from.is_for_untagged {
            return Err(Error::NotFound);
        }
        if target.is_for_untagged || target.mid != from.mid {
            return Err(Error::field("invoice", "not_payable", "name an invoice of the same MID that asks for a payment"));
        }
        retrying!(self.try_attribute(caller, invoice, case, to))?;
        self.invoice(caller, to).await
    }

    async fn try_attribute(&self, caller: &Caller, from: InvoiceId, case: CaseId, to: InvoiceId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let from = rows::load(&mut tx, from).await?.ok_or(Error::NotFound)?;
        let case = rows::load_case(&mut tx, case).await?.filter(|case| case.invoice == from.id).ok_or(Error::NotFound)?;
        let deposits = rows::deposits(&mut tx, from.id).await?;
        drop(tx);
        may_decide(caller, &case)?;
        // It has its deposit's id. One that was decided may have taken the deposit elsewhere.
        let deposit = deposits.into_iter().find(|deposit| deposit.id.0 == case.id.0);
        let by = caller.actor;
        let event = |_: &Invoice, _: &[Deposit]| {
            let deposit = deposit.clone().ok_or(Error::NotDone(NotDone::CaseIsDecided))?;
            Ok(Event::Attributed { case: case.clone(), deposit, from: Box::new(from.clone()), by })
        };
        self.decide_invoice(caller, to, event).await
    }

    /// Looks again at a deposit that was final (odd cases 16 and 17).
    pub(crate) async fn recheck_deposit(&self, id: DepositId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let deposit = needed("deposits", "recheck", rows::deposit(&mut tx, id).await?)?;
        let invoice = needed("invoices", "deposit", rows::load(&mut tx, deposit.invoice).await?)?;
        drop(tx);
        let network = invoice.address.network();
        // Of what others told the chain knows nothing that would take it back.
        if !deposit.is_final() || self.is_told(network) {
            return Ok(Done::Finished);
        }
        match self.rail(network)?.deposit_status(&as_seen(&invoice, &deposit)).await? {
            DepositStatus::Confirmed(_) => Ok(Done::Finished),
            DepositStatus::Gone => {
                tracing::error!(invoice.id = %invoice.id, txid = deposit.txid, "a deposit that was final vanished from the chain");
                let gone = Deposit { state: DepositState::Orphaned, ..deposit };
                retrying!(self.step_invoice(invoice.id, |_, _| Ok(Event::Deposit(gone.clone()))))?;
                Ok(Done::Finished)
            }
        }
    }

    /// Takes back what the books say of deposits that vanished: first every refund of theirs that was not sent is stopped, then the
    /// money is taken from where it is, and what is gone is owed by the merchant (P15, P16). Can be begun again at any point.
    pub(crate) async fn unwind(&self, id: InvoiceId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let found = refunds::of_invoice(&mut tx, id).await?;
        let mut orphans: Vec<Deposit> = rows::deposits(&mut tx, id).await?;
        drop(tx);
        orphans.retain(|deposit| deposit.state == DepositState::Orphaned);
        // The newest first, and only as long as more is promised than is there.
        for refund in found.iter().rev().filter(|refund| is_stoppable(refund) && stands_on(refund, &orphans)) {
            let mut tx = self.store().read().await?;
            let cap = rows::cap(&mut tx, id, refund.amount.asset).await?;
            drop(tx);
            if refund.funding != Funding::Suspense && cap.committed <= cap.paid.saturating_sub(cap.orphaned) {
                continue;
            }
            let cancel =
                |_: &Refund| Ok(lifecycle::Event::Canceled { by: CanceledBy::System, reason: CancelReason::DepositReorged, note: None });
            match retrying!(self.step_refund(refund.id, Actor::System, &cancel)) {
                // It was sent at this very moment: the merchant owes it.
                Err(Error::Refused(lifecycle::Refused::WrongState { .. })) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        for deposit in &orphans {
            retrying!(self.take_back(id, deposit.clone()))?;
        }
        self.offer_again(id).await?;
        Ok(Done::Finished)
    }

    /// Offers what was stopped for a deposit that had vanished, and is there again, by a new link. What is there is read anew: it may have
    /// come back while its refund was being stopped.
    ///
    /// Of several payments of one invoice in its own asset, all must be there again: they were judged as one sum, and without one of them the
    /// others may not even be the price. Until then a person decides, as of any part payment.
    async fn offer_again(&self, id: InvoiceId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let found = refunds::of_invoice(&mut tx, id).await?;
        let mut orphans: Vec<Deposit> = rows::deposits(&mut tx, id).await?;
        drop(tx);
        orphans.retain(|deposit| deposit.state == DepositState::Orphaned);
        for refund in found.iter().filter(|refund| was_stopped_for_a_reorg(refund) && !stands_on(refund, &orphans)) {
            match self.require_money_for(refund).await {
                Ok(()) => {}
                // Somebody gave it back in another way meanwhile.
                Err(Error::ExceedsRefundable { .. } | Error::InsufficientBalance { .. }) => continue,
                Err(error) => return Err(error),
            }
            let claim = self.new_claim();
            let again = |_: &Refund| Ok(lifecycle::Event::Reissued { claim, by_operator: false });
            match retrying!(self.step_refund(refund.id, Actor::System, &again)) {
                // Another process offered it, or nobody had approved it: whoever wants it makes a new one.
                Err(Error::Refused(lifecycle::Refused::WrongState { .. } | lifecycle::Refused::NeverApproved)) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn take_back(&self, id: InvoiceId, deposit: Deposit) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let invoice: Invoice = needed("invoices", "unwind", rows::load(&mut tx, id).await?)?;
        if !ledger::booked_when_orphaned(&mut tx, deposit.id).await?.is_empty() {
            return Ok(());
        }
        let asset = deposit.amount.asset;
        let holding = if invoice.is_payment(asset) {
            let of_others = waiting_beside(&mut tx, &deposit).await?;
            ledger::balance(&mut tx, invoice.mid, Account::Holding(id), asset).await?.saturating_sub(of_others)
        } else {
            // All of it, or nothing once it was promised back.
            let promised = refunds::of_invoice(&mut tx, id).await?;
            let is_promised = promised.iter().any(|refund| refund.is_reserved && stands_on(refund, core::slice::from_ref(&deposit)));
            let in_suspense = ledger::balance(&mut tx, invoice.mid, Account::Suspense, asset).await?;
            if is_promised { 0 } else { in_suspense }
        };
        let holding = holding.min(deposit.amount.units);
        let rest = deposit.amount.units.saturating_sub(holding);
        let available = ledger::available(&mut tx, invoice.mid, asset).await?.min(rest);
        drop(tx);
        let of = |units| Amount { units, asset };
        let from = TakenBack { holding: of(holding), available: of(available), receivable: of(rest.saturating_sub(available)) };
        self.step_invoice(id, |now, _| {
            // Where the money is was read before; who paid in, judged or took back since changed the invoice too.
            if now.version != invoice.version {
                return Err(Error::Conflict);
            }
            Ok(Event::Unwound { deposit: deposit.clone(), from })
        })
        .await
    }
}

/// Sums up what other payments in the same asset put on hold and nobody judged yet: it is theirs. One of them may have vanished too: as
/// long as it was not taken back, its money is there for the day it returns.
async fn waiting_beside(tx: &mut Tx, deposit: &Deposit) -> Result<u128, Error> {
    let mut waiting = 0_u128;
    for other in rows::deposits(tx, deposit.invoice).await? {
        let is_held = other.id != deposit.id && !other.is_judged && other.amount.asset == deposit.amount.asset;
        let is_there = match other.state {
            DepositState::Final => true,
            DepositState::Orphaned => ledger::booked_when_orphaned(tx, other.id).await?.is_empty(),
            DepositState::Seen | DepositState::Gone => false,
        };
        if is_held && is_there {
            waiting = waiting.saturating_add(other.amount.units);
        }
    }
    Ok(waiting)
}

/// Refuses everybody but the operator where only the operator decides.
fn may_decide(caller: &Caller, case: &ExceptionCase) -> Result<(), Error> {
    match case.state.why() {
        Some(Why::Risk | Why::Suspended) if !caller.may(Right::Operate) => Err(Error::NotDone(NotDone::OperatorOnly)),
        Some(Why::Risk | Why::Suspended | Why::Policy | Why::RateUnavailable) | None => Ok(()),
    }
}

/// Says whether the money of a refund is among what vanished. Money in suspense is never another deposit's.
fn stands_on(refund: &Refund, orphans: &[Deposit]) -> bool {
    orphans.iter().any(|orphan| match refund.funding {
        Funding::Suspense => refund.case == Some(CaseId(orphan.id.0)),
        Funding::Holding | Funding::Merchant => refund.amount.asset == orphan.amount.asset,
    })
}

/// Says whether a refund ended because the payment behind it had vanished from the chain.
fn was_stopped_for_a_reorg(refund: &Refund) -> bool {
    let RefundState::Canceled { cancel } = &refund.state else { return false };
    cancel.by == CanceledBy::System && cancel.reason == CancelReason::DepositReorged
}

/// Says whether a refund's money did not leave yet.
const fn is_stoppable(refund: &Refund) -> bool {
    match refund.state.name() {
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::Scheduled | StateName::OnHold | StateName::PayoutFailed => true,
        StateName::Sending | StateName::Paid | StateName::Expired | StateName::Canceled | StateName::Declined => false,
    }
}

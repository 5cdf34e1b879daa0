//! Cases: payments that a person decides about, and money that vanished from the chain after it was final.

use domain::ids::{CaseId, DepositId, InvoiceId};
use domain::invoice::{Deposit, DepositState, Event, Invoice, NotDone, Resolution};
use domain::ledger::{Account, entries::TakenBack};
use domain::lifecycle;
use domain::merchant::{Actor, Right};
use domain::money::Amount;
use domain::policy::Why;
use domain::refund::{CancelReason, CanceledBy, Refund, RefundState, StateName};
use domain::view::InvoiceView;

use crate::callers::Caller;
use crate::deposits::as_seen;
use crate::error::retrying;
use crate::rails::DepositStatus;
use crate::store::codec::needed;
use crate::store::{invoices as rows, ledger, refunds};
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
        if matches!(case.state.why(), Some(Why::Risk | Why::Suspended)) && !caller.may(Right::Operate) {
            return Err(Error::NotDone(NotDone::OperatorOnly));
        }
        let by = caller.actor;
        self.step_invoice(invoice, |_, _| Ok(Event::Resolved { case: case.clone(), how, by })).await
    }

    /// Looks again at a deposit that was final (odd cases 16 and 17).
    pub(crate) async fn recheck_deposit(&self, id: DepositId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let deposit = needed("deposits", "recheck", rows::deposit(&mut tx, id).await?)?;
        let invoice = needed("invoices", "deposit", rows::load(&mut tx, deposit.invoice).await?)?;
        drop(tx);
        let network = invoice.address.network();
        if !deposit.is_final() {
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
        drop(tx);
        // The newest first, and only as long as more is promised than is there.
        for refund in found.iter().rev().filter(|refund| is_stoppable(refund)) {
            let mut tx = self.store().read().await?;
            let cap = rows::cap(&mut tx, id, refund.amount.asset).await?;
            drop(tx);
            if cap.committed <= cap.paid.saturating_sub(cap.orphaned) {
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
        let mut tx = self.store().read().await?;
        let orphans: Vec<Deposit> = rows::deposits(&mut tx, id).await?;
        drop(tx);
        let mut is_whole = true;
        for deposit in orphans.into_iter().filter(|deposit| deposit.state == DepositState::Orphaned) {
            is_whole = false;
            retrying!(self.take_back(id, deposit.clone()))?;
        }
        if is_whole {
            self.offer_again(id).await?;
        }
        Ok(Done::Finished)
    }

    /// Offers what was stopped for a deposit that had vanished, and is there again, by a new link.
    async fn offer_again(&self, id: InvoiceId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let found = refunds::of_invoice(&mut tx, id).await?;
        drop(tx);
        for refund in found.iter().filter(|refund| was_stopped_for_a_reorg(refund)) {
            match self.require_money_for(refund).await {
                Ok(()) => {}
                // Somebody gave it back in another way meanwhile.
                Err(Error::ExceedsRefundable { .. } | Error::InsufficientBalance { .. }) => continue,
                Err(error) => return Err(error),
            }
            let claim = self.new_claim();
            let again = |_: &Refund| Ok(lifecycle::Event::Reissued { claim, by_operator: false });
            match retrying!(self.step_refund(refund.id, Actor::System, &again)) {
                // Another process offered it.
                Err(Error::Refused(lifecycle::Refused::WrongState { .. })) | Ok(()) => {}
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
        let held = if asset == invoice.charged.asset { Account::Holding(id) } else { Account::Suspense };
        // What other payments put there, and nobody judged yet, is theirs.
        let others = rows::deposits(&mut tx, id).await?;
        let others = others.iter().filter(|other| other.is_final() && !other.is_judged && other.amount.asset == asset);
        let of_others = others.fold(0_u128, |sum, other| sum.saturating_add(other.amount.units));
        let holding = ledger::balance(&mut tx, invoice.mid, held, asset).await?.saturating_sub(of_others).min(deposit.amount.units);
        let rest = deposit.amount.units.saturating_sub(holding);
        let available = ledger::available(&mut tx, invoice.mid, asset).await?.min(rest);
        drop(tx);
        let of = |units| Amount { units, asset };
        let from = TakenBack { holding: of(holding), available: of(available), receivable: of(rest.saturating_sub(available)) };
        self.step_invoice(id, |now, _| {
            // Where the money is was read before; whoever moved it since changed the invoice too.
            if now.version != invoice.version {
                return Err(Error::Conflict);
            }
            Ok(Event::Unwound { deposit: deposit.clone(), from })
        })
        .await
    }
}

/// Says whether a refund ended because the payment behind it had vanished from the chain.
fn was_stopped_for_a_reorg(refund: &Refund) -> bool {
    match &refund.state {
        RefundState::Canceled { cancel } => cancel.by == CanceledBy::System && cancel.reason == CancelReason::DepositReorged,
        RefundState::AwaitingApproval { .. }
        | RefundState::AwaitingClaim { .. }
        | RefundState::Scheduled { .. }
        | RefundState::OnHold { .. }
        | RefundState::Sending { .. }
        | RefundState::PayoutFailed { .. }
        | RefundState::Paid { .. }
        | RefundState::Expired { .. }
        | RefundState::Declined { .. } => false,
    }
}

/// Says whether a refund's money did not leave yet.
const fn is_stoppable(refund: &Refund) -> bool {
    match refund.state.name() {
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::Scheduled | StateName::OnHold | StateName::PayoutFailed => true,
        StateName::Sending | StateName::Paid | StateName::Expired | StateName::Canceled | StateName::Declined => false,
    }
}

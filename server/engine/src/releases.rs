//! Releases: what stands between a refund whose security delay is over and its payout. Whatever stands in the way, the money stays
//! where it is and the merchant is told why, once per reason.

use std::collections::BTreeMap;

use domain::ids::{MidId, PayoutId, RefundId};
use domain::lifecycle::{Event, Refused};
use domain::merchant::{Actor, Guard, Mid, Right};
use domain::money::{Amount, Asset};
use domain::policy::FeeBearer;
use domain::refund::{BlockedBy, Directed, HoldReason, Refund, RefundState, StateName};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::outages::Window;
use crate::rails::{PayoutOrder, PreflightError, UnderWay};
use crate::sanctions::Screening;
use crate::store::claims::ByLink;
use crate::store::codec::needed;
use crate::store::{StoreError, Tx, claims, merchants, payouts, refunds, state};
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a blocked refund waits before it is looked at again.
const BLOCKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// The row that says whether the operator stopped all payouts.
pub(crate) const PAYOUTS_STOPPED: &str = "payouts_stopped";

/// What stands in the way of a refund that is due.
enum InTheWay {
    /// It waits; looked at again at that time.
    Blocked(BlockedBy, Timestamp),
    /// A person looks at it.
    Held(HoldReason),
}

impl Engine {
    /// Orders the payout of a refund whose security delay is over, or says why it waits.
    pub(crate) async fn release(&self, id: RefundId) -> Result<Done, Error> {
        let refund = needed("refunds", "release", self.store().refund(id).await?)?;
        // Canceled, or released by another worker.
        let Some((directed, release_at)) = refund.state.to_be_sent() else { return Ok(Done::Finished) };
        match self.cancel_window(&refund, directed).await? {
            // That event makes it due again.
            Window::Until(until) if until > release_at => {
                self.delay(id, until).await?;
                return Ok(Done::Finished);
            }
            Window::Open if self.now() >= release_at => return Ok(Done::Again { at: self.soon() }),
            Window::Until(_) | Window::Open => {}
        }
        if matches!(refund.state, RefundState::OnHold { .. }) {
            return Ok(Done::Finished);
        }
        if self.now() < release_at {
            return Ok(Done::Again { at: release_at });
        }
        let asset = self.views().asset(refund.amount.asset)?.clone();
        let amount = match self.amount_at_release(&refund, &asset).await {
            Err(Error::RateUnavailable) => return self.block(id, BlockedBy::RateUnavailable, self.soon()).await,
            amount => amount?,
        };
        let sized = Refund { amount: amount.unwrap_or(refund.amount), ..refund.clone() };
        match self.in_the_way(&sized, directed, &asset).await? {
            Some(InTheWay::Blocked(BlockedBy::FeeAboveCap, _)) if self.asks_again(&refund).await? => {
                let claim = self.new_claim();
                self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::Requoted { claim })).await?;
                Ok(Done::Finished)
            }
            Some(InTheWay::Blocked(reason, again_at)) => self.block(id, reason, again_at).await,
            Some(InTheWay::Held(why)) => {
                self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::Held(why))).await?;
                Ok(Done::Finished)
            }
            None => {
                let payout = PayoutId(self.mint());
                let event = |_: &Refund| Ok(Event::Released { payout, asset: asset.clone(), amount });
                self.step_refund(id, Actor::System, &event).await?;
                Ok(Done::Finished)
            }
        }
    }

    /// Says whether the operator saw that a refund's destination is on a list and let it go: nobody else lets go what was held for that.
    async fn is_let_go_by_operator(&self, refund: &Refund) -> Result<bool, Error> {
        let history = refunds::history(&mut *self.store().read().await?, refund.id).await?;
        let mut since_offered = history.iter().rev().take_while(|entry| entry.state != StateName::AwaitingClaim);
        Ok(since_offered.any(|entry| entry.state == StateName::OnHold && entry.note.as_deref() == Some(HoldReason::Screening.name())))
    }

    /// Asks everything that can stand in the way, the cheapest first, the network last.
    async fn in_the_way(&self, refund: &Refund, directed: &Directed, asset: &Asset) -> Result<Option<InTheWay>, Error> {
        let (soon, now) = (self.soon(), self.now());
        let blocked = |reason| Ok(Some(InTheWay::Blocked(reason, soon)));
        let is_stopped = self.store().state(PAYOUTS_STOPPED).await?.is_some_and(|value| value == "true");
        let mid: Mid = needed("mids", "refund", self.store().mid(refund.mid).await?)?;
        let invoice = needed("invoices", "refund", self.store().invoice(refund.invoice).await?)?;
        let policy = self.settings_of(refund.policy).await?;
        let frozen = self.store().frozen(refund.mid).await?;
        let cap = self.store().cap(refund.invoice, asset.id).await?;
        let available = self.store().available(refund.mid, asset.id).await?;
        if is_stopped {
            return blocked(BlockedBy::Maintenance);
        }
        if mid.guard == Guard::Suspended {
            return blocked(BlockedBy::Suspended);
        }
        if let Some((until, _)) = frozen.filter(|(until, _)| now < *until) {
            return Ok(Some(InTheWay::Blocked(BlockedBy::Frozen, until)));
        }
        if cap.committed > cap.paid.saturating_sub(cap.orphaned) {
            return blocked(BlockedBy::DepositReorged);
        }
        // A list that was imported since the claim counts (row 89). Before what the merchant's own people look at: who lets that go must not
        // let this go with it.
        if matches!(self.screen(&directed.destination).await?, Screening::Listed { .. }) && !self.is_let_go_by_operator(refund).await? {
            return Ok(Some(InTheWay::Held(HoldReason::Screening)));
        }
        if !refund.is_reviewed {
            if policy.needs_review(invoice.worth(refund.amount, asset)) {
                return Ok(Some(InTheWay::Held(HoldReason::Review)));
            }
            if policy.low_risk_band.is_some() {
                let mut tx = self.store().read().await?;
                match claims::by_link_alone(&mut tx, directed.claim).await? {
                    // Also when the price of the day made it so much less since its claim (odd case 34).
                    Some(ByLink::Unproven) => return Ok(Some(InTheWay::Held(HoldReason::LinkAlone))),
                    // Or so much more.
                    Some(ByLink::WasEnough) if policy.needs_proof(invoice.worth(refund.amount, asset)) => {
                        return Ok(Some(InTheWay::Held(HoldReason::LinkAlone)));
                    }
                    Some(ByLink::WasEnough) | None => {}
                }
            }
        }
        if needed_of_merchant(refund, directed.fee) > available {
            return blocked(BlockedBy::InsufficientBalance);
        }
        // The price of the day can make it so few coins that the fee its payer agreed to eats them.
        let net_units = match refund.net(directed.fee, asset) {
            Err(Refused::FeeExceedsAmount) => return blocked(BlockedBy::FeeAboveCap),
            net => net?.units,
        };
        let order = PayoutOrder {
            payout: PayoutId(self.mint()),
            net_units,
            fee_units: directed.fee.units,
            destination: directed.destination.clone(),
            asset: asset.clone(),
        };
        let rail = self.rail(asset.network)?;
        // Money that was promised to another payout is not there, even where that has no slot yet. Where nobody waits for another, what
        // others cost is not asked: there can be thousands.
        let under_way: Vec<UnderWay> = if rail.takes_turns() {
            let mut tx = self.store().read().await?;
            payouts::under_way(&mut tx, asset.network, order.payout).await?.iter().map(|other| other.cost).collect()
        } else {
            Vec::new()
        };
        match rail.preflight_beside(&order, &under_way).await {
            Err(PreflightError::Wait(reason)) => blocked(reason),
            Err(PreflightError::Rail(error)) => Err(Error::Rail(error)),
            // What can never be sent is ordered all the same: the payout fails with its proof, and the merchant sees it.
            Ok(()) | Err(PreflightError::Never(_)) => Ok(None),
        }
    }

    /// Says whether a refund has waited so long for the network's fee to come down to what its payer agreed to that they are asked again, at
    /// the fee of now (odd case 9). What the merchant pays for waits for the merchant.
    async fn asks_again(&self, refund: &Refund) -> Result<bool, Error> {
        if refund.fee_bearer != FeeBearer::Payer || refund.state.blocked_by() != Some(BlockedBy::FeeAboveCap) {
            return Ok(false);
        }
        let policy = self.settings_of(refund.policy).await?;
        let mut tx = self.store().read().await?;
        let history = refunds::history(&mut tx, refund.id).await?;
        drop(tx);
        let blocked = history.iter().rev().find(|entry| entry.note.as_deref() == Some(BlockedBy::FeeAboveCap.name()));
        Ok(blocked.is_some_and(|blocked| policy.requote_after.after(blocked.at) <= self.now()))
    }

    async fn block(&self, id: RefundId, reason: BlockedBy, again_at: Timestamp) -> Result<Done, Error> {
        self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::Blocked(reason))).await?;
        Ok(Done::Again { at: again_at })
    }

    fn soon(&self) -> Timestamp {
        let now = self.now();
        now.saturating_add(BLOCKED_AGAIN_AFTER).unwrap_or(now)
    }

    /// Suspends a MID or opens it again: while suspended, payments are held for a person and nothing is sent.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator, `NotFound`.
    pub async fn guard_mid(&self, caller: &Caller, mid: domain::ids::MidId, guard: Guard) -> Result<(), Error> {
        if guard == Guard::Open { caller.require(Right::Operate) } else { caller.require_role(Right::Operate) }?;
        let merchant = self.own_mid(caller, mid).await?.merchant;
        let record = AuditRecord {
            merchant: Some(merchant),
            at: self.now(),
            actor: Some(caller.actor),
            action: "mid.guarded".to_owned(),
            subject: mid.0,
            detail: json!({ "guard": guard }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                merchants::set_guard(tx, mid, guard).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Stops every payout that is not ordered yet, of all merchants, or lets them go again.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator.
    pub async fn stop_payouts(&self, caller: &Caller, is_stopped: bool) -> Result<(), Error> {
        // Nothing keeps the kill switch from being pressed.
        if is_stopped { caller.require_role(Right::Operate) } else { caller.require(Right::Operate) }?;
        let value = if is_stopped { "true" } else { "false" };
        let record = AuditRecord {
            merchant: None,
            at: self.now(),
            actor: Some(caller.actor),
            action: "payouts.stopped".to_owned(),
            subject: uuid::Uuid::nil(),
            detail: json!({ "stopped": is_stopped }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                state::set(tx, PAYOUTS_STOPPED, value).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }
}

/// Says whether nobody stopped the money of some MIDs, each at the time its payouts are ordered: asked once more in the transaction that
/// orders them, so that what is ordered was ordered before the stop was acknowledged. A conflict then, and the next try says why it waits.
pub(crate) async fn are_open(tx: &mut Tx, mids: &BTreeMap<MidId, Timestamp>) -> Result<bool, StoreError> {
    if mids.is_empty() {
        return Ok(true);
    }
    if state::get_to_rely_on(tx, PAYOUTS_STOPPED).await?.is_none_or(|value| value != "false") {
        return Ok(false);
    }
    merchants::are_open(tx, mids).await
}

/// Returns what a release takes out of the merchant's own balance, in base units.
fn needed_of_merchant(refund: &Refund, fee: Amount) -> u128 {
    let amount = if refund.is_reserved { 0 } else { refund.amount.units };
    let fee = match refund.fee_bearer {
        FeeBearer::Merchant => fee.units,
        FeeBearer::Payer => 0,
    };
    amount.saturating_add(fee)
}

//! Payouts: how coins leave, once.
//!
//! | step | committed before it | a crash right after it leaves |
//! |---|---|---|
//! | 1 release | – | `sending` and a reserved payout: intent without bytes; go on at 2 |
//! | 2 lease a slot | intent | a slot that is this payout's; go on at 3 |
//! | 3 sign | slot | bytes in the signer's log alone; asking again gives the same bytes |
//! | 4 store the bytes | – | bytes not sent as far as we know; go on at 5 |
//! | 5 broadcast | bytes | bytes the network may or may not have; the same bytes are sent again |
//! | 6 read the chain until final | – | another look |
//!
//! From 3 on only proof ends a payout: final on the chain, reverted at final depth, or the slot spent by another final
//! transaction. No answer, a time-out and "not seen" prove nothing.

use domain::ids::{PayoutId, RefundId};
use domain::job::Job;
use domain::lifecycle::Event;
use domain::merchant::Actor;
use domain::money::Asset;
use domain::outcome::Outcome;
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::refund::{BlockedBy, Refund, RefundState};
use jiff::SignedDuration;

use crate::rails::{Broadcast, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail};
use crate::store::codec::needed;
use crate::store::{StoreError, jobs, payouts as rows, refunds};
use crate::views::signed_payout;
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a blocked refund waits before it is looked at again.
const BLOCKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// How long to wait between two looks at the chain.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_millis(700);
/// How long to wait for a node or signer that is away.
const AWAY_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(3);

impl Engine {
    /// Orders the payout of a refund whose security delay is over, or says why it waits.
    pub(crate) async fn release(&self, id: RefundId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let refund = needed("refunds", "release", refunds::load(&mut tx, id).await?)?;
        drop(tx);
        let RefundState::Scheduled { directed, release_at, .. } = &refund.state else {
            // Canceled, or released by another worker.
            return Ok(Done::Finished);
        };
        if self.now() < *release_at {
            return Ok(Done::Again { at: *release_at });
        }
        let asset = self.views().asset(refund.amount.asset)?.clone();
        let payout = PayoutId(self.mint());
        let order = PayoutOrder {
            payout,
            net_units: domain::refund::net_of_fee(refund.amount, directed.fee, &asset)?.units,
            fee_units: directed.fee.units,
            destination: directed.destination.clone(),
            asset: asset.clone(),
        };
        let event = match self.rail(asset.network)?.preflight(&order).await {
            Err(PreflightError::Wait(reason)) => Event::Blocked(reason),
            Err(PreflightError::Rail(error)) => return Err(Error::Rail(error)),
            // What can never be sent is ordered all the same: the payout fails with its proof, and the merchant sees it.
            Ok(()) | Err(PreflightError::Never(_)) => Event::Released { payout, asset },
        };
        let is_blocked = matches!(event, Event::Blocked(_));
        self.step_refund(id, Actor::System, &|_: &Refund| Ok(event.clone())).await?;
        Ok(if is_blocked { self.again_after(BLOCKED_AGAIN_AFTER) } else { Done::Finished })
    }

    /// Moves a payout one step nearer to its end.
    pub(crate) async fn pay(&self, id: PayoutId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let payout = needed("payouts", "pay", rows::load(&mut tx, id).await?)?;
        let slot = rows::slot_of(&mut tx, id).await?;
        drop(tx);
        let asset = self.views().asset(payout.net.asset)?.clone();
        let rail = self.rail(asset.network)?;
        match &payout.state {
            PayoutState::Reserved => self.sign(rail.as_ref(), payout, &asset, slot).await,
            PayoutState::Signed(_) => self.send(rail.as_ref(), payout).await,
            PayoutState::Broadcast(_) => self.look(rail.as_ref(), payout, &asset).await,
            PayoutState::Final(_) | PayoutState::Failed(_) => Ok(Done::Finished),
        }
    }

    /// Steps 2 to 4: leases a slot, has the payout signed for it and stores the bytes.
    async fn sign(&self, rail: &dyn Rail, payout: Payout, asset: &Asset, slot: Option<u64>) -> Result<Done, Error> {
        let order = order_of(&payout, asset);
        let (payout, slot) = match slot {
            Some(slot) => (payout, slot),
            None => {
                // Only before there is a slot: from then on the signer may have signed, and only it can say that it never will.
                match rail.preflight(&order).await {
                    Ok(()) => {}
                    Err(PreflightError::Never(failure)) => return self.give_up(payout, failure).await,
                    Err(PreflightError::Wait(BlockedBy::InsufficientFunds | BlockedBy::FeeAboveCap | BlockedBy::Maintenance)) => {
                        return Ok(self.again_after(BLOCKED_AGAIN_AFTER));
                    }
                    Err(PreflightError::Rail(error)) => return Err(Error::Rail(error)),
                }
                let first = rail.next_slot().await?;
                let leased = Payout { version: payout.version.saturating_add(1), ..payout.clone() };
                let slot = self.store().write(move |tx| Box::pin(async move { rows::lease_slot(tx, &payout, first).await })).await?;
                (leased, slot)
            }
        };
        let signed = match rail.prepare(&order, slot).await {
            Ok(signed) => signed,
            Err(PrepareError::Declined { reason, slot_is_taken }) => {
                tracing::warn!(payout.id = %payout.id, %reason, "the signer declined a payout");
                // A slot that the signer used for another payout stays taken: the next payout must not get it again.
                let failure = if slot_is_taken { PayoutFailure::Superseded } else { PayoutFailure::SignerDeclined };
                return self.give_up(payout, failure).await;
            }
            Err(PrepareError::SignerUnreachable(reason)) => {
                tracing::warn!(payout.id = %payout.id, %reason, "the signer did not sign; asking again");
                return Ok(self.again_after(AWAY_AGAIN_AFTER));
            }
            Err(PrepareError::Rail(error)) => return Err(Error::Rail(error)),
        };
        let payout = payout.sign(Signed { slot: signed.slot, txid: signed.txid, bytes: signed.bytes })?;
        self.save(payout.clone()).await?;
        self.send(rail, payout).await
    }

    /// Step 5: hands the stored bytes to the network. Whatever it says, only the chain tells.
    async fn send(&self, rail: &dyn Rail, payout: Payout) -> Result<Done, Error> {
        let signed = needed("payouts", "bytes", signed_payout(&payout))?;
        if let Broadcast::Unknown(reason) = rail.broadcast(&signed).await {
            tracing::info!(payout.id = %payout.id, %reason, "the network did not say that it took a payout");
        }
        self.save(payout.sent()?).await?;
        Ok(self.again_after(LOOK_AGAIN_AFTER))
    }

    /// Step 6: reads what the chain knows.
    async fn look(&self, rail: &dyn Rail, payout: Payout, asset: &Asset) -> Result<Done, Error> {
        let signed = needed("payouts", "bytes", signed_payout(&payout))?;
        match rail.status(&signed).await? {
            PayoutStatus::NotSeen => {
                // Always the same bytes: the network can take them once.
                rail.broadcast(&signed).await;
                Ok(self.again_after(LOOK_AGAIN_AFTER))
            }
            PayoutStatus::Pending => Ok(self.again_after(LOOK_AGAIN_AFTER)),
            PayoutStatus::Mined { confirmations, .. } if confirmations < asset.finality => Ok(self.again_after(LOOK_AGAIN_AFTER)),
            PayoutStatus::Mined { succeeded: true, fee, .. } => self.end(payout.refund, Event::PayoutFinal { payout, spent: fee }).await,
            PayoutStatus::Mined { succeeded: false, fee, .. } => {
                let failure = PayoutFailure::ContractReverted;
                self.end(payout.refund, Event::PayoutUnpaid { payout, failure, burnt: Some(fee) }).await
            }
            PayoutStatus::Superseded => {
                let failure = PayoutFailure::Superseded;
                self.end(payout.refund, Event::PayoutUnpaid { payout, failure, burnt: None }).await
            }
        }
    }

    async fn give_up(&self, payout: Payout, failure: PayoutFailure) -> Result<Done, Error> {
        self.end(payout.refund, Event::PayoutUnpaid { payout, failure, burnt: None }).await
    }

    async fn end(&self, refund: RefundId, event: Event) -> Result<Done, Error> {
        self.step_refund(refund, Actor::System, &|_: &Refund| Ok(event.clone())).await?;
        Ok(Done::Finished)
    }

    async fn save(&self, payout: Payout) -> Result<(), Error> {
        let mut outcome = Outcome::by(Actor::System);
        outcome.payout = Some(payout);
        match self.commit(outcome).await {
            Err(StoreError::Lost) => Err(Error::Conflict),
            result => Ok(result?),
        }
    }

    /// Makes sure that every payout that is neither final nor failed has a job. The worker looks at them before it sends anything new.
    pub(crate) async fn reconcile(&self) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let unfinished = rows::unfinished(&mut tx).await?;
        drop(tx);
        if unfinished.is_empty() {
            return Ok(());
        }
        tracing::info!(payouts = unfinished.len(), "looking after the payouts that were under way");
        let now = self.now();
        let ensure = self.store().write(move |tx| {
            Box::pin(async move {
                for id in unfinished {
                    jobs::ensure(tx, Job::Pay(id).at(now)).await?;
                }
                Ok(())
            })
        });
        Ok(ensure.await?)
    }

    fn again_after(&self, wait: SignedDuration) -> Done {
        let now = self.now();
        Done::Again { at: now.saturating_add(wait).unwrap_or(now) }
    }
}

fn order_of(payout: &Payout, asset: &Asset) -> PayoutOrder {
    PayoutOrder {
        payout: payout.id,
        asset: asset.clone(),
        net_units: payout.net.units,
        fee_units: payout.fee.units,
        destination: payout.destination.clone(),
    }
}

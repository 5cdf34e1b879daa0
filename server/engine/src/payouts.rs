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
//!
//! Any number of processes work here, and one may be paused between any two steps for longer than its lease lasts, so that another takes
//! its job over. When it comes back it goes on where it was, with what it had read. That does no harm:
//!
//! | it comes back | and then |
//! |---|---|
//! | before 1 | the refund's version has changed: `Conflict`; a refund has one payout that lives or has paid (unique index) |
//! | before 2 | the payout's version has changed: `Conflict`. If it has not, but another payout got a slot: `Conflict` too, by the network's count of turns; it is tried again |
//! | before 3 | it asks the signer what the other asked: the same payout and slot get the same bytes, or were refused for good to both |
//! | before 4 | the version has changed: `Conflict`; the bytes would have been the same |
//! | before 5 | it sends bytes that were sent before, or that can never be mined again: nothing but a slot spent at final depth ends a payout with bytes |
//! | before 6 | what it read of the chain was final and still is; the payout's and the refund's versions let one of the two write it |
//! | before the job's end | the job's lease is another's by now: it neither ends the job nor puts it off |

use std::time::Duration;

use domain::ids::{PayoutId, RefundId};
use domain::job::Job;
use domain::lifecycle::Event;
use domain::merchant::Actor;
use domain::money::Asset;
use domain::outcome::Outcome;
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::refund::Refund;
use jiff::SignedDuration;

use crate::rails::{Broadcast, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, UnderWay};
use crate::store::codec::needed;
use crate::store::{StoreError, jobs, ledger, payouts as rows, rails};
use crate::views::signed_payout;
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a blocked refund waits before it is looked at again.
const BLOCKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// How long to wait between two looks at the chain.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_millis(700);
/// How long to wait for the one payout of a network that has a slot and is not signed yet.
const NEXT_TURN_AFTER: SignedDuration = SignedDuration::from_millis(200);
/// How long to wait in line for it within this process.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a node or signer that is away.
const AWAY_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(3);

/// What became of asking for a slot.
enum Lease {
    /// It has this one.
    Slot(u64),
    /// It has none; ask again after this long.
    Wait(SignedDuration),
    /// It will never get one.
    Never(PayoutFailure),
}

impl Engine {
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
        // Held until the bytes are stored, so that in this process the next one is tried when this one is signed.
        let mut _turn = None;
        let (payout, slot) = match slot {
            Some(slot) => (payout, slot),
            None => {
                if rail.takes_turns() {
                    let turn = self.0.turns.get(&asset.network).ok_or(Error::NotFound)?;
                    let Ok(turn) = tokio::time::timeout(TURN_TIMEOUT, turn.lock()).await else {
                        return Ok(self.again_after(NEXT_TURN_AFTER));
                    };
                    _turn = Some(turn);
                }
                match self.lease_slot(rail, &payout, &order).await? {
                    Lease::Slot(slot) => (Payout { version: payout.version.saturating_add(1), ..payout }, slot),
                    Lease::Wait(wait) => return Ok(self.again_after(wait)),
                    Lease::Never(failure) => return self.give_up(payout, failure).await,
                }
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

    /// Step 2: tries the order and gives it a slot, unless another process gave one away in between, to this payout or to another: then it
    /// is tried again, beside that. Only before there is a slot: from then on the signer may have signed, and only it can say that it never
    /// will. No lock is held meanwhile that a process could take with it when it dies or is paused.
    async fn lease_slot(&self, rail: &dyn Rail, payout: &Payout, order: &PayoutOrder) -> Result<Lease, Error> {
        let network = order.asset.network;
        let mut tx = self.store().read().await?;
        let turns = rails::turns(&mut tx, network).await?;
        let others = rows::under_way(&mut tx, network, payout.id).await?;
        drop(tx);
        let takes_turns = rail.takes_turns();
        let with_slots = others.iter().filter(|other| other.cost.slot.is_some());
        if takes_turns && with_slots.clone().any(|other| !other.is_signed) {
            return Ok(Lease::Wait(NEXT_TURN_AFTER));
        }
        let under_way: Vec<UnderWay> = with_slots.map(|other| other.cost).collect();
        match rail.preflight_beside(order, &under_way).await {
            Ok(()) => {}
            Err(PreflightError::Never(failure)) => return Ok(Lease::Never(failure)),
            Err(PreflightError::Wait(_)) => {
                return Ok(Lease::Wait(BLOCKED_AGAIN_AFTER));
            }
            Err(PreflightError::Rail(error)) => return Err(Error::Rail(error)),
        }
        let first = rail.next_slot().await?;
        let (payout, turns_seen) = (payout.clone(), takes_turns.then_some(turns));
        match self.store().write(move |tx| Box::pin(async move { rows::lease_slot(tx, &payout, first, turns_seen).await })).await {
            // It may have a slot now: the rows tell.
            Err(StoreError::Lost) => Err(Error::Conflict),
            leased => Ok(Lease::Slot(leased?)),
        }
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

    /// Looks again at a payout that was final. A block that went away takes finality back; the same bytes are sent again (P17).
    pub(crate) async fn recheck(&self, id: PayoutId) -> Result<Done, Error> {
        let mut tx = self.store().read().await?;
        let payout = needed("payouts", "recheck", rows::load(&mut tx, id).await?)?;
        let booked = ledger::booked_when_final(&mut tx, id).await?;
        drop(tx);
        let PayoutState::Final(_) = &payout.state else { return Ok(Done::Finished) };
        let asset = self.views().asset(payout.net.asset)?.clone();
        let signed = needed("payouts", "bytes", signed_payout(&payout))?;
        match self.rail(asset.network)?.status(&signed).await? {
            PayoutStatus::Mined { confirmations, succeeded: true, .. } if confirmations >= asset.finality => Ok(Done::Finished),
            PayoutStatus::Mined { .. } | PayoutStatus::NotSeen | PayoutStatus::Pending | PayoutStatus::Superseded => {
                tracing::error!(payout.id = %id, "a payout that was final is not any more: its block is gone");
                self.end(payout.refund, Event::PayoutReorged { payout, booked }).await
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

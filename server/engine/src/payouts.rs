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
//! One transaction may pay several: payouts of MIDs whose policy has a `batch_window` wait for each other after step 1, as long as that or
//! until the network's transactions are full. Whoever's time is up first leases one slot for all that wait, in one transaction of the
//! rows: no process can take one of them for another batch, and none leaves it again. That first one goes through 3 and 4 for all; the
//! others take over what it has (bytes, or a proof that there will never be any) and go on by themselves at 5. All read the same
//! transaction, so all of them are paid, or reorganised away, or proven unpaid: each by a step of its own refund, whenever it gets there.
//!
//! A transaction that waits for a block longer than its rail allows is replaced by one with a higher fee, again and again, as far as the
//! orders allow: signed for the same slot, stored beside the first, then sent. The network takes one of them. All of them are looked at
//! from then on: whichever is final ends the payout, and "the slot was spent otherwise" counts only when it is said of each. Who looked only
//! at the first of them, and was paused, finds that the version has changed, be it that of another payout of the batch.
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
use domain::money::{Amount, Asset};
use domain::outcome::Outcome;
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed, share_of};
use domain::refund::Refund;
use jiff::{SignedDuration, Timestamp};

use crate::rails::{Broadcast, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, SignedPayout, UnderWay};
use crate::store::codec::needed;
use crate::store::payouts::Place;
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
    /// It has this one, for all of these orders.
    Slot(u64, Vec<PayoutOrder>),
    /// It has none; ask again after this long.
    Wait(SignedDuration),
    /// It will never get one.
    Never(PayoutFailure),
}

impl Engine {
    /// Moves a payout one step nearer to its end.
    pub(crate) async fn pay(&self, id: PayoutId) -> Result<Done, Error> {
        let payout = needed("payouts", "pay", self.store().payout(id).await?)?;
        // Where it stands in the slots decides only what is not signed yet.
        let place = if payout.state == PayoutState::Reserved {
            let mut tx = self.store().read().await?;
            rows::place_of(&mut tx, id).await?
        } else {
            None
        };
        let asset = self.views().asset(payout.net.asset)?.clone();
        let rail = self.rail(asset.network)?;
        match &payout.state {
            PayoutState::Reserved => self.sign(rail.as_ref(), payout, place).await,
            PayoutState::Signed(_) => self.send(rail.as_ref(), payout).await,
            PayoutState::Broadcast(_) => self.look(rail.as_ref(), payout, &asset).await,
            PayoutState::Final(_) | PayoutState::Failed(_) => Ok(Done::Finished),
        }
    }

    /// Steps 2 to 4: leases a slot, has the payout signed for it and stores the bytes.
    async fn sign(&self, rail: &dyn Rail, payout: Payout, place: Option<Place>) -> Result<Done, Error> {
        // Held until the bytes are stored, so that in this process the next one is tried when this one is signed.
        let mut _turn = None;
        let (payout, slot, orders) = match place {
            Some(place) if place.first != payout.id => return self.follow(rail, payout, place).await,
            Some(place) => {
                let mut tx = self.store().read().await?;
                let batch = rows::batch(&mut tx, payout.id).await?;
                drop(tx);
                (payout, place.slot, batch.iter().map(|payout| self.order_of(payout)).collect::<Result<_, _>>()?)
            }
            None => {
                if rail.takes_turns() {
                    let turn = self.0.turns.get(&payout.destination.network()).ok_or(Error::NotFound)?;
                    let Ok(turn) = tokio::time::timeout(TURN_TIMEOUT, turn.lock()).await else {
                        return Ok(self.again_after(NEXT_TURN_AFTER));
                    };
                    _turn = Some(turn);
                }
                match self.lease_slot(rail, &payout).await? {
                    Lease::Slot(slot, orders) => (Payout { version: payout.version.saturating_add(1), ..payout }, slot, orders),
                    Lease::Wait(wait) => return Ok(self.again_after(wait)),
                    Lease::Never(failure) => return self.give_up(payout, failure).await,
                }
            }
        };
        let signed = match rail.prepare(&orders, slot).await {
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
        let payout = payout.sign(stored(signed, self.now()))?;
        self.save(payout.clone()).await?;
        self.send(rail, payout).await
    }

    /// Steps 3 and 4 of a payout that another one's transaction pays too: what becomes of that becomes of it.
    async fn follow(&self, rail: &dyn Rail, payout: Payout, place: Place) -> Result<Done, Error> {
        match (place.signed, place.failure) {
            // Also when the first has failed meanwhile: then the chain, or its silence, proves the same of this one.
            (Some(signed), _) => {
                let payout = payout.sign(signed)?;
                self.save(payout.clone()).await?;
                self.send(rail, payout).await
            }
            // The signer wrote down that it never will, or that the slot is another's.
            (None, Some(failure)) => self.give_up(payout, failure).await,
            (None, None) => Ok(self.again_after(LOOK_AGAIN_AFTER)),
        }
    }

    /// Step 2: tries the order and gives it a slot, together with those that wait to be paid with it, unless another process gave one away in
    /// between, to this payout or to another: then it is tried again, beside that. Only before there is a slot: from then on the signer may
    /// have signed, and only it can say that it never will. No lock is held meanwhile that a process could take with it when it dies or is
    /// paused.
    async fn lease_slot(&self, rail: &dyn Rail, payout: &Payout) -> Result<Lease, Error> {
        let order = self.order_of(payout)?;
        let network = order.asset.network;
        let room = rail.payouts_at_once().saturating_sub(1);
        let batch_until = payout.batch_until.filter(|_| room > 0);
        let takes_turns = rail.takes_turns();
        let mut tx = self.store().read().await?;
        // Where nobody waits for another, what others cost is not asked: there can be thousands.
        let (turns, others) = if takes_turns {
            (Some(rails::turns(&mut tx, network).await?), rows::under_way(&mut tx, network, payout.id).await?)
        } else {
            (None, Vec::new())
        };
        let waiting = if batch_until.is_some() { rows::waiting(&mut tx, network, payout.id, room).await? } else { Vec::new() };
        drop(tx);
        let now = self.now();
        if let Some(until) = batch_until.filter(|until| now < *until && waiting.len() < room) {
            return Ok(Lease::Wait(until.duration_since(now)));
        }
        let with_slots = others.iter().filter(|other| other.cost.slot.is_some());
        if with_slots.clone().any(|other| !other.is_signed) {
            return Ok(Lease::Wait(NEXT_TURN_AFTER));
        }
        let mut under_way: Vec<UnderWay> = with_slots.map(|other| other.cost).collect();
        match rail.preflight_beside(&order, &under_way).await {
            Ok(()) => {}
            Err(PreflightError::Never(failure)) => return Ok(Lease::Never(failure)),
            Err(PreflightError::Wait(_)) => {
                return Ok(Lease::Wait(BLOCKED_AGAIN_AFTER));
            }
            Err(PreflightError::Rail(error)) => return Err(Error::Rail(error)),
        }
        under_way.push(cost_of(&order));
        let (mut orders, mut along) = (vec![order], Vec::new());
        for other in waiting {
            let order = self.order_of(&other)?;
            // One that cannot be paid now holds nobody up: its own job finds out why.
            if rail.preflight_beside(&order, &under_way).await.is_ok() {
                under_way.push(cost_of(&order));
                orders.push(order);
                along.push(other);
            }
        }
        // As they are listed ever after.
        orders[1..].sort_by_key(|order| order.payout);
        let first = rail.next_slot().await?;
        let payout = payout.clone();
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                let slot = rows::lease_slot(tx, &payout, &along, first, turns).await?;
                jobs::enqueue(tx, &along.iter().map(|other| Job::Pay(other.id).at(now)).collect::<Vec<_>>()).await?;
                Ok(slot)
            })
        });
        match write.await {
            // It may have a slot now: the rows tell.
            Err(StoreError::Lost) => Err(Error::Conflict),
            leased => Ok(Lease::Slot(leased?, orders)),
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
        let signed = needed("payouts", "bytes", payout.state.signed().cloned())?;
        if payout.raised_told < payout.raised {
            // The first of its batch raised the fee for all: each tells its own merchant and payer, whatever became of the transaction since.
            return self.end(payout.refund, Event::FeeRaised { payout, signed: None }).await;
        }
        let (status, taken) = self.status(rail, &payout, &signed).await?;
        match status {
            PayoutStatus::NotSeen | PayoutStatus::Pending => {
                if status == PayoutStatus::NotSeen {
                    // Always the same bytes: the network can take them once.
                    rail.broadcast(&SignedPayout::from(&signed)).await;
                }
                self.raise(rail, payout, &signed).await
            }
            PayoutStatus::Mined { confirmations, .. } if confirmations < asset.finality => Ok(self.again_after(LOOK_AGAIN_AFTER)),
            PayoutStatus::Mined { succeeded, fee, .. } => {
                let spent = self.share(&payout, fee).await?;
                let (refund, payout) = (payout.refund, payout.taken_as(taken));
                let event = if succeeded {
                    Event::PayoutFinal { payout, spent }
                } else {
                    Event::PayoutUnpaid { payout, failure: PayoutFailure::ContractReverted, burnt: Some(spent) }
                };
                self.end(refund, event).await
            }
            PayoutStatus::Superseded => self.give_up(payout, PayoutFailure::Superseded).await,
        }
    }

    /// Asks the chain about a payout's transaction and about those that it took the place of: one of them may be in a block. Returns the
    /// one that the answer is about.
    async fn status(&self, rail: &dyn Rail, payout: &Payout, present: &Signed) -> Result<(PayoutStatus, Signed), Error> {
        let mut status = rail.status(&SignedPayout::from(present)).await?;
        if payout.raised == 0 || matches!(status, PayoutStatus::Mined { .. }) {
            return Ok((status, present.clone()));
        }
        let mut tx = self.store().read().await?;
        let replaced = rows::replaced(&mut tx, payout.id, present).await?;
        drop(tx);
        for earlier in replaced {
            match rail.status(&SignedPayout::from(&earlier)).await? {
                mined @ PayoutStatus::Mined { .. } => return Ok((mined, earlier)),
                PayoutStatus::Superseded => {}
                // One that may still be mined: then nothing has superseded the others.
                PayoutStatus::NotSeen | PayoutStatus::Pending if status == PayoutStatus::Superseded => status = PayoutStatus::Pending,
                PayoutStatus::NotSeen | PayoutStatus::Pending => {}
            }
        }
        Ok((status, present.clone()))
    }

    /// Replaces the transaction that waits by one with a higher fee, once it has waited too long (odd case 19). The first payout of a batch
    /// does so for all.
    async fn raise(&self, rail: &dyn Rail, payout: Payout, waiting: &Signed) -> Result<Done, Error> {
        let look_again = self.again_after(LOOK_AGAIN_AFTER);
        let has_waited = self.now().duration_since(waiting.at);
        if rail.raises_after().is_none_or(|limit| has_waited < limit) {
            return Ok(look_again);
        }
        let mut tx = self.store().read().await?;
        let batch = rows::batch(&mut tx, payout.id).await?;
        drop(tx);
        if !self.is_first(payout.id).await? {
            return Ok(look_again);
        }
        let orders: Vec<PayoutOrder> = batch.iter().map(|payout| self.order_of(payout)).collect::<Result<_, _>>()?;
        match rail.raise(&orders, &SignedPayout::from(waiting)).await {
            Ok(Some(dearer)) => {
                let signed = stored(dearer, self.now());
                self.end(payout.refund, Event::FeeRaised { payout, signed: Some(signed) }).await
            }
            Ok(None) => Ok(look_again),
            Err(PrepareError::Rail(error)) => Err(Error::Rail(error)),
            Err(PrepareError::SignerUnreachable(reason) | PrepareError::Declined { reason, .. }) => {
                tracing::warn!(payout.id = %payout.id, %reason, "the fee of a payout that waits could not be raised; trying again");
                Ok(self.again_after(AWAY_AGAIN_AFTER))
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
        let signed = needed("payouts", "bytes", payout.state.signed().cloned())?;
        let (status, taken) = self.status(self.rail(asset.network)?.as_ref(), &payout, &signed).await?;
        // The first of a batch keeps the books' word on which of its transactions it was; the others only have to be paid.
        let is_the_same = taken.txid == signed.txid || !self.is_first(id).await?;
        match status {
            PayoutStatus::Mined { confirmations, succeeded: true, .. } if confirmations >= asset.finality && is_the_same => {
                Ok(Done::Finished)
            }
            PayoutStatus::Mined { .. } | PayoutStatus::NotSeen | PayoutStatus::Pending | PayoutStatus::Superseded => {
                tracing::error!(payout.id = %id, "a payout that was final is not any more: its block is gone");
                self.end(payout.refund, Event::PayoutReorged { payout, booked }).await
            }
        }
    }

    /// Returns a payout's own part of what its transaction cost.
    async fn share(&self, payout: &Payout, spent: Amount) -> Result<Amount, Error> {
        if payout.batch_until.is_none() {
            return Ok(spent);
        }
        let mut tx = self.store().read().await?;
        let (payouts, is_first) = rows::place_in_batch(&mut tx, payout.id).await?;
        Ok(share_of(spent, payouts, is_first))
    }

    /// Says whether the slot was given to this payout, not to another one that it is paid with.
    async fn is_first(&self, id: PayoutId) -> Result<bool, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::place_in_batch(&mut tx, id).await?.1)
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

    fn order_of(&self, payout: &Payout) -> Result<PayoutOrder, Error> {
        Ok(PayoutOrder {
            payout: payout.id,
            asset: self.views().asset(payout.net.asset)?.clone(),
            net_units: payout.net.units,
            fee_units: payout.fee.units,
            destination: payout.destination.clone(),
        })
    }

    fn again_after(&self, wait: SignedDuration) -> Done {
        let now = self.now();
        Done::Again { at: now.saturating_add(wait).unwrap_or(now) }
    }
}

/// Returns signed bytes as they are stored now.
fn stored(signed: SignedPayout, at: Timestamp) -> Signed {
    Signed { slot: signed.slot, txid: signed.txid, bytes: signed.bytes, at }
}

/// Returns what an order will cost, for those that are tried beside it.
fn cost_of(order: &PayoutOrder) -> UnderWay {
    UnderWay { slot: None, asset: order.asset.id, net_units: order.net_units, fee_units: order.fee_units }
}

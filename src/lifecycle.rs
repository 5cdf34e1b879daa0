//! The lifecycle of a refund: what can happen to it, and what each event changes. The one function to read is [`step`].

use jiff::Timestamp;
use thiserror::Error;

use crate::claim::{ClaimState, Consent};
use crate::destination::Destination;
use crate::ids::{ClaimId, PayoutId};
use crate::job::Job;
use crate::ledger::entries;
use crate::merchant::Actor;
use crate::money::{Amount, Asset, MoneyError};
use crate::notice::Notice;
use crate::outcome::{CapChange, ClaimChange, Outcome};
use crate::payout::{Payout, PayoutFailure, PayoutState};
use crate::refund::{BlockedBy, Cancel, CancelReason, CanceledBy, Directed, Refund, RefundState, StateName, net_of_fee};

/// Something that happens to a refund.
#[derive(Clone, Debug)]
pub enum Event {
    /// The payer confirmed an address.
    Confirmed {
        /// Where to.
        destination: Destination,
        /// What the network costs, as it was shown.
        fee: Amount,
        /// What the payer agreed to.
        consent: Consent,
        /// Of what the refund is.
        asset: Asset,
    },
    /// The claim link's time is up.
    ClaimLapsed,
    /// Somebody wants it stopped.
    Canceled {
        /// Who.
        by: CanceledBy,
        /// Why.
        reason: CancelReason,
        /// In their own words.
        note: Option<String>,
    },
    /// The security delay is over and nothing stands in the way.
    Released {
        /// The payout's id.
        payout: PayoutId,
        /// Of what the refund is.
        asset: Asset,
    },
    /// The security delay is over, but something stands in the way.
    Blocked(BlockedBy),
    /// The payout is final on the chain.
    PayoutFinal {
        /// The payout, with its signed bytes.
        payout: Payout,
        /// What the network took, in its own coin.
        spent: Amount,
    },
    /// The payout is proven unpaid.
    PayoutUnpaid {
        /// The payout.
        payout: Payout,
        /// Why.
        failure: PayoutFailure,
        /// What a reverted transfer burnt, in the network's own coin.
        burnt: Option<Amount>,
    },
    /// The merchant wants a failed payout tried again.
    Retried,
}

/// Why an event does nothing to a refund.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It cannot happen in this state.
    #[error("this cannot be done while it is {state}")]
    WrongState {
        /// Which state.
        state: &'static str,
    },
    /// Somebody confirmed an address already.
    #[error("this refund has already been claimed, to {destination}")]
    AlreadyClaimed {
        /// Where it goes, masked.
        destination: String,
    },
    /// The claim link's time is up.
    #[error("this refund could be claimed until {expired_at}")]
    ClaimExpired {
        /// When it ended.
        expired_at: Timestamp,
    },
    /// It is not time yet.
    #[error("this cannot be done before {not_before}")]
    TooEarly {
        /// When it can.
        not_before: Timestamp,
    },
    /// The payer's time to cancel is over.
    #[error("this could be canceled until {release_at}")]
    TooLate {
        /// When it ended.
        release_at: Timestamp,
    },
    /// Nothing worth sending would be left.
    #[error("the network fee is larger than the refund")]
    FeeExceedsAmount,
    /// The address belongs to another network than the money.
    #[error("the address is for another network")]
    OtherNetwork,
    /// The event is about another payout than the one in flight.
    #[error("this is another payout")]
    OtherPayout,
    /// The sums do not work out.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Says what an event changes.
///
/// The state decides first; each state names the events it refuses, so a new state or event does not compile until it is
/// thought through.
///
/// # Errors
/// [`Refused`], with nothing changed.
pub fn step(refund: Refund, event: Event, actor: Actor, now: Timestamp) -> Result<Outcome, Refused> {
    use Event as E;
    use RefundState as S;

    let wrong_state = Err(Refused::WrongState { state: refund.state.name().name() });
    match refund.state.clone() {
        S::AwaitingClaim { claim, expires_at } => match event {
            E::Confirmed { destination, fee, consent, asset } => {
                // `now < expires_at` wins even when the expiry job already woke (odd case 22).
                if now >= expires_at {
                    return Err(Refused::ClaimExpired { expired_at: expires_at });
                }
                if destination.network() != asset.network {
                    return Err(Refused::OtherNetwork);
                }
                net_of_fee(refund.amount, fee, &asset)?;
                Ok(confirmed(refund, claim, destination, fee, consent, actor, now))
            }
            E::ClaimLapsed if now < expires_at => Err(Refused::TooEarly { not_before: expires_at }),
            E::ClaimLapsed => Ok(lapsed(refund, claim, expires_at, now)),
            // A payer without a confirmed claim has nothing to cancel: only the cancel link of a confirmed claim gets here.
            E::Canceled { by: CanceledBy::Payer, .. } => wrong_state,
            E::Canceled { by: CanceledBy::Merchant, reason, note } => {
                let cancel = Cancel { by: CanceledBy::Merchant, reason, note, at: now };
                Ok(canceled(refund, claim, cancel, actor, now))
            }
            E::Released { .. } | E::Blocked(_) | E::PayoutFinal { .. } | E::PayoutUnpaid { .. } | E::Retried => wrong_state,
        },
        S::Scheduled { directed, release_at, blocked_by } => match event {
            E::Confirmed { .. } => Err(already_claimed(&directed)),
            E::Canceled { by: CanceledBy::Payer, .. } if now >= release_at => Err(Refused::TooLate { release_at }),
            E::Canceled { by, reason, note } => Ok(canceled(refund, directed.claim, Cancel { by, reason, note, at: now }, actor, now)),
            E::Released { .. } | E::Blocked(_) if now < release_at => Err(Refused::TooEarly { not_before: release_at }),
            E::Released { payout, asset } => released(refund, directed, payout, &asset, now),
            E::Blocked(reason) => Ok(blocked(refund, directed, release_at, blocked_by, reason, now)),
            E::ClaimLapsed | E::PayoutFinal { .. } | E::PayoutUnpaid { .. } | E::Retried => wrong_state,
        },
        S::Sending { directed, payout: in_flight } => match event {
            E::PayoutFinal { payout, .. } | E::PayoutUnpaid { payout, .. } if payout.id != in_flight => Err(Refused::OtherPayout),
            E::PayoutFinal { payout, spent } => paid(refund, directed, payout, spent, now),
            E::PayoutUnpaid { payout, failure, burnt } => unpaid(refund, directed, payout, failure, burnt, now),
            E::Confirmed { .. } => Err(already_claimed(&directed)),
            E::ClaimLapsed | E::Canceled { .. } | E::Released { .. } | E::Blocked(_) | E::Retried => wrong_state,
        },
        S::PayoutFailed { directed, .. } => match event {
            E::Retried => Ok(scheduled_again(refund, directed, actor, now)),
            E::Canceled { by: CanceledBy::Merchant, reason, note } => {
                let cancel = Cancel { by: CanceledBy::Merchant, reason, note, at: now };
                Ok(canceled(refund, directed.claim, cancel, actor, now))
            }
            E::Confirmed { .. } => Err(already_claimed(&directed)),
            // The payer's window closed when the payout was ordered.
            E::Canceled { by: CanceledBy::Payer, .. }
            | E::ClaimLapsed
            | E::Released { .. }
            | E::Blocked(_)
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. } => wrong_state,
        },
        S::Paid { directed, .. } => match event {
            E::Confirmed { .. } => Err(already_claimed(&directed)),
            E::ClaimLapsed
            | E::Canceled { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::Retried => wrong_state,
        },
        S::Expired { expired_at } => match event {
            E::Confirmed { .. } => Err(Refused::ClaimExpired { expired_at }),
            E::ClaimLapsed
            | E::Canceled { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::Retried => wrong_state,
        },
        S::Canceled { .. } => match event {
            E::Confirmed { .. }
            | E::ClaimLapsed
            | E::Canceled { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::Retried => wrong_state,
        },
    }
}

/// A link is issued and the money is set aside: a refund's first moment. `refund` comes in `AwaitingClaim` from [`crate::invoice::step`].
pub(crate) fn created(outcome: &mut Outcome, refund: Refund, expires_at: Timestamp, now: Timestamp) {
    outcome.entries.push(entries::refund_created(&refund, now));
    outcome.caps.push(CapChange::Commit(refund.invoice, refund.amount));
    outcome.notices.extend([Notice::RefundCreated(refund.id), Notice::RefundClaimAvailable(refund.id)]);
    outcome.jobs.push(Job::ExpireClaim(refund.id).at(expires_at));
    outcome.refund = Some(refund);
}

fn confirmed(
    refund: Refund,
    claim: ClaimId,
    destination: Destination,
    fee: Amount,
    consent: Consent,
    actor: Actor,
    now: Timestamp,
) -> Outcome {
    let release_at = refund.security_delay.after(now);
    let directed = Directed { claim, destination: destination.clone(), fee, confirmed_at: now };
    let mut outcome = Outcome::by(actor);
    outcome.claim = Some(ClaimChange::Confirm { claim, destination, consent });
    outcome.notices.push(Notice::RefundClaimed(refund.id));
    outcome.jobs.push(Job::Release(refund.id).at(release_at));
    outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at, blocked_by: None }, now));
    outcome
}

fn lapsed(refund: Refund, claim: ClaimId, expired_at: Timestamp, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(Actor::System);
    outcome.entries.push(entries::claim_expired(&refund, now));
    outcome.caps.push(CapChange::Release(refund.invoice, refund.amount));
    outcome.claim = Some(ClaimChange::Close { claim, state: ClaimState::Void });
    outcome.notices.push(Notice::RefundExpired(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::Expired { expired_at }, now));
    outcome
}

fn canceled(refund: Refund, claim: ClaimId, cancel: Cancel, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.entries.push(match cancel.by {
        CanceledBy::Payer => entries::canceled_by_payer(&refund, now),
        CanceledBy::Merchant => entries::canceled_by_merchant(&refund, now),
    });
    outcome.caps.push(CapChange::Release(refund.invoice, refund.amount));
    outcome.claim = Some(ClaimChange::Close { claim, state: ClaimState::Canceled });
    outcome.note = Some(cancel.reason.name().to_owned());
    outcome.notices.push(Notice::RefundCanceled(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::Canceled { cancel }, now));
    outcome
}

fn released(refund: Refund, directed: Directed, id: PayoutId, asset: &Asset, now: Timestamp) -> Result<Outcome, Refused> {
    let payout = Payout {
        id,
        refund: refund.id,
        mid: refund.mid,
        net: net_of_fee(refund.amount, directed.fee, asset)?,
        fee: directed.fee,
        fee_is_in_kind: asset.contract.is_none(),
        destination: directed.destination.clone(),
        state: PayoutState::Reserved,
        version: 1,
        created_at: now,
    };
    let mut outcome = Outcome::by(Actor::System);
    outcome.entries.push(entries::payout_reserved(&refund, &payout, now));
    outcome.notices.push(Notice::RefundSending(refund.id));
    outcome.jobs.push(Job::Pay(id).at(now));
    outcome.payout = Some(payout);
    outcome.refund = Some(into_state(refund, RefundState::Sending { directed, payout: id }, now));
    Ok(outcome)
}

fn blocked(
    refund: Refund,
    directed: Directed,
    release_at: Timestamp,
    before: Option<BlockedBy>,
    reason: BlockedBy,
    now: Timestamp,
) -> Outcome {
    let mut outcome = Outcome::by(Actor::System);
    if before != Some(reason) {
        outcome.note = Some(reason.name().to_owned());
        outcome.notices.push(Notice::RefundBlocked(refund.id));
        outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at, blocked_by: Some(reason) }, now));
    }
    outcome
}

fn paid(refund: Refund, directed: Directed, payout: Payout, spent: Amount, now: Timestamp) -> Result<Outcome, Refused> {
    let payout = payout.finish()?;
    let PayoutState::Final(signed) = &payout.state else { return Err(Refused::OtherPayout) };
    let txid = signed.txid.clone();
    let mut outcome = Outcome::by(Actor::System);
    if payout.fee_is_in_kind {
        outcome.entries.push(entries::payout_final(&refund, &payout, spent, now)?);
    } else {
        outcome.entries.push(entries::payout_final(&refund, &payout, Amount::zero(refund.amount.asset), now)?);
        if !spent.is_zero() {
            outcome.entries.push(entries::gas_burnt(&refund, &payout, spent, now));
        }
    }
    outcome.notices.push(Notice::RefundPaid(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::Paid { directed, payout: payout.id, txid }, now));
    outcome.payout = Some(payout);
    Ok(outcome)
}

fn unpaid(
    refund: Refund,
    directed: Directed,
    payout: Payout,
    failure: PayoutFailure,
    burnt: Option<Amount>,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::by(Actor::System);
    outcome.entries.push(entries::payout_unpaid(&refund, &payout, now));
    if let Some(gas) = burnt.filter(|gas| !gas.is_zero()) {
        outcome.entries.push(entries::gas_burnt(&refund, &payout, gas, now));
    }
    outcome.note = Some(failure.name().to_owned());
    outcome.notices.push(Notice::RefundPayoutFailed(refund.id));
    outcome.payout = Some(payout.fail(failure)?);
    outcome.refund = Some(into_state(refund, RefundState::PayoutFailed { directed, failure }, now));
    Ok(outcome)
}

fn scheduled_again(refund: Refund, directed: Directed, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.jobs.push(Job::Release(refund.id).at(now));
    outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at: now, blocked_by: None }, now));
    outcome
}

fn already_claimed(directed: &Directed) -> Refused {
    Refused::AlreadyClaimed { destination: directed.destination.masked() }
}

fn into_state(refund: Refund, state: RefundState, now: Timestamp) -> Refund {
    Refund { state, version: refund.version.saturating_add(1), updated_at: now, ..refund }
}

/// Returns the names of the states a refund can reach from `from` in one event, for pages and documents.
#[must_use]
pub const fn leads_to(from: StateName) -> &'static [StateName] {
    match from {
        StateName::AwaitingClaim => &[StateName::Scheduled, StateName::Expired, StateName::Canceled],
        StateName::Scheduled => &[StateName::Scheduled, StateName::Sending, StateName::Canceled],
        StateName::Sending => &[StateName::Paid, StateName::PayoutFailed],
        StateName::PayoutFailed => &[StateName::Scheduled, StateName::Canceled],
        StateName::Paid | StateName::Expired | StateName::Canceled => &[],
    }
}

#[cfg(test)]
mod tests;

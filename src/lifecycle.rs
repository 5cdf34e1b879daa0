//! The lifecycle of a refund: what can happen to it, and what each event changes. The one function to read is [`step`].

mod changes;

use jiff::Timestamp;
use thiserror::Error;

use crate::claim::{Consent, NewClaim, VerifiedBy};
use crate::claim_code::{NewClaimCode, Proof};
use crate::destination::Destination;
use crate::email::{self, EmailEnd};
use crate::ids::PayoutId;
use crate::ledger::Posting;
use crate::merchant::Actor;
use crate::money::{Amount, Asset, MoneyError};
use crate::outcome::{ClaimChange, Outcome};
use crate::payout::{Payout, PayoutFailure, Signed};
use crate::policy::{DestinationSource, FeeBearer, Policy, Reopen};
use crate::refund::{Approval, BlockedBy, CancelReason, CanceledBy, Conversion, Directed, HoldReason, Refund, RefundState, StateName};

pub use self::changes::open;
pub(crate) use self::changes::recheck_at;

/// Something that happens to a refund.
#[derive(Clone, Debug)]
pub enum Event {
    /// A second person agrees.
    Approved(Opening),
    /// A second person does not agree.
    Declined {
        /// Why, for the maker.
        reason: String,
    },
    /// A code is mailed to the payer, who confirms with it (odd case 34).
    CodeSent(NewClaimCode),
    /// The payer confirmed an address.
    Confirmed {
        /// Where to.
        destination: Destination,
        /// What the network costs, as it was shown.
        fee: Amount,
        /// What was given beside the link.
        proof: Proof,
        /// What the payer agreed to.
        consent: Consent,
        /// Where to write to about it, when that was not known.
        email: Option<String>,
        /// Of what the refund is.
        asset: Asset,
    },
    /// Somebody else with the link gave another address after it was confirmed: nothing changes, and the merchant is told (odd case 34).
    ClaimedAgain,
    /// The merchant says where to, where the policy leaves that to the merchant (CM-02).
    Directed {
        /// Where to.
        destination: Destination,
        /// What the network costs.
        fee: Amount,
        /// Of what the refund is.
        asset: Asset,
    },
    /// The payer is reminded that the claim link ends soon.
    Reminded,
    /// The payer is written to again.
    Notified,
    /// A mail to the payer was refused, or came back.
    Undelivered(EmailEnd),
    /// The claim link's time is up.
    ClaimLapsed {
        /// What the merchant gets for it, when the MID settles in a currency.
        conversion: Option<Conversion>,
    },
    /// Somebody wants it stopped.
    Canceled {
        /// Who.
        by: CanceledBy,
        /// Why.
        reason: CancelReason,
        /// In their own words.
        note: Option<String>,
    },
    /// A person, or a rule, wants it looked at before it is sent.
    Held(HoldReason),
    /// A person looked at it and lets it go.
    HoldReleased,
    /// For a part of their time to cancel the payer had no link, or could not reach the pages: it is given back (odd case 23).
    Delayed {
        /// Until when it waits now.
        until: Timestamp,
    },
    /// The security delay is over and nothing stands in the way.
    Released {
        /// The payout's id.
        payout: PayoutId,
        /// Of what the refund is.
        asset: Asset,
        /// How many coins it is at the price of this moment, when that decides (odd case 29).
        amount: Option<Amount>,
    },
    /// The security delay is over, but something stands in the way.
    Blocked(BlockedBy),
    /// The payout waits too long for a block: a transaction with a higher fee takes the place of the one that waits (odd case 19).
    FeeRaised {
        /// The payout, with the bytes that wait.
        payout: Payout,
        /// The bytes in their place, for the same slot; nothing where they are stored with the first payout of its batch.
        signed: Option<Signed>,
    },
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
    /// The block that made the payout final is gone (odd case 18).
    PayoutReorged {
        /// The payout, final until now.
        payout: Payout,
        /// What the books said when it became final.
        booked: Vec<Posting>,
    },
    /// The merchant wants a failed payout tried again.
    Retried,
    /// The merchant offers it again, by a new link.
    Reissued {
        /// The link.
        claim: NewClaim,
        /// Whether the operator does it.
        by_operator: bool,
    },
    /// The network has cost more than its payer agreed to for too long: they are asked again, by a new link (odd case 9).
    Requoted {
        /// The link.
        claim: NewClaim,
    },
}

/// What a refund needs to begin its way to the payer.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The claim that is made for it.
    pub claim: NewClaim,
    /// Where to and at what fee, when that is known without asking the payer.
    pub known: Option<Known>,
    /// Of what the refund is.
    pub asset: Asset,
}

/// A destination that nobody has to be asked for.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where to.
    pub destination: Destination,
    /// What the network costs.
    pub fee: Amount,
    /// How it is known.
    pub verified_by: VerifiedBy,
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
    /// The policy does not let payers cancel.
    #[error("this refund cannot be canceled by its payer: ask the shop")]
    PayerCannotCancel,
    /// Whoever made it cannot approve it.
    #[error("somebody else must approve this refund: you made it")]
    OwnRequest,
    /// A program cannot approve.
    #[error("a person must approve or decline this refund: sign in to the dashboard")]
    NotAPerson,
    /// The policy lets only the operator offer it again (CP-13).
    #[error("the payer canceled this refund: only the operator can offer it again")]
    OperatorOnly,
    /// The policy lets the payer say where the money goes.
    #[error("the payer says where this refund goes: send them the claim link, or set `destination_source` to merchant for later refunds")]
    PayersChoice,
    /// A second person approved it for an address that the payer gives.
    #[error("this refund was approved without an address: the payer gives it, or make a new refund with one")]
    ApprovedWithout,
    /// It was canceled before a second person approved it.
    #[error("nobody approved this refund before it was canceled: make a new one")]
    NeverApproved,
    /// Nothing worth sending would be left.
    #[error("the network fee is larger than the refund")]
    FeeExceedsAmount,
    /// The policy's `fee_cap` is below the fee of this moment.
    #[error("the network fee is too high for this refund right now: try again later")]
    FeeAboveCap,
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

/// Says what an event changes under the settings that the refund lives by, and who is written to about it.
///
/// The state decides first; each state names the events it refuses, so a new state or event does not compile until it is
/// thought through.
///
/// # Errors
/// [`Refused`], with nothing changed.
pub fn step(refund: Refund, event: Event, policy: &Policy, actor: Actor, now: Timestamp) -> Result<Outcome, Refused> {
    let asked = matches!(event, Event::Notified);
    let mut outcome = change(refund, event, policy, actor, now)?;
    outcome.emails = email::caused_by(&outcome, policy, asked);
    Ok(outcome)
}

fn change(refund: Refund, event: Event, policy: &Policy, actor: Actor, now: Timestamp) -> Result<Outcome, Refused> {
    use Event as E;
    use RefundState as S;

    let wrong_state = Err(Refused::WrongState { state: refund.state.name().name() });
    match refund.state.clone() {
        S::AwaitingApproval { destination } => match event {
            E::Approved(_) | E::Declined { .. } if !matches!(actor, Actor::User(_)) => Err(Refused::NotAPerson),
            E::Approved(_) if refund.request.as_ref().is_some_and(|request| request.maker == actor) => Err(Refused::OwnRequest),
            E::Approved(opening) => changes::approved(refund, destination.as_ref(), opening, policy, actor, now),
            E::Declined { reason } => Ok(changes::declined(refund, reason, actor, now)),
            E::Canceled { by: CanceledBy::Payer, .. } => wrong_state,
            E::Canceled { by, reason, note } => Ok(changes::canceled(refund, None, by, reason, note, actor, now)),
            E::CodeSent(_)
            | E::Confirmed { .. }
            | E::Directed { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::AwaitingClaim { claim, expires_at } => match event {
            // `now < expires_at` wins even when the expiry job already woke (odd case 22).
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } | E::Reminded | E::Notified if now >= expires_at => {
                Err(Refused::ClaimExpired { expired_at: expires_at })
            }
            E::Directed { .. } if policy.destination_source != DestinationSource::Merchant => Err(Refused::PayersChoice),
            // Who approved it saw no address: its maker cannot add one behind their back.
            E::Directed { .. } if refund.approval() == Approval::Given => Err(Refused::ApprovedWithout),
            E::CodeSent(code) => Ok(changes::code_sent(refund, code, actor, now)),
            E::Confirmed { destination, fee, proof, consent, email, asset } => {
                check_fee(&refund, &destination, fee, &asset, policy)?;
                let change = ClaimChange::Confirm { claim, proof, destination: destination.clone(), consent, email };
                Ok(changes::confirmed(refund, Directed { claim, destination, fee, confirmed_at: now }, change, policy, actor))
            }
            E::Directed { destination, fee, asset } => {
                check_fee(&refund, &destination, fee, &asset, policy)?;
                let change = ClaimChange::Tell { claim, destination: destination.clone() };
                Ok(changes::confirmed(refund, Directed { claim, destination, fee, confirmed_at: now }, change, policy, actor))
            }
            E::Reminded => Ok(changes::reminded(refund, expires_at, policy, now)),
            E::Notified => Ok(changes::notified(refund, actor, now)),
            E::Undelivered(email) => Ok(changes::undelivered(refund, email, now)),
            E::ClaimLapsed { .. } if now < expires_at => Err(Refused::TooEarly { not_before: expires_at }),
            E::ClaimLapsed { conversion } => changes::lapsed(refund, claim, expires_at, conversion, policy, now),
            // A payer without a confirmed claim has nothing to cancel: only the cancel link of a confirmed claim gets here.
            E::Canceled { by: CanceledBy::Payer, .. } => wrong_state,
            E::Canceled { by, reason, note } => Ok(changes::canceled(refund, Some(claim), by, reason, note, actor, now)),
            E::Approved(_)
            | E::Declined { .. }
            | E::ClaimedAgain
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::Scheduled { directed, release_at, blocked_by } => match event {
            E::ClaimedAgain => Ok(changes::claimed_again(refund, S::Scheduled { directed, release_at, blocked_by }, actor, now)),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(already_claimed(&directed)),
            E::Canceled { by: CanceledBy::Payer, .. } if !policy.payer_cancel => Err(Refused::PayerCannotCancel),
            E::Canceled { by: CanceledBy::Payer, .. } if now >= release_at => Err(Refused::TooLate { release_at }),
            E::Canceled { by, reason, note } => Ok(changes::canceled(refund, Some(directed.claim), by, reason, note, actor, now)),
            E::Held(why) => Ok(changes::held(refund, directed, release_at, why, actor, now)),
            E::Undelivered(email) => Ok(changes::undelivered(refund, email, now)),
            E::Delayed { until } if until <= release_at => wrong_state,
            E::Delayed { until } => {
                let state = S::Scheduled { directed, release_at: until, blocked_by };
                Ok(changes::delayed(refund, state, until, now))
            }
            E::Released { .. } | E::Blocked(_) if now < release_at => Err(Refused::TooEarly { not_before: release_at }),
            E::Released { payout, asset, amount } => changes::released(refund, directed, payout, &asset, amount, policy, now),
            E::Blocked(reason) => Ok(changes::blocked(refund, directed, release_at, blocked_by, reason, now)),
            // What the merchant pays for is not the payer's to agree to.
            E::Requoted { .. } if blocked_by != Some(BlockedBy::FeeAboveCap) || refund.fee_bearer != FeeBearer::Payer => wrong_state,
            E::Requoted { claim } => Ok(changes::requoted(refund, directed.claim, claim, policy, now)),
            E::Approved(_)
            | E::Declined { .. }
            | E::Reminded
            | E::Notified
            | E::ClaimLapsed { .. }
            | E::HoldReleased
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. } => wrong_state,
        },
        S::OnHold { directed, release_at, why } => match event {
            E::ClaimedAgain => Ok(changes::claimed_again(refund, S::OnHold { directed, release_at, why }, actor, now)),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(already_claimed(&directed)),
            E::HoldReleased if !matches!(actor, Actor::User(_)) => Err(Refused::NotAPerson),
            E::HoldReleased => Ok(changes::hold_released(refund, directed, release_at, actor, now)),
            E::Undelivered(email) => Ok(changes::undelivered(refund, email, now)),
            E::Delayed { until } if until <= release_at => wrong_state,
            E::Delayed { until } => Ok(changes::delayed(refund, S::OnHold { directed, release_at: until, why }, until, now)),
            E::Canceled { by: CanceledBy::Payer, .. } if !policy.payer_cancel => Err(Refused::PayerCannotCancel),
            E::Canceled { by: CanceledBy::Payer, .. } if now >= release_at => Err(Refused::TooLate { release_at }),
            E::Canceled { by, reason, note } => Ok(changes::canceled(refund, Some(directed.claim), by, reason, note, actor, now)),
            E::Approved(_)
            | E::Declined { .. }
            | E::Reminded
            | E::Notified
            | E::ClaimLapsed { .. }
            | E::Held(_)
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::Sending { directed, payout: in_flight } => match event {
            E::FeeRaised { payout, .. } | E::PayoutFinal { payout, .. } | E::PayoutUnpaid { payout, .. } if payout.id != in_flight => {
                Err(Refused::OtherPayout)
            }
            E::FeeRaised { payout, signed } => changes::fee_raised(refund, directed, payout, signed, now),
            E::PayoutFinal { payout, spent } => changes::paid(refund, directed, payout, spent, now),
            E::PayoutUnpaid { payout, failure, burnt } => changes::unpaid(refund, directed, payout, failure, burnt, now),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(already_claimed(&directed)),
            E::Approved(_)
            | E::Declined { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Canceled { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::PayoutFailed { directed, .. } => match event {
            E::Retried => Ok(changes::scheduled_again(refund, directed, actor, now)),
            E::Reissued { claim, .. } => Ok(changes::redirected(refund, directed.claim, claim, policy, actor, now)),
            // The payer's window closed when the payout was ordered.
            E::Canceled { by: CanceledBy::Payer, .. } => wrong_state,
            E::Canceled { by, reason, note } => Ok(changes::canceled(refund, Some(directed.claim), by, reason, note, actor, now)),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(already_claimed(&directed)),
            E::Approved(_)
            | E::Declined { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::Paid { directed, payout: paid_by, .. } => match event {
            E::PayoutReorged { payout, .. } if payout.id != paid_by => Err(Refused::OtherPayout),
            E::PayoutReorged { payout, booked } => changes::reorged(refund, directed, payout, &booked, now),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(already_claimed(&directed)),
            E::Approved(_)
            | E::Declined { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Canceled { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
        S::Expired { expired_at, .. } => match event {
            E::Reissued { claim, .. } => Ok(changes::reissued(refund, claim, policy, actor, now)),
            E::CodeSent(_) | E::Confirmed { .. } | E::Directed { .. } => Err(Refused::ClaimExpired { expired_at }),
            E::Approved(_)
            | E::Declined { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Canceled { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Requoted { .. } => wrong_state,
        },
        S::Canceled { cancel } => match event {
            E::Reissued { by_operator, .. }
                if cancel.by == CanceledBy::Payer && policy.reopen_after_payer_cancel == Reopen::Admin && !by_operator =>
            {
                Err(Refused::OperatorOnly)
            }
            // There is no money behind it any more, unless it came back.
            E::Reissued { .. } if cancel.by == CanceledBy::System && actor != Actor::System => wrong_state,
            E::Reissued { .. } if refund.approval() == Approval::Needed => Err(Refused::NeverApproved),
            E::Reissued { claim, .. } => Ok(changes::reissued(refund, claim, policy, actor, now)),
            E::Approved(_)
            | E::Declined { .. }
            | E::CodeSent(_)
            | E::Confirmed { .. }
            | E::Directed { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Canceled { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Requoted { .. } => wrong_state,
        },
        S::Declined { .. } => match event {
            E::Approved(_)
            | E::Declined { .. }
            | E::CodeSent(_)
            | E::Confirmed { .. }
            | E::Directed { .. }
            | E::ClaimedAgain
            | E::Reminded
            | E::Notified
            | E::Undelivered(_)
            | E::ClaimLapsed { .. }
            | E::Canceled { .. }
            | E::Held(_)
            | E::HoldReleased
            | E::Delayed { .. }
            | E::Released { .. }
            | E::Blocked(_)
            | E::FeeRaised { .. }
            | E::PayoutFinal { .. }
            | E::PayoutUnpaid { .. }
            | E::PayoutReorged { .. }
            | E::Retried
            | E::Reissued { .. }
            | E::Requoted { .. } => wrong_state,
        },
    }
}

/// Refuses a destination on another network, and a fee that leaves nothing or is above the policy's cap.
fn check_fee(refund: &Refund, destination: &Destination, fee: Amount, asset: &Asset, policy: &Policy) -> Result<(), Refused> {
    if destination.network() != asset.network {
        return Err(Refused::OtherNetwork);
    }
    refund.net(fee, asset)?;
    if fee.units > refund.amount.percent(policy.fee_cap)?.units { Err(Refused::FeeAboveCap) } else { Ok(()) }
}

fn already_claimed(directed: &Directed) -> Refused {
    Refused::AlreadyClaimed { destination: directed.destination.masked() }
}

/// Returns the names of the states a refund can reach from `from` in one event, for pages and documents.
#[must_use]
pub const fn leads_to(from: StateName) -> &'static [StateName] {
    use StateName as S;
    match from {
        S::AwaitingApproval => &[S::AwaitingClaim, S::Scheduled, S::Canceled, S::Declined],
        S::AwaitingClaim => &[S::AwaitingClaim, S::Scheduled, S::Expired, S::Canceled],
        S::Scheduled => &[S::AwaitingClaim, S::Scheduled, S::OnHold, S::Sending, S::Canceled],
        S::OnHold => &[S::OnHold, S::Scheduled, S::Canceled],
        S::Sending => &[S::Sending, S::Paid, S::PayoutFailed],
        S::PayoutFailed => &[S::AwaitingClaim, S::Scheduled, S::Canceled],
        S::Paid => &[S::Sending],
        S::Expired | S::Canceled => &[S::AwaitingClaim],
        S::Declined => &[],
    }
}

#[cfg(test)]
mod tests;

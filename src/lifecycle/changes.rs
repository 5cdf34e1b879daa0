//! What each event changes, one function each: the new state, the books, the notices and the jobs.

use jiff::{SignedDuration, Timestamp};

use super::{Opening, Refused};
use crate::claim::{Claim, ClaimState, NewClaim, VerifiedBy};
use crate::claim_code::{NewClaimCode, Proof};
use crate::destination::Destination;
use crate::email::{self, EmailEnd};
use crate::ids::{ClaimId, PayoutId};
use crate::job::Job;
use crate::ledger::{Account, Posting, entries};
use crate::merchant::Actor;
use crate::money::{Amount, Asset, AssetId, FIAT_DECIMALS, MoneyError, parse_units};
use crate::notice::Notice;
use crate::outcome::{CapChange, ClaimChange, Outcome};
use crate::payout::{Payout, PayoutFailure, PayoutState, Signed};
use crate::policy::{FeeBearer, Policy};
use crate::refund::{
    Approval, BlockedBy, Cancel, CancelReason, CanceledBy, Conversion, Directed, Funding, HoldReason, Mark, Refund, RefundState, Request,
};

/// The least time a payer gets for a new address after a payout failed (requirements 3.2).
const REDIRECTED_LASTS: SignedDuration = SignedDuration::from_hours(24 * 14);

/// A refund's first moment: its money is set aside and, unless somebody must approve it, it goes on its way.
/// `refund` comes in `AwaitingApproval`.
///
/// # Errors
/// `FeeExceedsAmount` when its destination is known and nothing would arrive there.
pub fn open(
    outcome: &mut Outcome,
    refund: Refund,
    opening: Opening,
    policy: &Policy,
    needs_approval: bool,
    now: Timestamp,
) -> Result<(), Refused> {
    if refund.is_reserved {
        outcome.entries.push(entries::refund_created(&refund, now));
    }
    outcome.caps.push(CapChange::Commit(refund.invoice, refund.amount));
    outcome.notices.push(Notice::RefundCreated(refund.id));
    if needs_approval {
        outcome.notices.push(Notice::RefundApprovalNeeded(refund.id));
        outcome.refund = Some(with_approval(refund, Approval::Needed));
    } else {
        let state = go_on(outcome, &refund, opening, policy, now)?;
        outcome.refund = Some(Refund { state, ..refund });
    }
    outcome.emails = email::caused_by(outcome, policy, false);
    Ok(())
}

/// Issues the claim link, or schedules at once where the destination is known.
fn go_on(outcome: &mut Outcome, refund: &Refund, opening: Opening, policy: &Policy, now: Timestamp) -> Result<RefundState, Refused> {
    let Some(known) = opening.known else {
        return Ok(offer(outcome, refund, opening.claim, policy.claim_ttl.after(now), policy, now));
    };
    if known.destination.network() != opening.asset.network {
        return Err(Refused::OtherNetwork);
    }
    refund.net(known.fee, &opening.asset)?;
    if known.fee.units > refund.amount.percent(policy.fee_cap)?.units {
        return Err(Refused::FeeAboveCap);
    }
    let release_at = policy.release_at(refund.created_at, now);
    let claim = claim_of(refund, opening.claim, known.verified_by);
    let directed = Directed { claim: claim.id, destination: known.destination.clone(), fee: known.fee, confirmed_at: now };
    outcome.claim = Some(ClaimChange::Direct { claim, destination: known.destination });
    outcome.notices.push(Notice::RefundClaimed(refund.id));
    outcome.jobs.push(Job::Release(refund.id).at(release_at));
    Ok(RefundState::Scheduled { directed, release_at, blocked_by: None })
}

/// Offers a refund by a link that lives until `expires_at`.
fn offer(outcome: &mut Outcome, refund: &Refund, claim: NewClaim, expires_at: Timestamp, policy: &Policy, now: Timestamp) -> RefundState {
    outcome.claim = Some(ClaimChange::Issue(claim_of(refund, claim, VerifiedBy::Link)));
    outcome.notices.push(Notice::RefundClaimAvailable(refund.id));
    outcome.jobs.push(Job::ExpireClaim(refund.id).at(expires_at));
    outcome.jobs.extend(reminder(policy, expires_at, now).map(|at| Job::Remind(refund.id).at(at)));
    RefundState::AwaitingClaim { claim: claim.id, expires_at }
}

const fn claim_of(refund: &Refund, claim: NewClaim, verified_by: VerifiedBy) -> Claim {
    Claim { id: claim.id, refund: refund.id, token: claim.token, cancel_token: claim.cancel_token, verified_by }
}

/// Returns when the payer is reminded next.
fn reminder(policy: &Policy, expires_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let before = |days: &u16| expires_at.checked_sub(SignedDuration::from_hours(24_i64.saturating_mul(i64::from(*days)))).ok();
    policy.reminders.iter().filter_map(before).filter(|at| *at > now).min()
}

pub(super) fn approved(
    refund: Refund,
    destination: Option<&Destination>,
    opening: Opening,
    policy: &Policy,
    actor: Actor,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    // What was approved is what was asked for.
    if destination != opening.known.as_ref().map(|known| &known.destination) {
        return Err(Refused::OtherNetwork);
    }
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(Mark::Approved.name().to_owned());
    let state = go_on(&mut outcome, &refund, opening, policy, now)?;
    outcome.refund = Some(into_state(with_approval(refund, Approval::Given), state, now));
    Ok(outcome)
}

pub(super) fn declined(refund: Refund, reason: String, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    let refund = give_up(&mut outcome, refund, entries::canceled_by_merchant, now);
    outcome.note = Some(reason.clone());
    outcome.notices.push(Notice::RefundDeclined(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::Declined { by: actor, reason }, now));
    outcome
}

pub(super) fn code_sent(refund: Refund, code: NewClaimCode, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(Mark::CodeSent.name().to_owned());
    outcome.claim = Some(ClaimChange::SendCode(code));
    let state = refund.state.clone();
    outcome.refund = Some(into_state(refund, state, now));
    outcome
}

/// The payer, or the merchant, said where to: the destination is frozen and the security delay begins.
pub(super) fn confirmed(refund: Refund, directed: Directed, claim: ClaimChange, policy: &Policy, actor: Actor) -> Outcome {
    let now = directed.confirmed_at;
    let release_at = policy.release_at(refund.created_at, now);
    let mut outcome = Outcome::by(actor);
    outcome.note = match &claim {
        ClaimChange::Confirm { proof: Proof::Code(_), .. } => Some(Mark::CodeGiven.name().to_owned()),
        ClaimChange::Confirm { proof: Proof::Missing, .. } => Some(Mark::Unproven.name().to_owned()),
        ClaimChange::Confirm { proof: Proof::NotNeeded, .. }
        | ClaimChange::Tell { .. }
        | ClaimChange::Issue(_)
        | ClaimChange::Direct { .. }
        | ClaimChange::Replace { .. }
        | ClaimChange::SendCode(_)
        | ClaimChange::Close { .. } => None,
    };
    outcome.claim = Some(claim);
    outcome.notices.push(Notice::RefundClaimed(refund.id));
    outcome.jobs.push(Job::Release(refund.id).at(release_at));
    outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at, blocked_by: None }, now));
    outcome
}

pub(super) fn reminded(refund: Refund, expires_at: Timestamp, policy: &Policy, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(Actor::System);
    outcome.note = Some(Mark::Reminded.name().to_owned());
    outcome.notices.push(Notice::RefundExpiring(refund.id));
    outcome.jobs.extend(reminder(policy, expires_at, now).map(|at| Job::Remind(refund.id).at(at)));
    let state = refund.state.clone();
    // Where the merchant writes to the payer, this reminds the merchant.
    let notified_at = if refund.writes_to_payer(policy) { Some(now) } else { refund.notified_at };
    outcome.refund = Some(into_state(Refund { notified_at, ..refund }, state, now));
    outcome
}

pub(super) fn notified(refund: Refund, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(Mark::Notified.name().to_owned());
    outcome.notices.push(Notice::RefundClaimAvailable(refund.id));
    let state = refund.state.clone();
    outcome.refund = Some(into_state(Refund { notified_at: Some(now), ..refund }, state, now));
    outcome
}

/// A mail to the payer did not get there: the merchant is told, because the payer may not know of the refund (odd case 33).
pub(super) fn undelivered(refund: Refund, email: EmailEnd, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(Actor::System);
    outcome.note = Some(Mark::Undelivered.name().to_owned());
    outcome.notices.push(Notice::RefundUndelivered(refund.id));
    outcome.email_ended = Some(email);
    // Was it the one with the cancel link, the time to cancel begins now that the merchant is told.
    outcome.jobs.extend(refund.state.to_be_sent().map(|_| Job::Release(refund.id).at(now)));
    let state = refund.state.clone();
    outcome.refund = Some(into_state(refund, state, now));
    outcome
}

pub(super) fn lapsed(
    refund: Refund,
    claim: ClaimId,
    expired_at: Timestamp,
    conversion: Option<Conversion>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::by(Actor::System);
    let goes_to_merchant = refund.expires_to_merchant(policy);
    let conversion = conversion.filter(|_| goes_to_merchant && refund.is_reserved);
    if refund.is_reserved {
        outcome.entries.push(match &conversion {
            Some(conversion) => entries::claim_expired_and_converted(&refund, in_books(conversion)?, now),
            None if goes_to_merchant => entries::claim_expired(&refund, Account::MerchantAvailable, now),
            None => entries::claim_expired(&refund, refund.funding.account(refund.invoice), now),
        });
    }
    outcome.caps.push(CapChange::Release(refund.invoice, refund.amount));
    outcome.claim = Some(ClaimChange::Close { claim, state: ClaimState::Void });
    outcome.notices.push(Notice::RefundExpired(refund.id));
    let funding = if goes_to_merchant { Funding::Merchant } else { refund.funding };
    let refund = Refund { funding, is_reserved: false, ..refund };
    outcome.refund = Some(into_state(refund, RefundState::Expired { expired_at, conversion }, now));
    Ok(outcome)
}

fn in_books(conversion: &Conversion) -> Result<Amount, MoneyError> {
    let asset = AssetId::fiat(conversion.credited.currency)?;
    let mut amount = conversion.credited.amount;
    amount.rescale(u32::from(FIAT_DECIMALS));
    Ok(Amount { units: parse_units(&amount.to_string(), FIAT_DECIMALS)?, asset })
}

pub(super) fn canceled(
    refund: Refund,
    claim: Option<ClaimId>,
    by: CanceledBy,
    reason: CancelReason,
    note: Option<String>,
    actor: Actor,
    now: Timestamp,
) -> Outcome {
    let mut outcome = Outcome::by(actor);
    let entry = match by {
        CanceledBy::Payer => entries::canceled_by_payer,
        CanceledBy::Merchant | CanceledBy::System => entries::canceled_by_merchant,
    };
    let refund = give_up(&mut outcome, refund, entry, now);
    outcome.claim = claim.map(|claim| ClaimChange::Close { claim, state: ClaimState::Canceled });
    outcome.note = Some(reason.name().to_owned());
    outcome.notices.push(Notice::RefundCanceled(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::Canceled { cancel: Cancel { by, reason, note, at: now } }, now));
    outcome
}

/// Two people gave two addresses, and one of them may be a thief: `state` is where the refund was and stays.
pub(super) fn claimed_again(refund: Refund, state: RefundState, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(Mark::ClaimedAgain.name().to_owned());
    outcome.notices.push(Notice::RefundClaimedAgain(refund.id));
    outcome.refund = Some(into_state(refund, state, now));
    outcome
}

/// The payer's time to cancel is longer by what an outage took of it: `state` is where the refund was, with its new end.
pub(super) fn delayed(refund: Refund, state: RefundState, until: Timestamp, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(Actor::System);
    outcome.note = Some(Mark::Delayed.name().to_owned());
    outcome.notices.push(Notice::RefundDelayed(refund.id));
    outcome.jobs.push(Job::Release(refund.id).at(until));
    outcome.refund = Some(into_state(refund, state, now));
    outcome
}

/// Gives the money back to where it came from, and the cap free.
fn give_up(
    outcome: &mut Outcome,
    refund: Refund,
    entry: impl FnOnce(&Refund, Timestamp) -> crate::ledger::LedgerEntry,
    now: Timestamp,
) -> Refund {
    if refund.is_reserved {
        outcome.entries.push(entry(&refund, now));
    }
    outcome.caps.push(CapChange::Release(refund.invoice, refund.amount));
    Refund { is_reserved: false, ..refund }
}

pub(super) fn held(refund: Refund, directed: Directed, release_at: Timestamp, why: HoldReason, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(why.name().to_owned());
    outcome.notices.push(Notice::RefundHeld(refund.id));
    outcome.refund = Some(into_state(refund, RefundState::OnHold { directed, release_at, why }, now));
    outcome
}

pub(super) fn hold_released(refund: Refund, directed: Directed, release_at: Timestamp, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(Mark::Released.name().to_owned());
    outcome.jobs.push(Job::Release(refund.id).at(release_at.max(now)));
    let refund = Refund { is_reviewed: true, ..refund };
    outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at, blocked_by: None }, now));
    outcome
}

pub(super) fn released(
    refund: Refund,
    directed: Directed,
    id: PayoutId,
    asset: &Asset,
    amount: Option<Amount>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::by(Actor::System);
    // Money that is set aside has its amount; only the rest can be priced again.
    let refund = match amount.filter(|amount| !refund.is_reserved && *amount != refund.amount) {
        Some(amount) => {
            outcome.caps.extend([CapChange::Release(refund.invoice, refund.amount), CapChange::Commit(refund.invoice, amount)]);
            Refund { amount, ..refund }
        }
        None => refund,
    };
    let payout = Payout {
        id,
        refund: refund.id,
        mid: refund.mid,
        net: refund.net(directed.fee, asset)?,
        fee: directed.fee,
        fee_bearer: refund.fee_bearer,
        fee_is_in_kind: asset.contract.is_none(),
        destination: directed.destination.clone(),
        batch_until: Some(policy.batch_window.after(now)).filter(|until| *until > now),
        raised: 0,
        raised_told: 0,
        state: PayoutState::Reserved,
        version: 1,
        created_at: now,
    };
    if !refund.is_reserved {
        outcome.entries.push(entries::refund_created(&refund, now));
    }
    if refund.fee_bearer == FeeBearer::Merchant && !payout.fee.is_zero() {
        outcome.entries.push(entries::fee_reserved(&refund, &payout, now));
    }
    outcome.entries.push(entries::payout_reserved(&refund, &payout, now));
    outcome.notices.push(Notice::RefundSending(refund.id));
    outcome.jobs.push(Job::Pay(id).at(now));
    outcome.payout = Some(payout);
    let refund = Refund { is_reserved: true, ..refund };
    outcome.refund = Some(into_state(refund, RefundState::Sending { directed, payout: id }, now));
    Ok(outcome)
}

pub(super) fn blocked(
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

pub(super) fn fee_raised(
    refund: Refund,
    directed: Directed,
    payout: Payout,
    signed: Option<Signed>,
    now: Timestamp,
) -> Result<Outcome, Refused> {
    let payout = match signed {
        Some(signed) => payout.raise(signed)?,
        None => payout.raised_along()?,
    };
    let mut outcome = Outcome::by(Actor::System);
    outcome.note = Some(Mark::FeeRaised.name().to_owned());
    outcome.notices.push(Notice::RefundFeeRaised(refund.id));
    outcome.jobs.push(Job::Pay(payout.id).at(now));
    outcome.refund = Some(into_state(refund, RefundState::Sending { directed, payout: payout.id }, now));
    outcome.payout = Some(payout);
    Ok(outcome)
}

pub(super) fn paid(refund: Refund, directed: Directed, payout: Payout, spent: Amount, now: Timestamp) -> Result<Outcome, Refused> {
    let payout = payout.finish()?;
    let PayoutState::Final(signed) = &payout.state else { return Err(Refused::OtherPayout) };
    let txid = signed.txid.clone();
    let mut outcome = Outcome::by(Actor::System);
    let spent_in_kind = if payout.fee_is_in_kind { spent } else { Amount::zero(refund.amount.asset) };
    outcome.entries.push(entries::payout_final(&refund, &payout, spent_in_kind, now)?);
    if payout.fee_bearer == FeeBearer::Merchant && !payout.fee.is_zero() {
        outcome.entries.push(entries::fee_settled(&refund, &payout, spent_in_kind, now)?);
    }
    if !payout.fee_is_in_kind && !spent.is_zero() {
        outcome.entries.push(entries::gas_burnt(&refund, &payout, spent, now));
    }
    outcome.notices.push(Notice::RefundPaid(refund.id));
    outcome.jobs.push(Job::Recheck(payout.id).at(recheck_at(payout.created_at, now)));
    outcome.refund = Some(into_state(refund, RefundState::Paid { directed, payout: payout.id, txid }, now));
    outcome.payout = Some(payout);
    Ok(outcome)
}

/// Returns when something final is looked at again: after as long again as it took, at least ten minutes.
#[must_use]
pub(crate) fn recheck_at(began_at: Timestamp, now: Timestamp) -> Timestamp {
    let took = now.duration_since(began_at).max(SignedDuration::from_mins(10));
    now.saturating_add(took).unwrap_or(now)
}

pub(super) fn unpaid(
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

pub(super) fn reorged(refund: Refund, directed: Directed, payout: Payout, booked: &[Posting], now: Timestamp) -> Result<Outcome, Refused> {
    let payout = payout.reopen(now)?;
    let mut outcome = Outcome::by(Actor::System);
    outcome.entries.push(entries::payout_orphaned(&refund, &payout, booked, now));
    outcome.note = Some(Mark::Reorged.name().to_owned());
    outcome.notices.push(Notice::RefundReorged(refund.id));
    outcome.jobs.push(Job::Pay(payout.id).at(now));
    outcome.refund = Some(into_state(refund, RefundState::Sending { directed, payout: payout.id }, now));
    outcome.payout = Some(payout);
    Ok(outcome)
}

pub(super) fn scheduled_again(refund: Refund, directed: Directed, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.jobs.push(Job::Release(refund.id).at(now));
    outcome.refund = Some(into_state(refund, RefundState::Scheduled { directed, release_at: now, blocked_by: None }, now));
    outcome
}

/// A failed payout gets another destination: the old claim ends, the money stays owed.
pub(super) fn redirected(refund: Refund, old: ClaimId, claim: NewClaim, policy: &Policy, actor: Actor, now: Timestamp) -> Outcome {
    asked_again(refund, old, claim, Mark::Reissued, policy, actor, now)
}

/// What its payer agreed to does not pay the network any more: the old claim ends, and a new link asks at the fee of now.
pub(super) fn requoted(refund: Refund, old: ClaimId, claim: NewClaim, policy: &Policy, now: Timestamp) -> Outcome {
    asked_again(refund, old, claim, Mark::Requoted, policy, Actor::System, now)
}

fn asked_again(refund: Refund, old: ClaimId, claim: NewClaim, mark: Mark, policy: &Policy, actor: Actor, now: Timestamp) -> Outcome {
    let at_least = now.saturating_add(REDIRECTED_LASTS).unwrap_or(now);
    let mut outcome = Outcome::by(actor);
    outcome.note = Some(mark.name().to_owned());
    outcome.notices.push(Notice::RefundReissued(refund.id));
    let state = offer(&mut outcome, &refund, claim, policy.claim_ttl.after(now).max(at_least), policy, now);
    outcome.claim = Some(ClaimChange::Replace { old, new: claim_of(&refund, claim, VerifiedBy::Link) });
    // Who looked at it saw another address.
    outcome.refund = Some(into_state(Refund { is_reviewed: false, ..refund }, state, now));
    outcome
}

/// A refund that ended is offered again. Its money is set aside again, from where it is now, unless the merchant made it without
/// `immediate`: then it is set aside when it is sent, as the first time (BP-13).
pub(super) fn reissued(refund: Refund, claim: NewClaim, policy: &Policy, actor: Actor, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::by(actor);
    let is_reserved = refund.is_set_aside_when_offered();
    if is_reserved {
        outcome.entries.push(entries::refund_created(&refund, now));
    }
    outcome.caps.push(CapChange::Commit(refund.invoice, refund.amount));
    outcome.note = Some(Mark::Reissued.name().to_owned());
    outcome.notices.push(Notice::RefundReissued(refund.id));
    let state = offer(&mut outcome, &refund, claim, policy.claim_ttl.after(now), policy, now);
    outcome.refund = Some(into_state(Refund { is_reserved, is_reviewed: false, ..refund }, state, now));
    outcome
}

fn with_approval(refund: Refund, approval: Approval) -> Refund {
    Refund { request: refund.request.map(|request| Request { approval, ..request }), ..refund }
}

fn into_state(refund: Refund, state: RefundState, now: Timestamp) -> Refund {
    Refund { state, version: refund.version.saturating_add(1), updated_at: now, ..refund }
}

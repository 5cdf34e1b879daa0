//! What an event does to an invoice and its money. The one function to read is [`step`].

use jiff::Timestamp;

use super::{Deposit, DepositState, Event, Given, Invoice, InvoiceStatus, NotDone, Resolution, next_reference};
use crate::claim::VerifiedBy;
use crate::destination::Destination;
use crate::exception::{CaseState, Classification, Difference, ExceptionCase, Flag, Flags, Ruling, classify, in_time_until};
use crate::ids::CaseId;
use crate::job::Job;
use crate::ledger::{Account, EntryKind, Posting, entries};
use crate::lifecycle::{self, Known, Opening};
use crate::merchant::Actor;
use crate::money::{Amount, AssetId, MoneyError};
use crate::notice::Notice;
use crate::outcome::{Attributed, CapChange, Outcome};
use crate::policy::{Decision, DestinationSource, RateRule, Split, Verdict, Why, decide, split_up};
use crate::refund::{Funding, Reason, Refund, RefundState, net_of_fee};

/// Says what an event changes on an invoice. `deposits` are all that are known of it, before the event.
///
/// A deposit enters the books when it is final: straight to the merchant when it alone pays the invoice (P01), else into
/// holding (P02), and into suspense when it is of another asset or nobody knows what it is for (P02s). Then, if nothing more can come in time, the policy
/// judges what is held. An underpayment is not judged before the time to top it up is over (odd case 4), an overpayment at once.
/// What a person has to decide stays unjudged: what comes until then is decided with it.
///
/// # Errors
/// [`NotDone`], with nothing changed.
pub fn step(invoice: Invoice, mut deposits: Vec<Deposit>, event: Event, given: &Given<'_>) -> Result<Outcome, NotDone> {
    let now = given.now;
    let mut outcome = Outcome::by(Actor::System);
    let before = invoice.clone();
    let mut invoice = invoice;
    let mut decided = None;
    let became_final = match event {
        Event::TimeIsUp => None,
        Event::Deposit(deposit) => take_in(&mut deposits, deposit, &mut outcome, now),
        Event::Resolved { case, how, by } => {
            outcome.actor = by;
            if !case.is_open() {
                return Err(NotDone::CaseIsDecided);
            }
            if !invoice.is_payment(case.received.asset) {
                if !deposits.iter().any(|deposit| deposit.is_final() && case_of(deposit) == case.id) {
                    return Err(NotDone::PaymentGone);
                }
                refund_suspended(&mut invoice, &case, how, given, &mut outcome)?;
                return Ok(changed(outcome, &before, invoice));
            }
            decided = Some(how);
            None
        }
        Event::Attributed { case, deposit, from, by } => {
            outcome.actor = by;
            attribute(&invoice, &mut deposits, Attributed { case, from: *from }, deposit, given, &mut outcome)?;
            None
        }
        Event::Unwound { deposit, .. } | Event::Restored { deposit, .. } if !is_orphaned(&deposits, &deposit) => return Ok(outcome),
        Event::Unwound { deposit, from } => {
            outcome.entries.push(entries::deposit_orphaned(&invoice, &deposit, from, now));
            if !from.receivable.is_zero() {
                outcome.caps.push(CapChange::Owed(invoice.id, from.receivable));
            }
            outcome.notices.push(Notice::InvoiceOrphaned(invoice.id));
            if !deposits.iter().any(|other| other.id != deposit.id && may_count(other)) {
                outcome.case = given.open_case.map(|case| ExceptionCase { state: CaseState::Void, at: now, ..case.clone() });
            }
            outcome.deposits.push(deposit);
            return Ok(changed(outcome, &before, invoice));
        }
        Event::Restored { deposit, booked } => {
            give_back(&invoice, &mut deposits, &deposit, &booked, given, &mut outcome)?;
            None
        }
    };
    if let Some(deposit) = became_final.as_ref().filter(|deposit| !before.is_payment(deposit.amount.asset)) {
        suspend(&mut invoice, &mut deposits, deposit, given, &mut outcome);
        return Ok(changed(outcome, &before, invoice));
    }
    let own = |deposit: &&Deposit| deposit.amount.asset == before.charged.asset;
    let deadline = in_time_until(&invoice, &deposits, &given.version.policy);
    if invoice.status == InvoiceStatus::Pending
        && deposits.iter().filter(own).any(|deposit| deposit.counts() && deposit.seen_at <= deadline)
    {
        invoice.status = InvoiceStatus::Processing;
        outcome.notices.push(Notice::InvoiceProcessing(invoice.id));
    }

    let class = classify(&invoice, &deposits, &given.version.policy, given.asset)?;
    let ripe = class.filter(|class| decided.is_some() || is_ripe(&deposits, class, deadline, now));
    let verdict = match (&ripe, decided) {
        // Its payments vanished from the chain meanwhile.
        (None, Some(_)) => return Err(NotDone::CaseIsDecided),
        (None, None) => None,
        (Some(class), Some(how)) => Some(Verdict::Decided(by_a_person(&invoice, class, how, given)?)),
        (Some(class), None) => Some(stays_held(decide(&invoice, class, &given.judging())?, class, given.open_case)),
    };
    if let Some(deposit) = became_final {
        let pays_it = ripe.is_some_and(|class| class.ruling == Ruling::Clean && class.received == deposit.amount)
            && matches!(verdict, Some(Verdict::Decided(_)))
            && given.open_case.is_none();
        let entry = if pays_it { entries::deposit_credited } else { entries::deposit_held };
        outcome.entries.push(entry(&invoice, &deposit, now));
        outcome.caps.push(CapChange::Paid(invoice.id, deposit.amount));
        outcome.jobs.push(Job::RecheckDeposit(deposit.id).at(lifecycle::recheck_at(deposit.seen_at, now)));
    }
    match (ripe, verdict) {
        (Some(class), Some(Verdict::Decided(decision))) => judge(&mut invoice, &mut deposits, class, decision, given, &mut outcome)?,
        (Some(class), Some(Verdict::Held(why))) => hold(&mut invoice, class, why, given, &mut outcome),
        _ if now > invoice.expires_at && invoice.status.is_open() && !deposits.iter().filter(own).any(may_count) => {
            invoice.status = InvoiceStatus::Expired;
            outcome.notices.push(Notice::InvoiceExpired(invoice.id));
        }
        _ => {}
    }
    Ok(changed(outcome, &before, invoice))
}

/// A case that the policy leaves to a person goes on waiting, whatever comes: only money that makes the payment exact decides it.
const fn stays_held(verdict: Verdict, class: &Classification, open_case: Option<&ExceptionCase>) -> Verdict {
    match (verdict, open_case) {
        (Verdict::Decided(_), Some(ExceptionCase { state: CaseState::Manual(Why::Policy), .. }))
            if !matches!(class.ruling, Ruling::Clean) =>
        {
            Verdict::Held(Why::Policy)
        }
        (verdict, _) => verdict,
    }
}

/// Puts the invoice into the outcome, one version on. The version also guards the set of deposits: two that arrive together are
/// judged one after the other.
fn changed(mut outcome: Outcome, before: &Invoice, invoice: Invoice) -> Outcome {
    if invoice != *before || !outcome.deposits.is_empty() || outcome.case.is_some() {
        outcome.invoice = Some(Invoice { version: invoice.version.saturating_add(1), ..invoice });
    }
    outcome
}

/// Puts the deposit among the known ones; returns it when it is newly final.
fn take_in(deposits: &mut Vec<Deposit>, mut deposit: Deposit, outcome: &mut Outcome, now: Timestamp) -> Option<Deposit> {
    // Anybody can make a token report a transfer of nothing; it is no payment.
    if deposit.amount.is_zero() {
        return None;
    }
    // What vanished before it was final was never in the books.
    let is_booked = |known: &Deposit| known.id == deposit.id && matches!(known.state, DepositState::Final | DepositState::Orphaned);
    if deposit.state == DepositState::Orphaned && !deposits.iter().any(is_booked) {
        deposit.state = DepositState::Gone;
    }
    match deposits.iter_mut().find(|known| known.id == deposit.id) {
        // A deposit that was final and vanished: its money is taken back by a job of its own.
        Some(known) if known.is_final() && deposit.state == DepositState::Orphaned => {
            known.state = DepositState::Orphaned;
            outcome.deposits.push(known.clone());
            outcome.caps.push(CapChange::Orphaned(known.invoice, known.amount));
            outcome.jobs.push(Job::Unwind(known.invoice).at(now));
            return None;
        }
        // What is in the books stays there; only the chain's proof takes it back, as above.
        Some(known) if known.is_final() || known.state == deposit.state || known.state == DepositState::Orphaned => return None,
        // The whole of it: a block that went away may give the transfer back at another time, and what is booked is what is judged.
        Some(known) => known.clone_from(&deposit),
        None => deposits.push(deposit.clone()),
    }
    outcome.deposits.push(deposit.clone());
    deposit.is_final().then_some(deposit)
}

fn is_orphaned(deposits: &[Deposit], deposit: &Deposit) -> bool {
    deposits.iter().any(|known| known.id == deposit.id && known.state == DepositState::Orphaned)
}

/// Puts a vanished deposit back where it was. One that was judged stays so: the refund that was stopped for it is offered again by the
/// job that stopped it. One that was not is judged as if it had never been away.
fn give_back(
    invoice: &Invoice,
    deposits: &mut [Deposit],
    deposit: &Deposit,
    booked: &[Posting],
    given: &Given<'_>,
    outcome: &mut Outcome,
) -> Result<(), MoneyError> {
    let now = given.now;
    // What the merchant owed was paid out already, and stays promised.
    let owed = booked.iter().filter(|posting| posting.debit == Account::MerchantReceivable);
    let free = owed.map(|posting| posting.amount).try_fold(deposit.amount, Amount::minus)?;
    if !booked.is_empty() {
        outcome.entries.push(entries::deposit_restored(invoice, deposit, booked, now));
    }
    if !free.is_zero() {
        outcome.caps.push(CapChange::Restored(invoice.id, free));
    }
    outcome.notices.push(Notice::InvoiceRestored(invoice.id));
    outcome.jobs.push(Job::Unwind(invoice.id).at(now));
    outcome.jobs.push(Job::RecheckDeposit(deposit.id).at(lifecycle::recheck_at(now, now)));
    for known in deposits.iter_mut().filter(|known| known.id == deposit.id) {
        known.state = DepositState::Final;
        known.is_risky |= deposit.is_risky;
        outcome.deposits.push(known.clone());
    }
    Ok(())
}

/// Says whether nothing that could change the judgement can still come.
fn is_ripe(deposits: &[Deposit], class: &Classification, deadline: Timestamp, now: Timestamp) -> bool {
    let may_still_fill = |deposit: &Deposit| deposit.state == DepositState::Seen && deposit.seen_at <= deadline;
    match class.ruling {
        Ruling::Clean | Ruling::Over | Ruling::Risk => true,
        // A transfer in time that is not final yet may still fill an invoice that was never judged.
        Ruling::Under | Ruling::Late => {
            class.flags.has(Flag::PostResolution)
                || (now > deadline && !deposits.iter().filter(|deposit| deposit.amount.asset == class.received.asset).any(may_still_fill))
        }
    }
}

fn may_count(deposit: &Deposit) -> bool {
    deposit.counts() && !deposit.is_judged
}

/// What a person's decision makes of the money.
fn by_a_person(invoice: &Invoice, class: &Classification, how: Resolution, given: &Given<'_>) -> Result<Decision, MoneyError> {
    let split = match how {
        Resolution::Accept => Split::Keep,
        Resolution::RefundExcess => Split::Settle(class.due),
        Resolution::Refund => Split::GiveBack,
    };
    split_up(invoice, class, &given.judging(), split)
}

/// Keeps money held until a person decides, and says so once.
fn hold(invoice: &mut Invoice, class: Classification, why: Why, given: &Given<'_>, outcome: &mut Outcome) {
    let state = CaseState::Manual(why);
    let zero = Amount::zero(class.received.asset);
    let (id, number) = match given.open_case {
        Some(case) if case.received == class.received && case.state == state && case.flags == class.flags => return,
        Some(case) => (case.id, case.number),
        None => {
            invoice.judgements = invoice.judgements.saturating_add(1);
            (given.ids.case, invoice.judgements)
        }
    };
    if given.open_case.is_none() {
        outcome.notices.push(Notice::InvoiceHeld(invoice.id));
    }
    invoice.flags = invoice.flags.union(class.flags);
    outcome.case = Some(ExceptionCase {
        id,
        invoice: invoice.id,
        number,
        flags: class.flags,
        policy: given.version.id,
        received: class.received,
        credited: zero,
        refunded: zero,
        residual: zero,
        state,
        at: given.now,
    });
}

/// Books a deposit that is no payment of its invoice: a person decides.
fn suspend(invoice: &mut Invoice, deposits: &mut [Deposit], deposit: &Deposit, given: &Given<'_>, outcome: &mut Outcome) {
    let untagged = invoice.is_for_untagged;
    let flags = Flags::default().with(Flag::WrongAsset, !untagged).with(Flag::MissingTag, untagged).with(Flag::Risk, deposit.is_risky);
    let why = if deposit.is_risky { Why::Risk } else { Why::Policy };
    let zero = Amount::zero(deposit.amount.asset);
    outcome.entries.push(entries::deposit_suspended(invoice, deposit, given.now));
    outcome.caps.push(CapChange::Paid(invoice.id, deposit.amount));
    outcome.jobs.push(Job::RecheckDeposit(deposit.id).at(lifecycle::recheck_at(deposit.seen_at, given.now)));
    mark_judged(deposits, outcome, deposit.amount.asset);
    invoice.judgements = invoice.judgements.saturating_add(1);
    invoice.flags = invoice.flags.union(flags);
    outcome.notices.push(Notice::InvoiceHeld(invoice.id));
    outcome.case = Some(ExceptionCase {
        id: case_of(deposit),
        invoice: invoice.id,
        number: invoice.judgements,
        flags,
        policy: given.version.id,
        received: deposit.amount,
        credited: zero,
        refunded: zero,
        residual: zero,
        state: CaseState::Manual(why),
        at: given.now,
    });
}

/// Returns the id of the case about a deposit in suspense: one of its own for each, so that nobody's is decided with another's money.
const fn case_of(deposit: &Deposit) -> CaseId {
    CaseId(deposit.id.0)
}

/// Makes a deposit that came without its tag a payment of this invoice; it is judged as if it had come with it.
fn attribute(
    invoice: &Invoice,
    deposits: &mut Vec<Deposit>,
    decided: Attributed,
    deposit: Deposit,
    given: &Given<'_>,
    outcome: &mut Outcome,
) -> Result<(), NotDone> {
    let Attributed { case, from } = decided;
    if !case.is_open() {
        return Err(NotDone::CaseIsDecided);
    }
    if !deposit.is_final() || case_of(&deposit) != case.id {
        return Err(NotDone::PaymentGone);
    }
    if !invoice.is_payment(deposit.amount.asset) {
        return Err(NotDone::OtherAsset);
    }
    let deposit = Deposit { invoice: invoice.id, is_judged: false, ..deposit };
    outcome.entries.push(entries::deposit_attributed(invoice, &deposit, given.now));
    outcome.caps.extend([CapChange::Moved(from.id, deposit.amount), CapChange::Paid(invoice.id, deposit.amount)]);
    outcome.deposits.push(deposit.clone());
    deposits.push(deposit);
    let from = Invoice { version: from.version.saturating_add(1), ..from };
    let case = ExceptionCase { state: CaseState::Attributed, at: given.now, ..case };
    outcome.attributed = Some(Attributed { case, from });
    Ok(())
}

fn refund_suspended(
    invoice: &mut Invoice,
    case: &ExceptionCase,
    how: Resolution,
    given: &Given<'_>,
    outcome: &mut Outcome,
) -> Result<(), NotDone> {
    match how {
        Resolution::Refund => {}
        Resolution::Accept | Resolution::RefundExcess if invoice.is_for_untagged => return Err(NotDone::Untagged),
        Resolution::Accept | Resolution::RefundExcess => return Err(NotDone::OtherAsset),
    }
    let reason = if invoice.is_for_untagged { Reason::MissingTag } else { Reason::WrongAsset };
    let opened = Opened { case: case.id, amount: case.received, reason, flags: case.flags, funding: Funding::Suspense, known: None };
    open_refund(invoice, opened, given, outcome)?;
    outcome.case = Some(ExceptionCase { refunded: case.received, state: CaseState::Refunded, at: given.now, ..case.clone() });
    Ok(())
}

fn mark_judged(deposits: &mut [Deposit], outcome: &mut Outcome, asset: AssetId) {
    for deposit in deposits.iter_mut().filter(|deposit| deposit.amount.asset == asset && deposit.is_final() && !deposit.is_judged) {
        deposit.is_judged = true;
        match outcome.deposits.iter_mut().find(|changed| changed.id == deposit.id) {
            Some(changed) => changed.is_judged = true,
            None => outcome.deposits.push(deposit.clone()),
        }
    }
}

fn judge(
    invoice: &mut Invoice,
    deposits: &mut [Deposit],
    class: Classification,
    decision: Decision,
    given: &Given<'_>,
    outcome: &mut Outcome,
) -> Result<(), MoneyError> {
    let is_first_judgement = !class.flags.has(Flag::PostResolution);
    let (case, number) = match given.open_case {
        Some(case) => (case.id, case.number),
        None => {
            invoice.judgements = invoice.judgements.saturating_add(1);
            (given.ids.case, invoice.judgements)
        }
    };
    invoice.flags = invoice.flags.union(class.flags);
    let known = known_destination(invoice, deposits, given);
    mark_judged(deposits, outcome, class.received.asset);
    // A single exact deposit went to the merchant with P01 already.
    let is_held = !outcome.entries.iter().any(|entry| entry.kind == EntryKind::DepositCredited);
    if is_held && !decision.credit.is_zero() {
        outcome.entries.push(entries::holding_settled(invoice, decision.credit, number, given.now));
    }
    if !decision.residual.is_zero() {
        outcome.entries.push(entries::dust_kept(invoice, decision.residual, number, given.now));
    }
    if is_first_judgement {
        let (status, notice) = resolution(invoice, &class, &decision);
        // An expired invoice stays expired when late money goes back: that was said already.
        if invoice.status != status {
            outcome.notices.push(notice);
        }
        invoice.status = status;
    }
    if class.ruling != Ruling::Clean || given.open_case.is_some() {
        outcome.case = Some(ExceptionCase {
            id: case,
            invoice: invoice.id,
            number,
            flags: class.flags,
            policy: given.version.id,
            received: class.received,
            credited: decision.credit,
            refunded: decision.refund,
            residual: decision.residual,
            state: case_state(&decision),
            at: given.now,
        });
    }
    if !decision.refund.is_zero() {
        let opened = Opened { case, amount: decision.refund, reason: reason(&class), flags: class.flags, funding: Funding::Holding, known };
        open_refund(invoice, opened, given, outcome)?;
    }
    Ok(())
}

/// Says why money goes back: in which way it was no payment, or that a person did not take one.
const fn reason(class: &Classification) -> Reason {
    match (class.ruling, class.difference) {
        (Ruling::Late, _) => Reason::Late,
        (Ruling::Under, _) | (Ruling::Risk, Difference::Under) => Reason::Underpaid,
        (Ruling::Over, _) | (Ruling::Risk, Difference::Over) => Reason::Overpaid,
        (Ruling::Risk, Difference::Exact) if class.flags.has(Flag::Late) => Reason::Late,
        (Ruling::Clean, _) | (Ruling::Risk, Difference::Exact) => Reason::NotAccepted,
    }
}

const fn case_state(decision: &Decision) -> CaseState {
    match (decision.credit.is_zero(), decision.refund.is_zero()) {
        (false, false) => CaseState::Split,
        (true, false) => CaseState::Refunded,
        (false, true) => CaseState::Credited,
        (true, true) => CaseState::Dust,
    }
}

fn resolution(invoice: &Invoice, class: &Classification, decision: &Decision) -> (InvoiceStatus, Notice) {
    if decision.is_accepted {
        return (InvoiceStatus::Complete, Notice::InvoiceComplete(invoice.id));
    }
    match class.ruling {
        Ruling::Under => (InvoiceStatus::Underpaid, Notice::InvoiceUnderpaid(invoice.id)),
        Ruling::Late => (InvoiceStatus::Expired, Notice::InvoiceExpired(invoice.id)),
        Ruling::Over | Ruling::Clean | Ruling::Risk => (InvoiceStatus::Canceled, Notice::InvoiceCanceled(invoice.id)),
    }
}

/// Returns where a refund goes without asking the payer, when the policy says so and it is known beyond doubt.
fn known_destination(invoice: &Invoice, deposits: &[Deposit], given: &Given<'_>) -> Option<Known> {
    let fee = given.fee_now?;
    match given.version.policy.destination_source {
        DestinationSource::PayerClaim | DestinationSource::Merchant => None,
        DestinationSource::Precommitted => {
            Some(Known { destination: invoice.refund_to.clone()?, fee, verified_by: VerifiedBy::Precommitted })
        }
        DestinationSource::SourceAddress => {
            // Whoever may be sanctioned is asked, and screened as everybody who answers is.
            if deposits.iter().any(|deposit| deposit.is_risky && !deposit.is_judged) {
                return None;
            }
            let mut sources = deposits.iter().filter(|deposit| deposit.is_final() && !deposit.is_judged).map(|deposit| &deposit.source);
            let first = sources.next()?.as_deref()?;
            let destination = Destination::parse(given.asset.network, first, None).ok()?;
            let is_only = sources.all(|source| source.as_deref() == Some(first));
            is_only.then_some(Known { destination, fee, verified_by: VerifiedBy::SourceAddress })
        }
    }
}

/// A refund that a judgement opens.
struct Opened {
    case: CaseId,
    amount: Amount,
    reason: Reason,
    flags: Flags,
    funding: Funding,
    known: Option<Known>,
}

fn open_refund(invoice: &mut Invoice, opened: Opened, given: &Given<'_>, outcome: &mut Outcome) -> Result<(), MoneyError> {
    let policy = &given.version.policy;
    // Where the fee leaves nothing, the payer is asked: another address or a cheaper moment may do (odd case 8).
    let fee_max = opened.amount.percent(policy.fee_cap)?;
    let known = opened
        .known
        .filter(|known| known.fee.units <= fee_max.units && net_of_fee(opened.amount, policy.fee_bearer, known.fee, given.asset).is_ok());
    let refund = Refund {
        id: given.ids.refund,
        mid: invoice.mid,
        invoice: invoice.id,
        case: Some(opened.case),
        policy: given.version.id,
        policy_number: given.version.number,
        reference: next_reference(invoice),
        reason: opened.reason,
        flags: opened.flags,
        amount: opened.amount,
        priced: None,
        rate_rule: RateRule::CoinExact,
        fee_bearer: policy.fee_bearer,
        funding: opened.funding,
        is_reserved: true,
        is_reviewed: false,
        request: None,
        notified_at: None,
        state: RefundState::AwaitingApproval { destination: known.as_ref().map(|known| known.destination.clone()) },
        version: 1,
        created_at: given.now,
        updated_at: given.now,
    };
    let opening = Opening { claim: given.ids.claim, known, asset: given.asset.clone() };
    // Its only refusals are about a known destination, which was tried just now.
    lifecycle::open(outcome, refund, opening, policy, false, given.now).map_err(|_| MoneyError::MixedAssets)
}

#[cfg(test)]
mod tests;

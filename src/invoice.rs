//! Invoices and their deposits: what a payment does to its invoice. The one function to read is [`step`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::claim::{NewClaim, VerifiedBy};
use crate::destination::Destination;
use crate::exception::{CaseState, Classification, Difference, ExceptionCase, Flag, Flags, Ruling, classify, in_time_until};
use crate::ids::{CaseId, DepositId, InvoiceId, MidId, RefundId};
use crate::job::Job;
use crate::ledger::{Account, EntryKind, Posting, entries};
use crate::lifecycle::{self, Known, Opening};
use crate::merchant::Actor;
use crate::money::{Amount, Asset, AssetId, MoneyError};
use crate::names::choices;
use crate::notice::Notice;
use crate::outcome::{Attributed, CapChange, Outcome};
use crate::policy::{Decision, DestinationSource, Judging, Overrides, PolicyVersion, RateRule, Split, Verdict, Why, decide, split_up};
use crate::rate::{Fiat, Rate};
use crate::refund::{Funding, Reason, Refund, RefundState, net_of_fee};
use crate::view::Metadata;

/// A request for payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Of which MID.
    pub mid: MidId,
    /// The merchant's own name for it, unique per MID.
    pub reference: String,
    /// What it asks for, in the merchant's currency.
    pub billed: Fiat,
    /// What it asks for, in coins.
    pub charged: Amount,
    /// The price between the two.
    pub rate: Rate,
    /// What was fixed first, the price in a currency or the coins; says how long a payment may be late.
    pub pricing: Pricing,
    /// Where to pay: an address of its own, or an account that others share, with a tag of its own.
    pub address: Destination,
    /// Whether it asks for nothing: there is one per MID and shared account, for what comes there without a tag that an invoice has.
    pub is_for_untagged: bool,
    /// Where the payer wants a refund, said before anything went wrong.
    pub refund_to: Option<Destination>,
    /// What the policy says differently for this invoice.
    pub overrides: Option<Overrides>,
    /// Whom to write to.
    pub payer_email: Option<String>,
    /// Where to send a payer who paid.
    pub success_redirect_url: Option<String>,
    /// Where to send a payer who did not.
    pub unsuccess_redirect_url: Option<String>,
    /// The merchant's own notes.
    pub metadata: Option<Metadata>,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// In which ways its payments differed.
    pub flags: Flags,
    /// How many judgements there were, clean ones included.
    pub judgements: u32,
    /// How many refunds were created for it.
    pub refunds: u32,
    /// Until when a payment is in time, inclusive.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows by one with every change; changes compare it first.
    pub version: i64,
}

impl Invoice {
    /// Says whether a deposit of an asset can be what the invoice asks for.
    #[must_use]
    pub fn is_payment(&self, asset: AssetId) -> bool {
        !self.is_for_untagged && asset == self.charged.asset
    }

    /// Returns what coins are worth at the invoice's price; nothing where it says nothing of them.
    #[must_use]
    pub fn worth(&self, amount: Amount, asset: &Asset) -> Option<Fiat> {
        let worth = self.is_payment(asset.id).then(|| self.rate.worth(amount, asset)).flatten();
        worth.map(|worth| Fiat { amount: worth, currency: self.billed.currency })
    }
}

choices! {
    /// What of an invoice was fixed first.
    Pricing {
        /// The price in a currency; the coins were worked out from it.
        Fiat = "fiat",
        /// The coins.
        Coin = "coin",
    }
}

/// Where an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InvoiceStatus {
    /// Nothing came yet.
    Pending,
    /// A payment was seen.
    Processing,
    /// It counts as paid.
    Complete,
    /// Too little came; all of it goes back.
    Underpaid,
    /// Nothing came in time.
    Expired,
    /// A payment came and was not accepted.
    Canceled,
}

impl InvoiceStatus {
    /// All statuses.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Processing, Self::Complete, Self::Underpaid, Self::Expired, Self::Canceled];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Complete => "complete",
            Self::Underpaid => "underpaid",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    const fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::Processing => true,
            Self::Complete | Self::Underpaid | Self::Expired | Self::Canceled => false,
        }
    }
}

/// One payment on an invoice's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Its id.
    pub id: DepositId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Names the transfer for ever: the same one twice is one deposit.
    pub external_id: String,
    /// Its transaction.
    pub txid: String,
    /// How much.
    pub amount: Amount,
    /// The address it came from, where the chain tells.
    pub source: Option<String>,
    /// Whether that address is on a sanctions list.
    pub is_risky: bool,
    /// When the chain took it; decides whether it is late.
    pub seen_at: Timestamp,
    /// Where it stands.
    pub state: DepositState,
    /// Whether a judgement took it into account.
    pub is_judged: bool,
}

/// Where a deposit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositState {
    /// In a block that could still go away.
    Seen,
    /// For good: in the books.
    Final,
    /// Its block went away before it was final; nothing was booked.
    Gone,
    /// Its block went away after it was final; what was booked is taken back (P15, P16) until the chain has it again.
    Orphaned,
}

impl DepositState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Seen, Self::Final, Self::Gone, Self::Orphaned];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Final => "final",
            Self::Gone => "gone",
            Self::Orphaned => "orphaned",
        }
    }
}

impl Deposit {
    /// Says whether it is in the books.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self.state, DepositState::Final)
    }

    /// Says whether it is, or may become, part of the books.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.state, DepositState::Seen | DepositState::Final)
    }
}

/// Something that happens to an invoice.
#[derive(Clone, Debug)]
pub enum Event {
    /// A transfer is seen, becomes final, or goes away: the deposit as it stands now.
    Deposit(Deposit),
    /// Its time is up.
    TimeIsUp,
    /// A person decides a case that was held for that.
    Resolved {
        /// Which.
        case: ExceptionCase,
        /// How.
        how: Resolution,
        /// Who.
        by: Actor,
    },
    /// A person says that a deposit which came without its tag is a payment of this invoice.
    Attributed {
        /// The case that waits for it.
        case: ExceptionCase,
        /// The deposit.
        deposit: Deposit,
        /// The invoice that both are of until now.
        from: Box<Invoice>,
        /// Who.
        by: Actor,
    },
    /// A deposit that was final vanished from the chain, and no refund of its money can be stopped any more: its sum is taken back.
    Unwound {
        /// Which, already `Orphaned`.
        deposit: Deposit,
        /// From where.
        from: entries::TakenBack,
    },
    /// A deposit that had vanished after it was final is in a block again, and final: what was taken back is given back.
    Restored {
        /// Which, still `Orphaned`.
        deposit: Deposit,
        /// What the books said when its sum was taken back; nothing when they did not come to that.
        booked: Vec<Posting>,
    },
}

impl Event {
    /// Returns the asset of the refund that the event may open, when that need not be the invoice's.
    #[must_use]
    pub const fn asset(&self) -> Option<AssetId> {
        match self {
            Self::Resolved { case, .. } => Some(case.received.asset),
            Self::Deposit(_) | Self::Attributed { .. } | Self::Unwound { .. } | Self::Restored { .. } | Self::TimeIsUp => None,
        }
    }
}

choices! {
    /// How a person decides a case.
    Resolution {
        /// All of it is the merchant's, and the invoice counts as paid.
        Accept = "accept",
        /// The price is the merchant's, the rest goes back.
        RefundExcess = "refund_excess",
        /// All of it goes back.
        Refund = "refund",
    }
}

/// Ids for what a judgement may create. Minted by the caller, used only when needed.
#[derive(Clone, Copy, Debug)]
pub struct NewIds {
    /// For a case.
    pub case: CaseId,
    /// For a refund.
    pub refund: RefundId,
    /// For its claim.
    pub claim: NewClaim,
}

/// What is known beside the invoice and its deposits when an event happens.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    /// The policy as it is for this invoice now.
    pub version: &'g PolicyVersion,
    /// What the invoice, or the money of a case that is decided, is paid in.
    pub asset: &'g Asset,
    /// The price of a coin now; nothing when no rate source answers.
    pub rate_now: Option<Rate>,
    /// What a payout costs now; nothing when the network does not answer, or only the payer may say where money goes.
    pub fee_now: Option<Amount>,
    /// Whether the operator suspended the MID.
    pub is_suspended: bool,
    /// The case in the invoice's own asset that waits for a person, if one does.
    pub open_case: Option<&'g ExceptionCase>,
    /// Ids for what may be created.
    pub ids: NewIds,
    /// Now.
    pub now: Timestamp,
}

impl Given<'_> {
    const fn judging(&self) -> Judging<'_> {
        Judging { policy: &self.version.policy, asset: self.asset, rate_now: self.rate_now, is_suspended: self.is_suspended }
    }
}

/// Why an event does nothing to an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotDone {
    /// The case was decided already.
    #[error("this case was decided already")]
    CaseIsDecided,
    /// Money in another asset cannot be accepted as a payment.
    #[error("this money is not what the invoice asks for: it can be refunded, not accepted")]
    OtherAsset,
    /// Nobody knows what the money is for.
    #[error("this payment came without its tag: say which invoice it is for, or refund it")]
    Untagged,
    /// The payment vanished from the chain.
    #[error("this payment vanished from the chain: there is nothing to decide until it is there again")]
    PaymentGone,
    /// Only the operator decides about money that may come from a sanctioned address.
    #[error("only the operator decides about this payment")]
    OperatorOnly,
    /// The sums do not work out.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

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
fn take_in(deposits: &mut Vec<Deposit>, deposit: Deposit, outcome: &mut Outcome, now: Timestamp) -> Option<Deposit> {
    // Anybody can make a token report a transfer of nothing; it is no payment.
    if deposit.amount.is_zero() {
        return None;
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

/// Counts one more refund of an invoice and returns its reference (TX-06, C12, BV6).
pub fn next_reference(invoice: &mut Invoice) -> String {
    invoice.refunds = invoice.refunds.saturating_add(1);
    let suffix = if invoice.refunds == 1 { String::new() } else { format!("-{}", invoice.refunds) };
    format!("REFUND-{}{suffix}", invoice.reference)
}

/// Returns when an invoice is looked at whose last moment in time is `end`: one moment later, so that the timer never finds it still open.
#[must_use]
pub fn time_is_up(end: Timestamp) -> Timestamp {
    end.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX)
}

/// Says what a new invoice changes.
pub fn opened(invoice: Invoice, actor: Actor) -> Outcome {
    let mut outcome = Outcome::by(actor);
    if !invoice.is_for_untagged {
        outcome.jobs.push(Job::ExpireInvoice(invoice.id).at(time_is_up(invoice.expires_at)));
    }
    outcome.invoice = Some(invoice);
    outcome
}

/// Says whether a payment differed in a way that needs a word to the payer.
#[must_use]
pub const fn is_exception(flags: Flags) -> bool {
    flags.has(Flag::Under) || flags.has(Flag::Over) || flags.has(Flag::Late) || flags.has(Flag::PostResolution)
}

#[cfg(test)]
mod tests;

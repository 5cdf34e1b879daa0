//! Invoices and their deposits: what a payment does to its invoice. The one function to read is [`step`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::claim::{Claim, TokenHash, VerifiedBy};
use crate::destination::Destination;
use crate::exception::{Classification, ExceptionCase, Flag, Flags, Ruling, classify};
use crate::ids::{CaseId, ClaimId, DepositId, InvoiceId, MidId, RefundId};
use crate::job::Job;
use crate::ledger::entries;
use crate::lifecycle;
use crate::merchant::Actor;
use crate::money::{Amount, MoneyError};
use crate::notice::Notice;
use crate::outcome::{CapChange, ClaimChange, Outcome};
use crate::policy::{Decision, PolicyVersion, decide};
use crate::rate::{Fiat, Rate};
use crate::refund::{Reason, Refund, RefundState};
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
    /// Where to pay: an address of its own.
    pub address: Destination,
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

/// Where an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
}

impl DepositState {
    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Final => "final",
            Self::Gone => "gone",
        }
    }
}

impl Deposit {
    /// Says whether it is in the books.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self.state, DepositState::Final)
    }
}

/// Something that happens to an invoice.
#[derive(Clone, Debug)]
pub enum Event {
    /// A transfer is seen, becomes final, or goes away: the deposit as it stands now.
    Deposit(Deposit),
    /// Its time is up.
    TimeIsUp,
}

/// Ids for what a judgement may create. Minted by the caller, used only when needed.
#[derive(Clone, Copy, Debug)]
pub struct NewIds {
    /// For a case.
    pub case: CaseId,
    /// For a refund.
    pub refund: RefundId,
    /// For its claim.
    pub claim: ClaimId,
    /// Recognises the claim's link.
    pub token: TokenHash,
    /// Recognises the claim's cancel link.
    pub cancel_token: TokenHash,
}

/// Says what an event changes on an invoice. `deposits` are all that are known of it, before the event.
///
/// A deposit enters the books when it is final: straight to the merchant when it alone pays the invoice exactly (P01), else
/// into holding (P02). Then, if nothing more can come in time, the policy judges what is held. An underpayment is not judged
/// before the invoice expires (odd case 4), an overpayment at once.
///
/// # Errors
/// `MixedAssets` for a deposit of another asset than the invoice's, `TooLarge` when sums leave the range of amounts.
pub fn step(
    invoice: Invoice,
    mut deposits: Vec<Deposit>,
    event: Event,
    policy: &PolicyVersion,
    ids: NewIds,
    now: Timestamp,
) -> Result<Outcome, MoneyError> {
    let mut outcome = Outcome::by(Actor::System);
    let before = invoice.clone();
    let mut invoice = invoice;
    let became_final = match event {
        Event::TimeIsUp => None,
        // Refused before it is known: it could never be judged, and until then nothing else would be.
        Event::Deposit(deposit) if deposit.amount.asset != invoice.charged.asset => return Err(MoneyError::MixedAssets),
        Event::Deposit(deposit) => take_in(&mut deposits, deposit, &mut outcome),
    };
    if invoice.status == InvoiceStatus::Pending
        && deposits.iter().any(|deposit| deposit.state != DepositState::Gone && deposit.seen_at <= invoice.expires_at)
    {
        invoice.status = InvoiceStatus::Processing;
        outcome.notices.push(Notice::InvoiceProcessing(invoice.id));
    }

    let judgement = classify(&invoice, &deposits)?.filter(|class| is_ripe(&invoice, &deposits, class, now));
    if let Some(deposit) = became_final {
        let pays_exactly = judgement.is_some_and(|class| class.ruling == Ruling::Clean && class.received == deposit.amount);
        let entry = if pays_exactly { entries::deposit_credited } else { entries::deposit_held };
        outcome.entries.push(entry(&invoice, &deposit, now));
        outcome.caps.push(CapChange::Paid(invoice.id, deposit.amount));
    }
    if let Some(class) = judgement {
        judge(&mut invoice, &mut deposits, class, policy, ids, &mut outcome, now)?;
    } else if now > invoice.expires_at && invoice.status.is_open() && !deposits.iter().any(may_count) {
        invoice.status = InvoiceStatus::Expired;
        outcome.notices.push(Notice::InvoiceExpired(invoice.id));
    }
    if invoice != before {
        invoice.version = invoice.version.saturating_add(1);
        outcome.invoice = Some(invoice);
    } else if !outcome.deposits.is_empty() {
        // The version also guards the set of deposits: two that arrive together are judged one after the other.
        outcome.invoice = Some(Invoice { version: invoice.version.saturating_add(1), ..invoice });
    }
    Ok(outcome)
}

/// Puts the deposit among the known ones; returns it when it is newly final.
fn take_in(deposits: &mut Vec<Deposit>, deposit: Deposit, outcome: &mut Outcome) -> Option<Deposit> {
    // Anybody can make a token report a transfer of nothing; it is no payment.
    if deposit.amount.is_zero() {
        return None;
    }
    match deposits.iter_mut().find(|known| known.id == deposit.id) {
        // What is in the books stays there; a later answer of the chain is another event (a reorg after finality).
        Some(known) if known.is_final() || known.state == deposit.state => return None,
        // The whole of it: a block that went away may give the transfer back at another time, and what is booked is what is judged.
        Some(known) => known.clone_from(&deposit),
        None => deposits.push(deposit.clone()),
    }
    outcome.deposits.push(deposit.clone());
    deposit.is_final().then_some(deposit)
}

/// Says whether nothing that could change the judgement can still come.
fn is_ripe(invoice: &Invoice, deposits: &[Deposit], class: &Classification, now: Timestamp) -> bool {
    match class.ruling {
        Ruling::Clean | Ruling::Over => true,
        // A transfer in time that is not final yet may still fill an invoice that was never judged.
        Ruling::Under | Ruling::Late => {
            class.flags.has(Flag::PostResolution)
                || (now > invoice.expires_at
                    && !deposits.iter().any(|deposit| deposit.state == DepositState::Seen && deposit.seen_at <= invoice.expires_at))
        }
    }
}

fn may_count(deposit: &Deposit) -> bool {
    deposit.state != DepositState::Gone && !deposit.is_judged
}

fn judge(
    invoice: &mut Invoice,
    deposits: &mut [Deposit],
    class: Classification,
    policy: &PolicyVersion,
    ids: NewIds,
    outcome: &mut Outcome,
    now: Timestamp,
) -> Result<(), MoneyError> {
    let decision = decide(&class, &policy.policy)?;
    let is_first_judgement = !class.flags.has(Flag::PostResolution);
    invoice.judgements = invoice.judgements.saturating_add(1);
    invoice.flags = invoice.flags.union(class.flags);
    for deposit in deposits.iter_mut().filter(|deposit| deposit.is_final() && !deposit.is_judged) {
        deposit.is_judged = true;
        match outcome.deposits.iter_mut().find(|changed| changed.id == deposit.id) {
            Some(changed) => changed.is_judged = true,
            None => outcome.deposits.push(deposit.clone()),
        }
    }
    // A single exact deposit went to the merchant with P01 already.
    let is_held = !outcome.entries.iter().any(|entry| entry.kind == crate::ledger::EntryKind::DepositCredited);
    if is_held && !decision.credit.is_zero() {
        outcome.entries.push(entries::holding_settled(invoice, decision.credit, invoice.judgements, now));
    }
    if is_first_judgement {
        let (status, notice) = resolution(invoice, &class, &decision);
        // An expired invoice stays expired when late money goes back: that was said already.
        if invoice.status != status {
            outcome.notices.push(notice);
        }
        invoice.status = status;
    }
    if class.ruling != Ruling::Clean {
        outcome.case = Some(ExceptionCase {
            id: ids.case,
            invoice: invoice.id,
            number: invoice.judgements,
            flags: class.flags,
            policy: policy.id,
            received: class.received,
            credited: decision.credit,
            refunded: decision.refund,
            resolved_at: now,
        });
    }
    if !decision.refund.is_zero() {
        open_refund(invoice, &class, decision.refund, policy, ids, outcome, now);
    }
    Ok(())
}

fn resolution(invoice: &Invoice, class: &Classification, decision: &Decision) -> (InvoiceStatus, Notice) {
    if decision.is_accepted {
        return (InvoiceStatus::Complete, Notice::InvoiceComplete(invoice.id));
    }
    match class.ruling {
        Ruling::Under => (InvoiceStatus::Underpaid, Notice::InvoiceUnderpaid(invoice.id)),
        Ruling::Late => (InvoiceStatus::Expired, Notice::InvoiceExpired(invoice.id)),
        Ruling::Over | Ruling::Clean => (InvoiceStatus::Canceled, Notice::InvoiceCanceled(invoice.id)),
    }
}

fn open_refund(
    invoice: &mut Invoice,
    class: &Classification,
    amount: Amount,
    policy: &PolicyVersion,
    ids: NewIds,
    outcome: &mut Outcome,
    now: Timestamp,
) {
    invoice.refunds = invoice.refunds.saturating_add(1);
    let suffix = if invoice.refunds == 1 { String::new() } else { format!("-{}", invoice.refunds) };
    let expires_at = policy.policy.claim_ttl.after(now);
    let refund = Refund {
        id: ids.refund,
        mid: invoice.mid,
        invoice: invoice.id,
        case: ids.case,
        reference: format!("REFUND-{}{suffix}", invoice.reference),
        reason: match class.ruling {
            Ruling::Late => Reason::Late,
            Ruling::Under => Reason::Underpaid,
            Ruling::Over | Ruling::Clean => Reason::Overpaid,
        },
        flags: class.flags,
        amount,
        fee_bearer: policy.policy.fee_bearer,
        security_delay: policy.policy.security_delay,
        state: RefundState::AwaitingClaim { claim: ids.claim, expires_at },
        version: 1,
        created_at: now,
        updated_at: now,
    };
    outcome.claim = Some(ClaimChange::Issue(Claim {
        id: ids.claim,
        refund: ids.refund,
        token: ids.token,
        cancel_token: ids.cancel_token,
        verified_by: VerifiedBy::Link,
    }));
    lifecycle::created(outcome, refund, expires_at, now);
}

/// Returns when an invoice is judged: one moment after the last moment in time, so that the timer never finds it still open.
#[must_use]
pub fn time_is_up(invoice: &Invoice) -> Timestamp {
    invoice.expires_at.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX)
}

/// Says what a new invoice changes.
pub fn opened(invoice: Invoice, actor: Actor) -> Outcome {
    let mut outcome = Outcome::by(actor);
    outcome.jobs.push(Job::ExpireInvoice(invoice.id).at(time_is_up(&invoice)));
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

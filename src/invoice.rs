//! Invoices and their deposits, and what can happen to them; [`step`] says what that does.

mod judgement;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::claim::NewClaim;
use crate::destination::Destination;
use crate::exception::{ExceptionCase, Flag, Flags};
use crate::ids::{CaseId, DepositId, InvoiceId, MidId, RefundId};
use crate::job::Job;
use crate::ledger::{Posting, entries};
use crate::merchant::Actor;
use crate::money::{Amount, Asset, AssetId, MoneyError};
use crate::names::choices;
use crate::outcome::Outcome;
use crate::policy::{Judging, Overrides, PolicyVersion};
use crate::rate::{Fiat, Rate};
use crate::view::Metadata;

pub use judgement::step;

/// A request for payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Of which MID.
    pub mid: MidId,
    /// The merchant's own name for it, unique per MID.
    pub reference: String,
    /// What the merchant's program knows it by, where it said so, unique per MID.
    pub guid: Option<String>,
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

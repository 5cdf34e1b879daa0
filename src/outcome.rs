//! Outcomes: everything one event changes, as one value. The engine commits it whole or not at all.

use rust_decimal::Decimal;

use crate::claim::{Claim, ClaimState, Consent};
use crate::claim_code::{NewClaimCode, Proof};
use crate::destination::Destination;
use crate::email::{EmailEnd, EmailKind};
use crate::exception::ExceptionCase;
use crate::ids::{ClaimId, InvoiceId, RefundId, RequestId};
use crate::invoice::{Deposit, Invoice};
use crate::job::DueJob;
use crate::ledger::LedgerEntry;
use crate::merchant::Actor;
use crate::money::Amount;
use crate::notice::Notice;
use crate::payout::Payout;
use crate::rate::Fiat;
use crate::refund::Refund;
use crate::replay::Heard;

/// Everything one event changes. Rows carry the version they will have; the commit compares the one before.
#[must_use = "an outcome changes nothing until it is committed"]
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Who caused it.
    pub actor: Actor,
    /// The request that asked for it, where that came with an idempotency key. The refund's or the invoice's history takes it down, once.
    pub request: Option<RequestId>,
    /// What history says beside the new state.
    pub note: Option<String>,
    /// The invoice, new or changed.
    pub invoice: Option<Invoice>,
    /// What the invoice's judgement was told: another policy can be tried on it later.
    pub heard: Option<Heard>,
    /// Deposits, new or changed.
    pub deposits: Vec<Deposit>,
    /// A judgement.
    pub case: Option<ExceptionCase>,
    /// A case of another invoice, whose deposit is a payment of this one.
    pub attributed: Option<Attributed>,
    /// The refund, new or changed.
    pub refund: Option<Refund>,
    /// What happens to a claim.
    pub claim: Option<ClaimChange>,
    /// The payout, new or changed.
    pub payout: Option<Payout>,
    /// How the invoice's cap moves.
    pub caps: Vec<CapChange>,
    /// What counts towards the sum one person or key may give back in a day without a second person.
    pub given: Option<GivenBack>,
    /// The quote that becomes the refund, and ends with it. All of this happens only while it holds.
    pub quote: Option<RefundId>,
    /// What the books say.
    pub entries: Vec<LedgerEntry>,
    /// What the merchant is told, in this order.
    pub notices: Vec<Notice>,
    /// Who is written to, about the refund.
    pub emails: Vec<EmailKind>,
    /// A mail that was not delivered.
    pub email_ended: Option<EmailEnd>,
    /// What has to be done later.
    pub jobs: Vec<DueJob>,
}

impl Outcome {
    /// Returns an outcome that changes nothing yet.
    pub const fn by(actor: Actor) -> Self {
        Self {
            actor,
            request: None,
            note: None,
            invoice: None,
            heard: None,
            deposits: Vec::new(),
            case: None,
            attributed: None,
            refund: None,
            claim: None,
            payout: None,
            caps: Vec::new(),
            given: None,
            quote: None,
            entries: Vec::new(),
            notices: Vec::new(),
            emails: Vec::new(),
            email_ended: None,
            jobs: Vec::new(),
        }
    }
}

/// Where a deposit without its tag was until a person said which invoice it is for.
#[derive(Clone, Debug)]
pub struct Attributed {
    /// The case that this decides.
    pub case: ExceptionCase,
    /// Its invoice: the account's own.
    pub from: Invoice,
}

/// What happens to a claim.
#[derive(Clone, Debug)]
pub enum ClaimChange {
    /// A link is issued.
    Issue(Claim),
    /// A claim that nobody has to confirm: the destination is known.
    Direct {
        /// The claim.
        claim: Claim,
        /// Where the money goes.
        destination: Destination,
    },
    /// A link ends and another one takes its place.
    Replace {
        /// The one that ends.
        old: ClaimId,
        /// The new one.
        new: Claim,
    },
    /// A code is mailed to the payer, who proves by it that they claim.
    SendCode(NewClaimCode),
    /// The payer gave an address: the first to get here wins.
    Confirm {
        /// Which claim.
        claim: ClaimId,
        /// What was given beside the link.
        proof: Proof,
        /// Where the money goes.
        destination: Destination,
        /// What was agreed to.
        consent: Consent,
        /// Where to write to about it, when that was not known.
        email: Option<String>,
    },
    /// The merchant gave an address in the payer's place; the payer's link goes on showing where the refund stands.
    Tell {
        /// Which claim.
        claim: ClaimId,
        /// Where the money goes.
        destination: Destination,
    },
    /// The link ends.
    Close {
        /// Which claim.
        claim: ClaimId,
        /// How.
        state: ClaimState,
    },
}

/// How an invoice's cap moves: `committed <= paid` is a CHECK in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapChange {
    /// A deposit is final.
    Paid(InvoiceId, Amount),
    /// A deposit is a payment of another invoice: nothing of it can be promised here any more.
    Moved(InvoiceId, Amount),
    /// A refund is created.
    Commit(InvoiceId, Amount),
    /// A refund ended without paying.
    Release(InvoiceId, Amount),
    /// A final deposit vanished from the chain: so much less can be promised from now on.
    Orphaned(InvoiceId, Amount),
    /// A deposit that had vanished is there again, but for what the merchant owes of it no more: it can be promised again.
    Restored(InvoiceId, Amount),
    /// What had been paid out of a deposit that vanished is the merchant's debt (P16): it blocks nobody else's refund.
    Owed(InvoiceId, Amount),
}

/// One refund's part of what its maker gives back in a day: so an amount split into many is still seen (four eyes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// Who.
    pub maker: Actor,
    /// What it is worth.
    pub value: Fiat,
    /// Up to which sum no second person is needed. With a sum above it the commit is refused, unless the refund waits for approval.
    pub limit: Option<Decimal>,
}

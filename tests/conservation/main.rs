//! Nothing is created or lost: random payments, policies and refunds against a bookkeeper who knows none of the rules.
//!
//! The bookkeeper adds up what entries say, and compares every balance with what the invoice's deposits and refunds,
//! as they stand, must have left there. Both are counted here, with arithmetic of their own. What the domain leaves to
//! others is asked here too: whether the cap and the balances allow what somebody wants, and what a vanished payment is
//! taken back from.

#![expect(clippy::arithmetic_side_effects, reason = "a sum that leaves its range has to fail the test")]

mod books;
mod checks;
mod payments;
mod refunds;
mod words;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use domain::claim::{Consent, NewClaim, TokenHash, VerifiedBy};
use domain::claim_code::Proof;
use domain::destination::Destination;
use domain::exception::{CaseState, ExceptionCase, Flags};
use domain::ids::{CaseId, ClaimId, DepositId, InvoiceId, KeyId, MidId, PayoutId, PolicyId, RefundId, UserId};
use domain::invoice::{self, Deposit, DepositState, Given, Invoice, InvoiceStatus, NewIds, NotDone, Pricing, Resolution};
use domain::ledger::entries::TakenBack;
use domain::ledger::{Account, EntryKind, Posting};
use domain::lifecycle::{self, Known, Opening};
use domain::merchant::Actor;
use domain::money::{Amount, Asset, AssetId, Network};
use domain::notice::{Notice, NoticeSubject};
use domain::outcome::{CapChange, Outcome};
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::policy::{
    DelayAnchor, DestinationSource, FeeBearer, LateGrace, OnExpiry, OnLate, OnOver, OnUnder, Period, Policy, PolicyVersion, RateRule,
    Reopen, Tolerance,
};
use domain::rate::{Fiat, Rate};
use domain::refund::{
    Approval, BlockedBy, CancelReason, CanceledBy, Conversion, Funding, HoldReason, Reason, Refund, RefundState, Request, StateName,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

/// What the invoice asks for: small, so that sums meet it exactly often enough.
const CHARGED: u128 = 10;

const PAYER: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const ELSEWHERE: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

const PERSON: Actor = Actor::User(UserId(Uuid::from_u128(10)));
const PROGRAM: Actor = Actor::Key(KeyId(Uuid::from_u128(11)));

/// Each number of a script is one thing that happens; see [`World::happen`].
#[test]
fn nothing_is_created_or_lost() {
    let config = ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() };
    let reached = RefCell::new(Reached::default());
    let scripts = (any::<u64>(), prop::collection::vec(any::<u64>(), 1..24));
    let answer = TestRunner::new(config).run(&scripts, |(rules, script)| {
        let mut world = World::new(rules);
        for word in script {
            world.happen(word);
            world.check();
        }
        reached.borrow_mut().add(&world);
        Ok(())
    });
    if let Err(failure) = answer {
        panic!("{failure}");
    }
    let reached = reached.into_inner();
    // All but one: a payment without its tag is attributed from another invoice, and there is one here.
    assert_eq!(reached.kinds.len(), EntryKind::ALL.len() - 1, "{:?}", reached.kinds);
    assert_eq!(reached.accounts.len(), Account::COMMON.len() + 1, "{:?}", reached.accounts);
    assert_eq!(reached.statuses.len(), InvoiceStatus::ALL.len(), "{:?}", reached.statuses);
    assert_eq!(reached.states.len(), StateName::ALL.len(), "{:?}", reached.states);
}

/// Where all worlds came: every way must have been walked.
#[derive(Default)]
struct Reached {
    kinds: HashSet<EntryKind>,
    accounts: HashSet<&'static str>,
    statuses: HashSet<InvoiceStatus>,
    states: HashSet<StateName>,
}

impl Reached {
    fn add(&mut self, world: &World) {
        self.kinds.extend(&world.books.kinds);
        self.accounts.extend(world.books.sides.keys().map(|(account, _)| account.name()));
        self.statuses.insert(world.invoice.status);
        self.states.extend(world.refunds.iter().map(|tracked| tracked.refund.state.name()));
    }
}

/// One invoice, its money, and the time.
struct World {
    policy: PolicyVersion,
    asset: Asset,
    /// Not what the invoice asks for.
    foreign: Asset,
    gas: AssetId,
    invoice: Invoice,
    deposits: Vec<Deposit>,
    /// What was taken back of which vanished deposit.
    unwound: HashMap<DepositId, TakenBack>,
    open_case: Option<ExceptionCase>,
    foreign_cases: Vec<ExceptionCase>,
    is_suspended: bool,
    refunds: Vec<Tracked>,
    /// What judgements gave to the merchant, and what was too little to give to anybody.
    credited: u128,
    dust: u128,
    books: Books,
    now: Timestamp,
    ids: u128,
}

/// A refund, its payout, and what became of its money so far.
struct Tracked {
    refund: Refund,
    /// Whose money it was when the refund was made.
    origin: Funding,
    payout: Option<Payout>,
    /// What the final payout did, until its block vanishes.
    settled: Settled,
    /// What payouts that never arrived cost the operator, in the coin that pays for them.
    burnt: u128,
    /// What the merchant got back of fees whose payouts vanished afterwards: theirs to spend, and owed.
    owed: u128,
    /// What went into conversions, and the cents that came out.
    converted: u128,
    cents: u128,
    last_notice: Notice,
}

/// What a final payout did.
#[derive(Default)]
struct Settled {
    /// Left in the refund's asset.
    sent: u128,
    /// Was told to the payer as a fee and not needed.
    residual: u128,
    /// The merchant paid.
    by_merchant: u128,
    /// The operator paid, in the coin that pays for transfers.
    burnt: u128,
    booked: Vec<Posting>,
}

/// What can happen to a refund.
#[derive(Clone, Copy)]
enum Happening {
    Approve,
    Decline,
    Confirm,
    Remind,
    Notify,
    Lapse,
    PayerCancels,
    MerchantCancels,
    Hold,
    LetGo,
    Release,
    Block,
    Final,
    Unpaid,
    Reorg,
    Retry,
    Reissue,
}

impl Happening {
    const ALL: [Self; 17] = [
        Self::Approve,
        Self::Decline,
        Self::Confirm,
        Self::Remind,
        Self::Notify,
        Self::Lapse,
        Self::PayerCancels,
        Self::MerchantCancels,
        Self::Hold,
        Self::LetGo,
        Self::Release,
        Self::Block,
        Self::Final,
        Self::Unpaid,
        Self::Reorg,
        Self::Retry,
        Self::Reissue,
    ];
}

/// Adds up entries; knows accounts, but no event.
#[derive(Default)]
struct Books {
    sides: HashMap<(Account, AssetId), (u128, u128)>,
    keys: HashSet<String>,
    kinds: HashSet<EntryKind>,
    caps: HashMap<AssetId, Cap>,
}

/// What of an invoice is paid, vanished and promised, in one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cap {
    paid: u128,
    orphaned: u128,
    committed: u128,
}

/// The numbers of one script word, used up from the lowest bits.
struct Word(u64);

fn canceled_by(by: CanceledBy) -> lifecycle::Event {
    lifecycle::Event::Canceled { by, reason: CancelReason::Other, note: None }
}

fn converted(amount: &str) -> Conversion {
    let credited = Fiat { amount: amount.parse().expect("a decimal"), currency: "EUR".parse().expect("a currency") };
    Conversion { rate: rate("0.1"), credited }
}

fn rate(price: &str) -> Rate {
    Rate::new(price.parse().expect("a decimal")).expect("a rate")
}

fn payer() -> Destination {
    Destination::parse(Network::Tron, PAYER, None).expect("an address")
}

fn signed(units: u128) -> i128 {
    i128::try_from(units).expect("a small number")
}

fn id(text: &str) -> AssetId {
    text.parse().expect("an id")
}

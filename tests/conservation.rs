//! Nothing is created or lost: random payments, policies and refunds against a bookkeeper who knows none of the rules.
//!
//! The bookkeeper adds up what entries say, and compares every balance with what the invoice's deposits and refunds,
//! as they stand, must have left there. Both are counted here, with arithmetic of their own. What the domain leaves to
//! others is asked here too: whether the cap and the balances allow what somebody wants, and what a vanished payment is
//! taken back from.

#![expect(clippy::arithmetic_side_effects, reason = "a sum that leaves its range has to fail the test")]

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use domain::claim::{Consent, NewClaim, TokenHash, VerifiedBy};
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

impl Word {
    /// Returns a number below `end`.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("few choices");
        let number = self.0 % end;
        self.0 /= end;
        usize::try_from(number).expect("a small number")
    }

    fn of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.below(N)]
    }

    fn among<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        if choices.is_empty() { None } else { choices.get(self.below(choices.len())) }
    }

    fn any<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.among(choices).expect("a choice")
    }
}

impl World {
    fn new(rules: u64) -> Self {
        let mut rules = Word(rules);
        let is_token = rules.of([true, false]);
        let policy = policy(&mut rules);
        assert_eq!(policy.check(), Ok(()));
        let (mid, now) = (MidId(Uuid::from_u128(1)), Timestamp::UNIX_EPOCH);
        // Without decimals a coin is a unit: prices at a new rate are as small as the deposits.
        let asset = Asset {
            id: if is_token { id("USDT-TRON") } else { id("TRX-TRON") },
            network: Network::Tron,
            decimals: 0,
            contract: is_token.then(|| ELSEWHERE.to_owned()),
            finality: 1,
            dust_units: rules.of([0, 2]),
            network_fee_units: 1,
        };
        let foreign = Asset { id: id("USDC-TRON"), contract: Some(ELSEWHERE.to_owned()), ..asset.clone() };
        let invoice = Invoice {
            id: InvoiceId(Uuid::from_u128(2)),
            mid,
            reference: "A1".to_owned(),
            guid: None,
            billed: Fiat::parse("10.00", "USD".parse().expect("a currency")).expect("an amount"),
            charged: asset.units(CHARGED),
            rate: rate("1"),
            pricing: rules.any(Pricing::ALL),
            is_for_untagged: false,
            address: payer(),
            refund_to: rules.of([true, false]).then(payer),
            overrides: None,
            payer_email: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            status: InvoiceStatus::Pending,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: now + SignedDuration::from_mins(20),
            created_at: now,
            version: 1,
        };
        Self {
            policy: PolicyVersion { id: PolicyId(Uuid::from_u128(3)), mid, number: 1, policy, created_at: now },
            asset,
            foreign,
            gas: id("TRX-TRON"),
            invoice,
            deposits: Vec::new(),
            unwound: HashMap::new(),
            open_case: None,
            foreign_cases: Vec::new(),
            is_suspended: false,
            refunds: Vec::new(),
            credited: 0,
            dust: 0,
            books: Books::default(),
            now,
            ids: 100,
        }
    }

    /// Lets one thing happen: a new deposit, news of a known one, time passing, a person deciding, or something to a refund.
    fn happen(&mut self, word: u64) {
        let mut word = Word(word);
        match word.below(16) {
            0..=3 => self.deposit_comes(&mut word),
            4 | 5 => self.deposit_changes(&mut word),
            6 => self.time_passes(&mut word),
            7 => self.person_decides(&mut word),
            8 => self.merchant_refunds(&mut word),
            9 if word.below(3) == 0 => self.is_suspended = !self.is_suspended,
            9 if word.below(3) == 0 => self.vanished_deposits_come_back(&mut word),
            9 => self.vanished_deposits_are_taken_back(&mut word),
            _ if self.refunds.is_empty() => self.deposit_comes(&mut word),
            10 => self.refund_meets_anything(&mut word),
            _ => self.refund_goes_on(&mut word),
        }
    }

    fn deposit_comes(&mut self, word: &mut Word) {
        let state = word.of([DepositState::Final, DepositState::Final, DepositState::Seen]);
        let units = word.of([CHARGED, 0, 1, 4, 6, 9, 11, 25]);
        let in_time = self.invoice.expires_at;
        let seen_at = word.of([self.now, self.now, in_time, in_time + SignedDuration::from_micros(1)]);
        let is_foreign = word.below(8) == 7;
        let source = word.of([Some(PAYER), Some(PAYER), Some(ELSEWHERE), None]);
        let id = self.new_id();
        let deposit = Deposit {
            id: DepositId(id),
            invoice: self.invoice.id,
            external_id: id.to_string(),
            txid: id.to_string(),
            amount: if is_foreign { self.foreign.units(units) } else { self.asset.units(units) },
            source: source.map(str::to_owned),
            is_risky: word.below(12) == 11,
            seen_at,
            state,
            is_judged: false,
        };
        self.on_invoice(invoice::Event::Deposit(deposit), word);
    }

    /// A known deposit is reported in any state: the next, the same again, or one that is over; sometimes at another amount.
    fn deposit_changes(&mut self, word: &mut Word) {
        let Some(known) = word.among(&self.deposits).cloned() else { return self.deposit_comes(word) };
        let state = word.of([DepositState::Final, DepositState::Orphaned, DepositState::Gone, DepositState::Seen]);
        let units = word.of([known.amount.units, known.amount.units, CHARGED]);
        let deposit = Deposit { state, amount: Amount { units, ..known.amount }, is_judged: false, ..known };
        self.on_invoice(invoice::Event::Deposit(deposit), word);
    }

    fn time_passes(&mut self, word: &mut Word) {
        let expires_at = self.invoice.expires_at;
        let to = word.of([
            expires_at,
            expires_at + SignedDuration::from_micros(1),
            self.now + SignedDuration::from_mins(7),
            self.now + SignedDuration::from_hours(80),
        ]);
        self.now = self.now.max(to);
        self.on_invoice(invoice::Event::TimeIsUp, word);
    }

    fn person_decides(&mut self, word: &mut Word) {
        let how = word.any(Resolution::ALL);
        let foreign = word.among(&self.foreign_cases).cloned();
        let own = self.open_case.clone();
        let Some(case) = (if word.below(2) == 0 { own.or(foreign) } else { foreign.or(own) }) else { return self.time_passes(word) };
        // A payment that vanished may be this case's: nothing is promised that is not there.
        let is_foreign = case.received.asset == self.foreign.id;
        let is_there = !is_foreign || (self.is_refundable(case.received) && self.has(Account::Suspense, case.received));
        if is_there {
            self.on_invoice(invoice::Event::Resolved { case, how, by: PERSON }, word);
        }
    }

    /// A merchant refunds, of what the cap and the balance allow.
    fn merchant_refunds(&mut self, word: &mut Word) {
        let amount = self.asset.units(word.of([1, 4, CHARGED]));
        let is_immediate = word.of([true, false]);
        if !self.is_refundable(amount) || (is_immediate && !self.has(Account::MerchantAvailable, amount)) {
            return;
        }
        let needs_approval = word.of([true, false]);
        let known = word.of([true, false]).then(|| self.known(word, VerifiedBy::Merchant, self.asset.id));
        let claim = self.new_claim();
        let mut invoice = self.invoice.clone();
        let refund = Refund {
            id: RefundId(self.new_id()),
            mid: invoice.mid,
            invoice: invoice.id,
            case: None,
            policy: self.policy.id,
            policy_number: 1,
            reference: invoice::next_reference(&mut invoice),
            reason: Reason::Merchant,
            flags: Flags::default(),
            amount,
            priced: None,
            rate_rule: RateRule::RateNowAtRelease,
            fee_bearer: self.policy.policy.fee_bearer,
            funding: Funding::Merchant,
            is_reserved: is_immediate,
            is_reviewed: false,
            request: Some(Request {
                maker: PROGRAM,
                reference: None,
                guid: None,
                support_request: None,
                reason: None,
                message: None,
                immediate: is_immediate,
                notify: None,
                approval: Approval::NotNeeded,
            }),
            notified_at: None,
            state: RefundState::AwaitingApproval { destination: known.as_ref().map(|known| known.destination.clone()) },
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        let mut outcome = Outcome::by(PROGRAM);
        let opening = Opening { claim, known, asset: self.asset.clone() };
        // Refused when the fee leaves nothing: then nothing was made.
        if lifecycle::open(&mut outcome, refund, opening, &self.policy.policy, needs_approval, self.now).is_ok() {
            self.invoice.refunds = invoice.refunds;
            self.books.write(&outcome);
            self.track(&outcome);
        }
    }

    /// Gives back what was taken, or was about to be, of a vanished deposit that is in a block again.
    fn vanished_deposits_come_back(&mut self, word: &mut Word) {
        let vanished: Vec<Deposit> = self.deposits.iter().filter(|deposit| deposit.state == DepositState::Orphaned).cloned().collect();
        let Some(deposit) = word.among(&vanished).cloned() else { return self.deposit_changes(word) };
        let is_own = deposit.amount.asset == self.asset.id;
        let held = if is_own { Account::Holding(self.invoice.id) } else { Account::Suspense };
        let taken = self.unwound.remove(&deposit.id).into_iter().flat_map(|from| {
            [(held, from.holding), (Account::MerchantAvailable, from.available), (Account::MerchantReceivable, from.receivable)]
        });
        let booked = taken.filter(|(_, amount)| !amount.is_zero());
        let booked = booked.map(|(debit, amount)| Posting { debit, credit: Account::Custody, amount }).collect();
        self.on_invoice(invoice::Event::Restored { deposit, booked }, word);
    }

    /// Stops what can be stopped of the refunds of vanished money, and takes the money back from where it is.
    fn vanished_deposits_are_taken_back(&mut self, word: &mut Word) {
        let Some(deposit) = self
            .deposits
            .iter()
            .find(|deposit| deposit.state == DepositState::Orphaned && !self.unwound.contains_key(&deposit.id))
            .cloned()
        else {
            return self.deposit_changes(word);
        };
        let asset = deposit.amount.asset;
        while self.books.cap(asset).is_overdrawn() {
            let is_stoppable = |tracked: &Tracked| match tracked.refund.state {
                RefundState::AwaitingApproval { .. }
                | RefundState::AwaitingClaim { .. }
                | RefundState::Scheduled { .. }
                | RefundState::OnHold { .. }
                | RefundState::PayoutFailed { .. } => tracked.refund.amount.asset == asset,
                RefundState::Sending { .. }
                | RefundState::Paid { .. }
                | RefundState::Expired { .. }
                | RefundState::Canceled { .. }
                | RefundState::Declined { .. } => false,
            };
            match self.refunds.iter().rposition(is_stoppable) {
                Some(index) => {
                    let stopped = lifecycle::Event::Canceled { by: CanceledBy::System, reason: CancelReason::DepositReorged, note: None };
                    self.apply(index, stopped, Actor::System);
                }
                None => break,
            }
        }
        let is_sending = |tracked: &Tracked| tracked.refund.amount.asset == asset && tracked.refund.state.name() == StateName::Sending;
        if self.books.cap(asset).is_overdrawn() && self.refunds.iter().any(is_sending) {
            return;
        }
        let is_own = asset == self.asset.id;
        let (account, kept_for_others) = if is_own {
            // What waits for its judgement is not this deposit's, and may be there again when it vanished too.
            let others = self.deposits.iter().filter(|other| other.id != deposit.id && !other.is_judged && other.amount.asset == asset);
            let held = others.filter(|other| self.is_booked(other) && !self.unwound.contains_key(&other.id));
            (Account::Holding(self.invoice.id), held.map(|other| other.amount.units).sum())
        } else {
            (Account::Suspense, 0)
        };
        let held = (self.books.credit(account, asset) - kept_for_others).min(deposit.amount.units);
        let available = self.books.credit(Account::MerchantAvailable, asset).min(deposit.amount.units - held);
        let receivable = deposit.amount.units - held - available;
        let part = |units| Amount { units, asset };
        let from = TakenBack { holding: part(held), available: part(available), receivable: part(receivable) };
        self.unwound.insert(deposit.id, from);
        self.on_invoice(invoice::Event::Unwound { deposit, from }, word);
    }

    /// What mostly happens next to a refund, at its time.
    fn refund_goes_on(&mut self, word: &mut Word) {
        use Happening::{
            Approve, Block, Confirm, Decline, Final, Hold, Lapse, LetGo, MerchantCancels, Notify, PayerCancels, Reissue, Release, Remind,
            Reorg, Retry, Unpaid,
        };
        let index = word.below(self.refunds.len());
        let (happening, at) = match &self.refunds[index].refund.state {
            RefundState::AwaitingApproval { .. } => (word.of([Approve, Approve, Approve, Decline, MerchantCancels]), self.now),
            RefundState::AwaitingClaim { expires_at, .. } => word.of([
                (Lapse, *expires_at),
                (MerchantCancels, self.now),
                (Remind, self.now),
                (Notify, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
            ]),
            RefundState::Scheduled { release_at, .. } => word.of([
                (PayerCancels, self.now),
                (Hold, self.now),
                (Block, *release_at),
                (Release, *release_at),
                (Release, *release_at),
                (Release, *release_at),
                (Release, *release_at),
            ]),
            RefundState::OnHold { .. } => (word.of([LetGo, LetGo, LetGo, PayerCancels, MerchantCancels]), self.now),
            RefundState::Sending { .. } => (word.of([Final, Final, Unpaid]), self.now),
            RefundState::PayoutFailed { .. } => (word.of([Retry, Retry, Reissue, MerchantCancels]), self.now),
            RefundState::Paid { .. } => (word.of([Reorg, Notify]), self.now),
            RefundState::Expired { .. } | RefundState::Canceled { .. } => (word.of([Reissue, Confirm]), self.now),
            RefundState::Declined { .. } => (word.of(Happening::ALL), self.now),
        };
        self.now = self.now.max(at);
        self.on_refund(index, happening, word);
    }

    fn refund_meets_anything(&mut self, word: &mut Word) {
        let index = word.below(self.refunds.len());
        let happening = word.of(Happening::ALL);
        self.on_refund(index, happening, word);
    }

    fn on_invoice(&mut self, event: invoice::Event, word: &mut Word) {
        let rate_now = word.of([Some(rate("1")), Some(rate("1.005")), Some(rate("2")), Some(rate("0.5")), None]);
        let fee_now = word.of([Some(self.asset.units(1)), Some(self.asset.units(6)), Some(self.asset.units(0)), None]);
        let claim = self.new_claim();
        let ids = NewIds { case: CaseId(self.new_id()), refund: RefundId(self.new_id()), claim };
        let before = self.invoice.clone();
        let given = Given {
            version: &self.policy,
            asset: &self.asset,
            rate_now,
            fee_now,
            is_suspended: self.is_suspended,
            open_case: self.open_case.as_ref(),
            ids,
            now: self.now,
        };
        let outcome = match invoice::step(before.clone(), self.deposits.clone(), event, &given) {
            Ok(outcome) => outcome,
            Err(NotDone::CaseIsDecided | NotDone::OtherAsset | NotDone::PaymentGone) => return,
            Err(refused @ (NotDone::OperatorOnly | NotDone::Untagged | NotDone::Money(_))) => panic!("small sums: {refused}"),
        };
        let mut judged = 0;
        for changed in &outcome.deposits {
            let is_own = changed.amount.asset == self.asset.id;
            let was_judged = match self.deposits.iter_mut().find(|known| known.id == changed.id) {
                Some(known) => {
                    let stays = matches!(changed.state, DepositState::Final | DepositState::Orphaned);
                    assert!(known.state != DepositState::Final || stays, "a final deposit stays, or vanishes");
                    let came_back = changed.state == DepositState::Final;
                    assert!(known.state != DepositState::Orphaned || came_back || known == changed, "what vanished stays as it was");
                    assert!(!known.is_judged || changed.is_judged, "a deposit is judged once");
                    core::mem::replace(known, changed.clone()).is_judged
                }
                None => {
                    self.deposits.push(changed.clone());
                    false
                }
            };
            if is_own && changed.is_judged && !was_judged {
                judged += changed.amount.units;
            }
        }
        if let Some(after) = &outcome.invoice {
            assert_eq!(after.version, before.version + 1);
            assert!(after.judgements <= before.judgements + 1 && after.refunds <= before.refunds + 1);
            self.invoice = after.clone();
        }
        let refunded = outcome.refund.as_ref().map_or(0, |refund| refund.amount.units);
        if let Some(case) = &outcome.case {
            let parts = case.credited.units + case.refunded.units + case.residual.units;
            // An open case is not decided yet, and of a void one there is nothing left to decide.
            let is_undecided = case.is_open() || case.state == CaseState::Void;
            assert_eq!(parts, if is_undecided { 0 } else { case.received.units });
            assert_eq!(refunded, case.refunded.units);
            let is_own = case.received.asset == self.asset.id;
            assert!(!is_own || is_undecided || judged == case.received.units, "a case is decided with the deposits it is about");
            self.dust += case.residual.units;
            self.foreign_cases.retain(|open| open.id != case.id);
            let still_open = Some(case.clone()).filter(ExceptionCase::is_open);
            if is_own {
                self.open_case = still_open;
            } else {
                self.foreign_cases.extend(still_open);
            }
        }
        if judged > 0 {
            self.credited += judged - refunded - outcome.case.as_ref().map_or(0, |case| case.residual.units);
        }
        for notice in outcome.notices.iter().filter(|notice| matches!(notice.subject(), NoticeSubject::Invoice(_))) {
            assert!(*notice != Notice::InvoiceProcessing(before.id) || before.status == InvoiceStatus::Pending);
            let is_of_status = !matches!(notice, Notice::InvoiceHeld(_) | Notice::InvoiceOrphaned(_) | Notice::InvoiceRestored(_));
            assert!(!is_of_status || before.status != self.invoice.status, "a notice tells something new");
        }
        self.books.write(&outcome);
        self.track(&outcome);
    }

    /// Keeps a new refund in mind.
    fn track(&mut self, outcome: &Outcome) {
        let Some(refund) = outcome.refund.clone() else { return };
        assert!(self.refunds.iter().all(|other| other.refund.reference != refund.reference));
        let mut told = outcome.notices.iter().copied().filter(|notice| notice.subject() == NoticeSubject::Refund(refund.id));
        assert_eq!(told.next(), Some(Notice::RefundCreated(refund.id)));
        let last_notice = told.next().expect("what comes of it");
        assert!(follows(Notice::RefundCreated(refund.id), last_notice) && told.next().is_none());
        self.refunds.push(Tracked {
            origin: refund.funding,
            refund,
            payout: None,
            settled: Settled::default(),
            burnt: 0,
            owed: 0,
            converted: 0,
            cents: 0,
            last_notice,
        });
    }

    fn on_refund(&mut self, index: usize, happening: Happening, word: &mut Word) {
        let (refund, payout) = (self.refunds[index].refund.clone(), self.refunds[index].payout.clone());
        let asset = if refund.amount.asset == self.asset.id { self.asset.clone() } else { self.foreign.clone() };
        let gas = Amount { units: word.of([0, 1, 2, 5]), asset: self.gas };
        let event = match happening {
            Happening::Approve => {
                let known = match &refund.state {
                    RefundState::AwaitingApproval { destination: Some(_) } => Some(self.known(word, VerifiedBy::Merchant, asset.id)),
                    _ => None,
                };
                lifecycle::Event::Approved(Opening { claim: self.new_claim(), known, asset })
            }
            Happening::Decline => lifecycle::Event::Declined { reason: "no".to_owned() },
            Happening::Confirm => lifecycle::Event::Confirmed {
                destination: payer(),
                fee: asset.units(word.of([0, 1, 2, 6])),
                consent: Consent { text_version: 1 },
                email: None,
                asset,
            },
            Happening::Remind => lifecycle::Event::Reminded,
            Happening::Notify => lifecycle::Event::Notified,
            Happening::Lapse => lifecycle::Event::ClaimLapsed { conversion: word.of([None, Some("0"), Some("1.234")]).map(converted) },
            Happening::PayerCancels => canceled_by(CanceledBy::Payer),
            Happening::MerchantCancels => canceled_by(CanceledBy::Merchant),
            Happening::Hold => lifecycle::Event::Held(word.any(HoldReason::ALL)),
            Happening::LetGo => lifecycle::Event::HoldReleased,
            Happening::Release => {
                let amount = word.of([None, None, Some(asset.units(3)), Some(asset.units(12))]);
                let amount = amount.filter(|_| refund.funding == Funding::Merchant);
                if !self.can_be_sent(&refund, amount) {
                    return;
                }
                lifecycle::Event::Released { payout: PayoutId(self.new_id()), asset, amount }
            }
            Happening::Block => lifecycle::Event::Blocked(word.any(BlockedBy::ALL)),
            Happening::Final => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutFinal { payout, spent: gas }
            }
            Happening::Unpaid => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutUnpaid { payout, failure: word.of(PayoutFailure::ALL), burnt: word.of([None, Some(gas)]) }
            }
            Happening::Reorg => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutReorged { payout, booked: self.refunds[index].settled.booked.clone() }
            }
            Happening::Retry => lifecycle::Event::Retried,
            Happening::Reissue => {
                let has_ended = matches!(refund.state, RefundState::Expired { .. } | RefundState::Canceled { .. });
                if has_ended && !(self.is_refundable(refund.amount) && self.is_free(&refund)) {
                    return;
                }
                match refund.state {
                    RefundState::Scheduled { .. } => lifecycle::Event::Requoted { claim: self.new_claim() },
                    _ => lifecycle::Event::Reissued { claim: self.new_claim(), by_operator: word.of([true, false]) },
                }
            }
        };
        self.apply(index, event, PERSON);
    }

    /// One event of a refund, if it is not refused: counts what it does, in this test's own way, and writes it down.
    fn apply(&mut self, index: usize, event: lifecycle::Event, actor: Actor) {
        let tracked = &mut self.refunds[index];
        let before = tracked.refund.clone();
        let Ok(outcome) = lifecycle::step(before.clone(), event.clone(), &self.policy.policy, actor, self.now) else { return };
        match event {
            lifecycle::Event::PayoutFinal { payout, spent } => {
                let is_in_kind = payout.net.asset == self.gas;
                let covered = if is_in_kind { spent.units.min(payout.fee.units) } else { 0 };
                let is_payers = before.fee_bearer == FeeBearer::Payer;
                tracked.settled = Settled {
                    sent: payout.net.units + covered,
                    residual: if is_in_kind && is_payers { payout.fee.units - covered } else { 0 },
                    by_merchant: match (is_payers, is_in_kind) {
                        (true, _) => 0,
                        (false, true) => covered,
                        (false, false) => payout.fee.units,
                    },
                    burnt: spent.units - covered,
                    booked: outcome.entries.iter().flat_map(|entry| entry.postings.clone()).collect(),
                };
            }
            lifecycle::Event::PayoutReorged { payout, .. } => {
                let is_shared = before.fee_bearer == FeeBearer::Merchant && payout.net.asset == self.gas;
                tracked.owed += if is_shared { payout.fee.units - tracked.settled.by_merchant } else { 0 };
                tracked.settled = Settled::default();
            }
            lifecycle::Event::PayoutUnpaid { burnt, .. } => tracked.burnt += burnt.map_or(0, |gas| gas.units),
            lifecycle::Event::ClaimLapsed { conversion: Some(conversion) } => {
                let stays = tracked.refund.funding == Funding::Suspense
                    || (tracked.refund.funding == Funding::Holding && self.policy.policy.on_expiry == OnExpiry::Hold);
                if before.is_reserved && !stays {
                    tracked.converted += before.amount.units;
                    tracked.cents += if conversion.credited.amount.is_zero() { 0 } else { 123 };
                }
            }
            lifecycle::Event::ClaimLapsed { conversion: None }
            | lifecycle::Event::Approved(_)
            | lifecycle::Event::Declined { .. }
            | lifecycle::Event::Confirmed { .. }
            | lifecycle::Event::Directed { .. }
            | lifecycle::Event::Delayed { .. }
            | lifecycle::Event::Reminded
            | lifecycle::Event::Notified
            | lifecycle::Event::Undelivered(_)
            | lifecycle::Event::Canceled { .. }
            | lifecycle::Event::Held(_)
            | lifecycle::Event::HoldReleased
            | lifecycle::Event::Released { .. }
            | lifecycle::Event::Blocked(_)
            | lifecycle::Event::ClaimedAgain
            | lifecycle::Event::FeeRaised { .. }
            | lifecycle::Event::Retried
            | lifecycle::Event::Reissued { .. }
            | lifecycle::Event::Requoted { .. } => {}
        }
        self.books.write(&outcome);
        for notice in &outcome.notices {
            assert!(follows(tracked.last_notice, *notice), "{notice:?} after {:?}", tracked.last_notice);
            tracked.last_notice = *notice;
        }
        if let Some(payout) = outcome.payout {
            let signed = Signed { slot: 1, txid: payout.id.to_string(), bytes: vec![1], at: self.now };
            // Signing and sending moves no money; the engine does it between two events.
            tracked.payout = Some(if payout.state == PayoutState::Reserved { payout.sign(signed).expect("reserved") } else { payout });
        }
        if let Some(refund) = outcome.refund {
            assert_eq!(refund.version, before.version + 1);
            let is_priced_again = before.state.name() == StateName::Scheduled && !before.is_reserved;
            assert!(refund.amount == before.amount || is_priced_again, "an amount changes only when it is set aside");
            assert!(lifecycle::leads_to(before.state.name()).contains(&refund.state.name()));
            tracked.refund = refund;
        }
    }

    /// Says whether so much more can be promised: of what was paid, did not vanish, and does not wait for a decision.
    fn is_refundable(&self, amount: Amount) -> bool {
        let is_own = amount.asset == self.asset.id;
        let waits = self.deposits.iter().filter(|deposit| is_own && deposit.amount.asset == amount.asset && !deposit.is_judged);
        let undecided: u128 = waits.filter(|deposit| deposit.is_final()).map(|deposit| deposit.amount.units).sum();
        let Cap { paid, orphaned, committed } = self.books.cap(amount.asset);
        committed + amount.units + orphaned + undecided <= paid
    }

    /// Says whether an account owes at least so much.
    fn has(&self, account: Account, amount: Amount) -> bool {
        self.books.credit(account, amount.asset) >= amount.units
    }

    /// Says whether the money of a refund that ended is still where it was put.
    fn is_free(&self, refund: &Refund) -> bool {
        let waits =
            |deposit: &&Deposit| !deposit.is_judged && deposit.amount.asset == self.asset.id && !self.unwound.contains_key(&deposit.id);
        let is_booked = |deposit: &&Deposit| matches!(deposit.state, DepositState::Final | DepositState::Orphaned);
        let of_others: u128 = match refund.funding {
            Funding::Holding => self.deposits.iter().filter(waits).filter(is_booked).map(|deposit| deposit.amount.units).sum(),
            Funding::Suspense | Funding::Merchant => 0,
        };
        self.books.credit(refund.funding.account(refund.invoice), refund.amount.asset) >= refund.amount.units + of_others
    }

    /// Says whether the cap and the merchant's balance allow a payout.
    fn can_be_sent(&self, refund: &Refund, amount: Option<Amount>) -> bool {
        let Some(directed) = refund.state.directed() else { return true };
        let now = amount.filter(|_| !refund.is_reserved).unwrap_or(refund.amount);
        let cap = self.books.cap(refund.amount.asset);
        let is_covered = cap.committed + cap.orphaned <= cap.paid;
        let grows = now.units.saturating_sub(refund.amount.units);
        let may_grow = grows == 0 || self.is_refundable(Amount { units: grows, ..now });
        let own = if refund.is_reserved { 0 } else { now.units };
        let fee = if refund.fee_bearer == FeeBearer::Merchant { directed.fee.units } else { 0 };
        is_covered && may_grow && self.has(Account::MerchantAvailable, Amount { units: own + fee, ..now })
    }

    /// Compares every balance with what must be there.
    fn check(&self) {
        self.check_asset(&self.asset);
        if self.books.sides.keys().any(|(_, asset)| *asset == self.foreign.id) {
            self.check_asset(&self.foreign);
        }
        let burnt: u128 = self.refunds.iter().map(|tracked| tracked.burnt + tracked.settled.burnt).sum();
        assert_eq!(self.books.debit(Account::NetworkFee, self.gas), signed(burnt), "network fee");
        let eur = id("EUR-FIAT");
        let cents: u128 = self.refunds.iter().map(|tracked| tracked.cents).sum();
        assert_eq!(self.books.credit(Account::MerchantAvailable, eur), cents, "what the merchant got for unclaimed coins");
        assert_eq!(self.books.debit(Account::FxClearing, eur), signed(cents), "the other side of it");
        if self.asset.id != self.gas {
            assert_eq!(self.books.debit(Account::Custody, self.gas), -signed(burnt), "gas");
        }
        self.books.check();
    }

    fn check_asset(&self, asset: &Asset) {
        let is_own = asset.id == self.asset.id;
        let is_token = asset.contract.is_some();
        let booked = || self.deposits.iter().filter(|deposit| deposit.amount.asset == asset.id && self.is_booked(deposit));
        let sum = |amounts: &mut dyn Iterator<Item = u128>| amounts.sum::<u128>();
        let paid = sum(&mut booked().map(|deposit| deposit.amount.units));
        let vanished = booked().filter(|deposit| deposit.state == DepositState::Orphaned);
        let orphaned = sum(&mut vanished.map(|deposit| deposit.amount.units));
        let unjudged = sum(&mut booked().filter(|deposit| !deposit.is_judged).map(|deposit| deposit.amount.units));
        let taken: Vec<&TakenBack> = self.unwound.values().filter(|from| from.holding.asset == asset.id).collect();
        let from_held = sum(&mut taken.iter().map(|from| from.holding.units));
        let from_available = sum(&mut taken.iter().map(|from| from.available.units));
        let from_nobody = sum(&mut taken.iter().map(|from| from.receivable.units));

        let mut expected = Expected::default();
        if is_own {
            expected.holding = signed(unjudged) - signed(from_held);
            expected.available = signed(self.credited) - signed(from_available);
            expected.residual = signed(self.dust);
        } else {
            expected.suspense = signed(paid) - signed(from_held);
            expected.available = -signed(from_available);
        }
        expected.custody = signed(paid - from_held - from_available - from_nobody);
        expected.receivable = signed(from_nobody);
        for tracked in self.refunds.iter().filter(|tracked| tracked.refund.amount.asset == asset.id) {
            expected.count(tracked, is_token);
        }
        if asset.id == self.gas {
            expected.custody -= signed(self.refunds.iter().map(|tracked| tracked.burnt + tracked.settled.burnt).sum());
        }
        assert_eq!(self.books.cap(asset.id), Cap { paid, orphaned: orphaned - from_nobody, committed: expected.committed });
        assert!(expected.committed <= paid);

        let credit = |account| signed(self.books.credit(account, asset.id));
        assert_eq!(credit(Account::Holding(self.invoice.id)), expected.holding, "holding");
        assert_eq!(credit(Account::Suspense), expected.suspense, "suspense");
        assert_eq!(credit(Account::MerchantAvailable), expected.available, "merchant available");
        assert_eq!(credit(Account::RefundPayable), expected.payable, "refund payable");
        assert_eq!(credit(Account::PayoutInFlight), expected.in_flight, "payout in flight");
        assert_eq!(credit(Account::FeeReserve), expected.reserve, "fee reserve");
        assert_eq!(credit(Account::FeeRecovery), expected.recovery, "fee recovery");
        assert_eq!(credit(Account::Residual), expected.residual, "residual");
        assert_eq!(self.books.debit(Account::FxClearing, asset.id), -expected.converted, "conversions");
        assert_eq!(self.books.debit(Account::MerchantReceivable, asset.id), expected.receivable, "merchant receivable");
        assert_eq!(self.books.debit(Account::Custody, asset.id), expected.custody, "custody");
    }

    /// Says whether a deposit was ever final: what vanished before that is gone, and was never in the books.
    fn is_booked(&self, deposit: &Deposit) -> bool {
        let is_booked = matches!(deposit.state, DepositState::Final | DepositState::Orphaned);
        assert_eq!(is_booked, self.books.keys.contains(&format!("deposit:{}", deposit.id)), "{deposit:?}");
        is_booked
    }

    fn known(&self, word: &mut Word, verified_by: VerifiedBy, asset: AssetId) -> Known {
        Known { destination: payer(), fee: Amount { units: word.of([0, 1, 2, 6]), asset }, verified_by }
    }

    fn new_claim(&mut self) -> NewClaim {
        NewClaim { id: ClaimId(self.new_id()), token: TokenHash([0; 32]), cancel_token: TokenHash([1; 32]) }
    }

    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }
}

/// What accounts must show in one asset.
#[derive(Default)]
struct Expected {
    committed: u128,
    holding: i128,
    suspense: i128,
    available: i128,
    payable: i128,
    in_flight: i128,
    reserve: i128,
    recovery: i128,
    residual: i128,
    converted: i128,
    receivable: i128,
    custody: i128,
}

impl Expected {
    /// Counts where the money of one refund is.
    fn count(&mut self, tracked: &Tracked, is_token: bool) {
        let refund = &tracked.refund;
        let gross = signed(refund.amount.units);
        let fee = signed(refund.state.directed().map_or(0, |directed| directed.fee.units));
        let is_payers_fee = refund.fee_bearer == FeeBearer::Payer;
        match &refund.state {
            RefundState::AwaitingApproval { .. }
            | RefundState::AwaitingClaim { .. }
            | RefundState::Scheduled { .. }
            | RefundState::OnHold { .. }
            | RefundState::PayoutFailed { .. } => {
                self.committed += refund.amount.units;
                self.payable += if refund.is_reserved { gross } else { 0 };
            }
            RefundState::Sending { .. } => {
                self.committed += refund.amount.units;
                match (is_payers_fee, is_token) {
                    (true, true) => {
                        self.in_flight += gross - fee;
                        self.recovery += fee;
                    }
                    (true, false) => self.in_flight += gross,
                    (false, _) => {
                        self.in_flight += gross;
                        self.reserve += fee;
                        self.available -= fee;
                    }
                }
            }
            RefundState::Paid { .. } => {
                self.committed += refund.amount.units;
                self.recovery += if is_token { fee } else { 0 };
                self.available -= signed(tracked.settled.by_merchant);
                self.residual += signed(tracked.settled.residual);
                self.custody -= signed(tracked.settled.sent);
            }
            RefundState::Expired { .. } | RefundState::Canceled { .. } | RefundState::Declined { .. } => {
                assert!(!refund.is_reserved, "what ended sets nothing aside");
            }
        }
        match (tracked.origin, refund.funding, refund.is_reserved) {
            (Funding::Holding, Funding::Holding, true) => {}
            (Funding::Holding, Funding::Holding, false) => self.holding += gross,
            (Funding::Holding, Funding::Merchant, true) => {}
            (Funding::Holding, Funding::Merchant, false) => self.available += gross,
            (Funding::Merchant, Funding::Merchant, true) => self.available -= gross,
            (Funding::Merchant, Funding::Merchant, false) => {}
            (Funding::Suspense, Funding::Suspense, true) => self.suspense -= gross,
            (Funding::Suspense, Funding::Suspense, false) => {}
            (origin, funding, _) => panic!("{origin:?} became {funding:?}"),
        }
        self.available += signed(tracked.owed);
        self.receivable += signed(tracked.owed);
        self.available -= signed(tracked.converted);
        self.converted += signed(tracked.converted);
    }
}

impl Books {
    fn write(&mut self, outcome: &Outcome) {
        for entry in &outcome.entries {
            assert!(self.keys.insert(entry.key.clone()), "{} is written twice", entry.key);
            self.kinds.insert(entry.kind);
            assert!(!entry.postings.is_empty());
            for posting in &entry.postings {
                assert!(posting.debit != posting.credit && posting.amount.units > 0, "{posting:?}");
                self.sides.entry((posting.debit, posting.amount.asset)).or_default().0 += posting.amount.units;
                self.sides.entry((posting.credit, posting.amount.asset)).or_default().1 += posting.amount.units;
            }
        }
        for cap in &outcome.caps {
            let (CapChange::Paid(_, amount)
            | CapChange::Moved(_, amount)
            | CapChange::Commit(_, amount)
            | CapChange::Release(_, amount)
            | CapChange::Orphaned(_, amount)
            | CapChange::Restored(_, amount)
            | CapChange::Owed(_, amount)) = *cap;
            let of_asset = self.caps.entry(amount.asset).or_default();
            match cap {
                CapChange::Paid(..) => of_asset.paid += amount.units,
                CapChange::Moved(..) => of_asset.paid -= amount.units,
                CapChange::Commit(..) => of_asset.committed += amount.units,
                CapChange::Release(..) => of_asset.committed -= amount.units,
                CapChange::Orphaned(..) => of_asset.orphaned += amount.units,
                CapChange::Owed(..) | CapChange::Restored(..) => of_asset.orphaned -= amount.units,
            }
            assert!(of_asset.committed <= of_asset.paid && of_asset.orphaned <= of_asset.paid, "{of_asset:?}");
        }
    }

    fn cap(&self, asset: AssetId) -> Cap {
        self.caps.get(&asset).copied().unwrap_or_default()
    }

    /// Returns debits and credits.
    fn side(&self, account: Account, asset: AssetId) -> (u128, u128) {
        self.sides.get(&(account, asset)).copied().unwrap_or_default()
    }

    /// Returns what a liability owes; fails below zero.
    fn credit(&self, account: Account, asset: AssetId) -> u128 {
        let (debits, credits) = self.side(account, asset);
        credits.checked_sub(debits).unwrap_or_else(|| panic!("{account:?} fell below zero"))
    }

    /// Returns what an account on the other side shows, which may be less than nothing.
    fn debit(&self, account: Account, asset: AssetId) -> i128 {
        let (debits, credits) = self.side(account, asset);
        signed(debits) - signed(credits)
    }

    /// No liability is below zero, and in every asset both sides of the books are the same.
    fn check(&self) {
        let mut sums: HashMap<AssetId, i128> = HashMap::new();
        for ((account, asset), (debits, credits)) in &self.sides {
            assert!(account.is_debit_normal() || debits <= credits, "{account:?} fell below zero");
            *sums.entry(*asset).or_default() += signed(*debits) - signed(*credits);
        }
        assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }
}

impl Cap {
    /// Says whether more is promised than is there.
    const fn is_overdrawn(self) -> bool {
        self.committed + self.orphaned > self.paid
    }
}

/// Says whether a notice about a refund can come right after another.
fn follows(last: Notice, next: Notice) -> bool {
    use Notice::{
        InvoiceCanceled, InvoiceComplete, InvoiceExpired, InvoiceHeld, InvoiceOrphaned, InvoiceProcessing, InvoiceRestored,
        InvoiceUnderpaid, RefundApprovalNeeded, RefundBlocked, RefundCanceled, RefundClaimAvailable, RefundClaimed, RefundClaimedAgain,
        RefundCreated, RefundDeclined, RefundDelayed, RefundExpired, RefundExpiring, RefundFeeRaised, RefundHeld, RefundPaid,
        RefundPayoutFailed, RefundReissued, RefundReorged, RefundSending, RefundUndelivered,
    };
    let is_offered = matches!(last, RefundClaimAvailable(_) | RefundExpiring(_));
    let is_scheduled = matches!(
        last,
        RefundClaimed(_) | RefundClaimedAgain(_) | RefundBlocked(_) | RefundHeld(_) | RefundDelayed(_) | RefundPayoutFailed(_)
    );
    match next {
        RefundApprovalNeeded(_) => matches!(last, RefundCreated(_)),
        RefundClaimAvailable(_) => is_offered || matches!(last, RefundCreated(_) | RefundApprovalNeeded(_) | RefundReissued(_)),
        RefundClaimed(_) => is_offered || matches!(last, RefundCreated(_) | RefundApprovalNeeded(_)),
        RefundExpired(_) | RefundExpiring(_) => is_offered,
        RefundBlocked(_) | RefundClaimedAgain(_) | RefundSending(_) | RefundHeld(_) | RefundDelayed(_) => is_scheduled,
        RefundPaid(_) | RefundPayoutFailed(_) | RefundFeeRaised(_) => {
            matches!(last, RefundSending(_) | RefundReorged(_) | RefundFeeRaised(_))
        }
        RefundReorged(_) => matches!(last, RefundPaid(_)),
        RefundDeclined(_) => matches!(last, RefundApprovalNeeded(_)),
        RefundCanceled(_) => is_offered || is_scheduled || matches!(last, RefundApprovalNeeded(_)),
        RefundReissued(_) => is_scheduled || matches!(last, RefundExpired(_) | RefundCanceled(_)),
        RefundUndelivered(_) => is_offered || is_scheduled,
        RefundCreated(_) => false,
        InvoiceProcessing(_) | InvoiceComplete(_) | InvoiceUnderpaid(_) | InvoiceExpired(_) | InvoiceCanceled(_) => false,
        InvoiceHeld(_) | InvoiceOrphaned(_) | InvoiceRestored(_) => false,
    }
}

/// A policy that turns every knob that says where money goes.
fn policy(rules: &mut Word) -> Policy {
    let limits = |text: &str| text.parse().expect("limits");
    Policy {
        on_over: rules.any(OnOver::ALL),
        on_under: rules.any(OnUnder::ALL),
        on_late: rules.any(OnLate::ALL),
        late_grace: rules.of([LateGrace::default(), LateGrace { fiat: Period::hours(1), coin: Period::days(1) }]),
        late_rate_drift: rules.of([1, 100]).into(),
        tolerance: Tolerance { percent: rules.of([0, 10]).into(), absolute: limits(rules.of(["", "USD:2", "EUR:2"])) },
        topup_until: rules.of([Period::none(), Period::days(1)]),
        destination_source: rules.any(DestinationSource::ALL),
        security_delay: Period::hours(rules.of([0, 72])),
        security_delay_anchor: rules.any(DelayAnchor::ALL),
        payer_cancel: rules.of([true, false]),
        reopen_after_payer_cancel: rules.any(Reopen::ALL),
        claim_ttl: Period::days(rules.of([1, 90])),
        on_expiry: rules.any(OnExpiry::ALL),
        fee_bearer: rules.any(FeeBearer::ALL),
        fee_cap: rules.of([100, 50]).into(),
        claim_floor: limits(rules.of(["", "USD:3"])),
        reminders: if rules.of([true, false]) { vec![30, 7, 1] } else { Vec::new() },
        ..Policy::default()
    }
}

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

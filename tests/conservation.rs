//! Nothing is created or lost: random payments, policies and refunds against a bookkeeper who knows none of the rules.
//!
//! The bookkeeper adds up what entries say, and compares every balance with what the invoice's deposits and refunds,
//! as they stand, must have left there. Both are counted here, with arithmetic of their own.

#![expect(clippy::arithmetic_side_effects, reason = "a sum that leaves its range has to fail the test")]

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use domain::claim::{Consent, TokenHash};
use domain::destination::Destination;
use domain::exception::Flags;
use domain::ids::{CaseId, ClaimId, DepositId, InvoiceId, MidId, PayoutId, PolicyId, RefundId};
use domain::invoice::{self, Deposit, DepositState, Invoice, InvoiceStatus, NewIds};
use domain::ledger::{Account, EntryKind};
use domain::lifecycle;
use domain::merchant::Actor;
use domain::money::{Amount, Asset, AssetId, Network};
use domain::notice::{Notice, NoticeSubject};
use domain::outcome::{CapChange, Outcome};
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::policy::{FeeBearer, OnLate, OnOver, OnUnder, Period, Policy, PolicyVersion};
use domain::rate::{Fiat, Rate};
use domain::refund::{BlockedBy, CancelReason, CanceledBy, Refund, RefundState};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

/// What the invoice asks for: small, so that sums meet it exactly often enough.
const CHARGED: u128 = 10;

/// Each number of a script is one thing that happens; see [`World::happen`].
#[test]
fn nothing_is_created_or_lost() {
    let config = ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() };
    let reached = RefCell::new((HashSet::new(), HashSet::new()));
    let scripts = (any::<u16>(), prop::collection::vec(any::<u32>(), 1..24));
    let answer = TestRunner::new(config).run(&scripts, |(rules, script)| {
        let mut world = World::new(rules);
        for word in script {
            world.happen(word);
            world.check();
        }
        let (kinds, statuses) = &mut *reached.borrow_mut();
        kinds.extend(world.books.kinds);
        statuses.insert(world.invoice.status);
        Ok(())
    });
    if let Err(failure) = answer {
        panic!("{failure}");
    }
    let (kinds, statuses) = reached.into_inner();
    assert_eq!((kinds.len(), statuses.len()), (EntryKind::ALL.len(), InvoiceStatus::ALL.len()), "every way was walked");
}

/// One invoice, its money, and the time.
struct World {
    policy: PolicyVersion,
    asset: Asset,
    gas: AssetId,
    destination: Destination,
    invoice: Invoice,
    deposits: Vec<Deposit>,
    refunds: Vec<Tracked>,
    books: Books,
    now: Timestamp,
    ids: u128,
}

/// A refund, its payout, and what it sent and burnt so far.
struct Tracked {
    refund: Refund,
    payout: Option<Payout>,
    sent: u128,
    residual: u128,
    /// What transfers cost the operator, in the coin that pays for them.
    burnt: u128,
    last_notice: Notice,
}

/// What can happen to a refund.
#[derive(Clone, Copy)]
enum Happening {
    Confirm,
    Lapse,
    PayerCancels,
    MerchantCancels,
    Release,
    Block,
    Final,
    Unpaid,
    Retry,
}

impl Happening {
    const ALL: [Self; 9] = [
        Self::Confirm,
        Self::Lapse,
        Self::PayerCancels,
        Self::MerchantCancels,
        Self::Release,
        Self::Block,
        Self::Final,
        Self::Unpaid,
        Self::Retry,
    ];
}

/// Adds up entries; knows accounts, but no event.
#[derive(Default)]
struct Books {
    sides: HashMap<(Account, AssetId), (u128, u128)>,
    keys: HashSet<String>,
    kinds: HashSet<EntryKind>,
    paid: u128,
    committed: u128,
}

/// The numbers of one script word, used up from the lowest bits.
struct Word(u32);

impl Word {
    /// Returns a number below `end`.
    fn below(&mut self, end: u32) -> usize {
        let number = self.0 % end;
        self.0 /= end;
        usize::try_from(number).expect("a small number")
    }

    fn of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.below(u32::try_from(N).expect("few choices"))]
    }
}

impl World {
    fn new(rules: u16) -> Self {
        let mut rules = Word(u32::from(rules));
        let is_token = rules.of([true, false]);
        let policy = Policy {
            on_over: rules.of([OnOver::CreditAll, OnOver::SettleAndRefundExcess, OnOver::RefundAll]),
            on_under: rules.of([OnUnder::CreditAll, OnUnder::RefundAll]),
            on_late: rules.of([OnLate::CreditAll, OnLate::RefundAll]),
            claim_ttl: Period::days(rules.of([1, 90])),
            security_delay: Period::hours(rules.of([0, 72])),
            fee_bearer: FeeBearer::Payer,
        };
        let (mid, now) = (MidId(Uuid::from_u128(1)), Timestamp::UNIX_EPOCH);
        let asset = Asset {
            id: if is_token { id("USDT-TRON") } else { id("TRX-TRON") },
            network: Network::Tron,
            decimals: 6,
            contract: is_token.then(|| "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".to_owned()),
            finality: 1,
            dust_units: rules.of([0, 2]),
            network_fee_units: 1,
        };
        let destination = Destination::parse(Network::Tron, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", None).expect("an address");
        let invoice = Invoice {
            id: InvoiceId(Uuid::from_u128(2)),
            mid,
            reference: "A1".to_owned(),
            billed: Fiat::parse("10.00", "USD".parse().expect("a currency")).expect("an amount"),
            charged: asset.units(CHARGED),
            rate: Rate::new(1.into()).expect("a rate"),
            address: destination.clone(),
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
            gas: id("TRX-TRON"),
            destination,
            invoice,
            deposits: Vec::new(),
            refunds: Vec::new(),
            books: Books::default(),
            now,
            ids: 100,
        }
    }

    /// Lets one thing happen: a new deposit, news of a known one, time passing, or something to a refund.
    fn happen(&mut self, word: u32) {
        let mut word = Word(word);
        match word.below(8) {
            0 | 1 => self.deposit_comes(&mut word),
            2 => self.deposit_changes(&mut word),
            3 => self.time_passes(&mut word),
            _ if self.refunds.is_empty() => self.deposit_comes(&mut word),
            4 => self.refund_meets_anything(&mut word),
            _ => self.refund_goes_on(&mut word),
        }
    }

    fn deposit_comes(&mut self, word: &mut Word) {
        let state = word.of([DepositState::Final, DepositState::Final, DepositState::Seen]);
        let units = word.of([CHARGED, 0, 1, 4, 6, 9, 11, 25]);
        let in_time = self.invoice.expires_at;
        let seen_at = word.of([self.now, self.now, in_time, in_time + SignedDuration::from_micros(1)]);
        let id = self.new_id();
        let deposit = Deposit {
            id: DepositId(id),
            invoice: self.invoice.id,
            external_id: id.to_string(),
            txid: id.to_string(),
            amount: self.asset.units(units),
            seen_at,
            state,
            is_judged: false,
        };
        self.on_invoice(invoice::Event::Deposit(deposit));
    }

    /// A known deposit is reported in any state: the next, the same again, or one that is over; sometimes at another amount.
    fn deposit_changes(&mut self, word: &mut Word) {
        let Some(known) = pick(word, &self.deposits) else { return self.deposit_comes(word) };
        let state = word.of([DepositState::Final, DepositState::Gone, DepositState::Seen]);
        let amount = word.of([known.amount, known.amount, self.asset.units(CHARGED)]);
        let deposit = Deposit { state, amount, is_judged: false, ..known.clone() };
        self.on_invoice(invoice::Event::Deposit(deposit));
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
        self.on_invoice(invoice::Event::TimeIsUp);
    }

    /// What mostly happens next to a refund, at its time.
    fn refund_goes_on(&mut self, word: &mut Word) {
        use Happening::{Block, Confirm, Final, Lapse, MerchantCancels, PayerCancels, Release, Retry, Unpaid};
        let index = word.below(u32::try_from(self.refunds.len()).expect("few refunds"));
        let (happening, at) = match &self.refunds[index].refund.state {
            RefundState::AwaitingClaim { expires_at, .. } => {
                word.of([(Lapse, *expires_at), (MerchantCancels, self.now), (Confirm, self.now), (Confirm, self.now), (Confirm, self.now)])
            }
            RefundState::Scheduled { release_at, .. } => word.of([
                (PayerCancels, self.now),
                (Block, *release_at),
                (Release, *release_at),
                (Release, *release_at),
                (Release, *release_at),
            ]),
            RefundState::Sending { .. } => (word.of([Final, Unpaid]), self.now),
            RefundState::PayoutFailed { .. } => (word.of([Retry, Retry, MerchantCancels]), self.now),
            RefundState::Paid { .. } | RefundState::Expired { .. } | RefundState::Canceled { .. } => (word.of(Happening::ALL), self.now),
        };
        self.now = self.now.max(at);
        self.on_refund(index, happening, word);
    }

    fn refund_meets_anything(&mut self, word: &mut Word) {
        let index = word.below(u32::try_from(self.refunds.len()).expect("few refunds"));
        let happening = word.of(Happening::ALL);
        self.on_refund(index, happening, word);
    }

    fn on_invoice(&mut self, event: invoice::Event) {
        let id = self.new_id();
        let ids = NewIds {
            case: CaseId(id),
            refund: RefundId(id),
            claim: ClaimId(id),
            token: TokenHash([0; 32]),
            cancel_token: TokenHash([1; 32]),
        };
        let before = self.invoice.clone();
        let outcome = invoice::step(before.clone(), self.deposits.clone(), event, &self.policy, ids, self.now).expect("small sums");
        for changed in &outcome.deposits {
            match self.deposits.iter_mut().find(|known| known.id == changed.id) {
                Some(known) => {
                    assert!(known.state != DepositState::Final || changed.state == DepositState::Final, "a final deposit stays");
                    assert!(!known.is_judged, "a deposit is judged once");
                    known.clone_from(changed);
                }
                None => self.deposits.push(changed.clone()),
            }
        }
        if let Some(after) = &outcome.invoice {
            assert_eq!(after.version, before.version + 1);
            assert!(after.judgements <= before.judgements + 1 && after.refunds - before.refunds <= after.judgements - before.judgements);
            self.invoice = after.clone();
        }
        if let Some(case) = &outcome.case {
            assert_eq!(case.received.units, case.credited.units + case.refunded.units);
            assert_eq!(outcome.refund.as_ref().map_or(0, |refund| refund.amount.units), case.refunded.units);
        }
        for notice in outcome.notices.iter().filter(|notice| matches!(notice.subject(), NoticeSubject::Invoice(_))) {
            assert!(*notice != Notice::InvoiceProcessing(before.id) || before.status == InvoiceStatus::Pending);
            assert_ne!(before.status, self.invoice.status, "a notice tells something new");
        }
        self.books.write(&outcome);
        if let Some(refund) = outcome.refund {
            assert!(self.refunds.iter().all(|other| other.refund.reference != refund.reference));
            assert_eq!(
                outcome.notices[outcome.notices.len() - 2..],
                [Notice::RefundCreated(refund.id), Notice::RefundClaimAvailable(refund.id),]
            );
            let last_notice = Notice::RefundClaimAvailable(refund.id);
            self.refunds.push(Tracked { refund, payout: None, sent: 0, residual: 0, burnt: 0, last_notice });
        }
    }

    fn on_refund(&mut self, index: usize, happening: Happening, word: &mut Word) {
        let payout_id = PayoutId(self.new_id());
        let tracked = &mut self.refunds[index];
        let in_kind = self.asset.contract.is_none();
        let cost = word.of([0, 1, 2, 5]);
        let gas = Amount { units: cost, asset: self.gas };
        let event = match happening {
            Happening::Confirm => lifecycle::Event::Confirmed {
                destination: self.destination.clone(),
                fee: self.asset.units(word.of([0, 1, 2, 6])),
                consent: Consent { text_version: 1 },
                asset: self.asset.clone(),
            },
            Happening::Lapse => lifecycle::Event::ClaimLapsed,
            Happening::PayerCancels => canceled_by(CanceledBy::Payer),
            Happening::MerchantCancels => canceled_by(CanceledBy::Merchant),
            Happening::Release => lifecycle::Event::Released { payout: payout_id, asset: self.asset.clone() },
            Happening::Block => lifecycle::Event::Blocked(word.of(BlockedBy::ALL)),
            Happening::Final => {
                let Some(payout) = tracked.payout.clone() else { return };
                lifecycle::Event::PayoutFinal { payout, spent: gas }
            }
            Happening::Unpaid => {
                let Some(payout) = tracked.payout.clone() else { return };
                lifecycle::Event::PayoutUnpaid { payout, failure: word.of(PayoutFailure::ALL), burnt: word.of([None, Some(gas)]) }
            }
            Happening::Retry => lifecycle::Event::Retried,
        };
        let before = tracked.refund.clone();
        let Ok(outcome) = lifecycle::step(before.clone(), event.clone(), Actor::System, self.now) else { return };
        match event {
            lifecycle::Event::PayoutFinal { payout, .. } => {
                let from_fee = if in_kind { cost.min(payout.fee.units) } else { 0 };
                tracked.sent += payout.net.units + from_fee;
                tracked.burnt += cost - from_fee;
                tracked.residual += if in_kind { payout.fee.units - from_fee } else { 0 };
            }
            lifecycle::Event::PayoutUnpaid { burnt, .. } => tracked.burnt += burnt.map_or(0, |gas| gas.units),
            lifecycle::Event::Confirmed { .. }
            | lifecycle::Event::ClaimLapsed
            | lifecycle::Event::Canceled { .. }
            | lifecycle::Event::Released { .. }
            | lifecycle::Event::Blocked(_)
            | lifecycle::Event::Retried => {}
        }
        self.books.write(&outcome);
        for notice in &outcome.notices {
            assert!(follows(tracked.last_notice, *notice), "{notice:?} after {:?}", tracked.last_notice);
            tracked.last_notice = *notice;
        }
        if let Some(payout) = outcome.payout {
            let signed = Signed { slot: 1, txid: payout.id.to_string(), bytes: vec![1] };
            // Signing and sending moves no money; the engine does it between two events.
            tracked.payout = Some(if payout.state == PayoutState::Reserved { payout.sign(signed).expect("reserved") } else { payout });
        }
        if let Some(refund) = outcome.refund {
            assert_eq!((refund.version, refund.amount), (before.version + 1, before.amount));
            assert!(lifecycle::leads_to(before.state.name()).contains(&refund.state.name()));
            tracked.refund = refund;
        }
    }

    /// Compares every balance with what must be there.
    fn check(&self) {
        let is_token = self.asset.contract.is_some();
        let finals = || self.deposits.iter().filter(|deposit| deposit.state == DepositState::Final);
        let paid: u128 = finals().map(|deposit| deposit.amount.units).sum();
        let unjudged: u128 = finals().filter(|deposit| !deposit.is_judged).map(|deposit| deposit.amount.units).sum();
        let refunded: u128 = self.refunds.iter().map(|tracked| tracked.refund.amount.units).sum();
        assert!(refunded <= paid, "{refunded} is owed back of {paid}");

        let mut expected = Expected { holding: unjudged, available: paid - unjudged - refunded, ..Expected::default() };
        let mut committed = 0;
        for tracked in &self.refunds {
            let gross = tracked.refund.amount.units;
            let fee = tracked.refund.state.directed().map_or(0, |directed| directed.fee.units);
            let token_fee = if is_token { fee } else { 0 };
            committed += gross;
            match &tracked.refund.state {
                RefundState::AwaitingClaim { .. } | RefundState::Scheduled { .. } | RefundState::PayoutFailed { .. } => {
                    expected.payable += gross;
                }
                RefundState::Sending { .. } => {
                    expected.in_flight += gross - token_fee;
                    expected.fees += token_fee;
                }
                RefundState::Paid { .. } => expected.fees += token_fee,
                RefundState::Expired { .. } => {
                    expected.available += gross;
                    committed -= gross;
                }
                RefundState::Canceled { .. } => {
                    expected.holding += gross;
                    committed -= gross;
                }
            }
            expected.residual += tracked.residual;
            expected.sent += tracked.sent;
            expected.burnt += tracked.burnt;
        }
        assert_eq!((self.books.paid, self.books.committed), (paid, committed));
        assert!(committed <= paid);

        let credit = |account| self.books.credit(account, self.asset.id);
        assert_eq!(credit(Account::Holding(self.invoice.id)), expected.holding, "holding");
        assert_eq!(credit(Account::MerchantAvailable), expected.available, "merchant available");
        assert_eq!(credit(Account::RefundPayable), expected.payable, "refund payable");
        assert_eq!(credit(Account::PayoutInFlight), expected.in_flight, "payout in flight");
        assert_eq!(credit(Account::FeeRecovery), expected.fees, "fee recovery");
        assert_eq!(credit(Account::Residual), expected.residual, "residual");

        let (came, went) = self.books.side(Account::Custody, self.asset.id);
        let gas_account = self.books.side(Account::Custody, self.gas);
        assert_eq!(came, paid, "what came in");
        assert_eq!(went, expected.sent + if is_token { 0 } else { expected.burnt }, "what went out");
        assert_eq!(gas_account.1, if is_token { expected.burnt } else { went }, "gas");
        assert_eq!(self.books.side(Account::NetworkFee, self.gas), (expected.burnt, 0), "network fee");
        self.books.check();
    }

    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }
}

/// What accounts must show.
#[derive(Default)]
struct Expected {
    holding: u128,
    available: u128,
    payable: u128,
    in_flight: u128,
    fees: u128,
    residual: u128,
    sent: u128,
    burnt: u128,
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
            match cap {
                CapChange::Paid(_, amount) => self.paid += amount.units,
                CapChange::Commit(_, amount) => self.committed += amount.units,
                CapChange::Release(_, amount) => self.committed -= amount.units,
            }
            assert!(self.committed <= self.paid, "{} is promised of {}", self.committed, self.paid);
        }
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

    fn check(&self) {
        for ((account, _), (debits, credits)) in &self.sides {
            assert!(account.is_debit_normal() || debits <= credits, "{account:?} fell below zero");
        }
    }
}

/// Says whether a notice about a refund can come right after another.
fn follows(last: Notice, next: Notice) -> bool {
    use Notice::{
        InvoiceCanceled, InvoiceComplete, InvoiceExpired, InvoiceProcessing, InvoiceUnderpaid, RefundBlocked, RefundCanceled,
        RefundClaimAvailable, RefundClaimed, RefundCreated, RefundExpired, RefundPaid, RefundPayoutFailed, RefundSending,
    };
    match next {
        RefundClaimed(_) | RefundExpired(_) => matches!(last, RefundClaimAvailable(_)),
        RefundBlocked(_) | RefundSending(_) => matches!(last, RefundClaimed(_) | RefundBlocked(_) | RefundPayoutFailed(_)),
        RefundPaid(_) | RefundPayoutFailed(_) => matches!(last, RefundSending(_)),
        RefundCanceled(_) => matches!(last, RefundClaimAvailable(_) | RefundClaimed(_) | RefundBlocked(_) | RefundPayoutFailed(_)),
        RefundCreated(_) | RefundClaimAvailable(_) => false,
        InvoiceProcessing(_) | InvoiceComplete(_) | InvoiceUnderpaid(_) | InvoiceExpired(_) | InvoiceCanceled(_) => false,
    }
}

fn canceled_by(by: CanceledBy) -> lifecycle::Event {
    lifecycle::Event::Canceled { by, reason: CancelReason::Other, note: None }
}

fn pick<'a, T>(word: &mut Word, from: &'a [T]) -> Option<&'a T> {
    let end = u32::try_from(from.len()).ok().filter(|end| *end > 0)?;
    from.get(word.below(end))
}

fn id(text: &str) -> AssetId {
    text.parse().expect("an id")
}

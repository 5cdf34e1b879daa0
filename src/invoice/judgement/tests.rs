//! Invoices as stories: what is paid, when, and what becomes of it.

mod allowances;
mod people;
mod rules;
mod suspense;
mod vanished;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::claim::{NewClaim, TokenHash};
use crate::ids::{ClaimId, DepositId, InvoiceId, MidId, PolicyId, RefundId, UserId};
use crate::invoice::{NewIds, Pricing, opened};
use crate::ledger::Account;
use crate::money::{Asset, Network};
use crate::outcome::ClaimChange;
use crate::policy::{FeeBearer, LateGrace, Limits, OnLate, OnOver, OnUnder, Period, Policy, PolicyVersion, Tolerance};
use crate::rate::{Fiat, Rate};
use crate::refund::StateName;

const PAYER: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const PERSON: Actor = Actor::User(UserId(Uuid::from_u128(20)));

/// One invoice and everything that happened to it.
struct Story {
    asset: Asset,
    policy: PolicyVersion,
    invoice: Invoice,
    deposits: Vec<Deposit>,
    refunds: Vec<Refund>,
    /// Where the deposits named 0, 1, 2 come from.
    sources: Vec<Option<String>>,
    rate_now: Option<Rate>,
    fee_now: Option<Amount>,
    is_suspended: bool,
    open_case: Option<ExceptionCase>,
    now: Timestamp,
    /// What happened last; [`Story::pays`] counts as one.
    last: Outcome,
    events: u128,
}

impl Story {
    fn of(asset: Asset, charged: &str, policy: Policy) -> Self {
        let mid = MidId(Uuid::from_u128(1));
        let now = instant("2025-01-01T00:00:00Z");
        let invoice = Invoice {
            id: InvoiceId(Uuid::from_u128(2)),
            mid,
            reference: "A1".to_owned(),
            guid: None,
            billed: Fiat { amount: Decimal::ONE_HUNDRED, currency: "USD".parse().expect("a currency") },
            charged: asset.parse_amount(charged).expect("an amount"),
            rate: Rate::new(Decimal::ONE).expect("a rate"),
            pricing: Pricing::Fiat,
            is_for_untagged: false,
            address: payer(),
            refund_to: None,
            overrides: None,
            payer_email: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            status: InvoiceStatus::Pending,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: instant("2025-01-01T00:20:00Z"),
            created_at: now,
            version: 1,
        };
        let policy = PolicyVersion { id: PolicyId(Uuid::from_u128(3)), mid, number: 1, policy, created_at: now };
        let last = Outcome::by(Actor::System);
        let (rate_now, fee_now) = (Some(invoice.rate), asset.parse_amount("1").ok());
        Self {
            asset,
            policy,
            invoice,
            deposits: Vec::new(),
            refunds: Vec::new(),
            sources: vec![None],
            rate_now,
            fee_now,
            is_suspended: false,
            open_case: None,
            now,
            last,
            events: 100,
        }
    }

    /// A transfer is seen now, and is final now.
    fn pays(&mut self, name: &str, amount: &str) {
        self.sees(name, amount);
        let seen = core::mem::replace(&mut self.last, Outcome::by(Actor::System));
        self.is_final(name);
        self.last.notices.splice(..0, seen.notices);
    }

    fn sees(&mut self, name: &str, amount: &str) {
        self.take(Event::Deposit(self.deposit(name, amount, DepositState::Seen)));
    }

    fn is_final(&mut self, name: &str) {
        self.becomes(name, DepositState::Final);
    }

    fn goes_away(&mut self, name: &str) {
        self.becomes(name, DepositState::Gone);
    }

    /// The chain's last word on a transfer; one that was never taken in was a transfer of nothing.
    fn becomes(&mut self, name: &str, state: DepositState) {
        let known = self.deposits.iter().find(|deposit| deposit.external_id == name).cloned();
        let deposit = known.unwrap_or_else(|| self.deposit(name, "0", state));
        self.take(Event::Deposit(Deposit { state, is_judged: false, ..deposit }));
    }

    fn time_is_up(&mut self) {
        self.take(Event::TimeIsUp);
    }

    fn take(&mut self, event: Event) {
        self.events = self.events.checked_add(1).expect("few events");
        let before = self.invoice.clone();
        let outcome = self.try_to(event).expect("the sums work out");
        for changed in &outcome.deposits {
            self.deposits.retain(|deposit| deposit.id != changed.id);
            self.deposits.push(changed.clone());
        }
        if let Some(invoice) = &outcome.invoice {
            assert_eq!(Some(invoice.version), before.version.checked_add(1));
            self.invoice = invoice.clone();
        }
        assert_eq!(outcome.deposits.is_empty() && self.invoice == before, outcome.invoice.is_none(), "the version guards the deposits");
        self.refunds.extend(outcome.refund.clone());
        if let Some(case) = outcome.case.clone().filter(|case| case.received.asset == self.invoice.charged.asset) {
            self.open_case = Some(case).filter(ExceptionCase::is_open);
        }
        self.last = outcome;
    }

    fn try_to(&self, event: Event) -> Result<Outcome, NotDone> {
        let given = Given {
            version: &self.policy,
            asset: &self.asset,
            rate_now: self.rate_now,
            fee_now: self.fee_now,
            is_suspended: self.is_suspended,
            open_case: self.open_case.as_ref(),
            ids: new_ids(self.events),
            now: self.now,
        };
        step(self.invoice.clone(), self.deposits.clone(), event, &given)
    }

    fn try_to_resolve(&self, case: &ExceptionCase, how: Resolution) -> Result<Outcome, NotDone> {
        self.try_to(Event::Resolved { case: case.clone(), how, by: PERSON })
    }

    fn resolve(&mut self, case: &ExceptionCase, how: Resolution) {
        self.take(Event::Resolved { case: case.clone(), how, by: PERSON });
    }

    /// An overpayment by 50 in as many deposits as there are sources, all final at one time.
    fn pays_over(&mut self) {
        let names: Vec<String> = self.sources.iter().enumerate().map(|(index, _)| index.to_string()).collect();
        let (first, rest) = names.split_first().expect("a source");
        for name in rest {
            self.pays(name, "50");
        }
        let sum = if rest.is_empty() { "150" } else { "100" };
        self.pays(first, sum);
        self.expect_refund("REFUND-A1", "50", Reason::Overpaid);
    }

    fn deposit(&self, name: &str, amount: &str, state: DepositState) -> Deposit {
        let id = name.bytes().fold(0, |id: u128, byte| id.rotate_left(8) ^ u128::from(byte));
        Deposit {
            id: DepositId(Uuid::from_u128(id)),
            invoice: self.invoice.id,
            external_id: name.to_owned(),
            txid: name.to_owned(),
            amount: self.amount(amount),
            source: self.source(name),
            is_risky: false,
            seen_at: self.now,
            state,
            is_judged: false,
        }
    }

    /// A deposit in an asset the invoice does not ask for.
    fn foreign(&self, name: &str, amount: &str, state: DepositState) -> Deposit {
        Deposit { amount: eth().parse_amount(amount).expect("an amount"), ..self.deposit(name, "0", state) }
    }

    /// A deposit named by a number comes from the source of that number.
    fn source(&self, name: &str) -> Option<String> {
        name.parse().ok().and_then(|index: usize| self.sources.get(index).cloned()).flatten()
    }

    fn amount(&self, text: &str) -> Amount {
        self.asset.parse_amount(text).expect("an amount")
    }

    /// Checks where the invoice stands, and what the last event said and booked.
    #[track_caller]
    fn expect(&self, status: InvoiceStatus, flags: &[Flag], notices: &[&str], entries: &[(EntryKind, &str)]) {
        assert_eq!(self.invoice.status, status);
        assert_eq!(self.invoice.flags.iter().collect::<Vec<_>>(), flags);
        assert_eq!(self.last.notices.iter().map(|notice| notice.name()).collect::<Vec<_>>(), notices);
        let booked: Vec<_> = self.last.entries.iter().map(|entry| (entry.kind, entry.postings.clone())).collect();
        let expected: Vec<_> = entries.iter().map(|(kind, amount)| (*kind, vec![self.posting(*kind, amount)])).collect();
        assert_eq!(booked, expected);
    }

    fn posting(&self, kind: EntryKind, amount: &str) -> crate::ledger::Posting {
        let holding = Account::Holding(self.invoice.id);
        let (debit, credit) = match kind {
            EntryKind::DepositCredited => (Account::Custody, Account::MerchantAvailable),
            EntryKind::DepositHeld => (Account::Custody, holding),
            EntryKind::HoldingSettled => (holding, Account::MerchantAvailable),
            EntryKind::RefundCreated => (holding, Account::RefundPayable),
            EntryKind::DustKept => (holding, Account::Residual),
            EntryKind::DepositAttributed
            | EntryKind::DepositSuspended
            | EntryKind::RefundReserved
            | EntryKind::FeeReserved
            | EntryKind::FeeSettled
            | EntryKind::DepositOrphaned
            | EntryKind::DepositRestored
            | EntryKind::PayoutOrphaned
            | EntryKind::PayoutReserved
            | EntryKind::PayoutFinal
            | EntryKind::GasBurnt
            | EntryKind::PayoutUnpaid
            | EntryKind::CanceledByPayer
            | EntryKind::CanceledByMerchant
            | EntryKind::ClaimExpired => panic!("{kind} is not one posting of held money"),
        };
        crate::ledger::Posting { debit, credit, amount: self.amount(amount) }
    }

    #[track_caller]
    fn expect_nothing(&self) {
        let nothing = Outcome::by(Actor::System);
        assert_eq!(format!("{:?}", self.last), format!("{nothing:?}"));
    }

    #[track_caller]
    fn expect_case(&self, number: u32, received: &str, credited: &str, refunded: &str) {
        let case = self.last.case.as_ref().expect("a case");
        assert_eq!((case.number, case.policy, case.at), (number, self.policy.id, self.now));
        let expected = [received, credited, refunded].map(|amount| self.amount(amount));
        assert_eq!([case.received, case.credited, case.refunded], expected);
        assert!(!case.is_open());
    }

    /// Checks that the money of a case waits for a person, who is told once.
    #[track_caller]
    fn expect_held(&self, why: Why, received: &str) {
        let case = self.last.case.as_ref().expect("a case");
        let zero = Amount::zero(self.asset.id);
        assert_eq!((case.state, case.received, case.at), (CaseState::Manual(why), self.amount(received), self.now));
        assert_eq!([case.credited, case.refunded, case.residual], [zero; 3]);
        assert_eq!(self.last.notices.last(), Some(&Notice::InvoiceHeld(self.invoice.id)));
        assert!(self.deposits.iter().any(|deposit| deposit.is_final() && !deposit.is_judged));
        assert!(self.last.refund.is_none());
    }

    fn kinds(&self) -> Vec<EntryKind> {
        self.last.entries.iter().map(|entry| entry.kind).collect()
    }

    /// What the last event booked: its kind, from where, to where, and how much.
    fn moved(&self) -> Vec<(EntryKind, Account, Account, Amount)> {
        let postings = self.last.entries.iter().flat_map(|entry| entry.postings.iter().map(|posting| (entry.kind, posting)));
        postings.map(|(kind, posting)| (kind, posting.debit, posting.credit, posting.amount)).collect()
    }

    #[track_caller]
    fn expect_refund(&self, reference: &str, amount: &str, reason: Reason) {
        let refund = self.last.refund.as_ref().expect("a refund");
        assert_eq!((refund.reference.as_str(), refund.amount, refund.reason), (reference, self.amount(amount), reason));
        assert_eq!(self.last.case.as_ref().map(|case| case.flags), Some(refund.flags));
    }
}

/// A story whose invoice expired before anything came.
fn expired(charged: &str, policy: Policy) -> Story {
    let mut story = Story::of(usdt(), charged, policy);
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
    story
}

fn new_ids(number: u128) -> NewIds {
    let id = Uuid::from_u128(number);
    let claim = NewClaim { id: ClaimId(id), token: TokenHash([1; 32]), cancel_token: TokenHash([2; 32]) };
    NewIds { case: CaseId(id), refund: RefundId(id), claim }
}

fn payer() -> Destination {
    Destination::parse(Network::Tron, PAYER, None).expect("an address")
}

fn usdt() -> Asset {
    asset("USDT-TRON", 6, Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"))
}

fn eth() -> Asset {
    asset("ETH-ETHEREUM", 18, None)
}

fn asset(id: &str, decimals: u8, contract: Option<&str>) -> Asset {
    Asset {
        id: id.parse().expect("an id"),
        network: Network::Tron,
        decimals,
        contract: contract.map(str::to_owned),
        finality: 1,
        dust_units: 0,
        network_fee_units: 0,
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn moved(instant: Timestamp, micros: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_micros(micros)).expect("an instant")
}

fn just_after(instant: Timestamp) -> Timestamp {
    moved(instant, 1)
}

//! Invoices as stories: what is paid, when, and what becomes of it.

use jiff::SignedDuration;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::ids::PolicyId;
use crate::ledger::{Account, EntryKind};
use crate::money::{Asset, Network};
use crate::policy::{OnLate, OnOver, OnUnder, Policy};

#[test]
fn an_exact_payment_goes_straight_to_the_merchant() {
    let mut story = Story::of(usdt(), "101.102104", Policy::default());
    story.sees("a", "101.102104");
    story.expect(InvoiceStatus::Processing, &[], &["invoice.processing"], &[]);
    story.is_final("a");
    story.expect(InvoiceStatus::Complete, &[], &["invoice.complete"], &[(EntryKind::DepositCredited, "101.102104")]);
    assert!(story.last.case.is_none() && story.refunds.is_empty());
    story.time_is_up();
    story.expect_nothing();
}

#[test]
fn an_overpayment_is_settled_and_its_excess_owed() {
    // TX-13: 150.000000 paid for 101.102104.
    let mut story = Story::of(usdt(), "101.102104", Policy { on_over: OnOver::SettleAndRefundExcess, ..Policy::default() });
    story.pays("a", "150.000000");
    story.expect(
        InvoiceStatus::Complete,
        &[Flag::Over],
        &["invoice.processing", "invoice.complete", "refund.created", "refund.claim_available"],
        &[(EntryKind::DepositHeld, "150.000000"), (EntryKind::HoldingSettled, "101.102104"), (EntryKind::RefundCreated, "48.897896")],
    );
    story.expect_case(1, "150.000000", "101.102104", "48.897896");
    story.expect_refund("REFUND-A1", "48.897896", Reason::Overpaid);
    assert_eq!(
        story.last.caps,
        [CapChange::Paid(story.invoice.id, story.amount("150.000000")), CapChange::Commit(story.invoice.id, story.amount("48.897896"))]
    );
}

#[test]
fn an_overpayment_in_coins_is_exact_to_the_wei() {
    // BV-14: 0.02 ETH paid for 0.00579.
    let mut story = Story::of(eth(), "0.00579", Policy::default());
    story.pays("a", "0.02");
    story.expect_case(1, "0.02", "0.00579", "0.01421");
    story.expect_refund("REFUND-A1", "0.01421", Reason::Overpaid);
}

#[test]
fn an_overpayment_is_kept_where_the_policy_says_so() {
    let mut story = Story::of(usdt(), "101.102104", Policy { on_over: OnOver::CreditAll, ..Policy::default() });
    story.pays("a", "150.000000");
    story.expect(
        InvoiceStatus::Complete,
        &[Flag::Over],
        &["invoice.processing", "invoice.complete"],
        &[(EntryKind::DepositHeld, "150.000000"), (EntryKind::HoldingSettled, "150.000000")],
    );
    story.expect_case(1, "150.000000", "150.000000", "0");
    assert!(story.refunds.is_empty());
}

#[test]
fn an_overpayment_is_given_back_where_the_policy_says_so() {
    let mut story = Story::of(usdt(), "101.102104", Policy { on_over: OnOver::RefundAll, ..Policy::default() });
    story.pays("a", "150.000000");
    story.expect(
        InvoiceStatus::Canceled,
        &[Flag::Over],
        &["invoice.processing", "invoice.canceled", "refund.created", "refund.claim_available"],
        &[(EntryKind::DepositHeld, "150.000000"), (EntryKind::RefundCreated, "150.000000")],
    );
    story.expect_case(1, "150.000000", "0", "150.000000");
    story.expect_refund("REFUND-A1", "150.000000", Reason::Overpaid);
}

#[test]
fn a_refund_starts_with_its_link_and_its_end() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "100.000001");
    let refund = story.refunds.last().expect("a refund");
    let expires_at = instant("2025-04-01T00:00:00Z");
    assert_eq!(refund.state, RefundState::AwaitingClaim { claim: ClaimId(refund.id.0), expires_at });
    assert_eq!((refund.version, refund.security_delay), (1, Policy::default().security_delay));
    assert_eq!(story.last.jobs, [Job::ExpireClaim(refund.id).at(expires_at)]);
    assert!(matches!(&story.last.claim, Some(ClaimChange::Issue(claim)) if claim.refund == refund.id && claim.id.0 == refund.id.0));
    assert_eq!(story.last.case.as_ref().map(|case| case.id), Some(refund.case));
}

#[test]
fn two_payments_in_time_fill_an_invoice() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.expect(InvoiceStatus::Processing, &[], &["invoice.processing"], &[(EntryKind::DepositHeld, "60")]);
    story.pays("b", "40");
    story.expect(
        InvoiceStatus::Complete,
        &[Flag::Multi],
        &["invoice.complete"],
        &[(EntryKind::DepositHeld, "40"), (EntryKind::HoldingSettled, "100")],
    );
    assert!(story.last.case.is_none(), "nothing differed in the end");
}

#[test]
fn an_underpayment_is_judged_when_time_is_up() {
    let judged = |on_under| {
        let mut story = Story::of(usdt(), "100", Policy { on_under, ..Policy::default() });
        story.pays("a", "60");
        story.pays("b", "39.999999");
        story.expect(InvoiceStatus::Processing, &[], &[], &[(EntryKind::DepositHeld, "39.999999")]);
        story.now = story.invoice.expires_at;
        story.time_is_up();
        story.expect_nothing();
        story.now = just_after(story.invoice.expires_at);
        story.time_is_up();
        story
    };
    let flags = [Flag::Under, Flag::Multi];
    let kept = judged(OnUnder::CreditAll);
    kept.expect(InvoiceStatus::Complete, &flags, &["invoice.complete"], &[(EntryKind::HoldingSettled, "99.999999")]);
    kept.expect_case(1, "99.999999", "99.999999", "0");

    let mut given_back = judged(OnUnder::RefundAll);
    let notices = ["invoice.underpaid", "refund.created", "refund.claim_available"];
    given_back.expect(InvoiceStatus::Underpaid, &flags, &notices, &[(EntryKind::RefundCreated, "99.999999")]);
    given_back.expect_case(1, "99.999999", "0", "99.999999");
    given_back.expect_refund("REFUND-A1", "99.999999", Reason::Underpaid);
    given_back.time_is_up();
    given_back.expect_nothing();
}

#[test]
fn nothing_is_judged_while_a_payment_in_time_may_still_count() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.sees("b", "40");
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect_nothing();
    story.is_final("b");
    let entries = [(EntryKind::DepositHeld, "40"), (EntryKind::HoldingSettled, "100")];
    story.expect(InvoiceStatus::Complete, &[Flag::Multi], &["invoice.complete"], &entries);
}

#[test]
fn a_payment_that_goes_away_was_never_there() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.sees("b", "40");
    story.now = just_after(story.invoice.expires_at);
    story.goes_away("b");
    let notices = ["invoice.underpaid", "refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Underpaid, &[Flag::Under], &notices, &[(EntryKind::RefundCreated, "60")]);

    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "100");
    story.goes_away("a");
    story.expect(InvoiceStatus::Processing, &[], &[], &[]);
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
}

#[test]
fn a_payment_that_comes_back_counts_as_it_is_then() {
    let mut story = Story::of(usdt(), "100", Policy { on_late: OnLate::CreditAll, ..Policy::default() });
    story.sees("a", "100");
    story.goes_away("a");
    story.now = just_after(story.invoice.expires_at);
    story.pays("a", "120");
    let entries = [(EntryKind::DepositHeld, "120"), (EntryKind::HoldingSettled, "120")];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::Late], &["invoice.complete"], &entries);
    story.expect_case(1, "120", "120", "0");
}

#[test]
fn what_is_booked_of_a_payment_is_what_is_judged() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "60");
    story.take(Event::Deposit(story.deposit("a", "100", DepositState::Final)));
    story.expect(InvoiceStatus::Complete, &[], &["invoice.complete"], &[(EntryKind::DepositCredited, "100")]);

    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "100");
    story.now = just_after(story.invoice.expires_at);
    story.take(Event::Deposit(story.deposit("a", "100", DepositState::Final)));
    let notices = ["invoice.expired", "refund.created", "refund.claim_available"];
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::RefundCreated, "100")];
    story.expect(InvoiceStatus::Expired, &[Flag::Late], &notices, &entries);
}

#[test]
fn the_same_payment_twice_is_one_payment() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "60");
    story.sees("a", "60");
    story.expect_nothing();
    story.is_final("a");
    story.is_final("a");
    story.expect_nothing();
    story.sees("a", "60");
    story.expect_nothing();
    story.goes_away("a");
    story.expect_nothing();
    story.pays("b", "40");
    story.pays("a", "60");
    story.expect_nothing();
    assert_eq!(story.invoice.status, InvoiceStatus::Complete);
}

#[test]
fn a_late_payment_is_offered_back() {
    let mut story = expired("100", Policy::default());
    story.sees("a", "100");
    story.expect(InvoiceStatus::Expired, &[], &[], &[]);
    story.is_final("a");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::RefundCreated, "100")];
    let notices = ["refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Expired, &[Flag::Late], &notices, &entries);
    story.expect_case(1, "100", "0", "100");
    story.expect_refund("REFUND-A1", "100", Reason::Late);
}

#[test]
fn a_late_payment_is_kept_where_the_policy_says_so() {
    let mut story = expired("100", Policy { on_late: OnLate::CreditAll, ..Policy::default() });
    story.pays("a", "100");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::HoldingSettled, "100")];
    story.expect(InvoiceStatus::Complete, &[Flag::Late], &["invoice.complete"], &entries);
    assert!(story.refunds.is_empty());
}

#[test]
fn the_late_rule_comes_before_under_and_over() {
    for (amount, difference) in [("60", Flag::Under), ("140", Flag::Over)] {
        let mut story = expired("100", Policy { on_under: OnUnder::CreditAll, on_over: OnOver::CreditAll, ..Policy::default() });
        story.pays("a", amount);
        let entries = [(EntryKind::DepositHeld, amount), (EntryKind::RefundCreated, amount)];
        story.expect(InvoiceStatus::Expired, &[difference, Flag::Late], &["refund.created", "refund.claim_available"], &entries);
        story.expect_refund("REFUND-A1", amount, Reason::Late);
    }
}

#[test]
fn the_last_moment_is_in_time() {
    for (after_expiry, status) in [(-1, InvoiceStatus::Complete), (0, InvoiceStatus::Complete), (1, InvoiceStatus::Expired)] {
        let mut story = Story::of(usdt(), "100", Policy::default());
        story.now = moved(story.invoice.expires_at, after_expiry);
        story.sees("a", "100");
        story.now = moved(story.invoice.expires_at, 600_000_000);
        story.is_final("a");
        assert_eq!(story.invoice.status, status, "{after_expiry} microseconds after it expires");
    }
}

#[test]
fn a_payment_in_time_that_is_found_late_still_counts() {
    let mut story = expired("100", Policy::default());
    let (in_time, found_at) = (moved(story.invoice.expires_at, -1), story.now);
    story.now = in_time;
    let (first, second) = (story.deposit("a", "60", DepositState::Seen), story.deposit("b", "40", DepositState::Seen));
    story.now = found_at;
    story.take(Event::Deposit(first));
    story.take(Event::Deposit(second));
    story.is_final("a");
    story.expect(InvoiceStatus::Expired, &[], &[], &[(EntryKind::DepositHeld, "60")]);
    story.is_final("b");
    let entries = [(EntryKind::DepositHeld, "40"), (EntryKind::HoldingSettled, "100")];
    story.expect(InvoiceStatus::Complete, &[Flag::Multi], &["invoice.complete"], &entries);
}

#[test]
fn what_came_in_time_fills_the_invoice_before_what_came_late() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("in time", "100");
    story.now = just_after(story.invoice.expires_at);
    story.pays("late", "30");
    story.expect(InvoiceStatus::Processing, &[], &[], &[(EntryKind::DepositHeld, "30")]);
    story.is_final("in time");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::HoldingSettled, "100"), (EntryKind::RefundCreated, "30")];
    let notices = ["invoice.complete", "refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::Late, Flag::Multi], &notices, &entries);
    story.expect_refund("REFUND-A1", "30", Reason::Overpaid);
}

#[test]
fn a_late_top_up_is_the_late_rules() {
    let judged = |on_late| {
        let mut story = Story::of(usdt(), "100", Policy { on_late, ..Policy::default() });
        story.sees("in time", "60");
        story.now = just_after(story.invoice.expires_at);
        story.pays("late", "40");
        story.is_final("in time");
        story
    };
    let flags = [Flag::Late, Flag::Multi];
    let kept = judged(OnLate::CreditAll);
    let entries = [(EntryKind::DepositHeld, "60"), (EntryKind::HoldingSettled, "100")];
    kept.expect(InvoiceStatus::Complete, &flags, &["invoice.complete"], &entries);
    let given_back = judged(OnLate::RefundAll);
    let notices = ["invoice.expired", "refund.created", "refund.claim_available"];
    let entries = [(EntryKind::DepositHeld, "60"), (EntryKind::RefundCreated, "100")];
    given_back.expect(InvoiceStatus::Expired, &flags, &notices, &entries);
    given_back.expect_refund("REFUND-A1", "100", Reason::Late);
}

#[test]
fn money_after_the_resolution_is_a_case_of_its_own() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "150");
    story.expect_refund("REFUND-A1", "50", Reason::Overpaid);
    story.pays("b", "7");
    let entries = [(EntryKind::DepositHeld, "7"), (EntryKind::RefundCreated, "7")];
    let notices = ["refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::PostResolution], &notices, &entries);
    story.expect_case(2, "7", "0", "7");
    story.expect_refund("REFUND-A1-2", "7", Reason::Overpaid);
    assert!(story.last.case.as_ref().is_some_and(|case| case.flags.has(Flag::PostResolution)));

    story.now = just_after(story.invoice.expires_at);
    story.pays("c", "100");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::RefundCreated, "100")];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::Late, Flag::PostResolution], &notices, &entries);
    story.expect_case(3, "100", "0", "100");
    story.expect_refund("REFUND-A1-3", "100", Reason::Late);
}

#[test]
fn money_after_a_clean_payment_is_given_back_whole() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "100");
    story.pays("b", "100");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::RefundCreated, "100")];
    let notices = ["refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::PostResolution], &notices, &entries);
    story.expect_case(2, "100", "0", "100");
    story.expect_refund("REFUND-A1", "100", Reason::Overpaid);
}

#[test]
fn money_after_a_refund_reopens_nothing() {
    let mut story = Story::of(usdt(), "100", Policy { on_late: OnLate::CreditAll, ..Policy::default() });
    story.pays("a", "60");
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.pays("b", "100");
    let entries = [(EntryKind::DepositHeld, "100"), (EntryKind::HoldingSettled, "100")];
    let flags = [Flag::Under, Flag::Over, Flag::Late, Flag::PostResolution];
    story.expect(InvoiceStatus::Underpaid, &flags, &[], &entries);
    story.expect_case(2, "100", "100", "0");
}

#[test]
fn an_unpaid_invoice_expires_once() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.now = story.invoice.expires_at;
    story.time_is_up();
    story.expect_nothing();
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
    story.time_is_up();
    story.expect_nothing();
}

#[test]
fn a_transfer_of_nothing_is_no_payment() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "0");
    story.expect_nothing();
    story.pays("a", "0");
    story.expect_nothing();
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
}

#[test]
fn what_cannot_be_added_up_is_refused() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    let asked =
        |deposit| step(story.invoice.clone(), story.deposits.clone(), Event::Deposit(deposit), &story.policy, new_ids(9), story.now);
    for state in [DepositState::Seen, DepositState::Final] {
        let other_coin = Deposit { amount: eth().units(1), ..story.deposit("b", "1", state) };
        assert_eq!(asked(other_coin).map(drop), Err(MoneyError::MixedAssets));
    }
    let too_much = Deposit { amount: usdt().units(Amount::UNITS_MAX), ..story.deposit("b", "1", DepositState::Final) };
    assert_eq!(asked(too_much).map(drop), Err(MoneyError::TooLarge));
}

#[test]
fn a_new_invoice_wakes_just_after_its_last_moment() {
    let invoice = Story::of(usdt(), "100", Policy::default()).invoice;
    let outcome = opened(invoice.clone(), Actor::System);
    let due_at = invoice.expires_at.checked_add(SignedDuration::from_millis(1)).expect("an instant");
    assert_eq!(outcome.jobs, [Job::ExpireInvoice(invoice.id).at(due_at)]);
    assert_eq!(outcome.invoice, Some(invoice));
    assert!(outcome.entries.is_empty() && outcome.notices.is_empty());
}

/// One invoice and everything that happened to it.
struct Story {
    asset: Asset,
    policy: PolicyVersion,
    invoice: Invoice,
    deposits: Vec<Deposit>,
    refunds: Vec<Refund>,
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
            billed: Fiat { amount: Decimal::ONE_HUNDRED, currency: "USD".parse().expect("a currency") },
            charged: asset.parse_amount(charged).expect("an amount"),
            rate: Rate::new(Decimal::ONE).expect("a rate"),
            address: Destination::parse(Network::Tron, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", None).expect("an address"),
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
        Self { asset, policy, invoice, deposits: Vec::new(), refunds: Vec::new(), now, last, events: 100 }
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
        let ids = new_ids(self.events);
        let outcome = step(before.clone(), self.deposits.clone(), event, &self.policy, ids, self.now).expect("the sums work out");
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
        self.last = outcome;
    }

    fn deposit(&self, name: &str, amount: &str, state: DepositState) -> Deposit {
        let id = name.bytes().fold(0, |id: u128, byte| id.rotate_left(8) ^ u128::from(byte));
        Deposit {
            id: DepositId(Uuid::from_u128(id)),
            invoice: self.invoice.id,
            external_id: name.to_owned(),
            txid: name.to_owned(),
            amount: self.amount(amount),
            seen_at: self.now,
            state,
            is_judged: false,
        }
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
            EntryKind::PayoutReserved
            | EntryKind::PayoutFinal
            | EntryKind::GasBurnt
            | EntryKind::PayoutUnpaid
            | EntryKind::CanceledByPayer
            | EntryKind::CanceledByMerchant
            | EntryKind::ClaimExpired => panic!("no deposit leads to {kind}"),
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
        assert_eq!((case.number, case.policy, case.resolved_at), (number, self.policy.id, self.now));
        let expected = [received, credited, refunded].map(|amount| self.amount(amount));
        assert_eq!([case.received, case.credited, case.refunded], expected);
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
    NewIds { case: CaseId(id), refund: RefundId(id), claim: ClaimId(id), token: TokenHash([1; 32]), cancel_token: TokenHash([2; 32]) }
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

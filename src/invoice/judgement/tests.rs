//! Invoices as stories: what is paid, when, and what becomes of it.

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
    assert_eq!(refund.version, 1);
    let paid = story.deposits.first().expect("a deposit").id;
    assert_eq!(
        story.last.jobs,
        [
            Job::RecheckDeposit(paid).at(instant("2025-01-01T00:10:00Z")),
            Job::ExpireClaim(refund.id).at(expires_at),
            Job::Remind(refund.id).at(instant("2025-03-02T00:00:00Z")),
        ]
    );
    assert!(matches!(&story.last.claim, Some(ClaimChange::Issue(claim)) if claim.refund == refund.id && claim.id.0 == refund.id.0));
    assert_eq!(story.last.case.as_ref().map(|case| case.id), refund.case);
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
    let too_much = Deposit { amount: usdt().units(Amount::UNITS_MAX), ..story.deposit("b", "1", DepositState::Final) };
    assert_eq!(story.try_to(Event::Deposit(too_much)).map(drop), Err(NotDone::Money(MoneyError::TooLarge)));
}

/// P02s: what an invoice did not ask for is no payment of it, and a person decides.
#[test]
fn money_in_another_asset_waits_in_suspense() {
    let mut story = Story::of(usdt(), "100", Policy { topup_until: Period::none(), ..Policy::default() });
    story.take(Event::Deposit(story.foreign("x", "100", DepositState::Seen)));
    story.expect(InvoiceStatus::Pending, &[], &[], &[]);
    story.take(Event::Deposit(story.foreign("x", "100", DepositState::Final)));
    assert_eq!(story.invoice.status, InvoiceStatus::Pending, "it pays nothing");
    let amount = eth().parse_amount("100").expect("an amount");
    assert_eq!(story.moved(), [(EntryKind::DepositSuspended, Account::Custody, Account::Suspense, amount)]);
    assert_eq!(story.last.caps, [CapChange::Paid(story.invoice.id, amount)]);
    assert_eq!(story.last.notices, [Notice::InvoiceHeld(story.invoice.id)]);
    let case = story.last.case.clone().expect("a case");
    assert_eq!((case.number, case.received, case.state), (1, amount, CaseState::Manual(Why::Policy)));
    assert_eq!(case.flags.iter().collect::<Vec<_>>(), [Flag::WrongAsset]);
    assert!(story.refunds.is_empty());

    story.pays("a", "100");
    let notices = ["invoice.processing", "invoice.complete"];
    story.expect(InvoiceStatus::Complete, &[Flag::WrongAsset], &notices, &[(EntryKind::DepositCredited, "100")]);

    for how in [Resolution::Accept, Resolution::RefundExcess] {
        assert_eq!(story.try_to_resolve(&case, how).map(drop), Err(NotDone::OtherAsset), "{how}");
    }
    story.resolve(&case, Resolution::Refund);
    assert_eq!(story.moved(), [(EntryKind::RefundCreated, Account::Suspense, Account::RefundPayable, amount)]);
    assert_eq!(story.last.caps, [CapChange::Commit(story.invoice.id, amount)]);
    assert_eq!(story.last.actor, PERSON);
    let refund = story.last.refund.clone().expect("a refund");
    assert_eq!((refund.reason, refund.funding, refund.amount, refund.case), (Reason::WrongAsset, Funding::Suspense, amount, Some(case.id)));
    assert_eq!(refund.state.name(), StateName::AwaitingClaim);
    let decided = story.last.case.clone().expect("a case");
    assert_eq!((decided.id, decided.state, decided.refunded), (case.id, CaseState::Refunded, amount));
    assert_eq!(story.try_to_resolve(&decided, Resolution::Refund).map(drop), Err(NotDone::CaseIsDecided));
    assert_eq!(story.invoice.status, InvoiceStatus::Complete);
}

#[test]
fn money_in_another_asset_is_asked_for_even_where_a_destination_is_known() {
    let policy = Policy { destination_source: DestinationSource::Precommitted, ..Policy::default() };
    let mut story = Story::of(usdt(), "100", policy);
    story.invoice.refund_to = Some(payer());
    story.take(Event::Deposit(Deposit { is_risky: true, ..story.foreign("x", "100", DepositState::Final) }));
    let case = story.last.case.clone().expect("a case");
    assert_eq!(case.state, CaseState::Manual(Why::Risk));
    assert_eq!(case.flags.iter().collect::<Vec<_>>(), [Flag::WrongAsset, Flag::Risk]);
    story.resolve(&case, Resolution::Refund);
    assert_eq!(story.last.refund.as_ref().map(|refund| refund.state.name()), Some(StateName::AwaitingClaim));
}

#[test]
fn money_in_another_asset_neither_opens_the_time_to_top_up_nor_holds_up_a_judgement() {
    let mut story = Story::of(usdt(), "100", Policy { topup_until: Period::days(1), ..Policy::default() });
    story.take(Event::Deposit(story.foreign("x", "1", DepositState::Final)));
    story.now = just_after(story.invoice.expires_at);
    story.pays("a", "100");
    story.expect_refund("REFUND-A1", "100", Reason::Late);

    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.take(Event::Deposit(story.foreign("x", "1", DepositState::Seen)));
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect_refund("REFUND-A1", "60", Reason::Underpaid);
}

/// Requirements 3.1: risk comes before late, under and over, and before what a MID's own state says.
#[test]
fn risk_outranks_every_rule() {
    let credit_all = Policy { on_over: OnOver::CreditAll, on_under: OnUnder::CreditAll, on_late: OnLate::CreditAll, ..Policy::default() };
    for (amount, is_late, is_suspended) in
        [("100", false, false), ("60", false, false), ("150", false, false), ("100", true, false), ("100", false, true), ("60", true, true)]
    {
        let mut story = Story::of(usdt(), "100", credit_all.clone());
        story.is_suspended = is_suspended;
        if is_late {
            story.now = just_after(story.invoice.expires_at);
        }
        story.take(Event::Deposit(Deposit { is_risky: true, ..story.deposit("a", amount, DepositState::Final) }));
        let case = story.last.case.clone().expect("a case");
        assert_eq!(case.state, CaseState::Manual(Why::Risk), "{amount} {is_late} {is_suspended}");
        assert!(case.flags.has(Flag::Risk));
        assert_eq!(story.last.notices.last(), Some(&Notice::InvoiceHeld(story.invoice.id)));
        assert_eq!(story.kinds(), [EntryKind::DepositHeld], "it is the payer's until somebody looked at it");
        assert!(story.deposits.iter().all(|deposit| !deposit.is_judged));
    }
}

#[test]
fn risky_money_taints_what_comes_with_it() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.take(Event::Deposit(Deposit { is_risky: true, ..story.deposit("b", "40", DepositState::Final) }));
    let case = story.open_case.clone().expect("a case");
    assert_eq!((case.received, case.state), (story.amount("100"), CaseState::Manual(Why::Risk)));
    story.resolve(&case, Resolution::Accept);
    let flags = [Flag::Multi, Flag::Risk];
    story.expect(InvoiceStatus::Complete, &flags, &["invoice.complete"], &[(EntryKind::HoldingSettled, "100")]);
}

#[test]
fn a_suspended_mid_decides_nothing_by_rule() {
    for (amount, policy) in [("100", Policy::default()), ("150", Policy { on_over: OnOver::CreditAll, ..Policy::default() })] {
        let mut story = Story::of(usdt(), "100", policy);
        story.is_suspended = true;
        story.pays("a", amount);
        story.expect_held(Why::Suspended, amount);
        assert_eq!(story.kinds(), [EntryKind::DepositHeld]);
        assert_eq!(story.invoice.status, InvoiceStatus::Processing);
        let case = story.open_case.clone().expect("a case");

        story.time_is_up();
        story.expect_nothing();
        story.is_suspended = false;
        story.time_is_up();
        assert_eq!(story.invoice.status, InvoiceStatus::Complete);
        let decided = story.last.case.clone().expect("the same case");
        assert_eq!((decided.id, decided.number, decided.state), (case.id, 1, CaseState::Credited));
        assert_eq!((story.kinds(), story.invoice.judgements), (vec![EntryKind::HoldingSettled], 1));
    }
}

#[test]
fn a_held_case_stays_open_and_takes_what_comes_later() {
    let mut story = Story::of(usdt(), "100", Policy { on_over: OnOver::Hold, on_late: OnLate::Hold, ..Policy::default() });
    story.pays("a", "150");
    story.expect_held(Why::Policy, "150");
    let first = story.open_case.clone().expect("a case");
    story.now = moved(story.now, 1);
    story.pays("b", "7");
    assert!(story.last.notices.is_empty(), "it was said already");
    assert_eq!(
        story.last.case,
        Some(ExceptionCase { received: story.amount("157"), flags: first.flags.with(Flag::Multi, true), at: story.now, ..first.clone() })
    );
    assert_eq!(story.invoice.judgements, 1);
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect_nothing();
    assert_eq!(story.invoice.status, InvoiceStatus::Processing, "an invoice with money to decide about does not expire");

    let case = story.open_case.clone().expect("a case");
    story.resolve(&case, Resolution::RefundExcess);
    let entries = [(EntryKind::HoldingSettled, "100"), (EntryKind::RefundCreated, "57")];
    let notices = ["invoice.complete", "refund.created", "refund.claim_available"];
    story.expect(InvoiceStatus::Complete, &[Flag::Over, Flag::Multi], &notices, &entries);
    story.expect_case(1, "157", "100", "57");
    assert_eq!(story.last.case.as_ref().map(|case| case.id), Some(first.id));
    story.pays("c", "1");
    story.expect_held(Why::Policy, "1");
    assert_eq!(story.open_case.as_ref().map(|case| case.number), Some(2), "what comes after the decision is a case of its own");
}

#[test]
fn every_rule_can_hold_for_a_person() {
    let hold = Policy { on_over: OnOver::Hold, on_under: OnUnder::Hold, on_late: OnLate::Hold, ..Policy::default() };
    let mut over = Story::of(usdt(), "100", hold.clone());
    over.pays("a", "150");
    over.expect_held(Why::Policy, "150");

    let mut under = Story::of(usdt(), "100", hold.clone());
    under.pays("a", "60");
    assert!(under.open_case.is_none(), "the rest may still come");
    under.now = just_after(under.invoice.expires_at);
    under.time_is_up();
    under.expect_held(Why::Policy, "60");

    let mut late = expired("100", hold);
    late.pays("a", "100");
    late.expect_held(Why::Policy, "100");
    assert_eq!(late.invoice.status, InvoiceStatus::Expired);
}

/// The three ways in which a person decides, for too much, too little, and as much as was asked for.
#[test]
fn a_person_accepts_refunds_the_excess_or_refunds_all() {
    let ways = [
        ("150", Resolution::Accept, InvoiceStatus::Complete, "150", "0"),
        ("150", Resolution::RefundExcess, InvoiceStatus::Complete, "100", "50"),
        ("150", Resolution::Refund, InvoiceStatus::Canceled, "0", "150"),
        ("60", Resolution::Accept, InvoiceStatus::Complete, "60", "0"),
        ("60", Resolution::RefundExcess, InvoiceStatus::Complete, "60", "0"),
        ("60", Resolution::Refund, InvoiceStatus::Underpaid, "0", "60"),
        ("100", Resolution::Accept, InvoiceStatus::Complete, "100", "0"),
        ("100", Resolution::RefundExcess, InvoiceStatus::Complete, "100", "0"),
        ("100", Resolution::Refund, InvoiceStatus::Canceled, "0", "100"),
    ];
    for (paid, how, status, credited, refunded) in ways {
        let mut story = Story::of(usdt(), "100", Policy::default());
        story.is_suspended = true;
        story.pays("a", paid);
        story.now = just_after(story.invoice.expires_at);
        story.time_is_up();
        let case = story.open_case.clone().expect("a case");
        story.resolve(&case, how);
        assert_eq!(story.invoice.status, status, "{paid} and {how}");
        story.expect_case(1, paid, credited, refunded);
        assert_eq!(story.last.actor, PERSON);
        assert_eq!(story.refunds.len(), usize::from(refunded != "0"));
        let decided = story.last.case.clone().expect("a case");
        assert_eq!(story.try_to_resolve(&decided, how).map(drop), Err(NotDone::CaseIsDecided));
        assert!(story.deposits.iter().all(|deposit| deposit.is_judged));
    }
}

#[test]
fn there_is_nothing_to_decide_once_the_payment_vanished() {
    let mut story = Story::of(usdt(), "100", Policy { on_over: OnOver::Hold, ..Policy::default() });
    story.pays("a", "150");
    let case = story.open_case.clone().expect("a case");
    story.becomes("a", DepositState::Orphaned);
    for how in Resolution::ALL.iter().copied() {
        assert_eq!(story.try_to_resolve(&case, how).map(drop), Err(NotDone::CaseIsDecided), "{how}");
    }
}

#[test]
fn a_difference_within_the_tolerance_counts_as_exact() {
    let limits = |text: &str| text.parse().expect("limits");
    let percent = |text: &str| text.parse::<Decimal>().expect("a decimal");
    // 101.102104 USDT for 100.00 USD: one percent is 1.011021 rounded down, 1 USD is 1.011022 rounded up.
    let by_percent = Tolerance { percent: percent("1"), absolute: Limits::default() };
    let by_amount = Tolerance { percent: Decimal::ZERO, absolute: limits("USD:1") };
    let other_currency = Tolerance { percent: Decimal::ZERO, absolute: limits("EUR:1") };
    let both = Tolerance { percent: percent("0.5"), absolute: limits("USD:1") };
    let ways = [
        (Tolerance::default(), "101.102104", "101.102104"),
        (by_percent, "100.091083", "102.113125"),
        (by_amount, "100.091082", "102.113126"),
        (other_currency, "101.102104", "101.102104"),
        (both, "100.091082", "102.113126"),
    ];
    for (tolerance, least, most) in ways {
        let pays = |units: u128| {
            let mut story = Story::of(usdt(), "101.102104", Policy { tolerance: tolerance.clone(), ..Policy::default() });
            story.invoice.rate = Rate::new("0.9890991".parse().expect("a decimal")).expect("a rate");
            story.pays("a", &usdt().format_units(units));
            story
        };
        let units = |text: &str| usdt().parse_amount(text).expect("an amount").units;
        for exact in [units(least), units(most)] {
            let story = pays(exact);
            let amount = usdt().format_units(exact);
            let notices = ["invoice.processing", "invoice.complete"];
            story.expect(InvoiceStatus::Complete, &[], &notices, &[(EntryKind::DepositCredited, &amount)]);
        }
        let (less, more) = (units(least).checked_sub(1).expect("a unit"), units(most).checked_add(1).expect("a unit"));
        let over = pays(more);
        assert!(over.invoice.flags.has(Flag::Over), "{tolerance:?}");
        let excess = over.refunds.first().map(|refund| refund.amount.units);
        assert_eq!(excess, more.checked_sub(units("101.102104")), "what is refunded is measured from the price");
        let mut under = pays(less);
        assert_eq!(under.invoice.status, InvoiceStatus::Processing);
        under.now = just_after(under.invoice.expires_at);
        under.time_is_up();
        assert_eq!(under.invoice.status, InvoiceStatus::Underpaid, "{tolerance:?}");
    }
}

#[test]
fn nothing_is_tolerated_once_nothing_is_due() {
    let tolerance = Tolerance { percent: Decimal::from(50), absolute: "USD:50".parse().expect("limits") };
    let mut story = Story::of(usdt(), "100", Policy { tolerance, ..Policy::default() });
    story.pays("a", "100");
    story.pays("b", "0.000001");
    story.expect_case(2, "0.000001", "0", "0.000001");
}

/// Cryptopay's grace: ten minutes for a price in a currency, two hours for a price in coins.
#[test]
fn a_payment_is_late_after_the_grace_of_its_pricing() {
    let late_grace = LateGrace { fiat: "PT10M".parse().expect("a period"), coin: Period::hours(2) };
    for (pricing, last) in [(Pricing::Fiat, "2025-01-01T00:30:00Z"), (Pricing::Coin, "2025-01-01T02:20:00Z")] {
        for (after, status) in [(0, InvoiceStatus::Complete), (1, InvoiceStatus::Expired)] {
            let mut story = Story::of(usdt(), "100", Policy { late_grace, ..Policy::default() });
            story.invoice.pricing = pricing;
            story.now = just_after(story.invoice.expires_at);
            story.time_is_up();
            story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
            story.now = moved(instant(last), after);
            story.pays("a", "100");
            assert_eq!(story.invoice.status, status, "{pricing}, {after} microseconds after its last moment");
            assert_eq!(story.invoice.flags.has(Flag::Late), after == 1);
        }
    }
}

/// Odd case 4: the first part never spawns a refund while the rest may still come.
#[test]
fn a_part_payment_can_be_topped_up_until_the_policys_end() {
    let policy = || Policy { topup_until: Period::days(1), ..Policy::default() };
    let last = instant("2025-01-02T00:20:00Z");
    let begun = || {
        let mut story = Story::of(usdt(), "100", policy());
        story.pays("a", "60");
        story.now = just_after(story.invoice.expires_at);
        story.time_is_up();
        story.expect_nothing();
        story
    };
    let mut topped_up = begun();
    topped_up.now = last;
    topped_up.time_is_up();
    topped_up.expect_nothing();
    topped_up.pays("b", "40");
    let entries = [(EntryKind::DepositHeld, "40"), (EntryKind::HoldingSettled, "100")];
    topped_up.expect(InvoiceStatus::Complete, &[Flag::Multi], &["invoice.complete"], &entries);

    let mut left = begun();
    left.now = just_after(last);
    left.time_is_up();
    let notices = ["invoice.underpaid", "refund.created", "refund.claim_available"];
    left.expect(InvoiceStatus::Underpaid, &[Flag::Under], &notices, &[(EntryKind::RefundCreated, "60")]);

    // Odd case 5: what tops up too late finds the first part given back, and is a case of its own.
    let mut late = begun();
    late.now = just_after(last);
    late.pays("b", "40");
    late.expect_case(2, "40", "0", "40");
    late.expect_refund("REFUND-A1-2", "40", Reason::Late);
    assert_eq!(late.refunds.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [late.amount("60"), late.amount("40")]);

    let mut nothing_came = Story::of(usdt(), "100", policy());
    nothing_came.now = just_after(nothing_came.invoice.expires_at);
    nothing_came.pays("a", "100");
    nothing_came.expect_refund("REFUND-A1", "100", Reason::Late);
}

/// Odd case 29, CP1: the price is worked out again, what covers it is accepted and the rest goes back.
#[test]
fn a_price_is_worked_out_again_at_the_rate_of_the_moment() {
    // 100 USD: 100 coins at 1, 50 at 2, 60 at 1.666…
    let ways = [
        ("2", "60", Some(("50", "10"))),
        ("2", "50", Some(("50", "0"))),
        ("2", "49.999999", None),
        ("1.25", "80", Some(("80", "0"))),
        ("1.25", "79.999999", None),
    ];
    for (rate, paid, accepted) in ways {
        for is_late in [false, true] {
            let policy = Policy { on_under: OnUnder::Recalc, on_late: OnLate::Recalc, ..Policy::default() };
            let mut story = Story::of(usdt(), "100", policy);
            story.rate_now = Some(Rate::new(rate.parse().expect("a decimal")).expect("a rate"));
            if is_late {
                story.now = just_after(story.invoice.expires_at);
                story.pays("a", paid);
            } else {
                story.pays("a", paid);
                story.now = just_after(story.invoice.expires_at);
                story.time_is_up();
            }
            let unaccepted = if is_late { InvoiceStatus::Expired } else { InvoiceStatus::Underpaid };
            let (status, credited, refunded) =
                accepted.map_or((unaccepted, "0", paid), |(credited, refunded)| (InvoiceStatus::Complete, credited, refunded));
            assert_eq!(story.invoice.status, status, "{paid} at {rate}, late: {is_late}");
            story.expect_case(1, paid, credited, refunded);
        }
    }
}

#[test]
fn a_rule_that_needs_a_rate_waits_for_one() {
    for on_late in [OnLate::Recalc, OnLate::AcceptIfRateWithin] {
        let mut story = Story::of(usdt(), "100", Policy { on_late, ..Policy::default() });
        story.rate_now = None;
        story.now = just_after(story.invoice.expires_at);
        story.pays("a", "100");
        story.expect_held(Why::RateUnavailable, "100");
        story.time_is_up();
        story.expect_nothing();
        story.rate_now = Some(story.invoice.rate);
        story.time_is_up();
        story.expect(InvoiceStatus::Complete, &[Flag::Late], &["invoice.complete"], &[(EntryKind::HoldingSettled, "100")]);
        story.expect_case(1, "100", "100", "0");
    }
}

/// Odd cases 1 and 2: late money at nearly the old rate counts as if it had come in time.
#[test]
fn late_money_is_accepted_while_the_rate_holds() {
    let judged = |rate: &str, paid: &str| {
        let policy = Policy { on_late: OnLate::AcceptIfRateWithin, on_under: OnUnder::RefundAll, ..Policy::default() };
        let mut story = Story::of(usdt(), "100", policy);
        story.rate_now = Some(Rate::new(rate.parse().expect("a decimal")).expect("a rate"));
        story.now = just_after(story.invoice.expires_at);
        story.pays("a", paid);
        story
    };
    for rate in ["1", "1.01", "0.99"] {
        judged(rate, "100").expect_case(1, "100", "100", "0");
        let over = judged(rate, "150");
        over.expect_case(1, "150", "100", "50");
        assert_eq!(over.invoice.flags.iter().collect::<Vec<_>>(), [Flag::Over, Flag::Late], "one refund, both flags");
        judged(rate, "60").expect_case(1, "60", "0", "60");
    }
    for rate in ["1.0101", "0.9899"] {
        for paid in ["60", "100", "150"] {
            let story = judged(rate, paid);
            story.expect_case(1, paid, "0", paid);
            assert_eq!(story.invoice.status, InvoiceStatus::Expired);
        }
    }
}

#[test]
fn late_money_pays_nothing_that_is_not_owed() {
    for on_late in [OnLate::Recalc, OnLate::AcceptIfRateWithin] {
        let mut story = Story::of(usdt(), "100", Policy { on_late, ..Policy::default() });
        story.pays("a", "100");
        story.now = just_after(story.invoice.expires_at);
        story.pays("b", "100");
        story.expect_case(2, "100", "0", "100");
    }
}

/// BP-05, 3.2: a destination that is known beyond doubt is scheduled at once.
#[test]
fn a_known_destination_is_scheduled_at_once() {
    let precommitted = || {
        let mut story = paid_over(DestinationSource::Precommitted, FeeBearer::Payer);
        story.invoice.refund_to = Some(payer());
        story
    };
    let from_source = |sources: &[Option<&str>]| {
        let mut story = paid_over(DestinationSource::SourceAddress, FeeBearer::Payer);
        story.sources = sources.iter().map(|source| source.map(str::to_owned)).collect();
        story
    };
    let ways = [
        (precommitted(), VerifiedBy::Precommitted),
        (from_source(&[Some(PAYER)]), VerifiedBy::SourceAddress),
        (from_source(&[Some(PAYER), Some(PAYER)]), VerifiedBy::SourceAddress),
    ];
    for (mut story, verified_by) in ways {
        story.pays_over();
        let refund = story.last.refund.clone().expect("a refund");
        let RefundState::Scheduled { directed, release_at, blocked_by: None } = &refund.state else { panic!("{:?}", refund.state) };
        assert_eq!((&directed.destination, directed.fee, directed.confirmed_at), (&payer(), story.amount("1"), story.now));
        assert_eq!(*release_at, instant("2025-01-04T00:00:00Z"), "the payer can still cancel");
        assert!(matches!(
            &story.last.claim,
            Some(ClaimChange::Direct { claim, destination }) if claim.verified_by == verified_by && *destination == payer()
        ));
        assert_eq!(story.last.notices.last(), Some(&Notice::RefundClaimed(refund.id)));
        assert_eq!(story.last.jobs.last(), Some(&Job::Release(refund.id).at(*release_at)));
    }
}

/// Odd case 8: where the destination is unknown or the fee leaves nothing, the payer is asked.
#[test]
fn a_payer_is_asked_where_the_destination_is_in_doubt() {
    let story = |source: DestinationSource| paid_over(source, FeeBearer::Payer);
    let from_source = |sources: &[Option<&str>]| {
        let sources = sources.iter().map(|source| source.map(str::to_owned)).collect();
        Story { sources, ..story(DestinationSource::SourceAddress) }
    };
    let with = |change: fn(&mut Story)| {
        let mut story = story(DestinationSource::Precommitted);
        story.invoice.refund_to = Some(payer());
        change(&mut story);
        story
    };
    let elsewhere = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    let asked = [
        ("nothing was said", story(DestinationSource::Precommitted)),
        ("the policy says claim", Story { sources: vec![Some(PAYER.to_owned())], ..story(DestinationSource::PayerClaim) }),
        ("the merchant will say", Story { sources: vec![Some(PAYER.to_owned())], ..story(DestinationSource::Merchant) }),
        ("the chain does not tell", from_source(&[None])),
        ("two sources", from_source(&[Some(PAYER), Some(elsewhere)])),
        ("one unknown source", from_source(&[Some(PAYER), None])),
        ("no address of this network", from_source(&[Some("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")])),
        ("the fee is unknown", with(|story| story.fee_now = None)),
        ("the fee takes all", with(|story| story.fee_now = Some(story.amount("50")))),
        ("the fee leaves dust", with(|story| story.asset.dust_units = 49_000_001)),
    ];
    for (why, mut story) in asked {
        story.pays_over();
        assert_eq!(story.refunds.last().map(|refund| refund.state.name()), Some(StateName::AwaitingClaim), "{why}");
    }
    let mut paid_for =
        Story { fee_now: usdt().parse_amount("49.9").ok(), ..paid_over(DestinationSource::Precommitted, FeeBearer::Merchant) };
    paid_for.invoice.refund_to = Some(payer());
    paid_for.pays_over();
    let refund = paid_for.refunds.last().expect("a refund");
    assert_eq!((refund.fee_bearer, refund.state.name()), (FeeBearer::Merchant, StateName::Scheduled), "it is not the payer's fee");
}

/// P18, odd case 7: what is not worth a refund is kept apart, with its case.
#[test]
fn what_is_below_the_floor_is_a_residual() {
    let floor = |text: &str| Policy { claim_floor: text.parse().expect("limits"), ..Policy::default() };
    let notices = ["invoice.processing", "invoice.complete"];
    let mut below = Story::of(usdt(), "100", floor("USD:5"));
    below.pays("a", "104.999999");
    let entries = [(EntryKind::DepositHeld, "104.999999"), (EntryKind::HoldingSettled, "100"), (EntryKind::DustKept, "4.999999")];
    below.expect(InvoiceStatus::Complete, &[Flag::Over], &notices, &entries);
    let case = below.last.case.as_ref().expect("a case");
    assert_eq!((case.credited, case.residual, case.state), (below.amount("100"), below.amount("4.999999"), CaseState::Credited));
    assert!(below.refunds.is_empty() && below.invoice.refunds == 0);

    let mut worth_it = Story::of(usdt(), "100", floor("USD:5"));
    worth_it.pays("a", "105");
    worth_it.expect_refund("REFUND-A1", "5", Reason::Overpaid);

    let mut whole = Story::of(usdt(), "100", floor("USD:5"));
    whole.pays("a", "4");
    whole.now = just_after(whole.invoice.expires_at);
    whole.time_is_up();
    whole.expect(InvoiceStatus::Underpaid, &[Flag::Under], &["invoice.underpaid"], &[(EntryKind::DustKept, "4")]);
    assert_eq!(whole.last.case.as_ref().map(|case| (case.state, case.residual)), Some((CaseState::Dust, whole.amount("4"))));

    for (policy, excess, is_refunded) in [
        (Policy::default(), "0.000002", false),
        (Policy::default(), "0.000003", true),
        (floor("USD:0"), "0.000002", false),
        (floor("EUR:5"), "0.000003", true),
        (floor("USD:0.01"), "0.009999", false),
    ] {
        let mut story = Story::of(Asset { dust_units: 3, ..usdt() }, "100", policy);
        let paid = story.amount("100").plus(story.amount(excess)).expect("a sum");
        story.pays("a", &usdt().format_units(paid.units));
        assert_eq!(!story.refunds.is_empty(), is_refunded, "{excess}");
    }
}

/// 3.0, odd case 16: what was paid is never lowered; what vanished is counted beside it, and a job takes it back.
#[test]
fn a_final_payment_that_vanishes_is_taken_back_by_a_job() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "60");
    story.becomes("a", DepositState::Orphaned);
    let id = story.deposits.first().expect("a deposit").id;
    assert_eq!(story.last.caps, [CapChange::Orphaned(story.invoice.id, story.amount("60"))]);
    assert_eq!(story.last.jobs, [Job::Unwind(story.invoice.id).at(story.now)]);
    assert_eq!(story.last.deposits.iter().map(|deposit| (deposit.id, deposit.state)).collect::<Vec<_>>(), [(id, DepositState::Orphaned)]);
    assert!(story.last.entries.is_empty() && story.last.notices.is_empty() && story.last.refund.is_none());
    story.becomes("a", DepositState::Orphaned);
    story.expect_nothing();

    story.pays("b", "60");
    story.expect(InvoiceStatus::Processing, &[], &[], &[(EntryKind::DepositHeld, "60")]);
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect_case(1, "60", "0", "60");
    story.expect_refund("REFUND-A1", "60", Reason::Underpaid);

    let mut nothing_left = Story::of(usdt(), "100", Policy::default());
    nothing_left.pays("a", "60");
    nothing_left.now = just_after(nothing_left.invoice.expires_at);
    nothing_left.becomes("a", DepositState::Orphaned);
    nothing_left.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
}

/// P15 from what is held and what the merchant has; P16 for what is gone; odd cases 16 and 17.
#[test]
fn a_vanished_payment_is_taken_back_from_where_its_money_is() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "150");
    story.becomes("a", DepositState::Orphaned);
    let deposit = story.deposits.first().cloned().expect("a deposit");
    let holding = Account::Holding(story.invoice.id);
    let ways = [("150", "0", "0"), ("0", "150", "0"), ("0", "0", "150"), ("50", "60", "40")];
    for parts in ways {
        let [held, available, receivable] = [parts.0, parts.1, parts.2].map(|part| story.amount(part));
        let from = entries::TakenBack { holding: held, available, receivable };
        story.take(Event::Unwound { deposit: deposit.clone(), from });
        let all = [(holding, held), (Account::MerchantAvailable, available), (Account::MerchantReceivable, receivable)];
        let some = all.into_iter().filter(|(_, amount)| !amount.is_zero());
        let expected: Vec<_> = some.map(|(account, amount)| (EntryKind::DepositOrphaned, account, Account::Custody, amount)).collect();
        assert_eq!(story.moved(), expected);
        assert_eq!(story.last.notices, [Notice::InvoiceOrphaned(story.invoice.id)]);
        // The cap knew when it vanished; only what the merchant owes from now on is free again.
        let owed = (!receivable.is_zero()).then_some(CapChange::Owed(story.invoice.id, receivable));
        assert_eq!(story.last.caps, Vec::from_iter(owed));
        assert_eq!(story.last.deposits, core::slice::from_ref(&deposit));
    }

    let mut foreign = Story::of(usdt(), "100", Policy::default());
    foreign.take(Event::Deposit(foreign.foreign("x", "3", DepositState::Final)));
    foreign.becomes("x", DepositState::Orphaned);
    let amount = eth().parse_amount("3").expect("an amount");
    assert_eq!(foreign.last.caps, [CapChange::Orphaned(foreign.invoice.id, amount)]);
    let from = entries::TakenBack { holding: amount, available: Amount::zero(amount.asset), receivable: Amount::zero(amount.asset) };
    let deposit = foreign.deposits.first().cloned().expect("a deposit");
    foreign.take(Event::Unwound { deposit, from });
    assert_eq!(foreign.moved(), [(EntryKind::DepositOrphaned, Account::Suspense, Account::Custody, amount)]);
}

/// P15 and P16 taken back, side for side, as often as it happens; what the merchant owed was paid out, and stays promised.
#[test]
fn a_payment_that_is_there_again_is_put_back_where_it_was() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "150");
    let there = story.deposits.first().cloned().expect("a deposit");
    story.take(Event::Restored { deposit: there, booked: Vec::new() });
    story.expect_nothing();
    let mut keys = Vec::new();
    for round in 0..2 {
        story.becomes("a", DepositState::Orphaned);
        let deposit = story.deposits.first().cloned().expect("a deposit");
        let [holding, available, receivable] = ["50", "60", "40"].map(|part| story.amount(part));
        story.take(Event::Unwound { deposit: deposit.clone(), from: entries::TakenBack { holding, available, receivable } });
        let booked: Vec<_> = story.last.entries.iter().flat_map(|entry| entry.postings.clone()).collect();
        // Whom it comes from is screened again meanwhile.
        let is_risky = round == 1;
        story.take(Event::Restored { deposit: Deposit { is_risky, ..deposit }, booked: booked.clone() });
        assert!(story.deposits.iter().all(|deposit| deposit.is_risky == is_risky));
        keys.extend(story.last.entries.iter().map(|entry| entry.key.clone()));
        let back: Vec<_> = story.last.entries.iter().flat_map(|entry| entry.postings.clone()).collect();
        let turned = booked.iter().map(|posting| Posting { debit: posting.credit, credit: posting.debit, ..*posting });
        assert_eq!(back, turned.collect::<Vec<_>>(), "round {round}");
        assert_eq!(story.last.caps, [CapChange::Restored(story.invoice.id, story.amount("110"))]);
        assert_eq!(story.last.notices, [Notice::InvoiceRestored(story.invoice.id)]);
        assert!(story.deposits.iter().all(Deposit::is_final) && story.last.refund.is_none());
    }
    assert_ne!(keys.first(), keys.last(), "every entry is another one");
}

/// P02s of a payment without its tag, and P02 once its invoice is known.
#[test]
fn a_payment_without_its_tag_is_nobodys_until_a_person_says_whose() {
    let mut account = Story::of(usdt(), "100", Policy::default());
    account.invoice.is_for_untagged = true;
    account.pays("a", "100");
    let (case, deposit) = (account.last.case.clone().expect("a case"), account.deposits.first().cloned().expect("a deposit"));
    assert_eq!(account.moved(), [(EntryKind::DepositSuspended, Account::Custody, Account::Suspense, deposit.amount)]);
    assert_eq!((case.flags.iter().collect::<Vec<_>>(), case.state), (vec![Flag::MissingTag], CaseState::Manual(Why::Policy)));
    assert_eq!(account.invoice.worth(deposit.amount, &usdt()), None, "it is for no order, so at no order's price");
    let by = Actor::User(UserId(Uuid::from_u128(7)));
    for how in [Resolution::Accept, Resolution::RefundExcess] {
        assert_eq!(account.try_to(Event::Resolved { case: case.clone(), how, by }).expect_err("whose is it?"), NotDone::Untagged);
    }

    let mut story = Story::of(usdt(), "100", Policy::default());
    let attributed =
        |case: ExceptionCase, deposit: Deposit| Event::Attributed { case, deposit, from: Box::new(account.invoice.clone()), by };
    let refusals = [
        (ExceptionCase { state: CaseState::Attributed, ..case.clone() }, deposit.clone(), NotDone::CaseIsDecided),
        (case.clone(), Deposit { state: DepositState::Orphaned, ..deposit.clone() }, NotDone::PaymentGone),
        (case.clone(), story.deposit("b", "100", DepositState::Final), NotDone::PaymentGone),
        (case.clone(), Deposit { amount: eth().units(1), ..deposit.clone() }, NotDone::OtherAsset),
    ];
    for (case, deposit, refusal) in refusals {
        assert_eq!(story.try_to(attributed(case, deposit)).expect_err("a refusal"), refusal);
    }
    story.take(attributed(case.clone(), deposit.clone()));
    let holding = Account::Holding(story.invoice.id);
    let expected = [
        (EntryKind::DepositAttributed, Account::Suspense, holding, deposit.amount),
        (EntryKind::HoldingSettled, holding, Account::MerchantAvailable, deposit.amount),
    ];
    assert_eq!((story.moved().as_slice(), story.invoice.status), (expected.as_slice(), InvoiceStatus::Complete));
    assert_eq!(story.last.caps, [CapChange::Moved(account.invoice.id, deposit.amount), CapChange::Paid(story.invoice.id, deposit.amount)]);
    let decided = story.last.attributed.as_ref().expect("a case that is decided");
    assert_eq!((decided.case.id, decided.case.state, story.last.actor), (case.id, CaseState::Attributed, by));
    assert_eq!(Some(decided.from.version), account.invoice.version.checked_add(1), "what is decided there at the same moment is not");
}

#[test]
fn a_refund_lives_by_the_policy_that_judged_its_payment() {
    let policy = Policy { fee_bearer: FeeBearer::Merchant, claim_ttl: Period::days(10), reminders: vec![2], ..Policy::default() };
    let mut story = Story::of(usdt(), "100", policy);
    story.policy.number = 7;
    story.pays("a", "150");
    let refund = story.refunds.last().expect("a refund");
    assert_eq!((refund.policy, refund.policy_number, refund.fee_bearer), (story.policy.id, 7, FeeBearer::Merchant));
    assert_eq!((refund.rate_rule, refund.priced, refund.funding, refund.is_reserved), (RateRule::CoinExact, None, Funding::Holding, true));
    let due: Vec<_> = story.last.jobs.iter().filter(|due| due.job.subject() == refund.id.0).copied().collect();
    let (ends, reminds) = (instant("2025-01-11T00:00:00Z"), instant("2025-01-09T00:00:00Z"));
    assert_eq!(due, [Job::ExpireClaim(refund.id).at(ends), Job::Remind(refund.id).at(reminds)]);
}

/// Odd case 3: one refund for several deposits.
#[test]
fn several_deposits_make_one_refund() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.pays("a", "30");
    story.pays("b", "30");
    story.pays("c", "30");
    story.now = just_after(story.invoice.expires_at);
    story.time_is_up();
    story.expect_refund("REFUND-A1", "90", Reason::Underpaid);
    assert_eq!(story.refunds.len(), 1);
    assert!(story.last.refund.as_ref().is_some_and(|refund| refund.flags.has(Flag::Multi)));
}

#[test]
fn a_final_payment_is_looked_at_again() {
    let mut story = Story::of(usdt(), "100", Policy::default());
    story.sees("a", "100");
    let id = story.deposits.first().expect("a deposit").id;
    for (minutes, again) in [(1, "2025-01-01T00:11:00Z"), (15, "2025-01-01T00:30:00Z")] {
        let mut story = Story { now: story.now, ..Story::of(usdt(), "100", Policy::default()) };
        story.sees("a", "100");
        story.now = moved(story.now, 60_000_000_i64.saturating_mul(minutes));
        story.is_final("a");
        assert_eq!(story.last.jobs, [Job::RecheckDeposit(id).at(instant(again))], "after as long again, ten minutes at least");
    }
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

/// A story that is about to be overpaid under the default rule.
fn paid_over(destination_source: DestinationSource, fee_bearer: FeeBearer) -> Story {
    Story::of(usdt(), "100", Policy { destination_source, fee_bearer, ..Policy::default() })
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

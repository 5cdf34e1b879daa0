//! What the default rules, and each other rule, make of too much, too little and too late.

use super::*;

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

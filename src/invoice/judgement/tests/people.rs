//! What rules leave to a person, and what a person may decide.

use super::*;

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

//! Payments whose block goes away, before and after they were judged, and that come back.

use super::*;

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

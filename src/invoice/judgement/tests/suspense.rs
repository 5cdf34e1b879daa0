//! Money that an invoice did not ask for, or that nobody can be named for.

use super::*;

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

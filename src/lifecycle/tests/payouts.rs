//! From the release to the chain and back, with the books.

use super::*;

#[test]
fn a_held_refund_waits_for_a_person() {
    for why in HoldReason::ALL.iter().copied() {
        let outcome = expect(StateName::Scheduled, Event::Held(why), release_at());
        assert_eq!(state_of(&outcome), RefundState::OnHold { directed: directed(), release_at: release_at(), why });
        assert_eq!(
            effects(&outcome),
            Effects { notices: vec![Notice::RefundHeld(REFUND)], note: Some(why.name().to_owned()), ..Effects::default() }
        );
        assert!(outcome.claim.is_none(), "the claim stays confirmed");
    }
    for (now, due_at) in [(start(), release_at()), (just_after(release_at()), just_after(release_at()))] {
        let outcome = expect(StateName::OnHold, Event::HoldReleased, now);
        assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: None });
        assert_eq!(
            effects(&outcome),
            Effects { jobs: vec![Job::Release(REFUND).at(due_at)], note: Some("released".to_owned()), ..Effects::default() },
            "a look never shortens the delay"
        );
    }
}

#[test]
fn a_released_token_keeps_the_fee_for_the_gas() {
    let outcome = expect(StateName::Scheduled, released(), release_at());
    let payout = outcome.payout.clone().expect("a payout");
    assert_eq!(payout, Payout { state: PayoutState::Reserved, version: 1, created_at: release_at(), ..token_payout() });
    assert_eq!(state_of(&outcome), RefundState::Sending { directed: directed(), payout: PAYOUT });
    let postings = vec![(Account::RefundPayable, Account::PayoutInFlight, NET), (Account::RefundPayable, Account::FeeRecovery, FEE)];
    assert_eq!(
        effects(&outcome),
        Effects {
            entries: vec![(EntryKind::PayoutReserved, postings)],
            notices: vec![Notice::RefundSending(REFUND)],
            jobs: vec![Job::Pay(PAYOUT).at(release_at())],
            ..Effects::default()
        }
    );
    assert!(outcome.claim.is_none(), "the claim stays confirmed");
}

#[test]
fn a_released_coin_carries_its_fee_along() {
    let (refund, directed) = coin_refund();
    let scheduled = RefundState::Scheduled { directed, release_at: start(), blocked_by: Some(BlockedBy::InsufficientFunds) };
    let event = Event::Released { payout: PAYOUT, asset: eth(), amount: None };
    let outcome = happens(Refund { state: scheduled, ..refund }, event, Actor::System, start()).expect("it is due");
    let postings = vec![(Account::RefundPayable, Account::PayoutInFlight, NET), (Account::RefundPayable, Account::PayoutInFlight, FEE)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutReserved, postings)]);
    assert!(outcome.payout.is_some_and(|payout| payout.fee_is_in_kind));
}

#[test]
fn a_free_payout_has_no_empty_posting() {
    let free = Directed { fee: usdt().units(0), ..directed() };
    let scheduled = RefundState::Scheduled { directed: free, release_at: release_at(), blocked_by: None };
    let before = Refund { state: scheduled, ..refund(StateName::Scheduled) };
    let outcome = happens(before, released(), Actor::System, release_at()).expect("it is due");
    let all_of_it = vec![(Account::RefundPayable, Account::PayoutInFlight, AMOUNT)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutReserved, all_of_it)]);
    let payout = outcome.payout.expect("a payout");
    assert_eq!(payout.net, usdt().units(AMOUNT));

    let sending = outcome.refund.expect("it is on its way");
    let failure = PayoutFailure::SignerDeclined;
    let outcome =
        happens(sending, Event::PayoutUnpaid { payout, failure, burnt: None }, Actor::System, release_at()).expect("it is in flight");
    let back = vec![(Account::PayoutInFlight, Account::RefundPayable, AMOUNT)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutUnpaid, back)]);
}

#[test]
fn a_blocked_refund_says_so_once_per_reason() {
    let first = expect(StateName::Scheduled, Event::Blocked(BlockedBy::InsufficientFunds), release_at());
    let blocked_by = Some(BlockedBy::InsufficientFunds);
    assert_eq!(state_of(&first), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by });
    let told = Effects { notices: vec![Notice::RefundBlocked(REFUND)], note: Some("insufficient_funds".to_owned()), ..Effects::default() };
    assert_eq!(effects(&first), told);

    let blocked = first.refund.expect("it is blocked");
    let again = Event::Blocked(BlockedBy::InsufficientFunds);
    let same = happens(blocked.clone(), again, Actor::System, release_at()).expect("it stays blocked");
    assert!(same.refund.is_none());
    assert_eq!(effects(&same), Effects::default());

    let other = happens(blocked.clone(), Event::Blocked(BlockedBy::FeeAboveCap), Actor::System, release_at()).expect("it stays blocked");
    assert_eq!(effects(&other), Effects { note: Some("fee_above_cap".to_owned()), ..told });

    let freed = happens(blocked, released(), Actor::System, release_at()).expect("nothing blocks it any more");
    assert_eq!(state_of(&freed).name(), StateName::Sending);
}

#[test]
fn a_token_payout_burns_gas_in_another_coin() {
    let net_left = (EntryKind::PayoutFinal, vec![(Account::PayoutInFlight, Account::Custody, NET)]);
    let gas = (EntryKind::GasBurnt, vec![(Account::NetworkFee, Account::Custody, 345)]);
    let recheck = instant("2025-01-01T00:10:00Z");
    for (spent, entries) in [(345, vec![net_left.clone(), gas]), (0, vec![net_left])] {
        let event = Event::PayoutFinal { payout: token_payout(), spent: trx(spent) };
        let outcome = expect(StateName::Sending, event, start());
        assert!(outcome.entries.iter().skip(1).all(|entry| entry.postings.iter().all(|posting| posting.amount == trx(spent))));
        assert_eq!(state_of(&outcome), RefundState::Paid { directed: directed(), payout: PAYOUT, txid: "txid".to_owned() });
        assert_eq!(
            effects(&outcome),
            Effects {
                entries,
                notices: vec![Notice::RefundPaid(REFUND)],
                jobs: vec![Job::Recheck(PAYOUT).at(recheck)],
                ..Effects::default()
            }
        );
        let payout = outcome.payout.expect("the payout is final");
        assert_eq!(payout, Payout { state: PayoutState::Final(signed()), version: 4, ..token_payout() });
    }
}

#[test]
fn a_coin_payout_pays_its_own_fee() {
    let (refund, directed) = coin_refund();
    let net_left = (Account::PayoutInFlight, Account::Custody, NET);
    let ways = [
        (0, vec![net_left, (Account::PayoutInFlight, Account::Residual, FEE)]),
        (1, vec![net_left, (Account::PayoutInFlight, Account::Custody, 1), (Account::PayoutInFlight, Account::Residual, 999_999)]),
        (FEE, vec![net_left, (Account::PayoutInFlight, Account::Custody, FEE)]),
        (1_000_001, vec![net_left, (Account::PayoutInFlight, Account::Custody, FEE), (Account::NetworkFee, Account::Custody, 1)]),
    ];
    for (spent, postings) in ways {
        let sending = RefundState::Sending { directed: directed.clone(), payout: PAYOUT };
        let event = Event::PayoutFinal { payout: coin_payout(), spent: eth().units(spent) };
        let outcome = happens(Refund { state: sending, ..refund.clone() }, event, Actor::System, start()).expect("it is in flight");
        assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutFinal, postings)], "spent {spent}");
    }
    for spent in [1, 1_000_001] {
        let sending = RefundState::Sending { directed: directed.clone(), payout: PAYOUT };
        let event = Event::PayoutFinal { payout: coin_payout(), spent: trx(spent) };
        let answer = happens(Refund { state: sending, ..refund.clone() }, event, Actor::System, start());
        assert_eq!(answer.expect_err("another coin"), Refused::Money(MoneyError::MixedAssets));
    }
}

#[test]
fn an_unpaid_payout_is_owed_again() {
    let failure = PayoutFailure::ContractReverted;
    let back = (
        EntryKind::PayoutUnpaid,
        vec![(Account::PayoutInFlight, Account::RefundPayable, NET), (Account::FeeRecovery, Account::RefundPayable, FEE)],
    );
    let gas = (EntryKind::GasBurnt, vec![(Account::NetworkFee, Account::Custody, 345)]);
    for (burnt, entries) in [(None, vec![back.clone()]), (Some(trx(0)), vec![back.clone()]), (Some(trx(345)), vec![back, gas])] {
        let outcome = expect(StateName::Sending, Event::PayoutUnpaid { payout: token_payout(), failure, burnt }, start());
        assert_eq!(state_of(&outcome), RefundState::PayoutFailed { directed: directed(), failure });
        assert_eq!(
            effects(&outcome),
            Effects {
                entries,
                notices: vec![Notice::RefundPayoutFailed(REFUND)],
                note: Some("contract_reverted".to_owned()),
                ..Effects::default()
            }
        );
        assert_eq!(outcome.payout.expect("the payout failed").state, PayoutState::Failed(failure));
    }

    let (refund, directed) = coin_refund();
    let sending = RefundState::Sending { directed, payout: PAYOUT };
    let event = Event::PayoutUnpaid { payout: coin_payout(), failure, burnt: Some(eth().units(7)) };
    let outcome = happens(Refund { state: sending, ..refund }, event, Actor::System, start()).expect("it is in flight");
    let back = vec![(Account::PayoutInFlight, Account::RefundPayable, NET), (Account::PayoutInFlight, Account::RefundPayable, FEE)];
    let gas = (EntryKind::GasBurnt, vec![(Account::NetworkFee, Account::Custody, 7)]);
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutUnpaid, back), gas], "a coin's burnt gas is the operator's too");
}

#[test]
fn a_failed_payout_is_tried_again_at_once() {
    let outcome = expect(StateName::PayoutFailed, Event::Retried, start());
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: start(), blocked_by: None });
    assert_eq!(effects(&outcome), Effects { jobs: vec![Job::Release(REFUND).at(start())], ..Effects::default() });
    let scheduled = outcome.refund.expect("it is scheduled");
    let payer = happens(scheduled, canceled_by(CanceledBy::Payer), Actor::Payer, start());
    assert_eq!(payer.expect_err("the payer's time was over before"), Refused::TooLate { release_at: start() });
}

/// BP-14, CM-03: the merchant pays the network on top, and the payer receives all of it.
#[test]
fn a_fee_the_merchant_pays_is_set_aside_and_settled() {
    let kept_apart = (EntryKind::FeeReserved, vec![(Account::MerchantAvailable, Account::FeeReserve, FEE)]);
    let leaves = (EntryKind::PayoutReserved, vec![(Account::RefundPayable, Account::PayoutInFlight, AMOUNT)]);
    let left = (EntryKind::PayoutFinal, vec![(Account::PayoutInFlight, Account::Custody, AMOUNT)]);

    // P06 and P09 of a token: the operator burnt the gas, and is paid the whole fee for it.
    let before = Refund { fee_bearer: FeeBearer::Merchant, ..refund(StateName::Scheduled) };
    let outcome = happens(before, released(), Actor::System, release_at()).expect("it is due");
    assert_eq!(effects(&outcome).entries, [kept_apart.clone(), leaves.clone()]);
    let payout = outcome.payout.expect("a payout").sign(signed()).expect("it is reserved");
    assert_eq!((payout.net, payout.fee, payout.fee_bearer), (usdt().units(AMOUNT), usdt().units(FEE), FeeBearer::Merchant));
    let sending = outcome.refund.expect("it is sent");
    let finished = Event::PayoutFinal { payout: payout.clone(), spent: trx(345) };
    let outcome = happens(sending.clone(), finished, Actor::System, release_at()).expect("it is in flight");
    let settled = (EntryKind::FeeSettled, vec![(Account::FeeReserve, Account::FeeRecovery, FEE)]);
    let gas = (EntryKind::GasBurnt, vec![(Account::NetworkFee, Account::Custody, 345)]);
    assert_eq!(effects(&outcome).entries, [left.clone(), settled, gas]);

    // P11: what was set aside goes back to both.
    let unpaid = Event::PayoutUnpaid { payout, failure: PayoutFailure::ContractReverted, burnt: None };
    let outcome = happens(sending, unpaid, Actor::System, release_at()).expect("it is in flight");
    let back = vec![(Account::PayoutInFlight, Account::RefundPayable, AMOUNT), (Account::FeeReserve, Account::MerchantAvailable, FEE)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutUnpaid, back)]);

    // P09 of a coin: what the network did not take is the merchant's again.
    let ways = [
        (0, vec![(Account::FeeReserve, Account::MerchantAvailable, FEE)], None),
        (1, vec![(Account::FeeReserve, Account::Custody, 1), (Account::FeeReserve, Account::MerchantAvailable, 999_999)], None),
        (FEE, vec![(Account::FeeReserve, Account::Custody, FEE)], None),
        (1_000_001, vec![(Account::FeeReserve, Account::Custody, FEE)], Some((Account::NetworkFee, Account::Custody, 1))),
    ];
    for (spent, settled, excess) in ways {
        let (refund, directed) = coin_refund();
        let sending = RefundState::Sending { directed, payout: PAYOUT };
        let before = Refund { fee_bearer: FeeBearer::Merchant, state: sending, ..refund };
        let payout = Payout { net: eth().units(AMOUNT), fee_bearer: FeeBearer::Merchant, ..coin_payout() };
        let event = Event::PayoutFinal { payout, spent: eth().units(spent) };
        let outcome = happens(before, event, Actor::System, start()).expect("it is in flight");
        let left = vec![(Account::PayoutInFlight, Account::Custody, AMOUNT)].into_iter().chain(excess).collect();
        assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutFinal, left), (EntryKind::FeeSettled, settled)], "spent {spent}");
    }

    // No fee, nothing to set aside.
    let free = Directed { fee: usdt().units(0), ..directed() };
    let scheduled = RefundState::Scheduled { directed: free, release_at: release_at(), blocked_by: None };
    let before = Refund { fee_bearer: FeeBearer::Merchant, state: scheduled, ..refund(StateName::Scheduled) };
    let outcome = happens(before, released(), Actor::System, release_at()).expect("it is due");
    assert_eq!(effects(&outcome).entries, [leaves]);
    let payout = outcome.payout.expect("a payout").sign(signed()).expect("it is reserved");
    let sending = outcome.refund.expect("it is sent");
    let finished = Event::PayoutFinal { payout, spent: trx(0) };
    let outcome = happens(sending, finished, Actor::System, release_at()).expect("it is in flight");
    assert_eq!(effects(&outcome).entries, [left]);
}

/// Odd case 19: another transaction in the same slot, nothing in the books, and either of the two ends it.
#[test]
fn a_stuck_payout_gets_a_dearer_transaction_in_its_slot() {
    let event = |signed| Event::FeeRaised { payout: token_payout(), signed: Some(signed) };
    let outcome = expect(StateName::Sending, event(dearer()), start());
    assert_eq!(state_of(&outcome), RefundState::Sending { directed: directed(), payout: PAYOUT });
    assert_eq!(
        effects(&outcome),
        Effects {
            notices: vec![Notice::RefundFeeRaised(REFUND)],
            jobs: vec![Job::Pay(PAYOUT).at(start())],
            note: Some("fee_raised".to_owned()),
            ..Effects::default()
        }
    );
    let payout = outcome.payout.expect("a payout");
    assert_eq!(payout, Payout { state: PayoutState::Signed(dearer()), raised: 1, raised_told: 1, version: 4, ..token_payout() });
    for taken in [signed(), dearer()] {
        let event = Event::PayoutFinal { payout: payout.clone().taken_as(taken.clone()), spent: trx(345) };
        let outcome = expect(StateName::Sending, event, start());
        assert_eq!(state_of(&outcome), RefundState::Paid { directed: directed(), payout: PAYOUT, txid: taken.txid });
    }

    let refused = |signed| happens(refund(StateName::Sending), event(signed), Actor::System, start()).map(drop);
    assert_eq!(refused(Signed { slot: 10, ..dearer() }), Err(Refused::WrongState { state: "broadcast" }), "a second payment");
    assert_eq!(refused(signed()), Err(Refused::WrongState { state: "broadcast" }), "the same bytes");
    let other = Event::FeeRaised { payout: Payout { id: PayoutId(Uuid::from_u128(99)), ..token_payout() }, signed: Some(dearer()) };
    assert_eq!(happens(refund(StateName::Sending), other, Actor::System, start()).map(drop), Err(Refused::OtherPayout));
}

/// P17, odd case 18: the same transaction is sent again, and the books go back side for side.
#[test]
fn a_payout_whose_block_vanished_is_on_its_way_again() {
    let booked = vec![
        posting(Account::PayoutInFlight, Account::Custody, usdt().units(NET)),
        posting(Account::NetworkFee, Account::Custody, trx(345)),
    ];
    let final_payout = || Payout { state: PayoutState::Final(signed()), version: 4, ..token_payout() };
    let event = Event::PayoutReorged { payout: final_payout(), booked: booked.clone() };
    let outcome = expect(StateName::Paid, event, start());
    assert_eq!(state_of(&outcome), RefundState::Sending { directed: directed(), payout: PAYOUT });
    assert_eq!(outcome.payout, Some(Payout { state: PayoutState::Broadcast(signed()), version: 5, ..token_payout() }));
    assert_eq!(
        effects(&outcome),
        Effects {
            entries: vec![(
                EntryKind::PayoutOrphaned,
                vec![(Account::Custody, Account::PayoutInFlight, NET), (Account::Custody, Account::NetworkFee, 345)]
            )],
            notices: vec![Notice::RefundReorged(REFUND)],
            jobs: vec![Job::Pay(PAYOUT).at(start())],
            note: Some("reorged".to_owned()),
            ..Effects::default()
        },
        "its money stays promised"
    );
    let back: Vec<Posting> = outcome.entries.iter().flat_map(|entry| entry.postings.clone()).collect();
    assert_eq!(back, booked.iter().map(|p| posting(p.credit, p.debit, p.amount)).collect::<Vec<_>>(), "each in its own asset");

    let again = Event::PayoutFinal { payout: outcome.payout.expect("a payout"), spent: trx(345) };
    let sending = outcome.refund.expect("it is sent again");
    let outcome = happens(sending, again, Actor::System, start()).expect("it is in flight");
    assert_eq!(state_of(&outcome).name(), StateName::Paid);

    let given_back = vec![
        posting(Account::FeeReserve, Account::Custody, usdt().units(1)),
        posting(Account::FeeReserve, Account::MerchantAvailable, usdt().units(999_999)),
    ];
    let event = Event::PayoutReorged { payout: final_payout(), booked: given_back };
    let owed = vec![(Account::Custody, Account::FeeReserve, 1), (Account::MerchantReceivable, Account::FeeReserve, 999_999)];
    let entries = effects(&expect(StateName::Paid, event, start())).entries;
    assert_eq!(entries, [(EntryKind::PayoutOrphaned, owed)], "what a merchant got back may be spent: it is owed");

    let ask = |payout| happens(refund(StateName::Paid), Event::PayoutReorged { payout, booked: vec![] }, Actor::System, start()).map(drop);
    assert_eq!(ask(Payout { id: PayoutId(Uuid::from_u128(99)), ..final_payout() }), Err(Refused::OtherPayout));
    assert_eq!(ask(token_payout()), Err(Refused::WrongState { state: "broadcast" }), "only what was final can stop being final");
}

#[test]
fn only_the_payout_in_flight_counts() {
    let ask = |event| happens(refund(StateName::Sending), event, Actor::System, start()).map(drop);
    let other = Payout { id: PayoutId(Uuid::from_u128(99)), ..token_payout() };
    let failure = PayoutFailure::Superseded;
    assert_eq!(ask(Event::PayoutFinal { payout: other.clone(), spent: trx(1) }), Err(Refused::OtherPayout));
    assert_eq!(ask(Event::PayoutUnpaid { payout: other, failure, burnt: None }), Err(Refused::OtherPayout));

    let in_state = |state| Payout { state, ..token_payout() };
    let as_final = |state| ask(Event::PayoutFinal { payout: in_state(state), spent: trx(1) });
    let as_unpaid = |state| ask(Event::PayoutUnpaid { payout: in_state(state), failure, burnt: None });
    let wrong_state = |state| Err(Refused::WrongState { state });
    assert_eq!(as_final(PayoutState::Reserved), wrong_state("reserved"), "unsigned bytes cannot be on a chain");
    assert_eq!(as_final(PayoutState::Signed(signed())), Ok(()), "sent by a process that crashed before it said so");
    assert_eq!(as_final(PayoutState::Final(signed())), wrong_state("final"));
    assert_eq!(as_final(PayoutState::Failed(failure)), wrong_state("failed"));
    assert_eq!(as_unpaid(PayoutState::Reserved), Ok(()));
    assert_eq!(as_unpaid(PayoutState::Final(signed())), wrong_state("final"));
    assert_eq!(as_unpaid(PayoutState::Failed(failure)), wrong_state("failed"));
}

#[test]
fn no_two_entries_of_a_long_life_share_a_key() {
    let mut refund = refund(StateName::AwaitingClaim);
    let mut keys = Vec::new();
    let mut entries = |refund: &mut Refund, event: Event| {
        let now = fitting_time(&event);
        let outcome = happens(refund.clone(), event, Actor::System, now).expect("it fits");
        keys.extend(outcome.entries.into_iter().map(|entry| entry.key));
        *refund = outcome.refund.expect("it changes");
    };
    entries(&mut refund, confirmed(usdt().units(FEE)));
    for attempt in [10, 11] {
        let id = PayoutId(Uuid::from_u128(attempt));
        let payout = Payout { id, ..token_payout() };
        entries(&mut refund, Event::Released { payout: id, asset: usdt(), amount: None });
        entries(&mut refund, Event::PayoutUnpaid { payout, failure: PayoutFailure::ContractReverted, burnt: Some(trx(345)) });
        entries(&mut refund, Event::Retried);
    }
    entries(&mut refund, canceled_by(CanceledBy::Merchant));
    let all = keys.len();
    assert_eq!(all, 7);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

/// A refund of the network's own coin, and where it goes.
fn coin_refund() -> (Refund, Directed) {
    let directed = Directed { destination: evm(), fee: eth().units(FEE), ..directed() };
    (Refund { amount: eth().units(AMOUNT), ..refund(StateName::AwaitingClaim) }, directed)
}

fn coin_payout() -> Payout {
    Payout { net: eth().units(NET), fee: eth().units(FEE), fee_is_in_kind: true, destination: evm(), ..token_payout() }
}

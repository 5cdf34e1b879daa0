//! Every event in every state of a refund: what it changes, or how it is refused.

use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::exception::Flags;
use crate::ids::{CaseId, InvoiceId, MidId, RefundId};
use crate::job::DueJob;
use crate::ledger::{Account, EntryKind, LedgerEntry};
use crate::money::Network;
use crate::payout::Signed;
use crate::policy::{FeeBearer, Period};
use crate::refund::Reason;

const TRON: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const TRON_MASKED: &str = "TDD97y…v4Vaqm";
const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

const INVOICE: InvoiceId = InvoiceId(Uuid::from_u128(2));
const REFUND: RefundId = RefundId(Uuid::from_u128(3));
const CLAIM: ClaimId = ClaimId(Uuid::from_u128(4));
const PAYOUT: PayoutId = PayoutId(Uuid::from_u128(5));

const AMOUNT: u128 = 48_897_896;
const FEE: u128 = 1_000_000;
const NET: u128 = 47_897_896;
const DUST: u128 = 100_000;

/// The answer to one event in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    To(StateName),
    WrongState,
    AlreadyClaimed,
    ClaimExpired,
}

/// The columns of the table.
const COLUMNS: usize = 9;

/// Returns an event's column: a new event does not compile until it has one.
const fn column(event: &Event) -> usize {
    match event {
        Event::Confirmed { .. } => 0,
        Event::ClaimLapsed => 1,
        Event::Canceled { by: CanceledBy::Payer, .. } => 2,
        Event::Canceled { by: CanceledBy::Merchant, .. } => 3,
        Event::Released { .. } => 4,
        Event::Blocked(_) => 5,
        Event::PayoutFinal { .. } => 6,
        Event::PayoutUnpaid { .. } => 7,
        Event::Retried => 8,
    }
}

/// Returns a state's row: a new state does not compile until it has one.
const fn row(state: StateName) -> [Answer; COLUMNS] {
    use Answer::{AlreadyClaimed, ClaimExpired, To, WrongState};
    use StateName as S;
    // confirmed, lapsed, canceled by the payer, canceled by the merchant, released, blocked, final, unpaid, retried
    #[rustfmt::skip]
    let row = match state {
        S::AwaitingClaim => [To(S::Scheduled), To(S::Expired), WrongState, To(S::Canceled), WrongState, WrongState, WrongState, WrongState, WrongState],
        S::Scheduled => [AlreadyClaimed, WrongState, To(S::Canceled), To(S::Canceled), To(S::Sending), To(S::Scheduled), WrongState, WrongState, WrongState],
        S::Sending => [AlreadyClaimed, WrongState, WrongState, WrongState, WrongState, WrongState, To(S::Paid), To(S::PayoutFailed), WrongState],
        S::PayoutFailed => [AlreadyClaimed, WrongState, WrongState, To(S::Canceled), WrongState, WrongState, WrongState, WrongState, To(S::Scheduled)],
        S::Paid => [AlreadyClaimed, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState],
        S::Expired => [ClaimExpired, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState, WrongState],
        S::Canceled => [WrongState; COLUMNS],
    };
    row
}

/// Returns the time at which nothing but the state can refuse an event: a new event does not compile until it has one.
fn fitting_time(event: &Event) -> Timestamp {
    match event {
        Event::Confirmed { .. } | Event::Canceled { .. } | Event::PayoutFinal { .. } | Event::PayoutUnpaid { .. } | Event::Retried => {
            start()
        }
        Event::Released { .. } | Event::Blocked(_) => release_at(),
        Event::ClaimLapsed => expires_at(),
    }
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    for state in StateName::ALL {
        let mut reached = Vec::new();
        for (index, event) in events().into_iter().enumerate() {
            assert_eq!(column(&event), index, "events() and column() name the events in one order");
            let (before, now) = (refund(state), fitting_time(&event));
            let answer = step(before.clone(), event.clone(), Actor::Payer, now);
            let pair = format!("{state} and {event:?}");
            match (row(state)[index], answer) {
                (Answer::To(expected), Ok(outcome)) => {
                    let after = outcome.refund.expect("an event that is not refused changes the refund");
                    assert_eq!(after.state.name(), expected, "{pair}");
                    assert_eq!(after, Refund { state: after.state.clone(), version: 8, updated_at: now, ..before }, "{pair}");
                    assert!(outcome.invoice.is_none() && outcome.deposits.is_empty() && outcome.case.is_none(), "{pair}");
                    assert!(outcome.entries.iter().all(|entry| entry.at == now && entry.mid == after.mid), "{pair}");
                    reached.push(expected);
                }
                (Answer::WrongState, Err(refused)) => assert_eq!(refused, Refused::WrongState { state: state.name() }, "{pair}"),
                (Answer::AlreadyClaimed, Err(refused)) => assert_eq!(refused, already_claimed_to(TRON_MASKED), "{pair}"),
                (Answer::ClaimExpired, Err(refused)) => {
                    assert_eq!(refused, Refused::ClaimExpired { expired_at: expires_at() }, "{pair}");
                }
                (expected, answer) => panic!("{pair}: {answer:?} instead of {expected:?}"),
            }
        }
        for name in StateName::ALL {
            assert_eq!(leads_to(state).contains(&name), reached.contains(&name), "leads_to({state}) and {name}");
        }
    }
}

#[test]
fn a_confirmed_claim_freezes_the_destination_and_moves_no_money() {
    let outcome = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start());
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: None });
    assert!(matches!(
        &outcome.claim,
        Some(ClaimChange::Confirm { claim: CLAIM, destination, consent: Consent { text_version: 1 } }) if *destination == tron()
    ));
    assert_eq!(
        effects(&outcome),
        Effects { notices: vec![Notice::RefundClaimed(REFUND)], jobs: vec![Job::Release(REFUND).at(release_at())], ..Effects::default() }
    );
    assert_eq!(outcome.actor, Actor::Payer);
}

#[test]
fn an_unclaimed_refund_goes_to_the_merchant() {
    let outcome = expect(StateName::AwaitingClaim, Event::ClaimLapsed, expires_at());
    assert_eq!(state_of(&outcome), RefundState::Expired { expired_at: expires_at() });
    assert!(matches!(outcome.claim, Some(ClaimChange::Close { claim: CLAIM, state: ClaimState::Void })));
    assert_eq!(
        effects(&outcome),
        Effects {
            entries: vec![(EntryKind::ClaimExpired, vec![(Account::RefundPayable, Account::MerchantAvailable, AMOUNT)])],
            caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
            notices: vec![Notice::RefundExpired(REFUND)],
            ..Effects::default()
        }
    );
    assert_eq!(outcome.actor, Actor::System, "a timer did it, whoever asked");
}

#[test]
fn a_canceled_refund_is_held_again() {
    let by_payer = (CanceledBy::Payer, EntryKind::CanceledByPayer);
    let by_merchant = (CanceledBy::Merchant, EntryKind::CanceledByMerchant);
    let ways = [
        (StateName::Scheduled, by_payer),
        (StateName::AwaitingClaim, by_merchant),
        (StateName::Scheduled, by_merchant),
        (StateName::PayoutFailed, by_merchant),
    ];
    for (from, (by, kind)) in ways {
        let outcome = expect(from, canceled_by(by), start());
        let cancel = Cancel { by, reason: CancelReason::NotRequested, note: Some("not me".to_owned()), at: start() };
        assert_eq!(state_of(&outcome), RefundState::Canceled { cancel });
        assert!(matches!(outcome.claim, Some(ClaimChange::Close { claim: CLAIM, state: ClaimState::Canceled })));
        assert_eq!(
            effects(&outcome),
            Effects {
                entries: vec![(kind, vec![(Account::RefundPayable, Account::Holding(INVOICE), AMOUNT)])],
                caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
                notices: vec![Notice::RefundCanceled(REFUND)],
                note: Some("not_requested".to_owned()),
                ..Effects::default()
            }
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
    let event = Event::Released { payout: PAYOUT, asset: eth() };
    let outcome = step(Refund { state: scheduled, ..refund }, event, Actor::System, start()).expect("it is due");
    let postings = vec![(Account::RefundPayable, Account::PayoutInFlight, NET), (Account::RefundPayable, Account::PayoutInFlight, FEE)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutReserved, postings)]);
    assert!(outcome.payout.is_some_and(|payout| payout.fee_is_in_kind));
}

#[test]
fn a_free_payout_has_no_empty_posting() {
    let free = Directed { fee: usdt().units(0), ..directed() };
    let scheduled = RefundState::Scheduled { directed: free, release_at: release_at(), blocked_by: None };
    let before = Refund { state: scheduled, ..refund(StateName::Scheduled) };
    let outcome = step(before, released(), Actor::System, release_at()).expect("it is due");
    let all_of_it = vec![(Account::RefundPayable, Account::PayoutInFlight, AMOUNT)];
    assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutReserved, all_of_it)]);
    let payout = outcome.payout.expect("a payout");
    assert_eq!(payout.net, usdt().units(AMOUNT));

    let sending = outcome.refund.expect("it is on its way");
    let failure = PayoutFailure::SignerDeclined;
    let outcome =
        step(sending, Event::PayoutUnpaid { payout, failure, burnt: None }, Actor::System, release_at()).expect("it is in flight");
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
    let same = step(blocked.clone(), again, Actor::System, release_at()).expect("it stays blocked");
    assert!(same.refund.is_none());
    assert_eq!(effects(&same), Effects::default());

    let other = step(blocked.clone(), Event::Blocked(BlockedBy::FeeAboveCap), Actor::System, release_at()).expect("it stays blocked");
    assert_eq!(effects(&other), Effects { note: Some("fee_above_cap".to_owned()), ..told });

    let freed = step(blocked, released(), Actor::System, release_at()).expect("nothing blocks it any more");
    assert_eq!(state_of(&freed).name(), StateName::Sending);
}

#[test]
fn a_token_payout_burns_gas_in_another_coin() {
    let net_left = (EntryKind::PayoutFinal, vec![(Account::PayoutInFlight, Account::Custody, NET)]);
    let gas = (EntryKind::GasBurnt, vec![(Account::NetworkFee, Account::Custody, 345)]);
    for (spent, entries) in [(345, vec![net_left.clone(), gas]), (0, vec![net_left])] {
        let event = Event::PayoutFinal { payout: token_payout(), spent: trx(spent) };
        let outcome = expect(StateName::Sending, event, start());
        assert!(outcome.entries.iter().skip(1).all(|entry| entry.postings.iter().all(|posting| posting.amount == trx(spent))));
        assert_eq!(state_of(&outcome), RefundState::Paid { directed: directed(), payout: PAYOUT, txid: "txid".to_owned() });
        assert_eq!(effects(&outcome), Effects { entries, notices: vec![Notice::RefundPaid(REFUND)], ..Effects::default() });
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
        let outcome = step(Refund { state: sending, ..refund.clone() }, event, Actor::System, start()).expect("it is in flight");
        assert_eq!(effects(&outcome).entries, [(EntryKind::PayoutFinal, postings)], "spent {spent}");
    }
    for spent in [1, 1_000_001] {
        let sending = RefundState::Sending { directed: directed.clone(), payout: PAYOUT };
        let event = Event::PayoutFinal { payout: coin_payout(), spent: trx(spent) };
        let answer = step(Refund { state: sending, ..refund.clone() }, event, Actor::System, start());
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
    let outcome = step(Refund { state: sending, ..refund }, event, Actor::System, start()).expect("it is in flight");
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
    let payer = step(scheduled, canceled_by(CanceledBy::Payer), Actor::Payer, start());
    assert_eq!(payer.expect_err("the payer's time was over before"), Refused::TooLate { release_at: start() });
}

#[test]
fn a_claim_ends_at_its_last_moment() {
    let confirm = |now| step(refund(StateName::AwaitingClaim), confirmed(usdt().units(FEE)), Actor::Payer, now).map(drop);
    let lapse = |now| step(refund(StateName::AwaitingClaim), Event::ClaimLapsed, Actor::System, now).map(drop);
    let expired = Err(Refused::ClaimExpired { expired_at: expires_at() });
    assert_eq!(confirm(just_before(expires_at())), Ok(()));
    assert_eq!(confirm(expires_at()), expired);
    assert_eq!(confirm(just_after(expires_at())), expired);
    assert_eq!(lapse(just_before(expires_at())), Err(Refused::TooEarly { not_before: expires_at() }));
    assert_eq!(lapse(expires_at()), Ok(()));
    assert_eq!(lapse(just_after(expires_at())), Ok(()));
}

#[test]
fn the_payer_can_cancel_until_the_release() {
    let ask = |event, now| step(refund(StateName::Scheduled), event, Actor::Payer, now).map(drop);
    let too_late = Err(Refused::TooLate { release_at: release_at() });
    assert_eq!(ask(canceled_by(CanceledBy::Payer), just_before(release_at())), Ok(()));
    assert_eq!(ask(canceled_by(CanceledBy::Payer), release_at()), too_late);
    assert_eq!(ask(canceled_by(CanceledBy::Payer), just_after(release_at())), too_late);
    for event in [released(), Event::Blocked(BlockedBy::FeeAboveCap)] {
        let too_early = Err(Refused::TooEarly { not_before: release_at() });
        assert_eq!(ask(event.clone(), just_before(release_at())), too_early);
        assert_eq!(ask(event.clone(), release_at()), Ok(()));
        assert_eq!(ask(event, just_after(release_at())), Ok(()));
    }
    assert_eq!(ask(canceled_by(CanceledBy::Merchant), just_after(release_at())), Ok(()), "a blocked refund can still be stopped");
}

#[test]
fn a_fee_leaves_something_worth_sending() {
    let confirm = |fee: u128| step(refund(StateName::AwaitingClaim), confirmed(usdt().units(fee)), Actor::Payer, start()).map(drop);
    assert_eq!(confirm(0), Ok(()));
    assert_eq!(confirm(48_797_896), Ok(()), "all but dust");
    for fee in [48_797_897, AMOUNT, 48_897_897, Amount::UNITS_MAX] {
        assert_eq!(confirm(fee), Err(Refused::FeeExceedsAmount), "{fee}");
    }
    let no_dust = Asset { dust_units: 0, ..usdt() };
    let confirm = |fee: u128| {
        let event = Event::Confirmed { destination: tron(), fee: usdt().units(fee), consent: CONSENT, asset: no_dust.clone() };
        step(refund(StateName::AwaitingClaim), event, Actor::Payer, start()).map(drop)
    };
    assert_eq!(confirm(48_897_895), Ok(()), "one unit is left");
    assert_eq!(confirm(AMOUNT), Err(Refused::FeeExceedsAmount));
}

#[test]
fn networks_and_assets_are_not_mixed() {
    let confirm = |destination, fee, asset| {
        let event = Event::Confirmed { destination, fee, consent: CONSENT, asset };
        step(refund(StateName::AwaitingClaim), event, Actor::Payer, start()).map(drop)
    };
    let mixed = Err(Refused::Money(MoneyError::MixedAssets));
    assert_eq!(confirm(evm(), usdt().units(FEE), usdt()), Err(Refused::OtherNetwork));
    assert_eq!(confirm(tron(), trx(FEE), usdt()), mixed, "a fee in another coin");
    assert_eq!(confirm(evm(), usdt().units(FEE), eth()), mixed, "the rules of another asset");
    let release = Event::Released { payout: PAYOUT, asset: eth() };
    assert_eq!(step(refund(StateName::Scheduled), release, Actor::System, release_at()).map(drop), mixed);
}

#[test]
fn only_the_payout_in_flight_counts() {
    let ask = |event| step(refund(StateName::Sending), event, Actor::System, start()).map(drop);
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
fn a_second_confirmation_shows_the_first_destination_masked() {
    let scheduled = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start()).refund.expect("it is scheduled");
    let refused = step(scheduled, confirmed(usdt().units(FEE)), Actor::Payer, start()).expect_err("claimed already");
    assert_eq!(refused, already_claimed_to(TRON_MASKED));
    assert!(!format!("{refused} {refused:?}").contains(TRON));
    assert_eq!(refused.to_string(), "this refund has already been claimed, to TDD97y…v4Vaqm");
}

#[test]
fn no_two_entries_of_a_long_life_share_a_key() {
    let mut refund = refund(StateName::AwaitingClaim);
    let mut keys = Vec::new();
    let mut entries = |refund: &mut Refund, event: Event| {
        let now = fitting_time(&event);
        let outcome = step(refund.clone(), event, Actor::System, now).expect("it fits");
        keys.extend(outcome.entries.into_iter().map(|entry| entry.key));
        *refund = outcome.refund.expect("it changes");
    };
    entries(&mut refund, confirmed(usdt().units(FEE)));
    for attempt in [10, 11] {
        let id = PayoutId(Uuid::from_u128(attempt));
        let payout = Payout { id, ..token_payout() };
        entries(&mut refund, Event::Released { payout: id, asset: usdt() });
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

/// From where, to where, and how much.
type Moved = (Account, Account, u128);

/// What an outcome does beside the rows it changes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Effects {
    entries: Vec<(EntryKind, Vec<Moved>)>,
    caps: Vec<CapChange>,
    notices: Vec<Notice>,
    jobs: Vec<DueJob>,
    note: Option<String>,
}

fn effects(outcome: &Outcome) -> Effects {
    let postings = |entry: &LedgerEntry| entry.postings.iter().map(|p| (p.debit, p.credit, p.amount.units)).collect();
    Effects {
        entries: outcome.entries.iter().map(|entry| (entry.kind, postings(entry))).collect(),
        caps: outcome.caps.clone(),
        notices: outcome.notices.clone(),
        jobs: outcome.jobs.clone(),
        note: outcome.note.clone(),
    }
}

fn expect(state: StateName, event: Event, now: Timestamp) -> Outcome {
    step(refund(state), event, Actor::Payer, now).expect("the event fits the state")
}

fn state_of(outcome: &Outcome) -> RefundState {
    outcome.refund.as_ref().expect("the refund changes").state.clone()
}

fn already_claimed_to(masked: &str) -> Refused {
    Refused::AlreadyClaimed { destination: masked.to_owned() }
}

/// One event of each kind, in the order of the table.
fn events() -> [Event; COLUMNS] {
    [
        confirmed(usdt().units(FEE)),
        Event::ClaimLapsed,
        canceled_by(CanceledBy::Payer),
        canceled_by(CanceledBy::Merchant),
        released(),
        Event::Blocked(BlockedBy::InsufficientFunds),
        Event::PayoutFinal { payout: token_payout(), spent: trx(345) },
        Event::PayoutUnpaid { payout: token_payout(), failure: PayoutFailure::ContractReverted, burnt: None },
        Event::Retried,
    ]
}

const CONSENT: Consent = Consent { text_version: 1 };

fn confirmed(fee: Amount) -> Event {
    Event::Confirmed { destination: tron(), fee, consent: CONSENT, asset: usdt() }
}

fn canceled_by(by: CanceledBy) -> Event {
    Event::Canceled { by, reason: CancelReason::NotRequested, note: Some("not me".to_owned()) }
}

fn released() -> Event {
    Event::Released { payout: PAYOUT, asset: usdt() }
}

/// A token refund in a state, at version 7.
fn refund(state: StateName) -> Refund {
    let directed = directed();
    let state = match state {
        StateName::AwaitingClaim => RefundState::AwaitingClaim { claim: CLAIM, expires_at: expires_at() },
        StateName::Scheduled => RefundState::Scheduled { directed, release_at: release_at(), blocked_by: None },
        StateName::Sending => RefundState::Sending { directed, payout: PAYOUT },
        StateName::PayoutFailed => RefundState::PayoutFailed { directed, failure: PayoutFailure::ContractReverted },
        StateName::Paid => RefundState::Paid { directed, payout: PAYOUT, txid: "txid".to_owned() },
        StateName::Expired => RefundState::Expired { expired_at: expires_at() },
        StateName::Canceled => {
            let cancel = Cancel { by: CanceledBy::Payer, reason: CancelReason::WrongAddress, note: None, at: start() };
            RefundState::Canceled { cancel }
        }
    };
    Refund {
        id: REFUND,
        mid: MidId(Uuid::from_u128(1)),
        invoice: INVOICE,
        case: CaseId(Uuid::from_u128(6)),
        reference: "REFUND-A1".to_owned(),
        reason: Reason::Overpaid,
        flags: Flags::default(),
        amount: usdt().units(AMOUNT),
        fee_bearer: FeeBearer::Payer,
        security_delay: Period::hours(72),
        state,
        version: 7,
        created_at: start(),
        updated_at: start(),
    }
}

fn directed() -> Directed {
    Directed { claim: CLAIM, destination: tron(), fee: usdt().units(FEE), confirmed_at: start() }
}

/// A refund of the network's own coin, and where it goes.
fn coin_refund() -> (Refund, Directed) {
    let directed = Directed { destination: evm(), fee: eth().units(FEE), ..directed() };
    (Refund { amount: eth().units(AMOUNT), ..refund(StateName::AwaitingClaim) }, directed)
}

/// A token's payout as it is sent.
fn token_payout() -> Payout {
    Payout {
        id: PAYOUT,
        refund: REFUND,
        mid: MidId(Uuid::from_u128(1)),
        net: usdt().units(NET),
        fee: usdt().units(FEE),
        fee_is_in_kind: false,
        destination: tron(),
        state: PayoutState::Broadcast(signed()),
        version: 3,
        created_at: start(),
    }
}

fn coin_payout() -> Payout {
    Payout { net: eth().units(NET), fee: eth().units(FEE), fee_is_in_kind: true, destination: evm(), ..token_payout() }
}

fn signed() -> Signed {
    Signed { slot: 9, txid: "txid".to_owned(), bytes: vec![1, 2, 3] }
}

fn usdt() -> Asset {
    asset("USDT-TRON", Network::Tron, Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"))
}

fn eth() -> Asset {
    asset("ETH-ETHEREUM", Network::Ethereum, None)
}

/// Gas for token payouts.
fn trx(units: u128) -> Amount {
    asset("TRX-TRON", Network::Tron, None).units(units)
}

fn asset(id: &str, network: Network, contract: Option<&str>) -> Asset {
    Asset {
        id: id.parse().expect("an id"),
        network,
        decimals: 6,
        contract: contract.map(str::to_owned),
        finality: 1,
        dust_units: DUST,
        network_fee_units: FEE,
    }
}

fn tron() -> Destination {
    Destination::parse(Network::Tron, TRON, None).expect("an address")
}

fn evm() -> Destination {
    Destination::parse(Network::Ethereum, EVM, None).expect("an address")
}

fn start() -> Timestamp {
    instant("2025-01-01T00:00:00Z")
}

/// 72 hours after the start.
fn release_at() -> Timestamp {
    instant("2025-01-04T00:00:00Z")
}

/// 90 days after the start.
fn expires_at() -> Timestamp {
    instant("2025-04-01T00:00:00Z")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn just_before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(SignedDuration::from_micros(1)).expect("an instant")
}

fn just_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(SignedDuration::from_micros(1)).expect("an instant")
}

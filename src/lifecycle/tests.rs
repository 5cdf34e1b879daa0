//! Every event in every state of a refund: what it changes, or how it is refused.

use jiff::SignedDuration;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::claim::{Claim, ClaimState, TokenHash};
use crate::email::{Audience, EmailKind, EmailState};
use crate::exception::Flags;
use crate::ids::{CaseId, ClaimId, EmailId, InvoiceId, KeyId, MidId, PolicyId, RefundId, UserId};
use crate::job::{DueJob, Job};
use crate::ledger::{Account, EntryKind, LedgerEntry};
use crate::money::{AssetId, Network};
use crate::notice::Notice;
use crate::outcome::{CapChange, ClaimChange};
use crate::payout::{PayoutState, Signed};
use crate::policy::{DelayAnchor, DestinationSource, FeeBearer, Notify, OnExpiry, Period, RateRule};
use crate::rate::{Fiat, Rate};
use crate::refund::{Approval, Cancel, Funding, Reason, Request};

const TRON: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const TRON_MASKED: &str = "TDD97y…v4Vaqm";
const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

const INVOICE: InvoiceId = InvoiceId(Uuid::from_u128(2));
const REFUND: RefundId = RefundId(Uuid::from_u128(3));
const CLAIM: ClaimId = ClaimId(Uuid::from_u128(4));
const PAYOUT: PayoutId = PayoutId(Uuid::from_u128(5));

/// The link that a refund is offered by next.
const NEXT: NewClaim = NewClaim { id: ClaimId(Uuid::from_u128(14)), token: TokenHash([1; 32]), cancel_token: TokenHash([2; 32]) };

const MAKER: Actor = Actor::User(UserId(Uuid::from_u128(20)));
const CHECKER: Actor = Actor::User(UserId(Uuid::from_u128(21)));
const PROGRAM: Actor = Actor::Key(KeyId(Uuid::from_u128(22)));

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

/// The columns of the table: one per event, three for a cancelation.
const COLUMNS: usize = 24;

/// Returns an event's column: a new event does not compile until it has one.
const fn column(event: &Event) -> usize {
    match event {
        Event::Approved(_) => 0,
        Event::Declined { .. } => 1,
        Event::Confirmed { .. } => 2,
        Event::Reminded => 3,
        Event::Notified => 4,
        Event::ClaimLapsed { .. } => 5,
        Event::Canceled { by: CanceledBy::Payer, .. } => 6,
        Event::Canceled { by: CanceledBy::Merchant, .. } => 7,
        Event::Canceled { by: CanceledBy::System, .. } => 8,
        Event::Held(_) => 9,
        Event::HoldReleased => 10,
        Event::Released { .. } => 11,
        Event::Blocked(_) => 12,
        Event::PayoutFinal { .. } => 13,
        Event::PayoutUnpaid { .. } => 14,
        Event::PayoutReorged { .. } => 15,
        Event::Retried => 16,
        Event::Reissued { .. } => 17,
        Event::Directed { .. } => 18,
        Event::Delayed { .. } => 19,
        Event::FeeRaised { .. } => 20,
        Event::ClaimedAgain => 21,
        Event::Undelivered(_) => 22,
        Event::Requoted { .. } => 23,
    }
}

/// Returns a state's row: a new state does not compile until it has one.
const fn row(state: StateName) -> [Answer; COLUMNS] {
    use Answer::{AlreadyClaimed, ClaimExpired, To, WrongState as No};
    use StateName as S;
    // approved, declined, | confirmed, reminded, notified, lapsed, | canceled by payer, merchant, system,
    // held, let go, released, blocked, | final, unpaid, reorged, | retried, reissued, directed, delayed, fee raised, claimed again, undelivered, requoted
    #[rustfmt::skip]
    let row = match state {
        S::AwaitingApproval => [
            To(S::AwaitingClaim), To(S::Declined), No, No, No, No, No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, No, No, No, No, No, No, No, No,
        ],
        S::AwaitingClaim => [
            No, No, To(S::Scheduled), To(S::AwaitingClaim), To(S::AwaitingClaim), To(S::Expired), No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, No, No, To(S::Scheduled), No, No, No, To(S::AwaitingClaim), No,
        ],
        S::Scheduled => [
            No, No, AlreadyClaimed, No, No, No, To(S::Canceled), To(S::Canceled), To(S::Canceled),
            To(S::OnHold), No, To(S::Sending), To(S::Scheduled), No, No, No, No, No, AlreadyClaimed, To(S::Scheduled), No, To(S::Scheduled), To(S::Scheduled), No,
        ],
        S::OnHold => [
            No, No, AlreadyClaimed, No, No, No, To(S::Canceled), To(S::Canceled), To(S::Canceled),
            No, To(S::Scheduled), No, No, No, No, No, No, No, AlreadyClaimed, To(S::OnHold), No, To(S::OnHold), To(S::OnHold), No,
        ],
        S::Sending => [
            No, No, AlreadyClaimed, No, No, No, No, No, No,
            No, No, No, No, To(S::Paid), To(S::PayoutFailed), No, No, No, AlreadyClaimed, No, To(S::Sending), No, No, No,
        ],
        S::PayoutFailed => [
            No, No, AlreadyClaimed, No, No, No, No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, To(S::Scheduled), To(S::AwaitingClaim), AlreadyClaimed, No, No, No, No, No,
        ],
        S::Paid => [
            No, No, AlreadyClaimed, No, No, No, No, No, No,
            No, No, No, No, No, No, To(S::Sending), No, No, AlreadyClaimed, No, No, No, No, No,
        ],
        S::Expired => [
            No, No, ClaimExpired, No, No, No, No, No, No,
            No, No, No, No, No, No, No, No, To(S::AwaitingClaim), ClaimExpired, No, No, No, No, No,
        ],
        S::Canceled => [
            No, No, No, No, No, No, No, No, No,
            No, No, No, No, No, No, No, No, To(S::AwaitingClaim), No, No, No, No, No, No,
        ],
        S::Declined => [No; COLUMNS],
    };
    row
}

/// Returns the time at which nothing but the state can refuse an event: a new event does not compile until it has one.
fn fitting_time(event: &Event) -> Timestamp {
    match event {
        Event::Approved(_)
        | Event::Declined { .. }
        | Event::Confirmed { .. }
        | Event::Directed { .. }
        | Event::Delayed { .. }
        | Event::Reminded
        | Event::Notified
        | Event::Undelivered(_)
        | Event::Canceled { .. }
        | Event::Held(_)
        | Event::HoldReleased
        | Event::ClaimedAgain
        | Event::FeeRaised { .. }
        | Event::PayoutFinal { .. }
        | Event::PayoutUnpaid { .. }
        | Event::PayoutReorged { .. }
        | Event::Retried
        | Event::Reissued { .. } => start(),
        Event::Released { .. } | Event::Blocked(_) | Event::Requoted { .. } => release_at(),
        Event::ClaimLapsed { .. } => expires_at(),
    }
}

/// Returns what an event changes on a refund of held money beside its state: a new event does not compile until it is known.
fn beside_the_state(event: &Event, refund: Refund, now: Timestamp) -> Refund {
    match event {
        Event::Declined { .. } | Event::Canceled { .. } => Refund { is_reserved: false, ..refund },
        Event::ClaimLapsed { .. } => Refund { is_reserved: false, funding: Funding::Merchant, ..refund },
        Event::Reminded | Event::Notified => Refund { notified_at: Some(now), ..refund },
        Event::HoldReleased => Refund { is_reviewed: true, ..refund },
        Event::Reissued { .. } => Refund { is_reserved: true, ..refund },
        Event::Approved(_)
        | Event::Confirmed { .. }
        | Event::Directed { .. }
        | Event::Delayed { .. }
        | Event::Undelivered(_)
        | Event::Held(_)
        | Event::Released { .. }
        | Event::Blocked(_)
        | Event::ClaimedAgain
        | Event::FeeRaised { .. }
        | Event::PayoutFinal { .. }
        | Event::PayoutUnpaid { .. }
        | Event::PayoutReorged { .. }
        | Event::Retried
        | Event::Requoted { .. } => refund,
    }
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    for state in StateName::ALL {
        let mut reached = Vec::new();
        for (index, event) in events().into_iter().enumerate() {
            assert_eq!(column(&event), index, "events() and column() name the events in one order");
            let (before, now) = (refund(state), fitting_time(&event));
            let policy = Policy { destination_source: DestinationSource::Merchant, ..Policy::default() };
            let answer = step(before.clone(), event.clone(), &policy, CHECKER, now);
            let pair = format!("{state} and {event:?}");
            match (row(state)[index], answer) {
                (Answer::To(expected), Ok(outcome)) => {
                    let after = outcome.refund.expect("an event that is not refused changes the refund");
                    assert_eq!(after.state.name(), expected, "{pair}");
                    let beside = beside_the_state(&event, before, now);
                    assert_eq!(after, Refund { state: after.state.clone(), version: 8, updated_at: now, ..beside }, "{pair}");
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
        if state == StateName::AwaitingApproval {
            reached.push(state_of(&approved_with_a_destination()).name());
        }
        if state == StateName::Scheduled {
            reached.push(state_of(&requoted(FeeBearer::Payer, BlockedBy::FeeAboveCap).expect("it waits for its fee")).name());
        }
        for name in StateName::ALL {
            assert_eq!(leads_to(state).contains(&name), reached.contains(&name), "leads_to({state}) and {name}");
        }
    }
}

/// BP-13: `immediate` takes the money at once; without it the money is the merchant's until the refund is sent.
#[test]
fn a_merchants_refund_is_set_aside_at_once_only_when_immediate() {
    let reserved = (EntryKind::RefundReserved, vec![(Account::MerchantAvailable, Account::RefundPayable, AMOUNT)]);
    for (is_immediate, entries) in [(true, vec![reserved.clone()]), (false, vec![])] {
        let refund = Refund { is_reserved: is_immediate, ..new_refund(Funding::Merchant) };
        let outcome = opened(refund, opening(None), &Policy::default(), false).expect("it opens");
        assert_eq!(effects(&outcome), Effects { entries, ..offered(vec![Notice::RefundCreated(REFUND)]) });
        assert_eq!(state_of(&outcome), RefundState::AwaitingClaim { claim: NEXT.id, expires_at: expires_at() });
        assert!(matches!(&outcome.claim, Some(ClaimChange::Issue(claim)) if *claim == link()));
    }

    let later = Refund { is_reserved: false, ..refund(StateName::Scheduled) };
    let later = Refund { funding: Funding::Merchant, ..later };
    let outcome = happens(later, released(), Actor::System, release_at()).expect("it is due");
    let sent = vec![(Account::RefundPayable, Account::PayoutInFlight, NET), (Account::RefundPayable, Account::FeeRecovery, FEE)];
    assert_eq!(effects(&outcome).entries, [reserved, (EntryKind::PayoutReserved, sent)]);
    assert!(outcome.refund.is_some_and(|refund| refund.is_reserved));
}

/// P04 and P05: held money, and money in suspense, never comes out of what the merchant may take out.
#[test]
fn a_refund_is_set_aside_from_where_its_money_is() {
    let ways = [
        (Funding::Holding, EntryKind::RefundCreated, Account::Holding(INVOICE)),
        (Funding::Suspense, EntryKind::RefundCreated, Account::Suspense),
        (Funding::Merchant, EntryKind::RefundReserved, Account::MerchantAvailable),
    ];
    for (funding, kind, from) in ways {
        let outcome = opened(new_refund(funding), opening(None), &Policy::default(), false).expect("it opens");
        assert_eq!(effects(&outcome).entries, [(kind, vec![(from, Account::RefundPayable, AMOUNT)])]);
        assert_eq!(outcome.caps, [CapChange::Commit(INVOICE, usdt().units(AMOUNT))]);
    }
}

/// Odd case 25: money is promised while it waits for its second person, so that it cannot be promised twice.
#[test]
fn a_refund_that_needs_approval_promises_its_money_and_offers_nothing() {
    let before = new_refund(Funding::Merchant);
    let outcome = opened(before.clone(), opening(Some(known())), &Policy::default(), true).expect("it opens");
    assert_eq!(outcome.refund, Some(before));
    assert!(outcome.claim.is_none());
    assert_eq!(
        effects(&outcome),
        Effects {
            entries: vec![(EntryKind::RefundReserved, vec![(Account::MerchantAvailable, Account::RefundPayable, AMOUNT)])],
            caps: vec![CapChange::Commit(INVOICE, usdt().units(AMOUNT))],
            notices: vec![Notice::RefundCreated(REFUND), Notice::RefundApprovalNeeded(REFUND)],
            ..Effects::default()
        }
    );
}

#[test]
fn a_refund_whose_destination_is_known_is_scheduled_at_once() {
    let outcome = opened(new_refund(Funding::Holding), opening(Some(known())), &Policy::default(), false).expect("it opens");
    let directed = Directed { claim: NEXT.id, ..directed() };
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed, release_at: release_at(), blocked_by: None });
    assert!(matches!(
        &outcome.claim,
        Some(ClaimChange::Direct { claim, destination })
            if *claim == Claim { verified_by: VerifiedBy::Merchant, ..link() } && *destination == tron()
    ));
    assert_eq!(
        effects(&outcome),
        Effects {
            entries: vec![(EntryKind::RefundCreated, vec![(Account::Holding(INVOICE), Account::RefundPayable, AMOUNT)])],
            caps: vec![CapChange::Commit(INVOICE, usdt().units(AMOUNT))],
            notices: vec![Notice::RefundCreated(REFUND), Notice::RefundClaimed(REFUND)],
            jobs: vec![Job::Release(REFUND).at(release_at())],
            ..Effects::default()
        }
    );

    let try_it = |known| opened(new_refund(Funding::Holding), opening(Some(known)), &Policy::default(), false).map(drop);
    assert_eq!(try_it(Known { destination: evm(), ..known() }), Err(Refused::OtherNetwork));
    assert_eq!(try_it(Known { fee: usdt().units(AMOUNT), ..known() }), Err(Refused::FeeExceedsAmount));
}

#[test]
fn whoever_made_a_refund_cannot_approve_it() {
    let made_by = |maker| {
        let request = Request {
            maker,
            reference: None,
            guid: None,
            support_request: None,
            reason: None,
            message: None,
            immediate: true,
            notify: None,
            approval: Approval::NotNeeded,
        };
        Refund { request: Some(request), ..refund(StateName::AwaitingApproval) }
    };
    let ask = |maker, actor| happens(made_by(maker), Event::Approved(opening(None)), actor, start()).map(drop);
    assert_eq!(ask(MAKER, MAKER), Err(Refused::OwnRequest));
    assert_eq!(ask(MAKER, CHECKER), Ok(()));
    assert_eq!(ask(PROGRAM, CHECKER), Ok(()), "what a program asks for, a person can approve");
    let declined = Event::Declined { reason: "changed my mind".to_owned() };
    assert!(happens(made_by(MAKER), declined, MAKER, start()).is_ok(), "stopping it needs no second person");
}

#[test]
fn only_a_person_approves_declines_or_lets_go() {
    let waiting = || refund(StateName::AwaitingApproval);
    let asked = [
        (waiting(), Event::Approved(opening(None))),
        (waiting(), Event::Declined { reason: "no".to_owned() }),
        (refund(StateName::OnHold), Event::HoldReleased),
    ];
    for (refund, event) in asked {
        for actor in [PROGRAM, Actor::System, Actor::Payer] {
            let answer = happens(refund.clone(), event.clone(), actor, start()).map(drop);
            assert_eq!(answer, Err(Refused::NotAPerson), "{actor} and {event:?}");
        }
    }
}

#[test]
fn an_approved_refund_goes_on_its_way() {
    let outcome = expect(StateName::AwaitingApproval, Event::Approved(opening(None)), start());
    assert_eq!(state_of(&outcome), RefundState::AwaitingClaim { claim: NEXT.id, expires_at: expires_at() });
    assert!(matches!(&outcome.claim, Some(ClaimChange::Issue(claim)) if *claim == link()));
    let said = Effects { caps: vec![], note: Some("approved".to_owned()), ..offered(vec![]) };
    assert_eq!(effects(&outcome), said, "its money was promised when it was made");
    assert_eq!(outcome.actor, CHECKER);

    let outcome = approved_with_a_destination();
    let directed = Directed { claim: NEXT.id, ..directed() };
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed, release_at: release_at(), blocked_by: None });
    assert_eq!(
        effects(&outcome),
        Effects {
            notices: vec![Notice::RefundClaimed(REFUND)],
            jobs: vec![Job::Release(REFUND).at(release_at())],
            note: Some("approved".to_owned()),
            ..Effects::default()
        }
    );
}

#[test]
fn what_is_approved_is_what_was_asked_for() {
    let ask = |asked: Option<Destination>, known: Option<Known>| {
        let waiting = RefundState::AwaitingApproval { destination: asked };
        let before = Refund { state: waiting, ..refund(StateName::AwaitingApproval) };
        happens(before, Event::Approved(opening(known)), CHECKER, start()).map(drop)
    };
    let elsewhere = Destination::parse(Network::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", None).expect("an address");
    assert_eq!(ask(Some(tron()), Some(known())), Ok(()));
    assert_eq!(ask(Some(tron()), None), Err(Refused::OtherNetwork), "a destination is not forgotten");
    assert_eq!(ask(None, Some(known())), Err(Refused::OtherNetwork), "nor thought up");
    assert_eq!(ask(Some(elsewhere), Some(known())), Err(Refused::OtherNetwork), "nor exchanged");
    let too_dear = Known { fee: usdt().units(AMOUNT), ..known() };
    assert_eq!(ask(Some(tron()), Some(too_dear)), Err(Refused::FeeExceedsAmount));
}

#[test]
fn a_declined_refund_gives_its_money_back() {
    let merchants = |is_reserved| Refund { funding: Funding::Merchant, is_reserved, ..refund(StateName::AwaitingApproval) };
    let back = (EntryKind::CanceledByMerchant, vec![(Account::RefundPayable, Account::MerchantAvailable, AMOUNT)]);
    for (is_reserved, entries) in [(true, vec![back]), (false, vec![])] {
        let event = Event::Declined { reason: "twice".to_owned() };
        let outcome = happens(merchants(is_reserved), event, CHECKER, start()).expect("it waits for that");
        assert_eq!(state_of(&outcome), RefundState::Declined { by: CHECKER, reason: "twice".to_owned() });
        assert!(outcome.claim.is_none(), "it never had a link");
        assert_eq!(
            effects(&outcome),
            Effects {
                entries,
                caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
                notices: vec![Notice::RefundDeclined(REFUND)],
                note: Some("twice".to_owned()),
                ..Effects::default()
            }
        );
    }
}

#[test]
fn a_confirmed_claim_freezes_the_destination_and_moves_no_money() {
    let outcome = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start());
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: None });
    assert!(matches!(
        &outcome.claim,
        Some(ClaimChange::Confirm { claim: CLAIM, destination, consent: Consent { text_version: 1 }, email: None }) if *destination == tron()
    ));
    assert_eq!(
        effects(&outcome),
        Effects { notices: vec![Notice::RefundClaimed(REFUND)], jobs: vec![Job::Release(REFUND).at(release_at())], ..Effects::default() }
    );
    assert_eq!(outcome.actor, Actor::Payer);
}

/// Contradiction C2: three days after the confirmation, or after the refund was made, and never before the confirmation.
#[test]
fn the_delay_is_counted_from_where_the_policy_says() {
    let policy = |security_delay_anchor| Policy { security_delay_anchor, ..Policy::default() };
    let released_at = |policy: &Policy, confirmed_at| {
        let confirmed = confirmed(usdt().units(FEE));
        let outcome = step(refund(StateName::AwaitingClaim), confirmed, policy, Actor::Payer, confirmed_at).expect("it is offered");
        match state_of(&outcome) {
            RefundState::Scheduled { release_at, .. } => release_at,
            state => panic!("{state:?}"),
        }
    };
    let (one_day, ten_days) = (instant("2025-01-02T00:00:00Z"), instant("2025-01-11T00:00:00Z"));
    let from_claim = policy(DelayAnchor::ClaimConfirmed);
    assert_eq!(released_at(&from_claim, one_day), instant("2025-01-05T00:00:00Z"));
    assert_eq!(released_at(&from_claim, ten_days), instant("2025-01-14T00:00:00Z"));
    let from_creation = policy(DelayAnchor::RefundCreated);
    assert_eq!(released_at(&from_creation, one_day), release_at());
    assert_eq!(released_at(&from_creation, ten_days), ten_days);
}

#[test]
fn payers_are_reminded_as_often_as_the_policy_says() {
    let outcome = opened(new_refund(Funding::Holding), opening(None), &Policy::default(), false).expect("it opens");
    let mut refund = outcome.refund.expect("a refund");
    let mut next = reminders(&outcome.jobs);
    for day in ["2025-03-02T00:00:00Z", "2025-03-25T00:00:00Z", "2025-03-31T00:00:00Z"] {
        assert_eq!(next, [instant(day)]);
        let outcome = happens(refund, Event::Reminded, Actor::System, instant(day)).expect("it is offered");
        next = reminders(&outcome.jobs);
        assert_eq!(
            Effects { jobs: vec![], ..effects(&outcome) },
            Effects { notices: vec![Notice::RefundExpiring(REFUND)], note: Some("reminded".to_owned()), ..Effects::default() }
        );
        refund = outcome.refund.expect("it changes");
        assert_eq!(refund.notified_at, Some(instant(day)));
        assert_eq!(refund.state.name(), StateName::AwaitingClaim);
    }
    assert!(next.is_empty(), "the last reminder was the last");

    let first = |claim_ttl, reminders_at: Vec<u16>| {
        let policy = Policy { claim_ttl, reminders: reminders_at, ..Policy::default() };
        reminders(&opened(new_refund(Funding::Holding), opening(None), &policy, false).expect("it opens").jobs)
    };
    assert_eq!(first(Period::days(7), vec![30, 7, 1]), [instant("2025-01-07T00:00:00Z")], "what lies before the offer is left out");
    assert!(first(Period::days(1), vec![30, 7, 1]).is_empty());
    assert!(first(Period::days(90), vec![]).is_empty());
}

/// BP-11: when the buyer was last written to.
#[test]
fn a_payer_can_be_written_to_again() {
    let now = instant("2025-02-01T00:00:00Z");
    let outcome = happens(refund(StateName::AwaitingClaim), Event::Notified, CHECKER, now).expect("it is offered");
    assert_eq!(
        effects(&outcome),
        Effects { notices: vec![Notice::RefundClaimAvailable(REFUND)], note: Some("notified".to_owned()), ..Effects::default() }
    );
    assert_eq!(outcome.actor, CHECKER);
    assert_eq!(outcome.refund.and_then(|refund| refund.notified_at), Some(now));
}

/// `notify`: a payer whom the merchant writes to is not counted as written to; the merchant is reminded all the same.
#[test]
fn who_writes_to_the_payer_is_the_requests_to_say_then_the_policys() {
    let now = instant("2025-02-01T00:00:00Z");
    let asked = |notify| {
        let request = Request {
            maker: MAKER,
            reference: None,
            guid: None,
            support_request: None,
            reason: None,
            message: None,
            immediate: true,
            notify,
            approval: Approval::NotNeeded,
        };
        Refund { request: Some(request), ..refund(StateName::AwaitingClaim) }
    };
    let reminded = |refund, notify| {
        let policy = Policy { notify, ..Policy::default() };
        let outcome = step(refund, Event::Reminded, &policy, Actor::System, now).expect("it is offered");
        assert_eq!(outcome.notices, [Notice::RefundExpiring(REFUND)]);
        outcome.refund.and_then(|refund| refund.notified_at)
    };
    for (notify, by_policy) in
        [(Notify::EngineEmail, Some(now)), (Notify::Both, Some(now)), (Notify::Merchant, None), (Notify::Nobody, None)]
    {
        assert_eq!(reminded(asked(None), notify), by_policy, "{notify:?}");
        assert_eq!(reminded(refund(StateName::AwaitingClaim), notify), by_policy, "{notify:?}");
        assert_eq!(reminded(asked(Some(true)), notify), Some(now), "{notify:?}");
        assert_eq!(reminded(asked(Some(false)), notify), None, "{notify:?}");
    }
}

/// CM-02, `destination_source: merchant`: the merchant says where to in the payer's place, once, and only where the policy says so.
#[test]
fn a_merchant_directs_a_refund_where_the_policy_leaves_it_to_them() {
    let policy = Policy { destination_source: DestinationSource::Merchant, ..Policy::default() };
    let tell = |event, now| step(refund(StateName::AwaitingClaim), event, &policy, PROGRAM, now);
    let outcome = tell(told(), start()).expect("it waits for that");
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: None });
    assert!(matches!(&outcome.claim, Some(ClaimChange::Tell { claim: CLAIM, destination }) if *destination == tron()));
    assert_eq!(
        effects(&outcome),
        Effects { notices: vec![Notice::RefundClaimed(REFUND)], jobs: vec![Job::Release(REFUND).at(release_at())], ..Effects::default() }
    );
    assert_eq!(outcome.actor, PROGRAM);

    let ask = |event, now| tell(event, now).map(drop);
    assert_eq!(ask(told(), expires_at()), Err(Refused::ClaimExpired { expired_at: expires_at() }));
    let elsewhere = Event::Directed { destination: evm(), fee: usdt().units(FEE), asset: usdt() };
    assert_eq!(ask(elsewhere, start()), Err(Refused::OtherNetwork));
    let dear = Event::Directed { destination: tron(), fee: usdt().units(AMOUNT), asset: usdt() };
    assert_eq!(ask(dear, start()), Err(Refused::FeeExceedsAmount));
    for destination_source in [DestinationSource::PayerClaim, DestinationSource::Precommitted, DestinationSource::SourceAddress] {
        let policy = Policy { destination_source, ..Policy::default() };
        let refused = step(refund(StateName::AwaitingClaim), told(), &policy, PROGRAM, start()).map(drop);
        assert_eq!(refused, Err(Refused::PayersChoice), "{destination_source:?}");
    }
}

/// Odd case 23: what an outage takes of the payer's time to cancel is given back, also to a refund that a person looks at.
#[test]
fn an_outage_makes_the_delay_longer_and_never_shorter() {
    let until = just_after(release_at());
    let effects_of_it = Effects {
        notices: vec![Notice::RefundDelayed(REFUND)],
        jobs: vec![Job::Release(REFUND).at(until)],
        note: Some("delayed".to_owned()),
        ..Effects::default()
    };
    let outcome = expect(StateName::Scheduled, Event::Delayed { until }, release_at());
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: until, blocked_by: None });
    assert_eq!(effects(&outcome), effects_of_it);
    let delayed = outcome.refund.expect("it changes");
    let canceled = happens(delayed, canceled_by(CanceledBy::Payer), Actor::Payer, release_at()).expect("the payer has time still");
    assert_eq!(state_of(&canceled).name(), StateName::Canceled);

    let outcome = expect(StateName::OnHold, Event::Delayed { until }, release_at());
    assert!(matches!(state_of(&outcome), RefundState::OnHold { release_at, .. } if release_at == until));
    assert_eq!(effects(&outcome), effects_of_it);
    for state in [StateName::Scheduled, StateName::OnHold] {
        for until in [release_at(), start()] {
            let refused = happens(refund(state), Event::Delayed { until }, Actor::System, start()).map(drop);
            assert_eq!(refused, Err(Refused::WrongState { state: state.name() }), "not longer than it is");
        }
    }
}

/// P14, BV-09: what nobody claimed is the merchant's, or stays held where the policy says so.
#[test]
fn an_unclaimed_refund_goes_to_the_merchant() {
    let ways = [
        (Funding::Holding, OnExpiry::CreditMerchant, Account::MerchantAvailable, Funding::Merchant),
        (Funding::Holding, OnExpiry::Hold, Account::Holding(INVOICE), Funding::Holding),
        (Funding::Suspense, OnExpiry::CreditMerchant, Account::Suspense, Funding::Suspense),
        (Funding::Suspense, OnExpiry::Hold, Account::Suspense, Funding::Suspense),
        (Funding::Merchant, OnExpiry::CreditMerchant, Account::MerchantAvailable, Funding::Merchant),
        (Funding::Merchant, OnExpiry::Hold, Account::MerchantAvailable, Funding::Merchant),
    ];
    for (funding, on_expiry, goes_to, then) in ways {
        let policy = Policy { on_expiry, ..Policy::default() };
        let before = Refund { funding, ..refund(StateName::AwaitingClaim) };
        let outcome = step(before, lapsed(None), &policy, Actor::Payer, expires_at()).expect("its time is up");
        assert_eq!(state_of(&outcome), RefundState::Expired { expired_at: expires_at(), conversion: None });
        assert!(matches!(outcome.claim, Some(ClaimChange::Close { claim: CLAIM, state: ClaimState::Void })));
        assert_eq!(
            effects(&outcome),
            Effects {
                entries: vec![(EntryKind::ClaimExpired, vec![(Account::RefundPayable, goes_to, AMOUNT)])],
                caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
                notices: vec![Notice::RefundExpired(REFUND)],
                ..Effects::default()
            },
            "{funding:?} and {on_expiry}"
        );
        assert_eq!(outcome.actor, Actor::System, "a timer did it, whoever asked");
        assert!(outcome.refund.is_some_and(|refund| refund.funding == then && !refund.is_reserved));
    }
}

#[test]
fn an_unclaimed_refund_that_was_never_set_aside_moves_no_money() {
    for conversion in [None, Some(converted("23.49968"))] {
        let before = Refund { funding: Funding::Merchant, is_reserved: false, ..refund(StateName::AwaitingClaim) };
        let outcome = happens(before, lapsed(conversion), Actor::System, expires_at()).expect("its time is up");
        assert_eq!(state_of(&outcome), RefundState::Expired { expired_at: expires_at(), conversion: None });
        assert_eq!(
            effects(&outcome),
            Effects {
                caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
                notices: vec![Notice::RefundExpired(REFUND)],
                ..Effects::default()
            }
        );
    }
}

/// P14 with conversion, odd case 39, BV-14: EUR 23.49968 is credited as 23.50, at the rate that is kept beside it.
#[test]
fn an_unclaimed_refund_is_credited_in_the_mids_currency() {
    let lapse = |credited: &str, on_expiry, funding| {
        let policy = Policy { on_expiry, ..Policy::default() };
        let before = Refund { funding, ..refund(StateName::AwaitingClaim) };
        step(before, lapsed(Some(converted(credited))), &policy, Actor::System, expires_at()).expect("its time is up")
    };
    let outcome = lapse("23.49968", OnExpiry::CreditMerchant, Funding::Holding);
    let eur = AssetId::fiat("EUR".parse().expect("a currency")).expect("an id");
    let given_up = Posting { debit: Account::RefundPayable, credit: Account::FxClearing, amount: usdt().units(AMOUNT) };
    let credited = Posting { debit: Account::FxClearing, credit: Account::MerchantAvailable, amount: Amount { units: 2350, asset: eur } };
    assert_eq!(
        outcome.entries.iter().map(|entry| (entry.kind, entry.postings.clone())).collect::<Vec<_>>(),
        [(EntryKind::ClaimExpired, vec![given_up, credited])]
    );
    assert_eq!(state_of(&outcome), RefundState::Expired { expired_at: expires_at(), conversion: Some(converted("23.49968")) });
    assert_eq!(outcome.caps, [CapChange::Release(INVOICE, usdt().units(AMOUNT))]);

    let worthless = lapse("0", OnExpiry::CreditMerchant, Funding::Holding);
    assert_eq!(worthless.entries.iter().flat_map(|entry| entry.postings.clone()).collect::<Vec<_>>(), [given_up]);
    for (on_expiry, funding) in [(OnExpiry::Hold, Funding::Holding), (OnExpiry::CreditMerchant, Funding::Suspense)] {
        let kept = lapse("23.49968", on_expiry, funding);
        assert_eq!(state_of(&kept), RefundState::Expired { expired_at: expires_at(), conversion: None }, "what stays is not converted");
        assert_eq!(effects(&kept).entries, [(EntryKind::ClaimExpired, vec![(Account::RefundPayable, funding.account(INVOICE), AMOUNT)])]);
    }
}

/// P12 and P13: whoever stops it, the money goes back to where it came from.
#[test]
fn a_canceled_refund_is_held_again() {
    let by_payer = (CanceledBy::Payer, EntryKind::CanceledByPayer);
    let by_merchant = (CanceledBy::Merchant, EntryKind::CanceledByMerchant);
    let by_system = (CanceledBy::System, EntryKind::CanceledByMerchant);
    let ways = [
        (StateName::Scheduled, by_payer),
        (StateName::OnHold, by_payer),
        (StateName::AwaitingApproval, by_merchant),
        (StateName::AwaitingClaim, by_merchant),
        (StateName::Scheduled, by_merchant),
        (StateName::OnHold, by_merchant),
        (StateName::PayoutFailed, by_merchant),
        (StateName::AwaitingClaim, by_system),
        (StateName::Scheduled, by_system),
        (StateName::PayoutFailed, by_system),
    ];
    for (from, (by, kind)) in ways {
        for funding in Funding::ALL {
            let before = Refund { funding, ..refund(from) };
            let outcome = happens(before, canceled_by(by), Actor::Payer, start()).expect("the event fits the state");
            let cancel = Cancel { by, reason: CancelReason::NotRequested, note: Some("not me".to_owned()), at: start() };
            assert_eq!(state_of(&outcome), RefundState::Canceled { cancel });
            match outcome.claim {
                Some(ClaimChange::Close { claim: CLAIM, state: ClaimState::Canceled }) => assert_ne!(from, StateName::AwaitingApproval),
                None => assert_eq!(from, StateName::AwaitingApproval, "only there it has no link yet"),
                ref other => panic!("{other:?}"),
            }
            assert_eq!(
                effects(&outcome),
                Effects {
                    entries: vec![(kind, vec![(Account::RefundPayable, funding.account(INVOICE), AMOUNT)])],
                    caps: vec![CapChange::Release(INVOICE, usdt().units(AMOUNT))],
                    notices: vec![Notice::RefundCanceled(REFUND)],
                    note: Some("not_requested".to_owned()),
                    ..Effects::default()
                }
            );
        }
        let unreserved = Refund { funding: Funding::Merchant, is_reserved: false, ..refund(from) };
        let outcome = happens(unreserved, canceled_by(by), Actor::Payer, start()).expect("the event fits the state");
        assert!(outcome.entries.is_empty(), "nothing was set aside");
        assert_eq!(outcome.caps, [CapChange::Release(INVOICE, usdt().units(AMOUNT))]);
    }
}

#[test]
fn a_payer_cancels_only_where_the_policy_lets_them() {
    let policy = Policy { payer_cancel: false, ..Policy::default() };
    for state in [StateName::Scheduled, StateName::OnHold] {
        let ask = |by, now| step(refund(state), canceled_by(by), &policy, Actor::Payer, now).map(drop);
        assert_eq!(ask(CanceledBy::Payer, start()), Err(Refused::PayerCannotCancel));
        assert_eq!(ask(CanceledBy::Payer, release_at()), Err(Refused::PayerCannotCancel));
        assert_eq!(ask(CanceledBy::Merchant, start()), Ok(()));
    }
}

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

/// Odd case 29: what is not set aside yet is priced when it is sent, and the cap moves with it.
#[test]
fn the_price_of_the_day_decides_until_money_is_set_aside() {
    let release = |is_reserved, amount: u128| {
        let before = Refund { funding: Funding::Merchant, is_reserved, ..refund(StateName::Scheduled) };
        let event = Event::Released { payout: PAYOUT, asset: usdt(), amount: Some(usdt().units(amount)) };
        happens(before, event, Actor::System, release_at())
    };
    for amount in [30_000_000, 60_000_000] {
        let outcome = release(false, amount).expect("it is due");
        assert_eq!(
            outcome.caps,
            [CapChange::Release(INVOICE, usdt().units(AMOUNT)), CapChange::Commit(INVOICE, usdt().units(amount))],
            "the old promise ends before the new one begins"
        );
        let reserved = vec![(Account::MerchantAvailable, Account::RefundPayable, amount)];
        let sent = vec![
            (Account::RefundPayable, Account::PayoutInFlight, amount.checked_sub(FEE).expect("more than the fee")),
            (Account::RefundPayable, Account::FeeRecovery, FEE),
        ];
        assert_eq!(effects(&outcome).entries, [(EntryKind::RefundReserved, reserved), (EntryKind::PayoutReserved, sent)]);
        assert_eq!(outcome.refund.map(|refund| refund.amount), Some(usdt().units(amount)));
    }
    let unchanged = release(false, AMOUNT).expect("it is due");
    assert!(unchanged.caps.is_empty());
    let reserved = release(true, 30_000_000).expect("it is due");
    assert!(reserved.caps.is_empty());
    assert_eq!(reserved.refund.map(|refund| refund.amount), Some(usdt().units(AMOUNT)), "what is set aside keeps its amount");
    assert_eq!(release(false, FEE).map(drop), Err(Refused::FeeExceedsAmount));
}

/// Odd case 34: a leaked link cannot move the money, and whoever uses it is heard of.
#[test]
fn a_second_address_changes_nothing_and_is_told() {
    for state in [StateName::Scheduled, StateName::OnHold] {
        let outcome = expect(state, Event::ClaimedAgain, start());
        assert_eq!(state_of(&outcome), refund(state).state);
        let told =
            Effects { notices: vec![Notice::RefundClaimedAgain(REFUND)], note: Some("claimed_again".to_owned()), ..Effects::default() };
        assert_eq!(effects(&outcome), told);
    }
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

/// P04, P05: a refund that ended is set aside anew, from where its money is now.
#[test]
fn a_refund_that_ended_is_offered_by_a_new_link() {
    let ways = [
        (StateName::Expired, Funding::Merchant, EntryKind::RefundReserved),
        (StateName::Expired, Funding::Holding, EntryKind::RefundCreated),
        (StateName::Expired, Funding::Suspense, EntryKind::RefundCreated),
        (StateName::Canceled, Funding::Merchant, EntryKind::RefundReserved),
        (StateName::Canceled, Funding::Holding, EntryKind::RefundCreated),
        (StateName::Canceled, Funding::Suspense, EntryKind::RefundCreated),
    ];
    for (from, funding, kind) in ways {
        let before = Refund { funding, ..refund(from) };
        let outcome = happens(before, reissued(false), MAKER, start()).expect("it ended");
        assert_eq!(state_of(&outcome), RefundState::AwaitingClaim { claim: NEXT.id, expires_at: expires_at() });
        assert!(matches!(&outcome.claim, Some(ClaimChange::Issue(claim)) if *claim == link()));
        let entries = vec![(kind, vec![(funding.account(INVOICE), Account::RefundPayable, AMOUNT)])];
        let note = Some("reissued".to_owned());
        assert_eq!(effects(&outcome), Effects { entries, note, ..offered(vec![Notice::RefundReissued(REFUND)]) });
        assert!(outcome.refund.is_some_and(|refund| refund.is_reserved));
    }
}

/// BP-13: offered again, a refund without `immediate` is set aside when it is sent, as the first time.
#[test]
fn a_refund_made_without_immediate_is_set_aside_when_sent_however_often_it_is_offered() {
    for (immediate, kinds) in [(true, vec![EntryKind::RefundReserved]), (false, vec![])] {
        let request = Request {
            maker: MAKER,
            reference: None,
            guid: None,
            support_request: None,
            reason: None,
            message: None,
            immediate,
            notify: None,
            approval: Approval::NotNeeded,
        };
        let before = Refund { request: Some(request), funding: Funding::Merchant, is_reserved: false, ..refund(StateName::Canceled) };
        let outcome = happens(before, reissued(false), MAKER, start()).expect("it ended");
        assert_eq!(outcome.entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), kinds);
        assert_eq!(outcome.caps, [CapChange::Commit(INVOICE, usdt().units(AMOUNT))], "promised it is");
        assert!(outcome.refund.is_some_and(|refund| refund.is_reserved == immediate));
    }
}

/// CP-13, contradiction C3, odd case 24.
#[test]
fn a_refund_its_payer_canceled_is_offered_again_by_whom_the_policy_names() {
    let reopen = |by, reopen_after_payer_cancel, by_operator| {
        let cancel = Cancel { by, reason: CancelReason::Other, note: None, at: start() };
        let before = Refund { state: RefundState::Canceled { cancel }, ..refund(StateName::Canceled) };
        let policy = Policy { reopen_after_payer_cancel, ..Policy::default() };
        step(before, reissued(by_operator), &policy, MAKER, start()).map(drop)
    };
    for by_operator in [false, true] {
        assert_eq!(reopen(CanceledBy::Payer, Reopen::Merchant, by_operator), Ok(()));
        assert_eq!(reopen(CanceledBy::Merchant, Reopen::Admin, by_operator), Ok(()), "the merchant stopped it, the merchant offers it");
        for rule in Reopen::ALL.iter().copied() {
            let no_money = Err(Refused::WrongState { state: "canceled" });
            assert_eq!(reopen(CanceledBy::System, rule, by_operator), no_money, "its payment vanished");
        }
    }
    assert_eq!(reopen(CanceledBy::Payer, Reopen::Admin, false), Err(Refused::OperatorOnly));
    assert_eq!(reopen(CanceledBy::Payer, Reopen::Admin, true), Ok(()));
}

/// Odd case 21: after a failed payout the payer has two weeks at least; the money stays owed throughout.
#[test]
fn a_failed_payout_is_directed_elsewhere_by_a_new_link() {
    for (ttl, ends) in [(1, "2025-01-15T00:00:00Z"), (14, "2025-01-15T00:00:00Z"), (90, "2025-04-01T00:00:00Z")] {
        let policy = Policy { claim_ttl: Period::days(ttl), reminders: vec![], ..Policy::default() };
        let outcome = step(refund(StateName::PayoutFailed), reissued(false), &policy, MAKER, start()).expect("it failed");
        assert_eq!(state_of(&outcome), RefundState::AwaitingClaim { claim: NEXT.id, expires_at: instant(ends) });
        assert!(matches!(&outcome.claim, Some(ClaimChange::Replace { old: CLAIM, new }) if *new == link()), "the old link ends");
        assert_eq!(
            effects(&outcome),
            Effects {
                notices: vec![Notice::RefundReissued(REFUND), Notice::RefundClaimAvailable(REFUND)],
                jobs: vec![Job::ExpireClaim(REFUND).at(instant(ends))],
                note: Some("reissued".to_owned()),
                ..Effects::default()
            }
        );
    }
}

/// Odd case 9: a fee that stays above what was agreed is asked about again, by a new link; the money stays owed.
#[test]
fn a_payer_is_asked_again_when_the_fee_stays_above_what_they_agreed_to() {
    let outcome = requoted(FeeBearer::Payer, BlockedBy::FeeAboveCap).expect("it waits for its fee");
    assert_eq!(state_of(&outcome), RefundState::AwaitingClaim { claim: NEXT.id, expires_at: expires_at() });
    assert!(matches!(&outcome.claim, Some(ClaimChange::Replace { old: CLAIM, new }) if *new == link()), "the old links end");
    // Promised it was all along: neither the cap nor the books change.
    let expected = Effects {
        notices: vec![Notice::RefundReissued(REFUND), Notice::RefundClaimAvailable(REFUND)],
        note: Some(REQUOTED.to_owned()),
        ..Effects::default()
    };
    assert_eq!(Effects { jobs: vec![], ..effects(&outcome) }, expected);
    for (bearer, reason) in [(FeeBearer::Merchant, BlockedBy::FeeAboveCap), (FeeBearer::Payer, BlockedBy::InsufficientFunds)] {
        assert_eq!(requoted(bearer, reason).map(drop), Err(Refused::WrongState { state: "scheduled" }), "{bearer} {reason:?}");
    }
}

fn requoted(fee_bearer: FeeBearer, reason: BlockedBy) -> Result<Outcome, Refused> {
    let state = RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: Some(reason) };
    let before = Refund { state, fee_bearer, ..refund(StateName::Scheduled) };
    happens(before, Event::Requoted { claim: NEXT }, Actor::System, start())
}

#[test]
fn a_fee_above_the_policys_cap_is_refused() {
    let policy = |percent: i64| Policy { fee_cap: Decimal::from(percent), ..Policy::default() };
    let confirm = |fee: u128, fee_bearer, percent| {
        let before = Refund { fee_bearer, ..refund(StateName::AwaitingClaim) };
        step(before, confirmed(usdt().units(fee)), &policy(percent), Actor::Payer, start()).map(drop)
    };
    for bearer in FeeBearer::ALL.iter().copied() {
        // Ten percent of 48.897896, rounded down.
        assert_eq!(confirm(4_889_789, bearer, 10), Ok(()));
        assert_eq!(confirm(4_889_790, bearer, 10), Err(Refused::FeeAboveCap));
    }
    assert_eq!(confirm(AMOUNT, FeeBearer::Merchant, 100), Ok(()), "the payer receives all of it");
    assert_eq!(confirm(48_897_897, FeeBearer::Merchant, 100), Err(Refused::FeeAboveCap));
}

#[test]
fn a_claim_ends_at_its_last_moment() {
    let confirm = |now| happens(refund(StateName::AwaitingClaim), confirmed(usdt().units(FEE)), Actor::Payer, now).map(drop);
    let lapse = |now| happens(refund(StateName::AwaitingClaim), lapsed(None), Actor::System, now).map(drop);
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
    let ask = |event, now| happens(refund(StateName::Scheduled), event, Actor::Payer, now).map(drop);
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
    let confirm = |fee: u128| happens(refund(StateName::AwaitingClaim), confirmed(usdt().units(fee)), Actor::Payer, start()).map(drop);
    assert_eq!(confirm(0), Ok(()));
    assert_eq!(confirm(48_797_896), Ok(()), "all but dust");
    for fee in [48_797_897, AMOUNT, 48_897_897, Amount::UNITS_MAX] {
        assert_eq!(confirm(fee), Err(Refused::FeeExceedsAmount), "{fee}");
    }
    let no_dust = Asset { dust_units: 0, ..usdt() };
    let confirm = |fee: u128| {
        let event = Event::Confirmed { destination: tron(), fee: usdt().units(fee), consent: CONSENT, email: None, asset: no_dust.clone() };
        happens(refund(StateName::AwaitingClaim), event, Actor::Payer, start()).map(drop)
    };
    assert_eq!(confirm(48_897_895), Ok(()), "one unit is left");
    assert_eq!(confirm(AMOUNT), Err(Refused::FeeExceedsAmount));
}

#[test]
fn networks_and_assets_are_not_mixed() {
    let confirm = |destination, fee, asset| {
        let event = Event::Confirmed { destination, fee, consent: CONSENT, email: None, asset };
        happens(refund(StateName::AwaitingClaim), event, Actor::Payer, start()).map(drop)
    };
    let mixed = Err(Refused::Money(MoneyError::MixedAssets));
    assert_eq!(confirm(evm(), usdt().units(FEE), usdt()), Err(Refused::OtherNetwork));
    assert_eq!(confirm(tron(), trx(FEE), usdt()), mixed, "a fee in another coin");
    assert_eq!(confirm(evm(), usdt().units(FEE), eth()), mixed, "the rules of another asset");
    let release = Event::Released { payout: PAYOUT, asset: eth(), amount: None };
    assert_eq!(happens(refund(StateName::Scheduled), release, Actor::System, release_at()).map(drop), mixed);
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
fn a_second_confirmation_shows_the_first_destination_masked() {
    let scheduled = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start()).refund.expect("it is scheduled");
    let refused = happens(scheduled, confirmed(usdt().units(FEE)), Actor::Payer, start()).expect_err("claimed already");
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

/// CP-06, CP-10 and odd case 33: which mails each event causes, where the policy leaves writing to Refundry.
#[test]
fn events_cause_the_mails_that_payers_and_merchants_need() {
    use EmailKind as K;
    let failed = Event::PayoutUnpaid { payout: token_payout(), failure: PayoutFailure::ContractReverted, burnt: None };
    let mistyped = Event::Canceled { by: CanceledBy::Payer, reason: CancelReason::WrongAddress, note: None };
    let cases: Vec<(StateName, Event, Vec<EmailKind>)> = vec![
        (StateName::AwaitingApproval, Event::Approved(opening(None)), vec![K::Claim]),
        (StateName::AwaitingApproval, Event::Declined { reason: "twice".to_owned() }, vec![]),
        (StateName::AwaitingApproval, canceled_by(CanceledBy::Merchant), vec![]),
        (StateName::AwaitingClaim, confirmed(usdt().units(FEE)), vec![K::Scheduled]),
        (StateName::AwaitingClaim, Event::Reminded, vec![K::Expiring]),
        (StateName::AwaitingClaim, Event::Notified, vec![K::Claim]),
        (StateName::AwaitingClaim, lapsed(None), vec![K::Expired]),
        (StateName::AwaitingClaim, canceled_by(CanceledBy::Merchant), vec![K::Canceled]),
        (StateName::AwaitingClaim, Event::Undelivered(bounced()), vec![K::Undelivered]),
        (StateName::Scheduled, mistyped, vec![K::Canceled]),
        (StateName::Scheduled, canceled_by(CanceledBy::Payer), vec![K::Canceled, K::NotRequested]),
        (StateName::Scheduled, released(), vec![K::Sent]),
        (StateName::Scheduled, Event::Blocked(BlockedBy::FeeAboveCap), vec![K::Delayed]),
        (StateName::Scheduled, Event::Blocked(BlockedBy::Maintenance), vec![]),
        (StateName::Scheduled, Event::Held(HoldReason::Manual), vec![]),
        (StateName::Sending, Event::PayoutFinal { payout: token_payout(), spent: trx(345) }, vec![K::Arrived]),
        (StateName::Sending, failed, vec![K::Delayed, K::PayoutFailed]),
        (StateName::PayoutFailed, reissued(false), vec![K::Claim]),
        (StateName::Expired, reissued(false), vec![K::Claim]),
    ];
    for (state, event, mails) in cases {
        let now = fitting_time(&event);
        let outcome = |notify| {
            let policy = Policy { notify, ..Policy::default() };
            step(refund(state), event.clone(), &policy, CHECKER, now).expect("the event fits the state").emails
        };
        assert_eq!(outcome(Notify::EngineEmail), mails, "{state} and {event:?}");
        let to_merchants: Vec<EmailKind> = mails.into_iter().filter(|kind| kind.audience() == Audience::Merchant).collect();
        // What a merchant asks for is sent, whoever writes to payers.
        let by_hand = if matches!(event, Event::Notified) { vec![K::Claim] } else { to_merchants };
        assert_eq!(outcome(Notify::Merchant), by_hand, "{state} and {event:?}, when the merchant writes");
    }
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

/// One event under the default policy.
fn happens(refund: Refund, event: Event, actor: Actor, now: Timestamp) -> Result<Outcome, Refused> {
    step(refund, event, &Policy::default(), actor, now)
}

/// One event that fits, by somebody who may.
fn expect(state: StateName, event: Event, now: Timestamp) -> Outcome {
    let needs_a_person = matches!(event, Event::Approved(_) | Event::Declined { .. } | Event::HoldReleased);
    let actor = if needs_a_person { CHECKER } else { Actor::Payer };
    happens(refund(state), event, actor, now).expect("the event fits the state")
}

/// The first moment of a refund.
fn opened(refund: Refund, opening: Opening, policy: &Policy, needs_approval: bool) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::by(Actor::System);
    open(&mut outcome, refund, opening, policy, needs_approval, start()).map(|()| outcome)
}

fn approved_with_a_destination() -> Outcome {
    let waiting = RefundState::AwaitingApproval { destination: Some(tron()) };
    let before = Refund { state: waiting, ..refund(StateName::AwaitingApproval) };
    happens(before, Event::Approved(opening(Some(known()))), CHECKER, start()).expect("it waits for that")
}

/// What a refund that is offered by a link under the default policy does, beside what its offer adds.
fn offered(first: Vec<Notice>) -> Effects {
    let reminder = instant("2025-03-02T00:00:00Z");
    Effects {
        caps: vec![CapChange::Commit(INVOICE, usdt().units(AMOUNT))],
        notices: first.into_iter().chain([Notice::RefundClaimAvailable(REFUND)]).collect(),
        jobs: vec![Job::ExpireClaim(REFUND).at(expires_at()), Job::Remind(REFUND).at(reminder)],
        ..Effects::default()
    }
}

fn reminders(jobs: &[DueJob]) -> Vec<Timestamp> {
    jobs.iter().filter(|due| due.job == Job::Remind(REFUND)).map(|due| due.due_at).collect()
}

const fn posting(debit: Account, credit: Account, amount: Amount) -> Posting {
    Posting { debit, credit, amount }
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
        Event::Approved(opening(None)),
        Event::Declined { reason: "twice".to_owned() },
        confirmed(usdt().units(FEE)),
        Event::Reminded,
        Event::Notified,
        lapsed(None),
        canceled_by(CanceledBy::Payer),
        canceled_by(CanceledBy::Merchant),
        canceled_by(CanceledBy::System),
        Event::Held(HoldReason::Manual),
        Event::HoldReleased,
        released(),
        Event::Blocked(BlockedBy::InsufficientFunds),
        Event::PayoutFinal { payout: token_payout(), spent: trx(345) },
        Event::PayoutUnpaid { payout: token_payout(), failure: PayoutFailure::ContractReverted, burnt: None },
        Event::PayoutReorged { payout: Payout { state: PayoutState::Final(signed()), ..token_payout() }, booked: vec![] },
        Event::Retried,
        reissued(false),
        told(),
        Event::Delayed { until: just_after(release_at()) },
        Event::FeeRaised { payout: token_payout(), signed: Some(dearer()) },
        Event::ClaimedAgain,
        Event::Undelivered(bounced()),
        Event::Requoted { claim: NEXT },
    ]
}

fn bounced() -> EmailEnd {
    EmailEnd { id: EmailId(Uuid::from_u128(70)), state: EmailState::Bounced, why: "550 5.1.1 no such mailbox".to_owned() }
}

/// The merchant says where to.
fn told() -> Event {
    Event::Directed { destination: tron(), fee: usdt().units(FEE), asset: usdt() }
}

const CONSENT: Consent = Consent { text_version: 1 };

fn confirmed(fee: Amount) -> Event {
    Event::Confirmed { destination: tron(), fee, consent: CONSENT, email: None, asset: usdt() }
}

fn canceled_by(by: CanceledBy) -> Event {
    Event::Canceled { by, reason: CancelReason::NotRequested, note: Some("not me".to_owned()) }
}

fn released() -> Event {
    Event::Released { payout: PAYOUT, asset: usdt(), amount: None }
}

const fn lapsed(conversion: Option<Conversion>) -> Event {
    Event::ClaimLapsed { conversion }
}

const fn reissued(by_operator: bool) -> Event {
    Event::Reissued { claim: NEXT, by_operator }
}

fn opening(known: Option<Known>) -> Opening {
    Opening { claim: NEXT, known, asset: usdt() }
}

fn known() -> Known {
    Known { destination: tron(), fee: usdt().units(FEE), verified_by: VerifiedBy::Merchant }
}

/// The next link as it is stored.
const fn link() -> Claim {
    Claim { id: NEXT.id, refund: REFUND, token: NEXT.token, cancel_token: NEXT.cancel_token, verified_by: VerifiedBy::Link }
}

/// What a MID that settles in euro gets at the rate of BV-14.
fn converted(amount: &str) -> Conversion {
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let credited = Fiat { amount: decimal(amount), currency: "EUR".parse().expect("a currency") };
    Conversion { rate: Rate::new(decimal("1653.7602")).expect("a rate"), credited }
}

/// A token refund that is about to be made.
fn new_refund(funding: Funding) -> Refund {
    Refund { funding, version: 1, ..refund(StateName::AwaitingApproval) }
}

/// A token refund in a state, at version 7.
fn refund(state: StateName) -> Refund {
    let directed = directed();
    let (is_over, is_lapsed) = match state {
        StateName::Canceled | StateName::Declined => (true, false),
        StateName::Expired => (true, true),
        StateName::AwaitingApproval
        | StateName::AwaitingClaim
        | StateName::Scheduled
        | StateName::OnHold
        | StateName::Sending
        | StateName::PayoutFailed
        | StateName::Paid => (false, false),
    };
    let state = match state {
        StateName::AwaitingApproval => RefundState::AwaitingApproval { destination: None },
        StateName::AwaitingClaim => RefundState::AwaitingClaim { claim: CLAIM, expires_at: expires_at() },
        StateName::Scheduled => RefundState::Scheduled { directed, release_at: release_at(), blocked_by: None },
        StateName::OnHold => RefundState::OnHold { directed, release_at: release_at(), why: HoldReason::Manual },
        StateName::Sending => RefundState::Sending { directed, payout: PAYOUT },
        StateName::PayoutFailed => RefundState::PayoutFailed { directed, failure: PayoutFailure::ContractReverted },
        StateName::Paid => RefundState::Paid { directed, payout: PAYOUT, txid: "txid".to_owned() },
        StateName::Expired => RefundState::Expired { expired_at: expires_at(), conversion: None },
        StateName::Canceled => {
            let cancel = Cancel { by: CanceledBy::Payer, reason: CancelReason::WrongAddress, note: None, at: start() };
            RefundState::Canceled { cancel }
        }
        StateName::Declined => RefundState::Declined { by: CHECKER, reason: "twice".to_owned() },
    };
    Refund {
        id: REFUND,
        mid: MidId(Uuid::from_u128(1)),
        invoice: INVOICE,
        case: Some(CaseId(Uuid::from_u128(6))),
        policy: PolicyId(Uuid::from_u128(7)),
        policy_number: 1,
        reference: "REFUND-A1".to_owned(),
        reason: Reason::Overpaid,
        flags: Flags::default(),
        amount: usdt().units(AMOUNT),
        priced: None,
        rate_rule: RateRule::CoinExact,
        fee_bearer: FeeBearer::Payer,
        funding: if is_lapsed { Funding::Merchant } else { Funding::Holding },
        is_reserved: !is_over,
        is_reviewed: false,
        request: None,
        notified_at: None,
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
        fee_bearer: FeeBearer::Payer,
        fee_is_in_kind: false,
        batch_until: None,
        raised: 0,
        raised_told: 0,
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
    Signed { slot: 9, txid: "txid".to_owned(), bytes: vec![1, 2, 3], at: start() }
}

/// The same for a higher fee.
fn dearer() -> Signed {
    Signed { txid: "txid 2".to_owned(), bytes: vec![1, 2, 4], ..signed() }
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

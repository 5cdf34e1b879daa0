//! Every event in every state, as a table.

use super::*;

/// The answer to one event in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    To(StateName),
    WrongState,
    AlreadyClaimed,
    ClaimExpired,
}

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
        Event::CodeSent(_) => 24,
    }
}

/// Returns a state's row: a new state does not compile until it has one.
const fn row(state: StateName) -> [Answer; COLUMNS] {
    use Answer::{AlreadyClaimed, ClaimExpired, To, WrongState as No};
    use StateName as S;
    // approved, declined, | confirmed, reminded, notified, lapsed, | canceled by payer, merchant, system,
    // held, let go, released, blocked, | final, unpaid, reorged, | retried, reissued, directed, delayed, fee raised, claimed again, undelivered, requoted, code sent
    #[rustfmt::skip]
    let row = match state {
        S::AwaitingApproval => [
            To(S::AwaitingClaim), To(S::Declined), No, No, No, No, No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, No, No, No, No, No, No, No, No, No,
        ],
        S::AwaitingClaim => [
            No, No, To(S::Scheduled), To(S::AwaitingClaim), To(S::AwaitingClaim), To(S::Expired), No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, No, No, To(S::Scheduled), No, No, No, To(S::AwaitingClaim), No, To(S::AwaitingClaim),
        ],
        S::Scheduled => [
            No, No, AlreadyClaimed, No, No, No, To(S::Canceled), To(S::Canceled), To(S::Canceled),
            To(S::OnHold), No, To(S::Sending), To(S::Scheduled), No, No, No, No, No, AlreadyClaimed, To(S::Scheduled), No, To(S::Scheduled), To(S::Scheduled), No, AlreadyClaimed,
        ],
        S::OnHold => [
            No, No, AlreadyClaimed, No, No, No, To(S::Canceled), To(S::Canceled), To(S::Canceled),
            No, To(S::Scheduled), No, No, No, No, No, No, No, AlreadyClaimed, To(S::OnHold), No, To(S::OnHold), To(S::OnHold), No, AlreadyClaimed,
        ],
        S::Sending => [
            No, No, AlreadyClaimed, No, No, No, No, No, No,
            No, No, No, No, To(S::Paid), To(S::PayoutFailed), No, No, No, AlreadyClaimed, No, To(S::Sending), No, No, No, AlreadyClaimed,
        ],
        S::PayoutFailed => [
            No, No, AlreadyClaimed, No, No, No, No, To(S::Canceled), To(S::Canceled),
            No, No, No, No, No, No, No, To(S::Scheduled), To(S::AwaitingClaim), AlreadyClaimed, No, No, No, No, No, AlreadyClaimed,
        ],
        S::Paid => [
            No, No, AlreadyClaimed, No, No, No, No, No, No,
            No, No, No, No, No, No, To(S::Sending), No, No, AlreadyClaimed, No, No, No, No, No, AlreadyClaimed,
        ],
        S::Expired => [
            No, No, ClaimExpired, No, No, No, No, No, No,
            No, No, No, No, No, No, No, No, To(S::AwaitingClaim), ClaimExpired, No, No, No, No, No, ClaimExpired,
        ],
        S::Canceled => [
            No, No, No, No, No, No, No, No, No,
            No, No, No, No, No, No, No, No, To(S::AwaitingClaim), No, No, No, No, No, No, No,
        ],
        S::Declined => [No; COLUMNS],
    };
    row
}

/// Returns what an event changes on a refund of held money beside its state: a new event does not compile until it is known.
fn beside_the_state(event: &Event, refund: Refund, now: Timestamp) -> Refund {
    match event {
        Event::Declined { .. } | Event::Canceled { .. } => Refund { is_reserved: false, ..refund },
        Event::ClaimLapsed { .. } => Refund { is_reserved: false, funding: Funding::Merchant, ..refund },
        Event::Reminded | Event::Notified => Refund { notified_at: Some(now), ..refund },
        Event::HoldReleased => Refund { is_reviewed: true, ..refund },
        Event::Reissued { .. } => Refund { is_reserved: true, is_reviewed: false, ..refund },
        Event::Requoted { .. } => Refund { is_reviewed: false, ..refund },
        Event::Approved(_)
        | Event::CodeSent(_)
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
        | Event::Retried => refund,
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

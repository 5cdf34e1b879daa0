//! Who is written to, and when.

use super::*;

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

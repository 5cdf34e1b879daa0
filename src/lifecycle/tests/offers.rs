//! How refunds begin, wait for a second person, and are offered anew.

use super::*;

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

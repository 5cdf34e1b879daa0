//! How refunds end unpaid: nobody claims them, or somebody cancels.

use super::*;

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

/// What a MID that settles in euro gets at the rate of BV-14.
fn converted(amount: &str) -> Conversion {
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let credited = Fiat { amount: decimal(amount), currency: "EUR".parse().expect("a currency") };
    Conversion { rate: Rate::new(decimal("1653.7602")).expect("a rate"), credited }
}

//! What payers say, until when, and what is asked of them again.

use super::*;

#[test]
fn a_confirmed_claim_freezes_the_destination_and_moves_no_money() {
    let outcome = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start());
    assert_eq!(state_of(&outcome), RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: None });
    assert!(matches!(
        &outcome.claim,
        Some(ClaimChange::Confirm { claim: CLAIM, proof: Proof::NotNeeded, destination, consent: Consent { text: PrivacyText::OWN }, email: None })
            if *destination == tron()
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

/// Odd case 34: history says that a code was mailed, and how the claim was proven in the end.
#[test]
fn a_code_is_mailed_whoever_writes_to_the_payer_and_noted_when_it_is_given() {
    let policy = Policy { notify: Notify::Merchant, ..Policy::default() };
    let sent = step(refund(StateName::AwaitingClaim), Event::CodeSent(code()), &policy, Actor::Payer, start()).expect("it is offered");
    assert_eq!(sent.emails, [EmailKind::Code]);
    assert!(matches!(&sent.claim, Some(ClaimChange::SendCode(sent)) if *sent == code()));
    assert_eq!(effects(&sent), Effects { note: Some("code_sent".to_owned()), ..Effects::default() });
    for (given, note) in [(Proof::NotNeeded, None), (Proof::Code(code().id), Some("code_given")), (Proof::Missing, Some("unproven"))] {
        let Event::Confirmed { destination, fee, consent, email, asset, .. } = confirmed(usdt().units(FEE)) else { unreachable!() };
        let event = Event::Confirmed { destination, fee, proof: given, consent, email, asset };
        let outcome = expect(StateName::AwaitingClaim, event, start());
        assert_eq!(outcome.note.as_deref(), note);
        assert!(matches!(outcome.claim, Some(ClaimChange::Confirm { proof, .. }) if proof == given));
    }
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
        note: Some("requoted".to_owned()),
        ..Effects::default()
    };
    assert_eq!(Effects { jobs: vec![], ..effects(&outcome) }, expected);
    for (bearer, reason) in [(FeeBearer::Merchant, BlockedBy::FeeAboveCap), (FeeBearer::Payer, BlockedBy::InsufficientFunds)] {
        assert_eq!(requoted(bearer, reason).map(drop), Err(Refused::WrongState { state: "scheduled" }), "{bearer} {reason:?}");
    }
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
fn a_fee_leaves_something_worth_sending() {
    let confirm = |fee: u128| happens(refund(StateName::AwaitingClaim), confirmed(usdt().units(fee)), Actor::Payer, start()).map(drop);
    assert_eq!(confirm(0), Ok(()));
    assert_eq!(confirm(48_797_896), Ok(()), "all but dust");
    for fee in [48_797_897, AMOUNT, 48_897_897, Amount::UNITS_MAX] {
        assert_eq!(confirm(fee), Err(Refused::FeeExceedsAmount), "{fee}");
    }
    let no_dust = Asset { dust_units: 0, ..usdt() };
    let confirm = |fee: u128| {
        let event = Event::Confirmed {
            destination: tron(),
            fee: usdt().units(fee),
            proof: Proof::NotNeeded,
            consent: CONSENT,
            email: None,
            asset: no_dust.clone(),
        };
        happens(refund(StateName::AwaitingClaim), event, Actor::Payer, start()).map(drop)
    };
    assert_eq!(confirm(48_897_895), Ok(()), "one unit is left");
    assert_eq!(confirm(AMOUNT), Err(Refused::FeeExceedsAmount));
}

#[test]
fn networks_and_assets_are_not_mixed() {
    let confirm = |destination, fee, asset| {
        let event = Event::Confirmed { destination, fee, proof: Proof::NotNeeded, consent: CONSENT, email: None, asset };
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
fn a_second_confirmation_shows_the_first_destination_masked() {
    let scheduled = expect(StateName::AwaitingClaim, confirmed(usdt().units(FEE)), start()).refund.expect("it is scheduled");
    let refused = happens(scheduled, confirmed(usdt().units(FEE)), Actor::Payer, start()).expect_err("claimed already");
    assert_eq!(refused, already_claimed_to(TRON_MASKED));
    assert!(!format!("{refused} {refused:?}").contains(TRON));
    assert_eq!(refused.to_string(), "this refund has already been claimed, to TDD97y…v4Vaqm");
}

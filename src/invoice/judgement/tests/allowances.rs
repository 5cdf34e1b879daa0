//! What a policy lets pass: tolerance, grace, time to top up, rates, known destinations, what is too small.

use super::*;

#[test]
fn a_difference_within_the_tolerance_counts_as_exact() {
    let limits = |text: &str| text.parse().expect("limits");
    let percent = |text: &str| text.parse::<Decimal>().expect("a decimal");
    // 101.102104 USDT for 100.00 USD: one percent is 1.011021 rounded down, 1 USD is 1.011022 rounded up.
    let by_percent = Tolerance { percent: percent("1"), absolute: Limits::default() };
    let by_amount = Tolerance { percent: Decimal::ZERO, absolute: limits("USD:1") };
    let other_currency = Tolerance { percent: Decimal::ZERO, absolute: limits("EUR:1") };
    let both = Tolerance { percent: percent("0.5"), absolute: limits("USD:1") };
    let ways = [
        (Tolerance::default(), "101.102104", "101.102104"),
        (by_percent, "100.091083", "102.113125"),
        (by_amount, "100.091082", "102.113126"),
        (other_currency, "101.102104", "101.102104"),
        (both, "100.091082", "102.113126"),
    ];
    for (tolerance, least, most) in ways {
        let pays = |units: u128| {
            let mut story = Story::of(usdt(), "101.102104", Policy { tolerance: tolerance.clone(), ..Policy::default() });
            story.invoice.rate = Rate::new("0.9890991".parse().expect("a decimal")).expect("a rate");
            story.pays("a", &usdt().format_units(units));
            story
        };
        let units = |text: &str| usdt().parse_amount(text).expect("an amount").units;
        for exact in [units(least), units(most)] {
            let story = pays(exact);
            let amount = usdt().format_units(exact);
            let notices = ["invoice.processing", "invoice.complete"];
            story.expect(InvoiceStatus::Complete, &[], &notices, &[(EntryKind::DepositCredited, &amount)]);
        }
        let (less, more) = (units(least).checked_sub(1).expect("a unit"), units(most).checked_add(1).expect("a unit"));
        let over = pays(more);
        assert!(over.invoice.flags.has(Flag::Over), "{tolerance:?}");
        let excess = over.refunds.first().map(|refund| refund.amount.units);
        assert_eq!(excess, more.checked_sub(units("101.102104")), "what is refunded is measured from the price");
        let mut under = pays(less);
        assert_eq!(under.invoice.status, InvoiceStatus::Processing);
        under.now = just_after(under.invoice.expires_at);
        under.time_is_up();
        assert_eq!(under.invoice.status, InvoiceStatus::Underpaid, "{tolerance:?}");
    }
}

#[test]
fn nothing_is_tolerated_once_nothing_is_due() {
    let tolerance = Tolerance { percent: Decimal::from(50), absolute: "USD:50".parse().expect("limits") };
    let mut story = Story::of(usdt(), "100", Policy { tolerance, ..Policy::default() });
    story.pays("a", "100");
    story.pays("b", "0.000001");
    story.expect_case(2, "0.000001", "0", "0.000001");
}

/// Cryptopay's grace: ten minutes for a price in a currency, two hours for a price in coins.
#[test]
fn a_payment_is_late_after_the_grace_of_its_pricing() {
    let late_grace = LateGrace { fiat: "PT10M".parse().expect("a period"), coin: Period::hours(2) };
    for (pricing, last) in [(Pricing::Fiat, "2025-01-01T00:30:00Z"), (Pricing::Coin, "2025-01-01T02:20:00Z")] {
        for (after, status) in [(0, InvoiceStatus::Complete), (1, InvoiceStatus::Expired)] {
            let mut story = Story::of(usdt(), "100", Policy { late_grace, ..Policy::default() });
            story.invoice.pricing = pricing;
            story.now = just_after(story.invoice.expires_at);
            story.time_is_up();
            story.expect(InvoiceStatus::Expired, &[], &["invoice.expired"], &[]);
            story.now = moved(instant(last), after);
            story.pays("a", "100");
            assert_eq!(story.invoice.status, status, "{pricing}, {after} microseconds after its last moment");
            assert_eq!(story.invoice.flags.has(Flag::Late), after == 1);
        }
    }
}

/// Odd case 4: the first part never spawns a refund while the rest may still come.
#[test]
fn a_part_payment_can_be_topped_up_until_the_policys_end() {
    let policy = || Policy { topup_until: Period::days(1), ..Policy::default() };
    let last = instant("2025-01-02T00:20:00Z");
    let begun = || {
        let mut story = Story::of(usdt(), "100", policy());
        story.pays("a", "60");
        story.now = just_after(story.invoice.expires_at);
        story.time_is_up();
        story.expect_nothing();
        story
    };
    let mut topped_up = begun();
    topped_up.now = last;
    topped_up.time_is_up();
    topped_up.expect_nothing();
    topped_up.pays("b", "40");
    let entries = [(EntryKind::DepositHeld, "40"), (EntryKind::HoldingSettled, "100")];
    topped_up.expect(InvoiceStatus::Complete, &[Flag::Multi], &["invoice.complete"], &entries);

    let mut left = begun();
    left.now = just_after(last);
    left.time_is_up();
    let notices = ["invoice.underpaid", "refund.created", "refund.claim_available"];
    left.expect(InvoiceStatus::Underpaid, &[Flag::Under], &notices, &[(EntryKind::RefundCreated, "60")]);

    // Odd case 5: what tops up too late finds the first part given back, and is a case of its own.
    let mut late = begun();
    late.now = just_after(last);
    late.pays("b", "40");
    late.expect_case(2, "40", "0", "40");
    late.expect_refund("REFUND-A1-2", "40", Reason::Late);
    assert_eq!(late.refunds.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [late.amount("60"), late.amount("40")]);

    let mut nothing_came = Story::of(usdt(), "100", policy());
    nothing_came.now = just_after(nothing_came.invoice.expires_at);
    nothing_came.pays("a", "100");
    nothing_came.expect_refund("REFUND-A1", "100", Reason::Late);
}

/// Odd case 29, CP1: the price is worked out again, what covers it is accepted and the rest goes back.
#[test]
fn a_price_is_worked_out_again_at_the_rate_of_the_moment() {
    // 100 USD: 100 coins at 1, 50 at 2, 60 at 1.666…
    let ways = [
        ("2", "60", Some(("50", "10"))),
        ("2", "50", Some(("50", "0"))),
        ("2", "49.999999", None),
        ("1.25", "80", Some(("80", "0"))),
        ("1.25", "79.999999", None),
    ];
    for (rate, paid, accepted) in ways {
        for is_late in [false, true] {
            let policy = Policy { on_under: OnUnder::Recalc, on_late: OnLate::Recalc, ..Policy::default() };
            let mut story = Story::of(usdt(), "100", policy);
            story.rate_now = Some(Rate::new(rate.parse().expect("a decimal")).expect("a rate"));
            if is_late {
                story.now = just_after(story.invoice.expires_at);
                story.pays("a", paid);
            } else {
                story.pays("a", paid);
                story.now = just_after(story.invoice.expires_at);
                story.time_is_up();
            }
            let unaccepted = if is_late { InvoiceStatus::Expired } else { InvoiceStatus::Underpaid };
            let (status, credited, refunded) =
                accepted.map_or((unaccepted, "0", paid), |(credited, refunded)| (InvoiceStatus::Complete, credited, refunded));
            assert_eq!(story.invoice.status, status, "{paid} at {rate}, late: {is_late}");
            story.expect_case(1, paid, credited, refunded);
        }
    }
}

#[test]
fn a_rule_that_needs_a_rate_waits_for_one() {
    for on_late in [OnLate::Recalc, OnLate::AcceptIfRateWithin] {
        let mut story = Story::of(usdt(), "100", Policy { on_late, ..Policy::default() });
        story.rate_now = None;
        story.now = just_after(story.invoice.expires_at);
        story.pays("a", "100");
        story.expect_held(Why::RateUnavailable, "100");
        story.time_is_up();
        story.expect_nothing();
        story.rate_now = Some(story.invoice.rate);
        story.time_is_up();
        story.expect(InvoiceStatus::Complete, &[Flag::Late], &["invoice.complete"], &[(EntryKind::HoldingSettled, "100")]);
        story.expect_case(1, "100", "100", "0");
    }
}

/// Odd cases 1 and 2: late money at nearly the old rate counts as if it had come in time.
#[test]
fn late_money_is_accepted_while_the_rate_holds() {
    let judged = |rate: &str, paid: &str| {
        let policy = Policy { on_late: OnLate::AcceptIfRateWithin, on_under: OnUnder::RefundAll, ..Policy::default() };
        let mut story = Story::of(usdt(), "100", policy);
        story.rate_now = Some(Rate::new(rate.parse().expect("a decimal")).expect("a rate"));
        story.now = just_after(story.invoice.expires_at);
        story.pays("a", paid);
        story
    };
    for rate in ["1", "1.01", "0.99"] {
        judged(rate, "100").expect_case(1, "100", "100", "0");
        let over = judged(rate, "150");
        over.expect_case(1, "150", "100", "50");
        assert_eq!(over.invoice.flags.iter().collect::<Vec<_>>(), [Flag::Over, Flag::Late], "one refund, both flags");
        judged(rate, "60").expect_case(1, "60", "0", "60");
    }
    for rate in ["1.0101", "0.9899"] {
        for paid in ["60", "100", "150"] {
            let story = judged(rate, paid);
            story.expect_case(1, paid, "0", paid);
            assert_eq!(story.invoice.status, InvoiceStatus::Expired);
        }
    }
}

#[test]
fn late_money_pays_nothing_that_is_not_owed() {
    for on_late in [OnLate::Recalc, OnLate::AcceptIfRateWithin] {
        let mut story = Story::of(usdt(), "100", Policy { on_late, ..Policy::default() });
        story.pays("a", "100");
        story.now = just_after(story.invoice.expires_at);
        story.pays("b", "100");
        story.expect_case(2, "100", "0", "100");
    }
}

/// BP-05, 3.2: a destination that is known beyond doubt is scheduled at once.
#[test]
fn a_known_destination_is_scheduled_at_once() {
    let precommitted = || {
        let mut story = paid_over(DestinationSource::Precommitted, FeeBearer::Payer);
        story.invoice.refund_to = Some(payer());
        story
    };
    let from_source = |sources: &[Option<&str>]| {
        let mut story = paid_over(DestinationSource::SourceAddress, FeeBearer::Payer);
        story.sources = sources.iter().map(|source| source.map(str::to_owned)).collect();
        story
    };
    let ways = [
        (precommitted(), VerifiedBy::Precommitted),
        (from_source(&[Some(PAYER)]), VerifiedBy::SourceAddress),
        (from_source(&[Some(PAYER), Some(PAYER)]), VerifiedBy::SourceAddress),
    ];
    for (mut story, verified_by) in ways {
        story.pays_over();
        let refund = story.last.refund.clone().expect("a refund");
        let RefundState::Scheduled { directed, release_at, blocked_by: None } = &refund.state else { panic!("{:?}", refund.state) };
        assert_eq!((&directed.destination, directed.fee, directed.confirmed_at), (&payer(), story.amount("1"), story.now));
        assert_eq!(*release_at, instant("2025-01-04T00:00:00Z"), "the payer can still cancel");
        assert!(matches!(
            &story.last.claim,
            Some(ClaimChange::Direct { claim, destination }) if claim.verified_by == verified_by && *destination == payer()
        ));
        assert_eq!(story.last.notices.last(), Some(&Notice::RefundClaimed(refund.id)));
        assert_eq!(story.last.jobs.last(), Some(&Job::Release(refund.id).at(*release_at)));
    }
}

/// Odd case 8: where the destination is unknown or the fee leaves nothing, the payer is asked.
#[test]
fn a_payer_is_asked_where_the_destination_is_in_doubt() {
    let story = |source: DestinationSource| paid_over(source, FeeBearer::Payer);
    let from_source = |sources: &[Option<&str>]| {
        let sources = sources.iter().map(|source| source.map(str::to_owned)).collect();
        Story { sources, ..story(DestinationSource::SourceAddress) }
    };
    let with = |change: fn(&mut Story)| {
        let mut story = story(DestinationSource::Precommitted);
        story.invoice.refund_to = Some(payer());
        change(&mut story);
        story
    };
    let elsewhere = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    let asked = [
        ("nothing was said", story(DestinationSource::Precommitted)),
        ("the policy says claim", Story { sources: vec![Some(PAYER.to_owned())], ..story(DestinationSource::PayerClaim) }),
        ("the merchant will say", Story { sources: vec![Some(PAYER.to_owned())], ..story(DestinationSource::Merchant) }),
        ("the chain does not tell", from_source(&[None])),
        ("two sources", from_source(&[Some(PAYER), Some(elsewhere)])),
        ("one unknown source", from_source(&[Some(PAYER), None])),
        ("no address of this network", from_source(&[Some("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")])),
        ("the fee is unknown", with(|story| story.fee_now = None)),
        ("the fee takes all", with(|story| story.fee_now = Some(story.amount("50")))),
        ("the fee leaves dust", with(|story| story.asset.dust_units = 49_000_001)),
    ];
    for (why, mut story) in asked {
        story.pays_over();
        assert_eq!(story.refunds.last().map(|refund| refund.state.name()), Some(StateName::AwaitingClaim), "{why}");
    }
    let mut paid_for =
        Story { fee_now: usdt().parse_amount("49.9").ok(), ..paid_over(DestinationSource::Precommitted, FeeBearer::Merchant) };
    paid_for.invoice.refund_to = Some(payer());
    paid_for.pays_over();
    let refund = paid_for.refunds.last().expect("a refund");
    assert_eq!((refund.fee_bearer, refund.state.name()), (FeeBearer::Merchant, StateName::Scheduled), "it is not the payer's fee");
}

/// P18, odd case 7: what is not worth a refund is kept apart, with its case.
#[test]
fn what_is_below_the_floor_is_a_residual() {
    let floor = |text: &str| Policy { claim_floor: text.parse().expect("limits"), ..Policy::default() };
    let notices = ["invoice.processing", "invoice.complete"];
    let mut below = Story::of(usdt(), "100", floor("USD:5"));
    below.pays("a", "104.999999");
    let entries = [(EntryKind::DepositHeld, "104.999999"), (EntryKind::HoldingSettled, "100"), (EntryKind::DustKept, "4.999999")];
    below.expect(InvoiceStatus::Complete, &[Flag::Over], &notices, &entries);
    let case = below.last.case.as_ref().expect("a case");
    assert_eq!((case.credited, case.residual, case.state), (below.amount("100"), below.amount("4.999999"), CaseState::Credited));
    assert!(below.refunds.is_empty() && below.invoice.refunds == 0);

    let mut worth_it = Story::of(usdt(), "100", floor("USD:5"));
    worth_it.pays("a", "105");
    worth_it.expect_refund("REFUND-A1", "5", Reason::Overpaid);

    let mut whole = Story::of(usdt(), "100", floor("USD:5"));
    whole.pays("a", "4");
    whole.now = just_after(whole.invoice.expires_at);
    whole.time_is_up();
    whole.expect(InvoiceStatus::Underpaid, &[Flag::Under], &["invoice.underpaid"], &[(EntryKind::DustKept, "4")]);
    assert_eq!(whole.last.case.as_ref().map(|case| (case.state, case.residual)), Some((CaseState::Dust, whole.amount("4"))));

    for (policy, excess, is_refunded) in [
        (Policy::default(), "0.000002", false),
        (Policy::default(), "0.000003", true),
        (floor("USD:0"), "0.000002", false),
        (floor("EUR:5"), "0.000003", true),
        (floor("USD:0.01"), "0.009999", false),
    ] {
        let mut story = Story::of(Asset { dust_units: 3, ..usdt() }, "100", policy);
        let paid = story.amount("100").plus(story.amount(excess)).expect("a sum");
        story.pays("a", &usdt().format_units(paid.units));
        assert_eq!(!story.refunds.is_empty(), is_refunded, "{excess}");
    }
}

/// A story that is about to be overpaid under the default rule.
fn paid_over(destination_source: DestinationSource, fee_bearer: FeeBearer) -> Story {
    Story::of(usdt(), "100", Policy { destination_source, fee_bearer, ..Policy::default() })
}

//! Odd case 19: a payout that waits too long gets a higher fee, with a crash, a lost answer or a faster rival at every point of the way.

use simulator::chain::ChainFault;
use simulator::power::{Blow, Point};
use simulator::script::{Action, Coin, Mishap, Script, Step};
use simulator::suite::{Place, replay};

/// As many writes as the way has from the first look to the last "sent".
const WRITES: u8 = 14;
/// As many calls: a signature, and bytes handed over.
const CALLS: u8 = 4;

const fn plain(action: Action) -> Step {
    Step { action, second: false, mishap: None }
}

/// A refund whose payout waits for a block; in the last step it has waited too long.
fn story(coin: Coin, last: Step, after: &[Action]) -> Script {
    let mut steps: Vec<Step> = [
        Action::Policy { number: 1 },
        Action::Invoice { coin },
        Action::Pay { invoice: 0, percent: 150 },
        Action::Wait { seconds: 30 },
        Action::Claim { refund: 0, payer: 0 },
        Action::Breaks { coin, fault: ChainFault::Stuck },
        Action::Wait { seconds: 3600 },
    ]
    .map(plain)
    .to_vec();
    steps.push(last);
    steps.extend(after.iter().copied().map(plain));
    Script(steps)
}

fn prove(script: &Script, what: &str) {
    let report = replay(&Place::Memory, script).expect("a world");
    assert!(report.failure.is_none(), "{what}: {report}");
    assert_eq!(report.refunds.get("paid"), Some(&1), "{what}");
}

const HAS_WAITED: Action = Action::Wait { seconds: 650 };

#[test]
fn a_raised_fee_pays_once_whatever_happens_at_any_point() {
    for (blow, meanwhile) in [(Blow::Dies, None), (Blow::Lost, None), (Blow::Waits, Some(Action::Work))] {
        for (at, points) in
            [(Point::BeforeWrite, WRITES), (Point::AfterWrite, WRITES), (Point::BeforeCall, CALLS), (Point::AfterCall, CALLS)]
        {
            for nth in 1..=points {
                let mishap = Some(Mishap { at, nth, blow, meanwhile });
                let last = Step { action: HAS_WAITED, second: false, mishap };
                prove(&story(Coin::Eth, last, &[]), &format!("{blow:?} {at:?} {nth}"));
            }
        }
    }
}

/// Odd case 9: when the fee stays above what a payer agreed to, they are asked again once, and paid once.
#[test]
fn a_payer_is_asked_again_once_whatever_happens_at_any_point() {
    let coin = Coin::Usdt;
    let story = |mishap| -> Script {
        let before = [
            Action::Policy { number: 8 },
            Action::Invoice { coin },
            Action::Pay { invoice: 0, percent: 150 },
            Action::Wait { seconds: 30 },
            Action::Claim { refund: 0, payer: 0 },
            // The cancel link is taken at once.
            Action::Work,
            Action::Breaks { coin, fault: ChainFault::Dear },
            Action::Wait { seconds: 3600 },
        ];
        let asked = Step { action: Action::Wait { seconds: 3700 }, second: false, mishap };
        let after = [Action::Wait { seconds: 60 }, Action::Claim { refund: 0, payer: 1 }, Action::Work, Action::Wait { seconds: 3600 }];
        Script(before.map(plain).into_iter().chain([asked]).chain(after.map(plain)).collect())
    };
    for (blow, meanwhile) in [(Blow::Dies, None), (Blow::Lost, None), (Blow::Waits, Some(Action::Work))] {
        for at in [Point::BeforeWrite, Point::AfterWrite] {
            for nth in 1..=WRITES {
                let script = story(Some(Mishap { at, nth, blow, meanwhile }));
                let report = replay(&Place::Memory, &script).expect("a world");
                let what = format!("{blow:?} {at:?} {nth}: {report}");
                assert!(report.failure.is_none(), "{what}");
                assert_eq!((report.refunds.get("asked again"), report.refunds.get("paid")), (Some(&1), Some(&1)), "{what}");
            }
        }
    }
}

/// The first transaction is mined after all, or both are forgotten, or the block of the second goes away: one of them pays, once.
#[test]
fn whichever_of_the_two_the_chain_takes_ends_the_payout() {
    let coin = Coin::Usdt;
    let heals = Action::Heals { coin };
    for (what, before, after) in [
        ("the fault ends first", Some(heals), vec![]),
        ("both forgotten", None, vec![Action::Evicts { coin }, heals, Action::Wait { seconds: 60 }]),
        ("reorganised", None, vec![Action::Reorg { coin, depth: 10, loses_deposits: false }, Action::Wait { seconds: 60 }]),
        (
            "node behind",
            None,
            vec![Action::Breaks { coin, fault: ChainFault::Lies }, Action::Wait { seconds: 60 }, Action::Wait { seconds: 1 }],
        ),
        ("answers lost", Some(Action::Breaks { coin, fault: ChainFault::LostReply }), vec![Action::Wait { seconds: 700 }]),
        ("passed on late", Some(Action::Breaks { coin, fault: ChainFault::Late }), vec![Action::Wait { seconds: 700 }, heals]),
    ] {
        let mut script = story(coin, plain(HAS_WAITED), &after);
        if let Some(action) = before {
            let place = script.0.len().saturating_sub(after.len()).saturating_sub(1);
            script.0.insert(place, plain(action));
        }
        prove(&script, what);
    }
}

/// A batch that waits too long: one more transaction for all of it, and whoever still looks at the first one writes nothing.
#[test]
fn the_fee_of_a_batch_is_raised_for_all_of_it() {
    let coin = Coin::Eth;
    for nth in 0..=WRITES {
        let mut script = story(coin, plain(Action::Work), &[]);
        script.0[0] = plain(Action::Policy { number: 7 });
        let more = (1..3).flat_map(|invoice| [Action::Invoice { coin }, Action::Pay { invoice, percent: 150 }].map(plain));
        script.0.splice(3..3, more);
        let claims = (1..3).map(|refund| plain(Action::Claim { refund, payer: refund }));
        let place = script.0.iter().position(|step| matches!(step.action, Action::Breaks { .. })).expect("a fault");
        script.0.splice(place..place, claims);
        // A rival looks, and raises, while the first to look has read and not yet written.
        let mishap = Mishap { at: Point::BeforeWrite, nth, blow: Blow::Waits, meanwhile: Some(HAS_WAITED) };
        script.0.push(Step { action: HAS_WAITED, second: false, mishap: Some(mishap).filter(|_| nth > 0) });
        let report = replay(&Place::Memory, &script).expect("a world");
        assert!(report.failure.is_none(), "{nth}: {report}");
        assert_eq!((report.refunds.get("paid"), report.refunds.get("paid along")), (Some(&3), Some(&2)), "{nth}");
    }
}

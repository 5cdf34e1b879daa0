//! Batches: one transaction that pays several refunds, with a crash, a lost answer or a faster rival at every point of its way.

use simulator::chain::ChainFault;
use simulator::power::{Blow, Point};
use simulator::script::{Action, Coin, Mishap, Script, Step};
use simulator::suite::{Place, replay};

/// The policy under which refunds wait an hour for each other after their delay of an hour.
const BATCHES: u8 = 7;
/// As many writes as the way of a batch of three has, from the first release to the last "sent".
const WRITES: u8 = 30;
/// As many calls: one signature, and the bytes handed over by each.
const CALLS: u8 = 5;

const fn plain(action: Action) -> Step {
    Step { action, second: false, mishap: None }
}

/// Two or three refunds of a coin that are paid together; `last` is the step in which their window ends.
fn story(coin: Coin, refunds: u8, fault: Option<ChainFault>, last: Step) -> Script {
    let mut steps = vec![plain(Action::Policy { number: BATCHES })];
    for invoice in 0..refunds {
        steps.extend([plain(Action::Invoice { coin }), plain(Action::Pay { invoice, percent: 150 })]);
    }
    steps.push(plain(Action::Wait { seconds: 30 }));
    steps.extend((0..refunds).map(|refund| plain(Action::Claim { refund, payer: refund })));
    // Some seconds are left of the delay: everything else happens in the last step.
    steps.push(plain(Action::Wait { seconds: 3560 }));
    steps.extend(fault.map(|fault| plain(Action::Breaks { coin, fault })));
    steps.push(last);
    Script(steps)
}

/// Plays a story and returns how many refunds were paid, and how many of those along with another.
fn prove(script: &Script, what: &str) -> [u64; 2] {
    let report = replay(&Place::Memory, script).expect("a world");
    assert!(report.failure.is_none(), "{what}: {report}");
    ["paid", "paid along"].map(|state| report.refunds.get(state).copied().unwrap_or_default())
}

const WINDOW_ENDS: Action = Action::Wait { seconds: 3700 };

#[test]
fn refunds_that_waited_for_each_other_are_paid_together() {
    for coin in Coin::ALL {
        // One transaction pays three at most: the fourth goes alone.
        for (refunds, along) in [(2, 1), (3, 2), (4, 2)] {
            assert_eq!(prove(&story(coin, refunds, None, plain(WINDOW_ENDS)), "all is well"), [u64::from(refunds), along]);
        }
    }
}

/// Between every two steps a process dies, or does not hear what it did, or another process does the same meanwhile.
#[test]
fn a_batch_is_paid_once_whatever_happens_at_any_point() {
    for (blow, meanwhile) in [(Blow::Dies, None), (Blow::Lost, None), (Blow::Waits, Some(Action::Work))] {
        for (at, points) in
            [(Point::BeforeWrite, WRITES), (Point::AfterWrite, WRITES), (Point::BeforeCall, CALLS), (Point::AfterCall, CALLS)]
        {
            for nth in 1..=points {
                let mishap = Some(Mishap { at, nth, blow, meanwhile });
                let last = Step { action: WINDOW_ENDS, second: false, mishap };
                let what = format!("{blow:?} {at:?} {nth}");
                assert_eq!(prove(&story(Coin::Eth, 3, None, last), &what)[0], 3, "{what}");
            }
        }
    }
}

/// A transaction that reverts, a signer that refuses: each refund's money is owed again, and nothing else moved.
#[test]
fn a_batch_fails_as_a_whole_with_a_crash_at_any_point() {
    for (fault, coin) in [(ChainFault::Reverts, Coin::Eth), (ChainFault::SignerDeclines, Coin::Usdt)] {
        assert_eq!(prove(&story(coin, 3, Some(fault), plain(WINDOW_ENDS)), "no crash"), [0, 0], "{fault:?}");
        for nth in 1..=WRITES {
            let mishap = Some(Mishap { at: Point::BeforeWrite, nth, blow: Blow::Dies, meanwhile: None });
            let last = Step { action: WINDOW_ENDS, second: false, mishap };
            let what = format!("{fault:?} {nth}");
            // Who died before it asked the signer, or sent anything, finds both well again.
            let paid = prove(&story(coin, 3, Some(fault), last), &what);
            assert!(matches!(paid, [0, 0] | [3, 2]), "all or none: {what}, {paid:?}");
        }
    }
}

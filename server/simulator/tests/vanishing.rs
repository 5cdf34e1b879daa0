//! A payment that vanishes after it was final, and is there again, with a crash, a lost answer or a faster rival at every point of the way.

use simulator::power::{Blow, Point};
use simulator::script::{Action, Coin, Mishap, Script, Step};
use simulator::suite::{Place, replay};

/// As many writes as the way has from the look that misses a payment to its refund's new link, and more.
const WRITES: u8 = 10;

/// What a process that died had begun, another one does by then.
const AFTER_A_LEASE: Action = Action::Wait { seconds: 60 };

const fn plain(action: Action) -> Step {
    Step { action, second: false, mishap: None }
}

/// An overpaid invoice whose payment is lost before its refund is claimed, missed, and found again; then the refund is claimed.
fn story(coin: Coin, when_missed: Option<Mishap>, when_found: Option<Mishap>) -> Script {
    Script(vec![
        plain(Action::Policy { number: 1 }),
        plain(Action::Invoice { coin }),
        plain(Action::Pay { invoice: 0, percent: 150 }),
        plain(Action::Wait { seconds: 30 }),
        plain(Action::Loses { coin }),
        Step { action: Action::Wait { seconds: 700 }, second: false, mishap: when_missed },
        plain(AFTER_A_LEASE),
        plain(Action::BringsBack { coin }),
        Step { action: Action::Wait { seconds: 30 }, second: false, mishap: when_found },
        plain(AFTER_A_LEASE),
        plain(Action::Claim { refund: 0, payer: 0 }),
        plain(Action::Wait { seconds: 3600 }),
    ])
}

/// That its money is nobody's twice the invariants say (I11, I13, R1, R7).
fn prove(script: &Script, what: &str) {
    let report = replay(&Place::Memory, script).expect("a world");
    assert!(report.failure.is_none(), "{what}: {report}");
    for (state, times) in [("payments vanished", 1), ("payments returned", 1), ("paid", 1)] {
        assert_eq!(report.refunds.get(state), Some(&times), "{what}: {state}: {report}");
    }
}

#[test]
fn a_payment_that_returns_pays_its_refund() {
    for coin in Coin::ALL {
        prove(&story(coin, None, None), &format!("{coin:?}"));
    }
}

#[test]
fn a_payment_vanishes_and_returns_once_whatever_happens_at_any_point() {
    for (blow, meanwhile) in [(Blow::Dies, None), (Blow::Lost, None), (Blow::Waits, Some(Action::Work))] {
        for at in [Point::BeforeWrite, Point::AfterWrite] {
            for nth in 1..=WRITES {
                let mishap = Some(Mishap { at, nth, blow, meanwhile });
                prove(&story(Coin::Usdt, mishap, None), &format!("missed: {blow:?} {at:?} {nth}"));
                prove(&story(Coin::Usdt, None, mishap), &format!("found: {blow:?} {at:?} {nth}"));
            }
        }
    }
}

/// Whoever claims, cancels or gives back what the payment paid for, at the moment in which it is missed, does so before or after it.
#[test]
fn what_people_do_while_a_payment_vanishes_is_before_or_after_it() {
    let deeds = [
        Action::Claim { refund: 0, payer: 1 },
        Action::CancelAsMerchant { refund: 0 },
        Action::Refund { invoice: 0, percent: 30, payer: None, immediate: true },
    ];
    for meanwhile in deeds {
        for nth in 1..=WRITES {
            let mishap = Some(Mishap { at: Point::BeforeWrite, nth, blow: Blow::Waits, meanwhile: Some(meanwhile) });
            let report = replay(&Place::Memory, &story(Coin::Usdt, mishap, None)).expect("a world");
            assert!(report.failure.is_none(), "{meanwhile:?} {nth}: {report}");
        }
    }
}

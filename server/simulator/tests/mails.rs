//! Mails, with a mail server in every mood and a crash, a lost answer or a faster rival at every point of the way to it.

use simulator::merchant::Mood;
use simulator::power::{Blow, Point};
use simulator::script::{Action, Coin, Mishap, Script, Step};
use simulator::suite::{Place, replay};

/// As many writes as come before and after the calls that hand over the first mail.
const WRITES: u8 = 8;
/// As many calls: a webhook, a mail.
const CALLS: u8 = 4;

const fn plain(action: Action) -> Step {
    Step { action, second: false, mishap: None }
}

/// An overpaid invoice whose payer is written to in the last step but one; the coin says whether the invoice or the claim says whom.
fn story(coin: Coin, mood: Mood, mishap: Option<Mishap>) -> Script {
    let mut steps: Vec<Step> = [
        Action::Policy { number: 1 },
        Action::Invoice { coin },
        Action::Pay { invoice: 0, percent: 150 },
        Action::Wait { seconds: 30 },
        Action::PostOffice { mood },
        Action::Claim { refund: 0, payer: 0 },
    ]
    .map(plain)
    .to_vec();
    steps.push(Step { action: Action::Work, second: false, mishap });
    steps.push(plain(Action::Wait { seconds: 3600 }));
    Script(steps)
}

/// That nobody is written to in vain, and everybody is, the invariants say (I15, R6).
fn prove(script: &Script, what: &str) {
    let report = replay(&Place::Memory, script).expect("a world");
    assert!(report.failure.is_none(), "{what}: {report}");
    assert_eq!(report.refunds.get("paid"), Some(&1), "{what}: a mail holds no money up");
}

#[test]
fn whatever_happens_on_the_way_a_mail_is_neither_lost_nor_invented() {
    for (blow, meanwhile) in [(Blow::Dies, None), (Blow::Lost, None), (Blow::Waits, Some(Action::Work))] {
        for (at, points) in
            [(Point::BeforeWrite, WRITES), (Point::AfterWrite, WRITES), (Point::BeforeCall, CALLS), (Point::AfterCall, CALLS)]
        {
            for nth in 1..=points {
                let mishap = Some(Mishap { at, nth, blow, meanwhile });
                prove(&story(Coin::Usdt, Mood::Well, mishap), &format!("{blow:?} {at:?} {nth}"));
            }
        }
    }
}

#[test]
fn a_mail_servers_mood_is_not_the_moneys_matter() {
    for mood in Mood::ALL {
        for coin in Coin::ALL {
            prove(&story(coin, mood, None), &format!("{mood:?} {coin:?}"));
        }
    }
}

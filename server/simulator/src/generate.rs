//! Scripts from seeds: the same seed gives the same script.

use fastrand::Rng;

use crate::chain::ChainFault;
use crate::merchant::Mood;
use crate::power::{Blow, Point};
use crate::script::{Action, Coin, Deed, Mishap, Script, Step};

/// How many of a hundred steps meet with a mishap.
const MISHAP_PERCENT: u32 = 30;
/// How many of a hundred steps the second process takes.
const SECOND_PERCENT: u32 = 15;
const MINUTE: u32 = 60;
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;
/// The deepest reorganisation: less than any coin's finality.
const REORG_DEPTH_MAX: u8 = 10;

/// Returns the script of a seed, with this many steps.
#[must_use]
pub fn script(seed: u64, steps: usize) -> Script {
    let mut random = Rng::with_seed(seed);
    // A story needs a payment before anything else can go wrong.
    let coin = pick(&mut random, &Coin::ALL);
    let mut script = vec![plain(Action::Invoice { coin }), plain(Action::Pay { invoice: 0, percent: paid(&mut random) })];
    script.truncate(steps);
    while script.len() < steps {
        let step = step(&mut random);
        script.push(step);
        // What usually comes next does so more often than by chance, or most stories would end before anything is paid.
        let next = match step.action {
            Action::Invoice { .. } => Some(Action::Pay { invoice: random.u8(0..4), percent: paid(&mut random) }),
            Action::Pay { .. } => Some(Action::Wait { seconds: pick(&mut random, &[5, 25, 25, 21 * MINUTE]) }),
            Action::Claim { .. } => Some(Action::Wait { seconds: pick(&mut random, &[HOUR, 72 * HOUR - 1, 72 * HOUR, 72 * HOUR]) }),
            Action::Wait { .. } => Some(Action::Claim { refund: random.u8(0..4), payer: random.u8(0..4) }),
            Action::PayAstray { .. } => Some(Action::Wait { seconds: 25 }),
            // It is missed ten minutes later, at the earliest.
            Action::Loses { .. } => Some(Action::Wait { seconds: pick(&mut random, &[25, 21 * MINUTE, 21 * MINUTE, HOUR]) }),
            _ => None,
        };
        if let Some(action) = next.filter(|_| random.bool()) {
            script.push(Step { action, ..self::step(&mut random) });
        }
        if let Action::Loses { coin } = step.action
            && random.bool()
        {
            script.push(plain(Action::BringsBack { coin }));
            script.push(Step { action: Action::Wait { seconds: 25 }, ..self::step(&mut random) });
        }
    }
    script.truncate(steps);
    Script(script)
}

const fn plain(action: Action) -> Step {
    Step { action, second: false, mishap: None }
}

fn step(random: &mut Rng) -> Step {
    let action = action(random);
    let second = random.u32(0..100) < SECOND_PERCENT;
    let mishap = (random.u32(0..100) < MISHAP_PERCENT).then(|| mishap(random, action));
    Step { action, second, mishap }
}

fn mishap(random: &mut Rng, action: Action) -> Mishap {
    let blow = pick(random, &[Blow::Dies, Blow::Lost, Blow::Waits]);
    // A worker's round passes many points, what people do only a few.
    let of_people = touched(action);
    let nth = match of_people {
        Some(_) => random.u8(1..=2),
        None if random.bool() => random.u8(1..=3),
        None => random.u8(1..=24),
    };
    if blow != Blow::Waits {
        return Mishap { at: pick(random, &Point::ALL), nth, blow, meanwhile: None };
    }
    // Whoever has read and not yet written is overtaken: that is what races are made of.
    let at = pick(random, &[Point::BeforeWrite, Point::BeforeWrite, Point::AfterWrite, Point::AfterCall]);
    let meanwhile = match of_people.filter(|_| random.bool()) {
        Some(refund) => {
            let (payer, seconds) = (random.u8(0..4), pick(random, &[72 * HOUR, 90 * DAY]));
            let rivals = [
                Action::Claim { refund, payer },
                Action::CancelAsMerchant { refund },
                Action::CancelAsPayer { refund },
                Action::Wait { seconds },
                Action::Work,
            ];
            pick(random, &rivals)
        }
        None if random.bool() => Action::Work,
        None => self::action(random),
    };
    Mishap { at, nth, blow, meanwhile: Some(meanwhile) }
}

/// Returns the refund that an action of people is about.
const fn touched(action: Action) -> Option<u8> {
    match action {
        Action::Claim { refund, .. }
        | Action::CancelAsPayer { refund }
        | Action::CancelAsMerchant { refund }
        | Action::Retry { refund }
        | Action::Staff { refund, .. } => Some(refund),
        Action::Invoice { .. }
        | Action::Refund { .. }
        | Action::Freeze
        | Action::Pay { .. }
        | Action::Policy { .. }
        | Action::Wait { .. }
        | Action::Work
        | Action::Breaks { .. }
        | Action::Heals { .. }
        | Action::Reorg { .. }
        | Action::Evicts { .. }
        | Action::TakesSlot { .. }
        | Action::Receiver { .. }
        | Action::PostOffice { .. }
        | Action::Restart
        | Action::Outage { .. }
        | Action::PayAstray { .. }
        | Action::Attribute { .. }
        | Action::SendBack { .. }
        | Action::Loses { .. }
        | Action::BringsBack { .. } => None,
    }
}

fn action(random: &mut Rng) -> Action {
    let invoice = random.u8(0..4);
    let refund = random.u8(0..4);
    let coin = pick(random, &Coin::ALL);
    match random.u32(0..135) {
        0..8 => Action::Invoice { coin },
        8..22 => Action::Pay { invoice, percent: paid(random) },
        22..40 => Action::Claim { refund, payer: random.u8(0..4) },
        40..45 => Action::CancelAsPayer { refund },
        45..49 => Action::CancelAsMerchant { refund },
        49..54 => Action::Retry { refund },
        54..56 => Action::Policy { number: random.u8(0..10) },
        56..74 => Action::Wait { seconds: waited(random) },
        74..80 => Action::Work,
        80..86 => Action::Breaks { coin, fault: pick(random, &ChainFault::ALL) },
        86..89 => Action::Heals { coin },
        89..92 => Action::Reorg { coin, depth: random.u8(1..=REORG_DEPTH_MAX), loses_deposits: random.bool() },
        92..94 => Action::Evicts { coin },
        94..96 => Action::TakesSlot { coin },
        96..98 => Action::Receiver { mood: pick(random, &Mood::ALL) },
        98..100 => Action::Restart,
        100..106 => {
            let (percent, payer) = (pick(random, &[100, 50, 30, 1]), pick(random, &[None, None, Some(2)]));
            Action::Refund { invoice, percent, payer, immediate: random.bool() }
        }
        106..115 => Action::Staff { deed: pick(random, &Deed::ALL), refund },
        115..118 => Action::PostOffice { mood: pick(random, &Mood::ALL) },
        118..119 => Action::Freeze,
        119..121 => Action::Outage { seconds: pick(random, &[4 * MINUTE, HOUR, 6 * HOUR, 30 * HOUR, 4 * DAY]) },
        121..128 => Action::Loses { coin },
        128..130 => Action::BringsBack { coin },
        130..132 => Action::PayAstray { invoice, percent: paid(random), has_tag: random.bool() },
        132..134 => Action::Attribute { case: random.u8(0..4), invoice },
        _ => Action::SendBack { case: random.u8(0..4) },
    }
}

fn paid(random: &mut Rng) -> u16 {
    pick(random, &[100, 100, 50, 150, 150, 30, 70, 1, 500])
}

/// The waits that matter: within a block, finality, an invoice's end, the security delay to the second, a claim's end, and beyond.
fn waited(random: &mut Rng) -> u32 {
    pick(
        random,
        &[
            1,
            5,
            25,
            MINUTE,
            5 * MINUTE,
            20 * MINUTE,
            21 * MINUTE,
            HOUR,
            24 * HOUR,
            72 * HOUR - 1,
            72 * HOUR,
            72 * HOUR,
            4 * DAY,
            90 * DAY,
            100 * DAY,
        ],
    )
}

fn pick<T: Copy>(random: &mut Rng, choices: &[T]) -> T {
    choices[random.usize(0..choices.len())]
}

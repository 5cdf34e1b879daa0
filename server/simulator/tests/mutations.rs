//! Tests with teeth: each of twelve historic bugs is planted, and the random stories must find it. The same stories find nothing in
//! the engine as it is (`simulation.rs`).

use simulator::merchant::Mood;
use simulator::mutations::Mutation;
use simulator::script::{Action, Coin, Script, Step};
use simulator::suite::{Place, Plan, replay, replay_with, run};

use crate::simulation::count;

/// In how many stories at most a bug must show.
const SEEDS: u64 = 1500;

#[test]
fn every_planted_bug_is_found() {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut caught = 0_usize;
    for mutation in Mutation::ALL {
        let seeds = 0..count("MUTATION_SEEDS", SEEDS);
        let plan = Plan { place: Place::Memory, seeds, steps: 30, threads, shrinking_plays: 0, mutation: Some(mutation) };
        let report = run(&plan).expect("worlds");
        let Some(failure) = report.failure else {
            println!("NOT caught in {} stories: {}", report.stories, mutation.evidence());
            continue;
        };
        caught = caught.saturating_add(1);
        let mut names: Vec<&str> = failure.violations.iter().map(|violation| violation.invariant.as_str()).collect();
        names.dedup();
        let what = failure.violations.first().map_or("", |violation| violation.what.as_str());
        println!("caught by {} after {} stories: {} ({what})", names.join(", "), report.stories, mutation.evidence());
    }
    println!("{caught}/{} caught", Mutation::ALL.len());
    assert_eq!(caught, Mutation::ALL.len(), "a planted bug was not found");
}

/// A mail server that is away takes the cancel link half an hour late: whoever counts from the confirmation takes that time from the payer.
/// Only the part of I7 about mails sees it.
#[test]
fn a_cancel_link_that_came_late_is_counted_from_when_it_came() {
    let story = [
        Action::Policy { number: 1 },
        Action::Invoice { coin: Coin::Usdt },
        Action::Pay { invoice: 0, percent: 150 },
        Action::Wait { seconds: 30 },
        Action::PostOffice { mood: Mood::Down },
        Action::Claim { refund: 0, payer: 0 },
        Action::Wait { seconds: 1800 },
        Action::PostOffice { mood: Mood::Well },
        Action::Wait { seconds: 1200 },
        Action::Wait { seconds: 1200 },
    ];
    let script = Script(story.map(|action| Step { action, second: false, mishap: None }).to_vec());
    let honest = replay(&Place::Memory, &script).expect("a world");
    assert!(honest.failure.is_none(), "{honest}");
    let planted = replay_with(&Place::Memory, &script, Some(Mutation::CountsLateLinksAsPrompt)).expect("a world");
    let failure = planted.failure.expect("a payer had less time than promised");
    assert!(failure.violations.iter().all(|violation| violation.invariant == "I7"), "{:?}", failure.violations);
    assert!(
        failure.violations.iter().any(|violation| violation.what.contains("the cancel link for the whole delay")),
        "{:?}",
        failure.violations
    );
}

//! Tests with teeth: each of twelve historic bugs is planted, and the random stories must find it. The same stories find nothing in
//! the engine as it is (`simulation.rs`).

use simulator::mutations::Mutation;
use simulator::suite::{Place, Plan, run};

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

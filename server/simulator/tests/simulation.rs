//! Random stories on every database. `SIMULATION_SEEDS` says how many in memory, `SIMULATION_DB_SEEDS` how many on each database.

use simulator::script::Script;
use simulator::suite::{Place, Plan, SHRINKING_PLAYS, replay, run};

use crate::postgres::TestDatabase;

/// As many as a quick run of all tests can afford.
const SEEDS: u64 = 24;
const DB_SEEDS: u64 = 4;
const STEPS: usize = 20;

/// Returns a count from the environment.
pub fn count(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

fn plan(place: Place, seeds: u64) -> Plan {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Plan { place, seeds: 0..seeds, steps: STEPS, threads, shrinking_plays: SHRINKING_PLAYS, mutation: None }
}

fn prove(where_to: &str, plan: &Plan) {
    let started = std::time::Instant::now();
    let report = run(plan).expect("worlds");
    println!("simulation {where_to}: {report} ({} s)", started.elapsed().as_secs());
    assert!(report.failure.is_none(), "{report}");
}

#[test]
fn random_stories_in_memory_break_no_promise() {
    prove("in memory", &plan(Place::Memory, count("SIMULATION_SEEDS", SEEDS)));
}

#[test]
fn random_stories_on_disk_break_no_promise() {
    prove("on SQLite", &plan(Place::Disk, count("SIMULATION_DB_SEEDS", DB_SEEDS)));
}

#[test]
fn random_stories_on_postgres_break_no_promise() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh());
    prove("on PostgreSQL", &plan(Place::Postgres(database.url()), count("SIMULATION_DB_SEEDS", DB_SEEDS)));
}

/// The same seed leaves the same rows: every line of history, entry of the books, notice and try of a delivery.
#[tokio::test]
async fn a_story_told_twice_is_the_same_story() {
    let databases = simulator::database::Databases::in_memory().await.unwrap();
    for seed in 0..6 {
        let script = simulator::generate::script(seed, 40);
        let once = simulator::world::play(&databases, &script, None).await.unwrap();
        let twice = simulator::world::play(&databases, &script, None).await.unwrap();
        assert!(!once.digest.is_empty());
        assert_eq!(once.digest, twice.digest, "seed {seed}");
        assert_eq!(once.events, twice.events, "seed {seed}");
    }
    databases.clean_up();
}

/// What a failing seed prints is what `refundry simulate --script` plays.
#[test]
fn a_printed_script_plays() {
    let script = simulator::generate::script(5, STEPS).to_string().parse().expect("what was printed");
    let report = replay(&Place::Memory, &script).expect("a world");
    assert_eq!((report.stories, report.steps), (1, 20));
    assert!(report.failure.is_none(), "{report}");
}

/// CM-09: whoever froze a merchant was told so, and a release that was decided a moment before is not written any more.
#[test]
fn money_that_is_frozen_while_it_is_released_is_not_sent() {
    let story = |write: u8| -> Script {
        let script = format!(
            r#"{{"do":{{"invoice":{{"coin":"usdt"}}}}}}
            {{"do":{{"pay":{{"invoice":0,"percent":150}}}}}}
            {{"do":{{"wait":{{"seconds":31}}}}}}
            {{"do":{{"claim":{{"refund":0,"payer":1}}}}}}
            {{"do":{{"wait":{{"seconds":259160}}}}}}
            {{"do":{{"wait":{{"seconds":9}}}},"mishap":{{"at":"before_write","nth":{write},"blow":"waits","meanwhile":"freeze"}}}}"#
        );
        script.parse().expect("a script")
    };
    // One of these writes is the release.
    for write in 1..=6 {
        let report = replay(&Place::Memory, &story(write)).expect("a world");
        assert!(report.failure.is_none(), "frozen before write {write}: {report}");
    }
}

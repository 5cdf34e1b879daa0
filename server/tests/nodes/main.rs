//! Three `refundry serve` processes on one PostgreSQL, under load, while one is killed, one is paused for a minute and the database is
//! stopped in the middle of everything: whatever was acknowledged is true afterwards, nothing is paid twice, and work goes on.

#![expect(clippy::arithmetic_side_effects, reason = "a test that counts; overflow panics, and that is a failure")]

#[path = "../support/addresses.rs"]
mod addresses;
mod database;
mod faults;
mod fleet;
mod load;
#[path = "../../engine/tests/support/postgres_programs.rs"]
mod postgres_programs;
#[path = "../support/sink.rs"]
mod sink;
mod truth;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use database::Database;
use fleet::Fleet;
use load::Load;
use sink::Sink;
use watch::Watch;

/// How many payers and merchants are busy at the same time.
const CLIENTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_on_one_postgres_outlive_kill_pause_and_restart() {
    let began = Instant::now();
    let database = Database::start();
    let sink = Sink::start().await;
    let fleet = Arc::new(Fleet::start(&database.url()).await);
    let load = Load::prepare(Arc::clone(&fleet), &sink.url).await;
    println!("three processes are up after {:.1} s", began.elapsed().as_secs_f32());

    let watch = Watch::start(database.url());
    let clients = load.start(CLIENTS);
    faults::happen(&fleet, &database, &load, &sink).await;
    load.stop();
    let mut stories = Vec::new();
    for client in clients {
        stories.extend(client.await.expect("a client that did not panic"));
    }
    load.drain(&database.url()).await;
    let seen = watch.stop().await;

    load.print();
    println!("longest time that a due job stayed in the same hands: {:.1} s", seen.longest_held.as_secs_f32());
    truth::check(&stories, &load, &database.url(), &sink).await;
    fleet.verify_ledger();
    // A lease lasts 30 s; then somebody else has it at the next tick, once the database is back and as soon as the machine lets them.
    assert!(seen.longest_held < Duration::from_secs(45), "{} stayed where it was for {:?}", seen.which, seen.longest_held);
    println!("all in all {:.1} s", began.elapsed().as_secs_f32());
}

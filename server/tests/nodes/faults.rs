//! What goes wrong, and how long it takes until work goes on.

use std::time::{Duration, Instant};

use crate::database::Database;
use crate::fleet::Fleet;
use crate::load::Load;
use crate::sink::Sink;

/// For how long a job belongs to a worker that is gone.
const LEASE: Duration = Duration::from_secs(30);
/// For how long a process is paused: twice as long as a lease lasts.
const PAUSE: Duration = Duration::from_secs(60);

/// Kills the first process, pauses the second, crashes the database while it is paused, and lets everybody come back.
pub async fn happen(fleet: &Fleet, database: &Database, load: &Load, sink: &Sink) {
    sleep(5).await;
    let killed = Instant::now();
    fleet.kill(0);
    went_on("a process was killed", killed, load, sink).await;
    sleep(6).await;
    fleet.revive(0);
    fleet.until_ready(0).await;
    println!("the killed process is back after {:.1} s", killed.elapsed().as_secs_f32());
    sleep(3).await;

    let paused = Instant::now();
    fleet.pause(1);
    went_on("a process was paused", paused, load, sink).await;
    sleep(12).await;
    let crashed = Instant::now();
    database.crash_and_restart();
    println!("the database was away for {:.1} s", crashed.elapsed().as_secs_f32());
    went_on("the database crashed", crashed, load, sink).await;
    tokio::time::sleep(PAUSE.saturating_sub(paused.elapsed())).await;

    let resumed = Instant::now();
    fleet.resume(1);
    went_on("the paused process came back", resumed, load, sink).await;
    sleep(3).await;
    let crashed = Instant::now();
    database.crash_and_restart();
    went_on("the database crashed under all three", crashed, load, sink).await;
    sleep(4).await;
    println!("deadlocks that the database resolved: {}", database.log_has("deadlock detected"));
}

/// Waits for a request that began after the fault and was acknowledged, and for a webhook that a worker delivered after it.
async fn went_on(what: &str, since: Instant, load: &Load, sink: &Sink) {
    let delivered = sink.all().len();
    let acknowledged = load.until_acknowledged_since(since).await;
    while sink.all().len() == delivered {
        assert!(since.elapsed() < LEASE, "{what}: no webhook was delivered for {LEASE:?}");
        sleep_millis(50).await;
    }
    let (acknowledged, worked) = (acknowledged.as_secs_f32(), since.elapsed().as_secs_f32());
    println!("{what}: the next request was acknowledged after {acknowledged:.1} s, the next webhook delivered after {worked:.1} s");
}

async fn sleep(secs: u64) {
    sleep_millis(secs * 1000).await;
}

async fn sleep_millis(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

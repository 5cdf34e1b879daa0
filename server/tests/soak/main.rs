//! Webhooks through bad weather: a receiver that fails three times in ten, in each of the ways in which receivers fail, and a server that
//! is killed in the middle and started again. Nothing is lost, nothing of a refund overtakes, and what came twice is counted. What such a
//! server owes to whoever asked it for something is [`answers`]'.

#![expect(clippy::arithmetic_side_effects, reason = "a test that counts; overflow panics, and that is a failure")]

mod answers;
#[path = "../../engine/tests/support/postgres.rs"]
mod postgres;
mod process;
mod receiver;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::postgres::TestDatabase;
use crate::process::Process;
use crate::receiver::{Arrival, Receiver};

/// How many orders are overpaid, offered back and called off.
const ORDERS: usize = 24;
/// What each refund tells, in this order: known from what was done, not from any row.
const TOLD: [&str; 3] = ["refund.created", "refund.claim_available", "refund.canceled"];
/// How long it may take until everything was told, in the world's time. The waits between tries are the sandbox clock's.
const PATIENCE: Duration = Duration::from_secs(80);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_webhook_is_lost_or_overtaken_on_sqlite() {
    let folder = process::new_folder();
    let url = format!("sqlite://{}", folder.join("refundry.db").display());
    soak(Process::start(folder, &url).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_webhook_is_lost_or_overtaken_on_postgres() {
    let database = TestDatabase::fresh().await;
    soak(Process::start(process::new_folder(), &database.url()).await).await;
}

async fn soak(mut server: Process) {
    let began = Instant::now();
    let receiver = Receiver::start().await;
    server.post("/webhook_endpoints", &json!({ "url": receiver.url })).await;
    let mut refunds = Vec::new();
    for number in 0..ORDERS {
        refunds.push(server.overpaid(&format!("S-{number}")).await);
        if number == ORDERS / 2 {
            // In the middle of telling: what is on the wire now is known to nobody afterwards.
            server.kill();
            server.revive().await;
        }
    }
    for refund in &refunds {
        server.post(&format!("/refunds/{refund}/cancel"), &json!({ "reason": "other" })).await;
    }
    server.kill();
    server.revive().await;
    while server.count_of("pending").await > 0 {
        assert!(began.elapsed() < PATIENCE, "{} deliveries wait still: {}", server.count_of("pending").await, server.log());
        server.post("/sandbox/clock", &json!({ "advance": "PT30M" })).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(server.count_of("given_up").await, 0);

    let arrivals = receiver.arrivals();
    for refund in &refunds {
        let of_refund: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.subject == *refund).collect();
        check(refund, &of_refund);
    }
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for arrival in &arrivals {
        *times.entry(&arrival.id).or_default() += 1;
    }
    let repeats: u32 = times.values().map(|times| times - 1).sum();
    let failed = arrivals.iter().filter(|arrival| !arrival.is_acknowledged).count() + receiver.dropped();
    println!(
        "{} webhooks arrived as {} posts, {repeats} of them again; {failed} of {} tries failed ({:?}); {:.1} s",
        times.len(),
        arrivals.len(),
        arrivals.len() + receiver.dropped(),
        receiver.failures(),
        began.elapsed().as_secs_f32()
    );
    assert!(receiver.failures().values().all(|times| *times > 0), "each way to fail was met: {:?}", receiver.failures());
}

/// Each was told, the numbers without a gap, none before the one ahead of it was taken, and a repeat says the same.
fn check(refund: &str, arrivals: &[&Arrival]) {
    let mut first: BTreeMap<i64, &Arrival> = BTreeMap::new();
    let mut taken = 0;
    for arrival in arrivals {
        let known = *first.entry(arrival.sequence).or_insert(arrival);
        assert_eq!((&known.id, &known.event), (&arrival.id, &arrival.event), "{refund}: a repeat is the same webhook");
        // A repeat of what was taken may come late; what is new comes right after what was taken.
        assert!(arrival.sequence <= taken + 1, "{refund}: {} overtook, {taken} were taken", arrival.sequence);
        if arrival.is_acknowledged {
            taken = taken.max(arrival.sequence);
        }
    }
    let told: Vec<&str> = first.values().map(|arrival| arrival.event.as_str()).collect();
    assert_eq!(told, TOLD, "{refund}");
    assert_eq!(first.keys().copied().collect::<Vec<_>>(), [1, 2, 3], "{refund}");
    let acknowledged = |sequence: i64| arrivals.iter().any(|arrival| arrival.sequence == sequence && arrival.is_acknowledged);
    assert!((1..=3).all(acknowledged), "{refund}: each was acknowledged in the end");
}

/// Returns a text of an answer.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

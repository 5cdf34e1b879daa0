//! A thousand endpoints that never answer, beside a few that do (reliability 11): who answers is told at once, and what is under way has a
//! limit.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::delivery::DeliveryFault;
use domain::ids::{EndpointId, InvoiceId, MidId};
use engine::callers::Caller;
use engine::clock::Clock as _;
use engine::invoices::NewInvoice;
use engine::outside::{Answered, Outside, Post};
use engine::sandbox::SandboxDeposit;
use engine::tally::{Counted, Fate};
use engine::{Config, Engine};
use jiff::SignedDuration;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{World, config};

const DEAD: usize = 1000;
/// When the sender gives up.
const NO_ANSWER_AFTER: Duration = Duration::from_secs(4);
/// How many posts a process has under way at most: a full lane, and those that stand aside.
const UNDER_WAY_MAX: usize = 512;
/// How many of those go to endpoints that failed last time.
const DOUBTFUL_MAX: usize = 128;

stories! {
    async fn a_thousand_dead_endpoints_hurt_nobody(world: World) {
        let shops = Arc::new(Shops::default());
        let outside = Outside { post: Some(Arc::clone(&shops) as Arc<dyn Post>), ..Outside::default() };
        let config = Config { outside, ..config(&world.database.url(), Some(Arc::clone(&world.clock))) };
        let world = World { engine: Engine::open(config).await.expect("an engine"), ..world };
        let mut adding = JoinSet::new();
        for number in 0..DEAD {
            let (engine, caller) = (world.engine.clone(), world.caller.clone());
            adding.spawn(async move {
                let url = format!("https://dead.example/{number}");
                engine.add_endpoint(&caller, &url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint")
            });
        }
        adding.join_all().await;
        let (_, mid) = world.engine.add_mid("Another", "Shop", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key").secret;
        let other = world.engine.key(&key).await.expect("a look-up").expect("the key");
        for number in 0..5 {
            let url = format!("https://alive.example/{number}");
            world.engine.add_endpoint(&other, &url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        }

        // Nothing is known of anybody yet, and the thousand stand first in the queue.
        world.pay(&world.invoice("D-1").await, "101.102104").await;
        paid(&world, &other, mid, "A-1").await;
        let worker = tokio::spawn({
            let engine = world.engine.clone();
            async move { engine.run_worker(std::future::pending()).await }
        });
        let first = told(&shops, 5).await;
        // In a lane of 64 places they would wait for sixteen times the time that the sender takes to give up.
        assert!(first < Duration::from_secs(12), "{first:?}");
        while shops.tried.lock().expect("no panic").len() < DEAD || shops.dead.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let most = shops.dead_most.swap(0, Ordering::SeqCst);
        assert!(most <= UNDER_WAY_MAX, "{most} posts at once");
        assert!(most > 64, "they were found out beside the lane: {most}");

        // From now on they wait for each other only, also when all of them are to be tried again.
        for (number, wait) in [(2, 5), (3, 300)] {
            world.clock.advance(SignedDuration::from_secs(wait));
            let before = shops.alive.load(Ordering::SeqCst);
            paid(&world, &other, mid, &format!("A-{number}")).await;
            let took = told(&shops, before.saturating_add(5)).await;
            // Well under a second, but on a machine that does much else; in one lane with them it would be a minute.
            assert!(took < Duration::from_secs(10), "{took:?} behind {DEAD} that do not answer");
            tokio::time::sleep(NO_ANSWER_AFTER).await;
            let most = shops.dead_most.swap(0, Ordering::SeqCst);
            assert!((1..=DOUBTFUL_MAX).contains(&most), "{most} posts at once to who did not answer last time");
        }
        let counts = world.engine.counts();
        assert!(counts.of(Counted::Webhook(Fate::NotTaken)) >= 1000 && counts.of(Counted::Webhook(Fate::Taken)) >= 15, "{counts:?}");
        worker.abort();
    }
}

/// Makes another merchant's invoice and pays it.
async fn paid(world: &World, caller: &Caller, mid: MidId, reference: &str) {
    let new = NewInvoice { mid, rate: Some("0.9890991".to_owned()), ..world.new_invoice(reference, "USDT-TRON") };
    let invoice = world.engine.create_invoice(caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
    let deposit = SandboxDeposit::of(InvoiceId(invoice.id), "101.102104");
    world.engine.sandbox_deposit(caller, deposit).await.expect("a deposit");
}

/// Waits until the endpoints that answer were told so often, and says how long that took.
async fn told(shops: &Shops, times: usize) -> Duration {
    let since = Instant::now();
    while shops.alive.load(Ordering::SeqCst) < times {
        assert!(since.elapsed() < Duration::from_secs(60), "they were not told");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    since.elapsed()
}

/// Merchants' servers: those that answer do so at once, the others never do.
#[derive(Default)]
struct Shops {
    alive: AtomicUsize,
    tried: Mutex<HashSet<String>>,
    dead: AtomicUsize,
    dead_most: AtomicUsize,
}

#[async_trait]
impl Post for Shops {
    async fn post(&self, url: &str, _: Vec<(&'static str, String)>, _: String) -> Result<Answered, DeliveryFault> {
        if url.contains("alive") {
            self.alive.fetch_add(1, Ordering::SeqCst);
            return Ok(Answered::with(200));
        }
        self.tried.lock().expect("no panic").insert(url.to_owned());
        let now = self.dead.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        self.dead_most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(NO_ANSWER_AFTER).await;
        self.dead.fetch_sub(1, Ordering::SeqCst);
        Err(DeliveryFault::NoAnswer)
    }
}

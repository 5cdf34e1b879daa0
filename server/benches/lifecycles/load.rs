//! Merchants and payers: clients that live through one order after the other, the merchants' receiver of webhooks, and the clock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::addresses::tron_address;
use crate::cluster::Cluster;
use crate::machine;
use crate::shop::{ASSET, Program, Serving, Shop};

/// How long a client waits for the link of its order, and everybody for the last refunds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What takes its time in a lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `POST /invoices`.
    Invoice,
    /// `POST /deposits`, until it is judged and the refund is owed.
    Deposit,
    /// From the report of the deposit until its link is at the merchant.
    Link,
    /// The payer's form with the address, answered by a page to check.
    Address,
    /// The payer's confirmation.
    Confirm,
    /// From the end of the delay until the merchant is told that it is being sent.
    Release,
    /// From the report of the deposit until the merchant is told that it is paid, with up to three moves of the clock in it.
    Whole,
}

/// An order on its way.
struct Story {
    began: Instant,
    link: Option<oneshot::Sender<String>>,
    /// How often the clock had been moved when it was confirmed.
    confirmed_at_move: Option<usize>,
    _under_way: OwnedSemaphorePermit,
}

#[derive(Default)]
struct Book {
    stories: Mutex<HashMap<String, Story>>,
    moves: Mutex<Vec<Instant>>,
    times: Mutex<Vec<(Part, Duration)>>,
    paid: AtomicU64,
    webhooks: AtomicU64,
    refused: Mutex<HashMap<String, u64>>,
}

impl Book {
    fn note(&self, part: Part, time: Duration) {
        self.times.lock().expect("the times").push((part, time));
    }

    fn complain(&self, what: String) {
        *self.refused.lock().expect("the complaints").entry(what).or_default() += 1;
    }
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Lifecycles a second.
    pub rate: f64,
    /// Webhooks per lifecycle.
    pub webhooks: f64,
    /// Transactions that wrote, per lifecycle, and callers that shared one.
    pub commits: f64,
    pub callers: f64,
    /// How often the database made its log durable per lifecycle, where it says so.
    pub syncs: Option<f64>,
    /// How many statements the database carried out per lifecycle, where it counts them.
    pub statements: Option<f64>,
    /// Processors kept busy by the server, the clients and PostgreSQL.
    pub server: f64,
    pub clients: f64,
    pub database: Option<f64>,
    /// And by everything on the machine.
    pub machine: f64,
    /// How long each part took.
    pub times: Vec<(Part, Duration)>,
    /// What did not go as it should, and how often.
    pub refused: Vec<(String, u64)>,
}

/// The people around one process.
pub struct Load {
    serving: Serving,
    http: Client,
    book: Arc<Book>,
    clients: usize,
    under_way: Arc<Semaphore>,
    under_way_max: usize,
    tick: Duration,
    numbers: AtomicU64,
}

/// Counters, read at the beginning and at the end of what is measured.
struct Counters {
    at: Instant,
    paid: u64,
    webhooks: u64,
    commits: u64,
    callers: u64,
    syncs: Option<u64>,
    statements: Option<u64>,
    server: f64,
    clients: f64,
    database: Option<f64>,
    machine: f64,
}

impl Load {
    /// Starts the receiver and tells every merchant's shop about it.
    pub async fn prepare(serving: Serving, clients: usize, under_way_max: usize, tick: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let sink = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let book = Arc::new(Book::default());
        let app = Router::new().route("/hooks", post(receive)).with_state(Arc::clone(&book));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).build().expect("a client");
        let load = Self {
            serving,
            http,
            book,
            clients,
            under_way: Arc::new(Semaphore::new(under_way_max)),
            under_way_max,
            tick,
            numbers: AtomicU64::new(1),
        };
        for shop in &load.serving.shops {
            let made = load.api(shop, "/webhook_endpoints", &json!({ "url": sink })).send().await.expect("an answer");
            assert!(made.status().is_success(), "an endpoint: {}", made.status());
        }
        load
    }

    /// Says which process this is about.
    pub fn program(&self) -> Program {
        self.serving.program
    }

    /// Lets everybody live for a while, measures the end of it, and lets every refund come to its end.
    pub async fn run(&self, warm_up: Duration, measured: Duration, cluster: Option<&Cluster>) -> Measured {
        let cluster = cluster.filter(|_| self.program() == Program::Postgres);
        let is_over = AtomicBool::new(false);
        let is_drained = AtomicBool::new(false);
        let clients = (0..self.clients).map(|_| async {
            while !is_over.load(Ordering::Relaxed) {
                if let Err(what) = self.live().await {
                    self.book.complain(what);
                }
            }
        });
        let clock = async {
            while !is_drained.load(Ordering::Relaxed) {
                tokio::time::sleep(self.tick).await;
                self.book.moves.lock().expect("the moves").push(Instant::now());
                let shop = &self.serving.shops[0];
                if let Err(error) = self.api(shop, "/sandbox/clock", &json!({ "advance": "PT73H" })).send().await {
                    self.book.complain(format!("the clock: {error}"));
                }
            }
        };
        let watch = async {
            tokio::time::sleep(warm_up).await;
            if let Some(cluster) = cluster {
                cluster.analyze().await;
            }
            let before = self.counters(cluster).await;
            self.book.times.lock().expect("the times").clear();
            tokio::time::sleep(measured).await;
            let after = self.counters(cluster).await;
            let times = std::mem::take(&mut *self.book.times.lock().expect("the times"));
            is_over.store(true, Ordering::Relaxed);
            let ending = Instant::now();
            while self.under_way.available_permits() < self.under_way_max && ending.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            is_drained.store(true, Ordering::Relaxed);
            self.difference(&before, &after, times)
        };
        let ((), _, measured) = tokio::join!(clock, futures_util::future::join_all(clients), watch);
        let left: Vec<String> = self.book.stories.lock().expect("the stories").drain().map(|(invoice, _)| invoice).collect();
        if let Some(one) = left.first() {
            println!("  {} refunds were not paid in time, such as that of invoice {one}", left.len());
        }
        measured
    }

    /// One order, as far as people have to do with it.
    async fn live(&self) -> Result<(), String> {
        let under_way = Arc::clone(&self.under_way).acquire_owned().await.map_err(|error| error.to_string())?;
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let shop = &self.serving.shops[usize::try_from(number).unwrap_or_default() % self.serving.shops.len()];
        let new = json!({
            "mid": shop.mid, "reference": format!("HA-{number}"), "amount": "100.00", "currency": "USD", "asset": ASSET, "rate": "0.9890991",
        });
        let invoice = self.timed(Part::Invoice, self.api(shop, "/invoices", &new)).await?;
        let invoice: Value = serde_json::from_str(&invoice).map_err(|error| error.to_string())?;
        let id = invoice["id"].as_str().unwrap_or_default().to_owned();

        let (link, linked) = oneshot::channel();
        let story = Story { began: Instant::now(), link: Some(link), confirmed_at_move: None, _under_way: under_way };
        self.book.stories.lock().expect("the stories").insert(id.clone(), story);
        let told = self.pay_and_claim(shop, number, &invoice, &id, linked).await;
        if told.is_err() {
            self.book.stories.lock().expect("the stories").remove(&id);
        }
        told
    }

    async fn pay_and_claim(
        &self,
        shop: &Shop,
        number: u64,
        invoice: &Value,
        id: &str,
        linked: oneshot::Receiver<String>,
    ) -> Result<(), String> {
        let deposit = json!({
            "external_id": format!("T-{number}"), "invoice": id, "amount": "150.000000", "asset": ASSET, "txid": format!("T-{number}"),
            "seen_at": invoice["created_at"], "final": true,
        });
        self.timed(Part::Deposit, self.api(shop, "/deposits", &deposit)).await?;
        let link = tokio::time::timeout(PATIENCE, linked).await.map_err(|_| "no link in time".to_owned())?;
        let link = link.map_err(|_| "no link".to_owned())?;

        let token = link.rsplit('/').next().unwrap_or_default();
        let claim = format!("address={}&consent=1&email=payer%40example.com", tron_address(number));
        self.timed(Part::Address, self.form(&format!("/claim/{token}"), claim.clone())).await?;
        let confirmed = format!("token={token}&{claim}&tag=&shown_fee=&checked=on");
        self.timed(Part::Confirm, self.form("/fn/confirm_claim", confirmed)).await?;
        let moves = self.book.moves.lock().expect("the moves").len();
        if let Some(story) = self.book.stories.lock().expect("the stories").get_mut(id) {
            story.confirmed_at_move = Some(moves);
        }
        Ok(())
    }

    async fn timed(&self, part: Part, request: RequestBuilder) -> Result<String, String> {
        let began = Instant::now();
        let answer = request.send().await.map_err(|error| format!("{part:?}: {error}"))?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| format!("{part:?}: {error}"))?;
        self.book.note(part, began.elapsed());
        if status.is_success() || status == StatusCode::SEE_OTHER {
            return Ok(body);
        }
        Err(format!("{part:?} was answered {status}: {}", body.chars().take(200).collect::<String>()))
    }

    fn api(&self, shop: &Shop, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}/api/v1{path}", self.serving.url)).bearer_auth(&shop.key).json(body)
    }

    fn form(&self, path: &str, fields: String) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.serving.url)).header("sec-fetch-site", "same-origin");
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header(header::ACCEPT, "text/html").body(fields)
    }

    async fn counters(&self, cluster: Option<&Cluster>) -> Counters {
        let counted = self.http.get(format!("{}/counted", self.serving.url)).send().await.expect("an answer").text().await.expect("text");
        let mut counted = counted.split(' ').map(|number| number.parse().unwrap_or_default());
        let (syncs, statements) = match cluster {
            Some(cluster) => (Some(cluster.syncs().await), cluster.statements_made().await),
            None => (None, None),
        };
        Counters {
            at: Instant::now(),
            paid: self.book.paid.load(Ordering::Relaxed),
            webhooks: self.book.webhooks.load(Ordering::Relaxed),
            commits: counted.next().unwrap_or_default(),
            callers: counted.next().unwrap_or_default(),
            syncs,
            statements,
            server: machine::processor_secs(self.serving.process()),
            clients: machine::own_secs(),
            database: cluster.map(|cluster| machine::processor_secs(cluster.process())),
            machine: machine::busy_secs(),
        }
    }

    fn difference(&self, before: &Counters, after: &Counters, times: Vec<(Part, Duration)>) -> Measured {
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let count = |before: u64, after: u64| f64::from(u32::try_from(after.saturating_sub(before)).unwrap_or(u32::MAX));
        let paid = count(before.paid, after.paid).max(1.0);
        let commits = count(before.commits, after.commits).max(1.0);
        let per_lifecycle = |before: Option<u64>, after: Option<u64>| before.zip(after).map(|(before, after)| count(before, after) / paid);
        let database = before.database.zip(after.database);
        Measured {
            rate: count(before.paid, after.paid) / seconds,
            webhooks: count(before.webhooks, after.webhooks) / paid,
            commits: commits / paid,
            callers: count(before.callers, after.callers) / commits,
            syncs: per_lifecycle(before.syncs, after.syncs),
            statements: per_lifecycle(before.statements, after.statements),
            server: (after.server - before.server) / seconds,
            clients: (after.clients - before.clients) / seconds,
            database: database.map(|(before, after)| (after - before) / seconds),
            machine: (after.machine - before.machine) / seconds,
            times,
            refused: self.book.refused.lock().expect("the complaints").drain().collect(),
        }
    }
}

/// A merchant's receiver: keeps the link, and the time.
async fn receive(State(book): State<Arc<Book>>, body: String) -> StatusCode {
    let now = Instant::now();
    book.webhooks.fetch_add(1, Ordering::Relaxed);
    let Ok(event) = serde_json::from_str::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let refund = &event["data"]["refund"];
    let Some(invoice) = refund["invoice"].as_str() else { return StatusCode::NO_CONTENT };
    let mut stories = book.stories.lock().expect("the stories");
    let Some(story) = stories.get_mut(invoice) else { return StatusCode::NO_CONTENT };
    match event["type"].as_str().unwrap_or_default() {
        "refund.claim_available" => {
            book.note(Part::Link, now.duration_since(story.began));
            if let Some(link) = story.link.take() {
                link.send(refund["claim_url"].as_str().unwrap_or_default().to_owned()).ok();
            }
        }
        "refund.sending" => {
            // Due since the first move of the clock after the confirmation.
            let due = story.confirmed_at_move.and_then(|moves| book.moves.lock().expect("the moves").get(moves).copied());
            if let Some(due) = due {
                book.note(Part::Release, now.saturating_duration_since(due));
            }
        }
        "refund.paid" => {
            book.note(Part::Whole, now.duration_since(story.began));
            book.paid.fetch_add(1, Ordering::Relaxed);
            stories.remove(invoice);
        }
        _ => {}
    }
    StatusCode::NO_CONTENT
}

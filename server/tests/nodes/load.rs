//! Merchants and payers who never stop: invoices, payments, claims and cancellations over HTTP, through a simple load balancer. Everything
//! that was acknowledged is written down.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, StatusCode, header, redirect};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

use crate::addresses::tron_address;
use crate::fleet::{Fleet, NODES};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long the load balancer waits for a sign of life, and how long it waits before it asks again.
const HEALTH: Duration = Duration::from_secs(1);
/// How often a request that can be repeated is repeated.
const TRIES_MAX: usize = 40;
/// How often a refund is looked for, twice a second, that follows from a payment.
const JUDGED_AFTER_TRIES_MAX: usize = 40;
/// How often it is repeated while another process seems to carry it out.
const WAITS_MAX: usize = 4;

/// One order's way, as far as somebody was told about it.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// Its name.
    pub reference: String,
    /// The invoice's id and deposit address.
    pub invoice: Option<(String, String)>,
    /// The payment's id and transaction.
    pub deposit: Option<(String, String)>,
    /// The refund.
    pub refund: Option<String>,
    /// Where the payer sent it.
    pub destination: Option<String>,
    /// Whether the cancellation was asked for, and whether it was acknowledged.
    pub cancel: Option<bool>,
}

/// The load, and what it was answered.
pub struct Load {
    /// The processes behind the load balancer.
    pub fleet: Arc<Fleet>,
    key: String,
    mid: String,
    http: Client,
    began: Instant,
    is_over: AtomicBool,
    next_node: AtomicUsize,
    next_story: AtomicU64,
    /// Which processes the load balancer believes in.
    is_up: [AtomicBool; NODES],
    /// When the last request began that was acknowledged, in milliseconds.
    acknowledged_at: AtomicU64,
    counts: Mutex<BTreeMap<String, u64>>,
}

impl Load {
    /// Makes a merchant with a key and an endpoint.
    pub async fn prepare(fleet: Arc<Fleet>, sink: &str) -> Arc<Self> {
        let mid = fleet.run(&["mid", "add", "--merchant", "Halden Audio", "--name", "EU store"])["mid"].clone();
        let mid = mid.as_str().expect("an id").to_owned();
        let key = fleet.run(&["key", "create", "--mid", &mid, "--write"])["key"].as_str().expect("a key").to_owned();
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).build().expect("a client");
        let load = Arc::new(Self {
            fleet,
            key,
            mid,
            http,
            began: Instant::now(),
            is_over: AtomicBool::new(false),
            next_node: AtomicUsize::new(0),
            next_story: AtomicU64::new(0),
            is_up: std::array::from_fn(|_| AtomicBool::new(true)),
            acknowledged_at: AtomicU64::new(0),
            counts: Mutex::default(),
        });
        let made = load.api(Method::POST, "/webhook_endpoints", Some(&json!({ "url": sink })), None).await;
        assert!(made.is_some_and(|(status, _)| status.is_success()), "an endpoint");
        load
    }

    /// Starts clients, and somebody who lets days go by.
    pub fn start(self: &Arc<Self>, clients: usize) -> Vec<JoinHandle<Vec<Story>>> {
        let clock = Arc::clone(self);
        tokio::spawn(async move {
            while !clock.is_over.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_secs(4)).await;
                clock.api(Method::POST, "/sandbox/clock", Some(&json!({ "advance": "PT73H" })), None).await;
            }
        });
        for node in 0..NODES {
            tokio::spawn(Arc::clone(self).examine(node));
        }
        let live = |load: Arc<Self>| async move {
            let mut stories = Vec::new();
            while !load.is_over.load(Ordering::Relaxed) {
                let number = load.next_story.fetch_add(1, Ordering::Relaxed);
                let mut story = Story { reference: format!("N-{number}"), ..Story::default() };
                // What was not acknowledged ends the story where it is.
                load.tell(number, &mut story).await;
                stories.push(story);
            }
            stories
        };
        (0..clients).map(|_| tokio::spawn(live(Arc::clone(self)))).collect()
    }

    /// Asks a process for signs of life until the test ends, as load balancers do.
    async fn examine(self: Arc<Self>, node: usize) {
        let url = format!("{}/healthz", self.fleet.url(node));
        loop {
            let asked = self.http.get(&url).timeout(HEALTH).send().await;
            self.is_up[node].store(asked.is_ok_and(|answer| answer.status().is_success()), Ordering::Relaxed);
            tokio::time::sleep(HEALTH).await;
        }
    }

    /// Lets the clients end their stories.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    async fn tell(&self, number: u64, story: &mut Story) -> Option<()> {
        let new = json!({
            "mid": self.mid, "reference": story.reference, "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991",
        });
        let name = format!("make-{number}");
        let invoice = self.persist("invoice", || self.request(Method::POST, "/api/v1/invoices", Some(&new), Some(&name))).await?;
        let id = text(&invoice["id"]);
        story.invoice = Some((id.clone(), text(&invoice["address"])));

        // Asked for once: asked for twice it would be two payments.
        let payment = json!({ "invoice": id, "amount": "150.000000" });
        let (status, deposit) = self.api(Method::POST, "/sandbox/deposits", Some(&payment), None).await?;
        self.note("deposit", status, &deposit);
        if status != StatusCode::OK && status != StatusCode::CREATED {
            return None;
        }
        story.deposit = Some((text(&deposit["id"]), text(&deposit["txid"])));

        // Asked of another process, most likely: what one acknowledged, all know.
        let path = format!("/api/v1/refunds?invoice={id}");
        let mut refund = Value::Null;
        // There at once, but for a late payment that a process took in whose clock stood still until a moment ago: then the invoice's own
        // timer judges it.
        for _ in 0..JUDGED_AFTER_TRIES_MAX {
            let refunds = self.persist("refunds", || self.request(Method::GET, &path, None, None)).await?;
            refund = refunds["data"][0].clone();
            if refund["id"].is_string() {
                break;
            }
            self.count("refunds looked for again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        assert!(refund["id"].is_string(), "a payment was acknowledged, and its refund is not there");
        story.refund = Some(text(&refund["id"]));
        if number.is_multiple_of(11) {
            return self.cancel(number, story).await;
        }

        let token = text(&refund["claim_url"]).rsplit('/').next().unwrap_or_default().to_owned();
        let address = tron_address(number);
        let form = format!("token={token}&address={address}&tag=&consent=1&shown_fee=&checked=on");
        let accept = if number.is_multiple_of(2) { "text/html" } else { "application/json" };
        self.persist("claim", || {
            let request = |http: &Client, url: &str| {
                let request = http.post(format!("{url}/fn/confirm_claim")).header("sec-fetch-site", "same-origin");
                let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                request.header(header::ACCEPT, accept).body(form.clone())
            };
            Box::new(request)
        })
        .await?;
        story.destination = Some(address);
        if number.is_multiple_of(7) {
            self.cancel(number, story).await?;
        }
        Some(())
    }

    async fn cancel(&self, number: u64, story: &mut Story) -> Option<()> {
        story.cancel = Some(false);
        let path = format!("/api/v1/refunds/{}/cancel", story.refund.as_deref().unwrap_or_default());
        let (reason, name) = (json!({ "reason": "other", "note": "paid in the shop" }), format!("cancel-{number}"));
        self.persist("cancel", || self.request(Method::POST, &path, Some(&reason), Some(&name))).await?;
        story.cancel = Some(true);
        Some(())
    }

    fn request<'r>(&'r self, method: Method, path: &'r str, body: Option<&'r Value>, name: Option<&'r str>) -> Build<'r> {
        Box::new(move |http, url| {
            let mut request = http.request(method.clone(), format!("{url}{path}")).bearer_auth(&self.key);
            if let Some(body) = body {
                request = request.json(body);
            }
            if let Some(name) = name {
                request = request.header("idempotency-key", name);
            }
            request
        })
    }

    /// Asks the API once.
    pub async fn api(&self, method: Method, path: &str, body: Option<&Value>, name: Option<&str>) -> Option<(StatusCode, Value)> {
        let path = format!("/api/v1{path}");
        self.send(&self.request(method, &path, body, name)).await
    }

    /// Asks until it is answered: the request is one that may be repeated.
    async fn persist<'b>(&self, what: &str, build: impl Fn() -> Build<'b>) -> Option<Value> {
        let mut waits = 0;
        for _ in 0..TRIES_MAX {
            let began = millis(self.began);
            if let Some((status, body)) = self.send(&build()).await {
                self.note(what, status, &body);
                // By a process that may be gone: half a minute later the same key may try again, but nobody here is that patient.
                let is_being_made = status == StatusCode::CONFLICT && text(&body["detail"]).contains("at the same moment");
                if status.is_success() || status == StatusCode::SEE_OTHER {
                    self.acknowledged_at.fetch_max(began, Ordering::Relaxed);
                    return Some(body);
                }
                waits += 1;
                if !is_being_made || waits > WAITS_MAX {
                    return None;
                }
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        None
    }

    /// Sends a request to the next process that the load balancer believes in. `None` when nobody knows what became of it.
    async fn send(&self, build: &Build<'_>) -> Option<(StatusCode, Value)> {
        let first = self.next_node.fetch_add(1, Ordering::Relaxed);
        let candidates = (first..first + NODES).map(|node| node % NODES);
        let node = candidates.into_iter().find(|node| self.is_up[*node].load(Ordering::Relaxed)).unwrap_or(first % NODES);
        let answer = build(&self.http, &self.fleet.url(node)).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.count(if error.is_timeout() { "no answer in time" } else { "no connection" });
                self.is_up[node].store(false, Ordering::Relaxed);
                return None;
            }
        };
        let status = answer.status();
        let is_problem = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
        let is_json = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
        let says_when = answer.headers().contains_key(header::RETRY_AFTER);
        let is_api = answer.url().path().starts_with("/api/");
        let Ok(body) = answer.text().await else {
            self.count("half an answer");
            return None;
        };
        let body = if is_json { serde_json::from_str(&body).unwrap_or(Value::Null) } else { Value::Null };
        assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "an answer that helps nobody: {body}\n{}", self.fleet.log(node));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(says_when && (is_problem || !is_api), "a 503 without Retry-After or without a problem: {body}");
            self.count("503");
            return None;
        }
        Some((status, body))
    }

    fn note(&self, what: &str, status: StatusCode, body: &Value) {
        let code = body["code"].as_str().unwrap_or_default();
        let detail =
            if status.is_client_error() { format!(" {code}: {}", body["detail"].as_str().unwrap_or_default()) } else { String::new() };
        self.count(&format!("{what} {}{detail}", status.as_u16()));
    }

    fn count(&self, what: &str) {
        *self.counts.lock().expect("the counts").entry(what.to_owned()).or_default() += 1;
    }

    /// Waits until a request is acknowledged that began after an instant, and says how long that took.
    pub async fn until_acknowledged_since(&self, since: Instant) -> Duration {
        let since_millis = u64::try_from(since.duration_since(self.began).as_millis()).expect("a short test");
        for _ in 0..600 {
            if self.acknowledged_at.load(Ordering::Relaxed) > since_millis {
                return since.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing was acknowledged for 30 s");
    }

    /// Lets time go by until nothing is due any more.
    pub async fn drain(&self, database_url: &str) {
        let began = Instant::now();
        let mut connection = PgConnection::connect(database_url).await.expect("a connection");
        let mut left = [0_i64; 3];
        while began.elapsed() < Duration::from_secs(90) {
            self.api(Method::POST, "/sandbox/clock", Some(&json!({ "advance": "PT73H" })), None).await;
            let open = [
                "SELECT COUNT(*) FROM refunds WHERE state IN ('scheduled', 'sending')",
                "SELECT COUNT(*) FROM deliveries WHERE state = 'pending'",
                // Of those whose end could not be written, some are in the hands of nobody until their lease runs out.
                "SELECT COUNT(*) FROM jobs WHERE kind IN ('release', 'pay', 'deliver')",
            ];
            for (left, open) in left.iter_mut().zip(open) {
                *left = sqlx::query_scalar::<_, i64>(open).fetch_one(&mut connection).await.expect("a number");
            }
            if left == [0; 3] {
                println!("nothing is left to do after {:.1} s", began.elapsed().as_secs_f32());
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("work is left: {left:?} refunds, deliveries and jobs");
    }

    /// Prints how requests were answered.
    pub fn print(&self) {
        let counts = self.counts.lock().expect("the counts");
        println!("answers: {}", counts.values().sum::<u64>());
        for (what, count) in counts.iter() {
            println!("  {count:>6}  {what}");
        }
    }
}

/// Makes a request to a process.
type Build<'b> = Box<dyn Fn(&Client, &str) -> RequestBuilder + Send + Sync + 'b>;

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).expect("a short test")
}

/// Returns the text of a JSON string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

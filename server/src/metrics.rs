//! `GET /metrics`: how the installation and this process do, for Prometheus (OpenMetrics 1.0 text). What to set an alarm on stands in the
//! README; what the numbers are, in [`engine::vitals`] and [`engine::tally`].
//!
//! Whoever reads them needs no key, so they name routes as patterns (paths carry claim links), states, networks and assets: nobody's name, no
//! secret, and no label whose values a visitor could make up. Rows are asked once for all that read within some seconds.

mod process;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::job::Job;
use domain::notice::Notice;
use engine::Engine;
use engine::tally::{Counted, Fate};
use engine::vitals::Vitals;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Mutex;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long an answer of the database is good: however many ask, it is asked no more often.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How long the database may take: whoever waits for numbers would rather know that there are none.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);
/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Methods that are told apart.
const METHODS: [Method; 7] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

type Labels = Vec<(&'static str, Cow<'static, str>)>;
type Coins = Gauge<f64, AtomicU64>;

/// The numbers of this process, and where they are told.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    engine: Engine,
    /// Where they are told instead of at the server's own address.
    elsewhere: Option<SocketAddr>,
    /// What is counted as it happens.
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    known: Mutex<Option<Known>>,
}

/// What the database said, or that it did not.
#[derive(Clone)]
struct Known {
    at: Instant,
    vitals: Option<Arc<Vitals>>,
}

impl Metrics {
    /// Begins to count. With an address, the server's own address does not tell.
    #[must_use]
    pub fn new(engine: Engine, elsewhere: Option<SocketAddr>) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register(
            "refundry_http_requests",
            "Requests answered by this process, by pattern of the route, method and class of the status",
            requests.clone(),
        );
        let durations: Family<Labels, Histogram, fn() -> Histogram> = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register_with_unit(
            "refundry_http_request_duration",
            "How long this process took until its answers began, by pattern of the route and method",
            Unit::Seconds,
            durations.clone(),
        );
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("refundry_build", "Which version of Refundry this is", version);
        process::register(&mut registry);
        Self(Arc::new(Inner { engine, elsewhere, registry, requests, durations, known: Mutex::default() }))
    }

    /// Returns the route that the server's own address has.
    pub(crate) fn public_route(&self) -> Router {
        if self.0.elsewhere.is_none() { self.route() } else { Router::new() }
    }

    /// Returns the route that tells.
    pub fn route(&self) -> Router {
        Router::new().route("/metrics", get(show)).with_state(self.clone())
    }

    /// Returns what the database says, asked some seconds ago at most.
    async fn vitals(&self) -> Option<Arc<Vitals>> {
        // Held while asking: whoever comes meanwhile gets the same answer.
        let mut known = self.0.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.at.elapsed() < ASKED_AGAIN_AFTER) {
            return known.vitals.clone();
        }
        let asked = tokio::time::timeout(ANSWER_TIMEOUT, self.0.engine.vitals()).await;
        let vitals = match asked {
            Ok(Ok(vitals)) => Some(Arc::new(vitals)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the metrics lack what the database knows");
                None
            }
            Err(_) => {
                tracing::warn!("the metrics lack what the database knows: it did not answer in time");
                None
            }
        };
        *known = Some(Known { at: Instant::now(), vitals: vitals.clone() });
        vitals
    }

    async fn text(&self) -> Result<String, std::fmt::Error> {
        let vitals = self.vitals().await;
        let mut text = String::new();
        encode_registry(&mut text, &self.0.registry)?;
        let mut now = Registry::default();
        process::register_now(&mut now);
        register_counts(&mut now, &self.0.engine);
        let is_up = Gauge::<i64>::default();
        is_up.set(i64::from(vitals.is_some()));
        now.register(
            "refundry_database_up",
            "Whether the database answered; without it the numbers of the installation are left out",
            is_up,
        );
        if let Some(vitals) = vitals {
            register_work(&mut now, &vitals);
            register_money(&mut now, &vitals);
        }
        encode_registry(&mut text, &now)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

async fn show(State(metrics): State<Metrics>) -> Response {
    match metrics.text().await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts a request once its answer begins.
pub(crate) async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("other".into(), |path| Cow::Owned(path.as_str().to_owned()));
    let method = METHODS.iter().find(|known| *known == request.method()).map_or("other".into(), |known| Cow::Owned(known.to_string()));
    let labels: Labels = vec![("route", route), ("method", method)];
    let since = Instant::now();
    let response = next.run(request).await;
    metrics.0.durations.get_or_create(&labels).observe(since.elapsed().as_secs_f64());
    let mut labels = labels;
    labels.push(("status", class(response.status()).into()));
    metrics.0.requests.get_or_create(&labels).inc();
    response
}

const fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// What this process did since it started. Whatever can happen is there from the beginning, so that a first time is seen as a change.
fn register_counts(registry: &mut Registry, engine: &Engine) {
    let counts = engine.counts();
    let add = |family: &Family<Labels, Counter>, labels: Labels, what: Counted| {
        family.get_or_create(&labels).inc_by(counts.of(what));
    };
    let events = Family::default();
    for name in Notice::NAMES {
        add(&events, vec![("type", (*name).into())], Counted::Event(name));
    }
    registry.register("refundry_events", "What happened to invoices and refunds by this process's doing, by type", events);
    let (webhooks, mails) = (Family::default(), Family::default());
    for (fate, outcome) in [(Fate::Taken, "taken"), (Fate::NotTaken, "not_taken")] {
        add(&webhooks, vec![("outcome", outcome.into())], Counted::Webhook(fate));
        add(&mails, vec![("outcome", outcome.into())], Counted::Mail(fate));
    }
    registry.register("refundry_webhook_posts", "Webhooks that this process posted, by what came of it", webhooks);
    registry.register("refundry_mails", "Mails that this process handed to the mail server, by what it said", mails);
    let failures = Family::default();
    for kind in Job::kinds() {
        add(&failures, vec![("kind", kind.into())], Counted::JobFailed(kind));
    }
    registry.register("refundry_job_failures", "Jobs that failed in this process and are tried again, by kind", failures);
    let (failed, looked) = (Family::default(), Family::<Labels, Gauge>::default());
    for network in engine.networks() {
        add(&failed, vec![("network", network.name().into())], Counted::LookFailed(network));
    }
    for (network, at) in &counts.looked_at {
        looked.get_or_create(&vec![("network", network.name().into())]).set(at.as_second());
    }
    registry.register("refundry_chain_look_failures", "Looks of this process at a chain that failed", failed);
    registry.register(
        "refundry_chain_last_look_timestamp_seconds",
        "When this process last read a chain; left out before the first time, and where it does not work or is told of deposits",
        looked,
    );
}

/// How the installation's work stands.
fn register_work(registry: &mut Registry, vitals: &Vitals) {
    let refunds = Family::<Labels, Gauge>::default();
    for (state, count) in &vitals.open_refunds {
        refunds.get_or_create(&vec![("state", state.name().into())]).set(whole(*count));
    }
    registry.register(
        "refundry_refunds_open",
        "Refunds to which something is still to happen, by state; 100000 means that many or more",
        refunds,
    );
    let (due, oldest) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
    for kind in Job::kinds() {
        let labels = vec![("kind", kind.into())];
        let found = vitals.jobs_due.iter().find(|due| due.kind == kind);
        due.get_or_create(&labels).set(found.map_or(0, |found| whole(found.count)));
        oldest.get_or_create(&labels).set(found.map_or(0, |found| found.oldest_secs));
    }
    registry.register("refundry_jobs_due", "Jobs that are due, those in hand included, by kind", due);
    registry.register("refundry_jobs_oldest_due_age_seconds", "How long the oldest due job has been due, by kind; 0 without one", oldest);
    let single = |registry: &mut Registry, name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    single(registry, "refundry_webhooks_waiting", "Webhooks that were not taken yet", whole(vitals.webhooks_waiting));
    single(
        registry,
        "refundry_webhook_endpoints_disabled",
        "Webhook endpoints that were switched off because they answered 410",
        whole(vitals.endpoints_disabled),
    );
    single(
        registry,
        "refundry_webhook_endpoints_failing",
        "Webhook endpoints that did not take a webhook for three days",
        whole(vitals.endpoints_failing),
    );
    single(registry, "refundry_mails_waiting", "Mails that the mail server did not take yet", whole(vitals.mails_waiting));
    single(registry, "refundry_payouts_stopped", "Whether the operator stopped all payouts", i64::from(vitals.payouts_stopped));
    single(registry, "refundry_mids_frozen", "MIDs whose payouts stand still after a change", whole(vitals.mids_frozen));
    single(registry, "refundry_mids_suspended", "MIDs that are suspended", whole(vitals.mids_suspended));
}

/// How the installation's money stands. What is counted in coins is for charts: an alarm's number is no bookkeeping.
fn register_money(registry: &mut Registry, vitals: &Vitals) {
    let held = Family::<Labels, Coins>::default();
    for (asset, coins) in &vitals.held {
        set_coins(&held, asset.as_str(), coins);
    }
    registry.register("refundry_held_coins", "What is held for payers, owed to them or on its way, by asset", held);
    let (payouts, oldest) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
    for found in &vitals.payouts {
        let labels: Labels = vec![("network", found.network.clone().into()), ("state", found.state.clone().into())];
        payouts.get_or_create(&labels).set(whole(found.count));
        oldest.get_or_create(&labels).set(found.oldest_secs);
    }
    registry.register(
        "refundry_payouts_under_way",
        "Payouts that were ordered and are neither final nor failed, by network and state",
        payouts,
    );
    registry.register(
        "refundry_payouts_oldest_age_seconds",
        "How long ago the oldest payout under way was ordered, by network and state",
        oldest,
    );
    let blocks = Family::<Labels, Gauge>::default();
    for (network, block) in &vitals.blocks {
        blocks.get_or_create(&vec![("network", network.name().into())]).set(whole(*block));
    }
    registry.register("refundry_chain_block", "Up to which block a chain was read, by whichever process", blocks);
    let (rail, missing) = (Family::<Labels, Coins>::default(), Family::<Labels, Coins>::default());
    let (answered, at) = (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
    for found in &vitals.compared {
        let labels: Labels = vec![("asset", found.asset.as_str().to_owned().into())];
        answered.get_or_create(&labels).set(i64::from(found.rail.is_some()));
        at.get_or_create(&labels).set(found.at.as_second());
        found.rail.iter().for_each(|coins| set_coins(&rail, found.asset.as_str(), coins));
        found.missing.iter().for_each(|coins| set_coins(&missing, found.asset.as_str(), coins));
    }
    registry.register("refundry_rail_coins", "What the rail's accounts held when they were last compared with the books, by asset", rail);
    registry.register(
        "refundry_rail_missing_coins",
        "How much less the rail's accounts held than the books said, beyond payouts under way, by asset",
        missing,
    );
    registry.register("refundry_rail_answered", "Whether the rail said what its accounts hold when it was last asked, by asset", answered);
    registry.register(
        "refundry_rail_compared_timestamp_seconds",
        "When the books were last compared with the rail's accounts, by asset",
        at,
    );
}

fn set_coins(family: &Family<Labels, Coins>, asset: &str, coins: &str) {
    if let Ok(coins) = coins.parse() {
        family.get_or_create(&vec![("asset", asset.to_owned().into())]).set(coins);
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

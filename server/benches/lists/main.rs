//! How long a page of a list takes, by each of its filters, over a million refunds on both databases, beside what it may take: the middle
//! and the slowest of a hundred. Ends with a failure when a limit is broken.

#![expect(clippy::arithmetic_side_effects, clippy::float_arithmetic, reason = "measurements; no money is counted here")]

#[path = "../lifecycles/cluster.rs"]
#[expect(dead_code, reason = "what measures refunds per second asks it for more")]
mod cluster;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use domain::ids::MidId;
use domain::invoice::InvoiceStatus;
use domain::merchant::Role;
use domain::refund::{Reason, StateName};
use engine::Engine;
use engine::browsing::{InvoicesWanted, Narrowing, Place, RefundsWanted};
use engine::callers::Caller;
use figment::Figment;
use figment::providers::Serialized;
use jiff::Timestamp;
use serde_json::json;
use server::config::Config;
use uuid::Uuid;

use crate::cluster::Cluster;

/// How many rows a page shows.
const ROWS: u32 = 25;

/// Measures the dashboard's lists
#[derive(Debug, Parser)]
struct Options {
    /// How many refunds there are
    #[arg(long, default_value_t = 1_000_000)]
    refunds: u32,
    /// How often each list is asked for
    #[arg(long, default_value_t = 100)]
    times: u32,
    /// Where the databases are for the time being
    #[arg(long)]
    folder: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(measure(&options))
}

async fn measure(options: &Options) -> ExitCode {
    let folder = options.folder.clone().unwrap_or_else(std::env::temp_dir).join(format!("refundry-lists-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let cluster = Cluster::start(&folder, 1, false);
    let databases = [
        ("PostgreSQL", cluster.url("refundry"), Duration::from_millis(50)),
        ("SQLite", format!("sqlite://{}", folder.join("refundry.db").display()), Duration::from_millis(150)),
    ];
    let mut is_broken = false;
    for (name, url, limit) in databases {
        let settings = json!({ "database_url": url, "sandbox": true, "secret_key_file": folder.join(format!("{name}.key")) });
        let config = Config::from_figment(&Figment::from(Serialized::defaults(settings))).expect("valid settings").engine;
        let engine = Engine::open(config).await.expect("the engine opens");
        let (merchant, large) = engine.add_mid("Halden Audio", "EU store", None).await.expect("a MID");
        let (_, small) = engine.add_mid("Halden Audio", "US store", None).await.expect("a MID");
        engine.add_user("owner@example.com", Role::Owner, Some(merchant), "a long password").await.expect("a person");
        let session = engine.sign_in("owner@example.com", "a long password").await.expect("a session").session;
        let owner = engine.session(&session).await.expect("a look-up").expect("the session");
        let began = Instant::now();
        rows::write(&url, [large.0, small.0], options.refunds).await;
        println!("{name}: {} refunds written in {} s, limit {} ms", options.refunds, began.elapsed().as_secs(), limit.as_millis());
        for (who, caller) in [("owner", owner), ("operator", Caller::operator())] {
            let lists = Lists { engine: &engine, caller: &caller, small, options };
            for (list, mut took) in lists.all().await {
                took.sort();
                let (middle, slowest) = (took[took.len() / 2], took[(took.len() * 99).div_ceil(100) - 1]);
                let mark = if slowest <= limit { ' ' } else { '!' };
                println!("{mark} {who:<9}{list:<34}p50 {:>8.1} ms   p99 {:>8.1} ms", ms(middle), ms(slowest));
                is_broken |= slowest > limit;
            }
        }
    }
    drop(cluster);
    std::fs::remove_dir_all(&folder).ok();
    if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// The lists that are asked for.
struct Lists<'m> {
    engine: &'m Engine,
    caller: &'m Caller,
    small: MidId,
    options: &'m Options,
}

impl Lists<'_> {
    async fn all(&self) -> Vec<(String, Vec<Duration>)> {
        let mut all = Vec::new();
        let of = |narrowing: Narrowing| RefundsWanted { narrowing, ..RefundsWanted::default() };
        let search = |text: String| Narrowing { search: Some(text), ..Narrowing::default() };
        all.push(("newest".to_owned(), self.refunds(|_| RefundsWanted::default(), |_| Place::Newest).await));
        all.push(("somewhere".to_owned(), self.refunds(|_| RefundsWanted::default(), older).await));
        for state in StateName::ALL {
            let wanted = RefundsWanted { states: vec![state], ..RefundsWanted::default() };
            all.push((format!("state {state}"), self.refunds(|_| wanted.clone(), |_| Place::Newest).await));
        }
        let several =
            RefundsWanted { states: vec![StateName::Sending, StateName::PayoutFailed, StateName::Paid], ..RefundsWanted::default() };
        all.push(("three states".to_owned(), self.refunds(|_| several.clone(), |_| Place::Newest).await));
        for reason in Reason::ALL {
            let wanted = RefundsWanted { reason: Some(reason), ..RefundsWanted::default() };
            all.push((format!("reason {}", reason.name()), self.refunds(|_| wanted.clone(), |_| Place::Newest).await));
        }
        for asset in ["USDT-TRON", "ETH-ETHEREUM"] {
            let narrowing = Narrowing { asset: asset.parse().ok(), ..Narrowing::default() };
            all.push((format!("asset {asset}"), self.refunds(|_| of(narrowing.clone()), |_| Place::Newest).await));
        }
        let mid = Narrowing { mid: Some(self.small), ..Narrowing::default() };
        all.push(("one MID".to_owned(), self.refunds(|_| of(mid.clone()), |_| Place::Newest).await));
        all.push(("a week".to_owned(), self.refunds(|i| of(week(i)), |_| Place::Newest).await));
        let late = |i| RefundsWanted {
            reason: Some(Reason::Late),
            states: vec![StateName::OnHold],
            narrowing: week(i),
            ..RefundsWanted::default()
        };
        all.push(("a week, reason and state".to_owned(), self.refunds(late, |_| Place::Newest).await));
        for (what, text) in [
            ("order", "HA-{}"),
            ("reference", "REFUND-HA-{}"),
            ("e-mail", "payer-{}@example.com"),
            ("address", "wallet-{}"),
            ("transaction", "tx-{}"),
            ("nothing", "nobody-{}"),
        ] {
            let wanted = |i: u32| of(search(text.replace("{}", &i.to_string())));
            all.push((format!("search by {what}"), self.refunds(wanted, |_| Place::Newest).await));
        }
        let amount = |i: u32| of(search(format!("{}.{:06}", 1 + i % 900, i)));
        all.push(("search by amount".to_owned(), self.refunds(amount, |_| Place::Newest).await));
        for status in InvoiceStatus::ALL {
            let wanted = InvoicesWanted { status: Some(status), ..InvoicesWanted::default() };
            all.push((format!("invoices {}", status.name()), self.invoices(|_| wanted.clone()).await));
        }
        for asset in ["USDT-TRON", "ETH-ETHEREUM"] {
            let narrowing = Narrowing { asset: asset.parse().ok(), ..Narrowing::default() };
            let wanted = InvoicesWanted { narrowing, ..InvoicesWanted::default() };
            all.push((format!("invoices {asset}"), self.invoices(|_| wanted.clone()).await));
        }
        let by = |text: &'static str| {
            move |i: u32| InvoicesWanted {
                narrowing: Narrowing { search: Some(text.replace("{}", &i.to_string())), ..Narrowing::default() },
                ..InvoicesWanted::default()
            }
        };
        all.push(("invoices by order".to_owned(), self.invoices(by("HA-{}")).await));
        all.push(("invoices by address".to_owned(), self.invoices(by("address-{}")).await));
        all.push(("invoices by amount".to_owned(), self.invoices(by("1.{}")).await));
        all.push(("invoices by e-mail".to_owned(), self.invoices(by("payer-{}@example.com")).await));
        all
    }

    /// Asks for a list of refunds again and again, each time about another of them.
    async fn refunds(&self, wanted: impl Fn(u32) -> RefundsWanted, place: impl Fn(u32) -> Place) -> Vec<Duration> {
        let mut took = Vec::new();
        for i in self.numbers() {
            let began = Instant::now();
            self.engine.browse_refunds(self.caller, &wanted(i), place(i), ROWS).await.expect("a page");
            took.push(began.elapsed());
        }
        took
    }

    async fn invoices(&self, wanted: impl Fn(u32) -> InvoicesWanted) -> Vec<Duration> {
        let mut took = Vec::new();
        for i in self.numbers() {
            let began = Instant::now();
            self.engine.browse_invoices(self.caller, &wanted(i), Place::Newest, ROWS).await.expect("a page");
            took.push(began.elapsed());
        }
        took
    }

    /// Numbers of rows all over the table, always the same.
    fn numbers(&self) -> impl Iterator<Item = u32> {
        let refunds = self.options.refunds.max(1);
        (0..self.options.times).map(move |time| time.wrapping_mul(2_654_435_761) % refunds)
    }
}

/// Returns a place in the list, that many thousandths of a year after its beginning.
fn older(i: u32) -> Place {
    let ms = rows::BEGINS_MS + i64::from(i % 1000) * 31_000_000;
    Place::OlderThan(Uuid::from_u128(u128::try_from(ms).unwrap_or_default() << 80))
}

/// Returns a week of that year.
fn week(i: u32) -> Narrowing {
    let from = rows::BEGINS_MS + i64::from(i % 50) * 604_800_000;
    let at = |ms| Timestamp::from_millisecond(ms).ok();
    Narrowing { from: at(from), to: at(from + 604_800_000), ..Narrowing::default() }
}

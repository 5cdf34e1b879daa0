//! Sources of prices that answer well, late, wrong or not at all: an invoice gets a fresh price or none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::ids::InvoiceId;
use domain::money::AssetId;
use domain::rate::{Currency, Rate};
use engine::clock::TestClock;
use engine::rates::{FixedRate, QuotedRate, RateSourceSettings};
use engine::{Engine, Error};
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::support::world::{START, World, config, instant};

/// A server of prices that answers what it is told to.
#[derive(Clone)]
struct Prices {
    port: u16,
    status: Arc<AtomicU16>,
    body: Arc<Mutex<String>>,
    delay: Arc<Mutex<Duration>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Prices {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let prices =
            Self { port, status: Arc::new(AtomicU16::new(200)), body: Arc::default(), delay: Arc::default(), asked: Arc::default() };
        let server = prices.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().answer(stream));
            }
        });
        prices
    }

    fn says(&self, body: &str) {
        body.clone_into(&mut self.body.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn takes(&self, delay: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut request = String::new();
        stream.read_line(&mut request).await.expect("a request line");
        let mut line = String::new();
        while stream.read_line(&mut line).await.unwrap_or(0) > 0 && !line.trim().is_empty() {
            line.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        let delay = *self.delay.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(delay).await;
        let (status, body) = (self.status.load(Ordering::Relaxed), self.body.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let answer = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        // The asker may be gone.
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn settings(&self, name: &str) -> RateSourceSettings {
        RateSourceSettings {
            name: name.to_owned(),
            url: format!("http://127.0.0.1:{}/{{symbol}}/{{currency}}", self.port),
            price: "/price".to_owned(),
            timestamp: Some("/at".to_owned()),
            max_age: SignedDuration::from_mins(5),
            timeout: SignedDuration::from_millis(300),
            names: [("ETH".to_owned(), "ethereum".to_owned())].into(),
        }
    }
}

/// An engine that asks these sources, in a folder that goes when it is done.
struct Shop {
    engine: Engine,
    folder: std::path::PathBuf,
}

impl Shop {
    async fn asking(rate_sources: Vec<RateSourceSettings>) -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-rates-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let clock = Arc::new(TestClock::at(instant(START)));
        let url = format!("sqlite://{}/refundry.db", folder.display());
        let fixed = FixedRate { symbol: "USDT".to_owned(), currency: currency("USD"), rate: rate("1.01") };
        let config = engine::Config { rate_sources, rates: vec![fixed], ..config(&url, Some(clock)) };
        Self { engine: Engine::open(config).await.expect("an engine"), folder }
    }

    async fn ask(&self, asset: &str, in_currency: &str) -> Result<QuotedRate, Error> {
        self.engine.rate(asset.parse::<AssetId>().expect("an id"), currency(in_currency)).await
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn rate(price: &str) -> Rate {
    Rate::new(price.parse().expect("a decimal")).expect("a rate")
}

/// An answer whose price is of the story's beginning, or some seconds before it.
fn answer(price: &str, secs_old: i64) -> String {
    let at = instant(START).as_second().saturating_sub(secs_old);
    format!(r#"{{"price":{price},"at":{at}}}"#)
}

#[tokio::test]
async fn a_fresh_price_is_taken_exactly_and_kept_for_a_moment() {
    let prices = Prices::start().await;
    let shop = Shop::asking(vec![prices.settings("local")]).await;
    prices.says(&answer("2500.123456789012345", 299));
    let quoted = shop.ask("ETH-ETHEREUM", "USD").await.expect("a price");
    let as_of = instant("2024-10-14T07:29:10Z");
    assert_eq!(quoted, QuotedRate { rate: rate("2500.123456789012345"), source: "local".to_owned(), as_of });
    prices.says(&answer("1", 0));
    assert_eq!(shop.ask("ETH-ETHEREUM", "USD").await.expect("the same price"), quoted);
    assert_eq!(shop.ask("ETH-ETHEREUM", "EUR").await.expect("another price").rate, rate("1"));
    assert_eq!(prices.asked(), ["/ethereum/USD", "/ethereum/EUR"]);
}

#[tokio::test]
async fn the_operators_own_price_is_not_asked_for() {
    let prices = Prices::start().await;
    let shop = Shop::asking(vec![prices.settings("local")]).await;
    let quoted = shop.ask("USDT-TRON", "USD").await.expect("a price");
    assert_eq!((quoted.rate, quoted.source.as_str()), (rate("1.01"), "fixed"));
    assert!(prices.asked().is_empty());
}

#[tokio::test]
async fn no_price_is_better_than_a_bad_one() {
    let stale = answer("2500", 301);
    let early = answer("2500", -61);
    for body in [
        stale.as_str(),
        &early,
        &answer("0", 0),
        &answer("-2500", 0),
        &answer("1e15", 0),
        &answer("null", 0),
        "{\"price\":2500}",
        "{\"at\":1728891249}",
        "<html>busy</html>",
        "",
    ] {
        let prices = Prices::start().await;
        let shop = Shop::asking(vec![prices.settings("local")]).await;
        prices.says(body);
        assert!(matches!(shop.ask("ETH-ETHEREUM", "USD").await, Err(Error::RateUnavailable)), "{body}");
    }
}

#[tokio::test]
async fn an_old_price_is_not_used_again_when_the_source_fails() {
    let prices = Prices::start().await;
    let shop = Shop::asking(vec![RateSourceSettings { max_age: SignedDuration::from_secs(1), ..prices.settings("local") }]).await;
    prices.says(&answer("2500", 0));
    shop.ask("ETH-ETHEREUM", "USD").await.expect("a price");
    prices.status.store(500, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(matches!(shop.ask("ETH-ETHEREUM", "USD").await, Err(Error::RateUnavailable)));
}

#[tokio::test]
async fn a_slow_or_failing_source_is_passed_over() {
    let (slow, failing, good) = (Prices::start().await, Prices::start().await, Prices::start().await);
    slow.takes(Duration::from_secs(2));
    slow.says(&answer("1", 0));
    failing.status.store(500, Ordering::Relaxed);
    failing.says(&answer("2", 0));
    good.says(&answer("3", 0));
    let shop = Shop::asking(vec![slow.settings("slow"), failing.settings("failing"), good.settings("good")]).await;
    let quoted = shop.ask("ETH-ETHEREUM", "USD").await.expect("a price");
    assert_eq!((quoted.rate, quoted.source.as_str()), (rate("3"), "good"));

    let shop = Shop::asking(vec![slow.settings("slow")]).await;
    assert!(matches!(shop.ask("ETH-ETHEREUM", "USD").await, Err(Error::RateUnavailable)));
}

#[tokio::test]
async fn askers_at_the_same_time_share_one_request() {
    let prices = Prices::start().await;
    prices.says(&answer("2500", 0));
    prices.takes(Duration::from_millis(100));
    let shop = Shop::asking(vec![prices.settings("local")]).await;
    let ask = || shop.ask("ETH-ETHEREUM", "USD");
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert_eq!(first.expect("a price"), second.expect("a price"));
    assert!(third.is_ok());
    assert_eq!(prices.asked().len(), 1);

    // A failure is shared too: who waited does not wait again.
    prices.takes(Duration::from_secs(2));
    let ask = || shop.ask("ETH-ETHEREUM", "EUR");
    let (first, second) = tokio::join!(ask(), ask());
    assert!(first.is_err() && second.is_err());
    assert_eq!(prices.asked().len(), 2);
}

#[tokio::test]
async fn an_invoice_without_a_price_gets_the_sources() {
    let prices = Prices::start().await;
    prices.says(&answer("\"2500.00\"", 0));
    let world = World::on_sqlite().await;
    let new = || world.new_invoice("R-1", "ETH-ETHEREUM");
    let id = || InvoiceId(Uuid::now_v7());
    let open = async |rate_sources| {
        let clock = Arc::new(TestClock::at(instant(START)));
        let config = engine::Config { rates: Vec::new(), rate_sources, ..config(&world.database.url(), Some(clock)) };
        Engine::open(config).await.expect("an engine")
    };
    let without = open(Vec::new()).await;
    assert!(matches!(without.create_invoice(&world.caller, new(), id()).await, Err(Error::RateUnavailable)));

    let engine = open(vec![prices.settings("local")]).await;
    let invoice = engine.create_invoice(&world.caller, new(), id()).await.expect("an invoice");
    assert_eq!((invoice.exchange_rate.as_str(), invoice.amount_charged.as_str()), ("2500", "0.040000000000000000"));
}

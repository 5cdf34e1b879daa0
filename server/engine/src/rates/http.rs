//! A source of prices behind a URL that answers in JSON. Its answers are untrusted: bounded in size and time, and read as decimals from the
//! text itself, so that no price goes through a float. The URL may hold a key and is never repeated.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use domain::money::AssetId;
use domain::rate::{Currency, Rate};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest answer that is read. Lists of all prices of an exchange have some hundred kilobytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The longest timeout: an invoice's maker waits as long.
const TIMEOUT_MAX: SignedDuration = SignedDuration::from_secs(30);
/// The oldest price that may ever be called fresh.
const MAX_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// What the operator says about a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSourceSettings {
    /// What it is called beside its prices and in logs.
    pub name: String,
    /// Where to ask, with `{asset}`, `{symbol}` and `{currency}` in the places of `ETH-BASE`, `ETH` and `USD`. Any address may be asked, private
    /// ones too: it is the operator's own.
    pub url: String,
    /// The JSON pointer (RFC 6901) of the price, with the same placeholders.
    pub price: String,
    /// The JSON pointer of the price's time: ISO 8601, or seconds, milliseconds or microseconds since 1970. Without it a price is of now.
    pub timestamp: Option<String>,
    /// How old a price may be.
    #[serde(default = "default_max_age")]
    pub max_age: SignedDuration,
    /// How long the source may take.
    #[serde(default = "default_timeout")]
    pub timeout: SignedDuration,
    /// What the source calls symbols and currencies otherwise, such as `ETH = "ethereum"`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
}

const fn default_max_age() -> SignedDuration {
    SignedDuration::from_mins(5)
}

const fn default_timeout() -> SignedDuration {
    SignedDuration::from_secs(5)
}

impl RateSourceSettings {
    /// Says what is wrong with a setting, by its name.
    ///
    /// # Errors
    /// The first setting that is wrong, and the remedy. Does not repeat the URL.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let example = AssetId::from_str("ETH-BASE").and_then(|asset| Ok((asset, Currency::from_str("USD")?)));
        let Ok((asset, currency)) = example else { return Ok(()) };
        if self.name.is_empty() || self.name.len() > 64 || self.name.chars().any(char::is_control) {
            return Err(("name", "use 1 to 64 characters"));
        }
        let url = self.filled_url(asset, currency).filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            return Err(("url", "write http:// or https:// and the rest, such as https://api.example.com/v1/{symbol}/{currency}"));
        }
        let filled = self.fill(&self.url, asset, currency);
        if filled == self.url && self.fill(&self.price, asset, currency) == self.price {
            return Err(("url", "put {symbol} or {asset}, and {currency}, into `url` or `price`: else every coin has one price"));
        }
        for (setting, pointer) in [("price", Some(&self.price)), ("timestamp", self.timestamp.as_ref())] {
            if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
                return Err((setting, "write a JSON pointer, such as /data/price"));
            }
        }
        if self.max_age <= SignedDuration::ZERO || self.max_age > MAX_AGE_MAX {
            return Err(("max_age", "choose more than nothing and at most PT24H, such as PT5M"));
        }
        if self.timeout <= SignedDuration::ZERO || self.timeout > TIMEOUT_MAX {
            return Err(("timeout", "choose more than nothing and at most PT30S, such as PT5S"));
        }
        Ok(())
    }

    fn fill(&self, template: &str, asset: AssetId, currency: Currency) -> String {
        let named = |name: &str| self.names.get(name).cloned().unwrap_or_else(|| name.to_owned());
        let filled = template.replace("{asset}", &named(asset.as_str())).replace("{symbol}", &named(asset.symbol()));
        filled.replace("{currency}", &named(currency.as_str()))
    }

    fn filled_url(&self, asset: AssetId, currency: Currency) -> Option<reqwest::Url> {
        self.fill(&self.url, asset, currency).parse().ok()
    }
}

/// A price as a source says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    pub(super) rate: Rate,
    /// When it was the price, where the source says so.
    pub(super) as_of: Option<Timestamp>,
}

/// A source that can be asked.
pub(super) struct HttpSource {
    settings: RateSourceSettings,
    client: reqwest::Client,
}

impl HttpSource {
    /// Makes a source ready. Nothing is connected yet.
    pub(super) fn new(settings: RateSourceSettings) -> Result<Self, (&'static str, &'static str)> {
        settings.check()?;
        let timeout = Duration::try_from(settings.timeout).unwrap_or_default();
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Refundry/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| ("url", "the HTTP client does not start; check the system's certificates"))?;
        Ok(Self { settings, client })
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) const fn max_age(&self) -> SignedDuration {
        self.settings.max_age
    }

    /// Asks once. `Err` says why there is no price, without the URL.
    pub(super) async fn ask(&self, asset: AssetId, currency: Currency) -> Result<Priced, String> {
        let failed = |error: reqwest::Error| {
            if error.is_timeout() { "it did not answer in time".to_owned() } else { format!("it failed: {}", error.without_url()) }
        };
        let url = self.settings.filled_url(asset, currency).ok_or("its URL is none for this pair")?;
        let mut response = self.client.get(url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(format!("it answered with HTTP {}", response.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err("its answer is too long".to_owned());
            }
            bytes.extend_from_slice(&chunk);
        }
        let fill = |pointer: &str| self.settings.fill(pointer, asset, currency);
        let text = std::str::from_utf8(&bytes).map_err(|_| "its answer is no text")?;
        read(text, &fill(&self.settings.price), self.settings.timestamp.as_deref().map(fill).as_deref())
    }
}

/// Reads price and time out of an answer.
fn read(json: &str, price: &str, timestamp: Option<&str>) -> Result<Priced, String> {
    let whole: &RawValue = serde_json::from_str(json).map_err(|_| "its answer is no JSON")?;
    let price = leaf(whole, price).ok_or("there is no price at its pointer")?;
    let rate = parse_price(&price).ok_or("its price is no sensible number above zero")?;
    let as_of = match timestamp {
        None => None,
        Some(pointer) => {
            let text = leaf(whole, pointer).ok_or("there is no time at its pointer")?;
            Some(parse_timestamp(&text).ok_or("the time of its price cannot be read")?)
        }
    };
    Ok(Priced { rate, as_of })
}

/// Returns the text of the number or string at a JSON pointer.
fn leaf(whole: &RawValue, pointer: &str) -> Option<String> {
    let mut value = whole;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let json = value.get();
        value = if json.starts_with('[') {
            serde_json::from_str::<Vec<&RawValue>>(json).ok()?.get(step.parse::<usize>().ok()?).copied()?
        } else {
            serde_json::from_str::<BTreeMap<String, &RawValue>>(json).ok()?.get(&step).copied()?
        };
    }
    let json = value.get();
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    json.starts_with(|first: char| first.is_ascii_digit() || first == '-').then(|| json.to_owned())
}

/// Reads a plain decimal, or one with an exponent.
fn parse_decimal(text: &str) -> Option<Decimal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !is_plain || text.len() > 64 {
        return None;
    }
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str(text).ok() }
}

/// Refuses what no coin costs in any currency: less than a millionth of a millionth, or more than a million millions.
fn parse_price(text: &str) -> Option<Rate> {
    let (least, most) = (Decimal::new(1, 12), Decimal::new(1_000_000_000_000, 0));
    let price = parse_decimal(text).filter(|price| (least..=most).contains(price))?;
    Rate::new(price).ok()
}

/// Reads ISO 8601 or a count since 1970. From 10^11 on it counts milliseconds, from 10^14 on microseconds: less is before the year 5138.
fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let Some(count) = parse_decimal(text) else { return text.parse().ok() };
    let micros_each = if count < Decimal::new(100_000_000_000, 0) {
        Decimal::new(1_000_000, 0)
    } else if count < Decimal::new(100_000_000_000_000, 0) {
        Decimal::ONE_THOUSAND
    } else {
        Decimal::ONE
    };
    Timestamp::from_microsecond(count.checked_mul(micros_each)?.trunc().to_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str, pointer: &str) -> Result<String, String> {
        read(json, pointer, None).map(|priced| priced.rate.price().to_string())
    }

    #[test]
    fn prices_are_read_to_the_last_digit() {
        assert_eq!(price(r#"{"data":{"amount":"64999.123456789012345678"}}"#, "/data/amount").as_deref(), Ok("64999.123456789012345678"));
        assert_eq!(price(r#"{"p": 0.1000000000000000055}"#, "/p").as_deref(), Ok("0.1000000000000000055"));
        assert_eq!(price(r#"[{"x":1},{"a/b":{"~":[0,2500.50]}}]"#, "/1/a~1b/~0/1").as_deref(), Ok("2500.50"));
        assert_eq!(price(r#"{"p":6.5e4}"#, "/p").as_deref(), Ok("65000"));
        assert_eq!(price("12", "").as_deref(), Ok("12"));
    }

    #[test]
    fn nothing_but_a_sensible_price_is_taken() {
        for value in [
            "0",
            "-1",
            "0.0",
            "\"\"",
            "\"abc\"",
            "\"1,234.5\"",
            "\"1_000\"",
            "\" 1\"",
            "null",
            "true",
            "{}",
            "[1]",
            "1e13",
            "1e-13",
            "1e400",
            "\"NaN\"",
            "\"Infinity\"",
            "\"0x10\"",
            "99999999999999999999999999999999999999",
        ] {
            assert!(price(&format!("{{\"p\":{value}}}"), "/p").is_err(), "{value}");
        }
        for json in ["", "<html>", "{\"p\":1", "{\"p\":1}}", "{\"q\":1}", "[1]", "\"p\""] {
            assert!(price(json, "/p").is_err(), "{json}");
        }
    }

    #[test]
    fn times_are_read_in_any_usual_form() {
        let expected: Timestamp = "2024-10-14T07:34:09.5Z".parse().expect("an instant");
        for text in ["\"2024-10-14T07:34:09.5Z\"", "1728891249.5", "1728891249500", "1728891249500000", "\"1728891249500\""] {
            let read = read(&format!("{{\"p\":1,\"t\":{text}}}"), "/p", Some("/t"));
            assert_eq!(read.map(|priced| priced.as_of), Ok(Some(expected)), "{text}");
        }
        for text in ["null", "\"yesterday\"", "1e30"] {
            assert!(read(&format!("{{\"p\":1,\"t\":{text}}}"), "/p", Some("/t")).is_err(), "{text}");
        }
        assert!(read("{\"p\":1}", "/p", Some("/t")).is_err());
    }

    #[test]
    fn settings_are_checked_by_name() {
        let right = RateSourceSettings {
            name: "example".to_owned(),
            url: "http://127.0.0.1:9/{symbol}/{currency}?key=hunter2".to_owned(),
            price: "/price".to_owned(),
            timestamp: None,
            max_age: default_max_age(),
            timeout: default_timeout(),
            names: BTreeMap::from([("ETH".to_owned(), "ethereum".to_owned())]),
        };
        assert_eq!(right.check(), Ok(()));
        let (eth, usd) = ("ETH-BASE".parse().expect("an id"), "USD".parse().expect("a currency"));
        assert_eq!(right.fill("{asset} {symbol} {currency}", eth, usd), "ETH-BASE ethereum USD");
        for (wrong, setting) in [
            (RateSourceSettings { name: String::new(), ..right.clone() }, "name"),
            (RateSourceSettings { url: "file:///etc/{symbol}".to_owned(), ..right.clone() }, "url"),
            (RateSourceSettings { url: "nowhere/{symbol}".to_owned(), ..right.clone() }, "url"),
            (RateSourceSettings { url: "http://127.0.0.1:9/".to_owned(), ..right.clone() }, "url"),
            (RateSourceSettings { price: "price".to_owned(), ..right.clone() }, "price"),
            (RateSourceSettings { timestamp: Some("time".to_owned()), ..right.clone() }, "timestamp"),
            (RateSourceSettings { max_age: SignedDuration::ZERO, ..right.clone() }, "max_age"),
            (RateSourceSettings { timeout: SignedDuration::from_mins(5), ..right.clone() }, "timeout"),
        ] {
            assert_eq!(wrong.check().expect_err("a wrong setting").0, setting);
        }
    }

    #[tokio::test]
    async fn a_silent_source_is_described_without_its_url() {
        let settings = RateSourceSettings {
            name: "example".to_owned(),
            url: "http://user:hunter2@127.0.0.1:9/{symbol}?key=hunter2".to_owned(),
            price: "/price".to_owned(),
            timestamp: None,
            max_age: default_max_age(),
            timeout: default_timeout(),
            names: BTreeMap::new(),
        };
        let Ok(source) = HttpSource::new(settings) else { panic!("the settings are right") };
        let why = source.ask("ETH-BASE".parse().expect("an id"), "USD".parse().expect("a currency")).await.expect_err("nobody listens");
        assert!(!why.contains("hunter2"), "{why}");
    }
}

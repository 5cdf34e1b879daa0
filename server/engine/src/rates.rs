//! Rates: what one coin is worth now, for invoices that bring no price. The operator's own table is asked first, then the configured sources
//! in their order, until one has a usable price. An old price is never used again: without a fresh one there is none.
//!
//! A price is kept for seconds, so that many invoices at once are one question; askers of the same price at the same time wait for one answer.

mod http;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::money::AssetId;
use domain::rate::{Currency, Rate};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

pub use self::http::RateSourceSettings;
use self::http::{HttpSource, Priced};
use crate::clock::Clock;
use crate::{Engine, Error};

/// How long an answer is used again, unless its price is too old before.
const ANSWER_KEPT: SignedDuration = SignedDuration::from_secs(5);
/// How long no source is asked again after all failed: those who waited need not fail one after the other.
const FAILURE_KEPT: SignedDuration = SignedDuration::from_secs(2);
/// How far a source's clock may be ahead of ours.
const AHEAD_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How many pairs are remembered before all are forgotten: currencies are whatever callers write.
const PAIRS_MAX: usize = 1024;
/// The name of the operator's own table in [`QuotedRate`].
const FIXED: &str = "fixed";

/// A fixed price: of one coin of `symbol`, in `currency`.
#[derive(Clone, Debug)]
pub struct FixedRate {
    /// The coin's symbol, such as `USDT`.
    pub symbol: String,
    /// The currency.
    pub currency: Currency,
    /// The price.
    pub rate: Rate,
}

/// A price, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedRate {
    /// The price of one coin.
    pub rate: Rate,
    /// The source's name; `fixed` for the operator's own table.
    pub source: String,
    /// When it was the price, in the outside world.
    pub as_of: Timestamp,
}

impl Engine {
    /// Returns what one coin is worth now.
    ///
    /// # Errors
    /// `RateUnavailable` when no source has a fresh and sensible price; the log says why of each.
    pub async fn rate(&self, asset: AssetId, currency: Currency) -> Result<QuotedRate, Error> {
        self.0.rates.quote(asset, currency, self.clock()).await.ok_or(Error::RateUnavailable)
    }
}

type Pair = (AssetId, Currency);

/// What was answered last, and until when it is used. Held while asking: one question at a time.
type Answer = tokio::sync::Mutex<Option<(Instant, Option<QuotedRate>)>>;

/// All sources of prices.
pub(crate) struct Rates {
    fixed: Vec<FixedRate>,
    sources: Vec<HttpSource>,
    answers: Mutex<HashMap<Pair, Arc<Answer>>>,
}

impl Rates {
    /// Makes the sources ready; asks nothing yet.
    ///
    /// # Errors
    /// The name of the source that cannot be asked, and why.
    pub(crate) fn new(fixed: Vec<FixedRate>, sources: Vec<RateSourceSettings>) -> Result<Self, (String, String)> {
        let ready = |settings: RateSourceSettings| {
            let name = settings.name.clone();
            HttpSource::new(settings).map_err(|(setting, detail)| (name, format!("{setting}: {detail}")))
        };
        let sources = sources.into_iter().map(ready).collect::<Result<_, _>>()?;
        Ok(Self { fixed, sources, answers: Mutex::default() })
    }

    async fn quote(&self, asset: AssetId, currency: Currency, clock: &dyn Clock) -> Option<QuotedRate> {
        let fixed = self.fixed.iter().find(|fixed| fixed.symbol == asset.symbol() && fixed.currency == currency);
        if let Some(fixed) = fixed {
            return Some(QuotedRate { rate: fixed.rate, source: FIXED.to_owned(), as_of: clock.now_outside() });
        }
        if self.sources.is_empty() {
            return None;
        }
        let answer = self.answer((asset, currency));
        let mut answer = answer.lock().await;
        if let Some((until, known)) = answer.as_ref()
            && Instant::now() < *until
        {
            return known.clone();
        }
        let (quoted, kept) = match self.ask(asset, currency, clock).await {
            Some((quoted, fresh_for)) => (Some(quoted), fresh_for.min(ANSWER_KEPT)),
            None => (None, FAILURE_KEPT),
        };
        let now = Instant::now();
        let until = now.checked_add(Duration::try_from(kept).unwrap_or_default()).unwrap_or(now);
        *answer = Some((until, quoted.clone()));
        quoted
    }

    fn answer(&self, pair: Pair) -> Arc<Answer> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= PAIRS_MAX && !answers.contains_key(&pair) {
            answers.clear();
        }
        Arc::clone(answers.entry(pair).or_default())
    }

    async fn ask(&self, asset: AssetId, currency: Currency, clock: &dyn Clock) -> Option<(QuotedRate, SignedDuration)> {
        for source in &self.sources {
            let asked = source.ask(asset, currency).await;
            match asked.and_then(|priced| fresh(source, priced, clock.now_outside())) {
                Ok(found) => return Some(found),
                Err(why) => tracing::warn!(source = source.name(), %asset, %currency, why, "a rate source has no usable price"),
            }
        }
        None
    }
}

/// Refuses a price that is not of now. Says for how long it stays one.
fn fresh(source: &HttpSource, priced: Priced, now: Timestamp) -> Result<(QuotedRate, SignedDuration), String> {
    let as_of = priced.as_of.unwrap_or(now);
    let age = now.duration_since(as_of);
    if age > source.max_age() {
        return Err(format!("its price is of {as_of}: older than {:#}", source.max_age()));
    }
    if age < -AHEAD_MAX {
        return Err(format!("its price is of {as_of}, which is still to come: check both clocks"));
    }
    let quoted = QuotedRate { rate: priced.rate, source: source.name().to_owned(), as_of };
    Ok((quoted, source.max_age().saturating_sub(age)))
}

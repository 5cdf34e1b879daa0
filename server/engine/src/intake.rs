//! Intake: deposits that other systems tell of, in webhooks that they sign. The writing is done by the door that `POST /deposits` goes
//! through, under its rules; nothing else here knows of money.
//!
//! A [source](crate::sources) is of one MID, and what it tells can only be about that MID's invoices: the one whose reference is the other
//! system's order id, in the asset and on the network it names.
//!
//! News come late, twice and in any order, so a deposit only goes forward: `seen`, `gone`, `final`. Whatever order the same news come in,
//! the end is the same. What was final stays final: none of these systems says of a payment that it called settled that it vanished, and a
//! webhook that could take money back would be worth forging. A payment that was merely seen may become final with another sum, as one
//! that was topped up does; the final sum is booked, once.
//!
//! | what came | answer | why |
//! |---|---|---|
//! | not JSON, a key twice, a field that a payment needs missing | 400, nothing kept | a repeat would be the same, and nobody signed for what it means |
//! | a wrong signature | 401, counted | it is nobody's word |
//! | for an order of somebody else | 200, kept as `not_ours` | one store's webhook tells every order to everybody, and these senders repeat for days what is answered with an error |
//! | another asset, another sum for what was booked | 200, kept as `refused` | a repeat would change nothing; the merchant sees why |
//! | while the database is away | 503 | all three try again |

mod btcpay;
mod cryptomus;
mod json;
mod nowpayments;

use data_encoding::HEXLOWER;
use domain::ids::{MidId, SourceId};
use domain::invoice::DepositState;
use domain::money::{Asset, Network};
use domain::source::{NewsOutcome, NewsWhy, SourceKind};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use self::json::Json;
use crate::deposits::{ReportedDeposit, Witness, is_further};
use crate::store::codec::At;
use crate::store::sources::{self as rows, News, Source};
use crate::store::{StoreError, invoices};
use crate::{Engine, Error};

/// How much of another system's words is kept, in characters.
const WORDS_MAX: usize = 200;

/// What became of something that a source told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// In a word.
    pub outcome: NewsOutcome,
    /// Why, and what to do.
    pub detail: Option<NewsWhy>,
}

/// Why something was not heard. Nothing was kept of it.
#[derive(Debug, thiserror::Error)]
pub enum NotHeard {
    /// It is not signed by the source.
    #[error("the signature is not this source's: compare the secret with the other system's")]
    Forged,
    /// It is not what this system sends.
    #[error("the body makes no sense: {0}")]
    Malformed(&'static str),
    /// There is no such source, or it could not be asked.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for NotHeard {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What a webhook says.
struct Told {
    /// The other system's word for what happened.
    event: String,
    /// The order it is about: an invoice's reference.
    reference: Option<String>,
    /// The payment it is about.
    payment: Option<Payment>,
}

/// What a webhook says of a payment.
struct Payment {
    /// Names it for ever, among all payments of that system.
    name: String,
    /// What the other system calls the coin.
    coin: String,
    /// What it calls the network, where that is not part of the coin's name.
    network: Option<String>,
    /// How much came so far: digits, and a point where there is a fraction.
    amount: String,
    /// In which transaction, where it is told.
    txid: Option<String>,
    /// When it came, where that is told.
    seen_at: Option<Timestamp>,
    /// How it stands.
    state: DepositState,
}

impl Engine {
    /// Hears what a source tells: checks its signature over the body as it came, takes in what is a payment, and keeps what became of it.
    /// The same again changes nothing.
    ///
    /// # Errors
    /// [`NotHeard`], with nothing changed.
    pub async fn hear(&self, id: SourceId, headers: &HeaderMap, body: &[u8]) -> Result<Answer, NotHeard> {
        let mut tx = self.store().read().await?;
        let source = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let secret = self.secret_of(&source)?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let json = Json::parse(body);
        let is_signed = match source.kind {
            SourceKind::Btcpay => Some(btcpay::is_signed(header(btcpay::HEADER), body, &secret)),
            SourceKind::Cryptomus => json.clone().map(|json| cryptomus::is_signed(json, &secret)),
            SourceKind::Nowpayments => json.clone().map(|json| nowpayments::is_signed(header(nowpayments::HEADER), json, &secret)),
        };
        if is_signed == Some(false) {
            let now = self.now();
            self.store().write_aside(move |tx| Box::pin(async move { rows::count_forged(tx, id, now).await })).await?;
            tracing::warn!(source.id = %id, source.kind = %source.kind, "news without their source's signature were turned away");
            return Err(NotHeard::Forged);
        }
        let json = json.ok_or(NotHeard::Malformed("send one JSON object, with each key once"))?;
        let told = match source.kind {
            SourceKind::Btcpay => btcpay::read(&json),
            SourceKind::Cryptomus => cryptomus::read(&json),
            SourceKind::Nowpayments => nowpayments::read(&json),
        };
        let told = told.map_err(NotHeard::Malformed)?;
        let answer = self.answer(&source, &told).await?;
        self.note(id, &told, &answer, Sha256::digest(body).into(), source.kind).await?;
        Ok(answer)
    }

    async fn answer(&self, source: &Source, told: &Told) -> Result<Answer, Error> {
        let Some(payment) = &told.payment else { return Ok(Answer { outcome: NewsOutcome::Ignored, detail: None }) };
        let Some(reference) = told.reference.as_deref().filter(|text| is_plain(text)) else {
            return Ok(not_ours(NewsWhy::NoOrder));
        };
        let mid = MidId(source.mid_id);
        let mut tx = self.store().read().await?;
        let invoice = invoices::load_by_reference(&mut tx, mid, reference).await?.filter(|invoice| !invoice.is_for_untagged);
        let Some(invoice) = invoice else {
            return Ok(not_ours(NewsWhy::NoInvoice));
        };
        let external_id = external_id(source.kind, payment);
        let known = invoices::deposit_by_external_id(&mut tx, mid, &external_id).await?;
        drop(tx);
        let charged = self.views().asset(invoice.charged.asset)?.id;
        let is_meant = self.assets().get(charged).is_some_and(|asset| means(source.kind, payment, asset));
        if !is_meant {
            let network = payment.network.as_deref().map(|network| format!(" on {network}")).unwrap_or_default();
            let coin = words(&format!("{}{network}", payment.coin));
            return Ok(refused(NewsWhy::OtherCoin { charged, coin }));
        }
        let reported = ReportedDeposit {
            txid: payment.txid.clone().unwrap_or_else(|| external_id.clone()),
            external_id,
            invoice: invoice.id,
            amount: payment.amount.clone(),
            asset: charged.to_string(),
            seen_at: payment.seen_at.unwrap_or_else(|| self.now()),
            is_final: payment.state == DepositState::Final,
        };
        let mut deposit = match self.reported(&invoice, reported) {
            Err(Error::Invalid(errors)) => return Ok(refused(NewsWhy::Impossible(errors.to_string()))),
            deposit => deposit?,
        };
        deposit.state = payment.state;
        if let Some(known) = known.filter(|known| known.invoice == invoice.id && !is_further(known.state, deposit.state)) {
            let contradicts =
                known.is_final() && (deposit.state == DepositState::Gone || (deposit.is_final() && known.amount != deposit.amount));
            return Ok(if contradicts { refused(NewsWhy::Contradicts) } else { Answer { outcome: NewsOutcome::Unchanged, detail: None } });
        }
        let state = deposit.state;
        match self.record(deposit, Witness::Messenger).await {
            Ok(recorded) if recorded.state == state => Ok(Answer { outcome: NewsOutcome::Taken, detail: None }),
            Ok(_) => Ok(Answer { outcome: NewsOutcome::Unchanged, detail: None }),
            Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::NotDone(_))) => Ok(refused(NewsWhy::Impossible(error.to_string()))),
            Err(error) => Err(error),
        }
    }

    async fn note(&self, id: SourceId, told: &Told, answer: &Answer, hash: [u8; 32], kind: SourceKind) -> Result<(), Error> {
        let now = At(self.now());
        let news = News {
            id: self.mint(),
            event: words(&told.event),
            payment: told.payment.as_ref().map(|payment| words(&external_id(kind, payment))),
            reference: told.reference.as_deref().map(words),
            outcome: answer.outcome,
            detail: answer.detail.clone().map(sqlx::types::Json),
            times: 1,
            first_at: now,
            last_at: now,
        };
        tracing::info!(source.id = %id, source.kind = %kind, event = news.event, outcome = %news.outcome, "heard");
        Ok(self.store().write_aside(move |tx| Box::pin(async move { rows::note(tx, id, hash, &news).await })).await?)
    }
}

fn external_id(kind: SourceKind, payment: &Payment) -> String {
    format!("{kind}:{}", payment.name)
}

fn not_ours(why: NewsWhy) -> Answer {
    Answer { outcome: NewsOutcome::NotOurs, detail: Some(why) }
}

fn refused(why: NewsWhy) -> Answer {
    Answer { outcome: NewsOutcome::Refused, detail: Some(why) }
}

/// Says whether a source means an asset.
fn means(kind: SourceKind, payment: &Payment, asset: &Asset) -> bool {
    match kind {
        SourceKind::Btcpay => btcpay::means(&payment.coin, asset),
        SourceKind::Cryptomus => cryptomus::means(&payment.coin, payment.network.as_deref(), asset),
        SourceKind::Nowpayments => nowpayments::means(&payment.coin, asset),
    }
}

/// Says whether an asset is a network's own coin, and the network the coin's own: ether lives on several.
const fn is_at_home(asset: &Asset) -> bool {
    asset.contract.is_none() && !matches!(asset.network, Network::Arbitrum | Network::Base | Network::Optimism)
}

/// Compares a signature in hexadecimal, in the same time wherever it differs.
fn is_same(signature: &str, expected: &[u8]) -> bool {
    signature.to_ascii_lowercase().as_bytes().ct_eq(HEXLOWER.encode(expected).as_bytes()).into()
}

/// Returns a time that is told in seconds since 1970.
fn instant(json: &Json, key: &str) -> Option<Timestamp> {
    json.digits(key)?.parse().ok().and_then(|second| Timestamp::from_second(second).ok())
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= WORDS_MAX && !text.chars().any(char::is_control)
}

/// Returns another system's words as they are kept: short, and fit for a column and a page.
fn words(text: &str) -> String {
    text.chars().take(WORDS_MAX).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests;

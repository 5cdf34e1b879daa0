//! The merchant's server: takes webhooks, checks their signatures by itself and keeps a log of them.

use domain::delivery::DeliveryFault;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::outside::{Answered, Post};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use crate::power::{Passage, Point, Power};

/// How a server of others answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// It cannot be reached.
    Down,
    /// It answers with an error; a mail server refuses for good.
    Broken,
    /// It takes what it is sent, and answers too late.
    Slow,
    /// It says that it wants less.
    Overloaded,
}

impl Mood {
    /// All moods.
    pub const ALL: [Self; 5] = [Self::Well, Self::Down, Self::Broken, Self::Slow, Self::Overloaded];
}

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// At which endpoint.
    pub endpoint: Uuid,
    /// Which notice.
    pub notice: Uuid,
    /// About what.
    pub subject: Uuid,
    /// Its number.
    pub sequence: i64,
    /// Whether the server said that it took it.
    pub is_accepted: bool,
    /// Whether its signature is right.
    pub is_signed: bool,
}

#[derive(Debug, Default)]
struct Desk {
    mood: Mood,
    secrets: BTreeMap<String, (Uuid, Vec<u8>)>,
    arrivals: Vec<Arrival>,
}

/// The merchant's server.
#[derive(Clone, Debug, Default)]
pub struct Merchant(Arc<Mutex<Desk>>);

impl Merchant {
    /// Listens at a URL for the endpoint whose secret (`whsec_…`) this is.
    pub fn listen(&self, url: &str, endpoint: Uuid, secret: &str) {
        let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
        self.desk().secrets.insert(url.to_owned(), (endpoint, key));
    }

    /// Changes how it answers.
    pub fn be(&self, mood: Mood) {
        self.desk().mood = mood;
    }

    /// Returns what arrived after the first `known`.
    #[must_use]
    pub fn arrivals_after(&self, known: usize) -> Vec<Arrival> {
        self.desk().arrivals.iter().skip(known).cloned().collect()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Answered, DeliveryFault> {
        let mut desk = self.desk();
        let mood = desk.mood;
        if mood == Mood::Down {
            return Err(DeliveryFault::NoConnection);
        }
        let Some((endpoint, key)) = desk.secrets.get(url).cloned() else { return Ok(Answered::with(404)) };
        let is_accepted = mood == Mood::Well;
        if let Some(arrival) = read(endpoint, &key, headers, body, is_accepted) {
            desk.arrivals.push(arrival);
        }
        match mood {
            Mood::Well => Ok(Answered::with(200)),
            Mood::Broken => Ok(Answered::with(500)),
            Mood::Overloaded => Ok(Answered::with(429)),
            Mood::Slow => Err(DeliveryFault::NoAnswer),
            Mood::Down => Err(DeliveryFault::NoConnection),
        }
    }
}

fn read(endpoint: Uuid, key: &[u8], headers: &[(&'static str, String)], body: &str, is_accepted: bool) -> Option<Arrival> {
    let json: Value = serde_json::from_str(body).ok()?;
    let subject = json["data"]["refund"]["id"].as_str().or_else(|| json["data"]["invoice"]["id"].as_str())?;
    Some(Arrival {
        endpoint,
        notice: json["id"].as_str()?.parse().ok()?,
        subject: subject.parse().ok()?,
        sequence: json["sequence"].as_i64()?,
        is_accepted,
        is_signed: is_signed(key, headers, body),
    })
}

/// Checks a signature as Standard Webhooks 1.0 says.
fn is_signed(key: &[u8], headers: &[(&'static str, String)], body: &str) -> bool {
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    mac.update(format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    let Some(signature) = header("webhook-signature").strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok()) else { return false };
    mac.verify_slice(&signature).is_ok()
}

/// One process's way to the merchant's server.
pub struct Mailbox {
    /// The server.
    pub merchant: Merchant,
    /// The process.
    pub power: Arc<Power>,
}

#[async_trait]
impl Post for Mailbox {
    async fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: String) -> Result<Answered, DeliveryFault> {
        if self.power.pass(Point::BeforeCall).await == Passage::Lost {
            return Err(DeliveryFault::NoConnection);
        }
        let answer = self.merchant.receive(url, &headers, &body);
        match self.power.pass(Point::AfterCall).await {
            Passage::Through => answer,
            Passage::Lost => Err(DeliveryFault::NoAnswer),
        }
    }
}

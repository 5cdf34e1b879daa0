//! Webhooks: notices posted to merchants' endpoints, signed, in order per subject, at least once.
//!
//! A line is one subject at one endpoint. Only its first delivery has a job; the next gets one when it is done, so nothing
//! overtakes.
//!
//! A delivery whose process was paused while it posted may be taken over, made and followed by the next of its line. Back again, the
//! process ends nothing, because the row is no longer pending; but its own post may still arrive, late and for the second time. That is
//! what "at least once" means: the first arrivals are in order, and a repeat is known by its id.
//!
//! An endpoint is told in its dialect: one file each, a pure function from what was true at the time of the notice to headers and body.
//! [`tells`] says of which notices it is told; for the others there is no delivery. A new dialect is a variant of [`Dialect`],
//! a file here, and a line in `knows` and in `Engine::written`.

pub(crate) mod alert;
#[cfg(test)]
mod amounts;
pub mod bitpay;
mod btcpay;
mod bvnk;
pub mod cryptomus;
pub mod cryptopay;
mod exact;
mod native;
mod patience;
mod picture;
mod sample;
mod seal;
mod sender;
pub mod txn;

use std::collections::HashMap;

use domain::delivery::DeliveryFault;
use domain::dialect::Dialect;
use domain::ids::{DeliveryId, KeyId, MidId, RefundId};
use domain::job::Job;
use domain::notice::Notice;
use domain::refund::{Reason, StateName};
use domain::view::EndpointTestView;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::outside::Answered;
use crate::store::codec::{At, needed};
use crate::store::deliveries::{self, Attempt, Delivery};
use crate::store::endpoints::{Endpoint, Listener};
use crate::store::jobs::Leased;
use crate::store::{StoreError, Tx, jobs};
use crate::tally::{Counted, Fate};
use crate::worker::Done;
use crate::{Engine, Error};

pub use self::exact::Exact;
pub(crate) use self::patience::Patience;
pub use self::picture::{Payer, Picture};
use self::seal::{Seal, Webhook};
pub(crate) use self::seal::{public_key_text, secret_text};
pub(crate) use self::sender::{Sender, check_url};

/// How long an old secret signs beside the one that replaced it: no receiver has to change in one instant.
const OLD_SECRET_SIGNS: SignedDuration = SignedDuration::from_hours(24);
/// The longest wait that an endpoint may ask for by `Retry-After`, in seconds: the longest of ours.
const RETRY_AFTER_SECS_MAX: i64 = 86_400;
/// The status by which an endpoint says that it wants nothing more (Standard Webhooks 1.0).
const GONE: u16 = 410;
/// How long a delivery waits that found its endpoint slow and busy.
const BUSY_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// Waits between tries, in seconds: three days in all (Standard Webhooks 1.0, "Retries").
const RETRY_AFTER_SECS: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// An attempt to tell a merchant.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) delivery: Uuid,
    line: deliveries::Line,
    attempt: Attempt,
    /// When it is tried again; `None` when the line goes on.
    pub(crate) again_at: Option<Timestamp>,
}

/// Writes attempts down and puts the next of the lines that go on in the queue: in the transaction that ends their jobs. Returns the
/// deliveries that another transaction holds: theirs are to be written later.
pub(crate) async fn note(tx: &mut Tx, told: &[&Told], now: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    let mut alike: Vec<(&Attempt, Vec<Uuid>)> = Vec::new();
    for one in told {
        match alike.iter_mut().find(|(attempt, _)| *attempt == &one.attempt) {
            Some((_, ids)) => ids.push(one.delivery),
            None => alike.push((&one.attempt, vec![one.delivery])),
        }
    }
    let mut recorded = Vec::new();
    for (attempt, ids) in alike {
        recorded.extend(deliveries::record(tx, &ids, attempt, now).await?);
    }
    let others = told.iter().map(|one| DeliveryId(one.delivery)).filter(|id| !recorded.contains(&id.0)).collect::<Vec<_>>();
    // Who finds a delivery ended was paused meanwhile: another has put the next one in the queue.
    let goes_on = |one: &&&Told| one.again_at.is_none() && recorded.contains(&one.delivery);
    let lines: Vec<deliveries::Line> = told.iter().filter(goes_on).map(|one| one.line).collect();
    let next = deliveries::next_in_lines(tx, &lines).await?;
    jobs::enqueue(tx, &next.into_iter().map(|id| Job::Deliver(id).at(now)).collect::<Vec<_>>()).await?;
    Ok(deliveries::pending(tx, &others).await?.into_iter().map(|delivery| delivery.id).collect())
}

impl Engine {
    /// Reads what is needed to make the deliveries among some jobs, by their ids.
    pub(crate) async fn deliveries_of(&self, leased: &[Leased]) -> Result<HashMap<Uuid, Delivery>, Error> {
        let ids: Vec<DeliveryId> =
            leased.iter().filter_map(|leased| if let Job::Deliver(id) = leased.job { Some(id) } else { None }).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut tx = self.store().read().await?;
        let found = deliveries::pending(&mut tx, &ids).await?;
        Ok(found.into_iter().map(|delivery| (delivery.id, delivery)).collect())
    }

    /// Posts the first notice of a line. The next of the line comes after it, or after it was given up.
    pub(crate) async fn send_webhook(&self, id: DeliveryId, known: Option<Delivery>, leased: Leased) -> Result<Done, Error> {
        let delivery = match known {
            Some(known) => Some(known),
            None => {
                let mut tx = self.store().read().await?;
                deliveries::pending(&mut tx, &[id]).await?.pop()
            }
        };
        let Some(delivery) = delivery else { return Ok(Done::Finished) };
        let line = (delivery.endpoint.id, delivery.subject_id);
        let told = |state, answer: Option<Answered>, error: Option<String>, again_at| {
            let (response_status, answer) = answer.map(|answer| (answer.status, answer.body)).unzip();
            let attempt = Attempt { state, response_status, answer, error };
            Ok(Done::Told(Told { delivery: delivery.id, line, attempt, again_at }))
        };
        if delivery.endpoint.removed_at.is_some() {
            return told("given_up", None, Some(DeliveryFault::EndpointRemoved.name().to_owned()), None);
        }
        if delivery.endpoint.disabled_at.is_some() {
            return told("given_up", None, Some(DeliveryFault::EndpointOff.name().to_owned()), None);
        }
        let is_known_to_fail = delivery.attempts > 0 || delivery.endpoint.alerted_at.is_some();
        let Some(turn) = self.0.patience.turn(delivery.endpoint.id, is_known_to_fail) else {
            let now = self.now();
            return Ok(Done::NotYet { at: now.saturating_add(BUSY_WAIT).unwrap_or(now) });
        };
        let posted = match self.written(&delivery, Links::Live).await? {
            Some(Webhook { headers, body }) => self.0.webhooks.post(&delivery.endpoint.url, headers, body).await,
            None => Err(DeliveryFault::NoKey),
        };
        let is_taken_now = posted.as_ref().is_ok_and(is_taken);
        self.0.tally.count(Counted::Webhook(if is_taken_now { Fate::Taken } else { Fate::NotTaken }));
        let (answer, error) = match posted {
            Ok(answer) if is_taken(&answer) => {
                turn.ended_well();
                if delivery.endpoint.alerted_at.is_some() {
                    self.end_alert(delivery.endpoint.id).await?;
                }
                return told("delivered", Some(answer), None, None);
            }
            Ok(answer) if answer.status == GONE => {
                self.switch_off(delivery.endpoint.id).await?;
                return told("given_up", Some(answer), Some(DeliveryFault::Gone.name().to_owned()), None);
            }
            Ok(answer) => {
                let error = format!("answered {}", answer.status);
                (Some(answer), error)
            }
            Err(fault) => (None, fault.name().to_owned()),
        };
        drop(turn);
        let tries = usize::try_from(delivery.attempts.max(leased.attempts.saturating_sub(1))).unwrap_or(usize::MAX);
        match RETRY_AFTER_SECS.get(tries) {
            Some(wait) => {
                let asked = answer.as_ref().and_then(|answer| asked_wait(answer.retry_after.as_deref()?)).unwrap_or_default();
                let (now, wait) = (self.now(), SignedDuration::from_secs(*wait).max(asked));
                told("pending", answer, Some(error), Some(now.saturating_add(wait).unwrap_or(now)))
            }
            None => {
                self.alert_of_failing(delivery.endpoint.id).await?;
                told("given_up", answer, Some(error), None)
            }
        }
    }

    /// Posts a test to an endpoint: a webhook about nothing that happened, once, in its dialect and signed as all of its are. No row
    /// knows of it.
    pub(crate) async fn post_test(&self, endpoint: &Endpoint, mid: MidId) -> Result<EndpointTestView, Error> {
        let Some(asset) = self.assets().all().next() else { return Err(Error::NotFound) };
        let now = self.now();
        let picture = sample::picture(mid, asset, &self.settings().public_url, now);
        let delivery = sample::delivery(endpoint, self.mint(), picture, now);
        let Some(Webhook { headers, body }) = self.written(&delivery, Links::LeftOut).await? else {
            return Err(Error::field("dialect", "no_key", DeliveryFault::NoKey.name()));
        };
        let since = std::time::Instant::now();
        let posted = self.0.webhooks.post(&endpoint.url, headers, body.clone()).await;
        let took_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(match posted {
            Ok(answer) => EndpointTestView {
                taken: is_taken(&answer),
                response_status: Some(answer.status),
                error: (!is_taken(&answer)).then(|| format!("answered {}", answer.status)),
                answer: Some(answer.body),
                took_ms,
                body,
            },
            Err(fault) => {
                let error = Some(fault.name().to_owned());
                EndpointTestView { taken: false, response_status: None, answer: None, error, took_ms, body }
            }
        })
    }

    /// Returns a delivery's body without claim links.
    pub(crate) async fn body_without_links(&self, delivery: &Delivery) -> Result<Option<String>, Error> {
        Ok(self.written(delivery, Links::LeftOut).await?.map(|webhook| webhook.body))
    }

    /// Writes a delivery in its dialect. Claim links are put in now, and only while they can be used: they are stored nowhere.
    /// `None` when no key is left that its receiver could know it by.
    async fn written(&self, delivery: &Delivery, links: Links) -> Result<Option<Webhook>, Error> {
        let seal = self.seal(delivery);
        Ok(Some(match delivery.dialect {
            Dialect::Native => {
                let carries_link = delivery.event == Notice::RefundClaimAvailable(RefundId(delivery.subject_id)).name();
                let claim_url = if carries_link { self.link(delivery.subject_id, links).await? } else { None };
                native::webhook(delivery, claim_url, &seal)
            }
            Dialect::Txn => txn::webhook(&self.picture(delivery, links).await?, self.settings().is_sandbox, &seal),
            Dialect::Bitpay => {
                let webhook = bitpay::webhook(&self.picture(delivery, links).await?, &delivery.endpoint.url, &seal);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
            Dialect::Cryptopay => cryptopay::webhook(&self.picture(delivery, links).await?, &seal),
            Dialect::Btcpay => btcpay::webhook(&self.picture(delivery, links).await?, delivery, &seal),
            Dialect::Bvnk => {
                let offers = delivery.event == Notice::RefundClaimAvailable(RefundId(delivery.subject_id)).name();
                let webhook = bvnk::webhook(&self.picture(delivery, links).await?, offers, &seal);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
            Dialect::Cryptomus | Dialect::Heleket => {
                let picture = self.picture(delivery, links).await?;
                let Some(key) = self.signing_key(MidId(picture.invoice.mid), delivery.endpoint.key_id.map(KeyId)).await? else {
                    return Ok(None);
                };
                let webhook = cryptomus::webhook(&picture, &key);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
        }))
    }

    /// Returns what was true when a notice was written, with the links that can be claimed now.
    async fn picture(&self, delivery: &Delivery, links: Links) -> Result<Picture, Error> {
        let mut picture = needed("notices", "picture", delivery.picture.clone())?.0;
        for refund in picture.refunds.iter_mut().filter(|refund| refund.state == StateName::AwaitingClaim) {
            refund.claim_url = self.link(refund.id, links).await?;
        }
        Ok(picture)
    }

    async fn link(&self, refund: Uuid, links: Links) -> Result<Option<String>, Error> {
        if links == Links::LeftOut {
            return Ok(None);
        }
        let refund = self.store().refund(RefundId(refund)).await?;
        Ok(refund.and_then(|refund| self.claim_url(&refund)))
    }

    fn seal(&self, delivery: &Delivery) -> Seal {
        let signs_still = |at: At| self.now().duration_since(at.0) < OLD_SECRET_SIGNS;
        let endpoint = &delivery.endpoint;
        let old = endpoint.old_secret_id.filter(|_| endpoint.rotated_at.is_some_and(signs_still));
        let ids: Vec<Uuid> = [endpoint.secret_id].into_iter().chain(old).collect();
        let secrets = ids.iter().map(|id| self.master_key().webhook_secret(*id).to_vec()).collect();
        let seeds = ids.iter().map(|id| self.master_key().webhook_seed(*id)).collect();
        let path = endpoint.url.parse::<reqwest::Url>().map(|url| url.path().to_owned()).unwrap_or_default();
        // Receivers compare this with their own clock, so it is the outside world's time.
        Seal { id: delivery.notice_id, at: outside_now(), scheme: endpoint.signing, secrets, seeds, path }
    }
}

/// Whether a webhook is written with the claim links that can be used now: its receiver's has them, a page's or a test's has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Links {
    Live,
    LeftOut,
}

/// Says whether an endpoint took what was posted.
fn is_taken(answer: &Answered) -> bool {
    (200..300).contains(&answer.status)
}

/// Returns how long a `Retry-After` asks to wait, a number of seconds or a date (RFC 9110, 10.2.3); `None` when it says neither.
fn asked_wait(retry_after: &str) -> Option<SignedDuration> {
    let secs = match retry_after.trim().parse::<i64>() {
        Ok(secs) => secs,
        Err(_) => DateTimeParser::new().parse_timestamp(retry_after.trim()).ok()?.duration_since(outside_now()).as_secs(),
    };
    Some(SignedDuration::from_secs(secs.clamp(0, RETRY_AFTER_SECS_MAX)))
}

/// The header that every dialect's body has.
fn is_json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

/// Says whether an endpoint is told of a notice: its dialect has words for it, and it was chosen. Decided when the notice is written: there
/// is no delivery of what is not told. `reason` is its refund's, where it is about one.
pub(crate) fn tells(listener: &Listener, notice: Notice, reason: Option<Reason>) -> bool {
    knows(listener.dialect, notice, reason) && listener.events.include(notice.name())
}

/// Says whether a dialect has words for a notice.
const fn knows(dialect: Dialect, notice: Notice, reason: Option<Reason>) -> bool {
    match dialect {
        Dialect::Native => true,
        Dialect::Cryptomus | Dialect::Heleket => cryptomus::knows(notice, reason),
        Dialect::Txn => txn::knows(notice),
        Dialect::Bvnk => bvnk::knows(notice),
        Dialect::Bitpay => bitpay::knows(notice),
        Dialect::Cryptopay => cryptopay::knows(notice),
        Dialect::Btcpay => btcpay::knows(notice),
    }
}

/// Returns the coin of an asset, without its network.
#[must_use]
pub fn symbol(asset: &str) -> &str {
    asset.split_once('-').map_or(asset, |(symbol, _)| symbol)
}

/// Returns an id for what there is no row for: the same for the same `parts`. Their lengths keep them apart.
#[must_use]
pub fn id_of(parts: &[&[u8]]) -> Uuid {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[expect(clippy::disallowed_methods, reason = "a signature's time is read by others, who do not know the sandbox's clock")]
fn outside_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_up_to_a_day() {
        let secs = |text: &str| asked_wait(text).map(|wait| wait.as_secs());
        assert_eq!([secs("120"), secs(" 0 "), secs("-5"), secs("999999999")], [Some(120), Some(0), Some(0), Some(86_400)]);
        assert_eq!([secs(""), secs("soon"), secs("1.5"), secs("99999999999999999999")], [None; 4]);
        assert_eq!(secs("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0), "it is over");
        assert_eq!(secs("Thu, 31 Dec 2099 23:59:59 GMT"), Some(86_400));
    }
}

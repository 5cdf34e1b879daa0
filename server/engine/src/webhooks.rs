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
//! [`knows`] says which notices a dialect has words for; for the others there is no delivery. A new dialect is a variant of [`Dialect`],
//! a file here, and a line in `knows` and in `Engine::written`.

pub mod bitpay;
mod bvnk;
pub mod cryptomus;
pub mod cryptopay;
mod exact;
mod native;
mod picture;
pub mod txn;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use domain::claim::FieldErrors;
use domain::dialect::Dialect;
use domain::ids::{DeliveryId, KeyId, MidId, RefundId};
use domain::job::Job;
use domain::notice::Notice;
use domain::refund::{Reason, StateName};
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::outside::Post;
use crate::store::codec::{At, needed};
use crate::store::jobs::Leased;
use crate::store::outbox::{self, Attempt, Delivery};
use crate::store::{StoreError, Tx, jobs, refunds};
use crate::worker::Done;
use crate::{Engine, Error};

pub use self::exact::Exact;
pub use self::picture::{Payer, Picture};

/// How long an old secret signs beside the one that replaced it: no receiver has to change in one instant.
const OLD_SECRET_SIGNS: SignedDuration = SignedDuration::from_hours(24);
/// How long an endpoint may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Waits between tries, in seconds: three days in all (Standard Webhooks 1.0, "Retries").
const RETRY_AFTER_SECS: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Posts to merchants' URLs.
pub(crate) struct Sender {
    client: reqwest::Client,
    allow_private: bool,
}

impl Sender {
    /// Makes a client that follows no redirects, uses no proxy and, unless told otherwise, connects to public addresses only.
    pub(crate) fn new(allow_private: bool) -> Result<Self, String> {
        let builder = reqwest::Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("Refundry/", env!("CARGO_PKG_VERSION")));
        let builder = if allow_private { builder } else { builder.dns_resolver(PublicOnly) };
        builder.build().map(|client| Self { client, allow_private }).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Post for Sender {
    async fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: String) -> Result<u16, String> {
        let url: reqwest::Url = url.parse().map_err(|_| "not a URL".to_owned())?;
        // A literal address is not resolved, so the resolver never sees it.
        let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if !self.allow_private && literal.is_some_and(|address| !is_public(address)) {
            return Err("the address is private".to_owned());
        }
        let mut request = self.client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.map(|answer| answer.status().as_u16()).map_err(|error| {
            let kind = if error.is_timeout() {
                "no answer in time"
            } else if error.is_connect() {
                "no connection"
            } else {
                "failed"
            };
            kind.to_owned()
        })
    }
}

/// Refuses what cannot be a webhook's URL.
pub(crate) fn check_url(url: &str, is_sandbox: bool) -> Result<(), FieldErrors> {
    let wrong = |message: &str| Err(FieldErrors::one("url", "invalid", message));
    let Ok(parsed) = url.parse::<reqwest::Url>() else { return wrong("enter a URL, like https://shop.example/webhooks") };
    let scheme_is_right = parsed.scheme() == "https" || (is_sandbox && parsed.scheme() == "http");
    if !scheme_is_right {
        return wrong("use https");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return wrong("leave user name and password out: webhooks are signed");
    }
    if url.len() > 2048 {
        return wrong("use at most 2048 characters");
    }
    Ok(())
}

/// Resolves names to public addresses only. The connection goes to what was checked here: there is no second look-up.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the address is private".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Says whether an address is on the public internet (IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT, RFC 6598
        || (a == 192 && b == 0 && c == 0) // IETF protocol assignments, RFC 6890
        || (a == 192 && b == 88 && c == 99) // 6to4 relays, RFC 7526
        || (a == 198 && (b == 18 || b == 19)); // benchmarking, RFC 2544
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only global unicast, without documentation (RFC 3849, RFC 9637), Teredo, ORCHID and benchmarking (2001::/23), 6to4 (2002::/16).
    let is_global_unicast = segments[0] & 0xe000 == 0x2000;
    let is_special = (segments[0] == 0x2001 && (segments[1] < 0x200 || segments[1] == 0xdb8))
        || segments[0] == 0x2002
        || (segments[0] == 0x3fff && segments[1] < 0x1000);
    is_global_unicast && !is_special
}

/// An attempt to tell a merchant.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) delivery: Uuid,
    line: outbox::Line,
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
        recorded.extend(outbox::record(tx, &ids, attempt, now).await?);
    }
    let others = told.iter().map(|one| DeliveryId(one.delivery)).filter(|id| !recorded.contains(&id.0)).collect::<Vec<_>>();
    // Who finds a delivery ended was paused meanwhile: another has put the next one in the queue.
    let goes_on = |one: &&&Told| one.again_at.is_none() && recorded.contains(&one.delivery);
    let lines: Vec<outbox::Line> = told.iter().filter(goes_on).map(|one| one.line).collect();
    let next = outbox::next_in_lines(tx, &lines).await?;
    jobs::enqueue(tx, &next.into_iter().map(|id| Job::Deliver(id).at(now)).collect::<Vec<_>>()).await?;
    Ok(outbox::pending(tx, &others).await?.into_iter().map(|delivery| delivery.id).collect())
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
        let found = outbox::pending(&mut tx, &ids).await?;
        Ok(found.into_iter().map(|delivery| (delivery.id, delivery)).collect())
    }

    /// Posts the first notice of a line. The next of the line comes after it, or after it was given up.
    pub(crate) async fn send_webhook(&self, id: DeliveryId, known: Option<Delivery>, leased: Leased) -> Result<Done, Error> {
        let delivery = match known {
            Some(known) => Some(known),
            None => {
                let mut tx = self.store().read().await?;
                outbox::pending(&mut tx, &[id]).await?.pop()
            }
        };
        let Some(delivery) = delivery else { return Ok(Done::Finished) };
        let told = |state, response_status, error, again_at| {
            let line = (delivery.endpoint_id, delivery.subject_id);
            Ok(Done::Told(Told { delivery: delivery.id, line, attempt: Attempt { state, response_status, error }, again_at }))
        };
        if delivery.endpoint_removed_at.is_some() {
            return told("given_up", None, Some("the endpoint was removed".to_owned()), None);
        }
        let answer = match self.written(&delivery).await? {
            Some(Webhook { headers, body }) => self.0.webhooks.post(&delivery.url, headers, body).await,
            None => Err("the MID has no API key to sign with: make one".to_owned()),
        };
        let (status, error) = match answer {
            Ok(status) if (200..300).contains(&status) => return told("delivered", Some(status), None, None),
            Ok(status) => (Some(status), format!("answered {status}")),
            Err(error) => (None, error),
        };
        let tries = usize::try_from(delivery.attempts.max(leased.attempts.saturating_sub(1))).unwrap_or(usize::MAX);
        match RETRY_AFTER_SECS.get(tries) {
            Some(wait) => {
                let now = self.now();
                told("pending", status, Some(error), Some(now.saturating_add(SignedDuration::from_secs(*wait)).unwrap_or(now)))
            }
            None => told("given_up", status, Some(error), None),
        }
    }

    /// Writes a delivery in its dialect. Claim links are put in now, and only while they can be used: they are stored nowhere.
    /// `None` when no key is left that its receiver could know it by.
    async fn written(&self, delivery: &Delivery) -> Result<Option<Webhook>, Error> {
        let seal = self.seal(delivery);
        Ok(Some(match delivery.dialect {
            Dialect::Native => {
                let carries_link = delivery.event == Notice::RefundClaimAvailable(RefundId(delivery.subject_id)).name();
                let claim_url = if carries_link { self.link(delivery.subject_id).await? } else { None };
                native::webhook(delivery, claim_url, &seal)
            }
            Dialect::Txn => txn::webhook(&self.picture(delivery).await?, self.settings().is_sandbox, &seal),
            Dialect::Bitpay => {
                let webhook = bitpay::webhook(&self.picture(delivery).await?, &delivery.url, &seal);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
            Dialect::Cryptopay => cryptopay::webhook(&self.picture(delivery).await?, &seal),
            Dialect::Bvnk => {
                let offers = delivery.event == Notice::RefundClaimAvailable(RefundId(delivery.subject_id)).name();
                let webhook = bvnk::webhook(&self.picture(delivery).await?, offers, &seal);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
            Dialect::Cryptomus | Dialect::Heleket => {
                let picture = self.picture(delivery).await?;
                let Some(key) = self.signing_key(MidId(picture.invoice.mid), delivery.key_id.map(KeyId)).await? else {
                    return Ok(None);
                };
                let webhook = cryptomus::webhook(&picture, &key);
                needed("notices", "picture with amounts that are numbers", webhook)?
            }
        }))
    }

    /// Returns what was true when a notice was written, with the links that can be claimed now.
    async fn picture(&self, delivery: &Delivery) -> Result<Picture, Error> {
        let mut picture = needed("notices", "picture", delivery.picture.clone())?.0;
        for refund in picture.refunds.iter_mut().filter(|refund| refund.state == StateName::AwaitingClaim) {
            refund.claim_url = self.link(refund.id).await?;
        }
        Ok(picture)
    }

    async fn link(&self, refund: Uuid) -> Result<Option<String>, Error> {
        let mut tx = self.store().read().await?;
        let refund = refunds::load(&mut tx, RefundId(refund)).await?;
        Ok(refund.and_then(|refund| self.claim_url(&refund)))
    }

    fn seal(&self, delivery: &Delivery) -> Seal {
        let signs_still = |at: At| self.now().duration_since(at.0) < OLD_SECRET_SIGNS;
        let old = delivery.old_secret_id.filter(|_| delivery.rotated_at.is_some_and(signs_still));
        let secrets = [delivery.secret_id].into_iter().chain(old).map(|id| self.master_key().webhook_secret(id).to_vec()).collect();
        let path = delivery.url.parse::<reqwest::Url>().map(|url| url.path().to_owned()).unwrap_or_default();
        // Receivers compare this with their own clock, so it is the outside world's time.
        Seal { id: delivery.notice_id, at: outside_now(), secrets, path }
    }
}

/// A webhook as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Webhook {
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What a webhook is signed with.
struct Seal {
    id: Uuid,
    at: Timestamp,
    /// The endpoint's secret, and the one before while it signs too.
    secrets: Vec<Vec<u8>>,
    /// The path of the endpoint's URL.
    path: String,
}

impl Seal {
    /// Returns the endpoint's secret as its owner was told it, for systems whose signatures have room for one.
    fn secret(&self) -> String {
        self.secrets.first().map(|secret| secret_text(secret)).unwrap_or_default()
    }

    /// Signs a body as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`.
    fn standard(&self, body: String) -> Webhook {
        let (id, timestamp) = (self.id.to_string(), self.at.as_second().to_string());
        let signed_with = |secret: &Vec<u8>| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
            mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
            format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes()))
        };
        let signatures = self.secrets.iter().map(signed_with).collect::<Vec<_>>().join(" ");
        let signed = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signatures)];
        Webhook { headers: [is_json()].into_iter().chain(signed).collect(), body }
    }
}

/// Returns a secret as its owner is told it.
pub(crate) fn secret_text(secret: &[u8]) -> String {
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(secret))
}

/// The header that every dialect's body has.
fn is_json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

/// Says whether a dialect has words for a notice. Decided when the notice is written: there is no delivery of what has none.
/// `reason` is its refund's, where it is about one.
pub(crate) const fn knows(dialect: Dialect, notice: Notice, reason: Option<Reason>) -> bool {
    match dialect {
        Dialect::Native => true,
        Dialect::Cryptomus | Dialect::Heleket => cryptomus::knows(notice, reason),
        Dialect::Txn => txn::knows(notice),
        Dialect::Bvnk => bvnk::knows(notice),
        Dialect::Bitpay => bitpay::knows(notice),
        Dialect::Cryptopay => cryptopay::knows(notice),
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
    fn private_addresses_are_never_public() {
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.88.99.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "ff02::1",
            "::127.0.0.1",
            "100::1",
        ];
        for text in private {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
        for text in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "172.32.0.1", "100.128.0.1"] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_a_private_address() {
        let sender = Sender::new(false).expect("a client");
        for url in ["http://127.0.0.1:9/", "http://[::1]:9/", "http://2130706433:9/", "http://0x7f.1:9/", "http://[::ffff:7f00:1]:9/"] {
            assert_eq!(sender.post(url, Vec::new(), String::new()).await, Err("the address is private".to_owned()), "{url}");
        }
        assert!(sender.post("http://localhost:9/", Vec::new(), String::new()).await.is_err());
    }

    /// BP-12: outside of a sandbox only `https`.
    #[test]
    fn urls_say_what_is_wrong_with_them() {
        assert!(check_url("https://shop.example/hooks", false).is_ok());
        assert!(check_url("http://shop.example/hooks", true).is_ok());
        for url in ["", "shop", "http://shop.example", "ftp://shop.example", "https://user:secret@shop.example", "file:///etc/passwd"] {
            assert!(check_url(url, false).is_err(), "{url}");
        }
    }
}

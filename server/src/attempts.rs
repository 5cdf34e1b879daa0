//! Who opens many links that open nothing, of payers or of people who join, is made to wait. A link has 256 random bits, so nobody guesses one; this keeps trying
//! from costing much. Counted per process and in memory, because looking at a link must write nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use engine::Engine;

use crate::pages;

/// So many wrong links are let through.
const WRONG_MAX: u32 = 20;
/// For so long they are counted, and further ones refused.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// How many addresses are remembered at most.
const ADDRESSES_MAX: usize = 100_000;
/// Where links are opened and used.
const GUARDED: [&str; 9] = [
    "/claim/",
    "/cancel/",
    "/invite/",
    "/reset/",
    "/fn/confirm_claim",
    "/fn/cancel_claim",
    "/fn/email_cancel_link",
    "/fn/accept_invitation",
    "/fn/set_forgotten_password",
];

/// The header in which a load balancer says who asks. Without one, only callers that are surely not behind a proxy are counted.
#[derive(Clone, Debug, Default)]
pub struct ClientAddress(pub Option<HeaderName>);

/// Who tried what.
#[derive(Clone, Default)]
pub struct Attempts(Arc<Mutex<HashMap<IpAddr, Wrong>>>);

#[derive(Clone, Copy)]
struct Wrong {
    since: Instant,
    count: u32,
}

impl Attempts {
    fn is_over(&self, address: IpAddr, now: Instant) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&address).is_some_and(|wrong| now.duration_since(wrong.since) < WINDOW && wrong.count >= WRONG_MAX)
    }

    fn note(&self, address: IpAddr, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ADDRESSES_MAX {
            known.retain(|_, wrong| now.duration_since(wrong.since) < WINDOW);
        }
        if known.len() >= ADDRESSES_MAX {
            return;
        }
        let wrong = known.entry(address).or_insert(Wrong { since: now, count: 0 });
        if now.duration_since(wrong.since) >= WINDOW {
            *wrong = Wrong { since: now, count: 0 };
        }
        wrong.count = wrong.count.saturating_add(1);
    }
}

/// Refuses whoever opened too many wrong links, right ones too: the answers must not tell which is which.
pub async fn limit(State((engine, attempts)): State<(Engine, Attempts)>, request: Request, next: Next) -> Response {
    let is_guarded = GUARDED.iter().any(|path| request.uri().path().starts_with(path));
    let Some(address) = is_guarded.then(|| client_address(&request)).flatten() else { return next.run(request).await };
    if attempts.is_over(address, Instant::now()) {
        return pages::too_many(engine, request).await;
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        attempts.note(address, Instant::now());
    }
    response
}

/// Returns who asks, when that is known: as the load balancer says, else the peer, unless that may be a proxy of our own.
fn client_address(request: &Request) -> Option<IpAddr> {
    if let Some(ClientAddress(Some(header))) = request.extensions().get::<ClientAddress>() {
        return address_in(request, header).map(subscriber);
    }
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    is_public(peer.ip()).then(|| subscriber(peer.ip()))
}

/// Returns what stands for everybody behind one line: of IPv6 the first 64 bits, as the rest is the subscriber's to choose (RFC 6177).
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// A proxy appends to the header, so its own word is the last one.
fn address_in(request: &Request, header: &HeaderName) -> Option<IpAddr> {
    let values = request.headers().get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).next_back()?.trim().parse().ok()
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !(address.is_loopback() || address.is_private() || address.is_link_local()),
        IpAddr::V6(address) => !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_twenty_wrong_links_an_address_waits_a_quarter_of_an_hour() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let (address, other) = (IpAddr::from([203, 0, 113, 7]), IpAddr::from([203, 0, 113, 8]));
        for _ in 0..WRONG_MAX {
            assert!(!attempts.is_over(address, start));
            attempts.note(address, start);
        }
        assert!(attempts.is_over(address, start) && !attempts.is_over(other, start));
        let after = |secs: u64| start.checked_add(Duration::from_secs(secs)).expect("an instant");
        assert!(attempts.is_over(address, after(899)));
        assert!(!attempts.is_over(address, after(900)));
        attempts.note(address, after(900));
        assert!(!attempts.is_over(address, after(900)), "counted from one again");
    }

    #[test]
    fn the_last_address_of_the_header_is_the_proxys_own_word() {
        let request =
            Request::builder().header("x-forwarded-for", "10.0.0.1, 203.0.113.7").body(axum::body::Body::empty()).expect("a request");
        let header = HeaderName::from_static("x-forwarded-for");
        assert_eq!(address_in(&request, &header), Some(IpAddr::from([203, 0, 113, 7])));
        assert_eq!(client_address(&request), None, "nobody said that the header can be believed");
    }

    #[test]
    fn who_has_a_whole_ipv6_network_is_one() {
        let of = |address: &str| subscriber(address.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
    }

    #[test]
    fn a_peer_that_may_be_a_proxy_is_not_counted() {
        for address in ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1"] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        assert!(is_public("203.0.113.7".parse().expect("an address")));
    }
}

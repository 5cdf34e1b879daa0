//! The way to merchants' servers: HTTP that follows no redirect, waits a short time, reads little and, unless told otherwise, connects to
//! public addresses only (ASVS 1.3.6). Addresses are judged where the connection goes to, so a name that is looked up twice gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use domain::claim::FieldErrors;
use domain::delivery::DeliveryFault;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RETRY_AFTER;

use crate::outside::{Answered, Post};

/// How long an endpoint may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is read and kept.
const ANSWER_BYTES_MAX: usize = 1024;

/// Posts to merchants' URLs.
pub(crate) struct Sender {
    client: reqwest::Client,
    allow_private: bool,
}

impl Sender {
    /// Makes a client that follows no redirects, uses no proxy and, unless told otherwise, connects to public addresses only.
    pub(crate) fn new(allow_private: bool) -> Result<Self, String> {
        Self::waiting(ANSWER_TIMEOUT, allow_private)
    }

    /// Makes one that waits so long for an answer, from its first byte to its last.
    fn waiting(timeout: Duration, allow_private: bool) -> Result<Self, String> {
        let builder = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("Refundry/", env!("CARGO_PKG_VERSION")));
        let builder = if allow_private { builder } else { builder.dns_resolver(PublicOnly) };
        builder.build().map(|client| Self { client, allow_private }).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Post for Sender {
    async fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: String) -> Result<Answered, DeliveryFault> {
        let url: reqwest::Url = url.parse().map_err(|_| DeliveryFault::NotAUrl)?;
        // A literal address is not resolved, so the resolver never sees it.
        let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if !self.allow_private && literal.is_some_and(|address| !is_public(address)) {
            return Err(DeliveryFault::Private);
        }
        let mut request = self.client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() {
                DeliveryFault::NoAnswer
            } else if error.is_connect() {
                DeliveryFault::NoConnection
            } else {
                DeliveryFault::Failed
            }
        })?;
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answered { status: answer.status().as_u16(), retry_after, body: beginning(answer).await })
    }
}

/// Returns how a body begins. Whoever sends more, or stops in the middle, has answered all the same: the status came first.
async fn beginning(mut answer: reqwest::Response) -> String {
    let mut read = Vec::new();
    while read.len() < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => read.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    read.truncate(ANSWER_BYTES_MAX);
    // PostgreSQL's text has no NUL; what is no UTF-8 is shown as such, and is longer then.
    let mut text = String::from_utf8_lossy(&read).replace('\0', "\u{fffd}");
    text.truncate(text.floor_char_boundary(ANSWER_BYTES_MAX));
    text
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
            let public = public_ones(found);
            if public.is_empty() {
                return Err("the address is private".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Keeps what may be connected to of what a name leads to: one that also leads inside is no way there.
fn public_ones(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    found.filter(|address| is_public(address.ip())).collect()
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

#[cfg(test)]
mod rebinding;

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
            let refused = sender.post(url, Vec::new(), String::new()).await;
            assert_eq!(refused, Err(DeliveryFault::Private), "{url}");
        }
        assert!(sender.post("http://localhost:9/", Vec::new(), String::new()).await.is_err());
    }

    /// Ranges of the IANA special-purpose registries that nobody outside is in, by one address of each.
    const INSIDE_V4: [Ipv4Addr; 25] = [
        Ipv4Addr::new(0, 0, 0, 0),
        Ipv4Addr::new(0, 1, 2, 3),
        Ipv4Addr::new(10, 0, 0, 1),
        Ipv4Addr::new(10, 255, 255, 254),
        Ipv4Addr::new(100, 64, 0, 1),
        Ipv4Addr::new(100, 127, 255, 254),
        Ipv4Addr::new(127, 0, 0, 1),
        Ipv4Addr::new(127, 255, 255, 254),
        Ipv4Addr::new(169, 254, 0, 1),
        Ipv4Addr::new(169, 254, 169, 254),
        Ipv4Addr::new(172, 16, 0, 1),
        Ipv4Addr::new(172, 31, 255, 254),
        Ipv4Addr::new(192, 0, 0, 1),
        Ipv4Addr::new(192, 0, 2, 1),
        Ipv4Addr::new(192, 88, 99, 1),
        Ipv4Addr::new(192, 168, 0, 1),
        Ipv4Addr::new(192, 168, 255, 254),
        Ipv4Addr::new(198, 18, 0, 1),
        Ipv4Addr::new(198, 19, 255, 254),
        Ipv4Addr::new(198, 51, 100, 1),
        Ipv4Addr::new(203, 0, 113, 1),
        Ipv4Addr::new(224, 0, 0, 1),
        Ipv4Addr::new(239, 255, 255, 254),
        Ipv4Addr::new(240, 0, 0, 1),
        Ipv4Addr::new(255, 255, 255, 255),
    ];
    const INSIDE_V6: [&str; 24] = [
        "::",
        "::1",
        "64:ff9b::1",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:1::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2001:db8:ffff::1",
        "2002:c0a8:1::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fdff:ffff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ];

    /// Writes an IPv4 address in every way that a URL may have it, or that an IPv6 address may carry it.
    fn notations(address: Ipv4Addr) -> Vec<String> {
        let [a, b, c, d] = address.octets();
        let number = u32::from(address);
        let tail = number & 0x00ff_ffff;
        vec![
            address.to_string(),
            format!("{address}."),
            number.to_string(),
            format!("{number:#x}"),
            format!("0{number:o}"),
            format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
            format!("{a}.{tail}"),
            format!("{a}.{b}.{}", tail & 0xffff),
            format!("{a}\u{3002}{b}\u{ff0e}{c}\u{ff61}{d}"),
            address.to_string().chars().map(|letter| char::from_u32(u32::from(letter).saturating_add(0xfee0)).unwrap_or(letter)).collect(),
            format!("%3{}{}", a.to_string().split_at(1).0, &address.to_string()[1..]),
            format!("someone@{address}"),
            format!("[::ffff:{address}]"),
            format!("[::ffff:{:x}:{:x}]", number >> 16, number & 0xffff),
            format!("[::{address}]"),
            format!("[64:ff9b::{address}]"),
            format!("[2002:{:x}:{:x}::]", number >> 16, number & 0xffff),
        ]
    }

    /// Reliability 25, ASVS 1.3.6: hundreds of ways to write what is inside, at the ports where something listens there. Each is refused for
    /// what it is, before anything is connected to; a zone or another scheme is no URL to post to at all.
    #[tokio::test]
    async fn no_way_to_write_an_address_leads_inside() {
        let canary = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = canary.local_addr().expect("an address").port();
        let sender = Sender::new(false).expect("a client");
        let hosts = INSIDE_V4.into_iter().flat_map(notations).chain(INSIDE_V6.map(|address| format!("[{address}]")));
        let mut tried = 0_usize;
        for (number, host) in hosts.enumerate() {
            let port = [port, 22, 25, 6379][if host.contains("127.") || host.contains("7f") { 0 } else { number % 4 }];
            for url in [format!("http://{host}:{port}/"), format!("https://{host}/")] {
                let refused = sender.post(&url, Vec::new(), String::new()).await;
                assert_eq!(refused, Err(DeliveryFault::Private), "{url}");
                tried += 1;
            }
        }
        assert!(tried >= 400, "{tried}");
        for url in ["http://[fe80::1%25eth0]/", "http://127.0.0.1:99999/", "http://[::1/", "http:///", "http://", "//127.0.0.1/"] {
            assert_eq!(sender.post(url, Vec::new(), String::new()).await, Err(DeliveryFault::NotAUrl), "{url}");
        }
        for url in ["gopher://127.0.0.1:6379/_x", "file:///etc/passwd", "ftp://127.0.0.1/", "dict://127.0.0.1:6379/", "javascript:alert(1)"]
        {
            assert!(check_url(url, true).is_err(), "{url}");
            assert!(sender.post(url, Vec::new(), String::new()).await.is_err(), "{url}");
        }
        let knocked = tokio::time::timeout(Duration::from_millis(200), canary.accept()).await;
        assert!(knocked.is_err(), "nobody knocked");
    }

    /// A name that leads to the public and inside at once, or to the one after the other, is asked for once: what was judged is what is
    /// connected to.
    #[test]
    fn of_what_a_name_leads_to_only_the_public_is_connected_to() {
        let found = ["93.184.216.34:0", "127.0.0.1:0", "[::1]:0", "[::ffff:10.0.0.1]:0", "[2606:4700::1111]:0"];
        let found = found.into_iter().map(|address| address.parse().expect("an address"));
        let public: Vec<String> = public_ones(found).iter().map(ToString::to_string).collect();
        assert_eq!(public, ["93.184.216.34:0", "[2606:4700::1111]:0"]);
    }

    /// ASVS 1.3.6: a name is judged by what it leads to at the moment of connecting, so what it led to before is no help to anybody
    /// (DNS rebinding).
    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://localhost:{}/hooks", listener.local_addr().expect("an address").port());
        let sender = Sender::new(false).expect("a client");
        assert!(sender.post(&url, Vec::new(), String::new()).await.is_err());
        let knocked = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(knocked.is_err(), "nobody knocked");
        let trusting = Sender::new(true).expect("a client");
        let (posted, accepted) =
            tokio::join!(tokio::time::timeout(Duration::from_secs(1), trusting.post(&url, Vec::new(), String::new())), listener.accept());
        assert!(posted.is_err() && accepted.is_ok(), "the listener was there all along");
    }

    /// How a receiver answers that would keep a sender for ever.
    #[derive(Clone, Copy, Debug)]
    enum Endless {
        /// Nothing.
        Silence,
        /// A header after the other, slowly.
        Headers,
        /// A status, then a body byte by byte.
        SlowBody,
        /// A status, then as much body as the sender takes.
        FastBody,
    }

    /// Answers one request so; returns the URL, and how many bytes of the answer were taken in the end.
    async fn receiver(endless: Endless) -> (String, tokio::task::JoinHandle<usize>) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a sender");
            assert!(stream.read(&mut [0; 1024]).await.is_ok_and(|bytes| bytes > 0), "a request came");
            let status = "HTTP/1.1 200 X\r\n";
            let (begin, more) = match endless {
                Endless::Silence => (String::new(), String::new()),
                Endless::Headers => (status.to_owned(), "x-more: 1\r\n".to_owned()),
                Endless::SlowBody => (format!("{status}content-length: 999999999\r\n\r\n"), "x".to_owned()),
                Endless::FastBody => (format!("{status}content-length: 999999999\r\n\r\n"), "x".repeat(65_536)),
            };
            let mut taken = 0_usize;
            if stream.write_all(begin.as_bytes()).await.is_err() {
                return taken;
            }
            while stream.write_all(more.as_bytes()).await.is_ok() {
                taken = taken.saturating_add(more.len());
                if !matches!(endless, Endless::FastBody) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            taken
        });
        (url, answering)
    }

    /// The whole answer has its time, however it is drawn out, and of its body little is read.
    #[tokio::test]
    async fn no_receiver_keeps_a_sender_longer_than_its_time() {
        let sender = Sender::waiting(Duration::from_millis(400), true).expect("a client");
        for endless in [Endless::Silence, Endless::Headers, Endless::SlowBody, Endless::FastBody] {
            let (url, answering) = receiver(endless).await;
            let since = std::time::Instant::now();
            let posted = sender.post(&url, Vec::new(), "{}".to_owned()).await;
            let took = since.elapsed();
            assert!(took < Duration::from_secs(3), "{endless:?} took {took:?}");
            match endless {
                Endless::Silence | Endless::Headers => assert_eq!(posted, Err(DeliveryFault::NoAnswer), "{endless:?}"),
                Endless::SlowBody | Endless::FastBody => {
                    let answer = posted.unwrap_or_else(|error| panic!("{endless:?}: {error}"));
                    assert!(answer.status == 200 && answer.body.len() <= ANSWER_BYTES_MAX, "{endless:?}: {answer:?}");
                }
            }
            if matches!(endless, Endless::FastBody) {
                let taken = answering.await.expect("the receiver ends");
                assert!(taken < 16 * 1024 * 1024, "{taken} bytes of a body without end were taken");
            } else {
                answering.abort();
            }
        }
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

//! DNS rebinding (ASVS 1.3.6), against a DNS server that lies: a name leads outside when it is judged and inside when somebody looks again.
//!
//! The test runs itself once more in a network and a file system of its own (`unshare`), where the system's resolver asks our server and a
//! public address is this machine's: nothing leaves it. A kernel that allows nobody such a network lets the test say so and end.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::delivery::DeliveryFault;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::Sender;
use crate::outside::{Answered, Post as _};

/// Says that we are in the network of our own.
const INSIDE: &str = "REBINDING_TEST_IS_INSIDE";
const NAME: &str = "webhooks::sender::rebinding::a_name_is_looked_up_once_and_only_the_public_is_connected_to";
const PUBLIC: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);
const OWN: &str = "set -e
ip link set lo up
ip addr add 93.184.216.34/32 dev lo
printf 'nameserver 127.0.0.1\\noptions timeout:2 attempts:1\\n' > \"$1/resolv.conf\"
printf 'hosts: files dns\\n' > \"$1/nsswitch.conf\"
mount --bind \"$1/resolv.conf\" /etc/resolv.conf
mount --bind \"$1/nsswitch.conf\" /etc/nsswitch.conf
exec \"$2\" --exact \"$3\" --nocapture";

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_once_and_only_the_public_is_connected_to() {
    if std::env::var_os(INSIDE).is_some() {
        return inside().await;
    }
    let own = ["--map-root-user", "--mount", "--net"];
    if !Command::new("unshare").args(own).arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("not tried: this machine allows nobody a network of their own (unshare)");
        return;
    }
    let folder = std::env::temp_dir().join(format!("refundry-rebinding-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let test = std::env::current_exe().expect("this test's program");
    let mut command = Command::new("unshare");
    command.args(own).args(["sh", "-c", OWN, "sh"]).arg(&folder).arg(test).arg(NAME).env(INSIDE, "yes");
    let output = command.output().expect("the test in a network of its own");
    std::fs::remove_dir_all(&folder).ok();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

async fn inside() {
    let dns = Dns::start().await;
    let public = Listener::at(PUBLIC, 0).await;
    let private = Listener::at(Ipv4Addr::LOCALHOST, public.port).await;
    let only_private = Listener::at(Ipv4Addr::LOCALHOST, 0).await;
    let sender = Sender::new(false).expect("a client");
    let trusting = Sender::new(true).expect("a client");

    // Public when it is judged, inside for whoever looks again: the judged address is the one that is connected to.
    dns.say("flips.test", &[&[PUBLIC], &[Ipv4Addr::LOCALHOST]]);
    let url = |name: &str, listener: &Listener| format!("http://{name}:{}/hooks", listener.port);
    assert_eq!(post(&sender, &url("flips.test", &public)).await, Ok(200));
    assert_eq!((dns.asked("flips.test"), public.knocks(), private.knocks()), (1, 1, 0));
    // From the second look-up on it leads inside, however often somebody comes.
    for _ in 0..3 {
        assert_eq!(post(&sender, &url("flips.test", &public)).await, Err(DeliveryFault::NoConnection));
    }
    assert_eq!((dns.asked("flips.test"), public.knocks(), private.knocks()), (4, 1, 0));
    assert_eq!(post(&trusting, &url("flips.test", &public)).await, Ok(200));
    assert_eq!(private.knocks(), 1, "whoever may go inside finds somebody there");

    // Both at once, in either order: only the public one counts, and where it does not answer nobody tries the other.
    for (name, answer) in [("mixed.test", [PUBLIC, Ipv4Addr::LOCALHOST]), ("dexim.test", [Ipv4Addr::LOCALHOST, PUBLIC])] {
        dns.say(name, &[&answer]);
        let before = public.knocks();
        assert_eq!(post(&sender, &url(name, &public)).await, Ok(200), "{name}");
        assert_eq!(public.knocks(), before.saturating_add(1), "{name}");
        assert_eq!(post(&sender, &url(name, &only_private)).await, Err(DeliveryFault::NoConnection), "{name}");
        assert_eq!(post(&trusting, &url(name, &only_private)).await, Ok(200), "{name}: the test's own listener was there all along");
    }
    // What leads inside only, by every kind of address.
    for (number, address) in [[127, 0, 0, 1], [10, 0, 0, 1], [169, 254, 169, 254], [0, 0, 0, 0], [192, 168, 0, 1]].into_iter().enumerate() {
        let name = format!("inside-{number}.test");
        dns.say(&name, &[&[Ipv4Addr::from(address)]]);
        assert_eq!(post(&sender, &url(&name, &only_private)).await, Err(DeliveryFault::NoConnection), "{address:?}");
    }
    assert_eq!((private.knocks(), only_private.knocks()), (1, 2), "nobody but the trusting one was inside");
}

async fn post(sender: &Sender, url: &str) -> Result<u16, DeliveryFault> {
    sender.post(url, Vec::new(), "{}".to_owned()).await.map(|Answered { status, .. }| status)
}

/// Somebody who listens, answers 200 and hangs up, so that every post connects anew.
struct Listener {
    port: u16,
    knocks: Arc<AtomicUsize>,
}

impl Listener {
    async fn at(address: Ipv4Addr, port: u16) -> Self {
        let listener = TcpListener::bind((address, port)).await.expect("the address is ours");
        let port = listener.local_addr().expect("an address").port();
        let knocks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&knocks);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 1024];
                if stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await.ok();
                }
            }
        });
        Self { port, knocks }
    }

    fn knocks(&self) -> usize {
        self.knocks.load(Ordering::SeqCst)
    }
}

/// What is said of a name at each look-up, the last for ever, and how often it was looked up.
type Answers = HashMap<String, (Vec<Vec<Ipv4Addr>>, usize)>;

/// A DNS server for names of our own (RFC 1035), whose answers are good for no time at all.
struct Dns(Arc<Mutex<Answers>>);

impl Dns {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:53").await.expect("the port of DNS");
        let dns = Self(Arc::default());
        let answers = Arc::clone(&dns.0);
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let answer = answer(&packet[..length], &mut answers.lock().expect("no test panicked here"));
                socket.send_to(&answer, from).await.ok();
            }
        });
        dns
    }

    fn say(&self, name: &str, answers: &[&[Ipv4Addr]]) {
        let answers = answers.iter().map(|addresses| addresses.to_vec()).collect();
        self.0.lock().expect("no test panicked here").insert(name.to_owned(), (answers, 0));
    }

    fn asked(&self, name: &str) -> usize {
        self.0.lock().expect("no test panicked here")[name].1
    }
}

/// Answers a question: addresses to one for them, none to any other kind.
fn answer(question: &[u8], answers: &mut Answers) -> Vec<u8> {
    let (head, asked) = question.split_at(12);
    let (mut labels, mut rest) = (Vec::new(), asked);
    while let Some((length, after)) = rest.split_first() {
        let (label, after) = after.split_at(usize::from(*length));
        rest = after;
        if label.is_empty() {
            break;
        }
        labels.push(String::from_utf8_lossy(label));
    }
    let addresses = match answers.get_mut(&labels.join(".")) {
        Some((said, times)) if rest.starts_with(&[0, 1]) => {
            let said = said.get(*times).or(said.last()).cloned().unwrap_or_default();
            *times = times.saturating_add(1);
            said
        }
        Some(_) | None => Vec::new(),
    };
    let mut packet = head[..2].to_vec();
    packet.extend([0x81, 0x80, 0, 1, 0, u8::try_from(addresses.len()).expect("few"), 0, 0, 0, 0]);
    packet.extend(&asked[..asked.len().saturating_sub(rest.len()).saturating_add(4)]);
    for address in addresses {
        packet.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        packet.extend(address.octets());
    }
    packet
}

//! What strangers and broken programs get out of the socket: nothing signed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::money::Network;

use super::*;
use crate::config::AssetRule;
use crate::keys::tests::known_keys;
use crate::log::Log;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("refundry-socket-{name}-{}", std::process::id())))
    }

    fn socket(&self) -> PathBuf {
        self.0.join("run/signer.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("cleaned");
    }
}

fn start(folder: &Folder) -> PathBuf {
    let rule = AssetRule {
        network: Network::Ethereum,
        chain_id: 1,
        contract: None,
        payout_units_max: 1000,
        day_units_max: 100_000_000,
        fee_units_max: u128::MAX,
    };
    let rules = BTreeMap::from([("ETH-ETHEREUM".parse().expect("an asset"), rule)]);
    let log = Log::open(&folder.0.join("signed.jsonl")).unwrap_or_else(|error| panic!("{error}"));
    let listener = listen(&folder.socket(), false).expect("a socket");
    let noon = || jiff::Timestamp::from_second(1_790_000_000).expect("a time");
    std::thread::spawn(move || serve(&listener, Signer::new(known_keys(), rules, log), noon));
    folder.socket()
}

/// A request that is fine, with a payout id and nonce of its own.
fn request(number: u64) -> String {
    format!(
        r#"{{"ask":"sign","payout":"01900000-0000-7000-8000-{number:012}","network":"ethereum","chain_id":1,"asset":"ETH-ETHEREUM","contract":null,"to":"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed","units":"1000","slot":{number},"fees":{{"gas_limit":21000,"max_fee_per_gas":"5","max_priority_fee_per_gas":"1"}}}}"#
    )
}

/// Asks on a connection of its own; an empty answer is a connection that was closed.
fn ask(path: &Path, line: &str) -> String {
    let mut stream = UnixStream::connect(path).expect("a connection");
    let _cut_short = stream.write_all(line.as_bytes()).and_then(|()| stream.write_all(b"\n"));
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer).unwrap_or(0);
    answer
}

#[test]
fn a_thousand_forged_requests_get_nothing_signed() {
    let folder = Folder::new("forged");
    let path = start(&folder);
    assert!(ask(&path, &request(0)).starts_with(r#"{"answer":"signed""#), "an honest one is");
    let forgeries = [
        ("\"1000\"", "\"1001\""),
        ("\"1000\"", "1000"),
        ("\"1000\"", "\"-1\""),
        ("\"chain_id\":1", "\"chain_id\":10"),
        ("\"network\":\"ethereum\"", "\"network\":\"base\""),
        ("ETH-ETHEREUM", "DAI-ETHEREUM"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x0000000000000000000000000000000000000000"),
        ("\"contract\":null", "\"contract\":\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\""),
        ("\"contract\":null", "\"contract\":null,\"force\":true"),
    ];
    for number in 1..=100 {
        for (index, (honest, forged)) in (0..).zip(forgeries) {
            let line = request(number * 100 + index).replacen(honest, forged, 1);
            let answer = ask(&path, &line);
            assert!(answer.contains(r#""answer":"declined""#) || answer.contains(r#""reason":"unreadable""#), "{line}: {answer}");
        }
    }
    assert!(ask(&path, &request(1).replace("\"slot\":1", "\"slot\":0")).contains("slot_taken"), "a replayed nonce");
    assert!(ask(&path, &request(2)).starts_with(r#"{"answer":"signed""#), "and it still works");
}

#[test]
fn lines_that_are_no_requests_end_the_connection_and_nothing_else() {
    let folder = Folder::new("garbage");
    let path = start(&folder);
    for line in [
        "",
        "{}",
        "null",
        "[]",
        "\u{0}\u{ff}",
        "GET / HTTP/1.1",
        "{\"ask\":\"hello\",\"ask\":\"hello\"}",
        &"x".repeat(100_000),
        &"[".repeat(5000),
    ] {
        let answer = ask(&path, line);
        assert!(answer.is_empty() || answer.contains("unreadable"), "{answer}");
    }
    assert!(ask(&path, r#"{"ask":"hello"}"#).starts_with(r#"{"answer":"hello""#));
}

#[test]
fn those_who_only_sit_there_do_not_lock_others_out_for_ever() {
    let folder = Folder::new("full");
    let path = start(&folder);
    let idle: Vec<UnixStream> = (0..CONNECTIONS_MAX).map(|_| UnixStream::connect(&path).expect("a connection")).collect();
    let says_hello = || ask(&path, r#"{"ask":"hello"}"#).contains(r#""answer":"hello""#);
    let is_busy = || ask(&path, r#"{"ask":"hello"}"#).contains("busy");
    assert!((0..100).any(|_| is_busy()), "no more than {CONNECTIONS_MAX} at once");
    drop(idle);
    assert!((0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        says_hello()
    }));
}

#[test]
fn the_socket_is_closed_to_others() {
    let folder = Folder::new("modes");
    let path = folder.socket();
    let mode = |path: &Path| path.metadata().expect("a file").mode() & 0o777;
    drop(listen(&path, false).expect("a socket"));
    assert_eq!((mode(&path), mode(&folder.0.join("run"))), (0o600, 0o700));
    drop(listen(&path, false).expect("the left-over of a crash is replaced"));

    std::fs::set_permissions(folder.0.join("run"), Permissions::from_mode(0o755)).expect("permissions");
    let refusal = listen(&path, false).expect_err("an open folder").to_string();
    assert!(refusal.contains("chmod 700"), "{refusal}");
    std::fs::set_permissions(folder.0.join("run"), Permissions::from_mode(0o750)).expect("permissions");
    drop(listen(&path, true).expect("a socket for the group"));
    assert_eq!(mode(&path), 0o660);

    std::fs::remove_file(&path).and_then(|()| std::fs::write(&path, "precious")).expect("a file");
    assert!(listen(&path, true).is_err());
    assert_eq!(std::fs::read(&path).expect("a file"), b"precious", "only sockets are replaced");
}

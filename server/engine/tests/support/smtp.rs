//! A real mail server (PyPI's aiosmtpd, `end2end/smtp/server.py`) and the mails that it took.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use engine::emails::MailSettings;
use mailparse::{MailHeaderMap, parse_mail};
use serde_json::Value;

/// Whom mails come from in these stories.
pub const FROM: &str = "refunds@mail.example";

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub raw: String,
    /// As they were on the wire, encoded words and folds included.
    pub headers: Vec<(String, String)>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    fn read(line: &Value) -> Self {
        let raw = line["message"].as_str().expect("a message");
        // Latin-1 carries bytes as they are.
        let bytes: Vec<u8> = raw.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect();
        let mail = parse_mail(&bytes).expect("a message");
        let part = |kind: &str| {
            let part = mail.subparts.iter().find(|part| part.ctype.mimetype == kind);
            part.unwrap_or_else(|| panic!("no {kind} in {raw}")).get_body().expect("a body").replace("\r\n", "\n")
        };
        Self {
            to: line["to"][0].as_str().expect("a recipient").to_owned(),
            headers: mail.headers.iter().map(|header| (header.get_key(), header.get_value())).collect(),
            subject: mail.headers.get_first_value("Subject").unwrap_or_default(),
            text: part("text/plain"),
            html: part("text/html"),
            raw: raw.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Returns the token of the link to `/claim/` or `/cancel/`, from the text, where a person would click it.
    pub fn token(&self, path: &str) -> String {
        let (_, after) = self.text.split_once(path).unwrap_or_else(|| panic!("no link to {path} in {}", self.text));
        after.split_whitespace().next().expect("a token").to_owned()
    }
}

pub struct SmtpServer {
    port: u16,
    process: Child,
    received: Arc<Mutex<Vec<Mail>>>,
}

impl SmtpServer {
    pub fn start() -> Self {
        let folder = folder();
        let mut process = Command::new(folder.join("venv/bin/python"))
            .arg(folder.join("server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mail server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let read = |line: std::io::Result<String>| -> Value { serde_json::from_str(&line.expect("a line")).expect("JSON") };
        let first = read(lines.next().expect("its port"));
        let port = u16::try_from(first["port"].as_u64().expect("its port")).expect("a port");
        let received = Arc::new(Mutex::new(Vec::new()));
        let inbox = Arc::clone(&received);
        thread::spawn(move || {
            for line in lines {
                inbox.lock().expect("no test panicked here").push(Mail::read(&read(line)));
            }
        });
        Self { port, process, received }
    }

    pub fn settings(&self) -> MailSettings {
        settings(self.port)
    }

    /// Returns the mails that came, in their order, once there are at least `count`.
    pub fn received(&self, count: usize) -> Vec<Mail> {
        for _ in 0..100 {
            let received = self.received.lock().expect("no test panicked here").clone();
            if received.len() >= count {
                return received;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{count} mails should have come, these did: {:#?}", self.subjects());
    }

    pub fn subjects(&self) -> Vec<String> {
        self.received.lock().expect("no test panicked here").iter().map(|mail| mail.subject.clone()).collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Returns how mails are sent to a mail server on this machine, whether or not one listens there.
pub fn settings(port: u16) -> MailSettings {
    MailSettings { smtp_url: format!("smtp://127.0.0.1:{port}"), from: FROM.parse().expect("an address") }
}

/// Returns the server's folder with its packages installed; one of many test processes does it and the others wait.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("smtp.lock")).expect("the target folder is writable");
    lock.lock().expect("the target folder is on a file system with locks");
    let installed = Command::new(root.join("scripts/ensure-smtp-server.sh")).status().expect("the script runs");
    assert!(installed.success(), "scripts/ensure-smtp-server.sh failed");
    root.join("end2end/smtp")
}

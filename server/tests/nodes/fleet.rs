//! Three `refundry serve` processes with the same settings on one database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::postgres_programs::free_port;

/// How many processes there are.
pub const NODES: usize = 3;

/// The processes. They end with this value.
pub struct Fleet {
    folder: PathBuf,
    database_url: String,
    ports: Vec<u16>,
    children: Mutex<Vec<Child>>,
}

impl Fleet {
    /// Starts them, all at once: whoever is first makes the tables and the secret key.
    pub async fn start(database_url: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-nodes-{}", Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("the temporary folder is writable");
        let ports: Vec<u16> = (0..NODES).map(|_| free_port()).collect();
        let fleet = Self { folder, database_url: database_url.to_owned(), ports, children: Mutex::new(Vec::new()) };
        for node in 0..NODES {
            let child = fleet.spawn(node);
            fleet.children.lock().expect("the list").push(child);
        }
        for node in 0..NODES {
            fleet.until_ready(node).await;
        }
        fleet
    }

    /// Returns where a process is reached.
    pub fn url(&self, node: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[node])
    }

    /// Kills a process without a warning.
    pub fn kill(&self, node: usize) {
        let mut children = self.children.lock().expect("the list");
        children[node].kill().expect("it runs");
        children[node].wait().expect("it ended");
    }

    /// Starts a process again that was killed.
    pub fn revive(&self, node: usize) {
        let child = self.spawn(node);
        self.children.lock().expect("the list")[node] = child;
    }

    /// Stops a process where it is.
    pub fn pause(&self, node: usize) {
        self.signal(node, "-STOP");
    }

    /// Lets it go on, as if nothing had happened.
    pub fn resume(&self, node: usize) {
        self.signal(node, "-CONT");
    }

    /// Waits until a process answers and its database does.
    pub async fn until_ready(&self, node: usize) {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().expect("a client");
        for _ in 0..300 {
            let asked = http.get(format!("{}/readyz", self.url(node))).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("process {node} is not ready: {}", self.log(node));
    }

    /// Runs a command of the program and returns its JSON.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let done = self.command("command").args(["--json"]).args(arguments).stdout(Stdio::piped()).output().expect("it starts");
        assert!(done.status.success(), "{arguments:?} failed: {}", fs::read_to_string(self.folder.join("command.log")).unwrap_or_default());
        serde_json::from_slice(&done.stdout).expect("JSON")
    }

    /// Proves the books with the command that operators use.
    pub fn verify_ledger(&self) {
        let found = self.run(&["ledger", "verify"]);
        println!("ledger verify: {found}");
        assert!(found["ok"] == true && found["entries"].as_u64().is_some_and(|entries| entries > 0), "{found}");
    }

    /// Returns what a process logged.
    pub fn log(&self, node: usize) -> String {
        fs::read_to_string(self.folder.join(format!("node-{node}.log"))).unwrap_or_default()
    }

    fn spawn(&self, node: usize) -> Child {
        let mut command = self.command(&format!("node-{node}"));
        command.arg("serve").env("REFUNDRY_LISTEN", format!("127.0.0.1:{}", self.ports[node])).stdout(Stdio::null());
        command.spawn().expect("the program starts")
    }

    fn command(&self, log: &str) -> Command {
        let log = File::options().create(true).append(true).open(self.folder.join(format!("{log}.log"))).expect("a log");
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_refundry")));
        command
            .current_dir(&self.folder)
            .env("REFUNDRY_DATABASE_URL", &self.database_url)
            .env("REFUNDRY_SANDBOX", "true")
            .env("REFUNDRY_WEBHOOKS_ALLOW_PRIVATE", "true")
            .env("REFUNDRY_SECRET_KEY_FILE", self.folder.join("refundry.key"))
            .env("REFUNDRY_PUBLIC_URL", "http://refunds.example")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stderr(log);
        command
    }

    fn signal(&self, node: usize, signal: &str) {
        let id = self.children.lock().expect("the list")[node].id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("there is a `kill` program");
        assert!(sent.success(), "process {node} cannot be sent {signal}");
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Ok(mut children) = self.children.lock() {
            for child in children.iter_mut() {
                child.kill().ok();
                child.wait().ok();
            }
        }
        if std::thread::panicking() {
            for node in 0..NODES {
                let log = self.log(node);
                let lines: Vec<&str> = log.lines().rev().take(30).collect();
                println!("process {node} logged last:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"));
            }
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

//! One `refundry serve` process that can be killed and started again on the same rows.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::text;

/// A process, its folder and its merchant.
pub struct Process {
    folder: PathBuf,
    database_url: String,
    port: u16,
    child: Option<Child>,
    mid: String,
    key: String,
    http: reqwest::Client,
}

/// Makes a folder of its own.
pub fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("refundry-soak-{}", Uuid::now_v7().simple()));
    fs::create_dir(&folder).expect("the temporary folder is writable");
    folder
}

impl Process {
    /// Starts one with a merchant of its own.
    pub async fn start(folder: PathBuf, database_url: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a client");
        let (mid, key) = (String::new(), String::new());
        let mut process = Self { folder, database_url: database_url.to_owned(), port, child: None, mid, key, http };
        process.revive().await;
        process.mid = text(&process.run(&["mid", "add", "--merchant", "Halden Audio", "--name", "EU store"])["mid"]).to_owned();
        process.key = text(&process.run(&["key", "create", "--mid", &process.mid, "--write"])["key"]).to_owned();
        process
    }

    /// Kills it without a warning.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ended");
        }
    }

    /// Starts it again and waits until it answers.
    pub async fn revive(&mut self) {
        let mut command = self.command();
        command.arg("serve").stdout(Stdio::null());
        self.child = Some(command.spawn().expect("the program starts"));
        for _ in 0..300 {
            let asked = self.http.get(format!("http://127.0.0.1:{}/readyz", self.port)).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it is not ready: {}", self.log());
    }

    /// Asks for something to be done.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let answer = self.http.post(url).bearer_auth(&self.key).json(body).send().await.expect("an answer");
        let (status, body) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
        assert!(status.is_success(), "POST {path}: {body}");
        body
    }

    /// Begins a request that can be repeated: its path is its idempotency key.
    pub fn keyed(&self, path: &str, body: &Value) -> impl Future<Output = reqwest::Result<reqwest::Response>> + Send + use<> {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let name = path.replace('/', " ");
        self.http.post(url).bearer_auth(&self.key).header("idempotency-key", name).json(body).send()
    }

    /// Returns the MID of its merchant.
    pub fn mid(&self) -> &str {
        &self.mid
    }

    /// Makes an invoice, pays too much of it, and returns the refund's id.
    pub async fn overpaid(&self, reference: &str) -> String {
        let new = json!({
            "mid": self.mid, "reference": reference, "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991",
        });
        let invoice = text(&self.post("/invoices", &new).await["id"]).to_owned();
        self.post("/sandbox/deposits", &json!({ "invoice": invoice, "amount": "150", "final": true })).await;
        let found = self.get(&format!("/invoices/{invoice}")).await;
        text(&found["refunds"][0]["id"]).to_owned()
    }

    /// Returns how many deliveries of a status there are; 100 stands for more.
    pub async fn count_of(&self, status: &str) -> usize {
        let found = self.get(&format!("/webhook_deliveries?status={status}&limit=100")).await;
        found["data"].as_array().expect("a list").len()
    }

    /// Returns what it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Asks for what is there.
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        self.http.get(url).bearer_auth(&self.key).send().await.expect("an answer").json().await.expect("JSON")
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let done = self.command().args(["--json"]).args(arguments).stdout(Stdio::piped()).output().expect("it starts");
        assert!(done.status.success(), "{arguments:?} failed: {}", self.log());
        serde_json::from_slice(&done.stdout).expect("JSON")
    }

    fn command(&self) -> Command {
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_refundry")));
        command
            .current_dir(&self.folder)
            .env("REFUNDRY_DATABASE_URL", &self.database_url)
            .env("REFUNDRY_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("REFUNDRY_SANDBOX", "true")
            .env("REFUNDRY_WEBHOOKS_ALLOW_PRIVATE", "true")
            .env("REFUNDRY_SECRET_KEY_FILE", self.folder.join("refundry.key"))
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stderr(log);
        command
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        fs::remove_dir_all(&self.folder).ok();
    }
}

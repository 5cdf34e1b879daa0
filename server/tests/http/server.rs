//! A server for one test: its own database, port, merchant and keys. Every answer of the API is held against the OpenAPI document.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use axum::Extension;
use domain::ids::MidId;
use domain::merchant::Role;
use engine::Engine;
use figment::Figment;
use figment::providers::Serialized;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use server::api::Limits;
use server::config::Config;
use server::metrics::Metrics;
use server::router::router;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::document;
use crate::postgres::TestDatabase;

/// A running server.
pub struct TestServer {
    /// Where it is reached.
    pub url: String,
    /// The engine behind it.
    pub engine: Engine,
    /// Its merchant's MID.
    pub mid: MidId,
    /// A key that writes.
    pub key: String,
    http: Client,
    /// Where its files are, while it runs.
    folder: PathBuf,
    database: Database,
}

enum Database {
    Sqlite(PathBuf),
    Postgres(TestDatabase),
}

impl Database {
    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.join("refundry.db").display()),
            Self::Postgres(database) => database.url(),
        }
    }
}

/// How many rows each table has, and the sum of the versions of what changes in place.
pub type Snapshot = BTreeMap<String, i64>;

impl TestServer {
    /// Starts one on a SQLite file.
    pub async fn on_sqlite() -> Self {
        let folder = new_folder();
        Self::start(folder.clone(), Database::Sqlite(folder)).await
    }

    /// Starts one on a PostgreSQL database.
    pub async fn on_postgres() -> Self {
        Self::start(new_folder(), Database::Postgres(TestDatabase::fresh().await)).await
    }

    async fn start(folder: PathBuf, database: Database) -> Self {
        let listener = listener().await;
        let listen = listener.local_addr().expect("an address");
        let url = format!("http://{listen}");
        let settings = json!({
            "database_url": database.url(),
            "listen": listen,
            "public_url": url,
            "sandbox": true,
            "webhooks_allow_private": true,
            "secret_key_file": folder.join("refundry.key"),
        });
        let config = Config::from_figment(&Figment::from(Serialized::defaults(settings))).expect("valid settings");
        let engine = Engine::open(config.engine).await.expect("the engine opens");
        let (_, mid) = engine.add_mid("Halden Audio", "EU store", None).await.expect("a MID");
        let key = engine.add_key(mid, true).await.expect("a key").secret;
        let app = router(&engine, &Metrics::new(engine.clone(), None));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let http = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        Self { url, engine, mid, key, http, folder, database }
    }

    /// Opens another door to it, through which each key may ask so often; returns its URL.
    pub async fn limited(&self, per_second: NonZeroU32) -> String {
        let listener = listener().await;
        let listen = listener.local_addr().expect("an address");
        let app = router(&self.engine, &Metrics::new(self.engine.clone(), None)).layer(Extension(Limits::new(per_second)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{listen}")
    }

    /// Opens another door to it, and the one of its metrics when they are told elsewhere; returns both URLs.
    pub async fn with_metrics(&self, elsewhere: bool) -> (String, String) {
        let (door, aside) = (listener().await, listener().await);
        let urls = [&door, &aside].map(|listener| format!("http://{}", listener.local_addr().expect("an address")));
        let metrics = Metrics::new(self.engine.clone(), elsewhere.then(|| aside.local_addr().expect("an address")));
        let (app, told) = (router(&self.engine, &metrics), metrics.route());
        tokio::spawn(async move { axum::serve(door, app).await });
        if elsewhere {
            tokio::spawn(async move { axum::serve(aside, told).await });
        }
        urls.into()
    }

    /// Starts the worker, as `refundry serve` does.
    pub fn work(&self) {
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.run_worker(std::future::pending()).await });
    }

    /// Begins a request without a key.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Begins a request to the API with the key that writes.
    pub fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, &format!("/api/v1{path}")).bearer_auth(&self.key)
    }

    /// Asks the API and holds the answer against the document.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = self.api(method.clone(), path);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let body: Value = response.json().await.expect("JSON");
        document::check(&method, path, status, &body);
        (status, body)
    }

    /// Asks for what is there.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    /// Asks for something to be done.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {answer}");
        answer
    }

    /// Creates an invoice of 100.00 USD at the price of TX-11: 101.102104 USDT.
    pub async fn invoice(&self, reference: &str) -> Value {
        self.post("/invoices", &self.new_invoice(reference)).await
    }

    /// Returns the body that [`Self::invoice`] posts.
    pub fn new_invoice(&self, reference: &str) -> Value {
        json!({
            "mid": self.mid.0, "reference": reference, "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991",
        })
    }

    /// Pays an invoice on the sandbox network, now or at `seen_at`.
    pub async fn pay(&self, invoice: &Value, amount: &str, seen_at: Option<&Value>) -> Value {
        let mut body = json!({ "invoice": invoice["id"], "amount": amount });
        if let Some(seen_at) = seen_at {
            body["seen_at"] = seen_at.clone();
        }
        self.post("/sandbox/deposits", &body).await
    }

    /// Creates an invoice, overpays it with 150.000000 and returns the refund of 48.897896 (TX-13).
    pub async fn overpaid(&self, reference: &str) -> Value {
        let invoice = self.invoice(reference).await;
        self.pay(&invoice, "150.000000", None).await;
        self.only_refund(&invoice).await
    }

    /// Returns an invoice's refund, which is the only one.
    pub async fn only_refund(&self, invoice: &Value) -> Value {
        let refunds = self.get(&format!("/refunds?invoice={}", text(&invoice["id"]))).await;
        let list = refunds["data"].as_array().expect("a list");
        assert_eq!(list.len(), 1, "{refunds}");
        list[0].clone()
    }

    /// Waits until a refund is in a state.
    pub async fn until_state(&self, refund: &Value, state: &str) -> Value {
        let path = format!("/refunds/{}", text(&refund["id"]));
        let mut now = Value::Null;
        for _ in 0..300 {
            now = self.get(&path).await;
            if now["state"] == state {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the refund did not get to {state}: {now}");
    }

    /// Adds a person to the merchant and returns their session.
    pub async fn person(&self, email: &str, role: Role) -> String {
        let caller = self.engine.key(&self.key).await.expect("a look-up").expect("the key");
        let mids = self.engine.mids(&caller).await.expect("the MIDs");
        let merchant = mids.first().expect("a MID").merchant;
        let merchant = Some(merchant).filter(|_| role != Role::Admin);
        self.engine.add_user(email, role, merchant, "a long password").await.expect("a person");
        self.engine.sign_in(email, "a long password").await.expect("a session").session
    }

    /// Sends a form of the dashboard as somebody who signed in.
    pub async fn submit(&self, session: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.anonymous(Method::POST, path).header("sec-fetch-site", "same-origin").header("accept", "text/html");
        form(request.header("cookie", format!("session={session}")), fields).send().await.expect("an answer")
    }

    /// Returns a page of the dashboard as somebody sees it who signed in.
    pub async fn page(&self, session: &str, path: &str) -> String {
        let request = self.anonymous(Method::GET, path).header("accept", "text/html").header("cookie", format!("session={session}"));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.expect("text")
    }

    /// Confirms a claim with an address, as a program does that follows the form.
    pub async fn confirm(&self, token: &str, address: &str) -> Response {
        let fields = [("token", token), ("address", address), ("tag", ""), ("consent", "1"), ("shown_fee", ""), ("checked", "on")];
        let request = self.anonymous(Method::POST, "/fn/confirm_claim").header("sec-fetch-site", "same-origin");
        form(request.header("accept", "application/json"), &fields).send().await.expect("an answer")
    }

    /// Changes rows behind the server's back.
    pub async fn execute(&self, sql: &'static str) {
        let url = self.database.url();
        match &self.database {
            Database::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                sqlx::query(sql).execute(&mut connection).await.map(drop).expect("it is done");
            }
            Database::Postgres(_) => {
                let mut connection = PgConnection::connect(&url).await.expect("a connection");
                sqlx::query(sql).execute(&mut connection).await.map(drop).expect("it is done");
            }
        }
    }

    /// Returns what is in the database, coarsely: equal before and after means that nothing was written.
    pub async fn snapshot(&self) -> Snapshot {
        macro_rules! count {
            ($connection:ty, $url:expr, $tables:expr) => {{
                let mut connection = <$connection>::connect($url).await.expect("a connection");
                let tables: Vec<(String,)> = sqlx::query_as($tables).fetch_all(&mut connection).await.expect("the tables");
                let mut snapshot = Snapshot::new();
                let questions = tables.into_iter().map(|(table,)| (format!("SELECT COUNT(*) FROM {table}"), table));
                let versions = ["invoices", "refunds"]
                    .map(|table| (format!("SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM {table}"), format!("{table}.version")));
                for (question, name) in questions.chain(versions) {
                    let question = sqlx::query_as(sqlx::AssertSqlSafe(question));
                    let (number,): (i64,) = question.fetch_one(&mut connection).await.expect("a number");
                    snapshot.insert(name, number);
                }
                snapshot
            }};
        }
        let url = self.database.url();
        match &self.database {
            Database::Sqlite(_) => count!(SqliteConnection, &url, "SELECT name FROM sqlite_master WHERE type = 'table'"),
            Database::Postgres(_) => count!(PgConnection, &url, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"),
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("refundry-http-{}", Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Fills in a request as a form does.
pub fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}

/// Returns the text of a JSON string.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Returns the token at the end of a claim link.
pub fn token(refund: &Value) -> String {
    text(&refund["claim_url"]).rsplit('/').next().unwrap_or_default().to_owned()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

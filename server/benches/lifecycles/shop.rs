//! The process that is measured: the product's own engine and router, with merchants in it, on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::routing::get;
use clap::Args;
use engine::Engine;
use engine::outside::Sharing;
use figment::Figment;
use figment::providers::Serialized;
use serde::{Deserialize, Serialize};
use serde_json::json;
use server::config::Config;
use server::metrics::Metrics;
use server::router::router;
use tokio::net::TcpListener;

/// The coin of these orders. A shop on one network has one chain to watch.
pub const ASSET: &str = "USDT-TRON";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// On PostgreSQL.
    Postgres,
    /// On SQLite.
    Sqlite,
    /// On SQLite, with a commit for each caller.
    SqliteAlone,
}

/// How to be the process that is measured.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// On which database
    #[arg(long, hide = true)]
    pub database: Option<String>,
    /// Where the secret key is kept
    #[arg(long, hide = true, default_value = "refundry.key")]
    key_file: PathBuf,
    /// How many callers share a commit at most, except where each has its own
    #[arg(long)]
    pub callers: Option<usize>,
    /// How many merchants to make
    #[arg(long, hide = true, default_value_t = 1)]
    shops: usize,
}

/// One merchant's shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shop {
    /// Its MID.
    pub mid: String,
    /// Its API key.
    pub key: String,
}

#[derive(Serialize, Deserialize)]
struct Hello {
    url: String,
    shops: Vec<Shop>,
}

/// A process that serves. It ends with this value.
pub struct Serving {
    /// What it is.
    pub program: Program,
    /// Where it is reached.
    pub url: String,
    /// Its merchants.
    pub shops: Vec<Shop>,
    child: Child,
}

impl Serving {
    /// Returns the process's id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Starts this program again, as the process that is measured.
pub fn start(program: Program, database: &str, merchants: usize, key_file: &Path, callers: Option<usize>) -> std::io::Result<Serving> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--database", database, "--shops", &merchants.to_string(), "--key-file"]).arg(key_file);
    if let Some(callers) = if program == Program::SqliteAlone { Some(1) } else { callers } {
        command.args(["--callers", &callers.to_string()]);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut line)?;
    let hello: Hello = serde_json::from_str(&line)?;
    Ok(Serving { program, url: hello.url, shops: hello.shops, child })
}

/// Serves until it is killed.
pub async fn serve(database: &str, options: &Serve) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let listen = listener.local_addr().expect("an address");
    let settings = json!({
        "database_url": database,
        "listen": listen,
        "sandbox": true,
        "webhooks_allow_private": true,
        "secret_key_file": options.key_file,
    });
    let mut config = Config::from_figment(&Figment::from(Serialized::defaults(settings))).expect("valid settings").engine;
    config.assets.retain(|asset| asset.id.as_str() == ASSET);
    let sharing = Arc::new(options.callers.map_or_else(Sharing::default, Sharing::up_to));
    config.outside.sharing = Arc::clone(&sharing);
    let engine = Engine::open(config).await.expect("the engine opens");
    let mut shops = Vec::new();
    for number in 0..options.shops {
        let (_, mid) = engine.add_mid(&format!("Halden Audio {number}"), "EU store", None).await.expect("a MID");
        let key = engine.add_key(mid, true).await.expect("a key").secret;
        shops.push(Shop { mid: mid.to_string(), key });
    }
    let hello = Hello { url: format!("http://{listen}"), shops };
    println!("{}", serde_json::to_string(&hello).expect("JSON"));
    let worker = engine.clone();
    tokio::spawn(async move { worker.run_worker(std::future::pending()).await });
    let counted = move || async move {
        let (commits, callers) = sharing.counted();
        format!("{commits} {callers}")
    };
    let app = router(&engine, &Metrics::new(engine.clone(), None)).route("/counted", get(counted));
    axum::serve(listener, app).await.expect("it serves");
}

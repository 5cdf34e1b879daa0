//! What each command does. All of them take the same settings as `serve` and work beside a running server.

mod doctor;
mod simulate;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::ids::MidId;
use engine::{Engine, OpenError};
use serde_json::{Value, json};
use thiserror::Error;

use crate::cli::{Cli, Command, KeyCommand, LedgerCommand, MidCommand, UserCommand};
use crate::config::{Config, ConfigError};
use crate::serve::{self, ServeError};

/// Why a command did not do what it should.
#[derive(Debug, Error)]
pub enum CommandError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine refused.
    #[error("{0}")]
    Engine(#[from] engine::Error),
    /// The server does not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A simulated world could not be had.
    #[error("failed to simulate: {0}")]
    Simulate(#[from] simulator::world::WorldError),
    /// A script is not one.
    #[error("failed to read {}: {what}", file.display())]
    Script {
        /// Which file.
        file: PathBuf,
        /// Why.
        what: String,
    },
    /// There is no such MID.
    #[error("there is no MID {0}: `refundry mid add` makes one and prints its id")]
    NoMid(MidId),
    /// The password did not arrive.
    #[error("no password on standard input: pipe it in, such as `refundry user add … --password-stdin < password.txt`")]
    NoPassword,
}

/// What a command answers, for programs and for people.
struct Answer {
    json: Value,
    text: String,
    is_ok: bool,
}

impl Answer {
    const fn ok(json: Value, text: String) -> Self {
        Self { json, text, is_ok: true }
    }
}

/// Runs a command.
///
/// # Errors
/// [`CommandError`], fit to be shown to the operator.
pub async fn run(cli: Cli) -> Result<ExitCode, CommandError> {
    let config = cli.config.as_deref();
    let answer = match cli.command {
        Command::Serve(options) => {
            serve::run(config, &options).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Migrate => migrate(config).await?,
        Command::User { command: UserCommand::Add { email, role, merchant, password_stdin: _ } } => {
            let password = read_password()?;
            let user = open(config).await?.add_user(&email, role, merchant, &password).await?;
            Answer::ok(json!({ "id": user }), format!("{email} may sign in as {}", role.name()))
        }
        Command::Key { command: KeyCommand::Create { mid, write } } => {
            let key = open(config).await?.add_key(mid, write).await.map_err(|error| match error {
                engine::Error::NotFound => CommandError::NoMid(mid),
                error => error.into(),
            })?;
            Answer::ok(json!({ "id": key.id, "key": key.secret }), format!("{}\nkeep it safe: it is not shown again", key.secret))
        }
        Command::Mid { command: MidCommand::Add { merchant, name } } => {
            let (merchant, mid) = open(config).await?.add_mid(&merchant, &name).await?;
            Answer::ok(json!({ "merchant": merchant, "mid": mid }), format!("merchant {merchant}\nMID {mid}"))
        }
        Command::Ledger { command: LedgerCommand::Verify } => verify(config).await?,
        Command::Doctor => doctor::examine(config).await,
        Command::Simulate(options) => simulate::play(options).await?,
    };
    show(&answer, cli.json);
    Ok(if answer.is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn open(config: Option<&Path>) -> Result<Engine, CommandError> {
    Ok(Engine::open(Config::load(config)?.engine).await?)
}

async fn migrate(config: Option<&Path>) -> Result<Answer, CommandError> {
    open(config).await?;
    Ok(Answer::ok(json!({ "ok": true }), "the database is up to date".to_owned()))
}

async fn verify(config: Option<&Path>) -> Result<Answer, CommandError> {
    let found = open(config).await?.verify_ledger().await?;
    let mut text = format!("{} entries, {} postings, {} accounts", found.entries, found.postings, found.accounts);
    for violation in &found.violations {
        text.push_str("\nviolation: ");
        text.push_str(violation);
    }
    text.push_str(if found.ok { "\nthe books are right" } else { "\nthe books are NOT right" });
    let json = json!({
        "entries": found.entries, "postings": found.postings, "accounts": found.accounts,
        "violations": found.violations, "ok": found.ok,
    });
    Ok(Answer { json, text, is_ok: found.ok })
}

fn read_password() -> Result<String, CommandError> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|_| CommandError::NoPassword)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() { Err(CommandError::NoPassword) } else { Ok(password.to_owned()) }
}

fn show(answer: &Answer, as_json: bool) {
    if as_json {
        println!("{}", answer.json);
    } else {
        println!("{}", answer.text);
    }
}

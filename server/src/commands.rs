//! What each command does. All of them take the same settings as `serve` and work beside a running server.

mod audit;
mod doctor;
mod reconcile;
mod statement;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::ids::MidId;
use engine::{Engine, OpenError};
use serde_json::{Value, json};
use thiserror::Error;

use crate::cli::{AuditCommand, Cli, Command, KeyCommand, LedgerCommand, MidCommand, UserCommand};
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
    /// There is no such MID.
    #[error("there is no MID {0}: `refundry mid add` makes one and prints its id")]
    NoMid(MidId),
    /// The password did not arrive.
    #[error("no password on standard input: pipe it in, such as `refundry user add … --password-stdin < password.txt`")]
    NoPassword,
    /// Earlier ends of the audit log cannot be read.
    #[error("{} holds no ends of the audit log ({cause}): name a file that `refundry audit verify --json` printed", file.display())]
    NoHeads {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Nobody reads what is printed.
    #[error("the answer could not be written: {0}")]
    Output(std::io::Error),
}

impl CommandError {
    /// Says which MID is unknown.
    fn about_mid(error: engine::Error, mid: MidId) -> Self {
        match error {
            engine::Error::NotFound => Self::NoMid(mid),
            error => error.into(),
        }
    }
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
        Command::Key { command: KeyCommand::Create { mid, write, operator: _ } } => {
            let engine = open(config).await?;
            let key = match mid {
                Some(mid) => engine.add_key(mid, write).await.map_err(|error| CommandError::about_mid(error, mid))?,
                None => engine.add_operator_key().await?,
            };
            Answer::ok(json!({ "id": key.id, "key": key.secret }), format!("{}\nkeep it safe: it is not shown again", key.secret))
        }
        Command::Mid { command: MidCommand::Add { merchant, name } } => {
            let (merchant, mid) = open(config).await?.add_mid(&merchant, &name).await?;
            Answer::ok(json!({ "merchant": merchant, "mid": mid }), format!("merchant {merchant}\nMID {mid}"))
        }
        Command::Ledger { command: LedgerCommand::Verify } => verify(config).await?,
        Command::Ledger { command: LedgerCommand::Reconcile } => reconcile::run(&open(config).await?).await?,
        Command::Audit { command: AuditCommand::Verify { merchant, heads } } => {
            let heads = heads.as_deref().map(audit::read_heads).transpose()?.unwrap_or_default();
            audit::verify(&open(config).await?, merchant, &heads).await?
        }
        Command::Statement(wanted) if wanted.csv => {
            statement::print_csv(&open(config).await?, &wanted).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Statement(wanted) => statement::show(&open(config).await?, &wanted).await?,
        Command::Doctor => doctor::examine(config).await,
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

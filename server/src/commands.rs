//! What each command does. All of them take the same settings as `serve` and work beside a running server.

mod audit;
mod brand;
mod doctor;
mod mail;
mod reconcile;
mod sanctions;
mod simulate;
mod statement;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::email::EmailAddress;
use domain::ids::{KeyId, MerchantId, MidId};
use domain::merchant::{Guard, Writing};
use engine::callers::Caller;
use engine::{Engine, OpenError};
use serde_json::{Value, json};
use thiserror::Error;

use crate::cli::{AuditCommand, Cli, Command, KeyCommand, LedgerCommand, MidCommand, PayoutsCommand, UserCommand};
use crate::config::{Config, ConfigError};
use crate::demo::{self, DemoError};
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
    /// Nobody signs in with that e-mail.
    #[error("nobody signs in with {0}: check its spelling, or `refundry user add` adds them")]
    NoUser(String),
    /// There is no such key.
    #[error("there is no key {0}, or it was revoked already")]
    NoKey(KeyId),
    /// The merchant's payouts are not frozen.
    #[error("the payouts of merchant {0} are not frozen: check the id, as `refundry mid add` printed it")]
    NotFrozen(MerchantId),
    /// There is no such sanctions list.
    #[error("there is no list {0}: `refundry sanctions lists` shows all")]
    NoList(String),
    /// A file cannot be read.
    #[error("the file {} cannot be read: {cause}; check its path, and that it is text", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// What was piped in cannot be read.
    #[error("standard input cannot be read: {0}; pipe a delivery report in, as the mail server wrote it")]
    NoReport(std::io::Error),
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
    /// The demo cannot be set up.
    #[error(transparent)]
    Demo(#[from] DemoError),
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
        Command::User { command: UserCommand::Add { email, name, role, merchant, password_stdin: _ } } => {
            let password = read_password()?;
            let engine = open(config).await?;
            let user = engine.add_user(&email, role, merchant, &password).await?;
            if let Some(name) = name {
                engine.name_added(user, name.as_str()).await?;
            }
            Answer::ok(json!({ "id": user }), format!("{email} may sign in as {}", role.name()))
        }
        Command::Key { command: KeyCommand::Create { mid, merchant, write, operator: _ } } => {
            let engine = open(config).await?;
            let key = match (mid, merchant) {
                (Some(mid), _) => engine.add_key(mid, write).await.map_err(|error| CommandError::about_mid(error, mid))?,
                (None, Some(merchant)) => engine.add_merchant_key(merchant, write).await?,
                (None, None) => engine.add_operator_key().await?,
            };
            Answer::ok(json!({ "id": key.id, "key": key.secret }), format!("{}\nkeep it safe: it is not shown again", key.secret))
        }
        Command::User { command: UserCommand::Password { email, password_stdin: _ } } => {
            let password = read_password()?;
            let user = open(config).await?.reset_password(&operator(), &email, &password).await.map_err(|error| match error {
                engine::Error::NotFound => CommandError::NoUser(email.clone()),
                error => error.into(),
            })?;
            Answer::ok(json!({ "id": user }), format!("{email} has a new password; all their sessions ended"))
        }
        Command::Key { command: KeyCommand::Revoke { id } } => {
            open(config).await?.revoke_key(&operator(), id).await.map_err(|error| match error {
                engine::Error::NotFound => CommandError::NoKey(id),
                error => error.into(),
            })?;
            Answer::ok(json!({ "id": id, "revoked": true }), format!("key {id} lets nobody in any more"))
        }
        Command::Mid { command: MidCommand::Add { merchant, name, settle_currency } } => {
            let (merchant, mid) = open(config).await?.add_mid(&merchant, &name, settle_currency).await?;
            Answer::ok(json!({ "merchant": merchant, "mid": mid }), format!("merchant {merchant}\nMID {mid}"))
        }
        Command::Mid { command: MidCommand::Suspend { mid } } => guard(config, mid, Guard::Suspended).await?,
        Command::Mid { command: MidCommand::Open { mid } } => guard(config, mid, Guard::Open).await?,
        Command::Mid { command: MidCommand::Writing { mid, alert, support, language } } => {
            let writing = Writing { alert_email: alert, support_email: support, language };
            let set = open(config).await?.set_writing(&operator(), mid, writing).await;
            let Writing { alert_email, support_email, language } = set.map_err(|error| CommandError::about_mid(error, mid))?.writing;
            let shown = |address: Option<&EmailAddress>| address.map_or("nowhere", EmailAddress::as_str).to_owned();
            let text = format!("alerts go to {}, payers' answers to {}", shown(alert_email.as_ref()), shown(support_email.as_ref()));
            Answer::ok(json!({ "mid": mid, "alert_email": alert_email, "support_email": support_email, "language": language }), text)
        }
        Command::Mail { command } => mail::run(&open(config).await?, command).await?,
        Command::Mid { command: MidCommand::Brand { mid, name, colour, logo } } => brand::run(config, mid, name, colour, logo).await?,
        Command::Payouts { command } => payouts(config, command).await?,
        Command::Ledger { command: LedgerCommand::Verify } => verify(config).await?,
        Command::Sanctions { command } => sanctions::run(config, command).await?,
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
        Command::Demo { refunds } => demo(refunds, cli.json).await?,
        Command::Simulate(options) => simulate::play(options).await?,
    };
    show(&answer, cli.json);
    Ok(if answer.is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn open(config: Option<&Path>) -> Result<Engine, CommandError> {
    Ok(Engine::open(Config::load(config)?.engine).await?)
}

async fn demo(refunds: u32, is_json: bool) -> Result<Answer, CommandError> {
    let folder = Path::new(demo::FOLDER);
    let engine = Engine::open(Config::demo(folder)?.engine).await?;
    let demo = demo::prepare(&engine, folder).await?;
    let step = refunds.div_ceil(100).max(1);
    demo::fill(&engine, &demo, refunds, |so_far| {
        if !is_json && (so_far.is_multiple_of(step) || so_far == refunds) {
            eprint!("\r{so_far} of {refunds} refunds");
        }
    })
    .await?;
    if refunds > 0 && !is_json {
        eprintln!();
    }
    let text = format!("the demo is in {}, {refunds} refunds were added: look at it with `refundry serve --demo`", demo::FOLDER);
    Ok(Answer::ok(json!({ "folder": demo::FOLDER, "added": refunds }), text))
}

async fn migrate(config: Option<&Path>) -> Result<Answer, CommandError> {
    open(config).await?;
    Ok(Answer::ok(json!({ "ok": true }), "the database is up to date".to_owned()))
}

/// Whoever may run commands here runs the installation.
const fn operator() -> Caller {
    Caller::operator()
}

async fn guard(config: Option<&Path>, mid: MidId, guard: Guard) -> Result<Answer, CommandError> {
    open(config).await?.guard_mid(&operator(), mid, guard).await.map_err(|error| match error {
        engine::Error::NotFound => CommandError::NoMid(mid),
        error => error.into(),
    })?;
    let text = match guard {
        Guard::Suspended => format!("MID {mid} is suspended: its payments wait for a person and nothing is sent"),
        Guard::Open => format!("MID {mid} is open: its policy decides, and payouts that waited go out"),
    };
    Ok(Answer::ok(json!({ "mid": mid, "guard": guard }), text))
}

async fn payouts(config: Option<&Path>, command: PayoutsCommand) -> Result<Answer, CommandError> {
    let (is_stopped, text) = match command {
        PayoutsCommand::Unfreeze { merchant } => {
            open(config).await?.lift_freeze(&operator(), merchant).await.map_err(|error| match error {
                engine::Error::NotFound => CommandError::NotFrozen(merchant),
                error => error.into(),
            })?;
            let text = format!("the payouts of merchant {merchant} go on");
            return Ok(Answer::ok(json!({ "merchant": merchant, "frozen": false }), text));
        }
        PayoutsCommand::Stop => (true, "payouts are stopped: what was sent to a network already goes on, everything else waits"),
        PayoutsCommand::Go => (false, "payouts go: those that waited go out"),
    };
    open(config).await?.stop_payouts(&operator(), is_stopped).await?;
    Ok(Answer::ok(json!({ "stopped": is_stopped }), text.to_owned()))
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

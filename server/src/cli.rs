//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::ids::{MerchantId, MidId};
use domain::merchant::Role;

/// Refunds of crypto payments: overpaid, underpaid, late
#[derive(Parser)]
#[command(
    name = "refundry",
    version,
    after_help = "Settings come from refundry.toml and REFUNDRY_* variables; refundry.sample.toml describes each.\nTry it out: refundry serve --demo"
)]
pub struct Cli {
    /// The settings file; refundry.toml, where there is one, unless given
    #[arg(long, global = true, env = "REFUNDRY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Prints one JSON object on stdout and nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Starts the server and its worker
    Serve(Serve),
    /// Brings the database up to date, as every start does
    Migrate,
    /// Manages the people who sign in
    User {
        /// What to do
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manages API keys
    Key {
        /// What to do
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Manages MIDs: shops with their own policy and balances
    Mid {
        /// What to do
        #[command(subcommand)]
        command: MidCommand,
    },
    /// Checks the books
    Ledger {
        /// What to do
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Checks settings, database, rails and signer, and says what is wrong
    Doctor,
    /// Plays random stories with simulated chains, people and failures, and checks that the money adds up
    Simulate(Simulate),
}

/// How to serve.
#[derive(Args)]
pub struct Serve {
    /// Starts a sandbox with a demo merchant in data/demo; no real money can move
    #[arg(long)]
    pub demo: bool,
    /// Serves only; another process works off timers, payouts and webhooks
    #[arg(long, conflicts_with = "worker_only")]
    pub no_worker: bool,
    /// Works off timers, payouts and webhooks only; another process serves
    #[arg(long)]
    pub worker_only: bool,
}

/// Which stories to play.
#[derive(Args)]
pub struct Simulate {
    /// The first seed; the same one gives the same story
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many seeds, from the first on
    #[arg(long, default_value_t = 1)]
    pub seeds: u64,
    /// How many steps a story has
    #[arg(long, default_value_t = 30)]
    pub steps: usize,
    /// Where its rows are
    #[arg(long, value_enum, default_value_t = SimulatedDatabase::Memory)]
    pub db: SimulatedDatabase,
    /// An empty PostgreSQL database whose user may create others, for `--db postgres`
    #[arg(long, required_if_eq("db", "postgres"), value_name = "URL")]
    pub url: Option<String>,
    /// Plays the script in a file instead, as a failing seed prints it
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// Where the rows of a simulation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimulatedDatabase {
    /// SQLite in memory
    Memory,
    /// SQLite on the disk
    Sqlite,
    /// PostgreSQL
    Postgres,
}

/// What to do about people.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Adds a person
    Add {
        /// Signs in with it
        #[arg(long)]
        email: String,
        /// admin, owner, manager, support or viewer
        #[arg(long)]
        role: Role,
        /// Whose staff: the merchant's id, as `mid add` prints it; an admin has none
        #[arg(long, required_if_eq_any = [("role", "owner"), ("role", "manager"), ("role", "support"), ("role", "viewer")])]
        merchant: Option<MerchantId>,
        /// Reads the password from the first line of standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// What to do about keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Makes a key and shows it, once
    Create {
        /// Of which MID, as `mid add` prints it
        #[arg(long)]
        mid: MidId,
        /// May create and change, not only read
        #[arg(long)]
        write: bool,
    },
}

/// What to do about MIDs.
#[derive(Subcommand)]
pub enum MidCommand {
    /// Adds a MID; its merchant is made when there is none of that name
    Add {
        /// The name payers know the business by
        #[arg(long)]
        merchant: String,
        /// The name staff know the shop by
        #[arg(long)]
        name: String,
    },
}

/// What to do about the books.
#[derive(Subcommand)]
pub enum LedgerCommand {
    /// Proves the books from the rows alone
    Verify,
}

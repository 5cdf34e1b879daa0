//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::display_name::DisplayName;
use domain::email::EmailAddress;
use domain::ids::{KeyId, MerchantId, MidId};
use domain::language::Language;
use domain::merchant::Role;
use domain::rate::Currency;

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
    /// Tries e-mail, takes mails that came back
    Mail {
        /// What to do
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Stops all payouts of this installation or lets them go again; ends a merchant's freeze
    Payouts {
        /// What to do
        #[command(subcommand)]
        command: PayoutsCommand,
    },
    /// Checks the books
    Ledger {
        /// What to do
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Manages sanctions lists: accounts that nobody is paid at
    Sanctions {
        /// What to do
        #[command(subcommand)]
        command: SanctionsCommand,
    },
    /// Checks the audit log
    Audit {
        /// What to do
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Shows what happened on a MID's accounts in a period
    Statement(StatementWanted),
    /// Checks settings, database, rails and signer, and says what is wrong
    Doctor,
    /// Sets the demo of `serve --demo` up, with more refunds to look through if you like; stop the demo first
    Demo {
        /// How many refunds to add, made as payers and a merchant make them
        #[arg(long, default_value_t = 0, value_name = "N")]
        refunds: u32,
    },
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
        /// What the others read; the e-mail without one
        #[arg(long)]
        name: Option<DisplayName>,
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
    /// Gives somebody who forgot theirs a new password and ends their sessions. The merchant's payouts stand still for a day
    Password {
        /// Whose
        #[arg(long)]
        email: String,
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
        #[arg(long, required_unless_present_any = ["merchant", "operator"])]
        mid: Option<MidId>,
        /// Of which merchant, for all its MIDs, as `mid add` prints it
        #[arg(long, conflicts_with_all = ["mid", "operator"])]
        merchant: Option<MerchantId>,
        /// May create and change, not only read
        #[arg(long)]
        write: bool,
        /// For the operator: reads what all merchants have, changes nothing
        #[arg(long, conflicts_with_all = ["mid", "write"])]
        operator: bool,
    },
    /// Ends a key at once. The merchant's payouts stand still for a day
    Revoke {
        /// Which key, as `key create` prints it
        #[arg(long)]
        id: KeyId,
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
        /// The currency it is credited in for refunds nobody claimed, such as EUR; in their own coins unless given
        #[arg(long, value_name = "CURRENCY")]
        settle_currency: Option<Currency>,
    },
    /// Says how a MID's merchant and payers are written to; what is left out is taken away
    Writing {
        /// Which MID, as `mid add` prints it
        #[arg(long)]
        mid: MidId,
        /// Alerts go here: payouts that fail, mails that do not reach payers, refunds that wait for approval
        #[arg(long, value_name = "ADDRESS")]
        alert: Option<EmailAddress>,
        /// Payers' answers go here
        #[arg(long, value_name = "ADDRESS")]
        support: Option<EmailAddress>,
        /// What payers are spoken to in whose own language is not known: en, es, de, fr or ar
        #[arg(long, value_parser = language)]
        language: Option<Language>,
    },
    /// Says how a MID looks to its payers; what is left out is as its merchant's
    Brand {
        /// Which MID, as `mid add` prints it
        #[arg(long)]
        mid: MidId,
        /// The name payers read
        #[arg(long)]
        name: Option<String>,
        /// The colour of buttons, such as '#0b4f4a'; refused when white text on it is hard to read
        #[arg(long)]
        colour: Option<String>,
        /// A PNG or WebP picture of up to 8 KiB
        #[arg(long, value_name = "FILE")]
        logo: Option<PathBuf>,
    },
    /// Suspends a MID: payments on its invoices wait for a person, nothing is sent. What is on its way to the network goes on
    Suspend {
        /// Which MID, as `mid add` prints it
        #[arg(long)]
        mid: MidId,
    },
    /// Opens a suspended MID again: its policy decides again, and payouts that waited go out by themselves
    Open {
        /// Which MID, as `mid add` prints it
        #[arg(long)]
        mid: MidId,
    },
}

/// What to do about e-mail.
#[derive(Subcommand)]
pub enum MailCommand {
    /// Sends a mail that says that mail works
    Test {
        /// Where to
        #[arg(long, value_name = "ADDRESS")]
        to: EmailAddress,
    },
    /// Reads a mail server's delivery report (RFC 3464) from standard input: a mail that failed is shown on its refund and the merchant told
    Bounce,
}

fn language(name: &str) -> Result<Language, String> {
    Language::from_name(name).ok_or_else(|| "choose en, es, de, fr or ar".to_owned())
}

/// What to do about the payouts of all merchants.
#[derive(Clone, Copy, Subcommand)]
pub enum PayoutsCommand {
    /// Sends nothing more: refunds can still be made, claimed and cancelled, their money stays where it is
    Stop,
    /// Lets payouts go again: those that waited go out by themselves
    Go,
    /// Ends the freeze after a change of a password, key or webhook: make sure first that it was the merchant's own
    Unfreeze {
        /// Whose payouts, as `mid add` prints the merchant's id
        #[arg(long)]
        merchant: MerchantId,
    },
}

/// Which statement.
#[derive(Args)]
pub struct StatementWanted {
    /// Of which MID, as `mid add` prints it
    #[arg(long)]
    pub mid: MidId,
    /// From then on: a date such as 2026-07-01, which begins in UTC, or an instant such as 2026-07-01T06:00:00Z
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Up to then, which is not part of it any more; up to now unless given
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Prints every movement as comma-separated values, for spreadsheets and bookkeeping programs
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// What to do about the audit log.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Walks the chains: finds rows that were changed, removed or put elsewhere
    Verify {
        /// Only of this merchant, as `mid add` prints its id
        #[arg(long)]
        merchant: Option<MerchantId>,
        /// What an earlier `audit verify --json` printed, kept on another machine: the chains must go on from there
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
}

/// What to do about the books.
#[derive(Subcommand)]
pub enum LedgerCommand {
    /// Proves the books from the rows alone
    Verify,
    /// Compares the books with what each network's accounts hold
    Reconcile,
}

/// What to do about sanctions lists.
#[derive(Subcommand)]
pub enum SanctionsCommand {
    /// Replaces a list by a file's addresses: one a line, alone or as network,address; # begins a comment
    Import {
        /// The file
        file: PathBuf,
        /// The list's name, such as ofac
        #[arg(long, value_name = "NAME")]
        list: String,
    },
    /// Says which lists an address is on; the exit status is 1 when it is on any
    Check {
        /// The address
        address: String,
    },
    /// Shows all lists
    Lists,
    /// Drops a list
    Drop {
        /// The list's name
        #[arg(long, value_name = "NAME")]
        list: String,
    },
}

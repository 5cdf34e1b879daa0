//! `refundry-signer`: the process that holds the keys. It re-checks every payout against its own settings, signs each at most once and
//! remembers. It opens no network connection; the engine asks it over a unix socket.

mod config;
mod keys;
mod log;
mod signer;
mod socket;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use config::Config;
use keys::Keys;
use log::Log;
use signer::Signer;

/// Holds Refundry's keys, judges each payout again and signs it once.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The settings file [default: signer.toml, if there is one].
    #[arg(long, global = true, env = "REFUNDRY_SIGNER_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the key file and prints what the engine must know: the paying account and the key for deposit addresses.
    Init(Printing),
    /// Prints what the engine must know again.
    Address(Printing),
    /// Listens and signs.
    Serve,
}

#[derive(Args)]
struct Printing {
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("refundry-signer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(cli.config.as_deref())?;
    match &cli.command {
        Command::Init(printing) => {
            let keys = Keys::create(&config.key_file)?;
            eprintln!("wrote {}: 24 words that are the money. Copy them to paper now; nobody else has them.", config.key_file.display());
            print(&keys, printing);
            Ok(())
        }
        Command::Address(printing) => {
            print(&Keys::load(&config.key_file)?, printing);
            Ok(())
        }
        Command::Serve => serve(config),
    }
}

fn print(keys: &Keys, printing: &Printing) {
    if printing.json {
        println!("{}", serde_json::json!({ "hot_address": keys.hot_address().to_string(), "deposits_xpub": keys.deposits_xpub() }));
        return;
    }
    println!("hot_address = \"{}\"", keys.hot_address());
    println!("deposits_xpub = \"{}\"", keys.deposits_xpub());
}

fn serve(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    if config.assets.is_empty() {
        return Err("the settings name no assets, so every payout would be declined for good; see signer.sample.toml".into());
    }
    let keys = Keys::load(&config.key_file)?;
    // The lock on the log comes first: it is also what makes this process the owner of the socket.
    let log = Log::open(&config.log)?;
    let listener = socket::listen(&config.socket, config.socket_for_group)
        .map_err(|error| format!("cannot listen on {}: {error}", config.socket.display()))?;
    tracing::info!(socket = %config.socket.display(), hot_address = %keys.hot_address(), assets = config.assets.len(), "ready");
    socket::serve(&listener, Signer::new(keys, config.assets, log), now);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the signer's only clock: limits per day and the times in its log")]
fn now() -> Timestamp {
    Timestamp::now()
}

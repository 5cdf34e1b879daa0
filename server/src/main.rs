//! The program `refundry`.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, Command};
use server::commands;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // What goes wrong in a simulated world is meant to.
    let usual = if matches!(cli.command, Command::Simulate(_)) { "error" } else { "info,sqlx=warn,hyper=warn" };
    // To stderr: stdout is for what a command answers.
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual)))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match commands::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command's last word, also where logs are switched off")]
            {
                eprintln!("refundry: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

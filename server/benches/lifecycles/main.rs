//! Whole refunds per second over HTTP, beside what the same database and the same disk can do in the same minute.
//!
//! A lifecycle is an invoice, a payment of too much, the payer's two forms, the security delay (by the sandbox's clock), the payout until
//! it is final, and every webhook of it at a receiver. In turns, round after round: the disk's `fdatasync`, `pgbench`'s TPC-B and
//! lifecycles on the same PostgreSQL server, lifecycles on SQLite, and on SQLite with a commit for each caller. Only what was measured in
//! one round is compared, because machines are shared; nothing is asserted.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    reason = "measurements are rates and ratios; no money is counted here"
)]

#[path = "../../tests/support/addresses.rs"]
mod addresses;
mod cluster;
mod load;
mod machine;
mod report;
mod shop;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::cluster::Cluster;
use crate::load::Load;
use crate::report::Round;
use crate::shop::{Program, Serve};

/// Measures whole refunds per second beside pgbench and the disk
#[derive(Clone, Debug, Parser)]
struct Options {
    /// Clients at the same time, as many for pgbench
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Seconds measured, of each in turn
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Seconds before measuring
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    /// Rounds
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Merchants, with a shop and a receiver of webhooks each
    #[arg(long, default_value_t = 8)]
    merchants: usize,
    /// Refunds under way at most; clients wait for one to be paid
    #[arg(long, default_value_t = 1500)]
    under_way: usize,
    /// Milliseconds between two moves of the sandbox's clock by 73 hours
    #[arg(long, default_value_t = 1000)]
    tick: u64,
    /// pgbench's scale
    #[arg(long, default_value_t = 50)]
    scale: u32,
    /// Where the databases are for the time being: on the disk to be measured
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Leaves PostgreSQL out
    #[arg(long)]
    no_postgres: bool,
    /// Leaves SQLite out
    #[arg(long)]
    no_sqlite: bool,
    /// Prints the statements that take PostgreSQL longest, which costs some of what is measured
    #[arg(long)]
    statements: bool,
    /// Serves instead, as the process that is measured
    #[command(flatten)]
    serve: Serve,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    match options.serve.database.clone() {
        Some(database) => runtime.block_on(shop::serve(&database, &options.serve)),
        None => runtime.block_on(measure(&options)),
    }
}

async fn measure(options: &Options) {
    let folder = options.folder.clone().unwrap_or_else(std::env::temp_dir).join(format!("refundry-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let cluster = (!options.no_postgres).then(|| Cluster::start(&folder, options.scale, options.statements));
    let mut programs = Vec::new();
    if let Some(cluster) = &cluster {
        programs.push((Program::Postgres, cluster.url("refundry")));
    }
    if !options.no_sqlite {
        programs.push((Program::Sqlite, format!("sqlite://{}", folder.join("shared.db").display())));
        programs.push((Program::SqliteAlone, format!("sqlite://{}", folder.join("alone.db").display())));
    }
    let mut loads = Vec::new();
    for (program, url) in &programs {
        let shop = shop::start(*program, url, options.merchants, &folder.join(format!("{program:?}.key")), options.serve.callers)
            .expect("the server starts");
        loads.push(Load::prepare(shop, options.clients, options.under_way, Duration::from_millis(options.tick)).await);
    }
    let (warm_up, measured) = (Duration::from_secs(options.warm_up), Duration::from_secs(options.seconds));
    let mut rounds: Vec<Round> = Vec::new();
    for number in 1..=options.rounds {
        let mut round = Round { syncs: machine::syncs_per_second(&folder), ..Round::default() };
        if let Some(cluster) = &cluster {
            round.transactions = cluster.pgbench(options.clients, options.seconds);
        }
        for load in &loads {
            round.loads.push((load.program(), load.run(warm_up, measured, cluster.as_ref()).await));
        }
        println!("round {number}: {round}");
        rounds.push(round);
    }
    println!("\n{}", report::summary(&rounds));
    if let Some(cluster) = cluster.as_ref().filter(|_| options.statements) {
        println!("{}", cluster.statements().await);
    }
    drop(loads);
    drop(cluster);
    std::fs::remove_dir_all(&folder).ok();
}

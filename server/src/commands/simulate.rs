//! `refundry simulate`: random stories on simulated chains. It touches neither the configured database nor any network.

use serde_json::json;
use simulator::script::Script;
use simulator::suite::{Place, Plan, Report, SHRINKING_PLAYS, replay, run};
use simulator::world::WorldError;

use super::{Answer, CommandError};
use crate::cli::{Simulate, SimulatedDatabase};

/// Plays the stories asked for.
pub(super) async fn play(options: Simulate) -> Result<Answer, CommandError> {
    let place = match options.db {
        SimulatedDatabase::Memory => Place::Memory,
        SimulatedDatabase::Sqlite => Place::Disk,
        SimulatedDatabase::Postgres => Place::Postgres(options.url.unwrap_or_default()),
    };
    let script = options.script.map(|file| read(&file)).transpose()?;
    let seed = options.seed;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let plan = Plan {
        place,
        seeds: seed..seed.saturating_add(options.seeds),
        steps: options.steps,
        threads,
        shrinking_plays: SHRINKING_PLAYS,
        mutation: None,
    };
    // Worlds have runtimes of their own, which cannot be made on this one's threads.
    let played = tokio::task::spawn_blocking(move || match script {
        Some(script) => replay(&plan.place, &script),
        None => run(&plan),
    });
    let report = played.await.map_err(|error| WorldError::File(std::io::Error::other(error)))??;
    Ok(answer(seed, &report))
}

fn read(file: &std::path::Path) -> Result<Script, CommandError> {
    let wrong = |what: String| CommandError::Script { file: file.to_owned(), what };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    text.parse().map_err(|error: serde_json::Error| wrong(format!("a line is not a step: {error}")))
}

fn answer(first_seed: u64, report: &Report) -> Answer {
    let seed = report.failure.as_ref().and_then(|failure| failure.seed).unwrap_or(first_seed);
    let violations = report.failure.as_ref().map(|failure| failure.violations.clone()).unwrap_or_default();
    let json = json!({
        "ok": report.failure.is_none(),
        "seed": seed,
        "stories": report.stories,
        "steps": report.steps,
        "events": report.events,
        "faults": report.faults,
        "refunds": report.refunds,
        "violations": violations.iter().map(|violation| json!({ "invariant": violation.invariant, "what": violation.what })).collect::<Vec<_>>(),
        "script": report.failure.as_ref().map(|failure| failure.script.to_string()),
    });
    Answer { json, text: report.to_string(), is_ok: report.failure.is_none() }
}

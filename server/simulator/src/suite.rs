//! Many stories, one seed each, on as many threads as there are processors; what failed is cut down and told.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use crate::auditor::Violation;
use crate::database::Databases;
use crate::generate;
use crate::mutations::Mutation;
use crate::script::Script;
use crate::shrink::shrink;
use crate::world::{Ending, WorldError, play};

/// How often a failing script is usually played to cut it down.
pub const SHRINKING_PLAYS: usize = 400;

/// Where the rows of the worlds are.
#[derive(Clone, Debug)]
pub enum Place {
    /// SQLite in memory.
    Memory,
    /// SQLite on the disk.
    Disk,
    /// PostgreSQL: an empty database, beside which others are made.
    Postgres(String),
}

/// Which stories to play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// Of which seeds.
    pub seeds: Range<u64>,
    /// How many steps each has.
    pub steps: usize,
    /// On how many threads.
    pub threads: usize,
    /// How often a failing script is played to cut it down.
    pub shrinking_plays: usize,
    /// The bug that is planted.
    pub mutation: Option<Mutation>,
}

/// A story that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its seed; none for a script that was given.
    pub seed: Option<u64>,
    /// What was broken.
    pub violations: Vec<Violation>,
    /// The shortest script found.
    pub script: Script,
}

/// What came of many stories.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many were played.
    pub stories: u64,
    /// How many steps they had.
    pub steps: u64,
    /// How many writes and outside calls processes began or ended.
    pub events: u64,
    /// How many of the steps were something that went wrong.
    pub faults: u64,
    /// How many refunds ended where.
    pub refunds: BTreeMap<String, u64>,
    /// The first story that went wrong, cut down. No more are begun then.
    pub failure: Option<Failure>,
}

/// Plays the stories of a plan. Call it where blocking is allowed.
///
/// # Errors
/// When a world cannot be had.
pub fn run(plan: &Plan) -> Result<Report, WorldError> {
    let databases = runtime()?.block_on(open(&plan.place))?;
    let next = AtomicU64::new(plan.seeds.start);
    let report = Mutex::new(Report::default());
    let work = || -> Result<(), WorldError> {
        let runtime = runtime()?;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= plan.seeds.end {
                return Ok(());
            }
            let script = generate::script(seed, plan.steps);
            let ending = tell(&runtime, &databases, &script, plan.mutation)?;
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            report.add(&script, &ending);
            if !ending.violations.is_empty() && report.failure.is_none() {
                next.store(plan.seeds.end, Ordering::Relaxed);
                report.failure = Some(Failure { seed: Some(seed), violations: ending.violations, script });
            }
        }
    };
    let ended: Vec<Result<(), WorldError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("panics of stories are caught")).collect()
    });
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = &mut report.failure {
        cut_down(&databases, failure, plan)?;
    }
    databases.clean_up();
    ended.into_iter().collect::<Result<(), _>>()?;
    Ok(report)
}

/// Plays one script as it is.
///
/// # Errors
/// When a world cannot be had.
pub fn replay(place: &Place, script: &Script) -> Result<Report, WorldError> {
    replay_with(place, script, None)
}

/// Plays one script as it is, in a world with a planted bug.
///
/// # Errors
/// When a world cannot be had.
pub fn replay_with(place: &Place, script: &Script, mutation: Option<Mutation>) -> Result<Report, WorldError> {
    let runtime = runtime()?;
    let databases = runtime.block_on(open(place))?;
    let ending = tell(&runtime, &databases, script, mutation)?;
    databases.clean_up();
    let mut report = Report::default();
    report.add(script, &ending);
    if !ending.violations.is_empty() {
        report.failure = Some(Failure { seed: None, violations: ending.violations, script: script.clone() });
    }
    Ok(report)
}

fn runtime() -> Result<Runtime, WorldError> {
    // One thread: tasks take turns in an order that the story decides.
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn open(place: &Place) -> Result<Databases, WorldError> {
    match place {
        Place::Memory => Databases::in_memory().await,
        Place::Disk => Databases::on_disk().await,
        Place::Postgres(template) => Databases::on_postgres(template).await,
    }
}

/// Plays a script; a panic is a violation like others.
fn tell(runtime: &Runtime, databases: &Databases, script: &Script, mutation: Option<Mutation>) -> Result<Ending, WorldError> {
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(play(databases, script, mutation)))).unwrap_or_else(|_| {
        let violation = Violation { invariant: "panic".to_owned(), what: "the engine panicked: see its message above".to_owned() };
        Ok(Ending { violations: vec![violation], steps: script.0.len(), ..Ending::default() })
    })
}

fn cut_down(databases: &Databases, failure: &mut Failure, plan: &Plan) -> Result<(), WorldError> {
    let runtime = runtime()?;
    let name = failure.violations.first().map(|violation| violation.invariant.clone()).unwrap_or_default();
    let mut last = failure.violations.clone();
    let script = shrink(&failure.script, plan.shrinking_plays, |script| {
        let Ok(ending) = tell(&runtime, databases, script, plan.mutation) else { return false };
        let is_same = ending.violations.iter().any(|violation| violation.invariant == name);
        if is_same {
            last = ending.violations;
        }
        is_same
    });
    failure.script = script;
    failure.violations = last;
    Ok(())
}

impl Report {
    fn add(&mut self, script: &Script, ending: &Ending) {
        self.stories = self.stories.saturating_add(1);
        self.steps = self.steps.saturating_add(u64::try_from(ending.steps).unwrap_or_default());
        self.events = self.events.saturating_add(ending.events);
        let faults = script.0.iter().take(ending.steps).filter(|step| step.action.is_fault()).count();
        self.faults = self.faults.saturating_add(u64::try_from(faults).unwrap_or_default());
        for (state, count) in &ending.refunds {
            let sum = self.refunds.entry(state.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refunds: Vec<String> = self.refunds.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let violations = self.failure.as_ref().map_or(0, |failure| failure.violations.len());
        write!(
            f,
            "{} stories, {} steps, {} events, {} faults, {violations} violations",
            self.stories, self.steps, self.events, self.faults
        )?;
        write!(f, "; seen: {}", if refunds.is_empty() { "none".to_owned() } else { refunds.join(", ") })?;
        let Some(failure) = &self.failure else { return Ok(()) };
        for violation in &failure.violations {
            write!(f, "\n{}: {}", violation.invariant, violation.what)?;
        }
        let from = failure.seed.map_or_else(|| "the script".to_owned(), |seed| format!("seed {seed}"));
        write!(f, "\nthe shortest script found, from {from}; play it with `refundry simulate --script FILE`:\n{}", failure.script)
    }
}

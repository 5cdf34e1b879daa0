//! A world: up to two engine processes on one database, on one [stage](crate::stage), with an [auditor](crate::auditor) beside them.
//! Nothing in it happens at the same time unless a script says so, so the same script always goes the same way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{Engine, Error, StoreError};
use thiserror::Error as ThisError;

use crate::auditor::{Auditor, Told, Violation};
use crate::database::{Database, Databases};
use crate::merchant::Mood;
use crate::mutations::Mutation;
use crate::power::{Blow, Power};
use crate::script::{Action, Coin, Script, Step};
use crate::stage::Stage;

/// Time for everything to come to its end once all is well: blocks, late transactions, the whole security delay, a payout.
/// The delay comes twice: a mail with a cancel link that waits for its next try is taken after the first, and only then its payer's begins.
const LAST_HOPS: [u32; 11] = [31, 3601, 1, 30, 259_201, 1, 30, 259_201, 1, 30, 1];

/// Why a world could not be played at all.
#[derive(Debug, ThisError)]
pub enum WorldError {
    /// The engine does not open.
    #[error(transparent)]
    Open(#[from] engine::OpenError),
    /// The engine refuses to found a shop.
    #[error("failed to found the simulated shop: {0}")]
    Found(#[from] Error),
    /// The auditor's own session failed.
    #[error("the auditor's session failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A planted bug's change of the schema does not fit the schema.
    #[error("a bug could not be planted: {0}")]
    NotPlanted(String),
    /// A file.
    #[error("failed to keep the simulated rows: {0}")]
    File(#[from] std::io::Error),
}

struct Process {
    engine: Engine,
    power: Arc<Power>,
}

/// A world.
pub struct World {
    stage: Stage,
    processes: [Option<Process>; 2],
    auditor: Auditor,
    told: Vec<Told>,
    /// Points that processes gone by have passed.
    passed: u64,
    database: Database,
    mutation: Option<Mutation>,
}

/// How a story ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// How many writes and outside calls were begun and ended.
    pub events: u64,
    /// What was broken, and after which step, counted from 1; none is the end.
    pub violations: Vec<Violation>,
    /// After how many steps it was found.
    pub steps: usize,
    /// How many refunds ended where.
    pub refunds: Vec<(String, u64)>,
    /// What happened, for a comparison.
    pub digest: String,
}

/// Copies an SQLite database with what is not in its main file yet. Nobody may be writing.
fn copy(from: &Path, to: &Path) -> Result<(), WorldError> {
    for suffix in ["", "-wal"] {
        let (from, to) = (format!("{}{suffix}", from.display()), format!("{}{suffix}", to.display()));
        if Path::new(&from).exists() {
            std::fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// Plays a script from beginning to end and returns how it ended.
///
/// # Errors
/// When the world itself cannot be had.
pub async fn play(databases: &Databases, script: &Script, mutation: Option<Mutation>) -> Result<Ending, WorldError> {
    let database = databases.fresh().await?;
    let mut world = World::new(databases, database, mutation).await?;
    let mut ending = Ending::default();
    for step in &script.0 {
        ending.steps = ending.steps.saturating_add(1);
        ending.violations = world.step(*step).await?;
        if !ending.violations.is_empty() {
            break;
        }
    }
    if ending.violations.is_empty() {
        ending.violations = world.come_to_rest().await?;
    }
    ending.events = world.events();
    ending.refunds = world.auditor.count_refunds().await?;
    ending.digest = world.auditor.digest().await?;
    let World { database, processes, auditor, .. } = world;
    drop((processes, auditor));
    databases.drop_one(database).await;
    Ok(ending)
}

impl World {
    async fn new(databases: &Databases, database: Database, mutation: Option<Mutation>) -> Result<Self, WorldError> {
        let mut auditor = Auditor::open(database.url()).await?;
        let changes = mutation.map(Mutation::schema).unwrap_or_default();
        if !changes.is_empty() {
            auditor.plant(changes).await?;
        }
        let stage = Stage::new(databases.shop().clone(), mutation);
        Ok(Self { stage, processes: [None, None], auditor, told: Vec::new(), passed: 0, database, mutation })
    }

    async fn process(&mut self, index: usize) -> Result<(Engine, Arc<Power>), WorldError> {
        if let Some(Process { engine, power }) = &self.processes[index] {
            return Ok((engine.clone(), Arc::clone(power)));
        }
        let power = Power::on();
        let engine = self.stage.open(self.database.url(), &power).await?;
        self.processes[index] = Some(Process { engine: engine.clone(), power: Arc::clone(&power) });
        Ok((engine, power))
    }

    /// No process runs for a while. Between outages pages are served all the time: the row that would have to say so all along is put away.
    async fn outage(&mut self, seconds: u32) -> Result<Vec<Violation>, WorldError> {
        let mut violations = Vec::new();
        let (engine, _) = self.process(0).await?;
        let served = engine.pages_are_served().await.map(|()| Vec::new());
        self.note(served, &mut violations);
        (0..self.processes.len()).for_each(|index| self.end_process(index));
        drop(engine);
        self.stage.stand_still(seconds);
        let (engine, _) = self.process(0).await?;
        // The worker is there before the pages are, and finds what is due by the clock.
        let worked = self.stage.act(&engine, Action::Work).await;
        self.note(worked, &mut violations);
        let served = engine.pages_are_served().await.map(|()| Vec::new());
        self.note(served, &mut violations);
        let worked = self.stage.act(&engine, Action::Work).await;
        self.note(worked, &mut violations);
        self.auditor.run("DELETE FROM state WHERE name = 'pages_served_at_micros'".to_owned()).await?;
        self.audit(violations, false).await
    }

    async fn step(&mut self, step: Step) -> Result<Vec<Violation>, WorldError> {
        if let Action::Outage { seconds } = step.action {
            return self.outage(seconds).await;
        }
        let (own, other) = if step.second { (1, 0) } else { (0, 1) };
        let (engine, power) = self.process(own).await?;
        let snapshot = self.snapshot()?;
        let mut violations = Vec::new();
        let Some(mishap) = step.mishap else {
            let acted = self.stage.act(&engine, step.action).await;
            self.note(acted, &mut violations);
            if step.action == Action::Restart {
                self.end_process(own);
            }
            return self.audit(violations, false).await;
        };
        let rival = if mishap.blow == Blow::Waits { Some(self.process(other).await?.0) } else { None };
        power.set(mishap.at, u32::from(mishap.nth), mishap.blow);
        let mut heard = Vec::new();
        let forgets_locks = self.mutation == Some(Mutation::CancelsWhatWasSent);
        let survived = {
            let mut acting = std::pin::pin!(self.stage.act(&engine, step.action));
            loop {
                tokio::select! {
                    biased;
                    () = power.failed() => break false,
                    () = power.waits() => {
                        if let (Some(rival), Some(action)) = (&rival, mishap.meanwhile) {
                            let before = if forgets_locks { self.auditor.versions().await? } else { Vec::new() };
                            heard.push(self.stage.act(rival, action).await);
                            for (refund, version) in before {
                                self.auditor.put_back(refund, version).await?;
                            }
                        }
                        power.go_on();
                    }
                    acted = &mut acting => {
                        heard.push(acted);
                        break true;
                    }
                }
            }
        };
        power.clear();
        for acted in heard {
            self.note(acted, &mut violations);
        }
        if !survived || step.action == Action::Restart {
            self.end_process(own);
        }
        drop((engine, rival));
        if !survived {
            self.suffer_from_death(snapshot).await?;
        }
        self.audit(violations, false).await
    }

    /// Keeps the rows as they are before a step, where a planted bug makes a crash forget what the step wrote.
    fn snapshot(&self) -> Result<Option<PathBuf>, WorldError> {
        let Some(file) = self.database.file().filter(|_| self.mutation == Some(Mutation::SavesAfterActing)) else { return Ok(None) };
        let snapshot = file.with_extension("snapshot");
        copy(file, &snapshot)?;
        Ok(Some(snapshot))
    }

    /// Does what planted bugs do to the rows when a process dies.
    async fn suffer_from_death(&mut self, snapshot: Option<PathBuf>) -> Result<(), WorldError> {
        if self.mutation == Some(Mutation::WebhooksDieWithProcess) {
            self.auditor.run("DELETE FROM jobs WHERE kind = 'deliver'".to_owned()).await?;
        }
        let Some(snapshot) = snapshot else { return Ok(()) };
        // In another file: whoever had this one open may still be closing it.
        let file = snapshot.with_extension(format!("{}.db", self.events()));
        copy(&snapshot, &file)?;
        (0..self.processes.len()).for_each(|index| self.end_process(index));
        self.database = Database::in_file(file);
        self.auditor = Auditor::open(self.database.url()).await?;
        Ok(())
    }

    fn end_process(&mut self, index: usize) {
        if let Some(process) = self.processes[index].take() {
            self.passed = self.passed.saturating_add(process.power.passed());
        }
    }

    fn events(&self) -> u64 {
        self.processes.iter().flatten().fold(self.passed, |sum, process| sum.saturating_add(process.power.passed()))
    }

    /// Keeps what callers were told, and what no engine should ever say.
    fn note(&mut self, acted: Result<Vec<Told>, Error>, violations: &mut Vec<Violation>) {
        match acted {
            Ok(told) => self.told.extend(told),
            Err(Error::Store(error @ (StoreError::Broken(_) | StoreError::Inconsistent { .. } | StoreError::Database(_)))) => {
                violations.push(Violation { invariant: "I0".to_owned(), what: error.to_string() });
            }
            Err(_) => {}
        }
    }

    async fn audit(&mut self, mut violations: Vec<Violation>, is_at_rest: bool) -> Result<Vec<Violation>, WorldError> {
        self.stage.know(self.auditor.refunds().await?);
        self.stage.know_astray(self.auditor.astray().await?);
        let told = self.told.iter().skip(self.auditor.told()).cloned().collect();
        let outside = self.stage.outside(self.auditor.arrivals(), self.auditor.mails(), told);
        violations.extend(self.auditor.audit(outside, is_at_rest).await?);
        Ok(violations)
    }

    /// Makes everything well, gives it time, and asks what must be true at the end.
    async fn come_to_rest(&mut self) -> Result<Vec<Violation>, WorldError> {
        Coin::ALL.into_iter().for_each(|coin| self.stage.chain(coin).heals());
        self.stage.merchant.be(Mood::Well);
        self.stage.mail.be(Mood::Well);
        let (engine, _) = self.process(0).await?;
        let mut violations = Vec::new();
        for seconds in LAST_HOPS {
            let hopped = self.stage.hop(&engine, seconds).await.map(|()| Vec::new());
            self.note(hopped, &mut violations);
        }
        self.audit(violations, true).await
    }
}

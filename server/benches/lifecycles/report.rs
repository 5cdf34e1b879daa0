//! What is printed: a line per round, then medians of what was compared within a round.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::load::{Measured, Part};
use crate::shop::Program;

/// What was measured in one round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The disk's syncs a second.
    pub syncs: f64,
    /// pgbench's transactions a second.
    pub transactions: f64,
    /// What each process did.
    pub loads: Vec<(Program, Measured)>,
}

impl Round {
    fn rate(&self, program: Program) -> Option<f64> {
        self.loads.iter().find(|(of, _)| *of == program).map(|(_, measured)| measured.rate)
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fdatasync {:.0}/s", self.syncs)?;
        if self.transactions > 0.0 {
            write!(f, ", pgbench TPC-B {:.0}/s", self.transactions)?;
        }
        for (program, measured) in &self.loads {
            write!(f, ", {} {:.1}/s", name(*program), measured.rate)?;
        }
        for (program, measured) in &self.loads {
            for (what, times) in &measured.refused {
                write!(f, "\n  {}: {times} times: {what}", name(*program))?;
            }
        }
        Ok(())
    }
}

const fn name(program: Program) -> &'static str {
    match program {
        Program::Postgres => "lifecycles on PostgreSQL",
        Program::Sqlite => "on SQLite",
        Program::SqliteAlone => "on SQLite with a commit for each caller",
    }
}

/// Returns the comparison.
pub fn summary(rounds: &[Round]) -> String {
    let mut text = String::new();
    let mut ratio = |what: &str, of: &dyn Fn(&Round) -> Option<f64>| {
        let mut ratios: Vec<f64> = rounds.iter().filter_map(of).collect();
        ratios.sort_by(f64::total_cmp);
        if let (Some(least), Some(most)) = (ratios.first(), ratios.last()) {
            let median = ratios[ratios.len() / 2];
            writeln!(text, "{what:<66} {median:.3}   ({least:.3} to {most:.3} in {} rounds)", ratios.len()).ok();
        }
    };
    ratio("lifecycles on PostgreSQL / pgbench TPC-B", &|round| {
        round.rate(Program::Postgres).filter(|_| round.transactions > 0.0).map(|rate| rate / round.transactions)
    });
    ratio("lifecycles on PostgreSQL / fdatasync", &|round| round.rate(Program::Postgres).map(|rate| rate / round.syncs));
    ratio("lifecycles on SQLite / fdatasync", &|round| round.rate(Program::Sqlite).map(|rate| rate / round.syncs));
    ratio("lifecycles on SQLite, commits shared / a commit for each caller", &|round| {
        round.rate(Program::Sqlite).zip(round.rate(Program::SqliteAlone)).map(|(shared, alone)| shared / alone.max(0.1))
    });
    for program in [Program::Postgres, Program::Sqlite, Program::SqliteAlone] {
        let measured: Vec<&Measured> =
            rounds.iter().flat_map(|round| &round.loads).filter(|(of, _)| *of == program).map(|(_, measured)| measured).collect();
        if !measured.is_empty() {
            describe(&mut text, program, &measured);
            limit(&mut text, program, rounds);
        }
    }
    text
}

/// Says what there was no more of: processors, the disk's syncs one after the other, or neither.
fn limit(text: &mut String, program: Program, rounds: &[Round]) {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processors = f64::from(u32::try_from(processors).unwrap_or(1));
    let (mut machine, mut own, mut disk, mut count) = (0.0, 0.0, 0.0, 0.0_f64);
    for round in rounds {
        for (_, measured) in round.loads.iter().filter(|(of, _)| *of == program) {
            machine += measured.machine / processors;
            own += (measured.server + measured.clients + measured.database.unwrap_or_default()) / processors;
            disk += measured.rate * measured.syncs.unwrap_or(measured.commits) / round.syncs.max(1.0);
            count += 1.0;
        }
    }
    let [machine, own, disk] = [machine, own, disk].map(|sum| sum / count.max(1.0) * 100.0);
    let limit = match () {
        () if machine >= 90.0 && own < 75.0 => "other programs on this machine",
        () if machine >= 90.0 => "the processors",
        () if disk >= 75.0 => "the disk",
        () => "neither: more clients or refunds under way would make it faster",
    };
    writeln!(
        text,
        "  limited by {limit}: processors {machine:.0} % busy, {own:.0} % with this; {disk:.0} % of the syncs that the disk makes one after the other"
    )
    .ok();
}

/// Says what a process was busy with, and how long each part of a lifecycle took.
fn describe(text: &mut String, program: Program, measured: &[&Measured]) {
    let median = |of: &dyn Fn(&Measured) -> Option<f64>| {
        let mut values: Vec<f64> = measured.iter().filter_map(|measured| of(measured)).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let number = |of: &dyn Fn(&Measured) -> Option<f64>| median(of).unwrap_or_default();
    let commits = number(&|measured| Some(measured.commits));
    write!(
        text,
        "\n{}: per lifecycle {:.1} webhooks and {commits:.2} writing transactions ({:.2} lifecycles each) that {:.1} callers share",
        name(program),
        number(&|measured| Some(measured.webhooks)),
        1.0 / commits.max(0.001),
        number(&|measured| Some(measured.callers)),
    )
    .ok();
    if let Some(syncs) = median(&|measured| measured.syncs) {
        write!(text, ", {syncs:.2} syncs of the log").ok();
    }
    if let Some(statements) = median(&|measured| measured.statements) {
        write!(text, ", {statements:.0} statements").ok();
    }
    write!(
        text,
        "\n  processors busy: server {:.2}, clients and receivers {:.2}",
        number(&|measured| Some(measured.server)),
        number(&|measured| Some(measured.clients))
    )
    .ok();
    if let Some(database) = median(&|measured| measured.database) {
        write!(text, ", PostgreSQL {database:.2}").ok();
    }
    writeln!(text, " of {}", std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).ok();
    let each = |busy: &dyn Fn(&Measured) -> Option<f64>| number(&|measured| Some(busy(measured)? * 1000.0 / measured.rate.max(0.1)));
    write!(
        text,
        "  milliseconds of a processor per lifecycle: server {:.1}, clients and receivers {:.1}",
        each(&|measured| Some(measured.server)),
        each(&|measured| Some(measured.clients))
    )
    .ok();
    if measured.iter().any(|measured| measured.database.is_some()) {
        write!(text, ", PostgreSQL {:.1}", each(&|measured| measured.database)).ok();
    }
    writeln!(text).ok();
    let mut parts: BTreeMap<Part, Vec<Duration>> = BTreeMap::new();
    for (part, time) in measured.iter().flat_map(|measured| &measured.times) {
        parts.entry(*part).or_default().push(*time);
    }
    for (part, mut times) in parts {
        times.sort();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default().as_secs_f64() * 1000.0;
        writeln!(text, "  {part:<8} p50 {:>7.1} ms   p99 {:>7.1} ms", at(50), at(99), part = format!("{part:?}")).ok();
    }
}

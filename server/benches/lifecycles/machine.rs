//! What the machine does: processor time of processes, and how often a disk can be made to keep what it was given.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A unit of `/proc/<pid>/stat` in seconds (`getconf CLK_TCK`, 100 on every Linux that Rust runs on).
const TICK: f64 = 0.01;
/// How much is written before each sync: PostgreSQL's page.
const PAGE: [u8; 8192] = [7; 8192];
const SYNCED_FOR: Duration = Duration::from_secs(1);

/// Returns how often a second this folder's disk syncs a page, one after the other.
pub fn syncs_per_second(folder: &Path) -> f64 {
    let path = folder.join("sync");
    let file = File::create(&path).expect("the folder is writable");
    let began = Instant::now();
    let mut syncs = 0_u32;
    while began.elapsed() < SYNCED_FOR {
        file.write_all_at(&PAGE, u64::from(syncs % 1024) * 8192).expect("the disk takes a page");
        file.sync_data().expect("the disk keeps a page");
        syncs += 1;
    }
    let rate = f64::from(syncs) / began.elapsed().as_secs_f64();
    fs::remove_file(path).ok();
    rate
}

/// Returns the processor time of a process and its children, those that ended included, in seconds.
pub fn processor_secs(process: u32) -> f64 {
    let [_, own, gone] = stat(process).unwrap_or_default();
    let children = fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = children.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?));
    let living: f64 = children.filter(|[parent, _, _]| *parent == f64::from(process)).map(|[_, own, gone]| own + gone).sum();
    own + gone + living
}

/// Returns a process's parent, its own time and that of children it has seen end.
fn stat(process: u32) -> Option<[f64; 3]> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may have blanks in it; then come state and parent, and user, system and children's time as fields 14 to 17.
    let (_, fields) = line.rsplit_once(')')?;
    let number = |index: usize| fields.split_whitespace().nth(index)?.parse::<f64>().ok();
    Some([number(1)?, (number(11)? + number(12)?) * TICK, (number(13)? + number(14)?) * TICK])
}

/// Returns the processor time of everything on this machine, in seconds since it started.
pub fn busy_secs() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    // user, nice, system, idle, iowait, irq, softirq, steal: all but waiting.
    let ticks =
        text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8).map(|ticks| ticks.parse::<f64>().unwrap_or_default());
    ticks.enumerate().filter(|(place, _)| !matches!(place, 3 | 4)).map(|(_, ticks)| ticks * TICK).sum()
}

/// Returns the processor time of this process without its children, in seconds.
pub fn own_secs() -> f64 {
    stat(std::process::id()).map_or(0.0, |[_, own, _]| own)
}

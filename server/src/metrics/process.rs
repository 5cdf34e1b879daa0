//! What Prometheus expects to know of every process, where the operating system says it (Linux's /proc).

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Registers what stays as it is.
pub(super) fn register(registry: &mut Registry) {
    #[expect(clippy::disallowed_methods, reason = "when a process started is nothing that happens in the engine's time")]
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let gauge = Gauge::<i64>::default();
    gauge.set(super::whole(started));
    registry.register("process_start_time_seconds", "When this process started", gauge);
}

/// Registers what changes all the time.
pub(super) fn register_now(registry: &mut Registry) {
    let mut register = |name: &str, help: &str, value: Option<i64>| {
        if let Some(value) = value {
            let gauge = Gauge::<i64>::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        }
    };
    register("process_resident_memory_bytes", "Memory that this process has in use", resident_bytes());
    register("process_open_fds", "Files and connections that this process has open", open_files());
    register("process_max_fds", "How many files and connections this process may have open", open_files_max());
}

fn resident_bytes() -> Option<i64> {
    field("/proc/self/status", "VmRSS:")?.checked_mul(1024)
}

fn open_files() -> Option<i64> {
    i64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

fn open_files_max() -> Option<i64> {
    field("/proc/self/limits", "Max open files")
}

/// Returns the first number after a name that begins a line.
fn field(file: &str, name: &str) -> Option<i64> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

//! PostgreSQL's programs on this machine, and what it takes to run them: never as root, on a port that is free.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the command that makes the rest of a command line run as `postgres` when we are root: PostgreSQL refuses to run as root.
pub fn unprivileged(folder: &Path) -> Vec<&'static str> {
    let id = Command::new("id").arg("-u").output().expect("there is an `id` program");
    if id.stdout != b"0\n" {
        return Vec::new();
    }
    let owned = Command::new("chown").arg("postgres:postgres").arg(folder).status().expect("there is a `chown` program");
    assert!(owned.success(), "there is no user `postgres` to run PostgreSQL as: install Debian's package postgresql");
    vec!["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
}

/// Finds the folder of PostgreSQL's programs: the newest of Debian's, or one on the PATH.
pub fn programs() -> PathBuf {
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(std::env::split_paths(&path))
        .find(|folder| ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).is_file()))
        .expect("PostgreSQL is missing: install Debian's package postgresql, or set REFUNDRY_TEST_POSTGRES_URL")
}

/// Returns a port that nobody listened on a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

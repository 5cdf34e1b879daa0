//! A PostgreSQL server for this test alone, because the test stops it the hard way.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use uuid::Uuid;

use crate::postgres_programs::{free_port, programs, unprivileged};

/// The server. It ends with this value.
pub struct Database {
    folder: PathBuf,
    port: u16,
    prefix: Vec<&'static str>,
}

impl Database {
    /// Makes a cluster in a temporary folder and starts its server.
    pub fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-nodes-postgres-{}", Uuid::now_v7().simple()));
        fs::create_dir(&folder).expect("the temporary folder is writable");
        let prefix = unprivileged(&folder);
        let database = Self { folder, port: free_port(), prefix };
        let data = database.folder.join("data").display().to_string();
        database.run("initdb", &["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata", &data]);
        // No power is cut here: what the kernel was given outlives the server.
        let settings = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c log_lock_waits=on",
            database.port,
            database.folder.display()
        );
        database.control(&["-o", &settings, "start"]);
        database
    }

    /// Returns the URL for `REFUNDRY_DATABASE_URL`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server as a crash would, and starts it again.
    pub fn crash_and_restart(&self) {
        self.control(&["-m", "immediate", "restart"]);
    }

    /// Says how often the server's log has a text.
    pub fn log_has(&self, text: &str) -> usize {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default().matches(text).count()
    }

    fn control(&self, arguments: &[&str]) {
        let (data, log) = (self.folder.join("data").display().to_string(), self.folder.join("log").display().to_string());
        self.run("pg_ctl", &[&["-D", &data, "-l", &log, "-w"], arguments].concat());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let path = programs().join(program).display().to_string();
        let line: Vec<&str> = self.prefix.iter().copied().chain([path.as_str()]).chain(arguments.iter().copied()).collect();
        let (first, rest) = line.split_first().expect("a program");
        let mut command = Command::new(first);
        // The server keeps what it inherits: with a pipe nobody would ever see its end.
        command.args(rest).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let done = command.status().expect("PostgreSQL's programs were found before");
        assert!(done.success(), "{program} {arguments:?} failed: {done}");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (data, path) = (self.folder.join("data").display().to_string(), programs().join("pg_ctl").display().to_string());
        let line: Vec<&str> = self.prefix.iter().copied().chain([path.as_str(), "-D", &data, "-m", "immediate", "stop"]).collect();
        if let Some((first, rest)) = line.split_first() {
            Command::new(first).args(rest).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

//! A PostgreSQL server as it comes, durable in every way, with `pgbench`'s tables beside ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{Connection, PgConnection};

#[path = "../../engine/tests/support/postgres_programs.rs"]
mod postgres_programs;

use postgres_programs::{free_port, programs, unprivileged};

/// The server. It ends with this value.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    prefix: Vec<&'static str>,
    counts_statements: bool,
}

/// Connections that `initdb` allows on the smallest machine, less what the server under test holds.
const CONNECTIONS_MAX: usize = 32;

impl Cluster {
    /// Makes a cluster in a folder, starts it and fills `pgbench`'s tables.
    pub fn start(parent: &Path, scale: u32, counts_statements: bool) -> Self {
        let folder = parent.join("postgres");
        std::fs::create_dir(&folder).expect("the folder is writable");
        let prefix = unprivileged(&folder);
        let cluster = Self { folder, port: free_port(), prefix, counts_statements };
        let data = cluster.data();
        cluster.run("initdb", &["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--pgdata", &data]);
        let preload = if counts_statements { " -c shared_preload_libraries=pg_stat_statements" } else { "" };
        let settings = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c shared_buffers=256MB -c max_wal_size=4GB{preload}",
            cluster.port,
            cluster.folder.display()
        );
        let log = cluster.folder.join("log").display().to_string();
        cluster.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &settings, "start"]);
        for database in ["refundry", "pgbench"] {
            cluster.client("createdb", &[database]);
        }
        if counts_statements {
            cluster.client("psql", &["-c", "CREATE EXTENSION pg_stat_statements", "refundry"]);
        }
        cluster.client("pgbench", &["--initialize", "--quiet", "--scale", &scale.to_string(), "pgbench"]);
        cluster
    }

    /// Returns a database's URL.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns how many TPC-B transactions a second `pgbench` makes: with as many clients as there are, up to what the server lets in.
    pub fn pgbench(&self, clients: usize, seconds: u64) -> f64 {
        let (clients, seconds) = (clients.min(CONNECTIONS_MAX).to_string(), seconds.to_string());
        let arguments = ["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", &clients, "--time", &seconds, "pgbench"];
        let said = self.client("pgbench", &arguments);
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
        rate.unwrap_or_else(|| panic!("pgbench did not say how fast it was: {said}"))
    }

    /// Returns the process that all others of the server are children of.
    pub fn process(&self) -> u32 {
        let line = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(line).expect("the server runs");
        text.lines().next().and_then(|line| line.parse().ok()).expect("a process id")
    }

    /// Counts our rows for the planner, as the server does by itself after a minute and `pgbench` did with its own when it made them.
    pub async fn analyze(&self) {
        let mut connection = PgConnection::connect(&self.url("refundry")).await.expect("a connection");
        sqlx::raw_sql("ANALYZE").execute(&mut connection).await.expect("the tables are there");
    }

    /// Returns how often the server made its log durable.
    pub async fn syncs(&self) -> u64 {
        let count: i64 = self.ask("SELECT wal_sync FROM pg_stat_wal").await.pop().expect("a row");
        u64::try_from(count).unwrap_or_default()
    }

    /// Returns how many statements of ours it carried out, if it counts them.
    pub async fn statements_made(&self) -> Option<u64> {
        if !self.counts_statements {
            return None;
        }
        let sql = "SELECT COALESCE(SUM(calls), 0)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
             WHERE d.datname = 'refundry'";
        let count: i64 = self.ask(sql).await.pop().expect("a row");
        u64::try_from(count).ok()
    }

    /// Returns the statements of ours that took longest together, with their number.
    pub async fn statements(&self) -> String {
        let lines: Vec<String> = self
            .ask(
                "SELECT round(total_exec_time)::text || ' ms, ' || calls || ' calls, ' || round((total_exec_time / calls * 1000)::numeric) \
                 || ' us: ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 130) FROM pg_stat_statements s \
                 JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'refundry' ORDER BY calls DESC LIMIT 70",
            )
            .await;
        lines.join("\n")
    }

    async fn ask<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let mut connection = PgConnection::connect(&self.url("refundry")).await.expect("a connection");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("an answer")
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn client(&self, program: &str, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let mut command = Command::new(programs().join(program));
        command.args(["--host=127.0.0.1", "--username=postgres", "--port", &port]).args(arguments).stdin(Stdio::null());
        let done = command.output().unwrap_or_else(|error| panic!("{program}: {error}: install Debian's postgresql"));
        assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = self.command(program).args(arguments).status().expect("PostgreSQL's programs were found before");
        assert!(done.success(), "{program} {arguments:?} failed: {done}");
    }

    fn command(&self, program: &str) -> Command {
        let path = programs().join(program).display().to_string();
        let line: Vec<&str> = self.prefix.iter().copied().chain([path.as_str()]).collect();
        let mut command = Command::new(line[0]);
        // The server keeps what it inherits: with a pipe nobody would ever see its end.
        command.args(&line[1..]).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.command("pg_ctl").args(["-D", &self.data(), "-m", "fast", "stop"]).status().ok();
    }
}

//! A fresh PostgreSQL database for one test. All test processes share one server of Debian's `postgresql` package, because
//! starting one takes seconds: the first test starts it in a temporary folder on loopback, a keeper process stops it and
//! removes the folder after ten idle minutes, or at once when `scripts/stop-test-postgres.sh` removes the note with its URL.
//! `REFUNDRY_TEST_POSTGRES_URL` names another server instead (its user must be allowed to create databases).
//!
//! Other packages include it with `#[path]`. Say "postgres" in the test's name, so that `make check` can leave it out.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

#[path = "postgres_programs.rs"]
mod postgres_programs;

use postgres_programs::{free_port, programs, unprivileged};

/// An empty database that is dropped with this value, whatever the test's outcome.
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// Creates an empty database on the shared server, starting that if need be.
    pub async fn fresh() -> Self {
        let server = std::env::var("REFUNDRY_TEST_POSTGRES_URL").unwrap_or_else(|_| shared_server());
        let name = format!("test_{}", Uuid::now_v7().simple());
        execute(&server, format!("CREATE DATABASE {name}")).await;
        Self { server, name }
    }

    /// Returns the URL for `REFUNDRY_DATABASE_URL`.
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // Drop cannot wait for a future, and a test's own runtime may be the single thread we are on.
        let dropping = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs no more than a thread");
            runtime.block_on(execute(&server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        // A failure is already on stderr, and a second panic would hide the first.
        let _ = dropping.join();
    }
}

async fn execute(server: &str, statement: String) {
    let mut connection = PgConnection::connect(server).await.unwrap_or_else(|error| panic!("cannot connect to {server}: {error}"));
    let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await;
    done.unwrap_or_else(|error| panic!("{statement} failed: {error}"));
}

/// Replaces the database in a URL, keeping its parameters.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, String::new()), |(address, rest)| (address, format!("?{rest}")));
    let (authority, _) = address.rsplit_once('/').expect("a PostgreSQL URL ends in /database");
    format!("{authority}/{name}{parameters}")
}

/// Returns the URL of the shared server. The file lock makes one of many test processes start it and the others wait.
fn shared_server() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(folder).expect("the target folder is writable");
    let lock = File::create(folder.join("postgres.lock")).expect("the target folder is writable");
    lock.lock().expect("the target folder is on a file system with locks");

    let note = folder.join("postgres.url");
    keep(note.clone());
    let programs = programs();
    if let Ok(url) = fs::read_to_string(&note)
        && is_ready(&programs, port_of(&url))
    {
        // Written again so that the keeper sees it in use.
        fs::write(&note, &url).expect("the note was written before");
        return url;
    }
    start(&programs, &note)
}

/// Keeps the server while this process lives: there are tests that take longer than its keeper waits.
fn keep(note: PathBuf) {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(60));
                // Written over, never made: a note that is gone says that the server is not wanted any more.
                let over = |url: Vec<u8>| File::options().write(true).open(&note)?.write_all(&url);
                fs::read(&note).and_then(over).ok();
            }
        });
    });
}

#[expect(clippy::zombie_processes, reason = "the keeper outlives the test that starts it")]
fn start(programs: &Path, note: &Path) -> String {
    let folder = std::env::temp_dir().join(format!("refundry-postgres-{}", Uuid::now_v7().simple()));
    fs::create_dir(&folder).expect("the temporary folder is writable");
    let prefix = unprivileged(&folder);
    let run = |program: &str| {
        let path = programs.join(program);
        let (first, rest) = prefix.split_first().map_or((path.clone(), &[][..]), |(first, rest)| (PathBuf::from(first), rest));
        let mut command = Command::new(first);
        command.args(rest);
        if !prefix.is_empty() {
            command.arg(path);
        }
        command.current_dir(&folder);
        command
    };

    let initialised = run("initdb")
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
        .arg(folder.join("data"))
        .output()
        .expect("initdb was found before");
    assert!(initialised.status.success(), "initdb failed: {}", String::from_utf8_lossy(&initialised.stderr));

    let port = free_port();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    // Before the keeper starts: a missing note tells it to stop. Nobody reads the note while we hold the lock.
    fs::write(note, &url).expect("the target folder is writable");
    let mut server = run("postgres");
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(&folder).args(["-p", &port.to_string()]);
    // Tests end with the server's folder: what a power cut would do to it does not matter.
    for setting in ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=300", "shared_buffers=64MB"] {
        server.args(["-c", setting]);
    }
    Command::new("/bin/sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(&folder)
        .arg(note)
        .arg(server.get_program())
        .args(server.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: killing a test must not kill the server that the other tests use.
        .process_group(0)
        .spawn()
        .expect("there is a /bin/sh");

    for _ in 0..300 {
        if is_ready(programs, &port.to_string()) {
            return url;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let _ = fs::remove_file(note);
    panic!("PostgreSQL did not start within 30 s: {log}");
}

/// Runs the server (all arguments from the third on) until its note is gone or ten minutes old, then cleans up.
const KEEPER: &str = r#"
folder=$1 note=$2; shift 2
"$@" >"$folder/log" 2>&1 &
while kill -0 $! && [ -n "$(find "$note" -mmin -10)" ]; do sleep 1; done
kill -QUIT $!; wait $!
rm -rf "$folder"
"#;

fn is_ready(programs: &Path, port: &str) -> bool {
    let asked = Command::new(programs.join("pg_isready")).args(["--quiet", "--host=127.0.0.1", "--port", port]).status();
    asked.is_ok_and(|status| status.success())
}

fn port_of(url: &str) -> &str {
    let (address, _) = url.rsplit_once('/').unwrap_or((url, ""));
    address.rsplit_once(':').map_or("5432", |(_, port)| port)
}

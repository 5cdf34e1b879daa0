//! The store: rows in SQLite or PostgreSQL, one SQL text for both. Reads and writes here decide nothing.
//!
//! Writes go through [`Store::write`] and its kin alone: one task owns the writing connection, takes what waits in its queue into one
//! transaction with a savepoint each, commits, and only then answers. So many callers share one durable commit, and a
//! caller that fails takes nobody along. Outcomes share more: what waits together is one statement for each table. On PostgreSQL there is
//! another such task beside it for what touches no books.

pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod brands;
pub(crate) mod browsing;
pub(crate) mod callers;
pub(crate) mod claim_codes;
pub(crate) mod claims;
pub(crate) mod code_apps;
pub(crate) mod codec;
mod connections;
pub(crate) mod deliveries;
pub(crate) mod emails;
pub(crate) mod endpoints;
pub(crate) mod given_back;
pub(crate) mod idempotency;
pub(crate) mod invitations;
pub(crate) mod invoices;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod merchants;
pub(crate) mod notices;
pub(crate) mod outages;
pub(crate) mod overview;
pub(crate) mod passkeys;
pub(crate) mod payouts;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod previews;
pub(crate) mod privacy;
pub(crate) mod rails;
pub(crate) mod reconciliations;
pub(crate) mod refunds;
pub(crate) mod resets;
pub(crate) mod sanctions;
pub(crate) mod senders;
pub(crate) mod sessions;
pub(crate) mod setup;
mod shared;
pub(crate) mod sources;
pub(crate) mod state;
pub(crate) mod statements;
mod writer;

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::MidId;
use domain::money::AssetId;
use domain::outcome::Outcome;
use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite};
use thiserror::Error;

use self::connections::{Connection, Connections};
pub(crate) use self::shared::Payments;
use crate::outside::{Sharing, WriteGate};

/// Runs the same body on either database. `$conn` is the connection in it.
macro_rules! on {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(connection) => {
                let $conn = &mut **connection;
                $body
            }
            $crate::store::Tx::Postgres(connection) => {
                let $conn = &mut **connection;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Reads the rows that belong to some ids or names, in one question: `$select` ends with `IN (`, `$rest` begins with `)`. No ids, no rows.
///
/// On PostgreSQL the ids are one array, and so one statement to keep prepared whatever their number.
macro_rules! among {
    ($tx:expr, $select:expr, $ids:expr, $rest:expr) => {{
        let (select, ids): (String, &[_]) = ($select.into(), $ids);
        if ids.is_empty() {
            return Ok(Default::default());
        }
        match $tx {
            $crate::store::Tx::Sqlite(connection) => {
                let mut sql = sqlx::QueryBuilder::new(select);
                let mut list = sql.separated(", ");
                $crate::store::of_few_lengths(ids).for_each(|id| {
                    list.push_bind(id.to_owned());
                });
                sql.push($rest).build_query_as().fetch_all(&mut **connection).await
            }
            $crate::store::Tx::Postgres(connection) => {
                let sql = format!("{}= ANY($1{}", select.trim_end_matches("IN ("), $rest);
                sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ids.to_vec()).fetch_all(&mut **connection).await
            }
        }
    }};
}
pub(crate) use among;

/// A connection. One from [`Store::read`] only reads; one inside [`Store::write`] is in a transaction.
pub(crate) enum Tx {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// The rows.
#[derive(Clone)]
pub struct Store {
    readers: Connections,
    shared: shared::Shared,
    writer: writer::Writer,
    /// For what touches no books. SQLite has one writer, so there it is the same.
    aside: writer::Writer,
    gate: Option<Arc<dyn WriteGate>>,
}

/// How many statements a connection keeps prepared: more than there are.
const STATEMENTS_MAX: usize = 1000;

/// How many rows one statement writes at most: databases limit how many values it may carry.
const LOT_MAX: usize = 64;

/// Up to how many rows there is a statement for every number of them.
const FEW: usize = 16;

/// What a write borrows its transaction for.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

/// An outcome on its way to the rows.
pub(crate) struct Decided {
    /// When it was decided.
    pub(crate) at: Timestamp,
    pub(crate) outcome: Outcome,
}

/// Turns outcomes that change different invoices and refunds into rows: all of them, or none.
pub(crate) trait Clerk: Send + Sync {
    fn write<'t>(&'t self, tx: &'t mut Tx, decided: &'t [Decided]) -> Work<'t, ()>;
}

impl Store {
    /// Connects, brings the schema up to date and starts the writer, whose callers share commits as told.
    ///
    /// # Errors
    /// When the database cannot be reached, or is newer than this program.
    pub async fn open(url: &str, sharing: Arc<Sharing>) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?;
            let migrations = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
            sqlx::migrate!("./migrations/postgres").run(&migrations).await?;
            migrations.close().await;
            // A server that went away must not stop writing for ever; nor may a row that another process holds, nor that process when it
            // is paused in the middle of a transaction: it loses that and its rows.
            let limits = [("statement_timeout", "20s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "8s")];
            let options = options.options(limits).statement_cache_capacity(STATEMENTS_MAX);
            let pool = |connections| PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10));
            // Those who write name their rows by their keys, however the tables grew since a statement was planned.
            let by_keys = [
                ("enable_seqscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("plan_cache_mode", "force_generic_plan"),
            ];
            let writer = || async {
                let writers = Connections::postgres(pool(1).connect_with(options.clone().options(by_keys)).await?);
                Ok::<_, StoreError>(writer::Writer::start(writers, Arc::clone(&sharing)))
            };
            let readers = Connections::postgres(pool(8).connect_with(options.clone()).await?);
            let shared = shared::Shared::start(&readers);
            return Ok(Self { writer: writer().await?, aside: writer().await?, shared, readers, gate: None });
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Durable at power loss: an acknowledged write is on the disk.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .statement_cache_capacity(STATEMENTS_MAX)
            .busy_timeout(Duration::from_secs(10));
        // A file does not go away as a server does: no question before every use.
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
        let writers = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations/sqlite").run(&writers).await?;
        let readers = Connections::sqlite(pool(4).connect_with(options).await?);
        let writer = writer::Writer::start(Connections::sqlite(writers), sharing);
        Ok(Self { aside: writer.clone(), writer, shared: shared::Shared::start(&readers), readers, gate: None })
    }

    /// Puts a gate before the writer.
    pub(crate) fn behind(self, gate: Option<Arc<dyn WriteGate>>) -> Self {
        Self { gate, ..self }
    }

    /// Returns a connection to read from. Two reads may see two moments; versions tell when that matters.
    pub(crate) async fn read(&self) -> Result<Connection, StoreError> {
        self.readers.acquire().await
    }

    /// Runs a report on one moment of all rows, beside the writer.
    pub(crate) async fn snapshot<T, F>(&self, report: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T>,
    {
        let mut held = self.readers.acquire().await?;
        // A report may be given up half-way, and its moment must not become everybody's who is handed this connection later.
        held.close_on_drop();
        let tx: &mut Tx = &mut held;
        let begin = match tx {
            // In WAL mode the first read fixes the moment.
            Tx::Sqlite(_) => "BEGIN",
            Tx::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        on!(tx, |conn| sqlx::raw_sql(begin).execute(conn).await.map(drop))?;
        let result = report(tx).await;
        on!(tx, |conn| sqlx::raw_sql("ROLLBACK").execute(conn).await.map(drop))?;
        result
    }

    /// Runs `work` in the writer's transaction and answers after the commit.
    ///
    /// # Errors
    /// What `work` returns (then nothing of it is kept), or `Lost` when it is unknown whether the commit took place.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        self.gated(self.writer.write(None, work)).await
    }

    /// Does the same for rows of one MID.
    pub(crate) async fn write_for<T, F>(&self, mid: Option<MidId>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        self.gated(self.writer.write(mid.map(|mid| mid.0), work)).await
    }

    /// Has an outcome written, together with others that wait at the same moment. One that cannot be written takes none of them along.
    pub(crate) async fn write_down(&self, mid: Option<MidId>, decided: Box<Decided>, clerk: Arc<dyn Clerk>) -> Result<(), StoreError> {
        self.gated(self.writer.write_down(mid.map(|mid| mid.0), decided, clerk)).await
    }

    /// Runs `work` beside the writer, for what touches no books: jobs, and what became of deliveries. Who writes there takes no lock that
    /// the writer takes before one of these rows.
    pub(crate) async fn write_aside<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        self.gated(self.aside.write(None, work)).await
    }

    /// Lets the gate before the writer, when there is one, say what becomes of a write.
    async fn gated<T>(&self, write: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let Some(gate) = &self.gate else { return write.await };
        gate.before().await?;
        let written = write.await?;
        gate.after().await?;
        Ok(written)
    }
}

/// Why rows could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Somebody else changed the row first, or wrote the same unique value: read again.
    #[error("somebody else changed it at the same moment")]
    Conflict,
    /// A rule of the schema refused what our own rules should have refused: nothing was written.
    #[error("the database refused a change that breaks its rules: {0}")]
    Broken(String),
    /// A row makes no sense.
    #[error("a row in {table} makes no sense: {id}")]
    Inconsistent {
        /// In which table.
        table: &'static str,
        /// Which row, and what of it.
        id: String,
    },
    /// Rows are in an asset that the settings do not have any more.
    #[error("{0} is used by rows but not configured: add it to refundry.toml")]
    Unconfigured(AssetId),
    /// The answer of the commit was lost; it may have taken place.
    #[error("the database did not confirm the change")]
    Lost,
    /// The database went away before the change was committed: nothing was written.
    #[error("the database does not answer; nothing was changed")]
    Away,
    /// The schema is newer than this program, or a migration failed.
    #[error("failed to migrate the database: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    /// The database was made by a version that was never released; the schema was edited since.
    #[error(
        "this database was made by an unreleased version of Refundry and cannot be brought up to date: move it away, and a new one is made"
    )]
    Unreleased,
    /// The database does not answer, or says no.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl StoreError {
    /// Says whether the database was out of reach or overloaded, rather than something being wrong with what it was asked.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Away | Self::Lost => true,
            Self::Database(sqlx::Error::Database(database)) => database.code().is_some_and(|code| says_away(&code)),
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_)) => true,
            Self::Conflict
            | Self::Broken(_)
            | Self::Inconsistent { .. }
            | Self::Unconfigured(_)
            | Self::Migrate(_)
            | Self::Unreleased
            | Self::Database(_) => false,
        }
    }
}

/// Knows PostgreSQL's codes for a server that stops, starts or is full, and for a statement or a session that was ended from there.
fn says_away(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("53") || code.starts_with("57") || matches!(code, "25P03" | "25006")
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMismatch(_) => Self::Unreleased,
            error => Self::Migrate(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let is_refusal = matches!(&error, sqlx::Error::Database(database) if database.code().is_none_or(|code| !says_away(&code)));
        if !is_refusal {
            connections::note_trouble();
        }
        if let sqlx::Error::Database(database) = &error {
            match database.kind() {
                sqlx::error::ErrorKind::UniqueViolation => return Self::Conflict,
                sqlx::error::ErrorKind::CheckViolation
                | sqlx::error::ErrorKind::ForeignKeyViolation
                | sqlx::error::ErrorKind::NotNullViolation => return Self::Broken(database.message().to_owned()),
                _ => {}
            }
            // Deadlock, serialization failure or a row that stayed locked on PostgreSQL: another process was first.
            if matches!(database.code().as_deref(), Some("40P01" | "40001" | "55P03")) {
                return Self::Conflict;
            }
        }
        Self::Database(error)
    }
}

/// Returns `Conflict` unless exactly one row was changed: the compare-and-swap of every update.
pub(crate) fn one_row(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Repeats the last of some things that a condition names until their number is a power of two: a statement for every number would be
/// too many to keep prepared.
pub(crate) fn of_few_lengths<T>(things: &[T]) -> impl Iterator<Item = &T> {
    let missing = things.len().next_power_of_two().saturating_sub(things.len());
    things.iter().chain(things.last().into_iter().cycle().take(missing))
}

/// Splits rows to write into lots: of as many as there are while these are few, of some power of two otherwise. A statement for every number of
/// rows would be too many to keep prepared.
pub(crate) fn lots<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let length = match left.len().min(LOT_MAX) {
            few @ 1..=FEW => few,
            many => 1_usize.checked_shl(many.checked_ilog2()?)?,
        };
        let (lot, rest) = left.split_at(length);
        left = rest;
        Some(lot)
    })
}

/// Returns `Conflict` unless as many rows were changed as there were to change: the compare-and-swap of several at once.
pub(crate) fn all_rows(changed: u64, wanted: usize) -> Result<(), StoreError> {
    if usize::try_from(changed) == Ok(wanted) { Ok(()) } else { Err(StoreError::Conflict) }
}

#[cfg(test)]
mod tests;

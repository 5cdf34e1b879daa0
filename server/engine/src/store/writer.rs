//! The writer: one task, one connection, one transaction for everything that waits (group commit).
//!
//! It outlives its database: while that is away every caller is told so, and the first batch after its return is written. Callers learn
//! one of three things: written, certainly not written, or (only when the connection broke during COMMIT) unknown.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{Connections, StoreError, Tx, Work, on};
use crate::outside::Sharing;

/// How many callers wait in the queue at most; the others wait for a place in it.
const QUEUE_MAX: usize = 512;
/// How long a transaction may take before its connection is given up.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(30);
/// How old a transaction may be when it takes one more caller in. One of them may have waited for a row of another process; the rows that
/// are held here meanwhile must not make others wait for longer than that.
const BATCH_AGE_MAX: Duration = Duration::from_secs(1);
/// How long to be polite to a connection that is given up.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> Work<'t, ()> + Send>;
type Answer = oneshot::Sender<Result<(), StoreError>>;

struct Request {
    /// Whose rows it changes. The MID's own row is locked first, and a batch goes through the MIDs in one order: two processes that move
    /// money of the same MIDs wait for each other instead of failing each other.
    mid: Option<Uuid>,
    run: Run,
    done: Answer,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Request>,
}

impl Writer {
    pub(super) fn start(connections: Connections, sharing: Arc<Sharing>) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE_MAX);
        let writer = tokio::spawn(run(connections, requests, sharing));
        tokio::spawn(async move {
            if let Err(error) = writer.await
                && error.is_panic()
            {
                // Nothing could be written any more, and nobody would notice: better to stop and be started again.
                tracing::error!(%error, "the writer ended");
                std::process::abort();
            }
        });
        Self { queue }
    }

    pub(super) async fn write<T, F>(&self, mid: Option<Uuid>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let run: Run = Box::new(move |tx| {
            let work = work(tx);
            Box::pin(async move {
                let value = work.await?;
                if let Ok(mut slot) = slot.lock() {
                    *slot = Some(value);
                }
                Ok(())
            })
        });
        let (done, answer) = oneshot::channel();
        self.queue.send(Request { mid, run, done }).await.map_err(|_| StoreError::Lost)?;
        answer.await.map_err(|_| StoreError::Lost)??;
        result.lock().ok().and_then(|mut slot| slot.take()).ok_or(StoreError::Lost)
    }
}

/// Takes what waits, commits it together and answers.
async fn run(connections: Connections, mut requests: mpsc::Receiver<Request>, sharing: Arc<Sharing>) {
    let mut waiting = Vec::with_capacity(sharing.callers_max());
    while !waiting.is_empty() || requests.recv_many(&mut waiting, sharing.callers_max()).await > 0 {
        let mut batch = Batch::new(std::mem::take(&mut waiting));
        batch.commit(&connections).await;
        sharing.count(batch.begun.len());
        waiting = batch.answer();
    }
}

/// Callers on their way through one transaction.
struct Batch {
    /// Not begun.
    waiting: std::vec::IntoIter<Request>,
    /// Begun; `None` while its work runs.
    begun: Vec<(Answer, Option<Result<(), StoreError>>)>,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The database was not asked to commit: whatever broke, nothing is written.
    Open,
    /// It was asked and has not said what it did.
    Committing,
    /// All of it is on the disk.
    Committed,
}

impl Batch {
    fn new(mut requests: Vec<Request>) -> Self {
        requests.sort_by_key(|request| request.mid);
        Self { begun: Vec::with_capacity(requests.len()), waiting: requests.into_iter(), progress: Progress::Open }
    }

    async fn commit(&mut self, connections: &Connections) {
        let mut held = match connections.acquire().await {
            Ok(held) => held,
            Err(error) => {
                tracing::error!(%error, "no connection to write with");
                self.begun.extend(self.waiting.by_ref().map(|request| (request.done, None)));
                return;
            }
        };
        let done = tokio::time::timeout(COMMIT_TIMEOUT, self.in_transaction(&mut held)).await;
        if let Err(error) = done.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            tracing::error!(%error, callers = self.begun.len(), "the writing transaction was lost");
            // Whatever the connection was in the middle of must not be somebody else's beginning.
            let close = async {
                match held.into_tx() {
                    Some(Tx::Sqlite(connection)) => connection.close().await.ok(),
                    Some(Tx::Postgres(connection)) => connection.close().await.ok(),
                    None => None,
                }
            };
            tokio::time::timeout(CLOSE_TIMEOUT, close).await.ok();
        }
    }

    /// Each request has its own savepoint, so one that is refused leaves no trace. What ends one request and begins the next is asked in one
    /// go: every question costs a trip to the server.
    async fn in_transaction(&mut self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let begin = match tx {
            // Takes the write lock at once: a transaction that reads first could find it cannot write any more.
            Tx::Sqlite(_) => "BEGIN IMMEDIATE; SAVEPOINT request",
            Tx::Postgres(_) => "BEGIN; SAVEPOINT request",
        };
        let began = Instant::now();
        let (mut to_next, mut locked) = (Some(begin), None);
        while self.begun.is_empty() || began.elapsed() < BATCH_AGE_MAX {
            let Some(Request { mid, run, done }) = self.waiting.next() else { break };
            self.begun.push((done, None));
            if let Some(sql) = to_next {
                execute(tx, sql).await?;
            }
            let result = match lock(tx, mid.filter(|_| mid != locked)).await {
                Ok(()) => run(tx).await,
                Err(error) => Err(error),
            };
            if result.is_ok() {
                locked = mid.or(locked);
                to_next = Some("RELEASE SAVEPOINT request; SAVEPOINT request");
            } else {
                // The savepoint stays for the next request; locks taken since go.
                execute(tx, "ROLLBACK TO SAVEPOINT request").await?;
                (to_next, locked) = (None, None);
            }
            if let Some((_, place)) = self.begun.last_mut() {
                *place = Some(result);
            }
        }
        self.progress = Progress::Committing;
        // A transaction that is broken without anybody's having said so is refused by the first of the two, not committed as nothing.
        execute(tx, "RELEASE SAVEPOINT request; COMMIT").await?;
        self.progress = Progress::Committed;
        Ok(())
    }

    /// Answers everybody whose work was begun and returns those who still wait.
    fn answer(self) -> Vec<Request> {
        for (done, result) in self.begun {
            let answer = match (self.progress, result) {
                (Progress::Committed, Some(result)) => result,
                // Refused before the connection broke: written it is not, whatever became of the others.
                (Progress::Committing, Some(Err(refused))) => Err(refused),
                (Progress::Committing | Progress::Committed, _) => Err(StoreError::Lost),
                (Progress::Open, _) => Err(StoreError::Away),
            };
            // A caller that went away no longer wants to know.
            done.send(answer).ok();
        }
        self.waiting.collect()
    }
}

/// Locks a MID's row, without keeping others from rows that refer to it.
async fn lock(tx: &mut Tx, mid: Option<Uuid>) -> Result<(), StoreError> {
    let (Some(mid), Tx::Postgres(connection)) = (mid, tx) else {
        // SQLite has one writer.
        return Ok(());
    };
    let locked = sqlx::query("SELECT id FROM mids WHERE id = $1 FOR NO KEY UPDATE").bind(mid).execute(&mut **connection).await;
    Ok(locked.map(drop)?)
}

async fn execute(tx: &mut Tx, sql: &'static str) -> Result<(), sqlx::Error> {
    on!(tx, |conn| sqlx::raw_sql(sql).execute(conn).await.map(drop))
}

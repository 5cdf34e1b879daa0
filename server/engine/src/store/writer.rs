//! The writer: one task, one connection, one transaction for everything that waits (group commit).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Pools, StoreError, Tx, Work, on};

/// How many callers share one commit at most.
const BATCH_MAX: usize = 128;
/// How long a transaction may take before its connection is given up.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(30);

type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> Work<'t, ()> + Send>;

struct Request {
    run: Run,
    done: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Request>,
}

impl Writer {
    pub(super) fn start(pools: Pools) -> Self {
        let (queue, requests) = mpsc::channel(4 * BATCH_MAX);
        let writer = tokio::spawn(run(pools, requests));
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

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
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
        self.queue.send(Request { run, done }).await.map_err(|_| StoreError::Lost)?;
        answer.await.map_err(|_| StoreError::Lost)??;
        result.lock().ok().and_then(|mut slot| slot.take()).ok_or(StoreError::Lost)
    }
}

/// Takes what waits, commits it together and answers.
async fn run(pools: Pools, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while requests.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (runs, callers): (Vec<_>, Vec<_>) = batch.drain(..).map(|request| (request.run, request.done)).unzip();
        for (caller, result) in callers.into_iter().zip(commit_batch(&pools, runs).await) {
            // A caller that went away no longer wants to know.
            caller.send(result).ok();
        }
    }
}

/// Runs the batch in one transaction. Each request has its own savepoint, so one that is refused leaves no trace.
async fn commit_batch(pools: &Pools, batch: Vec<Run>) -> Vec<Result<(), StoreError>> {
    let callers = batch.len();
    let all = |error: fn() -> StoreError| (0..callers).map(|_| Err(error())).collect();
    let mut tx = match pools.acquire().await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::error!(%error, "no connection to write with");
            // Nothing was begun, so nothing can have been committed.
            return all(|| StoreError::Database(sqlx::Error::PoolTimedOut));
        }
    };
    match tokio::time::timeout(COMMIT_TIMEOUT, in_transaction(&mut tx, batch)).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
        Ok(results) => results,
        Err(error) => {
            tracing::error!(%error, callers, "the writing transaction was lost");
            // Whatever the connection was in the middle of must not be somebody else's beginning.
            match tx {
                Tx::Sqlite(connection) => connection.close().await.ok(),
                Tx::Postgres(connection) => connection.close().await.ok(),
            };
            all(|| StoreError::Lost)
        }
    }
}

async fn in_transaction(tx: &mut Tx, batch: Vec<Run>) -> Result<Vec<Result<(), StoreError>>, sqlx::Error> {
    let begin = match tx {
        // Takes the write lock at once: a transaction that reads first could find it cannot write any more.
        Tx::Sqlite(_) => "BEGIN IMMEDIATE",
        Tx::Postgres(_) => "BEGIN",
    };
    execute(tx, begin).await?;
    let mut results = Vec::with_capacity(batch.len());
    for run in batch {
        execute(tx, "SAVEPOINT request").await?;
        let result = run(tx).await;
        execute(tx, if result.is_ok() { "RELEASE SAVEPOINT request" } else { "ROLLBACK TO SAVEPOINT request" }).await?;
        results.push(result);
    }
    execute(tx, "COMMIT").await?;
    Ok(results)
}

async fn execute(tx: &mut Tx, sql: &'static str) -> Result<(), sqlx::Error> {
    on!(tx, |conn| sqlx::raw_sql(sql).execute(conn).await.map(drop))
}

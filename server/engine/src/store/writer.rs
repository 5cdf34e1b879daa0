//! The writer: one task, one connection, one transaction for everything that waits (group commit).
//!
//! Outcomes that wait are written together: every statement costs a trip to the server, and one that carries the rows of thirty costs little
//! more than one that carries a single row. Two of the same invoice or refund follow each other. When those of a lot cannot be written
//! together nothing of it stays, and each is written by itself: then only the one that is wrong is refused.
//!
//! It outlives its database: while that is away every caller is told so, and the first batch after its return is written. Callers learn
//! one of three things: written, certainly not written, or (only when the connection broke during COMMIT) unknown.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::outcome::Outcome;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{Clerk, Connections, Decided, StoreError, Tx, Work, among, on};
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
    /// Whose rows it changes. The MIDs' own rows are locked first, in one order: two processes that move money of the same MIDs wait for
    /// each other instead of failing each other.
    mid: Option<Uuid>,
    what: What,
    done: Answer,
}

/// What a caller wants written.
enum What {
    /// Something of its own.
    Alone(Run),
    /// What an event changes.
    Outcome(Box<Decided>, Arc<dyn Clerk>),
}

impl Request {
    /// What touches no MID's books comes first: it locks rows of networks. New invoices do so too, and follow.
    fn place(&self) -> (bool, bool, Option<Uuid>) {
        (self.mid.is_some(), matches!(self.what, What::Outcome(..)), self.mid)
    }
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
        self.ask(mid, What::Alone(run)).await?;
        result.lock().ok().and_then(|mut slot| slot.take()).ok_or(StoreError::Lost)
    }

    pub(super) async fn write_down(&self, mid: Option<Uuid>, decided: Box<Decided>, clerk: Arc<dyn Clerk>) -> Result<(), StoreError> {
        self.ask(mid, What::Outcome(decided, clerk)).await
    }

    async fn ask(&self, mid: Option<Uuid>, what: What) -> Result<(), StoreError> {
        let (done, answer) = oneshot::channel();
        self.queue.send(Request { mid, what, done }).await.map_err(|_| StoreError::Lost)?;
        answer.await.map_err(|_| StoreError::Lost)?
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
    waiting: VecDeque<Request>,
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
        requests.sort_by_key(Request::place);
        Self { begun: Vec::with_capacity(requests.len()), waiting: requests.into(), progress: Progress::Open }
    }

    async fn commit(&mut self, connections: &Connections) {
        let mut held = match connections.acquire().await {
            Ok(held) => held,
            Err(error) => {
                tracing::error!(%error, "no connection to write with");
                self.begun.extend(self.waiting.drain(..).map(|request| (request.done, None)));
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

    async fn in_transaction(&mut self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let mut steps = Steps::new(tx);
        while self.begun.is_empty() || steps.began.elapsed() < BATCH_AGE_MAX {
            if self.waiting.front().is_some_and(|request| request.mid.is_some()) {
                steps.lock_early(self.waiting.iter().filter_map(|request| request.mid).collect()).await?;
            }
            let Some(Request { mid, what, done }) = self.waiting.pop_front() else { break };
            match what {
                What::Alone(run) => {
                    self.begun.push((done, None));
                    let result = match steps.begin(mid.into_iter().collect()).await? {
                        Ok(()) => run(steps.tx).await,
                        Err(error) => Err(error),
                    };
                    let result = steps.end(result).await?;
                    if let Some((_, place)) = self.begun.last_mut() {
                        *place = Some(result);
                    }
                }
                What::Outcome(decided, clerk) => Box::pin(self.write_together(&mut steps, mid, decided, done, &clerk)).await?,
            }
        }
        self.progress = Progress::Committing;
        // A transaction that is broken without anybody's having said so is refused by the first of the two, not committed as nothing.
        execute(steps.tx, "RELEASE SAVEPOINT request; COMMIT").await?;
        self.progress = Progress::Committed;
        Ok(())
    }

    /// Writes an outcome, and with it those that wait and change other rows: together, or else one by one.
    async fn write_together(
        &mut self,
        steps: &mut Steps<'_>,
        mid: Option<Uuid>,
        decided: Box<Decided>,
        done: Answer,
        clerk: &Arc<dyn Clerk>,
    ) -> Result<(), sqlx::Error> {
        let mut changed: BTreeSet<Uuid> = changed_by(&decided.outcome).collect();
        let (mut lot, mut mids) = (vec![*decided], vec![mid]);
        let first = self.begun.len();
        self.begun.push((done, None));
        for Request { mid: its, what, done } in std::mem::take(&mut self.waiting) {
            match what {
                What::Outcome(other, _)
                    if its.is_some() == mid.is_some() && changed_by(&other.outcome).all(|row| !changed.contains(&row)) =>
                {
                    changed.extend(changed_by(&other.outcome));
                    lot.push(*other);
                    mids.push(its);
                    self.begun.push((done, None));
                }
                what => self.waiting.push_back(Request { mid: its, what, done }),
            }
        }
        let together = steps.write(mids.iter().flatten().copied().collect(), clerk.as_ref(), &lot).await?;
        let (places, count) = (&mut self.begun[first..], lot.len());
        if together.is_ok() || count == 1 {
            let mut results = std::iter::once(together).chain(std::iter::repeat_with(|| Ok(())));
            places.iter_mut().for_each(|(_, place)| *place = results.next());
            return Ok(());
        }
        let mut lot: VecDeque<(Option<Uuid>, Decided)> = mids.into_iter().zip(lot).collect();
        for (_, place) in places {
            if steps.began.elapsed() >= BATCH_AGE_MAX {
                break;
            }
            let Some((mid, decided)) = lot.pop_front() else { break };
            *place = Some(steps.write(mid.into_iter().collect(), clerk.as_ref(), std::slice::from_ref(&decided)).await?);
        }
        let not_begun = self.begun.split_off(self.begun.len().saturating_sub(lot.len()));
        for ((mid, decided), (done, _)) in lot.into_iter().zip(not_begun).rev() {
            self.waiting.push_front(Request { mid, what: What::Outcome(Box::new(decided), Arc::clone(clerk)), done });
        }
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
        self.waiting.into()
    }
}

/// The steps of one transaction. What is refused leaves no trace: each has a savepoint of its own. What ends one and begins the next is
/// asked in one go: every question costs a trip to the server.
struct Steps<'c> {
    tx: &'c mut Tx,
    began: Instant,
    to_next: Option<&'static str>,
    /// The MIDs that are locked until the commit, and those that are if this step is kept.
    locked: BTreeSet<Uuid>,
    locking: BTreeSet<Uuid>,
    is_locked_early: bool,
}

impl<'c> Steps<'c> {
    fn new(tx: &'c mut Tx) -> Self {
        let begin = match tx {
            // Takes the write lock at once: a transaction that reads first could find it cannot write any more.
            Tx::Sqlite(_) => "BEGIN IMMEDIATE; SAVEPOINT request",
            Tx::Postgres(_) => "BEGIN; SAVEPOINT request",
        };
        let (locked, locking) = (BTreeSet::new(), BTreeSet::new());
        Self { tx, began: Instant::now(), to_next: Some(begin), locked, locking, is_locked_early: false }
    }

    /// Locks the MIDs of all that will be written, once. When that cannot be done, each step says so for itself.
    async fn lock_early(&mut self, mids: BTreeSet<Uuid>) -> Result<(), sqlx::Error> {
        if self.is_locked_early || mids.len() < 2 || matches!(self.tx, Tx::Sqlite(_)) {
            return Ok(());
        }
        self.is_locked_early = true;
        let locked = self.begin(mids).await?;
        self.end(locked).await.map(drop)
    }

    /// Begins a step, which changes rows of these MIDs.
    async fn begin(&mut self, mids: BTreeSet<Uuid>) -> Result<Result<(), StoreError>, sqlx::Error> {
        if let Some(sql) = self.to_next.take() {
            execute(self.tx, sql).await?;
        }
        self.locking = mids;
        self.locking.retain(|mid| !self.locked.contains(mid));
        Ok(lock(self.tx, &self.locking.iter().copied().collect::<Vec<_>>()).await)
    }

    /// Ends it: keeps what it wrote, or takes all of it back.
    async fn end(&mut self, result: Result<(), StoreError>) -> Result<Result<(), StoreError>, sqlx::Error> {
        if result.is_ok() {
            self.locked.append(&mut self.locking);
            self.to_next = Some("RELEASE SAVEPOINT request; SAVEPOINT request");
        } else {
            // The savepoint stays for the next step; locks taken since go.
            execute(self.tx, "ROLLBACK TO SAVEPOINT request").await?;
        }
        Ok(result)
    }

    /// Writes outcomes as one step.
    async fn write(&mut self, mids: BTreeSet<Uuid>, clerk: &dyn Clerk, lot: &[Decided]) -> Result<Result<(), StoreError>, sqlx::Error> {
        let result = match self.begin(mids).await? {
            Ok(()) => clerk.write(self.tx, lot).await,
            Err(error) => Err(error),
        };
        self.end(result).await
    }
}

/// Names what an outcome changes rows of: two that name the same are written one after the other.
fn changed_by(outcome: &Outcome) -> impl Iterator<Item = Uuid> {
    let invoices = outcome.invoice.iter().chain(outcome.attributed.iter().map(|attributed| &attributed.from)).map(|invoice| invoice.id.0);
    let refund = outcome.refund.iter().flat_map(|refund| [refund.id.0, refund.invoice.0]);
    let payout = outcome.payout.iter().flat_map(|payout| [payout.id.0, payout.refund.0]);
    invoices.chain(refund).chain(payout)
}

/// Locks rows of MIDs, in one order, without keeping others from rows that refer to them.
async fn lock(tx: &mut Tx, mids: &[Uuid]) -> Result<(), StoreError> {
    if matches!(tx, Tx::Sqlite(_)) {
        // It has one writer.
        return Ok(());
    }
    let _locked: Vec<(Uuid,)> = among!(tx, "SELECT id FROM mids WHERE id IN (", mids, ") ORDER BY id FOR NO KEY UPDATE")?;
    Ok(())
}

async fn execute(tx: &mut Tx, sql: &'static str) -> Result<(), sqlx::Error> {
    on!(tx, |conn| sqlx::raw_sql(sql).execute(conn).await.map(drop))
}

//! Connections, kept between uses. sqlx's pool makes them and replaces those that broke, but asks the database whether it is there each time
//! one is taken and again when it is given back: two questions for every question of ours. Here that is asked only when there is a reason.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{StoreError, Tx};

/// How long to wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may have been idle and be used without a question first.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How often a connection of this process broke. Whoever held or kept one at that time gives it to the pool, which finds out about it.
static TROUBLES: AtomicU64 = AtomicU64::new(0);

/// Notes that a connection broke.
pub(super) fn note_trouble() {
    TROUBLES.fetch_add(1, Ordering::Relaxed);
}

/// Connections to one database, up to a number.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    pool: Pool,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

struct Idle {
    tx: Tx,
    since: Instant,
    troubles: u64,
}

impl Connections {
    pub(super) fn sqlite(pool: SqlitePool) -> Self {
        let most = pool.options().get_max_connections();
        Self::new(Pool::Sqlite(pool), most)
    }

    pub(super) fn postgres(pool: PgPool) -> Self {
        let most = pool.options().get_max_connections();
        Self::new(Pool::Postgres(pool), most)
    }

    fn new(pool: Pool, most: u32) -> Self {
        let permits = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1)));
        Self(Arc::new(Inner { pool, idle: Mutex::new(Vec::new()), permits }))
    }

    /// Returns a connection, the one that was used last if it can be trusted.
    pub(super) async fn acquire(&self) -> Result<Connection, StoreError> {
        let waited = tokio::time::timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.0.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = waited else { return Err(StoreError::Database(sqlx::Error::PoolTimedOut)) };
        let troubles = TROUBLES.load(Ordering::Relaxed);
        let kept = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // Dropped otherwise: back to the pool, which asks whether it still works.
        let kept = kept.filter(|idle| idle.since.elapsed() < TRUSTED_FOR && idle.troubles == troubles);
        let tx = match (kept, &self.0.pool) {
            (Some(idle), _) => idle.tx,
            (None, Pool::Sqlite(pool)) => Tx::Sqlite(pool.acquire().await?),
            (None, Pool::Postgres(pool)) => Tx::Postgres(pool.acquire().await?),
        };
        Ok(Connection { tx: Some(tx), is_kept: true, troubles, home: Arc::clone(&self.0), _permit: permit })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if tokio::runtime::Handle::try_current().is_err() {
            // The pool takes connections back on a runtime. When that has ended so does the process, and the connections with it.
            let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
            idle.drain(..).for_each(core::mem::forget);
        }
    }
}

/// A connection that goes back to its home when it is dropped.
pub(crate) struct Connection {
    /// Until it is dropped or taken out.
    tx: Option<Tx>,
    is_kept: bool,
    troubles: u64,
    home: Arc<Inner>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    /// Closes the connection when it is dropped: what it is in the middle of by then is nobody else's.
    pub(super) fn close_on_drop(&mut self) {
        self.is_kept = false;
        match &mut self.tx {
            Some(Tx::Sqlite(connection)) => connection.close_on_drop(),
            Some(Tx::Postgres(connection)) => connection.close_on_drop(),
            None => {}
        }
    }

    /// Takes the connection out: it is the pool's own again.
    pub(super) fn into_tx(mut self) -> Option<Tx> {
        self.tx.take()
    }
}

impl Deref for Connection {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        self.tx.as_ref().expect("it is taken out only by whoever consumes it")
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Tx {
        self.tx.as_mut().expect("it is taken out only by whoever consumes it")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(tx) = self.tx.take() else { return };
        if self.is_kept && TROUBLES.load(Ordering::Relaxed) == self.troubles {
            let idle = Idle { tx, since: Instant::now(), troubles: self.troubles };
            self.home.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        }
    }
}

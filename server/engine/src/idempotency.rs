//! Idempotency keys: a request that comes twice is carried out once and answered the same (API, for 24 hours).

use domain::ids::KeyId;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::callers::Caller;
use crate::store::{StoreError, idempotency as rows};
use crate::{Engine, Error};

const TABLE: &str = "idempotency_keys";
/// How long an idempotency key is remembered.
const IDEMPOTENCY_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// After this a request without an answer counts as lost, and the same key may try again: a little more than the server gives a request.
/// Should it be carried out twice all the same, by a process that was paused, what is made has the same id and a step is made once.
const REQUEST_LASTS: SignedDuration = SignedDuration::from_secs(35);

/// What an idempotency key leads to.
#[derive(Debug)]
pub enum Idempotency {
    /// Carry it out.
    Fresh(Busy),
    /// It was carried out: answer the same again.
    Replay {
        /// The answer's HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
}

/// A request that is being carried out.
#[derive(Clone, Copy, Debug)]
pub struct Busy {
    /// New things get this id, so that a second try after a crash finds what the first one made.
    pub resource: Uuid,
    /// Until when nobody else carries it out.
    until: Timestamp,
}

impl Engine {
    /// Begins a request that came with an idempotency key.
    ///
    /// # Errors
    /// `IdempotencyMismatch` when the key came with another request, `StillBusy` while the same one is being carried out.
    pub async fn idempotency_begin(&self, caller: &Caller, name: &str, request_hash: [u8; 32]) -> Result<Idempotency, Error> {
        let key = caller.key_id()?;
        // By the outside world's clock, which callers go by: moving the sandbox's forgets no answer.
        let now = self.clock().now_outside();
        let mut tx = self.store().read().await?;
        let row = rows::load(&mut tx, key, name).await?;
        drop(tx);
        if let Some(row) = row.filter(|row| now.duration_since(row.created_at.0) < IDEMPOTENCY_LASTS) {
            if row.request_hash != request_hash {
                return Err(Error::IdempotencyMismatch);
            }
            return match (row.status.map(u16::try_from), row.body) {
                (Some(Ok(status)), Some(sealed)) => {
                    let body = self.unseal_in_row(TABLE, &row_of(key, name), &sealed);
                    let body = body.ok_or_else(|| StoreError::Inconsistent { table: TABLE, id: format!("{name} body") })?;
                    Ok(Idempotency::Replay { status, body })
                }
                _ if row.busy_until.0 > now => Err(still_busy(row.busy_until.0.duration_since(now))),
                // Nobody answers for it any more: carry it out again under the same id.
                _ => {
                    let again = Busy { resource: row.resource_id, until: row.busy_until.0 };
                    let until = now.saturating_add(REQUEST_LASTS).unwrap_or(now);
                    self.keep_busy(caller, name, again, until).await.map_err(or_busy)?;
                    Ok(Idempotency::Fresh(Busy { until, ..again }))
                }
            };
        }
        let busy = Busy { resource: self.mint(), until: now.saturating_add(REQUEST_LASTS).unwrap_or(now) };
        let name = name.to_owned();
        let forget_before = now.checked_sub(IDEMPOTENCY_LASTS).unwrap_or(now);
        let begin = self.store().write(move |tx| {
            Box::pin(async move {
                rows::forget(tx, key, &name, forget_before).await?;
                rows::begin(tx, key, &name, &request_hash, busy.resource, now, busy.until).await
            })
        });
        begin.await.map_err(|error| or_busy(error.into()))?;
        Ok(Idempotency::Fresh(busy))
    }

    /// Ends a request without an answer that is worth keeping: who sends it again does not wait.
    ///
    /// # Errors
    /// `Conflict` when it took so long that another one took it up, `Store` when the database fails.
    pub async fn idempotency_give_up(&self, caller: &Caller, name: &str, busy: Busy) -> Result<(), Error> {
        self.keep_busy(caller, name, busy, self.clock().now_outside()).await
    }

    async fn keep_busy(&self, caller: &Caller, name: &str, busy: Busy, until: Timestamp) -> Result<(), Error> {
        let (key, name) = (caller.key_id()?, name.to_owned());
        self.store().write(move |tx| Box::pin(async move { rows::keep_busy(tx, key, &name, busy.until, until).await })).await?;
        Ok(())
    }

    /// Stores the answer to a request that came with an idempotency key, sealed: it may hold a secret that is told once, or a claim link.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn idempotency_finish(&self, caller: &Caller, name: &str, status: u16, body: &str) -> Result<(), Error> {
        let (key, name) = (caller.key_id()?, name.to_owned());
        let sealed = self.seal_in_row(TABLE, &row_of(key, &name), body);
        self.store().write(move |tx| Box::pin(async move { rows::finish(tx, key, &name, status, &sealed).await })).await?;
        Ok(())
    }
}

/// Names the row of a request.
fn row_of(key: KeyId, name: &str) -> Vec<u8> {
    [key.0.as_bytes().as_slice(), name.as_bytes()].concat()
}

/// Another request with the same key was first.
fn or_busy(error: Error) -> Error {
    match error {
        Error::Conflict => still_busy(REQUEST_LASTS),
        error => error,
    }
}

fn still_busy(rest: SignedDuration) -> Error {
    Error::StillBusy { wait_secs: u64::try_from(rest.as_secs()).unwrap_or(0).saturating_add(1) }
}

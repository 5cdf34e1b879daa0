//! The worker: carries out jobs that are due and watches the chains. Everything it does can be done twice.
//!
//! A job is leased for longer than it may take, so two workers carry the same one out only when one of them was paused, or cut off from
//! the database, for longer than its lease lasts. Then:
//!
//! - *before it acted*: it finds the rows changed. Every write compares the version, or the state, of what it read.
//! - *while it acted*: what acts on the outside can be repeated, as [`payouts`](crate::payouts) and [`webhooks`](crate::webhooks) say.
//! - *in the middle of a transaction*: PostgreSQL ends that after some seconds, so that nobody waits for its rows; nothing of it is written.
//! - *before it ended the job*: the row has another lease by then, and it neither finishes nor postpones what is another's.
//!
//! Timers ([`Job::ExpireInvoice`], [`Job::ExpireClaim`], [`Job::Release`]) are single steps: the second one is refused by the state.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use domain::job::Job;
use domain::lifecycle::Refused;
use domain::money::Network;
use jiff::{SignedDuration, Timestamp};

use crate::error::retrying;
use crate::rails::RailError;
use crate::store::jobs::{self, Lane, Lease, Leased};
use crate::{Engine, Error};

/// How long a worker may take for a job before another may take it over.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How long a job may take: less than its lease. Every job can be begun again.
const JOB_TIMEOUT: Duration = Duration::from_secs(25);
/// How many jobs of one lane are leased at once.
const LEASED_MAX: u32 = 32;
/// How often to look for due jobs and new blocks when nobody calls.
const TICK: Duration = Duration::from_millis(500);
/// How long a job that failed waits: longer each time, up to this.
const RETRY_AFTER_SECS_MAX: i64 = 60;
/// How long a look at a chain may take. A connection that is dead without saying so must not end the watching.
const LOOK_TIMEOUT: Duration = Duration::from_secs(300);
/// How long to wait for jobs that another worker is carrying out.
const OTHERS_TICK: Duration = Duration::from_millis(20);
/// How many rounds [`Engine::run_due_jobs`] makes at most: a job may put the next one in the queue.
const ROUNDS_MAX: usize = 1000;

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing is left to do.
    Finished,
    /// Nothing is left to do, and what it did ended the job in the same transaction.
    Ended,
    /// Look again.
    Again {
        /// Not before.
        at: Timestamp,
    },
}

impl Engine {
    /// Works until `stop`: reconciles unfinished payouts first, then jobs and chains.
    pub async fn run_worker(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        tokio::select! {
            () = &mut stop => {}
            () = self.work() => {}
        }
    }

    async fn work(&self) {
        let watches = self.0.rails.keys().map(|network| self.watch_for_ever(*network));
        let watching = async {
            let mut watches: Vec<_> = watches.map(Box::pin).collect();
            std::future::poll_fn(|context| {
                for watch in &mut watches {
                    // Never ready: each of them runs for ever.
                    let _: std::task::Poll<()> = watch.as_mut().poll(context);
                }
                std::task::Poll::<()>::Pending
            })
            .await;
        };
        let money = async {
            self.look_after_payouts().await;
            self.work_for_ever(Lane::Money).await;
        };
        tokio::join!(watching, money, self.work_for_ever(Lane::Deliveries), self.work_for_ever(Lane::Mail));
    }

    /// Looks once at every payout that was under way when an earlier process ended, before anything new is sent.
    async fn look_after_payouts(&self) {
        let looked = async {
            self.reconcile().await?;
            self.schedule_reconciliations().await?;
            self.run_lane(Lane::Payouts, self.now(), LEASED_MAX).await
        };
        if let Err(error) = looked.await {
            tracing::error!(%error, "the payouts under way could not be read; their jobs look after them");
        }
    }

    async fn watch_for_ever(&self, network: Network) {
        let mut was_away = false;
        loop {
            let looked = tokio::time::timeout(LOOK_TIMEOUT, self.watch(network)).await;
            let looked = looked.unwrap_or_else(|_| Err(RailError::Unreachable { network, detail: "it took too long".to_owned() }.into()));
            match looked {
                Ok(()) => was_away = false,
                Err(error) if was_away => tracing::debug!(%network, %error, "the chain is still not readable"),
                Err(error) => {
                    tracing::warn!(%network, %error, "the chain could not be read; trying again");
                    was_away = true;
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Keeps up to [`LEASED_MAX`] jobs of a lane going. Endpoints that do not answer fill their own lane and hold up no money.
    async fn work_for_ever(&self, lane: Lane) {
        let Some(called) = self.0.work.get(&lane) else { return };
        let mut running = tokio::task::JoinSet::new();
        loop {
            let free = LEASED_MAX.saturating_sub(u32::try_from(running.len()).unwrap_or(LEASED_MAX));
            let leased = if free == 0 { Ok(Vec::new()) } else { self.lease_due(lane, free).await };
            match leased {
                Ok(leased) if !leased.is_empty() => {
                    for job in leased {
                        let engine = self.clone();
                        running.spawn(async move { engine.carry_out(job).await });
                    }
                    continue;
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "jobs could not be leased; trying again"),
            }
            tokio::select! {
                Some(ended) = running.join_next() => note_panic(ended),
                () = called.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Carries out what is due now, and what that makes due, and says how many jobs there were. Jobs that another worker is
    /// carrying out are waited for; those that ask to be looked at again later are left for later.
    ///
    /// # Errors
    /// `Store` when jobs cannot be leased. A job that fails is tried again later and is no error here.
    pub async fn run_due_jobs(&self) -> Result<usize, Error> {
        let by = self.now();
        let mut done = 0_usize;
        for _ in 0..ROUNDS_MAX {
            let carried_out = self.run_lanes(by, LEASED_MAX).await?;
            done = done.saturating_add(carried_out);
            if carried_out > 0 {
                continue;
            }
            let mut tx = self.store().read().await?;
            if !jobs::is_any_due(&mut tx, by).await? {
                break;
            }
            drop(tx);
            tokio::time::sleep(OTHERS_TICK).await;
        }
        Ok(done)
    }

    /// Carries out what is due now and in nobody's hands, `at_once` of a lane side by side, and says how many jobs there were.
    ///
    /// # Errors
    /// `Store` when jobs cannot be leased. A job that fails is tried again later and is no error here.
    pub async fn run_free_jobs(&self, at_once: u32) -> Result<usize, Error> {
        self.run_lanes(self.now(), at_once).await
    }

    async fn run_lanes(&self, by: Timestamp, at_once: u32) -> Result<usize, Error> {
        let money = self.run_lane(Lane::Money, by, at_once).await?;
        let deliveries = self.run_lane(Lane::Deliveries, by, at_once).await?;
        let mail = self.run_lane(Lane::Mail, by, at_once).await?;
        Ok(money.saturating_add(deliveries).saturating_add(mail))
    }

    /// Carries out what of a lane is due by an instant, and what that makes due, side by side.
    async fn run_lane(&self, lane: Lane, due_by: Timestamp, at_once: u32) -> Result<usize, Error> {
        let mut done = 0_usize;
        loop {
            let leased = self.lease(lane, due_by, at_once).await?;
            if leased.is_empty() {
                return Ok(done);
            }
            done = done.saturating_add(leased.len());
            let mut running = tokio::task::JoinSet::new();
            for job in leased {
                let engine = self.clone();
                running.spawn(async move { engine.carry_out(job).await });
            }
            while let Some(ended) = running.join_next().await {
                note_panic(ended);
            }
        }
    }

    async fn lease_due(&self, lane: Lane, limit: u32) -> Result<Vec<Leased>, Error> {
        self.follow_clock().await?;
        self.lease(lane, self.now(), limit).await
    }

    async fn lease(&self, lane: Lane, due_by: Timestamp, limit: u32) -> Result<Vec<Leased>, Error> {
        // By the outside world's clock: moving the sandbox's takes no job out of the hands that hold it.
        let from = self.clock().now_outside();
        let lease = Lease { id: self.mint(), from, until: from.saturating_add(LEASE).unwrap_or(from) };
        Ok(self.store().write(move |tx| Box::pin(jobs::lease(tx, lane, due_by, lease, limit))).await?)
    }

    async fn carry_out(&self, leased: Leased) {
        let work = async {
            match leased.job {
                Job::ExpireInvoice(id) => self.expire_invoice(id).await,
                Job::ExpireClaim(id) => self.expire_claim(id).await.map(|()| Done::Finished),
                Job::Remind(id) => self.remind(id).await.map(|()| Done::Finished),
                Job::Release(id) => retrying!(self.release(id)),
                Job::Pay(id) => retrying!(self.pay(id)),
                Job::Recheck(id) => retrying!(self.recheck(id)),
                Job::RecheckDeposit(id) => self.recheck_deposit(id).await,
                Job::Unwind(id) => self.unwind(id).await,
                Job::ActivatePolicy(id) => retrying!(self.activate_policy(id)),
                Job::Deliver(id) => retrying!(self.send_webhook(id, leased)),
                Job::Mail(id) => self.send_email(id).await,
                Job::Reconcile(network) => self.reconcile_by_the_hour(network).await,
            }
        };
        let ended = match tokio::time::timeout(JOB_TIMEOUT, work).await {
            Ok(Ok(Done::Finished)) => self.finish(leased).await,
            Ok(Ok(Done::Ended)) => Ok(()),
            Ok(Ok(Done::Again { at })) => self.postpone(leased, at, None).await,
            // The clock went back since the job was leased.
            Ok(Err(Error::Refused(Refused::TooEarly { not_before }))) => self.postpone(leased, not_before, None).await,
            Ok(Err(Error::Refused(refused))) if has_moved_on(&refused) && !matches!(leased.job, Job::Pay(_)) => {
                tracing::debug!(job = leased.job.kind(), subject = %leased.job.subject(), %refused, "a timer had nothing left to do");
                self.finish(leased).await
            }
            Ok(Err(error)) => self.try_again(leased, error.to_string()).await,
            Err(_) => self.try_again(leased, "it took too long".to_owned()).await,
        };
        if let Err(error) = ended {
            tracing::warn!(job = leased.job.kind(), %error, "a job's end could not be written; its lease runs out and it is tried again");
        }
    }

    /// Gives a job that failed back, for later each time.
    async fn try_again(&self, leased: Leased, error: String) -> Result<(), Error> {
        tracing::warn!(job = leased.job.kind(), subject = %leased.job.subject(), error, "a job failed; trying again");
        let shift = leased.attempts.clamp(0, 6);
        let wait = SignedDuration::from_secs(RETRY_AFTER_SECS_MAX.min(1_i64 << shift));
        let now = self.now();
        self.postpone(leased, now.saturating_add(wait).unwrap_or(now), Some(error)).await
    }

    async fn finish(&self, leased: Leased) -> Result<(), Error> {
        Ok(self.store().write(move |tx| Box::pin(jobs::finish(tx, leased))).await?)
    }

    async fn postpone(&self, leased: Leased, at: Timestamp, error: Option<String>) -> Result<(), Error> {
        let write = self.store().write(move |tx| Box::pin(async move { jobs::postpone(tx, leased, at, error.as_deref()).await }));
        Ok(write.await?)
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job panicked; its lease runs out and it is tried again");
    }
}

/// Says whether a timer was refused because its refund went on without it: claimed, canceled, released, paid. Every other refusal
/// keeps the timer, and so does every refusal of a payout's job, which ends by proof only.
fn has_moved_on(refused: &Refused) -> bool {
    match refused {
        Refused::WrongState { .. }
        | Refused::AlreadyClaimed { .. }
        | Refused::ClaimExpired { .. }
        | Refused::TooLate { .. }
        | Refused::OtherPayout => true,
        Refused::TooEarly { .. }
        | Refused::PayerCannotCancel
        | Refused::OwnRequest
        | Refused::NotAPerson
        | Refused::OperatorOnly
        | Refused::PayersChoice
        | Refused::ApprovedWithout
        | Refused::NeverApproved
        | Refused::FeeExceedsAmount
        | Refused::FeeAboveCap
        | Refused::OtherNetwork
        | Refused::Money(_) => false,
    }
}

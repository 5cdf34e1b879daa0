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

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use domain::job::Job;
use domain::lifecycle::Refused;
use domain::money::Network;
use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};

use crate::error::retrying;
use crate::rails::RailError;
use crate::store::deliveries::Delivery;
use crate::store::jobs::{self, Lane, Lease, Leased};
use crate::store::{StoreError, Tx};
use crate::tally::Counted;
use crate::webhooks::{self, Told};
use crate::{Engine, Error};

/// How long a worker may take for a job before another may take it over.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How long a job may take: less than its lease. Every job can be begun again.
const JOB_TIMEOUT: Duration = Duration::from_secs(25);
/// How many jobs of one lane are leased at once.
const LEASED_MAX: u32 = 64;
/// How often to look for due jobs and new blocks when nobody calls.
const TICK: Duration = Duration::from_millis(500);
/// How often to look for free places in a lane that is full.
const FULL_TICK: Duration = Duration::from_millis(100);
/// How long a lane gathers what ends and what falls due, so that it shares a transaction.
const GATHER: Duration = Duration::from_millis(10);
/// How long a job that failed waits: longer each time, up to this.
const RETRY_AFTER_SECS_MAX: i64 = 60;
/// How long a look at a chain may take. A connection that is dead without saying so must not end the watching.
const LOOK_TIMEOUT: Duration = Duration::from_secs(300);
/// How long to wait for jobs and rows that another worker has in hand.
const OTHERS_TICK: Duration = Duration::from_millis(20);
/// How many rounds [`Engine::run_due_jobs`] makes at most: a job may put the next one in the queue.
const ROUNDS_MAX: usize = 1000;

/// What became of a job.
#[derive(Clone, Debug)]
pub(crate) enum Done {
    /// Nothing is left to do.
    Finished,
    /// A merchant was told, or not: to be written down when the job ends.
    Told(Told),
    /// Look again.
    Again {
        /// Not before.
        at: Timestamp,
    },
    /// It was not even begun.
    NotYet {
        /// Not before.
        at: Timestamp,
    },
}

/// A job that was carried out. How it ended is written with the next leases: what ended at the same time shares a transaction.
#[derive(Clone, Debug)]
struct Ended {
    leased: Leased,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Finished,
    Told(Told),
    Later { at: Timestamp, error: Option<String> },
    NotYet { at: Timestamp },
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
        let watches = self.0.watching.keys().map(|network| self.watch_for_ever(*network));
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
            if looked.is_err() {
                self.0.tally.count(Counted::LookFailed(network));
            }
            match looked {
                Ok(()) => {
                    was_away = false;
                    self.0.tally.looked_at(network, self.clock().now_outside());
                }
                Err(error) if was_away => tracing::debug!(%network, %error, "the chain is still not readable"),
                Err(error) => {
                    tracing::warn!(%network, %error, "the chain could not be read; trying again");
                    was_away = true;
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Keeps up to [`LEASED_MAX`] jobs of a lane going, besides posts that [stand aside](crate::webhooks). Endpoints that do not answer hold
    /// up no money, and none that answer.
    async fn work_for_ever(&self, lane: Lane) {
        let Some(called) = self.0.work.get(&lane) else { return };
        let mut running = JoinSet::new();
        let mut ended = Vec::new();
        loop {
            while let Some(done) = running.try_join_next() {
                ended.extend(carried_out(done));
            }
            let aside = if lane == Lane::Deliveries { self.0.patience.aside() } else { 0 };
            let busy = u32::try_from(running.len().saturating_sub(aside)).unwrap_or(LEASED_MAX);
            let free = LEASED_MAX.saturating_sub(busy);
            match self.turn_due(lane, &ended, free).await {
                Ok((leased, left)) => {
                    ended = left;
                    self.begin(&mut running, leased).await;
                }
                // What ended is written next time. It does no harm that it is, should the answer to this time have been lost.
                Err(error) => tracing::error!(%error, "jobs could not be leased; trying again"),
            }
            tokio::select! {
                Some(done) = running.join_next() => ended.extend(carried_out(done)),
                () = called.notified() => {}
                // A full lane has places again as soon as what fills it stands aside.
                () = tokio::time::sleep(if free == 0 { FULL_TICK } else { TICK }) => {}
            }
            tokio::time::sleep(GATHER).await;
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
        let mut ended = Vec::new();
        loop {
            let leased;
            (leased, ended) = self.turn(lane, &ended, due_by, at_once).await?;
            if leased.is_empty() {
                if ended.is_empty() {
                    return Ok(done);
                }
                tokio::time::sleep(OTHERS_TICK).await;
            }
            done = done.saturating_add(leased.len());
            let mut running = JoinSet::new();
            self.begin(&mut running, leased).await;
            while let Some(done) = running.join_next().await {
                ended.extend(carried_out(done));
            }
        }
    }

    async fn turn_due(&self, lane: Lane, ended: &[Ended], limit: u32) -> Result<(Vec<Leased>, Vec<Ended>), Error> {
        if limit == 0 && ended.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.follow_clock().await?;
        self.turn(lane, ended, self.now(), limit).await
    }

    /// Ends jobs and leases others, in one transaction. Returns what was leased, and what could not be ended yet.
    async fn turn(&self, lane: Lane, ended: &[Ended], due_by: Timestamp, limit: u32) -> Result<(Vec<Leased>, Vec<Ended>), Error> {
        // By the outside world's clock: moving the sandbox's takes no job out of the hands that hold it.
        let from = self.clock().now_outside();
        let lease = Lease { id: self.mint(), from, until: from.saturating_add(LEASE).unwrap_or(from) };
        let ended = ended.to_vec();
        let write = self.store().write_aside(move |tx| {
            Box::pin(async move {
                let left = end(tx, ended, due_by).await?;
                Ok((jobs::lease(tx, lane, due_by, lease, limit).await?, left))
            })
        });
        Ok(write.await?)
    }

    /// Begins to carry jobs out, with what they need from the rows read at once.
    async fn begin(&self, running: &mut JoinSet<Ended>, leased: Vec<Leased>) {
        let mut deliveries = self.deliveries_of(&leased).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "deliveries could not be read at once; each reads its own");
            HashMap::new()
        });
        for job in leased {
            let (engine, delivery) = (self.clone(), deliveries.remove(&job.job.subject()));
            running.spawn(async move { engine.carry_out(job, delivery).await });
        }
    }

    async fn carry_out(&self, leased: Leased, delivery: Option<Delivery>) -> Ended {
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
                Job::Deliver(id) => self.send_webhook(id, delivery, leased).await,
                Job::Mail(id) => self.send_email(id).await,
                Job::MailInvitation(id) => self.mail_invitation(id).await,
                Job::MailReset(id) => self.mail_reset(id).await,
                Job::MailEndpoint(id) => self.mail_endpoint(id).await,
                Job::MailTest(id) => self.mail_test(id).await,
                Job::Reconcile(network) => self.reconcile_by_the_hour(network).await,
            }
        };
        let how = match tokio::time::timeout(JOB_TIMEOUT, work).await {
            Ok(Ok(Done::Finished)) => How::Finished,
            Ok(Ok(Done::Told(told))) => How::Told(told),
            Ok(Ok(Done::Again { at })) => How::Later { at, error: None },
            Ok(Ok(Done::NotYet { at })) => How::NotYet { at },
            // The clock went back since the job was leased.
            Ok(Err(Error::Refused(Refused::TooEarly { not_before }))) => How::Later { at: not_before, error: None },
            Ok(Err(Error::Refused(refused))) if has_moved_on(&refused) && !matches!(leased.job, Job::Pay(_)) => {
                tracing::debug!(job = leased.job.kind(), subject = %leased.job.subject(), %refused, "a timer had nothing left to do");
                How::Finished
            }
            Ok(Err(error)) => self.try_again(leased, error.to_string()),
            Err(_) => self.try_again(leased, "it took too long".to_owned()),
        };
        Ended { leased, how }
    }

    /// Gives a job that failed back, for later each time.
    fn try_again(&self, leased: Leased, error: String) -> How {
        tracing::warn!(job = leased.job.kind(), subject = %leased.job.subject(), error, "a job failed; trying again");
        self.0.tally.count(Counted::JobFailed(leased.job.kind()));
        let shift = leased.attempts.clamp(0, 6);
        let wait = SignedDuration::from_secs(RETRY_AFTER_SECS_MAX.min(1_i64 << shift));
        let now = self.now();
        How::Later { at: now.saturating_add(wait).unwrap_or(now), error: Some(error) }
    }
}

/// Writes down how jobs ended; returns those that have to be written later.
async fn end(tx: &mut Tx, ended: Vec<Ended>, now: Timestamp) -> Result<Vec<Ended>, StoreError> {
    let told: Vec<&Told> = ended.iter().filter_map(|ended| if let How::Told(told) = &ended.how { Some(told) } else { None }).collect();
    let held = webhooks::note(tx, &told, now).await?;
    let (mut finished, mut later, mut not_begun, mut left) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Ended { leased, how } in ended {
        match how {
            How::Told(told) if held.contains(&told.delivery) => left.push(Ended { leased, how: How::Told(told) }),
            How::Finished | How::Told(Told { again_at: None, .. }) => finished.push(leased),
            How::Told(Told { again_at: Some(at), .. }) => later.push((leased, at, None)),
            How::NotYet { at } => not_begun.push((leased, at)),
            How::Later { at, error } => later.push((leased, at, error)),
        }
    }
    jobs::postpone(tx, &later).await?;
    jobs::put_back(tx, &not_begun).await?;
    jobs::finish(tx, &finished).await?;
    Ok(left)
}

/// Returns how a job ended. One that panicked did not end: its lease runs out and it is tried again.
fn carried_out(done: Result<Ended, JoinError>) -> Option<Ended> {
    done.inspect_err(|error| tracing::error!(%error, "a job panicked; its lease runs out and it is tried again")).ok()
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

//! Outages: a payer has as long to cancel as the policy says, counted in time in which they could (odd case 23): with the cancel link in
//! hand, which [the mail server may have kept them waiting for](domain::email::cancel_link_given_at), and pages that answer. Processes that serve
//! pages say so every half minute, in one row that all of them share: while one lives, there is no outage. The first one after a gap
//! writes the gap down, and every refund whose time to cancel it cut into waits so much longer.
//!
//! A release looks itself, too, before money moves: at what was written down, and at whether pages are served right now.
//!
//! | a crash | leaves behind |
//! |---|---|
//! | before the gap is written down | the gap, longer by then; nothing that it cut into is released |
//! | after it, before a refund is told | a release that is due and finds it |
//! | before a mail that was late is written down as taken | the mail, which is sent again, later |

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use domain::ids::RefundId;
use domain::job::Job;
use domain::lifecycle::Event;
use domain::merchant::Actor;
use domain::outage::{Outage, window_end};
use domain::refund::{Directed, Refund};
use jiff::{SignedDuration, Timestamp};

use crate::store::jobs::Lane;
use crate::store::{jobs, outages, refunds, state};
use crate::{Engine, Error};

/// The row that says when pages were served last, in microseconds of the outside world's clock: moving the sandbox's is no outage.
const SERVED_AT: &str = "pages_served_at_micros";
/// How often it is written.
const BEAT: Duration = Duration::from_secs(30);
/// The shortest gap that counts: a restart takes nobody's time.
const OUTAGE_MIN: SignedDuration = SignedDuration::from_mins(5);

/// Until when a payer can cancel.
pub(crate) enum Window {
    /// What is written down.
    Until(Timestamp),
    /// Longer than that: nobody can reach the pages now, and how much longer is known when they can.
    Open,
}

impl Engine {
    /// Notes every half minute that this process serves pages, until `stop`.
    pub async fn note_serving(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        loop {
            if let Err(error) = self.pages_are_served().await {
                tracing::warn!(%error, "that pages are served could not be noted; trying again");
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    /// Notes that pages are served now. After a gap of more than five minutes, refunds whose time to cancel it cut into wait longer.
    ///
    /// # Errors
    /// `Store` when the database fails: then pages are not served either.
    pub async fn pages_are_served(&self) -> Result<(), Error> {
        let engine = self.clone();
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                let served_at = state::get_to_change(tx, SERVED_AT).await?.and_then(|text| instant(&text));
                let (now, outside) = (engine.now(), engine.clock().now_outside());
                // A clock that went back takes back nothing that was seen.
                if served_at.is_none_or(|at| at < outside) {
                    state::set(tx, SERVED_AT, &outside.as_microsecond().to_string()).await?;
                }
                let Some(outage) = served_at.and_then(|at| engine.outage(at, outside, now)) else { return Ok(None) };
                outages::insert(tx, outage).await?;
                for refund in refunds::cancelable_after(tx, outage.began_at).await? {
                    jobs::enqueue(tx, &[Job::Release(refund).at(now)]).await?;
                }
                Ok(Some(outage))
            })
        });
        if let Some(outage) = write.await? {
            tracing::warn!(began_at = %outage.began_at, ended_at = %outage.ended_at, "the pages were away: payers get that time back");
            self.wake_worker(Lane::Money);
        }
        Ok(())
    }

    /// Returns until when the payer of a refund can cancel, with the time given back in which they had no link to do it with, and that
    /// outages took.
    pub(crate) async fn cancel_window(&self, refund: &Refund, directed: &Directed) -> Result<Window, Error> {
        let (now, outside) = (self.now(), self.clock().now_outside());
        // In this order: who sees that pages are served again sees the outage before that, too.
        let served_at = self.store().state(SERVED_AT).await?.and_then(|text| instant(&text));
        let policy = self.settings_of(refund.policy).await?;
        let mut tx = self.store().read().await?;
        let mut known = outages::since(&mut tx, directed.confirmed_at).await?;
        let ends = policy.release_at(refund.created_at, directed.confirmed_at);
        // Without time to cancel there is none to give back.
        if !policy.payer_cancel || ends <= directed.confirmed_at {
            return Ok(Window::Until(ends));
        }
        let begins = self.cancel_link_given_at(&mut tx, refund, directed).await?;
        drop(tx);
        let ends = ends.saturating_add(begins.duration_since(directed.confirmed_at)).unwrap_or(Timestamp::MAX);
        let until = window_end(begins, ends, &known);
        known.extend(served_at.and_then(|at| self.outage(at, outside, now)));
        let with_this_one = window_end(begins, ends, &known);
        Ok(if with_this_one > until { Window::Open } else { Window::Until(until) })
    }

    /// Lets a refund wait longer whose time to cancel an outage cut into, and says whether it does: asked when a payer seems to be too late
    /// before a worker came to it.
    pub(crate) async fn give_time_back(&self, refund: &Refund) -> Result<bool, Error> {
        let Some((directed, release_at)) = refund.state.to_be_sent() else { return Ok(false) };
        let mut window = self.cancel_window(refund, directed).await?;
        if matches!(window, Window::Open) {
            // Who asks is served: the outage is over, though nobody wrote it down yet.
            self.pages_are_served().await?;
            window = self.cancel_window(refund, directed).await?;
        }
        match window {
            Window::Until(until) if until > release_at => self.delay(refund.id, until).await.map(|()| true),
            Window::Until(_) | Window::Open => Ok(false),
        }
    }

    /// Makes the end of a refund's time to cancel a later one.
    pub(crate) async fn delay(&self, id: RefundId, until: Timestamp) -> Result<(), Error> {
        self.step_refund(id, Actor::System, &|_: &Refund| Ok(Event::Delayed { until })).await
    }

    /// Returns the outage, in the engine's time, that a gap is when it is long enough.
    fn outage(&self, served_at: Timestamp, outside: Timestamp, now: Timestamp) -> Option<Outage> {
        let is_one = outside.duration_since(served_at) > OUTAGE_MIN;
        let began_at = self.clock().in_own_time(served_at);
        (is_one && began_at < now).then_some(Outage { began_at, ended_at: now })
    }
}

fn instant(micros: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros.parse().ok()?).ok()
}

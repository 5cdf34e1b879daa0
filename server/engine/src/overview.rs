//! What a merchant's people see first: what waits where, what is held for payers, what was made lately. The operator sees it of all merchants,
//! and how the installation's own work stands.

use std::collections::BTreeMap;

use domain::merchant::Right;
use domain::money::{Amount, AssetId};
use domain::refund::{Reason, StateName};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::browsing::looked_through;
use crate::callers::Caller;
use crate::releases::PAYOUTS_STOPPED;
use crate::store::browsing::refunds;
use crate::store::{jobs, state};
use crate::{Engine, Error};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a merchant's people see first.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How many refunds stand where, each counted up to [`crate::browsing::COUNTED_MAX`].
    pub queues: Vec<(StateName, u64)>,
    /// What is held for payers, asset by asset: owed to them, or on its way.
    pub held: Vec<(AssetId, String)>,
    /// The days of the chart, oldest first.
    pub days: Vec<Date>,
    /// How many refunds were made on a day for a reason; days and reasons without one are left out.
    pub created: BTreeMap<(Date, &'static str), u64>,
}

/// How a kind of work stands.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    /// The job's kind.
    pub kind: String,
    /// How many wait.
    pub waiting: u64,
    /// How many of them are due.
    pub due: u64,
    /// How many failed when they were last tried.
    pub failing: u64,
    /// When the first is due.
    pub first_due: Option<Timestamp>,
}

/// How the installation's work stands.
#[derive(Clone, Debug)]
pub struct Health {
    /// Whether the operator stopped payouts.
    pub payouts_stopped: bool,
    /// The kinds of work that wait.
    pub queues: Vec<WorkQueue>,
}

impl Engine {
    /// Returns what a merchant's people see first, of the last `days` days.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn overview(&self, caller: &Caller, days: u16) -> Result<Overview, Error> {
        let queues = self.refund_queues(caller, None).await?;
        let today = self.now().to_zoned(TimeZone::UTC).date();
        let list: Vec<Date> = (0..i64::from(days)).rev().filter_map(|back| today.checked_sub(jiff::Span::new().days(back)).ok()).collect();
        let from = self.now().saturating_sub(DAY.saturating_mul(i32::from(days))).unwrap_or(Timestamp::UNIX_EPOCH);
        let (mut held, mut created) = (BTreeMap::<AssetId, u128>::new(), BTreeMap::new());
        let mut tx = self.store().read().await?;
        for mid in looked_through(&mut tx, caller, None).await? {
            for owed in refunds::owed(&mut tx, mid).await? {
                let sum = held.entry(owed.asset).or_default();
                *sum = sum.saturating_add(owed.units);
            }
            for (day, reason, count) in refunds::created_per_day(&mut tx, mid, from).await? {
                let Some(reason) = Reason::ALL.into_iter().find(|known| known.name() == reason) else { continue };
                if list.contains(&day) {
                    let sum: &mut u64 = created.entry((day, reason.name())).or_default();
                    *sum = sum.saturating_add(count);
                }
            }
        }
        drop(tx);
        let views = self.views();
        let held = held.into_iter().filter(|(_, units)| *units > 0);
        let held = held.map(|(asset, units)| Ok((asset, views.decimal(Amount { units, asset })?))).collect::<Result<_, Error>>()?;
        Ok(Overview { queues, held, days: list, created })
    }

    /// Returns how the installation's work stands.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator.
    pub async fn health(&self, caller: &Caller) -> Result<Health, Error> {
        caller.require_role(Right::Operate)?;
        let mut tx = self.store().read().await?;
        let payouts_stopped = state::get(&mut tx, PAYOUTS_STOPPED).await?.is_none_or(|value| value != "false");
        let queues = jobs::queues(&mut tx, self.now()).await?;
        Ok(Health { payouts_stopped, queues })
    }
}

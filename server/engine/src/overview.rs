//! What a merchant's people see first: what waits where, what is held for payers, what was made lately. The operator sees it of all merchants,
//! and how the installation's own work stands.

use std::collections::BTreeMap;

use domain::ids::MidId;
use domain::merchant::{Right, Scope};
use domain::money::{Amount, AssetId, Network};
use domain::refund::{Reason, StateName};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::browsing::{COUNTED_AT_MOST, COUNTED_MAX, looked_through};
use crate::callers::Caller;
use crate::reconciliation::shortfall;
use crate::releases::PAYOUTS_STOPPED;
use crate::store::browsing::refunds;
use crate::store::{Tx, jobs, merchants, overview as rows, reconciliations, state};
use crate::views::Views;
use crate::{Engine, Error};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How soon an unclaimed refund's end is news.
pub const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(24 * 7);

/// By when a claim came, in seconds from the refund's making: an hour, six, a day, three days, a week, thirty days.
pub const CLAIMED_WITHIN_SECS: [u64; 6] = [3_600, 21_600, 86_400, 259_200, 604_800, 2_592_000];

/// What a merchant's people see first.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Refunds that wait for a second person, since when they were made.
    pub approvals: Pile,
    /// Refunds whose payout failed, since when they were made.
    pub failures: Pile,
    /// Refunds that somebody looks at before they are sent, since when they were made.
    pub holds: Pile,
    /// Refunds nobody claimed whose links stop working within [`EXPIRES_SOON`], with when the first does.
    pub expiring: Pile,
    /// How many refunds wait for their time, counted up to [`COUNTED_MAX`].
    pub scheduled: u64,
    /// When the next scheduled refund is due.
    pub next_release: Option<Timestamp>,
    /// What is held for payers, asset by asset: owed to them, or on its way.
    pub held: Vec<Held>,
    /// How the installation's own work stands, as far as these refunds need it.
    pub workings: Workings,
    /// How many were paid for good in these days.
    pub paid_out: u64,
    /// How many of the refunds made in these days were claimed as soon as each of [`CLAIMED_WITHIN_SECS`], and later than the one before;
    /// behind them, how many were claimed later than all.
    pub claimed: Vec<u64>,
    /// How long payers took from a refund's making to its claim, in seconds: the median of those made in these days.
    pub claimed_within_secs: Option<u64>,
    /// What nobody claimed in time in these days and went back to the merchant, asset by asset.
    pub returned: Vec<(AssetId, String)>,
    /// The same by day, oldest first; days without any are left out.
    pub returned_by_day: Vec<Returned>,
    /// The days of the charts, oldest first.
    pub days: Vec<Date>,
    /// How many refunds were made on a day for a reason; days and reasons without one are left out.
    pub created: BTreeMap<(Date, &'static str), u64>,
}

/// Refunds that wait for the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pile {
    /// How many, counted up to [`COUNTED_MAX`].
    pub count: u64,
    /// What they come to, asset by asset; nothing where nobody counts further.
    pub sums: Vec<(AssetId, String)>,
    /// The first instant of theirs.
    pub first: Option<Timestamp>,
}

/// What is held for payers in one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Of what.
    pub asset: AssetId,
    /// How much, as an exact decimal.
    pub amount: String,
    /// How many refunds it is held for, counted up to [`COUNTED_MAX`].
    pub open: u64,
}

/// What went back to the merchant on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// When, in UTC.
    pub day: Date,
    /// How many refunds that were.
    pub count: u64,
    /// What they came to, asset by asset.
    pub sums: Vec<(AssetId, String)>,
}

/// How the installation's own work stands, as far as a merchant's refunds need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workings {
    /// How many endpoints are told of these refunds.
    pub endpoints: u64,
    /// How many of them are switched off, because they answered that they are gone.
    pub endpoints_disabled: u64,
    /// How many others do not answer, so that their merchant was written to.
    pub endpoints_failing: u64,
    /// How many webhooks wait for them, counted up to [`COUNTED_MAX`].
    pub webhooks_waiting: u64,
    /// Where what is held could not be compared, because the rail did not answer.
    pub away: Vec<Network>,
    /// When all of what is held was compared last; nothing while some was not.
    pub compared_at: Option<Timestamp>,
    /// Whether the rails hold what the books say of what is held, as last compared; nothing while some was not.
    pub proof: Option<Proof>,
}

/// How the rails' accounts compared with the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// They hold all of it.
    Held,
    /// They hold less, beyond what payouts under way may have taken: by how much, asset by asset. Only the operator is told how much.
    Short(Vec<(AssetId, String)>),
}

/// What is open in a MID, and what is held for its payers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// How many refunds are neither paid nor ended.
    pub open: u64,
    /// What is owed to payers or on its way to them, asset by asset.
    pub held: Vec<(AssetId, String)>,
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
    /// Returns what a merchant's people see first, of the last `days` days; of one MID when given.
    ///
    /// # Errors
    /// `Store` when the database fails. Of somebody else's MID there is nothing.
    pub async fn overview(&self, caller: &Caller, only: Option<MidId>, days: u16) -> Result<Overview, Error> {
        let today = self.now().to_zoned(TimeZone::UTC).date();
        let list: Vec<Date> = (0..i64::from(days)).rev().filter_map(|back| today.checked_sub(jiff::Span::new().days(back)).ok()).collect();
        let from = self.now().saturating_sub(DAY.saturating_mul(i32::from(days))).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut sums = Sums::new();
        let mut returned = BTreeMap::<Date, (Sums, u64)>::new();
        let (mut created, mut paid_out, mut scheduled, mut next_release) = (BTreeMap::new(), 0_u64, 0_u64, None::<Timestamp>);
        let [mut approvals, mut failures, mut holds, mut expiring] = [const { Vec::new() }; 4];
        let mut tx = self.store().read().await?;
        let mids = looked_through(&mut tx, caller, only).await?;
        let times = rows::claim_times(&mut tx, &mids, from).await?;
        let soon = self.now().saturating_add(EXPIRES_SOON).unwrap_or(Timestamp::MAX);
        for mid in mids.iter().copied() {
            for (state, pile) in
                [(StateName::AwaitingApproval, &mut approvals), (StateName::PayoutFailed, &mut failures), (StateName::OnHold, &mut holds)]
            {
                pile.extend(refunds::waiting(&mut tx, mid, state, COUNTED_AT_MOST).await?);
            }
            expiring.extend(refunds::ending(&mut tx, mid, soon, COUNTED_AT_MOST).await?);
            scheduled = scheduled.saturating_add(refunds::count(&mut tx, mid, StateName::Scheduled, COUNTED_AT_MOST).await?);
            let next = refunds::next_release(&mut tx, mid).await?;
            next_release = next_release.into_iter().chain(next).min();
            for owed in refunds::owed(&mut tx, mid).await? {
                add(&mut sums, owed);
            }
            paid_out = paid_out.saturating_add(rows::paid_out(&mut tx, mid, from).await?);
            for (day, amount, more) in rows::returned(&mut tx, mid, from).await? {
                let (sums, count) = returned.entry(day).or_default();
                add(sums, amount);
                *count = count.saturating_add(more);
            }
            for (day, reason, count) in refunds::created_per_day(&mut tx, mid, from).await? {
                let Some(reason) = Reason::ALL.into_iter().find(|known| known.name() == reason) else { continue };
                if list.contains(&day) {
                    let sum: &mut u64 = created.entry((day, reason.name())).or_default();
                    *sum = sum.saturating_add(count);
                }
            }
        }
        let views = self.views();
        let mut held = Vec::new();
        for (asset, units) in sums.into_iter().filter(|(_, units)| *units > 0) {
            let mut open = 0_u64;
            for mid in mids.iter().copied() {
                open = open.saturating_add(refunds::count_open(&mut tx, mid, asset, COUNTED_AT_MOST).await?);
            }
            held.push(Held { asset, amount: views.decimal(Amount { units, asset })?, open: open.min(COUNTED_MAX) });
        }
        let workings = self.workings(&mut tx, caller, only, &held).await?;
        drop(tx);
        let mut returned_sums = Sums::new();
        let mut returned_by_day = Vec::with_capacity(returned.len());
        for (day, (sums, count)) in returned {
            for (asset, units) in &sums {
                add(&mut returned_sums, Amount { units: *units, asset: *asset });
            }
            returned_by_day.push(Returned { day, count, sums: decimals(&views, sums)? });
        }
        Ok(Overview {
            approvals: pile(&views, approvals)?,
            failures: pile(&views, failures)?,
            holds: pile(&views, holds)?,
            expiring: pile(&views, expiring)?,
            scheduled: scheduled.min(COUNTED_MAX),
            next_release,
            held,
            workings,
            paid_out,
            claimed: times.counts,
            claimed_within_secs: times.median_secs,
            returned: decimals(&views, returned_sums)?,
            returned_by_day,
            days: list,
            created,
        })
    }

    /// Says how the installation's work stands for what a caller sees.
    async fn workings(&self, tx: &mut Tx, caller: &Caller, only: Option<MidId>, held: &[Held]) -> Result<Workings, Error> {
        let (merchant, only) = match caller.scope {
            Scope::Everything => (None, only),
            Scope::Merchant(merchant) => (Some(merchant), only),
            Scope::Mid(mid) => (merchants::mid(tx, mid).await?.map(|mid| mid.merchant), Some(mid)),
        };
        let endpoints = rows::endpoints(tx, merchant, only).await?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let mut workings = Workings {
            endpoints: count(endpoints.all),
            endpoints_disabled: count(endpoints.disabled),
            endpoints_failing: count(endpoints.failing),
            webhooks_waiting: rows::webhooks_waiting(tx, merchant, only, COUNTED_AT_MOST).await?,
            ..Workings::default()
        };
        let views = self.views();
        let (mut short, mut compared) = (Vec::new(), Vec::new());
        for Held { asset, .. } in held {
            let asset = views.asset(*asset)?;
            let Some(found) = reconciliations::last(tx, asset.network, asset.id).await? else { continue };
            match shortfall(&found) {
                None if workings.away.contains(&asset.network) => {}
                None => workings.away.push(asset.network),
                Some(units) => {
                    compared.push(found.at);
                    if units > 0 {
                        short.push((asset.id, asset.format_units(units)));
                    }
                }
            }
        }
        if compared.len() == held.len() {
            workings.compared_at = compared.into_iter().min();
            let is_told_how_much = caller.may(Right::Operate);
            workings.proof = workings.compared_at.map(|_| match short.as_slice() {
                [] => Proof::Held,
                _ => Proof::Short(if is_told_how_much { short } else { Vec::new() }),
            });
        }
        Ok(workings)
    }

    /// Returns how many of the caller's refunds wait for a second person, counted up to [`crate::browsing::COUNTED_MAX`].
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn waiting_approvals(&self, caller: &Caller) -> Result<u64, Error> {
        let mut tx = self.store().read().await?;
        let mut count = 0_u64;
        for mid in looked_through(&mut tx, caller, None).await? {
            count = count.saturating_add(refunds::count(&mut tx, mid, StateName::AwaitingApproval, COUNTED_AT_MOST).await?);
        }
        Ok(count.min(COUNTED_MAX))
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

    /// Returns what is open and held in each MID; those without either are left out.
    ///
    /// # Errors
    /// `Forbidden` for all but the operator's people.
    pub async fn holdings(&self, caller: &Caller) -> Result<BTreeMap<MidId, Holding>, Error> {
        caller.require_role(Right::Operate)?;
        let mut tx = self.store().read().await?;
        let mut sums = BTreeMap::<MidId, Sums>::new();
        for (mid, owed) in refunds::owed_by_mid(&mut tx).await? {
            add(sums.entry(mid).or_default(), owed);
        }
        let open = refunds::open_by_mid(&mut tx).await?;
        drop(tx);
        let views = self.views();
        let mut holdings = BTreeMap::<MidId, Holding>::new();
        for (mid, sums) in sums {
            holdings.entry(mid).or_default().held = decimals(&views, sums)?;
        }
        for (mid, open) in open {
            holdings.entry(mid).or_default().open = open;
        }
        Ok(holdings)
    }
}

/// Adds up what waits.
fn pile(views: &Views, waiting: Vec<refunds::Waiting>) -> Result<Pile, Error> {
    let count = u64::try_from(waiting.len()).unwrap_or(u64::MAX).min(COUNTED_MAX);
    let first = waiting.iter().map(|(_, at)| *at).min();
    let mut sums = Sums::new();
    // A sum of some of them would be no sum.
    for (amount, _) in waiting.into_iter().filter(|_| count < COUNTED_MAX) {
        add(&mut sums, amount);
    }
    Ok(Pile { count, sums: decimals(views, sums)?, first })
}

/// Base units, asset by asset.
type Sums = BTreeMap<AssetId, u128>;

fn add(sums: &mut Sums, amount: Amount) {
    let sum = sums.entry(amount.asset).or_default();
    *sum = sum.saturating_add(amount.units);
}

fn decimals(views: &Views, sums: Sums) -> Result<Vec<(AssetId, String)>, Error> {
    let sums = sums.into_iter().filter(|(_, units)| *units > 0);
    sums.map(|(asset, units)| Ok((asset, views.decimal(Amount { units, asset })?))).collect()
}

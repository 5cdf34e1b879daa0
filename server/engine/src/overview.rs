//! What a merchant's people see first: what waits where, what is held for payers, what was made lately. The operator sees it of all merchants,
//! and how the installation's own work stands.

use std::collections::BTreeMap;

use domain::ids::MidId;
use domain::merchant::Right;
use domain::money::{Amount, AssetId};
use domain::refund::{Reason, StateName};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::browsing::{COUNTED_AT_MOST, COUNTED_MAX, looked_through};
use crate::callers::Caller;
use crate::reconciliation::shortfall;
use crate::releases::PAYOUTS_STOPPED;
use crate::store::browsing::refunds;
use crate::store::{Tx, jobs, overview as rows, reconciliations, state};
use crate::views::Views;
use crate::{Engine, Error};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How soon an unclaimed refund's end is news.
pub const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What a merchant's people see first.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How many refunds stand where, each counted up to [`crate::browsing::COUNTED_MAX`].
    pub queues: Vec<(StateName, u64)>,
    /// How many refunds nobody claimed whose links stop working within [`EXPIRES_SOON`], counted up to [`crate::browsing::COUNTED_MAX`].
    pub expiring: u64,
    /// When the next scheduled refund is due.
    pub next_release: Option<Timestamp>,
    /// What is held for payers, asset by asset: owed to them, or on its way.
    pub held: Vec<(AssetId, String)>,
    /// Whether the rails hold what the books say of these assets, as last compared; nothing while one of them was not.
    pub proof: Option<Proof>,
    /// How many were paid for good in these days.
    pub paid_out: u64,
    /// How long payers took from a refund's making to its claim, in seconds: the median of those made in these days.
    pub claimed_within_secs: Option<u64>,
    /// What nobody claimed in time in these days and went back to the merchant, asset by asset.
    pub returned: Vec<(AssetId, String)>,
    /// How many refunds that were.
    pub returned_count: u64,
    /// The days of the chart, oldest first.
    pub days: Vec<Date>,
    /// How many refunds were made on a day for a reason; days and reasons without one are left out.
    pub created: BTreeMap<(Date, &'static str), u64>,
}

/// How the rails' accounts compared with the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// They hold all of it.
    Held,
    /// They hold less, beyond what payouts under way may have taken: by how much, asset by asset. Only the operator is told how much.
    Short(Vec<(AssetId, String)>),
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
        let queues = self.refund_queues(caller, only).await?;
        let today = self.now().to_zoned(TimeZone::UTC).date();
        let list: Vec<Date> = (0..i64::from(days)).rev().filter_map(|back| today.checked_sub(jiff::Span::new().days(back)).ok()).collect();
        let from = self.now().saturating_sub(DAY.saturating_mul(i32::from(days))).unwrap_or(Timestamp::UNIX_EPOCH);
        let (mut held, mut returned) = (BTreeMap::<AssetId, u128>::new(), BTreeMap::<AssetId, u128>::new());
        let (mut created, mut paid_out, mut returned_count) = (BTreeMap::new(), 0_u64, 0_u64);
        let mut tx = self.store().read().await?;
        let mids = looked_through(&mut tx, caller, only).await?;
        let claimed_within_secs = rows::claimed_within_secs(&mut tx, &mids, from).await?;
        let soon = self.now().saturating_add(EXPIRES_SOON).unwrap_or(Timestamp::MAX);
        let (mut expiring, mut next_release) = (0_u64, None::<Timestamp>);
        for mid in mids {
            expiring = expiring.saturating_add(refunds::count_expiring(&mut tx, mid, soon, COUNTED_AT_MOST).await?);
            let next = refunds::next_release(&mut tx, mid).await?;
            next_release = next_release.into_iter().chain(next).min();
            for owed in refunds::owed(&mut tx, mid).await? {
                add(&mut held, owed);
            }
            paid_out = paid_out.saturating_add(rows::paid_out(&mut tx, mid, from).await?);
            for (sum, count) in rows::returned(&mut tx, mid, from).await? {
                add(&mut returned, sum);
                returned_count = returned_count.saturating_add(count);
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
        let assets: Vec<AssetId> = held.iter().filter(|(_, units)| **units > 0).map(|(asset, _)| *asset).collect();
        let proof = proof(&mut tx, &views, &assets, caller.may(Right::Operate)).await?;
        drop(tx);
        let decimals = |sums: BTreeMap<AssetId, u128>| {
            let sums = sums.into_iter().filter(|(_, units)| *units > 0);
            sums.map(|(asset, units)| Ok((asset, views.decimal(Amount { units, asset })?))).collect::<Result<_, Error>>()
        };
        let (held, returned) = (decimals(held)?, decimals(returned)?);
        let expiring = expiring.min(COUNTED_MAX);
        Ok(Overview {
            queues,
            expiring,
            next_release,
            held,
            proof,
            paid_out,
            claimed_within_secs,
            returned,
            returned_count,
            days: list,
            created,
        })
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
}

/// Says whether the rails held these assets when they were last compared.
async fn proof(tx: &mut Tx, views: &Views, assets: &[AssetId], is_told_how_much: bool) -> Result<Option<Proof>, Error> {
    let mut short = Vec::new();
    for id in assets {
        let asset = views.asset(*id)?;
        let Some(found) = reconciliations::last(tx, asset.network, *id).await? else { return Ok(None) };
        match shortfall(&found) {
            None => return Ok(None),
            Some(0) => {}
            Some(units) => short.push((*id, asset.format_units(units))),
        }
    }
    Ok(match (assets, short.as_slice()) {
        ([], _) => None,
        (_, []) => Some(Proof::Held),
        _ => Some(Proof::Short(if is_told_how_much { short } else { Vec::new() })),
    })
}

fn add(sums: &mut BTreeMap<AssetId, u128>, amount: Amount) {
    let sum = sums.entry(amount.asset).or_default();
    *sum = sum.saturating_add(amount.units);
}

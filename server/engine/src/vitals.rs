//! Vitals: how the installation does, in numbers that an operator sets alarms on. They name states, kinds of jobs, networks and assets, and
//! no merchant, payer or secret: who may read them need not be known.
//!
//! Asking must not hurt: each question is answered from an index and reads at most [`COUNTED_MAX`] of its rows.

use std::collections::BTreeMap;

use domain::money::{AssetId, Network};
use domain::refund::StateName;
use jiff::Timestamp;

use crate::reconciliation::{shortfall, signed};
use crate::releases::PAYOUTS_STOPPED;
use crate::store::browsing::refunds;
use crate::store::{deliveries, endpoints, jobs, merchants, payouts, rails, reconciliations, state};
use crate::tally::Counts;
use crate::{Engine, Error};

/// More of anything is counted as so many.
pub const COUNTED_MAX: u32 = 100_000;

/// How the installation does.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// How many refunds are in each state that is not their last.
    pub open_refunds: Vec<(StateName, u64)>,
    /// What is held for payers, asset by asset, in coins: owed to them, or on its way.
    pub held: Vec<(AssetId, String)>,
    /// Jobs that are due, by kind.
    pub jobs_due: Vec<JobsDue>,
    /// Webhooks that wait for their first try, their next one, or those before them.
    pub webhooks_waiting: u64,
    /// Webhook endpoints that were switched off, because they answered 410.
    pub endpoints_disabled: u64,
    /// Webhook endpoints that did not take a webhook for three days.
    pub endpoints_failing: u64,
    /// Mails that wait for the mail server.
    pub mails_waiting: u64,
    /// Payouts that were ordered and are neither final nor failed, by network and state.
    pub payouts: Vec<PayoutsUnderWay>,
    /// How far each chain was read.
    pub blocks: Vec<(Network, u64)>,
    /// Whether the operator stopped all payouts.
    pub payouts_stopped: bool,
    /// How many MIDs' payouts stand still after a change that a thief would make, of theirs or of their whole merchant's.
    pub mids_frozen: u64,
    /// How many MIDs are suspended.
    pub mids_suspended: u64,
    /// How the books compared with the rails' accounts, asset by asset, the last time.
    pub compared: Vec<Compared>,
}

/// Jobs of a kind that are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobsDue {
    /// Which kind.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// How long the first of them has been due, in seconds.
    pub oldest_secs: i64,
}

/// Payouts of a network in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutsUnderWay {
    /// Where.
    pub network: String,
    /// Reserved, signed or broadcast.
    pub state: String,
    /// How many.
    pub count: u64,
    /// How long ago the first of them was ordered, in seconds.
    pub oldest_secs: i64,
}

/// What a comparison of one asset found, in coins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Of which asset.
    pub asset: AssetId,
    /// When.
    pub at: Timestamp,
    /// What the rail's accounts held; nothing when it did not answer.
    pub rail: Option<String>,
    /// How much of what the books say was missing there; nothing when it did not answer.
    pub missing: Option<String>,
}

impl Engine {
    /// Returns how the installation does.
    ///
    /// # Errors
    /// `Store` when the database does not answer.
    pub async fn vitals(&self) -> Result<Vitals, Error> {
        let now = self.now();
        let secs_since = |then: Timestamp| now.duration_since(then).as_secs().max(0);
        let mut tx = self.store().read().await?;
        let mut open_refunds = Vec::new();
        for state in StateName::ALL.into_iter().filter(|state| state.is_open()) {
            open_refunds.push((state, refunds::count(&mut tx, None, state, COUNTED_MAX).await?));
        }
        let mut sums: BTreeMap<AssetId, u128> = self.assets().all().map(|asset| (asset.id, 0)).collect();
        for owed in refunds::owed(&mut tx, None).await? {
            if let Some(sum) = sums.get_mut(&owed.asset) {
                *sum = sum.saturating_add(owed.units);
            }
        }
        let held =
            self.assets().all().map(|asset| (asset.id, asset.format_units(sums.get(&asset.id).copied().unwrap_or_default()))).collect();
        let due = jobs::due_by_kind(&mut tx, now, COUNTED_MAX).await?;
        let jobs_due = due.into_iter().map(|(kind, count, first)| JobsDue { kind, count, oldest_secs: secs_since(first) }).collect();
        let under_way = payouts::under_way_by_state(&mut tx, COUNTED_MAX).await?;
        let payouts = under_way.into_iter().map(|(network, state, count, first)| PayoutsUnderWay {
            network,
            state,
            count,
            oldest_secs: secs_since(first),
        });
        let payouts = payouts.collect();
        let (endpoints_disabled, endpoints_failing) = endpoints::in_trouble(&mut tx).await?;
        let mut blocks = Vec::new();
        for network in self.0.rails.keys() {
            blocks.extend(rails::cursor(&mut tx, *network).await?.map(|cursor| (*network, cursor.position)));
        }
        let mut compared = Vec::new();
        for asset in self.assets().all() {
            let Some(found) = reconciliations::last(&mut tx, asset.network, asset.id).await? else { continue };
            let rail = found.rail.map(|units| signed(asset, units));
            let missing = shortfall(&found).map(|units| asset.format_units(units));
            compared.push(Compared { asset: asset.id, at: found.at, rail, missing });
        }
        Ok(Vitals {
            open_refunds,
            held,
            jobs_due,
            webhooks_waiting: deliveries::count_pending(&mut tx, COUNTED_MAX).await?,
            endpoints_disabled,
            endpoints_failing,
            mails_waiting: jobs::count_mails(&mut tx, COUNTED_MAX).await?,
            payouts,
            blocks,
            payouts_stopped: state::get(&mut tx, PAYOUTS_STOPPED).await?.is_none_or(|value| value != "false"),
            mids_frozen: merchants::count_frozen(&mut tx, now).await?,
            mids_suspended: merchants::count_suspended(&mut tx).await?,
            compared,
        })
    }

    /// Returns the networks that coins are paid on.
    pub fn networks(&self) -> impl Iterator<Item = Network> {
        self.0.rails.keys().copied()
    }

    /// Returns what this process did since it started.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.tally.read()
    }
}

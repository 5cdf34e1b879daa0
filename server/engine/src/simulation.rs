//! Simulations: what a draft of a MID's policy would have made of a period's real payments (requirements 3.5). Every invoice is judged
//! again by the domain's own function, from what was known when; the rows are read at one moment, and nothing is written.

mod words;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use domain::ids::{InvoiceId, MidId, PolicyId};
use domain::invoice::is_exception;
use domain::money::AssetId;
use domain::policy::{Policy, PolicyVersion};
use domain::replay::{Ending, History, Known, NotReplayed, Sums};
use domain::view::{
    AssetSplitView, EndingView, MoneySplitView, SimulatedInvoiceView, SimulatedRefundView, SimulatedSumsView, SimulationView,
};
use jiff::{SignedDuration, Timestamp};

use crate::callers::Caller;
use crate::policies::{self, NewVersion, Version};
use crate::store::codec::needed;
use crate::store::invoices::histories::{self as rows, MadeIn};
use crate::store::{StoreError, Tx, invoices, policies as policy_rows};
use crate::views::Views;
use crate::{Engine, Error, PageRequest};

/// The most invoices one simulation plays.
const INVOICES_MAX: u32 = 10_000;
/// How many are in memory at once.
const CHUNK: u32 = 200;
/// The longest period: with it and the day's rate of invoices, the work is bounded before it is begun.
const PERIOD_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);

/// What a simulation says nothing about.
const NOT_SIMULATED: [&str; 5] = [
    "what payers do: claims, addresses, cancellations, and whether they would have paid otherwise",
    "refunds that the merchant made: they are no policy's doing",
    "network fees and the days refunds take: a refund's terms are shown, not its way",
    "timers that went off late: by a draft they go off on time",
    "prices that nobody asked for then: a rule of the draft goes by the last one that is written down for the invoice",
];

/// What to simulate: the invoices of a MID that were made (their `created_at`) from one instant up to, not including, another.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// What the MID's own layer would say. The merchant's layer below it and the invoices' own settings above it stay.
    pub draft: NewVersion,
    /// From.
    pub from: Timestamp,
    /// Up to.
    pub to: Timestamp,
    /// Which page of the invoices that would stand elsewhere.
    pub page: PageRequest,
}

impl Engine {
    /// Says what a draft of a MID's policy would have made of the payments of a period. Writes nothing.
    ///
    /// # Errors
    /// `Invalid` for a draft outside its limits, and for a period that is empty, longer than 366 days or has more than 10,000
    /// invoices; `NotFound` when the MID is not the caller's.
    pub async fn simulate_policy(&self, caller: &Caller, mid: MidId, what: Simulation) -> Result<SimulationView, Error> {
        let mid = self.own_mid(caller, mid).await?;
        if what.from >= what.to {
            return Err(Error::field("to", "out_of_range", "choose an instant after `from`"));
        }
        if what.to.duration_since(what.from) > PERIOD_MAX {
            return Err(Error::field("from", "too_long", "the period is longer than 366 days: choose a shorter one"));
        }
        let limit = usize::try_from(what.page.limit()?.saturating_sub(1)).unwrap_or_default();
        let after = match &what.page.after {
            None => None,
            Some(_) => Some(self.place_of(mid.id, InvoiceId(what.page.before_id()?)).await?),
        };
        let mut tx = self.store().read().await?;
        let layers = policy_rows::active(&mut tx, mid.merchant, Some(mid.id)).await?;
        let made = MadeIn { mid: mid.id, from: what.from, to: what.to };
        let one_too_many = rows::made_at(&mut tx, made, INVOICES_MAX).await?;
        drop(tx);
        self.check_draft(policies::before_mid(&layers), &what.draft).map_err(within_draft)?;
        if let Some(at) = one_too_many {
            let message = format!("the period has more than {INVOICES_MAX} invoices: choose one that ends at {at} at the latest");
            return Err(Error::field("to", "too_long", message));
        }
        let own = needed("policy_versions", "active version of a MID", layers.last().filter(|layer| layer.mid.is_some()))?.clone();
        let own = Version { overrides: what.draft.overrides, assets: what.draft.assets, ..own };
        let draft = Draft { mid: mid.id, layers: policies::with_layer(layers, own), policies: HashMap::new() };
        let run = Run::new(self.views(), draft, self.now(), after, limit);
        let run = self.store().snapshot(move |tx| Box::pin(run.play(tx, made))).await?;
        Ok(run.view(made)?)
    }

    /// Returns the place in the list of an invoice that a cursor names.
    async fn place_of(&self, mid: MidId, id: InvoiceId) -> Result<(Timestamp, InvoiceId), Error> {
        let mut tx = self.store().read().await?;
        let found = invoices::load(&mut tx, id).await?.filter(|invoice| invoice.mid == mid);
        let invoice = found.ok_or_else(|| Error::field("after", "invalid", "use the `next` value of the page before"))?;
        Ok((invoice.created_at, invoice.id))
    }
}

/// Says of wrong settings that they are the draft's.
fn within_draft(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => Error::Invalid(errors.within("draft")),
        error => error,
    }
}

/// The policy that is tried: every layer of it, and what has come out of them so far.
struct Draft {
    mid: MidId,
    layers: Vec<Version>,
    policies: HashMap<PolicyId, Policy>,
}

impl Draft {
    fn version(&mut self, history: &History) -> Result<PolicyVersion, StoreError> {
        let policy = policies::layered(&self.layers, Some(history.invoice.charged.asset), history.invoice.overrides.as_ref());
        let id = policies::id_of(&policy)?;
        self.policies.entry(id).or_insert_with(|| policy.clone());
        Ok(PolicyVersion { id, mid: self.mid, number: 0, policy, created_at: history.invoice.created_at })
    }

    /// Reads the settings that judged these cases, where they are not known yet.
    async fn learn(&mut self, tx: &mut Tx, history: &History) -> Result<(), StoreError> {
        for case in &history.cases {
            if let Entry::Vacant(unknown) = self.policies.entry(case.policy) {
                unknown.insert(policy_rows::settings(tx, case.policy).await?);
            }
        }
        Ok(())
    }
}

/// A simulation under way.
struct Run {
    views: Views,
    draft: Draft,
    until: Timestamp,
    after: Option<(Timestamp, InvoiceId)>,
    limit: usize,
    invoices: u32,
    with_exceptions: u32,
    changed: u32,
    decided_by_person: u32,
    left_out: u32,
    sums: BTreeMap<AssetId, (Sums, Sums)>,
    changes: Vec<SimulatedInvoiceView>,
    has_more: bool,
}

impl Run {
    const fn new(views: Views, draft: Draft, until: Timestamp, after: Option<(Timestamp, InvoiceId)>, limit: usize) -> Self {
        Self {
            views,
            draft,
            until,
            after,
            limit,
            invoices: 0,
            with_exceptions: 0,
            changed: 0,
            decided_by_person: 0,
            left_out: 0,
            sums: BTreeMap::new(),
            changes: Vec::new(),
            has_more: false,
        }
    }

    async fn play(mut self, tx: &mut Tx, made: MadeIn) -> Result<Self, StoreError> {
        let mut before = None;
        loop {
            let histories = rows::page(tx, made, before, CHUNK).await?;
            for history in &histories {
                self.draft.learn(tx, history).await?;
                self.play_one(history)?;
            }
            let Some(last) = histories.last() else { return Ok(self) };
            before = Some((last.invoice.created_at, last.invoice.id));
        }
    }

    fn play_one(&mut self, history: &History) -> Result<(), StoreError> {
        self.invoices = self.invoices.saturating_add(1);
        let version = self.draft.version(history)?;
        let policies = &self.draft.policies;
        let known = Known { policy: &|id| policies.get(&id), asset: &|id| self.views.assets.get(id) };
        let endings = history.ending(&known).and_then(|live| Ok((live, history.replay(&version, &known, self.until)?)));
        let (live, draft) = match endings {
            Ok(endings) => endings,
            Err(why) => {
                if matches!(why, NotReplayed::Incomplete | NotReplayed::UnknownPolicy | NotReplayed::NotDone(_)) {
                    tracing::warn!(invoice.id = %history.invoice.id, %why, "an invoice could not be simulated");
                }
                self.left_out = self.left_out.saturating_add(1);
                return Ok(());
            }
        };
        for (asset, sums) in &live.sums {
            let (all, _) = self.sums.entry(*asset).or_default();
            *all = all.plus(*sums);
        }
        for (asset, sums) in &draft.sums {
            let (_, all) = self.sums.entry(*asset).or_default();
            *all = all.plus(*sums);
        }
        let has_exception = |ending: &Ending| is_exception(ending.flags) || !ending.refunds.is_empty() || !ending.waits.is_empty();
        let is_by_person = history.is_decided_by_a_person();
        self.with_exceptions = self.with_exceptions.saturating_add(u32::from(has_exception(&live) || has_exception(&draft)));
        self.decided_by_person = self.decided_by_person.saturating_add(u32::from(is_by_person));
        if live == draft {
            return Ok(());
        }
        self.changed = self.changed.saturating_add(1);
        let invoice = &history.invoice;
        if self.after.is_some_and(|after| (invoice.created_at, invoice.id) >= after) {
            return Ok(());
        }
        if self.changes.len() >= self.limit {
            self.has_more = true;
            return Ok(());
        }
        self.changes.push(SimulatedInvoiceView {
            id: invoice.id.0,
            reference: invoice.reference.clone(),
            created_at: invoice.created_at,
            decided_by_person: is_by_person,
            differences: words::differences(&live, &draft, &self.views)?,
            live: ending_view(&live, &self.views)?,
            draft: ending_view(&draft, &self.views)?,
        });
        Ok(())
    }

    fn view(self, made: MadeIn) -> Result<SimulationView, StoreError> {
        let sums = self.sums.iter().map(|(asset, (live, draft))| {
            Ok(SimulatedSumsView {
                asset: asset.to_string(),
                live: split_view(*asset, *live, &self.views)?,
                draft: split_view(*asset, *draft, &self.views)?,
            })
        });
        Ok(SimulationView {
            mid: made.mid.0,
            from: made.from,
            to: made.to,
            invoices: self.invoices,
            with_exceptions: self.with_exceptions,
            unchanged: self.invoices.saturating_sub(self.changed).saturating_sub(self.left_out),
            changed: self.changed,
            decided_by_person: self.decided_by_person,
            left_out: self.left_out,
            sums: sums.collect::<Result<_, StoreError>>()?,
            next: self.changes.last().filter(|_| self.has_more).map(|last| last.id.to_string()),
            changes: self.changes,
            not_simulated: NOT_SIMULATED.map(ToOwned::to_owned).to_vec(),
        })
    }
}

fn ending_view(ending: &Ending, views: &Views) -> Result<EndingView, StoreError> {
    let money =
        ending.sums.iter().map(|(asset, sums)| Ok(AssetSplitView { asset: asset.to_string(), split: split_view(*asset, *sums, views)? }));
    let refunds = ending.refunds.iter().map(|terms| {
        Ok(SimulatedRefundView {
            amount: views.asset(terms.amount.asset)?.format_units(terms.amount.units),
            asset: terms.amount.asset.to_string(),
            security_delay: terms.security_delay.to_string(),
            payer_cancel: terms.payer_cancel,
            claim_ttl: terms.claim_ttl.to_string(),
            on_expiry: terms.on_expiry,
            fee_bearer: terms.fee_bearer,
            destination_source: terms.destination_source,
            needs_review: terms.needs_review,
        })
    });
    Ok(EndingView {
        status: ending.status,
        exceptions: ending.flags,
        money: money.collect::<Result<_, StoreError>>()?,
        refunds: refunds.collect::<Result<_, StoreError>>()?,
        waits_for_a_person: ending.waits.iter().map(|why| why.name().to_owned()).collect(),
    })
}

fn split_view(asset: AssetId, sums: Sums, views: &Views) -> Result<MoneySplitView, StoreError> {
    let asset = views.asset(asset)?;
    let coins = |units| asset.format_units(units);
    Ok(MoneySplitView { credited: coins(sums.credited), refunded: coins(sums.refunded), held: coins(sums.held), dust: coins(sums.dust) })
}

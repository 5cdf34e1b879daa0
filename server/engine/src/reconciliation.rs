//! Reconciliation: the books of each asset beside what its rail's accounts hold, every hour and on demand. It looks and tells; it never
//! moves money and never corrects a book.
//!
//! The rail is asked as of its last final block, because the books count what is final. They are read before and after the rail's
//! answer, and asked again when they moved meanwhile. What a difference can mean is told at [`ReconciliationView`].

use domain::job::Job;
use domain::merchant::Scope;
use domain::money::{Asset, AssetId, Network};
use domain::view::{ReconciliationMeaning, ReconciliationState, ReconciliationView};
use jiff::SignedDuration;

use crate::callers::Caller;
use crate::rails::{Holdings, RailError};
use crate::store::codec::needed;
use crate::store::reconciliations::{self as rows, Books, Reconciliation};
use crate::store::{StoreError, jobs};
use crate::worker::Done;
use crate::{Engine, Error, Page, PageRequest};

/// How often books and rails are compared.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How often the rail is asked anew while the books move.
const TRIES_MAX: u32 = 3;

/// What [`Engine::reconcile_now`] found.
#[derive(Clone, Debug)]
pub struct Reconciled {
    /// Each asset.
    pub assets: Vec<ReconciliationView>,
    /// Whether every rail answered and no coins are missing beyond those of payouts under way.
    pub ok: bool,
}

impl Engine {
    /// Compares the books with every rail now.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is the operator. A rail that does not answer is part of the result.
    pub async fn reconcile_now(&self, caller: &Caller) -> Result<Reconciled, Error> {
        require_operator(caller)?;
        let mut found = Reconciled { assets: Vec::new(), ok: true };
        for network in self.0.rails.keys() {
            for reconciliation in self.reconcile_network(*network).await? {
                found.ok = found.ok && is_right(&reconciliation);
                found.assets.push(self.reconciliation_view(reconciliation)?);
            }
        }
        Ok(found)
    }

    /// Returns what earlier comparisons found, newest first; of one asset when given.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is the operator, `Invalid` for a bad limit or cursor.
    pub async fn reconciliations(
        &self,
        caller: &Caller,
        asset: Option<AssetId>,
        page: PageRequest,
    ) -> Result<Page<ReconciliationView>, Error> {
        require_operator(caller)?;
        let mut tx = self.store().read().await?;
        let found = rows::list(&mut tx, asset, page.before_id()?, page.limit()?).await?;
        let views = found.into_iter().map(|found| self.reconciliation_view(found)).collect::<Result<Vec<_>, _>>()?;
        Ok(page.page(views, |view| view.id.to_string()))
    }

    /// Makes sure that every network is compared by the hour.
    pub(crate) async fn schedule_reconciliations(&self) -> Result<(), Error> {
        let networks: Vec<Network> = self.0.rails.keys().copied().collect();
        let now = self.now();
        let schedule = self.store().write(move |tx| {
            Box::pin(async move {
                for network in networks {
                    jobs::ensure(tx, Job::Reconcile(network).at(now)).await?;
                }
                Ok(())
            })
        });
        Ok(schedule.await?)
    }

    /// The hourly job of one network.
    pub(crate) async fn reconcile_by_the_hour(&self, network: Network) -> Result<Done, Error> {
        if !self.0.rails.contains_key(&network) {
            // Its rail is not configured any more; a start with it begins anew.
            return Ok(Done::Finished);
        }
        self.reconcile_network(network).await?;
        let now = self.now();
        Ok(Done::Again { at: now.saturating_add(EVERY).unwrap_or(now) })
    }

    async fn reconcile_network(&self, network: Network) -> Result<Vec<Reconciliation>, Error> {
        let mut found = Vec::new();
        for asset in self.assets().all().filter(|asset| asset.network == network) {
            let (books, holdings) = self.compare(asset).await?;
            let reconciliation = self.judge(asset, books, holdings)?;
            let new = reconciliation.clone();
            self.store().write(move |tx| Box::pin(async move { note_change(tx, &new).await })).await?;
            found.push(reconciliation);
        }
        Ok(found)
    }

    /// Reads books and rail so that no entry lies between them.
    async fn compare(&self, asset: &Asset) -> Result<(Books, Result<Holdings, RailError>), Error> {
        let rail = self.rail(asset.network)?;
        let mut tries = 1;
        loop {
            let mut tx = self.store().read().await?;
            let before = rows::books(&mut tx, asset.id).await?;
            let deposits = rows::paid_addresses(&mut tx, asset.network, asset.id).await?;
            drop(tx);
            let holdings = rail.holdings(asset, &deposits).await;
            let mut tx = self.store().read().await?;
            let after = rows::books(&mut tx, asset.id).await?;
            if before == after || holdings.is_err() || tries >= TRIES_MAX {
                return Ok((after, holdings));
            }
            tries = u32::saturating_add(tries, 1);
        }
    }

    fn judge(&self, asset: &Asset, books: Books, holdings: Result<Holdings, RailError>) -> Result<Reconciliation, StoreError> {
        let (rail, float, state, note) = match holdings {
            Err(error) => (None, None, ReconciliationState::RailAway, error.to_string()),
            Ok(holdings) => {
                let rail = holdings.hot_units.checked_add(holdings.deposit_units).and_then(|units| i128::try_from(units).ok());
                let rail = needed("reconciliations", "rail", rail)?;
                let float = needed("reconciliations", "float", rail.checked_sub(books.ledger))?;
                let meaning = match float {
                    0 => ReconciliationMeaning::Held,
                    1.. => ReconciliationMeaning::Surplus,
                    _ if float.saturating_add(books.in_flight) >= 0 => ReconciliationMeaning::UnderWay,
                    _ if self.is_told(asset.network) => ReconciliationMeaning::NotPaidIn,
                    _ => ReconciliationMeaning::Missing,
                };
                let state = if float == 0 { ReconciliationState::Matched } else { ReconciliationState::Differs };
                (Some(rail), Some(float), state, meaning.name().to_owned())
            }
        };
        Ok(Reconciliation { id: self.mint(), network: asset.network, asset: asset.id, at: self.now(), books, rail, float, state, note })
    }

    fn reconciliation_view(&self, found: Reconciliation) -> Result<ReconciliationView, StoreError> {
        let views = self.views();
        let asset = views.asset(found.asset)?;
        Ok(ReconciliationView {
            id: found.id,
            network: found.network,
            asset: found.asset.to_string(),
            at: found.at,
            ledger: signed(asset, found.books.ledger),
            gas: signed(asset, found.books.gas),
            in_flight: signed(asset, found.books.in_flight),
            rail: found.rail.map(|units| signed(asset, units)),
            float: found.float.map(|units| signed(asset, units)),
            state: found.state,
            note: found.note,
        })
    }
}

/// Writes what was found and says it in the log, once for as long as it stays the same.
async fn note_change(tx: &mut crate::store::Tx, new: &Reconciliation) -> Result<(), StoreError> {
    let last = rows::last(tx, new.network, new.asset).await?;
    rows::insert(tx, new).await?;
    if last.as_ref().is_some_and(|last| is_same(last, new)) {
        return Ok(());
    }
    let (network, asset, note) = (new.network, new.asset, &new.note);
    match new.state {
        ReconciliationState::RailAway => tracing::warn!(%network, %asset, note, "the books could not be compared with the rail"),
        ReconciliationState::Differs => {
            let float_units = new.float.unwrap_or_default();
            tracing::warn!(%network, %asset, float_units, note, "the rail does not hold what the books say");
        }
        ReconciliationState::Matched if last.is_some() => tracing::info!(%network, %asset, "the rail holds what the books say again"),
        ReconciliationState::Matched => {}
    }
    Ok(())
}

/// Says whether nothing new is to be told: gas that lowers the float is no news.
fn is_same(last: &Reconciliation, new: &Reconciliation) -> bool {
    let put_in = |found: &Reconciliation| found.float.map(|float| float.saturating_add(found.books.gas));
    last.state == new.state && put_in(last) == put_in(new) && is_right(last) == is_right(new)
}

/// Says whether the rail answered and holds everything but what payouts under way may have taken.
fn is_right(found: &Reconciliation) -> bool {
    shortfall(found) == Some(0)
}

/// Returns how much of what the books say a rail does not hold, beyond what payouts under way may have taken; nothing when it did not say.
pub(crate) fn shortfall(found: &Reconciliation) -> Option<u128> {
    let covered = found.float?.saturating_add(found.books.in_flight);
    Some(if covered < 0 { covered.unsigned_abs() } else { 0 })
}

pub(crate) fn signed(asset: &Asset, units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{}", asset.format_units(units.unsigned_abs()))
}

pub(crate) fn require_operator(caller: &Caller) -> Result<(), Error> {
    if caller.scope == Scope::Everything { Ok(()) } else { Err(Error::Forbidden) }
}

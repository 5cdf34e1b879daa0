//! What pages of staff follow while they are open: each names a stream that tells, as a short text, how far what it shows is. The text says
//! nothing by itself; a page that finds another than its own asks for itself again. Who may see a page may follow it, nobody else.

use std::hash::{DefaultHasher, Hash, Hasher};

use domain::ids::{InvoiceId, RefundId};
use domain::view::{DeliveryView, ReconciliationView, RefundView};
use engine::browsing::{InvoicesWanted, Place, RefundsWanted};
use engine::callers::Caller;
use engine::overview::Health;
use engine::vitals::{PayoutsUnderWay, Vitals};
use engine::{Engine, Error, PageRequest};

use crate::pages::{ROWS, invoices_wanted, place_of, refunds_wanted};

/// Where the streams are.
pub const FOLDER: &str = "/live";

/// What a page of staff shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A page of the list of refunds.
    Refunds(RefundsWanted, Place),
    /// One refund.
    Refund(RefundId),
    /// A page of the list of invoices.
    Invoices(InvoicesWanted, Place),
    /// One invoice.
    Invoice(InvoiceId),
    /// How the installation's work stands.
    Health,
}

impl Watched {
    /// Reads what a stream's path below [`FOLDER`] and its query name; nothing when it is nothing that is shown.
    #[must_use]
    pub fn parse(path: &str, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        match path.split_once('/') {
            None if path == "refunds" => Some(Self::Refunds(refunds_wanted(&value)?, place_of(value))),
            None if path == "invoices" => Some(Self::Invoices(invoices_wanted(&value)?, place_of(value))),
            None if path == "health" => Some(Self::Health),
            Some(("refunds", id)) => Some(Self::Refund(id.parse().ok()?)),
            Some(("invoices", id)) => Some(Self::Invoice(id.parse().ok()?)),
            None | Some(_) => None,
        }
    }

    /// Returns how far it is, for a caller who may see it.
    ///
    /// # Errors
    /// `NotFound` and `Forbidden` as its page; `Store` when the database fails.
    pub async fn stage(&self, engine: &Engine, caller: &Caller) -> Result<String, Error> {
        Ok(match self {
            Self::Refunds(wanted, place) => stage(&engine.browse_refunds(caller, wanted, *place, ROWS).await?.rows),
            Self::Invoices(wanted, place) => stage(&engine.browse_invoices(caller, wanted, *place, ROWS).await?.rows),
            Self::Refund(id) => refund_stage(&engine.refund(caller, *id).await?, &engine.deliveries(caller, *id).await?),
            Self::Invoice(id) => stage(&engine.invoice(caller, *id).await?),
            Self::Health => {
                let health = engine.health(caller).await?;
                health_stage(&health, &engine.vitals().await?, &compared(engine, caller).await?)
            }
        })
    }
}

/// Returns how far a refund and its webhooks are. Its claim link is no part of it.
pub(crate) fn refund_stage(refund: &RefundView, deliveries: &[DeliveryView]) -> String {
    stage(&(RefundView { claim_url: None, ..refund.clone() }, deliveries))
}

/// Returns how the installation does. What moves by itself all the time, ages and blocks, is no part of it.
pub(crate) fn health_stage(health: &Health, vitals: &Vitals, compared: &[ReconciliationView]) -> String {
    let payouts = vitals.payouts.iter().map(|under_way| PayoutsUnderWay { oldest_secs: 0, ..under_way.clone() }).collect();
    let (jobs_due, blocks, rails) = Default::default();
    stage(&(health, Vitals { payouts, jobs_due, blocks, compared: rails, ..vitals.clone() }, compared))
}

/// Returns the newest comparisons of books and rails.
pub(crate) async fn compared(engine: &Engine, caller: &Caller) -> Result<Vec<ReconciliationView>, Error> {
    Ok(engine.reconciliations(caller, None, PageRequest { limit: 100, after: None }).await?.data)
}

/// Returns a short text that is another once anything shown is.
pub(crate) fn stage(shown: &impl std::fmt::Debug) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{shown:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The stream a page follows, and how far what it shows was.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    pub(crate) url: String,
    pub(crate) seen: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_names_what_its_page_shows() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let parse = |path: &str, status: &'static str| Watched::parse(path, |name| (name == "status").then(|| status.to_owned()));
        assert!(matches!(parse("refunds", "paid"), Some(Watched::Refunds(wanted, Place::Newest)) if !wanted.states.is_empty()));
        assert!(matches!(parse("invoices", "complete"), Some(Watched::Invoices(_, Place::Newest))));
        assert!(matches!(parse(&format!("refunds/{id}"), ""), Some(Watched::Refund(_))));
        assert!(matches!(parse(&format!("invoices/{id}"), ""), Some(Watched::Invoice(_))));
        assert_eq!(parse("health", ""), Some(Watched::Health));
        for (path, status) in [("refunds", "lost"), ("refunds/all", ""), ("invoices/1/2", ""), ("", ""), ("mids", "")] {
            assert_eq!(parse(path, status), None, "{path} {status}");
        }
    }
}

//! Events: what happened to a merchant's invoices and refunds, whether an endpoint listened or not. What webhooks tell, to look up.

use std::collections::BTreeMap;

use domain::ids::{MidId, RefundId};
use domain::merchant::Right;
use domain::notice::Notice;
use domain::view::{EventData, EventView};
use uuid::Uuid;

use crate::callers::Caller;
use crate::store::merchants::MidFilter;
use crate::store::notices::{self as rows, EventRow};
use crate::store::{StoreError, refunds};
use crate::{Engine, Error, Page, PageRequest};

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// About one invoice or refund.
    pub subject: Option<Uuid>,
    /// Of one type: `refund.paid`.
    pub event: Option<String>,
}

impl Engine {
    /// Returns events, newest first, each as its native webhook told it: with the claim link only for callers who may move money, and only
    /// while it can be used.
    ///
    /// # Errors
    /// `Invalid` for a bad limit or cursor.
    pub async fn events(&self, caller: &Caller, filter: EventFilter, page: PageRequest) -> Result<Page<EventView>, Error> {
        let within = MidFilter::new(caller.scope, filter.mid);
        let mut tx = self.store().read().await?;
        let found = rows::events(&mut tx, within, filter.subject, filter.event.as_deref(), page.before_id()?, page.limit()?).await?;
        let Page { data, next } = page.page(found, |event| event.id.to_string());
        let carries_link = |event: &&EventRow| event.event == Notice::RefundClaimAvailable(RefundId(event.subject_id)).name();
        let offered: Vec<Uuid> = data.iter().filter(carries_link).map(|event| event.subject_id).collect();
        let links: BTreeMap<Uuid, String> = if caller.may(Right::MoveMoney) {
            let offered = refunds::load_all(&mut tx, &offered).await?;
            offered.iter().filter_map(|refund| Some((refund.id.0, self.claim_url(refund)?))).collect()
        } else {
            BTreeMap::new()
        };
        drop(tx);
        let view = |row: EventRow| {
            let link = links.get(&row.subject_id).filter(|_| carries_link(&&row)).cloned();
            let data: EventData = serde_json::from_value(row.data.0)
                .map_err(|_| StoreError::Inconsistent { table: "notices", id: format!("{} data", row.id) })?;
            let data = EventData { refund: data.refund.map(|refund| domain::view::RefundView { claim_url: link, ..refund }), ..data };
            Ok(EventView { id: row.id, event: row.event, created_at: row.created_at.0, sequence: row.sequence, data })
        };
        Ok(Page { data: data.into_iter().map(view).collect::<Result<_, StoreError>>()?, next })
    }
}

//! The log of webhooks: what was sent to the merchant's endpoints, what waits, what was given up, and sending it again.

use domain::ids::{DeliveryId, EndpointId, MidId, RefundId};
use domain::job::Job;
use domain::merchant::Right;
use domain::view::DeliveryView;
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::store::deliveries::{self as rows, LogRow};
use crate::store::jobs::{self, Lane};
use crate::store::merchants::MidFilter;
use crate::{Engine, Error, Page, PageRequest};

/// Where a delivery stands.
const STATES: [&str; 3] = ["pending", "delivered", "given_up"];

/// Which deliveries are wanted.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// To one endpoint.
    pub endpoint: Option<EndpointId>,
    /// About one refund.
    pub refund: Option<RefundId>,
    /// `pending`, `delivered` or `given_up`.
    pub status: Option<String>,
}

impl Engine {
    /// Returns what was sent, newest first.
    ///
    /// # Errors
    /// `Invalid` for a status that there is not, a bad limit or cursor.
    pub async fn webhook_deliveries(
        &self,
        caller: &Caller,
        filter: DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<DeliveryView>, Error> {
        let status = filter.status.as_deref();
        if status.is_some_and(|status| !STATES.contains(&status)) {
            return Err(Error::field("status", "unknown", "choose pending, delivered or given_up"));
        }
        let within = MidFilter::new(caller.scope, filter.mid);
        let (endpoint, subject) = (filter.endpoint.map(|endpoint| endpoint.0), filter.refund.map(|refund| refund.0));
        let mut tx = self.store().read().await?;
        let found = rows::list(&mut tx, within, endpoint, subject, status, page.before_id()?, page.limit()?).await?;
        Ok(page.page(found.into_iter().map(DeliveryView::from).collect(), |delivery| delivery.id.to_string()))
    }

    /// Returns a delivery and its body as it would be posted now, but for claim links: those are for its receiver. There is no body when
    /// no API key is left to sign it with.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn webhook_delivery(&self, caller: &Caller, id: DeliveryId) -> Result<(DeliveryView, Option<String>), Error> {
        let mut tx = self.store().read().await?;
        let row = rows::logged(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let whole = rows::whole(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.own_mid(caller, MidId(row.mid_id)).await?;
        Ok((row.into(), self.body_without_links(&whole).await?))
    }

    /// Sends a webhook that ended once more, as it was, and tries as often as the first time. Receivers know a repeat by its id. One that
    /// still waits stays as it is.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's, `Forbidden`.
    pub async fn resend_webhook(&self, caller: &Caller, id: DeliveryId) -> Result<DeliveryView, Error> {
        caller.require_role(Right::ChangeSettings)?;
        let mut tx = self.store().read().await?;
        let known = rows::logged(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let mid = MidId(known.mid_id);
        let merchant = self.own_mid(caller, mid).await?.merchant;
        if known.state == "pending" {
            return Ok(known.into());
        }
        let now = self.now();
        let detail = json!({ "mid": mid, "event": known.event });
        let record = AuditRecord {
            merchant: Some(merchant),
            at: now,
            actor: Some(caller.actor),
            action: "delivery.resent".to_owned(),
            subject: id.0,
            detail,
        };
        let reopened = self.store().write(move |tx| {
            Box::pin(async move {
                rows::reopen(tx, id).await?;
                jobs::enqueue(tx, &[Job::Deliver(id).at(now)]).await?;
                audit::append(tx, &record).await
            })
        });
        reopened.await?;
        self.wake_worker(Lane::Deliveries);
        Ok(DeliveryView { status: "pending".to_owned(), attempts: 0, ..known.into() })
    }
}

impl From<LogRow> for DeliveryView {
    fn from(row: LogRow) -> Self {
        Self {
            id: row.id,
            event: row.event,
            sequence: row.sequence,
            endpoint: row.endpoint_id,
            url: row.url,
            status: row.state,
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            response_status: row.response_status.and_then(|status| u16::try_from(status).ok()),
            answer: row.answer,
            error: row.error,
            created_at: row.created_at.0,
            attempted_at: row.attempted_at.map(|at| at.0),
        }
    }
}

//! Webhook endpoints: where a merchant listens. What is sent there is [`crate::webhooks`]'.

use base64::Engine as _;
use domain::ids::{EndpointId, MerchantId, MidId};
use domain::merchant::Right;
use domain::merchant::Scope;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::store::StoreError;
use crate::store::codec::At;
use crate::store::outbox::{self as rows, Endpoint};
use crate::{Engine, Error, webhooks};

/// A webhook endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointView {
    /// Its id.
    pub id: Uuid,
    /// Where to.
    pub url: String,
    /// Only this MID's events.
    pub mid: Option<Uuid>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A new webhook endpoint.
#[derive(Debug)]
pub struct NewEndpoint {
    /// It.
    pub endpoint: EndpointView,
    /// The secret that signs its webhooks, `whsec_…`.
    pub secret: String,
}

impl Engine {
    /// Adds a webhook endpoint, for all MIDs of the caller or one of them. The same id again returns the endpoint that has it: a
    /// request can be repeated.
    ///
    /// # Errors
    /// `Invalid` for a URL that is not `https` (or `http` in the sandbox).
    pub async fn add_endpoint(&self, caller: &Caller, url: &str, mid: Option<MidId>, id: EndpointId) -> Result<NewEndpoint, Error> {
        caller.require(Right::ChangeSettings)?;
        webhooks::check_url(url, self.settings().is_sandbox)?;
        let (merchant, mid) = self.endpoint_owner(caller, mid).await?;
        let endpoint =
            Endpoint { id: id.0, merchant_id: merchant.0, mid_id: mid.map(|mid| mid.0), url: url.to_owned(), created_at: At(self.now()) };
        let new = endpoint.clone();
        let secret = self.endpoint_secret(id);
        let detail = json!({ "mid": mid, "host": host(url) });
        let record = endpoint_record(caller, merchant, endpoint.created_at.0, "endpoint.added", id, detail);
        let added = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert_endpoint(tx, &new).await?;
                audit::append(tx, &record).await
            })
        });
        match added.await {
            Ok(()) => Ok(NewEndpoint { endpoint: endpoint_view(endpoint), secret }),
            Err(StoreError::Conflict) => {
                let made = self.endpoints(caller).await?.into_iter().find(|made| made.id == id.0);
                Ok(NewEndpoint { endpoint: made.ok_or(Error::Conflict)?, secret })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what signs an endpoint's webhooks, as its owner is told once. Derived, so that no row holds it.
    pub(crate) fn endpoint_secret(&self, id: EndpointId) -> String {
        let secret = base64::engine::general_purpose::STANDARD.encode(self.master_key().webhook_secret(id));
        format!("whsec_{secret}")
    }

    /// Returns the caller's webhook endpoints.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn endpoints(&self, caller: &Caller) -> Result<Vec<EndpointView>, Error> {
        let (merchant, only) = self.endpoint_owner(caller, None).await?;
        let mut tx = self.store().read().await?;
        let endpoints = rows::endpoints(&mut tx, merchant).await?;
        let own = endpoints.into_iter().filter(|endpoint| only.is_none_or(|only| endpoint.mid_id == Some(only.0)));
        Ok(own.map(endpoint_view).collect())
    }

    /// Ends a webhook endpoint. What was queued for it is not sent any more.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn remove_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<(), Error> {
        caller.require(Right::ChangeSettings)?;
        if !self.endpoints(caller).await?.iter().any(|endpoint| endpoint.id == id.0) {
            return Err(Error::NotFound);
        }
        let ((merchant, _), now) = (self.endpoint_owner(caller, None).await?, self.now());
        let record = endpoint_record(caller, merchant, now, "endpoint.removed", id, json!({}));
        let removed = self.store().write(move |tx| {
            Box::pin(async move {
                let is_removed = rows::remove_endpoint(tx, merchant, id.0, now).await?;
                if is_removed {
                    audit::append(tx, &record).await?;
                }
                Ok(is_removed)
            })
        });
        if removed.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn endpoint_owner(&self, caller: &Caller, mid: Option<MidId>) -> Result<(MerchantId, Option<MidId>), Error> {
        let mid = match caller.scope {
            Scope::Mid(own) => mid.or(Some(own)),
            Scope::Everything | Scope::Merchant(_) => mid,
        };
        if let Some(mid) = mid {
            return Ok((self.own_mid(caller, mid).await?.merchant, Some(mid)));
        }
        match caller.scope {
            Scope::Merchant(merchant) => Ok((merchant, None)),
            Scope::Everything | Scope::Mid(_) => Err(Error::field("mid", "required", "say which MID")),
        }
    }
}

fn endpoint_record(
    caller: &Caller,
    merchant: MerchantId,
    at: Timestamp,
    action: &str,
    id: EndpointId,
    detail: serde_json::Value,
) -> AuditRecord {
    AuditRecord { merchant: Some(merchant), at, actor: Some(caller.actor), action: action.to_owned(), subject: id.0, detail }
}

/// Returns the host of a URL: its path and password may be secrets.
fn host(url: &str) -> Option<String> {
    url.parse::<reqwest::Url>().ok().and_then(|url| url.host_str().map(str::to_owned))
}

fn endpoint_view(endpoint: Endpoint) -> EndpointView {
    EndpointView { id: endpoint.id, url: endpoint.url, mid: endpoint.mid_id, created_at: endpoint.created_at.0 }
}

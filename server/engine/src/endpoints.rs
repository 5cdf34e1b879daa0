//! Webhook endpoints: where a merchant listens. What is sent there is [`crate::webhooks`]'.

use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{EndpointId, InvoiceId, MerchantId, MidId};
use domain::merchant::{Actor, Right, Scope};
use domain::notice::Events;
use domain::view::EndpointTestView;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::freezes::SensitiveChange;
use crate::store::StoreError;
use crate::store::codec::At;
use crate::store::endpoints::{self as rows, Endpoint};
use crate::store::jobs::Lane;
use crate::webhooks::alert;
use crate::{Engine, Error, webhooks};

/// A webhook endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub merchant: MerchantId,
    /// Where to.
    pub url: String,
    /// Only this MID's events.
    pub mid: Option<Uuid>,
    /// In whose words it is told what happens.
    pub dialect: Dialect,
    /// Which signatures of Standard Webhooks it gets.
    pub signing: SignatureScheme,
    /// What verifies its `v1a` signatures, `whpk_…`, where it gets such; for 24 hours after a rotation the key before signs too.
    pub public_key: Option<String>,
    /// Of which events it is told. In another system's words, of all that this system tells.
    #[serde(skip)]
    pub events: Events,
    /// Since when it gets nothing, because it answered 410 (Gone).
    pub disabled_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// When its secret was last replaced; for 24 hours from then on its webhooks carry the signatures of the old one too.
    pub rotated_at: Option<Timestamp>,
}

/// How an endpoint is told what happens.
#[derive(Clone, Debug)]
pub struct Telling {
    /// In whose words.
    pub dialect: Dialect,
    /// With which signatures of Standard Webhooks.
    pub signing: SignatureScheme,
    /// Of which events; all of them in another system's words.
    pub events: Events,
}

impl Default for Telling {
    fn default() -> Self {
        Self { dialect: Dialect::Native, signing: SignatureScheme::V1, events: Events::ALL }
    }
}

/// A webhook endpoint with its secret.
#[derive(Debug)]
pub struct NewEndpoint {
    /// It.
    pub endpoint: EndpointView,
    /// The secret that signs its webhooks, `whsec_…`.
    pub secret: String,
}

/// A dialect whose webhooks carry no claim links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinklessDialect {
    /// Cryptomus's.
    Cryptomus,
    /// Heleket's.
    Heleket,
}

impl LinklessDialect {
    const fn dialect(self) -> Dialect {
        match self {
            Self::Cryptomus => Dialect::Cryptomus,
            Self::Heleket => Dialect::Heleket,
        }
    }
}

impl Engine {
    /// Adds a webhook endpoint, for all MIDs of the caller or one of them. The same id again returns the endpoint that has it: a
    /// request can be repeated. Webhooks carry claim links, so who was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `Invalid` for a URL that is not `https` (or `http` in the sandbox).
    pub async fn add_endpoint(&self, caller: &Caller, url: &str, mid: Option<MidId>, id: EndpointId) -> Result<NewEndpoint, Error> {
        self.add_endpoint_in(caller, Telling::default(), url, mid, id).await
    }

    /// Does the same for an endpoint that is told in another system's words, of some events, or with other signatures.
    ///
    /// # Errors
    /// As [`Engine::add_endpoint`]; `Invalid` for a choice of events in another system's words.
    pub async fn add_endpoint_in(
        &self,
        caller: &Caller,
        Telling { dialect, signing, events }: Telling,
        url: &str,
        mid: Option<MidId>,
        id: EndpointId,
    ) -> Result<NewEndpoint, Error> {
        caller.require(Right::ChangeSettings)?;
        webhooks::check_url(url, self.settings().is_sandbox)?;
        check_events(dialect, &events)?;
        let (merchant, mid) = self.endpoint_owner(caller, mid).await?;
        let endpoint = Endpoint {
            mid_id: mid.map(|mid| mid.0),
            key_id: caller.key_id().ok().map(|key| key.0),
            events,
            ..Endpoint::new(id, merchant, url, dialect, signing, self.now())
        };
        let new = endpoint.clone();
        let freeze = self.freeze_by(caller, merchant, SensitiveChange::WebhookSecret);
        let events = endpoint.events.chosen();
        let detail = json!({ "mid": mid, "host": host(url), "dialect": dialect, "signing": signing, "events": events });
        let record = endpoint_record(caller, merchant, endpoint.created_at.0, "endpoint.added", id, detail);
        let added = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert(tx, &new).await?;
                if new.events.chosen().is_some() {
                    rows::choose_events(tx, new.id, &new.events).await?;
                }
                freeze.unless_never_paid(tx).await?;
                audit::append(tx, &record).await
            })
        });
        match added.await {
            Ok(()) => Ok(self.with_secret(endpoint)),
            Err(StoreError::Conflict) => match self.own_endpoint(caller, id).await {
                Err(Error::NotFound) => Err(Error::Conflict),
                // Its secret was replaced since: who repeats an old request is not told the new one.
                Ok(made) if made.secret_id != id.0 => Err(Error::Conflict),
                made => Ok(self.with_secret(made?)),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces an endpoint's secret by the one of that id; the same id again is the same rotation: a request can be repeated. For 24
    /// hours webhooks carry the signatures of both. Who was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `Conflict` when it was rotated again since, `NotFound` when it is not the caller's, `Forbidden`.
    pub async fn rotate_endpoint(&self, caller: &Caller, id: EndpointId, secret: Uuid) -> Result<NewEndpoint, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.own_endpoint(caller, id).await?;
        if before.secret_id == secret {
            return Ok(self.with_secret(before));
        }
        // Ids grow with time: a late repeat of an older rotation does not undo a newer one.
        if secret < before.secret_id {
            return Err(Error::Conflict);
        }
        let (merchant, now) = (MerchantId(before.merchant_id), self.now());
        let freeze = self.freeze_by(caller, merchant, SensitiveChange::WebhookSecret);
        let record = endpoint_record(caller, merchant, now, "endpoint.rotated", id, json!({}));
        let old = before.secret_id;
        let rotated = self.store().write(move |tx| {
            Box::pin(async move {
                rows::rotate(tx, id.0, old, secret, now).await?;
                freeze.unless_never_paid(tx).await?;
                audit::append(tx, &record).await
            })
        });
        rotated.await?;
        Ok(self.with_secret(Endpoint { secret_id: secret, rotated_at: Some(At(now)), ..before }))
    }

    /// Lets an endpoint's webhooks go somewhere else, those that wait too. Who was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `Invalid` for a URL that is not `https` (or `http` in the sandbox), `NotFound` when it is not the caller's, `Forbidden`.
    pub async fn move_endpoint(&self, caller: &Caller, id: EndpointId, url: &str) -> Result<EndpointView, Error> {
        caller.require(Right::ChangeSettings)?;
        webhooks::check_url(url, self.settings().is_sandbox)?;
        let before = self.own_endpoint(caller, id).await?;
        if before.url == url {
            return Ok(self.endpoint_view(before));
        }
        let (merchant, now) = (MerchantId(before.merchant_id), self.now());
        let freeze = self.freeze_by(caller, merchant, SensitiveChange::WebhookSecret);
        let detail = json!({ "host": host(url), "host_before": host(&before.url) });
        let record = endpoint_record(caller, merchant, now, "endpoint.moved", id, detail);
        let (from, to) = (before.url.clone(), url.to_owned());
        let moved = self.store().write(move |tx| {
            Box::pin(async move {
                rows::relocate(tx, id.0, &from, &to).await?;
                freeze.unless_never_paid(tx).await?;
                audit::append(tx, &record).await
            })
        });
        moved.await?;
        Ok(self.endpoint_view(Endpoint { url: url.to_owned(), disabled_at: None, ..before }))
    }

    /// Tells an endpoint in another dialect from now on; what waits stays as it was written, and a choice of events ends.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's, `Forbidden`, `Conflict` when it was changed meanwhile.
    pub async fn change_dialect(&self, caller: &Caller, id: EndpointId, dialect: Dialect) -> Result<EndpointView, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.own_endpoint(caller, id).await?;
        if before.dialect == dialect {
            return Ok(self.endpoint_view(before));
        }
        let detail = json!({ "dialect": dialect, "dialect_before": before.dialect });
        let record = endpoint_record(caller, MerchantId(before.merchant_id), self.now(), "endpoint.dialect_changed", id, detail);
        let from = before.dialect;
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                rows::change_dialect(tx, id.0, from, dialect).await?;
                rows::forget_events(tx, id.0).await?;
                audit::append(tx, &record).await
            })
        });
        changed.await?;
        Ok(self.endpoint_view(Endpoint { dialect, events: Events::ALL, ..before }))
    }

    /// Tells an endpoint of other events from now on; what waits is still sent.
    ///
    /// # Errors
    /// As [`Engine::change_dialect`]; `Invalid` for a choice in another system's words.
    pub async fn choose_events(&self, caller: &Caller, id: EndpointId, events: Events) -> Result<EndpointView, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.own_endpoint(caller, id).await?;
        check_events(before.dialect, &events)?;
        if before.events == events {
            return Ok(self.endpoint_view(before));
        }
        let detail = json!({ "events": events.chosen(), "events_before": before.events.chosen() });
        let record = endpoint_record(caller, MerchantId(before.merchant_id), self.now(), "endpoint.events_changed", id, detail);
        let chosen = events.clone();
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                rows::choose_events(tx, id.0, &chosen).await?;
                audit::append(tx, &record).await
            })
        });
        changed.await?;
        Ok(self.endpoint_view(Endpoint { events, ..before }))
    }

    /// Gives an endpoint's webhooks other signatures from now on, also those that wait.
    ///
    /// # Errors
    /// As [`Engine::change_dialect`].
    pub async fn change_signing(&self, caller: &Caller, id: EndpointId, signing: SignatureScheme) -> Result<EndpointView, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.own_endpoint(caller, id).await?;
        if before.signing == signing {
            return Ok(self.endpoint_view(before));
        }
        let detail = json!({ "signing": signing, "signing_before": before.signing });
        let record = endpoint_record(caller, MerchantId(before.merchant_id), self.now(), "endpoint.signing_changed", id, detail);
        let from = before.signing;
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                rows::change_signing(tx, id.0, from, signing).await?;
                audit::append(tx, &record).await
            })
        });
        changed.await?;
        Ok(self.endpoint_view(Endpoint { signing, ..before }))
    }

    /// Lets an endpoint that answered 410 get what happens from now on. What was given up meanwhile can be sent again.
    ///
    /// # Errors
    /// As [`Engine::change_dialect`].
    pub async fn enable_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<EndpointView, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.own_endpoint(caller, id).await?;
        if before.disabled_at.is_none() {
            return Ok(self.endpoint_view(before));
        }
        let record = endpoint_record(caller, MerchantId(before.merchant_id), self.now(), "endpoint.enabled", id, json!({}));
        let enabled = self.store().write(move |tx| {
            Box::pin(async move {
                rows::enable(tx, id.0).await?;
                audit::append(tx, &record).await
            })
        });
        enabled.await?;
        Ok(self.endpoint_view(Endpoint { disabled_at: None, ..before }))
    }

    /// Switches an endpoint off that answered 410. A crash before the answer is written down asks it once more at most.
    pub(crate) async fn switch_off(&self, id: Uuid) -> Result<(), Error> {
        let now = self.now();
        let switched = self.store().write(move |tx| {
            Box::pin(async move {
                let Some(merchant) = rows::disable(tx, id, now).await? else { return Ok(()) };
                alert::queue(tx, id, now).await?;
                let record = AuditRecord {
                    merchant: Some(merchant),
                    at: now,
                    actor: Some(Actor::System),
                    action: "endpoint.disabled".to_owned(),
                    subject: id,
                    detail: json!({ "response_status": 410 }),
                };
                audit::append(tx, &record).await
            })
        });
        switched.await?;
        self.wake_worker(Lane::Mail);
        Ok(())
    }

    /// Posts a test to an endpoint, once, and says what it answered: in its dialect, signed as its webhooks are.
    ///
    /// # Errors
    /// `Invalid` when its dialect signs with an API key and the MID has none, `NotFound` when it is not the caller's, `Forbidden`.
    pub async fn test_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<EndpointTestView, Error> {
        caller.require_role(Right::ChangeSettings)?;
        let endpoint = self.own_endpoint(caller, id).await?;
        let mid = match endpoint.mid_id {
            Some(mid) => MidId(mid),
            None => self.mids(caller).await?.first().ok_or(Error::NotFound)?.id,
        };
        self.post_test(&endpoint, mid).await
    }

    /// Returns one of the caller's webhook endpoints; to the operator, anybody's.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn endpoint(&self, caller: &Caller, id: EndpointId) -> Result<EndpointView, Error> {
        let found = self.seen_endpoints(caller).await?.into_iter().find(|endpoint| endpoint.id == id.0);
        Ok(self.endpoint_view(found.ok_or(Error::NotFound)?))
    }

    /// Refuses what cannot be a URL that is told something.
    ///
    /// # Errors
    /// `Invalid` names `url` and what is wrong with it.
    pub fn check_callback(&self, url: &str) -> Result<(), Error> {
        Ok(webhooks::check_url(url, self.settings().is_sandbox)?)
    }

    /// Tells a URL of an invoice's own what becomes of it, besides the endpoints. An invoice has one for ever: a second is left out, so a
    /// request can be repeated. Whoever may make invoices may say so, and nothing stands still for it: only in a dialect that carries
    /// no claim links.
    ///
    /// # Errors
    /// `Invalid` for a URL that is not `https` (or `http` in the sandbox), `NotFound` when the invoice is not the caller's, `Forbidden`.
    pub async fn call_back(&self, caller: &Caller, invoice: InvoiceId, words: LinklessDialect, url: &str) -> Result<(), Error> {
        caller.require(Right::MakeInvoices)?;
        self.check_callback(url)?;
        let mid = self.own_invoice(caller, invoice).await?.mid;
        let merchant = self.own_mid(caller, mid).await?.merchant;
        let id = EndpointId(self.mint());
        let endpoint = Endpoint {
            mid_id: Some(mid.0),
            invoice_id: Some(invoice.0),
            key_id: caller.key_id().ok().map(|key| key.0),
            ..Endpoint::new(id, merchant, url, words.dialect(), SignatureScheme::V1, self.now())
        };
        let detail = json!({ "invoice": invoice, "host": host(url), "dialect": endpoint.dialect });
        let record = endpoint_record(caller, merchant, endpoint.created_at.0, "endpoint.added", id, detail);
        let added = self.store().write(move |tx| {
            Box::pin(async move {
                if rows::has_own_endpoint(tx, invoice).await? {
                    return Ok(());
                }
                rows::insert(tx, &endpoint).await?;
                audit::append(tx, &record).await
            })
        });
        match added.await {
            // Somebody else's request was first, by the unique index.
            Err(StoreError::Conflict) => Ok(()),
            added => Ok(added?),
        }
    }

    fn with_secret(&self, endpoint: Endpoint) -> NewEndpoint {
        NewEndpoint { secret: self.endpoint_secret(endpoint.secret_id), endpoint: self.endpoint_view(endpoint) }
    }

    /// Returns what signs an endpoint's webhooks, as its owner is told once. Derived, so that no row holds it.
    pub(crate) fn endpoint_secret(&self, id: Uuid) -> String {
        webhooks::secret_text(&self.master_key().webhook_secret(id))
    }

    /// Returns the caller's webhook endpoints; to the operator, everybody's.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn endpoints(&self, caller: &Caller) -> Result<Vec<EndpointView>, Error> {
        Ok(self.seen_endpoints(caller).await?.into_iter().map(|endpoint| self.endpoint_view(endpoint)).collect())
    }

    /// Returns the endpoints that a caller may look at: the operator at all, and changes none. They are where merchants listen.
    async fn seen_endpoints(&self, caller: &Caller) -> Result<Vec<Endpoint>, Error> {
        match caller.scope {
            Scope::Everything => {
                let mut tx = self.store().read().await?;
                Ok(rows::all(&mut tx).await?)
            }
            Scope::Merchant(_) | Scope::Mid(_) => self.own_endpoints(caller).await,
        }
    }

    async fn own_endpoints(&self, caller: &Caller) -> Result<Vec<Endpoint>, Error> {
        let (merchant, only) = self.endpoint_owner(caller, None).await?;
        let mut tx = self.store().read().await?;
        let endpoints = rows::of_merchant(&mut tx, merchant).await?;
        Ok(endpoints.into_iter().filter(|endpoint| only.is_none_or(|only| endpoint.mid_id == Some(only.0))).collect())
    }

    async fn own_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<Endpoint, Error> {
        self.own_endpoints(caller).await?.into_iter().find(|endpoint| endpoint.id == id.0).ok_or(Error::NotFound)
    }

    /// Ends a webhook endpoint. What was queued for it is not sent any more.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn remove_endpoint(&self, caller: &Caller, id: EndpointId) -> Result<(), Error> {
        caller.require(Right::ChangeSettings)?;
        let (merchant, now) = (MerchantId(self.own_endpoint(caller, id).await?.merchant_id), self.now());
        let record = endpoint_record(caller, merchant, now, "endpoint.removed", id, json!({}));
        let removed = self.store().write(move |tx| {
            Box::pin(async move {
                let is_removed = rows::remove(tx, merchant, id.0, now).await?;
                if is_removed {
                    audit::append(tx, &record).await?;
                }
                Ok(is_removed)
            })
        });
        if removed.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    fn endpoint_view(&self, endpoint: Endpoint) -> EndpointView {
        let public_key = || webhooks::public_key_text(&self.master_key().webhook_seed(endpoint.secret_id));
        EndpointView {
            id: endpoint.id,
            merchant: MerchantId(endpoint.merchant_id),
            public_key: endpoint.signing.has_key().then(public_key),
            url: endpoint.url,
            mid: endpoint.mid_id,
            dialect: endpoint.dialect,
            signing: endpoint.signing,
            events: endpoint.events,
            disabled_at: endpoint.disabled_at.map(|at| at.0),
            created_at: endpoint.created_at.0,
            rotated_at: endpoint.rotated_at.map(|at| at.0),
        }
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

/// Refuses a choice of events for an endpoint that is told what another system tells.
fn check_events(dialect: Dialect, events: &Events) -> Result<(), Error> {
    match (dialect, events.chosen()) {
        (Dialect::Native, _) | (_, None) => Ok(()),
        (other, Some(_)) => {
            let message = format!("in the dialect {} an endpoint is told what that system tells: leave the events out", other.name());
            Err(Error::field("events", "other_dialect", message))
        }
    }
}

/// Returns the host of a URL: its path and password may be secrets.
fn host(url: &str) -> Option<String> {
    url.parse::<reqwest::Url>().ok().and_then(|url| url.host_str().map(str::to_owned))
}

//! Sources: other systems that a merchant lets tell of its deposits, one for each system and MID. What they tell is [`crate::intake`]'s.
//!
//! A source is known by its URL, and believed for its signature. What checks that is the other system's secret, so it cannot be derived as
//! our own are: rows hold it [sealed](crate::seals), so a stolen database signs nothing.
//! Who holds it can report deposits, as who holds an API key can: adding one makes a merchant's money stand still for a day (CM-09).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{MerchantId, MidId, SourceId};
use domain::merchant::{Right, Scope};
use domain::source::{NewsOutcome, NewsWhy, SourceKind};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::freezes::SensitiveChange;
use crate::store::StoreError;
use crate::store::codec::At;
use crate::store::merchants::MidFilter;
use crate::store::sources::{self as rows, News, Source};
use crate::{Engine, Error, Page, PageRequest};

/// How long a secret is, in bytes: shorter ones could be guessed from one signature.
const SECRET_BYTES: core::ops::RangeInclusive<usize> = 16..=200;

/// A source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceView {
    /// Its id.
    pub id: Uuid,
    /// Of which MID.
    pub mid: Uuid,
    /// Which system.
    pub kind: SourceKind,
    /// Where it posts to.
    pub url: String,
    /// How much came without its signature; not kept.
    pub forged: u64,
    /// When the last of that came.
    pub forged_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A source that was added.
#[derive(Debug)]
pub struct NewSource {
    /// It.
    pub source: SourceView,
    /// The secret to enter at the other system, when it did not come from there. Told once.
    pub secret: Option<String>,
}

/// Something a source told.
#[derive(Clone, Debug, Serialize)]
pub struct NewsView {
    /// Its id.
    pub id: Uuid,
    /// The other system's word for it.
    pub event: String,
    /// What names the payment for ever; a deposit's `external_id`.
    pub payment: Option<String>,
    /// Which invoice it names.
    pub reference: Option<String>,
    /// What became of it.
    pub outcome: NewsOutcome,
    /// Why, and what to do.
    #[serde(serialize_with = "in_words")]
    pub detail: Option<NewsWhy>,
    /// How often the same came.
    pub times: u64,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
}

impl Engine {
    /// Lets another system tell a MID's deposits; without a `secret` of its own it is given one. The same id again returns the source that
    /// has it: a request can be repeated. A merchant that was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `Invalid` names what is wrong, `NotFound` when the MID is not the caller's, `Forbidden`.
    pub async fn add_source(
        &self,
        caller: &Caller,
        mid: Option<MidId>,
        kind: SourceKind,
        secret: Option<String>,
        id: SourceId,
    ) -> Result<NewSource, Error> {
        caller.require(Right::ChangeSettings)?;
        let (merchant, mid) = self.source_owner(caller, mid).await?;
        let is_ours = secret.is_none();
        let secret = match (secret, kind) {
            (Some(secret), _) => check_secret(secret)?,
            (None, SourceKind::Btcpay) => URL_SAFE_NO_PAD.encode(self.master_key().source_secret(id)),
            (None, SourceKind::Cryptomus) => return Err(required("copy the payment API key from Cryptomus: it signs with that")),
            (None, SourceKind::Nowpayments) => return Err(required("copy the IPN secret key from NOWPayments: it signs with that")),
        };
        let source = Source {
            id: id.0,
            mid_id: mid.0,
            kind,
            secret: self.seal_in_row("sources", id.0.as_bytes(), &secret),
            forged: 0,
            forged_at: None,
            created_at: At(self.now()),
        };
        let new = source.clone();
        let freeze = self.freeze_by(caller, merchant, SensitiveChange::ApiKey);
        let record = source_record(caller, merchant, source.created_at.0, "source.added", id, json!({ "mid": mid, "kind": kind }));
        let added = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert(tx, &new).await?;
                freeze.unless_never_paid(tx).await?;
                audit::append(tx, &record).await
            })
        });
        let source = match added.await {
            Ok(()) => source,
            Err(StoreError::Conflict) => match self.own_source(caller, id).await {
                Err(Error::NotFound) => return Err(Error::Conflict),
                made => made?,
            },
            Err(error) => return Err(error.into()),
        };
        Ok(NewSource { source: self.source_view(&source), secret: Some(secret).filter(|_| is_ours) })
    }

    /// Returns the caller's sources, oldest first.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn sources(&self, caller: &Caller) -> Result<Vec<SourceView>, Error> {
        let mut tx = self.store().read().await?;
        let found = rows::list(&mut tx, MidFilter::new(caller.scope, None)).await?;
        Ok(found.iter().map(|source| self.source_view(source)).collect())
    }

    /// Ends a source: what it tells from now on is not heard. What it told stays.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's, `Forbidden`.
    pub async fn remove_source(&self, caller: &Caller, id: SourceId) -> Result<(), Error> {
        caller.require(Right::ChangeSettings)?;
        let mid = MidId(self.own_source(caller, id).await?.mid_id);
        let (merchant, now) = (self.own_mid(caller, mid).await?.merchant, self.now());
        let record = source_record(caller, merchant, now, "source.removed", id, json!({ "mid": mid }));
        let removed = self.store().write(move |tx| {
            Box::pin(async move {
                let is_removed = rows::remove(tx, id, mid, now).await?;
                if is_removed {
                    audit::append(tx, &record).await?;
                }
                Ok(is_removed)
            })
        });
        if removed.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Returns what a source told, newest first.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's, `Invalid` for a bad limit or cursor.
    pub async fn source_news(&self, caller: &Caller, id: SourceId, page: PageRequest) -> Result<Page<NewsView>, Error> {
        self.own_source(caller, id).await?;
        let mut tx = self.store().read().await?;
        let found = rows::news(&mut tx, id, page.before_id()?, page.limit()?).await?;
        Ok(page.page(found.into_iter().map(news_view).collect(), |news| news.id.to_string()))
    }

    async fn own_source(&self, caller: &Caller, id: SourceId) -> Result<Source, Error> {
        let mut tx = self.store().read().await?;
        let source = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.own_mid(caller, MidId(source.mid_id)).await?;
        Ok(source)
    }

    async fn source_owner(&self, caller: &Caller, mid: Option<MidId>) -> Result<(MerchantId, MidId), Error> {
        let own = match caller.scope {
            Scope::Mid(own) => Some(own),
            Scope::Everything | Scope::Merchant(_) => None,
        };
        let mid = mid.or(own).ok_or_else(|| Error::field("mid", "required", "say whose deposits it tells: a source is one MID's"))?;
        Ok((self.own_mid(caller, mid).await?.merchant, mid))
    }

    fn source_view(&self, source: &Source) -> SourceView {
        SourceView {
            id: source.id,
            mid: source.mid_id,
            kind: source.kind,
            url: format!("{}/in/{}", self.settings().public_url, source.id),
            forged: u64::try_from(source.forged).unwrap_or_default(),
            forged_at: source.forged_at.map(|at| at.0),
            created_at: source.created_at.0,
        }
    }

    /// Returns what checks a source's signatures.
    pub(crate) fn secret_of(&self, source: &Source) -> Result<String, StoreError> {
        let secret = self.unseal_in_row("sources", source.id.as_bytes(), &source.secret);
        secret.ok_or_else(|| StoreError::Inconsistent { table: "sources", id: format!("{} secret", source.id) })
    }
}

fn required(message: &str) -> Error {
    Error::field("secret", "required", message)
}

fn check_secret(secret: String) -> Result<String, Error> {
    if !SECRET_BYTES.contains(&secret.len()) || secret.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::field("secret", "invalid", "use 16 to 200 characters without spaces, as the other system shows it"));
    }
    Ok(secret)
}

fn source_record(
    caller: &Caller,
    merchant: MerchantId,
    at: Timestamp,
    action: &str,
    id: SourceId,
    detail: serde_json::Value,
) -> AuditRecord {
    AuditRecord { merchant: Some(merchant), at, actor: Some(caller.actor), action: action.to_owned(), subject: id.0, detail }
}

fn in_words<S: Serializer>(why: &Option<NewsWhy>, to: S) -> Result<S::Ok, S::Error> {
    why.as_ref().map(ToString::to_string).serialize(to)
}

fn news_view(news: News) -> NewsView {
    let News { id, event, payment, reference, outcome, detail, times, first_at, last_at } = news;
    let times = u64::try_from(times).unwrap_or_default();
    let detail = detail.map(|why| why.0);
    NewsView { id, event, payment, reference, outcome, detail, times, first_at: first_at.0, last_at: last_at.0 }
}

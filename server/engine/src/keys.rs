//! API keys: how programs are let in. A key's secret is told once; rows hold its keyed hash.
//!
//! A secret is derived from the installation's and the key's id, as webhooks' are. So it can be sent, or sign a request instead, as
//! some systems' clients do.

use base64::Engine as _;
use domain::ids::{KeyId, MerchantId, MidId};
use domain::lifecycle::Refused;
use domain::merchant::{Actor, Right, Scope};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::{Caller, SEEN_EVERY};
use crate::freezes::SensitiveChange;
use crate::store::callers::{self as rows, ApiKey};
use crate::store::merchants;
use crate::{Engine, Error};

/// A new API key.
#[derive(Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// The secret, told once.
    pub secret: String,
}

/// An API key, without what lets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyView {
    /// Its id.
    pub id: Uuid,
    /// Of which MID; all of the merchant's without one.
    pub mid: Option<Uuid>,
    /// What its merchant calls it.
    pub name: Option<String>,
    /// Whether it may create and change, not only read.
    pub can_write: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
}

/// The longest name of a key.
pub const KEY_NAME_CHARS_MAX: usize = 100;

impl Engine {
    /// Makes an API key for a MID, at the command line.
    ///
    /// # Errors
    /// `NotFound` for an unknown MID.
    pub async fn add_key(&self, mid: MidId, can_write: bool) -> Result<NewKey, Error> {
        let mut tx = self.store().read().await?;
        let owner = merchants::mid(&mut tx, mid).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.insert_key(self.new_key(Some(owner.merchant), Some(mid), can_write), None).await
    }

    /// Makes an API key for a merchant, at the command line: for all its MIDs, and for what it says for them all.
    ///
    /// # Errors
    /// `NotFound` for an unknown merchant.
    pub async fn add_merchant_key(&self, merchant: MerchantId, can_write: bool) -> Result<NewKey, Error> {
        let mut tx = self.store().read().await?;
        merchants::merchant(&mut tx, merchant).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.insert_key(self.new_key(Some(merchant), None, can_write), None).await
    }

    /// Makes an API key for the operator: it reads what all merchants have, and changes nothing.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn add_operator_key(&self) -> Result<NewKey, Error> {
        self.insert_key(self.new_key(None, None, false), None).await
    }

    /// Makes an API key for a MID of the caller's; an empty name is none. A merchant that was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `Refused` for keys, which make no keys; `Invalid` for a name that is too long; `Forbidden`, `NotFound`.
    pub async fn create_key(&self, caller: &Caller, mid: MidId, can_write: bool, name: &str) -> Result<NewKey, Error> {
        require_person(caller)?;
        let owner = self.own_mid(caller, mid).await?;
        let mut key = self.new_key(Some(owner.merchant), Some(mid), can_write);
        key.name = check_name(name)?;
        self.insert_key(key, Some(caller.actor)).await
    }

    /// Returns a key without a name.
    fn new_key(&self, merchant: Option<MerchantId>, mid: Option<MidId>, can_write: bool) -> ApiKey {
        ApiKey { id: KeyId(self.mint()), merchant, mid, name: None, can_write, created_at: self.now(), used_at: None }
    }

    /// Ends an API key at once. A merchant that was paid before sends nothing for a day (CM-09).
    ///
    /// # Errors
    /// `NotFound` for one that is not the caller's or has ended; `Refused` for keys, `Forbidden`.
    pub async fn revoke_key(&self, caller: &Caller, id: KeyId) -> Result<(), Error> {
        require_person(caller)?;
        let mut tx = self.store().read().await?;
        let key = rows::key(&mut tx, id).await?.filter(|key| is_within(caller, key.merchant)).ok_or(Error::NotFound)?;
        drop(tx);
        let now = self.now();
        let freeze = key.merchant.map(|merchant| self.freeze_after(merchant, SensitiveChange::ApiKey, Some(caller.actor)));
        let record = AuditRecord {
            merchant: key.merchant,
            at: now,
            actor: Some(caller.actor),
            action: "key.revoked".to_owned(),
            subject: id.0,
            detail: json!({ "mid": key.mid, "name": key.name, "can_write": key.can_write }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                let is_revoked = rows::revoke_key(tx, id, now).await?;
                if is_revoked {
                    if let Some(freeze) = freeze {
                        freeze.unless_never_paid(tx).await?;
                    }
                    audit::append(tx, &record).await?;
                }
                Ok(is_revoked)
            })
        });
        if write.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Returns the keys of the caller's merchant that let in, oldest first; all merchants' and its own for the operator.
    ///
    /// # Errors
    /// `Refused` for keys, `Forbidden`.
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<KeyView>, Error> {
        require_onlooker(caller)?;
        let mut tx = self.store().read().await?;
        let keys = rows::keys(&mut tx).await?;
        let view = |key: ApiKey| KeyView {
            id: key.id.0,
            mid: key.mid.map(|mid| mid.0),
            name: key.name,
            can_write: key.can_write,
            created_at: key.created_at,
            used_at: key.used_at,
        };
        Ok(keys.into_iter().filter(|key| is_within(caller, key.merchant)).map(view).collect())
    }

    async fn insert_key(&self, key: ApiKey, actor: Option<Actor>) -> Result<NewKey, Error> {
        let secret = self.secret_of_key(key.id);
        let (id, hash, now) = (key.id, self.key_of_secret(&secret), key.created_at);
        let freeze = key.merchant.map(|merchant| self.freeze_after(merchant, SensitiveChange::ApiKey, actor));
        let made_by = match actor {
            Some(Actor::User(person)) => Some(person),
            Some(Actor::System | Actor::Payer | Actor::Key(_)) | None => None,
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert_key(tx, &key, hash, made_by).await?;
                if let Some(freeze) = freeze {
                    freeze.unless_never_paid(tx).await?;
                }
                let detail = json!({ "mid": key.mid, "name": key.name, "can_write": key.can_write });
                let action = "key.created".to_owned();
                audit::append(tx, &AuditRecord { merchant: key.merchant, at: now, actor, action, subject: key.id.0, detail }).await
            })
        });
        write.await?;
        Ok(NewKey { id, secret })
    }

    /// Refuses a caller who asked for something themselves, or by a key that they made: somebody else approves it (`reliability.md`, row 32).
    pub(crate) async fn require_another(&self, caller: &Caller, maker: Actor) -> Result<(), Error> {
        let person = match maker {
            Actor::Key(key) => rows::key_maker(&mut *self.store().read().await?, key).await?.map_or(maker, Actor::User),
            Actor::System | Actor::Payer | Actor::User(_) => maker,
        };
        if person == caller.actor { Err(Error::Refused(Refused::OwnRequest)) } else { Ok(()) }
    }

    /// Returns who calls with a key; nothing for an unknown one.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn key(&self, secret: &str) -> Result<Option<Caller>, Error> {
        match self.store().key_by_token(self.key_of_secret(secret)).await? {
            Some(key) => Ok(Some(self.let_in(&key).await)),
            None => Ok(None),
        }
    }

    /// Returns who calls with a MID's request that is signed with a key instead of carrying it: `is_signed_with` says whether a secret
    /// made the signature. Nothing when none did.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn signer(&self, mid: MidId, is_signed_with: impl Fn(&str) -> bool) -> Result<Option<Caller>, Error> {
        let mut tx = self.store().read().await?;
        let keys = rows::keys_of_mid(&mut tx, mid).await?;
        drop(tx);
        match keys.iter().find(|key| is_signed_with(&self.secret_of_key(key.id))) {
            Some(key) => Ok(Some(self.let_in(key).await)),
            None => Ok(None),
        }
    }

    /// Returns who calls with a key, and writes down that it is used: as seldom as of a session.
    pub(crate) async fn let_in(&self, key: &ApiKey) -> Caller {
        let (id, now) = (key.id, self.clock().now_outside());
        let not_since = now.saturating_sub(SEEN_EVERY).unwrap_or(now);
        if key.used_at.is_none_or(|at| at <= not_since) {
            // It is let in whether or not this can be written.
            let note = self.store().write(move |tx| Box::pin(async move { rows::note_key_used(tx, id, now, not_since).await }));
            if let Err(error) = note.await {
                tracing::debug!(%error, "the use of a key could not be written down");
            }
        }
        caller(key)
    }

    /// Returns the secret of the key that signs what a MID is told: the one that asked for it while it lives, else the MID's oldest.
    pub(crate) async fn signing_key(&self, mid: MidId, asked: Option<KeyId>) -> Result<Option<String>, Error> {
        let mut tx = self.store().read().await?;
        let keys = rows::keys_of_mid(&mut tx, mid).await?;
        let key = keys.iter().find(|key| Some(key.id) == asked).or(keys.first());
        Ok(key.map(|key| self.secret_of_key(key.id)))
    }

    fn secret_of_key(&self, id: KeyId) -> String {
        format!("rk_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.master_key().key_secret(id)))
    }
}

/// Returns who calls with a key.
fn caller(key: &ApiKey) -> Caller {
    Caller {
        actor: Actor::Key(key.id),
        scope: key.mid.map(Scope::Mid).or(key.merchant.map(Scope::Merchant)).unwrap_or(Scope::Everything),
        role: None,
        can_write: key.can_write,
        email: None,
        name: None,
        is_proven: true,
        request: None,
    }
}

/// Keys make and end no keys and change no people: one that leaked could not be got rid of.
pub(crate) fn require_person(caller: &Caller) -> Result<(), Error> {
    require_onlooker(caller)?;
    caller.require(Right::ChangeSettings)
}

/// Lets people look at keys and people whose role may change them.
pub(crate) fn require_onlooker(caller: &Caller) -> Result<(), Error> {
    if caller.role.is_none() { Err(Error::Refused(Refused::NotAPerson)) } else { caller.require_role(Right::ChangeSettings) }
}

fn check_name(name: &str) -> Result<Option<String>, Error> {
    let name = name.trim();
    if name.chars().count() > KEY_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Error::field("name", "invalid", format!("use 1 to {KEY_NAME_CHARS_MAX} characters")));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Says whether a key of that merchant, or of the operator, is the caller's.
fn is_within(caller: &Caller, merchant: Option<MerchantId>) -> bool {
    match caller.scope {
        Scope::Everything => true,
        Scope::Merchant(own) => merchant == Some(own),
        Scope::Mid(_) => false,
    }
}

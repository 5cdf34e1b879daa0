//! Merchants, MIDs, policies, people, keys, webhook endpoints: who may do what, and by which secret they are known.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine as _;
use domain::claim::FieldErrors;
use domain::ids::{EndpointId, KeyId, MerchantId, MidId, PolicyId, UserId};
use domain::merchant::{Actor, Merchant, Mid, Role, Scope, User};
use domain::policy::{Policy, PolicyVersion};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::error::retrying;
use crate::store::StoreError;
use crate::store::codec::At;
use crate::store::merchants::{self as rows, ApiKey, Endpoint, MidFilter};
use crate::{Engine, Error, ids, webhooks};

/// How long a sign-in lasts.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);
/// Wrong passwords in a row before a pause (design, sign in).
const FAILURES_MAX: i64 = 5;
/// The pause after them.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How long an idempotency key is remembered.
const IDEMPOTENCY_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// After this a request without an answer counts as lost, and the same key may try again.
const REQUEST_LASTS: SignedDuration = SignedDuration::from_secs(60);
/// The shortest password.
const PASSWORD_CHARS_MIN: usize = 10;

/// Who calls: a person who signed in, or a program with a key.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As history shows it.
    pub actor: Actor,
    /// Whose data it may touch.
    pub scope: Scope,
    /// What the person may do; `None` for a key.
    pub role: Option<Role>,
    /// Whether a key may write. People's roles say it themselves.
    pub can_write: bool,
    /// The person's e-mail.
    pub email: Option<String>,
}

impl Caller {
    /// Says whether it may make invoices and settings.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.role.map_or(self.can_write, Role::moves_money)
    }

    /// Says whether it may stop and retry refunds.
    #[must_use]
    pub fn moves_money(&self) -> bool {
        self.may_write()
    }

    pub(crate) fn require_write(&self) -> Result<(), Error> {
        if self.may_write() { Ok(()) } else { Err(Error::Forbidden) }
    }

    fn key_id(&self) -> Result<KeyId, Error> {
        match self.actor {
            Actor::Key(id) => Ok(id),
            Actor::System | Actor::Payer | Actor::User(_) => Err(Error::Forbidden),
        }
    }
}

/// A person who just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The secret for the cookie, told once.
    pub session: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A new API key.
#[derive(Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// The secret, told once.
    pub secret: String,
}

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

/// What an idempotency key leads to.
#[derive(Debug)]
pub enum Idempotency {
    /// Carry it out; new things get this id, so that a second try after a crash finds what the first one made.
    Fresh(Uuid),
    /// It was carried out: answer the same again.
    Replay {
        /// The answer's HTTP status.
        status: u16,
        /// The answer's body.
        body: String,
    },
}

impl Engine {
    /// Adds a MID to a merchant, which is made when there is none of that name. The MID starts with the default policy.
    ///
    /// # Errors
    /// `Invalid` for empty names, `Taken` when the merchant has a MID of that name.
    pub async fn add_mid(&self, merchant: &str, name: &str) -> Result<(MerchantId, MidId), Error> {
        let (merchant, name) = (check_name("merchant", merchant)?, check_name("name", name)?);
        let now = self.now();
        let new = Merchant { id: MerchantId(ids::mint()), name: merchant, created_at: now };
        let (mid, policy) = (MidId(ids::mint()), PolicyId(ids::mint()));
        let added = self
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    let merchant = match rows::merchant_by_name(tx, &new.name).await? {
                        Some(merchant) => merchant.id,
                        None => {
                            rows::insert_merchant(tx, &new).await?;
                            new.id
                        }
                    };
                    rows::insert_mid(tx, &Mid { id: mid, merchant, name, created_at: now }).await?;
                    let version = PolicyVersion { id: policy, mid, number: 1, policy: Policy::default(), created_at: now };
                    rows::insert_policy(tx, &version).await?;
                    Ok(merchant)
                })
            })
            .await;
        match added {
            Ok(merchant) => Ok((merchant, mid)),
            Err(StoreError::Conflict) => {
                Err(Error::Taken { field: "name", message: "the merchant has a MID of this name: choose another".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Adds a person.
    ///
    /// # Errors
    /// `Invalid` names what is wrong, `Taken` when the e-mail is in use.
    pub async fn add_user(&self, email: &str, role: Role, merchant: Option<MerchantId>, password: &str) -> Result<UserId, Error> {
        let mut errors = FieldErrors::default();
        let email = email.trim().to_lowercase();
        if !is_email(&email) {
            errors.push(domain::claim::FieldError::new("email", "invalid", "enter an e-mail address, like name@example.com"));
        }
        if password.chars().count() < PASSWORD_CHARS_MIN {
            errors.push(domain::claim::FieldError::new("password", "too_short", "use at least 10 characters"));
        }
        if (role == Role::Admin) != merchant.is_none() {
            errors.push(domain::claim::FieldError::new("merchant", "mismatch", "an admin has no merchant, everybody else has one"));
        }
        errors.into_result()?;
        let password_hash = hash_password(password.to_owned()).await?;
        let user = User { id: UserId(ids::mint()), email, role, merchant };
        let (id, now) = (user.id, self.now());
        let added = self.store().write(move |tx| Box::pin(async move { rows::insert_user(tx, &user, &password_hash, now).await }));
        match added.await {
            Ok(()) => Ok(id),
            Err(StoreError::Conflict) => {
                Err(Error::Taken { field: "email", message: "somebody signs in with this e-mail already".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes an API key for a MID.
    ///
    /// # Errors
    /// `NotFound` for an unknown MID.
    pub async fn add_key(&self, mid: MidId, can_write: bool) -> Result<NewKey, Error> {
        let mut tx = self.store().read().await?;
        let owner = rows::mid(&mut tx, mid).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let secret = format!("rk_{}", new_secret());
        let (hash, now) = (self.key_of_secret(&secret), self.now());
        let id = KeyId(ids::mint());
        self.store()
            .write(move |tx| {
                let key = ApiKey { id, merchant: owner.merchant, mid: Some(mid), can_write };
                Box::pin(async move { rows::insert_key(tx, &key, hash, now).await })
            })
            .await?;
        Ok(NewKey { id, secret })
    }

    /// Returns who calls with a key; nothing for an unknown one.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn key(&self, secret: &str) -> Result<Option<Caller>, Error> {
        let mut tx = self.store().read().await?;
        let key = rows::key_by_token(&mut tx, self.key_of_secret(secret)).await?;
        Ok(key.map(|key| Caller {
            actor: Actor::Key(key.id),
            scope: key.mid.map_or(Scope::Merchant(key.merchant), Scope::Mid),
            role: None,
            can_write: key.can_write,
            email: None,
        }))
    }

    /// Signs a person in.
    ///
    /// Takes as long for an unknown e-mail as for a wrong password.
    ///
    /// # Errors
    /// `Unauthorized`, or `RateLimited` after too many tries for that e-mail.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, Error> {
        let email = email.trim().to_lowercase();
        let now = self.now();
        let mut tx = self.store().read().await?;
        let (_, locked_until) = rows::sign_in_failures(&mut tx, &email).await?;
        if let Some(until) = locked_until.filter(|until| now < *until) {
            let wait_secs = u64::try_from(until.duration_since(now).as_secs()).unwrap_or_default().saturating_add(1);
            return Err(Error::RateLimited { wait_secs });
        }
        let known = rows::user_by_email(&mut tx, &email).await?;
        drop(tx);
        let (user, password_hash) = match known {
            Some((user, hash)) => (Some(user), hash),
            None => (None, NOBODYS_HASH.clone()),
        };
        let is_right = verify_password(password.to_owned(), password_hash).await;
        let Some(user) = user.filter(|_| is_right) else {
            self.note_failure(email, now).await?;
            return Err(Error::Unauthorized);
        };
        let session = new_secret();
        let (hash, expires_at) = (self.key_of_secret(&session), now.saturating_add(SESSION_LASTS).unwrap_or(now));
        let id = user.id;
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    rows::forget_sign_in_failures(tx, &email).await?;
                    rows::insert_session(tx, hash, id, now, expires_at).await
                })
            })
            .await?;
        Ok(SignedIn { user, session, expires_at })
    }

    async fn note_failure(&self, email: String, now: Timestamp) -> Result<(), Error> {
        let until = now.saturating_add(PAUSE).unwrap_or(now);
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    if rows::count_sign_in_failure(tx, &email).await? >= FAILURES_MAX {
                        rows::lock_sign_in(tx, &email, until).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    /// Returns who a session's secret belongs to; nothing when it ended.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Caller>, Error> {
        let mut tx = self.store().read().await?;
        let user = rows::user_by_session(&mut tx, self.key_of_secret(secret), self.now()).await?;
        Ok(user.map(|user| Caller {
            actor: Actor::User(user.id),
            scope: user.merchant.map_or(Scope::Everything, Scope::Merchant),
            role: Some(user.role),
            can_write: user.role.moves_money(),
            email: Some(user.email),
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), Error> {
        let hash = self.key_of_secret(secret);
        Ok(self.store().write(move |tx| Box::pin(async move { rows::delete_session(tx, hash).await })).await?)
    }

    /// Returns the MIDs a caller may see, by name.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn mids(&self, caller: &Caller) -> Result<Vec<Mid>, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::mids(&mut tx, MidFilter::new(caller.scope, None)).await?)
    }

    /// Returns the name payers know a MID's merchant by.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn merchant_name(&self, caller: &Caller, mid: MidId) -> Result<String, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::merchant_of(&mut tx, mid).await?.name)
    }

    /// Returns a MID's policy as it is now.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn policy(&self, caller: &Caller, mid: MidId) -> Result<PolicyVersion, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        rows::policy(&mut tx, mid).await?.ok_or(Error::NotFound)
    }

    /// Makes a new version of a MID's policy. What was judged before keeps the version that judged it.
    ///
    /// # Errors
    /// `Invalid` for settings outside their limits, `Forbidden`, `NotFound`.
    pub async fn set_policy(&self, caller: &Caller, mid: MidId, policy: Policy) -> Result<PolicyVersion, Error> {
        caller.require_write()?;
        policy.check()?;
        retrying!(self.try_set_policy(caller, mid, &policy))
    }

    async fn try_set_policy(&self, caller: &Caller, mid: MidId, policy: &Policy) -> Result<PolicyVersion, Error> {
        let before = self.policy(caller, mid).await?;
        let version = PolicyVersion {
            id: PolicyId(ids::mint()),
            mid,
            number: before.number.saturating_add(1),
            policy: policy.clone(),
            created_at: self.now(),
        };
        let new = version.clone();
        self.store().write(move |tx| Box::pin(async move { rows::insert_policy(tx, &new).await })).await?;
        Ok(version)
    }

    /// Adds a webhook endpoint, for all MIDs of the caller or one of them.
    ///
    /// # Errors
    /// `Invalid` for a URL that is not `https` (or `http` in the sandbox).
    pub async fn add_endpoint(&self, caller: &Caller, url: &str, mid: Option<MidId>) -> Result<NewEndpoint, Error> {
        caller.require_write()?;
        webhooks::check_url(url, self.settings().is_sandbox)?;
        let (merchant, mid) = self.endpoint_owner(caller, mid).await?;
        let id = EndpointId(ids::mint());
        let endpoint =
            Endpoint { id: id.0, merchant_id: merchant.0, mid_id: mid.map(|mid| mid.0), url: url.to_owned(), created_at: At(self.now()) };
        let new = endpoint.clone();
        self.store().write(move |tx| Box::pin(async move { rows::insert_endpoint(tx, &new).await })).await?;
        let secret = base64::engine::general_purpose::STANDARD.encode(self.master_key().webhook_secret(id));
        Ok(NewEndpoint { endpoint: endpoint_view(endpoint), secret: format!("whsec_{secret}") })
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
        caller.require_write()?;
        if !self.endpoints(caller).await?.iter().any(|endpoint| endpoint.id == id.0) {
            return Err(Error::NotFound);
        }
        let ((merchant, _), now) = (self.endpoint_owner(caller, None).await?, self.now());
        let removed = self.store().write(move |tx| Box::pin(async move { rows::remove_endpoint(tx, merchant, id.0, now).await })).await?;
        if removed { Ok(()) } else { Err(Error::NotFound) }
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

    /// Begins a request that came with an idempotency key.
    ///
    /// # Errors
    /// `IdempotencyMismatch` when the key came with another request, `Conflict` while the same one is being carried out.
    pub async fn idempotency_begin(&self, caller: &Caller, name: &str, request_hash: [u8; 32]) -> Result<Idempotency, Error> {
        let key = caller.key_id()?;
        let now = self.now();
        let mut tx = self.store().read().await?;
        let row = rows::idempotency(&mut tx, key, name).await?;
        drop(tx);
        if let Some(row) = row.filter(|row| now.duration_since(row.created_at.0) < IDEMPOTENCY_LASTS) {
            if row.request_hash != request_hash {
                return Err(Error::IdempotencyMismatch);
            }
            return match (row.status.map(u16::try_from), row.body) {
                (Some(Ok(status)), Some(body)) => Ok(Idempotency::Replay { status, body }),
                // Nobody answers for it any more: carry it out again under the same id.
                _ if now.duration_since(row.created_at.0) >= REQUEST_LASTS => Ok(Idempotency::Fresh(row.resource_id)),
                _ => Err(Error::Conflict),
            };
        }
        let (resource, name) = (ids::mint(), name.to_owned());
        let forget_before = now.checked_sub(IDEMPOTENCY_LASTS).unwrap_or(now);
        self.store()
            .write(move |tx| {
                Box::pin(async move { rows::begin_idempotency(tx, key, &name, &request_hash, resource, now, forget_before).await })
            })
            .await?;
        Ok(Idempotency::Fresh(resource))
    }

    /// Stores the answer to a request that came with an idempotency key.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn idempotency_finish(&self, caller: &Caller, name: &str, status: u16, body: &str) -> Result<(), Error> {
        let (key, name, body) = (caller.key_id()?, name.to_owned(), body.to_owned());
        self.store().write(move |tx| Box::pin(async move { rows::finish_idempotency(tx, key, &name, status, &body).await })).await?;
        Ok(())
    }

    /// Returns a MID that is the caller's; somebody else's is not found.
    pub(crate) async fn own_mid(&self, caller: &Caller, id: MidId) -> Result<Mid, Error> {
        let mut tx = self.store().read().await?;
        rows::mid(&mut tx, id).await?.filter(|mid| caller.scope.includes(mid)).ok_or(Error::NotFound)
    }

    fn key_of_secret(&self, secret: &str) -> domain::claim::TokenHash {
        self.master_key().hash(secret)
    }
}

fn endpoint_view(endpoint: Endpoint) -> EndpointView {
    EndpointView { id: endpoint.id, url: endpoint.url, mid: endpoint.mid_id, created_at: endpoint.created_at.0 }
}

/// Returns 256 random bits for a URL or header.
fn new_secret() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(ids::random_bytes())
}

fn check_name(field: &str, name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::field(field, "invalid", "use 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

/// Says whether it looks like an address that mail can be sent to: one `@`, something on both sides, no spaces.
pub(crate) fn is_email(text: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\\\"[]@".contains(c));
    text.len() <= 254 && text.split_once('@').is_some_and(|(name, host)| is_plain(name) && is_plain(host) && host.contains('.'))
}

/// What an unknown e-mail's password is compared with, so that it takes as long as a known one's.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash_now(&new_secret()).unwrap_or_default());

async fn hash_password(password: String) -> Result<String, Error> {
    let hashed = tokio::task::spawn_blocking(move || hash_now(&password)).await.ok().flatten();
    hashed.ok_or_else(|| Error::field("password", "invalid", "this password cannot be used"))
}

async fn verify_password(password: String, hash: String) -> bool {
    let verify = move || PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    tokio::task::spawn_blocking(verify).await.unwrap_or(false)
}

fn hash_now(password: &str) -> Option<String> {
    let salt = SaltString::encode_b64(&ids::random_bytes()[..16]).ok()?;
    Argon2::default().hash_password(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

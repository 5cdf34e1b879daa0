//! Callers: people who sign in and programs with [keys](crate::keys), and what they may do. What people change about how they sign in
//! is [`crate::accounts`]'.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine as _;
use domain::claim::{FieldError, FieldErrors, TokenHash};
use domain::email::EmailAddress;
use domain::ids::{KeyId, MerchantId, MidId, RequestId, SessionId, UserId};
use domain::merchant::{Actor, Mid, Right, Role, Scope, User};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::code_apps::Begun;
use crate::store::callers::{self as rows, NewSession, SessionUser};
use crate::store::sessions;
use crate::store::{StoreError, Tx};
use crate::{Engine, Error, ids};

/// How long a sign-in lasts.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);
/// How often it is written down that a session or a key was used.
pub(crate) const SEEN_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How long a password that was given stands for what a thief would do first.
const PROOF_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Wrong passwords in a row before a pause (design, sign in).
const FAILURES_MAX: i64 = 5;
/// The pause after them.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How much of a browser's name is kept.
const BROWSER_CHARS_MAX: usize = 60;
/// A browser that did not say which it is.
pub const UNKNOWN_BROWSER: &str = "Unknown browser";
/// The shortest password.
pub(crate) const PASSWORD_CHARS_MIN: usize = 10;

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
    /// What the person is called; by their e-mail without a name.
    pub name: Option<String>,
    /// Whether the person proved within the last ten minutes to be who signed in. Keys and the machine's operator have no session that could
    /// be left open.
    pub is_proven: bool,
    /// The request it calls with, where that came with an idempotency key: what it does to a refund is done once.
    pub request: Option<RequestId>,
}

impl Caller {
    /// Returns the operator, who runs commands on the machine itself.
    #[must_use]
    pub const fn operator() -> Self {
        Self {
            actor: Actor::System,
            scope: Scope::Everything,
            role: Some(Role::Admin),
            can_write: true,
            email: None,
            name: None,
            is_proven: true,
            request: None,
        }
    }

    /// Says whether it has a right: people by their role, keys that may write all but what only people decide.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        match (self.role, right) {
            (Some(role), right) => role.may(right),
            (None, Right::Approve | Right::Operate) => false,
            (None, Right::MakeInvoices | Right::WriteToPayers | Right::MoveMoney | Right::ChangePolicy | Right::ChangeSettings) => {
                self.can_write
            }
        }
    }

    /// Refuses a caller without a right, and a session that somebody else could have found open: who invites a colleague by it could approve
    /// what they make themselves. So every right that a thief would use first asks for a fresh proof, here and nowhere else.
    ///
    /// # Errors
    /// `Forbidden` without the right, `ProofNeeded` when the person has to prove again who they are.
    pub fn require(&self, right: Right) -> Result<(), Error> {
        self.require_role(right)?;
        if right.needs_proof() { self.require_proof() } else { Ok(()) }
    }

    /// Refuses a session that somebody else could have found open.
    ///
    /// # Errors
    /// `ProofNeeded` when the person has to prove again who they are.
    pub(crate) const fn require_proof(&self) -> Result<(), Error> {
        if self.is_proven { Ok(()) } else { Err(Error::ProofNeeded) }
    }

    /// Refuses a caller without a right: for what only shows something, repeats what was decided, or stops money.
    ///
    /// # Errors
    /// `Forbidden` without the right.
    pub(crate) fn require_role(&self, right: Right) -> Result<(), Error> {
        if self.may(right) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Returns who it is; keys are nobody.
    pub(crate) fn user_id(&self) -> Result<UserId, Error> {
        match self.actor {
            Actor::User(id) => Ok(id),
            Actor::System | Actor::Payer | Actor::Key(_) => Err(Error::Forbidden),
        }
    }

    pub(crate) fn key_id(&self) -> Result<KeyId, Error> {
        match self.actor {
            Actor::Key(id) => Ok(id),
            Actor::System | Actor::Payer | Actor::User(_) => Err(Error::Forbidden),
        }
    }
}

/// A person whose password was right.
pub(crate) struct Proven {
    pub(crate) user: User,
    /// What the password was compared with.
    pub(crate) password_hash: String,
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

impl Engine {
    /// Adds a person.
    ///
    /// # Errors
    /// `Invalid` names what is wrong, `Taken` when the e-mail is in use.
    pub async fn add_user(&self, email: &str, role: Role, merchant: Option<MerchantId>, password: &str) -> Result<UserId, Error> {
        let mut errors = FieldErrors::default();
        let email = email.trim().to_lowercase();
        if EmailAddress::parse(&email).is_err() {
            errors.push(FieldError::new("email", "invalid", "enter an e-mail address, like name@example.com"));
        }
        if password.chars().count() < PASSWORD_CHARS_MIN {
            errors.push(FieldError::new("password", "too_short", "use at least 10 characters"));
        }
        if (role == Role::Admin) != merchant.is_none() {
            errors.push(FieldError::new("merchant", "mismatch", "an admin has no merchant, everybody else has one"));
        }
        errors.into_result()?;
        let password_hash = hash_password(password.to_owned()).await?;
        let user = User { id: UserId(self.mint()), email, role, merchant };
        let (id, now) = (user.id, self.now());
        let email = user.email.clone();
        let added = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert_user(tx, &user, &password_hash, now).await?;
                let detail = json!({ "email": user.email, "role": user.role });
                audit::append(tx, &AuditRecord::of_operator(user.merchant, now, "user.added", user.id.0, detail)).await
            })
        });
        match added.await {
            Ok(()) => Ok(id),
            Err(StoreError::Conflict) if rows::user_by_email(&mut *self.store().read().await?, &email).await?.is_some() => {
                Err(Error::Taken { field: "email", message: "somebody signs in with this e-mail already".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Signs a person in who has no code app.
    ///
    /// Takes as long for an unknown e-mail as for a wrong password.
    ///
    /// # Errors
    /// `Unauthorized`, also for who has to give a code, or `RateLimited` after too many tries for that e-mail.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, Error> {
        self.sign_in_from(email, password, UNKNOWN_BROWSER).await
    }

    /// Signs a person in from a browser, by which they will know the session again.
    ///
    /// # Errors
    /// As [`Engine::sign_in`].
    pub async fn sign_in_from(&self, email: &str, password: &str, browser: &str) -> Result<SignedIn, Error> {
        match self.begin_sign_in(email, password, browser).await? {
            Begun::Done(signed_in) => Ok(signed_in),
            Begun::CodeNeeded { .. } => Err(Error::Unauthorized),
        }
    }

    /// Returns a session's secret and its row, which is to be written.
    pub(crate) fn new_session(&self, user: UserId, browser: &str) -> (String, NewSession) {
        let (secret, at) = (new_secret(), self.clock().now_outside());
        let expires_at = at.saturating_add(SESSION_LASTS).unwrap_or(at);
        let browser = browser.chars().filter(|c| !c.is_control()).take(BROWSER_CHARS_MAX).collect();
        let row = NewSession { id: SessionId(self.mint()), token: self.key_of_secret(&secret), user, browser, at, expires_at };
        (secret, row)
    }

    /// Returns whose e-mail, in lower case, and password these are. Takes as long for an unknown e-mail as for a wrong password, and
    /// counts what is wrong: too many in a row make a pause.
    pub(crate) async fn check_password(&self, email: &str, password: &str) -> Result<Proven, Error> {
        let now = self.clock().now_outside();
        let mut tx = self.store().read().await?;
        refuse_while_locked(&mut tx, email, now).await?;
        let known = rows::user_by_email(&mut tx, email).await?;
        drop(tx);
        let (user, password_hash) = match known {
            Some((user, hash)) => (Some(user), hash),
            None => (None, NOBODYS_HASH.clone()),
        };
        let is_right = verify_password(password.to_owned(), password_hash.clone()).await;
        let Some(user) = user.filter(|_| is_right) else {
            self.note_failure(email.to_owned(), now).await?;
            return Err(Error::Unauthorized);
        };
        Ok(Proven { user, password_hash })
    }

    /// Returns how many tries to sign in are left for an e-mail, known or not, before a pause.
    ///
    /// # Errors
    /// `RateLimited` during the pause.
    pub async fn sign_in_tries_left(&self, email: &str) -> Result<i64, Error> {
        let email = email.trim().to_lowercase();
        let mut tx = self.store().read().await?;
        refuse_while_locked(&mut tx, &email, self.clock().now_outside()).await?;
        let (failures, _) = rows::sign_in_failures(&mut tx, &email).await?;
        Ok(FAILURES_MAX.saturating_sub(failures))
    }

    /// Counts a wrong password or code: too many in a row make a pause.
    pub(crate) async fn note_failure(&self, email: String, now: Timestamp) -> Result<(), Error> {
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
        let (token, now) = (self.key_of_secret(secret), self.clock().now_outside());
        let Some(found) = rows::user_by_session(&mut tx, token, now).await? else { return Ok(None) };
        let SessionUser { user, name, seen_at, proved_at } = found;
        drop(tx);
        if seen_at.saturating_add(SEEN_EVERY).is_ok_and(|due| due <= now) {
            // A page is shown whether or not this can be written.
            let noted = self.store().write(move |tx| Box::pin(async move { sessions::note_seen(tx, token, now).await })).await;
            if let Err(error) = noted {
                tracing::debug!(%error, "the use of a session could not be written down");
            }
        }
        Ok(Some(Caller {
            actor: Actor::User(user.id),
            scope: user.merchant.map_or(Scope::Everything, Scope::Merchant),
            role: Some(user.role),
            can_write: false,
            email: Some(user.email),
            name,
            is_proven: proved_at.saturating_add(PROOF_LASTS).is_ok_and(|until| now < until),
            request: None,
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

    /// Returns a MID that is the caller's; somebody else's is not found.
    pub(crate) async fn own_mid(&self, caller: &Caller, id: MidId) -> Result<Mid, Error> {
        self.store().mid(id).await?.filter(|mid| caller.scope.includes(mid)).ok_or(Error::NotFound)
    }

    pub(crate) fn key_of_secret(&self, secret: &str) -> TokenHash {
        self.master_key().hash(secret)
    }
}

/// Refuses tries during the pause that too many wrong ones made.
///
/// # Errors
/// `RateLimited`.
pub(crate) async fn refuse_while_locked(tx: &mut Tx, email: &str, now: Timestamp) -> Result<(), Error> {
    let (_, locked_until) = rows::sign_in_failures(tx, email).await?;
    let Some(until) = locked_until.filter(|until| now < *until) else { return Ok(()) };
    let wait_secs = u64::try_from(until.duration_since(now).as_secs()).unwrap_or_default().saturating_add(1);
    Err(Error::RateLimited { wait_secs })
}

/// Returns 256 random bits for a URL or header.
pub(crate) fn new_secret() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(ids::random_bytes())
}

/// What an unknown e-mail's password is compared with, so that it takes as long as a known one's.
static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash_now(&new_secret()).unwrap_or_default());

pub(crate) async fn hash_password(password: String) -> Result<String, Error> {
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

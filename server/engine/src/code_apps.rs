//! Code apps (TOTP, RFC 6238) and the recovery codes of who lost theirs. Where one is on, a right password opens no session: it waits a few
//! minutes for a code.
//!
//! Each code is taken once: the step it belongs to is remembered, and none that is as old is taken any more (RFC 6238, 5.2). Guesses are
//! counted with those of the password, under the same pause. The app's secret is sealed in its row; of recovery codes there are keyed hashes.

use domain::claim::TokenHash;
use domain::ids::UserId;
use domain::merchant::{Actor, User};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use crate::audit::{self, AuditRecord};
use crate::callers::{Caller, SignedIn, refuse_while_locked};
use crate::freezes::{self, SensitiveChange};
use crate::ids::random_bytes;
use crate::store::code_apps::{self as rows, CodeApp};
use crate::store::{StoreError, Tx, callers};
use crate::{Engine, Error};

/// How long a right password waits for its code.
const CODE_WAITS: SignedDuration = SignedDuration::from_mins(5);
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// How many random bytes one is made of: 16 letters and digits.
const RECOVERY_CODE_BYTES: usize = 10;
/// How many letters of one stand together.
const RECOVERY_CODE_GROUP: usize = 4;

/// How far a right password got somebody.
#[derive(Debug)]
pub enum Begun {
    /// In.
    Done(SignedIn),
    /// To the code: they have a code app.
    CodeNeeded {
        /// The secret for the cookie by which the code is given.
        secret: String,
    },
}

/// A code app that is not turned on yet: nothing is kept of it.
#[derive(Debug)]
pub struct NewCodeApp {
    /// What is typed into the app, in base32.
    pub secret: String,
    /// What the app reads from a QR code.
    pub url: String,
}

/// A code app, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeAppView {
    /// Since when.
    pub created_at: Timestamp,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
}

/// A code that was right, to be taken in the transaction of what it is for.
#[derive(Clone, Copy)]
pub(crate) enum RightCode {
    /// Of the app, in this step.
    App(i64),
    /// A recovery code.
    Recovery(TokenHash),
}

impl RightCode {
    /// Takes it. `Conflict` when it was taken since.
    pub(crate) async fn take(self, tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
        match self {
            Self::App(step) => rows::take_step(tx, user, step).await,
            Self::Recovery(code) => rows::take_recovery_code(tx, user, code).await,
        }
    }
}

impl Engine {
    /// Begins to sign a person in: with a right password they are in, or asked for a code.
    ///
    /// # Errors
    /// `Unauthorized`, or `RateLimited` after too many tries for that e-mail.
    pub async fn begin_sign_in(&self, email: &str, password: &str, browser: &str) -> Result<Begun, Error> {
        let email = email.trim().to_lowercase();
        let user = self.check_password(&email, password).await?.user;
        let (secret, row) = self.new_session(user.id, browser);
        let (expires_at, waits_until) = (row.expires_at, row.at.saturating_add(CODE_WAITS).unwrap_or(row.at));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                if rows::load(tx, row.user).await?.is_some() {
                    // Wrong codes count on: the right password ends only what was wrong about passwords when there is nothing more to guess.
                    rows::begin_sign_in(tx, &row, waits_until).await?;
                    return Ok(true);
                }
                callers::forget_sign_in_failures(tx, &email).await?;
                callers::insert_session(tx, &row).await?;
                Ok(false)
            })
        });
        let needs_code = write.await?;
        Ok(if needs_code { Begun::CodeNeeded { secret } } else { Begun::Done(SignedIn { user, session: secret, expires_at }) })
    }

    /// Ends a sign-in that was asked for a code: the session is a new one.
    ///
    /// # Errors
    /// `NotFound` for one that did not begin or waited too long, `Invalid` names a wrong `code`, `RateLimited` after too many wrong ones.
    pub async fn finish_sign_in(&self, secret: &str, code: &str) -> Result<SignedIn, Error> {
        let (token, now) = (self.key_of_secret(secret), self.clock().now_outside());
        let begun = rows::sign_in_begun(&mut *self.store().read().await?, token, now).await?;
        let (user, browser) = begun.ok_or(Error::NotFound)?;
        let right = self.check_code(&user, code).await?;
        let (session, row) = self.new_session(user.id, &browser);
        let (expires_at, email, record) = (row.expires_at, user.email.clone(), self.recovery_used(&user, right));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::end_sign_in(tx, token).await?;
                right.take(tx, row.user).await?;
                callers::forget_sign_in_failures(tx, &email).await?;
                callers::insert_session(tx, &row).await?;
                if let Some(record) = record { audit::append(tx, &record).await } else { Ok(()) }
            })
        });
        match write.await {
            Ok(()) => Ok(SignedIn { user, session, expires_at }),
            Err(StoreError::Conflict) => Err(wrong_code()),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the caller's code app; nothing when they have none.
    ///
    /// # Errors
    /// `Forbidden` for keys.
    pub async fn code_app(&self, caller: &Caller) -> Result<Option<CodeAppView>, Error> {
        let user = caller.user_id()?;
        let mut tx = self.store().read().await?;
        let Some(app) = rows::load(&mut tx, user).await? else { return Ok(None) };
        let recovery_codes_left = rows::recovery_codes_left(&mut tx, user).await?;
        Ok(Some(CodeAppView { created_at: app.created_at, recovery_codes_left }))
    }

    /// Returns a secret for the caller's code app, new each time.
    ///
    /// # Errors
    /// `ProofNeeded` in a session that was left open, `Forbidden` for keys.
    pub fn new_code_app(&self, caller: &Caller) -> Result<NewCodeApp, Error> {
        caller.user_id()?;
        caller.require_proof()?;
        let bytes = random_bytes();
        let (bytes, _) = bytes.split_first_chunk::<20>().expect("32 bytes are more than 20");
        self.shown_code_app(caller, &Secret::new_stack(*bytes).to_base32())
    }

    /// Returns a secret again as the caller's app reads it, while it is not turned on.
    ///
    /// # Errors
    /// `Invalid` names a `code` whose secret is none.
    pub fn shown_code_app(&self, caller: &Caller, secret: &str) -> Result<NewCodeApp, Error> {
        let totp = totp(secret, caller.email.as_deref().unwrap_or_default()).ok_or_else(begin_again)?;
        let url = totp.to_url().map_err(|_| begin_again())?;
        Ok(NewCodeApp { secret: secret.to_owned(), url })
    }

    /// Turns the caller's code app on, once it gave a right code, and returns the recovery codes, told once. Every session but `session`
    /// ends, and the merchant's payouts stand still for a while (CM-09).
    ///
    /// # Errors
    /// `Invalid` names a wrong `code`, `Taken` when one is on, `ProofNeeded`, `Forbidden` for keys.
    pub async fn turn_on_code_app(&self, caller: &Caller, session: &str, secret: &str, code: &str) -> Result<Vec<String>, Error> {
        caller.require_proof()?;
        let user = self.user_of(caller).await?;
        let now = self.clock().now_outside();
        let totp = totp(secret, &user.email).ok_or_else(begin_again)?;
        let last_step = step_of(&totp, &plain(code), now).ok_or_else(wrong_code)?;
        let sealed = self.seal_in_row("code_apps", user.id.0.as_bytes(), secret);
        let app = CodeApp { secret: sealed, last_step, created_at: now };
        let (codes, hashes) = self.new_recovery_codes();
        let (freeze, record) = self.account_changed(&user, SensitiveChange::SecondFactor, Some(caller.actor), json!({ "is_on": true }));
        let keeps = self.key_of_secret(session);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert(tx, user.id, &app).await?;
                rows::replace_recovery_codes(tx, user.id, &hashes).await?;
                callers::delete_sessions(tx, user.id, Some(keeps)).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Ok(()) => Ok(codes),
            Err(StoreError::Conflict) => {
                Err(Error::Taken { field: "code", message: "a code app is on already: turn it off first".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes new recovery codes, told once, and ends the old ones. The merchant's payouts stand still for a while (CM-09).
    ///
    /// # Errors
    /// `NotFound` when no code app is on, `ProofNeeded`, `Forbidden` for keys.
    pub async fn renew_recovery_codes(&self, caller: &Caller) -> Result<Vec<String>, Error> {
        caller.require_proof()?;
        let user = self.user_of(caller).await?;
        if rows::load(&mut *self.store().read().await?, user.id).await?.is_none() {
            return Err(Error::NotFound);
        }
        let (codes, hashes) = self.new_recovery_codes();
        let detail = json!({ "recovery_codes": codes.len() });
        let (freeze, record) = self.account_changed(&user, SensitiveChange::SecondFactor, Some(caller.actor), detail);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                // Refers to the app: codes of one that was turned off meanwhile cannot be written.
                rows::replace_recovery_codes(tx, user.id, &hashes).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Ok(()) => Ok(codes),
            Err(StoreError::Broken(_)) => Err(Error::NotFound),
            Err(error) => Err(error.into()),
        }
    }

    fn new_recovery_codes(&self) -> (Vec<String>, Vec<TokenHash>) {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect();
        let hashes = codes.iter().map(|code| self.hash_of_recovery_code(code)).collect();
        (codes, hashes)
    }

    /// Turns the caller's code app off, with its recovery codes. The merchant's payouts stand still for a while (CM-09).
    ///
    /// # Errors
    /// `NotFound` when none is on, `ProofNeeded`, `Forbidden` for keys.
    pub async fn turn_off_code_app(&self, caller: &Caller) -> Result<(), Error> {
        caller.require_proof()?;
        let user = self.user_of(caller).await?;
        let (freeze, record) = self.account_changed(&user, SensitiveChange::SecondFactor, Some(caller.actor), json!({ "is_on": false }));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::delete(tx, user.id).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Err(StoreError::Conflict) => Err(Error::NotFound),
            written => Ok(written?),
        }
    }

    /// Makes sure that a code is a person's and was not taken. What is wrong is counted with wrong passwords.
    ///
    /// # Errors
    /// `Invalid` names the `code`, `RateLimited` after too many wrong ones, `NotFound` when no code app is on.
    pub(crate) async fn check_code(&self, user: &User, code: &str) -> Result<RightCode, Error> {
        let (now, code) = (self.clock().now_outside(), plain(code));
        let mut tx = self.store().read().await?;
        refuse_while_locked(&mut tx, &user.email, now).await?;
        let app = rows::load(&mut tx, user.id).await?.ok_or(Error::NotFound)?;
        let recovery = self.hash_of_recovery_code(&code);
        let is_recovery = rows::has_recovery_code(&mut tx, user.id, recovery).await?;
        drop(tx);
        let secret = self.unseal_in_row("code_apps", user.id.0.as_bytes(), &app.secret);
        let totp = secret.and_then(|secret| totp(&secret, &user.email));
        let totp = totp.ok_or_else(|| StoreError::Inconsistent { table: "code_apps", id: format!("{} secret", user.id) })?;
        if let Some(step) = step_of(&totp, &code, now).filter(|step| *step > app.last_step) {
            return Ok(RightCode::App(step));
        }
        if is_recovery {
            return Ok(RightCode::Recovery(recovery));
        }
        self.note_failure(user.email.clone(), now).await?;
        Err(wrong_code())
    }

    /// Says in the audit log that a recovery code was used, when one was.
    pub(crate) fn recovery_used(&self, user: &User, right: RightCode) -> Option<AuditRecord> {
        match right {
            RightCode::App(_) => None,
            RightCode::Recovery(_) => {
                let (actor, action) = (Some(Actor::User(user.id)), "user.recovery_code_used".to_owned());
                Some(AuditRecord { merchant: user.merchant, at: self.now(), actor, action, subject: user.id.0, detail: json!({}) })
            }
        }
    }

    pub(crate) async fn user_of(&self, caller: &Caller) -> Result<User, Error> {
        callers::user(&mut *self.store().read().await?, caller.user_id()?).await?.ok_or(Error::NotFound)
    }

    fn hash_of_recovery_code(&self, code: &str) -> TokenHash {
        self.key_of_secret(&format!("recovery code {}", plain(code)))
    }
}

/// Returns what a secret's codes are made by: six digits every thirty seconds by HMAC-SHA-1, which is what all apps know.
fn totp(secret: &str, email: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_account_name(email).with_issuer(Some("Refundry")).build().ok()
}

/// Returns the step that a code belongs to: this one, or the one before or after it.
fn step_of(totp: &Totp, code: &str, now: Timestamp) -> Option<i64> {
    let step = totp.check(code, u64::try_from(now.as_second()).ok()?)?;
    i64::try_from(step).ok()
}

/// Returns a code without what people put between its letters.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn new_recovery_code() -> String {
    let bytes = random_bytes();
    let bytes: Box<[u8]> = bytes.iter().copied().take(RECOVERY_CODE_BYTES).collect();
    let letters: Vec<char> = Secret::new(bytes).to_base32().to_ascii_lowercase().chars().collect();
    letters.chunks(RECOVERY_CODE_GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn wrong_code() -> Error {
    Error::field("code", "wrong", "this is no code that works now")
}

fn begin_again() -> Error {
    Error::field("code", "unreadable", "set the code app up again")
}

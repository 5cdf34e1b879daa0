//! Passkeys (WebAuthn Level 3): a key pair in somebody's device signs what it is asked, once it made sure that it is them. One signs in
//! without password and code, and proves who it is in a session that was left open.
//!
//! A passkey answers to one origin, that of `public_url`, so nobody can be led to another page with it. What a browser is asked is kept for
//! five minutes beside the session or the sign-in attempt that asked, and is taken with the first answer, right or wrong: an answer works
//! once, in that browser only. A counter that goes back, or an authenticator that turns from one that is never backed up into one that is,
//! is a copy and refused.

use domain::ids::PasskeyId;
use domain::merchant::User;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{CredProtect, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16, Username};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::auth::DiscoverableAuthentication16;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState, DiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use crate::callers::{Caller, SignedIn, new_secret};
use crate::freezes::{self, SensitiveChange};
use crate::store::passkeys::{self as rows, Passkey, Purpose};
use crate::store::{StoreError, Tx, callers, sessions};
use crate::{Engine, Error};

/// How long a browser has time to answer.
const ASKED_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How many passkeys one person may have.
const PASSKEYS_MAX: usize = 20;
/// How long a passkey's name may be.
pub const PASSKEY_NAME_CHARS_MAX: usize = 60;

/// A passkey, as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyView {
    /// Its id.
    pub id: Uuid,
    /// As they called it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last signed in or proved who they are.
    pub used_at: Option<Timestamp>,
}

/// A sign-in that waits for a passkey's answer.
#[derive(Debug)]
pub struct AskedToSignIn {
    /// What the browser is asked, as JSON for `PublicKeyCredential.parseRequestOptionsFromJSON`.
    pub options: String,
    /// The secret for the cookie by which the answer is given.
    pub secret: String,
}

/// This installation, as browsers know it.
struct Site {
    id: RpId,
    origin: String,
}

/// A right answer, to be written with what it is for.
struct Answer {
    user: User,
    passkey: Passkey,
    /// What the answer changed about the passkey.
    state: Vec<u8>,
    now: Timestamp,
}

impl Answer {
    /// Writes down that it was used. `Conflict` when another answer was first.
    async fn take(&self, tx: &mut Tx) -> Result<(), StoreError> {
        rows::note_use(tx, &self.passkey, &self.state, self.now).await
    }
}

impl Engine {
    /// Says whether browsers let passkeys work here: they ask for HTTPS and a host with a name.
    #[must_use]
    pub fn has_passkeys(&self) -> bool {
        self.site().is_some()
    }

    /// Returns the caller's passkeys, the first one first.
    ///
    /// # Errors
    /// `Forbidden` for keys.
    pub async fn passkeys(&self, caller: &Caller) -> Result<Vec<PasskeyView>, Error> {
        let own = rows::of_user(&mut *self.store().read().await?, caller.user_id()?).await?;
        let view = |Passkey { id, name, created_at, used_at, .. }| PasskeyView { id: id.0, name, created_at, used_at };
        Ok(own.into_iter().map(view).collect())
    }

    /// Asks the caller's browser for a new passkey: JSON for `PublicKeyCredential.parseCreationOptionsFromJSON`.
    ///
    /// # Errors
    /// `Invalid` names the `passkey` where browsers know none here or there are too many, `ProofNeeded`, `Forbidden` for keys.
    pub async fn begin_passkey(&self, caller: &Caller, session: &str) -> Result<String, Error> {
        caller.require_proof()?;
        let (user, site) = (self.user_of(caller).await?, self.site().ok_or_else(|| self.unknown_site())?);
        let own = rows::of_user(&mut *self.store().read().await?, user.id).await?;
        if own.len() >= PASSKEYS_MAX {
            return Err(Error::field("passkey", "too_many", "remove a passkey that you use no more first"));
        }
        let described = |passkey: Passkey| {
            let id = CredentialId::decode(passkey.credential).ok()?;
            Some(PublicKeyCredentialDescriptor { id, transports: AuthTransports::decode(0).ok()? })
        };
        let handle = handle_of(&user);
        let named = Username::try_from(user.email.clone()).or_else(|_| Username::try_from(user.id.to_string()));
        let name = named.map_err(|_| StoreError::Inconsistent { table: "users", id: user.id.to_string() })?;
        let entity = PublicKeyCredentialUserEntity { name, id: &handle, display_name: None };
        let exclude = own.into_iter().filter_map(described).collect();
        let mut wanted = PublicKeyCredentialCreationOptions::passkey(&site.id, entity, exclude);
        // Every answer is asked for a finger, a face or a PIN anyway, and some devices make no passkey where this is enforced.
        wanted.extensions.cred_protect = CredProtect::None;
        let (asked, options) = wanted.start_ceremony().expect("the options of a passkey do not contradict each other");
        self.keep_asked(session, Purpose::Add, asked.encode().expect("it is after 1970")).await?;
        let mut options = json_of(&options);
        // What the browser's own dialog calls the place: for people, where the library says the host again.
        if let Some(place) = options.get_mut("rp").and_then(|place| place.get_mut("name")) {
            *place = json!("Refundry");
        }
        Ok(options.to_string())
    }

    /// Adds the passkey that the caller's browser made. The merchant's payouts stand still for a while (CM-09).
    ///
    /// # Errors
    /// `Invalid` names a `name` that is none and a `passkey` that cannot be read, came too late, or was made for another page; `Taken` when
    /// it is somebody's; `ProofNeeded`, `Forbidden` for keys.
    pub async fn add_passkey(&self, caller: &Caller, session: &str, name: &str, answer: &str) -> Result<(), Error> {
        caller.require_proof()?;
        let user = self.user_of(caller).await?;
        let site = self.site().ok_or_else(|| self.unknown_site())?;
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > PASSKEY_NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(Error::field("name", "invalid", "give the passkey a name of up to 60 characters"));
        }
        let asked = self.take_asked(session, Purpose::Add).await?;
        let id = PasskeyId(self.mint());
        let passkey = made(&site, &asked, answer, &user, |credential, key, state| Passkey {
            id,
            user: user.id,
            credential,
            name: name.clone(),
            key,
            state,
            created_at: self.clock().now_outside(),
            used_at: None,
        });
        let passkey = passkey.ok_or_else(wrong_passkey)?;
        let detail = json!({ "passkey": name, "is_on": true });
        let (freeze, record) = self.account_changed(&user, SensitiveChange::SecondFactor, Some(caller.actor), detail);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::insert(tx, &passkey).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Err(StoreError::Conflict) => Err(Error::Taken { field: "passkey", message: "this passkey is added already".to_owned() }),
            written => Ok(written?),
        }
    }

    /// Removes one of the caller's passkeys. Every session but `session` ends, and the merchant's payouts stand still for a while (CM-09).
    ///
    /// # Errors
    /// `NotFound` when they have no such one, `ProofNeeded`, `Forbidden` for keys.
    pub async fn remove_passkey(&self, caller: &Caller, session: &str, id: PasskeyId) -> Result<(), Error> {
        caller.require_proof()?;
        let user = self.user_of(caller).await?;
        let own = rows::of_user(&mut *self.store().read().await?, user.id).await?;
        let passkey = own.into_iter().find(|passkey| passkey.id == id).ok_or(Error::NotFound)?;
        let detail = json!({ "passkey": passkey.name, "is_on": false });
        let (freeze, record) = self.account_changed(&user, SensitiveChange::SecondFactor, Some(caller.actor), detail);
        let keeps = self.key_of_secret(session);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::delete(tx, user.id, id).await?;
                callers::delete_sessions(tx, user.id, Some(keeps)).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Err(StoreError::Conflict) => Err(Error::NotFound),
            written => Ok(written?),
        }
    }

    /// Asks a browser for any passkey of this installation: nothing is said of who has one.
    ///
    /// # Errors
    /// `Invalid` names the `passkey` where browsers know none here.
    pub async fn begin_passkey_sign_in(&self) -> Result<AskedToSignIn, Error> {
        let secret = new_secret();
        let options = self.ask_passkey(&secret, Purpose::SignIn).await?;
        Ok(AskedToSignIn { options, secret })
    }

    /// Signs in whose passkey answered. It asked its person for a finger, a face or a PIN, so it stands for password and code.
    ///
    /// # Errors
    /// `Invalid` names a `passkey` that signs nobody in: unknown, removed, too late, or meant for another page. It is never said which.
    pub async fn sign_in_by_passkey(&self, secret: &str, answer: &str, browser: &str) -> Result<SignedIn, Error> {
        let answer = self.check_passkey(secret, Purpose::SignIn, answer).await?;
        let (session, row) = self.new_session(answer.user.id, browser);
        let (user, expires_at) = (answer.user.clone(), row.expires_at);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                answer.take(tx).await?;
                callers::insert_session(tx, &row).await
            })
        });
        match write.await {
            Ok(()) => Ok(SignedIn { user, session, expires_at }),
            Err(StoreError::Conflict) => Err(wrong_passkey()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the caller's browser for one of their passkeys.
    ///
    /// # Errors
    /// `Invalid` names the `passkey` where browsers know none here, `Forbidden` for keys.
    pub async fn begin_passkey_proof(&self, caller: &Caller, session: &str) -> Result<String, Error> {
        caller.user_id()?;
        self.ask_passkey(session, Purpose::Prove).await
    }

    /// Proves by a passkey that whoever uses a session is who signed in, as [`Engine::prove_session`] does by a password or a code.
    ///
    /// # Errors
    /// `Invalid` names a `passkey` that is not theirs, came too late, or was meant for another page; `Conflict` for a session that ended;
    /// `Forbidden` for keys.
    pub async fn prove_by_passkey(&self, caller: &Caller, session: &str, answer: &str) -> Result<(), Error> {
        let user = caller.user_id()?;
        let answer = self.check_passkey(session, Purpose::Prove, answer).await?;
        if answer.user.id != user {
            return Err(wrong_passkey());
        }
        let token = self.key_of_secret(session);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                answer.take(tx).await?;
                sessions::note_proof(tx, user, token, answer.now).await
            })
        });
        Ok(write.await?)
    }

    async fn ask_passkey(&self, secret: &str, purpose: Purpose) -> Result<String, Error> {
        let site = self.site().ok_or_else(|| self.unknown_site())?;
        let (asked, options) = DiscoverableCredentialRequestOptions::passkey(&site.id)
            .start_ceremony()
            .expect("the options of a passkey do not contradict each other");
        self.keep_asked(secret, purpose, asked.encode().expect("it is after 1970")).await?;
        Ok(json_of(&options).to_string())
    }

    /// Makes sure that an answer is a passkey's of this installation, to what was asked with this secret.
    async fn check_passkey(&self, secret: &str, purpose: Purpose, answer: &str) -> Result<Answer, Error> {
        let site = self.site().ok_or_else(|| self.unknown_site())?;
        let asked = self.take_asked(secret, purpose).await?;
        let answer = DiscoverableAuthentication16::from_json_relaxed(answer.as_bytes()).map_err(|_| wrong_passkey())?;
        let known = rows::by_credential(&mut *self.store().read().await?, answer.raw_id().as_ref()).await?;
        let (passkey, user) = known.ok_or_else(wrong_passkey)?;
        let state = answered(&site, &asked, &answer, &passkey, &user)?.ok_or_else(wrong_passkey)?;
        Ok(Answer { user, passkey, state, now: self.clock().now_outside() })
    }

    async fn keep_asked(&self, secret: &str, purpose: Purpose, asked: Vec<u8>) -> Result<(), Error> {
        let token = self.key_of_secret(secret);
        let now = self.clock().now_outside();
        let until = now.saturating_add(ASKED_LASTS).unwrap_or(now);
        let write = self.store().write(move |tx| Box::pin(async move { rows::ask(tx, token, purpose, &asked, now, until).await }));
        Ok(write.await?)
    }

    async fn take_asked(&self, secret: &str, purpose: Purpose) -> Result<Vec<u8>, Error> {
        let (token, now) = (self.key_of_secret(secret), self.clock().now_outside());
        let write = self.store().write(move |tx| Box::pin(async move { rows::take(tx, token, purpose, now).await }));
        write.await?.ok_or_else(wrong_passkey)
    }

    /// Returns the site that passkeys are for; nothing where browsers know none.
    fn site(&self) -> Option<Site> {
        site_of(&self.settings().public_url)
    }

    fn unknown_site(&self) -> Error {
        let said = format!("passkeys need HTTPS and a host name: this installation is reached at {}", self.settings().public_url);
        Error::field("passkey", "unavailable", said)
    }
}

/// Reads the site in a URL: a host with a name, by HTTPS, or this very machine by its name.
fn site_of(public_url: &str) -> Option<Site> {
    let url = Url::parse(public_url).ok()?;
    let host = url.domain()?.to_owned();
    if url.scheme() != "https" && host != "localhost" {
        return None;
    }
    Some(Site { id: RpId::Domain(AsciiDomain::try_from(host).ok()?), origin: url.origin().ascii_serialization() })
}

/// Returns what a passkey knows its person by: their id, which tells nothing about them.
fn handle_of(user: &User) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(user.id.0.into_bytes());
    handle
}

/// Reads a new passkey; nothing when it does not answer what was asked.
fn made(
    site: &Site,
    asked: &[u8],
    answer: &str,
    user: &User,
    passkey: impl FnOnce(Vec<u8>, Vec<u8>, Vec<u8>) -> Passkey,
) -> Option<Passkey> {
    let asked = RegistrationServerState::<16>::decode(asked).ok()?;
    let answer = Registration::from_json_relaxed(answer.as_bytes()).ok()?;
    // Browsers tell more about a passkey than they were asked for (credProps); nothing here reads it.
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &[site.origin.as_str()],
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let made = asked.verify(&site.id, &answer, &options).inspect_err(|error| tracing::info!(%error, "a new passkey was refused")).ok()?;
    if made.user_id().as_ref() != handle_of(user).as_ref() {
        return None;
    }
    let (Ok(key), Ok(state)) = (made.static_state().encode(), made.dynamic_state().encode());
    Some(passkey(made.id().as_ref().to_vec(), key, state.to_vec()))
}

/// A passkey's public key as its row has it, of whichever kind.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Returns what an answer changes about a passkey; nothing when it does not answer what was asked.
fn answered(
    site: &Site,
    asked: &[u8],
    answer: &DiscoverableAuthentication16,
    passkey: &Passkey,
    user: &User,
) -> Result<Option<Vec<u8>>, StoreError> {
    let unreadable = || StoreError::Inconsistent { table: "passkeys", id: passkey.id.to_string() };
    let key = StaticState::<PublicKey>::decode(&passkey.key).map_err(|_| unreadable())?;
    let state = passkey.state.as_slice().try_into().ok().and_then(|state| DynamicState::decode(state).ok()).ok_or_else(unreadable)?;
    let handle = handle_of(user);
    let mut known = AuthenticatedCredential::new(answer.raw_id(), &handle, key, state).map_err(|_| unreadable())?;
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &[site.origin.as_str()],
        error_on_unsolicited_extensions: false,
        ..AuthenticationVerificationOptions::default()
    };
    let Ok(asked) = DiscoverableAuthenticationServerState::decode(asked) else { return Ok(None) };
    if let Err(error) = asked.verify(&site.id, answer, &mut known, &options) {
        tracing::info!(%error, passkey.id = %passkey.id, "a passkey's answer was refused");
        return Ok(None);
    }
    let Ok(state) = known.dynamic_state().encode();
    Ok(Some(state.to_vec()))
}

fn json_of(options: &impl Serialize) -> Value {
    serde_json::to_value(options).expect("what a browser is asked is JSON")
}

/// Says the same of every passkey that is not taken.
fn wrong_passkey() -> Error {
    Error::field("passkey", "wrong", "this passkey does not work here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_a_named_host_by_https() {
        let site = |url: &str| site_of(url).map(|site| (String::from(site.id), site.origin));
        let found = |host: &str, origin: &str| Some((host.to_owned(), origin.to_owned()));
        assert_eq!(site("https://refunds.example"), found("refunds.example", "https://refunds.example"));
        assert_eq!(site("https://Refunds.example:8443"), found("refunds.example", "https://refunds.example:8443"));
        assert_eq!(site("http://localhost:3000"), found("localhost", "http://localhost:3000"));
        for url in ["http://refunds.example", "https://203.0.113.7", "http://127.0.0.1:3000", "https://[::1]", "http://evil-localhost"] {
            assert_eq!(site(url), None, "{url}");
        }
    }
}

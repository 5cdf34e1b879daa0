//! Sessions, as the people whose they are see them: where they are signed in, how they end that, and how they prove that it is still them.

use domain::ids::{SessionId, UserId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::store::callers::{delete_sessions, forget_sign_in_failures, user};
use crate::store::codec::hash_bytes;
use crate::store::sessions::{self as rows, Session};
use crate::{Engine, Error};

/// One place where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Its id.
    pub id: Uuid,
    /// In words.
    pub browser: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl Engine {
    /// Returns where the caller is signed in, the one used last first; `secret` is the session that asks.
    ///
    /// # Errors
    /// `Forbidden` for keys.
    pub async fn sessions(&self, caller: &Caller, secret: &str) -> Result<Vec<SessionView>, Error> {
        let (user, own, now) = (caller.user_id()?, hash_bytes(self.key_of_secret(secret)), self.clock().now_outside());
        let mut tx = self.store().read().await?;
        let view = |session: Session| SessionView {
            id: session.id.0,
            is_this: session.token == own,
            browser: session.browser,
            created_at: session.created_at,
            seen_at: session.seen_at,
        };
        Ok(rows::of_user(&mut tx, user, now).await?.into_iter().map(view).collect())
    }

    /// Signs the caller out of one place.
    ///
    /// # Errors
    /// `NotFound` for a session that is not theirs or ended, `Forbidden` for keys.
    pub async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), Error> {
        let user = caller.user_id()?;
        let record = self.signed_out(caller, user, "user.session_ended").await?;
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                let was_there = rows::end(tx, user, id).await?;
                if was_there {
                    audit::append(tx, &record).await?;
                }
                Ok(was_there)
            })
        });
        if write.await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Signs the caller out everywhere but in the session that asks.
    ///
    /// # Errors
    /// `Forbidden` for keys.
    pub async fn end_other_sessions(&self, caller: &Caller, secret: &str) -> Result<(), Error> {
        let (user, own) = (caller.user_id()?, self.key_of_secret(secret));
        let record = self.signed_out(caller, user, "user.sessions_ended").await?;
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                delete_sessions(tx, user, Some(own)).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Proves that whoever uses a session is who signed in: for ten minutes it may do what a thief would do first. The proof is a code where
    /// the person has a code app, else the password.
    ///
    /// # Errors
    /// `Invalid` names a wrong `password` or `code`, `RateLimited` after too many wrong ones, `Conflict` for a session that ended,
    /// `Forbidden` for keys.
    pub async fn prove_session(&self, caller: &Caller, secret: &str, proof: &str) -> Result<(), Error> {
        let (user, right) = if self.code_app(caller).await?.is_some() {
            let user = user(&mut *self.store().read().await?, caller.user_id()?).await?.ok_or(Error::NotFound)?;
            let right = self.check_code(&user, proof).await?;
            (user, Some(right))
        } else {
            (self.prove(caller, proof, "password").await?.user, None)
        };
        let (token, now) = (self.key_of_secret(secret), self.clock().now_outside());
        let record = right.and_then(|right| self.recovery_used(&user, right));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                if let Some(right) = right {
                    right.take(tx, user.id).await?;
                }
                rows::note_proof(tx, user.id, token, now).await?;
                forget_sign_in_failures(tx, &user.email).await?;
                if let Some(record) = record { audit::append(tx, &record).await } else { Ok(()) }
            })
        });
        Ok(write.await?)
    }

    async fn signed_out(&self, caller: &Caller, id: UserId, action: &str) -> Result<AuditRecord, Error> {
        let merchant = user(&mut *self.store().read().await?, id).await?.and_then(|user| user.merchant);
        let (at, actor, action) = (self.now(), Some(caller.actor), action.to_owned());
        Ok(AuditRecord { merchant, at, actor, action, subject: id.0, detail: json!({}) })
    }
}

//! A new password for who forgot theirs: a mail with a link that works once, for an hour.
//!
//! Asking writes the same row and the same job for every e-mail, so neither the answer nor its time tells who signs in here; whether
//! there is somebody to write to is found by the job. Whoever reads the mailbox could be a thief, so payouts stand still afterwards as after
//! every change of a password (CM-09).

use domain::email::EmailAddress;
use domain::ids::ResetId;
use domain::job::Job;
use domain::merchant::Actor;
use jiff::SignedDuration;
use serde_json::json;

use crate::callers::Proven;
use crate::emails::Letter;
use crate::emails::personal::Fate;
use crate::store::jobs::Lane;
use crate::store::resets::{self as rows, Reset};
use crate::store::{StoreError, callers, jobs};
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a link works.
const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How often one e-mail is written to at most.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// How long a mail waits that was not taken.
const MAIL_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(2);

impl Engine {
    /// Mails a link to whoever signs in with an e-mail, if anybody does; within minutes of the last one it does nothing.
    ///
    /// # Errors
    /// `EmailOff` without a mail server, `Invalid` for what is no address. Known and unknown are answered alike.
    pub async fn ask_password_reset(&self, email: &str) -> Result<(), Error> {
        if !self.settings().writes_email {
            return Err(Error::EmailOff);
        }
        let address = EmailAddress::parse(&email.trim().to_lowercase());
        let email = address.map_err(|wrong| Error::field("email", "invalid", wrong.to_string()))?;
        let (id, now, due_at) = (ResetId(self.mint()), self.clock().now_outside(), self.now());
        let token = self.key_of_secret(&self.master_key().reset_secret(id));
        let not_since = now.saturating_sub(AGAIN_AFTER).unwrap_or(now);
        let reset = Reset { id, email, expires_at: now.saturating_add(LASTS).unwrap_or(now) };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                if rows::ask(tx, &reset, token, now, not_since).await? {
                    jobs::enqueue(tx, &[Job::MailReset(id).at(due_at)]).await?;
                }
                Ok(())
            })
        });
        write.await?;
        self.wake_worker(Lane::Mail);
        Ok(())
    }

    /// Makes sure that a link opens something.
    ///
    /// # Errors
    /// `NotFound` for a link that is unknown, used, replaced by a later one or too old.
    pub async fn password_reset(&self, secret: &str) -> Result<(), Error> {
        self.who_asked(secret).await.map(drop)
    }

    /// Sets a new password by a link. All sessions end, and the merchant's payouts stand still for a while.
    ///
    /// # Errors
    /// `NotFound` as [`Engine::password_reset`], `Invalid` names what the password lacks, `Conflict` when it was changed at this moment.
    pub async fn set_forgotten_password(&self, secret: &str, new: &str) -> Result<(), Error> {
        let (id, proven) = self.who_asked(secret).await?;
        let actor = Actor::User(proven.user.id);
        let changed = self.new_password(proven, new, Some(actor), json!({ "reset": true })).await?;
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::end(tx, id).await?;
                changed.write(tx).await
            })
        });
        Ok(write.await?)
    }

    async fn who_asked(&self, secret: &str) -> Result<(ResetId, Proven), Error> {
        let now = self.clock().now_outside();
        let mut tx = self.store().read().await?;
        let asked = rows::by_token(&mut tx, self.key_of_secret(secret)).await?;
        let asked = asked.filter(|asked| now < asked.expires_at).ok_or(Error::NotFound)?;
        let (user, password_hash) = callers::user_by_email(&mut tx, asked.email.as_str()).await?.ok_or(Error::NotFound)?;
        Ok((asked.id, Proven { user, password_hash }))
    }

    /// Mails a link, if there is somebody to mail it to. A question that nobody here could have asked is forgotten.
    pub(crate) async fn mail_reset(&self, id: ResetId) -> Result<Done, Error> {
        let now = self.clock().now_outside();
        let mut tx = self.store().read().await?;
        let Some(asked) = rows::load(&mut tx, id).await? else { return Ok(Done::Finished) };
        let is_known = callers::user_by_email(&mut tx, asked.email.as_str()).await?.is_some();
        drop(tx);
        if !is_known || asked.expires_at <= now {
            return self.forget_reset(id).await;
        }
        let url = format!("{}/reset/{}", self.settings().public_url, self.master_key().reset_secret(id));
        match self.write_to_person(id.0, &asked.email, &Letter::password_reset(url), MAIL_AGAIN_AFTER).await? {
            Fate::Sent => Ok(Done::Finished),
            Fate::Refused(words) => {
                tracing::warn!(mail.id = %id, words, "the mail server refused a mail with a link for a new password");
                self.forget_reset(id).await
            }
            Fate::Later(at) => Ok(Done::Again { at }),
        }
    }

    async fn forget_reset(&self, id: ResetId) -> Result<Done, Error> {
        match self.store().write(move |tx| Box::pin(async move { rows::end(tx, id).await })).await {
            // Another worker forgot it, or somebody asked again.
            Ok(()) | Err(StoreError::Conflict) => Ok(Done::Finished),
            Err(error) => Err(error.into()),
        }
    }
}

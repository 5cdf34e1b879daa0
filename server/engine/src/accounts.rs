//! Accounts: what people change about how they sign in. Each change is one that a thief would make, so the merchant's money stands still
//! for a while after it (CM-09, CM4), unless the person could not move any: nobody who only looks on can stop a shop's refunds.

use domain::claim::{FieldError, FieldErrors, TokenHash};
use domain::email::EmailAddress;
use domain::ids::UserId;
use domain::merchant::{Actor, Right, User};
use serde_json::{Value, json};

use crate::audit::AuditRecord;
use crate::callers::{Caller, PASSWORD_CHARS_MIN, Proven, hash_password};
use crate::freezes::{self, Freeze, SensitiveChange};
use crate::store::callers as rows;
use crate::store::{StoreError, Tx};
use crate::{Engine, Error};

/// A new password, to be written with what comes with it: the person is signed out, and the merchant's money stands still.
pub(crate) struct NewPassword {
    user: User,
    /// The hash it takes the place of.
    before: String,
    hash: String,
    /// The session that goes on.
    keeps: Option<TokenHash>,
    freeze: Option<Freeze>,
    record: AuditRecord,
}

impl NewPassword {
    pub(crate) async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        rows::set_password(tx, self.user.id, &self.before, &self.hash).await?;
        rows::delete_sessions(tx, self.user.id, self.keeps).await?;
        rows::forget_sign_in_failures(tx, &self.user.email).await?;
        freezes::note(tx, self.freeze.as_ref(), &self.record).await
    }
}

impl Engine {
    /// Changes the caller's password. Every session but `session` ends.
    ///
    /// # Errors
    /// `Invalid` names a wrong old password and what the new one lacks, `RateLimited` after too many wrong ones, `Forbidden` for keys.
    pub async fn change_password(&self, caller: &Caller, session: &str, old: &str, new: &str) -> Result<(), Error> {
        let proven = self.prove(caller, old, "old_password").await?;
        if old == new {
            return Err(Error::field("password", "unchanged", "choose another password than the old one"));
        }
        let changed = self.new_password(proven, new, Some(caller.actor), json!({})).await?;
        let changed = NewPassword { keeps: Some(self.key_of_secret(session)), ..changed };
        Ok(self.store().write(move |tx| Box::pin(async move { changed.write(tx).await })).await?)
    }

    /// Changes the e-mail the caller signs in with.
    ///
    /// # Errors
    /// `Invalid` names a wrong password or e-mail, `Taken` when it is somebody's already, `RateLimited` after too many wrong passwords,
    /// `Forbidden` for keys.
    pub async fn change_email(&self, caller: &Caller, password: &str, new: &str) -> Result<(), Error> {
        let proven = self.prove(caller, password, "password").await?;
        let email = new.trim().to_lowercase();
        if EmailAddress::parse(&email).is_err() {
            return Err(Error::field("email", "invalid", "enter an e-mail address, like name@example.com"));
        }
        if email == proven.user.email {
            return Err(Error::field("email", "unchanged", "this is your e-mail already"));
        }
        let detail = json!({ "before": proven.user.email, "email": email });
        let (freeze, record) = self.account_changed(&proven.user, SensitiveChange::Email, Some(caller.actor), detail);
        let wanted = email.clone();
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::set_email(tx, proven.user.id, &proven.password_hash, &email).await?;
                rows::forget_sign_in_failures(tx, &proven.user.email).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        match write.await {
            Err(StoreError::Conflict) if rows::user_by_email(&mut *self.store().read().await?, &wanted).await?.is_some() => {
                Err(Error::Taken { field: "email", message: "somebody signs in with this e-mail already".to_owned() })
            }
            written => Ok(written?),
        }
    }

    /// Gives somebody who forgot theirs a new password, at the command line. All their sessions end.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator, `NotFound` for an unknown e-mail, `Invalid` for a short password.
    pub async fn reset_password(&self, caller: &Caller, email: &str, new: &str) -> Result<UserId, Error> {
        caller.require(Right::Operate)?;
        let email = email.trim().to_lowercase();
        let (user, password_hash) = rows::user_by_email(&mut *self.store().read().await?, &email).await?.ok_or(Error::NotFound)?;
        let id = user.id;
        let changed = self.new_password(Proven { user, password_hash }, new, None, json!({ "reset": true })).await?;
        self.store().write(move |tx| Box::pin(async move { changed.write(tx).await })).await?;
        Ok(id)
    }

    /// Judges a new password of somebody who proved to be who they are.
    ///
    /// # Errors
    /// `Invalid` names what it lacks.
    pub(crate) async fn new_password(&self, proven: Proven, new: &str, actor: Option<Actor>, detail: Value) -> Result<NewPassword, Error> {
        check_length(new)?;
        let hash = hash_password(new.to_owned()).await?;
        let (freeze, record) = self.account_changed(&proven.user, SensitiveChange::Password, actor, detail);
        Ok(NewPassword { user: proven.user, before: proven.password_hash, hash, keeps: None, freeze, record })
    }

    /// Makes sure that the caller knows their own password: a session that was left open changes nothing about the account.
    pub(crate) async fn prove(&self, caller: &Caller, password: &str, field: &str) -> Result<Proven, Error> {
        let user = rows::user(&mut *self.store().read().await?, caller.user_id()?).await?.ok_or(Error::NotFound)?;
        match self.check_password(&user.email, password).await {
            // Signed in they are; it is a field of theirs that is wrong.
            Err(Error::Unauthorized) => Err(Error::field(field, "wrong", "this is not your password")),
            proven => proven,
        }
    }

    /// Returns what goes with a change of how somebody signs in.
    pub(crate) fn account_changed(
        &self,
        user: &User,
        change: SensitiveChange,
        actor: Option<Actor>,
        detail: Value,
    ) -> (Option<Freeze>, AuditRecord) {
        let can_do_harm = user.role.may(Right::MoveMoney) || user.role.may(Right::ChangeSettings);
        let freeze = user.merchant.filter(|_| can_do_harm).map(|merchant| self.freeze_after(merchant, change, actor));
        let action = format!("user.{}_changed", change.name());
        (freeze, AuditRecord { merchant: user.merchant, at: self.now(), actor, action, subject: user.id.0, detail })
    }
}

pub(crate) fn check_length(password: &str) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    if password.chars().count() < PASSWORD_CHARS_MIN {
        errors.push(FieldError::new("password", "too_short", "use at least 10 characters"));
    }
    errors.into_result()
}

//! Invitations: how a colleague comes in. A link works once and for a week; whoever has it chooses the password.
//!
//! The inviter is shown the link once and may hand it over; with a mail server it is mailed too. What a crash leaves: before the row is
//! committed nothing; after it an open invitation whose mail is a job. A mail may come twice, with the same link.

use domain::email::EmailAddress;
use domain::ids::{InvitationId, MerchantId, UserId};
use domain::merchant::{Actor, Right, Role, User};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::accounts::check_length;
use crate::audit::{self, AuditRecord};
use crate::callers::{Caller, SignedIn, hash_password};
use crate::emails::Letter;
use crate::emails::personal::{Fate, Invite};
use crate::keys::{require_onlooker, require_person};
use crate::people::{circle, free_name};
use crate::store::invitations::{self as rows, Invitation, NewInvitation};
use crate::store::jobs::Lane;
use crate::store::{StoreError, callers, jobs, merchants, people};
use crate::worker::Done;
use crate::{Engine, Error};
use domain::job::Job;

/// How long a link works.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many invitations of a merchant may be open: inviting is no way to write to the world.
const OPEN_MAX: usize = 50;
/// How long a mail waits that was not taken.
const MAIL_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// An invitation that was just made.
#[derive(Debug)]
pub struct Invited {
    /// Its id.
    pub id: InvitationId,
    /// The link, told once.
    pub url: String,
    /// Whether it is mailed as well.
    pub is_mailed: bool,
}

/// An open invitation, without its link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    /// Its id.
    pub id: Uuid,
    /// Whose staff; nothing for an operator.
    pub merchant: Option<MerchantId>,
    /// Whom it is for.
    pub email: String,
    /// What they may do then.
    pub role: Role,
    /// What who invited is called.
    pub invited_by: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, by the outside world's clock.
    pub expires_at: Timestamp,
    /// Whether the link works no more.
    pub is_expired: bool,
    /// When the mail server took its mail.
    pub mailed_at: Option<Timestamp>,
    /// Why the mail server refused its mail.
    pub mail_error: Option<String>,
}

/// What whoever has the link is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Signs in with it.
    pub email: String,
    /// What they may do then.
    pub role: Role,
    /// Whose staff; nothing for an operator.
    pub merchant: Option<String>,
    /// What who invited is called.
    pub invited_by: String,
}

impl Engine {
    /// Invites somebody to the caller's merchant; to the operator's own people, when the operator does it.
    ///
    /// # Errors
    /// `Invalid` names the e-mail or role that is wrong, `Taken` for who signs in or is invited already, `Refused` for keys, `Forbidden`.
    pub async fn invite(&self, caller: &Caller, email: &str, role: Role) -> Result<Invited, Error> {
        require_person(caller)?;
        self.invite_into(caller, circle(caller)?, email, role).await
    }

    /// Invites the first owner of a merchant's account: who added the merchant hands it over. Later ones are invited by an owner.
    ///
    /// # Errors
    /// `Invalid` when somebody owns it or the e-mail is none, `NotFound` for an unknown merchant, and as [`Engine::invite`].
    pub async fn invite_owner(&self, caller: &Caller, merchant: MerchantId, email: &str) -> Result<Invited, Error> {
        require_person(caller)?;
        caller.require(Right::Operate)?;
        let mut tx = self.store().read().await?;
        merchants::merchant(&mut tx, merchant).await?.ok_or(Error::NotFound)?;
        if people::owners(&mut tx, merchant).await? > 0 {
            return Err(Error::field("email", "has_owner", "somebody owns this account: its owner invites others"));
        }
        drop(tx);
        self.invite_into(caller, Some(merchant), email, Role::Owner).await
    }

    async fn invite_into(&self, caller: &Caller, merchant: Option<MerchantId>, email: &str, role: Role) -> Result<Invited, Error> {
        let invited_by = caller.user_id()?;
        let address = EmailAddress::parse(&email.trim().to_lowercase());
        let email = address.map_err(|wrong| Error::field("email", "invalid", wrong.to_string()))?;
        if !caller.role.is_some_and(|own| own.may_grant(role, merchant)) {
            return Err(Error::field("role", "not_yours", "choose a role up to your own"));
        }
        let (id, at) = (InvitationId(self.mint()), self.clock().now_outside());
        let mut tx = self.store().read().await?;
        if callers::user_by_email(&mut tx, email.as_str()).await?.is_some() {
            return Err(taken());
        }
        let open: Vec<Invitation> = rows::list(&mut tx, merchant).await?.into_iter().filter(|open| open.merchant == merchant).collect();
        drop(tx);
        let (known, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|open| open.email == email);
        if known.iter().any(|open| at < open.expires_at) {
            return Err(Error::Taken { field: "email", message: "they are invited already: withdraw that invitation first".to_owned() });
        }
        if others.iter().filter(|open| at < open.expires_at).count() >= OPEN_MAX {
            return Err(Error::field("email", "too_many", "too many invitations are open: withdraw some first"));
        }
        let secret = self.master_key().invitation_secret(id);
        let expires_at = at.saturating_add(LASTS).unwrap_or(at);
        let detail = json!({ "email": email, "role": role });
        let record = self.deed(merchant, Actor::User(invited_by), "invitation.made", id.0, detail);
        let new = NewInvitation { id, token: self.key_of_secret(&secret), merchant, email, role, invited_by, at, expires_at };
        let (is_mailed, due_at) = (self.settings().writes_email, self.now());
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                for old in known {
                    rows::close(tx, old.id, None, at).await?;
                }
                rows::insert(tx, &new).await?;
                if is_mailed {
                    jobs::enqueue(tx, &[Job::MailInvitation(id).at(due_at)]).await?;
                }
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.wake_worker(Lane::Mail);
        Ok(Invited { id, url: self.invitation_url(&secret), is_mailed })
    }

    /// Returns the open invitations of the caller's merchant, oldest first; everybody's for the operator.
    ///
    /// # Errors
    /// `Refused` for keys, `Forbidden`.
    pub async fn invitations(&self, caller: &Caller) -> Result<Vec<InvitationView>, Error> {
        require_onlooker(caller)?;
        let (merchant, now) = (circle(caller)?, self.clock().now_outside());
        let mut tx = self.store().read().await?;
        let view = |open: Invitation| InvitationView {
            id: open.id.0,
            merchant: open.merchant,
            email: open.email.to_string(),
            role: open.role,
            invited_by: open.invited_by,
            created_at: open.created_at,
            expires_at: open.expires_at,
            is_expired: open.expires_at <= now,
            mailed_at: open.mailed_at,
            mail_error: open.mail_error,
        };
        Ok(rows::list(&mut tx, merchant).await?.into_iter().map(view).collect())
    }

    /// Withdraws an invitation: its link opens nothing any more.
    ///
    /// # Errors
    /// `NotFound` for one that is not the caller's or not open, `Refused` for keys, `Forbidden`.
    pub async fn withdraw_invitation(&self, caller: &Caller, id: InvitationId) -> Result<(), Error> {
        require_person(caller)?;
        let (merchant, at) = (circle(caller)?, self.clock().now_outside());
        let open = rows::load(&mut *self.store().read().await?, id).await?.ok_or(Error::NotFound)?;
        if merchant.is_some() && open.merchant != merchant {
            return Err(Error::NotFound);
        }
        let detail = json!({ "email": open.email, "role": open.role });
        let record = self.deed(open.merchant, caller.actor, "invitation.withdrawn", id.0, detail);
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::close(tx, id, None, at).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Returns what whoever has a link is told.
    ///
    /// # Errors
    /// `NotFound` for a link that opens nothing: unknown, used, withdrawn and too old are not told apart.
    pub async fn invitation(&self, secret: &str) -> Result<Welcome, Error> {
        let open = self.open_invitation(secret).await?;
        let merchant = self.name_of(open.merchant).await?;
        Ok(Welcome { email: open.email.to_string(), role: open.role, merchant, invited_by: open.invited_by })
    }

    /// Takes an invitation up: adds the person with the name, if any, and the password they chose and signs them in.
    ///
    /// # Errors
    /// `NotFound` as [`Engine::invitation`], also when the link is used at this moment; `Invalid` names what is wrong with name and password, `Taken`
    /// when the e-mail is somebody's by now.
    pub async fn accept_invitation(&self, secret: &str, name: &str, password: &str, browser: &str) -> Result<SignedIn, Error> {
        let Invitation { id, merchant, email, role, .. } = self.open_invitation(secret).await?;
        check_length(password)?;
        let hash = hash_password(password.to_owned()).await?;
        let user = User { id: UserId(self.mint()), email: email.to_string(), role, merchant };
        let name = free_name(&mut *self.store().read().await?, merchant, user.id, name).await?;
        let (session, row) = self.new_session(user.id, browser);
        let expires_at = row.expires_at;
        let detail = json!({ "email": email, "role": role, "invitation": id });
        let record = self.deed(merchant, Actor::User(user.id), "user.joined", user.id.0, detail);
        let (joined, at) = (user.clone(), self.now());
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                callers::insert_user(tx, &joined, &hash, at).await?;
                people::set_name(tx, joined.id, name.as_ref()).await?;
                rows::close(tx, id, Some(joined.id), row.at).await?;
                callers::insert_session(tx, &row).await?;
                audit::append(tx, &record).await
            })
        });
        match write.await {
            Ok(()) => Ok(SignedIn { user, session, expires_at }),
            Err(StoreError::Conflict) => {
                self.open_invitation(secret).await?;
                let known = callers::user_by_email(&mut *self.store().read().await?, email.as_str()).await?;
                Err(if known.is_some() { taken() } else { Error::Conflict })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Mails an invitation, unless it was taken up, withdrawn or grew too old since.
    pub(crate) async fn mail_invitation(&self, id: InvitationId) -> Result<Done, Error> {
        let now = self.clock().now_outside();
        let open = rows::load(&mut *self.store().read().await?, id).await?.filter(|open| now < open.expires_at);
        let Some(open) = open else { return Ok(Done::Finished) };
        let merchant = self.name_of(open.merchant).await?;
        let url = self.invitation_url(&self.master_key().invitation_secret(id));
        let letter = Letter::invitation(&Invite { by: &open.invited_by, merchant: merchant.as_deref(), role: open.role, url });
        let error = match self.write_to_person(id.0, &open.email, &letter, MAIL_AGAIN_AFTER).await? {
            Fate::Sent => None,
            Fate::Refused(words) => Some(words),
            Fate::Later(at) => return Ok(Done::Again { at }),
        };
        self.store().write(move |tx| Box::pin(async move { rows::note_mail(tx, id, error.as_deref(), now).await })).await?;
        Ok(Done::Finished)
    }

    async fn open_invitation(&self, secret: &str) -> Result<Invitation, Error> {
        let now = self.clock().now_outside();
        let open = rows::by_token(&mut *self.store().read().await?, self.key_of_secret(secret)).await?;
        open.filter(|open| now < open.expires_at).ok_or(Error::NotFound)
    }

    async fn name_of(&self, merchant: Option<MerchantId>) -> Result<Option<String>, Error> {
        let Some(id) = merchant else { return Ok(None) };
        Ok(merchants::merchant(&mut *self.store().read().await?, id).await?.map(|merchant| merchant.name))
    }

    fn invitation_url(&self, secret: &str) -> String {
        format!("{}/invite/{secret}", self.settings().public_url)
    }

    fn deed(&self, merchant: Option<MerchantId>, actor: Actor, action: &str, subject: Uuid, detail: serde_json::Value) -> AuditRecord {
        AuditRecord { merchant, at: self.now(), actor: Some(actor), action: action.to_owned(), subject, detail }
    }
}

fn taken() -> Error {
    Error::Taken { field: "email", message: "somebody signs in with this e-mail already".to_owned() }
}

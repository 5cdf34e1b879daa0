//! Senders: by which name payers read a merchant's mails, where their answers go, and a mail by which somebody tries it.
//!
//! A test goes the way of all mails. What a crash leaves: before its row is committed nothing; after it a queued row, whose job sends it.
//! It may come twice then, as the same message with the same Message-ID.

use domain::claim::{FieldError, FieldErrors};
use domain::email::{EmailAddress, EmailState};
use domain::ids::{EmailId, MerchantId, UserId};
use domain::merchant::Right;
use domain::view::EmailView;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::emails::Letter;
use crate::emails::personal::{From, Tried};
use crate::keys::require_onlooker;
use crate::policies::Level;
use crate::store::senders::{self as rows, Sender};
use crate::store::{StoreError, Tx, brands, callers, emails, merchants};
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a test waits that was not taken.
const TEST_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How long a test is tried: nobody looks for it any more then.
const TEST_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How many mails that did not arrive are shown.
const UNDELIVERED_MAX: u32 = 10;

/// A sender as it is asked for. What is left out is not said.
#[derive(Clone, Debug, Default)]
pub struct NewSender {
    /// The name payers read; the brand's without one.
    pub name: Option<String>,
    /// Where payers' answers go; where their MID says without one.
    pub reply_to: Option<String>,
}

/// From whom payers read a merchant's mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderSettings {
    /// The name that the merchant says, if any.
    pub name: Option<String>,
    /// The address for answers that the merchant says, if any. One that a MID says goes first.
    pub reply_to: Option<EmailAddress>,
    /// The name that goes where none is said: the brand's, else the merchant's.
    pub default_name: String,
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestMailView {
    /// Where to.
    pub to: String,
    /// How far it is.
    pub state: EmailState,
    /// What the mail server said last, where it did not take it.
    pub error: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was last tried.
    pub attempted_at: Option<Timestamp>,
}

impl Engine {
    /// Returns what mails come from; nothing where no mail server is set.
    #[must_use]
    pub fn mails_from(&self) -> Option<&EmailAddress> {
        self.0.mail.as_ref().map(|mail| mail.from())
    }

    /// Returns from whom payers read a merchant's mails.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn sender(&self, caller: &Caller, merchant: MerchantId) -> Result<SenderSettings, Error> {
        let whose = self.own_level(caller, Level::Merchant(merchant)).await?;
        let mut tx = self.store().read().await?;
        let Sender { name, reply_to } = rows::load(&mut tx, whose.merchant).await?;
        let default_name = default_name(&mut tx, whose.merchant).await?;
        Ok(SenderSettings { name: name.map(|name| name.to_string()), reply_to, default_name })
    }

    /// Says from whom payers read a merchant's mails from now on, those that wait too.
    ///
    /// # Errors
    /// `Forbidden` without the right to change settings, `NotFound` when it is not the caller's, `Invalid` naming every wrong field.
    pub async fn set_sender(&self, caller: &Caller, merchant: MerchantId, new: NewSender) -> Result<SenderSettings, Error> {
        caller.require(Right::ChangeSettings)?;
        let before = self.sender(caller, merchant).await?;
        let sender = parse(new)?;
        let name = sender.name.as_ref().map(ToString::to_string);
        if (&name, &sender.reply_to) == (&before.name, &before.reply_to) {
            return Ok(before);
        }
        let now = self.now();
        let record = AuditRecord {
            merchant: Some(merchant),
            at: now,
            actor: Some(caller.actor),
            action: "sender.changed".to_owned(),
            subject: merchant.0,
            detail: json!({
                "before": { "name": before.name, "reply_to": before.reply_to },
                "after": { "name": name, "reply_to": sender.reply_to },
            }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::save(tx, merchant, &sender, now).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.sender(caller, merchant).await
    }

    /// Returns the caller's last test; nothing for keys.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn test_mail(&self, caller: &Caller) -> Result<Option<TestMailView>, Error> {
        let Ok(user) = caller.user_id() else { return Ok(None) };
        let test = rows::test(&mut *self.store().read().await?, user).await?;
        let view = |test: rows::TestMail| TestMailView {
            to: test.recipient.to_string(),
            state: test.state,
            error: test.error,
            asked_at: test.asked_at,
            attempted_at: test.attempted_at,
        };
        Ok(test.map(view))
    }

    /// Writes to the caller as payers are written to, and says what became of the first try. What was not taken is tried for an hour.
    ///
    /// # Errors
    /// `EmailOff` without a mail server, `RateLimited` within minutes of one that was taken, `Conflict` while one waits, `Invalid` when
    /// the caller signs in with what is no address, `Refused` for keys, `Forbidden`.
    pub async fn send_test_mail(&self, caller: &Caller) -> Result<(), Error> {
        require_onlooker(caller)?;
        let user = caller.user_id()?;
        if !self.settings().writes_email {
            return Err(Error::EmailOff);
        }
        let address = EmailAddress::parse(caller.email.as_deref().unwrap_or_default());
        let recipient = address.map_err(|wrong| Error::field("action", "no_address", wrong.to_string()))?;
        let last = self.test_mail(caller).await?;
        self.not_too_soon(last.filter(|last| last.state == EmailState::Sent).and_then(|last| last.attempted_at))?;
        let now = self.now();
        let id = EmailId(self.mint());
        let test = rows::TestMail { id, recipient, state: EmailState::Queued, error: None, asked_at: now, attempted_at: None };
        // The first try is made here, so that its person reads what became of it; the job is for when it is not taken, or this process dies.
        let send_at = now.saturating_add(TEST_AGAIN_AFTER).unwrap_or(now);
        let begun = self.store().write(move |tx| Box::pin(async move { rows::begin_test(tx, user, &test, send_at).await })).await?;
        if !begun {
            return Err(Error::Conflict);
        }
        self.mail_test(user).await.map(drop)
    }

    /// Sends somebody's test, unless it ended.
    pub(crate) async fn mail_test(&self, user: UserId) -> Result<Done, Error> {
        let now = self.now();
        let mut tx = self.store().read().await?;
        let found = rows::test(&mut tx, user).await?.filter(|test| test.state == EmailState::Queued);
        let (Some(test), Some(person)) = (found, callers::user(&mut tx, user).await?) else { return Ok(Done::Finished) };
        let (name, reply_to) = match person.merchant {
            Some(merchant) => {
                let Sender { name, reply_to } = rows::load(&mut tx, merchant).await?;
                let name = match name {
                    Some(name) => name.to_string(),
                    None => default_name(&mut tx, merchant).await?,
                };
                (name, reply_to)
            }
            None => ("Refundry".to_owned(), None),
        };
        drop(tx);
        let letter = Letter::sender_test(&self.settings().public_url, &name, reply_to.as_ref());
        let from = From { name: &name, reply_to: reply_to.as_ref() };
        let is_last = test.asked_at.saturating_add(TEST_LASTS).is_ok_and(|until| until <= now);
        let (state, why) = match self.try_to_write(test.id.0, &from, &test.recipient, &letter).await? {
            Tried::Taken => (EmailState::Sent, None),
            Tried::Refused(words) => (EmailState::Refused, Some(words)),
            Tried::NotTaken(words) if is_last => (EmailState::GivenUp, Some(words)),
            Tried::NotTaken(words) => (EmailState::Queued, Some(words)),
        };
        let id = test.id;
        let noted = self.store().write(move |tx| Box::pin(async move { rows::note_test(tx, id, state, why.as_deref(), now).await }));
        match noted.await {
            Ok(()) if state == EmailState::Queued => Ok(Done::Again { at: now.saturating_add(TEST_AGAIN_AFTER).unwrap_or(now) }),
            // Another worker ended it.
            Ok(()) | Err(StoreError::Conflict) => Ok(Done::Finished),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the last mails of the caller's MIDs that did not arrive, each with its refund, the latest first.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn undelivered_mails(&self, caller: &Caller) -> Result<Vec<(Uuid, EmailView)>, Error> {
        let mids = self.mids(caller).await?.into_iter().map(|mid| mid.id.0).collect::<Vec<_>>();
        let mut tx = self.store().read().await?;
        let found = emails::undelivered(&mut tx, &mids, UNDELIVERED_MAX).await?;
        Ok(found.into_iter().map(|email| (email.refund.0, email.into())).collect())
    }
}

/// Returns the name that payers read where a merchant says none for its mails.
async fn default_name(tx: &mut Tx, merchant: MerchantId) -> Result<String, StoreError> {
    if let Some(name) = brands::load(tx, merchant.0).await?.name {
        return Ok(name);
    }
    Ok(merchants::merchant(tx, merchant).await?.map(|merchant| merchant.name).unwrap_or_default())
}

fn parse(NewSender { name, reply_to }: NewSender) -> Result<Sender, FieldErrors> {
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let mut errors = FieldErrors::default();
    let name = said(name).map(|name| name.parse()).transpose().unwrap_or_else(|wrong: domain::display_name::NotADisplayName| {
        errors.push(FieldError::new("name", "invalid", wrong.to_string()));
        None
    });
    let reply_to = said(reply_to).map(|address| EmailAddress::parse(&address)).transpose().unwrap_or_else(|wrong| {
        errors.push(FieldError::new("reply_to", "invalid", wrong.to_string()));
        None
    });
    errors.into_result().map(|()| Sender { name, reply_to })
}

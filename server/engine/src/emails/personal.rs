//! Mails to people about their own way in: an invitation, a new password. In English, as the pages they lead to.
//!
//! The row of the link is the mail's own row: it says what is to be written, and the link is derived when it is sent. A mail that a
//! server did not take yet is tried again until its link is too old to be worth it.

use domain::email::EmailAddress;
use domain::ids::EmailId;
use domain::language::Language;
use domain::merchant::Role;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::letter::{Button, Letter, one_line};
use super::message::{self, Writing};
use super::without_links;
use crate::outside::{Envelope, NotTaken};
use crate::{Engine, Error};

const IGNORE: &str = "If you did not expect this, do nothing: without the link nothing changes.";
/// What is said of a mail while no mail server is set.
const OFF: &str = "no mail server is set";
const NEVER_ASK: &str = "We never ask for your password by e-mail.";

/// What became of a mail to a person.
pub(crate) enum Fate {
    /// The mail server took it.
    Sent,
    /// It never will, in its own words without the link.
    Refused(String),
    /// To be tried again.
    Later(Timestamp),
}

/// What became of one try.
pub(crate) enum Tried {
    /// The mail server took it.
    Taken,
    /// It never will, in its own words without the link.
    Refused(String),
    /// It did not yet, in its own words without the link.
    NotTaken(String),
}

/// From whom a person reads a mail.
pub(crate) struct From<'f> {
    pub(crate) name: &'f str,
    pub(crate) reply_to: Option<&'f EmailAddress>,
}

/// Who invites whom to what.
pub(crate) struct Invite<'i> {
    pub(crate) by: &'i str,
    pub(crate) merchant: Option<&'i str>,
    pub(crate) role: Role,
    pub(crate) url: String,
}

impl Letter {
    /// Returns what leads a colleague in.
    pub(crate) fn invitation(invite: &Invite<'_>) -> Self {
        let place = invite.merchant.map_or_else(|| "this Refundry installation".to_owned(), one_line);
        let lead =
            format!("{} invites you to work with refunds of {place}, as {}.", one_line(invite.by), invite.role.title().to_lowercase());
        let subject = format!("Join {place} on Refundry");
        let close = "The link works once, for 7 days. You choose a password there and are signed in.";
        personal(subject, "You are invited", lead, "Accept the invitation", invite.url.clone(), close)
    }

    /// Returns what leads somebody in who forgot their password.
    pub(crate) fn password_reset(url: String) -> Self {
        let lead = "Somebody, most likely you, said that you forgot your password.".to_owned();
        let close = "The link works once, for one hour. A new password signs you out everywhere and locks payouts for a while.";
        personal("Choose a new Refundry password".to_owned(), "Choose a new password", lead, "Choose a password", url, close)
    }
}

fn personal(subject: String, heading: &str, lead: String, label: &str, url: String, close: &str) -> Letter {
    let mut letter = Letter::new(Language::English, subject, heading.to_owned(), lead);
    letter.button = Some(Button { label: label.to_owned(), url, stops: false });
    letter.close = vec![close.to_owned(), IGNORE.to_owned()];
    letter.foot = vec![NEVER_ASK.to_owned()];
    letter
}

impl Engine {
    /// Writes to a person now; what did not work is to be tried again after `wait`.
    pub(crate) async fn write_to_person(&self, id: Uuid, to: &EmailAddress, letter: &Letter, wait: SignedDuration) -> Result<Fate, Error> {
        Ok(match self.try_to_write(id, &From { name: "Refundry", reply_to: None }, to, letter).await? {
            Tried::Taken => Fate::Sent,
            Tried::Refused(words) => Fate::Refused(words),
            Tried::NotTaken(words) => {
                tracing::warn!(mail.id = %id, words, "a mail to a person was not taken yet");
                Fate::Later(self.now().saturating_add(wait).unwrap_or(self.now()))
            }
        })
    }

    /// Does the same once, from somebody, and says what the mail server said.
    pub(crate) async fn try_to_write(&self, id: Uuid, from: &From<'_>, to: &EmailAddress, letter: &Letter) -> Result<Tried, Error> {
        let Some(mail) = &self.0.mail else { return Ok(Tried::NotTaken(OFF.to_owned())) };
        let name = one_line(from.name);
        let writing = Writing { id: EmailId(id), name: &name, from: &mail.from, to, reply_to: from.reply_to };
        let message = message::message(&writing, letter)?;
        let envelope = Envelope { from: mail.from.clone(), to: to.clone() };
        Ok(match self.hand_over(mail, &envelope, &message).await {
            Ok(()) => Tried::Taken,
            Err(NotTaken::ForGood(words)) => Tried::Refused(without_links(&words, letter)),
            Err(NotTaken::ForNow(words)) => Tried::NotTaken(without_links(&words, letter)),
        })
    }
}

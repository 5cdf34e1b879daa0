//! The message around a letter: headers, a text and an HTML part with the same words. No pictures, nothing that tells who read it.

use askama::Template;
use domain::email::EmailAddress;
use domain::ids::EmailId;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::letter::Letter;
use crate::Error;

/// Who writes to whom.
pub(crate) struct Writing<'w> {
    pub(crate) id: EmailId,
    /// The name people know the writer by.
    pub(crate) name: &'w str,
    pub(crate) from: &'w EmailAddress,
    pub(crate) to: &'w EmailAddress,
    pub(crate) reply_to: Option<&'w EmailAddress>,
}

#[derive(Template)]
#[template(path = "email.html")]
struct Html<'l> {
    letter: &'l Letter,
}

#[derive(Template)]
#[template(path = "email.txt")]
struct Text<'l> {
    letter: &'l Letter,
}

impl Letter {
    /// Returns the HTML part.
    pub(crate) fn html(&self) -> Result<String, Error> {
        Html { letter: self }.render().map_err(|error| not_written(&error))
    }

    /// Returns the text part.
    pub(crate) fn text(&self) -> Result<String, Error> {
        Text { letter: self }.render().map_err(|error| not_written(&error))
    }
}

/// Returns what a mail is known by, the same for every try: a mail server, or its reader's program, sees that it is the same mail.
pub(crate) fn message_id(id: EmailId, from: &EmailAddress) -> String {
    format!("<{id}@{}>", from.host())
}

/// Returns the message as it goes over the wire.
///
/// # Errors
/// `EmailNotWritten` when the parts do not make a message, which the types of its parts do not allow.
pub(crate) fn message(writing: &Writing<'_>, letter: &Letter) -> Result<Vec<u8>, Error> {
    let mailbox = |name: Option<&str>, address: &EmailAddress| -> Result<Mailbox, Error> {
        Ok(Mailbox::new(name.map(str::to_owned), address.as_str().parse().map_err(|error| not_written(&error))?))
    };
    let mut builder = Message::builder()
        .message_id(Some(message_id(writing.id, writing.from)))
        .from(mailbox(Some(writing.name), writing.from)?)
        .to(mailbox(None, writing.to)?)
        .subject(letter.subject.as_str())
        .date_now()
        // RFC 3834: no holiday answers come back.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    if let Some(reply_to) = writing.reply_to {
        builder = builder.reply_to(mailbox(Some(writing.name), reply_to)?);
    }
    let parts = MultiPart::alternative_plain_html(letter.text()?, letter.html()?);
    Ok(builder.multipart(parts).map_err(|error| not_written(&error))?.formatted())
}

fn not_written(error: &impl ToString) -> Error {
    Error::EmailNotWritten { detail: error.to_string() }
}

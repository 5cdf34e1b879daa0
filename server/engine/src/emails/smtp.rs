//! The mail server of the settings, reached by SMTP (RFC 5321).

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use domain::email::EmailAddress;
use lettre::address::{Address, Envelope as SmtpEnvelope};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::outside::{Envelope, MailServer, NotTaken};

/// How long the server may take for one command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// The most of a server's words that is kept.
const WORDS_CHARS_MAX: usize = 300;

/// How mails are sent. Prints nothing of the password.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtps://user:password@host`, `smtp://user:password@host?tls=required` (STARTTLS) or `smtp://host`.
    pub smtp_url: String,
    /// Whom mails come from.
    pub from: EmailAddress,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailSettings({})", self.from)
    }
}

/// A mail server that speaks SMTP. Connections are kept for the next mail.
pub struct SmtpServer(AsyncSmtpTransport<Tokio1Executor>);

impl SmtpServer {
    /// Takes the server's URL. Nothing is connected yet. Needs a Tokio runtime, where the connections will live.
    ///
    /// # Errors
    /// As [`SmtpServer::check`].
    pub fn new(url: &str) -> Result<Self, String> {
        Ok(Self(builder(url)?.timeout(Some(COMMAND_TIMEOUT)).build()))
    }

    /// Says whether a URL is one of a mail server.
    ///
    /// # Errors
    /// What is wrong with it and how to write it, without the URL: it may hold a password.
    pub fn check(url: &str) -> Result<(), String> {
        builder(url).map(drop)
    }
}

fn builder(url: &str) -> Result<AsyncSmtpTransportBuilder, String> {
    let remedy = "write smtps://user:password@host, smtp://user:password@host?tls=required for STARTTLS, or smtp://127.0.0.1:25";
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| format!("this is no URL of a mail server: {remedy}"))?;
    let parsed: reqwest::Url = url.parse().map_err(|_| format!("this is no URL of a mail server: {remedy}"))?;
    let is_protected = parsed.scheme() == "smtps" || parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    if parsed.password().is_some() && !is_protected && !is_loopback(&parsed) {
        return Err(format!("the password would cross the network unprotected: {remedy}"));
    }
    Ok(builder)
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[async_trait]
impl MailServer for SmtpServer {
    async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotTaken> {
        let address = |address: &EmailAddress| -> Result<Address, NotTaken> {
            address.as_str().parse().map_err(|_| NotTaken::ForGood("this address cannot be written to".to_owned()))
        };
        let envelope = SmtpEnvelope::new(Some(address(&envelope.from)?), vec![address(&envelope.to)?])
            .map_err(|_| NotTaken::ForGood("this address cannot be written to".to_owned()))?;
        self.0.send_raw(&envelope, message).await.map(drop).map_err(|error| not_taken(&error))
    }

    async fn greet(&self) -> Result<(), NotTaken> {
        match self.0.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotTaken::ForNow("the mail server does not answer as one".to_owned())),
            Err(error) => Err(not_taken(&error)),
        }
    }
}

/// Only what a server says of the mailbox or the message is for good (RFC 5321, 4.2.3: 55x). A password that it does not like, or a command
/// that it does not know, is between it and the operator: the mail waits.
fn not_taken(error: &SmtpError) -> NotTaken {
    let words = words(error);
    match error.status().map(u16::from) {
        Some(550..=559) => NotTaken::ForGood(words),
        Some(_) | None => NotTaken::ForNow(words),
    }
}

fn words(error: &SmtpError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let words = match error.status() {
        Some(code) => format!("{code} {cause}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => format!("the mail server's certificate or encryption is not right: {cause}"),
        None => format!("the mail server could not be reached: {cause}"),
    };
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_what_is_wrong_with_them_without_the_password() {
        for url in [
            "smtps://u:secret@mail.example",
            "smtp://u:secret@mail.example?tls=required",
            "smtp://u:secret@127.0.0.1:25",
            "smtp://relay:25",
        ] {
            assert!(SmtpServer::check(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "mail.example",
            "http://u:secret@mail.example",
            "smtp://u:secret@mail.example",
            "smtp://u:secret@localhost.example",
            "smtp://u:tls=required@mail.example",
            "smtp://",
        ] {
            let wrong = SmtpServer::check(url).err().unwrap_or_else(|| panic!("{url} is taken"));
            assert!(wrong.contains("smtps://") && !wrong.contains("secret"), "{wrong}");
        }
        let settings = MailSettings { smtp_url: "smtps://u:secret@h".to_owned(), from: "a@shop.example".parse().expect("an address") };
        assert_eq!(format!("{settings:?}"), "MailSettings(a@shop.example)");
    }
}

//! How a merchant's mails go out: from whom payers read them, where people are written to, and a test. The engine checks that they are the
//! caller's.

use domain::claim::{FieldError, FieldErrors};
use domain::email::EmailAddress;
use domain::ids::MidId;
use domain::language::Language;
use domain::merchant::{Scope, Writing};
use engine::senders::NewSender;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_email as said;

use super::refusal::{Problem, answer};
use crate::language::say;
use crate::reply::Failure;
use crate::session::caller;

const PAGE: &str = "/settings/email";

/// Says from whom payers read the merchant's mails.
#[server(prefix = "/fn", endpoint = "change_sender")]
pub async fn change_sender(
    /// The name they read; empty for the brand's.
    #[server(default)]
    name: String,
    /// Where their answers go; empty for where their MID says.
    #[server(default)]
    reply_to: String,
) -> Result<(), ServerFnError> {
    let changed = sender(&name, &reply_to).await;
    answer(PAGE.to_owned(), vec![("name", name), ("reply_to", reply_to)], changed);
    Ok(())
}

/// Says where a MID's people and payers are written to, and in which language.
#[server(prefix = "/fn", endpoint = "change_writing")]
pub async fn change_writing(
    /// Which MID.
    mid: String,
    /// Where its people are alerted.
    #[server(default)]
    alert_email: String,
    /// Where payers' answers go.
    #[server(default)]
    support_email: String,
    /// What payers are spoken to in whose own language is not known.
    #[server(default)]
    language: String,
) -> Result<(), ServerFnError> {
    let changed = writing(&mid, &alert_email, &support_email, &language).await;
    let page = format!("{PAGE}?mid={mid}");
    answer(page, vec![("alert_email", alert_email), ("support_email", support_email), ("language", language)], changed);
    Ok(())
}

/// Writes to the caller as payers are written to. Its page says what became of it.
#[server(prefix = "/fn", endpoint = "send_test_mail")]
pub async fn send_test_mail() -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), test().await);
    Ok(())
}

async fn sender(name: &str, reply_to: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let Scope::Merchant(merchant) = caller.scope else { return Err(Error::Forbidden.into()) };
    let new = NewSender { name: Some(name.to_owned()), reply_to: Some(reply_to.to_owned()) };
    expect_context::<Engine>().set_sender(&caller, merchant, new).await?;
    Ok(())
}

async fn writing(mid: &str, alert: &str, support: &str, language: &str) -> Result<(), Problem> {
    let mid: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller().await?;
    let mut errors = FieldErrors::default();
    let mut email = |field: &str, text: &str| -> Option<EmailAddress> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let read = EmailAddress::parse(text);
        if read.is_err() {
            errors.push(FieldError::new(field, "invalid", "Enter an email address, like name@example.com"));
        }
        read.ok()
    };
    let (alert_email, support_email) = (email("alert_email", alert), email("support_email", support));
    errors.into_result()?;
    let writing = Writing { alert_email, support_email, language: Language::from_name(language) };
    expect_context::<Engine>().set_writing(&caller, mid, writing).await.map(drop).map_err(|error: Error| error.into())
}

async fn test() -> Result<(), Problem> {
    let caller = caller().await?;
    expect_context::<Engine>().send_test_mail(&caller).await.map_err(|error| match error {
        Error::EmailOff => FieldErrors::one("action", "off", say(said::NoServer)).into(),
        Error::Conflict => FieldErrors::one("action", "waits", say(said::TestWaits)).into(),
        error => error.into(),
    })
}

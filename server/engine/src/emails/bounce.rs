//! Mails that come back: delivery reports (RFC 3464), as a mail server pipes them in.

use domain::email::EmailState;
use domain::ids::EmailId;
use mailparse::{MailHeaderMap, ParsedMail, parse_headers, parse_mail};

use super::letter::one_line;
use crate::store::emails as rows;
use crate::store::jobs::Lane;
use crate::{Engine, Error};

/// The most of a report's words that is kept.
const WORDS_CHARS_MAX: usize = 300;

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A mail of ours came back.
    CameBack(EmailId),
    /// A mail of ours came back, as was known.
    Known(EmailId),
    /// Nothing that needs doing: it arrived, or it is tried again.
    Nothing,
}

/// What a delivery report is about.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    email: EmailId,
    why: String,
}

impl Engine {
    /// Takes a delivery report: a mail that failed counts as bounced, and where it told a payer of a refund that waits for them, the
    /// merchant is told. A forged one needs the Message-ID, and can do no more than that.
    ///
    /// # Errors
    /// `Invalid` for what is no delivery report of a mail of ours, `NotFound` for one that was sent by another installation.
    pub async fn email_came_back(&self, report: &[u8]) -> Result<Report, Error> {
        let Some(failure) = read(report)? else { return Ok(Report::Nothing) };
        let mut tx = self.store().read().await?;
        let email = rows::load(&mut tx, failure.email).await?.ok_or(Error::NotFound)?;
        drop(tx);
        match email.state {
            EmailState::Sent | EmailState::Queued => {}
            EmailState::Obsolete | EmailState::Refused | EmailState::GivenUp | EmailState::Bounced => return Ok(Report::Known(email.id)),
        }
        self.not_delivered(&email, EmailState::Bounced, failure.why).await?;
        self.wake_worker(Lane::Mail);
        Ok(Report::CameBack(email.id))
    }
}

/// Reads a report; nothing when it tells of no failure.
fn read(report: &[u8]) -> Result<Option<Failure>, Error> {
    let wrong =
        |what: &str| Error::field("report", "invalid", format!("{what}: pipe in a delivery report as the mail server wrote it (RFC 3464)"));
    let mail = parse_mail(report).map_err(|_| wrong("this is no e-mail"))?;
    let part = |kind: &str| mail.parts().find(|part| part.ctype.mimetype == kind);
    let status = part("message/delivery-status").ok_or_else(|| wrong("this is no delivery report"))?;
    let status = status.get_body().map_err(|_| wrong("its status cannot be read"))?;
    let field = |name: &str| {
        let value = status.lines().filter_map(|line| line.split_once(':')).find(|(field, _)| field.trim().eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.trim().to_owned())
    };
    if !field("Action").is_some_and(|action| action.eq_ignore_ascii_case("failed")) {
        return Ok(None);
    }
    let original =
        part("message/rfc822").or_else(|| part("text/rfc822-headers")).ok_or_else(|| wrong("it does not say which mail came back"))?;
    let email = message_id(original).ok_or_else(|| wrong("the mail that came back is not one of Refundry's"))?;
    let words = field("Diagnostic-Code").or_else(|| field("Status")).unwrap_or_else(|| "no reason given".to_owned());
    Ok(Some(Failure { email, why: one_line(&words).chars().take(WORDS_CHARS_MAX).collect() }))
}

/// Returns the mail of ours that a part holds, or the headers of: `<id@host>`.
fn message_id(original: &ParsedMail<'_>) -> Option<EmailId> {
    let body = original.get_body_raw().ok()?;
    let (headers, _) = parse_headers(&body).ok()?;
    let id = headers.get_first_value("Message-ID")?;
    id.trim().trim_start_matches('<').split('@').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01928a3c-0000-7000-8000-000000000001";

    /// As Postfix writes them, shortened.
    fn report(action: &str, original: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example\r\nTo: refunds@shop.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n\
             --B\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you\r\n\
             --B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n\
             Final-Recipient: rfc822; mira@example.com\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n\
             --B\r\n{original}\r\n--B--\r\n"
        )
    }

    fn original(kind: &str) -> String {
        format!("Content-Type: {kind}\r\n\r\nFrom: refunds@shop.example\r\nMessage-ID: <{ID}@shop.example>\r\nSubject: x\r\n\r\nHello")
    }

    #[test]
    fn a_report_names_the_mail_that_came_back() {
        for kind in ["message/rfc822", "text/rfc822-headers"] {
            let failure = read(report("failed", &original(kind)).as_bytes()).expect("a report").expect("a failure");
            assert_eq!(failure, Failure { email: ID.parse().expect("an id"), why: "smtp; 550 5.1.1 no such mailbox".to_owned() }, "{kind}");
        }
        for action in ["delayed", "delivered", "relayed"] {
            assert_eq!(read(report(action, &original("message/rfc822")).as_bytes()).expect("a report"), None, "{action}");
        }
    }

    #[test]
    fn what_is_no_report_of_ours_is_refused() {
        let foreign = original("message/rfc822").replace(ID, "CAF=abc");
        let without = report("failed", "Content-Type: text/plain\r\n\r\nnothing");
        for text in ["", "hello", "Subject: hi\r\n\r\nno report", &report("failed", &foreign), &without] {
            assert!(matches!(read(text.as_bytes()), Err(Error::Invalid(_))), "{text}");
        }
    }
}

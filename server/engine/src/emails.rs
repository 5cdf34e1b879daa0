//! E-mail: what people are told, beside the webhooks that their programs get.
//!
//! Which mail an event causes is decided by the domain ([`domain::email::caused_by`]); the row is written in the money's own transaction
//! ([`commit`](crate::commit)), and a job sends it from a lane of its own, so that a dead mail server slows no payout. What a crash leaves:
//!
//! - *before the row is committed*: nothing of the event and no mail.
//! - *before the mail server took it*: a queued row, which the job sends.
//! - *after that, before the row says so*: a queued row, which is sent again. It is the same message with the same Message-ID, so mail
//!   programs show it once.
//!
//! Links are derived when a mail is sent: rows hold none. By then what the mail was to say may not be so any more; then it ends as
//! `obsolete` with the reason, and what happened instead has a mail of its own.

mod alerts;
mod bounce;
mod letter;
mod mailbox;
mod message;
pub(crate) mod personal;
mod smtp;

use std::sync::Arc;

use domain::claim::{CancelToken, ClaimToken};
use domain::email::{Audience, EmailAddress, EmailEnd, EmailKind, EmailState, cancel_link_given_at};
use domain::ids::{ClaimId, EmailId, InvoiceId, MidId, RefundId};
use domain::job::Job;
use domain::language::Language;
use domain::lifecycle::{Event, Refused};
use domain::merchant::Actor;
use domain::refund::{Directed, Mark, Refund, RefundState, StateName};
use domain::view::{EmailView, TimelineEntry};
use jiff::{SignedDuration, Timestamp};

pub(crate) use self::letter::Letter;
use self::letter::{Facts, one_line};
use self::message::Writing;
use crate::error::retrying;
use crate::outages::Window;
use crate::outside::{Envelope, MailServer, NotTaken};
use crate::store::codec::needed;
use crate::store::emails::{self as rows, Email};
use crate::store::jobs::Lane;
use crate::store::{StoreError, Tx, brands, invoices, jobs, merchants, policies, refunds, senders};
use crate::tally::{Counted, Fate};
use crate::worker::Done;
use crate::{Engine, Error};

pub use self::bounce::Report;
pub use self::mailbox::SandboxMail;
pub use self::smtp::{MailSettings, SmtpServer};

/// Waits between tries, in seconds: three days in all.
const RETRY_AFTER_SECS: [i64; 10] = [60, 300, 900, 3600, 7200, 14_400, 28_800, 43_200, 72_000, 86_400];
/// How long a mail waits while no mail server is set.
const OFF_WAITS: SignedDuration = SignedDuration::from_hours(1);
/// How often the same link is sent again at most: what asks for mails must not become a way to flood a mailbox.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The mail server and the sender's address.
pub(crate) struct Mail {
    server: Arc<dyn MailServer>,
    from: EmailAddress,
}

impl Mail {
    /// Takes the settings; `server` is another one than theirs.
    pub(crate) fn new(settings: &MailSettings, server: Option<Arc<dyn MailServer>>) -> Result<Self, String> {
        let server = match server {
            Some(server) => server,
            None => Arc::new(SmtpServer::new(&settings.smtp_url)?),
        };
        Ok(Self { server, from: settings.from.clone() })
    }

    /// Returns what mails come from.
    pub(crate) const fn from(&self) -> &EmailAddress {
        &self.from
    }
}

/// What a letter is about, and in which language it is written.
#[derive(Clone, Copy)]
struct About {
    refund: RefundId,
    kind: EmailKind,
    claim: Option<ClaimId>,
    language: Language,
}

impl Engine {
    /// Sends a mail whose time has come.
    pub(crate) async fn send_email(&self, id: EmailId) -> Result<Done, Error> {
        let now = self.now();
        let after = |wait: SignedDuration| now.saturating_add(wait).unwrap_or(now);
        let Some(mail) = &self.0.mail else { return Ok(Done::Again { at: after(OFF_WAITS) }) };
        let mut tx = self.store().read().await?;
        let Some(email) = rows::load(&mut tx, id).await?.filter(|email| email.state == EmailState::Queued) else {
            return Ok(Done::Finished);
        };
        drop(tx);
        let (facts, sender) =
            self.facts(About { refund: email.refund, kind: email.kind, claim: email.claim, language: email.language }).await?;
        if email.kind.audience() == Audience::Payer && has_another_link(&email, &facts.refund.state) {
            return self.end_email(&email, EmailState::Obsolete, Some("it has another link by now".to_owned())).await;
        }
        let letter = match letter::write(&facts) {
            Ok(letter) => letter,
            Err(why) => return self.end_email(&email, EmailState::Obsolete, Some(why.to_owned())).await,
        };
        let (name, reply_to) = match email.kind.audience() {
            Audience::Payer => sender,
            Audience::Merchant => ("Refundry".to_owned(), None),
        };
        let writing = Writing { id, name: &name, from: &mail.from, to: &email.recipient, reply_to: reply_to.as_ref() };
        let message = message::message(&writing, &letter)?;
        let envelope = Envelope { from: mail.from.clone(), to: email.recipient.clone() };
        match self.hand_over(mail, &envelope, &message).await {
            Ok(()) if email.kind.has_cancel_link() => self.given(&email).await,
            Ok(()) => self.end_email(&email, EmailState::Sent, None).await,
            Err(NotTaken::ForGood(words)) => self.not_delivered(&email, EmailState::Refused, without_links(&words, &letter)).await,
            Err(NotTaken::ForNow(words)) => {
                let words = without_links(&words, &letter);
                let tries = usize::try_from(email.attempts).unwrap_or(usize::MAX);
                let Some(wait) = RETRY_AFTER_SECS.get(tries) else { return self.not_delivered(&email, EmailState::GivenUp, words).await };
                let noted = self
                    .store()
                    .write_for(Some(email.mid), move |tx| Box::pin(async move { rows::note_attempt(tx, id, &words, now).await }));
                noted.await?;
                Ok(Done::Again { at: after(SignedDuration::from_secs(*wait)) })
            }
        }
    }

    /// Notes that a payer has the cancel link. When it came late, the release is looked at again in the same transaction: the refund leaves
    /// later, and its pages and the merchant are to know.
    async fn given(&self, email: &Email) -> Result<Done, Error> {
        let (id, now) = (email.id, self.now());
        let is_late = cancel_link_given_at(&[(EmailState::Sent, Some(now))], email.created_at, now) > email.created_at;
        let release = is_late.then(|| Job::Release(email.refund).at(now));
        let write = self.store().write_for(Some(email.mid), move |tx| {
            Box::pin(async move {
                rows::end(tx, id, EmailState::Sent, None, now).await?;
                jobs::enqueue(tx, release.as_slice()).await
            })
        });
        let written = write.await;
        self.wake_worker(Lane::Money);
        ended(written)
    }

    async fn end_email(&self, email: &Email, state: EmailState, why: Option<String>) -> Result<Done, Error> {
        let (id, now) = (email.id, self.now());
        let write =
            self.store().write_for(Some(email.mid), move |tx| Box::pin(async move { rows::end(tx, id, state, why.as_deref(), now).await }));
        ended(write.await)
    }

    /// Returns since when a refund's payer has the link to cancel it by.
    pub(crate) async fn cancel_link_given_at(&self, tx: &mut Tx, refund: &Refund, directed: &Directed) -> Result<Timestamp, StoreError> {
        if self.0.mail.is_none() {
            return Ok(directed.confirmed_at);
        }
        let mails = rows::of_refund(tx, refund.id).await?;
        let with_link = mails.iter().filter(|email| email.kind.has_cancel_link() && email.claim == Some(directed.claim));
        let fates: Vec<_> = with_link.map(|email| (email.state, email.attempted_at)).collect();
        Ok(cancel_link_given_at(&fates, directed.confirmed_at, self.now()))
    }

    /// Ends a mail that did not reach its reader. Where a payer may not know of a refund that waits for them, the merchant is told in the
    /// same transaction (odd case 33).
    async fn not_delivered(&self, email: &Email, state: EmailState, why: String) -> Result<Done, Error> {
        if email.kind.audience() == Audience::Payer {
            let end = EmailEnd { id: email.id, state, why: why.clone() };
            let event = |_: &Refund| Ok(Event::Undelivered(end.clone()));
            match retrying!(self.step_refund(email.refund, Actor::System, &event)) {
                Ok(()) => return Ok(Done::Finished),
                // Nothing waits for the payer any more.
                Err(Error::Refused(Refused::WrongState { .. })) => {}
                // All tries met another end of this mail.
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        self.end_email(email, state, Some(why)).await
    }

    async fn facts(&self, about: About) -> Result<(Facts, (String, Option<EmailAddress>)), Error> {
        let views = self.views();
        let mut tx = self.store().read().await?;
        let refund = needed("refunds", "email", refunds::load(&mut tx, about.refund).await?)?;
        let invoice = needed("invoices", "refund", invoices::load(&mut tx, refund.invoice).await?)?;
        let policy = policies::settings(&mut tx, refund.policy).await?;
        let merchant = merchants::merchant_of(&mut tx, refund.mid).await?;
        let mid = needed("mids", "row", merchants::mid(&mut tx, refund.mid).await?)?;
        let brand = brands::of_mid(&mut tx, refund.mid).await?;
        let sender = senders::load(&mut tx, merchant.id).await?;
        let name = sender.name.map(|name| name.to_string()).or_else(|| brand.name.clone());
        let name = one_line(name.as_deref().unwrap_or(&merchant.name));
        let asset = views.asset(refund.amount.asset)?.clone();
        let received = match refund.case {
            Some(case) => needed("exception_cases", "refund", invoices::load_case(&mut tx, case).await?)?.received,
            None => asset.units(invoices::cap(&mut tx, invoice.id, asset.id).await?.paid),
        };
        let offers = [EmailKind::Claim, EmailKind::Expiring].contains(&about.kind);
        let is_requoted = offers && was_requoted(&refunds::history(&mut tx, refund.id).await?);
        let undelivered =
            if about.kind == EmailKind::Undelivered { last_undelivered(rows::of_refund(&mut tx, refund.id).await?) } else { None };
        let code = match about.claim.filter(|_| about.kind == EmailKind::Code) {
            Some(claim) => self.code_of(&mut tx, claim).await?,
            None => None,
        };
        drop(tx);
        // Whoever gets the link now has the whole time from now on.
        let cancelable_until = match refund.state.to_be_sent().filter(|_| about.kind.has_cancel_link()) {
            Some((directed, release_at)) => match self.cancel_window(&refund, directed).await? {
                Window::Until(until) => Some(until.max(release_at)),
                Window::Open => Some(release_at),
            },
            None => None,
        };
        // A mail without the fee is better than none.
        let fee_now = if offers { self.rail(asset.network)?.quote(&asset).await.ok() } else { None };
        let (claim_url, cancel_url) = match about.claim {
            Some(claim) => (
                views.claim_url(&ClaimToken::derive(self.master_key(), claim)),
                format!("{}/cancel/{}", views.public_url, CancelToken::derive(self.master_key(), claim).expose()),
            ),
            None => (String::new(), String::new()),
        };
        let facts = Facts {
            kind: about.kind,
            language: about.language,
            staff_url: format!("{}/refunds/{}", views.public_url, refund.id),
            refund: Refund { reference: one_line(&refund.reference), ..refund },
            invoice: domain::invoice::Invoice { reference: one_line(&invoice.reference), ..invoice },
            asset,
            policy,
            merchant: one_line(&merchant.name),
            privacy_url: self.privacy_url(&brand.view()),
            mid: one_line(&mid.name),
            is_requoted,
            received,
            fee_now,
            claim_url,
            cancel_url,
            cancelable_until,
            undelivered,
            code,
            now: self.now(),
        };
        Ok((facts, (name, mid.writing.support_email.or(sender.reply_to))))
    }

    /// Sends the cancel link of a scheduled refund once more to whom the first one went, and returns that address, masked; nothing when
    /// nobody can be written to. Whoever holds the claim link may ask for it: the mail goes to the payer whoever asks (design 5.3).
    ///
    /// # Errors
    /// `NotFound` for unknown tokens, `Refused` unless it can be canceled, `RateLimited` within minutes of the last one.
    pub async fn email_cancel_link_again(&self, token: &ClaimToken) -> Result<Option<String>, Error> {
        let (claim, refund) = self.scheduled_behind(token).await?;
        if !self.settings().writes_email {
            return Ok(None);
        }
        let now = self.now();
        let mut tx = self.store().read().await?;
        let Some(reader) = rows::reader(&mut tx, Audience::Payer, &refund, Some(claim)).await? else { return Ok(None) };
        let masked = reader.address.masked();
        let earlier = rows::of_refund(&mut tx, refund.id).await?;
        drop(tx);
        let with_link = |email: &&Email| email.kind.has_cancel_link() && email.claim == Some(claim);
        self.not_too_soon(earlier.iter().filter(with_link).map(|email| email.created_at).max())?;
        let asked = earlier.iter().filter(|email| email.kind == EmailKind::CancelLink).count();
        let email = rows::NewEmail {
            id: EmailId(self.mint()),
            mid: refund.mid,
            refund: refund.id,
            kind: EmailKind::CancelLink,
            number: i64::try_from(asked).unwrap_or(i64::MAX).saturating_add(1),
            claim: Some(claim),
            recipient: reader.address,
            language: reader.language,
            at: now,
        };
        match self.store().write_for(Some(refund.mid), move |tx| Box::pin(async move { rows::insert(tx, &email).await })).await {
            // The other click of a double click wrote it.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        self.wake_worker(Lane::Mail);
        Ok(Some(masked))
    }

    /// Keeps the language that a payer reads their claim page in: what is written to them later speaks it too. To be called when they send
    /// something, never by a look.
    ///
    /// # Errors
    /// `NotFound` for unknown tokens.
    pub async fn remember_language(&self, token: &ClaimToken, language: Language) -> Result<(), Error> {
        let refund = self.refund_behind(token).await?;
        self.keep_language(refund.mid, refund.invoice, language).await
    }

    /// Keeps the language of an invoice's payer, as the merchant says it or as they read the payment page.
    pub(crate) async fn keep_language(&self, mid: MidId, invoice: InvoiceId, language: Language) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        if rows::spoken(&mut tx, invoice).await?.best() == language {
            return Ok(());
        }
        drop(tx);
        Ok(self.store().write_for(Some(mid), move |tx| Box::pin(rows::keep_language(tx, invoice, language))).await?)
    }

    /// Refuses a mail within minutes of the last of its kind.
    pub(crate) fn not_too_soon(&self, last: Option<jiff::Timestamp>) -> Result<(), Error> {
        let since = last.map(|last| self.now().duration_since(last)).filter(|since| *since < AGAIN_AFTER);
        match since {
            Some(since) => {
                let left = AGAIN_AFTER.saturating_sub(since).as_secs();
                Err(Error::RateLimited { wait_secs: u64::try_from(left).unwrap_or_default().max(1) })
            }
            None => Ok(()),
        }
    }

    /// Returns the mails about a refund and what became of them, oldest first.
    pub(crate) async fn email_views(&self, refund: RefundId) -> Result<Vec<EmailView>, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::of_refund(&mut tx, refund).await?.into_iter().map(EmailView::from).collect())
    }

    /// Sends a mail that says that mail works, now and once.
    ///
    /// # Errors
    /// `EmailOff` without a mail server, `EmailNotTaken` with the server's words.
    pub async fn send_test_email(&self, to: &EmailAddress) -> Result<(), Error> {
        let mail = self.0.mail.as_ref().ok_or(Error::EmailOff)?;
        let letter = Letter::test(&self.settings().public_url);
        let writing = Writing { id: EmailId(self.mint()), name: "Refundry", from: &mail.from, to, reply_to: None };
        let envelope = Envelope { from: mail.from.clone(), to: to.clone() };
        let message = message::message(&writing, &letter)?;
        self.hand_over(mail, &envelope, &message).await.map_err(|error| Error::EmailNotTaken { words: error.to_string() })
    }

    async fn hand_over(&self, mail: &Mail, envelope: &Envelope, message: &[u8]) -> Result<(), NotTaken> {
        let taken = mail.server.send(envelope, message).await;
        self.0.tally.count(Counted::Mail(if taken.is_ok() { Fate::Taken } else { Fate::NotTaken }));
        taken
    }
}

fn ended(written: Result<(), StoreError>) -> Result<Done, Error> {
    match written {
        // Another worker ended it, or it came back already.
        Ok(()) | Err(StoreError::Conflict) => Ok(Done::Finished),
        Err(error) => Err(error.into()),
    }
}

impl From<Email> for EmailView {
    fn from(email: Email) -> Self {
        Self {
            id: email.id.0,
            kind: email.kind,
            to: email.recipient.to_string(),
            state: email.state,
            error: email.error,
            attempts: email.attempts,
            created_at: email.created_at,
            attempted_at: email.attempted_at,
        }
    }
}

/// Says whether a refund has another link by now than the one a mail carries.
fn has_another_link(email: &Email, state: &RefundState) -> bool {
    let live = state.offered().map(|(claim, _)| claim).or_else(|| state.directed().map(|directed| directed.claim));
    live.is_some() && email.claim.is_some() && live != email.claim
}

/// Says whether a refund is offered now because the network's fee rose above the one its payer had agreed to.
fn was_requoted(history: &[TimelineEntry]) -> bool {
    let offered = history.iter().rev().take_while(|entry| entry.state == StateName::AwaitingClaim).last();
    offered.is_some_and(|offered| offered.note.as_deref() == Some(Mark::Requoted.name()))
}

fn last_undelivered(emails: Vec<Email>) -> Option<(EmailAddress, String)> {
    let is_undelivered = |email: &Email| match email.state {
        EmailState::Refused | EmailState::GivenUp | EmailState::Bounced => email.kind.audience() == Audience::Payer,
        EmailState::Queued | EmailState::Sent | EmailState::Obsolete => false,
    };
    let last = emails.into_iter().filter(is_undelivered).max_by_key(|email| email.attempted_at);
    last.map(|email| (email.recipient, email.error.unwrap_or_default()))
}

/// Takes the links and the code of a letter out of a mail server's words: filters like to repeat what they object to.
fn without_links(words: &str, letter: &Letter) -> String {
    if let Some(code) = &letter.code {
        return words.replace(code, "…");
    }
    let Some(button) = &letter.button else { return words.to_owned() };
    let token = button.url.rsplit('/').next().unwrap_or_default();
    if token.is_empty() { words.to_owned() } else { words.replace(token, "…") }
}

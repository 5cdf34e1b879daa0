//! The mail server: takes mails, or says in one of its ways that it does not, and keeps a log of what it took.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::clock::{Clock as _, TestClock};
use engine::outside::{Envelope, MailServer, NotTaken};
use jiff::Timestamp;
use uuid::Uuid;

use crate::merchant::Mood;
use crate::power::{Passage, Point, Power};

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which one: what its Message-ID says.
    pub email: Uuid,
    /// For whom.
    pub recipient: String,
    /// When.
    pub at: Timestamp,
    /// The code in it, to confirm a claim with.
    pub code: Option<String>,
}

#[derive(Debug, Default)]
struct Office {
    mood: Mood,
    taken: Vec<Taken>,
}

/// The mail server.
#[derive(Clone, Debug, Default)]
pub struct PostOffice(Arc<Mutex<Office>>);

impl PostOffice {
    /// Changes how it answers.
    pub fn be(&self, mood: Mood) {
        self.office().mood = mood;
    }

    /// Returns what it took after the first `known`.
    #[must_use]
    pub fn taken_after(&self, known: usize) -> Vec<Taken> {
        self.office().taken.iter().skip(known).cloned().collect()
    }

    /// Returns the code in the last mail that had one.
    #[must_use]
    pub fn last_code(&self) -> Option<String> {
        self.office().taken.iter().rev().find_map(|mail| mail.code.clone())
    }

    fn office(&self) -> MutexGuard<'_, Office> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, envelope: &Envelope, message: &[u8], at: Timestamp) -> Result<(), NotTaken> {
        let mut office = self.office();
        let mood = office.mood;
        match mood {
            Mood::Well | Mood::Slow => {
                // One that nobody can recognise is a mail of its own, which no row knows.
                let email = email_of(message).unwrap_or_default();
                office.taken.push(Taken { email, recipient: envelope.to.as_str().to_owned(), at, code: code_in(message) });
                if mood == Mood::Well { Ok(()) } else { Err(NotTaken::ForNow("no answer in time".to_owned())) }
            }
            Mood::Down => Err(NotTaken::ForNow("no connection".to_owned())),
            Mood::Broken => Err(NotTaken::ForGood("550 no such user".to_owned())),
            Mood::Overloaded => Err(NotTaken::ForNow("451 try again later".to_owned())),
        }
    }
}

/// Reads the id in a message's Message-ID.
fn email_of(message: &[u8]) -> Option<Uuid> {
    let text = std::str::from_utf8(message).ok()?;
    let (_, rest) = text.split_once("Message-ID: <")?;
    rest.split_once('@')?.0.parse().ok()
}

/// Reads a line of six digits, as a payer does.
fn code_in(message: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(message).ok()?;
    text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
}

/// One process's way to the mail server.
pub struct Postman {
    /// The server.
    pub office: PostOffice,
    /// What time it is.
    pub clock: Arc<TestClock>,
    /// The process.
    pub power: Arc<Power>,
}

#[async_trait]
impl MailServer for Postman {
    async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotTaken> {
        if self.power.pass(Point::BeforeCall).await == Passage::Lost {
            return Err(NotTaken::ForNow("no connection".to_owned()));
        }
        let answer = self.office.receive(envelope, message, self.clock.now());
        match self.power.pass(Point::AfterCall).await {
            Passage::Through => answer,
            Passage::Lost => Err(NotTaken::ForNow("no answer in time".to_owned())),
        }
    }

    async fn greet(&self) -> Result<(), NotTaken> {
        Ok(())
    }
}

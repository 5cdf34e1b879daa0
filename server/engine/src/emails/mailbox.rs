//! The sandbox's mailbox: what a payer is written as things stand, for developers who set no mail server. The letters are written when
//! somebody looks, by those who write them when they are sent: no row is made for it, so none holds a link.

use domain::email::{Audience, EmailKind};
use domain::ids::{InvoiceId, RefundId};
use domain::merchant::Right;
use domain::refund::Refund;

use super::{About, letter};
use crate::callers::Caller;
use crate::store::codec::needed;
use crate::store::emails as rows;
use crate::{Engine, Error};

/// One letter. Its text has links by which whoever reads it acts for the payer.
#[derive(Debug)]
pub struct SandboxMail {
    /// Which refund it is about, as payers know it.
    pub reference: String,
    /// To whom it goes; nobody where no address is known.
    pub to: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Where its button leads.
    pub link: Option<String>,
}

/// What tells of a state. Reminders and the cancel link's repetition say nothing else than these.
const TOLD: [EmailKind; 7] = [
    EmailKind::Claim,
    EmailKind::Scheduled,
    EmailKind::Delayed,
    EmailKind::Sent,
    EmailKind::Arrived,
    EmailKind::Canceled,
    EmailKind::Expired,
];

impl Engine {
    /// Returns what the payer of an invoice is written in the state that its refunds are in, oldest first; nothing of refunds whose merchant
    /// writes to the payer.
    ///
    /// # Errors
    /// `SandboxOff`, `NotFound` for an invoice of another merchant, `Forbidden` for who may not move money.
    pub async fn sandbox_mails(&self, caller: &Caller, invoice: InvoiceId) -> Result<Vec<SandboxMail>, Error> {
        self.require_sandbox()?;
        let invoice = self.invoice(caller, invoice).await?;
        caller.require(Right::MoveMoney)?;
        let mut mails = Vec::new();
        for summary in invoice.refunds {
            let refund = needed("refunds", "invoice", self.store().refund(RefundId(summary.id)).await?)?;
            let policy = self.settings_of(refund.policy).await?;
            if !refund.writes_to_payer(&policy) {
                continue;
            }
            for kind in TOLD {
                mails.extend(self.sandbox_mail(&refund, kind).await?);
            }
        }
        Ok(mails)
    }

    /// Returns what a refund's payer is told by a mail of this kind, when there is anything to say.
    async fn sandbox_mail(&self, refund: &Refund, kind: EmailKind) -> Result<Option<SandboxMail>, Error> {
        let offered = refund.state.offered().map(|(claim, _)| claim);
        let claim = offered.or_else(|| refund.state.directed().map(|directed| directed.claim));
        let mut tx = self.store().read().await?;
        let reader = rows::reader(&mut tx, Audience::Payer, refund, claim).await?;
        let language = rows::spoken(&mut tx, refund.invoice).await?.best();
        drop(tx);
        let (facts, _) = self.facts(About { refund: refund.id, kind, claim, language }).await?;
        // What it would tell is not so.
        let Ok(letter) = letter::write(&facts) else { return Ok(None) };
        let (reference, to) = (refund.reference.clone(), reader.map(|reader| reader.address.to_string()));
        let text = letter.text()?;
        Ok(Some(SandboxMail { reference, to, text, link: letter.button.map(|button| button.url), subject: letter.subject }))
    }
}

//! Codes by mail: above the policy's `low_risk_band` whoever holds a claim's link also shows that they read the payer's mails (odd case 34).
//!
//! A code goes only to the address that was known before anybody claimed, never to one that came with the claim. Where no mail reaches the
//! payer the claim is taken, and a person looks at the refund before it is sent.

use domain::claim::ClaimForm;
use domain::claim_code::{ClaimCode, LASTS, Needs, NewClaimCode, NoMoreCodes, Proof, SentCode, TRIES_MAX, next_number};
use domain::destination::Destination;
use domain::email::{Audience, EmailAddress, EmailState, masked};
use domain::ids::{ClaimCodeId, ClaimId};
use domain::lifecycle::Event;
use domain::merchant::Actor;
use domain::refund::Refund;
use subtle::ConstantTimeEq as _;

use super::Found;
use crate::error::retrying;
use crate::store::emails::{self, Email};
use crate::store::{StoreError, Tx, claim_codes as rows};
use crate::{Engine, Error};

impl Engine {
    /// Returns what a claim that is offered needs beside its link.
    pub(super) async fn needs(&self, found: &Found) -> Result<Needs, Error> {
        let Found { claim, refund, invoice, asset } = found;
        let policy = self.settings_of(refund.policy).await?;
        if !policy.needs_proof(invoice.worth(refund.amount, asset)) {
            return Ok(Needs::LinkAlone);
        }
        let is_known = invoice.payer_email.as_deref().is_some_and(|email| EmailAddress::parse(email).is_ok());
        if !is_known || !self.settings().writes_email {
            return Ok(Needs::Review);
        }
        let mut tx = self.store().read().await?;
        let mails = emails::of_refund(&mut tx, refund.id).await?;
        let sent = rows::of_claim(&mut tx, *claim).await?;
        drop(tx);
        if !reaches_payer(&mails) {
            return Ok(Needs::Review);
        }
        Ok(match next_number(&sent, self.now()) {
            Err(NoMoreCodes::Until(at)) => Needs::Code { again_at: Some(at) },
            // Somebody wasted them all: a person looks, rather than nobody being able to claim it.
            Err(NoMoreCodes::ForThisClaim) if !sent.last().is_some_and(|last| last.works(self.now())) => Needs::Review,
            Err(NoMoreCodes::ForThisClaim) | Ok(_) => Needs::Code { again_at: None },
        })
    }

    /// Takes what a form gives beside the link, for a claim to an address.
    ///
    /// # Errors
    /// `Invalid` names the `code`: that it was mailed just now, that it is wrong or does not work any more, or that no other is sent.
    pub(super) async fn proof(&self, found: &Found, form: &ClaimForm, to: &Destination) -> Result<Proof, Error> {
        let wants_another = form.new_code == "on";
        match self.needs(found).await? {
            Needs::LinkAlone => Ok(Proof::NotNeeded),
            Needs::Review => Ok(Proof::Missing),
            Needs::Code { .. } if wants_another || form.code.trim().is_empty() => {
                retrying!(self.send_code(found, to, wants_another))?;
                let email = found.invoice.payer_email.as_deref().map(masked).unwrap_or_default();
                Err(Error::field("code", "sent", format!("We sent a code to {email}. Enter it to confirm.")))
            }
            Needs::Code { .. } => self.check_claim_code(found, to, &form.code).await,
        }
    }

    /// Mails a code, unless one that works was mailed for the same address and no other is wanted.
    async fn send_code(&self, found: &Found, to: &Destination, wants_another: bool) -> Result<(), Error> {
        let (claim, now) = (found.claim, self.now());
        let sent = rows::of_claim(&mut *self.store().read().await?, claim).await?;
        let last = self.working(&sent, claim, to);
        if last.is_some_and(|last| !wants_another || last.is_fresh(now)) {
            return Ok(());
        }
        let number = next_number(&sent, now).map_err(no_more)?;
        let id = ClaimCodeId(self.mint());
        let hash = ClaimCode::derive(self.master_key(), id).hash(self.master_key(), claim, to);
        let expires_at = now.saturating_add(LASTS).unwrap_or(now);
        let code = NewClaimCode { id, claim, number, hash, shown_to: to.masked(), expires_at };
        let event = |refund: &Refund| match refund.state.offered() {
            Some((offered, _)) if offered != claim => Err(Error::NotFound),
            Some(_) | None => Ok(Event::CodeSent(code.clone())),
        };
        self.step_refund(found.refund.id, Actor::Payer, &event).await
    }

    /// Compares what was typed with the last code, for the address that it was mailed for.
    async fn check_claim_code(&self, found: &Found, to: &Destination, typed: &str) -> Result<Proof, Error> {
        let sent = rows::of_claim(&mut *self.store().read().await?, found.claim).await?;
        let Some(last) = self.working(&sent, found.claim, to) else { return Err(ended()) };
        match self.try_code(found, to, last, typed).await? {
            Tried::Right => Ok(Proof::Code(last.id)),
            Tried::Wrong if last.tries.saturating_add(1) < TRIES_MAX => {
                Err(Error::field("code", "wrong", "This is not the code we sent. Check it, or ask for a new one."))
            }
            Tried::Wrong | Tried::NoneLeft => Err(ended()),
        }
    }

    /// Says whether a form only repeats the one that confirmed its claim, which succeeds again: it names the same address, and the code
    /// where one was taken, as long as that works. The link and the address alone do not open the payer's view to anybody then.
    pub(super) async fn is_repeat(&self, found: &Found, to: &Destination, form: &ClaimForm) -> Result<bool, Error> {
        if !self.goes_to(found.refund.id, to).await? {
            return Ok(false);
        }
        let sent = rows::of_claim(&mut *self.store().read().await?, found.claim).await?;
        let Some(given) = sent.iter().find(|code| code.is_given) else { return Ok(true) };
        let can_be_tried = given.works(self.now()) && !form.code.trim().is_empty();
        Ok(can_be_tried && matches!(self.try_code(found, to, given, &form.code).await?, Tried::Right))
    }

    /// Tries what was typed. Each try is counted before it is looked at.
    async fn try_code(&self, found: &Found, to: &Destination, code: &SentCode, typed: &str) -> Result<Tried, Error> {
        let id = code.id;
        let counted = self.store().write_for(Some(found.refund.mid), move |tx| Box::pin(async move { rows::count_try(tx, id).await }));
        if !counted.await? {
            return Ok(Tried::NoneLeft);
        }
        let typed = ClaimCode::from_untrusted(typed).hash(self.master_key(), found.claim, to);
        Ok(if bool::from(typed.0.ct_eq(&code.hash.0)) { Tried::Right } else { Tried::Wrong })
    }

    /// Returns the last code of a claim when it can still be given, for this address.
    fn working<'s>(&self, sent: &'s [SentCode], claim: ClaimId, to: &Destination) -> Option<&'s SentCode> {
        let key = self.master_key();
        let is_for_it = |code: &&SentCode| ClaimCode::derive(key, code.id).hash(key, claim, to) == code.hash;
        sent.last().filter(|code| code.works(self.now())).filter(is_for_it)
    }

    /// Returns the code that a claim can be confirmed with now, and the masked address that it is for.
    pub(crate) async fn code_of(&self, tx: &mut Tx, claim: ClaimId) -> Result<Option<(ClaimCode, String)>, StoreError> {
        let last = rows::of_claim(tx, claim).await?.pop().filter(|code| code.works(self.now()));
        Ok(last.map(|code| (ClaimCode::derive(self.master_key(), code.id), code.shown_to)))
    }
}

/// What became of a code that was typed.
enum Tried {
    Right,
    Wrong,
    NoneLeft,
}

/// Says whether the last mail to a payer that came to an end got there, as far as is known.
fn reaches_payer(mails: &[Email]) -> bool {
    let outcome = |mail: &Email| match mail.state {
        EmailState::Sent => Some(true),
        EmailState::Refused | EmailState::GivenUp | EmailState::Bounced => Some(false),
        EmailState::Queued | EmailState::Obsolete => None,
    };
    mails.iter().rev().filter(|mail| mail.kind.audience() == Audience::Payer).find_map(outcome).unwrap_or(true)
}

fn ended() -> Error {
    Error::field("code", "ended", "This code does not work any more. Ask for a new one.")
}

fn no_more(why: NoMoreCodes) -> Error {
    match why {
        NoMoreCodes::Until(at) => Error::field("code", "too_many", format!("No further code can be sent before {at}. Ask again then.")),
        NoMoreCodes::ForThisClaim => {
            Error::field("code", "none_left", "Too many codes were sent for this refund. Ask the shop to offer it by a new link.")
        }
    }
}

//! E-mail: which mail an event causes, to whom, and what an address is. How mails read and how they are sent is the engine's.

use core::fmt;
use core::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::{ClaimId, EmailId};
use crate::names::choices;
use crate::notice::Notice;
use crate::outcome::{ClaimChange, Outcome};
use crate::policy::Policy;
use crate::refund::{BlockedBy, Refund};

/// The most characters of an address (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
const CHARS_MAX: usize = 254;
/// The most characters before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL_CHARS_MAX: usize = 64;
/// The most characters of a part of the host (RFC 1035, 2.3.4).
const LABEL_CHARS_MAX: usize = 63;
/// How long a mail may take that costs its reader nothing. What the mail server takes at the first try, it takes in seconds.
const PROMPT: SignedDuration = SignedDuration::from_mins(1);

/// One mailbox, as it can stand in a header and in an envelope: ASCII, without quotes, comments, a display name or a second recipient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes what somebody typed.
    ///
    /// # Errors
    /// [`NotAnAddress`] for everything that is not exactly one plain address.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim_matches(' ');
        let (local, host) = text.split_once('@').ok_or(NotAnAddress)?;
        let is_right = text.len() <= CHARS_MAX && is_local_part(local) && is_host(host);
        if is_right { Ok(Self(text.to_owned())) } else { Err(NotAnAddress) }
    }

    /// Returns the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what is after the `@`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, host)| host)
    }

    /// Returns the address as strangers may see it: `m•••@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

/// Returns what was written as an address as strangers may see it, whether it is one by today's rules or not.
#[must_use]
pub fn masked(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{host}")
}

/// A "dot-atom" (RFC 5322, 3.2.3): what needs no quotes.
fn is_local_part(text: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c));
    text.len() <= LOCAL_CHARS_MAX && text.split('.').all(is_atom)
}

/// A name with at least one dot (RFC 1035, 2.3.1); never an address literal.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let has_room = (1..=LABEL_CHARS_MAX).contains(&label.len());
        has_room && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !label.starts_with('-') && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

impl FromStr for EmailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Not exactly one plain e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("enter an e-mail address, like name@example.com")]
pub struct NotAnAddress;

choices! {
    /// Which mail.
    EmailKind {
        /// There is a refund: the claim link (CP-06, CP-07).
        Claim = "claim",
        /// An address was confirmed: when the refund leaves, and the cancel link (CP-10).
        Scheduled = "scheduled",
        /// The cancel link once more, asked for on the claim page.
        CancelLink = "cancel_link",
        /// A code to confirm a claim with (odd case 34).
        Code = "code",
        /// It is on its way.
        Sent = "sent",
        /// It is final on the chain.
        Arrived = "arrived",
        /// The claim link ends soon.
        Expiring = "expiring",
        /// It was stopped.
        Canceled = "canceled",
        /// Nobody claimed it in time.
        Expired = "expired",
        /// It is due and not paid yet: the payout failed, or something stands in its way (odd case 9).
        Delayed = "delayed",
        /// To the merchant: a mail to the payer was not taken (odd case 33).
        Undelivered = "undelivered",
        /// To the merchant: a payout failed.
        PayoutFailed = "payout_failed",
        /// To the merchant: the payer says that somebody else asked for the refund.
        NotRequested = "not_requested",
        /// To the merchant: a second person must approve a refund.
        ApprovalNeeded = "approval_needed",
    }

    /// To whom a mail goes.
    Audience {
        /// Whoever paid.
        Payer = "payer",
        /// The MID's address for alerts.
        Merchant = "merchant",
    }

    /// What became of a mail.
    EmailState {
        /// Waits to be sent, or to be sent again.
        Queued = "queued",
        /// The mail server took it.
        Sent = "sent",
        /// There was nothing left to say before it could be sent: a claim link that was used meanwhile is not sent.
        Obsolete = "obsolete",
        /// The mail server refused it for good.
        Refused = "refused",
        /// The mail server could not be brought to take it in three days.
        GivenUp = "given_up",
        /// The mail server took it and gave it back later.
        Bounced = "bounced",
    }
}

impl EmailKind {
    /// Says whether it carries the link by which a payer cancels.
    #[must_use]
    pub const fn has_cancel_link(self) -> bool {
        matches!(self, Self::Scheduled | Self::CancelLink)
    }

    /// Returns to whom it goes.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Claim
            | Self::Scheduled
            | Self::CancelLink
            | Self::Code
            | Self::Sent
            | Self::Arrived
            | Self::Expiring
            | Self::Canceled
            | Self::Expired
            | Self::Delayed => Audience::Payer,
            Self::Undelivered | Self::PayoutFailed | Self::NotRequested | Self::ApprovalNeeded => Audience::Merchant,
        }
    }
}

/// How a mail ended that its reader did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailEnd {
    /// Which mail.
    pub id: EmailId,
    /// What became of it.
    pub state: EmailState,
    /// Why, in the words of the mail server.
    pub why: String,
}

/// Returns since when a payer can cancel whose claim was confirmed at `confirmed_at`: since a mail with the cancel link was taken by the
/// mail server, or the merchant was told that none ever will be; `now`, the earliest that is still possible, while one waits for that.
/// `mails` are the mails that carry the link, with when each was tried last. Whom nobody writes to has the link from the page.
#[must_use]
pub fn cancel_link_given_at(mails: &[(EmailState, Option<Timestamp>)], confirmed_at: Timestamp, now: Timestamp) -> Timestamp {
    let first = |is_one: fn(EmailState) -> bool| mails.iter().filter(|(state, _)| is_one(*state)).filter_map(|(_, at)| *at).min();
    let is_queued = mails.iter().any(|(state, _)| *state == EmailState::Queued);
    let given_at = first(|state| state == EmailState::Sent)
        .or_else(|| is_queued.then_some(now))
        .or_else(|| first(|state| matches!(state, EmailState::Refused | EmailState::GivenUp | EmailState::Bounced)))
        .unwrap_or(confirmed_at);
    if given_at.duration_since(confirmed_at) > PROMPT { given_at } else { confirmed_at }
}

/// Returns the mails that an outcome causes, beside what it tells the merchant's programs. The payer is written to where the policy,
/// or whoever made the refund, leaves that to Refundry; or because somebody `asked` for it, as for a code: nobody else can give that.
#[must_use]
pub fn caused_by(outcome: &Outcome, policy: &Policy, asked: bool) -> Vec<EmailKind> {
    let Some(refund) = &outcome.refund else { return Vec::new() };
    let writes_to_payer = asked || refund.writes_to_payer(policy);
    let is_wanted = |kind: &EmailKind| kind.audience() == Audience::Merchant || writes_to_payer;
    let code = matches!(outcome.claim, Some(ClaimChange::SendCode(_))).then_some(EmailKind::Code);
    let told = outcome.notices.iter().flat_map(|notice| told_by(*notice, refund, outcome.claim.as_ref())).copied().filter(is_wanted);
    told.chain(code).collect()
}

const fn told_by(notice: Notice, refund: &Refund, claim: Option<&ClaimChange>) -> &'static [EmailKind] {
    match notice {
        Notice::RefundClaimAvailable(_) => &[EmailKind::Claim],
        Notice::RefundClaimed(_) => &[EmailKind::Scheduled],
        // Whoever has the link tried another address (odd case 34): the payer gets the cancel link before it is too late.
        Notice::RefundClaimedAgain(_) => &[EmailKind::Scheduled],
        Notice::RefundSending(_) => &[EmailKind::Sent],
        Notice::RefundPaid(_) => &[EmailKind::Arrived],
        Notice::RefundPayoutFailed(_) => &[EmailKind::Delayed, EmailKind::PayoutFailed],
        Notice::RefundBlocked(_) if is_long(refund.state.blocked_by()) => &[EmailKind::Delayed],
        Notice::RefundExpiring(_) => &[EmailKind::Expiring],
        Notice::RefundExpired(_) => &[EmailKind::Expired],
        // Whose link was never given out was never told of it.
        Notice::RefundCanceled(_) if claim.is_none() => &[],
        Notice::RefundCanceled(_) if refund.state.is_not_requested() => &[EmailKind::Canceled, EmailKind::NotRequested],
        Notice::RefundCanceled(_) => &[EmailKind::Canceled],
        Notice::RefundApprovalNeeded(_) => &[EmailKind::ApprovalNeeded],
        Notice::RefundUndelivered(_) => &[EmailKind::Undelivered],
        Notice::RefundBlocked(_)
        | Notice::RefundCreated(_)
        | Notice::RefundReorged(_)
        | Notice::RefundReissued(_)
        | Notice::RefundDeclined(_)
        | Notice::RefundHeld(_)
        | Notice::RefundDelayed(_)
        | Notice::RefundFeeRaised(_)
        | Notice::InvoiceProcessing(_)
        | Notice::InvoiceComplete(_)
        | Notice::InvoiceUnderpaid(_)
        | Notice::InvoiceExpired(_)
        | Notice::InvoiceCanceled(_)
        | Notice::InvoiceHeld(_)
        | Notice::InvoiceOrphaned(_)
        | Notice::InvoiceRestored(_) => &[],
    }
}

/// Says whether what stands in the way is worth a mail: minutes of maintenance are not.
const fn is_long(blocked_by: Option<BlockedBy>) -> bool {
    match blocked_by {
        Some(
            BlockedBy::Frozen
            | BlockedBy::Suspended
            | BlockedBy::InsufficientFunds
            | BlockedBy::InsufficientBalance
            | BlockedBy::FeeAboveCap,
        ) => true,
        Some(BlockedBy::Maintenance | BlockedBy::RateUnavailable | BlockedBy::DepositReorged) | None => false,
    }
}

/// Returns the claim that an outcome's mails are about: the one that lives after it, else the one that it ends.
#[must_use]
pub fn claim_of(outcome: &Outcome) -> Option<ClaimId> {
    let state = outcome.refund.as_ref().map(|refund| &refund.state);
    let live = state.and_then(|state| state.offered().map(|(claim, _)| claim).or_else(|| state.directed().map(|directed| directed.claim)));
    let ended = match &outcome.claim {
        Some(ClaimChange::Close { claim, .. }) => Some(*claim),
        Some(
            ClaimChange::Issue(_)
            | ClaimChange::Direct { .. }
            | ClaimChange::Replace { .. }
            | ClaimChange::SendCode(_)
            | ClaimChange::Confirm { .. }
            | ClaimChange::Tell { .. },
        )
        | None => None,
    };
    live.or(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken() {
        for text in ["mira@example.com", "  mira@example.com ", "m.i+ra_1'x@mail.shop-1.example", "a@b.co", "x@xn--bcher-kva.example"] {
            assert_eq!(EmailAddress::parse(text).map(String::from), Ok(text.trim().to_owned()));
        }
        let longest = format!("{}@{}.{}.{}.com", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(57));
        assert_eq!(longest.len(), 254);
        assert!(EmailAddress::parse(&longest).is_ok());
    }

    /// Reliability, bad inputs: whatever could become a second recipient, a header or an envelope's parameter is no address.
    #[test]
    fn what_could_be_more_than_one_mailbox_is_refused() {
        let wrong = [
            "",
            "@",
            "mira",
            "mira@",
            "@example.com",
            "mira@example",
            "mira@@example.com",
            "mira@example.com,thief@example.com",
            "mira@example.com;thief@example.com",
            "mira@example.com thief@example.com",
            "Mira <mira@example.com>",
            "<mira@example.com>",
            "mira@example.com\r\nBcc: thief@example.com",
            "mira@example.com\nBcc: thief@example.com",
            "mira\r@example.com",
            "mira%0a@exa mple.com",
            "mira@example.com\0",
            "\"mi ra\"@example.com",
            "\"mira\"@example.com",
            "mira(comment)@example.com",
            "mira@(comment)example.com",
            "mira@[127.0.0.1]",
            "mira@example..com",
            ".mira@example.com",
            "mira.@example.com",
            "mi..ra@example.com",
            "mira@-example.com",
            "mira@example-.com",
            "mira@example.com.",
            "mirä@example.com",
            "mira@exämple.com",
            "mira@example.com\u{202e}",
            "\tmira@example.com",
            "mira:x@example.com",
            "mira@exam\u{0430}ple.com",
            "mira@example.com> SIZE=1",
        ];
        for text in wrong {
            assert_eq!(EmailAddress::parse(text), Err(NotAnAddress), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))).is_err());
        let too_long = format!("{}@{}.{}.{}.com", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(58));
        assert!(EmailAddress::parse(&too_long).is_err());
    }

    #[test]
    fn strangers_see_a_mask() {
        let masked = |text: &str| EmailAddress::parse(text).map(|address| address.masked());
        assert_eq!(masked("mira@example.com").as_deref(), Ok("m•••@example.com"));
    }

    /// Odd case 23: a link that nobody has yet is no time to cancel.
    #[test]
    fn a_cancel_link_counts_from_when_it_was_given() {
        use EmailState::{Bounced, GivenUp, Obsolete, Queued, Refused, Sent};
        let at = |minute: i64| Timestamp::from_second(minute.saturating_mul(60)).expect("an instant");
        let given = |mails: &[(EmailState, Option<i64>)]| {
            let mails: Vec<_> = mails.iter().map(|(state, minute)| (*state, minute.map(at))).collect();
            cancel_link_given_at(&mails, at(10), at(100)).as_second() / 60
        };
        assert_eq!(given(&[]), 10, "nobody is written to");
        assert_eq!(given(&[(Sent, Some(10))]), 10);
        assert_eq!(given(&[(Sent, Some(11))]), 10, "in time");
        assert_eq!(given(&[(Sent, Some(12))]), 12, "late");
        assert_eq!(given(&[(Sent, Some(70)), (Sent, Some(30)), (Queued, None)]), 30, "the first that was taken");
        assert_eq!(given(&[(Queued, Some(40))]), 100, "tried in vain");
        assert_eq!(given(&[(Refused, Some(20)), (Queued, None)]), 100, "another try is under way");
        assert_eq!(given(&[(Refused, Some(20)), (GivenUp, Some(60))]), 20, "since the merchant knows");
        assert_eq!(given(&[(Bounced, Some(50))]), 50);
        assert_eq!(given(&[(Obsolete, Some(50))]), 10);
    }
}

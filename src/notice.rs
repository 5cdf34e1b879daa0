//! Notices: what merchants are told, in order per subject. How they are delivered is the engine's.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::ids::{InvoiceId, RefundId};

/// What happened. The names are the webhook events of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A payment was seen.
    InvoiceProcessing(InvoiceId),
    /// The invoice counts as paid.
    InvoiceComplete(InvoiceId),
    /// Too little came; all of it goes back.
    InvoiceUnderpaid(InvoiceId),
    /// Nothing came in time.
    InvoiceExpired(InvoiceId),
    /// A payment came and was not accepted.
    InvoiceCanceled(InvoiceId),
    /// A payment waits for a person's decision.
    InvoiceHeld(InvoiceId),
    /// A payment that was final vanished from the chain.
    InvoiceOrphaned(InvoiceId),
    /// It is there again.
    InvoiceRestored(InvoiceId),
    /// Money is owed to a payer.
    RefundCreated(RefundId),
    /// The claim link is live; this notice carries it.
    RefundClaimAvailable(RefundId),
    /// The payer, or the merchant, gave an address.
    RefundClaimed(RefundId),
    /// Somebody else with the claim link gave another address: it was not taken.
    RefundClaimedAgain(RefundId),
    /// It is on its way: from here it cannot be stopped.
    RefundSending(RefundId),
    /// The network is slow: its transaction was replaced by one with a higher fee. The payer gets the same.
    RefundFeeRaised(RefundId),
    /// It arrived.
    RefundPaid(RefundId),
    /// It is proven that nothing left.
    RefundPayoutFailed(RefundId),
    /// It is due and waits for something.
    RefundBlocked(RefundId),
    /// Nobody claimed it in time.
    RefundExpired(RefundId),
    /// The payer or the merchant stopped it.
    RefundCanceled(RefundId),
    /// The block that paid it is gone; the same transaction is sent again.
    RefundReorged(RefundId),
    /// It is offered again, by a new link.
    RefundReissued(RefundId),
    /// The second person said no.
    RefundDeclined(RefundId),
    /// The claim link ends soon.
    RefundExpiring(RefundId),
    /// A person looks at it before it is sent.
    RefundHeld(RefundId),
    /// An outage, or a mail server that was away, took a part of the payer's time to cancel: it waits so much longer.
    RefundDelayed(RefundId),
    /// A second person must approve it.
    RefundApprovalNeeded(RefundId),
    /// A mail to its payer was refused or came back: the payer may not know of it (odd case 33).
    RefundUndelivered(RefundId),
}

/// What a notice is about: its sequence counts per subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeSubject {
    /// An invoice.
    Invoice(InvoiceId),
    /// A refund.
    Refund(RefundId),
}

/// Names the notices: the list and the name of each are one.
macro_rules! names {
    ($($notice:ident = $name:literal,)*) => {
        impl Notice {
            /// The events' types on the wire, all of them.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Returns the event's type on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$notice(_) => $name,)*
                }
            }
        }
    };
}

names! {
    InvoiceProcessing = "invoice.processing",
    InvoiceComplete = "invoice.complete",
    InvoiceUnderpaid = "invoice.underpaid",
    InvoiceExpired = "invoice.expired",
    InvoiceCanceled = "invoice.canceled",
    InvoiceHeld = "invoice.held",
    InvoiceOrphaned = "invoice.orphaned",
    InvoiceRestored = "invoice.restored",
    RefundCreated = "refund.created",
    RefundClaimAvailable = "refund.claim_available",
    RefundClaimed = "refund.claimed",
    RefundClaimedAgain = "refund.claimed_again",
    RefundSending = "refund.sending",
    RefundFeeRaised = "refund.fee_raised",
    RefundPaid = "refund.paid",
    RefundPayoutFailed = "refund.payout_failed",
    RefundBlocked = "refund.blocked",
    RefundExpired = "refund.expired",
    RefundCanceled = "refund.canceled",
    RefundReorged = "refund.reorged",
    RefundReissued = "refund.reissued",
    RefundDeclined = "refund.declined",
    RefundExpiring = "refund.expiring",
    RefundHeld = "refund.held",
    RefundDelayed = "refund.delayed",
    RefundApprovalNeeded = "refund.approval_needed",
    RefundUndelivered = "refund.undelivered",
}

impl Notice {
    /// Returns what it is about.
    #[must_use]
    pub const fn subject(self) -> NoticeSubject {
        match self {
            Self::InvoiceProcessing(id)
            | Self::InvoiceComplete(id)
            | Self::InvoiceUnderpaid(id)
            | Self::InvoiceExpired(id)
            | Self::InvoiceHeld(id)
            | Self::InvoiceOrphaned(id)
            | Self::InvoiceRestored(id)
            | Self::InvoiceCanceled(id) => NoticeSubject::Invoice(id),
            Self::RefundCreated(id)
            | Self::RefundClaimAvailable(id)
            | Self::RefundClaimed(id)
            | Self::RefundClaimedAgain(id)
            | Self::RefundSending(id)
            | Self::RefundFeeRaised(id)
            | Self::RefundPaid(id)
            | Self::RefundPayoutFailed(id)
            | Self::RefundBlocked(id)
            | Self::RefundExpired(id)
            | Self::RefundApprovalNeeded(id)
            | Self::RefundUndelivered(id)
            | Self::RefundHeld(id)
            | Self::RefundDelayed(id)
            | Self::RefundExpiring(id)
            | Self::RefundDeclined(id)
            | Self::RefundReissued(id)
            | Self::RefundReorged(id)
            | Self::RefundCanceled(id) => NoticeSubject::Refund(id),
        }
    }
}

/// Of which events an endpoint is told, by their types on the wire: of all, those of later versions too, or of some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events(Option<BTreeSet<&'static str>>);

impl Events {
    /// All there are and will be.
    pub const ALL: Self = Self(None);

    /// Takes a choice of events by their names. All of them are all.
    ///
    /// # Errors
    /// [`NoEvents`] names what is no event, or says that nothing was chosen.
    pub fn parse<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, NoEvents> {
        let known = |name: &'n str| Notice::NAMES.iter().copied().find(|known| *known == name);
        let chosen = names.into_iter().map(|name| known(name).ok_or_else(|| NoEvents::Unknown(name.to_owned())));
        let chosen = chosen.collect::<Result<BTreeSet<_>, _>>()?;
        match chosen.len() {
            0 => Err(NoEvents::Empty),
            count if count == Notice::NAMES.len() => Ok(Self::ALL),
            _ => Ok(Self(Some(chosen))),
        }
    }

    /// Says whether an event is one of them.
    #[must_use]
    pub fn include(&self, event: &str) -> bool {
        self.0.as_ref().is_none_or(|chosen| chosen.contains(event))
    }

    /// Returns those that were chosen; nothing when all go.
    #[must_use]
    pub const fn chosen(&self) -> Option<&BTreeSet<&'static str>> {
        self.0.as_ref()
    }

    /// Returns the names of all that go, in the order of [`Notice::NAMES`].
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        Notice::NAMES.iter().copied().filter(|name| self.include(name))
    }
}

/// Not a choice of events.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoEvents {
    /// There is no such event.
    #[error("there is no event {0:?}: choose among {known}", known = Notice::NAMES.join(", "))]
    Unknown(String),
    /// Nothing was chosen.
    #[error("choose at least one event; to be told of nothing, remove the endpoint")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_events_is_some_or_all_of_those_there_are() {
        let some = Events::parse(["refund.paid", "invoice.complete", "refund.paid"]).expect("a choice");
        assert_eq!(some.names().collect::<Vec<_>>(), ["invoice.complete", "refund.paid"]);
        assert!(some.include("refund.paid") && !some.include("refund.created"));
        assert_eq!(Events::parse(Notice::NAMES.iter().copied()), Ok(Events::ALL));
        assert!(Events::ALL.include("of.later") && Events::ALL.names().count() == Notice::NAMES.len());
        assert_eq!(Events::parse([]), Err(NoEvents::Empty));
        let unknown = Events::parse(["refund.paid", "refund.sent"]).expect_err("unknown").to_string();
        assert!(unknown.contains("\"refund.sent\"") && unknown.contains("refund.sending"), "{unknown}");
    }
}

//! Notices: what merchants are told, in order per subject. How they are delivered is the engine's.

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

impl Notice {
    /// Returns the event's type on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvoiceProcessing(_) => "invoice.processing",
            Self::InvoiceComplete(_) => "invoice.complete",
            Self::InvoiceUnderpaid(_) => "invoice.underpaid",
            Self::InvoiceExpired(_) => "invoice.expired",
            Self::InvoiceCanceled(_) => "invoice.canceled",
            Self::InvoiceHeld(_) => "invoice.held",
            Self::InvoiceOrphaned(_) => "invoice.orphaned",
            Self::InvoiceRestored(_) => "invoice.restored",
            Self::RefundCreated(_) => "refund.created",
            Self::RefundClaimAvailable(_) => "refund.claim_available",
            Self::RefundClaimed(_) => "refund.claimed",
            Self::RefundClaimedAgain(_) => "refund.claimed_again",
            Self::RefundSending(_) => "refund.sending",
            Self::RefundFeeRaised(_) => "refund.fee_raised",
            Self::RefundPaid(_) => "refund.paid",
            Self::RefundPayoutFailed(_) => "refund.payout_failed",
            Self::RefundBlocked(_) => "refund.blocked",
            Self::RefundExpired(_) => "refund.expired",
            Self::RefundCanceled(_) => "refund.canceled",
            Self::RefundReorged(_) => "refund.reorged",
            Self::RefundReissued(_) => "refund.reissued",
            Self::RefundDeclined(_) => "refund.declined",
            Self::RefundExpiring(_) => "refund.expiring",
            Self::RefundHeld(_) => "refund.held",
            Self::RefundDelayed(_) => "refund.delayed",
            Self::RefundApprovalNeeded(_) => "refund.approval_needed",
            Self::RefundUndelivered(_) => "refund.undelivered",
        }
    }

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

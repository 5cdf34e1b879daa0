//! Jobs: what has to be done later, as rows that survive a crash. What each does is the worker's.

use jiff::Timestamp;
use uuid::Uuid;

use crate::ids::{DeliveryId, DepositId, EmailId, EndpointId, InvitationId, InvoiceId, PayoutId, PolicyId, RefundId, ResetId, UserId};
use crate::money::Network;

/// Something to do at or after an instant. One row per kind and subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Judge an invoice whose time is up.
    ExpireInvoice(InvoiceId),
    /// Give an unclaimed refund back to the merchant.
    ExpireClaim(RefundId),
    /// Remind a payer that a claim link ends soon.
    Remind(RefundId),
    /// Send a refund whose security delay is over.
    Release(RefundId),
    /// Move a payout one step nearer to final.
    Pay(PayoutId),
    /// Look again at a payout that was final: its block may have gone away.
    Recheck(PayoutId),
    /// Look again at a deposit that was final: its block may have gone away.
    RecheckDeposit(DepositId),
    /// Take back what the books say of deposits that vanished from the chain.
    Unwind(InvoiceId),
    /// Make a policy version the active one.
    ActivatePolicy(PolicyId),
    /// Post a notice to an endpoint.
    Deliver(DeliveryId),
    /// Send a mail.
    Mail(EmailId),
    /// Write to somebody who was invited.
    MailInvitation(InvitationId),
    /// Write to somebody who asked for a new password, if there is such a person.
    MailReset(ResetId),
    /// Write to a merchant whose endpoint does not answer.
    MailEndpoint(EndpointId),
    /// Write to somebody who tries how their merchant's mails go out.
    MailTest(UserId),
    /// Compare the books with what a network's rail holds.
    Reconcile(Network),
}

impl Job {
    /// Returns the kind's name in rows.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::ExpireInvoice(_) => "expire_invoice",
            Self::ExpireClaim(_) => "expire_claim",
            Self::Remind(_) => "remind",
            Self::Release(_) => "release",
            Self::Pay(_) => "pay",
            Self::Recheck(_) => "recheck",
            Self::RecheckDeposit(_) => "recheck_deposit",
            Self::Unwind(_) => "unwind",
            Self::ActivatePolicy(_) => "activate_policy",
            Self::Deliver(_) => "deliver",
            Self::Mail(_) => "mail",
            Self::MailInvitation(_) => "mail_invitation",
            Self::MailReset(_) => "mail_reset",
            Self::MailEndpoint(_) => "mail_endpoint",
            Self::MailTest(_) => "mail_test",
            Self::Reconcile(_) => "reconcile",
        }
    }

    /// Returns what it is about.
    #[must_use]
    pub const fn subject(self) -> Uuid {
        match self {
            Self::ExpireInvoice(InvoiceId(id))
            | Self::ExpireClaim(RefundId(id))
            | Self::Remind(RefundId(id))
            | Self::Release(RefundId(id))
            | Self::Pay(PayoutId(id))
            | Self::Recheck(PayoutId(id))
            | Self::RecheckDeposit(DepositId(id))
            | Self::Unwind(InvoiceId(id))
            | Self::ActivatePolicy(PolicyId(id))
            | Self::Deliver(DeliveryId(id))
            | Self::Mail(EmailId(id))
            | Self::MailInvitation(InvitationId(id))
            | Self::MailReset(ResetId(id))
            | Self::MailEndpoint(EndpointId(id))
            | Self::MailTest(UserId(id)) => id,
            Self::Reconcile(network) => named(network),
        }
    }

    /// Returns the kinds' names in rows, all of them.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        Self::all_about(Uuid::nil()).into_iter().chain(Network::ALL.into_iter().take(1).map(Self::Reconcile)).map(Self::kind)
    }

    /// Reads a row's kind and subject; `None` for a kind this version does not know.
    #[must_use]
    pub fn from_row(kind: &str, subject: Uuid) -> Option<Self> {
        let of_networks = Network::ALL.into_iter().map(Self::Reconcile).filter(|job| job.subject() == subject);
        Self::all_about(subject).into_iter().chain(of_networks).find(|job| job.kind() == kind)
    }

    /// Returns every job there can be about something that has an id.
    const fn all_about(subject: Uuid) -> [Self; 15] {
        [
            Self::ExpireInvoice(InvoiceId(subject)),
            Self::ExpireClaim(RefundId(subject)),
            Self::Remind(RefundId(subject)),
            Self::Release(RefundId(subject)),
            Self::Pay(PayoutId(subject)),
            Self::Recheck(PayoutId(subject)),
            Self::RecheckDeposit(DepositId(subject)),
            Self::Unwind(InvoiceId(subject)),
            Self::ActivatePolicy(PolicyId(subject)),
            Self::Deliver(DeliveryId(subject)),
            Self::Mail(EmailId(subject)),
            Self::MailInvitation(InvitationId(subject)),
            Self::MailReset(ResetId(subject)),
            Self::MailEndpoint(EndpointId(subject)),
            Self::MailTest(UserId(subject)),
        ]
    }

    /// Returns the job with its time.
    #[must_use]
    pub const fn at(self, due_at: Timestamp) -> DueJob {
        DueJob { job: self, due_at }
    }
}

/// Returns a network's name as a subject: its bytes, filled up with zeros.
const fn named(network: Network) -> Uuid {
    let name = network.name().as_bytes();
    let mut bytes = [0; 16];
    let mut index = 0;
    while index < name.len() && index < bytes.len() {
        bytes[index] = name[index];
        index = index.saturating_add(1);
    }
    Uuid::from_bytes(bytes)
}

/// A job and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueJob {
    /// What.
    pub job: Job,
    /// Not before.
    pub due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_read_back_from_their_rows() {
        let id = Uuid::from_u128(7);
        let jobs = [Job::ExpireInvoice(InvoiceId(id)), Job::Pay(PayoutId(id))];
        for job in jobs.into_iter().chain(Network::ALL.map(Job::Reconcile)) {
            assert_eq!(Job::from_row(job.kind(), job.subject()), Some(job));
        }
        assert_eq!(Job::from_row("reconcile", id), None);
        assert_eq!(Job::from_row("brew_coffee", id), None);
    }
}

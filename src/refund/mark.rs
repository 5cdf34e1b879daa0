//! Marks: what a refund's history notes that its state does not say.

use crate::names::choices;

choices! {
    /// What happened besides, or how a refund came to its state.
    Mark {
        /// A second person agreed to it.
        Approved = "approved",
        /// Its payer was reminded.
        Reminded = "reminded",
        /// Its payer was written to again.
        Notified = "notified",
        /// A mail to its payer did not get there (odd case 33).
        Undelivered = "undelivered",
        /// A code was mailed to its payer, to confirm the claim with.
        CodeSent = "code_sent",
        /// It was claimed with the code that was mailed.
        CodeGiven = "code_given",
        /// It was claimed above the policy's `low_risk_band` without a code, because no mail reaches its payer.
        Unproven = "unproven",
        /// Somebody gave another address after it was claimed.
        ClaimedAgain = "claimed_again",
        /// An outage took time to cancel from its payer, who got it back.
        Delayed = "delayed",
        /// Somebody let it go on.
        Released = "released",
        /// Its payout was sent again with a higher fee.
        FeeRaised = "fee_raised",
        /// The chain undid its payout.
        Reorged = "reorged",
        /// It was offered again, by a new link.
        Reissued = "reissued",
        /// Its payer is asked again, because the network's fee stayed high.
        Requoted = "requoted",
    }
}

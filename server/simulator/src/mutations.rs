//! Twelve bugs that refund and payout software really had, planted in a simulated world to see that the suite finds them. None of
//! them is in the engine: they are planted around it, in what it relies on (the schema's second line, the rails, the durability of
//! its rows, the doors), so no program that ships has a switch for them.

use serde::{Deserialize, Serialize};

/// Takes a text out of a table's schema. Matches no row when the table does not say that (any more): then nothing would be planted.
macro_rules! without {
    ($table:literal, $text:literal, $instead:literal) => {
        concat!(
            "UPDATE sqlite_schema SET sql = replace(sql, '",
            $text,
            "', '",
            $instead,
            "') WHERE name = '",
            $table,
            "' AND instr(sql, '",
            $text,
            "') > 0"
        )
    };
}

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// The wallet signs and sends in one go, and only then is it saved.
    BroadcastBeforeSave,
    /// Every hand-over to the wallet pays again.
    PaysAgainOnEachSend,
    /// A cancellation decided on stale memory replaces the state of a payout that has left.
    CancelsWhatWasSent,
    /// Webhooks wait in the memory of the process and die with it.
    WebhooksDieWithProcess,
    /// The claim page shows the address to anyone who has the link.
    ShowsAddressToAnyone,
    /// What the wallet did not confirm counts as failed and can be sent again.
    UnknownIsFailed,
    /// Nothing compares a refund with what was paid.
    AmountUnchecked,
    /// A webhook is posted once.
    OneTryWebhooks,
    /// Read, check, write, without lock or constraint.
    NoLock,
    /// After an error the record with the idempotency key is gone, and the next try has a new one.
    NewKeyAfterError,
    /// The money moves first, the rows are saved last: a crash between forgets it.
    SavesAfterActing,
    /// One event that arrives by two ways is booked twice.
    NotifiedTwice,
    /// A payer's time to cancel counts from their confirmation, however late the mail with the cancel link was taken. Nobody's bug that is
    /// known of: planted for the part of an invariant that finds nothing else.
    CountsLateLinksAsPrompt,
}

impl Mutation {
    /// The historic ones, in the order of the evidence.
    pub const ALL: [Self; 12] = [
        Self::BroadcastBeforeSave,
        Self::PaysAgainOnEachSend,
        Self::CancelsWhatWasSent,
        Self::WebhooksDieWithProcess,
        Self::ShowsAddressToAnyone,
        Self::UnknownIsFailed,
        Self::AmountUnchecked,
        Self::OneTryWebhooks,
        Self::NoLock,
        Self::NewKeyAfterError,
        Self::SavesAfterActing,
        Self::NotifiedTwice,
    ];

    /// Returns where the bug was seen.
    #[must_use]
    pub const fn evidence(self) -> &'static str {
        match self {
            Self::BroadcastBeforeSave => "BTCPay: the on-chain processor broadcasts, then saves",
            Self::PaysAgainOnEachSend => "BTCPay #6540: one payout sent ten times",
            Self::CancelsWhatWasSent => "BTCPay #6365, Bitcart's batch cancel: canceled though sent",
            Self::WebhooksDieWithProcess => "BTCPay: webhook retries live in memory",
            Self::ShowsAddressToAnyone => "BTCPay: earlier destinations shown to anyone with the link",
            Self::UnknownIsFailed => "Bitcart: any exception after the broadcast means failed, and failed can be sent again",
            Self::AmountUnchecked => "Bitcart: the amount is never compared with what was paid",
            Self::OneTryWebhooks => "Bitcart: one POST, no retry",
            Self::NoLock => "Hyperswitch #13182: two concurrent refunds of one payment both succeed",
            Self::NewKeyAfterError => "Medusa #16681: the refund whose id is the idempotency key is deleted on an error",
            Self::SavesAfterActing => "Vendure: the money-moving handler runs before the row is saved",
            Self::CountsLateLinksAsPrompt => "nobody's: the delay runs while the cancel link waits for the mail server",
            Self::NotifiedTwice => "WooCommerce-Stripe #2724: the webhook arrives before the answer is saved",
        }
    }

    /// Says whether the wallet signs anew whenever it is asked.
    #[must_use]
    pub const fn signs_again(self) -> bool {
        matches!(self, Self::BroadcastBeforeSave)
    }

    /// Returns what is done to the schema of a world (SQLite).
    #[must_use]
    pub const fn schema(self) -> &'static [&'static str] {
        match self {
            Self::CancelsWhatWasSent => &[
                "PRAGMA writable_schema = ON",
                without!("balances", "OR debits <= credits", "OR TRUE"),
                without!("refund_history", "request_id BLOB,\n    PRIMARY KEY (refund_id, version)", "request_id BLOB"),
                "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_refund_history_1'",
                "PRAGMA writable_schema = RESET",
            ],
            Self::AmountUnchecked => &["CREATE TRIGGER planted AFTER INSERT ON refunds BEGIN \
                 UPDATE refunds SET amount = printf('%039d', CAST(amount AS INTEGER) * 2) WHERE id = NEW.id; END"],
            Self::OneTryWebhooks => {
                &["CREATE TRIGGER planted AFTER UPDATE ON deliveries WHEN NEW.state = 'pending' AND NEW.attempts > 0 BEGIN \
                 UPDATE deliveries SET state = 'given_up' WHERE id = NEW.id; END"]
            }
            Self::CountsLateLinksAsPrompt => &["CREATE TRIGGER planted AFTER UPDATE ON emails WHEN NEW.state = 'sent' BEGIN \
                 UPDATE emails SET attempted_at = created_at WHERE id = NEW.id; END"],
            Self::NoLock => &[
                "PRAGMA writable_schema = ON",
                without!("deposits", "is_judged    INTEGER NOT NULL,\n    UNIQUE (mid_id, external_id)", "is_judged    INTEGER NOT NULL"),
                without!("exception_cases", "UNIQUE (invoice_id, number),", ""),
                without!("refunds", "UNIQUE (invoice_id, reference),", ""),
                "DELETE FROM sqlite_schema WHERE name IN \
                 ('sqlite_autoindex_deposits_2', 'sqlite_autoindex_exception_cases_2', 'sqlite_autoindex_refunds_2')",
                "PRAGMA writable_schema = RESET",
                // The compare-and-swap always finds what it compares with.
                "CREATE TRIGGER planted AFTER UPDATE ON invoices BEGIN UPDATE invoices SET version = OLD.version WHERE id = NEW.id; END",
            ],
            Self::BroadcastBeforeSave
            | Self::PaysAgainOnEachSend
            | Self::WebhooksDieWithProcess
            | Self::ShowsAddressToAnyone
            | Self::UnknownIsFailed
            | Self::NewKeyAfterError
            | Self::SavesAfterActing
            | Self::NotifiedTwice => &[],
        }
    }
}

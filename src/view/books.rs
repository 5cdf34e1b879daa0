//! Read models of the books that bookkeepers take away: statements.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

views! {
    /// What happened on a MID's accounts in a period. Of every line, opening and movements make the closing balance.
    pub struct StatementView {
        /// Of which MID.
        pub mid: Uuid,
        /// From this instant on.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub from: Timestamp,
        /// Up to this instant, which is not part of it any more, unless it was the present: then everything booked so far is.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub to: Timestamp,
        /// The accounts that hold and owe payments.
        pub accounts: Vec<AccountLineView>,
        /// The accounts of network fees: gas burnt, fees that payers and the merchant paid.
        pub fees: Vec<AccountLineView>,
        /// What payouts cost less than quoted.
        pub residuals: Vec<AccountLineView>,
        /// Every movement of every account, by asset and account, oldest first.
        pub movements: Vec<MovementView>,
    }

    /// One account in one asset, over a period. Balances are in the account's own sense, as in the list of balances.
    pub struct AccountLineView {
        /// Which account; `holding` stands for those of all invoices.
        pub account: String,
        /// Of what.
        pub asset: String,
        /// What it held before.
        pub opening: String,
        /// The sum of its debits in the period.
        pub debits: String,
        /// The sum of its credits in the period.
        pub credits: String,
        /// What it held afterwards.
        pub closing: String,
    }

    /// One movement of one account.
    pub struct MovementView {
        /// Which account.
        pub account: String,
        /// Of what.
        pub asset: String,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub at: Timestamp,
        /// The number of the ledger entry.
        pub entry: i64,
        /// Which event.
        pub kind: String,
        /// The event's number in the bookkeeper's manual, such as `P08`.
        pub number: String,
        /// The account on the other side.
        pub against: String,
        /// About which invoice.
        pub invoice: Option<Uuid>,
        /// The merchant's own name for it.
        pub invoice_reference: Option<String>,
        /// About which refund.
        pub refund: Option<Uuid>,
        /// `REFUND-…`.
        pub refund_reference: Option<String>,
        /// How much, when the account was debited.
        pub debit: Option<String>,
        /// How much, when the account was credited.
        pub credit: Option<String>,
        /// What the account held afterwards.
        pub balance: String,
    }
}

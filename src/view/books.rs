//! Read models of the books that bookkeepers and operators look at: statements, and the books beside what the rails hold.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::money::Network;
use crate::names::choices;

views! {
    /// An entry of the books.
    pub struct EntryView {
        /// Its number; grows.
        pub id: i64,
        /// Which event.
        pub kind: String,
        /// Whose books.
        pub mid: Uuid,
        /// About which invoice.
        pub invoice: Option<Uuid>,
        /// About which deposit.
        pub deposit: Option<Uuid>,
        /// About which refund.
        pub refund: Option<Uuid>,
        /// About which payout.
        pub payout: Option<Uuid>,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
        /// The movements.
        pub postings: Vec<PostingView>,
    }

    /// A movement: the same amount on both sides.
    pub struct PostingView {
        /// Debited.
        pub debit: String,
        /// Credited.
        pub credit: String,
        /// How much.
        pub amount: String,
        /// Of what.
        pub asset: String,
    }

    /// What an account holds.
    pub struct BalanceView {
        /// Of which MID.
        pub mid: Uuid,
        /// Which account.
        pub account: String,
        /// Whose payment it holds, for `holding`.
        pub invoice: Option<Uuid>,
        /// Of what.
        pub asset: String,
        /// In the account's own sense: what an asset holds, what a liability owes. Negative only for gas that the operator's float paid.
        pub balance: String,
    }

    /// What happened on a MID's accounts in a period. Of every line, opening and movements make the closing balance.
    pub struct StatementView {
        /// Of which MID.
        pub mid: Uuid,
        /// From this instant on.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub from: Timestamp,
        /// Up to this instant, which is not part of it any more, unless it was the present: then everything booked so far is.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
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
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
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

    /// The books of one asset, all MIDs together, beside what its rail's accounts held at the same time.
    ///
    /// `float` is what the rail holds beyond the books. Above zero it is the operator's: coins put on the paying account for gas and
    /// payouts, or sent to an address of ours for which no deposit was booked. Below zero coins are missing that others are owed:
    /// payouts that are on the chain but not booked as final (up to `in_flight`), deposits that only a merchant's own watcher has seen,
    /// or coins that left without Refundry. Gas lowers the float; any other change of it is somebody's doing.
    pub struct ReconciliationView {
        /// Its id.
        pub id: Uuid,
        /// On which network.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub network: Network,
        /// Of what.
        pub asset: String,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub at: Timestamp,
        /// What the books say is there, gas not subtracted: the operator's float pays it.
        pub ledger: String,
        /// Gas that the float has paid so far.
        pub gas: String,
        /// What of the ledger payouts under way hold: it may have left already.
        pub in_flight: String,
        /// What the rail says is there; nothing when it did not answer.
        pub rail: Option<String>,
        /// `rail` less `ledger`.
        pub float: Option<String>,
        /// How they compare.
        pub state: ReconciliationState,
        /// What that means, for people.
        pub note: String,
    }
}

choices! {
    /// What a comparison of books and rail means, for people: the `note` of one where the rail answered.
    ReconciliationMeaning {
        /// All of it is there.
        Held = "the rail holds what the books say",
        /// More is there.
        Surplus = "surplus: the operator's float, or coins for which no deposit was booked",
        /// Less is there, which payouts under way explain.
        UnderWay = "less by no more than payouts under way: they wait to be booked as final",
        /// Less is there, where others take in what is paid.
        NotPaidIn = "less than the books say: what others took in and told of is paid to the hot address by you",
        /// Less is there, and nothing explains it.
        Missing = "shortfall: coins that are owed are not on the rail's accounts; look for what left",
    }
}

/// How the books and a rail's accounts compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReconciliationState {
    /// The rail holds what the books say.
    Matched,
    /// It holds more or less.
    Differs,
    /// It did not say. Nothing is known.
    RailAway,
}

impl ReconciliationState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Matched, Self::Differs, Self::RailAway];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Differs => "differs",
            Self::RailAway => "rail_away",
        }
    }
}

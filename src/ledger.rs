//! The ledger: accounts and postings. Both sides of a posting are one value, so an unbalanced entry cannot be written.
//! Which accounts move for which event is [`entries`]'.

pub mod entries;
mod number;

use core::fmt;

use jiff::Timestamp;

use crate::ids::{DepositId, InvoiceId, MidId, PayoutId, RefundId};
use crate::money::Amount;

/// An account of one MID and one asset (requirements 3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Coins on addresses of ours. An asset; may be overdrawn only by gas that the operator's float pays.
    Custody,
    /// Gas burnt for token payouts. An expense.
    NetworkFee,
    /// What the merchant may take out.
    MerchantAvailable,
    /// What is held of one invoice's payment until it is settled or refunded.
    Holding(InvoiceId),
    /// What is owed to payers.
    RefundPayable,
    /// What has been ordered to leave and is not final.
    PayoutInFlight,
    /// Fees payers paid for token payouts.
    FeeRecovery,
    /// What a payout cost less than quoted.
    Residual,
}

impl Account {
    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custody => "custody",
            Self::NetworkFee => "network_fee",
            Self::MerchantAvailable => "merchant_available",
            Self::Holding(_) => "holding",
            Self::RefundPayable => "refund_payable",
            Self::PayoutInFlight => "payout_in_flight",
            Self::FeeRecovery => "fee_recovery",
            Self::Residual => "residual",
        }
    }

    /// Returns the account of a name; `invoice` tells holding accounts apart.
    #[must_use]
    pub fn from_name(name: &str, invoice: Option<InvoiceId>) -> Option<Self> {
        match (name, invoice) {
            ("custody", None) => Some(Self::Custody),
            ("network_fee", None) => Some(Self::NetworkFee),
            ("merchant_available", None) => Some(Self::MerchantAvailable),
            ("holding", Some(invoice)) => Some(Self::Holding(invoice)),
            ("refund_payable", None) => Some(Self::RefundPayable),
            ("payout_in_flight", None) => Some(Self::PayoutInFlight),
            ("fee_recovery", None) => Some(Self::FeeRecovery),
            ("residual", None) => Some(Self::Residual),
            _ => None,
        }
    }

    /// Returns the invoice whose money this account holds.
    #[must_use]
    pub const fn invoice(self) -> Option<InvoiceId> {
        match self {
            Self::Holding(invoice) => Some(invoice),
            Self::Custody
            | Self::NetworkFee
            | Self::MerchantAvailable
            | Self::RefundPayable
            | Self::PayoutInFlight
            | Self::FeeRecovery
            | Self::Residual => None,
        }
    }

    /// Says whether debits raise it (assets, expenses). All others are liabilities and never fall below zero.
    #[must_use]
    pub const fn is_debit_normal(self) -> bool {
        match self {
            Self::Custody | Self::NetworkFee => true,
            Self::MerchantAvailable
            | Self::Holding(_)
            | Self::RefundPayable
            | Self::PayoutInFlight
            | Self::FeeRecovery
            | Self::Residual => false,
        }
    }
}

/// One movement: the same amount on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Debited.
    pub debit: Account,
    /// Credited.
    pub credit: Account,
    /// How much, never zero.
    pub amount: Amount,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The invoice.
    pub invoice: Option<InvoiceId>,
    /// The deposit.
    pub deposit: Option<DepositId>,
    /// The refund.
    pub refund: Option<RefundId>,
    /// The payout.
    pub payout: Option<PayoutId>,
}

/// The events that move money, by their number in requirements 3.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// P01: a clean deposit is final.
    DepositCredited,
    /// P02: a deposit is final whose invoice is not settled by it.
    DepositHeld,
    /// P03: held money is settled to the merchant.
    HoldingSettled,
    /// P04: held money becomes a refund.
    RefundCreated,
    /// P07: a payout is reserved.
    PayoutReserved,
    /// P08: a payout is final.
    PayoutFinal,
    /// P10: gas was burnt for a token payout.
    GasBurnt,
    /// P11: a payout is proven unpaid.
    PayoutUnpaid,
    /// P12: the payer canceled.
    CanceledByPayer,
    /// P13: the merchant canceled.
    CanceledByMerchant,
    /// P14: nobody claimed in time.
    ClaimExpired,
}

impl EntryKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::DepositCredited,
        Self::DepositHeld,
        Self::HoldingSettled,
        Self::RefundCreated,
        Self::PayoutReserved,
        Self::PayoutFinal,
        Self::GasBurnt,
        Self::PayoutUnpaid,
        Self::CanceledByPayer,
        Self::CanceledByMerchant,
        Self::ClaimExpired,
    ];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DepositCredited => "deposit_credited",
            Self::DepositHeld => "deposit_held",
            Self::HoldingSettled => "holding_settled",
            Self::RefundCreated => "refund_created",
            Self::PayoutReserved => "payout_reserved",
            Self::PayoutFinal => "payout_final",
            Self::GasBurnt => "gas_burnt",
            Self::PayoutUnpaid => "payout_unpaid",
            Self::CanceledByPayer => "canceled_by_payer",
            Self::CanceledByMerchant => "canceled_by_merchant",
            Self::ClaimExpired => "claim_expired",
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One entry, written once and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Which event.
    pub kind: EntryKind,
    /// Whose books.
    pub mid: MidId,
    /// About what.
    pub subject: Subject,
    /// Makes the entry unique: the same event twice writes it once.
    pub key: String,
    /// The movements, at least one.
    pub postings: Vec<Posting>,
    /// When.
    pub at: Timestamp,
}

//! The ledger: accounts and postings. Both sides of a posting are one value, so an unbalanced entry cannot be written.
//! Which accounts move for which event is [`entries`]'.

pub mod entries;
mod number;

use jiff::Timestamp;

use crate::ids::{DepositId, InvoiceId, MidId, PayoutId, RefundId};
use crate::money::Amount;
use crate::names::choices;

/// An account of one MID and one asset (requirements 3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Coins on addresses of ours. An asset; may be overdrawn only by gas that the operator's float pays.
    Custody,
    /// Gas burnt for token payouts. An expense.
    NetworkFee,
    /// What a merchant owes since a payment vanished from the chain after its money had gone on (P16). An asset.
    MerchantReceivable,
    /// What the merchant may take out.
    MerchantAvailable,
    /// What is held of one invoice's payment until it is settled or refunded.
    Holding(InvoiceId),
    /// What came in and cannot be told whose payment it is, or came in another asset than was asked for.
    Suspense,
    /// What is owed to payers.
    RefundPayable,
    /// What has been ordered to leave and is not final.
    PayoutInFlight,
    /// What merchants set aside for the fees of payouts under way.
    FeeReserve,
    /// Fees payers and merchants paid for token payouts.
    FeeRecovery,
    /// What a payout cost less than quoted, and differences too small for a refund.
    Residual,
    /// Both sides of a conversion, each in its own asset. Either side may be the larger.
    FxClearing,
}

impl Account {
    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custody => "custody",
            Self::NetworkFee => "network_fee",
            Self::MerchantReceivable => "merchant_receivable",
            Self::MerchantAvailable => "merchant_available",
            Self::Holding(_) => "holding",
            Self::Suspense => "suspense",
            Self::RefundPayable => "refund_payable",
            Self::PayoutInFlight => "payout_in_flight",
            Self::FeeReserve => "fee_reserve",
            Self::FeeRecovery => "fee_recovery",
            Self::Residual => "residual",
            Self::FxClearing => "fx_clearing",
        }
    }

    /// All accounts that are not of one invoice.
    pub const COMMON: [Self; 11] = [
        Self::Custody,
        Self::NetworkFee,
        Self::MerchantReceivable,
        Self::MerchantAvailable,
        Self::Suspense,
        Self::RefundPayable,
        Self::PayoutInFlight,
        Self::FeeReserve,
        Self::FeeRecovery,
        Self::Residual,
        Self::FxClearing,
    ];

    /// Returns the account of a name; `invoice` tells holding accounts apart.
    #[must_use]
    pub fn from_name(name: &str, invoice: Option<InvoiceId>) -> Option<Self> {
        let holding = invoice.map(Self::Holding);
        Self::COMMON.into_iter().chain(holding).find(|account| account.name() == name && account.invoice() == invoice)
    }

    /// Returns the invoice whose money this account holds.
    #[must_use]
    pub const fn invoice(self) -> Option<InvoiceId> {
        match self {
            Self::Holding(invoice) => Some(invoice),
            Self::Custody
            | Self::NetworkFee
            | Self::MerchantReceivable
            | Self::MerchantAvailable
            | Self::Suspense
            | Self::RefundPayable
            | Self::PayoutInFlight
            | Self::FeeReserve
            | Self::FeeRecovery
            | Self::Residual
            | Self::FxClearing => None,
        }
    }

    /// Says whether debits raise it (assets, expenses). All others are liabilities.
    #[must_use]
    pub const fn is_debit_normal(self) -> bool {
        match self {
            Self::Custody | Self::NetworkFee | Self::MerchantReceivable | Self::FxClearing => true,
            Self::MerchantAvailable
            | Self::Holding(_)
            | Self::Suspense
            | Self::RefundPayable
            | Self::PayoutInFlight
            | Self::FeeReserve
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

choices! {
    /// The events that move money, by their number in requirements 3.0.
    EntryKind {
        /// P01: a clean deposit is final.
        DepositCredited = "deposit_credited",
        /// P02: a deposit is final whose invoice is not settled by it.
        DepositHeld = "deposit_held",
        /// P02: a deposit that could not be attributed has its invoice now.
        DepositAttributed = "deposit_attributed",
        /// P02s: a deposit is final that cannot be attributed.
        DepositSuspended = "deposit_suspended",
        /// P03: held money is settled to the merchant.
        HoldingSettled = "holding_settled",
        /// P04: held money becomes a refund.
        RefundCreated = "refund_created",
        /// P05: a merchant's money becomes a refund.
        RefundReserved = "refund_reserved",
        /// P06: a merchant's money is set aside for the fee.
        FeeReserved = "fee_reserved",
        /// P07: a payout is reserved.
        PayoutReserved = "payout_reserved",
        /// P08: a payout is final.
        PayoutFinal = "payout_final",
        /// P09: the fee a merchant pays is settled.
        FeeSettled = "fee_settled",
        /// P10: gas was burnt for a token payout.
        GasBurnt = "gas_burnt",
        /// P11: a payout is proven unpaid.
        PayoutUnpaid = "payout_unpaid",
        /// P12: the payer canceled.
        CanceledByPayer = "canceled_by_payer",
        /// P13: the merchant canceled.
        CanceledByMerchant = "canceled_by_merchant",
        /// P14: nobody claimed in time.
        ClaimExpired = "claim_expired",
        /// P15 and P16: a final deposit vanished from the chain.
        DepositOrphaned = "deposit_orphaned",
        /// P15 and P16 taken back: the deposit is on the chain again.
        DepositRestored = "deposit_restored",
        /// P17: a final payout vanished from the chain.
        PayoutOrphaned = "payout_orphaned",
        /// P18: a difference is too small for a refund.
        DustKept = "dust_kept",
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

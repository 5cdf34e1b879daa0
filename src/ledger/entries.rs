//! One function per event that moves money. Read downwards, this is the bookkeeper's manual (requirements 3.0).
//!
//! | entry | when | debit | credit |
//! |---|---|---|---|
//! | P01 [`deposit_credited`] | a deposit that pays its invoice exactly is final | custody | merchant_available |
//! | P02 [`deposit_held`] | any other deposit is final | custody | holding |
//! | P03 [`holding_settled`] | a rule gives held money to the merchant | holding | merchant_available |
//! | P04 [`refund_created`] | a rule gives held money back | holding | refund_payable |
//! | P07 [`payout_reserved`] | a refund is released | refund_payable | payout_in_flight, token fee: fee_recovery |
//! | P08 [`payout_final`] | the payout is final on the chain | payout_in_flight | custody, unspent fee: residual |
//! | P10 [`gas_burnt`] | a token payout cost gas, paid or reverted | network_fee | custody, both in the gas coin |
//! | P11 [`payout_unpaid`] | the payout is proven unpaid | payout_in_flight, fee_recovery | refund_payable |
//! | P12 [`canceled_by_payer`] | the payer canceled in time | refund_payable | holding |
//! | P13 [`canceled_by_merchant`] | the merchant canceled in time | refund_payable | holding |
//! | P14 [`claim_expired`] | nobody claimed in time | refund_payable | merchant_available |

use jiff::Timestamp;

use super::{Account, EntryKind, LedgerEntry, Posting, Subject};
use crate::ids::PayoutId;
use crate::invoice::{Deposit, Invoice};
use crate::money::{Amount, MoneyError};
use crate::payout::Payout;
use crate::refund::Refund;

/// P01: a deposit that pays its invoice exactly is final.
#[must_use]
pub fn deposit_credited(invoice: &Invoice, deposit: &Deposit, at: Timestamp) -> LedgerEntry {
    of_deposit(EntryKind::DepositCredited, invoice, deposit, Account::MerchantAvailable, at)
}

/// P02: a deposit is final whose invoice it does not settle by itself.
#[must_use]
pub fn deposit_held(invoice: &Invoice, deposit: &Deposit, at: Timestamp) -> LedgerEntry {
    of_deposit(EntryKind::DepositHeld, invoice, deposit, Account::Holding(invoice.id), at)
}

/// P03: a rule gives held money to the merchant. `case` counts the invoice's judgements, clean ones included.
#[must_use]
pub fn holding_settled(invoice: &Invoice, amount: Amount, case: u32, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::HoldingSettled,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), ..Subject::default() },
        key: format!("{}:{}:{case}", EntryKind::HoldingSettled, invoice.id),
        postings: vec![Posting { debit: Account::Holding(invoice.id), credit: Account::MerchantAvailable, amount }],
        at,
    }
}

/// P04: a rule gives held money back.
#[must_use]
pub fn refund_created(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::RefundCreated, refund, Account::Holding(refund.invoice), Account::RefundPayable, at)
}

/// P07: a refund is released. A native coin carries its fee along; a token's fee is the operator's, who pays the gas.
#[must_use]
pub fn payout_reserved(refund: &Refund, payout: &Payout, at: Timestamp) -> LedgerEntry {
    let mut postings = vec![Posting { debit: Account::RefundPayable, credit: Account::PayoutInFlight, amount: payout.net }];
    if !payout.fee.is_zero() {
        let credit = if payout.fee_is_in_kind { Account::PayoutInFlight } else { Account::FeeRecovery };
        postings.push(Posting { debit: Account::RefundPayable, credit, amount: payout.fee });
    }
    of_payout(EntryKind::PayoutReserved, refund, payout.id, postings, at)
}

/// P08: a payout is final. `spent` is what a native coin's transfer cost, zero for a token.
///
/// # Errors
/// `MixedAssets` when `spent` is not in the payout's asset.
pub fn payout_final(refund: &Refund, payout: &Payout, spent: Amount, at: Timestamp) -> Result<LedgerEntry, MoneyError> {
    let mut postings = vec![Posting { debit: Account::PayoutInFlight, credit: Account::Custody, amount: payout.net }];
    if payout.fee_is_in_kind {
        // What the transfer cost above the quote is the operator's: the signer's limit makes it impossible, the books would still show it.
        let covered = if spent.units > payout.fee.units { payout.fee } else { spent };
        let unspent = payout.fee.minus(covered)?;
        let excess = spent.minus(covered)?;
        push_unless_zero(&mut postings, Account::PayoutInFlight, Account::Custody, covered);
        push_unless_zero(&mut postings, Account::PayoutInFlight, Account::Residual, unspent);
        push_unless_zero(&mut postings, Account::NetworkFee, Account::Custody, excess);
    }
    Ok(of_payout(EntryKind::PayoutFinal, refund, payout.id, postings, at))
}

/// P10: gas was burnt, in the network's own coin.
#[must_use]
pub fn gas_burnt(refund: &Refund, payout: &Payout, gas: Amount, at: Timestamp) -> LedgerEntry {
    let postings = vec![Posting { debit: Account::NetworkFee, credit: Account::Custody, amount: gas }];
    of_payout(EntryKind::GasBurnt, refund, payout.id, postings, at)
}

/// P11: a payout is proven unpaid. What was reserved goes back to what is owed.
#[must_use]
pub fn payout_unpaid(refund: &Refund, payout: &Payout, at: Timestamp) -> LedgerEntry {
    let mut postings = vec![Posting { debit: Account::PayoutInFlight, credit: Account::RefundPayable, amount: payout.net }];
    let debit = if payout.fee_is_in_kind { Account::PayoutInFlight } else { Account::FeeRecovery };
    push_unless_zero(&mut postings, debit, Account::RefundPayable, payout.fee);
    of_payout(EntryKind::PayoutUnpaid, refund, payout.id, postings, at)
}

/// P12: the payer canceled in time. The money stays held for them; only the merchant can offer it again (CP-13).
#[must_use]
pub fn canceled_by_payer(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::CanceledByPayer, refund, Account::RefundPayable, Account::Holding(refund.invoice), at)
}

/// P13: the merchant canceled in time. The money goes back where it came from.
#[must_use]
pub fn canceled_by_merchant(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::CanceledByMerchant, refund, Account::RefundPayable, Account::Holding(refund.invoice), at)
}

/// P14: nobody claimed in time. The money goes to the MID's wallet (BV-09).
#[must_use]
pub fn claim_expired(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::ClaimExpired, refund, Account::RefundPayable, Account::MerchantAvailable, at)
}

fn of_deposit(kind: EntryKind, invoice: &Invoice, deposit: &Deposit, credit: Account, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), deposit: Some(deposit.id), ..Subject::default() },
        // One key for P01 and P02: a deposit enters the books once, whichever way.
        key: format!("deposit:{}", deposit.id),
        postings: vec![Posting { debit: Account::Custody, credit, amount: deposit.amount }],
        at,
    }
}

fn of_refund(kind: EntryKind, refund: &Refund, debit: Account, credit: Account, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind,
        mid: refund.mid,
        subject: Subject { invoice: Some(refund.invoice), refund: Some(refund.id), ..Subject::default() },
        key: format!("{kind}:{}:{}", refund.id, refund.version),
        postings: vec![Posting { debit, credit, amount: refund.amount }],
        at,
    }
}

fn of_payout(kind: EntryKind, refund: &Refund, payout: PayoutId, postings: Vec<Posting>, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind,
        mid: refund.mid,
        subject: Subject { invoice: Some(refund.invoice), refund: Some(refund.id), payout: Some(payout), ..Subject::default() },
        key: format!("{kind}:{payout}"),
        postings,
        at,
    }
}

fn push_unless_zero(postings: &mut Vec<Posting>, debit: Account, credit: Account, amount: Amount) {
    if !amount.is_zero() {
        postings.push(Posting { debit, credit, amount });
    }
}

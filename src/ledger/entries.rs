//! One function per event that moves money. Read downwards, this is the bookkeeper's manual (requirements 3.0).
//!
//! | entry | when | debit | credit |
//! |---|---|---|---|
//! | P01 [`deposit_credited`] | a deposit that pays its invoice by itself is final | custody | merchant_available |
//! | P02 [`deposit_held`] | any other deposit is final | custody | holding |
//! | P02 [`deposit_attributed`] | a person says which invoice a deposit without its tag is for | suspense | holding |
//! | P02s [`deposit_suspended`] | a deposit in another asset, or without its tag, is final | custody | suspense |
//! | P03 [`holding_settled`] | a rule or a person gives held money to the merchant | holding | merchant_available |
//! | P04 [`refund_created`] | a rule or a person gives held money back | holding or suspense | refund_payable |
//! | P05 [`refund_reserved`] | a merchant's refund is set aside: at once when `immediate`, else when it is sent | merchant_available | refund_payable |
//! | P06 [`fee_reserved`] | a refund is sent whose fee the merchant pays | merchant_available | fee_reserve |
//! | P07 [`payout_reserved`] | a refund is released | refund_payable | payout_in_flight, token fee: fee_recovery |
//! | P08 [`payout_final`] | the payout is final on the chain | payout_in_flight | custody, unspent fee: residual |
//! | P09 [`fee_settled`] | as P08, when the merchant pays the fee | fee_reserve | custody or fee_recovery, unspent: merchant_available |
//! | P10 [`gas_burnt`] | a token payout cost gas, paid or reverted | network_fee | custody, both in the gas coin |
//! | P11 [`payout_unpaid`] | the payout is proven unpaid | payout_in_flight, fee_recovery, fee_reserve | refund_payable, merchant_available |
//! | P12 [`canceled_by_payer`] | the payer canceled in time | refund_payable | where it came from |
//! | P13 [`canceled_by_merchant`] | the merchant canceled in time | refund_payable | where it came from |
//! | P14 [`claim_expired`] | nobody claimed in time | refund_payable | merchant_available, or held on; in another currency through fx_clearing |
//! | P15, P16 [`deposit_orphaned`] | a final deposit vanished from the chain | holding, merchant_available, then merchant_receivable | custody |
//! | P15, P16 [`deposit_restored`] | it is in a block again, and final | the sides of P15 and P16 exchanged | |
//! | P17 [`payout_orphaned`] | a final payout vanished from the chain | the sides of P08 to P10 exchanged, merchant_receivable for merchant_available | |
//! | P18 [`dust_kept`] | a difference is too small for a refund | holding | residual |

use jiff::Timestamp;

use super::{Account, EntryKind, LedgerEntry, Posting, Subject};
use crate::invoice::{Deposit, Invoice};
use crate::money::{Amount, MoneyError};
use crate::payout::Payout;
use crate::policy::FeeBearer;
use crate::refund::{Funding, Refund};

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

/// P02s: a deposit is final that is no payment of its invoice: another asset than was asked for, or nobody's for want of a tag.
#[must_use]
pub fn deposit_suspended(invoice: &Invoice, deposit: &Deposit, at: Timestamp) -> LedgerEntry {
    of_deposit(EntryKind::DepositSuspended, invoice, deposit, Account::Suspense, at)
}

/// P02 of a deposit that came without its tag: a person said which invoice it is for.
#[must_use]
pub fn deposit_attributed(invoice: &Invoice, deposit: &Deposit, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::DepositAttributed,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), deposit: Some(deposit.id), ..Subject::default() },
        key: format!("{}:{}", EntryKind::DepositAttributed, deposit.id),
        postings: vec![Posting { debit: Account::Suspense, credit: Account::Holding(invoice.id), amount: deposit.amount }],
        at,
    }
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

/// P18: a difference is too small to be worth a refund.
#[must_use]
pub fn dust_kept(invoice: &Invoice, amount: Amount, case: u32, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::DustKept,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), ..Subject::default() },
        key: format!("{}:{}:{case}", EntryKind::DustKept, invoice.id),
        postings: vec![Posting { debit: Account::Holding(invoice.id), credit: Account::Residual, amount }],
        at,
    }
}

/// P04: held money is given back. P05: a merchant's own money is.
#[must_use]
pub fn refund_created(refund: &Refund, at: Timestamp) -> LedgerEntry {
    let kind = match refund.funding {
        Funding::Holding | Funding::Suspense => EntryKind::RefundCreated,
        Funding::Merchant => EntryKind::RefundReserved,
    };
    of_refund(kind, refund, refund.funding.account(refund.invoice), Account::RefundPayable, at)
}

/// P06: a refund is released whose fee the merchant pays.
#[must_use]
pub fn fee_reserved(refund: &Refund, payout: &Payout, at: Timestamp) -> LedgerEntry {
    let postings = vec![Posting { debit: Account::MerchantAvailable, credit: Account::FeeReserve, amount: payout.fee }];
    of_payout(EntryKind::FeeReserved, refund, payout, postings, at)
}

/// P07: a refund is released. A native coin carries the payer's fee along; a token's fee is the operator's, who pays the gas.
#[must_use]
pub fn payout_reserved(refund: &Refund, payout: &Payout, at: Timestamp) -> LedgerEntry {
    let mut postings = vec![Posting { debit: Account::RefundPayable, credit: Account::PayoutInFlight, amount: payout.net }];
    if payout.fee_bearer == FeeBearer::Payer {
        let credit = if payout.fee_is_in_kind { Account::PayoutInFlight } else { Account::FeeRecovery };
        push_unless_zero(&mut postings, Account::RefundPayable, credit, payout.fee);
    }
    of_payout(EntryKind::PayoutReserved, refund, payout, postings, at)
}

/// P08: a payout is final. `spent` is what a native coin's transfer cost, zero for a token.
///
/// # Errors
/// `MixedAssets` when `spent` is not in the payout's asset.
pub fn payout_final(refund: &Refund, payout: &Payout, spent: Amount, at: Timestamp) -> Result<LedgerEntry, MoneyError> {
    let mut postings = vec![Posting { debit: Account::PayoutInFlight, credit: Account::Custody, amount: payout.net }];
    if payout.fee_is_in_kind {
        let Covered { covered, unspent, excess } = cover(payout.fee, spent)?;
        if payout.fee_bearer == FeeBearer::Payer {
            push_unless_zero(&mut postings, Account::PayoutInFlight, Account::Custody, covered);
            push_unless_zero(&mut postings, Account::PayoutInFlight, Account::Residual, unspent);
        }
        push_unless_zero(&mut postings, Account::NetworkFee, Account::Custody, excess);
    }
    Ok(of_payout(EntryKind::PayoutFinal, refund, payout, postings, at))
}

/// P09: the fee that a merchant pays is settled: a coin's as it was spent, a token's whole to the operator, who paid the gas.
///
/// # Errors
/// `MixedAssets` when `spent` is not in the payout's asset.
pub fn fee_settled(refund: &Refund, payout: &Payout, spent: Amount, at: Timestamp) -> Result<LedgerEntry, MoneyError> {
    let mut postings = Vec::new();
    if payout.fee_is_in_kind {
        let Covered { covered, unspent, .. } = cover(payout.fee, spent)?;
        push_unless_zero(&mut postings, Account::FeeReserve, Account::Custody, covered);
        push_unless_zero(&mut postings, Account::FeeReserve, Account::MerchantAvailable, unspent);
    } else {
        push_unless_zero(&mut postings, Account::FeeReserve, Account::FeeRecovery, payout.fee);
    }
    Ok(of_payout(EntryKind::FeeSettled, refund, payout, postings, at))
}

/// P10: gas was burnt, in the network's own coin.
#[must_use]
pub fn gas_burnt(refund: &Refund, payout: &Payout, gas: Amount, at: Timestamp) -> LedgerEntry {
    let postings = vec![Posting { debit: Account::NetworkFee, credit: Account::Custody, amount: gas }];
    of_payout(EntryKind::GasBurnt, refund, payout, postings, at)
}

/// P11: a payout is proven unpaid. What was reserved goes back to what is owed, a merchant's fee to the merchant.
#[must_use]
pub fn payout_unpaid(refund: &Refund, payout: &Payout, at: Timestamp) -> LedgerEntry {
    let mut postings = vec![Posting { debit: Account::PayoutInFlight, credit: Account::RefundPayable, amount: payout.net }];
    match payout.fee_bearer {
        FeeBearer::Payer => {
            let debit = if payout.fee_is_in_kind { Account::PayoutInFlight } else { Account::FeeRecovery };
            push_unless_zero(&mut postings, debit, Account::RefundPayable, payout.fee);
        }
        FeeBearer::Merchant => push_unless_zero(&mut postings, Account::FeeReserve, Account::MerchantAvailable, payout.fee),
    }
    of_payout(EntryKind::PayoutUnpaid, refund, payout, postings, at)
}

/// P12: the payer canceled in time. The money stays set apart for them where it came from; only the merchant can offer it again (CP-13).
#[must_use]
pub fn canceled_by_payer(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::CanceledByPayer, refund, Account::RefundPayable, refund.funding.account(refund.invoice), at)
}

/// P13: the merchant canceled in time. The money goes back where it came from.
#[must_use]
pub fn canceled_by_merchant(refund: &Refund, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::CanceledByMerchant, refund, Account::RefundPayable, refund.funding.account(refund.invoice), at)
}

/// P14: nobody claimed in time. The money goes to the MID's wallet (BV-09), or stays held for the payer.
#[must_use]
pub fn claim_expired(refund: &Refund, to: Account, at: Timestamp) -> LedgerEntry {
    of_refund(EntryKind::ClaimExpired, refund, Account::RefundPayable, to, at)
}

/// P14 with conversion: the coins are the operator's from here on, the merchant gets the currency the MID settles in (BV-14).
#[must_use]
pub fn claim_expired_and_converted(refund: &Refund, credited: Amount, at: Timestamp) -> LedgerEntry {
    let mut entry = claim_expired(refund, Account::FxClearing, at);
    push_unless_zero(&mut entry.postings, Account::FxClearing, Account::MerchantAvailable, credited);
    entry
}

/// Where the money of a deposit that vanished is taken back from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// From what is held of the invoice, or is in suspense (P15).
    pub holding: Amount,
    /// From what the merchant may take out (P15).
    pub available: Amount,
    /// What is gone already: the merchant owes it (P16).
    pub receivable: Amount,
}

/// P15 and P16: a final deposit vanished from the chain.
#[must_use]
pub fn deposit_orphaned(invoice: &Invoice, deposit: &Deposit, from: TakenBack, at: Timestamp) -> LedgerEntry {
    let holding = if invoice.is_payment(deposit.amount.asset) { Account::Holding(invoice.id) } else { Account::Suspense };
    let mut postings = Vec::new();
    push_unless_zero(&mut postings, holding, Account::Custody, from.holding);
    push_unless_zero(&mut postings, Account::MerchantAvailable, Account::Custody, from.available);
    push_unless_zero(&mut postings, Account::MerchantReceivable, Account::Custody, from.receivable);
    LedgerEntry {
        kind: EntryKind::DepositOrphaned,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), deposit: Some(deposit.id), ..Subject::default() },
        // With the version: a deposit that came back can vanish again.
        key: format!("{}:{}:{}", EntryKind::DepositOrphaned, deposit.id, invoice.version),
        postings,
        at,
    }
}

/// P15 and P16 taken back: a deposit that had vanished after it was final is final again. What was booked then is booked back, side for side.
#[must_use]
pub fn deposit_restored(invoice: &Invoice, deposit: &Deposit, booked: &[Posting], at: Timestamp) -> LedgerEntry {
    let back = |posting: &Posting| Posting { debit: posting.credit, credit: posting.debit, amount: posting.amount };
    LedgerEntry {
        kind: EntryKind::DepositRestored,
        mid: invoice.mid,
        subject: Subject { invoice: Some(invoice.id), deposit: Some(deposit.id), ..Subject::default() },
        key: format!("{}:{}:{}", EntryKind::DepositRestored, deposit.id, invoice.version),
        postings: booked.iter().map(back).collect(),
        at,
    }
}

/// P17: a final payout vanished from the chain. What P08 to P10 booked is booked back, side for side; a merchant who got a part of
/// the fee back owes it, for it may have been spent.
#[must_use]
pub fn payout_orphaned(refund: &Refund, payout: &Payout, booked: &[Posting], at: Timestamp) -> LedgerEntry {
    let owed_by = |account| if account == Account::MerchantAvailable { Account::MerchantReceivable } else { account };
    let back = |posting: &Posting| Posting { debit: owed_by(posting.credit), credit: posting.debit, amount: posting.amount };
    of_payout(EntryKind::PayoutOrphaned, refund, payout, booked.iter().map(back).collect(), at)
}

/// What a fee paid for.
struct Covered {
    covered: Amount,
    unspent: Amount,
    /// The operator's: the signer's limit makes it impossible, the books would still show it.
    excess: Amount,
}

fn cover(fee: Amount, spent: Amount) -> Result<Covered, MoneyError> {
    let covered = if spent.units > fee.units { fee } else { spent };
    Ok(Covered { covered, unspent: fee.minus(covered)?, excess: spent.minus(covered)? })
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

fn of_payout(kind: EntryKind, refund: &Refund, payout: &Payout, postings: Vec<Posting>, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        kind,
        mid: refund.mid,
        subject: Subject { invoice: Some(refund.invoice), refund: Some(refund.id), payout: Some(payout.id), ..Subject::default() },
        // With the version: a payout that was final and vanished can be final again.
        key: format!("{kind}:{}:{}", payout.id, payout.version),
        postings,
        at,
    }
}

fn push_unless_zero(postings: &mut Vec<Posting>, debit: Account, credit: Account, amount: Amount) {
    if !amount.is_zero() {
        postings.push(Posting { debit, credit, amount });
    }
}

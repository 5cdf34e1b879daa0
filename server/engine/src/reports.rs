//! The books as people and programs read them, and the proof that they agree with the rows.

use std::collections::BTreeMap;

use domain::ids::{InvoiceId, MidId, RefundId};
use domain::ledger::Account;
use domain::money::{Amount, AssetId};
use domain::view::{BalanceView, EntryView};
use serde::Serialize;
use uuid::Uuid;

use crate::callers::Caller;
use crate::store::codec::{Units, asset_id, needed};
use crate::store::invoices::Cap;
use crate::store::ledger::{self, BalanceRow, CapSide, RefundsThatAre};
use crate::store::merchants::MidFilter;
use crate::store::{StoreError, Tx};
use crate::{Engine, Error, Page, PageRequest};

/// How many entries are read at once to re-derive the books.
const CHUNK: u32 = 1000;

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// About one invoice.
    pub invoice: Option<InvoiceId>,
    /// About one refund.
    pub refund: Option<RefundId>,
}

/// What [`Engine::verify_ledger`] found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verification {
    /// How many entries were read.
    pub entries: u64,
    /// How many postings.
    pub postings: u64,
    /// How many accounts were compared.
    pub accounts: u64,
    /// What does not agree, in words.
    pub violations: Vec<String>,
    /// Whether everything agrees.
    pub ok: bool,
}

impl Engine {
    /// Returns what the caller's accounts hold; of one MID when given.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn balances(&self, caller: &Caller, mid: Option<MidId>) -> Result<Vec<BalanceView>, Error> {
        let mut tx = self.store().read().await?;
        let rows = ledger::balances(&mut tx, MidFilter::new(caller.scope, mid)).await?;
        let views = self.views();
        let mut balances = Vec::with_capacity(rows.len());
        for row in rows {
            let (account, asset) = (row.account()?, row.asset()?);
            let decimal = |units| views.decimal(Amount { units, asset });
            let (up, down) = if account.is_debit_normal() { (row.debits, row.credits) } else { (row.credits, row.debits) };
            let balance = match up.0.checked_sub(down.0) {
                Some(units) => decimal(units)?,
                None => format!("-{}", decimal(down.0.saturating_sub(up.0))?),
            };
            balances.push(BalanceView {
                mid: row.mid_id,
                account: row.account,
                invoice: (!row.invoice_id.is_nil()).then_some(row.invoice_id),
                asset: row.asset,
                balance,
            });
        }
        Ok(balances)
    }

    /// Returns ledger entries, newest first.
    ///
    /// # Errors
    /// `Invalid` for a bad limit or cursor.
    pub async fn entries(&self, caller: &Caller, filter: EntryFilter, page: PageRequest) -> Result<Page<EntryView>, Error> {
        let within = MidFilter::new(caller.scope, filter.mid);
        let mut tx = self.store().read().await?;
        let rows = ledger::entries(&mut tx, within, filter.invoice, filter.refund, page.before_number()?, page.limit()?).await?;
        let (Some(last), Some(first)) = (rows.first().map(|row| row.id), rows.last().map(|row| row.id)) else {
            return Ok(Page { data: Vec::new(), next: None });
        };
        let postings = ledger::postings(&mut tx, first, last).await?;
        let views = self.views();
        let entries = rows.into_iter().map(|row| views.entry(row, &postings)).collect::<Result<Vec<_>, _>>()?;
        Ok(page.page(entries, |entry| entry.id.to_string()))
    }

    /// Re-derives the books from their postings and compares them with the balances, with what is owed and under way
    /// according to refunds and payouts, and with the caps.
    ///
    /// # Errors
    /// `Store` when rows cannot be read.
    pub async fn verify_ledger(&self) -> Result<Verification, Error> {
        Ok(self.store().snapshot(|tx| Box::pin(verify(tx))).await?)
    }
}

type AccountKey = (Uuid, String, Uuid, String);

async fn verify(tx: &mut Tx) -> Result<Verification, StoreError> {
    let mut found = Verification::default();
    let derived = derive(tx, &mut found).await?;
    let all = MidFilter { all_merchants: true, merchant: Uuid::nil(), all_mids: true, mid: Uuid::nil() };
    let balances = ledger::balances(tx, all).await?;
    found.accounts = u64::try_from(balances.len()).unwrap_or(u64::MAX);
    compare_balances(&balances, &derived, &mut found);
    for (states, account, what) in [
        (RefundsThatAre::Owed, Account::RefundPayable, "refunds owe"),
        (RefundsThatAre::InFlight, Account::PayoutInFlight, "payouts under way hold"),
    ] {
        let mut sums: BTreeMap<(Uuid, String), u128> = BTreeMap::new();
        for row in ledger::refund_amounts(tx, states).await? {
            add(&mut sums, (row.mid_id, row.asset), row.amount)?;
        }
        compare_with_rows(&balances, account, sums, what, &mut found);
    }
    compare_caps(tx, &mut found).await?;
    found.ok = found.violations.is_empty();
    Ok(found)
}

/// Adds up every posting, account by account.
async fn derive(tx: &mut Tx, found: &mut Verification) -> Result<BTreeMap<AccountKey, (u128, u128)>, StoreError> {
    let mut sums: BTreeMap<AccountKey, (u128, u128)> = BTreeMap::new();
    let mut after = 0;
    loop {
        let entries = ledger::entries_after(tx, after, CHUNK).await?;
        let (Some(first), Some(last)) = (entries.first().map(|entry| entry.id), entries.last().map(|entry| entry.id)) else {
            return Ok(sums);
        };
        after = last;
        let postings = ledger::postings(tx, first, last).await?;
        for entry in &entries {
            let mut has_postings = false;
            for posting in postings.iter().filter(|posting| posting.entry_id == entry.id) {
                has_postings = true;
                found.postings = found.postings.saturating_add(1);
                let key = |account: &str, invoice: Option<Uuid>| {
                    (entry.mid_id, account.to_owned(), invoice.unwrap_or_default(), posting.asset.clone())
                };
                let debit = sums.entry(key(&posting.debit_account, posting.debit_invoice_id)).or_default();
                debit.0 = needed("ledger_postings", "sum", debit.0.checked_add(posting.amount.0))?;
                let credit = sums.entry(key(&posting.credit_account, posting.credit_invoice_id)).or_default();
                credit.1 = needed("ledger_postings", "sum", credit.1.checked_add(posting.amount.0))?;
            }
            if !has_postings {
                found.violations.push(format!("entry {} moves nothing", entry.id));
            }
            found.entries = found.entries.saturating_add(1);
        }
    }
}

fn compare_balances(balances: &[BalanceRow], derived: &BTreeMap<AccountKey, (u128, u128)>, found: &mut Verification) {
    let mut unmatched = derived.clone();
    for row in balances {
        let key = (row.mid_id, row.account.clone(), row.invoice_id, row.asset.clone());
        let (debits, credits) = unmatched.remove(&key).unwrap_or_default();
        if (debits, credits) != (row.debits.0, row.credits.0) {
            found.violations.push(format!(
                "{} of {} in {}: the balance says debits {} and credits {}, its postings say {debits} and {credits}",
                row.account, row.mid_id, row.asset, row.debits.0, row.credits.0
            ));
        }
        if row.account().is_ok_and(|account| !account.is_debit_normal()) && row.debits.0 > row.credits.0 {
            found.violations.push(format!("{} of {} in {} is overdrawn", row.account, row.mid_id, row.asset));
        }
    }
    for (mid, account, _, asset) in unmatched.into_keys() {
        found.violations.push(format!("{account} of {mid} in {asset} has postings but no balance"));
    }
}

fn compare_with_rows(
    balances: &[BalanceRow],
    account: Account,
    mut sums: BTreeMap<(Uuid, String), u128>,
    what: &str,
    found: &mut Verification,
) {
    for row in balances.iter().filter(|row| row.account == account.name()) {
        let rows_say = sums.remove(&(row.mid_id, row.asset.clone())).unwrap_or_default();
        let books_say = row.credits.0.saturating_sub(row.debits.0);
        if books_say != rows_say {
            let (mid, asset) = (row.mid_id, &row.asset);
            found.violations.push(format!("{what} {rows_say} {asset} of {mid}, {} says {books_say}", account.name()));
        }
    }
    for ((mid, asset), rows_say) in sums.into_iter().filter(|(_, sum)| *sum > 0) {
        found.violations.push(format!("{what} {rows_say} {asset} of {mid}, {} says 0", account.name()));
    }
}

async fn compare_caps(tx: &mut Tx, found: &mut Verification) -> Result<(), StoreError> {
    let mut paid = BTreeMap::new();
    for (invoice, asset, amount) in ledger::cap_sources(tx, CapSide::Paid).await? {
        add(&mut paid, (invoice, asset), amount)?;
    }
    let mut committed = BTreeMap::new();
    for (invoice, asset, amount) in ledger::cap_sources(tx, CapSide::Committed).await? {
        add(&mut committed, (invoice, asset), amount)?;
    }
    let orphaned = still_missing(tx).await?;
    for (invoice, asset, cap) in ledger::caps(tx).await? {
        let asset_of_row: AssetId = asset_id(&asset)?;
        let key = (invoice, asset);
        let say = |sums: &BTreeMap<_, u128>| sums.get(&key).copied().unwrap_or_default();
        let rows = Cap { paid: say(&paid), committed: say(&committed), orphaned: say(&orphaned) };
        if rows != cap {
            found.violations.push(format!("invoice {invoice} in {asset_of_row}: its cap says {cap}, its rows say {rows}"));
        }
    }
    Ok(())
}

/// Adds up what vanished from the chain, without what merchants owe for it since: that was paid out, and stays promised (P16).
async fn still_missing(tx: &mut Tx) -> Result<BTreeMap<(Uuid, String), u128>, StoreError> {
    let mut missing = BTreeMap::new();
    for (deposit, invoice, asset, amount) in ledger::orphans(tx).await? {
        let booked = ledger::booked_when_orphaned(tx, deposit).await?;
        let mut owed = booked.iter().filter(|posting| posting.debit == Account::MerchantReceivable);
        let rest = owed.try_fold(amount.0, |rest, posting| rest.checked_sub(posting.amount.units));
        add(&mut missing, (invoice, asset), Units(needed("ledger_postings", "owed", rest)?))?;
    }
    Ok(missing)
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u128>, key: K, amount: Units) -> Result<(), StoreError> {
    let sum = sums.entry(key).or_default();
    *sum = needed("ledger", "sum", sum.checked_add(amount.0))?;
    Ok(())
}

//! Statements: what happened on a MID's accounts in a period. Opening and movements must make the closing balance, and all postings
//! together what the balances say; a statement that does not add up is not handed out.
//!
//! Accounts and kinds of entries are read by their names, so that a new one appears by itself.

use std::collections::{BTreeMap, VecDeque};

use domain::ids::{InvoiceId, MidId};
use domain::ledger::{Account, EntryKind};
use domain::money::Asset;
use domain::view::{AccountLineView, MovementView, StatementView};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::{asset_id, needed};
use crate::store::ledger;
use crate::store::merchants::MidFilter;
use crate::store::statements::{self as rows, MovementRow, MovementsOf, Part, Sum};
use crate::store::{StoreError, Tx};
use crate::{Engine, Error};

/// The accounts of fees: they and the residuals are kept apart from payments.
const FEES: [&str; 3] = ["fee_recovery", "fee_reserve", "network_fee"];
/// The account of residuals.
const RESIDUAL: &str = "residual";
/// How many movements are read at once.
const CHUNK: u32 = 100;
/// How many movements one whole statement has at most; [`Statement`] has no such limit.
const MOVEMENTS_MAX: usize = 10_000;

/// Debits and credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    debits: u128,
    credits: u128,
}

impl Totals {
    fn plus(self, other: Self) -> Result<Self, StoreError> {
        let debits = needed("ledger_postings", "sum", self.debits.checked_add(other.debits))?;
        let credits = needed("ledger_postings", "sum", self.credits.checked_add(other.credits))?;
        Ok(Self { debits, credits })
    }
}

/// One account in one asset.
struct Line {
    account: String,
    asset: Asset,
    is_debit_normal: bool,
    opening: Totals,
    moved: Totals,
}

impl Line {
    /// Returns the balance in the account's own sense; below zero only for gas that the operator's float paid.
    fn balance(&self, totals: Totals) -> String {
        let (up, down) = if self.is_debit_normal { (totals.debits, totals.credits) } else { (totals.credits, totals.debits) };
        match up.checked_sub(down) {
            Some(units) => self.asset.format_units(units),
            None => format!("-{}", self.asset.format_units(down.saturating_sub(up))),
        }
    }

    fn view(&self) -> Result<AccountLineView, StoreError> {
        Ok(AccountLineView {
            account: self.account.clone(),
            asset: self.asset.id.to_string(),
            opening: self.balance(self.opening),
            debits: self.asset.format_units(self.moved.debits),
            credits: self.asset.format_units(self.moved.credits),
            closing: self.balance(self.opening.plus(self.moved)?),
        })
    }

    fn movement(&self, row: MovementRow, after: Totals) -> Result<MovementView, StoreError> {
        let kind = needed("ledger_entries", "kind", EntryKind::from_name(&row.kind))?;
        let amount = self.asset.format_units(row.amount.0);
        let is_debit = row.debit_account == self.account;
        let is_credit = row.credit_account == self.account;
        Ok(MovementView {
            account: self.account.clone(),
            asset: self.asset.id.to_string(),
            at: row.at.0,
            entry: row.id,
            kind: row.kind,
            number: kind.number().to_owned(),
            against: if is_debit { row.credit_account } else { row.debit_account },
            invoice: row.invoice_id,
            invoice_reference: row.invoice_reference,
            refund: row.refund_id,
            refund_reference: row.refund_reference,
            debit: is_debit.then(|| amount.clone()),
            credit: is_credit.then_some(amount),
            balance: self.balance(after),
        })
    }
}

/// A statement that is read part by part, however long it is.
pub struct Statement {
    engine: Engine,
    view: StatementView,
    until: Timestamp,
    last_entry: i64,
    lines: VecDeque<Line>,
    /// How far the first line was read, and what that made.
    after: (i64, i64),
    read: Totals,
}

/// The next movements of one account.
pub struct StatementPart {
    /// Which account.
    pub account: AccountLineView,
    /// Whether the account begins with this part.
    pub is_first: bool,
    /// Its movements, oldest first.
    pub movements: Vec<MovementView>,
    /// Whether the account ends with this part.
    pub is_last: bool,
}

/// Reads an instant: RFC 3339, or a date, which stands for its midnight in UTC.
///
/// # Errors
/// `Invalid`, naming the field.
pub fn parse_instant(field: &str, text: &str) -> Result<Timestamp, Error> {
    // The parser of dates would read past a time without an offset, which says nothing.
    let date = if text.len() == "2026-07-01".len() { text.parse::<Date>().ok() } else { None };
    let midnight = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp());
    text.parse::<Timestamp>().ok().or(midnight).ok_or_else(|| {
        Error::field(field, "invalid", "write an instant such as 2026-07-01T00:00:00Z, or a date such as 2026-07-01, which begins in UTC")
    })
}

impl Engine {
    /// Returns a MID's statement from an instant on up to another one; up to the present without one.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's, `Invalid` when the period is empty or has more than 10,000 movements.
    pub async fn statement(&self, caller: &Caller, mid: MidId, from: Timestamp, to: Option<Timestamp>) -> Result<StatementView, Error> {
        retrying!(self.whole_statement(caller, mid, from, to))
    }

    async fn whole_statement(&self, caller: &Caller, mid: MidId, from: Timestamp, to: Option<Timestamp>) -> Result<StatementView, Error> {
        let mut statement = self.open_statement(caller, mid, from, to).await?;
        let mut movements = Vec::new();
        while let Some(part) = statement.next_part().await? {
            movements.extend(part.movements);
            if movements.len() > MOVEMENTS_MAX {
                let detail = "the period has more than 10,000 movements: choose a shorter one, or ask for CSV (Accept: text/csv)";
                return Err(Error::field("from", "too_long", detail));
            }
        }
        Ok(StatementView { movements, ..statement.view })
    }

    /// Begins a MID's statement, as [`Self::statement`], to be read part by part.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's, `Invalid` when the period is empty.
    pub async fn open_statement(&self, caller: &Caller, mid: MidId, from: Timestamp, to: Option<Timestamp>) -> Result<Statement, Error> {
        self.own_mid(caller, mid).await?;
        let now = self.now();
        let to = to.unwrap_or(now).min(now);
        if from > to {
            return Err(Error::field("from", "out_of_range", "the period must begin before it ends, and not in the future"));
        }
        // What is booked at this very instant belongs to a statement up to the present.
        let until = if to == now { Timestamp::MAX } else { to };
        let (sums, balances, last_entry) = self.store().snapshot(|tx| Box::pin(figures(tx, mid, from, until))).await?;
        let lines = self.lines(sums, &balances)?;
        let mut view =
            StatementView { mid: mid.0, from, to, accounts: Vec::new(), fees: Vec::new(), residuals: Vec::new(), movements: Vec::new() };
        for line in &lines {
            let section = match line.account.as_str() {
                account if FEES.contains(&account) => &mut view.fees,
                RESIDUAL => &mut view.residuals,
                _ => &mut view.accounts,
            };
            section.push(line.view()?);
        }
        Ok(Statement { engine: self.clone(), view, until, last_entry, lines, after: (0, 0), read: Totals::default() })
    }

    /// Makes the lines, by asset and account, and compares all postings with the balances.
    fn lines(&self, sums: Vec<Sum>, balances: &Balances) -> Result<VecDeque<Line>, StoreError> {
        let mut totals: BTreeMap<(String, String), [Totals; 3]> = BTreeMap::new();
        for sum in sums {
            let part = match sum.part {
                Part::Before => 0,
                Part::Within => 1,
                Part::After => 2,
            };
            for (account, moved) in [
                (sum.debit_account, Totals { debits: sum.units, credits: 0 }),
                (sum.credit_account, Totals { debits: 0, credits: sum.units }),
            ] {
                let total = &mut totals.entry((sum.asset.clone(), account)).or_default()[part];
                *total = total.plus(moved)?;
            }
        }
        let mut unmatched = balances.clone();
        let mut lines = VecDeque::new();
        for ((asset, account), [opening, moved, later]) in totals {
            let all = opening.plus(moved)?.plus(later)?;
            if unmatched.remove(&(asset.clone(), account.clone())) != Some(all) {
                return Err(does_not_add_up(&account, &asset));
            }
            if opening == Totals::default() && moved == Totals::default() {
                continue;
            }
            let asset = self.views().asset(asset_id(&asset)?)?.clone();
            let is_debit_normal = named(&account)?.is_debit_normal();
            lines.push_back(Line { account, asset, is_debit_normal, opening, moved });
        }
        match unmatched.into_iter().find(|(_, total)| *total != Totals::default()) {
            Some(((asset, account), _)) => Err(does_not_add_up(&account, &asset)),
            None => Ok(lines),
        }
    }
}

/// What the balances say, by asset and account.
type Balances = BTreeMap<(String, String), Totals>;

/// Reads all figures of one moment: the sums of postings, the balances, and up to which entry that was.
async fn figures(tx: &mut Tx, mid: MidId, from: Timestamp, until: Timestamp) -> Result<(Vec<Sum>, Balances, i64), StoreError> {
    let sums = rows::sums(tx, mid, from, until).await?;
    let mut balances = Balances::new();
    for row in ledger::balances(tx, MidFilter { all_merchants: true, merchant: mid.0, all_mids: false, mid: mid.0 }).await? {
        let total = balances.entry((row.asset, row.account)).or_default();
        *total = total.plus(Totals { debits: row.debits.0, credits: row.credits.0 })?;
    }
    Ok((sums, balances, rows::last_entry(tx, mid).await?))
}

/// Returns the account of a name, whichever invoice's it is.
fn named(account: &str) -> Result<Account, StoreError> {
    let any_invoice = || Account::from_name(account, Some(InvoiceId(uuid::Uuid::nil())));
    needed("ledger_postings", "account", Account::from_name(account, None).or_else(any_invoice))
}

fn does_not_add_up(account: &str, asset: &str) -> StoreError {
    let id = format!("{account} in {asset} is not the sum of its postings; `refundry ledger verify` says more");
    StoreError::Inconsistent { table: "balances", id }
}

impl Statement {
    /// Returns everything but the movements.
    #[must_use]
    pub const fn summary(&self) -> &StatementView {
        &self.view
    }

    /// Returns the next part; nothing at the end.
    ///
    /// # Errors
    /// `Conflict` when an entry was booked into the period meanwhile: begin again. `Store` when the account does not add up.
    pub async fn next_part(&mut self) -> Result<Option<StatementPart>, Error> {
        let Some(line) = self.lines.front() else { return Ok(None) };
        let is_first = self.after == (0, 0);
        let of = MovementsOf {
            mid: MidId(self.view.mid),
            account: &line.account,
            asset: line.asset.id,
            from: self.view.from,
            until: self.until,
            last_entry: self.last_entry,
            after: self.after,
        };
        let mut tx = self.engine.store().read().await?;
        let found = rows::movements(&mut tx, &of, CHUNK).await?;
        drop(tx);
        let is_last = found.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
        let mut movements = Vec::with_capacity(found.len());
        for row in found {
            let units = |account: &str| if account == line.account { row.amount.0 } else { 0 };
            self.read = self.read.plus(Totals { debits: units(&row.debit_account), credits: units(&row.credit_account) })?;
            self.after = (row.id, row.position);
            movements.push(line.movement(row, line.opening.plus(self.read)?)?);
        }
        let account = line.view()?;
        if is_last {
            if self.read != line.moved {
                // Another process may have committed an entry with an earlier number; a period of the past stays as it is.
                let is_past = self.until != Timestamp::MAX;
                return Err(if is_past { does_not_add_up(&line.account, line.asset.id.as_str()).into() } else { Error::Conflict });
            }
            self.lines.pop_front();
            self.after = (0, 0);
            self.read = Totals::default();
        }
        Ok(Some(StatementPart { account, is_first, movements, is_last }))
    }
}

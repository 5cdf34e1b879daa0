//! Rows of invoices with everything that came of them, a page of a MID's at a time, and of what their judgements were told.

use std::collections::HashMap;

use domain::ids::{CaseId, DepositId, InvoiceId, MidId, RequestId};
use domain::invoice::{DepositState, Invoice, Resolution};
use domain::rate::Rate;
use domain::replay::{Heard, History, Price, What};
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::cases::{CASE_COLUMNS, CaseRow};
use super::deposits::{DEPOSIT_COLUMNS, DepositRow};
use super::{COLUMNS, InvoiceRow};
use crate::store::codec::{At, needed, parsed};
use crate::store::{StoreError, Tx, lots, on};

/// Appends what invoices' judgements were told. Each invoice is what came of it. `Conflict` when the same request told it already.
pub(crate) async fn append(tx: &mut Tx, heard: &[(&Invoice, &Heard, Option<RequestId>)]) -> Result<(), StoreError> {
    for lot in lots(heard) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO invoice_events (mid_id, invoice_id, number, at, kind, deposit_id, deposit_state, case_id, resolution, rate, \
                 is_suspended, request_id) ",
            );
            sql.push_values(lot, |mut row, (invoice, heard, request)| {
                let (kind, deposit, state, case, how) = match heard.what {
                    What::Deposit(id, state) => (DEPOSIT, Some(id), Some(state), None, None),
                    What::TimeIsUp => (TIME_IS_UP, None, None, None, None),
                    What::Resolved(case, how) => (RESOLVED, None, None, Some(case), Some(how)),
                    What::Attributed(id) => (ATTRIBUTED, Some(id), None, None, None),
                    What::Unwound(id) => (UNWOUND, Some(id), None, None, None),
                    What::Restored(id) => (RESTORED, Some(id), None, None, None),
                };
                row.push_bind(invoice.mid.0)
                    .push_bind(invoice.id.0)
                    .push_bind(invoice.version)
                    .push_bind(At(heard.at))
                    .push_bind(kind)
                    .push_bind(deposit.map(|id| id.0))
                    .push_bind(state.map(DepositState::name))
                    .push_bind(case.map(|id| id.0))
                    .push_bind(how.map(Resolution::name))
                    .push_bind(match heard.price {
                        Price::NotAsked => None,
                        Price::Away => Some(AWAY.to_owned()),
                        Price::Was(rate) => Some(rate.price().to_string()),
                    })
                    .push_bind(heard.is_suspended)
                    .push_bind(request.map(|request| request.0));
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Says whether a request told an invoice's judgement something.
pub(crate) async fn is_told(tx: &mut Tx, invoice: InvoiceId, request: RequestId) -> Result<bool, StoreError> {
    let row: Option<(i64,)> =
        on!(tx, |conn| sqlx::query_as("SELECT number FROM invoice_events WHERE invoice_id = $1 AND request_id = $2")
            .bind(invoice.0)
            .bind(request.0)
            .fetch_optional(conn)
            .await)?;
    Ok(row.is_some())
}

const DEPOSIT: &str = "deposit";
const TIME_IS_UP: &str = "time_is_up";
const RESOLVED: &str = "resolved";
const ATTRIBUTED: &str = "attributed";
const UNWOUND: &str = "unwound";
const RESTORED: &str = "restored";

/// In the place of a price that no source had.
const AWAY: &str = "away";

/// A MID's invoices that were made in a period. Those for money without a tag are left out: people decide about it, no policy does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MadeIn {
    pub(crate) mid: MidId,
    pub(crate) from: Timestamp,
    /// Not part of it any more.
    pub(crate) to: Timestamp,
}

/// Returns when the invoice was made that is the `number`th of a period, counted from 0; `None` when there are not so many.
pub(crate) async fn made_at(tx: &mut Tx, made: MadeIn, number: u32) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(At,)> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT created_at FROM invoices WHERE mid_id = $1 AND created_at >= $2 AND created_at < $3 AND NOT is_for_untagged ORDER BY created_at, id LIMIT 1 OFFSET $4"
    )
    .bind(made.mid.0)
    .bind(At(made.from))
    .bind(At(made.to))
    .bind(i64::from(number))
    .fetch_optional(conn)
    .await
    })?;
    Ok(row.map(|(at,)| at.0))
}

/// Returns invoices of a period with their histories, the newest first, before the given one.
pub(crate) async fn page(
    tx: &mut Tx,
    made: MadeIn,
    before: Option<(Timestamp, InvoiceId)>,
    limit: u32,
) -> Result<Vec<History>, StoreError> {
    let (at, id) = before.map_or((made.to, Uuid::nil()), |(at, id)| (at, id.0));
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM invoices WHERE mid_id = $1 AND created_at >= $2 AND (created_at, id) < ($3, $4) AND NOT is_for_untagged \
         ORDER BY created_at DESC, id DESC LIMIT $5"
    ));
    let rows: Vec<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(made.mid.0)
        .bind(At(made.from))
        .bind(At(at))
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    let histories = rows.into_iter().map(|row| {
        let invoice = row.into_invoice()?;
        Ok(History { invoice, deposits: Vec::new(), cases: Vec::new(), heard: Vec::new() })
    });
    let mut histories = histories.collect::<Result<Vec<_>, StoreError>>()?;
    let (Some(newest), Some(oldest)) = (histories.first(), histories.last()) else { return Ok(histories) };
    let span = Span { mid: made.mid, oldest: place(&oldest.invoice), newest: place(&newest.invoice) };
    let by_id: HashMap<InvoiceId, usize> = histories.iter().enumerate().map(|(index, history)| (history.invoice.id, index)).collect();
    macro_rules! each {
        ($rows:expr, $table:literal, $row:ident => $invoice:expr, $into:expr, $field:ident) => {
            for $row in $rows {
                let index = needed($table, "invoice", by_id.get(&InvoiceId($invoice)).copied())?;
                let found = $into?;
                if let Some(history) = histories.get_mut(index) {
                    history.$field.push(found);
                }
            }
        };
    }
    let rows: Vec<DepositRow> = span.rows(tx, DEPOSIT_COLUMNS, "deposits", "id").await?;
    each!(rows, "deposits", row => row.invoice_id, row.into_deposit(), deposits);
    let rows: Vec<CaseRow> = span.rows(tx, CASE_COLUMNS, "exception_cases", "number").await?;
    each!(rows, "exception_cases", row => row.invoice_id, row.into_case(), cases);
    let rows: Vec<EventRow> = span.rows(tx, EVENT_COLUMNS, "invoice_events", "number").await?;
    each!(rows, "invoice_events", row => row.invoice_id, row.into_heard(), heard);
    Ok(histories)
}

const fn place(invoice: &Invoice) -> (Timestamp, InvoiceId) {
    (invoice.created_at, invoice.id)
}

/// A MID's invoices from one to another, both of them included.
struct Span {
    mid: MidId,
    oldest: (Timestamp, InvoiceId),
    newest: (Timestamp, InvoiceId),
}

impl Span {
    /// Returns the rows of a table that belong to these invoices.
    async fn rows<R>(&self, tx: &mut Tx, columns: &str, table: &str, order: &str) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {columns} FROM {table} WHERE invoice_id IN (SELECT id FROM invoices WHERE mid_id = $1 AND (created_at, id) >= ($2, $3) \
             AND (created_at, id) <= ($4, $5) AND NOT is_for_untagged) ORDER BY {order}"
        ));
        Ok(on!(tx, |conn| sqlx::query_as(sql)
            .bind(self.mid.0)
            .bind(At(self.oldest.0))
            .bind(self.oldest.1.0)
            .bind(At(self.newest.0))
            .bind(self.newest.1.0)
            .fetch_all(conn)
            .await)?)
    }
}

const EVENT_COLUMNS: &str = "invoice_id, at, kind, deposit_id, deposit_state, case_id, resolution, rate, is_suspended";

#[derive(FromRow)]
struct EventRow {
    invoice_id: Uuid,
    at: At,
    kind: String,
    deposit_id: Option<Uuid>,
    deposit_state: Option<String>,
    case_id: Option<Uuid>,
    resolution: Option<String>,
    rate: Option<String>,
    is_suspended: bool,
}

impl EventRow {
    fn into_heard(self) -> Result<Heard, StoreError> {
        let bad = |column: &str| StoreError::Inconsistent { table: "invoice_events", id: format!("{} {column}", self.invoice_id) };
        let deposit = || self.deposit_id.map(DepositId).ok_or_else(|| bad("deposit_id"));
        let what = match self.kind.as_str() {
            DEPOSIT => {
                let state = DepositState::ALL.into_iter().find(|state| Some(state.name()) == self.deposit_state.as_deref());
                What::Deposit(deposit()?, state.ok_or_else(|| bad("deposit_state"))?)
            }
            TIME_IS_UP => What::TimeIsUp,
            RESOLVED => {
                let how = self.resolution.as_deref().and_then(Resolution::from_name);
                What::Resolved(CaseId(self.case_id.ok_or_else(|| bad("case_id"))?), how.ok_or_else(|| bad("resolution"))?)
            }
            ATTRIBUTED => What::Attributed(deposit()?),
            UNWOUND => What::Unwound(deposit()?),
            RESTORED => What::Restored(deposit()?),
            _ => return Err(bad("kind")),
        };
        let price = match self.rate.as_deref() {
            None => Price::NotAsked,
            Some(AWAY) => Price::Away,
            Some(rate) => Price::Was(Rate::new(parsed("invoice_events", rate)?).map_err(|_| bad("rate"))?),
        };
        Ok(Heard { at: self.at.0, what, price, is_suspended: self.is_suspended })
    }
}

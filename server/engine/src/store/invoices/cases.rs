//! Rows of exception cases: how payments differed, and what became of the money.

use domain::exception::{CaseState, ExceptionCase, Flags};
use domain::ids::{CaseId, InvoiceId, PolicyId};
use domain::policy::Why;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::store::codec::{At, Units, amount, count, needed};
use crate::store::{StoreError, Tx, all_rows, among, lots, on};

pub(super) const CASE_COLUMNS: &str =
    "id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, residual, state, why, at";

/// Inserts cases, or saves where each stands when a person still had to decide it.
pub(crate) async fn save_cases(tx: &mut Tx, cases: &[&ExceptionCase]) -> Result<(), StoreError> {
    for lot in lots(cases) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO exception_cases (id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, residual, state, why, at) ",
            );
            sql.push_values(lot, |mut row, case| {
                row.push_bind(case.id.0)
                    .push_bind(case.invoice.0)
                    .push_bind(i64::from(case.number))
                    .push_bind(case.flags.to_text())
                    .push_bind(case.policy.0)
                    .push_bind(case.received.asset.as_str())
                    .push_bind(Units(case.received.units))
                    .push_bind(Units(case.credited.units))
                    .push_bind(Units(case.refunded.units))
                    .push_bind(Units(case.residual.units))
                    .push_bind(case.state.name())
                    .push_bind(case.state.why().map(Why::name))
                    .push_bind(At(case.at));
            });
            sql.push(
                " ON CONFLICT (id) DO UPDATE SET flags = excluded.flags, policy_id = excluded.policy_id, received = excluded.received, \
                 credited = excluded.credited, refunded = excluded.refunded, residual = excluded.residual, state = excluded.state, \
                 why = excluded.why, at = excluded.at WHERE exception_cases.state = 'manual'",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
}

#[derive(FromRow)]
pub(super) struct CaseRow {
    id: Uuid,
    pub(super) invoice_id: Uuid,
    number: i64,
    flags: String,
    policy_id: Uuid,
    asset: String,
    received: Units,
    credited: Units,
    refunded: Units,
    residual: Units,
    state: String,
    why: Option<String>,
    at: At,
}

impl CaseRow {
    pub(super) fn into_case(self) -> Result<ExceptionCase, StoreError> {
        Ok(ExceptionCase {
            id: CaseId(self.id),
            invoice: InvoiceId(self.invoice_id),
            number: count("exception_cases", self.number)?,
            flags: needed("exception_cases", "flags", Flags::from_text(&self.flags))?,
            policy: PolicyId(self.policy_id),
            received: amount(self.received, &self.asset)?,
            credited: amount(self.credited, &self.asset)?,
            refunded: amount(self.refunded, &self.asset)?,
            residual: amount(self.residual, &self.asset)?,
            state: needed("exception_cases", "state", CaseState::from_name(&self.state, self.why.as_deref()))?,
            at: self.at.0,
        })
    }
}

pub(crate) async fn load_case(tx: &mut Tx, id: CaseId) -> Result<Option<ExceptionCase>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {CASE_COLUMNS} FROM exception_cases WHERE id = $1"));
    let row: Option<CaseRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(CaseRow::into_case).transpose()
}

/// Returns an invoice's cases, oldest first.
pub(crate) async fn cases(tx: &mut Tx, invoice: InvoiceId) -> Result<Vec<ExceptionCase>, StoreError> {
    cases_of(tx, &[invoice.0]).await
}

/// Returns the cases of some invoices, in the order of their numbers.
pub(crate) async fn cases_of(tx: &mut Tx, invoices: &[Uuid]) -> Result<Vec<ExceptionCase>, StoreError> {
    let rows: Vec<CaseRow> =
        among!(tx, format!("SELECT {CASE_COLUMNS} FROM exception_cases WHERE invoice_id IN ("), invoices, ") ORDER BY number")?;
    rows.into_iter().map(CaseRow::into_case).collect()
}

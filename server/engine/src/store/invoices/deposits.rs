//! Rows of deposits: what came to invoices' addresses.

use domain::ids::{DepositId, InvoiceId, MidId};
use domain::invoice::{Deposit, DepositState};
use domain::money::{AssetId, Network};
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::store::codec::{At, Units, amount, needed};
use crate::store::merchants::{MidFilter, WITHIN, bind_within};
use crate::store::{StoreError, Tx, among, lots, on};

pub(super) const DEPOSIT_COLUMNS: &str = "id, invoice_id, external_id, txid, asset, amount, source, is_risky, seen_at, state, is_judged";

#[derive(FromRow)]
pub(super) struct DepositRow {
    id: Uuid,
    pub(super) invoice_id: Uuid,
    external_id: String,
    txid: String,
    asset: String,
    amount: Units,
    source: Option<String>,
    is_risky: bool,
    seen_at: At,
    state: String,
    is_judged: bool,
}

impl DepositRow {
    pub(super) fn into_deposit(self) -> Result<Deposit, StoreError> {
        let state = DepositState::ALL.into_iter().find(|state| state.name() == self.state);
        Ok(Deposit {
            id: DepositId(self.id),
            invoice: InvoiceId(self.invoice_id),
            amount: amount(self.amount, &self.asset)?,
            source: self.source,
            is_risky: self.is_risky,
            seen_at: self.seen_at.0,
            state: needed("deposits", "state", state)?,
            is_judged: self.is_judged,
            external_id: self.external_id,
            txid: self.txid,
        })
    }
}

/// Inserts deposits, or saves of those that are known where each stands, whom it comes from, and of which invoice it is; until it is in the
/// books also how much it is, and in which transaction.
pub(crate) async fn save_deposits(tx: &mut Tx, deposits: &[(MidId, &Deposit)]) -> Result<(), StoreError> {
    for lot in lots(deposits) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO deposits (id, mid_id, invoice_id, external_id, txid, asset, amount, source, is_risky, seen_at, state, is_judged) ",
            );
            sql.push_values(lot, |mut row, (mid, deposit)| {
                row.push_bind(deposit.id.0)
                    .push_bind(mid.0)
                    .push_bind(deposit.invoice.0)
                    .push_bind(&deposit.external_id)
                    .push_bind(&deposit.txid)
                    .push_bind(deposit.amount.asset.as_str())
                    .push_bind(Units(deposit.amount.units))
                    .push_bind(deposit.source.as_deref())
                    .push_bind(deposit.is_risky)
                    .push_bind(At(deposit.seen_at))
                    .push_bind(deposit.state.name())
                    .push_bind(deposit.is_judged);
            });
            sql.push(
                " ON CONFLICT (id) DO UPDATE SET invoice_id = excluded.invoice_id, state = excluded.state, is_judged = excluded.is_judged, is_risky = excluded.is_risky, \
                 amount = CASE WHEN deposits.state IN ('seen', 'gone') THEN excluded.amount ELSE deposits.amount END, \
                 txid = CASE WHEN deposits.state IN ('seen', 'gone') THEN excluded.txid ELSE deposits.txid END",
            );
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Returns an invoice's deposits, oldest first.
pub(crate) async fn deposits(tx: &mut Tx, invoice: InvoiceId) -> Result<Vec<Deposit>, StoreError> {
    deposits_of(tx, &[invoice.0]).await
}

/// Returns the deposits of some invoices, oldest first.
pub(crate) async fn deposits_of(tx: &mut Tx, invoices: &[Uuid]) -> Result<Vec<Deposit>, StoreError> {
    let rows: Vec<DepositRow> =
        among!(tx, format!("SELECT {DEPOSIT_COLUMNS} FROM deposits WHERE invoice_id IN ("), invoices, ") ORDER BY id")?;
    rows.into_iter().map(DepositRow::into_deposit).collect()
}

pub(crate) async fn deposit(tx: &mut Tx, id: DepositId) -> Result<Option<Deposit>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {DEPOSIT_COLUMNS} FROM deposits WHERE id = $1"));
    let row: Option<DepositRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(DepositRow::into_deposit).transpose()
}

/// Returns deposits of the given MIDs, newest first, before the cursor; of one invoice when given.
pub(crate) async fn list_deposits(
    tx: &mut Tx,
    within: MidFilter,
    invoice: Option<InvoiceId>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<Deposit>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {DEPOSIT_COLUMNS} FROM deposits WHERE {WITHIN} AND id < $5 AND ($6 OR invoice_id = $7) ORDER BY id DESC LIMIT $8"
    ));
    let rows: Vec<DepositRow> = on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
        .bind(before)
        .bind(invoice.is_none())
        .bind(invoice.map_or(Uuid::nil(), |invoice| invoice.0))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(DepositRow::into_deposit).collect()
}

/// Returns a network's deposits whose block could still go away, and those since `again_since` whose block went away, before or after it
/// was final.
pub(crate) async fn deposits_not_final(tx: &mut Tx, network: Network, again_since: Timestamp) -> Result<Vec<Deposit>, StoreError> {
    let rows: Vec<DepositRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT d.id, d.invoice_id, d.external_id, d.txid, d.asset, d.amount, d.source, d.is_risky, d.seen_at, d.state, d.is_judged \
         FROM deposits d JOIN invoices i ON i.id = d.invoice_id WHERE i.network = $1 AND d.state IN ('seen', 'gone', 'orphaned') \
         AND (d.state = 'seen' OR d.seen_at > $2) ORDER BY d.id"
    )
    .bind(network.name())
    .bind(At(again_since))
    .fetch_all(conn)
    .await)?;
    rows.into_iter().map(DepositRow::into_deposit).collect()
}

/// Returns whether a deposit of this name is known, and of which invoice.
pub(crate) async fn deposit_by_external_id(tx: &mut Tx, mid: MidId, external_id: &str) -> Result<Option<Deposit>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {DEPOSIT_COLUMNS} FROM deposits WHERE mid_id = $1 AND external_id = $2"));
    let row: Option<DepositRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(external_id).fetch_optional(conn).await)?;
    row.map(DepositRow::into_deposit).transpose()
}

/// Says whether any deposit of an asset was ever booked. Asked at a start, and only where its answer matters.
pub(crate) async fn has_deposit_of(tx: &mut Tx, asset: AssetId) -> Result<bool, StoreError> {
    let row: Option<(Uuid,)> =
        on!(tx, |conn| sqlx::query_as("SELECT id FROM deposits WHERE asset = $1 LIMIT 1").bind(asset.as_str()).fetch_optional(conn).await)?;
    Ok(row.is_some())
}

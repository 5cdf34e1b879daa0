//! Rows of reconciliations, and what the books say of one asset.

use domain::destination::Destination;
use domain::money::{AssetId, Network};
use domain::view::ReconciliationState;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, Units, asset_id, needed, parsed};
use super::invoices::destination;
use super::{StoreError, Tx, on};

/// What the books of all MIDs say of one asset, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    /// Coins that came in and did not go out again, gas not subtracted.
    pub(crate) ledger: i128,
    /// Gas that the operator paid.
    pub(crate) gas: i128,
    /// What payouts under way hold.
    pub(crate) in_flight: i128,
}

pub(crate) async fn books(tx: &mut Tx, asset: AssetId) -> Result<Books, StoreError> {
    // By the whole key of each balance: the rows of holding accounts, one per invoice, are not walked through.
    let rows: Vec<(String, Units, Units)> = on!(tx, |conn| sqlx::query_as(
        "SELECT b.account, b.debits, b.credits FROM mids m JOIN balances b ON b.mid_id = m.id \
         WHERE b.account IN ('custody', 'network_fee', 'payout_in_flight') AND b.invoice_id = $1 AND b.asset = $2"
    )
    .bind(Uuid::nil())
    .bind(asset.as_str())
    .fetch_all(conn)
    .await)?;
    let mut books = Books::default();
    for (account, Units(debits), Units(credits)) in rows {
        let net = i128::try_from(debits).ok().zip(i128::try_from(credits).ok()).and_then(|(debits, credits)| debits.checked_sub(credits));
        let net = needed("balances", "sum", net)?;
        let add = |sum: i128| needed("balances", "sum", sum.checked_add(net));
        match account.as_str() {
            "custody" => books.ledger = add(books.ledger)?,
            "network_fee" => (books.ledger, books.gas) = (add(books.ledger)?, add(books.gas)?),
            _ => books.in_flight = needed("balances", "sum", books.in_flight.checked_sub(net))?,
        }
    }
    Ok(books)
}

/// Returns the addresses that received an asset for good.
pub(crate) async fn paid_addresses(tx: &mut Tx, network: Network, asset: AssetId) -> Result<Vec<Destination>, StoreError> {
    let rows: Vec<(String, Option<String>)> = on!(tx, |conn| sqlx::query_as(
        "SELECT i.address, MIN(i.tag) FROM deposits d JOIN invoices i ON i.id = d.invoice_id \
         WHERE i.network = $1 AND d.asset = $2 AND d.state = 'final' GROUP BY i.address"
    )
    .bind(network.name())
    .bind(asset.as_str())
    .fetch_all(conn)
    .await)?;
    rows.into_iter().map(|(address, tag)| needed("invoices", "address", destination(network.name(), &address, tag.as_deref()))).collect()
}

/// What was found for one asset.
#[derive(Clone, Debug)]
pub(crate) struct Reconciliation {
    pub(crate) id: Uuid,
    pub(crate) network: Network,
    pub(crate) asset: AssetId,
    pub(crate) at: Timestamp,
    pub(crate) books: Books,
    pub(crate) rail: Option<i128>,
    pub(crate) float: Option<i128>,
    pub(crate) state: ReconciliationState,
    pub(crate) note: String,
}

const COLUMNS: &str = "id, network, asset, at, ledger_units, gas_units, in_flight_units, rail_units, float_units, state, note";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    network: String,
    asset: String,
    at: At,
    ledger_units: String,
    gas_units: String,
    in_flight_units: String,
    rail_units: Option<String>,
    float_units: Option<String>,
    state: String,
    note: String,
}

impl Row {
    fn into_reconciliation(self) -> Result<Reconciliation, StoreError> {
        let units = |text: &str| parsed::<i128>("reconciliations", text);
        let state = ReconciliationState::ALL.into_iter().find(|state| state.name() == self.state);
        Ok(Reconciliation {
            id: self.id,
            network: parsed("reconciliations", &self.network)?,
            asset: asset_id(&self.asset)?,
            at: self.at.0,
            books: Books { ledger: units(&self.ledger_units)?, gas: units(&self.gas_units)?, in_flight: units(&self.in_flight_units)? },
            rail: self.rail_units.as_deref().map(units).transpose()?,
            float: self.float_units.as_deref().map(units).transpose()?,
            state: needed("reconciliations", "state", state)?,
            note: self.note,
        })
    }
}

pub(crate) async fn insert(tx: &mut Tx, new: &Reconciliation) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO reconciliations (id, network, asset, at, ledger_units, gas_units, in_flight_units, rail_units, float_units, state, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    )
    .bind(new.id)
    .bind(new.network.name())
    .bind(new.asset.as_str())
    .bind(At(new.at))
    .bind(new.books.ledger.to_string())
    .bind(new.books.gas.to_string())
    .bind(new.books.in_flight.to_string())
    .bind(new.rail.map(|units| units.to_string()))
    .bind(new.float.map(|units| units.to_string()))
    .bind(new.state.name())
    .bind(&new.note)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// Returns what was found, newest first, before the cursor; of one asset when given.
pub(crate) async fn list(tx: &mut Tx, asset: Option<AssetId>, before: Uuid, limit: u32) -> Result<Vec<Reconciliation>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM reconciliations WHERE id < $1 AND ($2 = '' OR asset = $2) ORDER BY id DESC LIMIT $3"
    ));
    let asset = asset.as_ref().map_or("", AssetId::as_str);
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(sql).bind(before).bind(asset).bind(i64::from(limit)).fetch_all(conn).await)?;
    rows.into_iter().map(Row::into_reconciliation).collect()
}

/// Returns what was found last for an asset.
pub(crate) async fn last(tx: &mut Tx, network: Network, asset: AssetId) -> Result<Option<Reconciliation>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM reconciliations WHERE network = $1 AND asset = $2 ORDER BY id DESC LIMIT 1"));
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(asset.as_str()).fetch_optional(conn).await)?;
    row.map(Row::into_reconciliation).transpose()
}

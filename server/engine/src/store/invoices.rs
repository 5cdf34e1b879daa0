//! Rows of invoices, deposits, caps and cases.

use domain::destination::Destination;
use domain::exception::{ExceptionCase, Flags};
use domain::ids::{CaseId, DepositId, InvoiceId, MidId, PolicyId};
use domain::invoice::{Deposit, DepositState, Invoice, InvoiceStatus};
use domain::money::{Amount, AssetId, Network};
use domain::outcome::CapChange;
use domain::rate::{Fiat, Rate};
use domain::view::Metadata;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id, count, needed, parsed};
use super::merchants::{MidFilter, WITHIN};
use super::{StoreError, Tx, on, one_row, rails};

const COLUMNS: &str = "id, mid_id, reference, billed, billed_currency, rate, asset, charged, network, address, tag, payer_email, \
    success_redirect_url, unsuccess_redirect_url, metadata, status, flags, judgements, refunds, expires_at, created_at, version";

#[derive(FromRow)]
struct InvoiceRow {
    id: Uuid,
    mid_id: Uuid,
    reference: String,
    billed: String,
    billed_currency: String,
    rate: String,
    asset: String,
    charged: Units,
    network: String,
    address: String,
    tag: Option<i64>,
    payer_email: Option<String>,
    success_redirect_url: Option<String>,
    unsuccess_redirect_url: Option<String>,
    metadata: Option<Json<Metadata>>,
    status: String,
    flags: String,
    judgements: i64,
    refunds: i64,
    expires_at: At,
    created_at: At,
    version: i64,
}

impl InvoiceRow {
    fn into_invoice(self) -> Result<Invoice, StoreError> {
        let bad = |column: &str| StoreError::Inconsistent { table: "invoices", id: format!("{} {column}", self.id) };
        Ok(Invoice {
            id: InvoiceId(self.id),
            mid: MidId(self.mid_id),
            billed: Fiat { amount: parsed("invoices", &self.billed)?, currency: parsed("invoices", &self.billed_currency)? },
            charged: amount(self.charged, &self.asset)?,
            rate: Rate::new(parsed("invoices", &self.rate)?).map_err(|_| bad("rate"))?,
            address: destination(&self.network, &self.address, self.tag).ok_or_else(|| bad("address"))?,
            metadata: self.metadata.map(|Json(metadata)| metadata),
            status: InvoiceStatus::ALL.into_iter().find(|status| status.name() == self.status).ok_or_else(|| bad("status"))?,
            flags: Flags::from_text(&self.flags).ok_or_else(|| bad("flags"))?,
            judgements: count("invoices", self.judgements)?,
            refunds: count("invoices", self.refunds)?,
            expires_at: self.expires_at.0,
            created_at: self.created_at.0,
            version: self.version,
            reference: self.reference,
            payer_email: self.payer_email,
            success_redirect_url: self.success_redirect_url,
            unsuccess_redirect_url: self.unsuccess_redirect_url,
        })
    }
}

/// Reads a destination's columns again through the parser: rows are not trusted more than people.
pub(super) fn destination(network: &str, address: &str, tag: Option<i64>) -> Option<Destination> {
    let network: Network = network.parse().ok()?;
    let tag = match (network, tag) {
        (Network::Xrpl, None) => Some("none".to_owned()),
        (_, tag) => tag.map(|tag| tag.to_string()),
    };
    Destination::parse(network, address, tag.as_deref()).ok()
}

pub(crate) async fn insert(tx: &mut Tx, invoice: &Invoice) -> Result<(), StoreError> {
    let number = rails::next_invoice(tx, invoice.address.network()).await?;
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO invoices (id, mid_id, reference, billed, billed_currency, rate, asset, charged, network, address, tag, payer_email, \
         success_redirect_url, unsuccess_redirect_url, metadata, status, flags, judgements, refunds, expires_at, created_at, version, number) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"
    )
    .bind(invoice.id.0)
    .bind(invoice.mid.0)
    .bind(&invoice.reference)
    .bind(invoice.billed.amount.to_string())
    .bind(invoice.billed.currency.as_str())
    .bind(invoice.rate.price().to_string())
    .bind(invoice.charged.asset.as_str())
    .bind(Units(invoice.charged.units))
    .bind(invoice.address.network().name())
    .bind(invoice.address.address())
    .bind(invoice.address.tag().map(i64::from))
    .bind(invoice.payer_email.as_deref())
    .bind(invoice.success_redirect_url.as_deref())
    .bind(invoice.unsuccess_redirect_url.as_deref())
    .bind(invoice.metadata.clone().map(Json))
    .bind(invoice.status.name())
    .bind(invoice.flags.to_text())
    .bind(i64::from(invoice.judgements))
    .bind(i64::from(invoice.refunds))
    .bind(At(invoice.expires_at))
    .bind(At(invoice.created_at))
    .bind(invoice.version)
    .bind(number)
    .execute(conn)
    .await
    .map(drop)
    })?;
    on!(tx, |conn| sqlx::query("INSERT INTO invoice_caps (invoice_id, asset, paid, committed) VALUES ($1, $2, $3, $3)")
        .bind(invoice.id.0)
        .bind(invoice.charged.asset.as_str())
        .bind(Units(0))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Saves what changes on an invoice, if it is still the version before.
pub(crate) async fn update(tx: &mut Tx, invoice: &Invoice) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE invoices SET status = $1, flags = $2, judgements = $3, refunds = $4, version = $5 WHERE id = $6 AND version = $7"
    )
    .bind(invoice.status.name())
    .bind(invoice.flags.to_text())
    .bind(i64::from(invoice.judgements))
    .bind(i64::from(invoice.refunds))
    .bind(invoice.version)
    .bind(invoice.id.0)
    .bind(invoice.version.saturating_sub(1))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

pub(crate) async fn load(tx: &mut Tx, id: InvoiceId) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE id = $1"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(InvoiceRow::into_invoice).transpose()
}

pub(crate) async fn load_by_reference(tx: &mut Tx, mid: MidId, reference: &str) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE mid_id = $1 AND reference = $2"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(reference).fetch_optional(conn).await)?;
    row.map(InvoiceRow::into_invoice).transpose()
}

/// Says whether an address receives deposits, with whatever tag.
pub(crate) async fn is_deposit_address(tx: &mut Tx, network: Network, address: &str) -> Result<bool, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as("SELECT COUNT(*) FROM invoices WHERE network = $1 AND address = $2")
        .bind(network.name())
        .bind(address)
        .fetch_one(conn)
        .await)?;
    Ok(count > 0)
}

/// Returns the invoices of the given MIDs, newest first, before the cursor.
pub(crate) async fn list(
    tx: &mut Tx,
    within: MidFilter,
    status: Option<InvoiceStatus>,
    reference: Option<&str>,
    before: Uuid,
    limit: u32,
) -> Result<Vec<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM invoices WHERE {WITHIN} AND id < $5 AND ($6 = '' OR status = $6) AND ($7 = '' OR reference = $7) \
         ORDER BY id DESC LIMIT $8"
    ));
    let rows: Vec<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .bind(before)
        .bind(status.map_or("", InvoiceStatus::name))
        .bind(reference.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(InvoiceRow::into_invoice).collect()
}

/// An address that may still receive money worth a look.
pub(crate) struct WatchedInvoice {
    pub(crate) number: i64,
    pub(crate) id: InvoiceId,
    pub(crate) address: Destination,
    pub(crate) asset: AssetId,
}

/// Returns the addresses of a network's invoices with a number above `after` that are open or ended after `since`, in the order of numbers.
pub(crate) async fn watched(tx: &mut Tx, network: Network, since: jiff::Timestamp, after: i64) -> Result<Vec<WatchedInvoice>, StoreError> {
    let rows: Vec<(i64, Uuid, String, Option<i64>, String)> = on!(tx, |conn| sqlx::query_as(
        "SELECT number, id, address, tag, asset FROM invoices WHERE network = $1 AND number > $2 AND expires_at > $3 ORDER BY number"
    )
    .bind(network.name())
    .bind(after)
    .bind(At(since))
    .fetch_all(conn)
    .await)?;
    rows.into_iter()
        .map(|(number, id, address, tag, asset)| {
            let address = needed("invoices", "address", destination(network.name(), &address, tag))?;
            Ok(WatchedInvoice { number, id: InvoiceId(id), address, asset: asset_id(&asset)? })
        })
        .collect()
}

#[derive(FromRow)]
struct DepositRow {
    id: Uuid,
    invoice_id: Uuid,
    external_id: String,
    txid: String,
    asset: String,
    amount: Units,
    seen_at: At,
    state: String,
    is_judged: bool,
}

impl DepositRow {
    fn into_deposit(self) -> Result<Deposit, StoreError> {
        let states = [DepositState::Seen, DepositState::Final, DepositState::Gone];
        let state = states.into_iter().find(|state| state.name() == self.state);
        Ok(Deposit {
            id: DepositId(self.id),
            invoice: InvoiceId(self.invoice_id),
            amount: amount(self.amount, &self.asset)?,
            seen_at: self.seen_at.0,
            state: needed("deposits", "state", state)?,
            is_judged: self.is_judged,
            external_id: self.external_id,
            txid: self.txid,
        })
    }
}

/// Inserts a deposit, or saves its state when it is known.
pub(crate) async fn save_deposit(tx: &mut Tx, mid: MidId, deposit: &Deposit) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO deposits (id, mid_id, invoice_id, external_id, txid, asset, amount, seen_at, state, is_judged) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_judged = excluded.is_judged"
    )
    .bind(deposit.id.0)
    .bind(mid.0)
    .bind(deposit.invoice.0)
    .bind(&deposit.external_id)
    .bind(&deposit.txid)
    .bind(deposit.amount.asset.as_str())
    .bind(Units(deposit.amount.units))
    .bind(At(deposit.seen_at))
    .bind(deposit.state.name())
    .bind(deposit.is_judged)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

const DEPOSIT_COLUMNS: &str = "id, invoice_id, external_id, txid, asset, amount, seen_at, state, is_judged";

/// Returns an invoice's deposits, oldest first.
pub(crate) async fn deposits(tx: &mut Tx, invoice: InvoiceId) -> Result<Vec<Deposit>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {DEPOSIT_COLUMNS} FROM deposits WHERE invoice_id = $1 ORDER BY id"));
    let rows: Vec<DepositRow> = on!(tx, |conn| sqlx::query_as(sql).bind(invoice.0).fetch_all(conn).await)?;
    rows.into_iter().map(DepositRow::into_deposit).collect()
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
    let rows: Vec<DepositRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(within.all_merchants)
        .bind(within.merchant)
        .bind(within.all_mids)
        .bind(within.mid)
        .bind(before)
        .bind(invoice.is_none())
        .bind(invoice.map_or(Uuid::nil(), |invoice| invoice.0))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(DepositRow::into_deposit).collect()
}

/// Returns a network's deposits whose block could still go away, and those since `again_since` whose block went away.
pub(crate) async fn deposits_not_final(tx: &mut Tx, network: Network, again_since: jiff::Timestamp) -> Result<Vec<Deposit>, StoreError> {
    let rows: Vec<DepositRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT d.id, d.invoice_id, d.external_id, d.txid, d.asset, d.amount, d.seen_at, d.state, d.is_judged \
         FROM deposits d JOIN invoices i ON i.id = d.invoice_id WHERE i.network = $1 AND d.state <> 'final' \
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

/// Moves an invoice's cap. The CHECK refuses what would promise more than came in.
pub(crate) async fn move_cap(tx: &mut Tx, change: CapChange) -> Result<(), StoreError> {
    let (CapChange::Paid(invoice, moved) | CapChange::Commit(invoice, moved) | CapChange::Release(invoice, moved)) = change;
    let (paid, committed) = cap(tx, invoice, moved).await?;
    let (new_paid, new_committed) = match change {
        CapChange::Paid(..) => (paid.checked_add(moved.units), Some(committed)),
        CapChange::Commit(..) => (Some(paid), committed.checked_add(moved.units)),
        CapChange::Release(..) => (Some(paid), committed.checked_sub(moved.units)),
    };
    let new_paid = needed("invoice_caps", "paid", new_paid)?;
    let new_committed = needed("invoice_caps", "committed", new_committed)?;
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE invoice_caps SET paid = $1, committed = $2 WHERE invoice_id = $3 AND asset = $4 AND paid = $5 AND committed = $6"
    )
    .bind(Units(new_paid))
    .bind(Units(new_committed))
    .bind(invoice.0)
    .bind(moved.asset.as_str())
    .bind(Units(paid))
    .bind(Units(committed))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

async fn cap(tx: &mut Tx, invoice: InvoiceId, of: Amount) -> Result<(u128, u128), StoreError> {
    let row: Option<(Units, Units)> =
        on!(tx, |conn| sqlx::query_as("SELECT paid, committed FROM invoice_caps WHERE invoice_id = $1 AND asset = $2")
            .bind(invoice.0)
            .bind(of.asset.as_str())
            .fetch_optional(conn)
            .await)?;
    let (paid, committed) = needed("invoice_caps", "row", row)?;
    Ok((paid.0, committed.0))
}

pub(crate) async fn insert_case(tx: &mut Tx, case: &ExceptionCase) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO exception_cases (id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, resolved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(case.id.0)
    .bind(case.invoice.0)
    .bind(i64::from(case.number))
    .bind(case.flags.to_text())
    .bind(case.policy.0)
    .bind(case.received.asset.as_str())
    .bind(Units(case.received.units))
    .bind(Units(case.credited.units))
    .bind(Units(case.refunded.units))
    .bind(At(case.resolved_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct CaseRow {
    id: Uuid,
    invoice_id: Uuid,
    number: i64,
    flags: String,
    policy_id: Uuid,
    asset: String,
    received: Units,
    credited: Units,
    refunded: Units,
    resolved_at: At,
}

pub(crate) async fn load_case(tx: &mut Tx, id: CaseId) -> Result<Option<ExceptionCase>, StoreError> {
    let row: Option<CaseRow> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, resolved_at FROM exception_cases WHERE id = $1"
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await
    })?;
    row.map(|row| {
        Ok(ExceptionCase {
            id: CaseId(row.id),
            invoice: InvoiceId(row.invoice_id),
            number: count("exception_cases", row.number)?,
            flags: needed("exception_cases", "flags", Flags::from_text(&row.flags))?,
            policy: PolicyId(row.policy_id),
            received: amount(row.received, &row.asset)?,
            credited: amount(row.credited, &row.asset)?,
            refunded: amount(row.refunded, &row.asset)?,
            resolved_at: row.resolved_at.0,
        })
    })
    .transpose()
}

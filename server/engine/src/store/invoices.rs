//! Rows of invoices, deposits, caps and cases.

mod caps;
mod cases;
mod deposits;
pub(crate) mod histories;

use std::collections::{BTreeMap, HashMap};

use domain::claim::Consent;
use domain::destination::Destination;
use domain::exception::Flags;
use domain::ids::{InvoiceId, MidId};
use domain::invoice::{Invoice, InvoiceStatus, Pricing};
use domain::money::Network;
use domain::policy::Overrides;
use domain::rate::{Fiat, Rate};
use domain::view::Metadata;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

pub(crate) use self::caps::{Cap, cap, caps_of, move_caps};
pub(crate) use self::cases::{cases, cases_of, load_case, save_cases};
pub(crate) use self::deposits::{
    deposit, deposit_by_external_id, deposits, deposits_not_final, deposits_of, has_deposit_of, list_deposits, save_deposits,
};
use super::codec::{At, Units, amount, count, needed, parsed};
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, all_rows, among, lots, on, privacy, rails};

const COLUMNS: &str = "id, mid_id, reference, guid, billed, billed_currency, rate, asset, charged, pricing, network, address, tag, is_for_untagged, \
    refund_address, refund_tag, overrides, payer_email, success_redirect_url, unsuccess_redirect_url, metadata, status, flags, judgements, refunds, expires_at, created_at, version";

#[derive(FromRow)]
struct InvoiceRow {
    id: Uuid,
    mid_id: Uuid,
    reference: String,
    guid: Option<String>,
    billed: String,
    billed_currency: String,
    rate: String,
    asset: String,
    charged: Units,
    pricing: String,
    network: String,
    address: String,
    tag: Option<String>,
    is_for_untagged: bool,
    refund_address: Option<String>,
    refund_tag: Option<String>,
    overrides: Option<Json<Overrides>>,
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
            pricing: Pricing::from_name(&self.pricing).ok_or_else(|| bad("pricing"))?,
            address: destination(&self.network, &self.address, self.tag.as_deref()).ok_or_else(|| bad("address"))?,
            is_for_untagged: self.is_for_untagged,
            refund_to: match &self.refund_address {
                None => None,
                Some(address) => {
                    Some(destination(&self.network, address, self.refund_tag.as_deref()).ok_or_else(|| bad("refund_address"))?)
                }
            },
            overrides: self.overrides.map(|Json(overrides)| overrides),
            metadata: self.metadata.map(|Json(metadata)| metadata),
            status: InvoiceStatus::ALL.into_iter().find(|status| status.name() == self.status).ok_or_else(|| bad("status"))?,
            flags: Flags::from_text(&self.flags).ok_or_else(|| bad("flags"))?,
            judgements: count("invoices", self.judgements)?,
            refunds: count("invoices", self.refunds)?,
            expires_at: self.expires_at.0,
            created_at: self.created_at.0,
            version: self.version,
            reference: self.reference,
            guid: self.guid,
            payer_email: self.payer_email,
            success_redirect_url: self.success_redirect_url,
            unsuccess_redirect_url: self.unsuccess_redirect_url,
        })
    }
}

/// Reads a destination's columns again through the parser: rows are not trusted more than people.
pub(super) fn destination(network: &str, address: &str, tag: Option<&str>) -> Option<Destination> {
    Destination::parse(network.parse().ok()?, address, Some(tag.unwrap_or("none"))).ok()
}

/// Inserts new invoices, numbered in their networks.
pub(crate) async fn insert(tx: &mut Tx, invoices: &[&Invoice]) -> Result<(), StoreError> {
    let mut networks: BTreeMap<Network, u32> = BTreeMap::new();
    for invoice in invoices {
        let count = networks.entry(invoice.address.network()).or_default();
        *count = count.saturating_add(1);
    }
    let mut numbers = BTreeMap::new();
    for (network, count) in networks {
        numbers.insert(network, rails::number_invoices(tx, network, count).await?);
    }
    let mut numbered = Vec::with_capacity(invoices.len());
    for invoice in invoices {
        let next = needed("rails", "invoices", numbers.get_mut(&invoice.address.network()).and_then(Iterator::next))?;
        numbered.push((*invoice, next));
    }
    for lot in lots(&numbered) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO invoices (id, mid_id, reference, billed, billed_currency, rate, asset, charged, pricing, network, address, tag, \
                 refund_address, refund_tag, overrides, payer_email, success_redirect_url, unsuccess_redirect_url, metadata, status, flags, \
                 judgements, refunds, expires_at, created_at, version, number, is_for_untagged, guid) ",
            );
            sql.push_values(lot, |mut row, (invoice, number)| {
                row.push_bind(invoice.id.0)
                    .push_bind(invoice.mid.0)
                    .push_bind(&invoice.reference)
                    .push_bind(invoice.billed.amount.to_string())
                    .push_bind(invoice.billed.currency.as_str())
                    .push_bind(invoice.rate.price().to_string())
                    .push_bind(invoice.charged.asset.as_str())
                    .push_bind(Units(invoice.charged.units))
                    .push_bind(invoice.pricing.name())
                    .push_bind(invoice.address.network().name())
                    .push_bind(invoice.address.address())
                    .push_bind(invoice.address.tag().map(ToString::to_string))
                    .push_bind(invoice.refund_to.as_ref().map(Destination::address))
                    .push_bind(invoice.refund_to.as_ref().and_then(Destination::tag).map(ToString::to_string))
                    .push_bind(invoice.overrides.clone().map(Json))
                    .push_bind(invoice.payer_email.as_deref())
                    .push_bind(invoice.success_redirect_url.as_deref())
                    .push_bind(invoice.unsuccess_redirect_url.as_deref())
                    .push_bind(invoice.metadata.clone().map(Json))
                    .push_bind(invoice.status.name())
                    .push_bind(invoice.flags.to_text())
                    .push_bind(i64::from(invoice.judgements))
                    .push_bind(i64::from(invoice.refunds))
                    .push_bind(At(invoice.expires_at))
                    .push_bind(At(invoice.created_at))
                    .push_bind(invoice.version)
                    .push_bind(*number)
                    .push_bind(invoice.is_for_untagged)
                    .push_bind(invoice.guid.as_deref());
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Saves what changes on invoices, if each is still the version before.
pub(crate) async fn update(tx: &mut Tx, invoices: &[&Invoice]) -> Result<(), StoreError> {
    for lot in lots(invoices) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH moved (id, version, status, flags, judgements, refunds) AS (");
            sql.push_values(lot, |mut row, invoice| {
                row.push_bind(invoice.id.0)
                    .push_bind(invoice.version)
                    .push_bind(invoice.status.name())
                    .push_bind(invoice.flags.to_text())
                    .push_bind(i64::from(invoice.judgements))
                    .push_bind(i64::from(invoice.refunds));
            });
            sql.push(
                ") UPDATE invoices SET status = moved.status, flags = moved.flags, judgements = moved.judgements, refunds = moved.refunds, \
                 version = moved.version FROM moved WHERE invoices.id = moved.id AND invoices.version = moved.version - 1",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
}

pub(crate) async fn load(tx: &mut Tx, id: InvoiceId) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE id = $1"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(InvoiceRow::into_invoice).transpose()
}

/// Returns some invoices by their ids.
pub(crate) async fn load_all(tx: &mut Tx, ids: &[Uuid]) -> Result<BTreeMap<InvoiceId, Invoice>, StoreError> {
    let rows: Vec<InvoiceRow> = among!(tx, format!("SELECT {COLUMNS} FROM invoices WHERE id IN ("), ids, ")")?;
    rows.into_iter().map(|row| row.into_invoice().map(|invoice| (invoice.id, invoice))).collect()
}

/// Writes down what a payer said on the payment page, if nobody said before whom to write to and no money came: who says it after that may
/// be somebody else. Says whether it was written.
pub(crate) async fn agree(tx: &mut Tx, id: InvoiceId, email: &str, consent: Consent, now: jiff::Timestamp) -> Result<bool, StoreError> {
    let (version, text) = privacy::columns(consent);
    let written = on!(tx, |conn| sqlx::query(
        "UPDATE invoices SET payer_email = $1, consent_text_version = $2, consent_text_id = $3, consented_at = $4 \
         WHERE id = $5 AND payer_email IS NULL AND status = 'pending' \
         AND NOT EXISTS (SELECT 1 FROM deposits d WHERE d.invoice_id = invoices.id)"
    )
    .bind(email)
    .bind(version)
    .bind(text)
    .bind(At(now))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(written == 1)
}

/// Returns what the payers of some invoices agreed to on the payment page.
pub(crate) async fn consents(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Consent>, StoreError> {
    let select = "SELECT id, consent_text_version, consent_text_id FROM invoices WHERE consented_at IS NOT NULL AND id IN (";
    let rows: Vec<(Uuid, Option<i64>, Option<Uuid>)> = among!(tx, select, ids, ")")?;
    let consent = |(id, version, text)| Ok(privacy::consent("invoices", version, text)?.map(|consent| (id, consent)));
    rows.into_iter().filter_map(|row| consent(row).transpose()).collect()
}

pub(crate) async fn load_by_reference(tx: &mut Tx, mid: MidId, reference: &str) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE mid_id = $1 AND reference = $2"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(reference).fetch_optional(conn).await)?;
    row.map(InvoiceRow::into_invoice).transpose()
}

/// Returns a MID's invoice by what the merchant's program knows it by.
pub(crate) async fn by_guid(tx: &mut Tx, mid: MidId, guid: &str) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE mid_id = $1 AND guid = $2"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(guid).fetch_optional(conn).await)?;
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
    let rows: Vec<InvoiceRow> = on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
        .bind(before)
        .bind(status.map_or("", InvoiceStatus::name))
        .bind(reference.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(InvoiceRow::into_invoice).collect()
}

/// Returns the invoice of a MID for what comes to its shared account of a network without a tag.
pub(crate) async fn for_untagged(tx: &mut Tx, mid: MidId, network: Network) -> Result<Option<Invoice>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM invoices WHERE mid_id = $1 AND network = $2 AND is_for_untagged"));
    let row: Option<InvoiceRow> = on!(tx, |conn| sqlx::query_as(sql).bind(mid.0).bind(network.name()).fetch_optional(conn).await)?;
    row.map(InvoiceRow::into_invoice).transpose()
}

/// Returns which invoice a payment to a shared account is of: the one it is known on, else the one, however old, whose tag it carries, else
/// the account's own.
pub(crate) async fn on_shared_account(
    tx: &mut Tx,
    account: InvoiceId,
    external_id: &str,
    tag: Option<&str>,
) -> Result<InvoiceId, StoreError> {
    let known: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT d.invoice_id FROM deposits d JOIN invoices i ON i.mid_id = d.mid_id WHERE i.id = $1 AND d.external_id = $2"
    )
    .bind(account.0)
    .bind(external_id)
    .fetch_optional(conn)
    .await)?;
    if let Some((known,)) = known {
        return Ok(InvoiceId(known));
    }
    let tagged: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT t.id FROM invoices t JOIN invoices i ON i.network = t.network AND i.address = t.address WHERE i.id = $1 AND t.tag = $2"
    )
    .bind(account.0)
    .bind(tag)
    .fetch_optional(conn)
    .await)?;
    Ok(tagged.map_or(account, |(tagged,)| InvoiceId(tagged)))
}

/// An address that may still receive money worth a look.
pub(crate) struct WatchedInvoice {
    pub(crate) number: i64,
    pub(crate) id: InvoiceId,
    pub(crate) address: Destination,
    pub(crate) is_for_untagged: bool,
}

/// Returns the addresses of a network's invoices with a number above `after` that are open or ended after `since`, and its shared accounts,
/// in the order of numbers.
pub(crate) async fn watched(tx: &mut Tx, network: Network, since: jiff::Timestamp, after: i64) -> Result<Vec<WatchedInvoice>, StoreError> {
    let rows: Vec<(i64, Uuid, String, Option<String>, bool)> = on!(tx, |conn| sqlx::query_as(
        "SELECT number, id, address, tag, is_for_untagged FROM invoices \
         WHERE network = $1 AND number > $2 AND (expires_at > $3 OR is_for_untagged) ORDER BY number"
    )
    .bind(network.name())
    .bind(after)
    .bind(At(since))
    .fetch_all(conn)
    .await)?;
    rows.into_iter()
        .map(|(number, id, address, tag, is_for_untagged)| {
            let address = needed("invoices", "address", destination(network.name(), &address, tag.as_deref()))?;
            Ok(WatchedInvoice { number, id: InvoiceId(id), address, is_for_untagged })
        })
        .collect()
}

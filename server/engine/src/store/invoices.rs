//! Rows of invoices, deposits, caps and cases.

pub(crate) mod histories;

use std::collections::{BTreeMap, BTreeSet};

use domain::claim::Consent;
use domain::destination::Destination;
use domain::exception::{CaseState, ExceptionCase, Flags};
use domain::ids::{CaseId, DepositId, InvoiceId, MidId, PolicyId};
use domain::invoice::{Deposit, DepositState, Invoice, InvoiceStatus, Pricing};
use domain::money::{Amount, AssetId, Network};
use domain::outcome::CapChange;
use domain::policy::{Overrides, Why};
use domain::rate::{Fiat, Rate};
use domain::view::Metadata;
use sqlx::types::Json;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id, count, needed, parsed};
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, all_rows, among, lots, on, rails};

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

/// Writes down what a payer said on the payment page, if nobody said before whom to write to; says whether it was written.
pub(crate) async fn agree(tx: &mut Tx, id: InvoiceId, email: &str, consent: Consent, now: jiff::Timestamp) -> Result<bool, StoreError> {
    let written = on!(tx, |conn| sqlx::query(
        "UPDATE invoices SET payer_email = $1, consent_text_version = $2, consented_at = $3 WHERE id = $4 AND payer_email IS NULL"
    )
    .bind(email)
    .bind(i64::from(consent.text_version))
    .bind(At(now))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(written == 1)
}

/// Returns what the payer agreed to on the payment page.
pub(crate) async fn consent(tx: &mut Tx, id: InvoiceId) -> Result<Option<Consent>, StoreError> {
    let row: Option<(Option<i64>,)> =
        on!(tx, |conn| sqlx::query_as("SELECT consent_text_version FROM invoices WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    let version = row.and_then(|(version,)| version).map(|version| count("invoices", version)).transpose()?;
    Ok(version.map(|text_version| Consent { text_version }))
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

#[derive(FromRow)]
struct DepositRow {
    id: Uuid,
    invoice_id: Uuid,
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
    fn into_deposit(self) -> Result<Deposit, StoreError> {
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

const DEPOSIT_COLUMNS: &str = "id, invoice_id, external_id, txid, asset, amount, source, is_risky, seen_at, state, is_judged";

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
pub(crate) async fn deposits_not_final(tx: &mut Tx, network: Network, again_since: jiff::Timestamp) -> Result<Vec<Deposit>, StoreError> {
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

/// A row of `invoice_caps`, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) paid: u128,
    pub(crate) committed: u128,
    pub(crate) orphaned: u128,
}

impl Cap {
    /// Returns what can still be promised back.
    pub(crate) fn left(self) -> u128 {
        self.paid.saturating_sub(self.orphaned).saturating_sub(self.committed)
    }
}

impl core::fmt::Display for Cap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} paid, {} committed and {} vanished", self.paid, self.committed, self.orphaned)
    }
}

/// Moves caps as events change them, each row once. The CHECK refuses what would promise more than came in; what vanished from the chain
/// since is not promised again either.
pub(crate) async fn move_caps(tx: &mut Tx, changes: &[CapChange]) -> Result<(), StoreError> {
    let mut caps: BTreeMap<(InvoiceId, AssetId), Vec<CapChange>> = BTreeMap::new();
    for change in changes {
        let (CapChange::Paid(invoice, moved)
        | CapChange::Moved(invoice, moved)
        | CapChange::Commit(invoice, moved)
        | CapChange::Release(invoice, moved)
        | CapChange::Orphaned(invoice, moved)
        | CapChange::Restored(invoice, moved)
        | CapChange::Owed(invoice, moved)) = change;
        caps.entry((*invoice, moved.asset)).or_default().push(*change);
    }
    let invoices: BTreeSet<Uuid> = caps.keys().map(|(invoice, _)| invoice.0).collect();
    let before = caps_of(tx, &Vec::from_iter(invoices)).await?;
    let mut after = Vec::with_capacity(caps.len());
    for ((invoice, asset), changes) in caps {
        let (cap, version) = before.get(&(invoice, asset)).copied().unwrap_or_default();
        let cap = changes.into_iter().try_fold(cap, moved_by)?;
        after.push((invoice, asset, cap, version.saturating_add(1)));
    }
    replace_caps(tx, &after).await
}

/// Returns the caps of some invoices, with how often each was changed.
async fn caps_of(tx: &mut Tx, invoices: &[Uuid]) -> Result<BTreeMap<(InvoiceId, AssetId), (Cap, i64)>, StoreError> {
    let select = "SELECT invoice_id, asset, paid, committed, orphaned, version FROM invoice_caps WHERE invoice_id IN (";
    let rows: Vec<(Uuid, String, Units, Units, Units, i64)> = among!(tx, select, invoices, ")")?;
    let cap = |(invoice, asset, paid, committed, orphaned, version): (Uuid, String, Units, Units, Units, i64)| {
        let cap = Cap { paid: paid.0, committed: committed.0, orphaned: orphaned.0 };
        Ok(((InvoiceId(invoice), asset_id(&asset)?), (cap, version)))
    };
    rows.into_iter().map(cap).collect()
}

fn moved_by(before: Cap, change: CapChange) -> Result<Cap, StoreError> {
    let add = |sum: u128, moved: Amount| needed("invoice_caps", "sum", sum.checked_add(moved.units));
    let take = |column: &'static str, sum: u128, moved: Amount| needed("invoice_caps", column, sum.checked_sub(moved.units));
    Ok(match change {
        CapChange::Paid(_, moved) => Cap { paid: add(before.paid, moved)?, ..before },
        CapChange::Moved(_, moved) => Cap { paid: take("paid", before.paid, moved)?, ..before },
        CapChange::Commit(invoice, moved) if moved.units > before.left() => {
            return Err(StoreError::Broken(format!("invoice {invoice} has less left than {} {}", moved.units, moved.asset)));
        }
        CapChange::Commit(_, moved) => Cap { committed: add(before.committed, moved)?, ..before },
        CapChange::Release(_, moved) => Cap { committed: take("committed", before.committed, moved)?, ..before },
        CapChange::Orphaned(_, moved) => Cap { orphaned: add(before.orphaned, moved)?, ..before },
        CapChange::Owed(_, moved) | CapChange::Restored(_, moved) => Cap { orphaned: take("orphaned", before.orphaned, moved)?, ..before },
    })
}

/// Replaces caps. Their versions are compared before: another process may have changed them since they were read.
async fn replace_caps(tx: &mut Tx, caps: &[(InvoiceId, AssetId, Cap, i64)]) -> Result<(), StoreError> {
    for lot in lots(caps) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("INSERT INTO invoice_caps (invoice_id, asset, paid, committed, orphaned, version) ");
            sql.push_values(lot, |mut row, (invoice, asset, cap, version)| {
                row.push_bind(invoice.0)
                    .push_bind(asset.as_str())
                    .push_bind(Units(cap.paid))
                    .push_bind(Units(cap.committed))
                    .push_bind(Units(cap.orphaned))
                    .push_bind(*version);
            });
            sql.push(
                " ON CONFLICT (invoice_id, asset) DO UPDATE SET paid = excluded.paid, committed = excluded.committed, \
                 orphaned = excluded.orphaned, version = excluded.version WHERE invoice_caps.version = excluded.version - 1",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
}

/// Returns an invoice's cap in one asset; nothing came in it when there is no row.
pub(crate) async fn cap(tx: &mut Tx, invoice: InvoiceId, asset: AssetId) -> Result<Cap, StoreError> {
    let row: Option<(Units, Units, Units)> =
        on!(tx, |conn| sqlx::query_as("SELECT paid, committed, orphaned FROM invoice_caps WHERE invoice_id = $1 AND asset = $2")
            .bind(invoice.0)
            .bind(asset.as_str())
            .fetch_optional(conn)
            .await)?;
    Ok(row.map_or_else(Cap::default, |(paid, committed, orphaned)| Cap { paid: paid.0, committed: committed.0, orphaned: orphaned.0 }))
}

const CASE_COLUMNS: &str = "id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, residual, state, why, at";

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
    residual: Units,
    state: String,
    why: Option<String>,
    at: At,
}

impl CaseRow {
    fn into_case(self) -> Result<ExceptionCase, StoreError> {
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

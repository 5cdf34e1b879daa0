//! Rows of webhook endpoints: where merchants listen.

use std::collections::{BTreeSet, HashMap};

use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{EndpointId, InvoiceId, MerchantId, MidId};
use domain::notice::Events;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, needed};
use super::{StoreError, Tx, among, lots, on, one_row};

/// A webhook endpoint's row.
#[derive(Clone, FromRow)]
pub(crate) struct Endpoint {
    #[sqlx(rename = "endpoint_id")]
    pub(crate) id: Uuid,
    pub(crate) merchant_id: Uuid,
    pub(crate) mid_id: Option<Uuid>,
    pub(crate) invoice_id: Option<Uuid>,
    pub(crate) url: String,
    #[sqlx(rename = "endpoint_dialect", try_from = "String")]
    pub(crate) dialect: Dialect,
    #[sqlx(try_from = "String")]
    pub(crate) signing: SignatureScheme,
    pub(crate) secret_id: Uuid,
    pub(crate) old_secret_id: Option<Uuid>,
    /// Which API key asked for it.
    pub(crate) key_id: Option<Uuid>,
    pub(crate) rotated_at: Option<At>,
    pub(crate) disabled_at: Option<At>,
    pub(crate) removed_at: Option<At>,
    /// Since when its merchant is written to because it does not answer.
    pub(crate) alerted_at: Option<At>,
    #[sqlx(rename = "endpoint_created_at")]
    pub(crate) created_at: At,
    /// Of which events it is told; of no matter in a delivery, which was decided before.
    #[sqlx(skip)]
    pub(crate) events: Events,
}

impl Endpoint {
    /// A new one, which listens.
    pub(crate) fn new(id: EndpointId, merchant: MerchantId, url: &str, dialect: Dialect, signing: SignatureScheme, now: Timestamp) -> Self {
        Self {
            id: id.0,
            merchant_id: merchant.0,
            mid_id: None,
            invoice_id: None,
            url: url.to_owned(),
            dialect,
            signing,
            secret_id: id.0,
            old_secret_id: None,
            key_id: None,
            rotated_at: None,
            disabled_at: None,
            removed_at: None,
            alerted_at: None,
            created_at: At(now),
            events: Events::ALL,
        }
    }
}

/// The columns of an endpoint `e`, named so that they stand beside those of a delivery.
pub(super) const COLUMNS: &str = "e.id AS endpoint_id, e.merchant_id, e.mid_id, e.invoice_id, e.url, e.dialect AS endpoint_dialect, e.signing, \
    e.secret_id, e.old_secret_id, e.key_id, e.rotated_at, e.disabled_at, e.removed_at, e.alerted_at, e.created_at AS endpoint_created_at";

pub(crate) async fn insert(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO webhook_endpoints (id, merchant_id, mid_id, invoice_id, url, dialect, signing, secret_id, key_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(endpoint.id)
    .bind(endpoint.merchant_id)
    .bind(endpoint.mid_id)
    .bind(endpoint.invoice_id)
    .bind(&endpoint.url)
    .bind(endpoint.dialect.name())
    .bind(endpoint.signing.name())
    .bind(endpoint.secret_id)
    .bind(endpoint.key_id)
    .bind(endpoint.created_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Keeps live endpoints of whole MIDs.
const LISTENS: &str = "e.invoice_id IS NULL AND e.removed_at IS NULL";

/// Returns the live endpoints of a merchant, oldest first; without those of single invoices.
pub(crate) async fn of_merchant(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<Endpoint>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM webhook_endpoints e WHERE e.merchant_id = $1 AND {LISTENS} ORDER BY e.id"));
    let endpoints = on!(tx, |conn| sqlx::query_as(sql).bind(merchant.0).fetch_all(conn).await)?;
    with_events(tx, endpoints).await
}

/// Returns all live endpoints, oldest first; without those of single invoices.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Endpoint>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM webhook_endpoints e WHERE {LISTENS} ORDER BY e.id"));
    let endpoints = on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?;
    with_events(tx, endpoints).await
}

async fn with_events(tx: &mut Tx, mut endpoints: Vec<Endpoint>) -> Result<Vec<Endpoint>, StoreError> {
    let mut chosen = events(tx, &endpoints.iter().map(|endpoint| endpoint.id).collect::<Vec<_>>()).await?;
    for endpoint in &mut endpoints {
        endpoint.events = chosen.remove(&endpoint.id).unwrap_or_default();
    }
    Ok(endpoints)
}

/// Gives an endpoint another secret. `Conflict` when it has another one than `old` by now.
pub(crate) async fn rotate(tx: &mut Tx, id: Uuid, old: Uuid, new: Uuid, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET secret_id = $1, old_secret_id = $2, rotated_at = $3 \
         WHERE id = $4 AND secret_id = $2 AND removed_at IS NULL"
    )
    .bind(new)
    .bind(old)
    .bind(At(now))
    .bind(id)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Gives an endpoint another URL, where it listens again if it did not. `Conflict` when it has another one than `from` by now.
pub(crate) async fn relocate(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET url = $1, disabled_at = NULL WHERE id = $2 AND url = $3 AND removed_at IS NULL"
    )
    .bind(to)
    .bind(id)
    .bind(from)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Gives an endpoint another dialect: what happens from now on is told in it. `Conflict` when it has another one than `from` by now.
pub(crate) async fn change_dialect(tx: &mut Tx, id: Uuid, from: Dialect, to: Dialect) -> Result<(), StoreError> {
    change(tx, "dialect", id, from.name(), to.name()).await
}

/// Gives an endpoint other signatures: what is sent from now on carries them. `Conflict` when it has others than `from` by now.
pub(crate) async fn change_signing(tx: &mut Tx, id: Uuid, from: SignatureScheme, to: SignatureScheme) -> Result<(), StoreError> {
    change(tx, "signing", id, from.name(), to.name()).await
}

async fn change(tx: &mut Tx, column: &'static str, id: Uuid, from: &str, to: &str) -> Result<(), StoreError> {
    let sql = format!("UPDATE webhook_endpoints SET {column} = $1 WHERE id = $2 AND {column} = $3 AND removed_at IS NULL");
    let sql = sqlx::AssertSqlSafe(sql);
    one_row(on!(tx, |conn| sqlx::query(sql).bind(to).bind(id).bind(from).execute(conn).await.map(|done| done.rows_affected()))?)
}

/// Returns of which events some endpoints are told; those that are not among them of all.
pub(crate) async fn events(tx: &mut Tx, endpoints: &[Uuid]) -> Result<HashMap<Uuid, Events>, StoreError> {
    let select = "SELECT endpoint_id, event FROM webhook_endpoint_events WHERE endpoint_id IN (";
    let rows: Vec<(Uuid, String)> = among!(tx, select, endpoints, ")")?;
    let mut names: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (endpoint, event) in rows {
        names.entry(endpoint).or_default().push(event);
    }
    let events = |(endpoint, names): (Uuid, Vec<String>)| {
        let events = Events::parse(names.iter().map(String::as_str)).ok();
        Ok((endpoint, needed("webhook_endpoint_events", "event", events)?))
    };
    names.into_iter().map(events).collect()
}

/// Tells an endpoint of other events from now on. `Conflict` when it is told in another dialect than Refundry's own by now, or was removed.
pub(crate) async fn choose_events(tx: &mut Tx, id: Uuid, events: &Events) -> Result<(), StoreError> {
    // Two choices at once wait for each other, and so does a change of the dialect.
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET dialect = dialect WHERE id = $1 AND dialect = 'native' AND removed_at IS NULL"
    )
    .bind(id)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)?;
    forget_events(tx, id).await?;
    for event in events.chosen().into_iter().flatten() {
        on!(tx, |conn| sqlx::query("INSERT INTO webhook_endpoint_events (endpoint_id, event) VALUES ($1, $2)")
            .bind(id)
            .bind(*event)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Forgets a choice: other systems' words tell of what those systems tell.
pub(crate) async fn forget_events(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM webhook_endpoint_events WHERE endpoint_id = $1").bind(id).execute(conn).await.map(drop))?;
    Ok(())
}

/// Switches an endpoint off; returns whose it is, and nothing when it was off already.
pub(crate) async fn disable(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<Option<MerchantId>, StoreError> {
    let row: Option<(Uuid,)> = on!(tx, |conn| {
        sqlx::query_as(
        "UPDATE webhook_endpoints SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL AND removed_at IS NULL RETURNING merchant_id"
    )
    .bind(At(now))
    .bind(id)
    .fetch_optional(conn)
    .await
    })?;
    Ok(row.map(|(merchant,)| MerchantId(merchant)))
}

/// Switches an endpoint on again. `Conflict` when it is on by now.
pub(crate) async fn enable(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET disabled_at = NULL, alerted_at = NULL \
         WHERE id = $1 AND disabled_at IS NOT NULL AND removed_at IS NULL"
    )
    .bind(id)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Ends an endpoint; says whether there was one.
pub(crate) async fn remove(tx: &mut Tx, merchant: MerchantId, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE webhook_endpoints SET removed_at = $1 WHERE id = $2 AND merchant_id = $3 AND removed_at IS NULL"
    )
    .bind(At(now))
    .bind(id)
    .bind(merchant.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// An endpoint that listens.
#[derive(Clone, FromRow)]
pub(crate) struct Listener {
    /// To which of the invoices that were asked about, and their refunds.
    pub(crate) invoice_id: Uuid,
    pub(crate) id: Uuid,
    #[sqlx(try_from = "String")]
    pub(crate) dialect: Dialect,
    /// Of which events it is told.
    #[sqlx(skip)]
    pub(crate) events: Events,
}

/// Returns the endpoints that listen to the MIDs of some invoices, or to these alone, oldest first.
pub(crate) async fn listeners(tx: &mut Tx, invoices: &[(MidId, InvoiceId)]) -> Result<Vec<Listener>, StoreError> {
    let mut listeners: Vec<Listener> = Vec::new();
    for lot in lots(invoices) {
        let rows: Vec<Listener> = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH told (mid_id, invoice_id) AS (");
            sql.push_values(lot, |mut row, (mid, invoice)| {
                row.push_bind(mid.0).push_bind(invoice.0);
            });
            sql.push(
                ") SELECT t.invoice_id, e.id, e.dialect FROM told t JOIN mids m ON m.id = t.mid_id \
                 JOIN webhook_endpoints e ON e.merchant_id = m.merchant_id WHERE e.invoice_id IS NULL \
                 AND (e.mid_id IS NULL OR e.mid_id = m.id) AND e.removed_at IS NULL AND e.disabled_at IS NULL UNION ALL \
                 SELECT t.invoice_id, e.id, e.dialect FROM told t JOIN webhook_endpoints e ON e.invoice_id = t.invoice_id \
                 WHERE e.removed_at IS NULL AND e.disabled_at IS NULL ORDER BY 2",
            );
            sql.build_query_as().fetch_all(conn).await
        })?;
        listeners.extend(rows);
    }
    let own = listeners.iter().filter(|listener| listener.dialect == Dialect::Native).map(|listener| listener.id);
    let chosen = events(tx, &Vec::from_iter(own.collect::<BTreeSet<_>>())).await?;
    for listener in listeners.iter_mut().filter(|listener| listener.dialect == Dialect::Native) {
        listener.events = chosen.get(&listener.id).cloned().unwrap_or_default();
    }
    Ok(listeners)
}

/// Says whether an invoice has an endpoint of its own.
pub(crate) async fn has_own_endpoint(tx: &mut Tx, invoice: InvoiceId) -> Result<bool, StoreError> {
    let found: Option<(Uuid,)> = on!(tx, |conn| sqlx::query_as("SELECT id FROM webhook_endpoints WHERE invoice_id = $1")
        .bind(invoice.0)
        .fetch_optional(conn)
        .await)?;
    Ok(found.is_some())
}

/// Returns how many endpoints are switched off, and of how many the merchant was written to because they do not answer. Those of single
/// invoices are not counted.
pub(crate) async fn in_trouble(tx: &mut Tx) -> Result<(u64, u64), StoreError> {
    // By the index that begins with the merchant: endpoints of invoices are many.
    let (disabled, failing): (i64, i64) = on!(tx, |conn| sqlx::query_as(
        "SELECT COUNT(disabled_at), COUNT(alerted_at) FROM webhook_endpoints \
         WHERE invoice_id IS NULL AND removed_at IS NULL AND merchant_id IN (SELECT id FROM merchants)"
    )
    .fetch_one(conn)
    .await)?;
    Ok((u64::try_from(disabled).unwrap_or_default(), u64::try_from(failing).unwrap_or_default()))
}

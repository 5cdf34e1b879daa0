//! Rows of the audit log and the end of each merchant's chain.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::ids::MidId;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, needed};
use super::{StoreError, Tx, all_rows, among, lots, merchants, on};
use crate::audit::About;

/// A row of the log.
#[derive(Clone, Debug)]
pub(crate) struct AuditRow {
    pub(crate) merchant: Uuid,
    pub(crate) number: i64,
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject_kind: String,
    pub(crate) subject: Uuid,
    pub(crate) detail: String,
    pub(crate) prev_hash: [u8; 32],
    pub(crate) hash: [u8; 32],
}

#[derive(FromRow)]
struct Row {
    merchant_id: Uuid,
    number: i64,
    at: At,
    actor: String,
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    detail: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            merchant: row.merchant_id,
            number: row.number,
            at: row.at.0,
            actor: row.actor,
            action: row.action,
            subject_kind: row.subject_kind,
            subject: row.subject_id,
            detail: row.detail,
            prev_hash: digest(&row.prev_hash),
            hash: digest(&row.hash),
        }
    }
}

/// Reads a hash. One of another length was not written by us: it becomes the hash of nothing, which the walk reports.
fn digest(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or([u8::MAX; 32])
}

/// The end of a merchant's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) merchant: Uuid,
    pub(crate) number: i64,
    pub(crate) hash: [u8; 32],
}

impl From<(Uuid, i64, Vec<u8>)> for Head {
    fn from((merchant, number, hash): (Uuid, i64, Vec<u8>)) -> Self {
        Self { merchant, number, hash: digest(&hash) }
    }
}

/// Returns the end of a merchant's chain and keeps other processes from moving it until the commit; begins a chain that is not there.
pub(crate) async fn hold_head(tx: &mut Tx, merchant: Uuid) -> Result<Head, StoreError> {
    // PostgreSQL has other processes: they wait for the row. SQLite's writer holds the whole file.
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT merchant_id, number, hash FROM audit_heads WHERE merchant_id = $1",
        Tx::Postgres(_) => "SELECT merchant_id, number, hash FROM audit_heads WHERE merchant_id = $1 FOR UPDATE",
    };
    let row: Option<(Uuid, i64, Vec<u8>)> = on!(tx, |conn| sqlx::query_as(sql).bind(merchant).fetch_optional(conn).await)?;
    if let Some(row) = row {
        return Ok(row.into());
    }
    let head = Head { merchant, number: 0, hash: [0; 32] };
    on!(tx, |conn| sqlx::query("INSERT INTO audit_heads (merchant_id, number, hash) VALUES ($1, $2, $3)")
        .bind(head.merchant)
        .bind(head.number)
        .bind(head.hash.to_vec())
        .execute(conn)
        .await
        .map(drop))?;
    Ok(head)
}

/// Does the same for the chains of some MIDs' merchants, in one order. Returns each MID's.
pub(crate) async fn hold_heads_of(tx: &mut Tx, mids: &[Uuid]) -> Result<HashMap<MidId, Head>, StoreError> {
    let rest = match tx {
        Tx::Sqlite(_) => ")",
        Tx::Postgres(_) => ") ORDER BY h.merchant_id FOR UPDATE OF h",
    };
    let select =
        "SELECT m.id, h.merchant_id, h.number, h.hash FROM mids m JOIN audit_heads h ON h.merchant_id = m.merchant_id WHERE m.id IN (";
    let rows: Vec<(Uuid, Uuid, i64, Vec<u8>)> = among!(tx, select, mids, rest)?;
    let head = |(mid, merchant, number, hash)| (MidId(mid), Head::from((merchant, number, hash)));
    let mut heads: HashMap<MidId, Head> = rows.into_iter().map(head).collect();
    for mid in mids.iter().map(|mid| MidId(*mid)) {
        if let Entry::Vacant(new) = heads.entry(mid) {
            let merchant = needed("mids", "row", merchants::mid(tx, mid).await?)?.merchant;
            new.insert(hold_head(tx, merchant.0).await?);
        }
    }
    Ok(heads)
}

/// Appends rows and moves the ends of their chains from where they were, which are held.
pub(crate) async fn append(tx: &mut Tx, rows: &[AuditRow], ends: &[(Head, Head)]) -> Result<(), StoreError> {
    for lot in lots(rows) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO audit_log (merchant_id, number, at, actor, action, subject_kind, subject_id, detail, prev_hash, hash) ",
            );
            sql.push_values(lot, |mut values, row| {
                values
                    .push_bind(row.merchant)
                    .push_bind(row.number)
                    .push_bind(At(row.at))
                    .push_bind(&row.actor)
                    .push_bind(&row.action)
                    .push_bind(&row.subject_kind)
                    .push_bind(row.subject)
                    .push_bind(&row.detail)
                    .push_bind(row.prev_hash.to_vec())
                    .push_bind(row.hash.to_vec());
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    for lot in lots(ends) {
        let moved = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH ends (merchant_id, number, hash, before) AS (");
            sql.push_values(lot, |mut row, (before, end)| {
                row.push_bind(end.merchant).push_bind(end.number).push_bind(end.hash.to_vec()).push_bind(before.number);
            });
            sql.push(
                ") UPDATE audit_heads SET number = ends.number, hash = ends.hash FROM ends \
                 WHERE audit_heads.merchant_id = ends.merchant_id AND audit_heads.number = ends.before",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(moved, lot.len())?;
    }
    Ok(())
}

const COLUMNS: &str = "merchant_id, number, at, actor, action, subject_kind, subject_id, detail, prev_hash, hash";

/// Which rows of a chain are wanted. Empty texts are any.
pub(crate) struct Wanted<'a> {
    pub(crate) about: Option<&'a About>,
    pub(crate) action: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// Returns a merchant's rows, newest first, before the cursor.
pub(crate) async fn list(tx: &mut Tx, merchant: Uuid, wanted: &Wanted<'_>, before: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<Row> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS} FROM audit_log WHERE merchant_id = "));
        sql.push_bind(merchant).push(" AND number < ").push_bind(before);
        match wanted.about {
            None => {}
            Some(About::Id(id)) => {
                sql.push(" AND subject_id = ").push_bind(*id);
            }
            Some(About::Name(name)) => {
                let own = "JOIN mids m ON m.id = mid_id WHERE m.merchant_id = ";
                sql.push(format!(" AND subject_id IN (SELECT r.id FROM refunds r {own}")).push_bind(merchant);
                sql.push(" AND r.reference = ").push_bind(name);
                sql.push(format!(" UNION ALL SELECT i.id FROM invoices i {own}")).push_bind(merchant);
                sql.push(" AND i.reference = ").push_bind(name);
                sql.push(format!(" UNION ALL SELECT c.id FROM exception_cases c JOIN invoices i ON i.id = c.invoice_id {own}"))
                    .push_bind(merchant);
                sql.push(" AND i.reference = ").push_bind(name);
                sql.push(" UNION ALL SELECT id FROM users WHERE email = ").push_bind(name);
                sql.push(" UNION ALL SELECT id FROM mids WHERE name = ").push_bind(name).push(")");
            }
        }
        for (column, text) in [(" AND action = ", wanted.action), (" AND actor = ", wanted.actor)] {
            if !text.is_empty() {
                sql.push(column).push_bind(text);
            }
        }
        sql.push(" AND at >= ").push_bind(At(wanted.from)).push(" AND at < ").push_bind(At(wanted.to));
        sql.push(" ORDER BY number DESC LIMIT ").push_bind(i64::from(limit));
        sql.build_query_as().fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(AuditRow::from).collect())
}

/// Returns the emails of people by their ids, also of those who were removed, and whose staff each is.
pub(crate) async fn people(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, String, Option<Uuid>)>, StoreError> {
    Ok(among!(tx, "SELECT id, COALESCE(name, email), merchant_id FROM users WHERE id IN (", ids, ")")?)
}

/// Returns the names of MIDs by their ids.
pub(crate) async fn mids(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(among!(tx, "SELECT id, name FROM mids WHERE id IN (", ids, ")")?)
}

/// Returns the references of invoices by their ids.
pub(crate) async fn invoices(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(among!(tx, "SELECT id, reference FROM invoices WHERE id IN (", ids, ")")?)
}

/// Returns up to `limit` rows of a chain after a number, oldest first.
pub(crate) async fn after(tx: &mut Tx, merchant: Uuid, number: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM audit_log WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT $3"));
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(sql).bind(merchant).bind(number).bind(i64::from(limit)).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(AuditRow::from).collect())
}

/// Returns the end of a chain as it was written down.
pub(crate) async fn head(tx: &mut Tx, merchant: Uuid) -> Result<Option<Head>, StoreError> {
    let row: Option<(Uuid, i64, Vec<u8>)> =
        on!(tx, |conn| sqlx::query_as("SELECT merchant_id, number, hash FROM audit_heads WHERE merchant_id = $1")
            .bind(merchant)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(Head::from))
}

/// Returns everybody who must have a chain or has rows of one.
pub(crate) async fn owners(tx: &mut Tx) -> Result<Vec<Uuid>, StoreError> {
    let rows: Vec<(Uuid,)> = on!(tx, |conn| sqlx::query_as(
        "SELECT id FROM merchants UNION SELECT merchant_id FROM audit_heads UNION SELECT merchant_id FROM audit_log"
    )
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(|(owner,)| owner).collect())
}

/// Returns how often refunds of a merchant changed and how many cases were judged, by their own rows.
pub(crate) async fn changes(tx: &mut Tx, merchant: Uuid) -> Result<(u64, u64), StoreError> {
    let mut counts = [0_u64; 2];
    let questions = [
        "SELECT COUNT(*) FROM refund_history h JOIN refunds r ON r.id = h.refund_id JOIN mids m ON m.id = r.mid_id WHERE m.merchant_id = $1",
        "SELECT COUNT(*) FROM exception_cases c JOIN invoices i ON i.id = c.invoice_id JOIN mids m ON m.id = i.mid_id WHERE m.merchant_id = $1",
    ];
    for (count, sql) in counts.iter_mut().zip(questions) {
        let (rows,): (i64,) = on!(tx, |conn| sqlx::query_as(sql).bind(merchant).fetch_one(conn).await)?;
        *count = needed("audit_log", "count", u64::try_from(rows).ok())?;
    }
    let [refunds, cases] = counts;
    Ok((refunds, cases))
}

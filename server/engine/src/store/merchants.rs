//! Rows of merchants and MIDs.

use std::collections::{BTreeMap, HashMap};

use domain::email::EmailAddress;
use domain::ids::{MerchantId, MidId};
use domain::language::Language;
use domain::merchant::{Guard, Merchant, Mid, Scope, Writing};
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, needed, parsed};
use super::{StoreError, Tx, among, on, one_row};

/// The MIDs a caller may see, as four parameters. [`WITHIN`] reads them as `$1` to `$4`.
#[derive(Clone, Copy)]
pub(crate) struct MidFilter {
    pub(crate) all_merchants: bool,
    pub(crate) merchant: Uuid,
    pub(crate) all_mids: bool,
    pub(crate) mid: Uuid,
}

/// Keeps rows whose `mid_id` lies within a [`MidFilter`].
pub(crate) const WITHIN: &str = "mid_id IN (SELECT id FROM mids WHERE ($1 OR merchant_id = $2) AND ($3 OR id = $4))";

/// Binds a [`MidFilter`] to the first four places of a query, as [`WITHIN`] reads them.
macro_rules! bind_within {
    ($query:expr, $within:expr) => {
        $query.bind($within.all_merchants).bind($within.merchant).bind($within.all_mids).bind($within.mid)
    };
}
pub(crate) use bind_within;

impl MidFilter {
    /// Says whether no MID is left out.
    pub(crate) const fn is_everything(self) -> bool {
        self.all_merchants && self.all_mids
    }

    /// Narrows a caller's scope to one MID when given. Another's MID gives nothing, not an error that tells it exists.
    pub(crate) fn new(scope: Scope, mid: Option<MidId>) -> Self {
        let (all_merchants, merchant) = match scope {
            Scope::Everything | Scope::Mid(_) => (true, Uuid::nil()),
            Scope::Merchant(merchant) => (false, merchant.0),
        };
        let own = match scope {
            Scope::Mid(own) => Some(own),
            Scope::Everything | Scope::Merchant(_) => None,
        };
        match (own, mid) {
            (Some(own), Some(mid)) if own != mid => Self { all_merchants: false, merchant: Uuid::nil(), all_mids: false, mid: Uuid::nil() },
            (Some(mid), _) | (None, Some(mid)) => Self { all_merchants, merchant, all_mids: false, mid: mid.0 },
            (None, None) => Self { all_merchants, merchant, all_mids: true, mid: Uuid::nil() },
        }
    }
}

#[derive(FromRow)]
struct MerchantRow {
    id: Uuid,
    name: String,
    created_at: At,
}

impl From<MerchantRow> for Merchant {
    fn from(row: MerchantRow) -> Self {
        Self { id: MerchantId(row.id), name: row.name, created_at: row.created_at.0 }
    }
}

#[derive(FromRow)]
struct MidRow {
    id: Uuid,
    merchant_id: Uuid,
    name: String,
    settles_in: Option<String>,
    alert_email: Option<String>,
    support_email: Option<String>,
    language: Option<String>,
    guard: String,
    created_at: At,
}

impl MidRow {
    fn into_mid(self) -> Result<Mid, StoreError> {
        Ok(Mid {
            id: MidId(self.id),
            merchant: MerchantId(self.merchant_id),
            settles_in: self.settles_in.as_deref().map(|currency| parsed("mids", currency)).transpose()?,
            writing: Writing {
                alert_email: self.alert_email.as_deref().map(|email| parsed("mids", email)).transpose()?,
                support_email: self.support_email.as_deref().map(|email| parsed("mids", email)).transpose()?,
                language: self.language.as_deref().map(|name| needed("mids", "language", Language::from_name(name))).transpose()?,
            },
            guard: needed("mids", "guard", Guard::from_name(&self.guard))?,
            created_at: self.created_at.0,
            name: self.name,
        })
    }
}

const MID_COLUMNS: &str = "id, merchant_id, name, settles_in, alert_email, support_email, language, guard, created_at";

pub(crate) async fn insert_merchant(tx: &mut Tx, merchant: &Merchant) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(merchant.id.0)
        .bind(&merchant.name)
        .bind(At(merchant.created_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn merchant(tx: &mut Tx, id: MerchantId) -> Result<Option<Merchant>, StoreError> {
    let row: Option<MerchantRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, name, created_at FROM merchants WHERE id = $1").bind(id.0).fetch_optional(conn).await)?;
    Ok(row.map(Merchant::from))
}

pub(crate) async fn merchant_by_name(tx: &mut Tx, name: &str) -> Result<Option<Merchant>, StoreError> {
    let row: Option<MerchantRow> =
        on!(tx, |conn| sqlx::query_as("SELECT id, name, created_at FROM merchants WHERE name = $1").bind(name).fetch_optional(conn).await)?;
    Ok(row.map(Merchant::from))
}

pub(crate) async fn insert_mid(tx: &mut Tx, mid: &Mid) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO mids (id, merchant_id, name, settles_in, guard, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(mid.id.0)
        .bind(mid.merchant.0)
        .bind(&mid.name)
        .bind(mid.settles_in.map(|currency| currency.to_string()))
        .bind(mid.guard.name())
        .bind(At(mid.created_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Says how a MID's merchant and payers are written to.
pub(crate) async fn set_writing(tx: &mut Tx, mid: MidId, writing: &Writing) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE mids SET alert_email = $1, support_email = $2, language = $3 WHERE id = $4")
        .bind(writing.alert_email.as_ref().map(EmailAddress::as_str))
        .bind(writing.support_email.as_ref().map(EmailAddress::as_str))
        .bind(writing.language.map(Language::name))
        .bind(mid.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Suspends a MID, or opens it again.
pub(crate) async fn set_guard(tx: &mut Tx, mid: MidId, guard: Guard) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE mids SET guard = $1 WHERE id = $2").bind(guard.name()).bind(mid.0).execute(conn).await.map(drop))?;
    Ok(())
}

pub(crate) async fn mid(tx: &mut Tx, id: MidId) -> Result<Option<Mid>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {MID_COLUMNS} FROM mids WHERE id = $1"));
    let row: Option<MidRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(MidRow::into_mid).transpose()
}

/// Returns some MIDs by their ids.
pub(crate) async fn mids_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Mid>, StoreError> {
    let rows: Vec<MidRow> = among!(tx, format!("SELECT {MID_COLUMNS} FROM mids WHERE id IN ("), ids, ")")?;
    rows.into_iter().map(MidRow::into_mid).collect()
}

/// Returns the MIDs within a scope, by name.
pub(crate) async fn mids(tx: &mut Tx, within: MidFilter) -> Result<Vec<Mid>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {MID_COLUMNS} FROM mids WHERE ($1 OR merchant_id = $2) AND ($3 OR id = $4) ORDER BY name, id"));
    let rows: Vec<MidRow> = on!(tx, |conn| bind_within!(sqlx::query_as(sql), within).fetch_all(conn).await)?;
    rows.into_iter().map(MidRow::into_mid).collect()
}

/// Returns all MIDs, where there are not more than `most`.
pub(crate) async fn few_mids(tx: &mut Tx, most: u32) -> Result<Option<Vec<MidId>>, StoreError> {
    let sql = "SELECT id FROM mids ORDER BY id LIMIT $1";
    let rows: Vec<(Uuid,)> = on!(tx, |conn| sqlx::query_as(sql).bind(i64::from(most).saturating_add(1)).fetch_all(conn).await)?;
    let is_few = u32::try_from(rows.len()).is_ok_and(|count| count <= most);
    Ok(is_few.then(|| rows.into_iter().map(|(id,)| MidId(id)).collect()))
}

/// Returns the ids of the MIDs within a scope.
pub(crate) async fn ids(tx: &mut Tx, within: MidFilter) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM mids WHERE ($1 OR merchant_id = $2) AND ($3 OR id = $4) ORDER BY id";
    let rows: Vec<(Uuid,)> = on!(tx, |conn| bind_within!(sqlx::query_as(sql), within).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Stops the money of a merchant, or of one of its MIDs, until an instant; a later end stays.
pub(crate) async fn freeze(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>, until: Timestamp, why: &str) -> Result<(), StoreError> {
    let (sql, id) = match mid {
        Some(mid) => {
            ("UPDATE mids SET frozen_until = $1, frozen_why = $2 WHERE id = $3 AND (frozen_until IS NULL OR frozen_until < $1)", mid.0)
        }
        None => (
            "UPDATE merchants SET frozen_until = $1, frozen_why = $2 WHERE id = $3 AND (frozen_until IS NULL OR frozen_until < $1)",
            merchant.0,
        ),
    };
    on!(tx, |conn| sqlx::query(sql).bind(At(until)).bind(why).bind(id).execute(conn).await.map(drop))?;
    Ok(())
}

/// Lets the money of a merchant and of its MIDs go that was stopped until an instant; a stop that was made longer since stays.
pub(crate) async fn unfreeze(tx: &mut Tx, merchant: MerchantId, until: Timestamp) -> Result<(), StoreError> {
    let mut let_go = 0_u64;
    for sql in [
        "UPDATE merchants SET frozen_until = NULL, frozen_why = NULL WHERE id = $1 AND frozen_until <= $2",
        "UPDATE mids SET frozen_until = NULL, frozen_why = NULL WHERE merchant_id = $1 AND frozen_until <= $2",
    ] {
        let rows = on!(tx, |conn| sqlx::query(sql).bind(merchant.0).bind(At(until)).execute(conn).await.map(|done| done.rows_affected()))?;
        let_go = let_go.saturating_add(rows);
    }
    if let_go == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}

/// Says whether anybody ever paid a merchant, or one of its MIDs.
pub(crate) async fn was_ever_paid(tx: &mut Tx, merchant: MerchantId, mid: Option<MidId>) -> Result<bool, StoreError> {
    let (sql, id) = match mid {
        Some(mid) => ("SELECT COUNT(*) FROM (SELECT 1 FROM deposits WHERE mid_id = $1 LIMIT 1) AS paid", mid.0),
        None => (
            "SELECT COUNT(*) FROM (SELECT 1 FROM deposits WHERE mid_id IN (SELECT id FROM mids WHERE merchant_id = $1) LIMIT 1) AS paid",
            merchant.0,
        ),
    };
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(sql).bind(id).fetch_one(conn).await)?;
    Ok(count > 0)
}

/// Returns until when, and why, the money of a MID is stopped: its own or its merchant's, whichever ends later.
pub(crate) async fn frozen(tx: &mut Tx, mid: MidId) -> Result<Option<(Timestamp, String)>, StoreError> {
    Ok(frozen_of(tx, &[mid.0]).await?.remove(&mid.0))
}

/// Does the same for some MIDs.
pub(crate) async fn frozen_of(tx: &mut Tx, mids: &[Uuid]) -> Result<HashMap<Uuid, (Timestamp, String)>, StoreError> {
    type Row = (Uuid, Option<At>, Option<String>, Option<At>, Option<String>);
    let select = "SELECT m.id, m.frozen_until, m.frozen_why, o.frozen_until, o.frozen_why FROM mids m \
                  JOIN merchants o ON o.id = m.merchant_id WHERE m.id IN (";
    let rows: Vec<Row> = among!(tx, select, mids, ")")?;
    let last = |(mid, own, why, merchants, merchants_why): Row| {
        let stop = |until: Option<At>, why: Option<String>| until.map(|until| (until.0, why.unwrap_or_default()));
        stop(own, why).max(stop(merchants, merchants_why)).map(|last| (mid, last))
    };
    Ok(rows.into_iter().filter_map(last).collect())
}

/// Returns the last end of all stops of a merchant and its MIDs, and why.
pub(crate) async fn frozen_within(tx: &mut Tx, merchant: MerchantId) -> Result<Option<(Timestamp, String)>, StoreError> {
    let sql = "SELECT frozen_until, frozen_why FROM merchants WHERE id = $1 UNION ALL SELECT frozen_until, frozen_why FROM mids WHERE merchant_id = $1";
    let rows: Vec<(Option<At>, Option<String>)> = on!(tx, |conn| sqlx::query_as(sql).bind(merchant.0).fetch_all(conn).await)?;
    Ok(rows.into_iter().filter_map(|(until, why)| until.map(|until| (until.0, why.unwrap_or_default()))).max())
}

/// Says whether the money of all of some MIDs may be sent: none is suspended, and none nor its merchant is frozen at the time it is asked for. All
/// of it stays as it is until the commit.
pub(crate) async fn are_open(tx: &mut Tx, mids: &BTreeMap<MidId, Timestamp>) -> Result<bool, StoreError> {
    // SQLite has one writer, and no such clause. The MIDs' own rows are locked already by whoever writes their books.
    let rest = match tx {
        Tx::Sqlite(_) => ")",
        Tx::Postgres(_) => ") ORDER BY o.id FOR SHARE OF o",
    };
    let ids: Vec<Uuid> = mids.keys().map(|mid| mid.0).collect();
    let select =
        "SELECT m.id, m.guard, m.frozen_until, o.frozen_until FROM mids m JOIN merchants o ON o.id = m.merchant_id WHERE m.id IN (";
    let rows: Vec<(Uuid, String, Option<At>, Option<At>)> = among!(tx, select, &ids, rest)?;
    let mut open = 0_usize;
    for (mid, guard, own, merchants) in rows {
        let now = needed("mids", "row", mids.get(&MidId(mid)))?;
        let guard = needed("mids", "guard", Guard::from_name(&guard))?;
        if guard == Guard::Open && own.into_iter().chain(merchants).all(|until| until.0 <= *now) {
            open = open.saturating_add(1);
        }
    }
    Ok(open == mids.len())
}

/// Returns the merchant of a MID that must exist.
pub(crate) async fn merchant_of(tx: &mut Tx, id: MidId) -> Result<Merchant, StoreError> {
    let mid = needed("mids", "row", mid(tx, id).await?)?;
    needed("merchants", "row", merchant(tx, mid.merchant).await?)
}

/// Returns how many MIDs' money stands still.
pub(crate) async fn count_frozen(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "SELECT COUNT(*) FROM mids m JOIN merchants o ON o.id = m.merchant_id WHERE m.frozen_until > $1 OR o.frozen_until > $1"
    )
    .bind(At(now))
    .fetch_one(conn)
    .await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Returns how many MIDs are suspended.
pub(crate) async fn count_suspended(tx: &mut Tx) -> Result<u64, StoreError> {
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as("SELECT COUNT(*) FROM mids WHERE guard = 'suspended'").fetch_one(conn).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

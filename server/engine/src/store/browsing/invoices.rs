//! Invoices as lists show them.

use domain::ids::MidId;
use domain::invoice::InvoiceStatus;
use domain::money::Amount;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{Narrowed, Narrows, Search, Table, Turn, beside, narrowed, nearest, of_mid};
use crate::store::codec::{At, Units, amount, needed};
use crate::store::{StoreError, Tx, on};

/// Which invoices a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) status: Option<InvoiceStatus>,
    pub(crate) narrowed: Narrowed,
}

/// An invoice as a list shows it.
pub(crate) struct Listed {
    pub(crate) id: Uuid,
    pub(crate) mid: MidId,
    pub(crate) reference: String,
    pub(crate) billed: String,
    pub(crate) billed_currency: String,
    pub(crate) charged: Amount,
    /// What came in for good of what it asks for.
    pub(crate) paid: Amount,
    /// What of that is promised back.
    pub(crate) promised: Amount,
    pub(crate) status: InvoiceStatus,
    pub(crate) payer_email: Option<String>,
    pub(crate) address: String,
    pub(crate) created_at: Timestamp,
}

const TABLE: Table = Table { name: "invoices", alias: "i" };

#[derive(FromRow)]
struct Row {
    id: Uuid,
    mid_id: Uuid,
    reference: String,
    billed: String,
    billed_currency: String,
    asset: String,
    charged: Units,
    paid: Option<Units>,
    committed: Option<Units>,
    status: String,
    payer_email: Option<String>,
    address: String,
    created_at: At,
}

impl Row {
    fn into_listed(self) -> Result<Listed, StoreError> {
        let charged = amount(self.charged, &self.asset)?;
        let of_it = |units: Option<Units>| Amount { units: units.map_or(0, |units| units.0), ..charged };
        Ok(Listed {
            id: self.id,
            mid: MidId(self.mid_id),
            status: needed("invoices", "status", InvoiceStatus::ALL.into_iter().find(|status| status.name() == self.status))?,
            paid: of_it(self.paid),
            promised: of_it(self.committed),
            charged,
            reference: self.reference,
            billed: self.billed,
            billed_currency: self.billed_currency,
            payer_email: self.payer_email,
            address: self.address,
            created_at: self.created_at.0,
        })
    }
}

const SELECT: &str = "SELECT i.id, i.mid_id, i.reference, i.billed, i.billed_currency, i.asset, i.charged, c.paid, c.committed, i.status, \
    i.payer_email, i.address, i.created_at FROM ";

/// Returns the invoices of a MID, or of all, that lie next to a cursor; the nearest come first. `networks` are those that addresses are of.
pub(crate) async fn page(
    tx: &mut Tx,
    mid: Option<MidId>,
    wanted: &Wanted,
    networks: &[&str],
    turn: Turn,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<Row> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new(SELECT);
        write(&mut sql, mid, wanted, networks, turn, limit);
        sql.build_query_as().persistent(false).fetch_all(conn).await
    })?;
    rows.into_iter().map(Row::into_listed).collect()
}

fn write<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, wanted: &Wanted, networks: &[&str], turn: Turn, limit: u32) {
    if let Some(search) = &wanted.narrowed.search {
        // Found first, whatever the planner knows of the tables: what is searched for is rare, and a MID's rows are many.
        sql.push("(");
        found(sql, mid, search, networks);
        sql.push(") AS found CROSS JOIN ");
    }
    sql.push("invoices i LEFT JOIN invoice_caps c ON c.invoice_id = i.id AND c.asset = i.asset WHERE ");
    if wanted.narrowed.search.is_some() {
        sql.push("i.id = found.id AND ");
    }
    beside(sql, TABLE, &wanted.narrowed, turn);
    // Our own account for what comes without a tag is nobody's order.
    sql.push(" AND NOT i.is_for_untagged");
    if mid.is_some() {
        sql.push(" AND ");
        of_mid(sql, "i.mid_id", mid);
    }
    if let Some(status) = wanted.status {
        sql.push(" AND i.status = ");
        DB::text(sql, status.name());
    }
    narrowed(sql, "i", &wanted.narrowed);
    nearest(sql, TABLE, &wanted.narrowed, turn, limit);
}

/// Writes which invoices a text is of: one question to one index each.
fn found<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, search: &Search, networks: &[&str]) {
    match search {
        Search::Id(id, text) => {
            sql.push("SELECT id FROM invoices WHERE id = ");
            DB::id(sql, *id);
            referred_to(sql, mid, text);
        }
        Search::Email(email) => {
            sql.push("SELECT id FROM invoices WHERE payer_email IS NOT NULL AND LOWER(payer_email) = ");
            DB::text(sql, email);
        }
        Search::Text { text, address, amounts } => {
            sql.push("SELECT invoice_id AS id FROM deposits WHERE txid = ");
            DB::text(sql, text);
            referred_to(sql, mid, text);
            for network in networks {
                sql.push(format_args!(" UNION SELECT id FROM invoices WHERE network = '{network}' AND address = "));
                DB::text(sql, address);
            }
            for (asset, units) in amounts {
                sql.push(" UNION SELECT id FROM invoices WHERE charged = ");
                DB::units(sql, *units);
                sql.push(" AND asset = ");
                DB::text(sql, asset.as_str());
                sql.push(" AND ");
                of_mid(sql, "mid_id", mid);
            }
        }
    }
}

/// Adds the invoices that are called so.
fn referred_to<DB: Narrows>(sql: &mut QueryBuilder<DB>, mid: Option<MidId>, text: &str) {
    sql.push(" UNION SELECT id FROM invoices WHERE reference = ");
    DB::text(sql, text);
    sql.push(" AND ");
    of_mid(sql, "mid_id", mid);
}

//! Rows as people look through them: a page of a MID's refunds or invoices in either direction, narrowed by what is known of them. Every
//! question is one that an index answers, so conditions are written only where they are asked for. It is planned each time it is asked, for
//! the values it is asked with: which index answers it depends on how rare they are.

pub(crate) mod invoices;
pub(crate) mod refunds;

use domain::ids::MidId;
use domain::money::AssetId;
use jiff::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::codec::{At, Units};

/// Which way a page lies from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Rows made before it.
    Older(Uuid),
    /// Rows made after it; those next to it come first.
    Newer(Uuid),
}

/// What a text that is searched for can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// An id of ours, or a reference that looks like one.
    Id(Uuid, String),
    /// Whom is written to, in lower case.
    Email(String),
    /// A reference, a transaction or an address.
    Text {
        text: String,
        /// The address as it is written on networks where it is one.
        address: String,
        /// Where it is a number: this much of each of these assets.
        amounts: Vec<(AssetId, u128)>,
    },
}

/// What lists of both kinds are narrowed by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrowed {
    pub(crate) asset: Option<AssetId>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) search: Option<Search>,
}

/// A database that takes the values which lists are narrowed by.
pub(crate) trait Narrows: Database {
    fn id(sql: &mut QueryBuilder<Self>, value: Uuid);
    fn text(sql: &mut QueryBuilder<Self>, value: &str);
    fn at(sql: &mut QueryBuilder<Self>, value: Timestamp);
    fn units(sql: &mut QueryBuilder<Self>, value: u128);
}

impl<DB> Narrows for DB
where
    DB: Database,
    Uuid: for<'t> Encode<'t, DB> + Type<DB>,
    String: for<'t> Encode<'t, DB> + Type<DB>,
    At: for<'t> Encode<'t, DB> + Type<DB>,
    Units: for<'t> Encode<'t, DB> + Type<DB>,
{
    fn id(sql: &mut QueryBuilder<Self>, value: Uuid) {
        sql.push_bind(value);
    }

    fn text(sql: &mut QueryBuilder<Self>, value: &str) {
        sql.push_bind(value.to_owned());
    }

    fn at(sql: &mut QueryBuilder<Self>, value: Timestamp) {
        sql.push_bind(At(value));
    }

    fn units(sql: &mut QueryBuilder<Self>, value: u128) {
        sql.push_bind(Units(value));
    }
}

/// Keeps rows of one MID, or of all. `column` is the MID's.
pub(super) fn of_mid<DB: Narrows>(sql: &mut QueryBuilder<DB>, column: &str, mid: Option<MidId>) {
    match mid {
        Some(mid) => {
            sql.push(column).push(" = ");
            DB::id(sql, mid.0);
        }
        // An index that begins with the MID is used for each.
        None => {
            sql.push(column).push(" IN (SELECT id FROM mids)");
        }
    }
}

impl Narrowed {
    /// Says whether rows are of a period: they are walked along their instants then, from its end, and not through all that came since.
    pub(crate) const fn is_of_a_period(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }
}

/// A table of rows, as a list names it.
#[derive(Clone, Copy)]
struct Table {
    name: &'static str,
    alias: &'static str,
}

/// Keeps rows on one side of another.
fn beside<DB: Narrows>(sql: &mut QueryBuilder<DB>, Table { name, alias }: Table, wanted: &Narrowed, turn: Turn) {
    let (sign, id) = match turn {
        Turn::Older(id) => ("<", id),
        Turn::Newer(id) => (">", id),
    };
    // Every row is older than the newest that there can be.
    if wanted.is_of_a_period() && !id.is_max() {
        sql.push(format_args!("({alias}.created_at, {alias}.id) {sign} ((SELECT created_at FROM {name} WHERE id = "));
        DB::id(sql, id);
        sql.push("), ");
        DB::id(sql, id);
        sql.push(")");
    } else {
        sql.push(format_args!("{alias}.id {sign} "));
        DB::id(sql, id);
    }
}

/// Orders rows so that those next to the cursor come first, and counts them off.
fn nearest<DB: Narrows>(sql: &mut QueryBuilder<DB>, Table { alias, .. }: Table, wanted: &Narrowed, turn: Turn, limit: u32) {
    let direction = match turn {
        Turn::Older(_) => "DESC",
        Turn::Newer(_) => "ASC",
    };
    sql.push(" ORDER BY ");
    if wanted.is_of_a_period() {
        sql.push(format_args!("{alias}.created_at {direction}, "));
    }
    // A number of ours, never a text of theirs.
    sql.push(format_args!("{alias}.id {direction} LIMIT {limit}"));
}

/// Keeps rows of an asset and a period.
fn narrowed<DB: Narrows>(sql: &mut QueryBuilder<DB>, table: &str, wanted: &Narrowed) {
    if let Some(asset) = wanted.asset {
        sql.push(format_args!(" AND {table}.asset = "));
        DB::text(sql, asset.as_str());
    }
    if let Some(from) = wanted.from {
        sql.push(format_args!(" AND {table}.created_at >= "));
        DB::at(sql, from);
    }
    if let Some(to) = wanted.to {
        sql.push(format_args!(" AND {table}.created_at < "));
        DB::at(sql, to);
    }
}

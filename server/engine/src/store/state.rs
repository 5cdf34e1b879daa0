//! Rows of the running system's own settings: the sandbox's clock and fault switches.

use super::codec::needed;
use super::{StoreError, Tx, among, on};

/// Returns values of the running system's own settings, with their names.
pub(crate) async fn get_all(tx: &mut Tx, names: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    Ok(among!(tx, "SELECT name, value FROM state WHERE name IN (", names, ")")?)
}

/// Returns a value of the running system's own settings.
pub(crate) async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        on!(tx, |conn| sqlx::query_as("SELECT value FROM state WHERE name = $1").bind(name).fetch_optional(conn).await)?;
    Ok(row.map(|(value,)| value))
}

/// Returns a value that the same transaction changes, with its row locked against other processes.
pub(crate) async fn get_to_change(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let sql = match tx {
        // One writer, and no such clause.
        Tx::Sqlite(_) => "SELECT value FROM state WHERE name = $1",
        Tx::Postgres(_) => "SELECT value FROM state WHERE name = $1 FOR UPDATE",
    };
    let row: Option<(String,)> = on!(tx, |conn| sqlx::query_as(sql).bind(name).fetch_optional(conn).await)?;
    Ok(row.map(|(value,)| value))
}

/// Returns a value that stays as it is until the commit.
pub(crate) async fn get_to_rely_on(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let sql = match tx {
        // One writer, and no such clause.
        Tx::Sqlite(_) => "SELECT value FROM state WHERE name = $1",
        Tx::Postgres(_) => "SELECT value FROM state WHERE name = $1 FOR SHARE",
    };
    let row: Option<(String,)> = on!(tx, |conn| sqlx::query_as(sql).bind(name).fetch_optional(conn).await)?;
    Ok(row.map(|(value,)| value))
}

/// Keeps a value unless there is one, and returns the one that is kept.
pub(crate) async fn keep(tx: &mut Tx, name: &str, value: &str) -> Result<String, StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await
        .map(drop))?;
    needed("state", "value", get(tx, name).await?)
}

pub(crate) async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

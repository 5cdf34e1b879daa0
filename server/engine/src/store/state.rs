//! Rows of the running system's own settings: the sandbox's clock and fault switches.

use super::{StoreError, Tx, on};

/// Returns a value of the running system's own settings.
pub(crate) async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        on!(tx, |conn| sqlx::query_as("SELECT value FROM state WHERE name = $1").bind(name).fetch_optional(conn).await)?;
    Ok(row.map(|(value,)| value))
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

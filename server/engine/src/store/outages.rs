//! Rows of outages: when no payer could reach the pages.

use domain::outage::Outage;
use jiff::Timestamp;

use super::codec::At;
use super::{StoreError, Tx, on};

pub(crate) async fn insert(tx: &mut Tx, outage: Outage) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("INSERT INTO outages (began_at, ended_at) VALUES ($1, $2)")
        .bind(At(outage.began_at))
        .bind(At(outage.ended_at))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Returns the outages that had not ended at an instant, in the order of time.
pub(crate) async fn since(tx: &mut Tx, instant: Timestamp) -> Result<Vec<Outage>, StoreError> {
    let rows: Vec<(At, At)> =
        on!(tx, |conn| sqlx::query_as("SELECT began_at, ended_at FROM outages WHERE ended_at > $1 ORDER BY began_at")
            .bind(At(instant))
            .fetch_all(conn)
            .await)?;
    Ok(rows.into_iter().map(|(began_at, ended_at)| Outage { began_at: began_at.0, ended_at: ended_at.0 }).collect())
}

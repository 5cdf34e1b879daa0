//! Rows of endpoints that do not answer, as far as their merchants are written to about it.

use domain::email::EmailAddress;
use domain::ids::EndpointId;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::At;
use super::{StoreError, Tx, on};

/// Says whether a mail about an endpoint is to be written: none was since it last answered.
pub(crate) async fn begin(tx: &mut Tx, endpoint: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook_endpoints SET alerted_at = $1 \
               WHERE id = $2 AND alerted_at IS NULL AND invoice_id IS NULL AND removed_at IS NULL";
    let rows = on!(tx, |conn| sqlx::query(sql).bind(At(now)).bind(endpoint).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes note that an endpoint answers.
pub(crate) async fn end(tx: &mut Tx, endpoint: Uuid) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("UPDATE webhook_endpoints SET alerted_at = NULL WHERE id = $1")
        .bind(endpoint)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// An endpoint that gets nothing.
#[derive(FromRow)]
pub(crate) struct Alert {
    /// Where it is.
    pub(crate) url: String,
    /// Whether it is switched off; else it is tried on.
    pub(crate) is_off: bool,
    alert_email: String,
}

/// Returns an endpoint whose merchant is to be written to, and where: at its MID's alert address, or that of the merchant's first MID that
/// has one. Nothing when it answers again, was removed, or nobody has an address.
pub(crate) async fn to_tell(tx: &mut Tx, id: EndpointId) -> Result<Option<(Alert, EmailAddress)>, StoreError> {
    let row: Option<Alert> = on!(tx, |conn| sqlx::query_as(
        "SELECT e.url, e.disabled_at IS NOT NULL AS is_off, m.alert_email FROM webhook_endpoints e \
         JOIN mids m ON m.merchant_id = e.merchant_id AND (e.mid_id IS NULL OR m.id = e.mid_id) \
         WHERE e.id = $1 AND e.alerted_at IS NOT NULL AND e.removed_at IS NULL AND m.alert_email IS NOT NULL ORDER BY m.id LIMIT 1"
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await)?;
    // An address of an earlier day that is none by today's rules is written to by nobody.
    Ok(row.and_then(|alert| EmailAddress::parse(&alert.alert_email).ok().map(|address| (alert, address))))
}

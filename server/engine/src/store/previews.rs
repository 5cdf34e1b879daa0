//! Rows of quotes for refunds. They hold no money.

use domain::ids::{InvoiceId, MidId, RefundId};
use domain::merchant::Actor;
use domain::money::Amount;
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id, parsed};
use super::{StoreError, Tx, on, one_row};
use crate::refunding::NewRefund;

/// A quote.
pub(crate) struct Preview {
    pub(crate) id: RefundId,
    pub(crate) mid: MidId,
    pub(crate) invoice: InvoiceId,
    pub(crate) request: NewRefund,
    pub(crate) maker: Actor,
    pub(crate) amount: Amount,
    pub(crate) fee: Amount,
    pub(crate) expires_at: Timestamp,
    pub(crate) created_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, preview: &Preview) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO refund_previews (id, mid_id, invoice_id, request, maker, asset, amount, fee, expires_at, created_at, guid) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING"
    )
    .bind(preview.id.0)
    .bind(preview.mid.0)
    .bind(preview.invoice.0)
    .bind(Json(preview.request.clone()))
    .bind(preview.maker.to_string())
    .bind(preview.amount.asset.as_str())
    .bind(Units(preview.amount.units))
    .bind(Units(preview.fee.units))
    .bind(At(preview.expires_at))
    .bind(At(preview.created_at))
    .bind(preview.request.guid.as_deref())
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct PreviewRow {
    id: Uuid,
    mid_id: Uuid,
    invoice_id: Uuid,
    request: Json<NewRefund>,
    maker: String,
    asset: String,
    amount: Units,
    fee: Units,
    expires_at: At,
    created_at: At,
}

impl PreviewRow {
    fn into_preview(self) -> Result<Preview, StoreError> {
        Ok(Preview {
            id: RefundId(self.id),
            mid: MidId(self.mid_id),
            invoice: InvoiceId(self.invoice_id),
            request: self.request.0,
            maker: parsed("refund_previews", &self.maker)?,
            amount: amount(self.amount, &self.asset)?,
            fee: Amount { units: self.fee.0, asset: asset_id(&self.asset)? },
            expires_at: self.expires_at.0,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) async fn load(tx: &mut Tx, id: RefundId) -> Result<Option<Preview>, StoreError> {
    let row: Option<PreviewRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, mid_id, invoice_id, request, maker, asset, amount, fee, expires_at, created_at FROM refund_previews WHERE id = $1"
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await)?;
    row.map(PreviewRow::into_preview).transpose()
}

/// Returns a MID's quote by what the merchant's program knows it by.
pub(crate) async fn by_guid(tx: &mut Tx, mid: MidId, guid: &str) -> Result<Option<Preview>, StoreError> {
    let row: Option<PreviewRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, mid_id, invoice_id, request, maker, asset, amount, fee, expires_at, created_at FROM refund_previews \
         WHERE mid_id = $1 AND guid = $2"
    )
    .bind(mid.0)
    .bind(guid)
    .fetch_optional(conn)
    .await)?;
    row.map(PreviewRow::into_preview).transpose()
}

/// Ends a quote that still holds, because it becomes a refund or is taken back: whoever is first. `Conflict` when it is over.
pub(crate) async fn end(tx: &mut Tx, id: RefundId, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE refund_previews SET expires_at = $1 WHERE id = $2 AND expires_at > $1")
        .bind(At(now))
        .bind(id.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

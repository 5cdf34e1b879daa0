//! Rows of quotes for refunds. They hold no money.

use domain::ids::{InvoiceId, MidId, RefundId};
use domain::merchant::Actor;
use domain::money::Amount;
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id, parsed};
use super::{StoreError, Tx, on};
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
        "INSERT INTO refund_previews (id, mid_id, invoice_id, request, maker, asset, amount, fee, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING"
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

pub(crate) async fn load(tx: &mut Tx, id: RefundId) -> Result<Option<Preview>, StoreError> {
    let row: Option<PreviewRow> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, mid_id, invoice_id, request, maker, asset, amount, fee, expires_at, created_at FROM refund_previews WHERE id = $1"
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await)?;
    row.map(|row| {
        Ok(Preview {
            id: RefundId(row.id),
            mid: MidId(row.mid_id),
            invoice: InvoiceId(row.invoice_id),
            request: row.request.0,
            maker: parsed("refund_previews", &row.maker)?,
            amount: amount(row.amount, &row.asset)?,
            fee: Amount { units: row.fee.0, asset: asset_id(&row.asset)? },
            expires_at: row.expires_at.0,
            created_at: row.created_at.0,
        })
    })
    .transpose()
}

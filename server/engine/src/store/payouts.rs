//! Rows of payouts and of the slots they use up.

use domain::ids::{MidId, PayoutId, RefundId};
use domain::money::Network;
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::policy::FeeBearer;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id};
use super::invoices::destination;
use super::{StoreError, Tx, on, one_row, rails};
use crate::rails::UnderWay;

const COLUMNS: &str = "id, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, state, slot, txid, bytes, failure, version, created_at";

#[derive(FromRow)]
struct PayoutRow {
    id: Uuid,
    refund_id: Uuid,
    mid_id: Uuid,
    network: String,
    asset: String,
    net: Units,
    fee: Units,
    fee_bearer: String,
    fee_is_in_kind: bool,
    address: String,
    tag: Option<String>,
    state: String,
    slot: Option<i64>,
    txid: Option<String>,
    bytes: Option<Vec<u8>>,
    failure: Option<String>,
    version: i64,
    created_at: At,
}

impl PayoutRow {
    fn into_payout(self) -> Result<Payout, StoreError> {
        let bad = |column: &str| StoreError::Inconsistent { table: "payouts", id: format!("{} {column}", self.id) };
        let signed = || match (self.slot.map(u64::try_from), &self.txid, &self.bytes) {
            (Some(Ok(slot)), Some(txid), Some(bytes)) => Ok(Signed { slot, txid: txid.clone(), bytes: bytes.clone() }),
            _ => Err(bad("bytes")),
        };
        let state = match self.state.as_str() {
            "reserved" => PayoutState::Reserved,
            "signed" => PayoutState::Signed(signed()?),
            "broadcast" => PayoutState::Broadcast(signed()?),
            "final" => PayoutState::Final(signed()?),
            "failed" => PayoutState::Failed(
                PayoutFailure::ALL
                    .into_iter()
                    .find(|failure| Some(failure.name()) == self.failure.as_deref())
                    .ok_or_else(|| bad("failure"))?,
            ),
            _ => return Err(bad("state")),
        };
        Ok(Payout {
            id: PayoutId(self.id),
            refund: RefundId(self.refund_id),
            mid: MidId(self.mid_id),
            net: amount(self.net, &self.asset)?,
            fee: amount(self.fee, &self.asset)?,
            fee_bearer: FeeBearer::from_name(&self.fee_bearer).ok_or_else(|| bad("fee_bearer"))?,
            fee_is_in_kind: self.fee_is_in_kind,
            destination: destination(&self.network, &self.address, self.tag.as_deref()).ok_or_else(|| bad("address"))?,
            state,
            version: self.version,
            created_at: self.created_at.0,
        })
    }
}

/// Inserts a payout (version 1), or saves its new state if it is still the version before.
pub(crate) async fn save(tx: &mut Tx, payout: &Payout) -> Result<(), StoreError> {
    if payout.version == 1 {
        return insert(tx, payout).await;
    }
    let signed = payout.state.signed();
    let slot = signed.map(|signed| i64::try_from(signed.slot)).transpose();
    let slot = slot.map_err(|_| StoreError::Inconsistent { table: "payouts", id: "slot".to_owned() })?;
    let failure = match &payout.state {
        PayoutState::Failed(failure) => Some(failure.name()),
        PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Final(_) => None,
    };
    // A failed payout keeps the bytes that were proven dead.
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE payouts SET state = $1, slot = COALESCE($2, slot), txid = COALESCE($3, txid), bytes = COALESCE($4, bytes), failure = $5, \
         version = $6 WHERE id = $7 AND version = $8"
    )
    .bind(payout.state.name())
    .bind(slot)
    .bind(signed.map(|signed| signed.txid.as_str()))
    .bind(signed.map(|signed| signed.bytes.as_slice()))
    .bind(failure)
    .bind(payout.version)
    .bind(payout.id.0)
    .bind(payout.version.saturating_sub(1))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

async fn insert(tx: &mut Tx, payout: &Payout) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO payouts (id, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, state, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    )
    .bind(payout.id.0)
    .bind(payout.refund.0)
    .bind(payout.mid.0)
    .bind(payout.destination.network().name())
    .bind(payout.net.asset.as_str())
    .bind(Units(payout.net.units))
    .bind(Units(payout.fee.units))
    .bind(payout.fee_bearer.name())
    .bind(payout.fee_is_in_kind)
    .bind(payout.destination.address())
    .bind(payout.destination.tag().map(ToString::to_string))
    .bind(payout.state.name())
    .bind(payout.version)
    .bind(At(payout.created_at))
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

pub(crate) async fn load(tx: &mut Tx, id: PayoutId) -> Result<Option<Payout>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM payouts WHERE id = $1"));
    let row: Option<PayoutRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(PayoutRow::into_payout).transpose()
}

/// Returns a refund's payout that lives or has paid.
pub(crate) async fn live_of(tx: &mut Tx, refund: RefundId) -> Result<Option<Payout>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM payouts WHERE refund_id = $1 AND state <> 'failed'"));
    let row: Option<PayoutRow> = on!(tx, |conn| sqlx::query_as(sql).bind(refund.0).fetch_optional(conn).await)?;
    row.map(PayoutRow::into_payout).transpose()
}

/// Returns the payouts that are neither final nor failed.
pub(crate) async fn unfinished(tx: &mut Tx) -> Result<Vec<PayoutId>, StoreError> {
    let rows: Vec<(Uuid,)> =
        on!(tx, |conn| sqlx::query_as("SELECT id FROM payouts WHERE state IN ('reserved', 'signed', 'broadcast') ORDER BY id")
            .fetch_all(conn)
            .await)?;
    Ok(rows.into_iter().map(|(id,)| PayoutId(id)).collect())
}

/// A payout that is neither final nor failed, as far as others have to know of it.
pub(crate) struct Unfinished {
    pub(crate) cost: UnderWay,
    pub(crate) is_signed: bool,
}

/// Returns the payouts of a network that are neither final nor failed, but for one.
pub(crate) async fn under_way(tx: &mut Tx, network: Network, but: PayoutId) -> Result<Vec<Unfinished>, StoreError> {
    let rows: Vec<(Option<i64>, String, Units, Units, String)> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT slot, asset, net, fee, state FROM payouts WHERE network = $1 AND state IN ('reserved', 'signed', 'broadcast') AND id <> $2"
    )
    .bind(network.name())
    .bind(but.0)
    .fetch_all(conn)
    .await
    })?;
    rows.into_iter()
        .map(|(slot, asset, net, fee, state)| {
            let slot = slot.and_then(|slot| u64::try_from(slot).ok());
            let cost = UnderWay { slot, asset: asset_id(&asset)?, net_units: net.0, fee_units: fee.0 };
            Ok(Unfinished { cost, is_signed: state != "reserved" })
        })
        .collect()
}

/// Returns the slot a payout was given.
pub(crate) async fn slot_of(tx: &mut Tx, payout: PayoutId) -> Result<Option<u64>, StoreError> {
    let row: Option<(i64,)> =
        on!(tx, |conn| sqlx::query_as("SELECT slot FROM rail_slots WHERE payout_id = $1").bind(payout.0).fetch_optional(conn).await)?;
    Ok(row.and_then(|(slot,)| u64::try_from(slot).ok()))
}

/// Gives a reserved payout the first slot from `first_unused` on that no other payout has. It must still be the version that
/// was read, and gets the next one: two leases of one payout, or a lease and its end, conflict. So do two leases after the same
/// `turns_seen`: what was found out before the first of them is no longer true for the second.
pub(crate) async fn lease_slot(tx: &mut Tx, payout: &Payout, first_unused: u64, turns_seen: Option<i64>) -> Result<u64, StoreError> {
    let network = payout.destination.network();
    let turn = rails::next_turn(tx, network).await?;
    if turns_seen.is_some_and(|seen| seen.saturating_add(1) != turn) {
        return Err(StoreError::Conflict);
    }
    let first = i64::try_from(first_unused).map_err(|_| StoreError::Inconsistent { table: "rail_slots", id: "slot".to_owned() })?;
    let taken: Vec<(i64,)> = on!(tx, |conn| sqlx::query_as("SELECT slot FROM rail_slots WHERE network = $1 AND slot >= $2 ORDER BY slot")
        .bind(network.name())
        .bind(first)
        .fetch_all(conn)
        .await)?;
    // A slot given back by a payout that was proven unsigned leaves a gap, which must be filled first: the chain takes slots in order.
    let slot = taken.iter().fold(first, |free, (slot,)| if *slot == free { free.saturating_add(1) } else { free });
    on!(tx, |conn| sqlx::query("INSERT INTO rail_slots (network, slot, payout_id) VALUES ($1, $2, $3)")
        .bind(network.name())
        .bind(slot)
        .bind(payout.id.0)
        .execute(conn)
        .await
        .map(drop))?;
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE payouts SET slot = $1, version = version + 1 WHERE id = $2 AND version = $3 AND state = 'reserved' AND slot IS NULL"
    )
    .bind(slot)
    .bind(payout.id.0)
    .bind(payout.version)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)?;
    u64::try_from(slot).map_err(|_| StoreError::Inconsistent { table: "rail_slots", id: slot.to_string() })
}

/// Gives a slot back. Only for a payout of which it is proven that nothing was or will be signed.
pub(crate) async fn return_slot(tx: &mut Tx, payout: PayoutId) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query("DELETE FROM rail_slots WHERE payout_id = $1").bind(payout.0).execute(conn).await.map(drop))?;
    Ok(())
}

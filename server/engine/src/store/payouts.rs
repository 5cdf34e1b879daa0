//! Rows of payouts and of the slots they use up.

use std::collections::BTreeMap;

use domain::ids::{MidId, PayoutId, RefundId};
use domain::money::Network;
use domain::payout::{Payout, PayoutFailure, PayoutState, Signed};
use domain::policy::FeeBearer;
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, Units, amount, asset_id};
use super::invoices::destination;
use super::{StoreError, Tx, all_rows, among, lots, on, one_row, rails};
use crate::rails::UnderWay;

/// With the slot, id and bytes of the transaction that pays it, be they stored with another payout.
const COLUMNS: &str = "p.id, p.refund_id, p.mid_id, p.network, p.asset, p.net, p.fee, p.fee_bearer, p.fee_is_in_kind, p.address, p.tag, \
    p.batch_until, p.state, COALESCE(p.slot, b.slot) AS slot, COALESCE(p.txid, b.txid) AS txid, COALESCE(p.bytes, b.bytes) AS bytes, \
    COALESCE(p.signed_at, b.signed_at) AS signed_at, COALESCE(b.raised, p.raised) AS raised, p.raised AS raised_told, \
    p.failure, p.version, p.created_at";
const ROWS: &str = "payouts p LEFT JOIN payouts b ON b.id = p.batch_id";

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
    batch_until: Option<At>,
    state: String,
    slot: Option<i64>,
    txid: Option<String>,
    bytes: Option<Vec<u8>>,
    signed_at: Option<At>,
    raised: i64,
    raised_told: i64,
    failure: Option<String>,
    version: i64,
    created_at: At,
}

impl PayoutRow {
    fn into_payout(self) -> Result<Payout, StoreError> {
        let bad = |column: &str| StoreError::Inconsistent { table: "payouts", id: format!("{} {column}", self.id) };
        let signed = || match (self.slot.map(u64::try_from), &self.txid, &self.bytes, self.signed_at) {
            (Some(Ok(slot)), Some(txid), Some(bytes), Some(at)) => Ok(Signed { slot, txid: txid.clone(), bytes: bytes.clone(), at: at.0 }),
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
            batch_until: self.batch_until.map(|until| until.0),
            raised: u32::try_from(self.raised).map_err(|_| bad("raised"))?,
            raised_told: u32::try_from(self.raised_told).map_err(|_| bad("raised"))?,
            state,
            version: self.version,
            created_at: self.created_at.0,
        })
    }
}

/// Inserts payouts (version 1), or saves the new state of each if it is still the version before.
pub(crate) async fn save(tx: &mut Tx, payouts: &[&Payout]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(payouts.len());
    for payout in payouts {
        let slot = payout.state.signed().map(|signed| i64::try_from(signed.slot)).transpose();
        rows.push((*payout, slot.map_err(|_| StoreError::Inconsistent { table: "payouts", id: "slot".to_owned() })?));
    }
    for lot in lots(&rows) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO payouts (id, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, batch_until, \
                 state, slot, txid, bytes, signed_at, raised, failure, version, created_at) ",
            );
            sql.push_values(lot, |mut row, (payout, slot)| {
                let signed = payout.state.signed();
                let failure = match &payout.state {
                    PayoutState::Failed(failure) => Some(failure.name()),
                    PayoutState::Reserved | PayoutState::Signed(_) | PayoutState::Broadcast(_) | PayoutState::Final(_) => None,
                };
                row.push_bind(payout.id.0)
                    .push_bind(payout.refund.0)
                    .push_bind(payout.mid.0)
                    .push_bind(payout.destination.network().name())
                    .push_bind(payout.net.asset.as_str())
                    .push_bind(Units(payout.net.units))
                    .push_bind(Units(payout.fee.units))
                    .push_bind(payout.fee_bearer.name())
                    .push_bind(payout.fee_is_in_kind)
                    .push_bind(payout.destination.address())
                    .push_bind(payout.destination.tag().map(ToString::to_string))
                    .push_bind(payout.batch_until.map(At))
                    .push_bind(payout.state.name())
                    .push_bind(*slot)
                    .push_bind(signed.map(|signed| signed.txid.as_str()))
                    .push_bind(signed.map(|signed| signed.bytes.as_slice()))
                    .push_bind(signed.map(|signed| At(signed.at)))
                    .push_bind(i64::from(payout.raised_told))
                    .push_bind(failure)
                    .push_bind(payout.version)
                    .push_bind(At(payout.created_at));
            });
            // A failed payout keeps the bytes that were proven dead; one that another's transaction pays has none of its own.
            sql.push(
                " ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
                 slot = CASE WHEN payouts.batch_id IS NULL THEN COALESCE(excluded.slot, payouts.slot) END, \
                 txid = CASE WHEN payouts.batch_id IS NULL THEN COALESCE(excluded.txid, payouts.txid) END, \
                 bytes = CASE WHEN payouts.batch_id IS NULL THEN COALESCE(excluded.bytes, payouts.bytes) END, \
                 signed_at = CASE WHEN payouts.batch_id IS NULL THEN COALESCE(excluded.signed_at, payouts.signed_at) END, \
                 raised = excluded.raised, failure = excluded.failure, version = excluded.version WHERE payouts.version = excluded.version - 1",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    // The others that one pays have another transaction now too: who looked only at the one before writes nothing about them.
    for payout in payouts.iter().filter(|payout| payout.raised > 0 && matches!(payout.state, PayoutState::Signed(_))) {
        on!(tx, |conn| {
            sqlx::query("UPDATE payouts SET version = version + 1 WHERE batch_id = $1 AND state IN ('reserved', 'signed', 'broadcast')")
                .bind(payout.id.0)
                .execute(conn)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

pub(crate) async fn load(tx: &mut Tx, id: PayoutId) -> Result<Option<Payout>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM {ROWS} WHERE p.id = $1"));
    let row: Option<PayoutRow> = on!(tx, |conn| sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await)?;
    row.map(PayoutRow::into_payout).transpose()
}

/// Returns some payouts by their ids.
pub(crate) async fn load_all(tx: &mut Tx, ids: &[Uuid]) -> Result<BTreeMap<PayoutId, Payout>, StoreError> {
    let rows: Vec<PayoutRow> = among!(tx, format!("SELECT {COLUMNS} FROM {ROWS} WHERE p.id IN ("), ids, ")")?;
    rows.into_iter().map(|row| row.into_payout().map(|payout| (payout.id, payout))).collect()
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
            "SELECT COALESCE(p.slot, b.slot), p.asset, p.net, p.fee, p.state FROM payouts p LEFT JOIN payouts b ON b.id = p.batch_id \
         WHERE p.network = $1 AND p.state IN ('reserved', 'signed', 'broadcast') AND p.id <> $2",
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

/// The slot that a payout has, and whose transaction it is for.
pub(crate) struct Place {
    pub(crate) slot: u64,
    /// The payout that the slot was given to: this one, or the first of those that are paid with it.
    pub(crate) first: PayoutId,
    /// The bytes of that one, also once it failed.
    pub(crate) signed: Option<Signed>,
    /// Why that one failed.
    pub(crate) failure: Option<PayoutFailure>,
}

/// Returns the slot a payout was given, alone or with others.
pub(crate) async fn place_of(tx: &mut Tx, payout: PayoutId) -> Result<Option<Place>, StoreError> {
    type Row = (i64, Uuid, Option<String>, Option<Vec<u8>>, Option<At>, Option<String>);
    let row: Option<Row> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT s.slot, f.id, f.txid, f.bytes, f.signed_at, f.failure FROM payouts p JOIN rail_slots s ON s.payout_id = COALESCE(p.batch_id, p.id) \
             JOIN payouts f ON f.id = s.payout_id WHERE p.id = $1",
        )
        .bind(payout.0)
        .fetch_optional(conn)
        .await
    })?;
    let Some((slot, first, txid, bytes, at, failure)) = row else { return Ok(None) };
    let slot = u64::try_from(slot).map_err(|_| StoreError::Inconsistent { table: "rail_slots", id: slot.to_string() })?;
    let signed = txid.zip(bytes).zip(at).map(|((txid, bytes), at)| Signed { slot, txid, bytes, at: at.0 });
    let failure = PayoutFailure::ALL.into_iter().find(|known| Some(known.name()) == failure.as_deref());
    Ok(Some(Place { slot, first: PayoutId(first), signed, failure }))
}

/// Returns the bytes that others took the place of in a payout's slot, the newest first, but for those with the id of its present ones.
pub(crate) async fn replaced(tx: &mut Tx, payout: PayoutId, present: &Signed) -> Result<Vec<Signed>, StoreError> {
    let rows: Vec<(String, Vec<u8>, At)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT txid, bytes, signed_at FROM payout_replaced WHERE payout_id = (SELECT COALESCE(batch_id, id) FROM payouts WHERE id = $1) \
             AND txid <> $2 ORDER BY signed_at DESC, txid",
        )
        .bind(payout.0)
        .bind(&present.txid)
        .fetch_all(conn)
        .await
    })?;
    Ok(rows.into_iter().map(|(txid, bytes, at)| Signed { slot: present.slot, txid, bytes, at: at.0 }).collect())
}

/// Returns the payouts that one transaction pays: the one that has the slot, then the others, always in the same order.
pub(crate) async fn batch(tx: &mut Tx, first: PayoutId) -> Result<Vec<Payout>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM {ROWS} WHERE p.id = $1 OR p.batch_id = $1 ORDER BY p.batch_id IS NOT NULL, p.id"
    ));
    let rows: Vec<PayoutRow> = on!(tx, |conn| sqlx::query_as(sql).bind(first.0).fetch_all(conn).await)?;
    rows.into_iter().map(PayoutRow::into_payout).collect()
}

/// Returns how many payouts the transaction pays that pays this one, and whether this is the first of them.
pub(crate) async fn place_in_batch(tx: &mut Tx, payout: PayoutId) -> Result<(u32, bool), StoreError> {
    let (payouts, is_first): (i64, bool) = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM payouts o WHERE o.id = COALESCE(p.batch_id, p.id) OR o.batch_id = COALESCE(p.batch_id, p.id)), \
             p.batch_id IS NULL FROM payouts p WHERE p.id = $1",
        )
        .bind(payout.0)
        .fetch_one(conn)
        .await
    })?;
    Ok((u32::try_from(payouts).unwrap_or(u32::MAX), is_first))
}

/// Returns the payouts of a network that wait for others to be paid with, but for one, the longest waiting first.
pub(crate) async fn waiting(tx: &mut Tx, network: Network, but: PayoutId, limit: usize) -> Result<Vec<Payout>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM {ROWS} WHERE p.network = $1 AND p.state = 'reserved' AND p.batch_until IS NOT NULL AND p.batch_id IS NULL \
         AND p.slot IS NULL AND p.id <> $2 ORDER BY p.batch_until, p.id LIMIT $3"
    ));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<PayoutRow> = on!(tx, |conn| sqlx::query_as(sql).bind(network.name()).bind(but.0).bind(limit).fetch_all(conn).await)?;
    rows.into_iter().map(PayoutRow::into_payout).collect()
}

/// Gives a reserved payout, and those its transaction pays too, the first slot from `first_unused` on that no other payout has. Each must
/// still be the version that was read, and gets the next one: two leases of one payout, or a lease and its end, conflict. So do two leases
/// after the same `turns_seen`: what was found out before the first of them is no longer true for the second.
pub(crate) async fn lease_slot(
    tx: &mut Tx,
    payout: &Payout,
    others: &[Payout],
    first_unused: u64,
    turns_seen: Option<i64>,
) -> Result<u64, StoreError> {
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
        "UPDATE payouts SET slot = $1, version = version + 1 WHERE id = $2 AND version = $3 AND state = 'reserved' AND slot IS NULL \
         AND batch_id IS NULL"
    )
    .bind(slot)
    .bind(payout.id.0)
    .bind(payout.version)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)?;
    for other in others {
        one_row(on!(tx, |conn| {
            sqlx::query(
            "UPDATE payouts SET batch_id = $1, version = version + 1 WHERE id = $2 AND version = $3 AND network = $4 AND state = 'reserved' \
             AND slot IS NULL AND batch_id IS NULL"
        )
        .bind(payout.id.0)
        .bind(other.id.0)
        .bind(other.version)
        .bind(network.name())
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
        })?)?;
    }
    u64::try_from(slot).map_err(|_| StoreError::Inconsistent { table: "rail_slots", id: slot.to_string() })
}

/// Gives a slot back. Only for a payout of which it is proven that nothing was or will be signed, and with the last of those that one
/// transaction was to pay: until then the others find out by it what became of them.
pub(crate) async fn return_slot(tx: &mut Tx, payout: PayoutId) -> Result<(), StoreError> {
    // Two that end at once do it one after the other, and the second sees that the first has ended.
    let hold = "UPDATE rail_slots SET slot = slot WHERE payout_id = (SELECT COALESCE(batch_id, id) FROM payouts WHERE id = $1)";
    let give = "DELETE FROM rail_slots WHERE payout_id = (SELECT COALESCE(batch_id, id) FROM payouts WHERE id = $1) AND NOT EXISTS \
         (SELECT 1 FROM payouts p WHERE (p.id = rail_slots.payout_id OR p.batch_id = rail_slots.payout_id) AND p.state = 'reserved')";
    for sql in [hold, give] {
        on!(tx, |conn| sqlx::query(sql).bind(payout.0).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Returns how many payouts of each network and state are under way, and since when the first of them is; `most` are looked at.
pub(crate) async fn under_way_by_state(tx: &mut Tx, most: u32) -> Result<Vec<(String, String, u64, Timestamp)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT network, state, COUNT(*), MIN(created_at) FROM (SELECT network, state, created_at FROM payouts \
         WHERE state IN ('reserved', 'signed', 'broadcast') LIMIT {most}) AS under_way GROUP BY network, state ORDER BY network, state"
    ));
    let rows: Vec<(String, String, i64, At)> = on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?;
    let counted =
        |(network, state, count, first): (String, String, i64, At)| (network, state, u64::try_from(count).unwrap_or_default(), first.0);
    Ok(rows.into_iter().map(counted).collect())
}

//! Rows of the books: entries, postings and the sums per account.

use std::collections::{BTreeMap, HashMap};

use domain::ids::{DepositId, InvoiceId, MidId, PayoutId, RefundId};
use domain::ledger::{Account, LedgerEntry, Posting};
use domain::money::AssetId;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, Units, asset_id, needed};
use super::invoices::Cap;
use super::merchants::{MidFilter, WITHIN, bind_within};
use super::{StoreError, Tx, all_rows, among, lots, on};

/// What an account's sums are moved by.
#[derive(Clone, Copy, Default)]
struct Moves {
    debits: u128,
    credits: u128,
}

/// An account in one asset.
type Place = (MidId, &'static str, Uuid, AssetId);

/// Appends events' entries and moves the balances, each once. The same key twice is a conflict: the event was booked already.
pub(crate) async fn append(tx: &mut Tx, entries: &[&LedgerEntry]) -> Result<(), StoreError> {
    let mut ids: HashMap<String, i64> = HashMap::with_capacity(entries.len());
    for lot in lots(entries) {
        let rows: Vec<(i64, String)> = on!(tx, |conn| {
            let mut sql =
                QueryBuilder::new("INSERT INTO ledger_entries (mid_id, kind, key, invoice_id, deposit_id, refund_id, payout_id, at) ");
            sql.push_values(lot, |mut row, entry| {
                row.push_bind(entry.mid.0)
                    .push_bind(entry.kind.name())
                    .push_bind(&entry.key)
                    .push_bind(entry.subject.invoice.map(|id| id.0))
                    .push_bind(entry.subject.deposit.map(|id| id.0))
                    .push_bind(entry.subject.refund.map(|id| id.0))
                    .push_bind(entry.subject.payout.map(|id| id.0))
                    .push_bind(At(entry.at));
            });
            sql.push(" RETURNING id, key").build_query_as().fetch_all(conn).await
        })?;
        ids.extend(rows.into_iter().map(|(id, key)| (key, id)));
    }
    let mut postings = Vec::new();
    let mut moves: BTreeMap<Place, Moves> = BTreeMap::new();
    for entry in entries {
        let id = needed("ledger_entries", "id", ids.get(&entry.key).copied())?;
        for (position, posting) in (1_i64..).zip(&entry.postings) {
            let place =
                |account: Account| (entry.mid, account.name(), account.invoice().map_or(Uuid::nil(), |id| id.0), posting.amount.asset);
            let sum = |moved: u128| needed("balances", "sum", moved.checked_add(posting.amount.units));
            let credited = moves.entry(place(posting.credit)).or_default();
            credited.credits = sum(credited.credits)?;
            let debited = moves.entry(place(posting.debit)).or_default();
            debited.debits = sum(debited.debits)?;
            postings.push((id, position, posting));
        }
    }
    for lot in lots(&postings) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new(
                "INSERT INTO ledger_postings (entry_id, position, debit_account, debit_invoice_id, credit_account, credit_invoice_id, asset, amount) ",
            );
            sql.push_values(lot, |mut row, (id, position, posting)| {
                row.push_bind(*id)
                    .push_bind(*position)
                    .push_bind(posting.debit.name())
                    .push_bind(posting.debit.invoice().map(|id| id.0))
                    .push_bind(posting.credit.name())
                    .push_bind(posting.credit.invoice().map(|id| id.0))
                    .push_bind(posting.amount.asset.as_str())
                    .push_bind(Units(posting.amount.units));
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    let moves: Vec<(Place, Moves)> = moves.into_iter().collect();
    for lot in lots(&moves) {
        move_balances(tx, lot).await?;
    }
    Ok(())
}

/// Moves sums. Their versions are compared before they are replaced: another process may have moved them since they were read.
async fn move_balances(tx: &mut Tx, moves: &[(Place, Moves)]) -> Result<(), StoreError> {
    let rows: Vec<BalanceRow> = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("WITH wanted (mid_id, account, invoice_id, asset) AS (");
        sql.push_values(moves, |mut row, ((mid, account, invoice, asset), _)| {
            row.push_bind(mid.0).push_bind(*account).push_bind(*invoice).push_bind(asset.as_str());
        });
        sql.push(
            ") SELECT b.mid_id, b.account, b.invoice_id, b.asset, b.debits, b.credits, b.version FROM wanted w JOIN balances b \
             ON b.mid_id = w.mid_id AND b.account = w.account AND b.invoice_id = w.invoice_id AND b.asset = w.asset",
        );
        sql.build_query_as().fetch_all(conn).await
    })?;
    let known: HashMap<_, _> =
        rows.iter().map(|row| ((row.mid_id, row.account.as_str(), row.invoice_id, row.asset.as_str()), row)).collect();
    let mut balances = Vec::with_capacity(moves.len());
    for (place, moved) in moves {
        let (mid, account, invoice, asset) = place;
        let row = known.get(&(mid.0, *account, *invoice, asset.as_str()));
        let (debits, credits, version) = row.map_or((0, 0, 0), |row| (row.debits.0, row.credits.0, row.version));
        let sum = |sum: u128, moved: u128| needed("balances", "sum", sum.checked_add(moved)).map(Units);
        balances.push((place, sum(debits, moved.debits)?, sum(credits, moved.credits)?, version.saturating_add(1)));
    }
    let changed = on!(tx, |conn| {
        let mut sql = QueryBuilder::new("INSERT INTO balances (mid_id, account, invoice_id, asset, debits, credits, version) ");
        sql.push_values(&balances, |mut row, ((mid, account, invoice, asset), debits, credits, version)| {
            row.push_bind(mid.0)
                .push_bind(*account)
                .push_bind(*invoice)
                .push_bind(asset.as_str())
                .push_bind(*debits)
                .push_bind(*credits)
                .push_bind(*version);
        });
        sql.push(
            " ON CONFLICT (mid_id, account, invoice_id, asset) DO UPDATE SET debits = excluded.debits, credits = excluded.credits, \
             version = excluded.version WHERE balances.version = excluded.version - 1",
        );
        sql.build().execute(conn).await.map(|done| done.rows_affected())
    })?;
    all_rows(changed, balances.len())
}

/// The sums of one account.
#[derive(FromRow)]
pub(crate) struct BalanceRow {
    pub(crate) mid_id: Uuid,
    pub(crate) account: String,
    pub(crate) invoice_id: Uuid,
    pub(crate) asset: String,
    pub(crate) debits: Units,
    pub(crate) credits: Units,
    version: i64,
}

impl BalanceRow {
    pub(crate) fn account(&self) -> Result<Account, StoreError> {
        let invoice = (!self.invoice_id.is_nil()).then_some(InvoiceId(self.invoice_id));
        needed("balances", "account", Account::from_name(&self.account, invoice))
    }

    pub(crate) fn asset(&self) -> Result<AssetId, StoreError> {
        asset_id(&self.asset)
    }
}

pub(crate) async fn balances(tx: &mut Tx, within: MidFilter) -> Result<Vec<BalanceRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT mid_id, account, invoice_id, asset, debits, credits, version FROM balances WHERE {WITHIN} ORDER BY mid_id, asset, account, invoice_id"
    ));
    Ok(on!(tx, |conn| bind_within!(sqlx::query_as(sql), within).fetch_all(conn).await)?)
}

/// Returns what a merchant may take out of one asset, in base units.
pub(crate) async fn available(tx: &mut Tx, mid: MidId, asset: AssetId) -> Result<u128, StoreError> {
    balance(tx, mid, Account::MerchantAvailable, asset).await
}

/// Returns what the merchants of some MIDs may take out, by MID and asset, in base units.
pub(crate) async fn available_of(tx: &mut Tx, mids: &[Uuid]) -> Result<HashMap<Uuid, BTreeMap<AssetId, u128>>, StoreError> {
    let rest = format!(") AND account = '{}'", Account::MerchantAvailable.name());
    let rows: Vec<(Uuid, String, Units, Units)> =
        among!(tx, "SELECT mid_id, asset, debits, credits FROM balances WHERE mid_id IN (", mids, rest.as_str())?;
    let mut available: HashMap<Uuid, BTreeMap<AssetId, u128>> = HashMap::new();
    for (mid, asset, debits, credits) in rows {
        available.entry(mid).or_default().insert(asset_id(&asset)?, credits.0.saturating_sub(debits.0));
    }
    Ok(available)
}

/// Returns what a liability owes, in base units.
pub(crate) async fn balance(tx: &mut Tx, mid: MidId, account: Account, asset: AssetId) -> Result<u128, StoreError> {
    let row: Option<(Units, Units)> = on!(tx, |conn| sqlx::query_as(
        "SELECT debits, credits FROM balances WHERE mid_id = $1 AND account = $2 AND invoice_id = $3 AND asset = $4"
    )
    .bind(mid.0)
    .bind(account.name())
    .bind(account.invoice().map_or(Uuid::nil(), |id| id.0))
    .bind(asset.as_str())
    .fetch_optional(conn)
    .await)?;
    Ok(row.map_or(0, |(debits, credits)| credits.0.saturating_sub(debits.0)))
}

/// Returns what the books said when a vanished deposit was taken back (P15, P16); nothing when it was not, or is there again.
pub(crate) async fn booked_when_orphaned(tx: &mut Tx, deposit: DepositId) -> Result<Vec<Posting>, StoreError> {
    let rows: Vec<(String, Option<Uuid>, String, String, Units)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT p.debit_account, p.debit_invoice_id, p.credit_account, p.asset, p.amount FROM ledger_postings p \
         JOIN ledger_entries e ON e.id = p.entry_id WHERE e.deposit_id = $1 AND e.kind = 'deposit_orphaned' \
         AND e.id > (SELECT COALESCE(MAX(id), 0) FROM ledger_entries WHERE deposit_id = $1 AND kind = 'deposit_restored') \
         ORDER BY p.entry_id, p.position",
        )
        .bind(deposit.0)
        .fetch_all(conn)
        .await
    })?;
    rows.into_iter()
        .map(|(debit, holding, credit, asset, amount)| {
            Ok(Posting {
                debit: needed("ledger_postings", "debit", Account::from_name(&debit, holding.map(InvoiceId)))?,
                credit: needed("ledger_postings", "credit", Account::from_name(&credit, None))?,
                amount: super::codec::amount(amount, &asset)?,
            })
        })
        .collect()
}

/// Returns what the books said when a payout became final: to be booked back when its block goes away (P17).
pub(crate) async fn booked_when_final(tx: &mut Tx, payout: PayoutId) -> Result<Vec<Posting>, StoreError> {
    let rows: Vec<(String, String, String, Units, String)> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT p.debit_account, p.credit_account, p.asset, p.amount, e.kind FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id \
         WHERE e.payout_id = $1 AND e.kind IN ('payout_final', 'fee_settled', 'gas_burnt') \
         AND e.id > (SELECT COALESCE(MAX(id), 0) FROM ledger_entries WHERE payout_id = $1 AND kind = 'payout_orphaned') \
         ORDER BY p.entry_id, p.position"
    )
    .bind(payout.0)
    .fetch_all(conn)
    .await
    })?;
    rows.into_iter()
        .map(|(debit, credit, asset, amount, _)| {
            Ok(Posting {
                debit: needed("ledger_postings", "debit", Account::from_name(&debit, None))?,
                credit: needed("ledger_postings", "credit", Account::from_name(&credit, None))?,
                amount: super::codec::amount(amount, &asset)?,
            })
        })
        .collect()
}

/// An entry's row.
#[derive(Clone, FromRow)]
pub(crate) struct EntryRow {
    pub(crate) id: i64,
    pub(crate) mid_id: Uuid,
    pub(crate) kind: String,
    pub(crate) invoice_id: Option<Uuid>,
    pub(crate) deposit_id: Option<Uuid>,
    pub(crate) refund_id: Option<Uuid>,
    pub(crate) payout_id: Option<Uuid>,
    pub(crate) at: At,
}

/// A posting's row.
#[derive(Clone, FromRow)]
pub(crate) struct PostingRow {
    pub(crate) entry_id: i64,
    pub(crate) debit_account: String,
    pub(crate) debit_invoice_id: Option<Uuid>,
    pub(crate) credit_account: String,
    pub(crate) credit_invoice_id: Option<Uuid>,
    pub(crate) asset: String,
    pub(crate) amount: Units,
}

/// Returns entries, newest first, before the cursor.
pub(crate) async fn entries(
    tx: &mut Tx,
    within: MidFilter,
    invoice: Option<InvoiceId>,
    refund: Option<RefundId>,
    before: i64,
    limit: u32,
) -> Result<Vec<EntryRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id, mid_id, kind, invoice_id, deposit_id, refund_id, payout_id, at FROM ledger_entries WHERE {WITHIN} AND id < $5 \
         AND ($6 OR invoice_id = $7) AND ($8 OR refund_id = $9) ORDER BY id DESC LIMIT $10"
    ));
    Ok(on!(tx, |conn| bind_within!(sqlx::query_as(sql), within)
        .bind(before)
        .bind(invoice.is_none())
        .bind(invoice.map_or(Uuid::nil(), |id| id.0))
        .bind(refund.is_none())
        .bind(refund.map_or(Uuid::nil(), |id| id.0))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?)
}

/// Returns the postings of the entries from `first` to `last`, in their order.
pub(crate) async fn postings(tx: &mut Tx, first: i64, last: i64) -> Result<Vec<PostingRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT entry_id, debit_account, debit_invoice_id, credit_account, credit_invoice_id, asset, amount FROM ledger_postings \
         WHERE entry_id BETWEEN $1 AND $2 ORDER BY entry_id, position"
    )
    .bind(first)
    .bind(last)
    .fetch_all(conn)
    .await)?)
}

/// Returns up to `limit` entries after `after`, oldest first: to re-derive the books.
pub(crate) async fn entries_after(tx: &mut Tx, after: i64, limit: u32) -> Result<Vec<EntryRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, mid_id, kind, invoice_id, deposit_id, refund_id, payout_id, at FROM ledger_entries WHERE id > $1 ORDER BY id LIMIT $2"
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await)?)
}

/// What the books must agree with: what refunds and deposits say by themselves, per MID and asset.
#[derive(FromRow)]
pub(crate) struct ClaimOnBooks {
    pub(crate) mid_id: Uuid,
    pub(crate) asset: String,
    pub(crate) amount: Units,
}

/// Returns the amounts of refunds in the given states, one row each.
pub(crate) async fn refund_amounts(tx: &mut Tx, states: RefundsThatAre) -> Result<Vec<ClaimOnBooks>, StoreError> {
    let sql = match states {
        RefundsThatAre::Owed => {
            "SELECT mid_id, asset, amount FROM refunds WHERE is_reserved AND state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'payout_failed')"
        }
        RefundsThatAre::InFlight => {
            "SELECT p.mid_id, p.asset, p.net AS amount FROM payouts p JOIN refunds r ON r.payout_id = p.id WHERE r.state = 'sending' \
             UNION ALL SELECT p.mid_id, p.asset, p.fee AS amount FROM payouts p JOIN refunds r ON r.payout_id = p.id \
             WHERE r.state = 'sending' AND p.fee_is_in_kind AND p.fee_bearer = 'payer'"
        }
    };
    Ok(on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?)
}

/// Which refunds [`refund_amounts`] adds up.
#[derive(Clone, Copy)]
pub(crate) enum RefundsThatAre {
    Owed,
    InFlight,
}

/// Returns what every invoice's cap says: `(invoice, asset, cap)`.
pub(crate) async fn caps(tx: &mut Tx) -> Result<Vec<(Uuid, String, Cap)>, StoreError> {
    let rows: Vec<(Uuid, String, Units, Units, Units)> =
        on!(tx, |conn| sqlx::query_as("SELECT invoice_id, asset, paid, committed, orphaned FROM invoice_caps").fetch_all(conn).await)?;
    let cap = |(invoice, asset, paid, committed, orphaned): (_, _, Units, Units, Units)| {
        (invoice, asset, Cap { paid: paid.0, committed: committed.0, orphaned: orphaned.0 })
    };
    Ok(rows.into_iter().map(cap).collect())
}

/// Returns every deposit that vanished from the chain after it was final.
pub(crate) async fn orphans(tx: &mut Tx) -> Result<Vec<(DepositId, Uuid, String, Units)>, StoreError> {
    let rows: Vec<(Uuid, Uuid, String, Units)> =
        on!(tx, |conn| sqlx::query_as("SELECT id, invoice_id, asset, amount FROM deposits WHERE state = 'orphaned'")
            .fetch_all(conn)
            .await)?;
    Ok(rows.into_iter().map(|(id, invoice, asset, amount)| (DepositId(id), invoice, asset, amount)).collect())
}

/// Returns every final deposit and every refund that counts against a cap: `(invoice, asset, amount)`.
pub(crate) async fn cap_sources(tx: &mut Tx, of: CapSide) -> Result<Vec<(Uuid, String, Units)>, StoreError> {
    let sql = match of {
        CapSide::Paid => "SELECT invoice_id, asset, amount FROM deposits WHERE state IN ('final', 'orphaned')",
        CapSide::Committed => "SELECT invoice_id, asset, amount FROM refunds WHERE state NOT IN ('expired', 'canceled', 'declined')",
    };
    Ok(on!(tx, |conn| sqlx::query_as(sql).fetch_all(conn).await)?)
}

/// Which side of a cap [`cap_sources`] lists.
#[derive(Clone, Copy)]
pub(crate) enum CapSide {
    Paid,
    Committed,
}

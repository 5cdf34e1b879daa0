//! Rows of caps: no more of an invoice's money is promised back than came in.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::InvoiceId;
use domain::money::{Amount, AssetId};
use domain::outcome::CapChange;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::store::codec::{Units, asset_id, needed};
use crate::store::{StoreError, Tx, all_rows, among, lots, on};

/// A row of `invoice_caps`, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) paid: u128,
    pub(crate) committed: u128,
    pub(crate) orphaned: u128,
}

impl Cap {
    /// Returns what can still be promised back.
    pub(crate) fn left(self) -> u128 {
        self.paid.saturating_sub(self.orphaned).saturating_sub(self.committed)
    }
}

impl core::fmt::Display for Cap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} paid, {} committed and {} vanished", self.paid, self.committed, self.orphaned)
    }
}

/// Moves caps as events change them, each row once. The CHECK refuses what would promise more than came in; what vanished from the chain
/// since is not promised again either.
pub(crate) async fn move_caps(tx: &mut Tx, changes: &[CapChange]) -> Result<(), StoreError> {
    let mut caps: BTreeMap<(InvoiceId, AssetId), Vec<CapChange>> = BTreeMap::new();
    for change in changes {
        let (CapChange::Paid(invoice, moved)
        | CapChange::Moved(invoice, moved)
        | CapChange::Commit(invoice, moved)
        | CapChange::Release(invoice, moved)
        | CapChange::Orphaned(invoice, moved)
        | CapChange::Restored(invoice, moved)
        | CapChange::Owed(invoice, moved)) = change;
        caps.entry((*invoice, moved.asset)).or_default().push(*change);
    }
    let invoices: BTreeSet<Uuid> = caps.keys().map(|(invoice, _)| invoice.0).collect();
    let before = caps_of(tx, &Vec::from_iter(invoices)).await?;
    let mut after = Vec::with_capacity(caps.len());
    for ((invoice, asset), changes) in caps {
        let (cap, version) = before.get(&(invoice, asset)).copied().unwrap_or_default();
        let cap = changes.into_iter().try_fold(cap, moved_by)?;
        after.push((invoice, asset, cap, version.saturating_add(1)));
    }
    replace_caps(tx, &after).await
}

/// Returns the caps of some invoices, with how often each was changed.
pub(crate) async fn caps_of(tx: &mut Tx, invoices: &[Uuid]) -> Result<BTreeMap<(InvoiceId, AssetId), (Cap, i64)>, StoreError> {
    let select = "SELECT invoice_id, asset, paid, committed, orphaned, version FROM invoice_caps WHERE invoice_id IN (";
    let rows: Vec<(Uuid, String, Units, Units, Units, i64)> = among!(tx, select, invoices, ")")?;
    let cap = |(invoice, asset, paid, committed, orphaned, version): (Uuid, String, Units, Units, Units, i64)| {
        let cap = Cap { paid: paid.0, committed: committed.0, orphaned: orphaned.0 };
        Ok(((InvoiceId(invoice), asset_id(&asset)?), (cap, version)))
    };
    rows.into_iter().map(cap).collect()
}

fn moved_by(before: Cap, change: CapChange) -> Result<Cap, StoreError> {
    let add = |sum: u128, moved: Amount| needed("invoice_caps", "sum", sum.checked_add(moved.units));
    let take = |column: &'static str, sum: u128, moved: Amount| needed("invoice_caps", column, sum.checked_sub(moved.units));
    Ok(match change {
        CapChange::Paid(_, moved) => Cap { paid: add(before.paid, moved)?, ..before },
        CapChange::Moved(_, moved) => Cap { paid: take("paid", before.paid, moved)?, ..before },
        CapChange::Commit(invoice, moved) if moved.units > before.left() => {
            return Err(StoreError::Broken(format!("invoice {invoice} has less left than {} {}", moved.units, moved.asset)));
        }
        CapChange::Commit(_, moved) => Cap { committed: add(before.committed, moved)?, ..before },
        CapChange::Release(_, moved) => Cap { committed: take("committed", before.committed, moved)?, ..before },
        CapChange::Orphaned(_, moved) => Cap { orphaned: add(before.orphaned, moved)?, ..before },
        CapChange::Owed(_, moved) | CapChange::Restored(_, moved) => Cap { orphaned: take("orphaned", before.orphaned, moved)?, ..before },
    })
}

/// Replaces caps. Their versions are compared before: another process may have changed them since they were read.
async fn replace_caps(tx: &mut Tx, caps: &[(InvoiceId, AssetId, Cap, i64)]) -> Result<(), StoreError> {
    for lot in lots(caps) {
        let changed = on!(tx, |conn| {
            let mut sql = QueryBuilder::new("INSERT INTO invoice_caps (invoice_id, asset, paid, committed, orphaned, version) ");
            sql.push_values(lot, |mut row, (invoice, asset, cap, version)| {
                row.push_bind(invoice.0)
                    .push_bind(asset.as_str())
                    .push_bind(Units(cap.paid))
                    .push_bind(Units(cap.committed))
                    .push_bind(Units(cap.orphaned))
                    .push_bind(*version);
            });
            sql.push(
                " ON CONFLICT (invoice_id, asset) DO UPDATE SET paid = excluded.paid, committed = excluded.committed, \
                 orphaned = excluded.orphaned, version = excluded.version WHERE invoice_caps.version = excluded.version - 1",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
}

/// Returns an invoice's cap in one asset; nothing came in it when there is no row.
pub(crate) async fn cap(tx: &mut Tx, invoice: InvoiceId, asset: AssetId) -> Result<Cap, StoreError> {
    let row: Option<(Units, Units, Units)> =
        on!(tx, |conn| sqlx::query_as("SELECT paid, committed, orphaned FROM invoice_caps WHERE invoice_id = $1 AND asset = $2")
            .bind(invoice.0)
            .bind(asset.as_str())
            .fetch_optional(conn)
            .await)?;
    Ok(row.map_or_else(Cap::default, |(paid, committed, orphaned)| Cap { paid: paid.0, committed: committed.0, orphaned: orphaned.0 }))
}

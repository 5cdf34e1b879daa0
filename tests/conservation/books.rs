//! The bookkeeper.

use super::*;

impl Books {
    pub(super) fn write(&mut self, outcome: &Outcome) {
        for entry in &outcome.entries {
            assert!(self.keys.insert(entry.key.clone()), "{} is written twice", entry.key);
            self.kinds.insert(entry.kind);
            assert!(!entry.postings.is_empty());
            for posting in &entry.postings {
                assert!(posting.debit != posting.credit && posting.amount.units > 0, "{posting:?}");
                self.sides.entry((posting.debit, posting.amount.asset)).or_default().0 += posting.amount.units;
                self.sides.entry((posting.credit, posting.amount.asset)).or_default().1 += posting.amount.units;
            }
        }
        for cap in &outcome.caps {
            let (CapChange::Paid(_, amount)
            | CapChange::Moved(_, amount)
            | CapChange::Commit(_, amount)
            | CapChange::Release(_, amount)
            | CapChange::Orphaned(_, amount)
            | CapChange::Restored(_, amount)
            | CapChange::Owed(_, amount)) = *cap;
            let of_asset = self.caps.entry(amount.asset).or_default();
            match cap {
                CapChange::Paid(..) => of_asset.paid += amount.units,
                CapChange::Moved(..) => of_asset.paid -= amount.units,
                CapChange::Commit(..) => of_asset.committed += amount.units,
                CapChange::Release(..) => of_asset.committed -= amount.units,
                CapChange::Orphaned(..) => of_asset.orphaned += amount.units,
                CapChange::Owed(..) | CapChange::Restored(..) => of_asset.orphaned -= amount.units,
            }
            assert!(of_asset.committed <= of_asset.paid && of_asset.orphaned <= of_asset.paid, "{of_asset:?}");
        }
    }

    pub(super) fn cap(&self, asset: AssetId) -> Cap {
        self.caps.get(&asset).copied().unwrap_or_default()
    }

    /// Returns debits and credits.
    pub(super) fn side(&self, account: Account, asset: AssetId) -> (u128, u128) {
        self.sides.get(&(account, asset)).copied().unwrap_or_default()
    }

    /// Returns what a liability owes; fails below zero.
    pub(super) fn credit(&self, account: Account, asset: AssetId) -> u128 {
        let (debits, credits) = self.side(account, asset);
        credits.checked_sub(debits).unwrap_or_else(|| panic!("{account:?} fell below zero"))
    }

    /// Returns what an account on the other side shows, which may be less than nothing.
    pub(super) fn debit(&self, account: Account, asset: AssetId) -> i128 {
        let (debits, credits) = self.side(account, asset);
        signed(debits) - signed(credits)
    }

    /// No liability is below zero, and in every asset both sides of the books are the same.
    pub(super) fn check(&self) {
        let mut sums: HashMap<AssetId, i128> = HashMap::new();
        for ((account, asset), (debits, credits)) in &self.sides {
            assert!(account.is_debit_normal() || debits <= credits, "{account:?} fell below zero");
            *sums.entry(*asset).or_default() += signed(*debits) - signed(*credits);
        }
        assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }
}

impl Cap {
    /// Says whether more is promised than is there.
    pub(super) const fn is_overdrawn(self) -> bool {
        self.committed + self.orphaned > self.paid
    }
}

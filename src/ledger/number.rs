//! The numbers of money events in requirements 3.0, as bookkeepers quote them.

use super::EntryKind;

impl EntryKind {
    /// Returns the number in requirements 3.0.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::DepositCredited => "P01",
            Self::DepositHeld => "P02",
            Self::HoldingSettled => "P03",
            Self::RefundCreated => "P04",
            Self::PayoutReserved => "P07",
            Self::PayoutFinal => "P08",
            Self::GasBurnt => "P10",
            Self::PayoutUnpaid => "P11",
            Self::CanceledByPayer => "P12",
            Self::CanceledByMerchant => "P13",
            Self::ClaimExpired => "P14",
        }
    }

    /// Returns the kind of a name; nothing for one that only a newer program knows.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_numbers_and_are_found_by_name() {
        let numbers = EntryKind::ALL.map(EntryKind::number);
        assert!(numbers.is_sorted(), "{numbers:?}");
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::from_name(kind.name()), Some(kind));
        }
    }
}

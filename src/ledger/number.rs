//! The numbers of money events in requirements 3.0, as bookkeepers quote them.

use super::EntryKind;

impl EntryKind {
    /// Returns the number in requirements 3.0.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::DepositCredited => "P01",
            Self::DepositHeld | Self::DepositAttributed => "P02",
            Self::DepositSuspended => "P02s",
            Self::HoldingSettled => "P03",
            Self::RefundCreated => "P04",
            Self::RefundReserved => "P05",
            Self::FeeReserved => "P06",
            Self::PayoutReserved => "P07",
            Self::PayoutFinal => "P08",
            Self::FeeSettled => "P09",
            Self::GasBurnt => "P10",
            Self::PayoutUnpaid => "P11",
            Self::CanceledByPayer => "P12",
            Self::CanceledByMerchant => "P13",
            Self::ClaimExpired => "P14",
            Self::DepositOrphaned | Self::DepositRestored => "P15",
            Self::PayoutOrphaned => "P17",
            Self::DustKept => "P18",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_numbers_and_are_found_by_name() {
        let numbers: Vec<&str> = EntryKind::ALL.iter().map(|kind| kind.number()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::from_name(kind.name()), Some(*kind));
        }
    }
}

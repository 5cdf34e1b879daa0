//! What accounts must show, and which notice may follow which.

use super::*;

impl World {
    /// Compares every balance with what must be there.
    pub(super) fn check(&self) {
        self.check_asset(&self.asset);
        if self.books.sides.keys().any(|(_, asset)| *asset == self.foreign.id) {
            self.check_asset(&self.foreign);
        }
        let burnt: u128 = self.refunds.iter().map(|tracked| tracked.burnt + tracked.settled.burnt).sum();
        assert_eq!(self.books.debit(Account::NetworkFee, self.gas), signed(burnt), "network fee");
        let eur = id("EUR-FIAT");
        let cents: u128 = self.refunds.iter().map(|tracked| tracked.cents).sum();
        assert_eq!(self.books.credit(Account::MerchantAvailable, eur), cents, "what the merchant got for unclaimed coins");
        assert_eq!(self.books.debit(Account::FxClearing, eur), signed(cents), "the other side of it");
        if self.asset.id != self.gas {
            assert_eq!(self.books.debit(Account::Custody, self.gas), -signed(burnt), "gas");
        }
        self.books.check();
    }

    fn check_asset(&self, asset: &Asset) {
        let is_own = asset.id == self.asset.id;
        let is_token = asset.contract.is_some();
        let booked = || self.deposits.iter().filter(|deposit| deposit.amount.asset == asset.id && self.is_booked(deposit));
        let sum = |amounts: &mut dyn Iterator<Item = u128>| amounts.sum::<u128>();
        let paid = sum(&mut booked().map(|deposit| deposit.amount.units));
        let vanished = booked().filter(|deposit| deposit.state == DepositState::Orphaned);
        let orphaned = sum(&mut vanished.map(|deposit| deposit.amount.units));
        let unjudged = sum(&mut booked().filter(|deposit| !deposit.is_judged).map(|deposit| deposit.amount.units));
        let taken: Vec<&TakenBack> = self.unwound.values().filter(|from| from.holding.asset == asset.id).collect();
        let from_held = sum(&mut taken.iter().map(|from| from.holding.units));
        let from_available = sum(&mut taken.iter().map(|from| from.available.units));
        let from_nobody = sum(&mut taken.iter().map(|from| from.receivable.units));

        let mut expected = Expected::default();
        if is_own {
            expected.holding = signed(unjudged) - signed(from_held);
            expected.available = signed(self.credited) - signed(from_available);
            expected.residual = signed(self.dust);
        } else {
            expected.suspense = signed(paid) - signed(from_held);
            expected.available = -signed(from_available);
        }
        expected.custody = signed(paid - from_held - from_available - from_nobody);
        expected.receivable = signed(from_nobody);
        for tracked in self.refunds.iter().filter(|tracked| tracked.refund.amount.asset == asset.id) {
            expected.count(tracked, is_token);
        }
        if asset.id == self.gas {
            expected.custody -= signed(self.refunds.iter().map(|tracked| tracked.burnt + tracked.settled.burnt).sum());
        }
        assert_eq!(self.books.cap(asset.id), Cap { paid, orphaned: orphaned - from_nobody, committed: expected.committed });
        assert!(expected.committed <= paid);

        let credit = |account| signed(self.books.credit(account, asset.id));
        assert_eq!(credit(Account::Holding(self.invoice.id)), expected.holding, "holding");
        assert_eq!(credit(Account::Suspense), expected.suspense, "suspense");
        assert_eq!(credit(Account::MerchantAvailable), expected.available, "merchant available");
        assert_eq!(credit(Account::RefundPayable), expected.payable, "refund payable");
        assert_eq!(credit(Account::PayoutInFlight), expected.in_flight, "payout in flight");
        assert_eq!(credit(Account::FeeReserve), expected.reserve, "fee reserve");
        assert_eq!(credit(Account::FeeRecovery), expected.recovery, "fee recovery");
        assert_eq!(credit(Account::Residual), expected.residual, "residual");
        assert_eq!(self.books.debit(Account::FxClearing, asset.id), -expected.converted, "conversions");
        assert_eq!(self.books.debit(Account::MerchantReceivable, asset.id), expected.receivable, "merchant receivable");
        assert_eq!(self.books.debit(Account::Custody, asset.id), expected.custody, "custody");
    }

    /// Says whether a deposit was ever final: what vanished before that is gone, and was never in the books.
    pub(super) fn is_booked(&self, deposit: &Deposit) -> bool {
        let is_booked = matches!(deposit.state, DepositState::Final | DepositState::Orphaned);
        assert_eq!(is_booked, self.books.keys.contains(&format!("deposit:{}", deposit.id)), "{deposit:?}");
        is_booked
    }
}

/// What accounts must show in one asset.
#[derive(Default)]
struct Expected {
    committed: u128,
    holding: i128,
    suspense: i128,
    available: i128,
    payable: i128,
    in_flight: i128,
    reserve: i128,
    recovery: i128,
    residual: i128,
    converted: i128,
    receivable: i128,
    custody: i128,
}

impl Expected {
    /// Counts where the money of one refund is.
    fn count(&mut self, tracked: &Tracked, is_token: bool) {
        let refund = &tracked.refund;
        let gross = signed(refund.amount.units);
        let fee = signed(refund.state.directed().map_or(0, |directed| directed.fee.units));
        let is_payers_fee = refund.fee_bearer == FeeBearer::Payer;
        match &refund.state {
            RefundState::AwaitingApproval { .. }
            | RefundState::AwaitingClaim { .. }
            | RefundState::Scheduled { .. }
            | RefundState::OnHold { .. }
            | RefundState::PayoutFailed { .. } => {
                self.committed += refund.amount.units;
                self.payable += if refund.is_reserved { gross } else { 0 };
            }
            RefundState::Sending { .. } => {
                self.committed += refund.amount.units;
                match (is_payers_fee, is_token) {
                    (true, true) => {
                        self.in_flight += gross - fee;
                        self.recovery += fee;
                    }
                    (true, false) => self.in_flight += gross,
                    (false, _) => {
                        self.in_flight += gross;
                        self.reserve += fee;
                        self.available -= fee;
                    }
                }
            }
            RefundState::Paid { .. } => {
                self.committed += refund.amount.units;
                self.recovery += if is_token { fee } else { 0 };
                self.available -= signed(tracked.settled.by_merchant);
                self.residual += signed(tracked.settled.residual);
                self.custody -= signed(tracked.settled.sent);
            }
            RefundState::Expired { .. } | RefundState::Canceled { .. } | RefundState::Declined { .. } => {
                assert!(!refund.is_reserved, "what ended sets nothing aside");
            }
        }
        match (tracked.origin, refund.funding, refund.is_reserved) {
            (Funding::Holding, Funding::Holding, true) => {}
            (Funding::Holding, Funding::Holding, false) => self.holding += gross,
            (Funding::Holding, Funding::Merchant, true) => {}
            (Funding::Holding, Funding::Merchant, false) => self.available += gross,
            (Funding::Merchant, Funding::Merchant, true) => self.available -= gross,
            (Funding::Merchant, Funding::Merchant, false) => {}
            (Funding::Suspense, Funding::Suspense, true) => self.suspense -= gross,
            (Funding::Suspense, Funding::Suspense, false) => {}
            (origin, funding, _) => panic!("{origin:?} became {funding:?}"),
        }
        self.available += signed(tracked.owed);
        self.receivable += signed(tracked.owed);
        self.available -= signed(tracked.converted);
        self.converted += signed(tracked.converted);
    }
}

/// Says whether a notice about a refund can come right after another.
pub(super) fn follows(last: Notice, next: Notice) -> bool {
    use Notice::{
        InvoiceCanceled, InvoiceComplete, InvoiceExpired, InvoiceHeld, InvoiceOrphaned, InvoiceProcessing, InvoiceRestored,
        InvoiceUnderpaid, RefundApprovalNeeded, RefundBlocked, RefundCanceled, RefundClaimAvailable, RefundClaimed, RefundClaimedAgain,
        RefundCreated, RefundDeclined, RefundDelayed, RefundExpired, RefundExpiring, RefundFeeRaised, RefundHeld, RefundPaid,
        RefundPayoutFailed, RefundReissued, RefundReorged, RefundSending, RefundUndelivered,
    };
    let is_offered = matches!(last, RefundClaimAvailable(_) | RefundExpiring(_));
    let is_scheduled = matches!(
        last,
        RefundClaimed(_) | RefundClaimedAgain(_) | RefundBlocked(_) | RefundHeld(_) | RefundDelayed(_) | RefundPayoutFailed(_)
    );
    match next {
        RefundApprovalNeeded(_) => matches!(last, RefundCreated(_)),
        RefundClaimAvailable(_) => is_offered || matches!(last, RefundCreated(_) | RefundApprovalNeeded(_) | RefundReissued(_)),
        RefundClaimed(_) => is_offered || matches!(last, RefundCreated(_) | RefundApprovalNeeded(_)),
        RefundExpired(_) | RefundExpiring(_) => is_offered,
        RefundBlocked(_) | RefundClaimedAgain(_) | RefundSending(_) | RefundHeld(_) | RefundDelayed(_) => is_scheduled,
        RefundPaid(_) | RefundPayoutFailed(_) | RefundFeeRaised(_) => {
            matches!(last, RefundSending(_) | RefundReorged(_) | RefundFeeRaised(_))
        }
        RefundReorged(_) => matches!(last, RefundPaid(_)),
        RefundDeclined(_) => matches!(last, RefundApprovalNeeded(_)),
        RefundCanceled(_) => is_offered || is_scheduled || matches!(last, RefundApprovalNeeded(_)),
        RefundReissued(_) => is_scheduled || matches!(last, RefundExpired(_) | RefundCanceled(_)),
        RefundUndelivered(_) => is_offered || is_scheduled,
        RefundCreated(_) => false,
        InvoiceProcessing(_) | InvoiceComplete(_) | InvoiceUnderpaid(_) | InvoiceExpired(_) | InvoiceCanceled(_) => false,
        InvoiceHeld(_) | InvoiceOrphaned(_) | InvoiceRestored(_) => false,
    }
}

//! What happens to refunds, and what the domain leaves to others: whether caps and balances allow it.

use super::checks::follows;
use super::*;

impl World {
    /// A merchant refunds, of what the cap and the balance allow.
    pub(super) fn merchant_refunds(&mut self, word: &mut Word) {
        let amount = self.asset.units(word.of([1, 4, CHARGED]));
        let is_immediate = word.of([true, false]);
        if !self.is_refundable(amount) || (is_immediate && !self.has(Account::MerchantAvailable, amount)) {
            return;
        }
        let needs_approval = word.of([true, false]);
        let known = word.of([true, false]).then(|| self.known(word, VerifiedBy::Merchant, self.asset.id));
        let claim = self.new_claim();
        let mut invoice = self.invoice.clone();
        let refund = Refund {
            id: RefundId(self.new_id()),
            mid: invoice.mid,
            invoice: invoice.id,
            case: None,
            policy: self.policy.id,
            policy_number: 1,
            reference: invoice::next_reference(&mut invoice),
            reason: Reason::Merchant,
            flags: Flags::default(),
            amount,
            priced: None,
            rate_rule: RateRule::RateNowAtRelease,
            fee_bearer: self.policy.policy.fee_bearer,
            funding: Funding::Merchant,
            is_reserved: is_immediate,
            is_reviewed: false,
            request: Some(Request {
                maker: PROGRAM,
                reference: None,
                guid: None,
                support_request: None,
                reason: None,
                message: None,
                immediate: is_immediate,
                notify: None,
                approval: Approval::NotNeeded,
            }),
            notified_at: None,
            state: RefundState::AwaitingApproval { destination: known.as_ref().map(|known| known.destination.clone()) },
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        let mut outcome = Outcome::by(PROGRAM);
        let opening = Opening { claim, known, asset: self.asset.clone() };
        // Refused when the fee leaves nothing: then nothing was made.
        if lifecycle::open(&mut outcome, refund, opening, &self.policy.policy, needs_approval, self.now).is_ok() {
            self.invoice.refunds = invoice.refunds;
            self.books.write(&outcome);
            self.track(&outcome);
        }
    }

    /// What mostly happens next to a refund, at its time.
    pub(super) fn refund_goes_on(&mut self, word: &mut Word) {
        use Happening::{
            Approve, Block, Confirm, Decline, Final, Hold, Lapse, LetGo, MerchantCancels, Notify, PayerCancels, Reissue, Release, Remind,
            Reorg, Retry, Unpaid,
        };
        let index = word.below(self.refunds.len());
        let (happening, at) = match &self.refunds[index].refund.state {
            RefundState::AwaitingApproval { .. } => (word.of([Approve, Approve, Approve, Decline, MerchantCancels]), self.now),
            RefundState::AwaitingClaim { expires_at, .. } => word.of([
                (Lapse, *expires_at),
                (MerchantCancels, self.now),
                (Remind, self.now),
                (Notify, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
                (Confirm, self.now),
            ]),
            RefundState::Scheduled { release_at, .. } => word.of([
                (PayerCancels, self.now),
                (Hold, self.now),
                (Block, *release_at),
                (Release, *release_at),
                (Release, *release_at),
                (Release, *release_at),
                (Release, *release_at),
            ]),
            RefundState::OnHold { .. } => (word.of([LetGo, LetGo, LetGo, PayerCancels, MerchantCancels]), self.now),
            RefundState::Sending { .. } => (word.of([Final, Final, Unpaid]), self.now),
            RefundState::PayoutFailed { .. } => (word.of([Retry, Retry, Reissue, MerchantCancels]), self.now),
            RefundState::Paid { .. } => (word.of([Reorg, Notify]), self.now),
            RefundState::Expired { .. } | RefundState::Canceled { .. } => (word.of([Reissue, Confirm]), self.now),
            RefundState::Declined { .. } => (word.of(Happening::ALL), self.now),
        };
        self.now = self.now.max(at);
        self.on_refund(index, happening, word);
    }

    pub(super) fn refund_meets_anything(&mut self, word: &mut Word) {
        let index = word.below(self.refunds.len());
        let happening = word.of(Happening::ALL);
        self.on_refund(index, happening, word);
    }

    /// Keeps a new refund in mind.
    pub(super) fn track(&mut self, outcome: &Outcome) {
        let Some(refund) = outcome.refund.clone() else { return };
        assert!(self.refunds.iter().all(|other| other.refund.reference != refund.reference));
        let mut told = outcome.notices.iter().copied().filter(|notice| notice.subject() == NoticeSubject::Refund(refund.id));
        assert_eq!(told.next(), Some(Notice::RefundCreated(refund.id)));
        let last_notice = told.next().expect("what comes of it");
        assert!(follows(Notice::RefundCreated(refund.id), last_notice) && told.next().is_none());
        self.refunds.push(Tracked {
            origin: refund.funding,
            refund,
            payout: None,
            settled: Settled::default(),
            burnt: 0,
            owed: 0,
            converted: 0,
            cents: 0,
            last_notice,
        });
    }

    pub(super) fn on_refund(&mut self, index: usize, happening: Happening, word: &mut Word) {
        let (refund, payout) = (self.refunds[index].refund.clone(), self.refunds[index].payout.clone());
        let asset = if refund.amount.asset == self.asset.id { self.asset.clone() } else { self.foreign.clone() };
        let gas = Amount { units: word.of([0, 1, 2, 5]), asset: self.gas };
        let event = match happening {
            Happening::Approve => {
                let known = match &refund.state {
                    RefundState::AwaitingApproval { destination: Some(_) } => Some(self.known(word, VerifiedBy::Merchant, asset.id)),
                    _ => None,
                };
                lifecycle::Event::Approved(Opening { claim: self.new_claim(), known, asset })
            }
            Happening::Decline => lifecycle::Event::Declined { reason: "no".to_owned() },
            Happening::Confirm => lifecycle::Event::Confirmed {
                destination: payer(),
                fee: asset.units(word.of([0, 1, 2, 6])),
                proof: Proof::NotNeeded,
                consent: Consent { text: domain::privacy::PrivacyText::OWN },
                email: None,
                asset,
            },
            Happening::Remind => lifecycle::Event::Reminded,
            Happening::Notify => lifecycle::Event::Notified,
            Happening::Lapse => lifecycle::Event::ClaimLapsed { conversion: word.of([None, Some("0"), Some("1.234")]).map(converted) },
            Happening::PayerCancels => canceled_by(CanceledBy::Payer),
            Happening::MerchantCancels => canceled_by(CanceledBy::Merchant),
            Happening::Hold => lifecycle::Event::Held(word.any(HoldReason::ALL)),
            Happening::LetGo => lifecycle::Event::HoldReleased,
            Happening::Release => {
                let amount = word.of([None, None, Some(asset.units(3)), Some(asset.units(12))]);
                let amount = amount.filter(|_| refund.funding == Funding::Merchant);
                if !self.can_be_sent(&refund, amount) {
                    return;
                }
                lifecycle::Event::Released { payout: PayoutId(self.new_id()), asset, amount }
            }
            Happening::Block => lifecycle::Event::Blocked(word.any(BlockedBy::ALL)),
            Happening::Final => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutFinal { payout, spent: gas }
            }
            Happening::Unpaid => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutUnpaid { payout, failure: word.of(PayoutFailure::ALL), burnt: word.of([None, Some(gas)]) }
            }
            Happening::Reorg => {
                let Some(payout) = payout else { return };
                lifecycle::Event::PayoutReorged { payout, booked: self.refunds[index].settled.booked.clone() }
            }
            Happening::Retry => lifecycle::Event::Retried,
            Happening::Reissue => {
                let has_ended = matches!(refund.state, RefundState::Expired { .. } | RefundState::Canceled { .. });
                if has_ended && !(self.is_refundable(refund.amount) && self.is_free(&refund)) {
                    return;
                }
                match refund.state {
                    RefundState::Scheduled { .. } => lifecycle::Event::Requoted { claim: self.new_claim() },
                    _ => lifecycle::Event::Reissued { claim: self.new_claim(), by_operator: word.of([true, false]) },
                }
            }
        };
        self.apply(index, event, PERSON);
    }

    /// One event of a refund, if it is not refused: counts what it does, in this test's own way, and writes it down.
    pub(super) fn apply(&mut self, index: usize, event: lifecycle::Event, actor: Actor) {
        let tracked = &mut self.refunds[index];
        let before = tracked.refund.clone();
        let Ok(outcome) = lifecycle::step(before.clone(), event.clone(), &self.policy.policy, actor, self.now) else { return };
        match event {
            lifecycle::Event::PayoutFinal { payout, spent } => {
                let is_in_kind = payout.net.asset == self.gas;
                let covered = if is_in_kind { spent.units.min(payout.fee.units) } else { 0 };
                let is_payers = before.fee_bearer == FeeBearer::Payer;
                tracked.settled = Settled {
                    sent: payout.net.units + covered,
                    residual: if is_in_kind && is_payers { payout.fee.units - covered } else { 0 },
                    by_merchant: match (is_payers, is_in_kind) {
                        (true, _) => 0,
                        (false, true) => covered,
                        (false, false) => payout.fee.units,
                    },
                    burnt: spent.units - covered,
                    booked: outcome.entries.iter().flat_map(|entry| entry.postings.clone()).collect(),
                };
            }
            lifecycle::Event::PayoutReorged { payout, .. } => {
                let is_shared = before.fee_bearer == FeeBearer::Merchant && payout.net.asset == self.gas;
                tracked.owed += if is_shared { payout.fee.units - tracked.settled.by_merchant } else { 0 };
                tracked.settled = Settled::default();
            }
            lifecycle::Event::PayoutUnpaid { burnt, .. } => tracked.burnt += burnt.map_or(0, |gas| gas.units),
            lifecycle::Event::ClaimLapsed { conversion: Some(conversion) } => {
                let stays = tracked.refund.funding == Funding::Suspense
                    || (tracked.refund.funding == Funding::Holding && self.policy.policy.on_expiry == OnExpiry::Hold);
                if before.is_reserved && !stays {
                    tracked.converted += before.amount.units;
                    tracked.cents += if conversion.credited.amount.is_zero() { 0 } else { 123 };
                }
            }
            lifecycle::Event::ClaimLapsed { conversion: None }
            | lifecycle::Event::Approved(_)
            | lifecycle::Event::Declined { .. }
            | lifecycle::Event::CodeSent(_)
            | lifecycle::Event::Confirmed { .. }
            | lifecycle::Event::Directed { .. }
            | lifecycle::Event::Delayed { .. }
            | lifecycle::Event::Reminded
            | lifecycle::Event::Notified
            | lifecycle::Event::Undelivered(_)
            | lifecycle::Event::Canceled { .. }
            | lifecycle::Event::Held(_)
            | lifecycle::Event::HoldReleased
            | lifecycle::Event::Released { .. }
            | lifecycle::Event::Blocked(_)
            | lifecycle::Event::ClaimedAgain
            | lifecycle::Event::FeeRaised { .. }
            | lifecycle::Event::Retried
            | lifecycle::Event::Reissued { .. }
            | lifecycle::Event::Requoted { .. } => {}
        }
        self.books.write(&outcome);
        for notice in &outcome.notices {
            assert!(follows(tracked.last_notice, *notice), "{notice:?} after {:?}", tracked.last_notice);
            tracked.last_notice = *notice;
        }
        if let Some(payout) = outcome.payout {
            let signed = Signed { slot: 1, txid: payout.id.to_string(), bytes: vec![1], at: self.now };
            // Signing and sending moves no money; the engine does it between two events.
            tracked.payout = Some(if payout.state == PayoutState::Reserved { payout.sign(signed).expect("reserved") } else { payout });
        }
        if let Some(refund) = outcome.refund {
            assert_eq!(refund.version, before.version + 1);
            let is_priced_again = before.state.name() == StateName::Scheduled && !before.is_reserved;
            assert!(refund.amount == before.amount || is_priced_again, "an amount changes only when it is set aside");
            assert!(lifecycle::leads_to(before.state.name()).contains(&refund.state.name()));
            tracked.refund = refund;
        }
    }

    /// Says whether so much more can be promised: of what was paid, did not vanish, and does not wait for a decision.
    pub(super) fn is_refundable(&self, amount: Amount) -> bool {
        let is_own = amount.asset == self.asset.id;
        let waits = self.deposits.iter().filter(|deposit| is_own && deposit.amount.asset == amount.asset && !deposit.is_judged);
        let undecided: u128 = waits.filter(|deposit| deposit.is_final()).map(|deposit| deposit.amount.units).sum();
        let Cap { paid, orphaned, committed } = self.books.cap(amount.asset);
        committed + amount.units + orphaned + undecided <= paid
    }

    /// Says whether an account owes at least so much.
    pub(super) fn has(&self, account: Account, amount: Amount) -> bool {
        self.books.credit(account, amount.asset) >= amount.units
    }

    /// Says whether the money of a refund that ended is still where it was put.
    fn is_free(&self, refund: &Refund) -> bool {
        let waits =
            |deposit: &&Deposit| !deposit.is_judged && deposit.amount.asset == self.asset.id && !self.unwound.contains_key(&deposit.id);
        let is_booked = |deposit: &&Deposit| matches!(deposit.state, DepositState::Final | DepositState::Orphaned);
        let of_others: u128 = match refund.funding {
            Funding::Holding => self.deposits.iter().filter(waits).filter(is_booked).map(|deposit| deposit.amount.units).sum(),
            Funding::Suspense | Funding::Merchant => 0,
        };
        self.books.credit(refund.funding.account(refund.invoice), refund.amount.asset) >= refund.amount.units + of_others
    }

    /// Says whether the cap and the merchant's balance allow a payout.
    fn can_be_sent(&self, refund: &Refund, amount: Option<Amount>) -> bool {
        let Some(directed) = refund.state.directed() else { return true };
        let now = amount.filter(|_| !refund.is_reserved).unwrap_or(refund.amount);
        let cap = self.books.cap(refund.amount.asset);
        let is_covered = cap.committed + cap.orphaned <= cap.paid;
        let grows = now.units.saturating_sub(refund.amount.units);
        let may_grow = grows == 0 || self.is_refundable(Amount { units: grows, ..now });
        let own = if refund.is_reserved { 0 } else { now.units };
        let fee = if refund.fee_bearer == FeeBearer::Merchant { directed.fee.units } else { 0 };
        is_covered && may_grow && self.has(Account::MerchantAvailable, Amount { units: own + fee, ..now })
    }
}

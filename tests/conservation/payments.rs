//! What happens to the invoice: payments come, vanish and come back, time passes, a person decides.

use super::words::policy;
use super::*;

impl World {
    pub(super) fn new(rules: u64) -> Self {
        let mut rules = Word(rules);
        let is_token = rules.of([true, false]);
        let policy = policy(&mut rules);
        assert_eq!(policy.check(), Ok(()));
        let (mid, now) = (MidId(Uuid::from_u128(1)), Timestamp::UNIX_EPOCH);
        // Without decimals a coin is a unit: prices at a new rate are as small as the deposits.
        let asset = Asset {
            id: if is_token { id("USDT-TRON") } else { id("TRX-TRON") },
            network: Network::Tron,
            decimals: 0,
            contract: is_token.then(|| ELSEWHERE.to_owned()),
            finality: 1,
            dust_units: rules.of([0, 2]),
            network_fee_units: 1,
        };
        let foreign = Asset { id: id("USDC-TRON"), contract: Some(ELSEWHERE.to_owned()), ..asset.clone() };
        let invoice = Invoice {
            id: InvoiceId(Uuid::from_u128(2)),
            mid,
            reference: "A1".to_owned(),
            guid: None,
            billed: Fiat::parse("10.00", "USD".parse().expect("a currency")).expect("an amount"),
            charged: asset.units(CHARGED),
            rate: rate("1"),
            pricing: rules.any(Pricing::ALL),
            is_for_untagged: false,
            address: payer(),
            refund_to: rules.of([true, false]).then(payer),
            overrides: None,
            payer_email: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            status: InvoiceStatus::Pending,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: now + SignedDuration::from_mins(20),
            created_at: now,
            version: 1,
        };
        Self {
            policy: PolicyVersion { id: PolicyId(Uuid::from_u128(3)), mid, number: 1, policy, created_at: now },
            asset,
            foreign,
            gas: id("TRX-TRON"),
            invoice,
            deposits: Vec::new(),
            unwound: HashMap::new(),
            open_case: None,
            foreign_cases: Vec::new(),
            is_suspended: false,
            refunds: Vec::new(),
            credited: 0,
            dust: 0,
            books: Books::default(),
            now,
            ids: 100,
        }
    }

    /// Lets one thing happen: a new deposit, news of a known one, time passing, a person deciding, or something to a refund.
    pub(super) fn happen(&mut self, word: u64) {
        let mut word = Word(word);
        match word.below(16) {
            0..=3 => self.deposit_comes(&mut word),
            4 | 5 => self.deposit_changes(&mut word),
            6 => self.time_passes(&mut word),
            7 => self.person_decides(&mut word),
            8 => self.merchant_refunds(&mut word),
            9 if word.below(3) == 0 => self.is_suspended = !self.is_suspended,
            9 if word.below(3) == 0 => self.vanished_deposits_come_back(&mut word),
            9 => self.vanished_deposits_are_taken_back(&mut word),
            _ if self.refunds.is_empty() => self.deposit_comes(&mut word),
            10 => self.refund_meets_anything(&mut word),
            _ => self.refund_goes_on(&mut word),
        }
    }

    fn deposit_comes(&mut self, word: &mut Word) {
        let state = word.of([DepositState::Final, DepositState::Final, DepositState::Seen]);
        let units = word.of([CHARGED, 0, 1, 4, 6, 9, 11, 25]);
        let in_time = self.invoice.expires_at;
        let seen_at = word.of([self.now, self.now, in_time, in_time + SignedDuration::from_micros(1)]);
        let is_foreign = word.below(8) == 7;
        let source = word.of([Some(PAYER), Some(PAYER), Some(ELSEWHERE), None]);
        let id = self.new_id();
        let deposit = Deposit {
            id: DepositId(id),
            invoice: self.invoice.id,
            external_id: id.to_string(),
            txid: id.to_string(),
            amount: if is_foreign { self.foreign.units(units) } else { self.asset.units(units) },
            source: source.map(str::to_owned),
            is_risky: word.below(12) == 11,
            seen_at,
            state,
            is_judged: false,
        };
        self.on_invoice(invoice::Event::Deposit(deposit), word);
    }

    /// A known deposit is reported in any state: the next, the same again, or one that is over; sometimes at another amount.
    fn deposit_changes(&mut self, word: &mut Word) {
        let Some(known) = word.among(&self.deposits).cloned() else { return self.deposit_comes(word) };
        let state = word.of([DepositState::Final, DepositState::Orphaned, DepositState::Gone, DepositState::Seen]);
        let units = word.of([known.amount.units, known.amount.units, CHARGED]);
        let deposit = Deposit { state, amount: Amount { units, ..known.amount }, is_judged: false, ..known };
        self.on_invoice(invoice::Event::Deposit(deposit), word);
    }

    fn time_passes(&mut self, word: &mut Word) {
        let expires_at = self.invoice.expires_at;
        let to = word.of([
            expires_at,
            expires_at + SignedDuration::from_micros(1),
            self.now + SignedDuration::from_mins(7),
            self.now + SignedDuration::from_hours(80),
        ]);
        self.now = self.now.max(to);
        self.on_invoice(invoice::Event::TimeIsUp, word);
    }

    fn person_decides(&mut self, word: &mut Word) {
        let how = word.any(Resolution::ALL);
        let foreign = word.among(&self.foreign_cases).cloned();
        let own = self.open_case.clone();
        let Some(case) = (if word.below(2) == 0 { own.or(foreign) } else { foreign.or(own) }) else { return self.time_passes(word) };
        // A payment that vanished may be this case's: nothing is promised that is not there.
        let is_foreign = case.received.asset == self.foreign.id;
        let is_there = !is_foreign || (self.is_refundable(case.received) && self.has(Account::Suspense, case.received));
        if is_there {
            self.on_invoice(invoice::Event::Resolved { case, how, by: PERSON }, word);
        }
    }

    /// Gives back what was taken, or was about to be, of a vanished deposit that is in a block again.
    fn vanished_deposits_come_back(&mut self, word: &mut Word) {
        let vanished: Vec<Deposit> = self.deposits.iter().filter(|deposit| deposit.state == DepositState::Orphaned).cloned().collect();
        let Some(deposit) = word.among(&vanished).cloned() else { return self.deposit_changes(word) };
        let is_own = deposit.amount.asset == self.asset.id;
        let held = if is_own { Account::Holding(self.invoice.id) } else { Account::Suspense };
        let taken = self.unwound.remove(&deposit.id).into_iter().flat_map(|from| {
            [(held, from.holding), (Account::MerchantAvailable, from.available), (Account::MerchantReceivable, from.receivable)]
        });
        let booked = taken.filter(|(_, amount)| !amount.is_zero());
        let booked = booked.map(|(debit, amount)| Posting { debit, credit: Account::Custody, amount }).collect();
        self.on_invoice(invoice::Event::Restored { deposit, booked }, word);
    }

    /// Stops what can be stopped of the refunds of vanished money, and takes the money back from where it is.
    fn vanished_deposits_are_taken_back(&mut self, word: &mut Word) {
        let Some(deposit) = self
            .deposits
            .iter()
            .find(|deposit| deposit.state == DepositState::Orphaned && !self.unwound.contains_key(&deposit.id))
            .cloned()
        else {
            return self.deposit_changes(word);
        };
        let asset = deposit.amount.asset;
        while self.books.cap(asset).is_overdrawn() {
            let is_stoppable = |tracked: &Tracked| match tracked.refund.state {
                RefundState::AwaitingApproval { .. }
                | RefundState::AwaitingClaim { .. }
                | RefundState::Scheduled { .. }
                | RefundState::OnHold { .. }
                | RefundState::PayoutFailed { .. } => tracked.refund.amount.asset == asset,
                RefundState::Sending { .. }
                | RefundState::Paid { .. }
                | RefundState::Expired { .. }
                | RefundState::Canceled { .. }
                | RefundState::Declined { .. } => false,
            };
            match self.refunds.iter().rposition(is_stoppable) {
                Some(index) => {
                    let stopped = lifecycle::Event::Canceled { by: CanceledBy::System, reason: CancelReason::DepositReorged, note: None };
                    self.apply(index, stopped, Actor::System);
                }
                None => break,
            }
        }
        let is_sending = |tracked: &Tracked| tracked.refund.amount.asset == asset && tracked.refund.state.name() == StateName::Sending;
        if self.books.cap(asset).is_overdrawn() && self.refunds.iter().any(is_sending) {
            return;
        }
        let is_own = asset == self.asset.id;
        let (account, kept_for_others) = if is_own {
            // What waits for its judgement is not this deposit's, and may be there again when it vanished too.
            let others = self.deposits.iter().filter(|other| other.id != deposit.id && !other.is_judged && other.amount.asset == asset);
            let held = others.filter(|other| self.is_booked(other) && !self.unwound.contains_key(&other.id));
            (Account::Holding(self.invoice.id), held.map(|other| other.amount.units).sum())
        } else {
            (Account::Suspense, 0)
        };
        let held = (self.books.credit(account, asset) - kept_for_others).min(deposit.amount.units);
        let available = self.books.credit(Account::MerchantAvailable, asset).min(deposit.amount.units - held);
        let receivable = deposit.amount.units - held - available;
        let part = |units| Amount { units, asset };
        let from = TakenBack { holding: part(held), available: part(available), receivable: part(receivable) };
        self.unwound.insert(deposit.id, from);
        self.on_invoice(invoice::Event::Unwound { deposit, from }, word);
    }

    fn on_invoice(&mut self, event: invoice::Event, word: &mut Word) {
        let rate_now = word.of([Some(rate("1")), Some(rate("1.005")), Some(rate("2")), Some(rate("0.5")), None]);
        let fee_now = word.of([Some(self.asset.units(1)), Some(self.asset.units(6)), Some(self.asset.units(0)), None]);
        let claim = self.new_claim();
        let ids = NewIds { case: CaseId(self.new_id()), refund: RefundId(self.new_id()), claim };
        let before = self.invoice.clone();
        let given = Given {
            version: &self.policy,
            asset: &self.asset,
            rate_now,
            fee_now,
            is_suspended: self.is_suspended,
            open_case: self.open_case.as_ref(),
            ids,
            now: self.now,
        };
        let outcome = match invoice::step(before.clone(), self.deposits.clone(), event, &given) {
            Ok(outcome) => outcome,
            Err(NotDone::CaseIsDecided | NotDone::OtherAsset | NotDone::PaymentGone) => return,
            Err(refused @ (NotDone::OperatorOnly | NotDone::Untagged | NotDone::Money(_))) => panic!("small sums: {refused}"),
        };
        let mut judged = 0;
        for changed in &outcome.deposits {
            let is_own = changed.amount.asset == self.asset.id;
            let was_judged = match self.deposits.iter_mut().find(|known| known.id == changed.id) {
                Some(known) => {
                    let stays = matches!(changed.state, DepositState::Final | DepositState::Orphaned);
                    assert!(known.state != DepositState::Final || stays, "a final deposit stays, or vanishes");
                    let came_back = changed.state == DepositState::Final;
                    assert!(known.state != DepositState::Orphaned || came_back || known == changed, "what vanished stays as it was");
                    assert!(!known.is_judged || changed.is_judged, "a deposit is judged once");
                    core::mem::replace(known, changed.clone()).is_judged
                }
                None => {
                    self.deposits.push(changed.clone());
                    false
                }
            };
            if is_own && changed.is_judged && !was_judged {
                judged += changed.amount.units;
            }
        }
        if let Some(after) = &outcome.invoice {
            assert_eq!(after.version, before.version + 1);
            assert!(after.judgements <= before.judgements + 1 && after.refunds <= before.refunds + 1);
            self.invoice = after.clone();
        }
        let refunded = outcome.refund.as_ref().map_or(0, |refund| refund.amount.units);
        if let Some(case) = &outcome.case {
            let parts = case.credited.units + case.refunded.units + case.residual.units;
            // An open case is not decided yet, and of a void one there is nothing left to decide.
            let is_undecided = case.is_open() || case.state == CaseState::Void;
            assert_eq!(parts, if is_undecided { 0 } else { case.received.units });
            assert_eq!(refunded, case.refunded.units);
            let is_own = case.received.asset == self.asset.id;
            assert!(!is_own || is_undecided || judged == case.received.units, "a case is decided with the deposits it is about");
            self.dust += case.residual.units;
            self.foreign_cases.retain(|open| open.id != case.id);
            let still_open = Some(case.clone()).filter(ExceptionCase::is_open);
            if is_own {
                self.open_case = still_open;
            } else {
                self.foreign_cases.extend(still_open);
            }
        }
        if judged > 0 {
            self.credited += judged - refunded - outcome.case.as_ref().map_or(0, |case| case.residual.units);
        }
        for notice in outcome.notices.iter().filter(|notice| matches!(notice.subject(), NoticeSubject::Invoice(_))) {
            assert!(*notice != Notice::InvoiceProcessing(before.id) || before.status == InvoiceStatus::Pending);
            let is_of_status = !matches!(notice, Notice::InvoiceHeld(_) | Notice::InvoiceOrphaned(_) | Notice::InvoiceRestored(_));
            assert!(!is_of_status || before.status != self.invoice.status, "a notice tells something new");
        }
        self.books.write(&outcome);
        self.track(&outcome);
    }

    pub(super) fn known(&self, word: &mut Word, verified_by: VerifiedBy, asset: AssetId) -> Known {
        Known { destination: payer(), fee: Amount { units: word.of([0, 1, 2, 6]), asset }, verified_by }
    }

    pub(super) fn new_claim(&mut self) -> NewClaim {
        NewClaim { id: ClaimId(self.new_id()), token: TokenHash([0; 32]), cancel_token: TokenHash([1; 32]) }
    }

    pub(super) fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }
}

//! Replays: what another policy would have made of payments that really came (requirements 3.5, 1.7). Judged by
//! [`invoice::step`](crate::invoice::step) itself, from what was known when; nothing is written.
//!
//! An invoice's history is what its judgements were told, in the order in which they were told it. Only its timers are not taken from
//! there: when they go off is the policy's own matter, and they go off on time. A deposit that came before a timer's moment is known by
//! then, as in life, where the chain is read past that moment first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::claim::{NewClaim, TokenHash};
use crate::exception::{CaseState, ExceptionCase, Flags, in_time_until};
use crate::ids::{CaseId, ClaimId, DepositId, PolicyId, RefundId};
use crate::invoice::{Deposit, DepositState, Event, Given, Invoice, InvoiceStatus, NewIds, NotDone, Resolution, step, time_is_up};
use crate::merchant::Actor;
use crate::money::{Amount, Asset, AssetId};
use crate::policy::{DelayAnchor, DestinationSource, FeeBearer, OnExpiry, Period, Policy, PolicyVersion, Why};
use crate::rate::Rate;

/// Something that an invoice's judgement was told, and what was known beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// The price of a coin at that moment.
    pub price: Price,
    /// Whether the operator had suspended the MID.
    pub is_suspended: bool,
}

/// What was known of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// Nobody asked: no rule needed it.
    NotAsked,
    /// No source had one.
    Away,
    /// One coin cost this.
    Was(Rate),
}

impl Price {
    /// Returns what an answer says.
    #[must_use]
    pub const fn answered(rate: Option<Rate>) -> Self {
        match rate {
            Some(rate) => Self::Was(rate),
            None => Self::Away,
        }
    }
}

/// What a judgement was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Where a deposit stands.
    Deposit(DepositId, DepositState),
    /// The invoice's time is up.
    TimeIsUp,
    /// A person decided a case.
    Resolved(CaseId, Resolution),
    /// A person said that a payment which came without its tag is this invoice's.
    Attributed(DepositId),
    /// What had vanished from the chain was taken back.
    Unwound(DepositId),
    /// What had been taken back is in a block again.
    Restored(DepositId),
}

impl Heard {
    /// Returns what an event tells, and what was known of the price when it came.
    #[must_use]
    pub const fn of(event: &Event, given: &Given<'_>, price: Price) -> Self {
        let what = match event {
            Event::Deposit(deposit) => What::Deposit(deposit.id, deposit.state),
            Event::TimeIsUp => What::TimeIsUp,
            Event::Resolved { case, how, .. } => What::Resolved(case.id, *how),
            Event::Attributed { deposit, .. } => What::Attributed(deposit.id),
            Event::Unwound { deposit, .. } => What::Unwound(deposit.id),
            Event::Restored { deposit, .. } => What::Restored(deposit.id),
        };
        Self { at: given.now, what, price, is_suspended: given.is_suspended }
    }
}

/// An invoice with everything that came of it.
#[derive(Clone, Debug)]
pub struct History {
    /// The invoice as it is now.
    pub invoice: Invoice,
    /// Its deposits as they are now.
    pub deposits: Vec<Deposit>,
    /// Its cases as they are now, in the order of their numbers.
    pub cases: Vec<ExceptionCase>,
    /// What its judgements were told, in that order.
    pub heard: Vec<Heard>,
}

impl History {
    /// Says whether a person decided one of its cases.
    #[must_use]
    pub fn is_decided_by_a_person(&self) -> bool {
        self.heard.iter().any(|heard| matches!(heard.what, What::Resolved(..)))
    }

    /// Returns where the invoice really stands.
    ///
    /// # Errors
    /// `UnknownPolicy`, `UnknownAsset`.
    pub fn ending(&self, known: &Known<'_>) -> Result<Ending, NotReplayed> {
        Ending::of(&self.invoice, &self.deposits, &self.cases, known)
    }

    /// Returns where the invoice would stand at `until` if `version` had judged it from the beginning.
    ///
    /// A person's decision is repeated where `version` leaves the same money to a person. `known` must know `version`.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn replay(&self, version: &PolicyVersion, known: &Known<'_>, until: Timestamp) -> Result<Ending, NotReplayed> {
        let mut stage = Stage::new(self, version, known);
        for heard in &self.heard {
            stage.hear(self, heard)?;
        }
        stage.run_timers(until, None)?;
        Ending::of(&stage.invoice, &stage.deposits, &stage.cases, known)
    }
}

/// Where policies and assets are looked up.
pub struct Known<'k> {
    /// Settings, by the id that cases name.
    pub policy: &'k dyn Fn(PolicyId) -> Option<&'k Policy>,
    /// Assets.
    pub asset: &'k dyn Fn(AssetId) -> Option<&'k Asset>,
}

impl<'k> Known<'k> {
    fn asset(&self, id: AssetId) -> Result<&'k Asset, NotReplayed> {
        (self.asset)(id).ok_or(NotReplayed::UnknownAsset(id))
    }
}

/// Why a history cannot be played with another policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotReplayed {
    /// Money that was booked went away again: what became of it was decided by the chain, not by a policy.
    #[error("its payment vanished from the chain after it was final")]
    Vanished,
    /// A payment became this invoice's later: no policy judges what came without its tag.
    #[error("one of its payments came without its tag and was attributed by a person")]
    Attributed,
    /// What the judgement was told is not all there.
    #[error("what was known of its payments is not written down")]
    Incomplete,
    /// The asset is not configured any more.
    #[error("{0} is not configured any more")]
    UnknownAsset(AssetId),
    /// The settings that a case names are not there.
    #[error("the policy that judged it is not written down")]
    UnknownPolicy,
    /// The judgement refuses.
    #[error(transparent)]
    NotDone(#[from] NotDone),
}

/// Where an invoice's money stands once everything was judged that can be: what two policies are compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The invoice's status.
    pub status: InvoiceStatus,
    /// In which ways its payments differed.
    pub flags: Flags,
    /// The money, by asset. Nothing of an asset that never came.
    pub sums: BTreeMap<AssetId, Sums>,
    /// What is given back, in the order of the judgements.
    pub refunds: Vec<Terms>,
    /// Why money waits for a person, in the order of the judgements.
    pub waits: Vec<Why>,
}

/// What became of final deposits of one asset, in base units. Together they are all that came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Went to the merchant.
    pub credited: u128,
    /// Is owed to the payer.
    pub refunded: u128,
    /// Waits, for more money or for a person.
    pub held: u128,
    /// Was too little to be worth a refund.
    pub dust: u128,
}

impl Sums {
    /// Returns both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            credited: self.credited.saturating_add(other.credited),
            refunded: self.refunded.saturating_add(other.refunded),
            held: self.held.saturating_add(other.held),
            dust: self.dust.saturating_add(other.dust),
        }
    }
}

/// On which terms a refund is given. A judgement's refund never waits for approval: nobody made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How much.
    pub amount: Amount,
    /// How long it waits after it was confirmed.
    pub security_delay: Period,
    /// From when that is counted.
    pub security_delay_anchor: DelayAnchor,
    /// Whether its payer can cancel.
    pub payer_cancel: bool,
    /// How long its link works.
    pub claim_ttl: Period,
    /// What becomes of it when nobody claims it.
    pub on_expiry: OnExpiry,
    /// Who pays the network.
    pub fee_bearer: FeeBearer,
    /// Who says where it goes.
    pub destination_source: DestinationSource,
    /// Whether a person looks at it before it is sent.
    pub needs_review: bool,
}

impl Ending {
    fn of(invoice: &Invoice, deposits: &[Deposit], cases: &[ExceptionCase], known: &Known<'_>) -> Result<Self, NotReplayed> {
        let own = invoice.charged.asset;
        let mut sums: BTreeMap<AssetId, Sums> = BTreeMap::new();
        for deposit in deposits.iter().filter(|deposit| deposit.is_final()) {
            let sum = sums.entry(known.asset(deposit.amount.asset)?.id).or_default();
            // Whether money is judged or not: another asset's waits until a case of its own is decided.
            let side = if deposit.is_judged && deposit.amount.asset == own { &mut sum.credited } else { &mut sum.held };
            *side = side.saturating_add(deposit.amount.units);
        }
        let (mut refunds, mut waits) = (Vec::new(), Vec::new());
        for case in cases {
            if let CaseState::Manual(why) = case.state {
                waits.push(why);
                continue;
            }
            let sum = sums.entry(case.received.asset).or_default();
            let side = if case.received.asset == own { &mut sum.credited } else { &mut sum.held };
            // A judgement splits exactly what it received: the merchant has what the payer does not get.
            *side = side.saturating_sub(case.refunded.units).saturating_sub(case.residual.units);
            sum.refunded = sum.refunded.saturating_add(case.refunded.units);
            sum.dust = sum.dust.saturating_add(case.residual.units);
            if !case.refunded.is_zero() {
                refunds.push(terms(invoice, case, known)?);
            }
        }
        Ok(Self { status: invoice.status, flags: invoice.flags, sums, refunds, waits })
    }
}

fn terms(invoice: &Invoice, case: &ExceptionCase, known: &Known<'_>) -> Result<Terms, NotReplayed> {
    let policy = (known.policy)(case.policy).ok_or(NotReplayed::UnknownPolicy)?;
    let worth = invoice.worth(case.refunded, known.asset(case.refunded.asset)?);
    Ok(Terms {
        amount: case.refunded,
        security_delay: policy.security_delay,
        security_delay_anchor: policy.security_delay_anchor,
        payer_cancel: policy.payer_cancel,
        claim_ttl: policy.claim_ttl,
        on_expiry: policy.on_expiry,
        fee_bearer: policy.fee_bearer,
        destination_source: policy.destination_source,
        needs_review: policy.needs_review(worth),
    })
}

/// An invoice on its way through its history.
struct Stage<'s, 'k> {
    invoice: Invoice,
    deposits: Vec<Deposit>,
    cases: Vec<ExceptionCase>,
    version: &'s PolicyVersion,
    known: &'s Known<'k>,
    /// When it is looked at next whether its time is up.
    timer: Option<Timestamp>,
    /// The last price that was heard of, at first the invoice's own: where nobody asked, there is no other.
    price: Rate,
    /// What was heard last.
    is_suspended: bool,
    now: Timestamp,
    /// Numbers what is created: it never leaves this place.
    created: u128,
}

impl<'s, 'k> Stage<'s, 'k> {
    fn new(history: &History, version: &'s PolicyVersion, known: &'s Known<'k>) -> Self {
        let now = &history.invoice;
        let made =
            Invoice { status: InvoiceStatus::Pending, flags: Flags::default(), judgements: 0, refunds: 0, version: 1, ..now.clone() };
        Self {
            timer: Some(time_is_up(made.expires_at)),
            now: made.created_at,
            invoice: made,
            deposits: Vec::new(),
            cases: Vec::new(),
            version,
            known,
            price: now.rate,
            is_suspended: false,
            created: 0,
        }
    }

    fn hear(&mut self, history: &History, heard: &Heard) -> Result<(), NotReplayed> {
        let event = match heard.what {
            What::Deposit(_, DepositState::Orphaned) | What::Unwound(_) | What::Restored(_) => return Err(NotReplayed::Vanished),
            What::Attributed(_) => return Err(NotReplayed::Attributed),
            What::TimeIsUp => return self.run_timers(heard.at, Some(heard)),
            What::Deposit(id, state) => {
                let is_it = |deposit: &&Deposit| deposit.id == id;
                let (deposit, known_at) = match self.deposits.iter().find(is_it) {
                    Some(known) => (known.clone(), heard.at),
                    None => {
                        // A transfer of nothing was told, and is no deposit.
                        let Some(row) = history.deposits.iter().find(is_it) else { return self.run_timers(heard.at, None) };
                        (Deposit { is_judged: false, ..row.clone() }, heard.at.min(row.seen_at))
                    }
                };
                self.run_timers(known_at, None)?;
                Event::Deposit(Deposit { state, ..deposit })
            }
            What::Resolved(id, how) => {
                self.run_timers(heard.at, None)?;
                let live = history.cases.iter().find(|case| case.id == id).ok_or(NotReplayed::Incomplete)?;
                let Some(case) = self.cases.iter().find(|case| case.is_open() && self.decided(case) == live.received).cloned() else {
                    return Ok(());
                };
                Event::Resolved { case, how, by: Actor::System }
            }
        };
        let rate = self.learn(heard);
        self.play(event, heard.at, rate)
    }

    /// Takes in what was known beside an event, and returns the price it was judged with.
    fn learn(&mut self, heard: &Heard) -> Option<Rate> {
        self.is_suspended = heard.is_suspended;
        match heard.price {
            Price::NotAsked => Some(self.price),
            Price::Away => None,
            Price::Was(rate) => {
                self.price = rate;
                Some(rate)
            }
        }
    }

    /// Returns what a person would decide about with a case: in the invoice's own asset all that waits, in another what came.
    fn decided(&self, case: &ExceptionCase) -> Amount {
        let own = self.invoice.charged.asset;
        if case.received.asset != own {
            return case.received;
        }
        let waits = self.deposits.iter().filter(|deposit| deposit.is_final() && !deposit.is_judged && deposit.amount.asset == own);
        Amount { units: waits.fold(0, |sum: u128, deposit| sum.saturating_add(deposit.amount.units)), asset: own }
    }

    /// Lets every timer go off that is due by an instant. `heard` is what was known when one went off in life.
    fn run_timers(&mut self, by: Timestamp, heard: Option<&Heard>) -> Result<(), NotReplayed> {
        let rate = heard.map_or(Some(self.price), |heard| self.learn(heard));
        while let Some(at) = self.timer.filter(|at| *at <= by) {
            self.play(Event::TimeIsUp, at, rate)?;
            let end = in_time_until(&self.invoice, &self.deposits, &self.version.policy);
            self.timer = (at <= end).then(|| time_is_up(end));
        }
        Ok(())
    }

    fn play(&mut self, event: Event, at: Timestamp, rate: Option<Rate>) -> Result<(), NotReplayed> {
        self.now = self.now.max(at);
        let own = self.invoice.charged.asset;
        let given = Given {
            version: self.version,
            asset: self.known.asset(event.asset().unwrap_or(own))?,
            rate_now: rate,
            // Where a refund goes, and what that costs, is the payer's and the network's matter.
            fee_now: None,
            is_suspended: self.is_suspended,
            open_case: self.cases.iter().find(|case| case.is_open() && case.received.asset == own),
            ids: new_ids(self.created),
            now: self.now,
        };
        let outcome = step(self.invoice.clone(), self.deposits.clone(), event, &given)?;
        self.created = self.created.saturating_add(1);
        if let Some(invoice) = outcome.invoice {
            self.invoice = invoice;
        }
        for deposit in outcome.deposits {
            match self.deposits.iter_mut().find(|known| known.id == deposit.id) {
                Some(known) => *known = deposit,
                None => self.deposits.push(deposit),
            }
        }
        if let Some(case) = outcome.case {
            match self.cases.iter_mut().find(|known| known.id == case.id) {
                Some(known) => *known = case,
                None => self.cases.push(case),
            }
        }
        Ok(())
    }
}

const fn new_ids(number: u128) -> NewIds {
    let id = Uuid::from_u128(number);
    let nobodys = TokenHash([0; 32]);
    NewIds { case: CaseId(id), refund: RefundId(id), claim: NewClaim { id: ClaimId(id), token: nobodys, cancel_token: nobodys } }
}

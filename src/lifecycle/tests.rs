//! Every event in every state of a refund: what it changes, or how it is refused.

mod claims;
mod endings;
mod mails;
mod offers;
mod payouts;
mod table;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::claim::{Claim, ClaimState, TokenHash};
use crate::email::{Audience, EmailKind, EmailState};
use crate::exception::Flags;
use crate::ids::{CaseId, ClaimCodeId, ClaimId, EmailId, InvoiceId, KeyId, MidId, PolicyId, RefundId, UserId};
use crate::job::{DueJob, Job};
use crate::ledger::{Account, EntryKind, LedgerEntry};
use crate::money::{AssetId, Network};
use crate::notice::Notice;
use crate::outcome::{CapChange, ClaimChange};
use crate::payout::{PayoutState, Signed};
use crate::policy::{DelayAnchor, DestinationSource, FeeBearer, Notify, OnExpiry, Period, RateRule};
use crate::privacy::PrivacyText;
use crate::rate::{Fiat, Rate};
use crate::refund::{Approval, Cancel, Funding, Reason, Request};

const TRON: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const TRON_MASKED: &str = "TDD97y…v4Vaqm";
const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

const INVOICE: InvoiceId = InvoiceId(Uuid::from_u128(2));
const REFUND: RefundId = RefundId(Uuid::from_u128(3));
const CLAIM: ClaimId = ClaimId(Uuid::from_u128(4));
const PAYOUT: PayoutId = PayoutId(Uuid::from_u128(5));

/// The link that a refund is offered by next.
const NEXT: NewClaim = NewClaim { id: ClaimId(Uuid::from_u128(14)), token: TokenHash([1; 32]), cancel_token: TokenHash([2; 32]) };

const MAKER: Actor = Actor::User(UserId(Uuid::from_u128(20)));
const CHECKER: Actor = Actor::User(UserId(Uuid::from_u128(21)));
const PROGRAM: Actor = Actor::Key(KeyId(Uuid::from_u128(22)));

const AMOUNT: u128 = 48_897_896;
const FEE: u128 = 1_000_000;
const NET: u128 = 47_897_896;
const DUST: u128 = 100_000;

/// The columns of the table: one per event, three for a cancelation.
const COLUMNS: usize = 25;

/// Returns the time at which nothing but the state can refuse an event: a new event does not compile until it has one.
fn fitting_time(event: &Event) -> Timestamp {
    match event {
        Event::Approved(_)
        | Event::Declined { .. }
        | Event::CodeSent(_)
        | Event::Confirmed { .. }
        | Event::Directed { .. }
        | Event::Delayed { .. }
        | Event::Reminded
        | Event::Notified
        | Event::Undelivered(_)
        | Event::Canceled { .. }
        | Event::Held(_)
        | Event::HoldReleased
        | Event::ClaimedAgain
        | Event::FeeRaised { .. }
        | Event::PayoutFinal { .. }
        | Event::PayoutUnpaid { .. }
        | Event::PayoutReorged { .. }
        | Event::Retried
        | Event::Reissued { .. } => start(),
        Event::Released { .. } | Event::Blocked(_) | Event::Requoted { .. } => release_at(),
        Event::ClaimLapsed { .. } => expires_at(),
    }
}

fn requoted(fee_bearer: FeeBearer, reason: BlockedBy) -> Result<Outcome, Refused> {
    let state = RefundState::Scheduled { directed: directed(), release_at: release_at(), blocked_by: Some(reason) };
    let before = Refund { state, fee_bearer, ..refund(StateName::Scheduled) };
    happens(before, Event::Requoted { claim: NEXT }, Actor::System, start())
}

/// From where, to where, and how much.
type Moved = (Account, Account, u128);

/// What an outcome does beside the rows it changes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Effects {
    entries: Vec<(EntryKind, Vec<Moved>)>,
    caps: Vec<CapChange>,
    notices: Vec<Notice>,
    jobs: Vec<DueJob>,
    note: Option<String>,
}

fn effects(outcome: &Outcome) -> Effects {
    let postings = |entry: &LedgerEntry| entry.postings.iter().map(|p| (p.debit, p.credit, p.amount.units)).collect();
    Effects {
        entries: outcome.entries.iter().map(|entry| (entry.kind, postings(entry))).collect(),
        caps: outcome.caps.clone(),
        notices: outcome.notices.clone(),
        jobs: outcome.jobs.clone(),
        note: outcome.note.clone(),
    }
}

/// One event under the default policy.
fn happens(refund: Refund, event: Event, actor: Actor, now: Timestamp) -> Result<Outcome, Refused> {
    step(refund, event, &Policy::default(), actor, now)
}

/// One event that fits, by somebody who may.
fn expect(state: StateName, event: Event, now: Timestamp) -> Outcome {
    let needs_a_person = matches!(event, Event::Approved(_) | Event::Declined { .. } | Event::HoldReleased);
    let actor = if needs_a_person { CHECKER } else { Actor::Payer };
    happens(refund(state), event, actor, now).expect("the event fits the state")
}

/// The first moment of a refund.
fn opened(refund: Refund, opening: Opening, policy: &Policy, needs_approval: bool) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::by(Actor::System);
    open(&mut outcome, refund, opening, policy, needs_approval, start()).map(|()| outcome)
}

fn approved_with_a_destination() -> Outcome {
    let waiting = RefundState::AwaitingApproval { destination: Some(tron()) };
    let before = Refund { state: waiting, ..refund(StateName::AwaitingApproval) };
    happens(before, Event::Approved(opening(Some(known()))), CHECKER, start()).expect("it waits for that")
}

/// What a refund that is offered by a link under the default policy does, beside what its offer adds.
fn offered(first: Vec<Notice>) -> Effects {
    let reminder = instant("2025-03-02T00:00:00Z");
    Effects {
        caps: vec![CapChange::Commit(INVOICE, usdt().units(AMOUNT))],
        notices: first.into_iter().chain([Notice::RefundClaimAvailable(REFUND)]).collect(),
        jobs: vec![Job::ExpireClaim(REFUND).at(expires_at()), Job::Remind(REFUND).at(reminder)],
        ..Effects::default()
    }
}

fn reminders(jobs: &[DueJob]) -> Vec<Timestamp> {
    jobs.iter().filter(|due| due.job == Job::Remind(REFUND)).map(|due| due.due_at).collect()
}

const fn posting(debit: Account, credit: Account, amount: Amount) -> Posting {
    Posting { debit, credit, amount }
}

fn state_of(outcome: &Outcome) -> RefundState {
    outcome.refund.as_ref().expect("the refund changes").state.clone()
}

fn already_claimed_to(masked: &str) -> Refused {
    Refused::AlreadyClaimed { destination: masked.to_owned() }
}

/// One event of each kind, in the order of the table.
fn events() -> [Event; COLUMNS] {
    [
        Event::Approved(opening(None)),
        Event::Declined { reason: "twice".to_owned() },
        confirmed(usdt().units(FEE)),
        Event::Reminded,
        Event::Notified,
        lapsed(None),
        canceled_by(CanceledBy::Payer),
        canceled_by(CanceledBy::Merchant),
        canceled_by(CanceledBy::System),
        Event::Held(HoldReason::Manual),
        Event::HoldReleased,
        released(),
        Event::Blocked(BlockedBy::InsufficientFunds),
        Event::PayoutFinal { payout: token_payout(), spent: trx(345) },
        Event::PayoutUnpaid { payout: token_payout(), failure: PayoutFailure::ContractReverted, burnt: None },
        Event::PayoutReorged { payout: Payout { state: PayoutState::Final(signed()), ..token_payout() }, booked: vec![] },
        Event::Retried,
        reissued(false),
        told(),
        Event::Delayed { until: just_after(release_at()) },
        Event::FeeRaised { payout: token_payout(), signed: Some(dearer()) },
        Event::ClaimedAgain,
        Event::Undelivered(bounced()),
        Event::Requoted { claim: NEXT },
        Event::CodeSent(code()),
    ]
}

fn code() -> NewClaimCode {
    let shown_to = TRON_MASKED.to_owned();
    let hash = TokenHash([9; 32]);
    NewClaimCode { id: ClaimCodeId(Uuid::from_u128(80)), claim: CLAIM, number: 1, hash, shown_to, expires_at: just_after(start()) }
}

fn bounced() -> EmailEnd {
    EmailEnd { id: EmailId(Uuid::from_u128(70)), state: EmailState::Bounced, why: "550 5.1.1 no such mailbox".to_owned() }
}

/// The merchant says where to.
fn told() -> Event {
    Event::Directed { destination: tron(), fee: usdt().units(FEE), asset: usdt() }
}

const CONSENT: Consent = Consent { text: PrivacyText::OWN };

fn confirmed(fee: Amount) -> Event {
    Event::Confirmed { destination: tron(), fee, proof: Proof::NotNeeded, consent: CONSENT, email: None, asset: usdt() }
}

fn canceled_by(by: CanceledBy) -> Event {
    Event::Canceled { by, reason: CancelReason::NotRequested, note: Some("not me".to_owned()) }
}

fn released() -> Event {
    Event::Released { payout: PAYOUT, asset: usdt(), amount: None }
}

const fn lapsed(conversion: Option<Conversion>) -> Event {
    Event::ClaimLapsed { conversion }
}

const fn reissued(by_operator: bool) -> Event {
    Event::Reissued { claim: NEXT, by_operator }
}

fn opening(known: Option<Known>) -> Opening {
    Opening { claim: NEXT, known, asset: usdt() }
}

fn known() -> Known {
    Known { destination: tron(), fee: usdt().units(FEE), verified_by: VerifiedBy::Merchant }
}

/// The next link as it is stored.
const fn link() -> Claim {
    Claim { id: NEXT.id, refund: REFUND, token: NEXT.token, cancel_token: NEXT.cancel_token, verified_by: VerifiedBy::Link }
}

/// A token refund that is about to be made.
fn new_refund(funding: Funding) -> Refund {
    Refund { funding, version: 1, ..refund(StateName::AwaitingApproval) }
}

/// A token refund in a state, at version 7.
fn refund(state: StateName) -> Refund {
    let directed = directed();
    let (is_over, is_lapsed) = match state {
        StateName::Canceled | StateName::Declined => (true, false),
        StateName::Expired => (true, true),
        StateName::AwaitingApproval
        | StateName::AwaitingClaim
        | StateName::Scheduled
        | StateName::OnHold
        | StateName::Sending
        | StateName::PayoutFailed
        | StateName::Paid => (false, false),
    };
    let state = match state {
        StateName::AwaitingApproval => RefundState::AwaitingApproval { destination: None },
        StateName::AwaitingClaim => RefundState::AwaitingClaim { claim: CLAIM, expires_at: expires_at() },
        StateName::Scheduled => RefundState::Scheduled { directed, release_at: release_at(), blocked_by: None },
        StateName::OnHold => RefundState::OnHold { directed, release_at: release_at(), why: HoldReason::Manual },
        StateName::Sending => RefundState::Sending { directed, payout: PAYOUT },
        StateName::PayoutFailed => RefundState::PayoutFailed { directed, failure: PayoutFailure::ContractReverted },
        StateName::Paid => RefundState::Paid { directed, payout: PAYOUT, txid: "txid".to_owned() },
        StateName::Expired => RefundState::Expired { expired_at: expires_at(), conversion: None },
        StateName::Canceled => {
            let cancel = Cancel { by: CanceledBy::Payer, reason: CancelReason::WrongAddress, note: None, at: start() };
            RefundState::Canceled { cancel }
        }
        StateName::Declined => RefundState::Declined { by: CHECKER, reason: "twice".to_owned() },
    };
    Refund {
        id: REFUND,
        mid: MidId(Uuid::from_u128(1)),
        invoice: INVOICE,
        case: Some(CaseId(Uuid::from_u128(6))),
        policy: PolicyId(Uuid::from_u128(7)),
        policy_number: 1,
        reference: "REFUND-A1".to_owned(),
        reason: Reason::Overpaid,
        flags: Flags::default(),
        amount: usdt().units(AMOUNT),
        priced: None,
        rate_rule: RateRule::CoinExact,
        fee_bearer: FeeBearer::Payer,
        funding: if is_lapsed { Funding::Merchant } else { Funding::Holding },
        is_reserved: !is_over,
        is_reviewed: false,
        request: None,
        notified_at: None,
        state,
        version: 7,
        created_at: start(),
        updated_at: start(),
    }
}

fn directed() -> Directed {
    Directed { claim: CLAIM, destination: tron(), fee: usdt().units(FEE), confirmed_at: start() }
}

/// A token's payout as it is sent.
fn token_payout() -> Payout {
    Payout {
        id: PAYOUT,
        refund: REFUND,
        mid: MidId(Uuid::from_u128(1)),
        net: usdt().units(NET),
        fee: usdt().units(FEE),
        fee_bearer: FeeBearer::Payer,
        fee_is_in_kind: false,
        batch_until: None,
        raised: 0,
        raised_told: 0,
        destination: tron(),
        state: PayoutState::Broadcast(signed()),
        version: 3,
        created_at: start(),
    }
}

fn signed() -> Signed {
    Signed { slot: 9, txid: "txid".to_owned(), bytes: vec![1, 2, 3], at: start() }
}

/// The same for a higher fee.
fn dearer() -> Signed {
    Signed { txid: "txid 2".to_owned(), bytes: vec![1, 2, 4], ..signed() }
}

fn usdt() -> Asset {
    asset("USDT-TRON", Network::Tron, Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"))
}

fn eth() -> Asset {
    asset("ETH-ETHEREUM", Network::Ethereum, None)
}

/// Gas for token payouts.
fn trx(units: u128) -> Amount {
    asset("TRX-TRON", Network::Tron, None).units(units)
}

fn asset(id: &str, network: Network, contract: Option<&str>) -> Asset {
    Asset {
        id: id.parse().expect("an id"),
        network,
        decimals: 6,
        contract: contract.map(str::to_owned),
        finality: 1,
        dust_units: DUST,
        network_fee_units: FEE,
    }
}

fn tron() -> Destination {
    Destination::parse(Network::Tron, TRON, None).expect("an address")
}

fn evm() -> Destination {
    Destination::parse(Network::Ethereum, EVM, None).expect("an address")
}

fn start() -> Timestamp {
    instant("2025-01-01T00:00:00Z")
}

/// 72 hours after the start.
fn release_at() -> Timestamp {
    instant("2025-01-04T00:00:00Z")
}

/// 90 days after the start.
fn expires_at() -> Timestamp {
    instant("2025-04-01T00:00:00Z")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn just_before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(SignedDuration::from_micros(1)).expect("an instant")
}

fn just_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(SignedDuration::from_micros(1)).expect("an instant")
}

//! Ten thousand orders of telling, each about an invoice in memory: what the engine does between a webhook's bytes and the commit, without
//! the rows. The engine's own tests tell hundreds of them to a database, and the server's over HTTP.

use std::collections::BTreeMap;

use domain::claim::{NewClaim, TokenHash};
use domain::destination::Destination;
use domain::exception::{ExceptionCase, Flags};
use domain::ids::{CaseId, ClaimId, DepositId, InvoiceId, MidId, PolicyId, RefundId};
use domain::invoice::{Deposit, Event, Given, Invoice, InvoiceStatus, NewIds, Pricing, step};
use domain::policy::{Policy, PolicyVersion};
use domain::rate::{Fiat, Rate};
use domain::refund::Refund;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::super::{Asset, Json, Network, SourceKind, btcpay, external_id};
use super::senders::{SECRET, btcpay_signature, shuffled, stream};
use crate::deposits::{Witness, meet};

/// Reliability 13.
const ORDERS: u64 = 10_000;

/// An invoice and all that came of it.
struct Life {
    asset: Asset,
    policy: PolicyVersion,
    invoice: Invoice,
    deposits: Vec<Deposit>,
    cases: BTreeMap<CaseId, ExceptionCase>,
    refunds: BTreeMap<RefundId, Refund>,
    /// What was debited and credited, by account.
    books: BTreeMap<&'static str, (u128, u128)>,
    now: Timestamp,
    ids: u128,
}

impl Life {
    fn new(now: Timestamp) -> Self {
        let contract = Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".to_owned());
        let id = "USDT-TRON".parse().expect("an id");
        let asset = Asset { id, network: Network::Tron, decimals: 6, contract, finality: 19, dust_units: 1, network_fee_units: 1_250_000 };
        let mid = MidId(Uuid::from_u128(1));
        let invoice = Invoice {
            id: InvoiceId(Uuid::from_u128(2)),
            mid,
            reference: "HA-1".to_owned(),
            guid: None,
            billed: Fiat::parse("100.00", "USD".parse().expect("a currency")).expect("an amount"),
            charged: asset.units(101_102_104),
            rate: Rate::new("0.9890991".parse().expect("a price")).expect("a rate"),
            pricing: Pricing::Fiat,
            is_for_untagged: false,
            address: Destination::parse(Network::Tron, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", None).expect("an address"),
            refund_to: None,
            overrides: None,
            payer_email: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            status: InvoiceStatus::Pending,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: now.checked_add(SignedDuration::from_mins(20)).expect("an instant"),
            created_at: now,
            version: 1,
        };
        let policy = PolicyVersion { id: PolicyId(Uuid::from_u128(3)), mid, number: 1, policy: Policy::default(), created_at: now };
        let (deposits, cases, refunds, books) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { asset, policy, invoice, deposits, cases, refunds, books, now, ids: 100 }
    }

    fn mint(&mut self) -> Uuid {
        self.ids = self.ids.saturating_add(1);
        Uuid::from_u128(self.ids)
    }

    /// Hears a webhook as [`crate::Engine::hear`] does.
    fn hear(&mut self, body: &str) {
        assert!(btcpay::is_signed(Some(&btcpay_signature(body)), body.as_bytes(), SECRET));
        let told = btcpay::read(&Json::parse(body.as_bytes()).expect("JSON")).expect("news");
        let Some(payment) = told.payment.filter(|payment| btcpay::means(&payment.coin, &self.asset)) else { return };
        let deposit = Deposit {
            id: DepositId(self.mint()),
            invoice: self.invoice.id,
            external_id: external_id(SourceKind::Btcpay, &payment),
            txid: payment.txid.expect("a transaction"),
            amount: self.asset.parse_amount(&payment.amount).expect("an amount"),
            source: None,
            is_risky: false,
            seen_at: payment.seen_at.expect("a time"),
            state: payment.state,
            is_judged: false,
        };
        let known = self.deposits.iter().find(|known| known.external_id == deposit.external_id);
        let deposit = meet(&self.invoice.reference, known, &deposit, Witness::Messenger).expect("no contradiction");
        let claim = NewClaim { id: ClaimId(self.mint()), token: TokenHash([0; 32]), cancel_token: TokenHash([1; 32]) };
        let ids = NewIds { case: CaseId(self.mint()), refund: RefundId(self.mint()), claim };
        let given = Given {
            version: &self.policy,
            asset: &self.asset,
            rate_now: None,
            fee_now: None,
            is_suspended: false,
            open_case: self.cases.values().find(|case| case.is_open()),
            ids,
            now: self.now,
        };
        let outcome = step(self.invoice.clone(), self.deposits.clone(), Event::Deposit(deposit), &given).expect("an outcome");
        if let Some(invoice) = outcome.invoice {
            self.invoice = invoice;
        }
        for deposit in outcome.deposits {
            match self.deposits.iter_mut().find(|known| known.id == deposit.id) {
                Some(known) => *known = deposit,
                None => self.deposits.push(deposit),
            }
        }
        self.cases.extend(outcome.case.map(|case| (case.id, case)));
        self.refunds.extend(outcome.refund.map(|refund| (refund.id, refund)));
        for posting in outcome.entries.iter().flat_map(|entry| &entry.postings) {
            let debit = &mut self.books.entry(posting.debit.name()).or_default().0;
            *debit = debit.checked_add(posting.amount.units).expect("a small sum");
            let credit = &mut self.books.entry(posting.credit.name()).or_default().1;
            *credit = credit.checked_add(posting.amount.units).expect("a small sum");
        }
    }

    /// Says how it ended, without ids, which are minted in the order of telling, and without the number of changes that led there.
    fn ending(&self) -> String {
        let mut deposits: Vec<_> = self.deposits.iter().collect();
        deposits.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        let deposits = deposits.iter().map(|deposit| {
            let Deposit { external_id, txid, amount, seen_at, state, is_judged, .. } = deposit;
            format!("{external_id} {txid} {} {seen_at} {} {is_judged}", amount.units, state.name())
        });
        let cases = self.cases.values().map(|case| {
            let ExceptionCase { number, flags, received, credited, refunded, residual, state, .. } = case;
            format!("{number} {flags:?} {} {} {} {} {state:?}", received.units, credited.units, refunded.units, residual.units)
        });
        let refunds = self.refunds.values().map(|refund| format!("{} {:?} {}", refund.reference, refund.reason, refund.amount.units));
        let (status, flags, books) = (self.invoice.status, self.invoice.flags, &self.books);
        let (deposits, cases, refunds) = (deposits.collect::<Vec<_>>(), cases.collect::<Vec<_>>(), refunds.collect::<Vec<_>>());
        format!("{status:?} {flags:?}\n{deposits:#?}\n{cases:#?}\n{refunds:#?}\n{books:?}")
    }
}

/// Everything the merchant could see or owe is the same in whatever order it was told, with up to four of the twelve told again: status,
/// deposits with their times, cases, refunds and each account's debits and credits. Only ids differ. The three payments are more than the
/// price only together: where two of them were enough, the third would be another case by the policy, whoever told them.
#[test]
fn ten_thousand_orders_of_telling_end_the_same() {
    let now: Timestamp = "2024-10-14T07:34:09Z".parse().expect("an instant");
    let told = stream("HA-1", "p", now);
    assert_eq!(told.len(), 12);
    let mut as_it_happened = Life::new(now);
    told.iter().for_each(|body| as_it_happened.hear(body));
    let expected = as_it_happened.ending();
    assert!(as_it_happened.refunds.values().map(|refund| refund.amount.units).eq([48_897_896]), "{expected}");
    for order in 1..=ORDERS {
        let shuffled = shuffled(&told, order);
        let mut life = Life::new(now);
        shuffled.iter().for_each(|body| life.hear(body));
        assert_eq!(life.ending(), expected, "told as {shuffled:#?}");
    }
}

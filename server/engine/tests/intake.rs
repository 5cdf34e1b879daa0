//! Deposits told by other systems: what a signed webhook does to an invoice, and what the wrong ones do not. The senders' bodies are as
//! their documentation shows them; each test of one is told in that sender's own words and signed as it signs.

use std::collections::BTreeMap;

use domain::ids::SourceId;
use domain::merchant::Role;
use domain::source::{NewsOutcome, SourceKind};
use domain::view::InvoiceView;
use engine::intake::{Answer, NotHeard};
use engine::sources::{NewsView, SourceView};
use engine::{Error, PageRequest};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::senders::{SECRET, btcpay, btcpay_signature, cryptomus, nowpayments, nowpayments_signature, shuffled, stream};
use crate::support::stories;
use crate::support::world::World;

async fn source(world: &World, kind: SourceKind) -> SourceView {
    let id = SourceId(Uuid::now_v7());
    let added = world.engine.add_source(&world.caller, None, kind, Some(SECRET.to_owned()), id).await.expect("a source");
    assert_eq!(added.secret, None, "what the other system knows is not told again");
    added.source
}

async fn hear(world: &World, source: &SourceView, header: Option<(&'static str, String)>, body: &str) -> Result<Answer, NotHeard> {
    let pairs = header.into_iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).expect("a header")));
    world.engine.hear(SourceId(source.id), &pairs.collect::<HeaderMap>(), body.as_bytes()).await
}

async fn from_btcpay(world: &World, source: &SourceView, body: &Value) -> Answer {
    let body = body.to_string();
    hear(world, source, Some(("btcpay-sig", btcpay_signature(&body))), &body).await.expect("heard")
}

async fn news(world: &World, source: &SourceView) -> Vec<NewsView> {
    world.engine.source_news(&world.caller, SourceId(source.id), PageRequest::default()).await.expect("news").data
}

/// Returns an invoice's deposits: what names them, how much, and how they stand.
fn deposits(invoice: &InvoiceView) -> Vec<String> {
    invoice.deposits.iter().map(|deposit| format!("{} {} {}", deposit.external_id, deposit.amount, deposit.status)).collect()
}

stories! {
    /// BTCPay: seen, then settled; the invoice is overpaid, and the payer is offered what is too much.
    async fn a_settled_payment_is_a_final_deposit(world: World) {
        let (source, invoice) = (source(&world, SourceKind::Btcpay).await, world.invoice("HA-1").await);
        let seen = btcpay("InvoiceReceivedPayment", "HA-1", "aa-0", "150.000000", world.engine.now());
        assert_eq!(from_btcpay(&world, &source, &seen).await.outcome, NewsOutcome::Taken);
        assert_eq!(deposits(&world.look(&invoice).await), ["btcpay:aa-0 150.000000 seen"]);
        let settled = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", world.engine.now());
        assert_eq!(from_btcpay(&world, &source, &settled).await.outcome, NewsOutcome::Taken);
        let paid = world.look(&invoice).await;
        assert_eq!(deposits(&paid), ["btcpay:aa-0 150.000000 final"]);
        assert_eq!((paid.refunds.len(), world.refund(&invoice).await.amount.as_str()), (1, "48.897896"));
        let told = news(&world, &source).await;
        assert_eq!(told.iter().map(|news| news.event.as_str()).collect::<Vec<_>>(), ["InvoicePaymentSettled", "InvoiceReceivedPayment"]);
        world.assert_books_agree().await;
    }

    /// Cryptomus and NOWPayments: the sum is what was really paid, the digits are those of the body.
    async fn each_system_is_understood_in_its_own_words(world: World) {
        let cryptomus_source = source(&world, SourceKind::Cryptomus).await;
        let nowpayments_source = source(&world, SourceKind::Nowpayments).await;
        let (first, second) = (world.invoice("HA-1").await, world.invoice("HA-2").await);
        for (status, outcome) in [("confirm_check", NewsOutcome::Taken), ("paid", NewsOutcome::Taken), ("refund_paid", NewsOutcome::Ignored)] {
            let body = cryptomus(status, "HA-1", "101.10210400");
            assert_eq!(hear(&world, &cryptomus_source, None, &body).await.expect("heard").outcome, outcome, "{status}");
        }
        for (status, paid, outcome) in [
            ("waiting", "0", NewsOutcome::Ignored),
            ("confirming", "0", NewsOutcome::Ignored),
            ("confirming", "101.102104", NewsOutcome::Taken),
            ("finished", "1.01102104e2", NewsOutcome::Taken),
            ("confirmed", "101.102104", NewsOutcome::Unchanged),
        ] {
            let body = nowpayments(status, "HA-2", paid);
            let header = Some(("x-nowpayments-sig", nowpayments_signature(&body)));
            assert_eq!(hear(&world, &nowpayments_source, header, &body).await.expect("heard").outcome, outcome, "{status} {paid}");
        }
        for (invoice, deposit) in [(first, "cryptomus:8b03432e-385b-4670-8d06-064591096795 101.102104 final"), (second, "nowpayments:5077125051 101.102104 final")] {
            let now = world.look(&invoice).await;
            assert_eq!((deposits(&now), serde_json::to_value(now.status).expect("JSON")), (vec![deposit.to_owned()], json!("complete")));
        }
        world.assert_books_agree().await;
    }

    /// The same body a thousand times is one deposit and one row that counts.
    async fn replays_change_nothing(world: World) {
        let (source, invoice) = (source(&world, SourceKind::Btcpay).await, world.invoice("HA-1").await);
        let settled = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", world.engine.now());
        from_btcpay(&world, &source, &settled).await;
        let after_one = world.look(&invoice).await;
        for _ in 1..1000 {
            assert_eq!(from_btcpay(&world, &source, &settled).await.outcome, NewsOutcome::Unchanged);
        }
        assert_eq!(world.look(&invoice).await, after_one);
        let told = news(&world, &source).await;
        assert_eq!((told.len(), told[0].outcome, told[0].times), (1, NewsOutcome::Taken, 1000));
        world.assert_books_agree().await;
    }

    /// Late news never move a deposit back, nor does one that says a settled payment vanished.
    async fn a_deposit_goes_forward_only(world: World) {
        let (source, invoice) = (source(&world, SourceKind::Btcpay).await, world.invoice("HA-1").await);
        let now = world.engine.now();
        let with = |event: &str, status: &str, value: &str| {
            let mut body = btcpay(event, "HA-1", "aa-0", value, now);
            body["payment"]["status"] = json!(status);
            body
        };
        // Replaced before it was in a block, found again by another name for it: topped up meanwhile.
        for (body, outcome, deposit) in [
            (with("InvoiceReceivedPayment", "Processing", "60"), NewsOutcome::Taken, "60.000000 seen"),
            (with("InvoiceReceivedPayment", "Invalid", "60"), NewsOutcome::Taken, "60.000000 gone"),
            (with("InvoiceReceivedPayment", "Processing", "60"), NewsOutcome::Taken, "60.000000 gone"),
            (with("InvoicePaymentSettled", "Settled", "150"), NewsOutcome::Taken, "150.000000 final"),
            (with("InvoiceReceivedPayment", "Processing", "60.0"), NewsOutcome::Unchanged, "150.000000 final"),
            (with("InvoiceReceivedPayment", "Invalid", "150"), NewsOutcome::Refused, "150.000000 final"),
            (with("InvoicePaymentSettled", "Settled", "151"), NewsOutcome::Refused, "150.000000 final"),
        ] {
            let answer = from_btcpay(&world, &source, &body).await;
            let (is_replay, now) = (answer.outcome == NewsOutcome::Unchanged, world.look(&invoice).await);
            assert!(answer.outcome == outcome || is_replay, "{body}: {answer:?}");
            assert_eq!(deposits(&now), [format!("btcpay:aa-0 {deposit}")], "{body}");
            // The simulated chain never saw it, and has no say.
            world.wait("PT1M").await;
            assert_eq!(deposits(&world.look(&invoice).await), deposits(&now));
        }
        world.assert_books_agree().await;
    }

    /// Another secret, another body, no signature: counted, and nothing else.
    async fn what_is_forged_leaves_no_trace(world: World) {
        let (source, invoice) = (source(&world, SourceKind::Btcpay).await, world.invoice("HA-1").await);
        let body = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", world.engine.now()).to_string();
        let right = btcpay_signature(&body);
        let tampered = body.replace("150", "950");
        for (signature, body) in [(Some(right.clone()), tampered.as_str()), (Some("sha256=".to_owned()), &body), (None, &body), (Some(right[7..].to_owned()), &body)] {
            let refused = hear(&world, &source, signature.map(|signature| ("btcpay-sig", signature)), body).await;
            assert!(matches!(refused, Err(NotHeard::Forged)), "{refused:?}");
        }
        assert_eq!((deposits(&world.look(&invoice).await), news(&world, &source).await.len()), (Vec::new(), 0));
        let now = world.engine.sources(&world.caller).await.expect("sources");
        assert_eq!((now[0].forged, now[0].forged_at.is_some()), (4, true));
        let malformed = "{\"type\":\"InvoicePaymentSettled\",\"type\":\"x\"}";
        let refused = hear(&world, &source, Some(("btcpay-sig", btcpay_signature(malformed))), malformed).await;
        assert!(matches!(refused, Err(NotHeard::Malformed(_))), "{refused:?}");
        assert_eq!(news(&world, &source).await.len(), 0);
    }

    /// Orders of somebody else, other coins, sums that are none: kept with why, and nothing is booked.
    async fn what_is_not_ours_is_kept_with_its_reason(world: World) {
        let (source, invoice) = (source(&world, SourceKind::Btcpay).await, world.invoice("HA-1").await);
        let now = world.engine.now();
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", now);
            change(&mut body);
            body
        };
        let cases: [(Value, NewsOutcome, &str); 9] = [
            (with(&|body| body["metadata"]["orderId"] = json!("HA-9")), NewsOutcome::NotOurs, "no invoice of this MID has that reference"),
            (with(&|body| body["metadata"] = json!({})), NewsOutcome::NotOurs, "it names no order"),
            (with(&|body| body["metadata"]["orderId"] = json!("HA-1\u{0}")), NewsOutcome::NotOurs, "it names no order"),
            (with(&|body| body["paymentMethodId"] = json!("BTC-CHAIN")), NewsOutcome::Refused, "paid in USDT-TRON, and this is BTC-CHAIN"),
            (with(&|body| body["payment"]["value"] = json!("0.0000001")), NewsOutcome::Refused, "amount: "),
            (with(&|body| body["payment"]["value"] = json!("0")), NewsOutcome::Refused, "amount: "),
            (with(&|body| body["payment"]["value"] = json!("-150")), NewsOutcome::Refused, "amount: "),
            (with(&|body| body["payment"]["receivedDate"] = json!(4_102_444_800_u64)), NewsOutcome::Refused, "seen_at: "),
            (with(&|body| body["payment"]["id"] = json!("a b")), NewsOutcome::Refused, "external_id: "),
        ];
        for (body, outcome, detail) in cases {
            let answer = from_btcpay(&world, &source, &body).await;
            assert_eq!(answer.outcome, outcome, "{body}: {answer:?}");
            assert!(answer.detail.as_ref().map(ToString::to_string).unwrap_or_default().contains(detail), "{body}: {answer:?}");
        }
        assert_eq!((deposits(&world.look(&invoice).await), news(&world, &source).await.len()), (Vec::new(), 9));
        // One transfer is of one invoice.
        let other = world.invoice("HA-2").await;
        from_btcpay(&world, &source, &with(&|_| {})).await;
        let taken = from_btcpay(&world, &source, &with(&|body| body["metadata"]["orderId"] = json!("HA-2"))).await;
        assert_eq!((taken.outcome, deposits(&world.look(&other).await)), (NewsOutcome::Refused, Vec::new()));
    }

    /// A source is one MID's: it says nothing of another's invoices, and nobody else sees or ends it.
    async fn a_source_is_one_mids(world: World) {
        let source = source(&world, SourceKind::Btcpay).await;
        let id = SourceId(source.id);
        let stranger = world.stranger().await;
        assert!(world.engine.sources(&stranger).await.expect("sources").is_empty());
        assert!(matches!(world.engine.source_news(&stranger, id, PageRequest::default()).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.remove_source(&stranger, id).await, Err(Error::NotFound)));
        let add = world.engine.add_source(&stranger, Some(world.mid), SourceKind::Btcpay, None, SourceId(Uuid::now_v7())).await;
        assert!(matches!(add, Err(Error::NotFound)));
        let manager = world.person(Role::Manager).await;
        assert!(matches!(world.engine.remove_source(&manager, id).await, Err(Error::Forbidden)));

        let (_, foreign) = world.engine.add_mid("Other", "Shop", None).await.expect("a MID");
        let key = world.engine.add_key(foreign, true).await.expect("a key");
        let other = World { mid: foreign, caller: world.engine.key(&key.secret).await.expect("a look-up").expect("the key"), ..world };
        let invoice = other.invoice("HA-1").await;
        let answer = from_btcpay(&other, &source, &btcpay("InvoicePaymentSettled", "HA-1", "aa-0", "150", other.engine.now())).await;
        assert_eq!((answer.outcome, deposits(&other.look(&invoice).await)), (NewsOutcome::NotOurs, Vec::new()));
    }

    /// What checks signatures is in no row as it is; adding and removing are in the audit log, and the first stops a paid shop's money.
    async fn a_secret_is_sealed_and_every_step_is_written_down(world: World) {
        let source = source(&world, SourceKind::Nowpayments).await;
        let id = SourceId(Uuid::now_v7());
        let made = world.engine.add_source(&world.caller, None, SourceKind::Btcpay, None, id).await.expect("a source");
        let again = world.engine.add_source(&world.caller, None, SourceKind::Btcpay, None, id).await.expect("the source");
        let own = made.secret.expect("a secret");
        assert_eq!((again.secret.as_ref(), again.source.id), (Some(&own), made.source.id));
        let rows = world.dump().await;
        assert!(!rows.contains(SECRET) && !rows.contains(&own));
        assert!(!rows.contains(&SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()));

        assert_eq!(world.engine.frozen(&world.caller, world.mid).await.expect("a look-up"), None);
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "150").await;
        world.engine.add_source(&world.caller, None, SourceKind::Cryptomus, Some(SECRET.to_owned()), SourceId(Uuid::now_v7())).await.expect("a source");
        assert!(world.engine.frozen(&world.caller, world.mid).await.expect("a look-up").is_some());

        world.engine.remove_source(&world.caller, SourceId(source.id)).await.expect("removed");
        let gone = hear(&world, &source, None, "{}").await;
        assert!(matches!(gone, Err(NotHeard::Failed(Error::NotFound))), "{gone:?}");
        for (kind, secret) in [(SourceKind::Cryptomus, None), (SourceKind::Nowpayments, None), (SourceKind::Btcpay, Some("short".to_owned()))] {
            let refused = world.engine.add_source(&world.caller, None, kind, secret, SourceId(Uuid::now_v7())).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{kind}");
        }
        let owner = world.person(Role::Owner).await;
        let log = world.engine.audit_log(&owner, engine::audit::AuditFilter::default(), PageRequest { limit: 100, after: None }).await.expect("the log");
        let mut steps: BTreeMap<String, usize> = BTreeMap::new();
        for row in log.data.into_iter().filter(|row| row.action.starts_with("source.")) {
            let count = steps.entry(row.action).or_default();
            *count = count.saturating_add(1);
        }
        assert_eq!(steps, BTreeMap::from([("source.added".to_owned(), 3), ("source.removed".to_owned(), 1)]));
    }
}

/// Reliability 13. What BTCPay tells of one order, in so many orders of telling, with duplicates, each about an invoice of its own.
const ORDERS: u64 = 400;
/// How many are told at the same time: they share commits.
const AT_ONCE: u64 = 50;

/// What an order's life ended as, without what is another one's by nature: ids, and when rows were written.
fn ending(invoice: &InvoiceView, order: u64) -> Value {
    let own = format!("{order}p");
    let mut deposits = deposits(invoice);
    deposits.sort();
    let cases =
        invoice.cases.iter().map(|case| json!([case.number, case.exceptions, case.state, case.received, case.credited, case.refunded]));
    let refunds = invoice.refunds.iter().map(|refund| json!([refund.reason, refund.amount, refund.state]));
    json!({
        "status": invoice.status, "exceptions": invoice.exceptions, "paid": invoice.amount_paid,
        "deposits": deposits.into_iter().map(|deposit| deposit.replace(&own, "")).collect::<Vec<_>>(),
        "cases": cases.collect::<Vec<_>>(), "refunds": refunds.collect::<Vec<_>>(),
    })
}

/// In whatever order news come, an order ends the same: status, deposits, cases, refunds, and what the books say. Nothing differs but what
/// each delivery met with in the log, and the ids and times of rows. The three payments are more than the price only together: where two
/// of them were enough, the third would be another case by the policy, whoever told them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_in_any_order_end_the_same() {
    let world = std::sync::Arc::new(World::on_sqlite().await);
    let source = source(&world, SourceKind::Btcpay).await;
    let mut expected = None;
    for first in (0..ORDERS).step_by(usize::try_from(AT_ONCE).expect("a number")) {
        let lives = (first..ORDERS.min(first.saturating_add(AT_ONCE))).map(|order| {
            let (world, source) = (std::sync::Arc::clone(&world), source.clone());
            tokio::spawn(async move {
                let invoice = world.invoice(&format!("HA-{order}")).await;
                let told = stream(&format!("HA-{order}"), &format!("{order}p"), world.engine.now());
                // The first is told as it happened.
                let told = if order == 0 { told } else { shuffled(&told, order) };
                for body in &told {
                    hear(&world, &source, Some(("btcpay-sig", btcpay_signature(body))), body).await.expect("heard");
                }
                (told, ending(&world.look(&invoice).await, order))
            })
        });
        for life in lives.collect::<Vec<_>>() {
            let (told, ended) = life.await.expect("a life");
            let expected = expected.get_or_insert_with(|| ended.clone());
            assert_eq!(*expected, ended, "told as {told:#?}");
        }
    }
    let expected = expected.expect("lives");
    assert_eq!(
        expected["deposits"],
        json!(["btcpay:1-0 50.000000 final", "btcpay:2-0 49.500000 final", "btcpay:3-0 50.500000 final", "btcpay:4-0 20.000000 gone"])
    );
    assert_eq!((&expected["status"], &expected["refunds"][0][1]), (&json!("complete"), &json!("48.897896")), "{expected}");
    // So many times the same: the books have no cent that one order alone would not have put there.
    let times = |units: u128| domain::money::format_units(units.saturating_mul(u128::from(ORDERS)), 6);
    assert_eq!(world.balance("custody").await, times(150_000_000));
    assert_eq!(world.balance("refund_payable").await, times(48_897_896));
    assert_eq!(world.balance("merchant_available").await, times(101_102_104));
    assert_eq!(world.balance("holding").await, "");
    world.assert_books_agree().await;
}

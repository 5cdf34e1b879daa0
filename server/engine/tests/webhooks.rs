//! Endpoints as they are in the world: gone, busy, slow, chatty, elsewhere. What each does to its own webhooks, and not to others'.

use std::time::Duration;

use domain::dialect::Dialect;
use domain::ids::{DeliveryId, EndpointId, RefundId};
use domain::notice::Events;
use domain::refund::CancelReason;
use domain::view::DeliveryView;
use engine::clock::Clock as _;
use engine::deliveries::DeliveryFilter;
use engine::endpoints::Telling;
use engine::{Error, PageRequest};
use hmac::{Hmac, Mac as _};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::store::run;
use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

stories! {
    /// Standard Webhooks 1.0: 410 switches an endpoint off. Nothing more is posted or kept for it until somebody switches it on again.
    async fn an_endpoint_that_is_gone_gets_nothing_until_it_is_switched_on(world: World) {
        let (sink, id) = (Sink::start().await, listening(&world, None).await);
        world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
        sink.answer_with(410);
        let invoice = world.invoice("W-1").await;
        world.pay(&invoice, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let asked = sink.received().len();
        assert!((1..=2).contains(&asked), "one try per line, and none after the first answer was read: {asked}");
        let log = log(&world, id).await;
        assert!(log.iter().all(|delivery| delivery.status == "given_up"), "{log:?}");
        assert!(log.iter().any(|delivery| delivery.response_status == Some(410)), "{log:?}");
        let endpoint = world.engine.endpoint(&world.caller, id).await.expect("the endpoint");
        assert_eq!(endpoint.disabled_at, Some(world.engine.now()));

        sink.answer_with(200);
        let other = world.invoice("W-2").await;
        world.pay(&other, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(sink.received().len(), asked, "it is told nothing");
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.enable_endpoint(&stranger, id).await, Err(Error::NotFound)));
        let enabled = world.engine.enable_endpoint(&world.caller, id).await.expect("switched on");
        assert_eq!(enabled.disabled_at, None);
        let first = DeliveryId(log.last().expect("a delivery").id);
        world.engine.resend_webhook(&world.caller, first).await.expect("sent again");
        world.pay(&world.invoice("W-3").await, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        assert!(sink.received().len() > asked.saturating_add(2), "it is told again, and what was given up can be sent again");
    }

    /// RFC 9110, 10.2.3: an endpoint that says when to come is not asked before.
    async fn retry_after_is_honoured(world: World) {
        let (sink, id) = (Sink::start().await, listening(&world, None).await);
        world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
        sink.answer_at_length(429, "retry-after: 120\r\n", "");
        world.pay(&world.invoice("W-4").await, "101.102104").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let asked = sink.received().len();
        sink.answer_at_length(200, "", "");
        for _ in 0..119 {
            world.clock.advance(SignedDuration::from_secs(1));
            world.engine.run_due_jobs().await.expect("jobs run");
        }
        assert_eq!(sink.received().len(), asked, "our own first wait is five seconds");
        world.clock.advance(SignedDuration::from_secs(1));
        world.engine.run_due_jobs().await.expect("jobs run");
        assert!(sink.received().len() > asked);
    }

    /// The log keeps how an answer began, whatever comes after it and whatever bytes it has.
    async fn a_long_answer_is_read_and_kept_to_its_first_bytes(world: World) {
        let (sink, id) = (Sink::start().await, listening(&world, None).await);
        world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
        sink.answer_at_length(500, "", &format!("no \0 room{}", "x".repeat(10_000_000)));
        world.pay(&world.invoice("W-5").await, "101.102104").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let answer = log(&world, id).await.into_iter().find_map(|delivery| delivery.answer).expect("an answer");
        assert!(answer.starts_with("no \u{fffd} room") && answer.len() <= 1024, "{} bytes", answer.len());
    }

    /// ASVS 15.3.2: a redirect is a failure, and nobody goes where it leads.
    async fn no_redirect_is_followed(world: World) {
        let (sink, elsewhere, id) = (Sink::start().await, Sink::start().await, listening(&world, None).await);
        world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
        for status in [301, 302, 307, 308] {
            sink.answer_at_length(status, &format!("location: {}\r\n", elsewhere.url), "");
            let tested = world.engine.test_endpoint(&world.caller, id).await.expect("a test");
            assert_eq!((tested.taken, tested.response_status), (false, Some(status)));
        }
        assert!(elsewhere.received().is_empty());
    }

    /// One endpoint that never answers fills a few places only: others are told at once, however much waits for it.
    async fn one_dead_endpoint_hurts_nobody(world: World) {
        let (dead, alive, id) = (Sink::start().await, Sink::start().await, listening(&world, None).await);
        dead.be_silent();
        world.engine.move_endpoint(&world.caller, id, &dead.url).await.expect("moved");
        world.invoice("W-6").await;
        let worker = tokio::spawn({
            let engine = world.engine.clone();
            async move { engine.run_worker(std::future::pending()).await }
        });
        world.pay(&world.invoice("W-7").await, "101.102104").await;
        until(|| !dead.received().is_empty()).await;
        // It is known to fail once its first post took too long.
        tokio::time::sleep(Duration::from_secs(11)).await;
        for number in 0..80 {
            world.pay(&world.invoice(&format!("W-8-{number}")).await, "101.102104").await;
        }
        let (_, mid) = world.engine.add_mid("Another", "Shop", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key").secret;
        let other = world.engine.key(&key).await.expect("a look-up").expect("the key");
        world.engine.add_endpoint(&other, &alive.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        let new = engine::invoices::NewInvoice { mid, ..world.new_invoice("A-1", "USDT-TRON") };
        let invoice = world.engine.create_invoice(&other, new, domain::ids::InvoiceId(Uuid::now_v7())).await.expect("an invoice");
        let deposit = engine::sandbox::SandboxDeposit::of(domain::ids::InvoiceId(invoice.id), "101.102104");
        world.engine.sandbox_deposit(&other, deposit).await.expect("a deposit");
        let since = std::time::Instant::now();
        until(|| !alive.received().is_empty()).await;
        // Without it 64 posts would have to take their ten seconds first, and those behind them theirs.
        assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
        worker.abort();
    }

    /// A test is posted once, in the endpoint's dialect and signed as its webhooks are; no row knows of it, and only who may change
    /// settings makes one.
    async fn a_test_is_of_the_shape_of_each_dialect(world: World) {
        let sink = Sink::start().await;
        for dialect in Dialect::ALL {
            let id = listening(&world, Some(*dialect)).await;
            world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
            let tested = world.engine.test_endpoint(&world.caller, id).await.unwrap_or_else(|error| panic!("{dialect}: {error}"));
            let received = sink.received().pop().expect("a webhook");
            assert!(tested.taken && tested.response_status == Some(200) && tested.body == received.body, "{dialect}: {tested:?}");
            let body: Value = received.json();
            let named = match dialect {
                Dialect::Native => &body["type"],
                Dialect::Cryptomus | Dialect::Heleket => &body["order_id"],
                Dialect::Txn => &body["data"]["attributes"]["reference"],
                Dialect::Bvnk => &body["data"]["reference"],
                Dialect::Bitpay => &body["data"]["supportRequest"],
                Dialect::Cryptopay => &body["data"]["custom_id"],
                Dialect::Btcpay => &body["type"],
            };
            let named = named.as_str().unwrap_or_default().to_owned();
            let is_marked = match dialect {
                Dialect::Native => named == "endpoint.test",
                // Its bodies have no references but the order.
                Dialect::Btcpay => named == "InvoiceRefund",
                Dialect::Cryptomus | Dialect::Heleket | Dialect::Txn | Dialect::Bvnk | Dialect::Bitpay | Dialect::Cryptopay => {
                    named.contains("TEST")
                }
            };
            assert!(is_marked, "{dialect}: {}", received.body);
            assert!(!received.body.contains("/claim/"), "{dialect}");
            assert!(log(&world, id).await.is_empty(), "{dialect}");
            world.engine.remove_endpoint(&world.caller, id).await.expect("removed");
        }
        let id = listening(&world, None).await;
        let refused = world.engine.test_endpoint(&world.caller, id).await.expect("a test");
        assert_eq!((refused.taken, refused.response_status, refused.error.as_deref()), (false, None, Some("no connection")));
        let support = world.person(domain::merchant::Role::Support).await;
        assert!(matches!(world.engine.test_endpoint(&support, id).await, Err(Error::Forbidden)));
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.test_endpoint(&stranger, id).await, Err(Error::NotFound)));
    }

    /// A choice of events goes for what happens from then on, in its order; another dialect ends it, and a test always goes out.
    async fn an_endpoint_is_told_of_the_events_that_were_chosen(world: World) {
        let (sink, id) = (Sink::start().await, EndpointId(Uuid::now_v7()));
        let events = |names: &[&str]| Events::parse(names.iter().copied()).expect("a choice");
        let some = Telling { events: events(&["refund.created", "refund.sending", "refund.paid"]), ..Telling::default() };
        world.engine.add_endpoint_in(&world.caller, some, &sink.url, None, id).await.expect("an endpoint");
        let invoice = world.invoice("W-20").await;
        world.pay(&invoice, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.engine.choose_events(&world.caller, id, events(&["refund.paid"])).await.expect("chosen");
        world.wait("PT72H").await;
        world.settle().await;
        let told = |sink: &Sink| sink.received().iter().map(|one| one.json()["type"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(told(&sink), [Some("refund.created".to_owned()), Some("refund.paid".to_owned())]);
        assert!(world.engine.test_endpoint(&world.caller, id).await.expect("a test").taken, "it always goes out");

        let shown = world.engine.endpoint(&world.caller, id).await.expect("the endpoint");
        assert_eq!(shown.events.names().collect::<Vec<_>>(), ["refund.paid"]);
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.choose_events(&stranger, id, Events::ALL).await, Err(Error::NotFound)));
        let manager = world.person(domain::merchant::Role::Manager).await;
        assert!(matches!(world.engine.choose_events(&manager, id, Events::ALL).await, Err(Error::Forbidden)));
        for wrong in ["DELETE FROM webhook_endpoints", "UPDATE webhook_endpoint_events SET event = 'refund.sent'"] {
            assert!(run(&world, wrong).await.is_err(), "{wrong}");
        }

        world.engine.change_dialect(&world.caller, id, Dialect::Txn).await.expect("changed");
        let other = world.engine.choose_events(&world.caller, id, events(&["refund.paid"])).await;
        assert!(matches!(&other, Err(Error::Invalid(errors)) if errors.message("events").is_some()), "{other:?}");
        let own = world.engine.change_dialect(&world.caller, id, Dialect::Native).await.expect("changed back");
        assert_eq!(own.events, Events::ALL, "a choice ends with its dialect");
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert_eq!(audit.broken, Vec::<String>::new());
    }

    /// Greenfield: the invoice, its pull payment, then the payout of its claim, each signed with `BTCPay-Sig`. A refund that ends before it
    /// was claimed had no payout.
    async fn btcpay_receivers_hear_of_the_invoice_and_the_payout(world: World) {
        let (sink, id) = (Sink::start().await, EndpointId(Uuid::now_v7()));
        let add = world.engine.add_endpoint_in(&world.caller, Telling { dialect: Dialect::Btcpay, ..Telling::default() }, &sink.url, None, id);
        let secret = add.await.expect("an endpoint").secret;
        let invoice = world.invoice("W-10").await;
        world.pay(&invoice, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let refund = world.refund(&invoice).await;
        let refund_id = RefundId(refund.id);
        world.engine.cancel_refund(&world.caller, refund_id, CancelReason::Other, None).await.expect("canceled");
        let refund = world.engine.reissue_refund(&world.caller, refund_id).await.expect("offered again");
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.cancel_refund(&world.caller, refund_id, CancelReason::Other, None).await.expect("canceled");
        let refund = world.engine.reissue_refund(&world.caller, refund_id).await.expect("offered again");
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let told: Vec<Value> = sink.received().iter().map(Received::json).collect();
        let of_refund: Vec<_> = told.iter().filter(|told| told["pullPaymentId"] == refund.id.to_string()).collect();
        let states: Vec<_> = of_refund.iter().map(|told| (told["type"].as_str(), told["payoutState"].as_str())).collect();
        assert_eq!(states, [
            (Some("InvoiceRefund"), None),
            (Some("PullPaymentArchived"), None),
            (Some("PullPaymentCreated"), None),
            (Some("PayoutCreated"), Some("AwaitingPayment")),
            (Some("PayoutUpdated"), Some("Cancelled")),
            (Some("PullPaymentCreated"), None),
            (Some("PayoutCreated"), Some("AwaitingPayment")),
            (Some("PayoutUpdated"), Some("InProgress")),
            (Some("PayoutUpdated"), Some("Completed")),
        ]);
        assert_eq!((&of_refund[0]["invoiceId"], &of_refund[0]["metadata"]["orderId"]), (&json!(invoice.id), &json!("W-10")));
        let settled = told.iter().find(|told| told["type"] == "InvoiceSettled").expect("it was paid");
        assert_eq!((&settled["invoiceId"], &settled["metadata"]["orderId"]), (&json!(invoice.id), &json!("W-10")));
        assert_eq!((&settled["storeId"], &settled["overPaid"]), (&json!(world.mid), &json!(true)));
        for received in sink.received() {
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key").chain_update(&received.body);
            let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(received.header("btcpay-sig"), format!("sha256={expected}"));
        }
    }

    /// What a page shows of a delivery has no claim link in any dialect; its receiver's copy has one.
    async fn a_delivery_is_shown_without_its_claim_link(world: World) {
        let (sink, stranger) = (Sink::start().await, world.stranger().await);
        for dialect in [Dialect::Native, Dialect::Txn] {
            let id = listening(&world, Some(dialect)).await;
            world.engine.move_endpoint(&world.caller, id, &sink.url).await.expect("moved");
            world.pay(&world.invoice(&format!("W-9-{dialect}")).await, "150").await;
            world.engine.run_due_jobs().await.expect("jobs run");
            assert!(sink.received().iter().any(|received| received.body.contains("/claim/")), "{dialect}");
            let deliveries = log(&world, id).await;
            assert!(!deliveries.is_empty());
            for delivery in deliveries {
                let (_, body) = world.engine.webhook_delivery(&world.caller, DeliveryId(delivery.id)).await.expect("the delivery");
                let body = body.expect("a body");
                assert!(body.starts_with('{') && !body.contains("/claim/"), "{body}");
                let foreign = world.engine.webhook_delivery(&stranger, DeliveryId(delivery.id)).await;
                assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
            }
            world.engine.remove_endpoint(&world.caller, id).await.expect("removed");
        }
    }
}

/// Adds an endpoint where nobody listens.
async fn listening(world: &World, dialect: Option<Dialect>) -> EndpointId {
    let id = EndpointId(Uuid::now_v7());
    let (dialect, url) = (dialect.unwrap_or(Dialect::Native), "http://127.0.0.1:9/hooks");
    world.engine.add_endpoint_in(&world.caller, Telling { dialect, ..Telling::default() }, url, None, id).await.expect("an endpoint");
    id
}

/// Returns what was sent to an endpoint, newest first.
async fn log(world: &World, endpoint: EndpointId) -> Vec<DeliveryView> {
    let filter = DeliveryFilter { endpoint: Some(endpoint), ..DeliveryFilter::default() };
    world.engine.webhook_deliveries(&world.caller, filter, PageRequest::default()).await.expect("a log").data
}

async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to pass");
}

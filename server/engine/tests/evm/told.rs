//! Deposits that others tell of on a real chain: booked without a look at it, and refunded on it.

use domain::ids::{InvoiceId, MidId, RefundId, SourceId};
use domain::policy::Policy;
use domain::rate::Rate;
use domain::refund::StateName;
use domain::source::{NewsOutcome, SourceKind};
use domain::view::{InvoiceView, RefundView};
use engine::callers::Caller;
use engine::clock::Clock as _;
use engine::deposits::ReportedDeposit;
use engine::deposits::telling::Telling;
use engine::invoices::NewInvoice;
use engine::rails::evm::EvmSettings;
use engine::rates::FixedRate;
use engine::{Config, Engine, OpenError};
use jiff::SignedDuration;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::PAYER;
use super::chain::{DOLLAR, FINALITY, World as Chain};
use crate::senders::{SECRET, btcpay, btcpay_signature};
use crate::support::stories;
use crate::support::world::{World, claim_token, config, form};

/// Opens an engine that moves real coins on `chain`, on a story's rows.
pub async fn open(world: &World, chain: &Chain, deposits: Telling) -> Result<Engine, OpenError> {
    let one = Rate::new("1".parse().expect("a price")).expect("a rate");
    Engine::open(Config {
        is_sandbox: false,
        assets: vec![chain.coin.clone(), chain.token.clone()],
        rates: vec![FixedRate { symbol: "TUSD".to_owned(), currency: "USD".parse().expect("a currency"), rate: one }],
        rails: vec![EvmSettings { deposits, ..chain.settings.clone() }],
        signer_socket: chain.signer.socket(),
        ..config(&world.database.url(), Some(world.clock.clone()))
    })
    .await
}

/// Makes an invoice of 100 tokens.
pub async fn invoice(engine: &Engine, world: &World, reference: &str) -> InvoiceView {
    let new = NewInvoice { charged_amount: Some("100".to_owned()), ..world.new_invoice(reference, "TUSD-TEST") };
    engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
}

/// Hears from BTCPay that an order was paid for good.
async fn settled(engine: &Engine, caller: &Caller, mid: MidId, order: &str, payment: &str, value: &str) -> NewsOutcome {
    let id = SourceId(Uuid::now_v7());
    let known = engine.sources(caller).await.expect("sources");
    let id = match known.first() {
        Some(source) => SourceId(source.id),
        None => {
            engine.add_source(caller, Some(mid), SourceKind::Btcpay, Some(SECRET.to_owned()), id).await.expect("a source");
            id
        }
    };
    let mut body = btcpay("InvoicePaymentSettled", order, payment, value, engine.now());
    body["paymentMethodId"] = "TUSD-TEST".into();
    let body = body.to_string();
    let signature = HeaderValue::from_str(&btcpay_signature(&body)).expect("a header");
    let headers = HeaderMap::from_iter([(HeaderName::from_static("btcpay-sig"), signature)]);
    engine.hear(id, &headers, body.as_bytes()).await.expect("heard").outcome
}

/// Has the payer claim a refund, and blocks come until it is paid, or for a minute.
pub(super) async fn claimed_and_sent(engine: &Engine, world: &World, chain: &Chain, refund: RefundView) -> RefundView {
    engine.confirm_claim(&claim_token(&refund), &form(&PAYER.to_string()), None).await.expect("a claim");
    let mut now = refund;
    for _ in 0..60 {
        world.clock.advance(SignedDuration::from_secs(1));
        engine.run_due_jobs().await.expect("jobs run");
        now = engine.refund(&world.caller, RefundId(now.id)).await.expect("the refund");
        if now.state == StateName::Paid {
            break;
        }
        chain.chain.mine(1).await;
    }
    now
}

stories! {
    /// What a store of BTCPay Server took in is overpaid here, and what is too much arrives on the chain. The chain is not read meanwhile:
    /// what comes to the invoice's own address is nobody's word.
    async fn what_btcpay_took_in_is_refunded_on_the_chain(world: World) {
        let chain = Chain::new().await;
        let engine = open(&world, &chain, Telling::Told).await.expect("an engine");
        let policy = Policy { security_delay: "PT0S".parse().expect("a period"), ..Policy::default() };
        engine.set_policy(&world.caller, world.mid, policy).await.expect("a policy");
        let made = invoice(&engine, &world, "HA-1").await;
        assert!(engine.pay_page(InvoiceId(made.id), None).await.expect("the page").is_paid_elsewhere, "nobody reads its address");
        chain.mint(made.address.parse().expect("an address"), 5 * DOLLAR).await;
        chain.chain.mine(FINALITY).await;
        engine.watch(chain.token.network).await.expect("nothing to look at");
        assert_eq!(settled(&engine, &world.caller, world.mid, "HA-1", "aa-0", "150").await, NewsOutcome::Taken);
        let paid = engine.invoice(&world.caller, InvoiceId(made.id)).await.expect("the invoice");
        assert_eq!(paid.deposits.iter().map(|deposit| deposit.external_id.as_str()).collect::<Vec<_>>(), ["btcpay:aa-0"]);
        assert_eq!((paid.amount_paid.as_str(), paid.refunds.len()), ("150.000000", 1));

        // Long after, the chain is not asked whether it still has what it never had.
        world.clock.advance(SignedDuration::from_hours(1));
        engine.run_due_jobs().await.expect("jobs run");
        let later = engine.invoice(&world.caller, InvoiceId(made.id)).await.expect("the invoice");
        assert_eq!((later.deposits[0].status.as_str(), later.amount_paid.as_str()), ("final", "150.000000"));

        let id = RefundId(paid.refunds[0].id);
        let refund = engine.refund(&world.caller, id).await.expect("the refund");
        let now = claimed_and_sent(&engine, &world, &chain, refund).await;
        assert_eq!((now.state, now.net_amount.as_deref()), (StateName::Paid, Some("49.000000")), "{now:?}");
        assert_eq!(chain.tokens(PAYER).await, 49 * DOLLAR);
        let books = engine.verify_ledger().await.expect("a verification");
        assert!(books.ok, "{:?}", books.violations);
    }

    /// A merchant's own watcher tells likewise; where Refundry reads the chain itself, nobody does. What was booked one way is not booked
    /// another way too: the settings cannot change afterwards, and the start says so.
    async fn who_tells_stays_the_same_once_something_was_booked(world: World) {
        let chain = Chain::new().await;
        let watched = open(&world, &chain, Telling::Watched).await.expect("an engine");
        let made = invoice(&watched, &world, "HA-1").await;
        assert!(!watched.pay_page(InvoiceId(made.id), None).await.expect("the page").is_paid_elsewhere);
        let report = |invoice: &InvoiceView| ReportedDeposit {
            asset: "TUSD-TEST".to_owned(),
            seen_at: world.engine.now(),
            ..world.reported(invoice, "watcher-1", "100", true)
        };
        let refused = watched.report_deposit(&world.caller, report(&made)).await.expect_err("the chain is read");
        assert!(refused.to_string().contains("deposits = \"told\""), "{refused}");
        assert_eq!(settled(&watched, &world.caller, world.mid, "HA-1", "aa-0", "100").await, NewsOutcome::Refused);

        let told = open(&world, &chain, Telling::Told).await.expect("nothing was booked yet");
        told.report_deposit(&world.caller, report(&made)).await.expect("a deposit");
        let refused = open(&world, &chain, Telling::Watched).await.err().expect("something was booked").to_string();
        assert!(refused.contains("deposits = \"told\" in its [[rails]] again"), "{refused}");
        open(&world, &chain, Telling::Told).await.expect("as before");
    }
}

//! The odd cases of requirements 3.6 on the way out: where refunds may go, what they cost, and what becomes of a payout that nobody answers
//! for. Each a story on SQLite and on PostgreSQL. Contract code at an address (10) is told on a real chain in `evm.rs`, muxed accounts (14)
//! in `places.rs`, two tabs (35) in `journey.rs`.

use domain::claim::ClaimForm;
use domain::ids::{EndpointId, InvoiceId, RefundId};
use domain::money::Network;
use domain::payout::PayoutFailure;
use domain::policy::FeeBearer;
use domain::refund::{BlockedBy, CancelReason, StateName};
use domain::view::{ClaimViewState, InvoiceView, RefundView};
use engine::Error;
use engine::invoices::NewInvoice;
use engine::refunding::NewRefund;
use engine::sandbox::{SandboxAccount, SandboxMode};
use uuid::Uuid;

use crate::support::payments::{again, period};
use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form, tron_address};

const ON_ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

/// Returns an invoice of 100 dollars that more was paid for, and the refund of the rest.
async fn overpaid(world: &World, reference: &str, asset: &str) -> (InvoiceView, RefundView) {
    let new = NewInvoice { rate: Some("1".to_owned()), ..world.new_invoice(reference, asset) };
    let invoice = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
    world.pay(&invoice, "150").await;
    let refund = world.refund(&invoice).await;
    (invoice, refund)
}

/// Returns the code with which a claim to an address is refused.
async fn refused(world: &World, refund: &RefundView, address: &str) -> String {
    match world.engine.confirm_claim(&claim_token(refund), &form(address), None).await {
        Err(Error::Invalid(errors)) => errors.0.into_iter().map(|error| error.code).collect(),
        other => panic!("{address}: {other:?}"),
    }
}

stories! {
    /// What the payer was told arrives, whatever the network asks meanwhile: the refund waits, says so once, and goes when fees are down.
    async fn odd_case_09_a_fee_spike_is_waited_out(world: World) {
        let (_, refund) = overpaid(&world, "O-9", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        let agreed = again(&world, &refund).await.net_amount;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Dear).await.expect("dear");
        world.wait("PT72H").await;
        world.wait("PT5M").await;
        let waits = again(&world, &refund).await;
        assert_eq!((waits.state, waits.blocked_by, waits.timeline.len()), (StateName::Scheduled, Some(BlockedBy::FeeAboveCap), 3));
        assert_eq!((world.balance("refund_payable").await, world.balance("payout_in_flight").await), ("50.000000".to_owned(), String::new()));
        // Whoever claims now is told what it costs now.
        let (_, dear) = overpaid(&world, "O-9b", "USDT-TRON").await;
        let page = world.engine.claim_view(&claim_token(&dear), None).await.expect("the claim page");
        assert_eq!((page.fee.as_str(), page.net.as_deref()), ("2.500000", Some("47.500000")));

        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("as before");
        world.wait("PT1M").await;
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.blocked_by, paid.net_amount), (StateName::Paid, None, agreed));
        world.assert_books_agree().await;
    }

    /// Fees that stay up: the payer is asked once more, by a new link at the fee of now; the money stays owed to them meanwhile.
    async fn odd_case_09_a_fee_that_stays_high_is_asked_about_again(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        world.policy(|policy| policy.requote_after = period("P2D")).await;
        let (invoice, refund) = overpaid(&world, "O-9c", "USDT-TRON").await;
        let old = claim_token(&refund);
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Dear).await.expect("dear");
        world.wait("PT72H").await;
        world.wait("PT47H59M").await;
        assert_eq!(again(&world, &refund).await.state, StateName::Scheduled);
        world.wait("PT1M").await;
        let asked = world.refund(&invoice).await;
        assert_eq!((asked.state, asked.timeline.last().and_then(|entry| entry.note.as_deref())), (StateName::AwaitingClaim, Some("requoted")));
        assert_eq!(world.balance("refund_payable").await, "50.000000");
        assert!(matches!(world.engine.claim_view(&old, None).await, Err(Error::NotFound)), "the old link ended");
        let token = claim_token(&asked);
        let page = world.engine.claim_view(&token, None).await.expect("the claim page");
        assert_eq!((page.fee.as_str(), page.net.as_deref()), ("2.500000", Some("47.500000")));
        world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), Some("2.500000")).await.expect("agreed");
        world.wait("PT72H").await;
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.net_amount.as_deref()), (StateName::Paid, Some("47.500000")));
        let told: Vec<String> = sink.received().iter().map(Received::event).filter(|event| event.starts_with("refund.")).collect();
        let events = ["created", "claim_available", "claimed", "blocked", "reissued", "claim_available", "claimed", "sending", "paid"];
        assert_eq!(told, events.map(|event| format!("refund.{event}")));
        world.assert_books_agree().await;
    }

    /// A fee that the merchant pays is the merchant's to wait for: the payer, who gets all of it either way, is not asked again.
    async fn odd_case_09_a_fee_that_the_merchant_pays_is_waited_for(world: World) {
        world.policy(|policy| (policy.requote_after, policy.fee_bearer) = (period("PT0S"), FeeBearer::Merchant)).await;
        let (_, refund) = overpaid(&world, "O-9d", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Dear).await.expect("dear");
        world.wait("PT72H").await;
        world.wait("P9D").await;
        let waits = again(&world, &refund).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::FeeAboveCap)));
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("as before");
        world.wait("PT1M").await;
        world.settle().await;
        assert_eq!(again(&world, &refund).await.net_amount.as_deref(), Some("50.000000"));
        world.assert_books_agree().await;
    }

    /// Nobody's wallet: the zero address, the tokens themselves, addresses of ours; said before (`refund_to`) or when it is claimed.
    async fn odd_case_10_where_nobody_has_a_wallet(world: World) {
        let (invoice, refund) = overpaid(&world, "O-10", "USDT-TRON").await;
        for (address, code) in [
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "token_contract"),
            ("TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8", "token_contract"),
            ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "not_an_address"),
            (invoice.address.as_str(), "own_address"),
        ] {
            assert_eq!(refused(&world, &refund, address).await, code, "{address}");
            let new = NewInvoice {
                rate: Some("1".to_owned()),
                refund_to: Some((address.to_owned(), None)),
                ..world.new_invoice(code, "USDT-TRON")
            };
            let made = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await;
            let Err(Error::Invalid(errors)) = made else { panic!("{address}: {made:?}") };
            assert_eq!((errors.0[0].field.as_str(), errors.0[0].code.as_str()), ("refund_to", code));
        }
        let (_, coins) = overpaid(&world, "O-10b", "ETH-ETHEREUM").await;
        assert_eq!(refused(&world, &coins, "0x0000000000000000000000000000000000000000").await, "not_an_address");
        assert_eq!(again(&world, &refund).await.state, StateName::AwaitingClaim);
    }

    /// An exchange's account is one for all its customers: the payer is asked about the tag, and money never goes to a source by default.
    async fn odd_case_11_an_exchange_needs_a_tag_and_gets_nothing_unasked(world: World) {
        let (_, refund) = overpaid(&world, "O-11", "XLM-STELLAR").await;
        assert_eq!(refund.state, StateName::AwaitingClaim, "the source is known, and not used");
        let address = "GDMQQNJM4UL7QIA66P7R2PZHMQINWZBM77BEBMHLFXD5JEUAHGJ7R4JZ";
        assert_eq!(refused(&world, &refund, address).await, "tag_missing");
        let with_tag = ClaimForm { tag: "1234".to_owned(), ..form(address) };
        world.engine.confirm_claim(&claim_token(&refund), &with_tag, None).await.expect("a claim");
        assert_eq!(again(&world, &refund).await.destination.and_then(|to| to.tag).as_deref(), Some("1234"));
    }

    /// An address of another network is refused with its name; one that fits several is a matter of the network the money came on.
    async fn odd_case_12_the_wrong_network_is_typed(world: World) {
        let (_, coins) = overpaid(&world, "O-12", "ETH-ETHEREUM").await;
        assert_eq!(refused(&world, &coins, PAYERS_ADDRESS).await, "other_network");
        let (_, tokens) = overpaid(&world, "O-12b", "USDT-TRON").await;
        assert_eq!(refused(&world, &tokens, ON_ETHEREUM).await, "other_network");
        world.claim(&coins, ON_ETHEREUM).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!((again(&world, &coins).await.state, again(&world, &coins).await.network), (StateName::Paid, Network::Ethereum));
    }

    /// On some networks an account must exist, or hold a reserve, before it can be paid: the payer learns it while they can change it.
    async fn odd_case_15_an_account_that_nobody_can_pay_is_refused_with_a_remedy(world: World) {
        let (_, refund) = overpaid(&world, "O-15", "USDT-TRON").await;
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Missing).await.expect("gone");
        let Err(Error::Invalid(errors)) = world.engine.confirm_claim(&claim_token(&refund), &form(PAYERS_ADDRESS), None).await else {
            panic!("it cannot be paid");
        };
        let [error] = errors.0.as_slice() else { panic!("{errors:?}") };
        assert_eq!((error.field.as_str(), error.code.as_str()), ("address", "account_not_activated"));
        assert!(error.message.contains("does not exist on Tron yet") && error.message.contains("use another address"), "{}", error.message);
        let told = NewRefund { amount: Some("1".to_owned()), address: Some(PAYERS_ADDRESS.to_owned()), ..NewRefund::default() };
        let invoice = world.invoice("O-15b").await;
        world.pay(&invoice, "101.102104").await;
        let made = world.engine.create_refund(&world.caller, InvoiceId(invoice.id), told, RefundId(Uuid::now_v7())).await;
        assert!(matches!(made, Err(Error::Invalid(_))), "the merchant learns it too: {made:?}");
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Ready).await.expect("activated");
        world.claim(&refund, PAYERS_ADDRESS).await;
        assert_eq!(again(&world, &refund).await.state, StateName::Scheduled);
    }

    /// Where the payout makes the account, that is part of the fee, which the payer sees and agrees to first.
    async fn odd_case_15_what_a_new_account_costs_is_in_the_fee(world: World) {
        let (_, refund) = overpaid(&world, "O-15c", "USDT-TRON").await;
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::New).await.expect("new");
        let (token, form) = (claim_token(&refund), form(PAYERS_ADDRESS));
        let Err(Error::Invalid(errors)) = world.engine.confirm_claim(&token, &form, Some("1.250000")).await else { panic!("it costs more") };
        assert_eq!((errors.0[0].code.as_str(), errors.0[0].message.contains("2.500000")), ("fee_changed", true));
        world.engine.confirm_claim(&token, &form, Some("2.500000")).await.expect("agreed");
        world.wait("PT72H").await;
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.net_amount.as_deref()), (StateName::Paid, Some("47.500000")));
        world.assert_books_agree().await;
    }

    /// An account that is gone when its refund is sent: proven unpaid, the money owed as before, and tried again once it is back.
    async fn odd_case_15_an_account_that_is_gone_at_release_fails_the_payout(world: World) {
        let (_, refund) = overpaid(&world, "O-15d", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Missing).await.expect("gone");
        world.wait("PT72H").await;
        world.settle().await;
        let failed = again(&world, &refund).await;
        assert_eq!((failed.state, failed.failure), (StateName::PayoutFailed, Some(PayoutFailure::AccountNotActivated)));
        assert_eq!((world.balance("refund_payable").await, world.balance("custody").await), ("50.000000".to_owned(), "150.000000".to_owned()));
        world.assert_books_agree().await;
        world.engine.sandbox_account(Network::Tron, PAYERS_ADDRESS, SandboxAccount::Ready).await.expect("back");
        world.engine.retry_refund(&world.caller, RefundId(refund.id)).await.expect("a retry");
        world.settle().await;
        assert_eq!(again(&world, &refund).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// A payout that waits too long gets a higher fee in the slot it has: told to merchant and payer, paid once, in full.
    async fn odd_case_19_the_fee_of_a_stuck_payout_is_raised(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        let (_, refund) = overpaid(&world, "O-19", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Slow).await.expect("slow");
        world.wait("PT72H").await;
        world.wait("PT9M59S").await;
        let waiting = again(&world, &refund).await;
        assert!(waiting.state == StateName::Sending && waiting.txid.is_some() && !waiting.fee_raised, "{waiting:?}");
        world.wait("PT2S").await;
        let raised = again(&world, &refund).await;
        assert!(raised.state == StateName::Sending && raised.fee_raised && raised.txid != waiting.txid, "{raised:?}");
        assert_eq!(raised.timeline.last().and_then(|entry| entry.note.as_deref()), Some("fee_raised"));
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the claim page");
        assert!(matches!(page.state, ClaimViewState::Sending { fee_raised: true, .. }), "{:?}", page.state);

        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.txid, paid.net_amount.as_deref()), (StateName::Paid, raised.txid, Some("48.750000")));
        let told: Vec<String> = sink.received().iter().map(Received::event).filter(|event| event.starts_with("refund.")).collect();
        let events = ["created", "claim_available", "claimed", "sending", "fee_raised", "paid"];
        assert_eq!(told, events.map(|event| format!("refund.{event}")));
        assert_eq!(world.balance("custody").await, "101.250000", "48.75 left once");
        world.assert_books_agree().await;
    }

    /// The network takes one of the two, be it the first, and whatever a process sends that remembers only that one.
    async fn odd_case_19_a_stuck_payout_is_never_replaced_by_a_second_payment(world: World) {
        let (_, refund) = overpaid(&world, "O-19b", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Stuck).await.expect("stuck");
        world.wait("PT72H").await;
        world.settle().await;
        let stuck = again(&world, &refund).await;
        assert!(stuck.state == StateName::Sending && stuck.txid.is_some(), "{stuck:?}");
        world.wait("P2D").await;
        world.wait("P2D").await;
        let stop = world.engine.cancel_refund(&world.caller, RefundId(refund.id), CancelReason::Other, None).await;
        assert!(matches!(stop, Err(Error::Refused(_))), "what may still be mined is not stopped: {stop:?}");
        let raised = again(&world, &refund).await;
        assert!(raised.fee_raised && raised.txid != stuck.txid, "{raised:?}");
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Ok).await.expect("going on");
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.net_amount.as_deref()), (StateName::Paid, Some("48.750000")));
        assert_eq!(world.balance("custody").await, "101.250000", "48.75 left once");
        // Its block goes away: the very transaction comes back.
        world.engine.sandbox_reorg(Network::Tron, 60).await.expect("a reorg");
        world.wait("PT20M").await;
        world.settle().await;
        let again_paid = again(&world, &refund).await;
        assert_eq!((again_paid.state, again_paid.txid), (StateName::Paid, paid.txid));
        assert_eq!(world.balance("custody").await, "101.250000");
        world.assert_books_agree().await;
    }

    /// An answer that is lost, and a node that dies: the money stays reserved, and the chain is asked before anything else is sent.
    async fn odd_case_20_an_unknown_outcome_survives_a_crash(world: World) {
        let (_, refund) = overpaid(&world, "O-20", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::LostReply).await.expect("a fault");
        world.wait("PT72H").await;
        let unknown = again(&world, &refund).await;
        assert_eq!((unknown.state, world.balance("payout_in_flight").await), (StateName::Sending, "48.750000".to_owned()));
        let world = world.restart().await;
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.txid), (StateName::Paid, unknown.txid));
        assert_eq!(paid.timeline.iter().filter(|entry| entry.state == StateName::Sending).count(), 1);
        world.assert_books_agree().await;
    }

    /// Eighteen decimals to the last unit, in and out; what came is what counts, not what was asked for.
    async fn odd_case_28_eighteen_decimals_to_the_last_unit(world: World) {
        let new = NewInvoice {
            charged_amount: Some("0.100000000000000001".to_owned()),
            ..world.new_invoice("O-28", "ETH-ETHEREUM")
        };
        let invoice = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
        world.pay(&invoice, "0.300000000000000003").await;
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.amount, "0.200000000000000002");
        assert_eq!(world.balance("merchant_available").await, "0.100000000000000001");
        world.claim(&refund, ON_ETHEREUM).await;
        world.wait("PT72H").await;
        world.settle().await;
        let paid = again(&world, &refund).await;
        assert_eq!((paid.state, paid.net_amount.as_deref()), (StateName::Paid, Some("0.199000000000000002")));
        world.assert_books_agree().await;
    }

    /// A forwarded link: whoever confirms second learns that somebody did, with the address masked, and moves nothing. The merchant is
    /// told, once, while there is time to stop it.
    async fn odd_case_34_a_forwarded_link_is_used_twice(world: World) {
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        let (_, refund) = overpaid(&world, "O-34", "USDT-TRON").await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        let before = again(&world, &refund).await;
        for number in [7, 8] {
            let second = world.engine.confirm_claim(&claim_token(&refund), &form(&tron_address(number)), None).await;
            let Err(Error::Refused(domain::lifecycle::Refused::AlreadyClaimed { destination })) = second else { panic!("{second:?}") };
            assert!(!destination.contains(&PAYERS_ADDRESS[8..26]), "{destination}");
        }
        let after = again(&world, &refund).await;
        assert_eq!((after.state, &after.destination, after.release_at), (before.state, &before.destination, before.release_at));
        let notes: Vec<Option<&str>> = after.timeline.iter().map(|entry| entry.note.as_deref()).collect();
        assert_eq!(notes, [None, None, Some("claimed_again")], "told once");
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let told = sink.received().iter().filter(|received| received.event() == "refund.claimed_again").count();
        assert_eq!(told, 1);
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &refund).await.state, StateName::Paid);
    }

    /// Mail scanners open every link, many times: what GET asks for changes nothing.
    async fn odd_case_36_a_mail_scanner_opens_the_links(world: World) {
        let (_, refund) = overpaid(&world, "O-36", "USDT-TRON").await;
        let token = claim_token(&refund);
        for _ in 0..3 {
            let page = world.engine.claim_view(&token, None).await.expect("the claim page");
            assert!(matches!(page.state, ClaimViewState::Open { .. }), "{:?}", page.state);
        }
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
        let cancel = cancel_token(&world.engine, &token, &viewer).await;
        let before = again(&world, &refund).await;
        for _ in 0..3 {
            let page = world.engine.cancel_page(&cancel).await.expect("the cancel page");
            assert!(matches!(page.state, ClaimViewState::Scheduled { .. }), "{:?}", page.state);
        }
        assert_eq!(again(&world, &refund).await, before);
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &refund).await.state, StateName::Paid);
    }
}

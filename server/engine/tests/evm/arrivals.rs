//! Odd case 28: tokens that take a fee on transfers. What arrived is credited, whatever their events say.

use alloy_primitives::U256;
use domain::ids::{InvoiceId, RefundId};
use domain::policy::Policy;
use domain::refund::StateName;
use engine::clock::Clock as _;
use engine::deposits::telling::Telling;
use engine::rails::evm::EvmSettings;
use engine::rails::{DepositStatus, Rail};
use jiff::Timestamp;
use serde_json::json;

use super::chain::{DOLLAR, ETHER, FINALITY, World as Chain, call_data, quantity, word};
use super::told::{claimed_and_sent, invoice, open};
use super::{PAYER, SOMEBODY_ELSE};
use crate::support::stories;
use crate::support::world::World;

/// Returns the call that sends dollars.
fn dollars(to: alloy_primitives::Address, dollars: u128) -> Vec<u8> {
    call_data("transfer(address,uint256)", &[word(to), U256::from(dollars.saturating_mul(DOLLAR))])
}

/// Lets the token take two percent of every transfer; its events say so or not.
async fn take_a_fee(world: &Chain, is_told: bool) {
    world.mint(world.chain.funder, 1000 * DOLLAR).await;
    world.token_call("setFee(uint256,bool)", &[U256::from(2), U256::from(u8::from(is_told))]).await;
}

#[tokio::test]
async fn odd_case_28_what_arrived_counts_not_what_the_event_says() {
    let world = Chain::new().await;
    let (first_here, first) = world.watched(&world.token, 0);
    let (second_here, second) = world.watched(&world.token, 1);
    let watch = [first_here, second_here];
    take_a_fee(&world, false).await;
    let start = world.rail.watch(None, &watch).await.expect("a scan").cursor;
    world.chain.send(world.contract, 0, &dollars(first, 100)).await;
    world.chain.send(world.contract, 0, &dollars(second, 50)).await;

    // One block: three payments, and the owner of an address that empties it meanwhile.
    world.chain.call("anvil_impersonateAccount", json!([second])).await;
    world.chain.set_coins(second, ETHER).await;
    world.chain.set_automine(false).await;
    for (to, units) in [(first, 10), (second, 20), (first, 30)] {
        world.chain.queue(world.chain.funder, world.contract, &dollars(to, units)).await;
    }
    world.chain.queue(second, world.contract, &dollars(SOMEBODY_ELSE, 49)).await;
    world.chain.queue(second, world.contract, &dollars(second, 5)).await;
    world.chain.mine(1).await;
    world.chain.set_automine(true).await;

    let scan = world.rail.watch(Some(start), &watch).await.expect("a scan");
    let arrived = |scan: &engine::rails::Scan| {
        let of =
            |here: &str| scan.deposits.iter().filter(|deposit| deposit.address == here).map(|deposit| deposit.units).collect::<Vec<_>>();
        (of(&first.to_string()), of(&second.to_string()))
    };
    // Of 40 dollars in one block 39.20 arrived: what is missing is missing from the last of them.
    // What was sent to oneself arrived nowhere, and cost ten cents, which nobody else paid.
    let expected = (vec![98 * DOLLAR, 10 * DOLLAR, 29_200_000], vec![49 * DOLLAR, 19_500_000]);
    assert_eq!(arrived(&scan), expected);
    assert_eq!(world.tokens(first).await, 137_200_000, "as the chain has it");
    assert_eq!(world.tokens(second).await, 19_500_000, "as the chain has it");
    for deposit in &scan.deposits {
        assert!(matches!(world.rail.deposit_status(deposit).await, Ok(DepositStatus::Confirmed(_))), "{deposit:?}");
    }
    world.token_call("setFee(uint256,bool)", &[U256::ZERO, U256::ZERO]).await;
    let again = world.another_rail(&world.settings).watch(Some(scan.cursor), &watch).await.expect("a scan");
    assert_eq!(arrived(&again), expected, "after a restart, and with another fee now");

    let exact = EvmSettings { exact_tokens: vec![world.token.id], ..world.settings.clone() };
    let told = world.another_rail(&exact).watch(Some(start), &watch).await.expect("a scan");
    assert_eq!(arrived(&told), (vec![100 * DOLLAR, 10 * DOLLAR, 30 * DOLLAR], vec![50 * DOLLAR, 20 * DOLLAR]), "the operator's word");
}

/// A fee that the receiver pays, with an event of its own: it left in the same transaction, so it never stayed.
#[tokio::test]
async fn odd_case_28_a_fee_that_the_receiver_pays_did_not_arrive() {
    let world = Chain::new().await;
    let (watched, address) = world.watched(&world.token, 0);
    take_a_fee(&world, true).await;
    let start = world.rail.watch(None, &[]).await.expect("a scan").cursor;
    world.chain.send(world.contract, 0, &dollars(address, 100)).await;
    let scan = world.rail.watch(Some(start), &[watched]).await.expect("a scan");
    assert!(matches!(scan.deposits.as_slice(), [deposit] if deposit.units == 98 * DOLLAR), "{scan:?}");
    assert_eq!(world.tokens(address).await, 98 * DOLLAR);
}

stories! {
    /// The invoice is credited with what arrived, so the books hold what the chain holds. Of the refund the token takes its fee again: what
    /// left is what the books say, what arrives is less.
    async fn odd_case_28_a_refund_of_a_token_that_takes_a_fee(world: World) {
        let chain = Chain::new().await;
        let engine = open(&world, &chain, Telling::Watched).await.expect("an engine");
        // The chain's blocks bear the time of day: the invoice is made in it, too.
        let head = chain.chain.call("eth_getBlockByNumber", json!(["latest", false])).await;
        let second = i64::try_from(quantity(&head["timestamp"])).expect("a time");
        world.clock.advance(Timestamp::from_second(second).expect("a time").duration_since(world.clock.now()));
        let policy = Policy { security_delay: "PT0S".parse().expect("a period"), ..Policy::default() };
        engine.set_policy(&world.caller, world.mid, policy).await.expect("a policy");
        let made = invoice(&engine, &world, "FEE-1").await;
        let address = made.address.parse().expect("an address");
        take_a_fee(&chain, false).await;
        engine.watch(chain.token.network).await.expect("a first look");
        chain.chain.send(chain.contract, 0, &dollars(address, 150)).await;
        chain.chain.mine(FINALITY).await;
        engine.watch(chain.token.network).await.expect("a look");
        let paid = engine.invoice(&world.caller, InvoiceId(made.id)).await.expect("the invoice");
        assert_eq!((paid.deposits[0].amount.as_str(), paid.amount_paid.as_str()), ("147.000000", "147.000000"));
        assert_eq!(chain.tokens(address).await, 147 * DOLLAR);

        let id = RefundId(paid.refunds[0].id);
        let refund = engine.refund(&world.caller, id).await.expect("the refund");
        assert_eq!(refund.amount, "47.000000");
        let now = claimed_and_sent(&engine, &world, &chain, refund).await;
        assert_eq!((now.state, now.net_amount.as_deref()), (StateName::Paid, Some("46.000000")), "{now:?}");
        assert_eq!(chain.tokens(chain.signer.hot).await, (5000 - 46) * DOLLAR);
        assert_eq!(chain.tokens(PAYER).await, 45_080_000, "the token's fee is nobody's but its own");
        let books = engine.verify_ledger().await.expect("a verification");
        assert!(books.ok, "{:?}", books.violations);
    }
}

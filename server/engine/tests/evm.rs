//! The EVM rail against a real chain and a real signer process: payouts of the coin and of a token that behaves like Tether's, deposits,
//! reorganisations, and a signer that refuses, dies and comes back.

mod arrivals;
mod chain;
mod told;

use std::slice::from_ref;
use std::time::Duration;

use alloy_primitives::{Address, U256, address};
use domain::money::{Amount, Network};
use domain::payout::PayoutFailure;
use domain::refund::BlockedBy;
use engine::rails::evm::EvmSettings;
use engine::rails::{
    Broadcast, DepositStatus, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, RailError, SeenDeposit, SignedPayout,
};
use serde_json::json;

use chain::{DOLLAR, ETHER, FINALITY, World, call_data, quantity, word};

const PAYER: Address = address!("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
const SOMEBODY_ELSE: Address = address!("fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359");

async fn prepare(world: &World, order: &PayoutOrder) -> SignedPayout {
    world.rail.preflight(order).await.expect("a payout that works");
    let slot = world.rail.next_slot().await.expect("a slot");
    world.rail.prepare(from_ref(order), slot).await.expect("signed bytes")
}

/// Waits for a payout's block and returns its depth, whether it worked, and the fee.
async fn mined(world: &World, signed: &SignedPayout) -> (u32, bool, Amount) {
    for _ in 0..400 {
        match world.rail.status(signed).await.expect("a status") {
            PayoutStatus::Mined { confirmations, succeeded, fee } => return (confirmations, succeeded, fee),
            PayoutStatus::NotSeen | PayoutStatus::Pending => tokio::time::sleep(Duration::from_millis(25)).await,
            PayoutStatus::Superseded => panic!("superseded"),
        }
    }
    panic!("{} is in no block", signed.txid);
}

#[tokio::test]
async fn a_coin_payout_arrives_in_full_and_costs_no_more_than_quoted() {
    let world = World::new().await;
    let order = world.order(1, &world.coin, ETHER, PAYER).await;
    let before = world.chain.coins(world.signer.hot).await;

    let signed = prepare(&world, &order).await;
    assert_eq!(world.rail.status(&signed).await.expect("a status"), PayoutStatus::NotSeen);
    assert_eq!(
        world.rail.prepare(from_ref(&order), signed.slot).await.expect("signed bytes"),
        signed,
        "the same order gives the same bytes"
    );
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);

    let (confirmations, succeeded, fee) = mined(&world, &signed).await;
    assert!(confirmations == 1 && succeeded && 0 < fee.units && fee.units <= order.fee_units, "{confirmations} {succeeded} {fee:?}");
    assert_eq!(world.chain.coins(PAYER).await, ETHER);
    assert_eq!(world.chain.coins(world.signer.hot).await, before - ETHER - fee.units);

    world.chain.mine(FINALITY - 1).await;
    assert_eq!(mined(&world, &signed).await.0, FINALITY);
    assert!(matches!(world.rail.broadcast(&signed).await, Broadcast::Accepted | Broadcast::Unknown(_)), "sent again, it proves nothing");
    assert_eq!(world.chain.coins(PAYER).await, ETHER, "and pays nothing");
    assert_eq!(world.rail.explorer_url(&signed.txid), Some(format!("https://explorer.example/tx/{}", signed.txid)));
}

#[tokio::test]
async fn a_token_payout_arrives_in_full() {
    let world = World::new().await;
    let order = world.order(1, &world.token, 48_897_896, PAYER).await;
    assert_eq!(order.fee_units, DOLLAR, "a token's fee is the configured one");

    let signed = prepare(&world, &order).await;
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    let (_, succeeded, fee) = mined(&world, &signed).await;
    assert!(succeeded && fee.asset == world.coin.id, "gas is paid in the coin");
    assert_eq!(world.tokens(PAYER).await, 48_897_896);
}

#[tokio::test]
async fn on_a_rollup_room_is_kept_for_the_price_of_data() {
    let world = World::on(Network::Base).await;
    let order = world.order(1, &world.coin, ETHER, PAYER).await;
    let signed = prepare(&world, &order).await;
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    let (_, succeeded, fee) = mined(&world, &signed).await;
    assert!(succeeded && fee.units <= order.fee_units / 2);

    // The rollup's own oracle, saying one number whatever it is asked.
    let oracle = address!("420000000000000000000000000000000000000F");
    let says = |units: u128| json!([oracle, format!("0x7f{units:064x}60005260206000f3")]);
    world.chain.call("anvil_setCode", says(ETHER / 1000)).await;
    let order = world.order(2, &world.coin, ETHER, PAYER).await;
    assert_eq!(order.fee_units, 4 * (ETHER / 1000), "twice the price of data, in one half of the fee");
    world.rail.preflight(&order).await.expect("a payout that works");
    world.chain.call("anvil_setCode", says(ETHER / 100)).await;
    assert!(matches!(world.rail.preflight(&order).await, Err(PreflightError::Wait(BlockedBy::FeeAboveCap))));
}

#[tokio::test]
async fn a_payout_in_flight_is_pending_and_may_be_sent_again() {
    let world = World::new().await;
    world.chain.set_automine(false).await;
    let order = world.order(1, &world.token, DOLLAR, PAYER).await;
    let first = prepare(&world, &order).await;
    assert_eq!(world.rail.broadcast(&first).await, Broadcast::Accepted);
    assert_eq!(world.rail.broadcast(&first).await, Broadcast::Accepted, "the node knows it already");
    assert_eq!(world.rail.status(&first).await.expect("a status"), PayoutStatus::Pending);
    assert_eq!(world.rail.next_slot().await.expect("a slot"), first.slot + 1, "what waits counts as used");

    world.chain.mine(1).await;
    assert!(mined(&world, &first).await.1);
    assert_eq!(world.tokens(PAYER).await, DOLLAR);
}

#[tokio::test]
async fn a_paused_token_or_a_blocked_address_fails_before_anything_is_signed() {
    let world = World::new().await;
    let order = world.order(1, &world.token, DOLLAR, PAYER).await;
    let blocked = |error: Result<(), PreflightError>| matches!(error, Err(PreflightError::Never(PayoutFailure::TokenPausedOrBlacklisted)));

    world.token_call("setPaused(bool)", &[U256::ONE]).await;
    assert!(blocked(world.rail.preflight(&order).await));
    world.token_call("setPaused(bool)", &[U256::ZERO]).await;
    world.rail.preflight(&order).await.expect("a payout that works");

    world.token_call("setBlackListed(address,bool)", &[word(PAYER), U256::ONE]).await;
    assert!(blocked(world.rail.preflight(&order).await));
    world.token_call("setBlackListed(address,bool)", &[word(PAYER), U256::ZERO]).await;
    world.token_call("setBlackListed(address,bool)", &[word(world.signer.hot), U256::ONE]).await;
    assert!(blocked(world.rail.preflight(&order).await));
}

#[tokio::test]
async fn a_token_paused_at_the_last_moment_costs_the_fee_and_moves_nothing() {
    let world = World::new().await;
    let order = world.order(1, &world.token, DOLLAR, PAYER).await;
    let signed = prepare(&world, &order).await;
    world.token_call("setPaused(bool)", &[U256::ONE]).await;
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    let (_, succeeded, fee) = mined(&world, &signed).await;
    assert!(!succeeded && fee.units > 0);
    assert_eq!(world.tokens(PAYER).await, 0);
}

#[tokio::test]
async fn a_payout_waits_for_money_and_for_lower_fees() {
    let world = World::new().await;
    let waits = |result: Result<(), PreflightError>, reason| matches!(result, Err(PreflightError::Wait(given)) if given == reason);

    let too_much = world.order(1, &world.token, 5001 * DOLLAR, PAYER).await;
    assert!(waits(world.rail.preflight(&too_much).await, BlockedBy::InsufficientFunds));
    world.chain.set_coins(world.signer.hot, 5 * ETHER).await;
    let everything = world.order(2, &world.coin, 5 * ETHER, PAYER).await;
    assert!(waits(world.rail.preflight(&everything).await, BlockedBy::InsufficientFunds), "gas must be there, too");
    let all_but_gas = PayoutOrder { net_units: 5 * ETHER - everything.fee_units, ..everything };
    world.rail.preflight(&all_but_gas).await.expect("a payout that works");

    let quoted = world.order(3, &world.coin, ETHER, PAYER).await;
    let token = world.order(4, &world.token, DOLLAR, PAYER).await;
    world.chain.call("anvil_setNextBlockBaseFeePerGas", json!(["0x174876e800"])).await;
    world.chain.mine(1).await;
    assert!(waits(world.rail.preflight(&quoted).await, BlockedBy::FeeAboveCap));
    assert!(waits(world.rail.preflight(&token).await, BlockedBy::FeeAboveCap), "100 gwei are above token_fee_max");

    world.chain.set_coins(world.signer.hot, 0).await;
    let gasless = world.order(5, &world.coin, 1, PAYER).await;
    assert!(waits(world.rail.preflight(&gasless).await, BlockedBy::InsufficientFunds));
}

#[tokio::test]
async fn coins_are_not_sent_where_they_would_run_code() {
    let world = World::new().await;
    let order = world.order(1, &world.coin, ETHER, world.contract).await;
    assert!(matches!(world.rail.preflight(&order).await, Err(PreflightError::Never(PayoutFailure::AddressRejected))));
    // A wallet that takes coins, but counts them first: SLOAD, SSTORE, STOP.
    world.chain.call("anvil_setCode", json!([SOMEBODY_ELSE, "0x60005460010160005500"])).await;
    let order = world.order(2, &world.coin, ETHER, SOMEBODY_ELSE).await;
    assert!(matches!(world.rail.preflight(&order).await, Err(PreflightError::Never(PayoutFailure::AddressRejected))));
}

#[tokio::test]
async fn a_slot_used_by_another_final_transaction_frees_the_payout() {
    let world = World::new().await;
    let order = world.order(1, &world.coin, ETHER, PAYER).await;
    let signed = prepare(&world, &order).await;

    // Somebody with the same key, such as the operator's wallet, sends something else first.
    let hot = world.signer.hot;
    world.chain.call("anvil_impersonateAccount", json!([hot])).await;
    let other = json!({ "from": hot, "to": SOMEBODY_ELSE, "value": "0x1", "nonce": format!("{:#x}", signed.slot) });
    world.chain.send_transaction(other).await;
    assert!(matches!(world.rail.broadcast(&signed).await, Broadcast::Unknown(_)), "nonce too low proves nothing");
    for _ in 1..FINALITY {
        assert_eq!(world.rail.status(&signed).await.expect("a status"), PayoutStatus::NotSeen, "it may be undone yet");
        world.chain.mine(1).await;
    }
    assert_eq!(world.rail.status(&signed).await.expect("a status"), PayoutStatus::Superseded);
    world.chain.mine(40).await;
    assert_eq!(world.rail.status(&signed).await.expect("a status"), PayoutStatus::Superseded, "also when it is asked much later");
}

#[tokio::test]
async fn a_reorganisation_takes_a_payout_back_and_the_same_bytes_bring_it_again() {
    let world = World::new().await;
    let order = world.order(1, &world.coin, ETHER, PAYER).await;
    let signed = prepare(&world, &order).await;
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    // A node answers before it mines.
    assert!(mined(&world, &signed).await.1);
    world.chain.call("anvil_reorg", json!([1, []])).await;
    assert!(matches!(world.rail.status(&signed).await.expect("a status"), PayoutStatus::NotSeen | PayoutStatus::Pending));
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    world.chain.mine(1).await;
    assert!(mined(&world, &signed).await.1);
    assert_eq!(world.chain.coins(PAYER).await, ETHER);
}

#[tokio::test]
async fn deposits_are_found_on_derived_addresses() {
    let world = World::new().await;
    let (coin_here, coin_address) = world.watched(&world.coin, 0);
    let (token_here, token_address) = world.watched(&world.token, 1);
    assert_ne!(coin_address, token_address);
    let watch = [coin_here, token_here];

    let start = world.rail.watch(None, &watch).await.expect("a scan");
    assert!(start.deposits.is_empty() && start.is_at_head);
    let coin_txid = world.chain.send(coin_address, ETHER / 4, &[]).await;
    let token_txid = world.mint(token_address, 12_345_678).await;
    // What is no deposit: another asset than expected, nothing at all, a transfer that failed.
    world.mint(coin_address, DOLLAR).await;
    world.chain.send(coin_address, 0, &[]).await;
    world.mint(token_address, 0).await;

    let scan = world.rail.watch(Some(start.cursor), &watch).await.expect("a scan");
    let [coin, token] = scan.deposits.as_slice() else { panic!("{scan:?}") };
    assert_eq!((coin.external_id.as_str(), coin.units, coin.asset), (coin_txid.as_str(), ETHER / 4, world.coin.id));
    assert_eq!((coin.address.as_str(), coin.status), (coin_address.to_string().as_str(), DepositStatus::Confirmed(5)));
    assert_eq!((token.txid.as_str(), token.units, token.asset), (token_txid.as_str(), 12_345_678, world.token.id));
    assert_eq!(token.external_id, format!("{token_txid}:0"));
    let payer = world.chain.call("eth_getTransactionByHash", json!([coin_txid])).await["from"].as_str().map(str::to_lowercase);
    assert_eq!((coin.source.as_deref().map(str::to_lowercase), token.source.as_deref()), (payer, None), "new tokens were nobody's");
    let block = world.chain.call("eth_getBlockByNumber", json!(["latest", false])).await;
    assert!(coin.block_time.as_second().unsigned_abs().abs_diff(u64::try_from(quantity(&block["timestamp"])).expect("a time")) < 60);

    world.chain.mine(3).await;
    assert_eq!(world.rail.deposit_status(coin).await.expect("a status"), DepositStatus::Confirmed(8));
    assert_eq!(world.rail.deposit_status(token).await.expect("a status"), DepositStatus::Confirmed(7));
    let later = world.rail.watch(Some(scan.cursor), &watch).await.expect("a scan");
    assert!(later.deposits.is_empty() && later.cursor == scan.cursor + 3);

    let restarted = world.another_rail(&world.settings);
    let again = restarted.watch(Some(scan.cursor), &watch).await.expect("a scan");
    let ids = |deposits: &[SeenDeposit]| deposits.iter().map(|deposit| deposit.external_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again.deposits), ids(&scan.deposits), "after a restart what is not final is seen again, under the same names");
}

#[tokio::test]
async fn a_long_absence_is_made_up_for_in_parts() {
    let world = World::new().await;
    let (watched, address) = world.watched(&world.coin, 7);
    let start = world.rail.watch(None, &[]).await.expect("a scan").cursor;
    world.chain.mine(60).await;
    let txid = world.chain.send(address, ETHER, &[]).await;
    let (mut cursor, mut found) = (start, Vec::new());
    for _ in 0..4 {
        let scan = world.rail.watch(Some(cursor), std::slice::from_ref(&watched)).await.expect("a scan");
        assert!(scan.cursor >= cursor);
        cursor = scan.cursor;
        assert_eq!(scan.is_at_head, cursor == start + 61);
        found.extend(scan.deposits);
    }
    assert_eq!(cursor, start + 61);
    assert!(matches!(found.as_slice(), [deposit] if deposit.external_id == txid));
}

#[tokio::test]
async fn a_reorganisation_takes_deposits_back_and_brings_others() {
    let world = World::new().await;
    let (coin_here, coin_address) = world.watched(&world.coin, 0);
    let (token_here, token_address) = world.watched(&world.token, 1);
    let watch = [coin_here, token_here];
    let start = world.rail.watch(None, &watch).await.expect("a scan").cursor;
    world.chain.send(coin_address, ETHER, &[]).await;
    world.mint(token_address, DOLLAR).await;
    let scan = world.rail.watch(Some(start), &watch).await.expect("a scan");
    assert_eq!(scan.deposits.len(), 2);

    // Both blocks are replaced; the first of the new ones holds a deposit that the old ones did not.
    let count = quantity(&world.chain.call("eth_getTransactionCount", json!([world.chain.funder, "latest"])).await);
    let nonce = format!("{:#x}", count - 2);
    let newcomer = json!({ "from": world.chain.funder, "to": coin_address, "value": "0x7", "gas": "0x5208", "nonce": nonce });
    world.chain.call("anvil_reorg", json!([2, [[newcomer, 0]]])).await;
    for deposit in &scan.deposits {
        let status = world.rail.deposit_status(deposit).await;
        // A receipt of the old block proves it at once, no receipt proves nothing yet: nodes differ in what they keep.
        assert!(matches!(status, Ok(DepositStatus::Gone) | Err(RailError::Unreachable { .. })), "{status:?}");
    }
    let again = world.rail.watch(Some(scan.cursor), &watch).await.expect("a scan");
    assert!(matches!(again.deposits.as_slice(), [deposit] if deposit.units == 7), "{again:?}");
    for deposit in &scan.deposits {
        // Until a block as young as the deposit's own is final.
        world.chain.mine_slowly(2 * FINALITY).await;
        assert_eq!(world.rail.deposit_status(deposit).await.expect("a status"), DepositStatus::Gone);
    }
}

#[tokio::test]
async fn a_cursor_ahead_of_the_chain_steps_back() {
    let world = World::new().await;
    let (watched, address) = world.watched(&world.token, 0);
    world.mint(address, DOLLAR).await;
    let scan = world.rail.watch(Some(1_000_000), &[watched]).await.expect("a scan");
    assert_eq!(scan.deposits.len(), 1);
    assert_eq!(u128::from(scan.cursor), quantity(&world.chain.call("eth_blockNumber", json!([])).await));
}

/// Odd case 19, on a real node: the second transaction takes the place of the first in the pool, and only it is mined.
#[tokio::test]
async fn a_payout_that_waits_is_replaced_by_one_with_a_higher_fee() {
    let mut world = World::new().await;
    for (number, asset, units) in [(1, world.coin.clone(), ETHER), (2, world.token.clone(), DOLLAR)] {
        world.chain.set_automine(false).await;
        let order = world.order(number, &asset, units, PAYER).await;
        let first = prepare(&world, &order).await;
        assert_eq!(world.rail.broadcast(&first).await, Broadcast::Accepted);
        assert_eq!(world.rail.status(&first).await.expect("a status"), PayoutStatus::Pending);

        let raise = async |world: &World, waiting: &SignedPayout| world.rail.raise(from_ref(&order), waiting).await.expect("an answer");
        let second = raise(&world, &first).await.expect("room for a higher fee");
        assert!(second.slot == first.slot && second.txid != first.txid);
        world.signer.restart().await;
        assert_eq!(raise(&world, &first).await.as_ref(), Some(&second), "a lost answer can be asked for again");
        assert_eq!(world.rail.broadcast(&second).await, Broadcast::Accepted, "geth's rule: both prices a tenth higher");
        assert_eq!(world.rail.status(&second).await.expect("a status"), PayoutStatus::Pending);

        world.chain.set_automine(true).await;
        world.chain.mine(1).await;
        let (_, succeeded, fee) = mined(&world, &second).await;
        assert!(succeeded && (asset.contract.is_some() || fee.units <= order.fee_units), "{fee:?}");
        world.chain.mine(FINALITY).await;
        assert_eq!(world.rail.status(&first).await.expect("a status"), PayoutStatus::Superseded, "the first can never be mined");
        assert!(matches!(world.rail.broadcast(&first).await, Broadcast::Unknown(_)));

        let (mut last, mut steps) = (second, 1);
        while let Some(dearer) = raise(&world, &last).await {
            (last, steps) = (dearer, steps + 1);
        }
        assert!(steps <= 4, "the order allows no more after {steps}");
    }
    assert_eq!((world.chain.coins(PAYER).await, world.tokens(PAYER).await), (ETHER, DOLLAR), "each arrived once");
}

#[tokio::test]
async fn a_signer_that_was_killed_gives_the_same_bytes_again() {
    let mut world = World::new().await;
    let order = world.order(1, &world.token, DOLLAR, PAYER).await;
    let signed = prepare(&world, &order).await;
    world.signer.kill();
    assert!(matches!(world.rail.prepare(from_ref(&order), signed.slot).await, Err(PrepareError::SignerUnreachable(_))));
    world.signer.restart().await;
    assert_eq!(world.rail.prepare(from_ref(&order), signed.slot).await.expect("signed bytes"), signed);

    let dearer = EvmSettings { token_fee_max: "5000000000000000".into(), ..world.settings.clone() };
    let again = world.another_rail(&dearer).prepare(from_ref(&order), signed.slot).await.expect("signed bytes");
    assert_eq!(again, signed, "other fees in the settings do not make other bytes");
}

#[tokio::test]
async fn the_signer_refuses_what_the_engine_should_not_ask() {
    let world = World::new().await;
    let slot = world.rail.next_slot().await.expect("a slot");
    let declined = |result: Result<SignedPayout, PrepareError>| match result {
        Err(PrepareError::Declined { reason, slot_is_taken }) => {
            assert_eq!(slot_is_taken, reason == "the nonce belongs to another payout");
            reason
        }
        Err(PrepareError::SignerUnreachable(reason)) => panic!("deferred: {reason}"),
        Err(PrepareError::Rail(error)) => panic!("{error}"),
        Ok(signed) => panic!("signed {}", signed.txid),
    };

    let too_much = world.order(1, &world.token, 1000 * DOLLAR + 1, PAYER).await;
    assert_eq!(declined(world.rail.prepare(from_ref(&too_much), slot).await), "the amount is above the signer's limit for one payout");
    let less = PayoutOrder { net_units: DOLLAR, ..too_much };
    declined(world.rail.prepare(from_ref(&less), slot).await);

    let elsewhere = world.another_rail(&EvmSettings { chain_id: 1, ..world.settings.clone() });
    let order = world.order(2, &world.coin, ETHER, PAYER).await;
    assert_eq!(declined(elsewhere.prepare(from_ref(&order), slot).await), "the signer has the asset on another chain");

    let to_contract = world.order(3, &world.token, DOLLAR, world.contract).await;
    assert!(declined(world.rail.prepare(from_ref(&to_contract), slot).await).contains("the token's contract"));
    let to_itself = world.order(4, &world.coin, ETHER, world.signer.hot).await;
    assert!(declined(world.rail.prepare(from_ref(&to_itself), slot).await).contains("the paying account"));

    let first = world.order(5, &world.token, DOLLAR, PAYER).await;
    let signed = world.rail.prepare(from_ref(&first), slot).await.expect("signed bytes");
    let redirected = world.order(5, &world.token, DOLLAR, SOMEBODY_ELSE).await;
    // Not "declined", which would release the money although bytes exist.
    assert!(matches!(world.rail.prepare(from_ref(&redirected), slot).await, Err(PrepareError::SignerUnreachable(_))));
    assert_eq!(world.rail.prepare(from_ref(&first), slot).await.expect("signed bytes"), signed);
    let same_slot = world.order(6, &world.token, DOLLAR, PAYER).await;
    assert_eq!(declined(world.rail.prepare(from_ref(&same_slot), slot).await), "the nonce belongs to another payout");
}

#[tokio::test]
async fn a_payout_that_the_signer_would_not_sign_takes_no_slot_and_holds_up_no_other() {
    let mut world = World::new().await;
    let waits = |result: Result<(), PreflightError>, reason| matches!(result, Err(PreflightError::Wait(given)) if given == reason);
    let slot = world.rail.next_slot().await.expect("a slot");
    // Most of the day's 5,000 tokens, in slots far away.
    for (number, dollars) in (1..).zip([1000, 1000, 1000, 1000, 500]) {
        let order = world.order(number, &world.token, dollars * DOLLAR, PAYER).await;
        world.rail.prepare(from_ref(&order), 100 + u64::from(number)).await.expect("signed bytes");
    }

    let never = world.order(6, &world.token, 1000 * DOLLAR + 1, PAYER).await;
    assert!(matches!(world.rail.preflight(&never).await, Err(PreflightError::Never(PayoutFailure::SignerDeclined))));
    let tomorrow = world.order(7, &world.token, 501 * DOLLAR, PAYER).await;
    assert!(waits(world.rail.preflight(&tomorrow).await, BlockedBy::Maintenance));
    let dear = world.another_rail(&EvmSettings { token_fee_max: "10000000000120000".into(), ..world.settings.clone() });
    let order = world.order(8, &world.token, 500 * DOLLAR, PAYER).await;
    assert!(waits(dear.preflight(&order).await, BlockedBy::FeeAboveCap), "above the signer's limit_fee");

    let signed = prepare(&world, &order).await;
    assert_eq!(signed.slot, slot, "none was used up by those before");
    assert_eq!(world.rail.broadcast(&signed).await, Broadcast::Accepted);
    assert!(mined(&world, &signed).await.1);
    assert_eq!(world.tokens(PAYER).await, 500 * DOLLAR);

    world.signer.kill();
    let order = world.order(9, &world.coin, ETHER, PAYER).await;
    assert!(waits(world.rail.preflight(&order).await, BlockedBy::Maintenance));
    world.signer.restart().await;
    world.rail.preflight(&order).await.expect("a payout that works");
}

#[tokio::test]
async fn a_node_on_another_chain_and_a_contract_that_is_none_are_noticed() {
    let world = World::new().await;
    let lost = world.another_rail(&EvmSettings { chain_id: 1, ..world.settings.clone() });
    let Err(RailError::Misconfigured { detail, .. }) = lost.next_slot().await else { panic!("another chain was taken for ours") };
    assert!(detail.contains("chain 20418"), "{detail}");

    let nothing = domain::money::Asset { contract: Some(PAYER.to_string()), ..world.token.clone() };
    let rail =
        engine::rails::evm::EvmRail::new(&world.settings, &[world.coin.clone(), nothing], world.signer.client.clone()).expect("a rail");
    let order = world.order(1, &world.token, DOLLAR, SOMEBODY_ELSE).await;
    assert!(matches!(rail.preflight(&order).await, Err(PreflightError::Rail(RailError::Misconfigured { .. }))));
}

#[tokio::test]
async fn a_transfer_that_fails_is_no_deposit() {
    let world = World::new().await;
    let (watched, address) = world.watched(&world.coin, 0);
    world.chain.call("anvil_setCode", json!([address, "0x60006000fd"])).await;
    let start = world.rail.watch(None, &[]).await.expect("a scan").cursor;
    world.chain.send(address, ETHER, &call_data("anything()", &[])).await;
    let scan = world.rail.watch(Some(start), &[watched]).await.expect("a scan");
    assert!(scan.deposits.is_empty() && scan.cursor == start + 1);
}

/// What is not final does not count yet: neither what came nor what left. More addresses than one question asks for are all counted.
#[tokio::test]
async fn holdings_are_those_of_the_last_final_block() {
    let world = World::new().await;
    let mut deposits = Vec::new();
    for index in 0..120 {
        deposits.push(world.rail.deposit_address(index).expect("an address"));
    }
    let (_, first) = world.watched(&world.coin, 0);
    let (_, last) = world.watched(&world.coin, 119);
    world.mint(first, 7 * DOLLAR).await;
    world.chain.send(last, ETHER, &[]).await;
    world.chain.mine(FINALITY - 1).await;
    let held = async |asset| world.rail.holdings(asset, &deposits).await.expect("holdings");
    let (coins, tokens) = (held(&world.coin).await, held(&world.token).await);
    assert_eq!((coins.hot_units, coins.deposit_units), (50 * ETHER, ETHER));
    assert_eq!((tokens.hot_units, tokens.deposit_units), (5000 * DOLLAR, 7 * DOLLAR));

    let order = world.order(1, &world.token, 48 * DOLLAR, PAYER).await;
    let signed = prepare(&world, &order).await;
    world.rail.broadcast(&signed).await;
    mined(&world, &signed).await;
    assert_eq!(held(&world.token).await, tokens, "in a block, not final");
    world.chain.mine(FINALITY - 1).await;
    assert_eq!(held(&world.token).await.hot_units, (5000 - 48) * DOLLAR);
    assert!(held(&world.coin).await.hot_units < 50 * ETHER, "gas is paid from the same account");
}

//! Before a payout: what it costs, and whether it would work, asked of the chain and of the signer without sending or signing anything.
//!
//! Fees are a ceiling, not a guess: the most per gas is what the order allows, divided by the gas. The chain charges its own price below
//! that (EIP-1559), so a high ceiling costs nothing and keeps a payout from getting stuck. Where the order allows more than the network wants
//! for now, the first ceiling is a step or more below that, so that there is room to raise it.

use alloy_primitives::{Address, Bytes, U256, address};
use domain::money::{Amount, Asset, Network};
use domain::payout::PayoutFailure;
use domain::refund::BlockedBy;
use domain::signing::{GasFees, erc20_transfer};
use serde_json::json;

use super::EvmRail;
use super::node::{BlockName, Node, NodeError, Quantity};
use crate::rails::{PayoutOrder, PreflightError, RailError, UnderWay};

/// What moving the coin to a plain account costs (yellow paper, G_transaction).
const COIN_GAS: u64 = 21_000;
/// `balanceOf(address)`, ERC-20.
pub const BALANCE_OF: [u8; 4] = [0x70, 0xa0, 0x82, 0x31];
/// `paused()`, as in Tether's and Circle's contracts and OpenZeppelin's.
pub const PAUSED: [u8; 4] = [0x5c, 0x97, 0x5a, 0xbb];
/// `isBlackListed(address)`, Tether's.
pub const IS_BLACK_LISTED: [u8; 4] = [0xe4, 0x7d, 0x60, 0x60];
/// `isBlacklisted(address)`, Circle's.
pub const IS_BLACKLISTED: [u8; 4] = [0xfe, 0x57, 0x5a, 0x87];
/// The OP Stack's oracle for the price of data on the chain below.
const L1_FEE_ORACLE: Address = address!("420000000000000000000000000000000000000F");
/// `getL1FeeUpperBound(uint256)`, the oracle's (since the Fjord upgrade).
pub const L1_FEE_UPPER_BOUND: [u8; 4] = [0xf1, 0xc7, 0xa5, 0x8b];
/// How many times a fee can be raised before it is the highest, when the network is cheap enough.
const STEPS_BELOW_MAX: u32 = 3;
/// The longest unsigned transfer of the coin, in bytes.
const COIN_TRANSFER_BYTES: u64 = 120;

/// What is as good as gone from the hot account.
struct Spent {
    coins: U256,
    /// Of the order's own token.
    tokens: U256,
}

impl EvmRail {
    /// Quotes twice the present price, so that a quote outlives the days a refund waits in most weather.
    pub(super) async fn quote_payout(&self, asset: &Asset) -> Result<Amount, RailError> {
        if self.contract(asset.id)?.is_some() {
            return Ok(asset.units(asset.network_fee_units));
        }
        let node = self.node().await?;
        let head = node.head().await.map_err(|error| error.on(self.network))?;
        let price = u128::from(head.base_fee_per_gas).saturating_mul(2).saturating_add(self.tip_per_gas);
        let gas = price.saturating_mul(u128::from(COIN_GAS));
        if !self.is_rollup() {
            return Ok(asset.units(gas));
        }
        let data = self.l1_fee(node).await?.saturating_mul(2);
        Ok(asset.units(gas.max(data).saturating_mul(2)))
    }

    /// Says whether data is charged beside the gas. One half of a coin payout's fee is then kept for it.
    fn is_rollup(&self) -> bool {
        match self.network {
            Network::Base | Network::Optimism => true,
            // Arbitrum charges for data as gas, which its estimate holds.
            Network::Arbitrum
            | Network::Avalanche
            | Network::Bitcoin
            | Network::Bsc
            | Network::Dogecoin
            | Network::Ethereum
            | Network::Litecoin
            | Network::Polygon
            | Network::Solana
            | Network::Stellar
            | Network::Ton
            | Network::Tron
            | Network::Xrpl => false,
        }
    }

    /// Returns what the rollup charges for the data of one transfer; nothing where the oracle is missing, as on a test chain.
    async fn l1_fee(&self, node: &Node) -> Result<u128, RailError> {
        let mut data = L1_FEE_UPPER_BOUND.to_vec();
        data.extend_from_slice(&U256::from(COIN_TRANSFER_BYTES).to_be_bytes::<32>());
        let answer = view(node, L1_FEE_ORACLE, &data).await.map_err(|error| error.on(self.network))?;
        if answer.is_empty() {
            return Ok(0);
        }
        number(&answer).and_then(|fee| fee.try_into().ok()).ok_or_else(|| self.unreachable("the oracle for data fees answers nonsense"))
    }

    /// Returns the highest fees an order allows. Depends on nothing but the order and the settings.
    pub(super) fn fees_max(&self, order: &PayoutOrder, contract: Option<Address>) -> GasFees {
        let (gas_limit, cost_max) = match contract {
            Some(_) => (self.token_gas_limit, self.token_fee_max),
            None if self.is_rollup() => (COIN_GAS, order.fee_units.checked_div(2).unwrap_or_default()),
            None => (COIN_GAS, order.fee_units),
        };
        let max_fee_per_gas = cost_max.checked_div(u128::from(gas_limit)).unwrap_or_default();
        GasFees { gas_limit, max_fee_per_gas, max_priority_fee_per_gas: self.tip_per_gas.min(max_fee_per_gas) }
    }

    /// Returns the fees that an order is signed with first: as many steps below the highest as leave room for a quarter above the present
    /// base fee, which is what two full blocks add to it (EIP-1559).
    pub(super) fn first_fees(&self, highest: GasFees, base_fee: u128) -> GasFees {
        let tip = highest.max_priority_fee_per_gas;
        let enough = base_fee.saturating_add(base_fee.div_ceil(4)).saturating_add(tip);
        let mut max_fee_per_gas = highest.max_fee_per_gas;
        for _ in 0..STEPS_BELOW_MAX {
            let below = max_fee_per_gas.saturating_mul(100).checked_div(self.raise_percent.saturating_add(100)).unwrap_or_default();
            if below < enough {
                break;
            }
            max_fee_per_gas = below;
        }
        GasFees { max_fee_per_gas, ..highest }
    }

    /// Returns fees a step above those that wait, as far as the highest allow.
    pub(super) fn raised_fees(&self, waiting: GasFees, highest: GasFees) -> GasFees {
        let step = |price: u128| price.saturating_add(price.saturating_mul(self.raise_percent).div_ceil(100));
        let max_fee_per_gas = step(waiting.max_fee_per_gas).min(highest.max_fee_per_gas);
        GasFees { max_fee_per_gas, max_priority_fee_per_gas: step(waiting.max_priority_fee_per_gas).min(max_fee_per_gas), ..waiting }
    }

    pub(super) async fn try_payout(&self, order: &PayoutOrder, under_way: &[UnderWay]) -> Result<(), PreflightError> {
        let contract = self.contract(order.asset.id)?;
        let to = self.address(&order.destination)?;
        let fees = self.fees_max(order, contract);
        let node = self.node().await?;
        let unreachable = |error: NodeError| error.on(self.network);

        let base_fee = u128::from(node.head().await.map_err(unreachable)?.base_fee_per_gas);
        if base_fee.saturating_add(fees.max_priority_fee_per_gas) > fees.max_fee_per_gas {
            return Err(PreflightError::Wait(BlockedBy::FeeAboveCap));
        }
        if contract.is_none() && self.is_rollup() && self.l1_fee(node).await? > order.fee_units.checked_div(2).unwrap_or_default() {
            return Err(PreflightError::Wait(BlockedBy::FeeAboveCap));
        }

        // Before the balances: what is mined in between counts twice, never not at all.
        let first_unmined = node.nonce(self.hot, BlockName::Latest).await.map_err(unreachable)?;
        let spent = self.spent(order, under_way.iter().filter(|other| other.slot.is_none_or(|slot| slot >= first_unmined)))?;
        let Quantity(coins) = node.call("eth_getBalance", json!([self.hot, BlockName::Latest])).await.map_err(unreachable)?;
        let coins_sent = if contract.is_none() { order.net_units } else { 0 };
        let fee_max = if contract.is_none() { order.fee_units } else { fees.cost_max().unwrap_or(u128::MAX) };
        if coins.saturating_sub(spent.coins) < U256::from(coins_sent).saturating_add(U256::from(fee_max)) {
            return Err(PreflightError::Wait(BlockedBy::InsufficientFunds));
        }
        match contract {
            None => self.try_coin(node, to, order.net_units).await?,
            Some(contract) => self.try_token(node, contract, to, order.net_units, fees, spent.tokens).await?,
        }
        // Last: a payout that is put off here has no slot yet and holds up no other. Which one it will get does not matter.
        self.signer.check(self.sign_request(order, 0, fees)?).await
    }

    /// Adds up what payouts will take from the hot account that the latest block does not show yet.
    fn spent<'p>(&self, order: &PayoutOrder, unmined: impl Iterator<Item = &'p UnderWay>) -> Result<Spent, RailError> {
        let mut spent = Spent { coins: U256::ZERO, tokens: U256::ZERO };
        for payout in unmined {
            let (net, fee) = (U256::from(payout.net_units), U256::from(payout.fee_units));
            if self.contract(payout.asset)?.is_none() {
                spent.coins = spent.coins.saturating_add(net).saturating_add(fee);
                continue;
            }
            spent.coins = spent.coins.saturating_add(U256::from(self.token_fee_max));
            if payout.asset == order.asset.id {
                spent.tokens = spent.tokens.saturating_add(net);
            }
        }
        Ok(spent)
    }

    /// A contract that takes coins may run code, and code needs more gas than the payer was told: such an address is refused.
    async fn try_coin(&self, node: &Node, to: Address, units: u128) -> Result<(), PreflightError> {
        let transfer = json!({ "from": self.hot, "to": to, "value": format!("{units:#x}") });
        match node.call::<Quantity>("eth_estimateGas", json!([transfer])).await {
            Ok(Quantity(gas)) if gas <= COIN_GAS => Ok(()),
            Ok(_) => Err(PreflightError::Never(PayoutFailure::AddressRejected)),
            Err(error) if error.is_revert() => Err(PreflightError::Never(PayoutFailure::AddressRejected)),
            Err(error) => Err(error.on(self.network).into()),
        }
    }

    async fn try_token(
        &self,
        node: &Node,
        contract: Address,
        to: Address,
        units: u128,
        fees: GasFees,
        spent: U256,
    ) -> Result<(), PreflightError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let balance = view_at(node, contract, &with_address(BALANCE_OF, self.hot), BlockName::Latest).await.map_err(unreachable)?;
        let Some(balance) = number(&balance) else {
            return Err(self.misconfigured(format!("{contract} is no token on this chain; correct the asset's contract")).into());
        };
        if balance.saturating_sub(spent) < U256::from(units) {
            return Err(PreflightError::Wait(BlockedBy::InsufficientFunds));
        }
        let data = Bytes::from(erc20_transfer(to.into_array(), units));
        let transfer = json!({ "from": self.hot, "to": contract, "data": data, "gas": format!("{:#x}", fees.gas_limit) });
        match node.call::<Bytes>("eth_call", json!([transfer, BlockName::Pending])).await {
            // Tether's returns nothing; the standard's returns true.
            Ok(answer) if answer.is_empty() || number(&answer) == Some(U256::ONE) => Ok(()),
            Ok(_) => Err(PreflightError::Never(PayoutFailure::ContractReverted)),
            Err(error) if error.is_revert() => {
                let is_blocked = self.is_blocked(node, contract, to).await?;
                let failure = if is_blocked { PayoutFailure::TokenPausedOrBlacklisted } else { PayoutFailure::ContractReverted };
                Err(PreflightError::Never(failure))
            }
            Err(error) => Err(error.on(self.network).into()),
        }
    }

    /// Asks the token itself why it refused. A token that does not know a question reverts or answers nothing, which is a no.
    async fn is_blocked(&self, node: &Node, contract: Address, to: Address) -> Result<bool, RailError> {
        let questions = [
            PAUSED.to_vec(),
            with_address(IS_BLACK_LISTED, to),
            with_address(IS_BLACKLISTED, to),
            with_address(IS_BLACK_LISTED, self.hot),
            with_address(IS_BLACKLISTED, self.hot),
        ];
        for question in &questions {
            match view(node, contract, question).await {
                Ok(answer) if number(&answer) == Some(U256::ONE) => return Ok(true),
                Ok(_) | Err(NodeError::Refused { .. }) => {}
                Err(NodeError::Silent(detail)) => return Err(self.unreachable(detail)),
            }
        }
        Ok(false)
    }
}

pub(super) fn with_address(selector: [u8; 4], address: Address) -> Vec<u8> {
    let mut data = selector.to_vec();
    data.extend_from_slice(address.into_word().as_slice());
    data
}

/// Returns the first word of an answer, when there is one.
pub(super) fn number(answer: &Bytes) -> Option<U256> {
    answer.get(..32).map(U256::from_be_slice)
}

async fn view(node: &Node, contract: Address, data: &[u8]) -> Result<Bytes, NodeError> {
    view_at(node, contract, data, BlockName::Pending).await
}

async fn view_at(node: &Node, contract: Address, data: &[u8], block: BlockName) -> Result<Bytes, NodeError> {
    node.call("eth_call", json!([{ "to": contract, "data": Bytes::copy_from_slice(data) }, block])).await
}

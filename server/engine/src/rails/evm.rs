//! The EVM rail: the native coin and ERC-20 tokens of one chain, over a node's JSON-RPC. It holds no private key: deposit addresses come
//! from an extended public key, payouts are signed by the signer process and checked here before they are stored.
//!
//! Deposits of the native coin are seen when a transaction pays the address itself. What a contract pays on (an "internal" transfer, as
//! some exchanges send) leaves no trace in blocks or logs and is not seen. Tokens are seen by their `Transfer` event; how much of them came
//! the balance tells. Of a payout such a token takes its fee, too: the payer gets that much less than the refund says.

mod arrivals;
mod deposits;
mod holdings;
mod node;
mod payouts;
mod preflight;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::{Address, B256};
use async_trait::async_trait;
use bip32::{ChildNumber, XPub};
use domain::destination::Destination;
use domain::money::{Amount, Asset, AssetId, Network, parse_units};
use domain::policy::Period;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::OnceCell;

use self::node::{Node, Quantity};
use super::{
    BlockMark, Broadcast, DepositStatus, Holdings, PayoutOrder, PayoutStatus, PreflightError, PrepareError, Rail, RailError, Scan,
    SeenDeposit, SignedPayout, UnderWay, Watched,
};
use crate::deposits::telling::Telling;
use crate::signer::SignerClient;

/// What the operator says about an EVM chain.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvmSettings {
    /// Which network it is, or stands in for.
    pub network: Network,
    /// Its number (EIP-155), the same as in the signer's settings.
    pub chain_id: u64,
    /// A node. May hold a user and password.
    pub rpc_url: String,
    /// The account that pays, as `refundry-signer address` prints it.
    pub hot_address: String,
    /// The key of deposit addresses (`m/44'/60'/0'`), as `refundry-signer address` prints it.
    pub deposits_xpub: String,
    /// Who tells of deposits; we read the chain ourselves unless said.
    #[serde(default)]
    pub deposits: Telling,
    /// The asset gas is paid in, such as `ETH-BASE`.
    pub coin: AssetId,
    /// Tokens that take no fee on transfers: their events are believed, and their balances not asked.
    #[serde(default)]
    pub exact_tokens: Vec<AssetId>,
    /// The most gas a token transfer may use.
    #[serde(default = "default_token_gas_limit")]
    pub token_gas_limit: u64,
    /// The most a token payout may cost the operator, in base units of the coin, in quotes. The signer's `limit_fee` must not be below.
    pub token_fee_max: String,
    /// What block makers get for one unit of gas, in base units of the coin, in quotes.
    #[serde(default = "default_tip")]
    pub tip_per_gas: String,
    /// After how long without a block a payout's fee is raised.
    #[serde(default = "default_raise_after")]
    pub raise_after: Period,
    /// By how many percent, 10 to 100.
    #[serde(default = "default_raise_percent")]
    pub raise_percent: u8,
    /// What comes before a transaction id in links for people, such as `https://basescan.org/tx/`.
    pub explorer: Option<String>,
}

/// Room for tokens behind a proxy and a receiver that never held any; plain ones use about 50,000.
fn default_token_gas_limit() -> u64 {
    120_000
}

/// 0.01 gwei: plenty on a rollup; on Ethereum itself say more.
fn default_tip() -> String {
    "10000000".into()
}

/// Longer than a block takes when the network is busy, shorter than people wait.
fn default_raise_after() -> Period {
    Period::minutes(10)
}

/// More than the tenth that nodes ask for, and still more than one step below the most a payout may cost.
const fn default_raise_percent() -> u8 {
    25
}

/// One EVM chain.
pub struct EvmRail {
    network: Network,
    chain_id: u64,
    hot: Address,
    deposits: XPub,
    coin: AssetId,
    /// The contracts of the assets this rail moves; `None` for the coin.
    contracts: HashMap<AssetId, Option<Address>>,
    /// The contracts whose events say what arrives.
    exact_tokens: BTreeSet<Address>,
    finality: u64,
    token_gas_limit: u64,
    token_fee_max: u128,
    tip_per_gas: u128,
    raise_after: SignedDuration,
    raise_percent: u128,
    explorer: Option<String>,
    signer: Arc<SignerClient>,
    unchecked_node: Node,
    is_checked: OnceCell<()>,
    /// The last block looked at and its hash, which tells on the next look whether the chain still has it. The engine keeps it in a row.
    checkpoint: Mutex<Option<(u64, B256)>>,
}

impl EvmRail {
    /// Puts the rail of one chain together from its settings and its assets. Nothing is asked of the node yet.
    ///
    /// # Errors
    /// `Misconfigured`, naming the key.
    pub fn new(settings: &EvmSettings, assets: &[Asset], signer: Arc<SignerClient>) -> Result<Self, RailError> {
        let network = settings.network;
        let wrong = |detail: &str| RailError::Misconfigured { network, detail: detail.to_owned() };
        if !network.is_evm() {
            return Err(wrong("network must be ethereum or base"));
        }
        let units = |text: &str, key: &str| {
            parse_units(text, 0).map_err(|_| wrong(&format!("{key} must be a whole number of base units in quotes, such as \"10000000\"")))
        };
        let mut contracts = HashMap::new();
        for asset in assets.iter().filter(|asset| asset.network == network) {
            let contract = asset.contract.as_deref().map(str::parse).transpose();
            contracts.insert(asset.id, contract.map_err(|_| wrong(&format!("the contract of {} is no address", asset.id)))?);
        }
        if contracts.get(&settings.coin).is_some_and(Option::is_some)
            || contracts.iter().any(|(id, contract)| contract.is_none() && *id != settings.coin)
        {
            return Err(wrong("coin must name the one asset without a contract"));
        }
        let exact_tokens: Option<BTreeSet<Address>> = settings.exact_tokens.iter().map(|id| contracts.get(id).copied().flatten()).collect();
        let exact_tokens = exact_tokens.ok_or_else(|| wrong("exact_tokens must name tokens of this network that are among its assets"))?;
        if !(10..=100).contains(&settings.raise_percent) {
            return Err(wrong("raise_percent must be 10 to 100: nodes replace a transaction by one that pays a tenth more at least"));
        }
        let raise_after = settings.raise_after.after(Timestamp::UNIX_EPOCH).duration_since(Timestamp::UNIX_EPOCH);
        if raise_after < SignedDuration::from_mins(1) {
            return Err(wrong("raise_after must be a minute or more, such as \"PT10M\""));
        }
        let finality = assets.iter().filter(|asset| asset.network == network).map(|asset| u64::from(asset.finality)).max();
        Ok(Self {
            network,
            chain_id: settings.chain_id,
            hot: Address::parse_checksummed(&settings.hot_address, None)
                .map_err(|_| wrong("hot_address is no address with a checksum (EIP-55); copy it from `refundry-signer address`"))?,
            deposits: parse_xpub(&settings.deposits_xpub).map_err(wrong)?,
            coin: settings.coin,
            contracts,
            exact_tokens,
            finality: finality.ok_or_else(|| wrong("no asset is configured for it"))?.max(1),
            token_gas_limit: settings.token_gas_limit,
            token_fee_max: units(&settings.token_fee_max, "token_fee_max")?,
            tip_per_gas: units(&settings.tip_per_gas, "tip_per_gas")?,
            raise_after,
            raise_percent: u128::from(settings.raise_percent),
            explorer: settings.explorer.clone(),
            signer,
            unchecked_node: Node::new(&settings.rpc_url).map_err(wrong)?,
            is_checked: OnceCell::new(),
            checkpoint: Mutex::new(None),
        })
    }

    /// Returns the node once it has proved to be on the right chain: deposits of another one are no deposits.
    async fn node(&self) -> Result<&Node, RailError> {
        let node = &self.unchecked_node;
        self.is_checked
            .get_or_try_init(|| async {
                let Quantity(chain_id) = node.call("eth_chainId", serde_json::json!([])).await.map_err(|error| error.on(self.network))?;
                if chain_id == self.chain_id {
                    return Ok(());
                }
                let detail = format!("the node is on chain {chain_id}, chain_id says {}; correct rpc_url or chain_id", self.chain_id);
                Err(self.misconfigured(detail))
            })
            .await?;
        Ok(node)
    }

    fn contract(&self, asset: AssetId) -> Result<Option<Address>, RailError> {
        self.contracts
            .get(&asset)
            .copied()
            .ok_or_else(|| self.misconfigured(format!("{asset} is not one of its assets; add it to the settings")))
    }

    fn address(&self, destination: &Destination) -> Result<Address, RailError> {
        if destination.network() != self.network {
            return Err(self.misconfigured(format!("an address of {} came to its rail", destination.network())));
        }
        destination.address().parse().map_err(|_| self.misconfigured("an address is none; the row is damaged".into()))
    }

    fn misconfigured(&self, detail: String) -> RailError {
        RailError::Misconfigured { network: self.network, detail }
    }

    fn unreachable(&self, detail: impl Into<String>) -> RailError {
        RailError::Unreachable { network: self.network, detail: detail.into() }
    }
}

fn parse_xpub(text: &str) -> Result<XPub, &'static str> {
    if !text.starts_with("xpub") {
        return Err("deposits_xpub must begin with xpub; never put a private key (xprv) into these settings");
    }
    text.parse().map_err(|_| "deposits_xpub is damaged; copy it from `refundry-signer address`")
}

#[async_trait]
impl Rail for EvmRail {
    fn chain_id(&self) -> Option<u64> {
        Some(self.chain_id)
    }

    fn deposit_address(&self, index: u32) -> Result<Destination, RailError> {
        let derive = || {
            let key = self.deposits.derive_child(ChildNumber::new(0, false)?)?.derive_child(ChildNumber::new(index, false)?)?;
            Ok::<_, bip32::Error>(Address::from_public_key(key.public_key()))
        };
        let address = derive().map_err(|error| self.misconfigured(format!("deposit address {index} cannot be derived: {error}")))?;
        Destination::parse(self.network, &address.to_string(), None).map_err(|error| self.misconfigured(error.to_string()))
    }

    async fn quote(&self, asset: &Asset) -> Result<Amount, RailError> {
        self.quote_payout(asset).await
    }

    async fn next_slot(&self) -> Result<u64, RailError> {
        let node = self.node().await?;
        node.nonce(self.hot, node::BlockName::Pending).await.map_err(|error| error.on(self.network))
    }

    async fn preflight(&self, order: &PayoutOrder) -> Result<(), PreflightError> {
        self.try_payout(order, &[]).await
    }

    async fn preflight_beside(&self, order: &PayoutOrder, under_way: &[UnderWay]) -> Result<(), PreflightError> {
        self.try_payout(order, under_way).await
    }

    async fn prepare(&self, orders: &[PayoutOrder], slot: u64) -> Result<SignedPayout, PrepareError> {
        let [order] = orders else {
            return Err(self.misconfigured("its transactions pay one account each".into()).into());
        };
        self.sign_payout(order, slot).await
    }

    fn raises_after(&self) -> Option<SignedDuration> {
        Some(self.raise_after)
    }

    async fn raise(&self, orders: &[PayoutOrder], waiting: &SignedPayout) -> Result<Option<SignedPayout>, PrepareError> {
        let [order] = orders else { return Ok(None) };
        self.raise_payout(order, waiting).await
    }

    async fn broadcast(&self, signed: &SignedPayout) -> Broadcast {
        self.send_payout(signed).await
    }

    async fn status(&self, signed: &SignedPayout) -> Result<PayoutStatus, RailError> {
        self.payout_status(signed).await
    }

    async fn watch(&self, cursor: Option<u64>, addresses: &[Watched]) -> Result<Scan, RailError> {
        self.scan(cursor, addresses).await
    }

    fn last_block(&self) -> Option<BlockMark> {
        let last = *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        last.map(|(position, hash)| BlockMark { position, name: hash.to_string() })
    }

    fn go_on_from(&self, last: Option<BlockMark>) {
        let last = last.and_then(|block| Some((block.position, block.name.parse().ok()?)));
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    async fn deposit_status(&self, deposit: &SeenDeposit) -> Result<DepositStatus, RailError> {
        self.status_of_deposit(deposit).await
    }

    async fn holdings(&self, asset: &Asset, deposits: &[Destination]) -> Result<Holdings, RailError> {
        self.count_holdings(asset, deposits).await
    }

    fn paying_address(&self) -> Option<String> {
        Some(self.hot.to_string())
    }

    fn explorer_url(&self, txid: &str) -> Option<String> {
        self.explorer.as_ref().map(|prefix| format!("{prefix}{txid}"))
    }
}

#[cfg(test)]
mod tests;

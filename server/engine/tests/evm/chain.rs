//! What the stories of the EVM rail need around them: a private chain (anvil), a token on it, and a real signer process. Each story gets
//! its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use alloy_primitives::{Address, U256, hex, keccak256};
use domain::destination::Destination;
use domain::money::{Asset, Network};
use engine::deposits::telling::Telling;
use engine::rails::evm::{EvmRail, EvmSettings};
use engine::rails::{PayoutOrder, Rail, Watched};
use engine::signer::SignerClient;
use serde_json::{Value, json};

/// The chain's number: nobody's.
pub const CHAIN_ID: u64 = 20_418;
/// One coin.
pub const ETHER: u128 = 1_000_000_000_000_000_000;
/// One token.
pub const DOLLAR: u128 = 1_000_000;
/// How deep a block must lie.
pub const FINALITY: u32 = 5;

/// A running program that ends with its story.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A private chain that makes a block for each transaction.
pub struct Chain {
    url: String,
    http: reqwest::Client,
    /// A funded account that deploys the token and plays everybody else.
    pub funder: Address,
    _process: Running,
}

impl Chain {
    /// Starts anvil on a free port.
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port().to_string();
        let process = Command::new(anvil_program())
            .args(["--host", "127.0.0.1", "--port", &port, "--chain-id", &CHAIN_ID.to_string(), "--silent"])
            .args(["--mnemonic", "legal winner thank year wave sausage worth useful legal winner thank yellow"])
            .stdout(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let mut chain = Self {
            url: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::new(),
            funder: Address::ZERO,
            _process: Running(process),
        };
        for _ in 0..200 {
            if let Ok(accounts) = chain.try_call("eth_accounts", json!([])).await {
                chain.funder = accounts[0].as_str().and_then(|text| text.parse().ok()).expect("a funded account");
                return chain;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("anvil does not answer at {}", chain.url);
    }

    async fn try_call(&self, method: &str, params: Value) -> Result<Value, String> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let response = self.http.post(&self.url).json(&body).send().await.map_err(|error| error.to_string())?;
        let mut reply: Value = response.json().await.map_err(|error| error.to_string())?;
        if reply["error"].is_null() { Ok(reply["result"].take()) } else { Err(reply["error"].to_string()) }
    }

    /// Calls the node.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Adds empty blocks.
    pub async fn mine(&self, blocks: u32) {
        self.call("anvil_mine", json!([format!("{blocks:#x}")])).await;
    }

    /// Adds empty blocks as a real chain does, twelve seconds apart. Blocks made at once can all bear the same second.
    pub async fn mine_slowly(&self, blocks: u32) {
        self.call("anvil_mine", json!([format!("{blocks:#x}"), "0xc"])).await;
    }

    /// Stops or starts making a block for each transaction.
    pub async fn set_automine(&self, is_on: bool) {
        self.call("evm_setAutomine", json!([is_on])).await;
    }

    /// Sends a transaction from the funder and returns its id once it is in a block.
    pub async fn send(&self, to: Address, units: u128, data: &[u8]) -> String {
        let data = hex::encode_prefixed(data);
        let transaction = json!({ "from": self.funder, "to": to, "value": format!("{units:#x}"), "data": data, "gas": "0x30d40" });
        self.send_transaction(transaction).await["transactionHash"].as_str().expect("an id").to_owned()
    }

    /// Sends a transaction of an account the node has the key of, or plays, and returns its receipt. The node makes a block for it, but
    /// under load it answers before it has.
    pub async fn send_transaction(&self, transaction: Value) -> Value {
        let txid = self.call("eth_sendTransaction", json!([transaction])).await;
        for _ in 0..400 {
            let receipt = self.call("eth_getTransactionReceipt", json!([txid])).await;
            if !receipt.is_null() {
                return receipt;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{txid} is in no block");
    }

    /// Sends a transaction of an account the node has the key of, or plays, and leaves it waiting for a block.
    pub async fn queue(&self, from: Address, to: Address, data: &[u8]) {
        let data = hex::encode_prefixed(data);
        self.call("eth_sendTransaction", json!([{ "from": from, "to": to, "data": data, "gas": "0x30d40" }])).await;
    }

    /// Returns an account's coins.
    pub async fn coins(&self, account: Address) -> u128 {
        quantity(&self.call("eth_getBalance", json!([account, "latest"])).await)
    }

    /// Puts coins into an account.
    pub async fn set_coins(&self, account: Address, units: u128) {
        self.call("anvil_setBalance", json!([account, format!("{units:#x}")])).await;
    }

    /// Deploys the test token from the funder.
    pub async fn deploy_token(&self) -> Address {
        let receipt = self.send_transaction(json!({ "from": self.funder, "data": token_code(), "gas": "0x2dc6c0" })).await;
        receipt["contractAddress"].as_str().and_then(|text| text.parse().ok()).expect("a deployed token")
    }
}

/// Reads a hexadecimal number.
pub fn quantity(value: &Value) -> u128 {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x")).expect("a quantity");
    u128::from_str_radix(digits, 16).expect("a number")
}

/// Returns the call data of a function with arguments of one word each.
pub fn call_data(function: &str, arguments: &[U256]) -> Vec<u8> {
    let mut data = keccak256(function)[..4].to_vec();
    for argument in arguments {
        data.extend_from_slice(&argument.to_be_bytes::<32>());
    }
    data
}

/// Returns an address as an argument.
pub fn word(address: Address) -> U256 {
    address.into_word().into()
}

fn end2end() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../end2end")
}

fn anvil_program() -> PathBuf {
    let program = end2end().join("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    assert!(program.exists(), "anvil is not installed; run: npm ci --ignore-scripts --prefix end2end");
    program
}

/// Compiles the token, once for each text of it: the compiler takes longer than most stories.
fn token_code() -> String {
    let source = std::fs::read(end2end().join("contracts/TestToken.sol")).expect("the token's source");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("token-{}.hex", hex::encode(&keccak256(source)[..8])));
    if let Ok(code) = std::fs::read_to_string(&kept) {
        return code;
    }
    let output = Command::new("node").arg(end2end().join("contracts/compile.mjs")).output().expect("node runs");
    assert!(output.status.success(), "the token does not compile: {}", String::from_utf8_lossy(&output.stderr));
    let code = String::from_utf8(output.stdout).expect("text").trim().to_owned();
    let unfinished = kept.with_extension(std::process::id().to_string());
    std::fs::write(&unfinished, &code).and_then(|()| std::fs::rename(&unfinished, &kept)).expect("room for the code");
    code
}

fn signer_program() -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    let program = test.parent().and_then(Path::parent).expect("the target folder").join("refundry-signer");
    if !program.exists() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "refundry-signer"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.is_ok_and(|status| status.success()) && program.exists(), "build the signer first: cargo build -p refundry-signer");
    }
    program
}

/// A signer process with keys and a log of its own.
pub struct SignerProcess {
    folder: PathBuf,
    settings: PathBuf,
    process: Option<Running>,
    /// The engine's line to it.
    pub client: Arc<SignerClient>,
    /// The account it pays from.
    pub hot: Address,
    deposits_xpub: String,
}

impl SignerProcess {
    /// Makes keys and starts a signer that may pay both assets on `network`: at most 10 coins or 1,000 tokens at once.
    pub async fn start(network: Network, token: Address) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!("refundry-evm-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&folder).expect("a folder");
        let settings = folder.join("signer.toml");
        let text = format!(
            r#"
            key_file = "{folder}/key"
            socket = "{folder}/run/signer.sock"
            log = "{folder}/signed.jsonl"
            [assets."ETH-TEST"]
            network = "{network}"
            chain_id = {CHAIN_ID}
            limit_per_payout = "10000000000000000000"
            limit_per_day = "100000000000000000000"
            limit_fee = "10000000000000000"
            [assets."TUSD-TEST"]
            network = "{network}"
            chain_id = {CHAIN_ID}
            contract = "{token}"
            limit_per_payout = "1000000000"
            limit_per_day = "5000000000"
            limit_fee = "10000000000000000"
            "#,
            folder = folder.display()
        );
        std::fs::write(&settings, text).expect("settings");
        let output =
            Command::new(signer_program()).arg("--config").arg(&settings).args(["init", "--json"]).output().expect("the signer runs");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let mut signer = Self {
            client: Arc::new(SignerClient::new(folder.join("run/signer.sock"))),
            folder,
            settings,
            process: None,
            hot: told["hot_address"].as_str().and_then(|text| text.parse().ok()).expect("an address"),
            deposits_xpub: told["deposits_xpub"].as_str().expect("a key").to_owned(),
        };
        signer.restart().await;
        signer
    }

    /// Returns where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("run/signer.sock")
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Kills it and starts it again.
    pub async fn restart(&mut self) {
        self.kill();
        let process = Command::new(signer_program()).arg("--config").arg(&self.settings).arg("serve").env("RUST_LOG", "error").spawn();
        self.process = Some(Running(process.expect("the signer starts")));
        for _ in 0..200 {
            if self.client.hello().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the signer does not answer");
    }
}

impl Drop for SignerProcess {
    fn drop(&mut self) {
        self.kill();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

/// A chain, a token, a signer and the rail between them. The hot account holds 50 coins and 5,000 tokens.
pub struct World {
    /// The chain.
    pub chain: Chain,
    /// The signer.
    pub signer: SignerProcess,
    /// The rail under test.
    pub rail: EvmRail,
    /// Its settings, to build others from.
    pub settings: EvmSettings,
    /// The native coin.
    pub coin: Asset,
    /// The token.
    pub token: Asset,
    /// The token's contract.
    pub contract: Address,
}

impl World {
    /// Builds everything for Ethereum.
    pub async fn new() -> Self {
        Self::on(Network::Ethereum).await
    }

    /// Builds everything.
    pub async fn on(network: Network) -> Self {
        let chain = Chain::start().await;
        let contract = chain.deploy_token().await;
        let signer = SignerProcess::start(network, contract).await;
        let asset = |id: &str, decimals, contract, network_fee_units| Asset {
            id: id.parse().expect("an asset"),
            network,
            decimals,
            contract,
            finality: FINALITY,
            dust_units: 1,
            network_fee_units,
        };
        let coin = asset("ETH-TEST", 18, None, 0);
        let token = asset("TUSD-TEST", 6, Some(contract.to_string()), DOLLAR);
        let settings = EvmSettings {
            network,
            chain_id: CHAIN_ID,
            rpc_url: chain.url.clone(),
            hot_address: signer.hot.to_string(),
            deposits_xpub: signer.deposits_xpub.clone(),
            deposits: Telling::Watched,
            coin: coin.id,
            exact_tokens: Vec::new(),
            token_gas_limit: 120_000,
            token_fee_max: "10000000000000000".into(),
            tip_per_gas: "1000000000".into(),
            raise_after: domain::policy::Period::minutes(10),
            raise_percent: 25,
            explorer: Some("https://explorer.example/tx/".into()),
        };
        let rail = EvmRail::new(&settings, &[coin.clone(), token.clone()], Arc::clone(&signer.client)).expect("a rail");
        let world = Self { chain, signer, rail, settings, coin, token, contract };
        world.chain.set_coins(world.signer.hot, 50 * ETHER).await;
        world.mint(world.signer.hot, 5000 * DOLLAR).await;
        world
    }

    /// Builds another rail with the same assets, as after a restart.
    pub fn another_rail(&self, settings: &EvmSettings) -> EvmRail {
        EvmRail::new(settings, &[self.coin.clone(), self.token.clone()], Arc::clone(&self.signer.client)).expect("a rail")
    }

    /// Makes tokens.
    pub async fn mint(&self, to: Address, units: u128) -> String {
        self.token_call("mint(address,uint256)", &[word(to), U256::from(units)]).await
    }

    /// Calls the token as its owner.
    pub async fn token_call(&self, function: &str, arguments: &[U256]) -> String {
        self.chain.send(self.contract, 0, &call_data(function, arguments)).await
    }

    /// Returns an account's tokens.
    pub async fn tokens(&self, account: Address) -> u128 {
        let call = json!({ "to": self.contract, "data": hex::encode_prefixed(call_data("balanceOf(address)", &[word(account)])) });
        let answer = self.chain.call("eth_call", json!([call, "latest"])).await;
        let bytes = hex::decode(answer.as_str().expect("an answer")).expect("bytes");
        U256::from_be_slice(&bytes).try_into().expect("an amount")
    }

    /// Returns an order for payout number `number`, at the present price.
    pub async fn order(&self, number: u32, asset: &Asset, net_units: u128, to: Address) -> PayoutOrder {
        PayoutOrder {
            payout: format!("01900000-0000-7000-8000-{number:012}").parse().expect("an id"),
            asset: asset.clone(),
            net_units,
            fee_units: self.rail.quote(asset).await.expect("a quote").units,
            destination: Destination::parse(asset.network, &to.to_string(), None).expect("a destination"),
        }
    }

    /// Returns what to watch for deposits of an asset on deposit address number `index`.
    pub fn watched(&self, asset: &Asset, index: u32) -> (Watched, Address) {
        let destination = self.rail.deposit_address(index).expect("an address");
        let address = destination.address().parse().expect("an address");
        (Watched { destination, asset: asset.clone() }, address)
    }
}

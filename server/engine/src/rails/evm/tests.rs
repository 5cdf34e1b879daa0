//! What the rail says without a node.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// BIP-39's vector for entropy of zeros, at `m/44'/60'/0'`.
const XPUB: &str = "xpub6DCVMGrdqkJkrRautCvc1Jqpv4hfbyPtSMpZ5KnYDeyggbX3sgFQTT3wjEqF1RtCMazBPhe7gaWYLgEn6qPLhCUddfndnu8Yq6Y3HygJmeu";

fn asset(id: &str, contract: Option<&str>) -> Asset {
    Asset {
        id: id.parse().expect("an asset"),
        network: Network::Base,
        decimals: 6,
        contract: contract.map(str::to_owned),
        finality: 10,
        dust_units: 1,
        network_fee_units: 1,
    }
}

fn assets() -> [Asset; 2] {
    [asset("ETH-BASE", None), asset("USDC-BASE", Some("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"))]
}

fn settings() -> EvmSettings {
    EvmSettings {
        network: Network::Base,
        chain_id: 8453,
        rpc_url: "http://user:hunter2@127.0.0.1:9".into(),
        hot_address: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".into(),
        deposits_xpub: XPUB.into(),
        deposits: Telling::Watched,
        coin: "ETH-BASE".parse().expect("an asset"),
        exact_tokens: Vec::new(),
        token_gas_limit: 120_000,
        token_fee_max: "1000".into(),
        tip_per_gas: "1".into(),
        raise_after: Period::minutes(10),
        raise_percent: 25,
        explorer: None,
    }
}

fn build(settings: &EvmSettings) -> Result<EvmRail, RailError> {
    EvmRail::new(settings, &assets(), Arc::new(SignerClient::new("/nowhere")))
}

#[test]
fn deposit_addresses_are_those_other_wallets_derive() {
    let rail = build(&settings()).unwrap_or_else(|error| panic!("{error}"));
    let address = |index| rail.deposit_address(index).map(|destination| destination.address().to_owned());
    assert_eq!(address(0).expect("an address"), "0xF278cF59F82eDcf871d630F28EcC8056f25C1cdb");
    assert_ne!(address(1).expect("an address"), address(0).expect("an address"));
    assert!(matches!(address(1 << 31), Err(RailError::Misconfigured { .. })), "hardened children need the private key");
}

#[test]
fn each_wrong_setting_is_named() {
    let cases = [
        (EvmSettings { network: Network::Tron, ..settings() }, "network"),
        (EvmSettings { rpc_url: "127.0.0.1:8545".into(), ..settings() }, "rpc_url"),
        (EvmSettings { hot_address: settings().hot_address.to_lowercase(), ..settings() }, "hot_address"),
        (EvmSettings { deposits_xpub: XPUB.replace('z', "y"), ..settings() }, "deposits_xpub"),
        (EvmSettings { deposits_xpub: XPUB.replacen("xpub", "xprv", 1), ..settings() }, "private key"),
        (EvmSettings { coin: "USDC-BASE".parse().expect("an asset"), ..settings() }, "coin"),
        (EvmSettings { token_fee_max: "0.1".into(), ..settings() }, "token_fee_max"),
        (EvmSettings { exact_tokens: vec!["ETH-BASE".parse().expect("an asset")], ..settings() }, "exact_tokens"),
        (EvmSettings { raise_percent: 9, ..settings() }, "raise_percent"),
        (EvmSettings { raise_after: Period::none(), ..settings() }, "raise_after"),
        (EvmSettings { tip_per_gas: "-1".into(), ..settings() }, "tip_per_gas"),
    ];
    for (settings, key) in cases {
        let Err(error) = build(&settings) else { panic!("a wrong {key} was taken") };
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[tokio::test]
async fn a_node_that_is_away_proves_nothing_and_betrays_no_password() {
    let rail = build(&settings()).unwrap_or_else(|error| panic!("{error}"));
    let Err(error) = rail.next_slot().await else { panic!("nobody is there") };
    assert!(matches!(error, RailError::Unreachable { .. }) && !error.to_string().contains("hunter2"), "{error}");
    let signed = SignedPayout { slot: 0, txid: "0x".into(), bytes: Vec::new() };
    assert!(matches!(rail.broadcast(&signed).await, Broadcast::Unknown(_)));
    assert!(rail.watch(Some(5), &[]).await.is_err());
}

/// Does something with a rail whose node answers requests, one or many at once, with what `reply` says.
async fn with_node<T>(changed: EvmSettings, reply: impl Fn(&Value) -> Value, ask: impl AsyncFnOnce(EvmRail) -> T) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let rpc_url = format!("http://{}", listener.local_addr().expect("an address"));
    let node = async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut bytes = Vec::new();
            let request: Value = loop {
                stream.read_buf(&mut bytes).await.expect("a request");
                let text = String::from_utf8_lossy(&bytes);
                let body = text.split_once("\r\n\r\n").map(|(_, body)| serde_json::from_str(body));
                if let Some(Ok(request)) = body {
                    break request;
                }
            };
            let body = match &request {
                Value::Array(calls) => calls.iter().map(&reply).collect(),
                call => reply(call),
            };
            let body = body.to_string();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.expect("a reader");
        }
    };
    let rail = build(&EvmSettings { rpc_url, ..changed }).unwrap_or_else(|error| panic!("{error}"));
    tokio::select! {
        answer = ask(rail) => answer,
        () = node => panic!("it answers for ever"),
    }
}

fn answer(call: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": call["id"], "result": result })
}

fn block(hash: &str, number: u64, second: u64) -> Value {
    json!({ "number": format!("{number:#x}"), "hash": hash, "parentHash": PARENT, "timestamp": format!("{second:#x}") })
}

/// Asks where a deposit of second 1,000 stands. The node's head is block 100, ten blocks are final; what it says of the deposit's receipt,
/// of each block asked for by its number and of the transaction is given.
async fn deposit_status_told_by(receipt: Value, header: Value, transaction: Value) -> Result<DepositStatus, RailError> {
    let reply = |call: &Value| {
        let result = match (call["method"].as_str(), call["params"][0].as_str()) {
            (Some("eth_chainId"), _) => json!("0x2105"),
            (Some("eth_getTransactionReceipt"), _) => receipt.clone(),
            (Some("eth_getTransactionByHash"), _) => transaction.clone(),
            (Some("eth_getBlockByNumber"), Some("latest")) => block(HEAD, 100, 2000),
            (Some("eth_getBlockByNumber"), Some(_)) => header.clone(),
            other => panic!("{other:?}"),
        };
        answer(call, &result)
    };
    let deposit = SeenDeposit {
        external_id: HEAD.into(),
        txid: HEAD.into(),
        address: "0xF278cF59F82eDcf871d630F28EcC8056f25C1cdb".into(),
        tag: None,
        source: None,
        asset: "ETH-BASE".parse().expect("an asset"),
        units: 1,
        block_time: Timestamp::from_second(1000).expect("a time"),
        status: DepositStatus::Confirmed(1),
    };
    with_node(settings(), reply, async |rail: EvmRail| rail.deposit_status(&deposit).await).await
}

const HEAD: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";
const PARENT: &str = "0x0000000000000000000000000000000000000000000000000000000000000001";
const OTHER: &str = "0x2222222222222222222222222222222222222222222222222222222222222222";

#[tokio::test]
async fn only_proof_makes_a_deposit_go_away() {
    let receipt =
        json!({ "blockHash": HEAD, "blockNumber": "0x5a", "status": "0x1", "gasUsed": "0x5208", "effectiveGasPrice": "0x1", "logs": [] });
    let reverted =
        json!({ "blockHash": HEAD, "blockNumber": "0x5a", "status": "0x0", "gasUsed": "0x5208", "effectiveGasPrice": "0x1", "logs": [] });
    let block = |hash: &str, second: u64| block(hash, 90, second);
    let waiting = json!({ "hash": HEAD, "blockNumber": null });
    let cases = [
        ("in its block", receipt.clone(), block(HEAD, 1000), Value::Null, Some(DepositStatus::Confirmed(11))),
        ("the node asked next has no such block yet", receipt.clone(), Value::Null, Value::Null, None),
        ("another block is there", receipt, block(OTHER, 1000), Value::Null, Some(DepositStatus::Gone)),
        ("in its block without effect", reverted, block(HEAD, 1000), Value::Null, Some(DepositStatus::Gone)),
        ("no receipt, nothing so young is final", Value::Null, block(OTHER, 999), Value::Null, None),
        ("no receipt, it waits for a block", Value::Null, block(OTHER, 1001), waiting, None),
        ("no receipt, no such block", Value::Null, Value::Null, Value::Null, None),
        ("unknown when its time is final", Value::Null, block(OTHER, 1001), Value::Null, Some(DepositStatus::Gone)),
    ];
    for (case, receipt, block, transaction, expected) in cases {
        match (deposit_status_told_by(receipt, block, transaction).await, expected) {
            (Ok(status), Some(expected)) => assert_eq!(status, expected, "{case}"),
            (Err(RailError::Unreachable { .. }), None) => {}
            (told, _) => panic!("{case}: {told:?}"),
        }
    }
}

/// Odd case 28: a node that has forgotten what accounts held leaves a deposit unknown, with words on what to do. It is not booked as its
/// event says, unless the operator said that this token's events may be believed.
#[tokio::test]
async fn odd_case_28_a_node_that_forgets_balances_makes_nobody_richer() {
    let [_, token] = assets();
    let look = async |changed: EvmSettings, held: Option<[u64; 2]>| {
        let to = build(&settings()).unwrap_or_else(|error| panic!("{error}")).deposit_address(0).expect("an address");
        let word = |units: u64| format!("0x{units:064x}");
        let reply = |call: &Value| {
            let result = match (call["method"].as_str(), call["params"][0].as_str()) {
                (Some("eth_chainId"), _) => json!("0x2105"),
                (Some("eth_getBlockByNumber"), _) => block(HEAD, 100, 2000),
                (Some("eth_getLogs"), _) if call["params"][0]["blockHash"].is_string() => json!([]),
                (Some("eth_getLogs"), _) => json!([{
                    "address": token.contract,
                    "topics": [payouts::TRANSFER_EVENT, PARENT, format!("0x{:0>64}", to.address().trim_start_matches("0x").to_lowercase())],
                    "data": word(100),
                    "transactionHash": OTHER,
                    "blockHash": HEAD,
                    "blockNumber": "0x64",
                    "logIndex": "0x3",
                }]),
                (Some("eth_call"), _) => match (held, call["params"][1]["blockHash"].as_str()) {
                    (Some([before, _]), Some(PARENT)) => json!(word(before)),
                    (Some([_, after]), Some(HEAD)) => json!(word(after)),
                    (None, Some(_)) => {
                        return json!({ "jsonrpc": "2.0", "id": call["id"], "error": { "code": -32000, "message": "missing trie node" } });
                    }
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            };
            answer(call, &result)
        };
        let watched = Watched { destination: to.clone(), asset: token.clone() };
        let scan = with_node(changed, reply, async |rail: EvmRail| rail.watch(Some(99), &[watched]).await).await;
        scan.map(|scan| scan.deposits.iter().map(|deposit| deposit.units).collect::<Vec<_>>())
    };
    assert_eq!(look(settings(), Some([7, 107])).await.expect("a scan"), [100]);
    assert_eq!(look(settings(), Some([7, 105])).await.expect("a scan"), [98]);
    assert_eq!(look(settings(), Some([7, 900])).await.expect("a scan"), [100], "never more than the event says");
    assert!(look(settings(), Some([7, 6])).await.expect("a scan").is_empty(), "nothing arrived");
    let Err(RailError::Unreachable { detail, .. }) = look(settings(), None).await else { panic!("a forgotten balance was guessed") };
    assert!(["block 100", "missing trie node", "exact_tokens"].iter().all(|words| detail.contains(words)), "{detail}");
    let exact = EvmSettings { exact_tokens: vec![token.id], ..settings() };
    assert_eq!(look(exact, None).await.expect("a scan"), [100], "its operator knows the token");
}

#[test]
fn selectors_are_those_of_their_signatures() {
    let selectors = [
        (preflight::BALANCE_OF, "balanceOf(address)"),
        (preflight::PAUSED, "paused()"),
        (preflight::IS_BLACK_LISTED, "isBlackListed(address)"),
        (preflight::IS_BLACKLISTED, "isBlacklisted(address)"),
        (preflight::L1_FEE_UPPER_BOUND, "getL1FeeUpperBound(uint256)"),
    ];
    for (selector, signature) in selectors {
        assert_eq!(selector, alloy_primitives::keccak256(signature)[..4], "{signature}");
    }
    assert_eq!(payouts::TRANSFER_EVENT, alloy_primitives::keccak256("Transfer(address,address,uint256)"));
}

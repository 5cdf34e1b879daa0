//! What the rail says without a node.

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
        coin: "ETH-BASE".parse().expect("an asset"),
        token_gas_limit: 120_000,
        token_fee_max: "1000".into(),
        tip_per_gas: "1".into(),
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

//! Settings: `signer.toml`, with `REFUNDRY_SIGNER_KEY_FILE`, `…_SOCKET` and `…_LOG` winning over it. Parsed once; each error names its key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use domain::money::{AssetId, Network, parse_units};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;
use thiserror::Error;

/// What the signer is told by its operator.
pub struct Config {
    /// The phrase.
    pub key_file: PathBuf,
    /// Where it listens.
    pub socket: PathBuf,
    /// Whether the socket's group may talk to it, for an engine that runs as another user.
    pub socket_for_group: bool,
    /// What it signed and declined.
    pub log: PathBuf,
    /// What it may sign. Anything else is declined.
    pub assets: BTreeMap<AssetId, AssetRule>,
}

/// What may be signed of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetRule {
    /// Where it lives.
    pub network: Network,
    /// The chain's number (EIP-155).
    pub chain_id: u64,
    /// The token's contract; `None` for the network's own coin.
    pub contract: Option<Address>,
    /// The most one payout may carry, in base units.
    pub payout_units_max: u128,
    /// The most one UTC day may carry, in base units.
    pub day_units_max: u128,
    /// The most one payout may cost in fees, in base units of the network's own coin.
    pub fee_units_max: u128,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default = "default_key_file")]
    key_file: PathBuf,
    #[serde(default = "default_socket")]
    socket: PathBuf,
    #[serde(default)]
    socket_for_group: bool,
    #[serde(default = "default_log")]
    log: PathBuf,
    #[serde(default)]
    assets: BTreeMap<String, AssetSettings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetSettings {
    network: Network,
    chain_id: u64,
    contract: Option<String>,
    limit_per_payout: String,
    limit_per_day: String,
    limit_fee: String,
}

fn default_key_file() -> PathBuf {
    "data/signer/key".into()
}

fn default_socket() -> PathBuf {
    "data/signer/run/signer.sock".into()
}

fn default_log() -> PathBuf {
    "data/signer/signed.jsonl".into()
}

impl Config {
    /// Reads the settings from `file`, or from `signer.toml` where that exists: `init` works before there is one.
    ///
    /// # Errors
    /// Names the key that is wrong and what to write there.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let default = Path::new("signer.toml");
        let toml = match file {
            Some(file) => Figment::from(Toml::file_exact(file)),
            None if default.exists() => Figment::from(Toml::file_exact(default)),
            None => Figment::new(),
        };
        Self::from_figment(&toml.merge(Env::prefixed("REFUNDRY_SIGNER_").only(&["key_file", "socket", "log"])))
    }

    fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        let settings: Settings = figment.extract().map_err(|error| ConfigError::Unreadable(Box::new(error)))?;
        let mut assets = BTreeMap::new();
        for (name, asset) in settings.assets {
            let id: AssetId =
                name.parse().map_err(|_| invalid(&name, "", "is no asset id; write <SYMBOL>-<NETWORK>, such as USDC-BASE"))?;
            assets.insert(id, AssetRule::parse(&name, &asset)?);
        }
        let mut chains = BTreeMap::new();
        for (id, rule) in &assets {
            if *chains.entry(rule.network).or_insert(rule.chain_id) != rule.chain_id {
                return Err(invalid(id.as_str(), ".chain_id", "differs from that of another asset on the same network"));
            }
        }
        let Settings { key_file, socket, socket_for_group, log, .. } = settings;
        Ok(Self { key_file, socket, socket_for_group, log, assets })
    }
}

impl AssetRule {
    fn parse(name: &str, settings: &AssetSettings) -> Result<Self, ConfigError> {
        if !settings.network.is_evm() {
            return Err(invalid(name, ".network", "must be ethereum or base: this signer knows no other kind of transaction"));
        }
        let contract = match &settings.contract {
            None => None,
            Some(text) => Some(
                Address::parse_checksummed(text, None)
                    .map_err(|_| invalid(name, ".contract", "is no address with a checksum (EIP-55); copy it from the issuer's page"))?,
            ),
        };
        let units = |key: &str, text: &str| {
            parse_units(text, 0).map_err(|_| invalid(name, key, "must be a whole number of base units in quotes, such as \"1000000\""))
        };
        let rule = Self {
            network: settings.network,
            chain_id: settings.chain_id,
            contract,
            payout_units_max: units(".limit_per_payout", &settings.limit_per_payout)?,
            day_units_max: units(".limit_per_day", &settings.limit_per_day)?,
            fee_units_max: units(".limit_fee", &settings.limit_fee)?,
        };
        if rule.payout_units_max > rule.day_units_max {
            return Err(invalid(name, ".limit_per_payout", "is above limit_per_day: such a payout would wait for ever"));
        }
        Ok(rule)
    }
}

fn invalid(asset: &str, key: &str, detail: &'static str) -> ConfigError {
    ConfigError::Invalid { key: format!("assets.{asset}{key}"), detail }
}

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Not TOML, a key missing, of the wrong kind or unknown.
    #[error("{0}")]
    Unreadable(Box<figment::Error>),
    /// The value makes no sense.
    #[error("{key} {detail}")]
    Invalid {
        /// Which key.
        key: String,
        /// What is wrong with it.
        detail: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../signer.sample.toml");

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::from_figment(&Figment::from(Toml::string(text)))
    }

    #[test]
    fn the_sample_is_complete_and_right() {
        let config = parse(SAMPLE).unwrap_or_else(|error| panic!("{error}"));
        let rule = &config.assets[&"USDC-BASE".parse().expect("an asset")];
        assert_eq!((rule.chain_id, rule.payout_units_max, rule.day_units_max), (8453, 1_000_000_000, 20_000_000_000));
        assert!(config.assets[&"ETH-BASE".parse().expect("an asset")].contract.is_none());
    }

    #[test]
    fn each_mistake_is_named_with_its_key() {
        for (from, to, key) in [
            ("chain_id = 8453\ncontract", "chain_id = 1\ncontract", "assets.USDC-BASE.chain_id"),
            ("\"1000000000\"", "\"1e9\"", "assets.USDC-BASE.limit_per_payout"),
            ("\"1000000000\"", "\"99000000000\"", "assets.USDC-BASE.limit_per_payout"),
            ("\"1000000000\"", "1000000000", "limit_per_payout"),
            ("0x833589fCD6", "0x833589fcD6", "assets.USDC-BASE.contract"),
            ("network = \"base\"", "network = \"tron\"", ".network"),
            ("network = \"base\"", "network = \"bass\"", "network"),
            ("USDC-BASE", "usdc", "assets.usdc"),
            ("socket =", "sockett =", "sockett"),
        ] {
            let broken = SAMPLE.replace(from, to);
            assert_ne!(broken, SAMPLE, "{from}");
            let Err(error) = parse(&broken) else { panic!("{to} was taken") };
            assert!(error.to_string().contains(key), "{error}");
        }
    }
}

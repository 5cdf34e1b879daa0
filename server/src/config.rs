//! Settings: `refundry.toml`, with `REFUNDRY_*` winning over it. Parsed once; each error names its key and the remedy.

mod sandbox;
mod secret_key;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use axum::http::HeaderName;
use domain::money::{Asset, AssetId, Network, parse_units};
use domain::policy::Period;
use domain::rate::Rate;
use engine::emails::{MailSettings, SmtpServer};
use engine::rails::evm::EvmSettings;
use engine::rates::{FixedRate, RateSourceSettings};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Deserialize;
use thiserror::Error;

/// What the operator decided.
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where the metrics are told instead of there.
    pub metrics_listen: Option<SocketAddr>,
    /// The header in which a load balancer says who asks.
    pub client_address_header: Option<HeaderName>,
    /// How often a key may ask in a second, as each process counts; nothing for as often as it likes.
    pub api_requests_per_second: Option<NonZeroU32>,
    /// Everything about money.
    pub engine: engine::Config,
}

/// What is wrong with the settings: the key, and what to do.
#[derive(Debug, Error)]
#[error("setting {key}: {detail}")]
pub struct ConfigError {
    key: String,
    detail: String,
}

impl ConfigError {
    fn new(key: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { key: key.into(), detail: detail.into() }
    }
}

/// The settings as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "default_database_url")]
    database_url: String,
    #[serde(default = "default_listen")]
    listen: SocketAddr,
    metrics_listen: Option<SocketAddr>,
    public_url: Option<String>,
    client_address_header: Option<String>,
    #[serde(default = "default_requests")]
    api_requests_per_second: u32,
    #[serde(default = "default_signer_socket")]
    signer_socket: PathBuf,
    #[serde(default)]
    sandbox: bool,
    #[serde(default)]
    webhooks_allow_private: bool,
    #[serde(default = "default_freeze")]
    freeze_after_change: Period,
    secret_key_file: Option<PathBuf>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    #[serde(default)]
    rails: Vec<WrittenRail>,
    #[serde(default)]
    assets: Vec<WrittenAsset>,
    #[serde(default)]
    rates: BTreeMap<String, String>,
    #[serde(default)]
    rate_sources: Vec<RateSourceSettings>,
}

/// The variables that are settings, without their `REFUNDRY_`.
const VARIABLES: [&str; 13] = [
    "database_url",
    "listen",
    "metrics_listen",
    "public_url",
    "client_address_header",
    "api_requests_per_second",
    "signer_socket",
    "sandbox",
    "webhooks_allow_private",
    "freeze_after_change",
    "secret_key_file",
    "smtp_url",
    "mail_from",
];
/// Other variables of ours: the path of the settings file, and what the signer and the tests read.
const OTHER_VARIABLES: [&str; 3] = ["REFUNDRY_CONFIG", "REFUNDRY_SIGNER_", "REFUNDRY_TEST_"];

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WrittenRail {
    Evm(EvmSettings),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAsset {
    id: AssetId,
    decimals: u8,
    contract: Option<String>,
    finality: u32,
    #[serde(default = "zero")]
    dust: String,
    #[serde(default = "zero")]
    network_fee: String,
}

fn default_database_url() -> String {
    "sqlite://data/refundry.db".to_owned()
}

const fn default_requests() -> u32 {
    100
}

const fn default_listen() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000)
}

/// Where refundry-signer listens unless told otherwise.
fn default_signer_socket() -> PathBuf {
    "data/signer/run/signer.sock".into()
}

/// A day, as Cryptomus does it (CM-09).
fn default_freeze() -> Period {
    Period::hours(24)
}

fn zero() -> String {
    "0".to_owned()
}

impl Config {
    /// Reads the settings file and the variables. A file that is asked for must be there; refundry.toml need not.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        check_variables(std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()))?;
        if let Some(file) = file.filter(|file| !file.is_file()) {
            return Err(ConfigError::new("--config", format!("there is no file {}: check its path", file.display())));
        }
        let file = file.unwrap_or(Path::new("refundry.toml"));
        let written = if file.is_file() { Figment::from(Toml::file_exact(file)) } else { Figment::new() };
        Self::from_figment(&written.merge(variables()))
    }

    /// Returns the settings of the demo: the sandbox in a folder of its own. The variables count, the settings file does not, so that
    /// a demo never opens the books of a real installation.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn demo(folder: &Path) -> Result<Self, ConfigError> {
        check_variables(std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()))?;
        let database = format!("sqlite://{}", folder.join("refundry.db").display());
        let base = Figment::from(Serialized::default("database_url", database))
            .merge(Serialized::default("secret_key_file", folder.join("refundry.key")))
            .merge(Serialized::default("webhooks_allow_private", true));
        Self::from_figment(&base.merge(variables()).merge(Serialized::default("sandbox", true)))
    }

    /// Makes sense of settings, wherever they come from.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        let written: Written = figment.extract().map_err(|error| {
            let path = error.path.join(".");
            let key = if path.is_empty() { "refundry.toml".to_owned() } else { path };
            ConfigError::new(key, format!("{}; refundry.sample.toml describes every setting", error.kind))
        })?;
        let public_url = public_url(written.public_url.as_deref(), written.listen)?;
        if written.metrics_listen == Some(written.listen) {
            return Err(ConfigError::new("metrics_listen", "choose another address than listen, or leave it out"));
        }
        let database_folder = database_folder(&written.database_url)?;
        let secret_key_file = written.secret_key_file.unwrap_or_else(|| database_folder.join("refundry.key"));
        let rails: Vec<EvmSettings> = written.rails.into_iter().map(|WrittenRail::Evm(settings)| settings).collect();
        check_networks(&rails)?;
        let mut assets = parse_assets(written.assets)?;
        let mut rates = parse_rates(&written.rates)?;
        check_rate_sources(&written.rate_sources)?;
        if written.sandbox {
            sandbox::complete(&mut assets, &mut rates);
        } else {
            check_rails(&assets, &rails)?;
        }
        let engine = engine::Config {
            database_url: written.database_url,
            master_key: secret_key::load_or_make(&secret_key_file)?,
            public_url,
            is_sandbox: written.sandbox,
            freeze_after_change: check_freeze(written.freeze_after_change)?,
            allow_private_webhooks: written.webhooks_allow_private,
            assets,
            rates,
            rate_sources: written.rate_sources,
            rails,
            signer_socket: written.signer_socket,
            mail: mail(written.smtp_url, written.mail_from.as_deref())?,
            clock: None,
            outside: engine::outside::Outside::default(),
        };
        let header = written.client_address_header.map(|header| header.parse());
        let client_address_header = header.transpose().map_err(|_| {
            ConfigError::new("client_address_header", "write the name of an HTTP header, such as x-forwarded-for, or leave it out")
        })?;
        let api_requests_per_second = NonZeroU32::new(written.api_requests_per_second);
        Ok(Self { listen: written.listen, metrics_listen: written.metrics_listen, client_address_header, api_requests_per_second, engine })
    }
}

fn variables() -> Env {
    Env::prefixed("REFUNDRY_").only(&VARIABLES)
}

/// Refuses a variable that looks like a setting and is none: a slip of the pen must not leave a default in force.
fn check_variables(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    for name in names {
        let Some(setting) = name.strip_prefix("REFUNDRY_") else { continue };
        let is_known =
            VARIABLES.contains(&setting.to_ascii_lowercase().as_str()) || OTHER_VARIABLES.iter().any(|other| name.starts_with(other));
        if !is_known {
            let known = VARIABLES.map(|variable| format!("REFUNDRY_{}", variable.to_ascii_uppercase())).join(", ");
            return Err(ConfigError::new(name, format!("there is no such variable; there are {known}")));
        }
    }
    Ok(())
}

fn check_freeze(freeze: Period) -> Result<Period, ConfigError> {
    let lasts = |period: Period| period.after(jiff::Timestamp::UNIX_EPOCH);
    if (lasts(Period::none())..=lasts(Period::days(30))).contains(&lasts(freeze)) {
        Ok(freeze)
    } else {
        Err(ConfigError::new("freeze_after_change", "choose 0 to 30 days, such as PT24H"))
    }
}

/// Returns how mails are sent: both settings or neither.
fn mail(smtp_url: Option<String>, from: Option<&str>) -> Result<Option<MailSettings>, ConfigError> {
    let (Some(smtp_url), from) = (smtp_url, from) else {
        return match from {
            Some(_) => Err(ConfigError::new(
                "smtp_url",
                "say which mail server sends mails from mail_from, such as smtps://user:password@mail.example.com",
            )),
            None => Ok(None),
        };
    };
    SmtpServer::check(&smtp_url).map_err(|detail| ConfigError::new("smtp_url", detail))?;
    let wrong = || ConfigError::new("mail_from", "write the address that mails come from, such as refunds@shop.example");
    let from = from.ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
    Ok(Some(MailSettings { smtp_url, from }))
}

/// Returns where browsers reach the server: an origin, without a path.
fn public_url(written: Option<&str>, listen: SocketAddr) -> Result<String, ConfigError> {
    // A name rather than 127.0.0.1: browsers know passkeys only at hosts with one.
    let is_here = listen.ip().is_loopback() || listen.ip().is_unspecified();
    let default = if is_here { format!("http://localhost:{}", listen.port()) } else { format!("http://{listen}") };
    let url = written.unwrap_or(&default).trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
        return Ok(url.to_owned());
    }
    Err(ConfigError::new("public_url", "write http:// or https:// and a host without a path, such as https://refunds.example.com"))
}

/// Returns the folder that secrets are kept in unless told otherwise, and makes the one of a SQLite database.
fn database_folder(url: &str) -> Result<PathBuf, ConfigError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(PathBuf::from("data"));
    }
    let Some(file) = url.strip_prefix("sqlite://") else {
        return Err(ConfigError::new("database_url", "write sqlite://path/to/file.db or postgres://user@host/database"));
    };
    let file = Path::new(file.split('?').next().unwrap_or(file));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|error| ConfigError::new("database_url", format!("the folder {} cannot be made: {error}", folder.display())))?;
    Ok(folder.to_owned())
}

fn parse_assets(written: Vec<WrittenAsset>) -> Result<Vec<Asset>, ConfigError> {
    let mut assets: Vec<Asset> = Vec::new();
    for asset in written {
        let id = asset.id;
        let key = |field: &str| format!("assets.{id}.{field}");
        let name = id.as_str().split('-').nth(1).unwrap_or_default().to_ascii_lowercase();
        let network: Network = name.parse().map_err(|_| {
            let known = Network::ALL.map(|network| network.name().to_ascii_uppercase()).join(", ");
            ConfigError::new(key("id"), format!("write <SYMBOL>-<NETWORK>, with one of the networks {known}"))
        })?;
        let units =
            |text: &str, field: &str| parse_units(text, asset.decimals).map_err(|error| ConfigError::new(key(field), error.to_string()));
        if asset.decimals > DECIMALS_MAX {
            return Err(ConfigError::new(key("decimals"), format!("choose 0 to {DECIMALS_MAX}")));
        }
        if asset.finality == 0 {
            return Err(ConfigError::new(key("finality"), "choose 1 block or more"));
        }
        if assets.iter().any(|known| known.id == id) {
            return Err(ConfigError::new(key("id"), "the asset is there twice: remove one"));
        }
        assets.push(Asset {
            id,
            network,
            decimals: asset.decimals,
            dust_units: units(&asset.dust, "dust")?,
            network_fee_units: units(&asset.network_fee, "network_fee")?,
            contract: asset.contract,
            finality: asset.finality,
        });
    }
    Ok(assets)
}

/// More than any coin has, and few enough for exact rates.
const DECIMALS_MAX: u8 = 24;

fn parse_rates(written: &BTreeMap<String, String>) -> Result<Vec<FixedRate>, ConfigError> {
    let mut rates = Vec::new();
    for (pair, price) in written {
        let wrong = || ConfigError::new(format!("rates.{pair}"), "write \"USDT/EUR\" = \"0.92\": one coin's price, above zero");
        let (symbol, currency) = pair.split_once('/').ok_or_else(wrong)?;
        let currency = currency.parse().map_err(|_| wrong())?;
        let rate = price.parse().ok().and_then(|price| Rate::new(price).ok()).ok_or_else(wrong)?;
        rates.push(FixedRate { symbol: symbol.to_owned(), currency, rate });
    }
    Ok(rates)
}

fn check_rate_sources(sources: &[RateSourceSettings]) -> Result<(), ConfigError> {
    for (index, source) in sources.iter().enumerate() {
        let key = |setting: &str| format!("rate_sources.{}.{setting}", source.name);
        source.check().map_err(|(setting, detail)| ConfigError::new(key(setting), detail))?;
        if sources.iter().take(index).any(|earlier| earlier.name == source.name) {
            return Err(ConfigError::new(key("name"), "the source is there twice: give each its own name"));
        }
    }
    Ok(())
}

/// Of two rails of a network one would be forgotten, and with it who tells of its deposits.
fn check_networks(rails: &[EvmSettings]) -> Result<(), ConfigError> {
    for (index, rail) in rails.iter().enumerate() {
        if rails.iter().take(index).any(|earlier| earlier.network == rail.network) {
            return Err(ConfigError::new("rails", format!("{} is there twice: remove one", rail.network)));
        }
    }
    Ok(())
}

/// Real money needs assets, and a rail for the network of each.
fn check_rails(assets: &[Asset], rails: &[EvmSettings]) -> Result<(), ConfigError> {
    if assets.is_empty() {
        let detail = "there is none: add [[assets]] to refundry.toml, or try Refundry out with `refundry serve --demo`";
        return Err(ConfigError::new("assets", detail));
    }
    for asset in assets {
        if !rails.iter().any(|rail| rail.network == asset.network) {
            let detail = format!("{} needs it: add [[rails]] with network = \"{}\"", asset.id, asset.network);
            return Err(ConfigError::new("rails", detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

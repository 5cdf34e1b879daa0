//! Settings as operators write them, and what they are told about mistakes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A folder of the test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("refundry-config-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn settle(folder: &Path, text: &str) -> Result<Config, ConfigError> {
    let database = format!("sqlite://{}", folder.join("refundry.db").display());
    Config::from_figment(&Figment::from(Toml::string(text)).join(Serialized::default("database_url", database)))
}

fn refusal(text: &str) -> String {
    let folder = folder("refused");
    settle(&folder, text).err().map(|error| error.to_string()).unwrap_or_default()
}

/// Returns a rail's settings with one line more.
fn rail(line: &str) -> String {
    format!(
        "[[rails]]\nkind = \"evm\"\nnetwork = \"base\"\nchain_id = 8453\nrpc_url = \"http://127.0.0.1:8545\"\nhot_address = \"0x\"\n\
         deposits_xpub = \"xpub\"\ncoin = \"ETH-BASE\"\ntoken_fee_max = \"1\"\n{line}\n"
    )
}

#[test]
fn the_sample_is_a_working_configuration() {
    let sample = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../refundry.sample.toml")).expect("the sample");
    let folder = folder("sample");
    let text = sample
        .replace("sqlite://data/", &format!("sqlite://{}/", folder.display()))
        .replace("\"data/refundry.key\"", &format!("\"{}/refundry.key\"", folder.display()));
    let config = Config::from_figment(&Figment::from(Toml::string(&text))).expect("the sample is valid");
    assert!(config.engine.assets.iter().any(|asset| asset.contract.is_some()));
    assert_eq!((config.engine.rails.len(), config.engine.rate_sources.len()), (1, 1));
}

#[test]
fn the_sandbox_brings_assets_and_rates_and_the_operators_win() {
    let text = "sandbox = true\n[[assets]]\nid = \"USDT-TRON\"\ndecimals = 6\nfinality = 3\nnetwork_fee = \"0.5\"\n[rates]\n\"USDT/USD\" = \"0.99\"";
    let config = settle(&folder("sandbox"), text).expect("valid settings");
    let usdt = config.engine.assets.iter().find(|asset| asset.id.as_str() == "USDT-TRON").expect("the asset");
    assert_eq!((config.engine.assets.len(), usdt.finality, usdt.network_fee_units), (5, 3, 500_000));
    let dollars: Vec<_> = config.engine.rates.iter().filter(|fixed| fixed.symbol == "USDT" && fixed.currency.as_str() == "USD").collect();
    assert_eq!(dollars.len(), 1);
    assert_eq!(dollars[0].rate.price().to_string(), "0.99");
    assert_eq!(config.engine.public_url, "http://localhost:3000");
}

#[test]
fn browsers_reach_it_at_a_host_with_a_name_unless_told_otherwise() {
    let url = |text: &str| settle(&folder("url"), &format!("sandbox = true\n{text}")).expect("valid settings").engine.public_url;
    assert_eq!(url("listen = \"127.0.0.1:3001\""), "http://localhost:3001");
    assert_eq!(url("listen = \"[::1]:3001\""), "http://localhost:3001");
    assert_eq!(url("listen = \"0.0.0.0:3001\""), "http://localhost:3001");
    assert_eq!(url("listen = \"10.0.0.7:3001\""), "http://10.0.0.7:3001");
    assert_eq!(url("listen = \"127.0.0.1:3001\"\npublic_url = \"https://refunds.example.com/\""), "https://refunds.example.com");
}

#[test]
fn a_rate_source_has_defaults_and_a_name_of_its_own() {
    let source = "[[rate_sources]]\nname = \"x\"\nurl = \"https://x.example/{symbol}/{currency}\"\nprice = \"/p\"\n";
    let config = settle(&folder("source"), &format!("sandbox = true\n{source}")).expect("valid settings");
    let [source_read] = config.engine.rate_sources.as_slice() else { panic!("one source") };
    assert_eq!((source_read.max_age.as_secs(), source_read.timeout.as_secs()), (300, 5));
    let twice = refusal(&format!("sandbox = true\n{source}{source}"));
    assert!(twice.contains("rate_sources.x.name") && twice.contains("twice"), "{twice}");
}

#[test]
fn every_mistake_names_its_key_and_the_remedy() {
    let cases = [
        ("listn = \"127.0.0.1:1\"", "listn"),
        ("listen = \"here\"", "listen"),
        ("sandbox = \"maybe\"", "sandbox"),
        ("sandbox = true\npublic_url = \"refunds.example\"", "public_url"),
        ("sandbox = true\npublic_url = \"https://refunds.example/path\"", "public_url"),
        ("sandbox = true\ndatabase_url = \"mysql://x\"", "database_url"),
        ("sandbox = true\nmail_from = \"refunds@shop.example\"", "smtp_url: say which"),
        ("sandbox = true\nsmtp_url = \"smtp://127.0.0.1:25\"", "mail_from"),
        ("sandbox = true\nsmtp_url = \"smtp://127.0.0.1:25\"\nmail_from = \"a@b.example, c@d.example\"", "mail_from"),
        ("sandbox = true\nsmtp_url = \"mail.example\"\nmail_from = \"refunds@shop.example\"", "smtp_url: this is no URL"),
        (
            "sandbox = true\nsmtp_url = \"smtp://u:secret@mail.example\"\nmail_from = \"refunds@shop.example\"",
            "smtp_url: the password would cross",
        ),
        ("", "assets: there is none"),
        ("[[assets]]\nid = \"USDC-BASE\"\ndecimals = 6\nfinality = 1", "rails: USDC-BASE needs it"),
        ("[[assets]]\nid = \"USDC-MOON\"\ndecimals = 6\nfinality = 1", "assets.USDC-MOON.id"),
        ("[[assets]]\nid = \"USDC-BASE\"\ndecimals = 6\nfinality = 0", "assets.USDC-BASE.finality"),
        (
            "[[assets]]\nid = \"USDC-BASE\"\ndecimals = 6\nfinality = 1\nnetwork_fee = \"0.0000001\"",
            "assets.USDC-BASE.network_fee: too many decimals",
        ),
        (&rail("deposits = \"tld\""), "`watched` or `told`"),
        (&format!("sandbox = true\n{}{}", rail("deposits = \"told\""), rail("")), "rails: base is there twice"),
        ("sandbox = true\n[rates]\n\"USDT/USD\" = \"-1\"", "rates.USDT/USD"),
        ("sandbox = true\n[[rate_sources]]\nname = \"x\"\nurl = \"https://x.example/{symbol}\"", "rate_sources.0: missing field"),
        ("sandbox = true\n[[rate_sources]]\nname = \"x\"\nurl = \"x.example/{symbol}\"\nprice = \"/p\"", "rate_sources.x.url: write http"),
        (
            "sandbox = true\n[[rate_sources]]\nname = \"x\"\nurl = \"https://x.example/{symbol}\"\nprice = \"/p\"\nmax_age = \"PT48H\"",
            "rate_sources.x.max_age",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal(text);
        assert!(refusal.contains(expected), "{text:?} gives {refusal:?}");
    }
}

#[test]
fn a_misspelt_variable_is_refused() {
    let check = |name: &str| check_variables([name.to_owned()].into_iter());
    assert!(check("REFUNDRY_LISTEN").is_ok());
    assert!(check("REFUNDRY_SIGNER_LOG").is_ok());
    assert!(check("PATH").is_ok());
    let refusal = check("REFUNDRY_SANDBOKS").expect_err("there is no such variable").to_string();
    assert!(refusal.contains("REFUNDRY_SANDBOKS") && refusal.contains("REFUNDRY_SANDBOX"), "{refusal}");
}

#[test]
fn the_secret_key_is_made_once_and_only_its_owner_reads_it() {
    let file = folder("key").join("deep").join("refundry.key");
    let first = secret_key::load_or_make(&file).expect("a key is made");
    let again = secret_key::load_or_make(&file).expect("the key is read");
    assert_eq!(first.hash("x"), again.hash("x"));
    assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("permissions");
    let refusal = secret_key::load_or_make(&file).expect_err("others can read it").to_string();
    assert!(refusal.contains("chmod 600"), "{refusal}");

    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
    fs::write(&file, "00").expect("a damaged file");
    let refusal = secret_key::load_or_make(&file).expect_err("it is damaged").to_string();
    assert!(refusal.contains("damaged"), "{refusal}");
}

/// Metrics have an address of their own, or are told where the server listens.
#[test]
fn metrics_may_be_told_elsewhere() {
    let config = settle(&folder("metrics"), "sandbox = true\nmetrics_listen = \"127.0.0.1:9464\"").expect("valid settings");
    assert_eq!(config.metrics_listen.map(|listen| listen.port()), Some(9464));
    assert_eq!(settle(&folder("no-metrics"), "sandbox = true").expect("valid settings").metrics_listen, None);
    let refused = refusal("sandbox = true\nmetrics_listen = \"127.0.0.1:3000\"");
    assert_eq!(refused, "setting metrics_listen: choose another address than listen, or leave it out");
}

//! `refundry doctor`: looks at what a start needs, one thing after the other, and says what is wrong.

use std::path::Path;
use std::sync::Arc;

use domain::money::Asset;
use engine::Engine;
use engine::emails::{MailSettings, SmtpServer};
use engine::outside::{MailServer as _, NotTaken};
use engine::rails::Rail;
use engine::rails::evm::{EvmRail, EvmSettings};
use engine::signer::SignerClient;
use serde::Serialize;
use serde_json::json;

use super::Answer;
use crate::config::Config;

#[derive(Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
}

impl Check {
    fn of<E: std::fmt::Display>(name: impl Into<String>, result: &Result<String, E>) -> Self {
        let detail = match result {
            Ok(detail) => detail.clone(),
            Err(error) => error.to_string(),
        };
        Self { name: name.into(), ok: result.is_ok(), detail }
    }
}

/// Looks at settings, database, rails and signer. What depends on something broken is not looked at.
pub(super) async fn examine(file: Option<&Path>) -> Answer {
    let mut checks = Vec::new();
    if let Some(config) = examine_settings(file, &mut checks) {
        if !config.engine.rails.is_empty() {
            let signer = Arc::new(SignerClient::new(&config.engine.signer_socket));
            examine_signer(&signer, &mut checks).await;
            for settings in &config.engine.rails {
                examine_rail(settings, &config.engine.assets, &signer, &mut checks).await;
            }
        }
        if let Some(settings) = &config.engine.mail {
            examine_mail(settings, &mut checks).await;
        }
        examine_database(config, &mut checks).await;
    }
    let is_ok = checks.iter().all(|check| check.ok);
    let lines = checks.iter().map(|check| format!("{}  {}: {}", if check.ok { "ok   " } else { "WRONG" }, check.name, check.detail));
    let text = lines.collect::<Vec<_>>().join("\n");
    Answer { json: json!({ "checks": checks, "ok": is_ok }), text, is_ok }
}

fn examine_settings(file: Option<&Path>, checks: &mut Vec<Check>) -> Option<Config> {
    let loaded = Config::load(file);
    let found = loaded.as_ref().map(|config| {
        let kind = if config.engine.is_sandbox { "sandbox" } else { "real money" };
        let metrics = match config.metrics_listen {
            Some(listen) => format!("at {listen}"),
            None => format!("to everybody who reaches {} (metrics_listen chooses another address)", config.listen),
        };
        format!("{} assets, {kind}, reached at {}; metrics are answered {metrics}", config.engine.assets.len(), config.engine.public_url)
    });
    checks.push(Check::of("settings", &found));
    loaded.ok()
}

async fn examine_signer(signer: &SignerClient, checks: &mut Vec<Check>) {
    let greeting = signer.hello().await;
    let found = greeting.map(|greeting| format!("answers, and pays from {} accounts", greeting.accounts.len()));
    checks.push(Check::of("signer", &found));
}

/// Asks the node for the hot account's next nonce: that needs the right node, on the right chain.
async fn examine_rail(settings: &EvmSettings, assets: &[Asset], signer: &Arc<SignerClient>, checks: &mut Vec<Check>) {
    let found = match EvmRail::new(settings, assets, Arc::clone(signer)) {
        Ok(rail) => rail.next_slot().await.map(|slot| format!("the node answers; the hot account's next nonce is {slot}")),
        Err(error) => Err(error),
    };
    checks.push(Check::of(format!("rail {}", settings.network), &found));
}

/// Asks the mail server to let us in; sends nothing.
async fn examine_mail(settings: &MailSettings, checks: &mut Vec<Check>) {
    let found = match SmtpServer::new(&settings.smtp_url) {
        Ok(server) => server.greet().await.map(|()| format!("the mail server answers; mails come from {}", settings.from)),
        Err(detail) => Err(NotTaken::ForGood(detail)),
    };
    checks.push(Check::of("mail", &found));
}

async fn examine_database(config: Config, checks: &mut Vec<Check>) {
    let found = Engine::open(config.engine).await.map(|_| "opens and is up to date".to_owned());
    checks.push(Check::of("database", &found));
}

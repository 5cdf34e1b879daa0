//! `refundry sanctions`: the lists of accounts that nobody is paid at.

use std::path::{Path, PathBuf};

use engine::Engine;
use engine::sanctions::{Imported, Screening};
use serde_json::json;

use super::{Answer, CommandError, open};
use crate::cli::SanctionsCommand;

/// Does what was asked about the lists.
pub(super) async fn run(config: Option<&Path>, command: SanctionsCommand) -> Result<Answer, CommandError> {
    match command {
        SanctionsCommand::Import { file, list } => import(&open(config).await?, file, &list).await,
        SanctionsCommand::Check { address } => check(&open(config).await?, &address).await,
        SanctionsCommand::Lists => lists(&open(config).await?).await,
        SanctionsCommand::Drop { list } => {
            let dropped = open(config).await?.drop_sanctions(&list).await.map_err(|error| match error {
                engine::Error::NotFound => CommandError::NoList(list.clone()),
                error => error.into(),
            })?;
            Ok(Answer::ok(json!({ "list": list, "dropped": dropped }), format!("{list} is gone: {dropped} accounts may be paid again")))
        }
    }
}

async fn import(engine: &Engine, file: PathBuf, list: &str) -> Result<Answer, CommandError> {
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(cause) => return Err(CommandError::Unreadable { file, cause }),
    };
    let Imported { accounts, before, repeated, left_out } = engine.import_sanctions(list, &text).await?;
    let mut words = format!("{list} has {accounts} accounts now; it had {before}");
    if repeated > 0 {
        words.push_str(&format!("\n{repeated} lines named an account again"));
    }
    for (network, lines) in &left_out {
        words.push_str(&format!("\n{lines} lines were left out: nothing is paid on {network}"));
    }
    let json = json!({ "list": list, "accounts": accounts, "before": before, "repeated": repeated, "left_out": left_out });
    Ok(Answer::ok(json, words))
}

async fn check(engine: &Engine, address: &str) -> Result<Answer, CommandError> {
    Ok(match engine.screen_address(address).await? {
        Screening::Clear => Answer::ok(json!({ "address": address, "lists": [] }), format!("{address} is on no list")),
        Screening::Listed { lists } => {
            let text = format!("{address} is on {}", lists.join(", "));
            Answer { json: json!({ "address": address, "lists": lists }), text, is_ok: false }
        }
    })
}

async fn lists(engine: &Engine) -> Result<Answer, CommandError> {
    let lists = engine.sanctions_lists().await?;
    let lines = lists.iter().map(|list| format!("{}: {} accounts, imported {}", list.name, list.accounts, list.imported_at));
    let text = if lists.is_empty() { "there is no list".to_owned() } else { lines.collect::<Vec<_>>().join("\n") };
    let rows =
        lists.iter().map(|list| json!({ "list": list.name, "accounts": list.accounts, "imported_at": list.imported_at.to_string() }));
    Ok(Answer::ok(json!({ "lists": rows.collect::<Vec<_>>() }), text))
}

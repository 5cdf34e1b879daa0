//! `refundry statement`: what happened on a MID's accounts in a period.

use std::io::Write;

use domain::view::{AccountLineView, StatementView};
use engine::Engine;
use engine::callers::Caller;
use engine::statements::parse_instant;
use jiff::Timestamp;
use serde_json::json;

use super::{Answer, CommandError};
use crate::api::statements::{csv_heading, csv_records};
use crate::cli::StatementWanted;

/// Shows the accounts with their sums; with `--json` every movement, too.
pub(super) async fn show(engine: &Engine, wanted: &StatementWanted) -> Result<Answer, CommandError> {
    let (from, to) = period(wanted)?;
    let statement =
        engine.statement(&Caller::operator(), wanted.mid, from, to).await.map_err(|error| CommandError::about_mid(error, wanted.mid))?;
    let text = table(&statement);
    Ok(Answer::ok(json!(statement), text))
}

/// Prints every movement, account by account, while it is read.
pub(super) async fn print_csv(engine: &Engine, wanted: &StatementWanted) -> Result<(), CommandError> {
    let (from, to) = period(wanted)?;
    let mut statement = engine
        .open_statement(&Caller::operator(), wanted.mid, from, to)
        .await
        .map_err(|error| CommandError::about_mid(error, wanted.mid))?;
    let print = |text: &str| std::io::stdout().lock().write_all(text.as_bytes()).map_err(CommandError::Output);
    print(&csv_heading())?;
    while let Some(part) = statement.next_part().await? {
        print(&csv_records(&statement, &part))?;
    }
    Ok(())
}

fn period(wanted: &StatementWanted) -> Result<(Timestamp, Option<Timestamp>), CommandError> {
    let to = wanted.to.as_deref().map(|text| parse_instant("to", text)).transpose()?;
    Ok((parse_instant("from", &wanted.from)?, to))
}

fn table(statement: &StatementView) -> String {
    let mut text = format!("MID {} from {} to {}, {} movements", statement.mid, statement.from, statement.to, statement.movements.len());
    for (title, lines) in [("accounts", &statement.accounts), ("fees", &statement.fees), ("residuals", &statement.residuals)] {
        text.push_str(&format!("\n\n{title:<34}{:>26}{:>26}{:>26}{:>26}", "opening", "debits", "credits", "closing"));
        if lines.is_empty() {
            text.push_str("\nnone");
        }
        for AccountLineView { account, asset, opening, debits, credits, closing } in lines {
            text.push_str(&format!("\n{asset:<16}{account:<18}{opening:>26}{debits:>26}{credits:>26}{closing:>26}"));
        }
    }
    text
}

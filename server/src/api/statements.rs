//! Statements: what happened on a MID's accounts in a period, as JSON or as comma-separated values. The latter are sent while they are
//! read, however long they are.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::ids::MidId;
use domain::view::StatementView;
use engine::Engine;
use engine::callers::Caller;
use engine::statements::{Statement, StatementPart, parse_instant};
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Filter;
use crate::csv;
use crate::problem::Problem;

/// Which statement.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementWanted {
    /// Of this MID.
    mid: Uuid,
    /// From this instant on; a date stands for its beginning in UTC.
    from: String,
    /// Up to this instant, which is not part of it any more; up to the present unless given.
    to: Option<String>,
}

impl StatementWanted {
    fn period(&self) -> Result<(Timestamp, Option<Timestamp>), Problem> {
        let to = self.to.as_deref().map(|text| parse_instant("to", text)).transpose()?;
        Ok((parse_instant("from", &self.from)?, to))
    }
}

/// Returns a statement, as JSON or as comma-separated values, whichever `Accept` asks for
#[utoipa::path(get, path = "/api/v1/statements", tag = "Statements", params(StatementWanted),
    responses((status = 200, description = "The statement", content(
        (StatementView = "application/json"),
        (String = "text/csv"),
    ))))]
pub async fn show(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Filter(wanted): Filter<StatementWanted>,
) -> Result<Response, Problem> {
    if asks_for_csv(&headers) {
        return send_csv(&engine, &caller, &wanted).await;
    }
    let (from, to) = wanted.period()?;
    Ok(Json(engine.statement(&caller, MidId(wanted.mid), from, to).await?).into_response())
}

/// Returns a statement as comma-separated values: of each account its opening, its movements and its closing
#[utoipa::path(get, path = "/api/v1/statements.csv", tag = "Statements", params(StatementWanted),
    responses((status = 200, description = "The statement", body = String, content_type = "text/csv")))]
pub async fn csv(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Filter(wanted): Filter<StatementWanted>,
) -> Result<Response, Problem> {
    send_csv(&engine, &caller, &wanted).await
}

fn asks_for_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|choice| choice.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")))
}

async fn send_csv(engine: &Engine, caller: &Caller, wanted: &StatementWanted) -> Result<Response, Problem> {
    let (from, to) = wanted.period()?;
    let statement = engine.open_statement(caller, MidId(wanted.mid), from, to).await?;
    let name = format!("attachment; filename=\"statement-{}.csv\"", wanted.mid);
    let headers = [(header::CONTENT_TYPE, csv::CONTENT_TYPE.to_owned()), (header::CONTENT_DISPOSITION, name)];
    // A statement that breaks off ends the connection before its time: nobody takes it for whole.
    let text = stream::try_unfold((statement, true), |(mut statement, is_first)| async move {
        let part = statement.next_part().await.inspect_err(|error| tracing::error!(%error, "a statement broke off"))?;
        let heading = if is_first { csv_heading() } else { String::new() };
        Ok::<_, engine::Error>(match part {
            Some(part) => Some((heading + &csv_records(&statement, &part), (statement, false))),
            None if is_first => Some((heading, (statement, false))),
            None => None,
        })
    });
    Ok((headers, Body::from_stream(text)).into_response())
}

/// Returns the first line.
#[must_use]
pub fn csv_heading() -> String {
    csv::record([
        "line",
        "asset",
        "account",
        "at",
        "entry",
        "number",
        "kind",
        "against",
        "invoice",
        "invoice_reference",
        "refund",
        "refund_reference",
        "debit",
        "credit",
        "balance",
    ])
}

/// Returns the lines of a part: the account's opening before its first movement, its closing with the sums after its last.
#[must_use]
pub fn csv_records(statement: &Statement, part: &StatementPart) -> String {
    let (account, summary) = (&part.account, statement.summary());
    let mut text = String::new();
    let edge = |line: &str, at: Timestamp, debits: &str, credits: &str, balance: &str| {
        let at = at.to_string();
        let begin = [line, account.asset.as_str(), account.account.as_str(), at.as_str()];
        csv::record(begin.into_iter().chain([""; 8]).chain([debits, credits, balance]))
    };
    if part.is_first {
        text.push_str(&edge("opening", summary.from, "", "", &account.opening));
    }
    for movement in &part.movements {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let (at, entry, invoice, refund) = (movement.at.to_string(), movement.entry.to_string(), id(movement.invoice), id(movement.refund));
        text.push_str(&csv::record([
            "movement",
            &movement.asset,
            &movement.account,
            &at,
            &entry,
            &movement.number,
            &movement.kind,
            &movement.against,
            &invoice,
            movement.invoice_reference.as_deref().unwrap_or_default(),
            &refund,
            movement.refund_reference.as_deref().unwrap_or_default(),
            movement.debit.as_deref().unwrap_or_default(),
            movement.credit.as_deref().unwrap_or_default(),
            &movement.balance,
        ]));
    }
    if part.is_last {
        text.push_str(&edge("closing", summary.to, &account.debits, &account.credits, &account.closing));
    }
    text
}

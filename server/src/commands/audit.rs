//! `refundry audit verify`: walks the chains of the audit log.

use std::fs;
use std::path::Path;

use domain::ids::MerchantId;
use engine::Engine;
use engine::audit::AuditHead;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, CommandError};

/// What is read of an earlier answer.
#[derive(Deserialize)]
struct Earlier {
    heads: Vec<AuditHead>,
}

/// Reads the ends that an earlier `audit verify --json` printed.
pub(super) fn read_heads(file: &Path) -> Result<Vec<AuditHead>, CommandError> {
    let wrong = |cause: String| CommandError::NoHeads { file: file.to_owned(), cause };
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let earlier: Earlier = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(earlier.heads)
}

/// Walks the chains and shows what is broken, and the ends to keep.
pub(super) async fn verify(engine: &Engine, merchant: Option<MerchantId>, heads: &[AuditHead]) -> Result<Answer, CommandError> {
    let found = engine.verify_audit(merchant, heads).await?;
    let mut lines = vec![format!("{} rows in {} chains", found.rows, found.heads.len())];
    lines.extend(found.heads.iter().map(|head| format!("end of {}: row {}, {}", head.merchant, head.number, head.hash)));
    lines.extend(found.broken.iter().map(|broken| format!("broken: {broken}")));
    lines.push(if found.ok { "the audit log is as it was written" } else { "the audit log is NOT as it was written" }.to_owned());
    let json = json!({ "rows": found.rows, "heads": found.heads, "broken": found.broken, "ok": found.ok });
    Ok(Answer { json, text: lines.join("\n"), is_ok: found.ok })
}

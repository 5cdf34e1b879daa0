//! Rows of codes that were mailed to payers, to be given beside the link of a claim.

use domain::claim::TokenHash;
use domain::claim_code::{NewClaimCode, SentCode, TRIES_MAX};
use domain::ids::{ClaimCodeId, ClaimId};
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, count, hash_bytes, needed};
use super::{StoreError, Tx, on, one_row};

/// Writes a code down that is about to be mailed. `Conflict` when another one was first.
pub(crate) async fn insert(tx: &mut Tx, code: &NewClaimCode, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO claim_codes (id, claim_id, number, code_hash, shown_to, tries, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)"
    )
    .bind(code.id.0)
    .bind(code.claim.0)
    .bind(i64::from(code.number))
    .bind(hash_bytes(code.hash))
    .bind(&code.shown_to)
    .bind(At(now))
    .bind(At(code.expires_at))
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// Counts a try, before it is looked at; says whether one was left. A repeat of the right one is a try too.
pub(crate) async fn count_try(tx: &mut Tx, id: ClaimCodeId) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query("UPDATE claim_codes SET tries = tries + 1 WHERE id = $1 AND tries < $2")
        .bind(id.0)
        .bind(i64::from(TRIES_MAX))
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a code. `Conflict` when it was taken, or another one was sent, or its time ran out.
pub(crate) async fn take(tx: &mut Tx, id: ClaimCodeId, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE claim_codes SET given_at = $1 WHERE id = $2 AND given_at IS NULL AND expires_at > $1 \
         AND number = (SELECT MAX(c.number) FROM claim_codes c WHERE c.claim_id = claim_codes.claim_id)"
    )
    .bind(At(now))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

#[derive(FromRow)]
struct CodeRow {
    id: Uuid,
    number: i64,
    code_hash: Vec<u8>,
    shown_to: String,
    tries: i64,
    sent_at: At,
    expires_at: At,
    given_at: Option<At>,
}

/// Returns the codes of a claim, oldest first.
pub(crate) async fn of_claim(tx: &mut Tx, claim: ClaimId) -> Result<Vec<SentCode>, StoreError> {
    let sql =
        "SELECT id, number, code_hash, shown_to, tries, sent_at, expires_at, given_at FROM claim_codes WHERE claim_id = $1 ORDER BY number";
    let rows: Vec<CodeRow> = on!(tx, |conn| sqlx::query_as(sql).bind(claim.0).fetch_all(conn).await)?;
    let code = |row: CodeRow| {
        Ok(SentCode {
            id: ClaimCodeId(row.id),
            number: count("claim_codes", row.number)?,
            hash: TokenHash(needed("claim_codes", "code_hash", row.code_hash.try_into().ok())?),
            shown_to: row.shown_to,
            tries: count("claim_codes", row.tries)?,
            sent_at: row.sent_at.0,
            expires_at: row.expires_at.0,
            is_given: row.given_at.is_some(),
        })
    };
    rows.into_iter().map(code).collect()
}

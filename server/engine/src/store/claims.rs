//! Rows of claims: a refund's links, and what its payer said.

use domain::claim::{Claim, ClaimState, Consent, TokenHash};
use domain::destination::Destination;
use domain::ids::{ClaimId, RefundId};
use jiff::Timestamp;
use uuid::Uuid;

use super::codec::{At, hash_bytes};
use super::{StoreError, Tx, on, one_row};

pub(crate) async fn issue(tx: &mut Tx, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO claims (id, refund_id, state, token_hash, cancel_token_hash, verified_by, created_at) \
         VALUES ($1, $2, 'issued', $3, $4, $5, $6)"
    )
    .bind(claim.id.0)
    .bind(claim.refund.0)
    .bind(hash_bytes(claim.token))
    .bind(hash_bytes(claim.cancel_token))
    .bind(claim.verified_by.name())
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Confirms a claim that nobody had to be asked for.
pub(crate) async fn direct(tx: &mut Tx, claim: &Claim, to: &Destination, now: Timestamp) -> Result<(), StoreError> {
    issue(tx, claim, now).await?;
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE claims SET state = 'confirmed', address = $1, tag = $2, confirmed_at = $3 WHERE id = $4 AND state = 'issued'"
    )
    .bind(to.address())
    .bind(to.tag().map(ToString::to_string))
    .bind(At(now))
    .bind(claim.id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Confirms a claim that is still issued: the first to get here wins.
pub(crate) async fn confirm(
    tx: &mut Tx,
    claim: ClaimId,
    to: &Destination,
    consent: Consent,
    email: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE claims SET state = 'confirmed', address = $1, tag = $2, consent_text_version = $3, confirmed_at = $4, email = $5 \
         WHERE id = $6 AND state = 'issued'"
    )
    .bind(to.address())
    .bind(to.tag().map(ToString::to_string))
    .bind(i64::from(consent.text_version))
    .bind(At(now))
    .bind(email)
    .bind(claim.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Confirms a claim in the payer's place, if it is still issued: the first to get here wins.
pub(crate) async fn tell(tx: &mut Tx, claim: ClaimId, to: &Destination, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE claims SET state = 'confirmed', verified_by = 'merchant', address = $1, tag = $2, confirmed_at = $3 \
         WHERE id = $4 AND state = 'issued'"
    )
    .bind(to.address())
    .bind(to.tag().map(ToString::to_string))
    .bind(At(now))
    .bind(claim.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

pub(crate) async fn close(tx: &mut Tx, claim: ClaimId, state: ClaimState) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query("UPDATE claims SET state = $1 WHERE id = $2 AND state IN ('issued', 'confirmed')")
        .bind(state.name())
        .bind(claim.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Which of a claim's links a token is.
#[derive(Clone, Copy)]
pub(crate) enum Link {
    Claim,
    Cancel,
}

/// Returns the claim and refund behind a token.
pub(crate) async fn by_token(tx: &mut Tx, link: Link, token: TokenHash) -> Result<Option<(ClaimId, RefundId)>, StoreError> {
    let sql = match link {
        Link::Claim => "SELECT id, refund_id FROM claims WHERE token_hash = $1",
        Link::Cancel => "SELECT id, refund_id FROM claims WHERE cancel_token_hash = $1",
    };
    let row: Option<(Uuid, Uuid)> = on!(tx, |conn| sqlx::query_as(sql).bind(hash_bytes(token)).fetch_optional(conn).await)?;
    Ok(row.map(|(claim, refund)| (ClaimId(claim), RefundId(refund))))
}

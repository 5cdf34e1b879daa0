//! Rows of claims: a refund's links, and what its payer said.

use std::collections::HashMap;

use domain::claim::{Claim, ClaimState, Consent, VerifiedBy};
use domain::claim_code::Proof;
use domain::destination::Destination;
use domain::ids::{ClaimId, RefundId};
use jiff::Timestamp;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::codec::{At, hash_bytes};
use super::{StoreError, Tx, all_rows, among, claim_codes, lots, on, one_row, privacy};

/// Issues links, each at its time.
pub(crate) async fn issue(tx: &mut Tx, claims: &[(&Claim, Timestamp)]) -> Result<(), StoreError> {
    for lot in lots(claims) {
        on!(tx, |conn| {
            let mut sql =
                QueryBuilder::new("INSERT INTO claims (id, refund_id, state, token_hash, cancel_token_hash, verified_by, created_at) ");
            sql.push_values(lot, |mut row, (claim, at)| {
                row.push_bind(claim.id.0)
                    .push_bind(claim.refund.0)
                    .push("'issued'")
                    .push_bind(hash_bytes(claim.token))
                    .push_bind(hash_bytes(claim.cancel_token))
                    .push_bind(claim.verified_by.name())
                    .push_bind(At(*at));
            });
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Confirms a claim that nobody had to be asked for.
pub(crate) async fn direct(tx: &mut Tx, claim: &Claim, to: &Destination, now: Timestamp) -> Result<(), StoreError> {
    issue(tx, &[(claim, now)]).await?;
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

/// What a payer said, and when.
pub(crate) struct Confirmed<'c> {
    pub(crate) claim: ClaimId,
    pub(crate) proof: Proof,
    pub(crate) to: &'c Destination,
    pub(crate) consent: Consent,
    pub(crate) email: Option<&'c str>,
    pub(crate) at: Timestamp,
}

/// Confirms claims that are still issued: the first to get here wins. A code is taken with the claim that it is for, once.
pub(crate) async fn confirm(tx: &mut Tx, confirmed: &[Confirmed<'_>]) -> Result<(), StoreError> {
    for said in confirmed {
        if let Proof::Code(code) = said.proof {
            claim_codes::take(tx, code, said.at).await?;
        }
    }
    for lot in lots(confirmed) {
        let changed = on!(tx, |conn| {
            let mut sql =
                QueryBuilder::new("WITH said (id, proof, address, tag, consent_text_version, consent_text_id, confirmed_at, email) AS (");
            sql.push_values(lot, |mut row, said| {
                let (version, text) = privacy::columns(said.consent);
                row.push_bind(said.claim.0)
                    .push_bind(said.proof.name())
                    .push_bind(said.to.address())
                    .push_bind(said.to.tag().map(ToString::to_string))
                    .push_bind(version)
                    .push_bind(text)
                    .push_bind(At(said.at))
                    .push_bind(said.email);
            });
            sql.push(
                ") UPDATE claims SET state = 'confirmed', proof = said.proof, \
                 verified_by = CASE WHEN said.proof = 'code' THEN 'email_code' ELSE claims.verified_by END, \
                 address = said.address, tag = said.tag, consent_text_version = said.consent_text_version, \
                 consent_text_id = said.consent_text_id, confirmed_at = said.confirmed_at, email = said.email \
                 FROM said WHERE claims.id = said.id AND claims.state = 'issued'",
            );
            sql.build().execute(conn).await.map(|done| done.rows_affected())
        })?;
        all_rows(changed, lot.len())?;
    }
    Ok(())
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

/// How a claim was confirmed by whoever held its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByLink {
    /// That was enough then.
    WasEnough,
    /// It was too little, and no mail reached the payer.
    Unproven,
}

/// Returns how a claim was confirmed, where nothing but its link is known of whoever did; nothing otherwise.
pub(crate) async fn by_link_alone(tx: &mut Tx, claim: ClaimId) -> Result<Option<ByLink>, StoreError> {
    let row: Option<(String, Option<String>)> =
        on!(tx, |conn| sqlx::query_as("SELECT verified_by, proof FROM claims WHERE id = $1").bind(claim.0).fetch_optional(conn).await)?;
    Ok(match row {
        Some((_, Some(proof))) if proof == Proof::Missing.name() => Some(ByLink::Unproven),
        Some((verified_by, _)) if verified_by != VerifiedBy::Link.name() => None,
        Some(_) | None => Some(ByLink::WasEnough),
    })
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

/// Returns the claims and refunds behind some tokens.
pub(crate) async fn by_tokens(tx: &mut Tx, link: Link, tokens: &[[u8; 32]]) -> Result<HashMap<[u8; 32], (ClaimId, RefundId)>, StoreError> {
    let select = match link {
        Link::Claim => "SELECT token_hash, id, refund_id FROM claims WHERE token_hash IN (",
        Link::Cancel => "SELECT cancel_token_hash, id, refund_id FROM claims WHERE cancel_token_hash IN (",
    };
    let tokens: Vec<Vec<u8>> = tokens.iter().map(|token| token.to_vec()).collect();
    let rows: Vec<(Vec<u8>, Uuid, Uuid)> = among!(tx, select, &tokens, ")")?;
    let found = |(token, claim, refund): (Vec<u8>, Uuid, Uuid)| Some((token.try_into().ok()?, (ClaimId(claim), RefundId(refund))));
    Ok(rows.into_iter().filter_map(found).collect())
}

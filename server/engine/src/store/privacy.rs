//! Rows of privacy policies: every text that payers were ever asked to agree to, and which of them goes now.

use std::collections::HashMap;

use domain::claim::Consent;
use domain::ids::{MerchantId, PrivacyTextId};
use domain::privacy::{MerchantsText, PrivacyText};
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, count, needed};
use super::{StoreError, Tx, among, on};

/// A consent as rows have it: a version of Refundry's own text, or the id of a merchant's.
pub(super) fn columns(Consent { text }: Consent) -> (Option<i64>, Option<Uuid>) {
    match text {
        PrivacyText::Own { version } => (Some(i64::from(version)), None),
        PrivacyText::Merchants(id) => (None, Some(id.0)),
    }
}

/// Returns the consent that a row has; nothing when it has none.
pub(super) fn consent(table: &'static str, version: Option<i64>, id: Option<Uuid>) -> Result<Option<Consent>, StoreError> {
    let text = match (version, id) {
        (_, Some(id)) => PrivacyText::Merchants(PrivacyTextId(id)),
        (Some(version), None) => PrivacyText::Own { version: count(table, version)? },
        (None, None) => return Ok(None),
    };
    Ok(Some(Consent { text }))
}

/// A text that a merchant, or one of its MIDs, asked payers to agree to.
#[derive(FromRow)]
pub(crate) struct TextRow {
    id: Uuid,
    url: String,
    version: String,
    created_at: At,
}

impl TextRow {
    /// Returns it with when it was first said.
    pub(crate) fn into_text(self) -> (MerchantsText, Timestamp) {
        (MerchantsText { id: PrivacyTextId(self.id), url: self.url, version: self.version }, self.created_at.0)
    }
}

/// Returns every text of one owner, a merchant's id or a MID's, newest first.
pub(crate) async fn of_owner(tx: &mut Tx, owner: Uuid) -> Result<Vec<TextRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT id, url, version, created_at FROM privacy_texts WHERE owner_id = $1 ORDER BY created_at DESC, id DESC"
    )
    .bind(owner)
    .fetch_all(conn)
    .await)?)
}

/// Writes a text down.
pub(crate) async fn insert(tx: &mut Tx, owner: Uuid, merchant: MerchantId, text: &MerchantsText, now: Timestamp) -> Result<(), StoreError> {
    Ok(on!(tx, |conn| sqlx::query(
        "INSERT INTO privacy_texts (id, owner_id, merchant_id, url, version, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(text.id.0)
    .bind(owner)
    .bind(merchant.0)
    .bind(text.url.as_str())
    .bind(text.version.as_str())
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?)
}

/// Says which text of an owner goes from now on; nothing for none of its own. How it looks stays.
pub(crate) async fn choose(
    tx: &mut Tx,
    owner: Uuid,
    merchant: MerchantId,
    text: Option<PrivacyTextId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    Ok(on!(tx, |conn| sqlx::query(
        "INSERT INTO brands (owner_id, merchant_id, privacy_text_id, changed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (owner_id) DO UPDATE SET privacy_text_id = excluded.privacy_text_id"
    )
    .bind(owner)
    .bind(merchant.0)
    .bind(text.map(|id| id.0))
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?)
}

/// What the payer of a claim agreed to.
pub(crate) struct Agreed {
    /// Where a merchant's own text can be read.
    pub(crate) url: Option<String>,
    /// Which version: of that, or of Refundry's own.
    pub(crate) version: String,
    pub(crate) at: Timestamp,
}

type AgreedRow = (Uuid, Option<i64>, Option<String>, Option<String>, Option<At>);

/// Returns what the payers of some confirmed claims agreed to, and when: at the payment where that was the same text, else with the claim.
pub(crate) async fn agreed(tx: &mut Tx, claims: &[Uuid]) -> Result<HashMap<Uuid, Agreed>, StoreError> {
    let select = "SELECT c.id, c.consent_text_version, p.url, p.version, \
                  CASE WHEN i.consent_text_version = c.consent_text_version OR i.consent_text_id = c.consent_text_id \
                  THEN i.consented_at ELSE c.confirmed_at END \
                  FROM claims c JOIN refunds r ON r.id = c.refund_id JOIN invoices i ON i.id = r.invoice_id \
                  LEFT JOIN privacy_texts p ON p.id = c.consent_text_id \
                  WHERE (c.consent_text_version IS NOT NULL OR c.consent_text_id IS NOT NULL) AND c.id IN (";
    let rows: Vec<AgreedRow> = among!(tx, select, claims, ")")?;
    let agreed = |(claim, own, url, version, at): AgreedRow| {
        let version = needed("claims", "consent", version.or(own.map(|own| own.to_string())))?;
        Ok((claim, Agreed { url, version, at: needed("claims", "consent", at)?.0 }))
    };
    rows.into_iter().map(agreed).collect()
}

//! Rows that show how far a merchant's first steps are.

use domain::ids::{MerchantId, UserId};
use sqlx::FromRow;

use super::codec::needed;
use super::{StoreError, Tx, on};
use crate::setup::SetupStep;

#[derive(FromRow)]
struct DoneRow {
    brand: bool,
    policy: bool,
    api_key: bool,
    webhook: bool,
    colleague: bool,
    second_factor: bool,
}

/// Returns what was done for a merchant, and for one of its people.
pub(crate) async fn done(tx: &mut Tx, merchant: MerchantId, user: UserId) -> Result<Vec<SetupStep>, StoreError> {
    // The first version of a policy is made with the MID.
    let row: DoneRow = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM brands WHERE merchant_id = $1 AND (name IS NOT NULL OR colour IS NOT NULL OR logo IS NOT NULL)) AS brand, \
         EXISTS (SELECT 1 FROM policy_versions WHERE merchant_id = $1 AND author <> 'system') AS policy, \
         EXISTS (SELECT 1 FROM api_keys WHERE merchant_id = $1 AND revoked_at IS NULL) AS api_key, \
         EXISTS (SELECT 1 FROM webhook_endpoints WHERE merchant_id = $1 AND invoice_id IS NULL AND removed_at IS NULL) AS webhook, \
         EXISTS (SELECT 1 FROM users WHERE merchant_id = $1 AND id <> $2 AND removed_at IS NULL) \
         OR EXISTS (SELECT 1 FROM invitations WHERE merchant_id = $1 AND closed_at IS NULL) AS colleague, \
         EXISTS (SELECT 1 FROM passkeys WHERE user_id = $2) OR EXISTS (SELECT 1 FROM code_apps WHERE user_id = $2) AS second_factor"
    )
    .bind(merchant.0)
    .bind(user.0)
    .fetch_one(conn)
    .await
    })?;
    let done = [
        (SetupStep::Brand, row.brand),
        (SetupStep::Policy, row.policy),
        (SetupStep::Key, row.api_key),
        (SetupStep::Webhook, row.webhook),
        (SetupStep::Colleague, row.colleague),
        (SetupStep::SecondFactor, row.second_factor),
    ];
    Ok(done.into_iter().filter(|(_, is_done)| *is_done).map(|(step, _)| step).collect())
}

/// Returns what a merchant's people set aside.
pub(crate) async fn skipped(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<SetupStep>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |conn| sqlx::query_as("SELECT step FROM setup_steps_skipped WHERE merchant_id = $1")
        .bind(merchant.0)
        .fetch_all(conn)
        .await)?;
    rows.into_iter().map(|(step,)| needed("setup_steps_skipped", "step", SetupStep::from_name(&step))).collect()
}

/// Sets a step aside.
pub(crate) async fn skip(tx: &mut Tx, merchant: MerchantId, step: SetupStep) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO setup_steps_skipped (merchant_id, step) VALUES ($1, $2) ON CONFLICT (merchant_id, step) DO NOTHING"
    )
    .bind(merchant.0)
    .bind(step.name())
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

//! Rows of senders: from whom payers read a merchant's mails, and the mails by which people try that.

use domain::display_name::DisplayName;
use domain::email::{EmailAddress, EmailState};
use domain::ids::{EmailId, MerchantId, UserId};
use domain::job::Job;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, needed, parsed};
use super::{StoreError, Tx, jobs, on, one_row};

/// What a merchant says of its sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) name: Option<DisplayName>,
    pub(crate) reply_to: Option<EmailAddress>,
}

/// Returns what a merchant says of its sender.
pub(crate) async fn load(tx: &mut Tx, merchant: MerchantId) -> Result<Sender, StoreError> {
    let row: Option<(Option<String>, Option<String>)> =
        on!(tx, |conn| sqlx::query_as("SELECT name, reply_to FROM senders WHERE merchant_id = $1")
            .bind(merchant.0)
            .fetch_optional(conn)
            .await)?;
    let (name, reply_to) = row.unwrap_or_default();
    Ok(Sender {
        name: name.as_deref().map(|name| parsed("senders", name)).transpose()?,
        reply_to: reply_to.as_deref().map(|address| parsed("senders", address)).transpose()?,
    })
}

/// Keeps what a merchant says of its sender in place of what it said before.
pub(crate) async fn save(tx: &mut Tx, merchant: MerchantId, sender: &Sender, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO senders (merchant_id, name, reply_to, changed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (merchant_id) DO UPDATE SET name = excluded.name, reply_to = excluded.reply_to, changed_at = excluded.changed_at"
    )
    .bind(merchant.0)
    .bind(sender.name.as_ref().map(DisplayName::as_str))
    .bind(sender.reply_to.as_ref().map(EmailAddress::as_str))
    .bind(At(now))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// A mail by which somebody tries how mails go out.
pub(crate) struct TestMail {
    pub(crate) id: EmailId,
    pub(crate) recipient: EmailAddress,
    pub(crate) state: EmailState,
    pub(crate) error: Option<String>,
    pub(crate) asked_at: Timestamp,
    pub(crate) attempted_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct TestRow {
    id: Uuid,
    recipient: String,
    state: String,
    error: Option<String>,
    asked_at: At,
    attempted_at: Option<At>,
}

/// Returns somebody's last test.
pub(crate) async fn test(tx: &mut Tx, user: UserId) -> Result<Option<TestMail>, StoreError> {
    let sql = "SELECT id, recipient, state, error, asked_at, attempted_at FROM test_mails WHERE user_id = $1";
    let row: Option<TestRow> = on!(tx, |conn| sqlx::query_as(sql).bind(user.0).fetch_optional(conn).await)?;
    let test = |row: TestRow| {
        Ok(TestMail {
            id: EmailId(row.id),
            recipient: parsed("test_mails", &row.recipient)?,
            state: needed("test_mails", "state", EmailState::from_name(&row.state))?,
            error: row.error,
            asked_at: row.asked_at.0,
            attempted_at: row.attempted_at.map(|at| at.0),
        })
    };
    row.map(test).transpose()
}

/// Writes a test and the job that sends it, in place of somebody's last one, unless that still waits; says whether it was written.
pub(crate) async fn begin_test(tx: &mut Tx, user: UserId, test: &TestMail, send_at: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |conn| sqlx::query(
        "INSERT INTO test_mails (user_id, id, recipient, state, asked_at) VALUES ($1, $2, $3, 'queued', $4) \
         ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, recipient = excluded.recipient, state = excluded.state, error = NULL, \
         asked_at = excluded.asked_at, attempted_at = NULL WHERE test_mails.state <> 'queued'"
    )
    .bind(user.0)
    .bind(test.id.0)
    .bind(test.recipient.as_str())
    .bind(At(test.asked_at))
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    if rows == 1 {
        jobs::enqueue(tx, &[Job::MailTest(user).at(send_at)]).await?;
    }
    Ok(rows == 1)
}

/// Writes down what became of a try; `Conflict` when another one ended it, or a later test is there.
pub(crate) async fn note_test(tx: &mut Tx, id: EmailId, state: EmailState, why: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    one_row(on!(tx, |conn| sqlx::query(
        "UPDATE test_mails SET state = $1, error = $2, attempted_at = $3 WHERE id = $4 AND state = 'queued'"
    )
    .bind(state.name())
    .bind(why)
    .bind(At(now))
    .bind(id.0)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

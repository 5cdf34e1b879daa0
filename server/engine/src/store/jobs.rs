//! Rows of jobs: leased by one worker at a time, kept until done.

use std::collections::BTreeMap;

use domain::ids::MerchantId;
use domain::job::{DueJob, Job};
use jiff::Timestamp;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::codec::{At, needed};
use super::{StoreError, Tx, lots, of_few_lengths, on};
use crate::overview::WorkQueue;

/// Puts jobs in the queue. One that waits already gets the new time; of one that is named twice the last time counts.
pub(crate) async fn enqueue(tx: &mut Tx, jobs: &[DueJob]) -> Result<(), StoreError> {
    // In one order, so that processes wait for each other's rows instead of failing each other.
    let jobs: BTreeMap<(&str, Uuid), DueJob> = jobs.iter().map(|due| ((due.job.kind(), due.job.subject()), *due)).collect();
    let jobs: Vec<((&str, Uuid), DueJob)> = jobs.into_iter().collect();
    for lot in lots(&jobs) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new("INSERT INTO jobs (kind, subject_id, due_at, attempts) ");
            sql.push_values(lot, |mut row, ((kind, subject), due)| {
                row.push_bind(*kind).push_bind(*subject).push_bind(At(due.due_at)).push("0");
            });
            sql.push(
                " ON CONFLICT (kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, leased_until = NULL, lease = NULL",
            );
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Puts a job in the queue unless it is there, leased or not.
pub(crate) async fn ensure(tx: &mut Tx, due: DueJob) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO jobs (kind, subject_id, due_at, attempts) VALUES ($1, $2, $3, 0) ON CONFLICT (kind, subject_id) DO NOTHING"
    )
    .bind(due.job.kind())
    .bind(due.job.subject())
    .bind(At(due.due_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Makes the releases of a merchant due that wait for the end of its freeze, or just found it, in nobody's hands: who holds one looks
/// again.
pub(crate) async fn hurry_frozen(tx: &mut Tx, merchant: MerchantId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "UPDATE jobs SET due_at = $1, leased_until = NULL, lease = NULL WHERE kind = 'release' AND subject_id IN \
         (SELECT id FROM refunds WHERE state = 'scheduled' AND (blocked_by = 'frozen' OR release_at <= $1) \
          AND mid_id IN (SELECT id FROM mids WHERE merchant_id = $2))"
    )
    .bind(At(now))
    .bind(merchant.0)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// A leased job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leased {
    pub(crate) job: Job,
    pub(crate) attempts: i64,
    /// The fencing token. A worker whose lease ran out and was given to another finds it changed, and ends nothing.
    pub(crate) lease: Uuid,
}

#[derive(FromRow)]
struct JobRow {
    kind: String,
    subject_id: Uuid,
    attempts: i64,
}

/// Jobs that wait for each other only among themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// What moves refunds and invoices, and watches over the books.
    Money,
    /// The part of it that looks after payouts.
    Payouts,
    /// What merchants are told.
    Deliveries,
    /// What is written to people.
    Mail,
}

impl Lane {
    /// The lanes that a worker keeps going. Together they hold every kind.
    pub(crate) const WORKED: [Self; 3] = [Self::Money, Self::Deliveries, Self::Mail];

    /// Returns the condition on a job's kind, which begins as the lane's index does. It names the kinds: one that only a newer program knows
    /// is left to it.
    const fn condition(self) -> &'static str {
        match self {
            Self::Money => {
                "kind <> 'deliver' AND kind IN ('expire_invoice', 'expire_claim', 'remind', 'release', 'pay', 'recheck', 'recheck_deposit', 'unwind', \
                 'activate_policy', 'reconcile')"
            }
            Self::Payouts => "kind <> 'deliver' AND kind = 'pay'",
            Self::Deliveries => "kind = 'deliver'",
            Self::Mail => "kind <> 'deliver' AND kind IN ('mail', 'mail_invitation', 'mail_reset', 'mail_endpoint', 'mail_test')",
        }
    }
}

/// From when until when a lease lasts, by the outside world's clock, and what it is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) id: Uuid,
    pub(crate) from: Timestamp,
    /// A worker that dies loses it then.
    pub(crate) until: Timestamp,
}

/// Leases up to `limit` jobs of a lane that are due by an instant and in nobody's hands.
pub(crate) async fn lease(tx: &mut Tx, lane: Lane, due_by: Timestamp, lease: Lease, limit: u32) -> Result<Vec<Leased>, StoreError> {
    // PostgreSQL has other processes: rows another one is leasing are passed over instead of waited for. SQLite has one writer and no such clause.
    let passing_over = match tx {
        Tx::Sqlite(_) => "",
        Tx::Postgres(_) => "FOR UPDATE SKIP LOCKED",
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE jobs SET leased_until = $1, lease = $2, attempts = attempts + 1 WHERE (kind, subject_id) IN (SELECT kind, subject_id \
         FROM jobs WHERE {} AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $4) ORDER BY due_at LIMIT $5 {passing_over}) \
         RETURNING kind, subject_id, attempts",
        lane.condition()
    ));
    let rows: Vec<JobRow> = on!(tx, |conn| sqlx::query_as(sql)
        .bind(At(lease.until))
        .bind(lease.id)
        .bind(At(due_by))
        .bind(At(lease.from))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let job = needed("jobs", "kind", Job::from_row(&row.kind, row.subject_id))?;
            Ok(Leased { job, attempts: row.attempts, lease: lease.id })
        })
        .collect()
}

/// Says whether a job is due by an instant, leased or not.
pub(crate) async fn is_any_due(tx: &mut Tx, by: Timestamp) -> Result<bool, StoreError> {
    let (is_due,): (bool,) = on!(tx, |conn| sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE kind <> 'deliver' AND due_at <= $1) \
         OR EXISTS (SELECT 1 FROM jobs WHERE kind = 'deliver' AND due_at <= $1)"
    )
    .bind(At(by))
    .fetch_one(conn)
    .await)?;
    Ok(is_due)
}

/// Removes jobs that are done, but for those that were put in the queue anew or leased by another since.
pub(crate) async fn finish(tx: &mut Tx, leased: &[Leased]) -> Result<(), StoreError> {
    if leased.is_empty() {
        return Ok(());
    }
    on!(tx, |conn| {
        let mut sql = QueryBuilder::new("DELETE FROM jobs WHERE ");
        let mut rows = sql.separated(" OR ");
        for done in of_few_lengths(leased) {
            rows.push("(kind = ").push_bind_unseparated(done.job.kind());
            rows.push_unseparated(" AND subject_id = ").push_bind_unseparated(done.job.subject());
            rows.push_unseparated(" AND lease = ").push_bind_unseparated(done.lease).push_unseparated(")");
        }
        sql.build().execute(conn).await.map(drop)
    })?;
    Ok(())
}

/// A job to be looked at again, not before a time, and what went wrong.
pub(crate) type Later = (Leased, Timestamp, Option<String>);

/// Gives jobs back for later, but for those that were put in the queue anew or leased by another since.
pub(crate) async fn postpone(tx: &mut Tx, jobs: &[Later]) -> Result<(), StoreError> {
    for lot in lots(jobs) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH later (kind, subject_id, lease, due_at, error) AS (");
            sql.push_values(lot, |mut row, (leased, due_at, error)| {
                row.push_bind(leased.job.kind())
                    .push_bind(leased.job.subject())
                    .push_bind(leased.lease)
                    .push_bind(At(*due_at))
                    .push_bind(error.as_deref());
            });
            sql.push(
                ") UPDATE jobs SET due_at = later.due_at, leased_until = NULL, lease = NULL, last_error = later.error FROM later \
                 WHERE jobs.kind = later.kind AND jobs.subject_id = later.subject_id AND jobs.lease = later.lease",
            );
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Gives jobs back that were not begun, for later: their leases are not counted as tries.
pub(crate) async fn put_back(tx: &mut Tx, jobs: &[(Leased, Timestamp)]) -> Result<(), StoreError> {
    for lot in lots(jobs) {
        on!(tx, |conn| {
            let mut sql = QueryBuilder::new("WITH later (kind, subject_id, lease, due_at) AS (");
            sql.push_values(lot, |mut row, (leased, due_at)| {
                row.push_bind(leased.job.kind()).push_bind(leased.job.subject()).push_bind(leased.lease).push_bind(At(*due_at));
            });
            sql.push(
                ") UPDATE jobs SET due_at = later.due_at, leased_until = NULL, lease = NULL, attempts = attempts - 1 FROM later \
                 WHERE jobs.kind = later.kind AND jobs.subject_id = later.subject_id AND jobs.lease = later.lease",
            );
            sql.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// Returns how each kind of work stands.
pub(crate) async fn queues(tx: &mut Tx, now: Timestamp) -> Result<Vec<WorkQueue>, StoreError> {
    let rows: Vec<(String, i64, i64, i64, Option<At>)> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT kind, COUNT(*), COUNT(CASE WHEN due_at <= $1 THEN 1 END), COUNT(last_error), MIN(due_at) FROM jobs GROUP BY kind ORDER BY kind"
    )
    .bind(At(now))
    .fetch_all(conn)
    .await
    })?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let queue = |(kind, waiting, due, failing, first_due): (String, i64, i64, i64, Option<At>)| WorkQueue {
        kind,
        waiting: count(waiting),
        due: count(due),
        failing: count(failing),
        first_due: first_due.map(|at| at.0),
    };
    Ok(rows.into_iter().map(queue).collect())
}

/// Returns how many jobs of each kind are due, and since when the first of them is; of those of a lane's index `most` are looked at, the
/// oldest.
pub(crate) async fn due_by_kind(tx: &mut Tx, now: Timestamp, most: u32) -> Result<Vec<(String, u64, Timestamp)>, StoreError> {
    let mut due = Vec::new();
    for of_index in ["kind <> 'deliver'", "kind = 'deliver'"] {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT kind, COUNT(*), MIN(due_at) FROM \
             (SELECT kind, due_at FROM jobs WHERE {of_index} AND due_at <= $1 ORDER BY due_at LIMIT {most}) AS due GROUP BY kind ORDER BY kind"
        ));
        let rows: Vec<(String, i64, At)> = on!(tx, |conn| sqlx::query_as(sql).bind(At(now)).fetch_all(conn).await)?;
        due.extend(rows.into_iter().map(|(kind, count, first)| (kind, u64::try_from(count).unwrap_or_default(), first.0)));
    }
    Ok(due)
}

/// Returns how many mails wait, counted up to `most`.
pub(crate) async fn count_mails(tx: &mut Tx, most: u32) -> Result<u64, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE {} LIMIT {most}) AS waiting", Lane::Mail.condition()));
    let (count,): (i64,) = on!(tx, |conn| sqlx::query_as(sql).fetch_one(conn).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

//! The auditor: a session of its own on a world's database, which lays what the outside knows beside the rows and asks the
//! [invariants](crate::invariants). It shares no code with the engine's store.

use std::collections::BTreeMap;

use domain::ids::{CaseId, ClaimId, InvoiceId, RefundId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::chain::{PaidIn, PaidOut};
use crate::invariants::{ALWAYS, AT_REST, BEGINNINGS, DELAYS, Dialect, Invariant, NOTICES, TRANSITIONS};
use crate::mail::Taken;
use crate::merchant::Arrival;
use crate::world::WorldError;

/// Runs the same body on either database.
macro_rules! on {
    ($session:expr, |$connection:ident| $body:expr) => {
        match $session {
            Session::Sqlite($connection) => $body,
            Session::Postgres($connection) => $body,
        }
    };
}

enum Session {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Of which invariant.
    pub invariant: String,
    /// In words.
    pub what: String,
}

/// What a caller was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// `invoice`, `claimed`, `state` or `stranger`.
    pub what: &'static str,
    /// About which invoice or refund.
    pub subject: Uuid,
    /// The address or state.
    pub detail: String,
}

/// What the outside knows by now.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Transfers to payers.
    pub paid_out: Vec<PaidOut>,
    /// Transfers from payers.
    pub paid_in: Vec<PaidIn>,
    /// Webhooks since the last look.
    pub arrivals: Vec<Arrival>,
    /// Mails that were taken since the last look.
    pub mails: Vec<Taken>,
    /// When no process ran: from when until when.
    pub outages: Vec<(Timestamp, Timestamp)>,
    /// What callers were told since the last look.
    pub told: Vec<Told>,
    /// When.
    pub now: Timestamp,
}

/// The shortest time without pages that payers get back.
const OUTAGE_MIN: SignedDuration = SignedDuration::from_mins(5);

/// What the audit log's lines are hashed from.
const CHAINS: &str = "SELECT merchant_id, number, micros(at) AS micros, actor, action, subject_kind, subject_id, detail, prev_hash, hash \
     FROM audit_log ORDER BY merchant_id, number";

#[derive(sqlx::FromRow)]
struct AuditRow {
    merchant_id: Uuid,
    number: i64,
    micros: i64,
    actor: String,
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    detail: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl AuditRow {
    /// Hashes the line as the design says: a name, the hash before, numbers in eight bytes, texts with their length before them.
    fn hashed_anew(&self) -> Vec<u8> {
        let mut bytes = b"refundry audit 1".to_vec();
        bytes.extend(&self.prev_hash);
        bytes.extend(self.merchant_id.as_bytes());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.micros.to_be_bytes());
        bytes.extend(self.subject_id.as_bytes());
        for text in [&self.actor, &self.action, &self.subject_kind, &self.detail] {
            bytes.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        Sha256::digest(bytes).to_vec()
    }
}

/// A session of its own on a world's database.
pub struct Auditor {
    session: Session,
    /// All questions in one text: a story asks them after every step.
    always: String,
    at_rest: String,
    chains: String,
    arrivals: usize,
    mails: usize,
    told: usize,
}

const TABLES: &str = "
    CREATE TEMPORARY TABLE sim_transfers (txid TEXT, payout_id ID, asset TEXT, address TEXT, amount BIGINT, spent BIGINT, is_mined BIGINT, succeeded BIGINT);
    CREATE TEMPORARY TABLE sim_deposits (txid TEXT, asset TEXT, address TEXT, amount BIGINT, is_mined BIGINT);
    CREATE TEMPORARY TABLE sim_arrivals (position BIGINT, endpoint_id ID, notice_id ID, subject_id ID, sequence BIGINT, is_accepted BIGINT, is_signed BIGINT);
    CREATE TEMPORARY TABLE sim_mails (email_id ID, recipient TEXT, micros BIGINT);
    CREATE TEMPORARY TABLE sim_told (what TEXT, subject_id ID, detail TEXT);
    CREATE TEMPORARY TABLE sim_transitions (from_state TEXT, to_state TEXT);
    CREATE TEMPORARY TABLE sim_beginnings (state TEXT);
    CREATE TEMPORARY TABLE sim_notices (state TEXT, event TEXT);
    CREATE TEMPORARY TABLE sim_delays (text TEXT, micros BIGINT);
    CREATE TEMPORARY TABLE sim_outages (since BIGINT, till BIGINT);
    CREATE TEMPORARY TABLE sim_now (micros BIGINT);
";

impl Auditor {
    /// Opens a session on a world's database.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn open(url: &str) -> Result<Self, WorldError> {
        let is_postgres = url.starts_with("postgres");
        let (dialect, id) = if is_postgres { (Dialect::Postgres, "UUID") } else { (Dialect::Sqlite, "BLOB") };
        let session = if is_postgres {
            Session::Postgres(Box::new(PgConnection::connect(url).await?))
        } else {
            Session::Sqlite(Box::new(SqliteConnection::connect(url).await?))
        };
        let mut auditor = Self {
            session,
            always: all_of(ALWAYS, dialect),
            at_rest: all_of(AT_REST, dialect),
            chains: dialect.spell(CHAINS),
            arrivals: 0,
            mails: 0,
            told: 0,
        };
        let mut setup = TABLES.replace(" ID", &format!(" {id}"));
        setup.push_str(&insert("sim_transitions", TRANSITIONS.iter().map(|(from, to)| format!("'{from}', '{to}'"))));
        setup.push_str(&insert("sim_beginnings", BEGINNINGS.iter().map(|state| format!("'{state}'"))));
        setup.push_str(&insert("sim_notices", NOTICES.iter().map(|(state, event)| format!("'{state}', '{event}'"))));
        setup.push_str(&insert("sim_delays", DELAYS.iter().map(|(text, micros)| format!("'{text}', {micros}"))));
        if is_postgres {
            // Compiling the one long text takes seconds, running it a millisecond.
            setup.push_str("SET jit = off;");
        }
        auditor.run(setup).await?;
        Ok(auditor)
    }

    /// Lays what the outside knows beside the rows and returns every promise that is broken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&mut self, outside: Outside, is_at_rest: bool) -> Result<Vec<Violation>, WorldError> {
        self.lay_out(outside).await?;
        let texts = [Some(&self.always), Some(&self.at_rest).filter(|_| is_at_rest)];
        let mut violations = Vec::new();
        for sql in texts.into_iter().flatten() {
            let sql = sqlx::AssertSqlSafe(sql.clone());
            let found: Vec<(String, String)> =
                on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
            violations.extend(found.into_iter().map(|(invariant, what)| Violation { invariant, what }));
        }
        violations.extend(self.walk_chains().await?);
        Ok(violations)
    }

    /// Walks along every chain of the audit log, hashing each row anew, to the end that was written down (I12).
    async fn walk_chains(&mut self) -> Result<Vec<Violation>, WorldError> {
        let sql = sqlx::AssertSqlSafe(self.chains.clone());
        let rows: Vec<AuditRow> = on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        let sql = "SELECT merchant_id, number, hash FROM audit_heads";
        let heads: Vec<(Uuid, i64, Vec<u8>)> =
            on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        let broken = |what: String| Violation { invariant: "I12".to_owned(), what };
        let mut violations = Vec::new();
        let mut ends: BTreeMap<Uuid, (i64, Vec<u8>)> = BTreeMap::new();
        for row in rows {
            let (number, hash) = ends.remove(&row.merchant_id).unwrap_or((0, vec![0; 32]));
            if row.number != number.saturating_add(1) || row.prev_hash != hash || row.hash != row.hashed_anew() {
                violations.push(broken(format!("line {} of the audit log of {} does not follow", row.number, row.merchant_id)));
            }
            ends.insert(row.merchant_id, (row.number, row.hash));
        }
        for (merchant, number, hash) in heads {
            if ends.remove(&merchant).unwrap_or((0, vec![0; 32])) != (number, hash) {
                violations.push(broken(format!("the audit log of {merchant} does not end where it says")));
            }
        }
        violations.extend(ends.into_keys().map(|merchant| broken(format!("the audit log of {merchant} has no end"))));
        Ok(violations)
    }

    async fn lay_out(&mut self, outside: Outside) -> Result<(), WorldError> {
        let mut sql = "DELETE FROM sim_transfers; DELETE FROM sim_deposits; DELETE FROM sim_outages; DELETE FROM sim_now;".to_owned();
        sql.push_str(&insert("sim_now", [outside.now.as_microsecond().to_string()]));
        // A restart of some minutes takes nobody's time.
        let long = outside.outages.iter().filter(|(since, till)| till.duration_since(*since) > OUTAGE_MIN);
        let outages = long.map(|(since, till)| format!("{}, {}", since.as_microsecond(), till.as_microsecond()));
        sql.push_str(&insert("sim_outages", outages));
        let id = |id: Uuid| self.literal(id);
        let transfers = outside.paid_out.iter().map(|out| {
            let (payout, address) = (id(out.payout.0), out.to.address());
            let (mined, succeeded) = (u8::from(out.is_mined), u8::from(out.succeeded));
            format!("'{}', {payout}, '{}', '{address}', {}, {}, {mined}, {succeeded}", out.txid, out.asset, out.units, out.spent)
        });
        sql.push_str(&insert("sim_transfers", transfers));
        let deposits = outside.paid_in.iter().map(|paid| {
            let (address, mined) = (paid.to.address(), u8::from(paid.is_mined));
            format!("'{}', '{}', '{address}', {}, {mined}", paid.txid, paid.asset, paid.units)
        });
        sql.push_str(&insert("sim_deposits", deposits));
        let told = outside.told.iter().map(|told| format!("'{}', {}, '{}'", told.what, id(told.subject), told.detail));
        sql.push_str(&insert("sim_told", told));
        let first = self.arrivals;
        let arrivals = outside.arrivals.iter().zip(first..).map(|(arrival, position)| {
            let (endpoint, notice, subject) = (id(arrival.endpoint), id(arrival.notice), id(arrival.subject));
            let (accepted, signed) = (u8::from(arrival.is_accepted), u8::from(arrival.is_signed));
            format!("{position}, {endpoint}, {notice}, {subject}, {}, {accepted}, {signed}", arrival.sequence)
        });
        sql.push_str(&insert("sim_arrivals", arrivals));
        let mails = outside.mails.iter().map(|mail| format!("{}, '{}', {}", id(mail.email), mail.recipient, mail.at.as_microsecond()));
        sql.push_str(&insert("sim_mails", mails));
        self.arrivals = first.saturating_add(outside.arrivals.len());
        self.mails = self.mails.saturating_add(outside.mails.len());
        self.told = self.told.saturating_add(outside.told.len());
        self.run(sql).await.map(drop)
    }

    /// Returns how many webhooks it knows of.
    #[must_use]
    pub const fn arrivals(&self) -> usize {
        self.arrivals
    }

    /// Returns how many mails it knows of.
    #[must_use]
    pub const fn mails(&self) -> usize {
        self.mails
    }

    /// Returns how many words to callers it knows of.
    #[must_use]
    pub const fn told(&self) -> usize {
        self.told
    }

    /// Returns the versions of all refunds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&mut self) -> Result<Vec<(Uuid, i64)>, WorldError> {
        let sql = "SELECT id, version FROM refunds";
        Ok(on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?)
    }

    /// Puts the version of a refund back, as if nobody had changed it: part of a planted bug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_back(&mut self, refund: Uuid, version: i64) -> Result<(), WorldError> {
        let sql = format!("UPDATE refunds SET version = {version} WHERE id = {}", self.literal(refund));
        self.run(sql).await.map(drop)
    }

    /// Returns the refunds by age, with the claim whose link their payer has: the newest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refunds(&mut self) -> Result<Vec<(RefundId, ClaimId)>, WorldError> {
        // Before there is a link the refund's own id stands for it: that leads nowhere.
        let sql = "SELECT r.id, COALESCE(c.id, r.id) AS claim FROM refunds r LEFT JOIN claims c ON c.refund_id = r.id ORDER BY r.id, claim";
        let rows: Vec<(Uuid, Uuid)> = on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        let newest: BTreeMap<Uuid, Uuid> = rows.into_iter().collect();
        Ok(newest.into_iter().map(|(refund, claim)| (RefundId(refund), ClaimId(claim))).collect())
    }

    /// Returns the payments that nobody could place, by age, with the invoice for such payments that they are on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn astray(&mut self) -> Result<Vec<(InvoiceId, CaseId)>, WorldError> {
        let sql =
            "SELECT c.invoice_id, c.id FROM exception_cases c JOIN invoices i ON i.id = c.invoice_id WHERE i.is_for_untagged ORDER BY c.id";
        let rows: Vec<(Uuid, Uuid)> = on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        Ok(rows.into_iter().map(|(invoice, case)| (InvoiceId(invoice), CaseId(case))).collect())
    }

    /// Returns how many refunds are where, how many were paid along with another, by its transaction, and how often what is rare happened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_refunds(&mut self) -> Result<Vec<(String, u64)>, WorldError> {
        let sql = "SELECT state, COUNT(*) FROM refunds GROUP BY state \
             UNION ALL SELECT 'paid along', COUNT(*) FROM payouts WHERE batch_id IS NOT NULL AND state = 'final' HAVING COUNT(*) > 0 \
             UNION ALL SELECT 'asked again', COUNT(*) FROM refund_history WHERE note = 'requoted' HAVING COUNT(*) > 0 \
             UNION ALL SELECT 'given time back', COUNT(*) FROM refund_history WHERE note = 'delayed' HAVING COUNT(*) > 0 \
             UNION ALL SELECT 'payments vanished', COUNT(*) FROM ledger_entries WHERE kind = 'deposit_orphaned' HAVING COUNT(*) > 0 \
             UNION ALL SELECT 'payments returned', COUNT(*) FROM ledger_entries WHERE kind = 'deposit_restored' HAVING COUNT(*) > 0 \
             UNION ALL SELECT 'payments astray', COUNT(*) FROM exception_cases c JOIN invoices i ON i.id = c.invoice_id \
             WHERE i.is_for_untagged HAVING COUNT(*) > 0 ORDER BY 1";
        let rows: Vec<(String, i64)> = on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        Ok(rows.into_iter().map(|(state, count)| (state, u64::try_from(count).unwrap_or_default())).collect())
    }

    /// Returns a text that is the same for two worlds in which the same things happened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digest(&mut self) -> Result<String, WorldError> {
        let dialect = if matches!(self.session, Session::Postgres(_)) { Dialect::Postgres } else { Dialect::Sqlite };
        let sql = dialect.spell(
            "SELECT CAST(micros(at) AS TEXT) || ' ' || id(refund_id) || ' ' || version || ' ' || state || ' ' || actor AS line FROM refund_history \
             UNION ALL SELECT CAST(micros(at) AS TEXT) || ' ' || key || ' ' || kind FROM ledger_entries \
             UNION ALL SELECT CAST(micros(created_at) AS TEXT) || ' ' || id(id) || ' ' || sequence || ' ' || event FROM notices \
             UNION ALL SELECT id(id) || ' ' || state || ' ' || attempts || ' ' || COALESCE(error, '') FROM deliveries \
             UNION ALL SELECT id(id) || ' ' || kind || ' ' || number || ' ' || state || ' ' || attempts FROM emails ORDER BY line"
                .replace("SELECT id(id)", "SELECT '' || id(id)")
                .as_str(),
        );
        let sql = sqlx::AssertSqlSafe(sql);
        let rows: Vec<(String,)> = on!(&mut self.session, |connection| sqlx::query_as(sql).fetch_all(connection.as_mut()).await)?;
        Ok(rows.into_iter().map(|(line,)| line).collect::<Vec<_>>().join("\n"))
    }

    /// Runs statements and returns how many rows they changed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&mut self, sql: String) -> Result<u64, WorldError> {
        let sql = sqlx::AssertSqlSafe(sql);
        Ok(on!(&mut self.session, |connection| sqlx::raw_sql(sql).execute(connection.as_mut()).await.map(|done| done.rows_affected()))?)
    }

    /// Changes the schema as a planted bug does (SQLite), and refuses when a change finds nothing to change or leaves rows that
    /// cannot be read: a bug that is not planted would be "found" for the wrong reason, or not at all.
    ///
    /// # Errors
    /// `NotPlanted`, and when the database refuses.
    pub async fn plant(&mut self, changes: &[&str]) -> Result<(), WorldError> {
        for sql in changes {
            let changed = self.run((*sql).to_owned()).await?;
            if sql.contains(" sqlite_schema ") && changed == 0 {
                return Err(WorldError::NotPlanted((*sql).to_owned()));
            }
        }
        let findings: Vec<(String,)> =
            on!(&mut self.session, |connection| sqlx::query_as("PRAGMA integrity_check").fetch_all(connection.as_mut()).await)?;
        // An index that was taken out of the schema leaves pages that nobody uses.
        let is_sound = |line: &&str| *line == "ok" || line.starts_with("***") || line.ends_with("never used");
        match findings.iter().flat_map(|(finding,)| finding.lines()).find(|line| !is_sound(line)) {
            Some(broken) => Err(WorldError::NotPlanted(broken.to_owned())),
            None => Ok(()),
        }
    }

    fn literal(&self, id: Uuid) -> String {
        match self.session {
            Session::Sqlite(_) => format!("X'{}'", id.simple()),
            Session::Postgres(_) => format!("'{id}'::uuid"),
        }
    }
}

/// Returns one text that asks all of them and names each answer's invariant.
fn all_of(invariants: &[Invariant], dialect: Dialect) -> String {
    let spell = |invariant: &Invariant| {
        let (name, sql) = (invariant.name, dialect.spell(invariant.sql));
        format!("SELECT '{name}' AS invariant, {name}.what AS what FROM ({sql}) AS {name}")
    };
    invariants.iter().map(spell).collect::<Vec<_>>().join(" UNION ALL ")
}

/// Returns an INSERT of rows given as literals; nothing for none. All of them are numbers, ids and words of ours.
fn insert(table: &str, rows: impl IntoIterator<Item = String>) -> String {
    let rows: Vec<String> = rows.into_iter().map(|row| format!("({row})")).collect();
    if rows.is_empty() { String::new() } else { format!("INSERT INTO {table} VALUES {};", rows.join(", ")) }
}

//! Rows for lists to look through: two shops' invoices and refunds of a year, written by the database itself. They have no books: what is
//! measured reads lists, and nothing else.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

/// What differs between the databases.
pub struct Dialect {
    /// An id from a millisecond, a kind and a number: sorted by time, as ours are.
    id: fn(&str, &str) -> String,
    /// An instant from a millisecond.
    at: &'static str,
    /// A base unit's number.
    units: &'static str,
    /// The policy's column.
    policy: &'static str,
    /// An id that is known, as a value.
    known: fn(Uuid) -> String,
}

const POSTGRES: Dialect = Dialect {
    id: |kind, number| format!("CAST(LPAD(TO_HEX(ms), 12, '0') || '7000{kind}' || LPAD(TO_HEX({number}), 12, '0') AS UUID)"),
    at: "TO_TIMESTAMP(ms / 1000)",
    units: "CAST(1000000 + i * 7919 % 900000000 AS NUMERIC)",
    policy: "CAST('{}' AS JSONB)",
    known: |id| format!("CAST('{id}' AS UUID)"),
};
const SQLITE: Dialect = Dialect {
    id: |kind, number| format!("unhex(printf('%012x7000{kind}%012x', ms, {number}))"),
    at: "(ms / 1000 * 1000000)",
    units: "printf('%039d', 1000000 + i * 7919 % 900000000)",
    policy: "'{}'",
    known: |id| format!("unhex('{}')", id.simple()),
};

/// The first millisecond: 2026-01-01.
pub const BEGINS_MS: i64 = 1_767_225_600_000;
const YEAR_MS: i64 = 31_536_000_000;

/// Returns the statements that write `count` refunds: eight of ten of the first MID, the rest of the second.
fn statements(dialect: &Dialect, mids: [Uuid; 2], count: u32) -> Vec<String> {
    let Dialect { id, at, units, policy, known } = dialect;
    let step = YEAR_MS / i64::from(count.max(1));
    let numbers = format!(
        "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}), \
         o AS (SELECT i, {BEGINS_MS} + i * {step} AS ms, i % 100 AS c FROM n)"
    );
    let mid = format!("CASE WHEN i % 10 < 8 THEN {} ELSE {} END", known(mids[0]), known(mids[1]));
    let (invoice, case, refund) = (id("8001", "i"), id("8002", "i"), id("8003", "i"));
    let (claim, payout, policy_id) = (id("8004", "i"), id("8005", "i"), known(Uuid::from_u128(1)));
    let asset = "CASE i % 20 WHEN 7 THEN 'USDC-BASE' WHEN 8 THEN 'ETH-ETHEREUM' ELSE 'USDT-TRON' END";
    let network = "CASE i % 20 WHEN 7 THEN 'base' WHEN 8 THEN 'ethereum' ELSE 'tron' END";
    let state = "CASE WHEN c < 80 THEN 'paid' WHEN c < 86 THEN 'awaiting_claim' WHEN c < 90 THEN 'expired' WHEN c < 94 THEN 'canceled' \
                 WHEN c < 97 THEN 'scheduled' WHEN c < 98 THEN 'awaiting_approval' WHEN c < 99 THEN 'on_hold' ELSE 'payout_failed' END";
    let is_directed = "c < 80 OR c BETWEEN 94 AND 96 OR c >= 98";
    let when = |condition: &str, value: &str| format!("CASE WHEN {condition} THEN {value} END");
    let insert = |table: &str, columns: &str, values: &str| format!("{numbers} INSERT INTO {table} ({columns}) SELECT {values} FROM o");
    vec![
        format!("INSERT INTO policies (id, policy) VALUES ({policy_id}, {policy})"),
        insert(
            "invoices",
            "id, mid_id, number, reference, billed, billed_currency, rate, asset, charged, pricing, network, address, is_for_untagged, \
             payer_email, status, flags, judgements, refunds, expires_at, created_at, version",
            &format!(
                "{invoice}, {mid}, i + 1, 'HA-' || i, '100.00', 'USD', '1', {asset}, {units}, 'fiat', {network}, 'address-' || i, FALSE, \
                 'payer-' || (i % 50000) || '@example.com', \
                 CASE WHEN c < 96 THEN 'complete' WHEN c < 98 THEN 'underpaid' ELSE 'expired' END, '', 1, 1, {at}, {at}, 1"
            ),
        ),
        insert(
            "exception_cases",
            "id, invoice_id, number, flags, policy_id, asset, received, credited, refunded, residual, state, at",
            &format!("{case}, {invoice}, 1, '', {policy_id}, {asset}, {units}, {units}, {units}, {units}, 'split', {at}"),
        ),
        insert(
            "refunds",
            "id, mid_id, invoice_id, case_id, policy_id, policy_number, reference, reason, flags, asset, amount, rate_rule, fee_bearer, \
             funding, is_reserved, is_reviewed, state, claim_id, expires_at, network, address, fee, confirmed_at, release_at, hold_reason, \
             payout_id, txid, canceled_by, version, created_at, updated_at",
            &[
                format!("{refund}, {mid}, {invoice}, {case}, {policy_id}, 1, 'REFUND-HA-' || i"),
                "CASE i % 7 WHEN 5 THEN 'late' WHEN 6 THEN 'underpaid' ELSE 'overpaid' END, ''".to_owned(),
                format!("{asset}, {units}, 'rate_then', 'payer', 'holding', TRUE, FALSE, {state}, {claim}, {at}"),
                format!("{network}, {}, {}, {}", when(is_directed, "'wallet-' || i"), when(is_directed, units), when(is_directed, at)),
                format!("{}, {}", when("c BETWEEN 94 AND 98", at), when("c = 98", "'review'")),
                format!("{}, {}, {}", when("c < 80", &payout), when("c < 80", "'tx-' || i"), when("c BETWEEN 90 AND 93", "'merchant'")),
                format!("1, {at}, {at}"),
            ]
            .join(", "),
        ),
        "ANALYZE".to_owned(),
    ]
}

/// Writes the rows and tells the planner of them.
pub async fn write(url: &str, mids: [Uuid; 2], count: u32) {
    macro_rules! run {
        ($connection:ty, $dialect:expr) => {{
            let mut connection = <$connection>::connect(url).await.expect("a connection");
            for statement in statements(&$dialect, mids, count) {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.map(drop).expect("the rows are written");
            }
        }};
    }
    if url.starts_with("postgres") { run!(PgConnection, POSTGRES) } else { run!(SqliteConnection, SQLITE) }
}

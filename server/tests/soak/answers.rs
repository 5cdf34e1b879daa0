//! Answers that are lost: a server is killed (SIGKILL) when a change is committed and its answer is not. Whoever sends the request again,
//! with the same key, is answered as they would have been, and nothing happens twice.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::postgres::TestDatabase;
use crate::process::{self, Process};
use crate::text;

/// An answer hangs on its way into its row: for ever on SQLite, where this counts without an end, and longer than the test on PostgreSQL.
const SQLITE_HANGS: [&str; 2] = [
    "CREATE VIEW for_ever AS WITH RECURSIVE turns (turn) AS (SELECT 1 UNION ALL SELECT turn + 1 FROM turns) SELECT turn FROM turns",
    "CREATE TRIGGER answers_hang BEFORE UPDATE OF status ON idempotency_keys WHEN NEW.status IS NOT NULL \
     BEGIN SELECT RAISE(IGNORE) WHERE (SELECT COUNT(*) FROM for_ever) > 0; END",
];
const POSTGRES_HANGS: [&str; 2] = [
    "CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$",
    "CREATE TRIGGER answers_hang BEFORE UPDATE ON idempotency_keys FOR EACH ROW WHEN (NEW.status IS NOT NULL) EXECUTE FUNCTION hang()",
];
/// What the processes that were killed still hold on PostgreSQL's side.
const FORGET_THE_DEAD: &str =
    "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
/// How long a change may take to be committed.
const COMMITTED_AFTER_TRIES_MAX: usize = 300;
/// What is written once for each change.
const WRITTEN: [&str; 8] =
    ["deposits", "invoice_events", "invoices", "ledger_entries", "notices", "refund_history", "refunds", "webhook_endpoints"];

/// The rows behind a server, seen past it.
enum Rows {
    Sqlite(String),
    Postgres(TestDatabase),
}

impl Rows {
    async fn count(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(url) => {
                let mut connection = SqliteConnection::connect(url).await.expect("a connection");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a number")
            }
            Self::Postgres(database) => {
                let mut connection = PgConnection::connect(&database.url()).await.expect("a connection");
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a number")
            }
        }
    }

    async fn written(&self) -> BTreeMap<&'static str, i64> {
        let mut written = BTreeMap::new();
        for table in WRITTEN {
            written.insert(table, self.count(&format!("SELECT COUNT(*) FROM {table}")).await);
        }
        written
    }

    async fn execute(&self, sql: &'static str) {
        match self {
            Self::Sqlite(url) => {
                let mut connection = SqliteConnection::connect(url).await.expect("a connection");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop).expect("it is done");
            }
            Self::Postgres(database) => {
                let mut connection = PgConnection::connect(&database.url()).await.expect("a connection");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop).expect("it is done");
            }
        }
    }

    async fn let_answers_hang(&self) {
        let hangs = match self {
            Self::Sqlite(_) => SQLITE_HANGS,
            Self::Postgres(_) => POSTGRES_HANGS,
        };
        for statement in hangs {
            self.execute(statement).await;
        }
    }

    async fn let_answers_go(&self) {
        match self {
            Self::Sqlite(_) => self.execute("DROP TRIGGER answers_hang").await,
            Self::Postgres(_) => self.execute("DROP TRIGGER answers_hang ON idempotency_keys").await,
        }
    }

    async fn forget_the_dead(&self) {
        match self {
            // They went with the process.
            Self::Sqlite(_) => {}
            Self::Postgres(_) => _ = self.count(FORGET_THE_DEAD).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_change_is_made_twice_or_left_unanswered_on_sqlite() {
    let folder = process::new_folder();
    let url = format!("sqlite://{}", folder.join("refundry.db").display());
    lose_answers(Process::start(folder, &url).await, Rows::Sqlite(url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_change_is_made_twice_or_left_unanswered_on_postgres() {
    let database = TestDatabase::fresh().await;
    let server = Process::start(process::new_folder(), &database.url()).await;
    lose_answers(server, Rows::Postgres(database)).await;
}

/// A request, what says that its change is committed, and where what it answers can be read.
struct Change {
    path: String,
    body: Value,
    committed: String,
    read_at: Option<String>,
}

async fn lose_answers(mut server: Process, rows: Rows) {
    let changes = changes(&server).await;
    rows.let_answers_hang().await;
    for change in &changes {
        let asking = tokio::spawn(server.keyed(&change.path, &change.body));
        let mut is_committed = false;
        for _ in 0..COMMITTED_AFTER_TRIES_MAX {
            is_committed = rows.count(&change.committed).await == 1;
            if is_committed || asking.is_finished() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(is_committed && !asking.is_finished(), "{}: committed and not answered: {}", change.path, server.log());
        server.kill();
        assert!(asking.await.expect("it ran").is_err(), "{}: nobody answers any more", change.path);
        rows.forget_the_dead().await;
        server.revive().await;
    }
    rows.let_answers_go().await;
    let written = rows.written().await;
    for change in &changes {
        let (status, answer) = answered(&server, change).await;
        assert!(status.is_success(), "{}: {answer}", change.path);
        if let Some(read_at) = &change.read_at {
            assert_eq!(answer, server.get(read_at).await, "{}", change.path);
        }
        assert_eq!(answered(&server, change).await, (status, answer), "{}", change.path);
    }
    assert_eq!(rows.written().await, written, "nothing happened again");
}

/// Sends a request until it is answered, as often and as late as it is told to come again: the server cannot know that the one that it
/// seems to carry out is dead before half a minute is over.
async fn answered(server: &Process, change: &Change) -> (StatusCode, Value) {
    for _ in 0..5 {
        let response = server.keyed(&change.path, &change.body).await.expect("an answer");
        let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let (status, body) = (response.status(), response.json().await.expect("JSON"));
        let Some(wait) = wait else { return (status, body) };
        assert!(wait <= 36 && status == StatusCode::CONFLICT, "{wait} s, {status}: {body}");
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
    panic!("{} is told to come again for ever", change.path)
}

/// Things made, steps of a refund, and a person's decisions: whatever a request can change.
async fn changes(server: &Process) -> Vec<Change> {
    let invoice = |reference: &str, asset: &str| json!({ "mid": server.mid(), "reference": reference, "amount": "100.00", "currency": "USD", "asset": asset, "rate": "0.9890991" });
    let make = async |reference: &str, asset: &str| text(&server.post("/invoices", &invoice(reference, asset)).await["id"]).to_owned();
    let pay = async |invoice: &str, amount: &str, tag: Option<&str>| {
        server.post("/sandbox/deposits", &json!({ "invoice": invoice, "amount": amount, "tag": tag })).await
    };
    let paid = make("L-paid", "USDT-TRON").await;
    pay(&paid, "101.102104", None).await;
    let refund = server.overpaid("L-over").await;
    let late = json!({
        "external_id": "watcher-1", "invoice": paid, "amount": "1.000000", "asset": "USDT-TRON", "txid": "6f2c",
        "seen_at": server.get(&format!("/invoices/{paid}")).await["created_at"], "final": true,
    });
    let ripples = make("L-ripples", "XRP-XRPL").await;
    let untagged = text(&pay(&ripples, "50", Some("none")).await["invoice"]).to_owned();
    let case_of = async |invoice: &str| {
        let cases = server.get(&format!("/invoices/{invoice}")).await["cases"].clone();
        text(&cases.as_array().and_then(|cases| cases.last()).expect("a case")["id"]).to_owned()
    };
    let attributed = format!("/invoices/{untagged}/cases/{}/attribute", case_of(&untagged).await);
    let mut held = invoice("L-held", "USDT-TRON");
    held["policy"] = json!({ "on_over": "hold" });
    let other = text(&server.post("/invoices", &held).await["id"]).to_owned();
    pay(&other, "150", None).await;
    let resolved = format!("/invoices/{other}/cases/{}/resolve", case_of(&other).await);

    let change = |path: &str, body: Value, committed: &str, read_at: Option<String>| Change {
        path: path.to_owned(),
        body,
        committed: committed.to_owned(),
        read_at,
    };
    vec![
        change("/invoices", invoice("L-new", "USDT-TRON"), "SELECT COUNT(*) FROM invoices WHERE reference = 'L-new'", None),
        change(
            "/refunds",
            json!({ "invoice": paid, "amount": "2.000000", "reference": "L-1" }),
            "SELECT COUNT(*) FROM refunds WHERE merchant_reference = 'L-1'",
            None,
        ),
        change("/deposits", late, "SELECT COUNT(*) FROM deposits WHERE external_id = 'watcher-1'", None),
        change("/webhook_endpoints", json!({ "url": "https://shop.example/" }), "SELECT COUNT(*) FROM webhook_endpoints", None),
        change(
            &format!("/refunds/{refund}/cancel"),
            json!({ "reason": "other" }),
            "SELECT COUNT(*) FROM refunds WHERE state = 'canceled'",
            Some(format!("/refunds/{refund}")),
        ),
        change(
            &resolved,
            json!({ "how": "refund" }),
            "SELECT COUNT(*) FROM refunds JOIN invoices ON invoices.id = refunds.invoice_id WHERE invoices.reference = 'L-held'",
            Some(format!("/invoices/{other}")),
        ),
        change(
            &attributed,
            json!({ "invoice": ripples }),
            "SELECT COUNT(*) FROM exception_cases WHERE state = 'attributed'",
            Some(format!("/invoices/{ripples}")),
        ),
    ]
}

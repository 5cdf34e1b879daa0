//! Events, looked up: each of its own MIDs only, in the order of their ids, by the index that has them so.

use domain::ids::InvoiceId;
use domain::merchant::Role;
use engine::PageRequest;
use engine::callers::Caller;
use engine::events::EventFilter;
use engine::invoices::NewInvoice;
use engine::sandbox::SandboxDeposit;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

use crate::store::run;
use crate::support::stories;
use crate::support::world::World;

stories! {
    /// A merchant's events are those of all of its MIDs, however they lie between others'; the operator's are everybody's.
    async fn events_of_several_mids_are_one_list(world: World) {
        let (_, second) = world.engine.add_mid("Halden Audio", "UK store", None).await.expect("a MID");
        let (owner, stranger) = (world.person(Role::Owner).await, world.stranger().await);
        for number in 0..3 {
            for mid in [world.mid, second] {
                let new = NewInvoice { mid, ..world.new_invoice(&format!("E-{number}"), "USDT-TRON") };
                let invoice = InvoiceId(Uuid::now_v7());
                world.engine.create_invoice(&owner, new, invoice).await.expect("an invoice");
                let amount = "1000".to_owned();
                let paid = SandboxDeposit::of(invoice, amount);
                world.engine.sandbox_deposit(&world.operator().await, paid).await.expect("a deposit");
            }
        }
        let ids = async |caller: &Caller, mid, page: PageRequest| {
            let found = world.engine.events(caller, EventFilter { mid, ..EventFilter::default() }, page).await.expect("events");
            (found.data.iter().map(|event| event.id).collect::<Vec<_>>(), found.next)
        };
        let whole = || PageRequest { limit: 100, after: None };
        let all = ids(&owner, None, whole()).await.0;
        let (first, other) = (ids(&owner, Some(world.mid), whole()).await.0, ids(&owner, Some(second), whole()).await.0);
        assert!(first.len() > 5 && all.is_sorted_by(|newer, older| newer > older), "{all:?}");
        let mut both = [first.clone(), other].concat();
        both.sort_by(|one, another| another.cmp(one));
        assert_eq!(all, both);
        assert_eq!(ids(&world.caller, None, whole()).await.0, first, "a key of one MID");
        assert_eq!(ids(&world.operator().await, None, whole()).await.0, all);
        assert_eq!(ids(&stranger, None, whole()).await.0, Vec::<Uuid>::new());
        assert_eq!(ids(&stranger, Some(world.mid), whole()).await.0, Vec::<Uuid>::new());
        let (mut after, mut read) = (None, Vec::new());
        loop {
            let (part, next) = ids(&owner, None, PageRequest { limit: 5, after }).await;
            read.extend(part);
            if next.is_none() {
                break;
            }
            after = next;
        }
        assert_eq!(read, all, "page by page");
    }
}

/// What the engine asks for one MID's events is answered by the index that begins with the MID and has them in their order: nothing else is
/// read, and nothing sorted. Both databases are asked how they would go about the very text that the engine sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_mids_events_are_read_in_the_order_of_their_index_on_postgres() {
    let (world, on_sqlite) = (World::on_postgres().await, World::on_sqlite().await);
    world.stranger().await;
    world.pay(&world.invoice("E-1").await, "150").await;
    // One in fifty is ours, the others are the stranger's.
    let more = "INSERT INTO notices (id, mid_id, subject_id, sequence, event, data, created_at) \
        SELECT gen_random_uuid(), CASE WHEN turn % 50 = 0 THEN notices.mid_id ELSE strangers.id END, gen_random_uuid(), 1, event, data, notices.created_at \
        FROM notices CROSS JOIN generate_series(1, 3000) AS turn CROSS JOIN (SELECT id FROM mids WHERE name = 'Shop') AS strangers";
    assert!(run(&world, more).await.expect("rows") > 5_000);
    run(&world, "ANALYZE notices").await.expect("figures");
    let reader = world.engine.add_key(world.mid, false).await.expect("a key").secret;
    let reader = world.engine.key(&reader).await.expect("a look-up").expect("the key");
    let mut postgres = PgConnection::connect(&world.database.url()).await.expect("a connection");
    let mut sqlite = SqliteConnection::connect(&on_sqlite.database.url()).await.expect("a connection");
    for (event, values) in [(None, ""), (Some("refund.created"), ", 'refund.created'")] {
        let filter = EventFilter { mid: Some(world.mid), event: event.map(str::to_owned), ..EventFilter::default() };
        let found = world.engine.events(&reader, filter, PageRequest::default()).await.expect("events");
        assert_eq!(found.data.len(), 25);
        // A connection shows what it was asked last.
        let asked = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT id, mid_id, %FROM notices%' \
            ORDER BY query_start DESC LIMIT 1";
        let (text,): (String,) = sqlx::query_as(asked).fetch_one(&mut postgres).await.expect("what was asked");
        assert_eq!(text.contains("$3"), event.is_some(), "{text}");

        let values = format!("'ffffffff-ffff-ffff-ffff-ffffffffffff', '{}'{values}", world.mid);
        let prepare = sqlx::AssertSqlSafe(format!("PREPARE asked AS {text}"));
        sqlx::raw_sql(prepare).execute(&mut postgres).await.expect("prepared");
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE asked({values})"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut postgres).await.expect("a plan");
        let plan: String = rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect();
        assert!(plan.contains("using notices_by_mid") && !plan.contains("Sort"), "{text}\n{plan}");
        sqlx::raw_sql("DEALLOCATE asked").execute(&mut postgres).await.expect("forgotten");

        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut sqlite).await.expect("a plan");
        let plan: String = rows.iter().map(|row| row.get::<String, _>("detail") + "\n").collect();
        assert!(plan.contains("notices_by_mid (mid_id=? AND id<?)") && !plan.contains("TEMP B-TREE"), "{text}\n{plan}");
    }
}

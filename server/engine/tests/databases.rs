//! The tests' own PostgreSQL: every test gets a database of its own and leaves none behind.

use sqlx::{Connection, PgConnection};

use crate::support::postgres::TestDatabase;

#[tokio::test]
async fn each_test_has_a_postgres_database_of_its_own_and_leaves_none_behind() {
    let (first, second) = (TestDatabase::fresh().await, TestDatabase::fresh().await);
    assert_ne!(first.url(), second.url());

    let mut in_first = PgConnection::connect(&first.url()).await.unwrap();
    sqlx::query("CREATE TABLE refund (id INTEGER)").execute(&mut in_first).await.unwrap();
    let mut in_second = PgConnection::connect(&second.url()).await.unwrap();
    assert!(sqlx::query("SELECT id FROM refund").execute(&mut in_second).await.is_err());

    let url = first.url();
    drop(first);
    assert!(PgConnection::connect(&url).await.is_err(), "a dropped database is gone, open connections or not");
}

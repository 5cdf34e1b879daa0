//! The server as the outside meets it: the real router on a port of its own, asked over HTTP, on SQLite and on PostgreSQL.

#[path = "../support/addresses.rs"]
mod addresses;
mod clients;
mod dashboard;
mod dialects;
mod document;
mod doors;
mod endpoints;
mod events;
mod examples;
mod forgery;
mod idempotency;
mod intake;
mod journey;
#[path = "../support/json_keys.rs"]
mod json_keys;
mod limits;
mod metrics;
mod mistakes;
mod policies;
#[path = "../../engine/tests/support/postgres.rs"]
mod postgres;
mod race;
mod reconciliations;
mod refunding;
mod schemathesis;
#[path = "../support/senders.rs"]
mod senders;
mod server;
mod simulation;
#[path = "../support/sink.rs"]
mod sink;
mod snippets;
mod staff;
mod statements;
mod webhooks;
mod writing;

/// Runs each story on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($story:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::server::TestServer::on_sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::server::TestServer::on_postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both_databases;

//! What the tests stand on: databases, a small world, a merchant's server.

pub mod authenticator;
pub mod payments;
pub mod postgres;
pub mod sink;
pub mod smtp;
pub mod world;

/// Tells each story once on each database.
macro_rules! stories {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            async fn story($world: World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story(World::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                story(World::on_postgres().await).await;
            }
        }
    )*};
}
pub(crate) use stories;

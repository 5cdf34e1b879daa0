//! Where a simulated world's rows are. A migrated template is made once and copied for every world, because migrating takes longer
//! than a story.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use std::sync::Arc;

use domain::ids::{EndpointId, MerchantId, MidId, UserId};
use domain::merchant::{Actor, Role, Scope, Writing};
use engine::Engine;
use engine::callers::Caller;
use engine::clock::TestClock;
use engine::outside::Outside;
use sqlx::{Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::stage::{CountingIds, HOOKS, START, config};
use crate::world::WorldError;

/// Where worlds keep their rows, and the shop that all of them begin with.
#[derive(Clone, Debug)]
pub struct Databases {
    place: Place,
    shop: Shop,
}

#[derive(Clone, Debug)]
enum Place {
    /// SQLite files in a folder: one in memory (`/dev/shm`), or on a disk.
    Sqlite { folder: PathBuf },
    /// Databases of a PostgreSQL server whose user may create some; the template's URL.
    Postgres { template: String },
}

/// A merchant's shop: one MID with a key and an endpoint.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The MID.
    pub mid: MidId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Who calls with its key.
    pub caller: Caller,
    /// Somebody else, who signed in, and may approve.
    pub checker: Caller,
    /// Where it listens.
    pub endpoint: Uuid,
    /// What signs its webhooks.
    pub secret: String,
}

/// The rows of one world. They go with it.
#[derive(Debug)]
pub struct Database {
    url: String,
    file: Option<PathBuf>,
}

impl Databases {
    /// Returns databases in memory, or in the temporary folder where there is no `/dev/shm`.
    ///
    /// # Errors
    /// When no folder can be made, or the template cannot be migrated.
    pub async fn in_memory() -> Result<Self, WorldError> {
        let memory = Path::new("/dev/shm");
        Self::in_folder(if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }).await
    }

    /// Returns databases on the disk of the temporary folder.
    ///
    /// # Errors
    /// When no folder can be made, or the template cannot be migrated.
    pub async fn on_disk() -> Result<Self, WorldError> {
        Self::in_folder(std::env::temp_dir()).await
    }

    async fn in_folder(parent: PathBuf) -> Result<Self, WorldError> {
        let folder = parent.join(format!("refundry-simulator-{}-{}", std::process::id(), next()));
        std::fs::create_dir_all(&folder)?;
        let template = folder.join("template.db");
        let url = format!("sqlite://{}", template.display());
        let shop = found(&url).await?;
        // A copy of the file alone must be the whole database.
        let mut connection = SqliteConnection::connect(&url).await?;
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        connection.close().await?;
        Ok(Self { place: Place::Sqlite { folder }, shop })
    }

    /// Returns databases beside an empty one of a PostgreSQL server, which becomes their template.
    ///
    /// # Errors
    /// When the server is away or the template cannot be migrated.
    pub async fn on_postgres(template: &str) -> Result<Self, WorldError> {
        let shop = found(template).await?;
        Ok(Self { place: Place::Postgres { template: template.to_owned() }, shop })
    }

    /// Returns the shop that every world begins with.
    #[must_use]
    pub const fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Returns the rows of a new world.
    ///
    /// # Errors
    /// When the template cannot be copied.
    pub async fn fresh(&self) -> Result<Database, WorldError> {
        match &self.place {
            Place::Sqlite { folder } => {
                let file = folder.join(format!("world-{}.db", next()));
                std::fs::copy(folder.join("template.db"), &file)?;
                Ok(Database::in_file(file))
            }
            Place::Postgres { template } => {
                let (address, template) = split(template);
                let name = format!("{template}_{}", next());
                let mut connection = PgConnection::connect(&format!("{address}/postgres")).await?;
                let sql = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"");
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
                Ok(Database { url: format!("{address}/{name}"), file: None })
            }
        }
    }

    /// Removes a world's rows.
    pub async fn drop_one(&self, database: Database) {
        let Place::Postgres { template } = &self.place else { return };
        let (address, _) = split(template);
        let (_, name) = split(&database.url);
        if let Ok(mut connection) = PgConnection::connect(&format!("{address}/postgres")).await {
            let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            // What is left goes with the test server.
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.ok();
        }
    }

    /// Removes the folder of SQLite databases.
    pub fn clean_up(&self) {
        if let Place::Sqlite { folder } = &self.place {
            std::fs::remove_dir_all(folder).ok();
        }
    }
}

impl Database {
    /// Returns the rows in an SQLite file.
    #[must_use]
    pub fn in_file(file: PathBuf) -> Self {
        Self { url: format!("sqlite://{}", file.display()), file: Some(file) }
    }

    /// Returns the URL to open it with.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the file of an SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        for file in self.file.iter() {
            for suffix in ["", "-wal", "-shm"] {
                std::fs::remove_file(format!("{}{suffix}", file.display())).ok();
            }
        }
    }
}

/// Migrates an empty database and opens a shop in it. All of them get the same ids.
async fn found(url: &str) -> Result<Shop, WorldError> {
    let clock = Arc::new(TestClock::at(START.parse().expect("an instant")));
    let outside = Outside { ids: Arc::new(CountingIds::after(1)), ..Outside::default() };
    let engine = Engine::open(config(url, clock, outside)).await?;
    let (merchant, mid) = engine.add_mid("Halden Audio", "EU store", None).await?;
    let key = engine.add_key(mid, true).await?;
    let caller = engine.key(&key.secret).await?.ok_or(engine::Error::NotFound)?;
    let endpoint = EndpointId(Uuid::from_u128(1));
    let new = engine.add_endpoint(&caller, HOOKS, None, endpoint).await?;
    let checker = Caller {
        actor: Actor::User(UserId(Uuid::from_u128(2))),
        scope: Scope::Merchant(merchant),
        role: Some(Role::Owner),
        can_write: false,
        email: Some("owner@halden.example".to_owned()),
        name: None,
        is_proven: true,
        request: None,
    };
    let writing = Writing { alert_email: "alerts@halden.example".parse().ok(), ..Writing::default() };
    engine.set_writing(&checker, mid, writing).await?;
    Ok(Shop { mid, merchant, caller, checker, endpoint: endpoint.0, secret: new.secret })
}

fn split(url: &str) -> (&str, &str) {
    let bare = url.split_once('?').map_or(url, |(bare, _)| bare);
    bare.rsplit_once('/').unwrap_or((bare, ""))
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

//! The engine of Refundry: use cases, store, rails, notifications and worker. No HTTP server, no pages.
//!
//! *Decide in pure code, commit in one place, act afterwards.* Every door does the same three things: load rows, ask the
//! domain what an event changes, [commit](commit) the outcome. Side effects come later, from the [worker](worker), and come back
//! as the next event.
//!
//! | to see | read |
//! |---|---|
//! | what a deposit sets off | [`deposits`] |
//! | what other systems tell of deposits | [`intake`] |
//! | what a payer can do | [`paying`], [`claims`] |
//! | what another policy would have done | [`simulation`] |
//! | what a coin is worth | [`rates`] |
//! | who is never paid | [`sanctions`] |
//! | when a merchant's money stands still | [`freezes`] |
//! | how coins leave, and why not twice | [`payouts`] |
//! | what is written, in one transaction | [`commit`] |
//! | how merchants are told | [`webhooks`] |
//! | how payers are written to | [`emails`] |
//! | who did what, and that nobody changed it since | [`audit`] |
//! | how the installation does | [`vitals`], [`tally`] |

pub mod accounts;
pub mod assets;
pub mod audit;
pub mod brands;
pub mod browsing;
pub mod callers;
pub mod cases;
pub mod claims;
pub mod clock;
pub mod code_apps;
mod commit;
pub mod deliveries;
pub mod deposits;
pub mod destinations;
pub mod emails;
pub mod endpoints;
mod error;
pub mod events;
pub mod freezes;
pub mod held_forms;
pub mod idempotency;
pub mod ids;
pub mod intake;
pub mod invitations;
pub mod invoices;
pub mod keys;
pub mod merchants;
pub mod outages;
pub mod outside;
pub mod overview;
mod pages;
pub mod pairings;
pub mod passkeys;
pub mod paying;
pub mod payouts;
pub mod people;
pub mod policies;
pub mod privacy;
pub mod quotes;
pub mod rails;
pub mod rates;
pub mod receipts;
pub mod reconciliation;
pub mod refunding;
pub mod refunds;
pub mod releases;
pub mod reports;
pub mod resets;
pub mod sanctions;
pub mod sandbox;
mod seals;
pub mod senders;
pub mod sessions;
pub mod setup;
pub mod signer;
pub mod simulation;
pub mod sources;
pub mod statements;
mod store;
pub mod tally;
mod views;
pub mod vitals;
pub mod webhooks;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use domain::claim::MasterKey;
use domain::money::{Asset, Network};
use domain::policy::Period;
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::{Mutex, Notify};

use self::assets::Assets;
use self::clock::{Clock, SystemClock};
use self::deposits::telling::{self, Telling};
use self::deposits::watching::Watching;
use self::emails::{Mail, MailSettings};
use self::ids::Ids;
use self::outside::{Outside, Post};
use self::rails::evm::{EvmRail, EvmSettings};
use self::rails::sandbox::SandboxRail;
use self::rails::{Rail, RailError};
use self::rates::{FixedRate, RateSourceSettings, Rates};
use self::signer::SignerClient;
use self::store::Store;
use self::store::jobs::Lane;
use self::tally::Tally;
use self::views::Views;

pub use self::error::Error;
pub use self::ids::random_bytes;
pub use self::pages::{Page, PageRequest};
pub use self::store::StoreError;

/// What the engine is opened with.
pub struct Config {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// The installation's secret.
    pub master_key: MasterKey,
    /// Where payers and merchants reach the pages, without a slash at the end.
    pub public_url: String,
    /// Whether networks without a rail are simulated, deposits can be made up and the clock moved.
    pub is_sandbox: bool,
    /// How long a merchant's money stands still after a change that a thief would make (CM-09).
    pub freeze_after_change: Period,
    /// Whether webhooks may go to private addresses (a test's own machine).
    pub allow_private_webhooks: bool,
    /// The assets.
    pub assets: Vec<Asset>,
    /// The price table.
    pub rates: Vec<FixedRate>,
    /// Who else is asked for prices, in this order.
    pub rate_sources: Vec<RateSourceSettings>,
    /// The real chains.
    pub rails: Vec<EvmSettings>,
    /// Where the signer process listens.
    pub signer_socket: PathBuf,
    /// How mails are sent; nobody is written to without it.
    pub mail: Option<MailSettings>,
    /// Another clock than the operating system's.
    pub clock: Option<Arc<dyn Clock>>,
    /// Another world than the usual around it.
    pub outside: Outside,
}

/// What pages and programs may know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether this is a sandbox.
    pub is_sandbox: bool,
    /// Where the pages are, without a slash at the end.
    pub public_url: String,
    /// How long a merchant's money stands still after a change that a thief would make (CM-09).
    pub freeze_after_change: Period,
    /// Whether payers and merchants are written to.
    pub writes_email: bool,
}

/// Refundry without its doors. Cloned freely: all clones are one engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    key: MasterKey,
    settings: Settings,
    assets: Arc<Assets>,
    rates: Rates,
    known_policies: policies::KnownPolicies,
    rails: Arc<BTreeMap<Network, Arc<dyn Rail>>>,
    simulated: Vec<Network>,
    public_url: Arc<str>,
    ids: Arc<dyn Ids>,
    webhooks: Arc<dyn Post>,
    /// Which endpoints failed last time.
    patience: webhooks::Patience,
    tally: Tally,
    mail: Option<Mail>,
    /// Wakes the lanes of the worker: one permit for each.
    work: BTreeMap<Lane, Notify>,
    /// What is known of each chain's addresses, where we read deposits ourselves. Held while looking: one look at a time.
    watching: BTreeMap<Network, Mutex<Watching>>,
    /// Held from a payout's preflight until its bytes are stored, where a rail takes turns. Saves this process's payouts from trying in
    /// vain; what keeps all processes' apart is in the rows.
    turns: BTreeMap<Network, Mutex<()>>,
}

/// Why the engine could not start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A chain.
    #[error(transparent)]
    Rail(#[from] RailError),
    /// An asset whose network has no rail.
    #[error("asset {asset} has no rail: add a [[rails]] entry for {network}, or turn the sandbox on")]
    NoRail {
        /// Which asset.
        asset: domain::money::AssetId,
        /// Which network.
        network: Network,
    },
    /// Deposits were booked while a network's `deposits` was another.
    #[error(
        "deposits on {network} were {was} when they were booked: set deposits = \"{was}\" in its [[rails]] again, for what was booked would \
         be booked twice; deposits = \"{is}\" needs a new database (database_url)"
    )]
    ToldOtherwise {
        /// Which network.
        network: Network,
        /// What its `deposits` was.
        was: String,
        /// What it is in the settings.
        is: &'static str,
    },
    /// A source of prices.
    #[error("rate source {name}: {detail}")]
    RateSource {
        /// Which.
        name: String,
        /// The setting, and what is wrong with it.
        detail: String,
    },
    /// The rows were written with another secret key.
    #[error(
        "this database belongs to another secret key: put the key file that it was first opened with in place (secret_key_file), the same \
         for every process and every command"
    )]
    OtherKey,
    /// The mail server's settings.
    #[error("setting smtp_url: {0}")]
    Mail(String),
    /// The HTTP client.
    #[error("failed to prepare the HTTP client: {0}")]
    Http(String),
}

/// Refuses a database of another secret key: links, keys and signatures made with this one would be worth nothing there. A second machine
/// that made a key of its own at its first start learns it here.
async fn check_key(store: &Store, key: &MasterKey) -> Result<(), OpenError> {
    let own = HEXLOWER.encode(&key.hash("the secret key of this database").0);
    let kept = own.clone();
    let kept = store.write(move |tx| Box::pin(async move { store::state::keep(tx, "secret_key", &kept).await })).await?;
    if kept == own { Ok(()) } else { Err(OpenError::OtherKey) }
}

impl Engine {
    /// Connects to the database, brings its schema up to date and makes the rails ready. Starts no work: see [`Engine::run_worker`].
    ///
    /// # Errors
    /// What is missing or wrong, in words for the operator.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let store = Store::open(&config.database_url, config.outside.sharing).await?;
        check_key(&store, &config.master_key).await?;
        let store = store.behind(config.outside.gate);
        let clock = match config.clock {
            Some(clock) => clock,
            None => Arc::new(SystemClock::ahead_by(sandbox::clock_ahead(&store).await?)),
        };
        let signer = Arc::new(SignerClient::new(config.signer_socket));
        let mut rails = config.outside.rails;
        let mut told = Vec::new();
        for evm in config.rails {
            let telling = evm.deposits;
            if let Some(was) = telling::keep(&store, evm.network, telling, &config.assets).await? {
                return Err(OpenError::ToldOtherwise { network: evm.network, was, is: telling.name() });
            }
            if telling == Telling::Told {
                told.push(evm.network);
            }
            rails.insert(evm.network, Arc::new(EvmRail::new(&evm, &config.assets, Arc::clone(&signer))?));
        }
        let assets = Arc::new(Assets::new(config.assets));
        let mut simulated = Vec::new();
        for asset in assets.all() {
            if rails.contains_key(&asset.network) {
                continue;
            }
            if !config.is_sandbox {
                return Err(OpenError::NoRail { asset: asset.id, network: asset.network });
            }
            let rail = SandboxRail::new(asset.network, store.clone(), Arc::clone(&clock));
            rails.insert(asset.network, Arc::new(rail));
            simulated.push(asset.network);
        }
        let rates = Rates::new(config.rates, config.rate_sources).map_err(|(name, detail)| OpenError::RateSource { name, detail })?;
        let watched = rails.keys().filter(|network| !told.contains(network));
        let watching = watched.map(|network| (*network, Mutex::new(Watching::nothing()))).collect();
        let turns = rails.keys().map(|network| (*network, Mutex::new(()))).collect();
        let webhooks = match config.outside.post {
            Some(post) => post,
            None => Arc::new(webhooks::Sender::new(config.allow_private_webhooks).map_err(OpenError::Http)?),
        };
        let mail = config.mail.map(|settings| Mail::new(&settings, config.outside.mail)).transpose().map_err(OpenError::Mail)?;
        let writes_email = mail.is_some();
        let public_url = config.public_url.trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            key: config.master_key,
            public_url: public_url.as_str().into(),
            settings: Settings { is_sandbox: config.is_sandbox, public_url, freeze_after_change: config.freeze_after_change, writes_email },
            assets,
            rates,
            known_policies: policies::KnownPolicies::default(),
            rails: Arc::new(rails),
            simulated,
            ids: config.outside.ids,
            webhooks,
            patience: webhooks::Patience::default(),
            tally: Tally::default(),
            mail,
            work: Lane::WORKED.into_iter().map(|lane| (lane, Notify::new())).collect(),
            watching,
            turns,
        })))
    }

    /// Returns now, by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Returns what pages may know of the configuration.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Returns the configured assets.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// Says whether the database answers.
    ///
    /// # Errors
    /// `Store` when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        store::state::get(&mut tx, "ping").await?;
        Ok(())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn master_key(&self) -> &MasterKey {
        &self.0.key
    }

    pub(crate) fn rail(&self, network: Network) -> Result<Arc<dyn Rail>, Error> {
        self.0.rails.get(&network).cloned().ok_or_else(|| {
            let detail = "no rail is configured for it: add a [[rails]] entry to refundry.toml".to_owned();
            Error::Rail(RailError::Misconfigured { network, detail })
        })
    }

    pub(crate) fn views(&self) -> Views {
        Views {
            assets: Arc::clone(&self.0.assets),
            public_url: Arc::clone(&self.0.public_url),
            writes_email: self.0.mail.is_some(),
            rails: Arc::clone(&self.0.rails),
        }
    }

    /// Mints an id for something that a page makes.
    #[must_use]
    pub fn new_id(&self) -> uuid::Uuid {
        self.mint()
    }

    /// Mints an id.
    pub(crate) fn mint(&self) -> uuid::Uuid {
        self.0.ids.mint()
    }

    pub(crate) fn wake_worker(&self, lane: Lane) {
        if let Some(called) = self.0.work.get(&lane) {
            called.notify_one();
        }
    }
}

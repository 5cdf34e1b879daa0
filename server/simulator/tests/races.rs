//! Races: two engine processes on one database, many tasks let go at once by a barrier, on both databases. Afterwards every promise
//! must hold, and nobody may have been told what is not so. `REFUNDRY_RACE_ROUNDS` says how many refunds are raced for, per race.

use std::sync::Arc;

use engine::{Engine, Error};
use simulator::auditor::{Auditor, Told};
use simulator::chain::ChainFault;
use simulator::database::{Database, Databases};
use simulator::power::Power;
use simulator::script::{Action, Coin};
use simulator::stage::Stage;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::postgres::TestDatabase;
use crate::simulation::count;

/// As many as a quick run of all tests can afford.
const ROUNDS: u64 = 20;
/// How many refunds are raced for at once: what a number in an action can name.
const BATCH: u8 = 100;
/// How many of them one invoice has.
const PER_INVOICE: u8 = 20;
/// The policy with an hour's delay, and the one with a day to claim (`stage.rs`).
const AN_HOUR: u8 = 1;
const A_DAY_TO_CLAIM: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Race {
    ClaimAndClaim,
    ClaimAndExpiry,
    ClaimAndCancel,
    PayersCancelAndRelease,
    MerchantsCancelAndRelease,
    ReleaseAndRelease,
    ExpiryAndExpiry,
    RetryAndCancel,
    DepositAndDeposit,
}

impl Race {
    const ALL: [Self; 9] = [
        Self::ClaimAndClaim,
        Self::ClaimAndExpiry,
        Self::ClaimAndCancel,
        Self::PayersCancelAndRelease,
        Self::MerchantsCancelAndRelease,
        Self::ReleaseAndRelease,
        Self::ExpiryAndExpiry,
        Self::RetryAndCancel,
        Self::DepositAndDeposit,
    ];

    /// Returns who does what, by which process, all at once.
    fn rivals(self, refunds: u8) -> Vec<(usize, Action)> {
        let each = |first: fn(u8) -> Action, second: fn(u8) -> Action| -> Vec<(usize, Action)> {
            (0..refunds).flat_map(|refund| [(0, first(refund)), (1, second(refund))]).collect()
        };
        let against = |first: fn(u8) -> Action, rival: Action| -> Vec<(usize, Action)> {
            (0..refunds).map(|refund| (0, first(refund))).chain([(1, rival)]).collect()
        };
        let claim = |refund| Action::Claim { refund, payer: 0 };
        match self {
            Self::ClaimAndClaim => each(claim, |refund| Action::Claim { refund, payer: 1 }),
            Self::ClaimAndExpiry => against(claim, Action::Wait { seconds: 1 }),
            Self::ClaimAndCancel => each(claim, |refund| Action::CancelAsMerchant { refund }),
            Self::PayersCancelAndRelease => against(|refund| Action::CancelAsPayer { refund }, Action::Wait { seconds: 1 }),
            Self::MerchantsCancelAndRelease => against(|refund| Action::CancelAsMerchant { refund }, Action::Wait { seconds: 1 }),
            Self::RetryAndCancel => each(|refund| Action::Retry { refund }, |refund| Action::CancelAsMerchant { refund }),
            Self::ReleaseAndRelease | Self::ExpiryAndExpiry | Self::DepositAndDeposit => vec![(0, Action::Work), (1, Action::Work)],
        }
    }
}

/// Two processes on one database.
struct Track {
    stage: Arc<Stage>,
    engines: [Engine; 2],
    auditor: Auditor,
    known: usize,
    // Goes last: the processes have it open.
    _database: Database,
}

impl Track {
    async fn new(databases: &Databases) -> Self {
        let database = databases.fresh().await.unwrap();
        let stage = Arc::new(Stage::new(databases.shop().clone(), None));
        let engines = [stage.open(database.url(), &Power::on()).await.unwrap(), stage.open(database.url(), &Power::on()).await.unwrap()];
        let auditor = Auditor::open(database.url()).await.unwrap();
        Self { stage, engines, auditor, known: 0, _database: database }
    }

    async fn act(&self, action: Action) -> Vec<Told> {
        self.stage.act(&self.engines[0], action).await.unwrap_or_else(|error| panic!("{action:?} failed: {error}"))
    }

    /// Brings about `refunds` refunds that are about to be raced for; returns how many steps the race has to do for all.
    async fn prepare(&mut self, race: Race, refunds: u8) {
        self.stage.forget();
        let expires = matches!(race, Race::ClaimAndExpiry | Race::ExpiryAndExpiry);
        self.act(Action::Policy { number: if expires { A_DAY_TO_CLAIM } else { AN_HOUR } }).await;
        for invoice in 0..refunds.div_ceil(PER_INVOICE) {
            self.act(Action::Invoice { coin: Coin::Usdt }).await;
            // The first pays it, each of the others comes back.
            for _ in 0..=PER_INVOICE.min(refunds - invoice * PER_INVOICE) {
                self.act(Action::Pay { invoice, percent: 100 }).await;
            }
        }
        if race == Race::DepositAndDeposit {
            self.pass(30);
            return;
        }
        self.stage.hop(&self.engines[0], 30).await.unwrap();
        let all = self.auditor.refunds().await.unwrap();
        let new = all.iter().skip(self.known).copied().collect::<Vec<_>>();
        assert_eq!(new.len(), usize::from(refunds), "the refunds that are raced for");
        self.stage.know(new);
        match race {
            Race::ClaimAndClaim | Race::ClaimAndCancel | Race::DepositAndDeposit => {}
            Race::ClaimAndExpiry => self.pass(86_399),
            Race::ExpiryAndExpiry => self.pass(86_400),
            Race::PayersCancelAndRelease | Race::MerchantsCancelAndRelease => {
                self.claim_all(refunds).await;
                self.pass(3599);
            }
            Race::ReleaseAndRelease => {
                self.claim_all(refunds).await;
                self.pass(3600);
            }
            Race::RetryAndCancel => {
                self.claim_all(refunds).await;
                self.act(Action::Breaks { coin: Coin::Usdt, fault: ChainFault::Paused }).await;
                self.stage.hop(&self.engines[0], 3600).await.unwrap();
                self.act(Action::Heals { coin: Coin::Usdt }).await;
            }
        }
    }

    async fn claim_all(&self, refunds: u8) {
        for refund in 0..refunds {
            self.act(Action::Claim { refund, payer: 0 }).await;
        }
    }

    fn pass(&self, seconds: i64) {
        engine::clock::Clock::advance(self.stage.clock.as_ref(), jiff::SignedDuration::from_secs(seconds));
    }

    /// Lets everybody go at once; returns what each was told.
    async fn run(&self, rivals: Vec<(usize, Action)>) -> Vec<(Action, Result<Vec<Told>, Error>)> {
        let barrier = Arc::new(Barrier::new(rivals.len()));
        let mut running = JoinSet::new();
        for (process, action) in rivals {
            let (stage, engine, barrier) = (Arc::clone(&self.stage), self.engines[process].clone(), Arc::clone(&barrier));
            running.spawn(async move {
                barrier.wait().await;
                (action, stage.act(&engine, action).await)
            });
        }
        running.join_all().await
    }

    /// Races once for a batch of refunds and proves that all is well; returns how many of the first rivals and of the second won.
    async fn race(&mut self, race: Race, refunds: u8) -> (usize, usize) {
        self.prepare(race, refunds).await;
        let results = self.run(race.rivals(refunds)).await;
        let mut told = Vec::new();
        let mut wins = (0, 0);
        for (number, (action, result)) in results.into_iter().enumerate() {
            match result {
                Ok(words) => {
                    told.extend(words);
                    match action {
                        Action::Claim { payer: 1, .. } | Action::Work | Action::Wait { .. } => wins.1 += 1,
                        Action::CancelAsMerchant { .. } if race != Race::MerchantsCancelAndRelease => wins.1 += 1,
                        _ => wins.0 += 1,
                    }
                }
                Err(Error::Refused(_) | Error::NotFound) => {}
                Err(error) => panic!("{race:?}: number {number}, {action:?}, ended with: {error}"),
            }
        }
        if race == Race::ClaimAndClaim {
            assert_eq!(wins.0 + wins.1, usize::from(refunds), "exactly one of two claims wins");
        }
        for seconds in [1, 30, 1, 30] {
            self.stage.hop(&self.engines[0], seconds).await.unwrap();
        }
        let outside = self.stage.outside(self.auditor.arrivals(), told);
        let violations = self.auditor.audit(outside, false).await.unwrap();
        assert!(violations.is_empty(), "{race:?}: {violations:?}");
        let all = self.auditor.refunds().await.unwrap().len();
        assert_eq!(all - self.known, usize::from(refunds), "{race:?}: one refund per payment");
        self.known = all;
        wins
    }
}

async fn race_all(where_to: &str, databases: &Databases) {
    let rounds = count("REFUNDRY_RACE_ROUNDS", ROUNDS);
    for race in Race::ALL {
        let started = std::time::Instant::now();
        let mut track = Track::new(databases).await;
        let (mut left, mut wins) = (rounds, (0, 0));
        while left > 0 {
            let batch = u8::try_from(left).unwrap_or(BATCH).min(BATCH);
            let (first, second) = track.race(race, batch).await;
            wins = (wins.0 + first, wins.1 + second);
            left -= u64::from(batch);
        }
        println!(
            "race {where_to}: {race:?}, {rounds} rounds, {} : {}, 0 violations ({} ms)",
            wins.0,
            wins.1,
            started.elapsed().as_millis()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_on_sqlite_have_one_winner() {
    let databases = Databases::in_memory().await.unwrap();
    race_all("on SQLite", &databases).await;
    databases.clean_up();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_on_postgres_have_one_winner() {
    let template = TestDatabase::fresh().await;
    let databases = Databases::on_postgres(&template.url()).await.unwrap();
    race_all("on PostgreSQL", &databases).await;
}

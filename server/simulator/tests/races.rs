//! Races: two engine processes on one database, rivals let go together by a barrier, on both databases. Afterwards every promise
//! must hold, and nobody may have been told what is not so. `RACE_ROUNDS` says how many refunds are raced for, per race.
//!
//! A round is cheap because a batch of refunds is brought about, raced for and audited at once, and because races on databases of their own
//! go on side by side. Nothing here is about durability: rows are in memory, or on a server that does not sync.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Engine, Error};
use simulator::auditor::{Auditor, Told};
use simulator::chain::ChainFault;
use simulator::database::{Database, Databases};
use simulator::power::Power;
use simulator::script::{Action, Coin, Deed};
use simulator::stage::Stage;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;

use crate::postgres::TestDatabase;
use crate::simulation::count;

/// As many as a quick run of all tests can afford.
const ROUNDS: u64 = 20;
/// How many refunds are raced for at once: what a number in an action can name.
const BATCH: u8 = 100;
/// How many of them one invoice has.
const PER_INVOICE: u8 = 20;
/// In how many parts a merchant gives an invoice back: each is more than the network's fee.
const PARTS: u8 = 10;
/// How many people are under way at a time: with more, one process would commit all of its own at once.
const UNDER_WAY: usize = 6;
/// How long the other process has worked when something comes in between.
const IN_THE_MIDDLE: Duration = Duration::from_millis(50);
/// How many rounds share a database. The auditor reads all of it after every batch.
const ROUNDS_PER_DATABASE: u64 = 500;
/// How many databases of each kind are raced on at the same time.
const TRACKS: usize = 3;
/// How many jobs a process does side by side where nothing is raced for.
const SIDE_BY_SIDE: u8 = 32;
/// The policy with an hour's delay, and the one with a day to claim (`stage.rs`).
const AN_HOUR: u8 = 1;
const A_DAY_TO_CLAIM: u8 = 2;
/// The policy under which a second person approves what merchants give back.
const FOUR_EYES: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    ApproveAndDecline,
    FreezeAndRelease,
    ConfirmAndReorg,
}

impl Race {
    const ALL: [Self; 12] = [
        Self::ApproveAndDecline,
        Self::FreezeAndRelease,
        Self::ConfirmAndReorg,
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

    /// Returns who does what, by which process: heats of those who start together.
    fn heats(self, refunds: u8) -> Vec<Heat> {
        // Each of the two is first in the queue as often as the other.
        let each = |first: fn(u8) -> Action, second: fn(u8) -> Action| -> Vec<Heat> {
            let pair = |refund: u8| {
                let pair = [(0, first(refund)), (1, second(refund))];
                if refund.is_multiple_of(2) { pair.to_vec() } else { vec![pair[1], pair[0]] }
            };
            (0..refunds).map(pair).collect()
        };
        // What is not about one refund begins when half of them have.
        let against = |first: fn(u8) -> Action, rival: Action| -> Vec<Heat> {
            let alone = |refund: u8| vec![(0, first(refund))];
            let with_rival = |refund: u8| vec![(0, first(refund)), (1, rival)];
            (0..refunds).map(|refund| if refund == refunds / 2 { with_rival(refund) } else { alone(refund) }).collect()
        };
        let claim = |refund| Action::Claim { refund, payer: 0 };
        match self {
            Self::ClaimAndClaim => each(claim, |refund| Action::Claim { refund, payer: 1 }),
            Self::ClaimAndExpiry => against(claim, Action::Wait { seconds: 1 }),
            Self::ClaimAndCancel => each(claim, |refund| Action::CancelAsMerchant { refund }),
            Self::PayersCancelAndRelease => against(|refund| Action::CancelAsPayer { refund }, Action::Wait { seconds: 1 }),
            Self::MerchantsCancelAndRelease => against(|refund| Action::CancelAsMerchant { refund }, Action::Work),
            Self::RetryAndCancel => each(|refund| Action::Retry { refund }, |refund| Action::CancelAsMerchant { refund }),
            Self::ApproveAndDecline => {
                each(|refund| Action::Staff { deed: Deed::Approve, refund }, |refund| Action::Staff { deed: Deed::Decline, refund })
            }
            Self::FreezeAndRelease => vec![vec![(0, Action::Wait { seconds: 1 }), (1, Action::Freeze)]],
            Self::ConfirmAndReorg => {
                vec![vec![(0, Action::Wait { seconds: 30 }), (1, Action::Reorg { coin: Coin::Usdt, depth: 5, loses_deposits: false })]]
            }
            Self::ReleaseAndRelease | Self::ExpiryAndExpiry | Self::DepositAndDeposit => vec![vec![(0, Action::Work), (1, Action::Work)]],
        }
    }
}

/// Who starts together, by process.
type Heat = Vec<(usize, Action)>;

/// Two processes on one database.
struct Track {
    stage: Arc<Stage>,
    engines: [Engine; 2],
    auditor: Auditor,
    known: usize,
    turned_away: usize,
    // Goes last: the processes have it open.
    database: Database,
}

impl Track {
    async fn new(databases: &Databases) -> Self {
        let database = databases.fresh().await.expect("rows");
        let stage = Arc::new(Stage::new(databases.shop().clone(), None));
        let engines = [
            stage.open(database.url(), &Power::on()).await.expect("a process"),
            stage.open(database.url(), &Power::on()).await.expect("a process"),
        ];
        let auditor = Auditor::open(database.url()).await.expect("an auditor");
        Self { stage, engines, auditor, known: 0, turned_away: 0, database }
    }

    /// Ends the processes; what is left is their rows.
    fn leave(self) -> Database {
        self.database
    }

    async fn act(&self, action: Action) -> Vec<Told> {
        self.stage.act(&self.engines[0], action).await.unwrap_or_else(|error| panic!("{action:?} failed: {error}"))
    }

    /// Brings about the refunds that are about to be raced for.
    async fn prepare(&mut self, race: Race, refunds: u8) {
        self.stage.forget();
        if race == Race::FreezeAndRelease {
            // The last one's day is over.
            self.hop(86_400).await;
        }
        if race == Race::ApproveAndDecline {
            self.act(Action::Policy { number: FOUR_EYES }).await;
            self.give_back(refunds).await;
            return;
        }
        let expires = matches!(race, Race::ClaimAndExpiry | Race::ExpiryAndExpiry);
        self.act(Action::Policy { number: if expires { A_DAY_TO_CLAIM } else { AN_HOUR } }).await;
        for invoice in 0..refunds.div_ceil(PER_INVOICE) {
            self.act(Action::Invoice { coin: Coin::Usdt }).await;
            // The first pays it, each of the others comes back.
            for _ in 0..=PER_INVOICE.min(refunds.saturating_sub(invoice.saturating_mul(PER_INVOICE))) {
                self.act(Action::Pay { invoice, percent: 100 }).await;
            }
        }
        if race == Race::DepositAndDeposit {
            self.pass(30);
            return;
        }
        self.hop(30).await;
        self.know(refunds).await;
        match race {
            Race::ClaimAndClaim | Race::ClaimAndCancel | Race::DepositAndDeposit | Race::ApproveAndDecline => {}
            Race::ClaimAndExpiry => self.pass(86_399),
            Race::ExpiryAndExpiry => self.pass(86_400),
            Race::PayersCancelAndRelease | Race::FreezeAndRelease => {
                self.claim_all(refunds).await;
                self.pass(3599);
            }
            Race::MerchantsCancelAndRelease | Race::ReleaseAndRelease => {
                self.claim_all(refunds).await;
                self.pass(3600);
            }
            Race::ConfirmAndReorg => {
                self.claim_all(refunds).await;
                self.hop(3600).await;
            }
            Race::RetryAndCancel => {
                self.claim_all(refunds).await;
                self.act(Action::Breaks { coin: Coin::Usdt, fault: ChainFault::Paused }).await;
                self.hop(3600).await;
                self.act(Action::Heals { coin: Coin::Usdt }).await;
            }
        }
    }

    /// Has the merchant give back invoices that were paid, part by part, to somebody who is asked for an address.
    async fn give_back(&mut self, refunds: u8) {
        let invoices = refunds.div_ceil(PARTS);
        for invoice in 0..invoices {
            self.act(Action::Invoice { coin: Coin::Usdt }).await;
            self.act(Action::Pay { invoice, percent: 100 }).await;
        }
        self.hop(30).await;
        for refund in 0..refunds {
            let invoice = refund.checked_div(PARTS).unwrap_or_default();
            self.act(Action::Refund { invoice, percent: 10, payer: None, immediate: false }).await;
        }
        self.know(refunds).await;
    }

    /// Takes note of the refunds that are about to be raced for.
    async fn know(&mut self, refunds: u8) {
        let all = self.auditor.refunds().await.expect("refunds");
        let new = all.iter().skip(self.known).copied().collect::<Vec<_>>();
        assert_eq!(new.len(), usize::from(refunds), "the refunds that are raced for");
        self.stage.know(new);
    }

    async fn claim_all(&self, refunds: u8) {
        let claims = (0..refunds).map(|refund| vec![(0, Action::Claim { refund, payer: 0 })]).collect();
        for (action, claimed) in self.run(claims, usize::from(SIDE_BY_SIDE)).await {
            claimed.unwrap_or_else(|error| panic!("{action:?} failed: {error}"));
        }
        // The time to cancel begins when the mail with the cancel link is taken: at once here.
        self.hop(0).await;
    }

    async fn hop(&self, seconds: u32) {
        self.stage.hop_with(&self.engines[0], seconds, u32::from(SIDE_BY_SIDE)).await.expect("work");
    }

    fn pass(&self, seconds: i64) {
        engine::clock::Clock::advance(self.stage.clock.as_ref(), jiff::SignedDuration::from_secs(seconds));
    }

    /// Lets one heat go after the other, with so many people under way at a time; returns what each was told.
    async fn run(&self, heats: Vec<Heat>, under_way: usize) -> Vec<(Action, Result<Vec<Told>, Error>)> {
        let places = Arc::new(Semaphore::new(under_way));
        let mut running = JoinSet::new();
        for heat in heats {
            let barrier = Arc::new(Barrier::new(heat.len()));
            for (process, action) in heat {
                let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
                let (stage, engine, barrier) = (Arc::clone(&self.stage), self.engines[process].clone(), Arc::clone(&barrier));
                running.spawn(async move {
                    barrier.wait().await;
                    if matches!(action, Action::Freeze | Action::Reorg { .. }) {
                        tokio::time::sleep(IN_THE_MIDDLE).await;
                    }
                    let told = stage.act(&engine, action).await;
                    drop(place);
                    (action, told)
                });
            }
        }
        running.join_all().await
    }

    /// Races once for a batch of refunds and proves that all is well; returns how often the first and the second of two people won.
    async fn race(&mut self, race: Race, refunds: u8) -> [usize; 2] {
        self.prepare(race, refunds).await;
        let results = self.run(race.heats(refunds), UNDER_WAY).await;
        let mut told = Vec::new();
        let (mut first, mut second) = (0_usize, 0_usize);
        for (action, result) in results {
            let result = match result {
                // Told to try again, people do.
                Err(Error::Conflict) => {
                    self.turned_away = self.turned_away.saturating_add(1);
                    self.stage.act(&self.engines[0], action).await
                }
                result => result,
            };
            match result {
                Ok(words) => {
                    told.extend(words);
                    match action {
                        Action::Claim { payer: 1, .. } => second = second.saturating_add(1),
                        Action::CancelAsMerchant { .. } if race != Race::MerchantsCancelAndRelease => second = second.saturating_add(1),
                        Action::Staff { deed: Deed::Decline, .. } => second = second.saturating_add(1),
                        Action::Work | Action::Wait { .. } | Action::Freeze | Action::Reorg { .. } => {}
                        _ => first = first.saturating_add(1),
                    }
                }
                Err(Error::Refused(_) | Error::NotFound) => {}
                Err(error) => panic!("{race:?}: {action:?} ended with: {error}"),
            }
        }
        if matches!(race, Race::ClaimAndClaim | Race::ApproveAndDecline) {
            assert_eq!(first.checked_add(second), Some(usize::from(refunds)), "{race:?}: exactly one of two people wins");
        }
        for seconds in [1, 30, 1, 30] {
            self.hop(seconds).await;
        }
        let outside = self.stage.outside(self.auditor.arrivals(), self.auditor.mails(), told);
        let violations = self.auditor.audit(outside, false).await.expect("an audit");
        assert!(violations.is_empty(), "{race:?}: {violations:?}");
        let all = self.auditor.refunds().await.expect("refunds").len();
        assert_eq!(all.checked_sub(self.known), Some(usize::from(refunds)), "{race:?}: one refund per payment");
        self.known = all;
        [first, second]
    }
}

/// What came of a race.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    rounds: u64,
    wins: [usize; 2],
    turned_away: usize,
    took: Duration,
}

/// Races for some refunds on a database of its own.
async fn race_for(databases: Arc<Databases>, race: Race, rounds: u64) -> (Race, Score) {
    let started = Instant::now();
    let mut track = Track::new(&databases).await;
    let (mut left, mut wins) = (rounds, [0_usize; 2]);
    while left > 0 {
        let batch = u8::try_from(left).unwrap_or(BATCH).min(BATCH);
        let won = track.race(race, batch).await;
        wins = [wins[0].saturating_add(won[0]), wins[1].saturating_add(won[1])];
        left = left.saturating_sub(u64::from(batch));
    }
    let turned_away = track.turned_away;
    databases.drop_one(track.leave()).await;
    (race, Score { rounds, wins, turned_away, took: started.elapsed() })
}

async fn race_all(where_to: &str, databases: Databases) {
    let rounds = count("RACE_ROUNDS", ROUNDS);
    let databases = Arc::new(databases);
    let parts = |race| {
        let starts = (0..rounds).step_by(usize::try_from(ROUNDS_PER_DATABASE).unwrap_or(usize::MAX));
        starts.map(move |start| (race, rounds.saturating_sub(start).min(ROUNDS_PER_DATABASE)))
    };
    let (mut waiting, mut running) = (Race::ALL.into_iter().flat_map(parts), JoinSet::new());
    let mut scores: BTreeMap<Race, Score> = BTreeMap::new();
    loop {
        while running.len() < TRACKS
            && let Some((race, rounds)) = waiting.next()
        {
            running.spawn(race_for(Arc::clone(&databases), race, rounds));
        }
        let Some(ended) = running.join_next().await else { break };
        let (race, part) = ended.expect("a race without violations");
        let score = scores.entry(race).or_default();
        score.rounds = score.rounds.saturating_add(part.rounds);
        score.wins = [score.wins[0].saturating_add(part.wins[0]), score.wins[1].saturating_add(part.wins[1])];
        score.turned_away = score.turned_away.saturating_add(part.turned_away);
        score.took = score.took.saturating_add(part.took);
    }
    for (race, Score { rounds, wins, turned_away, took }) in scores {
        println!(
            "race {where_to}: {race:?}, {rounds} rounds, won {} : {} by people, {turned_away} asked to try again, 0 violations ({} ms)",
            wins[0],
            wins[1],
            took.as_millis()
        );
        // Half of the payers cancel before the release is let go, the others after it: a race that payers always win is none.
        assert!(race != Race::PayersCancelAndRelease || usize::try_from(rounds) != Ok(wins[0]), "no release took part");
    }
    databases.clean_up();
}

/// Side by side: while PostgreSQL is waited for, SQLite is raced on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_on_both_databases_have_one_winner() {
    let template = TestDatabase::fresh().await;
    let on_sqlite = Databases::in_memory().await.unwrap();
    let on_postgres = Databases::on_postgres(&template.url()).await.unwrap();
    tokio::join!(race_all("on SQLite", on_sqlite), race_all("on PostgreSQL", on_postgres));
}

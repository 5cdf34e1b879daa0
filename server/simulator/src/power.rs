//! The power supply of one simulated process: at a chosen point it fails, or an answer is lost there, or somebody else is faster.
//! Points are passed before and after every write and every call to the outside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::StoreError;
use engine::outside::WriteGate;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore};

/// A point that a process passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// A transaction is about to be written.
    BeforeWrite,
    /// It is durable, its answer not heard yet.
    AfterWrite,
    /// The signer, a node or a merchant is about to be called.
    BeforeCall,
    /// The call did what it does, its answer is not heard yet.
    AfterCall,
}

impl Point {
    /// All points.
    pub const ALL: [Self; 4] = [Self::BeforeWrite, Self::AfterWrite, Self::BeforeCall, Self::AfterCall];
}

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blow {
    /// The process dies.
    Dies,
    /// The answer does not arrive; the process lives on.
    Lost,
    /// The process waits while another one acts.
    Waits,
}

/// How a call or write went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// As it should.
    Through,
    /// The answer is lost.
    Lost,
}

#[derive(Debug)]
struct Trap {
    point: Point,
    left: u32,
    blow: Blow,
}

#[derive(Debug, Default)]
struct State {
    trap: Option<Trap>,
    is_dead: bool,
    passed: u64,
}

/// The power supply of one process.
#[derive(Debug)]
pub struct Power {
    state: Mutex<State>,
    cut: Notify,
    waiting: Notify,
    go_on: Semaphore,
}

impl Power {
    /// Returns a supply that works.
    #[must_use]
    pub fn on() -> Arc<Self> {
        let state = Mutex::new(State::default());
        Arc::new(Self { state, cut: Notify::new(), waiting: Notify::new(), go_on: Semaphore::new(0) })
    }

    /// Sets a trap at the `nth` time a point is passed, counted from 1.
    pub fn set(&self, point: Point, nth: u32, blow: Blow) {
        self.state().trap = Some(Trap { point, left: nth.max(1), blow });
    }

    /// Takes an unsprung trap away.
    pub fn clear(&self) {
        self.state().trap = None;
    }

    /// Returns how many points were passed.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.state().passed
    }

    /// Ends when the process died.
    pub async fn failed(&self) {
        self.cut.notified().await;
    }

    /// Ends when the process waits for another.
    pub async fn waits(&self) {
        self.waiting.notified().await;
    }

    /// Lets a waiting process go on.
    pub fn go_on(&self) {
        self.go_on.add_permits(1);
    }

    /// Passes a point.
    pub async fn pass(&self, point: Point) -> Passage {
        match self.sprung(point) {
            Sprung::No => Passage::Through,
            Sprung::Yes(Blow::Lost) => Passage::Lost,
            Sprung::Yes(Blow::Waits) => {
                self.waiting.notify_one();
                // The world closes it never, and a permit is used up by whoever waits.
                if let Ok(permit) = self.go_on.acquire().await {
                    permit.forget();
                }
                Passage::Through
            }
            Sprung::Yes(Blow::Dies) => {
                self.cut.notify_one();
                std::future::pending().await
            }
            Sprung::Dead => std::future::pending().await,
        }
    }

    fn sprung(&self, point: Point) -> Sprung {
        let mut state = self.state();
        if state.is_dead {
            return Sprung::Dead;
        }
        state.passed = state.passed.saturating_add(1);
        let Some(trap) = state.trap.as_mut().filter(|trap| trap.point == point) else { return Sprung::No };
        trap.left = trap.left.saturating_sub(1);
        if trap.left > 0 {
            return Sprung::No;
        }
        let blow = trap.blow;
        state.trap = None;
        state.is_dead = blow == Blow::Dies;
        Sprung::Yes(blow)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Sprung {
    No,
    Yes(Blow),
    Dead,
}

#[async_trait]
impl WriteGate for Power {
    async fn before(&self) -> Result<(), StoreError> {
        answer(self.pass(Point::BeforeWrite).await)
    }

    async fn after(&self) -> Result<(), StoreError> {
        answer(self.pass(Point::AfterWrite).await)
    }
}

fn answer(passage: Passage) -> Result<(), StoreError> {
    match passage {
        Passage::Through => Ok(()),
        // What the engine hears when a connection breaks during a commit: it cannot know which side of it.
        Passage::Lost => Err(StoreError::Lost),
    }
}

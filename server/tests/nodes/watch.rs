//! Watches the queue from outside: how long a due job stays in the same hands, or in nobody's.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinHandle;

/// Due jobs, by whose hands they are in. Postponing one ends its lease and moves its time.
const DUE: &str = "SELECT kind || ' ' || subject_id::text || ' ' || COALESCE(lease::text, 'nobody') || ' ' || due_at::text FROM jobs \
    WHERE due_at <= now() + COALESCE((SELECT value::bigint FROM state WHERE name = 'sandbox_clock_ahead_micros'), 0) * interval '1 microsecond'";

/// What was seen.
#[derive(Default)]
pub struct Seen {
    /// The longest time.
    pub longest_held: Duration,
    /// Of which job.
    pub which: String,
}

/// Somebody who looks twice a second.
pub struct Watch {
    is_over: Arc<AtomicBool>,
    looking: JoinHandle<Seen>,
}

impl Watch {
    /// Starts looking.
    pub fn start(url: String) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let looking = tokio::spawn(look(url, Arc::clone(&is_over)));
        Self { is_over, looking }
    }

    /// Stops, and says what was seen.
    pub async fn stop(self) -> Seen {
        self.is_over.store(true, Ordering::Relaxed);
        self.looking.await.expect("it did not panic")
    }
}

async fn look(url: String, is_over: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    let mut since: HashMap<String, Instant> = HashMap::new();
    let mut connection = None;
    while !is_over.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut open = match connection.take() {
            Some(open) => open,
            None => match PgConnection::connect(&url).await {
                Ok(open) => open,
                Err(_) => continue,
            },
        };
        // A database that is away is part of the test.
        let Ok(due) = sqlx::query_scalar::<_, String>(DUE).fetch_all(&mut open).await else { continue };
        connection = Some(open);
        let now = Instant::now();
        since = due.into_iter().map(|job| (job.clone(), since.get(&job).copied().unwrap_or(now))).collect();
        for (job, began) in &since {
            if began.elapsed() > seen.longest_held {
                (seen.longest_held, seen.which) = (began.elapsed(), job.clone());
            }
        }
    }
    seen
}

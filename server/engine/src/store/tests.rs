//! What a process finds that comes back after a pause: another has taken over, and nothing of the past is written.

use std::sync::{Arc, Mutex};

use domain::destination::Destination;
use domain::ids::{InvoiceId, MidId, PayoutId, RefundId};
use domain::job::Job;
use domain::merchant::Actor;
use domain::money::{Amount, Network};
use domain::outcome::Outcome;
use domain::payout::{Payout, PayoutState};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::jobs::{Lane, Lease, Leased};
use super::rails::Cursor;
use super::{Clerk, Decided, Store, StoreError, Tx, Work, jobs, payouts, rails, state};

/// A store on a file of its own, which goes with this value.
struct Rows {
    store: Store,
    folder: std::path::PathBuf,
}

impl Rows {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-rows-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let store = Store::open(&format!("sqlite://{}/refundry.db", folder.display()), Arc::default()).await.expect("a store");
        Self { store, folder }
    }

    async fn lease(&self, from: Timestamp) -> Vec<Leased> {
        let lease = Lease { id: Uuid::now_v7(), from, until: from.checked_add(SignedDuration::from_secs(30)).expect("in time") };
        self.store.write(move |tx| Box::pin(jobs::lease(tx, Lane::Money, from, lease, 10))).await.expect("leases")
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

#[tokio::test]
async fn a_lost_lease_ends_nothing() {
    let rows = Rows::new().await;
    let start: Timestamp = "2024-10-14T07:34:09Z".parse().expect("an instant");
    let job = Job::ExpireInvoice(InvoiceId(Uuid::now_v7()));
    rows.store.write(move |tx| Box::pin(async move { jobs::enqueue(tx, &[job.at(start)]).await })).await.expect("queued");
    let paused = rows.lease(start).await[0];
    assert!(rows.lease(start + SignedDuration::from_secs(29)).await.is_empty(), "it is in somebody's hands");
    let taken_over = rows.lease(start + SignedDuration::from_secs(30)).await[0];
    assert_eq!((paused.job, paused.attempts, taken_over.attempts), (job, 1, 2));

    rows.store.write(move |tx| Box::pin(async move { jobs::finish(tx, &[paused]).await })).await.expect("nothing happens");
    rows.store.write(move |tx| Box::pin(async move { jobs::postpone(tx, &[(paused, start, None)]).await })).await.expect("nothing happens");
    let later = start + SignedDuration::from_secs(31);
    assert!(rows.lease(later).await.is_empty(), "it is still in the other's hands");

    rows.store.write(move |tx| Box::pin(async move { jobs::finish(tx, &[taken_over]).await })).await.expect("finished");
    assert!(rows.lease(later + SignedDuration::from_secs(60)).await.is_empty(), "it is done");
}

#[tokio::test]
async fn a_cursor_moves_only_from_where_it_was_read() {
    let rows = Rows::new().await;
    let at = |position: u64| Cursor { position, block: Some(format!("block {position}")) };
    let moved = async |from: Option<u64>, to: u64| {
        let (from, to) = (from.map(at), at(to));
        let write = rows.store.write(move |tx| Box::pin(async move { rails::move_cursor(tx, Network::Base, from.as_ref(), &to).await }));
        write.await.expect("an answer")
    };
    assert!(moved(None, 10).await);
    assert!(!moved(None, 12).await, "another process began to read at the same moment");
    assert!(moved(Some(10), 20).await);
    assert!(!moved(Some(10), 11).await, "a process that was paused brings nobody back");
    let mut tx = rows.store.read().await.expect("a connection");
    assert_eq!(rails::cursor(&mut tx, Network::Base).await.expect("a cursor"), Some(at(20)));
}

#[tokio::test]
async fn a_slot_is_not_given_on_what_was_true_before_another_was() {
    let rows = Rows::new().await;
    let payout = payout_of(RefundId(Uuid::now_v7()));
    let mut tx = rows.store.read().await.expect("a connection");
    let seen = rails::turns(&mut tx, Network::Base).await.expect("a number");
    rows.store.write(|tx| Box::pin(rails::next_turn(tx, Network::Base))).await.expect("another payout's turn");
    let late = rows.store.write(move |tx| Box::pin(async move { payouts::lease_slot(tx, &payout, &[], 0, Some(seen)).await })).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(rails::turns(&mut tx, Network::Base).await.expect("a number"), seen + 1, "and it was nobody's turn");
}

/// Writes down the note of each outcome, and refuses one.
#[derive(Default)]
struct Notes {
    lots: Mutex<Vec<Vec<String>>>,
}

impl Clerk for Notes {
    fn write<'t>(&'t self, tx: &'t mut Tx, decided: &'t [Decided]) -> Work<'t, ()> {
        Box::pin(async move {
            let notes: Vec<String> = decided.iter().filter_map(|decided| decided.outcome.note.clone()).collect();
            self.lots.lock().expect("the lots").push(notes.clone());
            for note in notes {
                state::set(tx, &note, "written").await?;
                if note == "wrong" {
                    return Err(StoreError::Conflict);
                }
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn outcomes_that_wait_are_written_together_and_a_wrong_one_takes_none_along() {
    let rows = Rows::new().await;
    let clerk = Arc::new(Notes::default());
    let write = |note: &str, refund: RefundId| {
        let mut outcome = Outcome::by(Actor::System);
        outcome.note = Some(note.to_owned());
        outcome.payout = Some(payout_of(refund));
        rows.store.write_down(None, Box::new(Decided { at: Timestamp::UNIX_EPOCH, outcome }), Arc::clone(&clerk) as Arc<dyn Clerk>)
    };
    let (one, other, third) = (RefundId(Uuid::now_v7()), RefundId(Uuid::now_v7()), RefundId(Uuid::now_v7()));
    // On this runtime of one thread all of them wait before the writer takes the first.
    let (first, second, again) = tokio::join!(write("first", one), write("second", other), write("first again", one));
    assert!(first.is_ok() && second.is_ok() && again.is_ok(), "{first:?} {second:?} {again:?}");
    let lots = std::mem::take(&mut *clerk.lots.lock().expect("the lots"));
    assert_eq!(lots, [vec!["first", "second"], vec!["first again"]], "two of one refund follow each other");

    let (before, wrong, after) = tokio::join!(write("before", one), write("wrong", other), write("after", third));
    assert!(before.is_ok() && after.is_ok(), "{before:?} {after:?}");
    assert!(matches!(wrong, Err(StoreError::Conflict)), "{wrong:?}");
    let lots = std::mem::take(&mut *clerk.lots.lock().expect("the lots"));
    assert_eq!(lots, [vec!["before", "wrong", "after"], vec!["before"], vec!["wrong"], vec!["after"]], "then one by one");
    let mut tx = rows.store.read().await.expect("a connection");
    for (note, is_written) in
        [("first", true), ("second", true), ("first again", true), ("before", true), ("wrong", false), ("after", true)]
    {
        assert_eq!(state::get(&mut tx, note).await.expect("an answer").is_some(), is_written, "{note}");
    }
}

fn payout_of(refund: RefundId) -> Payout {
    Payout {
        id: PayoutId(Uuid::now_v7()),
        refund,
        mid: MidId(Uuid::now_v7()),
        net: Amount { units: 1, asset: "ETH-BASE".parse().expect("an asset") },
        fee: Amount { units: 1, asset: "ETH-BASE".parse().expect("an asset") },
        fee_bearer: domain::policy::FeeBearer::Payer,
        fee_is_in_kind: true,
        batch_until: None,
        raised: 0,
        raised_told: 0,
        destination: Destination::of_account(Network::Base, [9; 20], None).expect("an address"),
        state: PayoutState::Reserved,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

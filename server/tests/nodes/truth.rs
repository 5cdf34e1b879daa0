//! Holds everything that was acknowledged against the rows, the simulated chain, the API and what the merchant was sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use reqwest::Method;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::load::{Load, Story, text};
use crate::sink::Sink;

/// A refund's row: its state, destination and transaction.
type RefundRow = (String, String, Option<String>, Option<String>);

/// Fails when anything that somebody was told is not so, or anything was paid twice, lost or told out of order.
pub async fn check(stories: &[Story], load: &Load, database_url: &str, sink: &Sink) {
    let mut rows = PgConnection::connect(database_url).await.expect("a connection");
    let refunds = stories_are_true(stories, &mut rows).await;
    api_says_the_same(stories, load, &refunds).await;
    nothing_was_paid_twice(&mut rows).await;
    nothing_was_lost(&mut rows).await;
    everything_was_told_in_order(&mut rows, sink).await;
}

async fn stories_are_true(stories: &[Story], rows: &mut PgConnection) -> HashMap<String, RefundRow> {
    let invoices: Vec<(String, String, String)> =
        sqlx::query_as("SELECT reference, id::text, address FROM invoices").fetch_all(&mut *rows).await.expect("invoices");
    let invoices: HashMap<String, (String, String)> =
        invoices.into_iter().map(|(reference, id, address)| (reference, (id, address))).collect();
    let deposits: Vec<(String, String, String)> =
        sqlx::query_as("SELECT id::text, txid, state FROM deposits").fetch_all(&mut *rows).await.expect("deposits");
    let deposits: HashMap<String, (String, String)> = deposits.into_iter().map(|(id, txid, state)| (id, (txid, state))).collect();
    let refunds: Vec<RefundRow> =
        sqlx::query_as("SELECT id::text, state, address, txid FROM refunds").fetch_all(&mut *rows).await.expect("refunds");
    let refunds: HashMap<String, RefundRow> = refunds.into_iter().map(|row| (row.0.clone(), row)).collect();

    let (mut acknowledged, mut paid, mut canceled) = (0_usize, 0_usize, 0_usize);
    for story in stories {
        if let Some(invoice) = &story.invoice {
            assert_eq!(invoices.get(&story.reference), Some(invoice), "{story:?}");
            acknowledged += 1;
        }
        if let Some((id, txid)) = &story.deposit {
            assert_eq!(deposits.get(id), Some(&(txid.clone(), "final".to_owned())), "{story:?}");
            acknowledged += 1;
        }
        let Some(id) = &story.refund else { continue };
        let (_, state, address, txid) = refunds.get(id).unwrap_or_else(|| panic!("no refund: {story:?}"));
        if let Some(destination) = &story.destination {
            assert_eq!(address.as_ref().or(story.cancel.and(Some(destination))), Some(destination), "{story:?} is {state}");
            acknowledged += 1;
        }
        match (story.cancel, state.as_str()) {
            (Some(true), "canceled") => {
                acknowledged += 1;
                canceled += 1;
                assert_eq!(*txid, None, "{story:?}");
            }
            // Asked for without an answer: either is right.
            (Some(false), "canceled") => {}
            (None | Some(false), "paid") => {
                paid += 1;
                assert!(txid.is_some(), "{story:?}");
            }
            // Nobody was told that the claim was taken.
            (None | Some(false), "awaiting_claim") => assert_eq!(story.destination, None, "{story:?}"),
            (_, other) => panic!("{story:?} is {other}"),
        }
    }
    println!("{} stories, {acknowledged} acknowledged answers true, {paid} refunds paid, {canceled} canceled", stories.len());
    assert!(paid > 10 && canceled > 1, "the load was too little to mean anything");
    refunds
}

async fn api_says_the_same(stories: &[Story], load: &Load, refunds: &HashMap<String, RefundRow>) {
    // Every twentieth, over REST: the rows were all looked at above.
    for story in stories.iter().step_by(20) {
        let (Some((id, address)), Some(refund)) = (&story.invoice, &story.refund) else { continue };
        let (_, invoice) = load.api(Method::GET, &format!("/invoices/{id}"), None, None).await.expect("an answer");
        assert_eq!((text(&invoice["reference"]), text(&invoice["address"])), (story.reference.clone(), address.clone()));
        let (_, shown) = load.api(Method::GET, &format!("/refunds/{refund}"), None, None).await.expect("an answer");
        assert_eq!(Some(text(&shown["state"])), refunds.get(refund).map(|row| row.1.clone()), "{shown}");
    }
}

async fn nothing_was_paid_twice(rows: &mut PgConnection) {
    // Each payer has an address of their own, so the chain alone says who got something.
    let twice =
        "SELECT COUNT(*) FROM (SELECT address FROM sandbox_transactions WHERE kind = 'payout' GROUP BY address HAVING COUNT(*) > 1) x";
    assert_eq!(count(rows, twice).await, 0, "addresses were paid twice");
    let others = "SELECT COUNT(*) FROM sandbox_transactions t FULL JOIN (SELECT p.*, r.txid AS refund_txid, r.address AS refund_address, \
        r.state AS refund_state FROM payouts p JOIN refunds r ON r.id = p.refund_id WHERE p.state = 'final') p ON p.txid = t.txid \
        WHERE t.kind IS DISTINCT FROM 'deposit' AND (t.txid IS NULL OR p.txid IS NULL OR t.amount <> p.net OR t.address <> p.refund_address \
        OR p.refund_txid <> t.txid OR p.refund_state <> 'paid')";
    assert_eq!(count(rows, others).await, 0, "payouts on the chain that are not exactly a paid refund's");
}

async fn nothing_was_lost(rows: &mut PgConnection) {
    let unseen = "SELECT COUNT(*) FROM sandbox_transactions t LEFT JOIN deposits d ON d.txid = t.txid AND d.state = 'final' \
        WHERE t.kind = 'deposit' AND d.id IS NULL";
    assert_eq!(count(rows, unseen).await, 0, "payments on the chain that nobody took in");
    let unjudged = "SELECT COUNT(*) FROM deposits WHERE NOT is_judged";
    assert_eq!(count(rows, unjudged).await, 0, "payments that nobody judged");
    let stuck = "SELECT COUNT(*) FROM jobs WHERE kind IN ('release', 'pay', 'deliver')";
    assert_eq!(count(rows, stuck).await, 0, "jobs that are left");
}

async fn everything_was_told_in_order(rows: &mut PgConnection, sink: &Sink) {
    let undelivered = "SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'";
    assert_eq!(count(rows, undelivered).await, 0, "deliveries that did not arrive");
    let notices: Vec<(String, i64)> =
        sqlx::query_as("SELECT subject_id::text, COUNT(*) FROM notices GROUP BY subject_id").fetch_all(rows).await.expect("notices");
    let mut arrived: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let (mut known, mut repeats) = (HashSet::new(), 0_usize);
    for (_, body) in sink.all() {
        let body: Value = serde_json::from_str(&body).expect("JSON");
        // A repeat has the id of what came before; receivers drop it, and so does this one.
        if !known.insert(text(&body["id"])) {
            repeats += 1;
            continue;
        }
        let data = &body["data"];
        let subject = [&data["refund"]["id"], &data["invoice"]["id"]].into_iter().find(|id| id.is_string()).map(text).unwrap_or_default();
        arrived.entry(subject).or_default().push(body["sequence"].as_i64().expect("a number"));
    }
    println!("{} webhooks arrived, {repeats} of them again", known.len());
    for (subject, sent) in notices {
        let came = arrived.remove(&subject).unwrap_or_default();
        assert_eq!(came, (1..=sent).collect::<Vec<_>>(), "what was told about {subject}");
    }
}

async fn count(rows: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(rows).await.expect("a number")
}

//! The second line of defence: what the database itself refuses, on SQLite and on PostgreSQL, when our own rules are passed by.

use domain::ids::EndpointId;
use domain::merchant::Role;
use engine::privacy::NewPrivacy;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::claim_codes::set_band;
use crate::emails::{PAYER, overpaid};
use crate::support::smtp::SmtpServer;
use crate::support::world::{self, PAYERS_ADDRESS, World, claim_token, form};

/// Runs a statement past the engine; says what the database refused.
pub async fn run(world: &World, sql: &str) -> Result<u64, String> {
    let url = world.database.url();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let result = if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(&url).await.expect("a connection");
        sqlx::query(sql).execute(&mut connection).await.map(|done| done.rows_affected())
    } else {
        let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
        sqlx::query(sql).execute(&mut connection).await.map(|done| done.rows_affected())
    };
    result.map_err(|error| error.to_string())
}

/// Says that every statement is refused, and that the rows stay as they were.
async fn refuses(world: &World, statements: &[&str]) {
    for sql in statements {
        let result = run(world, sql).await;
        assert!(result.is_err(), "{sql} changed {result:?} rows");
    }
    world.assert_books_agree().await;
}

async fn paid_refund(world: &World) {
    let invoice = world.invoice("S-1").await;
    world.pay(&invoice, "150").await;
    world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
    world.wait("PT72H").await;
    world.settle().await;
}

async fn what_was_written_stays_written(world: World) {
    paid_refund(&world).await;
    refuses(
        &world,
        &[
            "UPDATE ledger_entries SET kind = 'claim_expired'",
            "DELETE FROM ledger_entries",
            "UPDATE ledger_postings SET position = position + 100",
            "DELETE FROM ledger_postings",
            "UPDATE refund_history SET actor = 'nobody'",
            "DELETE FROM refund_history",
            "UPDATE policies SET number = 9",
            "DELETE FROM exception_cases",
            "UPDATE audit_log SET actor = 'nobody'",
            "DELETE FROM audit_log",
        ],
    )
    .await;
}

async fn what_payers_agreed_to_stays_what_it_was(world: World) {
    paid_refund(&world).await;
    let (owner, text) = (world.person(Role::Owner).await, "https://halden.example/privacy");
    let privacy = NewPrivacy { url: Some(text.to_owned()), version: Some("2026-11".to_owned()) };
    world.engine.set_privacy(&owner, world.mid, privacy.clone()).await.expect("the MID's");
    world.engine.set_privacy(&owner, world.merchant().await, privacy).await.expect("the merchant's");
    refuses(
        &world,
        &[
            "UPDATE privacy_texts SET version = '2026-12'",
            "DELETE FROM privacy_texts",
            "INSERT INTO privacy_texts (id, owner_id, merchant_id, url, version, created_at) \
             SELECT owner_id, owner_id, merchant_id, 'http://halden.example', '2', created_at FROM privacy_texts",
            "INSERT INTO privacy_texts (id, owner_id, merchant_id, url, version, created_at) \
             SELECT owner_id, owner_id, merchant_id, url, version, created_at FROM privacy_texts",
            "UPDATE brands SET privacy_text_id = (SELECT p.id FROM privacy_texts p WHERE p.owner_id <> brands.owner_id)",
            "UPDATE claims SET consent_text_id = (SELECT id FROM privacy_texts LIMIT 1)",
            "UPDATE claims SET consent_text_version = NULL",
        ],
    )
    .await;
}

async fn no_more_is_promised_than_came_in(world: World) {
    paid_refund(&world).await;
    let too_much = if world.database.url().starts_with("postgres") {
        "UPDATE invoice_caps SET committed = paid + 1"
    } else {
        "UPDATE invoice_caps SET committed = '000000000000000000000000000000150000001'"
    };
    refuses(&world, &[too_much]).await;
}

async fn a_liability_is_never_overdrawn(world: World) {
    paid_refund(&world).await;
    let overdrawn = if world.database.url().starts_with("postgres") {
        "UPDATE balances SET debits = credits + 1 WHERE account = 'merchant_available'"
    } else {
        "UPDATE balances SET debits = '000000000000000000000000000000999000000' WHERE account = 'merchant_available'"
    };
    refuses(&world, &[overdrawn]).await;
}

async fn one_live_claim_and_one_live_payout_per_refund(world: World) {
    paid_refund(&world).await;
    let (id, hash) = if world.database.url().starts_with("postgres") {
        ("gen_random_uuid()", "decode(md5(random()::text), 'hex')")
    } else {
        ("randomblob(16)", "randomblob(32)")
    };
    let claim = format!(
        "INSERT INTO claims (id, refund_id, state, token_hash, cancel_token_hash, verified_by, created_at) \
         SELECT {id}, refund_id, 'issued', {hash}, {hash}, 'link', created_at FROM claims"
    );
    let payout = format!(
        "INSERT INTO payouts (id, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, state, raised, \
         version, created_at) SELECT {id}, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, 'reserved', \
         0, 1, created_at FROM payouts"
    );
    let slot = format!("INSERT INTO rail_slots (network, slot, payout_id) SELECT network, slot, {id} FROM rail_slots");
    refuses(&world, &[&claim, &payout, &slot]).await;
}

async fn states_have_their_facts(world: World) {
    let invoice = world.invoice("S-2").await;
    world.pay(&invoice, "150").await;
    refuses(
        &world,
        &[
            "UPDATE refunds SET state = 'scheduled'",
            "UPDATE refunds SET state = 'sending'",
            "UPDATE refunds SET state = 'paid'",
            "UPDATE refunds SET state = 'canceled'",
            "UPDATE refunds SET state = 'lost'",
            "UPDATE refunds SET claim_id = NULL",
            "UPDATE claims SET state = 'confirmed'",
        ],
    )
    .await;
}

/// Odd case 34: above the band no claim is proven without its code, no code is guessed for ever, and what nobody looked at is not paid.
async fn a_link_alone_is_not_paid(world: World) {
    let server = SmtpServer::start();
    let world = world.with_mail(server.settings()).await;
    set_band(&world).await;
    let (_, asked) = overpaid(&world, "S-4", PAYER).await;
    let sent = world.engine.confirm_claim(&claim_token(&asked), &form(PAYERS_ADDRESS), None).await;
    assert!(matches!(sent, Err(engine::Error::Invalid(_))), "{sent:?}");
    refuses(
        &world,
        &[
            "UPDATE claims SET state = 'confirmed', address = 'T', confirmed_at = created_at, consent_text_version = 1",
            "UPDATE claims SET state = 'confirmed', address = 'T', confirmed_at = created_at, consent_text_version = 1, proof = 'code'",
            "UPDATE claims SET state = 'confirmed', address = 'T', confirmed_at = created_at, consent_text_version = 1, proof = 'code', \
             verified_by = 'email_code'",
            "UPDATE claim_codes SET tries = 6",
            "UPDATE claim_codes SET number = 21",
            "UPDATE claim_codes SET given_at = sent_at",
            "UPDATE claim_codes SET tries = 1, given_at = expires_at",
        ],
    )
    .await;
    world.policy(|_| ()).await;
    paid_refund(&world).await;
    let by_link = "UPDATE claims SET proof = 'missing' WHERE state = 'confirmed'";
    assert_eq!(run(&world, by_link).await, Ok(1));
    let (id, not) = if world.database.url().starts_with("postgres") { ("gen_random_uuid()", "FALSE") } else { ("randomblob(16)", "0") };
    assert_eq!(run(&world, &format!("UPDATE refunds SET is_reviewed = {not} WHERE state = 'paid'")).await, Ok(1));
    let payout = format!(
        "INSERT INTO payouts (id, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, state, failure, raised, \
         version, created_at) SELECT {id}, refund_id, mid_id, network, asset, net, fee, fee_bearer, fee_is_in_kind, address, tag, 'failed', \
         'signer_declined', 0, 1, created_at FROM payouts"
    );
    let refused = run(&world, &payout).await;
    assert!(refused.as_ref().is_err_and(|why| why.contains("claimed by its link alone")), "{refused:?}");
}

/// A stolen database opens no link, no session and no key: secrets are nowhere in it.
async fn no_secret_is_in_any_row(world: World) {
    let invoice = world.invoice("S-3").await;
    world.pay(&invoice, "150").await;
    let token = claim_token(&world.refund(&invoice).await);
    let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
    let cancel = world::cancel_token(&world.engine, &token, &viewer).await;
    let key = world.engine.add_key(world.mid, true).await.expect("a key");
    let endpoint =
        world.engine.add_endpoint(&world.caller, "http://127.0.0.1:9/", None, EndpointId(uuid::Uuid::now_v7())).await.expect("an endpoint");
    let dump = world.dump().await;
    assert!(dump.contains("S-3"), "the dump has the rows");
    for secret in [token.expose(), viewer.expose(), cancel.expose(), &key.secret, endpoint.secret.trim_start_matches("whsec_")] {
        assert!(!dump.contains(secret), "a secret is in a row");
    }
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::World::on_sqlite().await).await; })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::World::on_postgres().await).await; })*
        }
    };
}

on_both!(
    what_was_written_stays_written,
    what_payers_agreed_to_stays_what_it_was,
    no_more_is_promised_than_came_in,
    a_liability_is_never_overdrawn,
    one_live_claim_and_one_live_payout_per_refund,
    states_have_their_facts,
    a_link_alone_is_not_paid,
    no_secret_is_in_any_row,
);

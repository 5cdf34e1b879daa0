//! The audit log: what is written down, and that nobody can change it unseen.

use domain::ids::{EndpointId, MerchantId};
use domain::merchant::{Actor, Guard, Role, Scope};
use domain::policy::Policy;
use domain::refund::CancelReason;
use engine::audit::{About, AuditFilter, AuditHead, AuditVerification, AuditView};
use engine::callers::Caller;
use engine::{Error, PageRequest};
use uuid::Uuid;

use crate::store::run;
use crate::support::stories;
use crate::support::world::{self, PAYERS_ADDRESS, World};

async fn verify(world: &World, heads: &[AuditHead]) -> AuditVerification {
    world.engine.verify_audit(None, heads).await.expect("a verification")
}

/// Returns a merchant's log, oldest first.
async fn log(world: &World, merchant: MerchantId) -> Vec<AuditView> {
    let filter = AuditFilter { merchant: Some(merchant), ..AuditFilter::default() };
    let page = PageRequest { limit: 100, after: None };
    let mut rows = world.engine.audit_log(&Caller::operator(), filter, page).await.expect("the log").data;
    rows.reverse();
    rows
}

async fn paid_refund(world: &World) {
    let invoice = world.invoice("A-1").await;
    world.pay(&invoice, "150").await;
    world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
    world.wait("PT72H").await;
    world.settle().await;
}

fn is_postgres(world: &World) -> bool {
    world.database.url().starts_with("postgres")
}

/// Does what nobody may do: makes the log changeable.
async fn drop_triggers(world: &World) {
    let statements: &[&str] = if is_postgres(world) {
        &["DROP TRIGGER audit_log_no_change ON audit_log"]
    } else {
        &["DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"]
    };
    for sql in statements {
        run(world, sql).await.expect("a dropped trigger");
    }
}

async fn change(world: &World, sql: &str) {
    let rows = run(world, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert!(rows > 0, "{sql} changed nothing");
}

/// Keeps a copy of the log.
async fn keep(world: &World) {
    run(world, "CREATE TABLE kept AS SELECT * FROM audit_log").await.expect("a copy");
}

async fn put_back(world: &World) {
    change(world, "DELETE FROM audit_log").await;
    change(world, "INSERT INTO audit_log SELECT * FROM kept").await;
}

/// Takes the last row away and puts the written end back by one: what somebody does who knows of both.
async fn cut_the_end(world: &World, merchant: MerchantId) -> i64 {
    let mut rows = log(world, merchant).await;
    let last = rows.pop().expect("a row").number;
    change(world, &format!("DELETE FROM audit_log WHERE number = {last}")).await;
    let end = rows.pop().expect("a row before it").number;
    change(world, &format!("UPDATE audit_heads SET number = {end}, hash = (SELECT hash FROM audit_log WHERE number = {end})")).await;
    last
}

stories! {
    async fn every_deed_is_written_down_once_without_secrets(world: World) {
        let merchant = world.merchant().await;
        world.engine.add_user("mira@example.com", Role::Owner, Some(merchant), "correct horse battery").await.expect("a user");
        world.policy(|_| {}).await;
        let id = EndpointId(Uuid::now_v7());
        let endpoint = world.engine.add_endpoint(&world.caller, "http://127.0.0.1:9/hook?token=t0psecret", None, id).await.expect("an endpoint");
        world.engine.remove_endpoint(&world.caller, id).await.expect("removed");
        paid_refund(&world).await;
        let rows = log(&world, merchant).await;
        let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(
            actions,
            [
                "merchant.added", "mid.added", "key.created", "user.added", "policy.changed", "endpoint.added", "endpoint.removed",
                "case.resolved", "refund.awaiting_claim", "refund.scheduled", "refund.sending", "refund.paid",
            ]
        );
        let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        assert_eq!(rows[0].actor, "operator");
        assert_eq!(rows[4].actor, world.caller.actor.to_string());
        assert_eq!((rows[9].actor.as_str(), rows[11].actor.as_str()), ("payer", "system"));
        let text = format!("{rows:?}");
        for secret in ["t0psecret", endpoint.secret.as_str(), PAYERS_ADDRESS, "correct horse battery"] {
            assert!(!text.contains(secret), "{secret} is in the log");
        }
        assert!(text.contains("mira@example.com") && text.contains("127.0.0.1"), "{text}");
        let found = verify(&world, &[]).await;
        assert!(found.ok && found.rows == 12, "{:?}", found.broken);
    }

    async fn people_shops_and_refunds_are_called_by_their_names(world: World) {
        let merchant = world.merchant().await;
        let mira = world.engine.add_user("mira@example.com", Role::Owner, Some(merchant), "correct horse battery").await.expect("a person");
        let owner = Caller { scope: Scope::Merchant(merchant), actor: Actor::User(mira), role: Some(Role::Owner), ..Caller::operator() };
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.engine.cancel_refund(&owner, domain::ids::RefundId(refund.id), CancelReason::Other, None).await.expect("canceled");
        let admin = world.engine.add_user("root@example.com", Role::Admin, None, "correct horse battery").await.expect("a person");
        let operator = Caller { actor: Actor::User(admin), ..Caller::operator() };
        world.engine.guard_mid(&operator, world.mid, Guard::Suspended).await.expect("suspended");

        let all = PageRequest { limit: 100, after: None };
        let told = world.engine.audit_log(&owner, AuditFilter::default(), all.clone()).await.expect("the log").data;
        let one = |rows: &[AuditView], action: &str| rows.iter().find(|row| row.action == action).cloned().unwrap_or_else(|| panic!("{action}"));
        let canceled = one(&told, "refund.canceled");
        assert_eq!((canceled.who.as_deref(), canceled.subject_name.as_deref()), (Some("mira@example.com"), Some("REFUND-A-1")));
        assert_eq!(one(&told, "case.resolved").subject_name.as_deref(), Some("A-1"));
        assert_eq!(one(&told, "user.added").subject_name.as_deref(), Some("mira@example.com"));
        let guarded = one(&told, "mid.guarded");
        assert_eq!((guarded.who, guarded.subject_name.is_some()), (None, true), "who works for the operator is not the merchant's to know");
        let filter = AuditFilter { merchant: Some(merchant), actor: Some(operator.actor.to_string()), ..AuditFilter::default() };
        let theirs = world.engine.audit_log(&operator, filter, all).await.expect("the log").data;
        assert_eq!(theirs.iter().map(|row| (row.action.as_str(), row.who.as_deref())).collect::<Vec<_>>(), [("mid.guarded", Some("root@example.com"))]);
    }

    async fn a_merchant_reads_its_own_log_in_parts(world: World) {
        world.engine.add_mid("Somebody Else", "Shop", None).await.expect("a MID");
        let merchant = world.merchant().await;
        let owner = Caller { scope: Scope::Merchant(merchant), ..Caller::operator() };
        let first = PageRequest { limit: 2, after: None };
        let newest = world.engine.audit_log(&owner, AuditFilter::default(), first).await.expect("a page");
        assert_eq!(newest.data.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 2]);
        let rest = PageRequest { limit: 2, after: newest.next };
        assert_eq!(world.engine.audit_log(&owner, AuditFilter::default(), rest).await.expect("a page").data.len(), 1);
        let added = AuditFilter { action: Some("mid.added".to_owned()), about: Some(About::Id(world.mid.0)), ..AuditFilter::default() };
        assert_eq!(world.engine.audit_log(&owner, added, PageRequest::default()).await.expect("a page").data.len(), 1);
        let day = world.engine.now().checked_add(jiff::SignedDuration::from_hours(24)).expect("an instant");
        let period = |from, to| AuditFilter { from, to, ..AuditFilter::default() };
        for (filter, count) in [(period(None, Some(day)), 3), (period(Some(day), None), 0)] {
            assert_eq!(world.engine.audit_log(&owner, filter, PageRequest::default()).await.expect("a page").data.len(), count);
        }
        let theirs = AuditFilter { merchant: Some(MerchantId(Uuid::now_v7())), ..AuditFilter::default() };
        assert!(matches!(world.engine.audit_log(&owner, theirs, PageRequest::default()).await, Err(Error::NotFound)));
        let of_mid = world.engine.audit_log(&world.caller, AuditFilter::default(), PageRequest::default()).await;
        assert!(matches!(of_mid, Err(Error::Forbidden)), "{of_mid:?}");
    }

    async fn whatever_is_changed_in_a_row_shows(world: World) {
        paid_refund(&world).await;
        drop_triggers(&world).await;
        keep(&world).await;
        let (later, id, hash) = if is_postgres(&world) {
            ("at + interval '1 microsecond'", "gen_random_uuid()", "decode(md5('a') || md5('b'), 'hex')")
        } else {
            ("at + 1", "randomblob(16)", "randomblob(32)")
        };
        let changes = [
            format!("at = {later}"),
            format!("subject_id = {id}"),
            format!("prev_hash = {hash}"),
            format!("hash = {hash}"),
            "hash = prev_hash".to_owned(),
            "actor = 'nobody'".to_owned(),
            "action = action || '.'".to_owned(),
            "subject_kind = 'sum'".to_owned(),
            "detail = detail || ' '".to_owned(),
            "actor = 'key:' || action, action = ''".to_owned(),
        ];
        for number in [1, 4, 8] {
            for set in &changes {
                let sql = format!("UPDATE audit_log SET {set} WHERE number = {number}");
                change(&world, &sql).await;
                let found = verify(&world, &[]).await;
                assert!(!found.ok && found.broken.iter().any(|broken| broken.contains(&number.to_string())), "{sql}: {:?}", found.broken);
                put_back(&world).await;
            }
        }
        let found = verify(&world, &[]).await;
        assert!(found.ok, "{:?}", found.broken);
    }

    async fn rows_that_are_missing_or_elsewhere_show(world: World) {
        paid_refund(&world).await;
        drop_triggers(&world).await;
        keep(&world).await;
        let cases: [(&[&str], &str); 4] = [
            (&["DELETE FROM audit_log WHERE number = 3"], "rows 3 to 3 are missing"),
            (&["DELETE FROM audit_log WHERE number < 3"], "rows 1 to 2 are missing"),
            (&["DELETE FROM audit_log WHERE number > 6"], "its written end is row"),
            (
                &[
                    "UPDATE audit_log SET number = 1000 WHERE number = 3",
                    "UPDATE audit_log SET number = 3 WHERE number = 4",
                    "UPDATE audit_log SET number = 4 WHERE number = 1000",
                ],
                "row 3 does not follow the row before it",
            ),
        ];
        for (statements, told) in cases {
            for sql in statements {
                change(&world, sql).await;
            }
            let found = verify(&world, &[]).await;
            assert!(!found.ok && found.broken.iter().any(|broken| broken.contains(told)), "{statements:?}: {:?}", found.broken);
            put_back(&world).await;
        }
        change(&world, "DELETE FROM audit_log").await;
        change(&world, "DELETE FROM audit_heads").await;
        let found = verify(&world, &[]).await;
        assert!(!found.ok && found.broken.iter().any(|broken| broken.contains("its written end is missing")), "{:?}", found.broken);
    }

    /// Who cuts rows off and mends the end as well is found by the refund's own history, or by an end that was exported before.
    async fn an_end_that_is_cut_off_and_mended_shows(world: World) {
        let merchant = world.merchant().await;
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        drop_triggers(&world).await;
        world.policy(|_| {}).await;
        let exported = verify(&world, &[]).await.heads;
        let cut = cut_the_end(&world, merchant).await;
        assert!(verify(&world, &[]).await.ok, "a policy's row has no other witness here");
        let found = verify(&world, &exported).await;
        assert!(!found.ok && found.broken[0].contains(&format!("row {cut}, which was exported, is missing")), "{:?}", found.broken);

        cut_the_end(&world, merchant).await;
        let found = verify(&world, &[]).await;
        assert!(!found.ok && found.broken[0].contains("0 changes of refunds, their own rows say 1"), "{:?}", found.broken);
    }

    /// The chain goes on after an export, and one that was rewritten from there on does not.
    async fn an_exported_end_is_part_of_the_chain_for_ever(world: World) {
        let exported = verify(&world, &[]).await.heads;
        paid_refund(&world).await;
        let found = verify(&world, &exported).await;
        assert!(found.ok && found.heads != exported, "{:?}", found.broken);
        let forged: Vec<AuditHead> = exported.iter().map(|head| AuditHead { hash: "00".repeat(32), ..head.clone() }).collect();
        let found = verify(&world, &forged).await;
        assert!(!found.ok && found.broken[0].contains("is another one than was exported"), "{:?}", found.broken);
        let nobody = world.engine.verify_audit(Some(MerchantId(Uuid::now_v7())), &[]).await.expect("a verification");
        assert!(!nobody.ok && nobody.rows == 0, "an unknown merchant is not proven right");
    }

    /// Processes side by side make one chain, without a gap and without a fork.
    async fn two_processes_write_one_chain(world: World) {
        let other = world::open(&world.database.url(), std::sync::Arc::clone(&world.clock)).await;
        let mut mids = vec![world.mid];
        for name in ["B", "C", "D"] {
            mids.push(world.engine.add_mid("Halden Audio", name, None).await.expect("a MID").1);
        }
        let owner = Caller { scope: Scope::Merchant(world.merchant().await), ..Caller::operator() };
        let mut writing = tokio::task::JoinSet::new();
        for engine in [world.engine.clone(), other] {
            for mid in mids.clone() {
                let (engine, owner) = (engine.clone(), owner.clone());
                writing.spawn(async move {
                    for _ in 0..5 {
                        engine.set_policy(&owner, mid, Policy::default()).await.expect("a policy");
                    }
                });
            }
        }
        while let Some(done) = writing.join_next().await {
            done.expect("a writer");
        }
        let found = verify(&world, &[]).await;
        assert!(found.ok && found.rows == 3 + 3 + 40, "{} {:?}", found.rows, found.broken);
    }
}

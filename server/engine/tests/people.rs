//! Who gets in, what they may do, and requests that come twice.

use domain::ids::{EndpointId, RefundId};
use domain::merchant::Role;
use domain::refund::{CancelReason, StateName};
use engine::Error;
use engine::idempotency::{Busy, Idempotency};

use crate::support::stories;
use crate::support::world::World;

const PASSWORD: &str = "correct horse battery";

/// What was begun, when it is to be carried out.
fn fresh(begun: Result<Idempotency, Error>) -> Busy {
    match begun {
        Ok(Idempotency::Fresh(busy)) => busy,
        other => panic!("not to be carried out: {other:?}"),
    }
}

stories! {
    async fn five_wrong_passwords_make_a_pause_and_then_the_right_one_works(world: World) {
        let merchant = world.merchant().await;
        world.engine.add_user("Mira@Example.com", Role::Owner, Some(merchant), PASSWORD).await.expect("a user");
        for _ in 0..5 {
            let wrong = world.engine.sign_in("mira@example.com", "wrong password").await;
            assert!(matches!(wrong, Err(Error::Unauthorized)), "{wrong:?}");
        }
        let locked = world.engine.sign_in("mira@example.com", PASSWORD).await;
        assert!(matches!(locked, Err(Error::RateLimited { wait_secs: 1..=901 })), "{locked:?}");
        world.wait("PT15M").await;
        let signed_in = world.engine.sign_in(" mira@example.com ", PASSWORD).await.expect("the right password");
        assert!(world.engine.session(&signed_in.session).await.expect("a look-up").is_some());
    }

    async fn an_unknown_email_is_answered_like_a_wrong_password(world: World) {
        for _ in 0..5 {
            assert!(matches!(world.engine.sign_in("nobody@example.com", PASSWORD).await, Err(Error::Unauthorized)));
        }
        assert!(matches!(world.engine.sign_in("nobody@example.com", PASSWORD).await, Err(Error::RateLimited { .. })));
    }

    async fn a_session_ends_by_itself_and_by_signing_out(world: World) {
        let merchant = world.merchant().await;
        world.engine.add_user("mira@example.com", Role::Owner, Some(merchant), PASSWORD).await.expect("a user");
        let (one, other) = (
            world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session,
            world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session,
        );
        world.engine.sign_out(&one).await.expect("signed out");
        assert!(world.engine.session(&one).await.expect("a look-up").is_none());
        assert!(world.engine.session(&other).await.expect("a look-up").is_some());
        world.wait("PT12H").await;
        assert!(world.engine.session(&other).await.expect("a look-up").is_none());
    }

    async fn support_sees_but_moves_no_money_and_gets_no_claim_link(world: World) {
        let merchant = world.merchant().await;
        world.engine.add_user("sam@example.com", Role::Support, Some(merchant), PASSWORD).await.expect("a user");
        let session = world.engine.sign_in("sam@example.com", PASSWORD).await.expect("a session").session;
        let support = world.engine.session(&session).await.expect("a look-up").expect("a caller");
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        let id = RefundId(world.refund(&invoice).await.id);
        let seen = world.engine.refund(&support, id).await.expect("the refund");
        assert_eq!((seen.state, seen.claim_url), (StateName::AwaitingClaim, None));
        let canceled = world.engine.cancel_refund(&support, id, CancelReason::Other, None).await;
        assert!(matches!(canceled, Err(Error::Forbidden)), "{canceled:?}");
    }

    async fn a_person_is_added_once_and_every_wrong_field_is_named(world: World) {
        let merchant = world.merchant().await;
        let wrong = world.engine.add_user("mira", Role::Owner, None, "short").await;
        let Err(Error::Invalid(errors)) = wrong else { panic!("{wrong:?}") };
        assert_eq!(errors.0.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["email", "password", "merchant"]);
        world.engine.add_user("mira@example.com", Role::Owner, Some(merchant), PASSWORD).await.expect("a user");
        let again = world.engine.add_user("MIRA@example.com", Role::Viewer, Some(merchant), PASSWORD).await;
        assert!(matches!(again, Err(Error::Taken { field: "email", .. })), "{again:?}");
    }

    /// The same key and request: the stored answer. Another request: refused. After a day: forgotten.
    async fn a_request_that_comes_twice_is_carried_out_once(world: World) {
        let (engine, caller) = (&world.engine, &world.caller);
        let first = fresh(engine.idempotency_begin(caller, "k1", [1; 32]).await);
        let second = engine.idempotency_begin(caller, "k1", [1; 32]).await;
        assert!(matches!(second, Err(Error::StillBusy { wait_secs: 35 | 36 })), "{second:?}");
        world.wait("PT61S").await;
        let lost = fresh(engine.idempotency_begin(caller, "k1", [1; 32]).await);
        assert_eq!(lost.resource, first.resource, "the first answer was lost");
        let third = engine.idempotency_begin(caller, "k1", [1; 32]).await;
        assert!(matches!(third, Err(Error::StillBusy { .. })), "one at a time takes up what was lost: {third:?}");
        let late = engine.idempotency_give_up(caller, "k1", first).await;
        assert!(matches!(late, Err(Error::Conflict)), "it is another one's by now: {late:?}");
        engine.idempotency_give_up(caller, "k1", lost).await.expect("given up");
        let resource = fresh(engine.idempotency_begin(caller, "k1", [1; 32]).await).resource;
        assert_eq!(resource, first.resource, "taken up at once");
        engine.idempotency_finish(caller, "k1", 201, "{\"a\":1}").await.expect("stored");
        engine.idempotency_finish(caller, "k1", 500, "{}").await.expect("too late to matter");
        let replay = engine.idempotency_begin(caller, "k1", [1; 32]).await.expect("a replay");
        assert!(matches!(&replay, Idempotency::Replay { status: 201, body } if body == "{\"a\":1}"), "{replay:?}");
        assert!(matches!(engine.idempotency_begin(caller, "k1", [2; 32]).await, Err(Error::IdempotencyMismatch)));
        world.wait("PT24H").await;
        let forgotten = fresh(engine.idempotency_begin(caller, "k1", [2; 32]).await);
        assert_ne!(forgotten.resource, resource);
    }

    /// The answer with an endpoint's new secret, its first or a later one, is repeated whole, but no row tells it.
    async fn a_repeated_answer_holds_the_secret_that_no_row_holds(world: World) {
        let (engine, caller) = (&world.engine, &world.caller);
        let id = fresh(engine.idempotency_begin(caller, "k1", [1; 32]).await).resource;
        let made = engine.add_endpoint(caller, "http://127.0.0.1:9/", None, EndpointId(id)).await.expect("an endpoint");
        let again = engine.add_endpoint(caller, "http://127.0.0.1:9/", None, EndpointId(id)).await.expect("the same endpoint");
        assert_eq!((again.endpoint.id, &again.secret), (made.endpoint.id, &made.secret));
        let answer = format!("{{\"secret\":\"{}\"}}", made.secret);
        engine.idempotency_finish(caller, "k1", 201, &answer).await.expect("stored");
        assert!(!world.dump().await.contains(made.secret.trim_start_matches("whsec_")), "the secret is in a row");
        let replay = engine.idempotency_begin(caller, "k1", [1; 32]).await.expect("a replay");
        assert!(matches!(&replay, Idempotency::Replay { body, .. } if *body == answer), "{replay:?}");

        let rotation = fresh(engine.idempotency_begin(caller, "k2", [2; 32]).await).resource;
        let rotated = engine.rotate_endpoint(caller, EndpointId(id), rotation).await.expect("rotated");
        let answer = format!("{{\"secret\":\"{}\"}}", rotated.secret);
        engine.idempotency_finish(caller, "k2", 200, &answer).await.expect("stored");
        assert!(!world.dump().await.contains(rotated.secret.trim_start_matches("whsec_")), "the later secret is in a row");
        let replay = engine.idempotency_begin(caller, "k2", [2; 32]).await.expect("a replay");
        assert!(matches!(&replay, Idempotency::Replay { body, .. } if *body == answer), "{replay:?}");
    }

    async fn policies_have_versions_and_a_case_keeps_its_own(world: World) {
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        world.policy(|policy| policy.security_delay = "PT0S".parse().expect("a period")).await;
        assert_eq!(world.engine.policy(&world.caller, world.mid).await.expect("a policy").number, 2);
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.policy_version, 1);
        world.claim(&refund, crate::support::world::PAYERS_ADDRESS).await;
        let delay = world.refund(&invoice).await.release_at.expect("a delay").duration_since(world.engine.now());
        assert_eq!(delay.as_hours(), 72, "judged by the version it was made under");
    }
}

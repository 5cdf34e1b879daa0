//! Changes that a thief would make first, and the day on which nothing is sent after them (CM-09, CM4).

use base64::Engine as _;
use domain::ids::{EndpointId, RefundId};
use domain::merchant::{Role, Writing};
use domain::refund::{BlockedBy, StateName};
use domain::view::RefundView;
use engine::Error;
use engine::callers::Caller;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::support::sink::{Received, Sink};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "battery staple correct";

stories! {
    /// CM-09 and odd case 31: a person changes their password. Creation and claims go on; what is due waits, says why, and goes by itself
    /// after 24 hours. Whoever else was signed in as them is out.
    async fn a_new_password_ends_other_sessions_and_stops_sending_for_a_day(world: World) {
        let made = claimed(&world, "F-1").await;
        world.wait("PT71H30M").await;
        let (mira, session) = owner(&world).await;
        let other = world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session;
        assert_eq!(frozen(&world).await, None);

        world.engine.change_password(&mira, &session, PASSWORD, OTHER_PASSWORD).await.expect("changed");
        assert_eq!(frozen(&world).await.as_deref(), Some("password"));
        assert!(world.engine.session(&session).await.expect("a look-up").is_some(), "who changed it stays");
        assert!(world.engine.session(&other).await.expect("a look-up").is_none());
        assert!(matches!(world.engine.sign_in("mira@example.com", PASSWORD).await, Err(Error::Unauthorized)));
        world.engine.sign_in("mira@example.com", OTHER_PASSWORD).await.expect("the new password");

        let later = world.invoice("F-2").await;
        world.pay(&later, "150").await;
        assert_eq!(world.refund(&later).await.state, StateName::AwaitingClaim, "creation goes on");
        world.wait("PT1H").await;
        let waits = world.engine.refund(&world.caller, RefundId(made.id)).await.expect("the refund");
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, Some(BlockedBy::Frozen)));
        world.wait("PT23H").await;
        world.settle().await;
        assert_eq!(state(&world, &made).await, StateName::Paid, "by itself");
        world.assert_books_agree().await;
    }

    /// A stolen session does not guess the password, and nothing changes with a wrong one.
    async fn the_old_password_is_asked_for_and_wrong_ones_are_counted(world: World) {
        claimed(&world, "F-3").await;
        let (mira, session) = owner(&world).await;
        for (old, new, field) in [
            ("wrong password", OTHER_PASSWORD, "old_password"), (PASSWORD, "short", "password"), (PASSWORD, PASSWORD, "password"),
        ] {
            let refused = world.engine.change_password(&mira, &session, old, new).await;
            assert_eq!(field_of(refused), field, "{old} to {new}");
        }
        assert_eq!(field_of(world.engine.change_email(&mira, "wrong password", "thief@example.com").await), "password");
        assert_eq!(field_of(world.engine.change_email(&mira, PASSWORD, "thief").await), "email");
        for _ in 0..3 {
            let _ = world.engine.change_password(&mira, &session, "wrong password", OTHER_PASSWORD).await;
        }
        let locked = world.engine.change_password(&mira, &session, PASSWORD, OTHER_PASSWORD).await;
        assert!(matches!(locked, Err(Error::RateLimited { .. })), "{locked:?}");
        assert_eq!(frozen(&world).await, None, "nothing was changed");
        assert!(matches!(world.engine.change_password(&world.caller, "", PASSWORD, OTHER_PASSWORD).await, Err(Error::Forbidden)));
    }

    async fn a_new_email_signs_in_and_stops_sending_for_a_day(world: World) {
        claimed(&world, "F-4").await;
        let (mira, _) = owner(&world).await;
        world.engine.add_user("jo@example.com", Role::Owner, Some(world.merchant().await), PASSWORD).await.expect("a user");
        let taken = world.engine.change_email(&mira, PASSWORD, "Jo@example.com").await;
        assert!(matches!(taken, Err(Error::Taken { field: "email", .. })), "{taken:?}");
        world.engine.change_email(&mira, PASSWORD, " Mira@Halden.example ").await.expect("changed");
        world.engine.sign_in("mira@halden.example", PASSWORD).await.expect("the new e-mail");
        assert!(matches!(world.engine.sign_in("mira@example.com", PASSWORD).await, Err(Error::Unauthorized)));
        assert_eq!(frozen(&world).await.as_deref(), Some("email"));
    }

    /// Who can move no money cannot stop it either: a viewer's new password freezes nothing.
    async fn a_viewers_password_stops_nobodys_refunds(world: World) {
        claimed(&world, "F-5").await;
        world.engine.add_user("vic@example.com", Role::Viewer, Some(world.merchant().await), PASSWORD).await.expect("a user");
        let session = world.engine.sign_in("vic@example.com", PASSWORD).await.expect("a session").session;
        let viewer = world.engine.session(&session).await.expect("a look-up").expect("the person");
        world.engine.change_password(&viewer, &session, PASSWORD, OTHER_PASSWORD).await.expect("changed");
        assert_eq!(frozen(&world).await, None);
    }

    async fn keys_are_made_and_ended_by_people_who_may_change_settings(world: World) {
        let invoice = world.invoice("F-6").await;
        let owner = world.person(Role::Owner).await;
        let first = world.engine.create_key(&owner, world.mid, true, "").await.expect("a key");
        assert_eq!(frozen(&world).await, None, "nobody ever paid this shop: there is nothing to steal");
        for role in [Role::Manager, Role::Support, Role::Viewer] {
            let person = world.person(role).await;
            assert!(matches!(world.engine.create_key(&person, world.mid, true, "").await, Err(Error::Forbidden)), "{role:?}");
            assert!(matches!(world.engine.revoke_key(&person, first.id).await, Err(Error::Forbidden)), "{role:?}");
        }
        let by_key = world.engine.create_key(&world.caller, world.mid, true, "").await;
        assert!(matches!(by_key, Err(Error::Refused(_))), "a key makes no keys: {by_key:?}");
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.create_key(&stranger, world.mid, true, "").await, Err(Error::NotFound)));
        assert!(matches!(world.engine.revoke_key(&stranger, first.id).await, Err(Error::NotFound)));
        assert_eq!(world.engine.keys(&owner).await.expect("keys").len(), 2);
        assert!(world.engine.keys(&stranger).await.expect("keys").is_empty());

        world.pay(&invoice, "150").await;
        world.engine.revoke_key(&owner, first.id).await.expect("ended");
        assert!(world.engine.key(&first.secret).await.expect("a look-up").is_none());
        assert_eq!(frozen(&world).await.as_deref(), Some("api_key"));
        assert!(matches!(world.engine.revoke_key(&owner, first.id).await, Err(Error::NotFound)), "it ended already");
    }

    /// Two secrets sign for a day; afterwards only the new one does.
    async fn a_replaced_webhook_secret_signs_beside_the_new_one_for_a_day(world: World) {
        let (sink, id) = (Sink::start().await, EndpointId(Uuid::now_v7()));
        let old = world.engine.add_endpoint(&world.caller, &sink.url, None, id).await.expect("an endpoint").secret;
        let invoice = world.invoice("F-7").await;
        world.pay(&invoice, "150").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(frozen(&world).await, None);
        let (first, rotation) = (Uuid::now_v7(), Uuid::now_v7());
        let new = world.engine.rotate_endpoint(&world.caller, id, rotation).await.expect("rotated").secret;
        let again = world.engine.rotate_endpoint(&world.caller, id, rotation).await.expect("the same rotation").secret;
        assert_eq!(again, new);
        assert_ne!(new, old);
        let late = world.engine.rotate_endpoint(&world.caller, id, first).await;
        assert!(matches!(late, Err(Error::Conflict)), "an older rotation does not undo a newer one: {late:?}");
        assert_eq!(frozen(&world).await.as_deref(), Some("webhook_secret"));

        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.engine.run_due_jobs().await.expect("jobs run");
        let both = sink.received().pop().expect("a webhook");
        assert_eq!(both.event(), "refund.claimed");
        assert!(is_signed(&both, &old) && is_signed(&both, &new), "{}", both.header("webhook-signature"));
        world.wait("PT73H").await;
        world.settle().await;
        let last = sink.received().pop().expect("a webhook");
        assert!(is_signed(&last, &new) && !is_signed(&last, &old), "{}", last.header("webhook-signature"));
    }

    async fn webhooks_that_go_elsewhere_stop_sending_for_a_day(world: World) {
        let (from, to, id) = (Sink::start().await, Sink::start().await, EndpointId(Uuid::now_v7()));
        world.engine.add_endpoint(&world.caller, &from.url, None, id).await.expect("an endpoint");
        let invoice = world.invoice("F-8").await;
        world.pay(&invoice, "150").await;
        assert_eq!(field_of(world.engine.move_endpoint(&world.caller, id, "ftp://shop.example").await), "url");
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.move_endpoint(&stranger, id, &to.url).await, Err(Error::NotFound)));
        let support = world.person(Role::Support).await;
        assert!(matches!(world.engine.rotate_endpoint(&support, id, Uuid::now_v7()).await, Err(Error::Forbidden)));
        world.engine.move_endpoint(&world.caller, id, &from.url).await.expect("where it was");
        assert_eq!(frozen(&world).await, None, "nothing changed");
        world.engine.move_endpoint(&world.caller, id, &to.url).await.expect("moved");
        assert_eq!(frozen(&world).await.as_deref(), Some("webhook_secret"));
        world.engine.run_due_jobs().await.expect("jobs run");
        assert!(to.received().iter().any(|received| received.event() == "refund.claim_available"));
    }

    /// CM-09: what a key of one MID changes stops that MID; the merchant's other shops go on, and the operator lifts either kind.
    async fn a_key_stops_no_other_mid_than_its_own(world: World) {
        let (_, mid) = world.engine.add_mid("Halden Audio", "Another store", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key");
        let theirs = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        let mut world = world;
        let own = (claimed(&world, "F-11").await, world.caller.clone(), world.mid);
        (world.caller, world.mid) = (theirs.clone(), mid);
        let there = claimed(&world, "F-12").await;
        let (here, caller, own_mid) = own;
        (world.caller, world.mid) = (caller, own_mid);
        let stops = async |world: &World| {
            let other = world.engine.frozen(&theirs, mid).await.expect("a look-up").map(|(_, why)| why);
            (frozen(world).await, other)
        };
        let (sink, id) = (Sink::start().await, EndpointId(Uuid::now_v7()));
        world.engine.add_endpoint(&world.caller, &sink.url, None, id).await.expect("an endpoint");
        assert_eq!(stops(&world).await, (Some("webhook_secret".to_owned()), None));
        world.wait("PT71H").await;
        world.engine.rotate_endpoint(&world.caller, id, Uuid::now_v7()).await.expect("rotated");
        world.wait("PT2H").await;
        world.settle().await;
        assert_eq!(state(&world, &here).await, StateName::Scheduled);
        let sent = world.engine.refund(&theirs, RefundId(there.id)).await.expect("the refund").state;
        assert_eq!(sent, StateName::Paid, "the other shop goes on");
        world.engine.lift_freeze(&Caller::operator(), world.merchant().await).await.expect("lifted");
        world.settle().await;
        assert_eq!(state(&world, &here).await, StateName::Paid);
        let owner = world.person(Role::Owner).await;
        world.engine.create_key(&owner, world.mid, true, "").await.expect("a key");
        let all = Some("api_key".to_owned());
        assert_eq!(stops(&world).await, (all.clone(), all), "a person reaches all of the merchant's");
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }

    /// Who reads "that was not me" first is what a thief would change first.
    async fn alerts_that_go_elsewhere_stop_sending_for_a_day(world: World) {
        claimed(&world, "F-10").await;
        let owner = world.person(Role::Owner).await;
        let alert = |address: &str| Writing { alert_email: address.parse().ok(), ..Writing::default() };
        for same in ["alerts@halden.example", "alerts@halden.example"] {
            world.engine.set_writing(&owner, world.mid, alert(same)).await.expect("set");
            assert_eq!(frozen(&world).await, None, "a first address takes nobody's place, and nothing changed since");
        }
        world.engine.set_writing(&owner, world.mid, alert("thief@example.com")).await.expect("moved");
        assert_eq!(frozen(&world).await.as_deref(), Some("alert_email"));
    }

    /// The operator lifts a freeze; a forgotten password is replaced at the command line.
    async fn the_operator_lifts_a_freeze_and_resets_a_password(world: World) {
        let made = claimed(&world, "F-9").await;
        let (operator, merchant) = (Caller::operator(), world.merchant().await);
        world.wait("PT71H").await;
        let (_, session) = owner(&world).await;
        assert!(matches!(world.engine.lift_freeze(&operator, merchant).await, Err(Error::NotFound)), "it is not frozen");
        world.engine.reset_password(&operator, "MIRA@example.com", OTHER_PASSWORD).await.expect("reset");
        assert!(world.engine.session(&session).await.expect("a look-up").is_none());
        world.wait("PT2H").await;
        assert_eq!(state(&world, &made).await, StateName::Scheduled);
        let mira = world.person(Role::Owner).await;
        assert!(matches!(world.engine.lift_freeze(&mira, merchant).await, Err(Error::Forbidden)));
        assert!(matches!(world.engine.reset_password(&mira, "mira@example.com", PASSWORD).await, Err(Error::Forbidden)));
        world.engine.lift_freeze(&operator, merchant).await.expect("lifted");
        world.settle().await;
        assert_eq!(state(&world, &made).await, StateName::Paid, "at once, not when the freeze would have ended");
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }
}

/// Makes an overpaid invoice's refund and claims it.
async fn claimed(world: &World, reference: &str) -> RefundView {
    let invoice = world.invoice(reference).await;
    world.pay(&invoice, "150").await;
    let made = world.refund(&invoice).await;
    world.claim(&made, PAYERS_ADDRESS).await;
    made
}

async fn state(world: &World, refund: &RefundView) -> StateName {
    world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund").state
}

async fn frozen(world: &World) -> Option<String> {
    world.engine.frozen(&world.caller, world.mid).await.expect("a look-up").map(|(_, why)| why)
}

async fn owner(world: &World) -> (Caller, String) {
    world.engine.add_user("mira@example.com", Role::Owner, Some(world.merchant().await), PASSWORD).await.expect("a user");
    let session = world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session;
    (world.engine.session(&session).await.expect("a look-up").expect("the person"), session)
}

fn field_of<T: std::fmt::Debug>(refused: Result<T, Error>) -> String {
    let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
    errors.0.first().expect("a field").field.clone()
}

/// Verifies a webhook as a receiver with this secret does (Standard Webhooks 1.0): any of the signatures will do.
fn is_signed(received: &Received, secret: &str) -> bool {
    let base64 = base64::engine::general_purpose::STANDARD;
    let key = base64.decode(secret.trim_start_matches("whsec_")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.{}", received.header("webhook-id"), received.header("webhook-timestamp"), received.body).as_bytes());
    let wanted = format!("v1,{}", base64.encode(mac.finalize().into_bytes()));
    received.header("webhook-signature").split(' ').any(|signature| signature == wanted)
}

//! People come in, change roles, forget passwords and leave; where they are signed in.

use std::collections::BTreeMap;

use domain::ids::{EndpointId, InvitationId, KeyId, MerchantId, PolicyId, RefundId, SessionId, UserId};
use domain::merchant::{Guard, Role, Scope};
use domain::policy::Overrides;
use engine::Error;
use engine::audit::AuditFilter;
use engine::callers::Caller;
use engine::people::PersonView;
use engine::policies::NewVersion;
use uuid::Uuid;

use crate::store::run;
use crate::support::smtp::SmtpServer;
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "battery staple correct";

/// Signs somebody of the merchant's staff in, whose e-mail is known.
async fn owner(world: &World) -> (Caller, String) {
    let merchant = world.merchant().await;
    world.engine.add_user("mira@example.com", Role::Owner, Some(merchant), PASSWORD).await.expect("a user");
    let session = world.engine.sign_in_from("mira@example.com", PASSWORD, "Firefox on Linux").await.expect("a session").session;
    (caller(world, &session).await, session)
}

async fn caller(world: &World, session: &str) -> Caller {
    world.engine.session(session).await.expect("a look-up").expect("somebody")
}

fn secret(url: &str) -> &str {
    url.rsplit('/').next().expect("a secret")
}

async fn person(world: &World, asks: &Caller, email: &str) -> Option<PersonView> {
    world.engine.people(asks).await.expect("people").into_iter().find(|person| person.email == email)
}

/// Returns what the audit log of the merchant says, the newest last.
async fn deeds(world: &World, asks: &Caller) -> Vec<String> {
    let log = world.engine.audit_log(asks, AuditFilter::default(), engine::PageRequest { limit: 100, after: None }).await.expect("the log");
    let mut actions: Vec<String> = log.data.into_iter().map(|row| row.action).collect();
    actions.reverse();
    actions
}

fn code_of<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(errors)) => errors.0.first().expect("a field").code.clone(),
        other => panic!("no field is wrong: {other:?}"),
    }
}

stories! {
    /// Who added a merchant hands it over: nobody else does, and nobody twice.
    async fn the_operator_invites_a_merchants_first_owner(world: World) {
        let (operator, stranger, merchant) = (world.operator().await, world.stranger().await, world.merchant().await);
        for caller in [&stranger, &world.person(Role::Manager).await, &world.caller] {
            assert!(world.engine.invite_owner(caller, merchant, "ann@example.com").await.is_err(), "{caller:?}");
        }
        let nowhere = world.engine.invite_owner(&operator, MerchantId(Uuid::now_v7()), "ann@example.com").await;
        assert!(matches!(nowhere, Err(Error::NotFound)), "{nowhere:?}");
        assert_eq!(code_of(world.engine.invite_owner(&operator, merchant, "ann").await), "invalid");
        let invited = world.engine.invite_owner(&operator, merchant, "ann@example.com").await.expect("invited");
        let open = world.engine.invitations(&operator).await.expect("invitations");
        assert_eq!(open.iter().map(|open| (open.merchant, open.role)).collect::<Vec<_>>(), [(Some(merchant), Role::Owner)]);
        let joined = world.engine.accept_invitation(secret(&invited.url), " Ann Lee ", OTHER_PASSWORD, "").await.expect("in");
        let ann = caller(&world, &joined.session).await;
        assert_eq!((ann.role, ann.scope, ann.name.as_deref()), (Some(Role::Owner), Scope::Merchant(merchant), Some("Ann Lee")));
        assert_eq!(code_of(world.engine.invite_owner(&operator, merchant, "eve@example.com").await), "has_owner");
    }

    /// History shows names, and no two colleagues go by the same; another merchant's may.
    async fn people_have_names(world: World) {
        let (owner, manager) = (world.person(Role::Owner).await, world.person(Role::Manager).await);
        world.engine.rename(&owner, "Mira Okafor").await.expect("named");
        for (wrong, code) in [("mira OKAFOR", "taken"), ("jo@example.com", "invalid"), ("a\nb", "invalid"), ("\u{202e}oJ", "invalid")] {
            assert_eq!(code_of(world.engine.rename(&manager, wrong).await), code, "{wrong:?}");
        }
        world.engine.rename(&world.stranger().await, "Mira Okafor").await.expect("somebody else's colleague");
        assert!(matches!(world.engine.rename(&world.caller, "Robot").await, Err(Error::Forbidden)));
        let actor = owner.actor.to_string();
        let shown = world.engine.people_named(&manager, std::iter::once(actor.as_str())).await.expect("names");
        assert_eq!(shown.get(&actor).map(String::as_str), Some("Mira Okafor"));
        let twins = crate::store::run(&world, "UPDATE users SET name = 'Mira Okafor' WHERE role = 'manager'").await;
        assert!(twins.is_err(), "the database knows of no twins: {twins:?}");
        world.engine.rename(&owner, " ").await.expect("no name any more");
        let shown = world.engine.people_named(&manager, std::iter::once(actor.as_str())).await.expect("names");
        assert_eq!(shown.get(&actor), owner.email.as_ref());
        assert_eq!(world.engine.verify_audit(None, &[]).await.expect("a verification").broken, Vec::<String>::new());
    }

    /// A key has a name, and is seen used to the hour.
    async fn a_key_has_a_name_and_says_when_it_was_used(world: World) {
        let owner = world.person(Role::Owner).await;
        let made = world.engine.create_key(&owner, world.mid, false, " Shop backend ").await.expect("a key");
        let plain = world.engine.create_key(&owner, world.mid, true, "").await.expect("a key");
        assert_eq!(code_of(world.engine.create_key(&owner, world.mid, true, &"a".repeat(101)).await), "invalid");
        let key = async |id: KeyId| {
            let keys = world.engine.keys(&owner).await.expect("keys");
            keys.into_iter().find(|key| key.id == id.0).map(|key| (key.name, key.used_at)).expect("the key")
        };
        assert_eq!(key(plain.id).await, (None, None));
        let first = world.engine.now();
        for wait in ["PT1S", "PT50M"] {
            world.engine.key(&made.secret).await.expect("a look-up").expect("let in");
            assert_eq!(key(made.id).await, (Some("Shop backend".to_owned()), Some(first)), "nothing more is written within the hour");
            world.wait(wait).await;
        }
        world.wait("PT10M").await;
        world.engine.key(&made.secret).await.expect("a look-up").expect("let in");
        assert_eq!(key(made.id).await.1, Some(world.engine.now()));
    }

    /// A link works once, for a week, until it is withdrawn; the person chooses the password and is in with the role.
    async fn a_colleague_is_invited_joins_once_and_stands_in_the_log(world: World) {
        let (mira, _) = owner(&world).await;
        let invited = world.engine.invite(&mira, " Jo@Example.com ", Role::Manager).await.expect("invited");
        assert!(!invited.is_mailed, "no mail server is set");
        assert!(!world.dump().await.contains(secret(&invited.url)), "a row holds the link");
        let again = world.engine.invite(&mira, "jo@example.com", Role::Viewer).await;
        assert!(matches!(again, Err(Error::Taken { field: "email", .. })), "{again:?}");
        let welcome = world.engine.invitation(secret(&invited.url)).await.expect("open");
        assert_eq!((welcome.email.as_str(), welcome.role, welcome.merchant.as_deref()), ("jo@example.com", Role::Manager, Some("Halden Audio")));
        assert_eq!(code_of(world.engine.accept_invitation(secret(&invited.url), "", "short", "Safari on macOS").await), "too_short");
        let joined = world.engine.accept_invitation(secret(&invited.url), "", OTHER_PASSWORD, "Safari on macOS").await.expect("in");
        let jo = caller(&world, &joined.session).await;
        assert_eq!((jo.role, jo.email.as_deref()), (Some(Role::Manager), Some("jo@example.com")));
        world.engine.sign_in("jo@example.com", OTHER_PASSWORD).await.expect("the password");
        for _ in 0..2 {
            let used = world.engine.accept_invitation(secret(&invited.url), "", OTHER_PASSWORD, "").await;
            assert!(matches!(used, Err(Error::NotFound)), "{used:?}");
        }
        assert_eq!(world.engine.invitations(&mira).await.expect("invitations"), []);
        let taken = world.engine.invite(&mira, "jo@example.com", Role::Viewer).await;
        assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
        assert_eq!(deeds(&world, &mira).await[3..], ["user.added", "invitation.made", "user.joined"]);
    }

    async fn an_invitation_ends_by_itself_or_withdrawn_and_can_be_made_again(world: World) {
        let (mira, _) = owner(&world).await;
        let first = world.engine.invite(&mira, "jo@example.com", Role::Support).await.expect("invited");
        world.wait("P7D").await;
        assert!(matches!(world.engine.invitation(secret(&first.url)).await, Err(Error::NotFound)));
        let mira = caller(&world, &world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session).await;
        let second = world.engine.invite(&mira, "jo@example.com", Role::Support).await.expect("the old one is no hindrance");
        assert_eq!(world.engine.invitations(&mira).await.expect("invitations").len(), 1);
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.withdraw_invitation(&stranger, second.id).await, Err(Error::NotFound)));
        world.engine.withdraw_invitation(&mira, second.id).await.expect("withdrawn");
        assert!(matches!(world.engine.accept_invitation(secret(&second.url), "", PASSWORD, "").await, Err(Error::NotFound)));
        assert!(matches!(world.engine.withdraw_invitation(&mira, second.id).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.withdraw_invitation(&mira, InvitationId(uuid::Uuid::nil())).await, Err(Error::NotFound)));
    }

    async fn the_invitation_is_mailed_with_its_link_where_mail_is_on(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (mira, _) = owner(&world).await;
        let invited = world.engine.invite(&mira, "jo@example.com", Role::Viewer).await.expect("invited");
        world.engine.run_due_jobs().await.expect("jobs run");
        let mail = server.received(1).remove(0);
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("jo@example.com", "Join Halden Audio on Refundry"));
        assert!(mail.text.contains("mira@example.com invites you to work with refunds of Halden Audio, as viewer."), "{}", mail.text);
        assert_eq!(mail.token("/invite/"), secret(&invited.url));
        assert!(world.engine.invitations(&mira).await.expect("invitations")[0].mailed_at.is_some());
    }

    async fn roles_are_given_up_to_ones_own_by_those_who_answer_for_people(world: World) {
        let (mira, _) = owner(&world).await;
        assert_eq!(code_of(world.engine.invite(&mira, "jo@example.com", Role::Admin).await), "not_yours");
        assert_eq!(code_of(world.engine.invite(&mira, "jo", Role::Viewer).await), "invalid");
        for role in [Role::Manager, Role::Support, Role::Viewer] {
            let other = world.person(role).await;
            assert!(matches!(world.engine.people(&other).await, Err(Error::Forbidden)), "{role:?}");
            assert!(matches!(world.engine.invitations(&other).await, Err(Error::Forbidden)), "{role:?}");
            assert!(matches!(world.engine.invite(&other, "jo@example.com", Role::Viewer).await, Err(Error::Forbidden)), "{role:?}");
        }
        assert!(matches!(world.engine.people(&world.caller).await, Err(Error::Refused(_))), "keys change no people");
        assert!(matches!(world.engine.invite(&world.caller, "jo@example.com", Role::Viewer).await, Err(Error::Refused(_))));

        let jo = world.engine.add_user("jo@example.com", Role::Viewer, Some(world.merchant().await), PASSWORD).await.expect("a user");
        let jos = world.engine.sign_in("jo@example.com", PASSWORD).await.expect("a session").session;
        assert_eq!(code_of(world.engine.change_role(&mira, jo, Role::Admin).await), "not_yours");
        world.engine.change_role(&mira, jo, Role::Manager).await.expect("changed");
        assert_eq!(caller(&world, &jos).await.role, Some(Role::Manager), "from the next click on");
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.change_role(&stranger, jo, Role::Viewer).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.remove_person(&stranger, jo).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.remove_person(&mira, UserId(uuid::Uuid::nil())).await, Err(Error::NotFound)));
        assert!(person(&world, &stranger, "jo@example.com").await.is_none(), "others' people are not seen");
        let operator = world.operator().await;
        assert!(person(&world, &operator, "jo@example.com").await.is_some(), "the operator sees everybody");
        assert_eq!(code_of(world.engine.change_role(&operator, jo, Role::Admin).await), "not_yours");
    }

    async fn who_is_removed_is_out_at_once_and_can_be_invited_again(world: World) {
        let (mira, _) = owner(&world).await;
        let jo = world.engine.add_user("jo@example.com", Role::Manager, Some(world.merchant().await), PASSWORD).await.expect("a user");
        let jos = world.engine.sign_in("jo@example.com", PASSWORD).await.expect("a session").session;
        world.engine.remove_person(&mira, jo).await.expect("removed");
        assert!(world.engine.session(&jos).await.expect("a look-up").is_none());
        assert!(matches!(world.engine.sign_in("jo@example.com", PASSWORD).await, Err(Error::Unauthorized)));
        assert!(person(&world, &mira, "jo@example.com").await.is_none());
        assert!(matches!(world.engine.remove_person(&mira, jo).await, Err(Error::Conflict)), "removed already");
        let invited = world.engine.invite(&mira, "jo@example.com", Role::Viewer).await.expect("invited again");
        world.engine.accept_invitation(secret(&invited.url), "", OTHER_PASSWORD, "").await.expect("in again");
        world.engine.sign_in("jo@example.com", OTHER_PASSWORD).await.expect("the new password");
        assert!(deeds(&world, &mira).await.contains(&"user.removed".to_owned()));
    }

    /// Refused by the rule, and by the database where somebody goes round it.
    async fn the_last_owner_stays(world: World) {
        let (mira, _) = owner(&world).await;
        let own = UserId(person(&world, &mira, "mira@example.com").await.expect("herself").id);
        assert_eq!(code_of(world.engine.remove_person(&mira, own).await), "last_owner");
        assert_eq!(code_of(world.engine.change_role(&mira, own, Role::Viewer).await), "last_owner");
        let operator = world.operator().await;
        assert_eq!(code_of(world.engine.remove_person(&operator, own).await), "last_owner");
        for sql in ["UPDATE users SET role = 'viewer' WHERE email = 'mira@example.com'", "DELETE FROM users WHERE email = 'mira@example.com'"] {
            let done = run(&world, sql).await;
            assert!(done.is_err(), "{sql}: the database let it happen");
        }
        world.engine.add_user("jo@example.com", Role::Owner, Some(world.merchant().await), PASSWORD).await.expect("a user");
        world.engine.change_role(&mira, own, Role::Viewer).await.expect("another owner is there");
    }

    async fn people_see_where_they_are_signed_in_and_end_it(world: World) {
        let (mira, here) = owner(&world).await;
        let there = world.engine.sign_in_from("mira@example.com", PASSWORD, "Safari on iPhone").await.expect("a session").session;
        world.wait("PT2H").await;
        caller(&world, &here).await;
        let seen = world.engine.sessions(&mira, &here).await.expect("sessions");
        let browsers: Vec<_> = seen.iter().map(|session| (session.browser.as_str(), session.is_this)).collect();
        assert_eq!(browsers, [("Firefox on Linux", true), ("Safari on iPhone", false)], "the one used last first");
        assert_eq!((seen[0].seen_at.duration_since(seen[1].seen_at).as_hours(), seen[1].seen_at == seen[1].created_at), (2, true));
        let other = world.stranger().await;
        assert!(matches!(world.engine.end_session(&other, SessionId(seen[1].id)).await, Err(Error::NotFound)), "nobody ends others'");
        world.engine.end_session(&mira, SessionId(seen[1].id)).await.expect("ended");
        assert!(world.engine.session(&there).await.expect("a look-up").is_none());
        assert!(matches!(world.engine.end_session(&mira, SessionId(seen[1].id)).await, Err(Error::NotFound)));
        let there = world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session;
        world.engine.end_other_sessions(&mira, &here).await.expect("ended");
        assert!(world.engine.session(&there).await.expect("a look-up").is_none());
        assert_eq!(world.engine.sessions(&mira, &here).await.expect("sessions").len(), 1);
        assert!(matches!(world.engine.sessions(&world.caller, &here).await, Err(Error::Forbidden)), "keys have no sessions");
        assert_eq!(deeds(&world, &mira).await.iter().filter(|deed| deed.starts_with("user.session")).count(), 2);
    }

    /// A session that was left open lets nobody in, approves nothing and changes nothing until its person gives the password again.
    async fn a_session_left_open_asks_for_the_password_before_what_a_thief_would_do_first(world: World) {
        let (mira, session) = owner(&world).await;
        world.engine.invite(&mira, "jo@example.com", Role::Viewer).await.expect("they signed in just now");
        world.wait("PT9M").await;
        world.engine.create_key(&caller(&world, &session).await, world.mid, false, "").await.expect("nine minutes ago is lately");
        world.wait("PT1M").await;
        let mira = caller(&world, &session).await;
        let nothing = uuid::Uuid::nil();
        let version = NewVersion { overrides: Overrides::default(), assets: BTreeMap::new(), effective_at: None, tried_on: None };
        let refused = [
            world.engine.invite(&mira, "eve@example.com", Role::Owner).await.map(drop),
            world.engine.change_role(&mira, UserId(nothing), Role::Owner).await,
            world.engine.remove_person(&mira, UserId(nothing)).await,
            world.engine.create_key(&mira, world.mid, true, "").await.map(drop),
            world.engine.revoke_key(&mira, KeyId(nothing)).await,
            world.engine.add_endpoint(&mira, "https://eve.example/hook", None, EndpointId(nothing)).await.map(drop),
            world.engine.rotate_endpoint(&mira, EndpointId(nothing), nothing).await.map(drop),
            world.engine.approve_refund(&mira, RefundId(nothing)).await.map(drop),
            world.engine.release_refund(&mira, RefundId(nothing)).await.map(drop),
            world.engine.write_policy(&mira, world.mid, version).await.map(drop),
            world.engine.approve_policy(&mira, world.mid, PolicyId(nothing)).await.map(drop),
        ];
        for (index, refused) in refused.into_iter().enumerate() {
            assert!(matches!(refused, Err(Error::ProofNeeded)), "{index}: {refused:?}");
        }
        world.engine.people(&mira).await.expect("looking changes nothing");
        world.engine.keys(&mira).await.expect("looking changes nothing");
        let viewer = world.person(Role::Viewer).await;
        let viewer = Caller { is_proven: false, ..viewer };
        assert!(matches!(world.engine.invite(&viewer, "eve@example.com", Role::Viewer).await, Err(Error::Forbidden)), "no password helps");

        assert_eq!(code_of(world.engine.prove_session(&mira, &session, OTHER_PASSWORD).await), "wrong");
        assert!(!caller(&world, &session).await.is_proven);
        let theirs = world.engine.sign_in("mira@example.com", PASSWORD).await.expect("a session").session;
        world.engine.prove_session(&mira, &session, PASSWORD).await.expect("proven");
        world.engine.invite(&caller(&world, &session).await, "kim@example.com", Role::Viewer).await.expect("invited");
        let stranger = world.stranger().await;
        let refused = world.engine.prove_session(&stranger, &theirs, PASSWORD).await;
        assert!(matches!(refused, Err(Error::Conflict)), "nobody proves for others: {refused:?}");
        assert!(matches!(world.engine.prove_session(&world.caller, &session, PASSWORD).await, Err(Error::Forbidden)), "keys have no session");
        for _ in 0..5 {
            world.engine.prove_session(&mira, &session, OTHER_PASSWORD).await.expect_err("a guess");
        }
        let refused = world.engine.prove_session(&mira, &session, PASSWORD).await;
        assert!(matches!(refused, Err(Error::RateLimited { .. })), "guesses are counted as at the sign-in: {refused:?}");
    }

    async fn the_kill_switch_asks_nobody_and_its_end_does(world: World) {
        let operator = Caller { is_proven: false, ..world.operator().await };
        world.engine.stop_payouts(&operator, true).await.expect("stopped at once");
        assert!(matches!(world.engine.stop_payouts(&operator, false).await, Err(Error::ProofNeeded)));
        world.engine.guard_mid(&operator, world.mid, Guard::Suspended).await.expect("suspended at once");
        assert!(matches!(world.engine.guard_mid(&operator, world.mid, Guard::Open).await, Err(Error::ProofNeeded)));
        assert!(world.engine.health(&operator).await.expect("looking").payouts_stopped);
    }

    /// CM-09: known and unknown are answered alike, the link works once, and payouts stand still afterwards.
    async fn who_forgot_their_password_gets_a_link_that_works_once(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let invoice = world.invoice("R-1").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        let (mira, session) = owner(&world).await;
        world.engine.ask_password_reset("nobody@example.com").await.expect("the same answer");
        world.engine.ask_password_reset(" Mira@example.com").await.expect("asked");
        world.engine.ask_password_reset("mira@example.com").await.expect("the same answer");
        assert_eq!(code_of(world.engine.ask_password_reset("mira").await), "invalid");
        world.engine.run_due_jobs().await.expect("jobs run");
        let first = server.received(1).into_iter().find(|mail| mail.to == "mira@example.com").expect("a mail");
        assert_eq!(server.subjects().iter().filter(|subject| *subject == "Choose a new Refundry password").count(), 1, "once in five minutes");
        assert!(!world.dump().await.contains(&first.token("/reset/")), "a row holds the link");
        world.wait("PT5M").await;
        world.engine.ask_password_reset("mira@example.com").await.expect("asked again");
        world.engine.run_due_jobs().await.expect("jobs run");
        let link = server.received(2).into_iter().rfind(|mail| mail.to == "mira@example.com").expect("a mail").token("/reset/");
        assert!(matches!(world.engine.password_reset(&first.token("/reset/")).await, Err(Error::NotFound)), "a later link took its place");

        world.engine.password_reset(&link).await.expect("open");
        assert_eq!(code_of(world.engine.set_forgotten_password(&link, "short").await), "too_short");
        world.engine.set_forgotten_password(&link, OTHER_PASSWORD).await.expect("set");
        let used = world.engine.set_forgotten_password(&link, PASSWORD).await;
        assert!(matches!(used, Err(Error::NotFound)), "{used:?}");
        assert!(world.engine.session(&session).await.expect("a look-up").is_none(), "signed out everywhere");
        assert!(matches!(world.engine.sign_in("mira@example.com", PASSWORD).await, Err(Error::Unauthorized)));
        world.engine.sign_in("mira@example.com", OTHER_PASSWORD).await.expect("the new password");
        assert_eq!(world.engine.frozen(&world.caller, world.mid).await.expect("a look-up").map(|(_, why)| why).as_deref(), Some("password"));
        assert!(deeds(&world, &mira).await.contains(&"user.password_changed".to_owned()));
    }

    async fn a_link_for_a_new_password_ends_after_an_hour_and_needs_a_mail_server(world: World) {
        owner(&world).await;
        assert!(matches!(world.engine.ask_password_reset("mira@example.com").await, Err(Error::EmailOff)));
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        world.engine.ask_password_reset("mira@example.com").await.expect("asked");
        world.engine.run_due_jobs().await.expect("jobs run");
        let link = server.received(1).remove(0).token("/reset/");
        world.wait("PT1H").await;
        assert!(matches!(world.engine.set_forgotten_password(&link, OTHER_PASSWORD).await, Err(Error::NotFound)));
        world.engine.sign_in("mira@example.com", PASSWORD).await.expect("the old password");
    }
}

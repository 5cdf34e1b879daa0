//! Passkeys: people sign in by them and prove who they are; answers that are old, copied or for another page are worth nothing.

use domain::ids::PasskeyId;
use domain::merchant::{Actor, Role};
use engine::Error;
use engine::callers::{Caller, SignedIn};

use crate::store::run;
use crate::support::authenticator::Authenticator;
use crate::support::stories;
use crate::support::world::World;

const EMAIL: &str = "mira@example.com";
const PASSWORD: &str = "correct horse battery";
const ORIGIN: &str = "https://refunds.example";
const SITE: &str = "refunds.example";

/// What makes an authenticator a stranger.
type Change = fn(&mut Authenticator);

/// Somebody with a passkey.
struct Mira {
    session: String,
    phone: Authenticator,
}

/// Opens the engine where browsers know passkeys, signs the merchant's owner in and adds a passkey.
async fn mira(world: World) -> (World, Mira) {
    let world = world.at(ORIGIN).await;
    world.engine.add_user(EMAIL, Role::Owner, Some(world.merchant().await), PASSWORD).await.expect("a user");
    let session = world.engine.sign_in(EMAIL, PASSWORD).await.expect("in").session;
    let mut phone = Authenticator::at(ORIGIN, SITE);
    phone.counter = 1;
    add(&world, &session, &mut phone).await.expect("added");
    (world, Mira { session, phone })
}

async fn add(world: &World, session: &str, phone: &mut Authenticator) -> Result<(), Error> {
    let caller = caller(world, session).await;
    let options = world.engine.begin_passkey(&caller, session).await?;
    world.engine.add_passkey(&caller, session, " Phone ", &phone.make(&options)).await
}

async fn caller(world: &World, session: &str) -> Caller {
    world.engine.session(session).await.expect("a look-up").expect("somebody")
}

/// Signs in as a browser does, whose passkey counts on.
async fn sign_in(world: &World, phone: &mut Authenticator) -> Result<SignedIn, Error> {
    phone.count_on();
    let begun = world.engine.begin_passkey_sign_in().await.expect("asked");
    world.engine.sign_in_by_passkey(&begun.secret, &phone.sign(&begun.options), "Safari on iPhone").await
}

fn is_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Invalid(errors)) if errors.message("passkey").is_some())
}

stories! {
    async fn a_passkey_signs_in_and_proves_who_it_is(world: World) {
        let (world, mut mira) = mira(world).await;
        let signed_in = sign_in(&world, &mut mira.phone).await.expect("in");
        let found = caller(&world, &signed_in.session).await;
        assert_eq!((found.email.as_deref(), found.is_proven), (Some(EMAIL), true));
        let own = world.engine.passkeys(&found).await.expect("passkeys");
        assert_eq!((own.len(), own[0].name.as_str()), (1, "Phone"));
        assert!(own[0].used_at.is_some());

        world.wait("PT10M").await;
        let left_open = caller(&world, &mira.session).await;
        assert!(!left_open.is_proven);
        assert!(matches!(world.engine.begin_passkey(&left_open, &mira.session).await, Err(Error::ProofNeeded)));
        let options = world.engine.begin_passkey_proof(&left_open, &mira.session).await.expect("asked");
        mira.phone.count_on();
        world.engine.prove_by_passkey(&left_open, &mira.session, &mira.phone.sign(&options)).await.expect("proven");
        assert!(caller(&world, &mira.session).await.is_proven);
        assert!(world.engine.passkeys(&world.caller).await.is_err(), "keys have no passkeys");
    }

    /// Every node may get the answer: what was asked is a row.
    async fn an_answer_works_once_within_five_minutes_for_what_was_asked(world: World) {
        let (world, mut mira) = mira(world).await;
        let begun = world.engine.begin_passkey_sign_in().await.expect("asked");
        mira.phone.count_on();
        let answer = mira.phone.sign(&begun.options);
        let other = world.engine.begin_passkey_sign_in().await.expect("asked");
        let elsewhere = world.engine.sign_in_by_passkey(&other.secret, &answer, "").await;
        assert!(is_refused(&elsewhere), "another browser was asked something else: {elsewhere:?}");
        world.engine.sign_in_by_passkey(&begun.secret, &answer, "").await.expect("in");
        let again = world.engine.sign_in_by_passkey(&begun.secret, &answer, "").await;
        assert!(is_refused(&again), "a replay: {again:?}");

        let begun = world.engine.begin_passkey_sign_in().await.expect("asked");
        mira.phone.count_on();
        let wrong = world.engine.sign_in_by_passkey(&begun.secret, "{}", "").await;
        assert!(is_refused(&wrong));
        let taken = world.engine.sign_in_by_passkey(&begun.secret, &mira.phone.sign(&begun.options), "").await;
        assert!(is_refused(&taken), "a wrong answer takes the question, too: {taken:?}");

        let begun = world.engine.begin_passkey_sign_in().await.expect("asked");
        mira.phone.count_on();
        let own = caller(&world, &mira.session).await;
        let proof = world.engine.prove_by_passkey(&own, &mira.session, &mira.phone.sign(&begun.options)).await;
        assert!(is_refused(&proof), "asked to sign in, not to prove: {proof:?}");
        world.wait("PT5M").await;
        let late = world.engine.sign_in_by_passkey(&begun.secret, &mira.phone.sign(&begun.options), "").await;
        assert!(is_refused(&late), "{late:?}");
        assert!(sign_in(&world, &mut mira.phone).await.is_ok(), "the passkey itself is as good as before");
    }

    async fn what_is_not_the_passkey_at_our_own_page_signs_nobody_in(world: World) {
        let (world, mira) = mira(world).await;
        let mut phone = mira.phone.clone();
        let strange: [(&str, Change); 9] = [
            ("another page", |phone| "https://refunds.example.evil.example".clone_into(&mut phone.origin)),
            ("a page without TLS", |phone| "http://refunds.example".clone_into(&mut phone.origin)),
            ("another port", |phone| "https://refunds.example:8443".clone_into(&mut phone.origin)),
            ("another site", |phone| "evil.example".clone_into(&mut phone.site)),
            ("nobody's finger", |phone| phone.is_verified = false),
            ("another key", |phone| *phone = Authenticator { credential: phone.credential.clone(), user: phone.user.clone(), ..Authenticator::at(ORIGIN, SITE) }),
            ("an unknown credential", |phone| phone.credential = vec![7; 32]),
            ("somebody else's name", |phone| "AAAAAAAAAAAAAAAAAAAAAA".clone_into(&mut phone.user)),
            ("a kind that is never backed up", |phone| phone.may_be_backed_up = false),
        ];
        for (what, change) in strange {
            phone.count_on();
            let mut strange = phone.clone();
            change(&mut strange);
            let refused = sign_in(&world, &mut strange).await;
            assert!(is_refused(&refused), "{what}: {refused:?}");
        }
        phone.is_backed_up = true;
        sign_in(&world, &mut phone).await.expect("one that may be backed up is, one day");
        let mut copied = Authenticator { counter: 0, ..phone.clone() };
        let refused = sign_in(&world, &mut copied).await;
        assert!(is_refused(&refused), "a copy counts from before: {refused:?}");
        sign_in(&world, &mut phone).await.expect("the passkey itself counts on");
    }

    async fn a_new_passkey_is_made_at_our_own_page_by_its_person(world: World) {
        let (world, mira) = mira(world).await;
        let mut again = mira.phone.clone();
        let taken = add(&world, &mira.session, &mut again).await;
        assert!(matches!(taken, Err(Error::Taken { field: "passkey", .. })), "{taken:?}");
        for mut strange in [
            Authenticator::at("https://evil.example", SITE),
            Authenticator::at(ORIGIN, "evil.example"),
            Authenticator { is_verified: false, ..Authenticator::at(ORIGIN, SITE) },
        ] {
            let refused = add(&world, &mira.session, &mut strange).await;
            assert!(is_refused(&refused), "{refused:?}");
        }
        let (own, mut phone) = (caller(&world, &mira.session).await, Authenticator::at(ORIGIN, SITE));
        let answer = phone.make(&world.engine.begin_passkey(&own, &mira.session).await.expect("asked"));
        let other = world.engine.sign_in(EMAIL, PASSWORD).await.expect("in").session;
        let elsewhere = world.engine.add_passkey(&own, &other, "Phone", &answer).await;
        assert!(is_refused(&elsewhere), "another session was not asked: {elsewhere:?}");
        let nameless = world.engine.add_passkey(&own, &mira.session, "  ", &answer).await;
        assert!(matches!(&nameless, Err(Error::Invalid(errors)) if errors.message("name").is_some()), "{nameless:?}");
        world.engine.add_passkey(&own, &mira.session, "Tablet", &answer).await.expect("added");
        let options = world.engine.begin_passkey(&own, &mira.session).await.expect("asked");
        let options: serde_json::Value = serde_json::from_str(&options).expect("options");
        assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(2), "{options}");
        assert_eq!(options["rp"], serde_json::json!({ "name": "Refundry", "id": SITE }));
    }

    /// CM-09: a thief would add theirs first, and remove the other.
    async fn adding_and_removing_freeze_and_what_was_removed_signs_nobody_in(world: World) {
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "150").await;
        let frozen = |dump: String| dump.matches("second_factor").count();
        let (world, mut mira) = mira(world).await;
        let before = frozen(world.dump().await);
        assert!(before > 0, "adding froze");
        let elsewhere = sign_in(&world, &mut mira.phone).await.expect("in").session;
        let own = caller(&world, &mira.session).await;
        let id = PasskeyId(world.engine.passkeys(&own).await.expect("passkeys")[0].id);
        let viewer = world.person(Role::Viewer).await;
        assert!(matches!(world.engine.remove_passkey(&viewer, "", id).await, Err(Error::NotFound)), "it is somebody else's");
        world.engine.remove_passkey(&own, &mira.session, id).await.expect("removed");
        assert!(frozen(world.dump().await) > before, "removing froze");
        assert!(world.engine.session(&elsewhere).await.expect("a look-up").is_none(), "signed out elsewhere");
        assert!(world.engine.session(&mira.session).await.expect("a look-up").is_some());
        assert!(is_refused(&sign_in(&world, &mut mira.phone).await));
        assert!(matches!(world.engine.remove_passkey(&own, &mira.session, id).await, Err(Error::NotFound)));
    }

    async fn somebody_elses_passkey_proves_nothing_and_who_was_removed_is_out(world: World) {
        let (world, mut mira) = mira(world).await;
        world.engine.add_user("jo@example.com", Role::Manager, Some(world.merchant().await), PASSWORD).await.expect("a user");
        let session = world.engine.sign_in("jo@example.com", PASSWORD).await.expect("in").session;
        let (jo, mut jos) = (caller(&world, &session).await, Authenticator::at(ORIGIN, SITE));
        add(&world, &session, &mut jos).await.expect("added");
        let options = world.engine.begin_passkey_proof(&jo, &session).await.expect("asked");
        mira.phone.count_on();
        let refused = world.engine.prove_by_passkey(&jo, &session, &mira.phone.sign(&options)).await;
        assert!(is_refused(&refused), "{refused:?}");
        let Actor::User(id) = jo.actor else { panic!("a person") };
        world.engine.remove_person(&caller(&world, &mira.session).await, id).await.expect("removed");
        assert!(is_refused(&sign_in(&world, &mut jos).await));
        let gone = run(&world, "UPDATE passkeys SET credential = (SELECT MIN(credential) FROM passkeys)").await;
        assert!(gone.is_err(), "a credential is one person's");
    }

    async fn where_browsers_know_no_passkeys_nothing_is_asked(world: World) {
        let viewer = world.person(Role::Viewer).await;
        assert!(!world.engine.has_passkeys());
        let refused = world.engine.begin_passkey(&viewer, "session").await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.to_string().contains("HTTPS and a host name")), "{refused:?}");
        assert!(world.engine.begin_passkey_sign_in().await.is_err());
        assert!(world.engine.begin_passkey_proof(&viewer, "session").await.is_err());
    }
}

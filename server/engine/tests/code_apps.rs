//! Code apps: a second step of signing in and of proving who one is (RFC 6238), and the codes of who lost theirs.

use domain::merchant::Role;
use engine::Error;
use engine::callers::{Caller, SignedIn};
use engine::code_apps::Begun;
use totp_rs::{Builder, Secret};

use crate::store::run;
use crate::support::stories;
use crate::support::world::World;

const EMAIL: &str = "mira@example.com";
const PASSWORD: &str = "correct horse battery";

/// Somebody with a code app.
struct Mira {
    session: String,
    secret: String,
    recovery_codes: Vec<String>,
}

/// Signs the merchant's owner in and turns their code app on.
async fn mira(world: &World) -> Mira {
    let merchant = world.merchant().await;
    world.engine.add_user(EMAIL, Role::Owner, Some(merchant), PASSWORD).await.expect("a user");
    let session = world.engine.sign_in(EMAIL, PASSWORD).await.expect("no code yet").session;
    let caller = caller(world, &session).await;
    let new = world.engine.new_code_app(&caller).expect("a secret");
    assert!(new.url.starts_with("otpauth://totp/Refundry:mira") && new.url.contains(&new.secret), "{}", new.url);
    let code = code(world, &new.secret);
    let recovery_codes = world.engine.turn_on_code_app(&caller, &session, &new.secret, &code).await.expect("on");
    Mira { session, secret: new.secret, recovery_codes }
}

async fn caller(world: &World, session: &str) -> Caller {
    world.engine.session(session).await.expect("a look-up").expect("somebody")
}

/// Returns what the app shows now.
fn code(world: &World, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).with_account_name("anybody").build().expect("an app");
    totp.generate(u64::try_from(world.engine.now().as_second()).expect("after 1970")).to_string()
}

/// Gives the right password and returns the secret of what waits for its code.
async fn begun(world: &World) -> String {
    match world.engine.begin_sign_in(EMAIL, PASSWORD, "Firefox on Linux").await.expect("the password") {
        Begun::CodeNeeded { secret } => secret,
        Begun::Done(signed_in) => panic!("no code was asked for: {signed_in:?}"),
    }
}

fn is_wrong(result: &Result<SignedIn, Error>) -> bool {
    matches!(result, Err(Error::Invalid(errors)) if errors.message("code").is_some())
}

stories! {
    /// A password alone opens nothing any more, each code works once, and a row holds neither secret nor code.
    async fn who_has_a_code_app_signs_in_with_a_code_that_works_once(world: World) {
        let viewer = world.person(Role::Viewer).await;
        let mira = mira(&world).await;
        let dump = world.dump().await;
        assert!(!dump.contains(&mira.secret) && mira.recovery_codes.iter().all(|code| !dump.contains(code)), "a row holds a secret");
        assert!(matches!(world.engine.sign_in(EMAIL, PASSWORD).await, Err(Error::Unauthorized)), "no session by the password alone");
        assert!(world.engine.code_app(&viewer).await.expect("a look-up").is_none());

        let waiting = begun(&world).await;
        assert!(world.engine.session(&waiting).await.expect("a look-up").is_none(), "what waits for a code is no session");
        let used = world.engine.finish_sign_in(&waiting, &code(&world, &mira.secret)).await;
        assert!(is_wrong(&used), "the code that turned it on was taken: {used:?}");
        world.wait("PT30S").await;
        let now = code(&world, &mira.secret);
        let spaced = format!("{} {}", &now[..3], &now[3..]);
        let signed_in = world.engine.finish_sign_in(&waiting, &spaced).await.expect("in");
        assert_ne!(signed_in.session, waiting, "the session is a new one");
        assert_eq!(caller(&world, &signed_in.session).await.email.as_deref(), Some(EMAIL));
        assert!(matches!(world.engine.finish_sign_in(&waiting, &now).await, Err(Error::NotFound)), "it ended");
        let again = world.engine.finish_sign_in(&begun(&world).await, &now).await;
        assert!(is_wrong(&again), "a code works once: {again:?}");
    }

    async fn a_recovery_code_signs_in_once_and_stands_in_the_log(world: World) {
        let mira = mira(&world).await;
        assert_eq!(mira.recovery_codes.len(), 10);
        let code = &mira.recovery_codes[3];
        let signed_in = world.engine.finish_sign_in(&begun(&world).await, &code.to_uppercase()).await.expect("in");
        let again = world.engine.finish_sign_in(&begun(&world).await, code).await;
        assert!(is_wrong(&again), "it is used: {again:?}");
        let left = world.engine.code_app(&caller(&world, &signed_in.session).await).await.expect("a look-up").expect("an app");
        assert_eq!(left.recovery_codes_left, 9);
        assert!(world.dump().await.contains("user.recovery_code_used"));
    }

    async fn guesses_of_codes_are_counted_and_a_sign_in_waits_five_minutes_for_its_code(world: World) {
        let mira = mira(&world).await;
        let waiting = begun(&world).await;
        world.wait("PT5M").await;
        assert!(matches!(world.engine.finish_sign_in(&waiting, &code(&world, &mira.secret)).await, Err(Error::NotFound)));
        for _ in 0..5 {
            let guess = world.engine.finish_sign_in(&begun(&world).await, "000000 no").await;
            assert!(is_wrong(&guess), "{guess:?}");
        }
        let refused = world.engine.begin_sign_in(EMAIL, PASSWORD, "").await;
        assert!(matches!(refused, Err(Error::RateLimited { .. })), "the right password does not end the pause: {refused:?}");
        world.wait("PT15M").await;
        world.engine.finish_sign_in(&begun(&world).await, &code(&world, &mira.secret)).await.expect("after the pause");
    }

    /// Step-up takes the code, not the password that a thief may know; CM-09: turning it off stops the merchant's money.
    async fn the_code_proves_who_it_is_and_turning_the_app_off_freezes(world: World) {
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "150").await;
        let mira = mira(&world).await;
        let frozen = |dump: String| dump.matches("second_factor").count();
        let before = frozen(world.dump().await);
        assert!(before > 0, "turning it on froze");
        world.wait("PT10M").await;
        let left_open = caller(&world, &mira.session).await;
        assert!(matches!(world.engine.turn_off_code_app(&left_open).await, Err(Error::ProofNeeded)));
        assert!(matches!(world.engine.new_code_app(&left_open), Err(Error::ProofNeeded)));
        let refused = world.engine.prove_session(&left_open, &mira.session, PASSWORD).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "a password is no code: {refused:?}");
        world.engine.prove_session(&left_open, &mira.session, &code(&world, &mira.secret)).await.expect("proven");
        let proven = caller(&world, &mira.session).await;
        let taken = world.engine.turn_on_code_app(&proven, &mira.session, &mira.secret, &code(&world, &mira.secret)).await;
        assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
        world.engine.turn_off_code_app(&proven).await.expect("off");
        assert!(frozen(world.dump().await) > before, "turning it off froze");
        assert!(matches!(world.engine.turn_off_code_app(&proven).await, Err(Error::NotFound)));
        world.engine.sign_in(EMAIL, PASSWORD).await.expect("the password is enough again");
        assert!(world.engine.turn_on_code_app(&world.caller, "", &mira.secret, "").await.is_err(), "keys have no app");
    }

    /// New codes end the old ones, as who found those would use them; CM-09.
    async fn new_recovery_codes_end_the_old_ones_and_freeze(world: World) {
        let invoice = world.invoice("HA-1").await;
        world.pay(&invoice, "150").await;
        let mira = mira(&world).await;
        let own = caller(&world, &mira.session).await;
        let frozen = |dump: String| dump.matches("second_factor").count();
        let before = frozen(world.dump().await);
        let codes = world.engine.renew_recovery_codes(&own).await.expect("new ones");
        assert_eq!((codes.len(), frozen(world.dump().await) > before), (10, true));
        assert_eq!(world.engine.code_app(&own).await.expect("a look-up").expect("an app").recovery_codes_left, 10);
        let old = world.engine.finish_sign_in(&begun(&world).await, &mira.recovery_codes[0]).await;
        assert!(is_wrong(&old), "{old:?}");
        world.engine.finish_sign_in(&begun(&world).await, &codes[0]).await.expect("in");
        world.wait("PT10M").await;
        let left_open = caller(&world, &mira.session).await;
        assert!(matches!(world.engine.renew_recovery_codes(&left_open).await, Err(Error::ProofNeeded)));
        let nobody = world.person(Role::Viewer).await;
        assert!(matches!(world.engine.renew_recovery_codes(&nobody).await, Err(Error::NotFound)), "no app, no codes");
    }

    /// A new password, as after a reset, ends what waited for a code and leaves the app on.
    async fn a_new_password_leaves_the_app_on(world: World) {
        let mira = mira(&world).await;
        let waiting = begun(&world).await;
        let operator = world.operator().await;
        world.engine.reset_password(&operator, EMAIL, "another horse battery").await.expect("reset");
        world.wait("PT30S").await;
        assert!(matches!(world.engine.finish_sign_in(&waiting, &code(&world, &mira.secret)).await, Err(Error::NotFound)));
        let begun = world.engine.begin_sign_in(EMAIL, "another horse battery", "").await.expect("the password");
        assert!(matches!(begun, Begun::CodeNeeded { .. }));
        assert!(run(&world, "UPDATE code_apps SET secret = NULL").await.is_err(), "an app has a secret");
    }
}

//! `/prove`: asks for a passkey, or the password, or a code where a code app is on, once more before what a thief would do first at a browser
//! that was left open. A form that was sent waits here and is carried out then.

use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_people, staff_sign_in as said};

use super::gate::{Gate, KnownEmail};
use super::{page, query};
use crate::components::{CodeField, PasskeyForm, PasswordField};
use crate::language::say;
use crate::reply::Submitted;
use crate::server_fns::passkey::{BeginPasskeyProof, ProvePasskey};
use crate::server_fns::session::Prove as ProveForm;
use crate::session::{self, caller};

/// The page.
#[component]
pub(crate) fn Prove() -> impl IntoView {
    page(async move {
        let caller = caller().await?;
        let engine = expect_context::<Engine>();
        let has_app = engine.code_app(&caller).await?.is_some();
        let has_passkey = engine.has_passkeys() && !engine.passkeys(&caller).await?.is_empty();
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let submitted = submitted.in_words(|field, code| match (field, code) {
            ("passkey", "wrong") => Some(say(said::PasskeyNotYours)),
            _ => None,
        });
        let error = submitted.error("password");
        let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
        let held = submitted.value("held").to_owned();
        let about = if held.is_empty() { say(said::WhyAgain) } else { say(said::WhyAgainHeld) };
        // Posted beside whatever proves it.
        let beside = || {
            view! {
                <input type="hidden" name="next" value=next.clone() />
                <input type="hidden" name="held" value=held.clone() />
            }
        };
        let (beside_passkey, beside_field) = (beside(), beside());
        let passkey = has_passkey.then(|| {
            let (action, begin) = (ProvePasskey::url(), BeginPasskeyProof::url());
            view! {
                <PasskeyForm action begin button=say(said::ByPasskey) error=submitted.error("passkey")>{beside_passkey}</PasskeyForm>
                <p class="sm soft ctr when-awake">{if has_app { say(said::OrCode) } else { say(said::OrPassword) }}</p>
            }
        });
        let field = if has_app {
            view! { <CodeField id="password" label=say(said::AppCode) error /> }.into_any()
        } else {
            view! { <PasswordField id="password" label=say(staff_people::YourPassword) error /> }.into_any()
        };
        Ok(view! {
            <Gate heading=say(said::StillYou) about is_wrong=submitted.is_again(&["password", "passkey"])>
                {passkey}
                <form class="g4" method="post" action=ProveForm::url()>
                    {beside_field} <KnownEmail label=say(said::SignedInWith) email=caller.email.unwrap_or_default() /> {field}
                    <button class=if has_passkey { "btn lg" } else { "btn primary lg" } data-busy=say(said::Checking)>{say(said::Continue)}</button>
                </form>
                <p class="sm"><a href=next>{say(said::GoBack)}</a></p>
            </Gate>
        }
        .into_any())
    })
}

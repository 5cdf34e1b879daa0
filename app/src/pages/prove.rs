//! `/prove`: asks for a passkey, or the password, or a code where a code app is on, once more before what a thief would do first at a browser
//! that was left open. A form that was sent waits here and is carried out then.

use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::gate::{Gate, KnownEmail};
use super::{page, query};
use crate::components::{CodeField, PasskeyForm, PasswordField};
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
        let error = submitted.error("password");
        let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
        let held = submitted.value("held").to_owned();
        let about = if held.is_empty() {
            "Approving, settings, people and policies ask again when you signed in more than 10 minutes ago. Nothing was done yet."
        } else {
            "You signed in more than 10 minutes ago. Nothing was done yet: what you sent is kept here and done once you continue."
        };
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
                <PasskeyForm action begin button="Continue with a passkey" error=submitted.error("passkey")>{beside_passkey}</PasskeyForm>
                <p class="sm soft ctr when-awake">{if has_app { "or use a code" } else { "or use your password" }}</p>
            }
        });
        let field = if has_app {
            view! { <CodeField id="password" label="Code of your app" error /> }.into_any()
        } else {
            view! { <PasswordField id="password" label="Your password" error /> }.into_any()
        };
        Ok(view! {
            <Gate heading="Is it still you?" about is_wrong=submitted.is_again(&["password", "passkey"])>
                {passkey}
                <form class="g4" method="post" action=ProveForm::url()>
                    {beside_field} <KnownEmail label="You are signed in with" email=caller.email.unwrap_or_default() /> {field}
                    <button class=if has_passkey { "btn lg" } else { "btn primary lg" } data-busy="Checking…">"Continue"</button>
                </form>
                <p class="sm"><a href=next>"Go back"</a></p>
            </Gate>
        }
        .into_any())
    })
}

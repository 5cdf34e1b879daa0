//! `/prove`: asks for the password, or a code where a code app is on, once more before what a thief would do first at a browser that was left open.

use engine::Engine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{page, query, set_unprocessable};
use crate::components::{Payer, TextField};
use crate::reply::Submitted;
use crate::server_fns::session::Prove as ProveForm;
use crate::session::{self, caller};

/// The page.
#[component]
pub(crate) fn Prove() -> impl IntoView {
    page(async move {
        let caller = caller().await?;
        let has_app = expect_context::<Engine>().code_app(&caller).await?.is_some();
        let (label, kind, autocomplete) =
            if has_app { ("Code of your app", "text", "one-time-code") } else { ("Your password", "password", "current-password") };
        let hint = if has_app { "The six digits that your app shows, or one of your recovery codes." } else { "" };
        let email = caller.email.unwrap_or_default();
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let error = submitted.errors.message("password").map(str::to_owned);
        if error.is_some() {
            set_unprocessable();
        }
        let title = if error.is_some() { "Error: Is it still you?" } else { "Is it still you?" };
        let next = session::safe_next(&query("next").unwrap_or_default()).to_owned();
        Ok(view! {
            <Payer title centred=true>
                <div class="g5">
                    <div class="g1">
                        <h1>"Is it still you?"</h1>
                        <p class="sm soft">
                            "Approving, settings, people and policies ask again when you signed in more than 10 minutes ago. Nothing was done yet."
                        </p>
                    </div>
                    <form class="g4" method="post" action=ProveForm::url()>
                        <input type="hidden" name="next" value=next.clone() />
                        <div class="field">
                            <label for="email">"You are signed in with"</label>
                            <input class="input" id="email" type="email" autocomplete="username" readonly value=email />
                        </div>
                        <TextField id="password" label hint kind autocomplete value="" error />
                        <button class="btn primary lg" data-busy="Checking…">"Continue"</button>
                    </form>
                    <p class="sm"><a href=next>"Go back"</a></p>
                </div>
            </Payer>
        }
        .into_any())
    })
}

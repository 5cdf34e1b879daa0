//! `/invite/{token}`: a colleague chooses a password and is in.

use engine::invitations::Welcome;
use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{page, param, set_unprocessable};
use crate::components::{Payer, TextField};
use crate::reply::{Submitted, set_status};
use crate::server_fns::invitation::AcceptInvitation;

/// The page.
#[component]
pub(crate) fn Invite() -> impl IntoView {
    page(async move {
        let token = param("token");
        match expect_context::<Engine>().invitation(&token).await {
            Ok(welcome) => Ok(join(token, welcome)),
            Err(Error::NotFound) => {
                Ok(closed("This invitation does not work", "It was used or withdrawn, or is older than 7 days. Ask for another one."))
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Says that a link opens nothing, and what to do.
pub(super) fn closed(heading: &'static str, text: &'static str) -> AnyView {
    set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <Payer title=heading centred=true>
            <div class="g4">
                <h1>{heading}</h1>
                <p class="soft">{text}</p>
                <p class="sm"><a href="/sign-in">"Sign in"</a></p>
            </div>
        </Payer>
    }
    .into_any()
}

fn join(token: String, welcome: Welcome) -> AnyView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    let error = submitted.errors.message("password").map(str::to_owned);
    if error.is_some() {
        set_unprocessable();
    }
    let place = welcome.merchant.unwrap_or_else(|| "Refundry".to_owned());
    let heading = format!("Join {place}");
    let title = if error.is_some() { format!("Error: {heading}") } else { heading.clone() };
    let role = welcome.role.title();
    view! {
        <Payer title centred=true>
            <div class="g5">
                <div class="g1">
                    <h1>{heading}</h1>
                    <p class="sm soft">{format!("{} invited you. Your role: {role}.", welcome.invited_by)}</p>
                </div>
                <form class="g4" method="post" action=AcceptInvitation::url()>
                    <input type="hidden" name="token" value=token />
                    <div class="field">
                        <label for="email">"You sign in with"</label>
                        <input class="input" id="email" type="email" autocomplete="username" readonly value=welcome.email />
                    </div>
                    <TextField
                        id="password"
                        label="Choose a password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 10 characters."
                        value=""
                        error
                    />
                    <button class="btn primary lg" data-busy="Joining…">"Join"</button>
                </form>
            </div>
        </Payer>
    }
    .into_any()
}

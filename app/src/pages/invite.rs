//! `/invite/{token}`: a colleague chooses a password and is in.

use engine::invitations::Welcome;
use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::gate::{Gate, KnownEmail};
use super::{page, param};
use crate::components::PasswordField;
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
pub(super) fn closed(heading: &'static str, about: &'static str) -> AnyView {
    set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <Gate heading about>
            <p class="sm"><a href="/sign-in">"Sign in"</a></p>
        </Gate>
    }
    .into_any()
}

fn join(token: String, welcome: Welcome) -> AnyView {
    let error = use_context::<Submitted>().unwrap_or_default().error("password");
    let place = welcome.merchant.unwrap_or_else(|| "Refundry".to_owned());
    let about = format!("{} invited you. Your role: {}.", welcome.invited_by, welcome.role.title());
    view! {
        <Gate heading=format!("Join {place}") about is_wrong=error.is_some()>
            <form class="g4" method="post" action=AcceptInvitation::url()>
                <input type="hidden" name="token" value=token />
                <KnownEmail label="You sign in with" email=welcome.email />
                <PasswordField id="password" label="Choose a password" is_new=true error />
                <button class="btn primary lg" data-busy="Joining…">"Join"</button>
            </form>
        </Gate>
    }
    .into_any()
}

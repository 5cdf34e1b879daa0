//! `/invite/{token}`: a colleague chooses a password and is in.

use domain::display_name::DISPLAY_NAME_CHARS_MAX;
use domain::merchant::Role;
use engine::invitations::Welcome;
use engine::{Engine, Error};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_frame, staff_people, staff_sign_in as said};

use super::gate::{Gate, KnownEmail};
use super::reset::wrong_password;
use super::{page, param};
use crate::components::{PasswordField, TextField};
use crate::language::say;
use crate::reply::{Submitted, set_status};
use crate::server_fns::invitation::AcceptInvitation;

/// The page.
#[component]
pub(crate) fn Invite() -> impl IntoView {
    page(async move {
        let token = param("token");
        match expect_context::<Engine>().invitation(&token).await {
            Ok(welcome) => Ok(join(token, welcome)),
            Err(Error::NotFound) => Ok(closed(say(said::InvitationClosed), say(said::InvitationClosedText))),
            Err(error) => Err(error.into()),
        }
    })
}

/// Says that a link opens nothing, and what to do.
pub(super) fn closed(heading: String, about: String) -> AnyView {
    set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <Gate heading about>
            <p class="sm"><a href="/sign-in">{say(said::SignIn)}</a></p>
        </Gate>
    }
    .into_any()
}

fn join(token: String, welcome: Welcome) -> AnyView {
    let submitted = use_context::<Submitted>()
        .unwrap_or_default()
        .in_words(|field, code| wrong_name(field, code).or_else(|| wrong_password(field, code)));
    let error = submitted.error("password");
    let is_wrong = submitted.is_again(&["name", "password"]);
    let place = welcome.merchant.unwrap_or_else(|| "Refundry".to_owned());
    let about = say(said::InvitedBy { person: &welcome.invited_by, role: &role_title(welcome.role) });
    view! {
        <Gate heading=say(said::JoinPlace { place: &place }) about is_wrong>
            <form class="g4" method="post" action=AcceptInvitation::url()>
                <input type="hidden" name="token" value=token />
                <p class="sm soft">{role_text(welcome.role)}</p>
                <KnownEmail label=say(said::SignInWith) email=welcome.email />
                <TextField
                    id="name"
                    label=say(staff_people::Name)
                    autocomplete="name"
                    maxlength=DISPLAY_NAME_CHARS_MAX
                    hint=say(staff_people::NameHint)
                    value=submitted.value("name").to_owned()
                    error=submitted.error("name")
                />
                <PasswordField id="password" label=say(said::ChoosePassword) is_new=true error />
                <button class="btn primary lg" data-busy=say(said::Joining)>{say(said::Join)}</button>
            </form>
        </Gate>
    }
    .into_any()
}

/// Says what is wrong with a person's name.
pub(super) fn wrong_name(field: &str, code: &str) -> Option<String> {
    match (field, code) {
        ("name" | "called", "taken") => Some(say(staff_people::NameTaken)),
        ("name" | "called", "invalid") => Some(say(staff_people::WrongName { most: &DISPLAY_NAME_CHARS_MAX.to_string() })),
        _ => None,
    }
}

/// Says what a role is for. The table of rights says it right by right.
pub(super) fn role_text(role: Role) -> String {
    match role {
        Role::Admin => say(staff_people::OperatorText),
        Role::Owner => say(staff_people::OwnerText),
        Role::Manager => say(staff_people::ManagerText),
        Role::Support => say(staff_people::SupportText),
        Role::Viewer => say(staff_people::ViewerText),
    }
}

/// Returns a role as people read it.
pub(super) fn role_title(role: Role) -> String {
    match role {
        Role::Admin => say(staff_people::Operator),
        Role::Owner => say(staff_frame::RoleOwner),
        Role::Manager => say(staff_frame::RoleManager),
        Role::Support => say(staff_frame::RoleSupport),
        Role::Viewer => say(staff_frame::RoleViewer),
    }
}

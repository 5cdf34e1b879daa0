//! A merchant's people. The engine checks that they are the caller's, and which roles the caller may give.

use domain::claim::FieldErrors;
use domain::ids::{InvitationId, UserId};
use domain::merchant::Role;
use engine::Engine;
use engine::invitations::Invited;
use leptos::prelude::*;
use words::staff_team as said;

use super::refusal::{Problem, answer, at_fields};
use crate::language::say;
use crate::reply::{Failure, tell_once};
use crate::session::caller;

const PAGE: &str = "/settings/team";

/// Invites somebody and shows the link, once.
#[server(prefix = "/fn", endpoint = "invite_person")]
pub async fn invite_person(
    /// Whom.
    #[server(default)]
    email: String,
    /// As what.
    #[server(default)]
    role: String,
) -> Result<(), ServerFnError> {
    match invite(&email, &role).await {
        Ok(Invited { url, is_mailed, .. }) => {
            let mailed = if is_mailed { "yes" } else { "" };
            tell_once(PAGE.to_owned(), vec![("invited", email), ("link", url), ("mailed", mailed.to_owned())]);
        }
        Err(problem) => answer(PAGE.to_owned(), vec![("email", email), ("role", role)], Err(problem)),
    }
    Ok(())
}

/// Withdraws an invitation.
#[server(prefix = "/fn", endpoint = "withdraw_invitation")]
pub async fn withdraw_invitation(
    /// Which one.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), withdraw(&id).await);
    Ok(())
}

/// Gives a person another role.
#[server(prefix = "/fn", endpoint = "change_role")]
pub async fn change_role(
    /// Who.
    #[server(default)]
    id: String,
    /// The role from now on.
    #[server(default)]
    role: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), give_role(&id, &role).await);
    Ok(())
}

/// Removes a person.
#[server(prefix = "/fn", endpoint = "remove_person")]
pub async fn remove_person(
    /// Who.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    answer(PAGE.to_owned(), Vec::new(), remove(&id).await);
    Ok(())
}

async fn invite(email: &str, role: &str) -> Result<Invited, Problem> {
    let caller = caller().await?;
    let role: Role = role.parse().map_err(|_| FieldErrors::one("role", "required", say(said::ChooseRole)))?;
    Ok(expect_context::<Engine>().invite(&caller, email, role).await?)
}

async fn withdraw(id: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let id: InvitationId = id.parse().map_err(|_| Failure::NoPage)?;
    Ok(expect_context::<Engine>().withdraw_invitation(&caller, id).await?)
}

// What is wrong is said above the table: a row has no room for it.
async fn give_role(id: &str, role: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let id: UserId = id.parse().map_err(|_| Failure::NoPage)?;
    let role: Role = role.parse().map_err(|_| Failure::Unreadable)?;
    expect_context::<Engine>().change_role(&caller, id, role).await.map_err(|error| at_fields(error, |_| "action"))
}

async fn remove(id: &str) -> Result<(), Problem> {
    let caller = caller().await?;
    let id: UserId = id.parse().map_err(|_| Failure::NoPage)?;
    expect_context::<Engine>().remove_person(&caller, id).await.map_err(|error| at_fields(error, |_| "action"))
}

//! `/settings/team`: who signs in for the merchant and with which role. Only for those who answer for people.

use domain::claim::FieldErrors;
use domain::merchant::{Right, Role, Scope};
use engine::Engine;
use engine::invitations::InvitationView;
use engine::people::PersonView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_people, staff_settings, staff_team as said};

use super::{Card, Secret, Settings, Tab, frozen_until};
use crate::components::{ErrorSummary, FieldMessage, Head, Icon, Shape, Table, TextField, initials, staff};
use crate::language::say;
use crate::pages::invite::{role_text, role_title};
use crate::pages::page;
use crate::reply::Submitted;
use crate::server_fns::team::{ChangeRole, InvitePerson, RemovePerson, WithdrawInvitation};
use crate::session::caller;

/// The page.
#[component]
pub(crate) fn Team() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        // Refused to everybody else: they see nothing of it.
        let people = engine.people(&caller).await?;
        let invitations = engine.invitations(&caller).await?;
        let mids = engine.mids(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default().in_words(wrong);
        let now = engine.now();
        let is_operator = caller.scope == Scope::Everything;
        let grantable = if is_operator { vec![Role::Admin] } else { vec![Role::Manager, Role::Support, Role::Viewer, Role::Owner] };
        let told = (!submitted.value("link").is_empty()).then(|| {
            let title = say(said::InvitationFor { email: submitted.value("invited") });
            let how = if submitted.value("mailed").is_empty() { say(said::HandOver) } else { say(said::MailedLink) };
            view! {
                <Secret title name=say(said::LinkName) secret=submitted.value("link").to_owned()>
                    {how}
                    " "
                    {say(said::LinkText)}
                </Secret>
            }
        });
        Ok(view! {
            <Settings tab=Tab::Team caller frozen_until submitted=submitted.clone() now>
                {told} <People people now /> <Invitations invitations now /> <Invite grantable submitted /> <Rights />
            </Settings>
        }
        .into_any())
    })
}

/// Says what is wrong with a change of the team.
fn wrong(field: &str, code: &str) -> Option<String> {
    match (field, code) {
        ("email", "invalid") => Some(say(payer::EnterEmail)),
        ("email", "taken") => Some(say(said::InUse)),
        ("email", "too_many") => Some(say(said::TooMany)),
        ("role", "not_yours") => Some(say(said::RoleTooHigh)),
        ("action", "last_owner") => Some(say(said::LastOwner)),
        ("action", "yourself") => Some(say(said::Yourself)),
        ("action", "not_yours") => Some(say(said::RolesUpToOwn)),
        _ => None,
    }
}

#[component]
fn People(people: Vec<PersonView>, now: Timestamp) -> impl IntoView {
    let rows = people.into_iter().map(|person| {
        let seen = match (person.is_caller, person.seen_at) {
            (true, _) => say(said::Now).into_any(),
            (false, Some(at)) => staff(at, now).into_any(),
            (false, None) => say(said::SignedOut).into_any(),
        };
        let more = match (person.is_caller, person.merchant.clone()) {
            (true, _) => Some(say(said::You)),
            (false, merchant) => merchant,
        };
        let means = [(person.has_passkey, say(said::Passkey)), (person.has_code_app, say(said::CodeApp))];
        let means = means.into_iter().filter(|(has, _)| *has).map(|(_, title)| view! { <span class="pill good">{title}</span> });
        let means = means.collect_view();
        let means = if means.is_empty() {
            view! { <span class="pill hollow">{say(staff_people::Password)}</span> }.into_any()
        } else {
            means.into_any()
        };
        let shown = person.name.clone().unwrap_or_else(|| person.email.clone());
        view! {
            <tr>
                <td>
                    <div class="row nw">
                        <span class="mono-av round" aria-hidden="true">{initials(&shown)}</span>
                        <span class="wrap">
                            <span class="semi">{shown.clone()}</span>
                            {person.name.as_ref().map(|_| view! { <span class="sub">{person.email.clone()}</span> })}
                            {more.map(|more| view! { <span class="sub">{more}</span> })}
                        </span>
                    </div>
                </td>
                <td class="soft r2">{role_title(person.role)}</td>
                <td class="hide"><span class="row">{means}</span></td>
                <td class="nw soft hide">{seen}</td>
                <td class="act"><Change person /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let heads = [
        Head::Words(say(said::Person)),
        Head::Words(say(said::Role)),
        Head::Words(say(said::SignIn)),
        Head::Words(say(said::LastSeen)),
        Head::Unseen(say(staff_settings::Action)),
    ];
    view! {
        <Card title=say(said::People) about=say(said::PeopleText)>
            <Table label=say(said::People) caption=say(said::PeopleByEmail) heads>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// Another role, or removal. Removal asks once more.
#[component]
fn Change(person: PersonView) -> impl IntoView {
    let id = person.id.to_string();
    let change = (!person.grantable.is_empty()).then(|| {
        let field = format!("role-{id}");
        let choices = person.grantable.iter().map(|role| view! { <option value=role.name()>{role_title(*role)}</option> });
        let choices = choices.collect_view();
        view! {
            <details class="confirm" name="person">
                <summary class="btn sm ghost" aria-label=say(said::ChangeRoleOf { email: &person.email })>{say(said::Role)}</summary>
                <form class="g2" method="post" action=ChangeRole::url()>
                    <input type="hidden" name="id" value=id.clone() />
                    <label class="sm" for=field.clone()>{say(said::NewRole)}</label>
                    <select class="input" id=field name="role">{choices}</select>
                    <span><button class="btn sm primary" data-busy=say(staff_settings::Changing)>{say(said::ChangeRole)}</button></span>
                </form>
            </details>
        }
    });
    view! {
        {change}
        <details class="confirm" name="person">
            <summary class="btn sm ghost danger-quiet" aria-label=say(staff_settings::RemoveNamed { name: &person.email })>{say(staff_settings::Remove)}</summary>
            <form class="g2" method="post" action=RemovePerson::url()>
                <input type="hidden" name="id" value=id />
                <p class="sm soft">{say(said::RemoveText)}</p>
                <span><button class="btn sm danger" data-busy=say(staff_settings::Removing)>{say(said::RemovePerson)}</button></span>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Invitations(invitations: Vec<InvitationView>, now: Timestamp) -> impl IntoView {
    let rows = invitations.into_iter().map(|open| {
        let mail = match (&open.mailed_at, &open.mail_error) {
            (_, Some(error)) => say(said::MailRefused { error }),
            (Some(_), None) => say(said::MailedBy { person: &open.invited_by }),
            (None, None) => say(said::InvitedBy { person: &open.invited_by }),
        };
        let until = if open.is_expired { say(said::TooOld).into_any() } else { staff(open.expires_at, now).into_any() };
        view! {
            <tr>
                <td>
                    <span class="semi wrap">{open.email.clone()}</span>
                    <br />
                    <span class="xs soft wrap">{mail}</span>
                </td>
                <td class="soft r2">{role_title(open.role)}</td>
                <td class="nw soft hide">{until}</td>
                <td class="act">
                    <form method="post" action=WithdrawInvitation::url()>
                        <input type="hidden" name="id" value=open.id.to_string() />
                        <button
                            class="btn sm ghost danger-quiet"
                            aria-label=say(said::WithdrawOf { email: &open.email })
                            data-busy=say(said::Withdrawing)
                        >
                            {say(said::Withdraw)}
                        </button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    (!rows.is_empty()).then(|| {
        let heads = [
            Head::Words(say(said::Invited)),
            Head::Words(say(said::Role)),
            Head::Words(say(said::WorksUntil)),
            Head::Unseen(say(staff_settings::Action)),
        ];
        view! {
            <Card title=say(said::Invitations)>
                <Table label=say(said::Invitations) caption=say(said::InvitationsOldest) heads>{rows}</Table>
            </Card>
        }
    })
}

#[component]
fn Invite(grantable: Vec<Role>, submitted: Submitted) -> impl IntoView {
    let of_form = |field: &str| field == "email" || field == "role";
    let errors = FieldErrors(submitted.errors.0.iter().filter(|error| of_form(&error.field)).cloned().collect());
    let chosen = submitted.value("role").to_owned();
    let choices =
        grantable.into_iter().map(|role| view! { <option value=role.name() selected=role.name() == chosen>{role_title(role)}</option> });
    let choices = choices.collect_view();
    let is_wrong = submitted.error("role").is_some();
    view! {
        <Card title=say(said::InvitePerson) about=say(said::InviteText)>
            <form class="body g4" method="post" action=InvitePerson::url()>
                <ErrorSummary errors />
                <TextField
                    id="email"
                    label=say(staff_people::Email)
                    kind="email"
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error=submitted.error("email")
                />
                <div class="field">
                    <label for="role">{say(said::Role)}</label>
                    <select class="input" id="role" name="role" aria-invalid=is_wrong.then_some("true") aria-describedby="role-msg">
                        {choices}
                    </select>
                    <FieldMessage id="role-msg" message=submitted.error("role") />
                </div>
                <span>
                    <button class="btn primary" data-busy=say(said::Inviting)><Icon shape=Shape::Plus /> {say(said::Invite)}</button>
                </span>
            </form>
        </Card>
    }
    .into_any()
}

/// The roles that a merchant's people have.
const ROLES: [Role; 4] = [Role::Owner, Role::Manager, Role::Support, Role::Viewer];

/// What each role can do, as [`Role::may`] says it.
#[component]
fn Rights() -> impl IntoView {
    let rights = [
        (say(said::See), None),
        (say(said::WriteToPayers), Some(Right::WriteToPayers)),
        (say(said::MoveMoney), Some(Right::MoveMoney)),
        (say(said::Approve), Some(Right::Approve)),
        (say(said::ChangePolicy), Some(Right::ChangePolicy)),
        (say(said::ChangeSettings), Some(Right::ChangeSettings)),
    ];
    let rows = rights.into_iter().map(|(title, right)| {
        let cells = ROLES.map(|role| {
            if right.is_none_or(|right| role.may(right)) {
                view! { <td><Icon shape=Shape::Check /> <span class="vh">{say(said::Yes)}</span></td> }.into_any()
            } else {
                view! { <td><span aria-hidden="true">"–"</span> <span class="vh">{say(said::No)}</span></td> }.into_any()
            }
        });
        view! {
            <tr>
                <th scope="row">{title}</th>
                {cells.into_iter().collect_view()}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let meant = ROLES.into_iter().map(|role| {
        view! {
            <dt>{role_title(role)}</dt>
            <dd>{role_text(role)}</dd>
        }
    });
    let [owner, manager, support, viewer] = ROLES.map(|role| Head::Words(role_title(role)));
    let heads = [Head::Words(say(said::Permission)), owner, manager, support, viewer];
    view! {
        <Card title=say(said::Rights) about=say(said::RightsText)>
            <dl class="body kv">{meant.collect_view()}</dl>
            <Table label=say(said::Rights) heads keeps_columns=true>{rows}</Table>
        </Card>
    }
    .into_any()
}

//! `/settings/team`: who signs in for the merchant and with which role. Only for those who answer for people.

use domain::claim::FieldErrors;
use domain::merchant::{Right, Role, Scope};
use engine::Engine;
use engine::invitations::InvitationView;
use engine::people::PersonView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Card, Secret, Settings, Tab, frozen_until};
use crate::components::{ErrorSummary, FieldMessage, Head, Icon, Shape, Table, TextField, staff};
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
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let now = engine.now();
        let is_operator = caller.scope == Scope::Everything;
        let grantable = if is_operator { vec![Role::Admin] } else { vec![Role::Manager, Role::Support, Role::Viewer, Role::Owner] };
        let told = (!submitted.value("link").is_empty()).then(|| {
            let title = format!("Invitation for {}", submitted.value("invited"));
            let how = if submitted.value("mailed").is_empty() { "Hand this link over yourself." } else { "We mail this link." };
            view! {
                <Secret title name="invitation link" secret=submitted.value("link").to_owned()>
                    {how}
                    " It works once, for 7 days. Whoever has it can join: send it to nobody else."
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

const PEOPLE: &[Head] =
    &[Head::Words("Person"), Head::Words("Role"), Head::Words("Sign-in"), Head::Words("Last seen"), Head::Unseen("Action")];

#[component]
fn People(people: Vec<PersonView>, now: Timestamp) -> impl IntoView {
    let rows = people.into_iter().map(|person| {
        let seen = match (person.is_caller, person.seen_at) {
            (true, _) => view! { "Now" }.into_any(),
            (false, Some(at)) => staff(at, now).into_any(),
            (false, None) => view! { "Signed out" }.into_any(),
        };
        let more = match (person.is_caller, person.merchant.clone()) {
            (true, _) => Some("You".to_owned()),
            (false, merchant) => merchant,
        };
        let means = [(person.has_passkey, "Passkey"), (person.has_code_app, "Code app")];
        let means = means.into_iter().filter(|(has, _)| *has).map(|(_, title)| view! { <span class="pill good">{title}</span> });
        let means = means.collect_view();
        let means = if means.is_empty() { view! { <span class="pill hollow">"Password"</span> }.into_any() } else { means.into_any() };
        view! {
            <tr>
                <td>
                    <span class="semi wrap">{person.email.clone()}</span>
                    {more.map(|more| view! { <br /><span class="xs soft">{more}</span> })}
                </td>
                <td class="soft r2">{person.role.title()}</td>
                <td class="hide"><span class="row">{means}</span></td>
                <td class="nw soft hide">{seen}</td>
                <td class="act"><Change person /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Card title="People" about="Who was removed is signed out at once and stays in the history.">
            <Table label="People" caption="People, by email" heads=PEOPLE>{rows}</Table>
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
        let choices = person.grantable.iter().map(|role| view! { <option value=role.name()>{role.title()}</option> });
        let choices = choices.collect_view();
        view! {
            <details class="confirm" name="person">
                <summary class="btn sm ghost" aria-label=format!("Change the role of {}", person.email)>"Role"</summary>
                <form class="g2" method="post" action=ChangeRole::url()>
                    <input type="hidden" name="id" value=id.clone() />
                    <label class="sm" for=field.clone()>"New role"</label>
                    <select class="input" id=field name="role">{choices}</select>
                    <span><button class="btn sm primary" data-busy="Changing…">"Change the role"</button></span>
                </form>
            </details>
        }
    });
    view! {
        {change}
        <details class="confirm" name="person">
            <summary class="btn sm ghost danger-quiet" aria-label=format!("Remove {}", person.email)>"Remove"</summary>
            <form class="g2" method="post" action=RemovePerson::url()>
                <input type="hidden" name="id" value=id />
                <p class="sm soft">"They are signed out at once and cannot sign in again. What they did stays in the history."</p>
                <span><button class="btn sm danger" data-busy="Removing…">"Remove the person"</button></span>
            </form>
        </details>
    }
    .into_any()
}

const INVITATIONS: &[Head] = &[Head::Words("Invited"), Head::Words("Role"), Head::Words("Link works until"), Head::Unseen("Action")];

#[component]
fn Invitations(invitations: Vec<InvitationView>, now: Timestamp) -> impl IntoView {
    let rows = invitations.into_iter().map(|open| {
        let mail = match (&open.mailed_at, &open.mail_error) {
            (_, Some(words)) => format!("The mail was refused: {words}"),
            (Some(_), None) => format!("Mailed, by {}", open.invited_by),
            (None, None) => format!("Invited by {}", open.invited_by),
        };
        let until = if open.is_expired { view! { "Too old" }.into_any() } else { staff(open.expires_at, now).into_any() };
        view! {
            <tr>
                <td>
                    <span class="semi wrap">{open.email.clone()}</span>
                    <br />
                    <span class="xs soft wrap">{mail}</span>
                </td>
                <td class="soft r2">{open.role.title()}</td>
                <td class="nw soft hide">{until}</td>
                <td class="act">
                    <form method="post" action=WithdrawInvitation::url()>
                        <input type="hidden" name="id" value=open.id.to_string() />
                        <button
                            class="btn sm ghost danger-quiet"
                            aria-label=format!("Withdraw the invitation of {}", open.email)
                            data-busy="Withdrawing…"
                        >
                            "Withdraw"
                        </button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    (!rows.is_empty()).then(|| {
        view! {
            <Card title="Open invitations">
                <Table label="Open invitations" caption="Open invitations, oldest first" heads=INVITATIONS>{rows}</Table>
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
        grantable.into_iter().map(|role| view! { <option value=role.name() selected=role.name() == chosen>{role.title()}</option> });
    let choices = choices.collect_view();
    let is_wrong = submitted.error("role").is_some();
    view! {
        <Card title="Invite a person" about="They get a link that works once, and choose their own password.">
            <form class="body g4" method="post" action=InvitePerson::url()>
                <ErrorSummary errors />
                <TextField
                    id="email"
                    label="Email"
                    kind="email"
                    maxlength=254
                    value=submitted.value("email").to_owned()
                    error=submitted.error("email")
                />
                <div class="field">
                    <label for="role">"Role"</label>
                    <select class="input" id="role" name="role" aria-invalid=is_wrong.then_some("true") aria-describedby="role-msg">
                        {choices}
                    </select>
                    <FieldMessage id="role-msg" message=submitted.error("role") />
                </div>
                <span>
                    <button class="btn primary" data-busy="Inviting…"><Icon shape=Shape::Plus /> "Invite"</button>
                </span>
            </form>
        </Card>
    }
    .into_any()
}

const RIGHTS: &[Head] =
    &[Head::Words("Permission"), Head::Words("Owner"), Head::Words("Manager"), Head::Words("Support"), Head::Words("Viewer")];

/// What each role can do, as [`Role::may`] says it.
#[component]
fn Rights() -> impl IntoView {
    let rights = [
        ("See refunds and invoices", None),
        ("Create and cancel refunds", Some(Right::MoveMoney)),
        ("Approve refunds over the limit", Some(Right::Approve)),
        ("Edit policies", Some(Right::ChangePolicy)),
        ("Webhooks, API keys and team", Some(Right::ChangeSettings)),
    ];
    let rows = rights.into_iter().map(|(title, right)| {
        let cells = [Role::Owner, Role::Manager, Role::Support, Role::Viewer].map(|role| {
            if right.is_none_or(|right| role.may(right)) {
                view! { <td><Icon shape=Shape::Check /> <span class="vh">"Yes"</span></td> }.into_any()
            } else {
                view! { <td><span aria-hidden="true">"–"</span> <span class="vh">"No"</span></td> }.into_any()
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
    view! {
        <Card title="What each role can do" about="Nobody can approve a refund they created.">
            <Table label="What each role can do" heads=RIGHTS keeps_columns=true>{rows}</Table>
        </Card>
    }
    .into_any()
}
